//! `rewrite`: a page on standard input, the filled page on standard output.

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
