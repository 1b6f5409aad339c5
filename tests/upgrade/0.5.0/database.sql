--
-- PostgreSQL database dump
--

\restrict 5Hjo5AK1ZY0np77Ehit8Pqy7KnbXkgvo2AcnPZSyujZGnfvFgSQdzgvJvcOJD9H

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

INSERT INTO public.deployment VALUES (true, '80292bb7-ab81-4963-98b6-7c6942a6aed7', 17, '0.5.0', '2026-11-29 17:31:05.032033+00', 'default', 7713647286167504698, 16697, '[]', NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: epochs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.epochs VALUES (3635611, 7713647286167504698, '00000001', 16384, 16430, '2026-11-29 17:31:04.916633+00');
INSERT INTO public.epochs VALUES (3635612, 7713647286167504698, '00000001', 16697, 16430, '2026-11-29 17:31:05.666399+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders', 'k-1', 'LOCAL-KEYED', 1889512769451692488, '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', NULL, NULL, '2026-11-29 17:31:05.702881+00', '\x8e3dc5d56e34d230');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/LOCAL/refunds', 'refunds-of-LOCAL', 'LOCAL', 6230380706387062482, '\x01f8c203b76156247885393da010c2184b3c39c8b7b2b71714064b9f84f21d24f1', 201, '{"captured":3998,"currency":"USD","order_id":"LOCAL","refund":{"amount":1999,"reason":"too small","restock":[{"quantity":1,"sku":"S"}]},"refunded":1999,"state":"COMPLETED","version":7}', '2026-11-29 17:31:05.74694+00', '\x8bb397dc4e1dd09a');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/capture', 'capture-of-CAPTURED', 'CAPTURED', -3527388966310499534, '\x0117951ca09d7faba3ea92e4256534b0f1d3ef486735289e83e39dc26f22a9bd8f', 201, '{"order_id":"CAPTURED","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 17:31:06.323114+00', '\x051300f5b21cf01e');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/refunds', 'refunds-of-CAPTURED', 'CAPTURED', -2648080676828393598, '\x011c39f43c1b781a24445be90e100625cdc53df8488acc417ce6912b48c395621c', 201, '{"captured":3000,"currency":"USD","order_id":"CAPTURED","refund":{"amount":1,"reason":"late","restock":[]},"refunded":1,"state":"COMPLETED","version":9}', '2026-11-29 17:31:06.345018+00', '\xdb245cedd063a221');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/DONE/cancel', 'too-late', 'DONE', 7180353548912787763, '\x01a22002bc4a95124c0c6d865923cefbff934b9c5ae709aed1db8ae163dfdd9ed2', 409, '{"type":"urn:counterfoil:problem:wrong_state","title":"Wrong state","status":409,"detail":"cancel: not while the order is COMPLETED","code":"wrong_state","order_id":"DONE","state":"COMPLETED","final":true}', '2026-11-29 17:31:06.352926+00', '\x64a5680ec04d5eed');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF/cancel', 'cancel-of-CALLED-OFF', 'CALLED-OFF', 6755549480802431327, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"CALLED-OFF","state":"CANCELLED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 17:31:06.400807+00', '\xfad64c9ab7dd8ca4');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING/capture', 'capture-of-CAPTURING', 'CAPTURING', -7775321797142902018, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 17:31:07.064957+00', '\x4a8653bec3cb38e8');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/capture', 'capture-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -7210095195705497184, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 17:31:07.118033+00', '\x7adcfc672263f3a7');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/refunds', 'refunds-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', 889346778084399782, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 17:31:07.170803+00', '\x7e630d3c8b539e3b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING/cancel', 'cancel-of-CALLED-OFF-CHARGING', 'CALLED-OFF-CHARGING', -4523726095159961876, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.251129+00', '\xe77c6627e43fb18a');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING', 'CALLED-OFF-AUTHORIZING', -52715940408241567, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.297796+00', '\x5d8c5fef9f97e9c7');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING/cancel', 'cancel-of-CALLED-OFF-SHIPPING', 'CALLED-OFF-SHIPPING', 530689660150975095, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.367282+00', '\x242184ba784df941');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING/cancel', 'cancel-of-CALLED-OFF-RESERVING', 'CALLED-OFF-RESERVING', -4453081080351271883, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.395649+00', '\x7127cce648314190');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING-IN-EFFECT/capture', 'capture-of-CAPTURING-IN-EFFECT', 'CAPTURING-IN-EFFECT', 2308228380966626407, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-29 17:31:07.478537+00', '\x2531fc15ddd2e0a6');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/capture', 'capture-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', -5847537533476455465, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-29 17:31:07.488406+00', '\x980f9e8312cd5f30');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/refunds', 'refunds-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', 5545826188158149232, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-29 17:31:07.526962+00', '\xafa06d3d972f3e67');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-CHARGING-IN-EFFECT', 'CALLED-OFF-CHARGING-IN-EFFECT', -1559971315138918688, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.562128+00', '\x1138be893d50a5bb');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING-IN-EFFECT', 'CALLED-OFF-AUTHORIZING-IN-EFFECT', 4324806144356559058, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.601063+00', '\xfec204cb69d56671');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-SHIPPING-IN-EFFECT', 'CALLED-OFF-SHIPPING-IN-EFFECT', -7220860429367757098, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.654148+00', '\x445931298b4f0946');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-RESERVING-IN-EFFECT', 'CALLED-OFF-RESERVING-IN-EFFECT', -5496185689989621218, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.69103+00', '\x6bb5e32b0756b33e');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-UNSHIPPED/cancel', 'cancel-of-CALLED-OFF-UNSHIPPED', 'CALLED-OFF-UNSHIPPED', -5253973023641553099, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.921704+00', '\xf9652b45ef796266');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-VOIDED/cancel', 'cancel-of-CALLED-OFF-VOIDED', 'CALLED-OFF-VOIDED', -780748409700126932, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:07.969146+00', '\x3208a2be5bdc3ff5');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/WAITING/cancel', 'cancel-of-WAITING', 'WAITING', 6374288545083311418, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-29 17:31:08.045147+00', '\x00c63891bae040d9');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/SKIPPED/cancel', 'cancel-of-SKIPPED', 'SKIPPED', 2240552642308930580, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"SKIPPED","state":"CANCELLED","version":8,"amount":3998,"currency":"USD"}', '2026-11-29 17:31:08.089771+00', '\xed42196748f38973');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/FORCED/cancel', 'cancel-of-FORCED', 'FORCED', 5430963450124325584, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"FORCED","state":"CANCELLED","version":6,"amount":3998,"currency":"USD"}', '2026-11-29 17:31:08.161478+00', '\x4e3975d779230650');


--
-- Data for Name: inventory; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory VALUES ('LITTLE', 1, 0);
INSERT INTO public.inventory VALUES ('S', 97, 2);


--
-- Data for Name: inventory_journal; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory_journal VALUES ('S', 'f7b1ec94-8aca-4eec-aa57-21ddbd136e9d', 100, 'created', 'anonymous', '2026-11-29 17:31:05.607982+00', NULL, '\x900713788519beb3');
INSERT INTO public.inventory_journal VALUES ('LITTLE', 'c5dd472b-3911-421b-980a-c12049d53971', 1, 'created', 'anonymous', '2026-11-29 17:31:05.616134+00', NULL, '\xdde7ee3fe96d0edb');
INSERT INTO public.inventory_journal VALUES ('S', '1cd391c0-334c-4732-9c69-a9d298e58daf', 1, 'restock of refund refunds-of-LOCAL', 'anonymous', '2026-11-29 17:31:05.74858+00', 'LOCAL', '\x3de213b7039bb37a');


