//! Whose a call is, by a model: of those who may have called, each with a probability, how each came.
//!
//! Who called is not known for certain, whatever the model. What it says is how a visitor's call is shared among the touches that
//! brought them: as far as these are recorded, which they are of the likeliest one.

use std::borrow::Cow;
use std::fmt;

use crate::call::log::{Call, Told, Touched};
use crate::visit::{Landing, Reading};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// All to the source that counts: the one by which the number was shown.
    #[default]
    Fractional,
    /// All to the first touch.
    First,
    /// All to the last one.
    Last,
    /// In equal parts to each.
    Linear,
    /// Two fifths to the first and two to the last; the rest in equal parts to those between.
    Position,
}

/// Somebody who may have called.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Visitor {
    /// From 0 to 1; those of a call add up to 1.
    pub probability: f64,
    /// Where they came from, in parts that add up to 1.
    pub parts: Vec<(Origin, f64)>,
}

/// Where a call comes from, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub channel: Option<String>,
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
    pub term: Option<String>,
    /// Without query: that differs from visit to visit.
    pub landing_page: Option<String>,
}

impl Model {
    pub const ALL: [Model; 5] =
        [Model::Fractional, Model::First, Model::Last, Model::Linear, Model::Position];

    pub fn name(self) -> &'static str {
        match self {
            Model::Fractional => "fractional",
            Model::First => "first",
            Model::Last => "last",
            Model::Linear => "linear",
            Model::Position => "position",
        }
    }

    /// How one call is shared among so many touches, in their order; adds up to 1. At least one.
    fn parts(self, touches: usize) -> Vec<f64> {
        let last = touches - 1;
        let part = |place: usize| match self {
            Model::First => f64::from(u8::from(place == 0)),
            Model::Fractional | Model::Last => f64::from(u8::from(place == last)),
            Model::Position if touches > 2 => match place {
                place if place == 0 || place == last => 0.4,
                _ => 0.2 / (touches - 2) as f64,
            },
            Model::Linear | Model::Position => 1.0 / touches as f64,
        };
        (0..touches).map(part).collect()
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Those who may have called, each candidate with this probability; these add up to 1. Where nobody is known it is one of whom
/// nothing is known but what the call says.
pub(super) fn visitors(call: &Call, probabilities: &[f64], model: Model) -> Vec<Visitor> {
    let mut candidates = call.attribution.candidates.iter().zip(probabilities);
    let Some((likeliest, probability)) = candidates.next() else {
        return vec![Visitor { probability: 1.0, parts: vec![(Origin::of(call), 1.0)] }];
    };
    let origins = touched(call, likeliest, model);
    let parts = model.parts(origins.len());
    let mut visitors = vec![Visitor {
        probability: *probability,
        parts: origins.into_iter().zip(parts).filter(|(_, part)| *part > 0.0).collect(),
    }];
    visitors.extend(candidates.map(|(other, probability)| Visitor {
        probability: *probability,
        parts: vec![(Origin::of_candidate(other), 1.0)],
    }));
    visitors
}

/// How the likeliest came, in the order of time; never empty.
fn touched(call: &Call, likeliest: &Told, model: Model) -> Vec<Origin> {
    let page = Origin::of(call).landing_page;
    if model == Model::Fractional {
        let term = call.keywords.clone();
        return vec![Origin { term, landing_page: page, ..Origin::of_candidate(likeliest) }];
    }
    let mut touches: Vec<Origin> = call.first_touch.iter().map(Origin::of_touch).collect();
    touches.extend(call.journey.iter().filter_map(|opened| tagged(&opened.page)));
    touches.extend(call.last_touch.iter().map(Origin::of_touch));
    if touches.is_empty() {
        touches.push(Origin::of_candidate(likeliest));
    }
    // The page that a touch opened says the same as the touch.
    touches.dedup_by(|later, earlier| later.is_same_source(earlier));
    touches.into_iter().map(|touch| Origin { landing_page: page.clone(), ..touch }).collect()
}

/// A page as it is the same for all who open it.
fn without_query(page: &str) -> String {
    page.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Where somebody came from who opened this page, by its query alone.
fn tagged(page: &str) -> Option<Origin> {
    let (_, query) = page.split_once('?')?;
    let query = query.split('#').next();
    let reading = Reading::of(&Landing { query, ..Landing::default() }, None);
    (!reading.is_direct()).then(|| Origin {
        channel: Some(reading.channel.name().to_owned()),
        source: Some(reading.source.to_string()),
        medium: Some(reading.medium.to_string()),
        campaign: reading.campaign().map(Cow::into_owned),
        term: reading.term().map(Cow::into_owned),
        landing_page: None,
    })
}

impl Origin {
    /// As the call is told.
    pub fn of(call: &Call) -> Self {
        Origin {
            channel: call.channel.clone(),
            source: call.source.clone(),
            medium: call.medium.clone(),
            campaign: call.campaign.clone(),
            term: call.keywords.clone(),
            landing_page: call.landing_page_url.as_deref().map(without_query),
        }
    }

    fn of_candidate(candidate: &Told) -> Self {
        Origin {
            channel: candidate.channel.clone(),
            source: candidate.source.clone(),
            medium: candidate.medium.clone(),
            campaign: candidate.campaign.clone(),
            term: candidate.term.clone(),
            landing_page: candidate.landing_page.as_deref().map(without_query),
        }
    }

    fn of_touch(touch: &Touched) -> Self {
        Origin {
            channel: Some(touch.channel.clone()),
            source: Some(touch.source.clone()),
            medium: Some(touch.medium.clone()),
            campaign: touch.campaign.clone(),
            term: touch.term.clone(),
            landing_page: None,
        }
    }

    fn is_same_source(&self, other: &Origin) -> bool {
        (&self.source, &self.medium, &self.campaign) == (&other.source, &other.medium, &other.campaign)
    }
}
