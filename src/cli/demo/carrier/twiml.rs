//! TwiML as a carrier reads it (twilio.com/docs/voice/twiml): a document becomes verbs to be obeyed, or is refused with the first
//! word that is none. A carrier would pass over much of that; this one is there to judge what it is told.

use super::xml::{Element, NotXml};

/// Telephones that one `Dial` lets ring.
const MOST_AT_ONCE: usize = 10;

/// What a call is to do, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Document {
    pub verbs: Vec<Verb>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verb {
    Say(String),
    Gather(Gather),
    Dial(Dial),
    Record(Record),
    /// Goes on with what is answered at this address.
    Redirect(String),
    Reject {
        is_busy: bool,
    },
    Hangup,
}

/// Asks for keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gather {
    /// What is said meanwhile.
    pub prompts: Vec<String>,
    pub action: String,
    /// Seconds that a key is waited for.
    pub timeout: u32,
    /// Any of these ends what is pressed, and is not part of it.
    pub finish_on: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dial {
    /// None: the document goes on.
    pub action: Option<String>,
    /// Seconds that it rings.
    pub timeout: u32,
    /// The caller hears it ring until somebody answers; without it the call counts as answered from here on.
    pub answer_on_bridge: bool,
    /// None: the caller's number is shown.
    pub caller_id: Option<String>,
    pub record: Option<DialRecord>,
    /// All ring at once. Never empty.
    pub numbers: Vec<Number>,
}

/// What both say is recorded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DialRecord {
    /// Each has a channel.
    pub is_dual: bool,
    pub callback: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    pub number: String,
    /// Asked for what is said to whoever answers.
    pub url: Option<String>,
    pub callback: Option<String>,
    pub events: Vec<String>,
}

/// What the caller says is recorded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    /// None: the same document again, which nobody is to be caught in.
    pub action: String,
    /// Seconds.
    pub longest: u32,
    pub callback: Option<String>,
    /// Where the words are told of; none: they are not written down.
    pub transcription: Option<String>,
}

