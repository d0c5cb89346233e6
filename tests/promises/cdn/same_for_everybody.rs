//! Where numbers come by script, a page is one page: the website's, with the script's element, whoever asks.

use serde_json::json;

use super::{ELEMENT, by_script, kept, with_element};
use crate::support::{
    AD, Answer, BROWSER, CANONICAL, Edge, GOOGLEBOT, HOST, Ledger, PAGE, Request, Response, Tool, Visitor,
    ask, plumber, tracking,
};

/// All of an answer, as it came.
fn whole(response: &Response) -> (String, Vec<(String, String)>, Vec<u8>) {
    let Response { head, body } = response.clone();
    (head.first_line, head.lines, body)
}

fn visit(target: &str) -> Request {
    let opened = json!({ "url": format!("http://{HOST}{target}"), "referrer": "" });
    Request::by_script("POST", "/.dni/visit").body(opened.to_string().as_bytes())
}

/// Somebody whose session has begun, and who holds a number.
fn holder(edge: &Edge) -> Visitor {
    let mut visitor = Visitor::at(edge);
    let answer = visitor.send(&visit(AD)).text();
    assert!(answer.contains(&tracking(0)), "{answer}");
    visitor
}

#[test]
fn whoever_asks_gets_the_same_bytes_under_the_same_headers() {
    let (origin, edge) = by_script(|config| config.site("prefetch = \"refuse\"").numbers(1));
    origin.answers(
        "/",
        kept(Answer::html(PAGE)).with(&[
            "Date: Wed, 21 Oct 2015 07:28:00 GMT",
            "Surrogate-Control: max-age=60",
            "Set-Cookie: lang=en",
        ]),
    );
    let page = Visitor::at(&edge).send(&Request::get("/"));
    assert_eq!(page.text(), with_element(PAGE));
    let expected = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "public, max-age=600"),
        ("Surrogate-Control", "max-age=60"),
        ("Set-Cookie", "lang=en"),
        // The bytes are others, the page is the same.
        ("ETag", "W/\"dni-a\""),
    ];
    for (name, value) in expected {
        assert_eq!(page.head.all(name), [value]);
    }
    assert!(!page.head.has("Vary") && !page.head.has("Accept-Ranges"));
    let known = holder(&edge);
    let ad = || Request::navigation(AD);
    for request in [
        Request::navigation("/"),
        ad(),
        ad().with("User-Agent", GOOGLEBOT),
        ad().with("User-Agent", "curl/8.5.0").with("Accept", "*/*"),
        ad().with("Sec-Purpose", "prefetch"),
        ad().with("Sec-GPC", "1"),
        ad().with("Cookie", "dni=forged"),
        ad().with("Range", "bytes=0-9"),
        Request::navigation("/?utm_medium=print&utm_source=flyer"),
        known.with_cookies(&ad()),
        known.with_cookies(&ad().with("User-Agent", GOOGLEBOT)),
        known.with_cookies(&Request::by_script("GET", "/")),
    ] {
        assert_eq!(whole(&Visitor::at(&edge).send(&request)), whole(&page), "{request:?}");
        assert!(!origin.last("/").head.lines.iter().any(|(_, value)| value.contains("dni=")), "{request:?}");
    }
    let head = known.clone().send(&Request::get("/").method("HEAD"));
    assert_eq!((head.head.lines, head.body.len()), (lines_but_framing(&page), 0));
    let ledger = Ledger::of(&edge);
    assert_eq!((ledger.leases().len(), ledger.sessions().len()), (1, 1), "that of who holds it");
}

/// Chunks are of a body, which HEAD has none of.
fn lines_but_framing(page: &Response) -> Vec<(String, String)> {
    let lines = page.head.lines.iter();
    lines.filter(|(name, _)| !name.eq_ignore_ascii_case("Transfer-Encoding")).cloned().collect()
}

