//! Where a drill happens: the real program as a child process with a private PostgreSQL, spoken to over HTTP, and looked
//! into with SQL.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::body::Bytes;
use rustix::process::Signal;
use serde::Deserialize;
use serde_json::json;
use tokio_postgres::{NoTls, SimpleQueryMessage, SimpleQueryRow};
use uuid::Uuid;

use super::evidence::{self, Tale};
use super::fleet::{Base, Fleet, Setup};
use crate::process::{LOG_TAIL, POLL, Process, ProcessError, last_lines, program};
use counterfoil_engine::client::{Client, ClientError, HttpAnswer};
use counterfoil_engine::store::audit::{self, AuditError};

/// How long a drill waits for what must come: far longer than it takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Why a scenario could not be carried through, which counts as broken.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// No answer where there had to be one.
    #[error("the engine did not answer")]
    Client(#[from] ClientError),
    /// The database did not answer.
    #[error("the database did not answer")]
    Database(#[from] tokio_postgres::Error),
    /// The audit failed.
    #[error("the audit could not be made")]
    Audit(#[from] AuditError),
    /// A program did not do what it was to do.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The operating system refused.
    #[error("cannot {what}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Something that had to come did not.
    #[error("{0}")]
    Missed(String),
}

pub(super) fn cannot(what: impl Into<String>) -> impl FnOnce(io::Error) -> DrillError {
    let what = what.into();
    move |source| DrillError::System { what, source }
}

/// An order that a drill submits.
#[derive(Debug, Clone)]
pub struct Order {
    /// The order's id.
    pub id: String,
    /// What it buys.
    pub sku: String,
    /// How many of it.
    pub quantity: i64,
    /// The Idempotency-Key that goes along.
    pub key: Option<String>,
    /// How it is paid: for a simulated provider, how that behaves.
    pub payment_method: String,
    /// Where it goes: for a simulated carrier, how that behaves.
    pub postal_code: String,
    /// Whether its payment is captured by hand.
    pub manual: bool,
    /// How its own steps behave, by name.
    pub steps: Vec<(&'static str, &'static str)>,
}

impl Order {
    /// Two of a SKU.
    pub fn new(id: impl Into<String>, sku: &str) -> Self {
        Self {
            id: id.into(),
            sku: sku.into(),
            quantity: 2,
            key: None,
            payment_method: "pm_ok".into(),
            postal_code: "1".into(),
            manual: false,
            steps: Vec::new(),
        }
    }

    /// The same, with a step of its own that behaves so.
    #[must_use]
    pub fn whose(mut self, step: &'static str, behaves: &'static str) -> Self {
        self.steps.push((step, behaves));
        self
    }

    /// The same, paid so.
    #[must_use]
    pub fn paying(self, payment_method: impl Into<String>) -> Self {
        Self { payment_method: payment_method.into(), ..self }
    }

    /// The same, sent there.
    #[must_use]
    pub fn to(self, postal_code: impl Into<String>) -> Self {
        Self { postal_code: postal_code.into(), ..self }
    }

    /// Orders `prefix-1` to `prefix-count` of one SKU.
    pub fn many(prefix: &str, count: usize, sku: &str) -> Vec<Self> {
        (1..=count).map(|n| Self::new(format!("{prefix}-{n}"), sku)).collect()
    }

    /// The same with an Idempotency-Key.
    #[must_use]
    pub fn keyed(mut self) -> Self {
        self.key = Some(format!("key-of-{}", self.id));
        self
    }

    /// The request's body.
    pub fn body(&self) -> Bytes {
        let ship_to =
            json!({"name": "A", "line1": "1 Road", "city": "X", "postal_code": self.postal_code, "country": "US"});
        let mut order = json!({
            "order_id": self.id, "customer_id": "cus-drill", "currency": "USD",
            "lines": [{"sku": self.sku, "quantity": self.quantity, "unit_price": 1999}],
            "payment_method": self.payment_method, "ship_to": ship_to,
            "capture": if self.manual { "manual" } else { "automatic" },
        });
        if !self.steps.is_empty() {
            order["metadata"] = self.steps.iter().map(|(step, how)| ((*step).to_owned(), json!(how))).collect();
        }
        Bytes::from(order.to_string())
    }

    /// Submits it, once.
    pub async fn submit(&self, client: &Client) -> Result<HttpAnswer, ClientError> {
        self.submit_preferring(client, None).await
    }

    /// Submits it, once, saying how long to wait.
    pub async fn submit_preferring(&self, client: &Client, prefer: Option<&str>) -> Result<HttpAnswer, ClientError> {
        let mut headers: Vec<_> = self.key.iter().map(|key| ("idempotency-key", key.as_str())).collect();
        headers.extend(prefer.map(|prefer| ("prefer", prefer)));
        client.request(Method::POST, "/orders", &headers, Some(self.body())).await
    }
}

/// How the program is configured in a scenario, on top of what `dev` does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flavour {
    /// As it comes, with the configuration's defaults.
    #[default]
    Plain,
    /// An actor counts as hung after half a second.
    QuickToReplace,
}

impl Flavour {
    fn toml(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::QuickToReplace => "[engine]\ncommand_timeout_ms = 500\n",
        }
    }
}

