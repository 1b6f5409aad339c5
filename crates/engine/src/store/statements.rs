//! The statements of a commit, in the order in which a transaction sends them: what each promise is in SQL.
//!
//! An order's row that this transaction wrote bears its `commit_id` ($1). Every other statement asks each order's row
//! for it, so that a lost guard writes nothing at all.
//!
//! What a statement costs must depend on its batch alone, never on how large a table is, nor on what the planner knows
//! of it: it plans once a connection, often while the tables are young and were never analysed, and would then rather
//! read them whole. So a stamp is asked for by a scalar subquery, which is a look-up by key whatever the planner thinks
//! (a join may begin at either end), and [`limits::PLANS`](crate::limits::PLANS) leave it nothing but ways by key for the rest.
//!
//! Arrays are taken apart side by side in a list of columns. `FROM unnest(a, b, ...)` says the same and would fill a
//! store of tuples for each of them first, which costs a batch of five more than the rows that it writes.

use tokio_postgres::{Client, Error, Statement};

/// Declares the statements once: their names, as they are prepared, and as they are listed for whoever reads their plans.
macro_rules! statements {
    ($(#[$doc:meta])* $($name:ident = $sql:expr;)*) => {
        $(#[$doc])*
        pub(super) struct Statements {
            $(pub(super) $name: Statement,)*
        }

        impl Statements {
            pub(super) async fn prepare(client: &Client) -> Result<Self, Error> {
                Ok(Self { $($name: client.prepare(&$sql).await?,)* })
            }
        }

        /// All of them, by name.
        pub(super) fn listed() -> Vec<(&'static str, String)> {
            vec![$((stringify!($name), ($sql).to_string()),)*]
        }
    };
}

statements! {
    /// One lock order everywhere: keys, orders, their counts of keys, payments, steps, refunds, work, inventory; inside each,
    /// sorted by key.
    claim_keys = CLAIM_KEYS;
    place_orders = format!("{PLACE}{ONCE}");
    place_keyed_orders = format!("{PLACE}{IF_ITS_KEY_IS_HELD}{ONCE}");
    drop_unused_keys = DROP_UNUSED_KEYS;
    find_full = FIND_FULL;
    advance_orders = ADVANCE;
    count_verb_keys = COUNT_VERB_KEYS;
    settle_orders = SETTLE;
    insert_payments = INSERT_PAYMENTS;
    move_payments = MOVE_PAYMENTS;
    define_sagas = DEFINE_SAGAS;
    insert_steps = INSERT_STEPS;
    move_steps = MOVE_STEPS;
    insert_refunds = INSERT_REFUNDS;
    settle_refunds = SETTLE_REFUNDS;
    insert_work = INSERT_WORK;
    move_work = MOVE_WORK;
    delete_work = DELETE_WORK;
    insert_events = INSERT_EVENTS;
    settle_keys = SETTLE_KEYS;
    log_operators = LOG_OPERATORS;
    journal_restock = JOURNAL_RESTOCK;
    move_stock = MOVE_STOCK;
    lock_stock = LOCK_STOCK;
    move_counted_stock = MOVE_COUNTED_STOCK;
    notify_ended = NOTIFY_ENDED;
}

/// A key is bound at most once, to one order, with the verb's answer where this transaction decides it. Whether it is
/// this transaction's is told by `commit_id`, and by its order: two orders of one batch may come with the same key.
const CLAIM_KEYS: &str = "
INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint, answer_status, answer)
SELECT k.client, k.route, k.key, k.order_id, $1, k.fingerprint, k.answer_status, k.answer
FROM (
    SELECT unnest($2::text[]) AS client, unnest($3::text[]) AS route, unnest($4::text[]) AS key,
        unnest($5::text[]) AS order_id, unnest($6::bytea[]) AS fingerprint, unnest($7::smallint[]) AS answer_status,
        unnest($8::text[]) AS answer
) k
ON CONFLICT (client, route, key) DO NOTHING
RETURNING order_id";

const PLACE: &str = "
INSERT INTO orders (order_id, commit_id, amount, created_at, updated_at, version, saga_version, plan, answer_status,
    state, stock, shipment, currency, client, customer_id, fingerprint, lines, details, answer, shipment_reference,
    failure, attention, reservation_reference)
SELECT o.order_id, $1, o.amount, o.at, o.at, o.version, o.saga_version, o.plan, o.answer_status, o.state, o.stock,
    o.shipment, o.currency, o.client, o.customer_id, o.fingerprint, o.lines, o.details, o.answer,
    o.shipment_reference, o.failure, o.attention, o.reservation_reference
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::bigint[]) AS amount, unnest($4::timestamptz[]) AS at,
        unnest($5::int[]) AS version, unnest($6::smallint[]) AS saga_version, unnest($7::smallint[]) AS plan,
        unnest($8::smallint[]) AS answer_status, unnest($9::text[]) AS state, unnest($10::text[]) AS stock,
        unnest($11::text[]) AS shipment, unnest($12::text[]) AS currency, unnest($13::text[]) AS client,
        unnest($14::text[]) AS customer_id, unnest($15::bytea[]) AS fingerprint, unnest($16::text[]) AS lines,
        unnest($17::text[]) AS details, unnest($18::text[]) AS answer, unnest($19::text[]) AS shipment_reference,
        unnest($20::text[]) AS failure, unnest($21::text[]) AS attention, unnest($22::text[]) AS reservation_reference,
        unnest($23::text[]) AS key
) o";

