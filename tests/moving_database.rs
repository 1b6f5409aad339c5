//! A database that moves: a switchover to a standby, while the address leads to the old server for longer than it
//! should. Real servers: the second is a copy of the first that streams from it and is promoted. What is judged is what
//! clients were told, and the rows of the server that is the primary by then.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use counterfoil::client::Client as Http;
use counterfoil::embedded_postgres::{self, EmbeddedPostgres};
use counterfoil::ports::feed::FeedError;
use counterfoil::ports::{Listing, Reads, Store, StoreError};
use counterfoil::saga::{OrderId, Sku, State};
use counterfoil::store::{ConnectError, PgStore, StoreSettings, Target};
use counterfoil::telemetry::Metrics;
use futures_util::future::join_all;
use serde_json::json;
use tokio_postgres::{Client, NoTls};

use crate::feed::{Reader, commit};
use crate::support::door::Door;
use crate::support::engine::{PATIENCE, until};
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};

/// A primary with the schema, and a standby that streams from it.
pub struct Pair {
    pub old: EmbeddedPostgres,
    pub new: EmbeddedPostgres,
    _folder: Folder,
}

pub async fn connect(server: &EmbeddedPostgres) -> Client {
    let url = server.database_url("postgres");
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("connect to the server itself");
    tokio::spawn(connection);
    client
}

/// `cp -a`: owner and mode stay, since PostgreSQL may run as another user than the tests.
fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").args([from, to]).status().expect("run cp");
    assert!(done.success(), "cp {} {}", from.display(), to.display());
}

fn becomes_standby(data: &Path) {
    copy(&data.join("PG_VERSION"), &data.join("standby.signal"));
}

impl Pair {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Both with these parameters of the server.
    pub async fn with(parameters: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let of = |name: &str| {
            let mut settings = embedded_postgres::PostgresSettings::new(folder.0.join(name));
            let parameters = parameters.iter().map(|(name, value)| (name.to_string(), value.to_string()));
            settings.parameters.extend(parameters);
            settings
        };
        let mut old = EmbeddedPostgres::start(of("old")).expect("start PostgreSQL");
        let migrate =
            Command::new(PROGRAM).args(["migrate", "--database-url", &old.database_url("postgres")]).output().unwrap();
        assert!(migrate.status.success(), "{}", String::from_utf8_lossy(&migrate.stderr));
        old.stop().expect("stop PostgreSQL");
        copy(old.data_dir(), &folder.0.join("new"));
        becomes_standby(&folder.0.join("new"));
        old.ensure_running().expect("start PostgreSQL");
        let mut settings = of("new");
        let source = format!("host={} port=5432 user=postgres", old.socket_dir().display());
        settings.parameters.push(("primary_conninfo".into(), source));
        let new = EmbeddedPostgres::start(settings).expect("start the standby");
        Self { old, new, _folder: folder }
    }

    /// Waits until the standby has all of the primary's rows.
    pub async fn until_caught_up(&self) {
        let (old, new) = (connect(&self.old).await, connect(&self.new).await);
        let written: String = old.query_one("SELECT pg_current_wal_lsn()::text", &[]).await.unwrap().get(0);
        let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn");
        until("the standby has caught up", || async { new.query_one(&sql, &[]).await.unwrap().get(0) }).await;
    }

    /// The standby is the primary from now on.
    pub async fn promote(&self) {
        let promoted: bool =
            connect(&self.new).await.query_one("SELECT pg_promote(true, 60)", &[]).await.unwrap().get(0);
        assert!(promoted, "the standby is promoted");
    }
}

pub fn config(url: &str) -> String {
    format!("database.url = \"{url}\"\ndatabase.pool_size = 6\ndatabase.committers = 2\nengine.shards = 2\n")
}

pub async fn put(client: &Http, sku: &str) -> u16 {
    let json = [("content-type", "application/json")];
    send(client, "PUT", &format!("/inventory/{sku}"), &json, json!({"on_hand": 1_000}).to_string())
        .await
        .expect("an answer")
        .status
}

async fn get(client: &Http, path: &str) -> u16 {
    let answer = client.get(path).await.expect("an answer");
    assert!(answer.status != 503 || answer.retry_after().is_some(), "a 503 says when to come again");
    answer.status
}

/// What an engine says of an order that was acknowledged, by as many connections as it has: never that it is not there.
async fn never_404(client: &Http, paths: &[&str]) -> Vec<u16> {
    let asked = (0..12).flat_map(|_| paths.iter().map(|path| get(client, path)));
    let told = join_all(asked).await;
    assert!(told.iter().all(|status| matches!(status, 200 | 503)), "{paths:?}: {told:?}");
    told
}

