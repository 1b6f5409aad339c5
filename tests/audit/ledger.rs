//! The ledger of remote participants, written by the real ones while a real engine drives orders of every kind: the
//! audit finds nothing in it, not even in the middle of a load, and every promise about it is shown to break by an edit
//! of a copy, or of a copy of the database.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil::cli::audit::{AuditArgs, AuditCommandError, run_to};
use counterfoil::client::Client;
use counterfoil::saga::{DeploymentId, OrderId};
use counterfoil::store::audit::{audit_with_ledgers, ledger::promise_names};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ALL: &[&str] = &["inventory", "payment", "shipment"];

/// A database and the ledger beside it. Nobody stays connected: both are copied.
struct Pair {
    database: TestDatabase,
    deployment: DeploymentId,
    lines: Vec<Value>,
}

/// An engine on a database with these participants elsewhere; it gives up a call after three attempts.
async fn serve(folder: &Folder, database: &TestDatabase, participants: &str, remote: &[&str]) -> Program {
    serve_along(folder, database, participants, remote, "").await
}

/// The same with steps of one's own.
async fn serve_along(
    folder: &Folder,
    database: &TestDatabase,
    participants: &str,
    remote: &[&str],
    steps: &str,
) -> Program {
    let mut config = format!(
        "database.url = \"{}\"\nfaults.enabled = true\nsaga.step_timeout_ms = 500\nengine.lease_ms = 2000\n\
         saga.retry = {{ first_ms = 10, factor = 1.0, max_ms = 10, attempts = 3 }}\n",
        database.url()
    );
    for role in remote {
        config += &format!(
            "[participants.{role}]\nkind = \"http\"\nurl = \"{participants}\"\nwebhook_secret = \"{SECRET}\"\n"
        );
    }
    config += steps;
    let program = Program::serve(folder, &config).await;
    program.until_ready().await;
    program
}

fn order(id: &str, payment_method: &str, postal_code: &str) -> Value {
    let mut order = body(id, "SKU-1");
    order["payment_method"] = payment_method.into();
    order["ship_to"]["postal_code"] = postal_code.into();
    order
}

fn manual(id: &str) -> Value {
    let mut order = order(id, "pm_ok", "1");
    order["capture"] = "manual".into();
    order
}

async fn submit(client: &Client, order: &Value, status: u16) {
    let answer = post(client, order, &[]).await;
    assert_eq!(answer.status, status, "{order}: {}", String::from_utf8_lossy(&answer.body));
}

async fn verb(client: &Client, path: &str, body: Value, status: u16) {
    let headers = [("content-type", "application/json"), ("idempotency-key", path)];
    let answer = send(client, "POST", path, &headers, body.to_string()).await.expect("an answer");
    assert_eq!(answer.status, status, "{path}: {}", String::from_utf8_lossy(&answer.body));
}

async fn state(client: &Client, id: &str) -> Value {
    client.get(&format!("/orders/{id}")).await.expect("an answer").json().expect("JSON")
}

/// Waits for a human: nobody says so, it is looked for.
async fn until_attention(client: &Client, id: &str) {
    until("it waits for a human", || async { !state(client, id).await["attention"].is_null() }).await;
}

