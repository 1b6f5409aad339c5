//! Promise: whoever consumes as the examples do is exact to the end: what `examples/consumers` keep equals what the database
//! says, though they are killed, and though events come again. Judged by the orders' rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::relay::{config, judge, outbox, place, serve, stock};
use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::kafka::{Broker, has_node, is_there, tools};
use crate::support::program::{Folder, send};
use crate::support::receiver::SECRET;
use crate::webhooks_out::{Shop, names};
use counterfoil_lab::process::spawn;
use rustix::process::Signal;

/// A consumer at work; it dies with the test.
struct Consumer(Child);

impl Drop for Consumer {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn python(folder: &Folder, topic: &str) -> Consumer {
    let mut command = Command::new(tools().join("python/bin/python"));
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/consumers/sales.py"))
        .args(["--brokers", &Broker::shared().brokers(), "--topic", topic, "--database"])
        .arg(folder.0.join("sales.db"))
        .stdout(Stdio::null());
    Consumer(spawn(command, Signal::KILL).expect("start python"))
}

/// What a consumer has: units by SKU, and how many orders it knows to be sold.
fn has(folder: &Folder) -> (BTreeMap<String, i64>, i64) {
    let ask = "import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
try:
    sales = dict(database.execute('SELECT sku, units FROM sales'))
    sold = database.execute('SELECT count(*) FROM orders WHERE completed_at IS NOT NULL').fetchone()[0]
except sqlite3.OperationalError:
    sales, sold = {}, 0
print(json.dumps([sales, sold]))";
    let told = Command::new("python3").args(["-c", ask]).arg(folder.0.join("sales.db")).output().expect("run python");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).expect("JSON")
}

async fn truth(session: &Client) -> (BTreeMap<String, i64>, i64) {
    let sql = "SELECT lines FROM orders WHERE state = 'COMPLETED'";
    let rows = session.query(sql, &[]).await.expect(sql);
    let mut units = BTreeMap::new();
    for row in &rows {
        let lines: Value = serde_json::from_str(row.get(0)).expect("lines");
        for line in lines.as_array().expect("an array") {
            let sku = line["sku"].as_str().expect("a SKU").to_owned();
            *units.entry(sku).or_default() += line["quantity"].as_i64().expect("a quantity");
        }
    }
    (units, i64::try_from(rows.len()).expect("few"))
}

#[tokio::test]
async fn a_consumer_in_python_is_exact_through_restarts_and_repeats() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let (folders, session) = ([Folder::new(), Folder::new()], database.client().await);
    let program = serve(&folders[0], &config(&database, &topic, "")).await;
    stock(&program).await;
    let mut consumer = python(&folders[1], &topic);
    for round in 0..3 {
        place(&[&program], &format!("R{round}"), 20).await;
        until("it has some of them", || async { has(&folders[1]).1 > 15 * round }).await;
        consumer.0.kill().expect("kill it");
        consumer = python(&folders[1], &topic);
    }
    let all = judge(&session, &topic).await.len();
    until("it has all of them", || async { has(&folders[1]) == truth(&session).await }).await;
    // All of it again, and something new behind it, by which it is known to have been read.
    outbox(&database, &["replay", "--sink", "bus", "--from", "beginning", "--reason", "for the test"]);
    until("all of it came again", || async { Broker::shared().read(&topic).await.len() >= 2 * all }).await;
    place(&[&program], "LAST", 5).await;
    until("it has the last ones", || async { has(&folders[1]).1 == truth(&session).await.1 }).await;
    assert_eq!(has(&folders[1]), truth(&session).await);
    assert!(consumer.0.try_wait().expect("look after it").is_none(), "it reads on");
}

