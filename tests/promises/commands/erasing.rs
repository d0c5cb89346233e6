//! `erase`: of a session nothing is kept but when its numbers were last seen, and nothing of it is written again.

use std::net::TcpListener;

use serde_json::json;

use super::{command, counted, hex, told};
use crate::support::{
    AD, Edge, Ledger, PAGE, Request, Response, Visitor, ask, contains, number_on, plumber, session_of,
    tracking,
};

/// `POST /api/erase`, with further header lines.
fn post(edge: &Edge, more: &str, body: &str) -> Response {
    let length = body.len();
    ask(
        edge,
        &format!(
            "POST /api/erase HTTP/1.1\nHost: localhost\nConnection: close\nContent-Length: {length}\n{more}\n{body}"
        ),
    )
}

/// Whether any file of the ledger tells of a session.
fn is_told_of(edge: &Edge, session: [u8; 16]) -> bool {
    let files = std::fs::read_dir(edge.folder()).unwrap().map(|file| file.unwrap().path());
    files.into_iter().any(|file| contains(&std::fs::read(file).unwrap(), &session))
}

/// A visitor whose number is on hold for as long as it can be.
fn regular(edge: &Edge) -> Visitor {
    let mut visitor = Visitor::at(edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    visitor.open("/");
    visitor
}

#[test]
fn an_erased_session_leaves_nothing_but_when_its_number_was_last_seen() {
    let (_origin, mut edge) = plumber(|config| config.numbers(1).pool("hold = \"1h\""));
    let mut visitor = regular(&edge);
    let session = session_of(edge.folder(), visitor.session());
    edge.stop();
    let erased = command("erase", &edge, &["--session", &hex(session), "--json"]);
    assert_eq!(counted(&erased), json!({"sessions": 1, "leases": 1, "pages": 2}));
    assert!(!is_told_of(&edge, session), "nowhere in the files");
    let again = command("erase", &edge, &["--session", &hex(session), "--json"]);
    assert_eq!(counted(&again), json!({}));
    edge.start_again();
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE, "the number is on hold still");
    visitor.returns_to(&edge);
    visitor.open("/");
    assert_ne!(session_of(edge.folder(), visitor.session()), session, "the cookie is nobody's any more");
}

#[test]
fn a_session_is_erased_while_serve_runs_which_forgets_it_too() {
    let (_origin, mut edge) = plumber(|config| config.numbers(1).pool("hold = \"1h\""));
    let mut visitor = regular(&edge);
    let session = session_of(edge.folder(), visitor.session());
    let ledger = Ledger::of(&edge);
    ledger.wait_until("both pages", |ledger| ledger.journey_of(session).len() == 2);
    drop(ledger);
    assert!(is_told_of(&edge, session));
    let erased = command("erase", &edge, &["--session", &hex(session), "--json"]);
    assert_eq!(counted(&erased), json!({"sessions": 1, "leases": 1, "pages": 2}));
    assert!(!is_told_of(&edge, session), "nowhere in the files, the log among them");
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE, "the number is on hold still");
    visitor.open("/");
    let now = session_of(edge.folder(), visitor.session());
    assert_ne!(now, session, "the cookie is nobody's any more");
    Ledger::of(&edge).wait_until("the new session", |ledger| ledger.sessions().contains(&now));
    edge.stop();
    assert!(!is_told_of(&edge, session), "nothing of it was written again");
}

#[test]
fn what_is_under_way_for_an_erased_session_is_not_written() {
    let (origin, mut edge) = plumber(|config| config.numbers(1).pool("hold = \"0s\""));
    let mut visitor = regular(&edge);
    let session = session_of(edge.folder(), visitor.session());
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0), "somebody else has it now");
    let steps = origin.steps("/slow");
    let mut client = visitor.begin(&Request::navigation("/slow"));
    steps.arrived();
    told(&command("erase", &edge, &["--session", &hex(session), "--json"]));
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>212-555-0100</p>");
    steps.chunk("");
    client.head("GET");
    assert_eq!(client.rest().0, b"<p>212-555-0100</p>", "a number would have to be on disk first");
    drop(steps);
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0), "which is free for others");
    visitor.open("/");
    assert_ne!(session_of(edge.folder(), visitor.session()), session);
    edge.stop();
    assert!(!is_told_of(&edge, session));
}

