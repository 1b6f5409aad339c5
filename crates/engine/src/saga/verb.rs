//! The answers of the verbs: cancel, capture and refund. Like an order's final answer they are bytes, decided in the
//! transaction that decides the verb, stored with its key, and the same for every repeat.

use serde::Serialize;

use super::answer::{Answer, PROBLEM_TYPE};
use super::codes::{Code, Spec};
use super::refusal::Refusal;
use super::render::success;
use super::state::{Order, Refund, RefundStatus, State};

/// What a client asks of an order that exists, under a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Call the order off.
    Cancel,
    /// Capture what is authorised.
    Capture,
    /// Give some of it back.
    Refund,
}

impl Verb {
    /// Its word: the last part of its route.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Capture => "capture",
            Self::Refund => "refunds",
        }
    }

    /// The verb's answer where the order, as it stands, has decided it; `None` while it is under way. A refund has an
    /// answer of its own: [`refunded`].
    pub fn settled(self, order: &Order) -> Option<Answer> {
        match (self, order.state) {
            (Self::Cancel, State::Cancelled) | (Self::Capture, State::Completed) => Some(success(order)),
            (Self::Cancel, State::Completed) | (Self::Capture, State::Cancelled) => {
                Some(wrong_state(self.as_str(), order))
            }
            (
                Self::Cancel | Self::Capture,
                State::Created
                | State::InventoryReserved
                | State::PaymentAuthorized
                | State::PaymentCharged
                | State::ShipmentCreated
                | State::Compensating,
            )
            | (Self::Refund, _) => None,
        }
    }
}

/// The answer of a refund that has its outcome; `None` while it is under way.
pub fn refunded(order: &Order, refund: &Refund) -> Option<Answer> {
    match refund.status {
        RefundStatus::Intended => None,
        RefundStatus::Refunded => {
            let body = serde_json::json!({
                "order_id": order.id,
                "state": order.state.as_str(),
                "version": order.version,
                "currency": order.request.currency,
                "refund": {"amount": refund.amount, "reason": refund.reason, "restock": refund.restock},
                "captured": order.payment.captured,
                "refunded": order.payment.refunded,
            });
            Some(Answer { status: 201, body: body.to_string() })
        }
        RefundStatus::Refused => Some(problem(RefusedBody {
            code: Code::RefundRefused,
            detail: "the payment participant refused the refund; nothing was given back".into(),
            order,
        })),
    }
}

/// The final answer of a verb that an order does not take; `None` for refusals that no client can cause.
pub fn refused(order: &Order, verb: &'static str, refusal: &Refusal) -> Option<Answer> {
    let code = match refusal {
        Refusal::WrongState { .. } | Refusal::NoAttention { .. } | Refusal::NothingDue { .. } => {
            return Some(wrong_state(verb, order));
        }
        Refusal::Cloned { .. } | Refusal::Contradicted { .. } => Code::WrongState,
        Refusal::RefundExceedsCharge { .. } => Code::RefundExceedsCharge,
        Refusal::RestockElsewhere => Code::RestockElsewhere,
        Refusal::TooManyRefunds { .. } => Code::TooManyRefunds,
        Refusal::RestockExceedsShipment { .. } => Code::RestockExceedsShipment,
        Refusal::CaptureAmount { .. } => Code::CaptureExceedsAuthorization,
        Refusal::NoSuchOrder { .. }
        | Refusal::Exists { .. }
        | Refusal::NotDue { .. }
        | Refusal::OtherSaga { .. }
        | Refusal::AmountOverflow => {
            return None;
        }
    };
    Some(problem(RefusedBody { code, detail: refusal.to_string(), order }))
}

fn wrong_state(verb: &str, order: &Order) -> Answer {
    let detail = match &order.attention {
        Some(waits) if waits.contradicted => {
            format!("{verb}: not while the order is {} and waits for a human: {}", order.state, waits.reason)
        }
        Some(_) => format!("{verb}: the order is {} and waits for a human", order.state),
        None => format!("{verb}: not while the order is {}", order.state),
    };
    problem(RefusedBody { code: Code::WrongState, detail, order })
}

/// The answer of an operator's verb that was for another version of the order than it is at.
pub fn other_version(order: &Order, verb: &'static str, asked: i32) -> Answer {
    let (state, version) = (order.state, order.version);
    let detail =
        format!("{verb}: the order is {state} at version {version}, and no longer at {asked}: look at it again");
    let problem = RefusedBody { code: Code::WrongState, detail, order };
    answer(problem, Some(version))
}

struct RefusedBody<'a> {
    code: Code,
    detail: String,
    order: &'a Order,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: String,
    code: Code,
    order_id: &'a str,
    state: &'a str,
    /// Where that is what was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    r#final: bool,
}

fn problem(problem: RefusedBody<'_>) -> Answer {
    answer(problem, None)
}

fn answer(problem: RefusedBody<'_>, version: Option<i32>) -> Answer {
    let RefusedBody { code, detail, order } = problem;
    let &Spec { status, title, is_final, .. } = code.spec();
    let body = Body {
        r#type: format!("{PROBLEM_TYPE}{}", code.as_str()),
        title,
        status,
        detail,
        code,
        order_id: order.id.as_str(),
        state: order.state.as_str(),
        version,
        r#final: is_final,
    };
    // A struct of strings and integers always serialises.
    Answer { status, body: serde_json::to_string(&body).unwrap_or_default() }
}
