//! What an answer means to the saga. [`ContractAnswer::read`] says what the words mean; here they meet the order, and an answer
//! that contradicts itself, or that the database could not keep, is no outcome. The rule behind each case: unknown is
//! always safe (the call is repeated under its key, looked up, and in the end shown to a human), a wrong outcome never is.
//! What contradicts the order ([`agreement`]) is no outcome either, and nothing that a repeat or an undo could mend.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::agreement::{self, shown};
use super::request;
use crate::limits;
use crate::participants::contract::{
    self, ContractAnswer, ContractRequest, Done, Operation, OperationOutcome, Operations, Refusal, StepRef, TOMBSTONED,
};
use crate::ports::Called;
use crate::saga::{Action, Amount, Call, CallKind, DeploymentId, Order, Outcome, Shortage};

/// What the answer to a call means that was sent as `asked`.
pub(super) fn of_call(called: &Called, asked: &ContractRequest, status: u16, body: &[u8]) -> Outcome {
    match ContractAnswer::read(status, body) {
        ContractAnswer::Done(done) => match agreement::contradicted_by_answer(asked, &done) {
            Some(reason) => Outcome::Contradicted { reason },
            None => of_done(called, done),
        },
        ContractAnswer::Pending(_) => Outcome::Pending,
        ContractAnswer::Refused { refusal, .. } => of_refusal(&called.order, refusal),
        ContractAnswer::Contradicted { code } => Outcome::Contradicted {
            reason: format!("the key of {} stands for another call there ({code})", called.call.named(&called.order)),
        },
        ContractAnswer::Unknown { .. } => Outcome::Unknown,
    }
}

/// What of a participant's list contradicts a call that is about to be sent, or was answered by a contradiction.
/// `Err` where there is no list to be read.
pub(super) fn contradiction(
    deployment: DeploymentId,
    called: &Called,
    status: u16,
    body: &[u8],
) -> Result<Option<String>, ()> {
    let told = Operations::read(status, body).filter(|told| told.order_id == called.order.id.as_str()).ok_or(())?;
    Ok(agreement::contradiction(&agreement::steps(deployment, called), &told.operations))
}

fn of_done(called: &Called, done: Done) -> Outcome {
    // A question is answered by a list of operations.
    let CallKind::Act(action) = called.call.kind else { return Outcome::Unknown };
    let Some(reference) = kept(&done.reference) else { return Outcome::Unknown };
    let holds_ms = done.expires_in_ms.filter(|_| action == Action::Authorize);
    if holds_ms.is_some_and(i64::is_negative) {
        return Outcome::Unknown;
    }
    let outcome =
        |captured| Outcome::Done { reference, tombstone: done.tombstone, captured: Amount(captured), holds_ms };
    match action {
        // What a void found decides what the books say: an answer that leaves it open, or has money left outside, is
        // no answer.
        Action::Void => match (done.tombstone, done.captured, done.refunded) {
            (true, None | Some(0), None | Some(0)) => outcome(0),
            (false, Some(captured), refunded) if refunded.is_none_or(|refunded| refunded == captured) => {
                moved_otherwise(&called.order, called.call, captured).unwrap_or_else(|| outcome(captured))
            }
            (true | false, _, _) => Outcome::Unknown,
        },
        Action::Release | Action::Refund | Action::CancelShipment | Action::Undo => outcome(0),
        // "Never heard of it" is what an undo may find. A step that is done was heard of.
        Action::Reserve | Action::Charge | Action::Authorize | Action::Capture | Action::Ship | Action::Run => {
            if done.tombstone { Outcome::Unknown } else { outcome(0) }
        }
    }
}

/// A payment moves all that was asked, or nothing: whatever else moved under its keys is not this order's alone.
fn moved_otherwise(order: &Order, call: Call, captured: i64) -> Option<Outcome> {
    let asked = order.payment.amount;
    (captured != 0 && Amount(captured) != asked).then(|| Outcome::Contradicted {
        reason: format!(
            "{} found {captured} captured, where {asked} {} was asked",
            call.kind,
            order.request.currency.as_str()
        ),
    })
}

