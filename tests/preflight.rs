//! Promise: before a switch `counterfoil preflight` says, of a live database that it changes nothing of, whether the
//! new program goes on with every order as the old one would have, or names those with which it would not.

mod standby;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil::store::preflight::{Compared, Report, preflight};
use counterfoil::store::schema::SCHEMA_VERSION;
use futures_util::future::join_all;
use serde_json::Value;

use crate::audit::earlier;
use crate::beside_older::{self, Shop};
use crate::support::database::TestDatabase;
use crate::support::fleet::{Participants, Site, until};
use crate::support::program::{Folder, PROGRAM};
use crate::upgrade::{STEPS, dump, releases, restored};

/// The program's own word, with its exit code.
fn run(args: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut command);
    command.arg("preflight").args(args).output().expect("run it")
}

/// The configuration of a program that has entries for these steps.
fn config(folder: &Folder, database: &TestDatabase, steps: &[&str]) -> String {
    let entry = |step: &&str| format!("[[saga.steps]]\nurl = \"http://127.0.0.1:1\"\n{step}\n");
    let steps: String = steps.iter().map(entry).collect();
    let path = folder.file("new.toml", &format!("database.url = \"{}\"\n{steps}", database.url()));
    path.to_str().expect("a path").to_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

async fn asked(database: &TestDatabase) -> Report {
    asked_by(&mut database.client().await).await
}

async fn asked_by(client: &mut tokio_postgres::Client) -> Report {
    preflight(client, None, &mut |_| {}).await.expect("a report")
}

async fn count(database: &TestDatabase, sql: &str) -> u64 {
    let row = database.client().await.query_one(sql, &[]).await.expect("a count");
    u64::try_from(row.get::<_, i64>(0)).expect("a count")
}

/// All that is stored, but for what pg_dump draws anew each time.
fn content(database: &TestDatabase) -> String {
    let dump = dump(database);
    dump.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_a_release_left_is_said_yes_to_and_left_as_it_is() {
    let mut met = BTreeSet::new();
    for (release, folder) in releases() {
        let sql = std::fs::read_to_string(folder.join("database.sql")).expect("the database");
        let (database, _) = restored(&sql).await;
        let schema = count(&database, "SELECT schema_version::bigint FROM deployment").await;
        let before = content(&database);
        let home = Folder::new();
        let told = run(&["--json", "--config", &config(&home, &database, STEPS)]);
        let report = json(&told);
        assert_eq!((told.status.code(), &report["ok"]), (Some(0), &Value::Bool(true)), "{release}: {report:#}");
        assert_eq!(report["schema"]["found"], schema, "{release}");
        let missing = u64::from(SCHEMA_VERSION.unsigned_abs()) - schema;
        let migrations = report["schema"]["migrations"].as_array().expect("a list");
        assert_eq!(migrations.len() as u64, missing, "{release}: {migrations:?}");
        let all = count(&database, "SELECT count(*) FROM orders").await;
        let flying = "SELECT count(*) FROM orders WHERE state NOT IN ('COMPLETED', 'CANCELLED')";
        let expected = (Value::from(all), Value::from(count(&database, flying).await));
        let orders = &report["orders"];
        assert_eq!((&orders["compared"], &orders["in_flight"]), (&expected.0, &expected.1), "{release}");
        assert!(all > 20 && content(&database) == before, "{release}: something was changed");
        met.insert(schema);
    }
    assert!(met.len() > 1, "only this program's own schema was met: {met:?}");
}

/// From the first one on, whatever columns and tables came later.
#[tokio::test]
async fn every_schema_there_ever_was_can_be_asked() {
    for schema in 2..=earlier::migrations().len() {
        let database = earlier::under(schema).await;
        let sql = format!("UPDATE deployment SET schema_version = {schema}");
        database.client().await.batch_execute(&sql).await.expect("its version");
        let report = asked(&database).await;
        assert!(report.ok && report.orders.compared > 20, "{schema}: {report:#?}");
        assert_eq!(report.schema.migrations.len(), earlier::migrations().len() - schema, "{schema}");
        // It compares there as anywhere.
        let wrong = "UPDATE orders SET answer = replace(answer, 'COMPLETED', 'CANCELLED') WHERE order_id = 'LOCAL';
            UPDATE order_work SET version = version + 1 WHERE order_id = (SELECT min(order_id) FROM order_work)";
        database.client().await.batch_execute(wrong).await.expect("corrupt");
        let report = asked(&database).await;
        assert_eq!((report.ok, report.broken), (false, 2), "{schema}: {report:#?}");
    }
}

/// The first schema knows no remote participant, and nothing that is left to be done.
#[tokio::test]
async fn the_first_schema_can_be_asked() {
    let later = earlier::under(2).await;
    let first = TestDatabase::blank().await;
    let client = first.client().await;
    let sql = std::fs::read_to_string(&earlier::migrations()[0]).expect("the migration");
    client.batch_execute(&sql).await.expect("the first migration");
    let deployment = "INSERT INTO deployment (schema_version, oldest_binary) VALUES (1, '0.1.0')";
    client.batch_execute(deployment).await.expect("a deployment");
    let whose = "SELECT o.order_id FROM orders o LEFT JOIN refunds r USING (order_id)
        WHERE o.plan = 0 AND r.order_id IS NULL";
    for table in ["orders", "payments", "order_events"] {
        let sql = format!("SELECT json_agg(t)::text FROM {table} t WHERE order_id IN ({whose})");
        let rows: String = later.client().await.query_one(&sql, &[]).await.expect("the rows").get(0);
        let sql = format!("INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1::text::json)");
        client.execute(&sql, &[&rows]).await.expect("the rows of before");
    }
    let report = asked(&first).await;
    assert!(report.ok && report.orders.compared > 3, "{report:#?}");
    assert_eq!(report.schema.migrations.len(), earlier::migrations().len() - 1);
    let wrong = "UPDATE orders SET state = 'CREATED' WHERE order_id = 'LOCAL-KEYED'";
    client.batch_execute(wrong).await.expect("corrupt");
    assert_eq!(named(&asked(&first).await), ["LOCAL-KEYED"]);
}

fn named(report: &Report) -> Vec<&str> {
    report.offenders.iter().map(|offender| &*offender.order_id).collect()
}

/// What is done to a database, of which order that must be told, and how it begins; of several where all are meant.
const CORRUPTIONS: &[(&str, &str, &str)] = &[
    (
        "UPDATE orders SET state = 'COMPENSATING' WHERE order_id = 'SHIPPING'",
        "SHIPPING",
        "state: the rows say \"COMPENSATING\", its history leads to \"PAYMENT_CHARGED\"",
    ),
    ("UPDATE orders SET stock = 'taken' WHERE order_id = 'CHARGING'", "CHARGING", "stock: "),
    ("UPDATE orders SET shipment_reference = 'other' WHERE order_id = 'DONE'", "DONE", "shipment: "),
    ("UPDATE orders SET reservation_reference = 'other' WHERE order_id = 'DONE'", "DONE", "reservation_reference: "),
    ("UPDATE payments SET captured = captured - 1 WHERE order_id = 'DONE'", "DONE", "payment: "),
    ("UPDATE refunds SET status = 'refused' WHERE order_id = 'CAPTURED'", "CAPTURED", "refunds: "),
    (
        "UPDATE orders SET failure = replace(failure, 'declined', 'lost') WHERE order_id = 'DECLINED'",
        "DECLINED",
        "row: ",
    ),
    (
        "UPDATE orders SET failure = replace(failure, 'client', 'operator') WHERE order_id = 'CALLED-OFF'",
        "CALLED-OFF",
        "failure: ",
    ),
    ("UPDATE orders SET attention = NULL WHERE order_id = 'WAITING'", "WAITING", "attention: "),
    ("UPDATE order_steps SET steps = replace(steps, 'done', 'none') WHERE order_id = 'STEPS'", "STEPS", "steps: "),
    ("UPDATE orders SET created_at = created_at - interval '1 s' WHERE order_id = 'DONE'", "DONE", "created_at: "),
    ("UPDATE orders SET updated_at = updated_at + interval '1 s' WHERE order_id = 'DONE'", "DONE", "updated_at: "),
    (
        "UPDATE orders SET answer = replace(answer, '3998', '3999') WHERE order_id = 'DONE'",
        "DONE",
        "answer (from character ",
    ),
    ("UPDATE orders SET answer_status = 200 WHERE order_id = 'DONE'", "DONE", "answer"),
    // What would leave next.
    (
        "UPDATE payments SET status = 'none' WHERE order_id = 'CHARGING'",
        "CHARGING",
        "due call: the rows say None, its history leads to Some(\"charge\")",
    ),
    (
        "DELETE FROM order_work WHERE order_id = 'SHIPPING'",
        "SHIPPING",
        "order_work: there is no row, although its call ship is due",
    ),
    ("UPDATE order_work SET wake_at = NULL WHERE order_id = 'SHIPPING'", "SHIPPING", "order_work: nothing wakes it"),
    ("UPDATE order_work SET wake_at = now() WHERE order_id = 'WAITING'", "WAITING", "order_work: it waits for a human"),
    (
        "UPDATE order_work SET version = version - 1 WHERE order_id = 'SHIPPING'",
        "SHIPPING",
        "order_work: its row is of",
    ),
    (
        "INSERT INTO order_work (order_id, version, intent_at) SELECT order_id, version, now() FROM orders
         WHERE order_id = 'DONE'",
        "DONE",
        "order_work: a row of version",
    ),
    (
        "INSERT INTO order_work (order_id, version, intent_at) VALUES ('GHOST', 1, now())",
        "GHOST",
        "order_work: a row is there, and no order",
    ),
    // What the history lacks.
    ("UPDATE orders SET version = version + 1 WHERE order_id = 'DONE'", "DONE", "version: "),
    (
        "DELETE FROM order_events WHERE order_id = 'DONE' AND first_version = (
             SELECT max(first_version) FROM order_events WHERE order_id = 'DONE')",
        "DONE",
        "version: ",
    ),
    (
        "DELETE FROM order_events WHERE order_id = 'DONE' AND first_version = 1",
        "DONE",
        "history: the events of version 1 to 1 are not there",
    ),
    ("DELETE FROM order_events WHERE order_id = 'DONE'", "DONE", "history: there is none"),
    (
        "UPDATE order_events SET events = replace(events, 'payment.charged', 'payment.tokenised')
         WHERE order_id = 'DONE'",
        "DONE",
        "history: what was committed as version",
    ),
    (
        r#"UPDATE order_events SET events = replace(events, '"payment.charged"', '"payment.charged","v":2')
           WHERE order_id = 'DONE'"#,
        "DONE",
        "history: what was committed as version",
    ),
    (
        r#"INSERT INTO order_events (order_id, first_version, at, epoch, events)
           SELECT order_id, version, now(), 0, '[{"type":"payment.unknown"}]' FROM orders WHERE order_id = 'DECLINED'"#,
        "DECLINED",
        "history: version",
    ),
    // Of what saga it is, and whose.
    ("UPDATE orders SET saga_version = 9 WHERE order_id = 'SHIPPING'", "SHIPPING", "saga: it began under version 9"),
    ("UPDATE orders SET plan = 0 WHERE order_id = 'SHIPPING'", "SHIPPING", "saga: client, saga_version and plan"),
    (
        "UPDATE orders SET client = 'other' WHERE order_id = 'SHIPPING'",
        "SHIPPING",
        "saga: client, saga_version and plan",
    ),
    ("DELETE FROM order_steps WHERE order_id = 'STEP-gift'", "STEP-gift", "row: "),
    (
        r#"UPDATE saga_definitions SET content = replace(content, '"run"', '"walk"'),
               hash = sha256(convert_to(replace(content, '"run"', '"walk"'), 'UTF8'))"#,
        "",
        "saga: its definition says what this program does not know",
    ),
    ("DELETE FROM saga_definitions", "", "row: "),
    (
        r#"INSERT INTO saga_definitions (definition_id, content, hash)
               SELECT 99, new.content, sha256(convert_to(new.content, 'UTF8'))
               FROM (SELECT replace(content, '600000', '600001') AS content FROM saga_definitions) new;
           UPDATE order_steps SET definition_id = 99 WHERE order_id = 'STEP-gift'"#,
        "STEP-gift",
        "saga: its steps are not those",
    ),
    // What it asked for.
    (
        r#"UPDATE orders SET details = replace(details, '"1 Road"', '"2 Road"') WHERE order_id = 'SHIPPING'"#,
        "SHIPPING",
        "fingerprint: ",
    ),
];

#[tokio::test]
async fn whatever_differs_is_named_with_its_order() {
    let (release, folder) = releases().pop().expect("a release");
    let sql = std::fs::read_to_string(folder.join("database.sql")).expect("the database");
    let (database, _) = restored(&sql).await;
    assert!(asked(&database).await.ok, "{release}");
    let with_steps = "SELECT order_id FROM orders WHERE saga_version = 2 ORDER BY 1";
    let with_steps = database.client().await.query(with_steps, &[]).await.expect("the orders");
    let with_steps: Vec<&str> = with_steps.iter().map(|row| row.get(0)).collect();
    let tables = ["orders", "payments", "refunds", "order_events", "order_work", "order_steps", "saga_definitions"];
    let kept: String = tables.map(|table| format!("CREATE TABLE kept.{table} AS TABLE {table};")).concat();
    let again: String = tables.map(|one| format!("DELETE FROM {one}; INSERT INTO {one} TABLE kept.{one};")).concat();
    let client = database.client().await;
    // What a feed makes of rows by hand is not asked.
    let keep = format!("SET session_replication_role = replica; CREATE SCHEMA kept; {kept}");
    client.batch_execute(&keep).await.expect("keep the rows");
    for (corruption, order_id, tells) in CORRUPTIONS {
        client.batch_execute(corruption).await.expect(corruption);
        let report = asked(&database).await;
        client.batch_execute(&again).await.expect("the rows as they were");
        let expected = if order_id.is_empty() { with_steps.clone() } else { vec![*order_id] };
        assert_eq!((report.ok, named(&report)), (false, expected), "{corruption}: {:#?}", report.offenders);
        let told = |offender: &counterfoil::store::preflight::Offender| {
            offender.differs.iter().any(|differs| differs.starts_with(tells))
        };
        assert!(report.offenders.iter().all(told), "{corruption}: {:#?}", report.offenders);
        let unknown: BTreeMap<i16, u64> = match *tells {
            "saga: it began under version 9" => [(9, 1)].into(),
            "saga: its definition says what this program does not know" => [(2, with_steps.len() as u64)].into(),
            _ => BTreeMap::new(),
        };
        assert_eq!(report.unknown_sagas, unknown, "{corruption}");
    }
    assert!(asked(&database).await.ok, "each was the only one");
}

#[tokio::test]
async fn the_command_says_no_by_its_exit_code_and_names_orders_and_steps() {
    let (_, folder) = releases().pop().expect("a release");
    let sql = std::fs::read_to_string(folder.join("database.sql")).expect("the database");
    let (database, _) = restored(&sql).await;
    let home = Folder::new();
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).expect("text");

    // Of a step that has no entry any more.
    let without: Vec<&str> = STEPS.iter().copied().filter(|step| !step.contains("points")).collect();
    let told = run(&["--json", "--config", &config(&home, &database, &without)]);
    let missing = json(&told)["missing_entries"].clone();
    assert_eq!(told.status.code(), Some(1), "{missing:#}");
    let orders: Vec<&str> = missing[0]["order_ids"].as_array().expect("ids").iter().filter_map(Value::as_str).collect();
    assert_eq!((missing.as_array().expect("a list").len(), &missing[0]["step"]), (1, &Value::from("points")));
    // Those that are behind it and only go forward do not come to it again, nor does one that is ended.
    let comes = ["STEP-fraud", "STEP-fraud-IN-EFFECT", "STEP-points", "STEP-points-IN-EFFECT", "STEP-UNDOING"];
    assert!(comes.iter().all(|id| orders.contains(id)) && !orders.contains(&"STEPS"), "{orders:?}");
    assert!(text(&run(&["--config", &config(&home, &database, &without)])).contains("the step points has no entry"));
    // Without a configuration that is not judged, and said so.
    let told = run(&["--database-url", &database.url()]);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    assert!(text(&told).contains("was not judged: no --config was given"), "{told:?}");
    assert_eq!(json(&run(&["--json", "--database-url", &database.url()]))["missing_entries"], Value::Null);

    let client = database.client().await;
    client.batch_execute("UPDATE orders SET state = 'CREATED' WHERE order_id = 'DONE'").await.expect("corrupt");
    let told = run(&["--database-url", &database.url()]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told).contains("\nDONE: state: ") && text(&told).ends_with("NO: not as things are\n"), "{told:?}");
    client.batch_execute("UPDATE orders SET state = 'COMPLETED' WHERE order_id = 'DONE'").await.expect("mend");

    // A newer program was there, and let no older one in.
    client.batch_execute("UPDATE deployment SET oldest_binary = '99.0.0'").await.expect("the future");
    let told = run(&["--database-url", &database.url()]);
    assert_eq!(told.status.code(), Some(1), "{told:?}");
    assert!(text(&told).contains("the schema allows programs from 99.0.0 on"), "{told:?}");

    // Who could not ask knows nothing.
    let blank = TestDatabase::blank().await;
    let told = run(&["--json", "--database-url", &blank.url()]);
    assert_eq!((told.status.code(), &json(&told)["ok"]), (Some(2), &Value::Null), "{told:?}");
    assert!(String::from_utf8_lossy(&told.stderr).contains("no Counterfoil schema"), "{told:?}");
    assert_eq!(run(&[]).status.code(), Some(2));
}

