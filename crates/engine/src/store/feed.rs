//! The feed as PostgreSQL has it: a step is one statement, and so one snapshot, over the index by epoch and transaction.
//!
//! What a step costs does not depend on what lies behind its position, nor on anybody's open transaction. It is bounded in
//! rows and in bytes, late rows included: of a transaction of 100,000 rows it reads a part, and the next one its rest.
//!
//! A reader has a connection of its own: it would keep one of the pool for ever.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row as SqlRow, Statement};

use super::connection::{ConnectError, Target};
use super::errors::with_causes;
use super::identity::Watch;
use super::planner::Purpose;
use super::{online, prune, read_error, rows, schema};
use crate::ports::StoreError;
use crate::ports::feed::{Batch, Content, FeedError, Gap, Position, Reader, Record, Row, Snapshot, Xact};
use crate::saga::Timestamp;

/// As listings do (`listing.rs`), the feed is read along the index ([`Purpose::Feed`]). (A transaction of very many is read
/// whole for each of its parts; an engine writes none.) And what it waits for is not weakened: see [`BEHIND`].
const UNWEAKENED: &str = "SET synchronous_commit = on";

/// A commit of nothing. It is answered when whatever standby is to have each commit has it, and with it all that was
/// committed before: a commit can be seen before that, where somebody cancels its wait or the server starts anew, and a
/// failover then loses it.
const BEHIND: &str = "SELECT pg_logical_emit_message(true, 'counterfoil', '')";

/// What the snapshot says beside the rows: as text, in the place of a row's events, in one statement with them.
/// $1 epoch, $2..$5 the row that was read last.
const HEADER: &str = "
SELECT 0 AS part, 0 AS epoch, 0::bigint AS number, ''::text COLLATE \"C\" AS order_id, 0 AS first_version,
    counterfoil_now() AS at, json_build_object(
        'snapshot', pg_current_snapshot()::text,
        'primary', NOT pg_is_in_recovery(),
        'synchronous', current_setting('synchronous_standby_names') <> '',
        'known', EXISTS (SELECT FROM epochs WHERE epoch = $1),
        'next', (SELECT min(epoch) FROM epochs WHERE epoch > $1),
        'ahead', EXISTS (SELECT FROM order_events e
            WHERE e.epoch = $1 AND e.epoch > 0 AND e.xact >= pg_snapshot_xmax(pg_current_snapshot())),
        'goes_on', coalesce((SELECT counterfoil_goes_on(latest)
            FROM (SELECT * FROM epochs ORDER BY epoch DESC LIMIT 1) latest), false),
        'last', $4::text IS NULL OR EXISTS (
            SELECT FROM order_events e WHERE e.order_id = $4 AND e.first_version = $5
                AND e.epoch = $2 AND e.xact = $3::bigint::text::xid8)
            -- It was there, and was pruned.
            OR EXISTS (SELECT FROM pruned_orders p WHERE p.order_id = $4 AND p.pruned_to >= $5
                AND ($2::int = 0 OR (p.epoch, p.xact) >= ($2::int, $3::bigint::text::xid8)))
    )::text AS events, 0::bigint AS found";

