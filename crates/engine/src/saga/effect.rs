//! Which call must leave next: read off the committed state, so that a crash forgets nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::definition::{OWN_STEPS_VERSION, OwnStep, SAGA_VERSION, StepName};
use super::progress;
use super::request::Capture;
use super::state::{Order, PaymentStatus, Refund, RefundStatus, ShipmentStatus, State, StepStatus, Stock};

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// What a participant can be asked to do. The words are the last part of the URL of a remote participant, and
        /// the middle part of the name that a step key is derived from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action { $($(#[$doc])* #[serde(rename = $word)] $variant,)* }

        impl Action {
            /// All of them, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word of this action, in URLs, keys and stored events.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

actions! {
    /// Hold the stock.
    Reserve = "reserve",
    /// Undo a reservation.
    Release = "release",
    /// Move the money.
    Charge = "charge",
    /// Hold the money.
    Authorize = "authorize",
    /// Move the money that is held.
    Capture = "capture",
    /// Undo a payment whatever became of it.
    Void = "void",
    /// Give back a charge.
    Refund = "refund",
    /// Hand the parcel over.
    Ship = "ship",
    /// Undo a shipment.
    CancelShipment = "cancel-shipment",
    /// Do a step of one's own.
    Run = "run",
    /// Undo a step of one's own, whatever became of it.
    Undo = "undo",
}

impl Action {
    /// The actions about built-in steps: every one but those of steps of one's own.
    pub const BUILT_IN: [Self; 9] = [
        Self::Reserve,
        Self::Release,
        Self::Charge,
        Self::Authorize,
        Self::Capture,
        Self::Void,
        Self::Refund,
        Self::Ship,
        Self::CancelShipment,
    ];
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A participant's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParticipantRole {
    /// Holds the stock.
    Inventory,
    /// Moves the money.
    Payment,
    /// Carries the parcel.
    Shipment,
    /// Does a step of one's own; each step has a participant of its own.
    Step,
}

impl ParticipantRole {
    /// The roles of the built-in steps.
    pub const BUILT_IN: [Self; 3] = [Self::Inventory, Self::Payment, Self::Shipment];

    /// The participant's name in the configuration, in logs and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Payment => "payment",
            Self::Shipment => "shipment",
            Self::Step => "step",
        }
    }
}

impl Action {
    /// Whose action it is.
    pub fn role(self) -> ParticipantRole {
        match self {
            Self::Reserve | Self::Release => ParticipantRole::Inventory,
            Self::Charge | Self::Authorize | Self::Capture | Self::Void | Self::Refund => ParticipantRole::Payment,
            Self::Ship | Self::CancelShipment => ParticipantRole::Shipment,
            Self::Run | Self::Undo => ParticipantRole::Step,
        }
    }

    /// Whether a call of this action names an earlier step of the other, and so is about whatever stands there under the
    /// key of that.
    pub fn names(self, step: Self) -> bool {
        match self {
            Self::Release => step == Self::Reserve,
            Self::Capture => step == Self::Authorize,
            Self::Void | Self::Refund => matches!(step, Self::Charge | Self::Authorize | Self::Capture),
            Self::CancelShipment => step == Self::Ship,
            Self::Undo => step == Self::Run,
            Self::Reserve | Self::Charge | Self::Authorize | Self::Ship | Self::Run => false,
        }
    }

    /// Whether it undoes an earlier step.
    pub fn is_undo(self) -> bool {
        match self {
            Self::Release | Self::Void | Self::Refund | Self::CancelShipment | Self::Undo => true,
            Self::Reserve | Self::Charge | Self::Authorize | Self::Capture | Self::Ship | Self::Run => false,
        }
    }
}

/// What a call asks of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// To do something.
    Act(Action),
    /// What became of the payment, or of a step of one's own. Changes nothing, and has no key.
    LookUp,
}

impl CallKind {
    /// The word of it, in logs, metrics and reasons: the action's, or `look-up`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Act(action) => action.as_str(),
            Self::LookUp => "look-up",
        }
    }
}

impl From<Action> for CallKind {
    fn from(action: Action) -> Self {
        Self::Act(action)
    }
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A call that must leave the process, or be answered by a local participant within the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// What the participant is asked.
    pub kind: CallKind,
    /// Of which of the order's own steps, by its place among them; `None` where it is a built-in one.
    pub own: Option<u8>,
}

impl Call {
    /// The question what became of the payment.
    pub const LOOK_UP: Self = Self { kind: CallKind::LookUp, own: None };

    /// A call about a step of the order's own.
    pub fn own(kind: impl Into<CallKind>, at: usize) -> Self {
        Self { kind: kind.into(), own: u8::try_from(at).ok() }
    }

