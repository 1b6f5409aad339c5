//! The rows of b': one row an order with all that belongs to it as text, one payment, one row for all its events.

use deadpool_postgres::Object;
use serde::Serialize;

use super::{Draft, Line, json};

pub const SCHEMA: &str = "
    CREATE TABLE orders (
        order_id    text        PRIMARY KEY,
        customer_id text        NOT NULL,
        state       smallint    NOT NULL,
        version     int         NOT NULL,
        currency    text        NOT NULL,
        amount      bigint      NOT NULL CHECK (amount >= 0),
        lines       text        NOT NULL,
        ship_to     text        NOT NULL,
        metadata    text        NOT NULL,
        fingerprint bytea       NOT NULL,
        answer      text        NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE payments (
        order_id    text        PRIMARY KEY,
        method      text        NOT NULL,
        amount      bigint      NOT NULL,
        state       smallint    NOT NULL
    );
    CREATE TABLE order_events (
        order_id      text      NOT NULL,
        first_version int       NOT NULL,
        events        text      NOT NULL,
        PRIMARY KEY (order_id, first_version)
    );";

/// Places an order whole, or says `false` if it is there already: a repeat waits at the orders row for the first one's
/// commit and then writes nothing. The stock comes last, and short stock takes all back, as in the full rows' statement.
const PLACE: &str = "
    WITH placed AS (
        INSERT INTO orders (order_id, customer_id, state, version, currency, amount, lines, ship_to, metadata,
                            fingerprint, answer)
        VALUES ($1::text, $2::text, 5, 5, $3::text, $4::int8, $5::text, $6::text, $7::text, $8::bytea, $9::text)
        ON CONFLICT (order_id) DO NOTHING
        RETURNING order_id
    ), paid AS (
        INSERT INTO payments (order_id, method, amount, state)
        SELECT order_id, $10::text, $4::int8, 1 FROM placed
    ), logged AS (
        INSERT INTO order_events (order_id, first_version, events)
        SELECT order_id, 1, $11::text FROM placed
        RETURNING 1
    ), taken AS (
        UPDATE inventory i SET on_hand = i.on_hand - n.quantity
        FROM unnest($12::text[], $13::int8[]) AS n (sku, quantity)
        WHERE (SELECT count(*) FROM logged) = 1 AND i.sku = n.sku AND i.on_hand >= n.quantity
        RETURNING 1
    )
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM placed) THEN false
        WHEN (SELECT count(*) FROM taken) = cardinality($12::text[]) THEN true
        ELSE refuse_short_stock()
    END";

pub const STORED_ANSWER: &str = "SELECT fingerprint, answer FROM orders WHERE order_id = $1";

/// What the event row holds; the order's own row has the rest.
#[derive(Serialize)]
#[serde(tag = "type")]
enum Event<'a> {
    #[serde(rename = "order.created")]
    Created { amount: i64 },
    #[serde(rename = "inventory.reserved")]
    Reserved { lines: &'a [Line] },
    #[serde(rename = "payment.charged")]
    Charged { method: &'a str, amount: i64 },
    #[serde(rename = "shipment.created")]
    Shipped { postal_code: &'a str },
    #[serde(rename = "order.completed")]
    Completed,
}

/// Runs [`PLACE`]; `false` if the order is there already.
pub async fn place(client: &Object, draft: &Draft) -> Result<bool, tokio_postgres::Error> {
    let order = &draft.order;
    let statement = client.prepare_cached(PLACE).await?;
    let (needed_skus, needed_quantities) = draft.needed();
    let events = [
        Event::Created { amount: draft.amount },
        Event::Reserved { lines: &order.lines },
        Event::Charged { method: &order.payment_method, amount: draft.amount },
        Event::Shipped { postal_code: &order.ship_to.postal_code },
        Event::Completed,
    ];
    let row = client
        .query_one(
            &statement,
            &[
                &order.order_id,
                &order.customer_id,
                &order.currency,
                &draft.amount,
                &json(&order.lines),
                &json(&order.ship_to),
                &json(&order.metadata),
                &draft.fingerprint,
                &draft.answer,
                &order.payment_method,
                &json(&events),
                &needed_skus,
                &needed_quantities,
            ],
        )
        .await?;
    Ok(row.get(0))
}
