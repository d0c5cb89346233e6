//! `rewrite`: a page on standard input, the filled page on standard output.

use serde_json::{Value, json};

use super::File;
use crate::support::{Config, Outcome, PAGE, page_with, run};

fn rewrite(more: &[&str], page: &[u8]) -> Outcome {
    let file = File::with(&Config::of("127.0.0.1:9".parse().unwrap()).to_toml());
    let mut arguments = vec!["rewrite", "--config", file.path()];
    arguments.extend(more);
    let outcome = run(&arguments, page);
    assert_eq!(
        std::fs::read_dir(file.folder.path()).unwrap().count(),
        1,
        "neither ledger nor secret is made"
    );
    outcome
}

#[test]
fn a_page_is_shown_as_visitors_would_read_it() {
    for chunk in [&[][..], &["--chunk", "1"], &["--chunk", "7"]] {
        let show = ["--site", "plumber", "--show", "main=(646) 555-0177"];
        let outcome = rewrite(&[&show, chunk].concat(), PAGE.as_bytes());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
        assert_eq!(outcome.text(), page_with("+16465550177"));
    }
}

#[test]
fn a_number_of_another_length_or_country_is_written_its_own_way() {
    let outcome = rewrite(&["--site", "plumber", "--show", "main=+44 20 7946 0100"], PAGE.as_bytes());
    let expected = PAGE
        .replace("href=\"tel:+12125550100\"", "href=\"tel:+442079460100\" data-nap=\"+12125550100\"")
        .replace("(212) 555-0100", "+44 20 7946 0100");
    assert_eq!(outcome.text(), expected);
}

#[test]
fn what_is_no_html_and_what_cannot_be_read_come_out_as_they_went_in() {
    let show = ["--site", "plumber", "--show", "main=+16465550177"];
    for kind in
        ["text/css", "application/json", "text/html; charset=utf-16le", "text/html; charset=iso-2022-jp"]
    {
        let outcome = rewrite(&[&show[..], &["--content-type", kind]].concat(), PAGE.as_bytes());
        assert_eq!((outcome.status, outcome.text()), (0, PAGE), "{kind}");
    }
    assert_eq!(rewrite(&show, b"").stdout, b"");
}

/// What `--explain` says, a line each.
fn explained(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.status, 0);
    outcome.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_number_is_explained_with_its_place_and_why_it_is_filled() {
    let show = ["--site", "plumber", "--show", "main=+16465550177"];
    let outcome = rewrite(&[&show[..], &["--explain", "--chunk", "5"]].concat(), PAGE.as_bytes());
    assert_eq!(outcome.text(), page_with("+16465550177"));
    let at = |what: &str| PAGE.find(what).unwrap();
    let (href, text) = (at("+12125550100"), at("(212)"));
    assert_eq!(
        explained(&outcome),
        [
            json!({"line": "main", "place": "href", "start": href, "end": href + 12, "written": "+12125550100",
                "becomes": "+16465550177", "why": "the link leads to the line's number with its country code or trunk prefix"}),
            json!({"line": "main", "place": "beside", "start": href + 13, "end": href + 13, "written": "",
                "becomes": " data-nap=\"+12125550100\"",
                "why": "it keeps the business's own number where parsers and owners look for it"}),
            json!({"line": "main", "place": "text", "start": text, "end": text + 14, "written": "(212) 555-0100",
                "becomes": "(646) 555-0177", "why": "the line's national number"}),
        ]
    );
}

#[test]
fn what_was_seen_and_left_alone_is_explained_with_the_reason() {
    for (page, place, written, left) in [
        ("<title>212-555-0100</title>", "text", "212-555-0100", "in a title element"),
        ("<script>'2125550100'</script>", "text", "2125550100", "in a script element"),
        ("<!-- (212) 555-0100 -->", "text", "(212) 555-0100", "in a comment"),
        ("<p>$212.555.0100", "text", "212.555.0100", "tied to"),
        ("<p>2125550100-99", "text", "2125550100", "tied to"),
        ("<i itemprop=telephone content=x>212-555-0100</i>", "text", "212-555-0100", "structured data"),
        ("<p contenteditable>212-555-0100", "text", "212-555-0100", "visitors edit"),
        ("<img data-x='Call 212-555-0100'>", "attribute", "212-555-0100", "of attributes"),
        ("<link href='tel:+12125550100'>", "href", "+12125550100", "of attributes"),
        ("<a href='/orders/2125550100'>x</a>", "href", "2125550100", "leads elsewhere"),
        ("<a class=h-card href=tel:2125550100>x</a>", "href", "2125550100", "structured data"),
        ("<p>x<a title='212-555-0100", "text", "212-555-0100", "ends inside a tag"),
    ] {
        let outcome =
            rewrite(&["--site", "plumber", "--explain", "--show", "main=+16465550177"], page.as_bytes());
        assert_eq!(outcome.text(), page);
        let lines = explained(&outcome);
        let [line] = &lines[..] else { panic!("{page}: one line: {lines:?}") };
        assert_eq!(
            (line["place"].as_str(), line["written"].as_str()),
            (Some(place), Some(written)),
            "{page}"
        );
        let (start, end) = (line["start"].as_u64().unwrap(), line["end"].as_u64().unwrap());
        assert_eq!(&page[start as usize..end as usize], written);
        assert!(line["left"].as_str().unwrap().contains(left), "{page}: {line}");
    }
}

#[test]
fn a_page_that_goes_through_as_a_whole_is_explained_in_a_line() {
    for (kind, page, left) in [
        ("application/json", PAGE, "no HTML"),
        ("text/html; charset=utf-16le", "", "charset"),
        ("text/html", "<html amp>", "AMP"),
    ] {
        let outcome = rewrite(&["--site", "plumber", "--explain", "--content-type", kind], page.as_bytes());
        assert_eq!(outcome.text(), page);
        let lines = explained(&outcome);
        assert_eq!((lines.len(), lines[0]["place"].as_str()), (1, Some("page")), "{lines:?}");
        assert!(lines[0]["left"].as_str().unwrap().contains(left), "{lines:?}");
    }
}

#[test]
fn what_can_not_be_done_ends_with_1_and_says_why() {
    for (arguments, says) in [
        (&["--site", "baker"][..], &["\"baker\"", "plumber"][..]),
        (&["--site", "plumber", "--show", "night=+16465550177"], &["\"night\"", "main"]),
        (&["--site", "plumber", "--show", "main=call me"], &["call me", "no part of a number"]),
        (&["--site", "plumber", "--show", "main=12"], &["12"]),
        (&["--site", "plumber", "--show", "main"], &["LINE=NUMBER"]),
    ] {
        let outcome = rewrite(arguments, PAGE.as_bytes());
        assert_eq!((outcome.status, outcome.text()), (1, ""), "{arguments:?}");
        assert!(says.iter().all(|word| outcome.stderr.contains(word)), "{arguments:?}: {}", outcome.stderr);
        assert_eq!(outcome.stderr.lines().count(), 1, "one line: {}", outcome.stderr);
    }
}
