//! `plan`: how many numbers.

use serde_json::{Value, json};

use super::command;
use crate::support::{AD, CARRIERS, Config, Edge, Ledger, Outcome, Pbx, Visitor, number_on, plumber, run};

fn plan(arguments: &[&str]) -> Value {
    let given = ["plan", "--sessions-per-day", "100", "--calls-after", "mobile", "--json"];
    let arguments: Vec<_> = given.iter().chain(arguments).copied().collect();
    let output = run(&arguments, b"");
    assert_eq!(output.status, 0, "{}", output.stderr);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_numbers_needed_are_those_of_theory_and_a_simulation_stands_beside_them() {
    let answer = plan(&["--numbers", "12"]);
    assert_eq!(answer["no_overflow"], 6);
    let session = ["80", "90", "95"].map(|target| answer["session"][target].as_u64().unwrap());
    assert!(session.is_sorted() && (7..=9).contains(&session[2]), "{session:?}");
    assert!(answer["source"]["95"].as_u64().is_some());
    for present in [&answer["present"], &answer["simulated"]["present"]] {
        assert_eq!(present["numbers"], 12);
        for share in ["overflow", "session", "source"] {
            assert!((0.0..=1.0).contains(&present[share].as_f64().unwrap()), "{present}");
        }
    }
    let [theory, simulated] = [&answer["present"], &answer["simulated"]["present"]]
        .map(|present| present["session"].as_f64().unwrap());
    assert!((theory - simulated).abs() < 0.03, "{answer}");
}

#[test]
fn without_present_numbers_nothing_is_said_of_them_and_a_chart_is_drawn_where_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.svg");
    assert!(plan(&["--svg", path.to_str().unwrap()])["present"].is_null());
    let chart = std::fs::read_to_string(path).unwrap();
    assert!(chart.starts_with("<svg ") && chart.ends_with("</svg>\n"));
    assert_eq!(chart.matches("<polyline").count(), 2);
    assert!(chart.contains("numbers in the pool") && !chart.contains("NaN"));
}

#[test]
fn what_is_no_traffic_is_wrong_usage() {
    for arguments in [
        &["plan"][..],
        &["plan", "--sessions-per-day", "0"],
        &["plan", "--sessions-per-day", "nan"],
        &["plan", "--sessions-per-day", "100", "--minutes=-1"],
        &["plan", "--sessions-per-day", "100", "--calls-after", "never"],
        &["plan", "--sessions-per-day", "100", "--sources", "0"],
        &["plan", "--sessions-per-day", "100", "--pool", "ads"],
    ] {
        assert_eq!(run(arguments, b"").status, 2, "{arguments:?}");
    }
}

/// A ledger of twelve days, a session every 864 seconds, each of two minutes and a half, from five sources. The proxy has stopped.
fn twelve_days(change: impl FnOnce(Config) -> Config) -> Edge {
    let (_origin, mut edge) = plumber(change);
    Visitor::at(&edge).open(AD);
    edge.terminate();
    assert!(edge.ended().success());
    Ledger::of(&edge).execute(
        "CREATE TEMP TABLE visit AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1209)
             SELECT i, randomblob(16) AS id, last_seen - i * 864000 AS time FROM n, (SELECT last_seen FROM lease);
         CREATE TEMP TABLE one AS SELECT * FROM lease;
         CREATE TEMP TABLE who AS SELECT * FROM session;
         DELETE FROM lease; DELETE FROM session;
         INSERT INTO lease SELECT NULL, number, i, site, pool, line, visit.id, time, 'source' || (i % 5), medium,
             time, time + 150000, how, shown, provisional FROM one, visit;
         INSERT INTO session SELECT visit.id, site, time, time + 150000, channel, source, medium, campaign, touch,
             landing_page, referring_page, rule, shows FROM who, visit;
         UPDATE overflow SET since = (SELECT min(time) FROM visit)",
    );
    edge
}

fn plan_of(edge: &Edge, more: &[&str]) -> Outcome {
    let config = edge.config();
    run(&[&["plan", "--config", config.to_str().unwrap(), "--calls-after", "mobile"], more].concat(), b"")
}

