//! The processes that live with `dev`: PostgreSQL and, where they are remote, the participants. A thread of their own
//! looks after them, since all of that blocks (a PostgreSQL that died may have much to replay): whoever serves, and
//! listens for signals, does not wait for it.
//!
//! The kernel ends them with this process, however it ends ([`crate::process`]). So an end never waits for a start that is
//! under way.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::embedded_postgres::EmbeddedPostgres;
use crate::process::{Process, ProcessError, program};
use crate::terminal::Failure;

/// How often the children are looked at.
const TICK: Duration = Duration::from_millis(100);
/// The pause after a child that could not be started again.
const PAUSE: Duration = Duration::from_secs(1);
/// How long an end waits for the thread that looks after the children; longer only where it starts one just then.
const ATTENTION: Duration = Duration::from_secs(3);
/// How long the participants wait for the ledger of a predecessor that is on its way out.
const PREDECESSOR_WAIT_MS: u64 = 30_000;
/// The same where the predecessor is known to be gone.
const RESTART_WAIT_MS: u64 = 1_000;

/// How long they may take to begin to listen, beyond what they wait for their ledger: it may be long.
const START_WAIT: Duration = Duration::from_secs(60);

/// What the participants' process needs to know.
#[derive(Debug)]
pub struct Setup {
    /// The path of this program, which the children run.
    pub program: PathBuf,
    /// The ledger's path, absolute.
    pub ledger: PathBuf,
    /// Where webhooks go.
    pub webhooks: String,
    /// With which they are signed. It is handed on in the environment: arguments are for everybody to see.
    pub webhook_secret: String,
}

/// `counterfoil participants` as a child: payment and shipment.
#[derive(Debug)]
pub struct Participants {
    setup: Setup,
    /// Where they listen, over all restarts.
    address: SocketAddr,
    process: Process,
}

impl Participants {
    /// Starts them on a free port of the loopback, which they keep over all restarts; returns when they listen. Blocks.
    pub fn start(setup: Setup) -> Result<Self, Failure> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (process, address) = start(&setup, any, PREDECESSOR_WAIT_MS)?;
        Ok(Self { setup, address, process })
    }

    /// Where they are spoken to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts them again where they died; whether they had.
    fn ensure_running(&mut self) -> Result<bool, Failure> {
        if let Ok(None) = self.process.ended() {
            return Ok(false);
        }
        (self.process, _) = start(&self.setup, self.address, RESTART_WAIT_MS)?;
        Ok(true)
    }
}

/// Starts them, and waits until they say where they listen. They log where this process does.
fn start(setup: &Setup, listen: SocketAddr, lock_wait_ms: u64) -> Result<(Process, SocketAddr), Failure> {
    let mut command = program(&setup.program);
    command
        .args(["participants", "--listen", &listen.to_string(), "--ledger"])
        .arg(&setup.ledger)
        .args(["--lock-wait-ms", &lock_wait_ms.to_string(), "--webhooks", &setup.webhooks])
        .arg(format!("--die-with-parent={}", std::process::id()))
        .env("COUNTERFOIL_WEBHOOK_SECRET", &setup.webhook_secret);
    let failed = |error: ProcessError| Failure::caused("cannot start the participants", &error);
    let said = setup.ledger.with_extension("out");
    let mut process = Process::start("the participants", command, &said, None).map_err(failed)?;
    let patience = Duration::from_millis(lock_wait_ms) + START_WAIT;
    let url = process.listening_blocking(patience).map_err(failed)?;
    let address = url.strip_prefix("http://").and_then(|address| address.parse().ok());
    let address =
        address.ok_or_else(|| Failure::work(format!("the participants listen on {url}, which is no address")))?;
    Ok((process, address))
}

/// The processes that `dev` started; they end with it.
#[derive(Debug)]
pub struct Children {
    /// The private PostgreSQL.
    pub postgres: EmbeddedPostgres,
    /// Payment and shipment, where they are remote.
    pub participants: Option<Participants>,
}

impl Children {
    /// Looks after them from now on, on a thread of its own.
    pub fn watch(self) -> Result<Watch, Failure> {
        let (end, asked) = mpsc::channel();
        let (attention, attentive) = oneshot::channel();
        let (gone, are_gone) = oneshot::channel();
        let work = move || {
            let mut children = self;
            children.look_after(&asked);
            let _nobody = attention.send(());
            drop(children);
            let _nobody = gone.send(());
        };
        std::thread::Builder::new()
            .name("children".into())
            .spawn(work)
            .map_err(|error| Failure::work(format!("no thread: {error}")))?;
        Ok(Watch { end, attentive, are_gone })
    }

    /// Starts what died again, until it is asked to end.
    fn look_after(&mut self, asked: &mpsc::Receiver<()>) {
        let mut not_before = Instant::now();
        while asked.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
            if Instant::now() >= not_before && !self.ensure_running() {
                not_before = Instant::now() + PAUSE;
            }
        }
    }

    /// Whether all of them run.
    fn ensure_running(&mut self) -> bool {
        let mut all = true;
        match self.postgres.ensure_running() {
            Ok(false) => {}
            Ok(true) => tracing::warn!(pid = self.postgres.pid(), "PostgreSQL had died and was started again"),
            Err(error) => {
                all = false;
                tracing::error!(%error, "PostgreSQL died and cannot be started again");
            }
        }
        let Some(participants) = &mut self.participants else { return all };
        match participants.ensure_running() {
            Ok(false) => {}
            Ok(true) => {
                tracing::warn!(pid = participants.process.id(), "the participants had died and were started again");
            }
            Err(error) => {
                all = false;
                tracing::error!(%error, "the participants died and cannot be started again");
            }
        }
        all
    }
}

/// The thread that looks after the children.
#[derive(Debug)]
pub struct Watch {
    end: mpsc::Sender<()>,
    attentive: oneshot::Receiver<()>,
    are_gone: oneshot::Receiver<()>,
}

impl Watch {
    /// Stops the children. One that is being started just then is left to the kernel, which ends it with this process.
    pub async fn stop(self) {
        let _gone = self.end.send(());
        if tokio::time::timeout(ATTENTION, self.attentive).await.is_err() {
            return tracing::warn!("a process is being started just now; it ends with this one");
        }
        // PostgreSQL bounds its own end.
        let _gone = self.are_gone.await;
    }
}
