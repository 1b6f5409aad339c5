//! What must hold after every step, judged from the store, from the participants' books, and from what clients were
//! told; the engine is not asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use counterfoil::engine::order::Due;
use counterfoil::engine::{Ask, Prepared, PreparedVerb, Reply, SubmitError, SubmitResult};
use counterfoil::participants::contract;
use counterfoil::ports::{Called, CommitResult, Committed, StoredOrder, Write};
use counterfoil::saga::event::{Fact, RefundName};
use counterfoil::saga::state::RefundStatus;
use counterfoil::saga::{Answer, Event, Order, OrderId, Plan, Sku, State, Stock, Timestamp, evolve, invariant};
use counterfoil::simulator::record::LedgerLine;
use counterfoil::store::model::ModelStore;

use super::transitions::Moves;
use crate::support::outside::{Books, Outside, bit};

/// A promise that was broken, in words.
pub type Violation = String;

/// Units of a SKU by what became of them.
#[derive(Debug, Clone, Copy, Default)]
struct Units {
    held: i64,
    sold: i64,
    back: i64,
}

/// Remembers what was told, sold and asked.
#[derive(Default)]
pub struct Judge {
    rows_are_broken: bool,
    /// Which event led from which state to which.
    pub moves: Moves,
    told: BTreeMap<OrderId, Arc<Answer>>,
    verbs: BTreeMap<String, Arc<Answer>>,
    /// Whoever was told a final answer that was no repeat: by order, or by verb.
    firsts: BTreeSet<String>,
    units: BTreeMap<Sku, Units>,
    /// An operator answers for these, not the participants.
    forced: BTreeSet<OrderId>,
    /// An operator answered a call of these in the participant's place, rightly: what money moved he did not count.
    skipped: BTreeSet<OrderId>,
}

fn must(holds: bool, otherwise: impl FnOnce() -> Violation) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// What an order has of the local stock: held, sold.
fn has(order: Option<&Order>) -> (bool, bool) {
    let Some(order) = order.filter(|order| order.plan.inventory_is_local()) else { return (false, false) };
    (matches!(order.stock, Stock::Reserved | Stock::Releasing), order.stock == Stock::Taken)
}

/// Whether nothing more is to come of an order by itself.
pub fn is_settled(order: &Order) -> bool {
    order.state.is_terminal() && order.refunds.iter().all(|refund| refund.status != RefundStatus::Intended)
}

impl Judge {
    /// With `rows_are_broken` the rows are not held against themselves.
    pub fn new(rows_are_broken: bool) -> Self {
        Self { rows_are_broken, ..Self::default() }
    }

    /// A write had this outcome; `before` is what the store held of the order.
    pub fn wrote(
        &mut self,
        store: &ModelStore,
        outside: &Outside,
        write: &Write,
        before: Option<&StoredOrder>,
        outcome: &CommitResult,
    ) -> Result<(), Violation> {
        let id = write.order_id();
        let after = store.find(id);
        let Ok(Committed::Stored(txn)) = outcome else {
            return must(before == after.as_ref(), || format!("{id}: a write that was not stored changed the order"));
        };
        let after = after.ok_or_else(|| format!("{id}: stored, and not there"))?;
        must(after.order == txn.order, || format!("{id}: what is there is not what was stored"))?;
        let old = before.map(|before| &before.order);
        self.moved(store, outside, old, &after.order, &txn.events, write.now)?;
        for back in
            txn.given_back().filter(|_| after.order.plan.inventory_is_local()).flat_map(|refund| &refund.restock)
        {
            self.units.entry(back.sku.clone()).or_default().back += back.quantity;
        }
        self.shelves(store)
    }

