-- Webhooks that go out (`ports/webhooks.rs`): endpoints with their cursors, and rows for failures only. An order that is
-- delivered everywhere has no row here: nothing of this is written when an order is.
--
-- Secrets are here in the clear: a signature needs them. Who may read this table may sign as this shop does; a backup holds
-- them, too.
CREATE TABLE webhook_endpoints (
    endpoint_id     uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    name            text        COLLATE "C" NOT NULL UNIQUE,
    deployment_id   uuid        NOT NULL,               -- whose it is: to one that came with a copy nothing is delivered
    url             text        COLLATE "C" NOT NULL,
    secrets         text        COLLATE "C" NOT NULL,   -- JSON: a list, the new one first
    secrets_until   timestamptz,                        -- from then on the first alone counts
    types           text        COLLATE "C" NOT NULL,   -- JSON: a list; empty is all
    clients         text        COLLATE "C" NOT NULL,   -- likewise
    personal_data   boolean     NOT NULL,
    strict          boolean     NOT NULL,
    configured      boolean     NOT NULL,
    state           text        COLLATE "C" NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    state_reason    text        COLLATE "C",                -- of an active one: why it gets nothing new
    revision        bigint      NOT NULL DEFAULT 1,     -- raised by whatever who delivers must not write over, or judge
                                                        -- events by as it was before
    run             integer     NOT NULL DEFAULT 1,     -- raised by each replay
    position        text        COLLATE "C" NOT NULL,   -- JSON: how far the feed was read
    since           timestamptz,                        -- what was decided earlier is passed over
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_success_at timestamptz
) WITH (fillfactor = 50);

-- Orders that wait at an event which an endpoint did not take: this event and all of the order behind it, as far as the
-- cursor has come. One row an order, whatever it has of events.
CREATE TABLE webhook_waiting (
    order_id        text        COLLATE "C" NOT NULL,
    endpoint_id     uuid        NOT NULL,
    version         integer     NOT NULL CHECK (version > 0),
    upto            integer     NOT NULL,
    failures        integer     NOT NULL CHECK (failures >= 0),
    run             integer     NOT NULL,
    first_failed_at timestamptz NOT NULL,
    next_try_at     timestamptz,                        -- NULL: an operator is waited for
    status          smallint,
    error           text        COLLATE "C",
    PRIMARY KEY (order_id, endpoint_id),
    CONSTRAINT webhook_waiting_for_itself_at_least CHECK (upto >= version)
) WITH (fillfactor = 70);
-- All of an endpoint's are read when somebody begins to deliver to it.
CREATE INDEX webhook_waiting_by_endpoint ON webhook_waiting (endpoint_id);

-- Events without which their orders went on. The cursor may lie before them: who reads them again must know.
CREATE TABLE webhook_set_aside (
    order_id        text        COLLATE "C" NOT NULL,
    endpoint_id     uuid        NOT NULL,
    version         integer     NOT NULL CHECK (version > 0),
    run             integer     NOT NULL,               -- of the endpoint: a replay brings them again
    failures        integer     NOT NULL,
    first_failed_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- when it was set aside
    again           boolean     NOT NULL DEFAULT false, -- an operator wants it delivered
    skipped         boolean     NOT NULL DEFAULT false, -- an operator does not: only the row keeps it from being so
    status          smallint,
    error           text        COLLATE "C" NOT NULL,
    PRIMARY KEY (order_id, endpoint_id, version)
);
CREATE INDEX webhook_set_aside_by_endpoint ON webhook_set_aside (endpoint_id, order_id, version);
