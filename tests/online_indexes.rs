//! Promise: the indexes of listings are built while orders flow, however long that takes and however often it is cut off,
//! and an engine that finds them missing takes orders all the same.

use counterfoil::ports::{Listing, Reads};
use counterfoil::saga::Client;
use counterfoil::store::migrate::migrate;
use tokio_postgres::Client as Session;

use crate::support::database::TestDatabase;
use crate::support::engine::{TestEngine, answer, settings, simple, until};

/// As an earlier version left it.
const BEFORE: &str = "
    DROP INDEX orders_by_client, orders_failed_by_client, orders_waiting_by_client, orders_waiting_since;
    CREATE INDEX orders_by_customer ON orders (customer_id, order_id);
    CREATE INDEX orders_by_failure ON orders (order_id) WHERE failure IS NOT NULL;
    CREATE INDEX orders_by_attention ON orders (order_id) WHERE attention IS NOT NULL";

/// What an order that is about to be placed holds, and a build waits for.
const HOLD: &str = "BEGIN; LOCK TABLE orders IN ROW EXCLUSIVE MODE";

/// The indexes of `orders`, and whether they are valid.
async fn indexes(session: &Session) -> Vec<(String, bool)> {
    let sql = "SELECT c.relname::text, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'orders'::regclass AND NOT i.indisprimary ORDER BY c.relname";
    session.query(sql, &[]).await.expect(sql).iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn until_builder_waited(session: &Session, ms: i32) {
    let sql = format!(
        "SELECT EXISTS (SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'
           AND query_start < clock_timestamp() - {ms} * interval '1 millisecond')"
    );
    until("the build waits", || async { session.query_one(&sql, &[]).await.expect("look").get(0) }).await;
}

fn names(found: &[(String, bool)]) -> Vec<&str> {
    found.iter().map(|(name, _)| name.as_str()).collect()
}

const NEW: [&str; 4] =
    ["orders_by_client", "orders_failed_by_client", "orders_waiting_by_client", "orders_waiting_since"];

/// A build is cut off; the next migration, whose session allows a statement 100 ms, waits for an order that takes long, and
/// with it for another migration and for somebody who waits for the lock of the migrations in one statement, as earlier
/// programs do. Orders flow all the while, and an engine that lives keeps what an earlier one may need.
#[tokio::test]
async fn a_build_that_was_cut_off_is_begun_anew_while_orders_flow() {
    let database = TestDatabase::new().await;
    let (admin, holder) = (database.client().await, database.client().await);
    admin.batch_execute(BEFORE).await.expect("the earlier indexes");
    let test = TestEngine::on(database, settings()).await;
    test.stock("SKU-1", 1_000).await;
    assert!(!test.store.lists_all());
    let own = Listing { client: Some(Client::anonymous()), limit: 10, ..Listing::default() };
    assert!(test.store.list(own.clone()).await.is_err(), "it would read everybody's orders");
    let everybody = Listing { limit: 10, ..Listing::default() };
    assert!(test.store.list(everybody).await.is_ok());

    holder.batch_execute(HOLD).await.expect("hold");
    let cut = test.database.client().await;
    let cut = tokio::spawn(async move { migrate(&mut { cut }).await });
    until_builder_waited(&admin, 0).await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%'";
    admin.batch_execute(kill).await.expect("cut it off");
    assert!(cut.await.expect("a task").is_err());
    assert!(indexes(&admin).await.contains(&("orders_by_client".into(), false)), "what is left is not valid");

    let earlier_engine = "INSERT INTO nodes (node_id, name, version, state, heartbeat_at)
        VALUES (gen_random_uuid(), 'earlier', '0.3.0', 'up', clock_timestamp() + interval '1 hour')";
    admin.batch_execute(earlier_engine).await.expect("an engine that knows no listing but its own");
    let mut first = test.database.client().await;
    first.batch_execute("SET statement_timeout = '100ms'").await.expect("be impatient");
    let first = tokio::spawn(async move { migrate(&mut first).await });
    let cut_off_drops = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND query LIKE 'DROP INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'
        AND query_start < clock_timestamp() - interval '300 milliseconds')";
    until("what was left is waited for", || async { admin.query_one(cut_off_drops, &[]).await.expect("look").get(0) })
        .await;
    let mut second = test.database.client().await;
    let second = tokio::spawn(async move { migrate(&mut second).await });
    assert_eq!(answer(test.submit(simple("O-1")).await).0, 201);
    // The one that is held is over, and another one begins, in time for the build.
    let other = test.database.client().await;
    other.batch_execute(HOLD).await.expect("hold");
    holder.batch_execute("ROLLBACK").await.expect("let go");
    // The drop waits for it as the build does: whichever is under way.
    holder.batch_execute(HOLD).await.expect("hold");
    other.batch_execute("ROLLBACK").await.expect("let go");
    let waits = test.database.client().await;
    let earlier = tokio::spawn(async move {
        // Which of the two the deadlock ends is PostgreSQL's choice.
        let _ =
            waits.batch_execute("SELECT pg_advisory_lock(0x636f756e74657266); SELECT pg_advisory_unlock_all()").await;
    });
    assert_eq!(answer(test.submit(simple("O-2")).await).0, 201);
    holder.batch_execute("ROLLBACK").await.expect("let go");
    first.await.expect("a task").expect("the migration");
    second.await.expect("a task").expect("the migration beside it");
    earlier.await.expect("a task");

    let found = indexes(&admin).await;
    assert!(found.iter().all(|(_, valid)| *valid), "{found:?}");
    assert!(NEW.iter().all(|name| names(&found).contains(name)), "{found:?}");
    assert!(names(&found).contains(&"orders_by_customer"), "an engine lives that may need it: {found:?}");
    until("the engine has noticed", || async { test.store.lists_all() }).await;
    assert_eq!(test.store.list(own).await.expect("a page").orders.len(), 2);

    let database = test.stop().await;
    admin.batch_execute("UPDATE nodes SET state = 'gone' WHERE name = 'earlier'").await.expect("the upgrade's end");
    migrate(&mut database.client().await).await.expect("the migration after the upgrade");
    assert_eq!(names(&indexes(&admin).await), NEW, "nobody needs the others any more");
}