/// Each order is seen as one commit left it, however many come meanwhile, and whatever becomes of them.
#[tokio::test]
async fn live_traffic_is_no_difference() {
    let participants = Participants::behaving(beside_older::SERVES).await;
    let site = Site::new(&participants.program.url, beside_older::SETUP).await;
    let engine = site.engine().await;
    let (client, stop) = (engine.client(), AtomicBool::new(false));
    let shop = async |lane: usize| {
        for number in 0.. {
            if stop.load(Ordering::Relaxed) {
                return number;
            }
            let mut status = 0;
            for asked in Shop::asks(&format!("{number}-{lane}"), number) {
                status = asked.until_final(std::slice::from_ref(&client)).await.status;
            }
            assert_eq!(status, Shop::ends_with(number), "{number}");
        }
        0
    };
    let look = async {
        let (mut rounds, mut flying) = (0, 0);
        let placed = "SELECT count(*) > 600 FROM orders";
        let database = site.database.client().await;
        let many = async || database.query_one(placed, &[]).await.expect("a count").get::<_, bool>(0);
        while rounds < 40 || flying < 100 || !many().await {
            let report = asked(&site.database).await;
            assert!(report.ok, "{:#?}", report.offenders);
            let Compared { in_flight, .. } = report.orders;
            (rounds, flying) = (rounds + 1, flying + in_flight);
        }
        stop.store(true, Ordering::Relaxed);
    };
    let (_, lanes) = tokio::join!(look, join_all((0..24).map(shop)));
    assert!(lanes.iter().sum::<usize>() > 600);
    site.judge(&participants).await;
}

