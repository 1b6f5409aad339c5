//! A healthy database: orders of every kind, each run through the saga itself, and written as the engine writes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::saga::{Own, word};
use counterfoil::ports::{Deadline, Driver, Guard, Work};
use counterfoil::saga::command::{Command, Outcome};
use counterfoil::saga::definition::Plan;
use counterfoil::saga::definition::StepKind;
use counterfoil::saga::effect::{Action, Call, ParticipantRole};
use counterfoil::saga::event::Event;
use counterfoil::saga::failure::CancelReason;
use counterfoil::saga::ids::{Client, IdempotencyKey, OrderId, Sku};
use counterfoil::saga::money::{Amount, Currency};
use counterfoil::saga::request::{Address, Capture, Details, Line, Request};
use counterfoil::saga::state::{Order, PaymentStatus, Restock, Stock, Timestamp};
use counterfoil::saga::transaction::{self, LocalParticipants, StockVerdict};
use counterfoil::saga::{LocalTransaction, Saga, Shortage, StepName, Verb, invariant, verb};
use counterfoil::store::planner::Planner;
use counterfoil::store::prune::{self, PruneSettings};

/// Participants that answer alike to everything.
struct Participants {
    own: Own,
    /// Nobody does local steps of one's own.
    nobody: bool,
    plan: Plan,
    payment: Outcome,
    shipment: Outcome,
}

impl Participants {
    /// Who are local, or (payment and shipment) remote, and say yes.
    fn all_well(plan: Plan) -> Self {
        Self { plan, payment: Outcome::done(), shipment: Outcome::done(), own: Own::None, nobody: false }
    }
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
        if let Some(step) = call.step(order) {
            return (step.kind == StepKind::Local && !self.nobody).then(Outcome::done);
        }
        let undo = matches!(call.action()?, Action::Refund | Action::Void | Action::CancelShipment);
        match call.role() {
            ParticipantRole::Inventory | ParticipantRole::Step => None,
            ParticipantRole::Payment if self.plan.0 & Plan::PAYMENT != 0 => None,
            ParticipantRole::Shipment if self.plan.0 & Plan::SHIPMENT != 0 => None,
            _ if undo => Some(Outcome::done()),
            ParticipantRole::Payment => Some(self.payment.clone()),
            ParticipantRole::Shipment => Some(self.shipment.clone()),
        }
    }
}

/// An order to be: who takes part, and what is said to it after its submission.
struct Story {
    id: String,
    /// What it is submitted under, where its name is derived from that.
    key: Option<&'static str>,
    participants: Participants,
    capture: Capture,
    short: Vec<Shortage>,
    then: Vec<Command>,
    began: Duration,
}

impl Story {
    fn local(id: &str) -> Self {
        let participants = Participants::all_well(Plan::LOCAL);
        let began = Duration::from_secs(60);
        let (id, key) = (id.to_owned(), None);
        Self { id, key, participants, capture: Capture::Automatic, short: Vec::new(), then: Vec::new(), began }
    }

    /// Under a name that is derived from its key.
    fn keyed(key: &'static str) -> Self {
        let id = OrderId::derived(&Client::anonymous(), &IdempotencyKey::trusted(key));
        Self { key: Some(key), ..Self::local(id.as_str()) }
    }

    fn elsewhere(id: &str, then: Vec<Command>) -> Self {
        let participants = Participants::all_well(Plan(Plan::INVENTORY | Plan::PAYMENT | Plan::SHIPMENT));
        Self { participants, then, ..Self::local(id) }
    }

    fn remote(id: &str, then: Vec<Command>) -> Self {
        let participants = Participants::all_well(Plan(Plan::PAYMENT | Plan::SHIPMENT));
        Self { participants, then, ..Self::local(id) }
    }

    /// Along a saga with steps of one's own; payment and shipment are remote.
    fn along(own: Own, id: &str, then: Vec<Command>) -> Self {
        let story = Self::remote(id, then);
        Self { participants: Participants { own, ..story.participants }, ..story }
    }

    /// At a step of its own that is local, and that nobody does.
    fn left(id: &str) -> Self {
        let story = Self::local(id);
        Self { participants: Participants { own: Own::Limit, nobody: true, ..story.participants }, ..story }
    }