/// Somebody who may do more than the migrations builds an index by hand, since it takes long: its progress is not for
/// everybody to see.
#[tokio::test]
async fn a_build_by_somebody_else_is_waited_for() {
    let database = TestDatabase::new().await;
    let (admin, holder) = (database.client().await, database.client().await);
    admin.batch_execute(BEFORE).await.expect("the earlier indexes");
    let role = format!("owner_{}", uuid::Uuid::new_v4().simple());
    let owned = format!(
        "CREATE ROLE {role}; GRANT ALL ON SCHEMA public TO {role};
        DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT format('%I', relname) FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            LOOP EXECUTE 'ALTER TABLE ' || name || ' OWNER TO {role}'; END LOOP;
        END $$"
    );
    admin.batch_execute(&owned).await.expect("a plain role owns the tables");
    holder.batch_execute(HOLD).await.expect("hold");
    let builder = database.client().await;
    let built = tokio::spawn(async move {
        builder
            .batch_execute("CREATE INDEX CONCURRENTLY orders_by_client ON orders (client, customer_id, order_id)")
            .await
    });
    until_builder_waited(&admin, 0).await;
    let mut plain = database.client().await;
    plain.batch_execute(&format!("SET ROLE {role}")).await.expect("as the plain role");
    let migrated = tokio::spawn(async move { migrate(&mut plain).await });
    // It has looked at what stands there: its last statement is that look, or what it made of it.
    let looked =
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND (query LIKE '%pg_locks%' OR query LIKE 'DROP INDEX%'))";
    until("the migration is there", || async { admin.query_one(looked, &[]).await.expect("look").get(0) }).await;
    let drops = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND query LIKE 'DROP INDEX CONCURRENTLY%')";
    assert!(!admin.query_one(drops, &[]).await.expect("look").get::<_, bool>(0), "it takes the other's work away");
    holder.batch_execute("ROLLBACK").await.expect("let go");
    built.await.expect("a task").expect("the build by hand");
    migrated.await.expect("a task").expect("the migration");
    let found = indexes(&admin).await;
    assert!(found.iter().all(|(_, valid)| *valid) && NEW.iter().all(|name| names(&found).contains(name)), "{found:?}");
}
