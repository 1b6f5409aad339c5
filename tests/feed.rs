//! Promise: whoever reads the feed reads each commit once, and those of an order in their order, whenever a transaction
//! commits, wherever one stays open, and whatever befalls the database. Judged by the rows that are there in the end; the
//! writers are sessions of the test's own, which do what an engine would not.

use std::collections::{BTreeSet, HashMap};

use counterfoil::embedded_postgres::{self, EmbeddedPostgres};
use counterfoil::ports::feed::{FeedError, Position};
use counterfoil::store::Target;
use counterfoil::store::feed::Feed;
use futures_util::future::join_all;
use tokio_postgres::{Client, NoTls};

use crate::moving_database::Pair;
use crate::support::database::TestDatabase;
use crate::support::engine::{TestEngine, answer, settings, simple, until};
use crate::support::program::Folder;

const BYTES: usize = 1 << 20;

/// Somebody who publishes: it keeps its position as text, beside what it has told.
pub struct Reader {
    feed: Feed,
    position: String,
    told: Vec<(String, i32)>,
}

impl Reader {
    async fn at(url: &str, position: String) -> Self {
        let feed = Feed::open(&Target::new(url)).await.expect("open the feed");
        Self { feed, position, told: Vec::new() }
    }

    pub async fn from_the_beginning(url: &str) -> Self {
        let mut reader = Self::at(url, String::new()).await;
        reader.position = text(&reader.feed.beginning().await.expect("a beginning"));
        reader
    }

    /// What a relay does that was killed: another one goes on where this one stood.
    async fn again(self, url: &str) -> Self {
        Self { told: self.told, ..Self::at(url, self.position).await }
    }

    /// One step; how many rows it read.
    pub async fn step(&mut self, rows: usize) -> Result<usize, FeedError> {
        self.bounded_step(rows, BYTES).await
    }

    async fn bounded_step(&mut self, rows: usize, bytes: usize) -> Result<usize, FeedError> {
        let from: Position = serde_json::from_str(&self.position).expect("a position");
        let batch = self.feed.step(&from, rows, bytes).await?;
        assert!(batch.records.len() <= rows);
        let count = batch.records.len();
        self.position = text(&batch.position(&from, count));
        for record in batch.records.iter().filter(|record| record.events != "[]") {
            self.told.push((record.row.order_id.clone(), record.row.first_version));
        }
        Ok(count)
    }

    /// All that there is to be read now.
    pub async fn read(&mut self, rows: usize) {
        loop {
            let before = self.position.clone();
            if self.step(rows).await.expect("a step") == 0 && self.position == before {
                return;
            }
        }
    }

    fn orders(&self) -> Vec<&str> {
        self.told.iter().map(|(order, _)| order.as_str()).collect()
    }

    /// Against the rows.
    pub async fn judge(&self, session: &Client) {
        let sql = "SELECT order_id, first_version FROM order_events";
        let rows = session.query(sql, &[]).await.expect(sql);
        let there: BTreeSet<(String, i32)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let told: BTreeSet<(String, i32)> = self.told.iter().cloned().collect();
        assert_eq!(told.len(), self.told.len(), "told twice");
        let (lost, invented): (Vec<_>, Vec<_>) = (there.difference(&told).collect(), told.difference(&there).collect());
        assert!(told == there, "lost {lost:?}, invented {invented:?}");
        let mut seen: HashMap<&str, i32> = HashMap::new();
        for (order, version) in &self.told {
            assert!(
                seen.insert(order, *version).is_none_or(|before| before < *version),
                "{order} {version}: out of order"
            );
        }
    }
}

fn text(position: &Position) -> String {
    serde_json::to_string(position).expect("text")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connect");
    tokio::spawn(connection);
    client
}

pub fn commit(order: &str, version: i32) -> String {
    format!(
        "INSERT INTO order_events (order_id, first_version, at, events)
         VALUES ('{order}', {version}, now(), '[{{\"type\":\"order.created\"}}]');"
    )
}

async fn run(session: &Client, sql: &str) {
    session.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// As an engine does on each new connection.
async fn enter(session: &Client) {
    run(session, "SELECT counterfoil_enter()").await;
}

async fn number(session: &Client, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error}")).get(0)
}

/// A server of its own, which may be killed and may prepare transactions.
fn server(folder: &Folder) -> EmbeddedPostgres {
    let mut settings = embedded_postgres::PostgresSettings::new(folder.0.join("data"));
    settings.parameters.push(("max_prepared_transactions".into(), "20".into()));
    // What rolls back is not on the disk before somebody else's commit is.
    settings.parameters.push(("wal_writer_delay".into(), "10s".into()));
    EmbeddedPostgres::start(settings).expect("start PostgreSQL")
}