/// Why a document can't be obeyed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotTwiml {
    #[error("it is no XML: {0}")]
    Xml(#[from] NotXml),
    #[error("<{0}> stands where a verb is wanted, such as <Dial>")]
    Verb(String),
    #[error("<{inner}> stands in <{outer}>")]
    Inside { outer: String, inner: String },
    #[error("<{element}> has {attribute:?}, which is nothing that it knows")]
    Unknown { element: String, attribute: String },
    #[error("<{element}> has {attribute} = {value:?}")]
    Value { element: String, attribute: &'static str, value: String },
    #[error("<{element}> is without {what}")]
    Without { element: String, what: &'static str },
    #[error("<Dial> has {0} numbers: up to {MOST_AT_ONCE} ring at once")]
    Numbers(usize),
    #[error("<Reject> stands behind {0}, when the call has been answered")]
    LateReject(&'static str),
}

impl Document {
    /// # Errors
    /// [`NotTwiml`] where there is anything in it that can't be obeyed to the letter.
    pub fn parse(text: &str) -> Result<Self, NotTwiml> {
        let root = Element::root(text)?;
        if root.name != "Response" {
            return Err(NotTwiml::Verb(root.name));
        }
        understood(&root)?;
        let verbs = root.children.into_iter().map(Verb::of).collect::<Result<Vec<_>, _>>()?;
        let late = verbs.iter().skip(1).any(|verb| matches!(verb, Verb::Reject { .. }));
        match verbs.first().filter(|_| late) {
            Some(before) => Err(NotTwiml::LateReject(before.name())),
            None => Ok(Document { verbs }),
        }
    }
}

impl Verb {
    fn of(mut element: Element) -> Result<Verb, NotTwiml> {
        let verb = match element.name.as_str() {
            "Say" => Verb::Say(said(&element)?),
            "Gather" => Verb::Gather(gather(&mut element)?),
            "Dial" => Verb::Dial(dial(&mut element)?),
            "Record" => Verb::Record(record(&mut element)?),
            "Redirect" => {
                method(&mut element, "method")?;
                childless(&element)?;
                Verb::Redirect(text(&element, "an address")?)
            }
            "Reject" => {
                childless(&element)?;
                Verb::Reject { is_busy: one_of(&mut element, "reason", &["rejected", "busy"])? == "busy" }
            }
            "Hangup" => {
                childless(&element)?;
                Verb::Hangup
            }
            _ => return Err(NotTwiml::Verb(element.name)),
        };
        understood(&element)?;
        Ok(verb)
    }

    pub fn name(&self) -> &'static str {
        match self {
            Verb::Say(_) => "<Say>",
            Verb::Gather(_) => "<Gather>",
            Verb::Dial(_) => "<Dial>",
            Verb::Record(_) => "<Record>",
            Verb::Redirect(_) => "<Redirect>",
            Verb::Reject { .. } => "<Reject>",
            Verb::Hangup => "<Hangup>",
        }
    }
}

fn gather(element: &mut Element) -> Result<Gather, NotTwiml> {
    method(element, "method")?;
    // How many: one who is asked for one key presses one.
    count(element, "numDigits", 1, 1..=32)?;
    let mut prompts = Vec::new();
    for child in std::mem::take(&mut element.children) {
        match child.name.as_str() {
            "Say" => prompts.push(said(&child)?),
            _ => return Err(inside(element, child)),
        }
    }
    Ok(Gather {
        prompts,
        action: wanted(element, "action")?,
        timeout: count(element, "timeout", 5, 1..=600)?,
        finish_on: element.take("finishOnKey").unwrap_or_else(|| "#".to_owned()),
    })
}

fn dial(element: &mut Element) -> Result<Dial, NotTwiml> {
    method(element, "method")?;
    let mut numbers = Vec::new();
    for child in std::mem::take(&mut element.children) {
        match child.name.as_str() {
            "Number" => numbers.push(number(child)?),
            _ => return Err(inside(element, child)),
        }
    }
    if !(1..=MOST_AT_ONCE).contains(&numbers.len()) {
        return Err(NotTwiml::Numbers(numbers.len()));
    }
    let record = [
        "do-not-record",
        "record-from-answer",
        "record-from-ringing",
        "record-from-answer-dual",
        "record-from-ringing-dual",
    ];
    let record = one_of(element, "record", &record)?;
    let callback =
        callback(element, "recordingStatusCallback", "completed", &["in-progress", "completed"])?.0;
    let record = (record != "do-not-record")
        .then(|| DialRecord { is_dual: record.ends_with("-dual"), callback: callback.clone() });
    Ok(Dial {
        action: element.take("action"),
        timeout: count(element, "timeout", 30, 1..=600)?,
        answer_on_bridge: is(element, "answerOnBridge")?,
        caller_id: element.take("callerId").map(|id| telephone(element, "callerId", id)).transpose()?,
        record,
        numbers,
    })
}

fn number(mut element: Element) -> Result<Number, NotTwiml> {
    childless(&element)?;
    method(&mut element, "method")?;
    let known = ["initiated", "ringing", "answered", "completed"];
    let (callback, events) = callback(&mut element, "statusCallback", "completed", &known)?;
    let number = text(&element, "a number")?;
    let number = telephone(&element, "a number", number)?;
    let number = Number { number, url: element.take("url"), callback, events };
    understood(&element)?;
    Ok(number)
}

fn record(element: &mut Element) -> Result<Record, NotTwiml> {
    method(element, "method")?;
    childless(element)?;
    is(element, "playBeep")?;
    let transcribes = is(element, "transcribe")?;
    let told = element.take("transcribeCallback");
    let transcription = match (transcribes, told) {
        (true, None) => return Err(without(element, "transcribeCallback")),
        (true, told) => told,
        (false, _) => None,
    };
    let known = ["in-progress", "completed", "absent"];
    Ok(Record {
        action: wanted(element, "action")?,
        longest: count(element, "maxLength", 3600, 1..=14_400)?,
        callback: callback(element, "recordingStatusCallback", "completed", &known)?.0,
        transcription,
    })
}

/// Where something is told of, and which of its events.
fn callback(
    element: &mut Element,
    name: &'static str,
    default: &str,
    known: &[&str],
) -> Result<(Option<String>, Vec<String>), NotTwiml> {
    // Each has its method and its events beside it, by a name of the same beginning.
    let (method_name, events_name) = match name {
        "statusCallback" => ("statusCallbackMethod", "statusCallbackEvent"),
        _ => ("recordingStatusCallbackMethod", "recordingStatusCallbackEvent"),
    };
    method(element, method_name)?;
    let events = element.take(events_name).unwrap_or_else(|| default.to_owned());
    let events: Vec<String> = events.split_whitespace().map(str::to_owned).collect();
    match events.iter().find(|event| !known.contains(&event.as_str())) {
        Some(unknown) => Err(value(element, events_name, unknown.clone())),
        None => Ok((element.take(name), events)),
    }
}

fn said(element: &Element) -> Result<String, NotTwiml> {
    childless(element)?;
    understood(element)?;
    text(element, "words")
}

fn text(element: &Element, what: &'static str) -> Result<String, NotTwiml> {
    match element.text() {
        "" => Err(without(element, what)),
        text => Ok(text.to_owned()),
    }
}

fn wanted(element: &mut Element, name: &'static str) -> Result<String, NotTwiml> {
    element.take(name).filter(|value| !value.is_empty()).ok_or_else(|| without(element, name))
}

/// What this carrier sends, it posts.
fn method(element: &mut Element, name: &'static str) -> Result<(), NotTwiml> {
    one_of(element, name, &["POST"]).map(|_| ())
}

fn is(element: &mut Element, name: &'static str) -> Result<bool, NotTwiml> {
    Ok(one_of(element, name, &["false", "true"])? == "true")
}

/// One of these words; the first where there is none.
fn one_of(
    element: &mut Element,
    name: &'static str,
    known: &[&'static str],
) -> Result<&'static str, NotTwiml> {
    let Some(written) = element.take(name) else { return Ok(known[0]) };
    known.iter().copied().find(|word| *word == written).ok_or_else(|| value(element, name, written))
}

fn count(
    element: &mut Element,
    name: &'static str,
    default: u32,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<u32, NotTwiml> {
    let Some(written) = element.take(name) else { return Ok(default) };
    let count = written.parse().ok().filter(|count| allowed.contains(count));
    count.ok_or_else(|| value(element, name, written))
}

fn telephone(element: &Element, name: &'static str, written: String) -> Result<String, NotTwiml> {
    let digits = written.strip_prefix('+').unwrap_or_default();
    let is_one = (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { Ok(written) } else { Err(value(element, name, written)) }
}

/// Nothing of it was passed over.
fn understood(element: &Element) -> Result<(), NotTwiml> {
    match element.left() {
        None => Ok(()),
        Some(left) => Err(NotTwiml::Unknown { element: element.name.clone(), attribute: left.to_owned() }),
    }
}

fn childless(element: &Element) -> Result<(), NotTwiml> {
    match element.children.first() {
        None => Ok(()),
        Some(child) => Err(inside(element, child.clone())),
    }
}

fn inside(outer: &Element, inner: Element) -> NotTwiml {
    NotTwiml::Inside { outer: outer.name.clone(), inner: inner.name }
}

fn without(element: &Element, what: &'static str) -> NotTwiml {
    NotTwiml::Without { element: element.name.clone(), what }
}

fn value(element: &Element, attribute: &'static str, value: String) -> NotTwiml {
    NotTwiml::Value { element: element.name.clone(), attribute, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verbs(inside: &str) -> Vec<Verb> {
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{inside}</Response>");
        Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {inside}")).verbs
    }

    #[test]
    fn each_verb_is_read_with_all_that_it_says() {
        let dial = "<Dial action=\"/next\" method=\"POST\" timeout=\"20\" answerOnBridge=\"true\" callerId=\"+15035550110\" \
            record=\"record-from-answer-dual\" recordingStatusCallback=\"/rec\" recordingStatusCallbackEvent=\"completed\">\
            <Number url=\"/w?a=1&amp;b=2\" statusCallback=\"/s\" statusCallbackEvent=\"initiated answered\">+15035550100</Number></Dial>";
        let record = DialRecord { is_dual: true, callback: Some("/rec".to_owned()) };
        let number = Number {
            number: "+15035550100".to_owned(),
            url: Some("/w?a=1&b=2".to_owned()),
            callback: Some("/s".to_owned()),
            events: vec!["initiated".to_owned(), "answered".to_owned()],
        };
        let expected = Dial {
            action: Some("/next".to_owned()),
            timeout: 20,
            answer_on_bridge: true,
            caller_id: Some("+15035550110".to_owned()),
            record: Some(record),
            numbers: vec![number],
        };
        assert_eq!(verbs(dial), [Verb::Dial(expected)]);
        let gather = "<Gather numDigits=\"1\" timeout=\"8\" action=\"/menu\" finishOnKey=\"\"><Say>Press 1.</Say></Gather>";
        let expected = Gather {
            prompts: vec!["Press 1.".to_owned()],
            action: "/menu".to_owned(),
            timeout: 8,
            finish_on: String::new(),
        };
        assert_eq!(verbs(gather), [Verb::Gather(expected)]);
        let record = "<Say>Speak.</Say><Record action=\"/next\" maxLength=\"120\" transcribe=\"true\" transcribeCallback=\"/t\"/>\
            <Redirect>/next</Redirect>";
        let expected = Record {
            action: "/next".to_owned(),
            longest: 120,
            callback: None,
            transcription: Some("/t".to_owned()),
        };
        assert_eq!(
            verbs(record),
            [Verb::Say("Speak.".to_owned()), Verb::Record(expected), Verb::Redirect("/next".to_owned())]
        );
        assert_eq!(verbs("<Reject reason=\"busy\"/>"), [Verb::Reject { is_busy: true }]);
        assert_eq!(verbs("<Hangup/>"), [Verb::Hangup]);
        assert_eq!(verbs(""), []);
    }

    #[test]
    fn what_cant_be_obeyed_to_the_letter_is_refused() {
        let ten = "<Number>+15035550100</Number>".repeat(11);
        for wrong in [
            "<Shout>Hello</Shout>",
            "<Say></Say>",
            "<Say mood=\"good\">Hello</Say>",
            "<Say><Dial/></Say>",
            "<Dial/>",
            "<Dial>+15035550100</Dial>",
            "<Dial timeout=\"0\"><Number>+15035550100</Number></Dial>",
            "<Dial timeout=\"soon\"><Number>+15035550100</Number></Dial>",
            "<Dial method=\"GET\"><Number>+15035550100</Number></Dial>",
            "<Dial record=\"yes\"><Number>+15035550100</Number></Dial>",
            "<Dial><Number>503 555 0100</Number></Dial>",
            "<Dial callerId=\"me\"><Number>+15035550100</Number></Dial>",
            "<Dial><Number statusCallbackEvent=\"shouted\">+15035550100</Number></Dial>",
            &format!("<Dial>{ten}</Dial>"),
            "<Gather><Say>Press 1.</Say></Gather>",
            "<Gather action=\"/x\"><Hangup/></Gather>",
            "<Record maxLength=\"5\"/>",
            "<Record action=\"/x\" transcribe=\"true\"/>",
            "<Redirect/>",
            "<Say>Hello</Say><Reject/>",
            "<Reject reason=\"tired\"/>",
        ] {
            let text = format!("<Response>{wrong}</Response>");
            assert!(Document::parse(&text).is_err(), "{wrong}");
        }
        for wrong in ["<Answer/>", "<Response a=\"b\"/>", "<Response>", ""] {
            assert!(Document::parse(wrong).is_err(), "{wrong}");
        }
    }
}
