//! Promise: what a participant tells by webhook is kept once, leads to a look at its order, and harms nothing however
//! late, doubled or early it comes.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use counterfoil::limits;
use counterfoil::ports::Store;
use counterfoil::saga::{Capture, OrderId};
use counterfoil::signature::Secret;
use counterfoil::store::PgStore;
use serde_json::json;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, TestEngine, answer, open_store, order, request};
use crate::support::program::{Folder, Program, send};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A database with an order that waits for its capture and one that has ended, and nobody who drives them.
async fn two_orders() -> (TestDatabase, Arc<PgStore>) {
    let test = TestEngine::new().await;
    let mut authorised = request(&[("SKU-1", 1)], "pm_ok");
    authorised.details.capture = Capture::Manual;
    answer(test.submit(order("WAITS", authorised)).await);
    answer(test.submit(order("ENDED", request(&[("SKU-1", 1)], "pm_ok"))).await);
    let database = test.stop().await;
    let store = open_store(&database.url(), 1).await;
    (database, store)
}

async fn count(database: &TestDatabase, sql: &str) -> i64 {
    database.client().await.query_one(sql, &[]).await.expect(sql).get(0)
}

async fn receive(store: &PgStore, id: &str, about: &str) -> bool {
    store.receive_webhook("payment".into(), id.to_owned(), Some(OrderId::trusted(about))).await.expect("receive")
}

const HANDLED: &str = "SELECT count(*) FROM webhook_inbox WHERE handled_at IS NOT NULL";
const DUE: &str = "SELECT count(*) FROM order_work WHERE look AND wake_at <= clock_timestamp()";

#[tokio::test]
async fn a_webhook_wakes_its_order_once() {
    let (database, store) = two_orders().await;
    assert_eq!(count(&database, DUE).await, 0);
    assert!(receive(&store, "m1", "WAITS").await);
    assert_eq!(count(&database, DUE).await, 1);
    assert_eq!(count(&database, HANDLED).await, 1);
    database.client().await.execute("UPDATE order_work SET look = false", &[]).await.unwrap();
    assert!(!receive(&store, "m1", "WAITS").await, "a repeat is known");
    assert_eq!(count(&database, DUE).await, 0, "and is not handled again");
    assert!(receive(&store, "m2", "ENDED").await);
    assert!(store.receive_webhook("payment".into(), "m3".into(), None).await.unwrap());
    assert!(
        store.receive_webhook("shipment".into(), "m1".into(), None).await.unwrap(),
        "each participant has its own ids"
    );
    assert_eq!(count(&database, HANDLED).await, 4, "nothing is to be done about the others");
    store.close(PATIENCE);
}

#[tokio::test]
async fn a_lease_that_has_not_ended_stands() {
    let (database, store) = two_orders().await;
    let client = database.client().await;
    let lease = "UPDATE order_work
                 SET owner = gen_random_uuid(), wake_at = clock_timestamp() + $1::bigint * interval '1 second'";
    client.execute(lease, &[&60_i64]).await.unwrap();
    assert!(receive(&store, "m1", "WAITS").await);
    assert_eq!(count(&database, DUE).await, 0);
    assert_eq!(count(&database, "SELECT count(*) FROM order_work WHERE look").await, 1);
    client.execute(lease, &[&-1_i64]).await.unwrap();
    assert!(receive(&store, "m2", "WAITS").await);
    assert_eq!(count(&database, DUE).await, 1);
    store.close(PATIENCE);
}

#[tokio::test]
async fn a_webhook_that_comes_first_waits_for_its_order() {
    let (database, store) = two_orders().await;
    let client = database.client().await;
    client.batch_execute("CREATE TABLE hidden AS SELECT * FROM orders; DELETE FROM orders").await.unwrap();
    client.batch_execute("CREATE TABLE idle AS SELECT * FROM order_work; DELETE FROM order_work").await.unwrap();
    for (id, about) in [("m1", "WAITS"), ("m2", "ENDED"), ("m3", "NEVER")] {
        assert!(receive(&store, id, about).await);
    }
    assert_eq!(count(&database, HANDLED).await, 0);
    assert_eq!(store.settle_webhooks().await.unwrap(), 0);
    client.batch_execute("INSERT INTO orders SELECT * FROM hidden").await.unwrap();
    client.batch_execute("INSERT INTO order_work SELECT * FROM idle").await.unwrap();
    assert_eq!(store.settle_webhooks().await.unwrap(), 2, "one is woken, of the other nothing is left to be done");
    assert_eq!(count(&database, DUE).await, 1);
    assert_eq!(store.settle_webhooks().await.unwrap(), 0);
    assert_eq!(count(&database, "SELECT count(*) FROM webhook_inbox WHERE handled_at IS NULL").await, 1);
    store.close(PATIENCE);
}

