//! Who the proxy is to visitors: certificates in files, chosen by the host that a client names.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version::{TLS12, TLS13};
use tempfile::TempDir;

use crate::support::{
    AD, Answer, Authority, Config, Edge, HOST, Hello, Origin, PAGE, Pair, Request, expired, listening,
    number_on, plumber, run, tracking,
};

/// An authority, a folder, and a certificate for [`HOST`] in it.
fn certified() -> (Authority, TempDir, Pair) {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let pair = authority.issue(folder.path(), "www", &[HOST]);
    (authority, folder, pair)
}

fn secure(pairs: &str) -> (Origin, Edge) {
    plumber(|config| config.server(pairs))
}

/// The host's own certificate in these files.
fn first_of(pair: &Pair) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pair.chain().as_bytes()).unwrap()
}

#[test]
fn a_visitor_over_tls_sees_the_page_in_either_version_and_the_website_is_told_of_it() {
    let (authority, _folder, pair) = certified();
    let (origin, edge) = secure(&listening([&pair]));
    for (version, agreed) in [(&TLS12, TLSv1_2), (&TLS13, TLSv1_3)] {
        let hello = Hello::in_versions(HOST, authority.roots(), &[version]);
        assert_eq!(hello.connect(edge.secure()).unwrap().version(), Some(agreed));
        let mut client = hello.client(edge.secure());
        let response = client.exchange(&Request::navigation(AD));
        number_on(&response.text());
        let cookie = response.header("Set-Cookie").unwrap();
        assert!(cookie.starts_with("__Host-dni=") && cookie.ends_with("; Secure"), "{cookie}");
        let head = origin.last("/").head;
        assert_eq!(head.value("X-Forwarded-Proto"), Some("https"));
        assert_eq!(head.value("Forwarded"), Some("for=127.0.0.1;host=www.example.com;proto=https"));
    }
    let plain = crate::support::Visitor::at(&edge).open(AD);
    assert!(plain.header("Set-Cookie").unwrap().starts_with("dni="), "and plain HTTP is as it was");
}

#[test]
fn the_cookie_of_a_visit_over_tls_is_known_again() {
    let (authority, _folder, pair) = certified();
    let (_origin, edge) = secure(&listening([&pair]));
    let mut client = Hello::to(HOST, authority.roots()).client(edge.secure());
    let first = client.exchange(&Request::navigation(AD));
    assert_eq!(number_on(&first.text()), tracking(0));
    let cookie = first.header("Set-Cookie").unwrap().split(';').next().unwrap();
    let again = client.exchange(&Request::navigation("/").with("Cookie", cookie));
    assert_eq!(number_on(&again.text()), tracking(0));
}

#[test]
fn who_once_read_slowly_may_wait_for_the_next_answer() {
    let (authority, _folder, pair) = certified();
    let (origin, edge) = plumber(|config| config.server(&listening([&pair])).timeout("body", "400ms"));
    let (sent, all) = channel();
    origin.script("/long", move |exchange| {
        exchange
            .send(&[b"HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n", &vec![0; 8_000_000][..]].concat());
        let _ = sent.send(());
    });
    origin.script("/slow", |exchange| {
        std::thread::sleep(Duration::from_secs(1));
        exchange.answer(&Answer::html(PAGE));
    });
    let mut client = Hello::to(HOST, authority.roots()).client(edge.secure());
    client.send(Request::get("/long").to_bytes());
    // It reads no earlier than it has to, and in time.
    let _ = all.recv_timeout(Duration::from_millis(100));
    assert_eq!(client.response("GET").body.len(), 8_000_000);
    assert_eq!(client.exchange(&Request::get("/slow")).text(), PAGE);
}

#[test]
fn the_best_protocol_that_a_client_offers_is_agreed_on() {
    let (authority, _folder, pair) = certified();
    let (_origin, edge) = secure(&listening([&pair]));
    let agreed = |offered: &[&str]| {
        let hello = Hello::to(HOST, authority.roots()).offering(offered);
        Some(hello.connect(edge.secure()).ok()?.protocol().map(str::to_owned))
    };
    let h2 = Some(Some("h2".to_owned()));
    assert_eq!((agreed(&["http/1.1", "h2"]), agreed(&["h2"])), (h2.clone(), h2));
    assert_eq!(agreed(&["http/1.0", "http/1.1"]), Some(Some("http/1.1".to_owned())));
    assert_eq!(agreed(&[]), Some(None), "who offers none speaks HTTP/1.1");
    assert_eq!(agreed(&["spdy/1"]), None, "RFC 7301 §3.2");
}

