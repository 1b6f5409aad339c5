//! Promise: whatever clients ask of one order at once, at two instances of which one and the other is killed, their answers are
//! those of one order that is asked one thing after the other.
//!
//! What is asked is drawn from a seed; who comes first, and whom a kill meets, is chance. With `COUNTERFOIL_HISTORIES=FILE`
//! all histories are written there, an object a line, for a judge of another's making.

mod judge;

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use counterfoil::client::{Client, HttpAnswer};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use hyper::Method;
use serde_json::{Value, json};

use self::judge::{AMOUNT, Ask, Operation, State, Told, is_linearizable};
use crate::support::database::TestDatabase;
use crate::support::fleet::{is_final, order, until};
use crate::support::program::{Folder, Program};

const ORDERS: u64 = 64;
const ORDERS_AT_ONCE: usize = 8;
const CLIENTS: u8 = 6;
const ASKS: u64 = 4;
/// When an engine is killed, by how much was answered.
const KILLS: [usize; 4] = [150, 450, 750, 1050];

/// Two engines on one database, one of which may be about to come back.
struct Pair {
    clients: Mutex<[Client; 2]>,
    clock: Instant,
    answered: AtomicUsize,
}

impl Pair {
    fn client(&self, number: usize) -> Client {
        self.clients.lock().expect("unpoisoned")[number % 2].clone()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_nanos()).expect("a short run")
    }

    /// One client's asks of an order, one after the other; what is not answered is asked again, once, of the other engine.
    async fn client_of(&self, id: &str, number: u64, client: u8) -> Vec<Operation> {
        let mut history = Vec::new();
        for step in 0..ASKS {
            let ask = drawn(number, client, step);
            for try_ in 0..2 {
                let asked = self.now();
                let told = told(&self.client(usize::from(client) + try_), id, ask).await.map(|told| (self.now(), told));
                history.push(Operation { client, ask, asked, told });
                if told.is_some() {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    break;
                }
            }
        }
        history
    }
}

