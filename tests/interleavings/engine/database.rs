//! The database between the instances: the reference store, under the same guards as PostgreSQL. Its rows are few in a
//! search, so what a statement makes of them is found out once, on a copy, and looked up ever after.
//!
//! Its clock is moved by claims alone, as far as it takes: to the end of a lease, of a pause, or of a deadline. Two
//! databases are the same where their rows are, and where the same of their times are over.

use std::fmt::Write as _;
use std::time::Duration;

use counterfoil::engine::order::{OrderInput, OrderOutput};
use counterfoil::ports::{Advance, Committed, Does, Guard, KeyScope, PutOff, Store, Write};
use counterfoil::saga::state::{PaymentStatus, ShipmentStatus, StepStatus};
use counterfoil::saga::{
    Action, CallKind, Client, IdempotencyKey, Order, OrderId, Sku, State, Stock, StockMove, Timestamp, Verb, due,
    invariant,
};
use counterfoil::store::model::{ModelStore, WorkRow};
use futures_util::FutureExt;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::super::{ASK, Action8, Broken, CALLS, RUN, UNDO, kind, sabotage, wrong_step};
use super::instance::{Client8, LEASE, NODE};
use crate::support::simulation::stock;

/// A state of the database.
pub(super) type Rows = u16;
/// What an instance asked of the store.
pub(super) type Asked = u16;
/// What the store answered.
pub(super) type Told = u16;

const SHELF: i64 = 100;

/// A state of the database, and what the searches want to know of it.
struct Known {
    store: ModelStore,
    order: Option<Order>,
    work: Option<WorkRow>,
    /// Whether a sweep finds it due, now or later, before its deadline is over.
    is_due: bool,
    /// Calls that can never be due again, as bits.
    over: u16,
    counts: u32,
    wrong: Option<String>,
}

/// What a sweep may find of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Its pause is over, or its lease.
    Due,
    /// Its deadline is.
    Expired,
}

type Claim = Option<(Rows, u8, bool)>;

pub(super) struct Database {
    id: OrderId,
    broken: Broken,
    known: Vec<Known>,
    numbers: FxHashMap<[u8; 32], Rows>,
    asked: Vec<OrderOutput>,
    asked_numbers: FxHashMap<[u8; 32], Asked>,
    told: Vec<OrderInput>,
    told_numbers: FxHashMap<[u8; 32], Told>,
    /// Of each of the known: what was asked, the rows after it, and what was told.
    done: Vec<Vec<(Asked, Rows, Told)>>,
    /// Of each of the known: what a claim finds, by its turn.
    claims: Vec<[Option<Claim>; 2]>,
    steps: FxHashMap<(Rows, Rows), Option<&'static str>>,
}

/// The state with no order in it.
pub(super) const EMPTY: Rows = 0;

fn digest(what: &impl std::fmt::Debug) -> [u8; 32] {
    let mut text = String::new();
    write!(text, "{what:?}").expect("a string grows");
    Sha256::digest(text.as_bytes()).into()
}

fn number<T>(known: &mut Vec<T>, numbers: &mut FxHashMap<[u8; 32], u16>, digest: [u8; 32], new: T) -> u16 {
    let next = u16::try_from(known.len()).expect("few of them");
    let number = *numbers.entry(digest).or_insert(next);
    if number == next {
        known.push(new);
    }
    number
}

fn scope(verb: Client8, id: &OrderId) -> Option<KeyScope> {
    let (verb, word) = match verb {
        Client8::Submit => return None,
        Client8::Cancel => (Verb::Cancel, "cancel"),
        Client8::Capture => (Verb::Capture, "capture"),
    };
    let route = counterfoil::engine::api::verb_route(id, verb);
    Some(KeyScope { client: Client::trusted("shop"), route, key: IdempotencyKey::trusted(word) })
}

