//! PostgreSQL: the correctness boundary of the engine, and all of its SQL. (Drills ask the rows by SQL of their own: other eyes.)
//!
//! Writes go through [`commit`]'s group commit, on connections of its own; reads, keys, claims and stock by hand take a
//! connection of a pool. Every statement of an order's way is prepared once a connection.

pub mod adopt;
pub mod audit;
mod clock_step;
mod columns;
mod commit;
mod connection;
pub mod encryption;
mod errors;
pub mod feed;
mod gathered;
mod identity;
mod inbox;
mod inventory;
mod lanes;
mod lease;
mod listen;
mod listing;
mod locked;
#[cfg(feature = "migrate")]
pub mod migrate;
pub mod model;
mod nodes;
#[cfg(feature = "migrate")]
mod one_by_one;
#[cfg_attr(not(feature = "migrate"), allow(dead_code, reason = "migrations build them, and all others ask for them"))]
mod online;
mod operator_log;
pub mod outbox_table;
mod pipeline;
pub mod planner;
pub mod preflight;
pub mod prune;
mod queries;
mod reads;
pub mod relay;
pub mod releases;
mod rows;
pub mod schema;
#[cfg(feature = "migrate")]
mod script;
mod session;
mod statements;
pub mod steady;
pub mod webhooks;
mod work;

pub use commit::CommitQueue;
pub use connection::{ConnectError, DatabaseClock, Target};

use connection::Beat;
use planner::Purpose;
use reads::ReadPool;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use uuid::Uuid;

use identity::Watch;

use crate::faults::Faults;
use crate::limits;
use crate::ports::{
    Claimed, Clock, Done, HandBack, History, KeyBinding, KeyClaim, KeyScope, Listing, Node, NotOurs, OpenWork,
    OperatorAct, OperatorRecord, Page, PutOff, Reads, StockChange, StockChanged, StockEntry, StockListing, StockPage,
    Store, StoreError, StoredEvents, StoredOrder, Survey, Sweep, Walk, Write,
};
use crate::saga::definition::StepEntry;
use crate::saga::{Client, DeploymentId, OrderId, Sku, StockLevel, Timestamp};
use crate::telemetry::Metrics;

/// Every statement that the life of an order is made of, by name and as it is sent: those of its commits, those that put it off,
/// hand it back, set it aside or wake it between them, and those by which it, its key, its history and its goods are looked
/// up. For whoever reads their plans: each reaches the rows of an order, and of its key, by their own keys, and of no other
/// order.
///
/// Not among them is what is about many orders at once, and about none of them: sweeps that find what is due or has come
/// before its order, listings, the feed, audits and retention; nor what asks which lock is in a commit's way.
pub fn order_path() -> Vec<(&'static str, String)> {
    let mut all = statements::listed();
    all.push(("find_commits", commit::orders::FIND_COMMITS.into()));
    all.extend(queries::listed());
    all.push(("operator_log", operator_log::READ.into()));
    all.extend(inventory::listed());
    all.extend(work::listed());
    all.extend(inbox::listed());
    all
}

/// How the store is set up.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Where the database is.
    pub target: Target,
    /// How many connections commit; each has a thread of its own.
    pub committers: usize,
    /// How many connections the pool for reads has.
    pub pool_size: usize,
}

/// The store on PostgreSQL.
pub struct PgStore {
    reads: ReadPool,
    loads: Arc<gathered::Loads>,
    /// For what must go on whoever reads, and however long: the heartbeat, the sweep and the clock. Each has one at most
    /// at a time.
    vital: ReadPool,
    /// For leases and witnesses; none is opened where there is no sink.
    relays: ReadPool,
    /// For feeds: each has a connection of its own.
    target: Target,
    queue: CommitQueue,
    clock: Arc<DatabaseClock>,
    beat: Arc<Beat>,
    deployment: identity::DeploymentRow,
    here: identity::Here,
    watch: Arc<Watch>,
    metrics: Arc<Metrics>,
    ended: listen::Ended,
    /// Whose turn the next claim is where both are due: those that were claimed before, or fresh ones.
    suspects_next: Arc<AtomicBool>,
    /// Whether the indexes of the listings are there.
    indexed: AtomicBool,
    /// Listings and pages of histories that may run at once: so many of them must not keep the others from a connection.
    long_reads: Arc<Semaphore>,
    /// Questions of whoever delivers webhooks that may be asked at once: however many endpoints there are, clients find a
    /// connection.
    deliveries: Arc<Semaphore>,
    inbox: Arc<inbox::Keeping>,
    clock_steps: Arc<clock_step::ClockSteps>,
    releases: Arc<releases::Releases>,
}

