//! The built program as a child process, spoken to over HTTP as any client would.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use counterfoil::client::environment::forget_environment;
use counterfoil::client::{Client, ClientError, HttpAnswer};
use counterfoil_lab::process::{Process, free_port};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::engine::PATIENCE;
use super::fleet::until;

/// The program that this test run built.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_counterfoil");

/// A folder of a test's own, which PostgreSQL may enter; removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("counterfoil-program-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("make a folder");
        Self(path)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("write a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running program of ours; killed when dropped, and by the kernel when the tests die.
pub struct Program {
    pub process: Process,
    pub url: String,
}

impl Program {
    /// `counterfoil dev` on a folder's data.
    pub async fn dev(folder: &Folder, more: &[&str]) -> Self {
        let data = folder.0.join("data");
        let _ = std::fs::remove_file(data.join("dev.json"));
        let mut command = Command::new(PROGRAM);
        command.args(["dev", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data).args(more);
        let mut process = spawn(command, &folder.0.join("dev.log"));
        let told = process.until("announce itself", PATIENCE, async |_| {
            let text = std::fs::read_to_string(data.join("dev.json")).ok()?;
            serde_json::from_str::<Value>(&text).ok()
        });
        let told = told.await.unwrap_or_else(|error| panic!("{error}"));
        let program = Self { process, url: format!("http://{}", told["listen"].as_str().expect("listen")) };
        program.until_ready().await;
        program
    }

    /// `counterfoil serve` under a configuration that ends in these lines; its `[server] listen` is set here.
    pub async fn serve(folder: &Folder, config: &str) -> Self {
        Self::serve_by(folder, config, Command::new(PROGRAM)).await
    }

    /// The same, of another program than the one that this test run built.
    pub async fn serve_of(program: &Path, folder: &Folder, config: &str) -> Self {
        Self::serve_by(folder, config, Command::new(program)).await
    }

    /// The same, by a shell that allows itself so many open files, and may allow itself more.
    pub async fn serve_with_files(folder: &Folder, config: &str, files: u32) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -Sn {files} && exec \"$0\" \"$@\""), PROGRAM]);
        Self::serve_by(folder, config, shell).await
    }

    async fn serve_by(folder: &Folder, config: &str, mut command: Command) -> Self {
        let port = free_port().expect("a free port");
        let config = format!("server.listen = \"127.0.0.1:{port}\"\n{config}");
        let path = folder.file("serve.toml", &config);
        command.arg("serve").arg("--config").arg(path);
        let mut process = spawn(command, &folder.0.join("serve.log"));
        let listens = async |_: &Process| std::net::TcpStream::connect(("127.0.0.1", port)).ok();
        let listens = process.until("listen", PATIENCE, listens).await;
        listens.unwrap_or_else(|error| panic!("{error}"));
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }

    /// `counterfoil participants` on a folder's ledger; what it says is in `participants.log`.
    pub async fn participants(folder: &Folder, more: &[&str]) -> Self {
        Self::participants_at(folder, "127.0.0.1:0", more).await
    }

    /// The same, listening there: after a restart, where they did before.
    pub async fn participants_at(folder: &Folder, listen: &str, more: &[&str]) -> Self {
        let (ledger, log) = (folder.0.join("ledger.jsonl"), folder.0.join("participants.log"));
        let mut command = Command::new(PROGRAM);
        command.args(["participants", "--listen", listen, "--ledger"]).arg(ledger).args(more);
        Self::listening(spawn(command, &log)).await
    }

    /// `counterfoil receiver` on a folder's ledger, `received.jsonl`.
    pub async fn receiver(folder: &Folder, secrets: &str) -> Self {
        let (ledger, log) = (folder.0.join("received.jsonl"), folder.0.join("receiver.log"));
        let mut command = Command::new(PROGRAM);
        command.args(["receiver", "--listen", "127.0.0.1:0", "--secret", secrets, "--ledger"]).arg(ledger);
        Self::listening(spawn(command, &log)).await
    }

    /// A shell whose script runs `counterfoil participants` and writes what that says to `out`.
    pub async fn shell(folder: &Folder, script: &str, out: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let mut process = spawn(command, &folder.0.join("shell.log"));
        let says = async |_: &Process| listening(out);
        let url = process.until("say where it listens", PATIENCE, says).await;
        Self { process, url: url.unwrap_or_else(|error| panic!("{error}")) }
    }

    /// One that says where it listens, once it does.
    async fn listening(mut process: Process) -> Self {
        let url = process.listening(PATIENCE).await.unwrap_or_else(|error| panic!("{error}"));
        Self { process, url }
    }

    pub fn client(&self) -> Client {
        Client::anonymous(&self.url).expect("a client")
    }

    /// Waits until /readyz says yes.
    pub async fn until_ready(&self) {
        self.until_readyz(200).await;
    }

    /// Waits until /readyz answers so.
    pub async fn until_readyz(&self, status: u16) {
        let client = self.client();
        until(&format!("/readyz says {status}"), async || {
            client.get("/readyz").await.is_ok_and(|answer| answer.status == status)
        })
        .await;
    }

    /// As kill -9.
    pub fn kill(&mut self) {
        self.process.kill().expect("kill");
    }

    /// Asks it to end, and waits; its exit code.
    pub async fn terminate(&mut self) -> Option<i32> {
        self.ask_to_end();
        self.until_ended().await
    }

    /// SIGTERM.
    pub fn ask_to_end(&self) {
        self.process.signal(Signal::TERM).expect("SIGTERM");
    }

    /// Waits for its end; its exit code.
    pub async fn until_ended(&mut self) -> Option<i32> {
        self.process.until_ended(PATIENCE).await.unwrap_or_else(|error| panic!("{error}")).code()
    }
}

/// What it says and what it logs go to one file.
fn spawn(mut command: Command, log: &Path) -> Process {
    forget_environment(&mut command);
    let _begins_anew = std::fs::remove_file(log);
    Process::start("the program", command, log, Some(log)).unwrap_or_else(|error| panic!("{error}"))
}

/// Where the participants whose output this is say that they listen, once the line is whole.
fn listening(out: &Path) -> Option<String> {
    let told = std::fs::read_to_string(out).ok()?;
    let line = told.split_inclusive('\n').find_map(|line| line.strip_prefix("listening on "))?;
    Some(line.strip_suffix('\n')?.to_owned())
}

/// The body of an order of one `sku`.
pub fn body(id: &str, sku: &str) -> Value {
    json!({
        "order_id": id, "customer_id": "cus-7", "currency": "USD",
        "lines": [{"sku": sku, "quantity": 1, "unit_price": 1999}],
        "payment_method": "house_account",
        "ship_to": {"name": "A", "line1": "1 Road", "city": "X", "postal_code": "1", "country": "US"},
    })
}

/// Posts an order.
pub async fn post(client: &Client, body: &Value, headers: &[(&str, &str)]) -> HttpAnswer {
    try_post(client, body, headers).await.expect("an answer")
}

/// Posts an order to a server that may be gone.
pub async fn try_post(client: &Client, body: &Value, headers: &[(&str, &str)]) -> Result<HttpAnswer, ClientError> {
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    send(client, "POST", "/orders", &all, body.to_string()).await
}

/// Sends any bytes.
pub async fn send(
    client: &Client,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Result<HttpAnswer, ClientError> {
    let method = hyper::Method::from_bytes(method.as_bytes()).expect("a method");
    client.request(method, path, headers, Some(body.into().into())).await
}
