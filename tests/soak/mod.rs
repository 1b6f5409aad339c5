//! The long forms of what the suite shows in short: sinks under load, while whoever publishes, the broker and the database are
//! killed again and again, writers elsewhere stay open, and much waits to be published. `make soak` runs them, one after the
//! other, and prints figures; KILLS, ROWS and MINUTES say how long that takes. Judged by the rows of `order_events`, by what
//! another client than the sink's reads, and by what clients were told.

mod load;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use counterfoil::embedded_postgres::{self, EmbeddedPostgres};
use counterfoil::ports::feed::Position;
use counterfoil::store::Target;
use counterfoil::store::feed::Feed;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use serde_json::json;
use tokio_postgres::{Client, NoTls};

use crate::relay::{committed, metric, serve, stock};
use crate::support::database::TestDatabase;
use crate::support::kafka::{self, Broker};
use crate::support::nats;
use crate::support::program::{Folder, Program};
use crate::support::wire::{Held, Request};
use load::Load;

const PUBLISHING: &str = "counterfoil_outbox_publishing{sink=\"bus\"}";
const LAG: &str = "counterfoil_outbox_lag_seconds{sink=\"bus\"}";

/// How long a soak waits for what must come: a backlog is among it.
const PATIENCE: Duration = Duration::from_secs(900);

/// A number of the environment.
fn number(name: &str, usual: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")),
        Err(_) => usual,
    }
}

fn kills() -> u64 {
    number("KILLS", 50)
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connect");
    tokio::spawn(connection);
    client
}

fn config(url: &str, sink: &str) -> String {
    format!(
        "database.url = \"{url}\"\ndatabase.pool_size = 6\ndatabase.committers = 2\nengine.shards = 2\nfaults.enabled = true\n\
         [[outbox.sinks]]\nname = \"bus\"\n{sink}\n"
    )
}

fn to_kafka(url: &str, brokers: &str, topic: &str) -> String {
    config(url, &format!("kind = \"kafka\"\nbrokers = [\"{brokers}\"]\ntopic = \"{topic}\""))
}

/// Waits as long as a soak may.
async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What was read, by order, and how often any was read again.
#[derive(Debug, Default, Deserialize)]
struct Ids {
    ids: BTreeMap<String, Vec<String>>,
    records: usize,
}

async fn read(broker: &Broker, topic: &str) -> Ids {
    serde_json::from_value(broker.ask(json!({"do": "ids", "topic": topic})).await).expect("ids")
}

/// Each event once, those of an order in their order, nothing else; how many.
fn judge(expected: &BTreeMap<String, Vec<String>>, seen: &Ids) -> usize {
    let events: usize = expected.values().map(Vec::len).sum();
    let wrong: Vec<_> = expected
        .keys()
        .chain(seen.ids.keys().filter(|order| !expected.contains_key(*order)))
        .filter(|order| expected.get(*order) != seen.ids.get(*order))
        .collect();
    let told: Vec<_> = wrong.iter().take(5).map(|order| (order, expected.get(*order), seen.ids.get(*order))).collect();
    assert!(wrong.is_empty(), "{} orders are not told as they were committed: {told:?}", wrong.len());
    assert_eq!(seen.records, events);
    events
}

/// A judge that finds nothing has to be seen to find something.
#[test]
fn what_is_lost_doubled_foreign_or_out_of_order_is_found() {
    let ids = |orders: &[(&str, &[&str])]| -> BTreeMap<String, Vec<String>> {
        let texts = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        orders.iter().map(|(order, ids)| ((*order).to_owned(), texts(ids))).collect()
    };
    let expected = ids(&[("A", &["A/1", "A/2"]), ("B", &["B/1"])]);
    let found = |orders: &[(&str, &[&str])], records: usize| {
        let seen = Ids { ids: ids(orders), records };
        std::panic::catch_unwind(|| judge(&expected, &seen)).ok()
    };
    assert_eq!(found(&[("A", &["A/1", "A/2"]), ("B", &["B/1"])], 3), Some(3));
    for wrong in [
        &[("A", &["A/1"][..]), ("B", &["B/1"][..])][..],
        &[("A", &["A/1", "A/2", "A/2"]), ("B", &["B/1"])],
        &[("A", &["A/2", "A/1"]), ("B", &["B/1"])],
        &[("A", &["A/1", "A/2"])],
        &[("A", &["A/1", "A/2"]), ("B", &["B/1"]), ("C", &["C/1"])],
    ] {
        assert_eq!(found(wrong, 3), None, "{wrong:?}");
    }
    assert_eq!(found(&[("A", &["A/1", "A/2"]), ("B", &["B/1"])], 4), None, "a record that is no order's");
}

