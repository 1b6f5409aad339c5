//! Reads, and the binding of keys. One statement each, so that each sees one snapshot; a survey is three of them.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use futures_util::future::{join_all, try_join3};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::columns::code;
use super::rows::{self, ORDER_COLUMNS, ORDER_TABLES};
use super::session::{self, Trust};
use super::{errors, read_error};
use crate::limits;
use crate::ports::{History, KeyBinding, KeyClaim, KeyScope, PrunedTo, StoreError, StoredEvents, StoredOrder, Survey};
use crate::saga::{OrderId, Sku};

/// What is asked of each order, by name: before it is placed, of its key, and of its history. That one is not there is asked by
/// the same keys (`no_order`, `no_events`); what vouches for it is the server's, and of no table.
pub(super) fn listed() -> Vec<(&'static str, String)> {
    vec![
        ("load", load_sql()),
        ("load_rows", load_rows_sql()),
        ("no_order", format!("SELECT EXISTS ({ANY_ORDER})")),
        ("find_key", FIND_KEY.into()),
        ("bind_key", BIND_KEY.into()),
        ("known_skus", format!("SELECT {KNOWN_SKUS}")),
        ("events", EVENTS.into()),
        ("history", HISTORY.into()),
        ("no_events", format!("SELECT EXISTS ({ANY_EVENTS})")),
    ]
}

const ANY_ORDER: &str = "SELECT FROM orders WHERE order_id = $1";
const ANY_EVENTS: &str = "SELECT FROM order_events WHERE order_id = $1";

fn load_sql() -> String {
    format!("SELECT {ORDER_COLUMNS} FROM {ORDER_TABLES} WHERE o.order_id = $1")
}

/// Order by order (`OFFSET 0`), whatever the planner believes of the tables: their join would be made by reading one of them whole.
fn load_rows_sql() -> String {
    format!(
        "SELECT l.* FROM unnest($1::text[]) AS asked (id) CROSS JOIN LATERAL (
            SELECT {ORDER_COLUMNS} FROM {ORDER_TABLES} WHERE o.order_id = asked.id OFFSET 0
        ) l"
    )
}

const KNOWN_SKUS: &str = "ARRAY(SELECT i.sku FROM inventory i WHERE i.sku = ANY($1))";

const FIND_KEY: &str = "SELECT order_id, fingerprint, answer_status, answer FROM idempotency_keys
    WHERE client = $1 AND route = $2 AND key = $3";

/// An order. That it is not there is said only where the server vouches for it in the same statement.
pub(super) async fn load(
    client: &ClientWrapper,
    trust: &Trust,
    id: &OrderId,
) -> Result<Option<StoredOrder>, StoreError> {
    let row = load_row(client, trust, id).await?;
    row.map(|row| rows::order(&row)).transpose()
}

/// The row that it is read from.
async fn load_row(client: &ClientWrapper, trust: &Trust, id: &OrderId) -> Result<Option<Row>, StoreError> {
    let statement = client.prepare_cached(&load_sql()).await.map_err(|error| read_error(&error))?;
    loop {
        let row = client.query_opt(&statement, &[&id.as_str()]).await.map_err(|error| read_error(&error))?;
        if row.is_some() {
            return Ok(row);
        }
        // Else it has appeared meanwhile, and stays: orders are never deleted.
        if session::is_absent(client, trust, ANY_ORDER, &[&id.as_str()]).await? {
            return Ok(None);
        }
    }
}

/// What is heard of one order of a group: the row that it is read from.
pub(super) type HeardRow = Result<Option<Arc<Row>>, StoreError>;

/// The rows of orders, each as it would be alone, and in this order. An error of all is one of the connection, which is lost.
pub(super) async fn load_rows(
    client: &ClientWrapper,
    trust: &Trust,
    ids: &[OrderId],
) -> Result<Vec<HeardRow>, StoreError> {
    if let [id] = ids {
        return alone(client, trust, vec![id]).await;
    }
    let names: Vec<&str> = ids.iter().map(OrderId::as_str).collect();
    let asked = async {
        let statement = client.prepare_cached(&load_rows_sql()).await?;
        client.query(&statement, &[&names]).await
    };
    let found: HashMap<String, Arc<Row>> = match asked.await {
        Ok(rows) => rows.into_iter().map(|row| (row.get("order_id"), Arc::new(row))).collect(),
        Err(error) if error.as_db_error().is_none() || client.is_closed() => return Err(read_error(&error)),
        Err(error) => {
            // One of them cannot be read, and which one is not said.
            tracing::debug!(%error, orders = ids.len(), "orders cannot be read together: each is asked for alone");
            return alone(client, trust, ids.iter().collect()).await;
        }
    };
    let missing: Vec<&OrderId> = ids.iter().filter(|id| !found.contains_key(id.as_str())).collect();
    // As an absence is vouched for: what is not there is asked for again, each by itself.
    let mut missing = alone(client, trust, missing).await?.into_iter();
    let each = ids.iter().map(|id| match found.get(id.as_str()) {
        Some(row) => Ok(Some(Arc::clone(row))),
        None => missing.next().unwrap_or(Ok(None)),
    });
    Ok(each.collect())
}

