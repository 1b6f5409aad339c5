-- Who changes a row of `prunes` and does not know of its seal is found out: by these rows, and by each of them, whoever begins
-- where something is gone is told how much (`store/prune/gap.rs`).
--
-- Whoever waits for a table's lock has all others wait behind it: rather the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

ALTER TABLE prunes ADD COLUMN seal bytea;
UPDATE prunes SET seal = substr(sha256(convert_to(concat_ws(E'\x1f', prune_id, orders, events, xact, epoch), 'UTF8')
    || timestamptz_send(at) || timestamptz_send(decided_at)), 1, 8);
ALTER TABLE prunes ALTER COLUMN seal SET NOT NULL;

-- An event has its name within a history. Rows of one that was lost may be there still, where other tables were put back to an
-- earlier time and this one was not: they must not keep an order from its commits. (No released program ever filled the table.)
ALTER TABLE outbox DROP CONSTRAINT outbox_pkey, ADD PRIMARY KEY (id, epoch);
