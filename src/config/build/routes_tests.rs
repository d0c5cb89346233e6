use std::path::Path;

use crate::Timestamp;
use crate::call::event::Caller;
use crate::call::plan::{Plan, Recording, Step};
use crate::call::route::{Asking, Words};
use crate::call::spam::{Policy, Suspect};
use crate::config::{Config, Severity};

const SITE: &str = r#"[[site]]
name = "plumber"
hosts = ["www.example.com"]
origin = "http://127.0.0.1:8000"
[[site.line]]
name = "main"
canonical = "+1 212 555 0100"
"#;

/// Behind the line and its routes.
const NUMBERS: &str = r#"
[[site.pool]]
name = "ads"
numbers = ["+1 212 555 0110"]
[[site.static]]
name = "flyer"
number = "+1 212 555 0190"
source = { source = "Local Paper" }
"#;

fn config(line: &str) -> Config {
    let checked = Config::parse(&format!("{SITE}{line}\n{NUMBERS}"), Path::new("/etc/dni/dni-edge.toml"));
    assert_eq!(checked.findings, [], "{line}");
    checked.config.unwrap()
}

/// What is said of a line with this in it, as `LINE severity key: message`, counted from the first line of it.
fn said(line: &str) -> String {
    let findings = Config::parse(&format!("{SITE}{line}\n{NUMBERS}"), Path::new("dni-edge.toml")).findings;
    let severity = |severity| if severity == Severity::Error { "error" } else { "warning" };
    let said = findings.iter().map(|finding| {
        let line = finding.line as isize - SITE.lines().count() as isize;
        assert!(!finding.remedy.is_empty());
        format!("{line} {} {}: {}", severity(finding.severity), finding.key, finding.message)
    });
    said.collect::<Vec<_>>().join("\n")
}

fn said_of_route(route: &str) -> String {
    said(&format!("[[site.line.route]]\n{route}"))
}

fn plan(config: &Config, caller: &str, time: &str, source: &str) -> Plan {
    let caller = Caller::Number(caller.to_owned());
    let asking = Asking {
        time: Timestamp::parse(time).unwrap(),
        caller: &caller,
        last_taken_by: None,
        chance: 0,
        dialled: "+12125550110",
        words: Words { source: Some(source), channel: Some("Paid Search"), ..Words::default() },
        suspect: Suspect::None,
    };
    config.sites[0].lines[0].routes.plan(&asking).plan
}

#[test]
fn callers_are_connected_to_the_canonical_number_unless_a_destination_is_named() {
    let friday = "2026-11-27T17:00:00Z";
    assert_eq!(plan(&config(""), "+13055550123", friday, "google"), Plan::connect("+12125550100"));
    let named = config("destination = \"(212) 555-0107\"");
    assert_eq!(plan(&named, "+13055550123", friday, "google"), Plan::connect("+12125550107"));
    assert_eq!(named.sites[0].lines[0].routes.destination().e164(), "+12125550107");
}

#[test]
fn every_key_of_a_route_means_what_it_says() {
    let config = config(
        r##"
[[site.line.route]]
when = { hours = ["Mon-Fri 08:00-18:00", "Fri 22:00-02:00"], zone = "America/New_York", except = ["2026-12-25", 2026-12-26, "01-01"], caller_area = "305" }
to = ["+1 212 555 0100", "212 555 0101"]
how = "weight"
weights = [1, 3]
sticky = true
timeout = "20s"
whisper = "Call from {source} for {line}"
screen = true
announce = "This call is recorded."
record = "announce"
caller_id = "tracking"
voicemail = "Please leave a message."
[[site.line.route]]
when = { caller_area = ["305", "646"] }
menu = { say = "For service press 1.", keys = { 1 = ["+1 212 555 0102"], "#" = ["+1 212 555 0103"] } }
[[site.line.route]]
voicemail = "We are closed."
"##,
    );
    let open = plan(&config, "+13055550123", "2026-11-28T05:00:00Z", "local paper");
    let [Step::Say(say), Step::Dial(first), Step::Dial(second), Step::Voicemail { .. }] = &open.steps[..]
    else {
        panic!("{open:?}")
    };
    assert_eq!(say, "This call is recorded.");
    assert_eq!(first.to, ["+12125550100"]);
    assert_eq!(second.to, ["+12125550101"]);
    assert_eq!(first.whisper.as_deref(), Some("Call from Local Paper for main"));
    assert!(first.screen && first.record == Recording::Record);
    assert_eq!((first.timeout.as_secs(), first.caller_id.as_deref()), (20, Some("+12125550110")));
    for holiday in ["2026-12-25T17:00:00Z", "2027-01-01T17:00:00Z", "2026-11-29T17:00:00Z"] {
        let closed = plan(&config, "+13055550123", holiday, "google");
        assert!(matches!(&closed.steps[..], [Step::Menu { .. }, Step::Dial(_)]), "{closed:?}");
    }
    let elsewhere = plan(&config, "+12125550123", "2026-11-27T17:00:00Z", "google");
    assert_eq!(elsewhere.steps, [Step::Voicemail { say: "We are closed.".to_owned() }]);
}

