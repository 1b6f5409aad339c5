//! Promise: whatever interleaves, money, parcel and stock end where the order says. A model check of one order: ALL
//! interleavings, within a bound, of two instances, calls that are lost, late, doubled or answered after their timeout,
//! a crash, a cancel, a capture and the deadlines; over the product's own `leg::run`, `decide`, `evolve` and `due`, and
//! a participant that keeps the published contract. Leases are left out: either instance may act at any moment, so
//! safety rests on the version guard, the keys, the tombstones and the committed intents alone.
//!
//! Each mechanism is then taken out in turn, and the search must find the harm: it is shown to look in the right place.
//!
//! The instances here are a few lines of their own, and act whenever they like. `interleavings/engine.rs` has the engine.

mod engine;

use std::collections::{HashMap, VecDeque};

use counterfoil::saga::leg::{self, StockVerdict};
use counterfoil::saga::state::{PaymentStatus, Shipment, ShipmentStatus};
use counterfoil::saga::{
    Action, Amount, CancelReason, Capture, Command, Order, Outcome, Plan, State, Stock, Timestamp, due, invariant,
};

use rustc_hash::FxHashMap;

use crate::support::saga::{AMOUNT, Participants, submit};

/// What can be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// A write names the version that it expects.
    Guard,
    /// An undo that comes first is remembered by the participant.
    Tombstone,
    /// A repeat bears the same key.
    Key,
    /// A timeout is not a refusal.
    Unknown,
    /// An order with a payment of unknown outcome is undone before its stock is released.
    UndoUnknown,
    /// The undo's outcome is committed before the order is called cancelled.
    UndoFirst,
    /// Compensation runs in reverse: the shipment is undone before the payment, which was made before it.
    Reverse,
    /// The intent of a call is committed before it leaves.
    Intent,
    /// What a client is told is committed before.
    Reply,
    /// An order that nobody pursues any more is taken up again.
    Sweep,
    /// A new order is stored only where there is none.
    Absent,
}

/// How far the search goes, and with whom.
#[derive(Debug, Clone, Copy)]
struct Bound {
    plan: Plan,
    capture: Capture,
    sends: u8,
    crashes: u8,
    broken: Broken,
}

/// An order as committed, by its number; 0 is none.
type Row = u16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Phase {
    #[default]
    Idle,
    Send(Action8),
    Wait(Action8),
    Got(Action8, Said),
}

/// An [`Action`] by its place in `Action::BUILT_IN`.
type Action8 = u8;

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Said {
    Done,
    /// Of a void: it found a charge and gave it back. Of a look-up: it is charged.
    DoneCharged,
    Tombstone,
    Refused,
    Absent,
    Unknown,
}

/// What an instance has the order told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Order,
    Answer(Action8, Said),
    Cancel,
    Capture,
    Expiry,
}

/// What happens between two worlds. It is put into words for whoever asks for the way to harm alone: there are millions.
#[derive(Debug, Clone, Copy)]
enum Move {
    ProviderExpires,
    /// Whether its answer is heard.
    Arrives(u8, Action8, Said, bool),
    Lost(u8, Action8),
    Crashes(u8),
    Sends(u8, Action8),
    GivesUp(u8),
    TimesOut(u8, Action8),
    LearnsNothing(u8),
    Commits(u8, What, Row),
    LosesGuard(u8, What),
    Reads(u8),
    IsAboutTo(u8, Action8),
    LooksUp(u8, Said),
}

/// An instance of the engine: memory that may vanish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Instance {
    memory: Row,
    phase: Phase,
}

/// What a participant holds under the key of one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
enum Held {
    #[default]
    Nothing,
    Done,
    Refused,
    Tombstone,
}

/// The participants' ledgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Ledger {
    reserve: Held,
    reserves: u8,
    releases: u8,
    charge: Held,
    authorize: Held,
    capture: Held,
    charges: u8,
    refunds: u8,
    /// The authorisation was voided, or expired at the provider.
    dead: bool,
    ship: Held,
    ships: u8,
    cancels: u8,
    cancel: Held,
}

