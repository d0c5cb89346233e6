//! Certificates that an authority issues (RFC 8555), which asks over TLS whether the host is here (RFC 8737): Let's Encrypt's
//! own test server does.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{
    Answer, Authority, Config, Edge, HOST, Hello, Origin, PAGE, Pebble, Request, free_port,
};

fn website() -> Origin {
    let origin = Origin::start();
    origin.answers("/", Answer::html(PAGE));
    origin
}

/// Listens for TLS at this port, with certificates from there, and of what further lines say.
fn issued_by(pebble: &Pebble, port: u16, origin: &Origin, further: &str) -> Config {
    let directory = pebble.directory();
    let acme = format!("{{ hosts = [\"{HOST}\"], email = \"a@example.com\", directory = \"{directory}\" }}");
    let server = format!("listen_tls = [\"127.0.0.1:{port}\"]\ntls.acme = {acme}\n{further}");
    Config::of(origin.address).server(&server)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_certificate_is_issued_and_served_and_kept_for_its_owner() {
    let (origin, port) = (website(), free_port());
    let Some(mut pebble) = Pebble::asking_at(port) else { return };
    pebble.run();
    let mut edge = Edge::start_as(&issued_by(&pebble, port, &origin, ""), pebble.trusting());
    edge.says("an authority has asked whether a host is here");
    edge.says("has issued a certificate for www.example.com");
    let hello = Hello::to(HOST, pebble.roots());
    let address = ([127, 0, 0, 1], port).into();
    assert_eq!(hello.client(address).exchange(&Request::navigation("/")).text(), PAGE);
    let certificate = hello.certificate(address);
    let folder = edge.folder().join("acme").join(pebble.folder_name());
    assert_eq!((mode(&folder), mode(&edge.folder().join("acme"))), (0o700, 0o700));
    for file in ["account.key", "www.example.com.pem"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
    // From here on nobody could issue another.
    pebble.stop();
    edge.stop();
    edge.start_again_as(pebble.trusting());
    edge.says("the certificate that was kept for www.example.com is served");
    assert_eq!(hello.certificate(address), certificate);
    edge.hang_up();
    edge.says("the certificate that was kept for www.example.com is served");
    assert_eq!(hello.certificate(address), certificate, "a reload changes nothing");
}

#[test]
fn hosts_whose_certificates_are_in_files_are_not_asked_for() {
    let (origin, port) = (website(), free_port());
    let Some(pebble) = Pebble::asking_at(port) else { return };
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let pair = authority.issue(folder.path(), "wild", &["*.example.com"]);
    let files = format!("tls.certificates = [{}]", pair.written());
    let edge = Edge::start_as(&issued_by(&pebble, port, &origin, &files), pebble.trusting());
    edge.says("no certificate is asked for www.example.com: one in a file is for it");
    let mut client = Hello::to(HOST, authority.roots()).client(([127, 0, 0, 1], port).into());
    assert_eq!(client.exchange(&Request::navigation("/")).text(), PAGE);
}

#[test]
fn an_authority_that_is_away_stops_nothing_and_is_asked_again_at_a_reload() {
    let (origin, port) = (website(), free_port());
    let Some(mut pebble) = Pebble::asking_at(port) else { return };
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let pair = authority.issue(folder.path(), "other", &["other.example.com"]);
    let files = format!("tls.certificates = [{}]", pair.written());
    let config = issued_by(&pebble, port, &origin, &files);
    let edge = Edge::start_as(&config, pebble.trusting());
    let line = edge.says("there is no new certificate for www.example.com");
    assert!(line.contains("WARN") && line.contains("it is asked for again in 1m, or at a reload"), "{line}");
    let address = ([127, 0, 0, 1], port).into();
    let mut client = Hello::trusting(HOST).client(address);
    assert_eq!(client.exchange(&Request::navigation("/")).text(), PAGE, "with the certificate that there is");
    pebble.run();
    edge.reload(&config);
    edge.says("has issued a certificate for www.example.com");
    let mut client = Hello::to(HOST, pebble.roots()).client(address);
    assert_eq!(client.exchange(&Request::navigation("/")).text(), PAGE);
    let mut client = Hello::to("other.example.com", authority.roots()).client(address);
    assert_eq!(
        client.exchange(&Request::navigation("/")).status(),
        "421",
        "named otherwise, it is the file's"
    );
}

#[test]
fn what_an_authority_has_against_a_host_is_said_in_its_own_words() {
    let (origin, port) = (website(), free_port());
    // Where it asks, nobody listens.
    let Some(mut pebble) = Pebble::asking_at(1) else { return };
    pebble.run();
    let edge = Edge::start_as(&issued_by(&pebble, port, &origin, ""), pebble.trusting());
    let line = edge.says("there is no new certificate for www.example.com");
    assert!(line.contains("Failed to connect to 127.0.0.1:1") && !line.contains("BadAuth"), "{line}");
    assert!(Hello::trusting(HOST).connect(([127, 0, 0, 1], port).into()).is_err(), "there is none to show");
}
