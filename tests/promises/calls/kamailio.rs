//! Real telephones, as far as a telephone is software: sipp calls through a Kamailio with the dial plan that users copy, and sipp
//! is called.

use std::net::TcpListener;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::plumber_called;
use crate::support::{
    AD, CANONICAL, Edge, FLYER, GUARD, SECRET, Tool, Visitor, calls, number_on, runs_apart, tracking,
};

/// How long it rings, in seconds.
const RING: f64 = 5.0;

const ROUTE: &str = "[[site.line.route]]\nwhen = {}\ntimeout = \"5s\"\n";

/// A second line: two telephones, of which the first is always busy. So no number is the only line's, and unknown ones are refused.
const OFFICE: &str = r#"
[[site.line]]
name = "office"
canonical = "+12125550900"
[[site.line.route]]
when = {}
to = ["+12125550199", "+12125550101"]
[[site.static]]
name = "door"
line = "office"
number = "+12125550191"
source = { channel = "Offline", medium = "door" }
"#;
const DOOR: &str = "+12125550191";

/// Visitors, each from a campaign of their own, and so many numbers.
const VISITORS: usize = 20;

/// Of 200 calls: how they go, and what is made of them.
const MIX: [(&str, usize, &str); 5] = [
    ("answered", 80, "answered"),
    ("busy", 40, "busy"),
    ("unanswered", 40, "missed"),
    ("abandoned", 30, "abandoned"),
    ("unknown", 10, "failed"),
];

/// A call to be placed, and what the log should say of it.
struct Placed {
    kind: &'static str,
    outcome: &'static str,
    caller: String,
    dialled: String,
    /// Milliseconds that they talk, or that it rings until the caller has had enough.
    talk: usize,
    /// Who is rung, one after the other.
    rung: Vec<&'static str>,
    medium: Option<&'static str>,
    campaign: Option<String>,
}

/// Kamailio, and telephones around it.
struct Telephones(Tool);

impl Telephones {
    fn start(edge: &str, fallback: &str) -> Option<Self> {
        let needs = [Path::new("/usr/sbin/kamailio"), Path::new("/usr/bin/sipp")];
        let mut tool = Tool::start("python3", "kamailio.py", &[], &needs)?;
        tool.ask(&json!({ "edge": edge, "secret": SECRET, "fallback": fallback }));
        Some(Telephones(tool))
    }

    /// Places all of them, 20 a second, and waits for their end: what was seen of each, and what Kamailio complains of.
    fn place(&mut self, placed: &[Placed]) -> (Vec<Value>, Value) {
        let calls: Vec<Value> = placed.iter().map(Placed::told).collect();
        let mut told = self.0.ask(&json!({ "calls": calls }));
        let Value::Array(seen) = told["seen"].take() else { panic!("one for each: {told}") };
        assert_eq!(seen.len(), placed.len());
        (seen, told["complaints"].take())
    }
}

impl Placed {
    /// The nth of its kind.
    fn of(kind: &'static str, outcome: &'static str, n: usize, caller: usize, shown: &[String]) -> Self {
        let visitor = n % VISITORS;
        let mut placed = Placed {
            kind,
            outcome,
            caller: format!("+1305555{caller:04}"),
            dialled: shown[visitor].clone(),
            talk: 600 + 777 * n % 3000,
            rung: vec![CANONICAL],
            medium: Some("cpc"),
            campaign: Some(campaign(visitor)),
        };
        if kind == "unknown" {
            placed = Placed {
                dialled: "+14155550123".to_owned(),
                rung: vec![],
                medium: None,
                campaign: None,
                ..placed
            };
        } else if n % 10 == 9 && kind == "answered" {
            let rung = vec!["+12125550199", "+12125550101"];
            placed =
                Placed { dialled: DOOR.to_owned(), rung, medium: Some("door"), campaign: None, ..placed };
        }
        placed
    }

    fn told(&self) -> Value {
        let Placed { kind, caller, dialled, talk, rung, .. } = self;
        json!({ "kind": kind, "caller": caller, "dialled": dialled, "talk": talk, "rings": rung.len() })
    }

