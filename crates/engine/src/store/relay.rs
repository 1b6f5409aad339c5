//! Witnesses of sinks, as rows of `outbox_relays`; and what operators do to them.

use deadpool_postgres::ClientWrapper;
use futures_util::future::BoxFuture;
use tokio_postgres::{Client, Error, GenericClient, Row, Transaction};

use super::columns::stamp;
use super::feed::Feed;
use super::{PgStore, lease, prune, read_error, session};
use crate::ports::StoreError;
use crate::ports::feed::{FeedError, Gap, Position};
use crate::ports::lease::Held;
use crate::ports::relay::{Division, Feeds, Opened, Parts, Witness, Witnesses};
use crate::saga::Timestamp;

/// Its own, and those of the division that its run began with.
macro_rules! witness {
    ($more:literal) => {
        concat!(
            "
SELECT w.parts, w.run, begins, begins_at, target, step, position, stopped,
    array(SELECT event FROM outbox_skips k WHERE k.sink = w.sink ORDER BY event, epoch), anew_in, held, over_epoch,
    array(SELECT epoch FROM outbox_skips k WHERE k.sink = w.sink ORDER BY event, epoch), word,
    deployment = (SELECT deployment_id FROM deployment), d.run, d.before, d.closing, gap_events, gap_orders, gap_until,
    forgotten IS NOT NULL, w.sink, w.part
FROM outbox_relays w LEFT JOIN outbox_divisions d ON d.sink = w.sink AND d.run = w.run
",
            $more
        )
    };
}

const WITNESS: &str = witness!("WHERE w.sink = $1 AND w.part = $2");

const ALL: &str = witness!("ORDER BY w.sink, w.part");

/// A row without a target was only looked at: its configuration may change yet. Where nothing was published in this run, rows
/// of another number may stand beside those that count: the more parts, the more are looked after when they become others.
const PARTS: &str = "
SELECT r.parts, EXISTS (SELECT FROM outbox_divisions d WHERE d.sink = r.sink AND d.run = r.run AND d.closing IS NOT NULL)
FROM outbox_relays r
WHERE r.sink = $1 AND (r.target IS NOT NULL OR r.run > 1 OR r.anew_in IS NOT NULL)
ORDER BY r.target IS NULL, r.parts DESC, r.part
LIMIT 1";

/// Two configurations of one sink, begun at once, do not see each other's rows: one waits for the other's end.
const ALONE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('counterfoil outbox sink ' || $1, 0))";

/// A run that an operator began meanwhile is not overwritten.
const ATTEST: &str = "
INSERT INTO outbox_relays AS w (sink, part, parts, run, begins, begins_at, target, step, position, stopped, anew_in, over_epoch, word,
    deployment)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, (SELECT deployment_id FROM deployment)
WHERE NOT EXISTS ( -- two configurations of one sink: the one that came first stands
    SELECT FROM outbox_relays o WHERE o.sink = $1 AND o.parts <> $3 AND o.target IS NOT NULL)
ON CONFLICT (sink, part) DO UPDATE
SET parts = excluded.parts, run = excluded.run, begins = excluded.begins, begins_at = excluded.begins_at,
    target = excluded.target, step = excluded.step, position = excluded.position, stopped = excluded.stopped,
    anew_in = excluded.anew_in, over_epoch = excluded.over_epoch, word = excluded.word, at = counterfoil_now()
WHERE w.run <= excluded.run";

/// What was known of the parts before is in the log.
const STOP: &str = "
WITH former AS (DELETE FROM outbox_relays WHERE sink = $1 RETURNING *)
INSERT INTO outbox_log (sink, part, verb, detail, reason, before)
SELECT sink, part, 'divide', $2, 'outbox.sinks[].partitions was changed', to_jsonb(former)::text FROM former";

const DIVIDE: &str = "
INSERT INTO outbox_divisions (sink, run, before, closing) VALUES ($1, $2, $3, $4)
ON CONFLICT (sink) DO UPDATE
SET run = excluded.run, before = excluded.before, closing = excluded.closing, at = counterfoil_now()";

const CLOSED: &str = "UPDATE outbox_divisions SET closing = NULL WHERE sink = $1 AND run = $2";

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("outbox_relays: {what}"))
}

