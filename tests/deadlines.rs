//! Promise: an authorised order lives until the earlier of `saga.authorized_ttl_ms` and the provider's own limit, and a
//! call that a participant accepted is waited for until it is decided, or the order's deadline comes. With PostgreSQL, an
//! engine and participants as processes of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use counterfoil::client::Client;
use counterfoil::engine::{Engine, EngineSettings, Reply, Retry, Standing, VerbCall, VerbRequest};
use counterfoil::limits;
use counterfoil::participants::local::Local;
use counterfoil::ports::{Called, Reads, RemoteParticipants, Store};
use counterfoil::saga::{Action, Client as OrderClient, OrderId, Outcome, Plan, State};
use counterfoil::store::PgStore;
use futures_util::future::BoxFuture;

use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, open_store, settings, simple};
use crate::support::fleet::{Asked, Participants, Setup, Site, order, until};
use crate::support::proxy::{Harm, Proxy};

/// For how long the provider holds money: far below the engine's own limit of seven days.
const HOLDS_MS: &str = "8000";

#[tokio::test]
async fn what_nobody_captures_ends_before_the_provider_lets_go_of_the_money() {
    let participants = Participants::behaving(&["--authorization-ttl-ms", HOLDS_MS]).await;
    let site = Site::new(&participants.program.url, Setup { inventory: false, ..Setup::USUAL }).await;
    let engine = site.engine().await;
    let client = engine.client();
    // The first answer of one comes only after its call was given up: it is the repeat, a second later, that is heard.
    let (prompt, late) =
        (Asked::submit(order("PROMPT", "pm_ok", "1", true)), Asked::submit(order("LATE", "pm_slow_1500", "1", true)));
    let answers = tokio::join!(prompt.send(&client), late.send(&client));
    assert_eq!((answers.0.status, answers.1.status), (201, 201));
    let limits = "SELECT count(*) FILTER (WHERE w.expires_at < o.created_at + $1::bigint * interval '1 millisecond'),
            count(*) FILTER (WHERE w.expires_at > clock_timestamp())
        FROM order_work w JOIN orders o USING (order_id) WHERE o.state = 'PAYMENT_AUTHORIZED'";
    let held: i64 = HOLDS_MS.parse().expect("a number");
    let row = site.database.client().await.query_one(limits, &[&held]).await.expect("the deadlines");
    let counts: (i64, i64) = (row.get(0), row.get(1));
    assert_eq!(counts, (2, 2), "their deadlines lie ahead, and before the provider's limit");
    site.until_ended(2).await;
    for id in ["PROMPT", "LATE"] {
        let history = site.history(id).await;
        let end = ["order.compensating", "payment.voided", "inventory.released", "order.cancelled"];
        assert!(history.ends_with(&end.map(str::to_owned)), "{id}: {history:?}");
        assert_eq!((participants.effects(id, "authorize"), participants.effects(id, "void")), (1, 1), "{id}");
    }
    let expired = "SELECT count(*) = 2 FROM orders WHERE failure::json ->> 'reason' = 'expired' AND stock = 'released'";
    site.until(expired).await;
    site.judge(&participants).await;
}

/// Submits an order of which this call is accepted, and waits until that was said more often than a call may fail.
async fn accepted(proxy: &Proxy, site: &Site, engine: &Client, id: &str, action: &str) -> Asked {
    proxy.harm(id, action, Harm::Accept);
    let asked = Asked::submit(order(id, "pm_ok", "1", false));
    assert_eq!(asked.clone().async_().send(engine).await.status, 202);
    until("it is asked again and again", async || proxy.strikes(id, action) > 4 * FEW.attempts as usize).await;
    site.until(&format!("SELECT attention IS NULL FROM orders WHERE order_id = '{id}'")).await;
    asked
}

/// After so few attempts a call that fails is handed to a human.
const FEW: Setup = Setup { attempts: 2, ..Setup::USUAL };

