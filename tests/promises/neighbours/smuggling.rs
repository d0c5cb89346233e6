//! No request hides in another: what the website reads is what was meant, or it reads nothing (RFC 9112 §11.2).

use crate::support::{Client, Config, Edge, HOST, Recorder, requests};

fn recorded() -> (Recorder, Edge) {
    let website = Recorder::start();
    let edge = Edge::start(&Config::of(website.address));
    (website, edge)
}

/// Sends exactly these bytes, and says with which statuses they are answered before the connection is closed.
fn statuses(edge: &Edge, bytes: &[u8]) -> Vec<String> {
    let mut client = Client::connect(edge.address());
    client.send(bytes);
    std::iter::from_fn(|| {
        let head = client.try_head("GET")?;
        client.rest().1.expect("it is whole");
        Some(head.second_word().to_owned())
    })
    .collect()
}

/// A request with these lines and these bytes behind its head, and a request behind that.
fn with(lines: &str, behind: &str) -> Vec<u8> {
    format!("POST /meant HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n{behind}GET /next HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n").into_bytes()
}

/// The first request is answered with 400, and nothing of it or behind it is read by anybody.
fn is_refused(website: &Recorder, edge: &Edge, bytes: &[u8]) {
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(statuses(edge, bytes), ["400"], "{shown:?}");
    assert_eq!(website.took(), [], "{shown:?}");
}

/// Both sides read the same two requests.
fn is_read_alike(website: &Recorder, edge: &Edge, bytes: &[u8], body: &[u8]) {
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(statuses(edge, bytes), ["200", "200"], "{shown:?}");
    let took = website.took();
    let meant: Vec<_> = took.iter().map(|message| message.meant()).collect();
    assert_eq!(meant, [("POST", "/meant", body), ("GET", "/next", b"")], "{shown:?}");
}

#[test]
fn a_length_that_is_none_or_that_differs_from_another_is_a_400() {
    let (website, edge) = recorded();
    for value in [
        "+2",
        "-2",
        "2, 3",
        "2 2",
        "0x2",
        "2.0",
        "2e0",
        "2;",
        "\"2\"",
        "",
        " ",
        "two",
        "2,",
        "2\u{b}",
        "18446744073709551616",
        "99999999999999999999999999",
        "９",
    ] {
        is_refused(&website, &edge, &with(&format!("Content-Length: {value}\r\n"), "ab"));
    }
    for lines in ["Content-Length: 2\r\nContent-Length: 0\r\n", "Content-Length: 0\r\ncontent-length: 2\r\n"]
    {
        is_refused(&website, &edge, &with(lines, "ab"));
    }
}

#[test]
fn a_length_is_read_alike_with_white_space_around_it_and_said_twice() {
    let (website, edge) = recorded();
    for lines in [
        "Content-Length: 2\r\n",
        "Content-Length:2\r\n",
        "Content-Length:    2\t \r\n",
        "Content-Length: 0002\r\n",
        "cOnTeNt-lEnGtH: 2\r\nContent-Length: 2\r\n",
    ] {
        is_read_alike(&website, &edge, &with(lines, "ab"), b"ab");
    }
}

#[test]
fn a_transfer_coding_other_than_chunked_is_a_400() {
    let (website, edge) = recorded();
    for value in [
        "identity",
        "gzip",
        "gzip, chunked",
        "chunked, gzip",
        "chunked, identity",
        "chunked, chunked",
        ",chunked",
        "chunked,",
        "x chunked",
        "chunked x",
        "chunkedx",
        "xchunked",
        "chunked;q=1",
        "\"chunked\"",
        "chunked\u{b}",
        "\u{b}chunked",
        "",
        "chunked\u{a0}",
        "ch\u{fc}nked",
    ] {
        is_refused(&website, &edge, &with(&format!("Transfer-Encoding: {value}\r\n"), "0\r\n\r\n"));
    }
    for lines in [
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        " Transfer-Encoding: chunked\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding: \u{0}chunked\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n",
    ] {
        is_refused(&website, &edge, &with(lines, "0\r\n\r\n"));
    }
}

#[test]
fn chunks_are_read_alike_in_any_case_and_with_white_space_around_the_word() {
    let (website, edge) = recorded();
    for lines in [
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:chunked\r\n",
        "transfer-encoding:\t chunked \r\n",
        "TRANSFER-ENCODING: ChUnKeD\r\n",
        "Transfer_Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    ] {
        is_read_alike(&website, &edge, &with(lines, "2\r\nab\r\n0\r\n\r\n"), b"ab");
    }
}

