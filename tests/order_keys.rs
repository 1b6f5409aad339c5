//! Promise: whoever repeats an order under ever new keys, or asks ever new verbs of it, fills no table, and is told the
//! same as ever. Judged by the rows of `idempotency_keys` and by what clients heard, through several engines at once.

use std::collections::BTreeSet;

use counterfoil::engine::api::Standing;
use counterfoil::engine::{Engine, SubmitError, SubmitResult, VerbCall, VerbRequest};
use counterfoil::saga::{Amount, Capture, Client, IdempotencyKey, OrderId};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, TestEngine, answer, keyed, order, request, simple, until};
use crate::support::program::{Folder, Program, body, post, send};

/// Keys that an order binds, and keys of verbs that it takes: what is promised, not what the program believes.
const BOUND: usize = 64;
const VERBS: usize = 256;
/// Requests under way at once: no more than wait for one order.
const AT_ONCE: usize = 64;

fn bound(id: &str) -> String {
    format!("SELECT count(*) FROM idempotency_keys WHERE order_id = '{id}' AND route = 'POST /orders'")
}

fn of_verbs(id: &str) -> String {
    format!("SELECT count(*) FROM idempotency_keys WHERE order_id = '{id}' AND route <> 'POST /orders'")
}

fn call(id: &str, key: &str, request: VerbRequest) -> VerbCall {
    VerbCall {
        order_id: OrderId::trusted(id),
        by: Client::anonymous(),
        standing: Standing::Client,
        key: Some(IdempotencyKey::trusted(key)),
        version: None,
        reason: "as asked".into(),
        request,
    }
}

fn refund(amount: i64) -> VerbRequest {
    VerbRequest::Refund { amount: Amount(amount), reason: "broken".into(), restock: Vec::new() }
}

/// A cancel of an order that is complete: refused, and so stored with its 409 and nothing else.
async fn cancel(engine: &Engine, id: &str, key: &str) -> SubmitResult {
    engine.verb(call(id, key, VerbRequest::Cancel), PATIENCE).await
}

fn is_full(verdict: &SubmitResult) -> bool {
    matches!(verdict, Err(SubmitError::TooManyKeys { .. }))
}

#[tokio::test]
async fn an_order_binds_its_first_keys_and_answers_every_repeat_alike() {
    let test = TestEngine::new().await;
    let (status, bytes, _) = answer(test.submit(keyed(simple("A"), "k-0")).await);
    assert_eq!(status, 201);
    for round in 0..2 {
        for n in 1..100 {
            let told = answer(test.submit(keyed(simple("A"), &format!("k-{n}"))).await);
            assert_eq!(told, (201, bytes.clone(), true), "round {round}, key {n}");
        }
    }
    assert_eq!(test.count(&bound("A")).await, BOUND as i64);
    // The first ones are the bound ones: with other content they are known, the later ones are nobody's.
    let other = |key: &str| keyed(order("B", request(&[("SKU-2", 3)], "pm_ok")), key);
    for n in [0, 1, BOUND - 1] {
        match test.submit(other(&format!("k-{n}"))).await {
            Err(SubmitError::KeyReused { order_id }) => assert_eq!(order_id.as_str(), "A"),
            told => panic!("key {n}: {told:?}"),
        }
    }
    assert_eq!(answer(test.submit(other(&format!("k-{BOUND}"))).await).0, 201, "the first that was not bound");
    // The metric tells of each repeat whose key was left unbound: 36 of each round.
    assert_eq!(test.engine.metrics().keys_unbound.get(), 2 * (100 - BOUND as u64));
    // After a restart, when nothing is in memory, it is the same.
    let database = test.stop().await;
    let test = TestEngine::on(database, crate::support::engine::settings()).await;
    for key in ["k-0", "k-63", "k-99", "fresh"] {
        assert_eq!(answer(test.submit(keyed(simple("A"), key)).await), (201, bytes.clone(), true), "{key}");
    }
    assert_eq!(test.count(&bound("A")).await, BOUND as i64);
    test.audit().await;
}

