//! Where remote participants are drilled: a PostgreSQL, one or two engines (`serve`) on it, and the simulated
//! participants as a process of their own, each of which can be killed and started again. Where events are published, a
//! receiver of webhooks is another one ([`receivers`](super::receivers)). Every scenario has a database and ledgers of its
//! own, and ends with all of them held against each other.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::body::Bytes;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio_postgres::SimpleQueryRow;

use super::evidence::Tale;
use super::ledger::{self, Line};
use super::receivers::{Endpoint, Receiver};
use super::world::{DrillError, Order, PATIENCE, audit_tables, cannot, connect, is_armed, ready, rows};
use crate::embedded_postgres::{EmbeddedPostgres, PostgresSettings};
use crate::process::{LOG_TAIL, POLL, Process, free_port, last_lines, program};
use counterfoil_engine::client::{Client, HttpAnswer};
use counterfoil_engine::store::migrate::migrate;

/// The database that the scenarios' databases are copies of.
const TEMPLATE: &str = "drill_template";
/// What everything that is sold is called, where inventory is local.
pub const SKU: &str = "SKU-1";
/// With which the participants sign their webhooks.
const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What remote scenarios share: the PostgreSQL server.
pub struct Base {
    root: PathBuf,
    postgres: EmbeddedPostgres,
    made: usize,
}

impl Base {
    /// Starts the server and makes the template.
    pub async fn start(root: &Path) -> Result<Self, DrillError> {
        let postgres = start(root.join("remote"))?;
        let admin = connect(&postgres.database_url("postgres")).await?;
        admin.batch_execute(&format!("CREATE DATABASE {TEMPLATE}")).await?;
        let mut template = connect(&postgres.database_url(TEMPLATE)).await?;
        migrate(&mut template).await.map_err(|error| no_postgres(&error))?;
        Ok(Self { root: root.to_owned(), postgres, made: 0 })
    }

    /// Stops the server.
    pub fn end(self) {
        stop(self.postgres);
    }
}

fn no_postgres(error: &dyn std::error::Error) -> DrillError {
    DrillError::Missed(format!("no PostgreSQL: {}", counterfoil_engine::client::error_chain(error)))
}

fn start(data_dir: PathBuf) -> Result<EmbeddedPostgres, DrillError> {
    EmbeddedPostgres::start(PostgresSettings::new(data_dir)).map_err(|error| no_postgres(&error))
}

/// Stops a server; the folder that took the place of one that did not suit PostgreSQL is removed.
fn stop(mut postgres: EmbeddedPostgres) {
    let _stopped = postgres.stop();
    if postgres.moved_from().is_some() {
        let _left = fs::remove_dir_all(postgres.data_dir());
        let _left = postgres.data_dir().parent().map(fs::remove_dir); // where nothing else is in it
    }
}

/// How a scenario's world is set up: leases and pauses are short, so that a drill is.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Engines that begin with the scenario: 1 or 2.
    pub engines: usize,
    /// For how long an engine alone drives an order.
    pub lease_ms: u64,
    /// How long a call may take.
    pub step_timeout_ms: u64,
    /// How long a reservation binds.
    pub reservation_ttl_ms: u64,
    /// How long an authorisation waits.
    pub authorized_ttl_ms: u64,
    /// The first pause between tries; the longest is eight times that.
    pub first_pause_ms: u64,
    /// Tries before a human is asked.
    pub attempts: u32,
    /// Whether inventory is remote as well.
    pub inventory: bool,
    /// Whether the participants tell the first engine what happened.
    pub webhooks: bool,
    /// How the participants behave beside what the orders tell them.
    pub participants: &'static [&'static str],
    /// Steps of one's own: what stands of each in `[[saga.steps]]`, but for where it is. The participants do them.
    pub steps: &'static [&'static str],
    /// Where events are posted to, at the receiver: with none there is no receiver.
    pub endpoints: &'static [Endpoint],
}

