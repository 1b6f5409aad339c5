-- For whoever captures changes from the log (Debezium, or any reader of logical decoding): each event as a row of a real table,
-- written in the transaction that commits it. A view cannot be published.
--
-- A trigger writes it, and not the program: whoever writes events, then, writes these rows: the engine's commits, what sets
-- an order aside, an adoption, and an engine of an earlier version beside this one. That the trigger is there, and enabled, is
-- the only record of the table's being on: so it is on or off between two commits and never within one, for all engines at
-- once, and costs nothing where it was never on.
--
-- What a row says of an event is what sinks publish of it (`src/outbox/cloud_event.rs`; tests/outbox_table.rs holds each to
-- the other). So a change of what an event tells takes a migration that replaces `counterfoil_outbox`. It comes before the
-- programs that write such events: a program does not run on a schema that is older than itself.
SET LOCAL lock_timeout = '900ms';

-- The names are those that Debezium's outbox event router looks for; the others are headers.
CREATE TABLE outbox (
    id            text    COLLATE "C" NOT NULL PRIMARY KEY,        -- ORDER_ID/VERSION, as every sink calls the event
    aggregatetype text    COLLATE "C" NOT NULL DEFAULT 'order',
    aggregateid   text    COLLATE "C" NOT NULL,                    -- the order
    type          text    COLLATE "C" NOT NULL,
    payload       text    COLLATE "C" NOT NULL,                    -- JSON: the CloudEvent's data
    source        text    COLLATE "C" NOT NULL,
    time          text    COLLATE "C" NOT NULL,
    sequence      integer NOT NULL,
    epoch         integer NOT NULL,
    specversion   text    COLLATE "C" NOT NULL DEFAULT '1.0'
);

