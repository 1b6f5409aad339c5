//! Webhooks that go out, as the database keeps them: endpoints with their cursors, and a row for whatever could not be
//! delivered. Never a row an event and endpoint.
//!
//! Two races shaped this. *An engine sleeps and its lease is taken*: whatever it then writes is refused, since it bears the
//! lease's generation ([`Recorded::Lost`]). *An operator changes what is to be delivered while something is under way*: each
//! such change raises the endpoint's `revision`, a write under an earlier one is refused ([`Recorded::Changed`]), and who
//! wrote it reads what there is now. So an operator's word is never overwritten by what was under way when it was said. Where
//! the word was about single events ([`Endpoint::is_still`]) it is heard beside what is under way; else all is read again,
//! and what was delivered meanwhile may be delivered once more.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::StoreError;
use super::feed::{FeedError, Gap, Position, Record};
use super::lease::Held;
use crate::saga::{Client, Timestamp};

/// Where events are posted to.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its own: one that is removed and added again is another one.
    pub id: Uuid,
    /// What people call it: 1 to [`crate::limits::SINK_NAME`] of `a-z 0-9 -`, unique among those that there are.
    pub name: Arc<str>,
    /// What is delivered to it, and where to.
    pub target: EndpointTarget,
    /// Whether a configuration names it, and so may change it.
    pub is_configured: bool,
    /// Whether events are delivered to it.
    pub state: EndpointState,
    /// Why nothing is delivered, or nothing new is; `None` where all is well.
    pub state_reason: Option<String>,
    /// Rises with each change that who delivers must not write over.
    pub revision: i64,
    /// The number of the replay that it is in: each replay has the next one.
    pub run: i32,
    /// How far the feed was read.
    pub position: Position,
    /// Events that were decided earlier are passed over.
    pub since: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When something was delivered last.
    pub last_success_at: Option<Timestamp>,
    /// In which history of the database this was read: where it is another one, what was read of the feed may not be there.
    pub history: i32,
    /// What of the events that were to come to it was pruned before they did.
    pub gap: Option<Gap>,
}

impl Endpoint {
    /// Whether what was judged by it as it was before is so by what it is now: the same is to be delivered to the same place,
    /// of the same history, from the same beginning. Events that were not delivered may have been redriven, or skipped.
    pub fn is_still(&self, before: &Self) -> bool {
        let judged = |endpoint: &Self| (endpoint.id, endpoint.run, endpoint.since, endpoint.history, endpoint.state);
        let EndpointTarget { url, secrets, types, clients, personal_data, strict } = &self.target;
        judged(self) == judged(before)
            && (url, types, clients) == (&before.target.url, &before.target.types, &before.target.clients)
            && (personal_data, strict) == (&before.target.personal_data, &before.target.strict)
            && secrets.first() == before.target.secrets.first() // the others end by themselves
    }
}

impl fmt::Debug for Endpoint {
    /// Without its secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is delivered to an endpoint, and how.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointTarget {
    /// `https://` or `http://`.
    pub url: String,
    /// With which deliveries are signed: at least one; the new one first while it changes.
    pub secrets: Vec<String>,
    /// Types of events (without `counterfoil.`); none is all.
    pub types: Vec<String>,
    /// Owners of orders; none is all.
    pub clients: Vec<String>,
    /// With the address, the labels and the payment token.
    pub personal_data: bool,
    /// Whether an order waits for an event that cannot be delivered, rather than go on without it.
    pub strict: bool,
}

impl fmt::Debug for EndpointTarget {
    /// Without its secrets; nor the URL, which may hold one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointTarget").field("types", &self.types).finish_non_exhaustive()
    }
}

/// What is to be different of an [`EndpointTarget`]; what is `None` stays.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EndpointPatch {
    /// Another URL, which is checked by the caller.
    pub url: Option<String>,
    /// Another secret, beside which those before stay good for [`crate::limits::WEBHOOK_SECRET_OVERLAP`].
    pub secret: Option<String>,
    /// See [`EndpointTarget::types`].
    pub types: Option<Vec<String>>,
    /// See [`EndpointTarget::clients`].
    pub clients: Option<Vec<String>>,
    /// See [`EndpointTarget::personal_data`].
    pub personal_data: Option<bool>,
    /// See [`EndpointTarget::strict`].
    pub strict: Option<bool>,
}

impl fmt::Debug for EndpointPatch {
    /// Without its secret; nor the URL, which may hold one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointPatch").field("types", &self.types).finish_non_exhaustive()
    }
}

