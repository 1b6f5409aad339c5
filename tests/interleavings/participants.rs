//! The participants of the model: what they may do with a call, their ledgers, and what these may never hold.

use counterfoil::saga::definition::Anchor;
use counterfoil::saga::state::{ShipmentStatus, StepStatus};
use counterfoil::saga::{Action, CallKind, Order, Plan, State, Stock};

use super::{Broken, Said};

/// What a participant holds under the key of one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub enum Held {
    #[default]
    Nothing,
    Done,
    Refused,
    Tombstone,
}

/// The participants' ledgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ledger {
    pub reserve: Held,
    pub reserves: u8,
    pub releases: u8,
    pub charge: Held,
    pub authorize: Held,
    pub capture: Held,
    pub charges: u8,
    pub refunds: u8,
    /// The authorisation was voided, or expired at the provider.
    pub dead: bool,
    pub ship: Held,
    pub ships: u8,
    pub cancels: u8,
    pub cancel: Held,
    /// The order's one step of its own, where it has one.
    pub run: Held,
    pub runs: u8,
    pub undos: u8,
}

/// What the participants may do with a call: the ledger after it, and the answer.
pub fn serve(ledger: Ledger, call: CallKind, broken: Broken) -> Vec<(Ledger, Said)> {
    let CallKind::Act(call) = call else { return Vec::new() };
    let forgets_keys = broken == Broken::Key;
    let act = |held: Held, may_refuse: bool, keep: &dyn Fn(Held, bool) -> Ledger| match held {
        Held::Tombstone => vec![(ledger, Said::Refused)],
        Held::Refused if !forgets_keys => vec![(ledger, Said::Refused)],
        Held::Done if !forgets_keys => vec![(ledger, Said::Done)],
        Held::Nothing | Held::Done | Held::Refused => {
            let mut all = vec![(keep(Held::Done, true), Said::Done)];
            if may_refuse && held == Held::Nothing {
                all.push((keep(Held::Refused, false), Said::Refused));
            }
            all
        }
    };
    let tomb = |held: Held| if held == Held::Nothing && broken != Broken::Tombstone { Held::Tombstone } else { held };
    match call {
        Action::Reserve => act(ledger.reserve, true, &|held, took| Ledger {
            reserve: held,
            reserves: ledger.reserves + u8::from(took),
            ..ledger
        }),
        Action::Release => {
            let free = ledger.reserves > ledger.releases;
            let after = Ledger { releases: ledger.releases + u8::from(free), reserve: tomb(ledger.reserve), ..ledger };
            vec![(after, if ledger.reserve == Held::Nothing { Said::Tombstone } else { Said::Done })]
        }
        Action::Charge => act(ledger.charge, true, &|held, took| Ledger {
            charge: held,
            charges: ledger.charges + u8::from(took),
            ..ledger
        }),
        Action::Authorize => act(ledger.authorize, true, &|held, _| Ledger { authorize: held, ..ledger }),
        Action::Capture => {
            let alive = ledger.authorize == Held::Done && !ledger.dead;
            match ledger.capture {
                Held::Nothing if !alive => vec![(Ledger { capture: Held::Refused, ..ledger }, Said::Refused)],
                held => act(held, false, &|held, took| Ledger {
                    capture: held,
                    charges: ledger.charges + u8::from(took),
                    ..ledger
                }),
            }
        }
        Action::Void => vec![void(ledger, broken)],
        Action::Refund => {
            let open = ledger.charges > ledger.refunds;
            vec![(Ledger { refunds: ledger.refunds + u8::from(open), ..ledger }, Said::Done)]
        }
        Action::Ship => {
            act(ledger.ship, true, &|held, took| Ledger { ship: held, ships: ledger.ships + u8::from(took), ..ledger })
        }
        Action::CancelShipment => match (ledger.cancel, ledger.ships > ledger.cancels) {
            (Held::Done, _) if !forgets_keys => vec![(ledger, Said::Done)],
            (Held::Refused, _) if !forgets_keys => vec![(ledger, Said::Refused)],
            (_, true) => vec![
                (Ledger { cancels: ledger.cancels + 1, cancel: Held::Done, ..ledger }, Said::Done),
                (Ledger { cancel: Held::Refused, ..ledger }, Said::Refused),
            ],
            (_, false) if ledger.ship == Held::Nothing => {
                vec![(Ledger { ship: tomb(ledger.ship), ..ledger }, Said::Tombstone)]
            }
            (_, false) => vec![(ledger, Said::Done)],
        },
        Action::Run => {
            act(ledger.run, true, &|held, took| Ledger { run: held, runs: ledger.runs + u8::from(took), ..ledger })
        }
        Action::Undo => {
            let open = ledger.runs > ledger.undos;
            let after = Ledger { undos: ledger.undos + u8::from(open), run: tomb(ledger.run), ..ledger };
            vec![(after, if ledger.run == Held::Nothing { Said::Tombstone } else { Said::Done })]
        }
    }
}

