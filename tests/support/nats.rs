//! NATS for the tests of its sink: a server of a test's own, with a wire that clients may be sent through ([`Wire`]), and
//! another client by which what was published is read (`nats.py`).
//!
//! `scripts/test-tools.sh` fetches both. Where they are not there, a test fails, or, with MISSING=skip in the environment, says
//! so and does nothing.

use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::engine::PATIENCE;
use super::program::Folder;
use super::wire::{Protocol, Wire};
use counterfoil_lab::process::{free_port, spawn};
use rustix::process::Signal;

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".test-tools")
}

/// The server's program: the system's, or the one that was fetched.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), tools().join("nats/usr/sbin")]);
    folders.map(|folder| folder.join("nats-server")).find(|file| file.exists())
}

/// Whether a test can be run; it is to end at once where it cannot.
pub fn is_there() -> bool {
    let there = program().is_some() && tools().join("python/.of").exists();
    if !there {
        let skipped = std::env::var("MISSING").is_ok_and(|missing| missing == "skip");
        assert!(skipped, "there is no NATS: scripts/test-tools.sh fetches it, MISSING=skip goes on without");
        eprintln!("skipped: there is no NATS (MISSING=skip)");
    }
    there
}

/// A server, which dies with the thread that started it.
pub struct Server {
    child: Option<Child>,
    folder: Folder,
    port: u16,
    wire: Wire,
}

impl Server {
    /// One that anybody may speak to.
    pub fn new() -> Self {
        Self::with(Folder::new(), "")
    }

    /// One with more in its configuration, whose files are in this folder.
    pub fn with(folder: Folder, more: &str) -> Self {
        let store = format!("jetstream {{ store_dir: \"{}\" }}\n{more}", folder.0.join("data").display());
        Self::configured(folder, &store)
    }

    /// One that keeps nothing.
    pub fn without_jetstream() -> Self {
        Self::configured(Folder::new(), "")
    }

    fn configured(folder: Folder, more: &str) -> Self {
        let port = free_port().expect("a free port");
        let config = format!("listen: \"127.0.0.1:{port}\"\n{more}\n");
        std::fs::write(folder.0.join("nats.conf"), config).expect("write a configuration");
        let mut server = Self { child: None, folder, port, wire: Wire::to(port, Protocol::Nats) };
        server.start_again();
        server
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.0.join("nats.log")).unwrap_or_default()
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
        let mut command = Command::new(program().expect("a server"));
        let log = std::fs::File::options().create(true).append(true).open(self.folder.0.join("nats.log"));
        let log = log.expect("make a log");
        command
            .args(["-c", "nats.conf"])
            .current_dir(&self.folder.0)
            .process_group(0) // Ctrl-C in a terminal is for the tests
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log);
        let mut child = spawn(command, Signal::KILL).expect("start NATS");
        let deadline = Instant::now() + PATIENCE;
        // It listens once its streams are there.
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = child.try_wait().expect("look after NATS");
            assert!(ended.is_none() && Instant::now() < deadline, "{}", self.log());
            std::thread::park_timeout(Duration::from_millis(10));
        }
        self.child = Some(child);
    }

    /// For clients.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// For clients whose messages a test holds.
    pub fn url_behind_the_wire(&self) -> String {
        format!("nats://127.0.0.1:{}", self.wire.port())
    }

    /// What those go through.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// A stream for `counterfoil.orders`, with this beside.
    pub async fn stream(&self, name: &str, more: Value) {
        let mut config = json!({
            "name": name, "subjects": ["counterfoil.orders.>"], "retention": "limits", "discard": "old",
            "storage": "file", "num_replicas": 1, "max_consumers": -1, "max_msgs": -1, "max_bytes": -1, "max_age": 0,
        });
        let Value::Object(more) = more else { panic!("{more} is no object") };
        config.as_object_mut().expect("an object").extend(more);
        self.js(&format!("STREAM.CREATE.{name}"), config).await;
    }

    /// Everything that a consumer gets.
    pub async fn read(&self, stream: &str) -> Vec<Seen> {
        let seen = self.ask(&self.url(), json!({"do": "read", "stream": stream, "subject": ">"})).await;
        serde_json::from_value(seen).expect("messages")
    }

    /// What JetStream answers.
    pub async fn js(&self, subject: &str, payload: Value) -> Value {
        self.ask(&self.url(), json!({"do": "js", "subject": subject, "payload": payload})).await
    }

    /// Has the other client do something; see `nats.py`.
    pub async fn ask(&self, url: &str, what: Value) -> Value {
        let mut command = tokio::process::Command::new(tools().join("python/bin/python"));
        command.args(["-c", include_str!("nats.py"), url, &what.to_string()]);
        let output = command.kill_on_drop(true).output().await.expect("run python");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what}: {told}\n{}", self.log());
        serde_json::from_slice(&output.stdout).expect("an answer in JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A message as a consumer sees it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Seen {
    pub sequence: u64,
    pub subject: String,
    pub headers: std::collections::BTreeMap<String, String>,
    pub value: Value,
}

impl Seen {
    /// A header, which is there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("{name} in {self:?}"))
    }
}
