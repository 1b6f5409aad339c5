//! Promise: every event reaches every endpoint, signed, and those of an order come first in their order; whatever fails,
//! dies or is changed meanwhile. Judged by the receivers' own ledgers, and the rows of events.

mod guards;
mod operators;
mod owed;
mod places;
mod said;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use counterfoil::store::audit;
use serde_json::{Value, json};

use crate::described::judged;
use crate::support::certificates::Ca;
use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::kafka::has_python;
use crate::support::leases::{end_leases, set_leases};
use crate::support::program::{Folder, Program, body, post, send};
use crate::support::receiver::{Answer, Got, OTHER_SECRET, Receiver, SECRET, Signed, verified};

/// A database, and engines on it that deliver webhooks.
pub struct Shop {
    pub database: TestDatabase,
    /// What stands in the configuration of each engine.
    pub config: String,
}

/// An engine and the folder that it lives in.
pub struct Engine {
    pub program: Program,
    folder: Folder,
}

impl Engine {
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.0.join("serve.log")).unwrap_or_default()
    }

    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let headers = [("content-type", "application/json")];
        let sent = if body.is_null() { String::new() } else { body.to_string() };
        let answer = send(&self.program.client(), method, path, &headers, sent).await.expect("an answer");
        (answer.status, answer.json().unwrap_or_default())
    }

    pub async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, path, &body).await;
        assert!(status < 300, "{method} {path}: {status} {answer}");
        answer
    }

    /// One that is configured is there a moment after its engine.
    pub async fn webhook(&self, name: &str) -> Value {
        let path = format!("/operator/webhooks/{name}");
        until("the endpoint is there", || async { self.ask("GET", &path, &Value::Null).await.0 != 404 }).await;
        self.done("GET", &path, Value::Null).await
    }

    /// The value of a sink's metric.
    pub async fn metric(&self, name: &str, sink: &str) -> Option<f64> {
        let answer = self.program.client().get("/metrics").await.expect("the metrics");
        let text = String::from_utf8(answer.body.to_vec()).expect("text");
        let head = format!("{name}{{sink=\"{sink}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(&head)?.parse().ok())
    }

    pub async fn place(&self, ids: &[String]) {
        let client = self.program.client();
        for id in ids {
            assert_eq!(post(&client, &body(id, "S"), &[]).await.status, 201, "{id}");
        }
    }
}

pub fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}-{n}")).collect()
}

impl Shop {
    /// Retries come soon, and so many that nothing is given up; what is private is posted to.
    pub async fn new(more: &str) -> Self {
        Self::retrying(&[200; 20], more).await
    }

    /// With these pauses between tries.
    pub async fn retrying(pauses_ms: &[u64], more: &str) -> Self {
        let config =
            format!("[outbox.webhooks]\nallow_private = true\nmax_in_flight = 8\nretry_ms = {pauses_ms:?}\n{more}");
        Self::configured(&config).await
    }

    pub async fn configured(more: &str) -> Self {
        let database = TestDatabase::new().await;
        let sql = "INSERT INTO inventory (sku, on_hand) VALUES ('S', 1000000);
            INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('S', 1000000, 'laid in', 'test')";
        database.client().await.batch_execute(sql).await.expect("lay in stock");
        let config = format!(
            "database.url = \"{}\"\nfaults.enabled = true\nengine.shards = 2\nengine.lease_ms = 2000\n\
             saga.step_timeout_ms = 1000\n{more}",
            database.url()
        );
        Self { database, config }
    }

    pub async fn engine(&self) -> Engine {
        let folder = Folder::new();
        let program = Program::serve(&folder, &self.config).await;
        program.until_ready().await;
        Engine { program, folder }
    }

    /// All events that there are: of each order its versions.
    pub async fn events(&self) -> BTreeMap<String, Vec<i64>> {
        let sql = "SELECT order_id, first_version + n - 1
            FROM order_events, json_array_elements(events::json) WITH ORDINALITY AS e (event, n) ORDER BY 1, 2";
        let mut all: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for row in self.database.client().await.query(sql, &[]).await.expect(sql) {
            all.entry(row.get(0)).or_default().push(row.get(1));
        }
        all
    }

    /// Others are placed until the one event that is refused is set aside.
    pub async fn until_set_aside(&self, engine: &Engine) {
        let others = std::cell::Cell::new(0);
        until("it is set aside", || async {
            others.set(others.get() + 1);
            engine.place(&[format!("O-{}", others.get())]).await;
            self.number("SELECT count(*) FROM webhook_set_aside").await == 1
        })
        .await;
    }