#[test]
fn the_website_is_asked_whether_the_page_still_holds_and_its_answer_stands() {
    let (origin, edge) = by_script(|config| config);
    // Letter by letter, as not every website compares.
    origin.script("/", |exchange| {
        let answer = match exchange.request.head.value("If-None-Match") {
            Some("\"a\"") => Answer::of("304 Not Modified", "text/html", "").with(&["ETag: \"a\""]),
            _ => kept(Answer::html(PAGE)),
        };
        exchange.answer(&answer);
    });
    let asked = |tag: &str| Visitor::at(&edge).send(&Request::navigation(AD).with("If-None-Match", tag));
    let known = asked("W/\"dni-a\"");
    assert_eq!((known.status(), known.header("ETag"), known.body.len()), ("304", Some("W/\"dni-a\""), 0));
    let by_its_own = asked("\"a\"");
    assert_eq!((by_its_own.status(), by_its_own.header("ETag")), ("304", Some("\"a\"")));
    assert_eq!(asked("W/\"b\"").text(), with_element(PAGE));
    let since = Request::navigation(AD).with("If-Modified-Since", "Wed, 21 Oct 2015 07:28:00 GMT");
    Visitor::at(&edge).send(&since);
    assert_eq!(origin.last("/").head.value("If-Modified-Since"), Some("Wed, 21 Oct 2015 07:28:00 GMT"));
}

#[test]
fn what_is_no_page_is_the_websites_with_its_tags_and_parts() {
    let (origin, edge) = by_script(|config| config);
    let style = || Answer::of("200 OK", "text/css", "p{}").with(&["ETag: \"s\"", "Accept-Ranges: bytes"]);
    origin.answers("/style.css", style());
    let get =
        || Request::get("/style.css").with("Sec-Fetch-Dest", "style").with("Accept-Encoding", "br, gzip");
    let answer = Visitor::at(&edge).send(&get());
    assert_eq!(
        (answer.header("ETag"), answer.header("Accept-Ranges"), answer.header("Content-Length")),
        (Some("\"s\""), Some("bytes"), Some("3"))
    );
    assert_eq!(origin.last("/style.css").head.value("Accept-Encoding"), Some("br, gzip"));
    origin.answers("/film.mp4", Answer::of("206 Partial Content", "video/mp4", "m"));
    let film = Request::get("/film.mp4").with("User-Agent", BROWSER).with("Accept", "*/*");
    Visitor::at(&edge).send(&film.with("Range", "bytes=0-0"));
    assert_eq!(origin.last("/film.mp4").head.value("Range"), Some("bytes=0-0"), "a player says no more");
    let part = Answer::of("206 Partial Content", "text/css", "p").with(&["Content-Range: bytes 0-0/3"]);
    origin.answers("/style.css", part);
    let answer = Visitor::at(&edge).send(&get().with("Range", "bytes=0-0").with("If-Range", "\"s\""));
    assert_eq!((answer.status(), answer.text().as_str()), ("206", "p"));
    let asked = origin.last("/style.css").head;
    assert_eq!((asked.value("Range"), asked.value("If-Range")), (Some("bytes=0-0"), Some("\"s\"")));
    let moved =
        Answer::of("302 Found", "text/plain", "moved").with(&["Location: /en/", "Cache-Control: public"]);
    origin.answers("/go", moved);
    let answer = Visitor::at(&edge).open("/go?gclid=abc");
    assert_eq!((answer.header("Cache-Control"), answer.head.has("Set-Cookie")), (Some("public"), false));
}

#[test]
fn a_page_in_which_the_script_may_not_stand_or_run_is_the_websites() {
    for line in [
        "Content-Security-Policy: script-src 'none'",
        "Content-Security-Policy: connect-src https://elsewhere.example",
        "Cache-Control: no-transform",
        "Content-Encoding: compress",
    ] {
        let (origin, edge) = by_script(|config| config);
        origin.answers("/", Answer::html(PAGE).with(&["ETag: \"a\"", line]));
        let page = Visitor::at(&edge).open(AD);
        assert_eq!((&*page.body, page.header("ETag")), (PAGE.as_bytes(), Some("\"a\"")), "{line}");
    }
    let (origin, edge) = by_script(|config| config);
    let amp = PAGE.replace("<html>", "<html amp>");
    origin.answers("/", Answer::html(&amp));
    assert_eq!(Visitor::at(&edge).open(AD).text(), amp);
    origin.answers("/", Answer::html(PAGE).with(&["Content-Security-Policy: script-src 'nonce-r4nd0m'"]));
    let element = ELEMENT.replace(" async", " nonce=\"r4nd0m\" async");
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE.replace("<head>", &format!("<head>{element}")));
    let (origin, edge) = by_script(|config| config.rules(""));
    origin.answers("/", kept(Answer::html(PAGE)));
    let page = Visitor::at(&edge).open(AD);
    assert_eq!((page.text().as_str(), page.header("ETag")), (PAGE, Some("\"a\"")), "no rule shows a number");
}

