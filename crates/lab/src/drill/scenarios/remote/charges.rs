//! What may become of a payment whose answer is not there, or comes too late.

use std::time::Instant;

use serde_json::json;

use super::{Proved, answers_alike, effects, ledger_holds};
use crate::drill::fleet::{Fleet, Which, until};
use crate::drill::world::Order;
use counterfoil_engine::client::error_chain;

/// The intent was committed before the call left, so that whoever starts next sends the same call again.
pub async fn killed_after_the_charge(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-killed-after-charge").keyed();
    fleet.arm(Which::A, json!({"point": "step.after_call", "order_id": order.id, "action": "crash"})).await?;
    let answer = order.submit(&fleet.client(Which::A)?).await;
    let told = answer.as_ref().map_or_else(|error| error_chain(error), |answer| format!("HTTP {}", answer.status));
    fleet.tale.tell("client", &told);
    fleet.tale.check(answer.is_err(), "the client gets no answer: the outcome is unknown to it");
    fleet.until_dead(Which::A).await?;
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("ship", 0)]);
    let sql = "SELECT count(*) FROM payments WHERE status = 'intended' AND captured = 0";
    let intended = fleet.count(sql).await? == 1;
    fleet.tale.check(intended, "the database knows of the intent, and not that it took effect");
    let took = fleet.start_engine(Which::A).await?;
    fleet.tale.tell("recovery", &format!("the engine was started again, ready in {} ms", took.as_millis()));
    let first = fleet.submit(Which::A, &order, 20).await?;
    fleet.tale.check(first.status == 201, "the repeat of the request gets 201");
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("ship", 1)]);
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("one charge line; the restart went on from the intent".into())
}

/// A timeout is no failure: the call is repeated under its key, and the provider replays its answer.
pub async fn answer_lost(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-answer-lost").paying("pm_timeout_after_charge");
    fleet.tale.tell("armed", "pm_timeout_after_charge: it charges, and does not answer the first call");
    let first = fleet.submit(Which::A, &order, 20).await?;
    fleet.tale.check(first.status == 201, "the client gets 201");
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("ship", 1)]);
    let history = fleet.history(&order.id).await?;
    let told = history.iter().position(|event| event == "payment.unknown");
    let known = history.iter().position(|event| event == "payment.charged");
    fleet.tale.check(told.is_some() && told < known, "the history tells that the payment was unknown for a while");
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("unknown, repeated under the same key, 201; one charge line".into())
}

/// No row of ours stops a call that another engine has yet to send: the undo leaves a tombstone for it.
pub async fn overtaken_by_the_undo(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-overtaken");
    let arm = json!({"point": "step.before_call", "order_id": order.id, "action": "delay", "ms": 2_500});
    fleet.arm(Which::A, arm).await?;
    let interim = fleet.submit(Which::A, &order, 0).await?;
    fleet.tale.check(interim.status == 202, "the order is durable and its charge is due");
    let path = format!("/orders/{}/cancel", order.id);
    let cancelled = fleet.say(Which::B, &path, Some("cancel"), json!({"reason": "changed my mind"})).await?;
    fleet.tale.check(cancelled.status == 201, "the other engine cancels it, and does not wait for the sleeper");
    let lines = fleet.show_order(&order.id).await?;
    let buried = lines.iter().any(|line| line.tombstone && line.action == "void");
    fleet.tale.check(buried, "the void found nothing and left a tombstone");
    let sent = until("the first engine never sent its charge", async || {
        Ok((fleet.calls(Which::A, "charge", "unknown").await? >= 1.0).then_some(()))
    });
    sent.await?;
    fleet.tale.tell("recovery", "engine A woke up, long after its lease, and sent its charge");
    let first = fleet.submit(Which::A, &order, 20).await?;
    let final_answer = first.status == 409 && first.problem_code().as_deref() == Some("order_cancelled");
    fleet.tale.check(final_answer, "the order stays cancelled, for its own engine too");
    answers_alike(fleet, Which::B, &order, &first).await?;
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 0), ("refund", 0)]);
    Ok("the late charge met a tombstone: nothing was charged".into())
}

