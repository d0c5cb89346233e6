//! A website that stops in the middle.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{AD, Client, GOOGLEBOT, GUARD, HOST, Origin, PAGE, Request, Visitor, gzip, plumber};

/// Sends this much of a page, and then nothing any more.
fn stands_still(origin: &Origin, headers: &'static str, begun: Vec<u8>) {
    origin.script("/", move |exchange| {
        exchange.send(format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n{headers}\r\n").as_bytes());
        exchange.send(&begun);
        // Until the other side has had enough.
        exchange.wait_until_hung_up();
    });
}

#[test]
fn a_page_that_stands_still_breaks_off_and_never_looks_whole() {
    let (origin, edge) = plumber(|config| config.timeout("body", "300ms"));
    let zipped = gzip(PAGE.repeat(50).as_bytes());
    for (headers, begun) in [
        ("Content-Type: text/html\r\n", PAGE.as_bytes().to_vec()),
        ("Content-Type: text/html\r\nContent-Encoding: gzip\r\n", zipped[..zipped.len() / 2].to_vec()),
        ("Content-Type: image/png\r\n", b"some".to_vec()),
        ("Content-Type: image/png\r\n", Vec::new()),
    ] {
        stands_still(&origin, headers, begun);
        let ad = Request::navigation(AD).with("Accept-Encoding", "gzip");
        let crawler = Request::navigation("/").with("User-Agent", GOOGLEBOT);
        for request in [ad.clone(), ad.with("Accept-Encoding", "identity"), crawler] {
            let mut client = Visitor::at(&edge).begin(&request);
            client.head("GET");
            assert!(client.rest().1.is_err(), "{headers}: {request:?}");
        }
    }
}

#[test]
fn a_stream_of_events_may_stand_still() {
    let (origin, edge) = plumber(|config| config.timeout("body", "200ms"));
    let events = origin.steps("/events");
    let mut client = Client::connect(edge.address());
    client.send(Request::get("/events").to_bytes());
    events.arrived();
    events.begin("Content-Type: text/event-stream; charset=utf-8\r\n");
    events.chunk("data: 1\n\n");
    client.head("GET");
    client.read_until("data: 1\n\n");
    // A page that stands still from now on is given up: as much time has passed here.
    stands_still(&origin, "Content-Type: text/html\r\n", Vec::new());
    let mut other = Visitor::at(&edge).begin(&Request::get("/"));
    other.head("GET");
    assert!(other.rest().1.is_err());
    events.chunk("data: 2\n\n");
    events.chunk("");
    assert_eq!(client.rest(), (b"data: 2\n\n".to_vec(), Ok(())));
}

#[test]
fn a_website_that_takes_no_more_of_a_body_is_a_504() {
    let (origin, edge) = plumber(|config| config.timeout("body", "300ms"));
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let ended = std::sync::Mutex::new(ended);
    origin.script("/upload", move |exchange| {
        let _ = ended.lock().unwrap().recv();
        exchange.close();
    });
    let mut client = TcpStream::connect(edge.address()).unwrap();
    client.set_read_timeout(Some(GUARD)).unwrap();
    let mut sending = client.try_clone().unwrap();
    // More than the systems between would take for it.
    let body = vec![b'x'; 32 << 20];
    let sent = std::thread::spawn(move || {
        let head = format!("POST /upload HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = sending.write_all(head.as_bytes()).and_then(|()| sending.write_all(&body));
    });
    let mut status = [0; 12];
    client.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 504");
    drop((end, client));
    sent.join().unwrap();
}

#[test]
fn a_visitor_who_leaves_takes_their_request_along() {
    let (origin, edge) = plumber(|config| config);
    let (tell, told) = std::sync::mpsc::channel();
    origin.script("/slow", move |exchange| {
        tell.send("arrived").unwrap();
        exchange.wait_until_hung_up();
        tell.send("hung up").unwrap();
    });
    let mut client = Client::connect(edge.address());
    client.send(Request::navigation("/slow").to_bytes());
    assert_eq!(told.recv_timeout(GUARD), Ok("arrived"));
    drop(client);
    assert_eq!(told.recv_timeout(GUARD), Ok("hung up"));
}