    fn manual(self) -> Self {
        Self { capture: Capture::Manual, ..self }
    }
}

fn answered(action: Action, outcome: Outcome) -> Command {
    Command::Outcome { call: action.into(), outcome }
}

/// Each effect has a name of its own.
fn done(action: Action) -> Command {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let reference = Some(Arc::from(format!("{action}-{number}")));
    answered(action, Outcome::Done { reference, tombstone: false, captured: Amount(0), holds_ms: None })
}

/// The same of a step of the order's own, by its place.
fn step_done(action: Action, at: usize) -> Command {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let reference = Some(Arc::from(format!("{action}-{at}-{number}")));
    let outcome = Outcome::Done { reference, tombstone: false, captured: Amount(0), holds_ms: None };
    Command::Outcome { call: Call::own(action, at), outcome }
}

fn step_refused(at: usize) -> Command {
    Command::Outcome { call: Call::own(Action::Run, at), outcome: Outcome::refused("suspicious") }
}

fn called_off() -> Command {
    Command::Cancel { reason: CancelReason::Client }
}

fn wait() -> Command {
    Command::Attention { reason: "ten attempts".into(), missing: None }
}

fn refund(key: &str, amount: i64, restock: &[(&str, i64)]) -> Command {
    let back = |&(sku, quantity): &(&str, i64)| Restock { sku: Sku::trusted(sku), quantity };
    Command::Refund {
        client: Client::anonymous(),
        key: IdempotencyKey::trusted(key),
        amount: Amount(amount),
        reason: "broken".into(),
        restock: restock.iter().map(back).collect(),
    }
}

fn refunded(key: &str, outcome: Outcome) -> Command {
    Command::Refunded { client: Client::anonymous(), key: IdempotencyKey::trusted(key), outcome }
}

/// An order that completed, with its payment and shipment elsewhere.
fn completed(id: &str, then: Vec<Command>) -> Story {
    Story::remote(id, [vec![done(Action::Charge), done(Action::Ship)], then].concat())
}

/// When orders began whose histories were pruned.
const LONG_AGO: Duration = Duration::from_secs(400 * 24 * 3_600);

