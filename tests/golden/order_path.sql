-- claim_keys
INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint, answer_status, answer)
SELECT k.client, k.route, k.key, k.order_id, $1, k.fingerprint, k.answer_status, k.answer
FROM (
    SELECT unnest($2::text[]) AS client, unnest($3::text[]) AS route, unnest($4::text[]) AS key,
        unnest($5::text[]) AS order_id, unnest($6::bytea[]) AS fingerprint, unnest($7::smallint[]) AS answer_status,
        unnest($8::text[]) AS answer
) k
WHERE current_setting('counterfoil.stored')::text[] = '{}'
ON CONFLICT (client, route, key) DO NOTHING
RETURNING order_id

-- place_orders
WITH stored AS (
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
) o
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id
), ids AS (
    SELECT coalesce(array_agg(order_id), '{}') AS ids FROM stored
)
SELECT ids, set_config('counterfoil.stored', (current_setting('counterfoil.stored')::text[] || ids)::text, true) FROM ids

-- place_keyed_orders
WITH stored AS (
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
) o
WHERE o.key IS NULL OR (
    SELECT k.commit_id = $1 AND k.order_id = o.order_id FROM idempotency_keys k
    WHERE k.client = o.client AND k.route = 'POST /orders' AND k.key = o.key)
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id
), ids AS (
    SELECT coalesce(array_agg(order_id), '{}') AS ids FROM stored
)
SELECT ids, set_config('counterfoil.stored', (current_setting('counterfoil.stored')::text[] || ids)::text, true) FROM ids

-- place_whole_orders
WITH stored AS (
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
) o
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id
), paid AS (
INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference, capture_reference)
SELECT p.order_id, p.status, p.unknown, p.known, p.amount, p.captured, p.refunded, p.reference, p.capture_reference
FROM (
    SELECT unnest($24::text[]) AS order_id, unnest($25::text[]) AS status, unnest($26::bool[]) AS unknown,
        unnest($27::bool[]) AS known, unnest($28::bigint[]) AS amount, unnest($29::bigint[]) AS captured,
        unnest($30::bigint[]) AS refunded, unnest($31::text[]) AS reference, unnest($32::text[]) AS capture_reference
) p
WHERE (p.order_id IN (SELECT order_id FROM stored)) IS TRUE
), told AS (
INSERT INTO order_events (order_id, first_version, at, events)
SELECT e.order_id, e.first_version, e.at, e.events
FROM (
    SELECT unnest($33::text[]) AS order_id, unnest($34::int[]) AS first_version, unnest($35::timestamptz[]) AS at,
        unnest($36::text[]) AS events
) e
WHERE (e.order_id IN (SELECT order_id FROM stored)) IS TRUE
), ids AS (
    SELECT coalesce(array_agg(order_id), '{}') AS ids FROM stored
)
SELECT ids, set_config('counterfoil.stored', (current_setting('counterfoil.stored')::text[] || ids)::text, true) FROM ids

-- place_whole_keyed_orders
WITH stored AS (
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
) o
WHERE o.key IS NULL OR (
    SELECT k.commit_id = $1 AND k.order_id = o.order_id FROM idempotency_keys k
    WHERE k.client = o.client AND k.route = 'POST /orders' AND k.key = o.key)
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id
), paid AS (
INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference, capture_reference)
SELECT p.order_id, p.status, p.unknown, p.known, p.amount, p.captured, p.refunded, p.reference, p.capture_reference
FROM (
    SELECT unnest($24::text[]) AS order_id, unnest($25::text[]) AS status, unnest($26::bool[]) AS unknown,
        unnest($27::bool[]) AS known, unnest($28::bigint[]) AS amount, unnest($29::bigint[]) AS captured,
        unnest($30::bigint[]) AS refunded, unnest($31::text[]) AS reference, unnest($32::text[]) AS capture_reference
) p
WHERE (p.order_id IN (SELECT order_id FROM stored)) IS TRUE
), told AS (
INSERT INTO order_events (order_id, first_version, at, events)
SELECT e.order_id, e.first_version, e.at, e.events
FROM (
    SELECT unnest($33::text[]) AS order_id, unnest($34::int[]) AS first_version, unnest($35::timestamptz[]) AS at,
        unnest($36::text[]) AS events
) e
WHERE (e.order_id IN (SELECT order_id FROM stored)) IS TRUE
), ids AS (
    SELECT coalesce(array_agg(order_id), '{}') AS ids FROM stored
)
SELECT ids, set_config('counterfoil.stored', (current_setting('counterfoil.stored')::text[] || ids)::text, true) FROM ids

