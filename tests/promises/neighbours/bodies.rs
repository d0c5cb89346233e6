//! Bodies of every kind, and answers without one, as they pass between the visitor and the website.

use std::sync::{Arc, Mutex};

use crate::support::{
    AD, Answer, Client, GOOGLEBOT, GUARD, HOST, PAGE, Request, Response, Visitor, chunk, number_on, plumber,
    tracking,
};

const EVENTS: &str = "Content-Type: text/event-stream\r\nCache-Control: no-cache\r\n";

#[test]
fn events_pass_one_by_one_and_with_the_businesss_own_number() {
    let (origin, edge) = plumber(|config| config);
    for accepted in ["text/event-stream", "*/*"] {
        let (steps, visitor) = (origin.steps("/events"), Visitor::at(&edge));
        let request = Request::navigation("/events?gad_source=1").with("Accept", accepted);
        let mut client = visitor.begin(&request.with("Accept-Encoding", "gzip"));
        steps.arrived();
        steps.begin(EVENTS);
        let head = client.head("GET");
        assert_eq!(head.value("Content-Type"), Some("text/event-stream"));
        assert!(!head.has("Content-Encoding"));
        for event in
            ["data: 212-555-0100\n\n", ": nothing\n\n", "id: 2\ndata: {\"tel\": \"+12125550100\"}\n\n"]
        {
            steps.chunk(event);
            assert_eq!(String::from_utf8(client.read_until("\n\n")).unwrap(), event);
        }
        drop(steps);
        assert!(client.rest().1.is_err(), "a stream that breaks off does so for the visitor too");
    }
}

#[test]
fn a_part_of_a_file_passes_byte_for_byte() {
    let (origin, edge) = plumber(|config| config);
    let part = Answer::of("206 Partial Content", "image/png", b"\x89PNG \xff 212-555-0100").with(&[
        "Content-Range: bytes 0-17/400",
        "ETag: \"a\"",
        "Accept-Ranges: bytes",
    ]);
    let parts = "--b\r\nContent-Type: text/html\r\nContent-Range: bytes 0-3/9\r\n\r\n<p>2\r\n--b--\r\n";
    let several =
        Answer::of("206 Partial Content", "multipart/byteranges; boundary=b", parts).with(&["ETag: \"a\""]);
    let none =
        Answer::of("416 Range Not Satisfiable", "text/plain", "").with(&["Content-Range: bytes */400"]);
    for (path, answer) in [("/part.png", part), ("/parts.png", several), ("/none.png", none)] {
        origin.answers(path, answer.clone());
        let request = Request::get(path)
            .with("User-Agent", "Mozilla/5.0 Gecko/1")
            .with("Sec-Fetch-Dest", "image")
            .with("Range", "bytes=0-17, 40-44")
            .with("If-Range", "\"a\"");
        let response = Client::connect(edge.address()).exchange(&request);
        is_the_websites_own(&response, &answer);
        let asked = origin.last(path).head;
        assert_eq!(asked.value("Range"), Some("bytes=0-17, 40-44"));
        assert_eq!(asked.value("If-Range"), Some("\"a\""));
    }
}

/// But for what the proxy adds itself.
fn is_the_websites_own(response: &Response, answer: &Answer) {
    let sent = answer.to_bytes(false);
    let lines = response.head.lines.iter().filter(|(name, _)| !["date", "via"].contains(&&**name));
    let head = lines.map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>();
    let ours = [format!("{}\r\n{head}\r\n", response.head.first_line).as_bytes(), &response.body].concat();
    let lower = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_lowercase();
    assert_eq!(lower(&ours), lower(&sent));
    assert!(sent.ends_with(&response.body));
}

#[test]
fn head_has_the_headers_of_the_page_that_would_be_sent() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/file.css", Answer::of("200 OK", "text/css", "a{}").with(&["ETag: \"a\""]));
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    for request in [
        Request::navigation("/"),
        Request::navigation("/").with("User-Agent", GOOGLEBOT),
        Request::get("/file.css"),
    ] {
        let get = visitor.send(&request);
        let head = visitor.send(&request.method("HEAD"));
        assert!(head.body.is_empty());
        for name in [
            "Content-Length",
            "Content-Type",
            "Cache-Control",
            "ETag",
            "Vary",
            "Last-Modified",
            "Accept-Ranges",
        ] {
            assert_eq!(head.header(name), get.header(name), "{name}");
        }
    }
    // The next answer begins where the last one's head ended.
    let mut client = Client::connect(edge.address());
    for method in ["HEAD", "GET", "HEAD", "HEAD", "GET"] {
        assert_eq!(
            client.exchange(&Request::get("/").method(method)).text(),
            if method == "GET" { PAGE } else { "" }
        );
    }
}

