//! HTTP/2 (RFC 9113): over TLS, and in plain with prior knowledge. Nobody can tell the website by which version they come.

use std::net::SocketAddr;

use crate::support::{
    AD, Answer, Answered, Authority, Browser, Client, Edge, Frame, HOST, Hello, Http2, Origin, PAGE, Request,
    Visitor, listening, number_on, page_with, plumber, tracking,
};

/// The website, and the proxy that speaks HTTP/2 over TLS too, and a client's hello to it.
fn secure() -> (Origin, Edge, Hello) {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let pair = authority.issue(folder.path(), "www", &[HOST]);
    let (origin, edge) = plumber(|config| config.server(&listening([&pair])));
    edge.secure();
    (origin, edge, Hello::to(HOST, authority.roots()))
}

fn cookie(answered: &Answered) -> &str {
    answered.header("set-cookie").unwrap().split(';').next().unwrap()
}

#[test]
fn pages_are_filled_over_tls_and_in_plain_as_they_are_by_http_1() {
    let (origin, edge, hello) = secure();
    origin.answers("/packed", Answer::html(PAGE).gzip());
    for (nth, mut client) in
        [Http2::agree(&hello, edge.secure()), Http2::connect(edge.address())].into_iter().enumerate()
    {
        let first = client.exchange(&Request::navigation(AD));
        assert_eq!((first.status, first.text()), (200, page_with(&tracking(nth)).as_str()));
        assert_eq!(first.header("cache-control"), Some("private, no-store"));
        let mine = Request::navigation("/packed").with("Cookie", cookie(&first));
        assert_eq!(client.exchange(&mine).text(), page_with(&tracking(nth)));
        let packed = client.exchange(&mine.with("Accept-Encoding", "gzip, br"));
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert_eq!(unpacked(&packed), page_with(&tracking(nth)));
        let by_robot = client.exchange(&Request::get("/"));
        assert_eq!(by_robot.text(), PAGE, "and nobody else's number is anybody's");
    }
}

fn unpacked(answered: &Answered) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(&answered.body[..]), &mut text)
        .unwrap();
    text
}

#[test]
fn the_website_is_asked_by_http_1_and_told_how_the_visitor_came() {
    let (origin, edge, hello) = secure();
    for (mut client, scheme) in
        [(Http2::agree(&hello, edge.secure()), "https"), (Http2::connect(edge.address()), "http")]
    {
        client.exchange(&Request::navigation("/?a=b"));
        let head = origin.last("/").head;
        assert_eq!(head.first_line, "GET /?a=b HTTP/1.1");
        assert_eq!(head.value("Host"), Some(HOST));
        assert_eq!(head.value("Via"), Some("2.0 dni-edge"));
        assert_eq!(head.value("X-Forwarded-Proto"), Some(scheme));
        assert!(!head.lines.iter().any(|(name, _)| name.starts_with(':')), "{head:?}");
    }
}

#[test]
fn what_is_between_neighbours_in_http_1_does_not_reach_a_client_of_http_2() {
    let (origin, edge) = plumber(|config| config);
    let lines = [
        "Connection: keep-alive, X-Between",
        "X-Between: us",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "Upgrade: h2c",
        "Alt-Svc: h2=\"past.example.com:443\"",
        "Set-Cookie: a=1",
        "Set-Cookie: b=2",
        "X-Kept: yes",
    ];
    origin.answers("/odd", Answer::of("200 OK", "text/plain", "as it is").with(&lines));
    origin.script("/chunks", |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
        exchange.send(b"5\r\nas it\r\n3\r\n is\r\n0\r\nX-Sum: 8\r\n\r\n");
    });
    let mut client = Http2::connect(edge.address());
    let odd = client.exchange(&Request::get("/odd"));
    for name in [
        "connection",
        "x-between",
        "keep-alive",
        "proxy-connection",
        "upgrade",
        "transfer-encoding",
        "alt-svc",
    ] {
        assert_eq!(odd.header(name), None, "{name}");
    }
    let cookies: Vec<_> =
        odd.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!((cookies, odd.header("x-kept")), (vec!["a=1", "b=2"], Some("yes")));
    assert_eq!((odd.header("via"), odd.header("content-length")), (Some("1.1 dni-edge"), Some("8")));
    assert!(odd.header("date").is_some());
    let chunks = client.exchange(&Request::get("/chunks"));
    assert_eq!((chunks.text(), chunks.header("transfer-encoding")), ("as it is", None));
    let trailers = chunks.trailers.expect("trailers go on (RFC 9113 §8.1)");
    assert_eq!(trailers["x-sum"], "8");
}

#[test]
fn crumbs_of_cookies_are_one_line_to_the_website() {
    let (origin, edge) = plumber(|config| config);
    let mut client = Http2::connect(edge.address());
    let first = client.exchange(&Request::navigation(AD));
    let crumbs =
        Request::navigation("/").and("Cookie", "a=1").and("Cookie", cookie(&first)).and("Cookie", "b=2; c=3");
    assert_eq!(number_on(client.exchange(&crumbs).text()), tracking(0), "ours is found among them");
    assert_eq!(origin.last("/").head.all("Cookie"), ["a=1; b=2; c=3"], "RFC 9113 §8.2.3");
}