impl Setup {
    /// One engine and nothing out of the ordinary.
    pub const USUAL: Self = Self {
        engines: 1,
        lease_ms: 2_000,
        step_timeout_ms: 1_000,
        reservation_ttl_ms: 60_000,
        authorized_ttl_ms: 60_000,
        first_pause_ms: 50,
        attempts: 10,
        inventory: false,
        webhooks: false,
        participants: &[],
        steps: &[],
        endpoints: &[],
    };
    /// The same with two engines.
    pub const PAIR: Self = Self { engines: 2, ..Self::USUAL };
    /// One engine that posts events to an endpoint. Each order has a commit a step, so that its events have an order to keep.
    pub const EVENTS: Self = Self { inventory: true, endpoints: &[Endpoint::USUAL], ..Self::USUAL };
}

/// One of two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The engine that is started first.
    A,
    /// The engine that is started second, on the same database.
    B,
}

impl Which {
    pub(super) fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

/// A running engine.
struct Engine {
    process: Process,
    client: Client,
}

/// The private world of one scenario. Dropped, it ends its processes.
pub struct Fleet<'w> {
    /// What is told.
    pub tale: &'w mut Tale,
    base: &'w mut Base,
    pub(super) setup: Setup,
    pub(super) folder: PathBuf,
    database_url: String,
    pub(super) database: tokio_postgres::Client,
    /// The server that the database was restored into.
    restored: Option<EmbeddedPostgres>,
    pub(super) receiver: Receiver,
    participants: Option<Process>,
    /// Where they listen, also after a restart.
    participants_address: String,
    ports: [u16; 2],
    engines: [Option<Engine>; 2],
}

