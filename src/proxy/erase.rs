//! The erasure of a session while visitors come: it is forgotten here first, for what is remembered is written again.

use super::Edge;
use crate::ledger::{Contents, NotRemoved};
use crate::visit::SessionHash;

impl Edge {
    /// Removes what is known of a session, except when its numbers were last seen. Its cookie is worth nothing from here on.
    ///
    /// # Errors
    /// [`NotRemoved`] where the ledger can't be written: it tells of the session still, and is to be asked again.
    pub async fn erase(&self, session: SessionHash) -> Result<Contents, NotRemoved> {
        self.forget(session);
        let erased = self.ledger.erase(session).await;
        // A request that was under way may have taken a number in between.
        self.forget(session);
        erased
    }

    fn forget(&self, session: SessionHash) {
        self.sessions.erase(session);
        self.clicks.erase(session);
        self.taps.erase(session);
        self.sites().all.iter().flat_map(|site| &site.pools).for_each(|pool| pool.erase(session));
    }
}
