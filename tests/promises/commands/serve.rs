//! `serve`: it starts only when it can keep its promises, and ends in order.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use super::File;
use crate::support::{
    AD, Answer, Client, Config, Edge, Ledger, Outcome, PAGE, Program, Request, Visitor, number_on, plumber,
    readiness, run, tracking,
};

fn serve(config: &str) -> Outcome {
    run(&["serve", "--config", config], b"")
}

fn is_refused(outcome: &Outcome, words: &[&str]) {
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(words.iter().all(|word| outcome.stderr.contains(word)), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("listening"), "{}", outcome.stderr);
}

#[test]
fn a_second_one_on_the_same_ledger_is_refused() {
    let (_origin, mut edge) = plumber(|config| config);
    is_refused(&serve(edge.config().to_str().unwrap()), &["ledger.db", "in use by another"]);
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE, "the first goes on");
    edge.kill_9();
    edge.start_again();
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE, "a lock dies with its process");
}

#[test]
fn another_secret_than_the_ledgers_is_refused_with_the_remedy() {
    let (_origin, mut edge) = plumber(|config| config);
    let secret = edge.folder().join("secret");
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    edge.terminate();
    assert!(edge.ended().success());
    std::fs::write(&secret, "another secret of more than sixteen bytes").unwrap();
    is_refused(
        &serve(edge.config().to_str().unwrap()),
        &["ledger.db", "another secret", "start with the secret"],
    );
}

/// What the first version's ledger doesn't have is taken out of this one.
const AS_THE_FIRST_VERSION: &str = "
    DROP TABLE overflow; DROP TABLE page; DROP TABLE click;
    DROP TABLE call; DROP TABLE candidate; DROP TABLE event; DROP TABLE tap; DROP TABLE home;
    DROP INDEX lease_started; DROP INDEX session_started;
    ALTER TABLE lease DROP COLUMN provisional;
    PRAGMA user_version = 1;";

#[test]
fn a_ledger_of_an_earlier_version_is_copied_and_brought_up_to_date() {
    let (_origin, mut edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    edge.terminate();
    assert!(edge.ended().success());
    Ledger::of(&edge).execute(AS_THE_FIRST_VERSION);
    edge.start_again();
    visitor.returns_to(&edge);
    assert_eq!(number_on(&visitor.open("/").text()), tracking(0));
    let files = std::fs::read_dir(edge.folder()).unwrap().map(|file| file.unwrap().path());
    let backups: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|extension| extension == "backup")).collect();
    let [backup] = &backups[..] else { panic!("{backups:?}") };
    assert_eq!(std::fs::metadata(backup).unwrap().permissions().mode() & 0o777, 0o600);
    let backup = Ledger::at(backup);
    assert_eq!((backup.version(), backup.count("lease")), (1, 1), "as it was");
    edge.terminate();
    assert!(edge.ended().success());
    edge.start_again();
    let files = std::fs::read_dir(edge.folder()).unwrap().map(|file| file.unwrap().file_name());
    let backups = files.filter(|name| name.to_string_lossy().ends_with(".backup")).count();
    assert_eq!(backups, 1, "one that is up to date needs no copy");
}

#[test]
fn where_the_backup_is_is_said() {
    let (_origin, mut edge) = plumber(|config| config);
    edge.terminate();
    assert!(edge.ended().success());
    Ledger::of(&edge).execute(AS_THE_FIRST_VERSION);
    let config = edge.config();
    let serve = Program::start(&["serve".as_ref(), "--config".as_ref(), config.as_os_str()]);
    let line = serve.says("the ledger was brought from tables 1 to ");
    let backup = line.rsplit(' ').next().unwrap();
    assert_eq!(Ledger::at(std::path::Path::new(backup)).version(), 1);
}

#[test]
fn a_ledger_of_a_newer_version_is_refused_and_left_alone() {
    let (_origin, mut edge) = plumber(|config| config);
    edge.terminate();
    assert!(edge.ended().success());
    Ledger::of(&edge).execute("PRAGMA user_version = 99");
    is_refused(&serve(edge.config().to_str().unwrap()), &["ledger.db", "newer", "99", "start that version"]);
    assert_eq!(Ledger::of(&edge).version(), 99);
}

