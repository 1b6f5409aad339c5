//! Promise: an engine that stands still, in whatever it was about, holds up no other; and an order is not blamed for what
//! held up the engines that had it. With PostgreSQL, engines and participants as processes of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use counterfoil::client::Client;
use futures_util::future::join_all;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::fleet::{Asked, Participants, Setup, Site, order, until};
use crate::support::program::{Folder, Program, send};

fn signal(program: &Program, signal: Signal) {
    program.process.signal(signal).expect("signal the engine");
}

/// An engine on this database with all participants in it.
async fn local_engine(database: &TestDatabase) -> (Folder, Program) {
    let folder = Folder::new();
    let config = format!("database.url = \"{}\"\nfaults.enabled = true\nengine.shards = 2\n", database.url());
    let program = Program::serve(&folder, &config).await;
    program.until_ready().await;
    (folder, program)
}

fn body(id: &str, skus: &[String], payment_method: &str) -> Value {
    let lines: Vec<_> = skus.iter().map(|sku| json!({"sku": sku, "quantity": 1, "unit_price": 100})).collect();
    let mut body = order(id, payment_method, "1", false);
    body["lines"] = json!(lines);
    body
}

/// Stops an engine that is under load at a moment at which it has a transaction open and PostgreSQL waits for its next
/// packet, holding what was locked before.
async fn stop_between_packets(engine: &Program, database: &TestDatabase, load: impl AsyncFn(&Client, u32)) {
    let (client, sent, enough) = (engine.client(), AtomicU32::new(0), AtomicBool::new(false));
    let firing = join_all((0..24).map(|_| async {
        while !enough.load(Ordering::Relaxed) && sent.load(Ordering::Relaxed) < 100_000 {
            let asked = load(&client, sent.fetch_add(1, Ordering::Relaxed));
            // While the engine is stopped nothing is answered: nobody waits for that.
            let _gone = tokio::time::timeout(std::time::Duration::from_secs(1), asked).await;
        }
    }));
    let stopping = async {
        let database = database.client().await;
        // What was sent before the stop may still be on its way: it has to stand still for a moment.
        let open = "SELECT count(*), count(*) FILTER (WHERE state_change < clock_timestamp() - interval '100 ms')
            FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'counterfoil' AND state = 'idle in transaction'
            AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_stat_activity.pid AND l.mode = 'RowExclusiveLock')";
        until("it is stopped in the middle of a commit", async || {
            signal(engine, Signal::STOP);
            loop {
                let row = database.query_one(open, &[]).await.expect("ask");
                match (row.get::<_, i64>(0), row.get::<_, i64>(1)) {
                    (0, _) => break signal(engine, Signal::CONT),
                    (_, 0) => {}
                    _ => return true,
                }
            }
            false
        })
        .await;
        enough.store(true, Ordering::Relaxed);
    };
    tokio::join!(firing, stopping);
}

async fn another_engine_goes_on(load: impl AsyncFn(&Client, u32), skus: &[&str]) {
    let database = TestDatabase::new().await;
    let stock = "INSERT INTO inventory SELECT 'S-' || n, 1000000 FROM generate_series(0, 199) n;
        INSERT INTO inventory_journal (sku, delta, reason, client) SELECT sku, on_hand, 'laid in', 'x' FROM inventory";
    database.client().await.batch_execute(stock).await.expect("lay in stock");
    let ((_a_folder, a), (_b_folder, b)) = tokio::join!(local_engine(&database), local_engine(&database));
    stop_between_packets(&a, &database, load).await;
    // Of the SKUs that the stopped one holds, and of others.
    let client = b.client();
    let orders = (0..40).map(|n| {
        let (client, sku) = (client.clone(), skus[n % skus.len()].to_owned());
        async move { Asked::submit(body(&format!("B-{n}"), &[sku], "pm_ok")).send(&client).await }
    });
    for answer in join_all(orders).await {
        assert_eq!(answer.status, 201, "{:?}", answer.json::<Value>());
    }
    let stands = rustix::process::waitpid(
        Pid::from_raw(a.process.id() as i32),
        rustix::process::WaitOptions::NOHANG | rustix::process::WaitOptions::UNTRACED,
    );
    assert!(
        stands.is_ok_and(|status| status.is_some_and(|(_, status)| status.stopped())),
        "the other one is still stopped"
    );
    signal(&a, Signal::CONT);
    a.until_ready().await;
    let answer = Asked::submit(body("AFTER", &["S-0".to_owned()], "pm_ok")).until_final(&[a.client()]).await;
    assert_eq!(answer.status, 201, "and goes on when it is let");
}

