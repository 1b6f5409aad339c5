//! Promise: nothing on the order path joins across orders. Whatever a commit writes, and whatever is looked up of an order, its
//! key and its goods, is reached by their own keys: judged by the plans that PostgreSQL makes, on a database that knows nothing of
//! its tables. So orders can live apart, and what is old can move away.

use std::collections::BTreeSet;
use std::path::Path;

use counterfoil::limits;
use counterfoil::store::order_path;
use serde_json::Value;
use tokio_postgres::Client as Session;

use crate::support::database::TestDatabase;

/// By which columns the rows of a table may be reached: one of these, each in full. What is only written, as
/// `inventory_journal` is, has none: all that was ever journaled of a SKU is found by a part of its key.
const KEYS: &[(&str, &[&[&str]])] = &[
    ("orders", &[&["order_id"]]),
    ("payments", &[&["order_id"]]),
    ("order_events", &[&["order_id"]]),
    ("order_work", &[&["order_id"]]),
    ("order_keys", &[&["order_id"]]),
    ("order_steps", &[&["order_id"]]),
    ("refunds", &[&["order_id"]]),
    ("operator_log", &[&["order_id"]]),
    ("idempotency_keys", &[&["client", "route", "key"], &["order_id"]]),
    ("inventory", &[&["sku"]]),
    ("pruned_orders", &[&["order_id"]]),
    ("webhook_inbox", &[&["participant", "webhook_id"]]),
    ("saga_definitions", &[&["hash"], &["definition_id"]]),
];

/// Tables that are about no order, and hold a handful of rows.
const ELSEWHERE: &[&str] = &["nodes", "deployment"];

/// What is sent by the connections of the pool, between commits.
const BETWEEN: &[&str] = &[
    "load",
    "load_rows",
    "no_order",
    "find_key",
    "bind_key",
    "known_skus",
    "events",
    "history",
    "no_events",
    "operator_log",
    "stock",
    "no_stock",
    "set_aside_stamped",
    "set_aside_flag",
    "set_aside_tell",
    "set_aside_park",
    "postpone",
    "leave",
    "hand_back",
    "held",
    "open",
    "receive",
    "wake",
    "handle",
];

/// Of which the types cannot be told from the statement.
const TYPED: &[(&str, &str)] = &[("bind_key", "(text, text, text, text, bytea, smallint, text, smallint)")];

/// The plan of a statement, as a connection makes it that writes orders.
async fn plan(session: &Session, name: &str, sql: &str) -> Value {
    let types = TYPED.iter().find(|(of, _)| *of == name).map_or("", |(_, types)| types);
    session.batch_execute(&format!("PREPARE {name} {types} AS {sql}")).await.unwrap_or_else(|e| panic!("{name}: {e}"));
    let count = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1";
    let count: i32 = session.query_one(count, &[&name]).await.expect("the statement").get(0);
    let nulls = vec!["NULL"; usize::try_from(count).expect("a count")].join(", ");
    // As behind their BEGIN.
    session.batch_execute("SET counterfoil.stored = '{}'").await.expect("a setting");
    let explain = format!("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE {name}({nulls})");
    let told = session.simple_query(&explain).await.unwrap_or_else(|e| panic!("{name}: {e}"));
    let text: String = told
        .iter()
        .filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        })
        .collect();
    serde_json::from_str::<Value>(&text).expect("JSON")[0]["Plan"].clone()
}

/// Each part of a plan that reads a table.
fn reads<'a>(plan: &'a Value, found: &mut Vec<&'a Value>) {
    let is_write = plan["Node Type"] == "ModifyTable";
    if plan.get("Relation Name").is_some() && !is_write {
        found.push(plan);
    }
    for part in plan["Plans"].as_array().into_iter().flatten() {
        reads(part, found);
    }
}

/// The columns that an index is asked for by equality.
fn columns(condition: &str) -> BTreeSet<String> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let parts = condition.split(" AND ").filter_map(|part| part.split_once(" = "));
    let name = |left: &str| -> String {
        let last = left.trim_start_matches('(').rsplit('.').next().unwrap_or_default();
        last.chars().take_while(|letter| is_of_name(*letter)).collect()
    };
    parts.map(|(left, _)| name(left)).collect()
}

/// What is wrong with how a table is read.
fn offence(read: &Value) -> Option<String> {
    let (kind, table) = (read["Node Type"].as_str()?, read["Relation Name"].as_str()?);
    if ELSEWHERE.contains(&table) {
        return None;
    }
    let Some((_, keys)) = KEYS.iter().find(|(name, _)| *name == table) else {
        return Some(format!("{table} is no table of the order path"));
    };
    let condition = read["Index Cond"].as_str().unwrap_or_default();
    let asked = columns(condition);
    let by_key = keys.iter().any(|key| key.iter().all(|column| asked.contains(*column)));
    let fits = matches!(kind, "Index Scan" | "Index Only Scan") && by_key;
    (!fits).then(|| format!("{table} is read by {kind} where {condition:?}"))
}

async fn session(purpose: &str) -> (TestDatabase, Session) {
    let database = TestDatabase::new().await;
    let session = database.client().await;
    for (of, settings) in limits::PLANNER_SETTINGS {
        for (name, value) in settings.iter().filter(|_| of == "every" || of == purpose) {
            session.batch_execute(&format!("SET {name} = '{value}'")).await.expect("a setting");
        }
    }
    (database, session)
}

