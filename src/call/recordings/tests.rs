//! Recordings fetched from a carrier on loopback, over TLS, as from the world.

mod calls;
mod server;

use std::path::Path;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::refused::Refused;
use super::*;
use crate::call::signature::Verifiers;
use crate::config::Config;
use server::{Server, answer_of, sound};

const SITE: &str = r#"[[site]]
name = "plumber"
hosts = ["www.example.com"]
origin = "http://127.0.0.1:8000"
[[site.line]]
name = "main"
canonical = "+1 212 555 0100"
[carrier.twilio]
auth_token = { file = "twilio" }
public_url = "https://www.example.com"
account_sid = "AC0"
[carrier.telnyx]
public_key = { file = "key" }
api_key = { file = "telnyx" }
[carrier.plivo]
auth_token = { file = "twilio" }
public_url = "https://www.example.com"
[carrier.pbx]
secret = { file = "twilio" }
"#;

const PLACE: &str = "https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0";

/// What stands for a recording: as long as several notes.
fn bytes() -> Vec<u8> {
    (0..5000_u32).map(|place| (place % 251) as u8).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn config(folder: &Path) -> Config {
    std::fs::write(folder.join("twilio"), "token").unwrap();
    std::fs::write(folder.join("telnyx"), "KEY0").unwrap();
    std::fs::write(folder.join("key"), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").unwrap();
    let checked = Config::parse(SITE, &folder.join("dni-edge.toml"));
    checked.config.unwrap_or_else(|| panic!("{:?}", checked.findings))
}

fn accounts(folder: &Path) -> Accounts {
    let carriers = config(folder).carriers;
    Accounts::of(&carriers, &Verifiers::load(&carriers).unwrap())
}

/// A recording that is to come from a server.
struct Errand {
    folder: TempDir,
    accounts: Accounts,
    fetcher: Fetcher,
}

impl Errand {
    fn to(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let accounts = accounts(folder.path());
        Errand { folder, accounts, fetcher: server.fetcher(10_000, |_| true) }
    }

    async fn part(&self) -> Partial {
        // What has just been put aside may be in the hands of the disk still.
        loop {
            match Partial::open(self.folder.path(), "RE0").await.unwrap() {
                Some(part) => return part,
                None => tokio::task::yield_now().await,
            }
        }
    }

    async fn fetch(&self, carrier: CarrierName, place: &str) -> Result<Partial, Failed> {
        let mut part = self.part().await;
        let account = self.accounts.with(carrier).unwrap();
        self.fetcher.fetch(account, place, &mut part).await.map(|_| part)
    }

    /// Fetches Twilio's, and says what was fetched.
    async fn fetches(&self) -> Result<Vec<u8>, Failed> {
        let part = self.fetch(CarrierName::Twilio, PLACE).await?;
        let kept = part.finish("mp3", Timestamp(0)).await?;
        let whole = std::fs::read(self.folder.path().join(&kept.file)).unwrap();
        assert_eq!((kept.bytes, kept.sha256), (whole.len() as u64, sha256(&whole)));
        Ok(whole)
    }
}

/// The lines of a request that name what follows.
fn line<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    let named = |line: &&str| line.to_ascii_lowercase().starts_with(&format!("{name}: "));
    request.lines().find(named).map(|line| &line[name.len() + 2..])
}

#[tokio::test]
async fn a_recording_comes_as_mp3_for_who_names_the_account() {
    let server = Server::start([sound(&bytes())]).await;
    let errand = Errand::to(&server);
    assert_eq!(errand.fetches().await.unwrap(), bytes());
    let asked = server.asked();
    assert!(
        asked[0].starts_with("GET /2010-04-01/Accounts/AC0/Recordings/RE0.mp3 HTTP/1.1\r\n"),
        "{asked:?}"
    );
    assert_eq!(line(&asked[0], "host"), Some("api.twilio.com"));
    assert_eq!(line(&asked[0], "authorization"), Some("Basic QUMwOnRva2Vu"));
    assert_eq!((asked.len(), line(&asked[0], "range")), (1, None));
}

#[tokio::test]
async fn what_was_cut_off_goes_on_where_it_ended() {
    let whole = bytes();
    let length = "Content-Length: 5000";
    let head = ["Content-Type: audio/mpeg", "ETag: \"v1\"", length];
    let cut = answer_of("200 OK", &head, &whole[..3000]);
    let rest = [
        "Content-Type: audio/mpeg",
        "ETag: \"v1\"",
        "Content-Range: bytes 3000-4999/5000",
        "Content-Length: 2000",
    ];
    let server = Server::start([cut, answer_of("206 Partial Content", &rest, &whole[3000..])]).await;
    let errand = Errand::to(&server);
    let failed = errand.fetches().await.unwrap_err();
    assert!(matches!(failed, Failed::BrokeOff(_)), "{failed}");
    assert_eq!(errand.fetches().await.unwrap(), whole);
    let asked = server.asked();
    assert_eq!(
        (line(&asked[1], "range"), line(&asked[1], "if-range")),
        (Some("bytes=3000-"), Some("\"v1\""))
    );
}

#[tokio::test]
async fn of_another_version_all_comes_anew() {
    let whole = bytes();
    let head = ["Content-Type: audio/mpeg", "ETag: \"v0\"", "Content-Length: 4000"];
    let cut = answer_of("200 OK", &head, &[9; 3000]);
    let server = Server::start([cut, sound(&whole)]).await;
    let errand = Errand::to(&server);
    errand.fetches().await.unwrap_err();
    assert_eq!(errand.fetches().await.unwrap(), whole);
    assert_eq!(line(&server.asked()[1], "if-range"), Some("\"v0\""));
}

#[tokio::test]
async fn where_it_does_not_go_on_all_is_asked_for_the_next_time() {
    let head = ["Content-Type: audio/mpeg", "ETag: \"v1\"", "Content-Length: 5000"];
    for (status, range) in [
        ("416 Range Not Satisfiable", "Content-Range: bytes */3000"),
        ("206 Partial Content", "Content-Range: bytes 2000-4999/5000"),
    ] {
        let cut = answer_of("200 OK", &head, &[9; 3000]);
        let other = answer_of(status, &[range, "Content-Length: 0"], b"");
        let server = Server::start([cut, other, sound(&bytes())]).await;
        let errand = Errand::to(&server);
        errand.fetches().await.unwrap_err();
        errand.fetches().await.unwrap_err();
        assert_eq!(errand.fetches().await.unwrap(), bytes());
        let asked = server.asked();
        assert_eq!(
            (line(&asked[1], "range"), line(&asked[2], "range")),
            (Some("bytes=3000-"), None),
            "{status}"
        );
    }
}

#[tokio::test]
async fn without_a_version_that_is_the_same_byte_for_byte_it_begins_anew() {
    for tag in ["X-None: 1", "ETag: W/\"v1\"", "ETag: v1"] {
        let head = ["Content-Type: audio/mpeg", tag, "Content-Length: 5000"];
        let server = Server::start([answer_of("200 OK", &head, &[9; 3000]), sound(&bytes())]).await;
        let errand = Errand::to(&server);
        errand.fetches().await.unwrap_err();
        assert_eq!(errand.fetches().await.unwrap(), bytes());
        assert_eq!(line(&server.asked()[1], "range"), None, "{tag}");
    }
}

#[tokio::test]
async fn a_part_that_was_not_asked_for_is_none() {
    let head = |range| ["Content-Type: audio/mpeg", range, "Content-Length: 5"];
    for range in
        ["Content-Range: bytes 5-9/10", "Content-Range: bytes */10", "Content-Range: lines 0-4/5", "X: 1"]
    {
        let server = Server::start([answer_of("206 Partial Content", &head(range), b"sound")]).await;
        let failed = Errand::to(&server).fetches().await.unwrap_err();
        assert!(matches!(failed, Failed::NoRecording(_)), "{range}: {failed}");
    }
    let short = "Content-Range: bytes 0-4/10";
    let server = Server::start([answer_of("206 Partial Content", &head(short), b"sound")]).await;
    let failed = Errand::to(&server).fetches().await.unwrap_err();
    assert!(matches!(failed, Failed::Length { came: 5, wanted: 10 }), "{failed}");
}

#[tokio::test]
async fn no_account_is_named_after_a_redirect_which_leads_to_the_carriers_hosts_alone() {
    let moved = |to: &str| answer_of("302 Found", &[&format!("Location: {to}"), "Content-Length: 0"], b"");
    for (to, host) in
        [("https://media.twilio.com/RE0.mp3", "media.twilio.com"), ("RE0.wav", "api.twilio.com")]
    {
        let server = Server::start([moved(to), sound(&bytes())]).await;
        assert_eq!(Errand::to(&server).fetches().await.unwrap(), bytes());
        let asked = server.asked();
        assert!(line(&asked[0], "authorization").is_some());
        assert_eq!((line(&asked[1], "host"), line(&asked[1], "authorization")), (Some(host), None));
    }
    for elsewhere in
        ["https://s3.amazonaws.com/RE0", "http://api.twilio.com/RE0", "https://127.0.0.1/", "//[::1]/"]
    {
        let server = Server::start([moved(elsewhere)]).await;
        let failed = Errand::to(&server).fetches().await.unwrap_err();
        assert!(matches!(failed, Failed::Refused(_)), "{elsewhere}: {failed}");
        assert_eq!(server.asked().len(), 1);
    }
    let server = Server::start([moved("RE1.mp3")]).await;
    let failed = Errand::to(&server).fetches().await.unwrap_err();
    assert!(matches!(failed, Failed::Refused(Refused::Redirects(3))), "{failed}");
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_signed_address_is_asked_without_the_account() {
    let server = Server::start([sound(&bytes())]).await;
    let errand = Errand::to(&server);
    let signed = "https://s3.amazonaws.com/telephony-recorder-prod/a.wav?X-Amz-Signature=0";
    errand.fetch(CarrierName::Telnyx, signed).await.unwrap();
    let api = errand.fetch(CarrierName::Telnyx, "https://api.telnyx.com/v2/recordings/0").await;
    api.unwrap();
    let asked = server.asked();
    assert!(asked[0].starts_with("GET /telephony-recorder-prod/a.wav?X-Amz-Signature=0 "), "{asked:?}");
    let authorization: Vec<_> = asked.iter().map(|asked| line(asked, "authorization")).collect();
    assert_eq!(authorization, [None, Some("Bearer KEY0")]);
}

#[tokio::test]
async fn an_address_of_this_network_is_not_connected_to() {
    let server = Server::start([sound(&bytes())]).await;
    let mut errand = Errand::to(&server);
    errand.fetcher = server.fetcher(10_000, network::is_public);
    let failed = errand.fetches().await.unwrap_err();
    assert!(matches!(failed, Failed::Refused(Refused::NotPublic(_))), "{failed}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_host_that_can_not_prove_its_name_is_told_nothing() {
    let (server, other) = (Server::start([sound(&bytes())]).await, Server::start([sound(&bytes())]).await);
    let mut errand = Errand::to(&server);
    errand.fetcher = server.fetcher_at(&other);
    let failed = errand.fetches().await.unwrap_err();
    assert!(matches!(failed, Failed::Unreachable { .. }), "{failed}");
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn what_is_too_large_is_refused_however_it_is_told() {
    let large = vec![1; 10_001];
    let chunked: Vec<u8> = [b"2711\r\n", &large[..], b"\r\n0\r\n\r\n"].concat();
    let told = ["Content-Type: audio/mpeg", "Content-Length: 10001"];
    for answer in [
        answer_of("200 OK", &told, &large[..10]),
        answer_of("200 OK", &["Content-Type: audio/mpeg", "Transfer-Encoding: chunked"], &chunked),
        answer_of("200 OK", &["Content-Type: audio/mpeg"], &large),
        answer_of("206 Partial Content", &["Content-Range: bytes 0-9/10001", "Content-Length: 10"], &[1; 10]),
    ] {
        let server = Server::start([answer]).await;
        let failed = Errand::to(&server).fetches().await.unwrap_err();
        assert!(matches!(failed, Failed::Refused(Refused::TooLarge(10_000))), "{failed}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_recording_is_none() {
    let head = |line| [line, "Content-Length: 5"];
    for (status, line) in [
        ("404 Not Found", "Content-Type: audio/mpeg"),
        ("403 Forbidden", "Content-Type: application/xml"),
        ("500 Internal Server Error", "X: 1"),
        ("302 Found", "X: 1"),
        ("204 No Content", "X: 1"),
        ("200 OK", "Content-Type: text/html"),
        ("200 OK", "Content-Encoding: gzip"),
    ] {
        let server = Server::start([answer_of(status, &head(line), b"sound")]).await;
        let failed = Errand::to(&server).fetches().await.unwrap_err();
        assert!(matches!(failed, Failed::Status(_) | Failed::NoRecording(_)), "{status}: {failed}");
    }
    let server = Server::start([answer_of("200 OK", &["Content-Length: 0"], b"")]).await;
    assert!(Errand::to(&server).fetches().await.is_err(), "nothing is no recording");
}
