//! Clients who place orders all the while, wherever an engine listens: each repeats a request until it has its final answer, as
//! clients are told to, and remembers it. And what they were told, against the rows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use counterfoil::client::{Client, HttpAnswer};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_postgres::Client as Session;

use crate::support::program::{body, send};

/// Between two tries of one request.
const PAUSE: Duration = Duration::from_millis(20);

/// What a client was told for good, and what a repeat was told.
#[derive(Debug)]
struct Told {
    order_id: String,
    status: u16,
    answer: String,
}

/// Clients at work.
pub struct Load {
    urls: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    placed: Arc<AtomicUsize>,
    clients: JoinHandle<Vec<Told>>,
}

impl Load {
    /// So many of them, each with a pause between its orders.
    pub fn start(urls: Vec<String>, clients: usize, pause: Duration) -> Self {
        let (urls, ended, placed) =
            (Arc::new(Mutex::new(urls)), Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (theirs, until, count) = (Arc::clone(&urls), Arc::clone(&ended), Arc::clone(&placed));
        // A thread of their own: a test that kills a server waits for its end.
        let clients = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let client = async |number: usize| {
                let mut one = One { urls: Arc::clone(&theirs), clients: HashMap::new(), turn: number };
                let mut told = Vec::new();
                while !until.load(Ordering::Relaxed) {
                    told.push(one.place(&format!("C{number}-{}", told.len()), told.len()).await);
                    count.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(pause).await;
                }
                told
            };
            runtime.block_on(join_all((0..clients).map(client))).into_iter().flatten().collect()
        });
        Self { urls, ended, placed, clients }
    }

    /// Where engines listen now.
    pub fn listen(&self, urls: Vec<String>) {
        *self.urls.lock().unwrap_or_else(PoisonError::into_inner) = urls;
    }

    /// How many orders have their answer.
    pub fn placed(&self) -> usize {
        self.placed.load(Ordering::Relaxed)
    }

    /// Ends it, and holds what was told against the rows: each order that a client was told of is there, as they were told,
    /// and no other. How many.
    pub async fn judge(self, session: &Session) -> usize {
        self.ended.store(true, Ordering::Relaxed);
        let clients = tokio::task::spawn_blocking(|| self.clients.join()).await.expect("no panic").expect("clients");
        let told: HashMap<_, _> = clients.into_iter().map(|told| (told.order_id.clone(), told)).collect();
        let rows = session.query("SELECT order_id, answer_status, answer FROM orders", &[]).await.expect("the orders");
        for row in &rows {
            let (order_id, status, answer): (String, Option<i16>, Option<String>) =
                (row.get(0), row.get(1), row.get(2));
            let told = told.get(&order_id).unwrap_or_else(|| panic!("{order_id}: nobody placed it"));
            assert_eq!((Some(told.status), Some(&told.answer)), (status.map(|s| s.unsigned_abs()), answer.as_ref()));
        }
        assert_eq!(rows.len(), told.len(), "an order that a client was told of is not there");
        rows.len()
    }
}

struct One {
    urls: Arc<Mutex<Vec<String>>>,
    clients: HashMap<String, Client>,
    turn: usize,
}

impl One {
    /// An order: every fourth is declined, and every other fourth captured by hand.
    async fn place(&mut self, order_id: &str, n: usize) -> Told {
        let mut order = body(order_id, "SKU-0001");
        match n % 4 {
            0 => order["capture"] = json!("manual"),
            1 => order["payment_method"] = json!("pm_declined"),
            _ => {}
        }
        let answer = self.told("/orders", &order, &[]).await;
        if n.is_multiple_of(4) {
            self.told(&format!("/orders/{order_id}/capture"), &json!({}), &[("idempotency-key", "\"k\"")]).await;
        }
        if n.is_multiple_of(8) {
            let again = self.told("/orders", &order, &[]).await;
            assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{order_id}: another answer");
        }
        let text = String::from_utf8(answer.body.to_vec()).expect("text");
        Told { order_id: order_id.to_owned(), status: answer.status, answer: text }
    }

    /// What a request is told for good, wherever somebody answers.
    async fn told(&mut self, path: &str, what: &Value, headers: &[(&str, &str)]) -> HttpAnswer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        loop {
            self.turn += 1;
            let url = {
                let urls = self.urls.lock().unwrap_or_else(PoisonError::into_inner);
                urls[self.turn % urls.len()].clone()
            };
            let client =
                self.clients.entry(url).or_insert_with_key(|url| Client::anonymous(url).expect("a client")).clone();
            match send(&client, "POST", path, &all, what.to_string()).await {
                Ok(answer) if [201, 402].contains(&answer.status) => return answer,
                // Nobody knows what became of it: it is repeated.
                Ok(answer) if answer.status >= 500 => {}
                Ok(answer) => panic!("{path}: {answer:?}"),
                Err(_gone) => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
