--
-- PostgreSQL database dump
--

\restrict Kn0mn9xBHaY9ol0pbfXBk0HcoCKjgt3M6aPxgKJcqXyJBZnIkw7GSYeQSbhNW46

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
    begun_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
BEGIN
    NEW.inactive_since := CASE WHEN NEW.state <> 'active' THEN coalesce(
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.inactive_since ELSE NEW.inactive_since END, clock_timestamp()) END;
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
    migrated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    steps text[] DEFAULT '{}'::text[] NOT NULL
);


--
-- Name: operator_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operator_log (
    order_id text NOT NULL COLLATE pg_catalog."C",
    entry_id uuid DEFAULT gen_random_uuid() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    written_at timestamp with time zone DEFAULT now() NOT NULL,
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
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
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
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    stored_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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
    first_failed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
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

INSERT INTO public.deployment VALUES (true, '4d7d8a5f-d256-4fd3-97ae-29277fd95377', 18, '0.6.0', '2026-11-29 20:16:42.682054+00', 'default', 7713689975300308190, 16718, '[]', NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: epochs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.epochs VALUES (3635776, 7713689975300308190, '00000001', 16384, 16430, '2026-11-29 20:16:42.645856+00');
INSERT INTO public.epochs VALUES (3635777, 7713689975300308190, '00000001', 16718, 16430, '2026-11-29 20:16:42.922609+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders', 'k-1', 'LOCAL-KEYED', 8469266238562310588, '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', NULL, NULL, '2026-11-29 20:16:42.935206+00', '\x542418a2f352c58e');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/LOCAL/refunds', 'refunds-of-LOCAL', 'LOCAL', -1299673497305632299, '\x01f8c203b76156247885393da010c2184b3c39c8b7b2b71714064b9f84f21d24f1', 201, '{"captured":3998,"currency":"USD","order_id":"LOCAL","refund":{"amount":1999,"reason":"too small","restock":[{"quantity":1,"sku":"S"}]},"refunded":1999,"state":"COMPLETED","version":7}', '2026-11-29 20:16:42.946962+00', '\x2c48305bc5779a78');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/capture', 'capture-of-CAPTURED', 'CAPTURED', 7128259883908448025, '\x0117951ca09d7faba3ea92e4256534b0f1d3ef486735289e83e39dc26f22a9bd8f', 201, '{"order_id":"CAPTURED","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 20:16:43.080241+00', '\xe1f0709fa697522c');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/refunds', 'refunds-of-CAPTURED', 'CAPTURED', -340700598801749204, '\x011c39f43c1b781a24445be90e100625cdc53df8488acc417ce6912b48c395621c', 201, '{"captured":3000,"currency":"USD","order_id":"CAPTURED","refund":{"amount":1,"reason":"late","restock":[]},"refunded":1,"state":"COMPLETED","version":9}', '2026-11-29 20:16:43.109249+00', '\xde6eb0abc258ec28');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/DONE/cancel', 'too-late', 'DONE', 7149020055288694145, '\x01a22002bc4a95124c0c6d865923cefbff934b9c5ae709aed1db8ae163dfdd9ed2', 409, '{"type":"urn:counterfoil:problem:wrong_state","title":"Wrong state","status":409,"detail":"cancel: not while the order is COMPLETED","code":"wrong_state","order_id":"DONE","state":"COMPLETED","final":true}', '2026-11-29 20:16:43.122381+00', '\x6b158fc19cc5ea78');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF/cancel', 'cancel-of-CALLED-OFF', 'CALLED-OFF', 2434799191074988250, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"CALLED-OFF","state":"CANCELLED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 20:16:43.133798+00', '\x1d0eeaf413e87117');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING/capture', 'capture-of-CAPTURING', 'CAPTURING', -8890459682204465044, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 20:16:43.317175+00', '\x469786d864e7d2ce');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/capture', 'capture-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -7403696590512819751, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 20:16:43.32104+00', '\x3e98e9a9badfd78b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/refunds', 'refunds-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', 6760348713481031392, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 20:16:43.328695+00', '\xa538deacc0e3728d');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING/cancel', 'cancel-of-CALLED-OFF-CHARGING', 'CALLED-OFF-CHARGING', -2008385029073609882, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.362618+00', '\x5f78cab01ffbdb35');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING', 'CALLED-OFF-AUTHORIZING', -4013580263136083147, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.39226+00', '\xb51282e3ae3a9705');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING/cancel', 'cancel-of-CALLED-OFF-SHIPPING', 'CALLED-OFF-SHIPPING', -7529611190755062559, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.420085+00', '\xc03e3b0bde1d0930');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING/cancel', 'cancel-of-CALLED-OFF-RESERVING', 'CALLED-OFF-RESERVING', 8679567636619034050, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.438475+00', '\xe20183a5ab9c6b1e');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING-IN-EFFECT/capture', 'capture-of-CAPTURING-IN-EFFECT', 'CAPTURING-IN-EFFECT', -2416764021700425733, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 20:16:43.470792+00', '\x75610076f0329823');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/capture', 'capture-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', 8671060056915197431, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 20:16:43.484993+00', '\x0607c4ebd5537109');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/refunds', 'refunds-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', 745323310145174426, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 20:16:43.495291+00', '\x5b2720759921812b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-CHARGING-IN-EFFECT', 'CALLED-OFF-CHARGING-IN-EFFECT', 6142153578390791123, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.523545+00', '\x42dd910ffff1c48e');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING-IN-EFFECT', 'CALLED-OFF-AUTHORIZING-IN-EFFECT', -1655680996170560467, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.554452+00', '\x6bd83cb1eb5c8a02');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-SHIPPING-IN-EFFECT', 'CALLED-OFF-SHIPPING-IN-EFFECT', -8703569797705378147, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.5831+00', '\x3784dadc1e2d2238');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-RESERVING-IN-EFFECT', 'CALLED-OFF-RESERVING-IN-EFFECT', 9102331773455892573, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.60051+00', '\xbc90192691a08041');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-UNSHIPPED/cancel', 'cancel-of-CALLED-OFF-UNSHIPPED', 'CALLED-OFF-UNSHIPPED', 3186519814243490768, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.708336+00', '\x6ddb7658188f975e');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-VOIDED/cancel', 'cancel-of-CALLED-OFF-VOIDED', 'CALLED-OFF-VOIDED', -2921013101107743863, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.736232+00', '\x719383dc42107abc');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/WAITING/cancel', 'cancel-of-WAITING', 'WAITING', 1000674192789088572, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 20:16:43.766616+00', '\xe22eb78b4b178a0a');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/FORCED/cancel', 'cancel-of-FORCED', 'FORCED', 4630785671319979058, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"FORCED","state":"CANCELLED","version":6,"amount":3998,"currency":"USD"}', '2026-11-29 20:16:43.810603+00', '\x544fc06882cf656c');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/SKIPPED/cancel', 'cancel-of-SKIPPED', 'SKIPPED', -4647061269464074605, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"SKIPPED","state":"CANCELLED","version":8,"amount":3998,"currency":"USD"}', '2026-11-29 20:16:43.787437+00', '\x6c5fe111cff2bed5');


--
-- Data for Name: inventory; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory VALUES ('LITTLE', 1, 0);
INSERT INTO public.inventory VALUES ('S', 97, 2);


--
-- Data for Name: inventory_journal; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory_journal VALUES ('S', 'efbc5562-2313-4ad2-9856-a041927e2e2d', 100, 'created', 'anonymous', '2026-11-29 20:16:42.90626+00', NULL, '\xf34d9d17901597aa');
INSERT INTO public.inventory_journal VALUES ('LITTLE', 'a40351ee-0e34-48cd-b3d5-f9b644bdc9d2', 1, 'created', 'anonymous', '2026-11-29 20:16:42.911002+00', NULL, '\x0e9c26e3d26b52d4');
INSERT INTO public.inventory_journal VALUES ('S', 'e56473b8-faf4-4c70-aebb-f4e9d8498742', 1, 'restock of refund refunds-of-LOCAL', 'anonymous', '2026-11-29 20:16:42.948651+00', 'LOCAL', '\x244e4303c31f3fed');


--
-- Data for Name: nodes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.nodes VALUES ('52c5d3d4-8326-4230-8d5a-037b2c9a766f', '127.0.0.1:44249', '0.6.0', 'up', '2026-11-29 20:16:42.887748+00', '2026-11-29 20:16:42.887748+00', '{}');
INSERT INTO public.nodes VALUES ('5aa94ea1-d191-4299-81ef-eb226e17354d', '127.0.0.1:35783', '0.6.0', 'gone', '2026-11-29 20:16:43.005442+00', '2026-11-29 20:16:43.854701+00', '{}');
INSERT INTO public.nodes VALUES ('f295c4bd-6529-428b-aca9-7261f968b899', '127.0.0.1:36187', '0.6.0', 'gone', '2026-11-29 20:16:43.946442+00', '2026-11-29 20:16:44.367927+00', '{fraud,gift,points}');


