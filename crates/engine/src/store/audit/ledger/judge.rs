//! The laws of a ledger, of one order at a time: pure.
//!
//! Some hold of the lines by themselves, whatever the row says; the others compare the lines with the row, and are asked
//! only of lines that keep the first, so that one wrong line is told once, under the name that helps.

use uuid::Uuid;

use super::lines::Line;
use crate::saga::Action;
use crate::saga::definition::Plan;
use crate::saga::ids::{DeploymentId, OrderId};
use crate::saga::state::{PaymentStatus, RefundStatus, ShipmentStatus, State, StepStatus, Stock};

/// A promise about the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Law {
    /// Every line is under a key that is derived from its order, and undoes one of its order's own steps.
    Keys,
    /// Nothing is done outside without an order that came so far as to ask for it.
    Unasked,
    /// Money is held once and moved once, and never more than the order costs.
    ChargedOnce,
    /// What went back was there.
    Refunds,
    /// A refund that a client asked for is a row and a line.
    RefundRows,
    /// A key that was undone before it was heard of does nothing any more.
    Tombstones,
    /// The row says what the provider did.
    Money,
    /// The row says what the warehouse did.
    Stock,
    /// What was handed over was paid.
    Unpaid,
    /// A completed order left once, and no order twice.
    Shipped,
    /// The row says what was done of an order's own steps, each was done once, and in its turn.
    Steps,
    /// Of a cancelled order nothing is left outside.
    Whole,
}

impl Law {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 12] = [
        Self::Keys,
        Self::Unasked,
        Self::ChargedOnce,
        Self::Refunds,
        Self::RefundRows,
        Self::Tombstones,
        Self::Money,
        Self::Stock,
        Self::Unpaid,
        Self::Shipped,
        Self::Steps,
        Self::Whole,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keys => "ledger_keys_are_ours",
            Self::Unasked => "ledger_nothing_without_an_order",
            Self::ChargedOnce => "ledger_charged_at_most_once",
            Self::Refunds => "ledger_refunds_never_exceed_charge",
            Self::RefundRows => "ledger_refunds_have_their_rows",
            Self::Tombstones => "ledger_tombstones_have_no_effect",
            Self::Money => "ledger_money_agrees",
            Self::Stock => "ledger_stock_agrees",
            Self::Unpaid => "ledger_nothing_shipped_unpaid",
            Self::Shipped => "ledger_shipped_exactly_once",
            Self::Steps => "ledger_steps_agree",
            Self::Whole => "ledger_cancelled_orders_made_whole",
        }
    }
}

/// A refund that a client asked for, as its row says.
#[derive(Debug, Clone)]
pub(super) struct RefundRow {
    /// The last part of the name that its key is derived from.
    pub operation: String,
    pub amount: i64,
    pub status: RefundStatus,
}

/// A step of an order's own that somebody else does, as its rows say.
#[derive(Debug, Clone)]
pub(super) struct OwnStep {
    pub name: String,
    /// Whether it has to be undone where its order does not complete.
    pub undo: bool,
    pub status: StepStatus,
    /// How many of inventory, payment and shipment come before it.
    pub behind: u8,
}

/// Where an order stands, as its rows say.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub plan: Plan,
    pub state: State,
    pub stock: Stock,
    pub payment: PaymentStatus,
    pub shipment: ShipmentStatus,
    /// Whether the money is held first and captured later.
    pub manual: bool,
    /// What it costs.
    pub cost: i64,
    /// What is to be charged of that.
    pub amount: i64,
    pub captured: i64,
    pub refunded: i64,
    pub refunds: Vec<RefundRow>,
    /// Its own steps that are done elsewhere.
    pub steps: Vec<OwnStep>,
    /// It was committed to while the audit read: its lines may have come after the ledger was read.
    pub moved: bool,
    /// An operator answered in a participant's place, or declared it undone.
    pub answered_for: bool,
    /// It is an earlier deployment's, which may have gone on with it.
    pub cloned: bool,
}

