//! The laws of an order. They hold for every state that `decide` and `evolve` can reach, for every row that the store
//! commits, and after every step of the simulator.

use super::effect::due;
use super::state::{Order, PaymentStatus, ShipmentStatus, State, Stock};

/// The laws that `order` breaks, by their text; empty where all hold.
pub fn violations(order: &Order) -> Vec<&'static str> {
    let payment = &order.payment;
    let laws: [(bool, &'static str); 13] = [
        (order.version >= 1, "a stored order has at least one event"),
        (order.amount.0 >= 1, "an order has an amount"),
        (payment.captured <= order.amount, "no more is captured than the order's amount"),
        (payment.captured.0 >= 0 && payment.refunded.0 >= 0, "no less than nothing is captured or refunded"),
        (payment.refunded <= payment.captured, "no more is refunded than was captured"),
        (order.state != State::Completed || completed_well(order), "a completed order is paid, shipped and taken"),
        (
            order.state != State::Cancelled || made_whole(order),
            "a cancelled order leaves no money, parcel or stock out",
        ),
        (!order.state.is_terminal() || order.answer.is_some(), "an ended order has its final answer"),
        (
            order.answer.is_none() || order.state.is_terminal() || order.request.is_manual(),
            "only an ended or an authorised order has a final answer",
        ),
        (order.state != State::Compensating || order.failure.is_some(), "what is being undone has a reason"),
        (order.shipment.status != ShipmentStatus::Created || payment.known, "nothing is shipped unpaid"),
        (
            order.state.is_terminal() || waits_for_a_command(order) || due(order).is_some(),
            "an order in flight has a call due, or waits for a command",
        ),
        (
            !matches!(order.stock, Stock::Rejected) || payment.status == PaymentStatus::None,
            "nothing is charged for goods that were not there",
        ),
    ];
    laws.iter().filter(|(holds, _)| !holds).map(|(_, law)| *law).collect()
}

/// The laws that a step from `old` to `new` breaks.
pub fn broken_between(old: &Order, new: &Order) -> Vec<&'static str> {
    let laws = [
        (new.version >= old.version, "the version never falls"),
        (old.answer.is_none() || old.answer == new.answer, "the final answer never changes"),
        (!old.state.is_terminal() || old.state == new.state, "an ended order stays as it ended"),
        (
            new.payment.captured >= old.payment.captured,
            "what was captured stays captured: a refund is not an un-charge",
        ),
        (old.request == new.request && old.id == new.id && old.client == new.client, "the content never changes"),
    ];
    laws.iter().filter(|(holds, _)| !holds).map(|(_, law)| *law).collect()
}

fn completed_well(order: &Order) -> bool {
    order.stock == Stock::Taken
        && order.payment.status == PaymentStatus::Charged
        && order.payment.captured.0 > 0
        && order.shipment.status == ShipmentStatus::Created
        && order.failure.is_none()
}

fn made_whole(order: &Order) -> bool {
    let stock = matches!(order.stock, Stock::Rejected | Stock::Released);
    let money = matches!(
        order.payment.status,
        PaymentStatus::None | PaymentStatus::Declined | PaymentStatus::Voided | PaymentStatus::Refunded
    ) && order.payment.captured == order.payment.refunded;
    let parcel =
        matches!(order.shipment.status, ShipmentStatus::None | ShipmentStatus::Failed | ShipmentStatus::Cancelled);
    stock && money && parcel && order.failure.is_some()
}

fn waits_for_a_command(order: &Order) -> bool {
    order.attention.is_some()
        || order.state == State::PaymentAuthorized && order.payment.status == PaymentStatus::Authorized
}
