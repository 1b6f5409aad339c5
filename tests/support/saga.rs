//! The saga's vocabulary for tests: a representative order, every command that could be said to it, and participants
//! whose place and mood a test chooses.

use std::sync::Arc;

use counterfoil::saga::definition::{Definition, Saga, StepKind, Wanted};
use counterfoil::saga::request::{Address, Details};
use counterfoil::saga::transaction::{self, StockVerdict};
use counterfoil::saga::{
    Action, Amount, Call, CallKind, CancelReason, Capture, Client, Command, Currency, IdempotencyKey, Line,
    LocalParticipants, LocalTransaction, Order, OrderId, Outcome, Plan, Refund, Refusal, Request, Restock, Shortage,
    Sku, StepName, Timestamp, Word,
};

/// What an operator says.
pub fn word(reason: &str) -> Word {
    Word { by: Client::trusted("ops"), reason: reason.into() }
}

/// What the representative order costs.
pub const AMOUNT: i64 = 1_000;

/// Sagas that are tried: without steps of one's own, and with one or more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Own {
    /// None.
    #[default]
    None,
    /// A check before the payment, which leaves nothing to be undone.
    Check,
    /// What is undone where the parcel does not leave.
    Points,
    /// A limit, decided within the order's own database.
    Limit,
    /// One in each place, and two in one: with an undo and without, remote and local.
    Five,
}

impl Own {
    /// Those that have some.
    pub const ALL: [Self; 3] = [Self::Check, Self::Points, Self::Five];

    /// The saga, around built-in steps of this plan.
    pub fn saga(self, plan: Plan) -> Saga {
        let step = |name: &str, before: &str, undo, deadline_ms| Wanted {
            name: StepName::parse(name).expect("a name"),
            before: before.into(),
            kind: StepKind::Http,
            undo,
            deadline_ms,
        };
        let wanted = match self {
            Self::None => Vec::new(),
            Self::Check => vec![step("fraud", "payment", false, Some(172_800_000))],
            Self::Points => vec![step("points", "shipment", true, Some(60_000))],
            Self::Limit => vec![Wanted { kind: StepKind::Local, ..step("limit", "payment", false, None) }],
            Self::Five => vec![
                step("hold", "inventory", true, None),
                step("fraud", "payment", false, Some(172_800_000)),
                Wanted { kind: StepKind::Local, ..step("limit", "payment", false, None) },
                step("points", "shipment", true, None),
                step("gift", "completion", false, Some(60_000)),
            ],
        };
        let definition = Definition::new(plan, &wanted).expect("a definition");
        definition.map_or(Saga::BuiltIn(plan), |definition| Saga::Own(Arc::new(definition)))
    }
}

/// Which participants are remote, and what the local ones say.
#[derive(Debug, Clone, Copy, Default)]
pub struct Participants {
    /// The steps of one's own.
    pub own: Own,
    /// The remote ones; they are never asked.
    pub plan: Plan,
    /// The local payment participant declines.
    pub declines: bool,
    /// The local carrier refuses, and so does a local step of one's own.
    pub carrier_refuses: bool,
}

impl LocalParticipants for Participants {
    fn plan(&self) -> Plan {
        self.plan
    }

    fn saga(&self) -> Saga {
        self.own.saga(self.plan)
    }

    fn has_step(&self, _: &StepName) -> bool {
        true
    }

    fn answer(&self, order: &Order, call: Call) -> Option<Outcome> {
        use counterfoil::saga::effect::ParticipantRole;
        if let Some(step) = call.step(order) {
            let said = if self.carrier_refuses { Outcome::refused("over the limit") } else { Outcome::done() };
            return (step.kind == StepKind::Local).then_some(said);
        }
        let bit = match call.role() {
            ParticipantRole::Inventory => Plan::INVENTORY,
            ParticipantRole::Payment => Plan::PAYMENT,
            ParticipantRole::Shipment => Plan::SHIPMENT,
            ParticipantRole::Step => return None,
        };
        if order.plan.0 & bit != 0 {
            return None;
        }
        Some(match call.action()? {
            Action::Charge | Action::Authorize if self.declines => Outcome::refused("card_declined"),
            Action::Ship if self.carrier_refuses => Outcome::refused("carrier_refused"),
            _ => Outcome::done(),
        })
    }
}

