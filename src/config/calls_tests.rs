//! What the configuration says of calls: tags, reports, what is kept, what carriers can do.

use super::tests::{GOOD, check, said};
use crate::call::tag::{Condition, Field, Tag};
use crate::config::{Report, Severity};
use crate::visit::Pattern;

#[test]
fn calls_are_tagged_by_rule_and_a_minute_of_talk_is_qualified_unless_said_otherwise() {
    let tags = |text: &str| {
        let checked = check(&format!("{GOOD}{text}"));
        assert_eq!(checked.findings, [], "{text}");
        let config = checked.config.unwrap();
        config.sites[0].tags.iter().map(|tag| (tag.name.clone(), tag.when.len())).collect::<Vec<_>>()
    };
    let named = |tags: &[(&str, usize)]| tags.iter().map(|(n, w)| ((*n).to_owned(), *w)).collect::<Vec<_>>();
    assert_eq!(tags(""), named(&[("qualified", 1)]));
    assert_eq!(check(GOOD).config.unwrap().sites[0].tags, [Tag::qualified()]);
    let every = "[[site.tag]]\nname = \"boiler\"\nwhen = { talk_time = \">= 60s\", duration = [\"< 10s\", \"> 1h\"], outcome = \"answered\", \
        source = [\"goo*\", \"!google\"], channel = \"Paid*\", transcript = \"*boiler*\", keypress = \"1\", line = \"main\", number = \"(212) 555-0110\" }\n";
    assert_eq!(tags(every), named(&[("qualified", 1), ("boiler", 9)]));
    let own = "[[site.tag]]\nname = \"qualified\"\nwhen = {}\n";
    assert_eq!(tags(own), named(&[("qualified", 0)]));
    let numbers = check(&format!("{GOOD}{every}")).config.unwrap().sites[0].tags[1].when.clone();
    let number = Condition::Matches { field: Field::Number, patterns: vec![Pattern::new("+12125550110")] };
    assert!(numbers.contains(&number), "{numbers:?}");
}

#[test]
fn a_tag_that_is_never_given_is_told_with_the_reason() {
    let tag = |lines: &str| said(&format!("{GOOD}[[site.tag]]\n{lines}\n")).join("\n");
    for (when, wanted) in [
        ("talk_time = \"60s\"", "27 error site.tag.when.talk_time: compares with no duration"),
        ("duration = []", "27 warning site.tag.when.duration: the tag is never given: the list is empty"),
        ("duration = \"< 0s\"", "27 warning site.tag.when.duration: the tag is never given: no time is"),
        (
            "outcome = \"answerd\"",
            "27 warning site.tag.when.outcome: the tag is never given: there is no such",
        ),
        ("channel = \"Payed\"", "27 warning site.tag.when.channel: the tag is never given: there is no such"),
        ("line = \"night\"", "27 warning site.tag.when.line: the tag is never given: the site has no such"),
        (
            "source = [\"google\", \"!google\"]",
            "27 warning site.tag.when.source: the tag is never given: what",
        ),
        ("source = 7", "27 error site.tag.when.source: is neither a text nor a list"),
        ("sauce = \"google\"", "27 error site.tag.when.sauce: there is no such key"),
    ] {
        let found = tag(&format!("when = {{ {when} }}\nname = \"x\""));
        assert!(found.starts_with(wanted) && !found.contains('\n'), "{when}: {found}");
    }
    assert!(tag("when = {}").starts_with("26 error site.tag.name: is missing"));
    assert!(tag("name = \"x\"").starts_with("26 error site.tag.when: is missing"));
    assert!(tag("name = \"a,b\"\nwhen = {}").starts_with("27 error site.tag.name: is no tag's name"));
}

