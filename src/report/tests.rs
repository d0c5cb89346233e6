use jiff::tz::TimeZone;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::told::neutral;
use super::*;
use crate::call::log::{Attributed, Opened, Told as Candidate, Touched};

const DAY: &str = "2026-11-28";

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn call(time: &str, candidates: &[(&str, f64)]) -> Call {
    let candidate = |(source, probability): &(&str, f64)| Candidate {
        probability: *probability,
        source: text(source),
        medium: text("cpc"),
        campaign: text("spring"),
        channel: text("Paid Search"),
        ..Candidate::default()
    };
    let first = candidates.first().map(candidate).unwrap_or_default();
    Call {
        start_time: time.to_owned(),
        source: first.source,
        medium: first.medium,
        campaign: first.campaign,
        channel: first.channel,
        keywords: text("boiler repair"),
        landing_page_url: text("https://www.example.com/lp?gclid=x"),
        site: text("plumber"),
        line: text("main"),
        tracking_phone_number: "+12125550110".to_owned(),
        outcome: Some(Outcome::Answered),
        attribution: Attributed {
            how: "posterior",
            confidence: 0.0,
            candidates: candidates.iter().map(candidate).collect(),
        },
        ..Call::default()
    }
}

fn touch(source: &str, time: &str) -> Option<Touched> {
    let (source, time) = (source.to_owned(), time.to_owned());
    Some(Touched {
        time,
        source,
        medium: "cpc".to_owned(),
        channel: "Email".to_owned(),
        ..Touched::default()
    })
}

fn asked<'a>(by: Key, model: Model) -> Asked<'a> {
    Asked {
        by,
        model,
        zone: TimeZone::UTC,
        from: None,
        to: Timestamp::parse("2027-01-01").unwrap(),
        spam: false,
        currency: "USD",
        costs: None,
        classes: &[],
    }
}

/// Each row's name and credit.
fn credits(report: &Report) -> Vec<(&str, f64)> {
    let name = |row: &'_ Row| (row.credit * 1e6).round() / 1e6;
    report.rows.iter().map(|row| (row.name.text.as_deref().unwrap_or("-"), name(row))).collect()
}

fn costs(lines: &str) -> Costs {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("from,to,source,medium,campaign,cost\n{lines}")).unwrap();
    Costs::read(file.path()).unwrap()
}

/// Each row's name, cost and cost per call.
fn spent(report: &Report) -> Vec<(String, String, Option<String>)> {
    let row = |told: Told<'_>| {
        let name = told.row.name.text.clone().unwrap_or("-".to_owned());
        (name, told.cost().unwrap(), told.cost_per_call())
    };
    report.told().map(row).collect()
}

#[test]
fn whole_calls_are_counted_as_they_are_told_and_credit_in_parts() {
    let mut calls = [
        call(DAY, &[("google", 0.75), ("bing", 0.25)]),
        call(DAY, &[("google", 0.5), ("bing", 0.25), ("google", 0.25)]),
        call(DAY, &[("bing", 1.0)]),
        call(DAY, &[]),
    ];
    calls[0].answered = true;
    calls[0].talk_time = 90;
    calls[0].tags = vec!["boiler".to_owned(), "qualified".to_owned()];
    calls[0].value = text("120.10");
    calls[1].outcome = Some(Outcome::Missed);
    calls[1].first_call = Some(true);
    calls[1].value = text("0.205");
    calls[2].outcome = Some(Outcome::Busy);
    let report = Report::of(&calls, &asked(Key::Source, Model::Fractional));
    assert_eq!(credits(&report), [("bing", 1.5), ("google", 1.5), ("-", 1.0)]);
    let google = &report.rows[1];
    assert_eq!((google.calls, google.answered, google.missed, google.first_time), (2, 1, 1, 1));
    assert_eq!((google.qualified, google.talk_time, google.value), (1, 90, Decimal::new(120_305, 3)));
    assert_eq!((report.rows[0].calls, report.rows[0].missed), (1, 0), "busy is not missed");
    // 0.25 × 0.25 none of two, 0.0625 < 0.975 within: from 1 to 3 for bing, of whom one is certain.
    assert_eq!((report.rows[0].credit_low, report.rows[0].credit_high), (1.0, 3.0));
    assert_eq!((report.rows[2].credit_low, report.rows[2].credit_high), (1.0, 1.0));
}

