//! `backup` and `pools`, and what is too old: what becomes of what is kept.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{File, command, counted, hex, told};
use crate::support::{AD, Config, Ledger, PAGE, Visitor, number_on, plumber, run, session_of, tracking};

#[test]
fn a_backup_is_taken_while_visitors_come_and_serves_in_the_ledgers_place() {
    let (_origin, mut edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    Ledger::of(&edge).wait_until("the page", |ledger| ledger.count("page") == 1);
    let file = edge.folder().join("copy.db");
    let backup = command("backup", &edge, &[file.to_str().unwrap(), "--json"]);
    let secret = edge.folder().join("secret");
    assert!(backup.stderr.contains("secret") && backup.stderr.contains(secret.to_str().unwrap()));
    assert_eq!(
        counted(&backup),
        json!({"file": file.to_str().unwrap(), "sessions": 1, "leases": 1, "pages": 1})
    );
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1), "serve goes on");
    edge.stop();
    std::fs::rename(&file, edge.folder().join("ledger.db")).unwrap();
    edge.start_again();
    visitor.returns_to(&edge);
    assert_eq!(number_on(&visitor.open("/").text()), tracking(0));
}

#[test]
fn a_backup_overwrites_nothing_and_leaves_nothing_half_done() {
    let (_origin, edge) = plumber(|config| config);
    let file = edge.folder().join("copy.db");
    std::fs::write(&file, "precious").unwrap();
    let before = std::fs::read_dir(edge.folder()).unwrap().count();
    for (file, words) in
        [(&file, "is there already"), (&edge.folder().join("no/copy.db"), "can't be written")]
    {
        let refused = command("backup", &edge, &[file.to_str().unwrap()]);
        assert_eq!((refused.status, refused.text()), (1, ""));
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    assert_eq!(std::fs::read_dir(edge.folder()).unwrap().count(), before);
}

#[test]
fn without_a_ledger_nothing_is_made_and_it_is_said() {
    let config = File::with(&Config::of("127.0.0.1:9".parse().unwrap()).to_toml());
    for more in [
        &["backup", "--config", config.path(), "copy.db"][..],
        &["pools", "--config", config.path()],
        &["attribute", "--config", config.path(), &tracking(0)],
        &["erase", "--config", config.path(), "--session", &hex([7; 16])],
        &["plan", "--config", config.path()],
    ] {
        let outcome = run(more, b"");
        assert_eq!(outcome.status, 1, "{outcome:?}");
        assert!(outcome.stderr.contains("there is no ledger"), "{}", outcome.stderr);
    }
    assert_eq!(std::fs::read_dir(config.folder.path()).unwrap().count(), 1, "the configuration alone");
}

#[test]
fn a_ledger_of_an_earlier_version_is_copied_as_it_is_and_otherwise_left_to_serve() {
    let (_origin, mut edge) = plumber(|config| config);
    Visitor::at(&edge).open(AD);
    edge.stop();
    Ledger::of(&edge).execute("DROP TABLE overflow; DROP TABLE page; PRAGMA user_version = 1");
    let number = tracking(0);
    for (name, more) in
        [("pools", &[][..]), ("attribute", &[&*number]), ("erase", &["--session", &hex([7; 16])])]
    {
        let refused = command(name, &edge, more);
        assert_eq!(refused.status, 1, "{refused:?}");
        assert!(refused.stderr.contains("older dni-edge"), "{}", refused.stderr);
    }
    let file = edge.folder().join("copy.db");
    let copied = told(&command("backup", &edge, &[file.to_str().unwrap(), "--json"]));
    assert_eq!((&copied["leases"], &copied["pages"]), (&json!(1), &json!(0)));
    assert_eq!((Ledger::at(&file).version(), Ledger::of(&edge).version()), (1, 1));
}

#[test]
fn pools_tells_how_the_numbers_stand_while_visitors_come() {
    let (_origin, edge) =
        plumber(|config| config.numbers(4).pool("hold = \"1h\"\nprovisional_hold = \"1h\""));
    let mut regular = Visitor::at(&edge);
    regular.open(AD);
    regular.open("/");
    Visitor::at(&edge).open(AD);
    let session = session_of(edge.folder(), regular.session());
    Ledger::of(&edge).wait_until("who was seen again", |ledger| ledger.was_seen_again(session));
    let pools = told(&command("pools", &edge, &["--json"]));
    for (key, value) in [
        ("site", json!("plumber")),
        ("pool", json!("ads")),
        ("numbers", json!(4)),
        ("held", json!(2)),
        ("provisional", json!(1)),
        ("free", json!(2)),
        ("overflowed", json!(0)),
        ("utilisation", json!(0.5)),
        ("seconds_since_last_seen", json!(null)),
    ] {
        assert_eq!(pools[key], value, "{key} of {pools}");
    }
    assert!(pools["overflowed_since"].as_str().unwrap().ends_with('Z'), "{pools}");
    let table = command("pools", &edge, &[]);
    assert!(table.text().contains("utilisation") && table.text().contains("50 %"), "{}", table.text());
    assert!(table.text().contains("last seen") && table.text().contains("never"), "{}", table.text());
}

#[test]
fn pools_tells_how_long_ago_the_number_was_seen_whose_turn_comes_next() {
    let (_origin, mut edge) = plumber(|config| config.numbers(2));
    let mut cookies = Vec::new();
    for _ in 0..2 {
        let mut visitor = Visitor::at(&edge);
        number_on(&visitor.open(AD).text());
        cookies.push(session_of(edge.folder(), visitor.session()));
    }
    edge.stop();
    Ledger::of(&edge).make_older(cookies[0], 3);
    Ledger::of(&edge).make_older(cookies[1], 1);
    let pools = told(&command("pools", &edge, &["--json"]));
    let seconds = pools["seconds_since_last_seen"].as_u64().unwrap();
    // A last page view counts as a second later than it was written.
    let day = 24 * 60 * 60;
    assert!((3 * day - 1..4 * day).contains(&seconds), "{pools}");
    let table = command("pools", &edge, &[]);
    assert!(table.text().contains("days") && table.text().contains("ago"), "{}", table.text());
}

#[test]
fn a_pool_that_runs_out_is_warned_of_and_its_overflow_is_kept() {
    let holds = "hold = \"1h\"\nprovisional_hold = \"1h\"";
    let (_origin, mut edge) = plumber(|config| config.numbers(1).pool(holds));
    Visitor::at(&edge).open(AD);
    let line = edge.says("is running out");
    assert!(line.contains("WARN") && line.contains("ads") && line.contains("plumber"), "{line}");
    let config = edge.config();
    let helps = format!("dni-edge plan --config {} --site plumber --pool ads", config.display());
    assert!(line.ends_with(&helps), "{line}");
    let (_, pasted) = line.split_once("dni-edge plan").unwrap();
    let pasted: Vec<_> = std::iter::once("plan").chain(pasted.split_whitespace()).collect();
    assert!(run(&pasted, b"").text().contains("too little to plan from"), "{pasted:?}");
    for _ in 0..3 {
        assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    }
    edge.stop();
    edge.start_again();
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    edge.stop();
    assert_eq!(told(&command("pools", &edge, &["--json"]))["overflowed"], 4);
}

#[test]
fn what_is_older_than_it_is_to_be_kept_is_removed_but_not_when_a_number_was_last_seen() {
    let (_origin, mut edge) =
        plumber(|config| config.numbers(1).pool("hold = \"0s\"").more("[ledger]\nkeep = \"30d\"\n"));
    // One number, three visitors one after the other.
    let mut cookies = Vec::new();
    for _ in 0..3 {
        let mut visitor = Visitor::at(&edge);
        assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
        cookies.push(session_of(edge.folder(), visitor.session()));
    }
    edge.stop();
    let ledger = Ledger::of(&edge);
    let [first, second, third] = [cookies[0], cookies[1], cookies[2]];
    for (session, days) in [(first, 50), (second, 40), (third, 31)] {
        ledger.make_older(session, days);
    }
    // More than goes in one transaction.
    ledger.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
         INSERT INTO lease SELECT NULL, number, epoch, site, pool, line, session, session_started, source, medium,
             started - i, last_seen - i, how, shown, provisional
         FROM n, (SELECT * FROM lease ORDER BY started LIMIT 1)",
    );
    edge.start_again();
    ledger.wait_until("what is old is gone", |ledger| {
        ["session", "page", "click"].iter().all(|table| ledger.count(table) == 0)
            && ledger.count("lease") == 1
    });
    assert!(ledger.knows(&tracking(0), third), "when the number was last seen is known");
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0));
    assert_eq!(ledger.count("session"), 1, "what is new stays");
}
