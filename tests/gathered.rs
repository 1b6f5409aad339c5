//! Promise: orders that are read together are read as each would be alone, none before it was asked for, and none has to wait
//! for another that cannot be read.

use std::sync::Arc;
use std::time::Duration;

use counterfoil::ports::{Reads, StoreError, StoredOrder};
use counterfoil::saga::OrderId;
use counterfoil::store::PgStore;
use futures_util::future::join_all;
use tokio_postgres::Client as Session;

use crate::support::database::TestDatabase;
use crate::support::engine::{TestEngine, answer, open_store, settings, simple, until};

type Heard = Result<Option<StoredOrder>, StoreError>;

async fn load(store: &PgStore, id: &str) -> Heard {
    store.load(OrderId::trusted(id)).await
}

/// A database with the orders `O-0` to `O-9`.
async fn ten_orders() -> TestDatabase {
    let test = TestEngine::on(TestDatabase::new().await, settings()).await;
    test.stock("SKU-1", 1_000).await;
    for n in 0..10 {
        assert_eq!(answer(test.submit(simple(&format!("O-{n}"))).await).0, 201);
    }
    test.stop().await
}

/// Has whoever opens a connection from now on find this instead of the orders.
async fn orders_are(session: &Session, view: &str) {
    let sql = format!(
        "ALTER TABLE orders RENAME TO real_orders; CREATE VIEW orders AS SELECT * FROM real_orders WHERE {view}"
    );
    session.batch_execute(&sql).await.expect("a view of the orders");
}

/// How many questions of others stand still.
async fn asleep(session: &Session) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'PgSleep' AND pid <> pg_backend_pid()";
    session.query_one(sql, &[]).await.expect(sql).get(0)
}

/// Hundreds at once, some twice, some that there are not, and one whose row this program cannot have written.
#[tokio::test]
async fn orders_that_are_read_together_are_read_as_alone() {
    let database = ten_orders().await;
    let eyes = database.client().await;
    eyes.batch_execute("UPDATE orders SET lines = 'nonsense' WHERE order_id = 'O-3'").await.expect("spoil one");
    let store = open_store(&database.url(), 1).await;
    let ids: Vec<String> = (0..400).map(|n| format!("O-{}", n % 13)).collect();
    let mut alone = Vec::new();
    for id in &ids[..13] {
        alone.push(load(&store, id).await);
    }
    let together = join_all(ids.iter().map(|id| load(&store, id))).await;
    for (n, heard) in together.iter().enumerate() {
        assert_eq!(*heard, alone[n % 13], "{}", ids[n]);
        match n % 13 {
            3 => assert!(matches!(heard, Err(StoreError::Corrupt(what)) if what.contains("O-3")), "{heard:?}"),
            0..=9 => assert_eq!(heard.as_ref().map(|order| order.as_ref().map(|one| one.order.version)), Ok(Some(5))),
            _ => assert_eq!(*heard, Ok(None)),
        }
    }
    store.close(Duration::ZERO);
}

/// PostgreSQL itself refuses to read one of them, and says not which: a calculation that fails, a page that is broken, a
/// statement that is given up.
#[tokio::test]
async fn an_order_that_cannot_be_read_spoils_no_other_s_answer() {
    let database = ten_orders().await;
    let eyes = database.client().await;
    let refuse = "CREATE TABLE refused (code text NOT NULL);
        CREATE FUNCTION refuse() RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'it cannot be read' USING ERRCODE = (SELECT code FROM refused);
        END $$";
    eyes.batch_execute(refuse).await.expect(refuse);
    orders_are(&eyes, "CASE WHEN order_id = 'O-3' THEN refuse() ELSE true END").await;
    let store = open_store(&database.url(), 1).await;
    for code in ["22012", "XX001", "57014"] {
        eyes.batch_execute(&format!("DELETE FROM refused; INSERT INTO refused VALUES ('{code}')")).await.expect(code);
        let heard = join_all((0..40).map(|n| load(&store, ["O-3", "O-4", "O-5", "X"][n % 4]))).await;
        for (n, heard) in heard.into_iter().enumerate() {
            match n % 4 {
                0 => assert!(heard.is_err(), "{code}: {heard:?}"),
                3 => assert_eq!(heard, Ok(None), "{code}"),
                _ => assert!(matches!(heard, Ok(Some(_))), "{code}: {heard:?}"),
            }
        }
    }
    store.close(Duration::ZERO);
}

