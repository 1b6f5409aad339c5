//! Failures inside a commit: between its statements, in its code, on its connection.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::Proved;
use crate::drill::world::{DrillError, Order, PATIENCE, World};
use counterfoil_engine::client::HttpAnswer;

/// The demonstration that this product began with: an order without its payment must not remain.
pub async fn crash_after_order_insert(world: &mut World) -> Proved {
    fails_and_is_retried(world, Order::new("ORD_FAIL_1", "SKU-0101"), "commit.after_orders_insert").await
}

/// See [`gap`].
pub async fn after_begin(world: &mut World) -> Proved {
    gap(world, "commit.after_begin", "SKU-0102").await
}

/// See [`gap`].
pub async fn after_keys(world: &mut World) -> Proved {
    gap(world, "commit.after_keys_insert", "SKU-0103").await
}

/// See [`gap`].
pub async fn after_update(world: &mut World) -> Proved {
    gap(world, "commit.after_orders_update", "SKU-0104").await
}

/// See [`gap`].
pub async fn after_payments(world: &mut World) -> Proved {
    gap(world, "commit.after_payments", "SKU-0105").await
}

/// See [`gap`].
pub async fn after_events(world: &mut World) -> Proved {
    gap(world, "commit.after_events_insert", "SKU-0106").await
}

/// See [`gap`].
pub async fn after_stock(world: &mut World) -> Proved {
    gap(world, "commit.after_inventory_update", "SKU-0107").await
}

/// See [`gap`].
pub async fn before_commit(world: &mut World) -> Proved {
    gap(world, "commit.before_commit", "SKU-0108").await
}

/// A failure in one gap between two statements, of an order with an Idempotency-Key.
async fn gap(world: &mut World, point: &str, sku: &str) -> Proved {
    let id = format!("gap-{}", point.trim_start_matches("commit."));
    fails_and_is_retried(world, Order::new(id, sku).keyed(), point).await
}

async fn fails_and_is_retried(world: &mut World, order: Order, point: &str) -> Proved {
    let before = world.stock(&order.sku).await?;
    world.arm(json!({"point": point, "order_id": order.id, "action": "error", "times": 1})).await?;
    let failed = order.submit(&world.client()?).await?;
    world.show_log(&["SIMULATED"]);
    world.tell_answer(&order, &failed);
    let internal = failed.status == 500 && failed.problem_code().as_deref() == Some("internal");
    world.tale.check(internal, "the client is told 500 internal: repeat the same request");
    nothing_stored(world, &order).await?;
    let unchanged = world.stock(&order.sku).await? == before;
    world.tale.check(unchanged, format!("the stock of {} is as before: {} on hand", order.sku, before.0));

    world.tale.tell("recovery", "none is needed: the transaction rolled back; the client repeats its request");
    let first = succeeds(world, &order).await?;
    repeats(world, &order, &first).await?;
    stored_once(world, &order).await?;
    world.tale.check(
        world.stock(&order.sku).await? == (before.0 - order.quantity, before.1),
        format!("{} left the stock, once", order.quantity),
    );
    Ok("500, nothing stored; the retry 201, and its repeat the same bytes".into())
}

/// The database holds no trace of the order.
pub async fn nothing_stored(world: &mut World, order: &Order) -> Result<(), DrillError> {
    let (orders, payments) = world.show_order(&order.id).await?;
    world.tale.check(orders == 0 && payments == 0, "no order and no payment was stored");
    let id = &order.id;
    let sql = format!(
        "SELECT (SELECT count(*) FROM order_events WHERE order_id = '{id}') \
         + (SELECT count(*) FROM idempotency_keys WHERE order_id = '{id}')"
    );
    let others = world.count(&sql).await?;
    world.tale.check(others == 0, "no event and no idempotency key was stored");
    Ok(())
}

/// Submits the order and checks that it is completed.
pub async fn succeeds(world: &mut World, order: &Order) -> Result<HttpAnswer, DrillError> {
    let answer = world.submit(order).await?;
    world.tale.check(answer.status == 201, "it succeeds: 201");
    Ok(answer)
}

/// Submits the order again and checks that the answer is the first one.
pub async fn repeats(world: &mut World, order: &Order, first: &HttpAnswer) -> Result<(), DrillError> {
    let again = world.submit(order).await?;
    let same = again.status == first.status && again.body == first.body;
    world.tale.check(same, "a repeat gets the same status and body, byte for byte");
    world.tale.check(again.is_replayed(), "and is told that it is a replay");
    Ok(())
}

/// The database holds the order and its payment, once.
pub async fn stored_once(world: &mut World, order: &Order) -> Result<(), DrillError> {
    let (orders, payments) = world.show_order(&order.id).await?;
    world.tale.check(orders == 1 && payments == 1, "one order and one payment are stored");
    Ok(())
}

/// A panic in the committer: its connection is dropped, and the order is read again before it is driven again.
pub async fn committer_panics(world: &mut World) -> Proved {
    let order = Order::new("drill-committer-panics", "SKU-0109");
    let lost = world.metric(LOST).await?;
    world.arm(json!({"point": "commit.after_payments", "order_id": order.id, "action": "panic", "times": 1})).await?;
    let first = succeeds(world, &order).await?;
    world.show_log(&["SIMULATED", "panicked"]);
    taken_as_lost(world, lost).await?;
    world.tale.tell("recovery", "the orders of the batch were looked for by their stamp and, absent, written again");
    stored_once(world, &order).await?;
    repeats(world, &order, &first).await?;
    Ok("201 although its first transaction died; one order, one payment".into())
}