--
-- Data for Name: nodes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.nodes VALUES ('c920b91f-f4e9-4b60-9e0f-3b139fcdfee5', '127.0.0.1:46193', '0.5.0', 'up', '2026-11-29 17:31:05.585447+00', '2026-11-29 17:31:05.585447+00');
INSERT INTO public.nodes VALUES ('f9ed00a7-7ad1-4405-95c0-2f7af9496700', '127.0.0.1:35999', '0.5.0', 'gone', '2026-11-29 17:31:05.983772+00', '2026-11-29 17:31:08.665013+00');


--
-- Data for Name: operator_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_log VALUES ('SKIPPED', '5f9d9139-68fe-46f4-b043-a190409fe0e1', '2026-11-29 17:31:08.190472+00', 'anonymous', 'skip', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T17:31:08.118223Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"COMPENSATING","version":6}');
INSERT INTO public.operator_log VALUES ('FORCED', '50a4e334-f5b9-405d-be1e-ac6f3964a6e0', '2026-11-29 17:31:08.208323+00', 'anonymous', 'force-cancel', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-29T17:31:08.170944Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"CANCELLED","version":6}');


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_events VALUES ('LOCAL', 1, '2026-11-29 17:31:05.649286+00', '778', '[{"type":"order.created","seal":"RN-U"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635612);
INSERT INTO public.order_events VALUES ('LOCAL-AUTHORIZED', 1, '2026-11-29 17:31:05.696969+00', '779', '[{"type":"order.created","seal":"OP8-"},{"type":"inventory.reserved"},{"type":"payment.authorized"}]', 3635612);
INSERT INTO public.order_events VALUES ('LOCAL-KEYED', 1, '2026-11-29 17:31:05.700157+00', '780', '[{"type":"order.created","seal":"Qrcj"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3635612);
INSERT INTO public.order_events VALUES ('LOCAL-SHORT', 1, '2026-11-29 17:31:05.714271+00', '782', '[{"type":"order.created","seal":"h1Jo"},{"type":"inventory.rejected","shortages":[{"sku":"LITTLE","requested":2,"available":1}]},{"type":"order.cancelled"}]', 3635612);
INSERT INTO public.order_events VALUES ('LOCAL', 6, '2026-11-29 17:31:05.745712+00', '783', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-LOCAL","amount":1999,"reason":"too small","restock":[{"sku":"S","quantity":1}]},{"type":"payment.refunded","amount":1999,"refund":{"client":"anonymous","key":"refunds-of-LOCAL"}}]', 3635612);
INSERT INTO public.order_events VALUES ('DONE', 1, '2026-11-29 17:31:06.013711+00', '785', '[{"type":"order.created","seal":"_QGZ"}]', 3635612);
INSERT INTO public.order_events VALUES ('DONE', 2, '2026-11-29 17:31:06.055159+00', '786', '[{"type":"inventory.reserved","reference":"rsv_f3b90e2f77f552cd9fa7e6e1504c0a47"}]', 3635612);
INSERT INTO public.order_events VALUES ('DONE', 3, '2026-11-29 17:31:06.066502+00', '787', '[{"type":"payment.charged","amount":3998,"reference":"ch_cb0e11794d1350a79f7b1b6f18439ffc"}]', 3635612);
INSERT INTO public.order_events VALUES ('DONE', 4, '2026-11-29 17:31:06.079433+00', '788', '[{"type":"shipment.created","reference":"shp_68f23e5fa84254628e2bdae938142cdc"},{"type":"order.completed"}]', 3635612);
INSERT INTO public.order_events VALUES ('DECLINED', 1, '2026-11-29 17:31:06.084005+00', '789', '[{"type":"order.created","seal":"Oz0e"}]', 3635612);
INSERT INTO public.order_events VALUES ('DECLINED', 2, '2026-11-29 17:31:06.090565+00', '790', '[{"type":"inventory.reserved","reference":"rsv_34a618ea57d65ab4bb52920310161971"}]', 3635612);
INSERT INTO public.order_events VALUES ('DECLINED', 3, '2026-11-29 17:31:06.097212+00', '791', '[{"type":"payment.declined","reason":"card_declined"}]', 3635612);
INSERT INTO public.order_events VALUES ('DECLINED', 4, '2026-11-29 17:31:06.10556+00', '792', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635612);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 1, '2026-11-29 17:31:06.111845+00', '793', '[{"type":"order.created","seal":"Ls12"}]', 3635612);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 2, '2026-11-29 17:31:06.118045+00', '794', '[{"type":"inventory.reserved","reference":"rsv_824bc98d2fb65bdeb7b3aab5fd2fd3b1"}]', 3635612);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 3, '2026-11-29 17:31:06.180576+00', '795', '[{"type":"payment.charged","amount":3998,"reference":"ch_3c6e283b6b0853088408afed4b94a4c0"}]', 3635612);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 4, '2026-11-29 17:31:06.190409+00', '796', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3635612);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 5, '2026-11-29 17:31:06.199875+00', '797', '[{"type":"payment.refunded","amount":3998}]', 3635612);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 6, '2026-11-29 17:31:06.209308+00', '798', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 1, '2026-11-29 17:31:06.220071+00', '799', '[{"type":"order.created","seal":"Il5C"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 2, '2026-11-29 17:31:06.238896+00', '800', '[{"type":"inventory.reserved","reference":"rsv_62b9f8ec48665a57ac1cfd43a5acf83f"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 3, '2026-11-29 17:31:06.252218+00', '801', '[{"type":"payment.authorized","reference":"auth_8b07a31910075fa1ade037236c989ea9","expires_in_ms":604798986}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURED', 1, '2026-11-29 17:31:06.267935+00', '802', '[{"type":"order.created","seal":"CuhO"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURED', 2, '2026-11-29 17:31:06.287302+00', '803', '[{"type":"inventory.reserved","reference":"rsv_57f2da091927577b811054cb9fd32145"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURED', 3, '2026-11-29 17:31:06.312237+00', '804', '[{"type":"payment.authorized","reference":"auth_9cb1760586ec5446bc7caf16288b37dd","expires_in_ms":604798975}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURED', 4, '2026-11-29 17:31:06.320956+00', '805', '[{"type":"payment.capturing","amount":3000}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURED', 5, '2026-11-29 17:31:06.3336+00', '806', '[{"type":"payment.charged","amount":3000,"reference":"cap_b2f74fa53ee9579e8fdf75412525113a"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURED', 6, '2026-11-29 17:31:06.340336+00', '807', '[{"type":"shipment.created","reference":"shp_15d72fd861455757bf9434909d2c257a"},{"type":"order.completed"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURED', 8, '2026-11-29 17:31:06.343044+00', '808', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-CAPTURED","amount":1,"reason":"late"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURED', 9, '2026-11-29 17:31:06.347505+00', '809', '[{"type":"payment.refunded","amount":1,"refund":{"client":"anonymous","key":"refunds-of-CAPTURED"}}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 1, '2026-11-29 17:31:06.359631+00', '811', '[{"type":"order.created","seal":"uq-s"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 2, '2026-11-29 17:31:06.367464+00', '812', '[{"type":"inventory.reserved","reference":"rsv_348422388a0e5a7487073331a2982385"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 3, '2026-11-29 17:31:06.383323+00', '813', '[{"type":"payment.authorized","reference":"auth_d5384515378c5826b98c4a390ff0d886","expires_in_ms":604798984}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 4, '2026-11-29 17:31:06.394905+00', '814', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 5, '2026-11-29 17:31:06.41274+00', '815', '[{"type":"payment.voided"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 6, '2026-11-29 17:31:06.420027+00', '816', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635612);
INSERT INTO public.order_events VALUES ('RESERVING', 1, '2026-11-29 17:31:06.43205+00', '817', '[{"type":"order.created","seal":"cqNF"}]', 3635612);
INSERT INTO public.order_events VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 17:31:06.447003+00', '818', '[{"type":"order.created","seal":"TU-E"}]', 3635612);
INSERT INTO public.order_events VALUES ('RESERVING-LOST', 1, '2026-11-29 17:31:06.455553+00', '820', '[{"type":"order.created","seal":"6zmU"}]', 3635612);
INSERT INTO public.order_events VALUES ('CHARGING', 1, '2026-11-29 17:31:06.462582+00', '822', '[{"type":"order.created","seal":"kyvs"}]', 3635612);
INSERT INTO public.order_events VALUES ('CHARGING', 2, '2026-11-29 17:31:06.487174+00', '824', '[{"type":"inventory.reserved","reference":"rsv_c8f6fe526e9657afa5c0ee816da21eb6"}]', 3635612);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 1, '2026-11-29 17:31:06.514581+00', '826', '[{"type":"order.created","seal":"8qb9"}]', 3635612);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 17:31:06.530754+00', '828', '[{"type":"inventory.reserved","reference":"rsv_5b7a6a2cec395509bae19ff85d5cfc46"}]', 3635612);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 1, '2026-11-29 17:31:06.562331+00', '831', '[{"type":"order.created","seal":"cYwh"}]', 3635612);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 2, '2026-11-29 17:31:06.577495+00', '833', '[{"type":"inventory.reserved","reference":"rsv_3e5ccd6c93a35cc7a01836dd3c481ca6"}]', 3635612);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 3, '2026-11-29 17:31:06.596701+00', '834', '[{"type":"payment.unknown"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 1, '2026-11-29 17:31:06.596913+00', '835', '[{"type":"order.created","seal":"tg1r"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 2, '2026-11-29 17:31:06.625845+00', '839', '[{"type":"inventory.reserved","reference":"rsv_4883ccedc424596fb856fa44d2fe7b3b"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 1, '2026-11-29 17:31:06.65149+00', '842', '[{"type":"order.created","seal":"qEwt"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 17:31:06.662683+00', '845', '[{"type":"inventory.reserved","reference":"rsv_a0f6ac7720e65a56bd0118cfb3459c6a"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 1, '2026-11-29 17:31:06.680608+00', '847', '[{"type":"order.created","seal":"BKBV"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 2, '2026-11-29 17:31:06.709591+00', '848', '[{"type":"inventory.reserved","reference":"rsv_92feacad520359f2a1e79f92aeb2621a"}]', 3635612);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 17:31:06.714326+00', '849', '[{"type":"payment.unknown"}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING', 1, '2026-11-29 17:31:06.732805+00', '851', '[{"type":"order.created","seal":"ibDY"}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING', 2, '2026-11-29 17:31:06.760178+00', '853', '[{"type":"inventory.reserved","reference":"rsv_bfe94905dd975e098c29c557215288dd"}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING', 3, '2026-11-29 17:31:06.803757+00', '859', '[{"type":"payment.charged","amount":3998,"reference":"ch_352123f326515f3aacbe2fa143e33675"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURING', 3, '2026-11-29 17:31:06.97883+00', '878', '[{"type":"payment.authorized","reference":"auth_6649a11d4a895ea49b419eeb24268977","expires_in_ms":604798979}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 1, '2026-11-29 17:31:06.993079+00', '886', '[{"type":"order.created","seal":"7uQP"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 2, '2026-11-29 17:31:07.031157+00', '888', '[{"type":"inventory.reserved","reference":"rsv_5afff3e6b62754c3aab29a5a74b12790"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 3, '2026-11-29 17:31:07.046941+00', '889', '[{"type":"payment.authorized","reference":"auth_2d191533ae9e599c8262af751f57556c","expires_in_ms":604798984}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURING', 4, '2026-11-29 17:31:07.061769+00', '890', '[{"type":"payment.capturing","amount":2000}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 4, '2026-11-29 17:31:07.102547+00', '897', '[{"type":"payment.capturing","amount":2000}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 5, '2026-11-29 17:31:07.128997+00', '899', '[{"type":"payment.charged","amount":2000,"reference":"cap_3d4af41fe90d51b4863ec863b5eab68f"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 6, '2026-11-29 17:31:07.14649+00', '900', '[{"type":"shipment.created","reference":"shp_a0607c4160f4517588a012b9c7ba7f71"},{"type":"order.completed"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 2, '2026-11-29 17:31:07.215136+00', '904', '[{"type":"inventory.reserved","reference":"rsv_ccce0e8e51fc5357ad7f662ec1350442"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-29 17:31:07.244818+00', '912', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 1, '2026-11-29 17:31:07.319549+00', '919', '[{"type":"order.created","seal":"YhJu"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 2, '2026-11-29 17:31:07.333263+00', '921', '[{"type":"inventory.reserved","reference":"rsv_9ee325289821547cb037f3a59cba0a89"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 3, '2026-11-29 17:31:07.346685+00', '925', '[{"type":"payment.charged","amount":3998,"reference":"ch_a384a92e745754eabb35006bf8f7ce4a"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 1, '2026-11-29 17:31:07.409978+00', '933', '[{"type":"order.created","seal":"n77E"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 2, '2026-11-29 17:31:07.42318+00', '934', '[{"type":"inventory.reserved","reference":"rsv_85849e233d0e5ab09cfd107fbdff2980"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 3, '2026-11-29 17:31:07.427498+00', '935', '[{"type":"payment.authorized","reference":"auth_8973feceac645063a44d966ccbb8d81e","expires_in_ms":604798995}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 1, '2026-11-29 17:31:07.44045+00', '936', '[{"type":"order.created","seal":"OSmx"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 2, '2026-11-29 17:31:07.448451+00', '938', '[{"type":"inventory.reserved","reference":"rsv_3fe745b8eeb65875903601244724ff01"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 3, '2026-11-29 17:31:07.472348+00', '950', '[{"type":"payment.authorized","reference":"auth_7b224b1ee25e53f6961fa2aa55059180","expires_in_ms":604798976}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-29 17:31:07.477919+00', '951', '[{"type":"payment.capturing","amount":2000}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 4, '2026-11-29 17:31:07.487602+00', '953', '[{"type":"payment.capturing","amount":2000}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 5, '2026-11-29 17:31:07.498658+00', '954', '[{"type":"payment.charged","amount":2000,"reference":"cap_ba78259b538650f4a48153abb15d4610"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-29 17:31:07.653406+00', '979', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 1, '2026-11-29 17:31:07.681807+00', '993', '[{"type":"order.created","seal":"3irj"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 2, '2026-11-29 17:31:07.789771+00', '1017', '[{"type":"inventory.reserved","reference":"rsv_0bf9a781cc805c629f15073ea6cc5203"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 3, '2026-11-29 17:31:07.795066+00', '1018', '[{"type":"payment.charged","amount":3998,"reference":"ch_72ab47736598534b893b3e4ccecfd8a6"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 4, '2026-11-29 17:31:07.79723+00', '1019', '[{"type":"shipment.failed","reason":"not_today"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 17:31:07.808133+00', '1020', '[{"type":"payment.refunded","amount":3998}]', 3635612);
INSERT INTO public.order_events VALUES ('RELEASING', 1, '2026-11-29 17:31:07.823158+00', '1022', '[{"type":"order.created","seal":"ASLp"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 1, '2026-11-29 17:31:07.890303+00', '1041', '[{"type":"order.created","seal":"PvEo"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 2, '2026-11-29 17:31:07.896822+00', '1042', '[{"type":"inventory.reserved","reference":"rsv_c3d9d365e5e65d4ea7772bf480b90557"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 3, '2026-11-29 17:31:07.905576+00', '1043', '[{"type":"payment.charged","amount":3998,"reference":"ch_f8179339e5a259e69e626d87792a9af2"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 4, '2026-11-29 17:31:07.920818+00', '1044', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-29 17:31:07.92913+00', '1045', '[{"type":"shipment.cancelled"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 1, '2026-11-29 17:31:07.947169+00', '1047', '[{"type":"order.created","seal":"pTUe"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 2, '2026-11-29 17:31:07.954717+00', '1048', '[{"type":"inventory.reserved","reference":"rsv_5823bc5efe4856428b170e6248d8e6f1"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 3, '2026-11-29 17:31:07.96799+00', '1050', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('SKIPPED', 2, '2026-11-29 17:31:08.075541+00', '1077', '[{"type":"inventory.reserved","reference":"rsv_638dd8dee58e5e469ea22a3ad65e0a6b"}]', 3635612);
INSERT INTO public.order_events VALUES ('SKIPPED', 3, '2026-11-29 17:31:08.088849+00', '1079', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('FORCED', 3, '2026-11-29 17:31:08.160691+00', '1094', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('FORCED', 4, '2026-11-29 17:31:08.170944+00', '1095', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635612);
INSERT INTO public.order_events VALUES ('SKIPPED', 5, '2026-11-29 17:31:08.188878+00', '1096', '[{"type":"order.skipped","action":"void","reason":"looked at both sides","by":"anonymous"},{"type":"payment.voided"}]', 3635612);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 2, '2026-11-29 17:31:08.255279+00', '1119', '[{"type":"inventory.reserved","reference":"rsv_29f34cc95d2c5ef1b751942d668589cd"}]', 3635612);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 3, '2026-11-29 17:31:08.262295+00', '1120', '[{"type":"order.attention","reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","contradicted":true}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 1, '2026-11-29 17:31:06.832552+00', '862', '[{"type":"order.created","seal":"OCTh"}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 2, '2026-11-29 17:31:06.842575+00', '864', '[{"type":"inventory.reserved","reference":"rsv_5f965de9c7f95f7eb28ebf6bfcc4f12b"}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 17:31:06.847524+00', '865', '[{"type":"payment.charged","amount":3998,"reference":"ch_ca777e7d0f7556d781c5f0e1e27b36ae"}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 1, '2026-11-29 17:31:06.88236+00', '871', '[{"type":"order.created","seal":"DKw-"}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 2, '2026-11-29 17:31:06.890234+00', '873', '[{"type":"inventory.reserved","reference":"rsv_45b96e1cbf355ab491c79edba4c0c2b4"}]', 3635612);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 3, '2026-11-29 17:31:06.908511+00', '874', '[{"type":"payment.charged","amount":3998,"reference":"ch_14970f806ec15eb19f8bdb30f21465b5"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURING', 1, '2026-11-29 17:31:06.923713+00', '876', '[{"type":"order.created","seal":"slL7"}]', 3635612);
INSERT INTO public.order_events VALUES ('CAPTURING', 2, '2026-11-29 17:31:06.957927+00', '877', '[{"type":"inventory.reserved","reference":"rsv_6f916c28287e56da9cb7522217ac10bb"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 17:31:07.165495+00', '901', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE","amount":500,"reason":"late"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 1, '2026-11-29 17:31:07.202847+00', '903', '[{"type":"order.created","seal":"1J0h"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 1, '2026-11-29 17:31:07.27892+00', '914', '[{"type":"order.created","seal":"uQPe"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 2, '2026-11-29 17:31:07.287078+00', '915', '[{"type":"inventory.reserved","reference":"rsv_79983406e03251e08a2024c9b5fe747b"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-29 17:31:07.296821+00', '917', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-29 17:31:07.363651+00', '927', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 1, '2026-11-29 17:31:07.381771+00', '929', '[{"type":"order.created","seal":"TXHR"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-29 17:31:07.394948+00', '931', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 6, '2026-11-29 17:31:07.505796+00', '955', '[{"type":"shipment.created","reference":"shp_74b3b5c91ef150d6bb39e0cfbda42d2a"},{"type":"order.completed"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-29 17:31:07.524542+00', '956', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE-IN-EFFECT","amount":500,"reason":"late"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 1, '2026-11-29 17:31:07.54155+00', '958', '[{"type":"order.created","seal":"eMGA"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 2, '2026-11-29 17:31:07.54978+00', '959', '[{"type":"inventory.reserved","reference":"rsv_0060bbbe0eb15afdb1e7932f1dc7ea0c"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-29 17:31:07.561424+00', '968', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 1, '2026-11-29 17:31:07.579618+00', '970', '[{"type":"order.created","seal":"yuoG"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 2, '2026-11-29 17:31:07.587651+00', '971', '[{"type":"inventory.reserved","reference":"rsv_6b7d2e6e7fce54f58447bee07c198d6f"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-29 17:31:07.599936+00', '973', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 1, '2026-11-29 17:31:07.620703+00', '975', '[{"type":"order.created","seal":"m03n"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 2, '2026-11-29 17:31:07.627561+00', '976', '[{"type":"inventory.reserved","reference":"rsv_0b62347c352d53f5af7ee1f482f2c6f8"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 3, '2026-11-29 17:31:07.637037+00', '977', '[{"type":"payment.charged","amount":3998,"reference":"ch_766389b360ea5dfdb174a38ba806c7d3"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-29 17:31:07.690174+00', '994', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING', 1, '2026-11-29 17:31:07.710714+00', '996', '[{"type":"order.created","seal":"PY1a"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING', 2, '2026-11-29 17:31:07.719868+00', '997', '[{"type":"inventory.reserved","reference":"rsv_c6627fd817c5501abac8440da7e6cadf"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING', 3, '2026-11-29 17:31:07.729129+00', '998', '[{"type":"payment.charged","amount":3998,"reference":"ch_f61dd5c8262f556f8700580993f83e0c"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING', 4, '2026-11-29 17:31:07.732031+00', '999', '[{"type":"shipment.failed","reason":"not_today"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 1, '2026-11-29 17:31:07.742773+00', '1001', '[{"type":"order.created","seal":"jMHm"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 2, '2026-11-29 17:31:07.751748+00', '1002', '[{"type":"inventory.reserved","reference":"rsv_eaa08ecf4c8a53eaa10b061d98f32b49"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 3, '2026-11-29 17:31:07.756331+00', '1003', '[{"type":"payment.charged","amount":3998,"reference":"ch_0592a6b20fd55c4ba2cb84f6b45a905b"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-29 17:31:07.763672+00', '1005', '[{"type":"shipment.failed","reason":"not_today"}]', 3635612);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 1, '2026-11-29 17:31:07.78223+00', '1013', '[{"type":"order.created","seal":"x31Z"}]', 3635612);
INSERT INTO public.order_events VALUES ('RELEASING', 2, '2026-11-29 17:31:07.840028+00', '1023', '[{"type":"inventory.reserved","reference":"rsv_a5fbc7392fad5493b3cfc05df6f629fe"}]', 3635612);
INSERT INTO public.order_events VALUES ('RELEASING', 3, '2026-11-29 17:31:07.847933+00', '1024', '[{"type":"payment.declined","reason":"not_today"}]', 3635612);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 1, '2026-11-29 17:31:07.859281+00', '1026', '[{"type":"order.created","seal":"mE4l"}]', 3635612);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 2, '2026-11-29 17:31:07.86605+00', '1027', '[{"type":"inventory.reserved","reference":"rsv_71270a0696775bbf9c3f245be4cd02d2"}]', 3635612);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-29 17:31:07.876175+00', '1030', '[{"type":"payment.declined","reason":"not_today"}]', 3635612);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-29 17:31:07.993294+00', '1054', '[{"type":"payment.voided","captured":3998}]', 3635612);
INSERT INTO public.order_events VALUES ('WAITING', 1, '2026-11-29 17:31:08.018941+00', '1071', '[{"type":"order.created","seal":"MvkA"}]', 3635612);
INSERT INTO public.order_events VALUES ('WAITING', 2, '2026-11-29 17:31:08.031967+00', '1072', '[{"type":"inventory.reserved","reference":"rsv_f8ee58a6a7df5720aec033070371655a"}]', 3635612);
INSERT INTO public.order_events VALUES ('WAITING', 3, '2026-11-29 17:31:08.044178+00', '1074', '[{"type":"order.compensating","reason":"client"}]', 3635612);
INSERT INTO public.order_events VALUES ('WAITING', 4, '2026-11-29 17:31:08.050355+00', '1075', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635612);
INSERT INTO public.order_events VALUES ('SKIPPED', 1, '2026-11-29 17:31:08.062836+00', '1076', '[{"type":"order.created","seal":"hwSP"}]', 3635612);
INSERT INTO public.order_events VALUES ('SKIPPED', 4, '2026-11-29 17:31:08.118223+00', '1088', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3635612);
INSERT INTO public.order_events VALUES ('FORCED', 1, '2026-11-29 17:31:08.127403+00', '1091', '[{"type":"order.created","seal":"hrM3"}]', 3635612);
INSERT INTO public.order_events VALUES ('FORCED', 2, '2026-11-29 17:31:08.142773+00', '1092', '[{"type":"inventory.reserved","reference":"rsv_211d321f4e8d5ba588403a9163f0a0af"}]', 3635612);
INSERT INTO public.order_events VALUES ('SKIPPED', 7, '2026-11-29 17:31:08.201433+00', '1097', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3635612);
INSERT INTO public.order_events VALUES ('FORCED', 5, '2026-11-29 17:31:08.201675+00', '1099', '[{"type":"order.forced","reason":"looked at both sides","by":"anonymous"},{"type":"order.cancelled"}]', 3635612);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 1, '2026-11-29 17:31:08.238328+00', '1112', '[{"type":"order.created","seal":"vo8E"}]', 3635612);


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
-- Data for Name: order_work; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_work VALUES ('LOCAL-AUTHORIZED', 3, '2026-12-06 17:31:05.698146+00', '2026-12-06 17:31:05.698148+00', '2026-11-29 17:31:05.698148+00', 0, 0, NULL, false, '2026-11-29 17:31:05.698148+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZED', 3, '2026-12-06 17:31:05.241172+00', '2026-12-06 17:31:05.241172+00', '2026-11-29 17:31:06.255173+00', 0, 0, NULL, false, '2026-11-29 17:31:06.255173+00', NULL, false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-29 17:31:08.693751+00', NULL, '2026-11-29 17:31:07.994646+00', 0, 0, NULL, false, '2026-11-29 17:31:08.454542+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-29 17:31:08.763709+00', NULL, '2026-11-29 17:31:07.93039+00', 0, 0, NULL, false, '2026-11-29 17:31:08.454646+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING', 3, '2026-11-29 17:31:08.887709+00', NULL, '2026-11-29 17:31:07.848995+00', 0, 0, NULL, false, '2026-11-29 17:31:08.565194+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-29 17:31:08.946717+00', NULL, '2026-11-29 17:31:07.691478+00', 0, 0, NULL, false, '2026-11-29 17:31:08.56746+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('WAITING', 4, NULL, NULL, '2026-11-29 17:31:08.0457+00', 0, 0, NULL, false, '2026-11-29 17:31:08.051739+00', 'refused: not_today', false);
INSERT INTO public.order_work VALUES ('CONTRADICTED', 3, NULL, '2026-11-29 17:46:08.239355+00', '2026-11-29 17:31:08.256699+00', 0, 0, NULL, false, '2026-11-29 17:31:08.2635+00', 'contradicted: charge was asked for the amount 3998 USD, the participant says 1 USD', false);
INSERT INTO public.order_work VALUES ('REFUNDING', 4, '2026-11-29 17:31:08.718704+00', NULL, '2026-11-29 17:31:07.732858+00', 0, 0, NULL, false, '2026-11-29 17:31:08.34057+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-29 17:31:08.738695+00', NULL, '2026-11-29 17:31:07.877774+00', 0, 0, NULL, false, '2026-11-29 17:31:08.341787+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-29 17:31:08.68687+00', NULL, '2026-11-29 17:31:07.396049+00', 0, 0, NULL, false, '2026-11-29 17:31:08.341855+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-29 17:31:08.681399+00', NULL, '2026-11-29 17:31:07.764873+00', 0, 0, NULL, false, '2026-11-29 17:31:08.342655+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-LOST', 3, '2026-11-29 17:31:08.816155+00', '2026-11-29 17:46:06.69039+00', '2026-11-29 17:31:06.712123+00', 7, 0, NULL, false, '2026-11-29 17:31:08.446918+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('SHIPPING-LOST', 3, '2026-11-29 17:31:08.757735+00', NULL, '2026-11-29 17:31:06.911304+00', 7, 0, NULL, false, '2026-11-29 17:31:08.447127+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-29 17:31:08.830898+00', NULL, '2026-11-29 17:31:06.871295+00', 0, 0, NULL, false, '2026-11-29 17:31:08.450408+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-29 17:31:08.715503+00', NULL, '2026-11-29 17:31:07.251905+00', 0, 0, NULL, false, '2026-11-29 17:31:08.452109+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-29 17:31:08.699245+00', NULL, '2026-11-29 17:31:07.367691+00', 0, 0, NULL, false, '2026-11-29 17:31:08.452695+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-29 17:31:08.726485+00', '2026-11-29 17:46:06.449312+00', '2026-11-29 17:31:06.449313+00', 0, 0, NULL, false, '2026-11-29 17:31:08.454322+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING', 1, '2026-11-29 17:31:08.76183+00', '2026-11-29 17:46:06.438308+00', '2026-11-29 17:31:06.438308+00', 0, 0, NULL, false, '2026-11-29 17:31:08.560834+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING', 2, '2026-11-29 17:31:08.841236+00', '2026-11-29 17:46:06.466229+00', '2026-11-29 17:31:06.489858+00', 0, 0, NULL, false, '2026-11-29 17:31:08.56127+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING', 4, '2026-11-29 17:31:08.93448+00', '2026-12-06 17:31:05.960288+00', '2026-11-29 17:31:07.065453+00', 0, 0, NULL, false, '2026-11-29 17:31:08.561486+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-29 17:31:08.936624+00', '2026-12-06 17:31:06.423365+00', '2026-11-29 17:31:07.478975+00', 0, 0, NULL, false, '2026-11-29 17:31:08.565509+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE', 8, '2026-11-29 17:31:08.846517+00', NULL, '2026-11-29 17:31:07.172333+00', 0, 0, NULL, false, '2026-11-29 17:31:08.56657+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-29 17:31:08.958386+00', NULL, '2026-11-29 17:31:07.298268+00', 0, 0, NULL, false, '2026-11-29 17:31:08.566844+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-29 17:31:08.940105+00', NULL, '2026-11-29 17:31:07.527538+00', 0, 0, NULL, false, '2026-11-29 17:31:08.568783+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-29 17:31:08.802972+00', NULL, '2026-11-29 17:31:07.60155+00', 0, 0, NULL, false, '2026-11-29 17:31:08.570039+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING', 2, '2026-11-29 17:31:08.664512+00', '2026-11-29 17:46:06.601255+00', '2026-11-29 17:31:06.629197+00', 0, 0, NULL, false, '2026-11-29 17:31:08.664512+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-29 17:31:08.664552+00', NULL, '2026-11-29 17:31:07.654621+00', 0, 0, NULL, false, '2026-11-29 17:31:08.664552+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-LOST', 3, '2026-11-29 17:31:08.664559+00', '2026-11-29 17:46:06.566209+00', '2026-11-29 17:31:06.584061+00', 8, 0, NULL, false, '2026-11-29 17:31:08.664559+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('REFUNDED-RELEASING', 5, '2026-11-29 17:31:08.664564+00', NULL, '2026-11-29 17:31:07.809401+00', 0, 0, NULL, false, '2026-11-29 17:31:08.664564+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-LOST', 1, '2026-11-29 17:31:08.801521+00', '2026-11-29 17:46:06.457921+00', '2026-11-29 17:31:06.457921+00', 9, 0, NULL, false, '2026-11-29 17:31:08.445963+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-29 17:31:08.918732+00', '2026-11-29 17:46:06.516848+00', '2026-11-29 17:31:06.535168+00', 0, 0, NULL, false, '2026-11-29 17:31:08.561152+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-29 17:31:08.785117+00', '2026-11-29 17:46:06.65509+00', '2026-11-29 17:31:06.664999+00', 0, 0, NULL, false, '2026-11-29 17:31:08.564369+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-29 17:31:08.664541+00', NULL, '2026-11-29 17:31:07.562624+00', 0, 0, NULL, false, '2026-11-29 17:31:08.664541+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING', 3, '2026-11-29 17:31:08.664571+00', NULL, '2026-11-29 17:31:06.806863+00', 0, 0, NULL, false, '2026-11-29 17:31:08.664571+00', 'accepted, and not decided yet', false);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES ('LOCAL-AUTHORIZED', -1297731530051513444, 3998, '2026-11-29 17:31:05.696969+00', '2026-11-29 17:31:05.696969+00', 3, 1, 0, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0141ae14c5240459fc0cfc5a54480569b60c41f3faaa3238592602d692c2ea86f1', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-KEYED', 1889512769451692488, 3998, '2026-11-29 17:31:05.700157+00', '2026-11-29 17:31:05.700157+00', 5, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-KEYED","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-SHORT', 6444046443392810502, 3998, '2026-11-29 17:31:05.714271+00', '2026-11-29 17:31:05.714271+00', 3, 1, 0, 409, 'CANCELLED', 'rejected', 'none', 'USD', 'anonymous', 'cus-7', '\x01f2aa6b762f9f104f245ec37e3fd2f433a1a92558c97ad9ce84dc541fa14b6577', '[{"sku":"LITTLE","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of LITTLE; nothing was charged","code":"out_of_stock","order_id":"LOCAL-SHORT","final":true,"shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, '{"code":"out_of_stock","shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL', 6230380706387062482, 3998, '2026-11-29 17:31:05.649286+00', '2026-11-29 17:31:05.745712+00', 7, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('DECLINED', 1111640155718916096, 3998, '2026-11-29 17:31:06.084005+00', '2026-11-29 17:31:06.10556+00', 5, 1, 7, 402, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01667db6feee982def1b7a297833c70597a3331dee76b5fe2f06235a5c134a65f7', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_declined","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:payment_declined","title":"Payment declined","status":402,"detail":"the payment was declined; the stock was released and nothing was charged","code":"payment_declined","order_id":"DECLINED","final":true,"reason":"card_declined","compensations":["inventory.released"]}', NULL, '{"code":"payment_declined","reason":"card_declined"}', NULL, 'rsv_34a618ea57d65ab4bb52920310161971');
INSERT INTO public.orders VALUES ('UNSHIPPED', 8646300838855725229, 3998, '2026-11-29 17:31:06.111845+00', '2026-11-29 17:31:06.209308+00', 7, 1, 7, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_824bc98d2fb65bdeb7b3aab5fd2fd3b1');
INSERT INTO public.orders VALUES ('AUTHORIZED', 2366406376095028247, 3998, '2026-11-29 17:31:06.220071+00', '2026-11-29 17:31:06.252218+00', 3, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_62b9f8ec48665a57ac1cfd43a5acf83f');
INSERT INTO public.orders VALUES ('CAPTURED', -8293452453986036634, 3998, '2026-11-29 17:31:06.267935+00', '2026-11-29 17:31:06.347505+00', 9, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_15d72fd861455757bf9434909d2c257a', NULL, NULL, 'rsv_57f2da091927577b811054cb9fd32145');
INSERT INTO public.orders VALUES ('DONE', 7180353548912787763, 3998, '2026-11-29 17:31:06.013711+00', '2026-11-29 17:31:06.079433+00', 5, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"DONE","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', 'shp_68f23e5fa84254628e2bdae938142cdc', NULL, NULL, 'rsv_f3b90e2f77f552cd9fa7e6e1504c0a47');
INSERT INTO public.orders VALUES ('CALLED-OFF', 2389072590793339754, 3998, '2026-11-29 17:31:06.359631+00', '2026-11-29 17:31:06.420027+00', 7, 1, 7, 201, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CALLED-OFF","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_348422388a0e5a7487073331a2982385');
INSERT INTO public.orders VALUES ('RESERVING', -357921126436360802, 3998, '2026-11-29 17:31:06.43205+00', '2026-11-29 17:31:06.43205+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-IN-EFFECT', -6344403693044988026, 3998, '2026-11-29 17:31:06.447003+00', '2026-11-29 17:31:06.447003+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING-IN-EFFECT', -6350377664688197602, 3998, '2026-11-29 17:31:06.514581+00', '2026-11-29 17:31:06.530754+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_5b7a6a2cec395509bae19ff85d5cfc46');
INSERT INTO public.orders VALUES ('AUTHORIZING-IN-EFFECT', 9150017855213236863, 3998, '2026-11-29 17:31:06.65149+00', '2026-11-29 17:31:06.662683+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_a0f6ac7720e65a56bd0118cfb3459c6a');
INSERT INTO public.orders VALUES ('SHIPPING', 2526936400283220701, 3998, '2026-11-29 17:31:06.732805+00', '2026-11-29 17:31:06.803757+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_bfe94905dd975e098c29c557215288dd');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING', 530689660150975095, 3998, '2026-11-29 17:31:07.319549+00', '2026-11-29 17:31:07.363651+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_9ee325289821547cb037f3a59cba0a89');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE', 889346778084399782, 3998, '2026-11-29 17:31:06.993079+00', '2026-11-29 17:31:07.165495+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_a0607c4160f4517588a012b9c7ba7f71', NULL, NULL, 'rsv_5afff3e6b62754c3aab29a5a74b12790');
INSERT INTO public.orders VALUES ('CAPTURING-IN-EFFECT', 2308228380966626407, 3998, '2026-11-29 17:31:07.409978+00', '2026-11-29 17:31:07.477919+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_85849e233d0e5ab09cfd107fbdff2980');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 5545826188158149232, 3998, '2026-11-29 17:31:07.44045+00', '2026-11-29 17:31:07.524542+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_74b3b5c91ef150d6bb39e0cfbda42d2a', NULL, NULL, 'rsv_3fe745b8eeb65875903601244724ff01');
INSERT INTO public.orders VALUES ('RESERVING-LOST', -729072668898667769, 3998, '2026-11-29 17:31:06.455553+00', '2026-11-29 17:31:06.455553+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING', 2077954446228141787, 3998, '2026-11-29 17:31:06.462582+00', '2026-11-29 17:31:06.487174+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_c8f6fe526e9657afa5c0ee816da21eb6');
INSERT INTO public.orders VALUES ('SHIPPING-LOST', -6542522137281765974, 3998, '2026-11-29 17:31:06.88236+00', '2026-11-29 17:31:06.908511+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_45b96e1cbf355ab491c79edba4c0c2b4');
INSERT INTO public.orders VALUES ('CHARGING-LOST', -4171287978185195862, 3998, '2026-11-29 17:31:06.562331+00', '2026-11-29 17:31:06.596701+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_3e5ccd6c93a35cc7a01836dd3c481ca6');
INSERT INTO public.orders VALUES ('AUTHORIZING', -4078299279617648609, 3998, '2026-11-29 17:31:06.596913+00', '2026-11-29 17:31:06.625845+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_4883ccedc424596fb856fa44d2fe7b3b');
INSERT INTO public.orders VALUES ('AUTHORIZING-LOST', -2172641342729962243, 3998, '2026-11-29 17:31:06.680608+00', '2026-11-29 17:31:06.714326+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_92feacad520359f2a1e79f92aeb2621a');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING', -4523726095159961876, 3998, '2026-11-29 17:31:07.202847+00', '2026-11-29 17:31:07.244818+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_ccce0e8e51fc5357ad7f662ec1350442');
INSERT INTO public.orders VALUES ('SHIPPING-IN-EFFECT', -1538066828865960985, 3998, '2026-11-29 17:31:06.832552+00', '2026-11-29 17:31:06.847524+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_5f965de9c7f95f7eb28ebf6bfcc4f12b');
INSERT INTO public.orders VALUES ('CAPTURING', -7775321797142902018, 3998, '2026-11-29 17:31:06.923713+00', '2026-11-29 17:31:07.061769+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_6f916c28287e56da9cb7522217ac10bb');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING', -52715940408241567, 3998, '2026-11-29 17:31:07.27892+00', '2026-11-29 17:31:07.296821+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_79983406e03251e08a2024c9b5fe747b');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING', -4453081080351271883, 3998, '2026-11-29 17:31:07.381771+00', '2026-11-29 17:31:07.394948+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('REFUNDING', -6557647604242991305, 3998, '2026-11-29 17:31:07.710714+00', '2026-11-29 17:31:07.732031+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_c6627fd817c5501abac8440da7e6cadf');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', -1559971315138918688, 3998, '2026-11-29 17:31:07.54155+00', '2026-11-29 17:31:07.561424+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_0060bbbe0eb15afdb1e7932f1dc7ea0c');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 4324806144356559058, 3998, '2026-11-29 17:31:07.579618+00', '2026-11-29 17:31:07.599936+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_6b7d2e6e7fce54f58447bee07c198d6f');
INSERT INTO public.orders VALUES ('REFUNDED-RELEASING', -5246451217990439724, 3998, '2026-11-29 17:31:07.78223+00', '2026-11-29 17:31:07.808133+00', 5, 1, 7, NULL, 'COMPENSATING', 'releasing', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_0bf9a781cc805c629f15073ea6cc5203');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', -7220860429367757098, 3998, '2026-11-29 17:31:07.620703+00', '2026-11-29 17:31:07.653406+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_0b62347c352d53f5af7ee1f482f2c6f8');
INSERT INTO public.orders VALUES ('WAITING', -4872475310049360126, 3998, '2026-11-29 17:31:08.018941+00', '2026-11-29 17:31:08.050355+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', '{"reason":"void was refused: not_today","since":"2026-11-29T17:31:08.050355Z"}', 'rsv_f8ee58a6a7df5720aec033070371655a');
INSERT INTO public.orders VALUES ('RELEASING-IN-EFFECT', -666034307053724679, 3998, '2026-11-29 17:31:07.859281+00', '2026-11-29 17:31:07.876175+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_71270a0696775bbf9c3f245be4cd02d2');
INSERT INTO public.orders VALUES ('REFUNDING-IN-EFFECT', 8786530794017373381, 3998, '2026-11-29 17:31:07.742773+00', '2026-11-29 17:31:07.763672+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_eaa08ecf4c8a53eaa10b061d98f32b49');
INSERT INTO public.orders VALUES ('SKIPPED', 4934587209377730463, 3998, '2026-11-29 17:31:08.062836+00', '2026-11-29 17:31:08.201433+00', 8, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"SKIPPED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_638dd8dee58e5e469ea22a3ad65e0a6b');
INSERT INTO public.orders VALUES ('FORCED', 7875971158036234087, 3998, '2026-11-29 17:31:08.127403+00', '2026-11-29 17:31:08.201675+00', 6, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"FORCED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_211d321f4e8d5ba588403a9163f0a0af');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', -5496185689989621218, 3998, '2026-11-29 17:31:07.681807+00', '2026-11-29 17:31:07.690174+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('RELEASING', 1203423366463758895, 3998, '2026-11-29 17:31:07.823158+00', '2026-11-29 17:31:07.847933+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_a5fbc7392fad5493b3cfc05df6f629fe');
INSERT INTO public.orders VALUES ('CALLED-OFF-UNSHIPPED', 8125826273561728534, 3998, '2026-11-29 17:31:07.890303+00', '2026-11-29 17:31:07.92913+00', 5, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelled', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_c3d9d365e5e65d4ea7772bf480b90557');
INSERT INTO public.orders VALUES ('CALLED-OFF-VOIDED', -3579235973178855638, 3998, '2026-11-29 17:31:07.947169+00', '2026-11-29 17:31:07.993294+00', 4, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_5823bc5efe4856428b170e6248d8e6f1');
INSERT INTO public.orders VALUES ('CONTRADICTED', -8541899988552305433, 3998, '2026-11-29 17:31:08.238328+00', '2026-11-29 17:31:08.262295+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, '{"reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","since":"2026-11-29T17:31:08.262295Z","contradicted":true}', 'rsv_29f34cc95d2c5ef1b751942d668589cd');


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
INSERT INTO public.payments VALUES ('DONE', 'charged', false, true, 3998, 3998, 0, 'ch_cb0e11794d1350a79f7b1b6f18439ffc', NULL);
INSERT INTO public.payments VALUES ('DECLINED', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDED-RELEASING', 'refunded', false, true, 3998, 3998, 3998, 'ch_72ab47736598534b893b3e4ccecfd8a6', NULL);
INSERT INTO public.payments VALUES ('UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_3c6e283b6b0853088408afed4b94a4c0', NULL);
INSERT INTO public.payments VALUES ('AUTHORIZED', 'authorized', false, true, 3998, 0, 0, 'auth_8b07a31910075fa1ade037236c989ea9', NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-UNSHIPPED', 'refunding', false, true, 3998, 3998, 3998, 'ch_f8179339e5a259e69e626d87792a9af2', NULL);
INSERT INTO public.payments VALUES ('CAPTURED', 'charged', false, true, 3000, 3000, 1, 'auth_9cb1760586ec5446bc7caf16288b37dd', 'cap_b2f74fa53ee9579e8fdf75412525113a');
INSERT INTO public.payments VALUES ('CALLED-OFF', 'voided', false, true, 3998, 0, 0, 'auth_d5384515378c5826b98c4a390ff0d886', NULL);
INSERT INTO public.payments VALUES ('CHARGING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_352123f326515f3aacbe2fa143e33675', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_ca777e7d0f7556d781c5f0e1e27b36ae', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-LOST', 'charged', false, true, 3998, 3998, 0, 'ch_14970f806ec15eb19f8bdb30f21465b5', NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-VOIDED', 'voided', false, false, 3998, 3998, 3998, NULL, NULL);
INSERT INTO public.payments VALUES ('CAPTURING', 'capturing', false, true, 2000, 0, 0, 'auth_6649a11d4a895ea49b419eeb24268977', NULL);
INSERT INTO public.payments VALUES ('SKIPPED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE', 'charged', false, true, 2000, 2000, 500, 'auth_2d191533ae9e599c8262af751f57556c', 'cap_3d4af41fe90d51b4863ec863b5eab68f');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_a384a92e745754eabb35006bf8f7ce4a', NULL);
INSERT INTO public.payments VALUES ('CONTRADICTED', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CAPTURING-IN-EFFECT', 'capturing', false, true, 2000, 0, 0, 'auth_8973feceac645063a44d966ccbb8d81e', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 'charged', false, true, 2000, 2000, 500, 'auth_7b224b1ee25e53f6961fa2aa55059180', 'cap_ba78259b538650f4a48153abb15d4610');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_766389b360ea5dfdb174a38ba806c7d3', NULL);
INSERT INTO public.payments VALUES ('REFUNDING', 'refunding', false, true, 3998, 3998, 3998, 'ch_f61dd5c8262f556f8700580993f83e0c', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-IN-EFFECT', 'refunding', false, true, 3998, 3998, 3998, 'ch_0592a6b20fd55c4ba2cb84f6b45a905b', NULL);
INSERT INTO public.payments VALUES ('RELEASING', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('RELEASING-IN-EFFECT', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('WAITING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('FORCED', 'voided', false, false, 3998, 0, 0, NULL, NULL);


--
-- Data for Name: pruned_orders; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: prunes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refinery_schema_history; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refinery_schema_history VALUES (1, 'foundation', '2026-11-29T17:31:04.732132508Z', '4295920499872568406');
INSERT INTO public.refinery_schema_history VALUES (2, 'remote_legs', '2026-11-29T17:31:04.818865614Z', '4461716305316383968');
INSERT INTO public.refinery_schema_history VALUES (3, 'inbox_purge', '2026-11-29T17:31:04.854676244Z', '15236599358920140796');
INSERT INTO public.refinery_schema_history VALUES (4, 'hot_orders', '2026-11-29T17:31:04.863760506Z', '14077514177569390261');
INSERT INTO public.refinery_schema_history VALUES (5, 'work_clock', '2026-11-29T17:31:04.879559071Z', '66626004372663131');
INSERT INTO public.refinery_schema_history VALUES (6, 'adoption', '2026-11-29T17:31:04.881722575Z', '9824958181989533634');
INSERT INTO public.refinery_schema_history VALUES (7, 'seals', '2026-11-29T17:31:04.891842931Z', '10932443199574537219');
INSERT INTO public.refinery_schema_history VALUES (8, 'free_returns', '2026-11-29T17:31:04.894866939Z', '6232638002878772191');
INSERT INTO public.refinery_schema_history VALUES (9, 'order_keys', '2026-11-29T17:31:04.898991176Z', '5398404707342241265');
INSERT INTO public.refinery_schema_history VALUES (10, 'feed', '2026-11-29T17:31:04.909153325Z', '10549446667388425250');
INSERT INTO public.refinery_schema_history VALUES (11, 'leases', '2026-11-29T17:31:04.918964233Z', '3922018200371891248');
INSERT INTO public.refinery_schema_history VALUES (12, 'relays', '2026-11-29T17:31:04.927156344Z', '10509368159252890779');
INSERT INTO public.refinery_schema_history VALUES (13, 'webhooks', '2026-11-29T17:31:04.948030435Z', '4809684204427590768');
INSERT INTO public.refinery_schema_history VALUES (14, 'outbox_table', '2026-11-29T17:31:04.970297338Z', '3049699243693499359');
INSERT INTO public.refinery_schema_history VALUES (15, 'divisions', '2026-11-29T17:31:04.979302514Z', '11174637611968049349');
INSERT INTO public.refinery_schema_history VALUES (16, 'retention', '2026-11-29T17:31:04.985262069Z', '14980537811028063259');
INSERT INTO public.refinery_schema_history VALUES (17, 'prune_seals', '2026-11-29T17:31:05.003456251Z', '7396560070373730904');


--
-- Data for Name: refunds; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refunds VALUES ('LOCAL', 'anonymous', 'refunds-of-LOCAL', 1, 1999, 'refunded', 'too small', '[{"sku":"S","quantity":1}]');
INSERT INTO public.refunds VALUES ('CAPTURED', 'anonymous', 'refunds-of-CAPTURED', 1, 1, 'refunded', 'late', NULL);
INSERT INTO public.refunds VALUES ('REFUNDING-CAPTURE', 'anonymous', 'refunds-of-REFUNDING-CAPTURE', 1, 500, 'intended', 'late', NULL);
INSERT INTO public.refunds VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 'anonymous', 'refunds-of-REFUNDING-CAPTURE-IN-EFFECT', 1, 500, 'intended', 'late', NULL);


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

\unrestrict 5Hjo5AK1ZY0np77Ehit8Pqy7KnbXkgvo2AcnPZSyujZGnfvFgSQdzgvJvcOJD9H

