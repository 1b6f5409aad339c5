//! Where events arrive in a drill: `counterfoil receiver` as a process of its own, with a ledger that outlives it. It can be
//! killed, started again where it was, and told to refuse or to keep its answers back.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use futures_util::stream;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;

use super::deliveries::{self, Committed, EventId, Leave};
use super::fleet::{Fleet, Which, address, until};
use super::world::{DrillError, Order, PATIENCE};
use crate::load::driver::drive;
use crate::load::retry::{Repeatable, until_final};
use crate::process::{Process, free_port};
use crate::receiver::ledger::{self, Line};
use counterfoil_engine::client::{Client, error_chain};

/// With which deliveries are signed.
const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// The pauses between the tries of an event: it has one try more.
pub const PAUSES_MS: [u64; 3] = [100, 200, 400];
/// Clients that place orders at once.
const CLIENTS: usize = 16;

/// An endpoint at the receiver.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// Its name, and its path.
    pub name: &'static str,
    /// Whether an order waits for an event that cannot be delivered.
    pub strict: bool,
}

impl Endpoint {
    /// One for all that happens.
    pub const USUAL: Self = Self { name: "crm", strict: false };

    /// Where it is posted to.
    pub fn path(self) -> String {
        format!("/{}", self.name)
    }
}

/// The receiver of a scenario.
pub struct Receiver {
    pub(super) process: Option<Process>,
    /// Where it listens, also after a restart.
    address: String,
    ledger: PathBuf,
    /// What is right of an endpoint, beside the rule.
    leave: HashMap<&'static str, Leave>,
}

impl Receiver {
    /// One that does not run yet.
    pub fn new(folder: &Path) -> Self {
        let ledger = folder.join("received.jsonl");
        // Where it is found again after a restart; without one it is found where it is.
        let address = format!("127.0.0.1:{}", free_port().unwrap_or(0));
        Self { process: None, address, ledger, leave: HashMap::new() }
    }

    /// What an engine is configured with that posts to it.
    pub fn config(&self, endpoints: &[Endpoint]) -> String {
        let mut config = format!("[outbox.webhooks]\nallow_private = true\nretry_ms = {PAUSES_MS:?}\n");
        for Endpoint { name, strict } in endpoints {
            config.push_str(&format!(
                "[[outbox.sinks]]\nname = \"{name}\"\nkind = \"webhook\"\nendpoint = \"http://{}/{name}\"\n\
                 secret = \"{SECRET}\"\nfrom = \"beginning\"\nstrict = {strict}\n",
                self.address
            ));
        }
        config
    }

    fn lines(&self, path: &str) -> Result<Vec<Line>, DrillError> {
        let read = ledger::read(&self.ledger);
        let (mut lines, _) = read.map_err(|error| DrillError::Missed(error_chain(&error)))?;
        lines.retain(|line| line.path == path);
        Ok(lines)
    }
}

/// Orders, and what their clients were told in the end.
pub struct Load {
    /// Their ids, and the status of the final answer; none where none came.
    pub answers: Vec<(String, Option<u16>)>,
}

impl Load {
    /// Sends orders to an engine, some at a time, each until its answer is final.
    pub async fn place(client: &Client, orders: &[Order]) -> Self {
        let requests = orders.iter().enumerate().map(async |(index, order)| {
            let (path, body, began) = ("/orders".into(), Some(order.body()), Instant::now());
            let exchange = until_final(client, &Repeatable { method: Method::POST, path, body, key: None }).await;
            (index, exchange, began.elapsed())
        });
        let mut answers: Vec<_> = orders.iter().map(|order| (order.id.clone(), None)).collect();
        // Where it stops early, the orders that were not sent have no answer.
        let _stopped = drive("orders", orders.len(), CLIENTS, stream::iter(requests), |index, exchange, _| {
            answers[index].1 = exchange.outcome.ok().map(|answer| answer.status);
        })
        .await;
        Self { answers }
    }

    /// How many were told that theirs is sold.
    pub fn sold(&self) -> usize {
        self.answers.iter().filter(|(_, status)| *status == Some(201)).count()
    }
}

