//! `serve`: what it refuses to run on, who may do what, and a database that comes and goes.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Command;

use counterfoil::client;
use counterfoil::embedded_postgres::{EmbeddedPostgres, PostgresSettings};
use counterfoil::ports::{CommitError, Committed, StockChange, Store};
use counterfoil::saga::{Client, Sku};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::store_conformance::bench::{LOCAL, new_order, wants};
use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, open_store, until};
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};

fn serve_refuses(config: &str, told: &[&str]) {
    let folder = Folder::new();
    let path = folder.file("wrong.toml", config);
    let output = Command::new(PROGRAM).args(["serve", "--config"]).arg(path).output().expect("run serve");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{config}: {error}");
    for told in told {
        assert!(error.contains(told), "{config}: {told:?} is not in {error}");
    }
}

#[test]
fn a_wrong_configuration_is_named() {
    serve_refuses("[engine]\nshards = 0.5\n", &["engine.shards"]);
    serve_refuses("[engine]\nsharts = 5\n", &["engine.sharts", "shards"]);
    serve_refuses("[saga]\nstep_timeout_ms = 20000\n", &["saga.step_timeout_ms", "lease_ms"]);
    serve_refuses("[server]\nlisten = \"0.0.0.0:0\"\n", &["server.listen", "allow_unauthenticated"]);
    serve_refuses("[server]\nlisten = \"127.0.0.1:0\"\n", &["database.url"]);
}

#[tokio::test]
async fn a_database_without_schema_or_durability_is_refused() {
    let folder = Folder::new();
    let mut settings = PostgresSettings::new(folder.0.join("postgres"));
    settings.parameters.push(("fsync".into(), "off".into()));
    let postgres = EmbeddedPostgres::start(settings).expect("start PostgreSQL");
    let config = format!("server.listen = \"127.0.0.1:0\"\ndatabase.url = \"{}\"\n", postgres.database_url("postgres"));
    let path = folder.file("serve.toml", &config);
    let serve = || Command::new(PROGRAM).args(["serve", "--config"]).arg(&path).output().expect("run serve");
    let refused = serve();
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(error.contains("fsync is off"), "{error}");
}

#[tokio::test]
async fn migrate_is_idempotent_and_serve_never_migrates() {
    let database = TestDatabase::new().await;
    let output = Command::new(PROGRAM).args(["migrate", "--database-url", &database.url()]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing to do"));
    // A newer schema that still allows this program is fine; one that does not is refused, saying what to do.
    let client = database.client().await;
    client.execute("UPDATE deployment SET schema_version = 99, oldest_binary = '99.0.0'", &[]).await.unwrap();
    let folder = Folder::new();
    let path =
        folder.file("c.toml", &format!("server.listen = \"127.0.0.1:0\"\ndatabase.url = \"{}\"", database.url()));
    let output = Command::new(PROGRAM).args(["serve", "--config"]).arg(path).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("99.0.0") && error.contains("upgrade the program"), "{error}");
    client.execute("UPDATE deployment SET oldest_binary = '0.1.0'", &[]).await.unwrap();
    let config = format!("database.url = \"{}\"\n", database.url());
    let mut serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    assert_eq!(serve.terminate().await, Some(0));
}

#[tokio::test]
async fn tokens_say_who_may_do_what() {
    let database = TestDatabase::new().await;
    let folder = Folder::new();
    let hash = |token: &str| {
        use sha2::Digest;
        data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(token))
    };
    let config = format!(
        "database.url = \"{}\"\n\
         auth.tokens = [\n\
           {{ subject = \"alice\", sha256 = \"{}\", roles = [\"client\"] }},\n\
           {{ subject = \"bob\", sha256 = \"{}\", roles = [\"client\"] }},\n\
           {{ subject = \"ops\", sha256 = \"{}\", roles = [\"operator\"] }},\n\
         ]\n",
        database.url(),
        hash("a-token"),
        hash("b-token"),
        hash("o-token")
    );
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let with = |token: &str| client::Client::anonymous(&serve.url).unwrap().with_token(token).unwrap();
    let (alice, bob, ops) = (with("a-token"), with("b-token"), with("o-token"));
    let json = [("content-type", "application/json")];
    assert_eq!(serve.client().get("/orders/A").await.unwrap().status, 401);
    assert_eq!(with("wrong").get("/orders/A").await.unwrap().status, 401);
    let put = |client: client::Client| async move {
        send(&client, "PUT", "/inventory/S", &json, json!({"on_hand": 10}).to_string()).await.unwrap().status
    };
    assert_eq!(put(alice.clone()).await, 403);
    assert_eq!(put(ops.clone()).await, 201);
    assert_eq!(post(&alice, &body("A", "S"), &[]).await.status, 201);
    assert_eq!(alice.get("/orders/A").await.unwrap().status, 200);
    assert_eq!(bob.get("/orders/A").await.unwrap().status, 404, "another client's order is not there");
    assert_eq!(ops.get("/orders/A").await.unwrap().status, 200);
    let exists = post(&bob, &body("A", "S"), &[]).await;
    assert_eq!((exists.status, exists.problem_code().as_deref()), (409, Some("order_exists")));
    assert!(exists.json::<Value>().unwrap().get("differs").is_none(), "a stranger learns nothing");
    assert_eq!(ops.get("/operator/faults").await.unwrap().status, 404, "faults are off unless enabled");
}

