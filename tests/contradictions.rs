//! Promise: what stands at a participant under our keys and is not what we asked for is no outcome, and nothing is sent
//! under such a key, or names it, before an operator says so. With PostgreSQL, engines and participants as processes of
//! their own; what is somebody else's is put there under the keys that the engine will derive, and judged by the ledger.

use std::time::Duration;

use counterfoil::client::{Client, HttpAnswer};
use counterfoil::drill::ledger::Line;
use counterfoil::saga::state::operation;
use counterfoil::saga::{
    Action, Call, CancelReason, Capture, Client as Owner, Command, DeploymentId, IdempotencyKey, Order, OrderId,
    Outcome, Plan, Refusal, Timestamp, due,
};
use futures_util::future::join_all;
use hyper::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::program::send;
use crate::support::proxy::{Harm, Proxy};
use crate::support::saga::{Own, Participants as Local, run, submit, word};

/// A site whose engines reach honest participants through a proxy.
struct Scene {
    participants: Participants,
    proxy: Proxy,
    site: Site,
    deployment: DeploymentId,
}

/// After so few attempts a call that fails is looked up, and then handed to a human.
const FEW: Setup = Setup { attempts: 3, ..Setup::USUAL };

impl Scene {
    async fn new(setup: Setup) -> Self {
        let participants = Participants::start().await;
        let proxy = Proxy::before(&participants.program.url);
        let site = Site::new(&proxy.url, setup).await;
        let sql = "SELECT deployment_id::text FROM deployment";
        let id: String = site.database.client().await.query_one(sql, &[]).await.expect("the deployment").get(0);
        Self { participants, proxy, site, deployment: DeploymentId(id.parse().expect("a UUID")) }
    }

    fn key(&self, id: &str, action: &str, operation: &str) -> Uuid {
        self.deployment.step_key(&OrderId::trusted(id), action, operation)
    }

    /// What somebody else did under a key, past the proxy.
    async fn plant(&self, key: Uuid, action: &str, body: &Value) {
        let (path, key) = (format!("/{action}"), key.to_string());
        let client = self.participants.program.client();
        let told = send(&client, "POST", &path, &[("idempotency-key", key.as_str())], body.to_string()).await;
        assert_eq!(told.expect("an answer").status, 200, "{action} {body}");
    }

    /// The lines of an order, in order.
    fn lines(&self, id: &str) -> Vec<Line> {
        self.participants.ledger().into_iter().filter(|line| line.order_id == id).collect()
    }

    async fn waits(&self, id: &str) -> (String, i32, String) {
        let contradicted = "SELECT attention::json ->> 'contradicted' = 'true' FROM orders WHERE order_id = ";
        self.site.until(&format!("{contradicted}'{id}'")).await;
        let sql = "SELECT state, version, attention::json ->> 'reason' FROM orders WHERE order_id = $1";
        let row = self.site.database.client().await.query_one(sql, &[&id]).await.expect("the order");
        (row.get(0), row.get(1), row.get(2))
    }

    /// An operator's verb.
    async fn operate(&self, engine: &Client, id: &str, verb: &str) -> HttpAnswer {
        let body = Some(json!({"reason": "looked at both sides"}).to_string().into());
        let path = format!("/operator/orders/{id}/{verb}");
        engine.request(Method::POST, &path, &[], body).await.expect("an answer")
    }

    /// While an order waits, contradicted: neither its owner nor an operator can call it off, the reason is told, and
    /// what stands at the participants stays as it is; tried again it waits again.
    async fn is_closed(&self, engine: &Client, id: &str, told: &str) {
        let (state, version, reason) = self.waits(id).await;
        assert!(reason.contains(told), "{id}: {reason}");
        let stands = self.lines(id);
        let cancel = Asked { key: Some("late".into()), ..Asked::verb(id, "cancel", json!({"reason": "hurry"})) };
        let refused = cancel.send(engine).await;
        assert_eq!((refused.status, refused.problem_code().as_deref()), (409, Some("wrong_state")), "{id} {state}");
        if state != "COMPLETED" {
            let detail = refused.json::<Value>().expect("JSON")["detail"].as_str().expect("a detail").to_owned();
            assert!(detail.contains(&reason), "{id}: {detail}");
        }
        assert_eq!(cancel.send(engine).await.body, refused.body, "{id}: the same bytes");
        let shown: Value = engine.get(&format!("/orders/{id}")).await.expect("an answer").json().expect("JSON");
        assert_eq!(
            (&shown["attention"]["contradicted"], &shown["attention"]["reason"]),
            (&json!(true), &json!(reason))
        );
        assert_eq!(self.waits(id).await, (state.clone(), version, reason.clone()), "{id}: nothing moved it");
        assert_eq!(self.operate(engine, id, "retry").await.status, 200, "{id}");
        self.site.until(&format!("SELECT version >= {} FROM orders WHERE order_id = '{id}'", version + 2)).await;
        assert_eq!(self.waits(id).await, (state, version + 2, reason), "{id}: it met the same again");
        assert_eq!(self.lines(id), stands, "{id}: what is somebody else's is untouched");
    }