/// Stock is counted under lock in a round trip of its own: an order whose card is declined needs that.
#[tokio::test]
async fn an_engine_that_stops_between_two_round_trips_silences_nobody() {
    let order = |n| body(&format!("A-{n}"), &["S-0".to_owned(), "S-1".to_owned()], "pm_declined");
    let load = async |client: &Client, n: u32| drop(Asked::submit(order(n)).try_send(client).await);
    another_engine_goes_on(load, &["S-0", "S-1", "S-9"]).await;
}

/// A large commit is one round trip, and many packets.
#[tokio::test]
async fn an_engine_that_stops_between_two_packets_silences_nobody() {
    let all: Arc<Vec<String>> = Arc::new((0..150).map(|n| format!("S-{n}")).collect());
    let order = move |n| body(&format!("A-{n}"), &all, "pm_ok");
    let load = async |client: &Client, n: u32| drop(Asked::submit(order(n)).try_send(client).await);
    another_engine_goes_on(load, &["S-0", "S-149", "S-199"]).await;
}

/// Stock that is set by hand has its row locked from one round trip to the next, like a commit.
#[tokio::test]
async fn an_engine_that_stops_while_stock_is_set_silences_nobody() {
    let load = async |client: &Client, n: u32| {
        let on_hand = json!({"on_hand": 1_000_000 + n}).to_string();
        drop(send(client, "PUT", "/inventory/S-0", &[("content-type", "application/json")], on_hand).await);
    };
    another_engine_goes_on(load, &["S-0", "S-9"]).await;
}

async fn claims(engines: &[Client]) -> u64 {
    let mut sum = 0.0;
    for engine in engines {
        let metrics = engine.get("/metrics").await.expect("metrics");
        let text = String::from_utf8_lossy(&metrics.body).into_owned();
        let line = text.lines().find_map(|line| line.strip_prefix("counterfoil_timer_lateness_seconds_count "));
        sum += line.expect("the family is there").parse::<f64>().expect("a number");
    }
    sum as u64
}

/// A table that is locked for a while, as by whoever makes an index, keeps every order from progress; none is to blame.
#[tokio::test]
async fn an_order_is_not_set_aside_for_a_lock_of_somebody_else() {
    const ORDERS: usize = 8;
    let participants = Participants::start().await;
    let setup =
        Setup { lease_ms: 700, step_timeout_ms: 300, statement_timeout_ms: 400, inventory: false, ..Setup::USUAL };
    let site = Site::new(&participants.program.url, setup).await;
    let (a, b) = tokio::join!(site.engine(), site.engine());
    let engines = [a.client(), b.client()];
    let asked: Vec<_> =
        (0..ORDERS).map(|n| Asked::submit(order(&format!("O-{n}"), "pm_slow_200", "1", false))).collect();
    for (n, order) in asked.iter().enumerate() {
        assert_eq!(order.clone().async_().send(&engines[n % 2]).await.status, 202);
    }
    let locker = site.database.client().await;
    locker.batch_execute("SET statement_timeout = 0; BEGIN; LOCK TABLE payments IN SHARE MODE").await.expect("lock");
    let enough = 8 * ORDERS as u64; // more than an order is claimed before it is set aside
    until("they were claimed often enough", async || {
        let flagged: i64 = locker
            .query_one("SELECT count(*) FROM orders WHERE attention IS NOT NULL", &[])
            .await
            .expect("the orders")
            .get(0);
        assert_eq!(flagged, 0, "an innocent order waits for a human");
        claims(&engines).await >= enough
    })
    .await;
    locker.batch_execute("COMMIT").await.expect("let go");
    for order in asked {
        assert_eq!(order.until_final(&engines).await.status, 201);
    }
    assert_eq!(participants.effects("O-", "charge"), ORDERS);
    site.judge(&participants).await;
}