#[test]
fn a_compressed_page_is_packed_again_or_unpacked_for_who_does_not_take_it() {
    let (origin, edge) = by_script(|config| config);
    origin.answers("/", kept(Answer::html(PAGE)).packed("gzip"));
    for (accept, coding, asked) in
        [("br, gzip", Some("gzip"), "br, gzip"), ("br", None, "br"), ("compress", None, "identity")]
    {
        let page = Visitor::at(&edge).send(&Request::navigation(AD).with("Accept-Encoding", accept));
        assert_eq!((page.text(), page.header("Content-Encoding")), (with_element(PAGE), coding), "{accept}");
        assert_eq!(page.header("Vary"), Some("Accept-Encoding"));
        assert_eq!(origin.last("/").head.value("Accept-Encoding"), Some(asked));
    }
}

#[test]
fn the_script_is_told_of_the_lines_and_the_page_stays_when_they_change() {
    let script = |edge: &Edge| Visitor::at(edge).send(&Request::get("/.dni/swap.js"));
    let (_origin, edge) = by_script(|config| config.pool("carries = [\"voice\", \"sms\"]"));
    let told = script(&edge);
    assert!(
        told.text().contains(r#"{"lines":"[[\"1\",\"2125550100\",\"\",\"\",3]]","mark":1}"#),
        "{}",
        told.text()
    );
    assert!(told.text().contains("/.dni/tap") && !told.text().contains("646555"));
    let (origin, other) = by_script(|config| config.site("hydration = \"react\"").site("mark = false"));
    let react = script(&other);
    assert!(
        react.text().contains(r#"{"lines":"[[\"1\",\"2125550100\",\"\",\"\",1]]","react":1}"#),
        "{}",
        react.text()
    );
    assert_ne!(told.header("ETag"), react.header("ETag"));
    assert_eq!(react.header("Cache-Control"), Some("public, max-age=3600"));
    // What React finds must be known before it looks.
    origin.answers("/", Answer::html(PAGE));
    let page = Visitor::at(&other).open(AD).text();
    assert_eq!(page, PAGE.replace("<head>", "<head><script src=\"/.dni/swap.js\"></script>"));
    let (_origin, stream) = plumber(|config| config);
    assert!(!script(&stream).text().contains("2125550100"));
}

#[test]
fn a_visit_is_counted_once_and_its_session_confirmed_by_whatever_it_asks_for_next() {
    let (origin, edge) = by_script(|config| config);
    origin.answers("/logo.png", Answer::of("200 OK", "image/png", "x"));
    let mut person = Visitor::at(&edge);
    person.open(AD);
    let answer = person.send(&visit(AD));
    assert!(answer.text().contains(&tracking(0)) && answer.head.has("Set-Cookie"));
    Visitor::at(&edge).send(&Request::navigation("/").with("User-Agent", GOOGLEBOT));
    let metrics = ask(&edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text();
    for line in ["visitor=\"person\"} 1", "visitor=\"crawler\"} 1"] {
        let line = format!("dni_visits_total{{site=\"plumber\",{line}");
        assert!(metrics.lines().any(|found| found == line), "{line} is not in {metrics}");
    }
    let provisional = |edge: &Edge| {
        let metrics = ask(edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text();
        metrics.lines().any(|line| line.contains("state=\"provisional\"} 1"))
    };
    assert!(provisional(&edge));
    person.send(
        &Request::get("/logo.png")
            .with("Sec-Fetch-Dest", "image")
            .with("User-Agent", crate::support::BROWSER),
    );
    assert!(!provisional(&edge));
    let mut declined = Visitor::at(&edge);
    assert!(declined.send(&visit("/")).text().contains(CANONICAL), "no rule");
}

#[test]
fn what_shows_the_cookie_was_made_from_what_is_read() {
    let needs = [Tool::folder().join("node_modules")];
    let Some(mut terser) = Tool::start("node", "minified.mjs", &[], &[&needs[0]]) else { return };
    let (_origin, edge) = by_script(|config| config);
    let read = concat!(env!("CARGO_MANIFEST_DIR"), "/src/proxy/own/show.js");
    let made = terser.ask(&json!({ "script": read }));
    let served = Visitor::at(&edge).send(&Request::get("/.dni/swap.js")).text();
    let made = made["minified"].as_str().unwrap();
    assert!(served.contains(made), "make show.min.js again, as tests/tools/minified.mjs says");
}
