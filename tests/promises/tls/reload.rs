//! Certificates change while the proxy runs: those that can be used are, and others change nothing.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;

use crate::support::{Answer, Authority, Config, Edge, HOST, Hello, Origin, PAGE, Pair, Request, listening};

fn start() -> (Origin, Edge, Authority, TempDir, Pair) {
    let (authority, folder, origin) = (Authority::new(), tempfile::tempdir().unwrap(), Origin::start());
    origin.answers("/", Answer::html(PAGE));
    let pair = authority.issue(folder.path(), "www", &[HOST]);
    let edge = Edge::start(&Config::of(origin.address).server(&listening([&pair])));
    edge.secure();
    (origin, edge, authority, folder, pair)
}

fn of(pair: &Pair) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pair.chain().as_bytes()).unwrap()
}

fn shown(edge: &Edge, host: &str) -> CertificateDer<'static> {
    Hello::trusting(host).certificate(edge.secure())
}

/// Puts a file in the place of another, as certbot and others do.
fn put(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

#[test]
fn a_certificate_is_read_again_when_its_files_change() {
    let (_origin, edge, authority, folder, pair) = start();
    let before = of(&pair);
    let mut open = Hello::trusting(HOST).client(edge.secure());
    assert_eq!(open.exchange(&Request::get("/")).text(), PAGE);
    let renewed = authority.issue(folder.path(), "renewed", &[HOST, "new.example.com"]);
    put(&renewed.cert, &pair.cert);
    put(&renewed.key, &pair.key);
    let line = edge.says("was read: it is for www.example.com, new.example.com until");
    assert!(line.contains("www.pem"), "{line}");
    assert_ne!(of(&renewed), before);
    assert_eq!((shown(&edge, HOST), shown(&edge, "new.example.com")), (of(&renewed), of(&renewed)));
    assert_eq!(open.exchange(&Request::get("/")).text(), PAGE, "who was there stays");
}

#[test]
fn one_that_can_not_be_used_leaves_the_last_good_one_serving() {
    let (_origin, edge, authority, folder, pair) = start();
    let before = of(&pair);
    let renewed = authority.issue(folder.path(), "renewed", &[HOST]);
    put(&renewed.cert, &pair.cert);
    let line = edge.says("the last good certificate goes on");
    assert!(line.contains("ERROR") && line.contains("www.key") && line.contains("is not that of"), "{line}");
    assert_eq!(shown(&edge, HOST), before);
    std::fs::write(&pair.cert, "half of a").unwrap();
    edge.says("holds no certificate");
    assert_eq!(shown(&edge, HOST), before);
    std::fs::remove_file(&pair.cert).unwrap();
    edge.says("can't be read");
    assert_eq!(shown(&edge, HOST), before);
    put(&renewed.cert, &pair.cert);
    put(&renewed.key, &pair.key);
    edge.says("was read");
    assert_eq!(shown(&edge, HOST), of(&renewed));
}

#[test]
fn a_link_that_leads_elsewhere_is_a_change_too() {
    let (authority, folder, origin) = (Authority::new(), tempfile::tempdir().unwrap(), Origin::start());
    let archive = |called: &str| authority.issue(folder.path(), called, &[HOST]);
    let (first, second) = (archive("1"), archive("2"));
    let live = Pair { cert: folder.path().join("live.pem"), key: folder.path().join("live.key") };
    let link = |pair: &Pair| {
        for (from, to) in [(&pair.cert, &live.cert), (&pair.key, &live.key)] {
            let _ = std::fs::remove_file(to);
            std::os::unix::fs::symlink(from, to).unwrap();
        }
    };
    link(&first);
    let edge = Edge::start(&Config::of(origin.address).server(&listening([&live])));
    assert_eq!(shown(&edge, HOST), of(&first));
    link(&second);
    edge.says("was read");
    assert_eq!(shown(&edge, HOST), of(&second));
}

#[test]
fn a_reload_reads_all_that_the_configuration_names_then() {
    let (origin, edge, authority, folder, pair) = start();
    let other = authority.issue(folder.path(), "other", &["other.example.com"]);
    assert_eq!(shown(&edge, "other.example.com"), of(&pair));
    let both = Config::of(origin.address).server(&listening([&pair, &other]));
    edge.reload(&both);
    assert_eq!((shown(&edge, "other.example.com"), shown(&edge, HOST)), (of(&other), of(&pair)));
    edge.reload(&Config::of(origin.address).server(&listening([&other])));
    assert_eq!((shown(&edge, "other.example.com"), shown(&edge, HOST)), (of(&other), of(&other)));
}

#[test]
fn a_reload_that_names_one_that_can_not_be_used_changes_nothing() {
    let (origin, edge, authority, folder, pair) = start();
    let other = authority.issue(folder.path(), "other", &["other.example.com"]);
    let broken = Pair { cert: other.cert.clone(), key: pair.key.clone() };
    let config = Config::of(origin.address).server(&listening([&broken, &pair]));
    std::fs::write(edge.config(), config.to_toml()).unwrap();
    edge.hang_up();
    let line = edge.says("can't be put to use");
    assert!(
        line.contains("is not that of") && line.contains("the last good configuration goes on"),
        "{line}"
    );
    assert_eq!(shown(&edge, HOST), of(&pair));
}

#[test]
fn a_reload_while_a_certificate_is_broken_goes_on_with_the_last_good_one() {
    let (origin, edge, authority, folder, pair) = start();
    let before = of(&pair);
    std::fs::write(&pair.key, "half of a").unwrap();
    let other = authority.issue(folder.path(), "other", &["other.example.com"]);
    edge.reload(&Config::of(origin.address).server(&listening([&pair, &other])));
    assert_eq!((shown(&edge, HOST), shown(&edge, "other.example.com")), (before, of(&other)));
}

#[test]
fn where_it_is_listened_for_tls_takes_a_restart_to_change() {
    let (origin, edge, _authority, _folder, pair) = start();
    let text = Config::of(origin.address).server(&listening([&pair])).to_toml();
    let text = text.replace("listen_tls = [\"127.0.0.1:0\"]", "listen_tls = [\"127.0.0.1:0\", \"[::1]:0\"]");
    std::fs::write(edge.config(), text).unwrap();
    edge.hang_up();
    edge.says("server.listen_tls is as it was");
    edge.says("reloaded");
    assert_eq!(shown(&edge, HOST), of(&pair));
}
