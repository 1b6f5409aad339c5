//! What the engine needs from outside, as traits: a [`Store`], a [`Clock`] and [`RemoteParticipants`]. Two stores pass
//! the same conformance suite: PostgreSQL, and the in-memory reference that the simulator runs on.

pub mod feed;
mod history;
mod keys;
pub mod lease;
mod listing;
pub mod relay;
pub mod webhooks;

pub use history::{History, PrunedTo};
pub use keys::{KeyBinding, KeyClaim, KeyScope, SUBMIT_ROUTE, Survey};
pub use listing::{Listing, Page, Place, Walk};

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::saga::event::Fact;
use crate::saga::leg::{self, LocalParticipants, StockVerdict};
use crate::saga::request::Stored as StoredRequest;
use crate::saga::state::RefundStatus;
use crate::saga::{
    Action, Answer, Client, Command, Event, Fingerprint, IdempotencyKey, Leg, Order, OrderId, Outcome, Refund, Refusal,
    Shortage, Sku, State, Timestamp, refund_due,
};

/// The final answer of verbs that were asked earlier and are decided by this write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Their route.
    pub route: Arc<str>,
    /// The key that asked; every open one of the route where absent.
    pub holder: Option<(Client, IdempotencyKey)>,
    /// What they are answered.
    pub answer: Answer,
}

/// What an operator did to an order, and why: written with the change itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorEntry {
    /// Who.
    pub by: Client,
    /// What.
    pub verb: &'static str,
    /// Why, in their words.
    pub reason: Arc<str>,
    /// Where the order stood, as JSON: state, version, attention.
    pub before: String,
    /// Where it stands, likewise.
    pub after: String,
}

/// What an operator did to an order, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRecord {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Client,
    /// What: the word of the verb.
    pub verb: String,
    /// Why, in their words.
    pub reason: String,
    /// Where the order stood, as JSON: state, version, attention.
    pub before: String,
    /// Where it stood then, likewise.
    pub after: String,
}

/// Under which condition a write is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// There is no such order yet.
    Absent,
    /// The order still has this version.
    Version(i32),
}

/// What one order's command decided: stored whole, or not at all.
#[derive(Clone)]
pub struct Write {
    /// A key to bind in the same transaction; where another request has it, nothing is stored.
    pub key: Option<KeyClaim>,
    /// The condition.
    pub guard: Guard,
    /// Events, row and stock. Boxed: it is large, and passes from hand to hand until its order's actor has it back.
    pub leg: Box<Leg>,
    /// The texts of the order's request.
    pub content: Arc<StoredRequest>,
    /// What the leg was decided from, to decide it anew where the stock is short.
    pub command: Arc<Command>,
    /// The participants that answered.
    pub local: Arc<dyn LocalParticipants>,
    /// The stamp of its events.
    pub now: Timestamp,
    /// What is to be done about the order later, and by whom.
    pub pursuit: Pursuit,
    /// Answers of verbs that were asked earlier.
    pub settled: Vec<Settled>,
    /// What an operator did.
    pub log: Option<OperatorEntry>,
    /// What the order was tried with in vain, where the write follows from that: kept with what is left to be done.
    pub trouble: Option<Trouble>,
}

/// How a call fared that has no outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// How often it was sent.
    pub attempts: i16,
    /// What was heard last: a status, or what went wrong on the way.
    pub error: Arc<str>,
}

/// How an engine pursues the orders that it has in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pursuit {
    /// The engine's own id, made at its start.
    pub node: Uuid,
    /// For how long it alone pursues an order after each of its commits.
    pub lease: Duration,
    /// How long a reservation binds while the payment is not known.
    pub reservation_ttl: Duration,
    /// How long an authorised order waits for its capture, where the provider does not let go of the money before.
    pub authorized_ttl: Duration,
    /// What the write means for the call that is due after it.
    pub intent: Intent,
    /// Whether the order is looked up first after it too: what a look-up found of a call that is known to this database, the
    /// next one may have been followed by as well, since before the restore.
    pub look_first: bool,
}

impl Pursuit {
    /// How long an order waits for its capture whose money is held for so many milliseconds; at the provider's limit its
    /// capture could only be refused.
    fn authorized_for(&self, holds_ms: Option<i64>) -> Duration {
        let holds = holds_ms.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
        holds.map_or(self.authorized_ttl, |holds| holds.min(self.authorized_ttl))
    }
}

