//! Promise: the same request gives the same answer, byte for byte; an order_id is processed at most once; charged at
//! most once. Over repeats, concurrent duplicates, keys, restarts and two instances.

use std::collections::HashSet;

use counterfoil::engine::SubmitError;
use counterfoil::ports::Reads;
use counterfoil::saga::{Client, OrderId};
use futures_util::future::join_all;

use crate::support::engine::{TestEngine, answer, keyed, order, request, settings, simple};

#[tokio::test]
async fn an_order_completes_in_one_transaction() {
    let test = TestEngine::new().await;
    let (status, body, replayed) =
        answer(test.submit(order("A", request(&[("SKU-1", 2), ("SKU-2", 3)], "pm_ok"))).await);
    assert_eq!(status, 201);
    assert!(!replayed);
    assert_eq!(body, r#"{"order_id":"A","state":"COMPLETED","version":5,"amount":500,"currency":"USD"}"#);
    assert_eq!(test.on_hand("SKU-1").await, (999_998, 0));
    assert_eq!(test.on_hand("SKU-2").await, (999_997, 0));
    assert_eq!(test.count("SELECT count(*) FROM order_events").await, 1, "one commit, one row");
    assert_eq!(test.count("SELECT captured FROM payments").await, 500);
    test.audit().await;
}

#[tokio::test]
async fn a_repeat_gets_the_same_bytes_across_a_restart() {
    let test = TestEngine::new().await;
    let first = answer(test.submit(simple("A")).await);
    let again = answer(test.submit(simple("A")).await);
    assert_eq!((first.0, &first.1, true), (again.0, &again.1, again.2));
    let database = test.stop().await;
    let test = TestEngine::on(database, settings()).await;
    let later = answer(test.submit(simple("A")).await);
    assert_eq!(later, again);
    test.audit().await;
}

#[tokio::test]
async fn failures_are_final_answers_too() {
    let test = TestEngine::new().await;
    test.stock("RARE", 1).await;
    let mut no_carrier = request(&[("SKU-1", 1)], "pm_ok");
    no_carrier.details.ship_to.postal_code = "SHIP-FAIL".into();
    let cases = [
        (order("declined", request(&[("SKU-1", 1)], "pm_declined")), 402, "payment_declined"),
        (order("short", request(&[("RARE", 2), ("SKU-1", 1)], "pm_ok")), 409, "out_of_stock"),
        (order("unshipped", no_carrier), 500, "shipment_failed"),
    ];
    for (submission, status, code) in cases {
        let first = answer(test.submit(submission.clone()).await);
        assert_eq!(first.0, status, "{code}");
        let problem: serde_json::Value = serde_json::from_str(&first.1).unwrap();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["final"], true);
        let again = answer(test.submit(submission).await);
        assert_eq!((again.0, again.1, again.2), (first.0, first.1, true));
    }
    assert_eq!(test.on_hand("SKU-1").await, (1_000_000, 0), "what failed took nothing");
    assert_eq!(test.on_hand("RARE").await, (1, 0));
    assert_eq!(test.count("SELECT captured - refunded FROM payments WHERE order_id = 'unshipped'").await, 0);
    test.audit().await;
}

#[tokio::test]
async fn concurrent_duplicates_are_one_order() {
    let test = TestEngine::new().await;
    let orders: Vec<_> = (0..200).map(|n| simple(&format!("D-{n}"))).collect();
    let sent = orders.iter().flat_map(|order| (0..64).map(|_| test.submit(order.clone())));
    let answers: Vec<_> = join_all(sent).await.into_iter().map(answer).collect();
    for copies in answers.chunks(64) {
        let distinct: HashSet<_> = copies.iter().map(|(status, body, _)| (status, body)).collect();
        assert_eq!(distinct.len(), 1);
        assert_eq!(copies.iter().filter(|(_, _, replayed)| !replayed).count(), 1, "one made it, the others repeat");
    }
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 200);
    assert_eq!(test.count("SELECT count(*) FROM payments").await, 200);
    assert_eq!(test.on_hand("SKU-1").await, (1_000_000 - 200, 0));
    test.audit().await;
}

#[tokio::test]
async fn one_key_is_one_order_however_many_meet() {
    let test = TestEngine::new().await;
    test.hold_up_commits();
    let sent = (0..64).map(|n| test.submit(keyed(simple(&format!("K-{n}")), "k")));
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for (n, verdict) in join_all(sent).await.into_iter().enumerate() {
        match verdict {
            Err(SubmitError::KeyReused { order_id }) => refused.push(order_id),
            verdict => made.push((n, answer(verdict).0)),
        }
    }
    let [(n, 201)] = made[..] else { panic!("{made:?}") };
    let names_it = |id: &OrderId| id.as_str() == format!("K-{n}");
    assert!(refused.len() == 63 && refused.iter().all(names_it), "{refused:?}");
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 1);
    assert_eq!(test.on_hand("SKU-1").await, (999_999, 0));
    test.audit().await;
}

