//! What a person gets, in a real browser, of fragments that come into a page later: by htmx and by Turbo, fetched and made there.

use super::hydrating;
use crate::support::{Answer, Browser, Origin, Seen, Tool};

const HTMX: (&str, &str) = ("node_modules/htmx.org/dist/htmx.js", HTMX_PAGE);
const TURBO: (&str, &str) = ("node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js", TURBO_PAGE);

/// The number is in no text of the page before it is made.
const HTMX_PAGE: &str = r##"<!doctype html>
<html lang="en"><head><title>Plumber</title><link rel="icon" href="data:,"><script src="/library.js"></script></head><body>
<p>Call (212) 555-0100</p>
<button id="fetch" hx-get="/fragment" hx-target="#fetched">Leaks</button><div id="fetched"></div>
<div id="made"></div>
<script>
  globalThis.make = () => {
    const number = ["(212) 555", "0100"].join("-");
    const made = document.getElementById("made");
    made.innerHTML = `<p>Made here: ${number}</p><button id="next" hx-get="/next" hx-swap="outerHTML">Boilers</button>`;
    htmx.process(made);
  };
</script>
</body></html>
"##;

const TURBO_PAGE: &str = r#"<!doctype html>
<html lang="en"><head><title>Plumber</title><link rel="icon" href="data:,"><script src="/library.js"></script></head><body>
<p>Call (212) 555-0100</p>
<turbo-frame id="frame"><a id="fetch" href="/fragment">Leaks</a></turbo-frame>
<div id="made"></div>
<a id="next" href="/next">Boilers</a>
<script>
  globalThis.make = () => {
    const number = ["(212) 555", "0100"].join("-");
    Turbo.renderStreamMessage(`<turbo-stream action="append" target="made">
      <template><p>Made here: ${number}</p></template></turbo-stream>`);
  };
</script>
</body></html>
"#;

/// For Turbo in its frame, of which htmx makes nothing.
const FRAGMENT: &str = r#"<turbo-frame id="frame"><p>Fetched: <a href="tel:+12125550100">212.555.0100</a></p>
<button title="Ring 212-555-0100">Call me back</button></turbo-frame>"#;

/// A fragment to htmx; to Turbo a page, which takes the place of the one before.
const NEXT: &str =
    "<!doctype html><title>Boilers</title><link rel=icon href='data:,'><p>By night: +1 212 555 0100</p>";

const STEPS: [(&str, &str); 6] = [
    ("press", "#fetch"),
    ("see", "Fetched:"),
    ("run", "make()"),
    ("see", "Made here:"),
    ("press", "#next"),
    ("see", "By night:"),
];

#[test]
fn fragments_that_libraries_fetch_or_make_later_tell_the_tracking_number() {
    let Some(browser) = Browser::start() else { return };
    for (library, page) in [HTMX, TURBO] {
        let (origin, edge) = hydrating("observe", |config| config);
        serve(&origin, library, page);
        let (website, website_then) = browser.follow(origin.address, "/app?gad_source=1", STEPS);
        let [_, fetched, _, made, _, next] = &website_then;
        for (seen, says) in [
            (fetched, "Fetched: 212.555.0100"),
            (made, "Made here: (212) 555-0100"),
            (next, "By night: +1 212 555 0100"),
        ] {
            assert!(seen.read.contains(says) && seen.errors.is_empty(), "{library}: {seen:#?}");
        }
        let (shown, shown_then) = browser.follow(edge.address(), "/app?gad_source=1", STEPS);
        assert_eq!(shown, filled(&website), "{library}");
        // What is seen between the steps hangs on how fast they are.
        for place in [1, 3, 5] {
            assert_eq!(shown_then[place], filled(&website_then[place]), "{library}, {:?}", STEPS[place]);
        }
    }
}

fn serve(origin: &Origin, library: &str, page: &str) {
    let library = std::fs::read(Tool::folder().join(library)).unwrap();
    origin.answers("/library.js", Answer::of("200 OK", "text/javascript", library));
    origin.answers("/app", Answer::html(page));
    origin.answers("/fragment", Answer::html(FRAGMENT));
    origin.answers("/next", Answer::html(NEXT));
}

/// The same, with the first tracking number.
fn filled(seen: &Seen) -> Seen {
    seen.respelt(|text| text.replace("212", "646").replace("0100", "0000"))
}
