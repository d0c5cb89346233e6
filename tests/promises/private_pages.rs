//! No cache shows one visitor's page to another.

use crate::support::{
    AD, Answer, CANONICAL, CODINGS, Config, Edge, GOOGLEBOT, NUMBERLESS, Origin, PAGE, Request, Response,
    Visitor, number_on, plumber, tracking,
};

/// What a website says of its page so that it is kept, compared and cut into pieces.
const CACHEABLE: [&str; 16] = [
    "Cache-Control: public, max-age=300, s-maxage=600",
    "ETag: \"v1\"",
    "Last-Modified: Mon, 02 Mar 2026 10:00:00 GMT",
    "Accept-Ranges: bytes",
    "Expires: Mon, 02 Mar 2037 10:00:00 GMT",
    "CDN-Cache-Control: max-age=600",
    "Cloudflare-CDN-Cache-Control: max-age=600",
    "Surrogate-Control: max-age=600",
    "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",
    "Digest: sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
    "Repr-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
    "Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
    "Vary: Accept-Encoding",
    "Vary: accept-encoding, X-Device",
    "Set-Cookie: a=1, b; Path=/",
    "Set-Cookie: c=2; Expires=Mon, 02 Mar 2037 10:00:00 GMT",
];

/// Answers as a website does that knows conditions and ranges.
fn conditional_website(origin: &Origin, path: &str, content_type: &'static str) {
    origin.script(path, move |exchange| {
        let head = exchange.request.head.clone();
        let page = Answer::of("200 OK", content_type, PAGE);
        exchange.answer(
            &match (head.has("If-None-Match") || head.has("If-Modified-Since"), head.has("Range")) {
                (true, _) => Answer::of("304 Not Modified", content_type, ""),
                (_, true) => {
                    let range = format!("Content-Range: bytes 0-9/{}", PAGE.len());
                    Answer::of("206 Partial Content", content_type, &PAGE[..10]).with(&[&range])
                }
                (false, false) => page,
            }
            .with(&CACHEABLE[..4]),
        );
    });
}

const CONDITIONS: [(&str, &str); 6] = [
    ("If-None-Match", "\"v1\""),
    ("If-Modified-Since", "Mon, 02 Mar 2026 10:00:00 GMT"),
    ("If-Match", "\"v0\""),
    ("If-Unmodified-Since", "Mon, 02 Mar 2025 10:00:00 GMT"),
    ("Range", "bytes=0-9"),
    ("If-Range", "\"v1\""),
];

fn with_conditions(request: Request, names: &[&str]) -> Request {
    let chosen = CONDITIONS.iter().filter(|(name, _)| names.contains(name));
    chosen.fold(request, |request, (name, value)| request.with(name, value))
}

/// What must be true of every response that may show somebody's number.
fn is_for_nobody_else(response: &Response) {
    for dropped in &CACHEABLE[1..12] {
        let name = dropped.split(':').next().unwrap();
        assert!(!response.head.has(name), "{name} is still there");
    }
    assert!(!response.head.has("Content-Length"));
    assert_eq!(response.header("Cache-Control"), Some("private, no-store"));
    assert_eq!(response.header("X-Powered-By"), Some("pipes"));
    assert_eq!(response.header("Content-Type"), Some("text/html; charset=utf-8"));
    let vary = response.header("Vary").expect("one line").to_ascii_lowercase();
    let mut names: Vec<_> = vary.split(", ").collect();
    names.sort_unstable();
    assert_eq!(names, ["accept-encoding", "cookie", "x-device"]);
}

#[test]
fn a_page_that_may_be_filled_says_nothing_of_the_websites_bytes_and_is_for_nobody_else() {
    let (origin, edge) = plumber(|config| config);
    for (path, page) in [("/filled", PAGE), ("/van", NUMBERLESS)] {
        origin.answers(path, Answer::html(page).with(&CACHEABLE).with(&["X-Powered-By: pipes"]));
        let mut visitor = Visitor::at(&edge);
        for target in [format!("{path}?gad_source=1"), path.to_owned()] {
            is_for_nobody_else(&visitor.open(&target));
        }
    }
}

