//! What a command does to an order: the events that follow, or a precise refusal. Pure and total; every match over
//! states names each state, so that a new one cannot be forgotten.

use std::sync::Arc;

use super::command::{Command, Outcome, Word};
use super::definition::{Anchor, Saga, StepKind, StepName};
use super::effect::{Action, Call, CallKind, due, is_known};
use super::event::{Created, Event, Fact, RefundName};
use super::evolve::evolve;
use super::failure::{CancelReason, OUT_OF_STOCK, Shortage};
use super::ids::{Client, IdempotencyKey, OrderId};
use super::money::Amount;
use super::progress::{self, Place, is_known_done};
use super::refusal::Refusal;
use super::request::Request;
use super::state::{
    Attention, MAX_REFUNDS, Order, PaymentStatus, Refund, RefundStatus, Restock, State, StepStatus, Timestamp,
};

/// What follows from a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The events, in order; none where the command changes nothing (an answer that tells nothing new).
    pub events: Vec<Event>,
    /// The call that the order waits for after them.
    pub effect: Option<Call>,
}

/// Decides a command. An order ends under the version of the saga that it began with: one of another version than this program
/// knows is refused here, and nothing is [`due`] of it. `now` stamps the events and decides nothing.
pub fn decide(order: Option<&Order>, command: &Command, now: Timestamp) -> Result<Decision, Refusal> {
    decide_and_follow(order, command, now).map(|(decision, _)| decision)
}

/// As [`decide`], with the order that its events lead to.
pub(super) fn decide_and_follow(order: Option<&Order>, command: &Command, now: Timestamp) -> Result<Followed, Refusal> {
    if let Some(order) = order.filter(|order| !is_known(order)) {
        return Err(Refusal::OtherSaga { version: order.saga_version });
    }
    if let Some(order) = order.filter(|order| order.cloned) {
        closed(order, command)?;
    }
    let facts = match (order, command) {
        (None, Command::Submit { id, client, request, saga }) => return submit(id, client, request, saga, now),
        (None, other) => return Err(Refusal::NoSuchOrder { command: other.name() }),
        (Some(order), Command::Submit { .. }) => return Err(Refusal::Exists { state: order.state }),
        (Some(order), Command::Outcome { call, outcome }) => outcome_of(order, *call, outcome)?,
        (Some(order), Command::Cancel { reason }) => cancel(order, *reason)?,
        (Some(order), Command::Capture { amount }) => capture(order, *amount)?,
        (Some(order), Command::Refund { client, key, amount, reason, restock }) => {
            refund(order, *amount, restock)?;
            let refund = RefundName { client: client.clone(), key: key.clone() };
            let (reason, restock) = (reason.clone(), restock.clone());
            let given_back = Fact::PaymentRefunded { amount: *amount, refund: Some(refund.clone()) };
            let mut facts = vec![Fact::PaymentRefunding { refund, amount: *amount, reason, restock }];
            // A refund of 0 moves no money: it is settled with its intent, and no participant is asked.
            facts.extend(amount.is_zero().then_some(given_back));
            facts
        }
        (Some(order), Command::Refunded { client, key, outcome }) => refunded(order, client, key, outcome)?,
        (Some(order), Command::Retry(word)) => retry(order, word)?,
        (Some(order), Command::Skip { reference, word }) => skip(order, reference.clone(), word)?,
        (Some(order), Command::ForceCancel(word)) => force_cancel(order, word)?,
        (Some(order), Command::Expire) => return Ok(expire(order, now)),
        // Told once: what already waits for a human waits for the first reason, while what waits for an entry may come to need
        // one.
        (Some(order), Command::Attention { missing, .. })
            if order.attention.as_ref().is_some_and(|waits| waits.is_for_a_human() || missing.is_some()) =>
        {
            Vec::new()
        }
        (Some(_), Command::Attention { reason, missing }) => {
            let (reason, missing) = (reason.clone(), missing.clone());
            vec![Fact::OrderAttention { reason, contradicted: false, missing }]
        }
        (Some(_), Command::GoOn) => Vec::new(),
        (Some(order), Command::Found) => found(order),
    };
    Ok(followed(order, facts, now))
}