/// An order whose key was known already, or went to another order of this transaction, is not placed.
const IF_ITS_KEY_IS_HELD: &str = "
WHERE o.key IS NULL OR (
    SELECT k.commit_id = $1 AND k.order_id = o.order_id FROM idempotency_keys k
    WHERE k.client = o.client AND k.route = 'POST /orders' AND k.key = o.key)";

/// An order_id is processed at most once: the primary key lets one of any number of inserts through.
const ONCE: &str = "
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id";

/// A key that was claimed for an order that was there already, or that moved on meanwhile, is not bound by a request
/// that may differ from what stands.
const DROP_UNUSED_KEYS: &str = "
DELETE FROM idempotency_keys k
USING (
    SELECT unnest($2::text[]) AS client, unnest($3::text[]) AS route, unnest($4::text[]) AS key,
        unnest($5::text[]) AS order_id
) c
WHERE (k.client, k.route, k.key) = (c.client, c.route, c.key) AND k.commit_id = $1 AND k.order_id = c.order_id
  AND (SELECT o.commit_id FROM orders o WHERE o.order_id = c.order_id) IS DISTINCT FROM $1";

/// Which of the orders that verbs are asked of take no key any more.
const FIND_FULL: &str = "
SELECT u.order_id
FROM (SELECT unnest($1::text[]) AS order_id) u
WHERE (SELECT c.verbs FROM order_keys c WHERE c.order_id = u.order_id) >= $2";

/// Counts the keys of verbs that came with their orders' moves. Who counts waits for who counted before, and the CHECK
/// raises for one too many, however many engines ask at once: the batch is driven again, and the order then found full.
const COUNT_VERB_KEYS: &str = "
INSERT INTO order_keys AS c (order_id, verbs)
SELECT u.order_id, 1
FROM (SELECT unnest($2::text[]) AS order_id) u
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = u.order_id) = $1
ON CONFLICT (order_id) DO UPDATE SET verbs = c.verbs + 1";