async fn migrated(server: &EmbeddedPostgres) -> String {
    let url = server.database_url("postgres");
    counterfoil::store::migrate::migrate(&mut connect(&url).await).await.expect("migrate");
    url
}

#[tokio::test]
async fn what_commits_late_is_read_then_and_nobody_waits_for_it() {
    let folder = Folder::new();
    let server = server(&folder);
    let url = migrated(&server).await;
    let (late, prepared, nested, now) =
        (connect(&url).await, connect(&url).await, connect(&url).await, connect(&url).await);
    run(&now, "CREATE DATABASE elsewhere").await;
    let elsewhere = connect(&server.database_url("elsewhere")).await;
    run(&elsewhere, "BEGIN; SELECT pg_current_xact_id()").await; // it holds the horizon of the whole cluster
    let mut reader = Reader::from_the_beginning(&url).await;

    run(&late, &format!("BEGIN; {}", commit("LATE", 1))).await;
    run(&prepared, &format!("BEGIN; {} PREPARE TRANSACTION 'one'", commit("PREPARED", 1))).await;
    run(
        &nested,
        &format!("BEGIN; SAVEPOINT a; {} ROLLBACK TO a; SAVEPOINT b; {}", commit("NO", 1), commit("NESTED", 1)),
    )
    .await;
    run(&now, &format!("BEGIN; {} ROLLBACK", commit("NEVER", 1))).await;
    run(&now, &commit("NOW", 1)).await;
    reader.read(10).await;
    assert_eq!(reader.orders(), ["NOW"]);
    run(&late, "COMMIT").await;
    reader.read(10).await;
    run(&late, &commit("LATE", 2)).await;
    run(&nested, "COMMIT").await;
    reader.read(1).await;
    assert_eq!(reader.orders(), ["NOW", "LATE", "NESTED", "LATE"]);
    let mut reader = reader.again(&url).await;
    run(&prepared, "COMMIT PREPARED 'one'").await;
    run(&now, &format!("{}{}", commit("NOW", 2), commit("PREPARED", 2))).await;
    reader.read(2).await;
    reader.judge(&now).await;
    run(&elsewhere, "ROLLBACK").await;
}

