//! The configuration may change while visitors come: requests from then on see the new one, those under way end with the
//! old one, and nobody loses a number that stays.

use crate::support::{
    AD, Answer, Config, Edge, Ledger, Origin, PAGE, Request, Visitor, number_on, page_with, plumber, tracking,
};

/// Numbers stay with whoever saw them last, for as long as a test takes.
const HOLD: &str = "hold = \"1h\"\nprovisional_hold = \"1h\"";

fn with_numbers(origin: &Origin, numbers: impl IntoIterator<Item = usize>) -> Config {
    Config::of(origin.address).with_numbers(numbers).pool(HOLD)
}

fn start(numbers: impl IntoIterator<Item = usize>) -> (Origin, Edge) {
    let numbers: Vec<_> = numbers.into_iter().collect();
    plumber(|config| config.with_numbers(numbers).pool(HOLD))
}

/// Another pool, for whoever comes from a search, with one number.
fn search_pool(number: usize) -> String {
    format!(
        "[[site.pool]]\nname = \"search\"\nline = \"main\"\nnumbers = [{:?}]\nprovisional_per_network = 0\n{HOLD}\n\
         [[site.rule]]\nwhen = {{ channel = \"Organic Search\" }}\nshow = [\"pool:search\"]\n",
        tracking(number)
    )
}

fn search(edge: &Edge) -> String {
    Visitor::at(edge).follow("https://www.google.com/", "/").text()
}

#[test]
fn a_number_that_is_added_is_given_at_once_and_who_has_one_keeps_it() {
    let (origin, edge) = start([0]);
    let mut first = Visitor::at(&edge);
    assert_eq!(number_on(&first.open(AD).text()), tracking(0));
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    edge.reload(&with_numbers(&origin, [1, 0]));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1));
    assert_eq!(number_on(&first.open("/").text()), tracking(0));
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE, "both are on hold");
}

#[test]
fn a_number_that_is_taken_out_is_given_no_more_and_is_remembered_when_it_comes_back() {
    let (origin, edge) = start([0, 1]);
    let mut first = Visitor::at(&edge);
    assert_eq!(number_on(&first.open(AD).text()), tracking(0));
    edge.reload(&with_numbers(&origin, [1]));
    assert_eq!(number_on(&first.open("/").text()), tracking(1), "its holder gets another");
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    edge.reload(&with_numbers(&origin, [0, 1, 2]));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(2), "the first is on hold still");
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    assert_eq!(number_on(&first.open("/").text()), tracking(1));
}

#[test]
fn a_number_that_moves_to_another_pool_takes_along_who_had_it() {
    let (origin, edge) = start([0, 1]);
    let mut first = Visitor::at(&edge);
    assert_eq!(number_on(&first.open(AD).text()), tracking(0));
    edge.reload(&with_numbers(&origin, [1]).more(&search_pool(0)));
    assert_eq!(search(&edge), PAGE, "it is on hold in its new pool");
    assert_eq!(number_on(&first.open("/").text()), tracking(1));
    edge.reload(&with_numbers(&origin, [0]).more(&search_pool(2)));
    assert_eq!(number_on(&search(&edge)), tracking(2));
    assert_eq!(number_on(&first.open("/").text()), tracking(0), "its own, which nobody has had since");
}

#[test]
fn a_page_that_is_on_its_way_shows_the_number_that_it_was_promised() {
    let (origin, edge) = start([0, 1]);
    origin.answers("/slow", Answer::html(PAGE));
    // From here on it is known to print a number, which is asked for before it comes.
    assert_eq!(number_on(&Visitor::at(&edge).open("/slow?gclid=a").text()), tracking(0));
    let (steps, visitor) = (origin.steps("/slow"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::navigation("/slow?gclid=b"));
    steps.arrived();
    edge.reload(&with_numbers(&origin, [2, 1, 0]));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(2), "it is promised to somebody");
    steps.send(Answer::html(PAGE).to_bytes(false));
    drop(steps);
    assert_eq!(client.response("GET").text(), page_with(&tracking(1)));
    assert!(Ledger::of(&edge).leases().iter().all(|lease| lease.shown));
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE, "all are on hold");
}