/// Two instances never step the same order twice: each row names the version that it follows. Nor does an order move on
/// by a verb whose key was known already, or is one more than it takes.
const ADVANCE: &str = "
UPDATE orders o SET commit_id = $1, updated_at = u.at, version = u.version,
    state = u.state, stock = u.stock, shipment = u.shipment, answer_status = u.answer_status, answer = u.answer,
    shipment_reference = u.shipment_reference, failure = u.failure, attention = u.attention,
    reservation_reference = u.reservation_reference
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::int[]) AS expected, unnest($4::timestamptz[]) AS at,
        unnest($5::int[]) AS version, unnest($6::text[]) AS state, unnest($7::text[]) AS stock,
        unnest($8::text[]) AS shipment, unnest($9::smallint[]) AS answer_status, unnest($10::text[]) AS answer,
        unnest($11::text[]) AS shipment_reference, unnest($12::text[]) AS failure, unnest($13::text[]) AS attention,
        unnest($14::text[]) AS reservation_reference, unnest($15::text[]) AS key_client,
        unnest($16::text[]) AS key_route, unnest($17::text[]) AS key
) u
WHERE o.order_id = u.order_id AND o.version = u.expected AND (u.key IS NULL OR (
    SELECT k.commit_id = $1 AND k.order_id = u.order_id FROM idempotency_keys k
    WHERE k.client = u.key_client AND k.route = u.key_route AND k.key = u.key)
    AND coalesce((SELECT c.verbs FROM order_keys c WHERE c.order_id = u.order_id), 0) < $18::smallint)
RETURNING o.order_id";

/// Gives the orders of this transaction that were refused for short stock their true end.
const SETTLE: &str = "
UPDATE orders o SET version = u.version, state = u.state, stock = u.stock, shipment = u.shipment,
    answer_status = u.answer_status, answer = u.answer, failure = u.failure
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::int[]) AS version, unnest($4::text[]) AS state,
        unnest($5::text[]) AS stock, unnest($6::text[]) AS shipment, unnest($7::smallint[]) AS answer_status,
        unnest($8::text[]) AS answer, unnest($9::text[]) AS failure
) u
WHERE o.order_id = u.order_id AND (SELECT s.commit_id FROM orders s WHERE s.order_id = u.order_id) = $1";

/// One payment an order: a second one breaks the unique constraint, and with it the transaction.
const INSERT_PAYMENTS: &str = "
INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference, capture_reference)
SELECT p.order_id, p.status, p.unknown, p.known, p.amount, p.captured, p.refunded, p.reference, p.capture_reference
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS status, unnest($4::bool[]) AS unknown,
        unnest($5::bool[]) AS known, unnest($6::bigint[]) AS amount, unnest($7::bigint[]) AS captured,
        unnest($8::bigint[]) AS refunded, unnest($9::text[]) AS reference, unnest($10::text[]) AS capture_reference
) p
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = p.order_id) = $1";

/// The payments of orders that move on, whether or not they had one before: where it moves in the same transaction as
/// its order, there is nobody to race with.
const MOVE_PAYMENTS: &str = "
WITH sent AS MATERIALIZED (
    SELECT p.*
    FROM (
        SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS status, unnest($4::bool[]) AS unknown,
            unnest($5::bool[]) AS known, unnest($6::bigint[]) AS amount, unnest($7::bigint[]) AS captured,
            unnest($8::bigint[]) AS refunded, unnest($9::text[]) AS reference, unnest($10::text[]) AS capture_reference
    ) p
    WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = p.order_id) = $1
), moved AS (
    UPDATE payments p SET status = s.status, unknown = s.unknown, known = s.known, amount = s.amount,
        captured = s.captured, refunded = s.refunded, reference = s.reference, capture_reference = s.capture_reference
    FROM sent s
    WHERE p.order_id = s.order_id
    RETURNING p.order_id
)
INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference, capture_reference)
SELECT s.order_id, s.status, s.unknown, s.known, s.amount, s.captured, s.refunded, s.reference, s.capture_reference
FROM sent s
WHERE s.order_id NOT IN (SELECT order_id FROM moved)";