/// Whether the engine has armed what it was told to.
pub(super) fn is_armed(answer: &HttpAnswer) -> Result<(), DrillError> {
    if answer.status == 204 {
        return Ok(());
    }
    let told = evidence::excerpt(&answer.body);
    Err(DrillError::Missed(format!("the fault was not armed: {} {told}", answer.status)))
}

/// Waits until an engine's `/readyz` answers 200.
pub(super) async fn ready(process: &mut Process, client: &Client) -> Result<(), ProcessError> {
    let is_ready =
        async |_: &Process| client.get("/readyz").await.is_ok_and(|answer| answer.status == 200).then_some(());
    process.until("become ready", PATIENCE, is_ready).await
}

/// A connection to a database.
pub(super) async fn connect(url: &str) -> Result<tokio_postgres::Client, DrillError> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The rows of a query, as text.
pub(super) async fn rows(database: &tokio_postgres::Client, sql: &str) -> Result<Vec<SimpleQueryRow>, DrillError> {
    let messages = database.simple_query(sql).await?.into_iter();
    let rows = messages.filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok(rows.collect())
}

/// Safety and liveness, from the rows alone: the audit's promises, and that no order was left unfinished.
pub(super) async fn audit_tables(tale: &mut Tale, database: &mut tokio_postgres::Client) -> Result<(), DrillError> {
    let report = audit::audit(database).await?;
    let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).collect();
    let offenders: Vec<_> =
        broken.iter().map(|finding| format!("{}: {}", finding.name, finding.offenders.join(", "))).collect();
    let text = match broken.len() {
        0 => format!("the audit: all {} promises hold", report.promises.len()),
        _ => format!("the audit: {}", offenders.join("; ")),
    };
    tale.check(report.ok, text);
    let sql = "SELECT count(*) FROM orders WHERE state NOT IN ('COMPLETED', 'CANCELLED')";
    let unfinished: i64 = database.query_one(sql, &[]).await?.try_get(0)?;
    tale.check(unfinished == 0, format!("liveness: {unfinished} orders are left unfinished"));
    Ok(())
}

/// What `dev` tells of itself.
#[derive(Deserialize)]
struct Announcement {
    pid: u32,
    listen: String,
    database_url: String,
}

struct Dev {
    process: Process,
    client: Client,
    database_url: String,
    flavour: Flavour,
}

/// The private world of a drill. Dropped, it ends its processes.
pub struct World {
    /// What is told.
    pub tale: Tale,
    root: PathBuf,
    /// The data folder's number: a broken scenario's successors get another.
    number: usize,
    dev: Option<Dev>,
    log_mark: usize,
    base: Option<Base>,
}

