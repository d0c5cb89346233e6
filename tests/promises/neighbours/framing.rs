//! Where a body ends is seen alike by everybody (RFC 9112 §6).

use crate::support::{AD, Client, GOOGLEBOT, PAGE, Request, Visitor, chunk, plumber};

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
fn a_length_beside_chunks_never_reaches_the_website() {
    let (origin, edge) = plumber(|config| config);
    for lines in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
    ] {
        let mut client = Client::connect(edge.address());
        client.send(format!("POST / HTTP/1.1\r\nHost: www.example.com\r\n{lines}\r\n0\r\n\r\n"));
        let status = client.response("POST").status().to_owned();
        assert!(["200", "400"].contains(&status.as_str()), "{status}");
    }
    assert!(origin.received().iter().all(|received| !received.head.has("Content-Length")));
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