/// What may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Left {
    crashes: u8,
    cancels: u8,
    captures: u8,
    expiries: u8,
    provider_expiries: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    db: Row,
    instances: [Instance; 2],
    /// Calls on their way: (instance, action), sorted.
    net: Vec<(u8, Action8)>,
    ledger: Ledger,
    left: Left,
    sent: [u8; 10],
}

fn number(action: Action) -> Action8 {
    Action::BUILT_IN.iter().position(|&one| one == action).expect("an action") as u8
}

fn action(number: Action8) -> Action {
    Action::BUILT_IN[usize::from(number)]
}

/// The orders that were met, and where each command leads from each of them: the product's own functions, asked once.
struct Saga {
    bound: Bound,
    orders: Vec<Order>,
    numbers: HashMap<String, Row>,
    led: FxHashMap<(Row, What), Option<Row>>,
}

impl Saga {
    fn intern(&mut self, order: Order) -> Row {
        let text = format!("{order:?}");
        if let Some(&row) = self.numbers.get(&text) {
            return row;
        }
        self.orders.push(order);
        let row = self.orders.len() as Row; // 0 is no order
        self.numbers.insert(text, row);
        row
    }

    fn order(&self, row: Row) -> &Order {
        &self.orders[usize::from(row) - 1]
    }

    /// The row after a command; `None` where it is refused, or changes nothing.
    fn after(&mut self, row: Row, what: What) -> Option<Row> {
        if let Some(&known) = self.led.get(&(row, what)) {
            return known;
        }
        let command = self.command(what);
        let local = Participants { plan: self.bound.plan, ..Participants::default() };
        let before = (row > 0).then(|| self.order(row).clone());
        let run = leg::run(before.as_ref(), &command, Timestamp(0), &local, StockVerdict::Assumed);
        let next = run.ok().filter(|leg| !leg.events.is_empty()).map(|leg| {
            if self.bound.broken == Broken::Nothing {
                assert_eq!(invariant::violations(&leg.order), [""; 0]);
            }
            let broken = sabotage(leg.order, self.bound.broken);
            self.intern(broken)
        });
        self.led.insert((row, what), next);
        next
    }

    fn command(&self, what: What) -> Command {
        match what {
            What::Order => submit(self.bound.capture, self.bound.plan),
            What::Answer(call, said) => Command::Outcome { call: action(call).into(), outcome: self.outcome(said) },
            What::Cancel => Command::Cancel { reason: CancelReason::Client },
            What::Capture => Command::Capture { amount: Amount(AMOUNT) },
            What::Expiry => Command::Expire,
        }
    }

    fn outcome(&self, said: Said) -> Outcome {
        let done = |tombstone, captured| Outcome::Done {
            reference: None,
            tombstone,
            captured: Amount(captured),
            holds_ms: None,
        };
        match said {
            Said::Unknown if self.bound.broken == Broken::Unknown => Outcome::refused("timeout"),
            Said::Unknown => Outcome::Unknown,
            Said::Done => done(false, 0),
            Said::DoneCharged => done(false, AMOUNT),
            Said::Tombstone => done(true, 0),
            Said::Refused => Outcome::refused("no"),
            Said::Absent => Outcome::Absent,
        }
    }

    /// A move in words.
    fn told(&self, step: Move) -> String {
        let words = |what| match what {
            What::Order => "the order".to_owned(),
            What::Answer(call, said) => format!("{} = {said:?}", action(call)),
            What::Cancel => "the client's cancel".to_owned(),
            What::Capture => "the client's capture".to_owned(),
            What::Expiry => "the expiry".to_owned(),
        };
        match step {
            Move::ProviderExpires => "the authorisation expires at the provider".to_owned(),
            Move::Arrives(who, call, said, true) => format!("{who}'s {} takes effect: {said:?}", action(call)),
            Move::Arrives(who, call, said, false) => {
                format!("{who}'s {} takes effect ({said:?}), its answer is lost", action(call))
            }
            Move::Lost(who, call) => format!("{who}'s {} is lost on its way", action(call)),
            Move::Crashes(who) => format!("{who} crashes"),
            Move::Sends(who, call) => format!("{who} sends {}", action(call)),
            Move::GivesUp(who) => format!("{who} gives up"),
            Move::TimesOut(who, call) => format!("{who} times out on {}", action(call)),
            Move::LearnsNothing(who) => format!("{who} learns nothing new"),
            Move::Commits(who, what, row) => format!("{who} commits {}: {}", words(what), self.order(row).state),
            Move::LosesGuard(who, what) => format!("{who} loses the guard on {}", words(what)),
            Move::Reads(who) => format!("{who} reads the row"),
            Move::IsAboutTo(who, call) => format!("{who} is about to {}", action(call)),
            Move::LooksUp(who, said) => format!("{who} finds it expired and looks the payment up: {said:?}"),
        }
    }
}

