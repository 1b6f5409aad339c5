//! Writes as the columns of set-based statements: one array a column, parallel, in lock order.

use std::time::{Duration, SystemTime};

use tokio_postgres::types::ToSql;

use uuid::Uuid;

use super::rows;
use crate::limits;
use crate::ports::{Deadline, Intent, KeyClaim, OperatorEntry, Work, Write};
use crate::saga::event::{Fact, RefundName};
use crate::saga::{Definition, Event, Leg, Refund, Restock, Timestamp};

/// The parameters of one statement. They borrow the texts of the writes: to copy them cost more than to encode them.
pub(super) type Parameters<'a> = Vec<Box<dyn ToSql + Sync + Send + 'a>>;

/// A write and what it becomes.
pub(super) type Pair<'a> = (&'a Write, &'a Leg);

/// A stamp as the driver wants a `timestamptz`: exact to the microsecond.
pub(super) fn stamp(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.0).unwrap_or(0))
}

fn json<T: serde::Serialize>(value: Option<&T>) -> Option<String> {
    // Structs of strings and integers always serialise.
    value.map(|value| serde_json::to_string(value).unwrap_or_default())
}

/// An HTTP status as its column wants it.
pub(super) fn code(status: u16) -> i16 {
    i16::try_from(status).unwrap_or(500)
}

/// A span of time as the milliseconds that SQL adds to its own clock.
pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

fn status(leg: &Leg) -> Option<i16> {
    leg.order.answer.as_ref().map(|answer| code(answer.status))
}

fn body(leg: &Leg) -> Option<&str> {
    leg.order.answer.as_ref().map(|answer| &*answer.body)
}

/// Collects one column over all rows.
macro_rules! column {
    ($rows:expr, $row:pat => $value:expr) => {
        Box::new($rows.iter().map(|$row| $value).collect::<Vec<_>>()) as Box<dyn ToSql + Sync + Send + '_>
    };
}

pub(super) fn place<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.as_str()),
        column!(rows, (_, leg) => leg.order.amount.0),
        column!(rows, (_, leg) => stamp(leg.order.created_at)),
        column!(rows, (_, leg) => leg.order.version),
        column!(rows, (_, leg) => leg.order.saga_version),
        column!(rows, (_, leg) => leg.order.plan.0),
        column!(rows, (_, leg) => status(leg)),
        column!(rows, (_, leg) => leg.order.state.as_str()),
        column!(rows, (_, leg) => rows::stock_word(leg.order.stock)),
        column!(rows, (_, leg) => leg.order.shipment.status.as_str()),
        column!(rows, (_, leg) => leg.order.request.currency.as_str()),
        column!(rows, (_, leg) => leg.order.client.as_str()),
        column!(rows, (_, leg) => &*leg.order.request.customer_id),
        column!(rows, (write, _) => write.content().map_or(&[][..], |content| &content.fingerprint.0)),
        column!(rows, (write, _) => write.content().map_or("", |content| &content.lines)),
        column!(rows, (write, _) => write.content().map_or("", |content| &content.details)),
        column!(rows, (_, leg) => body(leg)),
        column!(rows, (_, leg) => leg.order.shipment.reference.as_deref()),
        column!(rows, (_, leg) => json(leg.order.failure.as_ref())),
        column!(rows, (_, leg) => json(leg.order.attention.as_ref())),
        column!(rows, (_, leg) => leg.order.reservation.as_deref()),
        column!(rows, (write, _) => write.key.as_ref().map(|claim| claim.scope.key.as_str())),
    ]
}

