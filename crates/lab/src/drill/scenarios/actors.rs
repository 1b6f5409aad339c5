//! Failures of actors: of an order's, of a shard's.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::Proved;
use super::commit::{nothing_stored, repeats, stored_once, succeeds};
use crate::drill::world::{DrillError, Order, PATIENCE, World};

const PANICS: &str = "counterfoil_actor_restarts_total{cause=\"panic\"}";
const HANGS: &str = "counterfoil_actor_restarts_total{cause=\"hang\"}";
const QUARANTINED: &str = "counterfoil_quarantined_orders";

/// A metric rose by at least `by`.
async fn rose(world: &mut World, series: &str, before: f64, by: f64) -> Result<(), DrillError> {
    let deadline = Instant::now() + PATIENCE;
    let mut now = world.metric(series).await?;
    while now < before + by && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await; // gauges are set at a shard's tick
        now = world.metric(series).await?;
    }
    world.tale.check(now >= before + by, format!("{series} {before} -> {now}"));
    Ok(())
}

/// The panic loses the message in hand; the shard still has the request, and those behind it.
pub async fn panics_before_commit(world: &mut World) -> Proved {
    let order = Order::new("drill-actor-panics", "SKU-0201");
    let panics = world.metric(PANICS).await?;
    world.arm(json!({"point": "actor.handle", "order_id": order.id, "action": "panic", "times": 1})).await?;
    let client = world.client()?;
    let answers = join_all((0..17).map(|_| order.submit(&client))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    world.show_log(&["SIMULATED PANIC"]);
    let first = answers.first().ok_or_else(|| DrillError::Missed("no answer".into()))?;
    world.tell_answer(&order, first);
    let same = answers.iter().filter(|answer| answer.status == 201 && answer.body == first.body).count();
    world.tale.check(same == 17, format!("{same} of 17 requests got 201 with the same bytes"));
    let replays = answers.iter().filter(|answer| answer.is_replayed()).count();
    world.tale.check(replays == 16, format!("{replays} of them were told that theirs is a repeat"));
    world.tale.tell("recovery", "a fresh actor read the order from the database and got the request again");
    rose(world, PANICS, panics, 1.0).await?;
    stored_once(world, &order).await?;
    Ok("17 of 17 got the same 201 from a fresh actor; one order, one payment".into())
}

/// The order is stored when its actor dies, and its client has not heard of it.
pub async fn panics_after_commit(world: &mut World) -> Proved {
    let order = Order::new("drill-panic-after-commit", "SKU-0202").keyed();
    let (before, panics) = (world.stock(&order.sku).await?, world.metric(PANICS).await?);
    world.arm(json!({"point": "actor.after_commit", "order_id": order.id, "action": "panic", "times": 1})).await?;
    let first = succeeds(world, &order).await?;
    world.show_log(&["SIMULATED PANIC"]);
    world.tale.tell("recovery", "a fresh actor found the order stored and gave its stored answer");
    rose(world, PANICS, panics, 1.0).await?;
    stored_once(world, &order).await?;
    let once = world.stock(&order.sku).await? == (before.0 - order.quantity, before.1);
    world.tale.check(once, format!("{} left the stock, once", order.quantity));
    repeats(world, &order, &first).await?;
    Ok("201 from a fresh actor; one order, one payment".into())
}

/// A hung actor is replaced before its client gives up, and what it wakes up to is fenced.
pub async fn hangs(world: &mut World) -> Proved {
    const HANG: Duration = Duration::from_millis(3000);
    let order = Order::new("drill-actor-hangs", "SKU-0203").keyed();
    let (before, hangs) = (world.stock(&order.sku).await?, world.metric(HANGS).await?);
    world.tale.tell("armed", "engine.command_timeout_ms = 500: an actor that works for longer counts as hung");
    let ms = u64::try_from(HANG.as_millis()).unwrap_or(u64::MAX);
    let fault = json!({"point": "actor.handle", "order_id": order.id, "action": "delay", "ms": ms, "times": 1});
    world.arm(fault).await?;
    let began = Instant::now();
    let first = succeeds(world, &order).await?;
    let took = began.elapsed();
    world.show_log(&["its actor hangs"]);
    world.tale.check(took < HANG, format!("the answer came after {} ms, not after the hang", took.as_millis()));
    rose(world, HANGS, hangs, 1.0).await?;
    tokio::time::sleep((HANG + Duration::from_millis(300)).saturating_sub(began.elapsed())).await;
    world.tale.tell("recovery", "a fresh actor took over; by now the hung one would have gone on");
    stored_once(world, &order).await?;
    let sql = format!("SELECT count(*) FROM order_events WHERE order_id = '{}'", order.id);
    let commits = world.count(&sql).await?;
    world.tale.check(commits == 1, "the order was written by one commit");
    let once = world.stock(&order.sku).await? == (before.0 - order.quantity, before.1);
    world.tale.check(once, format!("{} left the stock, once", order.quantity));
    repeats(world, &order, &first).await?;
    Ok(format!("201 after {} ms; nothing was written twice", took.as_millis()))
}

/// A command that kills every actor ends in quarantine, and hurts nobody else.
pub async fn killer_command(world: &mut World) -> Proved {
    let order = Order::new("drill-killer", "SKU-0204").keyed();
    let (panics, quarantined) = (world.metric(PANICS).await?, world.metric(QUARANTINED).await?);
    world.arm(json!({"point": "actor.handle", "order_id": order.id, "action": "panic", "times": 1000})).await?;
    let (client, others) = (world.client()?, Order::many("drill-beside-killer", 12, "SKU-0204"));
    let (killer, others) =
        tokio::join!(order.submit(&client), join_all(others.iter().map(|order| order.submit(&client))));
    let killer = killer?;
    world.tell_answer(&order, &killer);
    world.show_log(&["SIMULATED PANIC", "quarantined"]);
    world.tale.check(killer.status == 500, "its client is told 500 internal");
    let created = others.iter().filter(|answer| matches!(answer, Ok(answer) if answer.status == 201)).count();
    world.tale.check(created == 12, format!("{created} of 12 other orders got 201 meanwhile"));
    rose(world, PANICS, panics, 3.0).await?;
    rose(world, QUARANTINED, quarantined, 1.0).await?;
    let deaths = world.metric(PANICS).await?;
    let again = world.submit(&order).await?;
    world.tale.check(again.status == 500, "a repeat is refused at once: 500");
    world.tale.check(world.metric(PANICS).await? == deaths, "and kills no further actor");
    nothing_stored(world, &order).await?;
    world.disarm().await?;
    world.restart().await?;
    succeeds(world, &order).await?;
    Ok("500 after 3 deaths and nothing stored; others unaffected; 201 once its cause was gone".into())
}

/// An order that ended well, and whose repeats kill: a human is told, and its answer stays.
pub async fn stored_killer(world: &mut World) -> Proved {
    let order = Order::new("drill-stored-killer", "SKU-0205");
    let first = succeeds(world, &order).await?;
    world.arm(json!({"point": "actor.handle", "order_id": order.id, "action": "panic", "times": 1000})).await?;
    let killed = world.submit(&order).await?;
    world.show_log(&["SIMULATED PANIC", "quarantined"]);
    world.tale.check(killed.status == 500, "the repeat that kills is told 500 internal");
    let sql = format!("SELECT count(*) FROM orders WHERE order_id = '{}' AND attention IS NOT NULL", order.id);
    let deadline = Instant::now() + PATIENCE;
    while world.count(&sql).await? == 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await; // flagged by a commit of its own
    }
    let sql = format!("SELECT order_id, state, version, attention, answer FROM orders WHERE order_id = '{}'", order.id);
    let rows = world.show(&sql).await?;
    let row = rows.first();
    world.tale.check(
        row.is_some_and(|row| row.get(1) == Some("COMPLETED") && row.get(3).is_some()),
        "the order is flagged for a human, and still COMPLETED",
    );
    let answer = row.and_then(|row| row.get(4)).map(str::as_bytes);
    world.tale.check(answer == Some(first.body.as_ref()), "its stored answer is unchanged");
    let listed = world.client()?.get("/orders?attention=true").await?;
    let listed = String::from_utf8_lossy(&listed.body).contains(&order.id);
    world.tale.check(listed, "GET /orders?attention=true names it");
    world.disarm().await?;
    world.restart().await?;
    repeats(world, &order, &first).await?;
    stored_once(world, &order).await?;
    Ok("flagged for a human after 3 deaths; its answer stays".into())
}

