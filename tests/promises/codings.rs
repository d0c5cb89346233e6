//! Pages are filled in every coding that browsers take, and leave in the one that they came in.

use crate::support::{
    AD, Answer, CODINGS, Client, GOOGLEBOT, Origin, PAGE, Packer, Request, Response, Unpacker, Visitor,
    number_on, packed, page_with, plumber, tracking,
};

/// Every coding a website may send, and how the body of it looks: deflate comes bare as well.
const SENT: [&str; 5] = ["gzip", "deflate", "bare", "br", "zstd"];

/// The name that a coding goes by in a header.
fn name(sent: &str) -> &str {
    if sent == "bare" { "deflate" } else { sent }
}

fn accepting(target: &str, codings: &str) -> Request {
    Request::navigation(target).with("Accept-Encoding", codings)
}

#[test]
fn a_page_is_filled_in_whatever_coding_it_comes_and_leaves_in_the_same() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    for sent in SENT {
        origin.answers("/", Answer::html(PAGE).packed(sent));
        // Read, compared with what is remembered, and for somebody to whom nothing is shown.
        for _ in 0..2 {
            let response = visitor.send(&accepting(AD, "gzip, deflate, br, zstd"));
            assert_eq!(response.header("Content-Encoding"), Some(name(sent)));
            assert_eq!(response.text(), page_with(&tracking(0)), "{sent}");
        }
        let crawler = accepting(AD, name(sent)).with("User-Agent", GOOGLEBOT);
        let response = Visitor::at(&edge).send(&crawler);
        assert!(response.body == packed(sent, PAGE), "{sent}: a crawler reads the website's bytes");
        assert!(response.header("Content-Length").is_some());
    }
}

#[test]
fn who_does_not_take_what_came_gets_the_page_as_it_is() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    for sent in SENT {
        origin.answers("/", Answer::html(PAGE).packed(sent));
        for accepted in ["identity", "", "*;q=0", "dcb", &format!("{};q=0, *", name(sent))] {
            let response = visitor.send(&accepting(AD, accepted));
            assert_eq!(response.header("Content-Encoding"), None, "{sent} for {accepted:?}");
            assert_eq!(response.text(), page_with(&tracking(0)));
            assert_eq!(response.header("Vary"), Some("Accept-Encoding, Cookie"));
        }
    }
}

#[test]
fn codings_are_named_in_any_case_by_old_names_and_beside_identity() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    for (lines, body, coding) in [
        (&["Content-Encoding: X-GZip"][..], packed("gzip", PAGE), Some("gzip")),
        (&["Content-Encoding: identity", "Content-Encoding: BR"], packed("br", PAGE), Some("br")),
        (&["Content-Encoding: zstd,identity"], packed("zstd", PAGE), Some("zstd")),
        (&["Content-Encoding: identity"], PAGE.into(), None),
        (&["Content-Encoding:"], PAGE.into(), None),
    ] {
        origin.answers("/", Answer::html(body).with(lines));
        let response = visitor.send(&accepting(AD, "gzip, deflate, br, zstd"));
        assert_eq!(response.header("Content-Encoding"), coding, "{lines:?}");
        assert_eq!(response.text(), page_with(&tracking(0)), "{lines:?}");
    }
}

#[test]
fn a_page_in_several_members_or_frames_is_read_to_its_end() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    let (front, back) = PAGE.as_bytes().split_at(PAGE.find("555-0100").unwrap());
    for coding in ["gzip", "zstd"] {
        let body = [packed(coding, front), packed(coding, back)].concat();
        origin.answers("/", Answer::html(body).with(&[&format!("Content-Encoding: {coding}")]));
        for accepted in [coding, "identity"] {
            let response = visitor.send(&accepting(AD, accepted));
            assert_eq!(number_on(&response.text()), tracking(0), "{coding} as {accepted}");
        }
    }
}

#[test]
fn a_page_that_is_not_in_the_coding_that_it_names_goes_on_as_it_is() {
    let (origin, edge) = plumber(|config| config);
    for coding in CODINGS {
        origin.answers("/", Answer::html(PAGE).with(&[&format!("Content-Encoding: {coding}")]));
        for accepted in [coding, "identity"] {
            let response = Visitor::at(&edge).send(&accepting(AD, accepted));
            assert!(response.body == PAGE.as_bytes(), "{coding} as {accepted}");
        }
    }
    origin.answers("/", Answer::html(PAGE));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0), "and it costs no number");
}

#[test]
fn what_follows_a_packed_page_is_no_part_of_it() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    for sent in SENT {
        let padded = [packed(sent, PAGE), vec![0; 512]].concat();
        origin.answers("/", Answer::html(padded).with(&[&format!("Content-Encoding: {}", name(sent))]));
        for accepted in [name(sent), "identity"] {
            let response = visitor.send(&accepting(AD, accepted));
            assert_eq!(response.text(), page_with(&tracking(0)), "{sent} as {accepted}");
        }
    }
}

#[test]
fn a_packed_page_that_ends_too_early_never_looks_whole() {
    let (origin, edge) = plumber(|config| config);
    for sent in SENT {
        let body = packed(sent, PAGE.repeat(50));
        let half = &body[..body.len() - 12];
        origin.answers("/half", Answer::html(half).with(&[&format!("Content-Encoding: {}", name(sent))]));
        for accepted in [name(sent), "identity"] {
            let mut client = Visitor::at(&edge).begin(&accepting("/half?gad_source=1", accepted));
            let breaks_off = client.try_head("GET").is_none() || client.rest().1.is_err();
            assert!(breaks_off, "{sent} as {accepted}");
        }
    }
}