fn position(text: Option<&str>) -> Result<Option<Position>, StoreError> {
    let read = text.map(serde_json::from_str).transpose();
    read.map_err(|error| corrupt(&format!("a position: {error}")))
}

fn text(position: Option<&Position>) -> Option<String> {
    position.and_then(|position| serde_json::to_string(position).ok()) // numbers and a text always serialise
}

fn read(sink: &str, part: u32, row: &Row) -> Result<Witness, StoreError> {
    let count = |index: usize| u32::try_from(row.get::<_, i32>(index)).map_err(|_| corrupt("a negative number"));
    let step = row.get::<_, Option<i64>>(5).map(|step| u64::try_from(step).unwrap_or(0));
    let division = match row.get::<_, Option<i32>>(15) {
        None => None,
        Some(_) => {
            let before: &str = row.get(16);
            let before = serde_json::from_str(before).map_err(|error| corrupt(&format!("a division: {error}")))?;
            Some(Division { run: count(15)?, before, closing: row.get(17) })
        }
    };
    Ok(Witness {
        sink: sink.to_owned(),
        part,
        parts: count(0)?,
        run: count(1)?,
        begins: row.get(2),
        begins_at: position(row.get(3))?,
        target: row.get(4),
        known: step.zip(position(row.get(6))?),
        stopped: row.get(7),
        skips: row.get::<_, Vec<String>>(8).into_iter().zip(row.get::<_, Vec<i32>>(12)).collect(),
        anew_in: row.get(9),
        held: row.get(10),
        over_epoch: row.get(11),
        word: row.get(13),
        is_ours: row.get(14),
        division,
        gap: match (row.get(18), row.get(19), row.get(20)) {
            (Some(events), Some(orders), Some(until)) => Some(prune::gap_of(events, orders, until)),
            (_, _, _) => None,
        },
        is_forgotten: row.get(21),
    })
}

fn number(number: u32) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(|_| corrupt("a number beyond 32 bits"))
}

async fn witness(client: &ClientWrapper, sink: &str, part: u32) -> Result<Option<Witness>, StoreError> {
    let statement = client.prepare_cached(WITNESS).await.map_err(|error| read_error(&error))?;
    let row = client.query_opt(&statement, &[&sink, &number(part)?]).await.map_err(|error| read_error(&error))?;
    row.map(|row| read(sink, part, &row)).transpose()
}

async fn attest(client: &mut ClientWrapper, held: &Held, witness: &Witness) -> Result<bool, StoreError> {
    let transaction = session::begin(client).await.map_err(|error| read_error(&error))?;
    if !lease::still(&transaction, held).await? {
        return Ok(false); // it rolls back
    }
    if witness.target.is_some() && witness.known.is_none() {
        transaction.query_one(ALONE, &[&witness.sink]).await.map_err(|error| read_error(&error))?;
    }
    let written = write(&transaction, witness).await?;
    if written && witness.target.is_none() && witness.known.is_none() {
        // Behind the row's lock, so that whoever prunes comes before all of this, or finds where it begins.
        note_gap(&*transaction, witness).await.map_err(|error| read_error(&error))?;
    }
    transaction.commit().await.map_err(|error| read_error(&error))?;
    Ok(written)
}

async fn write(transaction: &deadpool_postgres::Transaction<'_>, witness: &Witness) -> Result<bool, StoreError> {
    let statement = transaction.prepare_cached(ATTEST).await.map_err(|error| read_error(&error))?;
    let (part, parts, run) = (number(witness.part)?, number(witness.parts)?, number(witness.run)?);
    let step = witness.known.as_ref().map(|(step, _)| i64::try_from(*step).unwrap_or(i64::MAX));
    let (begins_at, position) = (text(witness.begins_at.as_ref()), text(witness.known.as_ref().map(|known| &known.1)));
    let written = transaction
        .execute(
            &statement,
            &[
                &witness.sink,
                &part,
                &parts,
                &run,
                &witness.begins,
                &begins_at,
                &witness.target,
                &step,
                &position,
                &witness.stopped,
                &witness.anew_in,
                &witness.over_epoch,
                &witness.word,
            ],
        )
        .await
        .map_err(|error| read_error(&error))?;
    Ok(written > 0)
}