/// A saga is stored once, by the first order that begins under it.
const DEFINE_SAGAS: &str = "
INSERT INTO saga_definitions (hash, content)
SELECT d.hash, d.content
FROM (
    SELECT unnest($1::bytea[]) AS hash, unnest($2::text[]) AS content
) d
WHERE NOT EXISTS (SELECT FROM saga_definitions s WHERE s.hash = d.hash)
ON CONFLICT (hash) DO NOTHING";

/// An order ends under the saga that it began with: its row names it, and never another.
const INSERT_STEPS: &str = "
INSERT INTO order_steps (order_id, definition_id, steps)
SELECT s.order_id, (SELECT d.definition_id FROM saga_definitions d WHERE d.hash = s.hash), s.steps
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS steps, unnest($4::bytea[]) AS hash
) s
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = s.order_id) = $1";

const MOVE_STEPS: &str = "
UPDATE order_steps t SET steps = s.steps
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS steps
) s
WHERE t.order_id = s.order_id AND (SELECT o.commit_id FROM orders o WHERE o.order_id = s.order_id) = $1";

/// A refund is asked for once under its key: a second one breaks the primary key, and with it the transaction. What it
/// counts against the charge stands in the payment, under the CHECK there.
const INSERT_REFUNDS: &str = "
INSERT INTO refunds (order_id, client, key, position, amount, status, reason, restock)
SELECT r.order_id, r.client, r.key, r.position, r.amount, r.status, r.reason, r.restock
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS client, unnest($4::text[]) AS key,
        unnest($5::int[]) AS position, unnest($6::bigint[]) AS amount, unnest($7::text[]) AS status,
        unnest($8::text[]) AS reason, unnest($9::text[]) AS restock
) r
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = r.order_id) = $1";

/// A refund has one outcome.
const SETTLE_REFUNDS: &str = "
UPDATE refunds r SET status = u.status
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS client, unnest($4::text[]) AS key,
        unnest($5::text[]) AS status
) u
WHERE r.order_id = u.order_id AND r.client = u.client AND r.key = u.key AND r.status = 'intended'
  AND (SELECT o.commit_id FROM orders o WHERE o.order_id = u.order_id) = $1";

/// Every order ends: what is left to be done is written with what was done, by the database's clock.
const INSERT_WORK: &str = "
INSERT INTO order_work (order_id, version, wake_at, expires_at, intent_at, owner, written_at)
SELECT u.order_id, u.version,
    CASE
        WHEN u.asleep THEN NULL
        WHEN u.again THEN counterfoil_now()
        WHEN u.owner IS NOT NULL THEN counterfoil_now() + u.lease_ms * interval '1 millisecond'
        ELSE counterfoil_now() + u.deadline_ms * interval '1 millisecond'
    END,
    counterfoil_now() + u.deadline_ms * interval '1 millisecond', counterfoil_now(), u.owner, counterfoil_now()
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::int[]) AS version, unnest($4::uuid[]) AS owner,
        unnest($5::bool[]) AS asleep, unnest($6::bool[]) AS keeps_deadline, unnest($7::bool[]) AS fresh_intent,
        unnest($8::bool[]) AS again, unnest($9::bigint[]) AS lease_ms, unnest($10::bigint[]) AS deadline_ms,
        unnest($11::bool[]) AS look_first
) u
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = u.order_id) = $1";

