//! The scripts' elements in the page, and the scripts themselves.

use serde_json::json;

use super::hydrating;
use crate::support::{
    AD, Answer, Client, Config, GOOGLEBOT, Ledger, NUMBERLESS, PAGE, Packer, Request, Tool, Unpacker,
    Visitor, page_with, plumber, tracking,
};

/// The scripts' elements for a visitor who is shown this number.
fn element(more: &str, number: &str) -> String {
    let digits = &number[2..];
    let nonce = if more.contains("nonce") { more } else { "" };
    format!(
        "<script src=\"/.dni/swap.js\"{more} data-mark=\"1\" \
         data-lines='[[\"1\",\"2125550100\",\"{digits}\",\"\",1]]'></script>\
         <script src=\"/.dni/tap.js\"{nonce}></script>"
    )
}

/// The elements on a page that printed no number: the script may ask for one.
const ASKING: &str = "<script src=\"/.dni/swap.js\" data-mark=\"1\" \
                      data-lines='[[\"1\",\"2125550100\",\"\",\"\",1]]'></script>\
                      <script src=\"/.dni/tap.js\"></script>";

fn filled(element: &str, number: &str) -> String {
    page_with(number).replace("<head>", &format!("<head>{element}"))
}

#[test]
fn it_stands_first_in_the_head_and_knows_the_number_of_the_page() {
    for (hydration, more) in [("observe", ""), ("react", " data-react=\"1\"")] {
        let (_origin, edge) = hydrating(hydration, |config| config);
        let mut visitor = Visitor::at(&edge);
        for _ in 0..2 {
            assert_eq!(visitor.open(AD).text(), filled(&element(more, &tracking(0)), &tracking(0)));
        }
        assert_eq!(
            Visitor::at(&edge).open(AD).text(),
            filled(&element(more, &tracking(1)), &tracking(1)),
            "of a known page"
        );
        assert_eq!(Ledger::of(&edge).leases().len(), 2, "no lease is for the script alone");
    }
}

#[test]
fn nobody_else_is_sent_it() {
    let (_origin, edge) = hydrating("observe", |config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    let script = Request::navigation("/").with("Sec-Fetch-Dest", "empty").with("Sec-Fetch-Mode", "cors");
    assert_eq!(visitor.send(&script).text(), page_with(&tracking(0)), "a fragment is no document");
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE, "no rule");
    let crawler = Request::navigation(AD).with("User-Agent", GOOGLEBOT);
    assert_eq!(visitor.send(&crawler).text(), PAGE);
    assert_eq!(
        Visitor::at(&edge).send(&Request::navigation(AD).with("Sec-Purpose", "prefetch")).text(),
        PAGE
    );
    let (_origin, edge) = plumber(|config| config);
    assert_eq!(Visitor::at(&edge).open(AD).text(), page_with(&tracking(0)), "nothing hydrates");
}

#[test]
fn a_page_that_prints_no_number_costs_none_although_its_script_may_ask() {
    let (origin, edge) = hydrating("observe", |config| config);
    origin.answers("/van", Answer::html(NUMBERLESS));
    let expected = NUMBERLESS.replace("<p>", &format!("{ASKING}<p>"));
    for _ in 0..2 {
        assert_eq!(Visitor::at(&edge).open("/van?gad_source=1").text(), expected);
    }
    assert_eq!(Visitor::at(&edge).open("/van").text(), NUMBERLESS);
    let (origin, edge) = hydrating("observe", |config| config.numbers(1));
    Visitor::at(&edge).open(AD);
    origin.answers("/", Answer::html(PAGE));
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE, "the pool is full");
}

