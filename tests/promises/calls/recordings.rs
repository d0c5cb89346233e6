//! What was recorded is kept in a folder of our own, played in parts to operators, and gone with its caller.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{CALLER, plumber_called};
use crate::support::{
    CARRIERS, Client, Config, Edge, FLYER, GUARD, Origin, Pbx, Response, Twilio, ask, calls, contains,
    plumber, run, the_call,
};

/// A telephone system whose files lie in a folder beside the configuration.
fn recorded() -> (Origin, Edge) {
    recorded_by(|config| config)
}

fn recorded_by(change: impl FnOnce(Config) -> Config) -> (Origin, Edge) {
    let carriers = carriers_with("[carrier.pbx]", "files = \"spool\"");
    let (origin, edge) = plumber(|config| change(config.more(&carriers)));
    std::fs::create_dir_all(edge.folder().join("spool/2026")).unwrap();
    (origin, edge)
}

/// The usual carriers with a further line in a table.
fn carriers_with(table: &str, line: &str) -> String {
    CARRIERS.replace(table, &format!("{table}\n{line}"))
}

/// What stands for a recording: more than one piece of it.
fn sound() -> Vec<u8> {
    (0..300_000_u32).map(|place| (place % 251) as u8).collect()
}

fn spool(edge: &Edge, file: &str) -> PathBuf {
    edge.folder().join("spool").join(file)
}

fn ends(edge: &Edge, call: &str, more: &[(&str, &str)]) {
    let ended = [("DialCallStatus", "ANSWER"), ("DialCallDuration", "30"), ("CallStatus", "completed")];
    Pbx(edge).tells(call, &[&ended[..], more].concat());
}

/// The call with a recording of its own, once that is here.
fn kept(edge: &Edge) -> (Value, PathBuf) {
    let call = the_call(edge, |call| {
        call["recording"].as_str().is_some_and(|path| path.starts_with(call["id"].as_str().unwrap()))
    });
    let path = edge.folder().join("recordings").join(call["recording"].as_str().unwrap());
    (call, path)
}

fn play(edge: &Edge, method: &str, call: &str, more: &str) -> Response {
    let mut client = Client::connect(edge.admin());
    let request =
        format!("{method} /api/recordings/{call} HTTP/1.1\nHost: localhost\nConnection: close\n{more}\n");
    client.send(request.replace('\n', "\r\n"));
    client.response(method)
}

