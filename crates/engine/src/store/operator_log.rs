//! What operators did to an order, and why: read back for people. It is written by the commit that it tells of.

use deadpool_postgres::ClientWrapper;

use super::{read_error, rows};
use crate::limits;
use crate::ports::{OperatorRecord, StoreError};
use crate::saga::{Client, OrderId};

/// See [`read`].
pub(super) const READ: &str = "
SELECT at, by, verb, reason, before, after
FROM operator_log
WHERE order_id = $1
ORDER BY at DESC, entry_id DESC
LIMIT $2";

/// The latest entries of an order, in order.
pub(super) async fn read(client: &ClientWrapper, order_id: &OrderId) -> Result<Vec<OperatorRecord>, StoreError> {
    let statement = client.prepare_cached(READ).await.map_err(|error| read_error(&error))?;
    let found = client
        .query(&statement, &[&order_id.as_str(), &limits::OPERATOR_LOG])
        .await
        .map_err(|error| read_error(&error))?;
    let record = |row: &tokio_postgres::Row| OperatorRecord {
        at: rows::timestamp(row.get("at")),
        by: Client::trusted(row.get::<_, &str>("by")),
        verb: row.get("verb"),
        reason: row.get("reason"),
        before: row.get("before"),
        after: row.get("after"),
    };
    Ok(found.iter().rev().map(record).collect())
}
