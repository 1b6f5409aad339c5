--
-- PostgreSQL database dump
--

\restrict WqfU9lpO0hbGfqcAiMighJmVSzAlIqbjboXQxZSJPTYBJCptuoS2IKlxxRaZv1U

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

INSERT INTO public.deployment VALUES (true, '3a232a90-5539-4b19-af9f-d69f1d6423bd', 21, '0.8.0', '2026-11-30 01:23:14.123963+00', 'default', 7713768964512009501, 16739, '[]', NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: epochs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.epochs VALUES (3636083, 7713768964512009501, '00000001', 16384, 16430, '2026-11-30 01:23:14.07412+00');
INSERT INTO public.epochs VALUES (3636084, 7713768964512009501, '00000001', 16739, 16430, '2026-11-30 01:23:14.336505+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders', 'k-1', 'LOCAL-KEYED', -4564015206379277254, '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', NULL, NULL, '2026-11-30 01:23:14.350908+00', '\x838c2fdc1078109b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/LOCAL/refunds', 'refunds-of-LOCAL', 'LOCAL', -9149248604117914325, '\x01f8c203b76156247885393da010c2184b3c39c8b7b2b71714064b9f84f21d24f1', 201, '{"captured":3998,"currency":"USD","order_id":"LOCAL","refund":{"amount":1999,"reason":"too small","restock":[{"quantity":1,"sku":"S"}]},"refunded":1999,"state":"COMPLETED","version":7}', '2026-11-30 01:23:14.361682+00', '\x5138015b7e7e753a');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/capture', 'capture-of-CAPTURED', 'CAPTURED', 2719616027959738328, '\x0117951ca09d7faba3ea92e4256534b0f1d3ef486735289e83e39dc26f22a9bd8f', 201, '{"order_id":"CAPTURED","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-30 01:23:14.521942+00', '\xa1ea0a8dffe7a3e3');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/refunds', 'refunds-of-CAPTURED', 'CAPTURED', -1787992057610690683, '\x011c39f43c1b781a24445be90e100625cdc53df8488acc417ce6912b48c395621c', 201, '{"captured":3000,"currency":"USD","order_id":"CAPTURED","refund":{"amount":1,"reason":"late","restock":[]},"refunded":1,"state":"COMPLETED","version":9}', '2026-11-30 01:23:14.533586+00', '\x716cd6e8fa57c9ec');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/DONE/cancel', 'too-late', 'DONE', 2537728135275402654, '\x01a22002bc4a95124c0c6d865923cefbff934b9c5ae709aed1db8ae163dfdd9ed2', 409, '{"type":"urn:counterfoil:problem:wrong_state","title":"Wrong state","status":409,"detail":"cancel: not while the order is COMPLETED","code":"wrong_state","order_id":"DONE","state":"COMPLETED","final":true}', '2026-11-30 01:23:14.544916+00', '\x01f01644c7cd6d70');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF/cancel', 'cancel-of-CALLED-OFF', 'CALLED-OFF', 6586127406519516847, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"CALLED-OFF","state":"CANCELLED","version":7,"amount":3998,"currency":"USD"}', '2026-11-30 01:23:14.554205+00', '\xbab6d00cbaf50543');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING/capture', 'capture-of-CAPTURING', 'CAPTURING', 1177656326805826863, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-30 01:23:14.795574+00', '\x4059474074351390');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/capture', 'capture-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', 7059547558374827084, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-30 01:23:14.799315+00', '\x2360d2ee558decec');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/refunds', 'refunds-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -3451483507668194312, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-30 01:23:14.809537+00', '\x78020971b7d922bb');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING/cancel', 'cancel-of-CALLED-OFF-CHARGING', 'CALLED-OFF-CHARGING', -2198201450483279976, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:14.838229+00', '\x33c35fef9fcfc516');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING', 'CALLED-OFF-AUTHORIZING', -9024366218134459214, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:14.86846+00', '\xfa99f445225e464b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING/cancel', 'cancel-of-CALLED-OFF-SHIPPING', 'CALLED-OFF-SHIPPING', 2879895176849395302, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:14.90733+00', '\x716027efb792eee5');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING/cancel', 'cancel-of-CALLED-OFF-RESERVING', 'CALLED-OFF-RESERVING', 940481187849220407, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:14.939358+00', '\x7b4961ef0e608071');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING-IN-EFFECT/capture', 'capture-of-CAPTURING-IN-EFFECT', 'CAPTURING-IN-EFFECT', -7991165939781967388, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-30 01:23:14.973024+00', '\xe64c77aa2093bc72');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/capture', 'capture-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', -9051103666013961980, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-30 01:23:14.977165+00', '\xf639c827adaf27e2');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/refunds', 'refunds-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', -4261410075350585611, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-30 01:23:14.999672+00', '\xb493837c4ab0c333');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-CHARGING-IN-EFFECT', 'CALLED-OFF-CHARGING-IN-EFFECT', 8624857647222744886, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:15.033414+00', '\xdcf79b70d3514676');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING-IN-EFFECT', 'CALLED-OFF-AUTHORIZING-IN-EFFECT', 4140883291128770424, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:15.063696+00', '\x0d018182d97a4c0d');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-SHIPPING-IN-EFFECT', 'CALLED-OFF-SHIPPING-IN-EFFECT', -5054034127260727480, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:15.107291+00', '\x7184c6ea64018f36');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-RESERVING-IN-EFFECT', 'CALLED-OFF-RESERVING-IN-EFFECT', -3126754946357873336, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:15.125589+00', '\xe05c3ee31030ee4f');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-UNSHIPPED/cancel', 'cancel-of-CALLED-OFF-UNSHIPPED', 'CALLED-OFF-UNSHIPPED', -7428752933892661466, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:15.238409+00', '\x525a6649fa66a44b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-VOIDED/cancel', 'cancel-of-CALLED-OFF-VOIDED', 'CALLED-OFF-VOIDED', -7142999186469238968, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:15.27061+00', '\xceee1b73eef40cd9');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/WAITING/cancel', 'cancel-of-WAITING', 'WAITING', 4863837471010847656, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 01:23:15.299739+00', '\x84ec671609e79af6');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/SKIPPED/cancel', 'cancel-of-SKIPPED', 'SKIPPED', -5642318501454433355, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"SKIPPED","state":"CANCELLED","version":8,"amount":3998,"currency":"USD"}', '2026-11-30 01:23:15.328157+00', '\xc564c7191f128cda');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/FORCED/cancel', 'cancel-of-FORCED', 'FORCED', -2214769510837786812, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"FORCED","state":"CANCELLED","version":6,"amount":3998,"currency":"USD"}', '2026-11-30 01:23:15.358077+00', '\x687ef1201ec7feb4');


--
-- Data for Name: inventory; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory VALUES ('LITTLE', 1, 0);
INSERT INTO public.inventory VALUES ('S', 97, 2);


--
-- Data for Name: inventory_journal; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory_journal VALUES ('S', '25262a9a-dfb6-4336-8bf4-50d58aa90230', 100, 'created', 'anonymous', '2026-11-30 01:23:14.31842+00', NULL, '\xa83a406c7c5a013a');
INSERT INTO public.inventory_journal VALUES ('LITTLE', '115db13c-42ae-482e-a659-e0f5701c8d66', 1, 'created', 'anonymous', '2026-11-30 01:23:14.323158+00', NULL, '\x35f51d25e2d4cde0');
INSERT INTO public.inventory_journal VALUES ('S', '8787f3f3-6937-4054-87d9-da4d4fd18398', 1, 'restock of refund refunds-of-LOCAL', 'anonymous', '2026-11-30 01:23:14.363211+00', 'LOCAL', '\xc50feca63c94c203');


--
-- Data for Name: nodes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.nodes VALUES ('2bed89f9-73c6-45e1-9c59-9d7d71240a11', '127.0.0.1:43685', '0.8.0', 'up', '2026-11-30 01:23:14.30126+00', '2026-11-30 01:23:14.301261+00', '{}');
INSERT INTO public.nodes VALUES ('ccf4a94e-9735-4f00-a24b-ba0d1f96f339', '127.0.0.1:45433', '0.8.0', 'gone', '2026-11-30 01:23:14.441321+00', '2026-11-30 01:23:15.418647+00', '{}');
INSERT INTO public.nodes VALUES ('d77277eb-5a77-46ea-ad34-67f70e47bfad', '127.0.0.1:42521', '0.8.0', 'gone', '2026-11-30 01:23:15.524365+00', '2026-11-30 01:23:16.16462+00', '{fraud,gift,points}');


--
-- Data for Name: operator_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_log VALUES ('SKIPPED', '987dfe81-3ff5-4cb0-922e-56b8fc47730d', '2026-11-30 01:23:15.38414+00', 'anonymous', 'skip', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-30T01:23:15.335978Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"COMPENSATING","version":6}');
INSERT INTO public.operator_log VALUES ('FORCED', '367e54d6-3756-4ee3-b5a0-898364eb20d3', '2026-11-30 01:23:15.392862+00', 'anonymous', 'force-cancel', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-30T01:23:15.365921Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"CANCELLED","version":6}');


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_events VALUES ('LOCAL', 1, '2026-11-30 01:23:14.327857+00', '785', '[{"type":"order.created","seal":"RN-U"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3636084);
INSERT INTO public.order_events VALUES ('LOCAL-AUTHORIZED', 1, '2026-11-30 01:23:14.346649+00', '786', '[{"type":"order.created","seal":"OP8-"},{"type":"inventory.reserved"},{"type":"payment.authorized"}]', 3636084);
INSERT INTO public.order_events VALUES ('LOCAL-KEYED', 1, '2026-11-30 01:23:14.349554+00', '787', '[{"type":"order.created","seal":"Qrcj"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3636084);
INSERT INTO public.order_events VALUES ('LOCAL-SHORT', 1, '2026-11-30 01:23:14.355953+00', '789', '[{"type":"order.created","seal":"h1Jo"},{"type":"inventory.rejected","shortages":[{"sku":"LITTLE","requested":2,"available":1}]},{"type":"order.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('LOCAL', 6, '2026-11-30 01:23:14.360488+00', '790', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-LOCAL","amount":1999,"reason":"too small","restock":[{"sku":"S","quantity":1}]},{"type":"payment.refunded","amount":1999,"refund":{"client":"anonymous","key":"refunds-of-LOCAL"}}]', 3636084);
INSERT INTO public.order_events VALUES ('DONE', 1, '2026-11-30 01:23:14.45264+00', '792', '[{"type":"order.created","seal":"_QGZ"}]', 3636084);
INSERT INTO public.order_events VALUES ('DONE', 2, '2026-11-30 01:23:14.469852+00', '793', '[{"type":"inventory.reserved","reference":"rsv_5d6681b4a27c560088146010785c3647"}]', 3636084);
INSERT INTO public.order_events VALUES ('DONE', 3, '2026-11-30 01:23:14.473652+00', '794', '[{"type":"payment.charged","amount":3998,"reference":"ch_1ff606213a9a5e09be05a7e95bf0025e"}]', 3636084);
INSERT INTO public.order_events VALUES ('DONE', 4, '2026-11-30 01:23:14.477677+00', '795', '[{"type":"shipment.created","reference":"shp_e9072923d637535a85a46f5de5db3eb8"},{"type":"order.completed"}]', 3636084);
INSERT INTO public.order_events VALUES ('DECLINED', 1, '2026-11-30 01:23:14.480456+00', '796', '[{"type":"order.created","seal":"Oz0e"}]', 3636084);
INSERT INTO public.order_events VALUES ('DECLINED', 2, '2026-11-30 01:23:14.482934+00', '797', '[{"type":"inventory.reserved","reference":"rsv_a6a5f8df7de756aeae7d69865ce38c91"}]', 3636084);
INSERT INTO public.order_events VALUES ('DECLINED', 3, '2026-11-30 01:23:14.485322+00', '798', '[{"type":"payment.declined","reason":"card_declined"}]', 3636084);
INSERT INTO public.order_events VALUES ('DECLINED', 4, '2026-11-30 01:23:14.489193+00', '799', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 1, '2026-11-30 01:23:14.491358+00', '800', '[{"type":"order.created","seal":"Ls12"}]', 3636084);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 2, '2026-11-30 01:23:14.493546+00', '801', '[{"type":"inventory.reserved","reference":"rsv_8e60e5343d0d57b48ac7eb1e0c227bdd"}]', 3636084);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 3, '2026-11-30 01:23:14.495627+00', '802', '[{"type":"payment.charged","amount":3998,"reference":"ch_3d8818e58aab58dba9f46d5ca264c585"}]', 3636084);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 4, '2026-11-30 01:23:14.497685+00', '803', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3636084);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 5, '2026-11-30 01:23:14.500338+00', '804', '[{"type":"payment.refunded","amount":3998}]', 3636084);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 6, '2026-11-30 01:23:14.50289+00', '805', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 1, '2026-11-30 01:23:14.505491+00', '806', '[{"type":"order.created","seal":"Il5C"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 2, '2026-11-30 01:23:14.507641+00', '807', '[{"type":"inventory.reserved","reference":"rsv_65c37abff4375821bbb9cddf22660105"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 3, '2026-11-30 01:23:14.509965+00', '808', '[{"type":"payment.authorized","reference":"auth_8b0413628fdf5b2892cf66b961b12814","expires_in_ms":604798997}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURED', 1, '2026-11-30 01:23:14.511877+00', '809', '[{"type":"order.created","seal":"CuhO"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURED', 2, '2026-11-30 01:23:14.514629+00', '810', '[{"type":"inventory.reserved","reference":"rsv_5967372b18e75282bc95ed177a4dc130"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURED', 3, '2026-11-30 01:23:14.516894+00', '811', '[{"type":"payment.authorized","reference":"auth_8e2f29ccb8d05d3f9e37cbf9957c299f","expires_in_ms":604798997}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURED', 4, '2026-11-30 01:23:14.521374+00', '812', '[{"type":"payment.capturing","amount":3000}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURED', 5, '2026-11-30 01:23:14.526058+00', '813', '[{"type":"payment.charged","amount":3000,"reference":"cap_5adc839fdfb859e8866a77b4a8a17197"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURED', 6, '2026-11-30 01:23:14.529978+00', '814', '[{"type":"shipment.created","reference":"shp_055efb35ba0e5bbf906b76c54994cbbf"},{"type":"order.completed"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURED', 8, '2026-11-30 01:23:14.533072+00', '815', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-CAPTURED","amount":1,"reason":"late"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURED', 9, '2026-11-30 01:23:14.541063+00', '816', '[{"type":"payment.refunded","amount":1,"refund":{"client":"anonymous","key":"refunds-of-CAPTURED"}}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 1, '2026-11-30 01:23:14.546205+00', '818', '[{"type":"order.created","seal":"uq-s"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 2, '2026-11-30 01:23:14.549049+00', '819', '[{"type":"inventory.reserved","reference":"rsv_e22d0e12a9a55d11867905e6ce886666"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 3, '2026-11-30 01:23:14.551383+00', '820', '[{"type":"payment.authorized","reference":"auth_d608cc72cbac5ceb9f6be8b9f3e381e3","expires_in_ms":604798997}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 4, '2026-11-30 01:23:14.553782+00', '821', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 5, '2026-11-30 01:23:14.557399+00', '822', '[{"type":"payment.voided"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 6, '2026-11-30 01:23:14.561367+00', '823', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('RESERVING', 1, '2026-11-30 01:23:14.597084+00', '824', '[{"type":"order.created","seal":"cqNF"}]', 3636084);
INSERT INTO public.order_events VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-30 01:23:14.600314+00', '825', '[{"type":"order.created","seal":"TU-E"}]', 3636084);
INSERT INTO public.order_events VALUES ('RESERVING-LOST', 1, '2026-11-30 01:23:14.603335+00', '827', '[{"type":"order.created","seal":"6zmU"}]', 3636084);
INSERT INTO public.order_events VALUES ('CHARGING', 1, '2026-11-30 01:23:14.617+00', '830', '[{"type":"order.created","seal":"kyvs"}]', 3636084);
INSERT INTO public.order_events VALUES ('CHARGING', 2, '2026-11-30 01:23:14.62229+00', '831', '[{"type":"inventory.reserved","reference":"rsv_74601d156b405f56ae81837f34d4cdb0"}]', 3636084);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 1, '2026-11-30 01:23:14.631765+00', '833', '[{"type":"order.created","seal":"8qb9"}]', 3636084);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-30 01:23:14.635226+00', '834', '[{"type":"inventory.reserved","reference":"rsv_59c13f94d00457f9be420c0fa1976a17"}]', 3636084);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 1, '2026-11-30 01:23:14.647403+00', '836', '[{"type":"order.created","seal":"cYwh"}]', 3636084);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 2, '2026-11-30 01:23:14.65286+00', '838', '[{"type":"inventory.reserved","reference":"rsv_c2686e5352295ece9b70df1a1cff074e"}]', 3636084);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 3, '2026-11-30 01:23:14.656517+00', '840', '[{"type":"payment.unknown"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 1, '2026-11-30 01:23:14.664715+00', '843', '[{"type":"order.created","seal":"tg1r"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 2, '2026-11-30 01:23:14.673568+00', '846', '[{"type":"inventory.reserved","reference":"rsv_81e84ae6f7615f39bd432952420de4e8"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 1, '2026-11-30 01:23:14.683221+00', '849', '[{"type":"order.created","seal":"qEwt"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-30 01:23:14.693602+00', '850', '[{"type":"inventory.reserved","reference":"rsv_357e71256210503d9bf6013490972e7f"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 1, '2026-11-30 01:23:14.699204+00', '851', '[{"type":"order.created","seal":"BKBV"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 2, '2026-11-30 01:23:14.703173+00', '853', '[{"type":"inventory.reserved","reference":"rsv_9e48af53e1ae5091b19031892ef426da"}]', 3636084);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 3, '2026-11-30 01:23:14.705974+00', '854', '[{"type":"payment.unknown"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING', 1, '2026-11-30 01:23:14.713131+00', '856', '[{"type":"order.created","seal":"ibDY"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING', 2, '2026-11-30 01:23:14.717253+00', '857', '[{"type":"inventory.reserved","reference":"rsv_f46a264abe5450a1a0e7666b50e16b5f"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING', 3, '2026-11-30 01:23:14.720266+00', '858', '[{"type":"payment.charged","amount":3998,"reference":"ch_3395449756395265b860fdfa3877dbb6"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 1, '2026-11-30 01:23:14.728677+00', '860', '[{"type":"order.created","seal":"OCTh"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 2, '2026-11-30 01:23:14.732554+00', '861', '[{"type":"inventory.reserved","reference":"rsv_d3788f7663065162b9f3713eb64b2c80"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-30 01:23:14.735144+00', '862', '[{"type":"payment.charged","amount":3998,"reference":"ch_e1167830af9d599ab2aaaa51617a5516"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 1, '2026-11-30 01:23:14.743838+00', '864', '[{"type":"order.created","seal":"DKw-"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 2, '2026-11-30 01:23:14.747106+00', '865', '[{"type":"inventory.reserved","reference":"rsv_b0be771d084653e1ac91e95b2f5d6028"}]', 3636084);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 3, '2026-11-30 01:23:14.749626+00', '866', '[{"type":"payment.charged","amount":3998,"reference":"ch_4aaa3e02acad591181b3fb0df5430229"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURING', 1, '2026-11-30 01:23:14.75752+00', '868', '[{"type":"order.created","seal":"slL7"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURING', 2, '2026-11-30 01:23:14.760466+00', '869', '[{"type":"inventory.reserved","reference":"rsv_bf7a43a0f1bf5162978d58fcd67f6936"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURING', 3, '2026-11-30 01:23:14.762876+00', '870', '[{"type":"payment.authorized","reference":"auth_2a54d7572ab45c6f8859b143ea87977e","expires_in_ms":604798997}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 1, '2026-11-30 01:23:14.765092+00', '872', '[{"type":"order.created","seal":"7uQP"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 2, '2026-11-30 01:23:14.780069+00', '878', '[{"type":"inventory.reserved","reference":"rsv_bc4a09d4bc6d53d8ad6a80a21b172b23"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 3, '2026-11-30 01:23:14.789811+00', '883', '[{"type":"payment.authorized","reference":"auth_b3b0fd82944459888966d6d4b5dd576e","expires_in_ms":604798990}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURING', 4, '2026-11-30 01:23:14.794986+00', '885', '[{"type":"payment.capturing","amount":2000}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 4, '2026-11-30 01:23:14.798382+00', '887', '[{"type":"payment.capturing","amount":2000}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 5, '2026-11-30 01:23:14.801976+00', '888', '[{"type":"payment.charged","amount":2000,"reference":"cap_6f9ed82917b25b4c81c4ee68fdcb6262"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 6, '2026-11-30 01:23:14.805899+00', '889', '[{"type":"shipment.created","reference":"shp_0cbe9825446a58a2a724a38c2b83345b"},{"type":"order.completed"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 8, '2026-11-30 01:23:14.809033+00', '890', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE","amount":500,"reason":"late"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 1, '2026-11-30 01:23:14.823149+00', '892', '[{"type":"order.created","seal":"1J0h"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 2, '2026-11-30 01:23:14.826569+00', '893', '[{"type":"inventory.reserved","reference":"rsv_e60554a18f5756b3a888dc4e694ecaac"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-30 01:23:14.837522+00', '895', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 1, '2026-11-30 01:23:14.852343+00', '897', '[{"type":"order.created","seal":"uQPe"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 2, '2026-11-30 01:23:14.855794+00', '898', '[{"type":"inventory.reserved","reference":"rsv_c640491b5a055ef4afe7aa01ea10775c"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 1, '2026-11-30 01:23:15.015452+00', '949', '[{"type":"order.created","seal":"eMGA"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 2, '2026-11-30 01:23:15.023131+00', '950', '[{"type":"inventory.reserved","reference":"rsv_36ac3e4ef052543aa48594da0a409a27"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-30 01:23:15.032699+00', '952', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 1, '2026-11-30 01:23:15.047626+00', '954', '[{"type":"order.created","seal":"yuoG"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 2, '2026-11-30 01:23:15.05157+00', '955', '[{"type":"inventory.reserved","reference":"rsv_eb44e85ff6105eca96caa3212ceb49bc"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-30 01:23:15.106576+00', '976', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 1, '2026-11-30 01:23:15.121383+00', '978', '[{"type":"order.created","seal":"3irj"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-30 01:23:15.12504+00', '979', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING', 1, '2026-11-30 01:23:15.139665+00', '981', '[{"type":"order.created","seal":"PY1a"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING', 2, '2026-11-30 01:23:15.145343+00', '982', '[{"type":"inventory.reserved","reference":"rsv_512e6d718ff45fe190c91f48f50f43a0"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING', 3, '2026-11-30 01:23:15.14939+00', '983', '[{"type":"payment.charged","amount":3998,"reference":"ch_420a1a41449a576d863bd9425ed6da22"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 1, '2026-11-30 01:23:15.255286+00', '1030', '[{"type":"order.created","seal":"pTUe"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 2, '2026-11-30 01:23:15.258596+00', '1031', '[{"type":"inventory.reserved","reference":"rsv_f8d432cc27f1543d8fda760464186a3b"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 3, '2026-11-30 01:23:15.269986+00', '1033', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-30 01:23:15.274152+00', '1034', '[{"type":"payment.voided","captured":3998}]', 3636084);
INSERT INTO public.order_events VALUES ('WAITING', 1, '2026-11-30 01:23:15.284333+00', '1036', '[{"type":"order.created","seal":"MvkA"}]', 3636084);
INSERT INTO public.order_events VALUES ('WAITING', 2, '2026-11-30 01:23:15.287778+00', '1037', '[{"type":"inventory.reserved","reference":"rsv_e61f71d029b659e09d9047da35a0daef"}]', 3636084);
INSERT INTO public.order_events VALUES ('FORCED', 1, '2026-11-30 01:23:15.343009+00', '1064', '[{"type":"order.created","seal":"hrM3"}]', 3636084);
INSERT INTO public.order_events VALUES ('FORCED', 2, '2026-11-30 01:23:15.347259+00', '1065', '[{"type":"inventory.reserved","reference":"rsv_9d9f9f233aa85fcd838e79677786b865"}]', 3636084);
INSERT INTO public.order_events VALUES ('FORCED', 3, '2026-11-30 01:23:15.357426+00', '1067', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('FORCED', 4, '2026-11-30 01:23:15.365921+00', '1068', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('SKIPPED', 5, '2026-11-30 01:23:15.382841+00', '1069', '[{"type":"order.skipped","action":"void","reason":"looked at both sides","by":"anonymous"},{"type":"payment.voided"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-30 01:23:14.867636+00', '900', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 1, '2026-11-30 01:23:14.882907+00', '912', '[{"type":"order.created","seal":"YhJu"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 2, '2026-11-30 01:23:14.886898+00', '914', '[{"type":"inventory.reserved","reference":"rsv_a2ab421e3f795ac1992c7cf09b1f79d2"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 3, '2026-11-30 01:23:14.889267+00', '915', '[{"type":"payment.charged","amount":3998,"reference":"ch_d165c68c62725a3985b3ac975b91a1a7"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-30 01:23:14.903246+00', '917', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 1, '2026-11-30 01:23:14.923385+00', '919', '[{"type":"order.created","seal":"TXHR"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-30 01:23:14.938586+00', '921', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 1, '2026-11-30 01:23:14.954278+00', '923', '[{"type":"order.created","seal":"n77E"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 2, '2026-11-30 01:23:14.957865+00', '924', '[{"type":"inventory.reserved","reference":"rsv_d9a5be04e7f15ab08eb97a539246f5a4"}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 3, '2026-11-30 01:23:14.961953+00', '925', '[{"type":"payment.authorized","reference":"auth_7c5018e3cceb59d4bfe8aef8d339f8d0","expires_in_ms":604798995}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 1, '2026-11-30 01:23:14.965068+00', '926', '[{"type":"order.created","seal":"OSmx"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 2, '2026-11-30 01:23:14.967495+00', '927', '[{"type":"inventory.reserved","reference":"rsv_cbaba40dd06c537496bcb303e88560b4"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 3, '2026-11-30 01:23:14.970202+00', '928', '[{"type":"payment.authorized","reference":"auth_e60c6f51b6a351dc84fecea2509a32f1","expires_in_ms":604798997}]', 3636084);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-30 01:23:14.972571+00', '929', '[{"type":"payment.capturing","amount":2000}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 4, '2026-11-30 01:23:14.976036+00', '932', '[{"type":"payment.capturing","amount":2000}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 5, '2026-11-30 01:23:14.98984+00', '939', '[{"type":"payment.charged","amount":2000,"reference":"cap_15803a2d45fb558e837d41a29d82839c"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 6, '2026-11-30 01:23:14.996165+00', '946', '[{"type":"shipment.created","reference":"shp_2215ff03e32d5ba9b8d8bb1ff1ef2f59"},{"type":"order.completed"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-30 01:23:14.999169+00', '947', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE-IN-EFFECT","amount":500,"reason":"late"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-30 01:23:15.063019+00', '957', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 1, '2026-11-30 01:23:15.07948+00', '959', '[{"type":"order.created","seal":"m03n"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 2, '2026-11-30 01:23:15.083951+00', '961', '[{"type":"inventory.reserved","reference":"rsv_360d3d6a11985faeaebd7b1b98713d4d"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 3, '2026-11-30 01:23:15.098082+00', '973', '[{"type":"payment.charged","amount":3998,"reference":"ch_ed494c4ee3e15873a3cf9be48de713bb"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING', 4, '2026-11-30 01:23:15.151288+00', '984', '[{"type":"shipment.failed","reason":"not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 1, '2026-11-30 01:23:15.155091+00', '986', '[{"type":"order.created","seal":"jMHm"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 2, '2026-11-30 01:23:15.157805+00', '987', '[{"type":"inventory.reserved","reference":"rsv_38a7c353d1845c22a7bd27c5e46013e4"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 3, '2026-11-30 01:23:15.160054+00', '988', '[{"type":"payment.charged","amount":3998,"reference":"ch_18c447b613e852bbb9bc5ce4c4e151a4"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-30 01:23:15.161828+00', '989', '[{"type":"shipment.failed","reason":"not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 1, '2026-11-30 01:23:15.168719+00', '991', '[{"type":"order.created","seal":"x31Z"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 2, '2026-11-30 01:23:15.171529+00', '992', '[{"type":"inventory.reserved","reference":"rsv_09a3871bd2565353a4912aa15068c713"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 3, '2026-11-30 01:23:15.173853+00', '993', '[{"type":"payment.charged","amount":3998,"reference":"ch_6ca47bec7f3e5015901e3002b08a4e1b"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 4, '2026-11-30 01:23:15.175253+00', '994', '[{"type":"shipment.failed","reason":"not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 5, '2026-11-30 01:23:15.178166+00', '995', '[{"type":"payment.refunded","amount":3998}]', 3636084);
INSERT INTO public.order_events VALUES ('RELEASING', 1, '2026-11-30 01:23:15.182091+00', '997', '[{"type":"order.created","seal":"ASLp"}]', 3636084);
INSERT INTO public.order_events VALUES ('RELEASING', 2, '2026-11-30 01:23:15.184755+00', '998', '[{"type":"inventory.reserved","reference":"rsv_90e60aec149155f5a56f52be3fa8e36e"}]', 3636084);
INSERT INTO public.order_events VALUES ('RELEASING', 3, '2026-11-30 01:23:15.186679+00', '999', '[{"type":"payment.declined","reason":"not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 1, '2026-11-30 01:23:15.195428+00', '1016', '[{"type":"order.created","seal":"mE4l"}]', 3636084);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 2, '2026-11-30 01:23:15.213309+00', '1020', '[{"type":"inventory.reserved","reference":"rsv_d11ce102f44f5a8ba5399d351ebcda84"}]', 3636084);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-30 01:23:15.220127+00', '1021', '[{"type":"payment.declined","reason":"not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 1, '2026-11-30 01:23:15.223406+00', '1023', '[{"type":"order.created","seal":"PvEo"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 2, '2026-11-30 01:23:15.226133+00', '1024', '[{"type":"inventory.reserved","reference":"rsv_e5258f7733875b74b49b1605d2103451"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 3, '2026-11-30 01:23:15.228375+00', '1025', '[{"type":"payment.charged","amount":3998,"reference":"ch_a565623b71455391b42c3078dbb19239"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 4, '2026-11-30 01:23:15.237761+00', '1027', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-30 01:23:15.241877+00', '1028', '[{"type":"shipment.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('WAITING', 3, '2026-11-30 01:23:15.299037+00', '1039', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('WAITING', 4, '2026-11-30 01:23:15.303933+00', '1040', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('SKIPPED', 1, '2026-11-30 01:23:15.308624+00', '1041', '[{"type":"order.created","seal":"hwSP"}]', 3636084);
INSERT INTO public.order_events VALUES ('SKIPPED', 2, '2026-11-30 01:23:15.316269+00', '1042', '[{"type":"inventory.reserved","reference":"rsv_b4d7f369b59a531fa7e0e81d21ed42c2"}]', 3636084);
INSERT INTO public.order_events VALUES ('SKIPPED', 3, '2026-11-30 01:23:15.327293+00', '1045', '[{"type":"order.compensating","reason":"client"}]', 3636084);
INSERT INTO public.order_events VALUES ('SKIPPED', 4, '2026-11-30 01:23:15.335978+00', '1063', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('SKIPPED', 7, '2026-11-30 01:23:15.389924+00', '1070', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('FORCED', 5, '2026-11-30 01:23:15.39167+00', '1071', '[{"type":"order.forced","reason":"looked at both sides","by":"anonymous"},{"type":"order.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 1, '2026-11-30 01:23:15.402591+00', '1072', '[{"type":"order.created","seal":"vo8E"}]', 3636084);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 2, '2026-11-30 01:23:15.408886+00', '1073', '[{"type":"inventory.reserved","reference":"rsv_ee7e4edb3ae958418c257aa0e85d1988"}]', 3636084);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 3, '2026-11-30 01:23:15.412906+00', '1074', '[{"type":"order.attention","reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","contradicted":true}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS', 1, '2026-11-30 01:23:15.540961+00', '1098', '[{"type":"order.created","seal":"736Y","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS', 2, '2026-11-30 01:23:15.601694+00', '1101', '[{"type":"inventory.reserved","reference":"rsv_37b7819bd5c351b0a22ac1ccd738cdcc"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS', 3, '2026-11-30 01:23:15.621011+00', '1102', '[{"type":"step.done","step":"fraud","reference":"run_94597a8c4ac75047a8e6af0017a260cf"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS', 4, '2026-11-30 01:23:15.624379+00', '1103', '[{"type":"payment.charged","amount":3998,"reference":"ch_b4aca94023635578935ad7bcd02ceec9"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS', 5, '2026-11-30 01:23:15.62682+00', '1104', '[{"type":"step.done","step":"points","reference":"run_c76423cf2b185dba9c0c444a9aa14bd2"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS', 6, '2026-11-30 01:23:15.62899+00', '1105', '[{"type":"shipment.created","reference":"shp_9d1b5cc25d6e52f2a48ba87e4fbef4a3"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS', 7, '2026-11-30 01:23:15.631003+00', '1106', '[{"type":"step.done","step":"gift","reference":"run_fe4108cf95b3541a96b07ddc064325bd"},{"type":"order.completed"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 1, '2026-11-30 01:23:15.633668+00', '1107', '[{"type":"order.created","seal":"N3Yv","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 2, '2026-11-30 01:23:15.636089+00', '1108', '[{"type":"inventory.reserved","reference":"rsv_0d126d46387c5e46a3564e306d2d0ce3"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 3, '2026-11-30 01:23:15.638439+00', '1109', '[{"type":"step.done","step":"fraud","reference":"run_57bdd9405b7a538ca1914d1afb94bf72"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 4, '2026-11-30 01:23:15.641005+00', '1110', '[{"type":"payment.charged","amount":3998,"reference":"ch_2083fa863b345a688407785a7f4d4293"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 5, '2026-11-30 01:23:15.64309+00', '1111', '[{"type":"step.done","step":"points","reference":"run_8148e2cdbe2556fbb56d44b842f6fcb1"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 6, '2026-11-30 01:23:15.645132+00', '1112', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 7, '2026-11-30 01:23:15.647677+00', '1123', '[{"type":"step.undone","step":"points"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 8, '2026-11-30 01:23:15.677104+00', '1125', '[{"type":"payment.refunded","amount":3998}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 9, '2026-11-30 01:23:15.686901+00', '1126', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 1, '2026-11-30 01:23:15.690701+00', '1127', '[{"type":"order.created","seal":"0HuC","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-fraud', 1, '2026-11-30 01:23:15.694239+00', '1128', '[{"type":"order.created","seal":"RG-t","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 2, '2026-11-30 01:23:15.696868+00', '1129', '[{"type":"inventory.reserved","reference":"rsv_7ab7eb8194685e96bcff1647ff6beeb2"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-fraud', 2, '2026-11-30 01:23:15.699091+00', '1130', '[{"type":"inventory.reserved","reference":"rsv_9bfadf6736625d6081bc68e04e5bb48f"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 3, '2026-11-30 01:23:15.702878+00', '1131', '[{"type":"step.refused","step":"fraud","reason":"refused"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 4, '2026-11-30 01:23:15.706291+00', '1133', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 1, '2026-11-30 01:23:15.711622+00', '1134', '[{"type":"order.created","seal":"rrSf","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-30 01:23:15.714634+00', '1135', '[{"type":"inventory.reserved","reference":"rsv_c9614a6bcbc458039625816fda0b523e"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-points', 1, '2026-11-30 01:23:15.725907+00', '1137', '[{"type":"order.created","seal":"jMYH","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-points', 2, '2026-11-30 01:23:15.731008+00', '1138', '[{"type":"inventory.reserved","reference":"rsv_3aac8bcb6a7e59c8bb05c7c043b20e35"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-points', 3, '2026-11-30 01:23:15.733634+00', '1139', '[{"type":"step.done","step":"fraud","reference":"run_b4588ae244505aa484a46b369b1663ce"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-points', 4, '2026-11-30 01:23:15.735906+00', '1140', '[{"type":"payment.charged","amount":3998,"reference":"ch_5cf120b3c0a156e88fcf263e6f484f2b"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 1, '2026-11-30 01:23:15.741866+00', '1142', '[{"type":"order.created","seal":"LfFx","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 2, '2026-11-30 01:23:15.747522+00', '1143', '[{"type":"inventory.reserved","reference":"rsv_a2517081683e5a438c12c118c574fb7c"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 3, '2026-11-30 01:23:15.751538+00', '1144', '[{"type":"step.done","step":"fraud","reference":"run_728af119ffac568fab8c02f0cd38e475"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-30 01:23:15.756705+00', '1145', '[{"type":"payment.charged","amount":3998,"reference":"ch_decb4b4f8e8d5555b649f2122effdcf1"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift', 1, '2026-11-30 01:23:15.769211+00', '1147', '[{"type":"order.created","seal":"jxVP","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift', 2, '2026-11-30 01:23:15.777647+00', '1149', '[{"type":"inventory.reserved","reference":"rsv_19d84e3e1c435a22b99e460360bc949f"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift', 3, '2026-11-30 01:23:15.787754+00', '1155', '[{"type":"step.done","step":"fraud","reference":"run_df2efc52cc0d5ffeacebdfa3bf86a5f3"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift', 4, '2026-11-30 01:23:15.791624+00', '1156', '[{"type":"payment.charged","amount":3998,"reference":"ch_2514151f0d8c58c7a9ef86194ad9e555"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift', 5, '2026-11-30 01:23:15.794969+00', '1157', '[{"type":"step.done","step":"points","reference":"run_df10bcc6481f5bf9b81ab9a09ed34fbd"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift', 6, '2026-11-30 01:23:15.79734+00', '1158', '[{"type":"shipment.created","reference":"shp_060bb78db7535d3a8c020782e08c6c23"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 1, '2026-11-30 01:23:15.80804+00', '1160', '[{"type":"order.created","seal":"SDRt","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 2, '2026-11-30 01:23:15.811441+00', '1161', '[{"type":"inventory.reserved","reference":"rsv_1651d94c67f853d9b19b8e7a8f643a44"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 3, '2026-11-30 01:23:15.813944+00', '1162', '[{"type":"step.done","step":"fraud","reference":"run_c2245c6fc3085594b4ee7313b1aca08b"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 4, '2026-11-30 01:23:15.816652+00', '1163', '[{"type":"payment.charged","amount":3998,"reference":"ch_f4c3f2e4afb45906ba404636339809e3"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 5, '2026-11-30 01:23:15.818859+00', '1164', '[{"type":"step.done","step":"points","reference":"run_0380946a69985e2a9b7159819666db51"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-30 01:23:15.820877+00', '1165', '[{"type":"shipment.created","reference":"shp_2a1d017e11f8554198721e1e3ec1b34b"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 1, '2026-11-30 01:23:15.833718+00', '1167', '[{"type":"order.created","seal":"XO2m","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 2, '2026-11-30 01:23:15.838608+00', '1168', '[{"type":"inventory.reserved","reference":"rsv_2961e135598a552c9bf8055b697e6ff9"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 3, '2026-11-30 01:23:15.841253+00', '1169', '[{"type":"step.done","step":"fraud","reference":"run_d31203e8cc1d5b9f991402e316cd2503"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 4, '2026-11-30 01:23:15.844254+00', '1170', '[{"type":"payment.charged","amount":3998,"reference":"ch_2e68c3e5f4db525f8f824693b2e1c15d"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 5, '2026-11-30 01:23:15.846409+00', '1171', '[{"type":"step.done","step":"points","reference":"run_a44dcdb0be72572187d71d10281e210a"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 6, '2026-11-30 01:23:15.847991+00', '1172', '[{"type":"shipment.failed","reason":"not_today"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 1, '2026-11-30 01:23:15.860078+00', '1174', '[{"type":"order.created","seal":"dUVh","definition":"pDecNksW"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 2, '2026-11-30 01:23:15.865282+00', '1175', '[{"type":"inventory.reserved","reference":"rsv_0d54169b956052e082ba6f75cd89d18c"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 3, '2026-11-30 01:23:15.86918+00', '1176', '[{"type":"step.done","step":"fraud","reference":"run_3a914cd373a158699af550ffec2b680b"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 4, '2026-11-30 01:23:15.87292+00', '1177', '[{"type":"payment.charged","amount":3998,"reference":"ch_da6f4ff5ff9c591d8a008d75882b9f11"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 5, '2026-11-30 01:23:15.87621+00', '1178', '[{"type":"step.done","step":"points","reference":"run_390251ffcee350f8957b04d9ba50dc0c"}]', 3636084);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-30 01:23:15.8784+00', '1179', '[{"type":"shipment.failed","reason":"not_today"}]', 3636084);


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

INSERT INTO public.order_steps VALUES ('STEP-UNDOING', 1, '[{"status":"done","reference":"run_d31203e8cc1d5b9f991402e316cd2503"},{"status":"undoing","reference":"run_a44dcdb0be72572187d71d10281e210a"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS', 1, '[{"status":"done","reference":"run_94597a8c4ac75047a8e6af0017a260cf"},{"status":"done","reference":"run_c76423cf2b185dba9c0c444a9aa14bd2"},{"status":"done","reference":"run_fe4108cf95b3541a96b07ddc064325bd"}]');
INSERT INTO public.order_steps VALUES ('STEP-UNDOING-IN-EFFECT', 1, '[{"status":"done","reference":"run_3a914cd373a158699af550ffec2b680b"},{"status":"undoing","reference":"run_390251ffcee350f8957b04d9ba50dc0c"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-UNSHIPPED', 1, '[{"status":"done","reference":"run_57bdd9405b7a538ca1914d1afb94bf72"},{"status":"undone","reference":"run_8148e2cdbe2556fbb56d44b842f6fcb1"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-REFUSED', 1, '[{"status":"refused"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud-IN-EFFECT', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points', 1, '[{"status":"done","reference":"run_b4588ae244505aa484a46b369b1663ce"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points-IN-EFFECT', 1, '[{"status":"done","reference":"run_728af119ffac568fab8c02f0cd38e475"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift', 1, '[{"status":"done","reference":"run_df2efc52cc0d5ffeacebdfa3bf86a5f3"},{"status":"done","reference":"run_df10bcc6481f5bf9b81ab9a09ed34fbd"},{"status":"intended"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift-IN-EFFECT', 1, '[{"status":"done","reference":"run_c2245c6fc3085594b4ee7313b1aca08b"},{"status":"done","reference":"run_0380946a69985e2a9b7159819666db51"},{"status":"intended"}]');


--
-- Data for Name: order_work; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_work VALUES ('LOCAL-AUTHORIZED', 3, '2026-12-07 01:23:14.348376+00', '2026-12-07 01:23:14.348377+00', '2026-11-30 01:23:14.348377+00', 0, 0, NULL, false, '2026-11-30 01:23:14.348377+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZED', 3, '2026-12-07 01:23:13.507576+00', '2026-12-07 01:23:13.507577+00', '2026-11-30 01:23:14.510577+00', 0, 0, NULL, false, '2026-11-30 01:23:14.510577+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-LOST', 3, '2026-11-30 01:23:16.228351+00', '2026-11-30 01:38:14.699934+00', '2026-11-30 01:23:14.703954+00', 6, 0, NULL, false, '2026-11-30 01:23:15.892457+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('SHIPPING-LOST', 3, '2026-11-30 01:23:16.226237+00', NULL, '2026-11-30 01:23:14.75045+00', 6, 0, NULL, false, '2026-11-30 01:23:15.894824+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('RESERVING-LOST', 1, '2026-11-30 01:23:16.14578+00', '2026-11-30 01:38:14.604126+00', '2026-11-30 01:23:14.604127+00', 7, 0, NULL, false, '2026-11-30 01:23:15.895731+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('RESERVING', 1, '2026-11-30 01:23:16.189017+00', '2026-11-30 01:38:14.598005+00', '2026-11-30 01:23:14.598005+00', 0, 0, NULL, false, '2026-11-30 01:23:15.913304+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING', 2, '2026-11-30 01:23:16.257485+00', '2026-11-30 01:38:14.665406+00', '2026-11-30 01:23:14.676446+00', 0, 0, NULL, false, '2026-11-30 01:23:15.913421+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-30 01:23:16.161162+00', '2026-11-30 01:38:14.684027+00', '2026-11-30 01:23:14.694642+00', 0, 0, NULL, false, '2026-11-30 01:23:15.916973+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-30 01:23:16.28978+00', '2026-11-30 01:38:14.632706+00', '2026-11-30 01:23:14.636209+00', 0, 0, NULL, false, '2026-11-30 01:23:15.922657+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-30 01:23:16.22434+00', '2026-11-30 01:38:14.600856+00', '2026-11-30 01:23:14.600856+00', 0, 0, NULL, false, '2026-11-30 01:23:15.922783+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-30 01:23:16.188925+00', NULL, '2026-11-30 01:23:14.735937+00', 0, 0, NULL, false, '2026-11-30 01:23:15.926915+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-LOST', 3, '2026-11-30 01:23:16.278861+00', '2026-11-30 01:38:14.648271+00', '2026-11-30 01:23:14.654627+00', 6, 0, NULL, false, '2026-11-30 01:23:16.016046+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('CAPTURING', 4, '2026-11-30 01:23:16.345395+00', '2026-12-07 01:23:13.760532+00', '2026-11-30 01:23:14.796364+00', 0, 0, NULL, false, '2026-11-30 01:23:16.01634+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING', 2, '2026-11-30 01:23:16.359268+00', '2026-11-30 01:38:14.61789+00', '2026-11-30 01:23:14.623381+00', 0, 0, NULL, false, '2026-11-30 01:23:16.016918+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING', 3, '2026-11-30 01:23:16.414573+00', NULL, '2026-11-30 01:23:14.721062+00', 0, 0, NULL, false, '2026-11-30 01:23:16.128694+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-30 01:23:16.316791+00', NULL, '2026-11-30 01:23:15.125981+00', 0, 0, NULL, false, '2026-11-30 01:23:15.925984+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-30 01:23:16.281305+00', NULL, '2026-11-30 01:23:15.064374+00', 0, 0, NULL, false, '2026-11-30 01:23:15.927213+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-30 01:23:16.333268+00', NULL, '2026-11-30 01:23:14.8387+00', 0, 0, NULL, false, '2026-11-30 01:23:16.020973+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-30 01:23:16.270959+00', NULL, '2026-11-30 01:23:15.033873+00', 0, 0, NULL, false, '2026-11-30 01:23:16.02221+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE', 8, '2026-11-30 01:23:16.247109+00', NULL, '2026-11-30 01:23:14.810121+00', 0, 0, NULL, false, '2026-11-30 01:23:16.022422+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-30 01:23:16.382357+00', NULL, '2026-11-30 01:23:14.869093+00', 0, 0, NULL, false, '2026-11-30 01:23:16.130484+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-30 01:23:16.147159+00', NULL, '2026-11-30 01:23:14.907812+00', 0, 0, NULL, false, '2026-11-30 01:23:15.786031+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-30 01:23:16.305067+00', '2026-12-07 01:23:13.957853+00', '2026-11-30 01:23:14.973504+00', 0, 0, NULL, false, '2026-11-30 01:23:15.91928+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-30 01:23:16.240145+00', NULL, '2026-11-30 01:23:15.000198+00', 0, 0, NULL, false, '2026-11-30 01:23:15.922984+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-30 01:23:16.253902+00', NULL, '2026-11-30 01:23:15.1079+00', 0, 0, NULL, false, '2026-11-30 01:23:15.926599+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-30 01:23:16.209013+00', NULL, '2026-11-30 01:23:15.162453+00', 0, 0, NULL, false, '2026-11-30 01:23:15.92742+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-30 01:23:16.385869+00', NULL, '2026-11-30 01:23:14.940131+00', 0, 0, NULL, false, '2026-11-30 01:23:16.021551+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('WAITING', 4, NULL, NULL, '2026-11-30 01:23:15.300368+00', 0, 0, NULL, false, '2026-11-30 01:23:15.305801+00', 'refused: not_today', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-30 01:23:16.237113+00', NULL, '2026-11-30 01:23:15.274923+00', 0, 0, NULL, false, '2026-11-30 01:23:15.919741+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING', 4, '2026-11-30 01:23:16.303175+00', NULL, '2026-11-30 01:23:15.15234+00', 0, 0, NULL, false, '2026-11-30 01:23:15.919888+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CONTRADICTED', 3, NULL, '2026-11-30 01:38:15.403377+00', '2026-11-30 01:23:15.410838+00', 0, 0, NULL, false, '2026-11-30 01:23:15.413722+00', 'contradicted: charge was asked for the amount 3998 USD, the participant says 1 USD', false);
INSERT INTO public.order_work VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-30 01:23:16.300971+00', NULL, '2026-11-30 01:23:15.220986+00', 0, 0, NULL, false, '2026-11-30 01:23:15.922963+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud', 2, '2026-11-30 01:23:16.334587+00', '2026-11-30 01:33:15.700565+00', '2026-11-30 01:23:15.700565+00', 0, 0, NULL, false, '2026-11-30 01:23:16.018021+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-30 01:23:16.18813+00', NULL, '2026-11-30 01:23:15.821551+00', 0, 0, NULL, false, '2026-11-30 01:23:16.020382+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift', 6, '2026-11-30 01:23:16.233603+00', NULL, '2026-11-30 01:23:15.797919+00', 0, 0, NULL, false, '2026-11-30 01:23:16.020741+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING', 3, '2026-11-30 01:23:16.222494+00', NULL, '2026-11-30 01:23:15.187341+00', 0, 0, NULL, false, '2026-11-30 01:23:16.021761+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDED-RELEASING', 5, '2026-11-30 01:23:16.241962+00', NULL, '2026-11-30 01:23:15.179101+00', 0, 0, NULL, false, '2026-11-30 01:23:16.021765+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-30 01:23:16.160857+00', NULL, '2026-11-30 01:23:15.879258+00', 0, 0, NULL, false, '2026-11-30 01:23:16.022098+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-30 01:23:16.311043+00', NULL, '2026-11-30 01:23:15.242643+00', 0, 0, NULL, false, '2026-11-30 01:23:16.022539+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-points', 4, '2026-11-30 01:23:16.340847+00', NULL, '2026-11-30 01:23:15.7366+00', 0, 0, NULL, false, '2026-11-30 01:23:16.12833+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-30 01:23:16.329411+00', NULL, '2026-11-30 01:23:15.757573+00', 0, 0, NULL, false, '2026-11-30 01:23:16.130034+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-30 01:23:16.454156+00', '2026-11-30 01:33:15.715515+00', '2026-11-30 01:23:15.715516+00', 0, 0, NULL, false, '2026-11-30 01:23:16.130846+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING', 6, '2026-11-30 01:23:16.379325+00', NULL, '2026-11-30 01:23:15.848667+00', 0, 0, NULL, false, '2026-11-30 01:23:16.131255+00', 'accepted, and not decided yet', false);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES ('LOCAL-AUTHORIZED', -1943141157014149729, 3998, '2026-11-30 01:23:14.346649+00', '2026-11-30 01:23:14.346649+00', 3, 1, 0, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0141ae14c5240459fc0cfc5a54480569b60c41f3faaa3238592602d692c2ea86f1', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-KEYED', -4564015206379277254, 3998, '2026-11-30 01:23:14.349554+00', '2026-11-30 01:23:14.349554+00', 5, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-KEYED","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-SHORT', -631265130624470801, 3998, '2026-11-30 01:23:14.355953+00', '2026-11-30 01:23:14.355953+00', 3, 1, 0, 409, 'CANCELLED', 'rejected', 'none', 'USD', 'anonymous', 'cus-7', '\x01f2aa6b762f9f104f245ec37e3fd2f433a1a92558c97ad9ce84dc541fa14b6577', '[{"sku":"LITTLE","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of LITTLE; nothing was charged","code":"out_of_stock","order_id":"LOCAL-SHORT","final":true,"shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, '{"code":"out_of_stock","shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL', -9149248604117914325, 3998, '2026-11-30 01:23:14.327857+00', '2026-11-30 01:23:14.360488+00', 7, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('DECLINED', -7134249019507259195, 3998, '2026-11-30 01:23:14.480456+00', '2026-11-30 01:23:14.489193+00', 5, 1, 7, 402, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01667db6feee982def1b7a297833c70597a3331dee76b5fe2f06235a5c134a65f7', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_declined","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:payment_declined","title":"Payment declined","status":402,"detail":"the payment was declined; the stock was released and nothing was charged","code":"payment_declined","order_id":"DECLINED","final":true,"reason":"card_declined","compensations":["inventory.released"]}', NULL, '{"code":"payment_declined","reason":"card_declined"}', NULL, 'rsv_a6a5f8df7de756aeae7d69865ce38c91');
INSERT INTO public.orders VALUES ('UNSHIPPED', -9116654499437055072, 3998, '2026-11-30 01:23:14.491358+00', '2026-11-30 01:23:14.50289+00', 7, 1, 7, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_8e60e5343d0d57b48ac7eb1e0c227bdd');
INSERT INTO public.orders VALUES ('AUTHORIZED', 7395913312825359401, 3998, '2026-11-30 01:23:14.505491+00', '2026-11-30 01:23:14.509965+00', 3, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_65c37abff4375821bbb9cddf22660105');
INSERT INTO public.orders VALUES ('CAPTURED', -653192146444231317, 3998, '2026-11-30 01:23:14.511877+00', '2026-11-30 01:23:14.541063+00', 9, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_055efb35ba0e5bbf906b76c54994cbbf', NULL, NULL, 'rsv_5967372b18e75282bc95ed177a4dc130');
INSERT INTO public.orders VALUES ('DONE', 2537728135275402654, 3998, '2026-11-30 01:23:14.45264+00', '2026-11-30 01:23:14.477677+00', 5, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"DONE","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', 'shp_e9072923d637535a85a46f5de5db3eb8', NULL, NULL, 'rsv_5d6681b4a27c560088146010785c3647');
INSERT INTO public.orders VALUES ('CHARGING-LOST', -2058401753760909860, 3998, '2026-11-30 01:23:14.647403+00', '2026-11-30 01:23:14.656517+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_c2686e5352295ece9b70df1a1cff074e');
INSERT INTO public.orders VALUES ('AUTHORIZING', 5797011082916612940, 3998, '2026-11-30 01:23:14.664715+00', '2026-11-30 01:23:14.673568+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_81e84ae6f7615f39bd432952420de4e8');
INSERT INTO public.orders VALUES ('CALLED-OFF', -1330276191637132510, 3998, '2026-11-30 01:23:14.546205+00', '2026-11-30 01:23:14.561367+00', 7, 1, 7, 201, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CALLED-OFF","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_e22d0e12a9a55d11867905e6ce886666');
INSERT INTO public.orders VALUES ('RESERVING', 727008046512287550, 3998, '2026-11-30 01:23:14.597084+00', '2026-11-30 01:23:14.597084+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-IN-EFFECT', -6937007146546624004, 3998, '2026-11-30 01:23:14.600314+00', '2026-11-30 01:23:14.600314+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-LOST', -6383210359177819134, 3998, '2026-11-30 01:23:14.603335+00', '2026-11-30 01:23:14.603335+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING', 5797583172983975025, 3998, '2026-11-30 01:23:14.617+00', '2026-11-30 01:23:14.62229+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_74601d156b405f56ae81837f34d4cdb0');
INSERT INTO public.orders VALUES ('CHARGING-IN-EFFECT', 7642195441430007832, 3998, '2026-11-30 01:23:14.631765+00', '2026-11-30 01:23:14.635226+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_59c13f94d00457f9be420c0fa1976a17');
INSERT INTO public.orders VALUES ('AUTHORIZING-IN-EFFECT', -1255427081475363685, 3998, '2026-11-30 01:23:14.683221+00', '2026-11-30 01:23:14.693602+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_357e71256210503d9bf6013490972e7f');
INSERT INTO public.orders VALUES ('SHIPPING-IN-EFFECT', 7909023932805321859, 3998, '2026-11-30 01:23:14.728677+00', '2026-11-30 01:23:14.735144+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_d3788f7663065162b9f3713eb64b2c80');
INSERT INTO public.orders VALUES ('AUTHORIZING-LOST', -9046905372528269649, 3998, '2026-11-30 01:23:14.699204+00', '2026-11-30 01:23:14.705974+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_9e48af53e1ae5091b19031892ef426da');
INSERT INTO public.orders VALUES ('SHIPPING', 465889621022454592, 3998, '2026-11-30 01:23:14.713131+00', '2026-11-30 01:23:14.720266+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_f46a264abe5450a1a0e7666b50e16b5f');
INSERT INTO public.orders VALUES ('SHIPPING-LOST', -1033753077465140334, 3998, '2026-11-30 01:23:14.743838+00', '2026-11-30 01:23:14.749626+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_b0be771d084653e1ac91e95b2f5d6028');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING', -2198201450483279976, 3998, '2026-11-30 01:23:14.823149+00', '2026-11-30 01:23:14.837522+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_e60554a18f5756b3a888dc4e694ecaac');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING', -9024366218134459214, 3998, '2026-11-30 01:23:14.852343+00', '2026-11-30 01:23:14.867636+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_c640491b5a055ef4afe7aa01ea10775c');
INSERT INTO public.orders VALUES ('CAPTURING', 1177656326805826863, 3998, '2026-11-30 01:23:14.75752+00', '2026-11-30 01:23:14.794986+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_bf7a43a0f1bf5162978d58fcd67f6936');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', -3126754946357873336, 3998, '2026-11-30 01:23:15.121383+00', '2026-11-30 01:23:15.12504+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 8624857647222744886, 3998, '2026-11-30 01:23:15.015452+00', '2026-11-30 01:23:15.032699+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_36ac3e4ef052543aa48594da0a409a27');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE', -3451483507668194312, 3998, '2026-11-30 01:23:14.765092+00', '2026-11-30 01:23:14.809033+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_0cbe9825446a58a2a724a38c2b83345b', NULL, NULL, 'rsv_bc4a09d4bc6d53d8ad6a80a21b172b23');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 4140883291128770424, 3998, '2026-11-30 01:23:15.047626+00', '2026-11-30 01:23:15.063019+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_eb44e85ff6105eca96caa3212ceb49bc');
INSERT INTO public.orders VALUES ('REFUNDING', -4664341832666303372, 3998, '2026-11-30 01:23:15.139665+00', '2026-11-30 01:23:15.151288+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_512e6d718ff45fe190c91f48f50f43a0');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING', 2879895176849395302, 3998, '2026-11-30 01:23:14.882907+00', '2026-11-30 01:23:14.903246+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_a2ab421e3f795ac1992c7cf09b1f79d2');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING', 940481187849220407, 3998, '2026-11-30 01:23:14.923385+00', '2026-11-30 01:23:14.938586+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE-IN-EFFECT', -4261410075350585611, 3998, '2026-11-30 01:23:14.965068+00', '2026-11-30 01:23:14.999169+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_2215ff03e32d5ba9b8d8bb1ff1ef2f59', NULL, NULL, 'rsv_cbaba40dd06c537496bcb303e88560b4');
INSERT INTO public.orders VALUES ('CAPTURING-IN-EFFECT', -7991165939781967388, 3998, '2026-11-30 01:23:14.954278+00', '2026-11-30 01:23:14.972571+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_d9a5be04e7f15ab08eb97a539246f5a4');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', -5054034127260727480, 3998, '2026-11-30 01:23:15.07948+00', '2026-11-30 01:23:15.106576+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_360d3d6a11985faeaebd7b1b98713d4d');
INSERT INTO public.orders VALUES ('SKIPPED', 2746693401539573591, 3998, '2026-11-30 01:23:15.308624+00', '2026-11-30 01:23:15.389924+00', 8, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"SKIPPED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_b4d7f369b59a531fa7e0e81d21ed42c2');
INSERT INTO public.orders VALUES ('REFUNDING-IN-EFFECT', 2199950822145245428, 3998, '2026-11-30 01:23:15.155091+00', '2026-11-30 01:23:15.161828+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_38a7c353d1845c22a7bd27c5e46013e4');
INSERT INTO public.orders VALUES ('REFUNDED-RELEASING', 6288466685730371034, 3998, '2026-11-30 01:23:15.168719+00', '2026-11-30 01:23:15.178166+00', 5, 1, 7, NULL, 'COMPENSATING', 'releasing', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_09a3871bd2565353a4912aa15068c713');
INSERT INTO public.orders VALUES ('CALLED-OFF-UNSHIPPED', -1099186234945279986, 3998, '2026-11-30 01:23:15.223406+00', '2026-11-30 01:23:15.241877+00', 5, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelled', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_e5258f7733875b74b49b1605d2103451');
INSERT INTO public.orders VALUES ('RELEASING', -4752646150342603975, 3998, '2026-11-30 01:23:15.182091+00', '2026-11-30 01:23:15.186679+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_90e60aec149155f5a56f52be3fa8e36e');
INSERT INTO public.orders VALUES ('RELEASING-IN-EFFECT', -3562408409175773875, 3998, '2026-11-30 01:23:15.195428+00', '2026-11-30 01:23:15.220127+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_d11ce102f44f5a8ba5399d351ebcda84');
INSERT INTO public.orders VALUES ('CONTRADICTED', 2570475392834278993, 3998, '2026-11-30 01:23:15.402591+00', '2026-11-30 01:23:15.412906+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, '{"reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","since":"2026-11-30T01:23:15.412906Z","contradicted":true}', 'rsv_ee7e4edb3ae958418c257aa0e85d1988');
INSERT INTO public.orders VALUES ('CALLED-OFF-VOIDED', 1773900580369243136, 3998, '2026-11-30 01:23:15.255286+00', '2026-11-30 01:23:15.274152+00', 4, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_f8d432cc27f1543d8fda760464186a3b');
INSERT INTO public.orders VALUES ('WAITING', -1107158680563119931, 3998, '2026-11-30 01:23:15.284333+00', '2026-11-30 01:23:15.303933+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', '{"reason":"void was refused: not_today","since":"2026-11-30T01:23:15.303933Z"}', 'rsv_e61f71d029b659e09d9047da35a0daef');
INSERT INTO public.orders VALUES ('FORCED', 3494729430929772962, 3998, '2026-11-30 01:23:15.343009+00', '2026-11-30 01:23:15.39167+00', 6, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"FORCED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_9d9f9f233aa85fcd838e79677786b865');
INSERT INTO public.orders VALUES ('STEPS-UNSHIPPED', -4336254838340550931, 3998, '2026-11-30 01:23:15.633668+00', '2026-11-30 01:23:15.686901+00', 10, 2, 15, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"STEPS-UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["step.undone","payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_0d126d46387c5e46a3564e306d2d0ce3');
INSERT INTO public.orders VALUES ('STEP-fraud', 4850509966613000780, 3998, '2026-11-30 01:23:15.694239+00', '2026-11-30 01:23:15.699091+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_9bfadf6736625d6081bc68e04e5bb48f');
INSERT INTO public.orders VALUES ('STEPS', 1141373353147217276, 3998, '2026-11-30 01:23:15.540961+00', '2026-11-30 01:23:15.631003+00', 8, 2, 15, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"STEPS","state":"COMPLETED","version":8,"amount":3998,"currency":"USD"}', 'shp_9d1b5cc25d6e52f2a48ba87e4fbef4a3', NULL, NULL, 'rsv_37b7819bd5c351b0a22ac1ccd738cdcc');
INSERT INTO public.orders VALUES ('STEPS-REFUSED', -6007271709978373531, 3998, '2026-11-30 01:23:15.690701+00', '2026-11-30 01:23:15.706291+00', 5, 2, 15, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01a08b558fc4133971549e1cb186d4aa9fa3fcc715cc5494ed6d0a9f41a05e6531', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"},"metadata":{"fraud":"refused"}}', '{"type":"urn:counterfoil:problem:step_refused","title":"Step refused","status":409,"detail":"the step fraud refused the order; what was done was undone","code":"step_refused","order_id":"STEPS-REFUSED","final":true,"step":"fraud","reason":"refused","compensations":["inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"participant","detail":"refused","step":"fraud"}', NULL, 'rsv_7ab7eb8194685e96bcff1647ff6beeb2');
INSERT INTO public.orders VALUES ('STEP-fraud-IN-EFFECT', -1037070060899975736, 3998, '2026-11-30 01:23:15.711622+00', '2026-11-30 01:23:15.714634+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_c9614a6bcbc458039625816fda0b523e');
INSERT INTO public.orders VALUES ('STEP-points', 8848798892386913804, 3998, '2026-11-30 01:23:15.725907+00', '2026-11-30 01:23:15.735906+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_3aac8bcb6a7e59c8bb05c7c043b20e35');
INSERT INTO public.orders VALUES ('STEP-UNDOING', 9134824765491046901, 3998, '2026-11-30 01:23:15.833718+00', '2026-11-30 01:23:15.847991+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_2961e135598a552c9bf8055b697e6ff9');
INSERT INTO public.orders VALUES ('STEP-points-IN-EFFECT', 1630591117518087242, 3998, '2026-11-30 01:23:15.741866+00', '2026-11-30 01:23:15.756705+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_a2517081683e5a438c12c118c574fb7c');
INSERT INTO public.orders VALUES ('STEP-gift-IN-EFFECT', 1103068929447414492, 3998, '2026-11-30 01:23:15.80804+00', '2026-11-30 01:23:15.820877+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_2a1d017e11f8554198721e1e3ec1b34b', NULL, NULL, 'rsv_1651d94c67f853d9b19b8e7a8f643a44');
INSERT INTO public.orders VALUES ('STEP-gift', 7211018543508798716, 3998, '2026-11-30 01:23:15.769211+00', '2026-11-30 01:23:15.79734+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_060bb78db7535d3a8c020782e08c6c23', NULL, NULL, 'rsv_19d84e3e1c435a22b99e460360bc949f');
INSERT INTO public.orders VALUES ('STEP-UNDOING-IN-EFFECT', -6224393707775353190, 3998, '2026-11-30 01:23:15.860078+00', '2026-11-30 01:23:15.8784+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_0d54169b956052e082ba6f75cd89d18c');


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
INSERT INTO public.payments VALUES ('DONE', 'charged', false, true, 3998, 3998, 0, 'ch_1ff606213a9a5e09be05a7e95bf0025e', NULL);
INSERT INTO public.payments VALUES ('DECLINED', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_3d8818e58aab58dba9f46d5ca264c585', NULL);
INSERT INTO public.payments VALUES ('AUTHORIZED', 'authorized', false, true, 3998, 0, 0, 'auth_8b0413628fdf5b2892cf66b961b12814', NULL);
INSERT INTO public.payments VALUES ('CAPTURED', 'charged', false, true, 3000, 3000, 1, 'auth_8e2f29ccb8d05d3f9e37cbf9957c299f', 'cap_5adc839fdfb859e8866a77b4a8a17197');
INSERT INTO public.payments VALUES ('CALLED-OFF', 'voided', false, true, 3998, 0, 0, 'auth_d608cc72cbac5ceb9f6be8b9f3e381e3', NULL);
INSERT INTO public.payments VALUES ('CHARGING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_3395449756395265b860fdfa3877dbb6', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_e1167830af9d599ab2aaaa51617a5516', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-LOST', 'charged', false, true, 3998, 3998, 0, 'ch_4aaa3e02acad591181b3fb0df5430229', NULL);
INSERT INTO public.payments VALUES ('CAPTURING', 'capturing', false, true, 2000, 0, 0, 'auth_2a54d7572ab45c6f8859b143ea87977e', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE', 'charged', false, true, 2000, 2000, 500, 'auth_b3b0fd82944459888966d6d4b5dd576e', 'cap_6f9ed82917b25b4c81c4ee68fdcb6262');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_d165c68c62725a3985b3ac975b91a1a7', NULL);
INSERT INTO public.payments VALUES ('CAPTURING-IN-EFFECT', 'capturing', false, true, 2000, 0, 0, 'auth_7c5018e3cceb59d4bfe8aef8d339f8d0', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 'charged', false, true, 2000, 2000, 500, 'auth_e60c6f51b6a351dc84fecea2509a32f1', 'cap_15803a2d45fb558e837d41a29d82839c');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDING', 'refunding', false, true, 3998, 3998, 3998, 'ch_420a1a41449a576d863bd9425ed6da22', NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-VOIDED', 'voided', false, false, 3998, 3998, 3998, NULL, NULL);
INSERT INTO public.payments VALUES ('WAITING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('FORCED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_ed494c4ee3e15873a3cf9be48de713bb', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-IN-EFFECT', 'refunding', false, true, 3998, 3998, 3998, 'ch_18c447b613e852bbb9bc5ce4c4e151a4', NULL);
INSERT INTO public.payments VALUES ('REFUNDED-RELEASING', 'refunded', false, true, 3998, 3998, 3998, 'ch_6ca47bec7f3e5015901e3002b08a4e1b', NULL);
INSERT INTO public.payments VALUES ('RELEASING', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('RELEASING-IN-EFFECT', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-UNSHIPPED', 'refunding', false, true, 3998, 3998, 3998, 'ch_a565623b71455391b42c3078dbb19239', NULL);
INSERT INTO public.payments VALUES ('SKIPPED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CONTRADICTED', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('STEPS', 'charged', false, true, 3998, 3998, 0, 'ch_b4aca94023635578935ad7bcd02ceec9', NULL);
INSERT INTO public.payments VALUES ('STEPS-UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_2083fa863b345a688407785a7f4d4293', NULL);
INSERT INTO public.payments VALUES ('STEP-points', 'charged', false, true, 3998, 3998, 0, 'ch_5cf120b3c0a156e88fcf263e6f484f2b', NULL);
INSERT INTO public.payments VALUES ('STEP-points-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_decb4b4f8e8d5555b649f2122effdcf1', NULL);
INSERT INTO public.payments VALUES ('STEP-gift', 'charged', false, true, 3998, 3998, 0, 'ch_2514151f0d8c58c7a9ef86194ad9e555', NULL);
INSERT INTO public.payments VALUES ('STEP-gift-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_f4c3f2e4afb45906ba404636339809e3', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING', 'charged', false, true, 3998, 3998, 0, 'ch_2e68c3e5f4db525f8f824693b2e1c15d', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_da6f4ff5ff9c591d8a008d75882b9f11', NULL);


--
-- Data for Name: pruned_orders; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: prunes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refinery_schema_history; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refinery_schema_history VALUES (1, 'foundation', '2026-11-30T01:23:14.029330108Z', '4295920499872568406');
INSERT INTO public.refinery_schema_history VALUES (2, 'remote_legs', '2026-11-30T01:23:14.046506303Z', '4461716305316383968');
INSERT INTO public.refinery_schema_history VALUES (3, 'inbox_purge', '2026-11-30T01:23:14.059061756Z', '15236599358920140796');
INSERT INTO public.refinery_schema_history VALUES (4, 'hot_orders', '2026-11-30T01:23:14.060163517Z', '14077514177569390261');
INSERT INTO public.refinery_schema_history VALUES (5, 'work_clock', '2026-11-30T01:23:14.061983753Z', '66626004372663131');
INSERT INTO public.refinery_schema_history VALUES (6, 'adoption', '2026-11-30T01:23:14.062676178Z', '9824958181989533634');
INSERT INTO public.refinery_schema_history VALUES (7, 'seals', '2026-11-30T01:23:14.063875654Z', '10932443199574537219');
INSERT INTO public.refinery_schema_history VALUES (8, 'free_returns', '2026-11-30T01:23:14.065565787Z', '6232638002878772191');
INSERT INTO public.refinery_schema_history VALUES (9, 'order_keys', '2026-11-30T01:23:14.066158024Z', '5398404707342241265');
INSERT INTO public.refinery_schema_history VALUES (10, 'feed', '2026-11-30T01:23:14.068577978Z', '10549446667388425250');
INSERT INTO public.refinery_schema_history VALUES (11, 'leases', '2026-11-30T01:23:14.074665542Z', '3922018200371891248');
INSERT INTO public.refinery_schema_history VALUES (12, 'relays', '2026-11-30T01:23:14.076963625Z', '10509368159252890779');
INSERT INTO public.refinery_schema_history VALUES (13, 'webhooks', '2026-11-30T01:23:14.08380773Z', '4809684204427590768');
INSERT INTO public.refinery_schema_history VALUES (14, 'outbox_table', '2026-11-30T01:23:14.092060601Z', '3049699243693499359');
INSERT INTO public.refinery_schema_history VALUES (15, 'divisions', '2026-11-30T01:23:14.096267901Z', '11174637611968049349');
INSERT INTO public.refinery_schema_history VALUES (16, 'retention', '2026-11-30T01:23:14.09923153Z', '14980537811028063259');
INSERT INTO public.refinery_schema_history VALUES (17, 'prune_seals', '2026-11-30T01:23:14.104196522Z', '7396560070373730904');
INSERT INTO public.refinery_schema_history VALUES (18, 'steps', '2026-11-30T01:23:14.107057088Z', '11371614449618114604');
INSERT INTO public.refinery_schema_history VALUES (19, 'payments_key', '2026-11-30T01:23:14.113512097Z', '11921530793308252156');
INSERT INTO public.refinery_schema_history VALUES (20, 'one_clock', '2026-11-30T01:23:14.119088234Z', '16413124176786579960');
INSERT INTO public.refinery_schema_history VALUES (21, 'clock_for_all_roles', '2026-11-30T01:23:14.122666914Z', '1875293701214428464');


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

INSERT INTO public.saga_definitions VALUES (1, '\xa4379c364b1642ee270e4b54d0dd645de7c3215ce5362472175e5fed8dcdc086', '{"steps":[{"name":"inventory","kind":"http"},{"name":"fraud","kind":"http","action":"run","refusal":"step_refused","deadline_ms":600000},{"name":"payment","kind":"http"},{"name":"points","kind":"http","action":"run","undo":"undo","refusal":"step_refused"},{"name":"shipment","kind":"http"},{"name":"gift","kind":"http","action":"run","refusal":"step_refused"}],"pivot":"shipment"}', '2026-11-30 01:23:15.597579+00');


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

\unrestrict WqfU9lpO0hbGfqcAiMighJmVSzAlIqbjboXQxZSJPTYBJCptuoS2IKlxxRaZv1U