-- drop_unused_keys
DELETE FROM idempotency_keys k
USING (
    SELECT unnest($2::text[]) AS client, unnest($3::text[]) AS route, unnest($4::text[]) AS key,
        unnest($5::text[]) AS order_id
) c
WHERE (k.client, k.route, k.key) = (c.client, c.route, c.key) AND k.commit_id = $1 AND k.order_id = c.order_id
  AND (c.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS NOT TRUE

-- find_full
SELECT u.order_id
FROM (SELECT unnest($1::text[]) AS order_id) u
WHERE (SELECT c.verbs FROM order_keys c WHERE c.order_id = u.order_id) >= $2

-- advance_orders
WITH stored AS (
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
RETURNING o.order_id
), ids AS (
    SELECT coalesce(array_agg(order_id), '{}') AS ids FROM stored
)
SELECT ids, set_config('counterfoil.stored', (current_setting('counterfoil.stored')::text[] || ids)::text, true) FROM ids

-- count_verb_keys
INSERT INTO order_keys AS c (order_id, verbs)
SELECT u.order_id, 1
FROM (SELECT unnest($1::text[]) AS order_id) u
WHERE (u.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE
ON CONFLICT (order_id) DO UPDATE SET verbs = c.verbs + 1

-- settle_orders
UPDATE orders o SET version = u.version, state = u.state, stock = u.stock, shipment = u.shipment,
    answer_status = u.answer_status, answer = u.answer, failure = u.failure
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::int[]) AS version, unnest($3::text[]) AS state,
        unnest($4::text[]) AS stock, unnest($5::text[]) AS shipment, unnest($6::smallint[]) AS answer_status,
        unnest($7::text[]) AS answer, unnest($8::text[]) AS failure
) u
WHERE o.order_id = u.order_id AND (u.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- insert_payments
INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference, capture_reference)
SELECT p.order_id, p.status, p.unknown, p.known, p.amount, p.captured, p.refunded, p.reference, p.capture_reference
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS status, unnest($3::bool[]) AS unknown,
        unnest($4::bool[]) AS known, unnest($5::bigint[]) AS amount, unnest($6::bigint[]) AS captured,
        unnest($7::bigint[]) AS refunded, unnest($8::text[]) AS reference, unnest($9::text[]) AS capture_reference
) p
WHERE (p.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- move_payments
WITH sent AS MATERIALIZED (
    SELECT p.*
    FROM (
        SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS status, unnest($3::bool[]) AS unknown,
            unnest($4::bool[]) AS known, unnest($5::bigint[]) AS amount, unnest($6::bigint[]) AS captured,
            unnest($7::bigint[]) AS refunded, unnest($8::text[]) AS reference, unnest($9::text[]) AS capture_reference
    ) p
    WHERE (p.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE
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
WHERE s.order_id NOT IN (SELECT order_id FROM moved)

-- define_sagas
INSERT INTO saga_definitions (hash, content)
SELECT d.hash, d.content
FROM (
    SELECT unnest($1::bytea[]) AS hash, unnest($2::text[]) AS content
) d
WHERE NOT EXISTS (SELECT FROM saga_definitions s WHERE s.hash = d.hash)
ON CONFLICT (hash) DO NOTHING

-- insert_steps
INSERT INTO order_steps (order_id, definition_id, steps)
SELECT s.order_id, (SELECT d.definition_id FROM saga_definitions d WHERE d.hash = s.hash), s.steps
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS steps, unnest($3::bytea[]) AS hash
) s
WHERE (s.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- move_steps
UPDATE order_steps t SET steps = s.steps
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS steps
) s
WHERE t.order_id = s.order_id AND (s.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- insert_refunds
INSERT INTO refunds (order_id, client, key, position, amount, status, reason, restock)
SELECT r.order_id, r.client, r.key, r.position, r.amount, r.status, r.reason, r.restock
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS client, unnest($3::text[]) AS key,
        unnest($4::int[]) AS position, unnest($5::bigint[]) AS amount, unnest($6::text[]) AS status,
        unnest($7::text[]) AS reason, unnest($8::text[]) AS restock
) r
WHERE (r.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- settle_refunds
UPDATE refunds r SET status = u.status
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS client, unnest($3::text[]) AS key,
        unnest($4::text[]) AS status
) u
WHERE r.order_id = u.order_id AND r.client = u.client AND r.key = u.key AND r.status = 'intended'
  AND (u.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- insert_work
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
    SELECT unnest($1::text[]) AS order_id, unnest($2::int[]) AS version, unnest($3::uuid[]) AS owner,
        unnest($4::bool[]) AS asleep, unnest($5::bool[]) AS keeps_deadline, unnest($6::bool[]) AS fresh_intent,
        unnest($7::bool[]) AS again, unnest($8::bigint[]) AS lease_ms, unnest($9::bigint[]) AS deadline_ms,
        unnest($10::bool[]) AS look_first
) u
WHERE (u.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- move_work
WITH left_to_do AS MATERIALIZED (
    SELECT u.*, u.lease_ms * interval '1 millisecond' AS lease, u.deadline_ms * interval '1 millisecond' AS deadline
    FROM (
        SELECT unnest($1::text[]) AS order_id, unnest($2::int[]) AS version, unnest($3::uuid[]) AS owner,
            unnest($4::bool[]) AS asleep, unnest($5::bool[]) AS keeps_deadline, unnest($6::bool[]) AS fresh_intent,
            unnest($7::bool[]) AS again, unnest($8::bigint[]) AS lease_ms, unnest($9::bigint[]) AS deadline_ms,
            unnest($10::bool[]) AS look_first, unnest($11::smallint[]) AS attempts, unnest($12::text[]) AS error
    ) u
    WHERE (u.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE
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
WHERE u.order_id NOT IN (SELECT order_id FROM moved)

-- delete_work
DELETE FROM order_work w
WHERE w.order_id = ANY ($1::text[]) AND (w.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- insert_events
INSERT INTO order_events (order_id, first_version, at, events)
SELECT e.order_id, e.first_version, e.at, e.events
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::int[]) AS first_version, unnest($3::timestamptz[]) AS at,
        unnest($4::text[]) AS events
) e
WHERE (e.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- settle_keys
UPDATE idempotency_keys k SET answer_status = s.answer_status, answer = s.answer
FROM (
    SELECT a.answer_status, a.answer, found.client, found.route, found.key
    FROM (
        SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS route, unnest($3::text[]) AS client,
            unnest($4::text[]) AS key, unnest($5::smallint[]) AS answer_status, unnest($6::text[]) AS answer
    ) a
    CROSS JOIN LATERAL (
        SELECT i.client, i.route, i.key FROM idempotency_keys i
        WHERE i.order_id = a.order_id AND i.route = a.route AND i.route <> 'POST /orders'
          AND (a.key IS NULL OR i.client = a.client AND i.key = a.key) AND i.answer_status IS NULL
        OFFSET 0
    ) found
) s
WHERE (k.client, k.route, k.key) = (s.client, s.route, s.key) AND coalesce(k.answer_status, 0) = 0
  AND (k.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- log_operators
INSERT INTO operator_log (order_id, by, verb, reason, before, after)
SELECT l.order_id, l.by, l.verb, l.reason, l.before, l.after
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS by, unnest($3::text[]) AS verb,
        unnest($4::text[]) AS reason, unnest($5::text[]) AS before, unnest($6::text[]) AS after
) l
WHERE (l.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- journal_restock
INSERT INTO inventory_journal (sku, delta, reason, client, order_id)
SELECT j.sku, j.delta, j.reason, j.client, j.order_id
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS sku, unnest($3::bigint[]) AS delta,
        unnest($4::text[]) AS reason, unnest($5::text[]) AS client
) j
WHERE (j.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE

-- move_stock
WITH wanted AS (
    SELECT w.sku, sum(w.on_hand)::bigint AS on_hand, sum(w.reserved)::bigint AS reserved
    FROM (
        SELECT unnest($1::text[]) AS order_id, unnest($2::text[]) AS sku, unnest($3::bigint[]) AS on_hand,
            unnest($4::bigint[]) AS reserved
    ) w
    WHERE (w.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE
    GROUP BY w.sku
    ORDER BY w.sku
), moved AS (
    UPDATE inventory i SET on_hand = i.on_hand + w.on_hand, reserved = i.reserved + w.reserved
    FROM wanted w
    WHERE i.sku = w.sku
    RETURNING i.sku
)
SELECT counterfoil_assert((SELECT count(*) FROM moved) = (SELECT count(*) FROM wanted), 'CF404', 'unknown SKU')

-- lock_stock
SELECT sku, on_hand - reserved FROM inventory WHERE sku = ANY ($1::text[]) ORDER BY sku FOR NO KEY UPDATE

-- move_counted_stock
WITH moved AS (
    UPDATE inventory i SET on_hand = i.on_hand + w.on_hand, reserved = i.reserved + w.reserved
    FROM (
        SELECT unnest($1::text[]) AS sku, unnest($2::bigint[]) AS on_hand, unnest($3::bigint[]) AS reserved
    ) w
    WHERE i.sku = w.sku
    RETURNING i.sku
)
SELECT counterfoil_assert((SELECT count(*) FROM moved) = cardinality($1::text[]), 'CF404', 'unknown SKU')

-- notify_ended
SELECT pg_notify('counterfoil_ended', e.order_id)
FROM (
    SELECT unnest($1::text[]) AS order_id, unnest($2::uuid[]) AS node
) e
WHERE (e.order_id IN (SELECT unnest(current_setting('counterfoil.stored')::text[]))) IS TRUE AND EXISTS (
    SELECT FROM nodes n
    WHERE n.node_id <> e.node AND n.heartbeat_at > counterfoil_now() - $3::bigint * interval '1 millisecond')

-- find_commits
SELECT order_id FROM orders WHERE order_id = ANY ($1::text[]) AND commit_id = ANY ($2)

-- load
SELECT o.order_id, o.amount, o.created_at, o.updated_at, o.version, o.saga_version, o.plan, o.answer_status, o.state, o.stock, o.shipment, o.currency, o.client, o.customer_id, o.fingerprint, o.lines, o.details, o.answer, o.shipment_reference, o.failure, o.attention, o.reservation_reference, coalesce(o.plan <> 0 AND o.created_at <= (SELECT d.cloned_at FROM deployment d WHERE d.singleton), false) AS cloned, coalesce(CASE WHEN o.plan <> 0 THEN ( SELECT w.look_first FROM order_work w WHERE w.order_id = o.order_id ) END, false) AS look_first, p.status, p.unknown, p.known, p.amount AS payment_amount, p.captured, p.refunded, p.reference, p.capture_reference, CASE WHEN o.state = 'COMPLETED' THEN ( SELECT json_agg(json_build_object('client', r.client, 'key', r.key, 'amount', r.amount, 'status', r.status, 'reason', r.reason, 'restock', r.restock) ORDER BY r.position)::text FROM refunds r WHERE r.order_id = o.order_id ) END AS refunds, CASE WHEN o.saga_version = 2 THEN ( SELECT s.steps FROM order_steps s WHERE s.order_id = o.order_id ) END AS steps, CASE WHEN o.saga_version = 2 THEN ( SELECT d.content FROM order_steps s JOIN saga_definitions d ON d.definition_id = s.definition_id WHERE s.order_id = o.order_id ) END AS definition FROM orders o LEFT JOIN payments p ON p.order_id = o.order_id WHERE o.order_id = $1

-- load_rows
SELECT l.* FROM unnest($1::text[]) AS asked (id) CROSS JOIN LATERAL (
            SELECT o.order_id, o.amount, o.created_at, o.updated_at, o.version, o.saga_version, o.plan, o.answer_status, o.state, o.stock, o.shipment, o.currency, o.client, o.customer_id, o.fingerprint, o.lines, o.details, o.answer, o.shipment_reference, o.failure, o.attention, o.reservation_reference, coalesce(o.plan <> 0 AND o.created_at <= (SELECT d.cloned_at FROM deployment d WHERE d.singleton), false) AS cloned, coalesce(CASE WHEN o.plan <> 0 THEN ( SELECT w.look_first FROM order_work w WHERE w.order_id = o.order_id ) END, false) AS look_first, p.status, p.unknown, p.known, p.amount AS payment_amount, p.captured, p.refunded, p.reference, p.capture_reference, CASE WHEN o.state = 'COMPLETED' THEN ( SELECT json_agg(json_build_object('client', r.client, 'key', r.key, 'amount', r.amount, 'status', r.status, 'reason', r.reason, 'restock', r.restock) ORDER BY r.position)::text FROM refunds r WHERE r.order_id = o.order_id ) END AS refunds, CASE WHEN o.saga_version = 2 THEN ( SELECT s.steps FROM order_steps s WHERE s.order_id = o.order_id ) END AS steps, CASE WHEN o.saga_version = 2 THEN ( SELECT d.content FROM order_steps s JOIN saga_definitions d ON d.definition_id = s.definition_id WHERE s.order_id = o.order_id ) END AS definition FROM orders o LEFT JOIN payments p ON p.order_id = o.order_id WHERE o.order_id = asked.id OFFSET 0
        ) l

-- no_order
SELECT EXISTS (SELECT FROM orders WHERE order_id = $1)

-- find_key
SELECT order_id, fingerprint, answer_status, answer FROM idempotency_keys
    WHERE client = $1 AND route = $2 AND key = $3

-- bind_key
WITH bound AS (
    INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint, answer_status, answer)
    SELECT $1, $2, $3, $4, 0, $5, $6, $7
    WHERE coalesce((SELECT c.submissions FROM order_keys c WHERE c.order_id = $4), 0) < $8::smallint
    ON CONFLICT (client, route, key) DO NOTHING
    RETURNING order_id
)
INSERT INTO order_keys AS c (order_id, submissions)
SELECT b.order_id, 1 FROM bound b
ON CONFLICT (order_id) DO UPDATE SET submissions = c.submissions + 1

-- known_skus
SELECT ARRAY(SELECT i.sku FROM inventory i WHERE i.sku = ANY($1))

-- events
SELECT first_version, at, events FROM order_events WHERE order_id = $1 ORDER BY first_version

-- history
SELECT page.first_version, page.at, page.events, gone.pruned_to, gone.pruned_at
FROM (VALUES (true)) one (is_so)
LEFT JOIN pruned_orders gone ON gone.order_id = $1
LEFT JOIN (
    SELECT first_version, at, events, sum(octet_length(events)) OVER (
        ORDER BY first_version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before
    FROM (
        SELECT first_version, at, events FROM order_events
        WHERE order_id = $1 AND first_version >= coalesce((
            SELECT first_version FROM order_events WHERE order_id = $1 AND first_version <= $2
            ORDER BY first_version DESC LIMIT 1
        ), 0)
        ORDER BY first_version
        LIMIT $3
    ) stretch
) page ON page.before IS NULL OR page.before < $4
ORDER BY page.first_version

-- no_events
SELECT EXISTS (SELECT FROM order_events WHERE order_id = $1)

-- operator_log
SELECT at, by, verb, reason, before, after
FROM (SELECT * FROM operator_log WHERE order_id = $1 OFFSET 0) own
ORDER BY at DESC, entry_id DESC
LIMIT $2

-- stock
SELECT on_hand, reserved FROM inventory WHERE sku = $1

-- no_stock
SELECT EXISTS (SELECT FROM inventory WHERE sku = $1)

-- set_aside_stamped
SELECT updated_at FROM orders WHERE order_id = $1 FOR NO KEY UPDATE

-- set_aside_flag
UPDATE orders SET commit_id = $3, version = $6, updated_at = $4, attention = $5
WHERE order_id = $1 AND version = $2 AND (attention IS NULL OR attention LIKE '%"missing":"%')

-- set_aside_tell
INSERT INTO order_events (order_id, first_version, at, events) VALUES ($1, $2, $3, $4)

-- set_aside_park
UPDATE order_work SET version = $3, wake_at = NULL, owner = NULL, claims = 0, look = false
WHERE order_id = $1 AND version = $2 AND claims >= $4

-- postpone
UPDATE order_work SET attempts = $3, claims = 0, owner = NULL, written_at = counterfoil_now(), last_error = $5,
    look = look OR $6,
    wake_at = CASE WHEN look THEN counterfoil_now()
              WHEN expires_at > counterfoil_now() THEN least(expires_at, pause.ends_at)
              ELSE pause.ends_at END
FROM (
    SELECT counterfoil_now() + $4::bigint * (1 - random() / 2) * interval '1 millisecond' AS ends_at
) pause
WHERE order_id = $1 AND version = $2 AND wake_at IS NOT NULL

-- leave
UPDATE order_work SET claims = 0, owner = NULL, look_first = false, written_at = counterfoil_now(),
    last_error = NULL,
    wake_at = CASE WHEN look THEN counterfoil_now()
              ELSE coalesce(expires_at, counterfoil_now() + $3::bigint * interval '1 millisecond') END
WHERE order_id = $1 AND version = $2 AND wake_at IS NOT NULL

-- hand_back
UPDATE order_work SET owner = NULL, written_at = counterfoil_now(), last_error = coalesce($4, last_error),
    claims = CASE WHEN $5 THEN greatest(claims - 1, 0) ELSE claims END, look = look OR $6,
    wake_at = CASE WHEN look OR $6 THEN counterfoil_now() + least($3::bigint, 100) * interval '1 millisecond'
              ELSE counterfoil_now() + $3::bigint * interval '1 millisecond' END
WHERE order_id = $1 AND owner = $2 AND wake_at IS NOT NULL

-- held
SELECT order_id, attempts, look, coalesce(expires_at <= counterfoil_now(), false),
    (extract(epoch FROM counterfoil_now() - intent_at) * 1000000)::bigint, 0::bigint, false
FROM order_work
WHERE order_id = $1 AND version = $2 AND owner = $3 AND wake_at > counterfoil_now()

-- open
SELECT w.attempts, w.claims, w.intent_at, w.wake_at, w.expires_at, w.owner, n.name, w.last_error
FROM order_work w LEFT JOIN nodes n ON n.node_id = w.owner
WHERE w.order_id = $1

-- receive
INSERT INTO webhook_inbox (participant, webhook_id, order_id)
VALUES ($1, $2, $3)
ON CONFLICT (participant, webhook_id) DO NOTHING

-- wake
UPDATE order_work SET look = true,
    wake_at = CASE WHEN wake_at IS NULL OR owner IS NOT NULL AND wake_at > counterfoil_now() THEN wake_at
                   ELSE counterfoil_now() END
WHERE order_id = $1

-- handle
UPDATE webhook_inbox i SET handled_at = counterfoil_now()
WHERE i.participant = $1 AND i.webhook_id = $2
  AND ($3 OR i.order_id IS NULL
       OR EXISTS (SELECT FROM orders o WHERE o.order_id = i.order_id)
           AND NOT EXISTS (SELECT FROM order_work w WHERE w.order_id = i.order_id))