#[test]
fn what_can_not_be_kept_or_listened_on_is_said_at_once() {
    let usual = || Config::of("127.0.0.1:9".parse().unwrap()).to_toml();
    let garbage = File::with(&usual());
    std::fs::write(garbage.folder.path().join("ledger.db"), "this is no database, but a text ".repeat(200))
        .unwrap();
    is_refused(&serve(garbage.path()), &["ledger.db"]);
    let nowhere = File::with(&usual().replace("sqlite:ledger.db", "sqlite:no/such/folder/ledger.db"));
    is_refused(&serve(nowhere.path()), &["no/such/folder/ledger.db"]);
    let unset = File::with(&usual().replace("{ file = \"secret\" }", "{ env = \"DNI_EDGE_TEST_UNSET\" }"));
    is_refused(&serve(unset.path()), &["DNI_EDGE_TEST_UNSET"]);
    let short = File::with(&usual());
    std::fs::write(short.folder.path().join("secret"), "hunter2\n").unwrap();
    is_refused(&serve(short.path()), &["secret", "longer"]);
    let carrier = |secret: &str| File::with(&format!("{}[carrier.pbx]\nsecret = {secret}\n", usual()));
    let unset = carrier("{ env = \"DNI_EDGE_TEST_UNSET\" }");
    is_refused(&serve(unset.path()), &["carrier.pbx.secret", "DNI_EDGE_TEST_UNSET"]);
    let missing = carrier("{ file = \"no-such-secret\" }");
    is_refused(&serve(missing.path()), &["carrier.pbx.secret", "no-such-secret"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let taken = File::with(&usual().replace("127.0.0.1:0", &address));
    is_refused(&serve(taken.path()), &[&address]);
}

#[test]
fn sigterm_lets_an_open_request_end_and_then_ends_with_0() {
    let (origin, mut edge) = plumber(|config| config);
    let (steps, visitor) = (origin.steps("/slow"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::navigation("/slow?gclid=abc"));
    steps.arrived();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>212-555-0100</p>");
    client.head("GET");
    client.read_until("</p>");
    edge.terminate();
    while Client::try_connect(edge.address()).is_some_and(|mut client| client.try_head("GET").is_some()) {}
    assert_eq!(readiness(&edge), ("503".to_owned(), "it is about to end\n".to_owned()));
    steps.chunk("<p>the end</p>");
    steps.chunk("");
    let (rest, ended) = client.rest();
    assert!(ended.is_ok());
    assert_eq!(rest, b"<p>the end</p>");
    assert_eq!(edge.ended().code(), Some(0));
}

#[test]
fn sigterm_cuts_off_what_has_not_ended_in_time() {
    let (origin, mut edge) = plumber(|config| config.server("drain = \"100ms\""));
    let steps = origin.steps("/slow");
    let mut client = Visitor::at(&edge).begin(&Request::navigation("/slow"));
    steps.arrived();
    edge.terminate();
    assert_eq!(edge.ended().code(), Some(0));
    assert!(client.try_head("GET").is_none());
}

#[test]
fn the_last_page_view_is_on_disk_after_a_clean_stop() {
    // A number seen within the hold is nobody else's, and the last view counts.
    let (origin, mut edge) = plumber(|config| config.numbers(1).pool("hold = \"1h\""));
    origin.answers("/", Answer::html(PAGE));
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    edge.terminate();
    assert!(edge.ended().success());
    edge.start_again();
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE, "it is on hold still");
    visitor.returns_to(&edge);
    assert_eq!(number_on(&visitor.open("/").text()), tracking(0));
}

#[test]
fn a_site_serves_all_its_hosts_and_several_sites_keep_apart() {
    let (origin, _edge) = plumber(|config| config);
    origin.answers("/", Answer::html(PAGE));
    let baker = format!(
        "[[site]]\nname = \"baker\"\nhosts = [\"baker.example.com\", \"b.example.com\"]\norigin = \"http://{}\"\n\
         [[site.line]]\nname = \"main\"\ncanonical = \"+12125550100\"\n\
         [[site.static]]\nname = \"ad\"\nnumber = \"+19175550007\"\n[[site.rule]]\nshow = [\"static:ad\"]\n",
        origin.address
    );
    let edge = Edge::start(&Config::of(origin.address).more(&baker));
    for host in ["baker.example.com", "b.example.com"] {
        let response = Visitor::at(&edge).send(&Request::navigation("/").with("Host", host));
        assert_eq!(number_on(&response.text()), "+19175550007");
    }
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
}
