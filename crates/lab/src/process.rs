//! Programs as children: started, watched, signalled, killed. Drills, `dev`, tests and benches use this alone, so that
//! none of them leaves a process behind.
//!
//! - **A child dies with us**, however we end, `kill -9` included: the kernel sends it a signal at its parent's death. That
//!   signal is tied to the *thread* that spawned the child, not to the process, so every child is spawned by one keeper
//!   thread that never ends: callers may start one from any thread.
//! - **It has a process group of its own**: Ctrl-C in a terminal reaches us alone, and we end our children.
//! - **A program of ours is configured by its arguments alone** ([`program`]): not by what configures us.

#![expect(clippy::disallowed_methods, reason = "what blocks here says so")]

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_engine::client::environment::forget_environment;
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

/// How often what is waited for is looked at.
pub const POLL: Duration = Duration::from_millis(10);
/// Lines of a log that are shown where a program failed.
pub const LOG_TAIL: usize = 40;

/// What programs of ours say when they serve, before their URL.
const LISTENING: &str = "listening on ";

/// What became of a child, where that is not what was hoped for.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The operating system refused.
    #[error("cannot {what} {name}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// With whom.
        name: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It ended while something was expected of it.
    #[error("{name} ended while it was to {what}: {status}{told}")]
    Ended {
        /// Who.
        name: String,
        /// What was expected.
        what: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        told: String,
    },
    /// It did not do in time what was expected of it.
    #[error("{name} did not {what} within {} s{told}", patience.as_secs())]
    Late {
        /// Who.
        name: String,
        /// What was expected.
        what: String,
        /// For how long.
        patience: Duration,
        /// The end of its log.
        told: String,
    },
}

/// A running program. Dropping it kills it, and the kernel does where we die.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    said: PathBuf,
    log: Option<PathBuf>,
}

impl Process {
    /// Starts a program. What it says on standard output goes to the file `said`, which begins anew; what it logs on
    /// standard error goes behind what the file `log` has, or without one to where ours goes. Both may be the same file,
    /// which then begins anew. Neither may be a link or anything else that is no file: where others may write as well, it
    /// might lead anywhere.
    ///
    /// # Errors
    ///
    /// [`ProcessError::System`] where a file cannot be made or the program not be started.
    pub fn start(name: &str, mut command: Command, said: &Path, log: Option<&Path>) -> Result<Self, ProcessError> {
        let failed = |source| ProcessError::System { what: "start", name: name.to_owned(), source };
        let out = writable(said, true).map_err(failed)?;
        let err = log.map(|log| writable(log, false)).transpose().map_err(failed)?;
        command.stdin(Stdio::null()).stdout(out).stderr(err.map_or_else(Stdio::inherit, Stdio::from));
        let child = spawn(command, Signal::KILL).map_err(failed)?;
        Ok(Self { name: name.to_owned(), child, said: said.to_owned(), log: log.map(Path::to_owned) })
    }

    /// Its process id, also after its end.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    ///
    /// [`ProcessError::System`]
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, ProcessError> {
        let name = self.name.clone();
        self.child.try_wait().map_err(|source| ProcessError::System { what: "look after", name, source })
    }

    /// What it said until now.
    pub fn said(&self) -> String {
        lossy(&self.said)
    }

    /// What it logged until now.
    pub fn logged(&self) -> String {
        self.log.as_deref().map(lossy).unwrap_or_default()
    }

    /// The last lines of it.
    pub fn logged_last(&self) -> String {
        last_lines(&self.logged(), LOG_TAIL)
    }

    /// The URL that it said it listens on, once it has said so.
    pub fn url(&self) -> Option<String> {
        let said = self.said();
        let line = said.split_inclusive('\n').find_map(|line| line.strip_prefix(LISTENING))?;
        Some(line.strip_suffix('\n')?.to_owned())
    }