/// Each is sent behind BEGIN, before that was answered: where it failed, and the session goes on, they are sent by themselves.
#[tokio::test]
async fn what_a_commit_writes_is_written_in_its_transaction_or_not_at_all() {
    // About no order, and sent once the answer to BEGIN is there; and what orders begin under, which is there for all.
    const OTHERS: &[&str] = &["lock_stock", "move_counted_stock", "define_sagas", "find_full"];
    let (_database, session) = session("commit").await;
    let mut refused = 0;
    for (name, sql) in order_path() {
        let reads = sql.trim_start().starts_with("SELECT") && !sql.contains("pg_notify");
        if BETWEEN.contains(&name) || OTHERS.contains(&name) || reads {
            continue;
        }
        session.batch_execute(&format!("PREPARE {name} AS {sql}")).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        let count = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1";
        let count: i32 = session.query_one(count, &[&name]).await.expect("the statement").get(0);
        let nulls = vec!["NULL"; usize::try_from(count).expect("a count")].join(", ");
        for begun in ["", "BEGIN; SET LOCAL counterfoil.stored = '{}'; ROLLBACK"] {
            session.batch_execute(begun).await.expect("as a session that was used, or was not");
            let told = session.batch_execute(&format!("EXECUTE {name}({nulls})")).await;
            let told = told.expect_err(name).code().map(|code| code.code().to_owned());
            assert!(matches!(told.as_deref(), Some("42704" | "22P02")), "{name}: {told:?}");
        }
        refused += 1;
    }
    assert!(refused >= 20, "{refused} statements");
}

#[tokio::test]
async fn nothing_on_the_order_path_joins_across_orders() {
    let ((_database, commits), (_other, looks)) = tokio::join!(session("commit"), session("reads"));
    let (mut offences, mut looked_at, mut tables) = (Vec::new(), String::new(), BTreeSet::new());
    for (name, sql) in order_path() {
        // As the connections plan that send it.
        let session = if BETWEEN.contains(&name) { &looks } else { &commits };
        let plan = plan(session, name, &sql).await;
        let mut found = Vec::new();
        reads(&plan, &mut found);
        for read in &found {
            tables.insert(read["Relation Name"].as_str().unwrap_or_default().to_owned());
            offences.extend(offence(read).map(|offence| format!("{name}: {offence}")));
        }
        let mut found: Vec<&str> = found.into_iter().filter_map(|read| read["Relation Name"].as_str()).collect();
        found.sort_unstable();
        looked_at += format!("{name}: {}\n", found.join(" ")).replace(": \n", ":\n").as_str();
        // What is asked for the time is the clock itself: the function is gone from the plan.
        let text = plan.to_string();
        assert!(!text.contains("counterfoil_now(") && !text.contains("counterfoil_asked_at("), "{name}: {text}");
        assert_eq!(text.contains("clock_timestamp()"), sql.contains("counterfoil_now()") || keeps_time(name), "{name}");
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
    let known = KEYS.iter().map(|(table, _)| *table).chain(ELSEWHERE.iter().copied());
    assert_eq!(tables, known.map(str::to_owned).collect(), "each is read, and no other");
    golden("tests/golden/order_path_reads.txt", &looked_at);
}

/// Statements whose rows are stamped by a default.
fn keeps_time(name: &str) -> bool {
    ["claim_keys", "bind_key", "log_operators", "journal_restock", "define_sagas", "receive"].contains(&name)
}

/// What would be wrong is seen as such.
#[tokio::test]
async fn a_join_across_orders_is_found() {
    let (_database, session) = session("commit").await;
    for (name, sql) in [
        (
            "by_customer",
            "SELECT o.order_id FROM orders o JOIN orders p ON p.customer_id = o.customer_id WHERE o.order_id = $1",
        ),
        ("by_range", "SELECT order_id FROM orders WHERE order_id > $1 LIMIT 1"),
        ("whole", "SELECT count(*) FROM payments WHERE captured > $1"),
        ("due", "UPDATE order_work SET look = true WHERE wake_at < $1"),
        ("by_half_a_key", "SELECT FROM idempotency_keys WHERE client = $1"),
        ("by_sku", "SELECT sum(delta) FROM inventory_journal WHERE sku = $1"),
        ("of_a_participant", "SELECT FROM webhook_inbox WHERE participant = $1"),
        ("unknown", "SELECT FROM webhook_endpoints WHERE endpoint_id = $1"),
    ] {
        let plan = plan(&session, name, sql).await;
        let mut found = Vec::new();
        reads(&plan, &mut found);
        assert!(found.into_iter().any(|read| offence(read).is_some()), "{name}: {plan}");
    }
}

/// What is sent, word for word: a change of it is a change of plans, and is seen. `UPDATE_GOLDEN=1` takes it over.
#[test]
fn the_statements_of_the_order_path_are_these() {
    let all: String = order_path().iter().map(|(name, sql)| format!("-- {name}\n{}\n\n", sql.trim())).collect();
    golden("tests/golden/order_path.sql", &all);
}

fn golden(path: &str, all: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, all).expect("write the golden file");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file");
    for (was, is) in golden.split("\n\n").zip(all.split("\n\n")) {
        assert_eq!(was, is, "UPDATE_GOLDEN=1 takes it over");
    }
    assert_eq!(golden, all);
}
