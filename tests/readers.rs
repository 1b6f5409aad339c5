//! Promise: whoever reads, and however much, the engine goes on and says that it does; and a long history is told in pages.
//! Over HTTP, with the built program.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::live::Live;
use crate::support::program::{Folder, Program, body, post, send};

async fn serve(folder: &Folder, database: &TestDatabase) -> Program {
    let config = format!("database.url = \"{}\"\ndatabase.pool_size = 4\nfaults.enabled = true\n", database.url());
    let serve = Program::serve(folder, &config).await;
    serve.until_ready().await;
    let stock = json!({"on_hand": 1_000}).to_string();
    let headers = [("content-type", "application/json")];
    assert_eq!(send(&serve.client(), "PUT", "/inventory/S", &headers, stock).await.expect("an answer").status, 201);
    assert_eq!(post(&serve.client(), &body("A", "S"), &[]).await.status, 201);
    serve
}

/// 48 readers of an order and of its history, each of whom waits for a lock, over and over: the heartbeat goes on, and so
/// the engine stays ready.
#[tokio::test]
async fn readers_that_hold_every_connection_stop_no_heartbeat() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let serve = serve(&folder, &database).await;
    let (locker, eyes) = (database.client().await, database.client().await);
    locker.batch_execute("BEGIN; LOCK TABLE orders, order_events IN ACCESS EXCLUSIVE MODE").await.expect("lock");
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..48)
        .map(|n| {
            let (client, over) = (serve.client(), Arc::clone(&over));
            let path = if n % 2 == 0 { "/orders/A" } else { "/orders/A/events" };
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let status = client.get(path).await.expect("an answer").status;
                    assert!(status == 503 || status == 200, "{status}"); // 200 once nothing is locked any more
                }
            })
        })
        .collect();
    let held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("the readers hold what there is", || async {
        eyes.query_one(held, &[]).await.expect(held).get::<_, i64>(0) >= 4
    })
    .await;
    let (client, ended) = (serve.client(), Arc::clone(&over));
    let asks = tokio::spawn(async move {
        let mut told = std::collections::BTreeSet::new();
        while !ended.load(Ordering::Relaxed) {
            told.insert(client.get("/readyz").await.expect("an answer").status);
            tokio::task::yield_now().await;
        }
        told
    });
    // Four beats are more than an engine may miss.
    for _ in 0..4 {
        let sql = "SELECT max(heartbeat_at)::text FROM nodes";
        let before: String = eyes.query_one(sql, &[]).await.expect(sql).get(0);
        until("the heart beats", || async { eyes.query_one(sql, &[]).await.expect(sql).get::<_, String>(0) > before })
            .await;
    }
    over.store(true, Ordering::Relaxed);
    locker.batch_execute("ROLLBACK").await.expect("unlock");
    assert_eq!(asks.await.expect("a task").into_iter().collect::<Vec<_>>(), [200], "what /readyz said, all the while");
    for reader in readers {
        reader.await.expect("a reader");
    }
    let verbose: Value = serve.client().get("/readyz?verbose").await.expect("an answer").json().expect("JSON");
    assert_eq!(verbose["checks"]["listings"], true);
}

/// An order of 2,500 events, some of them several a commit.
#[tokio::test]
async fn a_long_history_is_told_in_pages() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let serve = serve(&folder, &database).await;
    let client = serve.client();
    let short = client.get("/orders/A/events").await.expect("an answer");
    assert!(short.header("link").is_none());
    let begin = short.json::<Vec<Value>>().expect("JSON").len();
    let more = format!(
        r#"INSERT INTO order_events (order_id, first_version, at, events)
           SELECT 'A', {begin} + 1 + n * 5, now(), '[{{"type":"a","n":0}},{{"type":"a","n":1}},{{"type":"a","n":2}},{{"type":"a","n":3}},{{"type":"a","n":4}}]'
           FROM generate_series(0, 499) n;
           UPDATE orders SET version = {begin} + 2500 WHERE order_id = 'A'"#
    );
    database.client().await.batch_execute(&more).await.expect("a long history");
    let all = 2_500 + begin;
    for limit in ["", "?limit=1000", "?limit=7"] {
        let (mut path, mut versions, mut pages) = (format!("/orders/A/events{limit}"), Vec::new(), 0);
        loop {
            let answer = client.get(&path).await.expect("an answer");
            assert_eq!(answer.status, 200);
            let page: Vec<Value> = answer.json().expect("JSON");
            let most = if limit == "?limit=7" { 7 } else { 1_000 };
            assert!(!page.is_empty() && page.len() <= most, "{path}: {}", page.len());
            versions.extend(page.iter().map(|event| event["version"].as_u64().expect("a version")));
            pages += 1;
            let Some(link) = answer.header("link") else { break };
            path = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).expect(link).to_owned();
        }
        assert_eq!(versions, (1..=u64::try_from(all).unwrap()).collect::<Vec<_>>(), "{limit}");
        assert!(pages > 2);
    }
    // Live, it is read in pages, too.
    let mut live = Live::open(&serve.url, "A", None).await;
    live.until(i64::try_from(all).expect("a version")).await;
    assert_eq!(live.versions(), (1..=all).collect::<Vec<_>>());
    assert_eq!(client.get("/orders/A/events?cursor=99999").await.expect("an answer").status, 400);
    let mut show = Command::new(env!("CARGO_BIN_EXE_counterfoil"));
    show.args(["orders", "--json", "--target", &serve.url, "show", "A"]).env_remove("COUNTERFOIL_TOKEN");
    let shown = tokio::task::spawn_blocking(move || show.output()).await.expect("a task").expect("run orders show");
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(shown["events"].as_array().map(Vec::len), Some(all));
}

/// A listing of one's own, over HTTP: a cursor is for the listing that it came with, and leads nowhere else.
#[tokio::test]
async fn a_cursor_is_for_its_own_listing() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let serve = serve(&folder, &database).await;
    let client = serve.client();
    for id in ["B", "C"] {
        assert_eq!(post(&client, &body(id, "S"), &[]).await.status, 201);
    }
    let page = async |query: &str| client.get(&format!("/orders?{query}")).await.expect("an answer");
    let first: Value = page("limit=2").await.json().expect("JSON");
    let cursor = first["next_cursor"].as_str().expect("more").to_owned();
    let rest: Value = page(&format!("limit=2&cursor={cursor}")).await.json().expect("JSON");
    assert_eq!((rest["orders"].as_array().map(Vec::len), &rest["next_cursor"]), (Some(1), &Value::Null));
    let customer = rest["orders"][0]["customer_id"].as_str().expect("a customer").to_owned();
    let wrong = page(&format!("customer_id={customer}&cursor={cursor}")).await;
    assert_eq!((wrong.status, wrong.problem_code().as_deref()), (400, Some("invalid_request")));
    let own: Value = page(&format!("customer_id={customer}&limit=1")).await.json().expect("JSON");
    let cursor = own["next_cursor"].as_str().expect("more");
    assert_eq!(page(&format!("customer_id={customer}&limit=1&cursor={cursor}")).await.status, 200);
}