#[test]
fn who_comes_again_is_known_again_in_either_version_of_tls() {
    let (authority, _folder, pair) = certified();
    let (_origin, edge) = secure(&listening([&pair]));
    for version in [&TLS12, &TLS13] {
        let hello = Hello::in_versions(HOST, authority.roots(), &[version]);
        assert!(!hello.connect(edge.secure()).unwrap().is_resumed());
        hello.client(edge.secure()).exchange(&Request::get("/"));
        assert!(hello.connect(edge.secure()).unwrap().is_resumed(), "{version:?}");
    }
}

#[test]
fn each_client_is_shown_the_certificate_for_the_host_that_it_names() {
    let (authority, folder, first) = certified();
    let wild = authority.issue(folder.path(), "wild", &["*.example.com", "other.example.org"]);
    let shop = authority.issue(folder.path(), "shop", &["Shop.example.com"]);
    let (_origin, edge) = secure(&listening([&first, &wild, &shop]));
    for (host, expected) in [
        (HOST, &first),
        ("shop.example.com", &shop),
        ("SHOP.example.com", &shop),
        ("blog.example.com", &wild),
        ("other.example.org", &wild),
        ("a.shop.example.com", &first),
        ("example.com", &first),
        ("nobody.example", &first),
    ] {
        let hello = Hello::trusting(host);
        assert_eq!(hello.certificate(edge.secure()), first_of(expected), "{host}");
        assert_eq!(hello.nameless().certificate(edge.secure()), first_of(&first), "{host}");
    }
    let chain = Hello::to("blog.example.com", authority.roots());
    chain.connect(edge.secure()).expect("it is verified, by its chain and its name");
}

/// The same key in another form, by OpenSSL.
fn converted(pair: &Pair, arguments: &[&str]) -> Pair {
    let key = pair.key.with_extension("converted");
    let mut openssl = Command::new("openssl");
    openssl.args(arguments).arg("-in").arg(&pair.key).arg("-out").arg(&key);
    assert!(openssl.output().expect("OpenSSL is there").status.success());
    Pair { cert: pair.cert.clone(), key }
}

#[test]
fn keys_are_read_in_every_form_that_they_come_in() {
    let (authority, folder, ecdsa) = certified();
    let sec1 = converted(&ecdsa, &["ec"]);
    let ed25519 = authority.issue_as(folder.path(), "ed", &[HOST], |params| params, &rcgen::PKCS_ED25519);
    let rsa = rsa(folder.path());
    for (pair, words) in [
        (&ecdsa, "BEGIN PRIVATE KEY"),
        (&sec1, "BEGIN EC PRIVATE KEY"),
        (&ed25519, "BEGIN PRIVATE KEY"),
        (&rsa, "BEGIN PRIVATE KEY"),
        (&converted(&rsa, &["rsa", "-traditional"]), "BEGIN RSA PRIVATE KEY"),
    ] {
        assert!(std::fs::read_to_string(&pair.key).unwrap().contains(words), "{words}");
        let (_origin, edge) = secure(&listening([pair]));
        assert_eq!(Hello::trusting(HOST).certificate(edge.secure()), first_of(pair), "{words}");
        Hello::trusting(HOST).client(edge.secure()).exchange(&Request::navigation("/")).text();
    }
}

/// A pair with an RSA key, by OpenSSL.
fn rsa(folder: &Path) -> Pair {
    let pair = Pair { cert: folder.join("rsa.pem"), key: folder.join("rsa.key") };
    let mut openssl = Command::new("openssl");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "7",
        "-subj",
        "/CN=www.example.com",
    ]);
    openssl.args(["-addext", "subjectAltName=DNS:www.example.com"]);
    openssl.arg("-keyout").arg(&pair.key).arg("-out").arg(&pair.cert);
    assert!(openssl.output().expect("OpenSSL is there").status.success());
    pair
}

