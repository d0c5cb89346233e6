//! Whatever happens to a pool, in whatever order, it keeps what [`reference`] says: people come and go, pages print numbers or
//! don't, clocks jump, and nodes stop or crash.

mod reference;

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::postgresql::Postgres;
use super::under::{Kind, Under, config, digits, runtime, session, somebody};
use crate::clock::Timestamp;
use crate::config::{Config, Overflow};
use crate::pool::{Answer, Lease, Network};
use crate::visit::{Session, Source};
use reference::{Asker, Reference, Span, Told, Verdict};

const VISITORS: usize = 10;

/// How many a pool has: at 8 and more, two of them may be provisional sessions' and a confirmed one's is given all the same.
const NUMBERS: [usize; 5] = [1, 2, 3, 5, 8];

/// Milliseconds: about a second, about a provisional hold, about a hold, and long after.
const JUMPS: [u64; 12] =
    [100, 400, 1000, 3000, 5000, 9700, 10_500, 30_000, 59_700, 61_500, 600_000, 9_000_000];

/// A pool, and what happens to it.
#[derive(Clone, Debug)]
struct Case {
    numbers: usize,
    takes_oldest: bool,
    steps: Vec<Step>,
}

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody opens a page.
    Comes {
        who: usize,
        node: usize,
        page: Page,
    },
    /// Somebody's browser fetches a style sheet.
    ShowsCookie {
        who: usize,
        node: usize,
    },
    /// A page that is still on its way ends.
    Ends {
        page: usize,
        prints: bool,
    },
    /// Somebody asks who had a number so many milliseconds ago.
    Calls {
        number: usize,
        ago: u64,
    },
    Flushes {
        node: usize,
    },
    Tidies {
        node: usize,
    },
    Crashes {
        node: usize,
    },
    Restarts {
        node: usize,
    },
    /// Time passes, by its place among the jumps.
    Later {
        jump: usize,
    },
    /// A file's clock is set back.
    Back {
        jump: usize,
    },
}

/// What a page does with a number.
#[derive(Clone, Copy, Debug)]
enum Page {
    Prints,
    PrintsNone,
    /// It is still on its way.
    Streams,
    /// Nobody is given a number for it; who has one sees it.
    Posted,
}

fn cases() -> impl Strategy<Value = Case> {
    let page = prop_oneof![
        5 => Just(Page::Prints),
        2 => Just(Page::PrintsNone),
        3 => Just(Page::Streams),
        1 => Just(Page::Posted),
    ];
    let (who, node) = (0..VISITORS, 0..2_usize);
    let step = prop_oneof![
        12 => (who.clone(), node.clone(), page).prop_map(|(who, node, page)| Step::Comes { who, node, page }),
        3 => (who, node.clone()).prop_map(|(who, node)| Step::ShowsCookie { who, node }),
        4 => (0..8_usize, any::<bool>()).prop_map(|(page, prints)| Step::Ends { page, prints }),
        1 => (0..8_usize, 0..700_000_u64).prop_map(|(number, ago)| Step::Calls { number, ago }),
        1 => node.clone().prop_map(|node| Step::Flushes { node }),
        1 => node.clone().prop_map(|node| Step::Tidies { node }),
        1 => node.clone().prop_map(|node| Step::Crashes { node }),
        1 => node.prop_map(|node| Step::Restarts { node }),
        6 => (0..JUMPS.len()).prop_map(|jump| Step::Later { jump }),
        1 => (0..JUMPS.len()).prop_map(|jump| Step::Back { jump }),
    ];
    let steps = proptest::collection::vec(step, 1..60);
    let case = (proptest::sample::select(&NUMBERS[..]), any::<bool>(), steps);
    case.prop_map(|(numbers, takes_oldest, steps)| Case { numbers, takes_oldest, steps })
}