/// What an order's lines say, each under a key of its own.
#[derive(Debug, Default)]
struct Effects {
    reserved: u32,
    released: u32,
    held: u32,
    freed: u32,
    /// Where the money moved first, and where some of it went back first.
    paid_at: Option<(u16, u64)>,
    back_at: Option<(u16, u64)>,
    moves: u32,
    captured: i128,
    /// The largest amount that was held or moved at once.
    most: i64,
    /// What the saga's own undo gave back: by a void, and by a refund of the whole.
    voided: i128,
    undone: i128,
    /// What clients asked back, by row: how often it went, and how much of it.
    asked: Vec<(u32, i128)>,
    shipped_at: Option<(u16, u64)>,
    shipped: u32,
    recalled: u32,
    /// Of its own steps: how often each was done, and undone.
    steps: Vec<(u32, u32)>,
}

/// The keys of an order's steps.
struct Keys {
    reserve: Uuid,
    release: Uuid,
    charge: Uuid,
    authorize: Uuid,
    capture: Uuid,
    void: Uuid,
    refund: Uuid,
    ship: Uuid,
    cancel_shipment: Uuid,
    asked: Vec<Uuid>,
    /// Of its own steps: the key of each, and of its undo.
    steps: Vec<(Uuid, Uuid)>,
}

impl Keys {
    fn of(deployment: DeploymentId, order: &OrderId, standing: &Standing) -> Self {
        let key = |action: Action, operation: &str| deployment.step_key(order, action.as_str(), operation);
        Self {
            reserve: key(Action::Reserve, ""),
            release: key(Action::Release, ""),
            charge: key(Action::Charge, ""),
            authorize: key(Action::Authorize, ""),
            capture: key(Action::Capture, ""),
            void: key(Action::Void, ""),
            refund: key(Action::Refund, ""),
            ship: key(Action::Ship, ""),
            cancel_shipment: key(Action::CancelShipment, ""),
            asked: standing.refunds.iter().map(|refund| key(Action::Refund, &refund.operation)).collect(),
            steps: standing
                .steps
                .iter()
                .map(|step| (key(Action::Run, &step.name), key(Action::Undo, &step.name)))
                .collect(),
        }
    }

    /// Whether a line is one of the order's steps. `false` for a refund whose row there is none of: its key names the
    /// client's own, which only the row knows.
    fn knows(&self, line: &Line) -> bool {
        let (moves, money) = ([self.charge, self.capture], [self.charge, self.authorize, self.capture]);
        let undoes = |steps: &[Uuid]| line.undoes.is_some_and(|undone| steps.contains(&undone));
        let does = |key: Uuid| line.key == key && line.undoes.is_none() && !line.tombstone;
        match line.action {
            Action::Reserve => does(self.reserve),
            Action::Charge => does(self.charge),
            Action::Authorize => does(self.authorize),
            Action::Capture => does(self.capture),
            Action::Ship => does(self.ship),
            Action::Release => line.key == self.release && undoes(&[self.reserve]),
            Action::CancelShipment => line.key == self.cancel_shipment && undoes(&[self.ship]),
            Action::Void => line.key == self.void && undoes(&money),
            Action::Refund if line.key == self.void => !line.tombstone && undoes(&moves),
            Action::Refund => (line.key == self.refund || self.asked.contains(&line.key)) && undoes(&moves),
            Action::Run => self.steps.iter().any(|(run, _)| does(*run)),
            Action::Undo => self.steps.iter().any(|(run, undo)| line.key == *undo && undoes(&[*run])),
        }
    }
}

impl Effects {
    fn of(keys: &Keys, lines: &[Line]) -> Self {
        let (asked, steps) = (vec![(0, 0); keys.asked.len()], vec![(0, 0); keys.steps.len()]);
        let mut effects = Self { asked, steps, ..Self::default() };
        for line in lines.iter().filter(|line| !line.tombstone) {
            effects.take(keys, line);
        }
        effects
    }