/// An order of an earlier deployment takes nothing that leads to a call, nor what stands in for the answer of one. To end
/// it here by an operator's word sends nothing.
fn closed(order: &Order, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Cancel { .. }
        | Command::Capture { .. }
        | Command::Refund { .. }
        | Command::Retry(_)
        | Command::Skip { .. } => Err(Refusal::Cloned { command: command.name(), state: order.state }),
        Command::Submit { .. }
        | Command::Outcome { .. }
        | Command::Refunded { .. }
        | Command::ForceCancel(_)
        | Command::Expire
        | Command::GoOn
        | Command::Found
        | Command::Attention { .. } => Ok(()),
    }
}

/// A decision, and the order after it.
type Followed = (Decision, Option<Order>);

/// The decision that consists of `facts`: the call due after them is read off the state that they lead to.
fn followed(order: Option<&Order>, facts: Vec<Fact>, now: Timestamp) -> Followed {
    let mut events: Vec<Event> = facts.into_iter().map(Event::from).collect();
    let mut after = events.iter().fold(order.cloned(), |order, event| evolve(order, event, now));
    if !events.is_empty()
        && let Some(end) = after.as_ref().and_then(end)
    {
        let end = Event::from(end);
        after = evolve(after, &end, now);
        events.push(end);
    }
    (Decision { effect: after.as_ref().and_then(due), events }, after)
}

/// How an order ends of which nothing is left to be done, or undone.
fn end(order: &Order) -> Option<Fact> {
    let rests = order.attention.is_none() && !order.cloned && due(order).is_none();
    match order.state {
        State::Compensating if rests => Some(Fact::OrderCancelled),
        State::ShipmentCreated if rests => Some(Fact::OrderCompleted),
        State::Created
        | State::InventoryReserved
        | State::PaymentAuthorized
        | State::PaymentCharged
        | State::ShipmentCreated
        | State::Completed
        | State::Compensating
        | State::Cancelled => None,
    }
}

fn submit(
    id: &OrderId,
    client: &Client,
    request: &Arc<Request>,
    saga: &Saga,
    now: Timestamp,
) -> Result<Followed, Refusal> {
    let amount = request.amount().ok_or(Refusal::AmountOverflow)?;
    let event = Event::OrderCreated(Box::new(Created {
        id: id.clone(),
        client: client.clone(),
        request: Arc::clone(request),
        amount,
        saga_version: saga.version(),
        plan: saga.plan(),
        definition: saga.definition().cloned(),
    }));
    let order = evolve(None, &event, now);
    Ok((Decision { effect: order.as_ref().and_then(due), events: vec![event] }, order))
}

/// An answer counts only while its call is the one due: a late or doubled one tells what is known, or what the undo
/// under way takes back by its key.
fn outcome_of(order: &Order, call: Call, outcome: &Outcome) -> Result<Vec<Fact>, Refusal> {
    let expected = due(order);
    let looked_up = call.is_look_up() && looks_up(order) == Some(call);
    // Late as it is, a contradiction counts while an undo is due that names the step: what stands under that key is not
    // the order's to undo. (An undo that was answered before did not find it so: its client looks before it sends.)
    // So it does of an authorisation that was looked up with nothing due: its capture, or its void, would name the key.
    let rests = call == Call::LOOK_UP && order.state == State::PaymentAuthorized && order.attention.is_none();
    let warned = matches!(outcome, Outcome::Contradicted { .. })
        && (expected.is_some_and(|due| due.names(call)) || expected.is_none() && rests);
    if expected != Some(call) && !looked_up && !warned {
        return Err(Refusal::NotDue { kind: call.kind, due: expected.map(|due| due.kind), state: order.state });
    }
    if let Outcome::Contradicted { reason } = outcome {
        return Ok(vec![contradicted(&call.named(order), reason)]);
    }
    if let Some((at, step)) = call.own.map(usize::from).zip(call.step(order)) {
        let behind_the_pivot = step.before == Anchor::Completion;
        return Ok(own_outcome(order, (at, &step.name), call, behind_the_pivot, outcome));
    }
    let CallKind::Act(action) = call.kind else { return Ok(payment_found(order, outcome)) };
    Ok(match outcome {
        // "Not found" is no proof of absence: the call may still arrive.
        Outcome::Pending | Outcome::Unsent | Outcome::Contradicted { .. } | Outcome::Absent => Vec::new(),
        Outcome::Unknown => lost(order, action),
        Outcome::Done { reference, tombstone, captured, holds_ms } => match action {
            Action::Authorize => {
                vec![Fact::PaymentAuthorized { reference: reference.clone(), expires_in_ms: *holds_ms }]
            }
            action => done(order, action, reference.clone(), *tombstone, *captured),
        },
        Outcome::Refused { reason, shortages } => refused(order, action, reason, shortages),
    })
}