impl PgStore {
    /// Connects, checks that the sessions are its own, that the server is one to be trusted and the schema one that this
    /// program may run on, and starts the committers. Must be called within a tokio runtime, which goes on to ask the
    /// database for its time each second, and for orders that are read: it must be driven for as long as the store is used.
    pub async fn open(
        settings: StoreSettings,
        faults: Arc<Faults>,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>, ConnectError> {
        let target = &settings.target;
        target.check_sessions().await?;
        let client = target.connect().await?;
        let releases = Arc::<releases::Releases>::default();
        let asked = async {
            schema::check(&client).await?;
            target.planner.check(&Purpose::ALL, &client).await?;
            releases.reread(&client).await.map_err(ConnectError::Ask)?;
            let deployment = identity::record(&client).await.map_err(ConnectError::Ask)?;
            let here = identity::here(&client).await.map_err(ConnectError::Ask)?;
            let indexed = online::are_built(&client).await.map_err(ConnectError::Ask)?;
            Ok::<_, ConnectError>((deployment, here, DatabaseClock::read(&client).await?, indexed))
        };
        let asked = tokio::time::timeout(target.connect_timeout, asked).await;
        let (deployment, here, clock, indexed) = asked.map_err(|_| ConnectError::Silent(target.connect_timeout))??;
        let clock = Arc::new(clock);
        let watch = Arc::new(Watch::new(&deployment, here.clone()));
        let reads = ReadPool::new(target, Arc::clone(&watch), settings.pool_size)?;
        let vital = ReadPool::new(target, Arc::clone(&watch), limits::VITAL_CONNECTIONS)?;
        let relays = ReadPool::new(target, Arc::clone(&watch), limits::RELAY_CONNECTIONS)?;
        if !indexed {
            tracing::warn!("listings wait for an index that is not there: run `counterfoil migrate`");
        }
        let queue = CommitQueue::start(&settings, Arc::clone(&watch), faults, Arc::clone(&metrics))
            .map_err(ConnectError::Thread)?;
        let store = Arc::new(Self {
            loads: gathered::Loads::new(reads.clone(), target),
            reads,
            vital,
            relays,
            target: target.clone(),
            queue,
            clock,
            beat: Arc::new(Beat::new()),
            deployment,
            here,
            watch,
            metrics,
            ended: listen::Ended::new(target.clone()),
            suspects_next: Arc::default(),
            indexed: AtomicBool::new(indexed),
            long_reads: Arc::new(Semaphore::new(limits::long_reads(settings.pool_size))),
            deliveries: Arc::new(Semaphore::new(limits::long_reads(settings.pool_size))),
            inbox: Arc::default(),
            clock_steps: Arc::default(),
            releases,
        });
        tokio::spawn(connection::probe(Arc::downgrade(&store)));
        tokio::spawn(connection::count(Arc::downgrade(&store)));
        Ok(store)
    }

    /// The name space of this deployment's step keys.
    pub fn deployment(&self) -> DeploymentId {
        self.deployment.deployment
    }

    /// What this deployment is called, where nobody gave it a name too.
    pub fn deployment_name(&self) -> &str {
        self.deployment.name.as_deref().unwrap_or(limits::DEPLOYMENT)
    }

    /// Whether events may be published from here, by an engine that is configured as the deployment of this name: not where
    /// this is known to be a copy of the database that its deployment lives in. Its endpoints are the other's.
    pub fn may_publish(&self, deployment: &str) -> Result<(), NotOurs> {
        let nobody_knows = self.deployment.lives.is_none() || self.here.system_identifier.is_none();
        if nobody_knows && self.deployment.adopting.is_none() {
            return Ok(());
        }
        self.deployment.judge(&self.here, deployment)
    }

    /// The database's time, for stamps.
    pub fn clock(&self) -> Arc<dyn Clock> {
        let clock = Arc::clone(&self.clock);
        match self.deployment.cloned_at {
            Some(cloned_at) => Arc::new(identity::After { clock, cloned_at }),
            None => clock,
        }
    }

    /// Ends the committers after what is queued is written, and waits for that, at most `patience`. Called when the
    /// engine is down.
    pub fn close(&self, patience: Duration) {
        self.queue.close(patience);
        self.ended.close();
        self.vital.close();
        self.relays.close();
        self.reads.close();
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        self.estimate()
    }
}

impl Store for PgStore {
    fn drive_remote(&self, deployment: &str) -> Result<(), NotOurs> {
        self.deployment.judge(&self.here, deployment)?;
        self.watch.begin();
        Ok(())
    }

    fn excludes_programs_before(&self, version: &str) -> bool {
        self.releases.exclude(version)
    }