/// A transaction in which all these leases are the caller's; `None` where one is not. In the order of their names, as
/// everybody does.
async fn holding<'a>(
    client: &'a mut ClientWrapper,
    held: &[Held],
) -> Result<Option<deadpool_postgres::Transaction<'a>>, StoreError> {
    let mut held: Vec<&Held> = held.iter().collect();
    held.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let transaction = session::begin(client).await.map_err(|error| read_error(&error))?;
    for held in held {
        if !lease::still(&transaction, held).await? {
            return Ok(None); // it rolls back
        }
    }
    Ok(Some(transaction))
}

async fn divide(
    client: &mut ClientWrapper,
    held: &[Held],
    parts: &[Witness],
    division: &Division,
) -> Result<bool, StoreError> {
    let Some(sink) = parts.first().map(|part| part.sink.as_str()) else { return Ok(false) };
    let Some(transaction) = holding(client, held).await? else { return Ok(false) };
    transaction.query_one(ALONE, &[&sink]).await.map_err(|error| read_error(&error))?;
    let detail = format!("into {}", parts.len());
    transaction.execute(STOP, &[&sink, &detail]).await.map_err(|error| read_error(&error))?;
    for part in parts {
        if !write(&transaction, part).await? {
            return Err(corrupt("parts of two divisions"));
        }
        keep_gap(&*transaction, part, part.gap).await.map_err(|error| read_error(&error))?;
    }
    let before = serde_json::to_string(&division.before).map_err(|error| corrupt(&error.to_string()))?;
    let divided = transaction.execute(DIVIDE, &[&sink, &number(division.run)?, &before, &division.closing]).await;
    divided.map_err(|error| read_error(&error))?;
    transaction.commit().await.map_err(|error| read_error(&error))?;
    Ok(true)
}

async fn closed(client: &mut ClientWrapper, held: &[Held], sink: &str, run: u32) -> Result<bool, StoreError> {
    let Some(transaction) = holding(client, held).await? else { return Ok(false) };
    transaction.execute(CLOSED, &[&sink, &number(run)?]).await.map_err(|error| read_error(&error))?;
    transaction.commit().await.map_err(|error| read_error(&error))?;
    Ok(true)
}

/// What of the events that a run is to begin with is gone.
async fn note_gap(client: &impl GenericClient, witness: &Witness) -> Result<(), Error> {
    let Some(begins_at) = &witness.begins_at else { return Ok(()) };
    if witness.begins == "now" {
        return Ok(()); // what went before is not what it wants
    }
    let since = witness.begins.parse::<jiff::Timestamp>().ok().map(|since| Timestamp(since.as_microsecond()));
    keep_gap(client, witness, prune::gap(client, begins_at, since, 0).await?).await
}

async fn keep_gap(client: &impl GenericClient, witness: &Witness, gap: Option<Gap>) -> Result<(), Error> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (events, orders) = (gap.map(|gap| count(gap.events)), gap.map(|gap| count(gap.orders)));
    let (until, part) = (gap.map(|gap| stamp(gap.until)), i32::try_from(witness.part).unwrap_or(i32::MAX));
    let sql = "UPDATE outbox_relays SET gap_events = $3, gap_orders = $4, gap_until = $5 WHERE sink = $1 AND part = $2";
    client.execute(sql, &[&witness.sink, &part, &events, &orders, &until]).await?;
    Ok(())
}

/// On connections of their own: no order waits for them, nor they for one.
impl Witnesses for PgStore {
    fn witness<'a>(&'a self, sink: &'a str, part: u32) -> BoxFuture<'a, Result<Option<Witness>, StoreError>> {
        Box::pin(async move {
            let client = self.relays.lend().await?;
            let heard = witness(&client, sink, part).await;
            client.back(heard)
        })
    }