/// Each by itself, side by side.
async fn alone(client: &ClientWrapper, trust: &Trust, ids: Vec<&OrderId>) -> Result<Vec<HeardRow>, StoreError> {
    let heard = join_all(ids.into_iter().map(|id| load_row(client, trust, id))).await;
    let lost = heard.iter().find_map(|heard| heard.as_ref().err().filter(|_| client.is_closed()));
    match lost {
        Some(error) => Err(error.clone()),
        None => Ok(heard.into_iter().map(|heard| heard.map(|row| row.map(Arc::new))).collect()),
    }
}

pub(super) async fn find_key(client: &ClientWrapper, scope: &KeyScope) -> Result<Option<KeyBinding>, StoreError> {
    let statement = client.prepare_cached(FIND_KEY).await.map_err(|error| read_error(&error))?;
    let row = client
        .query_opt(&statement, &[&scope.client.as_str(), &&*scope.route, &scope.key.as_str()])
        .await
        .map_err(|error| read_error(&error))?;
    let Some(row) = row else { return Ok(None) };
    let fingerprint = rows::fingerprint(row.get("fingerprint"))
        .ok_or_else(|| StoreError::Corrupt(format!("fingerprint of key {}", scope.key)))?;
    let order_id = row
        .get::<_, Option<&str>>("order_id")
        .ok_or_else(|| StoreError::Corrupt(format!("order of key {}", scope.key)))?;
    let answer = rows::answer(row.get("answer_status"), row.get("answer"))
        .map_err(|()| StoreError::Corrupt(format!("answer of key {}", scope.key)))?;
    Ok(Some(KeyBinding { order_id: OrderId::trusted(order_id), fingerprint, answer }))
}

/// A key, and its count: see [`bind_key`].
const BIND_KEY: &str = "
WITH bound AS (
    INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint, answer_status, answer)
    SELECT $1, $2, $3, $4, 0, $5, $6, $7
    WHERE coalesce((SELECT c.submissions FROM order_keys c WHERE c.order_id = $4), 0) < $8::smallint
    ON CONFLICT (client, route, key) DO NOTHING
    RETURNING order_id
)
INSERT INTO order_keys AS c (order_id, submissions)
SELECT b.order_id, 1 FROM bound b
ON CONFLICT (order_id) DO UPDATE SET submissions = c.submissions + 1";

/// A key is bound once: the first binding stands, and a later claim is told of it. An order has so many later keys and no
/// more: who counts waits for who counted before, and the CHECK refuses one too many, with its key. Keys are locked before
/// their counts, as by commits.
pub(super) async fn bind_key(client: &ClientWrapper, claim: &KeyClaim) -> Result<Option<KeyBinding>, StoreError> {
    let types = [Type::TEXT, Type::TEXT, Type::TEXT, Type::TEXT, Type::BYTEA, Type::INT2, Type::TEXT, Type::INT2];
    let statement = client.prepare_typed_cached(BIND_KEY, &types).await.map_err(|error| read_error(&error))?;
    let scope = &claim.scope;
    let answer = claim.answer.as_ref();
    let (status, body) = (answer.map(|answer| code(answer.status)), answer.map(|answer| answer.body.as_str()));
    let parameters: [&(dyn ToSql + Sync); 8] = [
        &scope.client.as_str(),
        &&*scope.route,
        &scope.key.as_str(),
        &claim.order_id.as_str(),
        &claim.fingerprint.0.as_slice(),
        &status,
        &body,
        &limits::LATER_KEYS,
    ];
    let counted = match client.execute(&statement, &parameters).await {
        Ok(rows) => rows,
        Err(error) if error.as_db_error().is_some_and(|db| errors::breaks_check(db, errors::KEYS_BOUNDED)) => 0,
        Err(error) => return Err(read_error(&error)),
    };
    match find_key(client, scope).await? {
        None if counted > 0 => Err(StoreError::Corrupt(format!("key {} is gone", scope.key))),
        found => Ok(found),
    }
}

