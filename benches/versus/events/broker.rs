//! A Kafka broker, as a process of its own whose CPU can be told apart, and a second pair of eyes on what it got.
//!
//! What it is made of is fetched by `scripts/test-tools.sh`. One node on loopback with the heap that Kafka recommends for
//! development, and the JVM as it comes: what is measured is the broker as a shop runs it, and no quick start.

use std::collections::HashSet;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use counterfoil_lab::process::{signal_process, spawn};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::Outcome;

/// Partitions of the topic of the events.
pub const PARTITIONS: u32 = 4;
/// A JVM on a busy machine takes some seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running broker; dropping it kills it.
pub struct Broker {
    process: Child,
    folder: PathBuf,
    pub pid: u32,
    address: SocketAddr,
}

/// Where the broker's jars are, if they are there.
pub fn jars() -> Option<PathBuf> {
    let jars = Path::new(env!("CARGO_MANIFEST_DIR")).join(".test-tools/kafka");
    jars.join(".of").exists().then_some(jars)
}

impl Broker {
    /// Starts a broker with nothing in it, its data in `folder`.
    pub async fn start(jars: &Path, folder: &Path) -> Outcome<Self> {
        drop(fs::remove_dir_all(folder)); // what a killed run left
        fs::create_dir_all(folder)?;
        let free = || Outcome::Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?);
        let (address, controller) = (free()?, free()?);
        fs::write(folder.join("server.properties"), properties(address, controller))?;
        let id = ["kafka.tools.StorageTool", "format", "-t", "AAAAAAAAQACAAAAAAAAAAQ", "-c", "server.properties"];
        let formatted = java(jars, folder)?.args(id).status()?;
        if !formatted.success() {
            return Err(format!("Kafka's folder could not be formatted: {}", log(folder)).into());
        }
        let mut command = java(jars, folder)?;
        command.args(["kafka.Kafka", "server.properties"]);
        let process = spawn(command, Signal::KILL)?;
        let pid = process.id();
        let mut broker = Self { process, folder: folder.to_owned(), pid, address };
        broker.listens().await?;
        Ok(broker)
    }

    async fn listens(&mut self) -> Outcome<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).await.is_err() {
            if Instant::now() > deadline || self.process.try_wait()?.is_some() {
                return Err(format!("Kafka did not start: {}", log(&self.folder)).into());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Has it stand still, or go on: what is measured without it has the machine to itself.
    pub fn runs(&self, runs: bool) -> Outcome<()> {
        Ok(signal_process(self.pid, if runs { Signal::CONT } else { Signal::STOP })?)
    }

    /// Where it is.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Whether a consumer that reads what is committed sees so many events of `topic`, each once.
    pub fn holds(&self, topic: &str, events: u64) -> Outcome<Option<String>> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", self.address())
            .set("group.id", "versus")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .create()?;
        let mut all = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            all.add_partition_offset(topic, i32::try_from(partition)?, Offset::Beginning)?;
        }
        consumer.assign(&all)?;
        let (mut ids, mut records, mut ended) = (HashSet::new(), 0_u64, 0);
        while ended < PARTITIONS {
            let record = match consumer.poll(PATIENCE) {
                Some(Ok(record)) => record,
                Some(Err(rdkafka::error::KafkaError::PartitionEOF(_))) => {
                    ended += 1;
                    continue;
                }
                Some(Err(error)) => return Err(error.into()),
                None => return Err("Kafka tells nothing more".into()),
            };
            let id = record.headers().and_then(|headers| headers.iter().find(|header| header.key == "ce_id"));
            records += 1;
            ids.insert(id.and_then(|id| id.value).ok_or("a record without ce_id")?.to_vec());
        }
        let right = records == events && ids.len() as u64 == events;
        Ok((!right).then(|| format!("{records} records of {} events in Kafka, and it should be {events}", ids.len())))
    }

    /// Stops it and removes its data.
    pub async fn remove(mut self) -> Outcome<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(fs::remove_dir_all(&self.folder)?)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

fn properties(address: SocketAddr, controller: SocketAddr) -> String {
    format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@{controller}\n\
         listeners=PLAINTEXT://{address},CONTROLLER://{controller}\nadvertised.listeners=PLAINTEXT://{address}\n\
         controller.listener.names=CONTROLLER\nlog.dirs=data\nauto.create.topics.enable=false\n\
         offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\nshare.coordinator.state.topic.replication.factor=1\n\
         share.coordinator.state.topic.min.isr=1\n"
    )
}

fn java(jars: &Path, folder: &Path) -> Outcome<Command> {
    let log = fs::File::options().create(true).append(true).open(folder.join("kafka.log"))?;
    let mut command = Command::new("java");
    command
        .args(["-Xmx512m", "-Xms512m", "-XX:+UseG1GC", "-cp"])
        .arg(jars.join("*"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok(command)
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("kafka.log")).unwrap_or_default()
}
