//! A node is killed, the database restarted, killed and paused, all under load: every number that anybody saw is in the ledger,
//! with the session it was shown to, and none was shown to two within the hold.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::Nodes;
use crate::support::{AD, GUARD, Ledger, Postgres, Visitor, number_on, session_of};

/// Somebody saw a number.
struct Sighting {
    cookie: String,
    number: String,
}

/// New visitors come to a node, one after the other, until they are told to stop or it is dead.
fn visit(stranger: &Visitor, stop: &AtomicBool, tell: &Sender<Sighting>) {
    while !stop.load(Ordering::Acquire) {
        let mut visitor = stranger.clone();
        for target in [AD, "/", "/"] {
            let Some(mut client) = visitor.try_begin(&crate::support::Request::navigation(target)) else {
                return;
            };
            let Some(head) = client.try_head("GET") else { return };
            visitor.keep_cookies(&head);
            let (body, ended) = client.rest();
            if ended.is_err() {
                return;
            }
            let number = number_on(&String::from_utf8(body).unwrap());
            if number.starts_with("+1646555") {
                tell.send(Sighting { cookie: visitor.session().to_owned(), number }).unwrap();
            }
        }
    }
}

/// Waits until so many more were shown a number.
fn see(count: usize, told: &Receiver<Sighting>, sightings: &mut Vec<Sighting>) {
    for _ in 0..count {
        sightings.push(told.recv_timeout(GUARD).expect("somebody sees a number"));
    }
}

#[test]
fn a_node_that_is_killed_and_a_database_that_restarts_dies_and_hangs_lose_nothing() {
    let database = Postgres::start();
    let url = database.database();
    let mut nodes = Nodes::start(2, &url, |config| {
        config.timeout("lease", "1s").numbers(2000).pool("hold = \"1h\"\nprovisional_hold = \"1h\"")
    });
    let (stop, (tell, told)) = (AtomicBool::new(false), channel());
    let mut sightings = Vec::new();
    std::thread::scope(|scope| {
        for stranger in nodes.edges.iter().flat_map(|edge| [Visitor::at(edge), Visitor::at(edge)]) {
            let (tell, stop) = (tell.clone(), &stop);
            scope.spawn(move || visit(&stranger, stop, &tell));
        }
        drop(tell);
        see(60, &told, &mut sightings);
        database.restart();
        see(60, &told, &mut sightings);
        database.kill_9();
        database.start_again();
        see(60, &told, &mut sightings);
        database.pause();
        // Those who have a number go on.
        sightings.extend(told.try_iter());
        database.resume();
        see(60, &told, &mut sightings);
        nodes.edges[0].kill_9();
        see(60, &told, &mut sightings);
        stop.store(true, Ordering::Release);
        sightings.extend(told.iter());
    });
    let ledger = Ledger::of(&nodes.edges[1]);
    let mut holders = BTreeMap::new();
    for Sighting { cookie, number } in &sightings {
        let session = session_of(nodes.folder.path(), cookie);
        assert!(ledger.knows(number, session), "{number} was seen");
        let holder = holders.entry(number.clone()).or_insert(session);
        assert_eq!(*holder, session, "{number} was shown to two");
    }
    assert!(sightings.len() >= 300 && holders.len() > 20, "{} of {}", holders.len(), sightings.len());
}