#[test]
fn reports_have_a_currency_and_a_file_of_costs() {
    let report = |lines: &str| check(&format!("{GOOD}\n[report]\n{lines}\n"));
    assert_eq!(check(GOOD).config.unwrap().report, Report { currency: "USD".to_owned(), cost: None });
    assert_eq!(report("currency = \"EUR\"").config.unwrap().report.currency, "EUR");
    let missing = report("cost = \"no-such-file.csv\"");
    assert!(
        missing.findings[0]
            .to_string()
            .contains("warning: report.cost = \"no-such-file.csv\": can't be read")
    );
    let cost = missing.config.expect("whoever calls is connected all the same").report.cost;
    assert_eq!(cost, Some("/etc/dni/no-such-file.csv".into()));
    for currency in ["usd", "Dollar", "$"] {
        let checked = report(&format!("currency = {currency:?}"));
        assert!(checked.config.is_none() && checked.findings[0].message == "is no currency", "{currency}");
    }
}

#[test]
fn recordings_and_events_that_wait_are_kept_as_is_said() {
    let with = |tables: &str| check(&format!("{GOOD}\n{tables}\n"));
    let usual = &check(GOOD).config.unwrap().server;
    assert_eq!((usual.spool, usual.recordings.dir.to_str()), (10 << 20, Some("/etc/dni/recordings")));
    assert_eq!(usual.recordings.keep.as_secs(), 90 * 86_400);
    let said_so = with("[ledger]\nspool = \"64KB\"\n[recordings]\ndir = \"/var/calls\"\nkeep = \"2d\"");
    let server = &said_so.config.unwrap().server;
    assert_eq!((server.spool, server.recordings.dir.to_str()), (64 << 10, Some("/var/calls")));
    for (tables, wanted) in [
        ("[ledger]\nspool = \"much\"", "error: ledger.spool = \"much\": is no size"),
        ("[recordings]\ndir = \"\"", "error: recordings.dir = \"\": is no folder"),
        ("[recordings]\ndir = \"/etc/passwd\"", "error: recordings.dir = \"/etc/passwd\": is no folder"),
        ("[recordings]\nkeep = \"1h\"", "error: recordings.keep = \"1h\": is less than a day"),
        (
            "[recordings]\nkeep = \"500d\"",
            "warning: recordings.keep = \"500d\": is longer than calls are kept",
        ),
    ] {
        let findings = with(tables).findings;
        assert!(findings[0].to_string().contains(wanted), "{tables}: {findings:?}");
    }
    let longer = with("[recordings]\nkeep = \"500d\"").config.unwrap();
    assert_eq!(longer.server.recordings.keep, longer.server.keep);
}

#[test]
fn what_a_carrier_cant_do_that_a_route_or_tag_asks_is_a_warning() {
    let route = "\n[[site.line.route]]\nto = [\"+1 212 555 0107\"]\nscreen = true\n\
                 menu = { say = \"Press 1 for service.\", keys = { 1 = [\"+1 212 555 0108\"] } }\n";
    let secret = "secret = { file = \"secret\" }\n";
    let with = |carriers: &str| {
        let tag = "[[site.tag]]\nname = \"boiler\"\nwhen = { transcript = \"*boiler*\" }\n";
        let text = GOOD.replacen("[[site.pool]]", &format!("{route}[[site.pool]]"), 1) + tag + carriers;
        let checked = check(&text);
        let unable = checked.findings.iter().filter(|finding| finding.message.contains("can't be done by"));
        unable.map(|finding| (finding.key.clone(), finding.severity)).collect::<Vec<_>>()
    };
    assert_eq!(
        with(&format!("[carrier.pbx]\n{secret}")),
        [("site.line.route.menu".to_owned(), Severity::Warning)]
    );
    let vonage = "[carrier.vonage]\nsignature_secret = { file = \"secret\" }\n";
    let screen = ("site.line.route.screen".to_owned(), Severity::Warning);
    let transcript = ("site.tag.when.transcript".to_owned(), Severity::Warning);
    assert_eq!(with(vonage), [screen, transcript.clone()]);
    let bandwidth = "[carrier.bandwidth]\nusername = \"dni\"\npassword = { file = \"secret\" }\n";
    assert_eq!(with(bandwidth), [transcript]);
    let twilio = "[carrier.twilio]\nauth_token = { file = \"secret\" }\npublic_url = \"https://a.example\"\n";
    assert_eq!(with(twilio), []);
}
