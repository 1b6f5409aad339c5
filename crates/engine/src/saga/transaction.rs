//! A local transaction: everything of a saga that commits together. Local participants answer on the spot, so a command
//! runs on through their steps until a call has to leave the process, or the order waits or ends. With all participants
//! local a whole order is one local transaction.

use std::collections::BTreeMap;

use super::command::{Command, Outcome};
use super::decide::decide_and_follow;
use super::definition::{Plan, Saga, StepName};
use super::effect::{Action, Call, ParticipantRole, refund_due};
use super::event::{Event, Fact};
use super::failure::Shortage;
use super::ids::Sku;
use super::refusal::Refusal;
use super::request::Request;
use super::state::{Order, PaymentStatus, Refund, Stock, Timestamp};

/// A field that a participant cannot work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    /// A JSON pointer into the request.
    pub pointer: String,
    /// What is wrong, and what is allowed.
    pub detail: String,
}

/// The participants that live in the order's own database: pure, since their effect is the rows of the transaction.
pub trait LocalParticipants: Send + Sync + 'static {
    /// Which participants are remote.
    fn plan(&self) -> Plan;

    /// The saga that new orders begin under: that of the plan, unless said otherwise. An order in flight keeps its own.
    fn saga(&self) -> Saga {
        Saga::BuiltIn(self.plan())
    }

    /// Whether there is somebody to do this local step of one's own. Where there is nobody its order waits until there is.
    fn has_step(&self, _name: &StepName) -> bool {
        false
    }

    /// The local steps of one's own that there is somebody for, as other engines are told.
    fn steps(&self) -> Vec<StepName> {
        Vec::new()
    }

    /// What of a request no local participant can work with; nothing is stored then. Unless said otherwise they take
    /// everything.
    fn invalid(&self, _request: &Request) -> Option<InvalidField> {
        None
    }

    /// The answer of a local participant to a call about `order`; `None` where the participant is remote. A local
    /// inventory is not asked: the store counts the stock, see [`StockVerdict`].
    fn answer(&self, order: &Order, call: Call) -> Option<Outcome>;
}

/// What is known of the local stock when a local transaction is run.
#[derive(Debug, Clone, Copy)]
pub enum StockVerdict<'a> {
    /// Taken to suffice: the commit itself proves it, or has the local transaction run again.
    Assumed,
    /// Counted under lock, and short.
    Short(&'a [Shortage]),
}

/// What one command leads to, up to the next call that leaves the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTransaction {
    /// The order as it stands after the local transaction.
    pub order: Order,
    /// Its events, at least one unless the command changed nothing.
    pub events: Vec<Event>,
    /// What it does to local stock.
    pub stock: StockMove,
    /// Whether its payment is another than before.
    pub pays: bool,
    /// Whether it stands otherwise than before with a step of its own.
    pub steps: bool,
    /// The call to make after the commit.
    pub call: Option<Call>,
}

impl LocalTransaction {
    /// The refunds that were given back in this local transaction, with what comes back to the shelf.
    pub fn given_back(&self) -> impl Iterator<Item = &Refund> {
        self.events.iter().filter_map(|event| match event {
            Event::Fact(Fact::PaymentRefunded { refund: Some(name), .. }) => {
                self.order.refunds.iter().find(|refund| refund.client == name.client && refund.key == name.key)
            }
            Event::OrderCreated(_)
            | Event::Fact(
                Fact::InventoryReserved { .. }
                | Fact::InventoryRejected { .. }
                | Fact::PaymentAuthorized { .. }
                | Fact::PaymentCapturing { .. }
                | Fact::PaymentCharged { .. }
                | Fact::PaymentDeclined { .. }
                | Fact::PaymentUnknown
                | Fact::ShipmentCreated { .. }
                | Fact::ShipmentFailed { .. }
                | Fact::ShipmentCancelled
                | Fact::PaymentRefunded { refund: None, .. }
                | Fact::PaymentRefunding { .. }
                | Fact::PaymentRefundRefused { .. }
                | Fact::PaymentVoided { .. }
                | Fact::InventoryReleased
                | Fact::OrderCompensating { .. }
                | Fact::OrderCompleted
                | Fact::OrderCancelled
                | Fact::OrderAttention { .. }
                | Fact::OrderResumed { .. }
                | Fact::OrderSkipped { .. }
                | Fact::StepDone { .. }
                | Fact::StepRefused { .. }
                | Fact::StepUndone { .. }
                | Fact::StepSkipped { .. }
                | Fact::OrderForced { .. },
            ) => None,
        })
    }
}

