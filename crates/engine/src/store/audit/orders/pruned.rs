//! Orders whose first events are gone. What they had led to stands in the order's own rows; what no row repeats is kept
//! beside a proof, which is made of all of it. So the audit knows where the fold stood, and goes on from there with what
//! came later. A row of the order that was changed since, or a check value that was, no longer gives the proof.
//!
//! A proof is no signature: it finds the hand that changes a row and does not know of it, and nobody who makes it anew.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::fold::{Commit, Content, Folded, OperatorAct, Refund, Stand, StoredAnswer, stamp};
use super::judge::{OrderRow, RefundRow, Rows, Whole, micros, seal_of, stored};
use super::steps::{OwnStand, as_stored};
use crate::limits::AUDIT_STAMP_SKEW;

/// What a proof begins with: by which rule it was made.
const VERSION: u8 = 1;
/// Bytes of its hash: nobody is to find two rows that give one, and nobody who looks for them is kept out.
const PROOF: usize = 16;

/// A row of `pruned_orders`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PrunedRow {
    pub pruned_to: Option<i64>,
    pub epoch: Option<i64>,
    pub xact: Option<String>,
    pub decided_at: Option<String>,
    pub pruned_at: Option<String>,
    pub kept: Option<String>,
    /// As hexadecimal digits.
    pub proof: Option<String>,
}

/// What an operator said: version, verb, call, who and why.
type Said = (i64, String, Option<String>, Option<String>, Option<String>);

/// What of a fold no other row holds. Of an order that ended in its one commit, and to which nobody said anything, that is
/// nothing.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Kept {
    /// Where it stood after each commit: version, state, what had moved to us and back, and why it waited for a human. None
    /// where it was one commit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stands: Vec<(i64, String, i64, i64, Option<Value>)>,
    /// What operators said: version, verb, call, who and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    words: Vec<Said>,
    /// After which commit each refund was settled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<Option<usize>>,
    #[serde(skip_serializing_if = "is_zero")]
    flags: u8,
    /// Whether an operator answered for something: whoever compares with a ledger looks for these very words.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_word: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks it so")]
fn is_zero(flags: &u8) -> bool {
    *flags == 0
}

const CAPTURES: u8 = 1;
const CALLED_OFF: u8 = 2;
const BY_CLIENT: u8 = 4;
/// An earlier program placed it.
const UNSEALED: u8 = 8;

/// The words that columns hold of an order that ended, as the fold has them.
const WORDS: &[&str] = &[
    "COMPLETED",
    "CANCELLED",
    "CREATED",
    "INVENTORY_RESERVED",
    "PAYMENT_AUTHORIZED",
    "PAYMENT_CHARGED",
    "SHIPMENT_CREATED",
    "COMPENSATING",
    "none",
    "intended",
    "reserved",
    "rejected",
    "releasing",
    "released",
    "taken",
    "authorized",
    "capturing",
    "charged",
    "declined",
    "voiding",
    "voided",
    "refunding",
    "refunded",
    "refused",
    "created",
    "failed",
    "cancelling",
    "cancelled",
    "done",
    "undoing",
    "undone",
    "retry",
    "skip",
    "force-cancel",
];

fn known(word: Option<&str>) -> Option<&'static str> {
    WORDS.iter().copied().find(|known| Some(*known) == word)
}

/// Where it stood when it was pruned, where that was after its one commit.
fn at_its_end(folded: &Folded) -> Stand {
    let Folded { version, state, captured, refunded, .. } = *folded;
    Stand { version, state, attention: None, captured, refunded }
}

fn kept(folded: &Folded) -> Option<String> {
    let mut kept = Kept::default();
    if folded.stands != [at_its_end(folded)] {
        let stood =
            |one: &Stand| (one.version, one.state.to_owned(), one.captured, one.refunded, one.attention.clone());
        kept.stands = folded.stands.iter().map(stood).collect();
    }
    let said = |word: &OperatorAct| {
        (word.version, word.verb.to_owned(), word.call.clone(), word.by.clone(), word.reason.clone())
    };
    kept.words = folded.words.iter().map(said).collect();
    kept.settled = folded.refunds.iter().map(|refund| refund.settled).collect();
    for (flag, is_so) in [
        (CAPTURES, folded.captures),
        (CALLED_OFF, folded.called_off),
        (BY_CLIENT, folded.called_off_by_client),
        (UNSEALED, folded.seal.is_none()),
    ] {
        kept.flags |= if is_so { flag } else { 0 };
    }
    kept.by_word = folded.words.iter().any(|word| word.verb != "retry");
    if kept == Kept::default() { None } else { serde_json::to_string(&kept).ok() }
}

