//! What routes and tags ask of carriers that can't do it: their calls are connected all the same, and otherwise than it says.

use super::Builder;
use crate::call::CarrierName;
use crate::call::dialect::{can_ask, can_screen, can_transcribe};
use crate::config::Carriers;

/// What not every carrier can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Whoever answers presses 1.
    Screen,
    /// The caller chooses.
    Menu,
    /// What the caller says into a voicemail is written down.
    Transcript,
}

impl Builder<'_, '_> {
    pub(super) fn find_unable(&mut self, carriers: &Carriers) {
        for (at, asked) in std::mem::take(&mut self.asked) {
            let (can, otherwise): (fn(CarrierName) -> bool, _) = match asked {
                Asked::Screen => (can_screen, "whoever answers hears the whisper, and is put through"),
                Asked::Menu => (can_ask, "its calls go on as if no key was pressed"),
                Asked::Transcript => (can_transcribe, "no call of it has a transcript, and none has the tag"),
            };
            let unable =
                CarrierName::ALL.into_iter().filter(|carrier| carriers.has(*carrier) && !can(*carrier));
            let unable: Vec<_> = unable.map(|carrier| format!("[carrier.{carrier}]")).collect();
            if !unable.is_empty() {
                let message = format!("can't be done by {}: {otherwise}", unable.join(", "));
                self.findings.warning(at, message, "leave it out, or have another carrier ring");
            }
        }
    }
}
