//! What a call comes to, in whatever order its messages came.

use proptest::prelude::*;

use super::*;
use crate::call::carrier::CarrierName;
use crate::call::decision::Decision;
use crate::call::event::{By, Dialled, Leg, Pressed, Progress, Recorded, Status, Transcribed, id_of};
use crate::call::log::Outcome;
use crate::call::plan::{Dial, Plan, Rejection, Step};
use crate::config::Keys;
use crate::ledger::{CallRecord, Candidate, EventRecord};
use crate::pool::attribution::How;
use crate::visit::Described;

const RANG: Timestamp = Timestamp(1_800_000_000_000);
const LATER: Timestamp = Timestamp(RANG.0 + 60_000_000);
const FIRST: &str = "+12125550100";
const SECOND: &str = "+12125550101";

fn seal() -> Seal {
    Seal::new(&Keys::from_secret(b"a secret for tests"))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(RANG.0 + 1000 * seconds)
}

fn dial(to: &str) -> Step {
    Step::Dial(Dial::plain(to))
}

fn rang(steps: Vec<Step>) -> Event {
    let ring = Ring {
        to: "+12125550110".to_owned(),
        from: Caller::Number("+13055550123".to_owned()),
        ..Ring::default()
    };
    let decision = Decision {
        site: Some("plumber".to_owned()),
        line: Some("main".to_owned()),
        plan: Plan { steps },
        how: How::Posterior,
        confidence: 0.9,
        prior_calls: Some(0),
        spam_score: 0.0,
        spam: false,
        because: Vec::new(),
    };
    Event { received: RANG, what: What::Rang(Box::new(ring), Box::new(decision)) }
}

fn progress(status: Status) -> Progress {
    Progress { status, sequence: None, time: None, duration: None, cause: None }
}

fn caller(second: i64, status: Status, duration: u32) -> Event {
    let duration = Some(duration);
    Event { received: at(second), what: What::Caller(Progress { duration, ..progress(status) }) }
}

fn leg(second: i64, id: &str, to: &str, status: Status, duration: Option<u32>) -> Event {
    let progress = Progress { duration, ..progress(status) };
    let leg = Leg { id: id.to_owned(), to: Some(to.to_owned()), progress };
    Event { received: at(second), what: What::Leg(leg) }
}

fn dialled(second: i64, step: usize, status: Status, talk: Option<u32>) -> Event {
    let dialled = Dialled {
        step: Some(step),
        status,
        leg: None,
        talk,
        bridged: None,
        caller_gone: false,
        duration: None,
        cause: None,
    };
    Event { received: at(second), what: What::Dialled(dialled) }
}

fn recorded(second: i64, id: &str, is_voicemail: bool, duration: u32) -> Event {
    let recorded = Recorded {
        id: id.to_owned(),
        place: Some(format!("https://api.example.com/{id}")),
        duration: Some(duration),
        channels: Some(1),
        is_voicemail,
        failed: false,
    };
    Event { received: at(second), what: What::Recorded(recorded) }
}

fn stored(events: &[Event]) -> StoredCall {
    let (seal, id) = (seal(), id_of(CarrierName::Twilio, "CA1"));
    let mut records: Vec<EventRecord> = Vec::new();
    for event in events {
        let record = seal.seal(id, event);
        if records.iter().all(|known| known.key != record.key) {
            records.push(record);
        }
    }
    let record = CallRecord {
        id,
        carrier: "twilio".into(),
        carrier_call: "CA1".to_owned(),
        site: Some("plumber".to_owned()),
        line: Some("main".to_owned()),
        number: "+12125550110".to_owned(),
        caller: None,
        started: RANG,
    };
    let source = Described { source: Some("google".to_owned()), ..Described::default() };
    let candidates = vec![Candidate { session: None, probability: 0.9, rate: 1.0, source, last_seen: None }];
    StoredCall { record, candidates, events: records, visit: None }
}

fn folded(events: &[Event]) -> Call {
    fold(&stored(events), &seal(), LATER)
}

