//! `explain`: what a visit would be shown and why, without a server, and without leasing anything.

use serde_json::{Value, json};

use super::File;
use crate::support::{CANONICAL, Config, FLYER, GOOGLEBOT, Outcome, run};

fn explain(arguments: &[&str]) -> Outcome {
    let file = File::with(&Config::of("127.0.0.1:9".parse().unwrap()).to_toml());
    let outcome = run(&[&["explain", "--config", file.path()], arguments].concat(), b"");
    assert_eq!(
        std::fs::read_dir(file.folder.path()).unwrap().count(),
        1,
        "neither ledger nor secret is made"
    );
    outcome
}

fn trace(arguments: &[&str]) -> Value {
    let outcome = explain(&[&["--json"], arguments].concat());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    let mut lines = outcome.text().lines();
    let trace = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(lines.next(), None, "one object for one answer");
    trace
}

/// The trace without its sentences, of which there must be some.
fn decided(arguments: &[&str]) -> Value {
    let mut trace = trace(arguments);
    let because = trace.as_object_mut().unwrap().remove("because").unwrap();
    let sentences = because.as_array().unwrap();
    assert!(
        !sentences.is_empty() && sentences.iter().all(|sentence| sentence.as_str().unwrap().contains(' '))
    );
    trace
}

#[test]
fn explain_says_what_serve_would_do_with_a_request_that_opens_no_page() {
    let ad = "https://www.example.com/?gclid=abc";
    let image = ["--header", "Sec-Fetch-Dest: image", "--header", "Sec-Fetch-Mode: no-cors"];
    let told = trace(&[&[ad][..], &image].concat());
    assert_eq!((&told["rule"], &told["shows"][0]["from"]), (&Value::Null, &json!("canonical")));
    assert!(told["because"].to_string().contains("opens no page"), "{told}");
    let config = |more: &str| File::with(&Config::of("127.0.0.1:9".parse().unwrap()).site(more).to_toml());
    for (more, header, visitor, word) in [
        ("prefetch = \"refuse\"", "Sec-Purpose: prefetch", "prefetch", "503"),
        ("exclude = { cookie = \"staff\" }", "Cookie: staff=1", "excluded", "staff"),
        ("consent = { cookie = \"c\", allows = \"yes\" }", "Cookie: c=yes", "person", "consent is given"),
    ] {
        let file = config(more);
        let outcome = run(&["explain", "--config", file.path(), "--json", "--header", header, ad], b"");
        let told: Value = serde_json::from_str(outcome.text()).unwrap();
        assert_eq!(told["visitor"], visitor);
        assert!(told["because"].to_string().contains(word), "{told}");
    }
}

#[test]
fn a_rule_is_explained_by_what_it_asked_for() {
    let told = trace(&["https://www.example.com/?utm_source=google&utm_medium=cpc"]);
    let because = told["because"].as_array().unwrap();
    for sentence in [
        "rule 1 does not match: the visit's medium is cpc, and it asks for \"print\"",
        "rule 2 matches, and the first that matches decides: channel is Paid Search, as \"Paid Search\", \"Paid Social\" asks",
    ] {
        assert!(because.iter().any(|said| said == sentence), "{sentence} is not in {because:#?}");
    }
}

#[test]
fn a_number_near_the_visitor_is_explained() {
    let rule =
        "[site.cdn]\ncountry = \"CF-IPCountry\"\n[[site.rule]]\nshow = [\"pool:ads\"]\nnear = \"country\"\n";
    let london = "[[site.pool]]\nname = \"london\"\narea = \"20\"\nnumbers = [\"+44 20 7946 0110\"]\n";
    let file = File::with(&Config::of("127.0.0.1:9".parse().unwrap()).rules(rule).more(london).to_toml());
    for (country, from, sentence) in [
        (
            "GB",
            "pool:london",
            "rule 1 prefers numbers near the visitor, who is in country \"GB\": pool:london is nearer than pool:ads",
        ),
        (
            "DE",
            "pool:ads",
            "rule 1 prefers numbers near the visitor, who is in country \"DE\": none is nearer than pool:ads",
        ),
    ] {
        let header = format!("CF-IPCountry: {country}");
        let asked =
            ["explain", "--config", file.path(), "--json", "--header", &header, "https://www.example.com/"];
        let trace: Value = serde_json::from_str(run(&asked, b"").text()).unwrap();
        assert_eq!(trace["shows"][0]["from"], from);
        assert!(trace["because"].as_array().unwrap().iter().any(|said| said == sentence), "{trace}");
    }
}

#[test]
fn a_visitor_from_an_ad_is_leased_a_number() {
    let url = "https://www.example.com/lp?gclid=abc&utm_campaign=spring&utm_term=boiler&utm_content=blue";
    assert_eq!(
        decided(&[url]),
        json!({
            "visitor": "person", "source": "google", "medium": "cpc", "campaign": "spring", "term": "boiler",
            "content": "blue", "channel": "Paid Search", "ga4_channel": "Paid Search", "click_ids": {"gclid": "abc"},
            "rule": 2, "shows": [{"line": "main", "number": null, "from": "pool:ads"}]
        })
    );
}

