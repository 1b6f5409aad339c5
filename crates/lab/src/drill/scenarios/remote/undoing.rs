//! Compensation, and what is left to a human where it does not succeed either.

use hyper::Method;
use hyper::body::Bytes;
use serde_json::json;

use super::{Proved, answers_alike, ledger_holds};
use crate::drill::fleet::{Fleet, Which, until};
use crate::drill::world::DrillError;
use counterfoil_engine::client::HttpAnswer;

fn is_shipment_failed(answer: &HttpAnswer) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    let undone = body.contains(r#""compensations":["payment.refunded","inventory.released"]"#);
    answer.status == 500 && answer.problem_code().as_deref() == Some("shipment_failed") && undone
}

/// Refund, release, and a final answer that says so.
pub async fn carrier_fails(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-carrier-fails").to("SHIP-FAIL");
    fleet.tale.tell("armed", "SHIP-FAIL: the carrier refuses");
    let first = fleet.submit(Which::A, &order, 20).await?;
    fleet.tale.check(is_shipment_failed(&first), "the client gets 500 shipment_failed, with what was undone");
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("refund", 1), ("ship", 0)]);
    let reserved = fleet.count("SELECT reserved FROM inventory").await?;
    fleet.tale.check(reserved == 0, "no stock is held any more");
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("refunded, released, 500 shipment_failed".into())
}

/// An undo that fails is repeated; where it does not help, a human is asked, and may send it on its way again.
pub async fn refund_fails(fleet: &mut Fleet<'_>) -> Proved {
    let mends = fleet.order("drill-refund-mends").to("SHIP-FAIL").paying("pm_refund_error_2");
    fleet.tale.tell("armed", "SHIP-FAIL with pm_refund_error_2: the refund fails twice; 4 tries are made");
    let first = fleet.submit(Which::A, &mends, 20).await?;
    fleet
        .tale
        .check(is_shipment_failed(&first), "the refund succeeds at the third try, and the client gets its answer");
    let lines = fleet.show_order(&mends.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("refund", 1)]);

    let stuck = fleet.order("drill-refund-stuck").to("SHIP-FAIL").paying("pm_refund_error_6");
    fleet.tale.tell("armed", "SHIP-FAIL with pm_refund_error_6: more often than is tried");
    fleet.submit(Which::A, &stuck, 0).await?;
    fleet.until_attention(&stuck.id).await?;
    fleet.show_order(&stuck.id).await?;
    let interim = fleet.submit(Which::A, &stuck, 1).await?;
    fleet.tale.check(interim.status == 202, "its client hears that it is still running");
    let path = format!("/operator/orders/{}/retry", stuck.id);
    let retried = fleet.say(Which::A, &path, None, json!({"reason": "the provider is back"})).await?;
    fleet.tale.check(retried.status == 200, "an operator sends it on its way again");
    let last = fleet.submit(Which::A, &stuck, 20).await?;
    fleet.tale.check(is_shipment_failed(&last), "and the client gets its answer");
    let lines = fleet.show_order(&stuck.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("refund", 1)]);
    answers_alike(fleet, Which::A, &stuck, &last).await?;
    Ok("refunded at the third try; after 4 failures, attention, and an operator's retry".into())
}

/// Tried, looked up, and then left to a human: never taken for a failure.
pub async fn unknown_for_ever(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-unknown").paying("pm_unknown");
    fleet.tale.tell("armed", "pm_unknown: 500 for ever; 3 tries are made");
    fleet.submit(Which::A, &order, 0).await?;
    fleet.until_attention(&order.id).await?;
    let (sent, asked) =
        (fleet.calls(Which::A, "charge", "unknown").await?, fleet.calls(Which::A, "look-up", "absent").await?);
    fleet.tale.check(sent >= 3.0 && asked >= 1.0, format!("it was sent {sent} times and looked up {asked} times"));
    let waiting = fleet.client(Which::A)?.get("/operator/attention").await?;
    fleet.tale.answer("GET /operator/attention", &waiting);
    fleet
        .tale
        .check(String::from_utf8_lossy(&waiting.body).contains(&order.id), "it waits for a human, with the reason");
    let path = format!("/operator/orders/{}/cancel", order.id);
    let cancelled = fleet.say(Which::A, &path, None, json!({"reason": "the provider is gone"})).await?;
    fleet.tale.check(cancelled.status == 200, "an operator cancels it");
    fleet.until_state(&order.id, "CANCELLED").await?;
    let lines = fleet.show_order(&order.id).await?;
    let buried = lines.iter().any(|line| line.tombstone && line.action == "void");
    fleet.tale.check(buried, "its charge is voided by its key, and can never come");
    let first = fleet.submit(Which::A, &order, 20).await?;
    let told = first.status == 409 && String::from_utf8_lossy(&first.body).contains(r#""reason":"operator""#);
    fleet.tale.check(told, "its client is told that an operator cancelled it");
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("3 tries, a look-up, attention; cancelled by an operator, the charge buried".into())
}

/// What the engine cannot do is done by hand at the provider, and then told to it.
pub async fn skipped_with_evidence(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-skip").to("SHIP-FAIL").paying("pm_refund_error_5");
    fleet
        .tale
        .tell("armed", "SHIP-FAIL with pm_refund_error_5: the refund fails more often than the 2 tries that are made");
    fleet.submit(Which::A, &order, 0).await?;
    fleet.until_attention(&order.id).await?;
    let lines = fleet.show_order(&order.id).await?;
    let charge = lines.iter().find(|line| line.is("charge"));
    let charge = charge.ok_or_else(|| DrillError::Missed("nothing was charged".into()))?;
    let reference = refund_by_hand(fleet, &charge.order_id, &charge.key, charge.amount).await?;
    let path = format!("/operator/orders/{}/skip", order.id);
    let evidence = json!({"reason": "refunded in the provider's dashboard", "reference": reference});
    let skipped = fleet.say(Which::A, &path, None, evidence).await?;
    fleet.tale.check(skipped.status == 200, "the operator says so, with the reference");
    let first = fleet.submit(Which::A, &order, 20).await?;
    fleet.tale.check(is_shipment_failed(&first), "the order goes on from there to its end");
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("refund", 1)]);
    fleet.show("SELECT verb, reason FROM operator_log").await?;
    let equal = "SELECT count(*) FROM payments WHERE captured = 3998 AND refunded = 3998";
    let equal = fleet.count(equal).await? == 1;
    fleet.tale.check(equal, "and the books of both sides are equal");
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("refunded by hand under another key, skipped by an operator; one refund line".into())
}

/// A refund under a key of an operator's own, as often as it takes; the provider's reference.
async fn refund_by_hand(
    fleet: &mut Fleet<'_>,
    order_id: &str,
    charge: &str,
    amount: i64,
) -> Result<String, DrillError> {
    let dashboard = fleet.participants()?;
    let key = "5f6c1f0e-0d6e-4c57-9d8f-0f6c2b1a7e11";
    let body = json!({"order_id": order_id, "undoes": [{"key": charge}], "amount": amount, "currency": "USD"});
    let answer = until("the provider refunded nothing by hand", async || {
        let sent = Some(Bytes::from(body.to_string()));
        let answer = dashboard.request(Method::POST, "/refund", &[("idempotency-key", key)], sent).await?;
        Ok((answer.status == 200).then_some(answer))
    })
    .await?;
    fleet.tale.answer("POST /refund at the provider, by hand", &answer);
    let told: serde_json::Value = answer.json().unwrap_or_default();
    Ok(told["reference"].as_str().unwrap_or_default().to_owned())
}