impl Fleet<'_> {
    /// Starts the receiver, on the ledger that is there.
    pub async fn start_receiver(&mut self) -> Result<(), DrillError> {
        let said = self.folder.join("receiver.out");
        let mut command = self.command()?;
        command.args(["receiver", "--listen", &self.receiver.address, "--ledger"]).arg(&self.receiver.ledger);
        command.env("COUNTERFOIL_WEBHOOK_SECRET", SECRET);
        let log = self.folder.join("receiver.log");
        let process = self.receiver.process.insert(Process::start("the receiver", command, &said, Some(&log))?);
        self.receiver.address = address(&process.listening(PATIENCE).await?);
        Ok(())
    }

    /// As kill -9 of the receiver.
    pub fn kill_receiver(&mut self) -> Result<(), DrillError> {
        let process = self.receiver.process.take();
        let mut process = process.ok_or_else(|| DrillError::Missed("the receiver does not run".into()))?;
        process.kill()?;
        self.tale.tell("broken", &format!("kill -9 {}: the receiver, and its port is closed", process.id()));
        Ok(())
    }

    /// Tells the receiver what to do with deliveries; what it holds is answered.
    pub async fn behave(&mut self, rules: Value) -> Result<(), DrillError> {
        self.tale.tell("receiver", &format!("PUT /behaviour {rules}"));
        let client = Client::anonymous(&format!("http://{}", self.receiver.address))?;
        let answer = client.request(Method::PUT, "/behaviour", &[], Some(Bytes::from(rules.to_string()))).await?;
        if answer.status == 200 {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        Err(DrillError::Missed(format!("the receiver does not understand: {told}")))
    }

    /// What the receiver took at an endpoint, in the order in which it came.
    pub fn taken(&self, endpoint: Endpoint) -> Result<Vec<Line>, DrillError> {
        self.receiver.lines(&endpoint.path())
    }

    /// Waits until an endpoint has so many lines.
    pub async fn until_taken(&self, endpoint: Endpoint, count: usize) -> Result<Vec<Line>, DrillError> {
        until(&format!("{} did not come to {count} deliveries", endpoint.name), async || {
            let lines = self.taken(endpoint)?;
            Ok((lines.len() >= count).then_some(lines))
        })
        .await
    }

    /// Waits until an endpoint has everything that is committed; how many events that are.
    pub async fn until_all_taken(&self, endpoint: Endpoint) -> Result<usize, DrillError> {
        self.until_taken_but(endpoint, |_| false).await
    }

    /// The same of all but some of it.
    pub async fn until_taken_but(
        &self,
        endpoint: Endpoint,
        except: impl Fn(&EventId) -> bool,
    ) -> Result<usize, DrillError> {
        let mut left = Vec::new();
        let all = until("", async || {
            // The rows first: what is committed while the ledger is read is for the next time.
            let mut events = deliveries::committed(&self.database).await?;
            events.retain(|row| !except(&(row.order_id.clone(), row.version)));
            let lines = self.taken(endpoint)?;
            let has: HashSet<_> = lines.iter().map(|line| (line.order_id(), line.version(), line.epoch())).collect();
            let is_missing = |row: &&Committed| !has.contains(&(row.order_id.as_str(), Some(row.version), row.epoch));
            left = events.iter().filter(is_missing).map(|row| format!("{}/{}", row.order_id, row.version)).collect();
            Ok(left.is_empty().then_some(events.len()))
        })
        .await;
        match all {
            Err(DrillError::Missed(_)) => {
                let (count, named) = (left.len(), left[..left.len().min(10)].join(", "));
                Err(DrillError::Missed(format!("{count} events never arrived at {}: {named}", endpoint.name)))
            }
            told => told,
        }
    }

    /// What is right of an endpoint, beside the rule.
    pub fn leave(&mut self, endpoint: Endpoint) -> &mut Leave {
        self.receiver.leave.entry(endpoint.name).or_default()
    }

    /// Holds the receiver's ledger against what is committed.
    pub async fn judge_deliveries(&mut self, endpoint: &Endpoint) -> Result<(), DrillError> {
        let lines = self.taken(*endpoint)?;
        let rows = deliveries::committed(&self.database).await?;
        let leave = self.receiver.leave.get(endpoint.name).cloned().unwrap_or_default();
        let found = deliveries::compare(&rows, &lines, &leave);
        let text = match found.offences.as_slice() {
            [] => format!(
                "the receiver: {} has each of the {} events of {} orders, first in their order; {} came again, alike{}",
                endpoint.name,
                found.events,
                found.orders,
                found.repeats,
                if found.lost > 0 { format!("; {} of a history that is lost", found.lost) } else { String::new() }
            ),
            offences => format!("the receiver: {}: {}", endpoint.name, offences[..offences.len().min(10)].join("; ")),
        };
        self.tale.check(found.offences.is_empty(), text);
        Ok(())
    }

    /// Whoever was told that an order is sold is right in the eyes of an endpoint, too.
    pub fn judge_told(&mut self, endpoint: Endpoint, load: &Load) -> Result<(), DrillError> {
        let lines = self.taken(endpoint)?;
        let completed: Vec<&str> = lines
            .iter()
            .filter(|line| line.text("type") == "counterfoil.order.completed")
            .map(Line::order_id)
            .collect();
        let (sold, all) = (load.sold(), load.answers.len());
        let known = load.answers.iter().filter(|(id, _)| completed.contains(&id.as_str())).count();
        let text = format!(
            "{sold} of {all} clients got 201, and {} knows of {known} that their orders are completed",
            endpoint.name
        );
        self.tale.check(sold == all && known == all, text);
        Ok(())
    }

    /// The sum of an engine's metric for an endpoint.
    pub async fn sink_metric(&self, which: Which, name: &str, endpoint: Endpoint) -> Result<f64, DrillError> {
        let answer = self.client(which)?.get("/metrics").await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let series = format!("{name}{{sink=\"{}\"}}", endpoint.name);
        let values = text.lines().filter(|line| line.starts_with(&series)).filter_map(|line| line.rsplit(' ').next());
        Ok(values.filter_map(|value| value.parse::<f64>().ok()).sum())
    }

    /// Waits until an engine's metric for an endpoint is as it should be; its value then. An engine that has slept may answer
    /// only when it is asked again.
    pub async fn until_sink_metric(
        &self,
        which: Which,
        name: &str,
        endpoint: Endpoint,
        right: impl Fn(f64) -> bool,
    ) -> Result<f64, DrillError> {
        until(&format!("{name} of {} was never right at engine {}", endpoint.name, which.letter()), async || {
            Ok(self.sink_metric(which, name, endpoint).await.ok().filter(|value| right(*value)))
        })
        .await
    }

    /// How far an endpoint's cursor is: see [`cursor`].
    pub async fn cursor(&self, endpoint: Endpoint) -> Result<(i64, i64), DrillError> {
        cursor(&self.database, endpoint).await
    }
}

/// How far an endpoint's cursor is: epoch and transaction.
pub async fn cursor(database: &tokio_postgres::Client, endpoint: Endpoint) -> Result<(i64, i64), DrillError> {
    let sql = "SELECT (position::json ->> 'epoch')::bigint, (position::json ->> 'upto')::bigint
        FROM webhook_endpoints WHERE name = $1";
    let row = database.query_one(sql, &[&endpoint.name]).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}