/// So many cases, the same each time; or as many others as `PROPTEST_CASES` says.
fn test(kind: Kind, count: u32) {
    let told: Option<u32> = std::env::var("PROPTEST_CASES").ok().and_then(|told| told.parse().ok());
    let runtime = runtime();
    let database = match kind {
        Kind::File => String::new(),
        Kind::Database => Postgres::shared().database(),
    };
    let config = Cases {
        cases: told.unwrap_or(count),
        failure_persistence: None,
        max_shrink_iters: 500,
        ..Cases::default()
    };
    let mut runner = match told {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    let outcome = runner.run(&cases(), |case| runtime.block_on(run(kind, &database, &case)));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn a_pool_that_a_file_records_keeps_its_promises_whatever_happens() {
    test(Kind::File, 300);
}

#[test]
fn a_pool_that_nodes_share_keeps_its_promises_whatever_happens() {
    test(Kind::Database, 80);
}

async fn run(kind: Kind, database: &str, case: &Case) -> Result<(), TestCaseError> {
    let overflow = if case.takes_oldest { "oldest" } else { "canonical" };
    let terms = "hold = \"1m\"\nprovisional_hold = \"10s\"\nprovisional_per_network = 2";
    let config = config(case.numbers, &format!("{terms}\noverflow = \"{overflow}\""));
    let mut course = Course::begin(kind, database, config).await;
    for (place, step) in case.steps.iter().enumerate() {
        match course.take(step).await {
            Ok(()) => {}
            Err(Fault::Away) => return Err(TestCaseError::reject("the database didn't answer in time")),
            Err(Fault::Broken(why)) => {
                return Err(TestCaseError::fail(format!("step {place}, {step:?}: {why}")));
            }
        }
    }
    course.is_recorded().await.map_err(TestCaseError::fail)
}

/// The course of things.
struct Course {
    under: Under,
    reference: Reference,
    visitors: Vec<Option<Session>>,
    /// Pages that are still on their way.
    pages: Vec<InHand>,
}

struct InHand {
    lease: Lease,
    who: usize,
    node: usize,
    number: usize,
    /// By its place among the number's.
    place: usize,
}

/// Why a course ends.
enum Fault {
    Away,
    Broken(String),
}

impl From<String> for Fault {
    fn from(why: String) -> Self {
        Fault::Broken(why)
    }
}

impl Course {
    async fn begin(kind: Kind, database: &str, config: Config) -> Self {
        let pool = &config.sites[0].pools[0];
        let nodes = if kind == Kind::File { 1 } else { 2 };
        let takes_oldest = pool.overflow == Overflow::Oldest;
        let numbers = pool.numbers.len();
        let reference = Reference::new(kind, pool.terms, takes_oldest, nodes, numbers, VISITORS);
        let under = Under::at(kind, database, config, nodes).await;
        Course { under, reference, visitors: vec![None; VISITORS], pages: Vec::new() }
    }

    async fn take(&mut self, step: &Step) -> Result<(), Fault> {
        let node = |node: usize| if self.under.kind == Kind::File { 0 } else { node };
        match *step {
            Step::Comes { who, node: at, page } => self.comes(who, node(at), page).await?,
            Step::ShowsCookie { who, node: at } => {
                if let Some(session) = &self.visitors[who] {
                    let (hash, at) = (session.hash, node(at));
                    let is_later = self.under.now() > session.started;
                    self.under.sees(at, hash);
                    self.under.settle().await;
                    self.reference.showed_cookie(who, at, is_later);
                }
            }
            Step::Ends { page, prints } => {
                if page < self.pages.len() {
                    let page = self.pages.swap_remove(page);
                    if prints {
                        self.show(&page).await?;
                    }
                    self.end(page).await?;
                }
            }
            Step::Calls { number, ago } => self.calls(number, ago).await?,
            Step::Flushes { node: at } => self.flush(node(at)).await,
            Step::Tidies { node: at } => self.under.pool(node(at)).tidy(),
            Step::Crashes { node: at } => self.crash(node(at)).await,
            Step::Restarts { node: at } => self.restart(node(at)).await?,
            Step::Later { jump } => self.later(Duration::from_millis(JUMPS[jump])).await,
            Step::Back { jump } => {
                if self.under.kind == Kind::File {
                    self.under.set_back(Duration::from_millis(JUMPS[jump]));
                }
            }
        }
        if self.under.kind == Kind::File {
            self.under.turn(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    async fn comes(&mut self, who: usize, node: usize, page: Page) -> Result<(), Fault> {
        let from = self.under.now();
        let is_confirmed = self.visitors[who].is_some();
        let session = match &self.visitors[who] {
            Some(session) => session.clone(),
            None => {
                // Its cookie is shown later than it begins.
                let session = from_source(who, Timestamp(from.0 - 1));
                self.under.begins(node, session.clone());
                self.visitors[who].insert(session).clone()
            }
        };
        if is_confirmed {
            self.under.sees(node, session.hash);
            self.under.settle().await;
        }
        let is_later = from > session.started;
        let (may_lease, network) = (!matches!(page, Page::Posted), network_of(who));
        let answer = match may_lease {
            true => self.under.ask(node, session, is_confirmed, network).await,
            false => self.under.look(node, session, is_confirmed).await,
        };
        let (told, lease) = match answer {
            Answer::Number(lease) => {
                (Told::Number(digits(&lease).parse().unwrap(), lease.how()), Some(lease))
            }
            Answer::Full(_) => (Told::Full, None),
            Answer::Crowded(_) => (Told::Crowded, None),
            Answer::None => (Told::None, None),
            Answer::Away(_) => return Err(Fault::Away),
        };
        let now = self.span(from);
        let asker = Asker { who, node, source: who % 2, is_confirmed, is_later, network, may_lease };
        self.reference.asked(&asker, now, told)?;
        let Some(lease) = lease else { return Ok(()) };
        let number = digits(&lease).parse().unwrap();
        let page_in_hand = InHand { place: self.reference.lease(number), lease, who, node, number };
        match page {
            Page::Streams => self.pages.push(page_in_hand),
            Page::PrintsNone => self.end(page_in_hand).await?,
            Page::Prints | Page::Posted => {
                self.show(&page_in_hand).await?;
                self.end(page_in_hand).await?;
            }
        }
        Ok(())
    }

    /// A page prints its number. Then that is in the ledger, with the session.
    async fn show(&mut self, page: &InHand) -> Verdict {
        let from = self.under.now();
        let was_shown = self.under.show(&page.lease).await;
        let now = self.span(from);
        self.reference.showed(page.number, page.place, page.node, now, was_shown)?;
        let rows = self.under.leases().await;
        let digits = digits(&page.lease);
        let mut rows = rows.iter().filter(|row| row.number == digits);
        let is_known = rows.any(|row| row.session == session(page.who) && row.shown);
        if was_shown && !is_known {
            return Err(format!("{digits} was shown to {}, and the ledger doesn't know", page.who));
        }
        Ok(())
    }

    async fn end(&mut self, page: InHand) -> Verdict {
        let InHand { lease, node, number, place, .. } = page;
        let digits = digits(&lease);
        drop(lease);
        self.under.settle().await;
        let mut rows = self.under.leases().await;
        rows.retain(|row| row.number == digits);
        let row = rows.get(place).ok_or_else(|| format!("{number} has too few leases"))?;
        self.reference.dropped(number, place, node, row)
    }

    async fn calls(&self, number: usize, ago: u64) -> Verdict {
        let (now, number) = (self.under.now(), number % self.reference.numbers());
        // Some call at the very moment.
        let times = self.reference.times(number).map(|span| span.to);
        for time in times.chain([now.minus(Duration::from_millis(ago))]) {
            let Some(holder) = self.reference.holder_at(number, time) else { continue };
            let told = self.under.holder_at(&format!("{number:04}"), time).await;
            if told.as_ref().map(|row| row.session) != holder.map(session) {
                return Err(format!("{holder:?} had {number} at {time}, and the ledger says {told:?}"));
            }
        }
        Ok(())
    }

    async fn flush(&mut self, node: usize) {
        let from = self.under.now();
        self.under.flush(node).await;
        self.reference.flushed(node, self.under.now().since(from));
    }

    async fn crash(&mut self, node: usize) {
        self.under.stop(node);
        self.pages.retain(|page| page.node != node);
        self.reference.crashed(node);
        self.under.crash(node).await;
    }

    async fn restart(&mut self, node: usize) -> Verdict {
        while let Some(page) = self.pages.iter().position(|page| page.node == node) {
            let page = self.pages.swap_remove(page);
            self.end(page).await?;
        }
        self.flush(node).await;
        self.crash(node).await;
        Ok(())
    }

    async fn later(&mut self, time: Duration) {
        self.flush_where_due(time).await;
        self.under.turn(time).await;
        // Meanwhile they flushed as often as they do, and had nothing.
        self.flush_where_due(Duration::ZERO).await;
    }

    async fn flush_where_due(&mut self, time: Duration) {
        for node in 0..self.under.nodes() {
            if self.under.must_flush(node, time) {
                self.flush(node).await;
            }
        }
    }

    async fn is_recorded(&self) -> Verdict {
        self.under.settle().await;
        self.reference.are_recorded(&self.under.leases().await)
    }

    /// From then until now.
    fn span(&self, from: Timestamp) -> Span {
        match self.under.kind {
            Kind::File => Span { from, to: self.under.now() },
            // A database rounds where a node cuts off.
            Kind::Database => Span { from: Timestamp(from.0 - 2), to: Timestamp(self.under.now().0 + 2) },
        }
    }
}

fn from_source(who: usize, started: Timestamp) -> Session {
    let source = ["google", "bing"][who % 2].to_owned();
    let source = Source { source, medium: "cpc".to_owned(), ..Source::direct() };
    Session { source, ..somebody(who, started) }
}

/// Some come from networks that need no cap.
fn network_of(who: usize) -> Option<Network> {
    let address = [None, Some([192, 0, 2, 1]), Some([198, 51, 100, 1])][who / 2 % 3];
    address.map(|address| Network::of(address.into()))
}
