//! A submission: stored once, answered for ever.

use std::sync::Arc;

use super::{ATTEMPTS, OrderContext, OrderCore, OrderInput, OrderOutput, Sent, behind, commit_error, reply};
use crate::engine::api::{Prepared, SubmitError};
use crate::ports::{CommitError, Committed, Does, Driver, Guard, Intent, KeyBinding, Survey, Write};
use crate::saga::Command;
use crate::saga::transaction::{self, StockVerdict};

impl OrderCore {
    pub(super) fn begin_submission(
        &mut self,
        asked: &Prepared,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        match &self.memory {
            // Its end, once known, needs no look.
            Some(stored) if !self.load_first || stored.order.answer.is_some() => return self.judge(asked, out),
            Some(_) => return out.push(OrderOutput::Look),
            None if self.load_first => return out.push(OrderOutput::Load),
            None => {}
        }
        let counted_here = context.local.plan().inventory_is_local();
        let is_known = !counted_here || asked.request.lines.iter().all(|line| (context.knows_sku)(&line.sku));
        if is_known && asked.objection.is_none() {
            return self.place(asked, context, out);
        }
        survey(asked, context, out);
    }

    pub(super) fn submission_heard(
        &mut self,
        asked: &Prepared,
        heard: OrderInput,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        match heard {
            OrderInput::Loaded(Ok(Some(stored))) => {
                if !self.read(stored) {
                    return self.answer(Err(behind()), out);
                }
                self.judge(asked, out);
            }
            OrderInput::Loaded(Ok(None)) => {
                self.read_nothing();
                self.begin_submission(asked, context, out);
            }
            OrderInput::Surveyed(Ok(survey)) => self.surveyed(asked, survey, context, out),
            OrderInput::Committed(Ok(committed)) => self.placed(asked, committed, out),
            OrderInput::Committed(Err(CommitError::UnknownSku)) => survey(asked, context, out),
            OrderInput::Committed(Err(error)) => self.answer(Err(commit_error(error)), out),
            OrderInput::KeyFound(Ok(found)) => self.key_found(asked, found, context, out),
            OrderInput::Bound(Ok(binding)) => self.bound(asked, binding.as_ref(), out),
            OrderInput::Loaded(Err(error))
            | OrderInput::Surveyed(Err(error))
            | OrderInput::KeyFound(Err(error))
            | OrderInput::Bound(Err(error)) => self.store_failed(error, out),
            OrderInput::Ask { .. }
            | OrderInput::Postponed(_)
            | OrderInput::Held(_)
            | OrderInput::Answered { .. }
            | OrderInput::LookedUp { .. } => {}
        }
    }

    /// A repeat comes first, by its order or by its key: what today's rules refuse, and what inventory does not know, is told only
    /// of an order that is not there.
    fn surveyed(
        &mut self,
        asked: &Prepared,
        survey: Box<Survey>,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let Survey { order, key, unknown } = *survey;
        if let Some(stored) = order {
            if !self.read(stored) {
                return self.answer(Err(behind()), out);
            }
            return self.judge(asked, out);
        }
        self.read_nothing();
        if key.is_some() {
            return self.key_found(asked, key, context, out);
        }
        if let Some(objection) = &asked.objection {
            return self.answer(Err(objection.clone().into()), out);
        }
        if !unknown.is_empty() {
            return self.answer(Err(SubmitError::UnknownSku { skus: unknown }), out);
        }
        self.place(asked, context, out);
    }

    fn place(&mut self, asked: &Prepared, context: &OrderContext<'_>, out: &mut Vec<OrderOutput>) {
        self.attempts += 1;
        if self.attempts > ATTEMPTS {
            return self.answer(Err(SubmitError::Unavailable("the order kept changing".into())), out);
        }
        let command = Arc::new(Command::Submit {
            id: self.id.clone(),
            client: asked.client.clone(),
            request: Arc::clone(&asked.request),
            saga: context.local.saga(),
        });
        let driver = Driver { intent: Intent::Fresh, ..*context.driver };
        match transaction::run(None, &command, context.now, &**context.local, StockVerdict::Assumed) {
            Ok(txn) => {
                self.sent = Some(Sent {
                    guard: Guard::Absent,
                    driver,
                    fingerprint: asked.content.fingerprint.clone(),
                    look_first: false,
                    answer: None,
                    at: context.instant,
                });
                out.push(OrderOutput::Commit(Box::new(Write {
                    key: asked.claim.clone(),
                    does: Does::Place { content: Arc::clone(&asked.content) },
                    txn: Box::new(txn),
                    command,
                    local: Arc::clone(context.local),
                    now: context.now,
                    driver,
                })));
            }
            Err(refusal) => self.answer(Err(SubmitError::Internal(refusal.to_string())), out),
        }
    }

