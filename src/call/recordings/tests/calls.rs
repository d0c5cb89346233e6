//! Calls whose recordings are fetched, removed and erased.

use std::sync::Arc;

use super::*;
use crate::call::event::{Caller, Fetched, Recorded, Ring, id_of};
use crate::call::fold::{fold, recording};
use crate::config::Keys;
use crate::ledger::{CallRecord, Ledger, RingRecord};

const CALLER: &str = "+13055550123";

/// Calls of a plumber, whose ledger and recordings are in a folder.
struct House {
    folder: TempDir,
    calls: Arc<Calls>,
    ledger: Ledger,
}

impl House {
    async fn with(server: &Server) -> Self {
        House::at(tempfile::tempdir().unwrap(), server).await
    }

    async fn at(folder: TempDir, server: &Server) -> Self {
        let (config, keys) = (config(folder.path()), Keys::from_secret(b"a secret for tests"));
        let ledger = Ledger::open(&folder.path().join("ledger.db"), &keys.fingerprint).unwrap();
        let verifiers = Verifiers::load(&config.carriers).unwrap();
        let calls = Calls::new(&config, &keys, ledger.clone(), verifiers).await.unwrap();
        calls.recordings.fetcher.set(server.fetcher(10_000, |_| true)).ok().unwrap();
        House { folder, calls, ledger }
    }

    /// Another process on the same folder.
    async fn again(self, server: &Server) -> Self {
        self.ledger.close();
        House::at(self.folder, server).await
    }

    /// A call that rang and was recorded.
    async fn recorded(&self, name: &str) -> (CallId, Vec<What>) {
        let call = id_of(CarrierName::Twilio, name);
        let (seal, now) = (&self.calls.archive.seal, Timestamp::now());
        let ring = Ring { from: Caller::Number(CALLER.to_owned()), ..Ring::default() };
        let pressed = Event { received: now, what: What::Noted(Default::default()) };
        let record = CallRecord {
            id: call,
            carrier: "twilio".to_owned(),
            carrier_call: name.to_owned(),
            site: None,
            line: None,
            number: "+12125550110".to_owned(),
            caller: ring.from.number().map(|number| seal.caller(number)),
            started: now.minus(Duration::from_secs(60)),
        };
        let event = seal.seal(call, &pressed);
        let rang = RingRecord { call: record, candidates: Vec::new(), event };
        assert!(self.ledger.rang(rang).durable().await);
        let told = vec![What::Recorded(Recorded {
            id: "RE0".to_owned(),
            place: Some(PLACE.to_owned()),
            duration: Some(9),
            channels: None,
            is_voicemail: false,
            failed: false,
        })];
        assert!(self.calls.archive.keep(call, now, told.clone()).await);
        (call, told)
    }

