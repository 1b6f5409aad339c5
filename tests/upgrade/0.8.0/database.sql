--
-- PostgreSQL database dump
--

\restrict 8f01KNliXeEtCkZ8oOqYem9ePJScZnTDmpWqIz3vHWiVNjWEPXxCtYJVN7HWNfT

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

INSERT INTO public.deployment VALUES (true, '6fb2f7aa-24c8-4104-b974-d68c70ac3a24', 21, '0.8.0', '2026-11-30 03:22:35.338465+00', 'default', 7713799722172937425, 16739, '[]', NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: epochs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.epochs VALUES (3636202, 7713799722172937425, '00000001', 16384, 16430, '2026-11-30 03:22:35.278543+00');
INSERT INTO public.epochs VALUES (3636203, 7713799722172937425, '00000001', 16739, 16430, '2026-11-30 03:22:35.614077+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders', 'k-1', 'LOCAL-KEYED', -5781022711818660794, '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', NULL, NULL, '2026-11-30 03:22:35.64459+00', '\xcb8aa189c7aea802');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/LOCAL/refunds', 'refunds-of-LOCAL', 'LOCAL', -2829706957340328956, '\x01f8c203b76156247885393da010c2184b3c39c8b7b2b71714064b9f84f21d24f1', 201, '{"captured":3998,"currency":"USD","order_id":"LOCAL","refund":{"amount":1999,"reason":"too small","restock":[{"quantity":1,"sku":"S"}]},"refunded":1999,"state":"COMPLETED","version":7}', '2026-11-30 03:22:35.661902+00', '\xc5258c01911e3c82');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/capture', 'capture-of-CAPTURED', 'CAPTURED', 2824610483020367785, '\x0117951ca09d7faba3ea92e4256534b0f1d3ef486735289e83e39dc26f22a9bd8f', 201, '{"order_id":"CAPTURED","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-30 03:22:35.94024+00', '\xb77f3191a6af8787');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURED/refunds', 'refunds-of-CAPTURED', 'CAPTURED', 3361847260407435983, '\x011c39f43c1b781a24445be90e100625cdc53df8488acc417ce6912b48c395621c', 201, '{"captured":3000,"currency":"USD","order_id":"CAPTURED","refund":{"amount":1,"reason":"late","restock":[]},"refunded":1,"state":"COMPLETED","version":9}', '2026-11-30 03:22:35.954767+00', '\x619654071bee280f');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/DONE/cancel', 'too-late', 'DONE', -5895735031368734056, '\x01a22002bc4a95124c0c6d865923cefbff934b9c5ae709aed1db8ae163dfdd9ed2', 409, '{"type":"urn:counterfoil:problem:wrong_state","title":"Wrong state","status":409,"detail":"cancel: not while the order is COMPLETED","code":"wrong_state","order_id":"DONE","state":"COMPLETED","final":true}', '2026-11-30 03:22:35.962891+00', '\x6da9f868b39fae92');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF/cancel', 'cancel-of-CALLED-OFF', 'CALLED-OFF', -3056871325832124931, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"CALLED-OFF","state":"CANCELLED","version":7,"amount":3998,"currency":"USD"}', '2026-11-30 03:22:35.973925+00', '\xf1797ad50d7b3896');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING/capture', 'capture-of-CAPTURING', 'CAPTURING', -4504233302201735423, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-30 03:22:37.184916+00', '\xf5882fe043a6a156');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/capture', 'capture-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', 4550244215394709929, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-30 03:22:37.20218+00', '\x5a9386728db09539');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE/refunds', 'refunds-of-REFUNDING-CAPTURE', 'REFUNDING-CAPTURE', -4179336919903666430, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-30 03:22:37.221422+00', '\xc2440a4b42a072f9');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING/cancel', 'cancel-of-CALLED-OFF-CHARGING', 'CALLED-OFF-CHARGING', 5962130380663996427, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.250355+00', '\x14f3e5c061bf7344');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING', 'CALLED-OFF-AUTHORIZING', -9007124183006950955, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.281731+00', '\x8e656d3028c1a4be');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING/cancel', 'cancel-of-CALLED-OFF-SHIPPING', 'CALLED-OFF-SHIPPING', 542580732111071198, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.310514+00', '\xd20320638118ac12');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING/cancel', 'cancel-of-CALLED-OFF-RESERVING', 'CALLED-OFF-RESERVING', -6250969092991880005, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.335287+00', '\x1e0b0f5d296fdaf3');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CAPTURING-IN-EFFECT/capture', 'capture-of-CAPTURING-IN-EFFECT', 'CAPTURING-IN-EFFECT', 6291688882798315849, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', NULL, NULL, '2026-11-30 03:22:37.366846+00', '\x691909b0880b238f');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/capture', 'capture-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', -2941426776489283323, '\x01af8beefa1bc7e691490f3400143dbdb357ff040f33994ed94c53a4be5e423796', 201, '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"COMPLETED","version":7,"amount":3998,"currency":"USD"}', '2026-11-30 03:22:37.370553+00', '\x1731e22e3fe6680a');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/REFUNDING-CAPTURE-IN-EFFECT/refunds', 'refunds-of-REFUNDING-CAPTURE-IN-EFFECT', 'REFUNDING-CAPTURE-IN-EFFECT', 7958528281410757518, '\x010b864d5e670221ad8549e58c4b967f6e8ef2e6d0171a7e9b83d183c3cf521af9', NULL, NULL, '2026-11-30 03:22:37.388218+00', '\xeec1899b5819a83b');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-CHARGING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-CHARGING-IN-EFFECT', 'CALLED-OFF-CHARGING-IN-EFFECT', 1968704500124123552, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.433394+00', '\x81f3e5cc5bb9c99f');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-AUTHORIZING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-AUTHORIZING-IN-EFFECT', 'CALLED-OFF-AUTHORIZING-IN-EFFECT', -4276246739148000420, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.465687+00', '\xfbff15313f02e451');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-SHIPPING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-SHIPPING-IN-EFFECT', 'CALLED-OFF-SHIPPING-IN-EFFECT', -8877906752450825723, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.489355+00', '\x36e8b6ec84c3c286');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-RESERVING-IN-EFFECT/cancel', 'cancel-of-CALLED-OFF-RESERVING-IN-EFFECT', 'CALLED-OFF-RESERVING-IN-EFFECT', -846272660756779665, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.512839+00', '\x72bef9e5387bc0ee');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-UNSHIPPED/cancel', 'cancel-of-CALLED-OFF-UNSHIPPED', 'CALLED-OFF-UNSHIPPED', -8965713340290334625, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.675154+00', '\x09ec04991cab81ee');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/CALLED-OFF-VOIDED/cancel', 'cancel-of-CALLED-OFF-VOIDED', 'CALLED-OFF-VOIDED', -5758807229831767244, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.705358+00', '\x636342e1414dcae3');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/WAITING/cancel', 'cancel-of-WAITING', 'WAITING', -2377515509438325829, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', NULL, NULL, '2026-11-30 03:22:37.736089+00', '\xd1973e17902cffc8');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/FORCED/cancel', 'cancel-of-FORCED', 'FORCED', 3673910161448781258, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"FORCED","state":"CANCELLED","version":6,"amount":3998,"currency":"USD"}', '2026-11-30 03:22:37.800793+00', '\x245471e9fd0bab3c');
INSERT INTO public.idempotency_keys VALUES ('anonymous', 'POST /orders/SKIPPED/cancel', 'cancel-of-SKIPPED', 'SKIPPED', -5348707362504252175, '\x0120f4727c6a81c69ff214229e27bf4fad6dfa59909b07d9f682244ec9ff05e347', 201, '{"order_id":"SKIPPED","state":"CANCELLED","version":8,"amount":3998,"currency":"USD"}', '2026-11-30 03:22:37.771388+00', '\x5412acb4c4390d6c');


--
-- Data for Name: inventory; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory VALUES ('LITTLE', 1, 0);
INSERT INTO public.inventory VALUES ('S', 97, 2);


--
-- Data for Name: inventory_journal; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.inventory_journal VALUES ('S', '17905538-4a00-4aa7-9905-2603e9a028ea', 100, 'created', 'anonymous', '2026-11-30 03:22:35.587615+00', NULL, '\xc435b8fe310cac25');
INSERT INTO public.inventory_journal VALUES ('LITTLE', 'ce99f8e9-63b9-4373-bf46-8c257c17eb9f', 1, 'created', 'anonymous', '2026-11-30 03:22:35.592913+00', NULL, '\xdf2100c25fa7c7be');
INSERT INTO public.inventory_journal VALUES ('S', '342240d4-7bf0-40e9-b41f-0c33766155cd', 1, 'restock of refund refunds-of-LOCAL', 'anonymous', '2026-11-30 03:22:35.664236+00', 'LOCAL', '\x9d6802dcd8b4d55d');


--
-- Data for Name: nodes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.nodes VALUES ('bc51de81-43b9-4b42-988c-c809fc71db65', '127.0.0.1:42591', '0.8.0', 'up', '2026-11-30 03:22:35.566107+00', '2026-11-30 03:22:35.566107+00', '{}');
INSERT INTO public.nodes VALUES ('0eb1d475-df7a-4782-a579-b8fd0779411e', '127.0.0.1:36909', '0.8.0', 'gone', '2026-11-30 03:22:35.765017+00', '2026-11-30 03:22:37.860121+00', '{}');
INSERT INTO public.nodes VALUES ('98f27bd5-03c7-4305-90a1-12fcd687a61c', '127.0.0.1:33365', '0.8.0', 'gone', '2026-11-30 03:22:37.949131+00', '2026-11-30 03:22:38.485201+00', '{fraud,gift,points}');


