//! What is not a number of the business leaves byte for byte as the website sent it. A page filled with its own numbers
//! *is* the website's page.

mod as_expected;
mod however_it_is_cut;
mod when_a_page_changes;

use crate::support::{Answer, CODINGS, Config, Edge, Fixture, Origin, Request, Visitor, tracking};

/// Sizes that pages are fed in; each page has one, and all are tried in `however_it_is_cut`.
const SIZES: [usize; 6] = [1, 2, 5, 1, 61, 997];

#[test]
fn a_page_filled_with_its_own_numbers_is_the_page() {
    for (place, fixture) in Fixture::all().iter().chain(&Fixture::structured()).enumerate() {
        let size = SIZES[place % SIZES.len()];
        let outcome = fixture.rewrite(&["--chunk", &size.to_string()]);
        assert!(outcome.stdout == fixture.page, "{} in pieces of {size} is another page", fixture.name);
    }
}

#[test]
fn a_page_filled_with_its_own_numbers_by_the_proxy_is_the_websites_page() {
    let (origin, mut sites) = (Origin::start(), String::new());
    let fixtures = Fixture::all();
    let host = |place: usize| format!("site-{place}.example.com");
    let codings = [&CODINGS[..], &["identity", "bare"]].concat();
    let coding = |place: usize| codings[place % codings.len()];
    for (place, fixture) in fixtures.iter().enumerate() {
        let answer = Answer::of("200 OK", &fixture.content_type(), &fixture.page);
        let path = format!("/{}", fixture.name);
        origin.answers(&path, answer.packed(coding(place)));
        sites += &fixture.site(&host(place), &format!("http://{}", origin.address));
        sites += &format!(
            "[[site.pool]]\nname = \"one\"\nline = \"main\"\nnumbers = [{:?}]\n",
            tracking(100 + place)
        );
        sites += "[[site.rule]]\nshow = [\"pool:one\"]\n";
    }
    let edge = Edge::start(&Config::of(origin.address).more(&sites));
    for (place, fixture) in fixtures.iter().enumerate() {
        let request = Request::navigation(&format!("/{}", fixture.name)).with("Host", &host(place));
        let request = request.with("Accept-Encoding", "gzip, deflate, br, zstd");
        let first = Visitor::at(&edge).send(&request);
        assert!(first.page() != fixture.page, "{}: the pool's one number is shown", fixture.name);
        let second = Visitor::at(&edge).send(&request);
        assert_eq!(second.header("Cache-Control"), Some("private, no-store"), "it went through the filling");
        assert!(second.page() == fixture.page, "{} is another page", fixture.name);
    }
}