#[test]
fn models_share_a_call_among_the_touches_of_whoever_likely_called() {
    let mut touched = call(DAY, &[("google", 0.8), ("bing", 0.2)]);
    touched.first_touch = touch("newsletter", "2026-11-01T08:00:00Z");
    touched.last_touch = touch("google", "2026-11-28T08:00:00Z");
    let by = |call: &Call, model| {
        let report = Report::of(std::slice::from_ref(call), &asked(Key::Source, model));
        credits(&report).into_iter().map(|(name, credit)| (name.to_owned(), credit)).collect::<Vec<_>>()
    };
    let named =
        |credits: &[(&str, f64)]| credits.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect::<Vec<_>>();
    assert_eq!(by(&touched, Model::Fractional), named(&[("google", 0.8), ("bing", 0.2)]));
    // The call is still told as Google's.
    assert_eq!(by(&touched, Model::First), named(&[("newsletter", 0.8), ("bing", 0.2), ("google", 0.0)]));
    assert_eq!(by(&touched, Model::Last), named(&[("google", 0.8), ("bing", 0.2)]));
    let half = named(&[("google", 0.4), ("newsletter", 0.4), ("bing", 0.2)]);
    assert_eq!(by(&touched, Model::Linear), half);
    assert_eq!(by(&touched, Model::Position), half);

    // A page in between that was opened with a tag is a touch; one that a touch opened is that touch.
    let opened = |page: &str| Opened { time: String::new(), page: page.to_owned() };
    touched.journey = [
        "www.example.com/?utm_source=newsletter&utm_medium=cpc",
        "www.example.com/prices",
        "www.example.com/?utm_source=radio&utm_medium=audio",
        "www.example.com/?utm_source=google&utm_medium=cpc",
    ]
    .map(opened)
    .to_vec();
    let position = named(&[("google", 0.32), ("newsletter", 0.32), ("bing", 0.2), ("radio", 0.16)]);
    assert_eq!(by(&touched, Model::Position), position);
    let linear = by(&touched, Model::Linear);
    assert!(linear.iter().all(|(name, credit)| name == "bing" || (credit - 0.8 / 3.0).abs() < 1e-5));
    (touched.first_touch, touched.last_touch) = (None, None);
    touched.journey.clear();
    assert_eq!(by(&touched, Model::First), named(&[("google", 0.8), ("bing", 0.2)]));
}

#[test]
fn each_key_has_its_rows() {
    let calls = [
        call("2026-11-28T23:30:00Z", &[("google", 0.8), ("bing", 0.2)]),
        call("2026-11-29T08:00:00Z", &[("google", 1.0)]),
        call("2026-11-29T08:15:00Z", &[("google", 1.0)]),
    ];
    let rows = |by, zone: &str| {
        let asked = Asked { zone: TimeZone::get(zone).unwrap(), ..asked(by, Model::Fractional) };
        let report = Report::of(&calls, &asked);
        credits(&report).into_iter().map(|(name, credit)| format!("{name} {credit}")).collect::<Vec<_>>()
    };
    assert_eq!(rows(Key::Channel, "UTC"), ["Paid Search 3"]);
    assert_eq!(rows(Key::Medium, "UTC"), ["cpc 3"]);
    assert_eq!(rows(Key::Campaign, "UTC"), ["spring 3"]);
    // What the other one searched for, and where they landed, is not recorded.
    assert_eq!(rows(Key::Term, "UTC"), ["boiler repair 2.8", "- 0.2"]);
    assert_eq!(rows(Key::LandingPage, "UTC"), ["https://www.example.com/lp 2.8", "- 0.2"]);
    assert_eq!(rows(Key::Line, "UTC"), ["main 3"]);
    assert_eq!(rows(Key::Number, "UTC"), ["+12125550110 3"]);
    assert_eq!(rows(Key::Day, "UTC"), ["2026-11-28 1", "2026-11-29 2"]);
    assert_eq!(rows(Key::Hour, "UTC"), ["08 2", "23 1"]);
    assert_eq!(rows(Key::Day, "Europe/Berlin"), ["2026-11-29 3"]);
    assert_eq!(rows(Key::Hour, "Europe/Berlin"), ["00 1", "09 2"]);
}

#[test]
fn lines_of_one_name_are_each_their_sites() {
    let calls = [call(DAY, &[]), Call { site: text("dentist"), ..call(DAY, &[]) }];
    let report = Report::of(&calls, &asked(Key::Line, Model::Fractional));
    let told: Vec<_> = report.told().map(|told| serde_json::to_value(told).unwrap()).collect();
    assert_eq!(
        (&told[0]["site"], &told[0]["line"], &told[0]["calls"]),
        (&"dentist".into(), &"main".into(), &1.into())
    );
    assert_eq!(told[1]["site"], "plumber");
}

