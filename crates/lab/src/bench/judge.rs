//! Whether an answer is right: by what the order asked for, and by the promises. Pure.

use hyper::body::Bytes;
use serde_json::Value;

use super::mix::Kind;
use super::orders::Order;
use crate::load::retry::excerpt;

/// What a right answer says of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// What its kind is to come to.
    AsMeant,
    /// A refusal that its kind does not ask for, and that is none of the shop's faults: the stock is gone.
    SoldOut,
}

/// Judges the first answer to an order, the same as every later one.
///
/// # Errors
///
/// What is wrong with it.
pub fn first_answer(order: &Order, status: u16, body: &Bytes) -> Result<Verdict, String> {
    let told: Value = serde_json::from_slice(body).map_err(|_| format!("{status} and no JSON: {}", excerpt(body)))?;
    if let (None, Some(code)) = (told["order_id"].as_str(), told["code"].as_str()) {
        return Err(format!("{status} {code}, about no order: {}", excerpt(body)));
    }
    if told["order_id"].as_str() != Some(order.order_id.as_str()) {
        return Err(format!("{status} about another order: {}", excerpt(body)));
    }
    let placed = |state: &str| {
        let right = told["state"] == state && told["amount"] == order.amount && told["currency"] == "USD";
        let asked = format!("{state} over {} USD", order.amount);
        if status == 201 && right {
            Ok(Verdict::AsMeant)
        } else {
            Err(format!("{status}, not 201 {asked}: {}", excerpt(body)))
        }
    };
    let refused = |wanted: u16, code: &str| {
        if status != wanted || told["code"] != code {
            return Err(format!("{status}, not {wanted} {code}: {}", excerpt(body)));
        }
        if told["final"] != true {
            Err(format!("{code} that is not final: {}", excerpt(body)))
        } else {
            Ok(Verdict::AsMeant)
        }
    };
    if status == 409 && told["code"] == "out_of_stock" {
        refused(409, "out_of_stock")?;
        shortages(order, &told)?;
        return Ok(if order.kind == Kind::Short { Verdict::AsMeant } else { Verdict::SoldOut });
    }
    match order.kind {
        Kind::Ok | Kind::Refund => placed("COMPLETED"),
        Kind::Manual | Kind::Cancel => placed("PAYMENT_AUTHORIZED"),
        Kind::Declined => refused(402, "payment_declined"),
        Kind::Short => refused(409, "out_of_stock"),
        Kind::CarrierFails => refused(500, "shipment_failed"),
        Kind::StepRefused => refused(409, "step_refused"),
    }
}

/// Whether what was short is of the order, and was short.
fn shortages(order: &Order, told: &Value) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("out_of_stock {why}: {}", told["shortages"]));
    let Some(shortages) = told["shortages"].as_array().filter(|shortages| !shortages.is_empty()) else {
        return wrong("without a shortage");
    };
    for shortage in shortages {
        let asked = order.units.iter().find(|(sku, _)| shortage["sku"] == sku.as_str());
        match (asked, shortage["requested"].as_i64(), shortage["available"].as_i64()) {
            (None, ..) => return wrong("for what was not ordered"),
            (Some((_, units)), Some(requested), Some(available)) if *units == requested && available < requested => {}
            _ => return wrong("that contradicts itself"),
        }
    }
    Ok(())
}

/// Judges what became of a manual order that was captured.
///
/// # Errors
///
/// What is wrong with it.
pub fn captured(order: &Order, status: u16, view: &Value) -> Result<(), String> {
    let (state, payment) = (&view["state"], &view["payment"]);
    let right =
        status == 201 && state == "COMPLETED" && payment["captured"] == order.amount && payment["refunded"] == 0;
    if right { Ok(()) } else { Err(format!("captured: {status}, and the order is {}", state_of(view))) }
}

/// Judges a capture and a cancel that were sent at once: what came of the order, and what both were told.
///
/// # Errors
///
/// What is wrong: money kept for an order that is off, or an answer that says something else than the order does.
pub fn raced(order: &Order, capture: u16, cancel: u16, view: &Value) -> Result<(), String> {
    let payment = |name: &str| view["payment"][name].as_i64();
    let (captured, refunded, all) = (payment("captured"), payment("refunded"), Some(order.amount));
    let is_undone = matches!(view["payment"]["status"].as_str(), Some("voided" | "refunded"));
    let right = match view["state"].as_str() {
        Some("COMPLETED") => (capture, cancel) == (201, 409) && captured == all && refunded == Some(0),
        // A capture that came first may have been done, and given back; else what was held is freed.
        Some("CANCELLED") => {
            let nothing_is_kept = is_undone && captured == refunded && (captured == Some(0) || captured == all);
            cancel == 201 && matches!(capture, 201 | 409) && nothing_is_kept
        }
        _ => false,
    };
    let told = format!("a capture was told {capture} and a cancel {cancel}, and the order is {}", state_of(view));
    if right { Ok(()) } else { Err(told) }
}

/// Judges two refunds of `part` each that were sent at once, of which the charge allows one.
///
/// # Errors
///
/// What is wrong with them.
pub fn refunded(part: i64, answers: [(u16, Option<&str>); 2], view: &Value) -> Result<(), String> {
    let right = |one: (u16, Option<&str>), other: (u16, Option<&str>)| {
        one.0 == 201 && other == (409, Some("refund_exceeds_charge"))
    };
    let [one, other] = answers;
    let told =
        (right(one, other) || right(other, one)) && view["state"] == "COMPLETED" && view["payment"]["refunded"] == part;
    if told {
        Ok(())
    } else {
        Err(format!("two refunds of {part} were told {answers:?}, and the order is {}", state_of(view)))
    }
}

