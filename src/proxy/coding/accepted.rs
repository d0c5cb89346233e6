//! What a visitor takes, as Accept-Encoding says it (RFC 9110 §12.5.3), and what the origin is asked for on their behalf.

use http::{HeaderMap, HeaderValue, header};
use smallvec::SmallVec;

use super::Coding;

/// The codings that are read here, each as much as the visitor would like it: in the order in which they are named, and
/// those that a star stands for behind them.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Accepted(SmallVec<[(Coding, Quality); 6]>);

impl Accepted {
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        let (mut named, mut star) = (SmallVec::<[(Coding, Quality); 6]>::new(), Quality::NONE);
        for item in lines.flat_map(|line| line.split(',')) {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let quality = Quality::of(parts);
            if name == "*" {
                star = quality;
            } else if let Some(coding) = Coding::named(name) {
                // Of a coding that is named twice, as gzip by its old name, the last word counts.
                named.retain(|(known, _)| *known != coding);
                named.push((coding, quality));
            }
        }
        for coding in Coding::PACKED {
            if star != Quality::NONE && named.iter().all(|(known, _)| *known != coding) {
                named.push((coding, star));
            }
        }
        Accepted(named)
    }

    /// Whether the visitor can read this. A page as it is, anybody can.
    pub fn takes(&self, coding: Coding) -> bool {
        coding == Coding::Identity
            || self.0.iter().any(|(known, quality)| *known == coding && *quality != Quality::NONE)
    }

    /// What the origin is asked for: what the visitor takes and is read here, with what they like best.
    pub fn asked(&self) -> HeaderValue {
        if !Coding::PACKED.into_iter().any(|coding| self.takes(coding)) {
            return HeaderValue::from_static(Coding::Identity.name());
        }
        let wanted = self.0.iter().filter(|(coding, quality)| {
            // That a page as it is isn't wanted is worth saying; that a coding isn't goes without.
            *quality != Quality::NONE || *coding == Coding::Identity
        });
        let items: Vec<String> = wanted.map(|(coding, quality)| quality.beside(coding.name())).collect();
        HeaderValue::try_from(items.join(", ")).expect("names and numbers are ASCII")
    }
}

/// How much something is wanted, in thousandths (RFC 9110 §12.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Quality(u16);

impl Quality {
    const NONE: Quality = Quality(0);
    const FULL: Quality = Quality(1000);

    /// What the parameters of an item say. What is no number says that it isn't wanted.
    fn of<'a>(mut parameters: impl Iterator<Item = &'a str>) -> Self {
        let said = parameters.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
        });
        let Some(said) = said else { return Quality::FULL };
        let quality = said.parse::<f32>().ok().filter(|quality| quality.is_finite());
        Quality((quality.unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0).round() as u16)
    }

    fn beside(self, name: &str) -> String {
        match self {
            Quality::FULL => name.to_owned(),
            Quality(0) => format!("{name};q=0"),
            Quality(thousandths) => {
                let digits = format!("{thousandths:03}");
                format!("{name};q=0.{}", digits.trim_end_matches('0'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(line: &'static str) -> Accepted {
        Accepted::of(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(line))]))
    }

    #[test]
    fn a_coding_is_taken_by_name_or_star_but_not_at_quality_zero() {
        for (line, wanted) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("X-Gzip", true),
            ("gzip;q=0", false),
            ("gzip; Q=0.000", false),
            ("gzip;q=much", false),
            ("gzip;q=NaN", false),
            ("gzip;level=9;q=0", false),
            ("*", true),
            ("*, gzip; q=0.0", false),
            ("br", false),
            ("identity", false),
            ("*;q=0", false),
            ("*;q=0, gzip", true),
            ("", false),
        ] {
            assert_eq!(accepted(line).takes(Coding::Gzip), wanted, "{line}");
            assert!(accepted(line).takes(Coding::Identity));
        }
        assert!(!Accepted::of(&HeaderMap::new()).takes(Coding::Gzip));
    }

    #[test]
    fn the_origin_is_asked_for_what_is_taken_and_read_here_as_the_visitor_likes_it() {
        for (line, asked) in [
            ("gzip, deflate, br, zstd", "gzip, deflate, br, zstd"),
            ("GZIP;q=0.50, br;q=1.0, dcb, compress", "gzip;q=0.5, br"),
            ("x-gzip", "gzip"),
            ("gzip;q=0.8, x-gzip;q=0.125", "gzip;q=0.125"),
            ("zstd;q=0.001, br;q=7", "zstd;q=0.001, br"),
            ("*", "br, zstd, gzip, deflate"),
            ("br;q=0, *;q=0.3", "zstd;q=0.3, gzip;q=0.3, deflate;q=0.3"),
            ("gzip, identity;q=0", "gzip, identity;q=0"),
            ("gzip;q=0.5, identity", "gzip;q=0.5, identity"),
            ("identity;q=0", "identity"),
            ("compress, *;q=0", "identity"),
            ("", "identity"),
        ] {
            assert_eq!(accepted(line).asked(), asked, "{line}");
        }
        assert_eq!(Accepted::of(&HeaderMap::new()).asked(), "identity");
    }
}
