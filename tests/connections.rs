//! What every connection to the database goes through, and what is made of a database that cannot answer for now: in
//! each case the right word, and never a 500.

use std::path::PathBuf;
use std::time::Duration;

use counterfoil::faults::Faults;
use counterfoil::ports::{KeyClaim, KeyScope, Listing, PutOff, Reads, SUBMIT_ROUTE, StockChange, Store, StoreError};
use counterfoil::saga::{Client, Fingerprint, IdempotencyKey, OrderId, Sku};
use counterfoil::store::{ConnectError, PgStore, StoreSettings, Target};
use counterfoil::telemetry::Metrics;
use serde_json::json;
use std::sync::Arc;
use tokio_postgres::config::Host;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::door::Door;
use crate::support::engine::{TestEngine, answer, settings, simple, until};
use crate::support::program::{Folder, Program, body, post, send};

/// The folder of the socket that a URL names.
pub fn socket_of(url: &str) -> PathBuf {
    let config: tokio_postgres::Config = url.parse().expect("a URL");
    match config.get_hosts() {
        [Host::Unix(path)] => path.clone(),
        other => panic!("not a unix socket: {other:?}"),
    }
}

/// Sets something for all sessions of this database, as an administrator might.
async fn alter_database(database: &TestDatabase, settings: &str) {
    let sql = format!("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {settings}', current_database()); END $$");
    database.client().await.batch_execute(&sql).await.expect(&sql);
}

async fn hang_up(database: &TestDatabase) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.client().await.batch_execute(sql).await.expect("hang up");
}

/// Triggers write down, in the engine's own transactions, under which settings these run.
#[tokio::test]
async fn a_databases_own_settings_do_not_win() {
    let database = TestDatabase::new().await;
    let eyes = "
        CREATE TABLE seen (who text, isolation text, synchronous text, zone text, timeout text, idle text);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO seen VALUES (TG_ARGV[0], current_setting('transaction_isolation'),
                current_setting('synchronous_commit'), current_setting('TimeZone'),
                current_setting('statement_timeout'), current_setting('idle_session_timeout'));
            RETURN NULL;
        END $$;
        CREATE TRIGGER see AFTER INSERT ON orders FOR EACH STATEMENT EXECUTE FUNCTION see('committer');
        CREATE TRIGGER see AFTER INSERT ON inventory_journal FOR EACH STATEMENT EXECUTE FUNCTION see('pool');";
    database.client().await.batch_execute(eyes).await.expect("the eyes");
    for setting in [
        "SET synchronous_commit = off",
        "SET default_transaction_isolation = ''serializable''",
        "SET timezone = ''Asia/Tokyo''",
        "SET statement_timeout = ''77min''",
        "SET idle_session_timeout = ''77min''",
    ] {
        alter_database(&database, setting).await;
    }
    let test = TestEngine::on(database, settings()).await;
    test.stock("SKU-1", 10).await;
    assert_eq!(answer(test.submit(simple("O-1")).await).0, 201);
    let sql = "SELECT DISTINCT who, isolation, synchronous, zone, timeout, idle FROM seen ORDER BY who";
    let rows = test.database.client().await.query(sql, &[]).await.expect("what was seen");
    let seen: Vec<Vec<String>> = rows.iter().map(|row| (0..6).map(|column| row.get(column)).collect()).collect();
    let right = |who: &str| [who, "read committed", "on", "UTC", "10s", "0"].map(str::to_owned).to_vec();
    assert_eq!(seen, [right("committer"), right("pool")]);
}

/// Connections that are made later are asked as the first one was: all are cut off, and the new ones are read only.
#[tokio::test]
async fn every_new_connection_is_asked() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let serve = Program::serve(&folder, &format!("database.url = \"{}\"\n", database.url())).await;
    serve.until_ready().await;
    let client = serve.client();
    let json = [("content-type", "application/json")];
    let put = async || {
        let stock = json!({"on_hand": 10}).to_string();
        send(&client, "PUT", "/inventory/S", &json, stock).await.expect("an answer").status
    };
    assert_eq!(put().await, 201);
    assert_eq!(post(&client, &body("A", "S"), &[]).await.status, 201);
    alter_database(&database, "SET default_transaction_read_only = on").await;
    hang_up(&database).await;
    serve.until_readyz(503).await;
    assert_eq!(put().await, 503);
    assert_eq!(client.get("/orders/GHOST").await.expect("an answer").status, 503);
    assert_eq!(post(&client, &body("B", "S"), &[]).await.status, 503);
    let admin = database.client().await;
    admin.batch_execute("SET default_transaction_read_only = off").await.expect("write");
    let sql = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database());
               END $$";
    admin.batch_execute(sql).await.expect("take it back");
    serve.until_ready().await;
    assert_eq!(put().await, 200);
    assert_eq!(post(&client, &body("B", "S"), &[]).await.status, 201);
    assert_eq!(client.get("/orders/GHOST").await.expect("an answer").status, 404);
    let told = std::fs::read_to_string(folder.0.join("serve.log")).expect("the log");
    assert!(told.contains("default_transaction_read_only is on"), "the reason is told: {told}");
}

