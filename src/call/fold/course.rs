//! How a call went: who was rung, who answered, and how it ended.

use std::time::Duration;

use crate::call::event::{By, Dialled, Event, Leg, Pressed, Progress, Status, What};
use crate::call::log::Outcome;
use crate::call::plan::{Plan, Rejection, Step};
use crate::clock::Timestamp;

/// Longer than that no call is taken to go on of which nothing more is heard.
const LONGEST: Duration = Duration::from_secs(4 * 60 * 60);

/// All that was told of it, by kind.
pub(super) struct Course<'e> {
    started: Timestamp,
    plan: Option<&'e Plan>,
    caller: Vec<(Timestamp, &'e Progress)>,
    legs: Vec<(Timestamp, &'e Leg)>,
    dialled: Vec<(Timestamp, &'e Dialled)>,
    pressed: Vec<(Timestamp, &'e Pressed)>,
    /// Something was left to be heard.
    has_voicemail: bool,
}

impl<'e> Course<'e> {
    pub fn of(started: Timestamp, events: &'e [Event]) -> Self {
        let mut course = Course {
            started,
            plan: None,
            caller: Vec::new(),
            legs: Vec::new(),
            dialled: Vec::new(),
            pressed: Vec::new(),
            has_voicemail: false,
        };
        for Event { received, what } in events {
            match what {
                What::Rang(_, decision) => course.plan = Some(&decision.plan),
                What::Caller(progress) => course.caller.push((*received, progress)),
                What::Leg(leg) => course.legs.push((*received, leg)),
                What::Dialled(dialled) => course.dialled.push((*received, dialled)),
                What::Pressed(pressed) => course.pressed.push((*received, pressed)),
                What::Recorded(recorded) => {
                    let says_something = !recorded.failed && recorded.duration != Some(0);
                    course.has_voicemail |= recorded.is_voicemail && says_something;
                }
                What::Transcribed(_) | What::Fetched(_) | What::Removed { .. } | What::Noted(_) => {}
            }
        }
        course
    }

    /// How it ended; none while it may be going on.
    pub fn outcome(&self, now: Timestamp) -> Option<Outcome> {
        if let Some(Step::Reject(rejection)) = self.plan.and_then(|plan| plan.steps.first()) {
            return Some(match rejection {
                Rejection::Blocked => Outcome::Blocked,
                Rejection::Unknown => Outcome::Failed,
            });
        }
        if self.answered().is_some() {
            let is_over = self.has_hung_up() || now.since(self.started) > LONGEST;
            return is_over.then_some(Outcome::Answered);
        }
        if self.has_voicemail {
            return Some(Outcome::Voicemail);
        }
        let is_over = self.is_over() || now.since(self.started) > LONGEST;
        is_over.then(|| self.unanswered())
    }

    /// Whether those who talk, or talked, have ended it, as far as anybody said.
    fn has_hung_up(&self) -> bool {
        let is_ended = |leg: &Leg| leg.progress.status.is_final();
        self.connection().is_some() || self.caller_end().is_some() || self.talking_leg().is_some_and(is_ended)
    }

    /// Why nobody spoke with the caller.
    fn unanswered(&self) -> Outcome {
        if self.gave_up() {
            return Outcome::Abandoned;
        }
        match self.last_dialled().map(|dialled| dialled.status).or_else(|| self.last_leg()) {
            Some(Status::Answered | Status::Completed) => Outcome::Screened,
            Some(Status::Busy) => Outcome::Busy,
            Some(Status::NoAnswer) => Outcome::Missed,
            Some(Status::Canceled) => Outcome::Abandoned,
            Some(Status::Failed) => Outcome::Failed,
            Some(Status::Initiated | Status::Ringing) | None => self.of_caller(),
        }
    }

    /// Why the leg that was rung last was not answered, as far as that is told.
    fn last_leg(&self) -> Option<Status> {
        let progress = self.legs.iter().map(|(_, leg)| &leg.progress);
        let unanswered = progress.filter(|progress| progress.status > Status::Completed);
        unanswered.max_by_key(|progress| (progress.time, progress.status)).map(|progress| progress.status)
    }

    /// By the caller's own leg, where nobody said how the dialling went.
    fn of_caller(&self) -> Outcome {
        match self.caller_end().map(|(_, progress)| progress.status) {
            Some(Status::Busy) => Outcome::Busy,
            Some(Status::Failed) => Outcome::Failed,
            // It was put an end to while telephones rang, or before: by the caller, since we don't.
            Some(Status::Completed | Status::Canceled) => Outcome::Abandoned,
            Some(_) => Outcome::Missed,
            None if self.dialled.is_empty() && self.legs.is_empty() => Outcome::Failed,
            None => Outcome::Missed,
        }
    }

    fn gave_up(&self) -> bool {
        let is_gone = self.dialled.iter().any(|(_, dialled)| dialled.caller_gone && !dialled.is_connected());
        let is_canceled = self.caller_end().is_some_and(|(_, progress)| progress.status == Status::Canceled);
        let is_refused = self
            .last_dialled()
            .is_some_and(|last| matches!(last.status, Status::Answered | Status::Completed));
        (is_gone || is_canceled) && !is_refused
    }

    /// Whether nothing more is to come: the caller is gone, or there is nothing left to be tried.
    fn is_over(&self) -> bool {
        let is_gone = self.dialled.iter().any(|(_, dialled)| dialled.caller_gone);
        is_gone || self.caller_end().is_some() || self.is_at_its_end()
    }

    /// The last step has been dialled, and nothing follows it.
    fn is_at_its_end(&self) -> bool {
        let Some(last) = self.last_dialled().filter(|dialled| dialled.status.is_final()) else {
            return false;
        };
        let steps = self.plan.map_or(0, |plan| plan.steps.len());
        last.step.is_none_or(|step| step + 1 >= steps)
    }

    /// When somebody and the caller were put through to each other.
    pub fn answered(&self) -> Option<Timestamp> {
        if let Some((received, dialled)) = self.connection() {
            let told = self.winner().and_then(|id| self.answered_leg(id));
            let counted = || dialled.talk.map(|talk| received.minus(seconds(talk)));
            return told.or_else(counted).or(Some(received)).map(|time| time.max(self.started));
        }
        // Nobody said how the dialling ended: somebody answered, and was asked nothing, or agreed.
        let leg = self.talking_leg().filter(|_| self.was_accepted())?;
        let answered = self.answered_leg(&leg.id).unwrap_or(self.started);
        // An end that was told later is that leg's own.
        let ends = self.dialled.iter().filter(|(_, dialled)| dialled.status.is_final());
        let is_told = ends.map(|(received, _)| *received).max().is_some_and(|told| told >= answered);
        (!is_told).then_some(answered)
    }

    /// The end of the dialling in which somebody was put through.
    fn connection(&self) -> Option<(Timestamp, &'e Dialled)> {
        let connected = self.dialled.iter().copied().filter(|(_, dialled)| dialled.is_connected());
        connected.max_by_key(|(received, dialled)| (dialled.talk, std::cmp::Reverse(*received)))
    }

    /// The leg that was put through.
    fn winner(&self) -> Option<&'e str> {
        let (_, dialled) = self.connection()?;
        dialled.leg.as_deref().or_else(|| self.talking_leg().map(|leg| leg.id.as_str()))
    }

    /// One that was answered: of several, the one that lasted the longest.
    fn talking_leg(&self) -> Option<&'e Leg> {
        let talked = |leg: &&'e Leg| match leg.progress.status {
            Status::Answered => true,
            Status::Completed => leg.progress.duration != Some(0),
            _ => false,
        };
        let legs = self.legs.iter().map(|(_, leg)| *leg).filter(talked);
        legs.max_by_key(|leg| (leg.progress.duration, leg.progress.status, &leg.id))
    }

    fn answered_leg(&self, id: &str) -> Option<Timestamp> {
        let of_it = self.legs.iter().filter(|(_, leg)| leg.id == id);
        let answers = of_it.clone().filter(|(_, leg)| leg.progress.status == Status::Answered);
        let told = answers.map(|(received, leg)| leg.progress.time.unwrap_or(*received)).min();
        let counted = of_it.filter(|(_, leg)| leg.progress.status == Status::Completed).filter_map(
            |(received, leg)| {
                let ended = leg.progress.time.unwrap_or(*received);
                leg.progress.duration.map(|duration| ended.minus(seconds(duration)))
            },
        );
        told.or(counted.min())
    }

    /// Whoever answered was not asked whether they take the call, or said that they do.
    fn was_accepted(&self) -> bool {
        let asks = |step: &Step| matches!(step, Step::Dial(dial) if dial.screen);
        let is_asked = self.plan.is_some_and(|plan| plan.steps.iter().any(asks));
        let is_agreed = |pressed: &Pressed| pressed.by == By::Called && pressed.keys == "1";
        !is_asked || self.pressed.iter().any(|(_, pressed)| is_agreed(pressed))
    }

    pub fn voicemail(&self) -> bool {
        self.has_voicemail && self.answered().is_none()
    }

    /// Who spoke with the caller; else who was rung last.
    pub fn connected_to(&self) -> Option<String> {
        let of_leg = |id: &str| {
            let mut legs = self.legs.iter().filter(|(_, leg)| leg.id == id);
            legs.find_map(|(_, leg)| leg.to.clone())
        };
        if let Some(to) = self.winner().and_then(of_leg) {
            return Some(to);
        }
        let talked = self.talking_leg().and_then(|leg| leg.to.clone()).filter(|_| self.answered().is_some());
        talked.or_else(|| self.dialled_number())
    }

    /// The number of the last step that rang, where it is one.
    fn dialled_number(&self) -> Option<String> {
        let plan = self.plan?;
        let of_steps = self.connection().map(|(_, dialled)| dialled).or_else(|| self.last_dialled());
        let mut dials = plan.steps.iter().filter(|step| matches!(step, Step::Dial(_)));
        let rang = match of_steps.map(|dialled| dialled.step) {
            Some(Some(step)) => plan.steps.get(step),
            // Who dials on their own, one after the other, has not said how far they came.
            Some(None) => dials.next().filter(|_| dials.next().is_none()),
            None => dials.next(),
        };
        let rang = rang?;
        match rang {
            Step::Dial(dial) if dial.to.len() == 1 => dial.to.first().cloned(),
            Step::Menu { keys, .. } => {
                let at = plan.steps.iter().position(|step| step == rang);
                let is_choice = |pressed: &Pressed| pressed.by == By::Caller && pressed.step == at;
                let (_, pressed) = self.pressed.iter().find(|(_, pressed)| is_choice(pressed))?;
                let dial = pressed.keys.chars().next().and_then(|key| keys.get(&key))?;
                dial.to.first().cloned()
            }
            _ => None,
        }
    }

    fn last_dialled(&self) -> Option<&'e Dialled> {
        let rank = |dialled: &&Dialled| (dialled.step, dialled.status);
        self.dialled.iter().map(|(_, dialled)| *dialled).max_by_key(rank)
    }

    /// The final message on the caller's own leg.
    fn caller_end(&self) -> Option<(Timestamp, &'e Progress)> {
        let finals = self.caller.iter().copied().filter(|(_, progress)| progress.status.is_final());
        // The first that is final stays: completed, where carriers say several things.
        finals.min_by_key(|(received, progress)| {
            (progress.status, std::cmp::Reverse(progress.duration), *received)
        })
    }

    /// Seconds that caller and called talked.
    pub fn talk(&self) -> u32 {
        if self.answered().is_none() {
            return 0;
        }
        let told = self.connection().and_then(|(_, dialled)| dialled.talk);
        let of_leg = || self.talking_leg().and_then(|leg| leg.progress.duration);
        told.or_else(of_leg).unwrap_or(0)
    }

    /// Seconds from the first ring to the end.
    pub fn duration(&self) -> u32 {
        let told = self.caller_end().and_then(|(_, progress)| progress.duration);
        let told = told.or_else(|| self.dialled.iter().filter_map(|(_, dialled)| dialled.duration).max());
        let counted = || self.ended().map_or(0, |ended| whole_seconds(ended.since(self.started)));
        told.unwrap_or_else(counted).max(self.talk())
    }

    /// Seconds until somebody answered, or it was over.
    pub fn ring_time(&self) -> u32 {
        let until = self.answered().or_else(|| {
            let ends = self.dialled.iter().filter(|(_, dialled)| dialled.status.is_final());
            ends.map(|(received, _)| *received).max().or_else(|| self.ended())
        });
        until.map_or(0, |until| whole_seconds(until.since(self.started)))
    }

    /// When it ended, as far as is known.
    pub fn ended(&self) -> Option<Timestamp> {
        let at = |(received, progress): (Timestamp, &Progress)| progress.time.unwrap_or(received);
        let end = self.caller_end().map(at);
        let dialled = || {
            let ends = self.dialled.iter().filter(|(_, dialled)| dialled.status.is_final());
            ends.map(|(received, _)| *received).max()
        };
        end.or_else(dialled).map(|time| time.max(self.started))
    }

    /// Keys, in the order of the steps that asked for them.
    pub fn pressed_by_caller(&self) -> Vec<String> {
        let mut pressed: Vec<_> = self
            .pressed
            .iter()
            .filter(|(_, pressed)| pressed.by == By::Caller && !pressed.keys.is_empty())
            .map(|(_, pressed)| (pressed.step, pressed.keys.clone()))
            .collect();
        pressed.sort();
        pressed.into_iter().map(|(_, keys)| keys).collect()
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}

fn whole_seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}