/// What a look-up of the payment means, whose deadline is over. Where it found nothing, the call may still arrive: the payment is
/// voided by its key.
fn payment_found(order: &Order, outcome: &Outcome) -> Vec<Fact> {
    let asked = order.payment.amount;
    match outcome {
        Outcome::Pending | Outcome::Unsent | Outcome::Unknown | Outcome::Contradicted { .. } => Vec::new(),
        Outcome::Absent => vec![compensating(CancelReason::Expired)],
        Outcome::Refused { reason, .. } => {
            vec![Fact::OrderCompensating { reason: CancelReason::Participant, detail: Some(reason.clone()) }]
        }
        Outcome::Done { captured, .. } if !is_possible(order, *captured) => {
            vec![too_much(order, CallKind::LookUp, *captured)]
        }
        Outcome::Done { captured, .. } if captured.is_zero() => vec![compensating(CancelReason::Expired)],
        Outcome::Done { captured, reference, .. } if *captured == asked => {
            vec![Fact::PaymentCharged { amount: asked, reference: reference.clone() }]
        }
        // Nothing or all of it: what else a provider took, a human must understand before a parcel leaves.
        Outcome::Done { captured, .. } => {
            vec![attention(format!("{} was answered by {captured} captured, not {asked}", CallKind::LookUp))]
        }
    }
}

/// No participant can make an order cost more than it does, nor less than nothing: a human judges such an answer.
fn is_possible(order: &Order, captured: Amount) -> bool {
    (0..=order.payment.amount.0).contains(&captured.0)
}

fn too_much(order: &Order, kind: CallKind, captured: Amount) -> Fact {
    attention(format!("{kind} was answered by {captured} captured, of at most {}", order.payment.amount))
}

/// What the answer to a call means that is about a step of the order's own.
fn own_outcome(
    order: &Order,
    (at, name): (usize, &StepName),
    call: Call,
    behind_the_pivot: bool,
    outcome: &Outcome,
) -> Vec<Fact> {
    let named = |what: &str| vec![attention(format!("{} {what}", call.named(order)))];
    let step = name.clone();
    match (outcome, call.kind) {
        // "Never heard of it" is no answer for what we know took effect.
        (Outcome::Done { tombstone: true, .. }, CallKind::Act(Action::Undo))
            if is_known_done(order, Place::Own(at)) =>
        {
            named("was answered by a tombstone, but the step is known to have taken effect")
        }
        (Outcome::Done { .. }, CallKind::Act(Action::Undo)) => vec![Fact::StepUndone { step }],
        (Outcome::Done { reference, .. }, _) => vec![Fact::StepDone { step, reference: reference.clone() }],
        (Outcome::Refused { reason, .. }, CallKind::Act(Action::Undo)) => named(&format!("was refused: {reason}")),
        // Past the pivot an order only goes forward.
        (Outcome::Refused { reason, .. }, _) if behind_the_pivot => named(&format!("was refused: {reason}")),
        (Outcome::Refused { reason, .. }, _) => vec![Fact::StepRefused { step, reason: reason.clone() }],
        // Its deadline is over: see `expire`.
        (Outcome::Absent, CallKind::LookUp) if behind_the_pivot => named("found nothing done at its deadline"),
        (Outcome::Absent, CallKind::LookUp) => vec![compensating(CancelReason::Expired)],
        (Outcome::Absent | Outcome::Pending | Outcome::Unsent | Outcome::Unknown | Outcome::Contradicted { .. }, _) => {
            Vec::new()
        }
    }
}

/// There is an entry again for the step that the order waits for. Never refused: another engine may have seen to it.
fn found(order: &Order) -> Vec<Fact> {
    let waits = order.attention.as_ref().filter(|_| !order.cloned);
    let missing = waits.and_then(|attention| attention.missing.as_ref());
    let reason = missing.map(|step| format!("the step {step} has an entry in the configuration again").into());
    reason.map(|reason| Fact::OrderResumed { by: None, reason: Some(reason) }).into_iter().collect()
}

pub(super) fn attention(reason: String) -> Fact {
    Fact::OrderAttention { reason, contradicted: false, missing: None }
}

/// No outcome, and nothing to be undone either: a human must understand whose that is.
fn contradicted(call: &str, reason: &str) -> Fact {
    let reason = format!("{call} is contradicted by the participant: {reason}");
    Fact::OrderAttention { reason, contradicted: true, missing: None }
}

