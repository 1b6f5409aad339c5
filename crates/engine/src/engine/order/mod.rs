//! One order's behaviour, as a synchronous step function without IO: what its actor runs, and what the simulator
//! drives. It hears a command, the outcome of what it asked the store for, or a participant's answer, and says what to
//! do next.
//!
//! Memory is a cache of committed rows. A new order is not read first: its insert says whether it was there. The race
//! that shaped this: between any read and the write that follows it, another instance may write. So nothing is
//! concluded from a read that the write does not prove again. Nor is anybody told from memory that an order still runs:
//! another instance may have ended it, and told so; a final answer in memory is final.
//!
//! One thing at a time is before the store: a command, or a participant's answer. What comes meanwhile waits. A call is
//! in flight beside them, so that a cancel does not wait for a slow provider; its answer counts only if it is still due.

mod driving;
mod submission;
mod verb;
mod waits;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::api::{Ask, Reply, SubmitError, SubmitResult};
use super::{Doer, Retry};
use crate::limits;
use crate::ports::{
    Advance, Called, Cause, Claimed, CommitError, CommitResult, Committed, Does, Driver, Guard, HandBack, Intent,
    KeyBinding, KeyClaim, KeyScope, OperatorEntry, PutOff, Settled, StoreError, StoredOrder, Survey, Told, Trouble,
    Work, Write,
};
use crate::saga::definition::OwnStep;
use crate::saga::event::RefundName;
use crate::saga::state::RefundStatus;
use crate::saga::transaction::LocalParticipants;
use crate::saga::{
    Action, Answer, Call, Command, Fingerprint, LocalTransaction, Order, OrderId, Outcome, Sku, Timestamp, due,
    refund_due,
};

/// A call that is due: a step of the saga, or a refund that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// What is asked of whom, and the step where it is one of the order's own.
    pub call: Call,
    /// Which refund, where it is one that was asked for.
    pub refund: Option<RefundName>,
}

impl Due {
    /// What the order, as committed, waits for.
    pub fn of(order: &Order) -> Option<Self> {
        let step = due(order).map(|call| Self { call, refund: None });
        step.or_else(|| {
            let refund = refund_due(order)?;
            let name = RefundName { client: refund.client.clone(), key: refund.key.clone() };
            Some(Self { call: Action::Refund.into(), refund: Some(name) })
        })
    }

    fn called(&self, order: &Order) -> Called {
        let named = |name: &RefundName| {
            order.refunds.iter().find(|refund| refund.client == name.client && refund.key == name.key).cloned()
        };
        let refund = self.refund.as_ref().and_then(named);
        Called { order: Arc::new(order.clone()), call: self.call, refund }
    }

    fn command(&self, outcome: Outcome) -> Command {
        match &self.refund {
            Some(name) => Command::Refunded { client: name.client.clone(), key: name.key.clone(), outcome },
            None => Command::Outcome { call: self.call, outcome },
        }
    }
}

/// What an order's actor hears.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "moved once, from its source to the step: a box would cost more")]
pub enum OrderInput {
    /// A command to process; one at a time.
    Ask {
        /// The command.
        ask: Arc<Ask>,
        /// Whether another engine is known to have moved the order: it is read anew then, unless memory has its end.
        reload: bool,
    },
    /// What a [`OrderOutput::Load`] or a [`OrderOutput::Look`] found.
    Loaded(Result<Option<StoredOrder>, StoreError>),
    /// What there is of an order that is to be placed; in a box, since it is large and rare.
    Surveyed(Result<Box<Survey>, StoreError>),
    /// What became of a write.
    Committed(CommitResult),
    /// What a key is bound to.
    KeyFound(Result<Option<KeyBinding>, StoreError>),
    /// What a key is bound to after it was to be bound; `None` where the order has as many keys as are bound.
    Bound(Result<Option<KeyBinding>, StoreError>),
    /// Whether the order was left for later, to itself, or to whoever claims it next.
    Postponed(Result<bool, StoreError>),
    /// What a claim would have told of an order that this engine's own commit has taken; `None` where another one has it.
    Held(Result<Option<Claimed>, StoreError>),
    /// A participant answered a call.
    Answered {
        /// The call that was answered.
        due: Due,
        /// What the participant said.
        outcome: Outcome,
        /// Why that is none, where it is known.
        cause: Option<Cause>,
    },
    /// A participant said what became of a call.
    LookedUp {
        /// The call that was asked about.
        due: Due,
        /// What the participant said.
        outcome: Outcome,
        /// Why that is none, where it is known.
        cause: Option<Cause>,
    },
}

