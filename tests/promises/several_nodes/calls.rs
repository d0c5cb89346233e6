//! Calls reach whichever node: each is one call, told by all of them.

use serde_json::json;

use super::{Nodes, two};
use crate::support::{
    AD, CANONICAL, CARRIERS, FLYER, Pbx, Postgres, Twilio, Visitor, calls, run, the_call, tracking,
};

const CALLER: &str = "+13055550123";

/// Two telephones, one after the other.
const ROUTE: &str = "[[site.line.route]]\nwhen = {}\nto = [\"+12125550101\", \"+12125550102\"]\n";

fn called(change: impl FnOnce(crate::support::Config) -> crate::support::Config) -> Nodes {
    two(|config| change(config.more(CARRIERS)))
}

fn action(answer: &str) -> String {
    let action = answer.split("action=\"").nth(1).unwrap_or_else(|| panic!("{answer}"));
    action.split('"').next().unwrap().replace("&amp;", "&")
}

#[test]
fn a_call_that_rings_on_one_node_goes_on_on_the_other() {
    let nodes = called(|config| config.routes(ROUTE));
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    let first = Twilio(&nodes.edges[0]).rings("CA1", CALLER, &number).text();
    assert!(first.contains("+12125550101"), "{first}");
    let busy = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("DialCallStatus", "busy")];
    let second = Twilio(&nodes.edges[1]).posts(&action(&first), &busy).text();
    assert!(second.contains("+12125550102"), "{second}");
    let missed = [("CallSid", "CA1"), ("CallStatus", "completed"), ("DialCallStatus", "no-answer")];
    Twilio(&nodes.edges[0]).posts(&action(&second), &missed);
    let call = the_call(&nodes.edges[1], |call| call["outcome"] == "abandoned");
    assert_eq!((&call["source"], &call["attribution"]["how"]), (&json!("google"), &json!("posterior")));
}

#[test]
fn a_carrier_that_asks_another_node_again_is_told_the_same_and_it_is_one_call() {
    let nodes = called(|config| config);
    let first = Pbx(&nodes.edges[0]).rings("C1", CALLER, FLYER);
    assert_eq!(Pbx(&nodes.edges[1]).rings("C1", CALLER, FLYER), first);
    Pbx(&nodes.edges[1]).tells(
        "C1",
        &[("DialCallStatus", "ANSWER"), ("DialCallDuration", "12"), ("CallStatus", "completed")],
    );
    the_call(&nodes.edges[0], |call| call["outcome"] == "answered" && call["talk_time"] == 12);
}

#[test]
fn callers_are_connected_while_the_database_is_away_and_told_of_when_it_is_back() {
    let postgres = Postgres::start();
    let nodes = Nodes::start(1, &postgres.database(), |config| config.more(CARRIERS));
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    visitor.open("/");
    postgres.stop();
    let pbx = Pbx(&nodes.edges[0]);
    assert_eq!(pbx.rings("C1", CALLER, &number)["dest"], CANONICAL);
    assert_eq!(pbx.rings("C2", CALLER, &tracking(3))["dest"], CANONICAL);
    pbx.tells("C1", &[("DialCallStatus", "ANSWER"), ("DialCallDuration", "30"), ("CallStatus", "completed")]);
    postgres.start_again();
    nodes.edges[0].says("messages that waited are in it");
    let deadline = std::time::Instant::now() + crate::support::GUARD;
    let told = loop {
        let told = calls(&nodes.edges[0]);
        if told.len() == 2 && told.iter().any(|call| call["outcome"] == "answered") {
            break told;
        }
        assert!(std::time::Instant::now() < deadline, "{told:#?}");
    };
    let first = told.iter().find(|call| call["carrier_call_id"] == "C1").unwrap();
    assert_eq!((&first["source"], &first["attribution"]["how"]), (&json!("google"), &json!("posterior")));
}

#[test]
fn reports_and_attribute_tell_of_calls_of_all_nodes_by_what_these_teach() {
    let nodes = called(|config| config.numbers(1).pool("overflow = \"oldest\""));
    let visitors = [("google&utm_term=boiler", CALLER), ("bing&utm_term=pump", "+13055550124")];
    for (node, (landing, caller)) in visitors.into_iter().enumerate() {
        let mut visitor = Visitor::at(&nodes.edges[node]);
        let landing = format!("/?utm_medium=cpc&utm_source={landing}");
        assert_eq!(nodes.shown(&mut visitor, node, &landing), tracking(0));
        Pbx(&nodes.edges[1 - node]).rings(&format!("C{node}"), caller, &tracking(0));
    }
    let config = nodes.edges[0].config();
    let told = |words: &[&str]| {
        let outcome = run(&[words, &["--config", config.to_str().unwrap(), "--json"]].concat(), b"");
        assert_eq!(outcome.status, 0, "{outcome:?}");
        outcome.text().to_owned()
    };
    let rows = told(&["report", "--by", "term"]);
    assert!(rows.contains("\"boiler\"") && rows.contains("\"pump\"") && rows.lines().count() == 2, "{rows}");
    assert!(told(&["attribute", &tracking(0), "--from", CALLER]).contains("\"how\":\"caller\""));
    let plan = told(&["plan", "--sessions-per-day", "100"]);
    assert!(plan.contains("\"calls\":2,") && plan.contains("\"calls_after\":\"base\""), "{plan}");
}