#[test]
fn an_answer_that_has_no_body_by_its_status_has_none_whatever_it_says() {
    let (origin, edge) = plumber(|config| config);
    let mut client = Client::connect(edge.address());
    for status in ["204 No Content", "205 Reset Content", "304 Not Modified"] {
        for lines in
            ["", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Content-Type: text/html\r\n"]
        {
            let head = format!("HTTP/1.1 {status}\r\n{lines}\r\n");
            origin.script("/none", move |exchange| {
                exchange.send(head.as_bytes());
                if head.contains("205") && head.contains("Length") {
                    exchange.send(b"abc");
                }
                exchange.close();
            });
            for request in [Request::get("/none"), Request::navigation("/none?gad_source=1")] {
                let response = client.exchange(&request);
                assert_eq!(response.head.first_line, format!("HTTP/1.1 {status}"));
                assert!(response.body.is_empty() && !response.head.has("Transfer-Encoding"), "{response:?}");
                let length = if status.starts_with("205") { Some("0") } else { None };
                assert_eq!(response.header("Content-Length"), length, "{status} {lines}");
            }
        }
    }
}

/// A chunked body with a line behind it, and the lines that announce it.
const TRAILED: &str =
    "Trailer: X-Sum, X-Other, Content-Length, Set-Cookie, Authorization\r\nTransfer-Encoding: chunked\r\n";
const TRAILING: &str = "3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Unsaid: 2\r\nContent-Length: 9\r\nSet-Cookie: a=b\r\nAuthorization: x\r\n\r\n";

#[test]
fn what_is_announced_to_come_behind_a_body_passes_in_both_directions() {
    let (origin, edge) = plumber(|config| config);
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    origin.script("/trailed", move |exchange| {
        while exchange.next_of_body().is_some() {}
        *tell.lock().unwrap() = exchange.trailers().to_vec();
        exchange.send(
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{TRAILED}\r\n{TRAILING}").as_bytes(),
        );
    });
    for (lines, is_taken) in
        [("TE: trailers\r\nConnection: te\r\n", true), ("TE: gzip\r\n", false), ("", false)]
    {
        let mut client = Client::connect(edge.address());
        client.send(format!("POST /trailed HTTP/1.1\r\nHost: {HOST}\r\n{lines}{TRAILED}\r\n{TRAILING}"));
        assert_eq!(client.response("POST").body, b"abc");
        let sum = [("x-sum".to_owned(), "1".to_owned())];
        assert_eq!(client.trailers(), if is_taken { &sum[..] } else { &[] }, "{lines}");
        assert_eq!(*told.lock().unwrap(), sum, "the website says nothing of whether it takes them");
        let head = origin.last("/trailed").head;
        assert_eq!(head.value("TE"), is_taken.then_some("trailers"));
        assert_eq!(head.value("Connection"), is_taken.then_some("te"));
    }
}

#[test]
fn nothing_comes_behind_a_page_that_is_filled() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/", |exchange| {
        let page = chunk(PAGE.as_bytes());
        exchange.send(format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{TRAILED}\r\n").as_bytes());
        exchange.send(&[&page, &b"0\r\nX-Sum: 1\r\n\r\n"[..]].concat());
    });
    let mut client = Client::connect(edge.address());
    let response = client.exchange(&Request::navigation(AD).with("TE", "trailers"));
    assert_eq!((number_on(&response.text()), response.head.has("Trailer")), (tracking(0), false));
    assert!(client.trailers().is_empty());
}

#[test]
fn an_upload_of_unknown_length_arrives_as_it_was_sent() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/upload", |exchange| {
        let body: Vec<u8> = std::iter::from_fn(|| exchange.next_of_body()).flatten().collect();
        exchange.answer(&Answer::of("200 OK", "application/octet-stream", body));
    });
    let mut client = Client::connect(edge.address());
    client.send(format!("PUT /upload HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n"));
    let parts: Vec<Vec<u8>> = (1..200_usize).map(|len| vec![len as u8; len * 37]).collect();
    parts.iter().for_each(|part| client.send(chunk(part)));
    client.send(chunk(b""));
    assert!(client.response("PUT").body == parts.concat());
    let head = origin.last("/upload").head;
    assert_eq!((head.value("Transfer-Encoding"), head.has("Content-Length")), (Some("chunked"), false));
}

