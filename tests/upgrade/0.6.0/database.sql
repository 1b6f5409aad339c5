--
-- PostgreSQL database dump
--

\restrict kIHMVBVKoyaYVbe0w98P8K8fuUSHoAvspYmJewxuGycCQZHDpgw9GEfUIlxJpdE

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
    heartbeat_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
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

INSERT INTO public.deployment VALUES (true, '4fbc0c72-c1d6-4f58-89cb-1c27d5d9c987', 18, '0.6.0', '2026-11-29 19:40:59.433702+00', 'default', 7713680770758250501, 16717, '[]', NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: epochs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.epochs VALUES (3635740, 7713680770758250501, '00000001', 16384, 16430, '2026-11-29 19:40:59.402679+00');
INSERT INTO public.epochs VALUES (3635741, 7713680770758250501, '00000001', 16717, 16430, '2026-11-29 19:40:59.594857+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders', 'k-1', 'LOCAL-KEYED', -1295896481588168884, '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', NULL, NULL, '2026-11-29 19:40:59.608906+00', '\x69ae3bb2e8c99f88');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/LOCAL/refunds', 'refunds-of-LOCAL', 'LOCAL', -4942696540944293410, '\x01f8c203b76156247885393da010c2184b3c39c8b7b2b71714064b9f84f21d24f1', 201, '{"captured":3998,"currency":"USD","order_id":"LOCAL","refund":{"amount":1999,"reason":"too small","restock":[{"quantity":1,"sku":"S"}]},"refunded":1999,"state":"COMPLETED","version":7}', '2026-11-29 19:40:59.623982+00', '\xca9cb8e26845e462');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/capture', 'capture-of-CAPTURED', 'CAPTURED', -4870333673141928561, '\x0117951ca09d7faba3ea92e4256534b0f1d3ef486735289e83e39dc26f22a9bd8f', 201, '{"order_id":"CAPTURED","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 19:40:59.795574+00', '\xd8d71ec83c9d5e65');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/refunds', 'refunds-of-CAPTURED', 'CAPTURED', 5482584020183621253, '\x011c39f43c1b781a24445be90e100625cdc53df8488acc417ce6912b48c395621c', 201, '{"captured":3000,"currency":"USD","order_id":"CAPTURED","refund":{"amount":1,"reason":"late","restock":[]},"refunded":1,"state":"COMPLETED","version":9}', '2026-11-29 19:40:59.810488+00', '\xdad7bb365b699a43');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/DONE/cancel', 'too-late', 'DONE', 7929767753301269786, '\x01a22002bc4a95124c0c6d865923cefbff934b9c5ae709aed1db8ae163dfdd9ed2', 409, '{"type":"urn:counterfoil:problem:wrong_state","title":"Wrong state","status":409,"detail":"cancel: not while the order is COMPLETED","code":"wrong_state","order_id":"DONE","state":"COMPLETED","final":true}', '2026-11-29 19:40:59.819556+00', '\x0cadb2a6d04f8fb1');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF/cancel', 'cancel-of-CALLED-OFF', 'CALLED-OFF', 3536735288593535547, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"CALLED-OFF","state":"CANCELLED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 19:40:59.829122+00', '\xb569c7dd20260792');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING/capture', 'capture-of-CAPTURING', 'CAPTURING', -7827477033263640462, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 19:41:00.038134+00', '\x94f24ecf92b912fa');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/capture', 'capture-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -5914301959951188281, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 19:41:00.052501+00', '\xa079cb8cdd8f0454');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/refunds', 'refunds-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -6795715285365689664, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 19:41:00.071329+00', '\xa12932b46c585d09');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING/cancel', 'cancel-of-CALLED-OFF-CHARGING', 'CALLED-OFF-CHARGING', 6076753805445898082, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.104587+00', '\x988b30d600cc1c06');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING', 'CALLED-OFF-AUTHORIZING', 1041788346887729122, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.134344+00', '\xd624dff97e3fcfae');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING/cancel', 'cancel-of-CALLED-OFF-SHIPPING', 'CALLED-OFF-SHIPPING', 3583459175860374402, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.165541+00', '\x16c6d6d432e8d61d');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING/cancel', 'cancel-of-CALLED-OFF-RESERVING', 'CALLED-OFF-RESERVING', 4642883454937139501, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.182898+00', '\x9e5308ab2b547544');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING-IN-EFFECT/capture', 'capture-of-CAPTURING-IN-EFFECT', 'CAPTURING-IN-EFFECT', -1058995505817465089, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 19:41:00.209773+00', '\x4bdc76f45ffc6873');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/capture', 'capture-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', -4457685411730037709, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 19:41:00.224904+00', '\xe3dc1934622054fc');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/refunds', 'refunds-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', -6106083436111645874, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 19:41:00.240011+00', '\x18332983555b5a07');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-CHARGING-IN-EFFECT', 'CALLED-OFF-CHARGING-IN-EFFECT', 6304695285998875678, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.267115+00', '\x7c5d260b5651d210');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING-IN-EFFECT', 'CALLED-OFF-AUTHORIZING-IN-EFFECT', 6429473911782440189, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.296046+00', '\xf11ac288cd8a5b16');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-SHIPPING-IN-EFFECT', 'CALLED-OFF-SHIPPING-IN-EFFECT', -1300479263377167176, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.326454+00', '\x7d1db6db935fa57e');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-RESERVING-IN-EFFECT', 'CALLED-OFF-RESERVING-IN-EFFECT', 6492082342529598702, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.347486+00', '\x3e137145cf991b54');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-UNSHIPPED/cancel', 'cancel-of-CALLED-OFF-UNSHIPPED', 'CALLED-OFF-UNSHIPPED', 9185211559301667991, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.457971+00', '\x355554db18bc2b73');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-VOIDED/cancel', 'cancel-of-CALLED-OFF-VOIDED', 'CALLED-OFF-VOIDED', -6151424182629093991, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.485903+00', '\x076901f2a8e0b0e3');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/WAITING/cancel', 'cancel-of-WAITING', 'WAITING', 3767602512275849720, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 19:41:00.51539+00', '\x3f8c147adeb73ef9');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/FORCED/cancel', 'cancel-of-FORCED', 'FORCED', 8094963855207098575, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"FORCED","state":"CANCELLED","version":6,"amount":3998,"currency":"USD"}', '2026-11-29 19:41:00.560815+00', '\x6a00db2f1ae693a2');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/SKIPPED/cancel', 'cancel-of-SKIPPED', 'SKIPPED', 5393735385896598814, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"SKIPPED","state":"CANCELLED","version":8,"amount":3998,"currency":"USD"}', '2026-11-29 19:41:00.53785+00', '\x4134977d415d8c85');


--
-- Data for Name: inventory; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory VALUES ('LITTLE', 1, 0);
INSERT INTO public.inventory VALUES ('S', 97, 2);


--
-- Data for Name: inventory_journal; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory_journal VALUES ('S', '38e5c39c-0395-495b-b5a8-39142236a718', 100, 'created', 'anonymous', '2026-11-29 19:40:59.578038+00', NULL, '\xdfa4ae00243e5272');
INSERT INTO public.inventory_journal VALUES ('LITTLE', '1ed57108-473a-41dd-80c7-f5819e7d2c57', 1, 'created', 'anonymous', '2026-11-29 19:40:59.582675+00', NULL, '\xeecf499846b00f45');
INSERT INTO public.inventory_journal VALUES ('S', '208625ee-0f4d-4566-ad00-9d7ed944c08d', 1, 'restock of refund refunds-of-LOCAL', 'anonymous', '2026-11-29 19:40:59.626036+00', 'LOCAL', '\xb0e85a52b51a2fb7');


--
-- Data for Name: nodes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.nodes VALUES ('7a37d57c-4941-439a-a76b-70d04549692f', '127.0.0.1:37157', '0.6.0', 'up', '2026-11-29 19:40:59.568287+00', '2026-11-29 19:40:59.568287+00');
INSERT INTO public.nodes VALUES ('929cd3dd-58f7-4ae6-ae6b-219f5ee3dbd8', '127.0.0.1:36761', '0.6.0', 'gone', '2026-11-29 19:40:59.691465+00', '2026-11-29 19:41:00.608902+00');
INSERT INTO public.nodes VALUES ('74a58b95-a41e-4c9e-b557-b42fbfdf08bf', '127.0.0.1:35157', '0.6.0', 'gone', '2026-11-29 19:41:00.682304+00', '2026-11-29 19:41:01.154313+00');