/// What a write means for the call that is due after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// It was due before: its attempts and the age of its key go on.
    Same,
    /// It is another one than before: its attempts, and the lifetime of its key, are counted from this commit.
    Fresh,
    /// An operator has it tried again: its attempts are counted anew, the lifetime of its key is not. Whoever sweeps
    /// next takes it at once.
    Again,
}

/// What a write makes of the order's row in `order_work`, which exists only while something is left to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The write tells nothing new of the order (it only answers a verb): the row stays as it is.
    Untouched,
    /// Nothing is left: the row goes, where there is one.
    Done,
    /// The order is in flight.
    Open {
        /// Whether the engine that wrote it makes the next call, and holds it for its lease. Else the order is left
        /// alone until its deadline, or, without one, until somebody says something to it.
        held: bool,
        /// Whether it waits for a human: then nothing wakes it but what is said to it, and its deadline is kept.
        asleep: bool,
        /// What becomes of its deadline.
        deadline: Deadline,
        /// What the write means for the call that is due.
        intent: Intent,
    },
}

/// What a write makes of an order's deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// What stands, stands.
    Keep,
    /// It has none any more.
    None,
    /// From now on, by the database's clock.
    After(Duration),
}

impl Work {
    /// What `leg`, written under `guard` by an engine that pursues so, leaves to be done.
    pub fn left(leg: &Leg, guard: Guard, pursuit: &Pursuit) -> Self {
        if leg.events.is_empty() {
            return Self::Untouched;
        }
        let order = &leg.order;
        let open_refund = order.refunds.iter().any(|refund| refund.status == RefundStatus::Intended);
        if order.state.is_terminal() && !open_refund {
            return Self::Done;
        }
        let authorized = leg.events.iter().find_map(|event| match event {
            Event::Fact(Fact::PaymentAuthorized { expires_in_ms, .. }) => Some(*expires_in_ms),
            _ => None,
        });
        let deadline = match order.state {
            State::PaymentAuthorized => {
                authorized.map_or(Deadline::Keep, |holds| Deadline::After(pursuit.authorized_for(holds)))
            }
            State::Created | State::InventoryReserved if guard == Guard::Absent => {
                Deadline::After(pursuit.reservation_ttl)
            }
            State::Created | State::InventoryReserved => Deadline::Keep,
            State::PaymentCharged
            | State::ShipmentCreated
            | State::Completed
            | State::Compensating
            | State::Cancelled => Deadline::None,
        };
        let held = (leg.call.is_some() || refund_due(order).is_some()) && pursuit.intent != Intent::Again;
        Self::Open { held, asleep: order.attention.is_some(), deadline, intent: pursuit.intent }
    }
}

/// An order that was due, and is this engine's for its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Which.
    pub order_id: OrderId,
    /// How often it was sent, under the key of the call that is due, without an answer that counts.
    pub attempts: i16,
    /// How long ago the intent of that call was committed, by the database's clock.
    pub intent_age: Duration,
    /// Whether its deadline is over, by the database's clock.
    pub expired: bool,
    /// Whether a participant said that something happened to it.
    pub look: bool,
    /// By how much it was claimed too late.
    pub late: Duration,
    /// Whether this claim counts against the order: the engine that claimed it before did not live on.
    pub counted: bool,
}

/// What is left to be done about an order, for people. All times are the database's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenWork {
    /// How often the call that is due was sent without an answer that counts.
    pub attempts: i16,
    /// How often it was claimed since it last moved on.
    pub claims: i16,
    /// When that call was intended.
    pub intent_at: Timestamp,
    /// When any engine may take it up again: until then its owner has it, where it has one. `None`: not before somebody
    /// speaks to it.
    pub next_try: Option<Timestamp>,
    /// When its reservation or authorisation ends.
    pub deadline: Option<Timestamp>,
    /// The engine that has it.
    pub owner: Option<Uuid>,
    /// Where that engine listens, as far as it told.
    pub owner_name: Option<String>,
    /// What was said against it last.
    pub last_error: Option<String>,
}

/// An order that is left alone for a while, under the same call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOff {
    /// The version that it must still have.
    pub version: i32,
    /// How often its call was sent without an answer that counts.
    pub attempts: i16,
    /// For how long; a deadline ends it earlier.
    pub pause: Duration,
    /// Whether a participant had said that something happened to it, which could not be looked at: whoever takes the order up
    /// after the pause does.
    pub look: bool,
    /// Why the call has no outcome, for people.
    pub error: Option<Arc<str>>,
}

