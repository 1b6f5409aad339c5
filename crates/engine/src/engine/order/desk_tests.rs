//! An order's actor at a desk: it is told what happens, and what it does then is read out, a line each. What the store and the
//! participants say is said by each test, so that nothing here knows what is right.

use uuid::Uuid;

use super::*;
use crate::saga::definition::{Definition, Saga, StepKind, Wanted};
use crate::saga::effect::ParticipantRole;
use crate::saga::request::Details;
use crate::saga::transaction::{self, StockVerdict};
use crate::saga::{
    Address, Amount, CancelReason, Capture, Client, Currency, IdempotencyKey, Line, Plan, Request, StepName, Word,
};

pub(super) const LEASE: Duration = Duration::from_secs(10);
pub(super) const STEP_TIMEOUT: Duration = Duration::from_secs(4);
pub(super) const KEY_LIFETIME: Duration = Duration::from_secs(1_000);
pub(super) const ENTRY_WAIT: Duration = Duration::from_secs(60);
pub(super) const NODE: Uuid = Uuid::from_u128(7);
pub(super) const STAMP: Timestamp = Timestamp(1_700_000_000_000_000);
/// Pauses of 1, 2, 4 and 8 s.
pub(super) const RETRY: Retry =
    Retry { first: Duration::from_secs(1), factor: 2.0, max: Duration::from_secs(60), attempts: 5 };

pub(super) const REMOTE: Plan = Plan(Plan::PAYMENT | Plan::SHIPMENT);

pub(super) fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) const NANOSECOND: Duration = Duration::from_nanos(1);

pub(super) fn id() -> OrderId {
    OrderId::trusted("O-1")
}

pub(super) fn shop() -> Client {
    Client::trusted("shop")
}

pub(super) fn request(capture: Capture) -> Arc<Request> {
    let line = |sku: &str, quantity, unit_price| Line::priced(Sku::trusted(sku), quantity, unit_price);
    let ship_to = Address {
        name: "A".into(),
        line1: "1 Road".into(),
        line2: None,
        city: "X".into(),
        region: None,
        postal_code: "1".into(),
        country: "US".into(),
        email: None,
        phone: None,
    };
    Arc::new(Request {
        customer_id: "cus-7".into(),
        currency: Currency::parse("USD").expect("a currency"),
        lines: vec![line("A", 2, 50), line("B", 1, 100)],
        details: Details {
            payment_method: "pm_ok".into(),
            capture,
            ship_to,
            metadata: Default::default(),
            adjustments: Vec::new(),
        },
    })
}

/// The participants of the order's own database: whatever is local there takes effect.
pub(super) struct Local {
    pub(super) saga: Saga,
    /// Whether local steps of the order's own are done here.
    pub(super) steps: bool,
}

impl LocalParticipants for Local {
    fn plan(&self) -> Plan {
        self.saga.plan()
    }

    fn saga(&self) -> Saga {
        self.saga.clone()
    }

    fn answer(&self, order: &Order, call: Call) -> Option<Outcome> {
        if let Some(step) = call.step(order) {
            return (step.kind == StepKind::Local && self.steps).then(Outcome::done);
        }
        let bit = match call.role() {
            ParticipantRole::Inventory => Plan::INVENTORY,
            ParticipantRole::Payment => Plan::PAYMENT,
            ParticipantRole::Shipment => Plan::SHIPMENT,
            ParticipantRole::Step => return None,
        };
        (order.plan.0 & bit == 0).then(Outcome::done)
    }
}

pub(super) fn step(name: &str) -> StepName {
    StepName::parse(name).expect("a name")
}

/// A saga with one step of a shop's own around a remote payment and shipment: `screen` before the stock; `fraud` before the payment
/// and `gift` behind the parcel, with a minute each; `points` before the parcel, which can be undone; `limit`, which is local.
fn own(name: &str) -> Saga {
    let (before, kind, undo, deadline_ms) = match name {
        "fraud" => ("payment", StepKind::Http, false, Some(60_000)),
        "points" => ("shipment", StepKind::Http, true, None),
        "gift" => ("completion", StepKind::Http, false, Some(60_000)),
        "limit" => ("payment", StepKind::Local, false, None),
        "screen" => ("inventory", StepKind::Http, false, None),
        _ => panic!("no step {name}"),
    };
    let wanted = Wanted { name: step(name), before: before.into(), kind, undo, deadline_ms };
    let definition = Definition::new(REMOTE, &[wanted]).expect("a definition").expect("with a step");
    Saga::Own(Arc::new(definition))
}

/// What a command makes of an order. No local step of its own is done meanwhile.
pub(super) fn run(order: Option<&Order>, command: &Command) -> Order {
    txn(order, command).order
}