pub(super) fn advance<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    let expected = |write: &Write| write.advance().map_or(0, |advance| advance.version);
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.as_str()),
        column!(rows, (write, _) => expected(write)),
        column!(rows, (_, leg) => stamp(leg.order.updated_at)),
        column!(rows, (_, leg) => leg.order.version),
        column!(rows, (_, leg) => leg.order.state.as_str()),
        column!(rows, (_, leg) => rows::stock_word(leg.order.stock)),
        column!(rows, (_, leg) => leg.order.shipment.status.as_str()),
        column!(rows, (_, leg) => status(leg)),
        column!(rows, (_, leg) => body(leg)),
        column!(rows, (_, leg) => leg.order.shipment.reference.as_deref()),
        column!(rows, (_, leg) => json(leg.order.failure.as_ref())),
        column!(rows, (_, leg) => json(leg.order.attention.as_ref())),
        column!(rows, (_, leg) => leg.order.reservation.as_deref()),
        column!(rows, (write, _) => write.key.as_ref().map(|claim| claim.scope.client.as_str())),
        column!(rows, (write, _) => write.key.as_ref().map(|claim| &*claim.scope.route)),
        column!(rows, (write, _) => write.key.as_ref().map(|claim| claim.scope.key.as_str())),
        Box::new(limits::VERB_KEYS),
    ]
}

pub(super) fn settle<'a>(legs: &[&'a Leg], commit_id: i64) -> Parameters<'a> {
    vec![
        Box::new(commit_id),
        column!(legs, leg => leg.order.id.as_str()),
        column!(legs, leg => leg.order.version),
        column!(legs, leg => leg.order.state.as_str()),
        column!(legs, leg => rows::stock_word(leg.order.stock)),
        column!(legs, leg => leg.order.shipment.status.as_str()),
        column!(legs, leg => status(leg)),
        column!(legs, leg => body(leg)),
        column!(legs, leg => json(leg.order.failure.as_ref())),
    ]
}

pub(super) fn payments<'a>(rows: &[&Pair<'a>], commit_id: i64) -> Parameters<'a> {
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.as_str()),
        column!(rows, (_, leg) => leg.order.payment.status.as_str()),
        column!(rows, (_, leg) => leg.order.payment.unknown),
        column!(rows, (_, leg) => leg.order.payment.known),
        column!(rows, (_, leg) => leg.order.payment.amount.0),
        column!(rows, (_, leg) => leg.order.payment.captured.0),
        column!(rows, (_, leg) => leg.order.payment.refunded.0),
        column!(rows, (_, leg) => leg.order.payment.reference.as_deref()),
        column!(rows, (_, leg) => leg.order.payment.capture_reference.as_deref()),
    ]
}

/// The sagas of new orders that have steps of one's own, each once.
pub(super) fn definitions<'a>(rows: &[Pair<'a>]) -> Parameters<'a> {
    let mut found: Vec<&Definition> = Vec::new();
    for own in rows.iter().filter_map(|(_, leg)| leg.order.own.as_deref()) {
        if !found.contains(&&*own.definition) {
            found.push(&own.definition);
        }
    }
    vec![column!(found, saga => saga.hash().to_vec()), column!(found, saga => saga.content())]
}

/// How far each order has come with its own steps.
pub(super) fn steps<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    let states = |leg: &Leg| json(leg.order.own.as_deref().map(|own| &own.states)).unwrap_or_default();
    vec![Box::new(commit_id), column!(rows, (_, leg) => leg.order.id.as_str()), column!(rows, (_, leg) => states(leg))]
}

/// The same of new ones, each with its saga.
pub(super) fn new_steps<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    let hash = |leg: &Leg| leg.order.own.as_deref().map(|own| own.definition.hash().to_vec());
    let mut columns = steps(rows, commit_id);
    columns.push(column!(rows, (_, leg) => hash(leg)));
    columns
}

pub(super) fn events<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    let first = |leg: &Leg| leg.order.version + 1 - i32::try_from(leg.events.len()).unwrap_or(0);
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.as_str()),
        column!(rows, (_, leg) => first(leg)),
        column!(rows, (_, leg) => stamp(leg.order.updated_at)),
        column!(rows, (_, leg) => Event::encode_sealed(&leg.events)),
    ]
}

/// Refunds of a batch, each with its order, sorted by key.
pub(super) struct Refunds<'a>(Vec<(&'a Leg, i32, &'a Refund)>);