/// $6 upto, $7 and $8 what is missing, $9 whether the last row's transaction was read in part, $10 whether that is the one at
/// upto, $11 rows, $12 bytes.
const ROWS: &str = "
SELECT part, epoch, number, order_id, first_version, at, events, found FROM (
    SELECT seen.*, count(*) OVER () AS found, row_number() OVER feed AS place,
        sum(octet_length(events)) OVER (feed ROWS UNBOUNDED PRECEDING) - octet_length(events) AS before
    FROM (
        (SELECT 1 AS part, e.epoch, e.xact::text::bigint AS number, e.order_id, e.first_version, e.at, e.events
        FROM order_events e
        WHERE $9 AND e.epoch = $2 AND e.epoch > 0 AND e.xact = $3::bigint::text::xid8
            AND (e.order_id, e.first_version) > ($4, $5)
        ORDER BY e.order_id, e.first_version
        LIMIT $11)
        UNION ALL
        (SELECT 2, e.epoch, e.xact::text::bigint, e.order_id, e.first_version, e.at, e.events
        FROM (SELECT * FROM unnest($7::int[], $8::bigint[]) AS m (epoch, number) OFFSET 0) missing
        CROSS JOIN LATERAL (
            SELECT * FROM order_events e
            WHERE e.epoch = missing.epoch AND e.epoch > 0 AND e.xact = missing.number::text::xid8
            OFFSET 0
        ) e
        WHERE NOT ($9 AND missing.epoch = $2 AND missing.number = $3)
        ORDER BY e.epoch, e.xact, e.order_id, e.first_version
        LIMIT $11)
        UNION ALL
        (SELECT 3, e.epoch, e.xact::text::bigint, e.order_id, e.first_version, e.at, e.events
        FROM order_events e
        WHERE e.epoch = $1 AND e.epoch > 0 AND e.xact >= ($6::bigint + CASE WHEN $10 THEN 1 ELSE 0 END)::text::xid8
        ORDER BY e.xact, e.order_id, e.first_version
        LIMIT $11)
    ) seen
    WINDOW feed AS (ORDER BY part, epoch, number, order_id, first_version)
) feed
WHERE place = 1 OR place <= $11 AND before < $12";

/// What was there before there was a feed, by order: the key alone is gone through, so many rows at a time, and those of
/// later epochs among them are passed over. $4, $5 the row behind which it begins, $6 rows, $7 bytes.
const EARLIER: &str = "
SELECT part, epoch, number, order_id, first_version, at, events, found FROM (
    SELECT seen.*, count(*) OVER () AS found, row_number() OVER feed AS place,
        sum(octet_length(events)) OVER (feed ROWS UNBOUNDED PRECEDING) - octet_length(events) AS before
    FROM (
        SELECT 1 AS part, e.epoch, e.xact::text::bigint AS number, e.order_id, e.first_version, e.at,
            CASE WHEN e.epoch = 0 THEN e.events ELSE '[]' END AS events
        FROM order_events e
        WHERE (e.order_id, e.first_version) > (coalesce($4::text, ''), $5)
        ORDER BY e.order_id, e.first_version
        LIMIT $6
    ) seen
    WINDOW feed AS (ORDER BY order_id, first_version)
) feed
WHERE place = 1 OR before < $7";

#[derive(Deserialize)]
struct Header {
    snapshot: String,
    primary: bool,
    synchronous: bool,
    known: bool,
    next: Option<i32>,
    ahead: bool,
    goes_on: bool,
    last: bool,
}

/// Reads the feed of one database, from whatever position.
pub struct Feed {
    client: Client,
    step: Statement,
    earlier: Statement,
}

impl Feed {
    /// Over a connection of its own. Refused on a standby, and where the index is not built yet.
    pub async fn open(target: &Target) -> Result<Self, FeedError> {
        let unavailable = |error: ConnectError| FeedError::Store(StoreError::Unavailable(with_causes(&error)));
        let client = target.connect().await.map_err(unavailable)?;
        schema::check(&client).await.map_err(|error| match error {
            // Nor will it be another one by itself.
            ConnectError::SchemaTooOld { .. } | ConnectError::SchemaTooNew { .. } | ConnectError::NotMigrated => {
                FeedError::Store(StoreError::Refused(error.to_string()))
            }
            error => unavailable(error),
        })?;
        let ready = async {
            if !online::is_built(&client, online::FEED).await? {
                return Ok(None);
            }
            client.batch_execute(&format!("{}; {UNWEAKENED}", target.planner.sql(Purpose::Feed))).await?;
            let step = client.prepare(&format!("{HEADER} UNION ALL ({ROWS}) ORDER BY 1, 2, 3, 4, 5")).await?;
            let earlier = client.prepare(&format!("{HEADER} UNION ALL ({EARLIER}) ORDER BY 4, 5")).await?;
            Ok(Some((step, earlier)))
        };
        let ready = ready.await.map_err(|error| read_error(&error))?;
        let Some((step, earlier)) = ready else {
            let why = "the index of the feed is not there yet: run `counterfoil migrate`";
            return Err(StoreError::Unavailable(why.into()).into());
        };
        Ok(Self { client, step, earlier })
    }