    fn commit(&self, write: Write, done: Done) {
        self.queue.push(write, done);
    }

    fn survey(
        &self,
        id: OrderId,
        scope: Option<KeyScope>,
        skus: Vec<Sku>,
    ) -> BoxFuture<'static, Result<Survey, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = queries::survey(&client, &reads.trust, &id, scope.as_ref(), skus).await;
            client.back(heard)
        })
    }

    fn skus(&self, after: Option<Sku>) -> BoxFuture<'static, Result<Vec<Sku>, StoreError>> {
        let (reads, turns) = (self.reads.clone(), Arc::clone(&self.long_reads));
        Box::pin(async move {
            let client = reads.lend_for_long(long_read(turns).await?).await?;
            let heard = inventory::skus(&client, after.as_ref()).await;
            client.back(heard)
        })
    }

    fn find_key(&self, scope: KeyScope) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = queries::find_key(&client, &scope).await;
            client.back(heard)
        })
    }

    fn bind_key(&self, claim: KeyClaim) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = queries::bind_key(&client, &claim).await;
            client.back(heard)
        })
    }

    fn change_stock(
        &self,
        sku: Sku,
        change: StockChange,
        by: Client,
    ) -> BoxFuture<'static, Result<StockChanged, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let mut client = reads.lend().await?;
            let heard = inventory::change(&mut client, &reads.trust, &sku, &change, &by).await;
            client.back(heard)
        })
    }

    fn claim(&self, node: Uuid, lease: Duration, limit: i64) -> BoxFuture<'static, Result<Sweep, StoreError>> {
        let (reads, turn, now) = (self.vital.clone(), Arc::clone(&self.suspects_next), self.clock.now());
        let (inbox, clock_steps) = (Arc::clone(&self.inbox), Arc::clone(&self.clock_steps));
        Box::pin(async move {
            let mut client = reads.lend().await?;
            inbox.settle(&client).await;
            inbox.purge(&client).await;
            // What is due is claimed all the same.
            if let Err(error) = clock_steps.put_right(&client, node, lease).await {
                tracing::warn!(%error, "it could not be looked whether the clock was set back");
            }
            let heard = work::claim(&mut client, node, lease, limit, &turn, now).await;
            client.back(heard)
        })
    }

    fn postpone(&self, id: OrderId, off: PutOff) -> BoxFuture<'static, Result<bool, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = work::postpone(&client, &id, &off).await;
            client.back(heard)
        })
    }

    fn leave(&self, id: OrderId, version: i32) -> BoxFuture<'static, Result<bool, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = work::leave(&client, &id, version).await;
            client.back(heard)
        })
    }

    fn hand_back(&self, id: OrderId, back: HandBack) -> BoxFuture<'static, Result<bool, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = work::hand_back(&client, &id, &back).await;
            client.back(heard)
        })
    }

    fn held(&self, id: OrderId, version: i32, node: Uuid) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = work::held(&client, &id, version, node).await;
            client.back(heard)
        })
    }

    fn release(&self, node: Uuid) -> BoxFuture<'static, Result<u64, StoreError>> {
        let reads = self.vital.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = work::release(&client, node).await;
            client.back(heard)
        })
    }

    fn heartbeat(&self, node: Uuid, name: String, state: &'static str) -> BoxFuture<'static, Result<(), StoreError>> {
        let (reads, beat) = (self.vital.clone(), Arc::clone(&self.beat));
        Box::pin(async move {
            let written = async {
                let client = reads.lend().await?;
                let heard = nodes::heartbeat(&client, node, &name, state).await;
                client.back(heard)
            };
            let outcome = written.await;
            beat.heard(&outcome);
            outcome
        })
    }

    fn tell_steps(&self, node: Uuid, steps: Vec<StepEntry>) -> BoxFuture<'static, Result<Vec<StepEntry>, StoreError>> {
        let reads = self.vital.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = nodes::tell_steps(&client, node, &steps).await;
            client.back(heard)
        })
    }

    fn receive_webhook(
        &self,
        participant: String,
        webhook_id: String,
        order_id: Option<OrderId>,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let mut client = reads.lend().await?;
            let heard = inbox::receive(&mut client, &participant, &webhook_id, order_id.as_ref()).await;
            client.back(heard)
        })
    }

    fn ended_elsewhere(&self) -> broadcast::Receiver<OrderId> {
        self.ended.subscribe()
    }
}