    /// Waits until nobody is at work.
    async fn settled(&self) {
        while !self.calls.recordings.under_way.lock().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    async fn told(&self, call: CallId) -> Option<Vec<Event>> {
        self.calls.archive.told_of(call).await.unwrap()
    }

    async fn fetched(&self, call: CallId) -> Option<Fetched> {
        recording::of(&self.told(call).await?)?.fetched.cloned()
    }

    fn file(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join("recordings").join(path)
    }

    fn counted(&self, outcome: &str) -> bool {
        let line = format!("dni_recordings_total{{carrier=\"twilio\",outcome=\"{outcome}\"}} 1");
        self.calls.metrics().lines().any(|counted| counted == line)
    }
}

#[tokio::test]
async fn a_recording_that_is_ready_is_here_soon_and_its_call_says_so() {
    let server = Server::start([sound(&bytes())]).await;
    let house = House::with(&server).await;
    let (call, told) = house.recorded("CA0").await;
    house.calls.want(call, CarrierName::Twilio, &told);
    house.calls.want(call, CarrierName::Twilio, &told);
    house.settled().await;
    let path = format!("{call}/RE0.mp3");
    let wanted = Fetched { id: "RE0".to_owned(), path: path.clone(), bytes: 5000, sha256: sha256(&bytes()) };
    assert_eq!(house.fetched(call).await, Some(wanted));
    assert_eq!(std::fs::read(house.file(&path)).unwrap(), bytes());
    assert_eq!(house.calls.archive.call(call).await.unwrap().unwrap().recording, Some(path));
    house.calls.want(call, CarrierName::Twilio, &told);
    house.settled().await;
    assert_eq!(server.asked().len(), 1, "it is fetched once");
    assert!(house.counted("fetched"));
    let playable = house.calls.play(call).await.unwrap();
    assert_eq!((playable.bytes, playable.content_type), (5000, "audio/mpeg"));
}

#[tokio::test]
async fn what_an_earlier_process_did_not_get_to_is_fetched_at_the_next_start() {
    let server = Server::start([sound(&bytes())]).await;
    let house = House::with(&server).await;
    let (call, _) = house.recorded("CA0").await;
    let house = house.again(&server).await;
    Arc::clone(&house.calls).fetch_missed().await;
    house.settled().await;
    assert!(house.fetched(call).await.is_some());
    let house = house.again(&server).await;
    Arc::clone(&house.calls).fetch_missed().await;
    house.settled().await;
    assert_eq!(server.asked().len(), 1, "it is here already");
}

#[tokio::test]
async fn a_refused_one_stays_with_its_carrier_and_leaves_nothing_behind() {
    let large = answer_of("200 OK", &["Content-Type: audio/mpeg", "Content-Length: 10001"], b"");
    let server = Server::start([large]).await;
    let house = House::with(&server).await;
    let (call, told) = house.recorded("CA0").await;
    house.calls.want(call, CarrierName::Twilio, &told);
    house.settled().await;
    assert!(house.counted("refused"));
    let told = house.calls.archive.call(call).await.unwrap().unwrap();
    assert_eq!(told.recording.as_deref(), Some(PLACE));
    assert!(!house.file(&call.to_string()).exists());
    assert!(matches!(house.calls.play(call).await, Err(NotPlayable::NotHere)));
}

#[tokio::test]
async fn a_carrier_whose_account_is_not_configured_keeps_its_recordings() {
    let server = Server::start([sound(&bytes())]).await;
    let house = House::with(&server).await;
    let (call, told) = house.recorded("CA0").await;
    house.calls.want(call, CarrierName::Plivo, &told);
    house.calls.want(call, CarrierName::Pbx, &told);
    assert!(house.calls.recordings.under_way.lock().is_empty());
}

#[tokio::test]
async fn a_recording_whose_time_is_over_is_removed_and_its_call_says_so() {
    let server = Server::start([sound(&bytes())]).await;
    let house = House::with(&server).await;
    let (call, told) = house.recorded("CA0").await;
    house.calls.want(call, CarrierName::Twilio, &told);
    house.settled().await;
    let (path, now) = (house.fetched(call).await.unwrap().path, Timestamp::now());
    house.calls.remove_recordings_before(now.minus(DAY)).await;
    assert!(house.file(&path).exists() && house.calls.play(call).await.is_ok());
    house.calls.remove_recordings_before(now.plus(DAY)).await;
    assert!(!house.file(&call.to_string()).exists(), "nor is there a folder");
    let stored = house.ledger.records().calls(Which::One(call)).await.unwrap().remove(0);
    let folded = fold(&stored, &house.calls.archive.seal, now);
    assert_eq!((folded.recording, folded.recording_duration), (None, Some(9)));
    assert!(matches!(house.calls.play(call).await, Err(NotPlayable::NotHere)));
    house.calls.want(call, CarrierName::Twilio, &told);
    house.settled().await;
    assert_eq!(server.asked().len(), 1, "nor is it fetched again");
}

#[tokio::test]
async fn an_erased_callers_recordings_are_gone_and_none_comes_after() {
    let server = Server::start([sound(&bytes())]).await;
    let house = House::with(&server).await;
    let (first, told) = house.recorded("CA0").await;
    house.calls.want(first, CarrierName::Twilio, &told);
    house.settled().await;
    // The carrier has not sent all of the second yet, and will not.
    let head = ["Content-Type: audio/mpeg", "ETag: \"v1\"", "Content-Length: 5000"];
    server.answers([answer_of("200 OK", &head, &bytes()[..3000])]);
    server.hangs();
    let (second, told) = house.recorded("CA1").await;
    house.calls.want(second, CarrierName::Twilio, &told);
    while !house.file(&format!("{second}/RE0.notes")).exists() || server.asked().len() < 2 {
        tokio::task::yield_now().await;
    }
    let erased = house.calls.erase_caller(CALLER).await.unwrap();
    assert_eq!((erased.calls, erased.recordings), (2, 1));
    house.settled().await;
    for call in [first, second] {
        assert_eq!(house.told(call).await, None);
        assert!(!house.file(&call.to_string()).exists(), "{call}");
    }
    assert_eq!(house.calls.erase_caller(CALLER).await.unwrap(), Default::default());
}

#[tokio::test]
async fn a_file_that_is_not_the_one_that_was_fetched_is_not_played() {
    let server = Server::start([sound(&bytes())]).await;
    let house = House::with(&server).await;
    let (call, told) = house.recorded("CA0").await;
    house.calls.want(call, CarrierName::Twilio, &told);
    house.settled().await;
    let path = house.file(&house.fetched(call).await.unwrap().path);
    std::fs::write(&path, "shorter").unwrap();
    assert!(matches!(house.calls.play(call).await, Err(NotPlayable::Lost(_))));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(house.calls.play(call).await, Err(NotPlayable::Lost(_))));
}
