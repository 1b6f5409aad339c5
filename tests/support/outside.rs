//! What lies outside of the engine, for simulations: provider, carrier and warehouse as one, kept by the very state
//! machine that stands for them in the product, without its HTTP, its files and its clock. Beside it stand the books:
//! what took effect for each order, counted line by line, which is what the orders are judged by.
//!
//! The mapping between the saga and the contract (a call's key and body, what an answer means) is written down here a
//! second time, on purpose: it is the simulation's own reading of the published contract.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use counterfoil::participants::contract::{
    self, Address, Capture, Charge, ContractAnswer, ContractRequest, Line, OperationOutcome, Refusal, Reserve, Ship,
    StepRef, TOMBSTONED, Undo,
};
use counterfoil::ports::Called;
use counterfoil::saga::definition::{OwnStep, StepKind};
use counterfoil::saga::effect::ParticipantRole;
use counterfoil::saga::state::StepStatus;
use counterfoil::saga::{Action, Amount, Call, DeploymentId, Order, OrderId, Outcome, Plan, Shortage, Sku, Timestamp};
use counterfoil::simulator::chance::Lapses;
use counterfoil::simulator::record::fingerprint;
use counterfoil::simulator::record::{EffectlessOutcome as Told, LedgerLine, LedgerRecord, OutcomeLine, Stamp};
use counterfoil::simulator::state::{LedgerState, Look, Rules, Skus};
use uuid::Uuid;

/// The name space of the step keys.
const DEPLOYMENT: DeploymentId = DeploymentId(Uuid::from_u128(0xC0_FFEE));

/// The bit of a role in a plan.
pub fn bit(role: ParticipantRole) -> i16 {
    match role {
        ParticipantRole::Inventory => Plan::INVENTORY,
        ParticipantRole::Payment => Plan::PAYMENT,
        ParticipantRole::Shipment => Plan::SHIPMENT,
        ParticipantRole::Step => Plan::STEPS,
    }
}

/// What took effect outside for one order; tombstones are no effect. Money in minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    pub reserved: u8,
    pub released: u8,
    pub authorized: u8,
    pub voided: u8,
    /// Charges and captures.
    pub moved: u8,
    pub captured: i64,
    pub refunded: i64,
    pub shipped: u8,
    pub cancelled: u8,
    /// Steps of one's own that were done, and undone.
    pub ran: u8,
    pub unran: u8,
    /// Of the authorisation, at the provider.
    expires: Stamp,
}

impl Books {
    fn enter(&mut self, line: &LedgerLine, ttl_ms: i64) {
        match line.action {
            _ if line.tombstone => {}
            contract::ContractAction::Reserve => self.reserved += 1,
            contract::ContractAction::Release => self.released += 1,
            contract::ContractAction::Authorize => {
                self.authorized += 1;
                self.expires = Stamp(line.at.0.saturating_add(ttl_ms));
            }
            contract::ContractAction::Charge | contract::ContractAction::Capture => {
                self.moved += 1;
                self.captured += line.amount.unwrap_or(0);
            }
            contract::ContractAction::Void => self.voided += 1,
            contract::ContractAction::Refund => self.refunded += line.amount.unwrap_or(0),
            contract::ContractAction::Ship => self.shipped += 1,
            contract::ContractAction::CancelShipment => self.cancelled += 1,
            contract::ContractAction::Run => self.ran += 1,
            contract::ContractAction::Undo => self.unran += 1,
        }
    }

    /// What the customer is out of pocket.
    pub fn money(&self) -> i64 {
        self.captured - self.refunded
    }