    pub async fn number(&self, sql: &str) -> i64 {
        self.database.client().await.query_one(sql, &[]).await.expect(sql).get(0)
    }

    /// Waits until a receiver has all events, each order's first in order.
    pub async fn until_all_at(&self, receiver: &Receiver) {
        let all = self.events().await;
        until("every event has arrived", || async { receiver.firsts() == all }).await;
    }

    pub async fn audit(&self) {
        let report = audit::audit(&mut self.database.client().await).await.expect("audit");
        assert!(report.ok, "{report:#?}");
    }
}

pub fn sink(name: &str, receiver: &Receiver, more: &str) -> String {
    format!(
        "[[outbox.sinks]]\nname = \"{name}\"\nkind = \"webhook\"\nendpoint = \"{}/{name}\"\nsecret = \"{SECRET}\"\n{more}\n",
        receiver.url
    )
}

#[tokio::test]
async fn every_event_arrives_signed_and_those_of_an_order_in_order() {
    let folder = Folder::new();
    let ca = Ca::new("the receivers' CA");
    let receiver = Receiver::behind(&ca.pair(&folder, "receiver", &["localhost"])).await;
    let requests = AtomicUsize::new(0);
    // Now and then it fails, and now and then its answer is lost.
    receiver.answers(move |_| match requests.fetch_add(1, Ordering::SeqCst) % 7 {
        3 => Answer::Status(500),
        5 => Answer::Lost,
        _ => Answer::Status(200),
    });
    let file = ca.file(&folder, "ca.pem");
    let shop = Shop::new(&format!("ca = {:?}\n{}", file.display().to_string(), sink("crm", &receiver, ""))).await;
    let engine = shop.engine().await;
    let placed = names("O", 64);
    let halves = placed.split_at(32);
    tokio::join!(engine.place(halves.0), engine.place(halves.1));
    shop.until_all_at(&receiver).await;
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for got in receiver.got() {
        assert_eq!(got.signed_by, [SECRET], "{got:?}");
        assert_eq!(
            (got.path.as_str(), got.content_type.as_str()),
            ("/crm", "application/cloudevents+json; charset=utf-8")
        );
        let id = got.event["id"].as_str().expect("an id").to_owned();
        assert_eq!(id, format!("{}/{}", got.order(), got.version()));
        let name = format!("{}/{id}", got.event["source"].as_str().expect("a source"));
        let expected = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()).to_string();
        assert_eq!(got.webhook_id, expected, "the same in every repeat");
        ids.insert(id, got.webhook_id);
    }
    assert_eq!(ids.len(), shop.events().await.values().map(Vec::len).sum::<usize>());
    until("nothing is left to be done", || async {
        shop.number("SELECT count(*) FROM webhook_waiting").await == 0
            && engine.metric("counterfoil_outbox_lag_events", "crm").await == Some(0.0)
    })
    .await;
    assert_eq!(shop.number("SELECT count(*) FROM webhook_set_aside").await, 0);
    assert!(engine.metric("counterfoil_outbox_published_total", "crm").await >= Some(ids.len() as f64));
    shop.audit().await;
}

/// A lane is an order: it has one delivery under way, whatever it has to say; all of them have so many.
#[tokio::test]
async fn deliveries_under_way_are_bounded() {
    let receiver = Receiver::new().await;
    let (open, gate) = tokio::sync::watch::channel(false);
    receiver.answers(move |_| Answer::Behind(gate.clone()));
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&names("O", 20)).await;
    until("as many are under way as may be", || async { receiver.under_way() == 8 }).await;
    assert!(receiver.got().is_empty());
    open.send_replace(true);
    shop.until_all_at(&receiver).await;
    assert_eq!(receiver.most_under_way(), 8);
    assert_eq!(receiver.most_of_one_order(), 1);
}

#[tokio::test]
async fn an_endpoint_that_is_down_keeps_its_cursor_and_goes_on_by_itself() {
    let receiver = Receiver::new().await;
    receiver.answers_all(503);
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&names("O", 40)).await;
    until("it is seen how far it is behind", || async {
        engine.metric("counterfoil_outbox_lag_events", "crm").await > Some(100.0)
            && engine.metric("counterfoil_outbox_lag_seconds", "crm").await > Some(0.0)
    })
    .await;
    // It is tried again and again, and that is held against no event.
    let tries = receiver.got().len();
    until("it is tried again", || async { receiver.got().len() >= tries + 4 }).await;
    assert!(shop.number("SELECT count(*) FROM webhook_waiting").await < 13, "its cursor stays");
    assert_eq!(shop.number("SELECT count(*) FROM webhook_set_aside").await, 0);
    let shown = engine.webhook("crm").await;
    assert_eq!((&shown["state"], shown["last_success_at"].is_null()), (&json!("active"), true));
    receiver.answers_all(200);
    shop.until_all_at(&receiver).await;
    until("it has caught up", || async { engine.metric("counterfoil_outbox_lag_events", "crm").await == Some(0.0) })
        .await;
    assert_eq!(shop.number("SELECT count(*) FROM webhook_set_aside").await, 0);
}