/// The mechanisms that live in the decision, taken out behind it.
fn sabotage(mut order: Order, broken: Broken) -> Order {
    let undoing = order.state == State::Compensating;
    let unknown = order.payment.status == PaymentStatus::Voiding && !order.payment.known;
    let undo_unknown = broken == Broken::UndoUnknown && undoing && unknown;
    let undo_first = broken == Broken::UndoFirst
        && undoing
        && matches!(order.payment.status, PaymentStatus::Voiding | PaymentStatus::Refunding);
    if undo_unknown || undo_first {
        order.state = State::Cancelled;
        order.stock = Stock::Released;
    }
    if broken == Broken::Reverse {
        undo_forwards(&mut order);
    }
    order
}

/// Undoes in the order in which it was done: the money is given back first, and then the carrier is asked.
fn undo_forwards(order: &mut Order) {
    const SHIPMENT_IS_NEXT: &str = "undone last";
    let comes_next = order.shipment.reference.as_deref() == Some(SHIPMENT_IS_NEXT);
    if order.shipment.status == ShipmentStatus::Cancelling && !comes_next {
        order.shipment = Shipment { status: ShipmentStatus::None, reference: Some(SHIPMENT_IS_NEXT.into()) };
        order.payment.status = PaymentStatus::Refunding;
        order.payment.refunded = order.payment.captured;
    } else if order.state == State::Cancelled && order.shipment.status == ShipmentStatus::None && comes_next {
        (order.state, order.stock, order.answer) = (State::Compensating, Stock::Reserved, None);
        order.shipment.status = ShipmentStatus::Cancelling;
    }
}

