//! From when to when, and by whose clocks.

use clap::Args;
use jiff::tz::TimeZone;

use crate::Timestamp;
use crate::call::route;

#[derive(Clone, Debug, Args)]
pub struct Period {
    /// From this time on: RFC 3339, or a day; in the zone unless it carries an offset
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<String>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<String>,
    /// The time zone, such as America/New_York
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    pub zone: TimeZone,
}

impl Period {
    pub fn from(&self) -> Option<Timestamp> {
        self.from.as_deref().and_then(|written| Timestamp::parse_in(written, &self.zone))
    }

    pub fn to(&self) -> Option<Timestamp> {
        self.to.as_deref().and_then(|written| Timestamp::parse_in(written, &self.zone))
    }
}

/// Which instant it is, the zone says.
fn time(written: &str) -> Result<String, String> {
    let known = Timestamp::parse(written).map(|_| written.to_owned());
    known.ok_or_else(|| "write a time such as 2026-11-28T16:02:00Z, or a day such as 2026-11-28".to_owned())
}

fn zone(written: &str) -> Result<TimeZone, String> {
    let known = route::zone(written);
    known.ok_or_else(|| "write a name of the tz database, such as America/New_York, or UTC".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_zones_unless_they_carry_an_offset() {
        let zone = zone("America/New_York").unwrap();
        let period = |from: &str| Period { from: Some(time(from).unwrap()), to: None, zone: zone.clone() };
        for (written, utc) in [
            ("2026-11-28", "2026-11-28T05:00:00Z"),
            ("2026-07-01T08:30", "2026-07-01T12:30:00Z"),
            ("2026-11-28T16:02:00Z", "2026-11-28T16:02:00Z"),
        ] {
            assert_eq!(period(written).from().unwrap().to_string(), utc);
        }
        assert!(time("yesterday").is_err() && super::zone("Mars/Olympus").is_err());
        assert_eq!(period("2026-11-28").to(), None);
    }
}
