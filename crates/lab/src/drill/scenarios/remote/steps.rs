//! Steps of one's own: each is done once, and undone once, whoever dies around it and whatever the configuration says by then.

use serde_json::json;

use super::{Proved, answers_alike, ledger_holds};
use crate::drill::fleet::{Fleet, Which, until};

/// A fraud check before the payment.
pub const FRAUD: &[&str] = &["name = \"fraud\"\nbefore = \"payment\""];
/// Points that are held before the check, and let go where the order does not complete.
pub const HOLD_AND_FRAUD: &[&str] =
    &["name = \"hold\"\nbefore = \"payment\"\nundo = true", "name = \"fraud\"\nbefore = \"payment\""];
/// The participants do them.
pub const SERVED: &[&str] = &["--step", "hold", "--step", "fraud"];

/// The intents of a run and of an undo were committed before they left.
pub async fn killed_around_a_step(fleet: &mut Fleet<'_>) -> Proved {
    // Behind the run of its first step.
    let sold = fleet.order("drill-killed-after-run");
    fleet.arm(Which::A, json!({"point": "step.after_call", "order_id": sold.id, "action": "crash"})).await?;
    let answer = sold.submit(&fleet.client(Which::A)?).await;
    fleet.tale.check(answer.is_err(), "the client gets no answer: the outcome is unknown to it");
    fleet.until_dead(Which::A).await?;
    let lines = fleet.show_order(&sold.id).await?;
    ledger_holds(fleet, &lines, &[("run", 1), ("charge", 0)]);
    let intended = fleet.count("SELECT count(*) FROM order_steps WHERE steps NOT LIKE '%done%'").await? == 1;
    fleet.tale.check(intended, "the database knows of the intent, and not that it took effect");
    fleet.start_engine(Which::A).await?;
    let first = fleet.submit(Which::A, &sold, 20).await?;
    fleet.tale.check(first.status == 201, "the repeat of the request gets 201");
    let lines = fleet.show_order(&sold.id).await?;
    ledger_holds(fleet, &lines, &[("run", 2), ("undo", 0), ("charge", 1), ("ship", 1)]);
    answers_alike(fleet, Which::A, &sold, &first).await?;

    // Behind the undo of it: the third call, since the second step is refused.
    let refused = fleet.order("drill-killed-after-undo").whose("fraud", "refused");
    let passed = json!({"point": "step.after_call", "order_id": refused.id, "action": "delay", "ms": 1, "times": 2});
    fleet.arm(Which::A, passed).await?;
    fleet.arm(Which::A, json!({"point": "step.after_call", "order_id": refused.id, "action": "crash"})).await?;
    let answer = refused.submit(&fleet.client(Which::A)?).await;
    fleet.tale.check(answer.is_err(), "the client gets no answer to an order that the check refuses");
    fleet.until_dead(Which::A).await?;
    let lines = fleet.show_order(&refused.id).await?;
    ledger_holds(fleet, &lines, &[("run", 1), ("undo", 1), ("charge", 0)]);
    let undoing = fleet.count("SELECT count(*) FROM order_steps WHERE steps LIKE '%undoing%'").await? == 1;
    fleet.tale.check(undoing, "the database knows of the intent to undo, and not that it was undone");
    fleet.start_engine(Which::A).await?;
    let first = fleet.submit(Which::A, &refused, 20).await?;
    let told = first.status == 409 && first.problem_code().as_deref() == Some("step_refused");
    let undone = String::from_utf8_lossy(&first.body).contains("step.undone");
    fleet.tale.check(told && undone, "the repeat gets 409 step_refused, with what was undone");
    let lines = fleet.show_order(&refused.id).await?;
    ledger_holds(fleet, &lines, &[("run", 1), ("undo", 1), ("charge", 0), ("ship", 0)]);
    answers_alike(fleet, Which::A, &refused, &first).await?;
    Ok("each run once, one undo; each restart went on from the intent".into())
}

