//! What is decided for a visit: who is asking and where from, and which number they get.

#[path = "support/ratios.rs"]
mod ratios;

use std::hint::black_box;
use std::io::BufReader;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use criterion::Criterion;
use dni_edge::Timestamp;
use dni_edge::cli::classify::stream;
use dni_edge::pool::{Affinity, Asker, Choice, Held, Network, Terms, choose};
use dni_edge::visit::{Landing, Navigation, Reading, SessionHash, Visitor};
use http::{HeaderMap, HeaderValue, Method, header};
use ratios::Line;

const SUMMARY: [Line; 14] = [
    Line { of: "user agent/ours", by: None, limit: Some(150.0) },
    Line { of: "user agent/ours", by: Some("user agent/isbot"), limit: Some(1.0) },
    Line { of: "user agent/ours", by: Some("user agent/woothee"), limit: Some(1.0) },
    Line { of: "user agent/8 KB", by: Some("user agent/1 KB"), limit: Some(9.0) },
    Line { of: "whole/a search", by: None, limit: Some(250.0) },
    Line { of: "whole/an ad", by: None, limit: Some(250.0) },
    Line { of: "whole/an ad with five parameters", by: None, limit: None },
    Line { of: "whole/an ad", by: Some("whole/parsing page and referrer"), limit: Some(1.0) },
    Line { of: "classify/direct", by: None, limit: Some(1000.0) },
    Line { of: "classify/google referrer", by: None, limit: Some(1000.0) },
    Line { of: "classify/gclid and utm", by: None, limit: Some(1000.0) },
    Line { of: "classify/a line of JSON", by: None, limit: Some(2000.0) },
    Line { of: "lease decision/50 numbers", by: None, limit: None },
    Line { of: "lease decision/200 numbers", by: None, limit: Some(300.0) },
];

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/142.0.0.0 Safari/537.36";

const TERMS: Terms = Terms {
    hold: Duration::from_secs(300),
    provisional_hold: Duration::from_secs(30),
    provisional_per_network: 4,
};

/// How many are classified at a time.
const LINES: usize = 1000;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn main() -> ExitCode {
    ratios::run(&SUMMARY, |criterion| {
        user_agent(criterion);
        whole(criterion);
        classify(criterion);
        lease_decision(criterion);
    })
}

/// Of every ten requests some seven are people's.
const USER_AGENTS: [&str; 10] = [
    CHROME,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 \
     Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
     Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22F76 \
     Instagram 389.0.0.28.84 (iPhone15,2; iOS 18_5; en_US; en; scale=3.00; 1179x2556; 759416410)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/141.0.7390.122 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)",
    "python-requests/2.32.3",
];

fn user_agent(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("user agent");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let requests = USER_AGENTS
        .map(|user_agent| HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(user_agent))]));
    let people = requests.iter().filter(|headers| Visitor::of(headers, None).is_person()).count();
    assert_eq!(people, 7, "seven are people");
    let each = |elapsed: Duration| elapsed / USER_AGENTS.len() as u32;
    let isbot = isbot::Bots::default();
    let woothee = woothee::parser::Parser::new();
    group.bench_function("ours", |b| {
        b.iter_custom(|count| {
            each(repeat(count, || requests.each_ref().map(|headers| Visitor::of(black_box(headers), None))))
        })
    });
    group.bench_function("isbot", |b| {
        b.iter_custom(|count| {
            each(repeat(count, || USER_AGENTS.map(|user_agent| isbot.is_bot(black_box(user_agent)))))
        })
    });
    group.bench_function("woothee", |b| {
        b.iter_custom(|count| {
            each(repeat(count, || {
                USER_AGENTS.map(|user_agent| woothee.parse(black_box(user_agent)).is_some())
            }))
        })
    });
    for (name, length) in [("1 KB", 1 << 10), ("8 KB", 1 << 13)] {
        let long: String =
            CHROME.chars().chain(" FBAV/470.0.0.35.107;".chars().cycle()).take(length).collect();
        let long = HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_str(&long).expect("ASCII"))]);
        group.bench_function(name, |b| b.iter(|| Visitor::of(black_box(&long), None)));
    }
    group.finish();
}

fn repeat<R>(count: u64, mut work: impl FnMut() -> R) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        black_box(work());
    }
    start.elapsed()
}

