-- The feed: whoever publishes what was committed reads `order_events` by transaction (`ports/feed.rs` says how). The
-- numbers of transactions mean something within one history only: a promotion, a restore into another cluster, a copy made
-- of a template uses them anew. So each row bears the epoch of its history.
--
-- The database itself raises it, in the transaction that writes: no program need know that something happened, programs
-- before 0.5.0 beside this one included, and nobody can commit under an epoch that is over. It is looked at once a session
-- and table, when the first event is written in it or before: no session outlives its server's files, and one that began
-- on a standby could write nothing, nor learn of an epoch, before the promotion; but one may outlive a dump that is put
-- back in place of its tables. The timeline is asked of the place where the server writes: a checkpoint tells of it late.
--
-- Whoever writes need not own anything of this: one role may migrate and another serve. What an epoch rests on runs as its
-- owner, with a search path of its own: a restore has none.
--
-- Epoch 0 is what was there before: it may have come through several histories, and is complete when this migration has
-- its lock, so that it is read by order, and not by transaction.
--
-- A column with a constant default rewrites nothing. Whoever waits for a table's lock has all others wait behind it: rather
-- the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

-- What follows is found where the tables are: a schema that precedes theirs would hide it from them.
DO $$ BEGIN
    IF (SELECT relnamespace FROM pg_class WHERE oid = 'order_events'::regclass) <> current_schema()::regnamespace THEN
        RAISE EXCEPTION 'order_events is not in the schema %, which is the first of the search path: set the search path of '
            'whoever migrates to the schema of the tables', current_schema() USING ERRCODE = 'invalid_schema_name';
    END IF;
END $$;

-- One row a history, in the order in which this database came through them. A history that comes back is another one.
-- Numbers rise with time, too: they are the minutes since 2020 where those are more than the last one. So rows that are
-- restored into tables that are there already bring no number that was given to somebody else here.
CREATE TABLE epochs (
    epoch        integer     NOT NULL PRIMARY KEY CHECK (epoch >= 0),
    cluster      bigint,               -- the system identifier of its files; NULL where the role might not ask
    timeline     text        COLLATE "C", -- of the server that wrote; NULL where it does not tell
    database_oid bigint      NOT NULL,
    table_oid    bigint      NOT NULL, -- of order_events
    begun_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The timeline that this server writes; on a standby this fails. Where a server does not tell at all, promotions go unseen,
-- as they do in the sessions: that may change with its version or with a privilege, so it is asked each time.
CREATE FUNCTION counterfoil_timeline() RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'this server is a standby: it writes no timeline'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    BEGIN
        RETURN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
    EXCEPTION WHEN OTHERS THEN
        RETURN NULL;
    END;
END $$;

CREATE FUNCTION counterfoil_cluster() RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT system_identifier FROM pg_control_system());
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;