    /// An order moved, by whatever write.
    pub fn moved(
        &mut self,
        store: &ModelStore,
        outside: &Outside,
        before: Option<&Order>,
        after: &Order,
        events: &[Event],
        at: Timestamp,
    ) -> Result<(), Violation> {
        let id = &after.id;
        let mut replayed = before.cloned();
        for event in events {
            let from = replayed.as_ref().map(|order| order.state);
            replayed = evolve(replayed, event, at);
            if let Some(order) = &replayed {
                self.moves.count(from, event.name(), order.state);
            }
        }
        if !self.rows_are_broken {
            must(replayed.as_ref() == Some(after), || {
                format!("{id}: what was stored does not follow from its events")
            })?;
            laws(store, before, after)?;
        }
        if let Some(before) = before {
            events.iter().for_each(|event| self.operator(outside, before, event));
        }
        let (old, new) = (has(before), has(Some(after)));
        if old != new {
            for (sku, quantity) in after.request.quantities() {
                let units = self.units.entry(sku).or_default();
                units.held += quantity * (i64::from(new.0) - i64::from(old.0));
                units.sold += quantity * (i64::from(new.1) - i64::from(old.1));
            }
        }
        let ends = after.state.is_terminal() && before.is_none_or(|before| before.state != after.state);
        if ends { self.audit(after, &outside.books(id), at) } else { Ok(()) }
    }

    /// What an operator declared is his to answer for, unless the books bear him out.
    fn operator(&mut self, outside: &Outside, before: &Order, event: &Event) {
        match event {
            Event::Fact(Fact::OrderForced { .. }) => drop(self.forced.insert(before.id.clone())),
            Event::Fact(Fact::OrderSkipped { .. }) if evidence(outside, before).is_none() => {
                self.forced.insert(before.id.clone());
            }
            Event::Fact(Fact::OrderSkipped { .. }) => drop(self.skipped.insert(before.id.clone())),
            Event::OrderCreated(_) | Event::Fact(_) => {}
        }
    }

    /// Stock is never oversold, nor lost.
    pub fn shelves(&self, store: &ModelStore) -> Result<(), Violation> {
        if self.rows_are_broken {
            return Ok(());
        }
        for (sku, (on_hand, reserved, journal)) in store.shelves() {
            let Units { held, sold, back } = self.units.get(&sku).copied().unwrap_or_default();
            must(on_hand >= 0 && reserved == held && on_hand == journal - sold && back >= 0, || {
                format!(
                    "{sku}: {on_hand} on hand, {reserved} reserved, {journal} in the journal; {held} held, {sold} sold, {back} back"
                )
            })?;
        }
        Ok(())
    }

    /// The books against an order that ended.
    fn audit(&self, order: &Order, books: &Books, now: Timestamp) -> Result<(), Violation> {
        if self.forced.contains(&order.id) {
            return Ok(());
        }
        match books.contradict(order, now) {
            Some(contradiction) => Err(format!("{}: {contradiction}", order.id)),
            None => Ok(()),
        }
    }

    /// A call leaves: its intent is committed, and nobody was asked to look at the order first. (A look-up changes
    /// nothing: it may.)
    pub fn calls(&self, store: &ModelStore, called: &Called, look_up: bool) -> Result<(), Violation> {
        let (id, kind) = (&called.order.id, called.call.kind);
        let stored = store.find(id).ok_or_else(|| format!("{id}: {kind} before the order was stored"))?;
        must(stored.order.version >= called.order.version, || format!("{id}: {kind} before it was intended"))?;
        let current = stored.order.version == called.order.version && !look_up;
        must(!current || stored.order.attention.is_none(), || format!("{id}: {kind} while the order waits for a human"))
    }

    /// Something took effect outside.
    pub fn took_effect(
        &self,
        store: &ModelStore,
        called: &Called,
        books: &Books,
        line: &LedgerLine,
    ) -> Result<(), Violation> {
        let id = &called.order.id;
        if let Some(harm) = books.harm() {
            return Err(format!("{id}: {harm}"));
        }
        let stored = store.find(id).ok_or_else(|| format!("{id}: {} for no order", line.action))?;
        let order = &stored.order;
        let forward = matches!(
            line.action,
            contract::ContractAction::Reserve
                | contract::ContractAction::Charge
                | contract::ContractAction::Authorize
                | contract::ContractAction::Capture
                | contract::ContractAction::Ship
        );
        if line.tombstone || self.forced.contains(id) {
            return Ok(());
        }
        must(!(forward && order.state.is_terminal()), || {
            format!("{id}: {} after it was {}", line.action, order.state)
        })?;
        let pays_outside = order.plan.0 & Plan::PAYMENT != 0;
        let ships = line.action == contract::ContractAction::Ship;
        must(!ships || !pays_outside || books.money() > 0, || format!("{id}: shipped unpaid: {books:?}"))?;
        let goods = order.plan.inventory_is_local() || books.reserved > books.released;
        must(!forward || goods, || format!("{id}: {} without stock: {books:?}", line.action))
    }