pub(super) fn txn(order: Option<&Order>, command: &Command) -> LocalTransaction {
    let local = Local { saga: Saga::BuiltIn(REMOTE), steps: false };
    transaction::run(order, command, STAMP, &local, StockVerdict::Assumed).expect("it is taken")
}

fn submitted(saga: Saga, capture: Capture) -> Order {
    run(None, &Command::Submit { id: id(), client: shop(), request: request(capture), saga })
}

pub(super) fn answer(call: impl Into<Call>, outcome: Outcome) -> Command {
    Command::Outcome { call: call.into(), outcome }
}

pub(super) fn refund(key: &str, amount: i64) -> Command {
    let (client, key) = (shop(), IdempotencyKey::trusted(key));
    Command::Refund { client, key, amount: Amount(amount), reason: "broken".into(), restock: Vec::new() }
}

pub(super) fn cancel() -> Command {
    Command::Cancel { reason: CancelReason::Client }
}

pub(super) fn attention(missing: Option<&str>) -> Command {
    Command::Attention { reason: "stuck".into(), missing: missing.map(step) }
}

pub(super) fn word() -> Word {
    Word { by: Client::trusted("ops"), reason: "seen".into() }
}

/// An order where it waits for what the word says.
pub(super) fn at(place: &str) -> Order {
    let built_in = |capture| submitted(Saga::BuiltIn(REMOTE), capture);
    let then = |before: &str, command: &Command| run(Some(&at(before)), command);
    let done = |call: Call| answer(call, Outcome::done());
    match place {
        "reserving" => submitted(Saga::BuiltIn(Plan(7)), Capture::Automatic),
        "charging" => built_in(Capture::Automatic),
        "authorizing" => built_in(Capture::Manual),
        "authorized" => then("authorizing", &done(Action::Authorize.into())),
        "capturing" => then("authorized", &Command::Capture { amount: Amount(200) }),
        "shipping" => then("charging", &done(Action::Charge.into())),
        "completed" => then("shipping", &done(Action::Ship.into())),
        "refunding" => then("completed", &refund("r-1", 100)),
        "voiding" => then("charging", &cancel()),
        "cancelled" => then("voiding", &done(Action::Void.into())),
        "asking" => then("charging", &attention(None)),
        "housed" => submitted(Saga::BuiltIn(Plan::LOCAL), Capture::Manual),
        "screening" => submitted(own("screen"), Capture::Automatic),
        "checking" => submitted(own("fraud"), Capture::Automatic),
        "rewarding" => run(Some(&submitted(own("points"), Capture::Automatic)), &done(Action::Charge.into())),
        "unrewarding" => then("rewarding", &cancel()),
        "giving" => {
            let paid = run(Some(&submitted(own("gift"), Capture::Automatic)), &done(Action::Charge.into()));
            run(Some(&paid), &done(Action::Ship.into()))
        }
        "limiting" => submitted(own("limit"), Capture::Automatic),
        "missing" => then("checking", &attention(Some("fraud"))),
        "newer" => Order { saga_version: 99, ..at("charging") },
        "cloned" => Order { cloned: true, ..at("charging") },
        _ => panic!("no order is {place}"),
    }
}

/// As it is stored; an order of a restored database is looked up first.
pub(super) fn stored(order: Order, look_first: bool) -> StoredOrder {
    let fingerprint = order.request.stored().fingerprint;
    StoredOrder { order, fingerprint, look_first }
}

/// A claim of an order whose call was sent so often, and intended so long ago.
pub(super) fn claimed(attempts: i16, intent_age: Duration) -> Claimed {
    let late = Duration::ZERO;
    Claimed { order_id: id(), attempts, intent_age, expired: false, look: false, late, counted: true }
}

/// A reason for there being no outcome; `away` for so long at most.
pub(super) fn cause(error: &str, away: Option<Duration>, forgiven: i16) -> Option<Cause> {
    Some(Cause { error: error.into(), away, forgiven })
}