    fn parts<'a>(&'a self, sink: &'a str) -> BoxFuture<'a, Result<Option<Parts>, StoreError>> {
        Box::pin(async move {
            let client = self.relays.lend().await?;
            let heard = client.query_opt(PARTS, &[&sink]).await.map_err(|error| read_error(&error));
            let row = client.back(heard)?;
            Ok(row.map(|row| Parts { of: u32::try_from(row.get::<_, i32>(0)).unwrap_or(0), closing: row.get(1) }))
        })
    }

    fn attest<'a>(&'a self, held: &'a Held, witness: &'a Witness) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let mut client = self.relays.lend().await?;
            let heard = attest(&mut client, held, witness).await;
            client.back(heard)
        })
    }

    fn divide<'a>(
        &'a self,
        held: &'a [Held],
        parts: &'a [Witness],
        division: &'a Division,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let mut client = self.relays.lend().await?;
            let heard = divide(&mut client, held, parts, division).await;
            client.back(heard)
        })
    }

    fn closed<'a>(&'a self, held: &'a [Held], sink: &'a str, run: u32) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let mut client = self.relays.lend().await?;
            let heard = closed(&mut client, held, sink, run).await;
            client.back(heard)
        })
    }
}

/// Over a connection that leads where the engine's others do.
impl Feeds for PgStore {
    fn open(&self) -> BoxFuture<'_, Result<Opened, FeedError>> {
        Box::pin(async move {
            let feed = Feed::open_watched(&self.target, &self.watch).await?;
            let epoch = feed.epoch().await?;
            Ok(Opened { reader: Box::new(feed), epoch })
        })
    }
}

/// Every part of every sink that was ever published to, by name and part. For people.
pub async fn list(client: &Client) -> Result<Vec<Witness>, StoreError> {
    let rows = client.query(ALL, &[]).await.map_err(|error| read_error(&error))?;
    let of = |row: &Row| read(row.get(22), u32::try_from(row.get::<_, i32>(23)).unwrap_or(0), row);
    rows.iter().map(of).collect()
}

/// Has a sink begin anew from there (see [`Witness::begins`]; `begins_at` where that is known by now), in a run of its own:
/// whatever its consumers have comes again. `over_epoch`: see [`Witness::over_epoch`]. How many parts it has; 0 where it was never published to. Whoever publishes loses
/// the lease, and the next one begins within seconds. What was known before is kept in `outbox_log`.
pub async fn begin_anew(
    client: &mut Client,
    sink: &str,
    (begins, begins_at): (&str, Option<&Position>),
    over_epoch: Option<i32>,
    reason: &str,
) -> Result<u64, StoreError> {
    let detail = match over_epoch {
        Some(epoch) => format!("{begins}, over epoch {epoch}"),
        None => begins.to_owned(),
    };
    // Parts of a number that nothing came of: in a run of their own they would stand against those that there are.
    let stale = "DELETE FROM outbox_relays r WHERE sink = $1 AND target IS NULL AND run = 1 AND anew_in IS NULL
        AND EXISTS (SELECT FROM outbox_relays o WHERE o.sink = $1 AND o.parts <> r.parts AND o.target IS NOT NULL)";
    let anew = "UPDATE outbox_relays SET run = run + 1, begins = $2, begins_at = $3, target = NULL, step = NULL,
            position = NULL, stopped = NULL, held = NULL, anew_in = counterfoil_enter(),
            over_epoch = $4, word = gen_random_uuid(), forgotten = NULL,
            gap_events = NULL, gap_orders = NULL, gap_until = NULL,
            deployment = (SELECT deployment_id FROM deployment), at = counterfoil_now()
        WHERE sink = $1";
    // What former parts had published comes again, too.
    let undivided = "DELETE FROM outbox_divisions WHERE sink = $1";
    change(client, sink, ("replay", &detail, reason), async |transaction| {
        transaction.execute(stale, &[&sink]).await?;
        transaction.execute(undivided, &[&sink]).await?;
        transaction.execute(anew, &[&sink, &begins, &text(begins_at), &over_epoch]).await
    })
    .await
}

