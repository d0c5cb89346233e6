//! What brought a session's visitor, as both kinds of ledger keep it: the last touch and the first, as JSON.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::visit::{Session, Touch};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Touches {
    pub last: Touch,
    pub first: Touch,
}

impl Touches {
    /// As a session's row holds them.
    pub fn written(session: &Session) -> String {
        let last = Touch { source: session.source.clone(), time: session.touched };
        let touches = Touches { last, first: Touch::clone(&session.first) };
        serde_json::to_string(&touches).unwrap_or_default()
    }

    /// Of a session that began then. Earlier rows hold the last source alone: it came when the session began.
    pub fn read(written: &str, started: Timestamp) -> serde_json::Result<Self> {
        serde_json::from_str(written).or_else(|_| {
            let touch = Touch { source: serde_json::from_str(written)?, time: started };
            Ok(Touches { last: touch.clone(), first: touch })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::Source;

    #[test]
    fn rows_of_an_earlier_version_are_read() {
        let written = serde_json::to_string(&Source::direct()).unwrap();
        let touches = Touches::read(&written, Timestamp(7)).unwrap();
        assert_eq!(touches.first, Touch { source: Source::direct(), time: Timestamp(7) });
        let again = Touches::read(&serde_json::to_string(&touches).unwrap(), Timestamp(9)).unwrap();
        assert_eq!(again.last, touches.last);
        assert!(Touches::read("{}", Timestamp(7)).is_err());
    }
}
