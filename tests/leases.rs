//! Promise: of several engines one publishes to a sink, and whoever had it before can write nothing of it any more. Judged by
//! the rows, whose times are the database's.

use std::time::Duration;

use counterfoil::ports::lease::{Held, Leases};
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::{open_store, until};

const HOUR: Duration = Duration::from_secs(3_600);

async fn end(database: &TestDatabase, name: &str) {
    let sql = "UPDATE outbox_leases SET until = clock_timestamp() - interval '1 ms' WHERE name = $1";
    assert_eq!(database.client().await.execute(sql, &[&name]).await.expect(sql), 1);
}

#[tokio::test]
async fn one_holds_a_lease_and_each_change_of_hands_is_counted() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let (a, b) = (Uuid::new_v4(), Uuid::new_v4());
    let hold = async |node, ttl| store.hold("bus", node, ttl).await.expect("ask");
    let first = hold(a, HOUR).await.expect("nobody has it");
    assert_eq!(first, Held { name: "bus".into(), node: a, generation: 1, ttl: HOUR });
    assert_eq!(hold(b, HOUR).await, None);
    assert_eq!(store.hold("other", b, HOUR).await.expect("ask").map(|held| held.generation), Some(1));
    assert!(store.renew(&first).await.expect("renew"));

    // One that ended is its holder's until somebody takes it.
    end(&database, "bus").await;
    assert!(store.renew(&first).await.expect("renew"));
    assert_eq!(hold(b, HOUR).await, None, "it was renewed");
    end(&database, "bus").await;
    let second = hold(b, HOUR).await.expect("it ended");
    assert_eq!((second.node, second.generation), (b, 2));
    assert!(!store.renew(&first).await.expect("renew"));
    store.release(&first).await.expect("release");
    assert_eq!(hold(a, HOUR).await, None, "whoever lost it gives nothing up");

    // Another task of the same engine takes it, and the one before is over.
    let third = hold(b, HOUR).await.expect("its own");
    assert_eq!(third.generation, 3);
    assert!(!store.renew(&second).await.expect("renew"));
    store.release(&third).await.expect("release");
    assert_eq!(hold(a, HOUR).await.expect("it was given up").generation, 4);
}

#[tokio::test]
async fn a_lease_ends_by_itself_and_is_taken_by_one_of_many() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let dead =
        store.hold("bus", Uuid::new_v4(), Duration::from_millis(200)).await.expect("ask").expect("nobody has it");
    let nodes: Vec<Uuid> = (0..8).map(|_| Uuid::new_v4()).collect();
    let taken = std::cell::Cell::new(0);
    until("it ends", || async {
        let asked = nodes.iter().map(|node| store.hold("bus", *node, HOUR));
        let held = futures_util::future::join_all(asked).await;
        taken.set(taken.get() + held.iter().filter(|held| held.as_ref().expect("ask").is_some()).count());
        taken.get() > 0
    })
    .await;
    assert_eq!(taken.get(), 1);
    assert!(!store.renew(&dead).await.expect("renew"));
}

/// The clock of the database is set back by a day, as seen from its rows: a dead engine must not hold a sink until tomorrow.
#[tokio::test]
async fn a_clock_that_was_set_back_leaves_no_sink_to_the_dead() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    store.hold("bus", Uuid::new_v4(), HOUR).await.expect("ask").expect("nobody has it");
    let sql = "UPDATE outbox_leases SET until = until + interval '1 day'";
    database.client().await.batch_execute(sql).await.expect(sql);
    let held = store.hold("bus", Uuid::new_v4(), HOUR).await.expect("ask");
    assert_eq!(held.map(|held| held.generation), Some(2));
}