fn answered() -> Vec<Event> {
    vec![
        rang(vec![dial(FIRST), dial(SECOND)]),
        leg(1, "L1", FIRST, Status::Ringing, None),
        leg(21, "L1", FIRST, Status::NoAnswer, None),
        dialled(21, 0, Status::NoAnswer, None),
        leg(22, "L2", SECOND, Status::Ringing, None),
        leg(30, "L2", SECOND, Status::Answered, None),
        leg(92, "L2", SECOND, Status::Completed, Some(62)),
        dialled(92, 1, Status::Completed, Some(60)),
        caller(93, Status::Completed, 93),
        recorded(100, "RE1", false, 60),
    ]
}

#[test]
fn an_answered_call_says_who_took_it_and_how_long_they_talked() {
    let call = folded(&answered());
    assert_eq!(call.outcome, Some(Outcome::Answered));
    assert_eq!(call.business_phone_number.as_deref(), Some(SECOND));
    assert_eq!((call.talk_time, call.duration, call.ring_time), (60, 93, 30));
    assert_eq!(call.answered_time, Some(at(30).to_string()));
    assert_eq!(call.end_time, Some(at(93).to_string()));
    assert_eq!((call.source.as_deref(), call.first_call), (Some("google"), Some(true)));
    assert_eq!(call.recording.as_deref(), Some("https://api.example.com/RE1"));
}

#[test]
fn each_end_has_its_own_outcome() {
    let ends = |events: Vec<Event>| {
        let mut all = vec![rang(vec![dial(FIRST)])];
        all.extend(events);
        folded(&all).outcome
    };
    assert_eq!(ends(vec![dialled(20, 0, Status::NoAnswer, None)]), Some(Outcome::Missed));
    assert_eq!(ends(vec![dialled(3, 0, Status::Busy, None)]), Some(Outcome::Busy));
    assert_eq!(ends(vec![dialled(3, 0, Status::Failed, None)]), Some(Outcome::Failed));
    assert_eq!(ends(vec![dialled(3, 0, Status::Canceled, None)]), Some(Outcome::Abandoned));
    assert_eq!(ends(vec![caller(5, Status::Canceled, 5)]), Some(Outcome::Abandoned));
    assert_eq!(ends(vec![caller(5, Status::Completed, 5)]), Some(Outcome::Abandoned));
    assert_eq!(ends(vec![dialled(9, 0, Status::Completed, None)]), Some(Outcome::Screened));
    assert_eq!(ends(vec![dialled(9, 0, Status::Completed, Some(1))]), Some(Outcome::Answered));
    assert_eq!(ends(vec![]), Some(Outcome::Failed), "of which nothing more was heard for hours");
}

#[test]
fn an_answer_that_nobody_was_put_through_to_is_no_answer() {
    let mut end = dialled(30, 0, Status::Completed, Some(12));
    let What::Dialled(told) = &mut end.what else { unreachable!() };
    told.bridged = Some(false);
    let call = folded(&[rang(vec![dial(FIRST)]), leg(5, "L1", FIRST, Status::Answered, None), end]);
    assert_eq!((call.outcome, call.answered, call.talk_time), (Some(Outcome::Screened), false, 0));
}

#[test]
fn whoever_hangs_up_while_it_rings_has_abandoned_it() {
    let mut end = dialled(8, 0, Status::NoAnswer, None);
    let What::Dialled(told) = &mut end.what else { unreachable!() };
    told.caller_gone = true;
    let call = folded(&[rang(vec![dial(FIRST), dial(SECOND)]), end]);
    assert_eq!((call.outcome, call.ring_time), (Some(Outcome::Abandoned), 8));
}

#[test]
fn a_call_is_going_on_until_its_plan_is_at_its_end_or_the_caller_gone() {
    let steps = vec![dial(FIRST), dial(SECOND)];
    let first = [rang(steps), dialled(20, 0, Status::NoAnswer, None)];
    let going_on = fold(&stored(&first), &seal(), at(25));
    assert_eq!((going_on.outcome, going_on.end_time), (None, None));
    assert_eq!(fold(&stored(&first[..1]), &seal(), at(25)).outcome, None);
    let both = [first.to_vec(), vec![dialled(40, 1, Status::Busy, None)]].concat();
    assert_eq!(fold(&stored(&both), &seal(), at(45)).outcome, Some(Outcome::Busy));
}