--
-- Data for Name: operator_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_log VALUES ('SKIPPED', '9e72b896-9fca-41ee-89af-98db555b61c1', '2026-11-30 03:22:37.815031+00', 'anonymous', 'skip', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-30T03:22:37.775624Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"COMPENSATING","version":6}');
INSERT INTO public.operator_log VALUES ('FORCED', 'a2537e97-9ee8-4c13-a62f-dd02408301aa', '2026-11-30 03:22:37.820634+00', 'anonymous', 'force-cancel', 'looked at both sides', '{"attention":{"reason":"void was refused: not_today","since":"2026-11-30T03:22:37.804308Z"},"state":"COMPENSATING","version":4}', '{"attention":null,"state":"CANCELLED","version":6}');


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_events VALUES ('LOCAL', 1, '2026-11-30 03:22:35.599353+00', '785', '[{"type":"order.created","seal":"RN-U"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3636203);
INSERT INTO public.order_events VALUES ('LOCAL-AUTHORIZED', 1, '2026-11-30 03:22:35.639956+00', '786', '[{"type":"order.created","seal":"OP8-"},{"type":"inventory.reserved"},{"type":"payment.authorized"}]', 3636203);
INSERT INTO public.order_events VALUES ('LOCAL-KEYED', 1, '2026-11-30 03:22:35.643898+00', '787', '[{"type":"order.created","seal":"Qrcj"},{"type":"inventory.reserved"},{"type":"payment.charged","amount":3998},{"type":"shipment.created"},{"type":"order.completed"}]', 3636203);
INSERT INTO public.order_events VALUES ('LOCAL-SHORT', 1, '2026-11-30 03:22:35.654516+00', '789', '[{"type":"order.created","seal":"h1Jo"},{"type":"inventory.rejected","shortages":[{"sku":"LITTLE","requested":2,"available":1}]},{"type":"order.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('LOCAL', 6, '2026-11-30 03:22:35.661247+00', '790', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-LOCAL","amount":1999,"reason":"too small","restock":[{"sku":"S","quantity":1}]},{"type":"payment.refunded","amount":1999,"refund":{"client":"anonymous","key":"refunds-of-LOCAL"}}]', 3636203);
INSERT INTO public.order_events VALUES ('DONE', 1, '2026-11-30 03:22:35.790272+00', '792', '[{"type":"order.created","seal":"_QGZ"}]', 3636203);
INSERT INTO public.order_events VALUES ('DONE', 2, '2026-11-30 03:22:35.811304+00', '793', '[{"type":"inventory.reserved","reference":"rsv_2ad78f93ab155cf8953330893b6e4bb0"}]', 3636203);
INSERT INTO public.order_events VALUES ('DONE', 3, '2026-11-30 03:22:35.817228+00', '794', '[{"type":"payment.charged","amount":3998,"reference":"ch_a84476986ac65dc08ec25b65eddb85e5"}]', 3636203);
INSERT INTO public.order_events VALUES ('DONE', 4, '2026-11-30 03:22:35.855328+00', '795', '[{"type":"shipment.created","reference":"shp_743bfb3ef651534ea3d5dbf666c6a7c4"},{"type":"order.completed"}]', 3636203);
INSERT INTO public.order_events VALUES ('DECLINED', 1, '2026-11-30 03:22:35.859264+00', '796', '[{"type":"order.created","seal":"Oz0e"}]', 3636203);
INSERT INTO public.order_events VALUES ('DECLINED', 2, '2026-11-30 03:22:35.871504+00', '797', '[{"type":"inventory.reserved","reference":"rsv_eb470b46933551b0865b5c1215230562"}]', 3636203);
INSERT INTO public.order_events VALUES ('DECLINED', 3, '2026-11-30 03:22:35.874997+00', '798', '[{"type":"payment.declined","reason":"card_declined"}]', 3636203);
INSERT INTO public.order_events VALUES ('DECLINED', 4, '2026-11-30 03:22:35.881769+00', '799', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 1, '2026-11-30 03:22:35.885898+00', '800', '[{"type":"order.created","seal":"Ls12"}]', 3636203);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 2, '2026-11-30 03:22:35.8909+00', '801', '[{"type":"inventory.reserved","reference":"rsv_28b56af0d0075404ac27c2eb180a4beb"}]', 3636203);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 3, '2026-11-30 03:22:35.894014+00', '802', '[{"type":"payment.charged","amount":3998,"reference":"ch_2038cd9e78c05424a2d6a99df7c276b8"}]', 3636203);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 4, '2026-11-30 03:22:35.89816+00', '803', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3636203);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 5, '2026-11-30 03:22:35.901992+00', '804', '[{"type":"payment.refunded","amount":3998}]', 3636203);
INSERT INTO public.order_events VALUES ('UNSHIPPED', 6, '2026-11-30 03:22:35.905428+00', '805', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 1, '2026-11-30 03:22:35.907663+00', '806', '[{"type":"order.created","seal":"Il5C"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 2, '2026-11-30 03:22:35.913193+00', '807', '[{"type":"inventory.reserved","reference":"rsv_723755fa894a521f9f28f299b9df4d67"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZED', 3, '2026-11-30 03:22:35.916614+00', '808', '[{"type":"payment.authorized","reference":"auth_f4c305b2c60153a096e8b1e8c1e1d362","expires_in_ms":604798996}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURED', 1, '2026-11-30 03:22:35.921461+00', '809', '[{"type":"order.created","seal":"CuhO"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURED', 2, '2026-11-30 03:22:35.924535+00', '810', '[{"type":"inventory.reserved","reference":"rsv_f7262114af0a5216b62bb1d52ce0212f"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURED', 3, '2026-11-30 03:22:35.935041+00', '811', '[{"type":"payment.authorized","reference":"auth_dc906b0f90ab5cc0b91098aa5d47e711","expires_in_ms":604798989}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURED', 4, '2026-11-30 03:22:35.939479+00', '812', '[{"type":"payment.capturing","amount":3000}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURED', 5, '2026-11-30 03:22:35.944294+00', '813', '[{"type":"payment.charged","amount":3000,"reference":"cap_7a5c0155ab6d5501863888cb9dda5475"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURED', 6, '2026-11-30 03:22:35.951079+00', '814', '[{"type":"shipment.created","reference":"shp_aad750b1123657ea926b3a7e1860c97e"},{"type":"order.completed"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURED', 8, '2026-11-30 03:22:35.954023+00', '815', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-CAPTURED","amount":1,"reason":"late"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURED', 9, '2026-11-30 03:22:35.958525+00', '816', '[{"type":"payment.refunded","amount":1,"refund":{"client":"anonymous","key":"refunds-of-CAPTURED"}}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 1, '2026-11-30 03:22:35.964533+00', '818', '[{"type":"order.created","seal":"uq-s"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 2, '2026-11-30 03:22:35.967563+00', '819', '[{"type":"inventory.reserved","reference":"rsv_2de9af13b0925900a3001e30772674b5"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 3, '2026-11-30 03:22:35.970143+00', '820', '[{"type":"payment.authorized","reference":"auth_55a608d44c6d58069443b55594797e39","expires_in_ms":604798997}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 4, '2026-11-30 03:22:35.973291+00', '821', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 5, '2026-11-30 03:22:35.980605+00', '822', '[{"type":"payment.voided"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF', 6, '2026-11-30 03:22:35.986737+00', '823', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('RESERVING', 1, '2026-11-30 03:22:35.989423+00', '824', '[{"type":"order.created","seal":"cqNF"}]', 3636203);
INSERT INTO public.order_events VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-30 03:22:35.992742+00', '826', '[{"type":"order.created","seal":"TU-E"}]', 3636203);
INSERT INTO public.order_events VALUES ('RESERVING-LOST', 1, '2026-11-30 03:22:35.9969+00', '827', '[{"type":"order.created","seal":"6zmU"}]', 3636203);
INSERT INTO public.order_events VALUES ('CHARGING', 1, '2026-11-30 03:22:36.001571+00', '829', '[{"type":"order.created","seal":"kyvs"}]', 3636203);
INSERT INTO public.order_events VALUES ('CHARGING', 2, '2026-11-30 03:22:36.009582+00', '830', '[{"type":"inventory.reserved","reference":"rsv_ae2083e64395586e9a393eec64e85dc5"}]', 3636203);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 1, '2026-11-30 03:22:36.020514+00', '833', '[{"type":"order.created","seal":"8qb9"}]', 3636203);
INSERT INTO public.order_events VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-30 03:22:36.026111+00', '834', '[{"type":"inventory.reserved","reference":"rsv_7b4eef3d28035272ab0834a8a65f55f9"}]', 3636203);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 1, '2026-11-30 03:22:36.036387+00', '835', '[{"type":"order.created","seal":"cYwh"}]', 3636203);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 2, '2026-11-30 03:22:36.044809+00', '837', '[{"type":"inventory.reserved","reference":"rsv_417795b71a48534a80b7f9ccaa8d5198"}]', 3636203);
INSERT INTO public.order_events VALUES ('CHARGING-LOST', 3, '2026-11-30 03:22:36.055603+00', '838', '[{"type":"payment.unknown"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 1, '2026-11-30 03:22:36.060429+00', '840', '[{"type":"order.created","seal":"tg1r"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZING', 2, '2026-11-30 03:22:36.063847+00', '841', '[{"type":"inventory.reserved","reference":"rsv_a0f2b00c5ee355128d5f9053fac839fb"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 1, '2026-11-30 03:22:36.074634+00', '843', '[{"type":"order.created","seal":"qEwt"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-30 03:22:36.086516+00', '844', '[{"type":"inventory.reserved","reference":"rsv_936d95623e805db1bdaefedc26c16818"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 1, '2026-11-30 03:22:36.097007+00', '846', '[{"type":"order.created","seal":"BKBV"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 2, '2026-11-30 03:22:36.103582+00', '848', '[{"type":"inventory.reserved","reference":"rsv_640e3a789c6758388845fc0f88b97290"}]', 3636203);
INSERT INTO public.order_events VALUES ('AUTHORIZING-LOST', 3, '2026-11-30 03:22:36.127222+00', '850', '[{"type":"payment.unknown"}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING', 1, '2026-11-30 03:22:36.136055+00', '853', '[{"type":"order.created","seal":"ibDY"}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING', 2, '2026-11-30 03:22:36.14233+00', '856', '[{"type":"inventory.reserved","reference":"rsv_03b66cfc0f0251ea8f8e0d6617ab153f"}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING', 3, '2026-11-30 03:22:36.155805+00', '858', '[{"type":"payment.charged","amount":3998,"reference":"ch_f0c0c6285da95ee696bdab00094917e5"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURING', 2, '2026-11-30 03:22:37.135751+00', '902', '[{"type":"inventory.reserved","reference":"rsv_35d0697023f95a3d84d6f0d147c04a1b"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURING', 3, '2026-11-30 03:22:37.149354+00', '903', '[{"type":"payment.authorized","reference":"auth_1ba9f886759851f0848ad51f1f900c49","expires_in_ms":604798986}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 1, '2026-11-30 03:22:37.159701+00', '904', '[{"type":"order.created","seal":"7uQP"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 2, '2026-11-30 03:22:37.163127+00', '905', '[{"type":"inventory.reserved","reference":"rsv_58e7abe608fd59d997751e97e6eaed63"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 8, '2026-11-30 03:22:37.220695+00', '917', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE","amount":500,"reason":"late"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 1, '2026-11-30 03:22:37.235164+00', '919', '[{"type":"order.created","seal":"1J0h"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 2, '2026-11-30 03:22:37.239009+00', '920', '[{"type":"inventory.reserved","reference":"rsv_5f757bc5572652fd9bfa0cf1cd336ece"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-30 03:22:37.249687+00', '922', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 1, '2026-11-30 03:22:37.264512+00', '924', '[{"type":"order.created","seal":"uQPe"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 1, '2026-11-30 03:22:37.327279+00', '941', '[{"type":"order.created","seal":"TXHR"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-30 03:22:37.33464+00', '946', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 1, '2026-11-30 03:22:37.349678+00', '948', '[{"type":"order.created","seal":"n77E"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 2, '2026-11-30 03:22:37.353416+00', '949', '[{"type":"inventory.reserved","reference":"rsv_822fc2a216e656da8bfcfbb937c016d4"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 3, '2026-11-30 03:22:37.356044+00', '950', '[{"type":"payment.authorized","reference":"auth_19ff076e4af454f3906a7b954ecbfd2d","expires_in_ms":604798997}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 1, '2026-11-30 03:22:37.358327+00', '951', '[{"type":"order.created","seal":"OSmx"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 2, '2026-11-30 03:22:37.361133+00', '952', '[{"type":"inventory.reserved","reference":"rsv_c9c7d7c14ae551698e6b9fa65e030e3d"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 1, '2026-11-30 03:22:37.574821+00', '1008', '[{"type":"order.created","seal":"jMHm"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 2, '2026-11-30 03:22:37.578454+00', '1009', '[{"type":"inventory.reserved","reference":"rsv_d3f29a0052195ead9a6505e11babb0f4"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 3, '2026-11-30 03:22:37.580959+00', '1010', '[{"type":"payment.charged","amount":3998,"reference":"ch_304183a13e415a46b112db46a8c45874"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-30 03:22:37.582548+00', '1011', '[{"type":"shipment.failed","reason":"not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 1, '2026-11-30 03:22:37.589055+00', '1013', '[{"type":"order.created","seal":"x31Z"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 2, '2026-11-30 03:22:37.592024+00', '1014', '[{"type":"inventory.reserved","reference":"rsv_93df090294685283a9da2f2f2b76f3ed"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 3, '2026-11-30 03:22:37.594175+00', '1015', '[{"type":"payment.charged","amount":3998,"reference":"ch_fab15f6e69855d68abcd28d277bb8f65"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 4, '2026-11-30 03:22:37.595792+00', '1016', '[{"type":"shipment.failed","reason":"not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDED-RELEASING', 5, '2026-11-30 03:22:37.59998+00', '1017', '[{"type":"payment.refunded","amount":3998}]', 3636203);
INSERT INTO public.order_events VALUES ('RELEASING', 1, '2026-11-30 03:22:37.614437+00', '1019', '[{"type":"order.created","seal":"ASLp"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 4, '2026-11-30 03:22:37.67439+00', '1043', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-30 03:22:37.679074+00', '1044', '[{"type":"shipment.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 1, '2026-11-30 03:22:37.689138+00', '1046', '[{"type":"order.created","seal":"pTUe"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 2, '2026-11-30 03:22:37.692927+00', '1047', '[{"type":"inventory.reserved","reference":"rsv_8687a32096ac512ea96544d397096e46"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 3, '2026-11-30 03:22:37.704621+00', '1049', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-30 03:22:37.709229+00', '1050', '[{"type":"payment.voided","captured":3998}]', 3636203);
INSERT INTO public.order_events VALUES ('SKIPPED', 2, '2026-11-30 03:22:37.762358+00', '1064', '[{"type":"inventory.reserved","reference":"rsv_721a4e078c71557cba2835110166120e"}]', 3636203);
INSERT INTO public.order_events VALUES ('SKIPPED', 3, '2026-11-30 03:22:37.769865+00', '1074', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('SKIPPED', 4, '2026-11-30 03:22:37.775624+00', '1075', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('FORCED', 1, '2026-11-30 03:22:37.782119+00', '1076', '[{"type":"order.created","seal":"hrM3"}]', 3636203);
INSERT INTO public.order_events VALUES ('FORCED', 2, '2026-11-30 03:22:37.788795+00', '1077', '[{"type":"inventory.reserved","reference":"rsv_7be49b8fae385f908fc5752c02d8dcce"}]', 3636203);
INSERT INTO public.order_events VALUES ('FORCED', 3, '2026-11-30 03:22:37.800158+00', '1079', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('FORCED', 4, '2026-11-30 03:22:37.804308+00', '1080', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('SKIPPED', 5, '2026-11-30 03:22:37.813478+00', '1081', '[{"type":"order.skipped","action":"void","reason":"looked at both sides","by":"anonymous"},{"type":"payment.voided"}]', 3636203);
INSERT INTO public.order_events VALUES ('FORCED', 5, '2026-11-30 03:22:37.819274+00', '1082', '[{"type":"order.forced","reason":"looked at both sides","by":"anonymous"},{"type":"order.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('SKIPPED', 7, '2026-11-30 03:22:37.82112+00', '1083', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 1, '2026-11-30 03:22:37.830265+00', '1084', '[{"type":"order.created","seal":"vo8E"}]', 3636203);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 2, '2026-11-30 03:22:37.835115+00', '1085', '[{"type":"inventory.reserved","reference":"rsv_78a703fb5fd45656838ad4486187b333"}]', 3636203);
INSERT INTO public.order_events VALUES ('CONTRADICTED', 3, '2026-11-30 03:22:37.840217+00', '1086', '[{"type":"order.attention","reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","contradicted":true}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 1, '2026-11-30 03:22:36.219509+00', '863', '[{"type":"order.created","seal":"OCTh"}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 2, '2026-11-30 03:22:36.466932+00', '872', '[{"type":"inventory.reserved","reference":"rsv_52e9ad32031f5182bd46f0da9ce2f7fc"}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-30 03:22:36.568058+00', '878', '[{"type":"payment.charged","amount":3998,"reference":"ch_14ba08f457f559eb9b9e2d5e8f5f6f15"}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 1, '2026-11-30 03:22:36.772299+00', '884', '[{"type":"order.created","seal":"DKw-"}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 2, '2026-11-30 03:22:37.079686+00', '893', '[{"type":"inventory.reserved","reference":"rsv_d1eab8743c8b59fcad0d37f28148be8b"}]', 3636203);
INSERT INTO public.order_events VALUES ('SHIPPING-LOST', 3, '2026-11-30 03:22:37.110207+00', '899', '[{"type":"payment.charged","amount":3998,"reference":"ch_0f352153447b5b4ab9252591b950c17e"}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURING', 1, '2026-11-30 03:22:37.121147+00', '901', '[{"type":"order.created","seal":"slL7"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 3, '2026-11-30 03:22:37.180183+00', '906', '[{"type":"payment.authorized","reference":"auth_9457719f29a15acc9e36731082cb3d6a","expires_in_ms":604798982}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURING', 4, '2026-11-30 03:22:37.184203+00', '907', '[{"type":"payment.capturing","amount":2000}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 4, '2026-11-30 03:22:37.20141+00', '909', '[{"type":"payment.capturing","amount":2000}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 5, '2026-11-30 03:22:37.205404+00', '910', '[{"type":"payment.charged","amount":2000,"reference":"cap_7d09ebe1b965535e9798d4244d2f1c94"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE', 6, '2026-11-30 03:22:37.211037+00', '912', '[{"type":"shipment.created","reference":"shp_d2a5705b0b1a53c4ac0a808eb7b41fc8"},{"type":"order.completed"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 2, '2026-11-30 03:22:37.268397+00', '925', '[{"type":"inventory.reserved","reference":"rsv_bdbf27182bf25e6385bb27853ba68c1b"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-30 03:22:37.280952+00', '927', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 1, '2026-11-30 03:22:37.294817+00', '929', '[{"type":"order.created","seal":"YhJu"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 2, '2026-11-30 03:22:37.298716+00', '930', '[{"type":"inventory.reserved","reference":"rsv_d495937ae554576a82f97dfcac838746"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 3, '2026-11-30 03:22:37.302911+00', '931', '[{"type":"payment.charged","amount":3998,"reference":"ch_102407fd97e755e19d7a7ca86e1825bc"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-30 03:22:37.309808+00', '933', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 3, '2026-11-30 03:22:37.363321+00', '953', '[{"type":"payment.authorized","reference":"auth_f148b83c350d58688b19685698763919","expires_in_ms":604798997}]', 3636203);
INSERT INTO public.order_events VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-30 03:22:37.366318+00', '954', '[{"type":"payment.capturing","amount":2000}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 4, '2026-11-30 03:22:37.370065+00', '956', '[{"type":"payment.capturing","amount":2000}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 5, '2026-11-30 03:22:37.376659+00', '957', '[{"type":"payment.charged","amount":2000,"reference":"cap_d440e73a57c453c2ac704e8a32cbbcc9"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 6, '2026-11-30 03:22:37.381162+00', '958', '[{"type":"shipment.created","reference":"shp_6e3848a8b900581dbfa5cfd9a20d5d5c"},{"type":"order.completed"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-30 03:22:37.387536+00', '959', '[{"type":"payment.refunding","client":"anonymous","key":"refunds-of-REFUNDING-CAPTURE-IN-EFFECT","amount":500,"reason":"late"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 1, '2026-11-30 03:22:37.402213+00', '961', '[{"type":"order.created","seal":"eMGA"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 2, '2026-11-30 03:22:37.410452+00', '962', '[{"type":"inventory.reserved","reference":"rsv_00c1692ad0185ad8b917aceb6ba65bfe"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-30 03:22:37.432501+00', '971', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 1, '2026-11-30 03:22:37.449124+00', '973', '[{"type":"order.created","seal":"yuoG"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 2, '2026-11-30 03:22:37.453442+00', '974', '[{"type":"inventory.reserved","reference":"rsv_335f102b5a0753e5bbb83ec1477018d5"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-30 03:22:37.464907+00', '976', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 1, '2026-11-30 03:22:37.472831+00', '978', '[{"type":"order.created","seal":"m03n"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 2, '2026-11-30 03:22:37.476673+00', '979', '[{"type":"inventory.reserved","reference":"rsv_e2862c743d0359938900ce710dd9916e"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 3, '2026-11-30 03:22:37.480133+00', '980', '[{"type":"payment.charged","amount":3998,"reference":"ch_d1d4c2d1b25f5262bf58f69dead07b9f"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-30 03:22:37.488644+00', '982', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 1, '2026-11-30 03:22:37.507416+00', '984', '[{"type":"order.created","seal":"3irj"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-30 03:22:37.512219+00', '985', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING', 1, '2026-11-30 03:22:37.531665+00', '988', '[{"type":"order.created","seal":"PY1a"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING', 2, '2026-11-30 03:22:37.550954+00', '996', '[{"type":"inventory.reserved","reference":"rsv_a949a622925057a6a0a94d9ea96826ee"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING', 3, '2026-11-30 03:22:37.557736+00', '1001', '[{"type":"payment.charged","amount":3998,"reference":"ch_ac50979bec7f5c6cb7336964bc213b3a"}]', 3636203);
INSERT INTO public.order_events VALUES ('REFUNDING', 4, '2026-11-30 03:22:37.563741+00', '1006', '[{"type":"shipment.failed","reason":"not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('RELEASING', 2, '2026-11-30 03:22:37.618413+00', '1020', '[{"type":"inventory.reserved","reference":"rsv_2ca9131fe1255bc9b7b3e1909b5b0c92"}]', 3636203);
INSERT INTO public.order_events VALUES ('RELEASING', 3, '2026-11-30 03:22:37.620347+00', '1021', '[{"type":"payment.declined","reason":"not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 1, '2026-11-30 03:22:37.628661+00', '1023', '[{"type":"order.created","seal":"mE4l"}]', 3636203);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 2, '2026-11-30 03:22:37.63235+00', '1024', '[{"type":"inventory.reserved","reference":"rsv_6fdeafe358865285a268580bb615815b"}]', 3636203);
INSERT INTO public.order_events VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-30 03:22:37.63418+00', '1025', '[{"type":"payment.declined","reason":"not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 1, '2026-11-30 03:22:37.643671+00', '1028', '[{"type":"order.created","seal":"PvEo"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 2, '2026-11-30 03:22:37.654856+00', '1035', '[{"type":"inventory.reserved","reference":"rsv_5016ae11aaec582794cc98653f412f91"}]', 3636203);
INSERT INTO public.order_events VALUES ('CALLED-OFF-UNSHIPPED', 3, '2026-11-30 03:22:37.661456+00', '1041', '[{"type":"payment.charged","amount":3998,"reference":"ch_63f77b854443574d909bd27562b5eb6e"}]', 3636203);
INSERT INTO public.order_events VALUES ('WAITING', 1, '2026-11-30 03:22:37.719841+00', '1052', '[{"type":"order.created","seal":"MvkA"}]', 3636203);
INSERT INTO public.order_events VALUES ('WAITING', 2, '2026-11-30 03:22:37.723499+00', '1053', '[{"type":"inventory.reserved","reference":"rsv_41fcdaacef055bc79800b9b34af5f425"}]', 3636203);
INSERT INTO public.order_events VALUES ('WAITING', 3, '2026-11-30 03:22:37.735344+00', '1055', '[{"type":"order.compensating","reason":"client"}]', 3636203);
INSERT INTO public.order_events VALUES ('WAITING', 4, '2026-11-30 03:22:37.739186+00', '1056', '[{"type":"order.attention","reason":"void was refused: not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('SKIPPED', 1, '2026-11-30 03:22:37.751497+00', '1058', '[{"type":"order.created","seal":"hwSP"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS', 1, '2026-11-30 03:22:37.958093+00', '1112', '[{"type":"order.created","seal":"736Y","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS', 2, '2026-11-30 03:22:38.013605+00', '1118', '[{"type":"inventory.reserved","reference":"rsv_98294c7d648050c4b9c641b2e25534ad"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-30 03:22:38.256238+00', '1191', '[{"type":"shipment.failed","reason":"not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS', 3, '2026-11-30 03:22:38.018418+00', '1119', '[{"type":"step.done","step":"fraud","reference":"run_2ec37e99d2e75e538c1618145ac10e6b"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS', 4, '2026-11-30 03:22:38.021817+00', '1120', '[{"type":"payment.charged","amount":3998,"reference":"ch_2ad4b8cfe7875863a585687ecd6f59d4"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS', 5, '2026-11-30 03:22:38.042816+00', '1121', '[{"type":"step.done","step":"points","reference":"run_edb7a81335085a79880afe7e5cd6ea01"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS', 6, '2026-11-30 03:22:38.04573+00', '1122', '[{"type":"shipment.created","reference":"shp_9dd48b9f770550a68ef8c42c1f0c20af"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS', 7, '2026-11-30 03:22:38.048379+00', '1123', '[{"type":"step.done","step":"gift","reference":"run_9882c1986bfc527eb2f64f524363f341"},{"type":"order.completed"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 1, '2026-11-30 03:22:38.051541+00', '1124', '[{"type":"order.created","seal":"N3Yv","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 2, '2026-11-30 03:22:38.056743+00', '1125', '[{"type":"inventory.reserved","reference":"rsv_fd7c92596e0f5e90ae41accf14c5fbd5"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 3, '2026-11-30 03:22:38.06058+00', '1127', '[{"type":"step.done","step":"fraud","reference":"run_21184f7fe2dd5f0891c9cf8b149bc150"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 4, '2026-11-30 03:22:38.067097+00', '1130', '[{"type":"payment.charged","amount":3998,"reference":"ch_2732104aedb95974bcd1bb34a9f27c8f"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 5, '2026-11-30 03:22:38.070104+00', '1133', '[{"type":"step.done","step":"points","reference":"run_4265501ce58a5d1fa2c0d4b93b6e2cd9"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 6, '2026-11-30 03:22:38.072433+00', '1134', '[{"type":"shipment.failed","reason":"carrier_refused"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 7, '2026-11-30 03:22:38.075846+00', '1135', '[{"type":"step.undone","step":"points"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 8, '2026-11-30 03:22:38.078695+00', '1136', '[{"type":"payment.refunded","amount":3998}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-UNSHIPPED', 9, '2026-11-30 03:22:38.083179+00', '1137', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 1, '2026-11-30 03:22:38.087134+00', '1138', '[{"type":"order.created","seal":"0HuC","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-fraud', 1, '2026-11-30 03:22:38.090986+00', '1139', '[{"type":"order.created","seal":"RG-t","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 2, '2026-11-30 03:22:38.091653+00', '1140', '[{"type":"inventory.reserved","reference":"rsv_9e20a40a44315a64961207ce408e0a88"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-fraud', 2, '2026-11-30 03:22:38.095653+00', '1141', '[{"type":"inventory.reserved","reference":"rsv_8f631307a963532685db56acede4d26d"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 3, '2026-11-30 03:22:38.096403+00', '1142', '[{"type":"step.refused","step":"fraud","reason":"refused"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEPS-REFUSED', 4, '2026-11-30 03:22:38.102627+00', '1144', '[{"type":"inventory.released"},{"type":"order.cancelled"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 1, '2026-11-30 03:22:38.106398+00', '1145', '[{"type":"order.created","seal":"rrSf","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-30 03:22:38.11062+00', '1146', '[{"type":"inventory.reserved","reference":"rsv_21036ea563345c6e9098a739859497c4"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-points', 1, '2026-11-30 03:22:38.122358+00', '1148', '[{"type":"order.created","seal":"jMYH","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-points', 2, '2026-11-30 03:22:38.126501+00', '1149', '[{"type":"inventory.reserved","reference":"rsv_e3a7968e3d82554ab6a40fd84f525717"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-points', 3, '2026-11-30 03:22:38.130167+00', '1150', '[{"type":"step.done","step":"fraud","reference":"run_d6cc1e94b51a54018fc96ea89d202286"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-points', 4, '2026-11-30 03:22:38.133638+00', '1151', '[{"type":"payment.charged","amount":3998,"reference":"ch_69d255e2cc9e580fa3fc66c393c78d09"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 1, '2026-11-30 03:22:38.137606+00', '1153', '[{"type":"order.created","seal":"LfFx","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 2, '2026-11-30 03:22:38.140774+00', '1154', '[{"type":"inventory.reserved","reference":"rsv_7a67f0d1fe0b5bb8aee93c66d5b0a661"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 3, '2026-11-30 03:22:38.143522+00', '1155', '[{"type":"step.done","step":"fraud","reference":"run_cca3816490ab5c81976b64f93d4ced91"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-30 03:22:38.146185+00', '1156', '[{"type":"payment.charged","amount":3998,"reference":"ch_cbcf575b189a56e0b17ff561cabc1533"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift', 1, '2026-11-30 03:22:38.151527+00', '1158', '[{"type":"order.created","seal":"jxVP","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift', 2, '2026-11-30 03:22:38.155647+00', '1159', '[{"type":"inventory.reserved","reference":"rsv_a29dcdb6d6b755738f6a2d0c76681e1c"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift', 3, '2026-11-30 03:22:38.159206+00', '1160', '[{"type":"step.done","step":"fraud","reference":"run_66e20c7a55ff5d8fafee35834abcf2ec"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift', 4, '2026-11-30 03:22:38.162015+00', '1161', '[{"type":"payment.charged","amount":3998,"reference":"ch_7f15c0435728525fbff179bd6ef5fae7"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift', 5, '2026-11-30 03:22:38.165374+00', '1162', '[{"type":"step.done","step":"points","reference":"run_31d25487adc754c8bbf93cb87e0b637d"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift', 6, '2026-11-30 03:22:38.173715+00', '1168', '[{"type":"shipment.created","reference":"shp_dd86f273f1ac52ffa0e1495ee88cd0b6"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 1, '2026-11-30 03:22:38.177791+00', '1172', '[{"type":"order.created","seal":"SDRt","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 2, '2026-11-30 03:22:38.182309+00', '1173', '[{"type":"inventory.reserved","reference":"rsv_02f2407dedb95306aa92b0712ea40dbd"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 3, '2026-11-30 03:22:38.186539+00', '1174', '[{"type":"step.done","step":"fraud","reference":"run_52bae88f3b885313a6d2430453ad08e3"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 4, '2026-11-30 03:22:38.190285+00', '1175', '[{"type":"payment.charged","amount":3998,"reference":"ch_63fc31c15ba95379a200c93af9f79140"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 5, '2026-11-30 03:22:38.196868+00', '1176', '[{"type":"step.done","step":"points","reference":"run_e4ed7a824b1455a68c2a686dffd519ad"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-30 03:22:38.199973+00', '1177', '[{"type":"shipment.created","reference":"shp_e33ae61e0cf55420b8797fb80c501a1c"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 1, '2026-11-30 03:22:38.215228+00', '1179', '[{"type":"order.created","seal":"XO2m","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 2, '2026-11-30 03:22:38.219094+00', '1180', '[{"type":"inventory.reserved","reference":"rsv_bb607cc4ff5a5da98b24224ef3eacab2"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 3, '2026-11-30 03:22:38.221634+00', '1181', '[{"type":"step.done","step":"fraud","reference":"run_f36500e9b696593bb1a103cb11851917"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 4, '2026-11-30 03:22:38.22429+00', '1182', '[{"type":"payment.charged","amount":3998,"reference":"ch_cac44b7752e758af8b2d490bce0da378"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 5, '2026-11-30 03:22:38.227478+00', '1183', '[{"type":"step.done","step":"points","reference":"run_f3d56de091a554c8bef15ff8ed15efde"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING', 6, '2026-11-30 03:22:38.229264+00', '1184', '[{"type":"shipment.failed","reason":"not_today"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 1, '2026-11-30 03:22:38.241722+00', '1186', '[{"type":"order.created","seal":"dUVh","definition":"pDecNksW"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 2, '2026-11-30 03:22:38.24569+00', '1187', '[{"type":"inventory.reserved","reference":"rsv_44e0ef96233e5560b37b47dd0be65a0a"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 3, '2026-11-30 03:22:38.248623+00', '1188', '[{"type":"step.done","step":"fraud","reference":"run_447fac813e255c9ba9f752beb8ca5679"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 4, '2026-11-30 03:22:38.25119+00', '1189', '[{"type":"payment.charged","amount":3998,"reference":"ch_af7a81c5f39e59199269341532981e84"}]', 3636203);
INSERT INTO public.order_events VALUES ('STEP-UNDOING-IN-EFFECT', 5, '2026-11-30 03:22:38.25439+00', '1190', '[{"type":"step.done","step":"points","reference":"run_7c631fc3c62354cf87e4462a67292248"}]', 3636203);


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

INSERT INTO public.order_steps VALUES ('STEP-UNDOING', 1, '[{"status":"done","reference":"run_f36500e9b696593bb1a103cb11851917"},{"status":"undoing","reference":"run_f3d56de091a554c8bef15ff8ed15efde"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS', 1, '[{"status":"done","reference":"run_2ec37e99d2e75e538c1618145ac10e6b"},{"status":"done","reference":"run_edb7a81335085a79880afe7e5cd6ea01"},{"status":"done","reference":"run_9882c1986bfc527eb2f64f524363f341"}]');
INSERT INTO public.order_steps VALUES ('STEP-UNDOING-IN-EFFECT', 1, '[{"status":"done","reference":"run_447fac813e255c9ba9f752beb8ca5679"},{"status":"undoing","reference":"run_7c631fc3c62354cf87e4462a67292248"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-UNSHIPPED', 1, '[{"status":"done","reference":"run_21184f7fe2dd5f0891c9cf8b149bc150"},{"status":"undone","reference":"run_4265501ce58a5d1fa2c0d4b93b6e2cd9"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEPS-REFUSED', 1, '[{"status":"refused"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-fraud-IN-EFFECT', 1, '[{"status":"intended"},{"status":"none"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points', 1, '[{"status":"done","reference":"run_d6cc1e94b51a54018fc96ea89d202286"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-points-IN-EFFECT', 1, '[{"status":"done","reference":"run_cca3816490ab5c81976b64f93d4ced91"},{"status":"intended"},{"status":"none"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift', 1, '[{"status":"done","reference":"run_66e20c7a55ff5d8fafee35834abcf2ec"},{"status":"done","reference":"run_31d25487adc754c8bbf93cb87e0b637d"},{"status":"intended"}]');
INSERT INTO public.order_steps VALUES ('STEP-gift-IN-EFFECT', 1, '[{"status":"done","reference":"run_52bae88f3b885313a6d2430453ad08e3"},{"status":"done","reference":"run_e4ed7a824b1455a68c2a686dffd519ad"},{"status":"intended"}]');


--
-- Data for Name: order_work; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_work VALUES ('LOCAL-AUTHORIZED', 3, '2026-12-07 03:22:35.64159+00', '2026-12-07 03:22:35.641591+00', '2026-11-30 03:22:35.641592+00', 0, 0, NULL, false, '2026-11-30 03:22:35.641592+00', NULL, false);
INSERT INTO public.order_work VALUES ('AUTHORIZED', 3, '2026-12-07 03:22:34.913719+00', '2026-12-07 03:22:34.91372+00', '2026-11-30 03:22:35.91772+00', 0, 0, NULL, false, '2026-11-30 03:22:35.91772+00', NULL, false);
INSERT INTO public.order_work VALUES ('WAITING', 4, NULL, NULL, '2026-11-30 03:22:37.736558+00', 0, 0, NULL, false, '2026-11-30 03:22:37.740016+00', 'refused: not_today', false);
INSERT INTO public.order_work VALUES ('RESERVING-IN-EFFECT', 1, '2026-11-30 03:22:38.382863+00', '2026-11-30 03:37:35.994544+00', '2026-11-30 03:22:35.994544+00', 0, 0, NULL, false, '2026-11-30 03:22:37.999843+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING', 4, '2026-11-30 03:22:38.39858+00', NULL, '2026-11-30 03:22:37.311058+00', 0, 0, NULL, false, '2026-11-30 03:22:38.069754+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 8, '2026-11-30 03:22:38.445133+00', NULL, '2026-11-30 03:22:37.389023+00', 0, 0, NULL, false, '2026-11-30 03:22:38.069934+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING', 2, '2026-11-30 03:22:38.420105+00', '2026-11-30 03:37:36.002413+00', '2026-11-30 03:22:36.010702+00', 0, 0, NULL, false, '2026-11-30 03:22:38.173188+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING-IN-EFFECT', 3, '2026-11-30 03:22:38.407194+00', NULL, '2026-11-30 03:22:36.569683+00', 0, 0, NULL, false, '2026-11-30 03:22:38.174997+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CONTRADICTED', 3, NULL, '2026-11-30 03:37:37.831332+00', '2026-11-30 03:22:37.837378+00', 0, 0, NULL, false, '2026-11-30 03:22:37.841081+00', 'contradicted: charge was asked for the amount 3998 USD, the participant says 1 USD', false);
INSERT INTO public.order_work VALUES ('SHIPPING', 3, '2026-11-30 03:22:38.409988+00', NULL, '2026-11-30 03:22:36.156809+00', 0, 0, NULL, false, '2026-11-30 03:22:38.010479+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING', 2, '2026-11-30 03:22:38.42976+00', NULL, '2026-11-30 03:22:37.33575+00', 0, 0, NULL, false, '2026-11-30 03:22:38.176059+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-points', 4, '2026-11-30 03:22:38.388627+00', NULL, '2026-11-30 03:22:38.135603+00', 0, 0, NULL, false, '2026-11-30 03:22:38.283282+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-LOST', 3, '2026-11-30 03:22:38.572952+00', '2026-11-30 03:37:36.097937+00', '2026-11-30 03:22:36.104702+00', 8, 0, NULL, false, '2026-11-30 03:22:38.285123+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('STEP-fraud', 2, '2026-11-30 03:22:38.403804+00', '2026-11-30 03:32:38.097715+00', '2026-11-30 03:22:38.097715+00', 0, 0, NULL, false, '2026-11-30 03:22:38.285413+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-points-IN-EFFECT', 4, '2026-11-30 03:22:38.393384+00', NULL, '2026-11-30 03:22:38.147818+00', 0, 0, NULL, false, '2026-11-30 03:22:38.286595+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-CAPTURE', 8, '2026-11-30 03:22:38.584566+00', NULL, '2026-11-30 03:22:37.222012+00', 0, 0, NULL, false, '2026-11-30 03:22:38.28683+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-fraud-IN-EFFECT', 2, '2026-11-30 03:22:38.41502+00', '2026-11-30 03:32:38.112681+00', '2026-11-30 03:22:38.112681+00', 0, 0, NULL, false, '2026-11-30 03:22:38.287281+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING', 3, '2026-11-30 03:22:38.497573+00', NULL, '2026-11-30 03:22:37.250997+00', 0, 0, NULL, false, '2026-11-30 03:22:38.291675+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING', 3, '2026-11-30 03:22:38.637603+00', NULL, '2026-11-30 03:22:37.62126+00', 0, 0, NULL, false, '2026-11-30 03:22:38.29184+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING-IN-EFFECT', 4, '2026-11-30 03:22:38.585469+00', NULL, '2026-11-30 03:22:37.583303+00', 0, 0, NULL, false, '2026-11-30 03:22:38.292287+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CAPTURING-IN-EFFECT', 4, '2026-11-30 03:22:38.789914+00', '2026-12-07 03:22:36.353794+00', '2026-11-30 03:22:37.36724+00', 0, 0, NULL, false, '2026-11-30 03:22:38.395393+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift', 6, '2026-11-30 03:22:38.575696+00', NULL, '2026-11-30 03:22:38.17574+00', 0, 0, NULL, false, '2026-11-30 03:22:38.39633+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-VOIDED', 4, '2026-11-30 03:22:38.772036+00', NULL, '2026-11-30 03:22:37.710074+00', 0, 0, NULL, false, '2026-11-30 03:22:38.399898+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDED-RELEASING', 5, '2026-11-30 03:22:38.783838+00', NULL, '2026-11-30 03:22:37.600832+00', 0, 0, NULL, false, '2026-11-30 03:22:38.400118+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING', 3, '2026-11-30 03:22:38.687474+00', NULL, '2026-11-30 03:22:37.282261+00', 0, 0, NULL, false, '2026-11-30 03:22:38.400307+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 3, '2026-11-30 03:22:38.534808+00', NULL, '2026-11-30 03:22:37.434698+00', 0, 0, NULL, false, '2026-11-30 03:22:38.176687+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-gift-IN-EFFECT', 6, '2026-11-30 03:22:38.518737+00', NULL, '2026-11-30 03:22:38.201662+00', 0, 0, NULL, false, '2026-11-30 03:22:38.400233+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CHARGING-IN-EFFECT', 2, '2026-11-30 03:22:38.641265+00', '2026-11-30 03:37:36.02155+00', '2026-11-30 03:22:36.027445+00', 0, 0, NULL, false, '2026-11-30 03:22:38.286773+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING-LOST', 1, '2026-11-30 03:22:38.518563+00', '2026-11-30 03:37:35.997633+00', '2026-11-30 03:22:35.997633+00', 8, 0, NULL, false, '2026-11-30 03:22:38.287388+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING-IN-EFFECT', 2, '2026-11-30 03:22:38.609683+00', '2026-11-30 03:37:36.075733+00', '2026-11-30 03:22:36.087613+00', 0, 0, NULL, false, '2026-11-30 03:22:38.288729+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-UNSHIPPED', 5, '2026-11-30 03:22:38.546501+00', NULL, '2026-11-30 03:22:37.679952+00', 0, 0, NULL, false, '2026-11-30 03:22:38.291017+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RELEASING-IN-EFFECT', 3, '2026-11-30 03:22:38.685438+00', NULL, '2026-11-30 03:22:37.635152+00', 0, 0, NULL, false, '2026-11-30 03:22:38.292126+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('AUTHORIZING', 2, '2026-11-30 03:22:38.729004+00', '2026-11-30 03:37:36.061366+00', '2026-11-30 03:22:36.064752+00', 0, 0, NULL, false, '2026-11-30 03:22:38.396186+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('RESERVING', 1, '2026-11-30 03:22:38.720961+00', '2026-11-30 03:37:35.990162+00', '2026-11-30 03:22:35.990162+00', 0, 0, NULL, false, '2026-11-30 03:22:38.396498+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('SHIPPING-LOST', 3, '2026-11-30 03:22:38.705738+00', NULL, '2026-11-30 03:22:37.111212+00', 6, 0, NULL, false, '2026-11-30 03:22:38.396582+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('CHARGING-LOST', 3, '2026-11-30 03:22:38.698007+00', '2026-11-30 03:37:36.037468+00', '2026-11-30 03:22:36.047277+00', 8, 0, NULL, false, '2026-11-30 03:22:38.396652+00', 'answered 500, which is no outcome', false);
INSERT INTO public.order_work VALUES ('CAPTURING', 4, '2026-11-30 03:22:38.722798+00', '2026-12-07 03:22:36.13782+00', '2026-11-30 03:22:37.18689+00', 0, 0, NULL, false, '2026-11-30 03:22:38.398653+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('REFUNDING', 4, '2026-11-30 03:22:38.749606+00', NULL, '2026-11-30 03:22:37.564653+00', 0, 0, NULL, false, '2026-11-30 03:22:38.398829+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING-IN-EFFECT', 6, '2026-11-30 03:22:38.494715+00', NULL, '2026-11-30 03:22:38.257697+00', 0, 0, NULL, false, '2026-11-30 03:22:38.400032+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('STEP-UNDOING', 6, '2026-11-30 03:22:38.549389+00', NULL, '2026-11-30 03:22:38.230835+00', 0, 0, NULL, false, '2026-11-30 03:22:38.401552+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', 2, '2026-11-30 03:22:38.742093+00', NULL, '2026-11-30 03:22:37.513262+00', 0, 0, NULL, false, '2026-11-30 03:22:38.401725+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 4, '2026-11-30 03:22:38.635892+00', NULL, '2026-11-30 03:22:37.48977+00', 0, 0, NULL, false, '2026-11-30 03:22:38.402213+00', 'accepted, and not decided yet', false);
INSERT INTO public.order_work VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 3, '2026-11-30 03:22:38.645448+00', NULL, '2026-11-30 03:22:37.466632+00', 0, 0, NULL, false, '2026-11-30 03:22:38.40235+00', 'accepted, and not decided yet', false);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES ('LOCAL-AUTHORIZED', -1406192930573294058, 3998, '2026-11-30 03:22:35.639956+00', '2026-11-30 03:22:35.639956+00', 3, 1, 0, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0141ae14c5240459fc0cfc5a54480569b60c41f3faaa3238592602d692c2ea86f1', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-KEYED', -5781022711818660794, 3998, '2026-11-30 03:22:35.643898+00', '2026-11-30 03:22:35.643898+00', 5, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL-KEYED","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL-SHORT', 7339777164151157856, 3998, '2026-11-30 03:22:35.654516+00', '2026-11-30 03:22:35.654516+00', 3, 1, 0, 409, 'CANCELLED', 'rejected', 'none', 'USD', 'anonymous', 'cus-7', '\x01f2aa6b762f9f104f245ec37e3fd2f433a1a92558c97ad9ce84dc541fa14b6577', '[{"sku":"LITTLE","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of LITTLE; nothing was charged","code":"out_of_stock","order_id":"LOCAL-SHORT","final":true,"shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, '{"code":"out_of_stock","shortages":[{"sku":"LITTLE","requested":2,"available":1}]}', NULL, NULL);
INSERT INTO public.orders VALUES ('LOCAL', -2829706957340328956, 3998, '2026-11-30 03:22:35.599353+00', '2026-11-30 03:22:35.661247+00', 7, 1, 0, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x013817c5478b1b177b042a205ff4314b5c77c1b91faad9cefc2931c8efe8a3f57c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"house_account","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"LOCAL","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('DECLINED', -7690056008416533886, 3998, '2026-11-30 03:22:35.859264+00', '2026-11-30 03:22:35.881769+00', 5, 1, 7, 402, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01667db6feee982def1b7a297833c70597a3331dee76b5fe2f06235a5c134a65f7', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_declined","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:payment_declined","title":"Payment declined","status":402,"detail":"the payment was declined; the stock was released and nothing was charged","code":"payment_declined","order_id":"DECLINED","final":true,"reason":"card_declined","compensations":["inventory.released"]}', NULL, '{"code":"payment_declined","reason":"card_declined"}', NULL, 'rsv_eb470b46933551b0865b5c1215230562');
INSERT INTO public.orders VALUES ('UNSHIPPED', -1024973599311073861, 3998, '2026-11-30 03:22:35.885898+00', '2026-11-30 03:22:35.905428+00', 7, 1, 7, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_28b56af0d0075404ac27c2eb180a4beb');
INSERT INTO public.orders VALUES ('AUTHORIZED', -573282357853623384, 3998, '2026-11-30 03:22:35.907663+00', '2026-11-30 03:22:35.916614+00', 3, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"AUTHORIZED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_723755fa894a521f9f28f299b9df4d67');
INSERT INTO public.orders VALUES ('CAPTURED', 6844942013638166758, 3998, '2026-11-30 03:22:35.921461+00', '2026-11-30 03:22:35.958525+00', 9, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURED","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_aad750b1123657ea926b3a7e1860c97e', NULL, NULL, 'rsv_f7262114af0a5216b62bb1d52ce0212f');
INSERT INTO public.orders VALUES ('DONE', -5895735031368734056, 3998, '2026-11-30 03:22:35.790272+00', '2026-11-30 03:22:35.855328+00', 5, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"DONE","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}', 'shp_743bfb3ef651534ea3d5dbf666c6a7c4', NULL, NULL, 'rsv_2ad78f93ab155cf8953330893b6e4bb0');
INSERT INTO public.orders VALUES ('AUTHORIZING-LOST', 3983503050793789726, 3998, '2026-11-30 03:22:36.097007+00', '2026-11-30 03:22:36.127222+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_640e3a789c6758388845fc0f88b97290');
INSERT INTO public.orders VALUES ('CALLED-OFF', -917101629954419452, 3998, '2026-11-30 03:22:35.964533+00', '2026-11-30 03:22:35.986737+00', 7, 1, 7, 201, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CALLED-OFF","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_2de9af13b0925900a3001e30772674b5');
INSERT INTO public.orders VALUES ('RESERVING', -8832378380556927074, 3998, '2026-11-30 03:22:35.989423+00', '2026-11-30 03:22:35.989423+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-IN-EFFECT', 1508973134636541598, 3998, '2026-11-30 03:22:35.992742+00', '2026-11-30 03:22:35.992742+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('RESERVING-LOST', 2754707928864755092, 3998, '2026-11-30 03:22:35.9969+00', '2026-11-30 03:22:35.9969+00', 1, 1, 7, NULL, 'CREATED', 'intended', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.orders VALUES ('CHARGING', 2353590410647743148, 3998, '2026-11-30 03:22:36.001571+00', '2026-11-30 03:22:36.009582+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_ae2083e64395586e9a393eec64e85dc5');
INSERT INTO public.orders VALUES ('AUTHORIZING-IN-EFFECT', -4144282899999106655, 3998, '2026-11-30 03:22:36.074634+00', '2026-11-30 03:22:36.086516+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_936d95623e805db1bdaefedc26c16818');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING', -9007124183006950955, 3998, '2026-11-30 03:22:37.264512+00', '2026-11-30 03:22:37.280952+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_bdbf27182bf25e6385bb27853ba68c1b');
INSERT INTO public.orders VALUES ('SHIPPING', 8863192357085068193, 3998, '2026-11-30 03:22:36.136055+00', '2026-11-30 03:22:36.155805+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_03b66cfc0f0251ea8f8e0d6617ab153f');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING', 5962130380663996427, 3998, '2026-11-30 03:22:37.235164+00', '2026-11-30 03:22:37.249687+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_5f757bc5572652fd9bfa0cf1cd336ece');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE', -4179336919903666430, 3998, '2026-11-30 03:22:37.159701+00', '2026-11-30 03:22:37.220695+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_d2a5705b0b1a53c4ac0a808eb7b41fc8', NULL, NULL, 'rsv_58e7abe608fd59d997751e97e6eaed63');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING', -6250969092991880005, 3998, '2026-11-30 03:22:37.327279+00', '2026-11-30 03:22:37.33464+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('CAPTURING-IN-EFFECT', 6291688882798315849, 3998, '2026-11-30 03:22:37.349678+00', '2026-11-30 03:22:37.366318+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_822fc2a216e656da8bfcfbb937c016d4');
INSERT INTO public.orders VALUES ('CHARGING-IN-EFFECT', -3782826387783479202, 3998, '2026-11-30 03:22:36.020514+00', '2026-11-30 03:22:36.026111+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_7b4eef3d28035272ab0834a8a65f55f9');
INSERT INTO public.orders VALUES ('CAPTURING', -4504233302201735423, 3998, '2026-11-30 03:22:37.121147+00', '2026-11-30 03:22:37.184203+00', 4, 1, 7, 201, 'PAYMENT_AUTHORIZED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"CAPTURING","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', NULL, NULL, NULL, 'rsv_35d0697023f95a3d84d6f0d147c04a1b');
INSERT INTO public.orders VALUES ('CHARGING-LOST', -3305537691865228015, 3998, '2026-11-30 03:22:36.036387+00', '2026-11-30 03:22:36.055603+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_417795b71a48534a80b7f9ccaa8d5198');
INSERT INTO public.orders VALUES ('AUTHORIZING', 659828064851710036, 3998, '2026-11-30 03:22:36.060429+00', '2026-11-30 03:22:36.063847+00', 2, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_a0f2b00c5ee355128d5f9053fac839fb');
INSERT INTO public.orders VALUES ('SHIPPING-IN-EFFECT', -615815206530319984, 3998, '2026-11-30 03:22:36.219509+00', '2026-11-30 03:22:36.568058+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_52e9ad32031f5182bd46f0da9ce2f7fc');
INSERT INTO public.orders VALUES ('SHIPPING-LOST', 7209387035985606292, 3998, '2026-11-30 03:22:36.772299+00', '2026-11-30 03:22:37.110207+00', 3, 1, 7, NULL, 'PAYMENT_CHARGED', 'reserved', 'intended', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_d1eab8743c8b59fcad0d37f28148be8b');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', -8877906752450825723, 3998, '2026-11-30 03:22:37.472831+00', '2026-11-30 03:22:37.488644+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_e2862c743d0359938900ce710dd9916e');
INSERT INTO public.orders VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', -4276246739148000420, 3998, '2026-11-30 03:22:37.449124+00', '2026-11-30 03:22:37.464907+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_335f102b5a0753e5bbb83ec1477018d5');
INSERT INTO public.orders VALUES ('CALLED-OFF-SHIPPING', 542580732111071198, 3998, '2026-11-30 03:22:37.294817+00', '2026-11-30 03:22:37.309808+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelling', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_d495937ae554576a82f97dfcac838746');
INSERT INTO public.orders VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 1968704500124123552, 3998, '2026-11-30 03:22:37.402213+00', '2026-11-30 03:22:37.432501+00', 3, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_00c1692ad0185ad8b917aceb6ba65bfe');
INSERT INTO public.orders VALUES ('CALLED-OFF-RESERVING-IN-EFFECT', -846272660756779665, 3998, '2026-11-30 03:22:37.507416+00', '2026-11-30 03:22:37.512219+00', 2, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, NULL);
INSERT INTO public.orders VALUES ('REFUNDING', 2360210953418924311, 3998, '2026-11-30 03:22:37.531665+00', '2026-11-30 03:22:37.563741+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_a949a622925057a6a0a94d9ea96826ee');
INSERT INTO public.orders VALUES ('REFUNDED-RELEASING', 3679911940827787250, 3998, '2026-11-30 03:22:37.589055+00', '2026-11-30 03:22:37.59998+00', 5, 1, 7, NULL, 'COMPENSATING', 'releasing', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_93df090294685283a9da2f2f2b76f3ed');
INSERT INTO public.orders VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 7958528281410757518, 3998, '2026-11-30 03:22:37.358327+00', '2026-11-30 03:22:37.387536+00', 8, 1, 7, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x0162b1dc4f3e8216e6b39e1fcc4029891f07f191ee757fd660ef6245b48895a980', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","capture":"manual","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"REFUNDING-CAPTURE-IN-EFFECT","state":"PAYMENT_AUTHORIZED","version":3,"amount":3998,"currency":"USD"}', 'shp_6e3848a8b900581dbfa5cfd9a20d5d5c', NULL, NULL, 'rsv_c9c7d7c14ae551698e6b9fa65e030e3d');
INSERT INTO public.orders VALUES ('RELEASING', -5974902489293336305, 3998, '2026-11-30 03:22:37.614437+00', '2026-11-30 03:22:37.620347+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_2ca9131fe1255bc9b7b3e1909b5b0c92');
INSERT INTO public.orders VALUES ('REFUNDING-IN-EFFECT', 6684807962093250776, 3998, '2026-11-30 03:22:37.574821+00', '2026-11-30 03:22:37.582548+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_d3f29a0052195ead9a6505e11babb0f4');
INSERT INTO public.orders VALUES ('CALLED-OFF-VOIDED', -9173223344089275815, 3998, '2026-11-30 03:22:37.689138+00', '2026-11-30 03:22:37.709229+00', 4, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_8687a32096ac512ea96544d397096e46');
INSERT INTO public.orders VALUES ('RELEASING-IN-EFFECT', -9076201397971256769, 3998, '2026-11-30 03:22:37.628661+00', '2026-11-30 03:22:37.63418+00', 3, 1, 7, NULL, 'COMPENSATING', 'releasing', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"payment_declined","reason":"not_today"}', NULL, 'rsv_6fdeafe358865285a268580bb615815b');
INSERT INTO public.orders VALUES ('SKIPPED', 9187074457088781307, 3998, '2026-11-30 03:22:37.751497+00', '2026-11-30 03:22:37.82112+00', 8, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"SKIPPED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_721a4e078c71557cba2835110166120e');
INSERT INTO public.orders VALUES ('CALLED-OFF-UNSHIPPED', 3220188381377622386, 3998, '2026-11-30 03:22:37.643671+00', '2026-11-30 03:22:37.679074+00', 5, 1, 7, NULL, 'COMPENSATING', 'reserved', 'cancelled', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_5016ae11aaec582794cc98653f412f91');
INSERT INTO public.orders VALUES ('WAITING', -652543564848422543, 3998, '2026-11-30 03:22:37.719841+00', '2026-11-30 03:22:37.739186+00', 4, 1, 7, NULL, 'COMPENSATING', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"order_cancelled","reason":"client"}', '{"reason":"void was refused: not_today","since":"2026-11-30T03:22:37.739186Z"}', 'rsv_41fcdaacef055bc79800b9b34af5f425');
INSERT INTO public.orders VALUES ('STEPS', -6636339347537544972, 3998, '2026-11-30 03:22:37.958093+00', '2026-11-30 03:22:38.048379+00', 8, 2, 15, 201, 'COMPLETED', 'taken', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"order_id":"STEPS","state":"COMPLETED","version":8,"amount":3998,"currency":"USD"}', 'shp_9dd48b9f770550a68ef8c42c1f0c20af', NULL, NULL, 'rsv_98294c7d648050c4b9c641b2e25534ad');
INSERT INTO public.orders VALUES ('FORCED', 8470180231269917268, 3998, '2026-11-30 03:22:37.782119+00', '2026-11-30 03:22:37.819274+00', 6, 1, 7, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', '{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"FORCED","final":true,"reason":"client","compensations":["payment.voided","inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"client"}', NULL, 'rsv_7be49b8fae385f908fc5752c02d8dcce');
INSERT INTO public.orders VALUES ('CONTRADICTED', -4021499877655340874, 3998, '2026-11-30 03:22:37.830265+00', '2026-11-30 03:22:37.840217+00', 3, 1, 7, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, '{"reason":"charge is contradicted by the participant: charge was asked for the amount 3998 USD, the participant says 1 USD","since":"2026-11-30T03:22:37.840217Z","contradicted":true}', 'rsv_78a703fb5fd45656838ad4486187b333');
INSERT INTO public.orders VALUES ('STEPS-UNSHIPPED', 7588667269038772842, 3998, '2026-11-30 03:22:38.051541+00', '2026-11-30 03:22:38.083179+00', 10, 2, 15, 500, 'CANCELLED', 'released', 'failed', 'USD', 'anonymous', 'cus-7', '\x01498cdbc4f85b63243b413be898ec73a018bada14f874d50a7cb9735c288c0f1f', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"SHIP-FAIL","country":"US"}}', '{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"STEPS-UNSHIPPED","final":true,"reason":"carrier_refused","compensations":["step.undone","payment.refunded","inventory.released"]}', NULL, '{"code":"shipment_failed","reason":"carrier_refused"}', NULL, 'rsv_fd7c92596e0f5e90ae41accf14c5fbd5');
INSERT INTO public.orders VALUES ('STEP-fraud', 3806873808441796985, 3998, '2026-11-30 03:22:38.090986+00', '2026-11-30 03:22:38.095653+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_8f631307a963532685db56acede4d26d');
INSERT INTO public.orders VALUES ('STEP-fraud-IN-EFFECT', -5646124759062065980, 3998, '2026-11-30 03:22:38.106398+00', '2026-11-30 03:22:38.11062+00', 2, 2, 15, NULL, 'INVENTORY_RESERVED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_21036ea563345c6e9098a739859497c4');
INSERT INTO public.orders VALUES ('STEPS-REFUSED', 6684276145181662419, 3998, '2026-11-30 03:22:38.087134+00', '2026-11-30 03:22:38.102627+00', 5, 2, 15, 409, 'CANCELLED', 'released', 'none', 'USD', 'anonymous', 'cus-7', '\x01a08b558fc4133971549e1cb186d4aa9fa3fcc715cc5494ed6d0a9f41a05e6531', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"},"metadata":{"fraud":"refused"}}', '{"type":"urn:counterfoil:problem:step_refused","title":"Step refused","status":409,"detail":"the step fraud refused the order; what was done was undone","code":"step_refused","order_id":"STEPS-REFUSED","final":true,"step":"fraud","reason":"refused","compensations":["inventory.released"]}', NULL, '{"code":"order_cancelled","reason":"participant","detail":"refused","step":"fraud"}', NULL, 'rsv_9e20a40a44315a64961207ce408e0a88');
INSERT INTO public.orders VALUES ('STEP-gift', -1490218899642847175, 3998, '2026-11-30 03:22:38.151527+00', '2026-11-30 03:22:38.173715+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_dd86f273f1ac52ffa0e1495ee88cd0b6', NULL, NULL, 'rsv_a29dcdb6d6b755738f6a2d0c76681e1c');
INSERT INTO public.orders VALUES ('STEP-points-IN-EFFECT', 7594993764720405841, 3998, '2026-11-30 03:22:38.137606+00', '2026-11-30 03:22:38.146185+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_7a67f0d1fe0b5bb8aee93c66d5b0a661');
INSERT INTO public.orders VALUES ('STEP-points', 960397818369118102, 3998, '2026-11-30 03:22:38.122358+00', '2026-11-30 03:22:38.133638+00', 4, 2, 15, NULL, 'PAYMENT_CHARGED', 'reserved', 'none', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, NULL, NULL, 'rsv_e3a7968e3d82554ab6a40fd84f525717');
INSERT INTO public.orders VALUES ('STEP-gift-IN-EFFECT', 1791751332999937916, 3998, '2026-11-30 03:22:38.177791+00', '2026-11-30 03:22:38.199973+00', 6, 2, 15, NULL, 'SHIPMENT_CREATED', 'reserved', 'created', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, 'shp_e33ae61e0cf55420b8797fb80c501a1c', NULL, NULL, 'rsv_02f2407dedb95306aa92b0712ea40dbd');
INSERT INTO public.orders VALUES ('STEP-UNDOING', 8776027798679531997, 3998, '2026-11-30 03:22:38.215228+00', '2026-11-30 03:22:38.229264+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_bb607cc4ff5a5da98b24224ef3eacab2');
INSERT INTO public.orders VALUES ('STEP-UNDOING-IN-EFFECT', 6967543813074784848, 3998, '2026-11-30 03:22:38.241722+00', '2026-11-30 03:22:38.256238+00', 6, 2, 15, NULL, 'COMPENSATING', 'reserved', 'failed', 'USD', 'anonymous', 'cus-7', '\x019c60be2926caa22d4d18fe51aa3deb3c834877d8fdd5c9ef5ae6d38f3a8c9e1c', '[{"sku":"S","quantity":2,"unit_price":1999}]', '{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}', NULL, NULL, '{"code":"shipment_failed","reason":"not_today"}', NULL, 'rsv_44e0ef96233e5560b37b47dd0be65a0a');


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
INSERT INTO public.payments VALUES ('DONE', 'charged', false, true, 3998, 3998, 0, 'ch_a84476986ac65dc08ec25b65eddb85e5', NULL);
INSERT INTO public.payments VALUES ('DECLINED', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDING-IN-EFFECT', 'refunding', false, true, 3998, 3998, 3998, 'ch_304183a13e415a46b112db46a8c45874', NULL);
INSERT INTO public.payments VALUES ('UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_2038cd9e78c05424a2d6a99df7c276b8', NULL);
INSERT INTO public.payments VALUES ('AUTHORIZED', 'authorized', false, true, 3998, 0, 0, 'auth_f4c305b2c60153a096e8b1e8c1e1d362', NULL);
INSERT INTO public.payments VALUES ('REFUNDED-RELEASING', 'refunded', false, true, 3998, 3998, 3998, 'ch_fab15f6e69855d68abcd28d277bb8f65', NULL);
INSERT INTO public.payments VALUES ('CAPTURED', 'charged', false, true, 3000, 3000, 1, 'auth_dc906b0f90ab5cc0b91098aa5d47e711', 'cap_7a5c0155ab6d5501863888cb9dda5475');
INSERT INTO public.payments VALUES ('CALLED-OFF', 'voided', false, true, 3998, 0, 0, 'auth_55a608d44c6d58069443b55594797e39', NULL);
INSERT INTO public.payments VALUES ('CHARGING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CHARGING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-IN-EFFECT', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('AUTHORIZING-LOST', 'intended', true, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_f0c0c6285da95ee696bdab00094917e5', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_14ba08f457f559eb9b9e2d5e8f5f6f15', NULL);
INSERT INTO public.payments VALUES ('SHIPPING-LOST', 'charged', false, true, 3998, 3998, 0, 'ch_0f352153447b5b4ab9252591b950c17e', NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-VOIDED', 'voided', false, false, 3998, 3998, 3998, NULL, NULL);
INSERT INTO public.payments VALUES ('CAPTURING', 'capturing', false, true, 2000, 0, 0, 'auth_1ba9f886759851f0848ad51f1f900c49', NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE', 'charged', false, true, 2000, 2000, 500, 'auth_9457719f29a15acc9e36731082cb3d6a', 'cap_7d09ebe1b965535e9798d4244d2f1c94');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING', 'charged', false, true, 3998, 3998, 0, 'ch_102407fd97e755e19d7a7ca86e1825bc', NULL);
INSERT INTO public.payments VALUES ('SKIPPED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CAPTURING-IN-EFFECT', 'capturing', false, true, 2000, 0, 0, 'auth_19ff076e4af454f3906a7b954ecbfd2d', NULL);
INSERT INTO public.payments VALUES ('FORCED', 'voided', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CONTRADICTED', 'intended', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('REFUNDING-CAPTURE-IN-EFFECT', 'charged', false, true, 2000, 2000, 500, 'auth_f148b83c350d58688b19685698763919', 'cap_d440e73a57c453c2ac704e8a32cbbcc9');
INSERT INTO public.payments VALUES ('CALLED-OFF-CHARGING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-AUTHORIZING-IN-EFFECT', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-SHIPPING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_d1d4c2d1b25f5262bf58f69dead07b9f', NULL);
INSERT INTO public.payments VALUES ('REFUNDING', 'refunding', false, true, 3998, 3998, 3998, 'ch_ac50979bec7f5c6cb7336964bc213b3a', NULL);
INSERT INTO public.payments VALUES ('RELEASING', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('RELEASING-IN-EFFECT', 'declined', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('CALLED-OFF-UNSHIPPED', 'refunding', false, true, 3998, 3998, 3998, 'ch_63f77b854443574d909bd27562b5eb6e', NULL);
INSERT INTO public.payments VALUES ('WAITING', 'voiding', false, false, 3998, 0, 0, NULL, NULL);
INSERT INTO public.payments VALUES ('STEPS', 'charged', false, true, 3998, 3998, 0, 'ch_2ad4b8cfe7875863a585687ecd6f59d4', NULL);
INSERT INTO public.payments VALUES ('STEPS-UNSHIPPED', 'refunded', false, true, 3998, 3998, 3998, 'ch_2732104aedb95974bcd1bb34a9f27c8f', NULL);
INSERT INTO public.payments VALUES ('STEP-points', 'charged', false, true, 3998, 3998, 0, 'ch_69d255e2cc9e580fa3fc66c393c78d09', NULL);
INSERT INTO public.payments VALUES ('STEP-points-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_cbcf575b189a56e0b17ff561cabc1533', NULL);
INSERT INTO public.payments VALUES ('STEP-gift', 'charged', false, true, 3998, 3998, 0, 'ch_7f15c0435728525fbff179bd6ef5fae7', NULL);
INSERT INTO public.payments VALUES ('STEP-gift-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_63fc31c15ba95379a200c93af9f79140', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING', 'charged', false, true, 3998, 3998, 0, 'ch_cac44b7752e758af8b2d490bce0da378', NULL);
INSERT INTO public.payments VALUES ('STEP-UNDOING-IN-EFFECT', 'charged', false, true, 3998, 3998, 0, 'ch_af7a81c5f39e59199269341532981e84', NULL);


--
-- Data for Name: pruned_orders; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: prunes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refinery_schema_history; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refinery_schema_history VALUES (1, 'foundation', '2026-11-30T03:22:35.22146133Z', '4295920499872568406');
INSERT INTO public.refinery_schema_history VALUES (2, 'remote_legs', '2026-11-30T03:22:35.244726762Z', '4461716305316383968');
INSERT INTO public.refinery_schema_history VALUES (3, 'inbox_purge', '2026-11-30T03:22:35.257016751Z', '15236599358920140796');
INSERT INTO public.refinery_schema_history VALUES (4, 'hot_orders', '2026-11-30T03:22:35.258182678Z', '14077514177569390261');
INSERT INTO public.refinery_schema_history VALUES (5, 'work_clock', '2026-11-30T03:22:35.260018466Z', '66626004372663131');
INSERT INTO public.refinery_schema_history VALUES (6, 'adoption', '2026-11-30T03:22:35.260785913Z', '9824958181989533634');
INSERT INTO public.refinery_schema_history VALUES (7, 'seals', '2026-11-30T03:22:35.262103624Z', '10932443199574537219');
INSERT INTO public.refinery_schema_history VALUES (8, 'free_returns', '2026-11-30T03:22:35.26434246Z', '6232638002878772191');
INSERT INTO public.refinery_schema_history VALUES (9, 'order_keys', '2026-11-30T03:22:35.266168534Z', '5398404707342241265');
INSERT INTO public.refinery_schema_history VALUES (10, 'feed', '2026-11-30T03:22:35.270941652Z', '10549446667388425250');
INSERT INTO public.refinery_schema_history VALUES (11, 'leases', '2026-11-30T03:22:35.27935481Z', '3922018200371891248');
INSERT INTO public.refinery_schema_history VALUES (12, 'relays', '2026-11-30T03:22:35.28153613Z', '10509368159252890779');
INSERT INTO public.refinery_schema_history VALUES (13, 'webhooks', '2026-11-30T03:22:35.288239777Z', '4809684204427590768');
INSERT INTO public.refinery_schema_history VALUES (14, 'outbox_table', '2026-11-30T03:22:35.303203336Z', '3049699243693499359');
INSERT INTO public.refinery_schema_history VALUES (15, 'divisions', '2026-11-30T03:22:35.307893371Z', '11174637611968049349');
INSERT INTO public.refinery_schema_history VALUES (16, 'retention', '2026-11-30T03:22:35.310907614Z', '14980537811028063259');
INSERT INTO public.refinery_schema_history VALUES (17, 'prune_seals', '2026-11-30T03:22:35.316271457Z', '7396560070373730904');
INSERT INTO public.refinery_schema_history VALUES (18, 'steps', '2026-11-30T03:22:35.319125414Z', '11371614449618114604');
INSERT INTO public.refinery_schema_history VALUES (19, 'payments_key', '2026-11-30T03:22:35.32717917Z', '11921530793308252156');
INSERT INTO public.refinery_schema_history VALUES (20, 'one_clock', '2026-11-30T03:22:35.333195299Z', '16413124176786579960');
INSERT INTO public.refinery_schema_history VALUES (21, 'clock_for_all_roles', '2026-11-30T03:22:35.33706537Z', '4917655197762062372');


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

INSERT INTO public.saga_definitions VALUES (1, '\xa4379c364b1642ee270e4b54d0dd645de7c3215ce5362472175e5fed8dcdc086', '{"steps":[{"name":"inventory","kind":"http"},{"name":"fraud","kind":"http","action":"run","refusal":"step_refused","deadline_ms":600000},{"name":"payment","kind":"http"},{"name":"points","kind":"http","action":"run","undo":"undo","refusal":"step_refused"},{"name":"shipment","kind":"http"},{"name":"gift","kind":"http","action":"run","refusal":"step_refused"}],"pivot":"shipment"}', '2026-11-30 03:22:38.009028+00');


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

\unrestrict 8f01KNliXeEtCkZ8oOqYem9ePJScZnTDmpWqIz3vHWiVNjWEPXxCtYJVN7HWNfT

