//! Fault points: named places where a failure can be armed, for all orders or for one.
//!
//! They are compiled in always, so that the program that is tested is the program that runs, and cost one relaxed load
//! while nothing is armed. Arms live in memory and can be set only where `faults.enabled` is true (off by default).
//! The maintained crate for this (`fail`) arms a point for the whole process; here an arm may name one order, and
//! leaves its neighbours in the same batch alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::limits;

macro_rules! points {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Where a fault can hit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Point { $($(#[$doc])* $variant,)* }

        impl Point {
            /// All of them, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name by which it is armed, and told.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The point of a name.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

points! {
    /// In an order's actor, before it handles a command.
    ActorHandle = "actor.handle",
    /// In an order's actor, after its commit was confirmed and before it answers.
    ActorAfterCommit = "actor.after_commit",
    /// In a shard's actor, before it handles a request.
    ShardStep = "shard.step",
    /// In the transaction, before its first statement.
    AfterBegin = "commit.after_begin",
    /// In the transaction, after the idempotency keys.
    AfterKeysInsert = "commit.after_keys_insert",
    /// In the transaction, after the new orders: with their payments and events, where one statement writes all of it.
    AfterOrdersInsert = "commit.after_orders_insert",
    /// In the transaction, after the orders that moved on.
    AfterOrdersUpdate = "commit.after_orders_update",
    /// In the transaction, after the payments.
    AfterPayments = "commit.after_payments",
    /// In the transaction, after refunds and what is left to be done.
    AfterWork = "commit.after_work",
    /// In the transaction, after the events.
    AfterEventsInsert = "commit.after_events_insert",
    /// In the transaction, after the stock.
    AfterInventoryUpdate = "commit.after_inventory_update",
    /// In the transaction, as the last thing before COMMIT.
    BeforeCommit = "commit.before_commit",
    /// After COMMIT took effect and before anybody hears of it. `error` loses the connection there: the outcome is
    /// unknown to the engine.
    AfterCommit = "commit.after_commit",
    /// Before a call to a remote participant.
    BeforeCall = "step.before_call",
    /// After a call to a remote participant.
    AfterCall = "step.after_call",
}

/// How an armed point fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultKind {
    /// The code panics.
    Panic,
    /// The operation fails: a statement that raises, inside a transaction.
    Error,
    /// The process aborts, as by kill -9.
    Crash,
    /// The operation waits for `ms`.
    Delay,
}

/// An armed fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arm {
    /// The name of the point.
    pub point: &'static str,
    /// For which order alone; for every one where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// How it fails.
    pub action: FaultKind,
    /// How long a delay lasts, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// How many hits are left.
    pub times: u64,
}

/// A fault that strikes now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The point that was reached.
    pub point: Point,
    /// How it fails there.
    pub action: FaultKind,
    /// How long to wait, in milliseconds; 0 where the action is no delay.
    pub ms: u64,
    /// The order that it was armed for.
    pub order_id: Option<String>,
}

/// The table of armed faults.
#[derive(Debug, Default)]
pub struct Faults {
    any: AtomicBool,
    arms: Mutex<Vec<Arm>>,
}

impl Faults {
    /// Arms a fault. Errors where too many are armed.
    pub fn arm(&self, arm: Arm) -> Result<(), String> {
        let mut arms = self.lock();
        if arms.len() >= limits::ARMED_FAULTS {
            return Err(format!("at most {} faults can be armed at once", limits::ARMED_FAULTS));
        }
        arms.push(arm);
        self.any.store(true, Ordering::Release);
        Ok(())
    }

    /// The faults that are armed now, with the hits that each has left.
    pub fn armed(&self) -> Vec<Arm> {
        self.lock().clone()
    }

    /// Removes every armed fault; none strikes afterwards.
    pub fn disarm(&self) {
        self.lock().clear();
        self.any.store(false, Ordering::Release);
    }

    /// Whether anything is armed at all: the fast path.
    pub fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// The fault that strikes at `point` for `order`, spent by one hit.
    pub fn hit(&self, point: Point, order: &str) -> Option<Hit> {
        let hit = self.peek(point, &[order])?;
        self.spend(&hit);
        Some(hit)
    }

    /// The fault that would strike a batch of `orders` at `point`, not spent yet: an arm for one of them, else one for
    /// all.
    pub fn peek(&self, point: Point, orders: &[&str]) -> Option<Hit> {
        if !self.any() {
            return None;
        }
        let arms = self.lock();
        let here = || arms.iter().filter(|arm| arm.point == point.as_str() && arm.times > 0);
        let own = here().find(|arm| arm.order_id.as_deref().is_some_and(|id| orders.contains(&id)));
        own.or_else(|| here().find(|arm| arm.order_id.is_none())).map(|arm| Hit {
            point,
            action: arm.action,
            ms: arm.ms.unwrap_or(0),
            order_id: arm.order_id.clone(),
        })
    }

    /// Counts one hit of what [`Faults::peek`] found.
    pub fn spend(&self, hit: &Hit) {
        let mut arms = self.lock();
        let found = arms
            .iter_mut()
            .find(|arm| arm.point == hit.point.as_str() && arm.action == hit.action && arm.order_id == hit.order_id);
        if let Some(arm) = found {
            arm.times = arm.times.saturating_sub(1);
        }
        arms.retain(|arm| arm.times > 0);
        if arms.is_empty() {
            self.any.store(false, Ordering::Release);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arm>> {
        self.arms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the process as kill -9 would: no destructors, no flushing.
pub fn crash(hit: &Hit) -> ! {
    tracing::error!(point = hit.point.as_str(), order_id = hit.order_id, "SIMULATING CRASH: the process aborts");
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(order_id: Option<&str>, times: u64) -> Arm {
        let order_id = order_id.map(str::to_owned);
        Arm { point: Point::ActorHandle.as_str(), order_id, action: FaultKind::Panic, ms: None, times }
    }

    #[test]
    fn an_arm_for_one_order_leaves_the_others_alone_and_is_spent() {
        let faults = Faults::default();
        assert!(faults.hit(Point::ActorHandle, "a").is_none());
        faults.arm(arm(Some("a"), 2)).unwrap();
        assert!(faults.hit(Point::ActorHandle, "b").is_none());
        assert!(faults.hit(Point::BeforeCommit, "a").is_none());
        assert!(faults.hit(Point::ActorHandle, "a").is_some());
        assert!(faults.hit(Point::ActorHandle, "a").is_some());
        assert!(faults.hit(Point::ActorHandle, "a").is_none());
        assert!(!faults.any(), "a spent table costs nothing");
    }

    #[test]
    fn looking_spends_nothing() {
        let faults = Faults::default();
        faults.arm(arm(None, 1)).unwrap();
        let hit = faults.peek(Point::ActorHandle, &["x", "y"]).unwrap();
        assert_eq!(faults.armed().len(), 1);
        faults.spend(&hit);
        assert!(faults.armed().is_empty());
    }
}
