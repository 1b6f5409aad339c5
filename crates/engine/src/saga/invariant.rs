//! The laws of an order. They hold for every state that `decide` and `evolve` can reach, for every row that the store
//! commits, and after every step of the simulator.

use super::definition::Anchor;
use super::effect::due;
use super::state::{Order, PaymentStatus, ShipmentStatus, State, StepStatus, Stock};

/// The laws that `order` breaks, by their text; empty where all hold.
pub fn violations(order: &Order) -> Vec<&'static str> {
    let payment = &order.payment;
    let laws: [(bool, &'static str); 15] = [
        (order.version >= 1, "a stored order has at least one event"),
        (order.amount.0 >= 1, "an order has an amount"),
        (payment.captured <= order.amount, "no more is captured than the order's amount"),
        (payment.captured.0 >= 0 && payment.refunded.0 >= 0, "no less than nothing is captured or refunded"),
        (payment.refunded <= payment.captured, "no more is refunded than was captured"),
        (order.state != State::Completed || completed_well(order), "a completed order is paid, shipped and taken"),
        (
            order.state != State::Cancelled || made_whole(order),
            "a cancelled order leaves no money, parcel, stock or step out",
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
        (in_turn(order), "no step is begun before the one before it is done"),
        (!has_two_under_way(order), "at most one step is under way"),
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

/// How far each step has come, in their order: not reached, under way, done with success, or anything else.
fn steps(order: &Order) -> Vec<(bool, bool, bool)> {
    let mut steps = Vec::new();
    for anchor in Anchor::ALL {
        let own = order.own.iter().flat_map(|own| own.iter()).filter(|(step, _)| step.before == anchor);
        steps.extend(own.map(|(_, state)| {
            let is = |status| state.status == status;
            (is(StepStatus::None), is(StepStatus::Intended) || is(StepStatus::Undoing), is(StepStatus::Done))
        }));
        steps.extend(match anchor {
            Anchor::Inventory => Some((
                order.stock == Stock::None,
                matches!(order.stock, Stock::Intended | Stock::Releasing),
                matches!(order.stock, Stock::Reserved | Stock::Taken),
            )),
            Anchor::Payment => Some(match order.payment.status {
                PaymentStatus::None => (true, false, false),
                PaymentStatus::Intended
                | PaymentStatus::Capturing
                | PaymentStatus::Voiding
                | PaymentStatus::Refunding => (false, true, false),
                PaymentStatus::Charged => (false, false, true),
                PaymentStatus::Authorized
                | PaymentStatus::Declined
                | PaymentStatus::Voided
                | PaymentStatus::Refunded => (false, false, false),
            }),
            Anchor::Shipment => Some(match order.shipment.status {
                ShipmentStatus::None => (true, false, false),
                ShipmentStatus::Intended | ShipmentStatus::Cancelling => (false, true, false),
                ShipmentStatus::Created => (false, false, true),
                ShipmentStatus::Failed | ShipmentStatus::Cancelled => (false, false, false),
            }),
            Anchor::Completion => None,
        });
    }
    steps
}

/// Going forward, whatever was begun comes behind steps that are done.
fn in_turn(order: &Order) -> bool {
    let forward = !matches!(order.state, State::Compensating | State::Cancelled);
    let steps = steps(order);
    let done = steps.iter().take_while(|(.., done)| *done).count();
    !forward || steps.iter().skip(done + 1).all(|(unreached, ..)| *unreached)
}

fn has_two_under_way(order: &Order) -> bool {
    // What cannot be undone is left as it stands where its order is called off.
    let left = |state: &super::state::StepState| state.status == StepStatus::Intended;
    let undoes = matches!(order.state, State::Compensating | State::Cancelled);
    let left = order.own.iter().flat_map(|own| &own.states).filter(|state| undoes && left(state)).count();
    steps(order).iter().filter(|(_, under_way, _)| *under_way).count() > 1 + left
}

fn completed_well(order: &Order) -> bool {
    order.own.iter().flat_map(|own| &own.states).all(|state| state.status == StepStatus::Done)
        && order.stock == Stock::Taken
        && order.payment.status == PaymentStatus::Charged
        && order.payment.captured.0 > 0
        && order.shipment.status == ShipmentStatus::Created
        && order.failure.is_none()
}

fn made_whole(order: &Order) -> bool {
    let steps = order.own.iter().flat_map(|own| own.iter()).all(|(step, state)| {
        !step.undo || matches!(state.status, StepStatus::None | StepStatus::Refused | StepStatus::Undone)
    });
    let stock = matches!(order.stock, Stock::None | Stock::Rejected | Stock::Released);
    let money = matches!(
        order.payment.status,
        PaymentStatus::None | PaymentStatus::Declined | PaymentStatus::Voided | PaymentStatus::Refunded
    ) && order.payment.captured == order.payment.refunded;
    let parcel =
        matches!(order.shipment.status, ShipmentStatus::None | ShipmentStatus::Failed | ShipmentStatus::Cancelled);
    steps && stock && money && parcel && order.failure.is_some()
}

fn waits_for_a_command(order: &Order) -> bool {
    order.attention.is_some()
        || order.state == State::PaymentAuthorized && order.payment.status == PaymentStatus::Authorized
}
