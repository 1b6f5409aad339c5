//! Promise: what a commit costs depends on what it writes, never on how many orders there are. A committer plans its
//! statements on a young database, and a plan that is right for ten orders reads a million of them for each batch.

use std::sync::Arc;
use std::time::Duration;

use counterfoil::saga::{Action, Order, Outcome};
use counterfoil::store::audit::audit_with_ledgers;
use counterfoil::store::model::ModelStore;
use futures_util::future::join_all;
use uuid::Uuid;

use crate::store_conformance::bench::{Bench, LEASE, LOCAL, NODE, REMOTE, answered, keyed, new_order, wants};
use crate::support::database::TestDatabase;
use crate::support::engine::{TestEngine, answer, order, request, settings, until};
use crate::support::program::Folder;
use crate::support::saga::{Own, Participants};

/// Orders of one wave: about a batch.
const WAVE: usize = 10;
const WAVES: usize = 60;

/// Commits of an order: two in one transaction each with all local, and one with three local transactions.
const COMMITS: i64 = 2 + 3;
/// Rows that a commit may read of an index: the order moves on, and nothing else of it is asked for.
const READS: i64 = 4;

#[tokio::test]
async fn what_a_commit_reads_does_not_grow_with_the_tables() {
    let mut bench = Bench::postgres().await;
    for sku in 0..WAVE {
        bench.stock(&format!("S-{sku}"), 1_000_000).await;
    }
    for wave in 0..WAVES {
        let order = |kind: &str, n: usize, local| {
            new_order(&format!("{kind}-{wave}-{n}"), wants(&[(&format!("S-{n}"), 1)]), local)
        };
        join_all((0..WAVE).map(|n| bench.stored(order("L", n, LOCAL)))).await;
        join_all((0..WAVE).map(|n| bench.stored(keyed(order("K", n, LOCAL), &format!("key-{wave}-{n}"))))).await;
        let placed = join_all((0..WAVE).map(|n| bench.stored(order("R", n, REMOTE)))).await;
        let move_on = |order: &Order, action| bench.stored(answered(order, action, Outcome::done()));
        let charged = join_all(placed.iter().map(|txn| move_on(&txn.order, Action::Charge))).await;
        join_all(charged.iter().map(|txn| move_on(&txn.order, Action::Ship))).await;
    }
    let database = bench.database().await.expect("PostgreSQL");
    bench.store = Arc::new(ModelStore::default()); // a connection tells what it did at its end
    let number = async |sql: &str| database.query_one(sql, &[]).await.expect(sql).get::<_, i64>(0);
    let commits = COMMITS * i64::try_from(WAVE * WAVES).unwrap();
    until("the connections have told", || async {
        number("SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'order_events'").await == commits
    })
    .await;
    let read = "SELECT max(idx_tup_read) FROM pg_stat_user_indexes
        WHERE relname IN ('orders', 'payments', 'order_work', 'order_events', 'inventory', 'idempotency_keys')";
    let (read, bound) = (number(read).await, READS * commits);
    assert!(read <= bound, "{commits} commits read {read} rows of one index, more than {bound}");
    let walked = "SELECT sum(seq_tup_read)::bigint FROM pg_stat_user_tables
        WHERE relname IN ('orders', 'payments', 'order_work', 'order_events', 'idempotency_keys')";
    let walked = number(walked).await;
    assert!(walked <= commits, "{commits} commits read {walked} rows of tables from end to end");
}

/// Orders that are overdue behind an outage, none of which was claimed before.
const OVERDUE: i64 = 20_000;
const SWEEPS: i64 = 10;
const CLAIMED: i64 = 8;
/// Entries of an index that a sweep may read: far below what is overdue, and above what earlier sweeps have left of those that they
/// claimed.
const READ: i64 = 200;

