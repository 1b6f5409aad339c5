-- Sagas with remote participants: what is still to be done about an order and by when, refunds, verbs, operators,
-- engines. An order whose participants are all local, and that ends in its one commit, writes none of these tables.
--
-- Programs older than 0.2.0 may not run on it: they would leave orders that wait (an authorised one, one that asks for
-- a human) without the row of `order_work` by which every engine finds them again.

ALTER TABLE orders ADD COLUMN reservation_reference text COLLATE "C"; -- a remote inventory's name for the reservation
ALTER TABLE payments ADD COLUMN capture_reference text COLLATE "C";   -- manual capture: `reference` names the authorisation

-- What was asked back of an order that completed. Refunds never exceed the charge: the amount of each that is not
-- refused is part of `payments.refunded`, from the transaction of its intent on, under the CHECK there. One a key.
CREATE TABLE refunds (
    order_id text     COLLATE "C" NOT NULL,
    client   text     COLLATE "C" NOT NULL,                       -- who asked ...
    key      text     COLLATE "C" NOT NULL,                       -- ... and under which key: its name
    position integer  NOT NULL CHECK (position > 0),              -- in the order of asking
    amount   bigint   NOT NULL CHECK (amount > 0),
    status   text     COLLATE "C" NOT NULL CHECK (status IN ('intended', 'refunded', 'refused')),
    reason   text     COLLATE "C" NOT NULL,
    restock  text     COLLATE "C",                                -- JSON: what comes back to the shelf with the money
    PRIMARY KEY (order_id, client, key)
);

-- Every order ends, or is visibly stuck: a narrow row for each order of which something is left to be done, written
-- and removed by the order's own commits. All times are this database's.
CREATE TABLE order_work (
    order_id   text        COLLATE "C" NOT NULL PRIMARY KEY,
    version    integer     NOT NULL,                -- of the order, as of its last commit
    wake_at    timestamptz,                         -- when any engine may claim it; NULL: not before somebody speaks to it
    expires_at timestamptz,                         -- of its reservation or authorisation, while that binds
    intent_at  timestamptz NOT NULL,                -- of the commit that intended the call which is due
    attempts   smallint    NOT NULL DEFAULT 0 CHECK (attempts >= 0), -- of that call, without an answer that counts
    claims     smallint    NOT NULL DEFAULT 0 CHECK (claims >= 0),   -- since it last moved on
    owner      uuid,                                -- the engine that holds it until `wake_at`
    look       boolean     NOT NULL DEFAULT false   -- a participant said that something happened to it
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
-- What is due, the longest overdue first. Each commit of an order in flight moves its entry.
CREATE INDEX order_work_by_wake_at ON order_work (wake_at) WHERE wake_at IS NOT NULL;

-- A verb's key is bound when it is asked, and may be answered by a later commit of its order: which are open?
-- Submissions never enter it.
CREATE INDEX idempotency_keys_open ON idempotency_keys (order_id)
    WHERE answer_status IS NULL AND order_id IS NOT NULL AND route <> 'POST /orders';

-- A restock is journaled with its order, and so can be held against the refund that it came with.
ALTER TABLE inventory_journal ADD COLUMN order_id text COLLATE "C";

-- What operators did, and why: written with the change itself.
CREATE TABLE operator_log (
    order_id text        COLLATE "C" NOT NULL,
    entry_id uuid        NOT NULL DEFAULT gen_random_uuid(),
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    by       text        COLLATE "C" NOT NULL,
    verb     text        COLLATE "C" NOT NULL,
    reason   text        COLLATE "C" NOT NULL,
    before   text        COLLATE "C" NOT NULL,      -- JSON: where the order stood
    after    text        COLLATE "C" NOT NULL,      -- and where it stands since
    PRIMARY KEY (order_id, entry_id)
);

-- The engines on this database, as they tell themselves. For people: nothing is decided by it.
CREATE TABLE nodes (
    node_id      uuid        PRIMARY KEY,
    name         text        NOT NULL,
    version      text        NOT NULL,
    state        text        NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What participants told by webhook, each once by its id, until it is handled: one may come before its order is known.
CREATE TABLE webhook_inbox (
    participant text        COLLATE "C" NOT NULL,
    webhook_id  text        COLLATE "C" NOT NULL,
    order_id    text        COLLATE "C",            -- absent where it names none that is known
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    handled_at  timestamptz,
    PRIMARY KEY (participant, webhook_id)
);
CREATE INDEX webhook_inbox_unhandled ON webhook_inbox (received_at) WHERE handled_at IS NULL;

-- Orders that wait already: an authorised one until its capture, under the time that 0.1.0 would have had (7 days).
INSERT INTO order_work (order_id, version, wake_at, expires_at, intent_at)
SELECT o.order_id, o.version, CASE WHEN o.attention IS NULL THEN coalesce(d.expires_at, clock_timestamp()) END,
    d.expires_at, o.updated_at
FROM orders o
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.state = 'PAYMENT_AUTHORIZED' THEN o.updated_at + interval '7 days' END AS expires_at
) d
WHERE o.state <> 'COMPLETED' AND o.state <> 'CANCELLED';
