-- What the database knows of who publishes: a witness for each part of each sink. Where a sink keeps its own cursor, beside
-- the events, this is not it: it is written now and then, and says that the sink had come that far. So a sink that lost its
-- cursor, or got an older one back, is known, and is not begun anew by whoever happens to start next. Where a sink keeps
-- none, `step` and `position` are the cursor.
--
-- Who writes it holds the lease of the part (0011), and asks so in the same transaction.
CREATE TABLE outbox_relays (
    sink      text        COLLATE "C" NOT NULL,
    part      integer     NOT NULL CHECK (part >= 0),    -- by the hash of order_id
    parts     integer     NOT NULL CHECK (parts > part),
    run       integer     NOT NULL DEFAULT 1 CHECK (run > 0), -- raised where an operator has it begin anew
    begins    text        NOT NULL,       -- where this run begins, as whoever configured or asked for it says
    begins_at text,                       -- the same as a position (JSON), once a relay has worked it out
    anew_in   integer,                    -- the epoch in which an operator had it begin anew, until a relay has done so: the
                                          -- word does not outlive a restore or a promotion
    over_epoch integer,                   -- and up to which epoch a cursor is passed over that is later than the database
    word      uuid,                       -- the name of what the operator said; the cursor bears it once it is carried out
    deployment uuid       NOT NULL,       -- whose: a row that came along into a clone is no witness of the clone's
    target    text,                       -- what is published to, in the sink's words, from before the first time on
    step      bigint      CHECK (step > 0), -- how many times was published in this run, as far as is known
    position  text,                       -- behind the last of them (JSON)
    stopped   text,                       -- why it waits for a human; NULL while it does not
    held      text,                       -- why an operator has nothing published; NULL where none does
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sink, part),
    CHECK ((step IS NULL) = (position IS NULL) AND (step IS NULL OR target IS NOT NULL AND begins_at IS NOT NULL))
) WITH (fillfactor = 50);

-- Events that an operator has a sink pass over, whatever part of it comes to them.
CREATE TABLE outbox_skips (
    sink  text        COLLATE "C" NOT NULL,
    event text        COLLATE "C" NOT NULL, -- its id
    epoch integer     NOT NULL,             -- of its commit: another history's event of this name is another one
    at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sink, event, epoch)
);

-- What operators did to sinks, why, and what was known before: a position that is given up by mistake is there. INSERT only.
CREATE TABLE outbox_log (
    entry_id uuid        NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    by       text        NOT NULL DEFAULT session_user,
    sink     text        COLLATE "C" NOT NULL,
    part     integer,              -- NULL where it is about the sink as a whole
    verb     text        NOT NULL, -- replay, skip, pause, resume
    detail   text        NOT NULL, -- from where; which event
    reason   text        NOT NULL,
    before   text                  -- the row of outbox_relays as it was (JSON)
);
CREATE INDEX outbox_log_by_sink ON outbox_log (sink, at);
