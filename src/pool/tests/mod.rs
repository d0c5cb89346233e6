//! What holds on either kind of ledger is tested on both; what only one of them has stands apart.

mod file;
mod flood;
mod model;
mod nodes;
#[path = "../../../tests/promises/support/postgresql.rs"]
#[allow(dead_code, reason = "the promises' tests do more to it")]
mod postgresql;
mod under;

use super::Lease;
use crate::config::Config;
use crate::ledger::How;
pub(super) use under::somebody;
use under::{Under, config, digits, number, on_each, session};

/// Two numbers, each of them on hold for five minutes.
fn two(overflow: &str) -> Config {
    config(2, &format!("hold = \"5m\"\noverflow = \"{overflow}\""))
}

#[test]
fn sessions_keep_their_numbers_over_a_restart() {
    on_each(async |kind| {
        let mut under = Under::open(kind, two("canonical")).await;
        let first = under.shown(1).await.unwrap();
        let second = under.shown(2).await.unwrap();
        assert_ne!(first, second);
        under.seconds_later(299).await;
        assert_eq!(under.shown(3).await, None, "both are on hold");
        under.restart(0).await;
        assert_eq!(under.shown(2).await, Some(second));
        assert_eq!(under.shown(1).await, Some(first));
    });
}

#[test]
fn last_page_views_are_written_when_flushed() {
    on_each(async |kind| {
        let mut under = Under::open(kind, two("canonical")).await;
        under.shown(1).await.unwrap();
        under.shown(2).await.unwrap();
        under.seconds_later(200).await;
        under.shown(1).await.unwrap();
        under.flush(0).await;
        under.crash(0).await;
        under.seconds_later(110).await;
        let freed = under.shown(3).await.unwrap();
        let own = under.shown(1).await;
        assert!(own.is_some_and(|own| own != freed), "the first kept its number");
    });
}

#[test]
fn a_number_nobody_was_shown_goes_back_as_it_was() {
    on_each(async |kind| {
        let mut under = Under::open(kind, two("canonical")).await;
        let first = under.shown(1).await.unwrap();
        nobody_is_shown(&under, 2).await;
        assert!(under.shown(3).await.is_some(), "the second number is free again");
        // Off hold, a number is given to another session, whose page turns out to print none.
        under.seconds_later(1000).await;
        nobody_is_shown(&under, 4).await;
        let from = under.now();
        assert_eq!(under.shown(1).await.as_ref(), Some(&first), "still the first session's");
        under.flush(0).await;
        let holder = under.holder_at(&first, under.now()).await.unwrap();
        assert_eq!(holder.session, session(1));
        assert!(from <= holder.last_seen && holder.last_seen <= under.now());
    });
}

/// Is given a number, and leaves it be.
async fn nobody_is_shown(under: &Under, n: usize) {
    drop(under.lease(n).await.unwrap());
    under.settle().await;
}

#[test]
fn two_pages_at_once_share_a_lease_and_one_showing_it_keeps_it() {
    on_each(async |kind| {
        let under = Under::open(kind, two("canonical")).await;
        let first = under.lease(1).await.unwrap();
        let second = under.lease(1).await.unwrap();
        drop(first);
        assert!(under.show(&second).await);
        let number = digits(&second);
        drop(second);
        under.settle().await;
        assert_eq!(under.holding(1).await.as_ref().map(digits), Some(number));
        assert_eq!(under.leases().await.iter().map(|row| row.shown).collect::<Vec<_>>(), [true]);
    });
}

#[test]
fn when_all_are_on_hold_the_operator_may_let_the_oldest_go() {
    on_each(async |kind| {
        let mut under = Under::open(kind, two("oldest")).await;
        let first = under.shown(1).await.unwrap();
        under.seconds_later(1).await;
        under.shown(2).await.unwrap();
        under.seconds_later(1).await;
        let lease = under.lease(3).await.unwrap();
        assert_eq!((lease.how(), digits(&lease)), (How::Overflow, first));
        assert!(under.show(&lease).await);
        under.seconds_later(1).await;
        assert!(under.holding(1).await.is_none(), "somebody else has it now");
    });
}