/// What a local transaction does to the local stock of the order's SKUs, all of them alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockMove {
    /// The local transaction leaves the stock as it is.
    None,
    /// Held and given back within the local transaction: it must have been there, but nothing changes.
    Check,
    /// `reserved` rises: the stock is held for the order.
    Hold,
    /// `on_hand` falls: held and shipped within the local transaction.
    Take,
    /// `on_hand` and `reserved` fall: what was held is shipped.
    Ship,
    /// `reserved` falls: what was held goes back to others.
    Free,
}

impl StockMove {
    /// What the move adds to (`on_hand`, `reserved`) for each unit.
    pub fn delta(self) -> (i64, i64) {
        match self {
            Self::None | Self::Check => (0, 0),
            Self::Hold => (0, 1),
            Self::Take => (-1, 0),
            Self::Ship => (-1, -1),
            Self::Free => (0, -1),
        }
    }

    /// Whether the stock must be there for it.
    pub fn needs_stock(self) -> bool {
        matches!(self, Self::Check | Self::Hold | Self::Take)
    }

    fn between(before: Option<Stock>, after: &Order) -> Self {
        if !after.plan.inventory_is_local() {
            return Self::None;
        }
        let held = before == Some(Stock::Reserved) || before == Some(Stock::Releasing);
        match (held, after.stock) {
            (false, Stock::Reserved | Stock::Releasing) => Self::Hold,
            (false, Stock::Taken) if before != Some(Stock::Taken) => Self::Take,
            (false, Stock::Released) if matches!(before, None | Some(Stock::None)) => Self::Check,
            (true, Stock::Taken) => Self::Ship,
            (true, Stock::Released) => Self::Free,
            (false, Stock::None | Stock::Taken | Stock::Released | Stock::Intended | Stock::Rejected)
            | (true, Stock::None | Stock::Reserved | Stock::Releasing | Stock::Intended | Stock::Rejected) => {
                Self::None
            }
        }
    }
}

/// Runs `command` and answers every call of a local participant, until none is left to answer.
pub fn run(
    order: Option<&Order>,
    command: &Command,
    now: Timestamp,
    local: &dyn LocalParticipants,
    verdict: StockVerdict<'_>,
) -> Result<LocalTransaction, Refusal> {
    // An order's stamps never go back, whatever the clock does.
    let now = order.map_or(now, |order| now.max(order.updated_at));
    let (before, owed) = (order.map(|order| order.stock), order.map(|order| &order.payment));
    let stood = order.map(|order| &order.own);
    let (mut decision, mut current) = decide_and_follow(order, command, now)?;
    let mut events = Vec::with_capacity(7);
    loop {
        events.append(&mut decision.events);
        let Some(after) = &current else {
            return Err(Refusal::NoSuchOrder { command: command.name() });
        };
        let here = decision.effect.filter(|call| !is_left(command, after, *call));
        let answer = here.and_then(|call| Some((call, answer(after, call, local, verdict)?)));
        let Some((call, outcome)) = answer else {
            // A local payment gives back at once what is asked for.
            if let Some(refund) = refund_due(after).filter(|_| after.plan.payment_is_local()) {
                let (client, key) = (refund.client.clone(), refund.key.clone());
                let refunded = Command::Refunded { client, key, outcome: Outcome::done() };
                (decision, current) = decide_and_follow(Some(after), &refunded, now)?;
                continue;
            }
            let (stock, call) = (StockMove::between(before, after), decision.effect);
            let pays = owed.map_or(after.payment.status != PaymentStatus::None, |owed| *owed != after.payment);
            let Some(order) = current else {
                return Err(Refusal::NoSuchOrder { command: command.name() });
            };
            let steps = stood.map_or(order.own.is_some(), |stood| *stood != order.own);
            return Ok(LocalTransaction { pays, steps, order, events, stock, call });
        };
        (decision, current) = decide_and_follow(Some(after), &Command::Outcome { call, outcome }, now)?;
    }
}

/// Whether a call is answered in this database, by a commit of its own where [`run`] left it.
pub fn is_answered_here(order: &Order, call: Call, local: &dyn LocalParticipants) -> bool {
    answer(order, call, local, StockVerdict::Assumed).is_some()
}

/// Whether a call is left for a commit of its own. A local reservation is, where an operator speaks: what is answered, and logged
/// of it, is written before the stock is counted, and must not depend on it. So is a local step whose entry was found again, or
/// which an operator has tried again: its order may be over by now, and whoever takes it up looks at its deadline first.
fn is_left(command: &Command, order: &Order, call: Call) -> bool {
    let is_word = matches!(command, Command::Retry(_) | Command::Skip { .. });
    let is_again = matches!(command, Command::Found | Command::Retry(_)) && call.action() == Some(Action::Run);
    is_again || is_word && call == Action::Reserve.into() && order.plan.inventory_is_local()
}

