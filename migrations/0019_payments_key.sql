-- A payment's order is its primary key, and not a unique column alone: a table that is published (logical replication, a move of a
-- whole schema) needs to say by what its rows are known, and refuses every UPDATE until it does. Nothing else changes: as
-- before there is one index, and one payment an order.
--
-- The index is not built here: `counterfoil migrate` has built it before, CONCURRENTLY, while orders flowed
-- (crates/engine/src/store/online.rs). What is left is a matter of the catalogue, and both are done in one statement, so that there is no
-- moment without the promise. Programs before this one run on it as before: none names the constraint.
--
-- Whoever waits for a table's lock has all others wait behind it: rather the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

ALTER TABLE payments
    DROP CONSTRAINT payments_order_id_key,
    ADD CONSTRAINT payments_pkey PRIMARY KEY USING INDEX payments_pkey;
