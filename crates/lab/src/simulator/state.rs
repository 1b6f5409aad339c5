//! What the simulated participants know: a function of the records, and of nothing else. Live calls and a restart run
//! the same [`LedgerState::apply`], so that a restarted process gives the answers that the old one gave.
//!
//! [`LedgerState::look`] answers what is answered already: repeats, tombstoned keys, keys with other content. For all else
//! `State::decide` (in `decide.rs`) says which records a call makes; applying them is the effect. Both are pure: time
//! is an argument. Whoever calls them holds one lock over look, decide and apply, which is what makes "at most once
//! under its key" and "no effect after a tombstone" true.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};
use uuid::Uuid;

use super::chance::Lapses;
use super::record::{EffectlessOutcome, LedgerLine, LedgerRecord, OutcomeLine, Stamp, fingerprint};
use super::tokens::Token;
use counterfoil_engine::participants::contract::{
    ContractAction, ContractAnswer, ContractRequest, KEY_REUSED, Line, Operation, OperationOutcome, Operations,
    Refusal, TOMBSTONED, WRONG_STEP,
};

/// Which SKUs the warehouse knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Skus {
    /// Every SKU is known.
    #[default]
    Any,
    /// The SKUs that begin so are known.
    Prefix(String),
    /// These SKUs are known, and no others.
    Listed(FxHashSet<String>),
}

impl Skus {
    /// Whether the warehouse knows this SKU.
    pub fn knows(&self, sku: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Prefix(prefix) => sku.starts_with(prefix.as_str()),
            Self::Listed(listed) => listed.contains(sku),
        }
    }
}

/// What the simulated participants go by, as the command line sets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// How long the answer to a key is replayed. Afterwards a call under it is a new call, as providers of payments have
    /// it; effects and tombstones stay, and a reservation or a shipment that took effect is answered as it was.
    pub key_lifetime_ms: i64,
    /// The steps of a shop's own that there is somebody for, by name.
    pub steps: Vec<String>,
    /// How long an authorisation holds.
    pub authorization_ttl_ms: i64,
    /// Whether the answer to an authorisation says so.
    pub tells_authorization_ttl: bool,
    /// Which authorisations hold for less.
    pub lapses: Lapses,
    /// Units of every SKU; `None` is as many as anybody wants.
    pub stock: Option<i64>,
    /// The SKUs that there are.
    pub skus: Skus,
}

/// A thing that took effect and can be undone.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    pub(super) action: ContractAction,
    pub(super) at: Stamp,
    pub(super) amount: i64,
    pub(super) currency: String,
    /// How much of the money went back.
    pub(super) refunded: i64,
    /// Released, cancelled, voided.
    pub(super) undone: bool,
    /// Of an authorisation: the key of its capture.
    pub(super) captured_by: Option<Uuid>,
    /// Of a reservation.
    pub(super) lines: Vec<Line>,
    /// How often refunds are to fail.
    pub(super) refund_errors: u32,
}

/// A key that a call came under.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) order_id: String,
    pub(super) action: ContractAction,
    /// More than one only where the key was used again after its lifetime.
    pub(super) effects: Vec<Effect>,
    answer: Option<Stored>,
}

#[derive(Debug, Clone)]
struct Stored {
    fingerprint: String,
    answer: ContractAnswer,
    at: Stamp,
}

impl Known {
    /// What was moved by it, and what of that went back; minor units.
    pub(super) fn moved(&self) -> (i64, i64) {
        let money = self
            .effects
            .iter()
            .filter(|effect| matches!(effect.action, ContractAction::Charge | ContractAction::Capture));
        money.fold((0, 0), |(captured, refunded): (i64, i64), effect| {
            (captured.saturating_add(effect.amount), refunded.saturating_add(effect.refunded))
        })
    }
}

/// What is known of a call before anything is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// The answer that it had, or the refusal of a tombstoned key.
    Answered(ContractAnswer),
    /// It contradicts what is known: no outcome. A code and a text.
    Wrong(&'static str, String),
    /// It is to be decided.
    Fresh,
}

/// Everything that is known.
#[derive(Debug, Clone)]
pub struct LedgerState {
    pub(super) rules: Rules,
    /// Of the last record applied.
    seq: u64,
    pub(super) keys: FxHashMap<Uuid, Known>,
    pub(super) tombstones: FxHashSet<Uuid>,
    /// Units of a SKU that are held or gone.
    pub(super) taken: FxHashMap<String, i64>,
    orders: FxHashMap<String, Vec<Operation>>,
}