    /// The question about what became of this call's step.
    pub fn look_up(self) -> Self {
        Self { kind: CallKind::LookUp, ..self }
    }

    /// Whether it only asks.
    pub fn is_look_up(self) -> bool {
        self.kind == CallKind::LookUp
    }

    /// What the participant is to do; `None` where it is only asked.
    pub fn action(self) -> Option<Action> {
        match self.kind {
            CallKind::Act(action) => Some(action),
            CallKind::LookUp => None,
        }
    }

    /// Whose call it is.
    pub fn role(self) -> ParticipantRole {
        match self.kind {
            _ if self.own.is_some() => ParticipantRole::Step,
            CallKind::Act(action) => action.role(),
            CallKind::LookUp => ParticipantRole::Payment,
        }
    }

    /// The step of the order's own that it is about.
    pub fn step(self, order: &Order) -> Option<&OwnStep> {
        order.own.as_ref()?.definition.steps().get(usize::from(self.own?))
    }

    /// What it is called in reasons: what it asks, and the step where it is one's own.
    pub fn named(self, order: &Order) -> String {
        match self.step(order) {
            Some(OwnStep { name, .. }) => format!("{} of {name}", self.kind),
            None => self.kind.as_str().to_owned(),
        }
    }

    /// Whether it names the step that an earlier call was for, and so is about whatever stands there under the key of that.
    pub fn names(self, earlier: Self) -> bool {
        let named = self.action().zip(earlier.action()).is_some_and(|(action, earlier)| action.names(earlier));
        named && self.own == earlier.own
    }
}

impl From<Action> for Call {
    fn from(action: Action) -> Self {
        Self { kind: CallKind::Act(action), own: None }
    }
}

/// The step of the order's own that is under way, and is no built-in one's turn: for people.
pub fn step_under_way(order: &Order) -> Option<&StepName> {
    let own = order.own.as_ref()?;
    let under_way = |status| match order.state {
        State::Compensating => status == StepStatus::Undoing,
        State::Cancelled | State::Completed => false,
        State::Created
        | State::InventoryReserved
        | State::PaymentAuthorized
        | State::PaymentCharged
        | State::ShipmentCreated => status == StepStatus::Intended,
    };
    own.iter().find(|(_, state)| under_way(state.status)).map(|(step, _)| &step.name)
}

/// Whether an order began under a saga that this program knows.
pub fn is_known(order: &Order) -> bool {
    match order.saga_version {
        SAGA_VERSION => order.own.is_none(),
        OWN_STEPS_VERSION => order.own.is_some(),
        _ => false, // a number, and no enum: another one is a newer program's
    }
}

/// What the row says is to be done next; `None` where the order waits for a command, or has ended.
///
/// The intent is in the state that the caller committed before the call leaves, so that whoever reads the row after
/// a crash sends the same call under the same key. An order that waits for a human has nothing due, nor has a cloned one,
/// nor one that began under another version of the saga than this program knows: a newer program goes on with it.
pub fn due(order: &Order) -> Option<Call> {
    if order.attention.is_some() || order.cloned || !is_known(order) {
        return None;
    }
    let own = match order.state {
        State::Created | State::InventoryReserved | State::PaymentCharged | State::ShipmentCreated => {
            Some((Action::Run, StepStatus::Intended))
        }
        State::Compensating => Some((Action::Undo, StepStatus::Undoing)),
        State::PaymentAuthorized | State::Completed | State::Cancelled => None,
    };
    let own = own.and_then(|(action, status)| Some(Call::own(action, progress::own_in(order, status)?)));
    own.or_else(|| built_in_due(order).map(Call::from))
}

/// The same of the built-in steps alone.
fn built_in_due(order: &Order) -> Option<Action> {
    match order.state {
        State::Created => match order.stock {
            Stock::Intended => Some(Action::Reserve),
            Stock::None | Stock::Reserved | Stock::Taken | Stock::Rejected | Stock::Releasing | Stock::Released => None,
        },
        State::InventoryReserved => match order.payment.status {
            PaymentStatus::Intended => Some(match order.request.details.capture {
                Capture::Automatic => Action::Charge,
                Capture::Manual => Action::Authorize,
            }),
            PaymentStatus::None
            | PaymentStatus::Authorized
            | PaymentStatus::Capturing
            | PaymentStatus::Charged
            | PaymentStatus::Declined
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Refunding
            | PaymentStatus::Refunded => None,
        },
        State::PaymentAuthorized => match order.payment.status {
            PaymentStatus::Capturing => Some(Action::Capture),
            PaymentStatus::None
            | PaymentStatus::Intended
            | PaymentStatus::Authorized
            | PaymentStatus::Charged
            | PaymentStatus::Declined
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Refunding
            | PaymentStatus::Refunded => None,
        },
        State::PaymentCharged => match order.shipment.status {
            ShipmentStatus::Intended => Some(Action::Ship),
            ShipmentStatus::None
            | ShipmentStatus::Created
            | ShipmentStatus::Failed
            | ShipmentStatus::Cancelling
            | ShipmentStatus::Cancelled => None,
        },
        State::Compensating => undo_due(order),
        State::ShipmentCreated | State::Completed | State::Cancelled => None,
    }
}

