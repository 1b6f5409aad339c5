//! What the engine needs from outside, as traits: a [`Store`], a [`Clock`] and [`RemoteParticipants`]. Two stores pass
//! the same conformance suite: PostgreSQL, and the in-memory reference that the simulator runs on.

pub mod feed;
mod history;
mod keys;
pub mod lease;
mod listing;
mod participants;
mod reads;
pub mod relay;
pub mod webhooks;
mod work;
mod write;

pub use history::{History, PrunedTo};
pub use keys::{KeyBinding, KeyClaim, KeyScope, SUBMIT_ROUTE, Survey};
pub use listing::{Listing, Page, Place, Walk};
pub use participants::{Called, Cause, ParticipantHealth, Presence, RemoteParticipants, Testimony, Told};
pub use reads::{
    OperatorAct, OperatorRecord, StockChange, StockChanged, StockEntry, StockListing, StockPage, StoreError,
    StoredEvents, StoredOrder,
};
pub use work::{Claimed, Deadline, Driver, HandBack, Intent, Left, Node, OpenWork, PutOff, SetAside, Sweep, Work};
pub use write::{
    Advance, CommitError, CommitResult, Committed, Does, Done, Guard, OperatorEntry, Settled, Trouble, Write,
};

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::saga::definition::StepEntry;
use crate::saga::{Client, OrderId, Sku, StockLevel, Timestamp};

/// Why the remote participants of a deployment must not be spoken to from a store's database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotOurs(pub String);

/// What is read of the durable store without changing it: for whoever shows orders, stock and engines. Every method may fail.
pub trait Reads: Send + Sync + 'static {
    /// The order of this id; `None` where there is none.
    fn load(&self, id: OrderId) -> BoxFuture<'static, Result<Option<StoredOrder>, StoreError>>;

    /// Which of these SKUs inventory does not know, in the order given.
    fn unknown_skus(&self, skus: Vec<Sku>) -> BoxFuture<'static, Result<Vec<Sku>, StoreError>>;

    /// A page of orders. What it reads is bounded, whatever there is: it may end early, or find nothing, and lead on.
    fn list(&self, listing: Listing) -> BoxFuture<'static, Result<Page, StoreError>>;

    /// The history of an order, in order, as far as it is there; empty where there is none.
    fn events(&self, id: OrderId) -> BoxFuture<'static, Result<Vec<StoredEvents>, StoreError>>;

    /// A stretch of the history of an order: the commits that hold events behind version `after`, the first of them also
    /// where it begins before, as many as a page may hold; empty where there are none.
    fn history(&self, id: OrderId, after: i32) -> BoxFuture<'static, Result<History, StoreError>>;

    /// Whether every listing can be had: one that would have to read all orders is refused meanwhile.
    fn lists_all(&self) -> bool {
        true
    }

    /// The stock of a SKU; `None` where inventory does not know it.
    fn stock(&self, sku: Sku) -> BoxFuture<'static, Result<Option<StockLevel>, StoreError>>;

    /// A page of the stock of many SKUs. What it reads is bounded: it may end early, or find nothing, and lead on.
    fn stock_page(&self, listing: StockListing) -> BoxFuture<'static, Result<StockPage, StoreError>>;

    /// The latest changes of a SKU's stock that no shipment made, before the entry of this moment and name; at most so many, the
    /// latest first. A store may keep none.
    fn stock_journal(
        &self,
        _sku: Sku,
        _before: Option<(Timestamp, Uuid)>,
        _limit: i64,
    ) -> BoxFuture<'static, Result<Vec<StockEntry>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// What is left to be done about an order; `None` where nothing is.
    fn open_work(&self, id: OrderId) -> BoxFuture<'static, Result<Option<OpenWork>, StoreError>>;

    /// The nodes on this database.
    fn nodes(&self) -> BoxFuture<'static, Result<Vec<Node>, StoreError>>;

    /// What operators did to an order, in order; the latest [`crate::limits::OPERATOR_LOG`] entries.
    fn operator_log(&self, order_id: OrderId) -> BoxFuture<'static, Result<Vec<OperatorRecord>, StoreError>>;

    /// What operators did to all orders, the latest first: before the entry of this moment and name, at most so many. A store may
    /// keep it for each order alone.
    fn operator_acts(
        &self,
        _before: Option<(Timestamp, Uuid)>,
        _limit: i64,
    ) -> BoxFuture<'static, Result<Vec<OperatorAct>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// Whether the database takes writes: the last heartbeat was written, and not long ago.
    fn is_healthy(&self) -> bool;
}