/// While a participant contradicts the order, neither its owner nor a deadline moves it.
fn undisputed(order: &Order, command: &'static str) -> Result<(), Refusal> {
    match order.attention.as_ref().filter(|attention| attention.contradicted) {
        Some(Attention { reason, .. }) => {
            Err(Refusal::Contradicted { command, state: order.state, reason: reason.clone() })
        }
        None => Ok(()),
    }
}

/// What of an order may be looked up, a payment of unknown outcome or a step of its own: what an expiry does before it undoes
/// anything. Of what is done in the order's own database there is nobody to ask, and nothing that is not a row.
fn looks_up(order: &Order) -> Option<Call> {
    if order.attention.is_some() || order.cloned {
        return None;
    }
    let own = || {
        let call = Call::own(CallKind::LookUp, progress::own_in(order, StepStatus::Intended)?);
        call.step(order).is_some_and(|step| step.kind == StepKind::Http).then_some(call)
    };
    let remote = !order.plan.payment_is_local();
    let payment = |status| (remote && order.payment.status == status).then_some(Call::LOOK_UP);
    match order.state {
        State::InventoryReserved => own().or_else(|| payment(PaymentStatus::Intended)),
        State::PaymentAuthorized => payment(PaymentStatus::Capturing),
        State::Created | State::PaymentCharged | State::ShipmentCreated => own(),
        State::Completed | State::Compensating | State::Cancelled => None,
    }
}

/// A lost answer of the payment participant is told once; the call stays due under the same key.
fn lost(order: &Order, action: Action) -> Vec<Fact> {
    match action {
        Action::Charge | Action::Authorize | Action::Capture if !order.payment.unknown => vec![Fact::PaymentUnknown],
        Action::Charge
        | Action::Authorize
        | Action::Capture
        | Action::Reserve
        | Action::Release
        | Action::Void
        | Action::Refund
        | Action::Ship
        | Action::CancelShipment
        | Action::Run
        | Action::Undo => Vec::new(),
    }
}

fn done(order: &Order, action: Action, reference: Option<Arc<str>>, tombstone: bool, captured: Amount) -> Vec<Fact> {
    match action {
        Action::Reserve => vec![Fact::InventoryReserved { reference }],
        Action::Authorize => vec![Fact::PaymentAuthorized { reference, expires_in_ms: None }],
        Action::Charge | Action::Capture => vec![Fact::PaymentCharged { amount: order.payment.amount, reference }],
        Action::Void if !is_possible(order, captured) => vec![too_much(order, CallKind::Act(action), captured)],
        Action::Ship => vec![Fact::ShipmentCreated { reference }],
        Action::CancelShipment => vec![Fact::ShipmentCancelled],
        // "Never heard of it" is no answer for money that we know moved.
        Action::Void | Action::Refund if tombstone && order.payment.known => vec![attention(format!(
            "{action} was answered by a tombstone, but the payment is known to have taken effect"
        ))],
        Action::Void => vec![Fact::PaymentVoided { captured }],
        Action::Refund => vec![Fact::PaymentRefunded { amount: order.payment.captured, refund: None }],
        // Nor is it for stock that we know is held: nothing behind it is begun before.
        Action::Release if tombstone && is_known_done(order, Place::Inventory) => {
            vec![attention("release was answered by a tombstone, but the stock is known to be reserved".into())]
        }
        Action::Release => vec![Fact::InventoryReleased],
        // Of a step of the order's own: see `own_outcome`.
        Action::Run | Action::Undo => Vec::new(),
    }
}

fn compensating(reason: CancelReason) -> Fact {
    Fact::OrderCompensating { reason, detail: None }
}

fn refused(order: &Order, action: Action, reason: &str, shortages: &[Shortage]) -> Vec<Fact> {
    let reason = reason.to_owned();
    match action {
        Action::Reserve => {
            let reason = (shortages.is_empty() && reason != OUT_OF_STOCK).then_some(reason);
            vec![Fact::InventoryRejected { shortages: shortages.to_vec(), reason }]
        }
        Action::Charge | Action::Authorize => vec![Fact::PaymentDeclined { reason }],
        Action::Capture => {
            vec![Fact::OrderCompensating { reason: CancelReason::Participant, detail: Some(reason) }]
        }
        Action::Ship => vec![Fact::ShipmentFailed { reason }],
        // The carrier has it already: the pivot, from which the saga only goes forward.
        Action::CancelShipment => {
            vec![Fact::ShipmentCreated { reference: order.shipment.reference.clone() }]
        }
        Action::Void | Action::Refund | Action::Release => {
            vec![attention(format!("{action} was refused: {reason}"))]
        }
        // Of a step of the order's own: see `own_outcome`.
        Action::Run | Action::Undo => Vec::new(),
    }
}