/// What rolls back leaves nothing on the disk, nor does what another database commits without waiting for it; and so its number
/// is given to somebody else behind a crash.
#[tokio::test]
async fn numbers_that_a_crash_gives_away_twice_are_read() {
    let folder = Folder::new();
    let mut server = server(&folder);
    let url = migrated(&server).await;
    run(&connect(&url).await, "CREATE DATABASE elsewhere").await;
    let elsewhere = server.database_url("elsewhere");
    run(&connect(&elsewhere).await, "CREATE TABLE anything (n integer)").await;
    let mut reader = Reader::from_the_beginning(&url).await;
    let mut twice = [0, 0];
    for round in 0..6 {
        let (session, other) = (connect(&url).await, connect(&elsewhere).await);
        run(&other, "SET synchronous_commit = off").await;
        run(&session, &commit("A", 3 * round + 1)).await;
        for _ in 0..40 {
            match round % 2 {
                0 => run(&session, "BEGIN; SELECT pg_current_xact_id(); ROLLBACK").await,
                _ => run(&other, "INSERT INTO anything VALUES (1)").await,
            }
        }
        reader.read(10).await;
        let given = number(&session, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").await;
        server.kill().expect("kill PostgreSQL");
        server.ensure_running().expect("start PostgreSQL");
        let session = connect(&url).await;
        run(&session, &commit("A", 3 * round + 2)).await;
        let sql = format!("SELECT xact::text::bigint FROM order_events WHERE first_version = {}", 3 * round + 2);
        twice[usize::from(round % 2 == 1)] += i32::from(number(&session, &sql).await < given);
        run(&session, &commit("A", 3 * round + 3)).await;
        reader = reader.again(&url).await;
        reader.read(10).await;
        reader.judge(&session).await;
    }
    assert!(twice.iter().all(|rounds| *rounds > 0), "no number was given away twice: nothing was shown: {twice:?}");
}

/// A standby takes over while one transaction is prepared, and another was open at the old one. The first commit comes from
/// a session that knows of no epochs, as a program before 0.5.0 does.
#[tokio::test]
async fn a_promotion_begins_an_epoch_and_skips_nothing() {
    let pair = Pair::with(&[("max_prepared_transactions", "20")]).await;
    let url = pair.old.database_url("postgres");
    let old = connect(&url).await;
    let mut reader = Reader::from_the_beginning(&url).await;
    run(&old, &format!("BEGIN; {} PREPARE TRANSACTION 'one'", commit("PREPARED", 1))).await;
    for order in ["A", "B", "C", "D"] {
        run(&old, &commit(order, 1)).await;
    }
    reader.step(2).await.expect("a step");
    // It rolls back with its server, and its number is given to somebody else.
    let lost = connect(&url).await;
    run(&lost, &format!("BEGIN; {}", commit("LOST", 1))).await;
    pair.until_caught_up().await;
    let standby = pair.new.database_url("postgres");
    assert!(Feed::open(&Target::new(&standby)).await.is_err(), "a standby is not read");
    let before = connect(&standby).await;
    pair.promote().await;

    // Before anybody has raised the epoch; then by sessions from before and behind the promotion.
    let mut reader = reader.again(&standby).await;
    reader.read(10).await;
    assert_eq!(reader.orders(), ["A", "B", "C", "D"]);
    run(&before, &commit("A", 2)).await;
    let new = connect(&standby).await;
    run(&new, &format!("{}{}", commit("A", 3), commit("E", 1))).await;
    reader.read(1).await;
    let sql = "SELECT count(DISTINCT epoch) FROM order_events";
    assert_eq!(number(&new, sql).await, 2);
    run(&new, "COMMIT PREPARED 'one'").await;
    run(&new, &commit("PREPARED", 2)).await;
    reader.read(10).await;
    reader.judge(&new).await;
    assert!(reader.orders().contains(&"PREPARED") && !reader.orders().contains(&"LOST"));
}

/// A dump put into a cluster whose numbers are lower; and a copy by template, in which another relay goes on.
#[tokio::test]
async fn a_restored_history_is_read_to_its_end_and_then_on() {
    let folder = Folder::new();
    let server = server(&folder);
    let url = migrated(&server).await;
    let mut first = connect(&url).await;
    let mut reader = Reader::from_the_beginning(&url).await;
    for n in 0..20 {
        run(&first, &commit(&format!("O-{}", n % 4), n / 4 + 1)).await;
    }
    reader.step(7).await.expect("a step");
    // As a dump does: the rows with their columns, into tables of their own. The numbers are above all of the new cluster's.
    run(&first, "UPDATE order_events SET xact = (xact::text::bigint + 1000000)::text::xid8").await;
    let position = serde_json::from_str::<serde_json::Value>(&reader.position).expect("JSON");
    let mut moved = position.clone();
    moved["upto"] = (position["upto"].as_i64().expect("a number") + 1_000_000).into();
    moved["last"][1] = (position["last"][1].as_i64().expect("a number") + 1_000_000).into();
    reader.position = moved.to_string();
    run(&first, "UPDATE epochs SET cluster = 1").await;
    first = connect(&url).await; // no session outlives its cluster
    for n in 20..40 {
        run(&first, &commit(&format!("O-{}", n % 4), n / 4 + 1)).await;
        if n % 5 == 0 {
            reader.step(3).await.expect("a step");
        }
    }
    reader.read(3).await;
    reader.judge(&first).await;

    drop(first);
    let admin = connect(&server.database_url("template1")).await;
    let position = reader.position.clone();
    let Reader { feed, told, .. } = reader;
    drop(feed);
    let mut copied = admin.batch_execute("CREATE DATABASE copy TEMPLATE postgres").await;
    for _ in 0..100 {
        if copied.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await; // whoever was connected takes a moment to be gone
        copied = admin.batch_execute("CREATE DATABASE copy TEMPLATE postgres").await;
    }
    copied.expect("a copy");
    let copy = server.database_url("copy");
    let (here, there) = (connect(&url).await, connect(&copy).await);
    run(&there, &format!("{}{}", commit("O-1", 11), commit("THERE", 1))).await;
    run(&here, &format!("{}{}", commit("O-2", 11), commit("HERE", 1))).await;
    let mut ahead = Reader { told: told.clone(), ..Reader::at(&url, position.clone()).await };
    let mut clone = Reader { told, ..Reader::at(&copy, position).await };
    clone.read(1).await;
    clone.judge(&there).await;
    ahead.read(1).await;
    ahead.judge(&here).await;
    // Whoever has read on here has no place there, and is told so rather than begin somewhere.
    let mut lost = Reader { told: Vec::new(), ..Reader::at(&copy, ahead.position.clone()).await };
    let refused = lost.step(1).await.expect_err("another history");
    assert!(matches!(&refused, FeedError::Another(why) if why.contains("the row that was read last")), "{refused}");
    let nowhere = r#"{"epoch":9,"upto":0}"#;
    let refused = Reader::at(&copy, nowhere.into()).await.step(1).await.expect_err("no such epoch");
    assert!(matches!(&refused, FeedError::Another(why) if why.contains("no epoch 9")), "{refused}");
}

/// The rows go to another database and, with those that were written there, back into the tables that they are from: by what it is
/// compared by, that is the first history again, and it is a third one.
#[tokio::test]
async fn a_history_that_comes_back_is_another_one() {
    let (home, away) = (TestDatabase::new().await, TestDatabase::new().await);
    let mut reader = Reader::from_the_beginning(&home.url()).await;
    let (beginning, mut epochs, mut moved) = (reader.position.clone(), Vec::new(), Vec::new());
    for (version, database) in (1..).zip([&home, &away, &home]) {
        let session = database.client().await;
        for (table, rows) in moved {
            let put =
                format!("INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1::text::json)");
            run(&session, &format!("TRUNCATE {table}")).await;
            session.execute(&put, &[&rows]).await.expect(table);
        }
        run(&session, &commit("A", version)).await;
        reader = reader.again(&database.url()).await;
        reader.read(10).await;
        reader.judge(&session).await;
        epochs.push(number(&session, "SELECT max(epoch)::bigint FROM order_events").await);
        moved = Vec::new();
        for table in ["epochs", "order_events"] {
            let rows = session.query_one(&format!("SELECT json_agg(t)::text FROM {table} t"), &[]).await.expect(table);
            moved.push((table, rows.get::<_, String>(0)));
        }
    }
    assert!(epochs.is_sorted_by(|one, next| one < next), "each time it rises: {epochs:?}");
    let session = home.client().await;
    let again = "SELECT count(*) FROM (SELECT FROM epochs GROUP BY cluster, timeline, database_oid, table_oid HAVING count(*) > 1) t";
    assert_eq!(number(&session, again).await, 1, "else this shows nothing");
    let mut late = Reader::at(&home.url(), beginning).await;
    late.read(1).await;
    late.judge(&session).await;
}

/// Files put back as they were: the numbers are lower than what was read, or the row that was read last is another.
#[tokio::test]
async fn a_database_that_comes_back_older_is_refused() {
    let folder = Folder::new();
    let mut server = server(&folder);
    let url = migrated(&server).await;
    run(&connect(&url).await, &commit("A", 1)).await;
    server.stop().expect("stop PostgreSQL");
    let kept = folder.0.join("kept");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        let done = std::process::Command::new("cp").arg("-a").args([from, to]).status().expect("run cp");
        assert!(done.success());
    };
    copy(server.data_dir(), &kept);
    server.ensure_running().expect("start PostgreSQL");
    let mut reader = Reader::from_the_beginning(&url).await;
    run(&connect(&url).await, &commit("A", 2)).await;
    reader.read(10).await;
    server.stop().expect("stop PostgreSQL");
    std::fs::remove_dir_all(server.data_dir()).expect("take the files away");
    copy(&kept, server.data_dir());
    server.ensure_running().expect("start PostgreSQL");
    let mut reader = reader.again(&url).await;
    assert!(matches!(reader.step(10).await, Err(FeedError::Another(_))), "behind what was read");
    // It catches up in numbers, and is another history all the same.
    let session = connect(&url).await;
    for n in 0..20 {
        run(&session, &commit(&format!("B-{n}"), 1)).await;
    }
    assert!(matches!(reader.step(10).await, Err(FeedError::Another(_))), "it has other rows");
}