/// The durable store, as the engine drives orders by it. Every method may fail, and none leaves anything partial.
pub trait Store: Reads {
    /// Whether this is the database that its deployment lives in, and not a copy of it: asked before remote participants
    /// are spoken to, by an engine that is configured as the deployment of this name. A store that can tell goes on to
    /// see to it, connection by connection.
    fn drive_remote(&self, _deployment: &str) -> Result<(), NotOurs> {
        Ok(())
    }

    /// Whether no program before this version may run on the store's database, or does: what those cannot read may be
    /// written then. It is so for a store of this program alone.
    fn excludes_programs_before(&self, _version: &str) -> bool {
        true
    }

    /// Stores a write, together with whatever else is queued, and calls `done` after COMMIT.
    fn commit(&self, write: Write, done: Done);

    /// All that is asked before an order is placed that cannot be placed unseen, at once: each part as by itself, and no two of
    /// them at the same moment.
    fn survey(
        &self,
        id: OrderId,
        scope: Option<KeyScope>,
        skus: Vec<Sku>,
    ) -> BoxFuture<'static, Result<Survey, StoreError>>;

    /// SKUs that inventory knows, behind this one by name, some of them at a time: what an engine that starts learns by heart. A
    /// store may have none to tell.
    fn skus(&self, _after: Option<Sku>) -> BoxFuture<'static, Result<Vec<Sku>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// What a key is bound to.
    fn find_key(&self, scope: KeyScope) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>>;

    /// Binds a key to an order that exists; the binding that stands afterwards, which may be an older one. `None` where it
    /// has none, since the order has as many later keys as are bound ([`crate::limits::LATER_KEYS`]).
    fn bind_key(&self, claim: KeyClaim) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>>;

    /// Changes stock by hand, in one transaction with its journal entry and, for an adjustment, its key and its
    /// [answer](crate::saga::stock).
    fn change_stock(
        &self,
        sku: Sku,
        change: StockChange,
        by: Client,
    ) -> BoxFuture<'static, Result<StockChanged, StoreError>>;

    /// Claims orders that are due, at most `limit`: from now on they are `node`'s for `lease`. The claim itself counts, unless
    /// the claimer before is alive, whom the order has not killed; progress resets the count; an order that was claimed without progress before is claimed alone, and after
    /// [`crate::limits::CLAIMS`] such claims it is set aside.
    fn claim(&self, node: Uuid, lease: Duration, limit: i64) -> BoxFuture<'static, Result<Sweep, StoreError>>;

    /// Leaves an order to be claimed after a pause: its call has no answer that counts. `false` where the order moved on
    /// meanwhile.
    fn postpone(&self, id: OrderId, off: PutOff) -> BoxFuture<'static, Result<bool, StoreError>>;

    /// Leaves an order, which still has this version and with which nothing is to be done, until its deadline: at once,
    /// where that passed since the order was claimed, or a participant told meanwhile that something happened. `false`
    /// where the order moved on.
    fn leave(&self, id: OrderId, version: i32) -> BoxFuture<'static, Result<bool, StoreError>>;

    /// Gives an order back: it is claimed again after a pause. `false` where the node holds it no longer.
    fn hand_back(&self, id: OrderId, back: HandBack) -> BoxFuture<'static, Result<bool, StoreError>>;

    /// What a claim would tell of an order that `node` holds, by a lease that has not ended, at this version: of its own
    /// commit, which took the order from whoever held it before. `None` where that is over, or another has it.
    fn held(&self, id: OrderId, version: i32, node: Uuid) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>>;

    /// Makes every order that `node` holds claimable at once; how many.
    fn release(&self, node: Uuid) -> BoxFuture<'static, Result<u64, StoreError>>;

    /// Tells that a node lives, under which state; forgets those that are gone for a day.
    fn heartbeat(&self, node: Uuid, name: String, state: &'static str) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Tells which steps of one's own a node has entries for, and hears which of them all others that live have.
    fn tell_steps(&self, node: Uuid, steps: Vec<StepEntry>) -> BoxFuture<'static, Result<Vec<StepEntry>, StoreError>>;

    /// Keeps what a participant told by webhook, and has somebody look after its order; `false` where this webhook was
    /// kept before. One that comes before its order is known stays parked until that is there. `order_id` is absent
    /// where it names no order that could be ours. Once this returns, the notice outlives a crash.
    fn receive_webhook(
        &self,
        participant: String,
        webhook_id: String,
        order_id: Option<OrderId>,
    ) -> BoxFuture<'static, Result<bool, StoreError>>;

    /// Orders that ended, or got their final answer, in another engine on the same database. Some may be missed: who
    /// waits looks for itself from time to time.
    fn ended_elsewhere(&self) -> broadcast::Receiver<OrderId>;
}

/// The time, for stamps only.
pub trait Clock: Send + Sync + 'static {
    /// The last time that the database told, plus the monotonic time since.
    fn now(&self) -> Timestamp;
}