#[tokio::test]
async fn what_was_accepted_is_waited_for() {
    let participants = Participants::start().await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, FEW).await;
    let engine = site.engine().await;
    let clients = [engine.client()];
    for action in ["reserve", "charge", "ship"] {
        let asked = accepted(&proxy, &site, &clients[0], &format!("A-{action}"), action).await;
        proxy.spare(&format!("A-{action}"), action);
        assert_eq!(asked.until_final(&clients).await.status, 201, "{action}");
    }
    let of = |action| participants.effects("A-", action);
    assert_eq!((of("reserve"), of("charge"), of("ship"), of("refund")), (3, 3, 3, 0));
    site.judge(&participants).await;
}

#[tokio::test]
async fn what_is_never_decided_ends_with_its_reservation() {
    let participants = Participants::start().await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, Setup { reservation_ttl_ms: 4_000, ..FEW }).await;
    let engine = site.engine().await;
    let clients = [engine.client()];
    for action in ["reserve", "charge"] {
        let id = format!("N-{action}");
        let asked = accepted(&proxy, &site, &clients[0], &id, action).await;
        let answer = asked.until_final(&clients).await;
        assert_eq!((answer.status, answer.problem_code().as_deref()), (409, Some("order_cancelled")), "{action}");
        let history = site.history(&id).await;
        assert!(!history.contains(&"order.attention".to_owned()), "{history:?}");
    }
    let of = |action| participants.effects("N-", action);
    assert_eq!((of("reserve"), of("release"), of("charge")), (1, 1, 0));
    site.judge(&participants).await;
}

/// A provider of whom everybody wants something: there is no turn for the first calls.
struct Crowded(AtomicU32);

impl Crowded {
    /// Ten times what is allowed of attempts.
    const TURNLESS: u32 = 20;
}

impl RemoteParticipants for Crowded {
    fn call(&self, _: Called) -> BoxFuture<'static, Outcome> {
        let has_turn = self.0.fetch_add(1, Ordering::SeqCst) >= Self::TURNLESS;
        Box::pin(std::future::ready(if has_turn { Outcome::done() } else { Outcome::Unsent }))
    }

    fn look_up(&self, _: Called) -> BoxFuture<'static, Outcome> {
        panic!("nothing was sent that could be looked up")
    }

    fn key_lifetime(&self, _: Action) -> Option<Duration> {
        None
    }
}

#[tokio::test]
async fn a_call_that_had_no_turn_is_no_attempt() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let crowded = Arc::new(Crowded(AtomicU32::new(0)));
    let ms = Duration::from_millis;
    let retry = Retry { first: ms(5), factor: 2.0, max: ms(20), attempts: 2 };
    let local = Local { test_tokens: true, plan: Plan(Plan::INVENTORY | Plan::PAYMENT) };
    let engine = Engine::builder(Arc::clone(&store) as Arc<dyn Store>, Arc::new(local), store.clock())
        .settings(EngineSettings { retry, ..settings() })
        .remote(Arc::clone(&crowded) as Arc<dyn RemoteParticipants>)
        .start()
        .expect("start the engine");
    let told = engine.submit(simple("A"), PATIENCE).await.expect("an answer");
    assert!(matches!(told, Reply::Final { answer, .. } if answer.status == 201));
    assert_eq!(
        crowded.0.load(Ordering::SeqCst),
        Crowded::TURNLESS + 2,
        "each call was made until it was sent, and once"
    );
    let stored = store.load(OrderId::trusted("A")).await.expect("read").expect("stored").order;
    assert_eq!((stored.state, stored.payment.unknown), (State::Completed, false));
    engine.shutdown(PATIENCE).await;
    store.close(PATIENCE);
}

/// Somebody who is not to be reached for so many more tries.
struct Unreachable(AtomicU32);

impl Unreachable {
    fn answers(&self) -> Outcome {
        let gone = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if gone.is_ok() { Outcome::Unsent } else { Outcome::done() }
    }
}

impl RemoteParticipants for Unreachable {
    fn call(&self, _: Called) -> BoxFuture<'static, Outcome> {
        Box::pin(std::future::ready(self.answers()))
    }

    fn look_up(&self, _: Called) -> BoxFuture<'static, Outcome> {
        let told = if self.0.load(Ordering::SeqCst) > 0 { Outcome::Unsent } else { Outcome::Absent };
        Box::pin(std::future::ready(told))
    }

    fn key_lifetime(&self, _: Action) -> Option<Duration> {
        None
    }
}