/// A key that is `tombstoned` was undone: by an undo of ours, whose intent was committed before it was sent. So the row
/// has moved on, and whoever hears this late is fenced off by its version, whatever it makes of the answer. But where
/// the row still waits for the step, row and participant contradict each other (a database restored from before the
/// undo, a hand at the participant), and taking that for a business refusal would tell a customer that a card was
/// declined, or refund a charge as if the carrier had said no. It is unknown instead: the repeats end, a human is told
/// or the reservation runs out, and then the payment is voided by its key, which the tombstone agrees with.
fn of_refusal(order: &Order, refusal: Refusal) -> Outcome {
    if refusal.reason == TOMBSTONED {
        return Outcome::Unknown;
    }
    Outcome::Refused { reason: shown(&refusal.reason), shortages: shortages(order, &refusal.shortages) }
}

/// What is missing of what this order wants: the participant is believed as to what there is, and about nothing else,
/// since this ends up in the order's final answer.
fn shortages(order: &Order, told: &[contract::Shortage]) -> Vec<Shortage> {
    let told: BTreeMap<&str, i64> = told.iter().map(|short| (short.sku.as_str(), short.available)).collect();
    let wanted = order.request.quantities().into_iter();
    wanted
        .filter_map(|(sku, requested)| {
            let available = (*told.get(sku.as_str())?).max(0);
            Some(Shortage { sku, requested, available })
        })
        .collect()
}

/// A reference as it is stored and sent back, to the byte; empty is none. `None` where the database could not keep it
/// (PostgreSQL has no U+0000) or should not.
fn kept(reference: &str) -> Option<Option<Arc<str>>> {
    let fits = !reference.contains('\0') && reference.chars().count() <= limits::PARTICIPANT_TEXT;
    fits.then(|| (!reference.is_empty()).then(|| Arc::from(reference)))
}

/// What a participant's list of operations says of a call; for a [question](CallKind::LookUp), of the payment as a whole, or of a step of
/// one's own.
///
/// Only steps of our own count: two deployments that share a provider may each have an order of this name.
pub(super) fn of_look_up(deployment: DeploymentId, called: &Called, status: u16, body: &[u8]) -> Outcome {
    let Some(told) = Operations::read(status, body) else { return Outcome::Unknown };
    if told.order_id != called.order.id.as_str() {
        return Outcome::Unknown;
    }
    if let Some(reason) = agreement::contradiction(&agreement::steps(deployment, called), &told.operations) {
        return Outcome::Contradicted { reason };
    }
    let money = request::payment_steps(deployment, &called.order);
    if called.call.is_look_up() && called.call.own.is_some() {
        let ran = Called { call: Call { kind: CallKind::Act(Action::Run), ..called.call }, ..called.clone() };
        return step(&ran, request::step_key(deployment, &ran), &told.operations, &money).unwrap_or(Outcome::Unknown);
    }
    if called.call.is_look_up() {
        return payment(&called.order, &told.operations, &money).unwrap_or(Outcome::Unknown);
    }
    step(called, request::step_key(deployment, called), &told.operations, &money).unwrap_or(Outcome::Unknown)
}

