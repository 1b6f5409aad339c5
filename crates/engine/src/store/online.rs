//! Indexes that are built, and taken away, while orders flow: after the migrations, by the same command, one statement each
//! and none within a transaction (`CONCURRENTLY`). The catalog is the record of what is done: an index that is there and
//! valid. So a build that was cut off, by whatever, is found as an invalid index, dropped and begun anew.
//!
//! What may go wrong meanwhile. *Timeouts*: a build takes as long as it takes, and waits for every transaction that was
//! open when it began, so that none of this session's limits counts. *A migration beside it*: one that waits for the lock of
//! the migrations in a statement of its own is such a transaction, and the two would wait for each other; so whoever waits
//! asks again and again ([`alone`]), and where an earlier program does not, the deadlock ends one of the two, and the build
//! is begun anew. *Somebody's own build* of the same index, as for a large database before an upgrade: it is waited for.
//! *An engine of an earlier version* beside: it has use for the old indexes, and so they stay as long as one lives.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use super::columns::millis;
use super::errors;
use super::schema::ADVISORY_LOCK;
use crate::limits;

/// What listings walk along (`listing.rs`). Each begins with the client: its orders are found without a look at others'.
const INDEXES: &[(&str, &str)] = &[
    // The one beyond its key that every order pays for: a client's orders, and a customer's.
    ("orders_by_client", "orders (client, customer_id, order_id)"),
    // A completed order enters neither of these, nor does a move from one local transaction to the next touch them.
    ("orders_failed_by_client", "orders (client, order_id) WHERE failure IS NOT NULL"),
    ("orders_waiting_by_client", "orders (client, order_id) WHERE attention IS NOT NULL"),
];

/// What the feed is read along (`feed.rs`): every order pays for it, since every event is published. What was there before
/// the feed is not in it.
pub(super) const FEED: (&str, &str) = ("order_events_feed", "order_events (epoch, xact) WHERE epoch > 0");

/// What was there before the feed, by age, for whoever prunes (`prune`): empty in a database that never was without a feed,
/// and no order enters it.
pub(super) const EARLIER: (&str, &str) =
    ("order_events_earlier", "order_events (at, order_id, first_version) WHERE epoch = 0");

/// Of the orders that wait, those that were claimed before (`work.rs`): beside a hundred thousand that were not, and are overdue
/// behind an outage, each sweep finds them, or that there are none, without a look at the others. No order enters it that its
/// own engine drives to its end.
const CLAIMED: (&str, &str) = ("order_work_claimed", "order_work (wake_at) WHERE claims > 0");

/// When an order began to wait for a human, of its row: the stamp in `attention`, whose form sorts by time. (A quote within the
/// reason is written with a backslash.)
macro_rules! waiting_since {
    () => {
        r#"substring(attention, '"since":"([0-9]{4}-[0-9-]{5}T[0-9:]{8}[.][0-9]{6}Z)"')"#
    };
}
pub(super) use waiting_since;

/// By that, of those that wait, of which the one that has waited longest is told each second. No other order enters it.
const WAITING_SINCE: (&str, &str) =
    ("orders_waiting_since", concat!("orders (", waiting_since!(), ") WHERE attention IS NOT NULL"));

/// What operators did, and what changed a SKU's stock beside shipments, by time: for whoever looks at the latest of it.
const ACTS: (&str, &str) = ("operator_log_by_time", "operator_log (at, entry_id)");
const STOCK_ACTS: (&str, &str) = ("inventory_journal_by_time", "inventory_journal (sku, at, entry_id)");

/// What a migration promotes to a key, by its name: built before it, as all of these are, so that it has nothing left to do
/// under the lock of the table.
const BEFOREHAND: &[(&str, (&str, &str))] = &[("V0019__payments_key", ("payments_pkey", "payments (order_id)"))];

/// What listings of programs up to [`LAST_WITHOUT`] walk along.
const SUPERSEDED: &[&str] = &["orders_by_customer", "orders_by_failure", "orders_by_attention"];

/// The last version of the program whose listings need the old indexes.
const LAST_WITHOUT: &str = "0.3.0";

/// Whether all that listings need are there.
pub(super) async fn are_built(client: &Client) -> Result<bool, Error> {
    let names: Vec<&str> = INDEXES.iter().chain([&FEED]).map(|(name, _)| *name).collect();
    let sql = "SELECT count(*) = cardinality($1::text[]) FROM unnest($1::text[]) AS name
        JOIN pg_index i ON i.indexrelid = to_regclass(name) AND i.indisvalid";
    client.query_one(sql, &[&names]).await.map(|row| row.get(0))
}

/// Whether an index is there.
pub(super) async fn is_built(client: &Client, index: (&str, &str)) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = to_regclass($1) AND i.indisvalid)";
    client.query_one(sql, &[&index.0]).await.map(|row| row.get(0))
}

