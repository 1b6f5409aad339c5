//! What a fresh call does: its records, with the answer in the last one. Nothing changes here.
//!
//! Refusals are reasons of business and become durable outcomes like any other; what contradicts itself never comes
//! here (see [`LedgerState::look`]).

use uuid::Uuid;

use super::record::{EffectlessOutcome, LedgerLine, LedgerRecord, OutcomeLine, Stamp, fingerprint};
use super::state::{Effect, LedgerState};
use super::tokens::Token;
use counterfoil_engine::participants::contract::{
    Capture, ContractAction, ContractRequest, Done, Line, OUT_OF_STOCK, Refund, Refusal, Reserve, Shortage, StepRef,
    UNKNOWN_SKU,
};

/// A call that is being decided.
struct Draft<'a> {
    key: Uuid,
    request: &'a ContractRequest,
    now: Stamp,
    seq: u64,
    fingerprint: String,
    reference: String,
}

impl Draft<'_> {
    /// An effect of this action; the caller adds what it is about.
    fn effect(&self, action: ContractAction) -> LedgerLine {
        let step = self.request.action();
        LedgerLine {
            key: self.key,
            order_id: self.request.order_id().to_owned(),
            action,
            amount: None,
            undoes: None,
            tombstone: false,
            at: self.now,
            seq: 0,
            more: 0,
            step: (step != action).then_some(step),
            reference: Some(self.reference.clone()),
            currency: None,
            customer_id: None,
            lines: Vec::new(),
            payment_method: None,
            authorization: None,
            fingerprint: self.fingerprint.clone(),
            answer: None,
        }
    }

    /// The effect of an undo on a key.
    fn undo(&self, action: ContractAction, undoes: Uuid) -> LedgerLine {
        LedgerLine { undoes: Some(undoes), ..self.effect(action) }
    }

    /// An unknown key is refused from now on.
    fn tombstone(&self, undoes: Uuid) -> LedgerLine {
        LedgerLine { tombstone: true, ..self.undo(self.request.action(), undoes) }
    }

    fn answer(&self) -> Done {
        Done::new(self.reference.clone())
    }

    fn outcome(&self, outcome: EffectlessOutcome) -> Vec<LedgerRecord> {
        vec![LedgerRecord::Outcome(OutcomeLine {
            key: self.key,
            order_id: self.request.order_id().to_owned(),
            action: self.request.action(),
            amount: self.request.amount(),
            currency: self.request.currency().map(str::to_owned),
            customer_id: self.request.customer_id().map(str::to_owned),
            lines: self.request.lines().unwrap_or_default().to_vec(),
            undoes: self.request.undoes().and_then(|steps| steps.first()).map(|step| step.key),
            at: self.now,
            seq: self.seq + 1,
            fingerprint: self.fingerprint.clone(),
            outcome,
        })]
    }

    /// It is done, with these effects. The answer tells what the ledger will.
    fn done(&self, done: Done, mut effects: Vec<LedgerLine>) -> Vec<LedgerRecord> {
        let order_id = Some(self.request.order_id().to_owned());
        let mut done = Done { order_id, ..done };
        let Some(last) = effects.last_mut() else { return self.outcome(EffectlessOutcome::Done(done)) };
        // A void tells in its own words what it found: its lines may be many.
        if self.request.action() != ContractAction::Void {
            (done.amount, done.currency) = (last.amount, last.currency.clone());
            done.customer_id.clone_from(&last.customer_id);
        }
        last.answer = Some(done);
        let count = effects.len() as u32; // at most as many as keys are named, and their captures
        let numbered = effects.into_iter().zip(1..).map(|(effect, number)| {
            LedgerRecord::Effect(LedgerLine { seq: self.seq + u64::from(number), more: count - number, ..effect })
        });
        numbered.collect()
    }

    /// It is refused.
    fn refuse(&self, status: u16, reason: &str) -> Vec<LedgerRecord> {
        self.outcome(EffectlessOutcome::Refused { status, refusal: Refusal::new(reason) })
    }
}

/// What our names for things begin with.
fn prefix(action: ContractAction) -> &'static str {
    match action {
        ContractAction::Reserve => "rsv",
        ContractAction::Release => "rel",
        ContractAction::Charge => "ch",
        ContractAction::Authorize => "auth",
        ContractAction::Capture => "cap",
        ContractAction::Void => "vd",
        ContractAction::Refund => "re",
        ContractAction::Ship => "shp",
        ContractAction::CancelShipment => "can",
        ContractAction::Run => "run",
        ContractAction::Undo => "und",
    }
}

