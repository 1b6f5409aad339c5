//! What is gone of what somebody was to get: whoever begins before it is told, and never in silence.

use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, GenericClient};

use super::super::columns::stamp;
use super::super::rows;
use crate::ports::feed::{Gap, Position};
use crate::saga::Timestamp;

/// By the steps of whoever pruned: what a step took is not told apart, so that it may be less.
const GAP: &str = "
SELECT sum(events)::bigint, sum(orders)::bigint, max(decided_at) FROM prunes
WHERE (epoch, xact) >= ($1::int, $2::bigint::text::xid8) AND ($3::timestamptz IS NULL OR decided_at >= $3) AND prune_id > $4
HAVING count(*) > 0";

/// What was pruned of what lies behind a position, and was decided `since` then, in steps later than this one.
pub(in crate::store) async fn gap(
    client: &impl GenericClient,
    from: &Position,
    since: Option<Timestamp>,
    later_than: i64,
) -> Result<Option<Gap>, Error> {
    let lowest = from.lowest();
    let (number, since) = (i64::try_from(lowest.number).unwrap_or(i64::MAX), since.map(stamp));
    let parameters: [&(dyn ToSql + Sync); 4] = [&lowest.epoch, &number, &since, &later_than];
    let row = client.query_opt(GAP, &parameters).await?;
    Ok(row.map(|row| read(row.get(0), row.get(1), row.get(2))))
}

pub(in crate::store) fn read(events: i64, orders: i64, until: std::time::SystemTime) -> Gap {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Gap { events: count(events), orders: count(orders), until: rows::timestamp(until) }
}