#[test]
fn an_answer_before_the_end_of_an_upload_reaches_the_visitor_at_once() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/upload", |exchange| {
        exchange.next_of_body().expect("it begins");
        exchange.answer(&Answer::of("413 Content Too Large", "text/plain", "too much\n"));
    });
    for framing in ["Content-Length: 1000000000\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut client = Client::connect(edge.address());
        client.send(format!("POST /upload HTTP/1.1\r\nHost: {HOST}\r\n{framing}\r\n"));
        client.send(chunk(b"the first part"));
        let response = client.response("POST");
        assert_eq!((response.status(), response.text().as_str()), ("413", "too much\n"));
    }
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
}

#[test]
fn an_upload_that_breaks_off_is_no_whole_one_for_the_website() {
    let (origin, edge) = plumber(|config| config);
    let (tell, told) = std::sync::mpsc::channel();
    origin.script("/upload", move |exchange| {
        while exchange.next_of_body().is_some() {}
        let _ = tell.send(exchange.body_is_whole());
    });
    for framing in ["Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut client = Client::connect(edge.address());
        client.send(format!("POST /upload HTTP/1.1\r\nHost: {HOST}\r\n{framing}\r\n"));
        client.send(chunk(b"the first part"));
        drop(client);
        assert!(!told.recv_timeout(GUARD).expect("the website sees an end"));
    }
}

#[test]
fn requests_that_are_sent_at_once_are_answered_in_their_order() {
    let (origin, edge) = plumber(|config| config);
    for n in 0..20 {
        origin.answers(&format!("/{n}"), Answer::of("200 OK", "text/plain", format!("answer {n}")));
    }
    let mut client = Client::connect(edge.address());
    let requests: Vec<Request> = (0..20)
        .map(|n| match n % 3 {
            0 => Request::get(&format!("/{n}")),
            1 => Request::get(&format!("/{n}"))
                .method("POST")
                .body(format!("GET /{n} HTTP/1.1\r\n\r\n").as_bytes()),
            _ => Request::get(&format!("/{n}")).method("HEAD"),
        })
        .collect();
    client.send(requests.iter().flat_map(Request::to_bytes).collect::<Vec<_>>());
    for (n, request) in requests.iter().enumerate() {
        let body = if request.method == "HEAD" { String::new() } else { format!("answer {n}") };
        assert_eq!(client.response(&request.method).text(), body);
    }
    let order: Vec<_> =
        origin.received().iter().map(|received| received.head.second_word().to_owned()).collect();
    assert_eq!(order, (0..20).map(|n| format!("/{n}")).collect::<Vec<_>>());
}

/// The answer to a request of HTTP/1.0 with these lines.
fn in_1_0(client: &mut Client, method: &str, target: &str, lines: &str) -> Response {
    client.send(format!(
        "{method} {target} HTTP/1.0\r\nHost: {HOST}\r\nUser-Agent: Mozilla/5.0 Gecko/1\r\n{lines}\r\n"
    ));
    client.response(method)
}

#[test]
fn a_visitor_of_http_1_0_keeps_the_connection_only_where_it_is_asked_for_and_the_end_is_known() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/endless", |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
        exchange.send(&[chunk(b"some"), chunk(b"thing"), chunk(b"")].concat());
    });
    let mut client = Client::connect(edge.address());
    for method in ["GET", "HEAD", "GET"] {
        let response = in_1_0(&mut client, method, "/", "Connection: keep-alive\r\n");
        assert_eq!(
            response.header("Connection").map(str::to_lowercase).as_deref(),
            Some("keep-alive"),
            "{response:?}"
        );
        assert_eq!(response.header("Content-Length"), Some(PAGE.len().to_string().as_str()));
    }
    for target in ["/endless", AD] {
        let mut client = Client::connect(edge.address());
        let response = in_1_0(&mut client, "GET", target, "Connection: keep-alive\r\n");
        assert!(
            !response.head.has("Transfer-Encoding") && !response.head.has("Content-Length"),
            "{response:?}"
        );
        assert_ne!(
            response.header("Connection").map(str::to_lowercase).as_deref(),
            Some("keep-alive"),
            "{response:?}"
        );
        assert!(client.is_closed());
    }
    let mut client = Client::connect(edge.address());
    assert_eq!(in_1_0(&mut client, "GET", "/", "").text(), PAGE);
    assert!(client.is_closed());
}
