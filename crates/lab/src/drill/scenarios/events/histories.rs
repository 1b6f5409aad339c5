//! The numbers of transactions lie: a commit is seen later than those that were numbered behind it, and a database that was
//! put back gives numbers away again. Whoever reads by the highest number passes over what comes then.

use std::collections::{HashMap, HashSet};

use futures_util::future::join;
use serde_json::json;

use super::{CRM, orders};
use crate::drill::fleet::{Fleet, Which, until};
use crate::drill::receivers::Load;
use crate::drill::scenarios::Proved;
use crate::drill::world::DrillError;

/// The transaction that sleeps before its COMMIT.
const ASLEEP: &str = "SELECT backend_xid::text::bigint FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep' AND backend_xid IS NOT NULL";

/// How long the late commit sleeps: the first time is enough, unless this machine is very busy.
const SLEEPS_MS: [u64; 3] = [3_000, 12_000, 48_000];

/// What others would do in the feed's place, while the late commit is open.
struct Others {
    /// The highest number that can be seen.
    highest: i64,
    /// Commits that are below whatever is open in the cluster.
    behind_the_horizon: i64,
}

/// Everything else arrives meanwhile, and what commits late arrives when it does.
pub async fn late_commit(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 24;
    const ELSEWHERE: &str = "SELECT pg_current_xact_id()::text::bigint";
    let elsewhere = fleet.elsewhere().await?;
    elsewhere.batch_execute("BEGIN").await?;
    let open: i64 = elsewhere.query_one(ELSEWHERE, &[]).await?.try_get(0)?;
    fleet.tale.tell("armed", &format!("the transaction {open} in another database of the cluster, which does not end"));
    let clients = [fleet.client(Which::A)?, fleet.client(Which::B)?];
    for (round, ms) in SLEEPS_MS.into_iter().enumerate() {
        let late = fleet.order(format!("drill-late-{round}"));
        let fault =
            json!({"point": "commit.before_commit", "order_id": late.id, "action": "delay", "ms": ms, "times": 1});
        fleet.arm(Which::A, fault).await?;
        let placed = orders(fleet, &format!("drill-later-{round}"), ORDERS);
        let passing = async {
            let asleep = async || Ok(fleet.database.query_opt(ASLEEP, &[]).await?.map(|row| row.get::<_, i64>(0)));
            let xact = until("the late commit did not come to its sleep", asleep).await?;
            let load = Load::place(&clients[1], &placed).await;
            let events = fleet.until_all_taken(CRM).await?;
            let highest = "SELECT max(xact)::text::bigint FROM order_events";
            let behind = "SELECT count(*) FROM order_events WHERE xact < pg_snapshot_xmin(pg_current_snapshot())";
            let others =
                Others { highest: fleet.count(highest).await?, behind_the_horizon: fleet.count(behind).await? };
            let is_open = asleep().await? == Some(xact);
            Ok::<_, DrillError>((xact, load, events, others, is_open))
        };
        let late_one = [late];
        let (told, passed) = join(Load::place(&clients[0], &late_one), passing).await;
        let (xact, load, events, others, is_open) = passed?;
        if !is_open {
            let text = format!("{ms} ms were not enough for {ORDERS} orders: once more, with a longer sleep");
            fleet.tale.tell("engine", &text);
            continue;
        }
        let [late] = late_one;
        let text = format!("while the transaction {xact} was open, all {events} events of later ones arrived");
        fleet.tale.check(others.highest > xact, text);
        fleet.judge_told(CRM, &load)?;
        fleet.until_all_taken(CRM).await?;
        fleet.judge_told(CRM, &told)?;
        let sql =
            format!("SELECT order_id, first_version, xact FROM order_events WHERE order_id = '{}' ORDER BY 2", late.id);
        fleet.show(&sql).await?;
        let skipped = format!(
            "SELECT count(*) FROM order_events WHERE order_id = '{}' AND xact::text::bigint <= {}",
            late.id, others.highest
        );
        let skipped = fleet.count(&skipped).await?;
        let lines = fleet.taken(CRM)?;
        let place = lines.iter().position(|line| line.order_id() == late.id).unwrap_or_default();
        fleet.tale.check(
            skipped > 0 && place >= events,
            format!(
                "its first event came behind those {events}, when it committed; who goes on from the highest number \
                ({}) never reads it",
                others.highest
            ),
        );
        let still: i64 = elsewhere.query_one(ELSEWHERE, &[]).await?.try_get(0)?;
        fleet.tale.check(
            still == open && others.behind_the_horizon == 0,
            format!(
                "the other database's writer is still open; who waits for it has read {} commits of all these",
                others.behind_the_horizon
            ),
        );
        elsewhere.batch_execute("ROLLBACK").await?;
        return Ok(format!(
            "a commit {} numbers late, behind {events} events that did not wait for it",
            others.highest - xact
        ));
    }
    Err(DrillError::Missed("the late commit was never late enough".into()))
}

