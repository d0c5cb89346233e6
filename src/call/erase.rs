//! The erasure of a caller while calls come: they are forgotten here first.

use super::Calls;
use super::archive::EraseError;
use crate::ledger::{Contents, NotRemoved, Which};

impl Calls {
    /// Removes all calls of a telephone, given its number in E.164, with their recordings and what was told of them.
    ///
    /// # Errors
    /// [`EraseError`] where something of it can't be: the ledger tells of them still, and is to be asked again.
    pub async fn erase_caller(&self, number: &str) -> Result<Contents, EraseError> {
        let which = Which::Of(self.archive.seal.caller(number));
        let calls = self.archive.ledger.records().calls(which).await.map_err(|_| NotRemoved)?;
        for call in &calls {
            self.known.forget(call.record.id);
            self.recordings.stop(call.record.id).await;
        }
        self.archive.erase_caller(number).await
    }
}
