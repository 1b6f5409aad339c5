//! The engines on this database, as they tell themselves: for people to look at, and to leave an order to an engine that does
//! its step.

use deadpool_postgres::ClientWrapper;
use uuid::Uuid;

use super::columns::millis;
use super::{read_error, rows, schema};
use crate::limits;
use crate::ports::{Node, StoreError};
use crate::saga::definition::StepEntry;

/// Tells that a node lives, and forgets those that are gone for long, but for what somebody has locked: a heartbeat waits
/// for nothing. `/readyz` follows this write, so that it rests on what orders rest on.
pub(super) async fn heartbeat(client: &ClientWrapper, node: Uuid, name: &str, state: &str) -> Result<(), StoreError> {
    let sql = "
        WITH forgotten AS (
            DELETE FROM nodes WHERE node_id IN (
                SELECT node_id FROM nodes
                WHERE heartbeat_at < counterfoil_now() - $5::bigint * interval '1 millisecond' AND node_id <> $1
                FOR UPDATE SKIP LOCKED
            )
        )
        INSERT INTO nodes AS n (node_id, name, version, state)
        SELECT $1::uuid, $2::text, $3::text, $4::text
        WHERE counterfoil_assert(true, '00000', '')
        ON CONFLICT (node_id) DO UPDATE SET name = excluded.name, version = excluded.version, state = excluded.state,
            heartbeat_at = excluded.heartbeat_at";
    let statement = client.prepare_cached(sql).await.map_err(|error| read_error(&error))?;
    let forgotten_ms = millis(limits::NODE_FORGOTTEN);
    let told = client.execute(&statement, &[&node, &name, &schema::THIS_BINARY, &state, &forgotten_ms]).await;
    told.map(drop).map_err(|error| read_error(&error))
}

/// Which steps of one's own a node has entries for, and which of them all others that live have. An engine of an earlier
/// release tells none. Waits for nothing, as the heartbeat.
pub(super) async fn tell_steps(
    client: &ClientWrapper,
    node: Uuid,
    steps: &[StepEntry],
) -> Result<Vec<StepEntry>, StoreError> {
    let sql = "
        WITH told AS (
            UPDATE nodes SET steps = $2 WHERE node_id IN (
                SELECT node_id FROM nodes WHERE node_id = $1 AND steps <> $2 FOR UPDATE SKIP LOCKED)
        )
        SELECT DISTINCT unnest(n.steps)
        FROM nodes n
        WHERE n.node_id <> $1 AND n.state <> 'gone'
          AND n.heartbeat_at > counterfoil_now() - $3::bigint * interval '1 millisecond'";
    let statement = client.prepare_cached(sql).await.map_err(|error| read_error(&error))?;
    let names: Vec<String> = steps.iter().map(StepEntry::told).collect();
    let others = client.query(&statement, &[&node, &names, &millis(limits::NODE_GONE)]).await;
    let others = others.map_err(|error| read_error(&error))?;
    // What is no entry here, a later release may take for one: it is none of this one's.
    Ok(others.iter().filter_map(|row| StepEntry::heard(row.get(0))).collect())
}

/// The nodes, the oldest first.
pub(super) async fn nodes(client: &ClientWrapper) -> Result<Vec<Node>, StoreError> {
    let sql = "
        SELECT n.node_id, n.name, n.version, n.started_at,
            CASE WHEN n.heartbeat_at < counterfoil_now() - $1::bigint * interval '1 millisecond' THEN 'gone'
                 ELSE n.state END AS state,
            (extract(epoch FROM counterfoil_now() - n.heartbeat_at) * 1000)::bigint AS heartbeat_age_ms,
            (SELECT count(*) FROM order_work w WHERE w.owner = n.node_id) AS orders,
            n.steps
        FROM nodes n
        ORDER BY n.started_at, n.node_id";
    let found = client.query(sql, &[&millis(limits::NODE_GONE)]).await.map_err(|error| read_error(&error))?;
    let read = |row: &tokio_postgres::Row| Node {
        node_id: row.get("node_id"),
        name: row.get("name"),
        version: row.get("version"),
        state: row.get("state"),
        started_at: rows::timestamp(row.get("started_at")).to_string(),
        heartbeat_age_ms: row.get("heartbeat_age_ms"),
        orders: row.get("orders"),
        steps: row.get("steps"),
    };
    Ok(found.iter().map(read).collect())
}
