//! A simulated month, kept in a ledger as `serve` keeps it and read as commands read it: what calls teach, and what reports say of
//! them, beside what was true.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::{Asked, Key, Model, Report};
use crate::call::decision::Decision;
use crate::call::event::{Event, Ring, What};
use crate::call::fold::fold;
use crate::call::learned::{Learned, Shown};
use crate::call::plan::Plan;
use crate::call::seal::Seal;
use crate::clock::Timestamp;
use crate::config::Keys;
use crate::ledger::{CallId, CallRecord, Candidate, How, LeaseRecord, Ledger, RingRecord, Seen, Which};
use crate::pool::attribution::{self, Attribution};
use crate::pool::day::Day;
use crate::pool::delay::Mix;
use crate::pool::simulation::{Happened, Simulation};
use crate::pool::traffic::{Traffic, usual_shares};
use crate::visit::{Channel, Described, PageView, Session, SessionHash, Source, Touch};

const SITE: &str = "plumber";

/// Writes that are waited for at once.
const GROUP: usize = 20_000;

/// A thousand sessions a day on fifty numbers.
fn simulation(delays: Mix, days: u32) -> Simulation {
    let stay = Duration::from_secs(150);
    let traffic =
        Traffic { sessions_per_day: 1000.0, day: Day::Usual, stay, delays, shares: usual_shares(8) };
    let hold = Duration::from_secs(300);
    Simulation {
        traffic,
        numbers: 50,
        hold,
        takes_oldest: true,
        warm_up: 14,
        days,
        calls: 0.3,
        remembered: 400,
        seed: 1,
    }
}

/// A ledger that is told what happens, and who really called.
struct Keeper {
    ledger: Ledger,
    seal: Seal,
    _folder: TempDir,
    writes: usize,
    epoch: i64,
    calls: u64,
    /// By source.
    true_calls: std::collections::HashMap<String, f64>,
    until: Timestamp,
}

impl Keeper {
    async fn of(simulation: &Simulation) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let keys = Keys::from_secret(b"a secret for simulations");
        let ledger = Ledger::open(&folder.path().join("ledger.db"), &keys.fingerprint).unwrap();
        let mut keeper = Keeper {
            ledger,
            seal: Seal::new(&keys),
            _folder: folder,
            writes: 0,
            epoch: 0,
            calls: 0,
            true_calls: Default::default(),
            until: Timestamp(0),
        };
        simulation.tell(|happened| keeper.keep(&happened));
        keeper.ledger.settled().await;
        keeper
    }

    fn keep(&mut self, happened: &Happened<'_>) {
        match *happened {
            Happened::Shown { session, source, number, time } => self.shown(session, source, number, time),
            Happened::Viewed { session, number, started, time } => {
                let seen = Seen { number: e164(number), started, last_seen: time, is_confirmed: true };
                self.ledger.seen(vec![seen]);
                self.opened(session, started, time);
            }
            Happened::Called { source, number, time, attribution } => {
                *self.true_calls.entry(source.source.clone().unwrap_or_default()).or_default() += 1.0;
                self.called(number, time, attribution);
            }
        }
        self.writes += 1;
        if self.writes.is_multiple_of(GROUP) {
            // What waits to be written is bounded.
            let ledger = self.ledger.clone();
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(ledger.settled());
            });
        }
    }

    fn shown(&mut self, hash: SessionHash, from: &Described, number: Option<usize>, time: Timestamp) {
        let Some(number) = number else { return };
        self.epoch += 1;
        let lease = LeaseRecord {
            number: e164(number),
            epoch: self.epoch,
            site: SITE.into(),
            pool: "ads".into(),
            line: "main".into(),
            session: Arc::new(session(hash, from, time)),
            started: time,
            how: How::Fresh,
            is_provisional: false,
        };
        self.ledger.lease(lease);
        self.opened(hash, time, time);
    }

    fn opened(&self, session: SessionHash, started: Timestamp, time: Timestamp) {
        self.ledger.opened(vec![PageView { session, started, time, page: "www.example.com/".to_owned() }]);
    }

    fn called(&mut self, number: usize, time: Timestamp, attribution: &Attribution<'_>) {
        self.calls += 1;
        self.until = time.plus(Duration::from_millis(1));
        let [.., a, b, c, d] = self.calls.to_be_bytes();
        let id = CallId([0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]);
        let number = e164(number).to_string();
        let ring = Ring { to: number.clone(), ..Ring::default() };
        let Attribution { how, confidence, .. } = *attribution;
        let decision = Decision {
            site: Some(SITE.to_owned()),
            line: Some("main".to_owned()),
            plan: Plan::connect("+12125550100"),
            how,
            confidence,
            prior_calls: None,
            spam_score: 0.0,
            spam: false,
            because: Vec::new(),
        };
        let what = What::Rang(Box::new(ring), Box::new(decision));
        let call = CallRecord {
            id,
            carrier: "pbx".to_owned(),
            carrier_call: self.calls.to_string(),
            site: Some(SITE.to_owned()),
            line: Some("main".to_owned()),
            number,
            caller: None,
            started: time,
        };
        let event = self.seal.seal(id, &Event { received: time, what });
        let candidates = attribution.named().iter().map(candidate).collect();
        self.ledger.rang(RingRecord { call, candidates, event });
    }

    async fn report(&self, classes: &[crate::ledger::Class]) -> Vec<(Option<String>, f64)> {
        let records = self.ledger.records();
        let stored = records.calls(Which::Between(Timestamp(0), self.until)).await.unwrap();
        let calls: Vec<_> = stored.iter().map(|stored| fold(stored, &self.seal, self.until)).collect();
        assert_eq!(calls.len() as u64, self.calls);
        let asked = Asked {
            by: Key::Source,
            model: Model::Fractional,
            zone: TimeZone::UTC,
            from: None,
            to: self.until,
            spam: false,
            currency: "USD",
            costs: None,
            classes,
        };
        let report = Report::of(&calls, &asked);
        report.rows.into_iter().map(|row| (row.name.text, row.credit)).collect()
    }

    /// Total variation between the sources' shares of the calls and what they are credited with.
    fn error(&self, credits: &[(Option<String>, f64)]) -> f64 {
        let calls = self.calls as f64;
        let off = |(source, credit): &(Option<String>, f64)| {
            let true_calls = source.as_ref().and_then(|source| self.true_calls.get(source));
            (true_calls.copied().unwrap_or(0.0) - credit).abs() / calls
        };
        credits.iter().map(off).sum::<f64>() / 2.0
    }
}

