//! The participants that live in the order's own database. Their effect is the rows of the transaction: a local
//! payment is its row (a house account), a local shipment a column. So they only decide, and cannot fail by halves.

use crate::saga::effect::{Action, ParticipantRole};
use crate::saga::transaction::{InvalidField, LocalParticipants};
use crate::saga::{Call, Order, Outcome, Plan, Request};

/// The payment method of a shop without a provider: the amount is owed to the house.
pub const HOUSE_ACCOUNT: &str = "house_account";

/// What test tokens of a carrier begin with; no postal code does.
const CARRIER_TOKEN: &str = "SHIP-";
const CARRIER_REFUSES: &str = "SHIP-FAIL";

/// The participants that are local, and which ones are not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Local {
    /// Whether the test tokens are taken: `faults.enabled`.
    pub test_tokens: bool,
    /// The participants of new orders. An order in flight keeps those that it began with.
    pub plan: Plan,
}

impl Local {
    /// What of a payment method a local payment cannot work with: what is wrong, and what is allowed. A remote one gets
    /// it as it is.
    pub fn wrong_payment_method(&self, method: &str) -> Option<String> {
        match method {
            HOUSE_ACCOUNT => None,
            "pm_ok" | "pm_declined" if self.test_tokens => None,
            _ if is_remote(self.plan, ParticipantRole::Payment) => None,
            other => {
                let allowed = if self.test_tokens { "house_account, pm_ok, pm_declined" } else { HOUSE_ACCOUNT };
                Some(format!("{other:?} is none of the local payment's methods: {allowed}"))
            }
        }
    }

    /// What of a postal code a local carrier cannot work with, likewise.
    pub fn wrong_postal_code(&self, code: &str) -> Option<String> {
        let taken = self.test_tokens && code == CARRIER_REFUSES;
        if taken || !code.starts_with(CARRIER_TOKEN) || is_remote(self.plan, ParticipantRole::Shipment) {
            return None;
        }
        let allowed = if self.test_tokens { "only SHIP-FAIL" } else { "none" };
        Some(format!("{code:?} is a test token; the local carrier takes {allowed}"))
    }
}

fn is_remote(plan: Plan, role: ParticipantRole) -> bool {
    let bit = match role {
        ParticipantRole::Inventory => Plan::INVENTORY,
        ParticipantRole::Payment => Plan::PAYMENT,
        ParticipantRole::Shipment => Plan::SHIPMENT,
        // By its definition, not by a bit: it is never asked here.
        ParticipantRole::Step => return true,
    };
    plan.0 & bit != 0
}

impl LocalParticipants for Local {
    fn plan(&self) -> Plan {
        self.plan
    }

    fn invalid(&self, request: &Request) -> Option<InvalidField> {
        let field = |pointer: &str| {
            let pointer = pointer.to_owned();
            move |detail| InvalidField { pointer, detail }
        };
        let details = &request.details;
        let payment = self.wrong_payment_method(&details.payment_method).map(field("/payment_method"));
        payment.or_else(|| self.wrong_postal_code(&details.ship_to.postal_code).map(field("/ship_to/postal_code")))
    }

    /// By the order's own plan, not by today's: a change of the configuration does not move an order in flight.
    fn answer(&self, order: &Order, call: Call) -> Option<Outcome> {
        if is_remote(order.plan, call.role()) {
            return None;
        }
        let details = &order.request.details;
        Some(match call.action()? {
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
            | Action::Run
            | Action::Undo => Outcome::done(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::saga::transaction::{self, StockVerdict};
    use crate::saga::{Client, Command, Currency, Line, OrderId, Sku, Timestamp};

    fn local(test_tokens: bool, plan: i16) -> Local {
        Local { test_tokens, plan: Plan(plan) }
    }

    #[test]
    fn tokens_are_for_local_participants_to_judge() {
        for (method, tokens, plan, taken) in [
            ("house_account", false, 0, true),
            ("pm_ok", true, 0, true),
            ("pm_ok", false, 0, false),
            ("pm_slow_5", true, 0, false),
            ("pm_slow_5", true, Plan::SHIPMENT, false),
            ("pm_slow_5", false, Plan::PAYMENT, true),
            ("anything at all", false, Plan::PAYMENT | Plan::SHIPMENT, true),
        ] {
            assert_eq!(local(tokens, plan).wrong_payment_method(method).is_none(), taken, "{method} {tokens} {plan}");
        }
        for (code, tokens, plan, taken) in [
            ("1", false, 0, true),
            ("SHIP-FAIL", true, 0, true),
            ("SHIP-FAIL", false, 0, false),
            ("SHIP-TIMEOUT", true, Plan::PAYMENT, false),
            ("SHIP-TIMEOUT", false, Plan::SHIPMENT, true),
        ] {
            assert_eq!(local(tokens, plan).wrong_postal_code(code).is_none(), taken, "{code} {tokens} {plan}");
        }
    }

    #[test]
    fn an_order_keeps_the_participants_that_it_began_with() {
        let ship_to =
            serde_json::json!({"name": "A", "line1": "1 Road", "city": "X", "postal_code": "1", "country": "US"});
        let details = serde_json::json!({"payment_method": "pm_ok", "ship_to": ship_to});
        let request = Arc::new(Request {
            customer_id: "cus-7".into(),
            currency: Currency::trusted("USD").expect("a currency"),
            lines: vec![Line::priced(Sku::trusted("S"), 1, 1)],
            details: serde_json::from_value(details).expect("details"),
        });
        for plan in 0..8 {
            let began = local(true, plan);
            let command = Command::Submit {
                id: OrderId::trusted("A"),
                client: Client::anonymous(),
                request: Arc::clone(&request),
                saga: began.plan().into(),
            };
            let txn =
                transaction::run(None, &command, Timestamp(0), &began, StockVerdict::Assumed).expect("a transaction");
            for action in [Action::Reserve, Action::Charge, Action::Ship] {
                for now in 0..8 {
                    let answered = local(true, now).answer(&txn.order, action.into()).is_some();
                    assert_eq!(answered, !is_remote(Plan(plan), action.role()), "{action} under {plan}, now {now}");
                }
            }
        }
    }
}
