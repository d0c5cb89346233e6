//! What a person gets, in a real browser, of a page that a framework takes over there.

use std::path::Path;
use std::sync::{LazyLock, Mutex};

use serde_json::json;

use super::hydrating;
use crate::support::{Answer, Browser, Ledger, NUMBERLESS, Origin, Seen, Tool, Visitor, tracking};

/// Renders pages of frameworks, and bundles their scripts. Started once for all tests.
static FRAMEWORKS: LazyLock<Option<Mutex<Tool>>> = LazyLock::new(|| {
    let needs: [&Path; 1] = [&Tool::folder().join("node_modules")];
    Tool::start("node", "hydrated.mjs", &[], &needs).map(Mutex::new)
});

const OPENED: &str = "/app?gad_source=1";

/// Somebody begins to fill in the form before the page is taken over; then its number is written in another form.
const STEPS: [(&str, &str); 3] = [("type", "555"), ("run", "hydrate()"), ("press", "button")];

/// A website with a page of this framework at `/app`.
fn app(origin: &Origin, framework: &str, headers: &[&str]) {
    let question = json!({ "framework": framework });
    let answer = FRAMEWORKS.as_ref().unwrap().lock().unwrap().ask(&question);
    let (page, script) = (answer["page"].as_str().unwrap(), answer["script"].as_str().unwrap());
    origin.answers("/app", Answer::html(page).with(headers));
    origin.answers("/app.js", Answer::of("200 OK", "text/javascript", script));
}

/// The same, with the first tracking number.
fn filled(seen: &Seen) -> Seen {
    seen.respelt(|text| text.replace("212", "646").replace("0100", "0000"))
}

/// The framework, what the site says of it, and what the console is told as an error when a page was filled.
const WAYS: [(&str, &str, &[&str]); 6] = [
    ("react", "react", &[]),
    ("react-document", "react", &[]),
    ("preact", "observe", &[]),
    ("svelte", "observe", &[]),
    // As docs/hydration.md says of it.
    ("vue", "observe", &["Hydration completed but contains mismatches."]),
    ("vue", "react", &[]),
];

#[test]
fn a_framework_takes_the_filled_page_over_and_what_it_writes_tells_the_tracking_number() {
    let Some(browser) = Browser::start() else { return };
    // To a person the pages of all frameworks are the same.
    let origin = Origin::start();
    app(&origin, "react", &[]);
    let (website, website_then) = browser.follow(origin.address, OPENED, STEPS);
    let [_, _, changed] = &website_then;
    assert!(website.read.contains("Call (212) 555-0100 now"), "{website:#?}");
    assert!(changed.read.contains("Call 212.555.0100 now") && changed.errors.is_empty(), "{changed:#?}");
    assert_eq!(changed.typed, ["555"]);
    let expected = (filled(&website), website_then.map(|seen| filled(&seen)));
    for (framework, hydration, errors) in WAYS {
        let (origin, edge) = hydrating(hydration, |config| config);
        app(&origin, framework, &[]);
        let (shown, [typed, hydrated, changed]) = browser.follow(edge.address(), OPENED, STEPS);
        assert_eq!(hydrated.errors, errors, "{framework}");
        assert_eq!(changed.errors, errors, "{framework}");
        let quiet = |seen| Seen { errors: Vec::new(), ..seen };
        assert_eq!((shown, [typed, quiet(hydrated), quiet(changed)]), expected, "{framework}");
    }
}

#[test]
fn where_the_policy_forbids_the_script_react_is_shown_the_number_in_links_and_keeps_the_page() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = hydrating("react", |config| config);
    app(&origin, "react", &["Content-Security-Policy: script-src www.example.com:*/app.js"]);
    let (website, website_then) = browser.follow(origin.address, OPENED, STEPS);
    let (shown, shown_then) = browser.follow(edge.address(), OPENED, STEPS);
    let expected = |seen: Seen| Seen { tapped: vec!["tel:+16465550000".to_owned()], ..seen };
    assert_eq!(shown, expected(website));
    assert_eq!(shown_then, website_then.map(expected));
    assert!(shown_then[2].errors.is_empty(), "{shown_then:#?}");
    assert_eq!(shown_then[2].typed, ["555"]);
}

#[test]
fn a_number_that_nobody_knew_of_is_asked_for_and_react_keeps_the_page() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = hydrating("react", |config| config);
    origin.answers("/app", Answer::html(NUMBERLESS));
    Visitor::at(&edge).open(OPENED);
    app(&origin, "react", &[]);
    let (website, website_then) = browser.follow(origin.address, OPENED, STEPS);
    let [typing, hydrating, pressing] = STEPS;
    let steps = [("see", "(646) 555-0000"), typing, hydrating, pressing];
    let (_, [shown, typed, hydrated, changed]) = browser.follow(edge.address(), OPENED, steps);
    assert_eq!(shown, Seen { printed: String::new(), ..filled(&website) });
    assert_eq!([typed, hydrated, changed], website_then.map(|seen| filled(&seen)));
}