/// Whether anything is delivered to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointState {
    /// Events are delivered.
    Active,
    /// An operator paused it.
    Paused,
    /// The endpoint answered 410 (Gone), or it came with a copy of another deployment's database.
    Disabled,
}

impl EndpointState {
    /// Its word in the database and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Paused, Self::Disabled].into_iter().find(|state| state.as_str() == word)
    }
}

/// An order that waits at an event which could not be delivered: this one and all later ones of it, as far as the feed has
/// come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The order that waits.
    pub order_id: Arc<str>,
    /// The version of the event that it waits at.
    pub version: i32,
    /// The last event that is known to be behind it, or it itself.
    pub upto: i32,
    /// How often the event it waits at was tried in vain.
    pub failures: u32,
    /// The endpoint's [`Endpoint::run`] in which the feed brought it last.
    pub run: i32,
    /// How long until it is tried again; `None` where an operator is waited for.
    pub wait: Option<Duration>,
    /// Whether anything was delivered to the endpoint since it failed first. Of what is read; ignored where it is written.
    pub others_succeeded: bool,
    /// The status of the last answer; `None` where there was none.
    pub status: Option<u16>,
    /// What went wrong last.
    pub error: Option<Arc<str>>,
}

/// An event without which its order went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The order that goes on.
    pub order_id: Arc<str>,
    /// The version of the event that it goes on without.
    pub version: i32,
    /// How often it failed; where an operator had it tried again, these come on top.
    pub failures: u32,
    /// The status of the last answer; `None` where there was none.
    pub status: Option<u16>,
    /// What went wrong last.
    pub error: Arc<str>,
}

/// What an endpoint has yet to get beside what the feed brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owed {
    /// The orders that wait for the endpoint.
    pub waiting: Vec<Waiting>,
    /// Events that were set aside, and that an operator wants delivered: the first of them.
    pub again: Vec<(Arc<str>, i32)>,
    /// Whether there are more of these.
    pub more_again: bool,
    /// Whether there are events that are not to be delivered though the feed may bring them: [`Webhooks::let_go`].
    pub has_let_go: bool,
    /// Whether events were set aside in earlier runs: in this one the feed may bring them.
    pub has_aside: bool,
}

/// What came of deliveries, written at once: rows, and the cursor behind what they cover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Orders that wait, each in the place of whatever row it had.
    pub waiting: Vec<Waiting>,
    /// Orders that wait no more.
    pub settled: Vec<Arc<str>>,
    /// Events without which their orders go on.
    pub set_aside: Vec<SetAside>,
    /// Events that were set aside, and are delivered now; or that were delivered, and may have been set aside in an earlier run.
    pub delivered_again: Vec<(Arc<str>, i32)>,
    /// Events that were set aside, and stay so.
    pub failed_again: Vec<SetAside>,
    /// How many events were delivered.
    pub delivered: u64,
    /// How far the feed was read, where that is further than before.
    pub position: Option<Position>,
    /// Why an active endpoint gets nothing new.
    pub held_up: Option<Arc<str>>,
}

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let Self { waiting, settled, set_aside, delivered_again, failed_again, delivered, position, held_up: _ } = self;
        waiting.is_empty()
            && settled.is_empty()
            && set_aside.is_empty()
            && delivered_again.is_empty()
            && failed_again.is_empty()
            && *delivered == 0
            && position.is_none()
    }
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// What came of the deliveries is durable.
    Done,
    /// Another engine has the lease: nothing was written.
    Lost,
    /// An operator changed what is to be delivered, or the endpoint is gone, or the database has not what was read last:
    /// nothing was written.
    Changed,
}

/// All endpoints that there are.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// Those that can be read, by name.
    pub all: Vec<Endpoint>,
    /// Those whose rows cannot be read: nothing is delivered to them.
    pub unreadable: Vec<Unreadable>,
}

/// An endpoint whose row cannot be read: somebody changed it by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// See [`Endpoint::name`].
    pub name: Arc<str>,
    /// See [`Endpoint::is_configured`].
    pub is_configured: bool,
    /// What is wrong with it.
    pub error: String,
}

/// What is behind a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behind {
    /// Events that were not read, of [`crate::limits::LAG_COUNTED`] commits at most.
    pub events: u64,
    /// The age of the oldest of them.
    pub oldest: Duration,
}

/// An endpoint that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    /// See [`Endpoint::name`].
    pub name: Arc<str>,
    /// What is delivered, and how.
    pub target: EndpointTarget,
    /// The position behind which the endpoint begins to read.
    pub position: Position,
    /// See [`Endpoint::since`].
    pub since: Option<Timestamp>,
    /// Whether it begins with what comes: then nothing of what went before is missed.
    pub from_now: bool,
}

