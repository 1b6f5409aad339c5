//! Promise: a copy of a database moves nobody's money. Wherever a deployment's database turns up again (cloned, restored
//! from a backup, branched), nothing is driven from there before a human says what it is; a clone never acts under the
//! keys of what it was copied from; and what was restored from before learns what was done since before it does anything.
//!
//! The copies are real: `CREATE DATABASE ... TEMPLATE` gives another oid, and the simulated participants and their
//! ledger, which the copies share with the original, tell what was really done outside.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::client::{Client, HttpAnswer};
use counterfoil::drill::ledger::{self, Line};
use counterfoil::engine::Engine;
use counterfoil::participants::local::Local;
use counterfoil::ports::{Called, Reads, RemoteParticipants, Store};
use counterfoil::saga::transaction::{self, StockVerdict};
use counterfoil::saga::{
    Action, Amount, CancelReason, Client as Asker, Command as Said, IdempotencyKey, Order, OrderId, Outcome, Plan,
    Refusal, State, Timestamp, due,
};
use counterfoil::store::adopt::{AdoptAs, AdoptError, adopt};
use counterfoil::store::audit::{audit, audit_with_ledgers};
use futures_util::future::BoxFuture;
use hyper::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, open_store, request, settings};
use crate::support::fleet::{Asked, order, until};
use crate::support::program::{Folder, PROGRAM, Program};
use crate::support::proxy::{Harm, Proxy};
use crate::support::saga::word;

/// The participants that a test's databases share, and what configures engines on them.
struct Scene {
    folder: Folder,
    participants: Program,
}

/// An engine, with the folder that has its configuration and its log.
struct Running {
    program: Program,
    folder: Folder,
}

impl Running {
    fn client(&self) -> Client {
        self.program.client()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.0.join("serve.log")).unwrap_or_default()
    }

    async fn end(mut self) {
        assert_eq!(self.program.terminate().await, Some(0), "{}", self.log());
    }
}

impl Scene {
    async fn new() -> Self {
        let folder = Folder::new();
        let participants = Program::participants(&folder, &[]).await;
        Self { folder, participants }
    }

    fn ledger_file(&self) -> PathBuf {
        self.folder.0.join("ledger.jsonl")
    }

    fn ledger(&self) -> Vec<Line> {
        ledger::read(&self.ledger_file()).expect("the ledger")
    }

    /// How often an action took effect for an order.
    fn effects(&self, id: &str, action: &str) -> usize {
        self.ledger().iter().filter(|line| line.is(action) && line.order_id == id).count()
    }

    /// A database with something on the shelf.
    async fn database(&self) -> TestDatabase {
        let database = TestDatabase::new().await;
        let sql = "INSERT INTO inventory (sku, on_hand) VALUES ('S', 1000);
            INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('S', 1000, 'laid in', 'test')";
        database.client().await.batch_execute(sql).await.expect("lay in stock");
        database
    }

    fn config(&self, database: &TestDatabase, name: Option<&str>, more: &str) -> String {
        config(database, &self.participants.url, name, more)
    }

    async fn engine(&self, database: &TestDatabase, name: Option<&str>) -> Running {
        serve(&self.config(database, name, "")).await
    }

    /// `counterfoil adopt` with the configuration of such an engine.
    fn adopt(&self, database: &TestDatabase, kind: &str, name: Option<&str>) -> Output {
        let folder = Folder::new();
        let config = folder.file("adopt.toml", &self.config(database, name, ""));
        counterfoil(&["adopt", "--as", kind, "--json", "--config", &config.display().to_string()])
    }

