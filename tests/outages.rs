//! Promise: a participant that is away as a whole stops nobody's order for good. Its calls pause, nothing counts against
//! the orders, they go on by themselves when it is back, and a human is asked only where time runs out. With PostgreSQL,
//! an engine and participants as processes of their own; judged by rows, by what reached the participants, and by their
//! ledger.

use counterfoil::client::Client;
use counterfoil::limits;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::program::send;
use crate::support::proxy::{Proxy, Weather};

/// A call that fails is handed to a human within a second.
const FEW: Setup = Setup { attempts: 3, inventory: false, ..Setup::USUAL };
/// Of each outage: more than fail before it is found.
const ORDERS: usize = 40;

async fn place(engine: &Client, prefix: &str, count: usize) {
    let ask = async |number: usize| {
        let asked = Asked::submit(order(&format!("{prefix}-{number}"), "pm_ok", "1", false)).async_();
        assert_eq!(asked.send(engine).await.status, 202, "{prefix}-{number} is taken");
    };
    join_all((0..count).map(ask)).await;
}

async fn told(client: &Client, path: &str) -> Value {
    let answer = client.get(path).await.expect("an answer");
    assert_eq!(answer.status, 200, "{path}");
    answer.json().expect("JSON")
}

/// What the engine says of the provider, wherever it does.
async fn payment(client: &Client) -> Value {
    let told = told(client, "/operator/participants").await["participants"].clone();
    let told = told.as_array().expect("a list").iter().find(|one| one["participant"] == "payment").cloned();
    told.expect("the provider is listed")
}

async fn until_payment_is(engine: &Engine, state: &str) {
    let client = engine.client();
    until(&format!("payment is {state}"), async || payment(&client).await["state"] == state).await;
}

async fn up(client: &Client) -> bool {
    let text = client.get("/metrics").await.expect("metrics").body;
    let text = String::from_utf8(text.to_vec()).expect("text");
    let of = |value: u8| format!("counterfoil_participant_up{{participant=\"payment\"}} {value}");
    let (is_up, is_down) = (text.lines().any(|line| line == of(1)), text.lines().any(|line| line == of(0)));
    assert!(is_up != is_down, "{text}");
    is_up
}

/// Nobody was asked for, at any time.
async fn nobody_was_asked(site: &Site) {
    site.until("SELECT count(*) = 0 FROM order_events WHERE events LIKE '%order.attention%'").await;
}

/// So many are told in their rows to wait for a participant that is away.
async fn until_they_wait(site: &Site, count: usize) {
    let waits = "last_error LIKE 'payment has been away for %' AND owner IS NULL AND wake_at IS NOT NULL";
    site.until(&format!("SELECT count(*) = {count} FROM order_work WHERE {waits}")).await;
}

