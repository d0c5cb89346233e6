//! Whose turn a number is: who may be given which, and who none.

use std::time::Duration;

use super::number::State;
use super::{Asker, FLOOR, Reference, Span, Told, Verdict, ensure};
use crate::ledger::How;
use crate::pool::tests::under::Kind;

/// Since when, at least and at most.
#[derive(Clone, Copy, Debug)]
struct Age {
    least: i64,
    most: i64,
}

impl Reference {
    /// Whether somebody without a number may be told this.
    pub(super) fn judge(&self, asker: &Asker, now: Span, told: Told) -> Verdict {
        let (neighbours, most_neighbours) = self.provisional(now, |state| state.network == asker.network);
        let cap = self.terms.provisional_per_network;
        let is_capped = !asker.is_confirmed && asker.network.is_some();
        let is_crowded = is_capped && neighbours >= cap;
        let may_be_crowded = is_capped && most_neighbours >= cap;
        if told == Told::Crowded {
            return ensure(may_be_crowded, || format!("only {most_neighbours} of the network have a number"));
        }
        ensure(!is_crowded, || format!("{neighbours} of the network have a number"))?;
        match told {
            Told::Number(_, How::Sticky) | Told::None | Told::Crowded => {
                Err(format!("{} has no number", asker.who))
            }
            Told::Number(number, How::Overflow) => {
                ensure(self.takes_oldest, || "nobody lets the oldest go".to_owned())?;
                self.is_nothing_free(now)?;
                let seen = |number: usize| self.numbers[number].state.seen;
                let is_older = |other: &usize| match (seen(*other), seen(number)) {
                    (_, None) => false,
                    (None, Some(_)) => true,
                    (Some(other), Some(this)) => other.to < this.from,
                };
                match (0..self.numbers.len()).find(is_older) {
                    Some(older) => Err(format!("{older} was seen longer ago")),
                    None => Ok(()),
                }
            }
            Told::Full => {
                ensure(!self.takes_oldest, || "the oldest may be taken".to_owned())?;
                self.is_nothing_free(now)
            }
            Told::Number(number, How::Fresh) => self.is_its_turn(asker, now, number),
        }
    }

    fn is_nothing_free(&self, now: Span) -> Verdict {
        match (0..self.numbers.len()).find(|number| self.is_free(*number, now).is_some()) {
            Some(free) => Err(format!("{free} is free")),
            None => Ok(()),
        }
    }

    /// No other number surely comes first, and this one may be given at all.
    fn is_its_turn(&self, asker: &Asker, now: Span, number: usize) -> Verdict {
        let state = &self.numbers[number].state;
        let Some(age) = self.age(state, now) else { return Ok(()) };
        let (bound, hold) = (state.bound(now), self.shortest_hold(state));
        ensure(bound >= hold, || format!("{number} was seen {bound} ms ago, and its hold is {hold}"))?;
        let classes = state.classes();
        let (fewest, _) = self.provisional(now, |_| true);
        let may_be_given = classes.contains(&1) || fewest < self.quarter();
        ensure(may_be_given, || format!("{number} is a confirmed session's, and {fewest} are provisional"))?;
        let others = (0..self.numbers.len()).filter(|other| *other != number);
        for (other, class) in others.filter_map(|other| self.is_free(other, now).map(|class| (other, class)))
        {
            ensure(classes.iter().any(|own| *own <= class), || {
                format!("{other} comes before {number}: {class} before {classes:?}")
            })?;
            let theirs = &self.numbers[other].state;
            if let Some(their_age) = self.age(theirs, now)
                && classes == [class]
            {
                let (this, that) = (state.factor(asker), theirs.factor(asker));
                ensure(age.most * this >= their_age.least * that, || {
                    format!("{other} comes before {number}: {their_age:?} times {that}, {age:?} times {this}")
                })?;
            }
        }
        Ok(())
    }

    /// The class in which a number surely could be given.
    fn is_free(&self, number: usize, now: Span) -> Option<u8> {
        let state = &self.numbers[number].state;
        let Some(age) = self.age(state, now) else { return Some(0) };
        let is_confirmed = state.is_confirmed?;
        let hold = if is_confirmed { self.hold() } else { self.provisional_hold() };
        let is_off_hold = match self.kind {
            Kind::File => age.least >= hold,
            Kind::Database => age.least > hold + FLOOR,
        };
        let (_, most) = self.provisional(now, |_| true);
        let may_be_given = !is_confirmed || most < self.quarter();
        (is_off_hold && may_be_given).then_some(if is_confirmed { 2 } else { 1 })
    }

    /// How many numbers of these are held by provisional sessions, at least and at most.
    fn provisional(&self, now: Span, which: impl Fn(&State) -> bool) -> (usize, usize) {
        let (mut least, mut most) = (0, 0);
        for state in self.numbers.iter().map(|number| &number.state).filter(|state| which(state)) {
            let Some(age) = self.age(state, now).filter(|_| state.is_confirmed != Some(true)) else {
                continue;
            };
            let hold = self.provisional_hold();
            least += usize::from(age.most < hold && state.is_confirmed == Some(false));
            most += usize::from(age.least < hold);
        }
        (least, most)
    }

    fn quarter(&self) -> usize {
        (self.numbers.len() / 4).max(1)
    }

    fn age(&self, state: &State, now: Span) -> Option<Age> {
        state.seen.map(|seen| Age { least: now.from.0 - seen.to.0, most: now.to.0 - seen.from.0 })
    }

    fn hold(&self) -> i64 {
        millis(self.terms.hold)
    }

    pub(super) fn provisional_hold(&self) -> i64 {
        millis(self.terms.provisional_hold.min(self.terms.hold))
    }

    /// What a number must have been unseen for, at the least.
    fn shortest_hold(&self, state: &State) -> i64 {
        if state.is_confirmed == Some(true) { self.hold() } else { self.provisional_hold() }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap()
}
