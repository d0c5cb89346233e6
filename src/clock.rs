//! Instants that are written down.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Zoned;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Before anything was seen.
    pub const NEVER: Timestamp = Timestamp(i64::MIN / 16);

    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 4))
    }

    /// A date, or a date and time, as RFC 3339 and TOML write them: in UTC, unless it carries an offset. None for what is
    /// neither.
    pub fn parse(text: &str) -> Option<Self> {
        Timestamp::parse_in(text, &TimeZone::UTC)
    }

    /// The same, in this zone unless it carries an offset.
    pub fn parse_in(text: &str, zone: &TimeZone) -> Option<Self> {
        let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
            let local: jiff::civil::DateTime = text.parse().ok()?;
            local.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
        });
        instant.map(|instant| Timestamp(instant.as_millisecond()))
    }

    /// What clocks of this zone show then.
    pub fn in_zone(self, zone: &TimeZone) -> Zoned {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MIN).to_zoned(zone.clone())
    }

    /// Time from `earlier` to here; zero where it is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    pub fn minus(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)))
    }

    pub fn plus(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)))
    }
}

/// RFC 3339, in UTC.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => instant.fmt(f),
            Err(_) => f.write_str("never"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_unless_they_say_otherwise() {
        for (written, millis) in [
            ("1970-01-02", Some(86_400_000)),
            ("1970-01-01T00:00:01", Some(1_000)),
            ("1970-01-01 00:00:01Z", Some(1_000)),
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("1970-01-01T00:00:00.250Z", Some(250)),
            ("spring", None),
            ("2026-02-30", None),
        ] {
            assert_eq!(Timestamp::parse(written), millis.map(Timestamp), "{written}");
        }
        assert_eq!(Timestamp(1_000).to_string(), "1970-01-01T00:00:01Z");
        assert_eq!(Timestamp::NEVER.to_string(), "never");
    }
}