    /// What `serve` says, where it refuses.
    async fn refusal(&self, database: &TestDatabase, name: Option<&str>) -> String {
        let folder = Folder::new();
        let text = format!("server.listen = \"127.0.0.1:0\"\n{}", self.config(database, name, ""));
        let config = folder.file("serve.toml", &text);
        let mut command = Command::new(PROGRAM);
        counterfoil::client::environment::forget_environment(&mut command);
        command.arg("serve").arg("--config").arg(config).stderr(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().expect("run the program");
        let deadline = Instant::now() + PATIENCE;
        while child.try_wait().expect("look after it").is_none() {
            if Instant::now() > deadline {
                child.kill().expect("kill");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let told = child.wait_with_output().expect("its words");
        let said = String::from_utf8_lossy(&told.stderr).into_owned();
        assert_eq!(told.status.code(), Some(1), "it refuses, and does not serve: {said}");
        said
    }

    async fn audited(&self, database: &TestDatabase) {
        let mut client = database.client().await;
        let (report, _) = audit_with_ledgers(&mut client, &[self.ledger_file()]).await.expect("the audit");
        let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).collect();
        assert!(report.ok, "{broken:#?}");
    }
}

fn config(database: &TestDatabase, participants: &str, name: Option<&str>, more: &str) -> String {
    let name = name.map_or(String::new(), |name| format!("deployment.name = \"{name}\"\n"));
    format!(
        "{name}database.url = \"{}\"\nfaults.enabled = true\nengine.shards = 2\n{more}\
         saga.step_timeout_ms = 1000\nsaga.retry = {{ first_ms = 20, factor = 2.0, max_ms = 200, attempts = 100 }}\n\
         [participants]\n\
         payment = {{ kind = \"http\", url = \"{participants}\" }}\n\
         shipment = {{ kind = \"http\", url = \"{participants}\" }}\n",
        database.url()
    )
}

async fn serve(config: &str) -> Running {
    let folder = Folder::new();
    let program = Program::serve(&folder, config).await;
    program.until_ready().await;
    Running { program, folder }
}

/// Runs the program to its end.
fn counterfoil(args: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut command);
    command.args(args).output().expect("run the program")
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

async fn submit(client: &Client, body: Value, status: u16) -> HttpAnswer {
    let answer = Asked::submit(body).send(client).await;
    assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.body));
    answer
}

async fn operate(client: &Client, id: &str, verb: &str, body: Value) -> HttpAnswer {
    let path = format!("/operator/orders/{id}/{verb}");
    client.request(Method::POST, &path, &[], Some(body.to_string().into())).await.expect("an answer")
}

async fn stands(client: &Client, id: &str) -> Value {
    client.get(&format!("/orders/{id}")).await.expect("an answer").json().expect("JSON")
}

/// The calls that an engine made since it was started, by action: all but look-ups.
async fn calls(client: &Client) -> Vec<String> {
    let metrics = client.get("/metrics").await.expect("an answer");
    let text = String::from_utf8_lossy(&metrics.body).into_owned();
    let made = text.lines().filter(|line| line.starts_with("counterfoil_participant_seconds_count{"));
    let made = made.filter(|line| !line.contains("look-up") && !line.ends_with(" 0"));
    made.map(str::to_owned).collect()
}

/// It is refused because the order is the other deployment's.
#[track_caller]
fn is_closed(answer: &HttpAnswer) {
    let body: Value = answer.json().expect("JSON");
    assert_eq!((answer.status, body["code"].as_str()), (409, Some("wrong_state")), "{body}");
    assert!(body["detail"].as_str().expect("a detail").contains("cloned"), "{body}");
}

/// A production with an order in each place where money is: authorised, in flight, completed, refunded. Nobody is
/// connected to its database any more.
async fn production(scene: &Scene) -> TestDatabase {
    let database = scene.database().await;
    let engine = scene.engine(&database, None).await;
    let client = engine.client();
    submit(&client, order("AUTH", "pm_ok", "1", true), 201).await;
    submit(&client, order("DONE", "pm_ok", "1", false), 201).await;
    let refund = Asked::verb("DONE", "refunds", json!({"amount": 500, "reason": "broken"}));
    assert_eq!(refund.send(&client).await.status, 201);
    // Its charge has no answer, and takes no effect.
    let running = Asked::submit(order("FLYING", "pm_error_18", "1", false)).async_().send(&client).await;
    assert_eq!(running.status, 202);
    engine.end().await;
    database
}