    /// Waits until it has come to something. It may also have ended by then.
    ///
    /// # Errors
    ///
    /// [`ProcessError::Ended`] where it never will, [`ProcessError::Late`] after `patience`.
    pub async fn until<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut found: impl AsyncFnMut(&Self) -> Option<T>,
    ) -> Result<T, ProcessError> {
        let deadline = Instant::now() + patience;
        loop {
            // Asked first: what it did before its end is seen all the same.
            let ended = self.ended()?;
            if let Some(found) = found(self).await {
                return Ok(found);
            }
            if let Some(status) = ended {
                return Err(self.gone(what, status));
            }
            if Instant::now() > deadline {
                return Err(self.late(what, patience));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until it says where it listens: the URL.
    ///
    /// # Errors
    ///
    /// As [`Self::until`].
    pub async fn listening(&mut self, patience: Duration) -> Result<String, ProcessError> {
        self.until("say where it listens", patience, async |process| process.url()).await
    }

    /// The same for threads that may block.
    ///
    /// # Errors
    ///
    /// As [`Self::until`].
    pub fn listening_blocking(&mut self, patience: Duration) -> Result<String, ProcessError> {
        let (what, deadline) = ("say where it listens", Instant::now() + patience);
        loop {
            let ended = self.ended()?;
            if let Some(url) = self.url() {
                return Ok(url);
            }
            if let Some(status) = ended {
                return Err(self.gone(what, status));
            }
            if Instant::now() > deadline {
                return Err(self.late(what, patience));
            }
            thread::sleep(POLL);
        }
    }

    /// Sends it a signal.
    ///
    /// # Errors
    ///
    /// [`ProcessError::System`], where it has ended above all.
    pub fn signal(&self, signal: Signal) -> Result<(), ProcessError> {
        let failed = |source| ProcessError::System { what: "signal", name: self.name.clone(), source };
        signal_process(self.id(), signal).map_err(failed)
    }

    /// As kill -9; how it ended.
    ///
    /// # Errors
    ///
    /// [`ProcessError::System`]
    pub fn kill(&mut self) -> Result<ExitStatus, ProcessError> {
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed.map_err(|source| ProcessError::System { what: "kill", name: self.name.clone(), source })
    }

    /// Waits until it has ended by itself, for as long as that takes. Blocks.
    ///
    /// # Errors
    ///
    /// [`ProcessError::System`]
    pub fn wait(&mut self) -> Result<ExitStatus, ProcessError> {
        let name = self.name.clone();
        self.child.wait().map_err(|source| ProcessError::System { what: "wait for", name, source })
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    ///
    /// [`ProcessError::Late`] after `patience`.
    pub async fn until_ended(&mut self, patience: Duration) -> Result<ExitStatus, ProcessError> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                return Err(self.late("end", patience));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn gone(&self, what: &str, status: ExitStatus) -> ProcessError {
        ProcessError::Ended { name: self.name.clone(), what: what.to_owned(), status, told: self.tail() }
    }

    fn late(&self, what: &str, patience: Duration) -> ProcessError {
        ProcessError::Late { name: self.name.clone(), what: what.to_owned(), patience, told: self.tail() }
    }

    /// The end of its log, on lines of its own.
    fn tail(&self) -> String {
        match last_lines(&self.logged(), LOG_TAIL) {
            tail if tail.is_empty() => tail,
            tail => format!("\n{tail}"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file to write to, for nobody else to read where it is made here.
fn writable(path: &Path, anew: bool) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK; // nor is anybody waited for who would read a pipe
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).custom_flags(flags.bits().cast_signed());
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other(format!("{} is no file", path.display())));
    }
    if anew {
        file.set_len(0)?;
    }
    Ok(file)
}

/// A program of ours, without what of our environment would configure it as this one is.
pub fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    forget_environment(&mut command);
    command
}

/// The last lines of a text.
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn lossy(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// A port of the loopback that nobody has now, and that the system gives nobody by itself: whoever listens there may end, and
/// listen there again, while thousands of connections are made meanwhile, each of which has a port, too.
///
/// # Errors
///
/// As the operating system says.
pub fn free_port() -> io::Result<u16> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let given_from = range.split_whitespace().next().and_then(|port| port.parse().ok()).unwrap_or(EPHEMERAL);
    // Two that ask at the same moment are to begin at different places.
    let draw = RandomState::new().build_hasher().finish();
    let ports = u64::from(given_from).saturating_sub(FIRST_PORT);
    let tried = (0..ports.min(1_000)).filter_map(|n| u16::try_from(FIRST_PORT + draw.wrapping_add(n) % ports).ok());
    let free = tried.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.map_or_else(|| Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()), Ok)
}

/// Below it are those of services that people know.
const FIRST_PORT: u64 = 10_000;
/// From where on Linux gives out ports, where it is not told otherwise.
const EPHEMERAL: u16 = 32_768;

/// Spawns a child that the kernel signals when this process dies, in a process group of its own. What it is given to read
/// and to write stays as the command says.
///
/// # Errors
///
/// As the operating system says.
pub fn spawn(mut command: Command, at_our_death: Signal) -> io::Result<Child> {
    let parent = Pid::from_raw(std::process::id() as i32);
    command.process_group(0);
    // SAFETY: between fork and exec only the two system calls below run; they allocate nothing and take no lock.
    unsafe {
        command.pre_exec(move || {
            // The hooks run after setuid, which would clear the setting.
            set_parent_process_death_signal(Some(at_our_death))?;
            // We may have died before: then nothing would come any more.
            if rustix::process::getppid() != parent {
                return Err(rustix::io::Errno::SRCH.into());
            }
            Ok(())
        });
    }
    on_keeper(move || command.spawn())?
}

/// Runs a job on the thread that lives as long as the process: the kernel's signal at a parent's death comes when the
/// spawning *thread* ends.
fn on_keeper<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    type Job = Box<dyn FnOnce() + Send>;
    static KEEPER: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let keeper = match KEEPER.get() {
        Some(keeper) => keeper,
        None => {
            let (sender, jobs) = mpsc::channel::<Job>();
            thread::Builder::new().name("keeper".to_owned()).spawn(move || jobs.into_iter().for_each(|job| job()))?;
            // Where two threads come at once, the loser's keeper has no sender and ends before it spawned anything.
            KEEPER.get_or_init(|| sender)
        }
    };
    let (answer, answered) = mpsc::sync_channel(1);
    let gone = || io::Error::other("the thread that spawns children is gone");
    keeper
        .send(Box::new(move || {
            let _ = answer.send(job());
        }))
        .map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())
}

