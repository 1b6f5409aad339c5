//! Promise: what somebody else has locked stops the orders that need it, and no others. The other session is a plain
//! connection that locks rows or tables and keeps them, as a forgotten `psql` does; it lets go only after the neighbours
//! have their answers, so that none of them can have waited for it.

use std::sync::Arc;
use std::time::Duration;

use counterfoil::engine::api::Standing;
use counterfoil::engine::{Engine, Submission, SubmitError, SubmitResult, VerbCall, VerbRequest};
use counterfoil::participants::local::Local;
use counterfoil::ports::Store;
use counterfoil::saga::{Capture, Client, IdempotencyKey, OrderId};
use counterfoil::store::{PgStore, StoreSettings, Target};
use counterfoil::telemetry::Metrics;
use futures_util::future::join_all;
use tokio::task::JoinHandle;

use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, TestEngine, answer, order, request, settings, until};
use crate::support::fleet::{self, Asked, Participants, Setup, Site};

/// A session that holds what it locked until it is told to let go.
struct Locker(tokio_postgres::Client);

impl Locker {
    async fn of(database: &TestDatabase, sql: &str) -> Self {
        let client = database.client().await;
        client.batch_execute(&format!("BEGIN; {sql}")).await.expect(sql);
        Self(client)
    }

    async fn let_go(self) {
        self.0.batch_execute("ROLLBACK").await.expect("let go");
    }
}

fn sent(test: &TestEngine, submission: Submission) -> JoinHandle<SubmitResult> {
    let engine = test.engine.clone();
    tokio::spawn(async move { engine.submit(submission, PATIENCE).await })
}

fn of(id: String, skus: &[(&str, i64)]) -> Submission {
    order(&id, request(skus, "pm_ok"))
}

/// All of them completed.
async fn all_completed(handles: Vec<JoinHandle<SubmitResult>>) {
    for handle in handles {
        let (status, body, _) = answer(handle.await.expect("a submission"));
        assert_eq!(status, 201, "{body}");
    }
}

/// Completes these in two batches side by side: so each committer has its connection, with its statements, before a table is
/// locked against that. One alone might be the one that is not called next.
async fn both_write(test: &TestEngine, submissions: Vec<Submission>) {
    test.hold_up_commits();
    all_completed(submissions.into_iter().map(|submission| sent(test, submission)).collect()).await;
    let wrote = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT'";
    assert_eq!(test.count(wrote).await, 2, "committers");
}

#[tokio::test]
async fn a_locked_sku_stops_its_own_orders_and_no_others() {
    let test = TestEngine::new().await;
    let locker = Locker::of(&test.database, "SELECT FROM inventory WHERE sku = 'SKU-1' FOR UPDATE").await;
    // All meet in one batch, those of the locked SKU first; some need another SKU too, before or after it.
    test.hold_up_commits();
    let stuck: Vec<_> = (0..24)
        .map(|n| match n % 3 {
            0 => sent(&test, of(format!("L-{n}"), &[("SKU-1", 1)])),
            1 => sent(&test, of(format!("L-{n}"), &[("SKU-1", 1), ("SKU-3", 1)])),
            _ => sent(&test, of(format!("L-{n}"), &[("SKU-3", 1), ("SKU-1", 2)])),
        })
        .collect();
    let neighbours = (0..200).map(|n| sent(&test, of(format!("N-{n}"), &[("SKU-2", 1), ("SKU-3", 1)]))).collect();
    all_completed(neighbours).await;
    // Now that it is known nobody else runs into it: neither its own orders, nor those beside them.
    let waits = test.engine.metrics().lock_waits.get();
    let more: Vec<_> = (0..8).map(|n| sent(&test, of(format!("M-{n}"), &[("SKU-1", 1)]))).collect();
    all_completed((0..50).map(|n| sent(&test, of(format!("O-{n}"), &[("SKU-3", 1)]))).collect()).await;
    assert!(stuck.iter().chain(&more).all(|handle| !handle.is_finished()), "they need the locked row");
    assert_eq!(test.count("SELECT count(*) FROM orders WHERE order_id LIKE 'L-%' OR order_id LIKE 'M-%'").await, 0);
    assert!((1..=8).contains(&waits), "{waits} locks were waited for in vain: the batch was not asked but halved");
    locker.let_go().await;
    all_completed(stuck).await;
    all_completed(more).await;
    assert_eq!(test.on_hand("SKU-1").await, (1_000_000 - 40, 0));
    test.audit().await;
}

