-- The tables of an order: the fewest rows, indexes and WAL bytes that hold every promise. Each constraint stands for
-- one; ARCHITECTURE.md names the promise and its test. Text is compared bytewise (C): all that ids need, and fastest.

-- One row: who this database is, and which programs may run on it.
CREATE TABLE deployment (
    singleton      boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    deployment_id  uuid        NOT NULL DEFAULT gen_random_uuid(), -- the name space of all step keys
    schema_version integer     NOT NULL,
    oldest_binary  text        NOT NULL,                           -- the oldest program version that may run on it
    migrated_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- An order, with its content, its reservation, its shipment and its one final answer: one row. Lines, details,
-- failure and attention are JSON as text: never searched by the engine, and half the cost of jsonb.
CREATE TABLE orders (
    order_id           text     COLLATE "C" NOT NULL PRIMARY KEY,  -- processed at most once
    commit_id          bigint   NOT NULL,                          -- of the transaction that wrote it last
    amount             bigint   NOT NULL CHECK (amount > 0),
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    version            integer  NOT NULL CHECK (version > 0),      -- how many events
    saga_version       smallint NOT NULL,
    plan               smallint NOT NULL,                          -- bits: 1 inventory, 2 payment, 4 shipment are remote
    answer_status      smallint,
    state              text     COLLATE "C" NOT NULL CHECK (state IN (
        'CREATED', 'INVENTORY_RESERVED', 'PAYMENT_AUTHORIZED', 'PAYMENT_CHARGED', 'SHIPMENT_CREATED', 'COMPLETED',
        'COMPENSATING', 'CANCELLED')),
    stock              text     COLLATE "C" NOT NULL,              -- what became of its reservation
    shipment           text     COLLATE "C" NOT NULL,
    currency           text     COLLATE "C" NOT NULL,
    client             text     COLLATE "C" NOT NULL,
    customer_id        text     COLLATE "C" NOT NULL,
    fingerprint        bytea    NOT NULL,
    lines              text     COLLATE "C" NOT NULL,
    details            text     COLLATE "C" NOT NULL,
    answer             text     COLLATE "C",                       -- byte for byte
    shipment_reference text     COLLATE "C",
    failure            text     COLLATE "C",
    attention          text     COLLATE "C",
    CHECK ((answer IS NULL) = (answer_status IS NULL)),
    CHECK (answer IS NOT NULL OR state NOT IN ('COMPLETED', 'CANCELLED'))
);

CREATE INDEX orders_by_customer ON orders (customer_id, order_id);
-- A fused order that completes enters neither of these.
CREATE INDEX orders_by_state ON orders (state, order_id) WHERE state <> 'COMPLETED';
CREATE INDEX orders_by_attention ON orders (order_id) WHERE attention IS NOT NULL;

-- Charged at most once: one payment an order. Refunds never exceed the charge.
CREATE TABLE payments (
    order_id  text    COLLATE "C" NOT NULL UNIQUE,
    status    text    COLLATE "C" NOT NULL,
    unknown   boolean NOT NULL DEFAULT false,   -- an answer was lost at least once
    known     boolean NOT NULL DEFAULT false,   -- the participant told us that money is held or moved
    amount    bigint  NOT NULL CHECK (amount > 0),
    captured  bigint  NOT NULL CHECK (captured >= 0 AND captured <= amount),
    refunded  bigint  NOT NULL CHECK (refunded >= 0 AND refunded <= captured),
    reference text    COLLATE "C"
);

-- One row for the events of one commit. INSERT only: what was published is kept in a cursor elsewhere. `xact` lets a
-- relay read behind the snapshot horizon, since a sequence's order is not commit order.
CREATE TABLE order_events (
    order_id      text        COLLATE "C" NOT NULL,
    first_version integer     NOT NULL CHECK (first_version > 0),
    at            timestamptz NOT NULL,
    xact          xid8        NOT NULL DEFAULT pg_current_xact_id(),
    events        text        COLLATE "C" NOT NULL, -- a JSON array; order.created leaves out what the orders row holds
    PRIMARY KEY (order_id, first_version)
);

-- Never oversold: what is reserved is on the shelf.
CREATE TABLE inventory (
    sku      text   COLLATE "C" PRIMARY KEY,
    on_hand  bigint NOT NULL,
    reserved bigint NOT NULL DEFAULT 0,
    CONSTRAINT inventory_not_oversold CHECK (reserved >= 0 AND reserved <= on_hand)
) WITH (fillfactor = 50); -- room for HOT updates: a hot SKU is updated in every batch

-- Every change of stock by hand, so that on_hand = sum(delta) - shipped can be audited.
CREATE TABLE inventory_journal (
    sku      text        COLLATE "C" NOT NULL,
    entry_id uuid        NOT NULL DEFAULT gen_random_uuid(),
    delta    bigint      NOT NULL,
    reason   text        NOT NULL,
    client   text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sku, entry_id)
);

-- The keys that clients sent, and what they stand for.
CREATE TABLE idempotency_keys (
    client        text   COLLATE "C" NOT NULL,
    route         text   COLLATE "C" NOT NULL, -- method and route, with the order_id or SKU of its path
    key           text   COLLATE "C" NOT NULL,
    order_id      text   COLLATE "C",          -- absent for a verb that is about no order
    commit_id     bigint NOT NULL,
    fingerprint   bytea  NOT NULL,
    answer_status smallint,                    -- of a verb; a submission's answer is the order's
    answer        text   COLLATE "C",
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client, route, key)
);

-- Raises where a statement of a pipelined transaction wrote other rows than it had to: counts seen by the client would
-- come after its COMMIT.
CREATE FUNCTION counterfoil_assert(holds boolean, code text, message text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION '%', message USING ERRCODE = code;
    END IF;
    RETURN true;
END $$;