    fn take(&mut self, keys: &Keys, line: &Line) {
        let amount = i128::from(line.amount);
        if line.action == Action::Refund {
            self.back_at.get_or_insert((line.file, line.number));
        }
        match line.action {
            Action::Reserve => self.reserved += 1,
            Action::Release => self.released += 1,
            Action::Authorize => {
                self.held += 1;
                self.most = self.most.max(line.amount);
            }
            Action::Charge | Action::Capture => {
                self.moves += 1;
                self.captured += amount;
                self.most = self.most.max(line.amount);
                self.paid_at.get_or_insert((line.file, line.number));
            }
            Action::Void => self.freed += 1,
            Action::Refund if line.key == keys.void => self.voided += amount,
            Action::Refund if line.key == keys.refund => self.undone += amount,
            Action::Refund => {
                if let Some(at) = keys.asked.iter().position(|key| *key == line.key) {
                    self.asked[at].0 += 1;
                    self.asked[at].1 += amount;
                }
            }
            Action::Ship => {
                self.shipped += 1;
                self.shipped_at.get_or_insert((line.file, line.number));
            }
            Action::CancelShipment => self.recalled += 1,
            Action::Run | Action::Undo => {
                for ((run, undo), (runs, undos)) in keys.steps.iter().zip(&mut self.steps) {
                    *runs += u32::from(line.key == *run);
                    *undos += u32::from(line.key == *undo);
                }
            }
        }
    }

    /// What the saga's own undo gave back.
    fn undone(&self) -> i128 {
        self.voided + self.undone
    }

    fn refunded(&self) -> i128 {
        self.undone() + self.asked.iter().map(|(_, amount)| amount).sum::<i128>()
    }

    /// Whether any went back before it came. What stands in two files bears no order.
    fn went_back_first(&self) -> bool {
        self.paid_at.zip(self.back_at).is_some_and(|(paid, back)| paid.0 == back.0 && back.1 < paid.1)
    }

    fn is_out(&self) -> bool {
        self.shipped > self.recalled
    }

    fn is_reserved(&self) -> bool {
        self.reserved > self.released
    }

    fn is_held(&self) -> bool {
        self.held > self.freed && self.moves == 0
    }
}

/// The laws that an order's lines break. Of an order that is not in the database, `standing` is `None`.
pub(super) fn broken(
    deployment: DeploymentId,
    order: &OrderId,
    standing: Option<&Standing>,
    lines: &[Line],
) -> Vec<Law> {
    let Some(standing) = standing else {
        return if lines.is_empty() { Vec::new() } else { vec![Law::Unasked] };
    };
    let keys = Keys::of(deployment, order, standing);
    let mut broken = by_themselves(&keys, standing, lines);
    if broken.is_empty() {
        broken = compared(standing, &Effects::of(&keys, lines));
        if !standing.answered_for && !standing.cloned && !in_turn(&keys, standing, lines) {
            broken.push(Law::Steps);
        }
    }
    broken.sort_unstable();
    broken.dedup();
    broken
}

/// A line's place in the saga.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// The built-in steps before it, and those of one's own behind these.
    place: (u8, usize),
    own: bool,
    /// Whether it undoes the step there.
    undoes: bool,
    /// Whether what was done there is undone before what was done earlier: of what is not, an answer may come while that is undone.
    undoable: bool,
}

impl Turn {
    fn of(keys: &Keys, standing: &Standing, line: &Line) -> Option<Self> {
        // Behind all steps of one's own that stand before it.
        let built_in = |before, undoes| Some(Self { place: (before, usize::MAX), own: false, undoes, undoable: true });
        match line.action {
            Action::Reserve => built_in(0, false),
            Action::Release => built_in(0, true),
            Action::Charge | Action::Authorize | Action::Capture => built_in(1, false),
            Action::Void => built_in(1, true),
            // What a client asks back is no step of the saga.
            Action::Refund => [keys.void, keys.refund].contains(&line.key).then(|| built_in(1, true)).flatten(),
            Action::Ship => built_in(2, false),
            Action::CancelShipment => built_in(2, true),
            Action::Run | Action::Undo => {
                let is = |(run, undo): &(Uuid, Uuid)| line.key == *run || line.key == *undo;
                let at = keys.steps.iter().position(is)?;
                let step = standing.steps.get(at)?;
                let undoes = line.action == Action::Undo;
                Some(Self { place: (step.behind, at), own: true, undoes, undoable: step.undo })
            }
        }
    }

