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
        ("<p contenteditable>212-555-0100", "text", "212-555-0100", "it is in what visitors edit"),
        (
            "<p contenteditable><img alt=212-555-0100>",
            "attribute",
            "212-555-0100",
            "it is in what visitors edit",
        ),
        ("<template><p>212-555-0100</template>", "text", "212-555-0100", "it is in a template"),
        ("<svg><title>212-555-0100</title></svg>", "text", "212-555-0100", "drawing's or formula's title"),
        ("<i title='$212.555.0100'></i>", "attribute", "212.555.0100", "tied to"),
        ("<p class=h-card><i title='212-555-0100'></i>", "attribute", "212-555-0100", "in a card"),
        ("<img data-x='Call 212-555-0100'>", "attribute", "212-555-0100", "of attributes"),
        ("<link href='tel:+12125550100'>", "href", "+12125550100", "of attributes"),
        ("<a href='/orders/2125550100'>x</a>", "href", "2125550100", "leads elsewhere"),
        ("<a class=h-card href=tel:2125550100>x</a>", "href", "2125550100", "structured data"),
        (
            "<a itemprop=telephone rel=x href='tel:2125550100 or so'>x</a>",
            "href",
            "2125550100",
            "leads elsewhere",
        ),
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
fn a_number_in_an_attribute_is_said_to_be_in_one_whatever_stands_before_it() {
    for (page, place) in [
        ("<img alt='Call 212-555-0100'>", "attribute"),
        ("<i data-x='a > b' title='212-555-0100'></i>", "attribute"),
        ("<a aria-label=212-555-0100>x</a>", "attribute"),
        ("<p>1 < 2: 212-555-0100", "text"),
        ("<a href=tel:212-555-0100>x</a>", "href"),
    ] {
        let show = ["--site", "plumber", "--explain", "--show", "main=+16465550177"];
        let outcome = rewrite(&show, page.as_bytes());
        let line = &explained(&outcome)[0];
        assert_eq!((&line["place"], &line["becomes"]), (&json!(place), &json!("646-555-0177")), "{page}");
    }
}

#[test]
fn a_link_that_stays_for_what_reads_it_is_not_said_to_lead_elsewhere() {
    for (site, page, says) in [
        ("", "<a class=h-card href=tel:2125550100>x</a>", "that no edit keeps for every parser"),
        (
            "hydration = \"react\"",
            "<a itemprop=telephone href=tel:2125550100>x</a>",
            "without an element that the page's own scripts don't expect",
        ),
        ("", "<html amp><a href=tel:2125550100>x</a>", "AMP"),
    ] {
        let file = File::with(&Config::of("127.0.0.1:9".parse().unwrap()).site(site).to_toml());
        let arguments = ["rewrite", "--config", file.path(), "--site", "plumber", "--explain"];
        let lines = explained(&run(&arguments, page.as_bytes()));
        let left: Vec<_> = lines.iter().filter(|line| line["place"] == "href").collect();
        let [left] = &left[..] else { panic!("{page}: {lines:?}") };
        assert!(left["left"].as_str().is_some_and(|left| left.contains(says)), "{page}: {left}");
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
