//! What a person gets of a filled page in a real browser: what is read, heard, copied, tapped and printed.

use crate::support::{Answer, Browser, CANONICAL, Edge, FLYER, Fixture, Origin, Seen, plumber};

const PAGE: &str = r#"<!doctype html>
<html lang="en"><head><title>Plumber, 212-555-0100</title><link rel="icon" href="data:,"></head><body>
<h1>Call (212) 555-0100</h1>
<p>Leaks: <b>(212)</b> 555-0100, or <a href="tel:+12125550100">212.555.0100</a> by night.</p>
<p>+1&nbsp;212&nbsp;555&nbsp;0100, in short <span>212</span><span>555</span><span>0100</span>.</p>
<ul><li>Boilers</li><li>212-555-0199 is somebody else</li></ul>
<a href="tel:+12125550100" aria-label="Call the plumber at 212-555-0100"><svg width="20" height="20"><circle r="9"/></svg></a>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" alt="Our van says 212-555-0100" width="20" height="20">
<button title="Ring 212-555-0100">Call me back</button>
<form><label>Your number <input placeholder="Like 212-555-0100"></label></form>
<svg width="200" height="60"><text y="20">212-555-0100</text><text y="50"><![CDATA[A & B <b>: 212.555.0100]]></text></svg>
<script>document.title += ", scripts run";</script>
</body></html>
"#;

/// The forms in which the page tells its number.
const FORMS: [&str; 7] = [
    "(212) 555-0100",
    "212.555.0100",
    "+1\u{a0}212\u{a0}555\u{a0}0100",
    "+1 212 555 0100",
    "2125550100",
    "212-555-0100",
    "tel:+12125550100",
];

const STRICT: &[&str] = &["Content-Security-Policy: default-src 'none'"];

/// The website's headers, and whether scripts run in the browser.
const WAYS: [(&[&str], bool); 4] = [(&[], true), (&[], false), (STRICT, true), (STRICT, false)];

#[test]
fn whatever_a_person_gets_of_a_page_tells_the_tracking_number() {
    let Some(browser) = Browser::start() else { return };
    for (headers, scripts) in WAYS {
        let (origin, edge) = site(headers);
        let website = browser.open(origin.address, "/call", scripts);
        for got in [&website.read, &website.copied[0], &website.named[0], &website.printed] {
            assert!(got.contains("(212) 555-0100"), "{website:#?}");
        }
        let scripts_run = scripts && headers.is_empty();
        assert_eq!(website.title.ends_with("scripts run"), scripts_run, "{headers:?} {scripts}");
        let shown = browser.open(edge.address(), "/call?gad_source=1", scripts);
        assert_eq!(shown, website.respelt(respell), "{headers:?}, scripts: {scripts}");
    }
}

#[test]
fn a_person_to_whom_no_rule_shows_a_number_gets_the_websites() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = site(&[]);
    assert_eq!(browser.open(edge.address(), "/call", true), browser.open(origin.address, "/call", true));
}

#[test]
fn pages_that_mark_their_telephone_up_differ_by_nothing_but_the_number() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = plumber(|config| config.rules("[[site.rule]]\nshow = [\"static:flyer\"]"));
    for fixture in Fixture::structured() {
        let path = format!("/{}", fixture.name);
        origin.answers(&path, Answer::html(&fixture.page));
        let website = browser.open(origin.address, &path, false);
        let shown = browser.open(edge.address(), &path, false);
        let own = |seen: &Seen| {
            let named = seen.named.join("\n");
            [&seen.read[..], &seen.printed, &named].join("\n").replace(&FLYER[8..], &CANONICAL[8..])
        };
        assert_eq!(own(&shown), own(&website), "{}", fixture.name);
        assert_eq!(shown.read == website.read, fixture.name == "amp.html", "{}", fixture.name);
    }
}

fn site(headers: &[&str]) -> (Origin, Edge) {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/call", Answer::html(PAGE).with(headers));
    (origin, edge)
}

/// With the first tracking number.
fn respell(text: &str) -> String {
    FORMS.iter().fold(text.to_owned(), |text, form| {
        text.replace(form, &form.replace("212", "646").replace("0100", "0000"))
    })
}