    /// Whether it cannot have come before the other one.
    fn is_behind(self, other: Self) -> bool {
        let (this, that) = (self.place, other.place);
        match (self.undoes, other.undoes) {
            (false, false) => this > that,
            (true, true) => this < that,
            (true, false) => this >= that || other.undoable,
            (false, true) => false,
        }
    }
}

/// Whether the order's own steps were done in their turn: each behind what comes before it, and undone before that is. Within
/// one ledger: what stands in two bears no order.
fn in_turn(keys: &Keys, standing: &Standing, lines: &[Line]) -> bool {
    if standing.steps.is_empty() {
        return true;
    }
    let mut turns: Vec<_> = lines.iter().filter_map(|line| Some((line, Turn::of(keys, standing, line)?))).collect();
    turns.sort_by_key(|(line, _)| (line.file, line.number));
    let late = |(at, (line, turn)): (usize, &(&Line, Turn))| {
        let later = turns[at + 1..].iter().filter(|(other, _)| other.file == line.file);
        later.into_iter().any(|(_, other)| (turn.own || other.own) && turn.is_behind(*other))
    };
    !turns.iter().enumerate().any(late)
}

/// Whether a line is this deployment's, about this order: by its own key, or by the step that it undoes. (The key of a
/// refund names its client's, which only a row knows.)
pub(super) fn is_of(deployment: DeploymentId, order: &OrderId, steps: &[&str], line: &Line) -> bool {
    let is = |action: &Action| {
        let key = deployment.step_key(order, action.as_str(), "");
        line.key == key || line.undoes == Some(key)
    };
    Action::ALL.iter().any(is) || steps.iter().any(|name| is_of_step(deployment, order, name, line))
}

/// Whether a line is of this step of the order's own: done, or undone.
pub(super) fn is_of_step(deployment: DeploymentId, order: &OrderId, name: &str, line: &Line) -> bool {
    let is = |action: Action| {
        let key = deployment.step_key(order, action.as_str(), name);
        line.key == key || line.undoes == Some(key)
    };
    is(Action::Run) || is(Action::Undo)
}

