//! Orders by when they were stored, the latest first: along the events, which are kept in that order for whoever publishes them
//! anyway (`order_events_feed`), so that no order pays for it. An order stands where its first event does.
//!
//! What was stored in one transaction goes by order_id, backwards. Histories that were pruned are not gone through any more,
//! nor those from before there was a feed: the walk ends where they do.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::types::ToSql;

use super::{BYTES, Filter, Found, given_up};
use crate::limits;
use crate::ports::{Listing, Place, StoreError};
use crate::saga::Timestamp;
use crate::store::{read_error, rows};

/// How much later than it was decided an order may be stored, and how far a clock may be from another: what is asked for by time is
/// looked for so much further.
const SLACK_US: i64 = 3_600 * 1_000_000;

/// The latest epoch before one, and where it begins and ends.
const EPOCH: &str = "
SELECT e.epoch, first.xact::text::bigint, first.at, last.xact::text::bigint
FROM (SELECT epoch FROM order_events WHERE epoch > 0 AND epoch < $1 ORDER BY epoch DESC LIMIT 1) e
CROSS JOIN LATERAL (SELECT xact, at FROM order_events WHERE epoch > 0 AND epoch = e.epoch ORDER BY xact LIMIT 1) first
CROSS JOIN LATERAL (SELECT xact FROM order_events WHERE epoch > 0 AND epoch = e.epoch ORDER BY xact DESC LIMIT 1) last";

/// The first that was stored from a transaction on.
const FROM: &str = "
SELECT xact::text::bigint, at FROM order_events
WHERE epoch > 0 AND epoch = $1 AND xact >= $2::bigint::text::xid8 ORDER BY xact LIMIT 1";

/// Goes on along the walk until the page is full or enough rows were looked at.
pub(super) async fn walk(client: &ClientWrapper, listing: &Listing, found: &mut Found) -> Result<(), StoreError> {
    let begin = match (&listing.after, listing.to) {
        (Some(after), _) => after.moment(),
        (None, Some(to)) => match behind(client, to).await? {
            Some(moment) => Some(moment),
            None => return Ok(()),
        },
        (None, None) => None,
    };
    let (epoch, xact) = begin.unwrap_or((i32::MAX, i64::MAX));
    let order_id = listing.after.as_ref().and_then(|after| after.order_id.clone()).unwrap_or_default();
    let filter = Filter::of(listing);
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&epoch, &xact, &order_id, &found.left];
    let wants = listing.limit + 1;
    let wanted = filter.sql(&mut parameters);
    parameters.push(&wants);
    let sql = format!(
        "SELECT t.order_id, t.epoch, t.xact, t.at, t.nth, o.wanted IS TRUE AS wanted, coalesce(o.bytes, 0) AS bytes FROM (
            SELECT s.*, row_number() OVER () AS nth FROM (
                SELECT e.order_id, e.epoch, e.xact::text::bigint AS xact, e.at, e.first_version FROM order_events e
                WHERE e.epoch > 0 AND (e.epoch, e.xact, e.order_id) < ($1, $2::bigint::text::xid8, $3)
                ORDER BY e.epoch DESC, e.xact DESC, e.order_id DESC LIMIT $4
            ) s
         ) t
         LEFT JOIN LATERAL (
            SELECT {wanted} AS wanted, {BYTES} AS bytes FROM orders o
            WHERE o.order_id = t.order_id AND t.first_version = 1 OFFSET 0
         ) o ON true
         WHERE o.wanted OR t.nth = $4 LIMIT ${}",
        parameters.len()
    );
    let statement = client.prepare_cached(&sql).await.map_err(|error| read_error(&error))?;
    let rows = client.query(&statement, &parameters).await.map_err(|error| given_up(&error))?;
    let (limit, mut last) = (usize::try_from(listing.limit).unwrap_or_default(), None);
    for row in &rows {
        let (wanted, bytes): (bool, i64) = (row.get("wanted"), row.get("bytes"));
        if wanted && found.is_full(limit, bytes) {
            // It is the first of the next page, which begins behind the one before it.
            found.next = last.or_else(|| listing.after.clone());
            return Ok(());
        }
        let order_id: String = row.get("order_id");
        let moment: (i32, i64) = (row.get("epoch"), row.get("xact"));
        last = Some(Place::at(moment, order_id.clone()));
        if wanted {
            found.bytes += bytes;
            found.order_ids.push(order_id);
        }
        let is_last: bool = row.get::<_, i64>("nth") == limits::PAGE_READ;
        let stored = rows::timestamp(row.get("at"));
        let too_early = listing.from.is_some_and(|from| stored.0 < from.0.saturating_sub(SLACK_US));
        found.next = last.clone().filter(|_| is_last && !too_early);
    }
    Ok(())
}

/// A moment that all which was decided before `to` was stored before; `None` where there is nothing so old. Found by halves: of an
/// epoch, what has a later transaction was decided later, but for the slack.
async fn behind(client: &ClientWrapper, to: Timestamp) -> Result<Option<(i32, i64)>, StoreError> {
    let to = to.0.saturating_add(SLACK_US);
    let (epochs, first_from) = (client.prepare_cached(EPOCH).await, client.prepare_cached(FROM).await);
    let epochs = epochs.map_err(|error| read_error(&error))?;
    let first_from = first_from.map_err(|error| read_error(&error))?;
    let mut before = i32::MAX;
    loop {
        let row = client.query_opt(&epochs, &[&before]).await.map_err(|error| given_up(&error))?;
        let Some(row) = row else { return Ok(None) };
        let (epoch, first, last): (i32, i64, i64) = (row.get(0), row.get(1), row.get(3));
        if rows::timestamp(row.get(2)).0 >= to {
            before = epoch;
            continue;
        }
        let (mut early, mut late) = (first, last.saturating_add(1));
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            let row = client.query_opt(&first_from, &[&epoch, &middle]).await.map_err(|error| given_up(&error))?;
            match row.map(|row| (row.get::<_, i64>(0), rows::timestamp(row.get(1)).0)) {
                Some((xact, at)) if at < to => early = xact,
                Some(_) | None => late = middle,
            }
        }
        return Ok(Some((epoch, late)));
    }
}
