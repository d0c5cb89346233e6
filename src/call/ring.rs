//! A phone rings: where the call goes, and whose it is.

use std::sync::Arc;
use std::time::Duration;

use super::attribute::{Attributed, attribute};
use super::decision::Decision;
use super::dialect::{self, Answer, Script};
use super::event::{Caller, Event, Ring, What};
use super::facts::{Dialled, Facts};
use super::known::Known;
use super::numbers::{Leads, Meaning, Place};
use super::plan::{Plan, Rejection, Step};
use super::refusal::Refused;
use super::route::{Asking, Words};
use super::setup::Setup;
use super::spam::score;
use super::spool::Waiting;
use super::{Call, Calls, address::Asked};
use crate::ledger::{CallRecord, Candidate, RingRecord, Which};
use crate::pool::attribution::How;

/// The carrier waits for as long as the ledger is read. Beyond it the call goes to the line as it is dialled.
const LOOK: Duration = Duration::from_secs(1);

/// An answer is on disk before the carrier has it, unless the disk takes longer than that.
const WRITE: Duration = Duration::from_millis(500);

/// What was decided, and what the ledger is to know of it.
struct Decided {
    decision: Decision,
    candidates: Vec<Candidate>,
    /// The ledger could be asked whose it is.
    is_attributed: bool,
}

impl Calls {
    /// The answer to a call that rings: the same to a carrier that asks again.
    pub(super) async fn rings(&self, setup: &Setup, call: Call<'_>, mut ring: Ring) -> Answer {
        if let Some(known) = self.find(call).await {
            return self.tell(call, &known, 0);
        }
        if let Some(number) = setup.numbers.in_e164(&ring.to) {
            ring.to = number;
        }
        if let Some((place, _)) = setup.numbers.find(&ring.to) {
            ring.from = ring.from.at_home(place.site.country);
        }
        let decided = self.decide(setup, call, &ring).await;
        let (known, is_first) = self.known.insert(call.id, Known::new(ring, decided.decision.clone()));
        if is_first {
            self.record(call, &known, decided).await;
        }
        self.tell(call, &known, 0)
    }

    /// A call that was decided before: here, or by another process that had this ledger.
    pub(super) async fn find(&self, call: Call<'_>) -> Option<Arc<Known>> {
        if let Some(known) = self.known.get(call.id) {
            return Some(known);
        }
        let events = self.told_so_far(call).await?;
        let rang = events.iter().find_map(|event| match &event.what {
            What::Rang(ring, decision) => Some(Known::new(Ring::clone(ring), Decision::clone(decision))),
            _ => None,
        })?;
        events.iter().for_each(|event| rang.take_note(&event.what));
        Some(self.known.insert(call.id, rang).0)
    }

    /// What the ledger has of a call, whichever node it was told to; none where it can't be asked.
    pub(super) async fn told_so_far(&self, call: Call<'_>) -> Option<Vec<Event>> {
        let looked =
            tokio::time::timeout(LOOK, self.archive.ledger.records().calls(Which::One(call.id))).await;
        let stored = looked.ok()?.ok()?.pop()?;
        Some(stored.events.iter().filter_map(|event| self.archive.seal.open(event)).collect())
    }

    /// What a carrier is told from this step of the plan on.
    pub(super) fn tell(&self, call: Call<'_>, known: &Known, step: usize) -> Answer {
        dialect::answer(call.carrier, &known.script(&known.plan(), step, call))
    }

    async fn decide(&self, setup: &Setup, call: Call<'_>, ring: &Ring) -> Decided {
        let found = match setup.numbers.find(&ring.to) {
            Some((place, because)) => Leads::To(place, because),
            None => self.look_up(setup, &ring.to).await,
        };
        let Leads::To(place, because) = found else {
            return Decided {
                decision: Decision::refused(format!("{} was never ours", ring.to)),
                candidates: Vec::new(),
                is_attributed: true,
            };
        };
        let looked = tokio::time::timeout(LOOK, self.facts(call, ring, &place)).await;
        let facts = looked.ok().and_then(Result::ok);
        let is_attributed = facts.is_some();
        let (decision, candidates) = self.plan(call, ring, &place, facts.as_ref(), because);
        Decided { decision, candidates, is_attributed }
    }

