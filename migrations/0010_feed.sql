-- The feed: whoever publishes what was committed reads `order_events` by transaction (`ports/feed.rs` says how). The
-- numbers of transactions mean something within one history only: a promotion, a restore into another cluster, a copy made
-- of a template uses them anew. So each row bears the epoch of its history.
--
-- The database itself raises it, in the transaction that writes: no program need know that something happened, programs
-- before 0.5.0 beside this one included, and nobody can commit under an epoch that is over. It is looked at once a session,
-- when the first event is written in it or before: no session outlives its server's files, and one that began on a standby
-- could write nothing, nor learn of an epoch, before the promotion. The timeline is asked of the place where the server
-- writes: a checkpoint tells of it late.
--
-- Epoch 0 is what was there before: it may have come through several histories, and is complete when this migration has
-- its lock, so that it is read by order, and not by transaction.
--
-- A column with a constant default rewrites nothing. Whoever waits for a table's lock has all others wait behind it: rather
-- the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

-- One row a history, in the order in which this database came through them. A history that comes back is another one.
CREATE TABLE epochs (
    epoch        integer     NOT NULL PRIMARY KEY CHECK (epoch >= 0),
    cluster      bigint,               -- the system identifier of its files; NULL where the role might not ask
    timeline     text        COLLATE "C", -- of the server that wrote; NULL where it does not tell
    database_oid bigint      NOT NULL,
    table_oid    bigint      NOT NULL, -- of order_events
    begun_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The timeline that this server writes; on a standby this fails.
CREATE FUNCTION counterfoil_timeline() RETURNS text
LANGUAGE sql STABLE AS $$ SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) $$;
-- Where a server does not tell at all, promotions go unseen, as they do in the sessions.
DO $$ BEGIN
    PERFORM counterfoil_timeline();
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_function THEN
    CREATE OR REPLACE FUNCTION counterfoil_timeline() RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL::text';
END $$;

-- Whether the database is still in the history of an epoch. What one of the two does not know speaks against nothing: roles
-- that may ask for more than others work on one database.
CREATE FUNCTION counterfoil_goes_on(latest epochs) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF latest.epoch IS NULL OR latest.timeline <> counterfoil_timeline()
        OR latest.database_oid <> (SELECT oid FROM pg_database WHERE datname = current_database())
        OR latest.table_oid <> 'order_events'::regclass::oid
    THEN
        RETURN false;
    END IF;
    IF latest.cluster IS NOT NULL AND has_function_privilege('pg_control_system()', 'EXECUTE') THEN
        RETURN latest.cluster = (SELECT system_identifier FROM pg_control_system());
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION counterfoil_begin_epoch(number integer) RETURNS epochs
LANGUAGE plpgsql AS $$
DECLARE
    begun epochs%ROWTYPE;
    identifier bigint;
BEGIN
    IF has_function_privilege('pg_control_system()', 'EXECUTE') THEN
        identifier := (SELECT system_identifier FROM pg_control_system());
    END IF;
    INSERT INTO epochs (epoch, cluster, timeline, database_oid, table_oid)
    SELECT number, identifier, counterfoil_timeline(), oid, 'order_events'::regclass::oid
    FROM pg_database WHERE datname = current_database()
    RETURNING * INTO begun;
    RETURN begun;
END $$;

-- The epoch of this session's history, in the setting that the column's default reads. An engine calls it on each new
-- connection, before anything else: whoever raises the epoch has others wait until it commits, and that is then at once.
CREATE FUNCTION counterfoil_enter() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    latest epochs%ROWTYPE;
BEGIN
    SELECT * INTO latest FROM epochs ORDER BY epoch DESC LIMIT 1;
    IF NOT counterfoil_goes_on(latest) THEN
        LOCK TABLE epochs IN SHARE ROW EXCLUSIVE MODE; -- one raises it, and the others see that
        SELECT * INTO latest FROM epochs ORDER BY epoch DESC LIMIT 1;
        IF NOT counterfoil_goes_on(latest) THEN
            latest := counterfoil_begin_epoch(coalesce(latest.epoch, 0) + 1);
        END IF;
    END IF;
    -- Taken back should this transaction be: whoever comes next in this session looks again.
    PERFORM set_config('counterfoil.epoch', latest.epoch::text, false);
    RETURN latest.epoch;
END $$;

CREATE FUNCTION counterfoil_epoch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('counterfoil.epoch', true), '') = '' THEN
        PERFORM counterfoil_enter();
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE order_events ADD COLUMN epoch integer NOT NULL DEFAULT 0;
-- Without the trigger before it there is no such setting, and the row is refused rather than given an epoch by guess.
ALTER TABLE order_events ALTER COLUMN epoch SET DEFAULT current_setting('counterfoil.epoch')::integer;
CREATE TRIGGER order_events_epoch BEFORE INSERT ON order_events
    FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_epoch();

INSERT INTO epochs (epoch, database_oid, table_oid) SELECT 0, 0, 0 WHERE EXISTS (SELECT FROM order_events);
SELECT counterfoil_begin_epoch(1);