fn cancel(order: &Order, reason: CancelReason) -> Result<Vec<Fact>, Refusal> {
    match order.state {
        State::Created | State::InventoryReserved | State::PaymentAuthorized | State::PaymentCharged => {
            undisputed(order, "cancel")?;
            Ok(vec![compensating(reason)])
        }
        State::ShipmentCreated | State::Completed | State::Compensating | State::Cancelled => {
            Err(Refusal::WrongState { command: "cancel", state: order.state })
        }
    }
}

fn capture(order: &Order, amount: Amount) -> Result<Vec<Fact>, Refusal> {
    undisputed(order, "capture")?;
    let wrong = Refusal::WrongState { command: "capture", state: order.state };
    match order.state {
        State::PaymentAuthorized if order.payment.status == PaymentStatus::Authorized && order.attention.is_none() => {
            if amount.0 < 1 || amount > order.amount {
                return Err(Refusal::CaptureAmount { amount: amount.0, authorized: order.amount.0 });
            }
            Ok(vec![Fact::PaymentCapturing { amount }])
        }
        State::PaymentAuthorized
        | State::Created
        | State::InventoryReserved
        | State::PaymentCharged
        | State::ShipmentCreated
        | State::Completed
        | State::Compensating
        | State::Cancelled => Err(wrong),
    }
}

/// A refund is for what was captured of an order that completed, and its intent counts.
fn refund(order: &Order, amount: Amount, restock: &[Restock]) -> Result<(), Refusal> {
    undisputed(order, "refund")?;
    match order.state {
        State::Completed => {}
        State::Created
        | State::InventoryReserved
        | State::PaymentAuthorized
        | State::PaymentCharged
        | State::ShipmentCreated
        | State::Compensating
        | State::Cancelled => return Err(Refusal::WrongState { command: "refund", state: order.state }),
    }
    let refundable = order.payment.captured.0 - order.payment.refunded.0;
    // What was free comes back for nothing; nothing for nothing is no refund.
    let least = i64::from(restock.is_empty());
    if !(least..=refundable).contains(&amount.0) {
        return Err(Refusal::RefundExceedsCharge { amount: amount.0, refundable });
    }
    if order.refunds.len() >= MAX_REFUNDS {
        return Err(Refusal::TooManyRefunds { most: MAX_REFUNDS });
    }
    if !restock.is_empty() && !order.plan.inventory_is_local() {
        return Err(Refusal::RestockElsewhere);
    }
    let shipped = order.request.quantities();
    for (place, back) in restock.iter().enumerate() {
        let earlier: i64 = order
            .refunds
            .iter()
            .filter(|refund| refund.status != RefundStatus::Refused)
            .flat_map(|refund| &refund.restock)
            .chain(&restock[..place])
            .filter(|earlier| earlier.sku == back.sku)
            .map(|earlier| earlier.quantity)
            .sum();
        let left = shipped.get(&back.sku).copied().unwrap_or(0) - earlier;
        if !(1..=left).contains(&back.quantity) {
            return Err(Refusal::RestockExceedsShipment { sku: back.sku.clone(), quantity: back.quantity, left });
        }
    }
    Ok(())
}

/// What became of a refund that was asked for. Only the first answer counts: a repeat tells what is known.
fn refunded(order: &Order, client: &Client, key: &IdempotencyKey, outcome: &Outcome) -> Result<Vec<Fact>, Refusal> {
    let open = order.refunds.iter().find(|refund| refund.client == *client && refund.key == *key);
    let counts =
        |refund: &&Refund| refund.status == RefundStatus::Intended && order.attention.is_none() && !order.cloned;
    let Some(open) = open.filter(counts) else {
        return Err(Refusal::NotDue { kind: CallKind::Act(Action::Refund), due: None, state: order.state });
    };
    let refund = RefundName { client: client.clone(), key: key.clone() };
    Ok(match outcome {
        Outcome::Done { tombstone: true, .. } => {
            let reason = "a refund was answered by a tombstone, but the payment is known to have taken effect";
            vec![attention(reason.into())]
        }
        Outcome::Done { .. } => vec![Fact::PaymentRefunded { amount: open.amount, refund: Some(refund) }],
        Outcome::Refused { reason, .. } => vec![Fact::PaymentRefundRefused { refund, reason: reason.clone() }],
        Outcome::Contradicted { reason } => vec![contradicted(Action::Refund.as_str(), reason)],
        Outcome::Pending | Outcome::Unsent | Outcome::Unknown | Outcome::Absent => Vec::new(),
    })
}