#[test]
fn whoever_talks_still_has_not_ended_the_call() {
    let talking = [rang(vec![dial(FIRST)]), leg(5, "L1", FIRST, Status::Answered, None)];
    let call = fold(&stored(&talking), &seal(), at(60));
    assert_eq!((call.outcome, call.answered, call.end_time), (None, true, None));
    let hung_up = [talking.to_vec(), vec![leg(65, "L1", FIRST, Status::Completed, Some(60))]].concat();
    assert_eq!(fold(&stored(&hung_up), &seal(), at(70)).outcome, Some(Outcome::Answered));
}

#[test]
fn an_answer_counts_though_its_end_was_lost_and_an_earlier_telephones_told() {
    let call = folded(&[
        rang(vec![dial(FIRST), dial(SECOND)]),
        dialled(20, 0, Status::NoAnswer, None),
        leg(25, "L2", SECOND, Status::Answered, None),
        leg(625, "L2", SECOND, Status::Completed, Some(600)),
    ]);
    assert_eq!((call.outcome, call.talk_time), (Some(Outcome::Answered), 600));
    assert_eq!(call.business_phone_number.as_deref(), Some(SECOND));
}

#[test]
fn what_the_caller_left_is_voicemail_unless_somebody_answered() {
    let steps = vec![dial(FIRST), Step::Voicemail { say: "Leave a message.".to_owned() }];
    let missed = vec![rang(steps), dialled(20, 0, Status::NoAnswer, None), caller(50, Status::Completed, 50)];
    let left = [missed.clone(), vec![recorded(52, "RE1", true, 25)]].concat();
    let call = folded(&left);
    assert_eq!((call.outcome, call.voicemail, call.talk_time), (Some(Outcome::Voicemail), true, 0));
    assert_eq!(call.recording_duration, Some(25));
    let nothing = [missed, vec![recorded(52, "RE1", true, 0)]].concat();
    assert_eq!(folded(&nothing).outcome, Some(Outcome::Missed));
}

#[test]
fn a_refused_caller_is_blocked_and_a_number_that_is_nobodys_fails() {
    for (rejection, outcome) in
        [(Rejection::Blocked, Outcome::Blocked), (Rejection::Unknown, Outcome::Failed)]
    {
        let call = folded(&[rang(vec![Step::Reject(rejection)])]);
        assert_eq!(call.outcome, Some(outcome));
    }
}

#[test]
fn where_the_end_of_the_dialling_was_lost_a_leg_tells_unless_it_refused() {
    let screened = |screen: bool| Step::Dial(Dial { screen, ..Dial::plain(FIRST) });
    let legs = [
        leg(4, "L1", FIRST, Status::Answered, None),
        leg(44, "L1", FIRST, Status::Completed, Some(40)),
        caller(45, Status::Completed, 45),
    ];
    let with = |step: Step, more: Vec<Event>| folded(&[vec![rang(vec![step])], legs.to_vec(), more].concat());
    let call = with(screened(false), Vec::new());
    assert_eq!((call.outcome, call.talk_time), (Some(Outcome::Answered), 40));
    assert_eq!(call.answered_time, Some(at(4).to_string()));
    assert_eq!(with(screened(true), Vec::new()).outcome, Some(Outcome::Abandoned));
    let agreed = Pressed { by: By::Called, step: Some(0), keys: "1".to_owned() };
    let agreed = Event { received: at(6), what: What::Pressed(agreed) };
    assert_eq!(with(screened(true), vec![agreed]).outcome, Some(Outcome::Answered));
}

#[test]
fn where_the_end_of_the_dialling_was_lost_the_leg_that_nobody_took_says_why() {
    for (status, outcome) in [
        (Status::Busy, Outcome::Busy),
        (Status::NoAnswer, Outcome::Missed),
        (Status::Failed, Outcome::Failed),
        (Status::Canceled, Outcome::Abandoned),
    ] {
        let over = [leg(9, "L1", FIRST, status, Some(0)), caller(10, Status::Completed, 10)];
        let call = folded(&[vec![rang(vec![dial(FIRST)])], over.to_vec()].concat());
        assert_eq!(call.outcome, Some(outcome));
        let going_on = [rang(vec![dial(FIRST), dial(SECOND)]), over[0].clone()];
        assert_eq!(fold(&stored(&going_on), &seal(), at(12)).outcome, None, "the next may ring");
    }
}

