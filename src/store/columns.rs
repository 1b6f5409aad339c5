//! Writes as the columns of set-based statements: one array a column, parallel, in lock order.

use std::time::{Duration, SystemTime};

use tokio_postgres::types::ToSql;

use crate::ports::{Guard, KeyClaim, Write};
use crate::saga::{Event, Leg, Timestamp};

/// The parameters of one statement.
pub(super) type Parameters = Vec<Box<dyn ToSql + Sync + Send>>;

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

fn status(leg: &Leg) -> Option<i16> {
    leg.order.answer.as_ref().map(|answer| i16::try_from(answer.status).unwrap_or(500))
}

fn body(leg: &Leg) -> Option<String> {
    leg.order.answer.as_ref().map(|answer| answer.body.clone())
}

/// Collects one column over all rows.
macro_rules! column {
    ($rows:expr, $row:pat => $value:expr) => {
        Box::new($rows.iter().map(|$row| $value).collect::<Vec<_>>()) as Box<dyn ToSql + Sync + Send>
    };
}

pub(super) fn place(rows: &[Pair<'_>], commit_id: i64) -> Parameters {
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.to_string()),
        column!(rows, (_, leg) => leg.order.amount.0),
        column!(rows, (_, leg) => stamp(leg.order.created_at)),
        column!(rows, (_, leg) => leg.order.version),
        column!(rows, (_, leg) => leg.order.saga_version),
        column!(rows, (_, leg) => leg.order.plan.0),
        column!(rows, (_, leg) => status(leg)),
        column!(rows, (_, leg) => leg.order.state.as_str()),
        column!(rows, (_, leg) => leg.order.stock.as_str()),
        column!(rows, (_, leg) => leg.order.shipment.status.as_str()),
        column!(rows, (_, leg) => leg.order.request.currency.as_str().to_owned()),
        column!(rows, (_, leg) => leg.order.client.to_string()),
        column!(rows, (_, leg) => leg.order.request.customer_id.to_string()),
        column!(rows, (write, _) => write.content.fingerprint.0.to_vec()),
        column!(rows, (write, _) => write.content.lines.clone()),
        column!(rows, (write, _) => write.content.details.clone()),
        column!(rows, (_, leg) => body(leg)),
        column!(rows, (_, leg) => leg.order.shipment.reference.as_deref().map(str::to_owned)),
        column!(rows, (_, leg) => json(leg.order.failure.as_ref())),
        column!(rows, (_, leg) => json(leg.order.attention.as_ref())),
        column!(rows, (write, _) => write.key.as_ref().map(|claim| claim.scope.key.to_string())),
    ]
}

pub(super) fn advance(rows: &[Pair<'_>], commit_id: i64) -> Parameters {
    let expected = |write: &Write| match write.guard {
        Guard::Version(version) => version,
        Guard::Absent => 0,
    };
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.to_string()),
        column!(rows, (write, _) => expected(write)),
        column!(rows, (_, leg) => stamp(leg.order.updated_at)),
        column!(rows, (_, leg) => leg.order.version),
        column!(rows, (_, leg) => leg.order.state.as_str()),
        column!(rows, (_, leg) => leg.order.stock.as_str()),
        column!(rows, (_, leg) => leg.order.shipment.status.as_str()),
        column!(rows, (_, leg) => status(leg)),
        column!(rows, (_, leg) => body(leg)),
        column!(rows, (_, leg) => leg.order.shipment.reference.as_deref().map(str::to_owned)),
        column!(rows, (_, leg) => json(leg.order.failure.as_ref())),
        column!(rows, (_, leg) => json(leg.order.attention.as_ref())),
        column!(rows, (write, _) => write.key.as_ref().map(|claim| claim.scope.client.to_string())),
        column!(rows, (write, _) => write.key.as_ref().map(|claim| claim.scope.route.to_string())),
        column!(rows, (write, _) => write.key.as_ref().map(|claim| claim.scope.key.to_string())),
    ]
}

pub(super) fn settle(legs: &[&Leg], commit_id: i64) -> Parameters {
    vec![
        Box::new(commit_id),
        column!(legs, leg => leg.order.id.to_string()),
        column!(legs, leg => leg.order.version),
        column!(legs, leg => leg.order.state.as_str()),
        column!(legs, leg => leg.order.stock.as_str()),
        column!(legs, leg => leg.order.shipment.status.as_str()),
        column!(legs, leg => status(leg)),
        column!(legs, leg => body(leg)),
        column!(legs, leg => json(leg.order.failure.as_ref())),
    ]
}

pub(super) fn payments(rows: &[&Pair<'_>], commit_id: i64) -> Parameters {
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.to_string()),
        column!(rows, (_, leg) => leg.order.payment.status.as_str()),
        column!(rows, (_, leg) => leg.order.payment.unknown),
        column!(rows, (_, leg) => leg.order.payment.known),
        column!(rows, (_, leg) => leg.order.payment.amount.0),
        column!(rows, (_, leg) => leg.order.payment.captured.0),
        column!(rows, (_, leg) => leg.order.payment.refunded.0),
        column!(rows, (_, leg) => leg.order.payment.reference.as_deref().map(str::to_owned)),
    ]
}

pub(super) fn events(rows: &[Pair<'_>], commit_id: i64) -> Parameters {
    let first = |leg: &Leg| leg.order.version + 1 - i32::try_from(leg.events.len()).unwrap_or(0);
    let rows: Vec<_> = rows.iter().filter(|(_, leg)| !leg.events.is_empty()).collect();
    vec![
        Box::new(commit_id),
        column!(rows, (_, leg) => leg.order.id.to_string()),
        column!(rows, (_, leg) => first(leg)),
        column!(rows, (_, leg) => stamp(leg.order.updated_at)),
        column!(rows, (_, leg) => Event::encode(&leg.events)),
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

    pub(super) fn claim(&self, commit_id: i64) -> Parameters {
        let mut parameters = self.unused(commit_id);
        parameters.push(column!(self.0, claim => claim.fingerprint.0.to_vec()));
        parameters
    }

    pub(super) fn unused(&self, commit_id: i64) -> Parameters {
        vec![
            Box::new(commit_id),
            column!(self.0, claim => claim.scope.client.to_string()),
            column!(self.0, claim => claim.scope.route.to_string()),
            column!(self.0, claim => claim.scope.key.to_string()),
            column!(self.0, claim => claim.order_id.to_string()),
        ]
    }
}
