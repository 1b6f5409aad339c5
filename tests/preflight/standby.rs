//! A hot standby may be asked in the primary's place, and what it replays meanwhile is let pass.

use serde_json::{Value, json};
use tokio_postgres::Client;

use super::{asked_by, named, run};
use crate::moving_database::{Pair, config, connect, put};
use crate::support::fleet::until;
use crate::support::program::{Folder, Program, body, post};

/// More than are read at once.
const ORDERS: usize = 120;

/// A primary with orders, and a standby that has them; what it replays waits for nobody.
async fn pair() -> Pair {
    let pair = Pair::with(&[("max_standby_streaming_delay", "0")]).await;
    let folder = Folder::new();
    let serve = Program::serve(&folder, &config(&pair.old.database_url("postgres"))).await;
    serve.until_ready().await;
    assert_eq!(put(&serve.client(), "S").await, 201);
    for number in 0..ORDERS {
        assert_eq!(post(&serve.client(), &body(&format!("O-{number}"), "S"), &[]).await.status, 201);
    }
    drop(serve);
    pair.until_caught_up().await;
    pair
}

#[tokio::test]
async fn a_standby_says_what_its_primary_would() {
    let pair = pair().await;
    let url = pair.new.database_url("postgres");
    let said = || {
        let told = run(&["--json", "--database-url", &url]);
        let report: Value = serde_json::from_slice(&told.stdout).unwrap_or_else(|error| panic!("{error}: {told:?}"));
        let named = report["offenders"][0]["order_id"].clone();
        (told.status.code(), report["orders"]["compared"].clone(), report["broken"].clone(), named)
    };
    assert_eq!(said(), (Some(0), json!(ORDERS), json!(0), Value::Null));
    let wrong = "UPDATE orders SET state = 'CREATED' WHERE order_id = 'O-7'";
    connect(&pair.old).await.batch_execute(wrong).await.expect("corrupt it at the primary");
    pair.until_caught_up().await;
    assert_eq!(said(), (Some(1), json!(ORDERS), json!(1), json!("O-7")));
}

/// Who changes tables at the primary has them at the standby at once: a preflight that looks at one is sent away there,
/// and comes again.
#[tokio::test]
async fn what_a_standby_replays_is_let_pass() {
    let pair = pair().await;
    let (first, second) = (connect(&pair.old).await, connect(&pair.old).await);
    let watcher = connect(&pair.new).await;
    // The standby hears of a lock with the next commit.
    let other = connect(&pair.old).await;
    let hold = async |holder: &Client, table: &str| {
        holder.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await.expect("hold it");
        other.batch_execute("SELECT pg_logical_emit_message(true, 'a', 'commit')").await.expect("commit");
    };
    let let_go = async |holder: &Client| holder.batch_execute("COMMIT").await.expect("let go");
    let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock')";
    let waits = async || watcher.query_one(waits, &[]).await.expect("who waits").get::<_, bool>(0);
    // A lock may run out just then, and be the one to send it away: then once more.
    let conflicts = "SELECT confl_lock > 0 FROM pg_stat_database_conflicts WHERE datname = current_database()";
    let mut met = false;
    while !met {
        hold(&first, "order_events").await;
        pair.until_caught_up().await;
        let look = async {
            let mut client = connect(&pair.new).await;
            asked_by(&mut client).await
        };
        let replay = async {
            // It has read a page of orders, and waits for their events.
            until("it waits for the table", waits).await;
            hold(&second, "orders").await;
            until("it lets go", async || !waits().await).await;
            let_go(&second).await;
            let_go(&first).await;
        };
        let (report, ()) = tokio::join!(look, replay);
        assert!(report.ok && named(&report).is_empty(), "{report:#?}");
        assert_eq!(report.orders.compared, ORDERS as u64);
        // Told when a session ends.
        let others = "SELECT count(*) = 0 FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
        until("it has ended", async || watcher.query_one(others, &[]).await.expect("who is there").get(0)).await;
        met = watcher.query_one(conflicts, &[]).await.expect("conflicts").get(0);
    }
}