#[test]
fn a_page_that_would_be_filled_if_the_pool_were_not_full_is_for_nobody_else_either() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    origin.answers("/", Answer::html(PAGE).with(&CACHEABLE).with(&["X-Powered-By: pipes"]));
    is_for_nobody_else(&Visitor::at(&edge).open(AD));
    let mut visitor = Visitor::at(&edge);
    for visit in [AD, "/"] {
        let response = visitor.open(visit);
        assert_eq!(response.text(), PAGE);
        is_for_nobody_else(&response);
    }
}

#[test]
fn a_page_with_a_static_number_is_for_nobody_else() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/", Answer::html(PAGE).with(&CACHEABLE));
    let response = Visitor::at(&edge).open("/?utm_medium=print&utm_source=flyer");
    assert_ne!(number_on(&response.text()), CANONICAL);
    assert_eq!(response.header("Cache-Control"), Some("private, no-store"));
    assert!(!response.head.has("ETag"));
}

#[test]
fn neither_conditions_nor_ranges_of_a_page_that_may_be_filled_reach_the_website() {
    let (origin, edge) = plumber(|config| config);
    conditional_website(&origin, "/", "text/html");
    let mut visitor = Visitor::at(&edge);
    let all = CONDITIONS.map(|(name, _)| name);
    for target in [AD, "/"] {
        let response = visitor.send(&with_conditions(Request::navigation(target), &all));
        assert_eq!((response.status(), number_on(&response.text())), ("200", tracking(0)));
        assert!(!response.head.has("Content-Range"));
        let head = origin.last("/").head;
        assert!(all.iter().all(|name| !head.has(name)), "{head:?}");
    }
}

#[test]
fn what_nobody_is_shown_a_number_on_keeps_the_websites_caching_conditions_and_ranges() {
    let (origin, edge) = plumber(|config| config);
    conditional_website(&origin, "/", "text/html");
    conditional_website(&origin, "/film", "video/mp4");
    let (mut direct, mut leased) = (Visitor::at(&edge), Visitor::at(&edge));
    direct.open("/");
    leased.open(AD);
    let crawler = Request::navigation("/").with("User-Agent", GOOGLEBOT);
    let film = Request::navigation("/film").with("Sec-Fetch-Dest", "video").with("Sec-Fetch-Mode", "no-cors");
    for (visitor, request) in
        [(&mut direct, Request::navigation("/")), (&mut Visitor::at(&edge), crawler), (&mut leased, film)]
    {
        let whole = visitor.send(&request);
        assert_eq!((whole.status(), whole.text().as_str()), ("200", PAGE));
        let same = visitor.send(&with_conditions(request.clone(), &["If-None-Match"]));
        assert_eq!((same.status(), same.body.len()), ("304", 0));
        let part = visitor.send(&with_conditions(request.clone(), &["Range", "If-Range"]));
        assert_eq!((part.status(), part.text().as_str()), ("206", &PAGE[..10]));
        assert_eq!(part.header("Content-Range"), Some(format!("bytes 0-9/{}", PAGE.len()).as_str()));
        for response in [whole, same, part] {
            for line in &CACHEABLE[..4] {
                let (name, value) = line.split_once(": ").unwrap();
                assert_eq!(response.header(name), Some(value), "{}", response.status());
            }
        }
    }
}

