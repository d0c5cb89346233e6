//! Which calls a route is for.

use super::area::CallerArea;
use super::hours::Hours;
use crate::call::event::Caller;
use crate::clock::Timestamp;

/// What must be true of a call, all together; nothing is asked of it where nothing is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    pub hours: Option<Hours>,
    /// The caller is from one of these.
    pub areas: Option<Vec<CallerArea>>,
}

impl When {
    /// Why this call is not meant; none where it is.
    pub(super) fn unmet(&self, time: Timestamp, caller: &Caller) -> Option<String> {
        if let Some(hours) = self.hours.as_ref().filter(|hours| !hours.has(time)) {
            let holiday = if hours.is_holiday_at(time) { ", a holiday" } else { "" };
            return Some(format!("it is {}{holiday}", hours.shown(time)));
        }
        let areas = self.areas.as_ref()?;
        let from = match caller {
            Caller::Number(_) => "the caller is from another area",
            Caller::Withheld => "the caller withholds the number",
            Caller::Other(_) => "the caller has no telephone number",
        };
        (!areas.iter().any(|area| area.has(caller))).then(|| from.to_owned())
    }

    /// Why a call is meant.
    pub(super) fn met(&self, time: Timestamp) -> String {
        let hours = self.hours.as_ref().map(|hours| format!("it is {}", hours.shown(time)));
        let areas = self.areas.as_ref().map(|_| "the caller is from one of its areas".to_owned());
        let why: Vec<_> = hours.into_iter().chain(areas).collect();
        if why.is_empty() { "it is for every call".to_owned() } else { why.join(", and ") }
    }

    /// Whether every call that the other is for would suit this one too.
    pub fn covers(&self, other: &When) -> bool {
        let same_hours = self.hours.is_none() || self.hours == other.hours;
        let has_area = |areas: &[CallerArea], area: &CallerArea| areas.iter().any(|wide| wide.covers(area));
        let same_areas = match (&self.areas, &other.areas) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => narrow.iter().all(|area| has_area(wide, area)),
        };
        same_hours && same_areas
    }
}