#[test]
fn erase_wants_a_session_as_it_is_shown() {
    let (_origin, edge) = plumber(|config| config);
    for wrong in
        ["", "7", "x7070707070707070707070707070707", "é707070707070707070707070707070", &"07".repeat(17)]
    {
        let outcome = command("erase", &edge, &["--session", wrong]);
        assert_eq!(outcome.status, 2, "{wrong:?}");
        assert!(outcome.stderr.contains("32 hexadecimal digits"), "{}", outcome.stderr);
        let answer = post(&edge, "", &json!({ "session": wrong }).to_string());
        assert_eq!(answer.status(), "400", "{wrong:?}");
        assert!(answer.text().contains("32 hexadecimal digits"), "{}", answer.text());
    }
    assert_eq!(command("erase", &edge, &[]).status, 2);
    let long = json!({ "session": "07".repeat(5000) }).to_string();
    for wrong in ["", "7", "{}", "{\"session\":7}", "{\"session\":\"07\",\"caller\":\"+1\"}", &long] {
        assert_eq!(post(&edge, "", wrong).status(), "400", "{wrong}");
    }
}

#[test]
fn the_address_that_erases_is_for_operators_and_no_other_websites_page() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "a token of some length\n").unwrap();
    let (_origin, edge) = plumber(|config| config.server(&format!("admin_token = {{ file = {token:?} }}")));
    let session = json!({"session": "07".repeat(16)}).to_string();
    let bearer = "Authorization: Bearer a token of some length\n";
    for (more, status) in [
        ("", "401"),
        (bearer, "200"),
        (&format!("{bearer}Origin: http://localhost\nSec-Fetch-Site: same-origin\n"), "200"),
        (&format!("{bearer}Origin: http://evil.example\n"), "403"),
        (&format!("{bearer}Origin: null\n"), "403"),
        (&format!("{bearer}Origin: http://localhost:8080\n"), "403"),
        (&format!("{bearer}Origin: https://localhost\n"), "403"),
        (&format!("{bearer}Sec-Fetch-Site: cross-site\n"), "403"),
        (&format!("{bearer}Sec-Fetch-Site: same-site\n"), "403"),
    ] {
        let answer = post(&edge, more, &session);
        assert_eq!(answer.status(), status, "{more}");
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    }
    let answer = post(&edge, bearer, &session);
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert!(answer.text().starts_with("{\"sessions\":0,\"leases\":0,"), "{}", answer.text());
    let read = format!("GET /api/erase HTTP/1.1\nHost: localhost\nConnection: close\n{bearer}\n");
    assert_eq!(ask(&edge, &read).status(), "405");
    assert_eq!(
        command("erase", &edge, &["--session", &"07".repeat(16)]).status,
        0,
        "the command brings the token"
    );
    std::fs::write(&token, "another token than that\n").unwrap();
    let refused = command("erase", &edge, &["--session", &"07".repeat(16)]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("admin_token"), "{}", refused.stderr);
}

#[test]
fn who_can_not_be_asked_is_said_with_what_to_do() {
    let (_origin, edge) = plumber(|config| config);
    let lock = edge.folder().join("ledger.db.lock");
    let erase = || command("erase", &edge, &["--session", &"07".repeat(16)]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    for (told, words) in [
        (String::new(), &["in use by another dni-edge", "no admin listener", "stop it, erase"][..]),
        ("12".to_owned(), &["no admin listener"]),
        (format!("{nobody}\n"), &["in use by another dni-edge", &nobody.to_string(), "can't be reached"]),
    ] {
        std::fs::write(&lock, &told).unwrap();
        let outcome = erase();
        assert_eq!((outcome.status, outcome.text()), (1, ""), "{told:?}");
        assert!(words.iter().all(|word| outcome.stderr.contains(word)), "{}", outcome.stderr);
    }
    std::fs::write(&lock, format!("{}\n", edge.address())).unwrap();
    let outcome = erase();
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("404"), "who is no admin listener: {}", outcome.stderr);
    std::fs::write(&lock, format!("{}\n", edge.admin())).unwrap();
    assert_eq!(erase().status, 0);
}

#[test]
fn a_ledger_that_can_not_be_written_is_said_to_tell_of_the_session_still() {
    let (_origin, edge) = plumber(|config| config);
    let visitor = regular(&edge);
    let session = session_of(edge.folder(), visitor.session());
    edge.limit_files(Some(0));
    let refused = command("erase", &edge, &["--session", &hex(session)]);
    assert_eq!((refused.status, refused.text()), (1, ""));
    assert!(refused.stderr.contains("nothing was removed") && refused.stderr.contains("try again"));
    edge.limit_files(None);
    told(&command("erase", &edge, &["--session", &hex(session), "--json"]));
    assert!(!is_told_of(&edge, session));
}