/// The lines of a head, but for those that differ from one answer to the next.
fn lines_of(response: &Response) -> Vec<String> {
    let lines = response.head.lines.iter().map(|(name, value)| format!("{}: {value}", name.to_lowercase()));
    let mut lines: Vec<_> = lines
        .filter(|line| {
            !["date:", "transfer-encoding:", "set-cookie: dni"].iter().any(|name| line.starts_with(name))
        })
        .collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_head_has_only_what_is_true_of_the_page_that_it_stands_before() {
    let (origin, edge) = plumber(|config| config.numbers(1));
    let more = ["X-Powered-By: pipes", "Refresh: 300", "Link: </a.css>; rel=preload", "Pragma: x", "Age: 7"];
    origin.answers("/", Answer::html(PAGE).with(&CACHEABLE).with(&more).packed("br"));
    let length = |response: &Response| format!("content-length: {}", response.body.len());
    let said = |lines: &[&str]| {
        let lines = lines.iter().map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            format!("{}: {value}", name.to_lowercase())
        });
        lines.collect::<Vec<_>>()
    };
    let common = ["Content-Type: text/html; charset=utf-8", "Content-Encoding: br", "Via: 1.1 dni-edge"];
    // The website's own, where nobody is shown a number: each line, however often it stands there.
    let theirs = |response: &Response| {
        let mut lines = [&CACHEABLE[..], &more, &common].concat();
        lines.sort_unstable();
        let mut lines = said(&lines);
        lines.push(length(response));
        lines.sort_unstable();
        lines
    };
    let takes_br = |request: Request| request.with("Accept-Encoding", "br");
    let mut direct = Visitor::at(&edge);
    direct.send(&takes_br(Request::navigation("/")));
    let crawler = takes_br(Request::navigation(AD).with("User-Agent", GOOGLEBOT));
    for (mut visitor, request) in
        [(direct, takes_br(Request::navigation("/"))), (Visitor::at(&edge), crawler)]
    {
        let response = visitor.send(&request);
        assert_eq!(lines_of(&response), theirs(&response));
        assert_eq!(response.text(), PAGE);
    }
    let private = [
        "Cache-Control: private, no-store",
        "Vary: Accept-Encoding, X-Device, Cookie",
        CACHEABLE[14],
        CACHEABLE[15],
    ];
    let mut ours = said(&[&private[..], &more[..3], &common].concat());
    ours.sort_unstable();
    let mut leased = Visitor::at(&edge);
    for visit in ["first", "second"] {
        let response = leased.send(&takes_br(Request::navigation(AD)));
        assert_eq!(number_on(&response.text()), tracking(0));
        assert_eq!(lines_of(&response), ours, "{visit}");
    }
}

/// Answers as a website does whose pages are tagged, weakly or strongly, and kept by every cache.
fn tagged_website(origin: &Origin, tag: &'static str) {
    origin.script("/", move |exchange| {
        let known = exchange.request.head.all("If-None-Match").contains(&tag);
        let answer = match known {
            true => Answer::of("304 Not Modified", "text/html", ""),
            false => Answer::html(PAGE),
        };
        let tag = format!("ETag: {tag}");
        exchange.answer(&answer.with(&[&tag, CACHEABLE[0], CACHEABLE[5], CACHEABLE[7]]));
    });
}

#[test]
fn as_before_is_only_said_of_the_websites_own_page_whatever_session_comes_and_goes() {
    let (origin, edge) = plumber(|config| config.numbers(2));
    for (tag, number) in [("\"v1\"", tracking(0)), ("W/\"v1\"", tracking(1))] {
        tagged_website(&origin, tag);
        let knows = |target: &str| Request::navigation(target).with("If-None-Match", tag);
        let mut visitor = Visitor::at(&edge);
        visitor.open("/");
        assert_eq!(visitor.open("/").header("ETag"), Some(tag), "the page without a number may be kept");
        assert_eq!(visitor.send(&knows("/")).status(), "304");
        // The visitor gains a number: the page that the browser kept is not theirs any more.
        for target in [AD, "/"] {
            let response = visitor.send(&knows(target));
            assert_eq!((response.status(), number_on(&response.text())), ("200", number.clone()));
            assert!(
                !["ETag", "CDN-Cache-Control", "Surrogate-Control"]
                    .iter()
                    .any(|name| response.head.has(name))
            );
            let head = visitor.send(&knows(target).method("HEAD"));
            assert_eq!((head.status(), head.header("ETag")), ("200", None), "{target}");
            assert_eq!(head.header("Cache-Control"), Some("private, no-store"));
        }
        // They lose it: only the website's own page can have been kept.
        visitor.cookies.clear();
        let first = visitor.send(&knows("/"));
        assert_eq!((first.status(), first.body.len()), ("304", 0));
        assert_eq!(visitor.send(&knows("/")).status(), "304");
    }
}