/// What took effect or was refused under one key. `None` where that cannot be told.
fn step(called: &Called, key: uuid::Uuid, told: &[Operation], money: &[StepRef]) -> Option<Outcome> {
    let ours: Vec<&Operation> = told.iter().filter(|operation| operation.key == key).collect();
    let Some(last) = ours.last() else { return Some(Outcome::Absent) };
    if let Some(refused) = ours.iter().find(|operation| operation.outcome == OperationOutcome::Refused) {
        let reason = refused.reason.clone().filter(|reason| !reason.is_empty())?;
        return Some(of_refusal(&called.order, Refusal { reason, shortages: Vec::new() }));
    }
    // A step that is listed as undone is no success to go on from, while the row still waits for it.
    let undone = |operation: &Operation| operation.undoes == Some(key) && operation.outcome == OperationOutcome::Done;
    if told.iter().any(undone) {
        return None;
    }
    // One undo may have undone several steps: it found nothing only where each left a tombstone.
    let tombstone = ours.iter().all(|operation| operation.tombstone);
    // Nor is one that moved money, and does not say how much.
    let of_money = match called.call.kind {
        CallKind::Act(Action::Charge | Action::Capture) => true,
        CallKind::Act(Action::Refund) => !tombstone,
        // To hold money moves none: the capture of it is compared.
        CallKind::Act(
            Action::Authorize
            | Action::Reserve
            | Action::Release
            | Action::Void
            | Action::Ship
            | Action::CancelShipment
            | Action::Run
            | Action::Undo,
        )
        | CallKind::LookUp => false,
    };
    if of_money && ours.iter().any(|operation| positive(operation.amount).is_none()) {
        return None;
    }
    let expires_in_ms = last.expires_in_ms;
    let mut done = Done { tombstone, expires_in_ms, ..Done::new(last.reference.clone().unwrap_or_default()) };
    if called.call.kind == CallKind::Act(Action::Void) {
        let moved = Moved::of(told, money)?;
        (done.captured, done.refunded) = (Some(moved.captured), Some(moved.refunded));
    }
    Some(of_done(called, done))
}

/// The payment as a whole. `None` where it cannot be told.
fn payment(order: &Order, told: &[Operation], money: &[StepRef]) -> Option<Outcome> {
    let moved = Moved::of(told, money)?;
    if !moved.took_effect {
        return Some(Outcome::Absent);
    }
    if let Some(contradicted) = moved_otherwise(order, Call::LOOK_UP, moved.captured) {
        return Some(contradicted);
    }
    let captured = Amount(moved.captured.checked_sub(moved.refunded)?);
    Some(Outcome::Done { reference: kept(&moved.reference)?, tombstone: false, captured, holds_ms: None })
}

/// What an order's payment moved.
#[derive(Debug, Default)]
struct Moved {
    /// Whether money was held or moved at all.
    took_effect: bool,
    captured: i64,
    refunded: i64,
    /// Of the latest charge or capture.
    reference: String,
}

impl Moved {
    /// Sums up the operations about these steps. `None` where an amount is missing, or nonsense.
    fn of(told: &[Operation], money: &[StepRef]) -> Option<Self> {
        let ours = |key| money.iter().any(|step| step.key == key);
        let mut moved = Self::default();
        for operation in told.iter().filter(|operation| operation.outcome == OperationOutcome::Done) {
            match operation.action {
                contract::ContractAction::Charge | contract::ContractAction::Capture if ours(operation.key) => {
                    moved.took_effect = true;
                    moved.captured = moved.captured.checked_add(positive(operation.amount)?)?;
                    moved.reference = operation.reference.clone().unwrap_or_default();
                }
                contract::ContractAction::Authorize if ours(operation.key) => moved.took_effect = true,
                // One that does not say what it undoes is taken for ours: less money than there is only leads to a
                // void, which finds all of it.
                contract::ContractAction::Refund if !operation.tombstone && operation.undoes.is_none_or(ours) => {
                    moved.refunded = moved.refunded.checked_add(positive(operation.amount)?)?;
                }
                contract::ContractAction::Reserve
                | contract::ContractAction::Release
                | contract::ContractAction::Charge
                | contract::ContractAction::Authorize
                | contract::ContractAction::Capture
                | contract::ContractAction::Void
                | contract::ContractAction::Refund
                | contract::ContractAction::Ship
                | contract::ContractAction::CancelShipment
                | contract::ContractAction::Run
                | contract::ContractAction::Undo => {}
            }
        }
        Some(moved)
    }
}

fn positive(amount: Option<i64>) -> Option<i64> {
    amount.filter(|amount| *amount >= 0)
}
