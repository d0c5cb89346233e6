//! Headers and versions that are between two neighbours, and end there (RFC 9110 §7.6.1).

use crate::support::{
    AD, Answer, Client, Edge, GOOGLEBOT, HOST, Origin, PAGE, Request, Visitor, number_on, plumber, tracking,
};

#[test]
fn what_is_for_the_next_hop_goes_no_further_than_the_website() {
    let (origin, edge) = plumber(|config| config);
    let request = Request::navigation("/")
        .and("Connection", "keep-alive, X-One")
        .and("Connection", "x-two ,, Cookie")
        .and("X-One", "1")
        .and("X-Two", "2")
        .and("X-Three", "3")
        .and("Cookie", "a=1")
        .and("Keep-Alive", "timeout=5")
        .and("Proxy-Connection", "keep-alive")
        .and("TE", "gzip")
        .and("HTTP2-Settings", "AAMAAABkAAQAAP__");
    Client::connect(edge.address()).exchange(&request);
    let head = origin.last("/").head;
    for name in
        ["X-One", "X-Two", "Cookie", "Keep-Alive", "Proxy-Connection", "TE", "HTTP2-Settings", "Upgrade"]
    {
        assert!(!head.has(name), "{name}: {head:?}");
    }
    assert!(head.all("Connection").iter().all(|value| *value == "keep-alive"), "{head:?}");
    assert_eq!(head.value("X-Three"), Some("3"));
}

#[test]
fn what_is_for_the_next_hop_goes_no_further_than_the_visitor() {
    let (origin, edge) = plumber(|config| config);
    let lines = [
        "Connection: keep-alive, X-One",
        "Connection: x-two",
        "X-One: 1",
        "X-Two: 2",
        "X-Three: 3",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "Upgrade: h2c",
    ];
    origin.answers("/", Answer::html(PAGE).with(&lines));
    for request in [Request::navigation(AD), Request::navigation("/").with("User-Agent", GOOGLEBOT)] {
        let response = Visitor::at(&edge).send(&request);
        for name in ["X-One", "X-Two", "Keep-Alive", "Proxy-Connection", "Upgrade", "Connection"] {
            assert!(!response.head.has(name), "{name}: {response:?}");
        }
        assert_eq!(response.header("X-Three"), Some("3"));
    }
}

#[test]
fn a_website_that_closes_its_connections_does_not_close_the_visitors() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/", |exchange| {
        exchange.answer(&Answer::html(PAGE).with(&["Connection: close"]));
        exchange.close();
    });
    let mut client = Client::connect(edge.address());
    for _ in 0..3 {
        let response = client.exchange(&Request::navigation("/"));
        assert_eq!((response.text().as_str(), response.head.has("Connection")), (PAGE, false));
    }
}

/// A website that speaks HTTP/1.0, and ends its pages by hanging up.
fn old_website(origin: &Origin) {
    origin.script("/", |exchange| {
        exchange.send(format!("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n{PAGE}").as_bytes());
        exchange.close();
    });
}

#[test]
fn a_website_of_http_1_0_does_not_make_the_visitors_connection_one() {
    let (origin, edge) = plumber(|config| config);
    old_website(&origin);
    let mut client = Client::connect(edge.address());
    for request in [Request::navigation(AD), Request::navigation("/").with("User-Agent", GOOGLEBOT)] {
        let response = client.exchange(&request);
        assert_eq!(response.head.first_line, "HTTP/1.1 200 OK");
        assert_eq!(response.header("Via"), Some("1.0 dni-edge"));
        assert_eq!(response.header("Transfer-Encoding"), Some("chunked"), "so that its end is known");
    }
    assert!(origin.received().iter().all(|received| received.head.first_line.ends_with(" HTTP/1.1")));
}

#[test]
fn a_visitor_of_http_1_0_is_served_without_chunks() {
    let (origin, edge) = plumber(|config| config);
    let request = |target: &str| {
        format!("GET {target} HTTP/1.0\r\nHost: {HOST}\r\nUser-Agent: Mozilla/5.0 Gecko/1\r\n\r\n")
    };
    let mut client = Client::connect(edge.address());
    client.send(request(AD));
    let response = client.response("GET");
    assert_eq!(number_on(&response.text()), tracking(0));
    assert!(!response.head.has("Transfer-Encoding") && client.is_closed());
    let received = origin.last("/").head;
    assert!(received.first_line.ends_with(" HTTP/1.1"));
    assert_eq!(received.value("Via"), Some("1.0 dni-edge"));
}

/// A request with a body that waits to be wanted.
fn expecting(target: &str, lines: &str, expected: &str) -> String {
    format!("POST {target} HTTP/1.1\r\nHost: {HOST}\r\nExpect: {expected}\r\n{lines}\r\n")
}

#[test]
fn an_expectation_is_met_by_the_proxy_once_and_not_passed_on() {
    let (origin, edge) = plumber(|config| config);
    for (lines, body) in
        [("Content-Length: 3\r\n", "a=b"), ("Transfer-Encoding: chunked\r\n", "3\r\na=b\r\n0\r\n\r\n")]
    {
        let mut client = Client::connect(edge.address());
        client.send(expecting("/", lines, "100-Continue"));
        let head = client.head("HEAD");
        assert_eq!((&*head.first_line, head.lines.len()), ("HTTP/1.1 100 Continue", 0));
        client.send(body);
        assert_eq!(client.response("POST").status(), "200");
        assert!(!origin.last("/").head.has("Expect"));
    }
    let mut client = Client::connect(edge.address());
    client
        .send(expecting("/", "", "100-continue") + &expecting("/", "Content-Length: 0\r\n", "100-continue"));
    assert_eq!(
        [client.response("POST"), client.response("POST")].map(|answer| answer.status().to_owned()),
        ["200"; 2]
    );
}

