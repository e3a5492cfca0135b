//! Bells between daemons that share a PostgreSQL database: whoever changed what others wait for rings,
//! and they look at once. A bell may be lost; all who listen look now and then besides.

use std::time::Duration;

use sqlx::postgres::PgListener;

use super::{Db, Result, Tx};

/// The channel of LISTEN and NOTIFY.
const CHANNEL: &str = "newsletterd";
/// After a server that could not be reached.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Where the bells of other daemons are heard.
pub struct Bells(Option<PgListener>);

impl Tx {
    /// Rings for all daemons when this transaction is committed, and not at all when it is not. On
    /// SQLite there is only one that could hear it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ring(&mut self) -> Result<()> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

impl Db {
    /// Begins to listen: what rings from now on is heard. Look after this, not before, or what
    /// changes in between is seen late. Holds one connection.
    ///
    /// # Errors
    /// What the database says.
    pub async fn listen(&self) -> Result<Bells> {
        let Self::Postgres(pool) = self else { return Ok(Bells(None)) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Bells(Some(listener)))
    }
}

impl Bells {
    /// Waits for the next bell. A connection that broke and stands again counts as one, since what
    /// rang in between is not known. On SQLite it never comes.
    pub async fn next(&mut self) {
        let Some(listener) = &mut self.0 else { return std::future::pending().await };
        loop {
            match listener.try_recv().await {
                Ok(_) => return,
                Err(error) => {
                    tracing::debug!("the bells of other daemons cannot be heard: {error}");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        }
    }
}