/// The session of a group is ended by an operator while it reads: its orders are asked for again.
#[tokio::test]
async fn a_group_whose_connection_is_lost_is_asked_for_again() {
    let database = ten_orders().await;
    let (eyes, gate) = (database.client().await, database.client().await);
    let store = open_store(&database.url(), 1).await;
    gate.batch_execute("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await.expect("lock");
    let reading = tokio::spawn({
        let store = Arc::clone(&store);
        async move { join_all((0..40).map(|n| load(&store, ["O-4", "O-5", "X"][n % 3]))).await }
    });
    let waits = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%l.*%'";
    until("a group waits", || async { eyes.query_one(waits, &[]).await.expect(waits).get::<_, i64>(0) > 0 }).await;
    let end = waits.replace("count(*)", "pg_terminate_backend(pid)");
    assert!(!eyes.query(&end, &[]).await.expect("end its session").is_empty());
    gate.batch_execute("ROLLBACK").await.expect("let go");
    for (n, heard) in reading.await.expect("a task").into_iter().enumerate() {
        assert_eq!(heard.map(|order| order.is_some()), Ok(n % 3 != 2));
    }
    store.close(Duration::ZERO);
}

/// Thousands that are asked for at once take a few questions.
#[tokio::test]
async fn orders_that_are_asked_for_at_once_go_together() {
    let database = ten_orders().await;
    let eyes = database.client().await;
    let questions = async || {
        let sql = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        eyes.query_one(sql, &[]).await.expect(sql).get::<_, i64>(0)
    };
    let store = open_store(&database.url(), 1).await;
    assert!(load(&store, "O-1").await.is_ok());
    let before = questions().await;
    let ids: Vec<String> = (0..2_000).map(|n| format!("O-{}", n % 10)).collect();
    let heard = join_all(ids.iter().map(|id| load(&store, id))).await;
    assert!(heard.iter().all(|heard| matches!(heard, Ok(Some(_)))));
    store.close(Duration::ZERO);
    drop(store);
    let others = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    // A session tells what it did at its end.
    until("its sessions have ended", || async {
        eyes.query_one(others, &[]).await.expect(others).get::<_, i64>(0) == 0
    })
    .await;
    let asked = questions().await - before;
    assert!(asked < 500, "{asked} transactions for 2,000 orders");
}

/// More groups than are sent side by side meet a server that stands still: the next one is sent all the same. Whoever waits for
/// them leaves, and PostgreSQL is told to stop.
#[tokio::test]
async fn a_group_that_stands_still_holds_up_no_other() {
    let database = ten_orders().await;
    let eyes = database.client().await;
    orders_are(&eyes, "CASE WHEN order_id = 'O-3' THEN pg_sleep(600) IS NULL ELSE true END").await;
    let store = open_store(&database.url(), 1).await; // four connections
    let mut stand_still = Vec::new();
    for sent in 1..=3 {
        let store = Arc::clone(&store);
        stand_still.push(tokio::spawn(async move { load(&store, "O-3").await }));
        until("it is sent", || async { asleep(&eyes).await == sent }).await;
    }
    let heard = join_all((0..100).map(|n| load(&store, ["O-4", "O-5"][n % 2]))).await;
    assert!(heard.iter().all(|heard| matches!(heard, Ok(Some(_)))), "{heard:?}");
    stand_still.into_iter().for_each(|waiting| waiting.abort());
    until("they are left", || async { asleep(&eyes).await == 0 }).await;
    store.close(Duration::ZERO);
}

/// An order that was acknowledged is there for whoever asks afterwards, however many ask for it and others at that moment.
#[tokio::test]
async fn nothing_is_read_before_it_was_asked_for() {
    let test = TestEngine::on(TestDatabase::new().await, settings()).await;
    test.stock("SKU-1", 1_000).await;
    let readers = async |stop: tokio::sync::watch::Receiver<bool>| {
        while !*stop.borrow() {
            assert!(load(&test.store, "O-0").await.is_ok());
        }
    };
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let orders = async {
        for n in 0..200 {
            let id = format!("O-{n}");
            assert_eq!(answer(test.submit(simple(&id)).await).0, 201);
            assert!(matches!(load(&test.store, &id).await, Ok(Some(_))), "{id} was acknowledged, and is not there");
        }
        stop.send_replace(true);
    };
    futures_util::future::join(orders, join_all((0..32).map(|_| readers(stopped.clone())))).await;
    test.stop().await;
}

/// The runtime that groups run in has ended: who asks is told so, whenever that was, and nobody waits for ever.
#[test]
fn who_asks_a_store_whose_runtime_has_ended_is_told() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (here, there) = (runtime(), runtime());
    let (database, store) = there.block_on(async {
        let database = ten_orders().await;
        let store = open_store(&database.url(), 1).await;
        assert!(matches!(load(&store, "O-1").await, Ok(Some(_))));
        (database, store)
    });
    there.shutdown_background();
    here.block_on(async {
        for _ in 0..5 {
            let heard = tokio::time::timeout(Duration::from_secs(20), load(&store, "O-1")).await;
            assert!(matches!(heard, Ok(Err(StoreError::Unavailable(_)))), "{heard:?}");
        }
        store.close(Duration::ZERO);
        drop((store, database));
    });
}