/// Why there is no new endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdded {
    /// There is one of this name.
    Exists,
    /// There are as many as there may be.
    Full,
}

/// What an operator does to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Something else is delivered, or elsewhere.
    Change(EndpointPatch),
    /// Nothing is delivered from now on; what is under way ends.
    Pause,
    /// Deliveries go on where they stopped.
    Resume,
    /// It is forgotten with all its rows; what is under way ends.
    Remove,
    /// Events that were set aside are delivered again, orders that wait are tried at once: of one order or of all, of one
    /// version or of all.
    Redrive {
        /// Only what this order waits for; `None` for all orders.
        order_id: Option<String>,
        /// Only the event of this version; `None` for all of the order.
        version: Option<i32>,
    },
    /// An event is not to be delivered: its order goes on without it.
    Skip {
        /// The order that waits at the event.
        order_id: String,
        /// The event's version.
        version: i32,
    },
    /// The feed is read again from there.
    Replay {
        /// Where the reading begins anew.
        position: Position,
        /// See [`Endpoint::since`].
        since: Option<Timestamp>,
        /// See [`NewEndpoint::from_now`].
        from_now: bool,
    },
}

impl Act {
    /// Its word in the log.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Change(_) => "change",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Remove => "remove",
            Self::Redrive { .. } => "redrive",
            Self::Skip { .. } => "skip",
            Self::Replay { .. } => "replay",
        }
    }
}

/// Who does something, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorWord {
    /// The subject of the operator's token.
    pub by: Client,
    /// Why, in the operator's words.
    pub reason: String,
}

/// An event that was not delivered, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The order that the event is of.
    pub order_id: String,
    /// The event's version.
    pub version: i32,
    /// The last event behind it, where its order waits for it; `None` where it was set aside.
    pub upto: Option<i32>,
    /// How often the event was tried in vain.
    pub failures: i32,
    /// When the event failed first.
    pub first_failed_at: Timestamp,
    /// When it is tried next; `None` where an operator is waited for.
    pub next_try_at: Option<Timestamp>,
    /// The status of the last answer; `None` where there was none.
    pub status: Option<u16>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// How many events of an endpoint were not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// How many orders wait.
    pub waiting: i64,
    /// Of these, those that wait for an operator.
    pub stopped: i64,
    /// Events that were set aside.
    pub set_aside: i64,
    /// Whether an engine delivers to the endpoint.
    pub is_held: bool,
}

impl Counts {
    /// Whether the endpoint is one that a configuration named once, and no engine that runs has in its own: it gets nothing.
    /// Who has it in its own configuration knows better.
    pub fn is_nobodys(&self, endpoint: &Endpoint) -> bool {
        endpoint.is_configured && endpoint.state == EndpointState::Active && !self.is_held
    }
}

/// Why an endpoint gets nothing that is nobody's ([`Counts::is_nobodys`]).
pub const NO_LONGER_CONFIGURED: &str = "no longer configured: no engine that runs has it in its configuration; where that \
                                        is to stay so, `DELETE /operator/webhooks/NAME` forgets it";

/// The state that an endpoint is shown in whose row cannot be read; no row says so.
pub const UNREADABLE: &str = "unreadable";

/// What an operator did to an endpoint, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When it was done, by the database's clock.
    pub at: Timestamp,
    /// The subject of the operator's token; `(configuration)` where a configuration did it.
    pub by: String,
    /// The word of what was done: [`Act::verb`], or `add`.
    pub verb: String,
    /// Why, in the operator's words.
    pub reason: String,
    /// What exactly, in words; may be empty.
    pub detail: String,
}

/// The database of whoever delivers. Errors are those of a store that cannot be asked now, or of a row that is none.
pub trait Webhooks: Send + Sync {
    /// From now on whatever is asked must be asked of the database that this was to begin with: what is delivered cannot be
    /// taken back. Nothing happens where nobody can tell.
    fn watch_where_this_is(&self);

    /// All endpoints, by name; those whose rows cannot be read apart.
    fn endpoints(&self) -> BoxFuture<'static, Result<Endpoints, StoreError>>;

    /// An endpoint as it is now; `None` where it is gone.
    fn endpoint(&self, id: Uuid) -> BoxFuture<'static, Result<Option<Endpoint>, StoreError>>;

    /// What an endpoint has yet to get beside what the feed brings.
    fn owed(&self, id: Uuid) -> BoxFuture<'static, Result<Owed, StoreError>>;

