//! Promise: actors and shards may die at any instruction; every request is answered, and nothing happens twice.

use std::time::Duration;

use counterfoil::engine::{EngineSettings, SubmitError};
use counterfoil::faults::{Arm, FaultKind, Point};
use counterfoil::ports::Reads;
use counterfoil::saga::OrderId;
use counterfoil::telemetry::RestartCause;
use futures_util::future::join_all;

use crate::support::engine::{TestEngine, answer, order, request, settings, simple, until};

#[tokio::test]
async fn an_actor_that_panics_before_its_commit_is_replaced_and_nobody_behind_it_is_lost() {
    let test = TestEngine::new().await;
    test.arm(Point::ActorHandle, FaultKind::Panic, Some("A"), 2);
    // Sixteen repeats join, and one with other content queues behind.
    let repeats = join_all((0..16).map(|_| test.submit(simple("A"))));
    let (answers, other) = tokio::join!(repeats, test.submit(order("A", request(&[("SKU-1", 9)], "pm_ok"))));
    let bodies: Vec<_> = answers.into_iter().map(answer).collect();
    assert!(bodies.iter().all(|(status, body, _)| *status == 201 && *body == bodies[0].1));
    assert!(matches!(other, Err(SubmitError::OrderExists { .. })), "{other:?}");
    assert_eq!(test.engine.metrics().actor_restarts(RestartCause::Panic).get(), 2);
    assert_eq!(test.on_hand("SKU-1").await, (999_999, 0));
    test.audit().await;
}

#[tokio::test]
async fn an_actor_that_panics_after_its_commit_is_replaced_by_one_that_reads_it() {
    let test = TestEngine::new().await;
    test.arm(Point::ActorAfterCommit, FaultKind::Panic, Some("A"), 1);
    let (status, _, replayed) = answer(test.submit(simple("A")).await);
    assert_eq!(status, 201);
    assert!(replayed, "its successor found the order as committed");
    assert_eq!(test.count("SELECT count(*) FROM order_events").await, 1);
    assert_eq!(test.on_hand("SKU-1").await, (999_999, 0));
    test.audit().await;
}

#[tokio::test]
async fn an_actor_that_hangs_is_replaced_and_its_ghost_writes_nothing() {
    let quick = EngineSettings { command_timeout: Duration::from_millis(300), ..settings() };
    let test = TestEngine::with(quick).await;
    let ghost = Arm {
        point: Point::ActorHandle.as_str(),
        order_id: Some("A".into()),
        action: FaultKind::Delay,
        ms: Some(900),
        times: 1,
    };
    test.faults.arm(ghost).unwrap();
    assert_eq!(answer(test.submit(simple("A")).await).0, 201);
    assert_eq!(test.engine.metrics().actor_restarts(RestartCause::Hang).get(), 1);
    // The ghost was asked to end; whether or not it writes first, the order stays as it is.
    assert_eq!(answer(test.submit(simple("A")).await).0, 201);
    assert_eq!(test.count("SELECT count(*) FROM order_events").await, 1);
    test.audit().await;
}

#[tokio::test]
async fn a_command_that_always_kills_is_quarantined_and_the_others_go_on() {
    let test = TestEngine::new().await;
    test.arm(Point::ActorHandle, FaultKind::Panic, Some("K"), 3);
    match test.submit(simple("K")).await {
        Err(SubmitError::Internal(_)) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 0, "nothing stored");
    match test.submit(simple("K")).await {
        Err(SubmitError::Internal(reason)) => assert!(reason.contains("quarantined"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(answer(test.submit(simple("B")).await).0, 201);
    until("the gauge tells", || async { test.engine.metrics().quarantined.get() == 1 }).await;
    test.audit().await;
}

#[tokio::test]
async fn a_stored_order_that_kills_is_flagged_for_a_human_and_keeps_its_answer() {
    let test = TestEngine::new().await;
    let first = answer(test.submit(simple("K")).await);
    test.arm(Point::ActorHandle, FaultKind::Panic, Some("K"), 3);
    assert!(matches!(test.submit(simple("K")).await, Err(SubmitError::Internal(_))));
    until("it has attention", || async {
        let stored = test.store.load(OrderId::trusted("K")).await.expect("load").expect("an order");
        stored.order.attention.is_some()
    })
    .await;
    let stored = test.store.load(OrderId::trusted("K")).await.unwrap().unwrap();
    assert_eq!(stored.order.answer.unwrap().body, first.1);
    assert_eq!(stored.order.version, 6, "order.attention is an event");
    test.audit().await;
}

#[tokio::test]
async fn a_shard_that_dies_is_replaced_and_its_requests_are_asked_again() {
    let test = TestEngine::new().await;
    test.arm(Point::ShardStep, FaultKind::Panic, Some("S-7"), 1);
    let orders: Vec<_> = (0..64).map(|n| simple(&format!("S-{n}"))).collect();
    let verdicts = join_all(orders.into_iter().map(|order| test.submit(order))).await;
    assert!(verdicts.into_iter().map(answer).all(|(status, ..)| status == 201));
    assert_eq!(test.engine.shards().iter().map(|shard| shard.restarts).sum::<u64>(), 1);
    until("all shards are up", || async { test.engine.is_ready() }).await;
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 64);
    assert_eq!(test.on_hand("SKU-1").await, (1_000_000 - 64, 0));
    test.audit().await;
}

#[tokio::test]
async fn a_full_queue_is_told_and_stores_nothing() {
    let small = EngineSettings { mailbox_orders: 4, shards: 1, ..settings() };
    let test = TestEngine::with(small).await;
    let slow =
        Arm { point: Point::AfterBegin.as_str(), order_id: None, action: FaultKind::Delay, ms: Some(300), times: 2 };
    test.faults.arm(slow).unwrap();
    let orders: Vec<_> = (0..12).map(|n| simple(&format!("F-{n}"))).collect();
    let verdicts = join_all(orders.into_iter().map(|order| test.submit(order))).await;
    let full = verdicts.iter().filter(|verdict| matches!(verdict, Err(SubmitError::Overloaded))).count();
    assert_eq!(full, 8, "{verdicts:?}");
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 4);
    test.audit().await;
}

#[tokio::test]
async fn idle_orders_are_let_go_and_read_again() {
    let brief = EngineSettings { passivate_after: Duration::ZERO, ..settings() };
    let test = TestEngine::with(brief).await;
    let first = answer(test.submit(simple("A")).await);
    until("its actor is gone", || async { test.engine.shards().iter().all(|shard| shard.actors == 0) }).await;
    let again = answer(test.submit(simple("A")).await);
    assert_eq!((again.0, again.1, again.2), (first.0, first.1, true));
    test.audit().await;
}