/// Undoes the payment whatever became of it, and keeps a tombstone for each of its keys that is unknown.
fn void(ledger: Ledger, broken: Broken) -> (Ledger, Said) {
    let tomb = |held: Held| if held == Held::Nothing && broken != Broken::Tombstone { Held::Tombstone } else { held };
    let after = Ledger {
        refunds: ledger.charges,
        charge: tomb(ledger.charge),
        authorize: tomb(ledger.authorize),
        capture: tomb(ledger.capture),
        dead: ledger.dead || broken != Broken::Tombstone,
        ..ledger
    };
    let unknown = [ledger.charge, ledger.authorize, ledger.capture].iter().all(|held| *held == Held::Nothing);
    let said = match (unknown, ledger.charges) {
        (true, _) => Said::Tombstone,
        (false, 0) => Said::Done,
        (false, _) => Said::DoneCharged,
    };
    (after, said)
}

/// What no participant may ever have done.
pub fn overdone(ledger: &Ledger) -> Option<&'static str> {
    if ledger.charges > 1 {
        return Some("charged twice");
    }
    if ledger.refunds > ledger.charges {
        return Some("refunded more than charged");
    }
    if ledger.runs > 1 || ledger.undos > ledger.runs {
        return Some("a step of one's own was done twice, or undone oftener than done");
    }
    (ledger.ships > 1 || ledger.reserves > 1).then_some("shipped or reserved twice")
}

/// What the order's own step is to what comes behind it, and to its end.
fn out_of_turn(order: &Order, ledger: &Ledger) -> Option<&'static str> {
    let own = order.own.as_ref()?;
    let (step, stands) = own.iter().next()?;
    let behind = match step.before {
        Anchor::Payment => ledger.charges + ledger.ships,
        Anchor::Inventory | Anchor::Shipment | Anchor::Completion => ledger.ships,
    };
    if behind > 0 && ledger.runs == 0 {
        return Some("what comes behind the step was done without it");
    }
    let left = ledger.runs.saturating_sub(ledger.undos);
    match order.state {
        State::Completed if left != 1 || stands.status != StepStatus::Done => Some("COMPLETED without its own step"),
        State::Cancelled if step.undo && left != 0 => Some("CANCELLED, but its own step is not undone"),
        _ => None,
    }
}

/// How the participants' ledgers contradict an order.
pub fn contradicted(order: &Order, ledger: &Ledger) -> Option<&'static str> {
    if let Some(harm) = out_of_turn(order, ledger) {
        return Some(harm);
    }
    let remote = |bit: i16| order.plan.0 & bit != 0;
    let money = if remote(Plan::PAYMENT) {
        ledger.charges - ledger.refunds
    } else {
        u8::from(order.payment.captured > order.payment.refunded)
    };
    let parcel = if remote(Plan::SHIPMENT) {
        ledger.ships.saturating_sub(ledger.cancels)
    } else {
        u8::from(order.shipment.status == ShipmentStatus::Created)
    };
    let goods = if remote(Plan::INVENTORY) {
        ledger.reserves.saturating_sub(ledger.releases)
    } else {
        u8::from(matches!(order.stock, Stock::Reserved | Stock::Taken | Stock::Releasing))
    };
    match order.state {
        State::Completed if (money, parcel, goods) != (1, 1, 1) => {
            Some("COMPLETED, but not paid, shipped and taken once")
        }
        State::Cancelled if (money, parcel, goods) != (0, 0, 0) => {
            Some("CANCELLED, but money, parcel or stock is still out")
        }
        State::Cancelled if ledger.authorize == Held::Done && !ledger.dead && ledger.charges == 0 => {
            Some("CANCELLED, but the authorisation still holds the customer's money")
        }
        State::PaymentAuthorized if ledger.authorize != Held::Done => Some("PAYMENT_AUTHORIZED, but it is not"),
        _ => None,
    }
}
