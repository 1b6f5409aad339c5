--
-- PostgreSQL database dump
--

\restrict 1z7AlSQuegemOZBIXKHB9OdXxbrN6zQjHfryavM8GdBMzVMq94e97pUWIIGTvca

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: counterfoil_asked_at(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_asked_at() RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$SELECT pg_catalog.statement_timestamp()$$;


--
-- Name: counterfoil_assert(boolean, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_assert(holds boolean, code text, message text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION '%', message USING ERRCODE = code;
    END IF;
    RETURN true;
END $$;


--
-- Name: counterfoil_now(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_now() RETURNS timestamp with time zone
    LANGUAGE sql PARALLEL SAFE
    AS $$SELECT pg_catalog.clock_timestamp()$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: epochs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.epochs (
    epoch integer NOT NULL,
    cluster bigint,
    timeline text COLLATE pg_catalog."C",
    database_oid bigint NOT NULL,
    table_oid bigint NOT NULL,
    begun_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    CONSTRAINT epochs_epoch_check CHECK ((epoch >= 0))
);


--
-- Name: counterfoil_begin_epoch(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_begin_epoch(last integer) RETURNS public.epochs
    LANGUAGE sql
    AS $$
    INSERT INTO epochs (epoch, cluster, timeline, database_oid, table_oid)
    SELECT greatest(last + 1, floor(extract(epoch FROM clock_timestamp() - timestamptz '2020-01-01 00:00:00+00') / 60)::integer),
        counterfoil_cluster(), counterfoil_timeline(), oid::bigint, 'order_events'::regclass::oid::bigint
    FROM pg_database WHERE datname = current_database()
    RETURNING *
$$;


--
-- Name: counterfoil_cluster(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_cluster() RETURNS bigint
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (SELECT system_identifier FROM pg_control_system());
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;


--
-- Name: counterfoil_enter(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_enter() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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


--
-- Name: counterfoil_epoch(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_epoch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF current_setting('counterfoil.history', true) IS DISTINCT FROM TG_RELID::text THEN
        EXECUTE format('SELECT %I.counterfoil_enter()', TG_TABLE_SCHEMA);
    END IF;
    RETURN NULL;
END $$;


--
-- Name: counterfoil_goes_on(public.epochs); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_goes_on(latest public.epochs) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN latest.epoch IS NOT NULL
        AND (latest.timeline = counterfoil_timeline()) IS NOT FALSE
        AND latest.database_oid = (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
        AND latest.table_oid = 'order_events'::regclass::oid::bigint
        AND (latest.cluster = counterfoil_cluster()) IS NOT FALSE;
END $$;


--
-- Name: counterfoil_in_turn(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_in_turn() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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


--
-- Name: counterfoil_inactive(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_inactive() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    at timestamptz;
BEGIN
    EXECUTE format('SELECT %I.counterfoil_now()', TG_TABLE_SCHEMA) INTO at;
    NEW.inactive_since := CASE WHEN NEW.state <> 'active' THEN coalesce(
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.inactive_since ELSE NEW.inactive_since END, at) END;
    RETURN NEW;
END $$;


--
-- Name: counterfoil_outbox(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_outbox() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
                    WHEN told.kind = 'step.skipped'::text THEN f.key IN ('action', 'step')
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


--
-- Name: counterfoil_outbox_becomes(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_outbox_becomes(wanted text, reason text, patience integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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


--
-- Name: counterfoil_outbox_is(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_outbox_is() RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce((
        SELECT CASE t.tgnargs WHEN 1 THEN 'personal_data' ELSE 'on' END
        FROM pg_trigger t
        WHERE t.tgrelid = 'order_events'::regclass::oid AND t.tgname = 'order_events_outbox'::name
            AND t.tgfoid = 'counterfoil_outbox()'::regprocedure::oid AND t.tgenabled IN ('O', 'A')), 'off')
$$;


--
-- Name: counterfoil_outbox_json(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_outbox_json(told text) RETURNS json
    LANGUAGE sql IMMUTABLE STRICT
    AS $$
    SELECT CASE strpos(told, '\u0000') WHEN 0 THEN told
        ELSE regexp_replace(told, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g') END::json
$$;


--
-- Name: counterfoil_outbox_off(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_outbox_off() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RETURN NULL; END $$;


--
-- Name: counterfoil_outbox_stays(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_outbox_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('counterfoil.trims_outbox', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'outbox is INSERT only: `counterfoil outbox trim` takes rows away that are old'
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;


--
-- Name: counterfoil_seal_journal(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_seal_journal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.seal := substr(sha256(convert_to(concat_ws(E'\x1f', NEW.sku, NEW.entry_id, NEW.delta, NEW.reason, NEW.client,
        coalesce(NEW.order_id, E'\x1e')), 'UTF8') || timestamptz_send(NEW.at)), 1, 8);
    RETURN NEW;
END $$;


--
-- Name: counterfoil_seal_key(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_seal_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.seal := substr(sha256(convert_to(concat_ws(E'\x1f', NEW.client, NEW.route, NEW.key,
        coalesce(NEW.order_id, E'\x1e'), NEW.answer_status, NEW.answer), 'UTF8')
        || NEW.fingerprint || timestamptz_send(NEW.created_at)), 1, 8);
    RETURN NEW;
END $$;


--
-- Name: counterfoil_timeline(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counterfoil_timeline() RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
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


--
-- Name: deployment; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.deployment (
    singleton boolean DEFAULT true NOT NULL,
    deployment_id uuid DEFAULT gen_random_uuid() NOT NULL,
    schema_version integer NOT NULL,
    oldest_binary text NOT NULL,
    migrated_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    name text COLLATE pg_catalog."C",
    system_identifier bigint,
    database_oid bigint,
    previous jsonb DEFAULT '[]'::jsonb NOT NULL,
    cloned_at timestamp with time zone,
    adopted_as text COLLATE pg_catalog."C",
    adopted_at timestamp with time zone,
    adopting text COLLATE pg_catalog."C",
    sealed_since timestamp with time zone,
    CONSTRAINT deployment_adopted_as_check CHECK ((adopted_as = ANY (ARRAY['moved'::text, 'clone'::text]))),
    CONSTRAINT deployment_adopting_check CHECK ((adopting = ANY (ARRAY['moved'::text, 'clone'::text]))),
    CONSTRAINT deployment_singleton_check CHECK (singleton)
);


--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    client text NOT NULL COLLATE pg_catalog."C",
    route text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    order_id text COLLATE pg_catalog."C",
    commit_id bigint NOT NULL,
    fingerprint bytea NOT NULL,
    answer_status smallint,
    answer text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    seal bytea
);


--
-- Name: inventory; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inventory (
    sku text NOT NULL COLLATE pg_catalog."C",
    on_hand bigint NOT NULL,
    reserved bigint DEFAULT 0 NOT NULL,
    CONSTRAINT inventory_not_oversold CHECK (((reserved >= 0) AND (reserved <= on_hand)))
)
WITH (fillfactor='50');


--
-- Name: inventory_journal; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inventory_journal (
    sku text NOT NULL COLLATE pg_catalog."C",
    entry_id uuid DEFAULT gen_random_uuid() NOT NULL,
    delta bigint NOT NULL,
    reason text NOT NULL,
    client text NOT NULL,
    at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    order_id text COLLATE pg_catalog."C",
    seal bytea
);


--
-- Name: nodes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.nodes (
    node_id uuid NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    state text NOT NULL,
    started_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    steps text[] DEFAULT '{}'::text[] NOT NULL
);


--
-- Name: operator_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operator_log (
    order_id text NOT NULL COLLATE pg_catalog."C",
    entry_id uuid DEFAULT gen_random_uuid() NOT NULL,
    at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    by text NOT NULL COLLATE pg_catalog."C",
    verb text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    before text NOT NULL COLLATE pg_catalog."C",
    after text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: order_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.order_events (
    order_id text NOT NULL COLLATE pg_catalog."C",
    first_version integer NOT NULL,
    at timestamp with time zone NOT NULL,
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    events text NOT NULL COLLATE pg_catalog."C",
    epoch integer DEFAULT (current_setting('counterfoil.epoch'::text))::integer NOT NULL,
    CONSTRAINT order_events_first_version_check CHECK ((first_version > 0))
);


--
-- Name: order_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.order_keys (
    order_id text NOT NULL COLLATE pg_catalog."C",
    submissions smallint DEFAULT 0 NOT NULL,
    verbs smallint DEFAULT 0 NOT NULL,
    CONSTRAINT order_keys_bounded CHECK ((((submissions >= 0) AND (submissions <= 63)) AND ((verbs >= 0) AND (verbs <= 256))))
);


--
-- Name: order_steps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.order_steps (
    order_id text NOT NULL COLLATE pg_catalog."C",
    definition_id integer NOT NULL,
    steps text NOT NULL
)
WITH (fillfactor='80');


--
-- Name: order_work; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.order_work (
    order_id text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    wake_at timestamp with time zone,
    expires_at timestamp with time zone,
    intent_at timestamp with time zone NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    claims smallint DEFAULT 0 NOT NULL,
    owner uuid,
    look boolean DEFAULT false NOT NULL,
    written_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    last_error text COLLATE pg_catalog."C",
    look_first boolean DEFAULT false NOT NULL,
    CONSTRAINT order_work_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT order_work_claims_check CHECK ((claims >= 0))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='1000');


--
-- Name: orders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders (
    order_id text NOT NULL COLLATE pg_catalog."C",
    commit_id bigint NOT NULL,
    amount bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer NOT NULL,
    saga_version smallint NOT NULL,
    plan smallint NOT NULL,
    answer_status smallint,
    state text NOT NULL COLLATE pg_catalog."C",
    stock text NOT NULL COLLATE pg_catalog."C",
    shipment text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    client text NOT NULL COLLATE pg_catalog."C",
    customer_id text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    lines text NOT NULL COLLATE pg_catalog."C",
    details text NOT NULL COLLATE pg_catalog."C",
    answer text COLLATE pg_catalog."C",
    shipment_reference text COLLATE pg_catalog."C",
    failure text COLLATE pg_catalog."C",
    attention text COLLATE pg_catalog."C",
    reservation_reference text COLLATE pg_catalog."C",
    CONSTRAINT orders_amount_check CHECK ((amount > 0)),
    CONSTRAINT orders_check CHECK (((answer IS NULL) = (answer_status IS NULL))),
    CONSTRAINT orders_check1 CHECK (((answer IS NOT NULL) OR (state <> ALL (ARRAY['COMPLETED'::text, 'CANCELLED'::text])))),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['CREATED'::text, 'INVENTORY_RESERVED'::text, 'PAYMENT_AUTHORIZED'::text, 'PAYMENT_CHARGED'::text, 'SHIPMENT_CREATED'::text, 'COMPLETED'::text, 'COMPENSATING'::text, 'CANCELLED'::text]))),
    CONSTRAINT orders_version_check CHECK ((version > 0))
)
WITH (fillfactor='70');


--
-- Name: outbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox (
    id text NOT NULL COLLATE pg_catalog."C",
    aggregatetype text DEFAULT 'order'::text NOT NULL COLLATE pg_catalog."C",
    aggregateid text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    payload text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    "time" text NOT NULL COLLATE pg_catalog."C",
    sequence integer NOT NULL,
    epoch integer NOT NULL,
    specversion text DEFAULT '1.0'::text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: outbox_divisions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox_divisions (
    sink text NOT NULL COLLATE pg_catalog."C",
    run integer NOT NULL,
    before text NOT NULL,
    closing text,
    at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    CONSTRAINT outbox_divisions_run_check CHECK ((run > 1))
)
WITH (fillfactor='50');


--
-- Name: outbox_leases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox_leases (
    name text NOT NULL COLLATE pg_catalog."C",
    holder uuid NOT NULL,
    generation bigint NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT outbox_leases_generation_check CHECK ((generation > 0))
)
WITH (fillfactor='50');


--
-- Name: outbox_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox_log (
    entry_id uuid DEFAULT gen_random_uuid() NOT NULL,
    at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    by text DEFAULT SESSION_USER NOT NULL,
    sink text NOT NULL COLLATE pg_catalog."C",
    part integer,
    verb text NOT NULL,
    detail text NOT NULL,
    reason text NOT NULL,
    before text
);


--
-- Name: outbox_relays; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox_relays (
    sink text NOT NULL COLLATE pg_catalog."C",
    part integer NOT NULL,
    parts integer NOT NULL,
    run integer DEFAULT 1 NOT NULL,
    begins text NOT NULL,
    begins_at text,
    anew_in integer,
    over_epoch integer,
    word uuid,
    deployment uuid NOT NULL,
    target text,
    step bigint,
    "position" text,
    stopped text,
    held text,
    at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    forgotten timestamp with time zone,
    gap_events bigint,
    gap_orders bigint,
    gap_until timestamp with time zone,
    CONSTRAINT outbox_relays_check CHECK ((parts > part)),
    CONSTRAINT outbox_relays_check1 CHECK ((((step IS NULL) = ("position" IS NULL)) AND ((step IS NULL) OR ((target IS NOT NULL) AND (begins_at IS NOT NULL))))),
    CONSTRAINT outbox_relays_gap CHECK ((num_nulls(gap_events, gap_orders, gap_until) = ANY (ARRAY[0, 3]))),
    CONSTRAINT outbox_relays_part_check CHECK ((part >= 0)),
    CONSTRAINT outbox_relays_run_check CHECK ((run > 0)),
    CONSTRAINT outbox_relays_step_check CHECK ((step > 0))
)
WITH (fillfactor='50');


--
-- Name: outbox_skips; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox_skips (
    sink text NOT NULL COLLATE pg_catalog."C",
    event text NOT NULL COLLATE pg_catalog."C",
    epoch integer NOT NULL,
    at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL
);


--
-- Name: payments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.payments (
    order_id text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    unknown boolean DEFAULT false NOT NULL,
    known boolean DEFAULT false NOT NULL,
    amount bigint NOT NULL,
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    reference text COLLATE pg_catalog."C",
    capture_reference text COLLATE pg_catalog."C",
    CONSTRAINT payments_amount_check CHECK ((amount > 0)),
    CONSTRAINT payments_check CHECK (((captured >= 0) AND (captured <= amount))),
    CONSTRAINT payments_check1 CHECK (((refunded >= 0) AND (refunded <= captured)))
)
WITH (fillfactor='85');


--
-- Name: pruned_orders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pruned_orders (
    order_id text NOT NULL COLLATE pg_catalog."C",
    xact xid8 NOT NULL,
    epoch integer NOT NULL,
    pruned_to integer NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    pruned_at timestamp with time zone NOT NULL,
    kept text COLLATE pg_catalog."C",
    proof bytea NOT NULL,
    CONSTRAINT pruned_orders_epoch_check CHECK ((epoch >= 0)),
    CONSTRAINT pruned_orders_proof_check CHECK ((octet_length(proof) > 1)),
    CONSTRAINT pruned_orders_pruned_to_check CHECK ((pruned_to > 0))
);


--
-- Name: prunes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.prunes (
    prune_id bigint NOT NULL,
    at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    orders integer NOT NULL,
    events bigint NOT NULL,
    xact xid8 NOT NULL,
    epoch integer NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    seal bytea NOT NULL,
    CONSTRAINT prunes_epoch_check CHECK ((epoch >= 0)),
    CONSTRAINT prunes_events_check CHECK ((events > 0)),
    CONSTRAINT prunes_orders_check CHECK ((orders > 0))
);


--
-- Name: refinery_schema_history; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refinery_schema_history (
    version integer NOT NULL,
    name character varying(255),
    applied_on character varying(255),
    checksum character varying(255)
);


--
-- Name: refunds; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refunds (
    order_id text NOT NULL COLLATE pg_catalog."C",
    client text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    amount bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    restock text COLLATE pg_catalog."C",
    CONSTRAINT refunds_position_check CHECK (("position" > 0)),
    CONSTRAINT refunds_status_check CHECK ((status = ANY (ARRAY['intended'::text, 'refunded'::text, 'refused'::text])))
);


--
-- Name: saga_definitions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.saga_definitions (
    definition_id integer NOT NULL,
    hash bytea NOT NULL,
    content text NOT NULL,
    stored_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    CONSTRAINT saga_definitions_check CHECK ((hash = sha256(convert_to(content, 'UTF8'::name))))
);


--
-- Name: saga_definitions_definition_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.saga_definitions ALTER COLUMN definition_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.saga_definitions_definition_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: webhook_endpoints; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhook_endpoints (
    endpoint_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    deployment_id uuid NOT NULL,
    url text NOT NULL COLLATE pg_catalog."C",
    secrets text NOT NULL COLLATE pg_catalog."C",
    secrets_until timestamp with time zone,
    types text NOT NULL COLLATE pg_catalog."C",
    clients text NOT NULL COLLATE pg_catalog."C",
    personal_data boolean NOT NULL,
    strict boolean NOT NULL,
    configured boolean NOT NULL,
    state text DEFAULT 'active'::text NOT NULL COLLATE pg_catalog."C",
    state_reason text COLLATE pg_catalog."C",
    revision bigint DEFAULT 1 NOT NULL,
    run integer DEFAULT 1 NOT NULL,
    "position" text NOT NULL COLLATE pg_catalog."C",
    since timestamp with time zone,
    created_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    last_success_at timestamp with time zone,
    inactive_since timestamp with time zone,
    gap_events bigint,
    gap_orders bigint,
    gap_until timestamp with time zone,
    CONSTRAINT webhook_endpoints_gap CHECK ((num_nulls(gap_events, gap_orders, gap_until) = ANY (ARRAY[0, 3]))),
    CONSTRAINT webhook_endpoints_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text])))
)
WITH (fillfactor='50');


--
-- Name: webhook_inbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhook_inbox (
    participant text NOT NULL COLLATE pg_catalog."C",
    webhook_id text NOT NULL COLLATE pg_catalog."C",
    order_id text COLLATE pg_catalog."C",
    received_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    handled_at timestamp with time zone
);


--
-- Name: webhook_set_aside; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhook_set_aside (
    order_id text NOT NULL COLLATE pg_catalog."C",
    endpoint_id uuid NOT NULL,
    version integer NOT NULL,
    run integer NOT NULL,
    failures integer NOT NULL,
    first_failed_at timestamp with time zone DEFAULT public.counterfoil_now() NOT NULL,
    again boolean DEFAULT false NOT NULL,
    skipped boolean DEFAULT false NOT NULL,
    status smallint,
    error text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT webhook_set_aside_version_check CHECK ((version > 0))
);


--
-- Name: webhook_waiting; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhook_waiting (
    order_id text NOT NULL COLLATE pg_catalog."C",
    endpoint_id uuid NOT NULL,
    version integer NOT NULL,
    upto integer NOT NULL,
    failures integer NOT NULL,
    run integer NOT NULL,
    first_failed_at timestamp with time zone NOT NULL,
    next_try_at timestamp with time zone,
    status smallint,
    error text COLLATE pg_catalog."C",
    CONSTRAINT webhook_waiting_failures_check CHECK ((failures >= 0)),
    CONSTRAINT webhook_waiting_for_itself_at_least CHECK ((upto >= version)),
    CONSTRAINT webhook_waiting_version_check CHECK ((version > 0))
)
WITH (fillfactor='70');


--
-- Data for Name: deployment; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.deployment VALUES (true, '61a164c0-e0fb-40a6-b223-15fd4c7cd76c', 20, '0.7.0', '2026-11-29 22:32:17.047438+00', 'default', 7713724900068282847, 16739, '[]', NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: epochs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.epochs VALUES (3635912, 7713724900068282847, '00000001', 16384, 16430, '2026-11-29 22:32:16.858192+00');
INSERT INTO public.epochs VALUES (3635913, 7713724900068282847, '00000001', 16739, 16430, '2026-11-29 22:32:17.626297+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders', 'k-1', 'LOCAL-KEYED', -6908640368946862154, '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', NULL, NULL, '2026-11-29 22:32:17.674644+00', '\x47b53a667837ca7d');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/LOCAL/refunds', 'refunds-of-LOCAL', 'LOCAL', -7321958957672764459, '\x01f8c203b76156247885393da010c2184b3c39c8b7b2b71714064b9f84f21d24f1', 201, '{"captured":3998,"currency":"USD","order_id":"LOCAL","refund":{"amount":1999,"reason":"too small","restock":[{"quantity":1,"sku":"S"}]},"refunded":1999,"state":"COMPLETED","version":7}', '2026-11-29 22:32:17.69752+00', '\xca9a1ca6063074f0');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/capture', 'capture-of-CAPTURED', 'CAPTURED', -1518850255712499144, '\x0117951ca09d7faba3ea92e4256534b0f1d3ef486735289e83e39dc26f22a9bd8f', 201, '{"order_id":"CAPTURED","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 22:32:18.055405+00', '\x126f29c24abe98b0');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/refunds', 'refunds-of-CAPTURED', 'CAPTURED', -69527100677387214, '\x011c39f43c1b781a24445be90e100625cdc53df8488acc417ce6912b48c395621c', 201, '{"captured":3000,"currency":"USD","order_id":"CAPTURED","refund":{"amount":1,"reason":"late","restock":[]},"refunded":1,"state":"COMPLETED","version":9}', '2026-11-29 22:32:18.100784+00', '\xab9d75b9e880de6f');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/DONE/cancel', 'too-late', 'DONE', -6802090521073151956, '\x01a22002bc4a95124c0c6d865923cefbff934b9c5ae709aed1db8ae163dfdd9ed2', 409, '{"type":"urn:counterfoil:problem:wrong_state","title":"Wrong state","status":409,"detail":"cancel: not while the order is COMPLETED","code":"wrong_state","order_id":"DONE","state":"COMPLETED","final":true}', '2026-11-29 22:32:18.115762+00', '\x2802ab15b7b06ef0');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF/cancel', 'cancel-of-CALLED-OFF', 'CALLED-OFF', 2302894407190927715, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"CALLED-OFF","state":"CANCELLED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 22:32:18.145792+00', '\x4bcbfa43e3910255');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING/capture', 'capture-of-CAPTURING', 'CAPTURING', 8164488708907914127, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 22:32:18.515099+00', '\xf4be673e82014406');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/capture', 'capture-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -5005336039153358095, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 22:32:18.523141+00', '\x79eb02f34b64cbb1');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/refunds', 'refunds-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', 2854397128151827484, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 22:32:18.547934+00', '\x9fcc08711679bf5c');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING/cancel', 'cancel-of-CALLED-OFF-CHARGING', 'CALLED-OFF-CHARGING', -6062813350972535496, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:18.580165+00', '\x8093b2afd323660f');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING', 'CALLED-OFF-AUTHORIZING', 8828366851940156676, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:18.635341+00', '\x87354f5a2db8cfc8');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING/cancel', 'cancel-of-CALLED-OFF-SHIPPING', 'CALLED-OFF-SHIPPING', -7163331465490390590, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:18.703677+00', '\xb552c48e90311ad0');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING/cancel', 'cancel-of-CALLED-OFF-RESERVING', 'CALLED-OFF-RESERVING', -8870575358568910176, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:18.735724+00', '\x6ce3ed8adbb974b7');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING-IN-EFFECT/capture', 'capture-of-CAPTURING-IN-EFFECT', 'CAPTURING-IN-EFFECT', 7867972583113499094, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 22:32:18.823743+00', '\x233436f732885f21');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/capture', 'capture-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', -5943822451842429770, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 22:32:18.831775+00', '\x8302fa816b791c04');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/refunds', 'refunds-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', -3759943505595808756, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 22:32:18.862968+00', '\xfb61213e592427b6');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-CHARGING-IN-EFFECT', 'CALLED-OFF-CHARGING-IN-EFFECT', 6144002083539143366, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:18.904576+00', '\x4d364e078c1aaefe');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING-IN-EFFECT', 'CALLED-OFF-AUTHORIZING-IN-EFFECT', -1138436617746325528, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:18.957584+00', '\xe374fe5b9c6cbecb');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-SHIPPING-IN-EFFECT', 'CALLED-OFF-SHIPPING-IN-EFFECT', -7404052601920776917, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:18.98855+00', '\xce8d31a5df785b61');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-RESERVING-IN-EFFECT', 'CALLED-OFF-RESERVING-IN-EFFECT', 1159790477048894738, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:19.014667+00', '\xeb6cd1b184c6c390');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-UNSHIPPED/cancel', 'cancel-of-CALLED-OFF-UNSHIPPED', 'CALLED-OFF-UNSHIPPED', -4533784710221726166, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:19.200921+00', '\xaf1ec4bd3e882a1e');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-VOIDED/cancel', 'cancel-of-CALLED-OFF-VOIDED', 'CALLED-OFF-VOIDED', -3315875303840530797, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:19.229778+00', '\x44d7442bab221858');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/WAITING/cancel', 'cancel-of-WAITING', 'WAITING', -6947407580233266195, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 22:32:19.259929+00', '\x4ad617bc6b999b72');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/SKIPPED/cancel', 'cancel-of-SKIPPED', 'SKIPPED', 5445724748568030058, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"SKIPPED","state":"CANCELLED","version":8,"amount":3998,"currency":"USD"}', '2026-11-29 22:32:19.325804+00', '\x1bf39a21b5d557d7');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/FORCED/cancel', 'cancel-of-FORCED', 'FORCED', 2241331498937092643, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"FORCED","state":"CANCELLED","version":6,"amount":3998,"currency":"USD"}', '2026-11-29 22:32:19.365956+00', '\xa1d54ef5e1ba3dcc');


--
-- Data for Name: inventory; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory VALUES ('LITTLE', 1, 0);
INSERT INTO public.inventory VALUES ('S', 97, 2);


--
-- Data for Name: inventory_journal; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory_journal VALUES ('S', '0eed5054-2bad-4f1e-b1d4-bbd136c047ea', 100, 'created', 'anonymous', '2026-11-29 22:32:17.573689+00', NULL, '\x1762d18ffd69e72a');
INSERT INTO public.inventory_journal VALUES ('LITTLE', '9e919586-7960-4b00-a326-4270a7f1ade2', 1, 'created', 'anonymous', '2026-11-29 22:32:17.587137+00', NULL, '\x44eee1aa94f3ab8d');
INSERT INTO public.inventory_journal VALUES ('S', '1290f20c-5929-4c6d-ab41-8ad47d96440f', 1, 'restock of refund refunds-of-LOCAL', 'anonymous', '2026-11-29 22:32:17.699347+00', 'LOCAL', '\x3626494efce78e75');


--
-- Data for Name: nodes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.nodes VALUES ('46af13ed-afb2-4303-88fa-e6fe2e243b25', '127.0.0.1:35497', '0.7.0', 'up', '2026-11-29 22:32:17.539212+00', '2026-11-29 22:32:17.539212+00', '{}');
INSERT INTO public.nodes VALUES ('f3ad2139-e37a-474f-a94e-547e8d823d4d', '127.0.0.1:36131', '0.7.0', 'gone', '2026-11-29 22:32:17.832279+00', '2026-11-29 22:32:19.490815+00', '{}');
INSERT INTO public.nodes VALUES ('896eec3c-4f67-4a2b-baf4-2f7ee70ebee5', '127.0.0.1:35835', '0.7.0', 'gone', '2026-11-29 22:32:19.704562+00', '2026-11-29 22:32:20.483444+00', '{fraud,gift,points}');


--
-- Data for Name: operator_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_log VALUES ('SKIPPED', 'f2e5f79b-b462-4b77-8feb-516c75a316cb', '2026-11-29 22:32:19.38807+00', 'anonymous', 'skip', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T22:32:19.329300Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"COMPENSATING","version":6}');
INSERT INTO public.operator_log VALUES ('FORCED', '953bf711-1c52-4768-b8d4-9d2a6f2d9969', '2026-11-29 22:32:19.432419+00', 'anonymous', 'force-cancel', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T22:32:19.376674Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"CANCELLED","version":6}');


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_events VALUES ('LOCAL', 1, '2026-11-29 22:32:17.599366+00', '784', '[{"type":"order.created","seal":"RN-U"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635913);
INSERT INTO public.order_events VALUES ('LOCAL-AUTHORIZED', 1, '2026-11-29 22:32:17.665075+00', '785', '[{"type":"order.created","seal":"OP8-"},{"type":"inventory.reserved"},{"type":"payment.authorized"}]', 3635913);
INSERT INTO public.order_events VALUES ('LOCAL-KEYED', 1, '2026-11-29 22:32:17.673525+00', '786', '[{"type":"order.created","seal":"Qrcj"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635913);
INSERT INTO public.order_events VALUES ('LOCAL-SHORT', 1, '2026-11-29 22:32:17.68665+00', '788', '[{"type":"order.created","seal":"h1Jo"},{"type":"inventory.rejected","shortages":[{"sku":"LITTLE","requested":2,"available":1}]},{"type":"order.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('LOCAL', 6, '2026-11-29 22:32:17.6965+00', '789', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-LOCAL","amount":1999,"reason":"too small","restock":[{"sku":"S","quantity":1}]},{"type":"payment.refunded","amount":1999,"refund":{"client":"anonymous","key":"refunds-of-LOCAL"}}]', 3635913);
INSERT INTO public.order_events VALUES ('DONE', 1, '2026-11-29 22:32:17.864989+00', '791', '[{"type":"order.created","seal":"_QGZ"}]', 3635913);
INSERT INTO public.order_events VALUES ('DONE', 2, '2026-11-29 22:32:17.91739+00', '792', '[{"type":"inventory.reserved","reference":"rsv_24b3f8d249145f20a6c06d128ef2652a"}]', 3635913);
INSERT INTO public.order_events VALUES ('DONE', 3, '2026-11-29 22:32:17.936866+00', '793', '[{"type":"payment.charged","amount":3998,"reference":"ch_e6c6d62e4d055a2893cdb72c535ac0b4"}]', 3635913);
INSERT INTO public.order_events VALUES ('DONE', 4, '2026-11-29 22:32:17.943071+00', '794', '[{"type":"shipment.created","reference":"shp_229d44f36f195db3a470024ddadc63e9"},{"type":"order.completed"}]', 3635913);
INSERT INTO public.order_events VALUES ('DECLINED', 1, '2026-11-29 22:32:17.98301+00', '795', '[{"type":"order.created","seal":"Oz0e"}]', 3635913);
INSERT INTO public.order_events VALUES ('DECLINED', 2, '2026-11-29 22:32:17.989052+00', '796', '[{"type":"inventory.reserved","reference":"rsv_d3a4b8d8bf9c53d9bf2bc4735ff812e3"}]', 3635913);
INSERT INTO public.order_events VALUES ('DECLINED', 3, '2026-11-29 22:32:17.993075+00', '797', '[{"type":"payment.declined","reason":"card_declined"}]', 3635913);
INSERT INTO public.order_events VALUES ('DECLINED', 4, '2026-11-29 22:32:17.996139+00', '798', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 1, '2026-11-29 22:32:17.99821+00', '799', '[{"type":"order.created","seal":"Ls12"}]', 3635913);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 2, '2026-11-29 22:32:18.000657+00', '800', '[{"type":"inventory.reserved","reference":"rsv_a6f5d02bb8ec532da955f21ecfa77a8b"}]', 3635913);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 3, '2026-11-29 22:32:18.002889+00', '801', '[{"type":"payment.charged","amount":3998,"reference":"ch_3177ce658a9258f391be243d55764693"}]', 3635913);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 4, '2026-11-29 22:32:18.004846+00', '802', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3635913);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 5, '2026-11-29 22:32:18.007274+00', '803', '[{"type":"payment.refunded","amount":3998}]', 3635913);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 6, '2026-11-29 22:32:18.009743+00', '804', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 1, '2026-11-29 22:32:18.011743+00', '805', '[{"type":"order.created","seal":"Il5C"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 2, '2026-11-29 22:32:18.015213+00', '806', '[{"type":"inventory.reserved","reference":"rsv_e5b1e66b56765e5aae9e1939e0536a33"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 3, '2026-11-29 22:32:18.020296+00', '807', '[{"type":"payment.authorized","reference":"auth_f5bb55847f625537b4b1061d2575232f","expires_in_ms":604798994}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURED', 1, '2026-11-29 22:32:18.028171+00', '808', '[{"type":"order.created","seal":"CuhO"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURED', 2, '2026-11-29 22:32:18.031013+00', '809', '[{"type":"inventory.reserved","reference":"rsv_f40a1f224a815cd482a641ed509565f8"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURED', 3, '2026-11-29 22:32:18.033787+00', '810', '[{"type":"payment.authorized","reference":"auth_7180e126713e5222ba85588d75b1e297","expires_in_ms":604798997}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURED', 4, '2026-11-29 22:32:18.054548+00', '811', '[{"type":"payment.capturing","amount":3000}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURED', 5, '2026-11-29 22:32:18.070214+00', '812', '[{"type":"payment.charged","amount":3000,"reference":"cap_110ad94e0eae5c9f8e19f67ce1baa7fb"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURED', 6, '2026-11-29 22:32:18.08325+00', '813', '[{"type":"shipment.created","reference":"shp_0f67c6f21bcf53ddb6a0236bfb69513d"},{"type":"order.completed"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURED', 8, '2026-11-29 22:32:18.100015+00', '814', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-CAPTURED","amount":1,"reason":"late"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURED', 9, '2026-11-29 22:32:18.108174+00', '815', '[{"type":"payment.refunded","amount":1,"refund":{"client":"anonymous","key":"refunds-of-CAPTURED"}}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 1, '2026-11-29 22:32:18.118721+00', '817', '[{"type":"order.created","seal":"uq-s"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 2, '2026-11-29 22:32:18.133558+00', '818', '[{"type":"inventory.reserved","reference":"rsv_04005250cfaf5503a46785909b0ecfc6"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 3, '2026-11-29 22:32:18.137009+00', '819', '[{"type":"payment.authorized","reference":"auth_8f28337513095b53a8c58a02e7b94650","expires_in_ms":604798996}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 4, '2026-11-29 22:32:18.144458+00', '820', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 5, '2026-11-29 22:32:18.151746+00', '821', '[{"type":"payment.voided"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 6, '2026-11-29 22:32:18.162911+00', '822', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('RESERVING', 1, '2026-11-29 22:32:18.168271+00', '823', '[{"type":"order.created","seal":"cqNF"}]', 3635913);
INSERT INTO public.order_events VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 22:32:18.182273+00', '825', '[{"type":"order.created","seal":"TU-E"}]', 3635913);
INSERT INTO public.order_events VALUES ('RESERVING-LOST', 1, '2026-11-29 22:32:18.197946+00', '827', '[{"type":"order.created","seal":"6zmU"}]', 3635913);
INSERT INTO public.order_events VALUES ('CHARGING', 1, '2026-11-29 22:32:18.215827+00', '829', '[{"type":"order.created","seal":"kyvs"}]', 3635913);
INSERT INTO public.order_events VALUES ('CHARGING', 2, '2026-11-29 22:32:18.222298+00', '830', '[{"type":"inventory.reserved","reference":"rsv_e23b3725c14750e798e6e1d859807709"}]', 3635913);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 1, '2026-11-29 22:32:18.244316+00', '832', '[{"type":"order.created","seal":"8qb9"}]', 3635913);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 22:32:18.248783+00', '833', '[{"type":"inventory.reserved","reference":"rsv_4cb85b4ea42950359bb767a7c37524d0"}]', 3635913);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 1, '2026-11-29 22:32:18.260494+00', '835', '[{"type":"order.created","seal":"cYwh"}]', 3635913);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 2, '2026-11-29 22:32:18.263995+00', '836', '[{"type":"inventory.reserved","reference":"rsv_b3566e56b21e50428989c2d9f62b5095"}]', 3635913);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 3, '2026-11-29 22:32:18.266433+00', '837', '[{"type":"payment.unknown"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 1, '2026-11-29 22:32:18.275377+00', '840', '[{"type":"order.created","seal":"tg1r"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 2, '2026-11-29 22:32:18.281169+00', '842', '[{"type":"inventory.reserved","reference":"rsv_3d8671de3a4355f5b37b97d0d18e1dad"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 1, '2026-11-29 22:32:18.29194+00', '844', '[{"type":"order.created","seal":"qEwt"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 22:32:18.304851+00', '847', '[{"type":"inventory.reserved","reference":"rsv_afa16f576f975432945fa6e3afc6c5ee"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 1, '2026-11-29 22:32:18.327384+00', '850', '[{"type":"order.created","seal":"BKBV"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 2, '2026-11-29 22:32:18.337519+00', '851', '[{"type":"inventory.reserved","reference":"rsv_ee7b66928a2457cba75127b0980dc721"}]', 3635913);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 22:32:18.34826+00', '852', '[{"type":"payment.unknown"}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING', 1, '2026-11-29 22:32:18.359931+00', '854', '[{"type":"order.created","seal":"ibDY"}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING', 2, '2026-11-29 22:32:18.368476+00', '855', '[{"type":"inventory.reserved","reference":"rsv_38a42d3c9acc5b79a278178544da622b"}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING', 3, '2026-11-29 22:32:18.382287+00', '856', '[{"type":"payment.charged","amount":3998,"reference":"ch_21cecb93971b5f758cfc4fcbf58ff580"}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 1, '2026-11-29 22:32:18.39186+00', '860', '[{"type":"order.created","seal":"OCTh"}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 2, '2026-11-29 22:32:18.405603+00', '863', '[{"type":"inventory.reserved","reference":"rsv_c9d32db455dc5facaff3182bf0b0fce4"}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 22:32:18.421774+00', '866', '[{"type":"payment.charged","amount":3998,"reference":"ch_91f0069e377a5df8991849e87a4c3b94"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 1, '2026-11-29 22:32:18.595417+00', '903', '[{"type":"order.created","seal":"uQPe"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 2, '2026-11-29 22:32:18.627548+00', '904', '[{"type":"inventory.reserved","reference":"rsv_6fa8aa5147005e8a9bc9cdb88cbc2447"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-29 22:32:18.734773+00', '927', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 1, '2026-11-29 22:32:18.756753+00', '929', '[{"type":"order.created","seal":"n77E"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 2, '2026-11-29 22:32:18.760354+00', '931', '[{"type":"inventory.reserved","reference":"rsv_2cd9840f97a853918cd84166c6f374c0"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 3, '2026-11-29 22:32:18.777373+00', '941', '[{"type":"payment.authorized","reference":"auth_788e51d1329b5fcf8ef7ca195597b374","expires_in_ms":604798982}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 1, '2026-11-29 22:32:18.790638+00', '942', '[{"type":"order.created","seal":"OSmx"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 2, '2026-11-29 22:32:18.800858+00', '943', '[{"type":"inventory.reserved","reference":"rsv_a5b7713b80af5a7c8df21338ad4373d2"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 3, '2026-11-29 22:32:18.80769+00', '944', '[{"type":"payment.authorized","reference":"auth_0a9856bd36715cd49774f30b56fc1d61","expires_in_ms":604798993}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 1, '2026-11-29 22:32:18.877286+00', '952', '[{"type":"order.created","seal":"eMGA"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 2, '2026-11-29 22:32:18.880708+00', '954', '[{"type":"inventory.reserved","reference":"rsv_7cf90b4a722755669f306d42c51d98d0"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-29 22:32:18.903678+00', '964', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-29 22:32:19.011012+00', '980', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING', 1, '2026-11-29 22:32:19.035304+00', '994', '[{"type":"order.created","seal":"PY1a"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING', 2, '2026-11-29 22:32:19.040786+00', '995', '[{"type":"inventory.reserved","reference":"rsv_d2b71a6456ab588c99d1889e093399fe"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING', 3, '2026-11-29 22:32:19.043408+00', '996', '[{"type":"payment.charged","amount":3998,"reference":"ch_493d1ebe51e65e24a049abe10df83860"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING', 4, '2026-11-29 22:32:19.04565+00', '997', '[{"type":"shipment.failed","reason":"not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 1, '2026-11-29 22:32:19.050817+00', '999', '[{"type":"order.created","seal":"jMHm"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 2, '2026-11-29 22:32:19.053819+00', '1000', '[{"type":"inventory.reserved","reference":"rsv_f7426849a1c65f4b88f22585241bad3d"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 3, '2026-11-29 22:32:19.056483+00', '1001', '[{"type":"payment.charged","amount":3998,"reference":"ch_9e7f564fdc2e53fb8f2d69cd98d9dd77"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-29 22:32:19.05795+00', '1002', '[{"type":"shipment.failed","reason":"not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 1, '2026-11-29 22:32:19.06458+00', '1004', '[{"type":"order.created","seal":"x31Z"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 2, '2026-11-29 22:32:19.077684+00', '1005', '[{"type":"inventory.reserved","reference":"rsv_ca5bb91b1557545e91be73b33e2db66b"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 3, '2026-11-29 22:32:19.080765+00', '1006', '[{"type":"payment.charged","amount":3998,"reference":"ch_7a90b7fc4de758ae953d1a68c93c0492"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 4, '2026-11-29 22:32:19.083573+00', '1007', '[{"type":"shipment.failed","reason":"not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 22:32:19.093621+00', '1008', '[{"type":"payment.refunded","amount":3998}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-29 22:32:19.204409+00', '1040', '[{"type":"shipment.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 1, '2026-11-29 22:32:19.214423+00', '1042', '[{"type":"order.created","seal":"pTUe"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 2, '2026-11-29 22:32:19.218497+00', '1043', '[{"type":"inventory.reserved","reference":"rsv_ddb1a10426e855adb46455da4a12b027"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 3, '2026-11-29 22:32:19.228948+00', '1045', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-29 22:32:19.233637+00', '1046', '[{"type":"payment.voided","captured":3998}]', 3635913);
INSERT INTO public.order_events VALUES ('WAITING', 1, '2026-11-29 22:32:19.243656+00', '1048', '[{"type":"order.created","seal":"MvkA"}]', 3635913);
INSERT INTO public.order_events VALUES ('WAITING', 2, '2026-11-29 22:32:19.247727+00', '1049', '[{"type":"inventory.reserved","reference":"rsv_9966445bc02e58c88de610ac388e1630"}]', 3635913);
INSERT INTO public.order_events VALUES ('SKIPPED', 1, '2026-11-29 22:32:19.306613+00', '1063', '[{"type":"order.created","seal":"hwSP"}]', 3635913);
INSERT INTO public.order_events VALUES ('SKIPPED', 2, '2026-11-29 22:32:19.314337+00', '1064', '[{"type":"inventory.reserved","reference":"rsv_8546614c5b755ffcae87f21ec546ee92"}]', 3635913);
INSERT INTO public.order_events VALUES ('SKIPPED', 3, '2026-11-29 22:32:19.324946+00', '1066', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('SKIPPED', 4, '2026-11-29 22:32:19.3293+00', '1067', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('FORCED', 1, '2026-11-29 22:32:19.337205+00', '1068', '[{"type":"order.created","seal":"hrM3"}]', 3635913);
INSERT INTO public.order_events VALUES ('FORCED', 2, '2026-11-29 22:32:19.340417+00', '1069', '[{"type":"inventory.reserved","reference":"rsv_ddc92bb8f50758aa96b6014229c609f9"}]', 3635913);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 1, '2026-11-29 22:32:19.44743+00', '1092', '[{"type":"order.created","seal":"vo8E"}]', 3635913);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 2, '2026-11-29 22:32:19.45559+00', '1093', '[{"type":"inventory.reserved","reference":"rsv_3f9a702b71405ea8a0444ca9f543f060"}]', 3635913);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 3, '2026-11-29 22:32:19.459682+00', '1094', '[{"type":"order.attention","reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","contradicted":true}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 1, '2026-11-29 22:32:18.43936+00', '872', '[{"type":"order.created","seal":"DKw-"}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 2, '2026-11-29 22:32:18.44706+00', '873', '[{"type":"inventory.reserved","reference":"rsv_ec3a118b11ca53f2a745191083a9b995"}]', 3635913);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 3, '2026-11-29 22:32:18.45197+00', '874', '[{"type":"payment.charged","amount":3998,"reference":"ch_ef81308362d051c6bf62111f5de67aa7"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURING', 1, '2026-11-29 22:32:18.469031+00', '876', '[{"type":"order.created","seal":"slL7"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURING', 2, '2026-11-29 22:32:18.475381+00', '877', '[{"type":"inventory.reserved","reference":"rsv_4a46491a7f3457979c2393a92ec67470"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURING', 3, '2026-11-29 22:32:18.479017+00', '878', '[{"type":"payment.authorized","reference":"auth_9c0589f320ca59309fcc85eb739503a9","expires_in_ms":604798996}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 1, '2026-11-29 22:32:18.482063+00', '879', '[{"type":"order.created","seal":"7uQP"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 2, '2026-11-29 22:32:18.486334+00', '881', '[{"type":"inventory.reserved","reference":"rsv_c94bec581408512cb68912295c707abb"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 3, '2026-11-29 22:32:18.502834+00', '882', '[{"type":"payment.authorized","reference":"auth_d9fc0b7f399758a7959cc7b27e8f0536","expires_in_ms":604798983}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURING', 4, '2026-11-29 22:32:18.51427+00', '883', '[{"type":"payment.capturing","amount":2000}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 4, '2026-11-29 22:32:18.522219+00', '885', '[{"type":"payment.capturing","amount":2000}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 5, '2026-11-29 22:32:18.528785+00', '886', '[{"type":"payment.charged","amount":2000,"reference":"cap_a1d08c66b22d5e6c8cef00504bebe4c2"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 6, '2026-11-29 22:32:18.533567+00', '888', '[{"type":"shipment.created","reference":"shp_a389b17ffc2f589eae413251b1ac74e1"},{"type":"order.completed"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 22:32:18.5472+00', '896', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE","amount":500,"reason":"late"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 1, '2026-11-29 22:32:18.5639+00', '898', '[{"type":"order.created","seal":"1J0h"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 2, '2026-11-29 22:32:18.567875+00', '899', '[{"type":"inventory.reserved","reference":"rsv_83f2e79af4d7571ba431bf864ec29a94"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-29 22:32:18.579336+00', '901', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-29 22:32:18.63463+00', '906', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 1, '2026-11-29 22:32:18.652635+00', '914', '[{"type":"order.created","seal":"YhJu"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 2, '2026-11-29 22:32:18.669351+00', '919', '[{"type":"inventory.reserved","reference":"rsv_7f27885766895a848ac69638be6844cf"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 3, '2026-11-29 22:32:18.674226+00', '921', '[{"type":"payment.charged","amount":3998,"reference":"ch_70cedc7b21b65f64ae2046a6eb180bb3"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-29 22:32:18.702943+00', '923', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 1, '2026-11-29 22:32:18.717827+00', '925', '[{"type":"order.created","seal":"TXHR"}]', 3635913);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-29 22:32:18.822798+00', '945', '[{"type":"payment.capturing","amount":2000}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 4, '2026-11-29 22:32:18.830857+00', '947', '[{"type":"payment.capturing","amount":2000}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 5, '2026-11-29 22:32:18.841825+00', '948', '[{"type":"payment.charged","amount":2000,"reference":"cap_3e3d013176535b13974707f95e344f59"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 6, '2026-11-29 22:32:18.857602+00', '949', '[{"type":"shipment.created","reference":"shp_7648a011489759bb85934c3b6297f7c5"},{"type":"order.completed"}]', 3635913);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-29 22:32:18.8622+00', '950', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE-IN-EFFECT","amount":500,"reason":"late"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 1, '2026-11-29 22:32:18.920433+00', '966', '[{"type":"order.created","seal":"yuoG"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 2, '2026-11-29 22:32:18.926746+00', '967', '[{"type":"inventory.reserved","reference":"rsv_ffc28bf7fe2853858f65e5614dcd589b"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-29 22:32:18.955204+00', '969', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 1, '2026-11-29 22:32:18.972696+00', '971', '[{"type":"order.created","seal":"m03n"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 2, '2026-11-29 22:32:18.976216+00', '972', '[{"type":"inventory.reserved","reference":"rsv_935150fb7b6058428533a46b4703d104"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 3, '2026-11-29 22:32:18.978782+00', '973', '[{"type":"payment.charged","amount":3998,"reference":"ch_15a4ebfde62c5760a066c3dd42b65793"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-29 22:32:18.987729+00', '975', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 1, '2026-11-29 22:32:19.004118+00', '978', '[{"type":"order.created","seal":"3irj"}]', 3635913);
INSERT INTO public.order_events VALUES ('RELEASING', 1, '2026-11-29 22:32:19.110374+00', '1010', '[{"type":"order.created","seal":"ASLp"}]', 3635913);
INSERT INTO public.order_events VALUES ('RELEASING', 2, '2026-11-29 22:32:19.113937+00', '1011', '[{"type":"inventory.reserved","reference":"rsv_9da61cc168315166b28ebd5d9e0bab2a"}]', 3635913);
INSERT INTO public.order_events VALUES ('RELEASING', 3, '2026-11-29 22:32:19.11658+00', '1012', '[{"type":"payment.declined","reason":"not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 1, '2026-11-29 22:32:19.124494+00', '1014', '[{"type":"order.created","seal":"mE4l"}]', 3635913);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 2, '2026-11-29 22:32:19.131659+00', '1015', '[{"type":"inventory.reserved","reference":"rsv_03724bd82c6f5e3f9c8df1efdc083d51"}]', 3635913);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-29 22:32:19.156447+00', '1018', '[{"type":"payment.declined","reason":"not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 1, '2026-11-29 22:32:19.185327+00', '1035', '[{"type":"order.created","seal":"PvEo"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 2, '2026-11-29 22:32:19.188814+00', '1036', '[{"type":"inventory.reserved","reference":"rsv_cfbb8d10736a50e8bfdc1868aafa3255"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 3, '2026-11-29 22:32:19.191314+00', '1037', '[{"type":"payment.charged","amount":3998,"reference":"ch_bd25be3bd4a750b38d2cae0a4fa84043"}]', 3635913);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 4, '2026-11-29 22:32:19.200155+00', '1039', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('WAITING', 3, '2026-11-29 22:32:19.259081+00', '1051', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('WAITING', 4, '2026-11-29 22:32:19.263411+00', '1053', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('FORCED', 3, '2026-11-29 22:32:19.362298+00', '1071', '[{"type":"order.compensating","reason":"client"}]', 3635913);
INSERT INTO public.order_events VALUES ('FORCED', 4, '2026-11-29 22:32:19.376674+00', '1072', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('SKIPPED', 5, '2026-11-29 22:32:19.385767+00', '1074', '[{"type":"order.skipped","action":"void","reason":"looked at both sides","by":"anonymous"},{"type":"payment.voided"}]', 3635913);
INSERT INTO public.order_events VALUES ('SKIPPED', 7, '2026-11-29 22:32:19.398789+00', '1075', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('FORCED', 5, '2026-11-29 22:32:19.419066+00', '1091', '[{"type":"order.forced","reason":"looked at both sides","by":"anonymous"},{"type":"order.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS', 1, '2026-11-29 22:32:19.717486+00', '1101', '[{"type":"order.created","seal":"736Y","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS', 2, '2026-11-29 22:32:19.809425+00', '1119', '[{"type":"inventory.reserved","reference":"rsv_7411a0bbb6c35d789e1aa0869a10ef2e"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS', 3, '2026-11-29 22:32:19.836359+00', '1134', '[{"type":"step.done","step":"fraud","reference":"run_1d92692fa8925bfd8a00a6b93eb0f6e3"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS', 4, '2026-11-29 22:32:19.888851+00', '1135', '[{"type":"payment.charged","amount":3998,"reference":"ch_0c889d89ca755a9c8e3d59a329362942"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS', 5, '2026-11-29 22:32:19.892083+00', '1136', '[{"type":"step.done","step":"points","reference":"run_790aba91ad15578f8334b4c9be091fb5"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS', 6, '2026-11-29 22:32:19.894571+00', '1137', '[{"type":"shipment.created","reference":"shp_57e25f9b1a71539495ac317635b1e636"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS', 7, '2026-11-29 22:32:19.897063+00', '1138', '[{"type":"step.done","step":"gift","reference":"run_443369d319ec5809acae4c4a3316a9da"},{"type":"order.completed"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 1, '2026-11-29 22:32:19.900541+00', '1139', '[{"type":"order.created","seal":"N3Yv","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 2, '2026-11-29 22:32:19.906825+00', '1140', '[{"type":"inventory.reserved","reference":"rsv_7bbb2c24d4e6531f9a0d018e0db159e8"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 3, '2026-11-29 22:32:19.91406+00', '1141', '[{"type":"step.done","step":"fraud","reference":"run_a26e960dad105ce5b9a9ceb4140e0662"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 4, '2026-11-29 22:32:19.924855+00', '1142', '[{"type":"payment.charged","amount":3998,"reference":"ch_b589dfec01635f53a73aab007f45e103"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 5, '2026-11-29 22:32:19.936943+00', '1143', '[{"type":"step.done","step":"points","reference":"run_f49e5a37c5a051cabdb714aa0b47ee23"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 6, '2026-11-29 22:32:19.939891+00', '1144', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 7, '2026-11-29 22:32:19.945004+00', '1145', '[{"type":"step.undone","step":"points"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 8, '2026-11-29 22:32:19.948218+00', '1146', '[{"type":"payment.refunded","amount":3998}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 9, '2026-11-29 22:32:19.952213+00', '1147', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 1, '2026-11-29 22:32:19.955528+00', '1148', '[{"type":"order.created","seal":"0HuC","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-fraud', 1, '2026-11-29 22:32:19.959548+00', '1149', '[{"type":"order.created","seal":"RG-t","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 2, '2026-11-29 22:32:19.960198+00', '1150', '[{"type":"inventory.reserved","reference":"rsv_2fdbe4e020a7503eadd7dbdf28d61c4d"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-fraud', 2, '2026-11-29 22:32:19.964442+00', '1151', '[{"type":"inventory.reserved","reference":"rsv_6d84054fcbd75819b6dee931b1bb3d79"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 3, '2026-11-29 22:32:19.980333+00', '1152', '[{"type":"step.refused","step":"fraud","reason":"refused"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 1, '2026-11-29 22:32:19.98669+00', '1154', '[{"type":"order.created","seal":"rrSf","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 4, '2026-11-29 22:32:19.989573+00', '1155', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-29 22:32:19.996619+00', '1156', '[{"type":"inventory.reserved","reference":"rsv_2a830563a3935fdea2f4c173b2652c3f"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-points', 1, '2026-11-29 22:32:20.001437+00', '1157', '[{"type":"order.created","seal":"jMYH","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-points', 2, '2026-11-29 22:32:20.015691+00', '1159', '[{"type":"inventory.reserved","reference":"rsv_0542aefccd8d5039b1c473e889a76b39"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 1, '2026-11-29 22:32:20.131138+00', '1195', '[{"type":"order.created","seal":"SDRt","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 2, '2026-11-29 22:32:20.143058+00', '1196', '[{"type":"inventory.reserved","reference":"rsv_520f0d7b20f55e3a8ef4f586ce76835a"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 3, '2026-11-29 22:32:20.151628+00', '1197', '[{"type":"step.done","step":"fraud","reference":"run_454812f36d35501a98d0d0682897edc3"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 4, '2026-11-29 22:32:20.155084+00', '1198', '[{"type":"payment.charged","amount":3998,"reference":"ch_2b347ec9be58525781317320db75caba"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 5, '2026-11-29 22:32:20.157977+00', '1199', '[{"type":"step.done","step":"points","reference":"run_32a6dab4474d518b80f2a174c042fc05"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-29 22:32:20.160305+00', '1200', '[{"type":"shipment.created","reference":"shp_255d6d127aec5bb7ae561ebfd278425f"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 1, '2026-11-29 22:32:20.163041+00', '1202', '[{"type":"order.created","seal":"XO2m","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 2, '2026-11-29 22:32:20.177056+00', '1203', '[{"type":"inventory.reserved","reference":"rsv_e2ab9d4ad98c51d0b57a7a581ad7fc48"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 3, '2026-11-29 22:32:20.184666+00', '1204', '[{"type":"step.done","step":"fraud","reference":"run_a11472b51c935b6dac8aa7f0950267f7"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 4, '2026-11-29 22:32:20.187436+00', '1205', '[{"type":"payment.charged","amount":3998,"reference":"ch_d5d4f63289e25e12aedbbee191fc3f41"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 5, '2026-11-29 22:32:20.189748+00', '1206', '[{"type":"step.done","step":"points","reference":"run_3fc06fd65fb35682adbf629c2994be0c"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 6, '2026-11-29 22:32:20.193565+00', '1207', '[{"type":"shipment.failed","reason":"not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 1, '2026-11-29 22:32:20.199094+00', '1209', '[{"type":"order.created","seal":"dUVh","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 2, '2026-11-29 22:32:20.203237+00', '1232', '[{"type":"inventory.reserved","reference":"rsv_8381ca112b595da0aba437b5d4e169bb"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 3, '2026-11-29 22:32:20.221133+00', '1235', '[{"type":"step.done","step":"fraud","reference":"run_1c38dd16a7305f5e890974197c18231d"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 4, '2026-11-29 22:32:20.223352+00', '1236', '[{"type":"payment.charged","amount":3998,"reference":"ch_6d066c4c06fb5554baf9e9a37617d0fe"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 5, '2026-11-29 22:32:20.225568+00', '1237', '[{"type":"step.done","step":"points","reference":"run_0fe4e92822e65d39829b319d9acd2d20"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-29 22:32:20.226984+00', '1238', '[{"type":"shipment.failed","reason":"not_today"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-points', 3, '2026-11-29 22:32:20.028925+00', '1160', '[{"type":"step.done","step":"fraud","reference":"run_6979b16f0a845823a5d8da8e5ab43910"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-points', 4, '2026-11-29 22:32:20.032787+00', '1161', '[{"type":"payment.charged","amount":3998,"reference":"ch_7a7843b651865c7d8129bd13840515e3"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 1, '2026-11-29 22:32:20.044384+00', '1163', '[{"type":"order.created","seal":"LfFx","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 2, '2026-11-29 22:32:20.048977+00', '1164', '[{"type":"inventory.reserved","reference":"rsv_81557eafecd65d628ca4c41e2bb8251b"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 3, '2026-11-29 22:32:20.052119+00', '1165', '[{"type":"step.done","step":"fraud","reference":"run_bd74bf743c275527828fd6d47dd13df5"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-29 22:32:20.061399+00', '1166', '[{"type":"payment.charged","amount":3998,"reference":"ch_dc401ebb546a5c52ad8a6fbe0d0132d7"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift', 1, '2026-11-29 22:32:20.069803+00', '1169', '[{"type":"order.created","seal":"jxVP","definition":"pDecNksW"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift', 2, '2026-11-29 22:32:20.087074+00', '1180', '[{"type":"inventory.reserved","reference":"rsv_a3f32d0fc7ce5b0091a22e469aab7f8a"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift', 3, '2026-11-29 22:32:20.095272+00', '1187', '[{"type":"step.done","step":"fraud","reference":"run_5d3ffd931cf156dab648b03fa06d6950"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift', 4, '2026-11-29 22:32:20.114998+00', '1191', '[{"type":"payment.charged","amount":3998,"reference":"ch_80cdc37533d35ce8b37ac83fa60b1a30"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift', 5, '2026-11-29 22:32:20.123827+00', '1192', '[{"type":"step.done","step":"points","reference":"run_0c453b359559547e92ab5e0279c6b21b"}]', 3635913);
INSERT INTO public.order_events VALUES ('STEP-gift', 6, '2026-11-29 22:32:20.128087+00', '1193', '[{"type":"shipment.created","reference":"shp_5345edf1d9845f4cba8ac2f74ca5ed74"}]', 3635913);


--
-- Data for Name: order_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_keys VALUES ('LOCAL', 0, 1);
INSERT INTO public.order_keys VALUES ('CAPTURED', 0, 2);
INSERT INTO public.order_keys VALUES ('DONE', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF', 0, 1);
INSERT INTO public.order_keys VALUES ('CAPTURING', 0, 1);
INSERT INTO public.order_keys VALUES ('REFUNDING-CAPTURE', 0, 2);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-CHARGING', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-AUTHORIZING', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-SHIPPING', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-RESERVING', 0, 1);
INSERT INTO public.order_keys VALUES ('CAPTURING-IN-EFFECT', 0, 1);
INSERT INTO public.order_keys VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 0, 2);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-UNSHIPPED', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF-VOIDED', 0, 1);
INSERT INTO public.order_keys VALUES ('WAITING', 0, 1);
INSERT INTO public.order_keys VALUES ('SKIPPED', 0, 1);
INSERT INTO public.order_keys VALUES ('FORCED', 0, 1);


--
-- Data for Name: order_steps; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_steps VALUES ('STEP-UNDOING', 1, '[{"status":"done","reference":"run_a11472b51c935b6dac8aa7f0950267f7"},{"status":"undoing","reference":"run_3fc06fd65fb35682adbf629c2994be0c"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS', 1, '[{"status":"done","reference":"run_1d92692fa8925bfd8a00a6b93eb0f6e3"},{"status":"done","reference":"run_790aba91ad15578f8334b4c9be091fb5"},{"status":"done","reference":"run_443369d319ec5809acae4c4a3316a9da"}]');
INSERT INTO public.order_steps VALUES ('STEP-UNDOING-IN-EFFECT', 1, '[{"status":"done","reference":"run_1c38dd16a7305f5e890974197c18231d"},{"status":"undoing","reference":"run_0fe4e92822e65d39829b319d9acd2d20"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-UNSHIPPED', 1, '[{"status":"done","reference":"run_a26e960dad105ce5b9a9ceb4140e0662"},{"status":"undone","reference":"run_f49e5a37c5a051cabdb714aa0b47ee23"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-REFUSED', 1, '[{"status":"refused"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud-IN-EFFECT', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points', 1, '[{"status":"done","reference":"run_6979b16f0a845823a5d8da8e5ab43910"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points-IN-EFFECT', 1, '[{"status":"done","reference":"run_bd74bf743c275527828fd6d47dd13df5"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift', 1, '[{"status":"done","reference":"run_5d3ffd931cf156dab648b03fa06d6950"},{"status":"done","reference":"run_0c453b359559547e92ab5e0279c6b21b"},{"status":"intended"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift-IN-EFFECT', 1, '[{"status":"done","reference":"run_454812f36d35501a98d0d0682897edc3"},{"status":"done","reference":"run_32a6dab4474d518b80f2a174c042fc05"},{"status":"intended"}]');


--
-- Data for Name: order_work; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_work VALUES ('LOCAL-AUTHORIZED', 3, '2026-12-06 22:32:17.66643+00', '2026-12-06 22:32:17.666431+00', '2026-11-29 22:32:17.666431+00', 0, 0, NULL, false, '2026-11-29 22:32:17.666431+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZED', 3, '2026-12-06 22:32:17.017224+00', '2026-12-06 22:32:17.017224+00', '2026-11-29 22:32:18.023224+00', 0, 0, NULL, false, '2026-11-29 22:32:18.023225+00', NULL, false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-29 22:32:20.493983+00', NULL, '2026-11-29 22:32:19.015248+00', 0, 0, NULL, false, '2026-11-29 22:32:20.215823+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-29 22:32:20.566508+00', NULL, '2026-11-29 22:32:18.988994+00', 0, 0, NULL, false, '2026-11-29 22:32:20.219798+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-29 22:32:20.818622+00', NULL, '2026-11-29 22:32:18.863462+00', 0, 0, NULL, false, '2026-11-29 22:32:20.442069+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING', 3, '2026-11-29 22:32:20.655427+00', NULL, '2026-11-29 22:32:19.118795+00', 0, 0, NULL, false, '2026-11-29 22:32:20.443748+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-29 22:32:20.772675+00', NULL, '2026-11-29 22:32:19.205367+00', 0, 0, NULL, false, '2026-11-29 22:32:20.444737+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-29 22:32:20.678905+00', NULL, '2026-11-29 22:32:19.1639+00', 0, 0, NULL, false, '2026-11-29 22:32:20.451799+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-29 22:32:20.814542+00', NULL, '2026-11-29 22:32:18.958097+00', 0, 0, NULL, false, '2026-11-29 22:32:20.463817+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('WAITING', 4, NULL, NULL, '2026-11-29 22:32:19.260441+00', 0, 0, NULL, false, '2026-11-29 22:32:19.270565+00', 'refused: not_today', false);
INSERT INTO public.order_work VALUES ('CONTRADICTED', 3, NULL, '2026-11-29 22:47:19.448441+00', '2026-11-29 22:32:19.456622+00', 0, 0, NULL, false, '2026-11-29 22:32:19.460571+00', 'contradicted: charge was asked for the amount 3998 USD, the participant says 1 USD', false);
INSERT INTO public.order_work VALUES ('SHIPPING', 3, '2026-11-29 22:32:20.464557+00', NULL, '2026-11-29 22:32:18.384577+00', 0, 0, NULL, false, '2026-11-29 22:32:20.079176+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-29 22:32:20.489741+00', NULL, '2026-11-29 22:32:19.058903+00', 0, 0, NULL, false, '2026-11-29 22:32:20.10721+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-29 22:32:20.589256+00', NULL, '2026-11-29 22:32:18.905141+00', 0, 0, NULL, false, '2026-11-29 22:32:20.212934+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING', 2, '2026-11-29 22:32:20.571082+00', '2026-11-29 22:47:18.276538+00', '2026-11-29 22:32:18.282141+00', 0, 0, NULL, false, '2026-11-29 22:32:20.213774+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 22:32:20.54215+00', '2026-11-29 22:47:18.331095+00', '2026-11-29 22:32:18.33868+00', 7, 0, NULL, false, '2026-11-29 22:32:20.215525+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('REFUNDING', 4, '2026-11-29 22:32:20.463125+00', NULL, '2026-11-29 22:32:19.046531+00', 0, 0, NULL, false, '2026-11-29 22:32:20.215938+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-29 22:32:20.471837+00', NULL, '2026-11-29 22:32:18.635863+00', 0, 0, NULL, false, '2026-11-29 22:32:20.216024+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-LOST', 3, '2026-11-29 22:32:20.528878+00', '2026-11-29 22:47:18.261354+00', '2026-11-29 22:32:18.265036+00', 7, 0, NULL, false, '2026-11-29 22:32:20.216096+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('CHARGING', 2, '2026-11-29 22:32:20.476022+00', '2026-11-29 22:47:18.2171+00', '2026-11-29 22:32:18.231011+00', 0, 0, NULL, false, '2026-11-29 22:32:20.216295+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-29 22:32:20.564365+00', NULL, '2026-11-29 22:32:18.704129+00', 0, 0, NULL, false, '2026-11-29 22:32:20.216953+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-29 22:32:20.491397+00', NULL, '2026-11-29 22:32:18.580694+00', 0, 0, NULL, false, '2026-11-29 22:32:20.217932+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-29 22:32:20.583113+00', NULL, '2026-11-29 22:32:19.234937+00', 0, 0, NULL, false, '2026-11-29 22:32:20.21806+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift', 6, '2026-11-29 22:32:20.507308+00', NULL, '2026-11-29 22:32:20.129261+00', 0, 0, NULL, false, '2026-11-29 22:32:20.33029+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 22:32:20.688003+00', NULL, '2026-11-29 22:32:19.094803+00', 0, 0, NULL, false, '2026-11-29 22:32:20.330598+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-29 22:32:20.495073+00', NULL, '2026-11-29 22:32:20.161284+00', 0, 0, NULL, false, '2026-11-29 22:32:20.331016+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-29 22:32:20.59096+00', NULL, '2026-11-29 22:32:20.062565+00', 0, 0, NULL, false, '2026-11-29 22:32:20.331112+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud', 2, '2026-11-29 22:32:20.741101+00', '2026-11-29 22:42:19.967044+00', '2026-11-29 22:32:19.967044+00', 0, 0, NULL, false, '2026-11-29 22:32:20.434229+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-LOST', 1, '2026-11-29 22:32:20.635588+00', '2026-11-29 22:47:18.199149+00', '2026-11-29 22:32:18.199149+00', 8, 0, NULL, false, '2026-11-29 22:32:20.434431+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('SHIPPING-LOST', 3, '2026-11-29 22:32:20.830581+00', NULL, '2026-11-29 22:32:18.452854+00', 8, 0, NULL, false, '2026-11-29 22:32:20.437984+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('STEP-points', 4, '2026-11-29 22:32:20.83059+00', NULL, '2026-11-29 22:32:20.033926+00', 0, 0, NULL, false, '2026-11-29 22:32:20.438296+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-29 22:32:20.58468+00', NULL, '2026-11-29 22:32:20.227895+00', 0, 0, NULL, false, '2026-11-29 22:32:20.440879+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-29 22:32:20.700439+00', '2026-11-29 22:42:19.997774+00', '2026-11-29 22:32:19.997774+00', 0, 0, NULL, false, '2026-11-29 22:32:20.441181+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING', 6, '2026-11-29 22:32:20.683961+00', NULL, '2026-11-29 22:32:20.194639+00', 0, 0, NULL, false, '2026-11-29 22:32:20.450282+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-29 22:32:20.740114+00', NULL, '2026-11-29 22:32:18.736937+00', 0, 0, NULL, false, '2026-11-29 22:32:20.45683+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 22:32:20.59492+00', '2026-11-29 22:47:18.245254+00', '2026-11-29 22:32:18.250255+00', 0, 0, NULL, false, '2026-11-29 22:32:20.219891+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 22:32:20.616072+00', '2026-11-29 22:47:18.183304+00', '2026-11-29 22:32:18.183304+00', 0, 0, NULL, false, '2026-11-29 22:32:20.33123+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING', 1, '2026-11-29 22:32:20.753192+00', '2026-11-29 22:47:18.169024+00', '2026-11-29 22:32:18.169025+00', 0, 0, NULL, false, '2026-11-29 22:32:20.437838+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING', 4, '2026-11-29 22:32:20.712756+00', '2026-12-06 22:32:17.475844+00', '2026-11-29 22:32:18.516113+00', 0, 0, NULL, false, '2026-11-29 22:32:20.438086+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 22:32:20.752875+00', '2026-11-29 22:47:18.297003+00', '2026-11-29 22:32:18.307853+00', 0, 0, NULL, false, '2026-11-29 22:32:20.438184+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 22:32:20.746912+00', NULL, '2026-11-29 22:32:18.548722+00', 0, 0, NULL, false, '2026-11-29 22:32:20.438572+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-29 22:32:20.795856+00', '2026-12-06 22:32:17.761366+00', '2026-11-29 22:32:18.82423+00', 0, 0, NULL, false, '2026-11-29 22:32:20.451763+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 22:32:20.675971+00', NULL, '2026-11-29 22:32:18.422679+00', 0, 0, NULL, false, '2026-11-29 22:32:20.452583+00', 'accepted, and not decided yet', false);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES ('LOCAL-AUTHORIZED', -3136029218522876546, 3998, '2026-11-29 22:32:17.665075+00', '2026-11-29 22:32:17.665075+00', 3, 1, 0, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0141ae14c5240459fc0cfc5a54480569b60c41f3faaa3238592602d692c2ea86f1', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-KEYED', -6908640368946862154, 3998, '2026-11-29 22:32:17.673525+00', '2026-11-29 22:32:17.673525+00', 5, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-KEYED","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-SHORT', 4008574028232305713, 3998, '2026-11-29 22:32:17.68665+00', '2026-11-29 22:32:17.68665+00', 3, 1, 0, 409, 'CANCELLED', 'rejected', 'none', 'USD', 'anonymous', 'cus-7', '\x01f2aa6b762f9f104f245ec37e3fd2f433a1a92558c97ad9ce84dc541fa14b6577', '[{"sku":"LITTLE","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of LITTLE; nothing was charged","code":"out_of_stock","order_id":"LOCAL-SHORT","final":true,"shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, '{"code":"out_of_stock","shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL', -7321958957672764459, 3998, '2026-11-29 22:32:17.599366+00', '2026-11-29 22:32:17.6965+00', 7, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('DECLINED', -2730030845988604585, 3998, '2026-11-29 22:32:17.98301+00', '2026-11-29 22:32:17.996139+00', 5, 1, 7, 402, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01667db6feee982def1b7a297833c70597a3331dee76b5fe2f06235a5c134a65f7', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_declined","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:payment_declined","title":"Payment declined","status":402,"detail":"the payment was declined; the stock was released and nothing was charged","code":"payment_declined","order_id":"DECLINED","final":true,"reason":"card_declined","compensations":["inventory.released"]}', NULL, '{"code":"payment_declined","reason":"card_declined"}', NULL, 'rsv_d3a4b8d8bf9c53d9bf2bc4735ff812e3');
INSERT INTO public.orders VALUES ('UNSHIPPED', -5279252720256405646, 3998, '2026-11-29 22:32:17.99821+00', '2026-11-29 22:32:18.009743+00', 7, 1, 7, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_a6f5d02bb8ec532da955f21ecfa77a8b');
INSERT INTO public.orders VALUES ('AUTHORIZED', -3330285733540356590, 3998, '2026-11-29 22:32:18.011743+00', '2026-11-29 22:32:18.020296+00', 3, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_e5b1e66b56765e5aae9e1939e0536a33');
INSERT INTO public.orders VALUES ('CAPTURED', 3942305310374703101, 3998, '2026-11-29 22:32:18.028171+00', '2026-11-29 22:32:18.108174+00', 9, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_0f67c6f21bcf53ddb6a0236bfb69513d', NULL, NULL, 'rsv_f40a1f224a815cd482a641ed509565f8');
INSERT INTO public.orders VALUES ('DONE', -6802090521073151956, 3998, '2026-11-29 22:32:17.864989+00', '2026-11-29 22:32:17.943071+00', 5, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"DONE","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', 'shp_229d44f36f195db3a470024ddadc63e9', NULL, NULL, 'rsv_24b3f8d249145f20a6c06d128ef2652a');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING', -6062813350972535496, 3998, '2026-11-29 22:32:18.5639+00', '2026-11-29 22:32:18.579336+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_83f2e79af4d7571ba431bf864ec29a94');
INSERT INTO public.orders VALUES ('SHIPPING-LOST', -5863926896491026838, 3998, '2026-11-29 22:32:18.43936+00', '2026-11-29 22:32:18.45197+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_ec3a118b11ca53f2a745191083a9b995');
INSERT INTO public.orders VALUES ('CALLED-OFF', -6922838588211714763, 3998, '2026-11-29 22:32:18.118721+00', '2026-11-29 22:32:18.162911+00', 7, 1, 7, 201, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CALLED-OFF","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_04005250cfaf5503a46785909b0ecfc6');
INSERT INTO public.orders VALUES ('RESERVING', 3839166494593941118, 3998, '2026-11-29 22:32:18.168271+00', '2026-11-29 22:32:18.168271+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-IN-EFFECT', 6218186162772386085, 3998, '2026-11-29 22:32:18.182273+00', '2026-11-29 22:32:18.182273+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING-IN-EFFECT', 6971684428219623682, 3998, '2026-11-29 22:32:18.244316+00', '2026-11-29 22:32:18.248783+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_4cb85b4ea42950359bb767a7c37524d0');
INSERT INTO public.orders VALUES ('CHARGING-LOST', -5601732480191843485, 3998, '2026-11-29 22:32:18.260494+00', '2026-11-29 22:32:18.266433+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_b3566e56b21e50428989c2d9f62b5095');
INSERT INTO public.orders VALUES ('AUTHORIZING', 5745305543036063329, 3998, '2026-11-29 22:32:18.275377+00', '2026-11-29 22:32:18.281169+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_3d8671de3a4355f5b37b97d0d18e1dad');
INSERT INTO public.orders VALUES ('CAPTURING', 8164488708907914127, 3998, '2026-11-29 22:32:18.469031+00', '2026-11-29 22:32:18.51427+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_4a46491a7f3457979c2393a92ec67470');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE', 2854397128151827484, 3998, '2026-11-29 22:32:18.482063+00', '2026-11-29 22:32:18.5472+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_a389b17ffc2f589eae413251b1ac74e1', NULL, NULL, 'rsv_c94bec581408512cb68912295c707abb');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING', -7163331465490390590, 3998, '2026-11-29 22:32:18.652635+00', '2026-11-29 22:32:18.702943+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_7f27885766895a848ac69638be6844cf');
INSERT INTO public.orders VALUES ('RESERVING-LOST', 5789550892050530976, 3998, '2026-11-29 22:32:18.197946+00', '2026-11-29 22:32:18.197946+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING', 4720276359868786438, 3998, '2026-11-29 22:32:18.215827+00', '2026-11-29 22:32:18.222298+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_e23b3725c14750e798e6e1d859807709');
INSERT INTO public.orders VALUES ('AUTHORIZING-IN-EFFECT', 8640250781953139955, 3998, '2026-11-29 22:32:18.29194+00', '2026-11-29 22:32:18.304851+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_afa16f576f975432945fa6e3afc6c5ee');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING', 8828366851940156676, 3998, '2026-11-29 22:32:18.595417+00', '2026-11-29 22:32:18.63463+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_6fa8aa5147005e8a9bc9cdb88cbc2447');
INSERT INTO public.orders VALUES ('AUTHORIZING-LOST', -438304500263097852, 3998, '2026-11-29 22:32:18.327384+00', '2026-11-29 22:32:18.34826+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_ee7b66928a2457cba75127b0980dc721');
INSERT INTO public.orders VALUES ('SHIPPING', -7284413641527971912, 3998, '2026-11-29 22:32:18.359931+00', '2026-11-29 22:32:18.382287+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_38a42d3c9acc5b79a278178544da622b');
INSERT INTO public.orders VALUES ('CAPTURING-IN-EFFECT', 7867972583113499094, 3998, '2026-11-29 22:32:18.756753+00', '2026-11-29 22:32:18.822798+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_2cd9840f97a853918cd84166c6f374c0');
INSERT INTO public.orders VALUES ('SHIPPING-IN-EFFECT', -8666923058852302811, 3998, '2026-11-29 22:32:18.39186+00', '2026-11-29 22:32:18.421774+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_c9d32db455dc5facaff3182bf0b0fce4');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE-IN-EFFECT', -3759943505595808756, 3998, '2026-11-29 22:32:18.790638+00', '2026-11-29 22:32:18.8622+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_7648a011489759bb85934c3b6297f7c5', NULL, NULL, 'rsv_a5b7713b80af5a7c8df21338ad4373d2');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING', -8870575358568910176, 3998, '2026-11-29 22:32:18.717827+00', '2026-11-29 22:32:18.734773+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', -1138436617746325528, 3998, '2026-11-29 22:32:18.920433+00', '2026-11-29 22:32:18.955204+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_ffc28bf7fe2853858f65e5614dcd589b');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', -7404052601920776917, 3998, '2026-11-29 22:32:18.972696+00', '2026-11-29 22:32:18.987729+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_935150fb7b6058428533a46b4703d104');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 1159790477048894738, 3998, '2026-11-29 22:32:19.004118+00', '2026-11-29 22:32:19.011012+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('RELEASING', 3196359118777257519, 3998, '2026-11-29 22:32:19.110374+00', '2026-11-29 22:32:19.11658+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_9da61cc168315166b28ebd5d9e0bab2a');
INSERT INTO public.orders VALUES ('REFUNDED-RELEASING', -5954114142257248975, 3998, '2026-11-29 22:32:19.06458+00', '2026-11-29 22:32:19.093621+00', 5, 1, 7, NULL, 'COMPENSATING', 'releasing', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_ca5bb91b1557545e91be73b33e2db66b');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 6144002083539143366, 3998, '2026-11-29 22:32:18.877286+00', '2026-11-29 22:32:18.903678+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_7cf90b4a722755669f306d42c51d98d0');
INSERT INTO public.orders VALUES ('REFUNDING', 667042448826970756, 3998, '2026-11-29 22:32:19.035304+00', '2026-11-29 22:32:19.04565+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_d2b71a6456ab588c99d1889e093399fe');
INSERT INTO public.orders VALUES ('CALLED-OFF-VOIDED', -4232112738663760722, 3998, '2026-11-29 22:32:19.214423+00', '2026-11-29 22:32:19.233637+00', 4, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_ddb1a10426e855adb46455da4a12b027');
INSERT INTO public.orders VALUES ('REFUNDING-IN-EFFECT', -378599433373191167, 3998, '2026-11-29 22:32:19.050817+00', '2026-11-29 22:32:19.05795+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_f7426849a1c65f4b88f22585241bad3d');
INSERT INTO public.orders VALUES ('WAITING', 2690997556469107981, 3998, '2026-11-29 22:32:19.243656+00', '2026-11-29 22:32:19.263411+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', '{"reason":"void was refused: not_today","since":"2026-11-29T22:32:19.263411Z"}', 'rsv_9966445bc02e58c88de610ac388e1630');
INSERT INTO public.orders VALUES ('RELEASING-IN-EFFECT', -3789026460607740522, 3998, '2026-11-29 22:32:19.124494+00', '2026-11-29 22:32:19.156447+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_03724bd82c6f5e3f9c8df1efdc083d51');
INSERT INTO public.orders VALUES ('CALLED-OFF-UNSHIPPED', 5229513944416282252, 3998, '2026-11-29 22:32:19.185327+00', '2026-11-29 22:32:19.204409+00', 5, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelled', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_cfbb8d10736a50e8bfdc1868aafa3255');
INSERT INTO public.orders VALUES ('SKIPPED', -4029181310826316970, 3998, '2026-11-29 22:32:19.306613+00', '2026-11-29 22:32:19.398789+00', 8, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"SKIPPED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_8546614c5b755ffcae87f21ec546ee92');
INSERT INTO public.orders VALUES ('FORCED', 756275241625887453, 3998, '2026-11-29 22:32:19.337205+00', '2026-11-29 22:32:19.419066+00', 6, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"FORCED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_ddc92bb8f50758aa96b6014229c609f9');
INSERT INTO public.orders VALUES ('CONTRADICTED', 6014045819202537062, 3998, '2026-11-29 22:32:19.44743+00', '2026-11-29 22:32:19.459682+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, '{"reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","since":"2026-11-29T22:32:19.459682Z","contradicted":true}', 'rsv_3f9a702b71405ea8a0444ca9f543f060');
INSERT INTO public.orders VALUES ('STEP-fraud-IN-EFFECT', -8383154653087840680, 3998, '2026-11-29 22:32:19.98669+00', '2026-11-29 22:32:19.996619+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_2a830563a3935fdea2f4c173b2652c3f');
INSERT INTO public.orders VALUES ('STEP-fraud', -3624873085080705279, 3998, '2026-11-29 22:32:19.959548+00', '2026-11-29 22:32:19.964442+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_6d84054fcbd75819b6dee931b1bb3d79');
INSERT INTO public.orders VALUES ('STEPS', -4032862916462779661, 3998, '2026-11-29 22:32:19.717486+00', '2026-11-29 22:32:19.897063+00', 8, 2, 15, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"STEPS","state":"COMPLETED","version":8,"amount":3998,"currency":"USD"}', 'shp_57e25f9b1a71539495ac317635b1e636', NULL, NULL, 'rsv_7411a0bbb6c35d789e1aa0869a10ef2e');
INSERT INTO public.orders VALUES ('STEPS-UNSHIPPED', -4229736550311838354, 3998, '2026-11-29 22:32:19.900541+00', '2026-11-29 22:32:19.952213+00', 10, 2, 15, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"STEPS-UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["step.undone","payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_7bbb2c24d4e6531f9a0d018e0db159e8');
INSERT INTO public.orders VALUES ('STEPS-REFUSED', -5923886063419550657, 3998, '2026-11-29 22:32:19.955528+00', '2026-11-29 22:32:19.989573+00', 5, 2, 15, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01a08b558fc4133971549e1cb186d4aa9fa3fcc715cc5494ed6d0a9f41a05e6531', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"},"metadata":{"fraud":"refused"}}', '{"type":"urn:counterfoil:problem:step_refused","title":"Step refused","status":409,"detail":"the step fraud refused the order; what was done was undone","code":"step_refused","order_id":"STEPS-REFUSED","final":true,"step":"fraud","reason":"refused","compensations":["inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"participant","detail":"refused","step":"fraud"}', NULL, 'rsv_2fdbe4e020a7503eadd7dbdf28d61c4d');
INSERT INTO public.orders VALUES ('STEP-points', 5940691929770279326, 3998, '2026-11-29 22:32:20.001437+00', '2026-11-29 22:32:20.032787+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_0542aefccd8d5039b1c473e889a76b39');
INSERT INTO public.orders VALUES ('STEP-UNDOING-IN-EFFECT', 4883602001843545838, 3998, '2026-11-29 22:32:20.199094+00', '2026-11-29 22:32:20.226984+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_8381ca112b595da0aba437b5d4e169bb');
INSERT INTO public.orders VALUES ('STEP-gift-IN-EFFECT', -6149192879235920203, 3998, '2026-11-29 22:32:20.131138+00', '2026-11-29 22:32:20.160305+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_255d6d127aec5bb7ae561ebfd278425f', NULL, NULL, 'rsv_520f0d7b20f55e3a8ef4f586ce76835a');
INSERT INTO public.orders VALUES ('STEP-UNDOING', -8276747046993124402, 3998, '2026-11-29 22:32:20.163041+00', '2026-11-29 22:32:20.193565+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_e2ab9d4ad98c51d0b57a7a581ad7fc48');
INSERT INTO public.orders VALUES ('STEP-points-IN-EFFECT', 2005624953518870988, 3998, '2026-11-29 22:32:20.044384+00', '2026-11-29 22:32:20.061399+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_81557eafecd65d628ca4c41e2bb8251b');
INSERT INTO public.orders VALUES ('STEP-gift', -7738809960403125400, 3998, '2026-11-29 22:32:20.069803+00', '2026-11-29 22:32:20.128087+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_5345edf1d9845f4cba8ac2f74ca5ed74', NULL, NULL, 'rsv_a3f32d0fc7ce5b0091a22e469aab7f8a');


--
-- Data for Name: outbox; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: outbox_divisions; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: outbox_leases; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: outbox_log; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: outbox_relays; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: outbox_skips; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: payments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.payments VALUES ('LOCAL-AUTHORIZED', 'authorized', false, true, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('LOCAL-KEYED', 'charged', false, true, 3998, 3998, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('LOCAL', 'charged', false, true, 3998, 3998, 1999, NULL, NULL);
INSERT INTO public.payments VALUES ('DONE', 'charged', false, true, 3998, 3998, 0, 'ch_e6c6d62e4d055a2893cdb72c535ac0b4', NULL);
INSERT INTO public.payments VALUES ('DECLINED', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDING', 'refunding', false, true, 3998, 3998, 3998, 'ch_493d1ebe51e65e24a049abe10df83860', NULL);
INSERT INTO public.payments VALUES ('UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_3177ce658a9258f391be243d55764693', NULL);
INSERT INTO public.payments VALUES ('AUTHORIZED', 'authorized', false, true, 3998, 0, 0, 'auth_f5bb55847f625537b4b1061d2575232f', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-IN-EFFECT', 'refunding', false, true, 3998, 3998, 3998, 'ch_9e7f564fdc2e53fb8f2d69cd98d9dd77', NULL);
INSERT INTO public.payments VALUES ('CAPTURED', 'charged', false, true, 3000, 3000, 1, 'auth_7180e126713e5222ba85588d75b1e297', 'cap_110ad94e0eae5c9f8e19f67ce1baa7fb');
INSERT INTO public.payments VALUES ('CALLED-OFF', 'voided', false, true, 3998, 0, 0, 'auth_8f28337513095b53a8c58a02e7b94650', NULL);
INSERT INTO public.payments VALUES ('CHARGING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_21cecb93971b5f758cfc4fcbf58ff580', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_91f0069e377a5df8991849e87a4c3b94', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-LOST', 'charged', false, true, 3998, 3998, 0, 'ch_ef81308362d051c6bf62111f5de67aa7', NULL);
INSERT INTO public.payments VALUES ('REFUNDED-RELEASING', 'refunded', false, true, 3998, 3998, 3998, 'ch_7a90b7fc4de758ae953d1a68c93c0492', NULL);
INSERT INTO public.payments VALUES ('CAPTURING', 'capturing', false, true, 2000, 0, 0, 'auth_9c0589f320ca59309fcc85eb739503a9', NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-VOIDED', 'voided', false, false, 3998, 3998, 3998, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE', 'charged', false, true, 2000, 2000, 500, 'auth_d9fc0b7f399758a7959cc7b27e8f0536', 'cap_a1d08c66b22d5e6c8cef00504bebe4c2');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_70cedc7b21b65f64ae2046a6eb180bb3', NULL);
INSERT INTO public.payments VALUES ('WAITING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CAPTURING-IN-EFFECT', 'capturing', false, true, 2000, 0, 0, 'auth_788e51d1329b5fcf8ef7ca195597b374', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 'charged', false, true, 2000, 2000, 500, 'auth_0a9856bd36715cd49774f30b56fc1d61', 'cap_3e3d013176535b13974707f95e344f59');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SKIPPED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('FORCED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CONTRADICTED', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_15a4ebfde62c5760a066c3dd42b65793', NULL);
INSERT INTO public.payments VALUES ('RELEASING', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('RELEASING-IN-EFFECT', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-UNSHIPPED', 'refunding', false, true, 3998, 3998, 3998, 'ch_bd25be3bd4a750b38d2cae0a4fa84043', NULL);
INSERT INTO public.payments VALUES ('STEPS', 'charged', false, true, 3998, 3998, 0, 'ch_0c889d89ca755a9c8e3d59a329362942', NULL);
INSERT INTO public.payments VALUES ('STEPS-UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_b589dfec01635f53a73aab007f45e103', NULL);
INSERT INTO public.payments VALUES ('STEP-points', 'charged', false, true, 3998, 3998, 0, 'ch_7a7843b651865c7d8129bd13840515e3', NULL);
INSERT INTO public.payments VALUES ('STEP-points-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_dc401ebb546a5c52ad8a6fbe0d0132d7', NULL);
INSERT INTO public.payments VALUES ('STEP-gift', 'charged', false, true, 3998, 3998, 0, 'ch_80cdc37533d35ce8b37ac83fa60b1a30', NULL);
INSERT INTO public.payments VALUES ('STEP-gift-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_2b347ec9be58525781317320db75caba', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING', 'charged', false, true, 3998, 3998, 0, 'ch_d5d4f63289e25e12aedbbee191fc3f41', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_6d066c4c06fb5554baf9e9a37617d0fe', NULL);


--
-- Data for Name: pruned_orders; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: prunes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refinery_schema_history; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refinery_schema_history VALUES (1, 'foundation', '2026-11-29T22:32:16.696073359Z', '4295920499872568406');
INSERT INTO public.refinery_schema_history VALUES (2, 'remote_legs', '2026-11-29T22:32:16.754858559Z', '4461716305316383968');
INSERT INTO public.refinery_schema_history VALUES (3, 'inbox_purge', '2026-11-29T22:32:16.806863399Z', '15236599358920140796');
INSERT INTO public.refinery_schema_history VALUES (4, 'hot_orders', '2026-11-29T22:32:16.81219194Z', '14077514177569390261');
INSERT INTO public.refinery_schema_history VALUES (5, 'work_clock', '2026-11-29T22:32:16.819234419Z', '66626004372663131');
INSERT INTO public.refinery_schema_history VALUES (6, 'adoption', '2026-11-29T22:32:16.822828341Z', '9824958181989533634');
INSERT INTO public.refinery_schema_history VALUES (7, 'seals', '2026-11-29T22:32:16.825409072Z', '10932443199574537219');
INSERT INTO public.refinery_schema_history VALUES (8, 'free_returns', '2026-11-29T22:32:16.827270919Z', '6232638002878772191');
INSERT INTO public.refinery_schema_history VALUES (9, 'order_keys', '2026-11-29T22:32:16.834828331Z', '5398404707342241265');
INSERT INTO public.refinery_schema_history VALUES (10, 'feed', '2026-11-29T22:32:16.840349236Z', '10549446667388425250');
INSERT INTO public.refinery_schema_history VALUES (11, 'leases', '2026-11-29T22:32:16.862866861Z', '3922018200371891248');
INSERT INTO public.refinery_schema_history VALUES (12, 'relays', '2026-11-29T22:32:16.876732604Z', '10509368159252890779');
INSERT INTO public.refinery_schema_history VALUES (13, 'webhooks', '2026-11-29T22:32:16.906867338Z', '4809684204427590768');
INSERT INTO public.refinery_schema_history VALUES (14, 'outbox_table', '2026-11-29T22:32:16.9388642Z', '3049699243693499359');
INSERT INTO public.refinery_schema_history VALUES (15, 'divisions', '2026-11-29T22:32:16.950831041Z', '11174637611968049349');
INSERT INTO public.refinery_schema_history VALUES (16, 'retention', '2026-11-29T22:32:16.962841566Z', '14980537811028063259');
INSERT INTO public.refinery_schema_history VALUES (17, 'prune_seals', '2026-11-29T22:32:16.978845806Z', '7396560070373730904');
INSERT INTO public.refinery_schema_history VALUES (18, 'steps', '2026-11-29T22:32:16.993520276Z', '11371614449618114604');
INSERT INTO public.refinery_schema_history VALUES (19, 'payments_key', '2026-11-29T22:32:17.019194816Z', '11921530793308252156');
INSERT INTO public.refinery_schema_history VALUES (20, 'one_clock', '2026-11-29T22:32:17.038107522Z', '16413124176786579960');


--
-- Data for Name: refunds; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refunds VALUES ('LOCAL', 'anonymous', 'refunds-of-LOCAL', 1, 1999, 'refunded', 'too small', '[{"sku":"S","quantity":1}]');
INSERT INTO public.refunds VALUES ('CAPTURED', 'anonymous', 'refunds-of-CAPTURED', 1, 1, 'refunded', 'late', NULL);
INSERT INTO public.refunds VALUES ('REFUNDING-CAPTURE', 'anonymous', 'refunds-of-REFUNDING-CAPTURE', 1, 500, 'intended', 'late', NULL);
INSERT INTO public.refunds VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 'anonymous', 'refunds-of-REFUNDING-CAPTURE-IN-EFFECT', 1, 500, 'intended', 'late', NULL);


--
-- Data for Name: saga_definitions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.saga_definitions VALUES (1, '\xa4379c364b1642ee270e4b54d0dd645de7c3215ce5362472175e5fed8dcdc086', '{"steps":[{"name":"inventory","kind":"http"},{"name":"fraud","kind":"http","action":"run","refusal":"step_refused","deadline_ms":600000},{"name":"payment","kind":"http"},{"name":"points","kind":"http","action":"run","undo":"undo","refusal":"step_refused"},{"name":"shipment","kind":"http"},{"name":"gift","kind":"http","action":"run","refusal":"step_refused"}],"pivot":"shipment"}', '2026-11-29 22:32:19.767631+00');


--
-- Data for Name: webhook_endpoints; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: webhook_inbox; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: webhook_set_aside; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: webhook_waiting; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Name: saga_definitions_definition_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.saga_definitions_definition_id_seq', 1, true);


--
-- Name: deployment deployment_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deployment
    ADD CONSTRAINT deployment_pkey PRIMARY KEY (singleton);


--
-- Name: epochs epochs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.epochs
    ADD CONSTRAINT epochs_pkey PRIMARY KEY (epoch);


--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (client, route, key);


--
-- Name: inventory_journal inventory_journal_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inventory_journal
    ADD CONSTRAINT inventory_journal_pkey PRIMARY KEY (sku, entry_id);


--
-- Name: inventory inventory_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inventory
    ADD CONSTRAINT inventory_pkey PRIMARY KEY (sku);


--
-- Name: nodes nodes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.nodes
    ADD CONSTRAINT nodes_pkey PRIMARY KEY (node_id);


--
-- Name: operator_log operator_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operator_log
    ADD CONSTRAINT operator_log_pkey PRIMARY KEY (order_id, entry_id);


--
-- Name: order_events order_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_events
    ADD CONSTRAINT order_events_pkey PRIMARY KEY (order_id, first_version);


--
-- Name: order_keys order_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_keys
    ADD CONSTRAINT order_keys_pkey PRIMARY KEY (order_id);


--
-- Name: order_steps order_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_steps
    ADD CONSTRAINT order_steps_pkey PRIMARY KEY (order_id);


--
-- Name: order_work order_work_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_work
    ADD CONSTRAINT order_work_pkey PRIMARY KEY (order_id);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (order_id);


--
-- Name: outbox_divisions outbox_divisions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox_divisions
    ADD CONSTRAINT outbox_divisions_pkey PRIMARY KEY (sink);


--
-- Name: outbox_leases outbox_leases_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox_leases
    ADD CONSTRAINT outbox_leases_pkey PRIMARY KEY (name);


--
-- Name: outbox_log outbox_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox_log
    ADD CONSTRAINT outbox_log_pkey PRIMARY KEY (entry_id);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id, epoch);


--
-- Name: outbox_relays outbox_relays_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox_relays
    ADD CONSTRAINT outbox_relays_pkey PRIMARY KEY (sink, part);


--
-- Name: outbox_skips outbox_skips_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox_skips
    ADD CONSTRAINT outbox_skips_pkey PRIMARY KEY (sink, event, epoch);


--
-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (order_id);


--
-- Name: pruned_orders pruned_orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pruned_orders
    ADD CONSTRAINT pruned_orders_pkey PRIMARY KEY (order_id);


--
-- Name: prunes prunes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prunes
    ADD CONSTRAINT prunes_pkey PRIMARY KEY (prune_id);


--
-- Name: refinery_schema_history refinery_schema_history_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refinery_schema_history
    ADD CONSTRAINT refinery_schema_history_pkey PRIMARY KEY (version);


--
-- Name: refunds refunds_amount_or_restock; Type: CHECK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.refunds
    ADD CONSTRAINT refunds_amount_or_restock CHECK (((amount > 0) OR ((amount = 0) AND (restock IS NOT NULL)))) NOT VALID;


--
-- Name: refunds refunds_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (order_id, client, key);


--
-- Name: saga_definitions saga_definitions_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.saga_definitions
    ADD CONSTRAINT saga_definitions_hash_key UNIQUE (hash);


--
-- Name: saga_definitions saga_definitions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.saga_definitions
    ADD CONSTRAINT saga_definitions_pkey PRIMARY KEY (definition_id);


--
-- Name: webhook_endpoints webhook_endpoints_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_name_key UNIQUE (name);


--
-- Name: webhook_endpoints webhook_endpoints_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (endpoint_id);


--
-- Name: webhook_inbox webhook_inbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_inbox
    ADD CONSTRAINT webhook_inbox_pkey PRIMARY KEY (participant, webhook_id);


--
-- Name: webhook_set_aside webhook_set_aside_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_set_aside
    ADD CONSTRAINT webhook_set_aside_pkey PRIMARY KEY (order_id, endpoint_id, version);


--
-- Name: webhook_waiting webhook_waiting_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_waiting
    ADD CONSTRAINT webhook_waiting_pkey PRIMARY KEY (order_id, endpoint_id);


--
-- Name: idempotency_keys_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_open ON public.idempotency_keys USING btree (order_id) WHERE ((answer_status IS NULL) AND (order_id IS NOT NULL) AND (route <> 'POST /orders'::text));


--
-- Name: order_events_earlier; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_events_earlier ON public.order_events USING btree (at, order_id, first_version) WHERE (epoch = 0);


--
-- Name: order_events_feed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_events_feed ON public.order_events USING btree (epoch, xact) WHERE (epoch > 0);


--
-- Name: order_work_by_wake_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_work_by_wake_at ON public.order_work USING btree (wake_at) WHERE (wake_at IS NOT NULL);


--
-- Name: orders_by_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_by_client ON public.orders USING btree (client, customer_id, order_id);


--
-- Name: orders_failed_by_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_failed_by_client ON public.orders USING btree (client, order_id) WHERE (failure IS NOT NULL);


--
-- Name: orders_waiting_by_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_waiting_by_client ON public.orders USING btree (client, order_id) WHERE (attention IS NOT NULL);


--
-- Name: outbox_log_by_sink; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_log_by_sink ON public.outbox_log USING btree (sink, at);


--
-- Name: webhook_inbox_handled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX webhook_inbox_handled ON public.webhook_inbox USING btree (handled_at) WHERE (handled_at IS NOT NULL);


--
-- Name: webhook_inbox_unhandled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX webhook_inbox_unhandled ON public.webhook_inbox USING btree (received_at) WHERE (handled_at IS NULL);


--
-- Name: webhook_set_aside_by_endpoint; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX webhook_set_aside_by_endpoint ON public.webhook_set_aside USING btree (endpoint_id, order_id, version);


--
-- Name: webhook_waiting_by_endpoint; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX webhook_waiting_by_endpoint ON public.webhook_waiting USING btree (endpoint_id);


--
-- Name: idempotency_keys idempotency_keys_seal; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER idempotency_keys_seal BEFORE INSERT ON public.idempotency_keys FOR EACH ROW EXECUTE FUNCTION public.counterfoil_seal_key();


--
-- Name: idempotency_keys idempotency_keys_seal_answer; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER idempotency_keys_seal_answer BEFORE UPDATE ON public.idempotency_keys FOR EACH ROW WHEN (((old.answer_status IS NULL) AND (old.answer IS NULL) AND (new.answer_status IS NOT NULL) AND (new.answer IS NOT NULL))) EXECUTE FUNCTION public.counterfoil_seal_key();


--
-- Name: inventory_journal inventory_journal_seal; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER inventory_journal_seal BEFORE INSERT ON public.inventory_journal FOR EACH ROW EXECUTE FUNCTION public.counterfoil_seal_journal();


--
-- Name: order_events order_events_epoch; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER order_events_epoch BEFORE INSERT ON public.order_events FOR EACH STATEMENT EXECUTE FUNCTION public.counterfoil_epoch();


--
-- Name: order_events order_events_in_turn; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER order_events_in_turn BEFORE INSERT ON public.order_events FOR EACH ROW WHEN (((new.first_version > 1) AND (new.epoch > 0) AND (new.xact < pg_snapshot_xmax(pg_current_snapshot())))) EXECUTE FUNCTION public.counterfoil_in_turn();


--
-- Name: outbox outbox_stays; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER outbox_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON public.outbox FOR EACH STATEMENT EXECUTE FUNCTION public.counterfoil_outbox_stays();


--
-- Name: webhook_endpoints webhook_endpoints_inactive; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER webhook_endpoints_inactive BEFORE INSERT OR UPDATE OF state ON public.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION public.counterfoil_inactive();


--
-- PostgreSQL database dump complete
--

\unrestrict 1z7AlSQuegemOZBIXKHB9OdXxbrN6zQjHfryavM8GdBMzVMq94e97pUWIIGTvca

