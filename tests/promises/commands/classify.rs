//! `classify`: who made each request and where from, line for line, while the lines come.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

use super::File;
use crate::support::{Config, GOOGLEBOT, Tool, command, run};

fn answers(arguments: &[&str], lines: &[Value]) -> Vec<Value> {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let outcome = run(&[&["classify"], arguments].concat(), input.as_bytes());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    outcome.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_request_is_classified() {
    let answers = answers(
        &[],
        &[
            json!({"url": "https://www.example.com/?utm_source=news&utm_medium=email&utm_campaign=may&gclid=1",
                   "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}),
            json!({"url": "https://www.example.com/", "referrer": "https://chatgpt.com/", "user_agent": GOOGLEBOT}),
        ],
    );
    let [letter, crawler] = &answers[..] else { panic!("{answers:?}") };
    let because = letter["because"].as_array().unwrap();
    assert!(because.iter().any(|sentence| sentence == "the tags say news / email"), "{because:?}");
    assert_eq!(
        (&letter["visitor"], &letter["channel"], &letter["source"], &letter["medium"], &letter["campaign"]),
        (&json!("person"), &json!("Email"), &json!("news"), &json!("email"), &json!("may"))
    );
    assert_eq!((&letter["ga4_channel"], &letter["term"]), (&json!("Email"), &Value::Null));
    assert_eq!(letter["click_ids"], json!({"gclid": "1"}));
    assert_eq!((&crawler["visitor"], &crawler["channel"]), (&json!("crawler"), &json!("AI Assistant")));
}

#[test]
fn every_row_of_the_tables_is_answered_as_it_says() {
    let sources = rows::<6>("sources.tsv");
    let asked = sources.iter().map(|[query, referrer, ..]| {
        json!({"url": format!("https://www.example.com/?{query}"), "referrer": referrer, "user_agent": "x"})
    });
    let told = answers(&[], &asked.collect::<Vec<_>>());
    assert_eq!(told.len(), sources.len());
    for (row, answer) in sources.iter().zip(&told) {
        let said = ["source", "medium", "channel", "ga4_channel"].map(|name| answer[name].as_str().unwrap());
        assert_eq!(said, row[2..], "{row:?}");
    }

    let visitors = rows::<3>("visitors.tsv");
    let asked = visitors.iter().map(|[_, header, user_agent]| {
        let headers = header.split_once(": ").map(|(name, value)| (name.to_owned(), json!(value)));
        json!({"url": "https://www.example.com/", "user_agent": user_agent,
               "headers": headers.into_iter().collect::<serde_json::Map<_, _>>()})
    });
    let told = answers(&[], &asked.collect::<Vec<_>>());
    assert_eq!(told.len(), visitors.len());
    for (row, answer) in visitors.iter().zip(&told) {
        assert_eq!(answer["visitor"], row[0], "{row:?}");
    }
}

/// The rows of a table in `fixtures/visit`.
fn rows<const COLUMNS: usize>(table: &str) -> Vec<[String; COLUMNS]> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/visit");
    let text = std::fs::read_to_string(folder.join(table)).unwrap();
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let row = line.split('\t').map(|cell| if cell == "-" { String::new() } else { cell.to_owned() });
        <[String; COLUMNS]>::try_from(row.collect::<Vec<_>>()).unwrap()
    });
    rows.collect()
}

/// The lists are other people's.
#[test]
fn machines_and_people_that_others_have_listed_are_told_apart() {
    let visitors = |user_agents: &[&str]| -> Vec<Value> {
        let asked = user_agents
            .iter()
            .map(|user_agent| json!({"url": "https://a.example/", "user_agent": user_agent}));
        answers(&[], &asked.collect::<Vec<_>>())
            .into_iter()
            .map(|mut answer| answer["visitor"].take())
            .collect()
    };
    if let Some(machines) = Tool::data("crawler-user-agents/crawler-user-agents.json") {
        let listed: Vec<&str> = machines
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|machine| machine["instances"].as_array())
            .flatten()
            .map(|user_agent| user_agent.as_str().unwrap())
            .collect();
        let missed = visitors(&listed).iter().filter(|visitor| *visitor == "person").count();
        assert!(listed.len() > 2000 && missed * 100 <= listed.len(), "{missed} of {}", listed.len());
    }
    if let Some(people) = Tool::data("user-agents/dist/user-agents.json") {
        let listed: Vec<&str> =
            people.as_array().unwrap().iter().map(|person| person["userAgent"].as_str().unwrap()).collect();
        let visitors = visitors(&listed);
        let refused = listed.iter().zip(&visitors).find(|(_, visitor)| *visitor != "person");
        assert!(listed.len() > 1000, "{}", listed.len());
        assert_eq!(refused, None);
    }
}

#[test]
fn a_sites_own_hosts_and_parameters_count_where_its_configuration_is_given() {
    let session = "[site.session]\nsource_parameters = [\"Ref\"]\nignore_referrers = [\"booking.example\"]\n";
    let plain = Config::of("127.0.0.1:9".parse().unwrap()).to_toml();
    let file = File::with(&plain.replacen("[[site.line]]", &format!("{session}[[site.line]]"), 1));
    let asked = [
        json!({"url": "https://www.example.com/?ref=partner"}),
        json!({"url": "https://www.example.com/?ref=partner&utm_source=may"}),
        json!({"url": "https://www.example.com/", "referrer": "https://pay.booking.example/done"}),
        json!({"url": "https://www.example.com/", "referrer": "https://notbooking.example/"}),
    ];
    let sources = |arguments: &[&str]| -> Vec<String> {
        answers(arguments, &asked)
            .iter()
            .map(|answer| answer["source"].as_str().unwrap().to_owned())
            .collect()
    };
    let direct = "(direct)";
    assert_eq!(sources(&["--config", file.path()]), ["partner", "may", direct, "notbooking.example"]);
    assert_eq!(sources(&[]), [direct, "may", "pay.booking.example", "notbooking.example"]);
}

#[test]
fn whom_a_site_excludes_is_no_visitor_of_it() {
    let exclude = "exclude = { cookie = \"staff\", user_agents = [\"*HouseBrowser*\"] }";
    let file = File::with(&Config::of("127.0.0.1:9".parse().unwrap()).site(exclude).to_toml());
    let url = "https://www.example.com/";
    let monitor = "Mozilla/5.0 (X11; rv:145.0) Gecko/20100101 Firefox/145.0 HouseBrowser/1";
    let asked = [
        json!({"url": url, "headers": {"Cookie": "staff=1"}}),
        json!({"url": url, "user_agent": monitor}),
        json!({"url": "https://elsewhere.example/", "headers": {"Cookie": "staff=1"}}),
    ];
    let visitors = answers(&["--config", file.path()], &asked);
    let visitors: Vec<_> = visitors.iter().map(|answer| answer["visitor"].as_str().unwrap()).collect();
    assert_eq!(visitors, ["excluded", "excluded", "person"]);
}

#[test]
fn a_line_is_answered_before_the_next_one_comes() {
    let mut child = command().arg("classify").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in
        ["{\"url\":\"https://a.example/?gclid=1\"}\n", "broken\n", "{\"url\":\"https://a.example/\"}\n"]
    {
        input.write_all(line.as_bytes()).unwrap();
        let answer: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer.get("error").is_some(), line.starts_with("broken"), "{answer}");
    }
    drop(input);
    assert!(output.next().is_none() && child.wait().unwrap().success());
}