/// Orders of every kind. Remote ones have a commit a local transaction.
fn stories() -> Vec<Story> {
    let declined = Participants { payment: Outcome::refused("no funds"), ..Participants::all_well(Plan::LOCAL) };
    let unshippable = Participants { shipment: Outcome::refused("no route"), ..Participants::all_well(Plan::LOCAL) };
    let shortage = Shortage { sku: Sku::trusted("SKU-1"), requested: 3, available: 1 };
    let charge_lost = || answered(Action::Charge, Outcome::Unknown);
    let voided = Outcome::Done { reference: None, tombstone: false, captured: Amount(4_500), holds_ms: None };
    vec![
        Story::local("ORD-COMPLETED"),
        Story { participants: declined, ..Story::local("ORD-DECLINED") },
        Story { short: vec![shortage], ..Story::local("ORD-NO-STOCK") },
        Story { participants: unshippable, ..Story::local("ORD-NO-SHIP") },
        Story::remote("ORD-REMOTE", vec![charge_lost(), done(Action::Charge), done(Action::Ship)]),
        Story::remote("ORD-CHARGING", vec![]),
        Story::remote("ORD-CHARGED", vec![done(Action::Charge)]),
        Story::remote("ORD-VOIDING", vec![charge_lost(), called_off()]),
        Story::remote("ORD-VOIDED", vec![charge_lost(), called_off(), answered(Action::Void, voided)]),
        Story::remote(
            "ORD-CALLED-OFF",
            vec![done(Action::Charge), called_off(), done(Action::CancelShipment), done(Action::Refund)],
        ),
        Story::remote(
            "ORD-TOO-LATE",
            vec![done(Action::Charge), called_off(), answered(Action::CancelShipment, Outcome::refused("gone"))],
        ),
        Story::local("ORD-WAITING").manual(),
        Story::remote("ORD-AUTHORIZED", vec![done(Action::Authorize)]).manual(),
        Story::remote(
            "ORD-CAPTURED",
            vec![
                done(Action::Authorize),
                Command::Capture { amount: Amount(4_000) },
                done(Action::Capture),
                done(Action::Ship),
            ],
        )
        .manual(),
        Story::remote("ORD-LAPSED", vec![done(Action::Authorize), Command::Expire, done(Action::Void)]).manual(),
        Story { began: Duration::from_secs(3 * 24 * 3_600), ..Story::remote("ORD-ATTENTION", vec![wait()]) },
        completed(
            "ORD-REFUNDED",
            vec![
                refund("back-1", 1_000, &[("SKU-1", 1)]),
                refund("back-2", 400, &[("SKU-2", 1)]),
                refunded("back-1", Outcome::done()),
                refund("back-3", 500, &[]),
                refunded("back-2", Outcome::refused("too late")),
                refunded("back-3", Outcome::done()),
            ],
        ),
        Story { then: vec![refund("back-4", 4_500, &[("SKU-1", 3)])], ..Story::local("ORD-GIVEN-BACK") },
        completed("ORD-REFUNDING", vec![refund("back-5", 100, &[("SKU-2", 1)])]),
        Story::remote("ORD-RESUMED", vec![wait(), Command::Retry(word("it answers again")), done(Action::Charge)]),
        Story::remote(
            "ORD-SKIPPED",
            vec![wait(), Command::Skip { reference: Some("ch_1".into()), word: word("seen") }, done(Action::Ship)],
        ),
        Story::remote("ORD-FORCED", vec![done(Action::Charge), wait(), Command::ForceCancel(word("gone"))]),
        Story::remote("ORD-FORCED-EARLY", vec![wait(), Command::ForceCancel(word("gone"))]),
        Story::keyed("k-2"),
        Story::elsewhere("ORD-RESERVING", vec![]),
        Story::elsewhere("ORD-ELSEWHERE", vec![done(Action::Reserve), done(Action::Charge), done(Action::Ship)]),
        Story::elsewhere("ORD-REFUSED", vec![answered(Action::Reserve, Outcome::refused("blocked"))]),
        Story::elsewhere(
            "ORD-RELEASING",
            vec![done(Action::Reserve), answered(Action::Charge, Outcome::refused("no funds"))],
        ),
        Story::remote("ORD-UNDOING", vec![done(Action::Charge), answered(Action::Ship, Outcome::refused("no route"))]),
        Story::remote("ORD-RECALLING", vec![done(Action::Charge), called_off()]),
        Story::remote("ORD-CAPTURING", vec![done(Action::Authorize), Command::Capture { amount: Amount(4_000) }])
            .manual(),
        Story::along(Own::Check, "ORD-STEP", vec![]),
        Story::along(Own::Check, "ORD-STEP-REFUSED", vec![step_refused(0)]),
        Story::along(
            Own::Five,
            "ORD-STEPS",
            vec![
                step_done(Action::Run, 0),
                step_done(Action::Run, 1),
                done(Action::Charge),
                step_done(Action::Run, 3),
                done(Action::Ship),
                step_done(Action::Run, 4),
            ],
        ),
        Story::along(
            Own::Points,
            "ORD-STEP-UNDONE",
            vec![
                done(Action::Charge),
                step_done(Action::Run, 0),
                answered(Action::Ship, Outcome::refused("no route")),
                step_done(Action::Undo, 0),
                done(Action::Refund),
            ],
        ),
        Story::along(Own::Points, "ORD-STEP-NEXT", vec![done(Action::Charge)]),
        Story::along(Own::Five, "ORD-STEP-WAITS", vec![]),
        Story::along(Own::Five, "ORD-STEP-BACK", vec![step_done(Action::Run, 0), step_refused(1)]),
        // All of it is in its own database, and no engine does its step: it rests all the same.
        Story::left("ORD-STEP-NOBODY"),
        Story::along(Own::Points, "ORD-STEP-UNDOING", vec![done(Action::Charge), called_off()]),
        Story::along(Own::Five, "ORD-STEP-FIRST", vec![step_refused(0)]),
        Story::along(
            Own::Check,
            "ORD-STEP-MISSING",
            vec![Command::Attention { reason: "no entry".into(), missing: StepName::parse("fraud").ok() }],
        ),
        Story::along(
            Own::Check,
            "ORD-STEP-FOUND",
            vec![
                Command::Attention { reason: "no entry".into(), missing: StepName::parse("fraud").ok() },
                Command::Found,
            ],
        ),
        Story::along(
            Own::Check,
            "ORD-STEP-SKIPPED",
            vec![wait(), Command::Skip { reference: Some("seen".into()), word: word("seen") }],
        ),
        Story {
            began: LONG_AGO,
            ..Story::along(
                Own::Points,
                "ORD-PRUNED-STEP",
                vec![done(Action::Charge), step_done(Action::Run, 0), done(Action::Ship)],
            )
        },
        Story { began: LONG_AGO, ..Story::local("ORD-PRUNED") },
        Story {
            began: LONG_AGO,
            ..Story::remote(
                "ORD-PRUNED-CALLED-OFF",
                vec![done(Action::Charge), called_off(), done(Action::CancelShipment), done(Action::Refund)],
            )
        },
        Story {
            began: LONG_AGO,
            ..completed(
                "ORD-PRUNED-REFUNDED",
                vec![refund("back-6", 1_000, &[("SKU-1", 1)]), refunded("back-6", Outcome::done())],
            )
        },
        Story {
            began: LONG_AGO,
            ..Story::remote(
                "ORD-PRUNED-SKIPPED",
                vec![wait(), Command::Skip { reference: Some("ch_2".into()), word: word("seen") }, done(Action::Ship)],
            )
        },
    ]
}