/// SplitMix64's last step: what a client asks of an order at a step.
fn drawn(order: u64, client: u8, step: u64) -> Ask {
    let mut mixed = (order * 1_000 + u64::from(client) * 10 + step + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 31;
    let key = (mixed >> 32) as u8;
    // Two of them place it at once; then everything comes in any order.
    if step == 0 && client < 2 {
        return Ask::Submit;
    }
    match mixed % 10 {
        0 => Ask::Submit,
        1..=3 => Ask::Read,
        4 | 5 => Ask::Capture { key: key % 2 },
        6 => Ask::Cancel { key: 2 + key % 2 },
        _ => Ask::Refund { key: 4 + key % 4, amount: [1000, 2500, AMOUNT, 500][usize::from(key % 4)] },
    }
}

/// Asks, once; nothing, where the outcome is not known.
async fn told(client: &Client, id: &str, ask: Ask) -> Option<Told> {
    let of_order = |verb: &str| format!("/orders/{id}{verb}");
    let (method, path, key, body) = match ask {
        Ask::Submit => (Method::POST, "/orders".to_owned(), None, Some(order(id, "pm_ok", "1", true))),
        Ask::Read => (Method::GET, of_order(""), None, None),
        Ask::Capture { key } => (Method::POST, of_order("/capture"), Some(key), Some(json!({}))),
        Ask::Cancel { key } => (Method::POST, of_order("/cancel"), Some(key), Some(json!({ "reason": "no" }))),
        Ask::Refund { key, amount } => {
            (Method::POST, of_order("/refunds"), Some(key), Some(json!({ "amount": amount, "reason": "no" })))
        }
    };
    let key = key.map(|key| key.to_string());
    let headers: Vec<_> = key.iter().map(|key| ("idempotency-key", key.as_str())).collect();
    let body = body.map(|body| body.to_string().into());
    let answer = client.request(method, &path, &headers, body).await.ok().filter(is_final)?;
    Some(read(ask, &answer))
}

fn read(ask: Ask, answer: &HttpAnswer) -> Told {
    let body: Value = answer.json().expect("JSON");
    let state = || match body["state"].as_str() {
        Some("PAYMENT_AUTHORIZED") => State::Authorized,
        Some("COMPLETED") => State::Completed,
        Some("CANCELLED") => State::Cancelled,
        other => panic!("{other:?}: {body}"),
    };
    match (ask, answer.status, body["code"].as_str()) {
        (_, 404, Some("order_not_found")) => Told::NotFound,
        (Ask::Submit, 201, None) if state() == State::Authorized => Told::Placed,
        (Ask::Read, 200, None) => Told::Seen(state(), body["payment"]["refunded"].as_i64().expect("an amount")),
        (Ask::Capture { .. } | Ask::Cancel { .. } | Ask::Refund { .. }, 201, None) => Told::Done,
        (_, 409, Some("wrong_state")) => Told::WrongState(state()),
        (Ask::Refund { .. }, 409, Some("refund_exceeds_charge")) => Told::ExceedsCharge,
        (ask, status, _) => panic!("{ask:?}: {status} {body}"),
    }
}

#[tokio::test]
async fn answers_are_those_of_one_order_asked_one_thing_after_the_other() {
    let database = TestDatabase::new().await;
    let stock = "INSERT INTO inventory (sku, on_hand) VALUES ('S', 1000000);
        INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('S', 1000000, 'laid in', 'test')";
    database.client().await.batch_execute(stock).await.expect("lay in stock");
    let config = format!("database.url = \"{}\"\nfaults.enabled = true\nengine.shards = 2\n", database.url());
    let folders = [Folder::new(), Folder::new()];
    let started = join_all(folders.iter().map(|folder| async {
        let engine = Program::serve(folder, &config).await;
        engine.until_ready().await;
        engine
    }));
    let mut engines = started.await;
    let clients = Mutex::new([engines[0].client(), engines[1].client()]);
    let pair = Pair { clients, clock: Instant::now(), answered: AtomicUsize::new(0) };

    let pair = &pair;
    let load = stream::iter(0..ORDERS).map(|number| async move {
        let id = format!("ORD-{number}");
        let all = join_all((0..CLIENTS).map(|client| pair.client_of(&id, number, client))).await;
        (id, all.concat())
    });
    let load = load.buffer_unordered(ORDERS_AT_ONCE).collect::<Vec<_>>();
    let kills = async {
        for (kill, after) in KILLS.into_iter().enumerate() {
            until("so much is answered", async || pair.answered.load(Ordering::Relaxed) >= after).await;
            engines[kill % 2].kill();
            engines[kill % 2] = Program::serve(&folders[kill % 2], &config).await;
            engines[kill % 2].until_ready().await;
            pair.clients.lock().expect("unpoisoned")[kill % 2] = engines[kill % 2].client();
        }
    };
    let (mut histories, ()) = tokio::join!(load, kills);

    // What everything came to, as the last one sees it.
    for (id, history) in &mut histories {
        let asked = pair.now();
        let last = told(&pair.client(0), id, Ask::Read).await.expect("an answer");
        history.push(Operation { client: CLIENTS, ask: Ask::Read, asked, told: Some((pair.now(), last)) });
    }
    if let Some(file) = std::env::var_os("COUNTERFOIL_HISTORIES") {
        let mut file = std::fs::File::create(file).expect("a file");
        for (id, history) in &histories {
            writeln!(file, "{}", json!({ "order": id, "operations": history })).expect("write a history");
        }
    }
    for (id, history) in &histories {
        assert!(is_linearizable(history), "{id}: no order of these gives these answers: {history:#?}");
    }
    let all: Vec<_> = histories.iter().flat_map(|(_, history)| history).collect();
    let count = |is: &dyn Fn(&Operation) -> bool| all.iter().filter(|operation| is(operation)).count();
    let lost = count(&|operation| operation.told.is_none());
    let done = |ask: fn(Ask) -> bool| count(&|one| ask(one.ask) && matches!(one.told, Some((_, Told::Done))));
    let (captures, cancels) =
        (done(|ask| matches!(ask, Ask::Capture { .. })), done(|ask| matches!(ask, Ask::Cancel { .. })));
    let refunds = done(|ask| matches!(ask, Ask::Refund { .. }));
    println!(
        "{} operations, {lost} without an answer; {captures} captures, {cancels} cancels and {refunds} refunds done",
        all.len()
    );
    assert!(lost > 0, "a kill met nobody");
    assert!([captures, cancels, refunds].iter().all(|count| *count >= 5), "{captures} {cancels} {refunds}");
    assert!(count(&|one| matches!(one.told, Some((_, Told::ExceedsCharge)))) > 0, "nobody asked for too much");
}
