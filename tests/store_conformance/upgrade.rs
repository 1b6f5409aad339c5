//! Promise: every order ends, those too that were placed under an earlier schema.

use counterfoil::embedded_postgres::{self, EmbeddedPostgres};
use tokio_postgres::NoTls;

use crate::support::database::TestDatabase;
use crate::support::program::Folder;

const FIRST: &str = include_str!("../../migrations/0001_foundation.sql");
const SECOND: &str = include_str!("../../migrations/0002_remote_legs.sql");

#[tokio::test]
async fn orders_that_wait_are_found_after_an_upgrade() {
    let database = TestDatabase::blank().await;
    let client = database.client().await;
    client.batch_execute(FIRST).await.expect("the first schema");
    let orders = "
        INSERT INTO orders (order_id, commit_id, amount, created_at, updated_at, version, saga_version, plan, state,
            stock, shipment, currency, client, customer_id, fingerprint, lines, details, attention, answer,
            answer_status)
        SELECT name, 1, 1, now(), now(), 3, 1, 0, state, 'reserved', 'none', 'USD', 'shop', 'cus', '', '[]', '{}',
            attention, '{}', 201
        FROM (VALUES ('AUTHORIZED', 'PAYMENT_AUTHORIZED', NULL), ('FLAGGED', 'PAYMENT_AUTHORIZED', '{}'),
            ('UNDOING', 'COMPENSATING', NULL), ('COMPLETED', 'COMPLETED', NULL), ('CANCELLED', 'CANCELLED', NULL))
            AS kinds (name, state, attention)";
    client.batch_execute(orders).await.expect("orders of every kind");
    client.batch_execute(SECOND).await.expect("the second schema");
    let sql = "SELECT order_id, version, round(extract(epoch FROM wake_at - now()) / 3600)::bigint,
            round(extract(epoch FROM expires_at - now()) / 3600)::bigint
        FROM order_work ORDER BY order_id";
    let rows = client.query(sql, &[]).await.expect("read what is left");
    let left: Vec<(String, i32, Option<i64>, Option<i64>)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    let week = Some(7 * 24);
    let expected = [("AUTHORIZED", week, week), ("FLAGGED", None, week), ("UNDOING", Some(0), None)];
    assert_eq!(left, expected.map(|(name, wakes, expires)| (name.to_owned(), 3, wakes, expires)));
}

/// What the migrations behind 0.2.0 added, taken away again.
const BACK_TO_0_2_0: &str = "
    DROP FUNCTION counterfoil_now() CASCADE;
    DROP FUNCTION counterfoil_asked_at();
    ALTER TABLE payments DROP CONSTRAINT payments_pkey, ADD CONSTRAINT payments_order_id_key UNIQUE (order_id);
    DROP TABLE order_steps, saga_definitions;
    ALTER TABLE nodes DROP COLUMN steps;
    ALTER TABLE order_work DROP COLUMN written_at, DROP COLUMN last_error, DROP COLUMN look_first;
    ALTER TABLE deployment DROP COLUMN name, DROP COLUMN system_identifier, DROP COLUMN database_oid,
        DROP COLUMN previous, DROP COLUMN cloned_at, DROP COLUMN adopted_as, DROP COLUMN adopted_at, DROP COLUMN adopting;
    DROP TRIGGER idempotency_keys_seal ON idempotency_keys;
    DROP TRIGGER idempotency_keys_seal_answer ON idempotency_keys;
    DROP TRIGGER inventory_journal_seal ON inventory_journal;
    DROP FUNCTION counterfoil_seal_key, counterfoil_seal_journal;
    ALTER TABLE idempotency_keys DROP COLUMN seal;
    ALTER TABLE inventory_journal DROP COLUMN seal;
    ALTER TABLE deployment DROP COLUMN sealed_since;
    ALTER TABLE refunds DROP CONSTRAINT refunds_amount_or_restock,
        ADD CONSTRAINT refunds_amount_check CHECK (amount > 0);
    DELETE FROM refinery_schema_history WHERE version > 4;
    DROP TABLE order_keys;
    DROP TRIGGER order_events_epoch ON order_events;
    DROP TRIGGER order_events_in_turn ON order_events;
    ALTER TABLE order_events DROP COLUMN epoch;
    DROP FUNCTION counterfoil_epoch, counterfoil_in_turn, counterfoil_enter, counterfoil_begin_epoch, counterfoil_goes_on,
        counterfoil_timeline, counterfoil_cluster;
    DROP TABLE epochs;
    DROP FUNCTION counterfoil_outbox, counterfoil_outbox_off, counterfoil_outbox_is, counterfoil_outbox_becomes,
        counterfoil_outbox_json;
    DROP TABLE outbox;
    DROP FUNCTION counterfoil_outbox_stays;
    DROP TABLE outbox_leases, outbox_relays, outbox_skips, outbox_log, outbox_divisions, webhook_endpoints,
        webhook_waiting, webhook_set_aside;
    DROP TABLE pruned_orders, prunes;
    DROP FUNCTION counterfoil_inactive;
    UPDATE deployment SET schema_version = 4, oldest_binary = '0.2.0'";