/// The representative request: two lines of one SKU and one of another, [`AMOUNT`] in all.
pub fn request(capture: Capture) -> Arc<Request> {
    let line = |sku: &str, quantity, unit_price| Line::priced(Sku::trusted(sku), quantity, unit_price);
    Arc::new(Request {
        customer_id: "cus-1".into(),
        currency: Currency::parse("EUR").expect("a currency"),
        lines: vec![line("A", 2, 100), line("A", 1, 300), line("B", 1, 500)],
        details: Details {
            payment_method: "pm_ok".into(),
            capture,
            ship_to: Address {
                name: "A".into(),
                line1: "1 Road".into(),
                line2: None,
                city: "X".into(),
                region: None,
                postal_code: "1".into(),
                country: "DE".into(),
                email: None,
                phone: None,
            },
            metadata: Default::default(),
            adjustments: Vec::new(),
        },
    })
}

/// The submission of the representative order.
pub fn submit(capture: Capture, plan: Plan) -> Command {
    Command::Submit {
        id: OrderId::trusted("ORD-1"),
        client: Client::trusted("shop"),
        request: request(capture),
        saga: plan.into(),
    }
}

/// The same along the participants' own saga.
pub fn submit_to(capture: Capture, local: &Participants) -> Command {
    Command::Submit {
        id: OrderId::trusted("ORD-1"),
        client: Client::trusted("shop"),
        request: request(capture),
        saga: local.saga(),
    }
}

/// What may be asked about the built-in steps.
pub fn built_in_calls() -> Vec<Call> {
    Action::BUILT_IN.into_iter().map(Call::from).chain([Call::LOOK_UP]).collect()
}

/// What may be asked about a step of one's own.
pub const OWN_CALLS: [CallKind; 3] = [CallKind::Act(Action::Run), CallKind::Act(Action::Undo), CallKind::LookUp];

/// Every answer about a step of one's own that could be heard.
pub fn own_commands() -> Vec<(String, Command)> {
    let mut commands = Vec::new();
    for at in 0..5 {
        for kind in OWN_CALLS {
            let call = Call::own(kind, at);
            let answers = outcomes().into_iter().chain([("contradicted", contradicted())]);
            commands.extend(answers.map(|(name, outcome)| {
                let command = Command::Outcome { call, outcome };
                (format!("{kind} of {at} {name}"), command)
            }));
        }
    }
    let fraud = StepName::parse("fraud").expect("a name");
    let missing = Command::Attention { reason: "no entry".into(), missing: Some(fraud) };
    commands.extend([("missing".into(), missing), ("found".into(), Command::Found), ("go on".into(), Command::GoOn)]);
    commands
}

fn contradicted() -> Outcome {
    Outcome::Contradicted { reason: "it says 1".into() }
}

/// Runs a command as far as it goes without leaving the process.
pub fn run(
    order: Option<&Order>,
    command: &Command,
    now: Timestamp,
    local: &Participants,
) -> Result<LocalTransaction, Refusal> {
    transaction::run(order, command, now, local, StockVerdict::Assumed)
}

/// Everything that a participant could answer, sense or nonsense, each with its name in the golden file.
pub fn outcomes() -> Vec<(&'static str, Outcome)> {
    let done = |reference: Option<&str>, tombstone, captured| Outcome::Done {
        reference: reference.map(Into::into),
        tombstone,
        captured: Amount(captured),
        holds_ms: None,
    };
    let shortages = vec![Shortage { sku: Sku::trusted("A"), requested: 3, available: 1 }];
    vec![
        ("done", done(None, false, 0)),
        ("done, referenced", done(Some("r-1"), false, 0)),
        ("done by a tombstone", done(None, true, 0)),
        ("done, all captured", done(Some("r-2"), false, AMOUNT)),
        ("done, some captured", done(None, false, 1)),
        ("done, too much captured", done(None, false, AMOUNT + 1)),
        ("done, less than nothing captured", done(None, false, -1)),
        ("refused", Outcome::refused("no")),
        ("refused for stock", Outcome::Refused { reason: "out of stock".into(), shortages }),
        ("pending", Outcome::Pending),
        ("unknown", Outcome::Unknown),
        ("absent", Outcome::Absent),
    ]
}

