//! Histories that were pruned: what they had led to is proved from what is left, on top of it what came later, and whoever
//! changes any of it is named.

use std::collections::BTreeSet;
use std::time::Duration;

use counterfoil::store::planner::Planner;
use counterfoil::store::prune::{PruneSettings, run};
use tokio_postgres::Client;
use uuid::Uuid;

use super::corruptions::{Corruption, breaks};
use super::{audit_of, broken, healthy};

pub const CORRUPTIONS: &[Corruption] = &[
    breaks("history_complete", "ORD-PRUNED", "DELETE FROM pruned_orders WHERE order_id = 'ORD-PRUNED'")
        .and(&[("what_is_gone_was_pruned", "(prunes)"), ("charged_at_most_once", "ORD-PRUNED")]),
    breaks(
        "state_is_the_replay",
        "ORD-PRUNED",
        "UPDATE pruned_orders SET proof = set_byte(proof, 7, get_byte(proof, 7) # 1) WHERE order_id = 'ORD-PRUNED'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-PRUNED-CALLED-OFF",
        "UPDATE pruned_orders SET kept = NULL WHERE order_id = 'ORD-PRUNED-CALLED-OFF'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-PRUNED-REFUNDED",
        "UPDATE pruned_orders SET decided_at = decided_at - interval '1 day' WHERE order_id = 'ORD-PRUNED-REFUNDED'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-PRUNED-REFUNDED",
        "UPDATE payments SET reference = 'other' WHERE order_id = 'ORD-PRUNED-REFUNDED'",
    ),
    breaks("state_is_the_replay", "ORD-PRUNED", "UPDATE orders SET client = 'other' WHERE order_id = 'ORD-PRUNED'"),
    breaks(
        "state_is_the_replay",
        "ORD-PRUNED-REFUNDED",
        "UPDATE refunds SET reason = 'other' WHERE order_id = 'ORD-PRUNED-REFUNDED'",
    ),
    breaks(
        "history_complete",
        "ORD-PRUNED",
        "UPDATE pruned_orders SET pruned_to = pruned_to - 1 WHERE order_id = 'ORD-PRUNED'",
    )
    .and(&[("what_is_gone_was_pruned", "(prunes)")]),
    breaks(
        "order_never_stepped_twice",
        "ORD-PRUNED",
        r#"INSERT INTO order_events (order_id, first_version, at, events)
           VALUES ('ORD-PRUNED', 2, now(), '[{"type":"payment.unknown"}]')"#,
    )
    .and(&[("history_complete", "ORD-PRUNED")]),
    breaks("what_is_gone_was_pruned", "(prunes)", "DELETE FROM prunes"),
    // By where it took what whoever begins there is told.
    breaks("what_is_gone_was_pruned", "(prunes)", "UPDATE prunes SET xact = '7'"),
    breaks("what_is_gone_was_pruned", "(prunes)", "UPDATE prunes SET orders = orders + 1"),
    breaks("what_is_gone_was_pruned", "(prunes)", "UPDATE prunes SET decided_at = decided_at - interval '1 day'"),
    breaks(
        "what_is_gone_was_pruned",
        "GHOST",
        "UPDATE pruned_orders SET order_id = 'GHOST' WHERE order_id = 'ORD-PRUNED'",
    )
    .and(&[("history_complete", "ORD-PRUNED"), ("charged_at_most_once", "ORD-PRUNED")]),
    breaks(
        "webhooks_owe_what_happened",
        "ORD-PRUNED",
        "INSERT INTO webhook_waiting (order_id, endpoint_id, version, upto, failures, run, first_failed_at)
         SELECT 'ORD-PRUNED', endpoint_id, 2, 3, 1, 1, now() FROM webhook_endpoints",
    ),
    // Its events vanish, and somebody makes up a check value for them.
    breaks(
        "state_is_the_replay",
        "ORD-COMPLETED",
        "INSERT INTO pruned_orders SELECT 'ORD-COMPLETED', xact, epoch, pruned_to, decided_at, pruned_at, kept, proof
             FROM pruned_orders WHERE order_id = 'ORD-PRUNED';
         DELETE FROM order_events WHERE order_id = 'ORD-COMPLETED'; DELETE FROM webhook_waiting;
         DELETE FROM webhook_set_aside",
    )
    .and(&[("what_is_gone_was_pruned", "(prunes)")]),
];

async fn names(client: &Client, sql: &str) -> BTreeSet<String> {
    client.query(sql, &[]).await.expect(sql).iter().map(|row| row.get(0)).collect()
}

