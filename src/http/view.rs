//! How orders and their history look from outside.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ports::{OpenWork, PrunedTo, StoredEvents};
use crate::saga::definition::OwnStep;
use crate::saga::effect;
use crate::saga::event::{DEFINITION_SEAL, ORDER_CREATED, SEAL};
use crate::saga::request::{Address, Adjustment, Details};
use crate::saga::state::{Attention, State, StepState, StepStatus};
use crate::saga::{Call, Capture, Client, Currency, Failure, Line, Order, StepName, outside};

/// An order, as `GET /orders/{id}` shows it.
#[derive(Serialize)]
pub(super) struct OrderView<'a> {
    order_id: &'a str,
    state: &'static str,
    version: i32,
    amount: i64,
    currency: Currency,
    customer_id: &'a str,
    lines: &'a [Line],
    #[serde(skip_serializing_if = "<[Adjustment]>::is_empty")]
    adjustments: &'a [Adjustment],
    payment: PaymentView<'a>,
    shipment: ShipmentView<'a>,
    reservation: ReservationView,
    /// Its own steps, in order; left out where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepView<'a>>>,
    /// The one that is under way; left out where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'a StepName>,
    failure: Option<FailureView<'a>>,
    attention: Option<&'a Attention>,
    created_at: String,
    updated_at: String,
    /// Of one order that is looked at by itself: an address and a token have no place in a listing.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    submitted: Option<Submitted<'a>>,
    /// `null` where nothing is left to be done; absent where it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<Option<WorkView<'a>>>,
}

/// What else was submitted, defaults filled in, and by whom.
#[derive(Serialize)]
struct Submitted<'a> {
    client: &'a Client,
    payment_method: &'a str,
    capture: Capture,
    ship_to: Cow<'a, Address>,
    metadata: Cow<'a, BTreeMap<String, String>>,
}

/// What stands in the place of a word that whoever asks is not to know.
pub(super) const MASK: &str = "***";

/// What was submitted, to whoever may not know whom it is for: the country stays, and by what names `metadata` goes.
fn masked(details: &Details) -> (Address, BTreeMap<String, String>) {
    let mask = || Arc::from(MASK);
    let Address { name: _, line1: _, line2, city: _, region, postal_code: _, country, email, phone } = &details.ship_to;
    let address = Address {
        name: mask(),
        line1: mask(),
        line2: line2.as_ref().map(|_| mask()),
        city: mask(),
        region: region.as_ref().map(|_| mask()),
        postal_code: mask(),
        country: Arc::clone(country),
        email: email.as_ref().map(|_| mask()),
        phone: phone.as_ref().map(|_| mask()),
    };
    (address, details.metadata.keys().map(|name| (name.clone(), MASK.to_owned())).collect())
}

/// What is left to be done about an order, for operators: the call that is due, or that a human is asked about, and how
/// it went so far.
#[derive(Serialize)]
struct WorkView<'a> {
    /// `null`, as its action is, where the order waits for its client or for a deadline.
    participant: Option<&'a str>,
    action: Option<&'static str>,
    /// Since when that is so.
    intent_at: String,
    attempts: i16,
    claims: i16,
    next_try: Option<String>,
    deadline: Option<String>,
    owner: Option<Uuid>,
    owner_name: Option<String>,
    last_error: Option<String>,
}

#[derive(Serialize)]
struct PaymentView<'a> {
    status: &'static str,
    amount: i64,
    captured: i64,
    refunded: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a Arc<str>>,
}

#[derive(Serialize)]
struct ShipmentView<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a Arc<str>>,
}

/// A step of the order's own.
#[derive(Serialize)]
struct StepView<'a> {
    name: &'a StepName,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a Arc<str>>,
}

impl<'a> StepView<'a> {
    /// What was asked for and has no outcome when its order is called off is left alone: nobody is asked any more, and nothing
    /// hangs on the answer. It is stored as it stood; a reader of an order that is over must not wait for it.
    fn of((step, state): (&'a OwnStep, &'a StepState), order: State) -> Self {
        let is_over = match order {
            State::Compensating | State::Cancelled => true,
            State::Created
            | State::InventoryReserved
            | State::PaymentAuthorized
            | State::PaymentCharged
            | State::ShipmentCreated
            | State::Completed => false,
        };
        let left = is_over && state.status == StepStatus::Intended;
        let status = if left { "abandoned" } else { state.status.as_str() };
        Self { name: &step.name, status, reference: state.reference.as_ref() }
    }
}

