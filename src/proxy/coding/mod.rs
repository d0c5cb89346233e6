//! Content codings (RFC 9110 §8.4): what a page arrives in, and what it leaves in.
//!
//! An answer names its [`Coding`]; a visitor says what is [`Accepted`]. A page is unpacked by [`PageSource`] as it arrives,
//! and packed again by [`PageSink`] part by part. Codings that are unknown or stacked are nobody's here: what is in them is
//! the origin's.

mod accepted;
mod decoder;
mod sink;
mod source;
#[cfg(test)]
mod tests;

use http::{HeaderMap, header};

pub(super) use accepted::Accepted;
pub(crate) use decoder::unpacked;
pub(super) use sink::PageSink;
pub(super) use source::{PageSource, Part};

/// What a page is packed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    /// The zlib format (RFC 9110 §8.4.1.2); the bare deflate that many servers send instead is read as well.
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// Those that make a page shorter, as they are asked for where a visitor takes any.
    const PACKED: [Coding; 4] = [Coding::Brotli, Coding::Zstd, Coding::Gzip, Coding::Deflate];

    /// The coding that a name stands for, in whatever case (RFC 9110 §8.4.1).
    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "identity" => Some(Coding::Identity),
            "gzip" | "x-gzip" => Some(Coding::Gzip),
            "deflate" => Some(Coding::Deflate),
            "br" => Some(Coding::Brotli),
            "zstd" => Some(Coding::Zstd),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Coding::Identity => "identity",
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }

    /// The one coding of an answer; none where it isn't read here, or where there are several.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::CONTENT_ENCODING).iter();
        let names = lines.flat_map(|line| line.to_str().unwrap_or("?").split(',')).map(str::trim);
        let mut codings = names
            .filter(|name| !name.is_empty())
            .map(Coding::named)
            .filter(|coding| *coding != Some(Coding::Identity));
        match (codings.next(), codings.next()) {
            (None, _) => Some(Coding::Identity),
            (Some(coding), None) => coding,
            (Some(_), Some(_)) => None,
        }
    }
}