    /// A client was told this; `known` is the version that the order had when it asked, or when its patience ended.
    pub fn told(
        &mut self,
        store: &ModelStore,
        asked: &Ask,
        verdict: &SubmitResult,
        known: i32,
    ) -> Result<(), Violation> {
        if let (Ok(Reply::Running { version, .. }), false) = (verdict, self.rows_are_broken) {
            let id = asked.id();
            must(*version >= known, || {
                format!("{id}: told to run at version {version}, long after it was at {known}")
            })?;
        }
        match asked {
            _ if self.rows_are_broken => Ok(()),
            Ask::Submit(prepared) => self.told_of_order(store, prepared, verdict),
            Ask::Verb(verb) => self.told_of_verb(store, verb, verdict),
            Ask::Wake(..) => Err("nobody waits for a claimed order".into()),
        }
    }

    fn first(&mut self, of: String, replayed: bool) -> Result<(), Violation> {
        let mut known = true;
        if !replayed {
            known = self.firsts.insert(of.clone());
        }
        must(known, || format!("{of}: told twice as the first"))
    }

    /// Whether somebody heard the final answer of an order as the first.
    pub fn has_first(&self, id: &OrderId) -> bool {
        self.firsts.contains(id.as_str())
    }

    fn told_of_order(&mut self, store: &ModelStore, asked: &Prepared, verdict: &SubmitResult) -> Result<(), Violation> {
        let id = &asked.id;
        let stored = store.find(id);
        let same = |stored: &StoredOrder| {
            stored.order.client == asked.client && stored.fingerprint == asked.content.fingerprint
        };
        let binding = asked.claim.as_ref().and_then(|claim| store.binding(&claim.scope));
        let bound_here =
            binding.as_ref().is_some_and(|b| b.order_id == *id && b.fingerprint == asked.content.fingerprint);
        let held = asked.claim.is_none() || bound_here;
        match verdict {
            Ok(Reply::Final { order_id, answer, replayed }) => {
                must(order_id == id, || format!("{id}: told of {order_id}"))?;
                let stored = stored.ok_or_else(|| format!("{id}: told its answer before it was stored"))?;
                must(same(&stored), || format!("{id}: another request's answer was told"))?;
                must(stored.order.answer.as_ref() == Some(answer), || format!("{id}: told what is not its answer"))?;
                let first = self.told.entry(id.clone()).or_insert_with(|| Arc::clone(answer));
                must(first == answer, || format!("{id}: two final answers: {first:?} and {answer:?}"))?;
                must(held, || format!("{id}: answered under a key that it does not hold"))?;
                self.first(id.to_string(), *replayed)
            }
            Ok(Reply::Running { order_id, version, .. }) => {
                let stored = stored.ok_or_else(|| format!("{id}: told to run before it was stored"))?;
                must(order_id == id && same(&stored), || format!("{id}: another request's order was told"))?;
                must(*version <= stored.order.version, || format!("{id}: told a version that is not there"))?;
                must(held, || format!("{id}: running under a key that it does not hold"))
            }
            Err(SubmitError::OrderExists { .. }) => {
                let differs = stored.is_some_and(|stored| !same(&stored));
                must(differs, || format!("{id}: told to differ from an order that is not there, or does not differ"))
            }
            Err(SubmitError::KeyReused { .. }) => {
                let key = asked.claim.as_ref().map(|claim| claim.scope.key.as_str());
                must(binding.is_some() && !bound_here, || {
                    format!("{id}: told that {key:?} is reused: it is {binding:?}")
                })
            }
            // The order may have been made by another request since; not by this one, which can never be.
            Err(SubmitError::UnknownSku { skus }) => {
                let never = store.missing(skus) == *skus && !stored.is_some_and(|stored| same(&stored));
                must(never, || format!("{id}: told that {skus:?} are unknown, which are known"))
            }
            Err(SubmitError::Nameless | SubmitError::Invalid { .. } | SubmitError::Refused(_)) => {
                Err(format!("{id}: refused at the door"))
            }
            Err(SubmitError::TooManyKeys { .. }) => Err(format!("{id}: a repeat was told of too many keys")),
            Err(SubmitError::NotFound { .. }) => Err(format!("{id}: a submission was told that there is no order")),
            Err(
                SubmitError::Overloaded
                | SubmitError::Locked { .. }
                | SubmitError::TooEarly { .. }
                | SubmitError::Unavailable(_)
                | SubmitError::Internal(_),
            ) => Ok(()),
        }
    }