impl LedgerState {
    /// Nothing is known yet.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            seq: 0,
            keys: FxHashMap::default(),
            tombstones: FxHashSet::default(),
            taken: FxHashMap::default(),
            orders: FxHashMap::default(),
        }
    }

    /// The number of the last record.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// What is known of a call. Nothing changes.
    pub fn look(&self, key: Uuid, request: &ContractRequest, now: Stamp) -> Look {
        if self.tombstones.contains(&key) {
            return Look::Answered(ContractAnswer::Refused { status: 409, refusal: Refusal::new(TOMBSTONED) });
        }
        if let Some(known) = self.keys.get(&key) {
            if known.action != request.action() || known.order_id != request.order_id() {
                let detail = format!("the key was used for {} of another order or action before", known.action);
                return Look::Wrong(KEY_REUSED, detail);
            }
            // Goods that were reserved or shipped are known by their order for ever, and not sent twice.
            let is_goods =
                matches!(known.action, ContractAction::Reserve | ContractAction::Ship) && !known.effects.is_empty();
            let alive = |stored: &&Stored| is_goods || now.0.saturating_sub(stored.at.0) < self.rules.key_lifetime_ms;
            if let Some(stored) = known.answer.as_ref().filter(alive) {
                if stored.fingerprint == fingerprint(request) {
                    return Look::Answered(stored.answer.clone());
                }
                return Look::Wrong(KEY_REUSED, "the key was used with other content before".to_owned());
            }
        }
        match self.contradiction(key, request) {
            Some(detail) => Look::Wrong(WRONG_STEP, detail),
            None => Look::Fresh,
        }
    }

    /// A step that is named, and cannot be meant: no refusal, since the caller has to be mended.
    fn contradiction(&self, key: Uuid, request: &ContractRequest) -> Option<String> {
        let allowed: &[ContractAction] = match request {
            ContractRequest::Release(_) => &[ContractAction::Reserve],
            ContractRequest::CancelShipment(_) => &[ContractAction::Ship],
            ContractRequest::Undo(_) => &[ContractAction::Run],
            ContractRequest::Void(_) | ContractRequest::Refund(_) => {
                &[ContractAction::Charge, ContractAction::Authorize, ContractAction::Capture]
            }
            ContractRequest::Capture(_) => &[ContractAction::Authorize],
            ContractRequest::Reserve(_)
            | ContractRequest::Charge(_)
            | ContractRequest::Authorize(_)
            | ContractRequest::Ship(_)
            | ContractRequest::Run(_) => {
                return None;
            }
        };
        let authorization = match request {
            ContractRequest::Capture(body) => Some(body.authorization.key),
            _ => None,
        };
        let undone = request.undoes().unwrap_or_default().iter().map(|step| step.key);
        undone.chain(authorization).find_map(|named| {
            if named == key {
                return Some(format!("{named} is this call's own key"));
            }
            let known = self.keys.get(&named)?;
            if known.order_id != request.order_id() {
                return Some(format!("{named} is a step of another order"));
            }
            (!allowed.contains(&known.action))
                .then(|| format!("{named} is a {}, which {} cannot mean", known.action, request.action()))
        })
    }

    /// What became of an order's steps, in order of effect.
    pub fn operations(&self, order_id: &str) -> Operations {
        let operations = self.orders.get(order_id).cloned().unwrap_or_default();
        Operations { order_id: order_id.to_owned(), operations }
    }

    /// How often a refund that these records make is to fail before it succeeds.
    pub(super) fn refund_errors(&self, records: &[LedgerRecord]) -> u32 {
        let refunded = records.iter().filter_map(|record| match record {
            LedgerRecord::Effect(line) if line.action == ContractAction::Refund && !line.tombstone => line.undoes,
            _ => None,
        });
        let effects = refunded.filter_map(|key| self.keys.get(&key)).flat_map(|known| &known.effects);
        effects.map(|effect| effect.refund_errors).max().unwrap_or(0)
    }

    /// Takes a record for true: it was decided a moment ago, or read from the files.
    pub fn apply(&mut self, record: &LedgerRecord) {
        self.seq = self.seq.max(record.seq());
        match record {
            LedgerRecord::Effect(line) => self.apply_effect(line),
            LedgerRecord::Outcome(line) => self.apply_outcome(line),
        }
    }

    fn known(&mut self, key: Uuid, order_id: &str, action: ContractAction) -> &mut Known {
        match self.keys.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                entry.insert(Known { order_id: order_id.to_owned(), action, effects: Vec::new(), answer: None })
            }
        }
    }

    fn apply_effect(&mut self, line: &LedgerLine) {
        if let Some(undone) = line.undoes {
            if line.tombstone {
                self.tombstones.insert(undone);
            } else {
                self.apply_undo(undone, line);
            }
        } else {
            self.apply_step(line);
        }
        let step = line.step.unwrap_or(line.action);
        let known = self.known(line.key, &line.order_id, step);
        if let Some(done) = &line.answer {
            let answer = ContractAnswer::Done(done.clone());
            known.answer = Some(Stored { fingerprint: line.fingerprint.clone(), answer, at: line.at });
        }
        self.orders.entry(line.order_id.clone()).or_default().push(Operation {
            key: line.key,
            action: line.action,
            outcome: OperationOutcome::Done,
            order_id: Some(line.order_id.clone()),
            reference: line.reference.clone(),
            amount: line.amount,
            currency: line.currency.clone(),
            customer_id: line.customer_id.clone(),
            lines: line.lines.clone(),
            reason: None,
            undoes: line.undoes,
            tombstone: line.tombstone,
            expires_in_ms: line.answer.as_ref().and_then(|answer| answer.expires_in_ms),
            at: line.at.text(),
        });
    }

    fn apply_step(&mut self, line: &LedgerLine) {
        let mut refund_errors = match line.payment_method.as_deref().map(Token::payment) {
            Some(Token::RefundErrors(errors)) => errors,
            _ => 0,
        };
        if let Some(known) = line.authorization.and_then(|key| self.keys.get_mut(&key))
            && let Some(held) = known.effects.iter_mut().rfind(|effect| effect.captured_by.is_none() && !effect.undone)
        {
            held.captured_by = Some(line.key);
            refund_errors = held.refund_errors;
        }
        // A parcel takes what its reservation held.
        let held = if line.action == ContractAction::Reserve { &line.lines[..] } else { &[] };
        for Line { sku, quantity } in held {
            *self.taken.entry(sku.clone()).or_default() += quantity;
        }
        let effect = Effect {
            action: line.action,
            at: line.at,
            amount: line.amount.unwrap_or(0),
            currency: line.currency.clone().unwrap_or_default(),
            refunded: 0,
            undone: false,
            captured_by: None,
            lines: held.to_vec(),
            refund_errors,
        };
        self.known(line.key, &line.order_id, line.action).effects.push(effect);
    }

    fn apply_undo(&mut self, undone: Uuid, line: &LedgerLine) {
        let Some(known) = self.keys.get_mut(&undone) else { return };
        let mut amount = line.amount.unwrap_or(0);
        for effect in known.effects.iter_mut().filter(|effect| !effect.undone) {
            if line.action == ContractAction::Refund {
                let share = amount.min(effect.amount - effect.refunded);
                effect.refunded += share;
                amount -= share;
                continue;
            }
            effect.undone = true;
            for Line { sku, quantity } in &effect.lines {
                *self.taken.entry(sku.clone()).or_default() -= quantity;
            }
        }
    }

    fn apply_outcome(&mut self, line: &OutcomeLine) {
        let answer = line.outcome.answer();
        let known = self.known(line.key, &line.order_id, line.action);
        known.answer = Some(Stored { fingerprint: line.fingerprint.clone(), answer, at: line.at });
        if let EffectlessOutcome::Refused { refusal, .. } = &line.outcome {
            self.orders.entry(line.order_id.clone()).or_default().push(Operation {
                key: line.key,
                action: line.action,
                outcome: OperationOutcome::Refused,
                order_id: Some(line.order_id.clone()),
                reference: None,
                amount: line.amount,
                currency: line.currency.clone(),
                customer_id: line.customer_id.clone(),
                lines: line.lines.clone(),
                reason: Some(refusal.reason.clone()),
                undoes: line.undoes,
                tombstone: false,
                expires_in_ms: None,
                at: line.at.text(),
            });
        }
    }
}