/// What the lines say against the rows of an order that an operator answered for, in words; nothing while lines may have
/// come after the ledger was read. It breaks no promise: somebody vouched for it, and sees here what for.
pub(super) fn against(deployment: DeploymentId, order: &OrderId, standing: &Standing, lines: &[Line]) -> Vec<String> {
    if standing.moved {
        return Vec::new();
    }
    let keys = Keys::of(deployment, order, standing);
    let ours: Vec<Line> = lines.iter().copied().filter(|line| keys.knows(line)).collect();
    let effects = Effects::of(&keys, &ours);
    let Standing { plan, captured, refunded, .. } = *standing;
    let mut told = Vec::new();
    if !plan.payment_is_local() {
        if captured > 0 && effects.moves == 0 {
            told.push(format!("no such charge: the rows say that {captured} was captured, the ledger has none"));
        } else if effects.captured != i128::from(captured) {
            told.push(format!("{} was captured, and {captured} by the rows", effects.captured));
        }
        if standing.payment == PaymentStatus::Authorized && effects.held == 0 {
            told.push("no such authorisation".into());
        }
        if standing.state == State::Cancelled && effects.captured > effects.refunded() {
            let kept = effects.captured - effects.refunded();
            told.push(format!("{kept} was captured and never given back, though the order is cancelled"));
        } else if effects.refunded() < i128::from(refunded) && refunds_are_settled(standing) {
            told.push(format!("{} was given back, and {refunded} by the rows", effects.refunded()));
        }
        if standing.state == State::Cancelled && effects.is_held() {
            told.push("an authorisation is still held, though the order is cancelled".into());
        }
    }
    if plan.0 & Plan::SHIPMENT != 0 {
        if standing.shipment == ShipmentStatus::Created && effects.shipped == 0 {
            told.push("no such parcel: the ledger has no shipment".into());
        }
        if standing.state == State::Cancelled && effects.is_out() {
            told.push("a parcel is out, though the order is cancelled".into());
        }
    }
    if !plan.inventory_is_local() {
        if matches!(standing.stock, Stock::Reserved | Stock::Taken) && effects.reserved == 0 {
            told.push("no such reservation".into());
        }
        if standing.stock == Stock::Released && effects.is_reserved() {
            told.push("the stock is still reserved, though it was released by the rows".into());
        }
    }
    for (step, (runs, undos)) in standing.steps.iter().zip(&effects.steps) {
        if step.status == StepStatus::Done && *runs == 0 {
            told.push(format!("no such step: the rows say that {} was done, the ledger has none", step.name));
        }
        if standing.state == State::Cancelled && step.undo && runs > undos {
            told.push(format!("{} was done and never undone, though the order is cancelled", step.name));
        }
    }
    told
}

/// Whether every refund that the rows count was given back: one that is under way may not be there yet.
fn refunds_are_settled(standing: &Standing) -> bool {
    standing.payment != PaymentStatus::Refunding
        && standing.refunds.iter().all(|refund| refund.status != RefundStatus::Intended)
}

/// The laws that hold of the lines whatever became of them in the row: of orders in flight, in attention, and answered
/// for by an operator like of all others.
fn by_themselves(keys: &Keys, standing: &Standing, lines: &[Line]) -> Vec<Law> {
    let mut broken = Vec::new();
    let (ours, foreign): (Vec<Line>, Vec<Line>) = lines.iter().copied().partition(|line| keys.knows(line));
    let (refunds, others): (Vec<Line>, Vec<Line>) =
        foreign.into_iter().partition(|line| line.action == Action::Refund && line.undoes.is_some());
    // What clients ask back of the original has no row in its copy. It is of the order's own money all the same.
    let strange = |line: &Line| line.undoes.is_some_and(|undone| ![keys.charge, keys.capture].contains(&undone));
    if !others.is_empty() || standing.cloned && refunds.iter().any(strange) {
        broken.push(Law::Keys);
    }
    if !refunds.is_empty() && !standing.cloned {
        broken.push(Law::RefundRows);
    }
    if !standing.cloned && ours.iter().any(|line| !was_asked(keys, standing, line)) {
        broken.push(Law::Unasked);
    }
    let buried = ours.iter().filter(|line| line.tombstone).filter_map(|line| line.undoes);
    if buried.into_iter().any(|key| lines.iter().any(|line| line.key == key)) {
        broken.push(Law::Tombstones);
    }
    let effects = Effects::of(keys, &ours);
    if effects.moves > 1 || effects.held > 1 || effects.most > standing.cost {
        broken.push(Law::ChargedOnce);
    }
    if effects.refunded() > effects.captured || effects.went_back_first() {
        broken.push(Law::Refunds);
    }
    if effects.shipped > 1 {
        broken.push(Law::Shipped);
    }
    if effects.reserved > 1 {
        broken.push(Law::Stock);
    }
    if effects.steps.iter().any(|(runs, _)| *runs > 1) {
        broken.push(Law::Steps);
    }
    broken
}