/// Has a sink pass over an event from now on: how many parts it has, 0 where it was never published to; `None` where there is
/// no such event.
pub async fn skip(
    client: &mut Client,
    sink: &str,
    (order_id, version): (&str, i32),
    reason: &str,
) -> Result<Option<u64>, StoreError> {
    // Of what cannot be read the last commit has no end.
    let found = "SELECT epoch FROM order_events e WHERE order_id = $1 AND first_version <= $2
            AND ($2 < (SELECT version FROM orders o WHERE o.order_id = $1) + 1 OR first_version = $2)
        ORDER BY first_version DESC LIMIT 1";
    let skip = "INSERT INTO outbox_skips (sink, event, epoch) SELECT DISTINCT sink, $2, $3::int FROM outbox_relays
        WHERE sink = $1 ON CONFLICT DO NOTHING";
    let count = "SELECT count(*) FROM outbox_relays WHERE sink = $1";
    let event = format!("{order_id}/{version}");
    let row = client.query_opt(found, &[&order_id, &version]).await.map_err(|error| read_error(&error))?;
    let Some(epoch) = row.map(|row| row.get::<_, i32>(0)) else { return Ok(None) };
    change(client, sink, ("skip", &event, reason), async |transaction| {
        transaction.execute(skip, &[&sink, &event, &epoch]).await?;
        let parts: i64 = transaction.query_one(count, &[&sink]).await?.get(0);
        Ok(u64::try_from(parts).unwrap_or(0))
    })
    .await
    .map(Some)
}

/// Has nothing published to a sink until it is resumed, or begun anew; or resumes it. How many parts it has.
pub async fn hold_back(client: &mut Client, sink: &str, hold: bool, reason: &str) -> Result<u64, StoreError> {
    let held = "UPDATE outbox_relays SET held = $2, at = counterfoil_now() WHERE sink = $1";
    let (verb, why) = if hold { ("pause", Some(reason)) } else { ("resume", None) };
    change(client, sink, (verb, "", reason), async |transaction| transaction.execute(held, &[&sink, &why]).await).await
}

/// Has a sink hold back nothing any more that is to be pruned. It is not published to from then on, until it is begun anew:
/// what it would go on with may be gone. How many parts it has.
pub async fn forget(client: &mut Client, sink: &str, reason: &str) -> Result<u64, StoreError> {
    let forgotten =
        "UPDATE outbox_relays SET forgotten = coalesce(forgotten, counterfoil_now()), at = counterfoil_now()
        WHERE sink = $1";
    change(client, sink, ("forget", "", reason), async |transaction| transaction.execute(forgotten, &[&sink]).await)
        .await
}

/// What is gone of what lies behind where somebody is about to begin.
pub async fn gone(client: &Client, from: &Position, since: Option<Timestamp>) -> Result<Option<Gap>, StoreError> {
    prune::gap(client, from, since, 0).await.map_err(|error| read_error(&error))
}

/// Changes the rows of a sink, takes the lease from whoever publishes, so that it looks at them, and keeps what they were and
/// why that was done. The leases first, as whoever attests does, and in the order of their names, as whoever divides does: else
/// the two could wait for each other.
async fn change(
    client: &mut Client,
    sink: &str,
    (verb, detail, reason): (&str, &str, &str),
    act: impl AsyncFnOnce(&Transaction<'_>) -> Result<u64, Error>,
) -> Result<u64, StoreError> {
    let fence = "
        WITH held AS (
            SELECT name FROM outbox_leases WHERE name IN (SELECT sink || '/' || part FROM outbox_relays WHERE sink = $1)
            ORDER BY name FOR UPDATE
        )
        UPDATE outbox_leases l SET generation = l.generation + 1, until = counterfoil_now()
        FROM held WHERE l.name = held.name";
    let log = "INSERT INTO outbox_log (sink, part, verb, detail, reason, before)
        SELECT sink, part, $2, $3, $4, to_jsonb(outbox_relays)::text FROM outbox_relays WHERE sink = $1";
    let changed = async {
        let transaction = client.transaction().await?;
        transaction.execute(fence, &[&sink]).await?;
        transaction.execute(log, &[&sink, &verb, &detail, &reason]).await?;
        let changed = act(&transaction).await?;
        // A division that was waited for left other parts.
        transaction.execute(fence, &[&sink]).await?;
        transaction.commit().await?;
        Ok::<_, Error>(changed)
    };
    changed.await.map_err(|error| read_error(&error))
}
