//! A verb: cancel, capture, refund, and what operators may do. Its key and its final answer, refusals included, are
//! stored by the commit that decides it; while it is under way its key is bound without one.

use std::sync::Arc;

use super::{
    ATTEMPTS, More, OrderContext, OrderCore, OrderInput, OrderOutput, Stage, Task, behind, commit_error, running,
};
use crate::engine::api::{PreparedVerb, Reply, SubmitError, VerbRequest};
use crate::ports::{Committed, KeyBinding, KeyClaim, OperatorEntry, StoredOrder};
use crate::saga::transaction::{self, StockVerdict};
use crate::saga::{Answer, LocalTransaction, Order, Refusal, StockMove, verb};

impl OrderCore {
    /// Goes as far as what is known allows.
    pub(super) fn advance_verb(
        &mut self,
        asked: &PreparedVerb,
        stage: Stage,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let Some(stored) = self.memory.clone().filter(|_| !self.load_first) else { return out.push(OrderOutput::Load) };
        // Who asks is decided by the order that is there, and by nothing that was looked at before.
        let operates = match asked.call.operates(&stored.order) {
            Some(operates) => operates,
            None => return self.answer(Err(SubmitError::NotFound { order_id: self.id.clone() }), out),
        };
        if operates && asked.call.reason.is_empty() {
            let (pointer, detail) = ("/reason".to_owned(), "is required of an operator".to_owned());
            return self.answer(Err(SubmitError::Invalid { pointer, detail }), out);
        }
        match &asked.claim {
            Some(claim) if stage != Stage::Decision => {
                self.wait_at(Stage::Key);
                out.push(OrderOutput::FindKey(claim.scope.clone()));
            }
            // Without a key nothing but the order itself says what is allowed: it is read since the verb came.
            None if !self.fresh => out.push(OrderOutput::Load),
            Some(_) | None => self.decide_verb(asked, &stored, operates, context, out),
        }
    }

    fn wait_at(&mut self, at: Stage) {
        if let Some(Task::Ask(_, stage)) = &mut self.current {
            *stage = at;
        }
    }

    pub(super) fn verb_heard(
        &mut self,
        asked: &PreparedVerb,
        stage: Stage,
        heard: OrderInput,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        match heard {
            OrderInput::Loaded(Ok(Some(stored))) => {
                if !self.read(stored) {
                    return self.answer(Err(behind()), out);
                }
                self.advance_verb(asked, stage, context, out);
            }
            OrderInput::Loaded(Ok(None)) => {
                self.read_nothing();
                self.answer(Err(SubmitError::NotFound { order_id: self.id.clone() }), out);
            }
            OrderInput::KeyFound(Ok(None)) => self.advance_verb(asked, Stage::Decision, context, out),
            OrderInput::KeyFound(Ok(Some(binding))) => self.verb_known(asked, binding, out),
            OrderInput::Committed(Ok(committed)) => self.verb_committed(committed, out),
            OrderInput::Committed(Err(error)) => self.answer(Err(commit_error(error)), out),
            OrderInput::Loaded(Err(error)) | OrderInput::KeyFound(Err(error)) => self.store_failed(error, out),
            OrderInput::Ask { .. }
            | OrderInput::Surveyed(_)
            | OrderInput::Bound(_)
            | OrderInput::Postponed(_)
            | OrderInput::Held(_)
            | OrderInput::Answered { .. }
            | OrderInput::LookedUp { .. } => {}
        }
    }

    /// A repeat: its answer, or where the order stands while it is under way.
    fn verb_known(&mut self, asked: &PreparedVerb, binding: KeyBinding, out: &mut Vec<OrderOutput>) {
        let same = asked.claim.as_ref().is_some_and(|claim| claim.fingerprint == binding.fingerprint);
        if !same || binding.order_id != self.id {
            return self.answer(Err(SubmitError::KeyReused { order_id: binding.order_id }), out);
        }
        let Some(stored) = &self.memory else { return };
        let reply = match binding.answer {
            Some(answer) => Reply::Final { order_id: self.id.clone(), answer: Arc::new(answer), replayed: true },
            None => running(&stored.order, true),
        };
        self.tell(reply, out);
    }