#[test]
fn without_a_head_it_stands_before_the_first_thing_that_browsers_would_make_one_for() {
    let (origin, edge) = hydrating("observe", |config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    let element = element("", &tracking(0));
    for page in [
        "<!doctype html>\n<!-- a --><html>\n|<body>Call us</body>",
        "|(212) 555-0100",
        "\n|<title>212-555-0100</title>",
        "<html><head class='>'\n>|<meta charset=utf-8></head>",
    ] {
        origin.answers("/a", Answer::html(page.replace('|', "")));
        let expected = page.replace('|', &element).replace("(212) 555-0100", "(646) 555-0000");
        for _ in 0..2 {
            assert_eq!(visitor.open("/a").text(), expected, "{page}");
        }
    }
    let xml = "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>";
    origin.answers("/svg", Answer::of("200 OK", "application/xhtml+xml", xml));
    assert_eq!(visitor.open("/svg").text(), xml, "XML has no element that isn't written");
}

#[test]
fn it_has_the_nonce_of_the_pages_policy_or_stays_away() {
    for (policy, more) in [
        ("script-src 'self'", Some("")),
        (
            "script-src 'nonce-r4nd+0m=' 'strict-dynamic'; require-trusted-types-for 'script'",
            Some(" nonce=\"r4nd+0m=\""),
        ),
        ("default-src 'self'; script-src 'sha256-abc'", None),
    ] {
        let (origin, edge) = hydrating("observe", |config| config);
        let header = format!("Content-Security-Policy: {policy}");
        origin.answers("/", Answer::html(PAGE).with(&[&header]));
        let page = Visitor::at(&edge).open(AD);
        assert_eq!(page.header("Content-Security-Policy"), Some(policy), "a policy is never loosened");
        let expected = match more {
            Some(more) => filled(&element(more, &tracking(0)), &tracking(0)),
            None => page_with(&tracking(0)),
        };
        assert_eq!(page.text(), expected, "{policy}");
    }
}

#[test]
fn where_it_may_not_run_before_react_numbers_stay_in_text_and_that_is_said() {
    let (origin, edge) = hydrating("react", |config| config);
    let policy = "Content-Security-Policy: script-src 'none'";
    origin.answers("/", Answer::html(PAGE).with(&[policy]));
    origin.answers("/text", Answer::html("<p>212-555-0100").with(&[policy]));
    assert_eq!(Visitor::at(&edge).open("/text?gad_source=1").text(), "<p>212-555-0100");
    let page = Visitor::at(&edge).open(AD).text();
    let link = format!("href=\"tel:{}\" data-nap=\"+12125550100\"", tracking(0));
    assert_eq!(page, PAGE.replace("href=\"tel:+12125550100\"", &link));
    edge.says("Content-Security-Policy keeps swap.js from running");
    assert_eq!(Ledger::of(&edge).leases().len(), 1, "text that stays costs no number");
}

#[test]
fn an_unknown_page_waits_behind_its_head_for_the_first_number_alone() {
    let (origin, edge) = hydrating("react", |config| config);
    let steps = origin.steps("/slow");
    let mut client = Visitor::at(&edge).begin(&Request::navigation("/slow?gad_source=1"));
    steps.arrived();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<!doctype html><html><head><title>Plumber</title></head>");
    assert_eq!(client.head("GET").second_word(), "200");
    client.read_until("<head>");
    steps.chunk("<p>Call (212) 555-0100");
    steps.chunk("<p>any time");
    let come = String::from_utf8(client.read_until("555-0000")).unwrap();
    let element = element(" data-react=\"1\"", &tracking(0));
    assert!(come.starts_with(&format!("{element}<title>")), "{come}");
}

#[test]
fn the_script_is_everybodys_and_may_be_kept() {
    let (origin, edge) = hydrating("observe", |config| config);
    let get = || Request::get("/.dni/swap.js").with("User-Agent", GOOGLEBOT);
    let script = Visitor::at(&edge).send(&get());
    assert_eq!(script.header("Content-Type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(script.header("X-Content-Type-Options"), Some("nosniff"));
    assert_eq!(script.header("Cache-Control"), Some("public, max-age=3600"));
    assert!(!script.head.has("Set-Cookie") && script.text().contains("MutationObserver"));
    let head = Visitor::at(&edge).send(&get().method("HEAD"));
    assert_eq!((head.status(), head.body.len()), ("200", 0));
    let known = Visitor::at(&edge).send(&get().with("If-None-Match", script.header("ETag").unwrap()));
    assert_eq!((known.status(), known.body.len()), ("304", 0));
    let posted = Visitor::at(&edge).send(&get().method("POST").body(b"x"));
    assert_eq!((posted.status(), posted.header("Allow")), ("405", Some("GET, HEAD")));
    assert_eq!(Visitor::at(&edge).send(&Request::get("/.dni/swap.css")).status(), "404");
    assert_eq!(origin.received().len(), 0);
}

#[test]
fn the_script_is_sent_in_a_coding_that_its_visitor_takes_and_is_a_kilobyte_then() {
    let (_origin, edge) = hydrating("observe", |config| config);
    let get = |accept: &str| {
        let request = Request::get("/.dni/swap.js");
        if accept.is_empty() { request } else { request.with("Accept-Encoding", accept) }
    };
    let plain = Visitor::at(&edge).send(&get("")).text();
    let mut tags = Vec::new();
    for (accept, coding) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip, deflate", Some("gzip")),
        ("br;q=0, *", Some("gzip")),
        ("identity", None),
        ("", None),
    ] {
        let script = Visitor::at(&edge).send(&get(accept));
        assert_eq!(
            (script.header("Content-Encoding"), script.header("Vary")),
            (coding, Some("Accept-Encoding"))
        );
        assert_eq!(script.header("Cache-Control"), Some("public, max-age=3600"));
        let text = match coding {
            Some("br") => {
                assert!(script.body.len() <= 1024, "{} bytes", script.body.len());
                let mut text = Vec::new();
                brotli::BrotliDecompress(&mut &script.body[..], &mut text).unwrap();
                String::from_utf8(text).unwrap()
            }
            _ => script.text(),
        };
        assert_eq!(text, plain, "{accept}");
        let tag = script.header("ETag").unwrap().to_owned();
        let head = Visitor::at(&edge).send(&get(accept).method("HEAD"));
        assert_eq!((head.header("ETag"), head.header("Content-Encoding")), (Some(&*tag), coding));
        let known = Visitor::at(&edge).send(&get(accept).with("If-None-Match", &tag));
        assert_eq!((known.status(), known.body.len()), ("304", 0));
        assert_eq!((known.header("ETag"), known.header("Vary")), (Some(&*tag), Some("Accept-Encoding")));
        tags.push(tag);
    }
    assert!(
        tags[0] != tags[1] && tags[1] != tags[3] && tags[0] != tags[3],
        "a tag is one coding's: {tags:?}"
    );
    let other = Visitor::at(&edge).send(&get("gzip").with("If-None-Match", &tags[0]));
    assert_eq!(other.status(), "200");
}

#[test]
fn what_is_served_was_made_from_what_is_read() {
    let needs = [Tool::folder().join("node_modules")];
    let Some(mut terser) = Tool::start("node", "minified.mjs", &[], &[&needs[0]]) else { return };
    let (_origin, edge) = hydrating("observe", |config| config);
    for name in ["swap", "tap"] {
        let script = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/proxy/own/{}.js"), name);
        let made = terser.ask(&json!({ "script": script }));
        let served = Visitor::at(&edge).send(&Request::get(&format!("/.dni/{name}.js"))).text();
        assert_eq!(made["minified"], served, "make {name}.min.js again, as tests/tools/minified.mjs says");
    }
}

/// Two lines of the business, each with numbers for everybody.
fn two_lines(config: Config) -> Config {
    config
        .more(
            r#"
[[site.line]]
name = "second"
canonical = "+12125550101"
[[site.pool]]
name = "second"
line = "second"
numbers = ["+16465559000", "+16465559001"]
provisional_per_network = 0
[[site.rule]]
when = { channel = ["Paid Search"] }
show = ["pool:second"]
"#,
        )
        .rules(
            "[[site.rule]]\nwhen = { channel = [\"Paid Search\"] }\nshow = [\"pool:ads\", \"pool:second\"]\n",
        )
}

#[test]
fn with_several_lines_too_an_unknown_page_waits_for_the_first_number_alone() {
    let (origin, edge) = hydrating("react", two_lines);
    let steps = origin.steps("/slow");
    let mut client = Visitor::at(&edge).begin(&Request::navigation("/slow?gad_source=1"));
    steps.arrived();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<!doctype html><html><head></head><p>Call (212) 555-0100</p>");
    client.head("GET");
    let come = String::from_utf8(client.read_until("555-0000</p>")).unwrap();
    assert!(come.contains("[\"1\",\"2125550100\",\"6465550000\",\"\",1]"), "{come}");
    assert!(come.contains("[\"1\",\"2125550101\",\"\",\"\",1]"), "the other may be asked for: {come}");
    steps.chunk("<p>Or (212) 555-0101, <a href=\"tel:2125550101\">tap</a></p>");
    steps.chunk("<p>Or (212) 555-0100</p>");
    let come = String::from_utf8(client.read_until("0000</p>")).unwrap();
    assert!(come.contains("Or (212) 555-0101, <a href=\"tel:6465559000\""), "{come}");
}

#[test]
fn a_number_that_the_script_was_not_told_of_stays_in_text_where_react_would_put_it_back() {
    for (hydration, shown) in [("observe", "(646) 555-0000"), ("react", "(212) 555-0100")] {
        let (origin, edge) = hydrating(hydration, |config| config);
        let steps = origin.steps("/late");
        let mut client = Visitor::at(&edge).begin(&Request::navigation("/late?gad_source=1"));
        steps.arrived();
        steps.begin("Content-Type: text/html\r\n");
        // So much is not waited for.
        steps.chunk(format!("<head></head>{}", "<p>long</p>".repeat(8 << 10)));
        client.head("GET");
        let come = String::from_utf8(client.read_until("<p>long</p>")).unwrap();
        assert!(come.contains("\"2125550100\",\"\",\"\",1]]"), "{come}");
        steps.chunk("<p>(212) 555-0100 <a href='tel:2125550100'>");
        steps.chunk("");
        let come = String::from_utf8(client.read_until("<a href='tel:6465550000'")).unwrap();
        assert!(come.contains(&format!("<p>{shown} <a")), "{hydration}: {come}");
    }
}

#[test]
fn so_does_one_on_a_page_that_printed_none_before_and_only_once() {
    for hydration in ["observe", "react"] {
        let (origin, edge) = hydrating(hydration, |config| config);
        origin.answers("/grown", Answer::html(NUMBERLESS));
        Visitor::at(&edge).open("/grown?gad_source=1");
        let text = "<p>(212) 555-0100";
        origin.answers("/grown", Answer::html(format!("<head></head>{text}")));
        let page = Visitor::at(&edge).open("/grown?gad_source=1").text();
        assert_eq!(page.ends_with(text), hydration == "react", "{page}");
        let (page, leased) =
            (Visitor::at(&edge).open("/grown?gad_source=1").text(), Ledger::of(&edge).leases());
        assert!(page.ends_with(&format!("<p>(646) 555-{:04}", leased.len() - 1)), "{page}");
        assert_eq!(leased.len(), if hydration == "react" { 1 } else { 2 });
    }
}

#[test]
fn the_script_asks_for_what_its_lines_numbers_can_receive() {
    for (pool, carries) in [("", 1), ("carries = [\"sms\"]", 2), ("carries = [\"voice\", \"sms\"]", 3)] {
        let (origin, edge) = hydrating("observe", |config| config.pool(pool));
        origin.answers("/van", Answer::html(NUMBERLESS));
        let page = Visitor::at(&edge).open("/van?gad_source=1").text();
        assert!(page.contains(&format!("[[\"1\",\"2125550100\",\"\",\"\",{carries}]]")), "{pool}: {page}");
    }
}

#[test]
fn a_number_in_parts_stays_where_react_would_not_know_it_again() {
    let page = "<head></head><p>(212) <!-- -->555-0100</p>";
    for (hydration, text) in [("observe", "(646) <!-- -->555-0000"), ("react", "(212) <!-- -->555-0100")] {
        let (origin, edge) = hydrating(hydration, |config| config);
        origin.answers("/parts", Answer::html(page));
        let shown = Visitor::at(&edge).open("/parts?gad_source=1").text();
        assert!(shown.contains(text), "{shown}");
        assert_eq!(Ledger::of(&edge).leases().len(), usize::from(hydration == "observe"));
    }
}

#[test]
fn an_unknown_page_that_prints_nothing_yet_does_not_wait_for_ever() {
    let (origin, edge) = hydrating("observe", |config| config.timeout("lease", "100ms"));
    for coding in ["gzip", "identity"] {
        let steps = origin.steps("/slow");
        let request = Request::navigation("/slow?gad_source=1").with("Accept-Encoding", coding);
        let mut client = Visitor::at(&edge).begin(&request);
        steps.arrived();
        match coding {
            "gzip" => steps.begin("Content-Type: text/html\r\nContent-Encoding: gzip\r\n"),
            _ => steps.begin("Content-Type: text/html\r\n"),
        }
        let (mut packer, mut unpacker) = (Packer::of(coding), Unpacker::of(coding));
        client.head("GET");
        let mut read = |client: &mut Client, words: &str| {
            String::from_utf8(client.unpack_until(words, &mut unpacker)).unwrap()
        };
        steps.chunk(packer.part("<head><title>Plumber</title></head>"));
        assert!(read(&mut client, "</head>").ends_with(&format!("{ASKING}<title>Plumber</title></head>")));
        steps.chunk(packer.part("<p>one</p>"));
        assert!(read(&mut client, "</p>").ends_with("<p>one</p>"));
        steps.chunk("");
    }
}
