//! Apache Kafka for the tests of its sink: one broker for the whole test process, begun by the first test that asks, and
//! brokers of a test's own to be killed. Each has a listener that clients reach through [`Wire`], which holds what a test
//! asked for. What was published is read by another client (`kafka.py`).
//!
//! What they are made of is fetched by `scripts/test-tools.sh`. Where it is not there, a test fails, or, with MISSING=skip in
//! the environment, says so and does nothing.

use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::engine::PATIENCE;
use super::program::Folder;
use super::wire::{Protocol, Wire};
use counterfoil_lab::process::spawn;
use rustix::process::Signal;

/// Where what tests speak to lies.
pub fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".test-tools")
}

/// Whether a test that needs Kafka can be run; it is to end at once where it cannot.
pub fn is_there() -> bool {
    are_there(&["kafka/.of", "python/.of"], "Kafka")
}

/// The same of what is fetched by pip, alone.
pub fn has_python() -> bool {
    are_there(&["python/.of"], "Python's libraries")
}

/// The same of what is fetched by npm.
pub fn has_node() -> bool {
    are_there(&["node/.of"], "Node.js")
}

fn are_there(files: &[&str], what: &str) -> bool {
    let there = files.iter().all(|file| tools().join(file).exists());
    if !there {
        let skipped = std::env::var("MISSING").is_ok_and(|missing| missing == "skip");
        assert!(skipped, "there is no {what}: scripts/test-tools.sh fetches it, MISSING=skip goes on without");
        eprintln!("skipped: there is no {what} (MISSING=skip)");
    }
    there
}

/// A broker, with a wire that it is reached through.
pub struct Broker {
    child: Option<Child>,
    folder: PathBuf,
    _own: Option<Folder>,
    port: u16,
    controller: u16,
    wire: Wire,
}

/// Dies with the thread that calls this.
fn start(folder: &Path) -> Child {
    let mut command = java(folder);
    command.args(["kafka.Kafka", "server.properties"]);
    spawn(command, Signal::KILL).expect("start Kafka")
}

fn java(folder: &Path) -> Command {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("kafka.log")).expect("make a log");
    let mut command = Command::new("java");
    // Quick to start: it never runs for long.
    command
        .args(["-Xmx256m", "-Xms256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"])
        .arg(tools().join("kafka/*"))
        .current_dir(folder)
        .process_group(0) // Ctrl-C in a terminal is for the tests
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log);
    command
}

/// A port that nobody has now, and that is still there for a broker that is started again.
fn free_port() -> u16 {
    counterfoil_lab::process::free_port().expect("a free port")
}

/// Listeners that ask who is there, beside the others.
#[derive(Default)]
struct Guarded {
    listeners: String,
    advertised: String,
    protocols: String,
    properties: String,
    format: Vec<String>,
}

/// A formatted folder, and what it is reached at directly and through a wire: of the broker that is its cluster's controller
/// too, or of a second one.
fn lay_out(folder: &Path, guarded: &Guarded, controller: u16, second: bool) -> (u16, Wire) {
    let (port, behind) = (free_port(), free_port());
    let (id, roles, own) = match second {
        false => (1, "broker,controller", format!(",CONTROLLER://127.0.0.1:{controller}")),
        true => (2, "broker", String::new()),
    };
    let wire = Wire::to(behind, Protocol::Kafka);
    let Guarded { listeners, advertised, protocols, properties: more, format: users } = guarded;
    let properties = format!(
        "process.roles={roles}\nnode.id={id}\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners=DIRECT://127.0.0.1:{port},WIRE://127.0.0.1:{behind}{own}{listeners}\n\
         advertised.listeners=DIRECT://127.0.0.1:{port},WIRE://127.0.0.1:{}{advertised}\n\
         inter.broker.listener.name=DIRECT\ncontroller.listener.names=CONTROLLER\n\
         listener.security.protocol.map=DIRECT:PLAINTEXT,WIRE:PLAINTEXT,CONTROLLER:PLAINTEXT{protocols}\n{more}\
         broker.session.timeout.ms=3000\nbroker.heartbeat.interval.ms=300\nlog.dirs=data\nauto.create.topics.enable=false\n\
         offsets.topic.replication.factor=1\noffsets.topic.num.partitions=1\n\
         share.coordinator.state.topic.replication.factor=1\nshare.coordinator.state.topic.min.isr=1\n\
         transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n\
         transaction.state.log.num.partitions=4\n\
         transaction.abort.timed.out.transaction.cleanup.interval.ms=100\n\
         group.initial.rebalance.delay.ms=0\nlog.cleaner.dedupe.buffer.size=2097152\nlog.cleaner.threads=1\n\
         num.network.threads=2\nnum.io.threads=2\nbackground.threads=2\n",
        wire.port()
    );
    std::fs::write(folder.join("server.properties"), properties).expect("write a configuration");
    let format = ["kafka.tools.StorageTool", "format", "-t", "AAAAAAAAQACAAAAAAAAAAQ", "-c", "server.properties"];
    let formatted = java(folder).args(format).args(users).status().expect("run java");
    assert!(formatted.success(), "{}", log(folder));
    (port, wire)
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("kafka.log")).unwrap_or_default()
}

