//! A service of a shop's own step that lies, forgets, or talks nonsense. What it says is believed where it is an outcome, and
//! never more: nobody is charged, told or shipped anything on a word that is about something else, and what it did behind its
//! word is named by the audit. The service is a process of its own, behind somebody who bends its answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use counterfoil::client::Client;
use counterfoil::store::audit::audit_with_ledgers;
use hyper::Method;
use serde_json::{Value, json};

use super::{body, operate, shown, with};
use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::program::Folder;

const STEPS: &[&str] = &["name = \"fraud\"\nbefore = \"payment\"", super::POINTS];
const SERVES: &[&str] = &["--step", "fraud", "--step", "points"];

/// What becomes of what is said of an order's call.
#[derive(Clone)]
enum Lie {
    /// It is done, and told with a field changed.
    Tells(&'static str, Value),
    /// It never comes to the service, and is answered so.
    Says(u16, &'static str),
    /// It is done, and answered so.
    DoesAndSays(u16, &'static str),
}

/// Lies by order and call: `run`, `undo`, or `operations`, which is the list that is looked at.
type Lies = Arc<Mutex<HashMap<(String, String), Lie>>>;

/// In front of a service of steps and of the built-in participants.
struct Liar {
    url: String,
    lies: Lies,
    handle: ServerHandle,
}

#[derive(Clone)]
struct Shared {
    lies: Lies,
    steps: Client,
    others: Client,
}

impl Liar {
    fn before(steps: &Participants, others: &Participants) -> Self {
        let client = |participants: &Participants| Client::anonymous(&participants.program.url).expect("a URL");
        let lies = Lies::default();
        let shared = Shared { lies: Arc::clone(&lies), steps: client(steps), others: client(others) };
        let (started, is_started) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = move || App::new().app_data(Data::new(shared.clone())).default_service(web::to(pass));
                let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(0);
                let server = server.bind("127.0.0.1:0").expect("a free port");
                let address = server.addrs()[0];
                let server = server.run();
                started.send((address, server.handle())).expect("the test waits");
                server.await.expect("it runs");
            });
        });
        let (address, handle) = is_started.recv().expect("it starts");
        Self { url: format!("http://{address}"), lies, handle }
    }

    fn lie(&self, order_id: &str, call: &str, lie: Lie) {
        let mut lies = self.lies.lock().unwrap_or_else(PoisonError::into_inner);
        lies.insert((order_id.to_owned(), call.to_owned()), lie);
    }

    /// From now on it says what is so.
    fn is_honest(&self) {
        self.lies.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn pass(req: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let action = req.path().trim_start_matches('/').to_owned();
    let told: Value = serde_json::from_slice(&body).unwrap_or_default();
    // What is looked at has the order in its path.
    let looked_at = action.strip_prefix("operations/");
    let order_id = told["order_id"].as_str().or(looked_at).unwrap_or_default().to_owned();
    let call = if looked_at.is_some() { "operations" } else { action.as_str() };
    let lie = shared.lies.lock().unwrap_or_else(PoisonError::into_inner).get(&(order_id, call.to_owned())).cloned();
    let answer = |status: u16, body: Bytes| {
        let status = StatusCode::from_u16(status).expect("a status");
        HttpResponse::build(status).content_type("application/json").body(body)
    };
    if let Some(Lie::Says(status, said)) = lie {
        return answer(status, said.into());
    }
    let key = req.headers().get("idempotency-key").and_then(|key| key.to_str().ok());
    let headers: Vec<_> = key.iter().map(|key| ("idempotency-key", *key)).collect();
    let method = Method::from_bytes(req.method().as_str().as_bytes()).expect("a method");
    let sent = (!body.is_empty()).then(|| body.clone());
    // Of both there is a list; a step is in that of its service.
    let of_steps = matches!(call, "run" | "undo" | "operations");
    let to = if of_steps { &shared.steps } else { &shared.others };
    let Ok(mut told) = to.request(method.clone(), req.path(), &headers, sent).await else {
        return answer(502, "{}".into());
    };
    if call == "operations" {
        let others = shared.others.request(method, req.path(), &headers, None).await;
        let Ok(others) = others else { return answer(502, "{}".into()) };
        let (mut all, more): (Value, Value) = (body_of(&told.body), body_of(&others.body));
        if let (Some(all), Some(more)) = (all["operations"].as_array_mut(), more["operations"].as_array()) {
            all.extend(more.iter().cloned());
        }
        told.body = all.to_string().into();
    }
    match lie {
        Some(Lie::Tells(field, value)) => {
            let mut said = body_of(&told.body);
            said[field] = value;
            answer(told.status, said.to_string().into())
        }
        Some(Lie::DoesAndSays(status, said)) => answer(status, said.into()),
        Some(Lie::Says(..)) | None => answer(told.status, told.body),
    }
}

fn body_of(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// Built-in participants and a service of steps, a ledger each, and an engine that reaches both through the liar.
struct Scene {
    others: Participants,
    steps: Participants,
    liar: Liar,
    site: Site,
    engine: Engine,
}

impl Scene {
    async fn new() -> Self {
        let (others, steps) = (Participants::start().await, Participants::behaving(SERVES).await);
        let liar = Liar::before(&steps, &others);
        let site = Site::new(&liar.url, Setup { steps: STEPS, attempts: 3, ..Setup::USUAL }).await;
        let engine = site.engine().await;
        Self { others, steps, liar, site, engine }
    }

    async fn submitted(&self, id: &str, said: Value) -> Asked {
        let asked = Asked::submit(with(id, said));
        assert_eq!(asked.clone().async_().send(&self.engine.client()).await.status, 202, "{id}");
        asked
    }

    /// Waits for a human, and says why.
    async fn waits(&self, id: &str) -> Value {
        self.site.until(&format!("SELECT attention IS NOT NULL FROM orders WHERE order_id = '{id}'")).await;
        shown(&self.engine.client(), id).await
    }

    async fn retry(&self, id: &str) {
        operate(&self.engine.client(), id, "retry", json!({"reason": "it is mended"})).await;
    }

    async fn end(&self, asked: &Asked) -> (u16, Value) {
        let answer = asked.until_final(&[self.engine.client()]).await;
        (answer.status, body(&answer))
    }

    /// The promises that rows and both ledgers break, with who breaks them.
    async fn broken(&self) -> Vec<(&'static str, Vec<String>)> {
        let ledgers = [self.others.ledger_file(), self.steps.ledger_file()];
        let (report, _) = audit_with_ledgers(&mut self.site.database.client().await, &ledgers).await.expect("audit");
        let broken = report.promises.into_iter().filter(|finding| !finding.holds);
        broken.map(|finding| (finding.name, finding.offenders)).collect()
    }

    fn moved(&self, id: &str) -> (usize, usize, usize) {
        (self.steps.effects(id, "run"), self.others.effects(id, "charge"), self.others.effects(id, "ship"))
    }
}

/// It answers of another order: no outcome, and nothing follows from it but that a human is asked.
#[tokio::test]
async fn what_is_about_another_order_is_no_outcome() {
    let scene = Scene::new().await;
    let client = scene.engine.client();
    for id in ["FOREIGN", "REUSED"] {
        scene.liar.lie(
            id,
            "run",
            match id {
                "FOREIGN" => Lie::Tells("order_id", "SOMEBODY-ELSES".into()),
                _ => Lie::Says(409, r#"{"code": "key_reused", "reason": "key_reused"}"#),
            },
        );
        let asked = scene.submitted(id, json!({})).await;
        let waits = scene.waits(id).await;
        assert_eq!(
            (&waits["attention"]["contradicted"], &waits["state"]),
            (&json!(true), &json!("INVENTORY_RESERVED"))
        );
        assert_eq!((scene.moved(id).1, scene.moved(id).2), (0, 0), "nobody paid for it");
        // Neither its owner nor a repeat moves it.
        let late = Asked::verb(id, "cancel", json!({})).send(&client).await;
        assert_eq!((late.status, late.problem_code().as_deref()), (409, Some("wrong_state")), "{id}");
        scene.liar.is_honest();
        scene.retry(id).await;
        assert_eq!(scene.end(&asked).await.0, 201, "{id}");
        assert_eq!(scene.moved(id), (2, 1, 1), "each step once");
    }
    assert_eq!(scene.broken().await, []);
}

/// What a step holds or moves is its own affair: points, a part of the sum, a currency of its own. What the order costs is
/// charged all the same.
#[tokio::test]
async fn a_step_may_tell_an_amount_and_a_currency_of_its_own() {
    let scene = Scene::new().await;
    scene.liar.lie("POINTS", "run", Lie::Tells("amount", 12.into()));
    scene.liar.lie("COINS", "run", Lie::Tells("currency", "PTS".into()));
    for id in ["POINTS", "COINS"] {
        let asked = scene.submitted(id, json!({})).await;
        let (status, told) = scene.end(&asked).await;
        assert_eq!((status, &told["amount"], &told["currency"]), (201, &json!(3_998), &json!("USD")), "{id}");
    }
    assert!(scene.others.ledger().iter().filter(|line| line.is("charge")).all(|line| line.amount == 3_998));
    assert_eq!(scene.broken().await, []);
}

/// A refusal is an outcome: the order ends, and is not begun again by what is said later. That the service did it all the
/// same, only its ledger tells.
#[tokio::test]
async fn a_refusal_is_final_and_what_was_done_behind_it_is_named() {
    let scene = Scene::new().await;
    scene.liar.lie("BEHIND", "run", Lie::DoesAndSays(422, r#"{"reason": "not_today"}"#));
    let asked = scene.submitted("BEHIND", json!({})).await;
    let refused = scene.end(&asked).await;
    assert_eq!((refused.0, &refused.1["code"], &refused.1["step"]), (409, &json!("step_refused"), &json!("fraud")));
    let history = scene.site.history("BEHIND").await;
    // Now it says that it was done.
    scene.liar.is_honest();
    assert_eq!(scene.end(&asked).await, refused, "the same bytes");
    assert_eq!((scene.moved("BEHIND"), scene.site.history("BEHIND").await), ((1, 0, 0), history));
    assert_eq!(scene.broken().await, [("ledger_steps_agree", vec!["BEHIND".to_owned()])]);
}

/// Nonsense is no answer: it is asked again under the same key, then a human is, and nothing has moved meanwhile.
#[tokio::test]
async fn nonsense_is_no_answer() {
    let scene = Scene::new().await;
    let nonsense = [
        ("HTML", Lie::Says(200, "<html>It works!</html>")),
        ("EMPTY", Lie::Says(200, "")),
        ("BARE", Lie::Says(200, "{}")),
        ("TYPES", Lie::Says(200, r#"{"reference": 7}"#)),
        ("NUL", Lie::Says(200, r#"{"reference": "a\u0000b"}"#)),
        ("BURIED", Lie::Says(200, r#"{"reference": "r", "tombstone": true}"#)),
        ("MUTE", Lie::Says(409, "{}")),
        ("DID", Lie::DoesAndSays(200, "OK")),
    ];
    let mut all = Vec::new();
    for (id, lie) in nonsense {
        scene.liar.lie(id, "run", lie);
        scene.liar.lie(id, "operations", Lie::Says(200, "[]"));
        all.push((id, scene.submitted(id, json!({})).await));
        let waits = scene.waits(id).await;
        assert_eq!(waits["state"], "INVENTORY_RESERVED", "{id}: {waits}");
        assert_eq!((scene.moved(id).1, scene.moved(id).2), (0, 0), "{id}: nobody paid for it");
        // Another's is answered: were there five in a row that are not, the service would be taken to be away.
        let well = scene.submitted(&format!("WELL-{id}"), json!({})).await;
        assert_eq!(scene.end(&well).await.0, 201, "{id}");
    }
    scene.liar.is_honest();
    for (id, asked) in &all {
        scene.retry(id).await;
        assert_eq!(scene.end(asked).await.0, 201, "{id}");
        assert_eq!(scene.moved(id), (2, 1, 1), "{id}: each step once, under the key that it always had");
    }
    assert_eq!(scene.broken().await, []);
}

/// A service whose ledger is an older one knows nothing of what it did. Where that is asked of it, a human is told: what is known
/// to have been done is not undone by somebody who never heard of it.
#[tokio::test]
async fn a_service_that_forgot_a_run_cannot_undo_it() {
    let mut scene = Scene::new().await;
    let folder = Folder::new();
    scene.steps.keep(&folder.0);
    // The parcel takes its time, and is refused in the end.
    let mut parcel = order("FORGOT", "pm_ok", "SHIP-FAIL", false);
    parcel["metadata"] = json!({"points": "slow_400"});
    let asked = Asked::submit(parcel);
    scene.liar.lie("FORGOT", "undo", Lie::Says(503, "{}"));
    assert_eq!(asked.clone().async_().send(&scene.engine.client()).await.status, 202);
    until("its points are taken", async || scene.steps.effects("FORGOT", "run") == 2).await;
    scene.site.until("SELECT steps LIKE '%undoing%' FROM order_steps WHERE order_id = 'FORGOT'").await;
    scene.steps.program.kill();
    scene.steps.restore(&folder.0);
    scene.steps.start_again().await;
    scene.liar.is_honest();
    let waits = scene.waits("FORGOT").await;
    let reason = waits["attention"]["reason"].as_str().expect("a reason").to_owned();
    if !reason.contains("tombstone") {
        // It was given up before the service was back: tried again it hears what the service knows.
        scene.retry("FORGOT").await;
        scene.site.until("SELECT attention LIKE '%tombstone%' FROM orders WHERE order_id = 'FORGOT'").await;
    }
    assert_eq!((scene.others.effects("FORGOT", "refund"), &waits["state"]), (0, &json!("COMPENSATING")));
    // A human who gave the points back by hand says so.
    operate(&scene.engine.client(), "FORGOT", "skip", json!({"reason": "given back by hand"})).await;
    let (status, told) = scene.end(&asked).await;
    let undone = json!(["step.undone", "payment.refunded", "inventory.released"]);
    assert_eq!((status, &told["code"], &told["compensations"]), (500, &json!("shipment_failed"), &undone));
    assert_eq!(scene.others.effects("FORGOT", "refund"), 1);
}

/// A service that says that it undid what it never did is believed: nothing is left outside either way. One that has a line of
/// it in its ledger is named.
#[tokio::test]
async fn what_was_never_done_may_be_said_to_be_undone() {
    let scene = Scene::new().await;
    let client = scene.engine.client();
    scene.liar.lie("NEVER", "undo", Lie::Says(200, r#"{"reference": "und_1"}"#));
    let asked = scene.submitted("NEVER", json!({"points": "pending"})).await;
    until("its points are under way", async || shown(&client, "NEVER").await["step"] == "points").await;
    assert_eq!(Asked::verb("NEVER", "cancel", json!({})).until_final(&[client]).await.status, 201);
    let (status, told) = scene.end(&asked).await;
    let undone = json!(["step.undone", "payment.refunded", "inventory.released"]);
    assert_eq!((status, &told["compensations"]), (409, &undone));
    assert_eq!((scene.moved("NEVER"), scene.others.effects("NEVER", "refund")), ((1, 1, 0), 1));
    assert_eq!(scene.broken().await, []);
    // The line that such a service would have written.
    let sql = "SELECT deployment_id::text FROM deployment";
    let id: String = scene.site.database.client().await.query_one(sql, &[]).await.expect("an id").get(0);
    let deployment = counterfoil::saga::DeploymentId(id.parse().expect("a UUID"));
    let key = |action| deployment.step_key(&counterfoil::saga::OrderId::trusted("NEVER"), action, "points");
    let line = json!({"key": key("undo"), "order_id": "NEVER", "action": "undo", "undoes": key("run"), "seq": 999,
        "at": "2026-01-02T03:04:05.678Z"});
    let path = scene.steps.ledger_file();
    let lines = std::fs::read_to_string(&path).expect("the ledger");
    let folder = Folder::new();
    let edited = folder.file("ledger.jsonl", &format!("{lines}{line}\n"));
    let ledgers = [scene.others.ledger_file(), edited];
    let (report, _) = audit_with_ledgers(&mut scene.site.database.client().await, &ledgers).await.expect("audit");
    let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).map(|finding| finding.name).collect();
    assert_eq!(broken, ["ledger_steps_agree"]);
}
