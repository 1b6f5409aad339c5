//! The reference's work rows and nodes: what `order_work` and `nodes` are to PostgreSQL, under a clock that a test
//! moves by hand.

use std::time::Duration;

use uuid::Uuid;

use super::{Tables, elapsed, later};
use crate::limits;
use crate::ports::{Claimed, Deadline, HandBack, Intent, Node, OpenWork, PutOff, SetAside, Sweep, Work, Write};
use crate::saga::definition::StepEntry;
use crate::saga::event::Fact;
use crate::saga::state::Attention;
use crate::saga::{Event, LocalTransaction, OrderId, Timestamp, evolve};
use crate::store::{schema, work::hopeless};

/// What is left to be done about an order: a row of `order_work`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkRow {
    /// The version of the order that the row is about.
    pub version: i32,
    /// When any engine may claim it; `None`: not before somebody speaks to it.
    pub wake_at: Option<Timestamp>,
    /// Of its reservation or authorisation.
    pub expires_at: Option<Timestamp>,
    /// Of the commit that intended the call which is due.
    pub intent_at: Timestamp,
    /// Of that call, without an answer that counts.
    pub attempts: i16,
    /// Since it last moved on.
    pub claims: i16,
    /// The engine that holds it.
    pub owner: Option<Uuid>,
    /// Whether a participant said that something happened to it.
    pub look: bool,
    /// What was said against it last.
    pub last_error: Option<String>,
}

/// A row of `nodes`.
#[derive(Debug, Clone)]
pub(super) struct NodeRow {
    name: String,
    state: &'static str,
    started_at: Timestamp,
    heartbeat_at: Timestamp,
    steps: Vec<StepEntry>,
}

impl Tables {
    /// What is left to be done about an order.
    pub(super) fn open_work(&self, id: &OrderId) -> Option<OpenWork> {
        let row = self.work.get(id)?;
        Some(OpenWork {
            attempts: row.attempts,
            claims: row.claims,
            intent_at: row.intent_at,
            next_try: row.wake_at,
            deadline: row.expires_at,
            owner: row.owner,
            owner_name: row.owner.and_then(|owner| self.nodes.get(&owner)).map(|node| node.name.clone()),
            last_error: row.last_error.clone(),
        })
    }

    /// Writes what `txn` leaves to be done. A local transaction without events leaves it as it was.
    pub(super) fn leave(&mut self, write: &Write, txn: &LocalTransaction) {
        if txn.events.is_empty() {
            return;
        }
        let id = &txn.order.id;
        let (held, asleep, deadline, intent) = match write.work(txn) {
            Work::Untouched => return,
            Work::Done => {
                if !write.places() {
                    self.work.remove(id);
                }
                return;
            }
            Work::Open { held, asleep, deadline, intent } => (held, asleep, deadline, intent),
        };
        let (now, earlier) = (self.now, self.work.get(id));
        let expires_at = match deadline {
            Deadline::Keep => earlier.and_then(|row| row.expires_at),
            Deadline::None => None,
            Deadline::After(span) => Some(later(now, span)),
        };
        let wake_at = match (asleep, held) {
            (true, _) => None,
            (false, _) if intent.wakes() => Some(now),
            (false, true) => Some(later(now, write.driver.lease)),
            (false, false) => expires_at,
        };
        let trouble = write.trouble();
        let (intent_at, attempts) = match earlier {
            Some(row) if intent == Intent::Same => {
                (row.intent_at, trouble.map_or(row.attempts, |trouble| trouble.attempts))
            }
            Some(row) if intent == Intent::Again => (row.intent_at, 0),
            Some(_) | None => (now, 0),
        };
        let said_before = earlier.filter(|_| !intent.is_fresh()).and_then(|row| row.last_error.clone());
        let row = WorkRow {
            version: txn.order.version,
            wake_at,
            expires_at,
            intent_at,
            attempts,
            claims: 0,
            owner: held.then_some(write.driver.node),
            look: !intent.is_fresh() && earlier.is_some_and(|row| row.look),
            last_error: trouble.map(|trouble| trouble.error.to_string()).or(said_before),
        };
        self.work.insert(id.clone(), row);
    }