/// Waits until it is listened there. Blocks.
fn until_listening(folder: &Path, child: &mut Child, port: u16) {
    let deadline = Instant::now() + 2 * PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = child.try_wait().expect("look after Kafka");
        assert!(ended.is_none() && Instant::now() < deadline, "{}", log(folder));
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

impl Broker {
    /// The broker of this process. Blocks for some seconds where it is not yet there.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Broker> = OnceLock::new();
        SHARED.get_or_init(|| {
            let folder = std::env::temp_dir().join(format!("counterfoil-kafka-{}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("make a folder");
            let (tell, told) = std::sync::mpsc::channel();
            let inside = folder.clone();
            // The kernel kills it when the thread ends that began it: this one never does.
            let keeper = std::thread::Builder::new().name("kafka".into()).spawn(move || {
                let controller = free_port();
                let (port, wire) = lay_out(&inside, &Guarded::default(), controller, false);
                let mut child = start(&inside);
                remove_behind_us(&inside, child.id());
                until_listening(&inside, &mut child, port);
                tell.send((port, controller, wire)).expect("somebody waits");
                let _ = child.wait();
                panic!("Kafka ended: {}", log(&inside));
            });
            keeper.expect("a thread");
            let (port, controller, wire) = told.recv().expect("Kafka starts");
            Self { child: None, folder, _own: None, port, controller, wire }
        })
    }

    /// A broker of the test's own. Blocks for some seconds.
    pub fn own() -> Self {
        Self::laid_out(Folder::new(), &Guarded::default(), None)
    }

    /// A second one of a cluster whose first this is. Blocks for some seconds.
    pub fn second(&self) -> Self {
        Self::laid_out(Folder::new(), &Guarded::default(), Some(self.controller))
    }

    /// One that also asks who is there: by TLS with this certificate and a user's name and password (each of SASL's ways), and by
    /// TLS and a certificate of this CA. Where both are reached, for clients. Blocks for some seconds.
    #[cfg(feature = "kafka-tls")]
    pub fn guarded(own: Folder, pair: &super::certificates::Pair, ca: &Path, user: (&str, &str)) -> (Self, [u16; 2]) {
        let read = |path: &Path| std::fs::read_to_string(path).expect("a file of PEM");
        let store = own.file("store.pem", &format!("{}{}", read(&pair.key), read(&pair.cert)));
        let ports @ [by_name, by_certificate] = [free_port(), free_port()];
        let (name, password) = user;
        let jaas = "org.apache.kafka.common.security";
        let properties = format!(
            "ssl.keystore.type=PEM\nssl.keystore.location={}\nssl.truststore.type=PEM\nssl.truststore.location={}\n\
             listener.name.mutual.ssl.client.auth=required\n\
             listener.name.named.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512\n\
             listener.name.named.plain.sasl.jaas.config={jaas}.plain.PlainLoginModule required user_{name}=\"{password}\";\n\
             listener.name.named.scram-sha-256.sasl.jaas.config={jaas}.scram.ScramLoginModule required;\n\
             listener.name.named.scram-sha-512.sasl.jaas.config={jaas}.scram.ScramLoginModule required;\n",
            store.display(),
            ca.display()
        );
        let scram = |bits: u32| format!("SCRAM-SHA-{bits}=[name={name},password={password}]");
        let guarded = Guarded {
            listeners: format!(",NAMED://127.0.0.1:{by_name},MUTUAL://127.0.0.1:{by_certificate}"),
            advertised: format!(",NAMED://localhost:{by_name},MUTUAL://localhost:{by_certificate}"),
            protocols: ",NAMED:SASL_SSL,MUTUAL:SSL".into(),
            properties,
            format: [256, 512].into_iter().flat_map(|bits| ["--add-scram".into(), scram(bits)]).collect(),
        };
        (Self::laid_out(own, &guarded, None), ports)
    }

    fn laid_out(own: Folder, guarded: &Guarded, first: Option<u16>) -> Self {
        let folder = own.0.clone();
        let controller = first.unwrap_or_else(free_port);
        let (port, wire) = lay_out(&folder, guarded, controller, first.is_some());
        let mut broker = Self { child: None, folder, _own: Some(own), port, controller, wire };
        broker.start_again();
        broker
    }

    /// As kill -9.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("kill");
            child.wait().expect("wait");
        }
    }

    /// On the data that is there.
    pub fn start_again(&mut self) {
        let mut child = start(&self.folder);
        until_listening(&self.folder, &mut child, self.port);
        self.child = Some(child);
    }

    /// For clients.
    pub fn brokers(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// For clients whose requests a test holds.
    pub fn brokers_behind_the_wire(&self) -> String {
        format!("127.0.0.1:{}", self.wire.port())
    }

    /// What those go through.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// A name for a test's own topic.
    pub fn name() -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        format!("orders-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
    }

    /// A topic of so many partitions with this configuration.
    pub async fn topic(&self, name: &str, partitions: u32, configuration: Value) {
        self.ask(json!({"do": "create", "topic": name, "partitions": partitions, "config": configuration})).await;
    }

    /// A topic of events of four partitions, and one of cursors of one partition.
    pub async fn topics(&self) -> String {
        let name = Self::name();
        self.topic(&name, 4, json!({})).await;
        self.topic(&format!("{name}.cursors"), 1, json!({"cleanup.policy": "compact"})).await;
        name
    }

    /// What a consumer sees that reads what is committed, partition by partition.
    pub async fn read(&self, topic: &str) -> Vec<Seen> {
        serde_json::from_value(self.ask(json!({"do": "read", "topic": topic})).await).expect("records")
    }

    /// So many records as Kafka's own console consumer prints them, which reads what is committed: keys and ids, in the order
    /// in which it has them.
    pub async fn console(&self, topic: &str, count: usize) -> Vec<(String, String)> {
        let mut command = tokio::process::Command::new("java");
        command
            .args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
            .arg(tools().join("kafka/*"))
            .args(["org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", &self.brokers(), "--topic"])
            .args([topic, "--from-beginning", "--isolation-level", "read_committed", "--timeout-ms", "30000"])
            .args(["--max-messages", &count.to_string(), "--property", "print.key=true", "--property"])
            .args(["print.headers=true", "--property", "print.value=false"]);
        let output = command.kill_on_drop(true).output().await.expect("run java");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        let read = |line: &str| {
            let (headers, key) = line.rsplit_once('\t')?;
            let id = headers.split(',').find_map(|header| header.strip_prefix("ce_id:"))?;
            Some((key.to_owned(), id.to_owned()))
        };
        let printed = String::from_utf8(output.stdout).expect("text");
        printed.lines().map(|line| read(line).unwrap_or_else(|| panic!("{line}: {told}"))).collect()
    }

    /// Has the other client do something; see `kafka.py`.
    pub async fn ask(&self, what: Value) -> Value {
        let mut command = tokio::process::Command::new(tools().join("python/bin/python"));
        command.args(["-c", include_str!("kafka.py"), &self.brokers(), &what.to_string()]);
        let output = command.kill_on_drop(true).output().await.expect("run python");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what}: {told}\n{}", log(&self.folder));
        serde_json::from_slice(&output.stdout).expect("an answer in JSON")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A shell that removes the folder once we, whose end closes its input, and the broker are gone: a static is never dropped.
fn remove_behind_us(folder: &Path, broker: u32) {
    let script = "cat >/dev/null
        tries=0
        while kill -0 \"$0\" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
        rm -rf -- \"$1\"";
    let shell = Command::new("sh")
        .args(["-c", script, &broker.to_string()])
        .arg(folder)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    // Its input stays open for as long as we live.
    std::mem::forget(shell.expect("start the shell that removes Kafka's folder"));
}

/// A record as a consumer sees it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Seen {
    pub partition: u32,
    pub key: Option<String>,
    pub headers: Vec<(String, String)>,
    pub value: Value,
}

impl Seen {
    /// A header, which is there once.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => value,
            other => panic!("{name}: {other:?}"),
        }
    }
}