impl Database {
    pub(super) fn new(broken: Broken) -> Self {
        let store = ModelStore::default();
        ["A", "B"].iter().for_each(|sku| stock(&store, sku, SHELF));
        let mut database = Self {
            id: OrderId::trusted("ORD-1"),
            broken,
            known: Vec::new(),
            numbers: FxHashMap::default(),
            asked: Vec::new(),
            asked_numbers: FxHashMap::default(),
            told: Vec::new(),
            told_numbers: FxHashMap::default(),
            done: Vec::new(),
            claims: Vec::new(),
            steps: FxHashMap::default(),
        };
        database.intern(store);
        database
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn order(&self, rows: Rows) -> Option<&Order> {
        self.known[usize::from(rows)].order.as_ref()
    }

    pub(super) fn told(&self, told: Told) -> &OrderInput {
        &self.told[usize::from(told)]
    }

    pub(super) fn asked(&self, asked: Asked) -> &OrderOutput {
        &self.asked[usize::from(asked)]
    }

    /// Whether it moves the order: whoever asked may be gone, and it may happen all the same. What only says when an
    /// order is to be taken up again has happened when its asker dies, or never will: no lease ends meanwhile.
    pub(super) fn outlives(&self, asked: Asked) -> bool {
        matches!(self.asked(asked), OrderOutput::Commit(_) | OrderOutput::Bind(_))
    }

    pub(super) fn reads(&self, asked: Asked) -> bool {
        matches!(
            self.asked(asked),
            OrderOutput::Load
                | OrderOutput::Look
                | OrderOutput::AskHold { .. }
                | OrderOutput::FindKey(_)
                | OrderOutput::Survey { .. }
        )
    }

    /// Whether it can write nothing any more, since the order has moved on.
    pub(super) fn is_lost(&self, rows: Rows, asked: Asked) -> bool {
        let Some(order) = self.order(rows) else { return false };
        match self.asked(asked) {
            OrderOutput::Commit(write) => match write.guard() {
                Guard::Absent => self.broken != Broken::Absent,
                Guard::Version(version) => self.broken != Broken::Guard && version < order.version,
            },
            OrderOutput::Postpone(PutOff { version, .. }) | OrderOutput::Leave { version } => *version < order.version,
            _ => false,
        }
    }

    /// The stored answer of what a client asked.
    pub(super) fn is_answer(&self, rows: Rows, who: Client8, answer: &counterfoil::saga::Answer) -> bool {
        let Known { store, order, .. } = &self.known[usize::from(rows)];
        match scope(who, &self.id) {
            None => order.as_ref().and_then(|order| order.answer.as_deref()) == Some(answer),
            Some(scope) => store.binding(&scope).and_then(|binding| binding.answer).as_ref() == Some(answer),
        }
    }

    /// The number of what an instance asks. A write shows itself only in part, so that its parts are looked at.
    pub(super) fn ask(&mut self, step: OrderOutput) -> Asked {
        let digest = match &step {
            OrderOutput::Commit(write) => {
                digest(&(write.guard(), &write.txn, &write.key, write.settled(), &write.command, &write.driver))
            }
            other => digest(other),
        };
        number(&mut self.asked, &mut self.asked_numbers, digest, step)
    }

    pub(super) fn tell(&mut self, heard: OrderInput) -> Told {
        let digest = digest(&heard);
        number(&mut self.told, &mut self.told_numbers, digest, heard)
    }

    fn intern(&mut self, store: ModelStore) -> Rows {
        let (order, work, now) = (store.find(&self.id).map(|stored| stored.order), store.work(&self.id), store.now());
        let passed = |at: Option<Timestamp>| at.map(|at| at <= now);
        let waits = work.as_ref().map(|row| {
            let until_deadline = row.wake_at.is_some() && row.wake_at == row.expires_at;
            // Nothing in a search kills who loads the order, so that how often it was claimed makes no difference.
            let rest = (row.version, row.attempts, row.owner, row.look);
            (passed(row.wake_at), passed(row.expires_at), until_deadline, rest)
        });
        let keys = [Client8::Cancel, Client8::Capture].map(|verb| store.binding(&scope(verb, &self.id)?));
        let digest = digest(&(&order, waits, keys, store.shelves()));
        let is_due = work.as_ref().is_some_and(|row| {
            row.wake_at.is_some() && (passed(row.wake_at) == Some(true) || row.wake_at != row.expires_at)
        });
        let wrong = order.as_ref().filter(|_| self.broken == Broken::Nothing).and_then(|order| wrong(order, &store));
        let over = order.as_ref().map_or(0, over);
        let counts = (0..CALLS).filter(|call| over >> call & 1 == 1).map(|call| 3 << (2 * call)).sum();
        self.done.resize(self.known.len() + 1, Vec::new());
        self.claims.resize(self.known.len() + 1, [None; 2]);
        number(&mut self.known, &mut self.numbers, digest, Known { store, order, work, is_due, over, counts, wrong })
    }

    /// Does what was asked; the rows after it, and what it tells.
    pub(super) fn execute(&mut self, rows: Rows, asked: Asked) -> (Rows, Told) {
        let done = &self.done[usize::from(rows)];
        let mut at = 0;
        while at < done.len() {
            if done[at].0 == asked {
                return (done[at].1, done[at].2);
            }
            at += 1;
        }
        let store = self.known[usize::from(rows)].store.fork();
        let id = self.id.clone();
        let heard = match &self.asked[usize::from(asked)] {
            OrderOutput::Load | OrderOutput::Look => OrderInput::Loaded(Ok(store.find(&id))),
            OrderOutput::FindKey(scope) => OrderInput::KeyFound(Ok(store.binding(scope))),
            OrderOutput::Bind(claim) => OrderInput::Bound(Ok(store.bind(claim))),
            OrderOutput::Survey { scope, skus } => {
                OrderInput::Surveyed(Ok(Box::new(store.surveyed(&id, scope.as_ref(), skus))))
            }
            OrderOutput::Commit(write) => OrderInput::Committed(store.apply(&self.broken(write, rows))),
            OrderOutput::Postpone(off) => {
                let done = store.postpone(id, off.clone()).now_or_never();
                OrderInput::Postponed(done.expect("the model does not wait"))
            }
            OrderOutput::HandBack(back) => {
                let done = store.hand_back(id, back.clone()).now_or_never();
                OrderInput::Postponed(done.expect("the model does not wait"))
            }
            // Asked at once after the commit that took the order: which instance is which makes no difference.
            OrderOutput::AskHold { version } => {
                OrderInput::Held(store.held(id, *version, NODE).now_or_never().expect("the model does not wait"))
            }
            OrderOutput::Leave { version } => {
                OrderInput::Postponed(store.leave(id, *version).now_or_never().expect("the model does not wait"))
            }
            OrderOutput::Call(..)
            | OrderOutput::LookUp(..)
            | OrderOutput::Answer { .. }
            | OrderOutput::Report { .. }
            | OrderOutput::NoticeAttention(_) => {
                unreachable!("the store is not asked that")
            }
        };
        let (after, told) = (self.intern(store), self.tell(heard));
        self.done[usize::from(rows)].push((asked, after, told));
        (after, told)
    }

    /// The mechanisms that live in the write, taken out on its way.
    fn broken(&self, write: &Write, rows: Rows) -> Write {
        let mut write = write.clone();
        let before = self.order(rows);
        let overwrites = match write.guard() {
            Guard::Version(_) => self.broken == Broken::Guard,
            Guard::Absent => self.broken == Broken::Absent,
        };
        if let Some(before) = before.filter(|_| overwrites) {
            // Whoever writes last wins, and the version goes on.
            write.does = match write.does {
                Does::Advance(advance) => Does::Advance(Box::new(Advance { version: before.version, ..*advance })),
                Does::Place { .. } => Does::Advance(Box::new(Advance::of(before.version))),
            };
            write.txn.order.version = before.version + i32::try_from(write.txn.events.len()).expect("few events");
        }
        let order = sabotage(write.txn.order.clone(), self.broken);
        if order != write.txn.order {
            let held = before.is_some_and(|before| matches!(before.stock, Stock::Reserved | Stock::Releasing));
            let frees = held && order.stock == Stock::Released && order.plan.inventory_is_local();
            write.txn.stock = if frees { StockMove::Free } else { StockMove::None };
            write.txn.call = due(&order);
            write.txn.order = order;
        }
        write
    }

    /// Whether anybody's lease stands in these rows.
    pub(super) fn is_held(&self, rows: Rows) -> bool {
        self.known[usize::from(rows)].work.as_ref().is_some_and(|row| row.owner.is_some())
    }

    /// Whether what was told made the order that of whoever wrote.
    pub(super) fn moved(&self, told: Told) -> bool {
        matches!(self.told(told), OrderInput::Committed(Ok(Committed::Stored(txn))) if !txn.events.is_empty())
    }

    /// Whether a call can never be due again, whatever happens to the order.
    pub(super) fn is_over(&self, rows: Rows, call: Action8) -> bool {
        self.known[usize::from(rows)].over >> call & 1 == 1
    }

    /// The same of every call, as the bits of counts.
    pub(super) fn all_over(&self, rows: Rows) -> u32 {
        self.known[usize::from(rows)].counts
    }

    /// Whether a sweep may find it so, sooner or later.
    pub(super) fn comes(&self, rows: Rows, turn: Turn) -> bool {
        let Known { work, is_due, .. } = &self.known[usize::from(rows)];
        match turn {
            Turn::Due => *is_due,
            Turn::Expired => work.as_ref().is_some_and(|row| row.wake_at.is_some() && row.expires_at.is_some()),
        }
    }

    /// A sweep finds the order when its turn has come: the rows after it, and what the claim says.
    pub(super) fn claim(&mut self, rows: Rows, turn: Turn) -> Claim {
        if let Some(known) = self.claims[usize::from(rows)][turn as usize] {
            return known;
        }
        let Known { store, work, .. } = &self.known[usize::from(rows)];
        let store = store.fork();
        let at = work.as_ref().and_then(|row| match turn {
            Turn::Due => row.wake_at,
            Turn::Expired => row.wake_at.max(row.expires_at),
        });
        let span = at.map_or(0, |at| u64::try_from(at.0 - store.now().0).unwrap_or(0));
        store.advance(Duration::from_micros(span));
        let sweep = store.claim(NODE, LEASE, 1).now_or_never().expect("the model does not wait");
        let sweep = sweep.expect("nor fails");
        assert!(sweep.set_aside.is_empty(), "nothing kills who loads it");
        let claimed = sweep.claimed.first().map(|claimed| (claimed.attempts, claimed.expired));
        let after = self.intern(store);
        let claim = claimed.map(|(attempts, expired)| (after, u8::try_from(attempts).expect("few"), expired));
        self.claims[usize::from(rows)][turn as usize] = Some(claim);
        claim
    }

    /// What is wrong with these rows, or with the way there.
    pub(super) fn wrong(&mut self, before: Rows, after: Rows) -> Option<String> {
        if let Some(wrong) = &self.known[usize::from(after)].wrong {
            return Some(wrong.clone());
        }
        let known = &self.known;
        let judged = self.steps.entry((before, after)).or_insert_with(|| {
            let (old, new) = (known[usize::from(before)].order.as_ref()?, known[usize::from(after)].order.as_ref());
            let Some(new) = new else { return Some("an order is gone") };
            wrong_step(old, new).or_else(|| match self.broken {
                Broken::Nothing => invariant::broken_between(old, new).first().copied(),
                _ => None,
            })
        });
        judged.map(str::to_owned)
    }
}

/// The laws of an order, and of the shelves that it takes from.
fn wrong(order: &Order, store: &ModelStore) -> Option<String> {
    if let Some(law) = invariant::violations(order).first() {
        return Some((*law).to_owned());
    }
    if !order.plan.inventory_is_local() {
        return None;
    }
    let shelves = store.shelves();
    let off = |(sku, wants): (&Sku, &i64)| {
        let (held, gone) = match order.stock {
            Stock::Reserved | Stock::Releasing => (*wants, 0),
            Stock::Taken => (0, *wants),
            Stock::None | Stock::Intended | Stock::Rejected | Stock::Released => (0, 0),
        };
        shelves.get(sku).is_none_or(|&(on_hand, reserved, _)| (on_hand, reserved) != (SHELF - gone, held))
    };
    let wants = order.request.quantities();
    wants.iter().any(off).then(|| format!("{} with stock {}, and the shelves differ", order.state, order.stock))
}

/// The calls that no order which follows upon this one can have due, as bits.
fn over(order: &Order) -> u16 {
    let (state, payment) = (order.state, order.payment.status);
    let undoing = state == State::Compensating;
    let is_over = |kind: CallKind| match kind {
        CallKind::Act(Action::Reserve) => state != State::Created,
        CallKind::Act(Action::Charge | Action::Authorize) => {
            !matches!(state, State::Created | State::InventoryReserved)
        }
        CallKind::Act(Action::Capture) | CallKind::LookUp => {
            !matches!(state, State::Created | State::InventoryReserved | State::PaymentAuthorized)
        }
        CallKind::Act(Action::Ship) => state.is_terminal() || undoing,
        CallKind::Act(Action::CancelShipment) => {
            state.is_terminal() || undoing && order.shipment.status != ShipmentStatus::Cancelling
        }
        CallKind::Act(Action::Void) => state.is_terminal() || undoing && payment != PaymentStatus::Voiding,
        CallKind::Act(Action::Refund) => {
            state.is_terminal() || matches!(payment, PaymentStatus::Voiding | PaymentStatus::Voided)
        }
        CallKind::Act(Action::Release) => state.is_terminal(),
        CallKind::Act(Action::Run | Action::Undo) => true,
    };
    let own = order.own.as_deref().and_then(|own| own.iter().next());
    let own_is_over = |call: Action8| {
        own.is_none_or(|(step, stands)| match call {
            UNDO => {
                state.is_terminal() || !step.undo || matches!(stands.status, StepStatus::Refused | StepStatus::Undone)
            }
            _ => state.is_terminal() || undoing || !matches!(stands.status, StepStatus::None | StepStatus::Intended),
        })
    };
    let is_over = |call: Action8| match call {
        RUN | UNDO | ASK => own_is_over(call),
        built_in => is_over(kind(built_in)),
    };
    (0..CALLS as Action8).filter(|call| is_over(*call)).map(|call| 1 << call).sum()
}

/// In words, what became of what was asked.
pub(super) fn words(asked: &OrderOutput, heard: &OrderInput) -> String {
    match (asked, heard) {
        (OrderOutput::Commit(write), OrderInput::Committed(Ok(Committed::Stored(txn)))) => {
            let events: Vec<_> = txn.events.iter().map(counterfoil::saga::Event::name).collect();
            format!("{} is stored ({}): {}", write.command.name(), events.join(", "), txn.order.state)
        }
        (OrderOutput::Commit(write), OrderInput::Committed(outcome)) => {
            format!("{} is not stored: {outcome:?}", write.command.name())
        }
        (OrderOutput::Load | OrderOutput::Look, OrderInput::Loaded(Ok(Some(stored)))) => {
            format!("read as {} version {}", stored.order.state, stored.order.version)
        }
        (OrderOutput::Postpone(PutOff { attempts, .. }), OrderInput::Postponed(done)) => {
            format!("left after {attempts} attempts: {done:?}")
        }
        (asked, _) => format!("{asked:?}").chars().take(60).collect(),
    }
}

/// Whether it needs nothing more by itself: it ended, or a human, or a capture, is waited for.
pub(super) fn is_at_rest(order: &Order) -> bool {
    order.state.is_terminal() || order.attention.is_some() || order.state == State::PaymentAuthorized
}
