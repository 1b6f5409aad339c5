//! One order: what its history leads to by the engine's own code, against what its rows say.

use std::fmt::Debug;

use serde_json::Value;

use crate::ports::{Left, StoredEvents};
use crate::saga::event::{Created, DEFINITION_SEAL, SEAL};
use crate::saga::evolve::evolve;
use crate::saga::state::PaymentStatus;
use crate::saga::{Action, Call, Event, Order, State, due, refund_due};

/// Characters of a value that are told.
const TOLD: usize = 300;

/// The history of an order as it is folded, commit by commit.
pub(super) struct Fold {
    created: Created,
    order: Option<Order>,
    /// What its history lacks. Nothing behind that is folded: it would lead elsewhere, whatever the rows say.
    broken: Option<String>,
}

impl Fold {
    /// Of the order whose row this is: the content of its first event stands there alone.
    pub fn of(row: &Order) -> Self {
        let created = Created {
            id: row.id.clone(),
            client: row.client.clone(),
            request: row.request.clone(),
            amount: row.amount,
            saga_version: row.saga_version,
            plan: row.plan,
            definition: row.own.as_ref().map(|own| own.definition.clone()),
        };
        Self { created, order: None, broken: None }
    }

    /// Takes the next commit.
    pub fn take(&mut self, commit: &StoredEvents) {
        if self.broken.is_none() {
            self.broken = self.folded(commit).err();
        }
    }

    fn folded(&mut self, commit: &StoredEvents) -> Result<(), String> {
        let version = self.order.as_ref().map_or(0, |order| order.version);
        match commit.first_version - version {
            1 => {}
            2.. => {
                return Err(format!(
                    "history: the events of version {} to {} are not there",
                    version + 1,
                    commit.first_version - 1
                ));
            }
            _ => return Err(format!("history: version {} was written twice", commit.first_version)),
        }
        let events = Event::decode(&commit.events, &self.created)
            .map_err(|error| format!("history: what was committed as version {}: {error}", commit.first_version))?;
        if version == 0 {
            self.is_sealed(&commit.events)?;
        }
        for event in &events {
            let moved = match (&self.order, event) {
                (None, Event::OrderCreated(_)) | (Some(_), Event::Fact(_)) => {
                    evolve(self.order.take(), event, commit.at)
                }
                (None, Event::Fact(_)) => return Err("history: it does not begin with order.created".to_owned()),
                (Some(order), Event::OrderCreated(_)) => {
                    return Err(format!("history: it is created again as version {}", order.version + 1));
                }
            };
            self.order = moved;
        }
        Ok(())
    }

    /// Whether the row says of the order what its first event was sealed with. What earlier programs placed has no
    /// seal.
    fn is_sealed(&self, events: &str) -> Result<(), String> {
        let made = Event::encode_sealed(&[Event::OrderCreated(Box::new(self.created.clone()))]);
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let (stored, made) = (read(events), read(&made));
        for (field, what) in [
            (SEAL, "client, saga_version and plan are not those that it was placed with"),
            (DEFINITION_SEAL, "its steps are not those of the saga that it was placed under"),
        ] {
            let (stored, made) = (&stored[0][field], &made[0][field]);
            let unsealed = field == SEAL && stored.is_null();
            if stored != made && !unsealed {
                return Err(format!("saga: {what}"));
            }
        }
        Ok(())
    }

    /// What the rows say otherwise than the history leads to; nothing where they agree.
    pub fn against(self, row: &Order) -> Vec<String> {
        if let Some(broken) = self.broken {
            return vec![broken];
        }
        let Some(folded) = self.order else { return vec!["history: there is none".to_owned()] };
        // Whose the order is says the database, and no event.
        let folded = Order { cloned: row.cloned, ..folded };
        let mut differs = Vec::new();
        if *row == folded {
            return differs;
        }
        fields(row, &folded, &mut differs);
        let (by_row, by_history) = (next(row), next(&folded));
        tell("due call", &by_row, &by_history, &mut differs);
        differs
    }
}

fn tell<T: PartialEq + Debug>(field: &str, row: &T, history: &T, differs: &mut Vec<String>) {
    if row != history {
        let text = |value: &T| format!("{value:?}").chars().take(TOLD).collect::<String>();
        differs.push(format!("{field}: the rows say {}, its history leads to {}", text(row), text(history)));
    }
}