/// What the events that are gone had led to, as the rows tell it that are there now, with what came `later`; `None` where
/// they cannot be read, or do not give the proof.
///
/// Of an order that ended nothing moves any more but its refunds, and whether it waits for a human.
pub(super) fn base(content: &Content, rows: &Rows, later: &[Commit]) -> Option<Folded> {
    let ([row], [of]) = (rows.orders.as_slice(), rows.pruned.as_slice()) else { return None };
    let is = |event: &&Map<String, Value>, kind: &str| event.get("type").and_then(Value::as_str) == Some(kind);
    let happened = |kind: &str| later.iter().flat_map(|commit| &commit.events).filter(|event| is(event, kind)).count();
    let kept: Kept = of.kept.as_deref().map_or(Some(Kept::default()), |text| serde_json::from_str(text).ok())?;
    let mut asked: Vec<&RefundRow> = rows.refunds.iter().collect();
    asked.sort_by_key(|row| row.position);
    let since = asked.split_off(asked.len().checked_sub(happened("payment.refunding"))?);
    let counts = |row: &&RefundRow| row.status.as_deref() != Some("refused");
    let since: i64 = since.into_iter().filter(counts).filter_map(|row| row.amount).try_fold(0, i64::checked_add)?;
    let refund = |(place, row): (usize, &&RefundRow)| {
        Some(Refund {
            client: row.client.clone()?,
            key: row.key.clone()?,
            amount: row.amount?,
            reason: row.reason.clone()?,
            restock: stored(row.restock.as_deref()).unwrap_or_else(|| json!([])),
            status: known(row.status.as_deref())?,
            settled: kept.settled.get(place).copied().flatten(),
        })
    };
    let refunds = asked.iter().enumerate().map(refund).collect::<Option<Vec<_>>>()?;
    let payment = rows.payments.first();
    let money = |of: fn(&super::judge::PaymentRow) -> Option<i64>, none: i64| payment.map_or(Some(none), of);
    let reference = |of: fn(&super::judge::PaymentRow) -> Option<&String>| payment.and_then(of).cloned();
    let mut folded = Folded {
        version: of.pruned_to?,
        state: known(row.state.as_deref())?,
        stock: stock(content, row, rows)?,
        payment: payment.map_or(Some("none"), |payment| known(payment.status.as_deref()))?,
        shipment: known(row.shipment.as_deref())?,
        reservation_reference: row.reservation_reference.clone(),
        shipment_reference: row.shipment_reference.clone(),
        reference: reference(|payment| payment.reference.as_ref()),
        capture_reference: reference(|payment| payment.capture_reference.as_ref()),
        // It is told once.
        unknown: payment.map_or(Some(false), |payment| payment.unknown)? && happened("payment.unknown") == 0,
        known: payment.map_or(Some(false), |payment| payment.known)?,
        amount: money(|payment| payment.amount, content.amount)?,
        captured: money(|payment| payment.captured, 0)?,
        refunded: money(|payment| payment.refunded, 0)?.checked_sub(since)?,
        failure: stored(row.failure.as_deref()),
        attention: None,
        answer: match (row.answer_status, &row.answer) {
            (Some(status), Some(body)) => Some(StoredAnswer { status, body: body.clone() }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return None,
        },
        refunds,
        stands: Vec::new(),
        words: Vec::new(),
        own: own(content, rows)?,
        saga_seal: content.sequence.as_ref().map(|sequence| sequence.seal.clone()),
        seal: if kept.flags & UNSEALED == 0 { Some(seal_of(&content.order_id, row)?) } else { None },
        captures: kept.flags & CAPTURES != 0,
        called_off: kept.flags & CALLED_OFF != 0,
        called_off_by_client: kept.flags & BY_CLIENT != 0,
    };
    for (version, state, captured, refunded, attention) in kept.stands {
        let state = known(Some(&state))?;
        folded.stands.push(Stand { version, state, attention, captured, refunded });
    }
    if folded.stands.is_empty() {
        folded.stands.push(at_its_end(&folded));
    }
    for (version, verb, call, by, reason) in kept.words {
        folded.words.push(OperatorAct { version, verb: known(Some(&verb))?, call, by, reason });
    }
    (of.proof.is_some() && of.proof == proof(content, row, of, &folded)).then_some(folded)
}

/// How far the order came with its own steps, as its row says.
fn own(content: &Content, rows: &Rows) -> Option<Vec<OwnStand>> {
    if content.sequence.is_none() {
        return Some(Vec::new());
    }
    let steps = stored(rows.steps.first()?.steps.as_deref())?;
    let stand = |one: &Value| {
        let reference = one.get("reference").and_then(Value::as_str).map(str::to_owned);
        Some(OwnStand { status: known(one["status"].as_str())?, reference })
    };
    steps.as_array()?.iter().map(stand).collect()
}

/// What became of the stock. That it waits for a step, and never came to it, is stored as intended; of an order that ended
/// it is so where it is still.
fn stock(content: &Content, row: &OrderRow, rows: &Rows) -> Option<&'static str> {
    let word = known(row.stock.as_deref())?;
    let waited = content.sequence.is_some() && word == "intended" && !rows.steps.is_empty();
    Some(if waited { "none" } else { word })
}