#[test]
fn a_destination_that_rings_here_again_is_a_loop() {
    let looped = "error site.line.destination: is a tracking number, of pool:ads";
    assert!(said("destination = \"+1 212 555 0110\"").starts_with(&format!("1 {looped}")));
    let flyer = said_of_route("to = [\"+1 212 555 0100\", \"+1 212 555 0190\"]");
    assert!(
        flyer.starts_with("2 error site.line.route.to: is a tracking number, of static:flyer"),
        "{flyer}"
    );
    let menu = said_of_route("menu = { say = \"?\", keys = { 1 = [\"+1 212 555 0110\"] } }");
    assert!(menu.starts_with("2 error site.line.route.menu.keys.1: is a tracking number"), "{menu}");
    assert_eq!(said("destination = \"+1 212 555 0100\""), "");
}

#[test]
fn each_mistake_of_a_route_is_found_where_it_stands() {
    for (route, wanted) in [
        (
            "when = { hours = \"Mon-Fri 8-18\" }",
            "error site.line.route.when.hours: \"Mon-Fri 8-18\" has \"8-18\"",
        ),
        (
            "when = { hours = [\"Fun 08:00-18:00\"], zone = \"UTC\" }",
            "error site.line.route.when.hours: \"Fun 0",
        ),
        ("when = { hours = [\"Mon 08:00-08:00\"], zone = \"UTC\" }", "ends when it begins"),
        (
            "when = { hours = [], zone = \"UTC\" }",
            "warning site.line.route.when.hours: the route can never match",
        ),
        ("when = { hours = \"Sat\" }", "2 warning site.line.route.when.zone: is missing"),
        (
            "when = { hours = \"Sat\", zone = \"New York\" }",
            "error site.line.route.when.zone: there is no such",
        ),
        ("when = { zone = \"UTC\" }", "warning site.line.route.when.zone: has no effect"),
        (
            "when = { except = [\"Christmas\"], zone = \"UTC\" }",
            "error site.line.route.when.except: is no date",
        ),
        (
            "when = { except = [\"2026-02-30\"], zone = \"UTC\" }",
            "error site.line.route.when.except: is no date",
        ),
        (
            "when = { caller_area = \"New York\" }",
            "error site.line.route.when.caller_area: \"New York\" is no area",
        ),
        (
            "when = { caller_area = [\"212\", \"12\"] }",
            "error site.line.route.when.caller_area: \"12\" is no area",
        ),
        (
            "when = { caller_area = [] }",
            "warning site.line.route.when.caller_area: the route can never match",
        ),
        ("when = { hour = \"Sat\" }", "error site.line.route.when.hour: there is no such key"),
        ("to = [\"+1 212 555\"]", "error site.line.route.to: has a length"),
        ("to = [\"reception\"]", "error site.line.route.to: holds 'r'"),
        ("to = []", "error site.line.route.to: names nobody"),
        ("to = [\"+1 212 555 0101\", \"212 555 0101\"]", "error site.line.route.to: is named twice"),
        ("to = \"+1 212 555 0101\"", "error site.line.route.to: invalid type"),
        ("to = [\"+1 212 555 0101\"]\nhow = \"random\"", "3 error site.line.route.how: is no such word"),
        (
            "to = [\"+1 212 555 0101\"]\nhow = \"weight\"\nweights = [1, 2]",
            "4 error site.line.route.weights: are 2",
        ),
        (
            "to = [\"+1 212 555 0101\"]\nhow = \"weight\"\nweights = [0]",
            "4 error site.line.route.weights: nobody",
        ),
        ("to = [\"+1 212 555 0101\"]\nweights = [1]", "3 warning site.line.route.weights: has no effect"),
        ("how = \"together\"", "2 warning site.line.route.how: has no effect: the route has no `to`"),
        ("sticky = true", "2 warning site.line.route.sticky: has no effect"),
        ("timeout = \"1s\"", "2 error site.line.route.timeout: is no time that carriers ring"),
        ("timeout = \"soon\"", "2 error site.line.route.timeout: is no duration"),
        ("whisper = \"Call from {sauce}\"", "2 error site.line.route.whisper: has {sauce}"),
        ("whisper = \"Call from {source\"", "2 error site.line.route.whisper: has a brace"),
        ("record = \"announce\"", "2 error site.line.route.record: nothing is announced"),
        ("record = \"announce\"\nannounce = \" \"", "2 error site.line.route.record: nothing is announced"),
        ("record = \"always\"", "2 error site.line.route.record: is no such word"),
        ("caller_id = \"mine\"", "2 error site.line.route.caller_id: is no such word"),
        ("menu = { keys = { 1 = [\"+1 212 555 0101\"] } }", "2 error site.line.route.menu.say: is missing"),
        ("menu = { say = \"?\" }", "2 error site.line.route.menu.keys: the menu has no keys"),
        ("menu = { say = \"?\", keys = { 1 = [] } }", "2 error site.line.route.menu.keys.1: names nobody"),
        (
            "menu = { say = \"?\", keys = { 10 = [\"+1 212 555 0101\"] } }",
            "2 error site.line.route.menu.keys.10: is no key",
        ),
        (
            "menu = { say = \"?\", keys = { a = [\"+1 212 555 0101\"] } }",
            "2 error site.line.route.menu.keys.a: is no key",
        ),
        ("voicemail = \"\"", "2 error site.line.route.voicemail: says nothing"),
        (
            "voicemail = \"?\"\nwhisper = \"!\"",
            "3 warning site.line.route.whisper: has no effect: the route takes",
        ),
        ("voicemail = \"?\"\nscreen = true", "3 warning site.line.route.screen: has no effect"),
    ] {
        let found = said_of_route(route);
        assert!(
            found.lines().count() <= 2 && found.contains(wanted),
            "{route}: wanted {wanted:?}, got\n{found}"
        );
    }
}