#[tokio::test]
async fn who_answers_410_hears_no_more_until_a_human_resumes_it() {
    let receiver = Receiver::new().await;
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&names("A", 2)).await;
    shop.until_all_at(&receiver).await;
    receiver.answers_all(410);
    engine.place(&names("B", 3)).await;
    until("it is disabled", || async { engine.webhook("crm").await["state"] == "disabled" }).await;
    let reason = engine.webhook("crm").await["state_reason"].to_string();
    assert!(reason.contains("410"), "{reason}");
    until("an alert can see it", || async { engine.metric("counterfoil_outbox_stopped", "crm").await == Some(1.0) })
        .await;
    let heard = receiver.got().len();
    engine.place(&names("C", 3)).await;
    until("it is behind", || async { engine.metric("counterfoil_outbox_lag_events", "crm").await > Some(10.0) }).await;
    assert_eq!(receiver.got().len(), heard);
    receiver.answers_all(200);
    engine.done("POST", "/operator/webhooks/crm/resume", json!({ "reason": "it is back" })).await;
    shop.until_all_at(&receiver).await;
}

#[tokio::test]
async fn a_secret_changes_under_two_signatures() {
    let receiver = Receiver::new().await;
    receiver.knows(&[SECRET, OTHER_SECRET]);
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    let add = json!({ "name": "crm", "url": receiver.url, "secret": SECRET, "from": "beginning" });
    let added = engine.done("POST", "/operator/webhooks", add).await;
    assert!(added.get("secret").is_none() && !added.to_string().contains(&SECRET[10..]), "{added}");
    engine.place(&names("A", 1)).await;
    shop.until_all_at(&receiver).await;
    let heard = receiver.got().len();
    assert!(receiver.got().iter().all(|got| got.signed_by == [SECRET]));
    let change = json!({ "secret": OTHER_SECRET, "reason": "it was seen" });
    let changed = engine.done("PATCH", "/operator/webhooks/crm", change).await;
    assert_eq!(changed["secrets"], 2);
    engine.place(&names("B", 1)).await;
    shop.until_all_at(&receiver).await;
    let after = receiver.got().split_off(heard);
    assert!(after.iter().all(|got| got.signed_by == [SECRET, OTHER_SECRET]), "{after:?}");
    // A day later the old one is none any more.
    let sql = "UPDATE webhook_endpoints SET secrets_until = secrets_until - interval '25 hours'";
    shop.database.client().await.batch_execute(sql).await.expect(sql);
    let heard = receiver.got().len();
    engine.place(&names("C", 1)).await;
    shop.until_all_at(&receiver).await;
    let after = receiver.got().split_off(heard);
    assert!(after.iter().all(|got| got.signed_by == [OTHER_SECRET]), "{after:?}");
}

/// The receiver of these tests was written by who wrote the sender.
#[tokio::test]
async fn what_is_posted_is_signed_in_the_eyes_of_a_library_that_is_not_ours() {
    if !has_python() {
        return;
    }
    let receiver = Receiver::new().await;
    receiver.knows(&[SECRET, OTHER_SECRET]);
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    let add = json!({ "name": "crm", "url": receiver.url, "secret": SECRET, "from": "beginning" });
    engine.done("POST", "/operator/webhooks", add).await;
    engine.place(&names("A", 1)).await;
    shop.until_all_at(&receiver).await;
    let one = receiver.got().len();
    let change = json!({ "secret": OTHER_SECRET, "reason": "it was seen" });
    engine.done("PATCH", "/operator/webhooks/crm", change).await;
    engine.place(&names("B", 1)).await;
    shop.until_all_at(&receiver).await;
    let signed: Vec<_> = receiver.got().into_iter().map(|got| got.signed).collect();
    let by = verified(&signed, &[SECRET, OTHER_SECRET]);
    assert!(one > 0 && by.len() > one);
    assert!(by[..one].iter().all(|one| one == &[SECRET]), "{by:?}");
    assert!(by[one..].iter().all(|one| one == &[SECRET, OTHER_SECRET]), "{by:?}");
    let changed: Vec<_> = signed.into_iter().map(|one| Signed { body: one.body + " ", ..one }).collect();
    assert!(verified(&changed, &[SECRET, OTHER_SECRET]).iter().all(Vec::is_empty), "nothing but what was signed");
    let told = |got: &Got| {
        let mut signature = json!(got.signed.headers);
        signature["content-type"] = json!(got.content_type);
        let event = &got.event;
        [("Event", event), ("Signature", &signature), (event["type"].as_str().expect("a type"), &event["data"])]
            .map(|(kind, data)| json!({"type": kind, "data": data}))
    };
    let told: Vec<_> = receiver.got().iter().flat_map(told).collect();
    assert_eq!(judged(&told), Vec::<String>::new(), "what is posted is as the document says");
}