    /// Whether an authorisation still holds the customer's money.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.authorized > self.voided && self.moved == 0 && stamp(now) < self.expires
    }

    /// What no order may ever have: the first harm, in words.
    pub fn harm(&self) -> Option<&'static str> {
        let harms = [
            (self.moved > 1, "charged twice"),
            (self.refunded > self.captured, "refunded more than was captured"),
            (self.shipped > 1, "shipped twice"),
            (self.reserved > 1, "reserved twice"),
            (self.authorized > 1, "authorised twice"),
            (self.cancelled > self.shipped, "a shipment was cancelled that never was"),
            (self.released > self.reserved, "stock was released that was not reserved"),
            (self.unran > self.ran, "a step was undone that was not done"),
        ];
        harms.into_iter().find(|(happened, _)| *happened).map(|(_, harm)| harm)
    }

    /// How the books contradict an order of this plan that completed, or was cancelled.
    pub fn contradict(&self, order: &Order, now: Timestamp) -> Option<String> {
        use counterfoil::saga::State;
        let remote = |bit: i16| order.plan.0 & bit != 0;
        let parcels = i16::from(self.shipped) - i16::from(self.cancelled);
        let goods = i16::from(self.reserved) - i16::from(self.released);
        let (is, must) = match order.state {
            State::Completed => (1, "once"),
            State::Cancelled => (0, "not at all"),
            _ => return None,
        };
        let paid = i16::from(self.moved > 0 && (self.money() > 0 || self.captured > 0 && is == 1));
        if remote(Plan::PAYMENT) && paid != is {
            return Some(format!("{}, and must be paid {must}: {self:?}", order.state));
        }
        if remote(Plan::SHIPMENT) && parcels != is {
            return Some(format!("{}, and must be shipped {must}: {self:?}", order.state));
        }
        if remote(Plan::INVENTORY) && goods != is {
            return Some(format!("{}, and must have its stock {must}: {self:?}", order.state));
        }
        let own = order.own.iter().flat_map(|own| own.iter()).filter(|(step, _)| step.kind == StepKind::Http);
        let (done, maybe) = own.fold((0, 0), |(done, maybe), (_, state)| match state.status {
            StepStatus::Done => (done + 1, maybe),
            StepStatus::Intended => (done, maybe + 1), // called off, and nothing to be undone
            StepStatus::None | StepStatus::Refused | StepStatus::Undoing | StepStatus::Undone => (done, maybe),
        });
        let steps = i16::from(self.ran) - i16::from(self.unran);
        if !(done..=done + maybe).contains(&steps) {
            return Some(format!("{}, and {done} of its own steps must be done: {self:?}", order.state));
        }
        (is == 0 && self.holds(now)).then(|| format!("CANCELLED, and money is held for it: {self:?}"))
    }
}

/// What is broken outside, on purpose.
#[derive(Debug, Clone, Copy, Default)]
pub struct Broken {
    /// A repeat is taken for a new call.
    pub forgets_keys: bool,
    /// An undo that comes first leaves no trace.
    pub keeps_no_tombstones: bool,
}

/// What a participant is made to do with a fresh call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// What it would.
    Willing,
    /// It refuses, for good.
    Refuses,
}

/// What came of a call.
#[derive(Debug)]
pub struct Took {
    /// What the caller would hear.
    pub outcome: Outcome,
    /// The lines that it added to the ledger.
    pub lines: Vec<LedgerLine>,
}

/// The participants that are remote: the provider, whose keys may be forgotten after a while, and the others, whose
/// are not.
#[derive(Debug)]
pub struct Outside {
    money: LedgerState,
    goods: LedgerState,
    books: HashMap<OrderId, Books>,
    broken: Broken,
    ttl_ms: i64,
}

fn stamp(now: Timestamp) -> Stamp {
    Stamp(now.0 / 1_000)
}

fn ms(span: Option<Duration>) -> i64 {
    span.map_or(i64::MAX, |span| i64::try_from(span.as_millis()).expect("a short time"))
}

impl Outside {
    /// `lifetime` is that of a key, `ttl` that of an authorisation; for ever where there is none. `stock` is of each SKU.
    pub fn new(lifetime: Option<Duration>, ttl: Option<Duration>, stock: Option<i64>, skus: &[&str]) -> Self {
        let rules = |lifetime| Rules {
            steps: Vec::new(),
            key_lifetime_ms: ms(lifetime),
            authorization_ttl_ms: ms(ttl),
            tells_authorization_ttl: ttl.is_some(),
            lapses: Lapses::default(),
            stock,
            skus: Skus::Listed(skus.iter().map(|sku| (*sku).to_owned()).collect()),
        };
        let (money, goods) = (LedgerState::new(rules(lifetime)), LedgerState::new(rules(None)));
        Self { money, goods, books: HashMap::new(), broken: Broken::default(), ttl_ms: ms(ttl) }
    }

