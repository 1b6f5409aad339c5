-- Retention: histories of ended orders go, once whoever publishes has read them. The order stays as it is, and with it a
-- check value of what its history had come to: the audit goes on from there.
--
-- Whoever waits for a table's lock has all others wait behind it: rather the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

-- A row an order whose first events are gone. Written by whoever prunes, in the transaction that takes them away.
CREATE TABLE pruned_orders (
    order_id   text        COLLATE "C" NOT NULL PRIMARY KEY,
    xact       xid8        NOT NULL,       -- of the last commit that is gone, and its epoch: positions may name it
    epoch      integer     NOT NULL CHECK (epoch >= 0),
    pruned_to  integer     NOT NULL CHECK (pruned_to > 0), -- the version up to which it is gone
    decided_at timestamptz NOT NULL,       -- when the last of it was decided
    pruned_at  timestamptz NOT NULL,
    kept       text        COLLATE "C",    -- JSON: what of it no other row tells; NULL where that is nothing
    proof      bytea       NOT NULL CHECK (octet_length(proof) > 1) -- over all of this and what the events led to; the first
                                           -- byte says by which rule it was made
);

-- A row a step of whoever pruned: how much went. So whoever begins before it can be told, and a history that vanished
-- with a forged check value does not add up. INSERT only.
CREATE TABLE prunes (
    prune_id   bigint      NOT NULL PRIMARY KEY,           -- in their order: one step at a time takes its locks
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    orders     integer     NOT NULL CHECK (orders > 0),
    events     bigint      NOT NULL CHECK (events > 0),
    xact       xid8        NOT NULL,       -- the last place of the feed that is among them, with its epoch
    epoch      integer     NOT NULL CHECK (epoch >= 0),
    decided_at timestamptz NOT NULL        -- when the latest of them was decided
);

-- `forgotten`: since when a sink holds back nothing, at an operator's word. `gap_`: what of the events that were to come to
-- it is gone: how many, of how many orders, decided until when.
ALTER TABLE outbox_relays
    ADD COLUMN forgotten  timestamptz,
    ADD COLUMN gap_events bigint,
    ADD COLUMN gap_orders bigint,
    ADD COLUMN gap_until  timestamptz,
    ADD CONSTRAINT outbox_relays_gap CHECK (num_nulls(gap_events, gap_orders, gap_until) IN (0, 3));

ALTER TABLE webhook_endpoints
    ADD COLUMN inactive_since timestamptz, -- an endpoint that gets nothing holds back for a while, and no longer
    ADD COLUMN gap_events     bigint,
    ADD COLUMN gap_orders     bigint,
    ADD COLUMN gap_until      timestamptz,
    ADD CONSTRAINT webhook_endpoints_gap CHECK (num_nulls(gap_events, gap_orders, gap_until) IN (0, 3));
UPDATE webhook_endpoints SET inactive_since = clock_timestamp() WHERE state <> 'active';

-- Whoever pauses it, in whatever way; and whoever brings one that is paused.
CREATE FUNCTION counterfoil_inactive() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.inactive_since := CASE WHEN NEW.state <> 'active' THEN coalesce(
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.inactive_since ELSE NEW.inactive_since END, clock_timestamp()) END;
    RETURN NEW;
END $$;
CREATE TRIGGER webhook_endpoints_inactive BEFORE INSERT OR UPDATE OF state ON webhook_endpoints
    FOR EACH ROW EXECUTE FUNCTION counterfoil_inactive();

-- One role may migrate and another serve: whoever reads events, or writes them, comes to these tables too. (To prune it needs
-- DELETE on order_events, which nobody is given here.)
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT DISTINCT acl.grantee, acl.privilege_type
        FROM pg_class c, aclexplode(c.relacl) acl
        WHERE c.oid = 'order_events'::regclass AND acl.grantee <> c.relowner
          AND acl.privilege_type IN ('SELECT', 'INSERT')
    LOOP
        EXECUTE format('GRANT %s ON pruned_orders, prunes TO %s',
            CASE held.privilege_type WHEN 'INSERT' THEN 'SELECT, INSERT, UPDATE' ELSE 'SELECT' END,
            CASE WHEN held.grantee = 0 THEN 'PUBLIC' ELSE held.grantee::regrole::text END);
    END LOOP;
END $$;
