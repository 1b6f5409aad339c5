//! Contestant b of the remote saga: the service that a good engineer writes by hand where payment and carrier are
//! services of their own. Three durable local transactions an order, each one statement and so one transaction and one
//! round trip: reserved before the charge is sent, charged before the shipment is, completed before the client hears of
//! it. The rows are as lean as Counterfoil's; what is in flight is found again by a partial index, and a connection of
//! the pool is held for a local transaction only, not while a participant is waited for. Calls bear a key that is
//! derived from the order.

use std::io::Write as _;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use counterfoil::client::Client;
use counterfoil::participants::contract;
use deadpool_postgres::Pool;
use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Draft, Line, MAX_ATTEMPTS, POOL_SIZE, json, pool};
use crate::Outcome;
use crate::check::STOCK_EACH;
use crate::cluster::connect;

/// The name space of the keys: a deployment's id.
const DEPLOYMENT: Uuid = Uuid::from_u128(0x6f8d_1c70_52a4_4f0b_9d3e_0b7a_5c21_9e44);

const SCHEMA: &str = "
    CREATE TABLE orders (
        order_id    text        PRIMARY KEY,
        customer_id text        NOT NULL,
        state       text        NOT NULL,
        version     int         NOT NULL,
        currency    text        NOT NULL,
        amount      bigint      NOT NULL CHECK (amount >= 0),
        lines       text        NOT NULL,
        ship_to     text        NOT NULL,
        metadata    text        NOT NULL,
        fingerprint bytea       NOT NULL,
        shipment    text,
        answer      text,
        created_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX orders_in_flight ON orders (order_id) WHERE state <> 'COMPLETED';
    CREATE TABLE payments (
        order_id    text        PRIMARY KEY,
        method      text        NOT NULL,
        amount      bigint      NOT NULL,
        captured    bigint      NOT NULL CHECK (captured <= amount),
        reference   text
    );
    CREATE TABLE order_events (
        order_id      text      NOT NULL,
        first_version int       NOT NULL,
        events        text      NOT NULL,
        PRIMARY KEY (order_id, first_version)
    );
    CREATE TABLE inventory (
        sku      text   PRIMARY KEY,
        on_hand  bigint NOT NULL,
        reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0 AND reserved <= on_hand)
    ) WITH (fillfactor = 50);";

/// Stores the order with its reservation; no row where it is there already. The hot rows come last.
const RESERVE: &str = "
    WITH placed AS (
        INSERT INTO orders (order_id, customer_id, state, version, currency, amount, lines, ship_to, metadata,
                            fingerprint)
        VALUES ($1::text, $2::text, 'INVENTORY_RESERVED', 2, $3::text, $4::int8, $5::text, $6::text, $7::text,
                $8::bytea)
        ON CONFLICT (order_id) DO NOTHING
        RETURNING order_id
    ), paid AS (
        INSERT INTO payments (order_id, method, amount, captured)
        SELECT order_id, $9::text, $4::int8, 0 FROM placed
    ), logged AS (
        INSERT INTO order_events (order_id, first_version, events)
        SELECT order_id, 1, $10::text FROM placed
        RETURNING order_id
    ), held AS (
        UPDATE inventory i SET reserved = i.reserved + n.quantity
        FROM unnest($11::text[], $12::int8[]) AS n (sku, quantity)
        WHERE EXISTS (SELECT FROM logged) AND i.sku = n.sku
    )
    SELECT order_id FROM logged";

/// The money moved.
const CHARGED: &str = "
    WITH moved AS (
        UPDATE orders SET state = 'PAYMENT_CHARGED', version = 3
        WHERE order_id = $1::text AND version = 2
        RETURNING order_id
    ), paid AS (
        UPDATE payments p SET captured = p.amount, reference = $2::text FROM moved WHERE p.order_id = moved.order_id
    )
    INSERT INTO order_events (order_id, first_version, events)
    SELECT order_id, 3, $3::text FROM moved
    RETURNING order_id";