/// Orders with payment and shipment elsewhere, of every kind.
async fn tell_paid_and_shipped(client: &Client) {
    for (id, method, postal_code, status) in [
        ("OK", "pm_ok", "1", 201),
        ("LOST", "pm_timeout_after_charge", "SHIP-TIMEOUT", 201),
        ("DECLINED", "pm_declined", "1", 402),
        ("NO-SHIP", "pm_ok", "SHIP-FAIL", 500),
        ("REFUNDED", "pm_ok", "1", 201),
    ] {
        submit(client, &order(id, method, postal_code), status).await;
    }
    // A client's word for what an operator does: it takes the order out of no comparison.
    let back = json!({"amount": 700, "reason": "order.skipped", "restock": []});
    verb(client, "/orders/REFUNDED/refunds", back, 201).await;
    for id in ["AUTHORIZED", "CAPTURED", "VOIDED"] {
        submit(client, &manual(id), 201).await;
    }
    verb(client, "/orders/CAPTURED/capture", json!({"amount": 1500}), 201).await;
    verb(client, "/orders/VOIDED/cancel", json!({}), 201).await;
    for id in ["BURIED", "FORCED", "ATTENTION", "SKIPPED"] {
        let answer = post(client, &order(id, "pm_unknown", "1"), &[("prefer", "wait=0")]).await;
        assert_eq!(answer.status, 202);
        until_attention(client, id).await;
    }
    verb(client, "/orders/BURIED/cancel", json!({}), 201).await;
    verb(client, "/operator/orders/FORCED/force-cancel", json!({"reason": "gone"}), 200).await;
    // For a charge that never was.
    verb(client, "/operator/orders/SKIPPED/skip", json!({"reason": "seen", "reference": "ch_1"}), 200).await;
    until("it is shipped", || async { state(client, "SKIPPED").await["state"] == "COMPLETED" }).await;
}

async fn told() -> Pair {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let participants = Program::participants(&folder, &["--stock", "4", "--step", "points", "--step", "hold"]).await;
    let url = &participants.url;
    {
        let local = serve(&folder, &database, url, &[]).await;
        let shelf = json!({"on_hand": 1_000}).to_string();
        send(&local.client(), "PUT", "/inventory/SKU-1", &[], shelf).await.expect("stock");
        submit(&local.client(), &order("LOCAL", "pm_ok", "1"), 201).await;
    }
    {
        let remote = serve(&folder, &database, url, &["payment", "shipment"]).await;
        tell_paid_and_shipped(&remote.client()).await;
    }
    {
        let remote = serve(&folder, &database, url, ALL).await;
        let mut too_much = order("SHORT", "pm_ok", "1");
        too_much["lines"][0]["quantity"] = 5.into();
        submit(&remote.client(), &order("WHOLE", "pm_ok", "1"), 201).await;
        submit(&remote.client(), &order("WHOLE-NO-SHIP", "pm_ok", "SHIP-FAIL"), 500).await;
        submit(&remote.client(), &too_much, 409).await;
    }
    {
        let step = format!("[[saga.steps]]\nname = \"points\"\nbefore = \"shipment\"\nundo = true\nurl = \"{url}\"\n");
        let remote = serve_along(&folder, &database, url, &["payment", "shipment"], &step).await;
        submit(&remote.client(), &order("STEP-OK", "pm_ok", "1"), 201).await;
        let client = remote.client();
        submit(&client, &order("STEP-BACK", "pm_ok", "SHIP-FAIL"), 500).await;
        // For points that never were taken, and for some that never were given back.
        let mut skipped = order("STEP-SKIPPED", "pm_ok", "1");
        skipped["metadata"] = json!({"points": "unknown"});
        for order in [skipped, order("STEP-FORCED", "pm_ok", "SHIP-ERROR-99")] {
            assert_eq!(post(&client, &order, &[("prefer", "wait=0")]).await.status, 202);
            until_attention(&client, order["order_id"].as_str().expect("an id")).await;
        }
        verb(&client, "/operator/orders/STEP-SKIPPED/skip", json!({"reason": "seen", "reference": "p_1"}), 200).await;
        verb(&client, "/operator/orders/STEP-FORCED/force-cancel", json!({"reason": "gone"}), 200).await;
        until("it is shipped", || async { state(&client, "STEP-SKIPPED").await["state"] == "COMPLETED" }).await;
    }
    {
        // It waits before anything is reserved.
        let step = format!("[[saga.steps]]\nname = \"hold\"\nbefore = \"inventory\"\nundo = true\nurl = \"{url}\"\n");
        let remote = serve_along(&folder, &database, url, ALL, &step).await;
        let mut waits = order("STEP-WAITS", "pm_ok", "1");
        waits["metadata"] = json!({"hold": "pending"});
        assert_eq!(post(&remote.client(), &waits, &[("prefer", "wait=0")]).await.status, 202);
        submit(&remote.client(), &order("STEP-FIRST", "pm_ok", "1"), 201).await;
    }
    drop(participants);
    let client = database.client().await;
    let row = client.query_one("SELECT deployment_id FROM deployment", &[]).await.expect("a deployment");
    let text = std::fs::read_to_string(folder.0.join("ledger.jsonl")).expect("read the ledger");
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    Pair { database, deployment: DeploymentId(row.get(0)), lines }
}

