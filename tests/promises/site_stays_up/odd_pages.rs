//! Pages that can't be read to their end, or at all, go on as the website sent them.

use crate::support::{
    AD, Answer, GOOGLEBOT, PAGE, Request, Visitor, contains, gzip, page_with, plumber, tracking,
};

#[test]
fn a_page_with_a_tag_of_several_megabytes_goes_on_unfilled_from_there() {
    let (origin, edge) = plumber(|config| config);
    let page = format!("<p>212-555-0100</p><p title=\"{}\">212-555-0100</p>{PAGE}", "x".repeat(3 << 20));
    origin.answers("/odd", Answer::html(&page));
    origin.answers("/odd.gz", Answer::html(&page).gzip());
    for path in ["/odd?gad_source=1", "/odd.gz?gad_source=1"] {
        let response = Visitor::at(&edge).send(&Request::navigation(path).with("Accept-Encoding", "gzip"));
        let (filled, shown) = (response.text(), tracking_text(&response.text()));
        assert!(
            filled == page.replacen("212-555-0100", &shown, 1),
            "{path}: all but the first number is the page"
        );
    }
}

/// The first number of a page, as it is written there.
fn tracking_text(page: &str) -> String {
    let number = page[3..15].to_owned();
    assert!(number.starts_with("646-555-"), "the number before the odd place is shown: {number}");
    number
}

#[test]
fn a_page_longer_than_page_bytes_goes_on_unfilled_from_there() {
    let (origin, edge) = plumber(|config| config.server("limits.page_bytes = \"64KB\""));
    let (steps, visitor) = (origin.steps("/long"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::navigation("/long?gad_source=1"));
    steps.arrived();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>212-555-0100</p>");
    steps.chunk(format!("{}<!-- long enough -->", "<p>Pipes</p>".repeat(8000)));
    client.head("GET");
    let mut read = client.read_until("<!-- long enough -->");
    steps.chunk(PAGE);
    steps.chunk("");
    let (rest, ended) = client.rest();
    assert!(ended.is_ok());
    read.extend(rest);
    let page = String::from_utf8(read).unwrap();
    assert!(page.starts_with("<p>646-555-0000</p><p>Pipes</p>") && page.ends_with(PAGE), "{}", &page[..200]);
}

#[test]
fn a_page_in_utf_16_is_untouched() {
    let (origin, edge) = plumber(|config| config);
    let utf_16: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&b"\xff\xfe"[..], &utf_16].concat();
    origin.answers("/said", Answer::of("200 OK", "text/html; charset=utf-16le", &utf_16));
    origin.answers("/marked", Answer::of("200 OK", "text/html", &marked));
    assert!(Visitor::at(&edge).open("/said?gad_source=1").body == utf_16);
    assert!(Visitor::at(&edge).open("/marked?gad_source=1").body == marked);
    assert!(contains(&Visitor::at(&edge).open(AD).body, tracking(0).as_bytes()), "and cost no number");
}

#[test]
fn pages_in_codings_that_are_not_read_and_pages_not_to_be_transformed_are_untouched() {
    let (origin, edge) = plumber(|config| config);
    for (path, lines) in [
        ("/br", &["Content-Encoding: br"][..]),
        ("/stacked", &["Content-Encoding: gzip, gzip"]),
        ("/stacked-lines", &["Content-Encoding: gzip", "Content-Encoding: br"]),
        ("/no-transform", &["Cache-Control: public", "Cache-Control: max-age=60, No-Transform"]),
    ] {
        origin.answers(path, Answer::html(PAGE).with(lines).with(&["ETag: \"x\""]));
        let mut visitor = Visitor::at(&edge);
        visitor.open("/none?gad_source=1");
        let response = visitor.open(path);
        assert!(response.body == PAGE.as_bytes(), "{path}");
        assert_eq!(response.header("ETag"), Some("\"x\""), "{path}");
    }
}

#[test]
fn a_page_that_is_not_in_the_coding_that_it_names_goes_on_as_it_is() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/", Answer::html(PAGE).with(&["Content-Encoding: gzip"]));
    for accepted in ["gzip", "identity"] {
        let request = Request::navigation(AD).with("Accept-Encoding", accepted);
        assert!(Visitor::at(&edge).send(&request).body == PAGE.as_bytes(), "{accepted}");
    }
}

#[test]
fn what_follows_a_compressed_page_is_no_part_of_it() {
    let (origin, edge) = plumber(|config| config);
    let padded = [gzip(PAGE.as_bytes()), vec![0; 512]].concat();
    origin.answers("/", Answer::html(padded).with(&["Content-Encoding: gzip"]));
    for (n, accepted) in ["gzip", "identity"].into_iter().enumerate() {
        let request = Request::navigation(AD).with("Accept-Encoding", accepted);
        assert_eq!(Visitor::at(&edge).send(&request).text(), page_with(&tracking(n)));
    }
}

#[test]
fn what_is_no_page_is_untouched() {
    let (origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    for kind in [
        "text/css",
        "text/javascript",
        "application/json",
        "text/plain",
        "text/event-stream",
        "image/svg+xml",
    ] {
        origin.answers("/file", Answer::of("200 OK", kind, PAGE));
        assert_eq!(visitor.open("/file").text(), PAGE, "{kind}");
    }
    origin.script("/untyped", |exchange| {
        exchange.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{PAGE}", PAGE.len()).as_bytes());
    });
    assert_eq!(visitor.open("/untyped").text(), PAGE);
}

#[test]
fn an_empty_page_and_one_of_a_single_byte_are_themselves() {
    let (origin, edge) = plumber(|config| config);
    for page in ["", "x", "<", "\u{feff}", "&"] {
        origin.answers("/tiny", Answer::html(page));
        origin.answers("/tiny.gz", Answer::html(page).gzip());
        for path in ["/tiny?gad_source=1", "/tiny.gz?gad_source=1"] {
            let request = Request::navigation(path).with("Accept-Encoding", "gzip");
            assert_eq!(Visitor::at(&edge).send(&request).text(), page);
            let crawler = request.with("User-Agent", GOOGLEBOT);
            assert_eq!(Visitor::at(&edge).send(&crawler).text(), page);
        }
    }
}

#[test]
fn a_text_a_tag_or_an_attribute_without_end_takes_no_more_memory_than_a_page() {
    const BLOCK: usize = 1 << 20;
    const BLOCKS: usize = 24;
    let (origin, edge) = plumber(|config| config.server("limits = { page_bytes = \"1GB\" }"));
    Visitor::at(&edge).open(AD);
    let before = edge.peak_memory();
    for (begins, goes_on) in
        [("<p>", "words "), ("<p>", "7 words "), ("<p ", "x "), ("<p title='", "words "), ("<!--", "words ")]
    {
        origin.script("/endless", move |exchange| {
            exchange.send(
                format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n{begins}")
                    .as_bytes(),
            );
            let block = goes_on.repeat(BLOCK / goes_on.len());
            (0..BLOCKS).for_each(|_| exchange.send(block.as_bytes()));
            exchange.close();
        });
        let mut client = Visitor::at(&edge).begin(&Request::navigation("/endless?gad_source=1"));
        client.head("GET");
        let mut came = 0;
        while let Some(part) = client.next().expect("the page goes on") {
            came += part.len();
        }
        assert_eq!(came, begins.len() + BLOCKS * (BLOCK / goes_on.len()) * goes_on.len());
        let more = edge.peak_memory() - before;
        assert!(more < 16 << 20, "{begins}{goes_on}…: {} KB more", more >> 10);
    }
}