fn state_of(view: &Value) -> String {
    format!("{} with the payment {}", view["state"], view["payment"])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bench::orders::tests::recipe;

    fn judged(kind: Kind, status: u16, body: Value) -> Result<Verdict, String> {
        let order = recipe().trial(kind);
        let body = body.to_string().replace("ID", &order.order_id).replace("\"AMOUNT\"", &order.amount.to_string());
        first_answer(&order, status, &Bytes::from(body))
    }

    #[test]
    fn each_kind_has_one_right_answer() {
        let placed = |state: &str| json!({"order_id": "ID", "state": state, "amount": "AMOUNT", "currency": "USD", "version": 5});
        let problem = |code: &str| json!({"order_id": "ID", "code": code, "final": true});
        let short = json!({"order_id": "ID", "code": "out_of_stock", "final": true,
            "shortages": [{"sku": "SKU-0010", "requested": 1_000_000_000, "available": 5}]});
        let answers = [
            (201, placed("COMPLETED")),
            (201, placed("PAYMENT_AUTHORIZED")),
            (402, problem("payment_declined")),
            (409, short),
            (500, problem("shipment_failed")),
            (409, problem("step_refused")),
        ];
        let right = |kind| match kind {
            Kind::Ok | Kind::Refund => 0,
            Kind::Manual | Kind::Cancel => 1,
            Kind::Declined => 2,
            Kind::Short => 3,
            Kind::CarrierFails => 4,
            Kind::StepRefused => 5,
        };
        for kind in Kind::ALL {
            for (number, (status, body)) in answers.iter().enumerate() {
                let told = judged(kind, *status, body.clone());
                assert_eq!(told == Ok(Verdict::AsMeant), number == right(kind), "{kind:?} {status} {body}: {told:?}");
                assert!(judged(kind, status + 1, body.clone()).is_err(), "{kind:?} by {}", status + 1);
            }
        }
    }

    #[test]
    fn an_answer_is_about_its_order_and_final() {
        let body = json!({"order_id": "ID", "state": "COMPLETED", "amount": "AMOUNT", "currency": "USD"});
        assert_eq!(judged(Kind::Ok, 201, body.clone()), Ok(Verdict::AsMeant));
        for (key, other) in [("order_id", json!("b-0")), ("amount", json!(1)), ("currency", json!("EUR"))] {
            let mut body = body.clone();
            body[key] = other;
            assert!(judged(Kind::Ok, 201, body).is_err(), "{key}");
        }
        assert!(judged(Kind::Declined, 402, json!({"order_id": "ID", "code": "payment_declined"})).is_err());
        assert!(judged(Kind::Ok, 201, json!("x")).is_err());
    }

    #[test]
    fn stock_that_is_gone_is_a_right_answer_unless_it_contradicts_itself() {
        let gone = |sku: &str, requested: i64, available: i64| {
            let shortages = json!([{"sku": sku, "requested": requested, "available": available}]);
            let body = json!({"order_id": "ID", "code": "out_of_stock", "final": true, "shortages": shortages});
            let mut order = recipe().trial(Kind::Ok);
            order.units = vec![("SKU-0001".to_owned(), 2)];
            first_answer(&order, 409, &Bytes::from(body.to_string().replace("ID", &order.order_id)))
        };
        assert_eq!(gone("SKU-0001", 2, 1), Ok(Verdict::SoldOut));
        assert!(gone("SKU-0001", 2, 2).is_err() && gone("SKU-0001", 3, 1).is_err() && gone("SKU-9", 2, 1).is_err());
    }

    #[test]
    fn of_verbs_that_race_one_wins_and_no_money_is_left_over() {
        let order = recipe().trial(Kind::Cancel);
        let paid = |state: &str, status: &str, captured: i64, refunded: i64| json!({"state": state, "payment": {"status": status, "captured": captured, "refunded": refunded}});
        let view = |state: &str, captured: i64, refunded: i64| {
            paid(state, if captured == 0 { "voided" } else { "refunded" }, captured, refunded)
        };
        let (all, judged) =
            (order.amount, |capture, cancel, view: Value| raced(&order, capture, cancel, &view).is_ok());
        assert!(judged(201, 409, view("COMPLETED", all, 0)));
        assert!(judged(409, 201, view("CANCELLED", 0, 0)) && judged(201, 201, view("CANCELLED", all, all)));
        assert!(!judged(409, 201, paid("CANCELLED", "authorized", 0, 0)), "off, and the money held");
        assert!(!judged(409, 201, json!({"state": "CANCELLED", "payment": {}})), "nothing is said of the money");
        assert!(!judged(201, 201, view("COMPLETED", all, 0)), "told that it is off, and paid");
        assert!(!judged(201, 201, view("CANCELLED", all, 0)), "off, and the money kept");
        assert!(!judged(409, 409, view("CANCELLED", 0, 0)) && !judged(409, 409, view("PAYMENT_AUTHORIZED", 0, 0)));

        let exceeds = (409, Some("refund_exceeds_charge"));
        let view = |refunded: i64| view("COMPLETED", all, refunded);
        assert!(
            refunded(5, [(201, None), exceeds], &view(5)).is_ok()
                && refunded(5, [exceeds, (201, None)], &view(5)).is_ok()
        );
        assert!(refunded(5, [(201, None), (201, None)], &view(10)).is_err());
        assert!(refunded(5, [(201, None), exceeds], &view(10)).is_err());
        assert!(refunded(5, [exceeds, exceeds], &view(0)).is_err());
        assert!(captured(&order, 201, &view(0)).is_ok() && captured(&order, 201, &view(0)["payment"]).is_err());
    }
}