/// What it does next.
#[derive(Debug)]
pub enum OrderOutput {
    /// Read the order from the store.
    Load,
    /// Read the order, which is known, before anybody is told where it stands: no longer than [`limits::LOOK`], since who
    /// waits for that would rather hear that nobody knows just now.
    Look,
    /// Ask at once for all that a new order is judged by before it is placed: the order itself, its key, and which of these SKUs
    /// inventory does not know.
    Survey {
        /// The key that it came with.
        scope: Option<KeyScope>,
        /// None where it does not matter what inventory knows.
        skus: Vec<Sku>,
    },
    /// Hand this write to the committers; [`OrderInput::Committed`] says what became of it.
    Commit(Box<Write>),
    /// Ask what a key is bound to.
    FindKey(KeyScope),
    /// Bind a key to this order.
    Bind(KeyClaim),
    /// Leave the order to whoever sweeps after a pause.
    Postpone(PutOff),
    /// Leave the order, with which nothing is to be done, until its deadline.
    Leave {
        /// The version that it must still have.
        version: i32,
    },
    /// Give the order back, which this engine holds and can do nothing with just now.
    HandBack(HandBack),
    /// Ask how often, and since when, the call that is due was sent: the commit that led to this version has taken the
    /// order, which was another engine's until then.
    AskHold {
        /// The version that it must still have.
        version: i32,
    },
    /// Make the call, whose intent is committed.
    Call(Due, Box<Called>),
    /// Ask the participant what became of a call.
    LookUp(Due, Box<Called>),
    /// The command is done: whoever waits for it is answered.
    Answer {
        /// What its client hears.
        verdict: SubmitResult,
        /// Whether this engine goes on with the order.
        driving: bool,
    },
    /// It is durable that the order waits for a human from now on: whoever runs the service is told.
    NoticeAttention(Box<AttentionNotice>),
    /// The order moved on by itself.
    Report {
        /// Where it stands, as far as that is known.
        reply: Option<Reply>,
        /// Whether this engine is done with it for now.
        resting: bool,
    },
}

/// Why an order waits for a human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionNotice {
    /// The call that is due.
    pub call: Call,
    /// How often it was sent without an answer that counts.
    pub attempts: i16,
    /// What was heard last: a status, an answer, or what went wrong on the way.
    pub last: Arc<str>,
    /// In whole sentences, as it is stored.
    pub reason: String,
}

/// What the step function needs to know beside what it is told.
pub struct OrderContext<'a> {
    /// The stamp of what is decided now.
    pub now: Timestamp,
    /// The monotonic time, by which leases and pauses are counted.
    pub instant: Instant,
    /// The participants in the same database.
    pub local: &'a Arc<dyn LocalParticipants>,
    /// How this engine drives orders.
    pub driver: &'a Driver,
    /// How calls of unknown outcome are repeated.
    pub retry: &'a Retry,
    /// How long one call may take.
    pub step_timeout: Duration,
    /// How long the key of a call answers repeats; `None` where for ever.
    pub key_lifetime: &'a dyn Fn(Action) -> Option<Duration>,
    /// Who does a step of one's own.
    pub doer: &'a dyn Fn(&OwnStep) -> Doer,
    /// See [`super::EngineSettings::entry_wait`].
    pub entry_wait: Duration,
    /// Whether inventory is known to know a SKU. A SKU is never deleted, so a yes stays true.
    pub knows_sku: &'a dyn Fn(&Sku) -> bool,
}

/// How often one command reads and decides again before its client is told to repeat it.
const ATTEMPTS: u32 = 5;

/// What is before the store.
#[derive(Debug, Clone)]
enum Task {
    /// A command, and how far it has come.
    Ask(Arc<Ask>, Stage),
    /// A participant's answer; with how the call fared where it leaves that without an outcome, or the order to a human.
    Outcome { due: Due, tried: Option<Tried> },
    /// The call is left for later.
    Postponing,
    /// What the order's row knows of the call that is due, asked for then. The commit holds the order for a lease.
    Taking { asked: Instant, until: Instant },
    /// A deadline passed, or a human is asked for, because the call that is due fared so.
    Turn(Option<Tried>),
}