/// Who asks and where from, by page, referrer and User-Agent.
fn whole(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("whole");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let own_hosts = ["www.example.com".to_owned(), "example.com".to_owned()];
    let headers = HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(CHROME))]);
    let referrer = "https://www.google.com/";
    let ad = "gclid=EAIaIQobChMI8pTkq_bL_gIVjYXVCh0mPQ5rEAAYASAAEgKqEPD_BwE";
    let tagged = format!("gad_source=1&gad_campaignid=21345678901&{ad}&utm_source=google&utm_medium=cpc");
    for (name, query) in
        [("a search", None), ("an ad", Some(ad)), ("an ad with five parameters", Some(&*tagged))]
    {
        group.bench_function(name, |b| {
            b.iter(|| {
                let landing = Landing {
                    query: black_box(query),
                    referrer: Some(black_box(referrer)),
                    own_hosts: &own_hosts,
                    ..Landing::default()
                };
                (Visitor::of(black_box(&headers), None), Reading::of(&landing, None))
            })
        });
    }
    let page = format!("https://www.example.com/services?{ad}");
    group.bench_function("parsing page and referrer", |b| {
        b.iter(|| [&page, referrer].map(|url| url::Url::parse(black_box(url))))
    });
    group.finish();
}

fn classify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("classify");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let own_hosts = ["www.example.com".to_owned(), "example.com".to_owned()];
    let google = Some("https://www.google.com/");
    let tagged = "utm_source=google&utm_medium=cpc&utm_campaign=spring_sale&utm_term=plumber%20near%20me\
                  &gclid=EAIaIQobChMI8pTkq_bL_gIVjYXVCh0mPQ5rEAAYASAAEgKqEPD_BwE";
    for (name, query, referrer) in
        [("direct", None, None), ("google referrer", None, google), ("gclid and utm", Some(tagged), google)]
    {
        let headers = headers(referrer);
        group.bench_function(name, |b| {
            b.iter(|| {
                let headers = black_box(&headers);
                let referrer = headers.get(header::REFERER).and_then(|referrer| referrer.to_str().ok());
                let landing = Landing {
                    query: black_box(query),
                    referrer,
                    own_hosts: &own_hosts,
                    ..Landing::default()
                };
                let visitor = Visitor::of(headers, None);
                (visitor, Navigation::of(&Method::GET, headers), Reading::of(&landing, None))
            })
        });
    }
    let lines: String = (0..LINES).map(line).collect();
    let mut answers = Vec::new();
    stream(BufReader::new(lines.as_bytes()), &mut answers, None).expect("memory");
    assert_eq!(answers.iter().filter(|byte| **byte == b'\n').count(), LINES, "each line is answered");
    group.bench_function("a line of JSON", |b| {
        b.iter_custom(|count| {
            let start = Instant::now();
            for _ in 0..count {
                answers.clear();
                stream(BufReader::new(black_box(lines.as_bytes())), &mut answers, None).expect("memory");
            }
            start.elapsed() / LINES as u32
        })
    });
    group.finish();
}

/// A line of a usual log: a search, an ad, a further page, a crawler.
fn line(place: usize) -> String {
    let (path, referrer, user_agent) = match place % 4 {
        0 => ("services", "https://www.google.com/", CHROME),
        1 => (
            "?utm_source=google&utm_medium=cpc&gclid=EAIaIQobChMI8pTkq_bL",
            "https://www.google.com/",
            CHROME,
        ),
        2 => ("contact", "https://www.example.com/", CHROME),
        _ => ("", "", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    };
    format!(
        "{{\"url\":\"https://www.example.com/{path}\",\"referrer\":\"{referrer}\",\"user_agent\":\"{user_agent}\"}}\n"
    )
}

/// What Chrome sends when somebody opens a page.
fn headers(referrer: Option<&'static str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "www.example.com"),
        ("user-agent", CHROME),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("accept-language", "en-US,en;q=0.9"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-site", "cross-site"),
        ("upgrade-insecure-requests", "1"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(referrer) = referrer {
        headers.insert(header::REFERER, HeaderValue::from_static(referrer));
    }
    headers
}

fn lease_decision(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lease decision");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    for count in [50, 200] {
        let (numbers, terms) = (others(count), TERMS);
        let affinity = Affinity::of("google", "cpc");
        let network = Some(Network::of([192, 0, 2, 1].into()));
        let asker = Asker { session: session(0), affinity, is_confirmed: false, network };
        let ask = |numbers: &[Held]| choose(numbers, &asker, &terms, NOW);
        assert!(matches!(ask(&numbers), Choice::Free(_)), "some number is free");
        group.bench_function(format!("{count} numbers"), |b| b.iter(|| ask(black_box(&numbers))));
    }
    group.finish();
}

/// Numbers that other sessions hold, half of them on hold, a third from the asker's source, in no order.
fn others(count: u64) -> Vec<Held> {
    let held = |place: u64| Held {
        last_seen: Timestamp(NOW.0 - (1000 * (place * 7919 % 600)) as i64),
        holder: Some(session(place + 1)),
        affinity: Affinity::of(["google", "bing", "facebook"][(place % 3) as usize], "cpc"),
        is_confirmed: !place.is_multiple_of(16),
        network: place.is_multiple_of(16).then(|| Network::of([198, 51, 100, place as u8].into())),
    };
    (0..count).map(held).collect()
}

fn session(number: u64) -> SessionHash {
    SessionHash(u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_le_bytes())
}