-- PostgreSQL's JSON knows no U+0000, and no event must keep an order from its commit: it reads U+FFFD there. (Nothing that
-- comes over HTTP holds one.)
CREATE FUNCTION counterfoil_outbox_json(told text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE strpos(told, '\u0000') WHEN 0 THEN told
        ELSE regexp_replace(told, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g') END::json
$$;

-- The events that a statement wrote, in their order: so they stand in the log. It runs as its owner: who serves need have no
-- right to the table. Therefore both sides of each operator have their types here, as in migration 0010, and a function that
-- takes anything is named with its schema: one that takes just that type would be preferred, wherever it is. And it is fired by
-- the table of events alone, or whoever may have a table could write here what never happened, and read what is personal.
--
-- Rows that are restored bring the transaction that once wrote them: they are not written again.
--
-- An order whose content is needed and that is not there is no order without content: the column refuses that.
CREATE FUNCTION counterfoil_outbox() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
    IF TG_RELID <> 'order_events'::regclass::oid THEN
        RAISE EXCEPTION 'only order_events is told in outbox' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO outbox (id, aggregateid, type, payload, source, time, sequence, epoch)
    SELECT told.order_id || '/'::text || told.version::text, told.order_id, 'counterfoil.'::text || told.kind,
        CASE
            WHEN told.kind = 'order.created'::text THEN (
                SELECT '{'::text || string_agg(pg_catalog.to_json(f.key)::text || ':'::text || f.value, ','::text ORDER BY f.key COLLATE "C")
                    || '}'::text
                FROM (
                    SELECT d.key, d.value::text FROM json_each(counterfoil_outbox_json(o.details)) d (key, value)
                    WHERE d.key IN ('adjustments', 'capture')
                        OR TG_ARGV[0] = 'personal_data'::text AND d.key IN ('metadata', 'payment_method', 'ship_to')
                    UNION ALL SELECT 'amount', o.amount::text
                    UNION ALL SELECT 'client', pg_catalog.to_json(o.client)::text
                    UNION ALL SELECT 'currency', pg_catalog.to_json(o.currency)::text
                    UNION ALL SELECT 'customer_id', pg_catalog.to_json(o.customer_id)::text
                    UNION ALL SELECT 'lines', o.lines
                ) f (key, value)
                WHERE o.order_id IS NOT NULL
            )
            WHEN told.of_a_refund AND o.order_id IS NULL THEN NULL
            WHEN told.event::text = '{"type":"'::text || told.kind || '"}'::text THEN '{}'::text -- as most are
            ELSE (
                SELECT '{'::text || coalesce(string_agg(pg_catalog.to_json(f.key)::text || ':'::text || f.value::text, ','::text
                        ORDER BY f.key COLLATE "C"), ''::text) || '}'::text
                FROM json_each(told.event) f (key, value)
                -- What operators say, and who they are, stays among them.
                WHERE f.key NOT IN ('type', 'v') AND CASE
                    WHEN told.kind IN ('order.resumed', 'order.skipped', 'order.forced') THEN f.key = 'action'::text
                    WHEN told.of_a_refund AND told.asker <> o.client THEN f.key NOT IN ('client', 'key', 'refund')
                        AND NOT (told.kind = 'payment.refunding'::text AND f.key = 'reason'::text)
                    ELSE true
                END
            )
        END,
        '/counterfoil/'::text || coalesce((SELECT d.name FROM deployment d WHERE d.singleton), 'default'::text),
        to_char(told.at AT TIME ZONE 'UTC'::text, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text), told.version, told.epoch
    FROM (
        SELECT w.order_id, w.epoch, w.at, e.event, w.first_version + e.place::integer - 1 AS version, kind.kind,
            kind.kind IN ('payment.refunding', 'payment.refunded', 'payment.refund_refused') AS of_a_refund,
            CASE json_typeof(e.event -> 'refund'::text)
                WHEN 'object'::text THEN e.event -> 'refund'::text ->> 'client'::text
                ELSE e.event ->> 'client'::text
            END AS asker
        FROM written w
        CROSS JOIN LATERAL json_array_elements(counterfoil_outbox_json(w.events)) WITH ORDINALITY AS e (event, place)
        CROSS JOIN LATERAL (SELECT e.event ->> 'type'::text) AS kind (kind)
        WHERE w.xact = pg_current_xact_id() AND w.epoch = current_setting('counterfoil.epoch'::text)::integer
        OFFSET 0
    ) told
    LEFT JOIN LATERAL (
        SELECT orders.* FROM orders
        WHERE orders.order_id = told.order_id AND (told.kind = 'order.created'::text OR told.of_a_refund)
        OFFSET 0
    ) o ON true
    ORDER BY told.order_id, told.version;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION counterfoil_outbox() FROM PUBLIC;

-- In its place while the table is off: a trigger that collects rows does so even where it is disabled, and a restore enables
-- all of a table's.
CREATE FUNCTION counterfoil_outbox_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;

-- INSERT only: what was committed happened. What nobody reads any more may go, and whoever means that says so: as `counterfoil
-- outbox trim` does. The log keeps the rows for whoever follows it.
CREATE FUNCTION counterfoil_outbox_stays() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('counterfoil.trims_outbox', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'outbox is INSERT only: `counterfoil outbox trim` takes rows away that are old'
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;
CREATE TRIGGER outbox_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_outbox_stays();

-- Whether the table is on, and has personal data: 'off', 'on', 'personal_data'.
CREATE FUNCTION counterfoil_outbox_is() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT CASE t.tgnargs WHEN 1 THEN 'personal_data' ELSE 'on' END
        FROM pg_trigger t
        WHERE t.tgrelid = 'order_events'::regclass::oid AND t.tgname = 'order_events_outbox'::name
            AND t.tgfoid = 'counterfoil_outbox()'::regprocedure::oid AND t.tgenabled IN ('O', 'A')), 'off')
$$;

-- Turns it on or off: what it was before. Whoever may write events may; with it goes an entry in the log of what was done to
-- sinks. It waits for who writes now, and others behind it: so no longer than so many milliseconds.
CREATE FUNCTION counterfoil_outbox_becomes(wanted text, reason text, patience integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    before text;
BEGIN
    -- It runs as its owner: whose right it is has to be asked of who set a role, or began the session.
    IF NOT pg_catalog.has_table_privilege(
        (CASE current_setting('role'::text) WHEN 'none'::text THEN session_user::text ELSE current_setting('role'::text) END)::name,
        'order_events'::regclass::oid, 'INSERT'::text)
    THEN
        RAISE EXCEPTION 'whoever may not write events may not say where they are written'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF wanted NOT IN ('off', 'on', 'personal_data') THEN
        RAISE EXCEPTION 'the table is off, on, or on with personal_data' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM set_config('lock_timeout'::text, greatest(1, least(patience, 5000))::text, true);
    LOCK TABLE order_events IN SHARE ROW EXCLUSIVE MODE; -- of two that want different things the later one has it
    before := counterfoil_outbox_is();
    IF before = wanted THEN
        RETURN before;
    END IF;
    -- Neither needs more than that lock: whoever only reads, for however long, stands in nobody's way.
    IF wanted = 'off'::text THEN
        CREATE OR REPLACE TRIGGER order_events_outbox AFTER INSERT ON order_events
            FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_outbox_off();
        ALTER TABLE order_events DISABLE TRIGGER order_events_outbox;
    ELSIF wanted = 'on'::text THEN
        CREATE OR REPLACE TRIGGER order_events_outbox AFTER INSERT ON order_events REFERENCING NEW TABLE AS written
            FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_outbox();
    ELSE
        CREATE OR REPLACE TRIGGER order_events_outbox AFTER INSERT ON order_events REFERENCING NEW TABLE AS written
            FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_outbox('personal_data');
    END IF;
    INSERT INTO outbox_log (by, sink, verb, detail, reason, before)
    VALUES (session_user, 'outbox.table', wanted, '', reason, before);
    RETURN before;
END $$;

-- What runs as its owner is led nowhere else.
DO $$ BEGIN
    EXECUTE pg_catalog.format('ALTER FUNCTION counterfoil_outbox() SET search_path = %I, pg_temp', current_schema());
    EXECUTE pg_catalog.format('ALTER FUNCTION counterfoil_outbox_becomes(text, text, integer) SET search_path = %I, pg_temp', current_schema());
END $$;