/// What a verb waits for before it is decided. A submission, and an order that is taken up, begin and end in the first one:
/// what they are judged by is asked for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The order: who may ask is decided by it.
    Order,
    /// What its key is bound to: a repeat gets its answer.
    Key,
    /// Nothing more. Whoever loses its guard reads the order, and decides again.
    Decision,
}

/// What a write was sent with. When it is durable nothing of this is worked out again: memory takes what the rows took.
#[derive(Debug, Clone)]
struct Sent {
    guard: Guard,
    driver: Driver,
    /// The order's, which no move changes.
    fingerprint: Fingerprint,
    /// Whether the order, as it stood, was to be looked up first.
    look_first: bool,
    /// What whoever asked for it is answered: a verb's final answer, as stored with its key; `None` while it has none.
    answer: Option<Answer>,
    /// Leases count from here.
    at: Instant,
}

/// How a call fared.
#[derive(Debug, Clone)]
struct Tried {
    /// What was asked of the participant.
    call: Call,
    /// How often it was sent without an answer that counts.
    attempts: i16,
    /// What was heard last.
    last: Arc<str>,
    /// Whether it has no outcome.
    open: bool,
    /// See [`Cause::away`].
    away: Option<Duration>,
    /// See [`Cause::forgiven`].
    forgiven: i16,
}

/// The engine's hold on an order that it drives: until its lease ends nobody else does.
#[derive(Debug, Clone, Copy)]
struct OrderLease {
    /// Until when the lease lasts, by this engine's monotonic clock.
    until: Instant,
    /// How often the call that is due was sent without an outcome.
    attempts: i16,
    /// When its intent was committed.
    intent: Option<Instant>,
    /// Its age when that was asked of the database, where it began elsewhere.
    age: Duration,
    /// Whether the participant was asked what became of it.
    looked: bool,
    /// Where it was asked so because the participant answers questions and fails calls: the pause behind that.
    waits: Option<Duration>,
    /// Whether a participant had said that something happened to the order, and has yet to be asked what.
    look: bool,
    /// Whether the order was claimed, and nothing was written since: its row must be left in order.
    claimed: bool,
    /// Whether that claim counts against the order.
    counted: bool,
}

/// The state of one order's actor.
#[derive(Debug, Clone)]
pub struct OrderCore {
    /// The order that this actor is for, whether or not it is stored.
    id: OrderId,
    /// The order as this actor last read or wrote it: a cache of committed rows, and never ahead of them. `None` where it was
    /// not read, or is not there.
    memory: Option<StoredOrder>,
    /// Keys of submissions known to be bound to this order and its content, latest last.
    keys: VecDeque<KeyScope>,
    /// What is before the store, one thing at a time; `None` where nothing is, and the next may begin.
    current: Option<Task>,
    /// A command that came while something else was before the store, and whether to read the order for it.
    waiting: Option<(Arc<Ask>, bool)>,
    /// What participants answered while something else was before the store, oldest first: to which call, what, and whether it
    /// is the answer to a look-up rather than to the call itself.
    answers: VecDeque<(Due, Told, bool)>,
    /// What went wrong last with the call that is due, where that is known.
    said: Option<Arc<str>>,
    /// The call, or the question, that is at a participant now; its answer is on the way, within the step timeout.
    calling: Option<Due>,
    /// By which this engine alone drives the order; `None` where another engine may, or nobody does.
    hold: Option<OrderLease>,
    /// The version at which a commit of this engine took the order from another one, and until when it is held so.
    taking: Option<(i32, Instant)>,
    /// Whether the shard was told that this engine goes on with the order.
    active: bool,
    /// The write that is before the store.
    sent: Option<Sent>,
    /// How often the command under way read and decided again.
    attempts: u32,
    /// Whether memory was read, or written, since the command came.
    fresh: bool,
    /// Whether the order is read before anything is concluded from memory: a predecessor died, or another engine may have moved
    /// it.
    load_first: bool,
}