    /// The same, refused where the connection leads to another database than the watch's.
    pub(super) async fn open_watched(target: &Target, watch: &Watch) -> Result<Self, FeedError> {
        let feed = Self::open(target).await?;
        watch.check(&feed.client).await.map_err(|error| StoreError::Unavailable(with_causes(&error)))?;
        Ok(feed)
    }

    /// The epoch that this database is in: begun, where nobody did that yet.
    pub async fn epoch(&self) -> Result<i32, FeedError> {
        let row = self.client.query_one("SELECT counterfoil_enter()", &[]).await.map_err(|error| read_error(&error))?;
        Ok(row.get(0))
    }

    /// How many events lie behind a position in its epoch or a later one, counted through so many commits at most.
    pub async fn behind(&self, position: &Position, most: i64) -> Result<u64, FeedError> {
        let sql = "SELECT coalesce(sum(json_array_length(events::json)), 0)::bigint FROM (
            SELECT events FROM order_events
            WHERE (epoch, xact) >= ($1, $2::bigint::text::xid8) AND epoch > 0 ORDER BY epoch, xact LIMIT $3) waiting";
        let upto = i64::try_from(position.upto()).unwrap_or(i64::MAX);
        let row = self.client.query_one(sql, &[&position.epoch(), &upto, &most]).await;
        let row = row.map_err(|error| read_error(&error))?;
        Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
    }

    /// Before everything that is there.
    pub async fn beginning(&self) -> Result<Position, FeedError> {
        let row =
            self.client.query_one("SELECT min(epoch) FROM epochs", &[]).await.map_err(|error| read_error(&error))?;
        Ok(Position::beginning(row.get::<_, Option<i32>>(0).unwrap_or(1)))
    }

    /// Behind everything that is there, but for what is open.
    pub async fn now(&self) -> Result<Position, FeedError> {
        let sql = "
            SELECT last.*, open.epochs, open.numbers, (SELECT min(epoch) FROM epochs WHERE epoch > 0)
            FROM (
                SELECT array_agg(epoch) AS epochs, array_agg(number::text::bigint) AS numbers
                FROM pg_snapshot_xip(pg_current_snapshot()) number, epochs
                WHERE epoch > 0 AND NOT EXISTS (
                    SELECT FROM order_events e WHERE e.epoch = epochs.epoch AND e.epoch > 0 AND e.xact = number)
            ) open
            LEFT JOIN LATERAL (
                SELECT e.epoch, e.xact::text::bigint, e.order_id, e.first_version FROM order_events e WHERE e.epoch > 0
                ORDER BY e.epoch DESC, e.xact DESC, e.order_id DESC, e.first_version DESC LIMIT 1
            ) last ON true";
        let row = self.client.query_one(sql, &[]).await.map_err(|error| read_error(&error))?;
        let xact = |epoch: i32, number: i64| Xact { epoch, number: u64::try_from(number).unwrap_or_default() };
        let Some(epoch) = row.get(0) else {
            return Ok(Position::beginning(row.get::<_, Option<i32>>(6).unwrap_or(1)));
        };
        let (epochs, numbers): (Option<Vec<i32>>, Option<Vec<i64>>) = (row.get(4), row.get(5));
        let open = epochs.unwrap_or_default().into_iter().zip(numbers.unwrap_or_default());
        let last = Row { xact: xact(epoch, row.get(1)), order_id: row.get(2), first_version: row.get(3) };
        Ok(Position::behind(last, open.map(|(epoch, number)| xact(epoch, number))))
    }

    /// What these orders were submitted with; it never changes. An order that is not there is left out.
    pub async fn contents(&self, order_ids: &[&str]) -> Result<HashMap<String, Content>, FeedError> {
        let sql = "SELECT order_id, client, customer_id, currency, amount, lines, details FROM orders
            WHERE order_id = ANY($1)";
        let rows = self.client.query(sql, &[&order_ids]).await.map_err(|error| read_error(&error))?;
        let content = |row: &SqlRow| Content {
            client: row.get(1),
            customer_id: row.get(2),
            currency: row.get(3),
            amount: row.get(4),
            lines: row.get(5),
            details: row.get(6),
        };
        Ok(rows.iter().map(|row| (row.get(0), content(row))).collect())
    }

    /// The number of the last step of whoever pruned.
    pub async fn last_prune(&self) -> Result<i64, FeedError> {
        let sql = "SELECT coalesce(max(prune_id), 0) FROM prunes";
        Ok(self.client.query_one(sql, &[]).await.map_err(|error| read_error(&error))?.get(0))
    }

    /// What was pruned of what lies behind a position, and was decided `since` then, in steps later than this one.
    pub async fn gap(
        &self,
        from: &Position,
        since: Option<Timestamp>,
        later_than: i64,
    ) -> Result<Option<Gap>, FeedError> {
        let gap = prune::gap(&self.client, from, since, later_than).await;
        gap.map_err(|error| read_error(&error).into())
    }

    /// What this deployment is called, where somebody gave it a name.
    pub async fn deployment(&self) -> Result<Option<String>, FeedError> {
        let row =
            self.client.query_one("SELECT name FROM deployment", &[]).await.map_err(|error| read_error(&error))?;
        Ok(row.get(0))
    }

    /// The next rows behind a position: at most so many, of so many bytes together, but for the first one. Where a standby
    /// is to have each commit, it has these.
    pub async fn step(&self, from: &Position, rows: usize, bytes: usize) -> Result<Batch, FeedError> {
        let (mut header, mut batch) = self.look(from, rows, bytes).await?;
        if !header.goes_on {
            // Nobody has written since the database came to be another: what is open now is not of the epoch that is over.
            self.client.execute("SELECT counterfoil_enter()", &[]).await.map_err(|error| read_error(&error))?;
            (header, batch) = self.look(from, rows, bytes).await?;
        }
        if header.synchronous && !batch.records.is_empty() {
            self.client.execute(BEHIND, &[]).await.map_err(|error| read_error(&error))?;
        }
        Ok(batch)
    }

    async fn look(&self, from: &Position, rows: usize, bytes: usize) -> Result<(Header, Batch), FeedError> {
        let last = from.last();
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (last_epoch, last_number) = last.as_ref().map_or((0, 0), |row| (row.xact.epoch, number(row.xact.number)));
        let last_order = last.as_ref().map(|row| row.order_id.as_str());
        let last_version = last.as_ref().map_or(0, |row| row.first_version);
        let (epoch, upto) = (from.epoch(), number(from.upto()));
        let limit = i64::try_from(rows).unwrap_or(i64::MAX);
        let most = i64::try_from(bytes).unwrap_or(i64::MAX);
        let found = if epoch == 0 {
            let parameters: [&(dyn ToSql + Sync); 7] =
                [&epoch, &last_epoch, &last_number, &last_order, &last_version, &limit, &most];
            self.client.query(&self.earlier, &parameters).await
        } else {
            let (epochs, numbers): (Vec<i32>, Vec<i64>) =
                from.missing().map(|xact| (xact.epoch, number(xact.number))).unzip();
            let at_upto = |rest: Xact| rest == Xact { epoch, number: from.upto() };
            let (within, rest) = (from.rest().is_some(), from.rest().is_some_and(at_upto));
            let parameters: [&(dyn ToSql + Sync); 12] = [
                &epoch,
                &last_epoch,
                &last_number,
                &last_order,
                &last_version,
                &upto,
                &epochs,
                &numbers,
                &within,
                &rest,
                &limit,
                &most,
            ];
            self.client.query(&self.step, &parameters).await
        };
        let found = found.map_err(|error| read_error(&error))?;
        read(from, &found, rows)
    }
}