impl<'w> Fleet<'w> {
    /// Makes a database, and starts participants, receiver and engines as `setup` says.
    pub async fn start(tale: &'w mut Tale, base: &'w mut Base, setup: Setup) -> Result<Self, DrillError> {
        base.made += 1;
        let name = format!("drill_{}", base.made);
        let admin = connect(&base.postgres.database_url("postgres")).await?;
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await?;
        let database_url = base.postgres.database_url(&name);
        let folder = base.root.join(&name);
        fs::create_dir(&folder).map_err(cannot(format!("make {}", folder.display())))?;
        let port = || free_port().map_err(cannot("find a free port"));
        let ports = [port()?, port()?];
        let database = connect(&database_url).await?;
        // It is no copy of anybody's deployment, though it was made from a template.
        let here =
            "UPDATE deployment SET database_oid = (SELECT oid FROM pg_database WHERE datname = current_database())";
        database.batch_execute(here).await?;
        let receiver = Receiver::new(&folder);
        let mut fleet = Self {
            tale,
            base,
            setup,
            folder,
            database_url,
            database,
            restored: None,
            receiver,
            participants: None,
            participants_address: format!("127.0.0.1:{}", port()?),
            ports,
            engines: [None, None],
        };
        fleet.start_participants().await?;
        if !setup.endpoints.is_empty() {
            fleet.start_receiver().await?;
        }
        for which in [Which::A, Which::B].into_iter().take(setup.engines) {
            fleet.start_engine(which).await?;
        }
        if !setup.inventory {
            let level = Some(Bytes::from_static(br#"{"on_hand":1000000}"#));
            fleet.client(Which::A)?.request(Method::PUT, &format!("/inventory/{SKU}"), &[], level).await?;
        }
        Ok(fleet)
    }

    /// Ends everything, and lets go of the database.
    pub async fn end(mut self) {
        self.stop_all();
        let name = format!("drill_{}", self.base.made);
        if let Ok(admin) = connect(&self.base.postgres.database_url("postgres")).await {
            let _left = admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    fn stop_all(&mut self) {
        self.engines = [None, None];
        (self.participants, self.receiver.process) = (None, None);
        if let Some(restored) = self.restored.take() {
            stop(restored);
        }
    }

    /// Starts the participants, on the ledger that is there.
    pub async fn start_participants(&mut self) -> Result<(), DrillError> {
        let log = self.folder.join("participants.log");
        let said = self.folder.join("participants.out");
        let webhooks = format!("http://127.0.0.1:{}/webhooks", self.ports[0]);
        let mut command = self.command()?;
        command.args(["participants", "--listen", &self.participants_address, "--lock-wait-ms", "5000", "--ledger"]);
        command.arg(self.ledger_path()).args(self.setup.participants);
        if self.setup.webhooks {
            command.args(["--webhooks", &webhooks, "--webhook-secret", WEBHOOK_SECRET]);
        }
        let process = self.participants.insert(Process::start("the participants", command, &said, Some(&log))?);
        self.participants_address = address(&process.listening(PATIENCE).await?);
        Ok(())
    }

    /// As kill -9 of the participants.
    pub fn kill_participants(&mut self) -> Result<(), DrillError> {
        let process = self.participants.take();
        let mut process = process.ok_or_else(|| DrillError::Missed("the participants do not run".into()))?;
        process.kill()?;
        Ok(())
    }

    /// This program, in the scenario's folder.
    pub(super) fn command(&self) -> Result<Command, DrillError> {
        Ok(self.command_of(&std::env::current_exe().map_err(cannot("find this program"))?))
    }

    fn command_of(&self, path: &Path) -> Command {
        let mut command = program(path);
        command.current_dir(&self.folder);
        command
    }

    /// Starts an engine, and waits until it serves; how long that took.
    pub async fn start_engine(&mut self, which: Which) -> Result<Duration, DrillError> {
        let began = Instant::now();
        if TcpListener::bind(("127.0.0.1", self.ports[which as usize])).is_err() {
            self.ports[which as usize] = free_port().map_err(cannot("find a free port"))?; // somebody took it while the engine was down
        }
        let config = self.folder.join(format!("{}.toml", which.letter()));
        fs::write(&config, self.config(which)).map_err(cannot("write a configuration"))?;
        let mut command = self.command()?;
        command.arg("serve").arg("--config").arg(config);
        let name = format!("engine {}", which.letter());
        let said = self.folder.join(format!("engine-{}.out", which.letter()));
        let process = Process::start(&name, command, &said, Some(&self.log_path(which)))?;
        let client = Client::anonymous(&format!("http://127.0.0.1:{}", self.ports[which as usize]))?;
        let engine = self.engines[which as usize].insert(Engine { process, client });
        ready(&mut engine.process, &engine.client).await?;
        Ok(began.elapsed())
    }

    fn config(&self, which: Which) -> String {
        let Setup { lease_ms, step_timeout_ms, reservation_ttl_ms, authorized_ttl_ms, .. } = self.setup;
        let Setup { first_pause_ms, attempts, .. } = self.setup;
        let remote = |name: &str| {
            let secret =
                if self.setup.webhooks { format!(", webhook_secret = \"{WEBHOOK_SECRET}\"") } else { String::new() };
            format!("{name} = {{ kind = \"http\", url = \"http://{}\"{secret} }}\n", self.participants_address)
        };
        let secret =
            if self.setup.webhooks { format!("webhook_secret = \"{WEBHOOK_SECRET}\"\n") } else { String::new() };
        let step =
            |step: &&str| format!("[[saga.steps]]\nurl = \"http://{}\"\n{secret}{step}\n", self.participants_address);
        let steps: String = self.setup.steps.iter().map(step).collect();
        let inventory = if self.setup.inventory { remote("inventory") } else { String::new() };
        format!(
            "[server]\nlisten = \"127.0.0.1:{}\"\n[database]\nurl = \"{}\"\n[faults]\nenabled = true\n\
             [engine]\nshards = 2\nlease_ms = {lease_ms}\n\
             [saga]\nentry_wait_ms = 6000\nstep_timeout_ms = {step_timeout_ms}\nreservation_ttl_ms = {reservation_ttl_ms}\n\
             authorized_ttl_ms = {authorized_ttl_ms}\n\
             retry = {{ first_ms = {first_pause_ms}, factor = 2.0, max_ms = {}, attempts = {attempts} }}\n\
             [participants]\n{inventory}{}{}{steps}{}",
            self.ports[which as usize],
            self.database_url,
            first_pause_ms * 8,
            remote("payment"),
            remote("shipment"),
            self.receiver.config(self.setup.endpoints),
        )
    }

    fn running(&mut self, which: Which) -> Result<Engine, DrillError> {
        let missed = || DrillError::Missed(format!("engine {} does not run", which.letter()));
        self.engines[which as usize].take().ok_or_else(missed)
    }

    /// As kill -9 of an engine.
    pub fn kill(&mut self, which: Which) -> Result<(), DrillError> {
        let mut engine = self.running(which)?;
        let pid = engine.process.id();
        engine.process.kill()?;
        self.tale.tell("broken", &format!("kill -9 {pid}: engine {}", which.letter()));
        Ok(())
    }

    /// Waits until an engine ended by itself, as it was armed to.
    pub async fn until_dead(&mut self, which: Which) -> Result<(), DrillError> {
        let mut engine = self.running(which)?;
        let status = engine.process.until_ended(PATIENCE).await?;
        self.tale.tell("broken", &format!("engine {} ended: {status}", which.letter()));
        Ok(())
    }

    /// Sends an engine a signal.
    pub fn signal(&self, which: Which, signal: Signal) -> Result<(), DrillError> {
        let engine = self.engines[which as usize].as_ref().ok_or_else(|| DrillError::Missed("nothing runs".into()))?;
        Ok(engine.process.signal(signal)?)
    }

    /// Asks an engine to end, as an operator does.
    pub fn terminate(&mut self, which: Which) -> Result<(), DrillError> {
        let engine = self.engines[which as usize].as_ref().ok_or_else(|| DrillError::Missed("nothing runs".into()))?;
        self.tale.tell("broken", &format!("kill -TERM {}: engine {}", engine.process.id(), which.letter()));
        Ok(engine.process.signal(Signal::TERM)?)
    }

    /// Waits until an engine that was asked to end has done so.
    pub async fn until_ended(&mut self, which: Which) -> Result<ExitStatus, DrillError> {
        let mut engine = self.running(which)?;
        Ok(engine.process.until_ended(PATIENCE).await?)
    }

    /// A client of an engine; clones share their connections.
    pub fn client(&self, which: Which) -> Result<Client, DrillError> {
        let engine = self.engines[which as usize].as_ref();
        engine
            .map(|engine| engine.client.clone())
            .ok_or_else(|| DrillError::Missed(format!("engine {} does not run", which.letter())))
    }

    /// A client of the participants: what somebody does there by hand.
    pub fn participants(&self) -> Result<Client, DrillError> {
        Ok(Client::anonymous(&format!("http://{}", self.participants_address))?)
    }

    /// An order of what is there.
    pub fn order(&self, id: impl Into<String>) -> Order {
        Order::new(id, SKU)
    }

    /// Arms a fault, and says so.
    pub async fn arm(&mut self, which: Which, fault: Value) -> Result<(), DrillError> {
        self.tale.tell("armed", &format!("POST /operator/faults {fault} at engine {}", which.letter()));
        let body = Some(Bytes::from(fault.to_string()));
        is_armed(&self.client(which)?.request(Method::POST, "/operator/faults", &[], body).await?)
    }

    /// Submits an order, waits for at most `wait_s` seconds (not at all for 0), and shows the answer.
    pub async fn submit(&mut self, which: Which, order: &Order, wait_s: u64) -> Result<HttpAnswer, DrillError> {
        let prefer = if wait_s == 0 { "respond-async".to_owned() } else { format!("wait={wait_s}") };
        let answer = order.submit_preferring(&self.client(which)?, Some(&prefer)).await?;
        self.tale.answer(&format!("POST /orders {} at engine {}", order.id, which.letter()), &answer);
        Ok(answer)
    }

    /// Says something to an order and shows the answer.
    pub async fn say(
        &mut self,
        which: Which,
        path: &str,
        key: Option<&str>,
        body: Value,
    ) -> Result<HttpAnswer, DrillError> {
        let headers: Vec<_> = key.iter().map(|key| ("idempotency-key", *key)).collect();
        let sent = Some(Bytes::from(body.to_string()));
        let answer = self.client(which)?.request(Method::POST, path, &headers, sent).await?;
        self.tale.answer(&format!("POST {path} {body} at engine {}", which.letter()), &answer);
        Ok(answer)
    }

    /// Runs a query and shows its rows.
    pub async fn show(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>, DrillError> {
        let rows = rows(&self.database, sql).await?;
        self.tale.rows(sql, &rows);
        Ok(rows)
    }

    /// Shows an order as the database and the ledger hold it.
    pub async fn show_order(&mut self, id: &str) -> Result<Vec<Line>, DrillError> {
        self.show(&format!(
            "SELECT order_id, state, version, stock, shipment, attention FROM orders WHERE order_id = '{id}'"
        ))
        .await?;
        self.show(&format!("SELECT status, amount, captured, refunded, unknown FROM payments WHERE order_id = '{id}'"))
            .await?;
        let history = self.history(id).await?;
        self.tale.tell("", &format!("history: {}", history.join(", ")));
        let mut lines = self.ledger()?;
        lines.retain(|line| line.order_id == id);
        let text: Vec<_> = lines.iter().map(Line::text).collect();
        self.tale.tell("ledger", if text.is_empty() { "nothing".into() } else { text.join("\n") }.as_str());
        Ok(lines)
    }

    /// The types of an order's events.
    pub async fn history(&self, id: &str) -> Result<Vec<String>, DrillError> {
        let sql = "SELECT event ->> 'type' FROM order_events, json_array_elements(events::json) AS event
            WHERE order_id = $1 ORDER BY first_version";
        let rows = self.database.query(sql, &[&id]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// A connection of its own to the database.
    pub async fn connection(&self) -> Result<tokio_postgres::Client, DrillError> {
        connect(&self.database_url).await
    }

    /// A connection to another database of the cluster, of somebody who has nothing to do with ours.
    pub async fn elsewhere(&self) -> Result<tokio_postgres::Client, DrillError> {
        connect(&self.base.postgres.database_url("postgres")).await
    }

    /// One number from a query.
    pub async fn count(&self, sql: &str) -> Result<i64, DrillError> {
        Ok(self.database.query_one(sql, &[]).await?.try_get(0)?)
    }

    /// The ledger as it stands.
    pub fn ledger(&self) -> Result<Vec<Line>, DrillError> {
        ledger::read(&self.ledger_path()).map_err(cannot("read the ledger"))
    }

    /// How often an action took effect.
    pub fn effects(&self, action: &str) -> Result<usize, DrillError> {
        Ok(self.ledger()?.iter().filter(|line| line.is(action)).count())
    }

    /// Waits until an action took effect so often.
    pub async fn until_effects(&self, action: &str, count: usize) -> Result<(), DrillError> {
        until(&format!("the ledger did not come to {count} lines of {action}"), async || {
            Ok((self.effects(action)? >= count).then_some(()))
        })
        .await
    }

    /// Waits until a query gives true.
    pub async fn until_true(&self, sql: &str) -> Result<(), DrillError> {
        until(&format!("never came true: {sql}"), async || {
            let row = self.database.query_opt(sql, &[]).await?;
            Ok(row.is_some_and(|row| row.try_get(0).unwrap_or(false)).then_some(()))
        })
        .await
    }

    /// Waits until an order is in a state.
    pub async fn until_state(&self, id: &str, state: &str) -> Result<(), DrillError> {
        self.until_true(&format!("SELECT state = '{state}' FROM orders WHERE order_id = '{id}'")).await
    }

    /// Waits until an order asks for a human.
    pub async fn until_attention(&self, id: &str) -> Result<(), DrillError> {
        self.until_true(&format!("SELECT attention IS NOT NULL FROM orders WHERE order_id = '{id}'")).await
    }

    /// Waits until so many orders have ended.
    pub async fn until_all_ended(&self, count: usize) -> Result<(), DrillError> {
        let sql = format!("SELECT count(*) = {count} FROM orders WHERE state IN ('COMPLETED', 'CANCELLED')");
        self.until_true(&sql).await
    }

    /// How many calls of an action an engine has made that ended so.
    pub async fn calls(&self, which: Which, action: &str, outcome: &str) -> Result<f64, DrillError> {
        let answer = self.client(which)?.get("/metrics").await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let (action, outcome) = (format!("action=\"{action}\""), format!("outcome=\"{outcome}\""));
        let mine = text.lines().filter(|line| {
            line.starts_with("counterfoil_participant_seconds_count{")
                && line.contains(&action)
                && line.contains(&outcome)
        });
        Ok(mine.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// Arms nothing, judges everything: the audit's promises, that every order ended, and that the ledger agrees.
    pub async fn judge(&mut self) -> Result<(), DrillError> {
        let mut database = connect(&self.database_url).await?;
        audit_tables(self.tale, &mut database).await?;
        let lapse = self.setup.participants.contains(&"--authorization-ttl-ms");
        let findings = ledger::check(&database, &self.ledger()?, lapse).await?;
        let text = match findings.offences.as_slice() {
            [] => format!(
                "the ledger: {} lines agree with {} orders; {} taken, {} given back",
                findings.lines, findings.orders, findings.taken, findings.returned
            ),
            offences => format!("the ledger: {}", offences[..offences.len().min(10)].join("; ")),
        };
        self.tale.check(findings.offences.is_empty(), text);
        for endpoint in self.setup.endpoints {
            self.judge_deliveries(endpoint).await?;
        }
        Ok(())
    }

    /// Runs a program of PostgreSQL's that is installed beside the server, while whatever else is awaited goes on.
    async fn run(&self, name: &str, arguments: &[&str]) -> Result<(), DrillError> {
        let log = self.folder.join(format!("{name}.log"));
        let mut command = self.command_of(&self.base.postgres.client_program(name));
        command.args(arguments);
        let of = format!("{name}, which PostgreSQL's client package has");
        let mut process = Process::start(&of, command, &log, Some(&log))?;
        let status = process.until_ended(PATIENCE).await?;
        if status.success() {
            return Ok(());
        }
        Err(DrillError::Missed(format!("{name}: {status}: {}", process.logged().trim_end())))
    }

    /// A dump of the database as it stands now, under whatever load.
    pub async fn dump(&mut self) -> Result<PathBuf, DrillError> {
        let file = self.folder.join("dump");
        self.tale.tell("backup", "pg_dump --format=custom of the database, under load");
        self.run("pg_dump", &["--format=custom", "--file", &file.to_string_lossy(), "--dbname", &self.database_url])
            .await?;
        Ok(file)
    }

    /// Restores a dump into a cluster of its own, which has given away few transaction ids yet. From now on that is the
    /// database.
    pub async fn restore(&mut self, dump: &Path) -> Result<(), DrillError> {
        let server = start(self.folder.join("restored"))?;
        let (url, admin) = (server.database_url("restored"), server.database_url("postgres"));
        self.restored = Some(server);
        connect(&admin).await?.batch_execute("CREATE DATABASE restored TEMPLATE template0").await?;
        let file = dump.to_string_lossy();
        self.run("pg_restore", &["--exit-on-error", "--single-transaction", "--dbname", &url, &file]).await?;
        self.tale.tell("recovery", "pg_restore of it into a new cluster, whose transaction ids begin anew");
        (self.database, self.database_url) = (connect(&url).await?, url);
        Ok(())
    }

    /// `counterfoil adopt --as moved` of the database.
    pub async fn adopt(&mut self) -> Result<(), DrillError> {
        let said = self.folder.join("adopt.out");
        let mut command = self.command()?;
        command.args(["adopt", "--as", "moved", "--database-url", &self.database_url]);
        let mut process = Process::start("the adoption", command, &said, Some(&self.folder.join("adopt.log")))?;
        let status = process.until_ended(PATIENCE).await?;
        let told = process.said();
        self.tale.tell("recovery", &format!("counterfoil adopt --as moved\n{}", told.trim_end()));
        self.tale.check(status.success(), "an operator's word makes it the deployment");
        Ok(())
    }

    /// The ends of the processes' logs.
    pub fn log_tail(&self) -> String {
        let [participants, receiver] = ["participants.log", "receiver.log"].map(|name| self.folder.join(name));
        let logs = [self.log_path(Which::A), self.log_path(Which::B), participants, receiver];
        let mut tail = String::new();
        for path in logs.iter().filter(|path| path.exists()) {
            let log = fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
            tail.push_str(&format!("{}\n{}\n", path.display(), last_lines(&log, LOG_TAIL)));
        }
        tail
    }

    /// What the operators' screen shows of the engines.
    pub async fn nodes(&self, which: Which) -> Result<Vec<Value>, DrillError> {
        let answer = self.client(which)?.get("/operator/nodes").await?;
        let told: Value = answer.json().unwrap_or(json!({}));
        Ok(told["nodes"].as_array().cloned().unwrap_or_default())
    }

    fn ledger_path(&self) -> PathBuf {
        self.folder.join("ledger.jsonl")
    }

    pub(super) fn log_path(&self, which: Which) -> PathBuf {
        self.folder.join(format!("engine-{}.log", which.letter()))
    }
}

impl Drop for Fleet<'_> {
    fn drop(&mut self) {
        self.stop_all();
    }
}

/// Waits for something, as long as patience lasts.
pub async fn until<T>(
    missed: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>, DrillError>,
) -> Result<T, DrillError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return Err(DrillError::Missed(missed.to_owned()));
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Host and port of a URL.
pub(super) fn address(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}
