//! Leases of sinks, as rows of `outbox_leases`. Every time in them is the database's own.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Transaction};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::columns::millis;
use super::{PgStore, read_error};
use crate::limits;
use crate::ports::StoreError;
use crate::ports::lease::{Held, Leases};

/// One that ends later than it can end was written before the clock was set back: its holder may be long dead.
pub(super) const HOLD: &str = "
INSERT INTO outbox_leases AS l (name, holder, generation, until)
VALUES ($1, $2, 1, counterfoil_now() + $3::bigint * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, generation = l.generation + 1,
    until = counterfoil_now() + $3::bigint * interval '1 millisecond'
WHERE l.until <= counterfoil_now() OR l.holder = excluded.holder
   OR l.until > counterfoil_now() + ($3::bigint + $4::bigint) * interval '1 millisecond'
RETURNING generation";

pub(super) const RENEW: &str = "
UPDATE outbox_leases SET until = counterfoil_now() + $4::bigint * interval '1 millisecond'
WHERE name = $1 AND holder = $2 AND generation = $3";

pub(super) const RELEASE: &str = "
UPDATE outbox_leases SET until = counterfoil_now() WHERE name = $1 AND holder = $2 AND generation = $3";

/// Locked, so that whoever takes over waits for this transaction's end, and reads what it wrote. A renewal waits as well.
pub(super) const STILL: &str =
    "SELECT FROM outbox_leases WHERE name = $1 AND generation = $2 AND holder = $3 FOR SHARE";

/// Whether a lease is the caller's still, and stays so until the end of this transaction: asked before what it guards is
/// written. A lease that ended is, as long as nobody took it.
pub(super) async fn still(transaction: &Transaction<'_>, held: &Held) -> Result<bool, StoreError> {
    let statement = transaction.prepare_cached(STILL).await.map_err(|error| read_error(&error))?;
    let found = transaction.query_opt(&statement, &[&&*held.name, &held.generation, &held.node]).await;
    found.map(|row| row.is_some()).map_err(|error| read_error(&error))
}

/// Whether somebody else has it. Asked first: an INSERT that finds that out writes, each time, for every engine.
const TAKEN: &str = "
SELECT FROM outbox_leases
WHERE name = $1 AND holder <> $2 AND until > counterfoil_now()
  AND until <= counterfoil_now() + ($3::bigint + $4::bigint) * interval '1 millisecond'";

async fn hold(client: &ClientWrapper, name: &str, node: Uuid, ttl: Duration) -> Result<Option<Held>, StoreError> {
    let (taken, tolerance) = (client.prepare_cached(TAKEN).await, millis(limits::CLOCK_TOLERANCE));
    let taken = taken.map_err(|error| read_error(&error))?;
    let found = client.query_opt(&taken, &[&name, &node, &millis(ttl), &tolerance]).await;
    if found.map_err(|error| read_error(&error))?.is_some() {
        return Ok(None);
    }
    let statement = client.prepare_cached(HOLD).await.map_err(|error| read_error(&error))?;
    let row = client.query_opt(&statement, &[&name, &node, &millis(ttl), &tolerance]).await;
    let row = row.map_err(|error| read_error(&error))?;
    Ok(row.map(|row| Held { name: Arc::from(name), node, generation: row.get(0), ttl }))
}

/// As [`TAKEN`], of several, by whomever.
const ANY: &str = "
SELECT EXISTS (SELECT FROM outbox_leases
    WHERE name = ANY($1) AND until > counterfoil_now()
      AND until <= counterfoil_now() + ($2::bigint + $3::bigint) * interval '1 millisecond')";

async fn renew(client: &ClientWrapper, held: &Held) -> Result<bool, StoreError> {
    let statement = client.prepare_cached(RENEW).await.map_err(|error| read_error(&error))?;
    let told = client.execute(&statement, &[&&*held.name, &held.node, &held.generation, &millis(held.ttl)]).await;
    told.map(|rows| rows > 0).map_err(|error| read_error(&error))
}

async fn release(client: &ClientWrapper, held: &Held) -> Result<(), StoreError> {
    let statement = client.prepare_cached(RELEASE).await.map_err(|error| read_error(&error))?;
    let told = client.execute(&statement, &[&&*held.name, &held.node, &held.generation]).await;
    told.map(drop).map_err(|error| read_error(&error))
}

/// On connections of their own: no order waits for them, nor they for one.
impl Leases for PgStore {
    fn hold(&self, name: &str, node: Uuid, ttl: Duration) -> BoxFuture<'static, Result<Option<Held>, StoreError>> {
        let (reads, name) = (self.relays.clone(), name.to_owned());
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = hold(&client, &name, node, ttl).await;
            client.back(heard)
        })
    }

    fn renew(&self, held: &Held) -> BoxFuture<'static, Result<bool, StoreError>> {
        let (reads, held) = (self.relays.clone(), held.clone());
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = renew(&client, &held).await;
            client.back(heard)
        })
    }

    fn release(&self, held: &Held) -> BoxFuture<'static, Result<(), StoreError>> {
        let (reads, held) = (self.relays.clone(), held.clone());
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = release(&client, &held).await;
            client.back(heard)
        })
    }

    fn is_any_held(&self, names: Vec<String>, ttl: Duration) -> BoxFuture<'static, Result<bool, StoreError>> {
        let reads = self.relays.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = client.query_one(ANY, &[&names, &millis(ttl), &millis(limits::CLOCK_TOLERANCE)]).await;
            Ok(client.back(heard.map_err(|error| read_error(&error)))?.get(0))
        })
    }
}