impl Reads for PgStore {
    fn load(&self, id: OrderId) -> BoxFuture<'static, Result<Option<StoredOrder>, StoreError>> {
        Box::pin(Arc::clone(&self.loads).load(id))
    }

    fn unknown_skus(&self, skus: Vec<Sku>) -> BoxFuture<'static, Result<Vec<Sku>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = queries::unknown_skus(&client, &reads.trust, skus).await;
            client.back(heard)
        })
    }

    fn list(&self, listing: Listing) -> BoxFuture<'static, Result<Page, StoreError>> {
        let (reads, turns, indexed) = (self.reads.clone(), Arc::clone(&self.long_reads), self.lists_all());
        Box::pin(async move {
            if !indexed && !matches!(listing.walk(), Walk::Orders | Walk::InFlight) {
                let why = "an index of the listings is not there yet: run `counterfoil migrate`";
                return Err(StoreError::Unavailable(why.into()));
            }
            let client = reads.lend_for_long(long_read(turns).await?).await?;
            let heard = listing::list(&client, &reads.trust, &listing).await;
            client.back(heard)
        })
    }

    fn history(&self, id: OrderId, after: i32) -> BoxFuture<'static, Result<History, StoreError>> {
        let (reads, turns) = (self.reads.clone(), Arc::clone(&self.long_reads));
        Box::pin(async move {
            let client = reads.lend_for_long(long_read(turns).await?).await?;
            let heard = queries::history(&client, &reads.trust, &id, after).await;
            client.back(heard)
        })
    }

    fn lists_all(&self) -> bool {
        self.indexed.load(Ordering::Relaxed)
    }

    fn events(&self, id: OrderId) -> BoxFuture<'static, Result<Vec<StoredEvents>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = queries::events(&client, &reads.trust, &id).await;
            client.back(heard)
        })
    }

    fn stock(&self, sku: Sku) -> BoxFuture<'static, Result<Option<StockLevel>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = inventory::stock(&client, &reads.trust, &sku).await;
            client.back(heard)
        })
    }

    fn stock_page(&self, listing: StockListing) -> BoxFuture<'static, Result<StockPage, StoreError>> {
        let (reads, turns) = (self.reads.clone(), Arc::clone(&self.long_reads));
        Box::pin(async move {
            let client = reads.lend_for_long(long_read(turns).await?).await?;
            let heard = inventory::page(&client, &reads.trust, &listing).await;
            client.back(heard)
        })
    }

    fn stock_journal(
        &self,
        sku: Sku,
        before: Option<(Timestamp, Uuid)>,
        limit: i64,
    ) -> BoxFuture<'static, Result<Vec<StockEntry>, StoreError>> {
        let (reads, turns) = (self.reads.clone(), Arc::clone(&self.long_reads));
        Box::pin(async move {
            let client = reads.lend_for_long(long_read(turns).await?).await?;
            let heard = inventory::journal(&client, &sku, before, limit).await;
            client.back(heard)
        })
    }

    fn open_work(&self, id: OrderId) -> BoxFuture<'static, Result<Option<OpenWork>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = work::open(&client, &id).await;
            client.back(heard)
        })
    }

    fn nodes(&self) -> BoxFuture<'static, Result<Vec<Node>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = nodes::nodes(&client).await;
            client.back(heard)
        })
    }

    fn operator_log(&self, order_id: OrderId) -> BoxFuture<'static, Result<Vec<OperatorRecord>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = operator_log::read(&client, &order_id).await;
            client.back(heard)
        })
    }

    fn operator_acts(
        &self,
        before: Option<(Timestamp, Uuid)>,
        limit: i64,
    ) -> BoxFuture<'static, Result<Vec<OperatorAct>, StoreError>> {
        let (reads, turns) = (self.reads.clone(), Arc::clone(&self.long_reads));
        Box::pin(async move {
            let client = reads.lend_for_long(long_read(turns).await?).await?;
            let heard = operator_log::read_all(&client, before, limit).await;
            client.back(heard)
        })
    }

    fn is_healthy(&self) -> bool {
        self.beat.is_fresh()
    }
}

/// A turn of a read that may take its time.
async fn long_read(turns: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    let turn = tokio::time::timeout(limits::LISTING_TURN, turns.acquire_owned()).await;
    turn.ok().and_then(Result::ok).ok_or_else(|| StoreError::Unavailable("too many listings at once".into()))
}

/// What an error means to the caller: nothing of what was asked, which may be asked again; or a refusal of it.
fn read_error(error: &tokio_postgres::Error) -> StoreError {
    match error.as_db_error() {
        Some(db) if connection::is_passing(db.code()) => StoreError::Unavailable(db.to_string()),
        Some(db) => StoreError::Refused(db.to_string()),
        None => StoreError::Unavailable(errors::with_causes(error)),
    }
}