#[test]
fn a_part_that_nobody_asked_for_goes_on_as_it_is() {
    let (origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    let parts =
        format!("--x\r\nContent-Type: text/html\r\nContent-Range: bytes 0-9/99\r\n\r\n{PAGE}\r\n--x--\r\n");
    for (status, content_type, body) in [
        ("206 Partial Content", "text/html", PAGE),
        ("206 Partial Content", "multipart/byteranges; boundary=x", &*parts),
        ("226 IM Used", "text/html", PAGE),
    ] {
        let lines = ["Content-Range: bytes 0-9/99", "ETag: \"v1\"", "Cache-Control: public"];
        origin.answers("/part", Answer::of(status, content_type, body).with(&lines));
        for request in
            [Request::navigation("/part"), Request::navigation("/part").with("Range", "bytes=0-9,20-")]
        {
            let response = visitor.send(&request);
            assert_eq!((response.status(), response.text().as_str()), (&status[..3], body));
            assert_eq!(response.header("Content-Range"), Some("bytes 0-9/99"));
            assert_eq!(response.header("ETag"), Some("\"v1\""));
            assert!(!origin.last("/part").head.has("Range"));
        }
    }
}

#[test]
fn head_tells_what_get_would() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/", Answer::html(PAGE).with(&CACHEABLE));
    let mut visitor = Visitor::at(&edge);
    for visit in ["first", "second"] {
        let head = visitor.send(&Request::navigation(AD).method("HEAD"));
        assert!(!lines_of(&head).iter().any(|line| line.starts_with("set-cookie: dni")));
        assert_eq!(lines_of(&head), lines_of(&visitor.open(AD)), "{visit}");
    }
}

#[test]
fn head_names_the_coding_that_get_would_come_in() {
    let (origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    for sent in CODINGS {
        origin.answers("/", Answer::html(PAGE).packed(sent));
        for (accepted, coding) in [(sent, Some(sent)), ("identity", None)] {
            let get = Request::navigation("/").with("Accept-Encoding", accepted);
            assert_eq!(visitor.send(&get).header("Content-Encoding"), coding);
            assert_eq!(visitor.send(&get.method("HEAD")).header("Content-Encoding"), coding, "HEAD");
        }
    }
}

#[test]
fn lines_that_set_cookies_are_never_folded() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/", Answer::html(PAGE).with(&CACHEABLE));
    let mut visitor = Visitor::at(&edge);
    let first = visitor.open(AD);
    let theirs = ["a=1, b; Path=/", "c=2; Expires=Mon, 02 Mar 2037 10:00:00 GMT"];
    assert_eq!(first.head.all("Set-Cookie")[..2], theirs);
    assert_eq!(first.head.all("Set-Cookie").len(), 3);
    assert_eq!(visitor.open("/").head.all("Set-Cookie"), theirs, "ours comes once");
    let crawler = Request::navigation(AD).with("User-Agent", GOOGLEBOT);
    assert_eq!(Visitor::at(&edge).send(&crawler).head.all("Set-Cookie"), theirs, "theirs is a crawler's too");
}

