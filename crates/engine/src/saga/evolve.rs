//! What an event does to an order. Total: an event was committed, so it happened, whatever the state.

use std::sync::Arc;

use super::definition::{Anchor, StepName};
use super::event::{Created, Event, Fact, RefundName};
use super::failure::{CancelReason, Failure};
use super::money::Amount;
use super::progress::{Place, begin, call_off, undo_before};
use super::render;
use super::state::{
    Attention, Order, OwnSteps, Payment, PaymentStatus, Refund, RefundStatus, Shipment, ShipmentStatus, State,
    StepState, StepStatus, Stock, Timestamp,
};

/// Applies one event. `None` with an event other than `order.created` has no meaning and stays `None`; a stream that
/// [`decide`](super::decide::decide) made never holds one.
pub fn evolve(order: Option<Order>, event: &Event, at: Timestamp) -> Option<Order> {
    match event {
        Event::OrderCreated(created) => Some(born(created, at)),
        Event::Fact(fact) => order.map(|mut order| {
            order.version += 1;
            order.updated_at = at;
            apply(&mut order, fact, at);
            order
        }),
    }
}

/// Replays a stream from its beginning.
pub fn replay<'a>(events: impl IntoIterator<Item = (&'a Event, Timestamp)>) -> Option<Order> {
    events.into_iter().fold(None, |order, (event, at)| evolve(order, event, at))
}

fn born(created: &Created, at: Timestamp) -> Order {
    let mut order = Order {
        id: created.id.clone(),
        client: created.client.clone(),
        request: Arc::clone(&created.request),
        amount: created.amount,
        saga_version: created.saga_version,
        plan: created.plan,
        own: created.definition.clone().map(|definition| Box::new(OwnSteps::new(definition))),
        state: State::Created,
        version: 1,
        stock: Stock::None,
        reservation: None,
        payment: Payment {
            status: PaymentStatus::None,
            unknown: false,
            known: false,
            amount: created.amount,
            captured: Amount(0),
            refunded: Amount(0),
            reference: None,
            capture_reference: None,
        },
        shipment: Shipment { status: ShipmentStatus::None, reference: None },
        refunds: Vec::new(),
        failure: None,
        answer: None,
        attention: None,
        cloned: false,
        created_at: at,
        updated_at: at,
    };
    begin(&mut order, Anchor::Inventory);
    order
}

fn apply(order: &mut Order, fact: &Fact, at: Timestamp) {
    match fact {
        Fact::InventoryReserved { reference } => {
            order.reservation.clone_from(reference);
            order.state = State::InventoryReserved;
            order.stock = Stock::Reserved;
            begin(order, Anchor::Payment);
        }
        Fact::InventoryRejected { shortages, reason } => {
            order.stock = Stock::Rejected;
            order.failure = Some(match reason {
                None => Failure::OutOfStock { shortages: shortages.clone() },
                Some(_) => Failure::OrderCancelled { reason: CancelReason::Participant, detail: reason.clone() },
            });
            undo_before(order, Place::Inventory);
        }
        Fact::PaymentAuthorized { reference, expires_in_ms: _ } => {
            order.state = State::PaymentAuthorized;
            order.payment.status = PaymentStatus::Authorized;
            order.payment.known = true;
            order.payment.reference.clone_from(reference);
            decided(order);
        }
        Fact::PaymentCapturing { amount } => {
            order.payment.status = PaymentStatus::Capturing;
            order.payment.amount = *amount;
        }
        Fact::PaymentCharged { amount, reference } => {
            order.state = State::PaymentCharged;
            order.payment.status = PaymentStatus::Charged;
            order.payment.known = true;
            order.payment.captured = *amount;
            if order.request.is_manual() {
                order.payment.capture_reference.clone_from(reference);
            } else {
                order.payment.reference.clone_from(reference);
            }
            begin(order, Anchor::Shipment);
        }
        Fact::PaymentDeclined { reason } => {
            order.payment.status = PaymentStatus::Declined;
            order.failure = Some(Failure::PaymentDeclined { reason: reason.clone() });
            undo_before(order, Place::Payment);
        }
        Fact::PaymentUnknown => order.payment.unknown = true,
        Fact::ShipmentCreated { reference } => {
            order.state = State::ShipmentCreated;
            order.shipment.status = ShipmentStatus::Created;
            order.shipment.reference.clone_from(reference);
            order.failure = None; // a cancel that came too late: past the pivot the order goes forward
            begin(order, Anchor::Completion);
        }
        Fact::ShipmentFailed { reason } => {
            order.shipment.status = ShipmentStatus::Failed;
            order.failure = Some(Failure::ShipmentFailed { reason: reason.clone() });
            undo_before(order, Place::Shipment);
        }
        Fact::ShipmentCancelled => {
            order.shipment.status = ShipmentStatus::Cancelled;
            undo_before(order, Place::Shipment);
        }
        Fact::PaymentRefunded { refund: None, .. } => {
            order.payment.status = PaymentStatus::Refunded;
            undo_before(order, Place::Payment);
        }
        Fact::PaymentRefunded { refund: Some(name), .. } => settle(order, name, RefundStatus::Refunded),
        Fact::PaymentRefunding { refund, amount, reason, restock } => {
            order.payment.refunded.0 += amount.0;
            order.refunds.push(Refund {
                client: refund.client.clone(),
                key: refund.key.clone(),
                amount: *amount,
                reason: Arc::clone(reason),
                restock: restock.clone(),
                status: RefundStatus::Intended,
            });
        }
        Fact::PaymentRefundRefused { refund, .. } => settle(order, refund, RefundStatus::Refused),
        Fact::PaymentVoided { captured } => {
            order.payment.status = PaymentStatus::Voided;
            order.payment.captured = *captured;
            order.payment.refunded = *captured;
            undo_before(order, Place::Payment);
        }
        Fact::InventoryReleased => {
            order.stock = Stock::Released;
            undo_before(order, Place::Inventory);
        }
        Fact::OrderCompensating { reason, detail } => {
            order.failure = Some(Failure::OrderCancelled { reason: *reason, detail: detail.clone() });
            order.attention = None; // whatever it waited for is undone now, by its key
            call_off(order);
        }
        Fact::OrderCompleted => {
            order.state = State::Completed;
            order.stock = Stock::Taken;
            decided(order);
        }
        Fact::OrderCancelled => {
            order.state = State::Cancelled;
            decided(order);
        }
        Fact::OrderAttention { reason, contradicted, missing } => {
            let (reason, since, missing) = (reason.clone(), at.to_string(), missing.clone());
            order.attention = Some(Attention { reason, since, contradicted: *contradicted, missing });
        }
        Fact::OrderResumed { .. } | Fact::OrderSkipped { .. } | Fact::StepSkipped { .. } => order.attention = None,
        Fact::OrderForced { .. } => {
            order.attention = None;
            declare_undone(order);
        }
        Fact::StepDone { step, reference } => {
            let stands = StepState { status: StepStatus::Done, reference: reference.clone() };
            if let Some((_, before)) = settle_step(order, step, stands) {
                begin(order, before);
            }
        }
        Fact::StepRefused { step, reason } => {
            let stands = StepState { status: StepStatus::Refused, reference: None };
            if let Some((at, _)) = settle_step(order, step, stands) {
                order.failure = Some(Failure::StepRefused { step: step.clone(), reason: reason.clone() });
                undo_before(order, Place::Own(at));
            }
        }
        Fact::StepUndone { step } => {
            let known = order.own.as_ref().and_then(|own| own.states.get(own.definition.position(step)?));
            let reference = known.and_then(|state| state.reference.clone());
            let stands = StepState { status: StepStatus::Undone, reference };
            if let Some((at, _)) = settle_step(order, step, stands) {
                undo_before(order, Place::Own(at));
            }
        }
    }
}