#[test]
fn a_body_arrives_whole_with_and_without_its_length() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/form", |exchange| {
        let mut body = Vec::new();
        while let Some(part) = exchange.next_of_body() {
            body.extend(part);
        }
        exchange.answer(&Answer::of("200 OK", "text/plain", body));
    });
    let mut client = Http2::connect(edge.address());
    let long = "0123456789".repeat(30_000);
    let post = Request::get("/form").method("POST").body(long.as_bytes());
    assert_eq!(client.exchange(&post).text(), long);
    assert_eq!(origin.last("/form").head.value("Content-Length"), Some("300000"));
    assert_eq!(client.exchange(&post.without("Content-Length")).text(), long);
    let head = client.exchange(&Request::get("/").method("HEAD"));
    let expected = PAGE.len().to_string();
    assert_eq!((head.status, head.header("content-length"), head.text()), (200, Some(expected.as_str()), ""));
}

#[test]
fn two_names_of_the_host_that_differ_are_a_400() {
    let (origin, edge) = plumber(|config| config);
    let mut client = Http2::connect(edge.address());
    let mut with_host = |host: &str| {
        let mut request = Request::get("/").over_http2("http");
        request.headers_mut().insert("host", host.parse().unwrap());
        client.send(request)
    };
    let refused = with_host("other.example.com");
    assert_eq!((refused.status, refused.header("connection")), (400, None));
    assert!(origin.received().is_empty());
    assert_eq!(with_host("WWW.example.com").status, 200, "and these don't differ (RFC 9113 §8.3.1)");
}

#[test]
fn a_host_that_no_site_serves_is_a_404_in_plain() {
    let (origin, edge) = plumber(|config| config);
    let mut client = Http2::connect(edge.address());
    assert_eq!(client.exchange(&Request::get("/").with("Host", "other.example.com")).status, 404);
    assert!(origin.received().is_empty());
    assert_eq!(client.exchange(&Request::get("/")).status, 200, "the connection goes on");
}

#[test]
fn headers_that_are_too_long_are_a_431_and_the_connection_goes_on() {
    let (origin, edge) = plumber(|config| config.server("limits.header_bytes = \"8KB\""));
    let mut client = Http2::connect(edge.address());
    let long = Request::get("/").with("X-Long", &"x".repeat(9_000));
    assert_eq!(client.exchange(&long).status, 431);
    assert!(origin.received().is_empty());
    assert_eq!(client.exchange(&Request::get("/").with("X-Long", &"x".repeat(6_000))).status, 200);
}

#[test]
fn several_hundred_requests_at_once_are_all_answered() {
    let (_origin, edge) = plumber(|config| config);
    let mut client = Http2::connect(edge.address());
    let answers = client.send_all(vec![Request::get("/").over_http2("http"); 300]);
    assert!(answers.len() == 300 && answers.iter().all(|answer| answer.text() == PAGE));
}

/// A request for a page, as its fields stand in HTTP/2.
const FIELDS: [(&str, &str); 4] =
    [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", HOST)];

fn request(stream: u32, further: &[(&str, &str)]) -> Frame {
    Frame::request(stream, &[&FIELDS[..], further].concat())
}

/// Reasons (RFC 9113 §7).
const PROTOCOL_ERROR: u8 = 1;
const CANCEL: u8 = 8;
const ENHANCE_YOUR_CALM: u8 = 11;

fn last_reason(said: &[Frame]) -> Option<u8> {
    let goaway = said.iter().find(|frame| frame.kind == Frame::GOAWAY)?;
    goaway.payload.get(7).copied()
}

#[test]
fn who_takes_back_requests_by_the_thousand_is_hung_up_on() {
    let (_origin, edge) = plumber(|config| config);
    let stream = |nth: u32| 2 * nth + 1;
    let flood: Vec<_> =
        (0..2_000).flat_map(|nth| [request(stream(nth), &[]), Frame::reset(stream(nth), CANCEL)]).collect();
    let said = Frame::converse(edge.address(), &flood, |frame| frame.kind == Frame::GOAWAY);
    assert_eq!(last_reason(&said), Some(ENHANCE_YOUR_CALM), "{said:?}");
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE, "and nobody else suffers");
}

#[test]
fn headers_without_end_end_the_connection() {
    let (_origin, edge) = plumber(|config| config);
    let begin = Frame { flags: 1, ..request(1, &[]) };
    let more = |nth: u32| {
        let payload = Frame::request(1, &[("x-more", &format!("{nth:>8000}"))]).payload;
        Frame { kind: Frame::CONTINUATION, flags: 0, stream: 1, payload }
    };
    let flood: Vec<_> = std::iter::once(begin).chain((0..500).map(more)).collect();
    let said = Frame::converse(edge.address(), &flood, |frame| frame.kind == Frame::GOAWAY);
    assert!(last_reason(&said).is_some(), "CVE-2024-27316: {said:?}");
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
}

