//! A step of the plan has come to its end, and the carrier asks how to go on.

use super::dialect::{self, Answer, Script};
use super::event::{By, Dialled, What};
use super::known::Known;
use super::numbers::Leads;
use super::plan::{Plan, Step};
use super::setup::Setup;
use super::{Call, Calls};

impl Calls {
    /// What follows: the next step, unless somebody spoke with the caller, or the caller is gone.
    pub(super) async fn next(
        &self,
        setup: &Setup,
        call: Call<'_>,
        step: usize,
        happened: &[What],
        to: Option<&str>,
    ) -> Answer {
        let Some(known) = self.find(call).await else { return end_or_connect(setup, call, happened, to) };
        let next = match is_over(happened) {
            true => known.plan().steps.len(),
            false => after(&known, step, happened),
        };
        self.tell(call, &known, next)
    }

    /// Notes the keys that were pressed. A carrier that says only that what it dialled was answered leaves open whether whoever
    /// answered took the call, where they were asked: their key tells.
    pub(super) async fn settle(&self, call: Call<'_>, happened: &mut [What]) {
        let tells =
            |what: &What| matches!(what, What::Pressed(_) | What::Dialled(Dialled { bridged: None, .. }));
        if !happened.iter().any(tells) {
            return;
        }
        let Some(known) = self.find(call).await else { return };
        for what in happened {
            known.take_note(what);
            let What::Dialled(Dialled { step: Some(step), bridged: bridged @ None, .. }) = what else {
                continue;
            };
            if known.was_accepted(*step) {
                *bridged = Some(true);
            } else if let Some(told) = self.told_so_far(call).await {
                // The key may have been told to another node.
                told.iter().for_each(|event| known.take_note(&event.what));
                *bridged = Some(known.was_accepted(*step));
            }
        }
    }

    /// Whoever answered is told who calls; of a call that nobody remembers they are told nothing.
    pub(super) async fn whispers(&self, call: Call<'_>, step: usize) -> Answer {
        let known = self.find(call).await;
        if let Some(known) = known.as_ref().filter(|known| !known.dials(step)) {
            // What the caller chose may have been told to another node.
            let told = self.told_so_far(call).await.unwrap_or_default();
            told.iter().for_each(|event| known.take_note(&event.what));
        }
        match known {
            Some(known) => dialect::whisper(call.carrier, &known.script(&known.plan(), step, call)),
            None => dialect::nothing(),
        }
    }
}

impl Known {
    /// What of a message changes how the call goes on.
    pub(super) fn take_note(&self, what: &What) {
        let What::Pressed(pressed) = what else { return };
        let Some(step) = pressed.step else { return };
        if pressed.by == By::Called {
            if pressed.keys == "1" {
                self.accept(step);
            }
            return;
        }
        if self.decision.plan.steps.get(step).is_some_and(|step| matches!(step, Step::Consent { .. }))
            && pressed.keys == "1"
        {
            self.consent();
        }
        self.choose(step, &pressed.keys);
    }
}

/// The step that follows one that has ended without anybody having spoken with the caller.
fn after(known: &Known, step: usize, happened: &[What]) -> usize {
    let pressed = happened.iter().find_map(|what| match what {
        What::Pressed(pressed) if pressed.by == By::Caller => Some(pressed.keys.as_str()),
        _ => None,
    });
    let steps = known.decision.plan.steps.as_slice();
    match steps.get(step) {
        Some(Step::Challenge { key, .. }) => match pressed {
            Some(keys) if keys.starts_with(*key) => step + 1,
            // Whoever is no machine would have.
            _ => steps.len(),
        },
        // What was chosen stands in its place now.
        Some(Step::Menu { keys, .. }) => match pressed.and_then(|pressed| pressed.chars().next()) {
            Some(key) if keys.contains_key(&key) => step,
            _ => step + 1,
        },
        Some(Step::Voicemail { .. }) => steps.len(),
        _ => step + 1,
    }
}

fn is_over(happened: &[What]) -> bool {
    dialled(happened).any(|dialled| dialled.caller_gone || dialled.is_connected())
}

fn dialled(happened: &[What]) -> impl Iterator<Item = &Dialled> {
    happened.iter().filter_map(|what| match what {
        What::Dialled(dialled) => Some(dialled),
        _ => None,
    })
}

/// Nobody remembers the call, and the ledger can't be asked: whoever has not been put through is connected to the line's
/// destination, unless that is what has just been tried.
fn end_or_connect(setup: &Setup, call: Call<'_>, happened: &[What], to: Option<&str>) -> Answer {
    let number = to.unwrap_or_default();
    let place = setup.numbers.find(number).map(|(place, _)| place);
    let place = place.or_else(|| match setup.numbers.stranger(number, false) {
        Leads::To(place, _) => Some(place),
        Leads::Nowhere => None,
    });
    let is_tried = dialled(happened).next().is_some();
    let plan = match place.filter(|_| !is_tried) {
        Some(place) => Plan::connect(place.line().routes.destination().e164()),
        None => Plan::default(),
    };
    let script = Script {
        plan: &plan,
        step: 0,
        consented: false,
        base: call.base,
        call: call.its_own,
        from: "",
        to: number,
        login: call.login,
    };
    dialect::answer(call.carrier, &script)
}
