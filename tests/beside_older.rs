//! Promise: a database is upgraded while it is at work. An earlier release's own program ([`older`]) serves before the
//! migration, during it, beside the new one and after it alone again, and each order, whoever has it in hand, ends once
//! and as it began.

use std::path::Path;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use counterfoil::client::{Client, HttpAnswer};
use counterfoil::store::schema::SCHEMA_VERSION;
use futures_util::future::join_all;
use hyper::Method;
use serde_json::json;

use crate::support::database::TestDatabase;
use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::older;
use crate::support::program::{Folder, PROGRAM};
use crate::support::proxy::{Harm, Proxy};

/// Steps of one's own, which the older program knows nothing of.
const STEPS: &[&str] =
    &["name = \"fraud\"\nbefore = \"payment\"", "name = \"points\"\nbefore = \"shipment\"\nundo = true"];
pub const SERVES: &[&str] = &["--step", "fraud", "--step", "points"];

/// Nothing is given up while an engine is away.
pub const SETUP: Setup = Setup { attempts: 1_000, steps: STEPS, ..Setup::USUAL };

/// Clients, each of whom sends every order to all engines that there are, at once, and wants the same bytes of all.
pub struct Shop {
    engines: RwLock<Vec<Client>>,
    stop: AtomicBool,
    ended: AtomicUsize,
}

impl Shop {
    fn at(engine: &Engine) -> Self {
        let engines = RwLock::new(vec![engine.client()]);
        Self { engines, stop: AtomicBool::new(false), ended: AtomicUsize::new(0) }
    }

    fn is_served_by(&self, engines: &[&Engine]) {
        *self.engines.write().expect("a lock") = engines.iter().map(|engine| engine.client()).collect();
    }

    /// The engine of a client at a try: another one each time, where there are several.
    fn engine(&self, number: usize) -> Client {
        let engines = self.engines.read().expect("a lock");
        engines[number % engines.len()].clone()
    }

    /// What is asked of an order: of each way to end, with the verbs that it takes.
    pub fn asks(id: &str, number: usize) -> Vec<Asked> {
        let asked = |method, postal_code, manual| {
            let submit = Asked::submit(order(id, method, postal_code, manual));
            Asked { key: Some(format!("key-of-{id}")), ..submit }
        };
        match number % 5 {
            0 => vec![asked("pm_declined", "1", false)],
            1 => vec![asked("pm_ok", "SHIP-FAIL", false)],
            2 => vec![asked("pm_ok", "1", true), Asked::verb(id, "cancel", json!({"reason": "x"}))],
            3 => vec![asked("pm_ok", "1", true), Asked::verb(id, "capture", json!({"amount": 1_000}))],
            _ => vec![asked("pm_ok", "1", false), Asked::verb(id, "refunds", json!({"amount": 5, "reason": "x"}))],
        }
    }

    /// By what status the last of that is answered.
    pub fn ends_with(number: usize) -> u16 {
        [402, 500, 201, 201, 201][number % 5]
    }

    async fn lane(&self, lane: usize) -> Vec<(Asked, HttpAnswer)> {
        let mut told = Vec::new();
        for number in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            for asked in Self::asks(&format!("L-{lane}-{number}"), number) {
                let twice = [0, 1].map(|beside| asked.until_final_at(move |try_| self.engine(lane + beside + try_)));
                let answers = join_all(twice).await;
                same(&asked, &answers[0], &answers[1]);
                told.extend(answers.into_iter().take(1).map(|answer| (asked.clone(), answer)));
            }
            self.ended.fetch_add(1, Ordering::Relaxed);
        }
        told
    }

    /// Waits until so many more orders have ended.
    async fn goes_on(&self, orders: usize) {
        let before = self.ended.load(Ordering::Relaxed);
        until("orders end", async || self.ended.load(Ordering::Relaxed) >= before + orders).await;
    }
}

fn same(asked: &Asked, first: &HttpAnswer, second: &HttpAnswer) {
    assert_eq!((first.status, &first.body), (second.status, &second.body), "{} {}", asked.path, asked.body);
}

/// A database as the older program makes it, and engines of both on it.
async fn site(older: &Path, participants_url: &str) -> Site {
    let site = Site::on(TestDatabase::blank().await, participants_url, SETUP);
    let folder = Folder::new();
    let config = folder.file("older.toml", &site.older_config());
    let made = older::run(older, &["migrate", "--config", config.to_str().expect("a path")]).await;
    assert!(made.status.success(), "{made:?}");
    site
}

