//! Pages that can't be read to their end, or at all, go on as the website sent them.

use crate::support::{AD, Answer, GOOGLEBOT, PAGE, Request, Visitor, contains, plumber, tracking};

#[test]
fn a_page_with_a_tag_of_several_megabytes_goes_on_unfilled_from_there() {
    let (origin, edge) = plumber(|config| config);
    let page = format!("<p>212-555-0100</p><p title=\"{}\">212-555-0100</p>{PAGE}", "x".repeat(3 << 20));
    origin.answers("/odd", Answer::html(&page));
    origin.answers("/odd.gz", Answer::html(&page).packed("gzip"));
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
fn a_page_in_a_charset_that_is_not_read_is_untouched() {
    let (origin, edge) = plumber(|config| config);
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| PAGE.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let (little, big) = (utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes));
    let meta = |tag: &str| PAGE.replace("<head>", &format!("<head>{tag}")).into_bytes();
    for (path, content_type, page) in [
        ("/little", "text/html; charset=utf-16le", little.clone()),
        ("/big", "text/html;charset=\"UTF-16BE\"", big.clone()),
        ("/marked-little", "text/html", [&b"\xff\xfe"[..], &little].concat()),
        ("/marked-big", "text/html", [&b"\xfe\xff"[..], &big].concat()),
        ("/marked-against-the-header", "text/html; charset=utf-8", [&b"\xff\xfe"[..], &little].concat()),
        ("/japanese", "text/html; charset=ISO-2022-JP", PAGE.into()),
        ("/korean", "text/html; charset=iso-2022-kr", PAGE.into()),
        ("/meta", "text/html", meta("<meta charset=iso-2022-jp>")),
        (
            "/http-equiv",
            "text/html",
            meta("<meta http-equiv=Content-Type content='text/html; charset=csISO2022JP'>"),
        ),
    ] {
        origin.answers(path, Answer::of("200 OK", content_type, &page));
        assert!(Visitor::at(&edge).open(&format!("{path}?gad_source=1")).body == page, "{path}");
    }
    assert!(contains(&Visitor::at(&edge).open(AD).body, tracking(0).as_bytes()), "and cost no number");
}

#[test]
fn a_mark_and_the_header_count_before_what_the_page_says() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    let meta = PAGE.replace("<head>", "<head><meta charset=iso-2022-jp>");
    let marked = format!("\u{feff}{meta}");
    for (path, content_type, page) in [
        ("/mark", "text/html", &marked),
        ("/header", "text/html; charset=windows-1252", &meta),
        // What no browser reads, UTF-7 among it, is windows-1252 or whatever else ASCII is a part of.
        ("/nobody's", "text/html; charset=utf-7", &PAGE.to_owned()),
    ] {
        origin.answers(path, Answer::of("200 OK", content_type, page));
        let shown = visitor.open(&format!("{path}?gad_source=1"));
        assert!(contains(&shown.body, tracking(0).as_bytes()), "{path}");
    }
}

#[test]
fn pages_in_codings_that_are_not_read_and_pages_not_to_be_transformed_are_untouched() {
    let (origin, edge) = plumber(|config| config);
    for (path, lines) in [
        ("/compress", &["Content-Encoding: compress"][..]),
        ("/dictionary", &["Content-Encoding: dcb"]),
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
fn what_is_no_page_is_untouched() {
    let (origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    for kind in [
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/json",
        "application/ld+json",
        "application/manifest+json",
        "application/rss+xml",
        "application/atom+xml",
        "application/xml",
        "text/xml",
        "text/plain",
        "text/event-stream",
        "text/html-sandboxed",
        "image/svg+xml",
        "image/png",
        "application/pdf",
        "multipart/x-mixed-replace; boundary=text/html",
    ] {
        for answer in [Answer::of("200 OK", kind, PAGE), Answer::of("200 OK", kind, PAGE).packed("br")] {
            let untouched = answer.to_bytes(false);
            origin.answers("/file", answer.with(&["Cache-Control: public, max-age=60", "ETag: \"f\""]));
            let response = visitor.open("/file");
            assert!(untouched.ends_with(&response.body) && response.text() == PAGE, "{kind}");
            assert_eq!(response.header("Cache-Control"), Some("public, max-age=60"), "{kind}");
            assert_eq!(response.header("ETag"), Some("\"f\""), "{kind}");
        }
    }
    origin.script("/untyped", |exchange| {
        exchange.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{PAGE}", PAGE.len()).as_bytes());
    });
    assert_eq!(visitor.open("/untyped").text(), PAGE);
}

#[test]
fn events_arrive_one_by_one_as_they_are() {
    let (origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    let steps = origin.steps("/events");
    let mut client = visitor.begin(&Request::by_script("GET", "/events").with("Accept", "text/event-stream"));
    steps.arrived();
    steps.begin("Content-Type: text/event-stream\r\nCache-Control: no-cache\r\n");
    assert_eq!(client.head("GET").value("Cache-Control"), Some("no-cache"));
    for event in ["data: 212-555-0100\n\n", "data: <p>(212) 555-0100</p>\n\n"] {
        steps.chunk(event);
        assert_eq!(String::from_utf8_lossy(&client.read_until("\n\n")), event);
    }
}

#[test]
fn a_page_to_be_saved_is_untouched_and_one_to_be_shown_is_filled() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    for (disposition, is_filled) in [
        ("attachment", false),
        ("Attachment; filename=\"invoice.html\"", false),
        ("download", false),
        ("inline", true),
        ("INLINE; filename=\"page.html\"", true),
        ("filename=\"page.html\"", true),
        ("", true),
    ] {
        let line = format!("Content-Disposition: {disposition}");
        origin.answers("/file", Answer::html(PAGE).with(&[&line, "ETag: \"f\""]));
        let response = visitor.open("/file");
        assert_eq!(contains(&response.body, tracking(0).as_bytes()), is_filled, "{disposition}");
        assert_eq!(response.header("ETag").is_none(), is_filled, "{disposition}");
        assert!(response.head.has("Content-Disposition"));
    }
}

#[test]
fn an_empty_page_and_one_of_a_single_byte_are_themselves() {
    let (origin, edge) = plumber(|config| config);
    for page in ["", "x", "<", "\u{feff}", "&"] {
        origin.answers("/tiny", Answer::html(page));
        origin.answers("/tiny.gz", Answer::html(page).packed("gzip"));
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