    fn told_of_verb(
        &mut self,
        store: &ModelStore,
        asked: &PreparedVerb,
        verdict: &SubmitResult,
    ) -> Result<(), Violation> {
        let id = &asked.call.order_id;
        let name = || format!("{id}: {} under {:?}", asked.call.request.word(), asked.call.key);
        let stored = store.find(id);
        let binding = asked.claim.as_ref().and_then(|claim| store.binding(&claim.scope));
        match verdict {
            Ok(Reply::Final { order_id, answer, replayed }) => {
                must(order_id == id && stored.is_some(), || format!("{}: told of {order_id}", name()))?;
                let Some(claim) = &asked.claim else { return Ok(()) };
                let bound = binding.ok_or_else(|| format!("{}: answered, and its key is not bound", name()))?;
                must(bound.fingerprint == claim.fingerprint, || format!("{}: another verb's answer", name()))?;
                must(bound.answer.as_ref() == Some(&**answer), || {
                    format!("{}: told what is not its answer: {answer:?}, not {:?}", name(), bound.answer)
                })?;
                let first = self.verbs.entry(name()).or_insert_with(|| Arc::clone(answer));
                must(first == answer, || format!("{}: two answers: {first:?} and {answer:?}", name()))?;
                self.first(name(), *replayed)
            }
            Ok(Reply::Running { .. }) => must(asked.claim.is_none() || binding.is_some(), || {
                format!("{}: under way, and its key is not bound", name())
            }),
            Err(SubmitError::NotFound { .. }) => {
                let own = stored.is_some_and(|stored| asked.call.operates(&stored.order).is_some());
                // It may have been made while the answer was on its way, but not if this verb was answered before.
                must(!own || !self.verbs.contains_key(&name()), || format!("{}: an order that is there", name()))
            }
            Err(SubmitError::KeyReused { .. }) => {
                let mine = asked.claim.as_ref().zip(binding).is_some_and(|(c, b)| c.fingerprint == b.fingerprint);
                must(!mine, || format!("{}: told that its own key is reused", name()))
            }
            Err(SubmitError::Refused(_)) => must(asked.claim.is_none(), || format!("{}: refused unstored", name())),
            Err(
                SubmitError::Overloaded
                | SubmitError::Locked { .. }
                | SubmitError::TooEarly { .. }
                | SubmitError::Unavailable(_)
                | SubmitError::Internal(_),
            ) => Ok(()),
            Err(SubmitError::OrderExists { .. } | SubmitError::UnknownSku { .. }) => {
                Err(format!("{}: told what only a submission is told", name()))
            }
            Err(SubmitError::TooManyKeys { .. }) => {
                let bound = asked.claim.as_ref().is_some_and(|claim| store.binding(&claim.scope).is_some());
                must(!bound, || format!("{}: one key too many, and bound", name()))
            }
            Err(SubmitError::Nameless | SubmitError::Invalid { .. }) => Err(format!("{}: refused at the door", name())),
        }
    }

