--
-- PostgreSQL database dump
--

\restrict p4pLSQ3VLj2PU2eSAZnzeac5uOSEnN1HVgj2zj7vFta7Y4J0XZ0JjksiTXMSrr2

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

INSERT INTO public.deployment VALUES (true, '70d3dd45-3c70-464e-aba1-2278364726c1', 17, '0.5.0', '2026-11-29 16:27:33.868999+00', 'default', 7713630921967971634, 16697, '[]', NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: epochs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.epochs VALUES (3635547, 7713630921967971634, '00000001', 16384, 16430, '2026-11-29 16:27:33.807706+00');
INSERT INTO public.epochs VALUES (3635548, 7713630921967971634, '00000001', 16697, 16430, '2026-11-29 16:27:34.368901+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders', 'k-1', 'LOCAL-KEYED', -1315924499904519880, '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', NULL, NULL, '2026-11-29 16:27:34.381579+00', '\x4b267e19a4af95ad');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/LOCAL/refunds', 'refunds-of-LOCAL', 'LOCAL', -7492822376210559037, '\x01f8c203b76156247885393da010c2184b3c39c8b7b2b71714064b9f84f21d24f1', 201, '{"captured":3998,"currency":"USD","order_id":"LOCAL","refund":{"amount":1999,"reason":"too small","restock":[{"quantity":1,"sku":"S"}]},"refunded":1999,"state":"COMPLETED","version":7}', '2026-11-29 16:27:34.388337+00', '\xeeebcf9d999f68a8');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/capture', 'capture-of-CAPTURED', 'CAPTURED', 8738127510241668686, '\x0117951ca09d7faba3ea92e4256534b0f1d3ef486735289e83e39dc26f22a9bd8f', 201, '{"order_id":"CAPTURED","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 16:27:34.579429+00', '\x3c4367c076c02a5b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/refunds', 'refunds-of-CAPTURED', 'CAPTURED', -876481697121068708, '\x011c39f43c1b781a24445be90e100625cdc53df8488acc417ce6912b48c395621c', 201, '{"captured":3000,"currency":"USD","order_id":"CAPTURED","refund":{"amount":1,"reason":"late","restock":[]},"refunded":1,"state":"COMPLETED","version":9}', '2026-11-29 16:27:34.5889+00', '\x671dd2a2cf26156b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/DONE/cancel', 'too-late', 'DONE', -7446813973244057677, '\x01a22002bc4a95124c0c6d865923cefbff934b9c5ae709aed1db8ae163dfdd9ed2', 409, '{"type":"urn:counterfoil:problem:wrong_state","title":"Wrong state","status":409,"detail":"cancel: not while the order is COMPLETED","code":"wrong_state","order_id":"DONE","state":"COMPLETED","final":true}', '2026-11-29 16:27:34.594038+00', '\x29a207ce0fbe41fa');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF/cancel', 'cancel-of-CALLED-OFF', 'CALLED-OFF', -7672599428661209350, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"CALLED-OFF","state":"CANCELLED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 16:27:34.602536+00', '\xfc4a5fb84fe30da5');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING/capture', 'capture-of-CAPTURING', 'CAPTURING', -6204641141816762083, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 16:27:34.781557+00', '\xf9c5f4a857a5a503');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/capture', 'capture-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -621359156887874865, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 16:27:34.784516+00', '\x264f41a9a3da1d63');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/refunds', 'refunds-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -897977566088441842, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 16:27:34.792862+00', '\xfd2c490b5102e669');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CHARGING-CALLED-OFF/cancel', 'cancel-of-CHARGING-CALLED-OFF', 'CHARGING-CALLED-OFF', -5340215121574034772, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 16:27:34.822385+00', '\xde205a2c2e9769a7');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/AUTHORIZING-CALLED-OFF/cancel', 'cancel-of-AUTHORIZING-CALLED-OFF', 'AUTHORIZING-CALLED-OFF', -760615767839649934, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 16:27:34.850126+00', '\xcba8f1186f294822');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/SHIPPING-CALLED-OFF/cancel', 'cancel-of-SHIPPING-CALLED-OFF', 'SHIPPING-CALLED-OFF', -458588489397716670, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 16:27:34.876809+00', '\x1f04f2fc69812af4');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/RESERVING-CALLED-OFF/cancel', 'cancel-of-RESERVING-CALLED-OFF', 'RESERVING-CALLED-OFF', 4052560413294693333, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 16:27:34.892258+00', '\x7ff5a059ba5e2fa4');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/UNSHIPPED-CALLED-OFF/cancel', 'cancel-of-UNSHIPPED-CALLED-OFF', 'UNSHIPPED-CALLED-OFF', -3812567303550844180, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 16:27:34.963899+00', '\xf51bffe53d283516');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/VOIDED-CALLED-OFF/cancel', 'cancel-of-VOIDED-CALLED-OFF', 'VOIDED-CALLED-OFF', -3122627232706936186, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 16:27:34.990687+00', '\x63ff712411bb6cbb');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/WAITING/cancel', 'cancel-of-WAITING', 'WAITING', -393364680466221558, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 16:27:35.018111+00', '\xeb82ba46875a2736');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/SKIPPED/cancel', 'cancel-of-SKIPPED', 'SKIPPED', 6327140787668478452, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"SKIPPED","state":"CANCELLED","version":8,"amount":3998,"currency":"USD"}', '2026-11-29 16:27:35.055095+00', '\x2f9b60345c232cc2');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/FORCED/cancel', 'cancel-of-FORCED', 'FORCED', 8849539795278913015, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"FORCED","state":"CANCELLED","version":6,"amount":3998,"currency":"USD"}', '2026-11-29 16:27:35.08235+00', '\x5a22121d5ab7f0ea');


--
-- Data for Name: inventory; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory VALUES ('LITTLE', 1, 0);
INSERT INTO public.inventory VALUES ('S', 97, 2);


--
-- Data for Name: inventory_journal; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory_journal VALUES ('S', '434f1312-f7c2-458d-a7a3-15d8f324a34c', 100, 'created', 'anonymous', '2026-11-29 16:27:34.352206+00', NULL, '\xf5dc40038c6de210');
INSERT INTO public.inventory_journal VALUES ('LITTLE', '2be1e374-1492-4247-bfe4-0c0a393bcc5e', 1, 'created', 'anonymous', '2026-11-29 16:27:34.355567+00', NULL, '\xbb8e4707b5c4a9be');
INSERT INTO public.inventory_journal VALUES ('S', 'f04265ef-e175-4846-a60a-c88e09385d32', 1, 'restock of refund refunds-of-LOCAL', 'anonymous', '2026-11-29 16:27:34.390514+00', 'LOCAL', '\x98f0c3b5b40daea1');