#[tokio::test]
async fn a_clone_drives_nobody_until_it_is_adopted_and_nothing_of_the_others_then() {
    let scene = Scene::new().await;
    let original = production(&scene).await;
    let clone = original.copy().await;

    // Before it is adopted it is refused, by name.
    let said = scene.refusal(&clone, None).await;
    for wanted in ["lives in the database with oid", "adopt", "--as moved", "--as clone"] {
        assert!(said.contains(wanted), "{said}");
    }

    let first = told(&scene.adopt(&clone, "clone", Some("staging")));
    let client = original.client().await;
    let id: Uuid = client.query_one("SELECT deployment_id FROM deployment", &[]).await.expect("an id").get(0);
    assert_eq!((&first["changed"], &first["previous"]), (&json!(true), &json!([id])), "{first}");
    assert_ne!(first["deployment_id"], json!(id));
    assert_eq!((&first["orders"], &first["name"]), (&json!(2), &json!("staging")), "{first}");
    let again = told(&scene.adopt(&clone, "clone", Some("staging")));
    assert_eq!((&again["changed"], &again["deployment_id"]), (&json!(false), &first["deployment_id"]), "{again}");

    let engine = scene.engine(&clone, Some("staging")).await;
    let staging = engine.client();
    let before = scene.ledger();
    for id in ["AUTH", "FLYING"] {
        let order = stands(&staging, id).await;
        assert!(order["attention"]["reason"].as_str().expect("a reason").contains("cloned"), "{order}");
        is_closed(&Asked::verb(id, "cancel", json!({"reason": "of the clone"})).send(&staging).await);
        is_closed(&operate(&staging, id, "retry", json!({"reason": "again"})).await);
        is_closed(&operate(&staging, id, "skip", json!({"reason": "seen", "reference": "ch_1"})).await);
    }
    is_closed(&Asked::verb("AUTH", "capture", json!({})).send(&staging).await);
    let refund =
        Asked { key: Some("another".into()), ..Asked::verb("DONE", "refunds", json!({"amount": 7, "reason": "x"})) };
    is_closed(&refund.send(&staging).await);
    is_closed(&refund.send(&staging).await); // and so is its repeat
    // What was answered is answered.
    let repeat = submit(&staging, order("DONE", "pm_ok", "1", false), 201).await;
    assert_eq!(repeat.header("idempotent-replayed"), Some("true"));
    let stored = Asked::verb("DONE", "refunds", json!({"amount": 500, "reason": "broken"})).send(&staging).await;
    assert_eq!(stored.status, 201);
    // It has orders of its own, one of a name that the original uses as well, and ends the others where they stand.
    submit(&staging, order("NEW", "pm_ok", "1", true), 201).await;
    assert_eq!(Asked::verb("NEW", "cancel", json!({"reason": "x"})).send(&staging).await.status, 201);
    assert_eq!(operate(&staging, "AUTH", "force-cancel", json!({"reason": "of the clone"})).await.status, 200);
    let ours: Vec<_> = scene.ledger().into_iter().skip(before.len()).map(|line| line.order_id).collect();
    assert!(ours.iter().all(|id| id == "NEW") && !ours.is_empty(), "only its own order moved anything: {ours:?}");
    scene.audited(&clone).await;

    // The original goes on as if nothing had been.
    let production = scene.engine(&original, None).await;
    let client = production.client();
    assert_eq!(Asked::verb("AUTH", "capture", json!({})).send(&client).await.status, 201);
    submit(&client, order("FLYING", "pm_error_18", "1", false), 201).await;
    submit(&client, order("NEW", "pm_ok", "1", false), 201).await;
    assert_eq!((scene.effects("AUTH", "capture"), scene.effects("AUTH", "void")), (1, 0));
    scene.audited(&clone).await; // the clone answers for its own lines, and not for those
    production.end().await;
    engine.end().await;
}