impl PutOff {
    /// Without a word about why.
    pub fn new(version: i32, attempts: i16, pause: Duration) -> Self {
        Self { version, attempts, pause, look: false, error: None }
    }
}

/// An order that an engine holds and can do nothing with just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandBack {
    /// The engine.
    pub node: Uuid,
    /// Until when nobody tries it again.
    pub pause: Duration,
    /// What was said against the order: the database refused it, or its row cannot be read. Its claim then stays counted,
    /// and this is the reason under which it is set aside in the end. `None` where that is no fault of the order: the
    /// database was away, or somebody else held a lock.
    pub fault: Option<String>,
    /// Otherwise what stood in the way, for people.
    pub error: Option<String>,
    /// Whether the claim was counted.
    pub counted: bool,
    /// Whether a participant had said that something happened to it, which was not looked at.
    pub look: bool,
}

/// What one sweep found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Orders that are this engine's now, the longest overdue first.
    pub claimed: Vec<Claimed>,
    /// Orders that were claimed again and again without progress, and now wait for a human: they kill whoever loads
    /// them.
    pub set_aside: Vec<SetAside>,
}

/// An order that waits for a human because nobody who claimed it made progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The order.
    pub order_id: OrderId,
    /// How often the call that is due was sent without an answer that counts.
    pub attempts: i16,
    /// What was said against it last. `None` where nobody lived to say anything.
    pub last_error: Option<String>,
    /// In whole sentences, as it is stored.
    pub reason: String,
}

/// An engine on this database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Node {
    /// Its id, made at its start.
    pub node_id: Uuid,
    /// Where it listens, for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `up`, `draining`, or `gone` where its heartbeat stopped.
    pub state: String,
    /// RFC 3339.
    pub started_at: String,
    /// How long ago its last heartbeat was, in milliseconds, by the database's clock.
    pub heartbeat_age_ms: i64,
    /// Orders that it holds.
    pub orders: i64,
}

impl Write {
    /// The order that it is about.
    pub fn order_id(&self) -> &OrderId {
        &self.leg.order.id
    }

    /// What `leg`, which the write became, leaves to be done.
    pub fn work(&self, leg: &Leg) -> Work {
        Work::left(leg, self.guard, &self.pursuit)
    }

    /// The leg that it becomes where the stock, counted under lock, does not suffice. Only a new order asks for stock.
    pub fn short(&self, shortages: &[Shortage]) -> Result<Leg, Refusal> {
        leg::run(None, &self.command, self.now, &*self.local, StockVerdict::Short(shortages))
    }
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Write").field("order_id", self.order_id()).field("guard", &self.guard).finish_non_exhaustive()
    }
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It is durable, as this leg: the one submitted, or the one for short stock.
    Stored(Box<Leg>),
    /// The order exists; nothing of the write was stored.
    Exists,
    /// The key is bound already; nothing of the write was stored.
    KeyKnown,
    /// The order has another version by now; nothing of the write was stored.
    Stale,
    /// The order has as many keys of verbs as it takes ([`crate::limits::VERB_KEYS`]); nothing of the write was stored.
    Full,
}

/// Why a write has no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// An armed fault struck; nothing was stored.
    #[error("injected fault at {point}: the transaction was rolled back")]
    Injected {
        /// Where.
        point: &'static str,
    },
    /// The order asks for SKUs that inventory does not know; nothing was stored.
    #[error("inventory does not know a SKU of the order")]
    UnknownSku,
    /// The database refused this write, alone in its transaction; nothing was stored.
    #[error("the database refused the write: {0}")]
    Refused(String),
    /// What the write needs stayed locked by another session of the database for as long as a statement may take; nothing
    /// was stored.
    #[error("{what} is locked by another session of the database")]
    Locked {
        /// What.
        what: String,
    },
    /// The database is away; the write may or may not be stored.
    #[error("the database is away: {0}")]
    Unavailable(String),
}

/// What became of a write, or why nothing did.
pub type CommitResult = Result<Committed, CommitError>;

/// Called once with the outcome of a write, after COMMIT; dropped uncalled only by a store that failed with it in hand,
/// which means an unknown outcome.
pub type Done = Box<dyn FnOnce(CommitResult) + Send>;

/// Why the store could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database is away, or all connections are busy: try again.
    #[error("the database is away: {0}")]
    Unavailable(String),
    /// A row that cannot be read: a bug, or a hand in the database.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// The database refused.
    #[error("the database refused: {0}")]
    Refused(String),
}

