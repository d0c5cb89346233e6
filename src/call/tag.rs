//! Tags that calls are given by rule. What somebody adds by hand, or takes away, is a note's to say.

use std::str::FromStr;
use std::time::Duration;

use super::log::Call;
use crate::visit::{Pattern, take_in_any};

/// The tag of calls that are worth something: there is always one of this name.
pub const QUALIFIED: &str = "qualified";

/// Whoever talks so long wanted something: Google Analytics counts a call as a conversion from here on.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

/// Characters of a name.
const LONGEST_NAME: usize = 64;

/// A word, and what it asks of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    /// All of these hold together.
    pub when: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Any of these holds of the time.
    Lasts { time: Time, any: Vec<Comparison> },
    /// The patterns take the field's value in.
    Matches { field: Field, patterns: Vec<Pattern> },
}

/// Times of a call that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// Of the two who talked.
    Talk,
    /// Of the whole call.
    Call,
}

/// What is known of a call in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Outcome,
    Source,
    Channel,
    Transcript,
    /// What the caller pressed: holds where any of it does.
    Keypress,
    Line,
    /// The number that was dialled, E.164.
    Number,
}

/// Longer or shorter than so long, as in `>= 60s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    relation: Relation,
    than: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    AtLeast,
    Over,
    AtMost,
    Under,
}

/// This compares no time with another.
#[derive(Debug, thiserror::Error)]
#[error("compares with no duration")]
pub struct NoComparison;

impl Tag {
    /// The one that is there unless a configuration has its own of that name.
    pub fn qualified() -> Self {
        let any = vec![Comparison { relation: Relation::AtLeast, than: LONG_ENOUGH }];
        Tag { name: QUALIFIED.to_owned(), when: vec![Condition::Lasts { time: Time::Talk, any }] }
    }

    /// Which of these a call is given, each once. None while it is going on: nobody knows yet how it ends.
    pub fn given<'t>(tags: &'t [Tag], call: &Call) -> Vec<&'t str> {
        let mut given = Vec::new();
        for tag in tags.iter().filter(|tag| call.outcome.is_some() && tag.suits(call)) {
            if !given.contains(&tag.name.as_str()) {
                given.push(&tag.name);
            }
        }
        given
    }

    fn suits(&self, call: &Call) -> bool {
        self.when.iter().all(|condition| condition.holds(call))
    }
}

impl Call {
    /// Takes the tags that rules give it, but those that somebody took away.
    pub fn take_tags(&mut self, tags: &[Tag]) {
        for tag in Tag::given(tags, self) {
            if !self.untagged.iter().chain(&self.tags).any(|known| known == tag) {
                self.tags.push(tag.to_owned());
            }
        }
    }
}

/// Whether a tag may be called so: it stands in lists, which commas part.
pub fn is_name(name: &str) -> bool {
    let is_short = (1..=LONGEST_NAME).contains(&name.chars().count());
    is_short && name.trim() == name && !name.contains(|c: char| c == ',' || c.is_control())
}

impl Condition {
    fn holds(&self, call: &Call) -> bool {
        match self {
            Condition::Lasts { time, any } => {
                let time = Duration::from_secs(u64::from(match time {
                    Time::Talk => call.talk_time,
                    Time::Call => call.duration,
                }));
                any.iter().any(|comparison| comparison.holds(time))
            }
            Condition::Matches { field, patterns } => take_in_any(patterns, &field.read(call)),
        }
    }
}

impl Field {
    pub const ALL: [Field; 7] = [
        Field::Outcome,
        Field::Source,
        Field::Channel,
        Field::Transcript,
        Field::Keypress,
        Field::Line,
        Field::Number,
    ];

    /// As the configuration calls it.
    pub fn key(self) -> &'static str {
        match self {
            Field::Outcome => "outcome",
            Field::Source => "source",
            Field::Channel => "channel",
            Field::Transcript => "transcript",
            Field::Keypress => "keypress",
            Field::Line => "line",
            Field::Number => "number",
        }
    }

    fn read(self, call: &Call) -> Vec<&str> {
        let value = match self {
            Field::Outcome => call.outcome.map(|outcome| outcome.name()),
            Field::Source => call.source.as_deref(),
            Field::Channel => call.channel.as_deref(),
            Field::Transcript => call.transcription.as_deref(),
            Field::Keypress => return call.keypresses.iter().map(String::as_str).collect(),
            Field::Line => call.line.as_deref(),
            Field::Number => Some(call.tracking_phone_number.as_str()),
        };
        value.into_iter().collect()
    }
}

impl Comparison {
    fn holds(self, time: Duration) -> bool {
        match self.relation {
            Relation::AtLeast => time >= self.than,
            Relation::Over => time > self.than,
            Relation::AtMost => time <= self.than,
            Relation::Under => time < self.than,
        }
    }

