//! The pool: connections for whatever is no commit. Each is prepared and checked when it is made, and looked at again
//! when something cast doubt on it since.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::NoTls;

use super::connection::{ConnectError, Target};
use super::identity::Watch;
use super::listing;
use super::session::{self, Trust};
use crate::ports::StoreError;

/// Lends connections.
#[derive(Clone)]
pub(super) struct Reads {
    pool: Pool,
    pub(super) trust: Trust,
}

/// A connection that is lent.
pub(super) struct Lent {
    object: Object,
    trust: Trust,
}

impl Reads {
    /// At most so many connections to the target; none yet.
    pub(super) fn new(target: &Target, watch: Arc<Watch>, size: usize) -> Result<Self, ConnectError> {
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(target.config(), NoTls, manager_config);
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
                    client.batch_execute(listing::PLANS).await.map_err(ConnectError::Ask).map_err(refused)?;
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
        Ok(Self { pool, trust: target.trust.clone() })
    }

    /// A connection, within the time that one may take.
    pub(super) async fn lend(&self) -> Result<Lent, StoreError> {
        let object = self.pool.get().await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Lent { object, trust: self.trust.clone() })
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
    pub(super) fn back<T>(self, heard: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(heard, Err(StoreError::Unavailable(_))) {
            self.trust.doubt();
            drop(Object::take(self.object));
        }
        heard
    }
}

impl Deref for Lent {
    type Target = ClientWrapper;
    fn deref(&self) -> &ClientWrapper {
        &self.object
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut ClientWrapper {
        &mut self.object
    }
}