--
-- Data for Name: operator_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_log VALUES ('SKIPPED', 'db8b923a-49c4-409e-9a29-250ed60d281a', '2026-11-29 19:41:00.571138+00', 'anonymous', 'skip', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T19:41:00.540569Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"COMPENSATING","version":6}');
INSERT INTO public.operator_log VALUES ('FORCED', '75895433-8533-4091-b16c-3ab7f3b24098', '2026-11-29 19:41:00.576778+00', 'anonymous', 'force-cancel', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T19:41:00.563558Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"CANCELLED","version":6}');


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_events VALUES ('LOCAL', 1, '2026-11-29 19:40:59.587588+00', '779', '[{"type":"order.created","seal":"RN-U"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635741);
INSERT INTO public.order_events VALUES ('LOCAL-AUTHORIZED', 1, '2026-11-29 19:40:59.605742+00', '780', '[{"type":"order.created","seal":"OP8-"},{"type":"inventory.reserved"},{"type":"payment.authorized"}]', 3635741);
INSERT INTO public.order_events VALUES ('LOCAL-KEYED', 1, '2026-11-29 19:40:59.608347+00', '781', '[{"type":"order.created","seal":"Qrcj"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635741);
INSERT INTO public.order_events VALUES ('LOCAL-SHORT', 1, '2026-11-29 19:40:59.616177+00', '783', '[{"type":"order.created","seal":"h1Jo"},{"type":"inventory.rejected","shortages":[{"sku":"LITTLE","requested":2,"available":1}]},{"type":"order.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('LOCAL', 6, '2026-11-29 19:40:59.62297+00', '784', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-LOCAL","amount":1999,"reason":"too small","restock":[{"sku":"S","quantity":1}]},{"type":"payment.refunded","amount":1999,"refund":{"client":"anonymous","key":"refunds-of-LOCAL"}}]', 3635741);
INSERT INTO public.order_events VALUES ('DONE', 1, '2026-11-29 19:40:59.706236+00', '786', '[{"type":"order.created","seal":"_QGZ"}]', 3635741);
INSERT INTO public.order_events VALUES ('DONE', 2, '2026-11-29 19:40:59.725341+00', '787', '[{"type":"inventory.reserved","reference":"rsv_bdafe5f1ef205794a28274ea9caa5bb1"}]', 3635741);
INSERT INTO public.order_events VALUES ('DONE', 3, '2026-11-29 19:40:59.730088+00', '788', '[{"type":"payment.charged","amount":3998,"reference":"ch_ec48035d143258b49646f59ff4294252"}]', 3635741);
INSERT INTO public.order_events VALUES ('DONE', 4, '2026-11-29 19:40:59.733522+00', '789', '[{"type":"shipment.created","reference":"shp_fe0674ad9e0355d2b3bd5649bbea66a8"},{"type":"order.completed"}]', 3635741);
INSERT INTO public.order_events VALUES ('DECLINED', 1, '2026-11-29 19:40:59.736373+00', '790', '[{"type":"order.created","seal":"Oz0e"}]', 3635741);
INSERT INTO public.order_events VALUES ('DECLINED', 2, '2026-11-29 19:40:59.738554+00', '791', '[{"type":"inventory.reserved","reference":"rsv_6379e99b3aa05ee5b07569c078db4a04"}]', 3635741);
INSERT INTO public.order_events VALUES ('DECLINED', 3, '2026-11-29 19:40:59.740761+00', '792', '[{"type":"payment.declined","reason":"card_declined"}]', 3635741);
INSERT INTO public.order_events VALUES ('DECLINED', 4, '2026-11-29 19:40:59.744727+00', '793', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 1, '2026-11-29 19:40:59.746678+00', '794', '[{"type":"order.created","seal":"Ls12"}]', 3635741);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 2, '2026-11-29 19:40:59.748833+00', '795', '[{"type":"inventory.reserved","reference":"rsv_d7f967f05c9d5d1d9f4b1d538da6cedb"}]', 3635741);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 3, '2026-11-29 19:40:59.750823+00', '796', '[{"type":"payment.charged","amount":3998,"reference":"ch_c68951c209ff5bc08126b035608b0c2a"}]', 3635741);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 4, '2026-11-29 19:40:59.75284+00', '797', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3635741);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 5, '2026-11-29 19:40:59.75559+00', '798', '[{"type":"payment.refunded","amount":3998}]', 3635741);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 6, '2026-11-29 19:40:59.758136+00', '799', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 1, '2026-11-29 19:40:59.759874+00', '800', '[{"type":"order.created","seal":"Il5C"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 2, '2026-11-29 19:40:59.761694+00', '801', '[{"type":"inventory.reserved","reference":"rsv_36cdd277a2815c91bb830e96ac6f3155"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 3, '2026-11-29 19:40:59.763766+00', '802', '[{"type":"payment.authorized","reference":"auth_0d03f118613b56e28c8880da15834a5d","expires_in_ms":604798997}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURED', 1, '2026-11-29 19:40:59.765411+00', '803', '[{"type":"order.created","seal":"CuhO"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURED', 2, '2026-11-29 19:40:59.767237+00', '804', '[{"type":"inventory.reserved","reference":"rsv_28bd492687a25e8e808d1920003498c9"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURED', 3, '2026-11-29 19:40:59.769164+00', '805', '[{"type":"payment.authorized","reference":"auth_310daca650e8589da54bf2a58a3a3d3f","expires_in_ms":604798998}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURED', 4, '2026-11-29 19:40:59.794421+00', '806', '[{"type":"payment.capturing","amount":3000}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURED', 5, '2026-11-29 19:40:59.799758+00', '807', '[{"type":"payment.charged","amount":3000,"reference":"cap_46f13e4fa50d5656931f8e437253dd5a"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURED', 6, '2026-11-29 19:40:59.805449+00', '808', '[{"type":"shipment.created","reference":"shp_102b3bc0265c55e68797c6c0db1cd52a"},{"type":"order.completed"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURED', 8, '2026-11-29 19:40:59.809396+00', '809', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-CAPTURED","amount":1,"reason":"late"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURED', 9, '2026-11-29 19:40:59.814503+00', '810', '[{"type":"payment.refunded","amount":1,"refund":{"client":"anonymous","key":"refunds-of-CAPTURED"}}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 1, '2026-11-29 19:40:59.820603+00', '812', '[{"type":"order.created","seal":"uq-s"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 2, '2026-11-29 19:40:59.823538+00', '813', '[{"type":"inventory.reserved","reference":"rsv_78205e9764f3564cb06b92073dc189cd"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 3, '2026-11-29 19:40:59.826001+00', '814', '[{"type":"payment.authorized","reference":"auth_4d6250d59fb0561a954b4bc3955741a6","expires_in_ms":604798997}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 4, '2026-11-29 19:40:59.828358+00', '815', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 5, '2026-11-29 19:40:59.831345+00', '816', '[{"type":"payment.voided"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 6, '2026-11-29 19:40:59.834083+00', '817', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('RESERVING', 1, '2026-11-29 19:40:59.836055+00', '818', '[{"type":"order.created","seal":"cqNF"}]', 3635741);
INSERT INTO public.order_events VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 19:40:59.837654+00', '819', '[{"type":"order.created","seal":"TU-E"}]', 3635741);
INSERT INTO public.order_events VALUES ('RESERVING-LOST', 1, '2026-11-29 19:40:59.85146+00', '822', '[{"type":"order.created","seal":"6zmU"}]', 3635741);
INSERT INTO public.order_events VALUES ('CHARGING', 1, '2026-11-29 19:40:59.865719+00', '824', '[{"type":"order.created","seal":"kyvs"}]', 3635741);
INSERT INTO public.order_events VALUES ('CHARGING', 2, '2026-11-29 19:40:59.869033+00', '825', '[{"type":"inventory.reserved","reference":"rsv_4a769ce2a9bc5a0abd91e108aefbe8bc"}]', 3635741);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 1, '2026-11-29 19:40:59.879866+00', '827', '[{"type":"order.created","seal":"8qb9"}]', 3635741);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 19:40:59.884038+00', '828', '[{"type":"inventory.reserved","reference":"rsv_54ab8f1671b6506c8e162346a7fbd126"}]', 3635741);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 1, '2026-11-29 19:40:59.894882+00', '830', '[{"type":"order.created","seal":"cYwh"}]', 3635741);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 2, '2026-11-29 19:40:59.898509+00', '831', '[{"type":"inventory.reserved","reference":"rsv_1e012f36cd275783b5b7880efe46fafc"}]', 3635741);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 3, '2026-11-29 19:40:59.900457+00', '832', '[{"type":"payment.unknown"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 1, '2026-11-29 19:40:59.907838+00', '835', '[{"type":"order.created","seal":"tg1r"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 2, '2026-11-29 19:40:59.916236+00', '838', '[{"type":"inventory.reserved","reference":"rsv_bd3ef86f1a9f5d72873a5662c544aac7"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 1, '2026-11-29 19:40:59.925953+00', '841', '[{"type":"order.created","seal":"qEwt"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 19:40:59.933348+00', '842', '[{"type":"inventory.reserved","reference":"rsv_ab5654389bfc513498cc99c6779cdb61"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 1, '2026-11-29 19:40:59.938953+00', '844', '[{"type":"order.created","seal":"BKBV"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 2, '2026-11-29 19:40:59.941145+00', '845', '[{"type":"inventory.reserved","reference":"rsv_6fb4616b1faf5832bda8b3e1708a3817"}]', 3635741);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 19:40:59.942518+00', '846', '[{"type":"payment.unknown"}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING', 1, '2026-11-29 19:40:59.951879+00', '848', '[{"type":"order.created","seal":"ibDY"}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING', 2, '2026-11-29 19:40:59.954292+00', '849', '[{"type":"inventory.reserved","reference":"rsv_3b4b6620f354582381b76735b23eacf3"}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING', 3, '2026-11-29 19:40:59.957859+00', '850', '[{"type":"payment.charged","amount":3998,"reference":"ch_e772b9cb53495c9fb1d10435c0f852a2"}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 1, '2026-11-29 19:40:59.965535+00', '852', '[{"type":"order.created","seal":"OCTh"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 3, '2026-11-29 19:41:00.023271+00', '871', '[{"type":"payment.authorized","reference":"auth_aa7510acaa81598fbbb0e0f59402ae50","expires_in_ms":604798991}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURING', 4, '2026-11-29 19:41:00.037075+00', '873', '[{"type":"payment.capturing","amount":2000}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 4, '2026-11-29 19:41:00.051412+00', '877', '[{"type":"payment.capturing","amount":2000}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 5, '2026-11-29 19:41:00.06121+00', '880', '[{"type":"payment.charged","amount":2000,"reference":"cap_6304ba3025b3511c80a7f59119a96a45"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 6, '2026-11-29 19:41:00.06594+00', '881', '[{"type":"shipment.created","reference":"shp_af4a44dda18357008ada340ce5ea549a"},{"type":"order.completed"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 19:41:00.070326+00', '882', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE","amount":500,"reason":"late"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 1, '2026-11-29 19:41:00.085581+00', '884', '[{"type":"order.created","seal":"1J0h"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 2, '2026-11-29 19:41:00.0896+00', '885', '[{"type":"inventory.reserved","reference":"rsv_a26c929ce2f950bd9733d77503dce61c"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-29 19:41:00.103357+00', '887', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-29 19:41:00.164595+00', '908', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 1, '2026-11-29 19:41:00.179111+00', '910', '[{"type":"order.created","seal":"TXHR"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-29 19:41:00.181823+00', '911', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 1, '2026-11-29 19:41:00.196211+00', '913', '[{"type":"order.created","seal":"n77E"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 2, '2026-11-29 19:41:00.199341+00', '914', '[{"type":"inventory.reserved","reference":"rsv_84b987b195015ad9a4af136f33df8194"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 3, '2026-11-29 19:41:00.201332+00', '915', '[{"type":"payment.authorized","reference":"auth_e301f3eda9b85795a9b634948bfe64dc","expires_in_ms":604798998}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 1, '2026-11-29 19:41:00.202957+00', '916', '[{"type":"order.created","seal":"OSmx"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 2, '2026-11-29 19:41:00.204865+00', '917', '[{"type":"inventory.reserved","reference":"rsv_0f4532e58f075c0ea495f705730c6f18"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 3, '2026-11-29 19:41:00.206901+00', '918', '[{"type":"payment.authorized","reference":"auth_0001a0b0daa15b08a4007e239d33f565","expires_in_ms":604798997}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-29 19:41:00.20886+00', '919', '[{"type":"payment.capturing","amount":2000}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 4, '2026-11-29 19:41:00.223729+00', '922', '[{"type":"payment.capturing","amount":2000}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 5, '2026-11-29 19:41:00.232371+00', '932', '[{"type":"payment.charged","amount":2000,"reference":"cap_94398333c8fc51de8126e9746998782e"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 6, '2026-11-29 19:41:00.23668+00', '936', '[{"type":"shipment.created","reference":"shp_d50e03f708ee51559ded280c6fcd0e6b"},{"type":"order.completed"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-29 19:41:00.239185+00', '937', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE-IN-EFFECT","amount":500,"reason":"late"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 1, '2026-11-29 19:41:00.2524+00', '939', '[{"type":"order.created","seal":"eMGA"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 2, '2026-11-29 19:41:00.255966+00', '940', '[{"type":"inventory.reserved","reference":"rsv_b483cdfb31fc5b57973dffdb05db07e3"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 1, '2026-11-29 19:41:00.310826+00', '949', '[{"type":"order.created","seal":"m03n"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 2, '2026-11-29 19:41:00.314659+00', '950', '[{"type":"inventory.reserved","reference":"rsv_12ad087db27952b3ba8c8f03a1d96d7e"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 3, '2026-11-29 19:41:00.317297+00', '951', '[{"type":"payment.charged","amount":3998,"reference":"ch_319657ab4dac547fb0b1b00797728d41"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-29 19:41:00.325397+00', '953', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 1, '2026-11-29 19:41:00.340738+00', '965', '[{"type":"order.created","seal":"3irj"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-29 19:41:00.346343+00', '969', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 1, '2026-11-29 19:41:00.401578+00', '981', '[{"type":"order.created","seal":"x31Z"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 2, '2026-11-29 19:41:00.405007+00', '982', '[{"type":"inventory.reserved","reference":"rsv_bf4f441fe4ec5ffea14c912516c0409c"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 3, '2026-11-29 19:41:00.407409+00', '983', '[{"type":"payment.charged","amount":3998,"reference":"ch_6a380f595aa05af19f135e07c026cd43"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 4, '2026-11-29 19:41:00.408847+00', '984', '[{"type":"shipment.failed","reason":"not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 19:41:00.411677+00', '985', '[{"type":"payment.refunded","amount":3998}]', 3635741);
INSERT INTO public.order_events VALUES ('RELEASING', 1, '2026-11-29 19:41:00.415447+00', '987', '[{"type":"order.created","seal":"ASLp"}]', 3635741);
INSERT INTO public.order_events VALUES ('RELEASING', 2, '2026-11-29 19:41:00.418452+00', '988', '[{"type":"inventory.reserved","reference":"rsv_9435d86a807f5013947bb149d77f194e"}]', 3635741);
INSERT INTO public.order_events VALUES ('RELEASING', 3, '2026-11-29 19:41:00.420037+00', '989', '[{"type":"payment.declined","reason":"not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 1, '2026-11-29 19:41:00.42885+00', '991', '[{"type":"order.created","seal":"mE4l"}]', 3635741);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 2, '2026-11-29 19:41:00.431064+00', '992', '[{"type":"inventory.reserved","reference":"rsv_8941335ce9935c6d96b5d90e75d9c3d3"}]', 3635741);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-29 19:41:00.432373+00', '993', '[{"type":"payment.declined","reason":"not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 3, '2026-11-29 19:41:00.484769+00', '1018', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-29 19:41:00.489841+00', '1019', '[{"type":"payment.voided","captured":3998}]', 3635741);
INSERT INTO public.order_events VALUES ('WAITING', 1, '2026-11-29 19:41:00.499652+00', '1021', '[{"type":"order.created","seal":"MvkA"}]', 3635741);
INSERT INTO public.order_events VALUES ('WAITING', 2, '2026-11-29 19:41:00.503124+00', '1022', '[{"type":"inventory.reserved","reference":"rsv_f4b38778e6565165b6a3be46552ab99c"}]', 3635741);
INSERT INTO public.order_events VALUES ('WAITING', 3, '2026-11-29 19:41:00.514463+00', '1024', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('WAITING', 4, '2026-11-29 19:41:00.518933+00', '1025', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('SKIPPED', 1, '2026-11-29 19:41:00.521272+00', '1026', '[{"type":"order.created","seal":"hwSP"}]', 3635741);
INSERT INTO public.order_events VALUES ('FORCED', 5, '2026-11-29 19:41:00.574951+00', '1054', '[{"type":"order.forced","reason":"looked at both sides","by":"anonymous"},{"type":"order.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('SKIPPED', 7, '2026-11-29 19:41:00.577627+00', '1055', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 1, '2026-11-29 19:41:00.586069+00', '1056', '[{"type":"order.created","seal":"vo8E"}]', 3635741);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 2, '2026-11-29 19:41:00.588998+00', '1057', '[{"type":"inventory.reserved","reference":"rsv_f27bab627ed85d79a88c95fa97bd44c6"}]', 3635741);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 3, '2026-11-29 19:41:00.593109+00', '1058', '[{"type":"order.attention","reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","contradicted":true}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 2, '2026-11-29 19:40:59.970273+00', '853', '[{"type":"inventory.reserved","reference":"rsv_f7257457c302537b9f192d313e6ef14f"}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 19:40:59.975052+00', '854', '[{"type":"payment.charged","amount":3998,"reference":"ch_5bea398b204f528ca3707e59cf659f82"}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 1, '2026-11-29 19:40:59.980593+00', '856', '[{"type":"order.created","seal":"DKw-"}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 2, '2026-11-29 19:40:59.984212+00', '857', '[{"type":"inventory.reserved","reference":"rsv_29407f63c50652eb998f1e3bab643596"}]', 3635741);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 3, '2026-11-29 19:40:59.987929+00', '858', '[{"type":"payment.charged","amount":3998,"reference":"ch_2c6fd05affa75a008ee9dd5919279430"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURING', 1, '2026-11-29 19:40:59.995679+00', '860', '[{"type":"order.created","seal":"slL7"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURING', 2, '2026-11-29 19:41:00.000426+00', '861', '[{"type":"inventory.reserved","reference":"rsv_29d356c855985f24922c4426afe9e908"}]', 3635741);
INSERT INTO public.order_events VALUES ('CAPTURING', 3, '2026-11-29 19:41:00.005771+00', '862', '[{"type":"payment.authorized","reference":"auth_d121a103bb02508aa4938a6a10e398e3","expires_in_ms":604798994}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 1, '2026-11-29 19:41:00.009928+00', '863', '[{"type":"order.created","seal":"7uQP"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 2, '2026-11-29 19:41:00.014374+00', '865', '[{"type":"inventory.reserved","reference":"rsv_6401cf16f95951a0aa431a12d65e3f8c"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 1, '2026-11-29 19:41:00.118782+00', '889', '[{"type":"order.created","seal":"uQPe"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 2, '2026-11-29 19:41:00.123388+00', '891', '[{"type":"inventory.reserved","reference":"rsv_b22f1adb2331584ea5f4be835992f29f"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-29 19:41:00.13324+00', '902', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 1, '2026-11-29 19:41:00.14948+00', '904', '[{"type":"order.created","seal":"YhJu"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 2, '2026-11-29 19:41:00.152941+00', '905', '[{"type":"inventory.reserved","reference":"rsv_7661e62b144f51b68f8d174ce4f50a9c"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 3, '2026-11-29 19:41:00.155325+00', '906', '[{"type":"payment.charged","amount":3998,"reference":"ch_228517ceb84f5594abdeee0ebb96320c"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-29 19:41:00.266112+00', '942', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 1, '2026-11-29 19:41:00.280034+00', '944', '[{"type":"order.created","seal":"yuoG"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 2, '2026-11-29 19:41:00.282627+00', '945', '[{"type":"inventory.reserved","reference":"rsv_a3572f9a24415661bfa1a97bef91b1ee"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-29 19:41:00.294868+00', '947', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING', 1, '2026-11-29 19:41:00.361406+00', '971', '[{"type":"order.created","seal":"PY1a"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING', 2, '2026-11-29 19:41:00.364961+00', '972', '[{"type":"inventory.reserved","reference":"rsv_52ff2d3ebea8581a9e01bf30124f81f9"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING', 3, '2026-11-29 19:41:00.36799+00', '973', '[{"type":"payment.charged","amount":3998,"reference":"ch_b8bfcf5b0f7b54f5baa129fd90fca1cb"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING', 4, '2026-11-29 19:41:00.369904+00', '974', '[{"type":"shipment.failed","reason":"not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 1, '2026-11-29 19:41:00.375566+00', '976', '[{"type":"order.created","seal":"jMHm"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 2, '2026-11-29 19:41:00.379806+00', '977', '[{"type":"inventory.reserved","reference":"rsv_b25284d3f3c753388f111e5af54cbabf"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 3, '2026-11-29 19:41:00.383903+00', '978', '[{"type":"payment.charged","amount":3998,"reference":"ch_cd90c09c32985529a633a495cf55172f"}]', 3635741);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-29 19:41:00.386481+00', '979', '[{"type":"shipment.failed","reason":"not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 1, '2026-11-29 19:41:00.442473+00', '1000', '[{"type":"order.created","seal":"PvEo"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 2, '2026-11-29 19:41:00.446577+00', '1009', '[{"type":"inventory.reserved","reference":"rsv_a0fe6ffcc9c55f62890e53c2a07cda27"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 3, '2026-11-29 19:41:00.448613+00', '1010', '[{"type":"payment.charged","amount":3998,"reference":"ch_a94e4a8eb2ba542abb706fde3abd6d3e"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 4, '2026-11-29 19:41:00.457187+00', '1012', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-29 19:41:00.459983+00', '1013', '[{"type":"shipment.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 1, '2026-11-29 19:41:00.470202+00', '1015', '[{"type":"order.created","seal":"pTUe"}]', 3635741);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 2, '2026-11-29 19:41:00.472469+00', '1016', '[{"type":"inventory.reserved","reference":"rsv_654085cc0c6e57419f6614b4134117c3"}]', 3635741);
INSERT INTO public.order_events VALUES ('SKIPPED', 2, '2026-11-29 19:41:00.52588+00', '1027', '[{"type":"inventory.reserved","reference":"rsv_42077d3e5801553ea189164e063859eb"}]', 3635741);
INSERT INTO public.order_events VALUES ('SKIPPED', 3, '2026-11-29 19:41:00.536794+00', '1029', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('SKIPPED', 4, '2026-11-29 19:41:00.540569+00', '1030', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('FORCED', 1, '2026-11-29 19:41:00.544721+00', '1032', '[{"type":"order.created","seal":"hrM3"}]', 3635741);
INSERT INTO public.order_events VALUES ('FORCED', 2, '2026-11-29 19:41:00.554191+00', '1043', '[{"type":"inventory.reserved","reference":"rsv_88b4c7621ac25278be3eeef2a4adae5b"}]', 3635741);
INSERT INTO public.order_events VALUES ('FORCED', 3, '2026-11-29 19:41:00.559828+00', '1051', '[{"type":"order.compensating","reason":"client"}]', 3635741);
INSERT INTO public.order_events VALUES ('FORCED', 4, '2026-11-29 19:41:00.563558+00', '1052', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('SKIPPED', 5, '2026-11-29 19:41:00.569322+00', '1053', '[{"type":"order.skipped","action":"void","reason":"looked at both sides","by":"anonymous"},{"type":"payment.voided"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS', 1, '2026-11-29 19:41:00.713044+00', '1072', '[{"type":"order.created","seal":"736Y","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS', 2, '2026-11-29 19:41:00.758283+00', '1079', '[{"type":"inventory.reserved","reference":"rsv_92b209ffdd415c4790ebecf0bfb21d6f"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS', 3, '2026-11-29 19:41:00.762338+00', '1080', '[{"type":"step.done","step":"fraud","reference":"run_7df0ce2e65795599b6f288ba4a5a1d0c"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS', 4, '2026-11-29 19:41:00.78118+00', '1081', '[{"type":"payment.charged","amount":3998,"reference":"ch_6c4051bf7b2c5f1db4781a5f7accc9a6"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS', 5, '2026-11-29 19:41:00.783604+00', '1082', '[{"type":"step.done","step":"points","reference":"run_7f84284fe818589ca56ecc0d70dbb13c"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS', 6, '2026-11-29 19:41:00.785564+00', '1083', '[{"type":"shipment.created","reference":"shp_a7166e789c595d898dc0b2d8e68e0751"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS', 7, '2026-11-29 19:41:00.787455+00', '1084', '[{"type":"step.done","step":"gift","reference":"run_ea31527e57985becbd3c9a6ace3287e8"},{"type":"order.completed"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 1, '2026-11-29 19:41:00.78979+00', '1085', '[{"type":"order.created","seal":"N3Yv","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 2, '2026-11-29 19:41:00.792607+00', '1086', '[{"type":"inventory.reserved","reference":"rsv_9dfef0dd9f31596a8bb5ed996382e41f"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 3, '2026-11-29 19:41:00.794539+00', '1087', '[{"type":"step.done","step":"fraud","reference":"run_505449ddd91d5d2583304d047542eb91"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 4, '2026-11-29 19:41:00.797941+00', '1089', '[{"type":"payment.charged","amount":3998,"reference":"ch_8e3b9296df3a5fce8c7f2742e18be7ae"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 5, '2026-11-29 19:41:00.804075+00', '1091', '[{"type":"step.done","step":"points","reference":"run_2c53880baa145185a46fb2010236ee5f"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 6, '2026-11-29 19:41:00.807683+00', '1101', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 7, '2026-11-29 19:41:00.810249+00', '1102', '[{"type":"step.undone","step":"points"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 1, '2026-11-29 19:41:00.863097+00', '1120', '[{"type":"order.created","seal":"LfFx","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 2, '2026-11-29 19:41:00.865484+00', '1121', '[{"type":"inventory.reserved","reference":"rsv_ba1acafea862502a9b1c98ffe64a8dcb"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 3, '2026-11-29 19:41:00.867635+00', '1122', '[{"type":"step.done","step":"fraud","reference":"run_00cc8630ae8559588adb778d8b89f1c0"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-29 19:41:00.86958+00', '1123', '[{"type":"payment.charged","amount":3998,"reference":"ch_013773b540f65fe89666704029a51d6b"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift', 1, '2026-11-29 19:41:00.876297+00', '1125', '[{"type":"order.created","seal":"jxVP","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift', 2, '2026-11-29 19:41:00.87902+00', '1126', '[{"type":"inventory.reserved","reference":"rsv_765aeef66f7656d59e90b55461831c26"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift', 3, '2026-11-29 19:41:00.881711+00', '1127', '[{"type":"step.done","step":"fraud","reference":"run_4389c29a1e385dc1ad6367ecdf183095"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift', 4, '2026-11-29 19:41:00.883959+00', '1128', '[{"type":"payment.charged","amount":3998,"reference":"ch_434716dbc2c95527b1932ee11e56bbe0"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift', 5, '2026-11-29 19:41:00.886934+00', '1129', '[{"type":"step.done","step":"points","reference":"run_f6109cb4a6f35774ad19a514cb4166fa"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift', 6, '2026-11-29 19:41:00.889572+00', '1130', '[{"type":"shipment.created","reference":"shp_bd72beceab9651f7a14fd2acb0342fa8"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 1, '2026-11-29 19:41:00.901241+00', '1132', '[{"type":"order.created","seal":"SDRt","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 2, '2026-11-29 19:41:00.905751+00', '1134', '[{"type":"inventory.reserved","reference":"rsv_0a042cf456dd58139f63457c26b52db1"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 8, '2026-11-29 19:41:00.812813+00', '1103', '[{"type":"payment.refunded","amount":3998}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 9, '2026-11-29 19:41:00.816116+00', '1104', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 1, '2026-11-29 19:41:00.818534+00', '1105', '[{"type":"order.created","seal":"0HuC","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-fraud', 1, '2026-11-29 19:41:00.820703+00', '1106', '[{"type":"order.created","seal":"RG-t","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 2, '2026-11-29 19:41:00.82129+00', '1107', '[{"type":"inventory.reserved","reference":"rsv_23c5bbd8c1de58a797e36e7dba2af182"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-fraud', 2, '2026-11-29 19:41:00.823637+00', '1108', '[{"type":"inventory.reserved","reference":"rsv_aea8a1b9a02d5d389d8ff8ddc42a7d34"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 3, '2026-11-29 19:41:00.831063+00', '1110', '[{"type":"step.refused","step":"fraud","reason":"refused"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 1, '2026-11-29 19:41:00.834268+00', '1111', '[{"type":"order.created","seal":"rrSf","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 4, '2026-11-29 19:41:00.836789+00', '1112', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-29 19:41:00.838405+00', '1113', '[{"type":"inventory.reserved","reference":"rsv_a007ceb4cbd35ed8ae988600a45fb986"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-points', 1, '2026-11-29 19:41:00.849031+00', '1115', '[{"type":"order.created","seal":"jMYH","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-points', 2, '2026-11-29 19:41:00.85267+00', '1116', '[{"type":"inventory.reserved","reference":"rsv_b937614a3f9359a2b616e38d52a17863"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-points', 3, '2026-11-29 19:41:00.85552+00', '1117', '[{"type":"step.done","step":"fraud","reference":"run_80b1a87b043f58bf8a254115e5eb7417"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-points', 4, '2026-11-29 19:41:00.857879+00', '1118', '[{"type":"payment.charged","amount":3998,"reference":"ch_9ccd26827230598caff9832bf0427296"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 3, '2026-11-29 19:41:00.910785+00', '1143', '[{"type":"step.done","step":"fraud","reference":"run_f0072d038b325ae7987963292e580d70"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 4, '2026-11-29 19:41:00.913191+00', '1144', '[{"type":"payment.charged","amount":3998,"reference":"ch_0ec5c8f42ba55f319a5fb13aeb7d00e6"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 5, '2026-11-29 19:41:00.915414+00', '1145', '[{"type":"step.done","step":"points","reference":"run_bcf70d38861750f4a4d8974453f2d101"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-29 19:41:00.917892+00', '1146', '[{"type":"shipment.created","reference":"shp_272012d7dc0a5626a8d2a6dc1f75c78d"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 1, '2026-11-29 19:41:00.927029+00', '1148', '[{"type":"order.created","seal":"XO2m","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 2, '2026-11-29 19:41:00.930771+00', '1149', '[{"type":"inventory.reserved","reference":"rsv_a6fc38a603c25a31a9b4e16cb7a55693"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 3, '2026-11-29 19:41:00.933291+00', '1150', '[{"type":"step.done","step":"fraud","reference":"run_47fdeb7f50be52d9ba9595d6d9e80f8e"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 4, '2026-11-29 19:41:00.93573+00', '1151', '[{"type":"payment.charged","amount":3998,"reference":"ch_aaeea966089f563e951263c39fa2761d"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 5, '2026-11-29 19:41:00.938127+00', '1152', '[{"type":"step.done","step":"points","reference":"run_8c593808654f5ecab9820dc6502645d0"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 6, '2026-11-29 19:41:00.939597+00', '1153', '[{"type":"shipment.failed","reason":"not_today"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 1, '2026-11-29 19:41:00.9522+00', '1155', '[{"type":"order.created","seal":"dUVh","definition":"pDecNksW"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 2, '2026-11-29 19:41:00.954464+00', '1156', '[{"type":"inventory.reserved","reference":"rsv_80ff530d991d5be7b5a039c41dd68483"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 3, '2026-11-29 19:41:00.956478+00', '1157', '[{"type":"step.done","step":"fraud","reference":"run_59c6535695a65b629a1b186406df5433"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 4, '2026-11-29 19:41:00.958333+00', '1158', '[{"type":"payment.charged","amount":3998,"reference":"ch_b6661fa760f65cc792ac9187dbdf7f7c"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 5, '2026-11-29 19:41:00.960228+00', '1159', '[{"type":"step.done","step":"points","reference":"run_207659bb8bcd5426a9686d8d39d0a491"}]', 3635741);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-29 19:41:00.961393+00', '1160', '[{"type":"shipment.failed","reason":"not_today"}]', 3635741);


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

INSERT INTO public.order_steps VALUES ('STEP-UNDOING', 1, '[{"status":"done","reference":"run_47fdeb7f50be52d9ba9595d6d9e80f8e"},{"status":"undoing","reference":"run_8c593808654f5ecab9820dc6502645d0"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS', 1, '[{"status":"done","reference":"run_7df0ce2e65795599b6f288ba4a5a1d0c"},{"status":"done","reference":"run_7f84284fe818589ca56ecc0d70dbb13c"},{"status":"done","reference":"run_ea31527e57985becbd3c9a6ace3287e8"}]');
INSERT INTO public.order_steps VALUES ('STEP-UNDOING-IN-EFFECT', 1, '[{"status":"done","reference":"run_59c6535695a65b629a1b186406df5433"},{"status":"undoing","reference":"run_207659bb8bcd5426a9686d8d39d0a491"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-UNSHIPPED', 1, '[{"status":"done","reference":"run_505449ddd91d5d2583304d047542eb91"},{"status":"undone","reference":"run_2c53880baa145185a46fb2010236ee5f"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-REFUSED', 1, '[{"status":"refused"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud-IN-EFFECT', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points', 1, '[{"status":"done","reference":"run_80b1a87b043f58bf8a254115e5eb7417"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points-IN-EFFECT', 1, '[{"status":"done","reference":"run_00cc8630ae8559588adb778d8b89f1c0"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift', 1, '[{"status":"done","reference":"run_4389c29a1e385dc1ad6367ecdf183095"},{"status":"done","reference":"run_f6109cb4a6f35774ad19a514cb4166fa"},{"status":"intended"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift-IN-EFFECT', 1, '[{"status":"done","reference":"run_f0072d038b325ae7987963292e580d70"},{"status":"done","reference":"run_bcf70d38861750f4a4d8974453f2d101"},{"status":"intended"}]');


--
-- Data for Name: order_work; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_work VALUES ('LOCAL-AUTHORIZED', 3, '2026-12-06 19:40:59.606762+00', '2026-12-06 19:40:59.606763+00', '2026-11-29 19:40:59.606764+00', 0, 0, NULL, false, '2026-11-29 19:40:59.606764+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZED', 3, '2026-12-06 19:40:58.761771+00', '2026-12-06 19:40:58.761771+00', '2026-11-29 19:40:59.764771+00', 0, 0, NULL, false, '2026-11-29 19:40:59.764771+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 19:41:01.145007+00', '2026-11-29 19:55:59.939856+00', '2026-11-29 19:40:59.942093+00', 5, 0, NULL, false, '2026-11-29 19:41:00.746096+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('SHIPPING-LOST', 3, '2026-11-29 19:41:01.166732+00', NULL, '2026-11-29 19:40:59.989313+00', 5, 0, NULL, false, '2026-11-29 19:41:00.804295+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 19:41:01.178748+00', '2026-11-29 19:55:59.881494+00', '2026-11-29 19:40:59.885496+00', 0, 0, NULL, false, '2026-11-29 19:41:00.80641+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING', 1, '2026-11-29 19:41:01.26399+00', '2026-11-29 19:55:59.836923+00', '2026-11-29 19:40:59.836924+00', 0, 0, NULL, false, '2026-11-29 19:41:00.908197+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING', 2, '2026-11-29 19:41:01.123496+00', '2026-11-29 19:55:59.866963+00', '2026-11-29 19:40:59.87015+00', 0, 0, NULL, false, '2026-11-29 19:41:00.909507+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING', 2, '2026-11-29 19:41:01.13686+00', '2026-11-29 19:55:59.91068+00', '2026-11-29 19:40:59.917277+00', 0, 0, NULL, false, '2026-11-29 19:41:00.909893+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING', 3, '2026-11-29 19:41:01.363485+00', NULL, '2026-11-29 19:40:59.959724+00', 0, 0, NULL, false, '2026-11-29 19:41:01.015751+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 19:41:01.379838+00', '2026-11-29 19:55:59.838503+00', '2026-11-29 19:40:59.838503+00', 0, 0, NULL, false, '2026-11-29 19:41:01.018636+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-LOST', 3, '2026-11-29 19:41:01.365948+00', '2026-11-29 19:55:59.896233+00', '2026-11-29 19:40:59.899786+00', 6, 0, NULL, false, '2026-11-29 19:41:01.1182+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('RESERVING-LOST', 1, '2026-11-29 19:41:01.339611+00', '2026-11-29 19:55:59.852894+00', '2026-11-29 19:40:59.852894+00', 7, 0, NULL, false, '2026-11-29 19:41:01.118443+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 19:41:01.33279+00', NULL, '2026-11-29 19:40:59.976697+00', 0, 0, NULL, false, '2026-11-29 19:41:01.118548+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING', 4, '2026-11-29 19:41:01.496405+00', '2026-12-06 19:40:59.001674+00', '2026-11-29 19:41:00.038585+00', 0, 0, NULL, false, '2026-11-29 19:41:01.118621+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 19:41:01.412249+00', '2026-11-29 19:55:59.926979+00', '2026-11-29 19:40:59.9346+00', 0, 0, NULL, false, '2026-11-29 19:41:01.122328+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-29 19:41:01.146435+00', NULL, '2026-11-29 19:41:00.240404+00', 0, 0, NULL, false, '2026-11-29 19:41:00.755544+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-29 19:41:01.194576+00', '2026-12-06 19:40:59.200236+00', '2026-11-29 19:41:00.210426+00', 0, 0, NULL, false, '2026-11-29 19:41:00.805303+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 19:41:01.178039+00', NULL, '2026-11-29 19:41:00.071893+00', 0, 0, NULL, false, '2026-11-29 19:41:00.806031+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-29 19:41:01.144809+00', NULL, '2026-11-29 19:41:00.347968+00', 0, 0, NULL, false, '2026-11-29 19:41:00.807938+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-29 19:41:01.325334+00', NULL, '2026-11-29 19:41:00.183379+00', 0, 0, NULL, false, '2026-11-29 19:41:01.018019+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 19:41:01.239089+00', NULL, '2026-11-29 19:41:00.41268+00', 0, 0, NULL, false, '2026-11-29 19:41:01.018172+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-29 19:41:01.32193+00', NULL, '2026-11-29 19:41:00.105146+00', 0, 0, NULL, false, '2026-11-29 19:41:01.020613+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING', 3, '2026-11-29 19:41:01.259263+00', NULL, '2026-11-29 19:41:00.420992+00', 0, 0, NULL, false, '2026-11-29 19:41:01.020877+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-29 19:41:01.48415+00', NULL, '2026-11-29 19:41:00.433244+00', 0, 0, NULL, false, '2026-11-29 19:41:01.120999+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-29 19:41:01.433654+00', NULL, '2026-11-29 19:41:00.326948+00', 0, 0, NULL, false, '2026-11-29 19:41:01.122966+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-29 19:41:01.357251+00', NULL, '2026-11-29 19:41:00.267784+00', 0, 0, NULL, false, '2026-11-29 19:41:01.123203+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-29 19:41:01.136916+00', NULL, '2026-11-29 19:41:00.296783+00', 0, 0, NULL, false, '2026-11-29 19:41:00.755127+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING', 4, '2026-11-29 19:41:01.204035+00', NULL, '2026-11-29 19:41:00.371089+00', 0, 0, NULL, false, '2026-11-29 19:41:00.806318+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-29 19:41:01.287499+00', NULL, '2026-11-29 19:41:00.166112+00', 0, 0, NULL, false, '2026-11-29 19:41:00.910393+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-29 19:41:01.148635+00', NULL, '2026-11-29 19:41:00.136124+00', 0, 0, NULL, false, '2026-11-29 19:41:00.910549+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-29 19:41:01.354835+00', NULL, '2026-11-29 19:41:00.460904+00', 0, 0, NULL, false, '2026-11-29 19:41:01.020784+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-29 19:41:01.470933+00', NULL, '2026-11-29 19:41:00.387657+00', 0, 0, NULL, false, '2026-11-29 19:41:01.123107+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-29 19:41:01.239542+00', NULL, '2026-11-29 19:41:00.491244+00', 0, 0, NULL, false, '2026-11-29 19:41:01.019863+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('WAITING', 4, NULL, NULL, '2026-11-29 19:41:00.516015+00', 0, 0, NULL, false, '2026-11-29 19:41:00.519936+00', 'refused: not_today', false);
INSERT INTO public.order_work VALUES ('CONTRADICTED', 3, NULL, '2026-11-29 19:56:00.587423+00', '2026-11-29 19:41:00.591439+00', 0, 0, NULL, false, '2026-11-29 19:41:00.594076+00', 'contradicted: charge was asked for the amount 3998 USD, the participant says 1 USD', false);
INSERT INTO public.order_work VALUES ('STEP-points', 4, '2026-11-29 19:41:01.163667+00', NULL, '2026-11-29 19:41:00.858565+00', 0, 0, NULL, false, '2026-11-29 19:41:01.013844+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud', 2, '2026-11-29 19:41:01.126619+00', '2026-11-29 19:56:00.821452+00', '2026-11-29 19:41:00.827884+00', 0, 0, NULL, false, '2026-11-29 19:41:01.015523+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-29 19:41:01.152545+00', NULL, '2026-11-29 19:41:00.870239+00', 0, 0, NULL, false, '2026-11-29 19:41:01.016922+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-29 19:41:01.177442+00', '2026-11-29 19:56:00.835581+00', '2026-11-29 19:41:00.839189+00', 0, 0, NULL, false, '2026-11-29 19:41:01.019283+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING', 6, '2026-11-29 19:41:01.240976+00', NULL, '2026-11-29 19:41:00.940147+00', 0, 0, NULL, false, '2026-11-29 19:41:01.122249+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-29 19:41:01.265347+00', NULL, '2026-11-29 19:41:00.961883+00', 0, 0, NULL, false, '2026-11-29 19:41:01.123655+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-29 19:41:01.315795+00', NULL, '2026-11-29 19:41:00.918808+00', 0, 0, NULL, false, '2026-11-29 19:41:01.119604+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift', 6, '2026-11-29 19:41:01.27162+00', NULL, '2026-11-29 19:41:00.890172+00', 0, 0, NULL, false, '2026-11-29 19:41:01.120907+00', 'accepted, and not decided yet', false);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES ('LOCAL-AUTHORIZED', 2773266509353978968, 3998, '2026-11-29 19:40:59.605742+00', '2026-11-29 19:40:59.605742+00', 3, 1, 0, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0141ae14c5240459fc0cfc5a54480569b60c41f3faaa3238592602d692c2ea86f1', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-KEYED', -1295896481588168884, 3998, '2026-11-29 19:40:59.608347+00', '2026-11-29 19:40:59.608347+00', 5, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-KEYED","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-SHORT', 1571087118167840459, 3998, '2026-11-29 19:40:59.616177+00', '2026-11-29 19:40:59.616177+00', 3, 1, 0, 409, 'CANCELLED', 'rejected', 'none', 'USD', 'anonymous', 'cus-7', '\x01f2aa6b762f9f104f245ec37e3fd2f433a1a92558c97ad9ce84dc541fa14b6577', '[{"sku":"LITTLE","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of LITTLE; nothing was charged","code":"out_of_stock","order_id":"LOCAL-SHORT","final":true,"shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, '{"code":"out_of_stock","shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL', -4942696540944293410, 3998, '2026-11-29 19:40:59.587588+00', '2026-11-29 19:40:59.62297+00', 7, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('DECLINED', 7799919643500587686, 3998, '2026-11-29 19:40:59.736373+00', '2026-11-29 19:40:59.744727+00', 5, 1, 7, 402, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01667db6feee982def1b7a297833c70597a3331dee76b5fe2f06235a5c134a65f7', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_declined","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:payment_declined","title":"Payment declined","status":402,"detail":"the payment was declined; the stock was released and nothing was charged","code":"payment_declined","order_id":"DECLINED","final":true,"reason":"card_declined","compensations":["inventory.released"]}', NULL, '{"code":"payment_declined","reason":"card_declined"}', NULL, 'rsv_6379e99b3aa05ee5b07569c078db4a04');
INSERT INTO public.orders VALUES ('UNSHIPPED', -7210947787326120850, 3998, '2026-11-29 19:40:59.746678+00', '2026-11-29 19:40:59.758136+00', 7, 1, 7, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_d7f967f05c9d5d1d9f4b1d538da6cedb');
INSERT INTO public.orders VALUES ('AUTHORIZED', 2867419632772783014, 3998, '2026-11-29 19:40:59.759874+00', '2026-11-29 19:40:59.763766+00', 3, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_36cdd277a2815c91bb830e96ac6f3155');
INSERT INTO public.orders VALUES ('CAPTURED', 5473142601872562042, 3998, '2026-11-29 19:40:59.765411+00', '2026-11-29 19:40:59.814503+00', 9, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_102b3bc0265c55e68797c6c0db1cd52a', NULL, NULL, 'rsv_28bd492687a25e8e808d1920003498c9');
INSERT INTO public.orders VALUES ('DONE', 7929767753301269786, 3998, '2026-11-29 19:40:59.706236+00', '2026-11-29 19:40:59.733522+00', 5, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"DONE","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', 'shp_fe0674ad9e0355d2b3bd5649bbea66a8', NULL, NULL, 'rsv_bdafe5f1ef205794a28274ea9caa5bb1');
INSERT INTO public.orders VALUES ('AUTHORIZING-LOST', 8428606456253381804, 3998, '2026-11-29 19:40:59.938953+00', '2026-11-29 19:40:59.942518+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_6fb4616b1faf5832bda8b3e1708a3817');
INSERT INTO public.orders VALUES ('CALLED-OFF', 3317906117876540702, 3998, '2026-11-29 19:40:59.820603+00', '2026-11-29 19:40:59.834083+00', 7, 1, 7, 201, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CALLED-OFF","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_78205e9764f3564cb06b92073dc189cd');
INSERT INTO public.orders VALUES ('RESERVING', 580847338643186712, 3998, '2026-11-29 19:40:59.836055+00', '2026-11-29 19:40:59.836055+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-IN-EFFECT', 2021925660872357207, 3998, '2026-11-29 19:40:59.837654+00', '2026-11-29 19:40:59.837654+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-LOST', -1481427254077333207, 3998, '2026-11-29 19:40:59.85146+00', '2026-11-29 19:40:59.85146+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING', -7266524872782967385, 3998, '2026-11-29 19:40:59.865719+00', '2026-11-29 19:40:59.869033+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_4a769ce2a9bc5a0abd91e108aefbe8bc');
INSERT INTO public.orders VALUES ('AUTHORIZING-IN-EFFECT', -8594114336763819693, 3998, '2026-11-29 19:40:59.925953+00', '2026-11-29 19:40:59.933348+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_ab5654389bfc513498cc99c6779cdb61');
INSERT INTO public.orders VALUES ('SHIPPING', -3858612356727419269, 3998, '2026-11-29 19:40:59.951879+00', '2026-11-29 19:40:59.957859+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_3b4b6620f354582381b76735b23eacf3');
INSERT INTO public.orders VALUES ('SHIPPING-IN-EFFECT', 5405782846370852108, 3998, '2026-11-29 19:40:59.965535+00', '2026-11-29 19:40:59.975052+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_f7257457c302537b9f192d313e6ef14f');
INSERT INTO public.orders VALUES ('CHARGING-IN-EFFECT', -4759414111207093825, 3998, '2026-11-29 19:40:59.879866+00', '2026-11-29 19:40:59.884038+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_54ab8f1671b6506c8e162346a7fbd126');
INSERT INTO public.orders VALUES ('CAPTURING', -7827477033263640462, 3998, '2026-11-29 19:40:59.995679+00', '2026-11-29 19:41:00.037075+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_29d356c855985f24922c4426afe9e908');
INSERT INTO public.orders VALUES ('CHARGING-LOST', 7110223881308218968, 3998, '2026-11-29 19:40:59.894882+00', '2026-11-29 19:40:59.900457+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_1e012f36cd275783b5b7880efe46fafc');
INSERT INTO public.orders VALUES ('AUTHORIZING', 6606805057318190998, 3998, '2026-11-29 19:40:59.907838+00', '2026-11-29 19:40:59.916236+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_bd3ef86f1a9f5d72873a5662c544aac7');
INSERT INTO public.orders VALUES ('SHIPPING-LOST', -4230998542012393293, 3998, '2026-11-29 19:40:59.980593+00', '2026-11-29 19:40:59.987929+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_29407f63c50652eb998f1e3bab643596');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE', -6795715285365689664, 3998, '2026-11-29 19:41:00.009928+00', '2026-11-29 19:41:00.070326+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_af4a44dda18357008ada340ce5ea549a', NULL, NULL, 'rsv_6401cf16f95951a0aa431a12d65e3f8c');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', -1300479263377167176, 3998, '2026-11-29 19:41:00.310826+00', '2026-11-29 19:41:00.325397+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_12ad087db27952b3ba8c8f03a1d96d7e');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING', 6076753805445898082, 3998, '2026-11-29 19:41:00.085581+00', '2026-11-29 19:41:00.103357+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_a26c929ce2f950bd9733d77503dce61c');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING', 4642883454937139501, 3998, '2026-11-29 19:41:00.179111+00', '2026-11-29 19:41:00.181823+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE-IN-EFFECT', -6106083436111645874, 3998, '2026-11-29 19:41:00.202957+00', '2026-11-29 19:41:00.239185+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_d50e03f708ee51559ded280c6fcd0e6b', NULL, NULL, 'rsv_0f4532e58f075c0ea495f705730c6f18');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 6304695285998875678, 3998, '2026-11-29 19:41:00.2524+00', '2026-11-29 19:41:00.266112+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_b483cdfb31fc5b57973dffdb05db07e3');
INSERT INTO public.orders VALUES ('CAPTURING-IN-EFFECT', -1058995505817465089, 3998, '2026-11-29 19:41:00.196211+00', '2026-11-29 19:41:00.20886+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_84b987b195015ad9a4af136f33df8194');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 6492082342529598702, 3998, '2026-11-29 19:41:00.340738+00', '2026-11-29 19:41:00.346343+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('REFUNDED-RELEASING', -2294379858199146479, 3998, '2026-11-29 19:41:00.401578+00', '2026-11-29 19:41:00.411677+00', 5, 1, 7, NULL, 'COMPENSATING', 'releasing', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_bf4f441fe4ec5ffea14c912516c0409c');
INSERT INTO public.orders VALUES ('RELEASING', 2214210023720001232, 3998, '2026-11-29 19:41:00.415447+00', '2026-11-29 19:41:00.420037+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_9435d86a807f5013947bb149d77f194e');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING', 1041788346887729122, 3998, '2026-11-29 19:41:00.118782+00', '2026-11-29 19:41:00.13324+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_b22f1adb2331584ea5f4be835992f29f');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING', 3583459175860374402, 3998, '2026-11-29 19:41:00.14948+00', '2026-11-29 19:41:00.164595+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_7661e62b144f51b68f8d174ce4f50a9c');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 6429473911782440189, 3998, '2026-11-29 19:41:00.280034+00', '2026-11-29 19:41:00.294868+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_a3572f9a24415661bfa1a97bef91b1ee');
INSERT INTO public.orders VALUES ('REFUNDING', 4861486697872577979, 3998, '2026-11-29 19:41:00.361406+00', '2026-11-29 19:41:00.369904+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_52ff2d3ebea8581a9e01bf30124f81f9');
INSERT INTO public.orders VALUES ('REFUNDING-IN-EFFECT', -7835785118102121986, 3998, '2026-11-29 19:41:00.375566+00', '2026-11-29 19:41:00.386481+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_b25284d3f3c753388f111e5af54cbabf');
INSERT INTO public.orders VALUES ('FORCED', 8871440157988638111, 3998, '2026-11-29 19:41:00.544721+00', '2026-11-29 19:41:00.574951+00', 6, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"FORCED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_88b4c7621ac25278be3eeef2a4adae5b');
INSERT INTO public.orders VALUES ('CALLED-OFF-UNSHIPPED', 3199771671117144196, 3998, '2026-11-29 19:41:00.442473+00', '2026-11-29 19:41:00.459983+00', 5, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelled', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_a0fe6ffcc9c55f62890e53c2a07cda27');
INSERT INTO public.orders VALUES ('CALLED-OFF-VOIDED', -9170592571986462776, 3998, '2026-11-29 19:41:00.470202+00', '2026-11-29 19:41:00.489841+00', 4, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_654085cc0c6e57419f6614b4134117c3');
INSERT INTO public.orders VALUES ('RELEASING-IN-EFFECT', 5422991888196299836, 3998, '2026-11-29 19:41:00.42885+00', '2026-11-29 19:41:00.432373+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_8941335ce9935c6d96b5d90e75d9c3d3');
INSERT INTO public.orders VALUES ('WAITING', -7312840649915013365, 3998, '2026-11-29 19:41:00.499652+00', '2026-11-29 19:41:00.518933+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', '{"reason":"void was refused: not_today","since":"2026-11-29T19:41:00.518933Z"}', 'rsv_f4b38778e6565165b6a3be46552ab99c');
INSERT INTO public.orders VALUES ('SKIPPED', -5275538290844077617, 3998, '2026-11-29 19:41:00.521272+00', '2026-11-29 19:41:00.577627+00', 8, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"SKIPPED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_42077d3e5801553ea189164e063859eb');
INSERT INTO public.orders VALUES ('CONTRADICTED', 3900951072110976038, 3998, '2026-11-29 19:41:00.586069+00', '2026-11-29 19:41:00.593109+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, '{"reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","since":"2026-11-29T19:41:00.593109Z","contradicted":true}', 'rsv_f27bab627ed85d79a88c95fa97bd44c6');
INSERT INTO public.orders VALUES ('STEPS-REFUSED', -9040618095685801206, 3998, '2026-11-29 19:41:00.818534+00', '2026-11-29 19:41:00.836789+00', 5, 2, 15, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01a08b558fc4133971549e1cb186d4aa9fa3fcc715cc5494ed6d0a9f41a05e6531', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"},"metadata":{"fraud":"refused"}}', '{"type":"urn:counterfoil:problem:step_refused","title":"Step refused","status":409,"detail":"the step fraud refused the order; what was done was undone","code":"step_refused","order_id":"STEPS-REFUSED","final":true,"step":"fraud","reason":"refused","compensations":["inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"participant","detail":"refused","step":"fraud"}', NULL, 'rsv_23c5bbd8c1de58a797e36e7dba2af182');
INSERT INTO public.orders VALUES ('STEPS-UNSHIPPED', -3582503410555274118, 3998, '2026-11-29 19:41:00.78979+00', '2026-11-29 19:41:00.816116+00', 10, 2, 15, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"STEPS-UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["step.undone","payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_9dfef0dd9f31596a8bb5ed996382e41f');
INSERT INTO public.orders VALUES ('STEPS', -2073545485785438439, 3998, '2026-11-29 19:41:00.713044+00', '2026-11-29 19:41:00.787455+00', 8, 2, 15, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"STEPS","state":"COMPLETED","version":8,"amount":3998,"currency":"USD"}', 'shp_a7166e789c595d898dc0b2d8e68e0751', NULL, NULL, 'rsv_92b209ffdd415c4790ebecf0bfb21d6f');
INSERT INTO public.orders VALUES ('STEP-fraud', 3222206063155979731, 3998, '2026-11-29 19:41:00.820703+00', '2026-11-29 19:41:00.823637+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_aea8a1b9a02d5d389d8ff8ddc42a7d34');
INSERT INTO public.orders VALUES ('STEP-fraud-IN-EFFECT', -772040595208701708, 3998, '2026-11-29 19:41:00.834268+00', '2026-11-29 19:41:00.838405+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_a007ceb4cbd35ed8ae988600a45fb986');
INSERT INTO public.orders VALUES ('STEP-points', 5279740115408766290, 3998, '2026-11-29 19:41:00.849031+00', '2026-11-29 19:41:00.857879+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_b937614a3f9359a2b616e38d52a17863');
INSERT INTO public.orders VALUES ('STEP-points-IN-EFFECT', -5293776836812120354, 3998, '2026-11-29 19:41:00.863097+00', '2026-11-29 19:41:00.86958+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_ba1acafea862502a9b1c98ffe64a8dcb');
INSERT INTO public.orders VALUES ('STEP-gift', 2659929675451129348, 3998, '2026-11-29 19:41:00.876297+00', '2026-11-29 19:41:00.889572+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_bd72beceab9651f7a14fd2acb0342fa8', NULL, NULL, 'rsv_765aeef66f7656d59e90b55461831c26');
INSERT INTO public.orders VALUES ('STEP-gift-IN-EFFECT', 8453804060438591291, 3998, '2026-11-29 19:41:00.901241+00', '2026-11-29 19:41:00.917892+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_272012d7dc0a5626a8d2a6dc1f75c78d', NULL, NULL, 'rsv_0a042cf456dd58139f63457c26b52db1');
INSERT INTO public.orders VALUES ('STEP-UNDOING', -7146545716511035597, 3998, '2026-11-29 19:41:00.927029+00', '2026-11-29 19:41:00.939597+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_a6fc38a603c25a31a9b4e16cb7a55693');
INSERT INTO public.orders VALUES ('STEP-UNDOING-IN-EFFECT', 5857815049047800247, 3998, '2026-11-29 19:41:00.9522+00', '2026-11-29 19:41:00.961393+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_80ff530d991d5be7b5a039c41dd68483');


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
INSERT INTO public.payments VALUES ('DONE', 'charged', false, true, 3998, 3998, 0, 'ch_ec48035d143258b49646f59ff4294252', NULL);
INSERT INTO public.payments VALUES ('DECLINED', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_c68951c209ff5bc08126b035608b0c2a', NULL);
INSERT INTO public.payments VALUES ('AUTHORIZED', 'authorized', false, true, 3998, 0, 0, 'auth_0d03f118613b56e28c8880da15834a5d', NULL);
INSERT INTO public.payments VALUES ('CAPTURED', 'charged', false, true, 3000, 3000, 1, 'auth_310daca650e8589da54bf2a58a3a3d3f', 'cap_46f13e4fa50d5656931f8e437253dd5a');
INSERT INTO public.payments VALUES ('CALLED-OFF', 'voided', false, true, 3998, 0, 0, 'auth_4d6250d59fb0561a954b4bc3955741a6', NULL);
INSERT INTO public.payments VALUES ('CHARGING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_e772b9cb53495c9fb1d10435c0f852a2', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_5bea398b204f528ca3707e59cf659f82', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-LOST', 'charged', false, true, 3998, 3998, 0, 'ch_2c6fd05affa75a008ee9dd5919279430', NULL);
INSERT INTO public.payments VALUES ('CAPTURING', 'capturing', false, true, 2000, 0, 0, 'auth_d121a103bb02508aa4938a6a10e398e3', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE', 'charged', false, true, 2000, 2000, 500, 'auth_aa7510acaa81598fbbb0e0f59402ae50', 'cap_6304ba3025b3511c80a7f59119a96a45');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_228517ceb84f5594abdeee0ebb96320c', NULL);
INSERT INTO public.payments VALUES ('CAPTURING-IN-EFFECT', 'capturing', false, true, 2000, 0, 0, 'auth_e301f3eda9b85795a9b634948bfe64dc', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 'charged', false, true, 2000, 2000, 500, 'auth_0001a0b0daa15b08a4007e239d33f565', 'cap_94398333c8fc51de8126e9746998782e');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDING', 'refunding', false, true, 3998, 3998, 3998, 'ch_b8bfcf5b0f7b54f5baa129fd90fca1cb', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-IN-EFFECT', 'refunding', false, true, 3998, 3998, 3998, 'ch_cd90c09c32985529a633a495cf55172f', NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-UNSHIPPED', 'refunding', false, true, 3998, 3998, 3998, 'ch_a94e4a8eb2ba542abb706fde3abd6d3e', NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-VOIDED', 'voided', false, false, 3998, 3998, 3998, NULL, NULL);
INSERT INTO public.payments VALUES ('SKIPPED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('FORCED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_319657ab4dac547fb0b1b00797728d41', NULL);
INSERT INTO public.payments VALUES ('REFUNDED-RELEASING', 'refunded', false, true, 3998, 3998, 3998, 'ch_6a380f595aa05af19f135e07c026cd43', NULL);
INSERT INTO public.payments VALUES ('RELEASING', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('RELEASING-IN-EFFECT', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('WAITING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CONTRADICTED', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('STEPS', 'charged', false, true, 3998, 3998, 0, 'ch_6c4051bf7b2c5f1db4781a5f7accc9a6', NULL);
INSERT INTO public.payments VALUES ('STEPS-UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_8e3b9296df3a5fce8c7f2742e18be7ae', NULL);
INSERT INTO public.payments VALUES ('STEP-points', 'charged', false, true, 3998, 3998, 0, 'ch_9ccd26827230598caff9832bf0427296', NULL);
INSERT INTO public.payments VALUES ('STEP-points-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_013773b540f65fe89666704029a51d6b', NULL);
INSERT INTO public.payments VALUES ('STEP-gift', 'charged', false, true, 3998, 3998, 0, 'ch_434716dbc2c95527b1932ee11e56bbe0', NULL);
INSERT INTO public.payments VALUES ('STEP-gift-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_0ec5c8f42ba55f319a5fb13aeb7d00e6', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING', 'charged', false, true, 3998, 3998, 0, 'ch_aaeea966089f563e951263c39fa2761d', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_b6661fa760f65cc792ac9187dbdf7f7c', NULL);


--
-- Data for Name: pruned_orders; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: prunes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refinery_schema_history; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refinery_schema_history VALUES (1, 'foundation', '2026-11-29T19:40:59.36568853Z', '4295920499872568406');
INSERT INTO public.refinery_schema_history VALUES (2, 'remote_legs', '2026-11-29T19:40:59.380714972Z', '4461716305316383968');
INSERT INTO public.refinery_schema_history VALUES (3, 'inbox_purge', '2026-11-29T19:40:59.390670695Z', '15236599358920140796');
INSERT INTO public.refinery_schema_history VALUES (4, 'hot_orders', '2026-11-29T19:40:59.391769332Z', '14077514177569390261');
INSERT INTO public.refinery_schema_history VALUES (5, 'work_clock', '2026-11-29T19:40:59.393302562Z', '66626004372663131');
INSERT INTO public.refinery_schema_history VALUES (6, 'adoption', '2026-11-29T19:40:59.393985874Z', '9824958181989533634');
INSERT INTO public.refinery_schema_history VALUES (7, 'seals', '2026-11-29T19:40:59.395081576Z', '10932443199574537219');
INSERT INTO public.refinery_schema_history VALUES (8, 'free_returns', '2026-11-29T19:40:59.396302825Z', '6232638002878772191');
INSERT INTO public.refinery_schema_history VALUES (9, 'order_keys', '2026-11-29T19:40:59.396923584Z', '5398404707342241265');
INSERT INTO public.refinery_schema_history VALUES (10, 'feed', '2026-11-29T19:40:59.398634888Z', '10549446667388425250');
INSERT INTO public.refinery_schema_history VALUES (11, 'leases', '2026-11-29T19:40:59.403492241Z', '3922018200371891248');
INSERT INTO public.refinery_schema_history VALUES (12, 'relays', '2026-11-29T19:40:59.405403742Z', '10509368159252890779');
INSERT INTO public.refinery_schema_history VALUES (13, 'webhooks', '2026-11-29T19:40:59.410079275Z', '4809684204427590768');
INSERT INTO public.refinery_schema_history VALUES (14, 'outbox_table', '2026-11-29T19:40:59.417141543Z', '3049699243693499359');
INSERT INTO public.refinery_schema_history VALUES (15, 'divisions', '2026-11-29T19:40:59.420304988Z', '11174637611968049349');
INSERT INTO public.refinery_schema_history VALUES (16, 'retention', '2026-11-29T19:40:59.422707526Z', '14980537811028063259');
INSERT INTO public.refinery_schema_history VALUES (17, 'prune_seals', '2026-11-29T19:40:59.426386423Z', '7396560070373730904');
INSERT INTO public.refinery_schema_history VALUES (18, 'steps', '2026-11-29T19:40:59.428705838Z', '16826352261109227045');


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

INSERT INTO public.saga_definitions VALUES (1, '\xa4379c364b1642ee270e4b54d0dd645de7c3215ce5362472175e5fed8dcdc086', '{"steps":[{"name":"inventory","kind":"http"},{"name":"fraud","kind":"http","action":"run","refusal":"step_refused","deadline_ms":600000},{"name":"payment","kind":"http"},{"name":"points","kind":"http","action":"run","undo":"undo","refusal":"step_refused"},{"name":"shipment","kind":"http"},{"name":"gift","kind":"http","action":"run","refusal":"step_refused"}],"pivot":"shipment"}', '2026-11-29 19:41:00.754356+00');


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

\unrestrict kIHMVBVKoyaYVbe0w98P8K8fuUSHoAvspYmJewxuGycCQZHDpgw9GEfUIlxJpdE