#[test]
fn a_request_with_headers_of_http_1s_connections_is_refused_alone() {
    let (origin, edge) = plumber(|config| config);
    for (name, value) in [
        ("connection", "keep-alive"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
    ] {
        let frames = [request(1, &[(name, value)]), request(3, &[])];
        let said = Frame::converse(edge.address(), &frames, |frame| frame.stream == 3 && frame.ends_stream());
        let refused = said.iter().any(|frame| *frame == Frame::reset(1, PROTOCOL_ERROR));
        assert!(refused, "{name}: {said:?}");
        assert!(said.last().is_some_and(Frame::ends_stream), "{name}: the other one is answered: {said:?}");
    }
    assert_eq!(origin.received().len(), 6, "one each");
}

#[test]
fn a_request_that_is_no_http_2_is_refused_with_its_connection_or_without() {
    let (origin, edge) = plumber(|config| config);
    for field in [("X-Upper", "case"), (":late", "pseudo"), (":path", "/again"), (":status", "200")] {
        let said = Frame::converse(edge.address(), &[request(1, &[field])], |frame| {
            frame.kind == Frame::RST_STREAM || frame.kind == Frame::GOAWAY
        });
        let alone = said.last() == Some(&Frame::reset(1, PROTOCOL_ERROR));
        assert!(alone || last_reason(&said) == Some(PROTOCOL_ERROR), "{field:?}: {said:?}");
    }
    assert!(origin.received().is_empty());
}

#[test]
fn who_begins_as_http_2_and_goes_on_otherwise_is_hung_up_on() {
    let (_origin, edge) = plumber(|config| config);
    let mut client = Client::connect(edge.address());
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
    let said = client.read_to_its_end();
    assert!(!said.windows(8).any(|window| window == b"HTTP/1.1"), "{said:?}");
}

#[test]
fn who_begins_as_neither_version_is_refused_as_in_http_1() {
    let (_origin, edge) = plumber(|config| config);
    let mut client = Client::connect(edge.address());
    client.send("INVALID CONNECTION PREFACE\r\n\r\n");
    assert_eq!(client.head("GET").second_word(), "400");
    client.rest().1.unwrap();
    assert!(client.is_closed());
}

#[test]
fn who_agreed_on_http_2_is_held_to_it() {
    let (origin, edge, hello) = secure();
    let mut client = hello.offering(&["h2"]).client(edge.secure());
    client.send(Request::get("/").to_bytes());
    let said = client.read_to_its_end();
    assert!(!said.windows(8).any(|window| window == b"HTTP/1.1"), "{}", String::from_utf8_lossy(&said));
    assert!(origin.received().is_empty());
}

#[test]
fn a_browser_reads_the_page_by_http_2() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge, _) = secure();
    origin.answers("/favicon.ico", Answer::of("204 No Content", "image/png", ""));
    let seen = browser.open_securely(edge.secure(), AD);
    assert!(seen.read.contains("(646) 555-0000") && seen.errors.is_empty(), "{seen:?}");
    assert_eq!(seen.tapped, [format!("tel:{}", tracking(0))]);
    assert_eq!(origin.last("/").head.value("Via"), Some("2.0 dni-edge"));
}

#[test]
fn an_open_request_ends_in_order_while_the_process_does() {
    let (origin, mut edge, hello) = secure();
    let steps = origin.steps("/slow");
    let address: SocketAddr = edge.secure();
    let asking = std::thread::spawn(move || {
        Http2::agree(&hello, address).exchange(&Request::navigation("/slow?gclid=abc"))
    });
    steps.arrived();
    edge.terminate();
    while Client::try_connect(edge.address()).is_some_and(|mut client| client.try_head("GET").is_some()) {}
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>212-555-0100</p>");
    steps.chunk("");
    drop(steps);
    assert_eq!(number_on_paragraph(&asking.join().unwrap()), tracking(0));
    assert_eq!(edge.ended().code(), Some(0));
}

fn number_on_paragraph(answered: &Answered) -> String {
    let text = answered.text().trim_start_matches("<p>").trim_end_matches("</p>");
    format!("+1{}", text.replace('-', ""))
}

#[test]
fn a_body_that_the_website_breaks_off_breaks_off_here_too() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/cut", |exchange| {
        exchange
            .send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf of it");
        exchange.close();
    });
    let fields = [(":method", "GET"), (":scheme", "http"), (":path", "/cut"), (":authority", HOST)];
    let said = Frame::converse(edge.address(), &[Frame::request(1, &fields)], |frame| {
        frame.stream == 1 && frame.kind == Frame::RST_STREAM
    });
    assert!(!said.iter().any(|frame| frame.stream == 1 && frame.ends_stream()), "{said:?}");
    assert_eq!(said.last().map(|frame| (frame.kind, frame.stream)), Some((Frame::RST_STREAM, 1)), "{said:?}");
}