#[tokio::test]
async fn what_is_large_is_read_in_parts() {
    let database = TestDatabase::new().await;
    let (session, late) = (database.client().await, database.client().await);
    let many = |prefix: &str, count: u32| {
        format!(
            "INSERT INTO order_events (order_id, first_version, at, events)
             SELECT '{prefix}-' || n, 1, now(), '[{{\"type\":\"order.created\"}}]' FROM generate_series(1, {count}) n;"
        )
    };
    let mut reader = Reader::from_the_beginning(&database.url()).await;
    enter(&session).await;
    reader.read(1_000).await; // into this epoch
    run(&late, &format!("BEGIN; {}", many("LATE", 5_000))).await;
    run(&session, &many("ONE", 100_000)).await;
    run(&session, &commit("LAST", 1)).await;
    reader.step(1_000).await.expect("a step");
    run(&late, "COMMIT").await;
    for _ in 0..3 {
        reader.step(1_000).await.expect("a step");
    }
    let mut reader = reader.again(&database.url()).await;
    reader.read(1_000).await;
    reader.judge(&session).await;

    // Bytes bound it as well, though not to nothing.
    let large = format!(
        "INSERT INTO order_events (order_id, first_version, at, events)
         SELECT 'LARGE-' || n, 1, now(), '[\"' || repeat('x', {BYTES}) || '\"]' FROM generate_series(1, 4) n"
    );
    run(&session, &large).await;
    for _ in 0..4 {
        assert_eq!(reader.step(1_000).await, Ok(1));
    }
    run(&session, &commit("SMALL", 1)).await;
    assert_eq!(reader.bounded_step(1_000, 0).await, Ok(1), "one row in any case");
    reader.read(1_000).await;
    reader.judge(&session).await;
}