#[test]
fn a_body_that_nobody_wants_is_not_asked_for() {
    let (origin, edge) = plumber(|config| config);
    for (request, status) in [
        (expecting("/.dni/none", "Content-Length: 3\r\n", "100-continue"), "404"),
        (expecting("/", "Content-Length: 3\r\n", "100-continue").replace(HOST, "other.example.com"), "404"),
        (expecting("/", "Content-Length: 3\r\n", "200-ok"), "417"),
        (expecting("/", "Content-Length: 3\r\n", "100-continue, x"), "417"),
        (expecting("/", "Content-Length: 3\r\nExpect: x\r\n", "100-continue"), "417"),
        (expecting("/", "Content-Length: 3\r\nTransfer-Encoding: gzip\r\n", "100-continue"), "400"),
    ] {
        let mut client = Client::connect(edge.address());
        client.send(&request);
        assert_eq!(client.response("POST").status(), status, "{request}");
        assert!(client.is_closed(), "whether the body comes is not known: {request}");
    }
    assert!(origin.received().is_empty());
}

#[test]
fn what_a_website_says_before_its_answer_goes_no_further() {
    let (origin, edge) = plumber(|config| config);
    for (before, times) in [
        ("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n", 1),
        ("HTTP/1.1 100 Continue\r\n\r\n", 2),
        ("HTTP/1.1 102 Processing\r\n\r\n", 3),
        ("HTTP/1.1 199 Whatever\r\nX: y\r\n\r\n", 5000),
    ] {
        origin.script("/", move |exchange| {
            exchange.send(before.repeat(times).as_bytes());
            exchange.answer(&Answer::html(PAGE));
        });
        let mut client = Client::connect(edge.address());
        for _ in 0..2 {
            let response = client.exchange(&Request::navigation("/"));
            assert_eq!((response.status(), response.text().as_str()), ("200", PAGE));
            assert!(!response.head.has("Link") && !response.head.has("X"));
        }
    }
}

#[test]
fn via_is_signed_in_both_directions() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/", Answer::html(PAGE).with(&["Via: 1.0 cache", "Via: 1.1 shield"]));
    for request in [Request::navigation(AD), Request::navigation("/").with("User-Agent", GOOGLEBOT)] {
        let response = Visitor::at(&edge).send(&request.and("Via", "2.0 cdn").and("Via", "1.1 nginx"));
        assert_eq!(response.header("Via"), Some("1.0 cache, 1.1 shield, 1.1 dni-edge"));
        assert_eq!(origin.last("/").head.value("Via"), Some("2.0 cdn, 1.1 nginx, 1.1 dni-edge"));
    }
}

#[test]
fn a_request_that_comes_round_in_a_circle_is_a_508() {
    let (origin, edge) = plumber(|config| config);
    let status = |vias: &[&str]| {
        let request = vias.iter().fold(Request::navigation("/"), |request, via| request.and("Via", via));
        Visitor::at(&edge).send(&request).status().to_owned()
    };
    assert_eq!(status(&["1.1 dni-edge"]), "200", "two in a row are no circle");
    assert_eq!(status(&["1.1 dni-edge-2, 1.1 other (dni-edge)", "1.1 dni-edge"]), "200");
    let before = origin.received().len();
    for vias in [&["1.1 dni-edge, 1.1 dni-edge"][..], &["1.1 dni-edge, 1.1 nginx", "1.0 DNI-Edge (x)"]] {
        assert_eq!(status(vias), "508", "{vias:?}");
    }
    assert_eq!(origin.received().len(), before);
}

#[test]
fn what_is_asked_for_arrives_byte_for_byte() {
    let (origin, edge) = plumber(|config| config);
    for target in ["/a%20b/../c//d/?x=%7e&&y=%C3%BC&+", "/?", "/a;b=c?gclid=%2F", "/%2edni/x"] {
        Visitor::at(&edge).open(target);
        assert_eq!(origin.received().last().unwrap().head.second_word(), target);
    }
}

#[test]
fn our_cookie_is_none_of_the_websites_business() {
    let (origin, edge): (Origin, Edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    visitor.open("/");
    assert!(!origin.last("/").head.has("Cookie"), "it is the only one");
    let ours = visitor.session().to_owned();
    for (sent, arrives) in [
        (format!("a=1; dni={ours}; b=\"2 3\""), "a=1; b=\"2 3\""),
        (format!("dni={ours}; a=1"), "a=1"),
        (format!("__Host-dni={ours}; dni=x; xdni=y; dnix=z"), "xdni=y; dnix=z"),
        ("a=1;b=2".to_owned(), "a=1;b=2"),
    ] {
        Visitor::at(&edge).send(&Request::navigation("/").with("Cookie", &sent));
        assert_eq!(origin.last("/").head.value("Cookie"), Some(arrives), "{sent}");
    }
}