/// Waits until this has been counted.
fn wait_for(edge: &Edge, metric: &str) {
    let deadline = std::time::Instant::now() + GUARD;
    loop {
        let metrics = ask(edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text();
        if metrics.lines().any(|line| line == metric) {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{metrics}");
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_a_telephone_system_recorded_is_copied_for_its_owner_only() {
    let (_origin, edge) = recorded();
    std::fs::write(spool(&edge, "2026/call 1.wav"), sound()).unwrap();
    Pbx(&edge).rings("C1", CALLER, FLYER);
    ends(&edge, "C1", &[("RecordingFile", "2026/call 1.wav"), ("RecordingDuration", "30")]);
    let (call, path) = kept(&edge);
    assert_eq!(std::fs::read(&path).unwrap(), sound());
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(mode(&edge.folder().join("recordings")), 0o700);
    assert!(path.extension().is_some_and(|extension| extension == "wav"));
    assert_eq!(call["recording_duration"], 30);
    assert_eq!(std::fs::read(spool(&edge, "2026/call 1.wav")).unwrap(), sound(), "its own stays");
    wait_for(&edge, "dni_recordings_total{carrier=\"pbx\",outcome=\"fetched\"} 1");
}

#[test]
fn a_voicemail_that_is_not_there_yet_is_kept_once_it_is() {
    let (_origin, edge) = recorded();
    Pbx(&edge).rings("C1", CALLER, FLYER);
    Pbx(&edge).tells(
        "C1",
        &[("DialCallStatus", "NOANSWER"), ("Voicemail", "msg0001.wav"), ("CallStatus", "completed")],
    );
    assert_eq!(the_call(&edge, |call| call["outcome"] == "voicemail")["recording"], "msg0001.wav");
    std::fs::write(spool(&edge, "msg0001.wav"), sound()).unwrap();
    let (call, path) = kept(&edge);
    assert_eq!((&call["voicemail"], std::fs::read(path).unwrap()), (&json!(true), sound()));
}

#[test]
fn a_recording_that_was_told_of_before_a_restart_is_fetched_after_it() {
    let (_origin, mut edge) = recorded();
    Pbx(&edge).rings("C1", CALLER, FLYER);
    ends(&edge, "C1", &[("RecordingFile", "late.wav")]);
    the_call(&edge, |call| call["recording"] == "late.wav");
    edge.kill_9();
    std::fs::write(spool(&edge, "late.wav"), sound()).unwrap();
    edge.start_again();
    assert_eq!(std::fs::read(kept(&edge).1).unwrap(), sound());
}

#[test]
fn nothing_outside_the_telephone_systems_folder_is_copied() {
    let (_origin, edge) = recorded();
    std::fs::write(edge.folder().join("secret.wav"), "secret of the house").unwrap();
    symlink(edge.folder(), spool(&edge, "up")).unwrap();
    symlink("../secret.wav", spool(&edge, "link.wav")).unwrap();
    for (place, file) in ["up/secret.wav", "link.wav"].into_iter().enumerate() {
        let call = format!("C{place}");
        Pbx(&edge).rings(&call, CALLER, FLYER);
        ends(&edge, &call, &[("RecordingFile", file)]);
        wait_for(
            &edge,
            &format!("dni_recordings_total{{carrier=\"pbx\",outcome=\"refused\"}} {}", place + 1),
        );
    }
    for file in ["../secret.wav", "2026/../../secret.wav", "/etc/passwd"] {
        Pbx(&edge).rings(file, CALLER, FLYER);
        ends(&edge, file, &[("RecordingFile", file)]);
    }
    let copied = |call: &Value| {
        call["recording"].as_str().is_some_and(|path| path.contains(call["id"].as_str().unwrap()))
    };
    assert!(calls(&edge).len() == 5 && !calls(&edge).iter().any(copied));
    assert_eq!(std::fs::read_dir(edge.folder().join("recordings")).unwrap().count(), 0);
}

#[test]
fn without_the_folder_or_the_account_a_recording_stays_where_it_is() {
    let (_origin, edge) = plumber_called(|config| config);
    Pbx(&edge).rings("C1", CALLER, FLYER);
    ends(&edge, "C1", &[("RecordingFile", "call.wav")]);
    let call = the_call(&edge, |call| call["recording"] == "call.wav");
    assert_eq!(play(&edge, "GET", call["id"].as_str().unwrap(), "").status(), "404");
    Twilio(&edge).rings("CA1", CALLER, FLYER);
    let url = "https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0";
    let told = [
        ("CallSid", "CA1"),
        ("RecordingSid", "RE0"),
        ("RecordingUrl", url),
        ("RecordingStatus", "completed"),
    ];
    Twilio(&edge).posts("/.dni/calls/twilio/recording?call=CA1", &told);
    let twilios = calls(&edge).into_iter().find(|call| call["carrier"] == "twilio").unwrap();
    assert_eq!(twilios["recording"], url);
    assert!(!edge.folder().join("recordings").exists());
}

#[test]
fn a_carriers_word_leads_to_no_host_but_its_own() {
    let (_origin, edge) =
        plumber(|config| config.more(&carriers_with("[carrier.twilio]", "account_sid = \"AC0\"")));
    Twilio(&edge).rings("CA1", CALLER, FLYER);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let here = format!("https://{}/RE0", listener.local_addr().unwrap());
    for (place, url) in
        ["https://evil.example/RE0", "http://api.twilio.com/RE0", &here].into_iter().enumerate()
    {
        let id = format!("RE{place}");
        let told = [
            ("CallSid", "CA1"),
            ("RecordingSid", &id),
            ("RecordingUrl", url),
            ("RecordingStatus", "completed"),
        ];
        Twilio(&edge).posts("/.dni/calls/twilio/recording?call=CA1", &told);
        wait_for(
            &edge,
            &format!("dni_recordings_total{{carrier=\"twilio\",outcome=\"refused\"}} {}", place + 1),
        );
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody came");
}

#[test]
fn a_recording_is_played_whole_and_in_parts() {
    let (_origin, edge) = recorded();
    std::fs::write(spool(&edge, "call.mp3"), sound()).unwrap();
    Pbx(&edge).rings("C1", CALLER, FLYER);
    ends(&edge, "C1", &[("RecordingFile", "call.mp3")]);
    let (call, path) = kept(&edge);
    let (id, sound) = (call["id"].as_str().unwrap(), sound());
    let hash: String = Sha256::digest(&sound).iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let whole = play(&edge, "GET", id, "");
    assert_eq!((whole.status(), &whole.body), ("200", &sound));
    for (name, value) in [
        ("Content-Type", "audio/mpeg"),
        ("Content-Length", "300000"),
        ("Accept-Ranges", "bytes"),
        ("ETag", &tag),
        ("Cache-Control", "private, no-store"),
    ] {
        assert_eq!(whole.header(name), Some(value), "{name}");
        assert_eq!(play(&edge, "HEAD", id, "").header(name), Some(value), "{name} to HEAD");
    }
    let part = play(&edge, "GET", id, "Range: bytes=250000-\n");
    assert_eq!((part.status(), &part.body[..]), ("206", &sound[250_000..]));
    assert_eq!(part.header("Content-Range"), Some("bytes 250000-299999/300000"));
    let part = play(&edge, "GET", id, &format!("Range: bytes=-5\nIf-Range: {tag}\n"));
    assert_eq!((part.status(), &part.body[..]), ("206", &sound[299_995..]));
    let other = play(&edge, "GET", id, "Range: bytes=-5\nIf-Range: \"another\"\n");
    assert_eq!((other.status(), other.body.len()), ("200", 300_000));
    let beyond = play(&edge, "GET", id, "Range: bytes=300000-\n");
    assert_eq!((beyond.status(), beyond.body.len()), ("416", 0));
    assert_eq!(beyond.header("Content-Range"), Some("bytes */300000"));
    let head = play(&edge, "HEAD", id, "Range: bytes=0-1\n");
    assert_eq!((head.status(), head.header("Content-Length")), ("200", Some("300000")));
    for nobody in ["000000000000000000000000", "x", "../../secret", ""] {
        assert_eq!(play(&edge, "GET", nobody, "").status(), "404", "{nobody}");
    }
    assert_eq!(play(&edge, "DELETE", id, "").status(), "405");
    std::fs::write(path, "another").unwrap();
    assert_eq!(play(&edge, "GET", id, "").status(), "500");
}

#[test]
fn only_who_brings_the_token_hears_a_recording_and_no_other_websites_page() {
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "a token of some length\n").unwrap();
    let admin_token = format!("admin_token = {{ file = {:?} }}", token.path());
    let (_origin, edge) = recorded_by(|config| config.server(&admin_token));
    std::fs::write(spool(&edge, "call.mp3"), sound()).unwrap();
    Pbx(&edge).rings("C1", CALLER, FLYER);
    ends(&edge, "C1", &[("RecordingFile", "call.mp3")]);
    let (call, _) = kept(&edge);
    let id = call["id"].as_str().unwrap();
    let bearer = "Authorization: Bearer a token of some length\n";
    assert_eq!(play(&edge, "GET", id, "").status(), "401");
    assert_eq!(play(&edge, "GET", id, bearer).status(), "200");
    let rebound =
        format!("GET /api/recordings/{id} HTTP/1.1\nHost: evil.example\nConnection: close\n{bearer}\n");
    assert_eq!(ask(&edge, &rebound).status(), "403");
}

#[test]
fn an_erased_callers_recordings_are_gone() {
    let (_origin, mut edge) = recorded();
    let erase = |edge: &Edge| {
        let config = edge.config();
        let erased = run(&["erase", "--config", config.to_str().unwrap(), "--caller", CALLER, "--json"], b"");
        assert_eq!(erased.status, 0, "{erased:?}");
        serde_json::from_slice::<Value>(&erased.stdout).unwrap()
    };
    for running in [true, false] {
        std::fs::write(spool(&edge, "call.mp3"), sound()).unwrap();
        Pbx(&edge).rings("C1", CALLER, FLYER);
        ends(&edge, "C1", &[("RecordingFile", "call.mp3")]);
        let (_, path) = kept(&edge);
        if !running {
            edge.stop();
        }
        let erased = erase(&edge);
        assert_eq!((&erased["calls"], &erased["recordings"]), (&json!(1), &json!(1)));
        assert!(!path.parent().unwrap().exists());
        assert_eq!(std::fs::read_dir(edge.folder().join("recordings")).unwrap().count(), 0);
        assert!(calls(&edge).is_empty());
        assert_eq!(erase(&edge)["recordings"], 0);
    }
    for file in std::fs::read_dir(edge.folder()).unwrap().map(|file| file.unwrap().path()) {
        assert!(!file.is_file() || !contains(&std::fs::read(&file).unwrap(), &sound()[..1000]), "{file:?}");
    }
}
