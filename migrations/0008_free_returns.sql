-- What was free comes back for nothing: a refund of 0 that puts goods back on the shelf. Programs before 0.4.0 read such
-- a row, and write none.
--
-- The rows that there are fit by the constraint that goes, so that none is looked at: a look would hold everybody up.

-- Whoever waits for a table's lock has all others wait behind it: rather the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

ALTER TABLE refunds
    ADD CONSTRAINT refunds_amount_or_restock CHECK (amount > 0 OR amount = 0 AND restock IS NOT NULL) NOT VALID,
    DROP CONSTRAINT refunds_amount_check;
