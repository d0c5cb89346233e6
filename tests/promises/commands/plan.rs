//! `plan`: how many numbers.

use serde_json::Value;

use crate::support::run;

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
    ] {
        assert_eq!(run(arguments, b"").status, 2, "{arguments:?}");
    }
}
