-- When a row of order_work was written: one that was written in the future tells that the clock of this database's host was
-- set back, and that its times mean nothing any more (src/store/work.rs). And what the database, or whoever read the order,
-- said against it last. Programs that know neither leave them alone: an insert gets the time of its transaction.
--
-- Both columns are added without a rewrite: a default that does not change within a transaction is stored once.
-- Whoever waits for a table's lock has all others wait behind it: rather the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

ALTER TABLE order_work
    ADD COLUMN written_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN last_error text COLLATE "C";