async fn schema(site: &Site) -> i32 {
    let sql = "SELECT schema_version FROM deployment";
    site.database.client().await.query_one(sql, &[]).await.expect("the schema").get(0)
}

/// The new program's commands on the database, under its own configuration.
async fn new(site: &Site, command: &str) -> std::process::Output {
    let folder = Folder::new();
    let config = folder.file("new.toml", &site.config());
    older::run(Path::new(PROGRAM), &[command, "--config", config.to_str().expect("a path")]).await
}

/// What is written down of these orders, whoever asked what: their rows, their histories, and the keys of verbs.
async fn written(site: &Site, ids: &str) -> Vec<String> {
    let sql = format!(
        "SELECT to_jsonb(o)::text FROM orders o WHERE order_id LIKE '{ids}'
         UNION ALL SELECT to_jsonb(e)::text FROM order_events e WHERE order_id LIKE '{ids}'
         UNION ALL SELECT to_jsonb(s)::text FROM order_steps s WHERE order_id LIKE '{ids}'
         UNION ALL SELECT to_jsonb(k)::text FROM idempotency_keys k WHERE order_id LIKE '{ids}'
         UNION ALL SELECT to_jsonb(l)::text FROM operator_log l WHERE order_id LIKE '{ids}'
         ORDER BY 1"
    );
    let rows = site.database.client().await.query(&sql, &[]).await.expect("what is written");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Orders with steps of their own, each stuck at the first, placed at the new program's engine.
async fn stuck(engine: &Engine, proxy: &Proxy, ids: &[&str]) -> Vec<Asked> {
    let mut orders = Vec::new();
    for id in ids {
        proxy.harm(id, "run", Harm::Accept);
        let asked = Asked::submit(order(id, "pm_ok", "1", false));
        assert_eq!(asked.clone().async_().send(&engine.client()).await.status, 202, "{id}");
        until("its step is asked for", async || proxy.strikes(id, "run") > 0).await;
        orders.push(asked);
    }
    orders
}

/// Whatever is asked of the older program about an order that it does not know the saga of: it says so for now, and
/// writes nothing.
async fn is_refused_for_now(older: &Client, asked: &Asked) {
    let id = asked.body["order_id"].as_str().expect("an id");
    let verbs = [
        Asked::verb(id, "cancel", json!({"reason": "hurry"})),
        Asked::verb(id, "capture", json!({"amount": 5})),
        Asked::verb(id, "refunds", json!({"amount": 5, "reason": "late"})),
    ];
    for verb in verbs {
        let answer = verb.send(older).await;
        assert_eq!(answer.status, 503, "{}: {:?}", verb.path, answer.body);
    }
    for verb in ["retry", "skip", "force-cancel"] {
        let path = format!("/operator/orders/{id}/{verb}");
        let body = Some(json!({"reason": "seen"}).to_string().into());
        let answer = older.request(Method::POST, &path, &[], body).await.expect("an answer");
        assert_eq!(answer.status, 503, "{path}: {:?}", answer.body);
    }
    let again = asked.clone().async_().send(older).await;
    assert!(matches!(again.status, 202 | 503), "{id}: {:?}", again.body);
}

/// Waits until the older program alone has had each of these orders in hand, and left it as it was.
async fn are_left(site: &Site, ids: &str, count: usize) {
    let sql = "SELECT clock_timestamp()::text";
    let now: String = site.database.client().await.query_one(sql, &[]).await.expect("the time").get(0);
    site.until(&format!(
        "SELECT count(*) = {count} FROM order_work
         WHERE order_id LIKE '{ids}' AND owner IS NULL AND claims = 0 AND written_at > '{now}'"
    ))
    .await;
}

#[tokio::test]
async fn an_older_program_serves_before_during_beside_and_after_a_migration() {
    let Some(older_program) = older::program() else { return };
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let site = site(&older_program, &proxy.url).await;
    let before = schema(&site).await;
    assert!(before < SCHEMA_VERSION, "the older program's schema is this one's: nothing is migrated");
    let older = site.older_engine(&older_program).await;
    let shop = Shop::at(&older);

    let upgrade = async {
        shop.goes_on(20).await;
        // Before the switch, and while it works.
        let told = new(&site, "preflight").await;
        assert_eq!(told.status.code(), Some(0), "{}", String::from_utf8_lossy(&told.stdout));
        assert_eq!(schema(&site).await, before, "preflight migrates nothing");
        let told = new(&site, "migrate").await;
        assert!(told.status.success(), "{told:?}");
        assert_eq!(schema(&site).await, SCHEMA_VERSION);
        shop.goes_on(20).await;

        // Both: each order is sent to both at once.
        let mut newer = site.engine().await;
        shop.is_served_by(&[&older, &newer]);
        shop.goes_on(40).await;
        let orders = stuck(&newer, &proxy, &["OWN-1", "OWN-2", "OWN-3"]).await;
        let as_they_were = written(&site, "OWN-%").await;
        for asked in &orders {
            is_refused_for_now(&older.client(), asked).await;
        }
        assert_eq!(written(&site, "OWN-%").await, as_they_were);

        // The new one is gone, as by a power cut.
        shop.is_served_by(&[&older]);
        newer.kill();
        for number in 0..10 {
            let plain = Asked::submit(order(&format!("PLAIN-{number}"), "pm_ok", "1", false));
            assert_eq!(plain.send(&older.client()).await.status, 201);
        }
        are_left(&site, "OWN-%", orders.len()).await;
        for asked in &orders {
            is_refused_for_now(&older.client(), asked).await;
        }
        assert_eq!(written(&site, "OWN-%").await, as_they_were, "what the older program does not know it leaves");
        assert_eq!(participants.effects("OWN-", "run"), 0);

        // And back.
        for id in ["OWN-1", "OWN-2", "OWN-3"] {
            proxy.spare(id, "run");
        }
        let newer = site.engine().await;
        shop.is_served_by(&[&older, &newer]);
        for asked in &orders {
            let both = [older.client(), newer.client()].map(|client| async move { asked.until_final(&[client]).await });
            let answers = join_all(both).await;
            assert_eq!(answers[0].status, 201, "{:?}", answers[0].body);
            same(asked, &answers[0], &answers[1]);
        }
        shop.goes_on(20).await;
        shop.stop.store(true, Ordering::Relaxed);
        newer
    };
    let (newer, lanes) = tokio::join!(upgrade, join_all((0..4).map(|lane| shop.lane(lane))));

    let sagas = "SELECT count(DISTINCT saga_version) = 2 FROM orders WHERE order_id LIKE 'L-%'";
    site.until(sagas).await;
    // Long after, either of them tells what was told.
    for (asked, answer) in lanes.iter().flatten() {
        for engine in [&older, &newer] {
            same(asked, answer, &asked.send(&engine.client()).await);
        }
    }
    site.judge(&participants).await;
}

#[tokio::test]
async fn whoever_goes_back_to_the_older_program_finds_it_at_work() {
    let Some(older_program) = older::program() else { return };
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let site = site(&older_program, &proxy.url).await;
    let told = new(&site, "migrate").await;
    assert!(told.status.success(), "{told:?}");
    let mut newer = site.engine().await;
    let mut told = Vec::new();
    for number in 0..5 {
        for asked in Shop::asks(&format!("NEW-{number}"), number) {
            let answer = asked.until_final(&[newer.client()]).await;
            told.push((asked, answer));
        }
    }
    let orders = stuck(&newer, &proxy, &["OWN-1", "OWN-2"]).await;
    let as_they_were = written(&site, "OWN-%").await;
    newer.terminate().await;

    // Alone on what the new one left.
    let mut older = site.older_engine(&older_program).await;
    for (asked, answer) in &told {
        same(asked, answer, &asked.send(&older.client()).await);
    }
    for number in 0..10 {
        for asked in Shop::asks(&format!("PLAIN-{number}"), number) {
            let answer = asked.until_final(&[older.client()]).await;
            assert!(answer.status < 503, "{:?}", answer.body);
            told.push((asked, answer));
        }
    }
    are_left(&site, "OWN-%", orders.len()).await;
    for asked in &orders {
        is_refused_for_now(&older.client(), asked).await;
    }
    assert_eq!(written(&site, "OWN-%").await, as_they_were);
    older.terminate().await;

    // The new one again ends them, and knows what the older one did meanwhile.
    for id in ["OWN-1", "OWN-2"] {
        proxy.spare(id, "run");
    }
    let mut newer = site.engine().await;
    for asked in &orders {
        assert_eq!(asked.until_final(&[newer.client()]).await.status, 201);
    }
    for (asked, answer) in &told {
        same(asked, answer, &asked.send(&newer.client()).await);
    }
    site.judge(&participants).await;
    newer.terminate().await;

    // The schema says how far back one may go: beyond that the older program does not begin, and says why.
    let client = site.database.client().await;
    let sql = "SELECT oldest_binary FROM deployment";
    let oldest: String = client.query_one(sql, &[]).await.expect("the oldest").get(0);
    let version = older::run(&older_program, &["--version"]).await;
    let version = String::from_utf8(version.stdout).expect("text");
    let version = version.trim().rsplit(' ').next().expect("a version");
    assert!(parts(&oldest) <= parts(version), "{oldest} is newer than {version}, which was at work");
    client.batch_execute("UPDATE deployment SET oldest_binary = '0.6.0'").await.expect("no way back");
    let folder = Folder::new();
    let config = format!("server.listen = \"127.0.0.1:0\"\n{}", site.older_config());
    let config = folder.file("older.toml", &config);
    let refused = older::run(&older_program, &["serve", "--config", config.to_str().expect("a path")]).await;
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("allows programs from 0.6.0 on"), "{why}");
}