#[test]
fn lines_of_a_head_that_are_none_are_a_400() {
    let (website, edge) = recorded();
    let behind = |lines: &str| format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n").into_bytes();
    for lines in [
        "X : y\r\n",
        "X\t: y\r\n",
        "X\r\n",
        ": y\r\n",
        "X: y\r\n z\r\n",
        "X: y\r\n\tz\r\n",
        " X: y\r\n",
        "X: a\rb\r\n",
        "X: a\0b\r\n",
        "X\0: y\r\n",
        "X\u{b}: y\r\n",
        "(X): y\r\n",
        "X: \u{7f}\r\n",
        "X Y: z\r\n",
    ] {
        is_refused(&website, &edge, &behind(lines));
    }
    for bytes in [
        format!("GET / HTTP/1.1\r\n Host: {HOST}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n \r\nHost: {HOST}\r\n\r\n"),
        format!("GET /  HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET  / HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!(" GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET\t/\tHTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET / HTTP/1.1 \r\nHost: {HOST}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\r\nHost: {HOST}\r\n\r\n"),
        format!("GET / HTTP/1.2\r\nHost: {HOST}\r\n\r\n"),
        format!("GET / http/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET / HTTP/2.0\r\nHost: {HOST}\r\n\r\n"),
        format!("GET / HTTP/0.9\r\nHost: {HOST}\r\n\r\n"),
        format!("GET / x HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET /\0 HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET /\u{7f} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("G(T / HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        "GET /\r\n\r\n".to_owned(),
    ] {
        is_refused(&website, &edge, bytes.as_bytes());
    }
}

#[test]
fn chunks_that_are_none_end_the_connection_and_nothing_behind_them_is_read() {
    let (website, edge) = recorded();
    for chunks in [
        "x\r\nab\r\n0\r\n\r\n",
        "2\r\nabc\r\n0\r\n\r\n",
        "2\r\nab0\r\n\r\n",
        "2\nab\r\n0\r\n\r\n",
        "2\r\nab\n0\r\n\r\n",
        "0x2\r\nab\r\n0\r\n\r\n",
        "+2\r\nab\r\n0\r\n\r\n",
        "-2\r\nab\r\n0\r\n\r\n",
        " 2\r\nab\r\n0\r\n\r\n",
        "2 2\r\nab\r\n0\r\n\r\n",
        "\r\n2\r\nab\r\n0\r\n\r\n",
        "10000000000000002\r\nab\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nab\r\n0\r\n\r\n",
        "2;a=b\nx\r\nab\r\n0\r\n\r\n",
        "2\r;a\r\nab\r\n0\r\n\r\n",
        "2\r\nab\r\n0\r\nX : y\r\n\r\n",
        "2\r\nab\r\n0\r\n X: y\r\n\r\n",
        "2\r\nab\r\n0\r\nX\r\n\r\n",
    ] {
        let bytes = with("Transfer-Encoding: chunked\r\n", chunks);
        let statuses = statuses(&edge, &bytes);
        assert!(statuses.is_empty() || statuses == ["400"], "{chunks:?}: {statuses:?}");
        assert_eq!(website.took(), [], "{chunks:?}");
    }
}

#[test]
fn what_is_written_beside_a_chunks_size_goes_no_further() {
    let (website, edge) = recorded();
    for chunks in [
        "2;a=b\r\nab\r\n0\r\n\r\n",
        "2 ;a\r\nab\r\n0;z\r\n\r\n",
        "02;a=\"x;y\"\r\nab\r\n000\r\n\r\n",
        "1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
    ] {
        is_read_alike(&website, &edge, &with("Transfer-Encoding: chunked\r\n", chunks), b"ab");
    }
}

#[test]
fn chunks_in_http_1_0_are_a_400() {
    let (website, edge) = recorded();
    for lines in ["", "Connection: keep-alive\r\n", "Content-Length: 5\r\n"] {
        let bytes =
            format!("POST / HTTP/1.0\r\nHost: {HOST}\r\n{lines}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        is_refused(&website, &edge, bytes.as_bytes());
    }
}

#[test]
fn a_get_with_a_body_is_passed_on_with_it() {
    let (website, edge) = recorded();
    for lines in ["Content-Length: 26\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1a\r\n"] {
        for method in ["GET", "HEAD", "DELETE", "OPTIONS", "x-purge"] {
            let end = if lines.contains("chunked") { "\r\n0\r\n\r\n" } else { "" };
            let body = "GET /hidden HTTP/1.1\r\nX: y";
            assert_eq!(body.len(), 26);
            let bytes = format!("{method} /meant HTTP/1.1\r\nHost: {HOST}\r\n{lines}{body}{end}");
            let mut client = Client::connect(edge.address());
            client.send(bytes.as_bytes());
            assert_eq!(client.response(method).status(), "200");
            let took = website.took();
            assert_eq!(
                took.iter().map(|message| message.meant()).collect::<Vec<_>>(),
                [(method, "/meant", body.as_bytes())]
            );
            assert_eq!(requests(bytes.as_bytes()).messages[0].meant(), took[0].meant(), "as it was meant");
        }
    }
}
