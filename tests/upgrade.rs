//! Promise: a release takes over what an earlier one left: an order in flight ends as it would have, a repeat gets its old bytes,
//! and a history reads as it did. Each folder under `upgrade` is what a released version left: its database as pg_dump tells it,
//! the ledger of its remote participants, and what its clients were told. It is never changed: a new release adds one.
//!
//! `UPDATE_GOLDEN=1` writes the folder of this version, where there is none yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use counterfoil::client::{Client, HttpAnswer};
use counterfoil::saga::state::{PaymentStatus, ShipmentStatus};
use counterfoil::saga::{DeploymentId, OrderId, State, Stock};
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::fleet::{Asked, Participants, Setup, Site, order, until};
use crate::support::program::{Folder, Program, send};
use crate::support::proxy::{Harm, Proxy};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upgrade");

/// Steps of one's own that some orders were left with, and whoever takes them over has.
pub const STEPS: &[&str] = &[
    "name = \"fraud\"\nbefore = \"payment\"\ndeadline_ms = 600000",
    "name = \"points\"\nbefore = \"shipment\"\nundo = true",
    "name = \"gift\"\nbefore = \"completion\"",
];
const SERVES: &[&str] = &["--step", "fraud", "--step", "points", "--step", "gift"];

/// Nothing is given up while it is made ready.
const PATIENT: Setup = Setup { attempts: 1_000, ..Setup::USUAL };

/// What a client asked, and what it was told.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    body: Value,
    /// The final answer; without one, it was still under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<(u16, String)>,
}

impl Told {
    fn asked(&self) -> Asked {
        Asked { path: self.path.clone(), key: self.key.clone(), body: self.body.clone(), wait_s: 30 }
    }
}

/// An order that was not ended.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Left {
    order_id: String,
    /// Of order, payment, shipment and stock.
    at: [String; 4],
    /// Whether it waits for a human.
    waits: bool,
    /// How many of its refunds are under way.
    refunds: i64,
}

/// What clients of a release saw.
#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    told: Vec<Told>,
    left: Vec<Left>,
    /// The histories as they were told over HTTP, by order.
    histories: BTreeMap<String, Vec<Value>>,
}

/// What was not ended, and where it stood.
async fn left(database: &TestDatabase) -> Vec<Left> {
    let sql = "SELECT o.order_id, o.state, coalesce(p.status, 'none'), o.shipment, o.stock, o.attention IS NOT NULL,
            (SELECT count(*) FROM refunds r WHERE r.order_id = o.order_id AND r.status = 'intended')
        FROM orders o LEFT JOIN payments p USING (order_id) JOIN order_work w USING (order_id) ORDER BY 1";
    let rows = database.client().await.query(sql, &[]).await.expect("what is left");
    let at = |row: &tokio_postgres::Row| [1, 2, 3, 4].map(|column| row.get::<_, String>(column));
    rows.iter().map(|row| Left { order_id: row.get(0), at: at(row), waits: row.get(5), refunds: row.get(6) }).collect()
}

/// The texts of all commits, in order.
async fn histories(database: &TestDatabase) -> Vec<(String, i32, String)> {
    let sql = "SELECT order_id, first_version, events FROM order_events ORDER BY 1, 2";
    let rows = database.client().await.query(sql, &[]).await.expect("the histories");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// The histories of these orders as they are told over HTTP.
async fn told_histories<'a>(
    client: &Client,
    ids: impl IntoIterator<Item = &'a String>,
) -> BTreeMap<String, Vec<Value>> {
    let mut told = BTreeMap::new();
    for id in ids {
        let path = format!("/orders/{id}/events");
        let page: Value = client.get(&path).await.expect("an answer").json().expect("JSON");
        told.insert(id.clone(), page.as_array().unwrap_or_else(|| panic!("{path}: {page}")).clone());
    }
    told
}

/// The ids of the orders.
async fn ids(database: &TestDatabase) -> Vec<String> {
    let rows = database.client().await.query("SELECT order_id FROM orders ORDER BY 1", &[]).await.expect("the orders");
    rows.iter().map(|row| row.get(0)).collect()
}