/// As kill -9, again and again, in the middle of deliveries of which some fail and some answers are lost.
#[tokio::test]
async fn an_engine_that_is_killed_loses_nothing() {
    let receiver = Receiver::new().await;
    let requests = AtomicUsize::new(0);
    receiver.answers(move |_| match requests.fetch_add(1, Ordering::SeqCst) % 11 {
        2 => Answer::Status(500),
        6 => Answer::Lost,
        _ => Answer::Status(200),
    });
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    for round in 0..4 {
        let mut engine = shop.engine().await;
        let heard = receiver.got().len();
        engine.place(&names(&format!("R{round}"), 30)).await;
        until("it delivers", || async { receiver.got().len() > heard + 20 }).await;
        engine.program.kill();
    }
    let _engine = shop.engine().await;
    shop.until_all_at(&receiver).await;
    until("nothing is left to be done", || async { shop.number("SELECT count(*) FROM webhook_waiting").await == 0 })
        .await;
    assert_eq!(shop.number("SELECT count(*) FROM webhook_set_aside").await, 0);
    shop.audit().await;
}

#[tokio::test]
async fn of_two_engines_one_delivers_and_the_other_takes_over() {
    let receiver = Receiver::new().await;
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let (first, second) = tokio::join!(shop.engine(), shop.engine());
    until("somebody delivers", || async {
        shop.number("SELECT count(*) FROM outbox_leases WHERE until > now()").await == 1
    })
    .await;
    first.place(&names("A", 20)).await;
    shop.until_all_at(&receiver).await;
    let unique: std::collections::BTreeSet<_> = receiver.got().iter().map(|got| got.webhook_id.clone()).collect();
    assert_eq!(unique.len(), receiver.got().len(), "nobody else delivers");
    let (one, two) = tokio::join!(
        first.metric("counterfoil_outbox_publishing", "crm"),
        second.metric("counterfoil_outbox_publishing", "crm")
    );
    let (mut holder, other) = if one == Some(1.0) { (first, second) } else { (second, first) };
    assert_eq!(one.unwrap_or_default() + two.unwrap_or_default(), 1.0);
    let generation = shop.number("SELECT generation FROM outbox_leases").await;
    holder.program.kill();
    other.place(&names("B", 20)).await;
    shop.until_all_at(&receiver).await;
    assert!(shop.number("SELECT generation FROM outbox_leases").await > generation);
    // Who ends in order leaves it to the next one at once.
    let third = shop.engine().await;
    let mut other = other;
    assert_eq!(other.program.terminate().await, Some(0));
    third.place(&names("C", 5)).await;
    shop.until_all_at(&receiver).await;
}

/// An engine that sleeps while another one takes over writes nothing when it wakes: its generation is over.
#[tokio::test]
async fn who_lost_the_lease_writes_nothing() {
    let receiver = Receiver::new().await;
    let (open, gate) = tokio::sync::watch::channel(false);
    receiver.answers(move |_| Answer::Behind(gate.clone()));
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&names("A", 1)).await;
    until("a delivery is under way", || async { receiver.under_way() > 0 }).await;
    // Somebody else takes the lease; the one under way ends in vain later.
    let taken =
        "holder = gen_random_uuid(), generation = generation + 1, until = clock_timestamp() + interval '1 hour'";
    let rows = shop.database.client().await;
    set_leases(&rows, taken, "true").await;
    until("it is noticed", || async { engine.metric("counterfoil_outbox_publishing", "crm").await == Some(0.0) }).await;
    let position: String =
        rows.query_one("SELECT position FROM webhook_endpoints", &[]).await.expect("a position").get(0);
    assert_eq!(shop.number("SELECT count(*) FROM webhook_waiting").await, 0, "nothing was written by who lost it");
    open.send_replace(true);
    end_leases(&rows).await;
    shop.until_all_at(&receiver).await;
    until("it is written by who has it", || async {
        let now: String = rows.query_one("SELECT position FROM webhook_endpoints", &[]).await.expect("it").get(0);
        now != position
    })
    .await;
}
