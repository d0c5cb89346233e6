use super::*;

fn hours(zone_name: &str, spans: &[&str], except: &[&str]) -> Hours {
    let spans = spans.iter().map(|span| span.parse().unwrap()).collect();
    let except = except.iter().map(|day| day.parse().unwrap()).collect();
    Hours::new(zone(zone_name).unwrap(), Some(spans), except)
}

fn at(time: &str) -> Timestamp {
    Timestamp::parse(time).unwrap_or_else(|| panic!("{time}"))
}

/// Whether somebody is there, at each of these times.
fn open(hours: &Hours, times: &[(&str, bool)]) {
    for (time, open) in times {
        assert_eq!(hours.has(at(time)), *open, "{time}: {}", hours.shown(at(time)));
    }
}

#[test]
fn a_day_begins_with_its_first_minute_and_ends_before_its_last() {
    let office = hours("America/New_York", &["Mon-Fri 08:00-18:00"], &[]);
    open(
        &office,
        &[
            ("2026-11-27T07:59:59-05:00", false),
            ("2026-11-27T08:00:00-05:00", true),
            ("2026-11-27T17:59:59-05:00", true),
            ("2026-11-27T18:00:00-05:00", false),
            ("2026-11-28T12:00:00-05:00", false),
        ],
    );
    assert_eq!(office.shown(at("2026-11-27T13:05:00Z")), "Fri 08:05 in America/New_York");
}

#[test]
fn the_zones_own_clock_counts() {
    let there = |zone| hours(zone, &["Mon-Fri 08:00-18:00"], &[]);
    // Friday evening in Tokyo is Friday morning in London, and Thursday night in Honolulu.
    let friday = [("2026-11-27T09:30:00Z", true)];
    open(&there("Europe/London"), &friday);
    open(&there("Asia/Tokyo"), &[("2026-11-27T09:30:00Z", false), ("2026-11-27T08:59:00Z", true)]);
    open(&there("Pacific/Honolulu"), &[("2026-11-27T09:30:00Z", false), ("2026-11-28T03:00:00Z", true)]);
    // Quarters of an hour too.
    open(&there("Asia/Kathmandu"), &[("2026-11-27T02:15:00Z", true), ("2026-11-27T02:14:00Z", false)]);
}

#[test]
fn a_span_may_go_on_past_midnight() {
    let bar = hours("America/Chicago", &["Fri-Sat 22:00-02:00"], &[]);
    open(
        &bar,
        &[
            ("2026-11-27T21:59:00-06:00", false),
            ("2026-11-27T22:00:00-06:00", true),
            ("2026-11-28T01:59:00-06:00", true),
            ("2026-11-28T02:00:00-06:00", false),
            ("2026-11-28T22:00:00-06:00", true),
            ("2026-11-29T01:59:00-06:00", true),
            ("2026-11-27T01:00:00-06:00", false),
            ("2026-11-29T22:00:00-06:00", false),
        ],
    );
    let until_midnight = hours("UTC", &["Sun 22:00-24:00"], &[]);
    let the_same = hours("UTC", &["Sun 22:00-00:00"], &[]);
    for hours in [until_midnight, the_same] {
        open(&hours, &[("2026-11-29T23:59:00Z", true), ("2026-11-30T00:00:00Z", false)]);
    }
}

#[test]
fn a_holiday_takes_out_what_begins_on_it() {
    let bar = hours("America/New_York", &["Mon-Sun 18:00-02:00"], &["2026-12-25"]);
    open(
        &bar,
        &[
            ("2026-12-25T01:30:00-05:00", true),
            ("2026-12-25T18:30:00-05:00", false),
            ("2026-12-26T01:30:00-05:00", false),
            ("2026-12-26T18:30:00-05:00", true),
            ("2027-12-25T18:30:00-05:00", true),
        ],
    );
    let every_year = hours("America/New_York", &["Mon-Sun 18:00-02:00"], &["12-25"]);
    open(&every_year, &[("2026-12-25T18:30:00-05:00", false), ("2031-12-25T18:30:00-05:00", false)]);
}