fn request(capture: Capture) -> Request {
    let line = |sku, quantity, unit_price| Line::priced(Sku::trusted(sku), quantity, unit_price);
    Request {
        customer_id: "cus-7".into(),
        currency: Currency::parse("USD").expect("a currency"),
        // The first SKU stands in two lines at different prices.
        lines: vec![line("SKU-1", 2, 1_000), line("SKU-1", 1, 500), line("SKU-2", 1, 2_000)],
        details: Details {
            payment_method: "pm_ok".into(),
            capture,
            ship_to: Address {
                name: "Grün \"A\"".into(),
                line1: "1 Road".into(),
                line2: None,
                city: "X".into(),
                region: None,
                postal_code: "1".into(),
                country: "US".into(),
                email: None,
                phone: None,
            },
            metadata: Default::default(),
            adjustments: Vec::new(),
        },
    }
}

/// Fills an empty database: stock by hand, orders, keys.
pub async fn fill(client: &mut tokio_postgres::Client) {
    client
        .batch_execute(
            "INSERT INTO inventory (sku, on_hand) VALUES ('SKU-1', 100), ('SKU-2', 55), ('SKU-3', 0);
             INSERT INTO inventory_journal (sku, delta, reason, client) VALUES
                 ('SKU-1', 100, 'created', 'anonymous'), ('SKU-2', 50, 'created', 'anonymous'),
                 ('SKU-2', 5, 'found', 'anonymous'), ('SKU-3', 0, 'created', 'anonymous');
             INSERT INTO idempotency_keys
                 (client, route, key, commit_id, fingerprint, answer_status, answer)
             VALUES ('anonymous', 'POST /inventory/SKU-2/adjustments', 'found-5', 1, '\\x01', 201,
                 '{\"sku\":\"SKU-2\",\"on_hand\":55,\"reserved\":0,\"available\":55}');",
        )
        .await
        .expect("put stock");
    for story in stories() {
        tell(client, &story).await;
    }
    let (older_than, hold) = (LONG_AGO * 3 / 4, Duration::ZERO);
    let settings = PruneSettings { older_than, hold, planner: Planner::default(), dry_run: false, sinks: Vec::new() };
    let pruned = prune::run(client, &settings, uuid::Uuid::nil()).await.expect("prune");
    assert_eq!((pruned.orders, pruned.unsound), (5, vec![]));
    client
        .batch_execute(
            "INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint)
             SELECT client, 'POST /orders', 'key-of-' || order_id, order_id, commit_id, fingerprint
             FROM orders WHERE order_id IN ('ORD-COMPLETED', 'ORD-DECLINED', 'ORD-CHARGING');
             INSERT INTO webhook_inbox (participant, webhook_id, order_id, handled_at)
             VALUES ('payment', 'wh-1', 'ORD-CHARGING', NULL), ('payment', 'wh-2', 'ORD-REMOTE', now());
             INSERT INTO nodes (node_id, name, version, state)
             VALUES (gen_random_uuid(), 'here', '0.2.0', 'up');
             INSERT INTO webhook_endpoints (endpoint_id, name, url, secrets, types, clients, personal_data, strict,
                 configured, position, deployment_id)
             SELECT '00000000-0000-4000-8000-000000000001', 'crm', 'https://h/', '[]', '[]', '[]', false, false, false,
                 json_build_object('epoch', max(epoch), 'upto', 0), (SELECT deployment_id FROM deployment) FROM epochs;
             INSERT INTO webhook_waiting (order_id, endpoint_id, version, upto, failures, run, first_failed_at)
             VALUES ('ORD-COMPLETED', '00000000-0000-4000-8000-000000000001', 2, 3, 1, 1, now());
             INSERT INTO webhook_set_aside (order_id, endpoint_id, version, run, failures, error)
             VALUES ('ORD-COMPLETED', '00000000-0000-4000-8000-000000000001', 1, 1, 10, 'answered 400');",
        )
        .await
        .expect("bind keys");
}