/// Waits until all that is committed was published, and judges it; how many events.
async fn published(session: &Client, broker: &Broker, topic: &str, publisher: &Program) -> usize {
    until("nothing waits", || async { metric(publisher, LAG).await == 0.0 }).await;
    let expected = committed(session).await;
    let events: usize = expected.values().map(Vec::len).sum();
    let seen = Cell::new(Ids::default());
    until("all of it is there", || async {
        seen.set(read(broker, topic).await);
        let ids = seen.take();
        let there = ids.records >= events;
        seen.set(ids);
        there
    })
    .await;
    judge(&expected, &seen.into_inner())
}

/// Which of two engines publishes.
async fn publisher(programs: &[Program; 2]) -> usize {
    let found = Cell::new(None);
    until("one of them publishes", || async {
        for (index, program) in programs.iter().enumerate() {
            if metric(program, PUBLISHING).await > 0.0 {
                found.set(Some(index));
            }
        }
        found.get().is_some()
    })
    .await;
    found.get().expect("one publishes")
}

/// Whoever publishes is killed at every place of a transaction in turn, and the broker inside commits; orders go on all the
/// while, and somebody holds the horizon of the cluster.
#[tokio::test]
#[ignore = "long: make soak"]
async fn whoever_publishes_to_kafka_is_killed_at_every_place() {
    if !kafka::is_there() {
        return;
    }
    let (database, elsewhere, mut broker) = (TestDatabase::new().await, TestDatabase::blank().await, Broker::own());
    let (topic, session) = (broker.topics().await, database.client().await);
    let writer = elsewhere.client().await;
    writer.batch_execute("BEGIN; SELECT pg_current_xact_id()").await.expect("hold the horizon");
    let config = to_kafka(&database.url(), &broker.brokers_behind_the_wire(), &topic);
    let folders = [Folder::new(), Folder::new()];
    let mut programs = [serve(&folders[0], &config).await, serve(&folders[1], &config).await];
    stock(&programs[0]).await;
    let deployment: String =
        session.query_one("SELECT deployment_id::text FROM deployment", &[]).await.expect("the deployment").get(0);
    let name = format!("counterfoil/{deployment}/bus/0");
    let load = Load::start(programs.iter().map(|program| program.url.clone()).collect(), 4, Duration::from_millis(10));
    // What is the last that leaves the process, or comes back to it.
    let places = [
        ("anywhere", None),
        ("after begin", Some((Request::AddPartitions, 0, Held::Request))),
        ("between its sends", Some((Request::Produce, 1, Held::Request))),
        ("after the cursor", Some((Request::EndTransaction, 0, Held::Request))),
        ("inside the commit", Some((Request::EndTransaction, 0, Held::Answer))),
        ("after the commit", Some((Request::AddPartitions, 1, Held::Request))),
    ];
    let (rounds, began) = (kills(), Instant::now());
    let (mut by_place, mut brokers) = (BTreeMap::<&str, u32>::new(), 0);
    for (round, (place, held)) in (0..rounds).zip(places.into_iter().cycle()) {
        let killed = publisher(&programs).await;
        match held {
            Some((request, pass, held)) => {
                let hold = broker.wire().hold(&name, request, pass, held);
                hold.reached().await;
                programs[killed].kill();
                if round % 5 == 4 {
                    broker.kill();
                    broker.start_again();
                    brokers += 1;
                }
            }
            None => programs[killed].kill(),
        }
        *by_place.entry(place).or_default() += 1;
        load.listen(vec![programs[1 - killed].url.clone()]);
        programs[killed] = serve(&folders[killed], &config).await;
        load.listen(programs.iter().map(|program| program.url.clone()).collect());
    }
    let lasted = began.elapsed();
    let orders = load.judge(&session).await;
    let last = publisher(&programs).await;
    let events = published(&session, &broker, &topic, &programs[last]).await;
    // And in the eyes of Kafka's own consumer.
    let mut console = Ids::default();
    for (order, id) in broker.console(&topic, events).await {
        console.records += 1;
        console.ids.entry(order).or_default().push(id);
    }
    judge(&committed(&session).await, &console);
    println!(
        "kafka: {rounds} engines killed ({by_place:?}), {brokers} times the broker, in {} s: {orders} orders as clients were \
         told, {events} events, none lost, doubled, foreign or out of order",
        lasted.as_secs()
    );
    writer.batch_execute("ROLLBACK").await.expect("end");
}