/// Counts the transactions whose connection was lost.
pub const LOST: &str = "counterfoil_commit_retries_total{cause=\"lost\"}";

/// The metric says that a committer lost its connection.
pub async fn taken_as_lost(world: &mut World, before: f64) -> Result<(), DrillError> {
    let after = world.metric(LOST).await?;
    let text = format!(
        "the outcome was taken as unknown: counterfoil_commit_retries_total{{cause=\"lost\"}} {before} -> {after}"
    );
    world.tale.check(after > before, text);
    Ok(())
}

/// The committer's backend is terminated while it is inside the transaction.
pub async fn connection_killed(world: &mut World) -> Proved {
    let order = Order::new("drill-connection-killed", "SKU-0110");
    let lost = world.metric(LOST).await?;
    let fault =
        json!({"point": "commit.before_commit", "order_id": order.id, "action": "delay", "ms": 20_000, "times": 1});
    world.arm(fault).await?;
    let (client, database) = (world.client()?, world.database().await?);
    let kill = async {
        let sleeper = until_sleeping(&database).await?;
        database.execute("SELECT pg_terminate_backend($1)", &[&sleeper]).await?;
        Ok::<_, DrillError>(sleeper)
    };
    let (answer, killed) = tokio::join!(order.submit(&client), kill);
    world.tale.tell("broken", &format!("pg_terminate_backend({}), the committer, inside its transaction", killed?));
    let answer = answer?;
    world.tell_answer(&order, &answer);
    world.tale.check(answer.status == 201, "the client notices nothing: 201");
    taken_as_lost(world, lost).await?;
    world.tale.tell("recovery", "the committer connected again, found nothing under its stamp, and wrote it again");
    stored_once(world, &order).await?;
    repeats(world, &order, &answer).await?;
    Ok("201 over a new connection; one order, one payment".into())
}

/// Waits until a committer sleeps inside its transaction, which nothing but an armed delay makes it do; its backend.
pub async fn until_sleeping(database: &tokio_postgres::Client) -> Result<i32, DrillError> {
    let sql =
        "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name = 'counterfoil' LIMIT 1";
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(row) = database.query_opt(sql, &[]).await? {
            return Ok(row.try_get(0)?);
        }
        if Instant::now() > deadline {
            return Err(DrillError::Missed("no commit was delayed".into()));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// COMMIT took effect, and nobody heard of it.
pub async fn reply_lost(world: &mut World) -> Proved {
    let order = Order::new("drill-reply-lost", "SKU-0111").keyed();
    let (before, lost) = (world.stock(&order.sku).await?, world.metric(LOST).await?);
    world.arm(json!({"point": "commit.after_commit", "order_id": order.id, "action": "error", "times": 1})).await?;
    let first = succeeds(world, &order).await?;
    taken_as_lost(world, lost).await?;
    world.tale.tell("recovery", "the committer found its stamp on the order's row: COMMIT had taken effect");
    stored_once(world, &order).await?;
    let once = world.stock(&order.sku).await? == (before.0 - order.quantity, before.1);
    world.tale.check(once, format!("{} left the stock, once", order.quantity));
    repeats(world, &order, &first).await?;
    Ok("201, written once although the reply was lost".into())
}

/// One of 40 orders in a batch fails whenever it is written.
pub async fn poisonous_order(world: &mut World) -> Proved {
    const HALVED: &str = "counterfoil_commit_retries_total{cause=\"halved\"}";
    let (orders, openers) = (Order::many("drill-batch", 40, "SKU-0112"), Order::many("drill-opener", 2, "SKU-0112"));
    let (good, poisonous) = (orders.split_at(39).0, &orders[39]);
    let halved = world.metric(HALVED).await?;
    // The openers keep both committers busy while the others queue up behind them.
    world.arm(json!({"point": "commit.after_begin", "action": "delay", "ms": 400, "times": 2})).await?;
    let fault = json!({"point": "commit.after_events_insert", "order_id": poisonous.id, "action": "error", "times": 1});
    world.arm(fault).await?;
    let client = world.client()?;
    let open = join_all(openers.iter().map(|order| order.submit(&client)));
    let fill = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        join_all(orders.iter().map(|order| order.submit(&client))).await
    };
    let (opened, mut answers) = tokio::join!(open, fill);
    let refused = answers.pop().ok_or_else(|| DrillError::Missed("no answer".into()))??;
    let created = answers.iter().chain(&opened).filter(|answer| matches!(answer, Ok(answer) if answer.status == 201));
    let created = created.count();
    world.show_log(&["SIMULATED"]);
    world.tell_answer(poisonous, &refused);
    let all_created = created == good.len() + openers.len();
    world.tale.check(all_created, format!("the other 39 and the 2 before them got 201: {created} of 41"));
    world.tale.check(refused.status == 500, "the poisonous one got 500");
    let now = world.metric(HALVED).await?;
    world.tale.check(now > halved, format!("its batch was halved {} times until it stood alone", now - halved));
    nothing_stored(world, poisonous).await?;
    let rows =
        world.show("SELECT state, count(*) FROM orders WHERE order_id LIKE 'drill-batch-%' GROUP BY state").await?;
    world.tale.check(
        rows.len() == 1 && rows.first().and_then(|row| row.get(1)) == Some("39"),
        "the database holds the 39 others, completed",
    );
    world.tale.tell("recovery", "the client of the poisonous order repeats its request");
    succeeds(world, poisonous).await?;
    Ok("39 neighbours committed, the poisonous one got 500 and nothing of it stayed".into())
}