    /// No time is shorter than nothing.
    pub fn never_holds(self) -> bool {
        self.relation == Relation::Under && self.than.is_zero()
    }
}

impl FromStr for Comparison {
    type Err = NoComparison;

    fn from_str(written: &str) -> Result<Self, NoComparison> {
        let relations = [
            (">=", Relation::AtLeast),
            (">", Relation::Over),
            ("<=", Relation::AtMost),
            ("<", Relation::Under),
        ];
        let written = written.trim();
        let rest_of = |(sign, relation)| Some((written.strip_prefix(sign)?, relation));
        let (rest, relation) = relations.into_iter().find_map(rest_of).ok_or(NoComparison)?;
        let than = humantime::parse_duration(rest.trim()).map_err(|_| NoComparison)?;
        Ok(Comparison { relation, than })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::log::Outcome;

    fn tag(name: &str, when: Vec<Condition>) -> Tag {
        Tag { name: name.to_owned(), when }
    }

    fn lasts(time: Time, any: &[&str]) -> Condition {
        let any = any.iter().map(|written| written.parse().expect("a comparison")).collect();
        Condition::Lasts { time, any }
    }

    fn matches(field: Field, patterns: &[&str]) -> Condition {
        Condition::Matches { field, patterns: patterns.iter().map(|glob| Pattern::new(glob)).collect() }
    }

    fn call() -> Call {
        Call {
            outcome: Some(Outcome::Answered),
            talk_time: 60,
            duration: 75,
            source: Some("google".to_owned()),
            transcription: Some("Hello, my Boiler is broken.".to_owned()),
            keypresses: vec!["2".to_owned(), "11".to_owned()],
            line: Some("main".to_owned()),
            tracking_phone_number: "+12125550110".to_owned(),
            ..Call::default()
        }
    }

    #[test]
    fn a_call_of_a_minute_of_talk_is_qualified() {
        let tags = [Tag::qualified()];
        let talked = |talk_time| Call { talk_time, ..call() };
        assert_eq!(Tag::given(&tags, &talked(60)), [QUALIFIED]);
        assert!(Tag::given(&tags, &talked(59)).is_empty(), "a whole call of 75 s is no talk");
        let going_on = Call { outcome: None, ..call() };
        assert!(Tag::given(&tags, &going_on).is_empty());
    }

    #[test]
    fn each_condition_asks_for_what_the_call_has() {
        for (condition, holds) in [
            (lasts(Time::Talk, &["> 60s"]), false),
            (lasts(Time::Talk, &["<= 1m"]), true),
            (lasts(Time::Call, &["<10s", "> 1m 14s"]), true),
            (lasts(Time::Call, &["< 75s"]), false),
            (matches(Field::Outcome, &["answered", "voicemail"]), true),
            (matches(Field::Outcome, &["!answered"]), false),
            (matches(Field::Source, &["GOO*"]), true),
            (matches(Field::Channel, &["*"]), false),
            (matches(Field::Channel, &["!Direct"]), true),
            (matches(Field::Transcript, &["*boiler*"]), true),
            (matches(Field::Keypress, &["2"]), true),
            (matches(Field::Keypress, &["1"]), false),
            (matches(Field::Keypress, &["2", "!11"]), false),
            (matches(Field::Line, &["main"]), true),
            (matches(Field::Number, &["+1212*"]), true),
            (matches(Field::Number, &["+12125550111"]), false),
        ] {
            let tags = [tag("wanted", vec![condition.clone()])];
            assert_eq!(!Tag::given(&tags, &call()).is_empty(), holds, "{condition:?}");
        }
    }

    #[test]
    fn conditions_hold_together_and_of_several_tags_of_one_name_any() {
        let boiler = || matches(Field::Transcript, &["*boiler*"]);
        let tags = [
            tag("heating", vec![boiler(), matches(Field::Line, &["night"])]),
            tag("heating", vec![boiler(), matches(Field::Line, &["main"])]),
            tag("heating", vec![boiler()]),
            tag("everything", vec![]),
        ];
        assert_eq!(Tag::given(&tags, &call()), ["heating", "everything"]);
    }

    #[test]
    fn a_comparison_has_a_sign_and_a_duration() {
        for written in ["60s", ">=", ">= 60", "about 60s", "!> 60s", ""] {
            assert!(written.parse::<Comparison>().is_err(), "{written}");
        }
        assert!("< 0s".parse::<Comparison>().is_ok_and(Comparison::never_holds));
    }

    #[test]
    fn a_name_can_stand_in_a_list() {
        assert!(is_name("qualified") && is_name("neuer Kunde") && is_name("größe: L"));
        for name in ["", " ", "a ", "a,b", "a\nb", &"x".repeat(65)] {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