/// Every field of an order but what its first event takes from the row itself.
fn fields(row: &Order, folded: &Order, differs: &mut Vec<String>) {
    let Order {
        id: _,
        client: _,
        request: _,
        amount: _,
        saga_version: _,
        plan: _,
        own,
        state,
        version,
        stock,
        reservation,
        payment,
        shipment,
        refunds,
        failure,
        answer,
        attention,
        cloned: _,
        created_at,
        updated_at,
    } = row;
    tell("version", version, &folded.version, differs);
    tell("state", &state.as_str(), &folded.state.as_str(), differs);
    tell("stock", &stock.as_str(), &folded.stock.as_str(), differs);
    tell("reservation_reference", reservation, &folded.reservation, differs);
    tell("payment", payment, &folded.payment, differs);
    tell("shipment", shipment, &folded.shipment, differs);
    tell("refunds", refunds, &folded.refunds, differs);
    tell("failure", failure, &folded.failure, differs);
    tell("attention", attention, &folded.attention, differs);
    let steps = |order: &Order| order.own.as_ref().map(|own| own.states.clone());
    tell("steps", &own.as_ref().map(|own| own.states.clone()), &steps(folded), differs);
    tell("created_at", &created_at.to_string(), &folded.created_at.to_string(), differs);
    tell("updated_at", &updated_at.to_string(), &folded.updated_at.to_string(), differs);
    let told = |order: &Order| order.answer.as_ref().map(|answer| (answer.status, answer.body.clone()));
    let (stored, made) = (answer.as_ref().map(|answer| (answer.status, answer.body.clone())), told(folded));
    if stored != made {
        differs.push(bytes(stored, made));
    }
}

/// Two answers, from where they part on.
fn bytes(stored: Option<(u16, String)>, made: Option<(u16, String)>) -> String {
    let both = stored.as_ref().zip(made.as_ref());
    let alike = both.map_or(0, |((_, a), (_, b))| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count());
    let text = |answer: Option<(u16, String)>| match answer {
        None => "none".to_owned(),
        Some((status, body)) => format!("{status} {:?}", body.chars().skip(alike).take(TOLD).collect::<String>()),
    };
    let from = if alike == 0 { String::new() } else { format!(" (from character {alike} on)") };
    format!("answer{from}: the rows say {}, its history leads to {}", text(stored), text(made))
}

/// What this program would do next about the order, by its name.
pub(super) fn next(order: &Order) -> Option<String> {
    let call = due(order).or_else(|| refund_due(order).map(|_| Call::from(Action::Refund)));
    call.map(|call| call.named(order))
}

/// What an order's row in `order_work` says: of which version, and whether anything wakes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WorkRow {
    pub version: i32,
    pub wakes: bool,
}

/// What of an order, as its rows say it stands, would not be done by this program, or be done although there is nothing
/// to do.
pub(super) fn work(order: &Order, row: Option<WorkRow>) -> Option<String> {
    let due = next(order);
    let what =
        due.as_ref().map_or_else(|| "it has no final state".to_owned(), |call| format!("its call {call} is due"));
    let wrong = match (Left::of(order), row) {
        // A closed order's row may be gone: an operator's verb writes it anew.
        (Left::Nothing | Left::Asleep, None) => return None,
        (Left::Nothing, Some(row)) => {
            format!("a row of version {} is there, and nothing is left to be done", row.version)
        }
        (Left::Awake, None) => format!("there is no row, although {what}: nobody would take it up"),
        (Left::Asleep | Left::Awake, Some(row)) if row.version != order.version => {
            format!("its row is of version {}, the order of {}", row.version, order.version)
        }
        (Left::Asleep, Some(row)) if row.wakes => "it waits for a human, and its row wakes it all the same".to_owned(),
        (Left::Awake, Some(row)) if !row.wakes => format!("nothing wakes it, although {what}"),
        (Left::Asleep | Left::Awake, Some(_)) => return rest(order, due.is_some()),
    };
    Some(format!("order_work: {wrong}"))
}

/// An order in flight of which no call is due waits for its capture, for an entry of its step, or for the deployment
/// that it was copied from. Where else one stood, this program would leave it for ever.
fn rest(order: &Order, is_due: bool) -> Option<String> {
    let authorized = order.state == State::PaymentAuthorized && order.payment.status == PaymentStatus::Authorized;
    let waits = is_due || authorized || order.attention.is_some() || order.cloned;
    (!waits).then(|| format!("due call: none, although it is {} and not ended", order.state.as_str()))
}
