//! What only nodes that share a ledger can do to each other.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::postgresql::Postgres;
use super::under::{Kind, Under, config, digits, number, runtime, session, somebody};
use crate::ledger::How;
use crate::ledger::postgres::{Asked, Given, Giving, PoolId, Wanted};
use crate::visit::Session;

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

#[test]
fn who_ask_two_nodes_at_once_get_a_number_each_while_there_are_any() {
    runtime().block_on(async {
        let database = Postgres::shared().database();
        let under = Under::at(Kind::Database, &database, config(20, "hold = \"5m\""), 2).await;
        let now = under.now();
        let asking = (0..30).map(|n| under.ask(n % 2, somebody(n, now), true, None));
        let given: Vec<_> = join_all(asking).await.into_iter().filter_map(number).collect();
        let numbers: HashSet<_> = given.iter().map(digits).collect();
        assert_eq!((given.len(), numbers.len()), (20, 20));
    });
}

#[test]
fn who_ask_at_once_for_more_than_there_are_take_the_oldest_in_turn() {
    runtime().block_on(async {
        let database = Postgres::shared().database();
        let under = Under::at(Kind::Database, &database, config(2, "overflow = \"oldest\""), 1).await;
        let (database, _) = under.ledger(0).shared().unwrap();
        let numbers = ["+16465550000", "+16465550001"];
        let wanted = Wanted { site: "plumber", name: "ads", numbers: &numbers };
        let pool = database.configure(wanted).await.unwrap();
        let asked = |n| asked(pool, somebody(n, under.now()));
        let given = database.give(&[asked(1), asked(2), asked(3), asked(4), asked(5)]).await.unwrap();
        let given: Vec<Given> = given.into_iter().map(of).collect();
        let how: Vec<How> = given.iter().map(|given| given.how).collect();
        assert_eq!(how, [How::Fresh, How::Fresh, How::Overflow, How::Overflow, How::Overflow]);
        let epochs: Vec<i64> = given.iter().map(|given| given.epoch).collect();
        assert_eq!(epochs, [1, 1, 2, 2, 3]);
        assert_ne!(given[2].number, given[3].number);
        assert_eq!(given[2].number, given[4].number);
        assert!(given[2].started < given[4].started);
        // The last keeps it; the others lost theirs.
        let again = database.give(&[asked(5), asked(4), asked(1)]).await.unwrap();
        let again: Vec<Given> = again.into_iter().map(of).collect();
        assert_eq!(again[0].number, given[4].number);
        assert_eq!([again[0].how, again[1].how, again[2].how], [How::Sticky, How::Sticky, How::Overflow]);
        assert_eq!(under.leases().await.len(), 6);
    });
}

fn of(giving: Giving) -> Given {
    match giving {
        Giving::Number(given) => given,
        other => panic!("{other:?}"),
    }
}

/// On the terms of a pool that lets the oldest go.
fn asked(pool: PoolId, session: Session) -> Asked {
    Asked {
        pool,
        site: "plumber".into(),
        name: "ads".into(),
        line: "main".into(),
        session: Arc::new(session),
        is_confirmed: true,
        network: None,
        hold: Duration::from_secs(300),
        provisional_hold: Duration::from_secs(30),
        cap: 0,
        may_take_oldest: true,
        may_lease: true,
    }
}