/// What a webhook says is looked into, and what is found is committed once, by whoever comes to it.
pub async fn killed_behind_a_webhook(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-step-webhook").whose("fraud", "lost");
    fleet
        .tale
        .tell("armed", "the answer to the check is lost, and a try that failed is repeated after 15 s at the earliest");
    // The second commit: the first one stores the order.
    let point = "commit.after_orders_update";
    let passed = json!({"point": point, "order_id": order.id, "action": "delay", "ms": 1, "times": 1});
    fleet.arm(Which::A, passed).await?;
    let crash = json!({"point": point, "order_id": order.id, "action": "crash"});
    fleet.arm(Which::A, crash).await?;
    let answer = order.submit(&fleet.client(Which::A)?).await;
    fleet.tale.check(answer.is_err(), "the client gets no answer: the outcome is unknown to it");
    fleet.until_dead(Which::A).await?;
    fleet.show("SELECT participant, order_id, handled_at IS NOT NULL AS handled FROM webhook_inbox").await?;
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("run", 1), ("charge", 0)]);
    let done = fleet.count("SELECT count(*) FROM order_steps WHERE steps LIKE '%done%'").await?;
    fleet.tale.check(done == 0, "the database does not know that the check was done");
    fleet.start_engine(Which::A).await?;
    let first = fleet.submit(Which::A, &order, 30).await?;
    fleet.tale.check(first.status == 201, "the repeat of the request gets 201");
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("run", 1), ("charge", 1), ("ship", 1)]);
    let history = fleet.history(&order.id).await?;
    let done = history.iter().filter(|event| *event == "step.done").count();
    fleet.tale.check(done == 1, "its history tells of the check once");
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("one run; the restart went on from what it found".into())
}

/// An order ends under the saga that it began with: without an entry for its step it waits, and says so.
pub async fn entry_gone(fleet: &mut Fleet<'_>) -> Proved {
    fleet.kill_participants()?;
    let order = fleet.order("drill-entry-gone").whose("fraud", "ok");
    let interim = fleet.submit(Which::A, &order, 0).await?;
    fleet.tale.check(interim.status == 202, "the order is durable and its first step is due, with nobody to do it");
    fleet.terminate(Which::A)?;
    fleet.until_ended(Which::A).await?;
    let steps = std::mem::take(&mut fleet.setup.steps);
    fleet.start_engine(Which::A).await?;
    fleet.start_participants().await?;
    fleet.tale.tell("broken", "the engine was started again with no entry for either of its steps");
    let missing = "SELECT attention::json ->> 'missing' = 'hold' FROM orders WHERE order_id = 'drill-entry-gone'";
    fleet.until_true(missing).await?;
    let waiting = fleet.client(Which::A)?.get("/operator/attention").await?;
    fleet.tale.answer("GET /operator/attention", &waiting);
    let told = String::from_utf8_lossy(&waiting.body).contains("its step hold has no entry");
    fleet.tale.check(told, "it waits, and says for which entry");
    let plain = fleet.order("drill-no-steps");
    let sold = fleet.submit(Which::A, &plain, 20).await?;
    fleet.tale.check(sold.status == 201, "new orders have the saga of today meanwhile");
    fleet.kill(Which::A)?;
    fleet.setup.steps = steps;
    fleet.start_engine(Which::A).await?;
    fleet.tale.tell("recovery", "the entries are back");
    let first = until("the order did not end", async || {
        let answer = order.submit_preferring(&fleet.client(Which::A)?, Some("wait=10")).await?;
        Ok((answer.status == 201).then_some(answer))
    })
    .await?;
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("run", 2), ("undo", 0), ("charge", 1), ("ship", 1)]);
    let history = fleet.history(&order.id).await?;
    let resumed = history.iter().any(|event| event == "order.resumed");
    fleet.tale.check(resumed, "it went on by itself");
    answers_alike(fleet, Which::A, &order, &first).await?;
    Ok("it waited for its entry, said so, and went on by itself; each step once".into())
}