const DRAWN: &str = r#"<!doctype html>
<html lang="en"><head><title>Plumber</title><link rel="icon" href="data:,"></head><body>
<p>Call (212) 555-0100</p>
<script>
  const add = (html) => document.body.appendChild(document.createElement("div")).innerHTML = html;
  add(`<p>Or +1 212 555 0100</p><a href="tel:+12125550100" title="Ring 212-555-0100">212.555.0100</a>`);
  const root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  root.innerHTML = "<h2>Boilers: 212-555-0100</h2>";
  globalThis.later = async () => {
    add(await (await fetch("/fragment")).text());
    add((await (await fetch("/fragment.json")).json()).fragment);
  };
</script>
</body></html>
"#;

#[test]
fn what_scripts_insert_fetch_and_hide_in_open_shadow_roots_tells_the_tracking_number() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = hydrating("observe", |config| config);
    origin.answers("/app", Answer::html(DRAWN));
    origin.answers("/fragment", Answer::html("<p>Leaks: <a href='tel:+12125550100'>212-555-0100</a></p>"));
    let fragment = r#"{"fragment": "<p>By night: <a href='tel:+12125550100'>(212) 555-0100</a></p>"}"#;
    origin.answers("/fragment.json", Answer::of("200 OK", "application/json", fragment));
    let steps = [("run", "later()")];
    let (website, [website_later]) = browser.follow(origin.address, OPENED, steps);
    assert!(website.named.contains(&"heading: Boilers: 212-555-0100".to_owned()), "{website:#?}");
    assert_eq!(website_later.tapped.len(), 3, "{website_later:#?}");
    let (shown, [later]) = browser.follow(edge.address(), OPENED, steps);
    assert_eq!((shown, later), (filled(&website), filled(&website_later)));
}

/// A page whose link is drawn in a shadow root, keeps its clicks to itself, and under which the script runs again, as under Turbo.
/// The title says what was told.
const TAPPED: &str = r#"<!doctype html>
<html lang="en"><head><title>Plumber</title><link rel="icon" href="data:,"><base href="http://elsewhere.invalid/"></head><body>
<p>Call (212) 555-0100</p>
<script>
  const told = [], own = fetch;
  globalThis.fetch = (...request) => told[told.push(own(...request)) - 1];
  globalThis.settled = async () => {
    const answers = (await Promise.all(told)).map(({ url, status }) => new URL(url).pathname + " " + status);
    document.title = answers.join();
  };
  const root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  root.innerHTML = "<a href='tel:212-555-0100'><b id=call>Ring</b></a> <button id=other>Go on</button>";
  root.addEventListener("click", (event) => event.stopPropagation());
  const again = document.createElement("script");
  again.src = location.origin + "/.dni/tap.js";
  document.body.append(again);
</script>
</body></html>
"#;

#[test]
fn a_tap_on_a_swapped_link_is_told_once_and_no_other_click_is() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = hydrating("observe", |config| config);
    origin.answers("/app", Answer::html(TAPPED));
    let steps = [("press", "#other"), ("press", "#call"), ("run", "settled()")];
    let (first, [.., told]) = browser.follow(edge.address(), OPENED, steps);
    assert!(first.read.contains("Call (646) 555-0000"), "{first:#?}");
    assert_eq!(told.title, "/.dni/tap 204", "{told:#?}");
    let ledger = Ledger::of(&edge);
    assert_eq!(ledger.taps(1), [(tracking(0), ledger.leases()[0].session)]);
}

#[test]
fn where_react_has_taken_the_page_over_a_tap_is_told_too() {
    let Some(browser) = Browser::start() else { return };
    for framework in ["react", "react-document"] {
        let (origin, edge) = hydrating("react", |config| config);
        app(&origin, framework, &[]);
        let told = "new Promise((told) => new PerformanceObserver((list) =>
            list.getEntries().some((entry) => entry.name.endsWith('/.dni/tap')) && told()
          ).observe({ type: 'resource', buffered: true }))";
        let steps = [("run", "hydrate()"), ("press", "a[href^=tel]"), ("run", told)];
        let (_, [hydrated, ..]) = browser.follow(edge.address(), OPENED, steps);
        assert!(hydrated.errors.is_empty(), "{framework}: {hydrated:#?}");
        let ledger = Ledger::of(&edge);
        assert_eq!(ledger.taps(1), [(tracking(0), ledger.leases()[0].session)], "{framework}");
    }
}