/// A step of one's own has an outcome: its place, and what it stands before.
fn settle_step(order: &mut Order, name: &StepName, stands: StepState) -> Option<(usize, Anchor)> {
    let own = order.own.as_deref_mut()?;
    let at = own.definition.position(name)?;
    *own.states.get_mut(at)? = stands;
    Some((at, own.definition.steps().get(at)?.before))
}

/// Sets the one final answer, unless an earlier event did.
fn decided(order: &mut Order) {
    if order.answer.is_none() {
        order.answer = Some(Arc::new(match &order.failure {
            None => render::success(order),
            Some(failure) => render::failure(order, failure),
        }));
    }
}

/// A refund that was asked for has its outcome; a refused one no longer counts against the charge.
fn settle(order: &mut Order, name: &RefundName, status: RefundStatus) {
    let open = order.refunds.iter_mut().find(|refund| refund.client == name.client && refund.key == name.key);
    if let Some(refund) = open.filter(|refund| refund.status == RefundStatus::Intended) {
        refund.status = status;
        if status == RefundStatus::Refused {
            order.payment.refunded.0 -= refund.amount.0;
        }
    }
}

/// An operator answers for it that nothing is left outside: what stood open counts as undone.
fn declare_undone(order: &mut Order) {
    if order.failure.is_none() {
        order.failure = Some(Failure::OrderCancelled { reason: CancelReason::Operator, detail: None });
    }
    order.state = State::Compensating;
    if let Some(own) = order.own.as_deref_mut() {
        for (step, state) in own.definition.steps().iter().zip(&mut own.states) {
            match state.status {
                StepStatus::None | StepStatus::Refused | StepStatus::Undone => {}
                StepStatus::Intended | StepStatus::Done | StepStatus::Undoing if step.undo => {
                    state.status = StepStatus::Undone;
                }
                StepStatus::Intended | StepStatus::Done | StepStatus::Undoing => {}
            }
        }
    }
    match order.shipment.status {
        ShipmentStatus::None | ShipmentStatus::Failed | ShipmentStatus::Cancelled => {}
        ShipmentStatus::Intended | ShipmentStatus::Created | ShipmentStatus::Cancelling => {
            order.shipment.status = ShipmentStatus::Cancelled;
        }
    }
    match order.payment.status {
        PaymentStatus::None | PaymentStatus::Declined | PaymentStatus::Voided | PaymentStatus::Refunded => {}
        PaymentStatus::Charged | PaymentStatus::Refunding => {
            order.payment.status = PaymentStatus::Refunded;
            order.payment.refunded = order.payment.captured;
        }
        PaymentStatus::Intended | PaymentStatus::Authorized | PaymentStatus::Capturing | PaymentStatus::Voiding => {
            order.payment.status = PaymentStatus::Voided
        }
    }
    match order.stock {
        Stock::None | Stock::Rejected | Stock::Released => {}
        Stock::Intended | Stock::Reserved | Stock::Taken | Stock::Releasing => order.stock = Stock::Released,
    }
}