/// The old primary still runs, and takes writes: nobody fenced it off. As soon as one connection of an engine has met
/// the successor, none of its others is believed.
#[tokio::test]
async fn what_was_left_behind_is_not_believed() {
    let (pair, folder) = (Pair::new().await, Folder::new());
    let door = Door::to(pair.old.socket_dir()).await;
    let serve = Program::serve(&folder, &config(&door.url("postgres"))).await;
    serve.until_ready().await;
    let client = serve.client();
    assert_eq!(put(&client, "S").await, 201);
    assert_eq!(post(&client, &body("O-1", "S"), &[]).await.status, 201);
    assert!(never_404(&client, &["/orders/O-1"]).await.iter().all(|status| *status == 200), "the pool stands");
    pair.until_caught_up().await;
    pair.promote().await;
    door.lead_to(pair.new.socket_dir());
    // A committer is cut off, as by a network, and comes to the successor.
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE query = 'COMMIT' AND application_name = 'counterfoil'";
    let cut: i64 = connect(&pair.old).await.query_one(cut, &[]).await.unwrap().get(0);
    assert!(cut > 0, "there is a committer");
    until("an order is acknowledged", || async { post(&client, &body("O-2", "S"), &[]).await.status == 201 }).await;
    let placed = "SELECT EXISTS (SELECT FROM orders WHERE order_id = 'O-2')";
    let (there, here) = (connect(&pair.new).await, connect(&pair.old).await);
    assert!(there.query_one(placed, &[]).await.unwrap().get::<_, bool>(0), "by the successor");
    assert!(!here.query_one(placed, &[]).await.unwrap().get::<_, bool>(0), "which the old one does not know");
    let paths = ["/orders/O-2", "/orders/O-2/events"];
    until("it is shown by every connection", || async {
        never_404(&client, &paths).await.iter().all(|status| *status == 200)
    })
    .await;
    // What the engine writes by the pool goes to the successor as well.
    until("stock is set", || async { put(&client, "T").await == 201 }).await;
    let known = "SELECT EXISTS (SELECT FROM inventory WHERE sku = 'T')";
    assert!(there.query_one(known, &[]).await.unwrap().get::<_, bool>(0), "at the successor");
}

/// The old primary comes back as a standby that replays nothing, and the address leads to it for a while.
#[tokio::test]
async fn an_address_that_leads_to_a_standby_is_away() {
    let (mut pair, folder, other) = (Pair::new().await, Folder::new(), Folder::new());
    let door = Door::to(pair.old.socket_dir()).await;
    let late = Program::serve(&folder, &config(&door.url("postgres"))).await;
    late.until_ready().await;
    let client = late.client();
    assert_eq!(put(&client, "S").await, 201);
    assert_eq!(post(&client, &body("O-1", "S"), &[]).await.status, 201);
    pair.until_caught_up().await;
    pair.old.stop().expect("stop the old primary");
    pair.promote().await;
    becomes_standby(pair.old.data_dir());
    pair.old.ensure_running().expect("start it as a standby");
    // Another engine, which is led aright, acknowledges an order.
    let right = Program::serve(&other, &config(&pair.new.database_url("postgres"))).await;
    right.until_ready().await;
    assert_eq!(post(&right.client(), &body("O-2", "S"), &[]).await.status, 201);
    // The standby answers reads, and does not know it.
    late.until_readyz(503).await;
    let told = never_404(&client, &["/orders/O-2", "/orders/O-2/events", "/inventory/S", "/orders"]).await;
    assert!(told.iter().all(|status| *status == 503), "{told:?}");
    assert_eq!(put(&client, "S").await, 503);
    assert_eq!(post(&client, &body("O-3", "S"), &[]).await.status, 503);
    assert_eq!(get(&client, "/orders/GHOST").await, 503, "nobody vouches for its absence");
    let standby = Target::new(door.url("postgres")).connect().await.expect_err("a standby");
    assert!(matches!(standby, ConnectError::Standby) && standby.is_away(), "an instance that starts waits: {standby}");
    // The address is moved: all that is needed.
    door.lead_to(pair.new.socket_dir());
    late.until_ready().await;
    let told = never_404(&client, &["/orders/O-2", "/inventory/S"]).await;
    assert!(told.iter().all(|status| *status == 200), "{told:?}");
    assert_eq!(put(&client, "S").await, 200);
    assert_eq!(post(&client, &body("O-3", "S"), &[]).await.status, 201);
    assert_eq!(get(&client, "/orders/GHOST").await, 404);
    read_only_under_standing_connections(&pair.new, &late).await;
    a_standby_that_must_have_it_is_waited_for(&pair.new).await;
}