/// The database's server is killed (`-m immediate`) right behind rollbacks and commits elsewhere that nobody waited for: it
/// gives their numbers away again.
#[tokio::test]
#[ignore = "long: make soak"]
async fn postgresql_is_killed_under_load() {
    if !kafka::is_there() {
        return;
    }
    let (folder, broker) = (Folder::new(), Broker::shared());
    let mut server = EmbeddedPostgres::start(embedded_postgres::PostgresSettings::new(folder.0.join("data")))
        .expect("start PostgreSQL");
    let (url, elsewhere) = (server.database_url("postgres"), server.database_url("elsewhere"));
    let mut session = connect(&url).await;
    counterfoil::store::migrate::migrate(&mut session).await.expect("migrate");
    session.batch_execute("CREATE DATABASE elsewhere").await.expect("another database");
    connect(&elsewhere).await.batch_execute("CREATE TABLE t (n int)").await.expect("a table");
    let (topic, serving) = (broker.topics().await, Folder::new());
    let program = serve(&serving, &to_kafka(&url, &broker.brokers(), &topic)).await;
    stock(&program).await;
    let load = Load::start(vec![program.url.clone()], 4, Duration::from_millis(10));
    let (rounds, began, mut twice) = (kills(), Instant::now(), 0);
    for _ in 0..rounds {
        let before = load.placed();
        until("orders go on", || async { load.placed() > before + 20 }).await;
        let other = connect(&elsewhere).await;
        let burst =
            "SET synchronous_commit = off; INSERT INTO t VALUES (1); BEGIN; SELECT pg_current_xact_id(); ROLLBACK; ";
        other.batch_execute(&burst.repeat(20)).await.expect("numbers that leave nothing on the disk");
        let xmax = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
        let given: i64 = other.query_one(xmax, &[]).await.expect("a number").get(0);
        let postmaster = Pid::from_raw(i32::try_from(server.pid()).expect("a process")).expect("a process");
        kill_process(postmaster, Signal::QUIT).expect("stop it at once");
        until("it is there again", || {
            let again = server.ensure_running().expect("start PostgreSQL");
            async move { again }
        })
        .await;
        let now: i64 = connect(&elsewhere).await.query_one(xmax, &[]).await.expect("a number").get(0);
        twice += u64::from(now < given);
    }
    let lasted = began.elapsed();
    let session = connect(&url).await;
    let orders = load.judge(&session).await;
    let events = published(&session, broker, &topic, &program).await;
    println!(
        "postgresql: killed {rounds} times in {} s, {twice} times with numbers given away twice: {orders} orders as clients \
         were told, {events} events, none lost, doubled, foreign or out of order",
        lasted.as_secs()
    );
}