/// A failure under its own code, which not all that is stored is.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum FailureView<'a> {
    Known(&'a Failure),
    Step { code: &'static str, step: &'a StepName, reason: &'a str },
}

impl<'a> FailureView<'a> {
    pub(super) fn of(failure: &'a Failure) -> Self {
        match failure {
            Failure::StepRefused { step, reason } => Self::Step { code: failure.code(), step, reason },
            Failure::OutOfStock { .. }
            | Failure::PaymentDeclined { .. }
            | Failure::ShipmentFailed { .. }
            | Failure::OrderCancelled { .. } => Self::Known(failure),
        }
    }
}

#[derive(Serialize)]
struct ReservationView {
    status: &'static str,
}

impl<'a> OrderView<'a> {
    pub(super) fn of(order: &'a Order) -> Self {
        let Order { request, payment, shipment, .. } = order;
        Self {
            order_id: order.id.as_str(),
            state: order.state.as_str(),
            version: order.version,
            amount: order.amount.0,
            currency: request.currency,
            customer_id: &request.customer_id,
            lines: &request.lines,
            adjustments: &request.details.adjustments,
            payment: PaymentView {
                status: payment.status.as_str(),
                amount: payment.amount.0,
                captured: payment.captured.0,
                refunded: payment.refunded.0,
                reference: payment.reference.as_ref(),
            },
            shipment: ShipmentView { status: shipment.status.as_str(), reference: shipment.reference.as_ref() },
            reservation: ReservationView { status: order.stock.as_str() },
            steps: order.own.as_deref().map(|own| own.iter().map(|step| StepView::of(step, order.state)).collect()),
            step: effect::step_under_way(order),
            failure: order.failure.as_ref().map(FailureView::of),
            attention: order.attention.as_ref(),
            created_at: order.created_at.to_string(),
            updated_at: order.updated_at.to_string(),
            submitted: None,
            work: None,
        }
    }

    /// With all that was submitted; `sees_person` where whoever asks may know whom it is for.
    pub(super) fn whole(order: &'a Order, sees_person: bool) -> Self {
        let details = &order.request.details;
        let (ship_to, metadata) = match sees_person {
            true => (Cow::Borrowed(&details.ship_to), Cow::Borrowed(&details.metadata)),
            false => {
                let (address, metadata) = masked(details);
                (Cow::Owned(address), Cow::Owned(metadata))
            }
        };
        let payment_method = if sees_person { &details.payment_method } else { MASK };
        let submitted =
            Submitted { client: &order.client, payment_method, capture: details.capture, ship_to, metadata };
        Self { submitted: Some(submitted), ..Self::of(order) }
    }

    /// And with what is left to be done.
    #[must_use]
    pub(super) fn with_work(self, order: &'a Order, work: Option<OpenWork>) -> Self {
        let call = effect::open(order);
        let work = work.map(|work| WorkView {
            participant: call.map(|call| participant_of(call, order)),
            action: call.map(|call| call.kind.as_str()),
            intent_at: work.intent_at.to_string(),
            attempts: work.attempts,
            claims: work.claims,
            next_try: work.next_try.map(|at| at.to_string()),
            deadline: work.deadline.map(|at| at.to_string()),
            owner: work.owner,
            owner_name: work.owner_name,
            last_error: work.last_error,
        });
        Self { work: Some(work), ..self }
    }
}

/// Who is asked: a participant's role, or the step of one's own.
pub(super) fn participant_of(call: Call, order: &Order) -> &str {
    match call.step(order) {
        Some(step) => step.name.as_str(),
        None => call.role().as_str(),
    }
}

/// A page of orders.
#[derive(Serialize)]
pub(super) struct PageView<'a> {
    pub(super) orders: Vec<OrderView<'a>>,
    pub(super) next_cursor: Option<String>,
}

/// What stands in the place of events that were pruned: no event of an order's, and never published.
const EVENTS_PRUNED: &str = "events.pruned";

/// One event, as the history shows it.
#[derive(Debug, Serialize)]
pub(super) struct EventView {
    version: i64,
    r#type: String,
    at: String,
    #[serde(flatten)]
    data: Map<String, Value>,
}

impl EventView {
    /// The version that it raised its order to.
    pub(super) fn version(&self) -> i64 {
        self.version
    }

