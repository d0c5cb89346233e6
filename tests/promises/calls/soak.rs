//! Carriers that repeat, reorder and lose what they tell: each call is in the log once, and what came of it decides how it went.

mod placed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use super::{plumber_called, visitor_from_ad};
use crate::support::{Client, Edge, FLYER, GUARD, calls};
use placed::{Addresses, Placed, Told};

/// Of each carrier.
const CALLS: usize = 150;

/// Connections over which messages come at once.
const CONNECTIONS: usize = 6;

/// Messages that may overtake each other. A call has about five, and ten calls go on at a time.
const WINDOW: usize = 60;

/// Shares of all messages.
const LOST: f64 = 0.2;
const REPEATED: f64 = 0.3;

/// What each call was answered when it rang.
#[derive(Default)]
struct Answers(Mutex<BTreeMap<usize, String>>);

impl Answers {
    /// Whoever asks again is told the same.
    fn keep(&self, call: usize, answer: String) {
        let mut answers = self.0.lock().unwrap();
        let first = answers.entry(call).or_insert_with(|| answer.clone());
        assert_eq!(*first, answer, "call {call} was answered something else before");
    }

    fn addresses(&self, call: usize) -> Addresses {
        let answers = self.0.lock().unwrap();
        let attribute = |name: &str| {
            let value =
                answers[&call].split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            value.unwrap_or_else(|| panic!("{name} in {}", answers[&call])).replace("&amp;", "&")
        };
        Addresses { action: attribute(" action"), leg: attribute(" statusCallback") }
    }
}

/// Sends all of these, each what is told of which call, over several connections at once.
fn send(edge: &Edge, placed: &[Placed], messages: &[(usize, Told)], answers: &Answers) {
    let next = AtomicUsize::new(0);
    let sender = || {
        let mut connection = Client::connect(edge.address());
        while let Some(&(call, told)) = messages.get(next.fetch_add(1, Ordering::Relaxed)) {
            let answer = connection.exchange(&placed[call].request(told));
            let said = format!("{told:?} of {:?}: {} {}", placed[call], answer.status(), answer.text());
            assert!(answer.status().starts_with('2'), "{said}");
            if told == Told::Rings {
                answers.keep(call, answer.text());
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(sender);
        }
    });
}

/// What comes, in the order in which it is sent: some of it is lost, some comes again, and what is near each other is out of order.
fn disturbed(placed: &[Placed], random: &mut StdRng) -> Vec<(usize, Told)> {
    let mut sent = Vec::new();
    for (call, placed) in placed.iter().enumerate() {
        // Some ten calls go on at a time.
        for (nth, told) in placed.messages().into_iter().enumerate() {
            // A carrier that is not answered asks again.
            if told == Told::Rings || !random.random_bool(LOST) {
                sent.push((5 * call + 10 * nth, (call, told)));
            }
        }
    }
    sent.sort_by_key(|(at, _)| *at);
    let mut late = Vec::new();
    for (place, (_, message)) in sent.into_iter().enumerate() {
        late.push((place + random.random_range(0..WINDOW), message));
        while random.random_bool(REPEATED) {
            late.push((place + random.random_range(0..2 * WINDOW), message));
        }
    }
    late.sort_by_key(|(at, _)| *at);
    late.into_iter().map(|(_, message)| message).collect()
}

/// Looks at the log until that is over: a call that has ended has ended, and one that was answered stays so.
fn watch(edge: &Edge, is_over: impl Fn() -> bool) {
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    while !is_over() {
        for call in calls(edge) {
            let outcome = call["outcome"].clone();
            let before = seen.insert(call["id"].to_string(), outcome.clone()).unwrap_or_default();
            let stays = before.is_null() || before == outcome || before != "answered" && !outcome.is_null();
            assert!(stays, "it was {before} before: {call:#}");
        }
    }
}

/// Waits until the log says of each call what came.
fn await_log(edge: &Edge, placed: &[Placed], came: &[BTreeSet<Told>]) {
    let deadline = Instant::now() + GUARD;
    loop {
        let calls = calls(edge);
        assert!(calls.len() <= placed.len(), "{} calls, and not {}", calls.len(), placed.len());
        let differs: Vec<String> = placed
            .iter()
            .zip(came)
            .flat_map(|(placed, came)| match calls.iter().find(|call| call["carrier_call_id"] == placed.id) {
                Some(call) => placed.differs(call, came),
                None => vec![format!("{placed:?} is missing")],
            })
            .collect();
        if differs.is_empty() {
            return assert_eq!(calls.len(), placed.len());
        }
        assert!(Instant::now() < deadline, "{} differences: {differs:#?}", differs.len());
    }
}

fn soak(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let (_origin, edge) = plumber_called(|config| config);
    let numbers = [FLYER.to_owned(), visitor_from_ad(&edge).1, visitor_from_ad(&edge).1];
    let mut placed: Vec<Placed> =
        (0..2 * CALLS).map(|n| Placed::nth(n, ["pbx", "twilio"][n % 2], &numbers, &mut random)).collect();
    let answers = Answers::default();
    // Only who is answered knows what to tell to whom.
    let of_twilio = (0..placed.len()).filter(|&call| placed[call].carrier == "twilio");
    let rings: Vec<(usize, Told)> = of_twilio.flat_map(|call| [(call, Told::Rings); 2]).collect();
    send(&edge, &placed, &rings, &answers);
    for &(call, _) in &rings {
        placed[call].addresses = answers.addresses(call);
    }
    let messages = disturbed(&placed, &mut random);
    let mut came = vec![BTreeSet::new(); placed.len()];
    messages.iter().for_each(|&(call, told)| {
        came[call].insert(told);
    });
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(&edge, &placed, &messages, &answers));
        watch(&edge, || sending.is_finished());
    });
    await_log(&edge, &placed, &came);
}

#[test]
fn what_carriers_repeat_reorder_and_lose_ends_in_one_call_each_as_it_went() {
    soak(1);
}

#[test]
fn another_order_and_other_losses_end_so_too() {
    soak(2026);
}
