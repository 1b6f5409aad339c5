//! The lease of whoever publishes, and why it does not go on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::relay::Database;
use super::sink::SinkError;
use crate::limits;
use crate::ports::StoreError;
use crate::ports::feed::FeedError;
use crate::ports::lease::Held;
use crate::ports::relay::Witness;

/// Why it does not go on as it is.
#[derive(Debug)]
pub(super) enum End {
    /// Another engine has the lease.
    Elsewhere,
    /// It had it, and another one has it now.
    Lost,
    /// Something is away, or its outcome unknown: it begins anew.
    Again(String),
    /// Only a human helps.
    Stopped(String),
    /// The sink has other parts than this engine's configuration says, or has yet to begin with those.
    Waits(String),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(_) => Self::Stopped(error.to_string()),
            error => Self::Again(error.to_string()),
        }
    }
}

impl From<FeedError> for End {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Store(error) => error.into(),
            FeedError::Another(_) => Self::Stopped(format!(
                "{error}; once it is known what consumers have: `counterfoil outbox replay --from`"
            )),
        }
    }
}

/// The relay's lease: renewed while it is used, also beside what takes its time.
pub(super) struct Lease {
    pub(super) held: Held,
    renewed: Instant,
    database: Arc<dyn Database>,
}

impl Lease {
    /// Takes it; the caller asks for it by a name that nobody else of its engine asks for.
    pub(super) async fn hold(database: &Arc<dyn Database>, name: &str, node: Uuid) -> Result<Self, End> {
        let asked = Instant::now();
        let held = in_time(database.hold(name, node, limits::RELAY_LEASE)).await??;
        Ok(Self { held: held.ok_or(End::Elsewhere)?, renewed: asked, database: Arc::clone(database) })
    }

    /// Gives it up, for the next one to take at once.
    pub(super) async fn release(&self) {
        let _for_people = tokio::time::timeout(limits::RELAY_RENEWAL, self.database.release(&self.held)).await;
    }

    pub(super) async fn keep(&mut self) -> Result<(), End> {
        if self.renewed.elapsed() < limits::RELAY_RENEWAL { Ok(()) } else { self.renew().await }
    }

    pub(super) async fn renew(&mut self) -> Result<(), End> {
        let asked = Instant::now();
        if !in_time(self.database.renew(&self.held)).await?? {
            return Err(End::Lost);
        }
        self.renewed = asked;
        Ok(())
    }

    /// What something tells that may take its time. A lease that cannot be renewed ends it: where the database is away it
    /// is given up only once it has ended.
    pub(super) async fn beside<T>(&mut self, work: impl Future<Output = T>) -> Result<T, End> {
        tokio::pin!(work);
        loop {
            match tokio::time::timeout(limits::RELAY_RENEWAL, &mut work).await {
                Ok(done) => return Ok(done),
                Err(_elapsed) => match self.keep().await {
                    Err(End::Again(reason)) if self.renewed.elapsed() >= limits::RELAY_LEASE => {
                        return Err(End::Again(reason));
                    }
                    Ok(()) | Err(End::Again(_)) => {}
                    Err(end) => return Err(end),
                },
            }
        }
    }

    /// What the database tells; see [`in_time`].
    pub(super) async fn ask<T, E>(&mut self, told: impl Future<Output = Result<T, E>>) -> Result<T, End>
    where
        End: From<E>,
    {
        Ok(self.beside(in_time(told)).await???)
    }

    pub(super) async fn attest(&self, witness: &Witness) -> Result<(), End> {
        if in_time(self.database.attest(&self.held, witness)).await?? { Ok(()) } else { Err(End::Lost) }
    }
}

/// What the database tells, unless it is silent for so long that nobody is there: the connection is given up.
pub(super) async fn in_time<T>(told: impl Future<Output = T>) -> Result<T, End> {
    let told = tokio::time::timeout(limits::RELAY_PATIENCE, told).await;
    told.map_err(|_| End::Again(format!("the database says nothing for {} s", limits::RELAY_PATIENCE.as_secs())))
}

pub(super) fn ended(error: SinkError) -> End {
    match error {
        SinkError::NotTaken(reason) | SinkError::Unknown(reason) => End::Again(reason),
        SinkError::Fenced(_) => End::Again(error.to_string()),
        SinkError::Refused { ref id, .. } => {
            End::Stopped(format!("{error}; `counterfoil outbox skip {id}` passes over it, and says so"))
        }
        SinkError::Unfit(reason) => End::Stopped(reason),
    }
}

/// A pause drawn at random, from half of this one to all of it.
pub(super) fn at_random(pause: Duration) -> Duration {
    let [byte, ..] = *Uuid::new_v4().as_bytes();
    pause / 2 + pause / 2 * u32::from(byte) / 255
}