#[test]
fn spam_blocked_calls_and_other_times_count_only_where_they_are_asked_for() {
    let calls = [
        call("2026-11-27T23:59:59Z", &[]),
        call(DAY, &[]),
        Call { spam: true, ..call(DAY, &[]) },
        Call { outcome: Some(Outcome::Blocked), ..call(DAY, &[]) },
        call("2026-11-29", &[]),
    ];
    let count = |spam| {
        let (from, to) = (Timestamp::parse(DAY), Timestamp::parse("2026-11-29").unwrap());
        let report = Report::of(&calls, &Asked { from, to, spam, ..asked(Key::Source, Model::Fractional) });
        report.rows[0].calls
    };
    assert_eq!((count(false), count(true)), (1, 3));
}

#[test]
fn a_cost_is_spread_over_its_days_and_shared_as_the_calls_are() {
    let calls = [
        call("2026-11-02T12:00:00Z", &[("google", 0.75), ("bing", 0.25)]),
        call("2026-11-03T12:00:00Z", &[("google", 1.0)]),
        call("2026-12-03T12:00:00Z", &[("bing", 1.0)]),
    ];
    let report = |by, costs: &Costs, from: &str, to: &str| {
        let (from, to) = (Timestamp::parse(from), Timestamp::parse(to).unwrap());
        Report::of(&calls, &Asked { from, to, costs: Some(costs), ..asked(by, Model::Fractional) })
    };
    let november = costs("2026-11-01,2026-11-30,Google,cpc,,300.00\n");
    let told = |name: &str, cost: &str, per: Option<&str>| {
        (name.to_owned(), cost.to_owned(), per.map(str::to_owned))
    };
    // Ten of thirty days, for 1.75 calls.
    let ten_days = report(Key::Source, &november, "2026-11-01", "2026-11-11");
    assert_eq!(
        spent(&ten_days),
        [told("google", "100.00", Some("57.14")), told("bing", "0.00", Some("0.00"))]
    );
    let half_a_day = report(Key::Source, &november, "2026-11-02T12:00:00Z", "2026-11-03");
    assert_eq!(spent(&half_a_day)[0], told("google", "5.00", Some("6.67")));
    let by_day = report(Key::Day, &november, "2026-11-02", "2026-11-05");
    assert_eq!(
        spent(&by_day),
        [
            told("2026-11-02", "10.00", Some("10.00")),
            told("2026-11-03", "10.00", Some("10.00")),
            told("2026-11-04", "10.00", None),
        ]
    );
    // Whatever was paid for all, each has by its credit of the days for which it was paid.
    let any = costs("2026-11-01,2026-11-30,,,,8\n");
    let shared = report(Key::Source, &any, "2026-11-01", "2027-01-01");
    assert_eq!(spent(&shared), [told("google", "7.00", Some("4.00")), told("bing", "1.00", Some("0.80"))]);
    // What brought no call is seen all the same.
    let nothing = costs("2026-11-01,2026-11-30,Radio,audio,,90\n2026-11-01,2026-11-30,,,autumn,5\n");
    let all = |by| spent(&report(by, &nothing, "2026-11-01", "2027-01-01"));
    assert_eq!(all(Key::Source)[2..], [told("radio", "90.00", None), told("-", "5.00", None)]);
    assert!(all(Key::Channel).contains(&told("Audio", "90.00", None)), "{:?}", all(Key::Channel));
    assert!(all(Key::Campaign).contains(&told("autumn", "5.00", None)));
    let without = Report::of(&calls, &asked(Key::Source, Model::Fractional));
    assert!(without.rows.iter().all(|row| row.cost.is_none() && row.cost_per_call.is_none()));
}

#[test]
fn a_row_is_told_by_the_names_of_the_contract() {
    let calls = [Call { value: text("5"), ..call(DAY, &[("google", 1.0)]) }];
    let report = Report::of(&calls, &asked(Key::Campaign, Model::Fractional));
    let told = serde_json::to_string(&report.told().next().unwrap()).unwrap();
    assert_eq!(
        told,
        r#"{"campaign":"spring","calls":1,"answered":0,"missed":0,"first_time":0,"qualified":0,"talk_time":0,"value":"5.00","currency":"USD","credit":1.0,"credit_low":1.0,"credit_high":1.0,"cost":null,"cost_per_call":null}"#
    );
    let mut csv = Vec::new();
    report.write_csv(&mut csv).unwrap();
    assert_eq!(
        String::from_utf8(csv).unwrap(),
        "campaign,calls,answered,missed,first_time,qualified,talk_time,value,currency,credit,credit_low,credit_high,cost,cost_per_call\n\
         spring,1,0,0,0,0,0,5.00,USD,1,1,1,,\n"
    );
}

#[test]
fn no_cell_is_a_formula() {
    for (cell, written) in [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("+", "'+"),
        ("-.5", "'-.5"),
        ("\t=1", "'\t=1"),
        ("+12125550110", "+12125550110"),
        ("-12.50", "-12.50"),
        ("spring=sale", "spring=sale"),
    ] {
        assert_eq!(neutral(cell), written);
    }
}