/// The refund that was asked for and is to be sent next, the oldest first; `None` where there is none.
pub fn refund_due(order: &Order) -> Option<&Refund> {
    if order.attention.is_some() || order.cloned || !is_known(order) {
        return None;
    }
    order.refunds.iter().find(|refund| refund.status == RefundStatus::Intended)
}

/// Compensation runs in reverse: shipment, payment, stock.
fn undo_due(order: &Order) -> Option<Action> {
    if order.shipment.status == ShipmentStatus::Cancelling {
        return Some(Action::CancelShipment);
    }
    match order.payment.status {
        PaymentStatus::Voiding => return Some(Action::Void),
        PaymentStatus::Refunding => return Some(Action::Refund),
        PaymentStatus::None
        | PaymentStatus::Intended
        | PaymentStatus::Authorized
        | PaymentStatus::Capturing
        | PaymentStatus::Charged
        | PaymentStatus::Declined
        | PaymentStatus::Voided
        | PaymentStatus::Refunded => {}
    }
    (order.stock == Stock::Releasing).then_some(Action::Release)
}
/// The call that is due, or would be if the order did not wait for a human.
pub fn open(order: &Order) -> Option<Call> {
    let going = Order { attention: None, ..order.clone() };
    due(&going).or_else(|| refund_due(&going).map(|_| Action::Refund.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one table of what names what: an undo the step that it undoes, a capture its authorisation.
    #[test]
    fn each_action_names_the_steps_that_it_is_about() {
        let names = |action| -> &[Action] {
            match action {
                Action::Release => &[Action::Reserve],
                Action::Capture => &[Action::Authorize],
                Action::Void | Action::Refund => &[Action::Charge, Action::Authorize, Action::Capture],
                Action::CancelShipment => &[Action::Ship],
                Action::Undo => &[Action::Run],
                Action::Reserve | Action::Charge | Action::Authorize | Action::Ship | Action::Run => &[],
            }
        };
        for action in Action::ALL {
            for step in Action::ALL {
                assert_eq!(action.names(*step), names(*action).contains(step), "{action} names {step}");
            }
            let undoes = *action != Action::Capture && !names(*action).is_empty();
            assert_eq!(action.is_undo(), undoes, "{action}");
            assert_eq!(serde_json::to_value(action).expect("a word"), action.as_str());
        }
    }

    /// Those of steps of one's own name the same step, and no built-in one.
    #[test]
    fn a_call_names_a_call_of_the_same_step() {
        let (run, undo) = (|at| Call::own(Action::Run, at), |at| Call::own(Action::Undo, at));
        assert!(undo(1).names(run(1)) && !undo(1).names(run(2)) && !undo(1).names(Action::Run.into()));
        assert!(Call::from(Action::Void).names(Action::Charge.into()));
        assert!(!Call::LOOK_UP.names(Action::Charge.into()) && !Call::from(Action::Void).names(Call::LOOK_UP));
        assert_eq!((run(2).look_up(), run(2).is_look_up()), (Call::own(CallKind::LookUp, 2), false));
        assert!(run(2).look_up().is_look_up() && Call::LOOK_UP.is_look_up());
    }

    /// Configurations, logs and series have these words.
    #[test]
    fn each_role_has_its_word() {
        let words = ParticipantRole::BUILT_IN.map(ParticipantRole::as_str);
        assert_eq!((words, ParticipantRole::Step.as_str()), (["inventory", "payment", "shipment"], "step"));
        for call in Action::BUILT_IN.map(Call::from) {
            assert_eq!(Some(call.role()), call.action().map(Action::role));
        }
        assert_eq!(Call::LOOK_UP.role(), ParticipantRole::Payment);
        assert_eq!((Call::LOOK_UP.action(), CallKind::LookUp.to_string()), (None, "look-up".into()));
        assert_eq!(Call::own(CallKind::LookUp, 0).role(), ParticipantRole::Step);
        assert_eq!(Action::CancelShipment.to_string(), "cancel-shipment");
    }
}
