//! A contestant's server: this same binary in another role, as a process of its own, so that its CPU can be
//! told apart from the load's. Parent and child share one line of protocol: `listening 127.0.0.1:PORT`.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Signal, set_parent_process_death_signal};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::Outcome;
use crate::options::Role;

/// Migrations, stock and connections take far less, on any machine that is worth a measurement.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server; dropping it kills it, which loses nothing that it answered.
pub struct Server {
    process: Child,
    pub pid: u32,
    pub address: SocketAddr,
}

impl Server {
    /// Starts this binary in `role`, with these further arguments.
    pub async fn start(role: Role, arguments: &[(&str, &str)]) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--role", role.argument(), "--listen", "127.0.0.1:0"])
            .args(arguments.iter().flat_map(|(name, value)| [name, value]))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pid = process.id().ok_or("the server ended at once")?;
        let mut output = BufReader::new(process.stdout.take().ok_or("the server has no stdout")?);
        let mut line = String::new();
        timeout(START_TIMEOUT, output.read_line(&mut line)).await??;
        let address = line.trim_end().strip_prefix("listening ");
        let address = address.ok_or_else(|| format!("{} did not start (its error is above)", role.argument()))?;
        // A server that prints more must not block on a full pipe.
        tokio::spawn(async move { tokio::io::copy(&mut output, &mut tokio::io::sink()).await });
        Ok(Self { process, pid, address: address.parse()? })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Kills the server and waits until its connections to PostgreSQL are its no more.
    pub async fn stop(mut self) -> Outcome<()> {
        Ok(self.process.kill().await?)
    }
}

/// Called by the child: it must not outlive a bench that was killed.
pub fn die_with_parent() -> Outcome<()> {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}