#[tokio::test]
async fn what_was_restored_is_looked_up_before_anything_is_sent() {
    let scene = Scene::new().await;
    let proxy = Proxy::before(&scene.participants.url);
    let lost = scene.database().await;
    // An engine that dies with a long lease.
    let mut first = serve(&config(&lost, &proxy.url, None, "engine.lease_ms = 600000\n")).await;
    let client = first.client();
    submit(&client, order("SOLD", "pm_ok", "1", true), 201).await;
    submit(&client, order("HELD", "pm_ok", "1", true), 201).await;
    for id in ["CHARGED", "STUCK"] {
        proxy.harm(id, "charge", Harm::Lose(Duration::from_secs(30)));
        let body = order(id, "pm_ok", "1", false);
        assert_eq!(Asked::submit(body).async_().send(&client).await.status, 202);
        until("it is charged", async || scene.effects(id, "charge") == 1).await;
    }
    // One whose authorisation is under way still.
    proxy.harm("UNDER-WAY", "authorize", Harm::Lose(Duration::from_secs(30)));
    let under_way = order("UNDER-WAY", "pm_ok", "1", true);
    assert_eq!(Asked::submit(under_way.clone()).async_().send(&client).await.status, 202);
    until("it is authorised", async || scene.effects("UNDER-WAY", "authorize") == 1).await;
    first.program.kill();
    let sql = "INSERT INTO webhook_inbox (participant, webhook_id, order_id) VALUES ('payment', 'w', 'LATER')";
    lost.client().await.batch_execute(sql).await.expect("park a webhook");

    // The backup. Behind it the order is captured, and its parcel leaves.
    let restored = lost.copy().await;
    let engine = scene.engine(&lost, None).await;
    let due = "UPDATE order_work SET wake_at = clock_timestamp() WHERE order_id = 'UNDER-WAY'";
    lost.client().await.batch_execute(due).await.expect("its lease ends");
    submit(&engine.client(), under_way, 201).await;
    for id in ["SOLD", "UNDER-WAY"] {
        assert_eq!(Asked::verb(id, "capture", json!({})).send(&engine.client()).await.status, 201);
        assert_eq!((scene.effects(id, "capture"), scene.effects(id, "ship")), (1, 1), "it was captured and shipped");
    }
    engine.end().await;

    // It comes back when the time of what it holds is over.
    let over = "UPDATE order_work SET expires_at = clock_timestamp() WHERE order_id IN ('SOLD', 'HELD');
        UPDATE order_work SET wake_at = NULL, version = version + 1 WHERE order_id = 'STUCK';
        UPDATE orders SET attention = '{\"reason\":\"x\",\"since\":\"x\"}', version = version + 1 WHERE order_id = 'STUCK'";
    restored.client().await.batch_execute(over).await.expect("time passes");
    assert!(scene.refusal(&restored, None).await.contains("--as moved"));
    let adopted = told(&scene.adopt(&restored, "moved", None));
    assert_eq!((&adopted["changed"], &adopted["orders"], &adopted["previous"]), (&json!(true), &json!(5), &json!([])));
    // Nothing waits for the lease of an engine that is gone; what was parked stays parked.
    let sql =
        "SELECT bool_and(owner IS NULL AND look_first AND coalesce(wake_at <= clock_timestamp(), order_id = 'STUCK')),
        (SELECT count(*) FROM webhook_inbox WHERE handled_at IS NULL) FROM order_work";
    let row = restored.client().await.query_one(sql, &[]).await.expect("what is left to do");
    assert_eq!((row.get::<_, bool>(0), row.get::<_, i64>(1)), (true, 1));

    let before = scene.ledger().len();
    // While the look-ups have no answer, nothing is sent, and nobody has anything undone, a deadline that is over least
    // of all.
    let dead = Proxy::before("http://127.0.0.1:1");
    let blind = serve(&config(&restored, &dead.url, None, "engine.lease_ms = 2000\n")).await;
    for id in ["SOLD", "HELD", "CHARGED", "STUCK"] {
        let cancel = Asked::verb(id, "cancel", json!({"reason": "early"})).async_().send(&blind.client()).await;
        assert_eq!(cancel.status, 503, "{id}: {}", String::from_utf8_lossy(&cancel.body));
    }
    let sql = "SELECT bool_and(attempts > 0) FROM order_work WHERE order_id <> 'STUCK'";
    until("each was looked up in vain", async || {
        restored.client().await.query_one(sql, &[]).await.expect("the work").get::<_, Option<bool>>(0) == Some(true)
    })
    .await;
    assert_eq!((scene.ledger().len(), calls(&blind.client()).await), (before, Vec::new()));
    blind.end().await;

    let engine = scene.engine(&restored, None).await;
    let client = engine.client();
    // The one was authorised when the backup was made, the other is only found to have been: the next step of either may
    // have been taken since.
    for id in ["SOLD", "UNDER-WAY"] {
        until("it is known that it was captured", async || !stands(&client, id).await["attention"].is_null()).await;
        let reason = stands(&client, id).await["attention"]["reason"].to_string();
        assert!(reason.contains("captured"), "{reason}");
        assert_eq!((scene.effects(id, "void"), scene.effects(id, "refund")), (0, 0), "the parcel stays paid");
    }
    // One that waited for a human is looked up when that human has it tried again.
    assert_eq!(operate(&client, "STUCK", "retry", json!({"reason": "restored"})).await.status, 200);
    for id in ["CHARGED", "STUCK"] {
        submit(&client, order(id, "pm_ok", "1", false), 201).await;
        assert_eq!((scene.effects(id, "charge"), scene.effects(id, "ship")), (1, 1));
    }
    let charges = calls(&client).await.into_iter().filter(|call| call.contains("\"charge\""));
    assert_eq!(charges.collect::<Vec<_>>(), Vec::<String>::new(), "the look-ups said that they were charged");
    // What nothing was done about expires as it would have.
    until("it expired", async || stands(&client, "HELD").await["state"] == "CANCELLED").await;
    assert_eq!(scene.effects("HELD", "void"), 1);
    engine.end().await;
}