/// The carrier has it, and the stock leaves.
const SHIPPED: &str = "
    WITH moved AS (
        UPDATE orders SET state = 'COMPLETED', version = 5, shipment = $2::text, answer = $3::text
        WHERE order_id = $1::text AND version = 3
        RETURNING order_id
    ), logged AS (
        INSERT INTO order_events (order_id, first_version, events)
        SELECT order_id, 4, $4::text FROM moved
        RETURNING order_id
    ), gone AS (
        UPDATE inventory i SET on_hand = i.on_hand - n.quantity, reserved = i.reserved - n.quantity
        FROM unnest($5::text[], $6::int8[]) AS n (sku, quantity)
        WHERE EXISTS (SELECT FROM logged) AND i.sku = n.sku
    )
    SELECT order_id FROM logged";

const STORED_ANSWER: &str = "SELECT fingerprint, answer FROM orders WHERE order_id = $1";

/// What an event's row holds; the order's own row has the rest.
#[derive(Serialize)]
#[serde(tag = "type")]
enum Event<'a> {
    #[serde(rename = "order.created")]
    Created,
    #[serde(rename = "inventory.reserved")]
    Reserved,
    #[serde(rename = "payment.charged")]
    Charged { amount: i64, reference: &'a str },
    #[serde(rename = "shipment.created")]
    Shipped { reference: &'a str },
    #[serde(rename = "order.completed")]
    Completed,
}

/// One worker's share of the service, with its own connections to PostgreSQL and to the participants.
struct Shop {
    pool: Pool,
    participants: Client,
}

/// What went wrong is told to the client, who is the bench.
type Answered = Result<HttpResponse, Box<dyn std::error::Error>>;

/// Makes tables and stock, listens, says so on stdout, and serves until it is killed.
pub fn serve(database_url: &str, participants: &str, listen: &str) -> Outcome<()> {
    actix_web::rt::System::new().block_on(async {
        let client = connect(database_url).await?;
        client.batch_execute(SCHEMA).await?;
        let stock = "INSERT INTO inventory (sku, on_hand)
                     SELECT 'SKU-' || lpad(n::text, 6, '0'), $1 FROM generate_series(1, 1000) n";
        client.execute(stock, &[&STOCK_EACH]).await?;
        client.batch_execute("VACUUM ANALYZE inventory").await?;
        drop(client);
        let workers = std::thread::available_parallelism()?.get().min(POOL_SIZE);
        let config: tokio_postgres::Config = database_url.parse()?;
        Client::anonymous(participants)?;
        let participants = participants.to_owned();
        let server = HttpServer::new(move || {
            let participants = Client::anonymous(&participants).expect("a URL that was tried above");
            let shop = Data::new(Shop { pool: pool(config.clone(), POOL_SIZE / workers), participants });
            App::new().app_data(shop).route("/orders", web::post().to(place))
        });
        let server = server.workers(workers).backlog(1024).bind(listen)?;
        println!("listening on http://{}", server.addrs()[0]);
        std::io::stdout().flush()?;
        Ok(server.run().await?)
    })
}

/// `POST /orders`
async fn place(body: Bytes, shop: Data<Shop>) -> HttpResponse {
    match Draft::read(&body) {
        Ok(draft) => {
            shop.place(&draft).await.unwrap_or_else(|error| HttpResponse::InternalServerError().body(error.to_string()))
        }
        Err(error) => HttpResponse::BadRequest().body(error),
    }
}

impl Shop {
    async fn place(&self, draft: &Draft) -> Answered {
        let order = &draft.order;
        let (skus, quantities) = draft.needed();
        let events = json(&[Event::Created, Event::Reserved]);
        let (lines, ship_to, metadata) = (json(&order.lines), json(&order.ship_to), json(&order.metadata));
        let reserved: &[&(dyn ToSql + Sync)] = &[
            &order.order_id,
            &order.customer_id,
            &order.currency,
            &draft.amount,
            &lines,
            &ship_to,
            &metadata,
            &draft.fingerprint,
            &order.payment_method,
            &events,
            &skus,
            &quantities,
        ];
        if !self.commit(RESERVE, reserved).await? {
            return self.repeat(draft).await;
        }
        let charge = contract::ContractRequest::Charge(contract::Charge {
            order_id: order.order_id.clone(),
            customer_id: order.customer_id.clone(),
            amount: draft.amount,
            currency: order.currency.clone(),
            payment_method: order.payment_method.clone(),
        });
        let reference = self.call(&order.order_id, charge).await?;
        let events = json(&[Event::Charged { amount: draft.amount, reference: &reference }]);
        if !self.commit(CHARGED, &[&order.order_id, &reference, &events]).await? {
            return Err("the order moved on without its charge".into());
        }
        let reference = self.call(&order.order_id, ship(draft)).await?;
        let events = json(&[Event::Shipped { reference: &reference }, Event::Completed]);
        let shipped: &[&(dyn ToSql + Sync)] =
            &[&order.order_id, &reference, &draft.answer, &events, &skus, &quantities];
        if !self.commit(SHIPPED, shipped).await? {
            return Err("the order moved on without its shipment".into());
        }
        Ok(created(draft.answer.clone()))
    }

    /// Runs a local transaction; `false` where the order is not where the local transaction begins.
    async fn commit(&self, txn: &str, values: &[&(dyn ToSql + Sync)]) -> Outcome<bool> {
        let client = self.pool.get().await?;
        let statement = client.prepare_cached(txn).await?;
        for attempt in 1.. {
            match client.query_opt(&statement, values).await {
                Ok(row) => return Ok(row.is_some()),
                // Orders of several lines may meet in a deadlock, since `UPDATE ... FROM` locks in plan order.
                Err(error) if error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED) && attempt < MAX_ATTEMPTS => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }

    /// Asks a participant, and gives back its name for what it did.
    async fn call(&self, order_id: &str, request: contract::ContractRequest) -> Outcome<String> {
        let action = request.action();
        let key = Uuid::new_v5(&DEPLOYMENT, format!("{order_id}/{action}/").as_bytes()).to_string();
        let headers = [(contract::IDEMPOTENCY_KEY, key.as_str())];
        let body = Some(request.body().into());
        let answer = self.participants.request(hyper::Method::POST, &format!("/{action}"), &headers, body).await?;
        match contract::ContractAnswer::read(answer.status, &answer.body) {
            contract::ContractAnswer::Done(done) => Ok(done.reference),
            other => Err(format!("{action}: {other:?}").into()),
        }
    }

    /// The order is there already: the same request gets the stored answer again, once there is one.
    async fn repeat(&self, draft: &Draft) -> Answered {
        let client = self.pool.get().await?;
        let stored = client.prepare_cached(STORED_ANSWER).await?;
        let row = client.query_one(&stored, &[&draft.order.order_id]).await?;
        if row.get::<_, &[u8]>(0) != draft.fingerprint {
            return Ok(HttpResponse::Conflict().body("the order exists with other content"));
        }
        Ok(row.get::<_, Option<String>>(1).map_or_else(|| HttpResponse::Accepted().finish(), created))
    }
}

fn created(answer: String) -> HttpResponse {
    HttpResponse::Created().insert_header((header::CONTENT_TYPE, "application/json")).body(answer)
}

fn ship(draft: &Draft) -> contract::ContractRequest {
    let (order, to) = (&draft.order, &draft.order.ship_to);
    let line = |line: &Line| contract::Line { sku: line.sku.clone(), quantity: line.quantity };
    contract::ContractRequest::Ship(contract::Ship {
        order_id: order.order_id.clone(),
        lines: order.lines.iter().map(line).collect(),
        ship_to: contract::Address {
            name: to.name.clone(),
            line1: to.line1.clone(),
            line2: to.line2.clone(),
            city: to.city.clone(),
            postal_code: to.postal_code.clone(),
            region: None,
            country: to.country.clone(),
            email: None,
            phone: None,
        },
    })
}