/// Sends a signal to a process.
///
/// # Errors
///
/// As the operating system says.
pub fn signal_process(pid: u32, signal: Signal) -> io::Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or(io::ErrorKind::InvalidInput)?;
    Ok(kill_process(pid, signal)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("counterfoil-process-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_lies_in_the_place_of_a_log_is_not_written_through() {
        let folder = folder("links");
        let (precious, link, pipe) = (folder.join("precious"), folder.join("link"), folder.join("pipe"));
        fs::write(&precious, "worth keeping").expect("a file");
        std::os::unix::fs::symlink(&precious, &link).expect("a link");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        let own = folder.join("own.log");
        for (said, log) in [(&link, &own), (&own, &link), (&pipe, &own), (&own, &pipe), (&folder, &own)] {
            let refused = Process::start("a shell", shell("echo over it"), said, Some(log)).map(drop);
            assert!(
                matches!(refused, Err(ProcessError::System { what: "start", .. })),
                "{said:?}, {log:?}: {refused:?}"
            );
        }
        assert_eq!(fs::read_to_string(&precious).expect("it"), "worth keeping");
        fs::remove_dir_all(&folder).expect("remove it");
    }

    #[test]
    fn what_a_program_said_before_its_end_is_heard() {
        let folder = folder("words");
        let said = folder.join("said");
        for _ in 0..20 {
            let mut brief =
                Process::start("a shell", shell("echo listening on http://127.0.0.1:1"), &said, None).expect("it");
            let heard = brief.listening_blocking(Duration::from_secs(60)).expect("it said so");
            assert_eq!(heard, "http://127.0.0.1:1");
        }
        let mut silent = Process::start("a shell", shell("echo why >&2; exit 3"), &said, Some(&said)).expect("it");
        let told =
            silent.listening_blocking(Duration::from_secs(60)).expect_err("it said nothing of the kind").to_string();
        assert!(told.contains("ended while it was to say where it listens") && told.contains("why"), "{told}");
        fs::remove_dir_all(&folder).expect("remove it");
    }
}