#[tokio::test]
async fn a_row_that_somebody_holds_is_left_for_later() {
    let (database, store) = two_orders().await;
    let mut client = database.client().await;
    client
        .batch_execute(
            "INSERT INTO webhook_inbox (participant, webhook_id, order_id) VALUES ('payment', 'm1', 'WAITS')",
        )
        .await
        .unwrap();
    let holder = client.transaction().await.unwrap();
    holder.execute("SELECT FROM order_work FOR UPDATE", &[]).await.unwrap();
    assert_eq!(store.settle_webhooks().await.unwrap(), 0);
    holder.rollback().await.unwrap();
    assert_eq!(store.settle_webhooks().await.unwrap(), 1);
    assert_eq!(count(&database, DUE).await, 1);
    store.close(PATIENCE);
}

#[tokio::test]
async fn what_was_handled_goes_when_no_replay_of_it_would_be_accepted_any_more() {
    let (database, store) = two_orders().await;
    let client = database.client().await;
    // A replay is accepted while its timestamp is near enough, which may have lain ahead as much when it first came.
    let replayed = 2 * limits::WEBHOOK_TOLERANCE_S + 1;
    let (kept, parked) = (limits::WEBHOOK_KEPT.as_secs(), limits::WEBHOOK_PARKED.as_secs());
    let aged = "INSERT INTO webhook_inbox (participant, webhook_id, order_id, received_at, handled_at)
        SELECT 'payment', prefix || n, 'NEVER', now() - age * interval '1 second',
            CASE WHEN handled THEN now() - age * interval '1 second' END
        FROM generate_series(1, 1500) n, unnest($1::text[], $2::bigint[], $3::boolean[]) AS kinds(prefix, age, handled)";
    let prefixes = ["replayed", "kept", "old", "waits", "given-up"];
    let seconds = [replayed, kept as i64 - 60, kept as i64 + 1, parked as i64 - 60, parked as i64 + 1];
    let handled = [true, true, true, false, false];
    client.execute(aged, &[&&prefixes[..], &&seconds[..], &&handled[..]]).await.unwrap();
    let batch = 2 * u64::try_from(limits::PURGED_WEBHOOKS).unwrap();
    assert_eq!(store.purge_webhooks().await.unwrap(), batch, "a bounded number at once, of each kind");
    // The sweep goes on until there are no more, and then looks again after a pause.
    for _ in 0..2 {
        store.claim(Uuid::nil(), Duration::from_secs(1), 1).await.unwrap();
    }
    let left = "SELECT string_agg(DISTINCT rtrim(webhook_id, '0123456789'), ' ') FROM webhook_inbox";
    let left: String = client.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, "kept replayed waits");
    assert_eq!(count(&database, "SELECT count(*) FROM webhook_inbox").await, 3 * 1_500);
    assert!(!receive(&store, "replayed1", "WAITS").await, "a replay is still refused");
    assert_eq!(count(&database, DUE).await, 0);
    // And they are found by their indexes, however many there are.
    client.batch_execute("SET enable_seqscan = off; ANALYZE webhook_inbox").await.unwrap();
    for condition in
        ["handled_at < statement_timestamp()", "handled_at IS NULL AND received_at < statement_timestamp()"]
    {
        let plan = format!("EXPLAIN SELECT FROM webhook_inbox WHERE {condition}");
        let rows = client.query(&plan, &[]).await.unwrap();
        let plan = rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join(" ");
        assert!(plan.contains("Index Cond: (handled_at <") || plan.contains("Index Cond: (received_at <"), "{plan}");
    }
    store.close(PATIENCE);
}

#[tokio::test]
async fn a_signed_webhook_is_durable_once_it_is_answered() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let config = format!(
        "database.url = \"{}\"\n[participants.payment]\n\
         kind = \"http\"\nurl = \"http://127.0.0.1:1\"\nwebhook_secret = \"{SECRET}\"\n",
        database.url()
    );
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let client = serve.client();
    let secret = Secret::parse(SECRET).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a participant stamps by its own clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let body = json!({"order_id": "EARLY", "type": "operation.updated"}).to_string();
    let deliver = |id: &'static str, stamp: u64, signed: String| {
        let (client, body, secret) = (client.clone(), body.clone(), secret.clone());
        async move {
            let stamp = stamp.to_string();
            let signature = secret.sign(id, &stamp, signed.as_bytes());
            let headers = [("webhook-id", id), ("webhook-timestamp", &*stamp), ("webhook-signature", &*signature)];
            send(&client, "POST", "/webhooks/payment", &headers, body).await.unwrap().status
        }
    };
    assert_eq!(deliver("m1", now, body.clone()).await, 204);
    assert_eq!(deliver("m1", now + 1, body.clone()).await, 204, "a repeat has another time, and the same id");
    assert_eq!(deliver("m2", now - 3_600, body.clone()).await, 401);
    assert_eq!(deliver("m2", now, body.replace("EARLY", "LATE")).await, 401);
    assert_eq!(count(&database, "SELECT count(*) FROM webhook_inbox").await, 1);
    let elsewhere = send(&client, "POST", "/webhooks/shipment", &[], body.clone()).await.unwrap();
    assert_eq!((elsewhere.status, elsewhere.problem_code().as_deref()), (404, Some("not_found")));
}
