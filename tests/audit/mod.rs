//! The audit finds nothing in a healthy database, and every promise is shown to break by corruptions of a copy, each of
//! which breaks that promise alone and names the offender.

mod agreement;
mod corruptions;
pub mod earlier;
mod healthy;
mod ledger;
mod mutations;
mod pruned;

use std::collections::{BTreeMap, BTreeSet};

use counterfoil::cli::audit::{AuditArgs, run_to};
use counterfoil::store::audit::{Report, audit, promise_names};
use futures_util::stream::{self, StreamExt};
use tokio::sync::OnceCell;

use crate::support::database::TestDatabase;
use corruptions::Corruption;

/// A database with an order of every kind. Nobody stays connected to it: it is cloned.
async fn healthy() -> &'static TestDatabase {
    static HEALTHY: OnceCell<TestDatabase> = OnceCell::const_new();
    HEALTHY
        .get_or_init(|| async {
            let database = TestDatabase::new().await;
            healthy::fill(&mut database.client().await).await;
            database
        })
        .await
}

async fn audit_of(database: &TestDatabase) -> Report {
    audit(&mut database.client().await).await.expect("audit")
}

fn broken(report: &Report) -> Vec<(&'static str, Vec<String>)> {
    let broken = report.promises.iter().filter(|finding| !finding.holds);
    broken.map(|finding| (finding.name, finding.offenders.clone())).collect()
}

#[tokio::test]
async fn a_healthy_database_keeps_every_promise() {
    let report = audit_of(healthy().await).await;
    assert_eq!(broken(&report), []);
    assert!(report.ok);
    assert!(report.promises.iter().all(|finding| finding.checked > 0), "every promise was asked: {report:#?}");
}

#[tokio::test]
async fn an_empty_database_keeps_every_promise() {
    let report = audit_of(&TestDatabase::new().await).await;
    assert_eq!((report.ok, broken(&report)), (true, vec![]));
}

#[tokio::test]
async fn each_corruption_breaks_one_promise_and_is_named() {
    let original = healthy().await;
    let failures: Vec<String> = stream::iter(corruptions::all())
        .map(|corruption| try_out(original, corruption))
        .buffer_unordered(4)
        .filter_map(|failure| async { failure })
        .collect()
        .await;
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Says what was found instead, where it was not what the corruption is.
async fn try_out(original: &TestDatabase, corruption: &Corruption) -> Option<String> {
    let copy = original.copy().await;
    let changed = copy.client().await.batch_execute(corruption.sql).await;
    if let Err(error) = changed {
        return Some(format!("{}\ncannot be done: {error:?}", corruption.sql));
    }
    let report = audit_of(&copy).await;
    let mut expected: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (promise, offender) in [&[(corruption.breaks, corruption.offender)], corruption.also].concat() {
        expected.entry(promise).or_default().push(offender.to_owned());
    }
    expected.values_mut().for_each(|offenders| offenders.sort());
    let found: BTreeMap<_, _> = broken(&report).into_iter().collect();
    (found != expected || report.ok).then(|| format!("{}\nexpected {expected:?}\nfound    {found:?}", corruption.sql))
}

#[test]
fn every_promise_has_a_corruption() {
    let corrupted: BTreeSet<_> = corruptions::all().map(|corruption| corruption.breaks).collect();
    assert_eq!(corrupted, promise_names().collect());
}

#[tokio::test]
async fn offenders_are_counted_and_the_first_hundred_named() {
    let copy = healthy().await.copy().await;
    let mut client = copy.client().await;
    let ghosts = "INSERT INTO payments (order_id, status, amount, captured, refunded)
                  SELECT 'GHOST-' || n, 'charged', 1, 1, 0 FROM generate_series(1000, 1249) AS n";
    client.batch_execute(ghosts).await.expect("corrupt");
    let report = audit(&mut client).await.expect("audit");
    let finding = report.promises.iter().find(|finding| finding.name == "nothing_partial").expect("the promise");
    assert_eq!((finding.broken, finding.offenders.len()), (250, 100));
    assert_eq!(finding.offenders[0], "GHOST-1000");
}

#[tokio::test]
async fn the_audit_leaves_no_helper_behind_and_can_be_repeated() {
    let copy = healthy().await.copy().await;
    let mut client = copy.client().await;
    for _ in 0..2 {
        assert!(audit(&mut client).await.expect("audit").ok);
    }
    let helpers = "SELECT count(*) FROM pg_proc WHERE proname IN ('counterfoil_json', 'counterfoil_units')";
    let left: i64 = client.query_one(helpers, &[]).await.expect("count").get(0);
    assert_eq!(left, 0);
    assert!(!client.is_closed());
}

#[tokio::test]
async fn the_command_says_whether_all_holds() {
    let copy = healthy().await.copy().await;
    let args =
        AuditArgs { json: true, database_url: Some(copy.url()), data_dir: None, config: None, ledger: Vec::new() };
    let mut json = Vec::new();
    assert!(run_to(args.clone(), &mut json).await.expect("audit"));
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(json["ok"], true);
    assert_eq!(json["promises"].as_array().map(Vec::len), Some(promise_names().count()));

    copy.client().await.batch_execute("DELETE FROM payments WHERE order_id = 'ORD-COMPLETED'").await.expect("corrupt");
    let mut table = Vec::new();
    assert!(!run_to(AuditArgs { json: false, ..args }, &mut table).await.expect("audit"));
    let table = String::from_utf8(table).expect("text");
    let row = table.lines().find(|line| line.starts_with("nothing_partial")).expect("a row");
    assert!(row.contains("BROKEN") && row.ends_with("ORD-COMPLETED"), "{row}");
}

/// A large database is one that PostgreSQL would read with parallel workers.
#[tokio::test]
async fn a_planner_that_likes_parallel_plans_does_no_harm() {
    let copy = healthy().await.copy().await;
    let mut client = copy.client().await;
    let eager = "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
                 SET max_parallel_workers_per_gather = 4";
    client.batch_execute(eager).await.expect("set");
    assert_eq!(broken(&audit(&mut client).await.expect("audit")), []);
}
