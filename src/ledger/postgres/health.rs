//! Whether the database is there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use parking_lot::Mutex;

use super::PATIENCE;

/// How often an absent database is asked whether it is back.
const AGAIN: Duration = Duration::from_millis(250);

/// What is known of the database's presence; clones know the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Health(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    is_away: bool,
    /// The ledger is in use: whoever can't reach it before is told so.
    is_watched: bool,
    /// When it was last found absent: connections from before may hang.
    left: Option<Instant>,
}

impl Health {
    pub fn is_away(&self) -> bool {
        self.0.lock().is_away
    }

    /// Whether a connection that was made then can still be relied on.
    pub fn trusts(&self, made: Instant) -> bool {
        self.0.lock().left.is_none_or(|left| made > left)
    }

    /// It is away. False where that is known.
    pub fn leave(&self) -> bool {
        let mut known = self.0.lock();
        known.left = Some(Instant::now());
        known.is_watched && !std::mem::replace(&mut known.is_away, true)
    }

    /// From here on it is known when the database is away.
    pub fn watch(&self) {
        self.0.lock().is_watched = true;
    }

    fn come_back(&self) {
        self.0.lock().is_away = false;
    }
}

/// Asks until the database answers and can be written, and takes note of it.
pub(super) async fn wait_for(connections: Pool, health: Health) {
    loop {
        tokio::time::sleep(AGAIN).await;
        let asked = async {
            let client = connections.get().await.ok()?;
            // A standby that was not promoted answers too.
            let row = client.query_one("SELECT pg_is_in_recovery()", &[]).await.ok()?;
            (!row.get::<_, bool>(0)).then_some(())
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Some(())) => break,
            // Whatever connection that was, it hangs.
            _ => drop(health.leave()),
        }
    }
    health.come_back();
    tracing::info!("the ledger can be reached again");
}
