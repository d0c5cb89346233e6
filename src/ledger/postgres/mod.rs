//! The ledger in PostgreSQL, which several nodes share.
//!
//! Here the database gives out the numbers, in statements that no two nodes can disagree about; a node's memory only knows what
//! it was told. While the database is away that is known, and nobody waits for it.

mod calls;
mod classes;
mod health;
mod holders;
mod lease;
mod leases;
mod numbers;
mod place;
mod reads;
mod removal;
mod store;
mod tables;
mod turns;
mod visits;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::error::SqlState;

use health::Health;
pub use leases::{Asked, Given, Giving, Leases};
pub use numbers::{Held, PoolId, Standing, Wanted};
use place::said;
pub use place::{Place, PlaceError, ReachError};
pub(super) use store::PostgresStore;

/// Connections of a node at most.
const CONNECTIONS: usize = 8;

/// Nobody who looks something up waits for longer, and who writes knows after that time that the database is away.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// What was begun is waited for that much longer: it may have happened.
const DOUBT: Duration = Duration::from_secs(4);

/// A database that is reached, or was when the program started.
#[derive(Clone)]
pub struct Database {
    connections: Pool,
    health: Health,
}

/// The database can't do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the database is away")]
    Away,
    #[error("the database has not answered in time")]
    Late,
    #[error("{}", said(.0))]
    Failed(#[from] tokio_postgres::Error),
    #[error("no connection to the database: {0}")]
    Unreachable(String),
    #[error("what the database holds is none of ours: {0}")]
    Foreign(String),
}

/// The database can't be used as a ledger.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("the ledger {0} can't be reached: {1}")]
    Reach(Arc<str>, #[source] ReachError),
    #[error(
        "the ledger {0} can't be used: {1}; the database must be there, and its user may make tables in it"
    )]
    Database(Arc<str>, #[source] DatabaseError),
    #[error("the ledger {0} was written by a newer dni-edge (tables {1}, this one knows {known}); start that version", known = tables::VERSION)]
    Newer(Arc<str>, i64),
    #[error("the ledger {0} was made with another secret; all nodes need the secret that it was made with")]
    OtherSecret(Arc<str>),
    #[error("the ledger's thread can't be started: {0}")]
    Thread(#[source] std::io::Error),
    #[error("there is no ledger in {0}; serve makes it when it first starts")]
    Absent(Arc<str>),
    #[error(
        "the ledger {0} is of an older dni-edge (tables {1}, this one reads {known}); serve brings it up to date when it starts",
        known = tables::VERSION
    )]
    Older(Arc<str>, i64),
    #[error(
        "the ledger {0} is reached through a pooler that loses prepared statements; with PgBouncer set max_prepared_statements \
         (1.21 or later), or pool_mode = session, or connect without it"
    )]
    Pooler(Arc<str>),
}

impl Database {
    /// Reaches the database, makes its tables or brings them up to date, and sees that it is ours.
    ///
    /// # Errors
    /// [`ConnectError`]; nothing has been changed then.
    pub async fn open(place: &Place, fingerprint: &[u8; 16]) -> Result<Self, ConnectError> {
        let database = Database::reach(place)?;
        if !database.keeps_statements().await.map_err(|error| ConnectError::Database(place.name(), error))? {
            return Err(ConnectError::Pooler(place.name()));
        }
        tables::bring_up_to_date(&database, place, fingerprint).await?;
        database.health.watch();
        Ok(database)
    }