/// Calls in which the older program dies, with the number of an order that comes to them.
const CALLS: &[(&str, usize)] = &[
    ("reserve", 4),
    ("charge", 4),
    ("ship", 4),
    ("refund", 4),
    ("release", 0),
    ("refund", 1),
    ("authorize", 2),
    ("void", 2),
    ("capture", 3),
];

/// Longer than any test.
const HELD: Duration = Duration::from_secs(3_600);

/// The older program is killed with orders in hand, each of them in the middle of a call that took effect or did not,
/// and nobody knows which; the new one serves beside it already, or is put in its place.
async fn dies_with_orders_in_hand(beside: bool) {
    let Some(older_program) = older::program() else { return };
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let mut site = site(&older_program, &proxy.url).await;
    // The older program waits for its answers for as long as it lives.
    site.set_up(|setup| (setup.lease_ms, setup.step_timeout_ms) = (120_000, 60_000));
    let mut other = None;
    if beside {
        assert!(new(&site, "migrate").await.status.success());
        other = Some(site.engine().await);
    }
    let mut older = site.older_engine(&older_program).await;
    let shop = Shop::at(&older);
    let mut orders = Vec::new();
    for (action, number) in CALLS {
        for (effects, harm) in [(1, Harm::Late(HELD)), (0, Harm::Hold(HELD))] {
            let id = format!("{action}-{number}-{effects}");
            proxy.harm(&id, action, harm);
            orders.push((id, *action, *number, effects));
        }
    }

    let told = orders.iter().map(|(id, _, number, _)| {
        let shop = &shop;
        async move {
            let mut told = Vec::new();
            for asked in Shop::asks(id, *number) {
                let answer = asked.until_final_at(|try_| shop.engine(try_)).await;
                told.push((asked, answer));
            }
            assert_eq!(told.last().expect("an answer").1.status, Shop::ends_with(*number), "{id}: {told:?}");
            told
        }
    });
    let switch = async {
        for (id, action, _, effects) in &orders {
            until(&format!("{action} of {id}"), async || proxy.has_struck(id, action)).await;
            until("what has an effect has it", async || participants.effects(id, action) == *effects).await;
        }
        let in_hand = "SELECT count(*) FROM order_work WHERE owner IS NOT NULL AND wake_at > clock_timestamp()";
        let in_hand: i64 = site.database.client().await.query_one(in_hand, &[]).await.expect("a count").get(0);
        assert_eq!(usize::try_from(in_hand).expect("a count"), orders.len(), "it has all of them in hand");
        older.kill();
        let later = "UPDATE order_work SET wake_at = wake_at - interval '2 minutes' WHERE owner IS NOT NULL";
        site.database.client().await.batch_execute(later).await.expect("its leases run out");
        let newer = match other {
            Some(newer) => newer,
            None => {
                let yes = new(&site, "preflight").await;
                assert_eq!(yes.status.code(), Some(0), "{}", String::from_utf8_lossy(&yes.stdout));
                assert!(new(&site, "migrate").await.status.success());
                site.engine().await
            }
        };
        shop.is_served_by(&[&newer]);
        newer
    };
    let (newer, told) = tokio::join!(switch, join_all(told));

    for (asked, answer) in told.iter().flatten() {
        same(asked, answer, &asked.send(&newer.client()).await);
    }
    for (id, action, ..) in &orders {
        assert_eq!(participants.effects(id, action), 1, "{action} of {id}: {:#?}", participants.ledger());
    }
    site.judge(&participants).await;
}

#[tokio::test]
async fn an_older_program_dies_beside_the_new_one_with_orders_in_hand() {
    dies_with_orders_in_hand(true).await;
}

#[tokio::test]
async fn an_older_program_dies_before_the_switch_with_orders_in_hand() {
    dies_with_orders_in_hand(false).await;
}

fn parts(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().expect("a number")).collect()
}
