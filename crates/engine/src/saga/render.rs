//! Final answers, as they are written once: of an order that has ended, or is authorised.

use serde::Serialize;

use super::answer::{Answer, PROBLEM_TYPE};
use super::codes::{Code, Spec};
use super::definition::{Anchor, StepName};
use super::failure::{Failure, Shortage};
use super::state::{Order, PaymentStatus, ShipmentStatus, StepStatus, Stock};

#[derive(Serialize)]
struct FinalProblem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: String,
    code: Code,
    order_id: &'a str,
    r#final: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'a StepName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortages: Option<&'a [Shortage]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compensations: Option<Vec<&'static str>>,
}

/// The answer of an order that completed, or was authorised.
pub fn success(order: &Order) -> Answer {
    // Ids, states and currencies need no escaping: their characters are checked when they enter.
    let body = format!(
        r#"{{"order_id":"{}","state":"{}","version":{},"amount":{},"currency":"{}"}}"#,
        order.id,
        order.state,
        order.version,
        order.amount,
        order.request.currency.as_str()
    );
    Answer { status: 201, body }
}

/// The answer of an order that was cancelled.
pub fn failure(order: &Order, failure: &Failure) -> Answer {
    let (detail, reason) = match failure {
        Failure::OutOfStock { shortages } => {
            let skus: Vec<_> = shortages.iter().map(|s| s.sku.as_str()).collect();
            (format!("not enough stock of {}; nothing was charged", skus.join(", ")), None)
        }
        Failure::PaymentDeclined { reason } => {
            ("the payment was declined; the stock was released and nothing was charged".into(), Some(reason.as_str()))
        }
        Failure::ShipmentFailed { reason } => (
            "the carrier refused the shipment; the charge was refunded and the stock released".into(),
            Some(reason.as_str()),
        ),
        Failure::OrderCancelled { reason, detail } => {
            let said = detail.as_ref().map_or_else(String::new, |said| format!(" (a participant said {said:?})"));
            let detail = format!("the order was cancelled before it was shipped{said}; what was done was undone");
            (detail, Some(reason.as_str()))
        }
        Failure::StepRefused { step, reason } => {
            let detail = format!("the step {step} refused the order; what was done was undone");
            (detail, Some(reason.as_str()))
        }
    };
    let (shortages, compensations) = match failure {
        Failure::OutOfStock { shortages } => (Some(shortages.as_slice()), None),
        Failure::PaymentDeclined { .. }
        | Failure::ShipmentFailed { .. }
        | Failure::OrderCancelled { .. }
        | Failure::StepRefused { .. } => (None, Some(compensations(order))),
    };
    let step = match failure {
        Failure::StepRefused { step, .. } => Some(step),
        Failure::OutOfStock { .. }
        | Failure::PaymentDeclined { .. }
        | Failure::ShipmentFailed { .. }
        | Failure::OrderCancelled { .. } => None,
    };
    let code = failure.problem();
    let &Spec { status, title, is_final, .. } = code.spec();
    let problem = FinalProblem {
        r#type: format!("{PROBLEM_TYPE}{}", code.as_str()),
        title,
        status,
        detail,
        code,
        order_id: order.id.as_str(),
        r#final: is_final,
        step,
        reason,
        shortages,
        compensations,
    };
    // A struct of strings and integers always serialises.
    Answer { status, body: serde_json::to_string(&problem).unwrap_or_default() }
}

/// What was undone, in the order in which it was, by the types of its events.
fn compensations(order: &Order) -> Vec<&'static str> {
    let mut undone = Vec::new();
    for anchor in Anchor::ALL.into_iter().rev() {
        undone.extend(match anchor {
            Anchor::Completion => None,
            Anchor::Shipment => (order.shipment.status == ShipmentStatus::Cancelled).then_some("shipment.cancelled"),
            Anchor::Payment => match order.payment.status {
                PaymentStatus::Refunded => Some("payment.refunded"),
                PaymentStatus::Voided => Some("payment.voided"),
                PaymentStatus::None
                | PaymentStatus::Intended
                | PaymentStatus::Authorized
                | PaymentStatus::Capturing
                | PaymentStatus::Charged
                | PaymentStatus::Declined
                | PaymentStatus::Voiding
                | PaymentStatus::Refunding => None,
            },
            Anchor::Inventory => (order.stock == Stock::Released).then_some("inventory.released"),
        });
        // A step stands before what it is anchored at.
        let own = order.own.iter().flat_map(|own| own.iter());
        let own = own.filter(|(step, state)| step.before == anchor && state.status == StepStatus::Undone);
        undone.extend(own.map(|_| "step.undone"));
    }
    undone
}
