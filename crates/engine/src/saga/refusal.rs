//! Why a command is refused: precise, with the state and the input, and nothing written.

use super::effect::CallKind;
use super::ids::Sku;
use super::state::State;

/// A command that an order does not take. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such order.
    #[error("{command}: there is no such order")]
    NoSuchOrder {
        /// The command that was refused.
        command: &'static str,
    },
    /// The order is there already.
    #[error("submit: the order exists and is {state}")]
    Exists {
        /// The state of the order that is there.
        state: State,
    },
    /// The order's state does not take the command.
    #[error("{command}: not while the order is {state}")]
    WrongState {
        /// The command that was refused.
        command: &'static str,
        /// The order's state.
        state: State,
    },
    /// An answer to a call that is not the one due: late, or doubled. Whatever it tells is undone or known already.
    #[error("an answer to {kind} came while the order is {state} and waits for {}", due.map_or("nothing", CallKind::as_str))]
    NotDue {
        /// What was answered.
        kind: CallKind,
        /// What is due; `None` where nothing is.
        due: Option<CallKind>,
        /// The order's state.
        state: State,
    },
    /// More than was authorised, or nothing.
    #[error("capture: {}", amounts(*authorized, *amount, "nothing is held that could be captured"))]
    CaptureAmount {
        /// The amount that was asked for, in minor units.
        amount: i64,
        /// The amount that is held, in minor units; 0 where nothing is.
        authorized: i64,
    },
    /// More than is left of what was captured, or nothing.
    #[error("refund: {}", amounts(*refundable, *amount, "the whole charge is given back already, or is being given back"))]
    RefundExceedsCharge {
        /// The amount that was asked for, in minor units.
        amount: i64,
        /// What is left of the charge; refunds under way count as given back.
        refundable: i64,
    },
    /// A remote inventory takes its own returns.
    #[error("refund: restock must be left out: the order's inventory is remote, and takes its own returns")]
    RestockElsewhere,
    /// As many as an order may have were asked for.
    #[error("refund: the order has {most} refunds, and may have no more")]
    TooManyRefunds {
        /// How many refunds an order may have.
        most: usize,
    },
    /// More than the order shipped and has not come back yet, or nothing.
    #[error("refund: of {sku} at most {left} can come back, not {quantity}")]
    RestockExceedsShipment {
        /// The SKU of which too much was to come back.
        sku: Sku,
        /// The units that were asked for.
        quantity: i64,
        /// The units that may still come back.
        left: i64,
    },
    /// The verb is for orders that wait for a human.
    #[error("{command}: the order is {state} and does not wait for a human")]
    NoAttention {
        /// The command that was refused.
        command: &'static str,
        /// The order's state.
        state: State,
    },
    /// A participant contradicts the order, so that an undo might undo what is somebody else's: only operators go on.
    #[error("{command}: not while the order is {state} and waits for a human: {reason}")]
    Contradicted {
        /// The command that was refused.
        command: &'static str,
        /// The order's state.
        state: State,
        /// What was asked of the participant, and what that says.
        reason: String,
    },
    /// No call is due that could be answered.
    #[error("{command}: the order is {state} and waits for no participant")]
    NothingDue {
        /// The command that was refused.
        command: &'static str,
        /// The order's state.
        state: State,
    },
    /// It is an earlier deployment's.
    #[error(
        "{command}: the order was cloned with its database and is {state}: it is the earlier deployment's, and \
         nothing is sent for it from here"
    )]
    Cloned {
        /// The command that was refused.
        command: &'static str,
        /// The order's state.
        state: State,
    },
    /// The order began under a version of the saga that this program does not know: a newer program's.
    #[error("the order began under version {version} of the saga, which this program does not know")]
    OtherSaga {
        /// The order's version of the saga.
        version: i16,
    },
    /// Lines and adjustments come to nothing, or to more than fits; checked when a request is parsed.
    #[error("submit: lines and adjustments must come to 1 to 2^53 - 1 minor units")]
    AmountOverflow,
}

/// What an amount had to be, or why none would do.
fn amounts(most: i64, asked: i64, none: &str) -> String {
    match most {
        ..1 => format!("{none}; {asked} was asked"),
        1 => format!("the amount must be 1, not {asked}"),
        _ => format!("the amount must be 1 to {most}, not {asked}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client is told what would have been taken, or why nothing would.
    #[test]
    fn a_wrong_amount_is_told_what_it_may_be() {
        for (most, told) in [
            (-1, "refund: the whole charge is given back already, or is being given back; 7 was asked"),
            (0, "refund: the whole charge is given back already, or is being given back; 7 was asked"),
            (1, "refund: the amount must be 1, not 7"),
            (2, "refund: the amount must be 1 to 2, not 7"),
        ] {
            assert_eq!(Refusal::RefundExceedsCharge { amount: 7, refundable: most }.to_string(), told);
        }
        let nothing = Refusal::CaptureAmount { amount: 7, authorized: 0 }.to_string();
        assert_eq!(nothing, "capture: nothing is held that could be captured; 7 was asked");
    }
}