/// An engine at work, and somebody who reads along and is killed now and then.
#[tokio::test]
async fn what_an_engine_commits_is_read_as_it_comes() {
    let test = TestEngine::with(settings()).await;
    let url = test.database.url();
    let mut reader = Reader::from_the_beginning(&url).await;
    let place = join_all((0..200).map(|n| test.submit(simple(&format!("O-{n}")))));
    let done = std::cell::Cell::new(false);
    let read = async {
        let mut steps = 0;
        while !done.get() {
            if reader.step(7).await.expect("a step") == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            steps += 1;
            if steps % 20 == 0 {
                reader = reader.again(&url).await;
            }
        }
        reader
    };
    let placed = async {
        let verdicts = place.await;
        done.set(true);
        verdicts
    };
    let (verdicts, mut reader) = tokio::join!(placed, read);
    assert!(verdicts.into_iter().all(|verdict| answer(verdict).0 == 201));
    reader.read(100).await;
    reader.judge(&test.database.client().await).await;
    test.audit().await;
}

/// What was there before there was a feed may have come through several histories: its numbers say nothing.
#[tokio::test]
async fn what_was_there_before_the_feed_is_read_by_order() {
    let database = TestDatabase::new().await;
    let session = database.client().await;
    run(&session, "INSERT INTO epochs (epoch, database_oid, table_oid) VALUES (0, 0, 0)").await;
    for (order, version, number) in [("A", 1, 900), ("B", 1, 5), ("A", 2, 7), ("C", 1, 900_000_000), ("A", 3, 6)] {
        let sql = format!(
            "INSERT INTO order_events (order_id, first_version, at, events, epoch, xact)
             VALUES ('{order}', {version}, now(), '[{{\"type\":\"order.created\"}}]', 0, '{number}')"
        );
        run(&session, &sql).await;
    }
    run(&session, &format!("{}{}{}", commit("A", 4), commit("AA", 1), commit("D", 1))).await;
    for (rows, bytes) in [(1, BYTES), (2, BYTES), (10, BYTES), (10, 0)] {
        let mut reader = Reader::from_the_beginning(&database.url()).await;
        while reader.bounded_step(rows, bytes).await.expect("a step") > 0 {
            assert!(bytes > 0 || reader.told.len() < 7);
        }
        reader.read(rows).await;
        reader.judge(&session).await;
        assert_eq!(reader.orders()[..5], ["A", "A", "A", "B", "C"]);
    }
}

#[tokio::test]
async fn whoever_begins_now_reads_what_comes_and_what_was_open() {
    let database = TestDatabase::new().await;
    let (session, late) = (database.client().await, database.client().await);
    enter(&session).await;
    let mut first = Reader::at(&database.url(), String::new()).await;
    first.position = text(&first.feed.now().await.expect("a position"));
    run(&late, &format!("BEGIN; {}", commit("LATE", 1))).await;
    run(&session, &commit("BEFORE", 1)).await;
    let mut reader = Reader::at(&database.url(), String::new()).await;
    reader.position = text(&reader.feed.now().await.expect("a position"));
    run(&late, "COMMIT").await;
    run(&session, &commit("AFTER", 1)).await;
    reader.read(10).await;
    assert_eq!(reader.orders(), ["LATE", "AFTER"]);
    first.read(10).await;
    assert_eq!(first.orders(), ["LATE", "BEFORE", "AFTER"]);
}

/// The epoch is the database's own: it is raised once by however many come first, and a row without one is refused.
#[tokio::test]
async fn an_epoch_is_raised_once_and_never_guessed() {
    let database = TestDatabase::new().await;
    let sessions = join_all((0..8).map(|_| database.client())).await;
    let before = number(&sessions[0], "SELECT max(epoch)::bigint FROM epochs").await;
    let orders: Vec<_> = (0..8).map(|n| commit(&format!("O-{n}"), 1)).collect();
    join_all(sessions.iter().zip(&orders).map(|(session, order)| run(session, order))).await;
    // This database is a copy of a template: another history.
    let sql = "SELECT count(*) FROM order_events WHERE epoch = (SELECT max(epoch) FROM epochs)";
    assert_eq!(number(&sessions[0], sql).await, 8);
    let raised = format!("SELECT count(*) FROM epochs WHERE epoch > {before}");
    assert_eq!(number(&sessions[0], &raised).await, 1);
    // A raise that is rolled back is none, in its own session either.
    run(&sessions[0], "UPDATE epochs SET timeline = 'FFFFFFFF'").await;
    let fresh = database.client().await;
    run(&fresh, &format!("BEGIN; {} ROLLBACK", commit("P", 1))).await;
    run(&fresh, &commit("P", 1)).await;
    let sql = format!(
        "SELECT count(*) FROM epochs e JOIN order_events USING (epoch) WHERE order_id = 'P' AND epoch > {before}"
    );
    assert_eq!((number(&fresh, &sql).await, number(&fresh, &raised).await), (1, 2));
    let without = format!("ALTER TABLE order_events DISABLE TRIGGER order_events_epoch; {}", commit("Q", 1));
    let untold = database.client().await;
    let refused = untold.batch_execute(&without).await.expect_err("no epoch");
    assert!(format!("{refused:?}").contains("counterfoil.epoch"), "{refused:?}");
    until("nothing was changed by that", || async {
        number(&fresh, "SELECT count(*) FROM order_events WHERE order_id = 'Q'").await == 0
    })
    .await;
}

