//! Nobody is waited for for ever: neither a client that doesn't send or doesn't read, nor a website that stands still. Timeouts
//! count from one sign of life to the next, and what is cut off never looks whole.

use std::sync::mpsc::channel;
use std::time::Duration;

use crate::support::{
    AD, Answer, Client, Edge, Frame, GUARD, HOST, Origin, PAGE, Request, Visitor, chunk, plumber,
    times_refused,
};

fn start(key: &str, duration: &str) -> (Origin, Edge) {
    plumber(|config| config.timeout(key, duration))
}

#[test]
fn a_head_that_does_not_come_to_its_end_is_a_408_and_others_are_served_meanwhile() {
    let (origin, edge) = start("header", "300ms");
    let mut other = Client::connect(edge.address());
    for begun in
        ["G", "PRI * HTT", "GET / HTTP/1.1\r\nHost: www.exam", "GET / HTTP/1.1\r\nHost: www.example.com\r\n"]
    {
        let mut client = Client::connect(edge.address());
        client.send(begun);
        if !other.try_send(Request::get("/").to_bytes()).is_ok_and(|()| other.try_head("GET").is_some()) {
            other = Client::connect(edge.address());
            assert_eq!(other.exchange(&Request::get("/")).text(), PAGE);
        } else {
            assert!(other.rest().1.is_ok());
        }
        let response = client.response("GET");
        assert_eq!((response.status(), response.header("Connection")), ("408", Some("close")), "{begun}");
        assert!(client.is_closed());
    }
    assert!(origin.received().iter().all(|received| received.head.first_line == "GET / HTTP/1.1"));
    assert_eq!(times_refused(&edge, "header_timeout"), 4);
}

#[test]
fn a_head_that_drips_has_no_more_time_than_one_that_stands_still() {
    let (_origin, edge) = start("header", "500ms");
    let mut client = Client::connect(edge.address());
    client.send("GET / HTTP/1.1\r\nHost: www.example.com\r\n");
    while client.come_by_now().is_empty() {
        if client.try_send("X-Drop: a\r\n").is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(client.response("GET").status(), "408");
}

#[test]
fn who_connects_and_says_nothing_is_hung_up_on_without_a_word() {
    let (_origin, edge) = start("header", "300ms");
    let mut client = Client::connect(edge.address());
    assert!(client.is_closed());
    assert_eq!(times_refused(&edge, "header_timeout"), 0);
}

#[test]
fn a_connection_that_is_kept_is_closed_when_nothing_comes_and_the_next_head_has_its_own_time() {
    let (_origin, edge) = plumber(|config| config.timeout("idle", "1500ms").timeout("header", "300ms"));
    let mut client = Client::connect(edge.address());
    assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
    // A kept connection may be silent for longer than a head may take.
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
    client.send("GET / HT");
    assert_eq!(client.response("GET").status(), "408");
    let mut client = Client::connect(edge.address());
    assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
    assert!(client.is_closed());
}

#[test]
fn an_upload_that_stands_still_is_a_408_and_the_website_sees_it_cut_off() {
    let (origin, edge) = start("body", "300ms");
    for framing in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let (tell, told) = channel();
        origin.script("/form", move |exchange| {
            let _ = tell.send(exchange.rest_of_body());
            exchange.close();
        });
        let mut client = Client::connect(edge.address());
        client.send(format!("POST /form HTTP/1.1\r\nHost: www.example.com\r\n{framing}\r\n\r\n"));
        client.send(if framing.starts_with('C') { b"begun".to_vec() } else { chunk(b"begun") });
        let response = client.response("POST");
        assert_eq!((response.status(), response.header("Connection")), ("408", Some("close")));
        let (body, ended) = told.recv_timeout(GUARD).unwrap();
        assert!(ended.is_err() && body == b"begun", "{}", body.escape_ascii());
    }
    assert_eq!(times_refused(&edge, "body_timeout"), 2);
}