fn lines_with(log: &str, words: &[&str]) -> usize {
    log.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

#[tokio::test]
async fn who_is_gone_for_a_while_costs_no_order_a_human() {
    let mut participants = Participants::start().await;
    let site = Site::new(&participants.program.url, FEW).await;
    let engine = site.engine().await;
    let client = engine.client();
    assert!(up(&client).await, "from the start");
    participants.program.kill();
    place(&client, "O", ORDERS).await;
    until_payment_is(&engine, "away").await;
    assert!(!up(&client).await);
    until_they_wait(&site, ORDERS).await;
    // Long after the last attempt would have been made.
    site.until("SELECT bool_or(last_error LIKE 'payment has been away for 4 s%') FROM order_work").await;
    place(&client, "LATER", 2).await;
    assert_eq!(told(&client, "/readyz?verbose").await["checks"]["participants"][0]["state"], "away");
    let told = payment(&client).await;
    assert!(told["last_error"].as_str().is_some_and(|error| error.contains("refused")), "{told}");
    assert_eq!(told["url"].as_str(), Some(participants.program.url.as_str()));
    let attempts = "SELECT coalesce(max(attempts), 0)::int FROM order_work";
    let attempts: i32 = site.database.client().await.query_one(attempts, &[]).await.expect("the rows").get(0);
    assert_eq!(attempts, 0, "nothing was sent");
    participants.start_again().await;
    site.until_ended(ORDERS + 2).await;
    until("it is back", async || up(&client).await).await;
    nobody_was_asked(&site).await;
    site.until("SELECT count(*) = 0 FROM order_events WHERE events LIKE '%payment.unknown%'").await;
    assert_eq!((participants.effects("", "charge"), participants.effects("", "void")), (ORDERS + 2, 0));
    site.judge(&participants).await;
    let log = engine.log();
    assert_eq!(lines_with(&log, &["a participant is away", "participant=\"payment\""]), 1, "{log}");
    assert_eq!(lines_with(&log, &["a participant is back", "participant=\"payment\""]), 1, "{log}");
}

/// An outage in which connections are taken, and then nothing good comes of it.
async fn weather(weather: Weather) {
    let participants = Participants::start().await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, FEW).await;
    let engine = site.engine().await;
    let client = engine.client();
    proxy.weather(weather);
    // Where calls go out again and again each order's turn comes often, so few are enough to use up all attempts.
    let (orders, came) = match weather {
        Weather::FailsCalls => (limits::AWAY_ORDERS + 1, 24),
        Weather::Fair | Weather::Answers(_) | Weather::Stalls => (ORDERS, 4),
    };
    place(&client, "O", orders).await;
    until_they_wait(&site, orders).await;
    // Nothing is under way any more that was sent before it was found to be away.
    proxy.weather(weather);
    until("it is asked after", async || proxy.came() >= came).await;
    let storm = proxy.weather(weather);
    let questions = storm.came.iter().filter(|(action, _)| action.starts_with("operations/O-")).count();
    if weather != Weather::FailsCalls {
        assert_eq!(questions, storm.came.len(), "a look-up of an order that waits, and never a call: {:?}", storm.came);
        assert!(!up(&client).await);
    }
    if weather != Weather::Stalls {
        assert_eq!(storm.most_at_once, 1, "one at a time");
    }
    nobody_was_asked(&site).await;
    proxy.weather(Weather::Fair);
    site.until_ended(orders).await;
    until("it is back", async || up(&client).await).await;
    nobody_was_asked(&site).await;
    let returned = proxy.weather(Weather::Fair);
    assert!(weather == Weather::Stalls || !returned.stampeded, "they come a few at a time: {:?}", returned.came);
    assert_eq!((participants.effects("O", "charge"), participants.effects("O", "void")), (orders, 0));
    site.judge(&participants).await;
}

#[tokio::test]
async fn who_fails_for_a_while_costs_no_order_a_human() {
    weather(Weather::Answers(503)).await;
}

#[tokio::test]
async fn who_has_too_much_to_do_costs_no_order_a_human() {
    weather(Weather::Answers(429)).await;
}

#[tokio::test]
async fn who_stalls_for_a_while_costs_no_order_a_human() {
    weather(Weather::Stalls).await;
}

#[tokio::test]
async fn who_answers_questions_alone_costs_no_order_a_human() {
    weather(Weather::FailsCalls).await;
}

/// Fewer than tell an outage apart from orders that fail by themselves.
#[tokio::test]
async fn an_outage_with_two_orders_at_night_costs_neither_a_human() {
    let participants = Participants::start().await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, Setup { attempts: limits::AWAY_CALLS + 1, ..FEW }).await;
    let engine = site.engine().await;
    let client = engine.client();
    proxy.weather(Weather::Answers(503));
    place(&client, "O", 2).await;
    until_they_wait(&site, 2).await;
    // Long after the last attempt would have been made. What was tried before it was known could not have succeeded.
    let told = "last_error LIKE 'payment has been away for 4 s%'";
    site.until(&format!("SELECT bool_or({told}) AND bool_and(attempts = 0) FROM order_work")).await;
    proxy.weather(Weather::Fair);
    site.until_ended(2).await;
    until("it is back", async || up(&client).await).await;
    nobody_was_asked(&site).await;
    assert_eq!((participants.effects("O", "charge"), participants.effects("O", "void")), (2, 0));
    site.judge(&participants).await;
}

/// With nobody else's calls to tell that its participant is there, it comes to its human all the same.
#[tokio::test]
async fn one_order_that_fails_at_night_is_its_own_fault() {
    let participants = Participants::start().await;
    let site = Site::new(&participants.program.url, Setup { attempts: 2 * limits::AWAY_CALLS, ..FEW }).await;
    let engine = site.engine().await;
    let client = engine.client();
    let unknown = Asked::submit(order("U", "pm_unknown", "1", false)).async_();
    assert_eq!(unknown.send(&client).await.status, 202);
    site.until("SELECT attention IS NOT NULL FROM orders WHERE order_id = 'U'").await;
    place(&client, "O", 3).await;
    site.until_ended(3).await;
    until("it is up", async || up(&client).await).await;
    let log = engine.log();
    let asked = lines_with(&log, &["it is asked whether the participant is there", "orders=1"]);
    assert!(asked > 0, "{log}");
    assert_eq!(lines_with(&log, &["a participant is away"]), 0, "it answers what it is asked: {log}");
}