#[test]
fn a_promised_number_that_leaves_its_pool_is_not_shown_and_is_as_it_was_wherever_it_goes() {
    for goes_to in ["", "search"] {
        let (origin, edge) = start([0, 1]);
        origin.answers("/slow", Answer::html(PAGE));
        assert_eq!(number_on(&Visitor::at(&edge).open("/slow?gclid=a").text()), tracking(0));
        let (steps, visitor) = (origin.steps("/slow"), Visitor::at(&edge));
        let mut client = visitor.begin(&Request::navigation("/slow?gclid=b"));
        steps.arrived();
        let more = if goes_to.is_empty() { search_pool(2) } else { search_pool(1) };
        edge.reload(&with_numbers(&origin, [0]).more(&more));
        if goes_to == "search" {
            assert_eq!(number_on(&search(&edge)), tracking(1), "nobody was ever shown it");
        }
        steps.send(Answer::html(PAGE).to_bytes(false));
        drop(steps);
        assert_eq!(client.response("GET").text(), PAGE);
        Ledger::of(&edge).wait_until("nobody was shown it", |ledger| {
            let leases = ledger.leases();
            let promised = leases.iter().filter(|lease| lease.number == tracking(1) && !lease.shown);
            promised.count() == 1
        });
        if goes_to.is_empty() {
            edge.reload(&with_numbers(&origin, [0, 1]));
            assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1));
        }
    }
}

#[test]
fn a_page_under_way_ends_as_it_began() {
    let (origin, edge) = start([0]);
    let (steps, visitor) = (origin.steps("/slow"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::navigation("/slow?gclid=abc"));
    steps.arrived();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>212-555-0100</p>");
    client.head("GET");
    client.read_until("646-555-0000</p>");
    edge.reload(&with_numbers(&origin, [1]).rules(""));
    steps.chunk("<p>212-555-0100</p>");
    steps.chunk("");
    drop(steps);
    let (rest, ended) = client.rest();
    assert!(ended.is_ok());
    assert_eq!(String::from_utf8(rest).unwrap(), "<p>646-555-0000</p>");
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE, "there is no rule any more");
}

#[test]
fn sessions_are_shown_what_they_were_by_name_wherever_that_stands_now() {
    let (origin, edge) = plumber(|config| config.with_numbers([0]).pool(HOLD).more(&search_pool(1)));
    let (mut ad, mut organic) = (Visitor::at(&edge), Visitor::at(&edge));
    assert_eq!(number_on(&ad.open(AD).text()), tracking(0));
    assert_eq!(number_on(&organic.follow("https://www.google.com/", "/").text()), tracking(1));
    // Pools and rules change places, and the session from the ad met a rule that is no more.
    let text = with_numbers(&origin, [0])
        .rules("[[site.rule]]\nwhen = { medium = \"other\" }\nshow = [\"pool:ads\"]\n")
        .more(&search_pool(1))
        .to_toml();
    let (before, pools) = text.split_once("[[site.pool]]").unwrap();
    let (ads, search) = pools.split_once("[[site.pool]]").unwrap();
    let (ads, rule) = ads.split_once("[[site.rule]]").unwrap();
    let swapped = format!("{before}[[site.pool]]{search}\n[[site.rule]]{rule}\n[[site.pool]]{ads}");
    std::fs::write(edge.config(), swapped).unwrap();
    edge.hang_up();
    edge.says("reloaded");
    assert_eq!(number_on(&ad.open("/").text()), tracking(0));
    assert_eq!(number_on(&organic.open("/").text()), tracking(1));
    // One whose pool is gone meets the rules anew.
    edge.reload(&with_numbers(&origin, [0]));
    assert_eq!(organic.open("/").text(), PAGE);
    assert_eq!(number_on(&ad.open("/").text()), tracking(0));
}

#[test]
fn a_page_that_is_known_is_read_again_where_the_lines_are_others() {
    let (origin, edge) = start([0]);
    let page = "<!doctype html><p>212-555-0100</p><p>212-555-0101</p>";
    origin.answers("/", Answer::html(page));
    let mut visitor = Visitor::at(&edge);
    for target in [AD, "/"] {
        assert_eq!(visitor.open(target).text(), page.replace("212-555-0100", "646-555-0000"));
    }
    let text = with_numbers(&origin, [0]).to_toml();
    let text = text.replace("canonical = \"+12125550100\"", "canonical = \"+12125550101\"");
    std::fs::write(edge.config(), text).unwrap();
    edge.hang_up();
    edge.says("reloaded");
    assert_eq!(visitor.open("/").text(), page.replace("212-555-0101", "646-555-0000"));
}

