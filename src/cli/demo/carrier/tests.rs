//! The carrier against a customer whose answers stand in a table, and against our own answers.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpListener;

use super::twiml::Document;
use super::*;
use crate::call::CarrierName;
use crate::call::dialect::{self, Script};
use crate::call::plan::{Dial, Plan, Recording, Rejection, Step};

const PUBLIC: &str = "https://calls.example";

/// What a customer was sent: the address, and the fields.
type Sent = (String, BTreeMap<String, String>);

/// Calls a customer who answers each address with what the table has for it, and every other with nothing. What was sent, and
/// what became of the call.
fn called(ending: Ending, answers: &[(&str, &str)]) -> (Vec<Sent>, Placed) {
    let answers =
        Arc::new(answers.iter().map(|(path, verbs)| ((*path).to_owned(), (*verbs).to_owned())).collect());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let keeping = Arc::clone(&sent);
        let customer = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (sent, answers) = (Arc::clone(&keeping), Arc::clone(&answers));
                let service =
                    service_fn(move |request| answer(request, Arc::clone(&answers), Arc::clone(&sent)));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        let carrier = Carrier::new("token", PUBLIC, address, address);
        let from = From::Number("+13055550123".to_owned());
        let placed = carrier.place(Wanted { to: "+15035550110".to_owned(), from, ending, talk: 30 }).await;
        customer.abort();
        let sent = std::mem::take(&mut *sent.lock());
        (sent, placed)
    })
}

async fn answer(
    request: http::Request<Incoming>,
    answers: Arc<BTreeMap<String, String>>,
    sent: Arc<Mutex<Vec<Sent>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let address = request.uri().to_string();
    assert!(request.headers().contains_key("x-twilio-signature"));
    let body = request.into_body().collect().await.unwrap().to_bytes();
    sent.lock().push((address.clone(), url::form_urlencoded::parse(&body).into_owned().collect()));
    let response = match answers.get(&address) {
        Some(verbs) => Response::builder()
            .header("Content-Type", "text/xml")
            .body(Full::from(format!("<Response>{verbs}</Response>"))),
        None => Response::builder().status(204).body(Full::default()),
    };
    Ok(response.unwrap())
}

/// The addresses in their order, each with these of its fields, as in `/next 1 completed`.
fn told(sent: &[Sent], fields: &[&str]) -> Vec<String> {
    let line = |(address, form): &Sent| {
        let values = fields.iter().filter_map(|field| form.get(*field).map(String::as_str));
        std::iter::once(address.as_str()).chain(values).collect::<Vec<_>>().join(" ")
    };
    sent.iter().map(line).collect()
}

const RING: &str = "/.dni/calls/twilio";
const STATUS: &str = "/.dni/calls/twilio/status";

#[test]
fn keys_that_are_asked_for_are_pressed_by_whoever_is_asked() {
    let dial = "<Dial action=\"https://calls.example/next\" answerOnBridge=\"true\"><Number url=\"https://calls.example/whisper\" \
                statusCallback=\"https://calls.example/leg\" statusCallbackEvent=\"initiated ringing answered completed\">\
                +15035550100</Number></Dial>";
    let (sent, placed) = called(
        Ending::Answered,
        &[
            (
                RING,
                "<Gather action=\"https://calls.example/menu\"><Say>Please press 5.</Say></Gather><Hangup/>",
            ),
            ("/menu", dial),
            (
                "/whisper",
                "<Gather action=\"https://calls.example/screen\"><Say>Press 1 to take it.</Say></Gather><Hangup/>",
            ),
            ("/next", "<Hangup/>"),
        ],
    );
    assert_eq!(placed.trouble, None);
    assert_eq!(
        told(
            &sent,
            &["CallStatus", "SequenceNumber", "Digits", "DialCallStatus", "DialBridged", "DialCallDuration"]
        ),
        [
            "/.dni/calls/twilio ringing",
            "/menu in-progress 5",
            "/leg initiated 0",
            "/leg ringing 1",
            "/leg in-progress 2",
            "/whisper in-progress",
            "/screen in-progress 1",
            "/leg completed 3",
            "/next in-progress completed true 30",
            "/.dni/calls/twilio/status completed 0",
        ]
    );
    let (call, leg) = (&sent[0].1["CallSid"], &sent[2].1["CallSid"]);
    assert_ne!(call, leg);
    assert!(sent[2..8].iter().all(|(_, form)| &form["CallSid"] == leg && &form["ParentCallSid"] == call));
    assert_eq!((&sent[8].1["CallSid"], &sent[8].1["DialCallSid"]), (call, leg));
    assert_eq!(sent[9].1["CallSid"], placed.sid);
}

#[test]
fn who_does_not_take_the_call_is_not_put_through() {
    let (sent, placed) = called(
        Ending::Answered,
        &[
            (
                RING,
                "<Dial action=\"https://calls.example/next\"><Number url=\"https://calls.example/whisper\">+15035550100</Number></Dial>",
            ),
            ("/whisper", "<Hangup/>"),
        ],
    );
    assert_eq!(placed.trouble, None);
    let next = sent.iter().find(|(address, _)| address == "/next").unwrap();
    assert_eq!(
        ["DialCallStatus", "DialBridged", "DialCallDuration"].map(|field| next.1[field].as_str()),
        ["completed", "false", "0"]
    );
}