    /// At the end: every order was made once, has its answer, its events replay to it, and the books agree.
    pub fn end(&self, store: &ModelStore, outside: &Outside, asked: &[Arc<Ask>]) -> Result<(), Violation> {
        let now = store.now();
        for (stored, history) in store.orders() {
            let (order, id) = (&stored.order, &stored.order.id);
            must(order.attention.is_some() || is_settled(order), || format!("{id}: neither ended nor in attention"))?;
            let created = history.iter().filter(|(event, _)| matches!(event, Event::OrderCreated(_))).count();
            must(created == 1, || format!("{id}: made {created} times"))?;
            let replayed = evolve::replay(history.iter().map(|(event, at)| (event, *at)));
            must(replayed.as_ref() == Some(order), || format!("{id}: its events do not replay to it"))?;
            self.audit(order, &outside.books(id), now)?;
            self.accounts(order, &outside.books(id))?;
        }
        for id in self.told.keys() {
            must(store.find(id).is_some(), || format!("{id}: was answered, and is gone"))?;
        }
        for verb in asked.iter().filter_map(|ask| if let Ask::Verb(verb) = &**ask { Some(verb) } else { None }) {
            answered(store, verb)?;
        }
        self.shelves(store)
    }

    /// The money in the row is the money in the books.
    fn accounts(&self, order: &Order, books: &Books) -> Result<(), Violation> {
        let outside = order.plan.0 & Plan::PAYMENT != 0;
        let by_hand = self.forced.contains(&order.id) || self.skipped.contains(&order.id);
        if !outside || !is_settled(order) || by_hand {
            return Ok(());
        }
        let (captured, refunded) = (order.payment.captured.0, order.payment.refunded.0);
        must((captured, refunded) == (books.captured, books.refunded), || {
            format!("{}: {captured} captured and {refunded} refunded in the row, but {books:?}", order.id)
        })
    }
}

/// What the books show of the call that an order in attention waits for: its name there, where it took effect.
pub fn evidence(outside: &Outside, order: &Order) -> Option<Arc<str>> {
    let resting = Order { attention: None, ..order.clone() };
    let due = Due::of(&resting)?;
    let remote = resting.plan.0 & bit(due.call.role()) != 0;
    let named = |name: &RefundName| resting.refunds.iter().find(|one| one.client == name.client && one.key == name.key);
    let refund = due.refund.as_ref().and_then(named).cloned();
    remote.then(|| outside.shows(&Called { order: Arc::new(resting.clone()), call: due.call, refund })).flatten()
}

/// The laws of a row, alone and beside what is left to be done about it.
fn laws(store: &ModelStore, before: Option<&Order>, after: &Order) -> Result<(), Violation> {
    let id = &after.id;
    let mut broken = invariant::violations(after);
    broken.extend(before.iter().flat_map(|before| invariant::broken_between(before, after)));
    must(broken.is_empty(), || format!("{id}: {}", broken.join("; ")))?;
    refunds_count(after)?;
    let work = store.work(id);
    must(is_settled(after) == work.is_none(), || format!("{id}: {} with {work:?} left to be done", after.state))?;
    let woken = after.attention.is_some() || work.as_ref().is_none_or(|work| work.wake_at.is_some());
    must(woken, || format!("{id}: {} and never woken: {work:?}", after.state))
}

/// A refund counts from its intent until it is refused.
fn refunds_count(order: &Order) -> Result<(), Violation> {
    if order.state != State::Completed {
        return Ok(());
    }
    let counted = order.refunds.iter().filter(|refund| refund.status != RefundStatus::Refused);
    let sum: i64 = counted.map(|refund| refund.amount.0).sum();
    must(order.payment.refunded.0 == sum, || {
        format!("{}: {} refunded, though {sum} were asked for and not refused", order.id, order.payment.refunded)
    })
}

/// A verb whose key is bound has its answer once its order has ended.
fn answered(store: &ModelStore, verb: &PreparedVerb) -> Result<(), Violation> {
    let id = &verb.call.order_id;
    let Some(binding) = verb.claim.as_ref().and_then(|claim| store.binding(&claim.scope)) else { return Ok(()) };
    let ended = store.find(id).is_some_and(|stored| is_settled(&stored.order));
    must(!ended || binding.answer.is_some(), || {
        format!("{id}: {} under {:?} has no answer, though the order ended", verb.call.request.word(), verb.call.key)
    })
}