/// What the participants may do with a call: the ledger after it, and the answer.
fn serve(ledger: Ledger, call: Action, broken: Broken) -> Vec<(Ledger, Said)> {
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
        Action::Run | Action::Undo | Action::LookUp => Vec::new(),
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

type Moves = Vec<(Move, World)>;

/// Every next world.
fn moves(world: &World, saga: &mut Saga) -> Moves {
    let mut all = Moves::new();
    for who in 0..2u8 {
        instance_moves(world, who, saga, &mut all);
    }
    let authorized = world.ledger.authorize == Held::Done && !world.ledger.dead;
    if world.left.provider_expiries > 0 && authorized {
        let mut next = world.clone();
        next.ledger.dead = true;
        next.left.provider_expiries -= 1;
        all.push((Move::ProviderExpires, next));
    }
    for at in 0..world.net.len() {
        if at > 0 && world.net[at] == world.net[at - 1] {
            continue;
        }
        let (who, call) = world.net[at];
        let mut lost = world.clone();
        lost.net.remove(at);
        for (ledger, said) in serve(world.ledger, action(call), saga.bound.broken) {
            let mut silent = lost.clone();
            silent.ledger = ledger;
            if world.instances[usize::from(who)].phase == Phase::Wait(call) {
                let mut heard = silent.clone();
                heard.instances[usize::from(who)].phase = Phase::Got(call, said);
                all.push((Move::Arrives(who, call, said, true), heard));
            }
            all.push((Move::Arrives(who, call, said, false), silent));
        }
        all.push((Move::Lost(who, call), lost));
    }
    all
}

fn instance_moves(world: &World, who: u8, saga: &mut Saga, all: &mut Moves) {
    let me = usize::from(who);
    let instance = world.instances[me];
    let put = |world: &World, instance: Instance| {
        let mut next = world.clone();
        next.instances[me] = instance;
        next
    };
    if world.left.crashes > 0 && instance != Instance::default() {
        let mut next = put(world, Instance::default());
        next.left.crashes -= 1;
        all.push((Move::Crashes(who), next));
    }
    match instance.phase {
        Phase::Idle => idle_moves(world, who, saga, all),
        Phase::Send(call) => {
            let at = usize::from(call);
            if world.sent[at] < saga.bound.sends {
                let mut next = put(world, Instance { phase: Phase::Wait(call), ..instance });
                next.sent[at] += 1;
                next.net.push((who, call));
                next.net.sort_unstable();
                all.push((Move::Sends(who, call), next));
            } else {
                all.push((Move::GivesUp(who), put(world, Instance { phase: Phase::Idle, ..instance })));
            }
        }
        Phase::Wait(call) => {
            let next = put(world, Instance { phase: Phase::Got(call, Said::Unknown), ..instance });
            all.push((Move::TimesOut(who, call), next));
        }
        Phase::Got(call, said) => {
            let what = What::Answer(call, said);
            match saga.after(instance.memory, what) {
                Some(row) => commit(world, who, row, saga, what, world.left, all),
                None => all.push((Move::LearnsNothing(who), put(world, Instance { phase: Phase::Idle, ..instance }))),
            }
        }
    }
}

/// A guarded write: it is stored only where the row is still the one that it was decided from.
fn commit(world: &World, who: u8, row: Row, saga: &mut Saga, what: What, left: Left, all: &mut Moves) {
    let me = usize::from(who);
    let mut next = world.clone();
    next.left = left;
    let held = world.db == world.instances[me].memory;
    if held || saga.bound.broken == Broken::Guard {
        let row = if held {
            row
        } else {
            // Without the guard whoever writes last wins, and the version goes on.
            let version = saga.order(world.db).version + 1;
            let order = Order { version, ..saga.order(row).clone() };
            saga.intern(order)
        };
        next.db = row;
        next.instances[me] = Instance { memory: row, phase: Phase::Idle };
        all.push((Move::Commits(who, what, row), next));
    } else {
        next.instances[me] = Instance::default();
        all.push((Move::LosesGuard(who, what), next));
    }
}

fn idle_moves(world: &World, who: u8, saga: &mut Saga, all: &mut Moves) {
    let me = usize::from(who);
    let instance = world.instances[me];
    if world.db == 0 {
        if who == 0 {
            let row = saga.after(0, What::Order).expect("a submission is taken");
            commit(world, who, row, saga, What::Order, world.left, all);
        }
        return;
    }
    if instance.memory != world.db {
        let mut next = world.clone();
        next.instances[me] = Instance { memory: world.db, phase: Phase::Idle };
        all.push((Move::Reads(who), next));
    }
    if instance.memory == 0 {
        return;
    }
    if let Some(call) = due(saga.order(instance.memory)) {
        let mut next = world.clone();
        next.instances[me].phase = Phase::Send(number(call.action));
        all.push((Move::IsAboutTo(who, number(call.action)), next));
    }
    let left = world.left;
    if left.cancels > 0
        && let Some(row) = saga.after(instance.memory, What::Cancel)
    {
        let left = Left { cancels: left.cancels - 1, ..left };
        commit(world, who, row, saga, What::Cancel, left, all);
    }
    if left.captures > 0
        && let Some(row) = saga.after(instance.memory, What::Capture)
    {
        let left = Left { captures: left.captures - 1, ..left };
        commit(world, who, row, saga, What::Capture, left, all);
    }
    if left.expiries > 0 {
        expiry(world, who, saga, all);
    }
}

/// A deadline passes: what may be undone at once is, a payment of unknown outcome is looked up first.
fn expiry(world: &World, who: u8, saga: &mut Saga, all: &mut Moves) {
    let me = usize::from(who);
    let instance = world.instances[me];
    let left = Left { expiries: world.left.expiries - 1, ..world.left };
    if let Some(row) = saga.after(instance.memory, What::Expiry) {
        return commit(world, who, row, saga, What::Expiry, left, all);
    }
    let order = saga.order(instance.memory);
    let looks_up = matches!(order.payment.status, PaymentStatus::Intended | PaymentStatus::Capturing)
        && matches!(order.state, State::InventoryReserved | State::PaymentAuthorized);
    if looks_up {
        let said = if world.ledger.charges > world.ledger.refunds { Said::DoneCharged } else { Said::Absent };
        let mut next = world.clone();
        next.left = left;
        next.instances[me].phase = Phase::Got(number(Action::LookUp), said);
        all.push((Move::LooksUp(who, said), next));
    }
}

/// What is wrong with a world, given the one before it.
fn harm(before: &World, world: &World, saga: &Saga) -> Option<&'static str> {
    if world.db == 0 {
        return overdone(&world.ledger);
    }
    let order = saga.order(world.db);
    let moved = || if before.db == 0 { None } else { wrong_step(saga.order(before.db), order) };
    overdone(&world.ledger).or_else(|| contradicted(order, &world.ledger)).or_else(moved)
}