impl LedgerState {
    /// The records of a call that [`LedgerState::look`] found to be fresh: at least one, the last with the answer.
    pub fn decide(&self, key: Uuid, request: &ContractRequest, now: Stamp) -> Vec<LedgerRecord> {
        // A key that outlived its answers has effects already: the new one gets a name of its own.
        let earlier = self.keys.get(&key).map_or(0, |known| known.effects.len());
        let again = if earlier == 0 { String::new() } else { format!("_{}", earlier + 1) };
        let reference = format!("{}_{}{again}", prefix(request.action()), key.simple());
        let draft = Draft { key, request, now, seq: self.seq(), fingerprint: fingerprint(request), reference };
        if let Token::Refused(status, reason) = Token::of(request) {
            return draft.refuse(status, reason);
        }
        match request {
            ContractRequest::Reserve(body) => self.reserve(&draft, body),
            ContractRequest::Charge(body) | ContractRequest::Authorize(body) => {
                let effect = LedgerLine {
                    amount: Some(body.amount),
                    currency: Some(body.currency.clone()),
                    customer_id: Some(body.customer_id.clone()),
                    payment_method: Some(body.payment_method.clone()),
                    ..draft.effect(request.action())
                };
                let holds = request.action() == ContractAction::Authorize && self.rules.tells_authorization_ttl;
                let expires_in_ms = holds.then_some(self.rules.authorization_ttl_ms);
                draft.done(Done { expires_in_ms, ..draft.answer() }, vec![effect])
            }
            ContractRequest::Capture(body) => self.capture(&draft, body),
            ContractRequest::Ship(body) => {
                let parcel = LedgerLine { lines: body.lines.clone(), ..draft.effect(ContractAction::Ship) };
                draft.done(draft.answer(), vec![parcel])
            }
            ContractRequest::Run(_) => draft.done(draft.answer(), vec![draft.effect(ContractAction::Run)]),
            ContractRequest::Release(body) | ContractRequest::CancelShipment(body) => self.undo(&draft, &body.undoes),
            ContractRequest::Undo(body) => self.undo(&draft, &body.undoes),
            ContractRequest::Refund(body) => self.refund(&draft, body),
            ContractRequest::Void(body) => self.void(&draft, &body.undoes),
        }
    }

    fn reserve(&self, draft: &Draft<'_>, body: &Reserve) -> Vec<LedgerRecord> {
        if body.lines.iter().any(|line| !self.rules.skus.knows(&line.sku)) {
            return draft.refuse(422, UNKNOWN_SKU);
        }
        // Lines with the same SKU draw on the same stock.
        let mut wanted: Vec<Line> = Vec::with_capacity(body.lines.len());
        for line in &body.lines {
            match wanted.iter_mut().find(|other| other.sku == line.sku) {
                Some(other) => other.quantity += line.quantity,
                None => wanted.push(line.clone()),
            }
        }
        if let Some(stock) = self.rules.stock {
            let shortage = |line: &Line| {
                let available = stock - self.taken.get(&line.sku).copied().unwrap_or(0);
                let (sku, requested) = (line.sku.clone(), line.quantity);
                (available < requested).then_some(Shortage { sku, requested, available: available.max(0) })
            };
            let shortages: Vec<Shortage> = wanted.iter().filter_map(shortage).collect();
            if !shortages.is_empty() {
                let refusal = Refusal { shortages, ..Refusal::new(OUT_OF_STOCK) };
                return draft.outcome(EffectlessOutcome::Refused { status: 409, refusal });
            }
        }
        draft.done(draft.answer(), vec![LedgerLine { lines: wanted, ..draft.effect(ContractAction::Reserve) }])
    }

    fn expired(&self, effect: &Effect, now: Stamp) -> bool {
        now.0.saturating_sub(effect.at.0) >= self.rules.authorization_ttl_ms
    }

