//! What counts as the number: the proxy and the script, which read it each in their own way, are of one mind.

use serde_json::json;

use super::hydrating;
use crate::support::{Answer, Browser, Edge, run};

const TEXTS: &[&str] = &[
    "(212) 555-0100",
    "Call (212) 555-0100 now",
    "212-555-0100",
    "212.555.0100",
    "212 555 0100.",
    "212/555/0100",
    "2125550100",
    "212\u{a0}555\u{2011}0100",
    "212\u{ad}555\u{200b}0100",
    "+1 212 555 0100",
    "+1 (212) 555-0100",
    "+12125550100",
    "0012125550100",
    "1-212-555-0100",
    "Tel.: 212-555-0100, 24 hours",
    "Phone:212-555-0100",
    "Phone,212-555-0100",
    "Phone;(212)555-0100",
    "[212-555-0100]",
    "_212-555-0100_",
    "/212-555-0100",
    "~212-555-0100",
    "\"212-555-0100\"",
    "é212-555-0100",
    "212-555-0100/24h",
    "212-555-0100 x5",
    "212-555-0100.",
    "212-555-0100, 212-555-0199",
    "+12125550199 2125550100",
    "Room 5, 212-555-0100",
    "+2125550100",
    // Others' numbers.
    "+44 212 555 0100",
    "Call +44 212 555 0100",
    "+44-212-555-0100",
    "+44 (0)212 555 0100",
    "+44 (20) 212 555 0100",
    "+442125550100",
    "12125550100123",
    "52125550100",
    "212-555-01001",
    "2125550100-99",
    "2125550100.99",
    "99-2125550100",
    "5.212.555.0100",
    // Figures of other kinds.
    "#2125550100",
    "id=2125550100",
    "https://x.com/2125550100",
    "x.com/a-2125550100",
    "x.com/?id=2125550100",
    "a.2125550100",
    "a_2125550100",
    "a@2125550100",
    "2125550100@x.com",
    "2125550100%",
    "%2125550100",
    "2125550100=x",
    "€2125550100",
    "$212.555.0100",
    "£212.555.0100",
    "¥2125550100",
    "2125550100€",
    "a2125550100",
];

const LINKS: &[&str] = &[
    "tel:+12125550100",
    "tel:2125550100",
    "tel:(212)555-0100",
    "TEL: 212-555-0100",
    " tel:+1-212-555-0100",
    "tel:+12125550100;ext=5",
    "tel:%2B12125550100",
    "tel:+1%20212%20555%200100",
    "tel:%2B1%20(212)%20555-0100",
    "tel://2125550100",
    "callto:+12125550100",
    "CallTo:212-555-0100",
    "sms:+12125550100",
    "sms:2125550100?body=Hi%20there",
    "smsto:2125550100",
    "SMSTO:%2B12125550100",
    // No number of ours.
    "tel:+442125550100",
    "tel:+44%20212%20555%200100",
    "tel:12125550100123",
    "https://x.com/2125550100",
    "mailto:2125550100@x.com",
];

const RULE: &str = "[[site.rule]]\nwhen = { channel = [\"Paid Search\"] }\nshow = [\"static:shown\"]\n";

fn shown(number: &str) -> String {
    let carries = "carries = [\"voice\", \"sms\"]";
    format!("[[site.static]]\nname = \"shown\"\nline = \"main\"\nnumber = {number:?}\n{carries}\n")
}

/// A page of them, a line each.
fn written(element: impl Fn(&str) -> String, all: &[&str]) -> String {
    all.iter().map(|one| element(one) + "\n").collect()
}

/// What `rewrite` makes of it, a line each.
fn rewritten(edge: &Edge, page: &str, number: &str) -> Vec<String> {
    let (config, show) = (edge.config(), format!("main={number}"));
    let arguments = ["rewrite", "--config", config.to_str().unwrap(), "--site", "plumber", "--show", &show];
    let outcome = run(&arguments, page.as_bytes());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    outcome.text().lines().map(str::to_owned).collect()
}

#[test]
fn the_script_takes_for_the_number_what_the_proxy_takes_for_it() {
    let Some(browser) = Browser::start() else { return };
    for number in ["+16465559876", "+442079460100"] {
        let (origin, edge) = hydrating("observe", |config| config.rules(RULE).more(&shown(number)));
        let (texts, links) = (json!(TEXTS), json!(LINKS));
        let page = format!(
            "<!doctype html><head><link rel=icon href='data:,'></head><body><p hidden>212-555-0100</p><script>
            for (const text of {texts}) document.body.append(Object.assign(document.createElement('p'), {{ title: text }}));
            for (const link of {links}) {{
              document.body.append(document.createElement('a'));
              document.body.lastChild.setAttribute('href', link);
            }}</script></body>"
        );
        origin.answers("/app", Answer::html(page));
        let seen = browser.open(edge.address(), "/app?gad_source=1", true);
        let by_proxy = rewritten(&edge, &written(|text| format!("<p title='{text}'>"), TEXTS), number);
        for ((text, by_script), by_proxy) in TEXTS.iter().zip(&seen.hinted).zip(&by_proxy) {
            assert_eq!(&format!("<p title='{by_script}'>"), by_proxy, "{text}");
        }
        let by_proxy = rewritten(&edge, &written(|link| format!("<a href='{link}'>"), LINKS), number);
        for ((link, by_script), by_proxy) in LINKS.iter().zip(&seen.tapped).zip(&by_proxy) {
            let by_proxy = by_proxy.replace(" data-nap=\"+12125550100\"", "");
            assert_eq!(format!("<a href='{by_script}'>"), by_proxy, "{link}");
        }
        assert_eq!((seen.hinted.len(), seen.tapped.len()), (TEXTS.len(), LINKS.len()));
    }
}