/// Whoever serves may own nothing: another role made the tables, and a program of an earlier version knows of no epochs.
#[tokio::test]
async fn who_serves_need_not_own_what_the_feed_rests_on() {
    let database = TestDatabase::new().await;
    let owner = database.client().await;
    let role = format!("server_{}", std::process::id());
    let grants = format!(
        "CREATE ROLE {role}; GRANT SELECT, INSERT ON order_events TO {role}; GRANT SELECT ON orders, epochs TO {role}"
    );
    run(&owner, &grants).await;
    let before = number(&owner, "SELECT max(epoch)::bigint FROM epochs").await;
    let serves = database.client().await;
    run(&serves, &format!("SET ROLE {role}; {}", commit("A", 1))).await;
    run(&serves, &commit("A", 2)).await;
    let sql = "SELECT count(*) FROM order_events WHERE epoch = (SELECT max(epoch) FROM epochs)";
    assert_eq!(number(&owner, sql).await, 2);
    let raised = number(&owner, "SELECT max(epoch)::bigint FROM epochs").await;
    assert!(raised > before, "it raised the epoch itself");
    // Nor does a table of a caller's own lead them anywhere.
    run(&serves, "CREATE TEMPORARY TABLE epochs AS SELECT 999 AS epoch; SELECT counterfoil_enter()").await;
    assert_eq!(number(&serves, "SELECT current_setting('counterfoil.epoch')::bigint").await, raised);
    // Nor an operator.
    let trap = format!(
        "GRANT CREATE ON SCHEMA public TO {role}; SET ROLE {role};
         CREATE FUNCTION public.trap(a bigint, b oid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
             IF current_user <> '{role}' THEN EXECUTE 'ALTER ROLE {role} SUPERUSER'; END IF;
             RETURN a = b::bigint;
         END $$;
         CREATE OPERATOR public.= (leftarg = bigint, rightarg = oid, function = public.trap);
         SELECT counterfoil_enter(); RESET ROLE"
    );
    run(&owner, &trap).await;
    run(&owner, &format!("SET ROLE {role}; {} RESET ROLE", commit("A", 3))).await;
    let sql = format!("SELECT count(*) FROM pg_roles WHERE rolname = '{role}' AND rolsuper");
    assert_eq!(number(&owner, &sql).await, 0, "whoever serves came to own the server");
    let mut reader = Reader::from_the_beginning(&database.url()).await;
    reader.read(10).await;
    reader.judge(&owner).await;
    run(&owner, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

/// A dump is put back in place of the tables, under a session that goes on; and rows alone, by a session without a search
/// path, as `pg_restore` has it.
#[tokio::test]
async fn a_session_that_outlives_its_tables_looks_again() {
    let database = TestDatabase::new().await;
    enter(&database.client().await).await; // who raises an epoch looks again in any case
    let session = database.client().await;
    run(&session, &commit("A", 1)).await;
    let mut reader = Reader::from_the_beginning(&database.url()).await;
    reader.read(10).await;
    let restore = "
        CREATE TABLE kept AS SELECT * FROM order_events;
        CREATE TABLE old (LIKE order_events INCLUDING ALL);
        DROP TABLE order_events;
        ALTER TABLE old RENAME TO order_events;
        ALTER INDEX old_epoch_xact_idx RENAME TO order_events_feed;
        INSERT INTO order_events SELECT * FROM kept;
        DROP TABLE kept;
        CREATE TRIGGER order_events_epoch BEFORE INSERT ON order_events
            FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_epoch()";
    run(&database.client().await, restore).await;
    let before = number(&session, "SELECT max(epoch)::bigint FROM epochs").await;
    let mut reader = reader.again(&database.url()).await;
    run(&session, &format!("{}{}", commit("A", 2), commit("B", 1))).await;
    let sql = "SELECT count(*) FROM order_events WHERE epoch = (SELECT max(epoch) FROM epochs)";
    assert_eq!(number(&session, sql).await, 2, "both are of the new tables' epoch");
    assert!(number(&session, "SELECT max(epoch)::bigint FROM epochs").await > before);
    reader.read(10).await;
    let bare = database.client().await;
    run(&bare, &format!("SET search_path = ''; {}", commit("C", 1).replace("order_events", "public.order_events")))
        .await;
    reader.read(10).await;
    reader.judge(&session).await;
}

/// Who raised an epoch in a transaction that is prepared knows no more than others, whether it commits.
#[tokio::test]
async fn an_epoch_that_is_prepared_is_none_yet() {
    for end in ["COMMIT", "ROLLBACK"] {
        let folder = Folder::new();
        let server = server(&folder);
        let url = migrated(&server).await;
        let session = connect(&url).await;
        run(&session, &commit("A", 1)).await;
        let mut reader = Reader::from_the_beginning(&url).await;
        reader.read(10).await;
        run(&session, "UPDATE epochs SET timeline = 'FFFFFFFF'").await;
        let raises = connect(&url).await;
        // Nor where it looks again before it ends.
        run(&raises, &format!("BEGIN; {} SELECT counterfoil_enter(); PREPARE TRANSACTION 'one'", commit("P", 1))).await;
        let ended = async {
            // The next one waits for it: the same session as any other.
            let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'epochs'::regclass";
            until("the next commit waits", || async { number(&session, waits).await == 1 }).await;
            run(&session, &format!("{end} PREPARED 'one'")).await;
        };
        let next = commit("B", 1);
        tokio::join!(run(&raises, &next), ended);
        run(&raises, &commit("B", 2)).await;
        reader.read(1).await;
        reader.judge(&session).await;
        assert_eq!(number(&session, "SELECT count(*) FROM epochs").await, 2);
    }
}

/// The order within an order rests on it: what has its number before the version before is there is tried again.
#[tokio::test]
async fn a_version_of_an_older_transaction_is_refused() {
    let database = TestDatabase::new().await;
    let (older, newer) = (database.client().await, database.client().await);
    enter(&older).await;
    run(&older, "BEGIN; SELECT pg_current_xact_id()").await;
    run(&newer, &commit("A", 1)).await;
    let refused = older.batch_execute(&commit("A", 2)).await.expect_err("an older transaction");
    assert_eq!(refused.code(), Some(&tokio_postgres::error::SqlState::T_R_SERIALIZATION_FAILURE), "{refused:?}");
    run(&older, "ROLLBACK").await;
    run(&older, &format!("{}{}", commit("A", 2), commit("A", 3))).await;
    let mut reader = Reader::from_the_beginning(&database.url()).await;
    reader.read(1).await;
    reader.judge(&newer).await;
}

/// One relay begins at what there is now, behind a promotion, while what was prepared before it may yet commit.
#[tokio::test]
async fn whoever_begins_now_reads_what_was_prepared_in_another_epoch() {
    let folder = Folder::new();
    let server = server(&folder);
    let url = migrated(&server).await;
    let session = connect(&url).await;
    run(&session, &format!("BEGIN; {} PREPARE TRANSACTION 'one'", commit("PREPARED", 1))).await;
    run(&session, "UPDATE epochs SET timeline = 'FFFFFFFF'").await; // as a promotion leaves it
    let behind = connect(&url).await;
    run(&behind, &commit("BEFORE", 1)).await;
    let mut reader = Reader::at(&url, String::new()).await;
    reader.position = text(&reader.feed.now().await.expect("a position"));
    run(&behind, &commit("AFTER", 1)).await;
    reader.read(10).await;
    assert_eq!(reader.orders(), ["AFTER"]);
    run(&behind, "COMMIT PREPARED 'one'").await;
    run(&behind, &commit("PREPARED", 2)).await;
    reader.read(10).await;
    assert_eq!(reader.orders(), ["AFTER", "PREPARED", "PREPARED"]);
}

/// A server that did not tell its timeline does so one day, and from there on it is compared.
#[tokio::test]
async fn a_timeline_that_becomes_known_is_kept() {
    let database = TestDatabase::new().await;
    let session = database.client().await;
    run(&session, &commit("A", 1)).await;
    run(&session, "UPDATE epochs SET timeline = NULL, cluster = NULL").await;
    let told = "SELECT count(*) FROM epochs WHERE timeline IS NOT NULL AND cluster IS NOT NULL
        AND epoch = (SELECT max(epoch) FROM epochs)";
    assert_eq!(number(&session, told).await, 0);
    let before = number(&session, "SELECT max(epoch)::bigint FROM epochs").await;
    run(&database.client().await, &commit("A", 2)).await;
    assert_eq!(number(&session, told).await, 1);
    assert_eq!(number(&session, "SELECT max(epoch)::bigint FROM epochs").await, before, "it is the same history");
}

/// A commit that waits for its standby is seen by others once its wait is cancelled: it may yet be lost with its server.
#[tokio::test]
async fn what_no_standby_has_is_not_told() {
    let mut pair = Pair::with(&[]).await;
    let url = pair.old.database_url("postgres");
    let (admin, writer) = (connect(&url).await, connect(&url).await);
    run(&writer, &commit("A", 1)).await;
    let mut reader = Reader::from_the_beginning(&url).await;
    reader.read(10).await;
    pair.until_caught_up().await;
    pair.new.stop().expect("stop the standby");
    run(&admin, "ALTER SYSTEM SET synchronous_standby_names = '*'").await;
    run(&admin, "SELECT pg_reload_conf()").await;
    until_commits_wait(&url, &admin).await;
    let waits = "SELECT coalesce(max(pid), 0)::bigint FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let next = commit("A", 2);
    let cancelled = async {
        until("the commit waits for a standby", || async { number(&admin, waits).await != 0 }).await;
        run(&admin, &format!("SELECT pg_cancel_backend(({waits})::int)")).await;
    };
    tokio::join!(run(&writer, &next), cancelled);
    assert_eq!(number(&admin, "SELECT count(*) FROM order_events").await, 2, "it can be seen");
    let comes_back = async {
        until("the feed waits for a standby", || async { number(&admin, waits).await != 0 }).await;
        pair.new.ensure_running().expect("start the standby");
    };
    let (read, ()) = tokio::join!(reader.step(10), comes_back);
    assert_eq!(read, Ok(1));
    reader.judge(&admin).await;
}

/// Waits until a commit waits for a standby: a session has read the setting before the server as a whole goes by it.
async fn until_commits_wait(url: &str, admin: &Client) {
    let probe = connect(url).await;
    let pid = number(&probe, "SELECT pg_backend_pid()::bigint").await;
    let waits = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND wait_event = 'SyncRep'");
    loop {
        let waiting = until("the commit waits for a standby", || async { number(admin, &waits).await == 1 });
        tokio::select! {
            () = waiting => break run(admin, &format!("SELECT pg_cancel_backend({pid})")).await,
            () = run(&probe, "SELECT pg_logical_emit_message(true, 'probe', '')") => {}
        }
    }
}

/// Rows that are restored into tables that are there bring numbers of their own history, under an epoch that nobody else here
/// was given.
#[tokio::test]
async fn rows_that_are_restored_into_an_existing_schema_stay_another_history() {
    for epochs_come_first in [true, false] {
        let database = TestDatabase::new().await;
        let session = database.client().await;
        // As `pg_restore --data-only` has them, in either order: from a busier cluster, an hour ago.
        let number_then = "(SELECT max(epoch) - 60 FROM epochs)";
        let events = (1..=3).map(|version| {
            format!(
                "INSERT INTO order_events (order_id, first_version, at, events, epoch, xact)
                 SELECT 'OLD', {version}, now(), '[{{\"type\":\"order.created\"}}]', restored.epoch, '{}'
                 FROM restored;",
                900_000_000 + version
            )
        });
        let epochs = "INSERT INTO epochs (epoch, cluster, timeline, database_oid, table_oid)
            SELECT epoch, 7, '00000001', 7, 7 FROM restored;";
        run(&session, &format!("CREATE TEMPORARY TABLE restored AS SELECT {number_then} AS epoch")).await;
        let events: String = events.collect();
        let both = if epochs_come_first { format!("{epochs}{events}") } else { format!("{events}{epochs}") };
        run(&session, &both).await;
        run(&database.client().await, &format!("{}{}", commit("OLD", 4), commit("NEW", 1))).await;
        let mut reader = Reader::from_the_beginning(&database.url()).await;
        reader.read(2).await;
        reader.judge(&session).await;
    }
}

/// Whoever renames the schema says so by a migration that changes nothing else.
#[tokio::test]
async fn a_schema_that_was_renamed_goes_on_after_a_migration() {
    let folder = Folder::new();
    let server = server(&folder);
    let url = server.database_url("postgres");
    let admin = connect(&url).await;
    run(&admin, "CREATE SCHEMA app; ALTER DATABASE postgres SET search_path = app").await;
    let mut first = connect(&url).await;
    counterfoil::store::migrate::migrate(&mut first).await.expect("migrate");
    run(&first, &commit("A", 1)).await;
    run(&admin, "ALTER SCHEMA app RENAME TO shop; ALTER DATABASE postgres SET search_path = shop").await;
    let mut behind = connect(&url).await;
    assert!(behind.batch_execute(&commit("A", 2)).await.is_err(), "else this shows nothing");
    counterfoil::store::migrate::migrate(&mut behind).await.expect("migrate");
    run(&connect(&url).await, &commit("A", 2)).await;
    let mut reader = Reader::from_the_beginning(&url).await;
    reader.read(10).await;
    reader.judge(&behind).await;
}