    /// Reaches a ledger that is there, and of this version, beside the nodes that use it.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn beside(place: &Place) -> Result<Self, ConnectError> {
        let database = Database::reach(place)?;
        tables::require_current(&database, place).await?;
        Ok(database)
    }

    fn reach(place: &Place) -> Result<Self, ConnectError> {
        let failed = |error| ConnectError::Reach(place.name(), error);
        let mut connection = place.connection().map_err(failed)?;
        connection.connect_timeout(PATIENCE).tcp_user_timeout(PATIENCE + DOUBT);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(connection, place.tls().map_err(failed)?, recycling);
        let health = Health::default();
        let known = health.clone();
        let connections = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) })
            .pre_recycle(Hook::sync_fn(move |_, metrics| match known.trusts(metrics.created) {
                true => Ok(()),
                false => Err(HookError::message("it is older than the database's last absence")),
            }))
            .build()
            .expect("its timeouts have a runtime");
        Ok(Database { connections, health })
    }

    /// Whether a statement that was prepared on a connection is still there in its next transaction. A pooler may have lent
    /// the server's connection to somebody else meanwhile.
    async fn keeps_statements(&self) -> Result<bool, DatabaseError> {
        let (first, mut second) = (self.client().await?, self.client().await?);
        self.read(async {
            let prepared = first.prepare("SELECT 1").await?;
            let in_between = second.transaction().await?;
            in_between.batch_execute("SELECT 1").await?;
            let kept = first.query(&prepared, &[]).await;
            in_between.rollback().await?;
            match kept {
                Err(error) if error.code() == Some(&SqlState::INVALID_SQL_STATEMENT_NAME) => Ok(false),
                kept => kept.map(|_| true),
            }
        })
        .await
    }

    pub fn is_known_to_be_away(&self) -> bool {
        self.health.is_away()
    }

    /// A connection, unless the database is known to be away.
    pub(super) async fn client(&self) -> Result<deadpool_postgres::Client, DatabaseError> {
        if self.is_known_to_be_away() {
            return Err(DatabaseError::Away);
        }
        self.connections.get().await.map_err(|error| {
            let error = match error {
                PoolError::Backend(error) => DatabaseError::Unreachable(said(&error)),
                error => DatabaseError::Unreachable(error.to_string()),
            };
            self.is_away(&error);
            error
        })
    }

    /// Waits for what is looked up, and no longer than anybody should.
    pub(super) async fn read<T>(
        &self,
        lookup: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DatabaseError> {
        match tokio::time::timeout(PATIENCE, lookup).await {
            Ok(done) => self.noticed(done.map_err(DatabaseError::Failed)),
            Err(_) => self.noticed(Err(DatabaseError::Late)),
        }
    }

    /// Waits for what is written: longer than for what is read, since it may happen all the same; but after the same time the
    /// database counts as away.
    pub(super) async fn write<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DatabaseError> {
        tokio::pin!(work);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
            return self.noticed(done.map_err(DatabaseError::Failed));
        }
        self.is_away(&DatabaseError::Late);
        match tokio::time::timeout(DOUBT, work).await {
            Ok(done) => done.map_err(DatabaseError::Failed),
            Err(_) => Err(DatabaseError::Late),
        }
    }

    fn noticed<T>(&self, outcome: Result<T, DatabaseError>) -> Result<T, DatabaseError> {
        if let Err(error) = &outcome
            && error.is_absence()
        {
            self.is_away(error);
        }
        outcome
    }

    /// From here on nobody waits for the database, until it answers again.
    fn is_away(&self, error: &DatabaseError) {
        if self.health.leave() {
            tracing::error!(
                "the ledger can't be reached: {error}; pages go on with numbers that visitors have already, or canonical ones"
            );
            tokio::spawn(health::wait_for(self.connections.clone(), self.health.clone()));
        }
    }
}

impl DatabaseError {
    /// Whether the database itself is away, and not only this one thing wrong.
    fn is_absence(&self) -> bool {
        match self {
            DatabaseError::Failed(error) => error.as_db_error().is_none_or(|told| {
                [
                    SqlState::ADMIN_SHUTDOWN,
                    SqlState::CRASH_SHUTDOWN,
                    SqlState::CANNOT_CONNECT_NOW,
                    SqlState::READ_ONLY_SQL_TRANSACTION,
                    SqlState::DISK_FULL,
                ]
                .contains(told.code())
            }),
            DatabaseError::Late | DatabaseError::Unreachable(_) => true,
            DatabaseError::Away | DatabaseError::Foreign(_) => false,
        }
    }
}