/// A server whose files were replaced under it cannot load what orders rest on: all of them would fail, while reads go on.
/// PostgreSQL itself finds here that the library of PL/pgSQL is gone.
#[tokio::test]
async fn a_server_that_is_broken_inside_is_away() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let serve = Program::serve(&folder, &format!("database.url = \"{}\"\n", database.url())).await;
    serve.until_ready().await;
    let (client, admin) = (serve.client(), database.client().await);
    let stock = json!({"on_hand": 10}).to_string();
    let json = [("content-type", "application/json")];
    assert_eq!(send(&client, "PUT", "/inventory/S", &json, stock).await.expect("an answer").status, 201);
    assert_eq!(post(&client, &body("A", "S"), &[]).await.status, 201);
    let library = |path: &str| {
        let sql = format!("UPDATE pg_proc SET probin = '{path}' WHERE proname = 'plpgsql_call_handler'");
        let admin = &admin;
        async move { assert_eq!(admin.execute(&sql, &[]).await.expect("move the library"), 1) }
    };
    library("$libdir/gone").await;
    hang_up(&database).await;
    let admin = database.client().await;
    serve.until_readyz(503).await;
    let told = post(&client, &body("B", "S"), &[]).await;
    assert_eq!((told.status, told.problem_code().as_deref()), (503, Some("unavailable")));
    assert!(told.retry_after().is_some());
    let sql = "UPDATE pg_proc SET probin = '$libdir/plpgsql' WHERE proname = 'plpgsql_call_handler'";
    admin.batch_execute(sql).await.expect("put the library back");
    serve.until_ready().await;
    assert_eq!(post(&client, &body("B", "S"), &[]).await.status, 201);
}

/// The connection is lost at each of the first questions in turn.
#[tokio::test]
async fn a_first_connection_that_is_lost_is_waited_for() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let url = database.url();
    let door = Door::hanging_up_on(&socket_of(&url), &[0, 3, 6]).await;
    let name = url.rsplit('/').next().expect("a name");
    let serve = Program::serve(&folder, &format!("database.url = \"{}\"\n", door.url(name))).await;
    serve.until_ready().await;
    let told = std::fs::read_to_string(folder.0.join("serve.log")).expect("the log");
    assert!(told.matches("waiting for the database").count() >= 3, "{told}");
}

/// Somebody else's lock says nothing of what was asked: whoever asked may ask again. Each question of the store meets it.
#[tokio::test]
async fn a_lock_of_somebody_else_is_no_refusal() {
    let database = TestDatabase::new().await;
    let mut target = Target::new(database.url());
    target.statement_timeout = Duration::from_millis(200);
    let settings = StoreSettings { target, committers: 1, pool_size: 4 };
    let store = PgStore::open(settings, Arc::new(Faults::default()), Metrics::new(1)).await.expect("open the store");
    let locker = database.client().await;
    let lock = "BEGIN; LOCK TABLE orders, order_events, inventory, inventory_journal, idempotency_keys, order_work,
                operator_log, nodes, webhook_inbox IN ACCESS EXCLUSIVE MODE";
    locker.batch_execute(lock).await.expect("lock");
    let (id, sku, node) = (OrderId::trusted("O"), Sku::trusted("S"), Uuid::new_v4());
    let key =
        |route: &str| KeyScope { client: Client::anonymous(), route: route.into(), key: IdempotencyKey::trusted("K") };
    let fingerprint = || Fingerprint([1; 33]);
    let claim = KeyClaim { scope: key(SUBMIT_ROUTE), order_id: id.clone(), fingerprint: fingerprint(), answer: None };
    let adjust = StockChange::Adjust { delta: 1, reason: "r".into(), key: key("R"), fingerprint: fingerprint() };
    let lease = Duration::from_secs(1);
    let listing = Listing { limit: 1, ..Listing::default() };
    let asked = [
        ("load", store.load(id.clone()).await.err()),
        ("find_key", store.find_key(key(SUBMIT_ROUTE)).await.err()),
        ("bind_key", store.bind_key(claim).await.err()),
        ("survey", store.survey(id.clone(), Some(key(SUBMIT_ROUTE)), vec![sku.clone()]).await.err()),
        ("unknown_skus", store.unknown_skus(vec![sku.clone()]).await.err()),
        ("list", store.list(listing).await.err()),
        ("events", store.events(id.clone()).await.err()),
        ("stock", store.stock(sku.clone()).await.err()),
        ("set", store.change_stock(sku.clone(), StockChange::Set(1), Client::anonymous()).await.err()),
        ("adjust", store.change_stock(sku.clone(), adjust, Client::anonymous()).await.err()),
        ("claim", store.claim(node, lease, 1).await.err()),
        ("postpone", store.postpone(id.clone(), PutOff::new(1, 1, lease)).await.err()),
        ("leave", store.leave(id.clone(), 1).await.err()),
        ("release", store.release(node).await.err()),
        ("heartbeat", store.heartbeat(node, "n".into(), "up").await.err()),
        ("nodes", store.nodes().await.err()),
        ("operator_log", store.operator_log(id.clone()).await.err()),
        ("receive_webhook", store.receive_webhook("payment".into(), "w".into(), Some(id.clone())).await.err()),
    ];
    for (what, error) in asked {
        assert!(matches!(error, Some(StoreError::Unavailable(_))), "{what}: {error:?}");
    }
    assert!(!store.is_healthy(), "no heartbeat was written");
    locker.batch_execute("ROLLBACK").await.expect("unlock");
    until("it is used again", || async { store.load(id.clone()).await == Ok(None) }).await;
    store.heartbeat(node, "n".into(), "up").await.expect("a heartbeat");
    assert!(store.is_healthy());
}