    fn state(&self, role: ParticipantRole) -> &LedgerState {
        match role {
            ParticipantRole::Payment => &self.money,
            ParticipantRole::Inventory | ParticipantRole::Shipment | ParticipantRole::Step => &self.goods,
        }
    }

    fn state_mut(&mut self, role: ParticipantRole) -> &mut LedgerState {
        match role {
            ParticipantRole::Payment => &mut self.money,
            ParticipantRole::Inventory | ParticipantRole::Shipment | ParticipantRole::Step => &mut self.goods,
        }
    }

    /// The same, broken.
    pub fn broken(mut self, broken: Broken) -> Self {
        self.broken = broken;
        self
    }

    /// What took effect for an order.
    pub fn books(&self, id: &OrderId) -> Books {
        self.books.get(id).cloned().unwrap_or_default()
    }

    /// Whether a call under this key is one to decide, and no repeat, nor undone before it came.
    pub fn is_fresh(&self, called: &Called, now: Timestamp) -> bool {
        let state = self.state(called.call.role());
        request(called).is_some_and(|request| state.look(key(called), &request, stamp(now)) == Look::Fresh)
    }

    /// A call arrives. `Err` where it contradicts what came under its key before, which no engine may send.
    pub fn call(&mut self, called: &Called, now: Timestamp, mood: Mood) -> Result<Took, String> {
        let contradiction = |what: String| format!("{}: {} {what}", called.order.id, called.call.kind);
        let key = key(called);
        let request = request(called).ok_or_else(|| contradiction("is no call".into()))?;
        let (role, state) = (called.call.role(), self.state(called.call.role()));
        let records = match state.look(key, &request, stamp(now)) {
            Look::Answered(_) if self.broken.forgets_keys => state.decide(key, &request, stamp(now)),
            Look::Answered(answer) => return Ok(Took { outcome: outcome(called, &answer), lines: Vec::new() }),
            Look::Wrong(_, detail) => return Err(contradiction(detail)),
            Look::Fresh if mood == Mood::Refuses => vec![refusal(state, key, &request, now)],
            Look::Fresh => state.decide(key, &request, stamp(now)),
        };
        let answer = match records.last() {
            Some(LedgerRecord::Effect(line)) => line.answer.clone().map(ContractAnswer::Done),
            Some(LedgerRecord::Outcome(line)) => Some(line.outcome.answer()),
            None => None,
        };
        let mut lines = Vec::new();
        for record in records {
            match record {
                LedgerRecord::Effect(line) if line.tombstone && self.broken.keeps_no_tombstones => {}
                LedgerRecord::Effect(line) => {
                    self.books.entry(called.order.id.clone()).or_default().enter(&line, self.ttl_ms);
                    self.state_mut(role).apply(&LedgerRecord::Effect(line.clone()));
                    lines.push(line);
                }
                record @ LedgerRecord::Outcome(_) => self.state_mut(role).apply(&record),
            }
        }
        let outcome = answer.map_or(Outcome::Unknown, |answer| outcome(called, &answer));
        Ok(Took { outcome, lines })
    }

    /// What took effect under the key of a call, or, for a look-up, of the payment as a whole.
    pub fn look_up(&self, called: &Called) -> Outcome {
        let operations = self.state(called.call.role()).operations(called.order.id.as_str()).operations;
        if called.call.is_look_up() && called.call.own.is_none() {
            return self.payment(called, &operations);
        }
        let kind = called.call.action().unwrap_or(Action::Run).into();
        let key = key(&Called { call: Call { kind, ..called.call }, ..called.clone() });
        let ours: Vec<_> = operations.iter().filter(|operation| operation.key == key).collect();
        let Some(last) = ours.last() else { return Outcome::Absent };
        if last.outcome == OperationOutcome::Refused {
            return refused(called, &Refusal::new(last.reason.clone().unwrap_or_default()));
        }
        if operations.iter().any(|other| other.undoes == Some(key) && other.outcome == OperationOutcome::Done) {
            return Outcome::Unknown; // undone: no success to go on from
        }
        let captured =
            if called.call.action() == Some(Action::Void) { self.books(&called.order.id).captured } else { 0 };
        let tombstone = ours.iter().all(|operation| operation.tombstone);
        Outcome::Done {
            reference: last.reference.as_deref().map(Into::into),
            tombstone,
            captured: Amount(captured),
            holds_ms: last.expires_in_ms,
        }
    }