#[tokio::test]
async fn however_many_engines_bind_at_once_no_order_has_more_keys() {
    let test = TestEngine::new().await;
    let ((store_b, b), (store_c, c)) = (test.second().await, test.second().await);
    let engines = [&test.engine, &b, &c];
    let mut bytes = Vec::new();
    for n in 0..4 {
        bytes.push(answer(test.submit(keyed(simple(&format!("O-{n}")), &format!("first-{n}"))).await).1);
    }
    let asks = (0..600).map(|n| {
        let (engine, which) = (engines[n % 3], n / 3 % 4);
        let again = keyed(simple(&format!("O-{which}")), &format!("k-{n}"));
        async move { (which, engine.submit(again, PATIENCE).await) }
    });
    let told: Vec<_> = stream::iter(asks).buffer_unordered(AT_ONCE).collect().await;
    for (which, verdict) in told {
        assert_eq!(answer(verdict), (201, bytes[which].clone(), true));
    }
    for n in 0..4 {
        assert_eq!(test.count(&bound(&format!("O-{n}"))).await, BOUND as i64, "order {n}");
    }
    let unbound: u64 = engines.iter().map(|engine| engine.metrics().keys_unbound.get()).sum();
    assert_eq!(unbound, 600 - 4 * (BOUND as u64 - 1));
    b.shutdown(PATIENCE).await;
    c.shutdown(PATIENCE).await;
    store_b.close(PATIENCE);
    store_c.close(PATIENCE);
    test.audit().await;
}

/// Refusals change nothing of the order, so that no version keeps two engines from storing them at once: the count does.
#[tokio::test]
async fn however_many_engines_ask_at_once_no_order_takes_more_verbs() {
    let test = TestEngine::new().await;
    let ((store_b, b), (store_c, c)) = (test.second().await, test.second().await);
    let engines = [&test.engine, &b, &c];
    for id in ["A", "N"] {
        assert_eq!(answer(test.submit(simple(id)).await).0, 201);
    }
    let first = answer(test.engine.verb(call("A", "refund", refund(10)), PATIENCE).await);
    assert_eq!(first.0, 201, "{}", first.1);
    let asks = (0..VERBS + 100).map(|n| {
        let engine = engines[n % 3];
        async move { (n, cancel(engine, "A", &format!("k-{n}")).await) }
    });
    // Meanwhile a neighbour is asked things as ever.
    let neighbour = async {
        for n in 0..20 {
            assert_eq!(answer(cancel(&b, "N", &format!("n-{n}")).await).0, 409);
        }
    };
    let told = stream::iter(asks).buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let (told, ()) = tokio::join!(told, neighbour);
    let (full, stored): (Vec<_>, Vec<_>) = told.into_iter().partition(|(_, verdict)| is_full(verdict));
    assert_eq!(stored.len(), VERBS - 1, "beside the refund");
    assert_eq!((test.count(&of_verbs("A")).await, test.count(&of_verbs("N")).await), (VERBS as i64, 20));
    // What is stored gets its bytes again from whichever engine, the first one too; what is not gets nothing ever.
    for (n, verdict) in stored {
        let (status, bytes, _) = answer(verdict);
        assert_eq!(status, 409, "{bytes}");
        assert_eq!(answer(cancel(engines[(n + 1) % 3], "A", &format!("k-{n}")).await), (409, bytes, true), "{n}");
    }
    assert_eq!(answer(b.verb(call("A", "refund", refund(10)), PATIENCE).await), (first.0, first.1, true));
    for (n, _) in full.iter().take(5) {
        assert!(is_full(&cancel(&c, "A", &format!("k-{n}")).await));
    }
    assert!(is_full(&test.engine.verb(call("A", "late", refund(1)), PATIENCE).await));
    assert_eq!(test.count("SELECT refunded FROM payments WHERE order_id = 'A'").await, 10, "no money moved by it");
    assert_eq!(test.count("SELECT version::bigint FROM orders WHERE order_id = 'A'").await, {
        let events = "SELECT sum(json_array_length(events::json))::bigint FROM order_events WHERE order_id = 'A'";
        test.count(events).await
    });
    // A submission is still answered, and binds: the two are counted apart.
    assert_eq!(answer(test.submit(keyed(simple("A"), "again")).await).0, 201);
    assert_eq!(test.count(&bound("A")).await, 1);
    b.shutdown(PATIENCE).await;
    c.shutdown(PATIENCE).await;
    store_b.close(PATIENCE);
    store_c.close(PATIENCE);
    test.audit().await;
}