fn any_call() -> impl Strategy<Value = Call> {
    let source = prop::sample::select(vec!["google", "bing", "=cmd", "a,\"b\"", "radio\n"]);
    let candidates = prop::collection::vec((source.clone(), 1..1000_u32), 0..5);
    let touches = (prop::option::of(source.clone()), prop::option::of(source.clone()));
    let pages = prop::collection::vec(source, 0..3);
    (candidates, touches, pages, 0..60_i64).prop_map(|(candidates, (first, last), pages, day)| {
        let total: u32 = candidates.iter().map(|(_, weight)| weight).sum();
        let share = |(source, weight): &(&'static str, u32)| (*source, f64::from(*weight) / f64::from(total));
        let candidates: Vec<_> = candidates.iter().map(share).collect();
        let time = Timestamp(1_790_000_000_000 + day * 86_400_000 / 2).to_string();
        let page =
            |source: &str| Opened { time: time.clone(), page: format!("x.example/?utm_source={source}") };
        let mut call = call(&time, &candidates);
        call.first_touch = first.and_then(|source| touch(source, &time));
        call.last_touch = last.and_then(|source| touch(source, &time));
        call.journey = pages.into_iter().map(page).collect();
        call.spam = day % 7 == 0;
        call
    })
}

fn any_key() -> impl Strategy<Value = Key> {
    prop::sample::select(Key::ALL.to_vec())
}

fn any_model() -> impl Strategy<Value = Model> {
    prop::sample::select(Model::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn credits_add_up_to_the_calls_and_lie_within_their_bounds(
        calls in prop::collection::vec(any_call(), 0..150),
        by in any_key(),
        model in any_model(),
        spam: bool,
    ) {
        let report = Report::of(&calls, &Asked { spam, ..asked(by, model) });
        let counted = calls.iter().filter(|call| spam || !call.spam).count();
        let calls: u64 = report.rows.iter().map(|row| row.calls).sum();
        let credit: f64 = report.rows.iter().map(|row| row.credit).sum();
        prop_assert_eq!(calls, counted as u64);
        prop_assert!((credit - counted as f64).abs() < 1e-6, "{} of {}", credit, counted);
        for row in &report.rows {
            prop_assert!(row.credit_low <= row.credit && row.credit <= row.credit_high, "{:?}", row);
            prop_assert!(-1e-9 <= row.credit_low && row.credit_high <= counted as f64 + 1e-9, "{:?}", row);
        }
    }

    #[test]
    fn no_cent_of_a_cost_is_lost(
        calls in prop::collection::vec(any_call(), 0..30),
        by in any_key(),
        model in any_model(),
        cents in prop::collection::vec(0..100_000_i64, 1..4),
    ) {
        let line = |cents: &i64| format!("2026-09-20,2026-10-20,{},,,{}\n", ["", "google", "bing"][(cents % 3) as usize], Decimal::new(*cents, 2));
        let costs = costs(&cents.iter().map(line).collect::<String>());
        let report = Report::of(&calls, &Asked { costs: Some(&costs), ..asked(by, model) });
        let sum: Decimal = report.rows.iter().filter_map(|row| row.cost).sum();
        let off = (sum - Decimal::new(cents.iter().sum(), 2)).abs();
        prop_assert!(off < Decimal::new(1, 15), "{}", off);
        prop_assert!(report.rows.iter().all(|row| row.cost.is_some_and(|cost| !cost.is_sign_negative() || cost.is_zero())));
    }

    #[test]
    fn csv_is_read_as_it_was_written(calls in prop::collection::vec(any_call(), 0..20), by in any_key()) {
        let report = Report::of(&calls, &asked(by, Model::Linear));
        let mut written = Vec::new();
        report.write_csv(&mut written).unwrap();
        let mut reader = csv::Reader::from_reader(&written[..]);
        let column = |reader: &mut csv::Reader<&[u8]>, name: &str| {
            reader.headers().unwrap().iter().position(|column| column == name).unwrap()
        };
        let (named, credit) = (column(&mut reader, by.name()), column(&mut reader, "credit"));
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(records.len(), report.rows.len());
        for (record, row) in records.iter().zip(&report.rows) {
            let cell = &record[named];
            let is_formula = cell.starts_with(['=', '@']);
            prop_assert!(!is_formula);
            let name = row.name.text.clone().unwrap_or_default();
            prop_assert!(cell == name || cell.strip_prefix('\'') == Some(&name), "{:?}", cell);
            prop_assert!((record[credit].parse::<f64>().unwrap() - row.credit).abs() < 1e-6);
        }
    }
}