    /// A participant said that something happened to the order: it is looked at next, or when its lease ends.
    pub(super) fn look(&mut self, id: &OrderId) {
        let now = self.now;
        if let Some(row) = self.work.get_mut(id) {
            row.look = true;
            let held = row.owner.is_some() && row.wake_at.is_some_and(|at| at > now);
            if row.wake_at.is_some() && !held {
                row.wake_at = Some(now);
            }
        }
    }

    /// What is due and was claimed so often, the longest overdue first.
    fn due(&self, claims: std::ops::RangeInclusive<i16>, limit: i64) -> Vec<OrderId> {
        let is_due = |row: &WorkRow| row.wake_at.is_some_and(|at| at <= self.now) && claims.contains(&row.claims);
        let mut due: Vec<_> = self.work.iter().filter(|(_, row)| is_due(row)).collect();
        due.sort_by_key(|(id, row)| (row.wake_at, *id));
        due.into_iter().take(usize::try_from(limit).unwrap_or(0)).map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn claim(&mut self, node: Uuid, lease: Duration, limit: i64) -> Sweep {
        let hopeless = self.due(limits::CLAIMS..=i16::MAX, limit);
        let set_aside = hopeless.iter().filter_map(|id| self.set_aside(id)).collect();
        let (fresh, suspects) = (self.due(0..=0, limit), self.due(1..=limits::CLAIMS - 1, 1));
        let ids = if fresh.is_empty() || self.suspects_next && !suspects.is_empty() { suspects } else { fresh };
        let now = self.now;
        let beats: std::collections::BTreeMap<Uuid, Timestamp> =
            self.nodes.iter().map(|(id, row)| (*id, row.heartbeat_at)).collect();
        // An engine whose heartbeat went on until the end of its lease was not killed by what it claimed.
        let lived_on = |row: &WorkRow| {
            row.owner.is_some_and(|owner| {
                let beat = beats.get(&owner).map(|at| later(*at, limits::HEARTBEAT_MISSED));
                owner == node || beat.is_some_and(|beat| row.wake_at.is_some_and(|ended| beat > ended))
            })
        };
        let mut claimed = Vec::new();
        for id in ids {
            let Some(row) = self.work.get_mut(&id) else { continue };
            self.suspects_next = row.claims == 0;
            let after = if lived_on(row) { row.claims.max(1) } else { row.claims + 1 };
            claimed.push(Claimed {
                counted: after > row.claims,
                order_id: id,
                attempts: row.attempts,
                intent_age: elapsed(row.intent_at, now),
                expired: row.expires_at.is_some_and(|at| at <= now),
                look: row.look,
                late: row.wake_at.map_or(Duration::ZERO, |at| elapsed(at, now)),
            });
            row.claims = after;
            row.look = false;
            row.owner = Some(node);
            row.wake_at = Some(later(now, lease));
        }
        Sweep { claimed, set_aside }
    }

    /// Flags an order that was claimed too often; `None` where it waits for a human already, or is not there.
    fn set_aside(&mut self, id: &OrderId) -> Option<SetAside> {
        let now = self.now;
        let row = self.work.get_mut(id)?;
        let reason = hopeless(row.last_error.as_deref());
        (row.wake_at, row.owner, row.claims, row.look) = (None, None, 0, false);
        let stored = self.orders.get_mut(id)?;
        if stored.order.version != row.version || stored.order.attention.as_ref().is_some_and(Attention::is_for_a_human)
        {
            return None;
        }
        let event = Event::from(Fact::OrderAttention { reason: reason.clone(), contradicted: false, missing: None });
        let order = evolve(Some(stored.order.clone()), &event, now)?;
        row.version = order.version;
        let (attempts, last_error) = (row.attempts, row.last_error.clone());
        stored.order = order.clone();
        self.tell(&order, &[event]);
        Some(SetAside { order_id: id.clone(), attempts, last_error, reason })
    }

    pub(super) fn postpone(&mut self, id: &OrderId, off: PutOff) -> bool {
        let now = self.now;
        let found = self.work.get_mut(id).filter(|row| row.version == off.version && row.wake_at.is_some());
        let Some(row) = found else { return false };
        let ends_at = later(now, off.pause);
        let deadline = row.expires_at.filter(|at| *at > now);
        let pause_ends = deadline.map_or(ends_at, |at| at.min(ends_at));
        row.wake_at = Some(if row.look { now } else { pause_ends });
        (row.attempts, row.claims, row.owner, row.look) = (off.attempts, 0, None, row.look || off.look);
        row.last_error = off.error.map(|error| error.to_string());
        true
    }

    pub(super) fn let_be(&mut self, id: &OrderId, version: i32) -> bool {
        let now = self.now;
        let Some(row) = self.work.get_mut(id).filter(|row| row.version == version && row.wake_at.is_some()) else {
            return false;
        };
        row.wake_at = if row.look { Some(now) } else { row.expires_at.or(Some(later(now, limits::NOTHING_DUE))) };
        (row.claims, row.owner, row.last_error) = (0, None, None);
        true
    }

    pub(super) fn hand_back(&mut self, id: &OrderId, back: HandBack) -> bool {
        let now = self.now;
        let held = |row: &&mut WorkRow| row.owner == Some(back.node) && row.wake_at.is_some();
        let Some(row) = self.work.get_mut(id).filter(held) else { return false };
        if back.counted && back.fault.is_none() {
            row.claims = (row.claims - 1).max(0);
        }
        row.last_error = back.fault.or(back.error).or(row.last_error.take());
        row.look |= back.look;
        let pause = if row.look { back.pause.min(Duration::from_millis(100)) } else { back.pause };
        row.wake_at = Some(later(now, pause));
        row.owner = None;
        true
    }

    pub(super) fn held(&self, id: &OrderId, version: i32, node: Uuid) -> Option<Claimed> {
        let now = self.now;
        let mine = |row: &&WorkRow| row.owner == Some(node) && row.wake_at.is_some_and(|at| at > now);
        let row = self.work.get(id).filter(|row| row.version == version).filter(mine)?;
        Some(Claimed {
            order_id: id.clone(),
            attempts: row.attempts,
            intent_age: elapsed(row.intent_at, now),
            expired: row.expires_at.is_some_and(|at| at <= now),
            look: row.look,
            late: Duration::ZERO,
            counted: false,
        })
    }

    pub(super) fn release(&mut self, node: Uuid) -> u64 {
        let now = self.now;
        let mut released = 0;
        for row in self.work.values_mut().filter(|row| row.owner == Some(node)) {
            (row.owner, row.wake_at, row.claims) = (None, Some(now), (row.claims - 1).max(0));
            released += 1;
        }
        released
    }

    pub(super) fn heartbeat(&mut self, node: Uuid, name: String, state: &'static str) {
        let now = self.now;
        self.nodes.retain(|id, row| *id == node || elapsed(row.heartbeat_at, now) <= limits::NODE_FORGOTTEN);
        let known = self.nodes.get(&node);
        let started_at = known.map_or(now, |row| row.started_at);
        let steps = known.map(|row| row.steps.clone()).unwrap_or_default();
        self.nodes.insert(node, NodeRow { name, state, started_at, heartbeat_at: now, steps });
    }

    pub(super) fn tell_steps(&mut self, node: Uuid, steps: Vec<StepEntry>) -> Vec<StepEntry> {
        let now = self.now;
        if let Some(row) = self.nodes.get_mut(&node) {
            row.steps = steps;
        }
        let lives = |row: &NodeRow| row.state != "gone" && elapsed(row.heartbeat_at, now) < limits::NODE_GONE;
        let others = self.nodes.iter().filter(|(id, row)| **id != node && lives(row));
        let mut names: Vec<_> = others.flat_map(|(_, row)| row.steps.iter().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn seen_nodes(&self) -> Vec<Node> {
        let told = |(id, row): (&Uuid, &NodeRow)| {
            let age = elapsed(row.heartbeat_at, self.now);
            let orders = self.work.values().filter(|work| work.owner == Some(*id)).count();
            Node {
                node_id: *id,
                name: row.name.clone(),
                version: schema::THIS_BINARY.into(),
                state: if age > limits::NODE_GONE { "gone" } else { row.state }.into(),
                started_at: row.started_at.to_string(),
                heartbeat_age_ms: i64::try_from(age.as_millis()).unwrap_or(i64::MAX),
                orders: i64::try_from(orders).unwrap_or(i64::MAX),
                steps: row.steps.iter().map(StepEntry::told).collect(),
            }
        };
        let mut nodes: Vec<_> = self.nodes.iter().collect();
        nodes.sort_by_key(|(id, row)| (row.started_at, **id));
        nodes.into_iter().map(told).collect()
    }
}