/// While a row stays locked those who need it are told so; nothing of them is stored.
#[tokio::test]
async fn what_stays_locked_is_told_and_nothing_is_stored() {
    let database = TestDatabase::new().await;
    let mut target = Target::new(database.url());
    target.statement_timeout = Duration::from_secs(2);
    let metrics = Metrics::new(settings().shards);
    let opened = StoreSettings { target, committers: 2, pool_size: 4 };
    let store = PgStore::open(opened, Arc::default(), Arc::clone(&metrics)).await.expect("open the store");
    let local = Arc::new(Local { test_tokens: true, ..Local::default() });
    let engine = Engine::builder(Arc::clone(&store) as Arc<dyn Store>, local, store.clock()).settings(settings());
    let engine = engine.metrics(metrics).start().expect("start");
    let insert = "INSERT INTO inventory VALUES ('SKU-1', 10), ('SKU-2', 10);
                  INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('SKU-1', 10, 'x', 'x'), ('SKU-2', 10, 'x', 'x')";
    database.client().await.batch_execute(insert).await.unwrap();
    let locker = Locker::of(&database, "SELECT FROM inventory WHERE sku = 'SKU-1' FOR UPDATE").await;
    let locked = join_all((0..3).map(|n| engine.submit(of(format!("L-{n}"), &[("SKU-1", 1)]), PATIENCE))).await;
    for verdict in locked {
        let Err(SubmitError::Locked { what }) = &verdict else { panic!("{verdict:?}") };
        assert_eq!(what, "the inventory row of SKU-1");
    }
    let client = database.client().await;
    assert_eq!(client.query_one("SELECT count(*) FROM orders", &[]).await.unwrap().get::<_, i64>(0), 0);
    locker.let_go().await;
    let (status, ..) = answer(engine.submit(of("L-0".into(), &[("SKU-1", 1)]), PATIENCE).await);
    assert_eq!(status, 201, "a repeat of what was refused is processed");
    engine.shutdown(PATIENCE).await;
    store.close(PATIENCE);
}

#[tokio::test]
async fn a_locked_table_is_one_fact_and_everybody_gets_through_after_it() {
    let test = TestEngine::new().await;
    both_write(&test, (0..40).map(|n| of(format!("FIRST-{n}"), &[("SKU-1", 1)])).collect()).await;
    for (table, mode) in [("payments", "SHARE"), ("orders", "SHARE"), ("order_events", "ACCESS EXCLUSIVE")] {
        let before = test.engine.metrics().lock_waits.get();
        let locker = Locker::of(&test.database, &format!("LOCK TABLE {table} IN {mode} MODE")).await;
        let sent: Vec<_> = (0..100).map(|n| sent(&test, of(format!("{table}-{n}"), &[("SKU-1", 1)]))).collect();
        // Somebody waits in the queue for the table itself: the first of those who know, or those who came to know at once.
        let queued = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'RowExclusiveLock'
                      AND relation = '%'::regclass"
            .replace('%', table);
        until("a lane waits for the table", async || {
            test.count(&format!(
                "{queued} AND pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE 'LOCK TABLE%')"
            ))
            .await
                >= 1
        })
        .await;
        assert!(sent.iter().all(|handle| !handle.is_finished()));
        locker.let_go().await;
        all_completed(sent).await;
        let waits = test.engine.metrics().lock_waits.get() - before;
        assert!(waits <= 8, "{waits} locks were waited for in vain over {table}");
    }
    test.audit().await;
}

/// A batch writes new orders with their payments by one statement, where there are any.
#[tokio::test]
async fn orders_that_pay_later_wait_for_nobody_who_has_payments_locked() {
    let participants = Participants::start().await;
    // One, which has its statements before the table is locked: one with a new connection could prepare nothing for it.
    let site = Site::new(&participants.program.url, Setup { committers: 1, ..Setup::USUAL }).await;
    let engine = site.engine().await;
    let client = engine.client();
    let place = async |prefix: &str| {
        join_all((0..20).map(async |n| {
            let asked = Asked::submit(fleet::order(&format!("{prefix}-{n}"), "pm_ok", "1", false)).async_();
            assert_eq!(asked.send(&client).await.status, 202);
        }))
        .await;
    };
    place("FIRST").await;
    site.until_ended(20).await;
    let locker = Locker::of(&site.database, "LOCK TABLE payments IN SHARE MODE").await;
    place("SECOND").await;
    fleet::until("their stock is reserved", async || participants.effects("SECOND", "reserve") == 20).await;
    locker.let_go().await;
    site.until_ended(40).await;
    site.judge(&participants).await;
}