#[tokio::test]
async fn two_instances_make_one_order() {
    let test = TestEngine::new().await;
    let (_store, second) = test.second().await;
    let orders: Vec<_> = (0..50).map(|n| simple(&format!("T-{n}"))).collect();
    let sent = orders.iter().map(|order| async {
        let (a, b) =
            tokio::join!(test.submit(order.clone()), second.submit(order.clone(), crate::support::engine::PATIENCE));
        (answer(a), answer(b))
    });
    for (a, b) in join_all(sent).await {
        assert_eq!((a.0, a.1), (b.0, b.1));
        assert!(a.2 != b.2, "one of them made it");
    }
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 50);
    test.audit().await;
    second.shutdown(crate::support::engine::PATIENCE).await;
}

#[tokio::test]
async fn other_content_under_a_known_name_is_refused() {
    let test = TestEngine::new().await;
    answer(test.submit(simple("A")).await);
    let other = order("A", request(&[("SKU-1", 2)], "pm_ok"));
    match test.submit(other.clone()).await {
        Err(SubmitError::OrderExists { differs: Some(differs), .. }) => assert_eq!(differs, ["/lines/0/quantity"]),
        refused => panic!("{refused:?}"),
    }
    let mut stranger = simple("A");
    stranger.client = Client::trusted("mallory");
    match test.submit(stranger).await {
        Err(SubmitError::OrderExists { differs: None, .. }) => {}
        refused => panic!("a stranger learns nothing: {refused:?}"),
    }
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 1);
}

#[tokio::test]
async fn keys_are_checked_first_and_bound_once() {
    let test = TestEngine::new().await;
    let first = answer(test.submit(keyed(simple("A"), "k1")).await);
    // The same key and content: the same answer, whatever else.
    assert_eq!(answer(test.submit(keyed(simple("A"), "k1")).await).1, first.1);
    // A new key for the same order binds.
    assert_eq!(answer(test.submit(keyed(simple("A"), "k2")).await).1, first.1);
    assert_eq!(test.count("SELECT count(*) FROM idempotency_keys WHERE order_id = 'A'").await, 2);
    // A known key with other content, or another order_id, is reused.
    for reused in
        [keyed(order("A", request(&[("SKU-1", 5)], "pm_ok")), "k1"), keyed(simple("B"), "k2"), keyed(simple("B"), "k1")]
    {
        match test.submit(reused).await {
            Err(SubmitError::KeyReused { .. }) => {}
            refused => panic!("{refused:?}"),
        }
    }
    // Other content under a known order_id with a fresh key: the order has the word, and the key stays free.
    match test.submit(keyed(order("A", request(&[("SKU-1", 5)], "pm_ok")), "k3")).await {
        Err(SubmitError::OrderExists { .. }) => {}
        refused => panic!("{refused:?}"),
    }
    let mut derived = keyed(simple("C"), "k3");
    derived.order_id = None;
    let made = answer(test.submit(derived.clone()).await);
    assert_eq!(answer(test.submit(derived.clone()).await).1, made.1);
    let id = OrderId::derived(&derived.client, derived.key.as_ref().unwrap());
    assert!(test.store.load(id).await.unwrap().is_some());
    // Keys belong to their client.
    let mut stranger = keyed(simple("S"), "k1");
    stranger.client = Client::trusted("mallory");
    assert_eq!(answer(test.submit(stranger).await).0, 201);
    let database = test.stop().await;
    let test = TestEngine::on(database, settings()).await;
    assert_eq!(answer(test.submit(keyed(simple("A"), "k2")).await).1, first.1, "after a restart too");
    match test.submit(keyed(simple("Z"), "k2")).await {
        Err(SubmitError::KeyReused { .. }) => {}
        refused => panic!("{refused:?}"),
    }
    assert_eq!(test.count("SELECT count(*) FROM orders WHERE order_id IN ('B', 'Z')").await, 0);
    test.audit().await;
}

#[tokio::test]
async fn an_unknown_sku_stores_nothing() {
    let test = TestEngine::new().await;
    match test.submit(keyed(order("U", request(&[("SKU-1", 1), ("NOPE", 1)], "pm_ok")), "k")).await {
        Err(SubmitError::UnknownSku { skus }) => assert_eq!(skus[0].as_str(), "NOPE"),
        refused => panic!("{refused:?}"),
    }
    assert_eq!(test.count("SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM idempotency_keys)").await, 0);
    test.stock("NOPE", 5).await;
    let created = keyed(order("U", request(&[("SKU-1", 1), ("NOPE", 1)], "pm_ok")), "k");
    assert_eq!(answer(test.submit(created).await).0, 201, "once the SKU is there, the same request goes through");
    test.audit().await;
}