/// A migration that comes meanwhile is let pass, and the walk goes on with the schema that it left.
#[tokio::test]
async fn a_migration_that_comes_meanwhile_is_let_pass() {
    let database = earlier::under(4).await;
    let mut holder = database.client().await;
    let transaction = holder.transaction().await.expect("begin");
    let hold = format!("{}; LOCK TABLE payments IN ACCESS EXCLUSIVE MODE", earlier::BEFORE_PAYMENTS_KEY);
    transaction.batch_execute(&hold).await.expect("lock");
    let look = asked(&database);
    let migrate = async {
        let watcher = Watcher::of(&database).await;
        watcher.is_let_pass().await;
        for path in &earlier::migrations()[4..] {
            let sql = std::fs::read_to_string(path).expect("a migration");
            transaction.batch_execute(&sql).await.expect("the migration");
        }
        until("it comes back", async || watcher.waits().await.is_some()).await;
        transaction.commit().await.expect("commit");
    };
    let (report, ()) = tokio::join!(look, migrate);
    assert!(report.ok && report.orders.compared > 20, "{report:#?}");
    assert_eq!(report.schema.found, 4);
}

/// Whoever changes a table when all orders are compared is let pass as well, and nothing of that walk is lost.
#[tokio::test]
async fn who_changes_a_table_at_the_very_end_is_let_pass_too() {
    const HOLD: &str = "BEGIN; LOCK TABLE order_work IN ACCESS EXCLUSIVE MODE";
    let database = earlier::upgraded().await;
    let mut holders = [database.client().await, database.client().await];
    let ghost = "INSERT INTO order_work (order_id, version, intent_at) VALUES ('GHOST', 1, now())";
    holders[0].batch_execute(&format!("{ghost}; {HOLD}")).await.expect("hold the table");
    let look = asked(&database);
    let hold = async {
        let watcher = Watcher::of(&database).await;
        // The one who holds it lets go once another stands in line for it behind the preflight: that reads a page, and
        // finds the table held again at its next step, until that is its last one.
        let waits = async || {
            let mut statement = None;
            until("it waits for the table", async || {
                statement = watcher.waits().await;
                statement.is_some()
            })
            .await;
            statement.expect("it waits")
        };
        while !waits().await.starts_with("SELECT w.order_id FROM order_work w") {
            let [holder, next] = &holders;
            let let_go = async {
                until("the next one stands in line", async || watcher.stands_in_line().await).await;
                holder.batch_execute("COMMIT").await.expect("let go");
            };
            let (held, ()) = tokio::join!(next.batch_execute(HOLD), let_go);
            held.expect("hold the table in its place");
            holders.swap(0, 1);
        }
        watcher.is_let_pass().await;
        until("it comes back", async || watcher.waits().await.is_some()).await;
        holders[0].batch_execute("COMMIT").await.expect("let go");
    };
    let (report, ()) = tokio::join!(look, hold);
    assert_eq!((report.ok, report.broken, named(&report)), (false, 1, vec!["GHOST"]), "{report:#?}");
    assert!(report.orders.compared > 20, "{report:#?}");
}