async fn healthy() -> &'static Pair {
    static HEALTHY: OnceCell<Pair> = OnceCell::const_new();
    HEALTHY.get_or_init(told).await
}

impl Pair {
    fn key(&self, order: &str, action: &str) -> Uuid {
        self.deployment.step_key(&OrderId::trusted(order), action, "")
    }

    fn at(&self, order: &str, action: &str) -> usize {
        let found = self.lines.iter().position(|line| line["order_id"] == order && line["action"] == action);
        found.unwrap_or_else(|| panic!("{order} has no {action}"))
    }

    fn line(&self, order: &str, action: &str) -> Value {
        self.lines[self.at(order, action)].clone()
    }

    /// The lines without one.
    fn without(&self, order: &str, action: &str) -> Vec<Value> {
        let mut lines = self.lines.clone();
        lines.remove(self.at(order, action));
        lines
    }

    /// The lines with one more.
    fn and(&self, line: Value) -> Vec<Value> {
        [self.lines.clone(), vec![line]].concat()
    }

    /// The lines with one changed.
    fn with(&self, order: &str, action: &str, field: &str, value: impl Into<Value>) -> Vec<Value> {
        let mut lines = self.lines.clone();
        lines[self.at(order, action)][field] = value.into();
        lines
    }

    /// The lines with one of an order put before another of its.
    fn early(&self, order: &str, early: &str, before: &str) -> Vec<Value> {
        let mut lines = self.without(order, early);
        let at = lines.iter().position(|line| line["order_id"] == order && line["action"] == before);
        lines.insert(at.expect("a line"), self.line(order, early));
        lines
    }

    /// An undo of the order's own step, under its key.
    fn undo_of_a_step(&self, order: &str) -> Value {
        let key = |action| self.deployment.step_key(&OrderId::trusted(order), action, "points");
        json!({"key": key("undo"), "order_id": order, "action": "undo", "undoes": key("run"), "at": "2026-01-02T03:04:05.678Z"})
    }

    /// A line under an order's own key.
    fn own(&self, order: &str, action: &str) -> Value {
        let key = self.key(order, action);
        json!({"key": key, "order_id": order, "action": action, "amount": 1999, "at": "2026-01-02T03:04:05.678Z"})
    }
}

fn file(folder: &Folder, lines: &[Value]) -> PathBuf {
    folder.file("ledger.jsonl", &lines.iter().map(|line| format!("{line}\n")).collect::<String>())
}

/// The promises about a ledger that do not hold, each with its offenders.
async fn broken(database: &TestDatabase, lines: &[Value]) -> Vec<(&'static str, Vec<String>)> {
    let folder = Folder::new();
    let ledgers = [file(&folder, lines)];
    let (report, notes) = audit_with_ledgers(&mut database.client().await, &ledgers).await.expect("audit");
    assert_eq!(notes, [""; 0]);
    let names: BTreeSet<_> = promise_names().collect();
    let broken = report.promises.into_iter().filter(|finding| !finding.holds && names.contains(finding.name));
    broken.map(|finding| (finding.name, finding.offenders)).collect()
}

#[tokio::test]
async fn what_the_participants_did_is_what_the_rows_say() {
    let pair = healthy().await;
    let folder = Folder::new();
    let path = file(&folder, &pair.lines);
    let database = pair.database.copy().await;
    let (report, _) =
        audit_with_ledgers(&mut database.client().await, std::slice::from_ref(&path)).await.expect("audit");
    let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).collect();
    assert!(report.ok && broken.is_empty(), "{broken:#?}");
    let names: BTreeSet<_> = promise_names().collect();
    let asked = report.promises.iter().filter(|finding| names.contains(finding.name));
    assert_eq!(asked.filter(|finding| finding.checked > 0).count(), names.len(), "every promise was asked");
}

