//! The statements of the audit: one a promise, each giving the names of those who break it.
//!
//! Every law is written so that an absent value breaks it (`IS NOT TRUE`): NOT NULL is a constraint too. No text is
//! cast outside of the helper that catches errors, and no arithmetic can overflow: sums and products are numeric.

/// Promises that are judged by one statement, over common table expressions that they share.
pub(super) struct Group {
    /// What they share: the text between `WITH RECURSIVE` and a comma; nothing where it is empty.
    pub with: &'static str,
    /// The promises that are judged.
    pub promises: &'static [Promise],
}

/// A promise, and how it is judged.
pub(super) struct Promise {
    /// Its name in reports.
    pub name: &'static str,
    /// An expression: how many rows are asked.
    pub checked: &'static str,
    /// A query of one text column, `offender`.
    pub offenders: &'static str,
}

/// Makes the helpers: `json` is a text as jsonb, and NULL where it is none; `units` is a number, and NULL where it is
/// none. plpgsql's EXCEPTION makes a subtransaction: it gets no id where nothing is written, but a plan with a parallel
/// part, anywhere in it, fails on it.
pub(super) const PREPARE: &str = r#"
CREATE OR REPLACE FUNCTION pg_temp.counterfoil_json(stored text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE AS $$
BEGIN
    RETURN stored::jsonb;
EXCEPTION WHEN OTHERS THEN -- not a cancellation or a timeout: OTHERS leaves those alone
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION pg_temp.counterfoil_units(json jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(json) = 'number' THEN json::numeric END
$$;
"#;

/// Drops the helpers.
pub(super) const DROP: &str = "DROP FUNCTION IF EXISTS pg_temp.counterfoil_json(text);
DROP FUNCTION IF EXISTS pg_temp.counterfoil_units(jsonb);";

/// The histories: one row for each order that has events. They are parsed once for all promises that look at them,
/// which is half of an audit's work. `path` is the types of the events in order, joined by commas; `money` the events
/// that moved some, or were asked to.
const HISTORIES: &str = r#"
        parsed AS (
            SELECT order_id, first_version::bigint, at, epoch, xact, pg_temp.counterfoil_json(events) AS events
            FROM order_events
            OFFSET 0 -- parsed once, however often it is named below
        ), typed AS (
            SELECT *,
                CASE WHEN jsonb_typeof(events) = 'array' THEN jsonb_array_length(events) END AS length,
                jsonb_path_query_array(events, 'strict $[*].type', '{}', true) AS types,
                jsonb_path_query_array(events, 'strict $[*] ? (
                    @.type == "payment.charged" || @.type == "payment.voided" || @.type == "payment.refunding"
                    || @.type == "payment.refunded" || @.type == "payment.refund_refused")', '{}', true) AS money,
                -- By itself, since an entry that it waited for was there again.
                jsonb_array_length(jsonb_path_query_array(events, 'lax $[*] ? (
                    @.type == "order.resumed" && !exists(@.by) && exists(@.reason))', '{}', true)) AS unasked
            FROM parsed
            OFFSET 0
        ), gone AS (
            SELECT order_id, max(pruned_to)::bigint AS pruned_to, max(epoch) AS epoch, max(xact::text) AS xact
            FROM pruned_orders
            GROUP BY order_id
        ), commits AS (
            SELECT t.order_id, first_version, at, t.xact, length, money, unasked, gone.pruned_to,
                translate(types::text, '[]" ', '') AS path,
                coalesce(length > 0 AND first_version > 0 AND jsonb_array_length(types) = length AND types <@ '[
                    "order.created", "inventory.reserved", "inventory.rejected", "payment.authorized",
                    "payment.capturing", "payment.charged", "payment.declined", "payment.unknown", "payment.refunded",
                    "payment.voided", "shipment.created", "shipment.failed", "shipment.cancelled",
                    "inventory.released", "order.compensating", "order.completed", "order.cancelled",
                    "payment.refunding", "payment.refund_refused", "order.attention", "order.resumed",
                    "order.skipped", "order.forced", "step.done", "step.refused",
                    "step.skipped", "step.undone"
                ]', false) AS readable,
                greatest(max(first_version + length - 1) OVER earlier, gone.pruned_to, 0) AS seen,
                max(at) OVER earlier AS latest,
                -- By these a relay finds it (`ports/feed.rs`): a later commit of an order never lies before an earlier one.
                t.epoch IN (SELECT e.epoch FROM epochs AS e)
                    AND (t.epoch < coalesce(last_value(t.epoch) OVER earlier, gone.epoch)
                        OR t.epoch > 0 AND t.epoch = coalesce(last_value(t.epoch) OVER earlier, gone.epoch)
                            AND t.xact <= coalesce(last_value(t.xact) OVER earlier, gone.xact::xid8))
                        IS NOT TRUE AS in_turn
            FROM typed AS t LEFT JOIN gone USING (order_id)
            WINDOW earlier AS (
                PARTITION BY t.order_id ORDER BY first_version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
        ), histories AS MATERIALIZED (
            SELECT order_id,
                bool_and(readable) AS readable,
                bool_and(at IS NOT NULL AND xact IS NOT NULL) AS placed,
                bool_and(in_turn) AS in_turn,
                bool_or(at < latest - make_interval(secs => current_setting('counterfoil.stamp_skew_s')::integer))
                    AS backwards,
                bool_or(first_version > seen + 1) AS gap,
                bool_or(first_version <= seen) AS overlap,
                max(first_version + length - 1) AS last,
                max(pruned_to) AS pruned_to,
                sum(unasked) AS unasked,
                string_agg(path, ',' ORDER BY first_version) AS path,
                jsonb_agg(money ORDER BY first_version) AS money
            FROM commits
            GROUP BY order_id
        )"#;

/// The orders with what is stored of their money; an order without a payments row has the payment `none`.
macro_rules! standing {
    () => {
        r#"
        standing AS (
            SELECT o.order_id, o.state, o.stock, coalesce(p.status, 'none') AS payment, o.shipment, o.failure,
                p.order_id IS NOT NULL AS paid, p.unknown, p.known, p.captured, p.refunded,
                -- What can be committed, by state: all that the saga's rules let an order rest in.
                (o.state, o.stock, coalesce(p.status, 'none'), o.shipment) IN (
                    ('CREATED',            'intended',  'none',       'none'),
                    ('INVENTORY_RESERVED', 'reserved',  'intended',   'none'),
                    ('PAYMENT_AUTHORIZED', 'reserved',  'authorized', 'none'),
                    ('PAYMENT_AUTHORIZED', 'reserved',  'capturing',  'none'),
                    ('PAYMENT_CHARGED',    'reserved',  'charged',    'intended'),
                    ('SHIPMENT_CREATED',   'reserved',  'charged',    'created'),
                    ('COMPLETED',          'taken',     'charged',    'created'),
                    ('COMPENSATING',       'reserved',  'charged',    'cancelling'),
                    ('COMPENSATING',       'reserved',  'voiding',    'none'),
                    ('COMPENSATING',       'reserved',  'refunding',  'failed'),
                    ('COMPENSATING',       'reserved',  'refunding',  'cancelled'),
                    ('COMPENSATING',       'releasing', 'none',       'none'),
                    ('COMPENSATING',       'releasing', 'declined',   'none'),
                    ('COMPENSATING',       'releasing', 'voided',     'none'),
                    ('COMPENSATING',       'releasing', 'refunded',   'failed'),
                    ('COMPENSATING',       'releasing', 'refunded',   'cancelled'),
                    ('CANCELLED',          'rejected',  'none',       'none'),
                    ('CANCELLED',          'released',  'none',       'none'),
                    ('CANCELLED',          'released',  'declined',   'none'),
                    ('CANCELLED',          'released',  'voided',     'none'),
                    ('CANCELLED',          'released',  'refunded',   'failed'),
                    ('CANCELLED',          'released',  'refunded',   'cancelled')
                ) OR o.saga_version = 2 AND (o.state, o.stock, coalesce(p.status, 'none'), o.shipment) IN (
                    -- Beside steps of one's own; which of them that takes is judged order by order.
                    ('INVENTORY_RESERVED', 'reserved',  'none',       'none'),
                    ('PAYMENT_CHARGED',    'reserved',  'charged',    'none'),
                    ('COMPENSATING',       'reserved',  'charged',    'none'),
                    ('COMPENSATING',       'reserved',  'charged',    'failed'),
                    ('COMPENSATING',       'reserved',  'charged',    'cancelled'),
                    ('COMPENSATING',       'reserved',  'refunding',  'none'),
                    ('COMPENSATING',       'reserved',  'none',       'none'),
                    ('COMPENSATING',       'reserved',  'declined',   'none'),
                    ('COMPENSATING',       'reserved',  'voided',     'none'),
                    ('COMPENSATING',       'reserved',  'refunded',   'none'),
                    ('COMPENSATING',       'reserved',  'refunded',   'failed'),
                    ('COMPENSATING',       'reserved',  'refunded',   'cancelled'),
                    ('COMPENSATING',       'releasing', 'refunded',   'none'),
                    ('COMPENSATING',       'intended',  'none',       'none'),
                    ('COMPENSATING',       'rejected',  'none',       'none'),
                    ('COMPENSATING',       'released',  'none',       'none'),
                    ('COMPENSATING',       'released',  'declined',   'none'),
                    ('COMPENSATING',       'released',  'voided',     'none'),
                    ('COMPENSATING',       'released',  'refunded',   'none'),
                    ('COMPENSATING',       'released',  'refunded',   'failed'),
                    ('COMPENSATING',       'released',  'refunded',   'cancelled'),
                    ('CANCELLED',          'intended',  'none',       'none'),
                    ('CANCELLED',          'released',  'refunded',   'none')
                ) AS possible
            FROM orders AS o LEFT JOIN payments AS p USING (order_id)
        )"#
    };
}

/// Every promise, once.
pub(super) const GROUPS: &[Group] = &[
    alone(&[ORDER_PROCESSED_AT_MOST_ONCE]),
    Group {
        with: HISTORIES,
        promises: &[
            ORDER_NEVER_STEPPED_TWICE,
            HISTORY_COMPLETE,
            STATE_IS_THE_REPLAY,
            EVENTS_PUBLISHED_IN_ORDER,
            CHARGED_AT_MOST_ONCE,
            OPERATORS_TELL_WHAT_THEY_DO,
        ],
    },
    alone(&[REFUNDS_NEVER_EXCEED_CHARGE]),
    alone(&[SAME_REQUEST_SAME_ANSWER]),
    alone(&[CONTENT_INTACT]),
    alone(&[KEYS_NAME_ONE_REQUEST]),
    alone(&[VERB_SAME_ANSWER]),
    alone(&[NOTHING_PARTIAL]),
    alone(&[CANCELLED_ORDERS_MADE_WHOLE]),
    alone(&[STOCK_NEVER_OVERSOLD]),
    alone(&[STOCK_NEVER_LOST]),
    alone(&[EVERY_ORDER_ENDS_OR_IS_STUCK]),
    alone(&[WEBHOOKS_OWE_WHAT_HAPPENED]),
    alone(&[WHAT_IS_GONE_WAS_PRUNED]),
];

/// Of a promise that is judged order by order alone: nobody is found here.
const ORDER_BY_ORDER: &str = "SELECT NULL::text AS offender WHERE false";

const fn alone(promises: &'static [Promise]) -> Group {
    Group { with: "", promises }
}

/// An order_id is processed at most once: it stands in one row, whether or not the primary key does.
const ORDER_PROCESSED_AT_MOST_ONCE: Promise = Promise {
    name: "order_processed_at_most_once",
    checked: "SELECT count(*) FROM orders",
    offenders: "SELECT order_id AS offender FROM orders GROUP BY order_id HAVING order_id IS NULL OR count(*) > 1",
};

/// Two instances never step the same order twice: no version of it was written by two commits.
const ORDER_NEVER_STEPPED_TWICE: Promise = Promise {
    name: "order_never_stepped_twice",
    checked: "SELECT count(*) FROM order_events",
    offenders: "SELECT order_id AS offender FROM histories WHERE readable AND overlap",
};

/// Every event is there: an order's events are its versions 1 to `orders.version`, none missing and none beyond, and
/// the first one tells of its creation. Of one that was pruned they are those behind that: what is gone has its check value.
const HISTORY_COMPLETE: Promise = Promise {
    name: "history_complete",
    checked: "SELECT count(*) FROM orders",
    offenders: r#"
        SELECT o.order_id AS offender
        FROM orders AS o LEFT JOIN histories AS h USING (order_id) LEFT JOIN gone AS g USING (order_id)
        WHERE coalesce(h.readable, true)
          AND (CASE WHEN g.order_id IS NULL
               THEN NOT h.gap AND h.last = o.version AND split_part(h.path, ',', 1) = 'order.created'
               ELSE coalesce(NOT h.gap, true) AND coalesce(h.last, g.pruned_to) = o.version
                   AND coalesce(h.path NOT LIKE '%order.created%', true)
               END) IS NOT TRUE"#,
};

/// The row is what its events lead to, and so are its payment and its refunds, column by column: judged order by order,
/// by the audit's own fold ([`super::orders`]). An order of which another promise says that it cannot be is told there.
const STATE_IS_THE_REPLAY: Promise =
    Promise { name: "state_is_the_replay", checked: "SELECT count(*) FROM orders", offenders: ORDER_BY_ORDER };

/// Every event is published, in order per order: a relay can read each row (a JSON array of known events), place it
/// (`epoch`, `xact`: they rise with an order's versions), and give its events versions and stamps that do not run backwards. That the first is as old as its order, and
/// the last as its latest change, is judged order by order.
const EVENTS_PUBLISHED_IN_ORDER: Promise = Promise {
    name: "events_published_in_order",
    checked: "SELECT count(*) FROM order_events",
    offenders: "SELECT order_id AS offender FROM histories
        WHERE (readable AND placed) IS NOT TRUE OR backwards OR NOT in_turn AND NOT overlap",
};

/// Charged at most once: one payment an order, one charge in its history, and the money that the row says moved is
/// the money that the history says moved, within the order's amount.
const CHARGED_AT_MOST_ONCE: Promise = Promise {
    name: "charged_at_most_once",
    checked: "SELECT count(*) FROM payments",
    offenders: r#"
        SELECT order_id AS offender FROM payments GROUP BY order_id HAVING count(*) > 1
        UNION ALL
        SELECT p.order_id
        FROM payments AS p
        JOIN orders AS o USING (order_id)
        LEFT JOIN histories AS h USING (order_id)
        LEFT JOIN gone AS g USING (order_id) -- what such a one was charged is part of its check value
        WHERE (p.amount > 0 AND p.amount <= o.amount AND p.captured BETWEEN 0 AND p.amount) IS NOT TRUE
           OR h.readable AND h.path ~ 'payment\.charged.*payment\.charged'
           OR g.order_id IS NOT NULL AND h.path LIKE '%payment.charged%'
           OR g.order_id IS NULL AND coalesce(h.readable, true) AND (to_jsonb(p.captured) = coalesce(
                  CASE WHEN h.path LIKE '%payment.voided%' THEN coalesce(
                      jsonb_path_query_first(h.money, '$[*][*] ? (@.type == "payment.voided").captured'), '0') END,
                  jsonb_path_query_first(h.money, '$[*][*] ? (@.type == "payment.charged").amount'),
                  '0')) IS NOT TRUE"#,
};

/// Nobody changes an order by hand without a word: whatever sent one on its way again, answered in a participant's place
/// or declared it undone stands in the operators' log, which never forgets. What the log says of where the order stood is
/// judged order by order.
const OPERATORS_TELL_WHAT_THEY_DO: Promise = Promise {
    name: "operators_tell_what_they_do",
    checked: "SELECT count(*) FROM operator_log",
    offenders: r#"
        WITH done AS (
            SELECT order_id,
                cardinality(regexp_split_to_array(path, '(order\.(resumed|skipped|forced)|step\.skipped)')) - 1 - unasked AS changes
            FROM histories
            WHERE readable AND path ~ '(order\.(resumed|skipped|forced)|step\.skipped)'
        ), logged AS (
            SELECT order_id, count(*) FILTER (WHERE (by <> '' AND verb <> '' AND reason <> '') IS TRUE) AS entries
            FROM operator_log
            GROUP BY order_id
        )
        SELECT d.order_id AS offender
        FROM done AS d LEFT JOIN logged AS l USING (order_id)
        WHERE d.changes > 0 AND (l.entries >= d.changes) IS NOT TRUE"#,
};

/// What an endpoint of webhooks has yet to get are events that happened, of an endpoint that there is; and each endpoint
/// reads along a history of this database.
const WEBHOOKS_OWE_WHAT_HAPPENED: Promise = Promise {
    name: "webhooks_owe_what_happened",
    checked: "SELECT (SELECT count(*) FROM webhook_endpoints) + (SELECT count(*) FROM webhook_waiting)
        + (SELECT count(*) FROM webhook_set_aside)",
    offenders: r#"
        WITH owed AS (
            SELECT order_id, endpoint_id, version, upto FROM webhook_waiting
            UNION ALL
            SELECT order_id, endpoint_id, version, version FROM webhook_set_aside
        )
        SELECT DISTINCT owed.order_id AS offender
        FROM owed
        LEFT JOIN orders AS o USING (order_id)
        LEFT JOIN webhook_endpoints AS e USING (endpoint_id)
        LEFT JOIN pruned_orders AS g USING (order_id)
        WHERE (e.endpoint_id IS NOT NULL AND owed.version > coalesce(g.pruned_to, 0) AND owed.upto BETWEEN owed.version AND o.version)
            IS NOT TRUE
        UNION ALL
        SELECT e.name
        FROM webhook_endpoints AS e
        WHERE (pg_temp.counterfoil_units(pg_temp.counterfoil_json(e.position) -> 'epoch')
            IN (SELECT h.epoch FROM epochs AS h)) IS NOT TRUE"#,
};

/// What is gone was pruned: whose events have a check value in their place is an order that there is, once, and all of them
/// together are what whoever pruned says that it took away. What a check value says of its order is judged order by order.
const WHAT_IS_GONE_WAS_PRUNED: Promise = Promise {
    name: "what_is_gone_was_pruned",
    checked: "SELECT (SELECT count(*) FROM pruned_orders) + (SELECT count(*) FROM prunes)",
    offenders: r#"
        SELECT g.order_id AS offender
        FROM pruned_orders AS g LEFT JOIN orders AS o USING (order_id) LEFT JOIN epochs AS e USING (epoch)
        GROUP BY g.order_id
        HAVING count(*) > 1 OR bool_and((g.pruned_to BETWEEN 1 AND o.version AND e.epoch IS NOT NULL) IS TRUE) IS NOT TRUE
        UNION ALL
        SELECT '(prunes)'
        WHERE (SELECT coalesce(sum(pruned_to), 0) FROM pruned_orders)
                IS DISTINCT FROM (SELECT coalesce(sum(events), 0) FROM prunes)
            OR EXISTS (
                SELECT FROM prunes AS p
                WHERE seal IS DISTINCT FROM substr(sha256(
                        convert_to(concat_ws(E'\x1f', prune_id, orders, events, xact, epoch), 'UTF8')
                        || timestamptz_send(at) || timestamptz_send(decided_at)), 1, 8)
                    OR NOT EXISTS (SELECT FROM epochs AS e WHERE e.epoch = p.epoch))"#,
};

/// Refunds never exceed the charge: `refunded` counts a refund from its intent on, until it is refused. What was asked
/// back of an order that completed stands in refunds of its own, and of no other order is anything asked.
const REFUNDS_NEVER_EXCEED_CHARGE: Promise = Promise {
    name: "refunds_never_exceed_charge",
    checked: "SELECT count(*) FROM payments",
    offenders: r#"
        WITH asked AS (
            SELECT r.order_id,
                coalesce(sum(r.amount) FILTER (WHERE r.status <> 'refused'), 0) AS counted,
                bool_and(((r.amount > 0 OR r.amount = 0 AND r.restock IS NOT NULL AND r.status = 'refunded')
                          AND r.status IN ('intended', 'refunded', 'refused')) IS TRUE) AS sound
            FROM refunds AS r JOIN orders AS o USING (order_id)
            GROUP BY r.order_id
        ), completed AS (
            SELECT order_id, p.refunded FROM payments AS p JOIN orders AS o USING (order_id)
            WHERE o.state = 'COMPLETED'
        )
        SELECT order_id AS offender FROM payments WHERE (refunded >= 0 AND refunded <= captured) IS NOT TRUE
        UNION ALL
        SELECT order_id
        FROM asked AS a FULL JOIN completed AS c USING (order_id)
        WHERE (c.refunded = coalesce(a.counted, 0) AND coalesce(a.sound, true)) IS NOT TRUE"#,
};

/// The same request gives the same answer: an order has the one answer that its events demand, byte for byte, since it
/// was authorised or ended, and before that none. Judged order by order.
const SAME_REQUEST_SAME_ANSWER: Promise =
    Promise { name: "same_request_same_answer", checked: "SELECT count(*) FROM orders", offenders: ORDER_BY_ORDER };

/// What a repeat is compared with is what was stored: the texts can be read, the amount is the sum of lines (each by its
/// price or its amount, and one of the two) and adjustments, and
/// the fingerprint (version 1, the only one there is: SHA-256 over customer, currency, lines and details, each behind
/// its length) is theirs. Whose the order is, its plan and its version of the saga are sealed: judged order by order.
const CONTENT_INTACT: Promise = Promise {
    name: "content_intact",
    checked: "SELECT count(*) FROM orders",
    offenders: r#"
        WITH content AS (
            SELECT *,
                pg_temp.counterfoil_json(lines) AS line_list,
                pg_temp.counterfoil_json(failure) AS why,
                pg_temp.counterfoil_json(attention) AS wait
            FROM orders
            OFFSET 0
        )
        SELECT order_id AS offender
        FROM content
        CROSS JOIN LATERAL (
            SELECT pg_temp.counterfoil_json(details) AS detail
            OFFSET 0
        ) AS more
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(pg_temp.counterfoil_units(one -> 'amount')), 0) AS sum,
                coalesce(bool_and((pg_temp.counterfoil_units(one -> 'amount') <> 0
                                   AND one ->> 'kind' IN ('discount', 'shipping', 'tax', 'other')
                                   AND jsonb_typeof(one -> 'label') = 'string') IS TRUE), true) AS sound
            FROM jsonb_array_elements(
                CASE WHEN jsonb_typeof(detail -> 'adjustments') = 'array' THEN detail -> 'adjustments' ELSE '[]' END
            ) AS one
        ) AS adjusted
        WHERE (octet_length(fingerprint) = 33
               AND (fingerprint = '\x01' || sha256(
                    int8send(octet_length(customer_id)) || convert_to(customer_id, 'UTF8')
                    || int8send(octet_length(currency)) || convert_to(currency, 'UTF8')
                    || int8send(octet_length(lines)) || convert_to(lines, 'UTF8')
                    || int8send(octet_length(details)) || convert_to(details, 'UTF8')))) IS NOT TRUE
           OR (amount > 0 AND adjusted.sound AND amount = adjusted.sum + (
                  SELECT sum(CASE WHEN line ? 'amount' THEN pg_temp.counterfoil_units(line -> 'amount')
                             ELSE pg_temp.counterfoil_units(line -> 'quantity')
                                  * pg_temp.counterfoil_units(line -> 'unit_price') END)
                  FROM jsonb_array_elements(
                      CASE WHEN jsonb_typeof(line_list) = 'array' THEN line_list ELSE '[]' END) AS line
                  HAVING bool_and((pg_temp.counterfoil_units(line -> 'quantity') > 0
                                   AND (line ? 'amount') <> (line ? 'unit_price')
                                   AND pg_temp.counterfoil_units(
                                       coalesce(line -> 'amount', line -> 'unit_price')) >= 0
                                   AND jsonb_typeof(line -> 'sku') = 'string') IS TRUE))) IS NOT TRUE
           OR jsonb_typeof(detail) IS DISTINCT FROM 'object'
           OR detail ? 'adjustments' AND jsonb_typeof(detail -> 'adjustments') <> 'array'
           OR failure IS NOT NULL AND (why ->> 'code' IN (
                  'out_of_stock', 'payment_declined', 'shipment_failed', 'order_cancelled')) IS NOT TRUE
           OR attention IS NOT NULL AND (wait ? 'reason' AND wait ? 'since') IS NOT TRUE
        UNION ALL
        SELECT coalesce('saga ' || definition_id, '(saga)')
        FROM saga_definitions
        WHERE (hash = sha256(convert_to(content, 'UTF8'))) IS NOT TRUE"#,
};

/// A key stands for one request: it is bound once in its scope; a submission's to an order of its own client with its
/// own content, and to that order's answer, since it has none of its own. That an order which is named by its key has
/// that key, a refund the one that asked for it, and that each is what was sealed, is judged order by order.
const KEYS_NAME_ONE_REQUEST: Promise = Promise {
    name: "keys_name_one_request",
    checked: "SELECT count(*) FROM idempotency_keys",
    offenders: r#"
        SELECT concat_ws(' ', client, route, key) AS offender
        FROM idempotency_keys
        GROUP BY client, route, key
        HAVING count(*) > 1 OR client IS NULL OR route IS NULL OR key IS NULL
        UNION ALL
        SELECT concat_ws(' ', k.client, k.route, k.key)
        FROM idempotency_keys AS k LEFT JOIN orders AS o USING (order_id)
        WHERE k.order_id IS NOT NULL AND o.order_id IS NULL
           OR k.route = 'POST /orders' AND (
                  o.client = k.client AND o.fingerprint = k.fingerprint
                  AND k.answer IS NULL AND k.answer_status IS NULL) IS NOT TRUE"#,
};

/// A verb gives the same answer: its key is stored with the final one, never with an interim 202 or a failure of ours,
/// and never without one but while what was asked is under way. What it says is judged order by order.
const VERB_SAME_ANSWER: Promise = Promise {
    name: "verb_same_answer",
    checked: "SELECT count(*) FROM idempotency_keys WHERE route IS DISTINCT FROM 'POST /orders'",
    offenders: r#"
        SELECT concat_ws(' ', k.client, k.route, k.key) AS offender
        FROM idempotency_keys AS k
        LEFT JOIN orders AS o ON o.order_id = k.order_id
        LEFT JOIN refunds AS r ON (r.order_id, r.client, r.key) = (k.order_id, k.client, k.key)
        WHERE k.route IS DISTINCT FROM 'POST /orders'
          AND (CASE
               WHEN k.answer IS NOT NULL OR k.answer_status IS NOT NULL THEN
                   k.answer_status BETWEEN 200 AND 499 AND k.answer_status <> 202
                   AND pg_temp.counterfoil_json(k.answer) IS NOT NULL
               WHEN k.route LIKE '%/refunds' THEN r.status = 'intended'
               ELSE o.state NOT IN ('COMPLETED', 'CANCELLED')
               END) IS NOT TRUE"#,
};

/// Nothing partial survives a failure: an order rests only where a commit can leave it, with the rows that this needs,
/// and no row is there without its order. What a cancelled order needs is told by CANCELLED_ORDERS_MADE_WHOLE.
const NOTHING_PARTIAL: Promise = Promise {
    name: "nothing_partial",
    checked: "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM payments)
                  + (SELECT count(*) FROM order_events) + (SELECT count(*) FROM refunds)
                  + (SELECT count(*) FROM order_steps) + (SELECT count(*) FROM order_work) + (SELECT count(*) FROM operator_log)",
    offenders: concat!(
        "WITH ",
        standing!(),
        r#"
        SELECT order_id AS offender FROM standing WHERE state IS DISTINCT FROM 'CANCELLED' AND possible IS NOT TRUE
        UNION ALL
        SELECT p.order_id FROM payments AS p LEFT JOIN orders AS o USING (order_id) WHERE o.order_id IS NULL
        UNION ALL
        SELECT e.order_id FROM order_events AS e LEFT JOIN orders AS o USING (order_id) WHERE o.order_id IS NULL
        UNION ALL
        SELECT r.order_id FROM refunds AS r LEFT JOIN orders AS o USING (order_id) WHERE o.order_id IS NULL
        UNION ALL
        SELECT s.order_id FROM order_steps AS s LEFT JOIN orders AS o USING (order_id) WHERE o.order_id IS NULL
        UNION ALL
        SELECT w.order_id FROM order_work AS w LEFT JOIN orders AS o USING (order_id) WHERE o.order_id IS NULL
        UNION ALL
        SELECT l.order_id FROM operator_log AS l LEFT JOIN orders AS o USING (order_id) WHERE o.order_id IS NULL"#
    ),
};

/// A cancelled order is made whole: whatever was charged went back, the stock too, no parcel is out, and it says why.
const CANCELLED_ORDERS_MADE_WHOLE: Promise = Promise {
    name: "cancelled_orders_made_whole",
    checked: "SELECT count(*) FROM orders WHERE state = 'CANCELLED'",
    offenders: concat!(
        "WITH ",
        standing!(),
        r#"
        SELECT order_id AS offender
        FROM standing
        WHERE state = 'CANCELLED'
          AND (possible AND failure IS NOT NULL AND (NOT paid OR captured = refunded)) IS NOT TRUE"#
    ),
};

/// Stock is never oversold: what is reserved is on the shelf.
const STOCK_NEVER_OVERSOLD: Promise = Promise {
    name: "stock_never_oversold",
    checked: "SELECT count(*) FROM inventory",
    offenders: "SELECT sku AS offender FROM inventory WHERE (reserved >= 0 AND reserved <= on_hand) IS NOT TRUE",
};

/// Stock is never lost: of each SKU there is on the shelf what was put there by hand or came back with refunds, less
/// what was shipped, and held what orders in flight hold. No more is asked back than was shipped. What came back is what
/// the order's refunds say, to the unit: judged order by order, and told by the orders' names. Orders whose inventory is
/// remote have their stock elsewhere.
const STOCK_NEVER_LOST: Promise = Promise {
    name: "stock_never_lost",
    checked: "SELECT count(*) FROM inventory",
    offenders: r#"
        WITH wanted AS (
            SELECT order_id, stock, pg_temp.counterfoil_json(lines) AS lines
            FROM orders
            WHERE plan & 1 = 0 AND stock IN ('taken', 'reserved', 'releasing')
            OFFSET 0
        ), counted AS MATERIALIZED (
            SELECT order_id, stock, line ->> 'sku' AS sku, pg_temp.counterfoil_units(line -> 'quantity') AS quantity
            FROM wanted, jsonb_array_elements(CASE WHEN jsonb_typeof(lines) = 'array' THEN lines ELSE '[]' END) AS line
        ), moved AS (
            SELECT sku, sum(quantity) FILTER (WHERE stock = 'taken') AS shipped,
                sum(quantity) FILTER (WHERE stock <> 'taken') AS held
            FROM counted
            GROUP BY sku
        ), placed AS (
            SELECT sku, sum(delta) AS delta FROM inventory_journal GROUP BY sku
        ), shelf AS (
            SELECT sku, count(*) AS rows, sum(on_hand) AS on_hand, sum(reserved) AS reserved
            FROM inventory
            GROUP BY sku
        ), returns AS (
            SELECT r.order_id, pg_temp.counterfoil_json(r.restock) AS restock
            FROM refunds AS r JOIN orders AS o USING (order_id)
            WHERE o.plan & 1 = 0 AND r.status IN ('intended', 'refunded') AND r.restock IS NOT NULL
            OFFSET 0
        ), returned AS (
            SELECT order_id, back ->> 'sku' AS sku, sum(pg_temp.counterfoil_units(back -> 'quantity')) AS asked
            FROM returns,
                jsonb_array_elements(CASE WHEN jsonb_typeof(restock) = 'array' THEN restock ELSE '[]' END) AS back
            GROUP BY order_id, back ->> 'sku'
        ), shipped AS (
            SELECT order_id, sku, sum(quantity) AS quantity FROM counted WHERE stock = 'taken' GROUP BY order_id, sku
        )
        SELECT coalesce(s.sku, p.sku, m.sku) AS offender
        FROM shelf AS s FULL JOIN placed AS p USING (sku) FULL JOIN moved AS m USING (sku)
        WHERE (s.rows = 1 AND p.sku IS NOT NULL
               AND s.on_hand = p.delta - coalesce(m.shipped, 0)
               AND s.reserved = coalesce(m.held, 0)) IS NOT TRUE
        UNION ALL
        SELECT b.sku
        FROM returned AS b LEFT JOIN shipped AS s USING (order_id, sku)
        WHERE (b.asked <= s.quantity) IS NOT TRUE"#,
};

/// Every order ends, or is visibly stuck: of each of which something is left to be done there is the row by which every
/// engine finds it, as of its last event, and what is overdue there is not so for long, by the database's clock. One
/// that asks for a human is woken by nobody. Of no other order is there such a row. With all participants local an
/// order is one commit, which leaves it ended, or authorised; and a refund is given back at once.
const EVERY_ORDER_ENDS_OR_IS_STUCK: Promise = Promise {
    name: "every_order_ends_or_is_stuck",
    checked: "SELECT (SELECT count(*) FROM orders WHERE state NOT IN ('COMPLETED', 'CANCELLED'))
                  + (SELECT count(*) FROM refunds WHERE status = 'intended')",
    offenders: r#"
        WITH open_refunds AS (
            SELECT DISTINCT order_id FROM refunds WHERE status = 'intended'
        ), standing AS (
            SELECT o.order_id, o.version, o.updated_at, o.attention IS NOT NULL AND o.attention NOT LIKE '%"missing":"%' AS waits,
                o.attention LIKE '%"missing":"%' AS needs_entry,
                o.state NOT IN ('COMPLETED', 'CANCELLED') OR r.order_id IS NOT NULL AS open,
                CASE o.state
                    WHEN 'PAYMENT_AUTHORIZED' THEN o.plan <> 0 OR p.status = 'authorized'
                    WHEN 'COMPLETED' THEN o.plan & 2 <> 0
                    -- A step of its own may be done by nobody here, and wait for who does it.
                    ELSE o.plan <> 0 OR o.saga_version = 2
                END AS may_rest
            FROM orders AS o LEFT JOIN payments AS p USING (order_id) LEFT JOIN open_refunds AS r USING (order_id)
        )
        SELECT s.order_id AS offender
        FROM standing AS s LEFT JOIN order_work AS w USING (order_id)
        CROSS JOIN LATERAL (
            SELECT counterfoil_now() - make_interval(secs => current_setting('counterfoil.stuck_s')::integer) AS since
        ) AS late
        WHERE (CASE
               WHEN NOT s.open THEN w.order_id IS NULL
               WHEN s.waits THEN w.order_id IS NULL OR w.version = s.version AND w.wake_at IS NULL
               -- It is looked at from time to time whether there is an entry for its step.
               WHEN s.needs_entry THEN w.version = s.version AND w.wake_at > late.since
               ELSE s.may_rest AND w.version = s.version AND w.wake_at > late.since
                    -- A deadline that passed while it waited for a human is seen to once that one sends it on, and one that
                    -- passed while a participant is away once that is back: meanwhile it is tried, and its row says so.
                    AND coalesce(w.expires_at > late.since OR s.updated_at > late.since
                                 OR w.last_error IS NOT NULL AND w.written_at > late.since, true)
               END) IS NOT TRUE"#,
};
