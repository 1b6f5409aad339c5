//! Promise: whatever interleaves, money, parcel and stock end where the order says. A model check of one order: ALL
//! interleavings, within a bound, of two instances, calls that are lost, late, doubled or answered after their timeout,
//! a crash, a cancel, a capture and the deadlines; over the product's own `transaction::run`, `decide`, `evolve` and `due`, and
//! a participant that keeps the published contract. Leases are left out: either instance may act at any moment, so
//! safety rests on the version guard, the keys, the tombstones and the committed intents alone.
//!
//! Each mechanism is then taken out in turn, and the search must find the harm: it is shown to look in the right place.
//!
//! The instances here are a few lines of their own, and act whenever they like. `interleavings/engine.rs` has the engine.

mod engine;
mod participants;

use std::collections::{HashMap, VecDeque};

use counterfoil::saga::state::{PaymentStatus, Shipment, ShipmentStatus, StepStatus};
use counterfoil::saga::transaction::{self, StockVerdict};
use counterfoil::saga::{
    Action, Amount, Call, CallKind, CancelReason, Capture, Command, Order, Outcome, Plan, State, Stock, Timestamp, due,
    invariant,
};

use rustc_hash::FxHashMap;

use crate::support::saga::{AMOUNT, Own, Participants, submit_to};
use participants::{Held, Ledger, contradicted, overdone, serve};

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
    /// An order that nobody drives any more is taken up again.
    Sweep,
    /// A new order is stored only where there is none.
    Absent,
    /// What comes behind a step of one's own waits for it.
    Turn,
}

/// How far the search goes, and with whom.
#[derive(Debug, Clone, Copy)]
struct Bound {
    own: Own,
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

/// A call: an [`Action`] by its place in `Action::BUILT_IN`; behind these, the look-up of the payment, and run, undo and look-up of
/// the order's own step.
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
    sent: [u8; 12],
}

/// What became of the payment.
const LOOK: Action8 = 9;
/// Of the order's own step.
const RUN: Action8 = 10;
const UNDO: Action8 = 11;
const ASK: Action8 = 12;
/// How many calls there are.
const CALLS: usize = 13;

/// Of a built-in one.
fn number(kind: CallKind) -> Action8 {
    let CallKind::Act(action) = kind else { return LOOK };
    Action::BUILT_IN.iter().position(|&one| one == action).expect("an action") as u8
}

fn number_of(call: Call) -> Action8 {
    match (call.own, call.kind) {
        (None, kind) => number(kind),
        (Some(_), CallKind::Act(Action::Run)) => RUN,
        (Some(_), CallKind::Act(Action::Undo)) => UNDO,
        (Some(_), _) => ASK,
    }
}

fn kind(number: Action8) -> CallKind {
    match number {
        RUN => Action::Run.into(),
        UNDO => Action::Undo.into(),
        LOOK | ASK => CallKind::LookUp,
        built_in => Action::BUILT_IN[usize::from(built_in)].into(),
    }
}

