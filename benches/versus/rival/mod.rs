//! Contestants b and b': the order service that a good engineer writes by hand, with all we know put into it.
//!
//! One statement an order, so one round trip and one transaction; its stored answer and its rows commit together
//! or not at all. A repeat inserts nothing (it waits for the first one's commit) and reads the stored answer.
//! The hot row, the stock, is locked last. Statements are prepared once a connection; 16 connections; no
//! foreign keys, and no index beyond the keys: each would only slow it down.

mod full;
mod lean;
pub mod saga;

use std::io::Write as _;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use crate::Outcome;
use crate::check::STOCK_EACH;
use crate::cluster::connect;

pub use full::PLACE as PLACE_FULL;

/// More connections only queue up inside PostgreSQL instead of before it.
const POOL_SIZE: usize = 16;
/// Orders of several lines may meet in a deadlock, since `UPDATE ... FROM` locks in plan order.
const MAX_ATTEMPTS: usize = 5;
/// Raised by `refuse_short_stock()`.
const SHORT_STOCK: &str = "CF409";

/// Which rows an order gets.
#[derive(Clone, Copy)]
pub enum Rows {
    /// Every part of an order in a table of its own (b).
    Full,
    /// As few and as small rows as Counterfoil's (b').
    Lean,
}

impl Rows {
    fn schema(self) -> &'static str {
        match self {
            Self::Full => full::SCHEMA,
            Self::Lean => lean::SCHEMA,
        }
    }

    fn stored_answer(self) -> &'static str {
        match self {
            Self::Full => full::STORED_ANSWER,
            Self::Lean => lean::STORED_ANSWER,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceOrder {
    order_id: String,
    customer_id: String,
    currency: String,
    lines: Vec<Line>,
    payment_method: String,
    capture: Option<String>,
    ship_to: Address,
    #[serde(default)]
    metadata: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize, Serialize, Debug)]
#[serde(deny_unknown_fields)]
struct Line {
    sku: String,
    quantity: i64,
    unit_price: i64,
}

#[derive(Deserialize, Serialize, Debug)]
#[serde(deny_unknown_fields)]
struct Address {
    name: String,
    line1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line2: Option<String>,
    city: String,
    postal_code: String,
    country: String,
}

/// The answer, stored with the order so that a repeat gets the same bytes.
#[derive(Serialize)]
struct Placed<'a> {
    order_id: &'a str,
    state: &'a str,
    version: i32,
    amount: i64,
    currency: &'a str,
}

/// What is known of an order before PostgreSQL is asked.
struct Draft {
    order: PlaceOrder,
    amount: i64,
    fingerprint: Vec<u8>,
    answer: String,
}

impl Draft {
    /// Parses and checks a request; the error is what the client is told.
    fn read(body: &[u8]) -> Result<Self, String> {
        let mut order: PlaceOrder = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        if order.lines.is_empty() || order.lines.iter().any(|line| line.quantity < 1 || line.unit_price < 0) {
            return Err("an order has lines, each of at least one unit at no negative price".to_owned());
        }
        if order.capture.as_deref().is_some_and(|capture| capture != "automatic") {
            return Err("only automatic capture".to_owned());
        }
        let mut amounts = order.lines.iter().map(|line| line.quantity.checked_mul(line.unit_price));
        let amount = amounts.try_fold(0_i64, |sum, next| sum.checked_add(next?)).ok_or("the amount overflows")?;
        order.lines.sort_by(|a, b| a.sku.cmp(&b.sku));
        let placed =
            Placed { order_id: &order.order_id, state: "COMPLETED", version: 5, amount, currency: &order.currency };
        let answer = json(&placed);
        Ok(Self { amount, fingerprint: Sha256::digest(body).to_vec(), answer, order })
    }