/// A shard dies with everything that it holds in memory.
pub async fn shard_dies(world: &mut World) -> Proved {
    const RESTARTS: &str = "counterfoil_shard_restarts_total";
    let (orders, last) = (Order::many("drill-in-flight", 40, "SKU-0206"), Order::new("drill-shard-killer", "SKU-0206"));
    let (restarts, shards) = (world.metric(RESTARTS).await?, world.metric("counterfoil_shard_up").await?);
    // The commits of the others are slow, so that they are in flight when the shard dies.
    world.arm(json!({"point": "commit.after_begin", "action": "delay", "ms": 500, "times": 2})).await?;
    world.arm(json!({"point": "shard.step", "order_id": last.id, "action": "panic", "times": 1})).await?;
    let client = world.client()?;
    let in_flight = join_all(orders.iter().map(|order| order.submit(&client)));
    let kill = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        last.submit(&client).await
    };
    let (answers, killer) = tokio::join!(in_flight, kill);
    let killer = killer?;
    world.show_log(&["SIMULATED PANIC", "a shard died"]);
    world.tell_answer(&last, &killer);
    world.tale.check(killer.status == 201, "the request that killed the shard got 201 from its successor");
    let created = answers.iter().filter(|answer| matches!(answer, Ok(answer) if answer.status == 201)).count();
    world.tale.check(created == 40, format!("{created} of 40 orders in flight got 201"));
    rose(world, RESTARTS, restarts, 1.0).await?;
    rose(world, "counterfoil_shard_up", shards, 0.0).await?;
    world.tale.tell("recovery", "the supervisor seated a fresh shard, and every waiting request asked it again");
    let sql = "SELECT state, count(*) FROM orders WHERE order_id LIKE 'drill-in-flight-%' GROUP BY state";
    let rows = world.show(sql).await?;
    world.tale.check(
        rows.len() == 1 && rows.first().and_then(|row| row.get(1)) == Some("40"),
        "the database holds the 40 orders, once each",
    );
    stored_once(world, &last).await?;
    Ok("41 of 41 orders got 201 over the shard's death".into())
}