/// A reservation that runs out on an unknown payment: the payment is looked up before anything is undone.
pub async fn reservation_expires(fleet: &mut Fleet<'_>) -> Proved {
    let lost = fleet.order("drill-expires-unknown").paying("pm_unknown");
    let charged = fleet.order("drill-expires-charged").paying("pm_timeout_after_charge");
    fleet
        .tale
        .tell("armed", "reservations bind for 600 ms; one charge fails for ever, one takes effect and is not answered");
    let client = fleet.client(Which::A)?;
    let both = futures_util::future::join(
        lost.submit_preferring(&client, Some("wait=20")),
        charged.submit_preferring(&client, Some("wait=20")),
    );
    let (first, second) = both.await;
    let (first, second) = (first?, second?);
    fleet.tale.answer(&format!("POST /orders {}", lost.id), &first);
    let expired = first.status == 409 && String::from_utf8_lossy(&first.body).contains(r#""reason":"expired""#);
    fleet.tale.check(expired, "the one that nobody knows of is cancelled: expired");
    let lines = fleet.show_order(&lost.id).await?;
    let buried = lines.iter().any(|line| line.tombstone && line.action == "void");
    fleet.tale.check(buried && effects(&lines, "charge") == 0, "its charge is voided by its key, and can never come");
    fleet.tale.answer(&format!("POST /orders {}", charged.id), &second);
    fleet.tale.check(second.status == 201, "the one that had been charged was looked up, found, and went forward");
    let lines = fleet.show_order(&charged.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("refund", 0), ("ship", 1)]);
    let looked = fleet.calls(Which::A, "look-up", "absent").await? + fleet.calls(Which::A, "look-up", "done").await?;
    fleet.tale.check(looked >= 2.0, format!("the provider was asked what became of them: {looked} look-ups"));
    answers_alike(fleet, Which::A, &lost, &first).await?;
    Ok("unknown: looked up, voided, 409 expired; charged: looked up, 201".into())
}

async fn authorized(
    fleet: &mut Fleet<'_>,
    id: &str,
) -> Result<(Order, counterfoil_engine::client::HttpAnswer), super::DrillError> {
    let order = Order { manual: true, ..fleet.order(id) };
    let first = fleet.submit(Which::A, &order, 20).await?;
    let stands = first.status == 201 && String::from_utf8_lossy(&first.body).contains("PAYMENT_AUTHORIZED");
    fleet.tale.check(stands, "an authorised order is a final 201");
    Ok((order, first))
}

/// The engine's own deadline, or the provider's limit where that is earlier.
pub async fn authorization_expires(fleet: &mut Fleet<'_>) -> Proved {
    let (order, first) = authorized(fleet, "drill-authorization-expires").await?;
    fleet.until_state(&order.id, "CANCELLED").await?;
    fleet.tale.tell("recovery", "nobody captured it within 1.5 s");
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("authorize", 1), ("void", 1), ("capture", 0)]);
    let path = format!("/orders/{}/capture", order.id);
    let late = fleet.say(Which::A, &path, Some("late"), json!({})).await?;
    let refused = late.status == 409 && late.problem_code().as_deref() == Some("wrong_state");
    fleet.tale.check(refused, "a capture that comes too late is refused");
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("voided, the stock released; its answer stays".into())
}

/// The provider's own limit, which is earlier than ours, and of which it does not tell.
pub async fn authorization_lapses(fleet: &mut Fleet<'_>) -> Proved {
    let (order, first) = authorized(fleet, "drill-authorization-lapses").await?;
    let sql = format!(
        "SELECT clock_timestamp() > updated_at + interval '600 milliseconds' FROM orders WHERE order_id = '{}'",
        order.id
    );
    fleet.until_true(&sql).await?;
    let path = format!("/orders/{}/capture", order.id);
    let late = fleet.say(Which::A, &path, Some("late"), json!({})).await?;
    let refused = late.status == 409 && late.problem_code().as_deref() == Some("wrong_state");
    fleet.tale.check(refused, "the capture is refused, and its order is undone");
    fleet.until_state(&order.id, "CANCELLED").await?;
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("authorize", 1), ("capture", 0), ("ship", 0)]);
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("the refused capture cancelled the order; nothing was taken".into())
}

/// What a webhook says is not believed, only looked into, and at once.
pub async fn webhook_wakes(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-webhook").paying("pm_timeout_after_charge");
    fleet.tale.tell(
        "armed",
        "the answer to the charge is lost, and a try that failed is repeated after 15 s at the earliest",
    );
    let began = Instant::now();
    let first = fleet.submit(Which::A, &order, 30).await?;
    let took = began.elapsed();
    fleet.tale.check(first.status == 201, "the client gets 201");
    fleet.tale.check(took.as_secs() < 12, format!("after {} ms: the webhook woke the order", took.as_millis()));
    fleet.show("SELECT participant, order_id, handled_at IS NOT NULL AS handled FROM webhook_inbox").await?;
    let looked = fleet.calls(Which::A, "look-up", "done").await?;
    fleet.tale.check(looked >= 1.0, "the provider was asked, and said that it had charged");
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("ship", 1)]);
    Ok(format!("201 after {} ms instead of 15 s", took.as_millis()))
}