/// An operator's verb, which is taken.
async fn operate(client: &Client, id: &str, verb: &str) {
    let body = Some(json!({"reason": "looked at both sides"}).to_string().into());
    let path = format!("/operator/orders/{id}/{verb}");
    let answer = client.request(Method::POST, &path, &[], body).await.expect("an answer");
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
}

/// Leaves orders in every state that they can rest in.
struct Leaving {
    site: Site,
    proxy: Proxy,
    client: Client,
    told: Vec<Told>,
}

impl Leaving {
    async fn ask(&mut self, asked: Asked) -> HttpAnswer {
        let answer = asked.send(&self.client).await;
        let Asked { path, key, body, .. } = asked;
        let settled = (answer.status != 202).then(|| (answer.status, text(&answer)));
        self.told.push(Told { path, key, body, answer: settled });
        answer
    }

    /// An order that is ended at once, or authorised.
    async fn ended(&mut self, id: &str, (payment_method, postal_code, manual): (&str, &str, bool), status: u16) {
        let answer = self.ask(Asked::submit(order(id, payment_method, postal_code, manual))).await;
        assert_eq!(answer.status, status, "{id}: {:?}", answer.body);
    }

    /// Places an order to whose calls this is done, and waits until it was done to the first of them.
    async fn stuck(&mut self, id: &str, manual: bool, action: &str, harm: Harm) {
        self.proxy.harm(id, action, harm);
        let answer = self.ask(Asked::submit(order(id, "pm_ok", "1", manual)).async_()).await;
        assert_eq!(answer.status, 202, "{id}: {:?}", answer.body);
        self.struck(id, action).await;
    }

    async fn struck(&self, id: &str, action: &str) {
        until(&format!("{action} of {id}"), async || self.proxy.has_struck(id, action)).await;
    }

    /// A verb to whose call this is done.
    async fn verb(&mut self, (id, harm): (&str, Harm), verb: &str, body: Value, action: &str) {
        self.proxy.harm(id, action, harm);
        let answer = self.ask(Asked::verb(id, verb, body).async_()).await;
        assert_eq!(answer.status, 202, "{verb} {id}: {:?}", answer.body);
        self.struck(id, action).await;
    }

    async fn waits(&self, id: &str) {
        self.site.until(&format!("SELECT attention IS NOT NULL FROM orders WHERE order_id = '{id}'")).await;
    }
}

fn text(answer: &HttpAnswer) -> String {
    String::from_utf8(answer.body.to_vec()).expect("text")
}

/// An engine that does everything itself, on the database of others.
async fn alone(database: &TestDatabase) -> (Program, Folder) {
    let folder = Folder::new();
    let program = Program::serve(&folder, &format!("database.url = \"{}\"\n", database.url())).await;
    program.until_ready().await;
    (program, folder)
}