#[test]
fn a_visitor_from_the_flyer_is_shown_its_number() {
    let trace = decided(&["http://www.example.com:8080/?utm_source=flyer&utm_medium=print"]);
    assert_eq!(trace["rule"], 1);
    assert_eq!(trace["shows"], json!([{"line": "main", "number": FLYER, "from": "static:flyer"}]));
}

#[test]
fn whoever_no_rule_matches_reads_the_canonical_number() {
    let canonical = json!([{"line": "main", "number": CANONICAL, "from": "canonical"}]);
    let direct = decided(&["https://www.example.com/"]);
    assert_eq!((&direct["source"], &direct["medium"]), (&json!("(direct)"), &json!("(none)")));
    assert_eq!(
        (&direct["rule"], &direct["shows"], &direct["campaign"]),
        (&Value::Null, &canonical, &Value::Null)
    );
    let search = decided(&["https://www.example.com/", "--referrer", "https://www.google.com/"]);
    assert_eq!((&search["channel"], &search["shows"]), (&json!("Organic Search"), &canonical));
}

#[test]
fn a_crawler_or_a_prefetch_reads_the_canonical_number() {
    let ad = "https://www.example.com/?gclid=abc";
    for (arguments, visitor) in [
        (&[ad, "--user-agent", GOOGLEBOT][..], "crawler"),
        (&[ad, "--user-agent", "WhatsApp/2.23.20.0"], "preview"),
        (&[ad, "--user-agent", "curl/8.5.0"], "tool"),
        (&[ad, "--header", "Sec-Purpose: prefetch"], "prefetch"),
    ] {
        let trace = decided(arguments);
        assert_eq!((&trace["visitor"], &trace["rule"]), (&json!(visitor), &Value::Null));
        assert_eq!(trace["shows"][0]["number"], CANONICAL);
    }
}

#[test]
fn the_reasons_name_what_decided() {
    let because = trace(&["https://www.example.com/?gclid=abc"])["because"].to_string();
    for word in ["gclid", "google / cpc", "rule 1 does not match", "medium", "rule 2 matches", "pool:ads"] {
        assert!(because.contains(word), "{word}: {because}");
    }
}

#[test]
fn people_are_told_the_same_in_words() {
    let outcome = explain(&["https://www.example.com/?gclid=abc"]);
    assert_eq!(outcome.status, 0);
    for words in [
        "visitor      person",
        "source       google",
        "channel      Paid Search",
        "rule         2",
        "pool:ads",
    ] {
        assert!(outcome.text().contains(words), "{words}: {}", outcome.text());
    }
    assert!(outcome.text().lines().filter(|line| line.starts_with("because ")).count() >= 4);
}

#[test]
fn what_comes_from_outside_does_not_speak_to_the_terminal() {
    let outcome = explain(&[
        "https://www.example.com/?utm_source=%1b%5B31mred%07&utm_medium=%C2%9B1m&gclid=%1b%5D0;x%07",
    ]);
    assert_eq!(outcome.status, 0);
    assert!(!outcome.text().chars().any(|c| c.is_control() && c != '\n'), "{:?}", outcome.text());
}

#[test]
fn what_can_not_be_explained_ends_with_1_and_says_why() {
    for (arguments, says) in [
        (&["www.example.com/"][..], "no URL"),
        (&["https://other.example.com/"], "www.example.com"),
        (&["https://www.example.com/", "--header", "nonsense"], "nonsense"),
        (&["https://www.example.com/", "--user-agent", "a\nb"], "header"),
    ] {
        let outcome = explain(arguments);
        assert_eq!((outcome.status, outcome.text()), (1, ""), "{arguments:?}");
        assert!(outcome.stderr.contains(says), "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn consent_and_exclusion_are_explained() {
    let tables =
        "[site.consent]\ncookie = \"consent\"\nallows = \"yes\"\n[site.exclude]\ncookie = \"staff\"\n";
    let file = File::with(&Config::of("127.0.0.1:9".parse().unwrap()).more(tables).to_toml());
    let trace = |cookie: &str| -> Value {
        let header = format!("Cookie: {cookie}");
        let url = "https://www.example.com/?utm_source=google&utm_medium=cpc";
        let arguments = ["explain", "--json", "--config", file.path(), url, "--header", &header];
        serde_json::from_str(run(&arguments, b"").text()).unwrap()
    };
    let said = |trace: &Value, words: &str| {
        let because = trace["because"].as_array().unwrap();
        assert!(because.iter().any(|sentence| sentence.as_str().unwrap().contains(words)), "{trace}");
    };
    let (yes, no, staff) = (trace("consent=yes"), trace("consent=no"), trace("consent=yes; staff=1"));
    assert_eq!((&yes["rule"], &yes["shows"][0]["from"]), (&json!(2), &json!("pool:ads")));
    assert_eq!((&no["rule"], &no["shows"][0]["number"]), (&json!(2), &json!(CANONICAL)));
    said(&no, "no number is leased");
    assert_eq!((&staff["visitor"], &staff["shows"][0]["number"]), (&json!("excluded"), &json!(CANONICAL)));
    said(&staff, "staff");
}