impl OrderCore {
    /// A fresh actor. One that follows a dead one, or an order that was here before, loads it before anything else.
    pub fn new(id: OrderId, load_first: bool) -> Self {
        Self {
            id,
            memory: None,
            keys: VecDeque::new(),
            current: None,
            waiting: None,
            answers: VecDeque::new(),
            said: None,
            calling: None,
            hold: None,
            taking: None,
            active: false,
            sent: None,
            attempts: 0,
            fresh: false,
            load_first,
        }
    }

    /// The order as last read or written here.
    pub fn memory(&self) -> Option<&Order> {
        self.memory.as_ref().map(|stored| &stored.order)
    }

    /// Hears, and says what to do next. An answer of the store that no task waits for is a late echo and changes
    /// nothing.
    pub fn step(&mut self, heard: OrderInput, context: &OrderContext<'_>, out: &mut Vec<OrderOutput>) {
        match heard {
            OrderInput::Ask { ask, reload } => self.waiting = Some((ask, reload)),
            OrderInput::Answered { due, outcome, cause } => self.hear_answer(due, Told { outcome, cause }, false),
            OrderInput::LookedUp { due, outcome, cause } => self.hear_answer(due, Told { outcome, cause }, true),
            told => match self.current.clone() {
                Some(Task::Ask(ask, stage)) => match &*ask {
                    Ask::Submit(prepared) => self.submission_heard(prepared, told, context, out),
                    Ask::Verb(verb) => self.verb_heard(verb, stage, told, context, out),
                    Ask::Wake(claimed, since) => self.wake_heard(claimed, *since, told, context, out),
                },
                Some(task) => self.driving_heard(&task, told, context, out),
                None => {}
            },
        }
        self.go_on(context, out);
    }

    fn hear_answer(&mut self, due: Due, told: Told, looked_up: bool) {
        if self.calling.as_ref() == Some(&due) {
            self.calling = None;
        }
        self.answers.push_back((due, told, looked_up));
    }

    /// Drops what memory holds: the order is read before anything rests on it again.
    fn forget(&mut self) {
        self.memory = None;
        self.load_first = true;
    }

    /// What was read is what memory holds from now on. `false` where it is older than what memory held: a server that
    /// lags behind was asked, and knows nothing.
    fn read(&mut self, stored: StoredOrder) -> bool {
        match &self.memory {
            Some(known) if known.order.version > stored.order.version => return false,
            // Whoever moved it goes on with it.
            Some(known) if known.order.version < stored.order.version => self.hold = None,
            Some(_) | None => {}
        }
        (self.load_first, self.fresh) = (false, true);
        self.memory = Some(stored);
        true
    }

    /// A read found no order of this id: memory holds none, and nothing is held.
    fn read_nothing(&mut self) {
        (self.memory, self.hold, self.load_first) = (None, None, false);
    }

    /// Tells where the order stands. What has no final answer may have got one elsewhere, and somebody may have heard
    /// it: so it is read first, unless it was since the command came. A final answer stays what it is.
    fn tell(&mut self, reply: Reply, out: &mut Vec<OrderOutput>) {
        if self.fresh || matches!(reply, Reply::Final { .. }) {
            return self.answer(Ok(reply), out);
        }
        out.push(OrderOutput::Look);
    }

    /// Takes up what waits, and then the call that is due.
    fn go_on(&mut self, context: &OrderContext<'_>, out: &mut Vec<OrderOutput>) {
        while self.current.is_none() {
            if let Some((due, told, looked_up)) = self.answers.pop_front() {
                self.answered(due, told, looked_up, context, out);
            } else if let Some((ask, reload)) = self.waiting.take() {
                self.load_first |= reload;
                (self.attempts, self.fresh) = (0, false);
                self.current = Some(Task::Ask(Arc::clone(&ask), Stage::Order));
                match &*ask {
                    Ask::Submit(prepared) => self.begin_submission(prepared, context, out),
                    Ask::Verb(verb) => self.advance_verb(verb, Stage::Order, context, out),
                    Ask::Wake(..) => {
                        self.forget();
                        out.push(OrderOutput::Load);
                    }
                }
            } else if let Some((version, until)) = self.taking.take() {
                self.current = Some(Task::Taking { asked: context.instant, until });
                out.push(OrderOutput::AskHold { version });
            } else {
                return self.drive(context, out);
            }
        }
    }