pub(super) struct Desk {
    pub(super) core: OrderCore,
    pub(super) now: Instant,
    pub(super) lease: Duration,
    pub(super) lifetime: fn(Action) -> Option<Duration>,
    pub(super) doer: fn(&OwnStep) -> Doer,
    pub(super) knows: fn(&Sku) -> bool,
    pub(super) local: Arc<dyn LocalParticipants>,
    /// The write that left last.
    pub(super) write: Option<Write>,
    /// The call, or the question, that left last.
    pub(super) due: Option<Due>,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self {
            core: OrderCore::new(id(), false),
            now: Instant::now() + s(1_000_000),
            lease: LEASE,
            lifetime: |_| Some(KEY_LIFETIME),
            doer: |_| Doer::Here,
            knows: |_| true,
            local: Arc::new(Local { saga: Saga::BuiltIn(REMOTE), steps: true }),
            write: None,
            due: None,
        }
    }

    /// Under this desk's circumstances.
    pub(super) fn with<T>(&self, ask: impl FnOnce(&OrderContext<'_>) -> T) -> T {
        let (reservation_ttl, authorized_ttl) = (s(900), s(3_600));
        let (node, lease, intent) = (NODE, self.lease, Intent::Same);
        ask(&OrderContext {
            now: STAMP,
            instant: self.now,
            local: &self.local,
            driver: &Driver { node, lease, reservation_ttl, authorized_ttl, intent, look_first: false },
            retry: &RETRY,
            step_timeout: STEP_TIMEOUT,
            key_lifetime: &self.lifetime,
            doer: &self.doer,
            entry_wait: ENTRY_WAIT,
            knows_sku: &self.knows,
        })
    }

    pub(super) fn tell(&mut self, heard: OrderInput) -> Vec<String> {
        self.have(|core, context, out| core.step(heard, context, out))
    }

    /// Has the actor do this, and reads out what comes of it.
    pub(super) fn have(
        &mut self,
        does: impl FnOnce(&mut OrderCore, &OrderContext<'_>, &mut Vec<OrderOutput>),
    ) -> Vec<String> {
        let (mut core, mut out) = (self.core.clone(), Vec::new());
        self.with(|context| does(&mut core, context, &mut out));
        self.core = core;
        for output in &out {
            match output {
                OrderOutput::Commit(write) => self.write = Some((**write).clone()),
                OrderOutput::Call(due, called) | OrderOutput::LookUp(due, called) => {
                    // What leaves is told with the order as it is committed, and nothing else.
                    assert_eq!((self.core.memory(), called.call), (Some(&*called.order), due.call));
                    let refund = called.refund.as_ref();
                    let name = refund.map(|one| RefundName { client: one.client.clone(), key: one.key.clone() });
                    assert_eq!(name, due.refund);
                    self.due = Some(due.clone());
                }
                _ => {}
            }
        }
        out.iter().map(line).collect()
    }

    /// What an engine does that has claimed an order which stands so.
    pub(super) fn wake(&mut self, stored: StoredOrder, claimed: Claimed) -> Vec<String> {
        assert_eq!(self.claim(claimed), ["load"]);
        self.tell(OrderInput::Loaded(Ok(Some(stored))))
    }

    pub(super) fn claim(&mut self, claimed: Claimed) -> Vec<String> {
        let ask = Arc::new(Ask::Wake(claimed, self.now));
        self.tell(OrderInput::Ask { ask, reload: false })
    }

    /// An engine that has claimed an order which stands so, and what it does beside answering the claim.
    pub(super) fn woken(place: &str, claimed: Claimed) -> (Self, Vec<String>) {
        let mut desk = Self::new();
        let mut lines = desk.wake(stored(at(place), false), claimed);
        assert!(lines.remove(0).starts_with("answer "), "whoever woke it is told first: {lines:?}");
        (desk, lines)
    }

    /// The same, where the call that is due was sent so often.
    pub(super) fn calling(place: &str, attempts: i16) -> Self {
        let (desk, lines) = Self::woken(place, claimed(attempts, Duration::ZERO));
        assert!(lines.len() == 1 && lines[0].starts_with("call "), "{lines:?}");
        desk
    }

    /// What the participant says to the call that left last.
    pub(super) fn answers(&mut self, outcome: Outcome, cause: Option<Cause>) -> Vec<String> {
        let due = self.due.clone().expect("a call");
        self.tell(OrderInput::Answered { due, outcome, cause })
    }

    /// What the participant says to the question that left last.
    pub(super) fn found(&mut self, outcome: Outcome, cause: Option<Cause>) -> Vec<String> {
        let due = self.due.clone().expect("a question");
        self.tell(OrderInput::LookedUp { due, outcome, cause })
    }

    /// The write that left last is durable.
    pub(super) fn stored(&mut self) -> Vec<String> {
        let write = self.write.take().expect("a write");
        self.tell(OrderInput::Committed(Ok(Committed::Stored(write.txn))))
    }

    /// The order, as the write that left last would have it.
    pub(super) fn written(&self) -> &Order {
        &self.write.as_ref().expect("a write").txn.order
    }

    /// The reason for which the write that left last asks for a human.
    pub(super) fn reason(&self) -> &str {
        &self.written().attention.as_ref().expect("it waits").reason
    }
}

fn word_of(is_so: bool, word: &str) -> String {
    if is_so { format!(", {word}") } else { String::new() }
}

/// An output in words: all that it says.
fn line(output: &OrderOutput) -> String {
    match output {
        OrderOutput::Load => "load".into(),
        OrderOutput::Look => "look".into(),
        OrderOutput::Survey { scope, skus } => {
            let skus: Vec<_> = skus.iter().map(Sku::as_str).collect();
            format!("survey key {} and [{}]", scope.as_ref().map_or("none", |scope| scope.key.as_str()), skus.join(" "))
        }
        OrderOutput::Commit(write) => commit(write),
        OrderOutput::FindKey(scope) => format!("find key {} at {}", scope.key, scope.route),
        OrderOutput::Bind(claim) => format!("bind {} to {}", claim.scope.key, claim.order_id),
        OrderOutput::Postpone(PutOff { version, attempts, pause, look, error }) => {
            let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            format!("postpone v{version}, {attempts} attempts, {pause:?}{}{error}", word_of(*look, "look"))
        }
        OrderOutput::Leave { version } => format!("leave v{version}"),
        OrderOutput::HandBack(HandBack { node, pause, fault, error, counted, look }) => {
            assert_eq!((*node, *pause), (NODE, limits::HANDED_BACK));
            let why = match (fault, error) {
                (Some(fault), None) => format!("fault: {fault}"),
                (None, Some(error)) => format!("error: {error}"),
                _ => format!("{fault:?} {error:?}"),
            };
            format!("hand back{}{}, {why}", word_of(*counted, "counted"), word_of(*look, "look"))
        }
        OrderOutput::AskHold { version } => format!("ask hold v{version}"),
        OrderOutput::Call(due, called) => format!("call {}", asked(due, &called.order)),
        OrderOutput::LookUp(due, called) => format!("look up {}", asked(due, &called.order)),
        OrderOutput::Answer { verdict, driving } => {
            let told = match verdict {
                Ok(reply) => told(reply),
                Err(error) => format!("{error:?}"),
            };
            format!("answer {told}{}", word_of(*driving, "driving"))
        }
        OrderOutput::NoticeAttention(notice) => {
            let AttentionNotice { call, attempts, last, reason } = &**notice;
            format!("a human for {}, {attempts} attempts, {last}: {reason}", call.kind)
        }
        OrderOutput::Report { reply, resting } => {
            let told = reply.as_ref().map_or_else(|| "nothing".into(), told);
            format!("report {told}{}", word_of(*resting, "resting"))
        }
    }
}

pub(super) fn asked(due: &Due, order: &Order) -> String {
    let refund = due.refund.as_ref().map(|name| format!(" {}", name.key)).unwrap_or_default();
    format!("{}{refund}", due.call.named(order))
}

pub(super) fn told(reply: &Reply) -> String {
    match reply {
        Reply::Final { order_id, answer, replayed } => {
            assert_eq!(*order_id, id());
            format!("final {}{}", answer.status, word_of(*replayed, "again"))
        }
        Reply::Running { order_id, state, version, amount, currency, replayed } => {
            assert_eq!((order_id, *amount, &**currency), (&id(), 200, "USD"));
            format!("{state} v{version}{}", word_of(*replayed, "again"))
        }
    }
}

fn commit(write: &Write) -> String {
    use std::fmt::Write as _;
    let mut line = match write.guard() {
        Guard::Absent => "commit absent".to_owned(),
        Guard::Version(version) => format!("commit v{version}"),
    };
    let events: Vec<_> = write.txn.events.iter().map(crate::saga::Event::name).collect();
    let _ = write!(line, " [{}]", events.join(" "));
    if let Some(claim) = &write.key {
        let answer = claim.answer.as_ref().map_or("open".to_owned(), |answer| answer.status.to_string());
        let _ = write!(line, ", key {} {answer}", claim.scope.key);
    }
    for Settled { route, holder, answer } in write.settled() {
        let holder = holder.as_ref().map(|(client, key)| format!(" of {client} {key}")).unwrap_or_default();
        let _ = write!(line, ", settles {route}{holder} {}", answer.status);
    }
    if let Some(OperatorEntry { by, verb, reason, .. }) = write.log() {
        let _ = write!(line, ", {verb} by {by}: {reason}");
    }
    if let Some(Trouble { attempts, error }) = write.trouble() {
        let _ = write!(line, ", trouble {attempts}: {error}");
    }
    let Driver { node, lease: _, intent, look_first, .. } = write.driver;
    assert_eq!((node, write.now), (NODE, STAMP));
    let _ = write!(line, ", {intent:?}{}", word_of(look_first, "look first"));
    let before = write.advance().and_then(|advance| advance.before.as_ref());
    let _ = write!(line, "{}", before.map(|order| format!(", before v{}", order.version)).unwrap_or_default());
    line
}
