//! The erasure of a caller while calls come: they are forgotten here first.

use super::Calls;
use crate::ledger::{Contents, NotRemoved, Which};

impl Calls {
    /// Removes all calls of a telephone, given its number in E.164, with what was told of them.
    ///
    /// # Errors
    /// [`NotRemoved`] where the ledger can't be written: it tells of them still, and is to be asked again.
    pub async fn erase_caller(&self, number: &str) -> Result<Contents, NotRemoved> {
        let which = Which::Of(self.archive.seal.caller(number));
        let calls = self.archive.ledger.records().calls(which).await.map_err(|_| NotRemoved)?;
        calls.iter().for_each(|call| self.known.forget(call.record.id));
        self.archive.erase_caller(number).await
    }
}