#[test]
fn of_several_telephones_one_is_taken_and_the_others_stop_ringing() {
    const DIAL: &str = "<Dial><Number statusCallback=\"https://calls.example/a\">+15035550101</Number>\
                        <Number statusCallback=\"https://calls.example/b\">+15035550102</Number></Dial>";
    let (sent, placed) = called(Ending::Answered, &[(RING, DIAL)]);
    assert_eq!(placed.trouble, None);
    // Nothing but the end is told where nothing else is asked for; without an action the document goes on, to its end.
    let lines = told(&sent, &["CallStatus"]);
    assert_eq!(lines[1..], ["/b canceled", "/a completed", "/.dni/calls/twilio/status completed"]);
}

#[test]
fn a_caller_who_gives_up_is_gone_and_one_who_is_refused_never_got_through() {
    const DIAL: &str = "<Dial answerOnBridge=\"true\" action=\"https://calls.example/next\"><Number>+15035550100</Number></Dial>";
    let (sent, placed) =
        called(Ending::Abandoned, &[(RING, DIAL), ("/next", "<Say>Nobody hears this.</Say>")]);
    assert_eq!(
        told(&sent, &["CallStatus", "DialCallStatus"])[1..],
        ["/next no-answer canceled", "/.dni/calls/twilio/status no-answer"]
    );
    assert!(placed.steps.iter().all(|step| !step.what.contains("Nobody hears")), "{placed:?}");

    let (sent, placed) = called(Ending::Answered, &[(RING, "<Reject reason=\"busy\"/>")]);
    assert_eq!(placed.trouble, None);
    assert_eq!(told(&sent, &["CallStatus"]), [format!("{RING} ringing"), format!("{STATUS} busy")]);
}

#[test]
fn what_cant_be_obeyed_is_trouble_and_the_end_of_the_call() {
    for (verbs, trouble) in [
        ("<Shout>Hello</Shout>", "<Shout> stands where a verb is wanted"),
        ("<Redirect>https://calls.example/.dni/calls/twilio</Redirect>", "to no end"),
        ("<Redirect>https://elsewhere.example/</Redirect>", "is no address of the customer"),
    ] {
        let (sent, placed) = called(Ending::Answered, &[(RING, verbs)]);
        assert!(placed.trouble.as_deref().is_some_and(|told| told.contains(trouble)), "{placed:?}");
        let (address, form) = sent.last().unwrap();
        assert_eq!((address.as_str(), form["CallStatus"].as_str()), (STATUS, "failed"));
    }
}

#[test]
fn our_own_answers_can_be_obeyed_to_the_letter() {
    let dial = |screen: bool, whisper: Option<&str>, record| Dial {
        caller_id: screen.then(|| "+15035550110".to_owned()),
        whisper: whisper.map(str::to_owned),
        screen,
        record,
        ..Dial::plain("+15035550100")
    };
    let keys = BTreeMap::from([('1', Dial::plain("+15035550101")), ('#', Dial::plain("+15035550102"))]);
    let plan = Plan {
        steps: vec![
            Step::Say("Hello, <you> & \"yours\".".to_owned()),
            Step::Challenge { say: "Please press 5.".to_owned(), key: '5' },
            Step::Consent { say: "Please press 1.".to_owned() },
            Step::Menu { say: "Press 1 or #.".to_owned(), keys },
            Step::Dial(dial(true, Some("Call from google"), Recording::Record)),
            Step::Dial(dial(false, Some("Call from google"), Recording::IfConsented)),
            Step::Dial(dial(false, None, Recording::None)),
            Step::Voicemail { say: "Please leave a message.".to_owned() },
        ],
    };
    let rejections = [Rejection::Blocked, Rejection::Unknown]
        .map(|rejection| Plan { steps: vec![Step::Reject(rejection)] });
    for plan in [&plan, &rejections[0], &rejections[1]] {
        for step in 0..=plan.steps.len() {
            let script = Script {
                plan,
                step,
                consented: true,
                base: "https://calls.example/.dni/calls/twilio",
                call: "CA1",
                from: "+13055550123",
                to: "+15035550110",
                login: None,
            };
            let mut answers = vec![dialect::answer(CarrierName::Twilio, &script)];
            answers.extend([true, false].map(|accepted| dialect::screened(CarrierName::Twilio, accepted)));
            // Of a telephone that is told nothing, nobody asks what.
            if matches!(plan.steps.get(step), Some(Step::Dial(dial)) if dial.whisper.is_some()) {
                answers.push(dialect::whisper(CarrierName::Twilio, &script));
            }
            for answer in answers {
                let text = String::from_utf8_lossy(&answer.body);
                let read = Document::parse(&text);
                assert!(read.is_ok(), "{read:?}: {text}");
            }
        }
    }
}