    /// Whether the log tells it as it was seen at its two ends.
    fn agrees(&self, call: &Value, seen: &Value) {
        let told = format!("{call:#}, but it was {} and seen as {seen:#}", self.kind);
        assert_eq!(seen["rung"], json!(self.rung), "{told}");
        assert_eq!(call["outcome"], self.outcome, "{told}");
        assert_eq!(call["carrier_call_id"], seen["call"], "{told}");
        assert_eq!(call["tracking_phone_number"], json!(self.dialled), "{told}");
        assert_eq!(
            (&call["attestation"], &call["customer_name"]),
            (&json!("A"), &json!("Ann &To=1")),
            "{told}"
        );
        assert_eq!(
            (&call["medium"], &call["campaign"]),
            (&json!(self.medium), &json!(self.campaign)),
            "{told}"
        );
        assert_eq!(call["answered"], json!(self.kind == "answered"), "{told}");
        if self.kind == "unknown" {
            return;
        }
        assert_eq!(call["business_phone_number"], json!(self.rung.last()), "{told}");
        let at_least = if self.kind == "unanswered" { RING } else { 0.0 };
        assert!(within_a_second(call, "duration", [&seen["shortest"], &seen["longest"]], at_least), "{told}");
        match self.kind {
            "answered" => {
                let talk = [&seen["shortest_talk"], &seen["longest_talk"]];
                assert!(within_a_second(call, "talk_time", talk, 0.0), "{told}");
            }
            _ => assert_eq!(call["talk_time"], 0, "{told}"),
        }
    }
}

/// Whether so many whole seconds are as many as were measured, give or take one.
fn within_a_second(call: &Value, field: &str, [shortest, longest]: [&Value; 2], at_least: f64) -> bool {
    let [told, shortest, longest] = [&call[field], shortest, longest].map(|value| value.as_f64().unwrap());
    shortest.max(at_least) - 1.0 <= told && told <= longest + 1.0
}

fn campaign(visitor: usize) -> String {
    format!("c{visitor}")
}

/// Each is shown a number of their own.
fn visitors(edge: &Edge) -> Vec<String> {
    let shown = |visitor| {
        let mut browser = Visitor::at(edge);
        let number = number_on(&browser.open(&format!("{AD}&utm_campaign={}", campaign(visitor))).text());
        browser.open("/");
        number
    };
    (0..VISITORS).map(shown).collect()
}

/// All calls of the log, once nothing of them is left to be told.
fn ended(edge: &Edge, count: usize) -> Vec<Value> {
    let deadline = Instant::now() + GUARD;
    loop {
        let calls = calls(edge);
        let going_on: Vec<_> = calls.iter().filter(|call| call["outcome"].is_null()).collect();
        if going_on.is_empty() && calls.len() >= count {
            return calls;
        }
        let told =
            format!("{} of {count} have called, and of these are going on: {going_on:#?}", calls.len());
        assert!(Instant::now() < deadline, "{told}");
    }
}

#[test]
fn two_hundred_calls_through_kamailio_are_in_the_log_once_as_they_went() {
    if runs_apart("calls::kamailio::two_hundred_calls_through_kamailio_are_in_the_log_once_as_they_went") {
        return;
    }
    let (_origin, edge) = plumber_called(|config| config.numbers(VISITORS).routes(ROUTE).more(OFFICE));
    let Some(mut telephones) = Telephones::start(&format!("http://{}", edge.address()), FLYER) else {
        return;
    };
    let shown = visitors(&edge);
    let of_kind = |(kind, count, outcome)| (0..count).map(move |n| (kind, outcome, n));
    let placed: Vec<Placed> = MIX
        .into_iter()
        .flat_map(of_kind)
        .enumerate()
        .map(|(caller, (kind, outcome, n))| Placed::of(kind, outcome, n, caller, &shown))
        .collect();
    let (seen, complaints) = telephones.place(&placed);
    assert_eq!(complaints, json!([]));
    let calls = ended(&edge, placed.len());
    assert_eq!(calls.len(), placed.len());
    for (placed, seen) in placed.iter().zip(&seen) {
        let mut of_caller = calls.iter().filter(|call| call["customer_phone_number"] == placed.caller);
        let call = of_caller.next().unwrap_or_else(|| panic!("{} has not called", placed.caller));
        placed.agrees(call, seen);
        assert_eq!(of_caller.next(), None, "{} has called once", placed.caller);
    }
}

#[test]
fn who_calls_while_dni_edge_says_nothing_is_connected() {
    if runs_apart("calls::kamailio::who_calls_while_dni_edge_says_nothing_is_connected") {
        return;
    }
    // It takes what is asked, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let edge = format!("http://{}", silent.local_addr().unwrap());
    let Some(mut telephones) = Telephones::start(&edge, "+12125550177") else { return };
    let answered = Placed::of("answered", "answered", 0, 0, &[tracking(0)]);
    let answered = Placed { rung: vec!["+12125550177"], ..answered };
    // Whoever does not wait for that long has nobody's telephone ring.
    let hasty = Placed { rung: vec![], ..Placed::of("hasty", "abandoned", 0, 1, &[tracking(0)]) };
    let placed = [answered, hasty];
    for (placed, seen) in placed.iter().zip(telephones.place(&placed).0) {
        assert_eq!(seen["rung"], json!(placed.rung), "{}", placed.kind);
    }
}
