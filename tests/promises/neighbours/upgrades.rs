//! Another protocol in the place of HTTP, where both sides want it (RFC 9110 §7.8).

use std::sync::mpsc::{Receiver, Sender, channel};

use crate::support::{
    Answer, Client, Config, Edge, GUARD, HOST, Origin, PAGE, Request, WebSocket, ask, plumber,
};

const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

/// Ours, and what we'd rather speak.
const FOR_A_WEBSOCKET: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn asking(lines: &str) -> String {
    format!("GET /chat HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n")
}

/// A website that answers with this head, and says whatever it hears in capitals, until it hears no more.
fn in_capitals(origin: &Origin, head: impl Into<String>) {
    let head = head.into();
    origin.script("/chat", move |exchange| {
        exchange.send(format!("{head}\r\nhello").as_bytes());
        while let Some(heard) = exchange.hear() {
            exchange.send(&heard.to_ascii_uppercase());
        }
        exchange.send(b"bye");
        exchange.close();
    });
}

/// A tunnel to a website that speaks in capitals.
fn tunnel(edge: &Edge) -> Client {
    let mut client = Client::connect(edge.address());
    client.send(asking(FOR_A_WEBSOCKET));
    assert_eq!(client.head("GET").second_word(), "101");
    assert_eq!(client.hears(5), b"hello");
    client
}

#[test]
fn bytes_pass_both_ways_as_they_are_once_both_sides_agree() {
    let (origin, edge) = plumber(|config| config);
    in_capitals(&origin, AGREED);
    let mut client = Client::connect(edge.address());
    // What comes right behind the head belongs to the other protocol.
    let behind = "\r\nget / http/1.1\r\n\r\n\0\u{1}";
    client.send(asking(FOR_A_WEBSOCKET) + behind);
    let head = client.head("GET");
    assert_eq!(head.first_line, "HTTP/1.1 101 Switching Protocols");
    assert_eq!(head.value("Upgrade"), Some("websocket"));
    assert_eq!(head.value("Connection"), Some("upgrade"));
    assert_eq!(client.hears(5), b"hello");
    assert_eq!(client.hears(behind.len()), behind.to_ascii_uppercase().as_bytes());
    let asked = origin.last("/chat").head;
    assert_eq!(asked.value("Upgrade"), Some("websocket"));
    assert_eq!(asked.value("Connection"), Some("upgrade"));
    assert_eq!(asked.value("Sec-WebSocket-Key"), Some("dGhlIHNhbXBsZSBub25jZQ=="));
    assert_eq!(asked.value("X-Forwarded-For"), Some("127.0.0.1"));
    let all: Vec<u8> = (0..=255).collect();
    for _ in 0..300 {
        client.send(&all);
        assert!(client.hears(256) == all.to_ascii_uppercase());
    }
    client.says_no_more();
    assert_eq!(client.hears(3), b"bye", "who has no more to say still hears the other");
    assert!(client.is_closed());
    assert_eq!(origin.received().len(), 1);
}

#[test]
fn any_protocol_may_be_agreed_on_that_was_asked_for_and_no_other() {
    let (origin, edge) = plumber(|config| config);
    for (asked, agreed, opens) in [
        ("Upgrade: websocket\r\n", "Upgrade: WebSocket\r\n", true),
        ("Upgrade: x/1, y\r\n", "Upgrade: y\r\n", true),
        ("Upgrade: x/1\r\nUpgrade: y\r\n", "Upgrade: x/1\r\n", true),
        ("Upgrade: tcp\r\n", "Upgrade: tcp\r\n", true),
        ("Upgrade: websocket\r\n", "Upgrade: y\r\n", false),
        ("Upgrade: websocket\r\n", "Upgrade: websocket, y\r\n", false),
        ("Upgrade: websocket\r\n", "Upgrade: websocket\r\nUpgrade: y\r\n", false),
        ("Upgrade: websocket\r\n", "Upgrade: h2c\r\n", false),
        ("Upgrade: websocket\r\n", "Upgrade: \r\n", false),
        ("Upgrade: websocket\r\n", "", false),
        ("Upgrade: h2c, websocket\r\n", "Upgrade: h2c\r\n", false),
        ("Upgrade: x/1\r\n", "Upgrade: x/2\r\n", false),
    ] {
        in_capitals(&origin, format!("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n{agreed}"));
        let mut client = Client::connect(edge.address());
        client.send(asking(&format!("Connection: upgrade\r\n{asked}")));
        let status = client.head("GET").second_word().to_owned();
        assert_eq!(status, if opens { "101" } else { "502" }, "{asked}{agreed}");
    }
}

#[test]
fn what_says_how_long_a_body_is_does_not_pass_with_an_agreement() {
    let (origin, edge) = plumber(|config| config);
    for lines in
        ["Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 0\r\nTrailer: x\r\n"]
    {
        in_capitals(&origin, format!("{AGREED}{lines}"));
        let mut client = Client::connect(edge.address());
        client.send(asking(FOR_A_WEBSOCKET));
        let head = client.head("GET");
        for name in ["Content-Length", "Transfer-Encoding", "Trailer"] {
            assert!(!head.has(name), "{head:?}");
        }
        client.send("a");
        assert_eq!(client.hears(6), b"helloA");
    }
}