/// Refunds that could be asked for: key, amount, and how much of `A` comes back. The last two cannot be had, nor the third
/// where inventory is remote.
const REFUNDS: [(&str, i64, i64); 5] =
    [("r-1", 1, 0), ("r-2", AMOUNT - 1, 0), ("r-3", 2, 1), ("r-4", AMOUNT + 1, 0), ("r-5", 1, 4)];

fn refund(key: &str, amount: i64, restock: i64) -> Command {
    let back = Restock { sku: Sku::trusted("A"), quantity: restock };
    Command::Refund {
        client: Client::trusted("shop"),
        key: IdempotencyKey::trusted(key),
        amount: Amount(amount),
        reason: "broken".into(),
        restock: Some(back).filter(|back| back.quantity > 0).into_iter().collect(),
    }
}

/// The answer to a refund that was asked for under this key.
pub fn refunded(key: &str, outcome: Outcome) -> Command {
    Command::Refunded { client: Client::trusted("shop"), key: IdempotencyKey::trusted(key), outcome }
}

/// Whether a caller may say it: one refund a key, which the key's own row sees to.
pub fn may_be_said(order: &Order, command: &Command) -> bool {
    let is = |refund: &Refund, named: &Client, under: &IdempotencyKey| refund.client == *named && refund.key == *under;
    match command {
        Command::Refund { client, key, .. } => !order.refunds.iter().any(|refund| is(refund, client, key)),
        _ => true,
    }
}

/// Every command that could be said to an order, each with its name in the golden file.
pub fn commands() -> Vec<(String, Command)> {
    let mut commands = vec![("submit".to_owned(), submit(Capture::Automatic, Plan::LOCAL))];
    for call in built_in_calls() {
        let answers = outcomes().into_iter();
        commands.extend(
            answers.map(|(name, outcome)| (format!("{} {name}", call.kind), Command::Outcome { call, outcome })),
        );
    }
    for reason in [CancelReason::Client, CancelReason::Operator, CancelReason::Expired, CancelReason::Participant] {
        commands.push((format!("cancel by {}", reason.as_str()), Command::Cancel { reason }));
    }
    for amount in [-1, 0, 1, AMOUNT, AMOUNT + 1] {
        commands.push((format!("capture {amount}"), Command::Capture { amount: Amount(amount) }));
    }
    for (key, amount, restock) in REFUNDS {
        commands.push((format!("refund {amount} with {restock} back"), refund(key, amount, restock)));
    }
    for (key, amount, _) in &REFUNDS[..3] {
        let answers = outcomes().into_iter();
        commands.extend(answers.map(|(name, outcome)| (format!("refunded {amount} {name}"), refunded(key, outcome))));
    }
    commands.push(("retry".into(), Command::Retry(word("it answers again"))));
    for reference in [None, Some("s-1")] {
        let name = reference.map_or("skip".into(), |reference| format!("skip as {reference}"));
        commands.push((name, Command::Skip { reference: reference.map(Into::into), word: word("seen") }));
    }
    commands.push(("force-cancel".into(), Command::ForceCancel(word("gone"))));
    commands.push(("expire".into(), Command::Expire));
    commands.push(("attention".into(), Command::Attention { reason: "a human should look".into(), missing: None }));
    commands
}

/// The contradictions that could be heard, which version 1's golden file does not know: it was written before there were
/// any.
pub fn contradictions() -> Vec<(String, Command)> {
    let of_steps = built_in_calls()
        .into_iter()
        .map(|call| (format!("{} contradicted", call.kind), Command::Outcome { call, outcome: contradicted() }));
    let of_refunds = REFUNDS[..3]
        .iter()
        .map(|(key, amount, _)| (format!("refunded {amount} contradicted"), refunded(key, contradicted())));
    of_steps.chain(of_refunds).collect()
}