    /// Nothing is broken in the rows.
    async fn audit(&self) {
        let mut database = self.site.database.client().await;
        let report = counterfoil::store::audit::audit(&mut database).await.expect("the audit");
        assert!(report.ok, "{report:#?}");
    }
}

fn foreign(id: &str, amount: i64, currency: &str, customer: &str, method: &str) -> Value {
    json!({
        "order_id": id, "customer_id": customer, "amount": amount, "currency": currency, "payment_method": method,
    })
}

fn of_777(id: &str, manual: bool) -> Value {
    let mut body = order(id, "pm_ok", "1", manual);
    body["lines"] = json!([{"sku": "S", "quantity": 1, "unit_price": 77_700}]);
    body
}

/// The case that was reported: a charge of 1 under the key of an order over 77,700.
#[tokio::test]
async fn a_foreign_charge_is_neither_believed_nor_given_back() {
    let scene = Scene::new(Setup { reservation_ttl_ms: 5_000, ..FEW }).await;
    let mut engine = scene.site.engine().await;
    scene.plant(scene.key("MIN-1", "charge", ""), "charge", &foreign("MIN-1", 1, "USD", "other", "pm_ok")).await;
    let answer = Asked::submit(of_777("MIN-1", false)).async_().send(&engine.client()).await;
    assert_eq!(answer.status, 202);
    scene
        .is_closed(&engine.client(), "MIN-1", "charge was asked for the amount 77700 USD, the participant says 1")
        .await;
    // Its reservation runs out, its engine dies, and another one takes over what there is to be taken over.
    scene.site.until("SELECT expires_at < clock_timestamp() FROM order_work WHERE order_id = 'MIN-1'").await;
    engine.kill();
    let engine = scene.site.engine().await;
    let clients = [engine.client()];
    assert_eq!(Asked::submit(order("NEXT", "pm_ok", "1", false)).until_final(&clients).await.status, 201);
    let (state, ..) = scene.waits("MIN-1").await;
    assert_eq!(state, "INVENTORY_RESERVED");
    let charges: Vec<i64> =
        scene.lines("MIN-1").iter().filter(|line| !line.is("reserve")).map(|line| line.amount).collect();
    assert_eq!(charges, [1], "the foreign charge, and nothing else");
    // An operator has the last word.
    assert_eq!(scene.operate(&clients[0], "MIN-1", "force-cancel").await.status, 200);
    scene.site.until_ended(2).await;
    assert_eq!(scene.lines("MIN-1").iter().filter(|line| !line.is("reserve")).count(), 1);
    scene.audit().await;
}

/// Where nobody heard of it before: the answers of the charge are lost, and a cancel, or the reservation's end, would undo
/// it by its key.
#[tokio::test]
async fn an_undo_looks_at_what_it_would_undo() {
    let scene = Scene::new(Setup { reservation_ttl_ms: 4_000, attempts: 1_000, ..Setup::USUAL }).await;
    let engine = scene.site.engine().await;
    let client = engine.client();
    for id in ["CANCELLED", "EXPIRED", "LATE"] {
        let harm = if id == "LATE" { Harm::Late(Duration::from_millis(700)) } else { Harm::Fail(u32::MAX) };
        scene.proxy.harm(id, "charge", harm);
        scene.plant(scene.key(id, "charge", ""), "charge", &foreign(id, 1, "USD", "other", "pm_ok")).await;
        assert_eq!(Asked::submit(of_777(id, false)).async_().send(&client).await.status, 202);
        until("it is under way", async || scene.proxy.has_struck(id, "charge")).await;
    }
    for id in ["CANCELLED", "LATE"] {
        let cancelled = Asked::verb(id, "cancel", json!({"reason": "hurry"})).async_().send(&client).await;
        assert!(matches!(cancelled.status, 202 | 409), "{id}: {}", cancelled.status);
    }
    for id in ["CANCELLED", "EXPIRED", "LATE"] {
        scene.waits(id).await;
        scene.proxy.spare(id, "charge");
        scene.is_closed(&client, id, "the amount 77700 USD, the participant says 1").await;
        assert_eq!(scene.lines(id).iter().filter(|line| !line.is("reserve")).count(), 1, "{id}");
        assert_eq!(scene.operate(&client, id, "force-cancel").await.status, 200, "{id}");
    }
    scene.site.until_ended(3).await;
    scene.audit().await;
}