/// A fraud check has a ledger of its own: that of the provider has no line of it, and does not miss any.
#[tokio::test]
async fn a_ledger_is_asked_for_the_steps_that_it_has_lines_of() {
    let pair = healthy().await;
    let folder = Folder::new();
    let others = |line: &&Value| line["action"] != "run" && line["action"] != "undo";
    let path = file(&folder, &pair.lines.iter().filter(others).cloned().collect::<Vec<_>>());
    let database = pair.database.copy().await;
    let (report, _) =
        audit_with_ledgers(&mut database.client().await, std::slice::from_ref(&path)).await.expect("audit");
    let steps = report.promises.iter().find(|finding| finding.name == "ledger_steps_agree").expect("it is asked");
    assert!(report.ok && steps.holds && steps.checked == 0, "{steps:?}");
}

/// Participants with a ledger each: what an order asks for stands in one of them, and which of two lines in different files came
/// first is not known.
#[tokio::test]
async fn several_ledgers_are_judged_as_one() {
    let pair = healthy().await;
    let database = pair.database.copy().await;
    let is_of_a_step = |line: &Value| line["action"] == "run" || line["action"] == "undo";
    let split = |lines: &[Value]| lines.iter().cloned().partition::<Vec<_>, _>(is_of_a_step);
    let judged = async |lines: &[Value]| {
        let (folders, (of_steps, others)) = ([Folder::new(), Folder::new()], split(lines));
        let ledgers = [file(&folders[0], &others), file(&folders[1], &of_steps)];
        let (report, _) = audit_with_ledgers(&mut database.client().await, &ledgers).await.expect("audit");
        let broken = report.promises.iter().filter(|finding| !finding.holds);
        let broken: Vec<_> = broken.map(|finding| (finding.name, finding.offenders.clone())).collect();
        (broken, report.promises.iter().map(|finding| finding.checked).collect::<Vec<_>>())
    };
    let one = Folder::new();
    let (whole, _) = audit_with_ledgers(&mut database.client().await, &[file(&one, &pair.lines)]).await.expect("audit");
    let asked = whole.promises.iter().map(|finding| finding.checked).collect::<Vec<_>>();
    assert_eq!(judged(&pair.lines).await, (vec![], asked), "as of one ledger");
    let (steps, shipped) = ("ledger_steps_agree", "ledger_shipped_exactly_once");
    for (lines, promise, offender) in [
        (pair.without("STEP-OK", "run"), steps, "STEP-OK"),
        (pair.and(pair.line("STEP-OK", "run")), steps, "STEP-OK"),
        (pair.without("OK", "ship"), shipped, "OK"),
    ] {
        assert_eq!(judged(&lines).await.0, [(promise, vec![offender.to_owned()])]);
    }
    // Done by two of them.
    let twice = [Folder::new(), Folder::new()];
    let ledgers = [file(&twice[0], &pair.lines), file(&twice[1], &[pair.line("OK", "charge")])];
    let (report, _) = audit_with_ledgers(&mut database.client().await, &ledgers).await.expect("audit");
    let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).map(|finding| finding.name).collect();
    assert_eq!(broken, ["ledger_charged_at_most_once"]);
    // In two files nothing comes first.
    assert_eq!(judged(&pair.early("STEP-OK", "ship", "run")).await.0, []);

    // The same, by the command.
    let folders = [Folder::new(), Folder::new()];
    let (of_steps, others) = split(&pair.lines);
    let paths = [file(&folders[0], &others), file(&folders[1], &of_steps)];
    let told = |paths: &[PathBuf]| {
        let mut command = Command::new(PROGRAM);
        command.args(["audit", "--database-url", &database.url()]);
        for path in paths {
            command.arg("--ledger").arg(path);
        }
        command.output().expect("run the audit")
    };
    let fine = told(&paths);
    assert!(fine.status.success(), "{}", String::from_utf8_lossy(&fine.stdout));
    assert_eq!(told(&paths[..1]).status.code(), Some(0), "whose ledger is not there is not asked of its steps");
    let same = told(&[paths[0].clone(), paths[0].clone()]);
    let said = String::from_utf8_lossy(&same.stderr).into_owned();
    assert!(!same.status.success() && said.contains("is given twice"), "{said}");
}