/// The proof, as hexadecimal digits.
fn proof(content: &Content, row: &OrderRow, of: &PrunedRow, folded: &Folded) -> Option<String> {
    let refund = |refund: &Refund| {
        let Refund { client, key, amount, reason, restock, status, settled: _ } = refund;
        json!([client, key, amount, reason, ordered(restock), status])
    };
    let told = json!([
        "counterfoil pruned",
        content.order_id,
        content.amount,
        content.currency,
        content.manual,
        row.client,
        row.saga_version,
        row.plan,
        micros(row.created_at.as_deref())?,
        of.pruned_to,
        of.epoch,
        of.xact,
        micros(of.decided_at.as_deref())?,
        micros(of.pruned_at.as_deref())?,
        of.kept,
        [folded.state, folded.stock, folded.payment, folded.shipment],
        [&folded.reservation_reference, &folded.shipment_reference, &folded.reference, &folded.capture_reference],
        [folded.unknown, folded.known],
        [folded.amount, folded.captured, folded.refunded],
        folded.failure.as_ref().map(ordered),
        folded.answer.as_ref().map(|answer| json!([answer.status, answer.body])),
        folded.refunds.iter().map(refund).collect::<Vec<_>>(),
    ]);
    let told = match &content.sequence {
        Some(sequence) => json!([told, sequence.seal, as_stored(&folded.own)]),
        None => told,
    };
    let text = serde_json::to_vec(&told).ok()?;
    Some(HEXLOWER.encode(&[&[VERSION], &Sha256::digest(text)[..PROOF]].concat()))
}

/// With the keys of objects in their order: a text that is the same for what is the same.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(key, value)| json!([key, ordered(value)])).collect();
            fields.sort_by_cached_key(ToString::to_string);
            Value::Array(fields)
        }
        Value::Array(values) => values.iter().map(ordered).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// What takes the place of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Epitaph {
    /// The version up to which it goes: the order's.
    pub pruned_to: i32,
    /// See [`Kept`].
    pub kept: Option<String>,
    /// The hash over all of it, with its version in front.
    pub proof: Vec<u8>,
    /// When the last of it was decided: microseconds since 1970.
    pub decided_at: i64,
    /// Whose order it is.
    pub client: String,
    /// Its events: version, type, and when each was decided.
    pub events: Vec<(i64, String, i64)>,
}

/// Where the last commit of a history lies in the feed, and when that goes.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Burial {
    /// The epoch of its commit.
    pub epoch: i32,
    /// The number of its transaction.
    pub xact: u64,
    /// Microseconds since 1970.
    pub pruned_at: i64,
}

/// What is to be kept of an order that has come to rest; `None` of one that has not, or whose rows and events do not
/// agree: those events are the evidence, and stay. Whatever the audit will make of it later, it makes of it now.
pub(super) fn epitaph(order: Whole<'_>, burial: Burial) -> Option<Epitaph> {
    let Whole { content, commits, folded, row, rows, .. } = &order;
    let is_over = matches!(folded.state, "COMPLETED" | "CANCELLED") && folded.attention.is_none();
    let is_settled = folded.refunds.iter().all(|refund| refund.status != "intended");
    let last = commits.last()?;
    // What of its events the audit asks beside where they lead: it could not any more.
    let charges = commits
        .iter()
        .flat_map(|commit| &commit.events)
        .filter(|event| event.get("type").and_then(Value::as_str) == Some("payment.charged"));
    let may_charge = usize::from(rows.pruned.is_empty());
    let skew = i64::try_from(AUDIT_STAMP_SKEW.as_micros()).unwrap_or(i64::MAX);
    let is_forward = commits.iter().zip(commits.iter().skip(1)).all(|(one, next)| next.at >= one.at - skew);
    if !is_over || !is_settled || charges.count() > may_charge || !is_forward || !order.is_sound() {
        return None;
    }
    let mut of = PrunedRow {
        pruned_to: Some(folded.version),
        epoch: Some(burial.epoch.into()),
        xact: Some(burial.xact.to_string()),
        decided_at: Some(stamp(last.at)),
        pruned_at: Some(stamp(burial.pruned_at)),
        kept: kept(folded),
        proof: None,
    };
    let proof = proof(content, row, &of, folded)?;
    of.proof = Some(proof.clone());
    let events = commits.iter().flat_map(|commit| {
        let kind =
            |event: &Map<String, Value>| event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        (commit.first_version..).zip(&commit.events).map(move |(version, event)| (version, kind(event), commit.at))
    });
    let told = Epitaph {
        pruned_to: i32::try_from(folded.version).ok()?,
        kept: of.kept.clone(),
        proof: HEXLOWER.decode(proof.as_bytes()).ok()?,
        decided_at: last.at,
        client: row.client.clone()?,
        events: events.collect(),
    };
    let later = Rows { pruned: vec![of], ..rows.without_events() };
    (base(content, &later, &[]).as_ref() == Some(folded)).then_some(told)
}
