//! Columns that agree with all of their table, and not with what the order's events, or a seal, say of them. An outsider
//! invented the first of most kinds.

use super::{Corruption, breaks};

/// Each with the offender by the name that helps.
pub const CORRUPTIONS: &[Corruption] = &[
    // A restock that is journaled to another order.
    breaks(
        "stock_never_lost",
        "ORD-GIVEN-BACK",
        "UPDATE inventory_journal SET order_id = 'ORD-REFUNDED' WHERE order_id = 'ORD-GIVEN-BACK'",
    )
    .and(&[("stock_never_lost", "ORD-REFUNDED")]),
    breaks(
        "stock_never_lost",
        "ORD-GIVEN-BACK",
        "UPDATE inventory_journal SET order_id = NULL WHERE order_id IS NOT NULL",
    )
    .and(&[
        ("stock_never_lost", "ORD-PRUNED-REFUNDED"),
        ("stock_never_lost", "ORD-REFUNDED"),
        ("stock_never_lost", "SKU-1"),
    ]),
    breaks("stock_never_lost", "SKU-2", "UPDATE inventory_journal SET reason = 'found again' WHERE reason = 'found'"),
    breaks(
        "stock_never_lost",
        "GHOST",
        "INSERT INTO inventory_journal (sku, delta, reason, client, order_id)
             VALUES ('SKU-1', 0, 'restock of refund x', 'anonymous', 'GHOST')",
    ),
    breaks(
        "stock_never_lost",
        "SKU-2",
        r#"UPDATE refunds SET restock = '[{"sku":"SKU-2","quantity":2}]' WHERE key = 'back-5'"#,
    )
    .and(&[("state_is_the_replay", "ORD-REFUNDING")]),
    breaks("state_is_the_replay", "ORD-REFUNDED", "UPDATE refunds SET restock = NULL WHERE key = 'back-1'"),
    // The payment references of two orders, swapped.
    breaks(
        "state_is_the_replay",
        "ORD-CHARGED",
        "UPDATE payments AS p SET reference = o.reference FROM payments AS o
             WHERE (p.order_id, o.order_id) IN (('ORD-CHARGED', 'ORD-REMOTE'), ('ORD-REMOTE', 'ORD-CHARGED'))",
    )
    .and(&[("state_is_the_replay", "ORD-REMOTE")]),
    breaks(
        "state_is_the_replay",
        "ORD-CAPTURED",
        "UPDATE payments SET capture_reference = 'other' WHERE order_id = 'ORD-CAPTURED'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-REMOTE",
        "UPDATE orders SET shipment_reference = NULL WHERE order_id = 'ORD-REMOTE'",
    ),
    breaks(
        "state_is_the_replay",
        "ORD-ELSEWHERE",
        "UPDATE orders SET reservation_reference = 'other' WHERE order_id = 'ORD-ELSEWHERE'",
    ),
    // A cancellation's reason, changed in row and answer, and not in its event.
    breaks(
        "state_is_the_replay",
        "ORD-CALLED-OFF",
        r#"UPDATE orders SET failure = replace(failure, '"client"', '"operator"'),
             answer = replace(answer, '"reason":"client"', '"reason":"operator"')
             WHERE order_id = 'ORD-CALLED-OFF'"#,
    ),
    breaks(
        "state_is_the_replay",
        "ORD-ATTENTION",
        "UPDATE orders SET attention = replace(attention, 'ten', 'two') WHERE order_id = 'ORD-ATTENTION'",
    ),
    // A cancel's stored 201, turned into a 409: as its seal tells, and, where it was answered before there were seals,
    // as the order tells, which was called off.
    breaks(
        "keys_name_one_request",
        "anonymous POST /orders/ORD-CALLED-OFF/cancel cancel-ORD-CALLED-OFF",
        r#"UPDATE idempotency_keys SET answer_status = 409, answer = '{"type":"urn:counterfoil:problem:wrong_state",
             "title":"Wrong state","status":409,"detail":"cancel: not while the order is CANCELLED",
             "code":"wrong_state","order_id":"ORD-CALLED-OFF","state":"CANCELLED","final":true}'
             WHERE key = 'cancel-ORD-CALLED-OFF'"#,
    ),
    breaks(
        "verb_same_answer",
        "ORD-CALLED-OFF",
        r#"UPDATE deployment SET sealed_since = now();
             UPDATE idempotency_keys SET answer_status = 409, seal = NULL, created_at = created_at - interval '1 day',
             answer = '{"type":"urn:counterfoil:problem:wrong_state","status":409,"code":"wrong_state",
             "order_id":"ORD-CALLED-OFF","state":"CANCELLED","final":true}'
             WHERE key = 'cancel-ORD-CALLED-OFF'"#,
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /orders/ORD-CALLED-OFF/cancel cancel-ORD-CALLED-OFF",
        "UPDATE idempotency_keys SET answer_status = 409 WHERE key = 'cancel-ORD-CALLED-OFF'",
    ),
    // A stored answer with a version one less, or another sum.
    breaks(
        "same_request_same_answer",
        "ORD-COMPLETED",
        r#"UPDATE orders SET answer = replace(answer, '"version":5', '"version":4') WHERE order_id = 'ORD-COMPLETED'"#,
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /orders/ORD-CALLED-OFF/cancel cancel-ORD-CALLED-OFF",
        r#"UPDATE idempotency_keys SET answer = replace(answer, '"version":8', '"version":7')
             WHERE key = 'cancel-ORD-CALLED-OFF'"#,
    ),
    breaks(
        "verb_same_answer",
        "anonymous POST /orders/ORD-REFUNDED/refunds back-1",
        r#"UPDATE idempotency_keys SET answer = replace(answer, '"refunded":1400', '"refunded":1401')
             WHERE key = 'back-1'"#,
    ),
    breaks(
        "keys_name_one_request",
        "anonymous POST /inventory/SKU-2/adjustments found-5",
        r#"UPDATE idempotency_keys SET answer = replace(replace(answer, '55', '56'), '0', '1') WHERE key = 'found-5'"#,
    ),
    // The key row of an order that is named by its key.
    breaks(
        "keys_name_one_request",
        "ik_lilojtvm3uyz7sdyvfpcestn5l5wizt4xe54vejw62qxsmfijoxq",
        "DELETE FROM idempotency_keys WHERE key = 'k-2'",
    ),
    breaks(
        "keys_name_one_request",
        "anonymous POST /orders key-of-ORD-DECLINED",
        "UPDATE idempotency_keys SET created_at = created_at + interval '1 day' WHERE key = 'key-of-ORD-DECLINED'",
    ),
    breaks(
        "keys_name_one_request",
        "anonymous POST /orders key-of-ORD-DECLINED",
        "UPDATE idempotency_keys SET seal = NULL WHERE key = 'key-of-ORD-DECLINED'",
    ),
    // Events that are stamped a day before their order.
    breaks(
        "events_published_in_order",
        "ORD-REMOTE",
        "UPDATE order_events SET at = at - interval '1 day' WHERE order_id = 'ORD-REMOTE'",
    ),
    breaks(
        "events_published_in_order",
        "ORD-DECLINED",
        "UPDATE orders SET created_at = created_at + interval '1 day' WHERE order_id = 'ORD-DECLINED'",
    ),
    // What no event repeats.
    breaks("content_intact", "ORD-REMOTE", "UPDATE orders SET client = 'mallory' WHERE order_id = 'ORD-REMOTE'"),
    breaks("content_intact", "ORD-REMOTE", "UPDATE orders SET plan = 2 WHERE order_id = 'ORD-REMOTE'"),
    breaks("content_intact", "ORD-REMOTE", "UPDATE orders SET saga_version = 9 WHERE order_id = 'ORD-REMOTE'"),
    // An order with steps of its own, of which nothing is there.
    breaks("state_is_the_replay", "ORD-REMOTE", "UPDATE orders SET saga_version = 2 WHERE order_id = 'ORD-REMOTE'"),
    breaks(
        "state_is_the_replay",
        "ORD-STEPS",
        "UPDATE order_steps SET steps = replace(steps, 'done', 'undone') WHERE order_id = 'ORD-STEPS'",
    ),
    breaks("state_is_the_replay", "ORD-STEPS", "DELETE FROM order_steps WHERE order_id = 'ORD-STEPS'"),
    breaks(
        "state_is_the_replay",
        "ORD-COMPLETED",
        "INSERT INTO order_steps SELECT 'ORD-COMPLETED', definition_id, steps FROM order_steps WHERE order_id = 'ORD-STEPS'",
    ),
    breaks(
        "nothing_partial",
        "ORD-NOBODY",
        "INSERT INTO order_steps SELECT 'ORD-NOBODY', definition_id, steps FROM order_steps WHERE order_id = 'ORD-STEPS'",
    ),
    breaks(
        "content_intact",
        "ORD-STEP",
        "WITH made AS (
                INSERT INTO saga_definitions (hash, content)
                SELECT sha256(convert_to(changed, 'UTF8')), changed FROM (
                    SELECT replace(content, '172800000', '172800001') AS changed FROM saga_definitions
                    WHERE content LIKE '%172800000%' ORDER BY definition_id LIMIT 1
                ) AS other RETURNING definition_id
            )
            UPDATE order_steps SET definition_id = made.definition_id FROM made WHERE order_id = 'ORD-STEP'",
    ),
    breaks(
        "content_intact",
        "ORD-REMOTE",
        r"UPDATE orders SET fingerprint = set_byte(fingerprint, 0, 2) WHERE order_id = 'ORD-REMOTE'",
    ),
    breaks(
        "operators_tell_what_they_do",
        "ORD-FORCED",
        r#"UPDATE operator_log SET before = replace(before, 'PAYMENT_CHARGED', 'INVENTORY_RESERVED')
             WHERE order_id = 'ORD-FORCED'"#,
    ),
];