/// A clone is asked for none of what its original goes on to do, steps of one's own among it.
#[tokio::test]
async fn a_clone_leaves_the_steps_of_its_original_alone() {
    let pair = healthy().await;
    let (folder, copy) = (Folder::new(), pair.database.copy().await);
    let config = folder.file("adopt.toml", &format!("database.url = \"{}\"\n", copy.url()));
    let mut adopt = Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut adopt);
    let adopted = adopt.args(["adopt", "--as", "clone", "--config"]).arg(config).output().expect("run it");
    assert!(adopted.status.success(), "{}", String::from_utf8_lossy(&adopted.stderr));
    // Orders that the original got later: of one the clone knows nothing, of the other name it has one of its own.
    let line = |order: &str, action: &str, deployment: DeploymentId| {
        let key = |action| deployment.step_key(&OrderId::trusted(order), action, "points");
        let undoes = if action == "undo" { json!(key("run")) } else { Value::Null };
        json!({"key": key(action), "order_id": order, "action": action, "undoes": undoes, "at": "2026-01-02T03:04:05.678Z"})
    };
    let mut lines = pair.lines.clone();
    lines.extend([line("LATER", "run", pair.deployment), line("LATER", "undo", pair.deployment)]);
    assert_eq!(broken(&copy, &lines).await, []);
    // What bears the clone's own keys is its own to answer for.
    let row = copy.client().await.query_one("SELECT deployment_id FROM deployment", &[]).await.expect("a deployment");
    lines.push(line("GHOST", "run", DeploymentId(row.get(0))));
    assert_eq!(broken(&copy, &lines).await, [("ledger_nothing_without_an_order", vec!["GHOST".to_owned()])]);
}

/// The rows keep every promise, and nothing but a human's word stands behind some of them: the audit says whose.
#[tokio::test]
async fn what_operators_answered_for_is_told_with_what_the_ledger_says() {
    let pair = healthy().await;
    let folder = Folder::new();
    let path = file(&folder, &pair.lines);
    let database = pair.database.copy().await;
    let (report, _) =
        audit_with_ledgers(&mut database.client().await, std::slice::from_ref(&path)).await.expect("audit");
    assert_eq!((report.ok, report.vouched.orders), (true, 4));
    let told = report.vouched.words.iter().map(|word| {
        let by = word.by.as_deref().expect("the log tells who");
        assert!(word.at.is_some(), "{word:?}");
        (&*word.order_id, word.verb, word.call.as_deref(), by, word.reason.as_deref(), word.ledger.len())
    });
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [
            ("FORCED", "force-cancel", None, "anonymous", Some("gone"), 0),
            ("SKIPPED", "skip", Some("charge"), "anonymous", Some("seen"), 1),
            ("STEP-FORCED", "force-cancel", None, "anonymous", Some("gone"), 2),
            ("STEP-SKIPPED", "skip", Some("run"), "anonymous", Some("seen"), 1),
        ]
    );
    let words = &report.vouched.words;
    assert_eq!(words[2].ledger[1], "points was done and never undone, though the order is cancelled");
    assert_eq!(words[3].ledger[0], "no such step: the rows say that points was done, the ledger has none");
    let against = &report.vouched.words[1].ledger[0];
    assert!(against.starts_with("no such charge") && against.contains("1999"), "{against}");

    let args =
        AuditArgs { json: true, database_url: Some(database.url()), data_dir: None, config: None, ledger: vec![path] };
    let mut json = Vec::new();
    assert!(run_to(args.clone(), &mut json).await.expect("audit"), "a human's word breaks no promise");
    let json: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!((&json["vouched"]["orders"], &json["vouched"]["words"][1]["by"]), (&json!(4), &json!("anonymous")));
    assert_eq!(json["vouched"]["words"][1]["ledger"][0], json!(against));
    let mut table = Vec::new();
    assert!(run_to(AuditArgs { json: false, ..args }, &mut table).await.expect("audit"));
    let table = String::from_utf8(table).expect("text");
    let last = table.lines().last().expect("a line");
    assert!(last.starts_with("all ") && last.ends_with("; 4 orders are exempt by an operator's word"), "{last}");
    assert!(table.contains("the ledger: no such charge"), "{table}");
}