#[tokio::test]
async fn a_copy_of_the_files_is_told_by_its_name() {
    let scene = Scene::new().await;
    let original = production(&scene).await;
    let copy = original.copy().await;
    copy.is_at_home().await; // as a base backup, a snapshot or a branch would say
    let said = scene.refusal(&copy, Some("staging")).await;
    for wanted in ["deployment.name is \"staging\"", "\"default\"", "adopt --as clone"] {
        assert!(said.contains(wanted), "{said}");
    }
    let same = scene.adopt(&copy, "clone", None);
    let said = String::from_utf8_lossy(&same.stderr);
    assert!(same.status.code() == Some(2) && said.contains("nothing says that this database is a copy"), "{said}");
    let adopted = told(&scene.adopt(&copy, "clone", Some("staging")));
    assert_eq!(adopted["changed"], true, "{adopted}");
    scene.engine(&copy, Some("staging")).await.end().await;
    let said = scene.refusal(&copy, None).await;
    assert!(said.contains("deployment.name is \"default\"") && said.contains("\"staging\""), "{said}");
    // An engine without remote participants harms nobody, wherever it is and whatever it is called.
    let local = format!("database.url = \"{}\"\ndeployment.name = \"third\"\n", copy.url());
    serve(&local).await.end().await;
    // The deployment itself may be called otherwise.
    let renamed = told(&scene.adopt(&original, "moved", Some("shop")));
    assert_eq!((&renamed["name"], &renamed["previous"]), (&json!("shop"), &json!([])));
    scene.engine(&original, Some("shop")).await.end().await;
}

#[tokio::test]
async fn nothing_is_adopted_under_an_engine_that_lives() {
    let database = TestDatabase::new().await;
    let engine = serve(&format!("database.url = \"{}\"\n", database.url())).await;
    let refused = counterfoil(&["adopt", "--as", "moved", "--database-url", &database.url()]);
    let said = String::from_utf8_lossy(&refused.stderr);
    let address = engine.program.url.trim_start_matches("http://");
    assert!(refused.status.code() == Some(1) && said.contains(address), "{said}");
    let client = database.client().await;
    let sql = "SELECT adopted_as IS NULL AND adopting IS NULL FROM deployment";
    assert!(client.query_one(sql, &[]).await.expect("the row").get::<_, bool>(0));
    engine.end().await;
    // One whose heartbeat came with the copy lives elsewhere.
    let sql = "INSERT INTO nodes (node_id, name, version, state) VALUES (gen_random_uuid(), 'elsewhere', '0', 'up')";
    client.batch_execute(sql).await.expect("a heartbeat");
    let adopted = counterfoil(&["adopt", "--as", "moved", "--json", "--database-url", &database.url()]);
    assert_eq!(told(&adopted)["name"], "default");
}