/// The database in SQL, and what its clients saw.
async fn leave(participants: &Participants) -> (String, Seen) {
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, PATIENT).await;
    let (local, _folder) = alone(&site.database).await;
    let headers = [("content-type", "application/json")];
    for (sku, on_hand) in [("S", 100), ("LITTLE", 1)] {
        let path = format!("/inventory/{sku}");
        send(&local.client(), "PUT", &path, &headers, json!({"on_hand": on_hand}).to_string()).await.expect("stock");
    }
    let mut shop = Leaving { site, proxy, client: local.client(), told: Vec::new() };
    shop.ended("LOCAL", ("house_account", "1", false), 201).await;
    shop.ended("LOCAL-AUTHORIZED", ("house_account", "1", true), 201).await;
    let keyed = Asked { key: Some("k-1".into()), ..Asked::submit(order("LOCAL-KEYED", "house_account", "1", false)) };
    assert_eq!(shop.ask(keyed).await.status, 201);
    let mut much = order("LOCAL-SHORT", "house_account", "1", false);
    much["lines"][0]["sku"] = json!("LITTLE");
    assert_eq!(shop.ask(Asked::submit(much)).await.status, 409);
    let back = json!({"amount": 1999, "reason": "too small", "restock": [{"sku": "S", "quantity": 1}]});
    assert_eq!(shop.ask(Asked::verb("LOCAL", "refunds", back)).await.status, 201);
    drop(local);

    let mut engine = shop.site.engine().await;
    shop.client = engine.client();
    shop.ended("DONE", ("pm_ok", "1", false), 201).await;
    shop.ended("DECLINED", ("pm_declined", "1", false), 402).await;
    shop.ended("UNSHIPPED", ("pm_ok", "SHIP-FAIL", false), 500).await;
    shop.ended("AUTHORIZED", ("pm_ok", "1", true), 201).await;
    shop.ended("CAPTURED", ("pm_ok", "1", true), 201).await;
    assert_eq!(shop.ask(Asked::verb("CAPTURED", "capture", json!({"amount": 3000}))).await.status, 201);
    assert_eq!(shop.ask(Asked::verb("CAPTURED", "refunds", json!({"amount": 1, "reason": "late"}))).await.status, 201);
    let refused = shop.ask(Asked { key: Some("too-late".into()), ..Asked::verb("DONE", "cancel", json!({})) }).await;
    assert_eq!(refused.status, 409);
    shop.ended("CALLED-OFF", ("pm_ok", "1", true), 201).await;
    assert_eq!(shop.ask(Asked::verb("CALLED-OFF", "cancel", json!({"reason": "hurry"}))).await.status, 201);

    for (id, manual, action) in [
        ("RESERVING", false, "reserve"),
        ("CHARGING", false, "charge"),
        ("AUTHORIZING", true, "authorize"),
        ("SHIPPING", false, "ship"),
    ] {
        shop.stuck(id, manual, action, Harm::Accept).await;
        // It took effect, and nobody here knows.
        shop.stuck(&format!("{id}-IN-EFFECT"), manual, action, Harm::Pend).await;
        shop.stuck(&format!("{id}-LOST"), manual, action, Harm::Fail(u32::MAX)).await;
    }
    let hurry = || json!({"reason": "hurry"});
    // It never came to the participant, or it took effect there, and nobody here knows.
    for (effect, harm) in [("", Harm::Accept), ("-IN-EFFECT", Harm::Pend)] {
        let named = |what: &str| format!("{what}{effect}");
        let (capturing, refunding) = (named("CAPTURING"), named("REFUNDING-CAPTURE"));
        for id in [&capturing, &refunding] {
            shop.ended(id, ("pm_ok", "1", true), 201).await;
        }
        shop.verb((&capturing, harm.clone()), "capture", json!({"amount": 2000}), "capture").await;
        let captured = shop.ask(Asked::verb(&refunding, "capture", json!({"amount": 2000}))).await;
        assert_eq!(captured.status, 201);
        let back = json!({"amount": 500, "reason": "late"});
        shop.verb((&refunding, harm.clone()), "refunds", back, "refund").await;
        for (what, action, undo) in [
            ("CALLED-OFF-CHARGING", "charge", "void"),
            ("CALLED-OFF-AUTHORIZING", "authorize", "void"),
            ("CALLED-OFF-SHIPPING", "ship", "cancel-shipment"),
            ("CALLED-OFF-RESERVING", "reserve", "release"),
        ] {
            let id = named(what);
            shop.stuck(&id, action == "authorize", action, Harm::Pend).await;
            shop.verb((&id, harm.clone()), "cancel", hurry(), undo).await;
        }
    }
    // What was refused later is undone, and that is stuck.
    for (id, action, undo, harm) in [
        ("REFUNDING", "ship", "refund", Harm::Accept),
        ("REFUNDING-IN-EFFECT", "ship", "refund", Harm::Pend),
        ("REFUNDED-RELEASING", "ship", "release", Harm::Accept),
        ("RELEASING", "charge", "release", Harm::Accept),
        ("RELEASING-IN-EFFECT", "charge", "release", Harm::Pend),
    ] {
        shop.proxy.harm(id, action, Harm::Refuse);
        shop.stuck(id, false, undo, harm).await;
    }
    // So is a later undo than the first of a cancel's.
    for (id, action, undo) in [("CALLED-OFF-UNSHIPPED", "ship", "refund"), ("CALLED-OFF-VOIDED", "charge", "release")] {
        shop.stuck(id, false, action, Harm::Pend).await;
        shop.verb((id, Harm::Accept), "cancel", hurry(), undo).await;
    }
    // Two wait for a human; of two others an operator said what became of them.
    for id in ["WAITING", "SKIPPED", "FORCED"] {
        shop.stuck(id, false, "charge", Harm::Accept).await;
        shop.proxy.harm(id, "void", Harm::Refuse);
        let answer = shop.ask(Asked::verb(id, "cancel", json!({"reason": "hurry"})).async_()).await;
        assert_eq!(answer.status, 202, "{id}");
        shop.waits(id).await;
    }
    operate(&shop.client, "SKIPPED", "skip").await;
    operate(&shop.client, "FORCED", "force-cancel").await;
    let sql = "SELECT deployment_id::text FROM deployment";
    let id: String = shop.site.database.client().await.query_one(sql, &[]).await.expect("the deployment").get(0);
    let deployment = DeploymentId(id.parse().expect("a UUID"));
    let key = deployment.step_key(&OrderId::trusted("CONTRADICTED"), "charge", "").to_string();
    let foreign = json!({"order_id": "CONTRADICTED", "customer_id": "other", "amount": 1, "currency": "USD",
        "payment_method": "pm_ok"});
    let (at, headers) = (participants.program.client(), [("idempotency-key", key.as_str())]);
    assert_eq!(send(&at, "POST", "/charge", &headers, foreign.to_string()).await.expect("an answer").status, 200);
    let asked = Asked::submit(order("CONTRADICTED", "pm_ok", "1", false)).async_();
    assert_eq!(shop.ask(asked).await.status, 202);
    shop.waits("CONTRADICTED").await;

    // Another configuration, from here on: each step once on its way, once in effect and unheard of, and once being undone.
    engine.terminate().await;
    shop.site.set_up(|setup| setup.steps = STEPS);
    let mut engine = shop.site.engine().await;
    shop.client = engine.client();
    shop.ended("STEPS", ("pm_ok", "1", false), 201).await;
    shop.ended("STEPS-UNSHIPPED", ("pm_ok", "SHIP-FAIL", false), 500).await;
    let with = |id: &str, said: Value| {
        let mut order = order(id, "pm_ok", "1", false);
        order["metadata"] = said;
        Asked::submit(order).async_()
    };
    assert_eq!(shop.ask(with("STEPS-REFUSED", json!({"fraud": "refused"}))).await.status, 202);
    for step in ["fraud", "points", "gift"] {
        let called = format!("run:{step}");
        shop.stuck(&format!("STEP-{step}"), false, &called, Harm::Accept).await;
        shop.stuck(&format!("STEP-{step}-IN-EFFECT"), false, &called, Harm::Pend).await;
    }
    for (id, harm) in [("STEP-UNDOING", Harm::Accept), ("STEP-UNDOING-IN-EFFECT", Harm::Pend)] {
        shop.proxy.harm(id, "ship", Harm::Refuse);
        shop.stuck(id, false, "undo", harm).await;
    }

    // What was answered meanwhile is told.
    for told in shop.told.iter_mut().filter(|told| told.answer.is_none()) {
        let answer = told.asked().async_().send(&shop.client).await;
        told.answer = (answer.status != 202).then(|| (answer.status, text(&answer)));
    }
    // By who is to leave: another engine would go on with them.
    let histories = told_histories(&shop.client, &ids(&shop.site.database).await).await;
    engine.terminate().await;
    let database = shop.site.database;
    (dump(&database), Seen { told: shop.told, left: left(&database).await, histories })
}

