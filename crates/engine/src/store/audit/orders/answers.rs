//! The documented answers, written once more: what an order, or a verb of it, must have been answered.

use serde_json::{Value, json};

use super::fold::{Content, Folded, Refund, StoredAnswer};

const PROBLEM: &str = "urn:counterfoil:problem:";

/// A text as JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Of an order that completed or was authorised, and of a cancel or a capture that was done.
pub(super) fn success(content: &Content, state: &str, version: i64) -> StoredAnswer {
    let Content { order_id, amount, currency, .. } = content;
    let body = format!(
        r#"{{"order_id":{},"state":"{state}","version":{version},"amount":{amount},"currency":{}}}"#,
        quoted(order_id),
        quoted(currency)
    );
    StoredAnswer { status: 201, body }
}

/// Of an order that was cancelled.
pub(super) fn failure(content: &Content, failure: &Value, undone: &[&str]) -> StoredAnswer {
    // Programs before 0.6.0 read the refusal of a step of one's own as that of a participant.
    let step = failure["step"].as_str();
    let code = step.map_or_else(|| failure["code"].as_str().unwrap_or_default(), |_| "step_refused");
    let word = failure[if step.is_some() { "detail" } else { "reason" }].as_str().unwrap_or_default();
    let shortages = failure["shortages"].as_array().map_or(&[][..], Vec::as_slice);
    let (status, title, detail) = match code {
        "out_of_stock" => {
            let skus: Vec<&str> = shortages.iter().filter_map(|short| short["sku"].as_str()).collect();
            (409, "Out of stock", format!("not enough stock of {}; nothing was charged", skus.join(", ")))
        }
        "payment_declined" => (
            402,
            "Payment declined",
            "the payment was declined; the stock was released and nothing was charged".to_owned(),
        ),
        "shipment_failed" => (
            500,
            "Shipment failed",
            "the carrier refused the shipment; the charge was refunded and the stock released".to_owned(),
        ),
        "step_refused" => {
            let name = step.unwrap_or_default();
            (409, "Step refused", format!("the step {name} refused the order; what was done was undone"))
        }
        _ => {
            let said = failure["detail"].as_str();
            let said = said.map_or_else(String::new, |said| format!(" (a participant said {said:?})"));
            let detail = format!("the order was cancelled before it was shipped{said}; what was done was undone");
            (409, "Order cancelled", detail)
        }
    };
    let rest = if code == "out_of_stock" {
        let short = |short: &Value| {
            format!(
                r#"{{"sku":{},"requested":{},"available":{}}}"#,
                short["sku"], short["requested"], short["available"]
            )
        };
        format!(r#""shortages":[{}]"#, shortages.iter().map(short).collect::<Vec<_>>().join(","))
    } else {
        let step = step.map_or_else(String::new, |step| format!(r#""step":{},"#, quoted(step)));
        format!(r#"{step}"reason":{},"compensations":{}"#, quoted(word), json!(undone))
    };
    let body = format!(
        r#"{{"type":"{PROBLEM}{code}","title":"{title}","status":{status},"detail":{},"code":"{code}","order_id":{},"final":true,{rest}}}"#,
        quoted(&detail),
        quoted(&content.order_id)
    );
    StoredAnswer { status, body }
}

/// Of a refund that was given back: where the order stood after the commit that did.
pub(super) fn refunded(content: &Content, folded: &Folded, refund: &Refund) -> Option<StoredAnswer> {
    let stand = folded.stands.get(refund.settled?)?;
    let body = json!({
        "order_id": content.order_id,
        "state": stand.state,
        "version": stand.version,
        "currency": content.currency,
        "refund": {"amount": refund.amount, "reason": refund.reason, "restock": refund.restock},
        "captured": stand.captured,
        "refunded": stand.refunded,
    });
    Some(StoredAnswer { status: 201, body: body.to_string() })
}

/// Whether a refusal of a verb is one: what it says of itself agrees, and it names where the order once stood.
pub(super) fn is_refusal(content: &Content, folded: &Folded, answer: &StoredAnswer) -> bool {
    let Ok(body) = serde_json::from_str::<Value>(&answer.body) else { return false };
    let code = body["code"].as_str().unwrap_or_default();
    let stood = |state: &str| folded.stands.iter().any(|stand| stand.state == state);
    (400..500).contains(&answer.status)
        && body["status"] == json!(answer.status)
        && !code.is_empty()
        && body["type"] == json!(format!("{PROBLEM}{code}"))
        && body["order_id"] == json!(content.order_id)
        && body["final"] == json!(true)
        && body["state"].as_str().is_some_and(stood)
}

/// Whether the answer to a change of stock by hand is one: the level that it tells agrees with itself.
pub(super) fn is_level(sku: &str, answer: &StoredAnswer) -> bool {
    let Ok(body) = serde_json::from_str::<Value>(&answer.body) else { return false };
    let units = |field: &str| body[field].as_i64();
    let level = match (units("on_hand"), units("reserved"), units("available")) {
        (Some(on_hand), Some(reserved), Some(available)) => on_hand.checked_sub(reserved) == Some(available),
        _ => false,
    };
    let done = answer.status == 201 && body.get("code").is_none();
    let refused = answer.status == 409 && body["status"] == json!(409) && body["code"] == json!("stock_out_of_range");
    level && body["sku"] == json!(sku) && (done || refused)
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