/// What is left to be done about an order, as its commits write it.
#[derive(Default)]
struct Left {
    open: bool,
    asleep: bool,
    held: bool,
    deadline: Option<Duration>,
}

impl Left {
    fn follow(&mut self, txn: &LocalTransaction, guard: Guard) {
        let driver = Driver {
            look_first: false,
            node: uuid::Uuid::nil(),
            lease: Duration::from_secs(10),
            reservation_ttl: Duration::from_secs(900),
            authorized_ttl: Duration::from_secs(7 * 24 * 3_600),
            intent: counterfoil::ports::Intent::Fresh,
        };
        match Work::left(txn, guard, &driver) {
            Work::Untouched | Work::Done => *self = Self::default(),
            Work::Open { held, asleep, deadline, .. } => {
                (self.open, self.held, self.asleep) = (true, held, asleep);
                match deadline {
                    Deadline::Keep => {}
                    Deadline::None => self.deadline = None,
                    Deadline::After(span) => self.deadline = Some(span),
                }
            }
        }
    }

    async fn write(&self, transaction: &tokio_postgres::Transaction<'_>, order: &Order) {
        if !self.open {
            return;
        }
        let seconds = |span: Duration| span.as_secs_f64();
        let wakes = match (self.asleep, self.held) {
            (true, _) => None,
            (false, true) => Some(10.0),
            (false, false) => self.deadline.map(seconds),
        };
        let sql = "INSERT INTO order_work (order_id, version, wake_at, expires_at, intent_at)
            VALUES ($1, $2, now() + make_interval(secs => $3), now() + make_interval(secs => $4), now())";
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&order.id.as_str(), &order.version, &wakes, &self.deadline.map(seconds)];
        transaction.execute(sql, &parameters).await.expect("write what is left");
    }
}

