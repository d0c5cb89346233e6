//! Content codings (RFC 9110 §8.4): what a page arrives in, and what it leaves in.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_compression::Level;
use async_compression::tokio::bufread::GzipDecoder;
use async_compression::tokio::write::GzipEncoder;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio_util::io::StreamReader;

use super::body::BodyError;
use super::upstream::Answered;

/// Decoded bytes that are taken at once: a page that unpacks to a thousand times its size is taken in steps.
const STEP: usize = 64 * 1024;

/// The two bytes that every gzip member starts with (RFC 1952 §2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A page's bytes as they come in, without their coding.
pub(super) enum PageSource {
    Plain(Answered),
    Gzip(Unzipped),
}

/// What comes next of a page.
pub(super) enum Part {
    Page(Bytes),
    /// Bytes that are not in the coding that their header names: they can only be passed on as they are.
    Raw(Bytes),
}

impl PageSource {
    pub fn new(body: Answered, gzip: bool) -> Self {
        match gzip {
            true => PageSource::Gzip(Unzipped::new(body)),
            false => PageSource::Plain(body),
        }
    }

    /// The next bytes; none at the end. An origin that stops in the middle is an error, never an end.
    pub async fn next(&mut self) -> Option<Result<Part, BodyError>> {
        match self {
            PageSource::Plain(body) => loop {
                match body.frame().await? {
                    Ok(frame) => match frame.into_data() {
                        Ok(data) if !data.is_empty() => return Some(Ok(Part::Page(data))),
                        // Trailers speak of other bytes than those that are sent.
                        _ => continue,
                    },
                    Err(error) => return Some(Err(error)),
                }
            },
            PageSource::Gzip(unzipped) => unzipped.next().await.transpose(),
        }
    }
}

/// A gzip file: members, one after the other (RFC 1952 §2.2), and perhaps something behind them that nobody reads.
pub(super) struct Unzipped {
    state: Unzipping,
    buffer: BytesMut,
}

enum Unzipping {
    /// Before a member; the first one, or a further one.
    Between {
        coded: Box<StreamReader<DataStream, Bytes>>,
        first: bool,
    },
    Member(Box<GzipDecoder<StreamReader<DataStream, Bytes>>>),
    Raw(Box<StreamReader<DataStream, Bytes>>),
    Ended,
}

impl Unzipped {
    fn new(body: Answered) -> Self {
        let data = DataStream(Box::pin(body.into_data_stream().map_err(io::Error::other)));
        let coded = Box::new(StreamReader::new(data));
        Unzipped { state: Unzipping::Between { coded, first: true }, buffer: BytesMut::new() }
    }

    /// The next bytes. Nothing is lost where this is given up before it ends.
    async fn next(&mut self) -> Result<Option<Part>, BodyError> {
        loop {
            match &mut self.state {
                Unzipping::Between { coded, first } => {
                    let start = coded.fill_buf().await.map_err(BodyError::Coding)?;
                    let member = start.iter().zip(MAGIC).all(|(byte, magic)| *byte == magic);
                    let (is_empty, first) = (start.is_empty(), *first);
                    let ended = std::mem::replace(&mut self.state, Unzipping::Ended);
                    let Unzipping::Between { coded, .. } = ended else { return Ok(None) };
                    self.state = match (is_empty, member) {
                        (false, true) => Unzipping::Member(Box::new(GzipDecoder::new(*coded))),
                        (false, false) if first => Unzipping::Raw(coded),
                        _ => return Ok(None),
                    };
                }
                Unzipping::Member(decoder) => {
                    self.buffer.reserve(STEP);
                    let read = decoder.read_buf(&mut self.buffer).await.map_err(BodyError::Coding)?;
                    if read > 0 {
                        return Ok(Some(Part::Page(self.buffer.split().freeze())));
                    }
                    let ended = std::mem::replace(&mut self.state, Unzipping::Ended);
                    let Unzipping::Member(decoder) = ended else { return Ok(None) };
                    self.state = Unzipping::Between { coded: Box::new(decoder.into_inner()), first: false };
                }
                Unzipping::Raw(coded) => {
                    let bytes = Bytes::copy_from_slice(coded.fill_buf().await.map_err(BodyError::Coding)?);
                    if bytes.is_empty() {
                        self.state = Unzipping::Ended;
                        return Ok(None);
                    }
                    coded.consume(bytes.len());
                    return Ok(Some(Part::Raw(bytes)));
                }
                Unzipping::Ended => return Ok(None),
            }
        }
    }
}