/// What sees who waits for whom.
struct Watcher(tokio_postgres::Client);

impl Watcher {
    async fn of(database: &TestDatabase) -> Self {
        Self(database.client().await)
    }

    /// The statement by which a preflight waits for a table, where it does.
    async fn waits(&self) -> Option<String> {
        let waits = "SELECT query FROM pg_stat_activity a JOIN pg_locks l USING (pid)
            WHERE NOT granted AND locktype = 'relation' AND mode = 'AccessShareLock' AND datname = current_database()";
        self.0.query_opt(waits, &[]).await.expect("an answer").map(|row| row.get(0))
    }

    /// Whether somebody waits for a table for himself alone.
    async fn stands_in_line(&self) -> bool {
        let stands = "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
            WHERE NOT granted AND mode = 'AccessExclusiveLock' AND datname = current_database())";
        self.0.query_one(stands, &[]).await.expect("an answer").get(0)
    }

    /// Waits until a preflight waits for a table, and lets go of all that it holds.
    async fn is_let_pass(&self) {
        until("it waits for a table", async || self.waits().await.is_some()).await;
        until("it lets go", async || self.waits().await.is_none()).await;
    }
}

/// A page in the middle of many orders costs what the first one costs, whatever the planner knows of the tables.
#[tokio::test]
async fn a_page_costs_what_it_holds() {
    const TABLES: [&str; 3] = ["orders", "payments", "order_events"];
    let database = earlier::under(4).await;
    let mut many = String::from(
        "CREATE TABLE kept AS SELECT o.order_id FROM orders o LEFT JOIN refunds r USING (order_id)
             LEFT JOIN order_work w USING (order_id) WHERE r.order_id IS NULL AND w.order_id IS NULL;",
    );
    for table in TABLES {
        let answer = match table {
            "orders" => {
                ", 'answer', replace(answer, '\"' || t.order_id || '\"', '\"' || t.order_id || '.' || n || '\"')"
            }
            _ => "",
        };
        many += &format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t)
                 || jsonb_build_object('order_id', t.order_id || '.' || n{answer}))).*
             FROM {table} t JOIN kept USING (order_id), generate_series(1, 300) n;"
        );
    }
    database.client().await.batch_execute(&many).await.expect("many orders");
    // A session's counts are there when it has ended, at the latest.
    let alone = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let read = async |table| {
        until("nobody else is there", async || count(&database, alone).await == 0).await;
        let sql = format!(
            "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = '{table}'"
        );
        count(&database, &sql).await
    };
    for (known, learn) in [("nothing", "SELECT"), ("all", "ANALYZE")] {
        database.client().await.batch_execute(learn).await.expect("learn");
        let mut before = Vec::new();
        for table in TABLES {
            before.push(read(table).await);
        }
        let report = asked(&database).await;
        let Compared { compared, .. } = report.orders;
        assert!(report.ok && compared > 4_000, "{:?} {:#?}", report.orders, report.offenders);
        for (table, before) in TABLES.into_iter().zip(before) {
            let read = read(table).await - before;
            let held = count(&database, &format!("SELECT count(*) FROM {table}")).await;
            // It has read all of them, or this has counted nothing.
            assert!(
                (held..=2 * held).contains(&read),
                "who knows {known} reads {read} rows of {held} of {table} for {compared} orders"
            );
        }
    }
}