fn call(number: Action8) -> Call {
    let own = (number >= RUN).then_some(0);
    Call { kind: kind(number), own }
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
        let local = self.local();
        let before = (row > 0).then(|| self.order(row).clone());
        let run = transaction::run(before.as_ref(), &command, Timestamp(0), &local, StockVerdict::Assumed);
        let next = run.ok().filter(|txn| !txn.events.is_empty()).map(|txn| {
            if self.bound.broken == Broken::Nothing {
                assert_eq!(invariant::violations(&txn.order), [""; 0]);
            }
            let broken = sabotage(txn.order, self.bound.broken);
            self.intern(broken)
        });
        self.led.insert((row, what), next);
        next
    }

    fn local(&self) -> Participants {
        Participants { own: self.bound.own, plan: self.bound.plan, ..Participants::default() }
    }

    fn command(&self, what: What) -> Command {
        match what {
            What::Order => submit_to(self.bound.capture, &self.local()),
            What::Answer(number, said) => Command::Outcome { call: call(number), outcome: self.outcome(said) },
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
            What::Answer(call, said) => format!("{} = {said:?}", kind(call)),
            What::Cancel => "the client's cancel".to_owned(),
            What::Capture => "the client's capture".to_owned(),
            What::Expiry => "the expiry".to_owned(),
        };
        match step {
            Move::ProviderExpires => "the authorisation expires at the provider".to_owned(),
            Move::Arrives(who, call, said, true) => format!("{who}'s {} takes effect: {said:?}", kind(call)),
            Move::Arrives(who, call, said, false) => {
                format!("{who}'s {} takes effect ({said:?}), its answer is lost", kind(call))
            }
            Move::Lost(who, call) => format!("{who}'s {} is lost on its way", kind(call)),
            Move::Crashes(who) => format!("{who} crashes"),
            Move::Sends(who, call) => format!("{who} sends {}", kind(call)),
            Move::GivesUp(who) => format!("{who} gives up"),
            Move::TimesOut(who, call) => format!("{who} times out on {}", kind(call)),
            Move::LearnsNothing(who) => format!("{who} learns nothing new"),
            Move::Commits(who, what, row) => format!("{who} commits {}: {}", words(what), self.order(row).state),
            Move::LosesGuard(who, what) => format!("{who} loses the guard on {}", words(what)),
            Move::Reads(who) => format!("{who} reads the row"),
            Move::IsAboutTo(who, call) => format!("{who} is about to {}", kind(call)),
            Move::LooksUp(who, said) => format!("{who} finds it expired and looks it up: {said:?}"),
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
    if broken == Broken::Turn
        && let Some(own) = order.own.as_deref_mut().filter(|own| own.states[0].status == StepStatus::Intended)
    {
        own.states[0].status = StepStatus::Done;
        order.payment.status = PaymentStatus::Intended;
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
        for (ledger, said) in serve(world.ledger, kind(call), saga.bound.broken) {
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
        next.instances[me].phase = Phase::Send(number_of(call));
        all.push((Move::IsAboutTo(who, number_of(call)), next));
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

/// A deadline passes: what may be undone at once is, a payment or an own step of unknown outcome is looked up first.
fn expiry(world: &World, who: u8, saga: &mut Saga, all: &mut Moves) {
    let me = usize::from(who);
    let instance = world.instances[me];
    let left = Left { expiries: world.left.expiries - 1, ..world.left };
    if let Some(row) = saga.after(instance.memory, What::Expiry) {
        return commit(world, who, row, saga, What::Expiry, left, all);
    }
    let order = saga.order(instance.memory);
    if due(order).is_some_and(|call| number_of(call) == RUN) {
        let said = match world.ledger.run {
            Held::Done => Said::Done,
            Held::Refused => Said::Refused,
            Held::Nothing => Said::Absent,
            // It is no success, and no refusal of business.
            Held::Tombstone => Said::Unknown,
        };
        let mut next = world.clone();
        next.left = left;
        next.instances[me].phase = Phase::Got(ASK, said);
        all.push((Move::LooksUp(who, said), next));
        return;
    }
    let looks_up = matches!(order.payment.status, PaymentStatus::Intended | PaymentStatus::Capturing)
        && matches!(order.state, State::InventoryReserved | State::PaymentAuthorized);
    if looks_up {
        let said = if world.ledger.charges > world.ledger.refunds { Said::DoneCharged } else { Said::Absent };
        let mut next = world.clone();
        next.left = left;
        next.instances[me].phase = Phase::Got(LOOK, said);
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
        sent: [0; 12],
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
    whole_along(Own::None, plan, capture, sends, crashes);
}

fn whole_along(own: Own, plan: Plan, capture: Capture, sends: u8, crashes: u8) {
    let found = search(Bound { own, plan, capture, sends, crashes, broken: Broken::Nothing });
    println!("{} states of plan {} with {capture:?} capture and {own:?}: no harm", found.states, plan.0);
    assert_eq!(found.harm, None, "harm after {} states", found.states);
    assert_eq!(found.stuck, 0, "states without an end in reach");
}

fn missed(plan: Plan, capture: Capture, broken: Broken) {
    missed_along(Own::None, plan, capture, broken);
}

/// What harm there is without it.
fn missed_along(own: Own, plan: Plan, capture: Capture, broken: Broken) -> String {
    let found = search(Bound { own, plan, capture, sends: 2, crashes: 1, broken });
    let (harm, path) = found.harm.unwrap_or_else(|| panic!("nothing missed {broken:?} in {} states", found.states));
    println!("without {broken:?}: {harm}, after {} steps:\n  {}", path.len(), path.join("\n  "));
    harm
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

/// A fraud check before the payment, which leaves nothing to be undone.
#[test]
fn nothing_harms_an_order_that_is_checked_before_it_is_paid() {
    whole_along(Own::Check, PAYMENT, Capture::Automatic, 2, 1);
}

/// Points that are taken behind the payment, and given back where the parcel does not leave.
#[test]
fn nothing_harms_an_order_that_takes_points_behind_its_payment() {
    whole_along(Own::Points, PAYMENT_AND_SHIPMENT, Capture::Automatic, 1, 1);
    whole_along(Own::Points, PAYMENT, Capture::Automatic, 2, 1);
}

#[test]
fn without_its_mechanisms_there_is_harm_to_steps_of_ones_own() {
    const STEPS: [Own; 2] = [Own::Check, Own::Points];
    for own in STEPS {
        for broken in [Broken::Guard, Broken::Key, Broken::Unknown] {
            missed_along(own, PAYMENT, Capture::Automatic, broken);
        }
    }
    let undone = missed_along(Own::Points, Plan(0), Capture::Automatic, Broken::Tombstone);
    assert_eq!(undone, "CANCELLED, but its own step is not undone");
    let early = missed_along(Own::Check, PAYMENT, Capture::Automatic, Broken::Turn);
    assert_eq!(early, "what comes behind the step was done without it");
}