/// What no participant may ever have done.
fn overdone(ledger: &Ledger) -> Option<&'static str> {
    if ledger.charges > 1 {
        return Some("charged twice");
    }
    if ledger.refunds > ledger.charges {
        return Some("refunded more than charged");
    }
    (ledger.ships > 1 || ledger.reserves > 1).then_some("shipped or reserved twice")
}

/// How the participants' ledgers contradict an order.
fn contradicted(order: &Order, ledger: &Ledger) -> Option<&'static str> {
    let remote = |bit: i16| order.plan.0 & bit != 0;
    let money = ledger.charges - ledger.refunds;
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

/// What no order may do, whatever happens to it.
fn wrong_step(old: &Order, order: &Order) -> Option<&'static str> {
    if old.answer.is_some() && old.answer != order.answer {
        return Some("the final answer changed");
    }
    (old.state.is_terminal() && old.state != order.state).then_some("an ended order moved")
}

/// What a search found.
struct Found {
    states: usize,
    harm: Option<(String, Vec<String>)>,
    /// States from which neither an end nor a human's attention is within reach, though sends are left.
    stuck: usize,
}

fn search(bound: Bound) -> Found {
    let mut saga = Saga { bound, orders: Vec::new(), numbers: HashMap::new(), led: FxHashMap::default() };
    let manual = u8::from(bound.capture == Capture::Manual);
    let first = World {
        db: 0,
        instances: [Instance::default(); 2],
        net: Vec::new(),
        ledger: Ledger::default(),
        left: Left { crashes: bound.crashes, cancels: 1, captures: manual, expiries: 1, provider_expiries: manual },
        sent: [0; 10],
    };
    let mut numbers = FxHashMap::from_iter([(first.clone(), 0u32)]);
    // Where each state was first reached from, and by which of its moves.
    let mut came: Vec<(u32, u16)> = vec![(0, 0)];
    // Where the states lead, and where in that list each one's begin.
    let (mut leads, mut begins): (Vec<u32>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut ends: Vec<u32> = Vec::new();
    let mut out_of_sends: Vec<bool> = vec![false];
    let mut queue = VecDeque::from([(first.clone(), 0u32)]);
    while let Some((world, from)) = queue.pop_front() {
        begins.push(leads.len());
        for (index, (_, next)) in moves(&world, &mut saga).into_iter().enumerate() {
            if let Some(&known) = numbers.get(&next) {
                leads.push(known);
                continue;
            }
            let number = came.len() as u32;
            came.push((from, index as u16));
            leads.push(number);
            if let Some(text) = harm(&world, &next, &saga) {
                let path = path(&came, number, first, &mut saga);
                return Found { states: came.len(), harm: Some((text.to_owned(), path)), stuck: 0 };
            }
            let order = (next.db != 0).then(|| saga.order(next.db));
            let waits = |order: &&Order| {
                order.state.is_terminal() || order.attention.is_some() || order.state == State::PaymentAuthorized
            };
            if order.filter(waits).is_some() {
                ends.push(number);
            }
            out_of_sends.push(next.sent.iter().any(|&sent| sent >= bound.sends));
            numbers.insert(next.clone(), number);
            queue.push_back((next, number));
        }
    }
    begins.push(leads.len());
    let stuck = stuck(&leads, &begins, &ends, &out_of_sends);
    Found { states: came.len(), harm: None, stuck }
}

/// The names of the moves that led to a state.
fn path(came: &[(u32, u16)], mut at: u32, first: World, saga: &mut Saga) -> Vec<String> {
    let mut indexes = Vec::new();
    while at != 0 {
        let (from, index) = came[at as usize];
        indexes.push(index);
        at = from;
    }
    let mut world = first;
    let step = |index: u16| {
        let (step, next) = moves(&world, saga).swap_remove(usize::from(index));
        world = next;
        saga.told(step)
    };
    indexes.into_iter().rev().map(step).collect()
}

/// How many states, with sends left, cannot reach any of `ends`.
fn stuck(leads: &[u32], begins: &[usize], ends: &[u32], out_of_sends: &[bool]) -> usize {
    let mut reaches = vec![false; out_of_sends.len()];
    ends.iter().for_each(|&end| reaches[end as usize] = true);
    // States lead to later ones for the most part, so that a few rounds from behind settle all of them.
    let mut settled = false;
    while !settled {
        settled = true;
        for at in (0..reaches.len()).rev() {
            if !reaches[at] && leads[begins[at]..begins[at + 1]].iter().any(|&to| reaches[to as usize]) {
                reaches[at] = true;
                settled = false;
            }
        }
    }
    reaches.iter().zip(out_of_sends).filter(|(reaches, out)| !**reaches && !**out).count()
}

const PAYMENT_AND_SHIPMENT: Plan = Plan(Plan::PAYMENT | Plan::SHIPMENT);
const PAYMENT: Plan = Plan(Plan::PAYMENT);

fn whole(plan: Plan, capture: Capture, sends: u8, crashes: u8) {
    let found = search(Bound { plan, capture, sends, crashes, broken: Broken::Nothing });
    println!("{} states of plan {} with {capture:?} capture: no harm", found.states, plan.0);
    assert_eq!(found.harm, None, "harm after {} states", found.states);
    assert_eq!(found.stuck, 0, "states without an end in reach");
}

fn missed(plan: Plan, capture: Capture, broken: Broken) {
    let found = search(Bound { plan, capture, sends: 2, crashes: 1, broken });
    let (harm, path) = found.harm.unwrap_or_else(|| panic!("nothing missed {broken:?} in {} states", found.states));
    println!("without {broken:?}: {harm}, after {} steps:\n  {}", path.len(), path.join("\n  "));
}

#[test]
fn nothing_harms_an_order_that_is_charged_and_shipped_elsewhere() {
    whole(PAYMENT_AND_SHIPMENT, Capture::Automatic, 2, 1);
}

#[test]
fn nothing_harms_an_order_that_is_captured_by_hand() {
    whole(PAYMENT, Capture::Manual, 2, 1);
}

#[test]
fn nothing_harms_an_order_with_no_local_participant() {
    whole(Plan(7), Capture::Automatic, 1, 1);
}

#[test]
fn without_the_version_guard_there_is_harm() {
    missed(PAYMENT_AND_SHIPMENT, Capture::Automatic, Broken::Guard);
}

#[test]
fn without_tombstones_there_is_harm() {
    missed(PAYMENT_AND_SHIPMENT, Capture::Automatic, Broken::Tombstone);
    missed(PAYMENT, Capture::Manual, Broken::Tombstone);
}

#[test]
fn without_keys_there_is_harm() {
    missed(PAYMENT_AND_SHIPMENT, Capture::Automatic, Broken::Key);
}

#[test]
fn where_a_timeout_counts_as_a_refusal_there_is_harm() {
    missed(PAYMENT_AND_SHIPMENT, Capture::Automatic, Broken::Unknown);
}

#[test]
fn where_an_unknown_payment_is_not_undone_there_is_harm() {
    missed(PAYMENT_AND_SHIPMENT, Capture::Automatic, Broken::UndoUnknown);
}

#[test]
fn where_the_money_is_given_back_before_the_carrier_is_asked_there_is_harm() {
    missed(PAYMENT_AND_SHIPMENT, Capture::Automatic, Broken::Reverse);
}

#[test]
fn where_an_order_is_called_cancelled_before_its_undo_there_is_harm() {
    missed(PAYMENT_AND_SHIPMENT, Capture::Automatic, Broken::UndoFirst);
}