/// The same of an order that moves on, so that its claims are forgiven; its attempts, and the age of its intent, are
/// those of the call that is due. One that had ended, and of which something is left to be done again, has no row.
const MOVE_WORK: &str = "
WITH left_to_do AS MATERIALIZED (
    SELECT u.*, u.lease_ms * interval '1 millisecond' AS lease, u.deadline_ms * interval '1 millisecond' AS deadline
    FROM (
        SELECT unnest($2::text[]) AS order_id, unnest($3::int[]) AS version, unnest($4::uuid[]) AS owner,
            unnest($5::bool[]) AS asleep, unnest($6::bool[]) AS keeps_deadline, unnest($7::bool[]) AS fresh_intent,
            unnest($8::bool[]) AS again, unnest($9::bigint[]) AS lease_ms, unnest($10::bigint[]) AS deadline_ms,
        unnest($11::bool[]) AS look_first, unnest($12::smallint[]) AS attempts, unnest($13::text[]) AS error
    ) u
    WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = u.order_id) = $1
), moved AS (
    UPDATE order_work w SET version = u.version, claims = 0, look = w.look AND NOT u.fresh_intent, owner = u.owner,
        written_at = counterfoil_now(),
        last_error = coalesce(u.error, CASE WHEN NOT u.fresh_intent THEN w.last_error END),
        expires_at = CASE WHEN u.keeps_deadline THEN w.expires_at ELSE counterfoil_now() + u.deadline END,
        wake_at = CASE
            WHEN u.asleep THEN NULL
            WHEN u.again THEN counterfoil_now()
            WHEN u.owner IS NOT NULL THEN counterfoil_now() + u.lease
            WHEN u.look_first AND w.look_first THEN counterfoil_now()
            WHEN u.keeps_deadline THEN w.expires_at
            ELSE counterfoil_now() + u.deadline
        END,
        intent_at = CASE WHEN u.fresh_intent THEN counterfoil_now() ELSE w.intent_at END,
        attempts = CASE WHEN u.fresh_intent OR u.again THEN 0 ELSE coalesce(u.attempts, w.attempts) END,
        look_first = w.look_first AND (u.asleep OR u.again OR u.look_first)
    FROM left_to_do u
    WHERE w.order_id = u.order_id
    RETURNING w.order_id
)
INSERT INTO order_work (order_id, version, wake_at, expires_at, intent_at, owner, written_at)
SELECT u.order_id, u.version,
    CASE
        WHEN u.asleep THEN NULL
        WHEN u.again THEN counterfoil_now()
        WHEN u.owner IS NOT NULL THEN counterfoil_now() + u.lease
        ELSE counterfoil_now() + u.deadline
    END,
    counterfoil_now() + u.deadline, counterfoil_now(), u.owner, counterfoil_now()
FROM left_to_do u
WHERE u.order_id NOT IN (SELECT order_id FROM moved)";

/// Nothing is left to be done about an order that ended.
const DELETE_WORK: &str = "
DELETE FROM order_work w
WHERE w.order_id = ANY ($2::text[]) AND (SELECT o.commit_id FROM orders o WHERE o.order_id = w.order_id) = $1";

/// Events are rows of the same transaction; their key (order_id, first_version) admits each version once.
const INSERT_EVENTS: &str = "
INSERT INTO order_events (order_id, first_version, at, events)
SELECT e.order_id, e.first_version, e.at, e.events
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::int[]) AS first_version, unnest($4::timestamptz[]) AS at,
        unnest($5::text[]) AS events
) e
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = e.order_id) = $1";

/// A verb gives the same answer: it is stored with the open keys that asked for it, by the transaction that decides it,
/// and never changed. Only who holds the order's row gets here, so that these locks meet nobody's. Which keys of an order
/// are open is looked up first, order by order: left to itself the planner reads the index of open keys from end to end,
/// everybody's, and asks of each whose it is. So what is open is told there alone, and the row is reached by its whole key.
const SETTLE_KEYS: &str = "
UPDATE idempotency_keys k SET answer_status = s.answer_status, answer = s.answer
FROM (
    SELECT a.answer_status, a.answer, found.client, found.route, found.key
    FROM (
        SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS route, unnest($4::text[]) AS client,
            unnest($5::text[]) AS key, unnest($6::smallint[]) AS answer_status, unnest($7::text[]) AS answer
    ) a
    CROSS JOIN LATERAL (
        SELECT i.client, i.route, i.key FROM idempotency_keys i
        WHERE i.order_id = a.order_id AND i.route = a.route AND i.route <> 'POST /orders'
          AND (a.key IS NULL OR i.client = a.client AND i.key = a.key) AND i.answer_status IS NULL
        OFFSET 0
    ) found
    WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = a.order_id) = $1
) s
WHERE (k.client, k.route, k.key) = (s.client, s.route, s.key) AND coalesce(k.answer_status, 0) = 0";