/// All that is asked before an order is placed, over one connection, side by side: in as many round trips as the longest of them
/// takes, which is the order's, whose absence is vouched for.
pub(super) async fn survey(
    client: &ClientWrapper,
    trust: &Trust,
    id: &OrderId,
    scope: Option<&KeyScope>,
    skus: Vec<Sku>,
) -> Result<Survey, StoreError> {
    let key = async {
        match scope {
            Some(scope) => find_key(client, scope).await,
            None => Ok(None),
        }
    };
    let unknown = async { if skus.is_empty() { Ok(Vec::new()) } else { unknown_skus(client, trust, skus).await } };
    let (order, key, unknown) = try_join3(load(client, trust, id), key, unknown).await?;
    Ok(Survey { order, key, unknown })
}

/// Which SKUs are not there, by the word of a server that may know.
pub(super) async fn unknown_skus(
    client: &ClientWrapper,
    trust: &Trust,
    skus: Vec<Sku>,
) -> Result<Vec<Sku>, StoreError> {
    let sql = trust.vouched(KNOWN_SKUS);
    let statement = client.prepare_cached(&sql).await.map_err(|error| read_error(&error))?;
    let names: Vec<&str> = skus.iter().map(Sku::as_str).collect();
    let row = client.query_one(&statement, &[&names]).await.map_err(|error| read_error(&error))?;
    let known: std::collections::HashSet<&str> = row.get::<_, Vec<&str>>(0).into_iter().collect();
    let unknown: Vec<Sku> = skus.iter().filter(|sku| !known.contains(sku.as_str())).cloned().collect();
    if !unknown.is_empty() {
        trust.believe(&row, 1)?;
    }
    Ok(unknown)
}

const EVENTS: &str = "SELECT first_version, at, events FROM order_events WHERE order_id = $1 ORDER BY first_version";

/// A history. That there is none is said as it is of an order.
pub(super) async fn events(
    client: &ClientWrapper,
    trust: &Trust,
    id: &OrderId,
) -> Result<Vec<StoredEvents>, StoreError> {
    let statement = client.prepare_cached(EVENTS).await.map_err(|error| read_error(&error))?;
    let mut rows = client.query(&statement, &[&id.as_str()]).await.map_err(|error| read_error(&error))?;
    while rows.is_empty() && !session::is_absent(client, trust, ANY_EVENTS, &[&id.as_str()]).await? {
        rows = client.query(&statement, &[&id.as_str()]).await.map_err(|error| read_error(&error))?;
    }
    Ok(rows.iter().map(stored_events).collect())
}

fn stored_events(row: &tokio_postgres::Row) -> StoredEvents {
    StoredEvents { first_version: row.get(0), at: rows::timestamp(row.get(1)), events: row.get(2) }
}

/// See [`history`].
const HISTORY: &str = "
SELECT page.first_version, page.at, page.events, gone.pruned_to, gone.pruned_at
FROM (VALUES (true)) one (is_so)
LEFT JOIN pruned_orders gone ON gone.order_id = $1
LEFT JOIN (
    SELECT first_version, at, events, sum(octet_length(events)) OVER (
        ORDER BY first_version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before
    FROM (
        SELECT first_version, at, events FROM order_events
        WHERE order_id = $1 AND first_version >= coalesce((
            SELECT first_version FROM order_events WHERE order_id = $1 AND first_version <= $2
            ORDER BY first_version DESC LIMIT 1
        ), 0)
        ORDER BY first_version
        LIMIT $3
    ) stretch
) page ON page.before IS NULL OR page.before < $4
ORDER BY page.first_version";

/// A stretch of a history: bounded in rows and bytes, whatever the history holds, but for its first row. In one statement
/// with what of it is gone, or an order that is pruned in between would have neither.
pub(super) async fn history(
    client: &ClientWrapper,
    trust: &Trust,
    id: &OrderId,
    after: i32,
) -> Result<History, StoreError> {
    let statement = client.prepare_cached(HISTORY).await.map_err(|error| read_error(&error))?;
    let parameters: [&(dyn ToSql + Sync); 4] = [&id.as_str(), &after, &limits::EVENTS_PAGE, &limits::PAGE_BYTES];
    loop {
        let rows = client.query(&statement, &parameters).await.map_err(|error| read_error(&error))?;
        let is_there = |row: &&tokio_postgres::Row| row.get::<_, Option<i32>>(0).is_some();
        let commits: Vec<StoredEvents> = rows.iter().filter(is_there).map(stored_events).collect();
        if !commits.is_empty() || session::is_absent(client, trust, ANY_EVENTS, &[&id.as_str()]).await? {
            let gone = rows.first().and_then(|row| row.get::<_, Option<i32>>(3).zip(row.get(4)));
            let pruned = gone.map(|(version, at)| PrunedTo { version, at: rows::timestamp(at) });
            return Ok(History { pruned, commits });
        }
    }
}