#[tokio::test]
async fn a_database_that_is_away_is_told_and_waited_for() {
    let folder = Folder::new();
    let settings = || PostgresSettings::new(folder.0.join("postgres"));
    let mut postgres = EmbeddedPostgres::start(settings()).expect("start PostgreSQL");
    let url = postgres.database_url("postgres");
    let migrated = Command::new(PROGRAM).args(["migrate", "--database-url", &url]).output().unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    postgres.stop().expect("stop PostgreSQL");
    // Away at start: alive, not ready, 503 with Retry-After.
    let serve = Program::serve(&folder, &format!("database.url = \"{url}\"\n")).await;
    let client = serve.client();
    assert_eq!(client.get("/livez").await.unwrap().status, 200);
    serve.until_readyz(503).await;
    let refused = post(&client, &body("A", "S"), &[]).await;
    assert_eq!((refused.status, refused.problem_code().as_deref()), (503, Some("unavailable")));
    assert!(refused.retry_after().is_some());
    assert!(postgres.ensure_running().expect("start PostgreSQL"));
    serve.until_ready().await;
    let json = [("content-type", "application/json")];
    let put = send(&client, "PUT", "/inventory/S", &json, json!({"on_hand": 10}).to_string()).await.unwrap();
    assert_eq!(put.status, 201);
    assert_eq!(post(&client, &body("A", "S"), &[]).await.status, 201);
    // Goes away, and comes again.
    postgres.stop().expect("stop PostgreSQL");
    serve.until_readyz(503).await;
    let refused = post(&client, &body("B", "S"), &[]).await;
    assert_eq!((refused.status, refused.problem_code().as_deref()), (503, Some("unavailable")));
    assert!(postgres.ensure_running().expect("start PostgreSQL"));
    serve.until_ready().await;
    assert_eq!(post(&client, &body("B", "S"), &[]).await.status, 201);
    assert!(post(&client, &body("A", "S"), &[]).await.is_replayed());
}

/// Were each batch to wait for a connection of its own, these would take minutes, and be kept meanwhile.
/// Exit code 2 is for whoever typed it, 1 for whoever runs the database; of an audit, 1 is a broken promise.
#[test]
fn a_name_that_names_nothing_is_wrong_usage() {
    let folder = Folder::new();
    let ledger = folder.0.join("ledger.jsonl");
    let ledger = ledger.to_str().expect("a path");
    for (args, code) in [
        (vec!["audit", "--database-url", "nonsense"], 2),
        (vec!["audit", "--database-url", "postgres://127.0.0.1:1/none"], 2),
        (vec!["migrate", "--database-url", "nonsense"], 2),
        (vec!["migrate", "--database-url", "postgres://127.0.0.1:1/none"], 1),
        (vec!["participants", "--listen", "nowhere", "--ledger", ledger], 2),
    ] {
        let output = Command::new(PROGRAM).args(&args).output().expect("run it");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
    }
}

/// A pager that goes by the exit code, and a program that reads the JSON, must not take it for a broken promise.
#[tokio::test]
async fn an_audit_that_could_not_ask_says_so() {
    let blank = TestDatabase::blank().await;
    let folder = Folder::new();
    let no_ledger = folder.0.join("none.jsonl").display().to_string();
    let (nobody, blank) = ("postgres://127.0.0.1:1/none".to_owned(), blank.url());
    for args in [
        vec!["--database-url", &nobody],
        vec!["--database-url", &blank],
        vec!["--database-url", "nonsense"],
        vec!["--database-url", &blank, "--ledger", &no_ledger],
        vec!["--config", "/nonexistent/c.toml"],
        vec![],
    ] {
        let output = Command::new(PROGRAM).args(["audit", "--json"]).args(&args).output().expect("run it");
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}"));
        assert!(told["ok"].is_null() && told["promises"] == json!([]), "{args:?}: {told}");
        assert!(told["error"].as_str().is_some_and(|error| !error.is_empty()), "{args:?}: {told}");
    }
}

