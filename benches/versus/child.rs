//! A contestant's server: this same binary in another role, as a process of its own, so that its CPU can be
//! told apart from the load's. It says where it listens as all programs of ours do: `listening on http://127.0.0.1:PORT`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clap::Parser as _;
use counterfoil::client::Client;
use counterfoil_lab::process::Process;

use crate::Outcome;
use crate::options::{Options, Role};

/// Migrations, stock and connections take far less, on any machine that is worth a measurement.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server; dropping it kills it, which loses nothing that it answered.
pub struct Server {
    process: Process,
    said: PathBuf,
    pub pid: u32,
    pub address: SocketAddr,
}

impl Server {
    /// Starts this binary in `role`, with these further arguments.
    pub async fn start(role: Role, arguments: &[(&str, &str)]) -> Outcome<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let said = std::env::temp_dir().join(format!("counterfoil-versus-{}-{number}.out", std::process::id()));
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["--role", role.argument(), "--listen", "127.0.0.1:0"])
            .args(arguments.iter().flat_map(|(name, value)| [name, value]));
        if let Some(file) = Options::parse().prepare {
            command.arg("--prepare").arg(file);
        }
        let mut process = Process::start(role.argument(), command, &said, None)?;
        let url = process.listening(START_TIMEOUT).await?;
        let address = url.trim_start_matches("http://").parse()?;
        Ok(Self { pid: process.id(), process, said, address })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it says of itself at `/metrics`: the first line of a family.
    pub async fn metric(&self, family: &str) -> Outcome<Option<f64>> {
        let answer = Client::anonymous(&self.url())?.get("/metrics").await?;
        let text = std::str::from_utf8(&answer.body)?;
        let of_family = |line: &&str| line.strip_prefix(family).is_some_and(|rest| rest.starts_with(['{', ' ']));
        let value = text.lines().find(of_family).and_then(|line| line.rsplit_once(' '));
        Ok(value.map(|(_, value)| value.parse()).transpose()?)
    }

    /// Kills the server and waits until its connections to PostgreSQL are its no more.
    pub async fn stop(mut self) -> Outcome<()> {
        self.process.kill()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _left = std::fs::remove_file(&self.said);
    }
}
