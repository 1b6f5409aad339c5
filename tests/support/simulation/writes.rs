//! The store does what it is asked, or half of it, or nothing; and sometimes nobody hears what it did.

use counterfoil::engine::order::{OrderInput, OrderOutput};
use counterfoil::ports::{CommitError, CommitResult, Committed, Does, Store, StoreError, Write};
use counterfoil::saga::event::Fact;
use counterfoil::saga::state::RefundStatus;
use counterfoil::saga::{Event, Order, OrderId, Sku, decide, due};
use futures_util::FutureExt;

use super::Mutation;
use super::chance::Fault;
use super::coverage;
use super::judge::{Violation, is_settled};
use super::mail::Letter;
use super::world::World;

impl World {
    /// An actor asks something of the store.
    pub(super) fn asked(&mut self, actor: Option<u64>, step: OrderOutput, xact: u64) -> Result<(), Violation> {
        let away = || StoreError::Unavailable("simulated".into());
        let lost = !matches!(step, OrderOutput::Commit(_)) && self.befalls(Fault::ReadLost);
        let found = actor.and_then(|actor| self.actors.get(&actor));
        let node = found.map(|actor| self.engines[actor.engine].node);
        let id = found.map(|actor| actor.id.clone());
        let heard = match step {
            OrderOutput::Commit(write) => return self.commit(actor, *write, xact),
            OrderOutput::Answer { .. }
            | OrderOutput::Report { .. }
            | OrderOutput::NoticeAttention(_)
            | OrderOutput::Call(..)
            | OrderOutput::LookUp(..) => {
                unreachable!("the store is not asked that")
            }
            OrderOutput::Bind(claim) => {
                let bound = self.store.bind(&claim); // it may take effect, and nobody hears of it
                OrderInput::Bound(if lost { Err(away()) } else { Ok(bound) })
            }
            OrderOutput::Load | OrderOutput::Look => {
                let Some(id) = id else { return Ok(()) };
                OrderInput::Loaded(if lost { Err(away()) } else { Ok(self.store.find(&id)) })
            }
            OrderOutput::Postpone(off) => {
                let Some(id) = id else { return Ok(()) };
                self.note(|| format!("{id} is left: {off:?}"));
                let done = self.store.postpone(id, off);
                let done = done.now_or_never().expect("the model does not wait");
                self.mark("calls left for later");
                OrderInput::Postponed(if lost { Err(away()) } else { done })
            }
            OrderOutput::HandBack(back) => {
                let Some(id) = id else { return Ok(()) };
                self.note(|| format!("{id} is handed back: {back:?}"));
                self.mark("orders handed back");
                let done = self.store.hand_back(id, back);
                let done = done.now_or_never().expect("the model does not wait");
                OrderInput::Postponed(if lost { Err(away()) } else { done })
            }
            OrderOutput::AskHold { version } => {
                let (Some(id), Some(node)) = (id, node) else { return Ok(()) };
                self.mark("orders taken by a commit");
                let held = self.store.held(id, version, node).now_or_never().expect("the model does not wait");
                OrderInput::Held(if lost { Err(away()) } else { held })
            }
            OrderOutput::Leave { version } => {
                let Some(id) = id else { return Ok(()) };
                self.note(|| format!("{id} is left until its deadline"));
                self.mark("claims with nothing to do");
                let done = self.store.leave(id, version).now_or_never().expect("the model does not wait");
                OrderInput::Postponed(if lost { Err(away()) } else { done })
            }
            OrderOutput::FindKey(scope) => {
                OrderInput::KeyFound(if lost { Err(away()) } else { Ok(self.store.binding(&scope)) })
            }
            OrderOutput::Survey { scope, skus } => {
                let Some(id) = id else { return Ok(()) };
                self.mark("surveys");
                let survey = self.store.surveyed(&id, scope.as_ref(), &skus);
                self.learn(actor, &skus, &survey.unknown);
                OrderInput::Surveyed(if lost { Err(away()) } else { Ok(Box::new(survey)) })
            }
        };
        if let Some(actor) = actor {
            self.mail.post(Letter::Tell { actor, heard });
        }
        Ok(())
    }

    fn learn(&mut self, actor: Option<u64>, skus: &[Sku], unknown: &[Sku]) {
        if let Some(actor) = actor.and_then(|actor| self.actors.get(&actor)) {
            let known = skus.iter().filter(|sku| !unknown.contains(*sku)).cloned();
            self.engines[actor.engine].known.extend(known);
        }
    }

    fn commit(&mut self, actor: Option<u64>, mut write: Write, xact: u64) -> Result<(), Violation> {
        let id = write.order_id().clone();
        let away = || CommitError::Unavailable("simulated".into());
        let answer = if self.befalls(Fault::CommitLostBefore) {
            Err(away())
        } else if self.befalls(Fault::CommitInjected) {
            Err(CommitError::Injected { point: "simulated" })
        } else if self.befalls(Fault::CommitLocked) {
            Err(CommitError::Locked { what: "a row".into() })
        } else {
            let outcome = self.store_it(&mut write, xact)?;
            if self.befalls(Fault::CommitLostAfter) {
                self.mark("outcomes that were lost");
                Err(away())
            } else {
                self.mutated(outcome, &write)
            }
        };
        self.sinks.abort(xact); // unless it was stored
        self.note(|| match &answer {
            Ok(Committed::Stored(txn)) => {
                let events: Vec<_> = txn.events.iter().map(Event::name).collect();
                format!("{id}: stored as {} by {}", txn.order.state, events.join(", "))
            }
            other => format!("{id}: {other:?}"),
        });
        let Some(actor) = actor else { return Ok(()) };
        // A store says an outcome once (`Done` is `FnOnce`).
        let echo = self.mutation == Mutation::EchoesLate && self.chance.detail().one_in(3);
        if echo {
            self.mail.post(Letter::Tell { actor, heard: OrderInput::Committed(answer.clone()) });
        }
        self.mail.post(Letter::Tell { actor, heard: OrderInput::Committed(answer) });
        Ok(())
    }

