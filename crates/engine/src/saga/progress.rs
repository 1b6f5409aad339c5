//! How far an order has come: its steps in their order, built-in ones and its own, which of them is begun next, and which is
//! undone next. At most one is under way at a time; the next is begun when it is done, and compensation takes them back in
//! reverse.

use super::definition::{Anchor, OwnStep};
use super::state::{Order, PaymentStatus, ShipmentStatus, State, StepState, StepStatus, Stock};

/// A step of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One of its own, by its place among them.
    Own(usize),
    Inventory,
    Payment,
    Shipment,
}

/// The steps of an order, in order.
fn places(order: &Order) -> Vec<Place> {
    let mut places = Vec::with_capacity(3);
    for anchor in Anchor::ALL {
        let own = order.own.iter().flat_map(|own| own.definition.steps().iter().enumerate());
        places.extend(own.filter(|(_, step)| step.before == anchor).map(|(at, _)| Place::Own(at)));
        places.extend(match anchor {
            Anchor::Inventory => Some(Place::Inventory),
            Anchor::Payment => Some(Place::Payment),
            Anchor::Shipment => Some(Place::Shipment),
            Anchor::Completion => None,
        });
    }
    places
}

/// A step of the order's own, with its state.
pub(super) fn own(order: &Order, at: usize) -> Option<(&OwnStep, &StepState)> {
    let own = order.own.as_ref()?;
    Some((own.definition.steps().get(at)?, own.states.get(at)?))
}

/// The step of the order's own that has this status.
pub(super) fn own_in(order: &Order, status: StepStatus) -> Option<usize> {
    order.own.as_ref()?.states.iter().position(|state| state.status == status)
}

/// Whether a place was begun, whatever became of it.
fn is_begun(order: &Order, place: Place) -> bool {
    match place {
        Place::Own(at) => own(order, at).is_some_and(|(_, state)| state.status != StepStatus::None),
        Place::Inventory => order.stock != Stock::None,
        Place::Payment => order.payment.status != PaymentStatus::None,
        Place::Shipment => order.shipment.status != ShipmentStatus::None,
    }
}

/// Whether a later step was begun: then this one is known to have taken effect, and a tombstone is no answer to its undo.
pub(super) fn is_known_done(order: &Order, place: Place) -> bool {
    places(order).into_iter().skip_while(|one| *one != place).skip(1).any(|later| is_begun(order, later))
}

/// Begins the first step before this one that was not begun yet, or this one itself. Behind the last of them there is
/// nothing to begin: the order completes.
pub(super) fn begin(order: &mut Order, anchor: Anchor) {
    if let Some(own) = order.own.as_deref_mut() {
        let mut steps = own.definition.steps().iter().zip(&mut own.states);
        let next = steps.find(|(step, state)| step.before == anchor && state.status == StepStatus::None);
        if let Some((_, state)) = next {
            state.status = StepStatus::Intended;
            return;
        }
    }
    match anchor {
        Anchor::Inventory => order.stock = Stock::Intended,
        Anchor::Payment => order.payment.status = PaymentStatus::Intended,
        Anchor::Shipment => order.shipment.status = ShipmentStatus::Intended,
        Anchor::Completion => {}
    }
}

/// Intends the undo of the latest step that may have taken effect; the earlier ones follow from its outcome. Where nothing is
/// left to be undone nothing is intended, and the order is over.
pub(super) fn call_off(order: &mut Order) {
    undo(order, None);
}

/// The same of the steps before this one.
pub(super) fn undo_before(order: &mut Order, place: Place) {
    undo(order, Some(place));
}

fn undo(order: &mut Order, from: Option<Place>) {
    order.state = State::Compensating;
    let mut earlier = places(order);
    if let Some(from) = from {
        earlier.truncate(earlier.iter().position(|place| *place == from).unwrap_or(0));
    }
    while let Some(place) = earlier.pop() {
        if intend_undo(order, place) {
            return;
        }
    }
}

/// Whether something is to be undone there. A refund counts against the charge from its intent on.
fn intend_undo(order: &mut Order, place: Place) -> bool {
    match place {
        Place::Own(at) => {
            let undoes = own(order, at).is_some_and(|(step, state)| {
                step.undo && matches!(state.status, StepStatus::Intended | StepStatus::Done)
            });
            if let Some(state) = order.own.as_deref_mut().filter(|_| undoes).and_then(|own| own.states.get_mut(at)) {
                state.status = StepStatus::Undoing;
            }
            undoes
        }
        Place::Shipment => {
            let undoes = order.shipment.status == ShipmentStatus::Intended;
            if undoes {
                order.shipment.status = ShipmentStatus::Cancelling;
            }
            undoes
        }
        Place::Payment => match order.payment.status {
            PaymentStatus::Charged => {
                order.payment.status = PaymentStatus::Refunding;
                order.payment.refunded = order.payment.captured;
                true
            }
            PaymentStatus::Intended | PaymentStatus::Authorized | PaymentStatus::Capturing => {
                order.payment.status = PaymentStatus::Voiding;
                true
            }
            PaymentStatus::None
            | PaymentStatus::Declined
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Refunding
            | PaymentStatus::Refunded => false,
        },
        Place::Inventory => {
            let undoes = matches!(order.stock, Stock::Intended | Stock::Reserved);
            if undoes {
                order.stock = Stock::Releasing;
            }
            undoes
        }
    }
}
