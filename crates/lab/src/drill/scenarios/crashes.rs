//! Deaths of whole processes: the engine's, PostgreSQL's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hyper::Method;
use rustix::process::Signal;
use serde_json::json;

use super::Proved;
use super::commit::{LOST, nothing_stored, repeats, stored_once, succeeds, taken_as_lost, until_sleeping};
use crate::drill::world::{DrillError, Order, PATIENCE, World};
use crate::load::retry::{Repeatable, until_final};
use crate::process::signal_process;
use counterfoil_engine::client::{Client, HttpAnswer};

/// The transaction was complete and not committed: it never happened.
pub async fn before_commit(world: &mut World) -> Proved {
    let order = Order::new("drill-crash-before-commit", "SKU-0401").keyed();
    crash(world, &order, "commit.before_commit").await?;
    nothing_stored(world, &order).await?;
    let first = succeeds(world, &order).await?;
    world.tale.check(!first.is_replayed(), "and was processed by the retry");
    stored_once(world, &order).await?;
    repeats(world, &order, &first).await?;
    Ok("nothing stored; the retry after the restart 201".into())
}

/// The transaction was committed and nobody was told.
pub async fn after_commit(world: &mut World) -> Proved {
    let order = Order::new("drill-crash-after-commit", "SKU-0402").keyed();
    let before = world.stock(&order.sku).await?;
    crash(world, &order, "commit.after_commit").await?;
    stored_once(world, &order).await?;
    let first = succeeds(world, &order).await?;
    world.tale.check(first.is_replayed(), "the retry is told that the order had been processed");
    repeats(world, &order, &first).await?;
    stored_once(world, &order).await?;
    let once = world.stock(&order.sku).await? == (before.0 - order.quantity, before.1);
    world.tale.check(once, format!("{} left the stock, once", order.quantity));
    Ok("stored whole; the retry after the restart got its stored 201".into())
}

/// Submits an order that makes the process abort, and restarts it.
async fn crash(world: &mut World, order: &Order, point: &str) -> Result<(), DrillError> {
    world.arm(json!({"point": point, "order_id": order.id, "action": "crash", "times": 1})).await?;
    let answer = order.submit(&world.client()?).await;
    match &answer {
        Ok(answer) => world.tell_answer(order, answer),
        Err(error) => world.tale.tell("client", &counterfoil_engine::client::error_chain(error)),
    }
    world.tale.check(answer.is_err(), "the client gets no answer: the outcome is unknown to it");
    world.revive().await?;
    world.show_log(&["SIMULATING CRASH"]);
    Ok(())
}