    /// The transaction, and what is judged of it.
    fn store_it(&mut self, write: &mut Write, xact: u64) -> Result<CommitResult, Violation> {
        let id = write.order_id().clone();
        let before = self.store.find(&id);
        match self.mutation {
            Mutation::DropsKeys => write.key = None,
            Mutation::IgnoresVersions => {
                if let (Does::Advance(advance), Some(before)) = (&mut write.does, &before) {
                    advance.version = before.order.version;
                    let events = i32::try_from(write.txn.events.len()).expect("few events");
                    write.txn.order.version = before.order.version + events;
                }
            }
            Mutation::CountsRefundsLate => count_late(&mut write.txn.order),
            _ => {}
        }
        // A write that is forgotten is judged as what it is, not stored, and told as what it is not: see `mutated`.
        let outcome = if self.mutation == Mutation::AnswersBeforeCommit && self.chance.detail().one_in(20) {
            Ok(Committed::Stale)
        } else {
            self.store.apply(write)
        };
        match &outcome {
            Ok(Committed::Stored(txn)) => {
                self.mark_stored(write, txn);
                // A refusal that is kept as the answer of its key.
                if txn.events.is_empty()
                    && let Some(before) = &before
                    && let Err(refusal) = decide(Some(&before.order), &write.command, write.now)
                {
                    self.coverage.refused(coverage::refusal(&refusal));
                }
            }
            Ok(Committed::Exists | Committed::Stale) => self.mark("guards that held"),
            Ok(Committed::KeyKnown) => self.mark("keys that were known"),
            Ok(Committed::Full) => self.mark("orders that take no more keys"),
            Err(_) => self.mark("writes that the store refused"), // a SKU that was known is never gone
        }
        self.judge.wrote(&self.store, &self.outside, write, before.as_ref(), &outcome)?;
        if let Ok(Committed::Stored(txn)) = &outcome {
            self.sinks.commit(xact, &txn.order, &txn.events);
            self.follow_order(&txn.order);
        }
        Ok(outcome)
    }

    fn mark_stored(&mut self, write: &Write, txn: &counterfoil::saga::LocalTransaction) {
        if write.places() {
            self.mark("orders stored");
        }
        for event in &txn.events {
            self.mark(event.name());
        }
        let late = |event: &Event| matches!(event, Event::Fact(Fact::ShipmentCreated { .. }));
        if txn.events.iter().any(late) && write.command.name() == "outcome" && txn.order.failure.is_none() {
            self.mark("orders past the pivot");
        }
    }

    /// Keeps the lists of orders that are open, and of those that wait for a human.
    fn follow_order(&mut self, order: &Order) {
        if is_settled(order) {
            self.open.remove(&order.id);
        } else {
            self.open.insert(order.id.clone());
        }
        if order.attention.is_none() {
            self.attention.remove(&order.id);
        } else {
            self.attention.insert(order.id.clone());
        }
    }

    /// The sweep itself flagged an order.
    pub(super) fn set_aside(&mut self, id: &OrderId, before: Option<&Order>) -> Result<(), Violation> {
        let after = self.store.find(id).ok_or_else(|| format!("{id}: set aside, and not there"))?.order;
        let Some(attention) = &after.attention else { return Err(format!("{id}: set aside, and not in attention")) };
        let events = [Event::from(Fact::OrderAttention {
            reason: attention.reason.clone(),
            contradicted: false,
            missing: None,
        })];
        self.note(|| format!("{id} is set aside"));
        self.judge.moved(&self.store, &self.outside, before, &after, &events, after.updated_at)?;
        let xact = self.sinks.begin();
        self.sinks.commit(xact, &after, &events);
        self.follow_order(&after);
        Ok(())
    }

    /// What a store says that does not keep its word.
    fn mutated(&self, outcome: CommitResult, write: &Write) -> CommitResult {
        match (self.mutation, outcome) {
            (Mutation::IgnoresAbsentGuard, Ok(Committed::Exists)) => Ok(Committed::Stored(write.txn.clone())),
            (Mutation::AnswersBeforeCommit, Ok(Committed::Stale)) => Ok(Committed::Stored(write.txn.clone())),
            // As if `due` did not look at it: the order goes on though it waits for a human.
            (Mutation::PursuesAttention, Ok(Committed::Stored(mut txn))) if txn.order.attention.is_some() => {
                txn.order.attention = None;
                txn.call = due(&txn.order);
                Ok(Committed::Stored(txn))
            }
            (_, outcome) => outcome,
        }
    }
}

/// As if a refund counted against the charge from its outcome on.
fn count_late(order: &mut Order) {
    if order.state.is_terminal() && !order.refunds.is_empty() {
        let given = order.refunds.iter().filter(|refund| refund.status == RefundStatus::Refunded);
        order.payment.refunded.0 = given.map(|refund| refund.amount.0).sum();
    }
}
