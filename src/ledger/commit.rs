//! The promise that something is on disk.

use std::sync::Arc;

use tokio::sync::watch;

/// Something on its way to the disk; clones are the same thing.
#[derive(Clone, Debug)]
pub struct Commit(Arc<watch::Sender<Progress>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Pending,
    Durable,
    Failed,
}

impl Commit {
    pub fn pending() -> Self {
        Commit(Arc::new(watch::Sender::new(Progress::Pending)))
    }

    /// Of what is on disk already.
    pub fn done() -> Self {
        Commit(Arc::new(watch::Sender::new(Progress::Durable)))
    }

    /// Waits until it is on disk: true; or can't get there: false.
    pub async fn durable(&self) -> bool {
        let mut progress = self.0.subscribe();
        let settled = progress.wait_for(|progress| *progress != Progress::Pending).await;
        settled.is_ok_and(|progress| *progress == Progress::Durable)
    }

    pub fn is_durable(&self) -> bool {
        *self.0.borrow() == Progress::Durable
    }

    /// Whether it got to the disk, once that is settled.
    pub fn outcome(&self) -> Option<bool> {
        match *self.0.borrow() {
            Progress::Pending => None,
            settled => Some(settled == Progress::Durable),
        }
    }

    pub(super) fn finish(&self, durable: bool) {
        self.0.send_replace(if durable { Progress::Durable } else { Progress::Failed });
    }
}