/// Runs a story through the saga, and writes what its commits would write.
async fn tell(client: &mut tokio_postgres::Client, story: &Story) {
    let transaction = client.transaction().await.expect("begin");
    #[expect(clippy::disallowed_methods, reason = "a story is told from the past, by nobody else's clock")]
    let began = SystemTime::now() - story.began;
    let micros = began.duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
    let request = Arc::new(request(story.capture));
    let submit = Command::Submit {
        id: OrderId::trusted(&*story.id),
        client: Client::anonymous(),
        request: Arc::clone(&request),
        saga: story.participants.saga(),
    };
    let (mut order, mut left) = (None::<Order>, Left::default());
    for (step, command) in std::iter::once(&submit).chain(&story.then).enumerate() {
        let now = Timestamp(i64::try_from(micros).expect("this century") + i64::try_from(step).expect("few"));
        let verdict = if story.short.is_empty() { StockVerdict::Assumed } else { StockVerdict::Short(&story.short) };
        let txn = transaction::run(order.as_ref(), command, now, &story.participants, verdict)
            .unwrap_or_else(|refusal| panic!("{}: {command:?} was refused: {refusal:?}", story.id));
        let first_version = order.as_ref().map_or(0, |order| order.version) + 1;
        // Each commit as if in a transaction of its own, as an engine writes it.
        let sql = "INSERT INTO order_events (order_id, first_version, at, events, xact)
            VALUES ($1, $2, $3, $4, (pg_current_xact_id()::text::bigint + $2::int)::text::xid8)";
        let events = Event::encode_sealed(&txn.events);
        transaction.execute(sql, &[&story.id, &first_version, &stamp(now), &events]).await.expect("write events");
        let (on_hand, reserved) = txn.stock.delta();
        for (sku, quantity) in request.quantities() {
            let sql = "UPDATE inventory SET on_hand = on_hand + $2, reserved = reserved + $3 WHERE sku = $1";
            let moved = [on_hand * quantity, reserved * quantity];
            transaction.execute(sql, &[&sku.as_str(), &moved[0], &moved[1]]).await.expect("move stock");
        }
        for (refund, back) in txn.given_back().flat_map(|refund| refund.restock.iter().map(move |back| (refund, back)))
        {
            let sql = "WITH moved AS (UPDATE inventory SET on_hand = on_hand + $2 WHERE sku = $1)
                INSERT INTO inventory_journal (sku, delta, reason, client, order_id)
                VALUES ($1, $2, 'restock of refund ' || $4, 'anonymous', $3)";
            let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
                [&back.sku.as_str(), &back.quantity, &story.id, &refund.key.as_str()];
            transaction.execute(sql, &parameters).await.expect("restock");
        }
        keep_verb(&transaction, command, order.as_ref(), &txn.order).await;
        left.follow(&txn, order.as_ref().map_or(Guard::Absent, |order| Guard::Version(order.version)));
        order = Some(txn.order);
    }
    let order = order.expect("a story begins with a submission");
    assert_eq!(invariant::violations(&order), Vec::<&str>::new(), "{}", story.id);
    write(&transaction, &order).await;
    if let Some(key) = story.key {
        let sql = "INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint)
            SELECT client, 'POST /orders', $2, order_id, commit_id, fingerprint FROM orders WHERE order_id = $1";
        transaction.execute(sql, &[&story.id, &key]).await.expect("bind its key");
    }
    left.write(&transaction, &order).await;
    transaction.commit().await.expect("commit");
}

/// Keeps what a commit keeps of verbs: the key of the one that was asked, the answers of those that it decides, and what
/// an operator did.
async fn keep_verb(
    transaction: &tokio_postgres::Transaction<'_>,
    command: &Command,
    before: Option<&Order>,
    after: &Order,
) {
    let id = after.id.as_str();
    let asked = match command {
        Command::Cancel { .. } => Some((Verb::Cancel, format!("cancel-{id}"))),
        Command::Capture { .. } => Some((Verb::Capture, format!("capture-{id}"))),
        Command::Refund { key, .. } => Some((Verb::Refund, key.to_string())),
        _ => None,
    };
    if let Some((verb, key)) = asked {
        let sql = "INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint)
            VALUES ('anonymous', 'POST /orders/' || $1 || '/' || $2, $3, $1, 1, '\\x01')";
        transaction.execute(sql, &[&id, &verb.as_str(), &key]).await.expect("keep a verb's key");
    }
    let ends = [Verb::Cancel, Verb::Capture].into_iter().filter_map(|verb| {
        let key = format!("{}-{id}", verb.as_str());
        Some((key, verb.settled(after)?))
    });
    let refunds = after.refunds.iter();
    let refunds = refunds.filter_map(|refund| Some((refund.key.to_string(), verb::refunded(after, refund)?)));
    for (key, answer) in ends.chain(refunds) {
        let sql = "UPDATE idempotency_keys SET answer_status = $3, answer = $4
            WHERE order_id = $1 AND key = $2 AND answer IS NULL";
        let status = i16::try_from(answer.status).expect("a status");
        transaction.execute(sql, &[&id, &key, &status, &answer.body]).await.expect("answer a verb");
    }
    let (verb, word) = match command {
        Command::Retry(word) => ("retry", word),
        Command::Skip { word, .. } => ("skip", word),
        Command::ForceCancel(word) => ("force-cancel", word),
        _ => return,
    };
    let stands = |order: &Order| {
        serde_json::json!({"state": order.state.as_str(), "version": order.version, "attention": order.attention})
            .to_string()
    };
    let sql = "INSERT INTO operator_log (order_id, by, verb, reason, before, after) VALUES ($1, 'ops', $2, $3, $4, $5)";
    let (before, after) = (stands(before.expect("an order that waits")), stands(after));
    transaction.execute(sql, &[&id, &verb, &&*word.reason, &before, &after]).await.expect("tell what an operator did");
}