struct Corruption {
    breaks: &'static [&'static str],
    offender: &'static str,
    lines: Vec<Value>,
    sql: &'static str,
}

fn corruptions(pair: &Pair) -> Vec<Corruption> {
    let on = |breaks, offender, lines, sql| Corruption { breaks, offender, lines, sql };
    let ledger = |breaks, offender, lines| on(breaks, offender, lines, "");
    let rows = |breaks, offender, sql| on(breaks, offender, pair.lines.clone(), sql);
    let (keys, unasked) = (&["ledger_keys_are_ours"], &["ledger_nothing_without_an_order"]);
    let (once, refunds) = (&["ledger_charged_at_most_once"], &["ledger_refunds_never_exceed_charge"]);
    let (refund_rows, tombstones) = (&["ledger_refunds_have_their_rows"], &["ledger_tombstones_have_no_effect"]);
    let (money, stock) = (&["ledger_money_agrees"], &["ledger_stock_agrees"]);
    let (unpaid, shipped) = (&["ledger_nothing_shipped_unpaid"], &["ledger_shipped_exactly_once"]);
    let (whole, steps) = (&["ledger_cancelled_orders_made_whole"], &["ledger_steps_agree"]);
    let foreign = &["ledger_keys_are_ours", "ledger_refunds_have_their_rows"];
    let given_away = &["ledger_nothing_shipped_unpaid", "ledger_cancelled_orders_made_whole"];
    let mut late = pair.without("OK", "charge");
    late.push(pair.line("OK", "charge"));
    let mut out = pair.lines.clone();
    out.retain(|line| line["order_id"] != "NO-SHIP" || line["action"] == "charge");
    vec![
        ledger(keys, "OK", pair.with("OK", "charge", "key", Uuid::from_u128(1).to_string())),
        ledger(keys, "OK", pair.with("OK", "ship", "key", pair.key("LOST", "ship").to_string())),
        ledger(keys, "VOIDED", pair.with("VOIDED", "void", "undoes", pair.key("OK", "charge").to_string())),
        rows(foreign, "NO-SHIP", "UPDATE deployment SET deployment_id = gen_random_uuid()"),
        ledger(unasked, "GHOST", pair.and(pair.own("GHOST", "charge"))),
        ledger(unasked, "LOCAL", pair.and(pair.own("LOCAL", "charge"))),
        ledger(unasked, "SHORT", pair.and(pair.own("SHORT", "charge"))),
        rows(unasked, "OK", "DELETE FROM orders WHERE order_id = 'OK'"),
        ledger(once, "OK", pair.and(pair.line("OK", "charge"))),
        ledger(once, "OK", pair.with("OK", "charge", "amount", 2_000)),
        ledger(once, "AUTHORIZED", pair.and(pair.line("AUTHORIZED", "authorize"))),
        ledger(refunds, "NO-SHIP", pair.with("NO-SHIP", "refund", "amount", 2_000)),
        ledger(refund_rows, "REFUNDED", pair.without("REFUNDED", "refund")),
        ledger(refund_rows, "REFUNDED", pair.with("REFUNDED", "refund", "amount", 699)),
        ledger(refund_rows, "REFUNDED", pair.and(pair.line("REFUNDED", "refund"))),
        rows(refund_rows, "REFUNDED", "DELETE FROM refunds"),
        rows(refund_rows, "REFUNDED", "UPDATE refunds SET status = 'refused'"),
        ledger(tombstones, "BURIED", pair.and(pair.own("BURIED", "charge"))),
        ledger(money, "OK", pair.with("OK", "charge", "amount", 1_998)),
        ledger(money, "AUTHORIZED", pair.without("AUTHORIZED", "authorize")),
        rows(money, "OK", "UPDATE payments SET captured = captured - 1 WHERE order_id = 'OK'"),
        rows(money, "REFUNDED", "UPDATE payments SET refunded = refunded + 1 WHERE order_id = 'REFUNDED'"),
        ledger(stock, "WHOLE", pair.without("WHOLE", "reserve")),
        ledger(stock, "WHOLE", pair.and(pair.line("WHOLE", "reserve"))),
        ledger(unpaid, "OK", pair.without("OK", "charge")),
        ledger(unpaid, "OK", late),
        ledger(shipped, "OK", pair.without("OK", "ship")),
        ledger(shipped, "OK", pair.and(pair.line("OK", "ship"))),
        ledger(whole, "NO-SHIP", out),
        ledger(whole, "VOIDED", pair.without("VOIDED", "void")),
        ledger(whole, "WHOLE-NO-SHIP", pair.without("WHOLE-NO-SHIP", "release")),
        ledger(steps, "STEP-OK", pair.without("STEP-OK", "run")),
        ledger(steps, "STEP-OK", pair.and(pair.line("STEP-OK", "run"))),
        rows(
            steps,
            "STEP-OK",
            "UPDATE order_steps SET steps = replace(steps, 'done', 'refused') WHERE order_id = 'STEP-OK'",
        ),
        ledger(whole, "STEP-BACK", pair.without("STEP-BACK", "undo")),
        // Before its turn, and undone before its turn.
        ledger(unasked, "STEP-WAITS", pair.and(pair.own("STEP-WAITS", "reserve"))),
        ledger(unasked, "STEP-WAITS", pair.and(pair.own("STEP-WAITS", "charge"))),
        ledger(unasked, "STEP-WAITS", pair.and(pair.own("STEP-WAITS", "ship"))),
        ledger(steps, "STEP-FIRST", pair.early("STEP-FIRST", "reserve", "run")),
        ledger(steps, "STEP-OK", pair.early("STEP-OK", "ship", "run")),
        ledger(steps, "STEP-OK", pair.early("STEP-OK", "run", "charge")),
        ledger(steps, "STEP-BACK", pair.early("STEP-BACK", "refund", "undo")),
        ledger(keys, "OK", pair.and(pair.own("OK", "run"))),
        ledger(unasked, "STEP-OK", pair.and(pair.undo_of_a_step("STEP-OK"))),
        ledger(given_away, "NO-SHIP", pair.and(pair.own("NO-SHIP", "ship"))),
    ]
}

