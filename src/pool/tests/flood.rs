//! Clients that keep no cookie come in thousands. It is the file's pool that they come to, which decides as fast.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::under::{Kind, Under, config, somebody};
use crate::pool::{Answer, Asking, Network, NumberPool, Reply};
use crate::visit::Session;

const NUMBERS: usize = 50;
const PEOPLE: u64 = 200;
/// Seconds from one person's arrival to the next, and from one of their page views to the next.
const ARRIVAL: u64 = 20;
const PAGE: u64 = 60;
const PAGES: u64 = 8;
const FLOOD: u64 = 20_000;

/// What a visit is shown, if it is shown a number.
fn number(pool: &Arc<NumberPool>, session: &Arc<Session>, asking: Asking) -> Option<String> {
    let Reply::Now(Answer::Number(lease)) = pool.lease(session, asking) else { return None };
    assert!(pool.confirm(&lease, asking.now), "it is this session's");
    Some(lease.number().number.e164().to_owned())
}

/// People come and browse, and from half of the time on clients that keep no cookie come from so many networks. How many
/// people got a number, all of whom kept it while they were there.
async fn people_with_a_number(networks: u64) -> usize {
    let under = Under::open(Kind::File, config(NUMBERS, "")).await;
    let (pool, begin) = (under.pool(0), under.now());
    let length = PEOPLE * ARRIVAL;
    let mut views: Vec<(u64, u64, u64)> = (0..PEOPLE)
        .flat_map(|person| {
            (0..PAGES).map(move |page| (1000 * (person * ARRIVAL + page * PAGE), person, page))
        })
        .collect();
    // A person's browser fetches the page's style sheet a moment later.
    views.extend((0..PEOPLE).map(|person| (1000 * person * ARRIVAL + 500, person, u64::MAX)));
    views.extend((0..FLOOD).map(|n| (500 * length * (FLOOD + n) / FLOOD + 1, PEOPLE + n, 0)));
    views.sort_unstable();
    let mut shown: Vec<Option<String>> = vec![None; PEOPLE as usize];
    for (millis, who, page) in views {
        let (now, session) =
            (begin.plus(Duration::from_millis(millis)), Arc::new(somebody(who as usize, begin)));
        let person = usize::try_from(who).ok().filter(|person| *person < shown.len());
        let address = match person {
            Some(person) => Ipv4Addr::new(10, person as u8, 0, 1),
            None => Ipv4Addr::from_bits(0xc633_6400 + (((who % networks) as u32) << 8)),
        };
        let asking = Asking { now, is_confirmed: page > 0, network: Some(Network::of(address.into())) };
        match person {
            Some(_) if page == u64::MAX => pool.confirm_session(session.hash),
            Some(person) if page == 0 => shown[person] = number(pool, &session, asking),
            Some(person) if shown[person].is_some() => {
                assert_eq!(number(pool, &session, asking), shown[person], "person {person}, page {page}");
            }
            Some(_) => {}
            None => drop(number(pool, &session, asking)),
        }
    }
    shown.iter().flatten().count()
}

#[tokio::test]
async fn from_one_network_takes_no_number_from_anybody() {
    assert_eq!(people_with_a_number(1).await, PEOPLE as usize);
}

#[tokio::test]
async fn from_many_networks_takes_no_number_from_whoever_has_one() {
    let people = people_with_a_number(2_000).await;
    assert!(people >= PEOPLE as usize / 2, "{people} of {PEOPLE} got a number: those who came before");
}