/// Whether the order came so far as to ask for a step. Its intent is committed before a call leaves, and the database is
/// read after the ledger: so this holds of every line, at any moment.
fn was_asked(keys: &Keys, standing: &Standing, line: &Line) -> bool {
    use PaymentStatus as P;
    use ShipmentStatus as S;
    let Standing { plan, stock, payment, shipment, manual, .. } = *standing;
    let remote = |bit: i16| plan.0 & bit != 0;
    let status = |is: fn(&(Uuid, Uuid), &Line) -> bool| {
        let place = keys.steps.iter().position(|pair| is(pair, line))?;
        standing.steps.get(place).map(|step| step.status)
    };
    match line.action {
        Action::Reserve => remote(Plan::INVENTORY) && stock != Stock::None,
        Action::Release => remote(Plan::INVENTORY) && matches!(stock, Stock::Releasing | Stock::Released),
        Action::Charge => remote(Plan::PAYMENT) && !manual && payment != P::None,
        Action::Authorize => remote(Plan::PAYMENT) && manual && payment != P::None,
        Action::Capture => {
            remote(Plan::PAYMENT) && manual && !matches!(payment, P::None | P::Intended | P::Authorized | P::Declined)
        }
        Action::Void => remote(Plan::PAYMENT) && matches!(payment, P::Voiding | P::Voided),
        Action::Refund if line.key == keys.void => remote(Plan::PAYMENT) && matches!(payment, P::Voiding | P::Voided),
        Action::Refund if line.key == keys.refund => {
            remote(Plan::PAYMENT) && matches!(payment, P::Refunding | P::Refunded)
        }
        Action::Refund => remote(Plan::PAYMENT), // by its row, which the key names
        Action::Ship => remote(Plan::SHIPMENT) && shipment != S::None,
        // One that the carrier refused leaves the shipment created.
        Action::CancelShipment => {
            remote(Plan::SHIPMENT) && matches!(shipment, S::Cancelling | S::Cancelled | S::Created)
        }
        Action::Run => status(|(run, _), line| *run == line.key).is_some_and(|status| status != StepStatus::None),
        Action::Undo => status(|(_, undo), line| *undo == line.key)
            .is_some_and(|status| matches!(status, StepStatus::Undoing | StepStatus::Undone)),
    }
}

/// What the lines must be by what the row says.
fn compared(standing: &Standing, effects: &Effects) -> Vec<Law> {
    let mut broken = Vec::new();
    let plan = standing.plan;
    let (money, parcel, stock) = (!plan.payment_is_local(), plan.0 & Plan::SHIPMENT != 0, !plan.inventory_is_local());
    if standing.answered_for || standing.cloned {
        return broken;
    }
    if money && !refunds_agree(standing, effects) {
        broken.push(Law::RefundRows);
    }
    if parcel && effects.is_out() && !was_paid(standing, effects) {
        broken.push(Law::Unpaid);
    }
    if standing.moved {
        return broken;
    }
    if standing.state == State::Cancelled {
        let kept = money && (effects.captured != effects.refunded() || effects.is_held());
        let left = standing.steps.iter().zip(&effects.steps).any(|(step, (runs, undos))| step.undo && runs > undos);
        if kept || parcel && effects.is_out() || stock && effects.is_reserved() || left {
            broken.push(Law::Whole);
        }
    }
    if !broken.is_empty() {
        return broken;
    }
    if money && !money_agrees(standing, effects) {
        broken.push(Law::Money);
    }
    if parcel && !parcel_agrees(standing, effects) {
        broken.push(Law::Shipped);
    }
    if stock && !stock_agrees(standing, effects) {
        broken.push(Law::Stock);
    }
    if !standing.steps.iter().zip(&effects.steps).all(|(step, done)| step_agrees(step, *done)) {
        broken.push(Law::Steps);
    }
    broken
}

/// What it may say of a step of the order's own in each of its states.
fn step_agrees(step: &OwnStep, (runs, undos): (u32, u32)) -> bool {
    match step.status {
        StepStatus::None | StepStatus::Refused => runs == 0 && undos == 0,
        StepStatus::Intended => undos == 0,
        StepStatus::Done => runs == 1 && undos == 0,
        StepStatus::Undoing => undos <= runs,
        StepStatus::Undone => runs == undos,
    }
}