    pub(super) async fn facts(
        &self,
        call: Call<'_>,
        ring: &Ring,
        place: &Place,
    ) -> Result<Facts, crate::ledger::ReadError> {
        let dialled = Dialled {
            number: &ring.to,
            site: &place.site.name,
            meaning: &place.meaning,
            caller: ring.from.number().map(|number| self.archive.seal.caller(number)),
            time: call.now,
        };
        Facts::gather(&self.archive.ledger.records(), &self.archive.seal, dialled).await
    }

    /// Where a number leads that this process doesn't know: another node may.
    async fn look_up(&self, setup: &Setup, number: &str) -> Leads {
        let is_certain = match tokio::time::timeout(LOOK, self.archive.ledger.records().home(number)).await {
            Ok(Ok(Some(home))) => {
                setup.numbers.remember(home);
                match setup.numbers.find(number) {
                    Some((place, because)) => return Leads::To(place, because),
                    None => true,
                }
            }
            Ok(Ok(None)) => true,
            Ok(Err(_)) | Err(_) => false,
        };
        setup.numbers.stranger(number, is_certain)
    }

    /// Whose the call is, and where it goes. Without facts, for the ledger could not be asked, nothing speaks against anybody.
    pub(super) fn plan(
        &self,
        call: Call<'_>,
        ring: &Ring,
        place: &Place,
        known: Option<&Facts>,
        because: String,
    ) -> (Decision, Vec<Candidate>) {
        let site = place.site.name.as_str();
        let nothing = Facts::default();
        let facts = known.unwrap_or(&nothing);
        let attributed = attribute(&place.meaning, facts, site, call.now, &self.lessons.of(site));
        let Attributed { how, confidence, candidates, because: whose } = attributed;
        let whose =
            if known.is_some() { whose } else { "the ledger can't be asked whose call it is".to_owned() };
        let is_unshown = how == How::Unshown && place.meaning == Meaning::Pool;
        let scored = known.map(|facts| score(&facts.signals(ring, is_unshown, call.now))).unwrap_or_default();
        let (suspect, judged) = place.site.spam.judge(&scored, &ring.from);
        let first = candidates.first().map(|candidate| &candidate.source);
        let asking = Asking {
            time: call.now,
            caller: &ring.from,
            last_taken_by: facts.last_taken_by(),
            chance: chance(call),
            dialled: &ring.to,
            words: Words {
                source: first.and_then(|source| source.source.as_deref()),
                medium: first.and_then(|source| source.medium.as_deref()),
                campaign: first.and_then(|source| source.campaign.as_deref()),
                channel: first.and_then(|source| source.channel).map(|channel| channel.name()),
            },
            suspect,
        };
        let mut planned = place.line().routes.plan(&asking);
        if planned.plan.leave_out(&ring.to) {
            let why = format!(
                "{} was dialled, and is not rung: it would be this very call again; the line has it as a telephone: give it a destination",
                ring.to
            );
            tracing::error!("{why}");
            planned.because.push(why);
        }
        let of_site = facts.earlier.iter().filter(|earlier| earlier.site.as_deref() == Some(site));
        let prior_calls = match ring.from {
            Caller::Number(_) => Some(u32::try_from(of_site.count()).unwrap_or(u32::MAX)),
            Caller::Withheld | Caller::Other(_) => None,
        };
        let decision = Decision {
            site: Some(site.to_owned()),
            line: Some(place.line().name.clone()),
            plan: planned.plan.ringing_at_most(dialect::most_at_once(call.carrier)),
            how,
            confidence,
            prior_calls,
            spam_score: scored.score,
            spam: place.site.spam.is_spam(&scored),
            because: [vec![because, whose], judged, planned.because].concat(),
        };
        (decision, candidates)
    }