    /// The commit of an order that holds this version; `None` where there is none.
    fn commit_of(&self, order_id: &str, version: i32) -> BoxFuture<'static, Result<Option<Record>, StoreError>>;

    /// Writes what came of deliveries, all or nothing, where lease and revision are still the caller's. The same may be
    /// written again after an unknown outcome.
    fn record(
        &self,
        held: Held,
        endpoint: Uuid,
        revision: i64,
        changes: Arc<Changes>,
    ) -> BoxFuture<'static, Result<Recorded, StoreError>>;

    /// Whether an event that was set aside is still to be delivered again.
    fn is_redriven(&self, id: Uuid, order_id: &str, version: i32) -> BoxFuture<'static, Result<bool, StoreError>>;

    /// Of these orders the events that were set aside in this run, or passed over at an operator's word: where the feed brings
    /// them once more, they are not delivered after what came behind them.
    fn let_go(
        &self,
        id: Uuid,
        run: i32,
        order_ids: Vec<String>,
    ) -> BoxFuture<'static, Result<Vec<(String, i32)>, StoreError>>;

    /// Says why nothing more is delivered, and whether that stays so until an operator says otherwise (`Disabled`), or is tried
    /// again (`Active`). As [`record`](Self::record), where lease and revision are still the caller's, and only of an endpoint
    /// that is active.
    fn stop(
        &self,
        held: Held,
        endpoint: Uuid,
        revision: i64,
        state: EndpointState,
        reason: String,
    ) -> BoxFuture<'static, Result<Recorded, StoreError>>;

    /// What is behind a position.
    fn behind(&self, position: Position) -> BoxFuture<'static, Result<Behind, StoreError>>;
}

/// The database of those who run the service, as far as webhooks go. Each change is in the log, in one transaction with it.
pub trait WebhookOperations: Webhooks {
    /// Adds an endpoint, at the word of an operator.
    fn add(
        &self,
        new: NewEndpoint,
        word: OperatorWord,
    ) -> BoxFuture<'static, Result<Result<Endpoint, NotAdded>, StoreError>>;

    /// Adds an endpoint of the configuration, or changes the one of its name to what is configured, which is in the log then;
    /// where it stands stays. `None` where the name is that of one which an operator added, or there are as many as there may
    /// be.
    fn configure(&self, new: NewEndpoint) -> BoxFuture<'static, Result<Option<Endpoint>, StoreError>>;

    /// Does something to the endpoint of a name. How many rows of undelivered events that concerned; `None` where there is
    /// no such endpoint.
    fn act(&self, name: &str, act: Act, word: OperatorWord) -> BoxFuture<'static, Result<Option<u64>, StoreError>>;

    /// How many events were not delivered.
    fn counts(&self, id: Uuid) -> BoxFuture<'static, Result<Counts, StoreError>>;

    /// Those events, by order and version, of one order or of all: the first so many behind a place.
    fn undelivered_page(
        &self,
        id: Uuid,
        order_id: Option<String>,
        after: Option<(String, i32)>,
        limit: i64,
    ) -> BoxFuture<'static, Result<Vec<Undelivered>, StoreError>>;

    /// What operators did to the endpoints of a name, the last of it, in order.
    fn log(&self, name: &str) -> BoxFuture<'static, Result<Vec<LogEntry>, StoreError>>;
}

/// What came of a try that an operator asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What was answered, where anything was.
    pub status: Option<u16>,
    /// What went wrong; `None` where it was taken.
    pub error: Option<String>,
    /// How long the try took.
    pub took: Duration,
}

/// Where a reading begins; and, where that was said as a time, from which on events count.
pub type Begun = (Position, Option<Timestamp>);

/// What those who run the service ask of whoever delivers.
pub trait WebhookProbe: Send + Sync {
    /// Whether this engine's configuration has an endpoint of this name.
    fn is_configured(&self, name: &str) -> bool;

    /// Whether this engine's configuration publishes to something else under this name.
    fn is_another_sink(&self, name: &str) -> bool;

    /// Where a reading begins that is said in words: `beginning`, `now`, an RFC 3339 time, or a position of this database's
    /// history. What is wrong with them, else.
    fn begins(&self, words: String) -> BoxFuture<'static, Result<Result<Begun, String>, FeedError>>;

    /// What is wrong with a URL, as far as its text tells: what a name leads to is seen when it is connected to.
    fn refuses(&self, url: &str) -> Option<String>;

    /// Sends the event to an endpoint as deliveries are sent, once.
    fn probe(&self, endpoint: Endpoint) -> BoxFuture<'static, Tried>;
}
