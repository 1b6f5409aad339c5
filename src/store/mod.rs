//! PostgreSQL: the only place that knows SQL, and the correctness boundary of the engine.
//!
//! Writes go through [`commit`]'s group commit, on connections of its own; reads, keys, claims and stock by hand take a
//! connection of a pool. Every statement of an order's way is prepared once a connection.

pub mod audit;
mod columns;
mod commit;
mod connection;
mod inbox;
mod inventory;
mod listen;
pub mod migrate;
pub mod model;
mod nodes;
mod operator_log;
mod pipeline;
mod queries;
mod rows;
mod statements;
mod work;

pub use commit::CommitQueue;
pub use connection::{ConnectError, DatabaseClock, Target};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, broadcast};
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::faults::Faults;
use crate::limits;
use crate::ports::{
    Claimed, Clock, Done, KeyBinding, KeyClaim, KeyScope, Listing, Node, OperatorRecord, StockChange, StockChanged,
    StockLevel, Store, StoreError, StoredEvents, StoredOrder, Sweep, Write,
};
use crate::saga::{Answer, Client, DeploymentId, Order, OrderId, Sku, Timestamp};
use crate::telemetry::Metrics;

/// How the store is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the database is.
    pub target: Target,
    /// How many connections commit; each has a thread of its own.
    pub committers: usize,
    /// How many connections read.
    pub pool_size: usize,
}

/// The store on PostgreSQL.
pub struct PgStore {
    pool: Pool,
    queue: CommitQueue,
    clock: Arc<DatabaseClock>,
    healthy: Arc<AtomicBool>,
    deployment: DeploymentId,
    metrics: Arc<Metrics>,
    ended: listen::Ended,
    /// Whose turn the next claim is where both are due: those that were claimed before, or fresh ones.
    suspects_next: Arc<AtomicBool>,
    /// Listings that may run at once. One that finds few of many reads for long: so many of them must not keep the others
    /// from a connection.
    listings: Arc<Semaphore>,
    inbox: Arc<inbox::Keeping>,
}

impl PgStore {
    /// Connects, checks that the schema is one that this program may run on and that the server is durable, and
    /// starts the committers. Must be called within a tokio runtime, which goes on to probe the database each second.
    pub async fn open(
        settings: Settings,
        faults: Arc<Faults>,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>, ConnectError> {
        let client = settings.target.connect().await?;
        connection::check_durability(&client).await?;
        let deployment = migrate::check(&client).await?;
        let clock = Arc::new(DatabaseClock::read(&client).await?);
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(settings.target.config(), NoTls, manager_config);
        let wait = Some(settings.target.connect_timeout);
        let pool = Pool::builder(manager)
            .max_size(settings.pool_size)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait, create: wait, recycle: wait })
            .build()
            .map_err(|error| ConnectError::Pool(error.to_string()))?;
        let queue = CommitQueue::start(&settings, faults, Arc::clone(&metrics)).map_err(ConnectError::Thread)?;
        let healthy = Arc::new(AtomicBool::new(true));
        let ended = listen::Ended::new(settings.target.clone());
        let (suspects_next, inbox) = (Arc::default(), Arc::default());
        let listings = Arc::new(Semaphore::new((settings.pool_size / 4).max(1)));
        let store =
            Arc::new(Self { pool, queue, clock, healthy, deployment, metrics, ended, suspects_next, listings, inbox });
        tokio::spawn(connection::probe(Arc::downgrade(&store)));
        tokio::spawn(connection::count(Arc::downgrade(&store)));
        Ok(store)
    }

    /// The name space of this deployment's step keys.
    pub fn deployment(&self) -> DeploymentId {
        self.deployment
    }

    /// The database's time, for stamps.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    /// Ends the committers after what is queued is written, and waits for that, at most `patience`. Called when the
    /// engine is down.
    pub fn close(&self, patience: Duration) {
        self.queue.close(patience);
        self.ended.close();
        self.pool.close();
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        self.estimate()
    }
}

impl Store for PgStore {
    fn commit(&self, write: Write, done: Done) {
        self.queue.push(write, done);
    }