/// An order and the fingerprint of its request, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// The order.
    pub order: Order,
    /// Of the request that made it.
    pub fingerprint: Fingerprint,
    /// Whether it is looked up before anything is sent for it: its database was restored from before, and participants
    /// may have done since what it does not know of.
    pub look_first: bool,
}

impl StoredOrder {
    /// [`StoredOrder::look_first`] after a commit of this leg: what a human answers for settles it, while to wait for one, or
    /// to be sent on the way again by one, does not; nor does what a look-up found ([`Pursuit::look_first`]).
    pub fn looks_first_after(&self, leg: &Leg, pursuit: &Pursuit) -> bool {
        let waits = leg.events.is_empty() || leg.order.attention.is_some() || pursuit.intent == Intent::Again;
        self.look_first && (waits || pursuit.look_first)
    }
}

/// Why the remote participants of a deployment must not be spoken to from a store's database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotOurs(pub String);

/// A commit's events, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvents {
    /// The version of the first one.
    pub first_version: i32,
    /// When it was decided.
    pub at: Timestamp,
    /// A JSON array of events.
    pub events: String,
}

/// The stock of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StockLevel {
    /// Which.
    pub sku: Sku,
    /// Units on the shelf, reserved ones included.
    pub on_hand: i64,
    /// Units held for orders in flight.
    pub reserved: i64,
    /// `on_hand - reserved`.
    pub available: i64,
}

/// A change of stock by hand, with its journal entry.
#[derive(Debug, Clone)]
pub enum StockChange {
    /// Set `on_hand`, creating the SKU where it is unknown; the difference is journaled.
    Set(i64),
    /// Add to `on_hand` under a key.
    Adjust {
        /// How many units, negative to take away.
        delta: i64,
        /// Why, for the journal.
        reason: String,
        /// Under which the answer is stored.
        key: KeyScope,
        /// Of the request.
        fingerprint: Fingerprint,
    },
}

/// What became of a change of stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockChanged {
    /// Durable.
    Done {
        /// The stock after it.
        level: StockLevel,
        /// Whether the SKU was created.
        created: bool,
    },
    /// A repeat: the stored answer, byte for byte.
    Replayed(Answer),
    /// The key stands for another request.
    KeyReused,
    /// It would leave less than is reserved, or more than [`crate::limits::ON_HAND`]; nothing was changed.
    OutOfRange(StockLevel),
    /// Inventory does not know the SKU.
    UnknownSku,
}

/// The durable store. Every method may fail, and none leaves anything partial.
pub trait Store: Send + Sync + 'static {
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

    /// The order of this id; `None` where there is none.
    fn load(&self, id: OrderId) -> BoxFuture<'static, Result<Option<StoredOrder>, StoreError>>;

    /// All that is asked before an order is placed that cannot be placed unseen, at once: each part as by itself, and no two of
    /// them at the same moment.
    fn survey(
        &self,
        id: OrderId,
        scope: Option<KeyScope>,
        skus: Vec<Sku>,
    ) -> BoxFuture<'static, Result<Survey, StoreError>>;

    /// What a key is bound to.
    fn find_key(&self, scope: KeyScope) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>>;

    /// Binds a key to an order that exists; the binding that stands afterwards, which may be an older one. `None` where it
    /// has none, since the order has as many later keys as are bound ([`crate::limits::LATER_KEYS`]).
    fn bind_key(&self, claim: KeyClaim) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>>;

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

    /// Changes stock by hand, in one transaction with its journal entry and, for an adjustment, its key and the
    /// answer that `render` makes of the outcome.
    fn change_stock(
        &self,
        sku: Sku,
        change: StockChange,
        by: Client,
        render: fn(&StockChanged) -> Answer,
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

    /// What is left to be done about an order; `None` where nothing is.
    fn open_work(&self, id: OrderId) -> BoxFuture<'static, Result<Option<OpenWork>, StoreError>>;

    /// Makes every order that `node` holds claimable at once; how many.
    fn release(&self, node: Uuid) -> BoxFuture<'static, Result<u64, StoreError>>;

    /// Tells that a node lives, under which state; forgets those that are gone for a day.
    fn heartbeat(&self, node: Uuid, name: String, state: &'static str) -> BoxFuture<'static, Result<(), StoreError>>;

    /// The nodes on this database.
    fn nodes(&self) -> BoxFuture<'static, Result<Vec<Node>, StoreError>>;

    /// What operators did to an order, in order; the latest [`crate::limits::OPERATOR_LOG`] entries.
    fn operator_log(&self, order_id: OrderId) -> BoxFuture<'static, Result<Vec<OperatorRecord>, StoreError>>;

    /// Keeps what a participant told by webhook, and has somebody look after its order; `false` where this webhook was
    /// kept before. One that comes before its order is known stays parked until that is there. `order_id` is absent
    /// where it names no order that could be ours. Once this returns, the notice outlives a crash.
    fn receive_webhook(
        &self,
        participant: &'static str,
        webhook_id: String,
        order_id: Option<OrderId>,
    ) -> BoxFuture<'static, Result<bool, StoreError>>;

    /// Orders that ended, or got their final answer, in another engine on the same database. Some may be missed: who
    /// waits looks for itself from time to time.
    fn ended_elsewhere(&self) -> broadcast::Receiver<OrderId>;

    /// Whether the database takes writes: the last heartbeat was written, and not long ago.
    fn is_healthy(&self) -> bool;
}

/// A call that leaves the process. Its key is derived from the order's id, the action and the operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The order, as committed with the intent of the call.
    pub order: Arc<Order>,
    /// What is asked.
    pub action: Action,
    /// Which of the refunds that were asked for, where the call is one.
    pub refund: Option<Refund>,
}