/// What asks for functions and columns of later migrations says what is to be done, and nothing of a missing function.
#[tokio::test]
async fn commands_say_that_the_schema_is_to_be_migrated() {
    let database = TestDatabase::new().await;
    let older = "UPDATE deployment SET schema_version = schema_version - 1";
    database.client().await.batch_execute(older).await.expect(older);
    let url = database.url();
    for (args, code) in [
        (vec!["audit"], 2),
        (vec!["prune", "--older-than", "90d"], 1),
        (vec!["events", "tail", "--from", "beginning", "--no-follow"], 1),
    ] {
        let output = Command::new(PROGRAM).args(&args).args(["--database-url", &url]).output().expect("run it");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert!(told.contains("counterfoil migrate"), "{args:?}: {told}");
    }
}

/// For machines each line is an object, with what a line of text says.
#[tokio::test]
async fn a_log_is_objects_where_that_is_asked_for() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let config = format!("database.url = \"{}\"\n[telemetry]\nformat = \"json\"\nlog = \"debug\"\n", database.url());
    let mut serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    assert_eq!(serve.terminate().await, Some(0));
    let log = std::fs::read_to_string(folder.0.join("serve.log")).expect("its log");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let starts =
        lines.iter().find(|line| line["fields"]["message"].as_str().is_some_and(|told| told.contains("data in")));
    let starts = starts.unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&starts["level"], &starts["target"]), (&json!("INFO"), &json!("counterfoil::service")), "{log}");
    assert!(starts["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{log}");
    let targets = lines.iter().filter_map(|line| line["target"].as_str());
    assert!(targets.into_iter().all(|target| !target.starts_with("counterfoil_")), "{log}");
}

/// A setting that the server does not take is named by its key, whichever kind of connection it is for.
#[tokio::test]
async fn a_plan_that_the_server_does_not_take_is_named() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    for kind in ["every", "commit", "reads", "feed"] {
        let key = format!("database.planner.{kind}.enable_teleports");
        let config =
            format!("server.listen = \"127.0.0.1:0\"\ndatabase.url = \"{}\"\n{key} = \"on\"\n", database.url());
        let path = folder.file("wrong.toml", &config);
        let output = Command::new(PROGRAM).args(["serve", "--config"]).arg(&path).output().expect("run serve");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(&format!("counterfoil: {key} is \"on\", which this server does not take")), "{told}");
    }
}

#[test]
fn a_reader_may_have_read_enough() {
    let (reader, writer) = UnixStream::pair().expect("a pipe");
    drop(reader);
    let writer = OwnedFd::from(writer);
    let status = Command::new(PROGRAM).args(["participants", "--openapi"]).stdout(writer).status().expect("run it");
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn what_queues_while_the_database_is_away_is_refused_at_once() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 2).await;
    let change = StockChange::Set(1_000_000);
    store.change_stock(Sku::trusted("A"), change, Client::anonymous()).await.expect("set the stock");
    database.is_there(false).await;
    let commit = |n: usize| {
        let (told, hears) = tokio::sync::oneshot::channel();
        let write = new_order(&format!("O-{n}"), wants(&[("A", 1)]), LOCAL);
        store.commit(write, Box::new(move |outcome| drop(told.send(outcome))));
        hears
    };
    let outcomes = join_all((0..20_000).map(commit).collect::<Vec<_>>());
    let outcomes = tokio::time::timeout(PATIENCE, outcomes).await.expect("all are answered");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Err(CommitError::Unavailable(_))))));
    database.is_there(true).await;
    until("it is used again", || async { matches!(commit(20_000).await, Ok(Ok(Committed::Stored(_)))) }).await;
    store.close(PATIENCE);
}

#[tokio::test]
async fn an_end_may_be_delayed_and_is_quick_where_nothing_is_in_hand() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let config = format!(
        "server.drain_delay_ms = 600000\nserver.shutdown_grace_ms = 600000\ndatabase.url = \"{}\"\n",
        database.url()
    );
    let mut serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let client = serve.client();
    let put = send(&client, "PUT", "/inventory/S", &[("content-type", "application/json")], r#"{"on_hand": 10}"#);
    assert_eq!(put.await.expect("an answer").status, 201);
    // A connection that is kept alive, as a load balancer does.
    let mut idle = std::net::TcpStream::connect(serve.url.trim_start_matches("http://")).expect("connect");
    idle.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("ask");
    assert!(idle.read(&mut [0; 12]).expect("an answer") > 0);
    // Until load balancers have seen that it leaves, it serves; and an answer closes its connection.
    serve.ask_to_end();
    serve.until_readyz(503).await;
    let made = post(&client, &body("A", "S"), &[]).await;
    assert_eq!((made.status, made.header("connection")), (201, Some("close")));
    // A second signal ends the wait, and a connection that lies idle does not take the grace period.
    assert_eq!(serve.terminate().await, Some(0));
    drop(idle);
}
