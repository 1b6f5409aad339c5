-- Which engine publishes to which sink. A row a sink that ever had a publisher: a handful, changed every few seconds by
-- whoever publishes, so that dead rows find room on the page (HOT).
--
-- Times are the database's clock alone. The generation is what safety rests on: it rises with each change of hands, and
-- whoever writes how far a sink is asks in the same transaction, under a lock on this row, whether it is still its own. A
-- lease that ended says only that somebody else may begin.
CREATE TABLE outbox_leases (
    name       text        COLLATE "C" NOT NULL PRIMARY KEY,
    holder     uuid        NOT NULL,        -- the engine's own id, made at its start
    generation bigint      NOT NULL CHECK (generation > 0),
    until      timestamptz NOT NULL
) WITH (fillfactor = 50);