/// A transaction is open in another database all the while, and holds the horizon of the cluster.
#[tokio::test]
#[ignore = "long: make soak"]
async fn a_writer_elsewhere_delays_nothing() {
    if !kafka::is_there() {
        return;
    }
    let (database, elsewhere, broker) = (TestDatabase::new().await, TestDatabase::blank().await, Broker::shared());
    let (topic, session, folder) = (broker.topics().await, database.client().await, Folder::new());
    let program = serve(&folder, &to_kafka(&database.url(), &broker.brokers(), &topic)).await;
    stock(&program).await;
    let load = Load::start(vec![program.url.clone()], 4, Duration::from_millis(20));
    until("it publishes", || async { load.placed() > 50 && metric(&program, LAG).await == 0.0 }).await;
    let writer = elsewhere.client().await;
    let held = "BEGIN; SELECT pg_current_xact_id()";
    writer.batch_execute(held).await.expect("hold the horizon");
    let feed = Feed::open(&Target::new(database.url())).await.expect("open the feed");
    let mut position: Position = feed.now().await.expect("where it is");
    let (mut lags, mut told, began) = (Vec::new(), Vec::new(), Instant::now());
    let minutes = number("MINUTES", 10);
    while began.elapsed() < Duration::from_secs(60 * minutes) {
        let batch = feed.step(&position, 1_000, 1 << 20).await.expect("a step");
        let now: i64 = session
            .query_one("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", &[])
            .await
            .expect("the time")
            .get(0);
        lags.extend(batch.records.iter().map(|record| now - record.at.0));
        position = batch.position(&position, batch.records.len());
        told.push(metric(&program, LAG).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    writer.batch_execute("ROLLBACK").await.expect("end");
    let orders = load.judge(&session).await;
    let events = published(&session, broker, &topic, &program).await;
    lags.sort_unstable();
    told.sort_unstable_by(f64::total_cmp);
    let (p99, most) = (lags[lags.len() * 99 / 100], lags[lags.len() - 1]);
    let (relay, longest) = (told[told.len() * 99 / 100], told[told.len() - 1]);
    println!(
        "a writer elsewhere, {minutes} min: {orders} orders, {events} events; decided to read p99 {} ms, at most {} ms ({} \
         commits); the relay's lag p99 {:.0} ms, at most {:.0} ms ({} looks)",
        p99 / 1_000,
        most / 1_000,
        lags.len(),
        relay * 1_000.0,
        longest * 1_000.0,
        told.len()
    );
    // Behind the horizon both would be minutes. What else a relay waits for now and then is the broker.
    assert!(most < 1_000_000 && relay < 1.0, "a transaction elsewhere holds up what is published");
}

/// Of a process, in KiB.
fn memory(pid: u32, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("its memory");
    line.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse().expect("a number")
}

/// What was committed while nobody published, in ten transactions.
#[tokio::test]
#[ignore = "long: make soak"]
async fn a_backlog_is_published_in_bounded_memory() {
    if !kafka::is_there() {
        return;
    }
    let (database, broker) = (TestDatabase::new().await, Broker::shared());
    let (topic, session, folder) = (broker.topics().await, database.client().await, Folder::new());
    let rows = number("ROWS", 1_000_000);
    for part in 0..10 {
        let sql = format!(
            "WITH placed AS (
                INSERT INTO orders (order_id, commit_id, amount, created_at, updated_at, version, saga_version, plan, state,
                    stock, shipment, currency, client, customer_id, fingerprint, lines, details)
                SELECT 'B{part}-' || n, 1, 100, now(), now(), 1, 1, 0, 'CREATED', 'none', 'none', 'USD', 'shop', 'cus-7', '',
                    '[{{\"sku\":\"SKU-0001\",\"quantity\":1,\"unit_price\":100}}]', '{{\"payment_method\":\"pm_ok\"}}'
                FROM generate_series(1, {}) n
                RETURNING order_id)
            INSERT INTO order_events (order_id, first_version, at, events)
            SELECT order_id, 1, now(), '[{{\"type\":\"order.created\"}}]' FROM placed",
            rows / 10
        );
        session.batch_execute(&sql).await.expect("a backlog");
    }
    let program = serve(&folder, &to_kafka(&database.url(), &broker.brokers(), &topic)).await;
    let (pid, began) = (program.process.id(), Instant::now());
    let (first, count) = (memory(pid, "VmRSS"), rows / 10 * 10);
    let total = "counterfoil_outbox_published_total{sink=\"bus\"}";
    until("all of it is published", || async { metric(&program, total).await >= count as f64 }).await;
    let lasted = began.elapsed();
    let (last, most) = (memory(pid, "VmRSS"), memory(pid, "VmHWM"));
    let events = published(&session, broker, &topic, &program).await;
    println!(
        "a backlog of {events} commits: {:.0} a second; memory {} MiB at its begin, {} at its end, {} at most",
        count as f64 / lasted.as_secs_f64(),
        first >> 10,
        last >> 10,
        most >> 10
    );
    assert!(most < 512 << 10, "{most} KiB: what is read is not bounded");
}

/// The server comes back later than it remembers ids of messages, and whoever published is dead.
#[tokio::test]
#[ignore = "long: make soak"]
async fn nats_comes_back_later_than_its_window() {
    if !nats::is_there() {
        return;
    }
    let window = Duration::from_millis(500);
    let (database, mut server) = (TestDatabase::new().await, nats::Server::new());
    server.stream("orders", json!({"duplicate_window": window.as_nanos() as u64})).await;
    let (session, folders) = (database.client().await, [Folder::new(), Folder::new()]);
    let config = config(&database.url(), &format!("kind = \"nats\"\nurl = \"{}\"\nstream = \"orders\"", server.url()));
    let mut programs = [serve(&folders[0], &config).await, serve(&folders[1], &config).await];
    stock(&programs[0]).await;
    let load = Load::start(programs.iter().map(|program| program.url.clone()).collect(), 4, Duration::from_millis(10));
    let (rounds, began) = (kills(), Instant::now());
    for round in 0..rounds {
        let killed = publisher(&programs).await;
        let before = load.placed();
        until("orders go on", || async { load.placed() > before + 10 }).await;
        if round % 3 != 1 {
            server.kill();
        }
        if round % 3 != 2 {
            programs[killed].kill();
            load.listen(vec![programs[1 - killed].url.clone()]);
        }
        if round % 3 != 1 {
            tokio::time::sleep(2 * window).await; // that is what is shown: nothing rests on the window
            server.start_again();
        }
        if round % 3 != 2 {
            programs[killed] = serve(&folders[killed], &config).await;
            load.listen(programs.iter().map(|program| program.url.clone()).collect());
        }
    }
    let lasted = began.elapsed();
    let orders = load.judge(&session).await;
    let last = publisher(&programs).await;
    until("nothing waits", || async { metric(&programs[last], LAG).await == 0.0 }).await;
    let expected = committed(&session).await;
    let events: usize = expected.values().map(Vec::len).sum();
    until("all of it is there", || async { server.read("orders").await.len() >= events }).await;
    let mut seen = Ids::default();
    for message in server.read("orders").await {
        seen.records += 1;
        seen.ids.entry(message.header("ce-subject").to_owned()).or_default().push(message.header("ce-id").to_owned());
    }
    let events = judge(&expected, &seen);
    println!(
        "nats: {rounds} times whoever publishes, the server, or both, which came back behind its window, in {} s: {orders} \
         orders as clients were told, {events} events, none lost, doubled, foreign or out of order",
        lasted.as_secs()
    );
}

/// Everything around two engines breaks, two things at a time, for as long as is asked, from a seed that nobody chose.
#[tokio::test]
#[ignore = "long: make soak"]
async fn whatever_breaks_for_long_nothing_is_lost() {
    let report = crate::chaos::campaign(60 * number("MINUTES", 10), &["--silence-ms", "5000"]).await;
    assert_eq!(report["violations"], json!([]));
}
