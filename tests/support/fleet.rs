//! Engines (`serve`) on one database with remote participants, each a process of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use counterfoil::client::{Client, HttpAnswer};
use counterfoil::drill::ledger::{self, Line};
use counterfoil::store::audit;
use hyper::Method;
use serde_json::{Value, json};

use super::database::TestDatabase;
use super::engine::PATIENCE;
use super::program::{Folder, PROGRAM, Program};

/// How engines are set up: leases and pauses are short, so that tests are.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    pub lease_ms: u64,
    pub step_timeout_ms: u64,
    pub attempts: u32,
    pub reservation_ttl_ms: u64,
    pub statement_timeout_ms: u64,
    /// How many connections write orders.
    pub committers: u32,
    /// Whether inventory is remote, as payment and shipment are.
    pub inventory: bool,
    /// How long the provider answers repeats, where it is not a day.
    pub key_lifetime_ms: Option<u64>,
    /// How long an order whose step has no entry is left to other engines.
    pub entry_wait_ms: u64,
    /// Steps of one's own: what stands of each in `[[saga.steps]]`, but for `url`, which those of the default kind get.
    pub steps: &'static [&'static str],
}

impl Setup {
    pub const USUAL: Self = Self {
        lease_ms: 2_000,
        step_timeout_ms: 1_000,
        attempts: 20,
        reservation_ttl_ms: 900_000,
        statement_timeout_ms: 10_000,
        committers: 2,
        inventory: true,
        key_lifetime_ms: None,
        entry_wait_ms: 60_000,
        steps: &[],
    };
}

/// The files of a ledger: what took effect, and what was answered without an effect.
const LEDGER: [&str; 2] = ["ledger.jsonl", "ledger.jsonl.outcomes"];

/// The simulated participants with their ledger.
pub struct Participants {
    pub program: Program,
    folder: Folder,
    flags: &'static [&'static str],
}

impl Participants {
    pub async fn start() -> Self {
        Self::behaving(&[]).await
    }

    /// With flags that say how they behave.
    pub async fn behaving(flags: &'static [&'static str]) -> Self {
        let folder = Folder::new();
        let program = Program::participants(&folder, flags).await;
        Self { program, folder, flags }
    }

    /// On a copy of a ledger that was [kept](Self::keep) in `folder`, as if that had been so much later.
    pub async fn of(folder: &Path, later: Duration, flags: &'static [&'static str]) -> Self {
        let own = Folder::new();
        for name in LEDGER {
            let kept = std::fs::read_to_string(folder.join(name)).expect("the ledger");
            let moved = |line: &str| {
                let mut line: Value = serde_json::from_str(line).expect("a line of the ledger");
                let at: jiff::Timestamp = line["at"].as_str().expect("a stamp").parse().expect("a stamp");
                line["at"] = json!((at + later).to_string());
                format!("{line}\n")
            };
            own.file(name, &kept.lines().map(moved).collect::<String>());
        }
        let program = Program::participants(&own, flags).await;
        Self { program, folder: own, flags }
    }

    /// Leaves a copy of their ledger in `folder`.
    pub fn keep(&self, folder: &Path) {
        for name in LEDGER {
            std::fs::copy(self.folder.0.join(name), folder.join(name)).expect("copy the ledger");
        }
    }

    /// Puts a ledger back that was [kept](Self::keep): an older one, for a service that is restored. Nobody may run on it.
    pub fn restore(&self, folder: &Path) {
        for name in LEDGER {
            std::fs::copy(folder.join(name), self.folder.0.join(name)).expect("copy the ledger");
        }
    }

    /// Where their ledger is.
    pub fn ledger_file(&self) -> PathBuf {
        self.folder.0.join("ledger.jsonl")
    }

    /// As kill -9, and a start on the ledger that is there.
    pub async fn kill_and_restart(&mut self) {
        self.program.kill();
        self.start_again().await;
    }

    /// A start on the ledger that is there, where they were before: after a kill.
    pub async fn start_again(&mut self) {
        let address = self.program.url.trim_start_matches("http://").to_owned();
        self.program = Program::participants_at(&self.folder, &address, self.flags).await;
    }

    /// Their ledger as it stands.
    pub fn ledger(&self) -> Vec<Line> {
        ledger::read(&self.ledger_file()).expect("the ledger")
    }

    /// How often an action took effect for the orders whose ids begin so.
    pub fn effects(&self, prefix: &str, action: &str) -> usize {
        self.ledger().iter().filter(|line| line.is(action) && line.order_id.starts_with(prefix)).count()
    }
}

/// An engine process.
pub struct Engine {
    pub program: Program,
    folder: Folder,
}

impl Engine {
    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.0.join("serve.log")).unwrap_or_default()
    }
}

impl std::ops::Deref for Engine {
    type Target = Program;
    fn deref(&self) -> &Program {
        &self.program
    }
}

