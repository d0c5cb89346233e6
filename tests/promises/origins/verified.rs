//! A website that is reached over TLS is the one that it says it is, or none.

use std::path::PathBuf;

use crate::support::{
    AD, Answer, Authority, Config, Edge, HOST, Origin, PAGE, TlsFront, Visitor, number_on, run, tracking,
};

/// A website with a page, and a folder with its authority's certificate in `ca.pem`.
struct Secured {
    origin: Origin,
    authority: Authority,
    folder: tempfile::TempDir,
}

fn secured() -> Secured {
    let origin = Origin::start();
    origin.answers("/", Answer::html(PAGE));
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    authority.write_root(&folder.path().join("ca.pem"));
    Secured { origin, authority, folder }
}

impl Secured {
    fn tls(&self, name: &str) -> TlsFront {
        let pair = self.authority.issue(self.folder.path(), "website", &[name]);
        TlsFront::before(self.origin.address, &pair, &["http/1.1"])
    }

    fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn config(&self, url: &str) -> Config {
        Config::of(self.origin.address).origins(&[url]).site(&format!("origin_ca = {:?}", self.ca()))
    }
}

#[test]
fn a_website_over_tls_is_named_and_verified_by_the_host_of_its_url() {
    let secured = secured();
    let tls = secured.tls("localhost");
    let edge = Edge::start(&secured.config(&tls.url("localhost")));
    let response = Visitor::at(&edge).open(AD);
    assert_eq!(number_on(&response.text()), tracking(0));
    assert_eq!(secured.origin.last("/").head.value("Host"), Some(HOST), "the visitor's host");
    let agreed = tls.agreed();
    assert_eq!(agreed[0].server_name.as_deref(), Some("localhost"));
    assert_eq!(agreed[0].protocol.as_deref(), Some("http/1.1"));
}

#[test]
fn a_website_whose_certificate_is_anothers_is_a_502_and_the_log_says_why() {
    let secured = secured();
    let tls = secured.tls("other.example.net");
    let edge = Edge::start(&secured.config(&tls.url("localhost")));
    assert_eq!(Visitor::at(&edge).open("/").status(), "502");
    let line = edge.says("can't be reached: its certificate can't be verified");
    assert!(line.contains(&tls.url("localhost")) && line.contains("origin_ca"), "{line}");
    assert!(secured.origin.received().is_empty(), "it is told nothing");
}

#[test]
fn a_website_whose_certificate_nobody_known_has_signed_is_a_502() {
    let secured = secured();
    let tls = secured.tls("localhost");
    let url = tls.url("localhost");
    Authority::new().write_root(&secured.ca());
    for config in [secured.config(&url), Config::of(secured.origin.address).origins(&[&url])] {
        let edge = Edge::start(&config);
        assert_eq!(Visitor::at(&edge).open("/").status(), "502");
        edge.says("its certificate can't be verified");
    }
}

#[test]
fn the_authorities_are_read_again_at_a_reload() {
    let secured = secured();
    let tls = secured.tls("localhost");
    let config = secured.config(&tls.url("localhost"));
    Authority::new().write_root(&secured.ca());
    let edge = Edge::start(&config);
    assert_eq!(Visitor::at(&edge).open("/").status(), "502");
    secured.authority.write_root(&secured.ca());
    edge.reload(&config);
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    std::fs::remove_file(secured.ca()).unwrap();
    edge.hang_up();
    edge.says("site.origin_ca");
    edge.says("nothing has changed");
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
}

#[test]
fn authorities_that_cannot_be_read_are_an_error_before_anybody_is_served() {
    let secured = secured();
    let config = secured.config("https://localhost:1").to_toml();
    let file = secured.folder.path().join("dni-edge.toml");
    std::fs::write(&file, config).unwrap();
    for (authorities, why) in [
        (None, "can't be read"),
        (Some("no certificate"), "has no certificate"),
        (
            Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            "no certificate of an authority",
        ),
        (Some("-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n"), "can't be read"),
    ] {
        match authorities {
            Some(pem) => std::fs::write(secured.ca(), pem).unwrap(),
            None => std::fs::remove_file(secured.ca()).unwrap(),
        }
        for command in ["check", "serve"] {
            let outcome = run(&[command, "--config", file.to_str().unwrap()], b"");
            let said = format!("{}{}", outcome.text(), outcome.stderr);
            assert_eq!(outcome.status, 1, "{said}");
            assert!(said.contains("site.origin_ca") && said.contains(why), "{said}");
        }
    }
}

#[test]
fn check_asks_a_website_over_tls_as_visitors_are_served() {
    let secured = secured();
    let tls = secured.tls("localhost");
    let file = secured.folder.path().join("dni-edge.toml");
    let check = |url: &str| {
        std::fs::write(&file, secured.config(url).to_toml()).unwrap();
        run(&["check", "--config", file.to_str().unwrap(), "https://www.example.com/"], b"")
    };
    let outcome = check(&tls.url("localhost"));
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.text());
    assert_eq!(secured.origin.last("/").head.value("Host"), Some(HOST));
    let outcome = check(&tls.url("127.0.0.1"));
    assert_eq!(outcome.status, 1);
    assert!(outcome.text().contains("its certificate can't be verified"), "{}", outcome.text());
}