    fn load(&self, id: OrderId) -> BoxFuture<'static, Result<Option<StoredOrder>, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { queries::load(&*client(&pool).await?, &id).await })
    }

    fn find_key(&self, scope: KeyScope) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { queries::find_key(&*client(&pool).await?, &scope).await })
    }

    fn bind_key(&self, claim: KeyClaim) -> BoxFuture<'static, Result<KeyBinding, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { queries::bind_key(&*client(&pool).await?, &claim).await })
    }

    fn unknown_skus(&self, skus: Vec<Sku>) -> BoxFuture<'static, Result<Vec<Sku>, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { queries::unknown_skus(&*client(&pool).await?, skus).await })
    }

    fn list(&self, listing: Listing) -> BoxFuture<'static, Result<Vec<Order>, StoreError>> {
        let (pool, turns) = (self.pool.clone(), Arc::clone(&self.listings));
        Box::pin(async move {
            let turn = tokio::time::timeout(limits::LISTING_TURN, turns.acquire()).await;
            let _turn = turn.map_err(|_| StoreError::Unavailable("too many listings at once".into()))?;
            queries::list(&*client(&pool).await?, &listing).await
        })
    }

    fn events(&self, id: OrderId) -> BoxFuture<'static, Result<Vec<StoredEvents>, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { queries::events(&*client(&pool).await?, &id).await })
    }

    fn stock(&self, sku: Sku) -> BoxFuture<'static, Result<Option<StockLevel>, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { inventory::stock(&*client(&pool).await?, &sku).await })
    }

    fn change_stock(
        &self,
        sku: Sku,
        change: StockChange,
        by: Client,
        render: fn(&StockChanged) -> Answer,
    ) -> BoxFuture<'static, Result<StockChanged, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { inventory::change(&mut *client(&pool).await?, &sku, &change, &by, render).await })
    }

    fn claim(&self, node: Uuid, lease: Duration, limit: i64) -> BoxFuture<'static, Result<Sweep, StoreError>> {
        let (pool, turn, now) = (self.pool.clone(), Arc::clone(&self.suspects_next), self.clock.now());
        let inbox = Arc::clone(&self.inbox);
        Box::pin(async move {
            let mut client = client(&pool).await?;
            inbox.settle(&client).await;
            inbox.purge(&client).await;
            work::claim(&mut client, node, lease, limit, &turn, now).await
        })
    }

    fn postpone(
        &self,
        id: OrderId,
        version: i32,
        attempts: i16,
        pause: Duration,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { work::postpone(&*client(&pool).await?, &id, version, attempts, pause).await })
    }

    fn leave(&self, id: OrderId, version: i32) -> BoxFuture<'static, Result<bool, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { work::leave(&*client(&pool).await?, &id, version).await })
    }

    fn held(&self, id: OrderId, version: i32, node: Uuid) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { work::held(&*client(&pool).await?, &id, version, node).await })
    }

    fn release(&self, node: Uuid) -> BoxFuture<'static, Result<u64, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { work::release(&*client(&pool).await?, node).await })
    }

    fn heartbeat(&self, node: Uuid, name: String, state: &'static str) -> BoxFuture<'static, Result<(), StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { nodes::heartbeat(&*client(&pool).await?, node, &name, state).await })
    }

    fn nodes(&self) -> BoxFuture<'static, Result<Vec<Node>, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { nodes::nodes(&*client(&pool).await?).await })
    }

    fn operator_log(&self, order_id: OrderId) -> BoxFuture<'static, Result<Vec<OperatorRecord>, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move { operator_log::read(&*client(&pool).await?, &order_id).await })
    }

    fn receive_webhook(
        &self,
        participant: &'static str,
        webhook_id: String,
        order_id: Option<OrderId>,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move {
            inbox::receive(&mut *client(&pool).await?, participant, &webhook_id, order_id.as_ref()).await
        })
    }

    fn ended_elsewhere(&self) -> broadcast::Receiver<OrderId> {
        self.ended.subscribe()
    }

    fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }
}

async fn client(pool: &Pool) -> Result<deadpool_postgres::Object, StoreError> {
    pool.get().await.map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// What an error of a read means to the caller: away (try again), or refused.
fn read_error(error: &tokio_postgres::Error) -> StoreError {
    match error.as_db_error() {
        Some(db) if connection::means_away(db.code()) => StoreError::Unavailable(db.to_string()),
        Some(db) => StoreError::Refused(db.to_string()),
        None => StoreError::Unavailable(error.to_string()),
    }
}