/// What a participant said, and, where that is no outcome, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it said.
    pub outcome: Outcome,
    /// Why it is no outcome, where that is known.
    pub cause: Option<Cause>,
}

impl From<Outcome> for Told {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, cause: None }
    }
}

/// Why a try has no outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// For people: the status that is no outcome, or what went wrong on the way.
    pub error: Arc<str>,
    /// Where that is no fault of the order's, since its participant as a whole is away, or just coming back: after how long
    /// the order is to be tried again, at most. Such a try is no attempt.
    pub away: Option<Duration>,
}

/// How a participant fares that is a service of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantHealth {
    /// Which.
    pub participant: &'static str,
    /// Where it is.
    pub url: String,
    /// Whether it is there.
    pub state: Presence,
    /// For how long that has been so.
    pub since: Duration,
    /// What went wrong last, and how long ago.
    pub last_error: Option<(Arc<str>, Duration)>,
}

/// Whether a participant as a whole is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// As far as is known.
    Up,
    /// Its calls pause, and it is asked from time to time.
    Away,
    /// It answers look-ups again, and calls go out to it few at a time.
    Returning,
}

impl Presence {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Away => "away",
            Self::Returning => "returning",
        }
    }
}

/// The participants that are services of their own. A timeout, a reset, or whatever else is no clear answer is
/// [`Outcome::Unknown`]; neither method fails otherwise, and both end within the step timeout.
pub trait RemoteParticipants: Send + Sync + 'static {
    /// Makes the call, under its key. An undo is [`Outcome::Contradicted`], and is not sent, where what stands there under
    /// a key that it names is not what this order asked for.
    fn call(&self, called: Called) -> BoxFuture<'static, Outcome>;

    /// Asks what took effect under the key of the call, and changes nothing: `Done`, `Refused`, [`Outcome::Absent`], or
    /// `Unknown` where the participant does not answer. For [`Action::LookUp`], what became of the payment: `Done` with
    /// what was captured and not given back. [`Outcome::Contradicted`] where what is found is not what was asked for.
    fn look_up(&self, called: Called) -> BoxFuture<'static, Outcome>;

    /// As [`RemoteParticipants::call`], with why there is no outcome.
    fn try_call(&self, called: Called) -> BoxFuture<'static, Told> {
        let asked = self.call(called);
        Box::pin(async move { asked.await.into() })
    }

    /// As [`RemoteParticipants::look_up`], with why there is no outcome.
    fn try_look_up(&self, called: Called) -> BoxFuture<'static, Told> {
        let asked = self.look_up(called);
        Box::pin(async move { asked.await.into() })
    }

    /// How each of them fares, as far as that is known.
    fn health(&self) -> Vec<ParticipantHealth> {
        Vec::new()
    }

    /// How long the key of an action answers repeats; `None` where for ever.
    fn key_lifetime(&self, action: Action) -> Option<Duration>;

    /// Whether anybody can be reached at all. Where nobody can, the store's database need not be the deployment's own.
    fn reach_anybody(&self) -> bool {
        true
    }
}

/// The time, for stamps only.
pub trait Clock: Send + Sync + 'static {
    /// The last time that the database told, plus the monotonic time since.
    fn now(&self) -> Timestamp;
}
