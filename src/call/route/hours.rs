//! Opening hours: days and times as the clock on the wall shows them in a zone, and holidays.
//!
//! A span belongs to the day on which it begins, also where it goes on past midnight: a holiday takes out what begins on it. Where
//! the clock goes back an hour is open twice, where it goes forward what is skipped never is.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::clock::Timestamp;

const MIDNIGHT: u16 = 24 * 60;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// When somebody is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    zone: TimeZone,
    /// None: at any time.
    spans: Option<Vec<Span>>,
    except: Vec<Holiday>,
}

/// Some time of some days of each week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From Monday.
    days: [bool; 7],
    /// Minutes from midnight; the end is not part of it. An end that is no later is the next day's.
    from: u16,
    to: u16,
}

/// A day on which nobody is there: of one year, or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    year: Option<i16>,
    month: i8,
    day: i8,
}

/// Why a text is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    #[error("has {0:?}, which is no day")]
    Day(String),
    #[error("has {0:?}, which is no time from one to another")]
    Time(String),
    #[error("ends when it begins")]
    Nothing,
}

/// A text is neither a date nor a day of every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no date")]
pub struct HolidayError;

/// A zone of the tz database, by its name: the system's database knows of changes that came after this program; where it has none,
/// or lacks the zone, the one built in does.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).or_else(|_| TimeZoneDatabase::bundled().get(name)).ok()
}

impl Hours {
    /// These spans, or any time where there are none, except on these days.
    pub fn new(zone: TimeZone, spans: Option<Vec<Span>>, except: Vec<Holiday>) -> Self {
        Hours { zone, spans, except }
    }

    /// Whether somebody is there. At a time that no calendar has, nobody is.
    pub fn has(&self, time: Timestamp) -> bool {
        self.local(time).is_some_and(|local| match &self.spans {
            None => !self.is_holiday(local.date()),
            Some(spans) => spans.iter().any(|span| self.is_within(*span, local)),
        })
    }

    /// What the clock there shows: `Fri 14:05 in America/New_York`.
    pub fn shown(&self, time: Timestamp) -> String {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        match self.local(time) {
            Some(local) => {
                let day = DAYS[place(local.weekday())];
                format!("{day} {:02}:{:02} in {zone}", local.hour(), local.minute())
            }
            None => format!("a time that no calendar has in {zone}"),
        }
    }

    /// Whether this is a holiday there, as far as the clock tells.
    pub fn is_holiday_at(&self, time: Timestamp) -> bool {
        self.local(time).is_some_and(|local| self.is_holiday(local.date()))
    }

    fn local(&self, time: Timestamp) -> Option<DateTime> {
        let instant = jiff::Timestamp::from_millisecond(time.0).ok()?;
        Some(self.zone.to_datetime(instant))
    }

    fn is_within(&self, span: Span, local: DateTime) -> bool {
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute()))
            .expect("a day has 1,440 minutes");
        let begins_on = |date: Date| span.days[place(date.weekday())] && !self.is_holiday(date);
        if span.from < span.to {
            return (span.from..span.to).contains(&minute) && begins_on(local.date());
        }
        let has_begun = minute >= span.from && begins_on(local.date());
        has_begun || minute < span.to && local.date().yesterday().is_ok_and(begins_on)
    }

    fn is_holiday(&self, date: Date) -> bool {
        self.except.iter().any(|holiday| {
            holiday.year.is_none_or(|year| year == date.year())
                && (holiday.month, holiday.day) == (date.month(), date.day())
        })
    }
}

fn place(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).expect("days are counted from 0")
}

/// As in `Mon-Fri 08:00-18:00`, `Fri 22:00-02:00`, `Mon,Wed 9:00-12:00`, `Sat-Sun`, `08:00-18:00`.
impl FromStr for Span {
    type Err = SpanError;

    fn from_str(written: &str) -> Result<Self, SpanError> {
        let first_digit = written.find(|c: char| c.is_ascii_digit()).unwrap_or(written.len());
        let (days, times) = written.split_at(first_digit);
        let (days, times) = match (days.trim(), times.trim()) {
            ("", times) if !times.is_empty() => ("Mon-Sun", times),
            (days, "") => (days, "00:00-24:00"),
            both => both,
        };
        let days = days_of(days)?;
        let (from, to) = times
            .split_once('-')
            .and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)))
            .filter(|(from, _)| *from < MIDNIGHT)
            .ok_or_else(|| SpanError::Time(times.to_owned()))?;
        if from == to {
            return Err(SpanError::Nothing);
        }
        Ok(Span { days, from, to })
    }
}

fn days_of(written: &str) -> Result<[bool; 7], SpanError> {
    let mut days = [false; 7];
    for part in written.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        // From Friday to Monday is four days.
        for step in 0..=(last + 7 - first) % 7 {
            days[(first + step) % 7] = true;
        }
    }
    Ok(days)
}

fn day(written: &str) -> Result<usize, SpanError> {
    let written = written.trim();
    let found = DAYS.iter().position(|day| day.eq_ignore_ascii_case(written));
    found.ok_or_else(|| SpanError::Day(written.to_owned()))
}

/// `8:00` and `08:00`, until `24:00`.
fn minutes(written: &str) -> Option<u16> {
    let (hour, minute) = written.trim().split_once(':')?;
    let is_number = |text: &str, digits| {
        (digits..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_number(hour, 1) || !is_number(minute, 2) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= MIDNIGHT).then_some(all)
}

/// `2026-12-25`, or `12-25` of every year.
impl FromStr for Holiday {
    type Err = HolidayError;

    fn from_str(written: &str) -> Result<Self, HolidayError> {
        let written = written.trim();
        let every_year = written.len() == 5;
        // A leap year has every day that any year has.
        let whole = if every_year { format!("2000-{written}") } else { written.to_owned() };
        let is_date = whole.len() == 10 && whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date: Date = whole.parse().ok().filter(|_| is_date).ok_or(HolidayError)?;
        Ok(Holiday { year: (!every_year).then(|| date.year()), month: date.month(), day: date.day() })
    }
}

impl fmt::Display for Holiday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(year) = self.year {
            write!(f, "{year:04}-")?;
        }
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

#[cfg(test)]
#[path = "hours_tests.rs"]
mod tests;
