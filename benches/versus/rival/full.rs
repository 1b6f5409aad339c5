//! The rows of b: every part of an order in a table of its own, events as jsonb, one key row with the stored answer.

use deadpool_postgres::Object;
use serde::Serialize;
use tokio_postgres::types::Json;

use super::{Draft, Line};

pub const SCHEMA: &str = "
    CREATE TABLE idempotency_keys (
        key         text        PRIMARY KEY,
        fingerprint bytea       NOT NULL,
        status      smallint    NOT NULL,
        answer      text        NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE orders (
        order_id    text        PRIMARY KEY,
        customer_id text        NOT NULL,
        state       text        NOT NULL,
        version     int         NOT NULL,
        currency    text        NOT NULL,
        amount      bigint      NOT NULL CHECK (amount >= 0),
        ship_to     jsonb       NOT NULL,
        metadata    jsonb       NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE order_lines (
        order_id    text        NOT NULL,
        line        int         NOT NULL,
        sku         text        NOT NULL,
        quantity    bigint      NOT NULL CHECK (quantity > 0),
        unit_price  bigint      NOT NULL CHECK (unit_price >= 0),
        PRIMARY KEY (order_id, line)
    );
    CREATE TABLE payments (
        order_id    text        PRIMARY KEY,
        method      text        NOT NULL,
        amount      bigint      NOT NULL,
        currency    text        NOT NULL,
        state       text        NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE shipments (
        order_id    text        PRIMARY KEY,
        state       text        NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE order_events (
        order_id    text        NOT NULL,
        version     int         NOT NULL,
        type        text        NOT NULL,
        data        jsonb       NOT NULL,
        at          timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (order_id, version)
    );";

/// Places an order whole, or says `false` if its key is taken. The key's row comes first: a repeat waits there for
/// the first one's commit and then writes nothing. The stock comes last (the count of events makes it wait), so that
/// the lock on a hot row is held over little more than the commit; short stock raises and takes all back.
pub const PLACE: &str = "
    WITH claimed AS (
        INSERT INTO idempotency_keys (key, fingerprint, status, answer)
        VALUES ($1::text, $2::bytea, 201, $3::text)
        ON CONFLICT (key) DO NOTHING
        RETURNING key
    ), placed AS (
        INSERT INTO orders (order_id, customer_id, state, version, currency, amount, ship_to, metadata)
        SELECT key, $4::text, 'COMPLETED', 5, $5::text, $6::int8, $7::jsonb, $8::jsonb FROM claimed
    ), lines AS MATERIALIZED (
        SELECT * FROM unnest($9::text[], $10::int8[], $11::int8[])
            WITH ORDINALITY AS l (sku, quantity, unit_price, line)
    ), lined AS (
        INSERT INTO order_lines (order_id, line, sku, quantity, unit_price)
        SELECT key, line, sku, quantity, unit_price FROM claimed, lines
    ), paid AS (
        INSERT INTO payments (order_id, method, amount, currency, state)
        SELECT key, $12::text, $6::int8, $5::text, 'CHARGED' FROM claimed
    ), shipped AS (
        INSERT INTO shipments (order_id, state)
        SELECT key, 'CREATED' FROM claimed
    ), logged AS (
        INSERT INTO order_events (order_id, version, type, data)
        SELECT key, version, type, data
        FROM claimed, (VALUES
            (1, 'order.created', $13::jsonb),
            (2, 'inventory.reserved', $14::jsonb),
            (3, 'payment.charged', $15::jsonb),
            (4, 'shipment.created', $16::jsonb),
            (5, 'order.completed', $17::jsonb)) AS e (version, type, data)
        RETURNING 1
    ), taken AS (
        UPDATE inventory i SET on_hand = i.on_hand - n.quantity
        FROM unnest($18::text[], $19::int8[]) AS n (sku, quantity)
        WHERE (SELECT count(*) FROM logged) = 5 AND i.sku = n.sku AND i.on_hand >= n.quantity
        RETURNING 1
    )
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM claimed) THEN false
        WHEN (SELECT count(*) FROM taken) = cardinality($18::text[]) THEN true
        ELSE refuse_short_stock()
    END";

pub const STORED_ANSWER: &str = "SELECT fingerprint, answer FROM idempotency_keys WHERE key = $1";

#[derive(Serialize, Debug)]
struct Created<'a> {
    customer_id: &'a str,
    currency: &'a str,
    amount: i64,
    lines: &'a [Line],
}

#[derive(Serialize, Debug)]
struct Reserved<'a> {
    skus: &'a [&'a str],
    quantities: &'a [i64],
}

#[derive(Serialize, Debug)]
struct Charged<'a> {
    method: &'a str,
    amount: i64,
}

#[derive(Serialize, Debug)]
struct Shipped<'a> {
    postal_code: &'a str,
    country: &'a str,
}

#[derive(Serialize, Debug)]
struct Completed {}

/// Runs [`PLACE`]; `false` if the order is there already.
pub async fn place(client: &Object, draft: &Draft) -> Result<bool, tokio_postgres::Error> {
    let order = &draft.order;
    let statement = client.prepare_cached(PLACE).await?;
    let skus: Vec<&str> = order.lines.iter().map(|line| &*line.sku).collect();
    let quantities: Vec<i64> = order.lines.iter().map(|line| line.quantity).collect();
    let prices: Vec<i64> = order.lines.iter().map(|line| line.unit_price).collect();
    let created = Created {
        customer_id: &order.customer_id,
        currency: &order.currency,
        amount: draft.amount,
        lines: &order.lines,
    };
    let (needed_skus, needed_quantities) = draft.needed();
    let reserved = Reserved { skus: &needed_skus, quantities: &needed_quantities };
    let charged = Charged { method: &order.payment_method, amount: draft.amount };
    let shipped = Shipped { postal_code: &order.ship_to.postal_code, country: &order.ship_to.country };
    let row = client
        .query_one(
            &statement,
            &[
                &order.order_id,
                &draft.fingerprint,
                &draft.answer,
                &order.customer_id,
                &order.currency,
                &draft.amount,
                &Json(&order.ship_to),
                &Json(&order.metadata),
                &skus,
                &quantities,
                &prices,
                &order.payment_method,
                &Json(&created),
                &Json(&reserved),
                &Json(&charged),
                &Json(&shipped),
                &Json(&Completed {}),
                &needed_skus,
                &needed_quantities,
            ],
        )
        .await?;
    Ok(row.get(0))
}