fn lines(outcome: &Outcome) -> Vec<Value> {
    outcome.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_pools_own_ledger_tells_how_many_sessions_there_are_how_long_and_from_where() {
    let edge = twelve_days(|config| config.numbers(12).pool("hold = \"10m\""));
    let outcome = plan_of(&edge, &["--json"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let [answer] = &lines(&outcome)[..] else { panic!("{outcome:?}") };
    for (key, value) in [
        ("site", json!("plumber")),
        ("pool", json!("ads")),
        ("days", json!(12)),
        ("sessions", json!(1200)),
        ("sessions_per_day", json!(100.0)),
        ("found_none", json!(0.0)),
        ("minutes", json!(2.5)),
        ("sources", json!(5)),
        ("hold", json!(600.0)),
        ("calls_after", json!("mobile")),
    ] {
        assert_eq!(answer[key], value, "{key} of {answer}");
    }
    assert_eq!(answer["present"]["numbers"], 12);
    let peak = answer["peak"].as_f64().unwrap();
    assert!((1.0..1.1).contains(&peak), "they came by day and by night: {peak}");
    assert!(answer["simulated"]["present"]["session"].is_f64(), "{answer}");
    let table = plan_of(&edge, &[]);
    assert!(table.text().contains("1200 sessions in 12 days") && table.text().contains("12 numbers achieve"));
}

#[test]
fn options_have_the_last_word_on_what_the_ledger_tells() {
    let edge = twelve_days(|config| config.numbers(12));
    let given = ["--sessions-per-day", "200", "--minutes", "5", "--sources", "2", "--numbers", "7", "--json"];
    let answer = &lines(&plan_of(&edge, &given))[0];
    assert_eq!((&answer["sessions_per_day"], &answer["minutes"]), (&json!(200.0), &json!(5.0)));
    assert_eq!((&answer["sources"], &answer["present"]["numbers"]), (&json!(2), &json!(7)));
    assert!(answer["peak"].as_f64().unwrap() < 1.1, "the day's shape is the ledger's still");
}

#[test]
fn sessions_that_found_no_number_want_one_too() {
    let edge = twelve_days(|config| config);
    Ledger::of(&edge).execute("UPDATE overflow SET times = 605");
    let answer = &lines(&plan_of(&edge, &["--json"]))[0];
    let found_none = answer["found_none"].as_f64().unwrap();
    assert!((49.0..51.0).contains(&found_none), "605 in a little more than twelve days: {found_none}");
    let sessions = answer["sessions_per_day"].as_f64().unwrap();
    assert!((sessions - 100.0 - found_none).abs() < 0.02, "{answer}");
}

#[test]
fn of_too_little_history_it_says_so_and_what_to_do() {
    let (_origin, edge) = plumber(|config| config.numbers(12));
    Visitor::at(&edge).open(AD);
    let told = plan_of(&edge, &["--json"]);
    let [answer] = &lines(&told)[..] else { panic!("{told:?}") };
    assert_eq!((told.status, &answer["sessions"], &answer["days"]), (1, &json!(1), &json!(0)), "{told:?}");
    let people = plan_of(&edge, &[]);
    for words in [answer["error"].as_str().unwrap(), people.text()] {
        for word in ["1 sessions", "less than a day", "--sessions-per-day"] {
            assert!(words.contains(word), "{words}");
        }
    }
    let given = plan_of(&edge, &["--sessions-per-day", "100", "--json"]);
    let answer = &lines(&given)[0];
    assert_eq!((given.status, &answer["minutes"], &answer["sources"]), (0, &json!(2.5), &json!(8)));
    assert_eq!((&answer["peak"], &answer["present"]["numbers"]), (&json!(1.85), &json!(12)));
}

#[test]
fn a_sites_own_calls_tell_when_people_call_once_there_are_enough() {
    let (_origin, edge) = plumber(|config| config.numbers(12).more(CARRIERS));
    let number = number_on(&Visitor::at(&edge).open(AD).text());
    let plan = |more: &[&str]| command("plan", &edge, &[&["--sessions-per-day", "100"], more].concat());
    let rings = |calls: std::ops::Range<u32>| {
        for call in calls {
            Pbx(&edge).rings(&format!("C{call}"), &format!("+1305555{call:04}"), &number);
        }
    };
    let told = |more: &[&str]| {
        let answer = lines(&plan(&[&["--json"], more].concat())).remove(0);
        (answer["calls_after"].clone(), answer["calls"].clone(), answer["session"]["90"].as_u64())
    };
    rings(0..199);
    let (name, calls, expected) = told(&[]);
    assert_eq!((name, calls), (json!("base"), json!(199)));
    assert!(plan(&[]).text().contains("calls as base, while the ledger tells of 199"), "{:?}", plan(&[]));
    rings(199..200);
    let (name, calls, needed) = told(&[]);
    assert_eq!((name, calls), (json!("history"), json!(200)));
    assert!(needed < expected, "everybody called at once: {needed:?} of {expected:?}");
    assert!(plan(&[]).text().contains("calls as 200 of the site's own came"), "{:?}", plan(&[]));
    assert_eq!(told(&["--calls-after", "considered"]).0, "considered");
}

#[test]
fn each_pool_has_its_own_plan_unless_one_is_named() {
    let other = "[[site.pool]]\nname = \"search\"\nline = \"main\"\nnumbers = [\"+19175550001\"]\n";
    let edge = twelve_days(|config| config.numbers(12).more(other));
    let all = plan_of(&edge, &["--json"]);
    let answers = lines(&all);
    assert_eq!(all.status, 0, "there is a plan for one of them");
    let names: Vec<_> = answers.iter().map(|answer| &answer["pool"]).collect();
    assert_eq!(names, [&json!("ads"), &json!("search")]);
    assert!(answers[0]["no_overflow"].is_u64() && answers[1]["error"].is_string());
    let one =
        plan_of(&edge, &["--site", "plumber", "--pool", "search", "--sessions-per-day", "50", "--json"]);
    let [answer] = &lines(&one)[..] else { panic!("{one:?}") };
    assert_eq!((&answer["pool"], &answer["present"]["numbers"]), (&json!("search"), &json!(1)));
    for (more, word) in
        [(&["--pool", "none"][..], "\"search\""), (&["--svg", "plan.svg"], "a chart is of one pool")]
    {
        let refused = plan_of(&edge, more);
        assert_eq!((refused.status, refused.text()), (1, ""));
        assert!(refused.stderr.contains(word), "{}", refused.stderr);
    }
}