#[tokio::test]
async fn one_order_that_fails_is_its_own_fault() {
    let participants = Participants::start().await;
    let site = Site::new(&participants.program.url, FEW).await;
    let engine = site.engine().await;
    let client = engine.client();
    let unknown = Asked::submit(order("U", "pm_unknown", "1", false)).async_();
    assert_eq!(unknown.send(&client).await.status, 202);
    place(&client, "O", 19).await;
    site.until_ended(19).await;
    site.until("SELECT attention IS NOT NULL FROM orders WHERE order_id = 'U'").await;
    assert!(up(&client).await);
    let log = engine.log();
    assert_eq!(lines_with(&log, &["a participant is away"]), 0, "{log}");
    let fields =
        ["ERROR", "an order waits for a human", "order_id=U", "participant=\"payment\"", "action=charge", "attempts=3"];
    until("it is logged", async || lines_with(&engine.log(), &fields) == 1).await;
    let log = engine.log();
    assert_eq!(
        lines_with(&log, &["an order waits for a human", "last_answer=answered 500, which is no outcome"]),
        1,
        "{log}"
    );
    let row =
        "SELECT attempts = 3 AND last_error = 'answered 500, which is no outcome' FROM order_work WHERE order_id = 'U'";
    site.until(row).await;
}

/// Whatever gives an order up, the same words find it: not a participant that fails alone.
#[tokio::test]
async fn an_order_that_kills_is_told_as_one_whose_call_fails() {
    let participants = Participants::start().await;
    let site = Site::new(&participants.program.url, Setup { step_timeout_ms: 100_000, lease_ms: 600_000, ..FEW }).await;
    let engine = site.engine().await;
    let client = engine.client();
    let slow = |id: &str| Asked::submit(order(id, "pm_slow_90000", "1", false)).async_();
    for id in ["KILLS", "STUCK"] {
        assert_eq!(slow(id).send(&client).await.status, 202);
    }
    until("both are charged", async || participants.effects("", "charge") == 2).await;
    let rows = site.database.client().await;
    // One kills its actors. Of the other one five engines died, as far as its row tells, and the last words are older.
    rows.batch_execute("UPDATE order_work SET attempts = 2, last_error = 'answered 500' WHERE order_id = 'KILLS'")
        .await
        .expect("what was heard of it");
    let fault = json!({"point": "actor.handle", "order_id": "KILLS", "action": "panic", "times": 3}).to_string();
    let json = [("content-type", "application/json")];
    let armed = send(&client, "POST", "/operator/faults", &json, fault).await;
    assert_eq!(armed.expect("an answer").status, 204);
    assert_eq!(slow("KILLS").send(&client).await.status, 500);
    rows.batch_execute(
        "UPDATE order_work SET claims = 5, owner = NULL, wake_at = now(), attempts = 1, last_error = 'a row is locked'
         WHERE order_id = 'STUCK'",
    )
    .await
    .expect("as after five claims");
    let kills = [
        "ERROR",
        "an order waits for a human",
        "order_id=KILLS",
        "participant=\"payment\"",
        "action=charge",
        "attempts=2",
        "last_answer=answered 500",
        "reason=\"its actor died 3 times in a row\"",
    ];
    let stuck = [
        "ERROR",
        "an order waits for a human",
        "order_id=STUCK",
        "attempts=1",
        "last_answer=a row is locked",
        "reason=\"it was claimed 5 times without progress; the last error: a row is locked\"",
    ];
    for fields in [&kills[..], &stuck] {
        until(&format!("{fields:?} are logged"), async || lines_with(&engine.log(), fields) == 1).await;
    }
    let waits = "SELECT count(*) = 2 FROM orders WHERE attention IS NOT NULL";
    site.until(waits).await;
}