    fn capture(&self, draft: &Draft<'_>, body: &Capture) -> Vec<LedgerRecord> {
        let key = body.authorization.key;
        if self.tombstones.contains(&key) {
            return draft.refuse(402, "authorization_voided");
        }
        // The latest one counts, where the key was used again after its lifetime.
        let Some(held) = self.keys.get(&key).and_then(|known| known.effects.last()) else {
            return draft.refuse(422, "unknown_authorization");
        };
        if held.captured_by.is_some() {
            return draft.refuse(422, "already_captured");
        }
        if held.undone {
            return draft.refuse(402, "authorization_voided");
        }
        if self.expired(held, draft.now) || self.rules.lapses.strike(key) {
            return draft.refuse(402, "authorization_expired");
        }
        if held.currency != body.currency {
            return draft.refuse(422, "currency_mismatch");
        }
        if body.amount > held.amount {
            return draft.refuse(422, "amount_exceeds_authorization");
        }
        let effect = LedgerLine {
            amount: Some(body.amount),
            currency: Some(body.currency.clone()),
            authorization: Some(key),
            ..draft.effect(ContractAction::Capture)
        };
        draft.done(draft.answer(), vec![effect])
    }

    /// A release or the cancellation of a shipment.
    fn undo(&self, draft: &Draft<'_>, undoes: &[StepRef]) -> Vec<LedgerRecord> {
        let (mut effects, mut unknown) = (Vec::new(), true);
        for step in undoes {
            match self.keys.get(&step.key) {
                Some(known) => {
                    unknown = false;
                    if known.effects.iter().any(|effect| !effect.undone) {
                        effects.push(draft.undo(draft.request.action(), step.key));
                    }
                }
                None if self.tombstones.contains(&step.key) => {}
                None => effects.push(draft.tombstone(step.key)),
            }
        }
        draft.done(Done { tombstone: unknown, ..draft.answer() }, effects)
    }

    fn refund(&self, draft: &Draft<'_>, body: &Refund) -> Vec<LedgerRecord> {
        let Some((step, known)) = body.undoes.first().and_then(|step| Some((step, self.keys.get(&step.key)?))) else {
            return self.undo(draft, &body.undoes);
        };
        let (captured, refunded) = known.moved();
        if known.effects.is_empty() {
            // It was refused: there is nothing to give back, and never will be.
            return draft.done(draft.answer(), Vec::new());
        }
        if known.action == ContractAction::Authorize {
            return draft.refuse(422, "not_captured");
        }
        if known.effects.iter().any(|effect| effect.currency != body.currency) {
            return draft.refuse(422, "currency_mismatch");
        }
        if refunded == captured && body.amount == captured {
            // The whole was given back under another key: undone again, harmlessly.
            return draft.done(draft.answer(), Vec::new());
        }
        if body.amount > captured - refunded {
            return draft.refuse(422, "refund_exceeds_captured");
        }
        let effect = LedgerLine {
            amount: Some(body.amount),
            currency: Some(body.currency.clone()),
            ..draft.undo(ContractAction::Refund, step.key)
        };
        draft.done(draft.answer(), vec![effect])
    }

    /// Undoes a payment whatever became of it.
    fn void(&self, draft: &Draft<'_>, undoes: &[StepRef]) -> Vec<LedgerRecord> {
        let mut keys: Vec<Uuid> = Vec::with_capacity(undoes.len());
        for step in undoes {
            // A capture belongs to its authorisation, whether it is named or not.
            let effects = self.keys.get(&step.key).map_or(&[][..], |known| &known.effects);
            for key in std::iter::once(step.key).chain(effects.iter().filter_map(|effect| effect.captured_by)) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        let (mut effects, mut unknown) = (Vec::new(), true);
        let mut total: i64 = 0;
        for key in keys {
            let Some(known) = self.keys.get(&key) else {
                if !self.tombstones.contains(&key) {
                    effects.push(draft.tombstone(key));
                }
                continue;
            };
            unknown = false;
            // One that ran out holds nothing any more. It is ended by a line all the same: whoever reads the ledger
            // does not know how long this provider holds money.
            let is_held = |effect: &Effect| {
                effect.action == ContractAction::Authorize && !effect.undone && effect.captured_by.is_none()
            };
            if known.effects.iter().any(is_held) {
                effects.push(draft.undo(ContractAction::Void, key));
            }
            let (captured, refunded) = known.moved();
            total = total.saturating_add(captured);
            if captured > refunded {
                let currency = known.effects.first().map(|effect| effect.currency.clone());
                let amount = Some(captured - refunded);
                effects.push(LedgerLine { amount, currency, ..draft.undo(ContractAction::Refund, key) });
            }
        }
        let done = Done { tombstone: unknown, captured: Some(total), refunded: Some(total), ..draft.answer() };
        draft.done(done, effects)
    }
}
