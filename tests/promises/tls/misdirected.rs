//! Over TLS a request is answered for the hosts of the site that the connection was made for, and for no others (RFC 9110
//! §15.5.20): browsers ask on one connection for all hosts that its certificate is for.

use crate::support::{
    Answer, Authority, Config, Edge, HOST, Hello, Http2, Origin, PAGE, Request, listening, page_with, plumber,
};

/// Two sites whose hosts one certificate is for.
fn two_sites() -> (Origin, Edge, Authority) {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let pair =
        authority.issue(folder.path(), "all", &["*.example.com", "baker.example.org", "nobody.example.org"]);
    let origin = Origin::start();
    origin.answers("/", Answer::html(PAGE));
    let baker = format!(
        "[[site]]\nname = \"baker\"\nhosts = [\"baker.example.com\", \"baker.example.org\"]\norigin = \"http://{}\"\n\
         [[site.line]]\nname = \"main\"\ncanonical = \"+12125550100\"\n\
         [[site.static]]\nname = \"ad\"\nnumber = \"+19175550007\"\n[[site.rule]]\nshow = [\"static:ad\"]\n",
        origin.address
    );
    let edge = Edge::start(&Config::of(origin.address).server(&listening([&pair])).more(&baker));
    edge.secure();
    (origin, edge, authority)
}

#[test]
fn a_host_of_another_site_than_was_named_is_a_421() {
    let (origin, edge, authority) = two_sites();
    for (named, host, status) in [
        (HOST, "baker.example.com", "421"),
        ("baker.example.com", HOST, "421"),
        ("nobody.example.org", HOST, "421"),
        (HOST, HOST, "200"),
        ("WWW.Example.com", "www.example.com:443", "200"),
        ("baker.example.com", "baker.example.org", "200"),
        ("baker.example.org", "baker.example.com.", "200"),
    ] {
        let before = origin.received().len();
        let mut client = Hello::to(named, authority.roots()).client(edge.secure());
        let response = client.exchange(&Request::navigation("/").with("Host", host));
        assert_eq!(response.status(), status, "{named} {host}");
        assert_eq!(origin.received().len(), before + usize::from(status == "200"), "{named} {host}");
        assert!(status == "200" || response.text().contains(host) && !response.head.has("Set-Cookie"));
    }
}

#[test]
fn a_connection_goes_on_behind_a_421_in_either_version() {
    let (_origin, edge, authority) = two_sites();
    let hello = Hello::to(HOST, authority.roots());
    let elsewhere = Request::navigation("/").with("Host", "baker.example.com");
    let mut client = hello.client(edge.secure());
    assert_eq!(client.exchange(&elsewhere).status(), "421");
    assert_eq!(client.exchange(&Request::navigation("/")).text(), PAGE);
    let mut client = Http2::agree(&hello, edge.secure());
    assert_eq!(client.exchange(&elsewhere).status, 421);
    assert_eq!(client.exchange(&Request::navigation("/")).text(), PAGE);
    // As a browser does once it was told.
    let mut client = Http2::agree(&Hello::to("baker.example.com", authority.roots()), edge.secure());
    assert_eq!(client.exchange(&elsewhere).text(), page_with("+19175550007"));
}

#[test]
fn who_names_no_host_at_first_is_served_any_that_is_one_of_ours() {
    let (_origin, edge, authority) = two_sites();
    let hello = Hello::to(HOST, authority.roots()).nameless();
    for (host, status) in [(HOST, "200"), ("baker.example.org", "200"), ("nobody.example.org", "421")] {
        let mut client = hello.client(edge.secure());
        assert_eq!(client.exchange(&Request::navigation("/").with("Host", host)).status(), status, "{host}");
    }
}

#[test]
fn a_host_that_no_site_serves_is_a_421_over_tls_and_a_404_in_plain() {
    let (_origin, edge, authority) = two_sites();
    let request = Request::navigation("/").with("Host", "nobody.example.org");
    let mut client = Hello::to("nobody.example.org", authority.roots()).client(edge.secure());
    assert_eq!(client.exchange(&request).status(), "421");
    let mut client = Http2::agree(&Hello::to("nobody.example.org", authority.roots()), edge.secure());
    assert_eq!(client.exchange(&request).status, 421);
    assert_eq!(crate::support::Visitor::at(&edge).send(&request).status(), "404");
}

#[test]
fn what_a_trusted_proxy_says_of_its_visitor_changes_nothing_of_that() {
    let (_origin, edge) = plumber(|config| config.server("trusted_proxies = [\"127.0.0.1\"]"));
    let request =
        Request::navigation("/").with("X-Forwarded-Proto", "https").with("Host", "nobody.example.org");
    assert_eq!(crate::support::Visitor::at(&edge).send(&request).status(), "404");
}
