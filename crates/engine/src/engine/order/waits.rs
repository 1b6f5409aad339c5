//! Who makes a call, and how long one, or a question about one, may wait that does not leave, or has no answer.

use std::time::Duration;

use super::{Due, OrderContext};
use crate::engine::Doer;
use crate::limits;
use crate::ports::StoredOrder;
use crate::saga::{Action, Call, Order, State, StepName};

/// Whether the order's reservation or authorisation ends its wait: the row wakes it then.
fn has_deadline(order: &Order) -> bool {
    match order.state {
        State::Created | State::InventoryReserved | State::PaymentAuthorized => true,
        State::PaymentCharged | State::ShipmentCreated | State::Completed | State::Compensating | State::Cancelled => {
            false
        }
    }
}

/// Whether the call is a step of the order's own that has a deadline.
fn has_step_deadline(due: &Due, order: &Order) -> bool {
    due.call.action() == Some(Action::Run) && due.call.step(order).is_some_and(|step| step.deadline_ms.is_some())
}

/// Whether a deadline ends the wait for the outcome of the call, however long that is.
pub(super) fn has_end(due: &Due, order: &Order) -> bool {
    has_deadline(order) || has_step_deadline(due, order)
}

/// Until when a call, or a question, may wait that does not leave. An order with a deadline waits until that, which has it
/// looked up or undone; where it has none, a human is asked after [`limits::UNDECIDED`], and so is one before the key of
/// the call no longer answers for it. A question about a payment waits as long as the payment's own call might: its deadline is over.
/// Nor has one that was restored a deadline that would end its wait: it is looked up first, whatever is over.
pub(super) fn may_wait(due: &Due, stored: &StoredOrder, age: Duration, context: &OrderContext<'_>) -> bool {
    let asks = due.call.is_look_up() || stored.look_first;
    let ends = has_end(due, &stored.order);
    // A step of the order's own is asked about once its deadline is over.
    let own = due.call.step(&stored.order).filter(|_| due.call.is_look_up());
    let its_own =
        own.and_then(|step| u64::try_from(step.deadline_ms?).ok()).map_or(Duration::ZERO, Duration::from_millis);
    is_alive(due, age, context) && (ends && !asks || age < its_own + limits::UNDECIDED)
}

/// Whether the key of a call, or of the payment that is asked about, still answers for it after so long.
pub(super) fn is_alive(due: &Due, age: Duration, context: &OrderContext<'_>) -> bool {
    let of_payment = (due.call == Call::LOOK_UP).then_some(Action::Charge);
    let lifetime = due.call.action().or(of_payment).and_then(context.key_lifetime);
    lifetime.is_none_or(|lifetime| age + 3 * context.step_timeout <= lifetime)
}

/// Who makes the call: this engine, but for steps of the order's own that it has no entry for.
pub(super) fn doer(due: &Due, order: &Order, context: &OrderContext<'_>) -> Doer {
    due.call.step(order).map_or(Doer::Here, |step| (context.doer)(step))
}

/// The step of its own whose entry an order waits for.
pub(super) fn missing_step(order: &Order) -> Option<&StepName> {
    order.attention.as_ref().and_then(|attention| attention.missing.as_ref())
}

#[cfg(test)]
#[path = "waits_tests.rs"]
mod tests;