/// A long transaction uses a table that a migration changes. The migration waits for it, and nobody waits behind the
/// migration for longer than a second and a half (the statement that would have is given up, and fails the test).
#[tokio::test]
async fn a_migration_that_waits_for_a_table_lets_everybody_else_pass() {
    let database = TestDatabase::new().await;
    let (reader, user, mut migrator) = (database.client().await, database.client().await, database.client().await);
    user.batch_execute(BACK_TO_0_2_0).await.expect("the earlier schema");
    reader.batch_execute("BEGIN; SELECT count(*) FROM order_work").await.expect("read for long");
    let migrated = tokio::spawn(async move { counterfoil::store::migrate::migrate(&mut migrator).await });
    user.batch_execute("SET lock_timeout = '1500ms'").await.expect("be impatient");
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'
        AND relation = 'order_work'::regclass";
    let (mut turns, deadline) = (0, std::time::Instant::now() + std::time::Duration::from_secs(60));
    while turns < 3 {
        // The migration is in the queue: whoever comes now stands behind it.
        while user.query_one(waits, &[]).await.expect("the locks").get::<_, i64>(0) == 0 {
            assert!(std::time::Instant::now() < deadline && !migrated.is_finished(), "the migration does not wait");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        user.batch_execute("UPDATE order_work SET look = look").await.expect("nobody waits for long");
        turns += 1;
    }
    reader.batch_execute("COMMIT").await.expect("end");
    assert_eq!(migrated.await.expect("no panic").expect("it gets through in the end"), 17);
}

/// An automatic vacuum gives way to whoever has waited for a second, and a migration waits for less: it waits once.
#[tokio::test]
async fn a_migration_has_an_automatic_vacuum_give_way() {
    let folder = Folder::new();
    let mut settings = embedded_postgres::PostgresSettings::new(folder.0.join("data"));
    let thorough = [
        ("autovacuum_naptime", "1s"),
        ("autovacuum_vacuum_threshold", "1"),
        ("autovacuum_vacuum_scale_factor", "0"),
        ("autovacuum_vacuum_cost_delay", "100ms"),
        ("autovacuum_vacuum_cost_limit", "1"),
    ];
    settings.parameters.extend(thorough.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let server = EmbeddedPostgres::start(settings).expect("start PostgreSQL");
    let url = server.database_url("postgres");
    let connect = async || {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("connect");
        tokio::spawn(connection);
        client
    };
    let (mut migrator, user) = (connect().await, connect().await);
    counterfoil::store::migrate::migrate(&mut migrator).await.expect("migrate");
    let rows = "INSERT INTO order_events (order_id, first_version, at, events)
        SELECT 'O-' || n, 1, now(), repeat('x', 400) FROM generate_series(1, 60000) n; DELETE FROM order_events";
    user.batch_execute(&format!("{BACK_TO_0_2_0}; {rows}")).await.expect("the earlier schema, and rows");
    let vacuums = "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'order_events'::regclass";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while user.query_one(vacuums, &[]).await.expect("the vacuums").get::<_, i64>(0) == 0 {
        assert!(std::time::Instant::now() < deadline, "nothing is vacuumed");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(counterfoil::store::migrate::migrate(&mut migrator).await.expect("it gives way"), 17);
}