#[tokio::test]
async fn a_deadline_that_passes_in_an_outage_is_seen_to_after_it() {
    let participants = Participants::start().await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, Setup { reservation_ttl_ms: 2_000, ..FEW }).await;
    let engine = site.engine().await;
    let client = engine.client();
    proxy.weather(Weather::Answers(500));
    place(&client, "O", ORDERS).await;
    let over = format!(
        "SELECT count(*) = {ORDERS} FROM order_work WHERE expires_at < clock_timestamp() - interval '2 seconds'
            AND written_at > expires_at AND last_error LIKE '%away%' AND wake_at > clock_timestamp()"
    );
    site.until(&over).await;
    nobody_was_asked(&site).await;
    proxy.weather(Weather::Fair);
    site.until_ended(ORDERS).await;
    nobody_was_asked(&site).await;
    let expired = "SELECT count(*) FROM orders WHERE failure::json ->> 'reason' = 'expired' AND stock = 'released'";
    let expired: i64 = site.database.client().await.query_one(expired, &[]).await.expect("the orders").get(0);
    assert_eq!((expired, participants.effects("O", "charge")), (ORDERS as i64, 0));
    site.judge(&participants).await;
}

#[tokio::test]
async fn what_a_webhook_wanted_looked_at_is_kept() {
    let mut participants = Participants::start().await;
    let site = Site::new(&participants.program.url, FEW).await;
    let engine = site.engine().await;
    participants.program.kill();
    place(&engine.client(), "O", limits::AWAY_ORDERS + 1).await;
    until_they_wait(&site, limits::AWAY_ORDERS + 1).await;
    let look = "UPDATE order_work SET look = true, wake_at = clock_timestamp() WHERE order_id = 'O-0'";
    site.database.client().await.execute(look, &[]).await.expect("as a webhook does");
    let kept = "SELECT look AND owner IS NULL AND wake_at > clock_timestamp() FROM order_work WHERE order_id = 'O-0'";
    site.until(kept).await;
    participants.start_again().await;
    site.until_ended(limits::AWAY_ORDERS + 1).await;
    nobody_was_asked(&site).await;
    site.judge(&participants).await;
}

#[tokio::test]
async fn who_is_gone_for_good_is_not_silent() {
    let mut participants = Participants::start().await;
    let proxy = Proxy::before(&participants.program.url);
    let setup = Setup { key_lifetime_ms: Some(8_000), ..FEW };
    let site = Site::new(&proxy.url, setup).await;
    let engine = site.engine().await;
    let client = engine.client();
    // Paid, and no parcel: nothing ends that by itself.
    (0..ORDERS).for_each(|number| proxy.harm(&format!("S-{number}"), "ship", crate::support::proxy::Harm::Accept));
    place(&client, "S", ORDERS).await;
    site.until(&format!("SELECT count(*) = {ORDERS} FROM orders WHERE state = 'PAYMENT_CHARGED'")).await;
    proxy.weather(Weather::Answers(503));
    participants.program.kill();
    site.until("SELECT count(*) > 0 FROM order_work WHERE last_error LIKE 'shipment has been away for %'").await;
    nobody_was_asked(&site).await;
    // A day later.
    let day = format!("UPDATE order_work SET intent_at = intent_at - interval '{} s'", limits::UNDECIDED.as_secs());
    site.database.client().await.execute(&day, &[]).await.expect("time passes");
    let asked = |prefix: &str, words: &str| {
        format!(
            "SELECT count(*) = {ORDERS} FROM orders
             WHERE order_id LIKE '{prefix}-%' AND attention::json ->> 'reason' LIKE '{words}'"
        )
    };
    site.until(&asked("S", "ship has had no outcome for 86% s: shipment has been away for %")).await;
    // The provider too: the keys of its calls end, and with them what may be sent.
    place(&client, "C", ORDERS).await;
    site.until(&asked("C", "charge has had no outcome for % s: payment has been away for %")).await;
    let fields = ["an order waits for a human", "participant=\"payment\"", "last_answer=payment has been away for"];
    until("it is logged", async || lines_with(&engine.log(), &fields) == ORDERS).await;
}

#[tokio::test]
async fn a_wrong_url_is_told() {
    let participants = Participants::start().await;
    let site = Site::new(&format!("{}/v1", participants.program.url), FEW).await;
    let engine = site.engine().await;
    let told = ["ERROR", "a participant answers 404", "participants.payment.url may be wrong"];
    until("it is told at the start", async || lines_with(&engine.log(), &told) == 1).await;
    place(&engine.client(), "O", ORDERS).await;
    let waits = format!(
        "SELECT count(*) = {ORDERS} FROM orders
         WHERE attention::json ->> 'reason' LIKE '%answered 404%participants.payment.url may be wrong%'"
    );
    site.until(&waits).await;
    assert!(up(&engine.client()).await, "somebody answers");
}
