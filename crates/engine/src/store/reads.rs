//! The pool: connections for whatever is no commit. Each is prepared and checked when it is made, and looked at again
//! when something cast doubt on it since.
//!
//! Whoever asked may leave before the answer: a client hangs up, a patience ends. PostgreSQL reads on all the same, so
//! it is told to stop, and the connection is lent to nobody before it has.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts,
};
use tokio::sync::OwnedSemaphorePermit;
use tokio_postgres::error::SqlState;

use super::connection::{ConnectError, Target};
use super::encryption::Encryption;
use super::errors::with_causes;
use super::identity::Watch;
use super::planner::Purpose;
use super::session::{self, Trust};
use crate::ports::StoreError;

#[derive(Clone)]
pub(super) struct ReadPool {
    pool: Pool,
    pub(super) trust: Trust,
    encryption: Encryption,
    /// How long a connection that was left may take to stop, from the wish on.
    patience: Duration,
}

/// A connection that is lent, until it is given [`back`](Lent::back). One that is dropped was left with a question open.
pub(super) struct Lent {
    /// There until it is given back or left.
    object: Option<Object>,
    trust: Trust,
    encryption: Encryption,
    patience: Duration,
    /// The turn of a long read, which lasts as long as PostgreSQL reads.
    turn: Option<OwnedSemaphorePermit>,
}

impl ReadPool {
    /// At most so many connections to the target; none yet.
    pub(super) fn new(target: &Target, watch: Arc<Watch>, size: usize) -> Result<Self, ConnectError> {
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(target.config(), target.encryption(), manager_config);
        let wait = Some(target.connect_timeout);
        let (new, used) = (target.clone(), target.clone());
        let pool = Pool::builder(manager)
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait, create: wait, recycle: wait })
            .post_create(Hook::async_fn(move |client, _| {
                let (target, watch) = (new.clone(), Arc::clone(&watch));
                Box::pin(async move {
                    session::prepare(&target, client).await.map_err(refused)?;
                    let plans = target.planner.sql(Purpose::Reads);
                    client.batch_execute(&plans).await.map_err(ConnectError::Ask).map_err(refused)?;
                    watch.check(client).await.map_err(refused)
                })
            }))
            .pre_recycle(Hook::async_fn(move |client, metrics| {
                let doubted = used.trust.doubts(metrics.recycled.unwrap_or(metrics.created));
                let target = doubted.then(|| used.clone());
                Box::pin(async move {
                    let Some(target) = target else { return Ok(()) };
                    session::check(&target, client).await.map_err(refused)
                })
            }))
            .build()
            .map_err(|error| ConnectError::Pool(error.to_string()))?;
        let patience = target.connect_timeout;
        Ok(Self { pool, trust: target.trust.clone(), encryption: target.encryption(), patience })
    }

    /// A connection, within the time that one may take.
    pub(super) async fn lend(&self) -> Result<Lent, StoreError> {
        let object = self.pool.get().await.map_err(|error| StoreError::Unavailable(with_causes(&error)))?;
        let (trust, encryption) = (self.trust.clone(), self.encryption.clone());
        Ok(Lent { object: Some(object), trust, encryption, patience: self.patience, turn: None })
    }

    /// A connection for a read that may take its time, in its turn.
    pub(super) async fn lend_for_long(&self, turn: OwnedSemaphorePermit) -> Result<Lent, StoreError> {
        let mut lent = self.lend().await?;
        lent.turn = Some(turn);
        Ok(lent)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

fn refused(error: ConnectError) -> HookError {
    tracing::debug!(%error, "a connection of the pool is not to be used");
    HookError::message(error.to_string())
}

impl Lent {
    /// Gives the connection back with what was heard on it. One that could not answer is not lent again, and what
    /// befell it may be true of its brothers: each is looked at before its next use.
    pub(super) fn back<T>(mut self, heard: Result<T, StoreError>) -> Result<T, StoreError> {
        let object = self.object.take();
        if matches!(heard, Err(StoreError::Unavailable(_))) {
            self.trust.doubt();
            drop(object.map(Object::take));
        }
        heard
    }
}

impl Drop for Lent {
    /// Whoever asked is gone, and has not given it back.
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return drop(Object::take(object)) };
        runtime.spawn(leave(Left(Some(object)), self.encryption.clone(), self.turn.take(), self.patience));
    }
}

/// Fails within a transaction that failed.
const STANDS: &str = "SELECT 1";

/// A connection with a question open: no longer one of the pool's, unless it is heard to be through.
struct Left(Option<Object>);

impl Drop for Left {
    fn drop(&mut self) {
        drop(self.0.take().map(Object::take));
    }
}

/// Tells PostgreSQL to stop what nobody waits for, and gives the connection back once it has. A change may be stopped as
/// well as a read: it is done whole or not at all, and nobody was told which. The turn ends with it.
/// The wish is sent as the connection was made: encrypted, where that is. Where the database is silent it is heard by nobody,
/// and its sender not told: what does not stop for as long as a connection may take is given up, and its place is free.
async fn leave(mut left: Left, encryption: Encryption, turn: Option<OwnedSemaphorePermit>, patience: Duration) {
    let Some(object) = &left.0 else { return };
    let through = async {
        if let Err(error) = object.cancel_token().cancel_query(encryption).await {
            tracing::debug!(%error, "a connection that was left cannot be told to stop");
        }
        // Behind whatever is open. The wish to stop may reach this instead, or the end of a transaction, whose failure is
        // then told here.
        match object.simple_query(STANDS).await {
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => object.simple_query(STANDS).await,
            told => told,
        }
    };
    match tokio::time::timeout(patience, through).await {
        Ok(Ok(_)) => drop(left.0.take()),
        Ok(Err(error)) => tracing::debug!(%error, "a connection that was left is not to be used"),
        Err(_elapsed) => tracing::debug!("a connection that was left does not stop: it is not to be used"),
    }
    drop(turn);
}

impl Deref for Lent {
    type Target = ClientWrapper;
    fn deref(&self) -> &ClientWrapper {
        let Some(object) = &self.object else { unreachable!("what is given back or dropped is not used") };
        object
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut ClientWrapper {
        let Some(object) = &mut self.object else { unreachable!("what is given back or dropped is not used") };
        object
    }
}