#[test]
fn what_does_not_ask_for_another_protocol_as_it_should_is_a_request_as_any() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/chat", Answer::of("200 OK", "text/plain", "no"));
    for request in [
        asking("Upgrade: websocket\r\n"),
        asking("Connection: upgrade\r\n"),
        asking("Connection: upgrade\r\nUpgrade: \r\n"),
        asking("Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
        asking("Connection: upgrade\r\nUpgrade: HTTP/2.0, TLS/1.2, connect-udp\r\n"),
        asking(FOR_A_WEBSOCKET).replace("GET ", "POST "),
        asking(&format!("{FOR_A_WEBSOCKET}Content-Length: 3\r\n")) + "a=b",
        asking(&format!("{FOR_A_WEBSOCKET}Transfer-Encoding: chunked\r\n")) + "0\r\n\r\n",
        asking(&FOR_A_WEBSOCKET.replace("Upgrade\r\n", "X-Upgrade\r\n")),
        asking(FOR_A_WEBSOCKET).replace("HTTP/1.1", "HTTP/1.0"),
    ] {
        let mut client = Client::connect(edge.address());
        client.send(&request);
        assert_eq!(client.response("GET").text(), "no", "{request}");
        let asked = origin.last("/chat").head;
        assert!(
            !asked.has("Upgrade") && !asked.has("Connection") && !asked.has("HTTP2-Settings"),
            "{asked:?}"
        );
    }
}

#[test]
fn a_website_that_would_rather_not_answers_as_any() {
    let (origin, edge) = plumber(|config| config);
    for status in ["200 OK", "400 Bad Request", "403 Forbidden", "426 Upgrade Required"] {
        let lines = ["Sec-WebSocket-Version: 13", "Upgrade: x", "Connection: upgrade"];
        origin.answers("/chat", Answer::of(status, "text/plain", "no").with(&lines));
        let mut client = Client::connect(edge.address());
        for _ in 0..2 {
            client.send(asking(FOR_A_WEBSOCKET));
            let response = client.response("GET");
            assert_eq!(response.head.first_line, format!("HTTP/1.1 {status}"));
            assert_eq!(
                (response.text().as_str(), response.header("Sec-WebSocket-Version")),
                ("no", Some("13"))
            );
            assert!(!response.head.has("Upgrade"));
        }
        assert_eq!(client.exchange(&Request::navigation("/")).text(), PAGE, "the connection goes on");
    }
}

#[test]
fn a_side_that_breaks_off_takes_the_other_one_along() {
    let (origin, edge) = plumber(|config| config);
    let (tell, told): (Sender<()>, Receiver<()>) = channel();
    origin.script("/chat", move |exchange| {
        exchange.send(format!("{AGREED}\r\nhello").as_bytes());
        while let Some(heard) = exchange.hear() {
            if heard == b"end" {
                exchange.close();
                return;
            }
        }
        let _ = tell.send(());
        exchange.close();
    });
    drop(tunnel(&edge));
    told.recv_timeout(GUARD).expect("the website hears that the visitor has gone");
    let mut client = tunnel(&edge);
    client.send("end");
    assert!(client.is_closed(), "the visitor hears that the website has gone");
    let metrics = || ask(&edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text();
    drop(client);
    let deadline = std::time::Instant::now() + GUARD;
    while !metrics().contains("\ndni_tunnels 0\n") {
        assert!(std::time::Instant::now() < deadline, "{}", metrics());
    }
    let _open = tunnel(&edge);
    assert!(metrics().contains("\ndni_tunnels 1\n"));
}

#[test]
fn who_does_not_listen_keeps_the_other_one_from_saying_more() {
    let (origin, edge) = plumber(|config| config);
    let (tell, told) = channel();
    origin.script("/chat", move |exchange| {
        exchange.send(format!("{AGREED}\r\nhello").as_bytes());
        let megabyte = vec![b'x'; 1 << 20];
        let _ = tell.send(exchange.send_until_nobody_takes_it(&megabyte, 256));
    });
    let _silent = tunnel(&edge);
    let megabytes = told.recv_timeout(GUARD).expect("the website stops sending");
    assert!(megabytes < 64, "{megabytes} MB are held for a visitor who reads nothing");
}

#[test]
fn a_tunnel_is_kept_until_the_deadline_when_the_program_ends() {
    let (origin, mut edge) = plumber(|config| config.server("drain = \"1s\""));
    in_capitals(&origin, AGREED);
    let mut client = tunnel(&edge);
    edge.terminate();
    client.send("still here");
    assert_eq!(client.hears(10), b"STILL HERE");
    assert!(client.is_closed() && edge.ended().success());
}

#[test]
fn the_program_ends_once_the_last_tunnel_has() {
    let (origin, mut edge) = plumber(|config| config.server("drain = \"1h\""));
    in_capitals(&origin, AGREED);
    let mut client = tunnel(&edge);
    edge.terminate();
    client.send("still here");
    assert_eq!(client.hears(10), b"STILL HERE");
    drop(client);
    assert!(edge.ended().success());
}

#[test]
fn a_websocket_of_other_peoples_making_works_as_without_the_proxy() {
    let Some(mut websocket) = WebSocket::start() else { return };
    let edge = Edge::start(&Config::of(websocket.address()));
    let direct = websocket.talk(websocket.address());
    assert_eq!(websocket.talk(edge.address()), direct);
    assert_eq!(direct["compressed"], true);
    assert_eq!(direct["chosen"], "second");
    assert_eq!(direct["closed"], 4001);
    assert_eq!(direct["echoed"].as_array().map(Vec::len), Some(8));
}
