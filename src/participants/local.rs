//! The participants that live in the order's own database. Their effect is the rows of the transaction: a local
//! payment is its row (a house account), a local shipment a column. So they only decide, and cannot fail by halves.

use crate::saga::effect::Action;
use crate::saga::leg::{InvalidField, LocalParticipants};
use crate::saga::{Call, Order, Outcome, Plan, Request};

/// The payment method of a shop without a provider: the amount is owed to the house.
pub const HOUSE_ACCOUNT: &str = "house_account";

/// All three participants, local.
#[derive(Debug, Clone, Copy)]
pub struct Local {
    /// Whether the test tokens are taken: `faults.enabled`.
    pub test_tokens: bool,
}

/// What test tokens of a carrier begin with; no postal code does.
const CARRIER_TOKEN: &str = "SHIP-";
const CARRIER_REFUSES: &str = "SHIP-FAIL";

impl LocalParticipants for Local {
    fn plan(&self) -> Plan {
        Plan::LOCAL
    }

    fn invalid(&self, request: &Request) -> Option<InvalidField> {
        let invalid = |pointer: &str, detail: String| Some(InvalidField { pointer: pointer.to_owned(), detail });
        let allowed = if self.test_tokens { "house_account, pm_ok, pm_declined" } else { HOUSE_ACCOUNT };
        match &*request.details.payment_method {
            HOUSE_ACCOUNT => {}
            "pm_ok" | "pm_declined" if self.test_tokens => {}
            other => {
                let detail = format!("{other:?} is none of the local payment's methods: {allowed}");
                return invalid("/payment_method", detail);
            }
        }
        let postal_code = &*request.details.ship_to.postal_code;
        let known = self.test_tokens && postal_code == CARRIER_REFUSES;
        if postal_code.starts_with(CARRIER_TOKEN) && !known {
            let allowed = if self.test_tokens { "only SHIP-FAIL" } else { "none" };
            let detail = format!("{postal_code:?} is a test token; the local carrier takes {allowed}");
            return invalid("/ship_to/postal_code", detail);
        }
        None
    }

    fn answer(&self, order: &Order, call: Call) -> Option<Outcome> {
        let details = &order.request.details;
        Some(match call.action {
            Action::Charge | Action::Authorize if &*details.payment_method == "pm_declined" => {
                Outcome::refused("card_declined")
            }
            Action::Ship if &*details.ship_to.postal_code == CARRIER_REFUSES => Outcome::refused("carrier_refused"),
            Action::Reserve
            | Action::Release
            | Action::Charge
            | Action::Authorize
            | Action::Capture
            | Action::Void
            | Action::Refund
            | Action::Ship
            | Action::CancelShipment
            | Action::LookUp => Outcome::done(),
        })
    }
}