#[test]
fn more_telephones_than_carriers_ring_at_once_are_a_warning() {
    let numbers: Vec<_> = (0..11).map(|last| format!("\"+1 646 555 01{last:02}\"")).collect();
    let numbers = numbers.join(", ");
    let together = said_of_route(&format!("to = [{numbers}]\nhow = \"together\""));
    assert!(together.starts_with("2 warning site.line.route.to: are 11, and some carriers"), "{together}");
    let menu = said_of_route(&format!("menu = {{ say = \"?\", keys = {{ 1 = [{numbers}] }} }}"));
    assert!(menu.starts_with("2 warning site.line.route.menu.keys.1: are 11"), "{menu}");
    assert_eq!(said_of_route(&format!("to = [{numbers}]")), "");
}

#[test]
fn a_zone_that_is_nearly_right_is_named() {
    for (written, remedy) in [
        ("New York", "did you mean America/New_York?"),
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("Springfield", "write a name of the tz database, such as \"America/New_York\""),
    ] {
        let route = format!("[[site.line.route]]\nwhen = {{ hours = \"Sat\", zone = {written:?} }}");
        let findings = Config::parse(&format!("{SITE}{route}"), Path::new("dni-edge.toml")).findings;
        assert_eq!(findings[0].remedy, remedy);
    }
}

#[test]
fn a_route_that_an_earlier_one_leaves_nothing_for_can_never_match() {
    let two = |first: &str, second: &str| {
        let route =
            |when: &str| format!("[[site.line.route]]\nwhen = {{ {when} }}\nto = [\"+12125550101\"]\n");
        said(&(route(first) + &route(second)))
    };
    let weekend = "hours = \"Sat-Sun\", zone = \"UTC\"";
    for (first, second) in [
        ("", weekend),
        ("", ""),
        (weekend, "hours = \"Sat-Sun\", zone = \"UTC\", caller_area = \"212\""),
        ("caller_area = [\"212\", \"646\"]", "caller_area = \"646\""),
    ] {
        let found = two(first, second);
        let wanted = "4 warning site.line.route: the route can never match: route 1 takes every call";
        assert!(found.starts_with(wanted), "{first}, then {second}: {found}");
    }
    for (first, second) in [
        (weekend, ""),
        (weekend, "hours = \"Sat\", zone = \"UTC\""),
        ("caller_area = \"646\"", "caller_area = [\"212\", \"646\"]"),
    ] {
        assert_eq!(two(first, second), "", "{first}, then {second}");
    }
    let wrong = two("caller_area = \"none\"", "caller_area = \"212\"");
    assert_eq!(wrong.lines().count(), 1, "a route that is wrong takes nothing from others: {wrong}");
}

#[test]
fn what_becomes_of_spam_is_the_sites_to_say() {
    let with = |spam: &str| said(&format!("[site.spam]\n{spam}"));
    assert_eq!(
        with("policy = \"challenge\"\nthreshold = 1\nblocked_callers = [\"+1900*\", \"withheld\"]"),
        ""
    );
    for (spam, wanted) in [
        ("policy = \"deny\"", "2 error site.spam.policy: is no such word"),
        ("threshold = 0", "2 error site.spam.threshold: every call would be spam"),
        ("threshold = 1.2", "2 error site.spam.threshold: is no score"),
        ("threshold = \"high\"", "2 error site.spam.threshold: invalid type"),
        ("threshold = nan", "2 error site.spam.threshold: is no score"),
        ("blocked_callers = [\"everybody\"]", "2 error site.spam.blocked_callers: is neither a number"),
        ("blocked_callers = [\"+1*\"]", "2 warning site.spam.blocked_callers: blocks every caller"),
    ] {
        let found = with(spam);
        assert!(found.contains(wanted), "{spam}: wanted {wanted:?}, got\n{found}");
    }
    let spam = &config("[site.spam]\npolicy = \"block\"\nblocked_callers = [\"212 555 0123\"]").sites[0].spam;
    assert_eq!((spam.policy, spam.threshold, spam.blocked.len()), (Policy::Block, 0.8, 1));
    assert_eq!(config("").sites[0].spam.policy, Policy::Allow);
}
