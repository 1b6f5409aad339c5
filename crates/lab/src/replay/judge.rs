//! Whether the final answer of an order is right: pure.

use hyper::body::Bytes;
use serde::Deserialize;

use super::invoices::Order;
use crate::load::retry::excerpt;

/// What the run promised the orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockMode {
    /// Every order can be had: `out_of_stock` is wrong.
    Enough,
    /// Each SKU begins with this many: who comes too late is refused.
    Fixed(u64),
}

/// What the target knew of an order before this run sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It knew no order of this name.
    Absent,
    /// It was in work: whether it takes its stock before or after this run's first look at it is unknown.
    Running,
    /// It had ended: it takes nothing any more.
    Ended,
}

/// A final answer, judged by itself. What contradicts the stock is found later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// 201: the order took its lines.
    Taken,
    /// 409 `out_of_stock`: the order took nothing.
    Refused(Vec<Shortage>),
    /// No right answer to this order, and why.
    Wrong(String),
}

/// A SKU that was short when an order was refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Shortage {
    /// The SKU that the row is about.
    pub sku: String,
    /// Units that the order asked for.
    pub requested: i64,
    /// Units that were there.
    pub available: i64,
}

/// Judges the final answer to `order`.
#[must_use]
pub fn judge(order: &Order, status: u16, body: &Bytes, mode: StockMode, before: Before) -> Judgement {
    let judged = match status {
        201 => judge_completed(order, body).map(|()| Judgement::Taken),
        409 => judge_refused(order, body, mode, before).map(Judgement::Refused),
        _ => Err(format!("{status} {}", excerpt(body))),
    };
    judged.unwrap_or_else(Judgement::Wrong)
}

fn judge_completed(order: &Order, body: &Bytes) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Completed {
        order_id: String,
        state: String,
        amount: i64,
        currency: String,
    }
    let answer: Completed =
        serde_json::from_slice(body).map_err(|error| format!("201 without its body ({error}): {}", excerpt(body)))?;
    if answer.order_id != order.order_id {
        return Err(format!("201 for another order, {}", answer.order_id));
    }
    if answer.state != "COMPLETED" {
        return Err(format!("201 in state {}", answer.state));
    }
    let currency = order.currency.code();
    if answer.amount != order.amount || answer.currency != currency {
        return Err(format!("201 over {} {}, not {} {currency}", answer.amount, answer.currency, order.amount));
    }
    Ok(())
}

fn judge_refused(order: &Order, body: &Bytes, mode: StockMode, before: Before) -> Result<Vec<Shortage>, String> {
    #[derive(Deserialize)]
    struct Refused {
        code: String,
        #[serde(default)]
        r#final: bool,
        #[serde(default)]
        shortages: Vec<Shortage>,
    }
    let answer: Refused =
        serde_json::from_slice(body).map_err(|error| format!("409 without its body ({error}): {}", excerpt(body)))?;
    if answer.code != "out_of_stock" {
        return Err(format!("409 {}", excerpt(body)));
    }
    // An order that had ended may have been refused by the stock of an earlier day.
    if mode == StockMode::Enough && before != Before::Ended {
        return Err(format!("out_of_stock, though there was enough: {}", excerpt(body)));
    }
    if !answer.r#final {
        return Err("out_of_stock without \"final\": true".to_owned());
    }
    if answer.shortages.is_empty() {
        return Err("out_of_stock without a shortage".to_owned());
    }
    let asked = order.units_by_sku();
    for Shortage { sku, requested, available } in &answer.shortages {
        match asked.get(sku.as_str()) {
            None => {
                return Err(format!("out_of_stock for {sku:?}, which the order does not hold"));
            }
            Some(units) if units != requested => {
                return Err(format!("out_of_stock: {requested} of {sku:?} requested, the order asks for {units}"));
            }
            Some(_) if available >= requested => {
                return Err(format!("out_of_stock contradicts itself: {available} of {sku:?} for {requested}"));
            }
            Some(_) => {}
        }
    }
    Ok(answer.shortages)
}