    fn payment(&self, called: &Called, operations: &[contract::Operation]) -> Outcome {
        let books = self.books(&called.order.id);
        if books.moved == 0 && books.authorized == 0 {
            return Outcome::Absent;
        }
        let moves = |action| matches!(action, contract::ContractAction::Charge | contract::ContractAction::Capture);
        let last = operations.iter().rfind(|operation| moves(operation.action));
        let reference = last.and_then(|operation| operation.reference.as_deref()).map(Into::into);
        Outcome::Done { reference, tombstone: false, captured: Amount(books.money()), holds_ms: None }
    }

    /// Whether a call took effect, as the ledger shows: what an operator may skip it for.
    pub fn shows(&self, called: &Called) -> Option<Arc<str>> {
        match self.look_up(called) {
            Outcome::Done { tombstone: false, reference, .. } => Some(reference.unwrap_or_else(|| "seen".into())),
            Outcome::Done { .. }
            | Outcome::Refused { .. }
            | Outcome::Pending
            | Outcome::Unsent
            | Outcome::Unknown
            | Outcome::Absent
            | Outcome::Contradicted { .. } => None,
        }
    }
}

/// A refusal that is the participant's own will.
fn refusal(state: &LedgerState, key: Uuid, request: &ContractRequest, now: Timestamp) -> LedgerRecord {
    LedgerRecord::Outcome(OutcomeLine {
        key,
        order_id: request.order_id().to_owned(),
        action: request.action(),
        amount: request.amount(),
        currency: request.currency().map(str::to_owned),
        customer_id: request.customer_id().map(str::to_owned),
        lines: request.lines().unwrap_or_default().to_vec(),
        undoes: request.undoes().and_then(|steps| steps.first()).map(|step| step.key),
        at: stamp(now),
        seq: state.seq() + 1,
        fingerprint: fingerprint(request),
        outcome: Told::Refused { status: 422, refusal: Refusal::new("unwilling") },
    })
}

/// The key of a call. Refunds that clients ask for bear an operation, and that of a step of one's own is its name.
pub fn key(called: &Called) -> Uuid {
    let refund = called.refund.as_ref().map(counterfoil::saga::Refund::operation);
    let operation = refund.or_else(|| own(called).map(|step| step.name.to_string())).unwrap_or_default();
    DEPLOYMENT.step_key(&called.order.id, called.call.kind.as_str(), &operation)
}

fn step(order: &Order, action: Action, reference: Option<&Arc<str>>) -> StepRef {
    let key = DEPLOYMENT.step_key(&order.id, action.as_str(), "");
    StepRef { key, reference: reference.map(|reference| reference.to_string()) }
}

fn payment_steps(order: &Order) -> Vec<StepRef> {
    let (payment, manual) = (&order.payment, order.request.is_manual());
    if !manual {
        return vec![step(order, Action::Charge, payment.reference.as_ref())];
    }
    let capture = step(order, Action::Capture, payment.capture_reference.as_ref());
    vec![step(order, Action::Authorize, payment.reference.as_ref()), capture]
}