#[test]
fn openssl_agrees_with_it_and_verifies_its_chain() {
    let (authority, folder, pair) = certified();
    let (_origin, edge) = secure(&listening([&pair]));
    let root = folder.path().join("root.pem");
    authority.write_root(&root);
    let address = edge.secure().to_string();
    for (version, words) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "s_client",
            "-connect",
            &address,
            "-servername",
            HOST,
            "-verify_return_error",
            version,
        ]);
        openssl.args(["-alpn", "h2,http/1.1"]).arg("-CAfile").arg(&root).stdin(std::process::Stdio::null());
        let said = openssl.output().expect("OpenSSL is there").stdout;
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("Verify return code: 0 (ok)") && said.contains(words), "{said}");
        assert!(said.contains("ALPN protocol: h2"), "{said}");
    }
    let mut old = Command::new("openssl");
    old.args([
        "s_client",
        "-connect",
        &address,
        "-servername",
        HOST,
        "-tls1_1",
        "-cipher",
        "ALL:@SECLEVEL=0",
    ]);
    let old = old.stdin(std::process::Stdio::null()).output().expect("OpenSSL is there");
    assert!(!old.status.success(), "TLS 1.1 is no more (RFC 8996)");
}

#[test]
fn who_does_not_agree_in_time_is_hung_up_on() {
    let (_authority, _folder, pair) = certified();
    let (_origin, edge) = plumber(|config| config.server(&listening([&pair])).timeout("header", "200ms"));
    let mut client = crate::support::Client::connect(edge.secure());
    assert!(client.is_closed(), "it was silent");
    let mut client = crate::support::Client::connect(edge.secure());
    client.send([0x16, 0x03, 0x01, 0x02, 0x00]);
    assert!(client.is_closed(), "it did not go on");
}

#[test]
fn what_is_no_tls_is_not_answered_and_does_no_harm() {
    let (authority, _folder, pair) = certified();
    let (origin, edge) = secure(&listening([&pair]));
    let mut client = crate::support::Client::connect(edge.secure());
    client.send(Request::navigation("/").to_bytes());
    assert!(client.try_head("GET").is_none());
    assert!(origin.received().is_empty());
    let mut client = Hello::to(HOST, authority.roots()).client(edge.secure());
    assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
}

/// `serve` refuses this, and says so.
fn is_refused(pair: &str, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("dni-edge.toml");
    let server = format!("listen_tls = [\"127.0.0.1:0\"]\ntls.certificates = [{pair}]");
    std::fs::write(&config, Config::of(Origin::nowhere()).server(&server).to_toml()).unwrap();
    let outcome = run(&["serve".as_ref(), "--config".as_ref(), config.as_os_str()], b"");
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(words.iter().all(|word| outcome.stderr.contains(word)), "{words:?}: {}", outcome.stderr);
    assert!(!outcome.stderr.contains("listening"), "{}", outcome.stderr);
}

#[test]
fn a_certificate_that_can_not_be_used_is_refused_at_start_with_the_remedy() {
    let (authority, folder, pair) = certified();
    let other = authority.issue(folder.path(), "other", &[HOST]);
    let (cert, key) = (pair.cert.to_str().unwrap(), pair.key.to_str().unwrap());
    let written = |cert: &Path, key: &Path| Pair { cert: cert.into(), key: key.into() }.written();
    let file = |called: &str, text: &str| {
        let path = folder.path().join(called);
        std::fs::write(&path, text).unwrap();
        path
    };
    let missing = folder.path().join("missing.pem");
    is_refused(&written(&missing, &pair.key), &["missing.pem", "can't be read", "name a PEM file"]);
    is_refused(&written(&pair.cert, &missing), &["missing.pem", "can't be read"]);
    is_refused(&written(&pair.key, &pair.cert), &[key, "holds a key, and no certificate"]);
    is_refused(&written(&pair.cert, &pair.cert), &[cert, "holds no key"]);
    is_refused(&written(&file("empty", "no PEM"), &pair.key), &["empty", "holds no certificate"]);
    let half = &pair.chain()[..200];
    is_refused(&written(&file("half", half), &pair.key), &["half", "damaged"]);
    is_refused(
        &written(&pair.cert, &other.key),
        &[cert, "other.key", "is not that of the first certificate"],
    );
    let protected = converted(&pair, &["pkey", "-aes256", "-passout", "pass:secret"]);
    is_refused(&protected.written(), &["converted", "passphrase", "openssl pkey -in"]);
}

#[test]
fn an_expired_certificate_is_better_than_none() {
    let (authority, folder, _) = certified();
    let old = authority.issue_as(folder.path(), "old", &[HOST], expired, &rcgen::PKCS_ED25519);
    let (_origin, edge) = secure(&listening([&old]));
    assert_eq!(Hello::trusting(HOST).certificate(edge.secure()), first_of(&old));
}
