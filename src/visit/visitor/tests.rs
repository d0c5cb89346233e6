use http::Method;
use proptest::prelude::*;

use super::words::*;
use super::*;

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/143.0.0.0 Safari/537.36";

fn headers(rows: &[(&'static str, &str)]) -> HeaderMap {
    let row = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header value"))
    };
    rows.iter().map(row).collect()
}

fn who(user_agent: &str) -> &'static str {
    Visitor::of(&headers(&[("user-agent", user_agent)]), None).name()
}

/// What User-Agents are made of stands in `fixtures/visit/visitors.tsv`.
#[test]
fn no_length_and_no_byte_hides_a_machine() {
    assert_eq!(Visitor::of(&HeaderMap::new(), None), Visitor::Tool);
    let padding = "(x; y) ".repeat(1000);
    assert_eq!(who(&format!("{CHROME} {padding} AhrefsBot/7.0")), "crawler");
    assert_eq!(who(&format!("{CHROME} {padding}")), "person");
    let mut headers = HeaderMap::new();
    let bytes = [CHROME.as_bytes(), b" \xff\xfe SemrushBot"].concat();
    headers.insert(USER_AGENT, HeaderValue::from_bytes(&bytes).expect("opaque bytes"));
    assert_eq!(Visitor::of(&headers, None), Visitor::Crawler);
    for short in ["M", "Mo", "@", "a@", "a@b.", "bot"] {
        assert_ne!(who(short), "person", "{short}");
    }
}

#[test]
fn the_reason_names_the_word() {
    let reason = |rows: &[(&'static str, &str)]| {
        let mut because = Vec::new();
        Visitor::of(&headers(rows), Some(&mut because));
        because.join("; ")
    };
    assert_eq!(reason(&[("user-agent", "GPTBot/1.0")]), r#"the User-Agent says "GPTBot""#);
    assert_eq!(reason(&[]), "there is no User-Agent");
    assert_eq!(reason(&[("x-moz", "prefetch")]), "the header X-Moz announces a prefetch");
    assert_eq!(reason(&[("user-agent", CHROME)]), "the User-Agent is a browser's and names no machine");
}

#[test]
fn words_are_sorted_small_and_long_enough_to_be_found() {
    let lists = [ENGINES, SIGNS, ENDINGS, INNOCENT, AI_FETCHERS, PREVIEWS, CARDS, MONITORS, CRAWLERS, TOOLS];
    for list in lists {
        assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        for word in list {
            assert!(word.len() >= 3 && *word == word.to_ascii_lowercase(), "{word}");
        }
    }
}

#[test]
fn fetch_metadata_decides_what_is_a_page() {
    let of = |rows: &[(&'static str, &str)]| Navigation::of(&Method::GET, &headers(rows));
    let frame = |dest, site| of(&[("sec-fetch-dest", dest), ("sec-fetch-site", site)]);
    assert_eq!(of(&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate")]), Navigation::Document);
    assert_eq!(of(&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "cors")]), Navigation::No);
    assert_eq!(of(&[("sec-fetch-dest", "document"), ("accept", "image/png")]), Navigation::Document);
    assert_eq!(frame("iframe", "same-origin"), Navigation::Frame);
    assert_eq!(frame("frame", "same-site"), Navigation::Frame);
    assert_eq!(frame("iframe", "cross-site"), Navigation::No);
    assert_eq!(frame("iframe", "none"), Navigation::No);
    assert_eq!(of(&[("sec-fetch-dest", "iframe")]), Navigation::No);
    for dest in ["empty", "image", "style", "script", "embed", "object", "worker", "Document"] {
        assert_eq!(frame(dest, "same-origin"), Navigation::No, "{dest}");
    }
    assert_eq!(of(&[("sec-fetch-mode", "no-cors"), ("accept", "text/html")]), Navigation::No);
    assert_eq!(of(&[("sec-fetch-mode", "navigate"), ("accept", "text/html")]), Navigation::Document);
}

#[test]
fn without_fetch_metadata_the_accepted_types_decide() {
    let of = |rows: &[(&'static str, &str)]| Navigation::of(&Method::GET, &headers(rows));
    assert_eq!(of(&[]), Navigation::Document);
    assert_eq!(of(&[("accept", "*/*")]), Navigation::Document);
    assert_eq!(of(&[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]), Navigation::Document);
    assert_eq!(of(&[("accept", "application/xhtml+xml")]), Navigation::Document);
    assert_eq!(of(&[("accept", "image/avif,image/webp,*/*;q=0.8")]), Navigation::No);
    assert_eq!(of(&[("accept", "application/json")]), Navigation::No);
    assert_eq!(of(&[("accept", "")]), Navigation::No);
    let script = [("accept", "text/html, */*; q=0.01"), ("x-requested-with", "XMLHttpRequest")];
    assert_eq!(of(&script), Navigation::No);
    let app = [("accept", "text/html"), ("x-requested-with", "com.example.app")];
    assert_eq!(of(&app), Navigation::Document);
}

#[test]
fn only_get_navigates() {
    let rows = headers(&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate")]);
    for method in [Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS] {
        assert_eq!(Navigation::of(&method, &rows), Navigation::No, "{method}");
    }
}

#[test]
fn a_user_agent_is_judged_without_memory() {
    for user_agent in
        [CHROME, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0"]
    {
        let headers = headers(&[("user-agent", user_agent)]);
        // The words are laid out on first use.
        Visitor::of(&headers, None);
        let counted = allocation_counter::measure(|| {
            std::hint::black_box(Visitor::of(&headers, None));
        });
        assert_eq!(counted.count_total, 0, "{user_agent}");
    }
}

/// User-Agents made of what browsers and machines say, in any order.
fn made_up() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "Mozilla/5.0 (",
        "Windows NT 10.0; Win64; x64",
        "Linux; Android 10; K",
        ") AppleWebKit/537.36 (KHTML, like Gecko) ",
        ") Gecko/20100101 ",
        "Chrome/143.0.0.0 ",
        "Safari/537.36",
        "Mobile ",
        "Firefox/1.0",
        " ",
        ")",
        "bot",
        "; compatible; ",
        "Googlebot/2.1",
        "crawl",
        "CUBOT",
        "+http://a.example",
        "a@b.example",
        "headless",
        "HeadlessChrome/1.0 ",
        "GPTBot",
        "x",
        ".com",
        "9",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_every_browser_says_may_be_passed_over(user_agent in made_up()) {
        let told = |found: vocabulary::Found<'_>| match found.machine {
            Some((who, says)) => (who, says.to_vec()),
            None if found.engine => (Visitor::Person, Vec::new()),
            None => (Visitor::Tool, Vec::new()),
        };
        let passed = told(VOCABULARY.read(user_agent.as_bytes()));
        prop_assert_eq!(passed, told(VOCABULARY.read_all(user_agent.as_bytes())));
    }
}