--
-- Data for Name: operator_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_log VALUES ('SKIPPED', 'b5d89e9f-d9e6-4ab8-a01a-31a182423880', '2026-11-29 20:16:43.819198+00', 'anonymous', 'skip', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T20:16:43.789783Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"COMPENSATING","version":6}');
INSERT INTO public.operator_log VALUES ('FORCED', 'f9671d15-2323-45a1-a5db-e0fc7ec4fb2e', '2026-11-29 20:16:43.824092+00', 'anonymous', 'force-cancel', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T20:16:43.813076Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"CANCELLED","version":6}');


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_events VALUES ('LOCAL', 1, '2026-11-29 20:16:42.916394+00', '779', '[{"type":"order.created","seal":"RN-U"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635777);
INSERT INTO public.order_events VALUES ('LOCAL-AUTHORIZED', 1, '2026-11-29 20:16:42.932424+00', '780', '[{"type":"order.created","seal":"OP8-"},{"type":"inventory.reserved"},{"type":"payment.authorized"}]', 3635777);
INSERT INTO public.order_events VALUES ('LOCAL-KEYED', 1, '2026-11-29 20:16:42.93463+00', '781', '[{"type":"order.created","seal":"Qrcj"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635777);
INSERT INTO public.order_events VALUES ('LOCAL-SHORT', 1, '2026-11-29 20:16:42.94029+00', '783', '[{"type":"order.created","seal":"h1Jo"},{"type":"inventory.rejected","shortages":[{"sku":"LITTLE","requested":2,"available":1}]},{"type":"order.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('LOCAL', 6, '2026-11-29 20:16:42.946271+00', '784', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-LOCAL","amount":1999,"reason":"too small","restock":[{"sku":"S","quantity":1}]},{"type":"payment.refunded","amount":1999,"refund":{"client":"anonymous","key":"refunds-of-LOCAL"}}]', 3635777);
INSERT INTO public.order_events VALUES ('DONE', 1, '2026-11-29 20:16:43.010359+00', '786', '[{"type":"order.created","seal":"_QGZ"}]', 3635777);
INSERT INTO public.order_events VALUES ('DONE', 2, '2026-11-29 20:16:43.031677+00', '787', '[{"type":"inventory.reserved","reference":"rsv_8d6a742fdc8b5e3593c525d93986985d"}]', 3635777);
INSERT INTO public.order_events VALUES ('DONE', 3, '2026-11-29 20:16:43.035581+00', '788', '[{"type":"payment.charged","amount":3998,"reference":"ch_4b05806d4a4452f19679cbad8ff3deb2"}]', 3635777);
INSERT INTO public.order_events VALUES ('DONE', 4, '2026-11-29 20:16:43.037983+00', '789', '[{"type":"shipment.created","reference":"shp_4b1da28860ed579e8625dfd121181b12"},{"type":"order.completed"}]', 3635777);
INSERT INTO public.order_events VALUES ('DECLINED', 1, '2026-11-29 20:16:43.040471+00', '790', '[{"type":"order.created","seal":"Oz0e"}]', 3635777);
INSERT INTO public.order_events VALUES ('DECLINED', 2, '2026-11-29 20:16:43.042539+00', '791', '[{"type":"inventory.reserved","reference":"rsv_2ed421d7c16c55dd9905334341d6636e"}]', 3635777);
INSERT INTO public.order_events VALUES ('DECLINED', 3, '2026-11-29 20:16:43.044857+00', '792', '[{"type":"payment.declined","reason":"card_declined"}]', 3635777);
INSERT INTO public.order_events VALUES ('DECLINED', 4, '2026-11-29 20:16:43.047489+00', '793', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 1, '2026-11-29 20:16:43.049295+00', '794', '[{"type":"order.created","seal":"Ls12"}]', 3635777);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 2, '2026-11-29 20:16:43.051246+00', '795', '[{"type":"inventory.reserved","reference":"rsv_aac01f79886658c7ab7a9574313b82d3"}]', 3635777);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 3, '2026-11-29 20:16:43.053494+00', '796', '[{"type":"payment.charged","amount":3998,"reference":"ch_078555232bf75bf49e51575c481afde7"}]', 3635777);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 4, '2026-11-29 20:16:43.056497+00', '797', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3635777);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 5, '2026-11-29 20:16:43.059907+00', '798', '[{"type":"payment.refunded","amount":3998}]', 3635777);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 6, '2026-11-29 20:16:43.062929+00', '799', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 1, '2026-11-29 20:16:43.064871+00', '800', '[{"type":"order.created","seal":"Il5C"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 2, '2026-11-29 20:16:43.067034+00', '801', '[{"type":"inventory.reserved","reference":"rsv_9df085c482ca5a6b8ec4416a31f2363d"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 3, '2026-11-29 20:16:43.069489+00', '802', '[{"type":"payment.authorized","reference":"auth_a0295dd7293855ea824831a4d8ce45dc","expires_in_ms":604798997}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURED', 1, '2026-11-29 20:16:43.071711+00', '803', '[{"type":"order.created","seal":"CuhO"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURED', 2, '2026-11-29 20:16:43.074049+00', '804', '[{"type":"inventory.reserved","reference":"rsv_448ed833b1445125a2585ab3d144dfa2"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURED', 3, '2026-11-29 20:16:43.076347+00', '805', '[{"type":"payment.authorized","reference":"auth_97edccb0e69b5ba3bc3da4ee93fb5b10","expires_in_ms":604798997}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURED', 4, '2026-11-29 20:16:43.079229+00', '806', '[{"type":"payment.capturing","amount":3000}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURED', 5, '2026-11-29 20:16:43.083092+00', '807', '[{"type":"payment.charged","amount":3000,"reference":"cap_300b4e9738c2555db0bb10cf27e06cd4"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURED', 6, '2026-11-29 20:16:43.088454+00', '808', '[{"type":"shipment.created","reference":"shp_389647e309d656f78c49781a9d5d947a"},{"type":"order.completed"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURED', 8, '2026-11-29 20:16:43.108026+00', '809', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-CAPTURED","amount":1,"reason":"late"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURED', 9, '2026-11-29 20:16:43.11451+00', '810', '[{"type":"payment.refunded","amount":1,"refund":{"client":"anonymous","key":"refunds-of-CAPTURED"}}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 1, '2026-11-29 20:16:43.12365+00', '812', '[{"type":"order.created","seal":"uq-s"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 2, '2026-11-29 20:16:43.127283+00', '813', '[{"type":"inventory.reserved","reference":"rsv_99830c411c0155dba7fb41eeb1061070"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 3, '2026-11-29 20:16:43.130352+00', '814', '[{"type":"payment.authorized","reference":"auth_65bfff04c30a5695ac03e5e2acb07835","expires_in_ms":604798996}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 4, '2026-11-29 20:16:43.132758+00', '815', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 5, '2026-11-29 20:16:43.13665+00', '816', '[{"type":"payment.voided"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 6, '2026-11-29 20:16:43.139979+00', '817', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('RESERVING', 1, '2026-11-29 20:16:43.14306+00', '818', '[{"type":"order.created","seal":"cqNF"}]', 3635777);
INSERT INTO public.order_events VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 20:16:43.145376+00', '819', '[{"type":"order.created","seal":"TU-E"}]', 3635777);
INSERT INTO public.order_events VALUES ('RESERVING-LOST', 1, '2026-11-29 20:16:43.159813+00', '822', '[{"type":"order.created","seal":"6zmU"}]', 3635777);
INSERT INTO public.order_events VALUES ('CHARGING', 1, '2026-11-29 20:16:43.163606+00', '824', '[{"type":"order.created","seal":"kyvs"}]', 3635777);
INSERT INTO public.order_events VALUES ('CHARGING', 2, '2026-11-29 20:16:43.166767+00', '825', '[{"type":"inventory.reserved","reference":"rsv_6bf3d576cf865ba98eb548a279fcc106"}]', 3635777);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 1, '2026-11-29 20:16:43.177766+00', '827', '[{"type":"order.created","seal":"8qb9"}]', 3635777);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 20:16:43.181728+00', '828', '[{"type":"inventory.reserved","reference":"rsv_4e1245c68bf95025a1b546c7f174c159"}]', 3635777);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 1, '2026-11-29 20:16:43.192636+00', '830', '[{"type":"order.created","seal":"cYwh"}]', 3635777);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 2, '2026-11-29 20:16:43.196131+00', '831', '[{"type":"inventory.reserved","reference":"rsv_b08cf8021e965fa7bda8fdd08b3940a8"}]', 3635777);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 3, '2026-11-29 20:16:43.198747+00', '832', '[{"type":"payment.unknown"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 1, '2026-11-29 20:16:43.207421+00', '834', '[{"type":"order.created","seal":"tg1r"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 2, '2026-11-29 20:16:43.210735+00', '835', '[{"type":"inventory.reserved","reference":"rsv_79e64180cada53e583958badab8c677f"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 1, '2026-11-29 20:16:43.222254+00', '837', '[{"type":"order.created","seal":"qEwt"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 20:16:43.231512+00', '839', '[{"type":"inventory.reserved","reference":"rsv_2715457ed7b258a8bc4ec308bafbad66"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 1, '2026-11-29 20:16:43.239658+00', '842', '[{"type":"order.created","seal":"BKBV"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 2, '2026-11-29 20:16:43.244706+00', '845', '[{"type":"inventory.reserved","reference":"rsv_c0b3ad7b2d665f4d8a9a682a719ebb40"}]', 3635777);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 20:16:43.248521+00', '848', '[{"type":"payment.unknown"}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING', 1, '2026-11-29 20:16:43.254423+00', '850', '[{"type":"order.created","seal":"ibDY"}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING', 2, '2026-11-29 20:16:43.258637+00', '851', '[{"type":"inventory.reserved","reference":"rsv_c4ca442927e253a595dca12781ea1a0d"}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING', 3, '2026-11-29 20:16:43.262402+00', '852', '[{"type":"payment.charged","amount":3998,"reference":"ch_55f0cdc3b76e547cb1638634b4148541"}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 1, '2026-11-29 20:16:43.269191+00', '854', '[{"type":"order.created","seal":"OCTh"}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 2, '2026-11-29 20:16:43.27318+00', '855', '[{"type":"inventory.reserved","reference":"rsv_e3f83a02c3e85c5990e5d1c9739a708e"}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 20:16:43.276952+00', '856', '[{"type":"payment.charged","amount":3998,"reference":"ch_628831b7440b5d92a01f703843e3c727"}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 1, '2026-11-29 20:16:43.283428+00', '858', '[{"type":"order.created","seal":"DKw-"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 1, '2026-11-29 20:16:43.343731+00', '879', '[{"type":"order.created","seal":"1J0h"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 2, '2026-11-29 20:16:43.350541+00', '886', '[{"type":"inventory.reserved","reference":"rsv_2dca7966ea465013b3a13d1e6024dd15"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-29 20:16:43.361321+00', '891', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 1, '2026-11-29 20:16:43.375956+00', '893', '[{"type":"order.created","seal":"uQPe"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 2, '2026-11-29 20:16:43.379045+00', '894', '[{"type":"inventory.reserved","reference":"rsv_7c478f324be45214aca784168a04da81"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 1, '2026-11-29 20:16:43.432742+00', '904', '[{"type":"order.created","seal":"TXHR"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-29 20:16:43.43734+00', '906', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 1, '2026-11-29 20:16:43.453108+00', '916', '[{"type":"order.created","seal":"n77E"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 2, '2026-11-29 20:16:43.456608+00', '917', '[{"type":"inventory.reserved","reference":"rsv_de705acbc85856998a2919315c2d3fbd"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 3, '2026-11-29 20:16:43.460405+00', '918', '[{"type":"payment.authorized","reference":"auth_15a76f06f521521fba3542d0e0148744","expires_in_ms":604798996}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 1, '2026-11-29 20:16:43.462572+00', '919', '[{"type":"order.created","seal":"OSmx"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 2, '2026-11-29 20:16:43.464961+00', '920', '[{"type":"inventory.reserved","reference":"rsv_256f805a1b4f5f82840ff28fe55697eb"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 3, '2026-11-29 20:16:43.467322+00', '921', '[{"type":"payment.authorized","reference":"auth_86debb3370de5d299d0ed422a983e283","expires_in_ms":604798997}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-29 20:16:43.469816+00', '922', '[{"type":"payment.capturing","amount":2000}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-29 20:16:43.522315+00', '932', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 1, '2026-11-29 20:16:43.53662+00', '934', '[{"type":"order.created","seal":"yuoG"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 2, '2026-11-29 20:16:43.540366+00', '935', '[{"type":"inventory.reserved","reference":"rsv_9dee624ad7e353558c17ff68283ed007"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-29 20:16:43.553264+00', '951', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING', 1, '2026-11-29 20:16:43.613605+00', '962', '[{"type":"order.created","seal":"PY1a"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING', 2, '2026-11-29 20:16:43.61715+00', '963', '[{"type":"inventory.reserved","reference":"rsv_87c66928f605516ab1dc0e2d30053f6f"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING', 3, '2026-11-29 20:16:43.619723+00', '964', '[{"type":"payment.charged","amount":3998,"reference":"ch_1d0b066e5eb055518f40cf59cfb0f01f"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING', 4, '2026-11-29 20:16:43.62141+00', '965', '[{"type":"shipment.failed","reason":"not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 1, '2026-11-29 20:16:43.627611+00', '967', '[{"type":"order.created","seal":"jMHm"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 2, '2026-11-29 20:16:43.630417+00', '968', '[{"type":"inventory.reserved","reference":"rsv_52adcedec5795b1fa089d320288f090d"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 3, '2026-11-29 20:16:43.632641+00', '969', '[{"type":"payment.charged","amount":3998,"reference":"ch_09229445f2f5591cad80a098348379d3"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-29 20:16:43.634041+00', '970', '[{"type":"shipment.failed","reason":"not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 1, '2026-11-29 20:16:43.640773+00', '972', '[{"type":"order.created","seal":"x31Z"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 2, '2026-11-29 20:16:43.64316+00', '973', '[{"type":"inventory.reserved","reference":"rsv_9e982fcc4c1a5dc09d79d038f6948cfa"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 3, '2026-11-29 20:16:43.645381+00', '974', '[{"type":"payment.charged","amount":3998,"reference":"ch_b325d8e60f0755819e33ad18e31e8a53"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 4, '2026-11-29 20:16:43.647093+00', '976', '[{"type":"shipment.failed","reason":"not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 4, '2026-11-29 20:16:43.707212+00', '1004', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-29 20:16:43.711365+00', '1005', '[{"type":"shipment.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 1, '2026-11-29 20:16:43.720665+00', '1007', '[{"type":"order.created","seal":"pTUe"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 2, '2026-11-29 20:16:43.723594+00', '1008', '[{"type":"inventory.reserved","reference":"rsv_46306bf0f72353708015246711ef7993"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 3, '2026-11-29 20:16:43.735053+00', '1010', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-29 20:16:43.739539+00', '1011', '[{"type":"payment.voided","captured":3998}]', 3635777);
INSERT INTO public.order_events VALUES ('WAITING', 1, '2026-11-29 20:16:43.749038+00', '1013', '[{"type":"order.created","seal":"MvkA"}]', 3635777);
INSERT INTO public.order_events VALUES ('FORCED', 3, '2026-11-29 20:16:43.80933+00', '1042', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('FORCED', 4, '2026-11-29 20:16:43.813076+00', '1043', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('SKIPPED', 5, '2026-11-29 20:16:43.81757+00', '1044', '[{"type":"order.skipped","action":"void","reason":"looked at both sides","by":"anonymous"},{"type":"payment.voided"}]', 3635777);
INSERT INTO public.order_events VALUES ('FORCED', 5, '2026-11-29 20:16:43.822422+00', '1045', '[{"type":"order.forced","reason":"looked at both sides","by":"anonymous"},{"type":"order.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('SKIPPED', 7, '2026-11-29 20:16:43.823642+00', '1046', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 1, '2026-11-29 20:16:43.830685+00', '1047', '[{"type":"order.created","seal":"vo8E"}]', 3635777);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 2, '2026-11-29 20:16:43.835457+00', '1048', '[{"type":"inventory.reserved","reference":"rsv_36783d3be87752a8885da2446d0d6ad0"}]', 3635777);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 3, '2026-11-29 20:16:43.8385+00', '1049', '[{"type":"order.attention","reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","contradicted":true}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 2, '2026-11-29 20:16:43.287776+00', '859', '[{"type":"inventory.reserved","reference":"rsv_f286621419765041b543abffe47fc464"}]', 3635777);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 3, '2026-11-29 20:16:43.291542+00', '860', '[{"type":"payment.charged","amount":3998,"reference":"ch_d18001252493505fa39ef99f2f9efae2"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURING', 1, '2026-11-29 20:16:43.297579+00', '862', '[{"type":"order.created","seal":"slL7"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURING', 2, '2026-11-29 20:16:43.301004+00', '863', '[{"type":"inventory.reserved","reference":"rsv_468a169dbabd5ae8a03007963d512e3e"}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURING', 3, '2026-11-29 20:16:43.304241+00', '864', '[{"type":"payment.authorized","reference":"auth_9785f65c0f0d5233b46e4bed12dc5a60","expires_in_ms":604798996}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 1, '2026-11-29 20:16:43.306699+00', '865', '[{"type":"order.created","seal":"7uQP"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 2, '2026-11-29 20:16:43.309788+00', '866', '[{"type":"inventory.reserved","reference":"rsv_f7545e14c9eb546bafaa4e36e791c69e"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 3, '2026-11-29 20:16:43.312955+00', '867', '[{"type":"payment.authorized","reference":"auth_dc150871be075041b5c77559793c593a","expires_in_ms":604798996}]', 3635777);
INSERT INTO public.order_events VALUES ('CAPTURING', 4, '2026-11-29 20:16:43.316136+00', '868', '[{"type":"payment.capturing","amount":2000}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 4, '2026-11-29 20:16:43.320007+00', '870', '[{"type":"payment.capturing","amount":2000}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 5, '2026-11-29 20:16:43.322758+00', '871', '[{"type":"payment.charged","amount":2000,"reference":"cap_8513cdf89738513f9f7ad1e10f0141ac"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 6, '2026-11-29 20:16:43.325417+00', '872', '[{"type":"shipment.created","reference":"shp_7134b0e6b4305dc59c4a1d5129399915"},{"type":"order.completed"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 20:16:43.327661+00', '873', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE","amount":500,"reason":"late"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-29 20:16:43.391033+00', '896', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 1, '2026-11-29 20:16:43.404979+00', '898', '[{"type":"order.created","seal":"YhJu"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 2, '2026-11-29 20:16:43.407885+00', '899', '[{"type":"inventory.reserved","reference":"rsv_3c69eff552075514bda18dd4c3f7e83a"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 3, '2026-11-29 20:16:43.41027+00', '900', '[{"type":"payment.charged","amount":3998,"reference":"ch_fed0b3b8cb3c5a72a9795182c7d5a0d9"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-29 20:16:43.419016+00', '902', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 4, '2026-11-29 20:16:43.483668+00', '924', '[{"type":"payment.capturing","amount":2000}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 5, '2026-11-29 20:16:43.488161+00', '925', '[{"type":"payment.charged","amount":2000,"reference":"cap_ee8e452bad4057fc8c43f336cbb8df43"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 6, '2026-11-29 20:16:43.491588+00', '926', '[{"type":"shipment.created","reference":"shp_8e5dbd488084560bbf91d0515b067693"},{"type":"order.completed"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-29 20:16:43.494272+00', '927', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE-IN-EFFECT","amount":500,"reason":"late"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 1, '2026-11-29 20:16:43.507911+00', '929', '[{"type":"order.created","seal":"eMGA"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 2, '2026-11-29 20:16:43.510839+00', '930', '[{"type":"inventory.reserved","reference":"rsv_c645d243836f58529ece0aecb813b738"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 1, '2026-11-29 20:16:43.567453+00', '953', '[{"type":"order.created","seal":"m03n"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 2, '2026-11-29 20:16:43.570478+00', '954', '[{"type":"inventory.reserved","reference":"rsv_66f0e06a3a425938aa216b1bc2a71e0d"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 3, '2026-11-29 20:16:43.572976+00', '955', '[{"type":"payment.charged","amount":3998,"reference":"ch_3872289ad75456deb15ae4d7c0b579f3"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-29 20:16:43.581983+00', '957', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 1, '2026-11-29 20:16:43.596225+00', '959', '[{"type":"order.created","seal":"3irj"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-29 20:16:43.599414+00', '960', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 20:16:43.657386+00', '990', '[{"type":"payment.refunded","amount":3998}]', 3635777);
INSERT INTO public.order_events VALUES ('RELEASING', 1, '2026-11-29 20:16:43.665417+00', '992', '[{"type":"order.created","seal":"ASLp"}]', 3635777);
INSERT INTO public.order_events VALUES ('RELEASING', 2, '2026-11-29 20:16:43.668033+00', '993', '[{"type":"inventory.reserved","reference":"rsv_f12b17675ab15c67a43825f6b5fffde4"}]', 3635777);
INSERT INTO public.order_events VALUES ('RELEASING', 3, '2026-11-29 20:16:43.669681+00', '994', '[{"type":"payment.declined","reason":"not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 1, '2026-11-29 20:16:43.679049+00', '996', '[{"type":"order.created","seal":"mE4l"}]', 3635777);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 2, '2026-11-29 20:16:43.683046+00', '997', '[{"type":"inventory.reserved","reference":"rsv_9f9fd40ae6405969a7051c6e2f925860"}]', 3635777);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-29 20:16:43.684897+00', '998', '[{"type":"payment.declined","reason":"not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 1, '2026-11-29 20:16:43.693065+00', '1000', '[{"type":"order.created","seal":"PvEo"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 2, '2026-11-29 20:16:43.695898+00', '1001', '[{"type":"inventory.reserved","reference":"rsv_a863467442d75db38a0c633d28f13fe9"}]', 3635777);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 3, '2026-11-29 20:16:43.698473+00', '1002', '[{"type":"payment.charged","amount":3998,"reference":"ch_9a8c0d6c74105670b13e1c8067b4ba40"}]', 3635777);
INSERT INTO public.order_events VALUES ('WAITING', 2, '2026-11-29 20:16:43.752219+00', '1015', '[{"type":"inventory.reserved","reference":"rsv_5f2cc3ef6bda5d3c85de568c8b026878"}]', 3635777);
INSERT INTO public.order_events VALUES ('WAITING', 3, '2026-11-29 20:16:43.765408+00', '1032', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('WAITING', 4, '2026-11-29 20:16:43.769128+00', '1033', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('SKIPPED', 1, '2026-11-29 20:16:43.772224+00', '1034', '[{"type":"order.created","seal":"hwSP"}]', 3635777);
INSERT INTO public.order_events VALUES ('SKIPPED', 2, '2026-11-29 20:16:43.774857+00', '1035', '[{"type":"inventory.reserved","reference":"rsv_20c4c6930dc854cdb6622aedbe9c25ca"}]', 3635777);
INSERT INTO public.order_events VALUES ('SKIPPED', 3, '2026-11-29 20:16:43.786274+00', '1037', '[{"type":"order.compensating","reason":"client"}]', 3635777);
INSERT INTO public.order_events VALUES ('SKIPPED', 4, '2026-11-29 20:16:43.789783+00', '1038', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('FORCED', 1, '2026-11-29 20:16:43.793779+00', '1039', '[{"type":"order.created","seal":"hrM3"}]', 3635777);
INSERT INTO public.order_events VALUES ('FORCED', 2, '2026-11-29 20:16:43.796796+00', '1040', '[{"type":"inventory.reserved","reference":"rsv_d1b82971b0fa593d84a52068a9d959c3"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS', 1, '2026-11-29 20:16:43.970604+00', '1076', '[{"type":"order.created","seal":"736Y","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS', 2, '2026-11-29 20:16:44.012674+00', '1077', '[{"type":"inventory.reserved","reference":"rsv_e2bb21c5473456eb9199c53190bdcd87"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS', 3, '2026-11-29 20:16:44.016245+00', '1078', '[{"type":"step.done","step":"fraud","reference":"run_c85bb99dbb9b5f30abce21f3042d0aa4"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS', 4, '2026-11-29 20:16:44.019022+00', '1079', '[{"type":"payment.charged","amount":3998,"reference":"ch_1626c899069752398d6e32ed524a433e"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS', 5, '2026-11-29 20:16:44.02169+00', '1080', '[{"type":"step.done","step":"points","reference":"run_99d077b3ab9358b28323ba53d06f6cf4"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS', 6, '2026-11-29 20:16:44.023941+00', '1081', '[{"type":"shipment.created","reference":"shp_fca584a878b6554c9bb27b53c90bbd6f"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS', 7, '2026-11-29 20:16:44.02609+00', '1082', '[{"type":"step.done","step":"gift","reference":"run_e562994d65675ec0b7cfb251d43d4d6a"},{"type":"order.completed"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 1, '2026-11-29 20:16:44.043469+00', '1083', '[{"type":"order.created","seal":"N3Yv","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 2, '2026-11-29 20:16:44.047449+00', '1084', '[{"type":"inventory.reserved","reference":"rsv_60bc2adb39ba587bac19160902dc88f9"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 3, '2026-11-29 20:16:44.05043+00', '1085', '[{"type":"step.done","step":"fraud","reference":"run_858d631f041952d0a9f1378ab2197f7e"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 4, '2026-11-29 20:16:44.05322+00', '1086', '[{"type":"payment.charged","amount":3998,"reference":"ch_4763963e91cd504aa2472ca3a4b88123"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 5, '2026-11-29 20:16:44.055495+00', '1087', '[{"type":"step.done","step":"points","reference":"run_2db210dcf1ae59b49979e8566982eb60"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 6, '2026-11-29 20:16:44.057592+00', '1088', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 7, '2026-11-29 20:16:44.060337+00', '1089', '[{"type":"step.undone","step":"points"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 8, '2026-11-29 20:16:44.063143+00', '1090', '[{"type":"payment.refunded","amount":3998}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 9, '2026-11-29 20:16:44.067591+00', '1092', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 1, '2026-11-29 20:16:44.071046+00', '1093', '[{"type":"order.created","seal":"0HuC","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-fraud', 1, '2026-11-29 20:16:44.076901+00', '1102', '[{"type":"order.created","seal":"RG-t","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 2, '2026-11-29 20:16:44.077816+00', '1103', '[{"type":"inventory.reserved","reference":"rsv_3ca18dd0df3f51b49ab0819cafc5204e"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-fraud', 2, '2026-11-29 20:16:44.079416+00', '1104', '[{"type":"inventory.reserved","reference":"rsv_58cbbfa254985eb28b0bb40e327f3a4b"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 3, '2026-11-29 20:16:44.08124+00', '1105', '[{"type":"step.refused","step":"fraud","reason":"refused"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 4, '2026-11-29 20:16:44.083979+00', '1107', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 1, '2026-11-29 20:16:44.09007+00', '1108', '[{"type":"order.created","seal":"rrSf","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-29 20:16:44.092853+00', '1109', '[{"type":"inventory.reserved","reference":"rsv_8c062c1dfec05575a945034b722423dc"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-points', 1, '2026-11-29 20:16:44.103922+00', '1111', '[{"type":"order.created","seal":"jMYH","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-points', 2, '2026-11-29 20:16:44.107391+00', '1112', '[{"type":"inventory.reserved","reference":"rsv_a44810a5014f572dadff0beac17ea596"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-points', 3, '2026-11-29 20:16:44.110141+00', '1113', '[{"type":"step.done","step":"fraud","reference":"run_c676b94657d55611a0ea692445039291"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-points', 4, '2026-11-29 20:16:44.112637+00', '1114', '[{"type":"payment.charged","amount":3998,"reference":"ch_5e0335516d4f593cbd05b9f7d0b98fdd"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 1, '2026-11-29 20:16:44.117103+00', '1116', '[{"type":"order.created","seal":"LfFx","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 2, '2026-11-29 20:16:44.119872+00', '1117', '[{"type":"inventory.reserved","reference":"rsv_e36bdf825e375bc8b55dc48d989a859c"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 3, '2026-11-29 20:16:44.122414+00', '1118', '[{"type":"step.done","step":"fraud","reference":"run_ea744f737b9456a2bfd3b9f899d7d754"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-29 20:16:44.124818+00', '1119', '[{"type":"payment.charged","amount":3998,"reference":"ch_a4555aa889505ccf83f6a94c8bc7a26d"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 1, '2026-11-29 20:16:44.180756+00', '1142', '[{"type":"order.created","seal":"XO2m","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 2, '2026-11-29 20:16:44.183612+00', '1143', '[{"type":"inventory.reserved","reference":"rsv_8420fa9423985e09a4c33cdfbd786403"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 3, '2026-11-29 20:16:44.186093+00', '1144', '[{"type":"step.done","step":"fraud","reference":"run_57c77d1f52b3515f8476aacf6e7a54a8"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 4, '2026-11-29 20:16:44.18844+00', '1145', '[{"type":"payment.charged","amount":3998,"reference":"ch_23d9d571844a5f20af7a9ce5ddb578f8"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 5, '2026-11-29 20:16:44.190534+00', '1146', '[{"type":"step.done","step":"points","reference":"run_652b25063a8a5fe69fcea36c73b179b1"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 6, '2026-11-29 20:16:44.192016+00', '1147', '[{"type":"shipment.failed","reason":"not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 1, '2026-11-29 20:16:44.194454+00', '1149', '[{"type":"order.created","seal":"dUVh","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 2, '2026-11-29 20:16:44.197189+00', '1150', '[{"type":"inventory.reserved","reference":"rsv_6bfa9c10369153b8a02fa941ca4b4393"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 3, '2026-11-29 20:16:44.199569+00', '1151', '[{"type":"step.done","step":"fraud","reference":"run_2e0be4aa4a395572b2872990a38e6d6d"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 4, '2026-11-29 20:16:44.20205+00', '1152', '[{"type":"payment.charged","amount":3998,"reference":"ch_26037ec8048f580e9fc60d004e459f30"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 5, '2026-11-29 20:16:44.204439+00', '1153', '[{"type":"step.done","step":"points","reference":"run_fb225f92c8875bdea9c35b9d54d4ab9c"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-29 20:16:44.205797+00', '1154', '[{"type":"shipment.failed","reason":"not_today"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift', 1, '2026-11-29 20:16:44.130545+00', '1121', '[{"type":"order.created","seal":"jxVP","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift', 2, '2026-11-29 20:16:44.133562+00', '1122', '[{"type":"inventory.reserved","reference":"rsv_3466c586773c5a6cb54b42920871a269"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift', 3, '2026-11-29 20:16:44.135911+00', '1123', '[{"type":"step.done","step":"fraud","reference":"run_ef758d815ed9506ab1170d04114c7469"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift', 4, '2026-11-29 20:16:44.138281+00', '1124', '[{"type":"payment.charged","amount":3998,"reference":"ch_4bd5d34c20cd53d18d13f21d35623d63"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift', 5, '2026-11-29 20:16:44.140721+00', '1125', '[{"type":"step.done","step":"points","reference":"run_634f045b296d5155ba26504cef6600cf"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift', 6, '2026-11-29 20:16:44.142738+00', '1126', '[{"type":"shipment.created","reference":"shp_13b454c098635fb2aad969bb68f6abb0"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 1, '2026-11-29 20:16:44.155792+00', '1128', '[{"type":"order.created","seal":"SDRt","definition":"pDecNksW"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 2, '2026-11-29 20:16:44.159269+00', '1129', '[{"type":"inventory.reserved","reference":"rsv_0cecdd64bfb850eb828b1792e50abaf9"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 3, '2026-11-29 20:16:44.161818+00', '1130', '[{"type":"step.done","step":"fraud","reference":"run_431edafc7441537ebd0c0bc0daba298b"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 4, '2026-11-29 20:16:44.164233+00', '1131', '[{"type":"payment.charged","amount":3998,"reference":"ch_e39dd75aec4355fa92d2e3d7c59504b3"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 5, '2026-11-29 20:16:44.166703+00', '1132', '[{"type":"step.done","step":"points","reference":"run_e03981d6ee0b576193cc5c1cafe25939"}]', 3635777);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-29 20:16:44.169061+00', '1133', '[{"type":"shipment.created","reference":"shp_ac58e3a3c6715a1bba1ac275e3255b30"}]', 3635777);


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

INSERT INTO public.order_steps VALUES ('STEP-UNDOING', 1, '[{"status":"done","reference":"run_57c77d1f52b3515f8476aacf6e7a54a8"},{"status":"undoing","reference":"run_652b25063a8a5fe69fcea36c73b179b1"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS', 1, '[{"status":"done","reference":"run_c85bb99dbb9b5f30abce21f3042d0aa4"},{"status":"done","reference":"run_99d077b3ab9358b28323ba53d06f6cf4"},{"status":"done","reference":"run_e562994d65675ec0b7cfb251d43d4d6a"}]');
INSERT INTO public.order_steps VALUES ('STEP-UNDOING-IN-EFFECT', 1, '[{"status":"done","reference":"run_2e0be4aa4a395572b2872990a38e6d6d"},{"status":"undoing","reference":"run_fb225f92c8875bdea9c35b9d54d4ab9c"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-UNSHIPPED', 1, '[{"status":"done","reference":"run_858d631f041952d0a9f1378ab2197f7e"},{"status":"undone","reference":"run_2db210dcf1ae59b49979e8566982eb60"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-REFUSED', 1, '[{"status":"refused"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud-IN-EFFECT', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points', 1, '[{"status":"done","reference":"run_c676b94657d55611a0ea692445039291"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points-IN-EFFECT', 1, '[{"status":"done","reference":"run_ea744f737b9456a2bfd3b9f899d7d754"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift', 1, '[{"status":"done","reference":"run_ef758d815ed9506ab1170d04114c7469"},{"status":"done","reference":"run_634f045b296d5155ba26504cef6600cf"},{"status":"intended"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift-IN-EFFECT', 1, '[{"status":"done","reference":"run_431edafc7441537ebd0c0bc0daba298b"},{"status":"done","reference":"run_e03981d6ee0b576193cc5c1cafe25939"},{"status":"intended"}]');


--
-- Data for Name: order_work; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_work VALUES ('LOCAL-AUTHORIZED', 3, '2026-12-06 20:16:42.933314+00', '2026-12-06 20:16:42.933315+00', '2026-11-29 20:16:42.933316+00', 0, 0, NULL, false, '2026-11-29 20:16:42.933316+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZED', 3, '2026-12-06 20:16:42.067779+00', '2026-12-06 20:16:42.067779+00', '2026-11-29 20:16:43.070779+00', 0, 0, NULL, false, '2026-11-29 20:16:43.070779+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZING', 2, '2026-11-29 20:16:44.371504+00', '2026-11-29 20:31:43.208763+00', '2026-11-29 20:16:43.212012+00', 0, 0, NULL, false, '2026-11-29 20:16:43.991978+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-29 20:16:44.331657+00', '2026-12-06 20:16:42.457686+00', '2026-11-29 20:16:43.471178+00', 0, 0, NULL, false, '2026-11-29 20:16:43.992479+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING', 3, '2026-11-29 20:16:44.288171+00', NULL, '2026-11-29 20:16:43.264009+00', 0, 0, NULL, false, '2026-11-29 20:16:44.002413+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 20:16:44.320794+00', '2026-11-29 20:31:43.241235+00', '2026-11-29 20:16:43.246378+00', 5, 0, NULL, false, '2026-11-29 20:16:44.002657+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 20:16:44.350922+00', '2026-11-29 20:31:43.146957+00', '2026-11-29 20:16:43.146957+00', 0, 0, NULL, false, '2026-11-29 20:16:44.003994+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING', 4, '2026-11-29 20:16:44.298526+00', '2026-12-06 20:16:42.301642+00', '2026-11-29 20:16:43.317649+00', 0, 0, NULL, false, '2026-11-29 20:16:44.006131+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING-LOST', 3, '2026-11-29 20:16:44.468217+00', NULL, '2026-11-29 20:16:43.292932+00', 5, 0, NULL, false, '2026-11-29 20:16:44.074263+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('CHARGING', 2, '2026-11-29 20:16:44.306975+00', '2026-11-29 20:31:43.164938+00', '2026-11-29 20:16:43.168251+00', 0, 0, NULL, false, '2026-11-29 20:16:44.074428+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-LOST', 3, '2026-11-29 20:16:44.336714+00', '2026-11-29 20:31:43.194077+00', '2026-11-29 20:16:43.197699+00', 5, 0, NULL, false, '2026-11-29 20:16:44.074679+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 20:16:44.290268+00', '2026-11-29 20:31:43.223715+00', '2026-11-29 20:16:43.234416+00', 0, 0, NULL, false, '2026-11-29 20:16:44.074749+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 20:16:44.357475+00', NULL, '2026-11-29 20:16:43.329501+00', 0, 0, NULL, false, '2026-11-29 20:16:44.074841+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-29 20:16:44.292591+00', NULL, '2026-11-29 20:16:43.439417+00', 0, 0, NULL, false, '2026-11-29 20:16:44.075006+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-29 20:16:44.382767+00', NULL, '2026-11-29 20:16:43.363491+00', 0, 0, NULL, false, '2026-11-29 20:16:44.075808+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-29 20:16:44.398027+00', NULL, '2026-11-29 20:16:43.420446+00', 0, 0, NULL, false, '2026-11-29 20:16:44.076246+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-29 20:16:44.537393+00', NULL, '2026-11-29 20:16:43.392737+00', 0, 0, NULL, false, '2026-11-29 20:16:44.177884+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 20:16:44.530137+00', NULL, '2026-11-29 20:16:43.278302+00', 0, 0, NULL, false, '2026-11-29 20:16:44.17893+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-LOST', 1, '2026-11-29 20:16:44.649909+00', '2026-11-29 20:31:43.161414+00', '2026-11-29 20:16:43.161414+00', 6, 0, NULL, false, '2026-11-29 20:16:44.284667+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('RESERVING', 1, '2026-11-29 20:16:44.570368+00', '2026-11-29 20:31:43.144319+00', '2026-11-29 20:16:43.144319+00', 0, 0, NULL, false, '2026-11-29 20:16:44.284741+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 20:16:44.526651+00', '2026-11-29 20:31:43.179403+00', '2026-11-29 20:16:43.18314+00', 0, 0, NULL, false, '2026-11-29 20:16:44.287843+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-29 20:16:44.312483+00', NULL, '2026-11-29 20:16:43.524046+00', 0, 0, NULL, false, '2026-11-29 20:16:43.990961+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING', 3, '2026-11-29 20:16:44.317644+00', NULL, '2026-11-29 20:16:43.67086+00', 0, 0, NULL, false, '2026-11-29 20:16:44.003178+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-29 20:16:44.29385+00', NULL, '2026-11-29 20:16:43.583519+00', 0, 0, NULL, false, '2026-11-29 20:16:44.005255+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-29 20:16:44.357917+00', NULL, '2026-11-29 20:16:43.601135+00', 0, 0, NULL, false, '2026-11-29 20:16:44.005534+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-29 20:16:44.621634+00', NULL, '2026-11-29 20:16:43.686069+00', 0, 0, NULL, false, '2026-11-29 20:16:44.288031+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-29 20:16:44.644611+00', NULL, '2026-11-29 20:16:43.7126+00', 0, 0, NULL, false, '2026-11-29 20:16:44.288394+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-29 20:16:44.500416+00', NULL, '2026-11-29 20:16:43.495704+00', 0, 0, NULL, false, '2026-11-29 20:16:44.289482+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('WAITING', 4, NULL, NULL, '2026-11-29 20:16:43.76713+00', 0, 0, NULL, false, '2026-11-29 20:16:43.770465+00', 'refused: not_today', false);
INSERT INTO public.order_work VALUES ('CONTRADICTED', 3, NULL, '2026-11-29 20:31:43.833167+00', '2026-11-29 20:16:43.836786+00', 0, 0, NULL, false, '2026-11-29 20:16:43.83971+00', 'contradicted: charge was asked for the amount 3998 USD, the participant says 1 USD', false);
INSERT INTO public.order_work VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 20:16:44.300608+00', NULL, '2026-11-29 20:16:43.65912+00', 0, 0, NULL, false, '2026-11-29 20:16:43.994901+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING', 4, '2026-11-29 20:16:44.36254+00', NULL, '2026-11-29 20:16:43.622505+00', 0, 0, NULL, false, '2026-11-29 20:16:44.000177+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-29 20:16:44.368365+00', NULL, '2026-11-29 20:16:43.555005+00', 0, 0, NULL, false, '2026-11-29 20:16:44.005806+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-29 20:16:44.354589+00', NULL, '2026-11-29 20:16:43.635149+00', 0, 0, NULL, false, '2026-11-29 20:16:44.008216+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-points', 4, '2026-11-29 20:16:44.382529+00', NULL, '2026-11-29 20:16:44.113493+00', 0, 0, NULL, false, '2026-11-29 20:16:44.28309+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud', 2, '2026-11-29 20:16:44.393408+00', '2026-11-29 20:26:44.080065+00', '2026-11-29 20:16:44.080065+00', 0, 0, NULL, false, '2026-11-29 20:16:44.283286+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-29 20:16:44.621861+00', NULL, '2026-11-29 20:16:43.741013+00', 0, 0, NULL, false, '2026-11-29 20:16:44.288841+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-29 20:16:44.455268+00', '2026-11-29 20:26:44.093579+00', '2026-11-29 20:16:44.093579+00', 0, 0, NULL, false, '2026-11-29 20:16:44.28925+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING', 6, '2026-11-29 20:16:44.346825+00', NULL, '2026-11-29 20:16:44.192571+00', 0, 0, NULL, false, '2026-11-29 20:16:44.288168+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-29 20:16:44.414364+00', NULL, '2026-11-29 20:16:44.125515+00', 0, 0, NULL, false, '2026-11-29 20:16:44.288197+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-29 20:16:44.345687+00', NULL, '2026-11-29 20:16:44.206334+00', 0, 0, NULL, false, '2026-11-29 20:16:44.289382+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift', 6, '2026-11-29 20:16:44.389618+00', NULL, '2026-11-29 20:16:44.14337+00', 0, 0, NULL, false, '2026-11-29 20:16:44.284324+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-29 20:16:44.358647+00', NULL, '2026-11-29 20:16:44.169665+00', 0, 0, NULL, false, '2026-11-29 20:16:44.288068+00', 'accepted, and not decided yet', false);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES ('LOCAL-AUTHORIZED', 4110887168276581973, 3998, '2026-11-29 20:16:42.932424+00', '2026-11-29 20:16:42.932424+00', 3, 1, 0, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0141ae14c5240459fc0cfc5a54480569b60c41f3faaa3238592602d692c2ea86f1', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-KEYED', 8469266238562310588, 3998, '2026-11-29 20:16:42.93463+00', '2026-11-29 20:16:42.93463+00', 5, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-KEYED","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-SHORT', -577852436258712762, 3998, '2026-11-29 20:16:42.94029+00', '2026-11-29 20:16:42.94029+00', 3, 1, 0, 409, 'CANCELLED', 'rejected', 'none', 'USD', 'anonymous', 'cus-7', '\x01f2aa6b762f9f104f245ec37e3fd2f433a1a92558c97ad9ce84dc541fa14b6577', '[{"sku":"LITTLE","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of LITTLE; nothing was charged","code":"out_of_stock","order_id":"LOCAL-SHORT","final":true,"shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, '{"code":"out_of_stock","shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL', -1299673497305632299, 3998, '2026-11-29 20:16:42.916394+00', '2026-11-29 20:16:42.946271+00', 7, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('DECLINED', 1384727581243635451, 3998, '2026-11-29 20:16:43.040471+00', '2026-11-29 20:16:43.047489+00', 5, 1, 7, 402, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01667db6feee982def1b7a297833c70597a3331dee76b5fe2f06235a5c134a65f7', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_declined","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:payment_declined","title":"Payment declined","status":402,"detail":"the payment was declined; the stock was released and nothing was charged","code":"payment_declined","order_id":"DECLINED","final":true,"reason":"card_declined","compensations":["inventory.released"]}', NULL, '{"code":"payment_declined","reason":"card_declined"}', NULL, 'rsv_2ed421d7c16c55dd9905334341d6636e');
INSERT INTO public.orders VALUES ('UNSHIPPED', 2324581938880194347, 3998, '2026-11-29 20:16:43.049295+00', '2026-11-29 20:16:43.062929+00', 7, 1, 7, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_aac01f79886658c7ab7a9574313b82d3');
INSERT INTO public.orders VALUES ('AUTHORIZED', 8789439418448364400, 3998, '2026-11-29 20:16:43.064871+00', '2026-11-29 20:16:43.069489+00', 3, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_9df085c482ca5a6b8ec4416a31f2363d');
INSERT INTO public.orders VALUES ('CAPTURED', 2851109551450560745, 3998, '2026-11-29 20:16:43.071711+00', '2026-11-29 20:16:43.11451+00', 9, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_389647e309d656f78c49781a9d5d947a', NULL, NULL, 'rsv_448ed833b1445125a2585ab3d144dfa2');
INSERT INTO public.orders VALUES ('DONE', 7149020055288694145, 3998, '2026-11-29 20:16:43.010359+00', '2026-11-29 20:16:43.037983+00', 5, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"DONE","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', 'shp_4b1da28860ed579e8625dfd121181b12', NULL, NULL, 'rsv_8d6a742fdc8b5e3593c525d93986985d');
INSERT INTO public.orders VALUES ('CALLED-OFF', 7018636141267892098, 3998, '2026-11-29 20:16:43.12365+00', '2026-11-29 20:16:43.139979+00', 7, 1, 7, 201, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CALLED-OFF","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_99830c411c0155dba7fb41eeb1061070');
INSERT INTO public.orders VALUES ('CHARGING-LOST', 2477965628557664479, 3998, '2026-11-29 20:16:43.192636+00', '2026-11-29 20:16:43.198747+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_b08cf8021e965fa7bda8fdd08b3940a8');
INSERT INTO public.orders VALUES ('AUTHORIZING', 5138570616715654647, 3998, '2026-11-29 20:16:43.207421+00', '2026-11-29 20:16:43.210735+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_79e64180cada53e583958badab8c677f');
INSERT INTO public.orders VALUES ('AUTHORIZING-IN-EFFECT', -6007350449716366515, 3998, '2026-11-29 20:16:43.222254+00', '2026-11-29 20:16:43.231512+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_2715457ed7b258a8bc4ec308bafbad66');
INSERT INTO public.orders VALUES ('RESERVING', -926679867609623290, 3998, '2026-11-29 20:16:43.14306+00', '2026-11-29 20:16:43.14306+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-IN-EFFECT', -4578333715329472088, 3998, '2026-11-29 20:16:43.145376+00', '2026-11-29 20:16:43.145376+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-LOST', -9086589321681830276, 3998, '2026-11-29 20:16:43.159813+00', '2026-11-29 20:16:43.159813+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING', -7279321154428053808, 3998, '2026-11-29 20:16:43.163606+00', '2026-11-29 20:16:43.166767+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_6bf3d576cf865ba98eb548a279fcc106');
INSERT INTO public.orders VALUES ('CHARGING-IN-EFFECT', 4065991277042096909, 3998, '2026-11-29 20:16:43.177766+00', '2026-11-29 20:16:43.181728+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_4e1245c68bf95025a1b546c7f174c159');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING', -7529611190755062559, 3998, '2026-11-29 20:16:43.404979+00', '2026-11-29 20:16:43.419016+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_3c69eff552075514bda18dd4c3f7e83a');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE', 6760348713481031392, 3998, '2026-11-29 20:16:43.306699+00', '2026-11-29 20:16:43.327661+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_7134b0e6b4305dc59c4a1d5129399915', NULL, NULL, 'rsv_f7545e14c9eb546bafaa4e36e791c69e');
INSERT INTO public.orders VALUES ('CAPTURING', -8890459682204465044, 3998, '2026-11-29 20:16:43.297579+00', '2026-11-29 20:16:43.316136+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_468a169dbabd5ae8a03007963d512e3e');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 6142153578390791123, 3998, '2026-11-29 20:16:43.507911+00', '2026-11-29 20:16:43.522315+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_c645d243836f58529ece0aecb813b738');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', -8703569797705378147, 3998, '2026-11-29 20:16:43.567453+00', '2026-11-29 20:16:43.581983+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_66f0e06a3a425938aa216b1bc2a71e0d');
INSERT INTO public.orders VALUES ('RELEASING-IN-EFFECT', 4543576239990694345, 3998, '2026-11-29 20:16:43.679049+00', '2026-11-29 20:16:43.684897+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_9f9fd40ae6405969a7051c6e2f925860');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 9102331773455892573, 3998, '2026-11-29 20:16:43.596225+00', '2026-11-29 20:16:43.599414+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('RELEASING', -7013523261060383409, 3998, '2026-11-29 20:16:43.665417+00', '2026-11-29 20:16:43.669681+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_f12b17675ab15c67a43825f6b5fffde4');
INSERT INTO public.orders VALUES ('AUTHORIZING-LOST', -36231113626792610, 3998, '2026-11-29 20:16:43.239658+00', '2026-11-29 20:16:43.248521+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_c0b3ad7b2d665f4d8a9a682a719ebb40');
INSERT INTO public.orders VALUES ('SHIPPING', 8337970782235206937, 3998, '2026-11-29 20:16:43.254423+00', '2026-11-29 20:16:43.262402+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_c4ca442927e253a595dca12781ea1a0d');
INSERT INTO public.orders VALUES ('SHIPPING-IN-EFFECT', 5011127830910853618, 3998, '2026-11-29 20:16:43.269191+00', '2026-11-29 20:16:43.276952+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_e3f83a02c3e85c5990e5d1c9739a708e');
INSERT INTO public.orders VALUES ('SHIPPING-LOST', -8541278428100340530, 3998, '2026-11-29 20:16:43.283428+00', '2026-11-29 20:16:43.291542+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_f286621419765041b543abffe47fc464');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING', -2008385029073609882, 3998, '2026-11-29 20:16:43.343731+00', '2026-11-29 20:16:43.361321+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_2dca7966ea465013b3a13d1e6024dd15');
INSERT INTO public.orders VALUES ('REFUNDING', 6792780339248192444, 3998, '2026-11-29 20:16:43.613605+00', '2026-11-29 20:16:43.62141+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_87c66928f605516ab1dc0e2d30053f6f');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING', -4013580263136083147, 3998, '2026-11-29 20:16:43.375956+00', '2026-11-29 20:16:43.391033+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_7c478f324be45214aca784168a04da81');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING', 8679567636619034050, 3998, '2026-11-29 20:16:43.432742+00', '2026-11-29 20:16:43.43734+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 745323310145174426, 3998, '2026-11-29 20:16:43.462572+00', '2026-11-29 20:16:43.494272+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_8e5dbd488084560bbf91d0515b067693', NULL, NULL, 'rsv_256f805a1b4f5f82840ff28fe55697eb');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', -1655680996170560467, 3998, '2026-11-29 20:16:43.53662+00', '2026-11-29 20:16:43.553264+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_9dee624ad7e353558c17ff68283ed007');
INSERT INTO public.orders VALUES ('CAPTURING-IN-EFFECT', -2416764021700425733, 3998, '2026-11-29 20:16:43.453108+00', '2026-11-29 20:16:43.469816+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_de705acbc85856998a2919315c2d3fbd');
INSERT INTO public.orders VALUES ('REFUNDED-RELEASING', 9005566299875172623, 3998, '2026-11-29 20:16:43.640773+00', '2026-11-29 20:16:43.657386+00', 5, 1, 7, NULL, 'COMPENSATING', 'releasing', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_9e982fcc4c1a5dc09d79d038f6948cfa');
INSERT INTO public.orders VALUES ('REFUNDING-IN-EFFECT', 9088100262120800572, 3998, '2026-11-29 20:16:43.627611+00', '2026-11-29 20:16:43.634041+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_52adcedec5795b1fa089d320288f090d');
INSERT INTO public.orders VALUES ('CALLED-OFF-VOIDED', -5999930584556211810, 3998, '2026-11-29 20:16:43.720665+00', '2026-11-29 20:16:43.739539+00', 4, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_46306bf0f72353708015246711ef7993');
INSERT INTO public.orders VALUES ('WAITING', -492260443770530701, 3998, '2026-11-29 20:16:43.749038+00', '2026-11-29 20:16:43.769128+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', '{"reason":"void was refused: not_today","since":"2026-11-29T20:16:43.769128Z"}', 'rsv_5f2cc3ef6bda5d3c85de568c8b026878');
INSERT INTO public.orders VALUES ('SKIPPED', 8751115808479763528, 3998, '2026-11-29 20:16:43.772224+00', '2026-11-29 20:16:43.823642+00', 8, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"SKIPPED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_20c4c6930dc854cdb6622aedbe9c25ca');
INSERT INTO public.orders VALUES ('CALLED-OFF-UNSHIPPED', 7806862378058970711, 3998, '2026-11-29 20:16:43.693065+00', '2026-11-29 20:16:43.711365+00', 5, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelled', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_a863467442d75db38a0c633d28f13fe9');
INSERT INTO public.orders VALUES ('FORCED', -3055470814733543675, 3998, '2026-11-29 20:16:43.793779+00', '2026-11-29 20:16:43.822422+00', 6, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"FORCED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_d1b82971b0fa593d84a52068a9d959c3');
INSERT INTO public.orders VALUES ('CONTRADICTED', -6189183590560552310, 3998, '2026-11-29 20:16:43.830685+00', '2026-11-29 20:16:43.8385+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, '{"reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","since":"2026-11-29T20:16:43.838500Z","contradicted":true}', 'rsv_36783d3be87752a8885da2446d0d6ad0');
INSERT INTO public.orders VALUES ('STEPS-REFUSED', -3313676045911533628, 3998, '2026-11-29 20:16:44.071046+00', '2026-11-29 20:16:44.083979+00', 5, 2, 15, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01a08b558fc4133971549e1cb186d4aa9fa3fcc715cc5494ed6d0a9f41a05e6531', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"},"metadata":{"fraud":"refused"}}', '{"type":"urn:counterfoil:problem:step_refused","title":"Step refused","status":409,"detail":"the step fraud refused the order; what was done was undone","code":"step_refused","order_id":"STEPS-REFUSED","final":true,"step":"fraud","reason":"refused","compensations":["inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"participant","detail":"refused","step":"fraud"}', NULL, 'rsv_3ca18dd0df3f51b49ab0819cafc5204e');
INSERT INTO public.orders VALUES ('STEPS-UNSHIPPED', 3242433157869509415, 3998, '2026-11-29 20:16:44.043469+00', '2026-11-29 20:16:44.067591+00', 10, 2, 15, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"STEPS-UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["step.undone","payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_60bc2adb39ba587bac19160902dc88f9');
INSERT INTO public.orders VALUES ('STEPS', -6284008731563944360, 3998, '2026-11-29 20:16:43.970604+00', '2026-11-29 20:16:44.02609+00', 8, 2, 15, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"STEPS","state":"COMPLETED","version":8,"amount":3998,"currency":"USD"}', 'shp_fca584a878b6554c9bb27b53c90bbd6f', NULL, NULL, 'rsv_e2bb21c5473456eb9199c53190bdcd87');
INSERT INTO public.orders VALUES ('STEP-fraud', 1148081361518607032, 3998, '2026-11-29 20:16:44.076901+00', '2026-11-29 20:16:44.079416+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_58cbbfa254985eb28b0bb40e327f3a4b');
INSERT INTO public.orders VALUES ('STEP-fraud-IN-EFFECT', 4673078457328648314, 3998, '2026-11-29 20:16:44.09007+00', '2026-11-29 20:16:44.092853+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_8c062c1dfec05575a945034b722423dc');
INSERT INTO public.orders VALUES ('STEP-points', 5047823387518916498, 3998, '2026-11-29 20:16:44.103922+00', '2026-11-29 20:16:44.112637+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_a44810a5014f572dadff0beac17ea596');
INSERT INTO public.orders VALUES ('STEP-points-IN-EFFECT', 1502811326833715377, 3998, '2026-11-29 20:16:44.117103+00', '2026-11-29 20:16:44.124818+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_e36bdf825e375bc8b55dc48d989a859c');
INSERT INTO public.orders VALUES ('STEP-gift', 6557654220765335647, 3998, '2026-11-29 20:16:44.130545+00', '2026-11-29 20:16:44.142738+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_13b454c098635fb2aad969bb68f6abb0', NULL, NULL, 'rsv_3466c586773c5a6cb54b42920871a269');
INSERT INTO public.orders VALUES ('STEP-gift-IN-EFFECT', 600572193519895144, 3998, '2026-11-29 20:16:44.155792+00', '2026-11-29 20:16:44.169061+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_ac58e3a3c6715a1bba1ac275e3255b30', NULL, NULL, 'rsv_0cecdd64bfb850eb828b1792e50abaf9');
INSERT INTO public.orders VALUES ('STEP-UNDOING', -1597317416569303377, 3998, '2026-11-29 20:16:44.180756+00', '2026-11-29 20:16:44.192016+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_8420fa9423985e09a4c33cdfbd786403');
INSERT INTO public.orders VALUES ('STEP-UNDOING-IN-EFFECT', 6233617071294853774, 3998, '2026-11-29 20:16:44.194454+00', '2026-11-29 20:16:44.205797+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_6bfa9c10369153b8a02fa941ca4b4393');


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
INSERT INTO public.payments VALUES ('DONE', 'charged', false, true, 3998, 3998, 0, 'ch_4b05806d4a4452f19679cbad8ff3deb2', NULL);
INSERT INTO public.payments VALUES ('DECLINED', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_078555232bf75bf49e51575c481afde7', NULL);
INSERT INTO public.payments VALUES ('AUTHORIZED', 'authorized', false, true, 3998, 0, 0, 'auth_a0295dd7293855ea824831a4d8ce45dc', NULL);
INSERT INTO public.payments VALUES ('CAPTURED', 'charged', false, true, 3000, 3000, 1, 'auth_97edccb0e69b5ba3bc3da4ee93fb5b10', 'cap_300b4e9738c2555db0bb10cf27e06cd4');
INSERT INTO public.payments VALUES ('CALLED-OFF', 'voided', false, true, 3998, 0, 0, 'auth_65bfff04c30a5695ac03e5e2acb07835', NULL);
INSERT INTO public.payments VALUES ('CHARGING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_55f0cdc3b76e547cb1638634b4148541', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_628831b7440b5d92a01f703843e3c727', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-LOST', 'charged', false, true, 3998, 3998, 0, 'ch_d18001252493505fa39ef99f2f9efae2', NULL);
INSERT INTO public.payments VALUES ('CAPTURING', 'capturing', false, true, 2000, 0, 0, 'auth_9785f65c0f0d5233b46e4bed12dc5a60', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE', 'charged', false, true, 2000, 2000, 500, 'auth_dc150871be075041b5c77559793c593a', 'cap_8513cdf89738513f9f7ad1e10f0141ac');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_fed0b3b8cb3c5a72a9795182c7d5a0d9', NULL);
INSERT INTO public.payments VALUES ('CAPTURING-IN-EFFECT', 'capturing', false, true, 2000, 0, 0, 'auth_15a76f06f521521fba3542d0e0148744', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 'charged', false, true, 2000, 2000, 500, 'auth_86debb3370de5d299d0ed422a983e283', 'cap_ee8e452bad4057fc8c43f336cbb8df43');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDING', 'refunding', false, true, 3998, 3998, 3998, 'ch_1d0b066e5eb055518f40cf59cfb0f01f', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-IN-EFFECT', 'refunding', false, true, 3998, 3998, 3998, 'ch_09229445f2f5591cad80a098348379d3', NULL);
INSERT INTO public.payments VALUES ('REFUNDED-RELEASING', 'refunded', false, true, 3998, 3998, 3998, 'ch_b325d8e60f0755819e33ad18e31e8a53', NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-VOIDED', 'voided', false, false, 3998, 3998, 3998, NULL, NULL);
INSERT INTO public.payments VALUES ('CONTRADICTED', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_3872289ad75456deb15ae4d7c0b579f3', NULL);
INSERT INTO public.payments VALUES ('RELEASING', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('RELEASING-IN-EFFECT', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-UNSHIPPED', 'refunding', false, true, 3998, 3998, 3998, 'ch_9a8c0d6c74105670b13e1c8067b4ba40', NULL);
INSERT INTO public.payments VALUES ('WAITING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SKIPPED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('FORCED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('STEPS', 'charged', false, true, 3998, 3998, 0, 'ch_1626c899069752398d6e32ed524a433e', NULL);
INSERT INTO public.payments VALUES ('STEPS-UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_4763963e91cd504aa2472ca3a4b88123', NULL);
INSERT INTO public.payments VALUES ('STEP-points', 'charged', false, true, 3998, 3998, 0, 'ch_5e0335516d4f593cbd05b9f7d0b98fdd', NULL);
INSERT INTO public.payments VALUES ('STEP-points-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_a4555aa889505ccf83f6a94c8bc7a26d', NULL);
INSERT INTO public.payments VALUES ('STEP-gift', 'charged', false, true, 3998, 3998, 0, 'ch_4bd5d34c20cd53d18d13f21d35623d63', NULL);
INSERT INTO public.payments VALUES ('STEP-gift-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_e39dd75aec4355fa92d2e3d7c59504b3', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING', 'charged', false, true, 3998, 3998, 0, 'ch_23d9d571844a5f20af7a9ce5ddb578f8', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_26037ec8048f580e9fc60d004e459f30', NULL);


--
-- Data for Name: pruned_orders; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: prunes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refinery_schema_history; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refinery_schema_history VALUES (1, 'foundation', '2026-11-29T20:16:42.609537355Z', '4295920499872568406');
INSERT INTO public.refinery_schema_history VALUES (2, 'remote_legs', '2026-11-29T20:16:42.623078007Z', '4461716305316383968');
INSERT INTO public.refinery_schema_history VALUES (3, 'inbox_purge', '2026-11-29T20:16:42.633226455Z', '15236599358920140796');
INSERT INTO public.refinery_schema_history VALUES (4, 'hot_orders', '2026-11-29T20:16:42.634352082Z', '14077514177569390261');
INSERT INTO public.refinery_schema_history VALUES (5, 'work_clock', '2026-11-29T20:16:42.636068804Z', '66626004372663131');
INSERT INTO public.refinery_schema_history VALUES (6, 'adoption', '2026-11-29T20:16:42.636760498Z', '9824958181989533634');
INSERT INTO public.refinery_schema_history VALUES (7, 'seals', '2026-11-29T20:16:42.637778095Z', '10932443199574537219');
INSERT INTO public.refinery_schema_history VALUES (8, 'free_returns', '2026-11-29T20:16:42.639135074Z', '6232638002878772191');
INSERT INTO public.refinery_schema_history VALUES (9, 'order_keys', '2026-11-29T20:16:42.639757226Z', '5398404707342241265');
INSERT INTO public.refinery_schema_history VALUES (10, 'feed', '2026-11-29T20:16:42.641734003Z', '10549446667388425250');
INSERT INTO public.refinery_schema_history VALUES (11, 'leases', '2026-11-29T20:16:42.646409697Z', '3922018200371891248');
INSERT INTO public.refinery_schema_history VALUES (12, 'relays', '2026-11-29T20:16:42.648462903Z', '10509368159252890779');
INSERT INTO public.refinery_schema_history VALUES (13, 'webhooks', '2026-11-29T20:16:42.654260633Z', '4809684204427590768');
INSERT INTO public.refinery_schema_history VALUES (14, 'outbox_table', '2026-11-29T20:16:42.661609415Z', '3049699243693499359');
INSERT INTO public.refinery_schema_history VALUES (15, 'divisions', '2026-11-29T20:16:42.665291938Z', '11174637611968049349');
INSERT INTO public.refinery_schema_history VALUES (16, 'retention', '2026-11-29T20:16:42.668241596Z', '14980537811028063259');
INSERT INTO public.refinery_schema_history VALUES (17, 'prune_seals', '2026-11-29T20:16:42.672704175Z', '7396560070373730904');
INSERT INTO public.refinery_schema_history VALUES (18, 'steps', '2026-11-29T20:16:42.675615135Z', '11371614449618114604');


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

INSERT INTO public.saga_definitions VALUES (1, '\xa4379c364b1642ee270e4b54d0dd645de7c3215ce5362472175e5fed8dcdc086', '{"steps":[{"name":"inventory","kind":"http"},{"name":"fraud","kind":"http","action":"run","refusal":"step_refused","deadline_ms":600000},{"name":"payment","kind":"http"},{"name":"points","kind":"http","action":"run","undo":"undo","refusal":"step_refused"},{"name":"shipment","kind":"http"},{"name":"gift","kind":"http","action":"run","refusal":"step_refused"}],"pivot":"shipment"}', '2026-11-29 20:16:44.009425+00');


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
-- Name: payments payments_order_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_order_id_key UNIQUE (order_id);


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

\unrestrict Kn0mn9xBHaY9ol0pbfXBk0HcoCKjgt3M6aPxgKJcqXyJBZnIkw7GSYeQSbhNW46