/// An engine whose participants of this plan are not to be reached, and which may try four times.
fn unreached(store: &Arc<PgStore>, plan: i16, remote: &Arc<Unreachable>) -> Engine {
    let ms = Duration::from_millis;
    let retry = Retry { first: ms(5), factor: 2.0, max: ms(20), attempts: 4 };
    let local = Local { test_tokens: true, plan: Plan(plan) };
    Engine::builder(Arc::clone(store) as Arc<dyn Store>, Arc::new(local), store.clock())
        .settings(EngineSettings { retry, ..settings() })
        .remote(Arc::clone(remote) as Arc<dyn RemoteParticipants>)
        .start()
        .expect("start the engine")
}

/// A human had it tried again when the participant was back, which is just not to be reached for a moment.
#[tokio::test]
async fn who_is_tried_again_after_a_day_has_the_tries_of_one_who_fails() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let remote = Arc::new(Unreachable(AtomicU32::new(u32::MAX)));
    let session = database.client().await;
    let stock = "INSERT INTO inventory (sku, on_hand, reserved) VALUES ('SKU-1', 9, 0)";
    session.batch_execute(stock).await.expect("stock");
    let engine = unreached(&store, Plan::SHIPMENT, &remote);
    let submitted = engine.submit(simple("A"), Duration::ZERO).await;
    assert!(matches!(submitted, Ok(Reply::Running { .. })), "{submitted:?}");
    let stands = async |sql: &str| session.query_one(sql, &[]).await.expect(sql).get::<_, bool>(0);
    let charged = "SELECT count(*) = 1 FROM orders WHERE state = 'PAYMENT_CHARGED'";
    until("it waits for its parcel", async || stands(charged).await).await;
    let day = format!("UPDATE order_work SET intent_at = intent_at - interval '{} s'", limits::UNDECIDED.as_secs());
    session.batch_execute(&day).await.expect("time passes");
    let asked = "SELECT attention IS NOT NULL FROM orders";
    until("a human is asked", async || stands(asked).await).await;
    remote.0.store(2, Ordering::SeqCst);
    let retry = VerbCall {
        order_id: OrderId::trusted("A"),
        by: OrderClient::trusted("ops"),
        standing: Standing::Operator,
        key: None,
        version: None,
        reason: "the carrier is back".into(),
        request: VerbRequest::Retry,
    };
    drop(engine.verb(retry, Duration::ZERO).await);
    until("it is over, or stands again", async || {
        stands(
            "SELECT state = 'COMPLETED' OR events LIKE '%order.resumed%order.attention%' FROM orders,
            (SELECT string_agg(events, '' ORDER BY first_version) AS events FROM order_events) all_of_them",
        )
        .await
    })
    .await;
    assert!(stands("SELECT state = 'COMPLETED' AND attention IS NULL FROM orders").await, "it went to a human again");
    engine.shutdown(PATIENCE).await;
    store.close(PATIENCE);
}

/// It is looked up before its deadline is believed, so that the deadline cannot end the wait for who is gone for good.
#[tokio::test]
async fn a_restored_order_whose_participant_is_gone_is_told() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let remote = Arc::new(Unreachable(AtomicU32::new(u32::MAX)));
    let engine = unreached(&store, Plan::INVENTORY, &remote);
    assert!(matches!(engine.submit(simple("A"), Duration::ZERO).await, Ok(Reply::Running { .. })));
    engine.shutdown(PATIENCE).await;
    let session = database.client().await;
    let restored = format!(
        "UPDATE order_work SET look_first = true, wake_at = clock_timestamp(), owner = NULL,
            expires_at = clock_timestamp(), intent_at = intent_at - interval '{} s'",
        limits::UNDECIDED.as_secs()
    );
    session.batch_execute(&restored).await.expect("a backup, a day later");
    let engine = unreached(&store, Plan::INVENTORY, &remote);
    until("a human is asked", async || {
        let sql = "SELECT attention::json ->> 'reason' LIKE 'its database was restored%' FROM orders";
        session.query_one(sql, &[]).await.expect(sql).get::<_, Option<bool>>(0) == Some(true)
    })
    .await;
    engine.shutdown(PATIENCE).await;
    store.close(PATIENCE);
}