/// The whole database in SQL, as any tool would take it back.
pub fn dump(database: &TestDatabase) -> String {
    let mut command = Command::new("pg_dump");
    let told =
        command.args(["--inserts", "--no-owner", "--no-privileges"]).arg(database.url()).output().expect("pg_dump");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8(told.stdout).expect("text")
}

/// A database as it was dumped, where it is at home, and to whose orders in flight no time went by; and how much did.
pub async fn restored(sql: &str) -> (TestDatabase, Duration) {
    let database = TestDatabase::blank().await;
    // What tells psql something is none of the server's, and a server knows no limits that came after it.
    let foreign = |line: &str| line.starts_with('\\') || line.starts_with("SET ") && line.ends_with("_timeout = 0;");
    let statements: Vec<_> = sql.lines().filter(|line| !foreign(line)).collect();
    database.client().await.batch_execute(&statements.join("\n")).await.expect("it is taken back");
    let client = database.client().await;
    let since = "SELECT (extract(epoch FROM now() - max(at)) * 1000000)::bigint FROM order_events";
    let micros: i64 = client.query_one(since, &[]).await.expect("the time").get(0);
    let home = format!(
        "UPDATE deployment SET system_identifier = (SELECT system_identifier FROM pg_control_system());
         UPDATE order_work SET wake_at = wake_at + gone, expires_at = expires_at + gone, intent_at = intent_at + gone,
             written_at = written_at + gone
         FROM (SELECT {micros} * interval '1 microsecond' AS gone) AS stood"
    );
    client.batch_execute(&home).await.expect("it is at home");
    database.is_at_home().await;
    (database, Duration::from_micros(micros.unsigned_abs()))
}

