//! What operators did to an order, and why: read back for people. It is written by the commit that it tells of.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;
use uuid::Uuid;

use super::listing::given_up;
use super::{columns, read_error, rows};
use crate::limits;
use crate::ports::{OperatorAct, OperatorRecord, StoreError};
use crate::saga::{Client, OrderId, Timestamp};

/// See [`read`]. An order's own entries are found first, and sorted then: else all there are would be gone through by time.
pub(super) const READ: &str = "
SELECT at, by, verb, reason, before, after
FROM (SELECT * FROM operator_log WHERE order_id = $1 OFFSET 0) own
ORDER BY at DESC, entry_id DESC
LIMIT $2";

/// The latest entries of an order, in order.
pub(super) async fn read(client: &ClientWrapper, order_id: &OrderId) -> Result<Vec<OperatorRecord>, StoreError> {
    let statement = client.prepare_cached(READ).await.map_err(|error| read_error(&error))?;
    let found = client
        .query(&statement, &[&order_id.as_str(), &limits::OPERATOR_LOG])
        .await
        .map_err(|error| read_error(&error))?;
    Ok(found.iter().rev().map(record).collect())
}

fn record(row: &Row) -> OperatorRecord {
    OperatorRecord {
        at: rows::timestamp(row.get("at")),
        by: Client::trusted(row.get::<_, &str>("by")),
        verb: row.get("verb"),
        reason: row.get("reason"),
        before: row.get("before"),
        after: row.get("after"),
    }
}

/// The latest entries of all orders before one of them.
pub(super) async fn read_all(
    client: &ClientWrapper,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<OperatorAct>, StoreError> {
    let sql = "
        SELECT entry_id, order_id, at, by, verb, reason, before, after FROM operator_log
        WHERE (at, entry_id) < ($1, $2)
        ORDER BY at DESC, entry_id DESC LIMIT $3";
    let statement = client.prepare_cached(sql).await.map_err(|error| read_error(&error))?;
    let (at, entry_id) = columns::before(before);
    let found = client.query(&statement, &[&at, &entry_id, &limit]).await.map_err(|error| given_up(&error))?;
    let act = |row: &Row| OperatorAct {
        entry_id: row.get("entry_id"),
        order_id: OrderId::trusted(row.get::<_, &str>("order_id")),
        record: record(row),
    };
    Ok(found.iter().map(act).collect())
}