/// The body of a call; `None` for a look-up.
fn request(called: &Called) -> Option<ContractRequest> {
    let order = &*called.order;
    let order_id = order.id.to_string();
    let currency = || order.request.currency.as_str().to_owned();
    let undo = |undoes| Undo { order_id: order.id.to_string(), undoes };
    let charge = || Charge {
        order_id: order.id.to_string(),
        customer_id: order.request.customer_id.to_string(),
        amount: order.amount.0,
        currency: currency(),
        payment_method: order.request.details.payment_method.to_string(),
    };
    Some(match called.call.action()? {
        Action::Reserve => ContractRequest::Reserve(Reserve { order_id, lines: lines(order) }),
        Action::Release => {
            ContractRequest::Release(undo(vec![step(order, Action::Reserve, order.reservation.as_ref())]))
        }
        Action::Charge => ContractRequest::Charge(charge()),
        Action::Authorize => ContractRequest::Authorize(charge()),
        Action::Capture => ContractRequest::Capture(Capture {
            order_id,
            amount: order.payment.amount.0,
            currency: currency(),
            authorization: step(order, Action::Authorize, order.payment.reference.as_ref()),
        }),
        Action::Void => ContractRequest::Void(undo(payment_steps(order))),
        Action::Refund => ContractRequest::Refund(contract::Refund {
            order_id,
            undoes: payment_steps(order).split_off(usize::from(order.request.is_manual())),
            amount: called.refund.as_ref().map_or(order.payment.captured, |refund| refund.amount).0,
            currency: currency(),
        }),
        Action::Ship => ContractRequest::Ship(Ship { order_id, lines: lines(order), ship_to: address(order) }),
        Action::CancelShipment => {
            ContractRequest::CancelShipment(undo(vec![step(order, Action::Ship, order.shipment.reference.as_ref())]))
        }
        Action::Run => ContractRequest::Run(Box::new(contract::Run {
            order_id,
            step: own(called)?.name.to_string(),
            customer_id: order.request.customer_id.to_string(),
            amount: order.amount.0,
            currency: currency(),
            lines: lines(order),
            ship_to: address(order),
            metadata: order.request.details.metadata.clone(),
        })),
        Action::Undo => {
            let ran = Called { call: Call { kind: Action::Run.into(), ..called.call }, ..called.clone() };
            let at = usize::from(called.call.own?);
            let reference = order.own.as_ref()?.states[at].reference.as_deref().map(str::to_owned);
            ContractRequest::Undo(contract::UndoRun {
                order_id,
                step: own(called)?.name.to_string(),
                undoes: vec![StepRef { key: key(&ran), reference }],
            })
        }
    })
}

/// The step of the order's own that a call is about.
fn own(called: &Called) -> Option<&OwnStep> {
    called.call.step(&called.order)
}

fn lines(order: &Order) -> Vec<Line> {
    order.request.lines.iter().map(|line| Line { sku: line.sku.to_string(), quantity: line.quantity }).collect()
}

fn address(order: &Order) -> Address {
    let to = &order.request.details.ship_to;
    Address {
        name: to.name.to_string(),
        line1: to.line1.to_string(),
        line2: None,
        city: to.city.to_string(),
        postal_code: to.postal_code.to_string(),
        region: None,
        country: to.country.to_string(),
        email: None,
        phone: None,
    }
}

/// What an answer means to the saga. A void's says what it found, in full.
fn outcome(called: &Called, answer: &ContractAnswer) -> Outcome {
    match answer {
        ContractAnswer::Done(done) => Outcome::Done {
            reference: Some(done.reference.as_str().into()),
            tombstone: done.tombstone,
            captured: Amount(if called.call.action() == Some(Action::Void) { done.captured.unwrap_or(0) } else { 0 }),
            holds_ms: done.expires_in_ms,
        },
        ContractAnswer::Refused { refusal, .. } => refused(called, refusal),
        ContractAnswer::Pending(_) => Outcome::Pending,
        ContractAnswer::Contradicted { code } => Outcome::Contradicted { reason: (*code).to_owned() },
        ContractAnswer::Unknown { .. } => Outcome::Unknown,
    }
}

/// A key that an undo of ours was told of first is no refusal of business: who hears of it is fenced by its version.
fn refused(called: &Called, refusal: &Refusal) -> Outcome {
    if refusal.reason == TOMBSTONED {
        return Outcome::Unknown;
    }
    let known = called.order.request.quantities();
    let short = |short: &contract::Shortage| {
        let sku = Sku::trusted(short.sku.as_str());
        let (requested, available) = (short.requested, short.available);
        known.contains_key(&sku).then_some(Shortage { sku, requested, available })
    };
    Outcome::Refused { reason: refusal.reason.clone(), shortages: refusal.shortages.iter().filter_map(short).collect() }
}