    /// How much to take of each SKU, in SKU order; lines of one SKU at two prices are one taking.
    fn needed(&self) -> (Vec<&str>, Vec<i64>) {
        let mut skus: Vec<&str> = Vec::with_capacity(self.order.lines.len());
        let mut quantities = Vec::with_capacity(self.order.lines.len());
        for line in &self.order.lines {
            if skus.last() == Some(&&*line.sku) {
                *quantities.last_mut().expect("as long as skus") += line.quantity;
            } else {
                skus.push(&line.sku);
                quantities.push(line.quantity);
            }
        }
        (skus, quantities)
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structs are JSON")
}

/// One worker's share of the service. The pool is the worker's own: a connection's task then runs on the thread
/// of the requests that use it, and no query crosses threads.
struct Shop {
    rows: Rows,
    pool: Pool,
}

/// Makes tables and stock, listens, says so on stdout, and serves until it is killed.
pub fn serve(rows: Rows, database_url: &str, listen: &str) -> Outcome<()> {
    actix_web::rt::System::new().block_on(async {
        let client = connect(database_url).await?;
        prepare_database(&client, rows).await?;
        drop(client);
        let workers = std::thread::available_parallelism()?.get().min(POOL_SIZE);
        let config: tokio_postgres::Config = database_url.parse()?;
        let server = HttpServer::new(move || {
            let pool = pool(config.clone(), POOL_SIZE / workers);
            let shop = Data::new(Shop { rows, pool });
            App::new().app_data(shop).route("/orders", web::post().to(place))
        });
        let server = server.workers(workers).backlog(1024).bind(listen)?;
        println!("listening on http://{}", server.addrs()[0]);
        std::io::stdout().flush()?;
        Ok(server.run().await?)
    })
}

/// The same server without a database: it reads and checks each order, answers it and remembers none; whatever order is asked for,
/// it is this one, which is `ORD-0000000001`, under its own id.
pub fn serve_front(order: &str, listen: &str) -> Outcome<()> {
    let parts = order.split_once("ORD-0000000001").ok_or("the order is not the first")?;
    let parts = Data::new((parts.0.to_owned(), parts.1.to_owned()));
    actix_web::rt::System::new().block_on(async {
        let workers = std::thread::available_parallelism()?.get();
        let server = HttpServer::new(move || {
            let orders = web::resource("/orders").route(web::post().to(answer));
            App::new().app_data(parts.clone()).service(orders).route("/orders/{order_id}", web::get().to(show))
        });
        let server = server.workers(workers).backlog(1024).bind(listen)?;
        println!("listening on http://{}", server.addrs()[0]);
        std::io::stdout().flush()?;
        Ok(server.run().await?)
    })
}

async fn answer(body: Bytes) -> HttpResponse {
    match Draft::read(&body) {
        Ok(draft) => {
            HttpResponse::Created().insert_header((header::CONTENT_TYPE, "application/json")).body(draft.answer)
        }
        Err(error) => HttpResponse::BadRequest().body(error),
    }
}

async fn show(order_id: web::Path<String>, parts: Data<(String, String)>) -> HttpResponse {
    let body = [&*parts.0, &**order_id, &*parts.1].concat();
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(body)
}

/// Makes the tables of `rows` in an empty database, with the stock that every contestant has.
pub async fn prepare_database(client: &tokio_postgres::Client, rows: Rows) -> Outcome<()> {
    client.batch_execute(rows.schema()).await?;
    client.batch_execute(INVENTORY).await?;
    let stock = "INSERT INTO inventory SELECT 'SKU-' || lpad(n::text, 6, '0'), $1 FROM generate_series(1, 1000) n";
    client.execute(stock, &[&STOCK_EACH]).await?;
    // The planner must know how small the stock's table is: it decides how the statement joins it.
    Ok(client.batch_execute("VACUUM ANALYZE inventory").await?)
}

/// Half-filled pages leave room for new versions of a row on its own page: no update touches the index (HOT).
const INVENTORY: &str = "
    CREATE TABLE inventory (
        sku     text   PRIMARY KEY,
        on_hand bigint NOT NULL CHECK (on_hand >= 0)
    ) WITH (fillfactor = 50);

    CREATE FUNCTION refuse_short_stock() RETURNS bool LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'out of stock' USING ERRCODE = 'CF409';
    END $$;";

fn pool(config: tokio_postgres::Config, size: usize) -> Pool {
    let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config, NoTls, fast);
    Pool::builder(manager).max_size(size).build().expect("a pool without timeouts needs no runtime")
}

/// `POST /orders`
async fn place(body: Bytes, shop: Data<Shop>) -> HttpResponse {
    let draft = match Draft::read(&body) {
        Ok(draft) => draft,
        Err(error) => return HttpResponse::BadRequest().body(error),
    };
    let answer = match shop.pool.get().await {
        Ok(client) => shop.place(&client, draft).await,
        Err(error) => return HttpResponse::ServiceUnavailable().body(error.to_string()),
    };
    match answer {
        Ok(Answer::Placed(body)) => {
            HttpResponse::Created().insert_header((header::CONTENT_TYPE, "application/json")).body(body)
        }
        Ok(Answer::OutOfStock) => HttpResponse::Conflict().body("out of stock"),
        Ok(Answer::OtherContent) => HttpResponse::Conflict().body("the order exists with other content"),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

enum Answer {
    Placed(String),
    OutOfStock,
    OtherContent,
}

impl Shop {
    async fn place(&self, client: &Object, draft: Draft) -> Result<Answer, tokio_postgres::Error> {
        for attempt in 1.. {
            let outcome = match self.rows {
                Rows::Full => full::place(client, &draft).await,
                Rows::Lean => lean::place(client, &draft).await,
            };
            match outcome {
                Ok(true) => break,
                Ok(false) => return self.repeat(client, &draft).await,
                Err(error) if error.code().is_some_and(|code| code.code() == SHORT_STOCK) => {
                    return Ok(Answer::OutOfStock);
                }
                Err(error) if error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED) && attempt < MAX_ATTEMPTS => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Answer::Placed(draft.answer))
    }

    /// The order is there already: the same request gets the stored answer again.
    async fn repeat(&self, client: &Object, draft: &Draft) -> Result<Answer, tokio_postgres::Error> {
        let stored = client.prepare_cached(self.rows.stored_answer()).await?;
        let row = client.query_one(&stored, &[&draft.order.order_id]).await?;
        let same = row.get::<_, &[u8]>(0) == draft.fingerprint;
        Ok(if same { Answer::Placed(row.get(1)) } else { Answer::OtherContent })
    }
}