#[tokio::test]
async fn a_row_that_is_locked_is_503_and_says_when_to_come_again() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let config = format!("database.url = \"{}\"\ndatabase.statement_timeout_ms = 200\n", database.url());
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let client = serve.client();
    let json = [("content-type", "application/json")];
    let put = async || send(&client, "PUT", "/inventory/S", &json, r#"{"on_hand": 10}"#).await.expect("an answer");
    assert_eq!(put().await.status, 201);
    let locker = database.client().await;
    locker.batch_execute("BEGIN; SELECT FROM inventory FOR UPDATE").await.expect("lock");
    let told = put().await;
    assert_eq!((told.status, told.problem_code().as_deref()), (503, Some("unavailable")));
    assert!(told.retry_after().is_some());
    locker.batch_execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await.expect("lock");
    for path in ["/orders/A", "/orders", "/orders/A/events"] {
        let told = client.get(path).await.expect("an answer");
        assert_eq!((told.status, told.problem_code().as_deref()), (503, Some("unavailable")), "{path}");
        assert!(told.retry_after().is_some(), "{path}");
    }
    locker.batch_execute("ROLLBACK").await.expect("unlock");
    assert_eq!(put().await.status, 200);
}

/// Where the server does not tell its timeline, as some clouds do not, the engine works without.
#[tokio::test]
async fn a_server_that_tells_no_timeline_is_worked_with() {
    let database = TestDatabase::new().await;
    let admin = database.client().await;
    let role = format!("shop_{}", Uuid::new_v4().simple());
    let sql = format!(
        "REVOKE EXECUTE ON FUNCTION pg_current_wal_lsn() FROM PUBLIC;
         CREATE ROLE {role} LOGIN;
         GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}"
    );
    admin.batch_execute(&sql).await.expect("a role that may ask little");
    let url = database.url().replace("postgres@", &format!("{role}@"));
    let settings = StoreSettings { target: Target::new(url), committers: 1, pool_size: 2 };
    let store = PgStore::open(settings, Arc::default(), Metrics::new(1)).await.expect("open the store");
    assert_eq!(store.load(OrderId::trusted("GHOST")).await, Ok(None));
    assert_eq!(store.stock(Sku::trusted("GHOST")).await, Ok(None));
    store.heartbeat(Uuid::new_v4(), "n".into(), "up").await.expect("a heartbeat");
    drop(store);
    let sql =
        format!("GRANT EXECUTE ON FUNCTION pg_current_wal_lsn() TO PUBLIC; DROP OWNED BY {role}; DROP ROLE {role}");
    until("the role is gone", || async { admin.batch_execute(&sql).await.is_ok() }).await;
}

#[tokio::test]
async fn a_refusal_is_told_from_an_absence() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let none = Target::new(url.replace("/test_", "/no_such_")).connect().await.expect_err("no such database");
    assert!(none.is_final() && !none.is_away(), "{none}");
    let user = Target::new(url.replace("postgres@", "nobody_we_know@")).connect().await.expect_err("no such role");
    assert!(user.is_final() && !user.is_away(), "{user}");
    let options = format!("{url}?options=-c%20no_such_setting%3D1");
    let options = Target::new(options).connect().await.expect_err("no such setting");
    assert!(options.is_final() && !options.is_away(), "{options}");
    let nobody = Target::new("postgres://postgres@127.0.0.1:1/x").connect().await.expect_err("nobody there");
    assert!(nobody.is_away() && !nobody.is_final(), "{nobody}");
    let door = Door::hanging_up_on(&socket_of(&url), &[0]).await;
    let lost = Target::new(door.url("postgres")).connect().await.expect_err("hung up on");
    assert!(matches!(lost, ConnectError::Lost | ConnectError::Ask(_)) && lost.is_away(), "{lost}");
}