#[test]
fn hosts_come_and_go() {
    let (origin, edge) = start([0]);
    let status = |host: &str| {
        Visitor::at(&edge).send(&Request::navigation("/").with("Host", host)).status().to_owned()
    };
    assert_eq!((status("www.example.com"), status("new.example.com")), ("200".to_owned(), "404".to_owned()));
    let text = with_numbers(&origin, [0]).to_toml().replace("www.example.com", "new.example.com");
    std::fs::write(edge.config(), text).unwrap();
    edge.hang_up();
    edge.says("reloaded");
    assert_eq!((status("www.example.com"), status("new.example.com")), ("404".to_owned(), "200".to_owned()));
}

#[test]
fn a_wrong_configuration_changes_nothing_and_the_log_says_what_is_wrong() {
    let (origin, edge) = start([0]);
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    let config = edge.config();
    std::fs::write(&config, with_numbers(&origin, [1]).pool("holdd = \"5m\"").to_toml()).unwrap();
    edge.hang_up();
    let finding = edge.says("holdd");
    assert!(finding.contains("ERROR") && finding.contains(&format!("{}:", config.display())), "{finding}");
    edge.says("the last good configuration goes on");
    assert_eq!(number_on(&visitor.open("/").text()), tracking(0));
    std::fs::remove_file(&config).unwrap();
    edge.hang_up();
    edge.says("can't be read");
    assert_eq!(number_on(&visitor.open("/").text()), tracking(0));
    edge.reload(&with_numbers(&origin, [1]));
    assert_eq!(number_on(&visitor.open("/").text()), tracking(1));
}

#[test]
fn what_takes_a_restart_to_change_stays_as_it_is_and_is_named() {
    let (origin, edge) = start([0]);
    let text = with_numbers(&origin, [1]).to_toml();
    let text = text
        .replacen("127.0.0.1:0", "127.0.0.1:9", 1)
        .replace("threads = 2", "threads = 1")
        .replace("ledger.db", "other.db")
        .replace("{ file = \"secret\" }", "{ file = \"other\" }");
    std::fs::write(edge.config(), text).unwrap();
    edge.hang_up();
    for key in ["listen", "threads", "ledger", "secret"] {
        let line = edge.says(&format!("server.{key} is as it was"));
        assert!(line.contains("WARN") && line.contains("restart"), "{line}");
    }
    edge.says("reloaded");
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1));
    assert!(!edge.folder().join("other.db").exists() && !edge.folder().join("other").exists());
}

#[test]
fn a_file_that_changes_is_put_to_use_without_a_signal_and_a_wrong_one_is_not() {
    let (origin, edge) = start([0]);
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    std::fs::write(edge.config(), with_numbers(&origin, [1]).to_toml()).unwrap();
    edge.says("reloaded");
    assert_eq!(number_on(&visitor.open("/").text()), tracking(1));
    std::fs::write(edge.config(), with_numbers(&origin, [2]).pool("holdd = \"5m\"").to_toml()).unwrap();
    edge.says("the last good configuration goes on");
    assert_eq!(number_on(&visitor.open("/").text()), tracking(1));
}

#[test]
fn a_link_that_is_led_elsewhere_and_a_file_put_in_anothers_place_are_changes() {
    let (origin, edge) = start([0]);
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    let (config, beside) = (edge.config(), edge.folder().join("beside.toml"));
    std::fs::write(&beside, with_numbers(&origin, [1]).to_toml()).unwrap();
    std::fs::rename(&beside, &config).unwrap();
    edge.says("reloaded");
    assert_eq!(number_on(&visitor.open("/").text()), tracking(1));
    // As Kubernetes changes what is mounted: a link is made beside, and put in the place of the one before.
    let (elsewhere, link) = (edge.folder().join("elsewhere.toml"), edge.folder().join("link"));
    std::fs::write(&elsewhere, with_numbers(&origin, [2]).to_toml()).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    std::fs::rename(&link, &config).unwrap();
    edge.says("reloaded");
    assert_eq!(number_on(&visitor.open("/").text()), tracking(2));
}