fn stamp(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(u64::try_from(at.0).expect("after 1970"))
}

async fn write(transaction: &tokio_postgres::Transaction<'_>, order: &Order) {
    let stored = order.request.stored();
    let json = |text: serde_json::Result<String>| text.expect("serialise");
    let answer = order.answer.as_deref();
    transaction
        .execute(
            "INSERT INTO orders (order_id, commit_id, amount, created_at, updated_at, version, saga_version, plan,
                 answer_status, state, stock, shipment, currency, client, customer_id, fingerprint, lines, details,
                 answer, shipment_reference, failure, attention, reservation_reference)
             VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                 $21, $22)",
            &[
                &order.id.as_str(),
                &order.amount.0,
                &stamp(order.created_at),
                &stamp(order.updated_at),
                &order.version,
                &order.saga_version,
                &order.plan.0,
                &answer.map(|answer| i16::try_from(answer.status).expect("a status")),
                &order.state.as_str(),
                &if order.stock == Stock::None { "intended" } else { order.stock.as_str() },
                &order.shipment.status.as_str(),
                &order.request.currency.as_str(),
                &order.client.as_str(),
                &&*order.request.customer_id,
                &stored.fingerprint.0.as_slice(),
                &stored.lines,
                &stored.details,
                &answer.map(|answer| answer.body.as_str()),
                &order.shipment.reference.as_deref(),
                &order.failure.as_ref().map(|failure| json(serde_json::to_string(failure))),
                &order.attention.as_ref().map(|attention| json(serde_json::to_string(attention))),
                &order.reservation.as_deref(),
            ],
        )
        .await
        .expect("write the order");
    if let Some(own) = &order.own {
        let (hash, content) = (own.definition.hash().to_vec(), own.definition.content());
        let saga = "INSERT INTO saga_definitions (hash, content) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
        transaction.execute(saga, &[&hash, &content]).await.expect("write the saga");
        let steps = "INSERT INTO order_steps (order_id, definition_id, steps)
            SELECT $1, definition_id, $3 FROM saga_definitions WHERE hash = $2";
        let states = json(serde_json::to_string(&own.states));
        transaction.execute(steps, &[&order.id.as_str(), &hash, &states]).await.expect("write the steps");
    }
    let payment = &order.payment;
    if payment.status == PaymentStatus::None {
        return; // a payment that was never reached has no row
    }
    transaction
        .execute(
            "INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference,
                 capture_reference)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &order.id.as_str(),
                &payment.status.as_str(),
                &payment.unknown,
                &payment.known,
                &payment.amount.0,
                &payment.captured.0,
                &payment.refunded.0,
                &payment.reference.as_deref(),
                &payment.capture_reference.as_deref(),
            ],
        )
        .await
        .expect("write the payment");
    for (position, refund) in (1i32..).zip(&order.refunds) {
        let restock = (!refund.restock.is_empty()).then(|| json(serde_json::to_string(&refund.restock)));
        let sql = "INSERT INTO refunds (order_id, client, key, position, amount, status, reason, restock)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 8] = [
            &order.id.as_str(),
            &refund.client.as_str(),
            &refund.key.as_str(),
            &position,
            &refund.amount.0,
            &refund.status.as_str(),
            &&*refund.reason,
            &restock,
        ];
        transaction.execute(sql, &parameters).await.expect("write a refund");
    }
}
