-- The parts of a sink became others: `outbox.sinks[].partitions` was changed. A row a sink that this was ever done to; the
-- parts themselves are the rows of `outbox_relays`, which are written in the same transaction.
--
-- The new parts begin at one place, before whatever one of the old ones had yet to publish, and pass over what the one that
-- an order was of had. So nothing of a backlog has to be published first; and what is read from here on lies behind the
-- positions of `outbox_relays`, as ever: those that are kept here are compared with, and never read from.
CREATE TABLE outbox_divisions (
    sink    text        COLLATE "C" NOT NULL PRIMARY KEY,
    run     integer     NOT NULL CHECK (run > 1), -- the run that it began; in a later one it is of no account
    before  text        NOT NULL, -- JSON: of each division whose events the parts come to again, where its parts were stopped
    closing text,                 -- JSON: what is yet to be written where cursors are kept, that nobody goes on from those of
                                  -- the old parts; NULL once it is, and only then anybody publishes
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

-- One role may migrate and another serve: whoever publishes comes to this table too.
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT DISTINCT acl.grantee, acl.privilege_type
        FROM pg_class c, aclexplode(c.relacl) acl
        WHERE c.oid = 'outbox_relays'::regclass AND acl.grantee <> c.relowner
          AND acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
        EXECUTE format('GRANT %s ON outbox_divisions TO %s', held.privilege_type,
            CASE WHEN held.grantee = 0 THEN 'PUBLIC' ELSE held.grantee::regrole::text END);
    END LOOP;
END $$;