/// A committer that comes to a locked table with a new connection can prepare nothing for it.
#[tokio::test]
async fn an_engine_that_starts_under_a_locked_table_waits_for_it() {
    let test = TestEngine::new().await;
    let locker = Locker::of(&test.database, "LOCK TABLE payments IN SHARE MODE").await;
    let sent: Vec<_> = (0..20).map(|n| sent(&test, of(format!("T-{n}"), &[("SKU-1", 1)]))).collect();
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'payments'::regclass";
    until("a committer waits for the table", async || test.count(waits).await > 0).await;
    locker.let_go().await;
    all_completed(sent).await;
}

fn capture(id: &str) -> VerbCall {
    VerbCall {
        order_id: OrderId::trusted(id),
        by: Client::anonymous(),
        standing: Standing::Client,
        key: Some(IdempotencyKey::trusted("capture")),
        version: None,
        reason: "as asked".into(),
        request: VerbRequest::Capture { amount: None },
    }
}

#[tokio::test]
async fn a_locked_row_of_an_order_stops_that_order_alone() {
    let test = TestEngine::new().await;
    for table in ["orders", "payments", "order_work"] {
        for n in 0..40 {
            let mut manual = request(&[("SKU-1", 1)], "pm_ok");
            manual.details.capture = Capture::Manual;
            answer(test.submit(order(&format!("{table}-{n}"), manual)).await);
        }
        let sql = format!("SELECT FROM {table} WHERE order_id = '{table}-7' FOR UPDATE");
        let locker = Locker::of(&test.database, &sql).await;
        test.hold_up_commits();
        let mut captures: Vec<_> = (0..40)
            .map(|n| {
                let (engine, call) = (test.engine.clone(), capture(&format!("{table}-{n}")));
                tokio::spawn(async move { engine.verb(call, PATIENCE).await })
            })
            .collect();
        let stuck = captures.remove(7);
        all_completed(captures).await;
        assert!(!stuck.is_finished(), "it needs the locked row of {table}");
        locker.let_go().await;
        all_completed(vec![stuck]).await;
    }
    test.audit().await;
}

/// Whether another engine lives, which would have to be told, is asked of `nodes` by what an order writes after it was placed:
/// that alone waits where somebody has the table locked against readers, as one fact.
#[tokio::test]
async fn locked_nodes_stop_the_news_of_orders_that_were_placed_before_and_no_others() {
    let test = TestEngine::new().await;
    let held = |id: String| {
        let mut manual = request(&[("SKU-1", 1)], "pm_ok");
        manual.details.capture = Capture::Manual;
        order(&id, manual)
    };
    both_write(&test, (0..40).map(|n| held(format!("H-{n}"))).collect()).await;
    let before = test.engine.metrics().lock_waits.get();
    let locker = Locker::of(&test.database, "LOCK TABLE nodes IN ACCESS EXCLUSIVE MODE").await;
    test.hold_up_commits();
    let captures: Vec<_> = (0..40)
        .map(|n| {
            let (engine, call) = (test.engine.clone(), capture(&format!("H-{n}")));
            tokio::spawn(async move { engine.verb(call, PATIENCE).await })
        })
        .collect();
    // In one batch with them, and behind it.
    all_completed((0..40).map(|n| sent(&test, of(format!("N-{n}"), &[("SKU-1", 1)]))).collect()).await;
    all_completed((0..40).map(|n| sent(&test, of(format!("O-{n}"), &[("SKU-1", 1)]))).collect()).await;
    let queued = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock'
        AND relation = 'nodes'::regclass AND pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE 'LOCK TABLE%')";
    until("a lane waits for the table", async || test.count(queued).await == 1).await;
    assert!(captures.iter().all(|handle| !handle.is_finished()), "whom to tell is not known");
    locker.let_go().await;
    all_completed(captures).await;
    let waits = test.engine.metrics().lock_waits.get() - before;
    assert!(waits <= 8, "{waits} locks were waited for in vain over nodes");
    // Who reads beside it is in nobody's way.
    let reader = Locker::of(&test.database, "LOCK TABLE nodes IN SHARE MODE").await;
    answer(test.submit(held("R-1".into())).await);
    answer(test.engine.verb(capture("R-1"), PATIENCE).await);
    reader.let_go().await;
    test.audit().await;
}