-- Whether the database is still in the history of an epoch. What one of the two does not know speaks against nothing: roles
-- that may ask for more than others work on one database.
-- Both sides of each comparison have one type: where they had two, whoever may create operators in the schema could have
-- theirs run as the owner of this.
CREATE FUNCTION counterfoil_goes_on(latest epochs) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN latest.epoch IS NOT NULL
        AND (latest.timeline = counterfoil_timeline()) IS NOT FALSE
        AND latest.database_oid = (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
        AND latest.table_oid = 'order_events'::regclass::oid::bigint
        AND (latest.cluster = counterfoil_cluster()) IS NOT FALSE;
END $$;

CREATE FUNCTION counterfoil_begin_epoch(last integer) RETURNS epochs
LANGUAGE sql AS $$
    INSERT INTO epochs (epoch, cluster, timeline, database_oid, table_oid)
    SELECT greatest(last + 1, floor(extract(epoch FROM clock_timestamp() - timestamptz '2020-01-01 00:00:00+00') / 60)::integer),
        counterfoil_cluster(), counterfoil_timeline(), oid::bigint, 'order_events'::regclass::oid::bigint
    FROM pg_database WHERE datname = current_database()
    RETURNING *
$$;

-- The epoch of this session's history, in the setting that the column's default reads, and beside it the table that it is
-- of. An engine calls it on each new connection, before anything else: whoever raises the epoch has others wait until it
-- commits, and that is then at once.
CREATE FUNCTION counterfoil_enter() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    latest epochs%ROWTYPE;
    raised boolean;
BEGIN
    SELECT * INTO latest FROM epochs ORDER BY epoch DESC LIMIT 1;
    IF NOT counterfoil_goes_on(latest) THEN
        LOCK TABLE epochs IN SHARE ROW EXCLUSIVE MODE; -- one raises it, and the others see that
        SELECT * INTO latest FROM epochs ORDER BY epoch DESC LIMIT 1;
        IF NOT counterfoil_goes_on(latest) THEN
            BEGIN
                latest := counterfoil_begin_epoch(coalesce(latest.epoch, 0));
            EXCEPTION WHEN unique_violation THEN -- raised since this transaction's snapshot was taken
                RAISE EXCEPTION 'the epoch was raised meanwhile' USING ERRCODE = 'serialization_failure';
            END;
            PERFORM set_config('counterfoil.raised', latest.epoch::text, true);
        END IF;
    END IF;
    IF latest.timeline IS NULL AND counterfoil_timeline() IS NOT NULL
        OR latest.cluster IS NULL AND counterfoil_cluster() IS NOT NULL
    THEN -- a server that tells by now, or whose role may ask: from here on it is compared. Nobody waits for whoever does that
        UPDATE epochs SET timeline = coalesce(timeline, counterfoil_timeline()),
            cluster = coalesce(cluster, counterfoil_cluster())
        WHERE epoch = (SELECT e.epoch FROM epochs e WHERE e.epoch = latest.epoch FOR UPDATE SKIP LOCKED);
    END IF;
    -- Taken back should this transaction be: whoever comes next in this session looks again. Whoever raised it looks again
    -- in any case: a transaction that is prepared now may yet be rolled back.
    raised := current_setting('counterfoil.raised', true) IS NOT DISTINCT FROM latest.epoch::text;
    PERFORM set_config('counterfoil.epoch', latest.epoch::text, raised),
        set_config('counterfoil.history', 'order_events'::regclass::oid::text, raised);
    RETURN latest.epoch;
END $$;

CREATE FUNCTION counterfoil_epoch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('counterfoil.history', true) IS DISTINCT FROM TG_RELID::text THEN
        EXECUTE format('SELECT %I.counterfoil_enter()', TG_TABLE_SCHEMA);
    END IF;
    RETURN NULL;
END $$;

-- The feed's order within an order: a later version is a later transaction's. Whoever has its number already while the
-- earlier version commits is refused, and tries again with another one. (A program before 0.5.0 may take a number before
-- it takes the orders that it decided on.)
CREATE FUNCTION counterfoil_in_turn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    before order_events%ROWTYPE;
BEGIN
    SELECT * INTO before FROM order_events e
    WHERE e.order_id = NEW.order_id AND e.first_version < NEW.first_version
    ORDER BY e.first_version DESC LIMIT 1;
    IF before.epoch = NEW.epoch AND before.xact > NEW.xact THEN
        RAISE EXCEPTION 'order % version %: the version before it has a later transaction', NEW.order_id,
            NEW.first_version USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NEW;
END $$;

DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION counterfoil_enter() SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION counterfoil_in_turn() SET search_path = %I, pg_temp', current_schema());
END $$;

ALTER TABLE order_events ADD COLUMN epoch integer NOT NULL DEFAULT 0;
-- Without the trigger before it there is no such setting, and the row is refused rather than given an epoch by guess.
ALTER TABLE order_events ALTER COLUMN epoch SET DEFAULT current_setting('counterfoil.epoch')::integer;
CREATE TRIGGER order_events_epoch BEFORE INSERT ON order_events
    FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_epoch();
-- Most commits need not look: none is the later one unless it ended while this one ran.
CREATE TRIGGER order_events_in_turn BEFORE INSERT ON order_events
    FOR EACH ROW WHEN (NEW.first_version > 1 AND NEW.epoch > 0 AND NEW.xact < pg_snapshot_xmax(pg_current_snapshot()))
    EXECUTE FUNCTION counterfoil_in_turn();

INSERT INTO epochs (epoch, database_oid, table_oid) SELECT 0, 0, 0 WHERE EXISTS (SELECT FROM order_events);
SELECT counterfoil_begin_epoch(0);