impl World {
    /// A folder of its own; nothing runs yet.
    pub fn new(tale: Tale) -> Result<Self, DrillError> {
        // Not by the process id alone: whoever was killed before it cleaned up may have had the same.
        let unique = Uuid::new_v4().simple().to_string();
        let root = std::env::temp_dir().join(format!("counterfoil-drill-{}-{}", std::process::id(), &unique[..8]));
        let what = format!("make {}", root.display());
        fs::create_dir(&root).map_err(cannot(&what))?;
        // PostgreSQL may run as another user, who has to enter.
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).map_err(cannot(&what))?;
        Ok(Self { tale, root, number: 1, dev: None, log_mark: 0, base: None })
    }

    /// A world with remote participants, of a scenario's own. The program that runs is stopped.
    pub async fn fleet(&mut self, setup: Setup) -> Result<Fleet<'_>, DrillError> {
        self.stop().await;
        let base = match self.base.take() {
            Some(base) => base,
            None => Base::start(&self.root).await?,
        };
        Fleet::start(&mut self.tale, self.base.insert(base), setup).await
    }

    /// Makes sure that a healthy program of this flavour runs with nothing armed.
    pub async fn ready(&mut self, flavour: Flavour) -> Result<(), DrillError> {
        let fits = match &mut self.dev {
            Some(dev) => dev.flavour == flavour && dev.process.ended().is_ok_and(|ended| ended.is_none()),
            None => false,
        };
        if fits {
            self.disarm().await?;
        } else {
            self.stop().await;
            self.start(flavour).await?;
        }
        self.log_mark = self.log().len();
        Ok(())
    }

    /// Leaves the database as it is and goes on with another: what broke in one scenario breaks no other.
    pub async fn renew(&mut self) {
        self.stop().await;
        self.number += 1;
    }

    /// Starts the program, and waits until it serves.
    pub async fn start(&mut self, flavour: Flavour) -> Result<(), DrillError> {
        let announced = self.data_dir().join("dev.json");
        let _none_yet = fs::remove_file(&announced);
        let mut process = self.spawn(flavour)?;
        let pid = process.id();
        let told = process.until("announce itself", PATIENCE, async |_| {
            let told = fs::read(&announced).ok().and_then(|text| serde_json::from_slice::<Announcement>(&text).ok());
            told.filter(|told| told.pid == pid)
        });
        let Announcement { listen, database_url, .. } = told.await?;
        let client = Client::anonymous(&format!("http://{listen}"))?;
        let dev = self.dev.insert(Dev { process, client, database_url, flavour });
        Ok(ready(&mut dev.process, &dev.client).await?)
    }

    fn spawn(&self, flavour: Flavour) -> Result<Process, DrillError> {
        let config = self.root.join("drill.toml");
        fs::write(&config, flavour.toml()).map_err(cannot("write a configuration"))?;
        let mut command = program(&std::env::current_exe().map_err(cannot("find this program"))?);
        command
            .args(["dev", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(self.data_dir())
            .arg("--config")
            .arg(&config);
        // A core file, where the system writes them, goes with the folder.
        command.current_dir(&self.root);
        Ok(Process::start("the engine", command, &self.root.join("engine.out"), Some(&self.log_path()))?)
    }

    /// A graceful end of the program and its PostgreSQL.
    pub async fn stop(&mut self) {
        let Some(mut dev) = self.dev.take() else { return };
        if dev.process.signal(Signal::TERM).is_ok() {
            let _killed_otherwise = dev.process.until_ended(PATIENCE).await;
        }
    }

    /// Restarts the program in order, as an operator would.
    pub async fn restart(&mut self) -> Result<(), DrillError> {
        self.stop().await;
        self.start(Flavour::Plain).await?;
        self.tale.tell("recovery", "the engine was stopped (SIGTERM) and started again on the same data");
        Ok(())
    }

    /// Waits until the program ended by itself, and starts it again.
    pub async fn revive(&mut self) -> Result<(), DrillError> {
        let mut dev = self.dev.take().ok_or_else(|| DrillError::Missed("nothing runs".into()))?;
        let status = match dev.process.until_ended(PATIENCE).await {
            Ok(status) => status,
            Err(error) => {
                self.dev = Some(dev);
                return Err(error.into());
            }
        };
        let began = Instant::now();
        self.start(Flavour::Plain).await?;
        let took = began.elapsed().as_millis();
        let text = format!("the engine's process ended: {status}; started again on the same data, ready in {took} ms");
        self.tale.tell("recovery", &text);
        Ok(())
    }

    /// The program's process id.
    pub fn pid(&self) -> Result<u32, DrillError> {
        self.dev.as_ref().map(|dev| dev.process.id()).ok_or_else(|| DrillError::Missed("nothing runs".into()))
    }

    /// A client of the program that runs now; clones share their connections.
    pub fn client(&self) -> Result<Client, DrillError> {
        self.dev.as_ref().map(|dev| dev.client.clone()).ok_or_else(|| DrillError::Missed("nothing runs".into()))
    }

    /// A connection to the private database.
    pub async fn database(&self) -> Result<tokio_postgres::Client, DrillError> {
        let dev = self.dev.as_ref().ok_or_else(|| DrillError::Missed("nothing runs".into()))?;
        connect(&dev.database_url).await
    }

    /// Arms a fault, and says so.
    pub async fn arm(&mut self, fault: serde_json::Value) -> Result<(), DrillError> {
        self.tale.tell("armed", &format!("POST /operator/faults {fault}"));
        let body = Some(Bytes::from(fault.to_string()));
        let answer = self.client()?.request(Method::POST, "/operator/faults", &[], body).await?;
        is_armed(&answer)
    }

    /// Disarms every fault of the engine.
    pub async fn disarm(&self) -> Result<(), DrillError> {
        self.client()?.request(Method::DELETE, "/operator/faults", &[], None).await?;
        Ok(())
    }

    /// Submits an order and shows the answer.
    pub async fn submit(&mut self, order: &Order) -> Result<HttpAnswer, DrillError> {
        let answer = order.submit(&self.client()?).await?;
        self.tell_answer(order, &answer);
        Ok(answer)
    }

    /// Shows an answer.
    pub fn tell_answer(&mut self, order: &Order, answer: &HttpAnswer) {
        let key = order.key.as_ref().map(|key| format!(" Idempotency-Key: {key}")).unwrap_or_default();
        self.tale.answer(&format!("POST /orders {}{key}", order.id), answer);
    }

    /// Runs a query and shows its rows.
    pub async fn show(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>, DrillError> {
        let rows = rows(&self.database().await?, sql).await?;
        self.tale.rows(sql, &rows);
        Ok(rows)
    }

    /// Shows an order and its payment, by the queries that an operator would type; how many rows each has.
    pub async fn show_order(&mut self, id: &str) -> Result<(usize, usize), DrillError> {
        let orders = self.show(&format!("SELECT * FROM orders WHERE order_id = '{id}'")).await?;
        let payments = self.show(&format!("SELECT * FROM payments WHERE order_id = '{id}'")).await?;
        Ok((orders.len(), payments.len()))
    }

    /// One number from a query.
    pub async fn count(&self, sql: &str) -> Result<i64, DrillError> {
        Ok(self.database().await?.query_one(sql, &[]).await?.try_get(0)?)
    }

    /// What is on hand and reserved of a SKU.
    pub async fn stock(&self, sku: &str) -> Result<(i64, i64), DrillError> {
        let sql = "SELECT on_hand, reserved FROM inventory WHERE sku = $1";
        let row = self.database().await?.query_one(sql, &[&sku]).await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// The sum of a metric's series whose line begins with `series`: a name, or a name with its first labels.
    pub async fn metric(&self, series: &str) -> Result<f64, DrillError> {
        let answer = self.client()?.get("/metrics").await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let values = text.lines().filter(|line| line.starts_with(series)).filter_map(|line| line.rsplit(' ').next());
        Ok(values.filter_map(|value| value.parse::<f64>().ok()).sum())
    }

    /// The lines that the program logged in this scenario and that hold one of `words`.
    pub fn show_log(&mut self, words: &[&str]) {
        let log = self.log();
        let since = log.get(self.log_mark..).unwrap_or_default();
        let lines: Vec<_> = since.lines().filter(|line| words.iter().any(|word| line.contains(word))).take(6).collect();
        if !lines.is_empty() {
            self.tale.tell("engine", &lines.join("\n"));
        }
    }

    /// The end of the program's log.
    pub fn log_tail(&self) -> String {
        last_lines(&self.log(), LOG_TAIL)
    }

    /// Safety and liveness, from the rows alone.
    pub async fn audit(&mut self) -> Result<(), DrillError> {
        let database = &mut self.database().await?;
        audit_tables(&mut self.tale, database).await
    }

    /// Waits until `/readyz` answers 200; how long that took.
    pub async fn until_ready(&self) -> Result<Duration, DrillError> {
        let (client, began) = (self.client()?, Instant::now());
        while !client.get("/readyz").await.is_ok_and(|answer| answer.status == 200) {
            if began.elapsed() > PATIENCE {
                return Err(DrillError::Missed("/readyz did not recover".into()));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(began.elapsed())
    }

    /// Ends everything and removes the folder, unless it is worth a look.
    pub async fn end(mut self, keep: bool) {
        let data = self.data_directory().await;
        self.stop().await;
        if let Some(base) = self.base.take() {
            base.end();
        }
        if keep {
            let text = format!("\nThe engine's log and data stay in {}\n", self.root.display());
            return self.tale.write(&text);
        }
        // A folder that PostgreSQL could not use was replaced by another, made for ours alone.
        if let Some(data) = data.filter(|data| !data.starts_with(&self.root)) {
            let _left = fs::remove_dir_all(&data);
            let _left = data.parent().map(fs::remove_dir); // where nothing else is in it
        }
        let _left = fs::remove_dir_all(&self.root);
    }

    async fn data_directory(&self) -> Option<PathBuf> {
        let row = self.database().await.ok()?.query_one("SHOW data_directory", &[]).await.ok()?;
        row.try_get::<_, String>(0).ok().map(PathBuf::from)
    }

    fn data_dir(&self) -> PathBuf {
        self.root.join(self.number.to_string())
    }

    fn log_path(&self) -> PathBuf {
        self.root.join("engine.log")
    }

    fn log(&self) -> String {
        fs::read(self.log_path()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}