#[test]
fn holidays_alone_take_out_whole_days_of_the_zone() {
    let except = vec!["2026-12-25".parse().unwrap(), "02-29".parse().unwrap()];
    let always = Hours::new(zone("America/New_York").unwrap(), None, except);
    open(
        &always,
        &[
            ("2026-12-25T04:59:00Z", true),
            ("2026-12-25T05:00:00Z", false),
            ("2026-12-26T04:59:00Z", false),
            ("2026-12-26T05:00:00Z", true),
            ("2028-02-29T12:00:00Z", false),
        ],
    );
}

#[test]
fn where_the_clock_goes_forward_what_is_skipped_never_is() {
    // In New York 02:00 is 03:00 on 8 March 2026.
    let night = hours("America/New_York", &["Sun 02:00-03:00"], &[]);
    open(
        &night,
        &[("2026-03-08T06:59:00Z", false), ("2026-03-08T07:00:00Z", false), ("2026-03-15T06:30:00Z", true)],
    );
    let office = hours("America/New_York", &["08:00-18:00"], &[]);
    open(
        &office,
        &[
            ("2026-03-07T13:00:00Z", true),
            ("2026-03-07T12:00:00Z", false),
            ("2026-03-08T12:00:00Z", true),
            ("2026-03-08T22:00:00Z", false),
        ],
    );
}

#[test]
fn where_the_clock_goes_back_an_hour_is_there_twice() {
    // In Berlin 03:00 is 02:00 on 25 October 2026.
    let night = hours("Europe/Berlin", &["Sun 02:00-03:00"], &[]);
    open(
        &night,
        &[
            ("2026-10-24T23:59:00Z", false),
            ("2026-10-25T00:00:00Z", true),
            ("2026-10-25T00:59:00Z", true),
            ("2026-10-25T01:00:00Z", true),
            ("2026-10-25T01:59:00Z", true),
            ("2026-10-25T02:00:00Z", false),
        ],
    );
}

#[test]
fn every_zone_is_known_without_the_systems_database() {
    for name in ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"] {
        assert!(TimeZoneDatabase::bundled().get(name).is_ok(), "{name}");
        assert!(zone(name).is_some(), "{name}");
    }
    assert!(zone("America/Springfield").is_none());
}

#[test]
fn days_and_times_are_read_as_people_write_them() {
    let span = |written: &str| written.parse::<Span>();
    assert_eq!(span("mon-fri 8:00-18:00"), span("MON-FRI 08:00-18:00"));
    assert_eq!(span("Fri-Mon 08:00-18:00"), span("Mon,Fri,Sat-Sun  08:00 - 18:00"));
    assert_eq!(span("Mon, Wed 9:00-12:00"), span("Mon,Wed 09:00-12:00"));
    assert_eq!(span("08:00-18:00"), span("Mon-Sun 08:00-18:00"));
    assert_eq!(span("Sat-Sun"), span("Sat,Sun 00:00-24:00"));
    assert_eq!(span("Monday 08:00-18:00"), Err(SpanError::Day("Monday".to_owned())));
    assert_eq!(span("Mon 08:00-08:00"), Err(SpanError::Nothing));
    for times in
        ["8-18", "08:00", "08:60-18:00", "24:00-02:00", "08:00-24:01", "08:00-18:00-20:00", "08:0-9:00"]
    {
        assert_eq!(span(&format!("Mon {times}")), Err(SpanError::Time(times.to_owned())), "{times}");
    }
    for written in ["", "Mon- 08:00-18:00", ",", "Fun 08:00-18:00"] {
        assert!(matches!(span(written), Err(SpanError::Day(_))), "{written}");
    }
}

#[test]
fn holidays_are_dates_or_days_of_every_year() {
    for written in ["2026-12-25", "12-25", "02-29", "2028-02-29"] {
        assert_eq!(written.parse::<Holiday>().unwrap().to_string(), written);
    }
    for written in
        ["2026-02-29", "13-01", "Christmas", "2026-12-25T10:00:00", "12/25", "+26-12-25", "1-1", ""]
    {
        assert_eq!(written.parse::<Holiday>(), Err(HolidayError), "{written}");
    }
}

#[test]
fn at_a_time_that_no_calendar_has_nobody_is_there() {
    let office = hours("America/New_York", &["Mon-Sun"], &[]);
    assert!(!office.has(Timestamp::NEVER) && !office.has(Timestamp(i64::MAX)));
    assert!(office.shown(Timestamp(i64::MAX)).contains("no calendar"));
}