/// Promise: what a sweep costs depends on what it claims, not on how much is overdue that nobody claimed yet.
#[tokio::test]
async fn what_a_sweep_reads_does_not_grow_with_what_is_overdue() {
    let mut bench = Bench::postgres().await;
    let database = bench.database().await.expect("PostgreSQL");
    let overdue = "INSERT INTO order_work (order_id, version, wake_at, intent_at)
        SELECT 'O-' || n, 1, counterfoil_now() - interval '1 minute', counterfoil_now() FROM generate_series(1, $1) n";
    database.execute(overdue, &[&i32::try_from(OVERDUE).unwrap()]).await.expect(overdue);
    for _ in 0..SWEEPS {
        let sweep = bench.store.claim(NODE, LEASE, CLAIMED).await.expect("a sweep");
        assert_eq!(i64::try_from(sweep.claimed.len()).unwrap(), CLAIMED);
    }
    bench.store = Arc::new(ModelStore::default()); // a connection tells what it did at its end
    let number = async |sql: &str| database.query_one(sql, &[]).await.expect(sql).get::<_, i64>(0);
    until("the connections have told", || async {
        number("SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'order_work'").await == SWEEPS * CLAIMED
    })
    .await;
    let read = "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes
        WHERE relname = 'order_work' AND indexrelname <> 'order_work_pkey'";
    let (read, bound) = (number(read).await, READ * SWEEPS);
    assert!(read <= bound, "{SWEEPS} sweeps read {read} rows of what is overdue, more than {bound}");
}

/// Orders with a step of their own, in flight.
const STEPPED: usize = 300;
/// How often an audit may go through a table.
const PASSES: i64 = 40;

/// Promise: what an audit costs grows with the orders as they do, and no faster: it goes through each table a few times. (It
/// believes no index, so that whatever asks something of each order by itself reads a table for each.)
#[tokio::test]
async fn an_audit_goes_through_each_table_a_few_times() {
    let mut bench = Bench::postgres().await;
    bench.stock("S-0", 1_000_000).await;
    let stepped = Participants { own: Own::Check, ..REMOTE };
    for wave in 0..STEPPED / WAVE {
        let order = |n: usize| new_order(&format!("O-{wave}-{n}"), wants(&[("S-0", 1)]), stepped);
        join_all((0..WAVE).map(|n| bench.stored(order(n)))).await;
    }
    let database = bench.database().await.expect("PostgreSQL");
    let folder = Folder::new();
    let ledger = folder.0.join("ledger.jsonl");
    std::fs::write(&ledger, "").expect("an empty ledger");
    let mut auditor = bench.database().await.expect("PostgreSQL");
    audit_with_ledgers(&mut auditor, &[ledger]).await.expect("an audit");
    drop(auditor);
    bench.store = Arc::new(ModelStore::default()); // a connection tells what it did at its end
    let read =
        "SELECT relname::text, seq_tup_read::bigint, n_tup_ins::bigint FROM pg_stat_user_tables WHERE seq_tup_read > 0";
    until("the audit has told", || async {
        let rows = database.query(read, &[]).await.expect(read);
        rows.iter().any(|row| row.get::<_, &str>(0) == "order_steps" && row.get::<_, i64>(2) > 0)
    })
    .await;
    for row in database.query(read, &[]).await.expect(read) {
        let (table, read, rows): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
        let bound = PASSES * rows.max(i64::try_from(STEPPED).unwrap());
        assert!(read <= bound, "an audit read {read} rows of {table}, which has {rows}");
    }
}

/// Promise: an engine knows what there is to buy soon after it started: the first order of a SKU costs what any other does. (What
/// an order that is asked about needs is locked; what one that is placed unseen needs is not.)
#[tokio::test]
async fn an_engine_that_starts_learns_what_there_is_to_buy() {
    let database = TestDatabase::new().await;
    let session = database.client().await;
    let stock = "INSERT INTO inventory (sku, on_hand) SELECT 'S-' || n, 1000 FROM generate_series(1, 12000) n";
    session.batch_execute(stock).await.expect(stock);
    let test = TestEngine::on(database, settings()).await;
    assert_eq!(answer(test.submit(order("O", request(&[("S-2", 1)], "pm_ok"))).await).0, 201);
    session.batch_execute("BEGIN; LOCK TABLE order_steps IN ACCESS EXCLUSIVE MODE").await.expect("lock");
    // Of the first page, and of the last.
    for sku in ["S-1", "S-9999"] {
        until("it is placed unseen", || async {
            let id = format!("O-{sku}-{}", Uuid::new_v4());
            let submission = order(&id, request(&[(sku, 1)], "pm_ok"));
            let answered = tokio::time::timeout(Duration::from_millis(300), test.submit(submission)).await;
            answered.is_ok_and(|verdict| verdict.is_ok())
        })
        .await;
    }
    session.batch_execute("ROLLBACK").await.expect("let go");
    test.stop().await;
}