#[test]
fn a_packed_page_of_no_bytes_is_one() {
    let (origin, edge) = plumber(|config| config);
    for coding in CODINGS {
        let line = format!("Content-Encoding: {coding}");
        origin.answers("/none", Answer::html("").with(&[&line]));
        let response = Visitor::at(&edge).send(&accepting("/none?gad_source=1", coding));
        assert_eq!((response.status(), response.body.len()), ("200", 0));
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{line}\r\nTransfer-Encoding: chunked\r\n");
        origin.script("/chunks", move |exchange| exchange.send(format!("{head}\r\n0\r\n\r\n").as_bytes()));
        for accepted in [coding, "identity"] {
            let response = Visitor::at(&edge).send(&accepting("/chunks?gad_source=1", accepted));
            assert_eq!((response.status(), response.text().as_str()), ("200", ""), "{coding} as {accepted}");
        }
    }
}

#[test]
fn a_packed_page_longer_than_page_bytes_goes_on_unfilled_from_there() {
    let (origin, edge) = plumber(|config| config.numbers(1).server("limits.page_bytes = \"64KB\""));
    let mut visitor = Visitor::at(&edge);
    let page = format!("{PAGE}{}{PAGE}", "<p>Pipes</p>".repeat(8000));
    let filled = format!("{}{}{PAGE}", page_with(&tracking(0)), "<p>Pipes</p>".repeat(8000));
    for sent in SENT {
        // The part before the limit comes by itself, so that where the limit falls is not at the reader's choice.
        let mut packer = Packer::of(sent);
        let (front, back) = page.split_at(page.len() - PAGE.len());
        let body = [packer.part(front), packer.part(back), packer.end()].concat();
        origin.answers("/", Answer::html(body).with(&[&format!("Content-Encoding: {}", name(sent))]));
        for accepted in [name(sent), "identity"] {
            assert!(visitor.send(&accepting(AD, accepted)).text() == filled, "{sent} as {accepted}");
        }
    }
}

/// A page, and so many megabytes of zeros behind it.
fn bomb(coding: &'static str, megabytes: usize) -> Vec<u8> {
    let mut packer = Packer::of(coding);
    let mut body = packer.part(PAGE);
    let zeros = vec![0; 1 << 20];
    (0..megabytes).for_each(|_| body.extend(packer.part(&zeros)));
    body.extend(packer.end());
    body
}

#[test]
fn a_page_that_unpacks_to_far_too_much_is_broken_off_and_takes_no_memory() {
    const MEGABYTES: usize = 24;
    let (origin, edge) = plumber(|config| config.server("limits.page_bytes = \"64KB\""));
    Visitor::at(&edge).open(AD);
    for (coding, accepted) in CODINGS.into_iter().zip(["gzip", "identity", "br", "identity"]) {
        let line = format!("Content-Encoding: {coding}");
        origin.answers("/bomb", Answer::html(bomb(coding, MEGABYTES)).with(&[&line]));
        let before = edge.peak_memory();
        let mut client = Visitor::at(&edge).begin(&accepting("/bomb?gad_source=1", accepted));
        client.head("GET");
        let mut unpacker = Unpacker::of(accepted);
        let broke_off = loop {
            match client.next() {
                Ok(Some(part)) => unpacker.write(&part),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broke_off, "{coding} as {accepted} came to its end");
        let came = unpacker.read();
        assert!(came.starts_with(&PAGE.as_bytes()[..15]), "the page's beginning comes");
        assert!(came.len() < 12 << 20, "{coding} as {accepted}: {} MB came", came.len() >> 20);
        edge.says("breaks off: the page unpacks to more than 200 times its size");
        let more = edge.peak_memory() - before;
        assert!(more < 32 << 20, "{coding}: {} MB more", more >> 20);
    }
    origin.answers("/", Answer::html(PAGE));
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE, "other pages come");
}

#[test]
fn a_page_may_unpack_to_what_the_configuration_says() {
    let (origin, edge) =
        plumber(|config| config.server("limits = { decompression_ratio = 4000000, page_bytes = \"64KB\" }"));
    origin.answers("/long", Answer::html(bomb("gzip", 12)).with(&["Content-Encoding: gzip"]));
    let response = Visitor::at(&edge).send(&accepting("/long?gad_source=1", "gzip"));
    assert_eq!(response.page().len(), page_with(&tracking(0)).len() + (12 << 20));
}

/// What the website was asked to send its page in.
fn asked(client: &mut Client, origin: &Origin, request: &Request) -> (Response, String) {
    let response = client.exchange(request);
    let head = origin.last("/").head;
    (response, head.all("Accept-Encoding").join("; "))
}

#[test]
fn the_website_is_asked_for_what_is_taken_and_can_be_read() {
    let (origin, edge) = plumber(|config| config);
    let mut client = Client::connect(edge.address());
    for (theirs, expected) in [
        ("gzip, deflate, br, zstd", "gzip, deflate, br, zstd"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br, gzip;q=0.8, zstd;q=0.1, deflate;q=0.1"),
        ("dcb, dcz, br", "br"),
        ("compress", "identity"),
        ("gzip;q=0, *", "br, zstd, deflate"),
        ("X-GZIP", "gzip"),
        ("gzip, identity;q=0", "gzip, identity;q=0"),
        ("", "identity"),
    ] {
        let (_, lines) = asked(&mut client, &origin, &accepting(AD, theirs));
        assert_eq!(lines, expected, "{theirs}");
    }
    let bare = Request::navigation(AD).without("Accept-Encoding");
    assert_eq!(asked(&mut client, &origin, &bare).1, "identity");
    let crawler = accepting(AD, "compress, br;q=0.1").with("User-Agent", GOOGLEBOT);
    assert_eq!(
        asked(&mut client, &origin, &crawler).1,
        "compress, br;q=0.1",
        "a crawler's words are its own"
    );
}