/// Waits until the load is in full flight; where that never comes, for as long as patience lasts.
async fn until(reached: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !reached() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What clients were told, by order_id.
type Acknowledged = BTreeMap<String, HttpAnswer>;

/// kill -9 in full flight: what was acknowledged is there as it was acknowledged, the rest is whole or absent.
pub async fn kill_engine(world: &mut World) -> Proved {
    const CLIENTS: usize = 32;
    let orders: Vec<Vec<Order>> =
        (1..=CLIENTS).map(|n| Order::many(&format!("drill-kill9-{n}"), 200, "SKU-0403")).collect();
    let (client, pid) = (world.client()?, world.pid()?);
    let (told, sent) = (RefCell::new(Acknowledged::new()), RefCell::new(Vec::new()));
    let submit = join_all(orders.iter().map(|orders| submit_until_dead(&client, orders, &told, &sent)));
    let kill = async {
        until(|| told.borrow().len() >= 200).await;
        signal_process(pid, Signal::KILL)
    };
    let (_ended, killed) = tokio::join!(submit, kill);
    killed.map_err(|source| DrillError::System { what: "kill the engine".into(), source })?;
    let (told, sent) = (told.into_inner(), sent.into_inner());
    world.tale.tell("broken", &format!("kill -9 {pid}, the engine, while {CLIENTS} clients submitted"));
    let unknown = sent.len() - told.len();
    world.tale.tell("client", &format!("{} orders were acknowledged, {unknown} had no answer", told.len()));
    world.revive().await?;
    whole_or_absent(world, &told, &sent).await?;

    let client = world.client()?;
    let answers = join_all(sent.iter().map(|order| order.submit(&client))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    world.tale.check(created == sent.len(), format!("the retry of all {} orders got 201 for {created}", sent.len()));
    let same = sent.iter().zip(&answers).filter(|(order, answer)| {
        told.get(&order.id).is_some_and(|told| told.body == answer.body && answer.is_replayed())
    });
    let same = same.count();
    world
        .tale
        .check(same == told.len(), format!("{same} of {} acknowledged answers came again, byte for byte", told.len()));
    let stored = world.count("SELECT count(*) FROM payments WHERE order_id LIKE 'drill-kill9-%'").await?;
    world.tale.check(usize::try_from(stored) == Ok(sent.len()), format!("{stored} payments are stored, one an order"));
    Ok(format!("{} acknowledged orders survived; {unknown} in doubt were whole or absent", told.len()))
}

/// One client: an order after the other, until there is no answer any more.
async fn submit_until_dead(
    client: &Client,
    orders: &[Order],
    told: &RefCell<Acknowledged>,
    sent: &RefCell<Vec<Order>>,
) {
    for order in orders {
        sent.borrow_mut().push(order.clone());
        match order.submit(client).await {
            Ok(answer) if answer.status == 201 => drop(told.borrow_mut().insert(order.id.clone(), answer)),
            _ => return,
        }
    }
}

/// Looks into the database before anybody retries.
async fn whole_or_absent(world: &mut World, told: &Acknowledged, sent: &[Order]) -> Result<(), DrillError> {
    let sql = "SELECT o.order_id, o.state, o.answer, p.order_id IS NOT NULL AND EXISTS (
            SELECT FROM order_events e WHERE e.order_id = o.order_id)
        FROM orders o FULL JOIN payments p USING (order_id)
        WHERE order_id LIKE 'drill-kill9-%'";
    let rows = world.database().await?.query(sql, &[]).await?;
    let mut stored = BTreeMap::new();
    let mut torn = 0;
    for row in &rows {
        let (id, state): (Option<String>, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        let (answer, whole): (Option<String>, Option<bool>) = (row.try_get(2)?, row.try_get(3)?);
        match (id, answer) {
            (Some(id), Some(answer)) if whole == Some(true) && state.as_deref() == Some("COMPLETED") => {
                stored.insert(id, answer);
            }
            _ => torn += 1,
        }
    }
    let found = format!("{} of {} orders sent are stored, {torn} torn", stored.len(), sent.len());
    world.tale.tell("database", &found);
    let kept = told.iter().filter(|(id, told)| stored.get(*id).is_some_and(|answer| answer.as_bytes() == told.body));
    let kept = kept.count();
    world.tale.check(kept == told.len(), format!("{kept} of {} acknowledged orders are stored as told", told.len()));
    world.tale.check(torn == 0, "every other order is whole or absent");
    Ok(())
}

/// kill -9 of PostgreSQL in full flight, its backends included (they would finish what they are at, and commit): clients
/// repeat where they have to, and all of them succeed.
pub async fn kill_postgres(world: &mut World) -> Proved {
    const CLIENTS: usize = 16;
    const EACH: usize = 25;
    let orders: Vec<Vec<Order>> =
        (1..=CLIENTS).map(|n| Order::many(&format!("drill-pgkill-{n}"), EACH, "SKU-0404")).collect();
    let (postmaster, lost) = (postmaster(world).await?, world.metric(LOST).await?);
    // Holds one committer inside its transaction until it is killed there.
    let held =
        json!({"point": "commit.before_commit", "order_id": "drill-pgkill-1-7", "action": "delay", "ms": 20_000});
    world.arm(held).await?;
    let (client, database, done) = (world.client()?, world.database().await?, Cell::new(0));
    let submit = join_all(orders.iter().map(|orders| submit_patiently(&client, orders, &done)));
    let kill = async {
        until_sleeping(&database).await?;
        let acknowledged = done.get();
        Ok::<_, DrillError>((acknowledged, kill_all(&database, postmaster).await?))
    };
    let (ended, killed) = tokio::join!(submit, kill);
    let (acknowledged, killed) = killed?;
    let processes = killed.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    let text = format!("kill -9 {processes}: all of PostgreSQL, after {acknowledged} acknowledged orders");
    world.tale.tell("broken", &text);
    world.show_log(&["PostgreSQL ended", "PostgreSQL had died"]);
    let (created, retries) = ended.iter().fold((0, 0), |sum, (created, retries)| (sum.0 + created, sum.1 + retries));
    let all = CLIENTS * EACH;
    world.tale.tell(
        "client",
        &format!("{created} of {all} orders got 201, with {retries} repeats after 503, 500 or no answer"),
    );
    world.tale.check(created == all, "every order ended in 201");
    taken_as_lost(world, lost).await?;
    let took = world.until_ready().await?;
    world.tale.tell(
        "recovery",
        &format!("the engine started PostgreSQL again; /readyz is 200 (waited {} ms)", took.as_millis()),
    );
    let now = self::postmaster(world).await?;
    world.tale.check(now != postmaster, format!("PostgreSQL runs again, as process {now}"));
    let sql = "SELECT state, count(*), (SELECT count(*) FROM payments WHERE order_id LIKE 'drill-pgkill-%') AS payments \
        FROM orders WHERE order_id LIKE 'drill-pgkill-%' GROUP BY state";
    let rows = world.show(sql).await?;
    let (wanted, only) = (all.to_string(), rows.len() == 1);
    let exact = rows.first().is_some_and(|row| row.get(1) == Some(&*wanted) && row.get(2) == Some(&*wanted));
    world.tale.check(only && exact, "each order and each payment is stored once");
    Ok(format!("{all} of {all} orders got 201 over the death of PostgreSQL"))
}

/// Kills PostgreSQL's first process, so that it starts no others, and then those; which they were.
async fn kill_all(database: &tokio_postgres::Client, postmaster: u32) -> Result<Vec<u32>, DrillError> {
    let rows = database.query("SELECT pid FROM pg_stat_activity", &[]).await?;
    let mut killed = vec![postmaster];
    for row in rows {
        killed.extend(u32::try_from(row.try_get::<_, i32>(0)?));
    }
    for pid in &killed {
        match signal_process(*pid, Signal::KILL) {
            // Another one than the first may have ended by itself.
            Err(source) if *pid == postmaster => {
                return Err(DrillError::System { what: "kill PostgreSQL".into(), source });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(killed)
}

/// PostgreSQL's first process, by the file that it keeps in its data folder.
async fn postmaster(world: &World) -> Result<u32, DrillError> {
    let row = world.database().await?.query_one("SELECT pg_read_file('postmaster.pid')", &[]).await?;
    let text: String = row.try_get(0)?;
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
    pid.ok_or_else(|| DrillError::Missed("postmaster.pid names no process".into()))
}

/// One client that repeats each order until it has its final answer; how many got 201, and how many repeats it took.
async fn submit_patiently(client: &Client, orders: &[Order], done: &Cell<usize>) -> (usize, u64) {
    let (mut created, mut retries) = (0, 0);
    for order in orders {
        let request = Repeatable { method: Method::POST, path: "/orders".into(), key: None, body: Some(order.body()) };
        let exchange = until_final(client, &request).await;
        retries += exchange.retries.values().sum::<u64>();
        created += usize::from(exchange.outcome.is_ok_and(|answer| answer.status == 201));
        done.set(done.get() + 1);
    }
    (created, retries)
}