#[test]
fn a_ledger_that_cannot_be_written_shows_nothing_and_gives_the_number_back() {
    on_each(async |kind| {
        let under = Under::open(kind, two("canonical")).await;
        under.execute("ALTER TABLE lease RENAME TO gone").await;
        // A database gives none in the first place.
        let lease: Option<Lease> = under.lease(1).await;
        if let Some(lease) = &lease {
            assert!(!under.show(lease).await);
        }
        drop(lease);
        assert!(under.holding(1).await.is_none());
        under.execute("ALTER TABLE gone RENAME TO lease").await;
        assert!(under.shown(1).await.is_some(), "it works again once the cause is gone");
    });
}

#[test]
fn an_erased_session_holds_nothing_and_its_number_stays_on_hold() {
    on_each(async |kind| {
        let mut under = Under::open(kind, two("canonical")).await;
        let number = under.shown(1).await.unwrap();
        under.erase(1).await;
        under.seconds_later(1).await;
        assert!(!under.pool(0).is_held_by(session(1)) && under.holding(1).await.is_none());
        assert!(under.shown(2).await.is_some_and(|other| other != number));
        under.seconds_later(1).await;
        assert!(under.lease(3).await.is_none(), "both are on hold");
        // Erased while somebody else is being given the number, who is not shown it after all.
        under.seconds_later(3600).await;
        let lease = under.lease(4).await.unwrap();
        under.erase(2).await;
        drop(lease);
        under.settle().await;
        assert!(!under.pool(0).is_held_by(session(2)) && under.holding(2).await.is_none());
    });
}

/// A number for somebody whose browser has shown no cookie yet.
async fn strangers(under: &Under, n: usize) -> Option<Lease> {
    number(under.ask(0, somebody(n, under.now()), false, None).await)
}

#[test]
fn a_confirmed_sessions_number_stays_on_hold_for_as_long_after_a_crash() {
    on_each(async |kind| {
        let mut under = Under::open(kind, two("canonical")).await;
        // Nothing but the lease says that it had shown its cookie, and that was written later than it was seen.
        let began = under.now();
        under.begins(0, somebody(1, began));
        under.seconds_later(10).await;
        under.sees(0, session(1));
        under.flush(0).await;
        let lease = number(under.ask(0, somebody(1, began), true, None).await).unwrap();
        assert!(under.show(&lease).await && under.shown(2).await.is_some());
        drop(lease);
        under.crash(0).await;
        under.seconds_later(290).await;
        assert!(under.lease(3).await.is_none(), "both are on hold");
        under.seconds_later(20).await;
        assert!(under.lease(3).await.is_some());
    });
}

#[test]
fn a_number_is_not_shown_that_was_in_hand_for_so_long_that_somebody_else_has_it() {
    on_each(async |kind| {
        let mut under = Under::open(kind, config(1, "hold = \"5m\"")).await;
        let slow = strangers(&under, 1).await.unwrap();
        under.seconds_later(60).await;
        assert!(under.shown(2).await.is_some());
        assert!(!under.show(&slow).await);
        drop(slow);
        under.settle().await;
        let shown: Vec<_> = under.leases().await.iter().map(|row| (row.session, row.shown)).collect();
        assert_eq!(shown, [(session(1), false), (session(2), true)]);
    });
}

#[test]
fn what_nobody_was_shown_goes_back_though_its_session_had_another_number_before() {
    on_each(async |kind| {
        let mut under = Under::open(kind, two("canonical")).await;
        under.shown(1).await.unwrap();
        under.seconds_later(1000).await;
        under.shown(2).await.unwrap();
        under.shown(3).await.unwrap();
        under.seconds_later(1000).await;
        // Its cookie is seen before it is given one of the numbers that the others have had since.
        under.sees(0, session(1));
        let lease = under.lease(1).await.unwrap();
        under.flush(0).await;
        drop(lease);
        under.settle().await;
        assert!(under.holding(1).await.is_none());
        assert!(under.shown(2).await.is_some() && under.shown(3).await.is_some(), "both have theirs");
    });
}

#[test]
fn who_lost_a_number_and_was_given_another_keeps_that_over_a_restart() {
    on_each(async |kind| {
        let mut under = Under::open(kind, two("oldest")).await;
        let first = under.shown(1).await.unwrap();
        under.seconds_later(1).await;
        under.shown(2).await.unwrap();
        under.seconds_later(1).await;
        let taken = under.lease(3).await.unwrap();
        assert_eq!(digits(&taken), first);
        let second = under.shown(1).await.unwrap();
        assert_ne!(second, first);
        // It goes back to nobody: whose it was has another now.
        drop(taken);
        under.restart(0).await;
        assert_eq!(under.shown(1).await, Some(second));
    });
}