/// The name and the attributes of our cookie.
fn our_cookie(edge: &Edge, request: &Request) -> (String, String) {
    let response = Visitor::at(edge).send(request);
    let line = response.header("Set-Cookie").expect("a session begins");
    let (name, rest) = line.split_once('=').unwrap();
    let (value, attributes) = rest.split_once("; ").unwrap();
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    assert!(plain && value.len() >= 43, "128 random bits and a signature: {value}");
    (name.to_owned(), attributes.to_owned())
}

#[test]
fn the_cookie_is_first_party_and_for_no_script() {
    let (_origin, edge) = plumber(|config| config);
    let (name, attributes) = our_cookie(&edge, &Request::navigation("/"));
    assert_eq!(name, "dni");
    assert_eq!(attributes, "Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax");
    let (_origin, edge) =
        plumber(|config| config.site("session = { cookie = \"who\", cookie_life = \"1d\" }"));
    let (name, attributes) = our_cookie(&edge, &Request::navigation("/"));
    assert_eq!((name.as_str(), attributes.contains("Max-Age=86400;")), ("who", true));
}

#[test]
fn the_cookie_is_secure_and_bound_to_the_host_where_a_trusted_proxy_says_tls() {
    let over_tls = Request::navigation(AD).with("X-Forwarded-Proto", "https");
    let (_origin, edge) = plumber(|config: Config| config);
    assert_eq!(our_cookie(&edge, &over_tls).0, "dni", "a stranger may say what they like");
    let (_origin, edge) = plumber(|config| config.server("trusted_proxies = [\"127.0.0.0/8\"]"));
    let (name, attributes) = our_cookie(&edge, &over_tls);
    assert_eq!(name, "__Host-dni");
    assert_eq!(attributes, "Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure");
    assert_eq!(our_cookie(&edge, &Request::navigation(AD)).0, "dni");
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.send(&over_tls).text());
    let again = visitor.send(&over_tls);
    assert_eq!((number_on(&again.text()), again.head.has("Set-Cookie")), (number.clone(), false));
    let value = visitor.cookies["__Host-dni"].clone();
    let planted = Visitor::at(&edge).send(&over_tls.with("Cookie", &format!("dni={value}")));
    assert_ne!(
        number_on(&planted.text()),
        number,
        "over TLS a cookie without the prefix is somebody else's doing"
    );
}

#[test]
fn hosts_of_one_domain_may_share_the_session() {
    let (_origin, edge) = plumber(|config| {
        let shared = config.site("session = { cookie_domain = \"example.com\" }");
        shared.server("trusted_proxies = [\"127.0.0.0/8\"]")
    });
    let over_tls = Request::navigation(AD).with("X-Forwarded-Proto", "https");
    let (name, attributes) = our_cookie(&edge, &over_tls);
    assert_eq!(name, "__Secure-dni");
    assert_eq!(attributes, "Path=/; Domain=example.com; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure");
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.send(&over_tls).text());
    assert_eq!(number_on(&visitor.send(&over_tls).text()), number);
    assert_eq!(our_cookie(&edge, &Request::navigation(AD)).0, "dni");
}

#[test]
fn a_redirect_that_begins_a_session_is_private_and_keeps_the_source() {
    let (origin, edge) = plumber(|config| config);
    let moved = Answer::of("302 Found", "text/plain", "moved")
        .with(&["Location: /en/?a=b", "CDN-Cache-Control: max-age=9"]);
    origin.answers("/go", moved.with(&["Cache-Control: public, max-age=300", "Set-Cookie: lang=en"]));
    origin.answers("/en/", Answer::html(PAGE));
    let mut visitor = Visitor::at(&edge);
    let response = visitor.open("/go?gad_source=1");
    assert_eq!((response.status(), response.header("Location")), ("302", Some("/en/?a=b")));
    assert_eq!(response.header("Cache-Control"), Some("private, no-store"));
    assert!(!response.head.has("CDN-Cache-Control"));
    assert_eq!(response.head.all("Set-Cookie").len(), 2);
    assert_eq!(number_on(&visitor.open("/en/?a=b").text()), tracking(0));
}