    /// Writes what was decided: to the ledger, else to the spool.
    async fn record(&self, call: Call<'_>, known: &Known, decided: Decided) {
        let Decided { decision, candidates, is_attributed } = decided;
        let rang = What::Rang(Box::new(known.ring.clone()), Box::new(decision.clone()));
        let ring = self.ring_record(call, &known.ring, &decision, candidates, rang);
        if !is_attributed {
            return self.archive.wait(Waiting::Rang { ring: Box::new(ring), is_attributed }).await;
        }
        let commit = self.archive.ledger.rang(ring.clone());
        let is_durable = tokio::time::timeout(WRITE, commit.durable()).await;
        // What is late may get there yet; written twice, it is one call.
        if !is_durable.unwrap_or(false) {
            self.archive.wait(Waiting::Rang { ring: Box::new(ring), is_attributed }).await;
        }
    }

    pub(super) fn ring_record(
        &self,
        call: Call<'_>,
        ring: &Ring,
        decision: &Decision,
        candidates: Vec<Candidate>,
        rang: What,
    ) -> RingRecord {
        RingRecord {
            call: CallRecord {
                id: call.id,
                carrier: call.carrier.name().to_owned(),
                carrier_call: call.its_own.to_owned(),
                site: decision.site.clone(),
                line: decision.line.clone(),
                number: ring.to.clone(),
                caller: ring.from.number().map(|number| self.archive.seal.caller(number)),
                started: call.now,
            },
            candidates,
            event: self.archive.seal.seal(call.id, &Event { received: call.now, what: rang }),
        }
    }

    /// A carrier's own message that can't be read: no caller is lost for that.
    pub(super) fn connect_anyhow(
        &self,
        setup: &Setup,
        asked: Asked,
        base: &str,
        why: &dyn std::error::Error,
    ) -> Result<Answer, Refused> {
        if self.counts.refused(asked.carrier, "unreadable") {
            tracing::error!("a message of {} can't be made out: {why}", asked.carrier);
        }
        let Leads::To(place, _) = setup.numbers.stranger("the number", false) else {
            return Err(Refused::unreadable(why));
        };
        match asked.address {
            dialect::Address::Ring => {
                let plan = Plan::connect(place.line().routes.destination().e164());
                let login = setup.verifiers.login(asked.carrier);
                let script = Script {
                    plan: &plan,
                    step: 0,
                    consented: false,
                    base,
                    call: "",
                    from: "",
                    to: "",
                    login,
                };
                Ok(dialect::answer(asked.carrier, &script))
            }
            _ => Err(Refused::unreadable(why)),
        }
    }
}

impl Decision {
    /// Of a number that was never ours.
    fn refused(because: String) -> Self {
        Decision {
            site: None,
            line: None,
            plan: Plan { steps: vec![Step::Reject(Rejection::Unknown)] },
            how: How::Unshown,
            confidence: 0.0,
            prior_calls: None,
            spam_score: 0.0,
            spam: false,
            because: vec![because],
        }
    }
}

impl Known {
    pub(super) fn script<'a>(&'a self, plan: &'a Plan, step: usize, call: Call<'a>) -> Script<'a> {
        let from = self.ring.from.number().unwrap_or_default();
        let consented = self.has_consented();
        let Call { base, its_own, login, .. } = call;
        Script { plan, step, consented, base, call: its_own, from, to: &self.ring.to, login }
    }
}

impl Caller {
    /// E.164; none for who can't be told from others.
    pub fn number(&self) -> Option<&str> {
        match self {
            Caller::Number(number) => Some(number),
            Caller::Withheld | Caller::Other(_) => None,
        }
    }
}

/// The same for every repetition of a call.
fn chance(call: Call<'_>) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = call.id.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
