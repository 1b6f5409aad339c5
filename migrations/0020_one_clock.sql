-- Whatever writes a time, and whatever compares with one that was written, asks here for it: the program's statements, defaults of
-- columns, triggers. So another clock (one of several nodes, of an application) is one change of these two functions, and where
-- the rows of a schema live is where they run.
--
-- PostgreSQL puts what is in them into each plan that calls them, so that they cost nothing. Programs before this one go on to ask
-- the clock of the database by itself, which is what is here now.

-- The time as it is: it goes on within a statement.
CREATE OR REPLACE FUNCTION counterfoil_now() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT pg_catalog.clock_timestamp()';

-- When the statement came, by the same clock: one value for all its rows, by which an index can be asked.
CREATE OR REPLACE FUNCTION counterfoil_asked_at() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT pg_catalog.statement_timestamp()';

-- A default is a matter of the catalogue. What orders wait for comes last, in the order in which a commit takes it, and is not
-- waited for once others may wait behind it.
SET LOCAL lock_timeout = '900ms';
ALTER TABLE deployment ALTER COLUMN migrated_at SET DEFAULT counterfoil_now();
ALTER TABLE epochs ALTER COLUMN begun_at SET DEFAULT counterfoil_now();
ALTER TABLE outbox_divisions ALTER COLUMN at SET DEFAULT counterfoil_now();
ALTER TABLE outbox_relays ALTER COLUMN at SET DEFAULT counterfoil_now();
ALTER TABLE outbox_skips ALTER COLUMN at SET DEFAULT counterfoil_now();
ALTER TABLE outbox_log ALTER COLUMN at SET DEFAULT counterfoil_now();
ALTER TABLE webhook_endpoints ALTER COLUMN created_at SET DEFAULT counterfoil_now();
ALTER TABLE webhook_set_aside ALTER COLUMN first_failed_at SET DEFAULT counterfoil_now();
ALTER TABLE prunes ALTER COLUMN at SET DEFAULT counterfoil_now();
ALTER TABLE saga_definitions ALTER COLUMN stored_at SET DEFAULT counterfoil_now();
ALTER TABLE nodes ALTER COLUMN started_at SET DEFAULT counterfoil_now(), ALTER COLUMN heartbeat_at SET DEFAULT counterfoil_now();
ALTER TABLE webhook_inbox ALTER COLUMN received_at SET DEFAULT counterfoil_now();
ALTER TABLE idempotency_keys ALTER COLUMN created_at SET DEFAULT counterfoil_now();
SET LOCAL lock_timeout = '200ms';
ALTER TABLE order_work ALTER COLUMN written_at SET DEFAULT counterfoil_now();
ALTER TABLE operator_log ALTER COLUMN at SET DEFAULT counterfoil_now();
ALTER TABLE inventory_journal ALTER COLUMN at SET DEFAULT counterfoil_now();

-- As in migration 0016, but for the clock. It is found where its table is, whatever the search path of who writes.
CREATE OR REPLACE FUNCTION counterfoil_inactive() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz;
BEGIN
    EXECUTE format('SELECT %I.counterfoil_now()', TG_TABLE_SCHEMA) INTO at;
    NEW.inactive_since := CASE WHEN NEW.state <> 'active' THEN coalesce(
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.inactive_since ELSE NEW.inactive_since END, at) END;
    RETURN NEW;
END $$;