impl Reader for Feed {
    fn step<'a>(&'a self, from: &'a Position, rows: usize, bytes: usize) -> BoxFuture<'a, Result<Batch, FeedError>> {
        Box::pin(self.step(from, rows, bytes))
    }

    fn contents<'a>(&'a self, order_ids: &'a [&'a str]) -> BoxFuture<'a, Result<HashMap<String, Content>, FeedError>> {
        Box::pin(self.contents(order_ids))
    }

    fn beginning(&self) -> BoxFuture<'_, Result<Position, FeedError>> {
        Box::pin(self.beginning())
    }

    fn now(&self) -> BoxFuture<'_, Result<Position, FeedError>> {
        Box::pin(self.now())
    }

    fn behind<'a>(&'a self, position: &'a Position, most: i64) -> BoxFuture<'a, Result<u64, FeedError>> {
        Box::pin(self.behind(position, most))
    }
}

/// Reads what a step found: the header, then the rows.
fn read(from: &Position, found: &[SqlRow], limit: usize) -> Result<(Header, Batch), FeedError> {
    let corrupt = |what: &str| FeedError::Store(StoreError::Corrupt(format!("the feed: {what}")));
    let header =
        found.iter().find(|row| row.get::<_, i32>("part") == 0).ok_or_else(|| corrupt("it has no snapshot"))?;
    let header: Header =
        serde_json::from_str(header.get("events")).map_err(|error| corrupt(&format!("its snapshot: {error}")))?;
    if !header.primary {
        return Err(StoreError::Unavailable("it is a standby now: the feed is read at the primary".into()).into());
    }
    let (xmax, open) = open_ones(&header.snapshot);
    let position = || serde_json::to_string(from).unwrap_or_default();
    if !header.known {
        return Err(FeedError::Another(format!("it has no epoch {}, at which {} stands", from.epoch(), position())));
    }
    if !header.last {
        return Err(FeedError::Another(format!("it has not the row that was read last at {}", position())));
    }
    // Numbers of this epoch are those of this server.
    if header.next.is_none() && header.goes_on && header.ahead {
        let why = format!("it has rows of epoch {} whose transactions are yet to come", from.epoch());
        return Err(FeedError::Another(why));
    }
    if header.next.is_none() && header.goes_on && from.epoch() > 0 && from.upto() > xmax {
        return Err(FeedError::Another(format!("its transactions are at {xmax}, before {}", position())));
    }
    let mut records: Vec<Record> = Vec::with_capacity(found.len());
    let mut most = 0;
    for row in found.iter().filter(|row| row.get::<_, i32>("part") > 0) {
        most = usize::try_from(row.get::<_, i64>("found")).unwrap_or(usize::MAX);
        let number = u64::try_from(row.get::<_, i64>("number")).unwrap_or_default();
        let xact = Xact { epoch: row.get("epoch"), number };
        let place = Row { xact, order_id: row.get("order_id"), first_version: row.get("first_version") };
        records.push(Record { row: place, at: rows::timestamp(row.get("at")), events: row.get("events") });
    }
    // Of each part no more than the limit was looked for.
    let whole = most < limit && records.len() == most;
    let snapshot = Snapshot { open, next_epoch: header.next };
    Ok((header, Batch { records, snapshot, whole }))
}

/// The end of a snapshot, as PostgreSQL writes it (`xmin:xmax:xip,xip`), and what is open in it.
fn open_ones(snapshot: &str) -> (u64, Vec<u64>) {
    let mut parts = snapshot.split(':').skip(1);
    let xmax = parts.next().and_then(|xmax| xmax.parse().ok()).unwrap_or_default();
    let open = parts.next().unwrap_or_default().split(',').filter_map(|one| one.parse().ok()).collect();
    (xmax, open)
}
