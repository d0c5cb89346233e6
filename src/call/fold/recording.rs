//! The recording that a call is told with. Of several, one that is still there comes before one whose time was over, and one that
//! was spoken over before what was left.

use crate::call::event::{Event, Fetched, Recorded, What};

#[derive(Clone, Copy, Debug)]
pub struct Told<'e> {
    pub recorded: &'e Recorded,
    /// It is in our folder.
    pub fetched: Option<&'e Fetched>,
    /// It was, and is no more.
    pub is_removed: bool,
}

/// None where nothing was recorded, or nothing is ready yet.
pub fn of(events: &[Event]) -> Option<Told<'_>> {
    let ready = events.iter().filter_map(|event| match &event.what {
        What::Recorded(recorded) if recorded.is_ready() => Some(Told::of(recorded, events)),
        _ => None,
    });
    ready.max_by(|one, other| one.rank().cmp(&other.rank()))
}

impl<'e> Told<'e> {
    fn of(recorded: &'e Recorded, events: &'e [Event]) -> Self {
        let is_removed =
            events.iter().any(|event| matches!(&event.what, What::Removed { id } if *id == recorded.id));
        let fetched = events.iter().find_map(|event| match &event.what {
            What::Fetched(fetched) if fetched.id == recorded.id => Some(fetched),
            _ => None,
        });
        Told { recorded, fetched: fetched.filter(|_| !is_removed), is_removed }
    }

    /// Where it is: below our folder, or with the carrier. None once it was removed here.
    pub fn place(&self) -> Option<String> {
        let fetched = self.fetched.map(|fetched| fetched.path.clone());
        fetched.or_else(|| self.recorded.place.clone()).filter(|_| !self.is_removed)
    }

    fn rank(&self) -> (bool, bool, Option<u32>, &str) {
        (!self.is_removed, !self.recorded.is_voicemail, self.recorded.duration, &self.recorded.id)
    }
}