/// As `counterfoil adopt` would find a database with so many orders in flight at a provider, of a deployment that lives
/// elsewhere.
async fn crowded(orders: i32) -> TestDatabase {
    let database = TestDatabase::new().await;
    let ship_to = json!({"name": "A", "line1": "1 Road", "city": "X", "postal_code": "1", "country": "US"});
    let details = json!({"payment_method": "pm_ok", "capture": "automatic", "ship_to": ship_to});
    let sql = format!(
        "INSERT INTO orders (order_id, commit_id, amount, created_at, updated_at, version, saga_version, plan, state,
            stock, shipment, currency, client, customer_id, fingerprint, lines, details)
        SELECT 'O-' || n, 1, 100, now(), now() + interval '1 hour', 1, 1, 3, 'CREATED', 'intended', 'none', 'USD', 'shop',
            'cus', decode(repeat('01', 33), 'hex'), '[{{\"sku\":\"S\",\"quantity\":1,\"unit_price\":100}}]', '{details}'
        FROM generate_series(1, {orders}) n;
        INSERT INTO order_events (order_id, first_version, at, events)
        SELECT order_id, 1, updated_at, '[{{\"type\":\"order.created\"}}]' FROM orders;
        INSERT INTO order_work (order_id, version, wake_at, intent_at, owner)
        SELECT order_id, 1, now() + interval '1 hour', now(), gen_random_uuid() FROM orders;
        UPDATE deployment SET database_oid = 1"
    );
    database.client().await.batch_execute(&sql).await.expect("many orders");
    database
}

#[tokio::test]
async fn a_clone_of_many_orders_is_adopted_in_steps_and_goes_on_where_it_was_cut_off() {
    const ORDERS: i32 = 1_234;
    let database = crowded(ORDERS).await;
    let mut client = database.client().await;
    // As it is where instances are upgraded one after the other.
    client.batch_execute("UPDATE deployment SET oldest_binary = '0.2.0'").await.expect("older programs may run");
    client.execute("SELECT counterfoil_outbox_becomes('on', 'of the original', 500)", &[]).await.expect("a table");
    // Cut off in the middle: a statement of the third step fails.
    let trap = "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT count(*) FROM orders WHERE attention IS NOT NULL) > 700 THEN RAISE 'cut off'; END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER trap AFTER INSERT ON order_events EXECUTE FUNCTION trap()";
    client.batch_execute(trap).await.expect("a trap");
    let cut_off = adopt(&mut client, AdoptAs::Clone, None).await;
    assert!(matches!(cut_off, Err(AdoptError::Database(_))), "{cut_off:?}");
    let half: i64 =
        client.query_one("SELECT count(*) FROM orders WHERE attention IS NOT NULL", &[]).await.unwrap().get(0);
    assert_eq!(half, 500, "what was done stands");
    let deployment = "SELECT deployment_id FROM deployment";
    let id: Uuid = client.query_one(deployment, &[]).await.expect("an id").get(0);
    // Until it is done nobody drives it.
    let store = open_store(&database.url(), 1).await;
    let refused = store.drive_remote("default").expect_err("refused").to_string();
    assert!(refused.contains("adopt --as clone"), "{refused}");
    store.close(Duration::from_secs(10));
    let moved = adopt(&mut client, AdoptAs::Moved, None).await;
    assert!(matches!(moved, Err(AdoptError::Unfinished)), "{moved:?}");

    client.batch_execute("DROP TRIGGER trap ON order_events; DROP FUNCTION trap()").await.expect("disarm");
    let adopted = adopt(&mut client, AdoptAs::Clone, None).await.expect("it goes on");
    assert_eq!((adopted.deployment_id, adopted.orders, adopted.previous.len()), (id, 734, 1), "it is the same clone");
    let table = "SELECT counterfoil_outbox_is(), (SELECT count(*) FROM outbox)";
    let table = client.query_one(table, &[]).await.expect(table);
    assert_eq!((table.get(0), table.get(1)), ("off", 0_i64), "whoever follows its log hears nothing of it");
    let sql = "SELECT count(*) FROM orders o JOIN order_work w USING (order_id) JOIN order_events e USING (order_id)
        WHERE o.version = 2 AND w.version = 2 AND w.wake_at IS NULL AND w.owner IS NULL AND e.first_version = 2
          AND e.at = o.updated_at AND o.updated_at > clock_timestamp() AND o.attention::json ->> 'reason' LIKE 'cloned: %'
          AND e.events::json -> 0 ->> 'reason' = o.attention::json ->> 'reason'
          AND (o.attention::json ->> 'since')::timestamptz = o.updated_at";
    assert_eq!(client.query_one(sql, &[]).await.expect("the orders").get::<_, i64>(0), i64::from(ORDERS));
    let report = audit(&mut client).await.expect("the audit");
    let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).collect();
    // The orders are made up: only what is told of their attention is judged.
    for finding in broken {
        let about = ["order_never_stepped_twice", "every_order_ends_or_is_stuck"];
        assert!(!about.contains(&finding.name), "{finding:#?}");
    }
    // An older program would not know that they are closed.
    let oldest: String = client.query_one("SELECT oldest_binary FROM deployment", &[]).await.unwrap().get(0);
    assert_eq!(oldest, "0.3.0");
    // A migration is no adoption, and takes none back.
    client.batch_execute("UPDATE deployment SET schema_version = 4").await.expect("one is to come");
    counterfoil::store::migrate::migrate(&mut client).await.expect("migrate");
    let (after, oldest): (Uuid, String) = {
        let row = client.query_one("SELECT deployment_id, oldest_binary FROM deployment", &[]).await.unwrap();
        (row.get(0), row.get(1))
    };
    assert_eq!((after, oldest.as_str()), (id, "0.3.0"));
}