--
-- Data for Name: nodes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.nodes VALUES ('b6758a98-5493-4901-b50a-0b3c50393355', '127.0.0.1:42939', '0.5.0', 'up', '2026-11-29 16:27:34.325634+00', '2026-11-29 16:27:34.325634+00');
INSERT INTO public.nodes VALUES ('dabf8fe2-9c29-4d36-b15b-b1a7d702586f', '127.0.0.1:46057', '0.5.0', 'gone', '2026-11-29 16:27:34.489146+00', '2026-11-29 16:27:35.17326+00');


--
-- Data for Name: operator_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_log VALUES ('SKIPPED', 'ad7370d6-7d6c-45d4-b081-8a96bba316a1', '2026-11-29 16:27:35.093981+00', 'anonymous', 'skip', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T16:27:35.058313Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"COMPENSATING","version":6}');
INSERT INTO public.operator_log VALUES ('FORCED', 'd2590997-9829-44a1-b769-1a2f508bfd9b', '2026-11-29 16:27:35.100218+00', 'anonymous', 'force-cancel', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T16:27:35.085522Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"CANCELLED","version":6}');


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_events VALUES ('LOCAL', 1, '2026-11-29 16:27:34.357994+00', '778', '[{"type":"order.created","seal":"RN-U"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635548);
INSERT INTO public.order_events VALUES ('LOCAL-AUTHORIZED', 1, '2026-11-29 16:27:34.378483+00', '779', '[{"type":"order.created","seal":"OP8-"},{"type":"inventory.reserved"},{"type":"payment.authorized"}]', 3635548);
INSERT INTO public.order_events VALUES ('LOCAL-KEYED', 1, '2026-11-29 16:27:34.381065+00', '780', '[{"type":"order.created","seal":"Qrcj"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635548);
INSERT INTO public.order_events VALUES ('LOCAL-SHORT', 1, '2026-11-29 16:27:34.384524+00', '782', '[{"type":"order.created","seal":"h1Jo"},{"type":"inventory.rejected","shortages":[{"sku":"LITTLE","requested":2,"available":1}]},{"type":"order.cancelled"}]', 3635548);
INSERT INTO public.order_events VALUES ('LOCAL', 6, '2026-11-29 16:27:34.387838+00', '783', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-LOCAL","amount":1999,"reason":"too small","restock":[{"sku":"S","quantity":1}]},{"type":"payment.refunded","amount":1999,"refund":{"client":"anonymous","key":"refunds-of-LOCAL"}}]', 3635548);
INSERT INTO public.order_events VALUES ('DONE', 1, '2026-11-29 16:27:34.509959+00', '785', '[{"type":"order.created","seal":"_QGZ"}]', 3635548);
INSERT INTO public.order_events VALUES ('DONE', 2, '2026-11-29 16:27:34.527216+00', '786', '[{"type":"inventory.reserved","reference":"rsv_012a3cba6499585b9f06f984fd2a0cfa"}]', 3635548);
INSERT INTO public.order_events VALUES ('DONE', 3, '2026-11-29 16:27:34.530629+00', '787', '[{"type":"payment.charged","amount":3998,"reference":"ch_c07e4ccfed4e5427bf6aa7513b1fb86c"}]', 3635548);
INSERT INTO public.order_events VALUES ('DONE', 4, '2026-11-29 16:27:34.532721+00', '788', '[{"type":"shipment.created","reference":"shp_f85d8c32dfb057d9b21e685587da2a54"},{"type":"order.completed"}]', 3635548);
INSERT INTO public.order_events VALUES ('DECLINED', 1, '2026-11-29 16:27:34.534654+00', '789', '[{"type":"order.created","seal":"Oz0e"}]', 3635548);
INSERT INTO public.order_events VALUES ('DECLINED', 2, '2026-11-29 16:27:34.536455+00', '790', '[{"type":"inventory.reserved","reference":"rsv_4ff11e2680f551cda0d47f21fa5d4496"}]', 3635548);
INSERT INTO public.order_events VALUES ('DECLINED', 3, '2026-11-29 16:27:34.53831+00', '791', '[{"type":"payment.declined","reason":"card_declined"}]', 3635548);
INSERT INTO public.order_events VALUES ('DECLINED', 4, '2026-11-29 16:27:34.540906+00', '792', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 1, '2026-11-29 16:27:34.542514+00', '793', '[{"type":"order.created","seal":"Ls12"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 2, '2026-11-29 16:27:34.54435+00', '794', '[{"type":"inventory.reserved","reference":"rsv_9d19f3d9ca195e18ab1fe8d5c1095c5a"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 3, '2026-11-29 16:27:34.546172+00', '795', '[{"type":"payment.charged","amount":3998,"reference":"ch_3965e18657ef5b769f7995555229828f"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 4, '2026-11-29 16:27:34.560953+00', '796', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 5, '2026-11-29 16:27:34.563469+00', '797', '[{"type":"payment.refunded","amount":3998}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 6, '2026-11-29 16:27:34.565606+00', '798', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 1, '2026-11-29 16:27:34.567532+00', '799', '[{"type":"order.created","seal":"Il5C"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 2, '2026-11-29 16:27:34.569418+00', '800', '[{"type":"inventory.reserved","reference":"rsv_bdc1baff032b5dbb9b9e4bdd371fca69"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 3, '2026-11-29 16:27:34.571321+00', '801', '[{"type":"payment.authorized","reference":"auth_e09fe8fee6ee55b7b1da8b4871a0932a","expires_in_ms":604798998}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURED', 1, '2026-11-29 16:27:34.572857+00', '802', '[{"type":"order.created","seal":"CuhO"}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURED', 2, '2026-11-29 16:27:34.574374+00', '803', '[{"type":"inventory.reserved","reference":"rsv_5734b33384c15f66939f613a70bed221"}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURED', 3, '2026-11-29 16:27:34.576058+00', '804', '[{"type":"payment.authorized","reference":"auth_95b73b5a97da550d89851ed010aa46d4","expires_in_ms":604798998}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURED', 4, '2026-11-29 16:27:34.579057+00', '805', '[{"type":"payment.capturing","amount":3000}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURED', 5, '2026-11-29 16:27:34.581936+00', '806', '[{"type":"payment.charged","amount":3000,"reference":"cap_40e79a97d6f75d8194ee5f00c4a2312d"}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURED', 6, '2026-11-29 16:27:34.586579+00', '807', '[{"type":"shipment.created","reference":"shp_d56006331c3c556097fc28ced70c67a5"},{"type":"order.completed"}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURED', 8, '2026-11-29 16:27:34.588531+00', '808', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-CAPTURED","amount":1,"reason":"late"}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURED', 9, '2026-11-29 16:27:34.591911+00', '809', '[{"type":"payment.refunded","amount":1,"refund":{"client":"anonymous","key":"refunds-of-CAPTURED"}}]', 3635548);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 1, '2026-11-29 16:27:34.595025+00', '811', '[{"type":"order.created","seal":"uq-s"}]', 3635548);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 2, '2026-11-29 16:27:34.598348+00', '812', '[{"type":"inventory.reserved","reference":"rsv_8fe3d4e9e8905658989d8def057e9692"}]', 3635548);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 3, '2026-11-29 16:27:34.600582+00', '813', '[{"type":"payment.authorized","reference":"auth_4c0997b638b85ccbad7aa1d0687bcc54","expires_in_ms":604798997}]', 3635548);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 4, '2026-11-29 16:27:34.602153+00', '814', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 5, '2026-11-29 16:27:34.605349+00', '815', '[{"type":"payment.voided"}]', 3635548);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 6, '2026-11-29 16:27:34.608199+00', '816', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635548);
INSERT INTO public.order_events VALUES ('RESERVING', 1, '2026-11-29 16:27:34.609938+00', '817', '[{"type":"order.created","seal":"cqNF"}]', 3635548);
INSERT INTO public.order_events VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 16:27:34.611796+00', '818', '[{"type":"order.created","seal":"TU-E"}]', 3635548);
INSERT INTO public.order_events VALUES ('RESERVING-LOST', 1, '2026-11-29 16:27:34.625432+00', '821', '[{"type":"order.created","seal":"6zmU"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING', 1, '2026-11-29 16:27:34.627445+00', '823', '[{"type":"order.created","seal":"kyvs"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING', 2, '2026-11-29 16:27:34.629558+00', '824', '[{"type":"inventory.reserved","reference":"rsv_8ef5cba4f8145cd990e3f2f2b534cc31"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 1, '2026-11-29 16:27:34.639451+00', '826', '[{"type":"order.created","seal":"8qb9"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 16:27:34.641678+00', '827', '[{"type":"inventory.reserved","reference":"rsv_7e4b483a40a05ab2939f757c95d87aef"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 1, '2026-11-29 16:27:34.652414+00', '829', '[{"type":"order.created","seal":"cYwh"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 2, '2026-11-29 16:27:34.655016+00', '830', '[{"type":"inventory.reserved","reference":"rsv_08cdd5340c3c57e88cc0a034dea0f815"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 3, '2026-11-29 16:27:34.656415+00', '831', '[{"type":"payment.unknown"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 1, '2026-11-29 16:27:34.665666+00', '833', '[{"type":"order.created","seal":"tg1r"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 2, '2026-11-29 16:27:34.668026+00', '834', '[{"type":"inventory.reserved","reference":"rsv_15863b006b8d5a919a4817c69e444065"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 1, '2026-11-29 16:27:34.678969+00', '836', '[{"type":"order.created","seal":"qEwt"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 16:27:34.681482+00', '837', '[{"type":"inventory.reserved","reference":"rsv_133a8bc61e7758699e29cda55340c8e2"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 1, '2026-11-29 16:27:34.691898+00', '839', '[{"type":"order.created","seal":"BKBV"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 2, '2026-11-29 16:27:34.694392+00', '840', '[{"type":"inventory.reserved","reference":"rsv_2436cfa084e05d5dafdf3713471e0080"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 16:27:34.695874+00', '841', '[{"type":"payment.unknown"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING', 1, '2026-11-29 16:27:34.70749+00', '844', '[{"type":"order.created","seal":"ibDY"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING', 2, '2026-11-29 16:27:34.710035+00', '845', '[{"type":"inventory.reserved","reference":"rsv_0e0bb5c51c915c81ab83d65dfaf0d994"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING', 3, '2026-11-29 16:27:34.713073+00', '847', '[{"type":"payment.charged","amount":3998,"reference":"ch_ada15c74580759299f86dbe102cd4894"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 1, '2026-11-29 16:27:34.720587+00', '851', '[{"type":"order.created","seal":"OCTh"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 2, '2026-11-29 16:27:34.724816+00', '854', '[{"type":"inventory.reserved","reference":"rsv_f6aa5ccf3890516db0ba7dd4a4b0dd20"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 16:27:34.736002+00', '856', '[{"type":"payment.charged","amount":3998,"reference":"ch_9174750a487753f09b37a80991a39be5"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 6, '2026-11-29 16:27:34.78913+00', '872', '[{"type":"shipment.created","reference":"shp_e975dc9e574953cfb790fbbd9dbd4b0f"},{"type":"order.completed"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 16:27:34.792407+00', '873', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE","amount":500,"reason":"late"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING-CALLED-OFF', 1, '2026-11-29 16:27:34.805803+00', '875', '[{"type":"order.created","seal":"1Pbc"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING-CALLED-OFF', 2, '2026-11-29 16:27:34.814526+00', '879', '[{"type":"inventory.reserved","reference":"rsv_8dc8dac4862b553c97a03e85bc171d60"}]', 3635548);
INSERT INTO public.order_events VALUES ('CHARGING-CALLED-OFF', 3, '2026-11-29 16:27:34.821638+00', '886', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING-CALLED-OFF', 1, '2026-11-29 16:27:34.836127+00', '891', '[{"type":"order.created","seal":"j4aA"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING-CALLED-OFF', 2, '2026-11-29 16:27:34.838314+00', '892', '[{"type":"inventory.reserved","reference":"rsv_0e93babaece3505aaf3ca1cebc97a296"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED-CALLED-OFF', 1, '2026-11-29 16:27:34.948856+00', '932', '[{"type":"order.created","seal":"rCSL"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED-CALLED-OFF', 2, '2026-11-29 16:27:34.952415+00', '933', '[{"type":"inventory.reserved","reference":"rsv_92b616aaf487511f99761a04669265a0"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED-CALLED-OFF', 3, '2026-11-29 16:27:34.954795+00', '934', '[{"type":"payment.charged","amount":3998,"reference":"ch_38baf959550d5ceba7a17aeb77f990ed"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED-CALLED-OFF', 4, '2026-11-29 16:27:34.963411+00', '936', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('UNSHIPPED-CALLED-OFF', 5, '2026-11-29 16:27:34.966903+00', '937', '[{"type":"shipment.cancelled"}]', 3635548);
INSERT INTO public.order_events VALUES ('VOIDED-CALLED-OFF', 1, '2026-11-29 16:27:34.976749+00', '939', '[{"type":"order.created","seal":"nEAf"}]', 3635548);
INSERT INTO public.order_events VALUES ('VOIDED-CALLED-OFF', 2, '2026-11-29 16:27:34.979057+00', '940', '[{"type":"inventory.reserved","reference":"rsv_2cfac194de2e54b6982561c2738be616"}]', 3635548);
INSERT INTO public.order_events VALUES ('WAITING', 4, '2026-11-29 16:27:35.032064+00', '957', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635548);
INSERT INTO public.order_events VALUES ('SKIPPED', 1, '2026-11-29 16:27:35.037142+00', '965', '[{"type":"order.created","seal":"hwSP"}]', 3635548);
INSERT INTO public.order_events VALUES ('SKIPPED', 2, '2026-11-29 16:27:35.042829+00', '966', '[{"type":"inventory.reserved","reference":"rsv_24e3dd00bbce552eae2594674b0ab4db"}]', 3635548);
INSERT INTO public.order_events VALUES ('SKIPPED', 3, '2026-11-29 16:27:35.054437+00', '968', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('SKIPPED', 4, '2026-11-29 16:27:35.058313+00', '969', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635548);
INSERT INTO public.order_events VALUES ('FORCED', 1, '2026-11-29 16:27:35.068299+00', '970', '[{"type":"order.created","seal":"hrM3"}]', 3635548);
INSERT INTO public.order_events VALUES ('FORCED', 2, '2026-11-29 16:27:35.071029+00', '971', '[{"type":"inventory.reserved","reference":"rsv_68541e8de80e5eb48726d19b5ac15e3a"}]', 3635548);
INSERT INTO public.order_events VALUES ('FORCED', 3, '2026-11-29 16:27:35.081931+00', '973', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 1, '2026-11-29 16:27:34.747621+00', '858', '[{"type":"order.created","seal":"DKw-"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 2, '2026-11-29 16:27:34.759597+00', '859', '[{"type":"inventory.reserved","reference":"rsv_a05e9c0666fc58b2bef49a9b28e9106f"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 3, '2026-11-29 16:27:34.76232+00', '860', '[{"type":"payment.charged","amount":3998,"reference":"ch_abde72252ec25f7bb2a7c39bd418171e"}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURING', 1, '2026-11-29 16:27:34.765115+00', '862', '[{"type":"order.created","seal":"slL7"}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURING', 2, '2026-11-29 16:27:34.770768+00', '863', '[{"type":"inventory.reserved","reference":"rsv_d8c356424bca5ba5a1051368def0b4d4"}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURING', 3, '2026-11-29 16:27:34.77346+00', '864', '[{"type":"payment.authorized","reference":"auth_051a8b8a867c5af89e7b777093c047c0","expires_in_ms":604798997}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 1, '2026-11-29 16:27:34.775728+00', '865', '[{"type":"order.created","seal":"7uQP"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 2, '2026-11-29 16:27:34.777662+00', '866', '[{"type":"inventory.reserved","reference":"rsv_88f0bfb531fd50e0b3d6df8a34a4ec57"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 3, '2026-11-29 16:27:34.779419+00', '867', '[{"type":"payment.authorized","reference":"auth_d0883b4c939b55daa5a3628ede22a7ba","expires_in_ms":604798998}]', 3635548);
INSERT INTO public.order_events VALUES ('CAPTURING', 4, '2026-11-29 16:27:34.781207+00', '868', '[{"type":"payment.capturing","amount":2000}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 4, '2026-11-29 16:27:34.784101+00', '869', '[{"type":"payment.capturing","amount":2000}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 5, '2026-11-29 16:27:34.786545+00', '871', '[{"type":"payment.charged","amount":2000,"reference":"cap_442006a91bc25966baef45db2e3134d4"}]', 3635548);
INSERT INTO public.order_events VALUES ('AUTHORIZING-CALLED-OFF', 3, '2026-11-29 16:27:34.849672+00', '894', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-CALLED-OFF', 1, '2026-11-29 16:27:34.862909+00', '896', '[{"type":"order.created","seal":"OsQi"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-CALLED-OFF', 2, '2026-11-29 16:27:34.865053+00', '897', '[{"type":"inventory.reserved","reference":"rsv_6079e952daf45b90874bee9b0a52d312"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-CALLED-OFF', 3, '2026-11-29 16:27:34.866871+00', '898', '[{"type":"payment.charged","amount":3998,"reference":"ch_df648bd89a925c29869cbb2210cf84a9"}]', 3635548);
INSERT INTO public.order_events VALUES ('SHIPPING-CALLED-OFF', 4, '2026-11-29 16:27:34.876443+00', '900', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('RESERVING-CALLED-OFF', 1, '2026-11-29 16:27:34.88945+00', '902', '[{"type":"order.created","seal":"ztW5"}]', 3635548);
INSERT INTO public.order_events VALUES ('RESERVING-CALLED-OFF', 2, '2026-11-29 16:27:34.891904+00', '903', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING', 1, '2026-11-29 16:27:34.905035+00', '905', '[{"type":"order.created","seal":"PY1a"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING', 2, '2026-11-29 16:27:34.907282+00', '906', '[{"type":"inventory.reserved","reference":"rsv_54c53df921925f898055d3250f177447"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING', 3, '2026-11-29 16:27:34.90907+00', '907', '[{"type":"payment.charged","amount":3998,"reference":"ch_c9e0b53aa8d65f02a931f9e964993ac8"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDING', 4, '2026-11-29 16:27:34.910289+00', '908', '[{"type":"shipment.failed","reason":"not_today"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 1, '2026-11-29 16:27:34.92021+00', '914', '[{"type":"order.created","seal":"x31Z"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 2, '2026-11-29 16:27:34.927345+00', '923', '[{"type":"inventory.reserved","reference":"rsv_dfcf0c0de64459ef88217d59043f01ad"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 3, '2026-11-29 16:27:34.929205+00', '924', '[{"type":"payment.charged","amount":3998,"reference":"ch_4cc603dc7bfc5c39b23f7b2abfaa4b99"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 4, '2026-11-29 16:27:34.930383+00', '925', '[{"type":"shipment.failed","reason":"not_today"}]', 3635548);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 16:27:34.932696+00', '926', '[{"type":"payment.refunded","amount":3998}]', 3635548);
INSERT INTO public.order_events VALUES ('RELEASING', 1, '2026-11-29 16:27:34.935496+00', '928', '[{"type":"order.created","seal":"ASLp"}]', 3635548);
INSERT INTO public.order_events VALUES ('RELEASING', 2, '2026-11-29 16:27:34.937536+00', '929', '[{"type":"inventory.reserved","reference":"rsv_33bf8b5f3ce9561cba279f579d9de278"}]', 3635548);
INSERT INTO public.order_events VALUES ('RELEASING', 3, '2026-11-29 16:27:34.938755+00', '930', '[{"type":"payment.declined","reason":"not_today"}]', 3635548);
INSERT INTO public.order_events VALUES ('VOIDED-CALLED-OFF', 3, '2026-11-29 16:27:34.990247+00', '942', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('VOIDED-CALLED-OFF', 4, '2026-11-29 16:27:34.993253+00', '943', '[{"type":"payment.voided","captured":3998}]', 3635548);
INSERT INTO public.order_events VALUES ('WAITING', 1, '2026-11-29 16:27:35.003677+00', '945', '[{"type":"order.created","seal":"MvkA"}]', 3635548);
INSERT INTO public.order_events VALUES ('WAITING', 2, '2026-11-29 16:27:35.00565+00', '946', '[{"type":"inventory.reserved","reference":"rsv_740b1f78f7aa591688667a8921eb10a8"}]', 3635548);
INSERT INTO public.order_events VALUES ('WAITING', 3, '2026-11-29 16:27:35.017666+00', '949', '[{"type":"order.compensating","reason":"client"}]', 3635548);
INSERT INTO public.order_events VALUES ('FORCED', 4, '2026-11-29 16:27:35.085522+00', '974', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635548);
INSERT INTO public.order_events VALUES ('SKIPPED', 5, '2026-11-29 16:27:35.090551+00', '975', '[{"type":"order.skipped","action":"void","reason":"looked at both sides","by":"anonymous"},{"type":"payment.voided"}]', 3635548);
INSERT INTO public.order_events VALUES ('SKIPPED', 7, '2026-11-29 16:27:35.096482+00', '976', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635548);
INSERT INTO public.order_events VALUES ('FORCED', 5, '2026-11-29 16:27:35.097991+00', '977', '[{"type":"order.forced","reason":"looked at both sides","by":"anonymous"},{"type":"order.cancelled"}]', 3635548);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 1, '2026-11-29 16:27:35.108229+00', '978', '[{"type":"order.created","seal":"vo8E"}]', 3635548);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 2, '2026-11-29 16:27:35.110927+00', '979', '[{"type":"inventory.reserved","reference":"rsv_36f9e738512e57d38bcaf2680b7a66ba"}]', 3635548);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 3, '2026-11-29 16:27:35.113328+00', '980', '[{"type":"order.attention","reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","contradicted":true}]', 3635548);


--
-- Data for Name: order_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_keys VALUES ('LOCAL', 0, 1);
INSERT INTO public.order_keys VALUES ('CAPTURED', 0, 2);
INSERT INTO public.order_keys VALUES ('DONE', 0, 1);
INSERT INTO public.order_keys VALUES ('CALLED-OFF', 0, 1);
INSERT INTO public.order_keys VALUES ('CAPTURING', 0, 1);
INSERT INTO public.order_keys VALUES ('REFUNDING-CAPTURE', 0, 2);
INSERT INTO public.order_keys VALUES ('CHARGING-CALLED-OFF', 0, 1);
INSERT INTO public.order_keys VALUES ('AUTHORIZING-CALLED-OFF', 0, 1);
INSERT INTO public.order_keys VALUES ('SHIPPING-CALLED-OFF', 0, 1);
INSERT INTO public.order_keys VALUES ('RESERVING-CALLED-OFF', 0, 1);
INSERT INTO public.order_keys VALUES ('UNSHIPPED-CALLED-OFF', 0, 1);
INSERT INTO public.order_keys VALUES ('VOIDED-CALLED-OFF', 0, 1);
INSERT INTO public.order_keys VALUES ('WAITING', 0, 1);
INSERT INTO public.order_keys VALUES ('SKIPPED', 0, 1);
INSERT INTO public.order_keys VALUES ('FORCED', 0, 1);


--
-- Data for Name: order_work; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_work VALUES ('LOCAL-AUTHORIZED', 3, '2026-12-06 16:27:34.379529+00', '2026-12-06 16:27:34.379531+00', '2026-11-29 16:27:34.379531+00', 0, 0, NULL, false, '2026-11-29 16:27:34.379531+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZED', 3, '2026-12-06 16:27:33.569795+00', '2026-12-06 16:27:33.569795+00', '2026-11-29 16:27:34.571795+00', 0, 0, NULL, false, '2026-11-29 16:27:34.571795+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZING', 2, '2026-11-29 16:27:35.230797+00', '2026-11-29 16:42:34.666179+00', '2026-11-29 16:27:34.668592+00', 0, 0, NULL, false, '2026-11-29 16:27:35.02613+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING', 2, '2026-11-29 16:27:35.273535+00', '2026-11-29 16:42:34.628011+00', '2026-11-29 16:27:34.630164+00', 0, 0, NULL, false, '2026-11-29 16:27:35.029031+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 16:27:35.336625+00', '2026-11-29 16:42:34.640049+00', '2026-11-29 16:27:34.642242+00', 0, 0, NULL, false, '2026-11-29 16:27:35.030798+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-LOST', 1, '2026-11-29 16:27:35.364643+00', '2026-11-29 16:42:34.625998+00', '2026-11-29 16:27:34.625999+00', 4, 0, NULL, false, '2026-11-29 16:27:35.031137+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('RESERVING', 1, '2026-11-29 16:27:35.286014+00', '2026-11-29 16:42:34.610412+00', '2026-11-29 16:27:34.610413+00', 0, 0, NULL, false, '2026-11-29 16:27:35.031922+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-CALLED-OFF', 3, '2026-11-29 16:27:35.214633+00', NULL, '2026-11-29 16:27:34.850571+00', 0, 0, NULL, false, '2026-11-29 16:27:35.033902+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-CALLED-OFF', 3, '2026-11-29 16:27:35.169488+00', NULL, '2026-11-29 16:27:34.82286+00', 0, 0, NULL, false, '2026-11-29 16:27:35.034187+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-LOST', 3, '2026-11-29 16:27:35.379758+00', '2026-11-29 16:42:34.653062+00', '2026-11-29 16:27:34.655648+00', 4, 0, NULL, false, '2026-11-29 16:27:35.131833+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 16:27:35.369189+00', NULL, '2026-11-29 16:27:34.736918+00', 0, 0, NULL, false, '2026-11-29 16:27:35.135492+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING', 3, '2026-11-29 16:27:35.40959+00', NULL, '2026-11-29 16:27:34.713626+00', 0, 0, NULL, false, '2026-11-29 16:27:35.137984+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 16:27:35.503603+00', '2026-11-29 16:42:34.679484+00', '2026-11-29 16:27:34.682043+00', 0, 0, NULL, false, '2026-11-29 16:27:35.138388+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('VOIDED-CALLED-OFF', 4, '2026-11-29 16:27:35.240124+00', NULL, '2026-11-29 16:27:34.993791+00', 0, 0, NULL, false, '2026-11-29 16:27:35.138481+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('UNSHIPPED-CALLED-OFF', 5, '2026-11-29 16:27:35.251175+00', NULL, '2026-11-29 16:27:34.967552+00', 0, 0, NULL, false, '2026-11-29 16:27:35.138783+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 16:27:35.346698+00', NULL, '2026-11-29 16:27:34.793448+00', 0, 0, NULL, false, '2026-11-29 16:27:35.13987+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 16:27:35.447081+00', '2026-11-29 16:42:34.612633+00', '2026-11-29 16:27:34.612633+00', 0, 0, NULL, false, '2026-11-29 16:27:35.140197+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-CALLED-OFF', 2, '2026-11-29 16:27:35.139931+00', NULL, '2026-11-29 16:27:34.892559+00', 0, 0, NULL, false, '2026-11-29 16:27:35.025037+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING', 4, '2026-11-29 16:27:35.232027+00', '2026-12-06 16:27:33.771388+00', '2026-11-29 16:27:34.781914+00', 0, 0, NULL, false, '2026-11-29 16:27:35.030289+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('WAITING', 4, NULL, NULL, '2026-11-29 16:27:35.018498+00', 0, 0, NULL, false, '2026-11-29 16:27:35.033175+00', 'refused: not_today', false);
INSERT INTO public.order_work VALUES ('SHIPPING-CALLED-OFF', 4, '2026-11-29 16:27:35.170061+00', NULL, '2026-11-29 16:27:34.877106+00', 0, 0, NULL, false, '2026-11-29 16:27:35.034394+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CONTRADICTED', 3, NULL, '2026-11-29 16:42:35.108876+00', '2026-11-29 16:27:35.111547+00', 0, 0, NULL, false, '2026-11-29 16:27:35.113776+00', 'contradicted: charge was asked for the amount 3998 USD, the participant says 1 USD', false);
INSERT INTO public.order_work VALUES ('REFUNDING', 4, '2026-11-29 16:27:35.336761+00', NULL, '2026-11-29 16:27:34.910782+00', 0, 0, NULL, false, '2026-11-29 16:27:35.13164+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING', 3, '2026-11-29 16:27:35.322645+00', NULL, '2026-11-29 16:27:34.939222+00', 0, 0, NULL, false, '2026-11-29 16:27:35.134139+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 16:27:35.320669+00', NULL, '2026-11-29 16:27:34.933154+00', 0, 0, NULL, false, '2026-11-29 16:27:35.135337+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING-LOST', 3, '2026-11-29 16:27:35.350787+00', NULL, '2026-11-29 16:27:34.763012+00', 4, 0, NULL, false, '2026-11-29 16:27:35.135629+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 16:27:35.500795+00', '2026-11-29 16:42:34.692446+00', '2026-11-29 16:27:34.695075+00', 4, 0, NULL, false, '2026-11-29 16:27:35.138218+00', 'answered 500, which is no outcome', false);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES ('LOCAL-AUTHORIZED', -1519742071296860878, 3998, '2026-11-29 16:27:34.378483+00', '2026-11-29 16:27:34.378483+00', 3, 1, 0, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0141ae14c5240459fc0cfc5a54480569b60c41f3faaa3238592602d692c2ea86f1', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-KEYED', -1315924499904519880, 3998, '2026-11-29 16:27:34.381065+00', '2026-11-29 16:27:34.381065+00', 5, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-KEYED","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-SHORT', 2192670807312986979, 3998, '2026-11-29 16:27:34.384524+00', '2026-11-29 16:27:34.384524+00', 3, 1, 0, 409, 'CANCELLED', 'rejected', 'none', 'USD', 'anonymous', 'cus-7', '\x01f2aa6b762f9f104f245ec37e3fd2f433a1a92558c97ad9ce84dc541fa14b6577', '[{"sku":"LITTLE","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of LITTLE; nothing was charged","code":"out_of_stock","order_id":"LOCAL-SHORT","final":true,"shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, '{"code":"out_of_stock","shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL', -7492822376210559037, 3998, '2026-11-29 16:27:34.357994+00', '2026-11-29 16:27:34.387838+00', 7, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('DECLINED', 7894057264736242375, 3998, '2026-11-29 16:27:34.534654+00', '2026-11-29 16:27:34.540906+00', 5, 1, 7, 402, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01667db6feee982def1b7a297833c70597a3331dee76b5fe2f06235a5c134a65f7', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_declined","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:payment_declined","title":"Payment declined","status":402,"detail":"the payment was declined; the stock was released and nothing was charged","code":"payment_declined","order_id":"DECLINED","final":true,"reason":"card_declined","compensations":["inventory.released"]}', NULL, '{"code":"payment_declined","reason":"card_declined"}', NULL, 'rsv_4ff11e2680f551cda0d47f21fa5d4496');
INSERT INTO public.orders VALUES ('UNSHIPPED', 7147064839570120948, 3998, '2026-11-29 16:27:34.542514+00', '2026-11-29 16:27:34.565606+00', 7, 1, 7, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_9d19f3d9ca195e18ab1fe8d5c1095c5a');
INSERT INTO public.orders VALUES ('AUTHORIZED', 2364262172622736735, 3998, '2026-11-29 16:27:34.567532+00', '2026-11-29 16:27:34.571321+00', 3, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_bdc1baff032b5dbb9b9e4bdd371fca69');
INSERT INTO public.orders VALUES ('CAPTURED', 6604201992986324757, 3998, '2026-11-29 16:27:34.572857+00', '2026-11-29 16:27:34.591911+00', 9, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_d56006331c3c556097fc28ced70c67a5', NULL, NULL, 'rsv_5734b33384c15f66939f613a70bed221');
INSERT INTO public.orders VALUES ('DONE', -7446813973244057677, 3998, '2026-11-29 16:27:34.509959+00', '2026-11-29 16:27:34.532721+00', 5, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"DONE","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', 'shp_f85d8c32dfb057d9b21e685587da2a54', NULL, NULL, 'rsv_012a3cba6499585b9f06f984fd2a0cfa');
INSERT INTO public.orders VALUES ('CALLED-OFF', 4224256037516522939, 3998, '2026-11-29 16:27:34.595025+00', '2026-11-29 16:27:34.608199+00', 7, 1, 7, 201, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CALLED-OFF","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_8fe3d4e9e8905658989d8def057e9692');
INSERT INTO public.orders VALUES ('CHARGING-LOST', -5546506542456554087, 3998, '2026-11-29 16:27:34.652414+00', '2026-11-29 16:27:34.656415+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_08cdd5340c3c57e88cc0a034dea0f815');
INSERT INTO public.orders VALUES ('AUTHORIZING', 6561489124043453975, 3998, '2026-11-29 16:27:34.665666+00', '2026-11-29 16:27:34.668026+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_15863b006b8d5a919a4817c69e444065');
INSERT INTO public.orders VALUES ('AUTHORIZING-IN-EFFECT', -2647853242055492054, 3998, '2026-11-29 16:27:34.678969+00', '2026-11-29 16:27:34.681482+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_133a8bc61e7758699e29cda55340c8e2');
INSERT INTO public.orders VALUES ('RESERVING', -2434913489941125156, 3998, '2026-11-29 16:27:34.609938+00', '2026-11-29 16:27:34.609938+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-IN-EFFECT', 8457399630027415943, 3998, '2026-11-29 16:27:34.611796+00', '2026-11-29 16:27:34.611796+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-LOST', -5820692304004711096, 3998, '2026-11-29 16:27:34.625432+00', '2026-11-29 16:27:34.625432+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING', -8085834397915310870, 3998, '2026-11-29 16:27:34.627445+00', '2026-11-29 16:27:34.629558+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_8ef5cba4f8145cd990e3f2f2b534cc31');
INSERT INTO public.orders VALUES ('CHARGING-IN-EFFECT', -9081336786297129347, 3998, '2026-11-29 16:27:34.639451+00', '2026-11-29 16:27:34.641678+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_7e4b483a40a05ab2939f757c95d87aef');
INSERT INTO public.orders VALUES ('SHIPPING', 1373689490956826442, 3998, '2026-11-29 16:27:34.70749+00', '2026-11-29 16:27:34.713073+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_0e0bb5c51c915c81ab83d65dfaf0d994');
INSERT INTO public.orders VALUES ('SHIPPING-IN-EFFECT', -873808778226292756, 3998, '2026-11-29 16:27:34.720587+00', '2026-11-29 16:27:34.736002+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_f6aa5ccf3890516db0ba7dd4a4b0dd20');
INSERT INTO public.orders VALUES ('CHARGING-CALLED-OFF', -5340215121574034772, 3998, '2026-11-29 16:27:34.805803+00', '2026-11-29 16:27:34.821638+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_8dc8dac4862b553c97a03e85bc171d60');
INSERT INTO public.orders VALUES ('AUTHORIZING-LOST', -2259682609154818560, 3998, '2026-11-29 16:27:34.691898+00', '2026-11-29 16:27:34.695874+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_2436cfa084e05d5dafdf3713471e0080');
INSERT INTO public.orders VALUES ('SHIPPING-LOST', 7962533343510157621, 3998, '2026-11-29 16:27:34.747621+00', '2026-11-29 16:27:34.76232+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_a05e9c0666fc58b2bef49a9b28e9106f');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE', -897977566088441842, 3998, '2026-11-29 16:27:34.775728+00', '2026-11-29 16:27:34.792407+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_e975dc9e574953cfb790fbbd9dbd4b0f', NULL, NULL, 'rsv_88f0bfb531fd50e0b3d6df8a34a4ec57');
INSERT INTO public.orders VALUES ('CAPTURING', -6204641141816762083, 3998, '2026-11-29 16:27:34.765115+00', '2026-11-29 16:27:34.781207+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_d8c356424bca5ba5a1051368def0b4d4');
INSERT INTO public.orders VALUES ('SHIPPING-CALLED-OFF', -458588489397716670, 3998, '2026-11-29 16:27:34.862909+00', '2026-11-29 16:27:34.876443+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_6079e952daf45b90874bee9b0a52d312');
INSERT INTO public.orders VALUES ('AUTHORIZING-CALLED-OFF', -760615767839649934, 3998, '2026-11-29 16:27:34.836127+00', '2026-11-29 16:27:34.849672+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_0e93babaece3505aaf3ca1cebc97a296');
INSERT INTO public.orders VALUES ('UNSHIPPED-CALLED-OFF', 3383731118527725061, 3998, '2026-11-29 16:27:34.948856+00', '2026-11-29 16:27:34.966903+00', 5, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelled', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_92b616aaf487511f99761a04669265a0');
INSERT INTO public.orders VALUES ('VOIDED-CALLED-OFF', 6157490926108962320, 3998, '2026-11-29 16:27:34.976749+00', '2026-11-29 16:27:34.993253+00', 4, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_2cfac194de2e54b6982561c2738be616');
INSERT INTO public.orders VALUES ('SKIPPED', 1408252005736291813, 3998, '2026-11-29 16:27:35.037142+00', '2026-11-29 16:27:35.096482+00', 8, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"SKIPPED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_24e3dd00bbce552eae2594674b0ab4db');
INSERT INTO public.orders VALUES ('FORCED', -8848844386666419272, 3998, '2026-11-29 16:27:35.068299+00', '2026-11-29 16:27:35.097991+00', 6, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"FORCED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_68541e8de80e5eb48726d19b5ac15e3a');
INSERT INTO public.orders VALUES ('RESERVING-CALLED-OFF', 4052560413294693333, 3998, '2026-11-29 16:27:34.88945+00', '2026-11-29 16:27:34.891904+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('WAITING', -3701386134021546472, 3998, '2026-11-29 16:27:35.003677+00', '2026-11-29 16:27:35.032064+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', '{"reason":"void was refused: not_today","since":"2026-11-29T16:27:35.032064Z"}', 'rsv_740b1f78f7aa591688667a8921eb10a8');
INSERT INTO public.orders VALUES ('REFUNDING', -5267331951340155840, 3998, '2026-11-29 16:27:34.905035+00', '2026-11-29 16:27:34.910289+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_54c53df921925f898055d3250f177447');
INSERT INTO public.orders VALUES ('REFUNDED-RELEASING', 9015187401230287342, 3998, '2026-11-29 16:27:34.92021+00', '2026-11-29 16:27:34.932696+00', 5, 1, 7, NULL, 'COMPENSATING', 'releasing', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_dfcf0c0de64459ef88217d59043f01ad');
INSERT INTO public.orders VALUES ('CONTRADICTED', 1208121033824270136, 3998, '2026-11-29 16:27:35.108229+00', '2026-11-29 16:27:35.113328+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, '{"reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","since":"2026-11-29T16:27:35.113328Z","contradicted":true}', 'rsv_36f9e738512e57d38bcaf2680b7a66ba');
INSERT INTO public.orders VALUES ('RELEASING', 764849909937956859, 3998, '2026-11-29 16:27:34.935496+00', '2026-11-29 16:27:34.938755+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_33bf8b5f3ce9561cba279f579d9de278');


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
INSERT INTO public.payments VALUES ('DONE', 'charged', false, true, 3998, 3998, 0, 'ch_c07e4ccfed4e5427bf6aa7513b1fb86c', NULL);
INSERT INTO public.payments VALUES ('DECLINED', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_3965e18657ef5b769f7995555229828f', NULL);
INSERT INTO public.payments VALUES ('AUTHORIZED', 'authorized', false, true, 3998, 0, 0, 'auth_e09fe8fee6ee55b7b1da8b4871a0932a', NULL);
INSERT INTO public.payments VALUES ('CAPTURED', 'charged', false, true, 3000, 3000, 1, 'auth_95b73b5a97da550d89851ed010aa46d4', 'cap_40e79a97d6f75d8194ee5f00c4a2312d');
INSERT INTO public.payments VALUES ('CALLED-OFF', 'voided', false, true, 3998, 0, 0, 'auth_4c0997b638b85ccbad7aa1d0687bcc54', NULL);
INSERT INTO public.payments VALUES ('CHARGING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_ada15c74580759299f86dbe102cd4894', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_9174750a487753f09b37a80991a39be5', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-LOST', 'charged', false, true, 3998, 3998, 0, 'ch_abde72252ec25f7bb2a7c39bd418171e', NULL);
INSERT INTO public.payments VALUES ('CAPTURING', 'capturing', false, true, 2000, 0, 0, 'auth_051a8b8a867c5af89e7b777093c047c0', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE', 'charged', false, true, 2000, 2000, 500, 'auth_d0883b4c939b55daa5a3628ede22a7ba', 'cap_442006a91bc25966baef45db2e3134d4');
INSERT INTO public.payments VALUES ('CHARGING-CALLED-OFF', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-CALLED-OFF', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SHIPPING-CALLED-OFF', 'charged', false, true, 3998, 3998, 0, 'ch_df648bd89a925c29869cbb2210cf84a9', NULL);
INSERT INTO public.payments VALUES ('REFUNDING', 'refunding', false, true, 3998, 3998, 3998, 'ch_c9e0b53aa8d65f02a931f9e964993ac8', NULL);
INSERT INTO public.payments VALUES ('REFUNDED-RELEASING', 'refunded', false, true, 3998, 3998, 3998, 'ch_4cc603dc7bfc5c39b23f7b2abfaa4b99', NULL);
INSERT INTO public.payments VALUES ('RELEASING', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('UNSHIPPED-CALLED-OFF', 'refunding', false, true, 3998, 3998, 3998, 'ch_38baf959550d5ceba7a17aeb77f990ed', NULL);
INSERT INTO public.payments VALUES ('VOIDED-CALLED-OFF', 'voided', false, false, 3998, 3998, 3998, NULL, NULL);
INSERT INTO public.payments VALUES ('SKIPPED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('FORCED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('WAITING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CONTRADICTED', 'intended', false, false, 3998, 0, 0, NULL, NULL);


--
-- Data for Name: pruned_orders; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: prunes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refinery_schema_history; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refinery_schema_history VALUES (1, 'foundation', '2026-11-29T16:27:33.73244648Z', '4295920499872568406');
INSERT INTO public.refinery_schema_history VALUES (2, 'remote_legs', '2026-11-29T16:27:33.766005435Z', '4461716305316383968');
INSERT INTO public.refinery_schema_history VALUES (3, 'inbox_purge', '2026-11-29T16:27:33.791271029Z', '15236599358920140796');
INSERT INTO public.refinery_schema_history VALUES (4, 'hot_orders', '2026-11-29T16:27:33.792282727Z', '14077514177569390261');
INSERT INTO public.refinery_schema_history VALUES (5, 'work_clock', '2026-11-29T16:27:33.793834325Z', '66626004372663131');
INSERT INTO public.refinery_schema_history VALUES (6, 'adoption', '2026-11-29T16:27:33.79442558Z', '9824958181989533634');
INSERT INTO public.refinery_schema_history VALUES (7, 'seals', '2026-11-29T16:27:33.79546542Z', '10932443199574537219');
INSERT INTO public.refinery_schema_history VALUES (8, 'free_returns', '2026-11-29T16:27:33.796588864Z', '6232638002878772191');
INSERT INTO public.refinery_schema_history VALUES (9, 'order_keys', '2026-11-29T16:27:33.797128653Z', '5398404707342241265');
INSERT INTO public.refinery_schema_history VALUES (10, 'feed', '2026-11-29T16:27:33.801440098Z', '10549446667388425250');
INSERT INTO public.refinery_schema_history VALUES (11, 'leases', '2026-11-29T16:27:33.808298804Z', '3922018200371891248');
INSERT INTO public.refinery_schema_history VALUES (12, 'relays', '2026-11-29T16:27:33.812436381Z', '10509368159252890779');
INSERT INTO public.refinery_schema_history VALUES (13, 'webhooks', '2026-11-29T16:27:33.826366289Z', '4809684204427590768');
INSERT INTO public.refinery_schema_history VALUES (14, 'outbox_table', '2026-11-29T16:27:33.844321337Z', '3049699243693499359');
INSERT INTO public.refinery_schema_history VALUES (15, 'divisions', '2026-11-29T16:27:33.850705601Z', '11174637611968049349');
INSERT INTO public.refinery_schema_history VALUES (16, 'retention', '2026-11-29T16:27:33.856011248Z', '14980537811028063259');
INSERT INTO public.refinery_schema_history VALUES (17, 'prune_seals', '2026-11-29T16:27:33.864016012Z', '7396560070373730904');


--
-- Data for Name: refunds; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refunds VALUES ('LOCAL', 'anonymous', 'refunds-of-LOCAL', 1, 1999, 'refunded', 'too small', '[{"sku":"S","quantity":1}]');
INSERT INTO public.refunds VALUES ('CAPTURED', 'anonymous', 'refunds-of-CAPTURED', 1, 1, 'refunded', 'late', NULL);
INSERT INTO public.refunds VALUES ('REFUNDING-CAPTURE', 'anonymous', 'refunds-of-REFUNDING-CAPTURE', 1, 500, 'intended', 'late', NULL);


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

\unrestrict p4pLSQ3VLj2PU2eSAZnzeac5uOSEnN1HVgj2zj7vFta7Y4J0XZ0JjksiTXMSrr2

