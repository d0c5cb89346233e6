//! What was called is listed, noted by hand, followed as it comes, and told by what made the phone ring.

use serde_json::{Value, json};

use super::{CALLER, plumber_called, visitor_from_ad};
use crate::support::{Edge, FLYER, Outcome, Pbx, Program, Visitor, calls, run, tracking};

/// A number that brings its own source; and what was spent, beside the configuration.
const RADIO: &str = "+12125550191";
const COSTS: &str = "[[site.static]]\nname = \"radio\"\nline = \"main\"\nnumber = \"+12125550191\"\n\
    source = { channel = \"Offline\", medium = \"radio\" }\n[report]\ncurrency = \"EUR\"\ncost = \"costs.csv\"\n";

fn command(edge: &Edge, words: &[&str], more: &[&str]) -> Outcome {
    let config = edge.config();
    run(&[words, &["--config", config.to_str().unwrap()], more].concat(), b"")
}

/// The objects that a command prints, one a line.
fn told(edge: &Edge, words: &[&str], more: &[&str]) -> Vec<Value> {
    let outcome = command(edge, words, &[more, &["--json"]].concat());
    assert_eq!(outcome.status, 0, "{outcome:?}");
    outcome.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn goes(edge: &Edge, call: &str, fields: &[(&str, &str)]) {
    Pbx(edge).tells(call, &[fields, &[("CallStatus", "completed")]].concat());
}

/// A visitor from an ad calls and is talked to; somebody calls this number, and nobody takes it. The ad's number.
fn two_calls(edge: &Edge, dialled: &str) -> String {
    let (_visitor, number) = visitor_from_ad(edge);
    Pbx(edge).rings("ad", CALLER, &number);
    let talked = [("DialCallStatus", "ANSWER"), ("DialCallDuration", "65"), ("CallDuration", "80")];
    goes(edge, "ad", &talked);
    Pbx(edge).rings("other", "+13055550124", dialled);
    goes(edge, "other", &[("DialCallStatus", "NOANSWER"), ("CallDuration", "30")]);
    number
}

/// The calls, once both are over.
fn both_over(edge: &Edge) -> Vec<Value> {
    let deadline = std::time::Instant::now() + crate::support::GUARD;
    loop {
        let calls = calls(edge);
        if calls.len() == 2 && calls.iter().all(|call| !call["outcome"].is_null()) {
            return calls;
        }
        assert!(std::time::Instant::now() < deadline, "{calls:#?}");
    }
}

#[test]
fn a_report_tells_what_made_the_phone_ring_and_what_that_cost() {
    let (_origin, edge) = plumber_called(|config| config.more(COSTS));
    two_calls(&edge, RADIO);
    both_over(&edge);
    let spent = "from,to,source,medium,campaign,cost\n2020-01-01,2020-01-10,google,cpc,,100\n";
    std::fs::write(edge.folder().join("costs.csv"), spent).unwrap();
    let rows = told(&edge, &["report"], &["--by", "channel"]);
    let [radio, ad] = &rows[..] else { panic!("{rows:#?}") };
    let names = ad.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
    for name in [
        "channel",
        "calls",
        "answered",
        "missed",
        "first_time",
        "qualified",
        "talk_time",
        "value",
        "credit",
        "credit_low",
        "credit_high",
        "cost",
        "cost_per_call",
        "currency",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let counts = |row: &Value| {
        ["calls", "answered", "missed", "first_time", "qualified", "talk_time"]
            .map(|key| row[key].as_u64().unwrap())
    };
    assert_eq!((&ad["channel"], &radio["channel"]), (&json!("Paid Search"), &json!("Offline")), "{rows:#?}");
    assert_eq!((counts(ad), counts(radio)), ([1, 1, 0, 1, 1, 65], [1, 0, 1, 1, 0, 0]));
    assert_eq!(
        (&ad["credit"], &ad["credit_low"], &ad["credit_high"]),
        (&json!(1.0), &json!(1.0), &json!(1.0))
    );
    // Of these days there is no call, and what was spent is seen all the same.
    assert_eq!(
        (&ad["cost"], &ad["cost_per_call"], &radio["cost"]),
        (&json!("100.00"), &json!("100.00"), &json!("0.00"))
    );
    assert_eq!(ad["currency"], "EUR");
    let then = told(&edge, &["report"], &["--by", "channel", "--from", "2020-01-02", "--to", "2020-01-04"]);
    assert_eq!(then.len(), 1);
    assert_eq!(
        (&then[0]["calls"], &then[0]["cost"], &then[0]["cost_per_call"]),
        (&json!(0), &json!("20.00"), &Value::Null)
    );

    let csv = command(&edge, &["report"], &["--by", "number", "--csv"]);
    assert!(csv.text().starts_with("number,calls,answered,missed,"), "{csv:?}");
    assert!(csv.text().contains(&format!("\n{RADIO},1,0,1,")), "a telephone number is no formula: {csv:?}");
    let table = command(&edge, &["report"], &["--by", "source", "--model", "first"]);
    assert!(
        table.text().contains("google") && table.text().contains("model: first, money: EUR"),
        "{table:?}"
    );

    std::fs::write(edge.folder().join("costs.csv"), "from,to,cost\n2020-01-01,2020-01-10,a lot\n").unwrap();
    let refused = command(&edge, &["report"], &["--by", "source"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("costs.csv:2: cost = \"a lot\" is no amount"), "{refused:?}");
}

/// What reports tell by this of a call that may be one of two visitors', who came for different things.
fn by_either(edge: &Edge, key: &str) -> Vec<(Value, f64)> {
    let rows = told(edge, &["report"], &["--by", key]);
    let mut rows: Vec<_> =
        rows.iter().map(|row| (row[key].clone(), row["credit"].as_f64().unwrap())).collect();
    rows.sort_by_key(|(name, _)| name.to_string());
    rows
}

#[test]
fn everybody_who_may_have_called_is_credited_by_what_they_looked_for_and_where_they_landed() {
    let (_origin, edge) = plumber_called(|config| config.numbers(1).pool("hold = \"0s\""));
    for (source, term) in [("google", "boiler"), ("bing", "pump")] {
        let landing = format!("/?utm_source={source}&utm_medium=cpc&utm_term={term}");
        Visitor::at(&edge).open(&landing);
    }
    Pbx(&edge).rings("C1", CALLER, &tracking(0));
    let [(boiler, first), (pump, second)] = &by_either(&edge, "term")[..] else { panic!() };
    assert_eq!((boiler, pump), (&json!("boiler"), &json!("pump")));
    assert!(*first > 0.1 && *second > 0.1 && (first + second - 1.0).abs() < 1e-6, "{first} {second}");
    let rows = by_either(&edge, "landing_page");
    let [(page, credit)] = &rows[..] else { panic!("{rows:?}") };
    assert!(page.as_str().unwrap().ends_with('/') && (credit - 1.0).abs() < 1e-6, "{page} {credit}");
}

#[test]
fn calls_are_found_by_what_they_are() {
    let (_origin, edge) = plumber_called(|config| config);
    let number = two_calls(&edge, FLYER);
    both_over(&edge);
    let found = |filter: &[&str]| {
        let found = told(&edge, &["calls"], filter);
        found.iter().map(|call| call["carrier_call_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), ["ad", "other"], "the latest last");
    for (filter, calls) in [
        (&["--source", "goo*"][..], &["ad"][..]),
        (&["--source", "!google"], &["other"]),
        (&["--number", &number], &["ad"]),
        (&["--outcome", "missed"], &["other"]),
        (&["--outcome", "answered", "--outcome", "missed"], &["ad", "other"]),
        (&["--tag", "qualified"], &["ad"]),
        (&["--line", "main", "--site", "plumber"], &["ad", "other"]),
        (&["--to", "2020-01-01"], &[]),
    ] {
        assert_eq!(found(filter), calls, "{filter:?}");
    }
    for (filter, said) in [(["--site", "butcher"], "no site is called"), (["--number", "call-me"], "call-me")]
    {
        let refused = command(&edge, &["calls"], &filter);
        assert!(refused.status == 1 && refused.stderr.contains(said), "{refused:?}");
    }
    assert_eq!(command(&edge, &["calls"], &["--outcome", "lost"]).status, 2);
}

#[test]
fn what_is_written_to_a_call_by_hand_is_in_the_log_and_in_reports() {
    let (_origin, mut edge) = plumber_called(|config| config);
    two_calls(&edge, FLYER);
    let id = both_over(&edge)[0]["id"].as_str().unwrap().to_owned();
    let tag = |edge: &Edge, more: &[&str]| {
        told(edge, &["calls", "tag"], &[&[id.as_str()], more].concat()).pop().unwrap()
    };
    let written = tag(
        &edge,
        &[
            "--add",
            "boiler",
            "--remove",
            "qualified",
            "--value",
            "480.10",
            "--lead",
            "good",
            "--note",
            "Call back",
        ],
    );
    assert_eq!((&written["tags"], &written["value"]), (&json!(["boiler"]), &json!("480.10")));
    assert_eq!((&written["lead_status"], &written["note"]), (&json!("good"), &json!("Call back")));
    for key in ["tags", "value", "lead_status", "note"] {
        assert_eq!(calls(&edge)[0][key], written[key]);
    }
    let row = &told(&edge, &["report"], &["--by", "source"])[0];
    assert_eq!(
        (&row["source"], &row["qualified"], &row["value"]),
        (&json!("google"), &json!(0), &json!("480.10"))
    );

    // Nobody else has the ledger.
    edge.stop();
    let again = tag(&edge, &["--add", "qualified", "--value", "500"]);
    assert_eq!(
        (&again["tags"], &again["value"], &again["note"]),
        (&json!(["boiler", "qualified"]), &json!("500"), &json!("Call back"))
    );
    let unknown = command(&edge, &["calls", "tag"], &["0123456789abcdef01234567", "--add", "x"]);
    assert!(unknown.status == 1 && unknown.stderr.contains("there is no call"), "{unknown:?}");
    for wrong in
        [&[id.as_str()][..], &["short", "--add", "x"], &[&id, "--add", "a,b"], &[&id, "--value", "$5"]]
    {
        assert_eq!(command(&edge, &["calls", "tag"], wrong).status, 2, "{wrong:?}");
    }
}

#[test]
fn who_follows_sees_each_call_when_it_rings_and_when_it_is_over() {
    let (_origin, edge) = plumber_called(|config| config);
    let config = edge.config();
    let listed = Program::start(&["calls", "--config", config.to_str().unwrap(), "--follow"]);
    // Its head is printed once the ledger was read.
    listed.says("source / medium");
    Pbx(&edge).rings("flyer", CALLER, FLYER);
    let ringing = listed.says(CALLER);
    assert!(ringing.contains("ringing"), "{ringing}");
    goes(&edge, "flyer", &[("DialCallStatus", "BUSY"), ("CallDuration", "5")]);
    let over = listed.says(CALLER);
    assert!(over.contains("busy") && over.contains(FLYER), "{over}");
}