    /// Ends the command in hand: its shard hears this verdict, and whether this engine goes on with the order.
    fn answer(&mut self, verdict: SubmitResult, out: &mut Vec<OrderOutput>) {
        self.current = None;
        self.active = self.hold.is_some() || self.calling.is_some() || self.taking.is_some();
        out.push(OrderOutput::Answer { verdict, driving: self.active });
    }

    fn store_failed(&mut self, error: StoreError, out: &mut Vec<OrderOutput>) {
        self.answer(Err(store_error(error)), out);
    }

    /// Writes what an order that exists moves to.
    fn write(
        &mut self,
        before: &StoredOrder,
        txn: LocalTransaction,
        command: Command,
        more: More,
        context: &OrderContext<'_>,
    ) -> OrderOutput {
        let More { key, log, trouble, answer } = more;
        let intent = match command {
            Command::Retry(_) => Intent::Again,
            Command::Found => Intent::Anew,
            _ => intent(&before.order, &txn.order),
        };
        let look_first = before.look_first && looks_on(&command, &txn);
        let driver = Driver { intent, look_first, ..*context.driver };
        let version = before.order.version;
        self.sent = Some(Sent {
            guard: Guard::Version(version),
            driver,
            fingerprint: before.fingerprint.clone(),
            look_first: before.look_first,
            answer,
            at: context.instant,
        });
        let asks_stock = txn.stock.needs_stock();
        OrderOutput::Commit(Box::new(Write {
            key,
            does: Does::Advance(Box::new(Advance {
                version,
                before: asks_stock.then(|| Arc::new(before.order.clone())),
                settled: settled(&before.order, &txn),
                log,
                trouble,
            })),
            txn: Box::new(txn),
            command: Arc::new(command),
            local: Arc::clone(context.local),
            now: context.now,
            driver,
        }))
    }

    /// The local transaction is durable: it is what memory holds from now on, and says whether this engine goes on.
    fn stored(&mut self, txn: LocalTransaction, sent: Sent) {
        let Sent { guard, driver, fingerprint, look_first, answer: _, at: since } = sent;
        let mut look_first = looks_first_after(look_first, &txn, &driver);
        self.taking = None;
        match Work::left(&txn, guard, &driver) {
            Work::Untouched => {}
            Work::Open { held: true, intent, .. } => {
                let fresh = OrderLease {
                    until: since + driver.lease,
                    attempts: 0,
                    intent: Some(since),
                    age: Duration::ZERO,
                    looked: false,
                    waits: None,
                    look: false,
                    claimed: false,
                    counted: false,
                };
                // A hold that ran out may be another engine's since, who counted on.
                self.hold = match (intent, self.hold.filter(|hold| hold.until >= since)) {
                    (Intent::Same, Some(hold)) => {
                        Some(OrderLease { until: fresh.until, claimed: false, counted: false, ..hold })
                    }
                    // How often and since when the call was sent is known to the row alone. It is this engine's now, so
                    // that nobody else would ask before the lease ends.
                    (Intent::Same, None) => {
                        self.taking = Some((txn.order.version, fresh.until));
                        None
                    }
                    (Intent::Fresh | Intent::Again | Intent::Anew, _) => Some(fresh),
                };
            }
            Work::Done => {
                self.hold = None;
                look_first = false; // it goes with the row
            }
            Work::Open { held: false, .. } => self.hold = None,
        }
        self.memory = Some(StoredOrder { order: txn.order, fingerprint, look_first });
        (self.load_first, self.fresh) = (false, true);
    }

    fn remember(&mut self, scope: KeyScope) {
        if self.keys.len() == limits::KEYS_IN_MEMORY {
            self.keys.pop_front();
        }
        self.keys.push_back(scope);
    }
}

/// What a write does beside moving the order.
#[derive(Default)]
struct More {
    key: Option<KeyClaim>,
    log: Option<OperatorEntry>,
    trouble: Option<Trouble>,
    /// What whoever asked for it is answered once it is durable; `None` where that comes later, or nobody asked.
    answer: Option<Answer>,
}

