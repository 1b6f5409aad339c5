//! What is left to be done about orders: who does it, and when.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::Guard;
use crate::saga::definition::OwnStep;
use crate::saga::event::Fact;
use crate::saga::state::{Attention, RefundStatus, StepStatus};
use crate::saga::{Event, LocalTransaction, Order, OrderId, State, Timestamp, refund_due};

/// How an engine drives the orders that it has in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Driver {
    /// The engine's own id, made at its start.
    pub node: Uuid,
    /// For how long it alone drives an order after each of its commits.
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

impl Driver {
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
    /// Nobody was there for it, and somebody is again: it begins anew, attempts and age. Whoever sweeps next takes it at once,
    /// and sees to a deadline that passed meanwhile.
    Anew,
}

impl Intent {
    /// Whether its attempts and its age are counted from this commit.
    pub fn is_fresh(self) -> bool {
        matches!(self, Self::Fresh | Self::Anew)
    }

    /// Whether it is left to whoever sweeps next, at once.
    pub fn wakes(self) -> bool {
        matches!(self, Self::Again | Self::Anew)
    }
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
    /// The deadline that the row has stays as it is.
    Keep,
    /// It has none any more.
    None,
    /// From now on, by the database's clock.
    After(Duration),
}

impl Work {
    /// What `txn`, written under `guard` by an engine that drives so, leaves to be done.
    pub fn left(txn: &LocalTransaction, guard: Guard, driver: &Driver) -> Self {
        if txn.events.is_empty() {
            return Self::Untouched;
        }
        let order = &txn.order;
        let left = Left::of(order);
        if left == Left::Nothing {
            return Self::Done;
        }
        let deadline = deadline(txn, guard, driver);
        let missing = order.attention.as_ref().is_some_and(|attention| attention.missing.is_some());
        let held = (txn.call.is_some() || refund_due(order).is_some() || missing) && !driver.intent.wakes();
        Self::Open { held, asleep: left == Left::Asleep, deadline, intent: driver.intent }
    }
}

/// What is left to be done about an order, by where it stands alone: what its row in `order_work` has to say, whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing: it has no row.
    Nothing,
    /// It waits for a human: nothing wakes it but what is said to it.
    Asleep,
    /// Somebody takes it up, for its next call or at its deadline.
    Awake,
}

impl Left {
    /// Of an order as it is committed.
    pub fn of(order: &Order) -> Self {
        let open_refund = order.refunds.iter().any(|refund| refund.status == RefundStatus::Intended);
        if order.state.is_terminal() && !open_refund {
            return Self::Nothing;
        }
        let for_a_human = order.attention.as_ref().is_some_and(Attention::is_for_a_human);
        if for_a_human { Self::Asleep } else { Self::Awake }
    }
}

/// What a local transaction makes of its order's deadline. One binds at a time: of the reservation until the payment is
/// known, of the authorisation, or of the step of its own that is under way.
fn deadline(txn: &LocalTransaction, guard: Guard, driver: &Driver) -> Deadline {
    let order = &txn.order;
    let reserves = matches!(order.state, State::Created | State::InventoryReserved);
    let moved = |moves: fn(&Fact) -> bool| {
        guard == Guard::Absent || txn.events.iter().any(|event| matches!(event, Event::Fact(fact) if moves(fact)))
    };
    if let Some(step) = own_step_under_way(order) {
        // By this local transaction it was begun, or, where the order only goes forward, begins anew.
        let begins = |fact: &Fact| {
            matches!(
                fact,
                Fact::StepDone { .. }
                    | Fact::InventoryReserved { .. }
                    | Fact::PaymentCharged { .. }
                    | Fact::ShipmentCreated { .. }
            )
        };
        let goes_on = order.state == State::ShipmentCreated && moved(|fact| matches!(fact, Fact::OrderResumed { .. }));
        if !moved(begins) && !goes_on {
            return Deadline::Keep;
        }
        let own = step.deadline_ms.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
        return match own {
            Some(own) => Deadline::After(own),
            // A step before it may have taken days: this one has as long as a reservation has.
            None if reserves && moved(|fact| matches!(fact, Fact::StepDone { .. })) => {
                Deadline::After(driver.reservation_ttl)
            }
            None if reserves => Deadline::Keep,
            None => Deadline::None,
        };
    }
    let authorized = txn.events.iter().find_map(|event| match event {
        Event::Fact(Fact::PaymentAuthorized { expires_in_ms, .. }) => Some(*expires_in_ms),
        _ => None,
    });
    match order.state {
        State::PaymentAuthorized => {
            authorized.map_or(Deadline::Keep, |holds| Deadline::After(driver.authorized_for(holds)))
        }
        // Behind a step that may have taken days the payment has as long as it ever has.
        State::Created | State::InventoryReserved if moved(|fact| matches!(fact, Fact::StepDone { .. })) => {
            Deadline::After(driver.reservation_ttl)
        }
        State::Created | State::InventoryReserved => Deadline::Keep,
        State::PaymentCharged | State::ShipmentCreated | State::Completed | State::Compensating | State::Cancelled => {
            Deadline::None
        }
    }
}

/// The step of the order's own that is under way going forward.
fn own_step_under_way(order: &Order) -> Option<&OwnStep> {
    let forward = !matches!(order.state, State::Compensating | State::Cancelled | State::Completed);
    let own = order.own.as_ref().filter(|_| forward)?;
    own.iter().find(|(_, state)| state.status == StepStatus::Intended).map(|(step, _)| step)
}

/// An order that was due, and is this engine's for its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The order's id.
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
    /// The engine that gives it back.
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
    /// The order's id.
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
    /// The version of its program.
    pub version: String,
    /// `up`, `draining`, or `gone` where its heartbeat stopped.
    pub state: String,
    /// When it started: RFC 3339, by the database's clock.
    pub started_at: String,
    /// How long ago its last heartbeat was, in milliseconds, by the database's clock.
    pub heartbeat_age_ms: i64,
    /// How many orders it holds now.
    pub orders: i64,
    /// The steps of one's own that it has entries for, a local one with `/local` behind its name; none of an engine that tells none, as one before 0.6.0.
    pub steps: Vec<String>,
}
