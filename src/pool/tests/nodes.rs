//! What only nodes that share a ledger can do to each other.

use super::postgresql::Postgres;
use super::under::{Kind, Under, config, number, runtime, session, somebody};

#[test]
fn what_a_node_showed_stays_shown_though_that_crashed_and_another_gives_the_lease_back() {
    runtime().block_on(async {
        let database = Postgres::shared().database();
        let mut under = Under::at(Kind::Database, &database, config(1, "hold = \"5m\""), 2).await;
        let began = under.now();
        let slow = number(under.ask(0, somebody(1, began), false, None).await).unwrap();
        let quick = number(under.ask(1, somebody(1, began), true, None).await).unwrap();
        assert!(under.show(&quick).await);
        under.stop(1);
        drop(quick);
        under.crash(1).await;
        under.seconds_later(400).await;
        assert!(under.shown(2).await.is_some(), "it is off hold");
        drop(slow);
        under.settle().await;
        let shown: Vec<_> = under.leases().await.iter().map(|row| (row.session, row.shown)).collect();
        assert_eq!(shown, [(session(1), true), (session(2), true)]);
    });
}