impl std::ops::DerefMut for Engine {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.program
    }
}

/// A database, and how engines on it are set up.
pub struct Site {
    pub database: TestDatabase,
    participants_url: String,
    setup: Setup,
}

impl Site {
    pub async fn new(participants_url: &str, setup: Setup) -> Self {
        let site = Self { database: TestDatabase::new().await, participants_url: participants_url.to_owned(), setup };
        if !setup.inventory {
            let sql = "INSERT INTO inventory (sku, on_hand) VALUES ('S', 1000000);
                INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('S', 1000000, 'laid in', 'test')";
            site.database.client().await.batch_execute(sql).await.expect("lay in stock");
        }
        site
    }

    /// Set up otherwise from now on, for the engines that start.
    pub fn set_up(&mut self, change: impl FnOnce(&mut Setup)) {
        change(&mut self.setup);
    }

    /// On a database that there is already.
    pub fn on(database: TestDatabase, participants_url: &str, setup: Setup) -> Self {
        Self { database, participants_url: participants_url.to_owned(), setup }
    }

    /// Where engines that are started from now on look for the participants.
    pub fn participants_at(&mut self, url: &str) {
        url.clone_into(&mut self.participants_url);
    }

    /// Starts an engine, ready to serve.
    pub async fn engine(&self) -> Engine {
        self.engine_of(Path::new(PROGRAM), &self.config()).await
    }

    /// The same, of an earlier release's program: without what that cannot read.
    pub async fn older_engine(&self, program: &Path) -> Engine {
        self.engine_of(program, &self.older_config()).await
    }

    async fn engine_of(&self, program: &Path, config: &str) -> Engine {
        let folder = Folder::new();
        let program = Program::serve_of(program, &folder, config).await;
        program.until_ready().await;
        Engine { program, folder }
    }

    /// What engines of that release are told: they know no steps of one's own.
    pub fn older_config(&self) -> String {
        let config = self.config_with(&[]);
        config.lines().filter(|line| !line.starts_with("saga.entry_wait_ms")).map(|line| format!("{line}\n")).collect()
    }

    /// What engines are told.
    pub fn config(&self) -> String {
        self.config_with(self.setup.steps)
    }

    fn config_with(&self, steps: &[&str]) -> String {
        let Setup { lease_ms, step_timeout_ms, attempts, reservation_ttl_ms, statement_timeout_ms, .. } = self.setup;
        let Setup { inventory, key_lifetime_ms, entry_wait_ms, committers, .. } = self.setup;
        let url = &self.participants_url;
        // One that names its kind comes with the program, and is nowhere.
        let where_ = |step: &str| if step.contains("kind = ") { String::new() } else { format!("url = \"{url}\"\n") };
        let steps: String = steps.iter().map(|step| format!("[[saga.steps]]\n{}{step}\n", where_(step))).collect();
        let remote = |name: &str| {
            let url = &self.participants_url;
            let lifetime = key_lifetime_ms.filter(|_| name == "payment");
            let lifetime = lifetime.map(|ms| format!(", key_lifetime_ms = {ms}")).unwrap_or_default();
            format!("{name} = {{ kind = \"http\", url = \"{url}\"{lifetime} }}\n")
        };
        format!(
            "database.url = \"{}\"\nfaults.enabled = true\nserver.shutdown_grace_ms = 25000\n\
             database.statement_timeout_ms = {statement_timeout_ms}\ndatabase.committers = {committers}\nengine.shards = 2\nengine.lease_ms = {lease_ms}\n\
             saga.step_timeout_ms = {step_timeout_ms}\nsaga.reservation_ttl_ms = {reservation_ttl_ms}\n\
             saga.entry_wait_ms = {entry_wait_ms}\nsaga.retry = {{ first_ms = 50, factor = 2.0, max_ms = 400, attempts = {attempts} }}\n\
             [participants]\n{}{}{}{steps}",
            self.database.url(),
            if inventory { remote("inventory") } else { String::new() },
            remote("payment"),
            remote("shipment"),
        )
    }