#[tokio::test]
async fn each_corruption_of_a_ledger_breaks_its_promise_and_is_named() {
    let pair = healthy().await;
    let (mut broke, mut failures) = (BTreeSet::new(), Vec::new());
    for (number, Corruption { breaks, offender, lines, sql }) in corruptions(pair).into_iter().enumerate() {
        let copy = pair.database.copy().await;
        copy.client().await.batch_execute(sql).await.expect("corrupt");
        let found = broken(&copy, &lines).await;
        let names: Vec<_> = found.iter().map(|(name, _)| *name).collect();
        if names != breaks {
            failures.push(format!("corruption {number} of {offender}: expected {breaks:?}, found {found:?}"));
            continue;
        }
        // A foreign name space makes offenders of all orders.
        let is_named = |(_, offenders): &(_, Vec<String>)| offenders.iter().any(|found| found == offender);
        assert!(found.iter().all(is_named), "corruption {number}: {found:?}");
        assert!(found[0].1.len() == 1 || sql.contains("deployment"), "corruption {number}: {found:?}");
        broke.extend(names);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(broke, promise_names().collect(), "every promise has a corruption");
}

#[tokio::test]
async fn the_command_reads_a_ledger() {
    let pair = healthy().await;
    let database = pair.database.copy().await;
    let folder = Folder::new();
    let path = file(&folder, &pair.lines);
    let args = |json| AuditArgs {
        json,
        database_url: Some(database.url()),
        data_dir: None,
        config: None,
        ledger: vec![path.clone()],
    };
    let whole = std::fs::read_to_string(&path).expect("read");
    std::fs::write(&path, format!("{whole}{{\"key\":\"6ba7")).expect("tear");
    let mut told = Vec::new();
    assert!(run_to(args(true), &mut told).await.expect("a torn last line is tolerated"));
    let told: Value = serde_json::from_slice(&told).expect("JSON");
    let promises = told["promises"].as_array().expect("promises");
    let last = promises.last().expect("a promise");
    assert_eq!((&last["name"], &last["holds"]), (&json!("ledger_cancelled_orders_made_whole"), &json!(true)));

    file(&folder, &pair.without("OK", "ship"));
    let mut told = Vec::new();
    assert!(!run_to(args(false), &mut told).await.expect("audit"));
    let told = String::from_utf8(told).expect("text");
    let row = told.lines().find(|line| line.starts_with("ledger_shipped_exactly_once")).expect("a row");
    assert!(row.contains("BROKEN") && row.ends_with("OK"), "{row}");

    std::fs::write(&path, format!("no line\n{whole}")).expect("write");
    let error = run_to(args(false), &mut Vec::new()).await.expect_err("a line that is none");
    let told = counterfoil::client::error_chain(&error);
    assert!(told.contains(&format!("{}:1: ", path.display())), "{told}");
    std::fs::remove_file(&path).expect("remove");
    let error = run_to(args(false), &mut Vec::new()).await.expect_err("no ledger");
    assert!(matches!(error, AuditCommandError::Audit(_)), "{error}");
}

/// What was read of the ledger ends somewhere in the middle of every order in flight.
#[tokio::test]
async fn a_live_system_can_be_audited() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let more = ["--rate-error", "0.05", "--rate-error-after", "0.05", "--rate-slow", "0.05", "--slow-ms", "100"];
    let participants = Program::participants(&folder, &more).await;
    let engine = serve(&folder, &database, &participants.url, ALL).await;
    let client = engine.client();
    let over = AtomicBool::new(false);
    let shopper = |shopper: usize| {
        let client = &client;
        async move {
            for n in 0..8 {
                let id = format!("LIVE-{shopper}-{n}");
                let postal_code = if (shopper + n).is_multiple_of(4) { "SHIP-FAIL" } else { "1" };
                let answer = post(client, &order(&id, "pm_ok", postal_code), &[]).await;
                if answer.status == 201 && n % 2 == 0 {
                    let path = format!("/orders/{id}/refunds");
                    let headers = [("content-type", "application/json"), ("idempotency-key", "back")];
                    let back = json!({"amount": 5, "reason": "late"}).to_string();
                    send(client, "POST", &path, &headers, back).await.expect("an answer");
                }
            }
        }
    };
    let load = async {
        join_all((0..24).map(shopper)).await;
        over.store(true, Ordering::Relaxed);
    };
    let audits = async {
        let mut audits = 0;
        while !over.load(Ordering::Relaxed) || audits < 2 {
            let mut client = database.client().await;
            let ledgers = [folder.0.join("ledger.jsonl")];
            let (report, _) = audit_with_ledgers(&mut client, &ledgers).await.expect("audit");
            let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).collect();
            assert!(report.ok, "audit {audits}: {broken:#?}");
            audits += 1;
        }
        audits
    };
    let ((), audits) = tokio::join!(load, audits);
    assert!(audits >= 2);
    let told = Command::new(PROGRAM)
        .args(["audit", "--database-url", &database.url(), "--ledger"])
        .arg(folder.0.join("ledger.jsonl"))
        .output()
        .expect("run the audit");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
}