/// The folders of the releases, and of which.
pub fn releases() -> Vec<(String, PathBuf)> {
    let folders = fs::read_dir(FOLDER).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let mut releases: Vec<_> = folders.filter(|path| path.is_dir()).map(|path| (name(&path), path)).collect();
    releases.sort();
    releases
}

#[tokio::test]
async fn this_release_has_left_what_later_ones_take_over() {
    let folder = Path::new(FOLDER).join(env!("CARGO_PKG_VERSION"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() && !folder.exists() {
        let participants = Participants::behaving(SERVES).await;
        let (dump, seen) = leave(&participants).await;
        let made = Folder::new();
        made.file("database.sql", &dump);
        made.file("seen.json", &serde_json::to_string_pretty(&seen).expect("plain data"));
        participants.keep(&made.0);
        fs::create_dir_all(FOLDER).expect("make the folder");
        let copied = Command::new("cp").arg("-r").arg(&made.0).arg(&folder).status().expect("cp");
        assert!(copied.success());
    }
    assert!(folder.exists(), "a release keeps what it leaves: UPDATE_GOLDEN=1 writes {folder:?}");
}

/// Whatever an order can rest in, one was left in.
#[test]
fn every_state_in_flight_was_left() {
    for (release, folder) in releases() {
        let seen: Seen = read(&folder.join("seen.json"));
        let of = |part: usize| -> BTreeSet<&str> { seen.left.iter().map(|left| left.at[part].as_str()).collect() };
        // An earlier release did not know what came after it.
        let is_this = release == env!("CARGO_PKG_VERSION");
        let rests = |part: usize, all: &[&'static str], passed: &[&str]| -> BTreeSet<&str> {
            all.iter().copied().filter(|word| !passed.contains(word) && (is_this || of(part).contains(word))).collect()
        };
        // The carrier's success completes an order, and its end is what ends its stock.
        let states: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
        assert_eq!(of(0), rests(0, &states, &["CANCELLED"]), "{release}");
        let payments: Vec<_> = PaymentStatus::ALL.iter().map(|status| status.as_str()).collect();
        assert_eq!(of(1), rests(1, &payments, &[]), "{release}");
        let shipments: Vec<_> = ShipmentStatus::ALL.iter().map(|status| status.as_str()).collect();
        assert_eq!(of(2), rests(2, &shipments, &[]), "{release}");
        let stocks: Vec<_> = Stock::ALL.iter().map(|stock| stock.as_str()).collect();
        assert_eq!(of(3), rests(3, &stocks, &["none", "rejected", "released"]), "{release}");
        assert!(seen.left.iter().any(|left| left.waits) && seen.left.iter().any(|left| left.refunds > 0), "{release}");
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    serde_json::from_str(&fs::read_to_string(path).expect("the file")).expect("what it holds")
}

#[tokio::test]
async fn what_a_release_left_is_taken_over() {
    for (release, folder) in releases() {
        let seen: Seen = read(&folder.join("seen.json"));
        let dump = fs::read_to_string(folder.join("database.sql")).expect("the database");
        let (database, later) = restored(&dump).await;
        assert_eq!(left(&database).await, seen.left, "{release}");
        let before = histories(&database).await;
        if release == env!("CARGO_PKG_VERSION") {
            let sql = "SELECT schema_version FROM deployment";
            let schema: i32 = database.client().await.query_one(sql, &[]).await.expect("the schema").get(0);
            assert_eq!(
                schema,
                counterfoil::store::schema::SCHEMA_VERSION,
                "what this release leaves is to be written anew"
            );
        }
        counterfoil::store::migrate::migrate(&mut database.client().await).await.expect("the migrations");

        let participants = Participants::of(&folder, later, SERVES).await;
        // A saga that orders of before do not have changes nothing of how they end.
        let site = Site::on(database, &participants.program.url, Setup { steps: STEPS, ..Setup::USUAL });
        let engine = site.engine().await;
        let client = engine.client();
        // An operator has the last word where one is waited for.
        site.until("SELECT count(*) = 2 FROM orders WHERE attention IS NOT NULL").await;
        operate(&client, "WAITING", "retry").await;
        operate(&client, "CONTRADICTED", "force-cancel").await;
        let holds =
            |id: &str, body: Value| Asked { key: Some(format!("later-{id}")), ..Asked::verb(id, "capture", body) };
        for id in ["AUTHORIZED", "AUTHORIZING", "AUTHORIZING-IN-EFFECT", "AUTHORIZING-LOST", "LOCAL-AUTHORIZED"] {
            site.until(&format!("SELECT state = 'PAYMENT_AUTHORIZED' FROM orders WHERE order_id = '{id}'")).await;
            let answer = holds(id, json!({"amount": 3998})).until_final(std::slice::from_ref(&client)).await;
            assert_eq!(answer.status, 201, "{release} {id}: {:?}", answer.body);
        }
        for told in &seen.told {
            let answer = told.asked().until_final(std::slice::from_ref(&client)).await;
            let what = format!("{release}: {} {}", told.path, told.body);
            match &told.answer {
                Some(answered) => assert_eq!((answer.status, text(&answer)), *answered, "{what}"),
                None => assert_eq!(answer.status, ends(told), "{what}: {:?}", answer.body),
            }
        }
        site.until("SELECT count(*) = 0 FROM order_work").await;
        let after = histories(&site.database).await;
        let kept: Vec<_> = after.iter().filter(|commit| before.contains(commit)).collect();
        assert_eq!(kept, before.iter().collect::<Vec<_>>(), "{release}: no history was written anew");
        for (id, told) in told_histories(&client, seen.histories.keys()).await {
            let before = &seen.histories[&id];
            assert_eq!(told[..before.len()], before[..], "{release} {id}: its history reads as it did");
        }
        site.judge(&participants).await;
    }
}

/// The status of what was under way when an earlier release left: who asked again is told how it ended.
fn ends(told: &Told) -> u16 {
    let id = told.body["order_id"].as_str().unwrap_or_default();
    match id {
        "RELEASING" | "RELEASING-IN-EFFECT" => 402,
        "REFUNDING" | "REFUNDING-IN-EFFECT" | "REFUNDED-RELEASING" => 500,
        "CONTRADICTED" => 409,
        "STEP-UNDOING" | "STEP-UNDOING-IN-EFFECT" => 500,
        "STEPS-REFUSED" => 409,
        _ if id.starts_with("CALLED-OFF-") || matches!(id, "WAITING" | "SKIPPED" | "FORCED") => 409,
        _ => 201, // verbs, too
    }
}
