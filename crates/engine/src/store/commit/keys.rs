//! `idempotency_keys` and `order_keys`: what a commit writes of them. (They are read, one key at a time, by `queries.rs`.)

use super::super::columns::{Arrays, Pair, Parameters, arrays, code, sent, taken_apart, unnest};
use super::stored::{IS_BEGUN, is_not_stored, is_stored};
use crate::ports::{KeyClaim, Write};

/// The keys of a batch, sorted, since that is the order in which they are locked.
pub(in crate::store) struct Claims<'a>(Vec<&'a KeyClaim>);

/// A key, and whose it is to be.
fn named<'a>(claims: &[&'a KeyClaim]) -> Arrays<'a> {
    arrays![claims;
        client: text = claim => claim.scope.client.as_str(),
        route: text = claim => &*claim.scope.route,
        key: text = claim => claim.scope.key.as_str(),
        order_id: text = claim => claim.order_id.as_str(),
    ]
}

/// The same, with what it stands for.
fn claimed<'a>(claims: &[&'a KeyClaim]) -> Arrays<'a> {
    let status = |claim: &KeyClaim| claim.answer.as_ref().map(|answer| code(answer.status));
    let mut columns = named(claims);
    columns.extend(arrays![claims;
        fingerprint: bytea = claim => &claim.fingerprint.0[..],
        answer_status: smallint = claim => status(claim),
        answer: text = claim => claim.answer.as_ref().map(|answer| &*answer.body),
    ]);
    columns
}

impl<'a> Claims<'a> {
    pub(in crate::store) fn of(writes: &[&'a Write]) -> Self {
        let mut claims: Vec<_> = writes.iter().filter_map(|write| write.key.as_ref()).collect();
        claims.sort_unstable_by(|a, b| a.scope.cmp(&b.scope));
        Self(claims)
    }

    pub(in crate::store) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::store) fn claim(&self, commit_id: i64) -> Parameters<'a> {
        sent(commit_id, claimed(&self.0))
    }

    pub(in crate::store) fn unused(&self, commit_id: i64) -> Parameters<'a> {
        sent(commit_id, named(&self.0))
    }
}

/// A key is bound at most once, to one order, with the verb's answer where this transaction decides it. Whether it is
/// this transaction's is told by `commit_id`, and by its order: two orders of one batch may come with the same key.
pub(in crate::store) fn claim_keys() -> String {
    let columns = unnest(2, 4, &claimed(&[]));
    format!(
        "
INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint, answer_status, answer)
SELECT k.client, k.route, k.key, k.order_id, $1, k.fingerprint, k.answer_status, k.answer
FROM (
    SELECT {columns}
) k
WHERE {IS_BEGUN}
ON CONFLICT (client, route, key) DO NOTHING
RETURNING order_id"
    )
}

/// A key that was claimed for an order that was there already, or that moved on meanwhile, is not bound by a request
/// that may differ from what stands.
pub(in crate::store) fn drop_unused_keys() -> String {
    let columns = unnest(2, 4, &named(&[]));
    format!(
        "
DELETE FROM idempotency_keys k
USING (
    SELECT {columns}
) c
WHERE (k.client, k.route, k.key) = (c.client, c.route, c.key) AND k.commit_id = $1 AND k.order_id = c.order_id
  AND {stored}",
        stored = is_not_stored("c.order_id")
    )
}

/// Which of the orders that verbs are asked of take no key any more.
pub(in crate::store) const FIND_FULL: &str = "
SELECT u.order_id
FROM (SELECT unnest($1::text[]) AS order_id) u
WHERE (SELECT c.verbs FROM order_keys c WHERE c.order_id = u.order_id) >= $2";

/// Counts the keys of verbs that came with their orders' moves. Who counts waits for who counted before, and the CHECK
/// raises for one too many, however many engines ask at once: the batch is driven again, and the order then found full.
pub(in crate::store) fn count_verb_keys() -> String {
    format!(
        "
INSERT INTO order_keys AS c (order_id, verbs)
SELECT u.order_id, 1
FROM (SELECT unnest($1::text[]) AS order_id) u
WHERE {stored}
ON CONFLICT (order_id) DO UPDATE SET verbs = c.verbs + 1",
        stored = is_stored("u.order_id")
    )
}

/// Verbs that have their answer.
fn answered<'a>(rows: &[Pair<'a>]) -> Arrays<'a> {
    let rows: Vec<_> = rows.iter().flat_map(|(write, _)| write.settled().iter().map(move |one| (write, one))).collect();
    arrays![rows;
        order_id: text = (write, _) => write.order_id().as_str(),
        route: text = (_, one) => &*one.route,
        client: text = (_, one) => one.holder.as_ref().map(|(client, _)| client.as_str()),
        key: text = (_, one) => one.holder.as_ref().map(|(_, key)| key.as_str()),
        answer_status: smallint = (_, one) => code(one.answer.status),
        answer: text = (_, one) => &*one.answer.body,
    ]
}

pub(in crate::store) fn settled<'a>(rows: &[Pair<'a>]) -> Parameters<'a> {
    taken_apart(answered(rows))
}

/// A verb gives the same answer: it is stored with the open keys that asked for it, by the transaction that decides it,
/// and never changed. Only who holds the order's row gets here, so that these locks meet nobody's. Which keys of an order
/// are open is looked up first, order by order: left to itself the planner reads the index of open keys from end to end,
/// everybody's, and asks of each whose it is. So what is open is told there alone, and the row is reached by its whole key.
/// Nearly every order ends with none: whether it was stored is asked where one was found.
pub(in crate::store) fn settle_keys() -> String {
    let columns = unnest(1, 8, &answered(&[]));
    format!(
        "
UPDATE idempotency_keys k SET answer_status = s.answer_status, answer = s.answer
FROM (
    SELECT a.answer_status, a.answer, found.client, found.route, found.key
    FROM (
        SELECT {columns}
    ) a
    CROSS JOIN LATERAL (
        SELECT i.client, i.route, i.key FROM idempotency_keys i
        WHERE i.order_id = a.order_id AND i.route = a.route AND i.route <> 'POST /orders'
          AND (a.key IS NULL OR i.client = a.client AND i.key = a.key) AND i.answer_status IS NULL
        OFFSET 0
    ) found
) s
WHERE (k.client, k.route, k.key) = (s.client, s.route, s.key) AND coalesce(k.answer_status, 0) = 0
  AND {stored}",
        stored = is_stored("k.order_id")
    )
}
