//! What an event does to an order. Total: an event was committed, so it happened, whatever the state.

use std::sync::Arc;

use super::answer;
use super::command::CancelReason;
use super::event::{Created, Event, Fact, RefundName};
use super::money::Amount;
use super::state::{
    Attention, Failure, Order, Payment, PaymentStatus, Refund, RefundStatus, Shipment, ShipmentStatus, State, Stock,
    Timestamp,
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
    Order {
        id: created.id.clone(),
        client: created.client.clone(),
        request: Arc::clone(&created.request),
        amount: created.amount,
        saga_version: created.saga_version,
        plan: created.plan,
        state: State::Created,
        version: 1,
        stock: Stock::Intended,
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
    }
}

fn apply(order: &mut Order, fact: &Fact, at: Timestamp) {
    match fact {
        Fact::InventoryReserved { reference } => {
            order.reservation.clone_from(reference);
            order.state = State::InventoryReserved;
            order.stock = Stock::Reserved;
            order.payment.status = PaymentStatus::Intended;
        }
        Fact::InventoryRejected { shortages, reason } => {
            order.stock = Stock::Rejected;
            order.failure = Some(match reason {
                None => Failure::OutOfStock { shortages: shortages.clone() },
                Some(_) => Failure::OrderCancelled { reason: CancelReason::Participant, detail: reason.clone() },
            });
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
            order.shipment.status = ShipmentStatus::Intended;
        }
        Fact::PaymentDeclined { reason } => {
            order.payment.status = PaymentStatus::Declined;
            order.failure = Some(Failure::PaymentDeclined { reason: reason.clone() });
            undo_stock(order);
        }
        Fact::PaymentUnknown => order.payment.unknown = true,
        Fact::ShipmentCreated { reference } => {
            order.state = State::ShipmentCreated;
            order.shipment.status = ShipmentStatus::Created;
            order.shipment.reference.clone_from(reference);
            order.failure = None; // a cancel that came too late: past the pivot the order goes forward
        }
        Fact::ShipmentFailed { reason } => {
            order.shipment.status = ShipmentStatus::Failed;
            order.failure = Some(Failure::ShipmentFailed { reason: reason.clone() });
            undo_charge(order);
        }
        Fact::ShipmentCancelled => {
            order.shipment.status = ShipmentStatus::Cancelled;
            undo_charge(order);
        }
        Fact::PaymentRefunded { refund: None, .. } => {
            order.payment.status = PaymentStatus::Refunded;
            undo_stock(order);
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
            undo_stock(order);
        }
        Fact::InventoryReleased => order.stock = Stock::Released,
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
        Fact::OrderAttention { reason, contradicted } => {
            let (reason, since) = (reason.clone(), at.to_string());
            order.attention = Some(Attention { reason, since, contradicted: *contradicted });
        }
        Fact::OrderResumed { .. } | Fact::OrderSkipped { .. } => order.attention = None,
        Fact::OrderForced { .. } => {
            order.attention = None;
            declare_undone(order);
        }
    }
}

/// Sets the one final answer, unless an earlier event did.
fn decided(order: &mut Order) {
    if order.answer.is_none() {
        order.answer = Some(Arc::new(match &order.failure {
            None => answer::success(order),
            Some(failure) => answer::failure(order, failure),
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
        Stock::Rejected | Stock::Released => {}
        Stock::Intended | Stock::Reserved | Stock::Taken | Stock::Releasing => order.stock = Stock::Released,
    }
}

fn undo_stock(order: &mut Order) {
    order.state = State::Compensating;
    order.stock = Stock::Releasing;
}

/// A refund counts against the charge from its intent on.
fn undo_charge(order: &mut Order) {
    order.state = State::Compensating;
    order.payment.status = PaymentStatus::Refunding;
    order.payment.refunded = order.payment.captured;
}

/// Intends the undo of the latest step that may have taken effect; the earlier ones follow from its outcome.
fn call_off(order: &mut Order) {
    order.state = State::Compensating;
    if order.shipment.status == ShipmentStatus::Intended {
        order.shipment.status = ShipmentStatus::Cancelling;
        return;
    }
    match order.payment.status {
        PaymentStatus::Intended | PaymentStatus::Authorized | PaymentStatus::Capturing => {
            order.payment.status = PaymentStatus::Voiding;
        }
        PaymentStatus::None
        | PaymentStatus::Charged
        | PaymentStatus::Declined
        | PaymentStatus::Voiding
        | PaymentStatus::Voided
        | PaymentStatus::Refunding
        | PaymentStatus::Refunded => order.stock = Stock::Releasing,
    }
}
