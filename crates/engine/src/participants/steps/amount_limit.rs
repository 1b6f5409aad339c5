//! A local step that refuses an order above a limit: decided within the order's own transaction, as its amount is known there.

use std::collections::HashMap;
use std::sync::Arc;

use super::LocalStep;
use crate::saga::{Amount, Currency, Order};

/// The reason of an order above the limit of its currency.
pub const ABOVE: &str = "amount_limit";

/// The reason of an order in a currency that has no limit here.
pub const NOT_LISTED: &str = "currency_not_listed";

/// What an order may cost at most, in each currency that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountLimit {
    limits: HashMap<Currency, Amount>,
}

impl AmountLimit {
    /// With the limit of each currency, in its minor units: an order of as much is taken, and one of more refused. One in a
    /// currency that has none is refused, too, whatever it costs: a limit with a way around it would be none.
    pub fn new(limits: impl IntoIterator<Item = (Currency, Amount)>) -> Self {
        Self { limits: limits.into_iter().collect() }
    }
}

impl LocalStep for AmountLimit {
    /// By what the order costs, lines and adjustments: that less of it may be captured later changes nothing.
    fn decide(&self, order: &Order) -> Result<Option<Arc<str>>, String> {
        match self.limits.get(&order.request.currency) {
            Some(limit) if order.amount <= *limit => Ok(None),
            Some(_) => Err(ABOVE.to_owned()),
            None => Err(NOT_LISTED.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::participants::local::Local;
    use crate::saga::transaction::{self, LocalParticipants, StockVerdict};
    use crate::saga::{Client, Command, Line, OrderId, Plan, Request, Sku, Timestamp};

    /// An order of one line, and of shipping beside it.
    fn order(currency: &str, price: i64, shipping: i64) -> Order {
        let ship_to =
            serde_json::json!({"name": "A", "line1": "1 Road", "city": "X", "postal_code": "1", "country": "US"});
        let adjustments = serde_json::json!([{"kind": "shipping", "label": "Parcel", "amount": shipping}]);
        let details = serde_json::json!({
            "payment_method": "house_account", "ship_to": ship_to,
            "adjustments": if shipping == 0 { serde_json::json!([]) } else { adjustments },
        });
        let request = Arc::new(Request {
            customer_id: "cus-7".into(),
            currency: Currency::trusted(currency).expect("a currency"),
            lines: vec![Line::priced(Sku::trusted("S"), 1, price)],
            details: serde_json::from_value(details).expect("details"),
        });
        let local = Local { test_tokens: false, plan: Plan::LOCAL };
        let (id, client, saga) = (OrderId::trusted("A"), Client::anonymous(), local.plan().into());
        let command = Command::Submit { id, client, request, saga };
        transaction::run(None, &command, Timestamp(0), &local, StockVerdict::Assumed).expect("a transaction").order
    }

    #[test]
    fn an_order_of_as_much_is_taken_and_one_of_more_is_not() {
        let currency = |code| Currency::parse(code).expect("a currency");
        let limit = AmountLimit::new([(currency("USD"), Amount(3_998)), (currency("JPY"), Amount(1))]);
        for (code, price, shipping, refused) in [
            ("USD", 1, 0, None),
            ("USD", 3_998, 0, None),
            ("USD", 3_999, 0, Some(ABOVE)),
            ("USD", 3_998, 1, Some(ABOVE)),
            ("JPY", 1, 0, None),
            ("JPY", 2, 0, Some(ABOVE)),
            ("EUR", 1, 0, Some(NOT_LISTED)),
        ] {
            let told = limit.decide(&order(code, price, shipping));
            assert_eq!(
                told,
                refused.map_or(Ok(None), |reason| Err(reason.to_owned())),
                "{price} {code} and {shipping}"
            );
        }
    }
}
