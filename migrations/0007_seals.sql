-- What no other row repeats bears a seal: a row that somebody changes by hand no longer fits its own. Of an order its
-- events tell what it must be; of a key that a client sent, and of a change of stock by hand, there was one row only,
-- and the audit had nothing to hold it against.
--
-- The database seals, so that programs of 0.2.0 beside this one seal too. A seal is made once: with the row, and with
-- the answer that a verb's key waits for. Rows from before `sealed_since` have none, and are not blamed for that; in a
-- database that is made with seals it stays NULL, and every row has one.
--
-- Adding a column without a default, or a trigger, waits for who writes the table at that moment, and rewrites nothing.

-- Whoever waits for a table's lock has all others wait behind it: rather the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

ALTER TABLE idempotency_keys ADD COLUMN seal bytea;
ALTER TABLE inventory_journal ADD COLUMN seal bytea;
ALTER TABLE deployment ADD COLUMN sealed_since timestamptz;

-- The parts of a seal are texts between unit separators; an absent order is a record separator.
CREATE FUNCTION counterfoil_seal_key() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.seal := substr(sha256(convert_to(concat_ws(E'\x1f', NEW.client, NEW.route, NEW.key,
        coalesce(NEW.order_id, E'\x1e'), NEW.answer_status, NEW.answer), 'UTF8')
        || NEW.fingerprint || timestamptz_send(NEW.created_at)), 1, 8);
    RETURN NEW;
END $$;

CREATE FUNCTION counterfoil_seal_journal() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.seal := substr(sha256(convert_to(concat_ws(E'\x1f', NEW.sku, NEW.entry_id, NEW.delta, NEW.reason, NEW.client,
        coalesce(NEW.order_id, E'\x1e')), 'UTF8') || timestamptz_send(NEW.at)), 1, 8);
    RETURN NEW;
END $$;

CREATE TRIGGER idempotency_keys_seal BEFORE INSERT ON idempotency_keys
    FOR EACH ROW EXECUTE FUNCTION counterfoil_seal_key();
-- An answer is given once; whatever else changes a row breaks its seal.
CREATE TRIGGER idempotency_keys_seal_answer BEFORE UPDATE ON idempotency_keys
    FOR EACH ROW WHEN (OLD.answer_status IS NULL AND OLD.answer IS NULL
                       AND NEW.answer_status IS NOT NULL AND NEW.answer IS NOT NULL)
    EXECUTE FUNCTION counterfoil_seal_key();
CREATE TRIGGER inventory_journal_seal BEFORE INSERT ON inventory_journal
    FOR EACH ROW EXECUTE FUNCTION counterfoil_seal_journal();

-- Whoever writes from now on waits for the locks above, and so meets the triggers.
UPDATE deployment SET sealed_since = clock_timestamp();
