//! What can be said to an order.

use std::sync::Arc;

use super::definition::{Saga, StepName};
use super::effect::Call;
use super::failure::{CancelReason, Shortage};
use super::ids::{Client, IdempotencyKey, OrderId};
use super::money::Amount;
use super::request::Request;
use super::state::Restock;

/// An operator's word: who said it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The subject of the operator's token.
    pub by: Client,
    /// Why: the evidence, where it stands in for a participant's answer.
    pub reason: Arc<str>,
}

/// What a participant answered. A timeout, a reset or a 5xx is [`Outcome::Unknown`], never a refusal: the call may
/// have taken effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect (or, for an undo, what was to be undone is undone).
    Done {
        /// The participant's name for the effect.
        reference: Option<Arc<str>>,
        /// An undo's answer: the participant did not know the key, and refuses it for ever from now on.
        tombstone: bool,
        /// A void's or a look-up's answer: what it found charged (a void refunded it in full).
        captured: Amount,
        /// An authorisation's answer: for how many milliseconds the participant holds the money from when it took effect,
        /// where it says so. (To the saga itself: how much of that is left when the answer is heard.)
        holds_ms: Option<i64>,
    },
    /// A business refusal: nothing took effect under this key, and nothing ever will.
    Refused {
        /// The word with which the participant refused.
        reason: String,
        /// From an inventory: what was missing.
        shortages: Vec<Shortage>,
    },
    /// Accepted, and not decided yet: the same call is asked again.
    Pending,
    /// This try certainly sent nothing: too many calls of this participant were under way, it could not be connected to, or
    /// it is away as a whole and its calls pause. That says nothing of earlier tries, of whoever made them.
    Unsent,
    /// It may or may not have taken effect.
    Unknown,
    /// A look-up's answer: the participant holds nothing under this key.
    Absent,
    /// What stands there under this key, or under one that the call names, is not what was asked: it is somebody else's
    /// (a restored backup, a clone at the same participant), and no outcome of this order. An undo that named the key
    /// would undo it, so nothing more is sent before an operator says so.
    Contradicted {
        /// What was asked, and what the participant says.
        reason: String,
    },
}

impl Outcome {
    /// Success without a reference: what a local participant answers.
    pub fn done() -> Self {
        Self::Done { reference: None, tombstone: false, captured: Amount(0), holds_ms: None }
    }

    /// A refusal without shortages, for this reason.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into(), shortages: Vec::new() }
    }
}

/// What can be said to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A new order.
    Submit {
        /// The order's id. That no order has it yet is proved by the guard of the write.
        id: OrderId,
        /// The client that owns the order from now on.
        client: Client,
        /// The order's content, checked.
        request: Arc<Request>,
        /// The saga that it begins under.
        saga: Saga,
    },
    /// A participant's answer to a call.
    Outcome {
        /// The call that was answered. Only the one that is due counts.
        call: Call,
        /// What the participant said.
        outcome: Outcome,
    },
    /// Call it off.
    Cancel {
        /// Who or what calls it off; goes into the order's answer.
        reason: CancelReason,
    },
    /// Capture an authorised payment.
    Capture {
        /// At most what was authorised.
        amount: Amount,
    },
    /// Give back some of what was captured, of an order that completed.
    Refund {
        /// The client that the key belongs to: the order's owner, or an operator.
        client: Client,
        /// Under which key; the caller has seen to it that the key is new.
        key: IdempotencyKey,
        /// At most what was captured and is not given back yet.
        amount: Amount,
        /// Why, in the asker's words; may be empty.
        reason: Arc<str>,
        /// What comes back to the shelf with it.
        restock: Vec<Restock>,
    },
    /// The payment participant's answer to a refund that was asked for.
    Refunded {
        /// The client under whose key it was asked for.
        client: Client,
        /// The key under which it was asked for.
        key: IdempotencyKey,
        /// What the payment participant said.
        outcome: Outcome,
    },
    /// An operator sends an order that waits for a human on its way again, under the same keys.
    Retry(Word),
    /// An operator has evidence that the call which is due took effect, and says so in the participant's place.
    Skip {
        /// The participant's name for the effect, where the evidence has one.
        reference: Option<Arc<str>>,
        /// Who says so, and on what evidence.
        word: Word,
    },
    /// An operator calls off an order that no participant will end: whatever was begun is declared undone.
    ForceCancel(Word),
    /// Its reservation or authorisation ran out, by the database's clock.
    Expire,
    /// The engine gives up on it and asks for a human.
    Attention {
        /// Why, in whole sentences, for an operator.
        reason: String,
        /// The step of one's own that there is no entry for, where it is that: the order goes on by itself once there is one.
        missing: Option<StepName>,
    },
    /// What is due is answered in this database: it was left for a commit of its own.
    GoOn,
    /// There is an entry again for the step of one's own that the order waits for.
    Found,
}

impl Command {
    /// Its name in refusals, logs and the command x state table.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Submit { .. } => "submit",
            Self::Outcome { .. } => "outcome",
            Self::Cancel { .. } => "cancel",
            Self::Capture { .. } => "capture",
            Self::Refund { .. } => "refund",
            Self::Refunded { .. } => "refunded",
            Self::Retry(_) => "retry",
            Self::Skip { .. } => "skip",
            Self::ForceCancel(_) => "force-cancel",
            Self::Expire => "expire",
            Self::Attention { .. } => "attention",
            Self::GoOn => "go-on",
            Self::Found => "found",
        }
    }
}