fn answer(order: &Order, call: Call, local: &dyn LocalParticipants, verdict: StockVerdict<'_>) -> Option<Outcome> {
    if call.role() != ParticipantRole::Inventory || !order.plan.inventory_is_local() {
        return local.answer(order, call);
    }
    Some(match (call.action()?, verdict) {
        (Action::Reserve, StockVerdict::Short(shortages)) => {
            Outcome::Refused { reason: "out of stock".into(), shortages: shortages.to_vec() }
        }
        (Action::Reserve, StockVerdict::Assumed)
        | (
            Action::Release
            | Action::Charge
            | Action::Authorize
            | Action::Capture
            | Action::Void
            | Action::Refund
            | Action::Ship
            | Action::CancelShipment
            | Action::Run
            | Action::Undo,
            StockVerdict::Assumed | StockVerdict::Short(_),
        ) => Outcome::done(),
    })
}

/// What a set of orders wants of stock that is short, one after the other: the first come is the first served, and an
/// order that cannot have all of its lines has none of them.
#[derive(Debug, Default)]
pub struct Allocation {
    available: BTreeMap<Sku, i64>,
}

impl Allocation {
    /// Starts from what is available of each SKU, counted under lock.
    pub fn new(available: impl IntoIterator<Item = (Sku, i64)>) -> Self {
        Self { available: available.into_iter().collect() }
    }

    /// The next order's turn: takes all that it wants, or says what is missing and takes nothing. With
    /// `keeps == false` (held and given back in one local transaction) what it wants must be there, but stays for the next.
    pub fn serve(&mut self, wants: &BTreeMap<Sku, i64>, keeps: bool) -> Result<(), Vec<Shortage>> {
        let shortages: Vec<_> = wants
            .iter()
            .map(|(sku, &requested)| (sku, requested, self.available.get(sku).copied().unwrap_or(0).max(0)))
            .filter(|(_, requested, available)| requested > available)
            .map(|(sku, requested, available)| Shortage { sku: sku.clone(), requested, available })
            .collect();
        if !shortages.is_empty() {
            return Err(shortages);
        }
        if keeps {
            for (sku, quantity) in wants {
                *self.available.entry(sku.clone()).or_default() -= quantity;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::ids::Sku;
    use super::*;

    /// Whoever says nothing else has no steps and takes every request.
    struct Nobody;

    impl LocalParticipants for Nobody {
        fn plan(&self) -> Plan {
            Plan(5)
        }

        fn answer(&self, _: &Order, _: Call) -> Option<Outcome> {
            None
        }
    }

    #[test]
    fn who_says_nothing_else_has_no_steps() {
        assert!(!Nobody.has_step(&StepName::parse("limit").expect("a name")));
        assert_eq!((Nobody.steps(), Nobody.saga()), (Vec::new(), Saga::BuiltIn(Plan(5))));
    }

    /// What is held is no less there; what leaves was there; and only what is not held yet must be.
    #[test]
    fn each_move_of_stock_adds_what_it_says() {
        for (stock, delta, needs) in [
            (StockMove::None, (0, 0), false),
            (StockMove::Check, (0, 0), true),
            (StockMove::Hold, (0, 1), true),
            (StockMove::Take, (-1, 0), true),
            (StockMove::Ship, (-1, -1), false),
            (StockMove::Free, (0, -1), false),
        ] {
            assert_eq!((stock.delta(), stock.needs_stock()), (delta, needs), "{stock:?}");
        }
    }

    #[test]
    fn the_first_come_is_the_first_served_and_who_cannot_have_all_has_none() {
        let sku = Sku::trusted;
        let wants = |a: i64, b: i64| BTreeMap::from([(sku("A"), a), (sku("B"), b)]);
        let short = |name, requested, available| Shortage { sku: sku(name), requested, available };
        let mut stock = Allocation::new([(sku("A"), 5), (sku("B"), 2)]);
        assert_eq!(stock.serve(&wants(3, 3), true), Err(vec![short("B", 3, 2)]));
        assert_eq!(stock.serve(&wants(5, 2), false), Ok(()), "it must be there, and stays for the next");
        assert_eq!(stock.serve(&wants(3, 1), true), Ok(()));
        assert_eq!(stock.serve(&wants(3, 1), true), Err(vec![short("A", 3, 2)]), "what was taken is gone");
        assert_eq!(stock.serve(&wants(2, 1), true), Ok(()));
        assert_eq!(stock.serve(&wants(1, 1), true), Err(vec![short("A", 1, 0), short("B", 1, 0)]));
        let unknown = BTreeMap::from([(sku("C"), 1)]);
        assert_eq!(stock.serve(&unknown, true), Err(vec![short("C", 1, 0)]));
        let mut oversold = Allocation::new([(sku("A"), -3)]);
        assert_eq!(oversold.serve(&BTreeMap::from([(sku("A"), 1)]), true), Err(vec![short("A", 1, 0)]));
    }
}