/// Of orders of every kind those go that have come to rest, whole, and what is left of them proves what it proved before.
#[tokio::test]
async fn of_every_kind_those_go_that_have_come_to_rest_and_are_proved_from_what_is_left() {
    let copy = healthy().await.copy().await;
    let mut client = copy.client().await;
    // Stamps of a wait for a human are in the events' content.
    let age =
        "DELETE FROM nodes; DELETE FROM webhook_endpoints; DELETE FROM webhook_waiting; DELETE FROM webhook_set_aside;
        CREATE TEMPORARY TABLE old AS SELECT order_id FROM orders o
            WHERE state IN ('COMPLETED', 'CANCELLED') AND attention IS NULL
                AND NOT EXISTS (SELECT FROM pruned_orders p WHERE p.order_id = o.order_id)
                AND NOT EXISTS (SELECT FROM order_events e
                    WHERE e.order_id = o.order_id AND e.events LIKE '%order.attention%');
        UPDATE order_events SET at = at - interval '400 days' WHERE order_id IN (SELECT order_id FROM old);
        UPDATE orders SET created_at = created_at - interval '400 days', updated_at = updated_at - interval '400 days'
            WHERE order_id IN (SELECT order_id FROM old)";
    client.batch_execute(age).await.expect("let time pass");
    let before = audit_of(&copy).await;
    assert_eq!(broken(&before), []);
    let rested =
        "SELECT order_id FROM old WHERE order_id NOT IN (SELECT order_id FROM refunds WHERE status = 'intended')
            AND order_id IN (SELECT order_id FROM order_events)
        UNION SELECT order_id FROM pruned_orders";
    let (rested, old) = (names(&client, rested).await, names(&client, "SELECT order_id FROM old").await);
    assert!(rested.len() > 16 && old.contains("ORD-REFUNDING") && !rested.contains("ORD-REFUNDING"), "{rested:?}");
    let day = Duration::from_secs(24 * 3_600);
    let settings = PruneSettings {
        older_than: 300 * day,
        hold: Duration::ZERO,
        planner: Planner::default(),
        dry_run: false,
        sinks: Vec::new(),
    };
    let pruned = run(&mut client, &settings, Uuid::nil()).await.expect("prune");
    assert_eq!(pruned.unsound, Vec::<String>::new());
    assert_eq!(names(&client, "SELECT order_id FROM pruned_orders").await, rested);
    let left = names(&client, "SELECT DISTINCT order_id FROM order_events").await;
    assert!(left.is_disjoint(&rested) && left.contains("ORD-REFUNDING") && left.contains("ORD-AUTHORIZED"), "{left:?}");
    let after = audit_of(&copy).await;
    assert_eq!(broken(&after), []);
    assert_eq!(after.pruned.orders, i64::try_from(rested.len()).unwrap());
    assert_eq!(after.vouched, before.vouched, "what operators answered for is known without their events");
    let kept = "SELECT order_id FROM pruned_orders WHERE kept IS NULL";
    assert!(names(&client, kept).await.contains("ORD-COMPLETED"), "of the plainest order nothing more is kept");
}

/// In no order of a feed, unsealed, and without what later programs tell.
#[tokio::test]
async fn what_an_earlier_program_stored_goes_too() {
    let database = super::earlier::upgraded().await;
    let mut client = database.client().await;
    let indexes = "CREATE INDEX order_events_feed ON order_events (epoch, xact) WHERE epoch > 0;
        CREATE INDEX order_events_earlier ON order_events (at, order_id, first_version) WHERE epoch = 0;
        DELETE FROM nodes";
    client.batch_execute(indexes).await.expect("the indexes that are built while orders flow");
    let before = audit_of(&database).await;
    let settings = PruneSettings {
        older_than: Duration::ZERO,
        hold: Duration::ZERO,
        planner: Planner::default(),
        dry_run: false,
        sinks: Vec::new(),
    };
    let pruned = run(&mut client, &settings, Uuid::nil()).await.expect("prune");
    assert!(pruned.orders > 3 && pruned.unsound.is_empty(), "{pruned:?}");
    let after = audit_of(&database).await;
    assert_eq!(broken(&after), []);
    assert_eq!(after.vouched, before.vouched);
    let rested = "SELECT order_id FROM orders WHERE state IN ('COMPLETED', 'CANCELLED') AND attention IS NULL
        AND order_id NOT IN (SELECT order_id FROM refunds WHERE status = 'intended')";
    let gone = names(&client, "SELECT order_id FROM pruned_orders").await;
    assert_eq!(gone, names(&client, rested).await);
}