#[cfg(test)]
mod tests {
    use super::super::country;
    use super::super::invoices::{Line, Price};
    use super::*;

    fn order() -> Order {
        let line =
            |sku: &str, quantity, unit_price| Line { sku: sku.to_owned(), quantity, price: Price::Unit(unit_price) };
        Order {
            order_id: "539318".to_owned(),
            customer_id: "guest".to_owned(),
            invoice_date: "2010-12-16T19:04:00".to_owned(),
            country: country::of_name("United Kingdom"),
            currency: iso_currency::Currency::GBP,
            adjustments: Vec::new(),
            lines: vec![line("84991", 24, 55), line("84991", 120, 42), line("21213", 24, 55)],
            amount: 24 * 55 + 120 * 42 + 24 * 55,
        }
    }

    fn judged(status: u16, body: &str, mode: StockMode, before: Before) -> Judgement {
        judge(&order(), status, &Bytes::copy_from_slice(body.as_bytes()), mode, before)
    }

    fn assert_wrong(verdict: Judgement, hint: &str) {
        match verdict {
            Judgement::Wrong(why) => assert!(why.contains(hint), "{why}"),
            other => panic!("{other:?} is not wrong for {hint:?}"),
        }
    }

    #[test]
    fn a_completed_order_has_our_own_sum() {
        let body = |state: &str, amount: i64, currency: &str| {
            format!(
                r#"{{"order_id":"539318","state":"{state}","version":5,"amount":{amount},"currency":"{currency}"}}"#
            )
        };
        let judged = |body: &str| judged(201, body, StockMode::Enough, Before::Absent);
        assert_eq!(judged(&body("COMPLETED", 7680, "GBP")), Judgement::Taken);
        assert_wrong(judged(&body("COMPLETED", 7681, "GBP")), "not 7680 GBP");
        assert_wrong(judged(&body("COMPLETED", 7680, "USD")), "7680 USD");
        assert_wrong(judged(&body("PAYMENT_AUTHORIZED", 7680, "GBP")), "PAYMENT_AUTHORIZED");
        assert_wrong(judged(&body("COMPLETED", 7680, "GBP").replace("539318", "1")), "another order");
        assert_wrong(judged("[]"), "without its body");
    }

    #[test]
    fn a_refusal_must_not_contradict_itself() {
        let body = |sku: &str, requested: i64, available: i64| {
            format!(
                r#"{{"code":"out_of_stock","final":true,
                "shortages":[{{"sku":"{sku}","requested":{requested},"available":{available}}}]}}"#
            )
        };
        let short = |body: &str| judged(409, body, StockMode::Fixed(100), Before::Absent);
        let shortage = Shortage { sku: "84991".to_owned(), requested: 144, available: 100 };
        assert_eq!(short(&body("84991", 144, 100)), Judgement::Refused(vec![shortage.clone()]));
        assert_wrong(short(&body("84991", 144, 144)), "contradicts itself");
        assert_wrong(short(&body("84991", 120, 100)), "asks for 144");
        assert_wrong(short(&body("22952", 144, 100)), "does not hold");
        assert_wrong(short(&body("84991", 144, 100).replace("true", "false")), "final");
        assert_wrong(short(r#"{"code":"out_of_stock","final":true}"#), "without a shortage");
        // With enough stock only an order of an earlier run may have been refused.
        let enough = |before| judged(409, &body("84991", 144, 100), StockMode::Enough, before);
        assert_wrong(enough(Before::Absent), "there was enough");
        assert_eq!(enough(Before::Ended), Judgement::Refused(vec![shortage]));
    }

    #[test]
    fn everything_else_is_wrong() {
        for (status, body) in [
            (200, "{}"),
            (400, r#"{"code":"unknown_sku"}"#),
            (402, r#"{"code":"payment_declined"}"#),
            (409, r#"{"code":"order_exists"}"#),
            (500, r#"{"code":"shipment_failed"}"#),
        ] {
            assert_wrong(judged(status, body, StockMode::Fixed(1), Before::Absent), body);
        }
    }
}