#[tokio::test]
async fn a_role_that_may_not_ask_which_cluster_it_is_adopts_nothing() {
    let database = TestDatabase::new().await;
    let mut client = database.client().await;
    let sql = "CREATE ROLE asks_nothing; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
        GRANT ALL ON ALL TABLES IN SCHEMA public TO asks_nothing; SET ROLE asks_nothing";
    client.batch_execute(sql).await.expect("a role");
    let refused = adopt(&mut client, AdoptAs::Moved, None).await.expect_err("refused").to_string();
    client.batch_execute("RESET ROLE; DROP OWNED BY asks_nothing; DROP ROLE asks_nothing").await.expect("no role");
    assert!(refused.contains("GRANT EXECUTE ON FUNCTION pg_control_system()"), "{refused}");
}

/// The clock of the host that the copy runs on is behind: what it places is its own all the same.
#[tokio::test]
async fn orders_are_told_apart_whatever_the_clocks_say() {
    let database = crowded(3).await;
    let client = database.client().await;
    client.batch_execute("UPDATE orders SET created_at = now() + interval '1 day'").await.expect("a clock ahead");
    let mut adopting = database.client().await;
    adopt(&mut adopting, AdoptAs::Clone, None).await.expect("adopt");
    let store = open_store(&database.url(), 1).await;
    let stored = store.load(OrderId::trusted("O-1")).await.expect("a read").expect("the order");
    assert!(stored.order.cloned);
    let sql = "UPDATE orders SET created_at = timestamptz 'epoch' + $1::bigint * interval '1 microsecond' WHERE order_id = 'O-2'";
    client.execute(sql, &[&store.clock().now().0]).await.expect("an order of now");
    let stored = store.load(OrderId::trusted("O-2")).await.expect("a read").expect("the order");
    assert!(!stored.order.cloned, "whatever this store stamps is later than what came with the copy");
    store.close(Duration::from_secs(10));
}