/// A pool before the servers leads a session on between two questions: no step rests on what was so when the feed was opened.
#[tokio::test]
async fn a_step_that_comes_to_a_standby_is_refused() {
    let pair = Pair::new().await;
    let door = Door::leading_on(pair.old.socket_dir()).await;
    let (old, new) = (connect(&pair.old).await, connect(&pair.new).await);
    old.batch_execute(&commit("A", 1)).await.unwrap();
    let mut reader = Reader::from_the_beginning(&door.url("postgres")).await;
    reader.read(10).await;
    reader.judge(&old).await;
    old.batch_execute(&commit("A", 2)).await.unwrap();
    pair.until_caught_up().await;
    door.lead_to(pair.new.socket_dir());
    let refused = reader.step(10).await.expect_err("a standby");
    let FeedError::Store(StoreError::Unavailable(why)) = &refused else { panic!("{refused}") };
    assert!(why.contains("standby"), "{why}");
    pair.promote().await;
    reader.read(10).await;
    reader.judge(&new).await;
}

/// A switchover that first keeps writers out: connections that stand become read only. Who does not take writes may not
/// know what is written elsewhere by now.
async fn read_only_under_standing_connections(server: &EmbeddedPostgres, serve: &Program) {
    let (admin, client) = (connect(server).await, serve.client());
    // A store by itself, of which nobody writes anything: only its look-ups could notice.
    let settings = StoreSettings { target: Target::new(server.database_url("postgres")), committers: 1, pool_size: 2 };
    let store = PgStore::open(settings, Arc::default(), Metrics::new(1)).await.expect("open the store");
    let (ghost, sku) = (OrderId::trusted("GHOST"), Sku::trusted("GHOST"));
    assert_eq!(store.load(ghost.clone()).await, Ok(None));
    admin.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    admin.batch_execute("ALTER SYSTEM SET default_transaction_read_only = on").await.unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    until("an absence is not vouched for", || async { store.load(ghost.clone()).await.is_err() }).await;
    assert!(store.stock(sku.clone()).await.is_err());
    assert!(store.survey(ghost.clone(), None, vec![sku.clone()]).await.is_err());
    assert!(store.unknown_skus(vec![sku]).await.is_err());
    assert!(store.events(ghost.clone()).await.is_err());
    let empty = Listing { state: Some(State::Cancelled), limit: 1, ..Listing::default() };
    assert!(store.list(empty).await.is_err(), "nor is an empty page");
    serve.until_readyz(503).await;
    for path in ["/orders/GHOST", "/inventory/GHOST", "/orders?state=CANCELLED"] {
        assert_eq!(get(&client, path).await, 503, "{path}");
    }
    assert_eq!(put(&client, "S").await, 503);
    admin.batch_execute("ALTER SYSTEM RESET default_transaction_read_only").await.unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    serve.until_ready().await;
    until("all is as before", || async {
        get(&client, "/orders/GHOST").await == 404 && put(&client, "S").await == 200
    })
    .await;
    until("here, too", || async { store.load(ghost.clone()).await == Ok(None) }).await;
}

/// Where a standby must have each commit, `local` would lose some with the primary.
async fn a_standby_that_must_have_it_is_waited_for(server: &EmbeddedPostgres) {
    let admin = connect(server).await;
    let of = |setting: &str| {
        let url = format!("{}?options=-c%20synchronous_commit%3D{setting}", server.database_url("postgres"));
        async move {
            let client = Target::new(url).connect().await.expect("a connection");
            client.query_one("SELECT current_setting('synchronous_commit')", &[]).await.unwrap().get::<_, String>(0)
        }
    };
    assert_eq!(of("local").await, "local", "there is no standby to wait for");
    admin.batch_execute("ALTER SYSTEM SET synchronous_standby_names = 'another'").await.unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while of("local").await != "on" {
        assert!(tokio::time::Instant::now() < deadline, "local is raised");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for (given, kept) in [("off", "on"), ("remote_write", "remote_write"), ("remote_apply", "remote_apply")] {
        assert_eq!(of(given).await, kept, "{given}");
    }
}