    /// Waits until a query gives true.
    pub async fn until(&self, sql: &str) {
        let (database, deadline) = (self.database.client().await, Instant::now() + PATIENCE);
        loop {
            let row = database.query_opt(sql, &[]).await.expect("the database answers");
            if row.is_some_and(|row| row.get::<_, Option<bool>>(0) == Some(true)) {
                return;
            }
            if Instant::now() > deadline {
                let unfinished = "SELECT string_agg(concat_ws(' ', order_id, state, attention, w), '; ') FROM orders
                    LEFT JOIN order_work w USING (order_id) WHERE state NOT IN ('COMPLETED', 'CANCELLED')";
                let left: Option<String> = database.query_one(unfinished, &[]).await.expect("the orders").get(0);
                panic!("never came true: {sql}; unfinished are {left:?}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until so many orders have ended.
    pub async fn until_ended(&self, count: usize) {
        self.until(&format!("SELECT count(*) = {count} FROM orders WHERE state IN ('COMPLETED', 'CANCELLED')")).await;
    }

    /// The types of an order's events.
    pub async fn history(&self, id: &str) -> Vec<String> {
        let sql = "SELECT event ->> 'type' FROM order_events, json_array_elements(events::json) AS event
            WHERE order_id = $1 ORDER BY first_version";
        let rows = self.database.client().await.query(sql, &[&id]).await.expect("the history");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Nothing is broken, nothing is left to be done, and the ledger agrees: of the participants' orders, those that
    /// are this database's.
    pub async fn judge(&self, participants: &Participants) {
        let mut database = self.database.client().await;
        let report = audit::audit(&mut database).await.expect("the audit");
        let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).collect();
        assert!(report.ok, "{broken:#?}");
        let ours = database.query("SELECT order_id FROM orders", &[]).await.expect("the orders");
        let ours: BTreeSet<String> = ours.iter().map(|row| row.get(0)).collect();
        let mut lines = participants.ledger();
        lines.retain(|line| ours.contains(&line.order_id));
        let findings = ledger::check(&database, &lines, false).await.expect("the ledger is compared");
        assert!(findings.offences.is_empty(), "{:#?}", findings.offences);
        let slate = "SELECT (SELECT count(*) FROM order_work)
            + (SELECT count(*) FROM idempotency_keys WHERE route <> 'POST /orders' AND answer_status IS NULL)
            + (SELECT count(*) FROM refunds WHERE status = 'intended')
            + (SELECT coalesce(sum(reserved), 0)::bigint FROM inventory)";
        let left: i64 = database.query_one(slate, &[]).await.expect("the slate").get(0);
        assert_eq!(left, 0, "nothing is left to be done, and nothing is held");
    }
}

/// The body of an order with tokens of the simulated participants.
pub fn order(id: &str, payment_method: &str, postal_code: &str, manual: bool) -> Value {
    json!({
        "order_id": id, "customer_id": "cus-7", "currency": "USD",
        "lines": [{"sku": "S", "quantity": 2, "unit_price": 1999}],
        "payment_method": payment_method, "capture": if manual { "manual" } else { "automatic" },
        "ship_to": {"name": "A", "line1": "1 Road", "city": "X", "postal_code": postal_code, "country": "US"},
    })
}

/// A request that may be repeated.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub key: Option<String>,
    pub body: Value,
    pub wait_s: u64,
}

impl Asked {
    pub fn submit(body: Value) -> Self {
        Self { path: "/orders".into(), key: None, body, wait_s: 30 }
    }

    pub fn verb(id: &str, verb: &str, body: Value) -> Self {
        Self { path: format!("/orders/{id}/{verb}"), key: Some(format!("{verb}-of-{id}")), body, wait_s: 30 }
    }

    /// Not to be waited for.
    #[must_use]
    pub fn async_(self) -> Self {
        Self { wait_s: 0, ..self }
    }

    /// Sends it, once; `None` where there is no answer.
    pub async fn try_send(&self, client: &Client) -> Option<HttpAnswer> {
        let prefer = if self.wait_s == 0 { "respond-async".to_owned() } else { format!("wait={}", self.wait_s) };
        let mut headers = vec![("prefer", prefer.as_str())];
        headers.extend(self.key.as_ref().map(|key| ("idempotency-key", key.as_str())));
        client.request(Method::POST, &self.path, &headers, Some(self.body.to_string().into())).await.ok()
    }

    /// Sends it, once.
    pub async fn send(&self, client: &Client) -> HttpAnswer {
        self.try_send(client).await.unwrap_or_else(|| panic!("no answer to {}", self.path))
    }

    /// Sends it until it has its final answer, at these engines in turn.
    pub async fn until_final(&self, clients: &[Client]) -> HttpAnswer {
        self.until_final_at(|try_| clients[try_ % clients.len()].clone()).await
    }

    /// The same, at whichever engine there is at each try.
    pub async fn until_final_at(&self, engine: impl Fn(usize) -> Client) -> HttpAnswer {
        let deadline = Instant::now() + 2 * PATIENCE;
        for try_ in 0.. {
            if let Some(answer) = self.try_send(&engine(try_)).await.filter(is_final) {
                return answer;
            }
            assert!(Instant::now() < deadline, "{} {:?} has no final answer", self.path, self.key);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        unreachable!("tries do not end")
    }
}

/// Whether an answer is not to be followed by a repeat.
pub fn is_final(answer: &HttpAnswer) -> bool {
    let internal = answer.status == 500 && answer.problem_code().as_deref() == Some("internal");
    !matches!(answer.status, 202 | 503) && !internal
}

/// Waits until something holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