fn e164(number: usize) -> Arc<str> {
    format!("+1646555{number:04}").into()
}

fn source(from: &Described) -> Source {
    let source = from.source.clone().unwrap_or_default();
    Source { channel: Channel::PaidSearch, source, medium: "cpc".to_owned(), ..Source::direct() }
}

fn session(hash: SessionHash, from: &Described, started: Timestamp) -> Session {
    let source = source(from);
    Session {
        hash,
        site: SITE.into(),
        first: Arc::new(Touch { source: source.clone(), time: started }),
        source,
        touched: started,
        edition: 0,
        rule: None,
        shown: Vec::new(),
        shows: String::new(),
        started,
        last_seen: started,
        landing_page: "www.example.com/".to_owned(),
        referring_page: None,
    }
}

/// As the ledger tells where its session came from.
fn candidate(candidate: &attribution::Candidate<'_>) -> Candidate {
    let Source { channel, source, medium, campaign, .. } = source(candidate.source);
    Candidate {
        session: candidate.session,
        probability: candidate.probability,
        rate: candidate.rate,
        source: Described { channel: Some(channel), source: Some(source), medium: Some(medium), campaign },
        last_seen: candidate.last_seen,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_months_calls_are_credited_to_their_sources_within_one_in_a_hundred() {
    let keeper = Keeper::of(&simulation(Mix::BASE, 30)).await;
    let records = keeper.ledger.records();
    let classes = records.classes(Timestamp(0), keeper.until, usize::MAX).await.unwrap();
    assert_eq!(classes.len(), 8, "{classes:?}");
    let error = keeper.error(&keeper.report(&classes).await);
    assert!(error < 0.01, "{error}");
    // What is named of each call is little, and enough.
    let stored = records.calls(Which::Between(Timestamp(0), keeper.until)).await.unwrap();
    let rows: usize = stored.iter().map(|call| call.candidates.len()).sum();
    assert!(rows < 30 * stored.len(), "{rows} candidates of {} calls", stored.len());
    keeper.ledger.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sites_calls_teach_when_its_visitors_call_and_how_often_those_of_each_source_do() {
    let keeper = Keeper::of(&simulation(Mix::MOBILE, 10)).await;
    let records = keeper.ledger.records().apart().await.unwrap();
    let shown = Shown::until(keeper.until, &records).await.unwrap();
    let learned = Learned::of(SITE, &records, &keeper.seal, &shown, keeper.until).await.unwrap();
    assert_eq!(learned.calls, 1000, "the latest");
    let half_an_hour = Duration::from_secs(1800);
    let [late, wanted, expected] = [
        learned.delays.survival(half_an_hour),
        Mix::MOBILE.survival(half_an_hour),
        Mix::BASE.survival(half_an_hour),
    ];
    assert!((late - wanted).abs() < (expected - late).abs() / 3.0, "{late}, of {wanted} and not {expected}");
    let rate = |place: usize| {
        let source = Some(place.to_string());
        learned.rate(&Described { source, medium: Some("cpc".to_owned()), ..Described::default() })
    };
    // The third source's visitors call two and a half times as often as the second's.
    assert!(rate(2) > 1.7 * rate(1) && rate(2) < 3.5 * rate(1), "{} {}", rate(2), rate(1));
    let other = Learned::of("baker", &records, &keeper.seal, &shown, keeper.until).await.unwrap();
    assert_eq!(other.calls, 0);
    let unread = Seal::new(&Keys::from_secret(b"another secret than that"));
    let other = Learned::of(SITE, &records, &unread, &shown, keeper.until).await.unwrap();
    assert_eq!(other.calls, 0, "what can't be read teaches nothing");
    keeper.ledger.close();
}