/// Verbs of several orders in one batch, one of them full: the others go through.
#[tokio::test]
async fn a_refund_needs_a_key_since_that_is_its_name() {
    let test = TestEngine::new().await;
    assert_eq!(answer(test.submit(simple("A")).await).0, 201);
    let nameless = VerbCall { key: None, ..call("A", "", refund(100)) };
    for _ in 0..2 {
        match test.engine.verb(nameless.clone(), PATIENCE).await {
            Err(SubmitError::Invalid { pointer, .. }) => assert_eq!(pointer, "/key"),
            told => panic!("{told:?}"),
        }
    }
    assert_eq!(test.count("SELECT count(*) FROM refunds").await, 0);
    assert_eq!(test.count(&of_verbs("A")).await, 0);
    let (status, ..) = answer(test.engine.verb(call("A", "r-1", refund(100)), PATIENCE).await);
    assert!(matches!(status, 200 | 201), "with a name it is given back: {status}");
}

#[tokio::test]
async fn a_full_order_spoils_no_neighbour() {
    let test = TestEngine::new().await;
    let manual = |id: &str| {
        let mut manual = request(&[("SKU-1", 1)], "pm_ok");
        manual.details.capture = Capture::Manual;
        order(id, manual)
    };
    for n in 0..30 {
        assert_eq!(answer(test.submit(manual(&format!("M-{n}"))).await).0, 201);
    }
    let asks = (0..VERBS).map(|n| {
        let refused = VerbRequest::Capture { amount: Some(Amount(1_000_000)) };
        test.engine.verb(call("M-7", &format!("k-{n}"), refused), PATIENCE)
    });
    let told: Vec<_> = stream::iter(asks).buffer_unordered(AT_ONCE).collect().await;
    assert!(told.into_iter().all(|verdict| answer(verdict).0 == 409));
    test.hold_up_commits();
    let capture =
        |n| test.engine.verb(call(&format!("M-{n}"), "capture", VerbRequest::Capture { amount: None }), PATIENCE);
    for (n, verdict) in join_all((0..30).map(capture)).await.into_iter().enumerate() {
        if n == 7 {
            assert!(is_full(&verdict), "{verdict:?}");
        } else {
            assert_eq!(answer(verdict).0, 201, "{n}");
        }
    }
    assert_eq!(test.count("SELECT count(*) FROM orders WHERE state = 'COMPLETED'").await, 29);
    assert_eq!(test.count(&of_verbs("M-7")).await, VERBS as i64, "its last key was not bound");
    test.audit().await;
}

/// What an operator may do bears no key, and is not stopped.
#[tokio::test]
async fn over_http_one_key_too_many_is_429() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let sql = "INSERT INTO inventory (sku, on_hand) VALUES ('S', 10);
        INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('S', 10, 'laid in', 'test')";
    database.client().await.batch_execute(sql).await.expect("lay in stock");
    let serve = Program::serve(&folder, &format!("database.url = \"{}\"\n", database.url())).await;
    serve.until_ready().await;
    let client = serve.client();
    assert_eq!(post(&client, &body("A", "S"), &[]).await.status, 201);
    let refund = |key: String, amount: i64| {
        let client = client.clone();
        let asked = json!({"amount": amount, "reason": "broken"}).to_string();
        async move {
            let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
            send(&client, "POST", "/orders/A/refunds", &headers, asked).await.expect("an answer")
        }
    };
    let first = refund("good".into(), 9).await;
    assert_eq!(first.status, 201);
    let asks = (1..VERBS).map(|n| refund(format!("k-{n}"), 1_000_000));
    let told: Vec<_> = stream::iter(asks).buffer_unordered(16).collect().await;
    let codes: BTreeSet<_> = told.iter().map(|one| (one.status, one.problem_code())).collect();
    assert_eq!(codes, [(409, Some("refund_exceeds_charge".to_owned()))].into());
    let late = refund("late".into(), 1).await;
    let problem: Value = late.json().expect("JSON");
    assert_eq!((late.status, &problem["code"], &problem["order_id"]), (429, &json!("too_many_keys"), &json!("A")));
    assert_eq!(late.header("content-type"), Some("application/problem+json"));
    assert_eq!(late.header("retry-after"), None, "there is nothing to wait for");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("256")), "{problem}");
    let again = refund("good".into(), 9).await;
    assert_eq!((again.status, &again.body, again.is_replayed()), (201, &first.body, true));
    let rows = database.client().await.query_one(&of_verbs("A"), &[]).await.expect("the rows").get::<_, i64>(0);
    assert_eq!(rows, VERBS as i64);
    let metrics = String::from_utf8(client.get("/metrics").await.expect("metrics").body.to_vec()).expect("text");
    for line in ["counterfoil_problems_total{code=\"too_many_keys\"} 1", "counterfoil_keys_unbound_total 0"] {
        assert!(metrics.lines().any(|told| told == line), "{line} is not in\n{metrics}");
    }
}

