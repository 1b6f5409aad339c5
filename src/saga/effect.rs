//! Which call must leave next: read off the committed state, so that a crash forgets nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::SAGA_VERSION;
use super::request::Capture;
use super::state::{Order, PaymentStatus, Refund, RefundStatus, ShipmentStatus, State, Stock};

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// What a participant can be asked to do. The words are the last part of the URL of a remote participant, and
        /// the middle part of the name that a step key is derived from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action { $($(#[$doc])* #[serde(rename = $word)] $variant,)* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its word.
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
    /// Ask what became of the payment; changes nothing.
    LookUp = "look-up",
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A participant's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Holds the stock.
    Inventory,
    /// Moves the money.
    Payment,
    /// Carries the parcel.
    Shipment,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Inventory, Self::Payment, Self::Shipment];

    /// The participant's name in the configuration, in logs and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Payment => "payment",
            Self::Shipment => "shipment",
        }
    }
}

impl Action {
    /// Whose action it is.
    pub fn role(self) -> Role {
        match self {
            Self::Reserve | Self::Release => Role::Inventory,
            Self::Charge | Self::Authorize | Self::Capture | Self::Void | Self::Refund | Self::LookUp => Role::Payment,
            Self::Ship | Self::CancelShipment => Role::Shipment,
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
            Self::Reserve | Self::Charge | Self::Authorize | Self::Ship | Self::LookUp => false,
        }
    }

    /// Whether it undoes an earlier step.
    pub fn is_undo(self) -> bool {
        match self {
            Self::Release | Self::Void | Self::Refund | Self::CancelShipment => true,
            Self::Reserve | Self::Charge | Self::Authorize | Self::Capture | Self::Ship | Self::LookUp => false,
        }
    }
}

/// A call that must leave the process, or be answered by a local participant within the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// What is asked.
    pub action: Action,
}

/// What the row says is to be done next; `None` where the order waits for a command, or has ended.
///
/// The intent is in the state that the caller committed before the call leaves, so that whoever reads the row after
/// a crash sends the same call under the same key. An order that waits for a human has nothing due, nor has a cloned one,
/// nor one that began under another version of the saga than this program knows: a newer program goes on with it.
pub fn due(order: &Order) -> Option<Call> {
    if order.attention.is_some() || order.cloned || order.saga_version != SAGA_VERSION {
        return None;
    }
    let action = match order.state {
        State::Created => match order.stock {
            Stock::Intended => Some(Action::Reserve),
            Stock::Reserved | Stock::Taken | Stock::Rejected | Stock::Releasing | Stock::Released => None,
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
    };
    action.map(|action| Call { action })
}

/// The refund that was asked for and is to be sent next, the oldest first; `None` where there is none.
pub fn refund_due(order: &Order) -> Option<&Refund> {
    if order.attention.is_some() || order.cloned || order.saga_version != SAGA_VERSION {
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
/// The action of the call that is due, or would be if the order did not wait for a human.
pub fn open(order: &Order) -> Option<Action> {
    let going = Order { attention: None, ..order.clone() };
    due(&going).map(|call| call.action).or_else(|| refund_due(&going).map(|_| Action::Refund))
}
