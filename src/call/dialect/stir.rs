//! What the network attests of a caller's number (ATIS-1000074, "SHAKEN"), in the words of each carrier.

use crate::call::event::{Attestation, Level, Verified};

/// Reads a verstat such as `TN-Validation-Passed-A`, and the level where it is told beside it. Who fails is attested nothing.
pub fn attestation(verstat: Option<&str>, level: Option<&str>) -> Attestation {
    let verstat = verstat.unwrap_or_default().trim();
    let verified = if starts_with(verstat, "TN-Validation-Passed") {
        Verified::Passed
    } else if starts_with(verstat, "TN-Validation-Failed") {
        Verified::Failed
    } else {
        Verified::None
    };
    let level = level.and_then(self::level).or_else(|| self::level(verstat.split('-').nth(3)?));
    Attestation { level: level.filter(|_| verified == Verified::Passed), verified }
}

/// Telnyx says of a call that passed in full attestation only that it passed.
pub fn telnyx(verstat: &str) -> Attestation {
    let read = attestation(Some(verstat), None);
    if verstat.trim().eq_ignore_ascii_case("TN-Validation-Passed") {
        return Attestation { level: Some(Level::A), ..read };
    }
    read
}

/// Level and outcome told apart, the outcome as a yes or no.
pub fn validated(level: Option<&str>, is_valid: Option<bool>) -> Attestation {
    let level = level.and_then(self::level);
    match is_valid {
        Some(true) => Attestation { level, verified: Verified::Passed },
        // Nothing was signed, so nothing failed.
        Some(false) if level.is_some() => Attestation { level: None, verified: Verified::Failed },
        _ => Attestation::default(),
    }
}

fn level(written: &str) -> Option<Level> {
    match written.trim() {
        "A" | "a" => Some(Level::A),
        "B" | "b" => Some(Level::B),
        "C" | "c" => Some(Level::C),
        _ => None,
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attestation_is_read_from_every_carriers_words() {
        let passed = |level| Attestation { level, verified: Verified::Passed };
        let failed = Attestation { level: None, verified: Verified::Failed };
        let none = Attestation::default();
        for (verstat, level, read) in [
            (Some("TN-Validation-Passed-A"), None, passed(Some(Level::A))),
            (Some("TN-Validation-Passed-B"), None, passed(Some(Level::B))),
            (Some("TN-Validation-Passed-C"), None, passed(Some(Level::C))),
            (Some("TN-Validation-Passed-C-Diverted"), None, passed(Some(Level::C))),
            (Some("TN-Validation-Passed-A-Passthrough"), None, passed(Some(Level::A))),
            (Some("TN-Validation-Passed"), None, passed(None)),
            (Some("TN-Validation-Passed"), Some("A"), passed(Some(Level::A))),
            (Some("TN-Validation-Failed"), None, failed),
            (Some("TN-Validation-Failed-A"), None, failed),
            (Some("TN-Validation-Failed"), Some("C"), failed),
            (Some("No-TN-Validation"), None, none),
            (Some("ü"), Some("B"), none),
            (None, Some("A"), none),
            (None, None, none),
        ] {
            assert_eq!(attestation(verstat, level), read, "{verstat:?} {level:?}");
        }
        assert_eq!(telnyx("TN-Validation-Passed"), passed(Some(Level::A)));
        assert_eq!(telnyx("TN-Validation-Passed-B"), passed(Some(Level::B)));
        assert_eq!(telnyx("TN-Validation-Failed"), failed);
        assert_eq!(validated(Some("A"), Some(true)), passed(Some(Level::A)));
        assert_eq!(validated(Some("A"), Some(false)), failed);
        assert_eq!(validated(None, Some(false)), none);
        assert_eq!(validated(Some("A"), None), none);
    }
}
