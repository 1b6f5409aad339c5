//! What must hold after every step, judged from the store and from what clients were told; the engine is not asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use counterfoil::engine::{Prepared, Reply, SubmitError, Verdict};
use counterfoil::ports::{CommitResult, Committed, StoredOrder};
use counterfoil::saga::{Answer, Event, OrderId, Sku, State, evolve, invariant};
use counterfoil::store::model::ModelStore;

/// A promise that was broken, in words.
pub type Violation = String;

/// Remembers what was told and sold.
#[derive(Default)]
pub struct Judge {
    told: BTreeMap<OrderId, Arc<Answer>>,
    sold: BTreeMap<Sku, i64>,
}

fn must(holds: bool, otherwise: impl FnOnce() -> Violation) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl Judge {
    /// A write had this outcome; `before` is what the store held of the order.
    pub fn wrote(
        &mut self,
        store: &ModelStore,
        id: &OrderId,
        before: Option<StoredOrder>,
        outcome: &CommitResult,
    ) -> Result<(), Violation> {
        let after = store.find(id);
        let Ok(Committed::Stored(leg)) = outcome else {
            return must(before == after, || format!("{id}: a write that was not stored changed the order"));
        };
        let after = after.ok_or_else(|| format!("{id}: stored, and not there"))?;
        must(after.order == leg.order, || format!("{id}: what is there is not what was stored"))?;
        let mut broken = invariant::violations(&after.order);
        match &before {
            Some(before) => broken.extend(invariant::broken_between(&before.order, &after.order)),
            None if after.order.state == State::Completed => {
                for (sku, quantity) in after.order.request.quantities() {
                    *self.sold.entry(sku).or_default() += quantity;
                }
            }
            None => {}
        }
        must(broken.is_empty(), || format!("{id}: {}", broken.join("; ")))?;
        self.shelves(store)
    }

    /// Stock is never oversold, nor lost.
    pub fn shelves(&self, store: &ModelStore) -> Result<(), Violation> {
        for (sku, (on_hand, reserved, journal)) in store.shelves() {
            let sold = self.sold.get(&sku).copied().unwrap_or(0);
            must(on_hand >= 0 && reserved == 0 && on_hand == journal - sold, || {
                format!("{sku}: {on_hand} on hand, {reserved} reserved, {journal} in the journal, {sold} sold")
            })?;
        }
        Ok(())
    }

    /// A client was told this.
    pub fn told(&mut self, store: &ModelStore, asked: &Prepared, verdict: &Verdict) -> Result<(), Violation> {
        let id = &asked.id;
        let stored = store.find(id);
        let same = |stored: &StoredOrder| {
            stored.order.client == asked.client && stored.fingerprint == asked.content.fingerprint
        };
        let binding = asked.claim.as_ref().and_then(|claim| store.binding(&claim.scope));
        let bound_here =
            binding.as_ref().is_some_and(|b| b.order_id == *id && b.fingerprint == asked.content.fingerprint);
        match verdict {
            Ok(Reply::Final { order_id, answer, .. }) => {
                must(order_id == id, || format!("{id}: told of {order_id}"))?;
                let stored = stored.ok_or_else(|| format!("{id}: told its answer before it was stored"))?;
                must(same(&stored), || format!("{id}: another request's answer was told"))?;
                must(stored.order.answer.as_ref() == Some(answer), || format!("{id}: told what is not its answer"))?;
                let first = self.told.entry(id.clone()).or_insert_with(|| Arc::clone(answer));
                must(first == answer, || format!("{id}: two final answers: {first:?} and {answer:?}"))?;
                must(asked.claim.is_none() || bound_here, || {
                    format!("{id}: answered under a key that it does not hold")
                })
            }
            Ok(Reply::Running { .. }) => Err(format!("{id}: runs on, with nothing remote")),
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
            Err(SubmitError::Nameless | SubmitError::Invalid { .. }) => Err(format!("{id}: refused at the door")),
            Err(SubmitError::Overloaded | SubmitError::Unavailable(_) | SubmitError::Internal(_)) => Ok(()),
        }
    }

    /// At the end: every order was made once, has its answer, and its events replay to it.
    pub fn end(&self, store: &ModelStore) -> Result<(), Violation> {
        for (stored, history) in store.orders() {
            let (order, id) = (&stored.order, &stored.order.id);
            must(order.state.is_terminal() && order.answer.is_some(), || format!("{id}: did not end"))?;
            let created = history.iter().filter(|(event, _)| matches!(event, Event::OrderCreated(_))).count();
            must(created == 1, || format!("{id}: made {created} times"))?;
            let replayed = evolve::replay(history.iter().map(|(event, at)| (event, *at)));
            must(replayed.as_ref() == Some(order), || format!("{id}: its events do not replay to it"))?;
        }
        for id in self.told.keys() {
            must(store.find(id).is_some(), || format!("{id}: was answered, and is gone"))?;
        }
        self.shelves(store)
    }
}