/// Waits until no other migration or adoption is under way, and has none begin. Nothing is waited for within the database.
pub(super) async fn alone(client: &Client) -> Result<(), Error> {
    let mut told = false;
    while !client.query_one("SELECT pg_try_advisory_lock($1)", &[&ADVISORY_LOCK]).await?.get::<_, bool>(0) {
        if !std::mem::replace(&mut told, true) {
            tracing::info!("another migration or adoption is under way: waiting for its end");
        }
        tokio::time::sleep(limits::MIGRATION_LOOK).await;
    }
    Ok(())
}

/// Builds what is missing and takes away what nobody needs any more. Called by whoever is [`alone`], in no transaction; the
/// limits of the session are none afterwards.
pub(super) async fn build(client: &Client) -> Result<(), Error> {
    client.batch_execute(UNLIMITED).await?;
    for (name, definition) in INDEXES.iter().chain([&FEED, &EARLIER, &CLAIMED, &WAITING_SINCE, &ACTS, &STOCK_ACTS]) {
        build_one(client, "INDEX", name, definition).await?;
    }
    let others = client.query_one(OLDER_LIVE, &[&LAST_WITHOUT, &millis(limits::NODE_GONE)]).await?;
    if others.get(0) {
        tracing::info!("engines of an earlier version are alive: their indexes are kept until the next migration");
        return Ok(());
    }
    for name in SUPERSEDED {
        client.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")).await?;
    }
    Ok(())
}

/// Builds what a migration promotes to a key, where it does. Called as [`build`] is; the limits of the session are afterwards
/// what they were before.
pub(super) async fn build_before(client: &Client, migration: &str) -> Result<(), Error> {
    let keys: Vec<_> = BEFOREHAND.iter().filter(|(of, _)| *of == migration).map(|(_, index)| index).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let limits = client.query(LIMITED, &[]).await?;
    client.batch_execute(UNLIMITED).await?;
    for (name, definition) in keys {
        build_one(client, "UNIQUE INDEX", name, definition).await?;
    }
    for limit in limits {
        let (name, value): (String, String) = (limit.get(0), limit.get(1));
        client.query_one("SELECT set_config($1, $2, false)", &[&name, &value]).await?;
    }
    Ok(())
}

/// The limits that a build does without.
const LIMITED: &str = "SELECT name, current_setting(name) FROM pg_settings
    WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout')";

const UNLIMITED: &str = "SELECT set_config(name, '0', false) FROM pg_settings
    WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout')";

const OLDER_LIVE: &str = "
SELECT EXISTS (
    SELECT FROM nodes
    WHERE heartbeat_at > counterfoil_now() - $2::bigint * interval '1 millisecond' AND state <> 'gone'
      AND CASE WHEN version ~ '^[0-9]+([.][0-9]+)*$'
               THEN string_to_array(version, '.')::int[] <= string_to_array($1, '.')::int[] ELSE true END)";

/// Where an index stands: whether it is there, valid, and being built by somebody. Who builds one locks its table so that
/// no other may; so does a vacuum, which is waited for as well. (What the progress views tell of others is for who may read
/// all statistics; locks are for everybody.)
const STANDING: &str = "
SELECT i.indexrelid IS NOT NULL, coalesce(i.indisvalid, false),
    EXISTS (SELECT FROM pg_locks l WHERE l.relation = i.indrelid AND l.locktype = 'relation' AND l.granted
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_backend_pid())
FROM (SELECT to_regclass($1) AS oid) named LEFT JOIN pg_index i ON i.indexrelid = named.oid";

async fn build_one(client: &Client, kind: &str, name: &str, definition: &str) -> Result<(), Error> {
    let mut tries = 0;
    loop {
        let row = client.query_one(STANDING, &[&name]).await?;
        let (is_there, is_valid, is_being_built): (bool, bool, bool) = (row.get(0), row.get(1), row.get(2));
        let sql = match (is_there, is_valid, is_being_built) {
            (true, true, _) => return Ok(()),
            (true, false, true) => {
                tokio::time::sleep(limits::MIGRATION_LOOK).await;
                continue;
            }
            (true, false, false) => {
                tracing::warn!(index = name, "the build of an index was cut off: it is begun anew");
                format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")
            }
            (false, _, _) => {
                tracing::info!(index = name, "an index is built; orders go on meanwhile");
                format!("CREATE {kind} CONCURRENTLY {name} ON {definition}")
            }
        };
        match client.batch_execute(&sql).await {
            Ok(()) => {}
            // Somebody waits for the lock of the migrations in a statement; or has built it by hand just now.
            Err(error) if is_passing(&error) && tries < limits::INDEX_TRIES => {
                tracing::info!(index = name, %error, "the build of an index meets somebody: it is tried again");
                tries += 1;
                tokio::time::sleep(limits::MIGRATION_LOOK).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_passing(error: &Error) -> bool {
    let codes = [&SqlState::T_R_DEADLOCK_DETECTED, &SqlState::LOCK_NOT_AVAILABLE];
    error.as_db_error().is_some_and(|db| codes.contains(&db.code()) || errors::is_made_already(db))
}
