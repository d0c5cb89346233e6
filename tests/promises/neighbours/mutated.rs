//! Requests with mistakes in them, made at random but always the same: the website is sent no request that a strict reader of the
//! same bytes doesn't find there.

use crate::support::{Client, Config, Edge, HOST, Recorder, requests_with_tolerance};

/// So many are tried.
const CASES: u64 = 2500;

/// What mistakes are made with.
const TOKENS: [&str; 44] = [
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    "\u{b}",
    "\u{c}",
    "\u{a0}",
    ":",
    ";",
    ",",
    "0",
    "1",
    "a",
    "+",
    "-",
    "\"",
    "\r\n\r\n",
    "\n\n",
    "\r\n ",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "3;x=\"",
    "ffffffffffffffff\r\n",
    "chunked",
    "identity",
    "close",
    "keep-alive",
    "x, ",
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 50\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: x\r\n",
    "Transfer-Encoding:\u{b}chunked\r\n",
    "Connection: close\r\n",
    "Upgrade: x\r\nConnection: upgrade\r\n",
    "Expect: 100-continue\r\n",
    "Host: www.example.com\r\n",
    "Trailer: x\r\n",
    "HTTP/1.0",
    "#",
    "http://www.example.com",
];

/// Requests without a mistake.
fn sound() -> [String; 6] {
    let head = |first: &str| format!("{first} HTTP/1.1\r\nHost: {HOST}\r\n");
    let hidden = format!("{}\r\n", head("GET /hidden"));
    [
        head("GET /a?b=c") + "Accept: */*\r\nCookie: d=e\r\n\r\n",
        head("POST /length") + &format!("Content-Length: {}\r\n\r\n{hidden}", hidden.len()),
        head("PUT /chunks")
            + &format!(
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n{:x};a=b\r\n{hidden}\r\n0\r\n\r\n",
                hidden.len()
            ),
        head("PATCH /trailed")
            + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n",
        head("GET http://www.example.com/whole") + "TE: trailers\r\nConnection: te\r\n\r\n",
        head("POST /two") + "Content-Length: 0\r\n\r\n" + &head("DELETE /behind") + "X: y\r\n\r\n",
    ]
}

/// Numbers that look like any.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }

    /// One to three mistakes.
    fn mistaken(&mut self, sound: &str) -> Vec<u8> {
        let mut bytes = sound.as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let line_start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let line_end =
                bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |len| at + len + 1);
            let token = TOKENS[self.below(TOKENS.len())].as_bytes().to_vec();
            match self.below(7) {
                0 => drop(bytes.splice(at..at, token)),
                1 => drop(bytes.splice(line_start..line_start, token)),
                2 => drop(bytes.splice(at..=at, token)),
                3 => drop(bytes.remove(at)),
                4 => drop(bytes.drain(line_start..line_end)),
                5 => drop(bytes.splice(line_start..line_start, bytes[line_start..line_end].to_vec())),
                _ => bytes[at] = self.below(256) as u8,
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        bytes
    }
}

/// As what a target arrives: without its host, and without its fragment.
fn arriving(target: &str) -> String {
    let path = target.split('#').next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
            rest.find(['/', '?']).map_or("/", |at| &rest[at..])
        }
        _ => path,
    };
    if path.starts_with('?') { format!("/{path}") } else { path.to_owned() }
}

#[test]
fn a_website_is_sent_no_request_that_was_not_meant_whatever_is_wrong_with_the_bytes() {
    let website = Recorder::start();
    let edge = Edge::start(&Config::of(website.address));
    let mut passed = 0;
    // A request whose sender has gone may arrive while the next case is tried already.
    let mut before = Vec::new();
    for case in 0..CASES {
        let mut chance = Chance(case);
        let sound = &sound()[chance.below(6)];
        let canary = format!("GET /canary HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
        let bytes = [chance.mistaken(sound), canary.into_bytes()].concat();
        let meant = requests_with_tolerance(&bytes);
        let mut client = Client::connect(edge.address());
        // Who has been refused already doesn't listen to the end.
        let _ = client.try_send(&bytes);
        if meant.refused.is_none() && meant.len < bytes.len() {
            client.says_no_more();
        }
        client.is_let_go();
        let meant = meant.messages.into_iter();
        let meant: Vec<_> =
            meant.map(|message| (message.method, arriving(&message.target), message.body)).collect();
        let (mut now, mut earlier) = (meant.iter(), before.iter());
        for took in website.took() {
            let took = (took.method, took.target, took.body);
            let of = if now.clone().any(|message| *message == took) { &mut now } else { &mut earlier };
            let is_meant = of.any(|message| *message == took);
            assert!(is_meant, "case {case}: {took:?} was not meant by {:?}", String::from_utf8_lossy(&bytes));
            passed += 1;
        }
        before = meant;
    }
    assert!(passed > CASES / 4, "{passed} requests have come: too few to say anything");
}