#[test]
fn who_dials_on_their_own_says_who_of_several_took_it_or_nobody_knows() {
    let steps = vec![dial(FIRST), dial(SECOND)];
    let mut end = dialled(30, 0, Status::Completed, Some(12));
    let What::Dialled(told) = &mut end.what else { unreachable!() };
    told.step = None;
    let unsaid = [rang(steps.clone()), end.clone()];
    assert_eq!(folded(&unsaid).business_phone_number, None);
    assert_eq!(folded(&[rang(vec![dial(FIRST)]), end.clone()]).business_phone_number.as_deref(), Some(FIRST));
    let What::Dialled(told) = &mut end.what else { unreachable!() };
    told.leg = Some(SECOND.to_owned());
    let said = [rang(steps), end, leg(30, SECOND, SECOND, Status::Completed, Some(12))];
    let call = folded(&said);
    assert_eq!((call.business_phone_number.as_deref(), call.talk_time), (Some(SECOND), 12));
    assert_eq!(call.answered_time, Some(at(18).to_string()));
}

#[test]
fn what_is_written_by_hand_comes_one_after_the_other() {
    let note = |second: i64, note: Note| Event { received: at(second), what: What::Noted(note) };
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    let first = Note { id: "a".to_owned(), add: tags(&["lead", "boiler"]), ..Note::default() };
    let second = Note {
        id: "b".to_owned(),
        remove: tags(&["boiler"]),
        value: Some("120.50".to_owned()),
        ..Note::default()
    };
    let call = folded(&[rang(vec![dial(FIRST)]), note(200, second), note(100, first)]);
    assert_eq!((call.tags, call.untagged), (tags(&["lead"]), tags(&["boiler"])));
    assert_eq!(call.value.as_deref(), Some("120.50"));
}

#[test]
fn what_another_secret_sealed_is_said_to_be_unreadable() {
    let other = Seal::new(&Keys::from_secret(b"another secret here"));
    let call = fold(&stored(&answered()), &other, LATER);
    assert!(call.decisions[0].contains("another secret"), "{:?}", call.decisions);
    assert_eq!(call.tracking_phone_number, "+12125550110");
}

fn voicemail() -> Vec<Event> {
    let steps = vec![dial(FIRST), Step::Voicemail { say: "Leave a message.".to_owned() }];
    let transcribed = Transcribed {
        id: "TR1".to_owned(),
        recording: Some("RE1".to_owned()),
        text: Some("Call me back.".to_owned()),
    };
    vec![
        rang(steps),
        leg(1, "L1", FIRST, Status::Ringing, None),
        leg(20, "L1", FIRST, Status::Busy, None),
        dialled(20, 0, Status::Busy, None),
        caller(60, Status::Completed, 60),
        recorded(61, "RE1", true, 30),
        Event { received: at(80), what: What::Transcribed(transcribed) },
    ]
}

proptest! {
    #[test]
    fn the_order_in_which_messages_come_changes_nothing(
        (messages, repeated) in prop_oneof![Just(answered()), Just(voicemail())].prop_flat_map(|messages| {
            let repeated = proptest::sample::subsequence(messages.clone(), 0..=messages.len());
            (Just(messages), repeated)
        }).prop_flat_map(|(messages, repeated)| {
            let all = [messages.clone(), repeated].concat();
            (Just(messages), Just(all).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(folded(&repeated), folded(&messages));
    }

    #[test]
    fn what_never_came_makes_no_call_of_another_kind(
        messages in prop_oneof![Just(answered()), Just(voicemail())]
            .prop_flat_map(|messages| { let most = messages.len(); proptest::sample::subsequence(messages, 1..=most) }),
    ) {
        let call = folded(&messages);
        let says_so = |event: &Event| match &event.what {
            What::Dialled(dialled) => dialled.talk.is_some_and(|talk| talk > 0),
            What::Leg(leg) => matches!(leg.progress.status, Status::Answered | Status::Completed),
            _ => false,
        };
        prop_assert_eq!(call.answered, messages.iter().any(says_so));
        prop_assert!(call.talk_time <= call.duration);
        prop_assert!(call.outcome.is_some(), "after hours it is over");
    }
}