/// A refund that was given back is one line of its amount (of nothing: none); one that is intended may be; one that was refused is none.
fn refunds_agree(standing: &Standing, effects: &Effects) -> bool {
    standing.refunds.iter().zip(&effects.asked).all(|(row, &(times, amount))| {
        if row.amount == 0 {
            return times == 0; // free goods came back: nobody was asked for anything
        }
        let once = times == 1 && amount == i128::from(row.amount);
        match row.status {
            RefundStatus::Refunded => once || times == 0 && standing.moved,
            RefundStatus::Intended => once || times == 0,
            RefundStatus::Refused => times == 0,
        }
    })
}

/// A parcel that is out was paid before it left, and its money was not given back by the saga itself.
///
/// What stands in two files bears no order. They are read one behind the other, so that of an order that moved meanwhile the later
/// one may have what the earlier one has not yet: a parcel without its charge, or the refund without the parcel's cancellation.
fn was_paid(standing: &Standing, effects: &Effects) -> bool {
    if standing.plan.payment_is_local() {
        return standing.captured > 0;
    }
    let Some(shipped) = effects.shipped_at else { return false };
    let Some(paid) = effects.paid_at else { return standing.moved && shipped.0 > 0 };
    let kept = effects.undone() == 0 || standing.moved && paid.0 > shipped.0;
    kept && (paid.0 != shipped.0 || paid.1 < shipped.1)
}

/// What the ledger may say of the money in each state of the payment.
fn money_agrees(standing: &Standing, effects: &Effects) -> bool {
    use PaymentStatus as P;
    let Standing { manual, .. } = *standing;
    let (amount, captured) = (i128::from(standing.amount), i128::from(standing.captured));
    let refunded = i128::from(standing.refunded);
    let moved = effects.captured == captured;
    let may_have_moved = effects.captured == 0 || effects.captured == amount;
    let held = !manual || effects.held == 1;
    // What a client asked back counts from its intent on, whether it went already or not.
    let underway = standing.refunds.iter().zip(&effects.asked);
    let underway = underway.filter(|(row, asked)| row.status == RefundStatus::Intended && asked.0 == 0);
    let underway: i128 = underway.map(|(row, _)| i128::from(row.amount)).sum();
    match standing.payment {
        P::None => effects.moves == 0 && effects.held == 0,
        P::Intended => may_have_moved,
        P::Authorized => held && effects.moves == 0,
        P::Capturing => held && may_have_moved,
        P::Charged => held && moved && effects.refunded() + underway == refunded,
        P::Declined => effects.moves == 0 && effects.held == 0,
        P::Voiding => may_have_moved && (effects.undone() == 0 || effects.undone() == effects.captured),
        P::Voided => moved && effects.undone() == refunded,
        P::Refunding => moved && (effects.undone() == 0 || effects.undone() == captured),
        P::Refunded => moved && effects.undone() == refunded,
    }
}

/// What it may say of the parcel in each state of the shipment.
fn parcel_agrees(standing: &Standing, effects: &Effects) -> bool {
    use ShipmentStatus as S;
    let (shipped, recalled) = (effects.shipped, effects.recalled);
    match standing.shipment {
        S::None | S::Failed => shipped == 0,
        S::Intended => recalled == 0,
        S::Created => shipped == 1 && recalled == 0,
        S::Cancelling => recalled <= shipped,
        S::Cancelled => shipped == recalled,
    }
}

/// What it may say of the stock in each state of the reservation.
fn stock_agrees(standing: &Standing, effects: &Effects) -> bool {
    let (reserved, released) = (effects.reserved, effects.released);
    match standing.stock {
        Stock::None => reserved == 0 && released == 0,
        Stock::Intended => released == 0,
        Stock::Reserved | Stock::Taken => reserved == 1 && released == 0,
        Stock::Rejected => reserved == 0,
        Stock::Releasing => released <= reserved,
        Stock::Released => reserved == released,
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
