//! Where a body ends is seen alike by everybody (RFC 9112 §6).

use crate::support::{AD, Client, Edge, GOOGLEBOT, Origin, PAGE, Request, Visitor, chunk, plumber};

#[test]
fn a_body_whose_end_is_in_doubt_is_a_400_and_closes_the_connection() {
    let (origin, edge) = plumber(|config| config);
    for lines in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: +3\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: ,chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\n",
    ] {
        let mut client = Client::connect(edge.address());
        client.send(format!("POST / HTTP/1.1\r\nHost: www.example.com\r\n{lines}\r\n0\r\n\r\n"));
        assert_eq!(client.response("POST").status(), "400", "{lines}");
        assert!(client.is_closed(), "{lines}");
    }
    assert!(origin.received().is_empty());
}

#[test]
fn a_length_beside_chunks_is_a_400_and_closes_the_connection_however_it_arrives() {
    let (origin, edge) = plumber(|config| config);
    for lines in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 0\r\nX: y\r\nTransfer-Encoding: chunked\r\n",
        "transfer-encoding: identity\r\nX: y\r\ncontent-length: 3\r\n",
    ] {
        let before = "PUT /before HTTP/1.1\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let both = format!("POST /both HTTP/1.1\r\nHost: www.example.com\r\n{lines}\r\n0\r\n\r\n");
        let bytes = format!("{before}{both}");
        for cut in (0..bytes.len()).step_by(7).chain([bytes.len()]) {
            let mut client = Client::connect(edge.address());
            client.send(&bytes[..cut]);
            client.send(&bytes[cut..]);
            let statuses =
                [client.response("PUT"), client.response("POST")].map(|answer| answer.status().to_owned());
            assert_eq!(statuses, ["404", "400"], "{lines} {cut}");
            assert!(client.is_closed(), "{lines} {cut}");
        }
    }
    assert!(origin.received().iter().all(|received| received.head.second_word() == "/before"));
}

#[test]
fn a_website_that_says_both_length_and_chunks_is_believed_its_chunks() {
    let (origin, edge) = plumber(|config| config);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
    origin.script("/", |exchange| {
        exchange.send(&[head.as_bytes(), &chunk(PAGE.as_bytes()), &chunk(b"")].concat());
    });
    for request in [Request::navigation(AD), Request::navigation("/").with("User-Agent", GOOGLEBOT)] {
        let response = Visitor::at(&edge).send(&request);
        assert!(response.text().len() >= PAGE.len() && !response.head.has("Content-Length"));
    }
}

#[test]
fn an_answer_whose_end_is_in_doubt_is_a_502() {
    let (origin, edge) = plumber(|config| config);
    for lines in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 4\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length: \r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        " Transfer-Encoding: chunked\r\n",
        "X: y\r\n z\r\n",
        "X: a\0b\r\n",
        "X: a\rb\r\n",
        "X\r\n",
        "HTTP/1.1 200 OK\r\n",
    ] {
        let answer =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{lines}\r\n3\r\nabc\r\n0\r\n\r\n");
        is_a_502(&origin, &edge, answer);
    }
    for answer in [
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
        "HTTP/1.1 200 OK",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "<p>212-555-0100</p>",
        "",
    ] {
        is_a_502(&origin, &edge, answer.to_owned());
    }
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
}

fn is_a_502(origin: &Origin, edge: &Edge, answer: String) {
    let shown = answer.clone();
    origin.script("/doubtful", move |exchange| {
        exchange.send(answer.as_bytes());
        exchange.close();
    });
    for request in [Request::navigation("/doubtful?gad_source=1"), Request::get("/doubtful")] {
        let response = Visitor::at(edge).send(&request);
        assert_eq!(response.status(), "502", "{shown:?}");
        assert!(!response.text().contains("abc"));
    }
}

#[test]
fn a_length_that_a_website_says_twice_is_said_once() {
    let (origin, edge) = plumber(|config| config);
    for lines in
        ["Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: 3, 3\r\n", "Content-Length: 003\r\n"]
    {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{lines}\r\n");
        origin.script("/twice", move |exchange| {
            let body = if exchange.request.head.first_line.starts_with("HEAD") { "" } else { "abc" };
            exchange.send(format!("{answer}{body}").as_bytes());
        });
        let mut client = Client::connect(edge.address());
        for method in ["GET", "HEAD", "GET"] {
            let response = client.exchange(&Request::get("/twice").method(method));
            assert_eq!(
                response.header("Content-Length").map(|length| length.trim_start_matches('0')),
                Some("3")
            );
            assert_eq!(response.body, if method == "GET" { &b"abc"[..] } else { b"" });
        }
    }
}

#[test]
fn what_a_website_sends_behind_its_answer_is_nobodys() {
    let (origin, edge) = plumber(|config| config);
    let behind = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhidden";
    origin.script("/more", move |exchange| {
        exchange.send(
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc{behind}")
                .as_bytes(),
        );
    });
    let mut client = Client::connect(edge.address());
    for _ in 0..5 {
        assert_eq!(client.exchange(&Request::get("/more")).text(), "abc");
        assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
    }
}

#[test]
fn a_protocol_that_nobody_asked_for_is_a_502() {
    let (origin, edge) = plumber(|config| config);
    for lines in ["Upgrade: websocket\r\nConnection: upgrade\r\n", ""] {
        is_a_502(&origin, &edge, format!("HTTP/1.1 101 Switching Protocols\r\n{lines}\r\nabc"));
    }
}

#[test]
fn a_head_of_several_hundred_lines_passes_and_one_without_end_is_a_502() {
    let (origin, edge) = plumber(|config| config);
    let line = |n: usize| format!("Set-Cookie: cookie-{n}=value\r\n");
    let many: String = (0..400).map(line).collect();
    origin.script("/many", move |exchange| {
        exchange.send(format!("HTTP/1.1 200 OK\r\n{many}Content-Length: 0\r\n\r\n").as_bytes());
    });
    let head = Visitor::at(&edge).send(&Request::get("/many")).head;
    let cookies = head.all("Set-Cookie");
    assert!((0..400).all(|n| line(n) == format!("Set-Cookie: {}\r\n", cookies[n])));
    is_a_502(&origin, &edge, format!("HTTP/1.1 200 OK\r\n{}", "X: y\r\n".repeat(1 << 18)));
    is_a_502(&origin, &edge, format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(1 << 20)));
}