/// The refunds that are asked for in the legs, and those asked for earlier that have their outcome now.
pub(super) fn refunds<'a>(rows: &[Pair<'a>]) -> (Refunds<'a>, Refunds<'a>) {
    let (mut asked, mut settled) = (Vec::new(), Vec::new());
    for (_, leg) in rows {
        let (mut new, mut old): (Vec<&RefundName>, Vec<&RefundName>) = (Vec::new(), Vec::new());
        for event in &leg.events {
            match event {
                Event::Fact(Fact::PaymentRefunding { refund, .. }) => new.push(refund),
                Event::Fact(
                    Fact::PaymentRefunded { refund: Some(refund), .. } | Fact::PaymentRefundRefused { refund, .. },
                ) => old.push(refund),
                _ => {}
            }
        }
        for (position, refund) in (1..).zip(&leg.order.refunds) {
            let is = |name: &&RefundName| name.client == refund.client && name.key == refund.key;
            if new.iter().any(is) {
                asked.push((*leg, position, refund));
            } else if old.iter().any(is) {
                settled.push((*leg, position, refund));
            }
        }
    }
    let sorted = |mut found: Vec<(&'a Leg, i32, &'a Refund)>| {
        found.sort_unstable_by_key(|(leg, _, refund)| (&leg.order.id, &refund.client, &refund.key));
        Refunds(found)
    };
    (sorted(asked), sorted(settled))
}

impl<'a> Refunds<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&self, commit_id: i64) -> Parameters<'a> {
        let restock = |refund: &Refund| json(Some(&refund.restock).filter(|restock| !restock.is_empty()));
        vec![
            Box::new(commit_id),
            column!(self.0, (leg, ..) => leg.order.id.as_str()),
            column!(self.0, (.., refund) => refund.client.as_str()),
            column!(self.0, (.., refund) => refund.key.as_str()),
            column!(self.0, (_, position, _) => *position),
            column!(self.0, (.., refund) => refund.amount.0),
            column!(self.0, (.., refund) => refund.status.as_str()),
            column!(self.0, (.., refund) => &*refund.reason),
            column!(self.0, (.., refund) => restock(refund)),
        ]
    }

    pub(super) fn settle(&self, commit_id: i64) -> Parameters<'a> {
        vec![
            Box::new(commit_id),
            column!(self.0, (leg, ..) => leg.order.id.as_str()),
            column!(self.0, (.., refund) => refund.client.as_str()),
            column!(self.0, (.., refund) => refund.key.as_str()),
            column!(self.0, (.., refund) => refund.status.as_str()),
        ]
    }
}

/// What comes back to the shelf in a leg, each with its refund. A remote inventory counts for itself.
pub(super) fn restocked(leg: &Leg) -> impl Iterator<Item = (&Refund, &Restock)> {
    let local = leg.order.plan.inventory_is_local();
    let refunds = leg.given_back().filter(move |_| local);
    refunds.flat_map(|refund| refund.restock.iter().map(move |back| (refund, back)))
}

pub(super) fn journal<'a>(rows: &[(&'a Leg, &'a Refund, &'a Restock)], commit_id: i64) -> Parameters<'a> {
    vec![
        Box::new(commit_id),
        column!(rows, (leg, ..) => leg.order.id.as_str()),
        column!(rows, (.., back) => back.sku.as_str()),
        column!(rows, (.., back) => back.quantity),
        column!(rows, (_, refund, _) => format!("restock of refund {}", refund.key)),
        column!(rows, (_, refund, _) => refund.client.as_str()),
    ]
}

