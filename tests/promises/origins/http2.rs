//! A website that is spoken to in HTTP/2.

use http::Version;

use crate::support::{
    AD, Answer, Authority, Client, Config, Edge, GOOGLEBOT, HOST, Http2Origin, Origin, PAGE, Request,
    TlsFront, Visitor, number_on, tracking,
};

fn edge_before(origin: &Http2Origin) -> Edge {
    Edge::start(&Config::of(origin.address).site("origin_protocol = \"h2\""))
}

#[test]
fn http_2_is_spoken_with_prior_knowledge_and_the_host_stands_beside_the_path() {
    let origin = Http2Origin::start();
    let edge = edge_before(&origin);
    let response = Visitor::at(&edge).open(AD);
    assert_eq!(
        (response.head.first_line.as_str(), response.header("Via")),
        ("HTTP/1.1 200 OK", Some("2.0 dni-edge"))
    );
    assert_eq!(number_on(&response.text()), tracking(0));
    let (request, _) = origin.received().remove(0);
    assert_eq!(request.version(), Version::HTTP_2);
    assert_eq!(request.uri().to_string(), format!("http://{HOST}{AD}"));
    assert!(!request.headers().contains_key("host"));
    assert_eq!(request.headers()["via"], "1.1 dni-edge");
    assert_eq!(request.headers()["x-forwarded-host"], HOST);
}

#[test]
fn nothing_of_a_connection_is_sent_over_http_2_but_that_trailers_are_taken() {
    let origin = Http2Origin::start();
    let edge = edge_before(&origin);
    let request = Request::navigation("/")
        .with("User-Agent", GOOGLEBOT)
        .with("Connection", "TE, X-One, keep-alive")
        .with("X-One", "1")
        .with("Keep-Alive", "timeout=5")
        .with("TE", "gzip, trailers");
    let mut client = Client::connect(edge.address());
    client.send(request.to_bytes());
    client.head("GET");
    assert_eq!(client.rest(), (PAGE.as_bytes().to_vec(), Ok(())));
    assert_eq!(client.trailers(), [("x-trailer".to_owned(), "last".to_owned())]);
    let (request, _) = origin.received().remove(0);
    for name in ["connection", "x-one", "keep-alive", "transfer-encoding", "upgrade"] {
        assert!(!request.headers().contains_key(name), "{name}");
    }
    assert_eq!(request.headers()["te"], "trailers");
}

#[test]
fn a_body_goes_up_and_all_share_a_connection() {
    let origin = Http2Origin::start();
    let edge = edge_before(&origin);
    let clients: Vec<_> = (0..8)
        .map(|n| {
            let mut client = Client::connect(edge.address());
            let body = format!("{n}").repeat(100_000);
            client.send(Request::get("/").method("POST").body(body.as_bytes()).to_bytes());
            (client, body)
        })
        .collect();
    for (mut client, body) in clients {
        assert_eq!(client.response("POST").text(), PAGE);
        assert!(origin.received().iter().any(|(_, received)| received == body.as_bytes()));
    }
    assert_eq!(origin.connections(), 1);
}

#[test]
fn visitors_who_do_not_read_hold_up_nobody_elses_page() {
    let origin = Http2Origin::start();
    let edge = edge_before(&origin);
    let waiting: Vec<_> = (0..6)
        .map(|_| {
            let mut client = Client::connect(edge.address());
            client.send(Request::get("/long").to_bytes());
            assert_eq!(client.head("GET").second_word(), "200");
            client
        })
        .collect();
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    assert_eq!(origin.connections(), 1);
    drop(waiting);
}

#[test]
fn many_headers_of_an_answer_pass() {
    let origin = Http2Origin::start();
    let answer = Visitor::at(&edge_before(&origin)).send(&Request::get("/headers"));
    assert_eq!((answer.status(), answer.head.all("x-long").len()), ("200", 12));
}

#[test]
fn over_tls_http_2_is_agreed_on_or_else_http_1_1() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    authority.write_root(&ca);
    let pair = authority.issue(folder.path(), "website", &["localhost"]);
    let (new, old) = (Http2Origin::start(), Origin::start());
    old.answers("/", Answer::html(PAGE));
    for (address, protocols, version) in [
        (new.address, &["h2", "http/1.1"][..], "2.0"),
        (old.address, &["http/1.1"], "1.1"),
        (old.address, &[], "1.1"),
    ] {
        let tls = TlsFront::before(address, &pair, protocols);
        let config = Config::of(address).origins(&[tls.url("localhost")]);
        let config = config.site("origin_protocol = \"h2\"").site(&format!("origin_ca = {ca:?}"));
        let edge = Edge::start(&config);
        for _ in 0..2 {
            let response = Visitor::at(&edge).open("/");
            assert_eq!(response.text(), PAGE);
            assert_eq!(response.header("Via"), Some(&*format!("{version} dni-edge")));
        }
        assert_eq!(tls.agreed().len(), 1, "the connection is kept");
        assert_eq!(tls.agreed()[0].protocol.as_deref(), protocols.first().copied());
    }
    assert!(new.received()[0].0.uri().to_string().starts_with("https://www.example.com/"));
}

#[test]
fn another_protocol_takes_the_place_of_http_1_1_whatever_pages_come_by() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    authority.write_root(&ca);
    let pair = authority.issue(folder.path(), "website", &["localhost"]);
    let origin = Origin::start();
    origin.script("/chat", |exchange| {
        exchange
            .send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\nhello");
        exchange.close();
    });
    let tls = TlsFront::before(origin.address, &pair, &["h2", "http/1.1"]);
    let config = Config::of(origin.address).origins(&[tls.url("localhost")]);
    let config = config.site("origin_protocol = \"h2\"").site(&format!("origin_ca = {ca:?}"));
    let edge = Edge::start(&config);
    let mut client = Client::connect(edge.address());
    client.send(Request::get("/chat").with("Connection", "Upgrade").with("Upgrade", "chat").to_bytes());
    assert_eq!(client.head("GET").second_word(), "101");
    assert_eq!(client.hears(5), b"hello");
    assert_eq!(tls.agreed()[0].protocol.as_deref(), Some("http/1.1"));
}
