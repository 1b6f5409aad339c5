//! Why an order did not complete: what its failure, its events and its final answer say.

use serde::{Deserialize, Serialize};

use super::codes::Code;
use super::definition::StepName;
use super::ids::Sku;

/// Why an order did not complete. Set when compensation begins, and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredFailure", into = "StoredFailure")]
pub enum Failure {
    /// There was not enough of a SKU.
    OutOfStock {
        /// The SKUs that were short, and by how much.
        shortages: Vec<Shortage>,
    },
    /// The payment participant said no.
    PaymentDeclined {
        /// The participant's word for why.
        reason: String,
    },
    /// The carrier said no, after the charge.
    ShipmentFailed {
        /// The carrier's word for why.
        reason: String,
    },
    /// Somebody, or the time, called it off.
    OrderCancelled {
        /// Who or what called it off.
        reason: CancelReason,
        /// What a participant that refused said.
        detail: Option<String>,
    },
    /// A step of one's own said no.
    StepRefused {
        /// The step's name in the order's definition.
        step: StepName,
        /// The word with which the step refused.
        reason: String,
    },
}

/// A failure as it is stored. What programs before 0.6.0 do not know is written as what they do, with more to it that they
/// pass over: an order of a newer program's stays readable to them.
#[derive(Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
enum StoredFailure {
    OutOfStock {
        shortages: Vec<Shortage>,
    },
    PaymentDeclined {
        reason: String,
    },
    ShipmentFailed {
        reason: String,
    },
    OrderCancelled {
        reason: CancelReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepName>,
    },
}

impl From<Failure> for StoredFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::OutOfStock { shortages } => Self::OutOfStock { shortages },
            Failure::PaymentDeclined { reason } => Self::PaymentDeclined { reason },
            Failure::ShipmentFailed { reason } => Self::ShipmentFailed { reason },
            Failure::OrderCancelled { reason, detail } => Self::OrderCancelled { reason, detail, step: None },
            Failure::StepRefused { step, reason } => {
                let (detail, step) = (Some(reason), Some(step));
                Self::OrderCancelled { reason: CancelReason::Participant, detail, step }
            }
        }
    }
}

impl From<StoredFailure> for Failure {
    fn from(stored: StoredFailure) -> Self {
        match stored {
            StoredFailure::OutOfStock { shortages } => Self::OutOfStock { shortages },
            StoredFailure::PaymentDeclined { reason } => Self::PaymentDeclined { reason },
            StoredFailure::ShipmentFailed { reason } => Self::ShipmentFailed { reason },
            StoredFailure::OrderCancelled { detail, step: Some(step), .. } => {
                Self::StepRefused { step, reason: detail.unwrap_or_default() }
            }
            StoredFailure::OrderCancelled { reason, detail, step: None } => Self::OrderCancelled { reason, detail },
        }
    }
}

impl Failure {
    /// Every code that [`Failure::problem`] says.
    pub const CODES: [Code; 5] =
        [Code::OutOfStock, Code::PaymentDeclined, Code::ShipmentFailed, Code::OrderCancelled, Code::StepRefused];

    /// The code of the final answer that the order gets.
    pub fn problem(&self) -> Code {
        match self {
            Self::OutOfStock { .. } => Code::OutOfStock,
            Self::PaymentDeclined { .. } => Code::PaymentDeclined,
            Self::ShipmentFailed { .. } => Code::ShipmentFailed,
            Self::OrderCancelled { .. } => Code::OrderCancelled,
            Self::StepRefused { .. } => Code::StepRefused,
        }
    }

    /// The word of that code, as in answers and in `counterfoil_orders_total{failure}`.
    pub fn code(&self) -> &'static str {
        self.problem().as_str()
    }
}

/// Who called an order off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CancelReason {
    /// The client that owns the order.
    Client,
    /// An operator, whoever owns the order.
    Operator,
    /// A reservation or an authorisation ran out.
    Expired,
    /// A participant, after its success: a capture refused, an authorisation gone.
    Participant,
}

impl CancelReason {
    /// The word in answers and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Operator => "operator",
            Self::Expired => "expired",
            Self::Participant => "participant",
        }
    }
}

/// What an order wanted of a SKU and could not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// The SKU that was short.
    pub sku: Sku,
    /// What the order wanted, over all its lines.
    pub requested: i64,
    /// What was there when its turn came.
    pub available: i64,
}

/// The reason with which an inventory refuses a reservation for want of stock. Every other reason is a refusal of the
/// participant's own, and ends the order as cancelled.
pub const OUT_OF_STOCK: &str = "out_of_stock";

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers, series and rows have these words.
    #[test]
    fn each_failure_has_its_code() {
        let reason = || String::from("no");
        for (failure, code) in [
            (Failure::OutOfStock { shortages: Vec::new() }, "out_of_stock"),
            (Failure::PaymentDeclined { reason: reason() }, "payment_declined"),
            (Failure::ShipmentFailed { reason: reason() }, "shipment_failed"),
            (Failure::OrderCancelled { reason: CancelReason::Client, detail: None }, "order_cancelled"),
            (
                Failure::StepRefused { step: StepName::parse("fraud").expect("a name"), reason: reason() },
                "step_refused",
            ),
        ] {
            assert_eq!(failure.code(), code);
            let stored = serde_json::to_string(&failure).expect("JSON");
            assert_eq!(serde_json::from_str::<Failure>(&stored).expect("its own"), failure);
        }
        for reason in [CancelReason::Client, CancelReason::Operator, CancelReason::Expired, CancelReason::Participant] {
            assert_eq!(serde_json::to_value(reason).expect("a word"), reason.as_str());
        }
    }
}