    /// In the place of events that are gone: the last of their versions, and when they went.
    pub(super) fn pruned(to: PrunedTo) -> Self {
        let data = Map::from_iter([("pruned_to".to_owned(), to.version.into())]);
        Self { version: to.version.into(), r#type: EVENTS_PRUNED.into(), at: to.at.to_string(), data }
    }

    pub(super) fn kind(&self) -> &str {
        &self.r#type
    }
}

impl EventView {
    /// As it is told to whoever is none of the staff: what operators said and who they are stays among them.
    pub(super) fn without_operators(mut self, owner: &Client) -> Self {
        outside::without_operators(&self.r#type, &mut self.data, owner);
        self
    }
}

/// The history of an order: what was stored a row a commit, an event each. `order.created` gets back the content that
/// is stored with the order only.
pub(super) fn history(order: &Order, stored: &[StoredEvents]) -> Result<Vec<EventView>, serde_json::Error> {
    let mut history = Vec::new();
    for commit in stored {
        let events: Vec<Map<String, Value>> = serde_json::from_str(&commit.events)?;
        for (version, mut data) in (i64::from(commit.first_version)..).zip(events) {
            let kind = data.remove("type").and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
            if kind == ORDER_CREATED {
                data.remove(SEAL);
                data.remove(DEFINITION_SEAL);
                data.insert("amount".into(), order.amount.0.into());
                data.insert("currency".into(), order.request.currency.as_str().into());
                data.insert("customer_id".into(), (*order.request.customer_id).into());
                data.insert("lines".into(), serde_json::to_value(&order.request.lines)?);
                if !order.request.details.adjustments.is_empty() {
                    data.insert("adjustments".into(), serde_json::to_value(&order.request.details.adjustments)?);
                }
            }
            history.push(EventView { version, r#type: kind, at: commit.at.to_string(), data });
        }
    }
    Ok(history)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::request::{Tokens, parse};
    use crate::saga::{Command, OrderId, Plan, Timestamp, decide, evolve};

    /// An order of two units, stored and no more.
    pub(in crate::http) fn order() -> Order {
        let body = json!({
            "customer_id": "cus-7", "currency": "USD", "payment_method": "pm_ok",
            "lines": [{"sku": "S", "quantity": 2, "unit_price": 50}],
            "ship_to": {"name": "A", "line1": "1", "city": "X", "postal_code": "1", "country": "US"},
        });
        let request = parse(body.to_string().as_bytes(), Tokens::ANY).unwrap().request;
        let command = Command::Submit {
            id: OrderId::trusted("ORD-1"),
            client: Client::anonymous(),
            request: Arc::new(request),
            saga: Plan::LOCAL.into(),
        };
        let decision = decide(None, &command, Timestamp(0)).unwrap();
        evolve(None, &decision.events[0], Timestamp(0)).unwrap()
    }

    #[test]
    fn an_order_looks_as_documented() {
        assert_eq!(
            serde_json::to_string(&OrderView::of(&order())).unwrap(),
            concat!(
                r#"{"order_id":"ORD-1","state":"CREATED","version":1,"amount":100,"currency":"USD","#,
                r#""customer_id":"cus-7","lines":[{"sku":"S","quantity":2,"unit_price":50}],"#,
                r#""payment":{"status":"none","amount":100,"captured":0,"refunded":0},"#,
                r#""shipment":{"status":"none"},"reservation":{"status":"intended"},"failure":null,"attention":null,"#,
                r#""created_at":"1970-01-01T00:00:00.000000Z","updated_at":"1970-01-01T00:00:00.000000Z"}"#
            )
        );
    }

    #[test]
    fn a_history_has_an_event_a_version() {
        let commit =
            |first_version, events: &str| StoredEvents { first_version, at: Timestamp(0), events: events.into() };
        let stored = [
            commit(1, r#"[{"type":"order.created"},{"type":"inventory.reserved"}]"#),
            commit(3, r#"[{"type":"payment.declined","reason":"no"}]"#),
        ];
        let history = serde_json::to_value(history(&order(), &stored).unwrap()).unwrap();
        let at = "1970-01-01T00:00:00.000000Z";
        assert_eq!(
            history,
            json!([
                {"version": 1, "type": "order.created", "at": at, "amount": 100, "currency": "USD",
                 "customer_id": "cus-7", "lines": [{"sku": "S", "quantity": 2, "unit_price": 50}]},
                {"version": 2, "type": "inventory.reserved", "at": at},
                {"version": 3, "type": "payment.declined", "at": at, "reason": "no"},
            ])
        );
        assert!(super::history(&order(), &[commit(1, "[")]).is_err());
    }

    #[test]
    fn what_operators_said_stays_among_them() {
        let events = r#"[{"type":"order.created"},{"type":"order.resumed","by":"ops","reason":"w1"},
            {"type":"order.skipped","action":"charge","reason":"w2"},{"type":"order.forced","reason":"w3"},
            {"type":"payment.refunding","client":"ops","key":"w4","amount":5,"reason":"w5","restock":[]},
            {"type":"payment.refunded","refund":{"client":"ops","key":"w6"},"amount":5},
            {"type":"payment.refund_refused","client":"ops","key":"w7","reason":"no account"},
            {"type":"payment.refunding","client":"anonymous","key":"mine","amount":5,"reason":"broken"}]"#;
        let stored = [StoredEvents { first_version: 1, at: Timestamp(0), events: events.into() }];
        let all = history(&order(), &stored).unwrap();
        let owner = Client::anonymous();
        let told: Vec<Value> =
            all.into_iter().map(|event| serde_json::to_value(event.without_operators(&owner)).unwrap()).collect();
        let text = json!(told).to_string();
        for word in ["ops", "w1", "w2", "w3", "w4", "w5", "w6", "w7"] {
            assert!(!text.contains(&format!("\"{word}\"")), "{word} is in {text}");
        }
        assert_eq!((&told[2]["action"], &told[4]["amount"]), (&json!("charge"), &json!(5)));
        assert_eq!((&told[6]["reason"], &told[7]["reason"]), (&json!("no account"), &json!("broken")));
    }
}
