//! Promise: every order ends, those too that were placed under an earlier schema.

use crate::support::database::TestDatabase;

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