/// What the saga makes of an order of the other's, wherever it stands and whether or not anybody set it aside.
#[test]
fn nothing_is_due_of_a_cloned_order_and_nothing_that_leads_to_a_call_is_taken() {
    let local = Local { plan: Plan(Plan::INVENTORY | Plan::PAYMENT | Plan::SHIPMENT), ..Local::default() };
    let run = |order: Option<&Order>, command: &Said| {
        transaction::run(order, command, Timestamp(1), &local, StockVerdict::Assumed)
    };
    let submit = Said::Submit {
        id: OrderId::trusted("O"),
        client: Asker::anonymous(),
        request: Arc::new(request(&[("S", 1)], "pm_ok")),
        saga: local.plan.into(),
    };
    let done = |action| Said::Outcome { call: Action::into(action), outcome: Outcome::done() };
    let mut order = run(None, &submit).expect("a new order").order;
    for action in [Action::Reserve, Action::Charge, Action::Ship] {
        let cloned = Order { cloned: true, ..order.clone() };
        assert!(due(&order).is_some() && due(&cloned).is_none(), "{}", order.state);
        for command in [
            Said::Cancel { reason: CancelReason::Client },
            Said::Capture { amount: Amount(1) },
            Said::Retry(word("x")),
            Said::Skip { reference: None, word: word("seen") },
        ] {
            assert!(matches!(run(Some(&cloned), &command), Err(Refusal::Cloned { .. })), "{command:?}");
        }
        assert!(matches!(run(Some(&cloned), &done(action)), Err(Refusal::NotDue { .. })), "a late answer");
        let expired = run(Some(&cloned), &Said::Expire).expect("never refused");
        assert!(expired.events.is_empty() && expired.call.is_none(), "its deadline is the other's");
        let flagged = run(Some(&cloned), &Said::Attention { reason: "x".into(), missing: None })
            .expect("it may be flagged")
            .order;
        let forced = run(Some(&flagged), &Said::ForceCancel(word("x"))).expect("and ended");
        assert!(forced.order.state == State::Cancelled && forced.call.is_none());
        order = run(Some(&order), &done(action)).expect("the next step").order;
    }
    let cloned = Order { cloned: true, ..order };
    let refund = Said::Refund {
        client: Asker::anonymous(),
        key: IdempotencyKey::trusted("k"),
        amount: Amount(1),
        reason: "x".into(),
        restock: Vec::new(),
    };
    assert!(matches!(run(Some(&cloned), &refund), Err(Refusal::Cloned { .. })));
}

/// Participants of a program of one's own.
struct Own;

impl RemoteParticipants for Own {
    fn call(&self, _: Called) -> BoxFuture<'static, Outcome> {
        Box::pin(std::future::ready(Outcome::done()))
    }

    fn look_up(&self, _: Called) -> BoxFuture<'static, Outcome> {
        Box::pin(std::future::ready(Outcome::Absent))
    }

    fn key_lifetime(&self, _: Action) -> Option<Duration> {
        None
    }
}

#[tokio::test]
async fn a_program_that_embeds_the_engine_is_refused_too() {
    let home = TestDatabase::new().await;
    let copy = home.copy().await;
    for (database, is_home) in [(&home, true), (&copy, false)] {
        let store = open_store(&database.url(), 1).await;
        let local = Arc::new(Local { plan: Plan(Plan::PAYMENT), ..Local::default() });
        let built = Engine::builder(Arc::clone(&store) as Arc<dyn Store>, local, store.clock())
            .settings(settings())
            .remote(Arc::new(Own))
            .start();
        match built {
            Ok(engine) => {
                assert!(is_home, "a copy was driven");
                engine.shutdown(Duration::from_secs(10)).await;
            }
            Err(error) => assert!(!is_home && error.to_string().contains("counterfoil adopt"), "{error}"),
        }
        store.close(Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_database_that_is_swapped_under_an_engine_is_not_driven() {
    let scene = Scene::new().await;
    let database = scene.database().await;
    let engine = scene.engine(&database, None).await;
    let client = engine.client();
    submit(&client, order("BEFORE", "pm_ok", "1", false), 201).await;
    // The name of the server leads to another one, restored from a backup: connections are cut, and new ones find it.
    database
        .client()
        .await
        .batch_execute("UPDATE deployment SET deployment_id = gen_random_uuid()")
        .await
        .expect("swap");
    database.is_there(false).await;
    database.is_there(true).await;
    engine.program.until_readyz(503).await;
    let answer = Asked::submit(order("AFTER", "pm_ok", "1", false)).async_().send(&client).await;
    assert_eq!(answer.status, 503, "{}", String::from_utf8_lossy(&answer.body));
    until("it says why", async || engine.log().contains("the database was swapped under this engine")).await;
    assert_eq!(scene.effects("AFTER", "charge"), 0);
}
