//! Promise: nothing partial survives a failure, between any two statements of a commit; a lost connection and a lost
//! reply leave the outcome unknown to the client only until it repeats; a poisonous order spoils no neighbour.

use counterfoil::engine::SubmitError;
use counterfoil::faults::{Action, Arm, Point};
use futures_util::future::join_all;

use crate::support::engine::{TestEngine, answer, keyed, simple, until};

/// Every point inside of the transaction.
const INSIDE: [Point; 8] = [
    Point::AfterBegin,
    Point::AfterKeysInsert,
    Point::AfterOrdersInsert,
    Point::AfterOrdersUpdate,
    Point::AfterPayments,
    Point::AfterEventsInsert,
    Point::AfterInventoryUpdate,
    Point::BeforeCommit,
];

const ROWS: &str = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM payments)
    + (SELECT count(*) FROM order_events) + (SELECT count(*) FROM idempotency_keys)";

#[tokio::test]
async fn an_error_between_any_two_statements_leaves_nothing() {
    for point in INSIDE {
        let test = TestEngine::new().await;
        test.arm(point, Action::Error, Some("A"), 1);
        match test.submit(keyed(simple("A"), "k")).await {
            Err(SubmitError::Internal(_)) => {}
            other => panic!("{point:?}: {other:?}"),
        }
        assert_eq!(test.count(ROWS).await, 0, "{point:?}");
        assert_eq!(test.on_hand("SKU-1").await, (1_000_000, 0), "{point:?}");
        assert!(test.faults.armed().is_empty(), "{point:?}: spent");
        let (status, _, replayed) = answer(test.submit(keyed(simple("A"), "k")).await);
        assert_eq!((status, replayed), (201, false), "{point:?}: the retry succeeds, as the first");
        test.audit().await;
    }
}

#[tokio::test]
async fn a_panic_of_the_committer_anywhere_is_survived() {
    for point in INSIDE.into_iter().chain([Point::AfterCommit]) {
        let test = TestEngine::new().await;
        test.arm(point, Action::Panic, None, 1);
        let (status, ..) = answer(test.submit(simple("A")).await);
        assert_eq!(status, 201, "{point:?}");
        assert_eq!(test.count("SELECT count(*) FROM orders").await, 1, "{point:?}");
        assert_eq!(test.on_hand("SKU-1").await, (999_999, 0), "{point:?}");
        test.audit().await;
    }
}

#[tokio::test]
async fn a_reply_lost_after_commit_is_read_again_by_key() {
    let test = TestEngine::new().await;
    test.arm(Point::AfterCommit, Action::Error, None, 1);
    let (status, _, replayed) = answer(test.submit(simple("A")).await);
    assert_eq!((status, replayed), (201, false));
    assert_eq!(test.count("SELECT count(*) FROM order_events").await, 1, "not written again");
    test.audit().await;
}

#[tokio::test]
async fn a_connection_killed_before_commit_is_driven_again() {
    let test = TestEngine::new().await;
    test.arm(Point::BeforeCommit, Action::Delay, None, 1);
    let killer = test.database.client().await;
    let kill = async {
        until("the committer sleeps in its transaction", || async {
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                       WHERE datname = current_database() AND query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()";
            killer.query_one(sql, &[]).await.expect("ask for the sleeper").get::<_, i64>(0) > 0
        })
        .await;
    };
    let (verdict, ()) = tokio::join!(test.submit(simple("A")), kill);
    assert_eq!(answer(verdict).0, 201);
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 1);
    assert_eq!(test.on_hand("SKU-1").await, (999_999, 0));
    test.audit().await;
}

#[tokio::test]
async fn one_poisonous_order_spoils_no_neighbour() {
    let test = TestEngine::new().await;
    // The first batch waits, so that the others queue up into one behind it.
    let slow =
        Arm { point: Point::AfterBegin.as_str(), order_id: None, action: Action::Delay, ms: Some(300), times: 2 };
    test.faults.arm(slow).unwrap();
    test.arm(Point::AfterEventsInsert, Action::Error, Some("P-17"), 1);
    let orders: Vec<_> = (0..40).map(|n| simple(&format!("P-{n}"))).collect();
    let verdicts = join_all(orders.into_iter().map(|order| test.submit(order))).await;
    for (n, verdict) in verdicts.into_iter().enumerate() {
        if n == 17 {
            assert!(matches!(verdict, Err(SubmitError::Internal(_))), "{verdict:?}");
        } else {
            assert_eq!(answer(verdict).0, 201, "P-{n}");
        }
    }
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 39);
    assert_eq!(test.count("SELECT count(*) FROM orders WHERE order_id = 'P-17'").await, 0);
    assert_eq!(answer(test.submit(simple("P-17")).await).0, 201);
    assert_eq!(test.on_hand("SKU-1").await, (1_000_000 - 40, 0));
    test.audit().await;
}

#[tokio::test]
async fn an_error_without_an_order_counts_transactions() {
    let test = TestEngine::new().await;
    test.arm(Point::BeforeCommit, Action::Error, None, 1);
    assert!(matches!(test.submit(simple("A")).await, Err(SubmitError::Internal(_))));
    assert_eq!(answer(test.submit(simple("A")).await).0, 201);
    test.audit().await;
}