/// What another transaction is about to place is seen by nobody, and so cannot be asked for: it is searched.
#[tokio::test]
async fn an_order_that_another_transaction_is_about_to_place_stops_that_order_alone() {
    let test = TestEngine::new().await;
    answer(test.submit(of("SEED".into(), &[("SKU-1", 1)])).await);
    let place = "CREATE TEMPORARY TABLE seed ON COMMIT DROP AS SELECT * FROM orders;
                 UPDATE seed SET order_id = 'X-33'; INSERT INTO orders SELECT * FROM seed";
    let locker = Locker::of(&test.database, place).await;
    test.hold_up_commits();
    let mut sent: Vec<_> = (0..100).map(|n| sent(&test, of(format!("X-{n}"), &[("SKU-2", 1)]))).collect();
    let stuck = sent.remove(33);
    all_completed(sent).await;
    assert!(!stuck.is_finished());
    locker.let_go().await;
    all_completed(vec![stuck]).await;
    test.audit().await;
}

/// A row that is waited for behind another one is not held meanwhile.
#[tokio::test]
async fn who_waits_for_one_row_holds_no_other() {
    let test = TestEngine::new().await;
    let locker = Locker::of(&test.database, "SELECT FROM inventory WHERE sku = 'SKU-2' FOR UPDATE").await;
    let stuck = vec![sent(&test, of("BOTH".into(), &[("SKU-1", 1), ("SKU-2", 1)]))];
    let waits =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR NO KEY UPDATE'
                 AND datname = current_database()";
    until("it waits in the queue of the row", async || test.count(waits).await == 1).await;
    all_completed((0..50).map(|n| sent(&test, of(format!("ONE-{n}"), &[("SKU-1", 1)]))).collect()).await;
    let held = test.database.client().await;
    held.batch_execute("BEGIN; SELECT FROM inventory WHERE sku = 'SKU-1' FOR UPDATE NOWAIT; ROLLBACK")
        .await
        .expect("free");
    locker.let_go().await;
    all_completed(stuck).await;
    test.audit().await;
}

/// What was locked a moment ago and is free again is not waited for behind what else an order needs.
#[tokio::test]
async fn what_is_free_again_is_waited_for_by_nobody() {
    let test = TestEngine::new().await;
    let one = Locker::of(&test.database, "SELECT FROM inventory WHERE sku = 'SKU-1' FOR UPDATE").await;
    let other = Locker::of(&test.database, "SELECT FROM inventory WHERE sku = 'SKU-2' FOR UPDATE").await;
    let lanes =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR NO KEY UPDATE'
                 AND datname = current_database()";
    let first = sent(&test, of("FIRST".into(), &[("SKU-1", 1)]));
    let both: Vec<_> = (0..5).map(|n| sent(&test, of(format!("BOTH-{n}"), &[("SKU-1", 1), ("SKU-2", 1)]))).collect();
    until("somebody waits for the first row", async || test.count(lanes).await > 0).await;
    let ones: Vec<_> = (0..20).map(|n| sent(&test, of(format!("ONE-{n}"), &[("SKU-1", 1)]))).collect();
    one.let_go().await;
    all_completed(vec![first]).await;
    all_completed(ones).await;
    all_completed((0..20).map(|n| sent(&test, of(format!("LATE-{n}"), &[("SKU-1", 1)]))).collect()).await;
    assert!(both.iter().all(|handle| !handle.is_finished()), "they need the row that is still locked");
    other.let_go().await;
    all_completed(both).await;
    test.audit().await;
}

/// An operator calls an order off without a key, and its owner, who comes later with one, hears that it is too late.
#[tokio::test]
async fn an_operators_cancel_beside_a_clients_is_no_offence() {
    let test = TestEngine::new().await;
    let mut manual = request(&[("SKU-1", 1)], "pm_ok");
    manual.details.capture = Capture::Manual;
    answer(test.submit(order("A-1", manual)).await);
    let by = |name: &str, standing, key: Option<&str>| VerbCall {
        by: Client::trusted(name),
        standing,
        key: key.map(IdempotencyKey::trusted),
        request: VerbRequest::Cancel,
        ..capture("A-1")
    };
    let done = test.engine.verb(by("ops", Standing::Operator, None), PATIENCE).await;
    assert_eq!(answer(done).0, 201);
    let late = test.engine.verb(by("anonymous", Standing::Client, Some("late")), PATIENCE).await;
    assert_eq!(answer(late).0, 409);
    test.audit().await;
}
