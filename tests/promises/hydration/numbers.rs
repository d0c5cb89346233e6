//! What a page's script is told: `/.dni/numbers` and `/.dni/visit`.

use serde_json::{Value, json};

use super::hydrating;
use crate::support::{
    AD, CANONICAL, Edge, FLYER, GOOGLEBOT, HOST, Ledger, PAGE, Request, Response, Visitor, number_on,
    plumber, tracking,
};

fn numbers() -> Request {
    Request::by_script("GET", "/.dni/numbers")
}

fn visit(target: &str, referrer: &str) -> Request {
    let opened = json!({ "url": format!("http://{HOST}{target}"), "referrer": referrer });
    Request::by_script("POST", "/.dni/visit").body(opened.to_string().as_bytes())
}

/// The number of the only line, from an answer that is nobody else's.
fn told(response: &Response) -> String {
    assert_eq!(response.status(), "200");
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    assert_eq!(response.header("Cache-Control"), Some("private, no-store"));
    assert_eq!(response.header("Cross-Origin-Resource-Policy"), Some("same-origin"));
    assert!(!response.head.lines.iter().any(|(name, _)| name.to_lowercase().starts_with("access-control")));
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    let [line] = &answer["lines"].as_array().unwrap()[..] else { panic!("one line: {answer}") };
    assert_eq!((&line["line"], &line["canonical"]), (&json!("main"), &json!(CANONICAL)));
    line["number"].as_str().unwrap().to_owned()
}

fn leases(edge: &Edge) -> usize {
    Ledger::of(edge).leases().len()
}

#[test]
fn the_numbers_are_those_that_the_session_holds_and_asking_leases_none() {
    let (_origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    assert_eq!(told(&visitor.send(&numbers())), CANONICAL);
    assert!(visitor.cookies.is_empty(), "nothing begins");
    visitor.open("/van?gad_source=1");
    assert_eq!(told(&visitor.send(&numbers())), CANONICAL, "a session without a number");
    assert_eq!(number_on(&visitor.open("/").text()), tracking(0));
    assert_eq!(told(&visitor.send(&numbers())), tracking(0));
    assert_eq!(told(&visitor.send(&numbers().with("User-Agent", GOOGLEBOT))), CANONICAL);
    let mut reader = Visitor::at(&edge);
    reader.open("/?utm_medium=print&utm_source=flyer");
    assert_eq!(told(&reader.send(&numbers())), FLYER);
    assert_eq!(leases(&edge), 1);
}

#[test]
fn a_visit_that_a_script_tells_of_begins_the_session_and_leases_durably() {
    let (_origin, edge) = hydrating("observe", |config| config);
    let mut visitor = Visitor::at(&edge);
    let answer = visitor.send(&visit("/app?gad_source=1", "https://www.google.com/"));
    assert_eq!(told(&answer), tracking(0));
    assert!(answer.header("Set-Cookie").unwrap().contains("HttpOnly; SameSite=Lax"));
    assert_eq!(leases(&edge), 1);
    let again = visitor.send(&visit("/app?gad_source=1", "https://www.google.com/"));
    assert_eq!((told(&again), again.head.has("Set-Cookie")), (tracking(0), false));
    assert_eq!(told(&visitor.send(&visit("/app/next", &format!("http://{HOST}/app")))), tracking(0));
    assert_eq!(told(&visitor.send(&numbers())), tracking(0));
    assert_eq!(number_on(&visitor.open("/").text()), tracking(0));
    assert_eq!(leases(&edge), 1, "one session, one number");
}

#[test]
fn a_page_opened_before_has_its_session_and_source_already() {
    let (_origin, edge) = hydrating("observe", |config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open("/app?gad_source=1");
    let session = visitor.session().to_owned();
    assert_eq!(told(&visitor.send(&visit("/app?gad_source=1", ""))), tracking(0));
    assert_eq!(visitor.session(), session);
    let mut direct = Visitor::at(&edge);
    assert_eq!(told(&direct.send(&visit("/app", ""))), CANONICAL, "no rule");
    let mut crawler = Visitor::at(&edge);
    assert_eq!(told(&crawler.send(&visit("/?gad_source=1", "").with("User-Agent", GOOGLEBOT))), CANONICAL);
    assert!(crawler.cookies.is_empty());
    assert_eq!(leases(&edge), 1);
}

#[test]
fn other_origins_are_told_nothing_and_begin_nothing() {
    let (_origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    let foreign = |request: Request| {
        [
            request.clone().with("Sec-Fetch-Site", "cross-site"),
            request.clone().with("Sec-Fetch-Site", "same-site"),
            request.clone().with("Origin", "https://evil.example"),
            request.clone().with("Origin", "null"),
            request.with("Origin", &format!("http://{HOST}:8080")).without("Sec-Fetch-Site"),
        ]
    };
    let mut refused = [foreign(numbers()), foreign(visit("/?gad_source=1", ""))].concat();
    refused.push(visit("/?gad_source=1", "").without("Sec-Fetch-Site").without("Origin"));
    for request in refused {
        let answer = visitor.send(&request);
        assert_eq!(answer.status(), "403", "{request:?}");
        assert!(!answer.head.has("Set-Cookie"));
    }
    assert_eq!(told(&visitor.send(&numbers().without("Sec-Fetch-Site"))), tracking(0), "an older browser");
    let behind_a_proxy = visit("/", "").with("Origin", &format!("https://{HOST}:8443"));
    assert_eq!(told(&visitor.send(&behind_a_proxy)), tracking(0), "that passes on the host alone");
    assert_eq!(told(&visitor.send(&visit("/", "").without("Sec-Fetch-Site"))), tracking(0));
    assert_eq!(leases(&edge), 1);
}

#[test]
fn what_is_no_visit_is_refused_with_the_reason() {
    let (origin, edge) = plumber(|config| config);
    let post = |body: &str| Request::by_script("POST", "/.dni/visit").body(body.as_bytes());
    for (body, says) in [
        ("", "JSON"),
        ("{\"url\":", "JSON"),
        ("[]", "JSON"),
        ("{\"referrer\":\"\"}", "JSON"),
        ("{\"url\":\"/?gad_source=1\"}", "no address"),
        ("{\"url\":\"https://evil.example/?gad_source=1\"}", "no page of this host"),
        ("{\"url\":\"ftp://www.example.com/\"}", "no page of this host"),
    ] {
        let answer = Visitor::at(&edge).send(&post(body));
        assert_eq!(answer.status(), "400", "{body}");
        assert!(answer.text().contains(says), "{body}: {}", answer.text());
        assert!(!answer.head.has("Set-Cookie"));
    }
    let long = format!("{{\"url\":\"http://{HOST}/{}\"}}", "a".repeat(40_000));
    assert_eq!(Visitor::at(&edge).send(&post(&long)).status(), "413");
    let get = Visitor::at(&edge).send(&Request::by_script("GET", "/.dni/visit"));
    assert_eq!((get.status(), get.header("Allow")), ("405", Some("POST")));
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    assert_eq!((leases(&edge), origin.received().len()), (0, 1));
}

#[test]
fn nothing_is_told_of_a_lease_that_is_not_on_disk() {
    let (_origin, edge) = hydrating("observe", |config| config.timeout("lease", "200ms"));
    Visitor::at(&edge).open("/van");
    let ledger = Ledger::of(&edge);
    ledger.hold();
    assert_eq!(told(&Visitor::at(&edge).send(&visit("/app?gad_source=1", ""))), CANONICAL);
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE, "neither is the script on a page");
    ledger.let_go();
}
