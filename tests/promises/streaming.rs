//! Whatever comes in leaves at once, in both directions.

use crate::support::{
    Answer, CODINGS, Client, GOOGLEBOT, GUARD, HOST, PAGE, Packer, Request, Unpacker, Visitor, chunk,
    page_with, plumber, tracking,
};

#[test]
fn a_slow_websites_first_bytes_reach_the_visitor_before_its_last_are_sent() {
    let (origin, edge) = plumber(|config| config);
    for (request, first) in [
        (Request::navigation("/slow?gad_source=1"), tracking_text(0)),
        (Request::navigation("/slow").with("User-Agent", GOOGLEBOT), "<p>212-555-0100</p>".to_owned()),
    ] {
        let (steps, visitor) = (origin.steps("/slow"), Visitor::at(&edge));
        let mut client = visitor.begin(&request);
        steps.arrived();
        steps.begin("Content-Type: text/html\r\n");
        client.head("GET");
        steps.chunk("<p>212-555-0100</p>");
        assert_eq!(String::from_utf8_lossy(&client.read_until("</p>")), first);
        for line in ["<p>one</p>", "<p>two</p>", "<p>three</p>"] {
            steps.chunk(line);
            assert_eq!(String::from_utf8_lossy(&client.read_until("</p>")), line);
        }
        steps.chunk("");
        assert!(client.rest().1.is_ok());
    }
}

#[test]
fn a_slow_websites_first_compressed_bytes_reach_the_visitor_before_its_last_are_sent() {
    let (origin, edge) = plumber(|config| config.numbers(2 * CODINGS.len()));
    let ways = CODINGS.into_iter().flat_map(|coding| [(coding, coding), (coding, "identity")]);
    for (number, (coding, accepted)) in ways.enumerate() {
        let (steps, visitor) = (origin.steps("/slow"), Visitor::at(&edge));
        let request = Request::navigation("/slow?gad_source=1").with("Accept-Encoding", accepted);
        let mut client = visitor.begin(&request);
        steps.arrived();
        steps.begin(&format!("Content-Type: text/html\r\nContent-Encoding: {coding}\r\n"));
        assert_eq!(client.head("GET").value("Content-Encoding").unwrap_or("identity"), accepted);
        let (mut packer, mut unpacker) = (Packer::of(coding), Unpacker::of(accepted));
        let mut expected = String::new();
        for (sent, read) in [
            ("<p>212-555-0100</p>", tracking_text(number)),
            ("<p>one</p>", "<p>one</p>".to_owned()),
            ("<p>two</p>", "<p>two</p>".to_owned()),
        ] {
            steps.chunk(packer.part(sent));
            expected += &read;
            let page = client.unpack_until(&read, &mut unpacker);
            assert_eq!(String::from_utf8_lossy(&page), expected, "{coding} as {accepted}");
        }
        steps.chunk(packer.end());
        steps.chunk("");
        assert!(client.rest().1.is_ok());
    }
}

/// The page in chunks of these parts.
fn chunked<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunks = parts.into_iter().chain([&b""[..]]).flat_map(chunk);
    head.bytes().chain(chunks).collect()
}

#[test]
fn a_number_is_found_however_the_website_cuts_it_up_on_a_page_known_or_not() {
    let (origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open("/?gad_source=1");
    let expected = page_with(&tracking(0));
    let mut client = Client::connect(edge.address());
    for cut in 1..PAGE.len() {
        let (front, back) = PAGE.as_bytes().split_at(cut);
        for path in ["/known".to_owned(), format!("/unknown/{cut}")] {
            let answer = chunked([front, back]);
            origin.script(&path, move |exchange| exchange.send(&answer));
            let response = client.exchange(&visitor.with_cookies(&Request::navigation(&path)));
            assert_eq!(response.text(), expected, "{path} cut behind byte {cut}");
        }
    }
    for path in ["/known", "/unknown"] {
        origin.script(path, |exchange| exchange.send(&chunked(PAGE.as_bytes().chunks(1))));
        assert_eq!(visitor.open(path).text(), expected, "{path} byte by byte");
    }
}

#[test]
fn a_requests_body_streams_up_while_the_answer_streams_down() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/echo", |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
        while let Some(part) = exchange.next_of_body() {
            exchange.send(&chunk(&part));
        }
        exchange.send(&chunk(b""));
    });
    let mut client = Client::connect(edge.address());
    client.send(format!("POST /echo HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n"));
    client.send(chunk(b"first"));
    client.head("POST");
    client.read_until("first");
    let megabyte = noise(1 << 20);
    for _ in 0..6 {
        client.send(chunk(&megabyte));
        let mut echo = Vec::new();
        while echo.len() < megabyte.len() {
            echo.extend(client.next().expect("not cut off").expect("not at its end"));
        }
        assert!(echo == megabyte);
    }
    client.send(chunk(b""));
    assert!(client.rest().1.is_ok());
}

#[test]
fn a_requests_body_of_known_length_arrives_byte_for_byte() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/upload", |exchange| {
        let mut body = Vec::new();
        while let Some(part) = exchange.next_of_body() {
            body.extend(part);
        }
        exchange.answer(&Answer::of("200 OK", "application/octet-stream", body));
    });
    let body = noise(4 << 20);
    let response = Visitor::at(&edge).send(&Request::get("/upload").method("POST").body(&body));
    assert!(response.body == body);
    assert_eq!(origin.last("/upload").head.value("Content-Length"), Some(body.len().to_string().as_str()));
    assert!(!origin.last("/upload").head.has("Transfer-Encoding"));
}

#[test]
fn a_large_download_arrives_byte_for_byte() {
    let (origin, edge) = plumber(|config| config);
    let body = noise(8 << 20);
    origin.answers("/film", Answer::of("200 OK", "video/mp4", &body));
    let response = Visitor::at(&edge).open("/film");
    assert!(response.body == body);
    assert_eq!(response.header("Content-Length"), Some(body.len().to_string().as_str()));
}

#[test]
fn a_visitor_who_does_not_read_keeps_the_website_from_sending() {
    let (origin, edge) = plumber(|config| config);
    for (kind, request) in
        [("text/html", Request::navigation("/film?gad_source=1")), ("video/mp4", Request::get("/film"))]
    {
        let (tell, told) = std::sync::mpsc::channel();
        origin.script("/film", move |exchange| {
            exchange.send(format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n").as_bytes());
            let megabyte = "<p>Pipes</p>\n".repeat((1 << 20) / 13);
            let _ = tell.send(exchange.send_until_nobody_takes_it(megabyte.as_bytes(), 256));
        });
        let mut client = Visitor::at(&edge).begin(&request);
        client.head("GET");
        let megabytes = told.recv_timeout(GUARD).expect("the website stops sending");
        assert!(megabytes < 64, "{megabytes} MB are held for a visitor who reads nothing ({kind})");
    }
}

#[test]
fn connections_to_the_website_and_of_visitors_are_used_again() {
    let (origin, edge) = plumber(|config| config);
    let mut client = Client::connect(edge.address());
    for _ in 0..5 {
        assert_eq!(client.exchange(&Request::navigation("/")).text(), PAGE);
        assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    }
    // A connection is free again a moment after its answer has ended, so that now and then there is a second one.
    let last = origin.received().iter().map(|received| received.connection).max();
    assert!(last < Some(4), "ten requests took {last:?} connections and one");
}

/// A paragraph with the nth tracking number.
fn tracking_text(n: usize) -> String {
    format!("<p>646-555-{n:04}</p>")
}

/// Bytes in which no part is like another.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..len).map(next).collect()
}