    fn placed(&mut self, asked: &Prepared, committed: Committed, out: &mut Vec<OrderOutput>) {
        match committed {
            Committed::Stored(txn) => {
                if let Some(claim) = &asked.claim {
                    self.remember(claim.scope.clone());
                }
                let reply = reply(&txn.order, false);
                if let Some(sent) = self.sent.take() {
                    self.stored(*txn, sent);
                }
                self.answer(Ok(reply), out);
            }
            Committed::Exists | Committed::Stale | Committed::Full => out.push(OrderOutput::Load),
            Committed::KeyKnown => out.push(match &asked.claim {
                Some(claim) => OrderOutput::FindKey(claim.scope.clone()),
                None => OrderOutput::Load,
            }),
        }
    }

    /// The order is known: a repeat gets its answer, anything else is told so. A key is checked first.
    fn judge(&mut self, asked: &Prepared, out: &mut Vec<OrderOutput>) {
        let Some(stored) = &self.memory else { return };
        let same = stored.order.client == asked.client && stored.fingerprint == asked.content.fingerprint;
        match (&asked.claim, same) {
            (Some(claim), true) if !self.keys.contains(&claim.scope) => out.push(OrderOutput::Bind(claim.clone())),
            (Some(claim), false) if !self.keys.contains(&claim.scope) => {
                out.push(OrderOutput::FindKey(claim.scope.clone()))
            }
            (Some(_), false) => self.answer(Err(SubmitError::KeyReused { order_id: self.id.clone() }), out),
            (Some(_) | None, true) => {
                let reply = reply(&stored.order, true);
                self.tell(reply, out);
            }
            (None, false) => self.differs(asked, out),
        }
    }

    fn differs(&mut self, asked: &Prepared, out: &mut Vec<OrderOutput>) {
        let Some(stored) = &self.memory else { return };
        let own = stored.order.client == asked.client;
        let differs = own.then(|| stored.order.request.differs(&asked.request));
        self.answer(Err(SubmitError::OrderExists { order_id: self.id.clone(), differs }), out);
    }

    fn key_found(
        &mut self,
        asked: &Prepared,
        found: Option<KeyBinding>,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let Some(binding) = found else {
            // Not bound: the order itself has the word.
            return match self.memory {
                Some(_) => self.differs(asked, out),
                None => survey(asked, context, out),
            };
        };
        if binding.order_id != self.id || binding.fingerprint != asked.content.fingerprint {
            return self.answer(Err(SubmitError::KeyReused { order_id: binding.order_id }), out);
        }
        if let Some(claim) = &asked.claim {
            self.remember(claim.scope.clone());
        }
        self.attempts += 1;
        if self.attempts > ATTEMPTS {
            return self.answer(Err(behind()), out); // a key is bound with its order
        }
        out.push(OrderOutput::Load);
    }

    /// A repeat gets its answer whether or not its key could be bound: one too many stands for nothing.
    fn bound(&mut self, asked: &Prepared, binding: Option<&KeyBinding>, out: &mut Vec<OrderOutput>) {
        if let Some(binding) = binding {
            let mine = binding.order_id == self.id && binding.fingerprint == asked.content.fingerprint;
            if !mine {
                return self.answer(Err(SubmitError::KeyReused { order_id: binding.order_id.clone() }), out);
            }
            if let Some(claim) = &asked.claim {
                self.remember(claim.scope.clone());
            }
        }
        let Some(stored) = &self.memory else { return };
        let reply = reply(&stored.order, true);
        self.tell(reply, out);
    }
}

/// Asks for all that a new order is judged by, before it is placed. Of its SKUs nothing is asked where they do not count: it is
/// refused anyway, or another inventory has them.
fn survey(asked: &Prepared, context: &OrderContext<'_>, out: &mut Vec<OrderOutput>) {
    let scope = asked.claim.as_ref().map(|claim| claim.scope.clone());
    let counts = asked.objection.is_none() && context.local.plan().inventory_is_local();
    let skus = if counts { asked.request.quantities().into_keys().collect() } else { Vec::new() };
    out.push(OrderOutput::Survey { scope, skus });
}

#[cfg(test)]
#[path = "submission_tests.rs"]
mod tests;