/// What is left to be done about each order.
pub(super) fn work<'a>(rows: &[(&'a Write, &'a Leg, Work)], commit_id: i64) -> Parameters<'a> {
    struct Left {
        owner: Option<Uuid>,
        asleep: bool,
        keeps_deadline: bool,
        intent: Intent,
        deadline_ms: Option<i64>,
    }
    let left = |(write, _, work): &(&Write, &Leg, Work)| match *work {
        Work::Untouched | Work::Done => {
            Left { owner: None, asleep: true, keeps_deadline: true, intent: Intent::Same, deadline_ms: None }
        }
        Work::Open { held, asleep, deadline, intent } => Left {
            owner: held.then_some(write.pursuit.node),
            asleep,
            keeps_deadline: deadline == Deadline::Keep,
            intent,
            deadline_ms: match deadline {
                Deadline::Keep | Deadline::None => None,
                Deadline::After(span) => Some(millis(span)),
            },
        },
    };
    let lefts: Vec<Left> = rows.iter().map(left).collect();
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg, _) => leg.order.id.as_str()),
        column!(rows, (_, leg, _) => leg.order.version),
        column!(lefts, left => left.owner),
        column!(lefts, left => left.asleep),
        column!(lefts, left => left.keeps_deadline),
        column!(lefts, left => left.intent.is_fresh()),
        column!(lefts, left => left.intent.wakes()),
        column!(rows, (write, ..) => millis(write.pursuit.lease)),
        column!(lefts, left => left.deadline_ms),
        column!(rows, (write, ..) => write.pursuit.look_first),
    ]
}

/// The same of orders that move on, with how the call that is due has fared where the write follows from that.
pub(super) fn moved_work<'a>(rows: &[(&'a Write, &'a Leg, Work)], commit_id: i64) -> Parameters<'a> {
    let mut columns = work(rows, commit_id);
    columns.push(column!(rows, (write, ..) => write.trouble().map(|trouble| trouble.attempts)));
    columns.push(column!(rows, (write, ..) => write.trouble().map(|trouble| &*trouble.error)));
    columns
}

pub(super) fn settled<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    let rows: Vec<_> = rows.iter().flat_map(|(write, _)| write.settled().iter().map(move |one| (write, one))).collect();
    vec![
        Box::new(commit_id),
        column!(rows, (write, _) => write.order_id().as_str()),
        column!(rows, (_, one) => &*one.route),
        column!(rows, (_, one) => one.holder.as_ref().map(|(client, _)| client.as_str())),
        column!(rows, (_, one) => one.holder.as_ref().map(|(_, key)| key.as_str())),
        column!(rows, (_, one) => code(one.answer.status)),
        column!(rows, (_, one) => &*one.answer.body),
    ]
}

/// Orders that ended, each with the engine that ended it.
pub(super) fn ended<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.as_str()),
        column!(rows, (write, _) => write.pursuit.node),
        Box::new(millis(limits::NODE_GONE)),
    ]
}

pub(super) fn log<'a>(rows: &[(&'a Write, &'a OperatorEntry)], commit_id: i64) -> Parameters<'a> {
    vec![
        Box::new(commit_id),
        column!(rows, (write, _) => write.order_id().as_str()),
        column!(rows, (_, entry) => entry.by.as_str()),
        column!(rows, (_, entry) => entry.verb),
        column!(rows, (_, entry) => &*entry.reason),
        column!(rows, (_, entry) => &*entry.before),
        column!(rows, (_, entry) => &*entry.after),
    ]
}

/// The keys of a batch, sorted, since that is the order in which they are locked.
pub(super) struct Claims<'a>(Vec<&'a KeyClaim>);

impl<'a> Claims<'a> {
    pub(super) fn of(writes: &[&'a Write]) -> Self {
        let mut claims: Vec<_> = writes.iter().filter_map(|write| write.key.as_ref()).collect();
        claims.sort_unstable_by(|a, b| a.scope.cmp(&b.scope));
        Self(claims)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn claim(&self, commit_id: i64) -> Parameters<'a> {
        let mut parameters = self.unused(commit_id);
        let status = |claim: &KeyClaim| claim.answer.as_ref().map(|answer| code(answer.status));
        parameters.push(column!(self.0, claim => &claim.fingerprint.0[..]));
        parameters.push(column!(self.0, claim => status(claim)));
        parameters.push(column!(self.0, claim => claim.answer.as_ref().map(|answer| &*answer.body)));
        parameters
    }

    pub(super) fn unused(&self, commit_id: i64) -> Parameters<'a> {
        vec![
            Box::new(commit_id),
            column!(self.0, claim => claim.scope.client.as_str()),
            column!(self.0, claim => &*claim.scope.route),
            column!(self.0, claim => claim.scope.key.as_str()),
            column!(self.0, claim => claim.order_id.as_str()),
        ]
    }
}