/// An order, the step at which it meets what is somebody else's, what that is, and how it shows.
struct Case {
    id: &'static str,
    body: Value,
    /// Action, operation, and body of what stands under a key of the order's.
    plants: Vec<(&'static str, String, Value)>,
    /// What it is asked for once it stands so far.
    verb: Option<(&'static str, Value)>,
    /// How it waits: state, and a word of the reason.
    waits: (&'static str, &'static str),
}

fn cases(scene: &Scene) -> Vec<Case> {
    let (auto, manual) = (|id| order(id, "pm_ok", "1", false), |id| order(id, "pm_ok", "1", true));
    let goods = |id: &str, quantity: i64| json!({"order_id": id, "lines": [{"sku": "S", "quantity": quantity}]});
    let money = |id: &str, amount: i64| foreign(id, amount, "USD", "cus-7", "pm_ok");
    let elsewhere = |id: &str| json!({"order_id": id, "undoes": [{"key": Uuid::new_v4()}]});
    let mut parcel = goods("ship", 1);
    parcel["ship_to"] = auto("ship")["ship_to"].clone();
    // A refund under a key of ours, of a charge that is not.
    let back = |id: &str| {
        let mut back = elsewhere(id);
        (back["undoes"], back["amount"], back["currency"]) =
            (json!([{"key": scene.key(id, "charge", "foreign")}]), json!(1), json!("USD"));
        vec![("charge", "foreign".to_owned(), money(id, 5)), ("refund", String::new(), back)]
    };
    let mut of_client = back("client-refund");
    let asked = format!("{}-of-client-refund", "refunds");
    of_client[1].1 = operation(&Owner::anonymous(), &IdempotencyKey::trusted(&*asked));
    let plain = |action: &'static str, body: Value| vec![(action, String::new(), body)];
    let case = |id, body, plants, verb, waits| Case { id, body, plants, verb, waits };
    let cancel = || Some(("cancel", json!({"reason": "changed my mind"})));
    let capture = || Some(("capture", json!({"amount": 3_000})));
    let refund = || Some(("refunds", json!({"amount": 1_000, "reason": "broken"})));
    let held = "PAYMENT_AUTHORIZED";
    let captured = json!({"order_id": "capture", "amount": 1, "currency": "USD",
        "authorization": {"key": scene.key("capture", "authorize", "")}});
    let yen = foreign("currency", 3_998, "JPY", "cus-7", "pm_ok");
    let other = foreign("customer", 3_998, "USD", "other", "pm_ok");
    let declined = |id| order(id, "pm_declined", "1", false);
    vec![
        case("reserve", auto("reserve"), plain("reserve", goods("reserve", 1)), None, ("CREATED", "other goods")),
        case("charge", auto("charge"), plain("charge", money("charge", 1)), None, ("INVENTORY_RESERVED", "says 1 USD")),
        case("currency", auto("currency"), plain("charge", yen), None, ("INVENTORY_RESERVED", "currency USD")),
        // The participant takes it for a repeat, and tells whose it is.
        case("customer", auto("customer"), plain("charge", other), None, ("INVENTORY_RESERVED", "says another")),
        case("kind", auto("kind"), plain("charge", money("kind", 7)), None, ("INVENTORY_RESERVED", "says 7 USD")),
        case(
            "authorize",
            manual("authorize"),
            plain("authorize", money("authorize", 1)),
            None,
            ("INVENTORY_RESERVED", "says 1 USD"),
        ),
        case(
            "capture",
            manual("capture"),
            plain("capture", captured),
            capture(),
            (held, "asked for the amount 3000 USD"),
        ),
        case("ship", auto("ship"), plain("ship", parcel), None, ("PAYMENT_CHARGED", "other goods")),
        case("void", manual("void"), plain("void", elsewhere("void")), cancel(), ("COMPENSATING", "does not name")),
        case(
            "refund",
            order("refund", "pm_ok", "SHIP-FAIL", false),
            back("refund"),
            None,
            ("COMPENSATING", "refund was asked for the amount 3998 USD"),
        ),
        case(
            "release",
            declined("release"),
            plain("release", elsewhere("release")),
            None,
            ("COMPENSATING", "does not name"),
        ),
        case(
            "client-refund",
            auto("client-refund"),
            of_client,
            refund(),
            ("COMPLETED", "refund was asked for the amount 1000 USD"),
        ),
        case(
            "cancel-shipment",
            auto("cancel-shipment"),
            plain("cancel-shipment", elsewhere("cancel-shipment")),
            cancel(),
            ("COMPENSATING", "does not name"),
        ),
    ]
}

async fn play(scene: &Scene, engine: &Engine, case: Case) {
    let (client, id) = (engine.client(), case.id);
    let plant = async |plants: &[(&'static str, String, Value)]| {
        for (action, operation, body) in plants {
            scene.plant(scene.key(id, action, operation), action, body).await;
        }
    };
    // What names a step of the order's own comes after that.
    let late = id == "capture";
    if !late {
        plant(&case.plants).await;
    }
    if id == "cancel-shipment" {
        scene.proxy.harm(id, "ship", Harm::Pend);
    }
    Asked::submit(case.body).async_().send(&client).await;
    if let Some((verb, body)) = case.verb {
        let ready = match id {
            "cancel-shipment" => "state = 'PAYMENT_CHARGED'",
            "client-refund" => "state = 'COMPLETED'",
            _ => "state = 'PAYMENT_AUTHORIZED'",
        };
        scene.site.until(&format!("SELECT {ready} FROM orders WHERE order_id = '{id}'")).await;
        if id == "cancel-shipment" {
            until("it is shipped", async || scene.participants.effects(id, "ship") == 1).await;
        }
        if late {
            plant(&case.plants).await;
        }
        let asked = Asked::verb(id, verb, body).async_().send(&client).await;
        assert_eq!(asked.status, 202, "{id}");
    }
    let (state, _, reason) = scene.waits(id).await;
    assert_eq!(state, case.waits.0, "{id}: {reason}");
    scene.is_closed(&client, id, case.waits.1).await;
    // Of every action its own foreign effect stands, and what the order itself did before.
    let ends = if state == "COMPLETED" { "skip" } else { "force-cancel" };
    let stands = scene.lines(id);
    assert_eq!(scene.operate(&client, id, ends).await.status, 200, "{id}");
    scene.site.until(&format!("SELECT attention IS NULL FROM orders WHERE order_id = '{id}'")).await;
    assert_eq!(scene.lines(id), stands, "{id}: an operator's word sends nothing under it");
}

#[tokio::test]
async fn no_action_believes_what_it_did_not_ask_for() {
    let scene = Scene::new(FEW).await;
    let engine = scene.site.engine().await;
    let cases = cases(&scene);
    let count = cases.len();
    join_all(cases.into_iter().map(|case| play(&scene, &engine, case))).await;
    scene.site.until_ended(count).await;
    scene.audit().await;
}

/// The answers are lost, so that only a look-up tells.
#[tokio::test]
async fn nor_does_a_look_up() {
    let scene = Scene::new(FEW).await;
    let engine = scene.site.engine().await;
    let play = async |mut case: Case| {
        let id = case.id;
        let action = case.plants[case.plants.len() - 1].0;
        scene.proxy.harm(id, action, Harm::Fail(u32::MAX));
        case.waits.1 = "contradicted";
        play(&scene, &engine, case).await;
        scene.proxy.spare(id, action);
    };
    // An undo is not even sent.
    let sent = |case: &Case| {
        matches!(case.id, "reserve" | "charge" | "currency" | "customer" | "authorize" | "capture" | "ship")
    };
    join_all(cases(&scene).into_iter().filter(sent).map(play)).await;
    scene.audit().await;
}

/// An order of the saga's tests, as far as these answers lead.
fn standing(capture: Capture, said: &[Command]) -> Order {
    let local = Local { plan: Plan(7), declines: false, carrier_refuses: false, own: Own::None };
    let first = run(None, &submit(capture, local.plan), Timestamp(0), &local).expect("a submission").order;
    said.iter()
        .fold(first, |order, command| run(Some(&order), command, Timestamp(0), &local).expect("a transaction").order)
}

fn said(call: impl Into<Call>, outcome: Outcome) -> Command {
    Command::Outcome { call: call.into(), outcome }
}

fn contradicted(call: impl Into<Call>) -> Command {
    said(call, Outcome::Contradicted { reason: "says 1".into() })
}

/// The answer of a call that was overtaken by its undo: it counts while the undo is due, and for nothing else.
#[test]
fn a_late_contradiction_stops_the_undo_that_is_due() {
    let done = |action| said(action, Outcome::done());
    let cancel = Command::Cancel { reason: CancelReason::Client };
    let charged = [done(Action::Reserve), done(Action::Charge)];
    let with = |before: &[Command], more: &[Command]| [before, more].concat();
    for (capture, before, late) in [
        (Capture::Automatic, vec![cancel.clone()], Action::Reserve),
        (Capture::Automatic, vec![done(Action::Reserve), cancel.clone()], Action::Charge),
        (Capture::Manual, vec![done(Action::Reserve), cancel.clone()], Action::Authorize),
        (
            Capture::Manual,
            vec![
                done(Action::Reserve),
                done(Action::Authorize),
                Command::Capture { amount: counterfoil::saga::Amount(1) },
                cancel.clone(),
            ],
            Action::Capture,
        ),
        (Capture::Automatic, with(&charged, std::slice::from_ref(&cancel)), Action::Ship),
    ] {
        let local = Local { plan: Plan(7), declines: false, carrier_refuses: false, own: Own::None };
        let order = standing(capture, &before);
        let undo = due(&order).and_then(Call::action).expect("an undo");
        assert!(undo.is_undo() && undo.names(late), "{undo} of {late}");
        let after = run(Some(&order), &contradicted(late), Timestamp(0), &local).expect("it is heard").order;
        assert!(after.attention.as_ref().is_some_and(|waits| waits.contradicted), "{late}");
        assert_eq!(due(&after), None, "{late}: nothing is sent");
        for command in [done(undo), Command::Expire, cancel.clone()] {
            let changed = run(Some(&after), &command, Timestamp(0), &local).is_ok_and(|txn| !txn.events.is_empty());
            assert!(!changed, "{late}: {command:?}");
        }
        let resumed = run(Some(&after), &Command::Retry(word("it answers again")), Timestamp(0), &local)
            .expect("an operator's word")
            .order;
        assert_eq!(due(&resumed), Some(undo.into()));
        // Where the undo was answered, it is too late to know.
        let undone = run(Some(&order), &done(undo), Timestamp(0), &local).expect("a transaction").order;
        let heard = run(Some(&undone), &contradicted(late), Timestamp(0), &local);
        assert!(matches!(heard, Err(Refusal::NotDue { .. })), "{late}: {heard:?}");
    }
}

/// What the call that is due is answered by: the order is closed to its owner and its deadline, whatever it is.
#[test]
fn a_contradicted_order_is_closed_to_all_but_operators() {
    let local = Local { plan: Plan(7), declines: false, carrier_refuses: false, own: Own::None };
    let done = |action| said(action, Outcome::done());
    let before = [vec![], vec![done(Action::Reserve)], vec![done(Action::Reserve), done(Action::Charge)]];
    for before in before {
        let order = standing(Capture::Automatic, &before);
        let action = due(&order).and_then(Call::action).expect("a call");
        let waits = run(Some(&order), &contradicted(action), Timestamp(0), &local).expect("a transaction").order;
        let reason = format!("{action} is contradicted by the participant: says 1");
        assert_eq!(waits.attention.as_ref().map(|waits| waits.reason.clone()), Some(reason.clone()));
        for by in [CancelReason::Client, CancelReason::Operator, CancelReason::Expired] {
            let refused = run(Some(&waits), &Command::Cancel { reason: by }, Timestamp(0), &local);
            let state = waits.state;
            assert_eq!(refused, Err(Refusal::Contradicted { command: "cancel", state, reason: reason.clone() }));
        }
        let plain = run(
            Some(&order),
            &Command::Attention { reason: "ten attempts".into(), missing: None },
            Timestamp(0),
            &local,
        );
        let plain = plain.expect("a transaction").order;
        assert!(run(Some(&plain), &Command::Cancel { reason: CancelReason::Client }, Timestamp(0), &local).is_ok());
    }
    // While a payment is looked up that nobody answered for.
    let order = standing(Capture::Automatic, &[done(Action::Reserve)]);
    let waits = run(Some(&order), &contradicted(Call::LOOK_UP), Timestamp(0), &local).expect("a transaction").order;
    assert!(waits.attention.is_some_and(|waits| waits.contradicted));
}