#[test]
fn an_upload_that_goes_on_may_take_as_long_as_it_likes() {
    let (origin, edge) = start("body", "2s");
    origin.script("/form", |exchange| {
        let (body, ended) = exchange.rest_of_body();
        assert!(ended.is_ok());
        exchange.answer(&Answer::of("200 OK", "text/plain", body));
    });
    let mut client = Client::connect(edge.address());
    client.send("POST /form HTTP/1.1\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\n\r\n");
    for _ in 0..6 {
        client.send(chunk(b"a"));
        std::thread::sleep(Duration::from_millis(400));
    }
    client.send(chunk(b""));
    assert_eq!(client.response("POST").text(), "aaaaaa");
}

#[test]
fn a_website_that_stands_still_in_the_middle_is_cut_off_and_never_looks_whole() {
    let (origin, edge) = start("body", "300ms");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    for (framing, begun) in [
        ("Content-Length: 1000", b"<p>begun".to_vec()),
        ("Transfer-Encoding: chunked", chunk(b"<p>212-555-0100</p> begun")),
        ("Connection: close", b"<p>212-555-0100</p> begun".to_vec()),
    ] {
        let bytes = [format!("{head}{framing}\r\n\r\n").as_bytes(), &begun].concat();
        origin.script("/", move |exchange| {
            exchange.send(&bytes);
            // It hangs on until it is hung up on.
            assert!(exchange.is_hung_up_on());
        });
        for target in ["/", AD] {
            let mut client = Visitor::at(&edge).begin(&Request::navigation(target));
            client.head("GET");
            let (body, ended) = client.rest();
            assert!(ended.is_err(), "{framing} {target}: {}", body.escape_ascii());
        }
    }
}

#[test]
fn a_client_that_does_not_read_is_let_go_and_so_is_the_website() {
    let (origin, edge) = start("body", "300ms");
    let (tell, told) = channel();
    origin.script("/endless", move |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n");
        exchange.send_until_hung_up_on(&chunk(&[0; 64 << 10]));
        let _ = tell.send(());
        exchange.close();
    });
    let mut client = Client::connect(edge.address());
    client.send(Request::get("/endless").to_bytes());
    told.recv_timeout(GUARD).expect("the website's connection is released");
    assert_eq!(times_refused(&edge, "body_timeout"), 1);
    client.head("GET");
    assert!(client.rest().1.is_err(), "it is cut off");
}

#[test]
fn a_website_that_does_not_take_an_upload_is_a_504() {
    let (origin, edge) = start("body", "300ms");
    let (release, released) = channel::<()>();
    let released = std::sync::Mutex::new(released);
    origin.script("/form", move |exchange| {
        let _ = released.lock().unwrap().recv();
        exchange.close();
    });
    let mut client = Client::connect(edge.address());
    client.send("POST /form HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 100000000\r\n\r\n");
    // It sends for as long as it is read from.
    while client.come_by_now().is_empty() && client.try_send([b'a'; 100_000]).is_ok() {}
    assert_eq!(client.response("POST").status(), "504");
    drop(release);
}

fn over_http2(path: &str) -> Frame {
    let fields = [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", HOST)];
    Frame::request(1, &fields)
}

#[test]
fn in_http_2_a_connection_on_which_nothing_is_asked_is_told_to_go_and_closed() {
    let (_origin, edge) = start("idle", "300ms");
    for frames in [&[over_http2("/")][..], &[]] {
        // It reads all that comes, and answers nothing of it.
        let said = Frame::converse(edge.address(), frames, |_| false);
        assert!(said.iter().any(|frame| frame.kind == Frame::GOAWAY), "{said:?}");
        assert_eq!(said.iter().any(Frame::ends_stream), !frames.is_empty(), "{said:?}");
    }
}

#[test]
fn in_http_2_a_client_that_gives_an_answer_no_more_room_is_let_go() {
    let (origin, edge) = start("body", "300ms");
    let (tell, told) = channel();
    origin.script("/endless", move |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n");
        exchange.send_until_hung_up_on(&chunk(&[0; 64 << 10]));
        let _ = tell.send(());
        exchange.close();
    });
    // It reads what comes, but never widens the window (RFC 9113 §5.2).
    let said = Frame::converse(edge.address(), &[over_http2("/endless")], |_| false);
    assert!(!said.iter().any(Frame::ends_stream));
    told.recv_timeout(GUARD).expect("the website's connection is released");
    assert_eq!(times_refused(&edge, "body_timeout"), 1);
}