/// What is committed in the restored database arrives, though its numbers lie below the cursor; and what the lost history
/// said is told from it by its epoch.
pub async fn restored_dump(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 80;
    const USED: &str = "DO $$ BEGIN FOR n IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$";
    let database = fleet.connection().await?;
    database.batch_execute("SET synchronous_commit = off").await?;
    database.batch_execute(USED).await?;
    drop(database);
    fleet.tale.tell("armed", "20000 transactions, so that this cluster's numbers are high");
    let (client, placed) = (fleet.client(Which::A)?, orders(fleet, "drill-restored", ORDERS));
    let dumping = async {
        fleet.until_taken(CRM, ORDERS).await?;
        fleet.dump().await
    };
    let (load, dump) = join(Load::place(&client, &placed), dumping).await;
    let dump = dump?;
    let events = fleet.until_all_taken(CRM).await?;
    fleet.judge_told(CRM, &load)?;
    fleet.kill(Which::A)?;
    fleet.restore(&dump).await?;
    let known = fleet.count("SELECT count(*) FROM orders").await?;
    let ((epoch, upto), next) =
        (fleet.cursor(CRM).await?, fleet.count("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").await?);
    let text = format!(
        "it has {known} of the {ORDERS} orders; its cursor is at the transaction {upto} of epoch {epoch}, and the next one to \
         come is {next}"
    );
    fleet.tale.check(next < upto, text);
    fleet.adopt().await?;
    let took = fleet.start_engine(Which::A).await?;
    fleet.tale.tell("recovery", &format!("an engine was started on it, ready in {} ms", took.as_millis()));
    let client = fleet.client(Which::A)?;
    let again = Load::place(&client, &placed).await;
    let new = Load::place(&client, &orders(fleet, "drill-anew", ORDERS / 4)).await;
    let later = fleet.count("SELECT max(epoch)::bigint FROM epochs").await?;
    fleet.leave(CRM).lost_before = Some(later);
    fleet.until_all_taken(CRM).await?;
    for load in [&again, &new] {
        fleet.judge_told(CRM, load)?;
    }
    let epochs = "SELECT epoch, min(xact::text::bigint), max(xact::text::bigint), count(*) FROM order_events
        GROUP BY epoch ORDER BY epoch";
    fleet.show(epochs).await?;
    let below = format!("SELECT count(*) FROM order_events WHERE epoch = {later} AND xact::text::bigint < {upto}");
    let (below, all) = (
        fleet.count(&below).await?,
        fleet.count(&format!("SELECT count(*) FROM order_events WHERE epoch = {later}")).await?,
    );
    let text = format!(
        "its epoch is {later}: all {all} commits since then arrived, {below} of them with numbers below the cursor's, which \
         whoever goes by numbers alone passes over"
    );
    fleet.tale.check(later > epoch && below > 0 && below == all, text);
    let twice = told_twice(fleet, later)?;
    let right = are_told_right(fleet).await?;
    fleet.tale.check(
        right == ORDERS + ORDERS / 4,
        format!(
            "{twice} events came under one id of both histories; by (epoch, sequence) the receiver knows the last event of \
             {right} of {} orders",
            ORDERS + ORDERS / 4
        ),
    );
    Ok(format!("{events} events of the old history, {all} commits of the new one below its cursor, none skipped"))
}

/// How many events came of the new history that the old one had told of.
fn told_twice(fleet: &Fleet<'_>, later: i64) -> Result<usize, DrillError> {
    let lines = fleet.taken(CRM)?;
    let (new, old): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.epoch() == later);
    let old: HashSet<&str> = old.iter().map(|line| line.text("id")).collect();
    Ok(new.iter().map(|line| line.text("id")).collect::<HashSet<_>>().intersection(&old).count())
}

/// How many orders end, for a receiver that goes by the highest (epoch, sequence), where the database says.
async fn are_told_right(fleet: &Fleet<'_>) -> Result<usize, DrillError> {
    let lines = fleet.taken(CRM)?;
    let mut last: HashMap<&str, (i64, Option<i64>)> = HashMap::new();
    for line in &lines {
        let known = last.entry(line.order_id()).or_default();
        *known = (*known).max((line.epoch(), line.version()));
    }
    let mut right = 0;
    for row in fleet.database.query("SELECT order_id, version::bigint FROM orders", &[]).await? {
        let known = last.get(row.get::<_, &str>(0)).and_then(|(_, version)| *version);
        right += usize::from(known == Some(row.get(1)));
    }
    Ok(right)
}