struct DataStream(Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>);

impl Stream for DataStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.0.poll_next_unpin(cx)
    }
}

/// What a page leaves in.
pub(super) enum PageSink {
    Plain,
    Gzip(Box<GzipEncoder<Vec<u8>>>),
}

impl PageSink {
    pub fn new(gzip: bool) -> Self {
        match gzip {
            true => PageSink::Gzip(Box::new(GzipEncoder::with_quality(Vec::new(), Level::Precise(4)))),
            false => PageSink::Plain,
        }
    }

    /// Encodes a part of the page so that the visitor can read all of it at once.
    pub async fn encode(&mut self, part: Vec<u8>) -> Result<Bytes, BodyError> {
        match self {
            PageSink::Plain => Ok(part.into()),
            PageSink::Gzip(encoder) => {
                encoder.write_all(&part).await.map_err(BodyError::Coding)?;
                encoder.flush().await.map_err(BodyError::Coding)?;
                Ok(std::mem::take(encoder.get_mut()).into())
            }
        }
    }

    /// What follows the last part.
    pub async fn finish(&mut self) -> Result<Bytes, BodyError> {
        match self {
            PageSink::Plain => Ok(Bytes::new()),
            PageSink::Gzip(encoder) => {
                encoder.shutdown().await.map_err(BodyError::Coding)?;
                Ok(std::mem::take(encoder.get_mut()).into())
            }
        }
    }
}

/// The one coding of an answer, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    /// One that isn't decoded here, or several.
    Other,
}

impl Coding {
    pub fn of(headers: &HeaderMap) -> Self {
        let mut codings = headers
            .get_all(header::CONTENT_ENCODING)
            .iter()
            .flat_map(|line| line.to_str().unwrap_or("?").split(','))
            .map(|coding| coding.trim().to_ascii_lowercase())
            .filter(|coding| !coding.is_empty() && coding != "identity");
        match (codings.next().as_deref(), codings.next()) {
            (None, _) => Coding::Identity,
            (Some("gzip" | "x-gzip"), None) => Coding::Gzip,
            _ => Coding::Other,
        }
    }
}

/// Whether the visitor takes gzip.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    accepts(headers, &["gzip", "x-gzip"])
}

/// Whether the visitor takes a coding: by one of its names, or by a star, and not at quality zero (RFC 9110 §12.5.3).
pub(super) fn accepts(headers: &HeaderMap, names: &[&str]) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let items = lines.flat_map(|line| line.split(','));
    let (mut named, mut star) = (None, None);
    for item in items {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality =
            parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q="))).map(str::trim);
        let wanted = quality.is_none_or(|quality| quality.parse::<f32>().is_ok_and(|quality| quality > 0.0));
        if names.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            named = Some(wanted);
        } else if name == "*" {
            star = Some(wanted);
        }
    }
    named.or(star).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn gzip_is_taken_by_name_or_star_but_not_at_quality_zero() {
        for (accept, wanted) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("*", true),
            ("*, gzip; q=0.0", false),
            ("br", false),
            ("identity", false),
            ("*;q=0", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accept))]);
            assert_eq!(accepts_gzip(&headers), wanted, "{accept}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
        let both =
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, BR;q=0.1"))]);
        assert!(accepts(&both, &["br"]) && !accepts(&both, &["zstd"]));
    }

    #[test]
    fn stacked_codings_are_not_decoded() {
        let coding = |value| {
            Coding::of(&HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert_eq!(coding("gzip"), Coding::Gzip);
        assert_eq!(coding("identity"), Coding::Identity);
        assert_eq!(coding("gzip, gzip"), Coding::Other);
        assert_eq!(coding("br"), Coding::Other);
    }
}