    fn decide_verb(
        &mut self,
        asked: &PreparedVerb,
        stored: &StoredOrder,
        operates: bool,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        self.wait_at(Stage::Decision);
        self.attempts += 1;
        if self.attempts > ATTEMPTS {
            return self.answer(Err(SubmitError::Unavailable("the order kept changing".into())), out);
        }
        let order = &stored.order;
        let Some(command) = asked.command(order, operates) else {
            let (pointer, detail) =
                ("/key".to_owned(), "is required of a refund: it is what the refund is told by".to_owned());
            return self.answer(Err(SubmitError::Invalid { pointer, detail }), out);
        };
        // The order was read anew, and whoever loses its guard comes back here.
        if let Some(version) = asked.call.version.filter(|version| *version != order.version) {
            let answer = verb::other_version(order, asked.call.request.word(), version);
            return self.answer(Err(SubmitError::Refused(Arc::new(answer))), out);
        }
        if stored.look_first && !by_evidence(&asked.call.request) {
            return self.not_before_it_is_looked_up(order, out);
        }
        if let Some(detail) = &asked.too_early {
            return self.answer(Err(SubmitError::TooEarly { detail: detail.clone() }), out);
        }
        match transaction::run(Some(order), &command, context.now, &**context.local, StockVerdict::Assumed) {
            Ok(txn) => {
                let answer = verb_answer(asked, &txn.order);
                let key = asked.claim.clone().map(|claim| KeyClaim { answer: answer.clone(), ..claim });
                let log = operates.then(|| entry(asked, order, &txn.order));
                let write = self.write(stored, txn, command, More { key, log, answer, trouble: None }, context);
                out.push(write);
            }
            // A newer program beside this one moves it: whoever asks again may come to that.
            Err(refusal @ Refusal::OtherSaga { .. }) => {
                if self.hold.is_none() && self.calling.is_none() {
                    self.forget();
                }
                let detail = format!("{refusal}: a newer one has to run; nothing was stored: repeat the same request");
                self.answer(Err(SubmitError::TooEarly { detail }), out);
            }
            Err(refusal) => {
                let Some(answer) = verb::refused(order, asked.call.request.word(), &refusal) else {
                    return self.answer(Err(SubmitError::Internal(refusal.to_string())), out);
                };
                let Some(claim) = asked.claim.clone() else {
                    return self.answer(Err(SubmitError::Refused(Arc::new(answer))), out);
                };
                let nothing = LocalTransaction {
                    order: order.clone(),
                    events: Vec::new(),
                    stock: StockMove::None,
                    pays: false,
                    steps: false,
                    call: None,
                };
                let key = Some(KeyClaim { answer: Some(answer.clone()), ..claim });
                let more = More { key, answer: Some(answer), ..More::default() };
                let write = self.write(stored, nothing, command, more, context);
                out.push(write);
            }
        }
    }

    /// What the order is undone by, or goes on by, depends on what became of it while its database was away: nothing is
    /// decided before that is known, and nothing stored.
    fn not_before_it_is_looked_up(&mut self, order: &Order, out: &mut Vec<OrderOutput>) {
        let why = match order.attention {
            None => "its database was restored from before: what its participants did since is being looked up",
            Some(_) => "its database was restored from before: it is looked up when an operator has it tried again",
        };
        if self.hold.is_none() && self.calling.is_none() {
            self.forget(); // another engine may have looked
        }
        self.answer(Err(SubmitError::Unavailable(why.into())), out);
    }

    fn verb_committed(&mut self, committed: Committed, out: &mut Vec<OrderOutput>) {
        match (committed, self.sent.take()) {
            (Committed::Stored(txn), Some(sent)) => {
                let reply = match sent.answer.clone() {
                    Some(answer) => {
                        Reply::Final { order_id: self.id.clone(), answer: Arc::new(answer), replayed: false }
                    }
                    None => running(&txn.order, false),
                };
                self.stored(*txn, sent);
                self.answer(Ok(reply), out);
            }
            // Somebody else moved the order: it is read and decided anew. Whoever did goes on with it.
            (Committed::Exists | Committed::Stale, _) => {
                self.hold = None;
                self.forget();
                out.push(OrderOutput::Load);
            }
            (Committed::Full, _) => self.answer(Err(SubmitError::TooManyKeys { order_id: self.id.clone() }), out),
            // The key was bound a moment ago: its answer is read.
            (Committed::KeyKnown | Committed::Stored(_), _) => {
                self.load_first = true;
                self.wait_at(Stage::Order);
                out.push(OrderOutput::Load);
            }
        }
    }
}

/// The verb's final answer where the order, as it stands, has decided it.
fn verb_answer(asked: &PreparedVerb, order: &Order) -> Option<Answer> {
    match &asked.call.request {
        VerbRequest::Cancel => verb::Verb::Cancel.settled(order),
        VerbRequest::Capture { .. } => verb::Verb::Capture.settled(order),
        VerbRequest::Refund { .. } => {
            let mine = order
                .refunds
                .iter()
                .find(|refund| refund.client == asked.call.by && asked.call.key.as_ref() == Some(&refund.key))?;
            verb::refunded(order, mine)
        }
        // An operator's verb is done once it is durable; what follows from it is the order's own way.
        VerbRequest::Retry | VerbRequest::Skip { .. } | VerbRequest::ForceCancel => {
            Some(crate::saga::render::success(order))
        }
    }
}

/// Whether a human vouches for it, or has it looked up: such a verb may come before.
fn by_evidence(request: &VerbRequest) -> bool {
    match request {
        VerbRequest::Retry | VerbRequest::Skip { .. } | VerbRequest::ForceCancel => true,
        VerbRequest::Cancel | VerbRequest::Capture { .. } | VerbRequest::Refund { .. } => false,
    }
}

fn entry(asked: &PreparedVerb, before: &Order, after: &Order) -> OperatorEntry {
    let stands = |order: &Order| {
        serde_json::json!({
            "state": order.state.as_str(),
            "version": order.version,
            "attention": order.attention,
        })
        .to_string()
    };
    OperatorEntry {
        by: asked.call.by.clone(),
        verb: asked.call.request.word(),
        reason: Arc::clone(&asked.call.reason),
        before: stands(before),
        after: stands(after),
    }
}

#[cfg(test)]
#[path = "verb_tests.rs"]
mod tests;
