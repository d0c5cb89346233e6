//! A page that is known is compared with what it was. Where it has become another one, it is read as if it had never been
//! known.

use crate::support::{Answer, Origin, Request, Visitor, chunk, plumber};

/// What the website makes of its page in turn, and how a visitor with the number 646-555-0000 reads it.
const EDITIONS: [(&str, &str); 14] = [
    ("<h1>Pipes</h1><p>Call 212-555-0100</p>", "<h1>Pipes</h1><p>Call 646-555-0000</p>"),
    ("<h1>Pipes</h1><p>Call 212-555-0100 now</p>", "<h1>Pipes</h1><p>Call 646-555-0000 now</p>"),
    ("<h1>Pipes</h1><p>Call 212-555-01009</p>", "<h1>Pipes</h1><p>Call 212-555-01009</p>"),
    ("<h1>Pipes</h1><p>Call 212-555-0100</p>", "<h1>Pipes</h1><p>Call 646-555-0000</p>"),
    ("<h1>Pipes</h1><p>Call 212-555-0100-99</p>", "<h1>Pipes</h1><p>Call 212-555-0100-99</p>"),
    ("<h1>Drain</h1><p>Call 212-555-0100</p>", "<h1>Drain</h1><p>Call 646-555-0000</p>"),
    ("<h1>Drain</h1><p>Call 212-555-010", "<h1>Drain</h1><p>Call 212-555-010"),
    ("<h1>Drain</h1><p>Call 212-555-0100", "<h1>Drain</h1><p>Call 646-555-0000"),
    ("<h1>Drain</h1><script>'212-555-0100'</script>", "<h1>Drain</h1><script>'212-555-0100'</script>"),
    (
        "<h1>Drain</h1><script>'212-555-0100'</script><p>212.555.0100",
        "<h1>Drain</h1><script>'212-555-0100'</script><p>646.555.0000",
    ),
    (
        "<h1>Drain</h1><!-- 212-555-0100 --><p>212.555.0100",
        "<h1>Drain</h1><!-- 212-555-0100 --><p>646.555.0000",
    ),
    ("<h1>Drain</h1><!-- <b>212-555-0100</b>", "<h1>Drain</h1><!-- <b>212-555-0100</b>"),
    ("", ""),
    ("212-555-0100", "646-555-0000"),
];

fn serve(origin: &Origin, how: &str, page: &'static str) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
    match how {
        "whole" => origin.answers("/page", Answer::html(page)),
        "gzip" => origin.answers("/page", Answer::html(page).packed("gzip")),
        _ => origin.script("/page", move |exchange| {
            let bytes: Vec<u8> = page.bytes().flat_map(|byte| chunk(&[byte])).collect();
            exchange.send(&[head.as_bytes(), &bytes, &chunk(b"")].concat());
        }),
    }
}

fn read(visitor: &mut Visitor) -> String {
    visitor.send(&Request::navigation("/page").with("Accept-Encoding", "gzip")).text()
}

#[test]
fn it_is_read_as_if_it_had_never_been_known() {
    let (origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open("/?gad_source=1");
    for how in ["whole", "byte by byte", "gzip"] {
        for (place, (page, filled)) in EDITIONS.iter().enumerate() {
            serve(&origin, how, page);
            for time in ["new", "known"] {
                assert_eq!(read(&mut visitor), *filled, "edition {place}, {how}, {time}");
            }
        }
    }
}

#[test]
fn it_may_change_in_any_order() {
    let (origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open("/?gad_source=1");
    for (before, _) in EDITIONS {
        for (page, filled) in EDITIONS {
            serve(&origin, "whole", before);
            read(&mut visitor);
            serve(&origin, "byte by byte", page);
            assert_eq!(read(&mut visitor), filled, "behind {before:?}");
        }
    }
}