/// An order that waits for a human goes on under the same keys.
fn retry(order: &Order, word: &Word) -> Result<Vec<Fact>, Refusal> {
    if order.attention.is_none() {
        return Err(Refusal::NoAttention { command: "retry", state: order.state });
    }
    let Word { by, reason } = word.clone();
    Ok(vec![Fact::OrderResumed { by: Some(by), reason: Some(reason) }])
}

/// Evidence stands in for the answer of the participant.
fn skip(order: &Order, reference: Option<Arc<str>>, word: &Word) -> Result<Vec<Fact>, Refusal> {
    if order.attention.is_none() {
        return Err(Refusal::NoAttention { command: "skip", state: order.state });
    }
    let resumed = Order { attention: None, ..order.clone() };
    let skipped = |call: Call, action: Action| {
        let Word { by, reason } = word.clone();
        match call.step(&resumed) {
            Some(own) => Fact::StepSkipped { step: own.name.clone(), action, reason, by },
            None => Fact::OrderSkipped { action, reason, by: Some(by) },
        }
    };
    if let Some((call, action)) = due(&resumed).and_then(|call| Some((call, call.action()?))) {
        let mut facts = vec![skipped(call, action)];
        if let Some((at, step)) = call.own.map(usize::from).zip(call.step(&resumed)) {
            let done = Outcome::Done { reference, tombstone: false, captured: Amount(0), holds_ms: None };
            facts.extend(own_outcome(&resumed, (at, &step.name), call, false, &done));
            return Ok(facts);
        }
        let captured = if action == Action::Void { order.payment.captured } else { Amount(0) };
        facts.extend(done(&resumed, action, reference, false, captured));
        return Ok(facts);
    }
    let Some(open) = super::effect::refund_due(&resumed) else {
        return Err(Refusal::NothingDue { command: "skip", state: order.state });
    };
    let refund = RefundName { client: open.client.clone(), key: open.key.clone() };
    Ok(vec![
        skipped(Action::Refund.into(), Action::Refund),
        Fact::PaymentRefunded { amount: open.amount, refund: Some(refund) },
    ])
}

/// What no participant will end, a human ends, and answers for it: money, parcel and stock are declared settled. Only of
/// an order that waits for a human: no call of one is on its way but late ones, which its evidence must speak of.
fn force_cancel(order: &Order, word: &Word) -> Result<Vec<Fact>, Refusal> {
    match order.state {
        State::Created
        | State::InventoryReserved
        | State::PaymentAuthorized
        | State::PaymentCharged
        | State::Compensating
            if order.attention.is_none() =>
        {
            Err(Refusal::NoAttention { command: "force-cancel", state: order.state })
        }
        State::Created
        | State::InventoryReserved
        | State::PaymentAuthorized
        | State::PaymentCharged
        | State::Compensating => {
            let Word { by, reason } = word.clone();
            Ok(vec![Fact::OrderForced { reason, by: Some(by) }, Fact::OrderCancelled])
        }
        State::ShipmentCreated | State::Completed | State::Cancelled => {
            Err(Refusal::WrongState { command: "force-cancel", state: order.state })
        }
    }
}

/// A deadline passed: of a reservation until the payment is known, of an authorisation, or of a step of the order's own. What may
/// have taken effect meanwhile is looked up before anything is undone.
/// Never refused: a timer may fire after the order moved on.
fn expire(order: &Order, now: Timestamp) -> Followed {
    let unmoved = |effect| (Decision { events: Vec::new(), effect }, Some(order.clone()));
    if order.attention.is_some() || order.cloned {
        return unmoved(None);
    }
    if let Some(call) = looks_up(order) {
        return unmoved(Some(call));
    }
    match order.state {
        State::Created | State::InventoryReserved | State::PaymentAuthorized => {
            followed(Some(order), vec![compensating(CancelReason::Expired)], now)
        }
        State::PaymentCharged | State::ShipmentCreated | State::Completed | State::Compensating | State::Cancelled => {
            unmoved(due(order))
        }
    }
}
