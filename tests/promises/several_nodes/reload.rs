//! Nodes that share a ledger read their configuration again, one after the other.

use super::{Nodes, two};
use crate::support::{AD, Answer, Config, PAGE, Request, Visitor, number_on, page_with, tracking};

const HOLD: &str = "hold = \"1h\"\nprovisional_hold = \"1h\"";

/// Another pool, for whoever comes from a search, with one number.
fn search_pool(number: usize) -> String {
    format!(
        "[[site.pool]]\nname = \"search\"\nline = \"main\"\nnumbers = [{:?}]\nprovisional_per_network = 0\n{HOLD}\n\
         [[site.rule]]\nwhen = {{ channel = \"Organic Search\" }}\nshow = [\"pool:search\"]\n",
        tracking(number)
    )
}

impl Nodes {
    fn reload(&self, change: impl FnOnce(Config) -> Config) {
        let config = change(self.config.clone());
        self.edges.iter().for_each(|edge| edge.reload(&config));
    }
}

#[test]
fn numbers_that_come_are_given_at_once_on_each_node_and_those_that_leave_no_more() {
    let nodes = two(|config| config.numbers(2).pool(HOLD));
    let mut first = Visitor::at(&nodes.edges[0]);
    let mut second = Visitor::at(&nodes.edges[1]);
    let gone = nodes.shown(&mut first, 0, AD);
    let stays = nodes.shown(&mut second, 1, AD);
    let place = if stays == tracking(0) { 0 } else { 1 };
    nodes.reload(|config| config.with_numbers([place, 2]));
    assert_eq!(nodes.shown(&mut second, 0, "/"), stays);
    assert_eq!(nodes.shown(&mut first, 1, "/"), tracking(2), "its own has left");
    let mut third = Visitor::at(&nodes.edges[0]);
    assert_eq!(nodes.shown(&mut third, 0, AD), "+12125550100", "both are on hold");
    nodes.reload(|config| config.with_numbers([0, 1, 2]));
    assert_eq!(nodes.shown(&mut third, 1, "/"), "+12125550100", "{gone} is on hold as it was");
}

#[test]
fn a_number_that_moves_to_another_pool_is_on_hold_there_too() {
    let nodes = two(|config| config.with_numbers([0]).pool(HOLD));
    let mut first = Visitor::at(&nodes.edges[0]);
    assert_eq!(nodes.shown(&mut first, 0, AD), tracking(0));
    nodes.reload(|config| config.with_numbers([1]).more(&search_pool(0)));
    let mut organic = Visitor::at(&nodes.edges[1]);
    assert_eq!(organic.follow("https://www.google.com/", "/").text(), PAGE);
    assert_eq!(nodes.shown(&mut first, 1, "/"), tracking(1));
}

#[test]
fn a_page_that_is_on_its_way_shows_the_number_that_it_was_promised() {
    let nodes = two(|config| config.with_numbers([0]).pool(HOLD));
    // From here on it is known to print a number, which is asked for before it comes.
    nodes.origin.answers("/slow", Answer::html(PAGE));
    assert_eq!(Visitor::at(&nodes.edges[0]).open("/slow?utm_medium=print&utm_source=x").status(), "200");
    let (steps, visitor) = (nodes.origin.steps("/slow"), Visitor::at(&nodes.edges[0]));
    let mut client = visitor.begin(&Request::navigation("/slow?gclid=b"));
    steps.arrived();
    nodes.reload(|config| config.with_numbers([1, 0]));
    steps.send(Answer::html(PAGE).to_bytes(false));
    drop(steps);
    assert_eq!(client.response("GET").text(), page_with(&tracking(0)));
    let mut other = Visitor::at(&nodes.edges[1]);
    assert_eq!(nodes.shown(&mut other, 1, AD), tracking(1));
    assert!(nodes.ledger.leases().iter().all(|lease| lease.shown));
}

#[test]
fn what_a_node_saw_last_is_written_though_it_reloads() {
    let nodes = two(|config| config.with_numbers([0]).pool(HOLD));
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    nodes.ledger.execute("UPDATE number SET last_seen = 1; UPDATE lease SET last_seen = 1");
    assert_eq!(number_on(&visitor.open("/").text()), number);
    nodes.reload(|config| config.with_numbers([0, 1]));
    let sql = "SELECT count(*) FROM number WHERE last_seen > 1";
    nodes.ledger.wait_until("the last page view", |ledger| ledger.rows(sql, &[])[0][0].number() == 1);
}