/// What an operator does is told with what it changes.
const LOG_OPERATORS: &str = "
INSERT INTO operator_log (order_id, by, verb, reason, before, after)
SELECT l.order_id, l.by, l.verb, l.reason, l.before, l.after
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS by, unnest($4::text[]) AS verb,
        unnest($5::text[]) AS reason, unnest($6::text[]) AS before, unnest($7::text[]) AS after
) l
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = l.order_id) = $1";

/// Stock is never lost: what comes back with a refund is journaled with it.
const JOURNAL_RESTOCK: &str = "
INSERT INTO inventory_journal (sku, delta, reason, client, order_id)
SELECT j.sku, j.delta, j.reason, j.client, j.order_id
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS sku, unnest($4::bigint[]) AS delta,
        unnest($5::text[]) AS reason, unnest($6::text[]) AS client
) j
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = j.order_id) = $1";

/// Stock is never oversold: one update a SKU and batch, in SKU order, under the CHECK; a hot SKU is one row update a
/// batch. A SKU that inventory does not know raises.
const MOVE_STOCK: &str = "
WITH wanted AS (
    SELECT w.sku, sum(w.on_hand)::bigint AS on_hand, sum(w.reserved)::bigint AS reserved
    FROM (
        SELECT unnest($2::text[]) AS order_id, unnest($3::text[]) AS sku, unnest($4::bigint[]) AS on_hand,
            unnest($5::bigint[]) AS reserved
    ) w
    WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = w.order_id) = $1
    GROUP BY w.sku
    ORDER BY w.sku
), moved AS (
    UPDATE inventory i SET on_hand = i.on_hand + w.on_hand, reserved = i.reserved + w.reserved
    FROM wanted w
    WHERE i.sku = w.sku
    RETURNING i.sku
)
SELECT counterfoil_assert((SELECT count(*) FROM moved) = (SELECT count(*) FROM wanted), 'CF404', 'unknown SKU')";

/// The stock that is left, counted under lock.
const LOCK_STOCK: &str = "
SELECT sku, on_hand - reserved FROM inventory WHERE sku = ANY ($1::text[]) ORDER BY sku FOR NO KEY UPDATE";

const MOVE_COUNTED_STOCK: &str = "
WITH moved AS (
    UPDATE inventory i SET on_hand = i.on_hand + w.on_hand, reserved = i.reserved + w.reserved
    FROM (
        SELECT unnest($1::text[]) AS sku, unnest($2::bigint[]) AS on_hand, unnest($3::bigint[]) AS reserved
    ) w
    WHERE i.sku = w.sku
    RETURNING i.sku
)
SELECT counterfoil_assert((SELECT count(*) FROM moved) = cardinality($1::text[]), 'CF404', 'unknown SKU')";

/// Whoever waits for these orders in another engine hears of it when they are committed; where no other lives nobody is
/// told, since commits that notify wait for one another. One that began a moment ago looks for itself.
const NOTIFY_ENDED: &str = "
SELECT pg_notify('counterfoil_ended', e.order_id)
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::uuid[]) AS node
) e
WHERE (SELECT o.commit_id FROM orders o WHERE o.order_id = e.order_id) = $1 AND EXISTS (
    SELECT FROM nodes n
    WHERE n.node_id <> e.node AND n.heartbeat_at > counterfoil_now() - $4::bigint * interval '1 millisecond')";

/// Whose commit it was, after a connection was lost.
pub(super) const FIND_COMMITS: &str =
    "SELECT order_id FROM orders WHERE order_id = ANY ($1::text[]) AND commit_id = ANY ($2)";