/// As 0.3.0 binds a key, and stores a verb's: it knows nothing of a count, and is not stopped by one.
#[tokio::test]
async fn what_an_earlier_engine_binds_beside_this_one_keeps_its_answers() {
    let test = TestEngine::new().await;
    let first = answer(test.submit(keyed(simple("A"), "k")).await);
    let earlier = "
        INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint, answer_status, answer)
        SELECT client, route, 'old-' || n, order_id, 0, fingerprint, NULL, NULL
        FROM idempotency_keys, generate_series(1, 100) n WHERE key = 'k'
        ON CONFLICT (client, route, key) DO NOTHING";
    assert_eq!(test.database.client().await.execute(earlier, &[]).await.expect("bind as 0.3.0"), 100);
    answer(cancel(&test.engine, "A", "c").await);
    let earlier = "
        INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint, answer_status, answer)
        SELECT client, route, 'old-' || n, order_id, 7, fingerprint, answer_status, answer
        FROM idempotency_keys, generate_series(1, 300) n WHERE key = 'c'";
    assert_eq!(test.database.client().await.execute(earlier, &[]).await.expect("store as 0.3.0"), 300);
    for n in [1, 100] {
        assert_eq!(answer(test.submit(keyed(simple("A"), &format!("old-{n}"))).await), (201, first.1.clone(), true));
        assert!(matches!(
            test.submit(keyed(simple("B"), &format!("old-{n}"))).await,
            Err(SubmitError::KeyReused { .. })
        ));
    }
    assert_eq!(answer(cancel(&test.engine, "A", "old-300").await).0, 409);
    // This one's bounds are over what this one binds.
    for n in 0..BOUND {
        assert_eq!(answer(test.submit(keyed(simple("A"), &format!("new-{n}"))).await).1, first.1);
    }
    let asks = (0..VERBS).map(|n| {
        let engine = &test.engine;
        async move { cancel(engine, "A", &format!("new-{n}")).await }
    });
    let told: Vec<_> = stream::iter(asks).buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(told.iter().filter(|verdict| is_full(verdict)).count(), 1, "one was asked before");
    assert_eq!(test.count(&bound("A")).await, 100 + BOUND as i64);
    assert_eq!(test.count(&of_verbs("A")).await, 300 + VERBS as i64);
    test.audit().await;
}

/// The counts are a table that may be locked, like any other: it is asked for, named and waited for as one thing.
#[tokio::test]
async fn locked_counts_stop_nobody_who_needs_none() {
    let test = TestEngine::new().await;
    for n in 0..20 {
        answer(test.submit(simple(&format!("A-{n}"))).await);
    }
    answer(cancel(&test.engine, "A-0", "first").await); // the committers have their connections
    let locker = test.database.client().await;
    locker.batch_execute("BEGIN; LOCK TABLE order_keys IN SHARE MODE").await.expect("lock");
    let stuck: Vec<_> = (0..20)
        .map(|n| {
            let engine = test.engine.clone();
            tokio::spawn(async move { cancel(&engine, &format!("A-{n}"), "k").await })
        })
        .collect();
    let queued = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'order_keys'::regclass
        AND pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE 'LOCK TABLE order_keys%')";
    until("a lane waits for the table", async || test.count(queued).await == 1).await;
    for n in 0..20 {
        assert_eq!(answer(test.submit(keyed(simple(&format!("B-{n}")), &format!("b-{n}"))).await).0, 201);
    }
    assert!(stuck.iter().all(|handle| !handle.is_finished()), "they need the table");
    locker.batch_execute("ROLLBACK").await.expect("let go");
    for handle in stuck {
        assert_eq!(answer(handle.await.expect("a verb")).0, 409);
    }
    test.audit().await;
}