/// Whether an order that was to be looked up before anything is sent still is, once this is durable: what a human answers for
/// settles it, while to wait for one, or to be sent on the way again by one, does not; nor does what a look-up found
/// ([`Driver::look_first`]).
fn looks_first_after(looked_first: bool, txn: &LocalTransaction, driver: &Driver) -> bool {
    let waits = txn.events.is_empty() || txn.order.attention.is_some() || driver.intent.wakes();
    looked_first && (waits || driver.look_first)
}

/// Whether what comes of this command leaves an order to be looked up first that was so. Nothing is sent meanwhile, so that an
/// outcome is what a look-up found; what is answered in this database says nothing of what became of calls; nor does it
/// that the order waits, for whom or what ever.
fn looks_on(command: &Command, txn: &LocalTransaction) -> bool {
    match command {
        Command::Outcome { .. } | Command::Refunded { .. } | Command::GoOn | Command::Found => true,
        Command::Attention { .. } => txn.order.attention.is_some(),
        Command::Submit { .. }
        | Command::Cancel { .. }
        | Command::Capture { .. }
        | Command::Refund { .. }
        | Command::Retry(_)
        | Command::Skip { .. }
        | Command::ForceCancel(_)
        | Command::Expire => false,
    }
}

/// What a move means for the call that is due. While an order waits for a human its call is the same as before: the
/// lifetime of its key runs on, and whoever sends it on its way again must not take it for longer than it is.
fn intent(before: &Order, after: &Order) -> Intent {
    let due = |order: &Order| Due::of(&Order { attention: None, ..order.clone() });
    if due(before) == due(after) { Intent::Same } else { Intent::Fresh }
}

/// The verbs that were asked earlier and that this local transaction decides.
fn settled(before: &Order, txn: &LocalTransaction) -> Vec<Settled> {
    use super::api::verb_route;
    use crate::saga::{Verb, verb};
    let after = &txn.order;
    let mut settled = Vec::new();
    if after.state.is_terminal() && !before.state.is_terminal() {
        for verb in [Verb::Cancel, Verb::Capture] {
            let answer = verb.settled(after);
            settled.extend(answer.map(|answer| Settled { route: verb_route(&after.id, verb), holder: None, answer }));
        }
    }
    // Refunds keep their places: only new ones are added, at the end.
    for (_, refund) in before.refunds.iter().zip(&after.refunds).filter(|(old, _)| old.status == RefundStatus::Intended)
    {
        if let Some(answer) = verb::refunded(after, refund) {
            let holder = Some((refund.client.clone(), refund.key.clone()));
            settled.push(Settled { route: verb_route(&after.id, Verb::Refund), holder, answer });
        }
    }
    settled
}

/// Where an order stands, for whoever asked for its processing.
fn reply(order: &Order, replayed: bool) -> Reply {
    match &order.answer {
        Some(answer) => Reply::Final { order_id: order.id.clone(), answer: Arc::clone(answer), replayed },
        None => running(order, replayed),
    }
}

/// Where an order stands, whether or not it has its answer.
fn running(order: &Order, replayed: bool) -> Reply {
    Reply::Running {
        order_id: order.id.clone(),
        state: order.state,
        version: order.version,
        amount: order.amount.0,
        currency: order.request.currency.as_str().to_owned(),
        replayed,
    }
}

fn store_error(error: StoreError) -> SubmitError {
    match error {
        StoreError::Unavailable(reason) => SubmitError::Unavailable(reason),
        StoreError::Corrupt(_) | StoreError::Refused(_) => SubmitError::Internal(error.to_string()),
    }
}

fn commit_error(error: CommitError) -> SubmitError {
    match error {
        CommitError::Unavailable(reason) => SubmitError::Unavailable(reason),
        CommitError::Locked { what } => SubmitError::Locked { what },
        CommitError::UnknownSku | CommitError::Injected { .. } | CommitError::Refused(_) => {
            SubmitError::Internal(error.to_string())
        }
    }
}

/// What was read is older than what is known: the next read may come to another server.
fn behind() -> SubmitError {
    SubmitError::Unavailable("the database told of an earlier state than it had confirmed".into())
}

/// Whether a commit stored nothing because somebody else was first.
fn lost_the_guard(committed: &Committed) -> bool {
    matches!(committed, Committed::Exists | Committed::Stale)
}

#[cfg(test)]
mod desk_tests;
#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