/// Another history of an order: what the first one said from there on is taken back.
#[tokio::test]
async fn a_consumer_in_python_takes_back_what_a_lost_history_said() {
    if !is_there() {
        return;
    }
    let (topic, folder) = (Broker::shared().topics().await, Folder::new());
    let _consumer = python(&folder, &topic);
    let write = async |order: &str, kind: &str, epoch: u32, sequence: u32, data: Value| {
        let text = |number: u32| number.to_string();
        let headers = json!({"ce_type": format!("counterfoil.{kind}"), "ce_subject": order, "ce_epoch": text(epoch),
            "ce_sequence": text(sequence), "ce_id": format!("{order}/{sequence}")});
        let asked =
            json!({"do": "write", "topic": topic, "partition": 0, "key": order, "value": data, "headers": headers});
        Broker::shared().ask(asked).await;
    };
    let lines =
        json!({"lines": [{"sku": "S", "quantity": 2, "unit_price": 1}, {"sku": "S", "quantity": 1, "amount": 1}]});
    write("A", "order.created", 1, 1, lines.clone()).await;
    write("A", "order.completed", 1, 2, json!({})).await;
    until("it is sold", || async { has(&folder) == (BTreeMap::from([("S".to_owned(), 3)]), 1) }).await;
    write("A", "order.cancelled", 2, 2, json!({})).await;
    until("it is not", || async { has(&folder) == (BTreeMap::from([("S".to_owned(), 0)]), 0) }).await;
    // What is late of the first history, and what comes again, does not count.
    write("A", "order.completed", 1, 3, json!({})).await;
    write("B", "order.created", 1, 1, lines.clone()).await;
    write("B", "order.completed", 1, 2, json!({})).await;
    until("the other one is sold", || async { has(&folder).1 > 0 }).await;
    assert_eq!(has(&folder), (BTreeMap::from([("S".to_owned(), 3)]), 1));
    write("A", "order.completed", 2, 3, json!({})).await;
    write("B", "order.created", 1, 1, lines).await;
    until("both are sold", || async { has(&folder) == (BTreeMap::from([("S".to_owned(), 6)]), 2) }).await;
    // One whose beginning was not heard, and one of which something is missing, count once that has come.
    let one = || json!({"lines": [{"sku": "T", "quantity": 1, "unit_price": 1}]});
    write("C", "order.completed", 1, 3, json!({})).await;
    write("D", "order.created", 1, 1, one()).await;
    write("D", "order.completed", 1, 3, json!({})).await;
    write("E", "order.created", 1, 1, one()).await;
    write("E", "order.completed", 1, 2, json!({})).await;
    until("one is sold", || async { has(&folder).1 == 3 }).await;
    assert_eq!(has(&folder).0, BTreeMap::from([("S".to_owned(), 6), ("T".to_owned(), 1)]));
    for order in ["C", "D"] {
        write(order, "order.created", 1, 1, one()).await;
        write(order, "payment.charged", 1, 2, json!({"amount": 1})).await;
        write(order, "order.completed", 1, 3, json!({})).await;
    }
    until("all are sold", || async { has(&folder).1 == 5 }).await;
    assert_eq!(has(&folder).0, BTreeMap::from([("S".to_owned(), 6), ("T".to_owned(), 3)]));
}

/// `sales.ts`, compiled, listening there.
fn typescript(folder: &Folder, port: u16) -> Consumer {
    let made = folder.0.join("made");
    let modules = folder.0.join("node_modules");
    if !made.exists() {
        std::os::unix::fs::symlink(tools().join("node/node_modules"), &modules).expect("link the modules");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/consumers/sales.ts");
        std::fs::copy(source, folder.0.join("sales.ts")).expect("copy the example");
        let told = Command::new(modules.join(".bin/tsc"))
            .args([
                "--target", "es2022", "--module", "nodenext", "--types", "node", "--strict", "--outDir", "made",
                "sales.ts",
            ])
            .current_dir(&folder.0)
            .output()
            .expect("run tsc");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    }
    let mut command = Command::new("node");
    command
        .arg(made.join("sales.js"))
        .arg(port.to_string())
        .arg(folder.0.join("sales.jsonl"))
        .env("SECRET", SECRET)
        .stdout(Stdio::null());
    Consumer(spawn(command, Signal::KILL).expect("start node"))
}

/// What it tells; nothing while it is away.
async fn tells(port: u16) -> Option<(BTreeMap<String, i64>, i64)> {
    let client = counterfoil::client::Client::anonymous(&format!("http://127.0.0.1:{port}")).expect("a client");
    let answer = client.get("/sales").await.ok()?;
    serde_json::from_slice(&answer.body).ok()
}

#[tokio::test]
async fn a_consumer_in_typescript_is_exact_through_restarts_and_repeats() {
    if !has_node() {
        return;
    }
    let port = counterfoil_lab::process::free_port().expect("a free port");
    let more = format!(
        "[[outbox.sinks]]\nname = \"crm\"\nkind = \"webhook\"\nendpoint = \"http://127.0.0.1:{port}/\"\nsecret = \"{SECRET}\"\n"
    );
    let shop = Shop::new(&more).await;
    let (engine, folder, session) = (shop.engine().await, Folder::new(), shop.database.client().await);
    let mut consumer = typescript(&folder, port);
    for round in 0..3_i64 {
        engine.place(&names(&format!("R{round}"), 20)).await;
        until("it has some of them", || async { tells(port).await.is_some_and(|(_, sold)| sold > 15 * round) }).await;
        consumer.0.kill().expect("kill it");
        consumer = typescript(&folder, port);
    }
    until("it has all of them", || async { tells(port).await == Some(truth(&session).await) }).await;
    // What is not signed is nothing to it.
    let forged = json!({"type": "counterfoil.order.created", "subject": "X", "sequence": "1", "epoch": 1, "data": {}});
    let client = counterfoil::client::Client::anonymous(&format!("http://127.0.0.1:{port}")).expect("a client");
    let answer = send(&client, "POST", "/", &[("content-type", "application/json")], forged.to_string()).await;
    assert_eq!(answer.expect("an answer").status, 401);
    // All of it again, and something new behind it.
    engine.done("POST", "/operator/webhooks/crm/replay", json!({"from": "beginning", "reason": "for the test"})).await;
    engine.place(&names("LAST", 5)).await;
    until("it has the last ones", || async { tells(port).await.is_some_and(|told| told.1 == 65) }).await;
    assert_eq!(tells(port).await, Some(truth(&session).await));
}
