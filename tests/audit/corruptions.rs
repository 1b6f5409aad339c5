//! Ways to break a database, each behind the constraint that stands in its way, and what the audit must say of it.

mod columns;

/// A way to break a database.
pub struct Corruption {
    /// The one promise that it breaks.
    pub breaks: &'static str,
    /// The one offender.
    pub offender: &'static str,
    /// What else cannot but be told with it: promises and offenders.
    pub also: &'static [(&'static str, &'static str)],
    /// What is done.
    pub sql: &'static str,
}

pub(super) const fn breaks(breaks: &'static str, offender: &'static str, sql: &'static str) -> Corruption {
    Corruption { breaks, offender, also: &[], sql }
}

impl Corruption {
    pub(super) const fn and(self, also: &'static [(&'static str, &'static str)]) -> Self {
        Self { also, ..self }
    }
}

/// At least one for every promise.
pub fn all() -> impl Iterator<Item = &'static Corruption> {
    CORRUPTIONS.iter().chain(columns::CORRUPTIONS).chain(super::pruned::CORRUPTIONS)
}

const CORRUPTIONS: &[Corruption] = &[
    breaks(
        "order_processed_at_most_once",
        "ORD-NO-STOCK",
        "ALTER TABLE orders DROP CONSTRAINT orders_pkey;
         INSERT INTO orders SELECT * FROM orders WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "order_never_stepped_twice",
        "ORD-REMOTE",
        "ALTER TABLE order_events DROP CONSTRAINT order_events_pkey;
         INSERT INTO order_events SELECT * FROM order_events
             WHERE order_id = 'ORD-REMOTE' AND first_version = 1",
    ),
    breaks(
        "order_never_stepped_twice",
        "ORD-REMOTE",
        r#"INSERT INTO order_events (order_id, first_version, at, events)
             SELECT order_id, 2, at, '[{"type":"payment.unknown"}]' FROM order_events
             WHERE order_id = 'ORD-REMOTE' AND first_version = 1"#,
    ),
    breaks("webhooks_owe_what_happened", "ORD-COMPLETED", "UPDATE webhook_waiting SET upto = 1000"),
    breaks("webhooks_owe_what_happened", "GHOST", "UPDATE webhook_set_aside SET order_id = 'GHOST'"),
    breaks("webhooks_owe_what_happened", "ORD-COMPLETED", "DELETE FROM webhook_endpoints"),
    breaks("webhooks_owe_what_happened", "crm", r#"UPDATE webhook_endpoints SET position = '{"epoch":99,"upto":0}'"#),
    breaks("history_complete", "ORD-DECLINED", "DELETE FROM order_events WHERE order_id = 'ORD-DECLINED'"),
    breaks(
        "history_complete",
        "ORD-DECLINED",
        "UPDATE orders SET version = version + 1 WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "history_complete",
        "ORD-DECLINED",
        r#"INSERT INTO order_events (order_id, first_version, at, events)
             SELECT order_id, version + 1, updated_at, '[{"type":"order.attention","reason":"x"}]'
             FROM orders WHERE order_id = 'ORD-DECLINED'"#,
    ),
    breaks(
        "history_complete",
        "ORD-DECLINED",
        "UPDATE order_events SET events = replace(events, 'order.created', 'payment.unknown')
             WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "history_complete",
        "ORD-DECLINED",
        "UPDATE order_events SET first_version = 2147483647 WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "history_complete",
        "ORD-REMOTE",
        "DELETE FROM order_events WHERE order_id = 'ORD-REMOTE' AND events LIKE '%payment.unknown%'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-COMPLETED",
        r#"UPDATE order_events SET events = replace(events, '"order.completed"',
             '"order.attention","reason":"x"') WHERE order_id = 'ORD-COMPLETED'"#,
    ),
    breaks(
        "state_is_the_replay",
        "ORD-COMPLETED",
        "UPDATE order_events SET events = replace(events, 'shipment.created', 'order.created')
             WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-COMPLETED",
        "UPDATE payments SET unknown = true WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-COMPLETED",
        "UPDATE payments SET known = false WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-DECLINED",
        "UPDATE order_events SET events = replace(events, 'payment.declined', 'payment.voided')
             WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-AUTHORIZED",
        "UPDATE payments SET status = 'capturing' WHERE order_id = 'ORD-AUTHORIZED'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-VOIDED",
        "UPDATE order_events SET events = replace(events, 'order.compensating', 'order.attention')
             WHERE order_id = 'ORD-VOIDED'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "UPDATE order_events SET events = 'not JSON' WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-DECLINED",
        "UPDATE order_events SET epoch = 99 WHERE order_id = 'ORD-DECLINED' AND first_version = 1",
    ),
    breaks(
        "events_published_in_order",
        "ORD-VOIDED",
        "UPDATE order_events SET xact = '1' WHERE order_id = 'ORD-VOIDED' AND first_version > 1",
    ),
    breaks(
        "events_published_in_order",
        "ORD-VOIDED",
        "INSERT INTO epochs SELECT epoch + 1, cluster, timeline, database_oid, table_oid FROM epochs ORDER BY epoch DESC LIMIT 1;
         UPDATE order_events SET epoch = (SELECT max(epoch) FROM epochs) WHERE order_id = 'ORD-VOIDED' AND first_version = 1",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "UPDATE order_events SET events = '' WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "UPDATE order_events SET events = 'null' WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "UPDATE order_events SET events = '{}' WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "UPDATE order_events SET events = '[]' WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "UPDATE order_events SET events = '[1]' WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        r#"UPDATE order_events SET events = '[[{"type":"order.created"}]]' WHERE order_id = 'ORD-NO-STOCK'"#,
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        r#"UPDATE order_events SET events = '[{"type":"order.vanished"}]' WHERE order_id = 'ORD-NO-STOCK'"#,
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        r#"UPDATE order_events SET events = '[{"type":7}]' WHERE order_id = 'ORD-NO-STOCK'"#,
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        r#"UPDATE order_events SET events = '[{"type":"\u0000"}]' WHERE order_id = 'ORD-NO-STOCK'"#,
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "UPDATE order_events SET events = repeat('[', 100000) WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "ALTER TABLE order_events ALTER events DROP NOT NULL;
         UPDATE order_events SET events = NULL WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "ALTER TABLE order_events ALTER xact DROP NOT NULL;
         UPDATE order_events SET xact = NULL WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-NO-STOCK",
        "ALTER TABLE order_events ALTER at DROP NOT NULL;
         UPDATE order_events SET at = NULL WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-REMOTE",
        "UPDATE order_events SET at = at - interval '1 hour'
             WHERE order_id = 'ORD-REMOTE' AND first_version > 1",
    ),
    breaks(
        "charged_at_most_once",
        "ORD-DECLINED",
        "ALTER TABLE payments DROP CONSTRAINT payments_pkey;
         INSERT INTO payments SELECT * FROM payments WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "charged_at_most_once",
        "ORD-DECLINED",
        "UPDATE payments SET captured = 1, refunded = 1 WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "charged_at_most_once",
        "ORD-COMPLETED",
        r#"UPDATE order_events SET events = replace(events, '{"type":"payment.charged"',
             '{"type":"payment.charged","amount":4500},{"type":"payment.charged"')
             WHERE order_id = 'ORD-COMPLETED';
         UPDATE orders SET version = version + 1 WHERE order_id = 'ORD-COMPLETED'"#,
    ),
    breaks(
        "charged_at_most_once",
        "ORD-COMPLETED",
        "UPDATE payments SET captured = captured - 1 WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "charged_at_most_once",
        "ORD-COMPLETED",
        "UPDATE payments SET captured = 0 WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "charged_at_most_once",
        "ORD-COMPLETED",
        r#"UPDATE order_events SET events = replace(events, '"amount":4500', '"amount":"4500"')
             WHERE order_id = 'ORD-COMPLETED'"#,
    ),
    breaks(
        "charged_at_most_once",
        "ORD-COMPLETED",
        r#"ALTER TABLE payments DROP CONSTRAINT payments_check;
         UPDATE payments SET amount = 9000, captured = 9000 WHERE order_id = 'ORD-COMPLETED';
         UPDATE order_events SET events = replace(events, '"amount":4500', '"amount":9000')
             WHERE order_id = 'ORD-COMPLETED'"#,
    ),
    breaks(
        "charged_at_most_once",
        "ORD-COMPLETED",
        "ALTER TABLE payments ALTER amount DROP NOT NULL;
         UPDATE payments SET amount = NULL WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "charged_at_most_once",
        "ORD-VOIDED",
        "UPDATE payments SET captured = 1, refunded = 1 WHERE order_id = 'ORD-VOIDED'",
    ),
    breaks(
        "refunds_never_exceed_charge",
        "ORD-COMPLETED",
        "ALTER TABLE payments DROP CONSTRAINT payments_check1;
         UPDATE payments SET refunded = captured + 1 WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "refunds_never_exceed_charge",
        "ORD-COMPLETED",
        "ALTER TABLE payments DROP CONSTRAINT payments_check1;
         UPDATE payments SET refunded = -1 WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "refunds_never_exceed_charge",
        "ORD-COMPLETED",
        "ALTER TABLE payments ALTER refunded DROP NOT NULL;
         UPDATE payments SET refunded = NULL WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        "ALTER TABLE orders DROP CONSTRAINT orders_check1;
         UPDATE orders SET answer = NULL, answer_status = NULL WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        "UPDATE orders SET answer_status = 200 WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        "UPDATE orders SET answer = replace(answer, '4500', '4501') WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        "UPDATE orders SET answer = replace(answer, 'USD', 'EUR') WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        "UPDATE orders SET answer = replace(answer, 'ORD-COMPLETED', 'ORD-REMOTE')
             WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        r#"UPDATE orders SET answer = replace(answer, 'COMPLETED","version', 'CANCELLED","version')
             WHERE order_id = 'ORD-COMPLETED'"#,
    ),
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        "UPDATE orders SET answer = 'not JSON' WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        "UPDATE orders SET (answer, answer_status) = (SELECT answer, answer_status FROM orders
             WHERE order_id = 'ORD-DECLINED') WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-DECLINED",
        "UPDATE orders SET answer_status = 409 WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-DECLINED",
        r#"UPDATE orders SET answer = replace(answer, '"final":true', '"final":false')
             WHERE order_id = 'ORD-DECLINED'"#,
    ),
    breaks(
        "same_request_same_answer",
        "ORD-DECLINED",
        "UPDATE orders SET (answer, answer_status) =
             (SELECT replace(answer, 'ORD-NO-STOCK', 'ORD-DECLINED'), answer_status FROM orders
             WHERE order_id = 'ORD-NO-STOCK') WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-DECLINED",
        "UPDATE orders SET (answer, answer_status) =
             (SELECT replace(answer, 'ORD-COMPLETED', 'ORD-DECLINED'), answer_status FROM orders
             WHERE order_id = 'ORD-COMPLETED') WHERE order_id = 'ORD-DECLINED'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-CHARGING",
        "UPDATE orders SET (answer, answer_status) =
             (SELECT replace(answer, 'ORD-COMPLETED', 'ORD-CHARGING'), answer_status FROM orders
             WHERE order_id = 'ORD-COMPLETED') WHERE order_id = 'ORD-CHARGING'",
    ),
    breaks(
        "same_request_same_answer",
        "ORD-AUTHORIZED",
        "UPDATE orders SET answer = NULL, answer_status = NULL WHERE order_id = 'ORD-AUTHORIZED'",
    ),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET lines = 'not JSON' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET lines = '{}' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET lines = '[]' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET lines = '[{}]' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks(
        "content_intact",
        "ORD-NO-STOCK",
        "UPDATE orders SET lines = replace(lines, '500', '501') WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks(
        "content_intact",
        "ORD-NO-STOCK",
        "UPDATE orders SET lines = replace(lines, '500', '1e99999') WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET details = 'not JSON' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET customer_id = 'cus-8' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET amount = amount + 1 WHERE order_id = 'ORD-NO-STOCK'"),
    breaks("content_intact", "ORD-NO-STOCK", r"UPDATE orders SET fingerprint = '\x01' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks(
        "content_intact",
        "ORD-NO-STOCK",
        "ALTER TABLE orders ALTER fingerprint DROP NOT NULL;
         UPDATE orders SET fingerprint = NULL WHERE order_id = 'ORD-NO-STOCK'",
    ),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET failure = 'not JSON' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks(
        "content_intact",
        "ORD-NO-STOCK",
        r#"UPDATE orders SET attention = '{"reason":' WHERE order_id = 'ORD-NO-STOCK'"#,
    ),
    breaks("content_intact", "ORD-NO-STOCK", "UPDATE orders SET attention = '7' WHERE order_id = 'ORD-NO-STOCK'"),
    breaks(
        "keys_name_one_request",
        "anonymous POST /orders key-of-ORD-DECLINED",
        "UPDATE idempotency_keys SET order_id = 'GHOST' WHERE key = 'key-of-ORD-DECLINED'",
    ),
    breaks(
        "keys_name_one_request",
        "anonymous POST /orders key-of-ORD-DECLINED",
        "UPDATE idempotency_keys SET order_id = NULL WHERE key = 'key-of-ORD-DECLINED'",
    ),
    breaks(
        "keys_name_one_request",
        "anonymous POST /orders key-of-ORD-DECLINED",
        r"UPDATE idempotency_keys SET fingerprint = '\x01' WHERE key = 'key-of-ORD-DECLINED'",
    ),
    breaks(
        "keys_name_one_request",
        "anonymous POST /orders key-of-ORD-DECLINED",
        "UPDATE idempotency_keys SET (answer, answer_status) = ('{}', 200)
             WHERE key = 'key-of-ORD-DECLINED'",
    ),
    breaks(
        "keys_name_one_request",
        "anonymous POST /orders key-of-ORD-DECLINED",
        "ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
         INSERT INTO idempotency_keys SELECT * FROM idempotency_keys WHERE key = 'key-of-ORD-DECLINED'",
    ),
    breaks(
        "keys_name_one_request",
        "mallory POST /orders key-of-ORD-DECLINED",
        "UPDATE idempotency_keys SET client = 'mallory' WHERE key = 'key-of-ORD-DECLINED'",
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /inventory/SKU-2/adjustments found-5",
        "UPDATE idempotency_keys SET answer = NULL, answer_status = NULL WHERE key = 'found-5'",
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /inventory/SKU-2/adjustments found-5",
        "UPDATE idempotency_keys SET answer = 'not JSON' WHERE key = 'found-5'",
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /inventory/SKU-2/adjustments found-5",
        "UPDATE idempotency_keys SET answer_status = 202 WHERE key = 'found-5'",
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /inventory/SKU-2/adjustments found-5",
        "UPDATE idempotency_keys SET answer_status = 503 WHERE key = 'found-5'",
    ),
    breaks("nothing_partial", "ORD-COMPLETED", "DELETE FROM payments WHERE order_id = 'ORD-COMPLETED'"),
    breaks(
        "nothing_partial",
        "ORD-COMPLETED",
        "UPDATE orders SET shipment = 'intended' WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "nothing_partial",
        "ORD-COMPLETED",
        "UPDATE payments SET status = 'intended' WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "nothing_partial",
        "ORD-COMPLETED",
        "UPDATE orders SET stock = 'released' WHERE order_id = 'ORD-COMPLETED';
         UPDATE inventory_journal SET delta = delta - CASE sku WHEN 'SKU-1' THEN 3 ELSE 1 END
             WHERE reason = 'created' AND sku <> 'SKU-3'",
    )
    .and(&[("stock_never_lost", "SKU-1"), ("stock_never_lost", "SKU-2")]),
    breaks("nothing_partial", "ORD-NO-STOCK", "DELETE FROM orders WHERE order_id = 'ORD-NO-STOCK'"),
    breaks(
        "nothing_partial",
        "GHOST",
        "INSERT INTO payments (order_id, status, amount, captured, refunded)
             VALUES ('GHOST', 'charged', 1, 1, 0)",
    ),
    breaks(
        "nothing_partial",
        "GHOST",
        r#"INSERT INTO order_events (order_id, first_version, at, events)
             VALUES ('GHOST', 1, now(), '[{"type":"order.created"}]')"#,
    ),
    breaks(
        "cancelled_orders_made_whole",
        "ORD-NO-SHIP",
        "UPDATE payments SET refunded = captured - 1 WHERE order_id = 'ORD-NO-SHIP'",
    ),
    breaks(
        "cancelled_orders_made_whole",
        "ORD-NO-SHIP",
        "UPDATE payments SET status = 'charged', refunded = 0 WHERE order_id = 'ORD-NO-SHIP'",
    ),
    breaks(
        "cancelled_orders_made_whole",
        "ORD-NO-SHIP",
        "UPDATE orders SET shipment = 'created' WHERE order_id = 'ORD-NO-SHIP'",
    ),
    breaks(
        "cancelled_orders_made_whole",
        "ORD-NO-SHIP",
        "UPDATE orders SET failure = NULL WHERE order_id = 'ORD-NO-SHIP'",
    ),
    breaks(
        "cancelled_orders_made_whole",
        "ORD-NO-SHIP",
        "UPDATE orders SET stock = 'intended' WHERE order_id = 'ORD-NO-SHIP'",
    ),
    breaks(
        "stock_never_oversold",
        "SKU-1",
        "ALTER TABLE inventory DROP CONSTRAINT inventory_not_oversold;
         INSERT INTO inventory_journal (sku, delta, reason, client)
             SELECT sku, 1 - on_hand, 'lost', 'anonymous' FROM inventory WHERE sku = 'SKU-1';
         UPDATE inventory SET on_hand = 1 WHERE sku = 'SKU-1'",
    ),
    breaks("stock_never_lost", "SKU-1", "UPDATE inventory SET on_hand = on_hand - 1 WHERE sku = 'SKU-1'"),
    breaks("stock_never_lost", "SKU-1", "UPDATE inventory SET reserved = reserved + 1 WHERE sku = 'SKU-1'"),
    breaks("stock_never_lost", "ORD-GIVEN-BACK", "DELETE FROM inventory_journal WHERE sku = 'SKU-1'").and(&[
        ("stock_never_lost", "ORD-PRUNED-REFUNDED"),
        ("stock_never_lost", "ORD-REFUNDED"),
        ("stock_never_lost", "SKU-1"),
    ]),
    breaks("stock_never_lost", "SKU-3", "DELETE FROM inventory_journal WHERE sku = 'SKU-3'"),
    breaks("stock_never_lost", "SKU-1", "DELETE FROM inventory WHERE sku = 'SKU-1'"),
    breaks(
        "stock_never_lost",
        "SKU-3",
        "ALTER TABLE inventory DROP CONSTRAINT inventory_pkey;
         INSERT INTO inventory SELECT * FROM inventory WHERE sku = 'SKU-3'",
    ),
    breaks(
        "stock_never_lost",
        "SKU-3",
        "INSERT INTO inventory_journal (sku, delta, reason, client)
             VALUES ('SKU-3', 1, 'found', 'anonymous')",
    ),
    breaks("stock_never_lost", "SKU-9", "INSERT INTO inventory (sku, on_hand) VALUES ('SKU-9', 1)"),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-CHARGING",
        "UPDATE order_work SET wake_at = now() - interval '2 hours' WHERE order_id = 'ORD-CHARGING'",
    ),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-CHARGING",
        "UPDATE order_work SET expires_at = now() - interval '2 hours' WHERE order_id = 'ORD-CHARGING';
         UPDATE orders SET updated_at = now() - interval '90 minutes' WHERE order_id = 'ORD-CHARGING'",
    ),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-CHARGING",
        "UPDATE order_work SET wake_at = NULL WHERE order_id = 'ORD-CHARGING'",
    ),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-CHARGING",
        "UPDATE order_work SET version = version - 1 WHERE order_id = 'ORD-CHARGING'",
    ),
    breaks("every_order_ends_or_is_stuck", "ORD-CHARGING", "DELETE FROM order_work WHERE order_id = 'ORD-CHARGING'"),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-CHARGING",
        "UPDATE orders SET plan = 0 WHERE order_id = 'ORD-CHARGING'",
    ),
    breaks("every_order_ends_or_is_stuck", "ORD-REFUNDING", "DELETE FROM order_work WHERE order_id = 'ORD-REFUNDING'"),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-REFUNDING",
        "UPDATE orders SET plan = 0 WHERE order_id = 'ORD-REFUNDING'",
    ),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-COMPLETED",
        "INSERT INTO order_work (order_id, version, intent_at)
             SELECT order_id, version, now() FROM orders WHERE order_id = 'ORD-COMPLETED'",
    ),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-ATTENTION",
        "UPDATE orders SET attention = NULL WHERE order_id = 'ORD-ATTENTION'",
    ),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-ATTENTION",
        "UPDATE order_work SET wake_at = now() WHERE order_id = 'ORD-ATTENTION'",
    ),
    breaks(
        "every_order_ends_or_is_stuck",
        "ORD-AUTHORIZED",
        "UPDATE order_work SET wake_at = wake_at - interval '8 days' WHERE order_id = 'ORD-AUTHORIZED'",
    ),
    breaks("operators_tell_what_they_do", "ORD-RESUMED", "DELETE FROM operator_log WHERE order_id = 'ORD-RESUMED'"),
    breaks(
        "operators_tell_what_they_do",
        "ORD-RESUMED",
        r#"UPDATE order_events SET events = replace(events, '"by":"ops"', '"by":"eve"') WHERE order_id = 'ORD-RESUMED'"#,
    ),
    breaks(
        "operators_tell_what_they_do",
        "ORD-RESUMED",
        "UPDATE order_events SET events = replace(events, 'it answers again', 'for fun') WHERE order_id = 'ORD-RESUMED'",
    ),
    breaks(
        "operators_tell_what_they_do",
        "ORD-FORCED",
        "UPDATE operator_log SET reason = '' WHERE order_id = 'ORD-FORCED'",
    ),
    breaks(
        "operators_tell_what_they_do",
        "ORD-SKIPPED",
        "UPDATE operator_log SET order_id = 'ORD-FORCED' WHERE order_id = 'ORD-SKIPPED'",
    )
    .and(&[("operators_tell_what_they_do", "ORD-FORCED")]),
    breaks(
        "refunds_never_exceed_charge",
        "ORD-REFUNDED",
        "UPDATE payments SET refunded = refunded - 1 WHERE order_id = 'ORD-REFUNDED'",
    ),
    breaks(
        "refunds_never_exceed_charge",
        "ORD-REFUNDED",
        "UPDATE payments SET refunded = refunded + 400 WHERE order_id = 'ORD-REFUNDED'",
    ),
    breaks(
        "refunds_never_exceed_charge",
        "ORD-TOO-LATE",
        "UPDATE payments SET refunded = 1 WHERE order_id = 'ORD-TOO-LATE'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-REFUNDED",
        "UPDATE refunds SET amount = CASE key WHEN 'back-1' THEN 500 ELSE 1000 END
             WHERE order_id = 'ORD-REFUNDED' AND key <> 'back-2'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-REFUNDED",
        "UPDATE refunds SET key = 'back-9' WHERE order_id = 'ORD-REFUNDED' AND key = 'back-3'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-REFUNDED",
        r#"UPDATE order_events SET events = replace(events, '"amount":400', '"amount":401')
             WHERE order_id = 'ORD-REFUNDED'"#,
    ),
    breaks(
        "state_is_the_replay",
        "ORD-REFUNDED",
        r#"UPDATE order_events SET events = replace(events, '{"type":"payment.refund_refused"',
             '{"type":"payment.refunding","amount":1') WHERE order_id = 'ORD-REFUNDED'"#,
    ),
    breaks(
        "state_is_the_replay",
        "ORD-REFUNDED",
        "DELETE FROM refunds WHERE order_id = 'ORD-REFUNDED' AND key = 'back-2'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-FORCED",
        "UPDATE order_events SET events = replace(events, 'order.forced', 'order.attention')
             WHERE order_id = 'ORD-FORCED'",
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /orders/ORD-CALLED-OFF/cancel cancel-ORD-CALLED-OFF",
        "UPDATE idempotency_keys SET answer = NULL, answer_status = NULL WHERE key = 'cancel-ORD-CALLED-OFF'",
    )
    .and(&[("verb_same_answer", "ORD-CALLED-OFF")]),
    breaks(
        "verb_same_answer",
        "anonymous POST /orders/ORD-REFUNDED/refunds back-1",
        "UPDATE idempotency_keys SET answer = NULL, answer_status = NULL WHERE key = 'back-1'",
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /orders/ORD-VOIDING/cancel cancel-ORD-VOIDING",
        "UPDATE idempotency_keys SET answer = '{}', answer_status = 202 WHERE key = 'cancel-ORD-VOIDING'",
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /orders/ORD-REFUNDING/refunds back-6",
        "UPDATE idempotency_keys SET key = 'back-6' WHERE key = 'back-5'",
    )
    .and(&[("keys_name_one_request", "ORD-REFUNDING")]),
    breaks(
        "nothing_partial",
        "GHOST",
        "INSERT INTO order_work (order_id, version, intent_at) VALUES ('GHOST', 1, now())",
    ),
    breaks(
        "nothing_partial",
        "GHOST",
        "INSERT INTO refunds (order_id, client, key, position, amount, status, reason)
             VALUES ('GHOST', 'shop', 'k', 1, 1, 'refused', 'broken')",
    ),
    breaks(
        "nothing_partial",
        "GHOST",
        "INSERT INTO operator_log (order_id, by, verb, reason, before, after)
             VALUES ('GHOST', 'ops', 'retry', 'because', '{}', '{}')",
    ),
];
