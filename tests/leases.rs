//! Promise: of several engines one publishes to a sink, and whoever had it before can write nothing of it any more. Judged by
//! the rows, whose times are the database's.

use std::time::Duration;

use counterfoil::ports::lease::{Held, Leases};
use counterfoil::store::relay::hold_back;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::{open_store, until};
use crate::support::leases::{end_leases, set_leases};

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
    set_leases(&database.client().await, "until = until + interval '1 day'", "true").await;
    let held = store.hold("bus", Uuid::new_v4(), HOUR).await.expect("ask");
    assert_eq!(held.map(|held| held.generation), Some(2));
}

/// Leases of the parts of a sink, and of whoever divides it, laid down against the order of their names: whoever locks them as
/// they come begins with the last.
const PARTS: &str = "
    INSERT INTO outbox_leases SELECT name, gen_random_uuid(), 1, now() + interval '1 hour'
        FROM unnest(ARRAY['bus/division', 'bus/2', 'bus/1', 'bus/0']) WITH ORDINALITY AS n (name, nth) ORDER BY nth;
    INSERT INTO outbox_relays (sink, part, parts, begins, deployment)
        SELECT 'bus', part, 3, 'beginning', gen_random_uuid() FROM unnest(ARRAY[2, 1, 0]) part";

const WAITS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn number(session: &Client, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error}")).get(0)
}

/// Holds the lease of the first part, until told otherwise.
async fn holds(session: &Client, name: &str) {
    let sql = format!("BEGIN; SELECT FROM outbox_leases WHERE name = '{name}' FOR UPDATE");
    session.batch_execute(&sql).await.expect(&sql);
}

/// Whoever divides has the first one and comes for the others: who waits behind it must have none of them.
#[tokio::test]
async fn an_operators_word_takes_the_leases_in_the_order_of_their_names() {
    let database = TestDatabase::new().await;
    let (divider, admin, mut operator) = (database.client().await, database.client().await, database.client().await);
    admin.batch_execute(PARTS).await.expect("a sink of three parts");
    holds(&divider, "bus/0").await;
    let said = tokio::spawn(async move { hold_back(&mut operator, "bus", true, "a move").await });
    until("it waits for the first", || async { number(&admin, WAITS).await == 1 }).await;
    let others = "SELECT name FROM outbox_leases WHERE name IN ('bus/1', 'bus/2') ORDER BY name FOR UPDATE NOWAIT";
    divider.batch_execute(others).await.expect("nobody has the others");
    divider.batch_execute("COMMIT").await.expect("end");
    assert_eq!(said.await.expect("no panic").expect("pause"), 3);
    // Before and behind what it does, as ever; and whoever divides keeps its own.
    let fenced = "SELECT count(*) FROM outbox_leases WHERE (generation, until <= now()) =
        (CASE name WHEN 'bus/division' THEN 1 ELSE 3 END, name <> 'bus/division')";
    assert_eq!(number(&admin, fenced).await, 4);
}

/// So must a test that ends leases beside engines that live; and where somebody has them in another order it comes again.
#[tokio::test]
async fn a_test_that_ends_leases_is_nobodys_victim() {
    let database = TestDatabase::new().await;
    let (first, last, admin) = (database.client().await, database.client().await, database.client().await);
    admin.batch_execute(PARTS).await.expect("a sink of three parts");
    holds(&first, "bus/0").await;
    let session = database.client().await;
    let ends = tokio::spawn(async move { end_leases(&session).await });
    until("it waits for the first", || async { number(&admin, WAITS).await == 1 }).await;
    let others = "SELECT name FROM outbox_leases WHERE name <> 'bus/0' ORDER BY name FOR UPDATE NOWAIT";
    first.batch_execute(others).await.expect("nobody has the others");
    first.batch_execute("COMMIT").await.expect("end");
    ends.await.expect("no panic");
    let ended = "SELECT count(*) FROM outbox_leases WHERE until <= clock_timestamp()";
    assert_eq!(number(&admin, ended).await, 4);

    // One that comes from behind, and never looks whether that is a deadlock, so that it is the other one's.
    last.batch_execute("SET deadlock_timeout = '1h'").await.expect("never look");
    holds(&last, "bus/2").await;
    holds(&first, "bus/1").await;
    let session = database.client().await;
    session.batch_execute("SET deadlock_timeout = '10ms'").await.expect("look soon");
    let ends = tokio::spawn(async move { set_leases(&session, "generation = 7", "true").await });
    until("it has the first", || async { number(&admin, WAITS).await == 1 }).await;
    let backwards = tokio::spawn(async move {
        last.batch_execute("UPDATE outbox_leases SET generation = 2 WHERE name = 'bus/0'; COMMIT").await
    });
    until("who comes from behind waits for it", || async { number(&admin, WAITS).await == 2 }).await;
    first.batch_execute("COMMIT").await.expect("end");
    backwards.await.expect("no panic").expect("it is nobody's victim");
    ends.await.expect("no panic");
    let deadlocks = "SELECT count(*) FROM outbox_leases WHERE generation = 7";
    assert_eq!(number(&admin, deadlocks).await, 4, "it came again");
}
