//! A private PostgreSQL server as a child process: what `counterfoil dev`, the drills and the tests run on.
//!
//! The server is the installed binaries, spawned directly (no `pg_ctl`), on a unix socket inside its data folder and on
//! nothing else, with full durability. Three things make it safe to leave to itself:
//!
//! - **It dies with us.** The kernel sends the postmaster SIGQUIT (PostgreSQL's immediate shutdown: prompt, bounded, and
//!   as safe as a power cut, since the WAL is replayed at the next start) when its parent dies, `kill -9` included. That
//!   signal is tied to the *thread* that spawned the child, not to the process, so every child is spawned by one keeper
//!   thread that never ends: callers may start a server from any thread.
//! - **It has a process group of its own**, so that Ctrl-C in a terminal reaches us alone, and we stop the server last.
//! - **One at a time.** A lock beside the data folder, held as long as the [`EmbeddedPostgres`], keeps a second process
//!   out with an error that names the first; the server of a predecessor that is dying is waited for.
//!
//! PostgreSQL refuses to run as root. There, the server gets the uid of whoever owns the data folder already, else of
//! `postgres`, else of `nobody`. A folder that this user may not enter, or that is too deep for a socket's path, is
//! replaced by a private one under /tmp, the same at every start: see [`EmbeddedPostgres::moved_from`].
//!
//! Everything here blocks. Nothing listens on the network, and authentication is `trust`: the folder's mode (0700) is
//! what keeps others out.

#![expect(clippy::disallowed_methods, reason = "everything here blocks, and says so")]

mod binaries;
mod error;

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::process::Signal;

pub use error::EmbeddedPostgresError;

use crate::process::{last_lines, signal_process, spawn};
use EmbeddedPostgresError as Error;
use binaries::find_binaries;
use error::io_error;

/// How long a start waits for another process to let go of the data folder: long enough for a graceful shutdown.
const LOCK_WAIT: Duration = Duration::from_secs(30);
/// How long a start waits until a predecessor's server is gone.
const PREDECESSOR_WAIT: Duration = Duration::from_secs(30);
/// When server processes whose postmaster is dead are killed: a long query does not notice that death by itself.
const ORPHAN_GRACE: Duration = Duration::from_secs(2);
/// How long a server may take to accept connections: it may have `max_wal_size` to replay on a slow disk.
const START_WAIT: Duration = Duration::from_secs(180);
/// How long a fast shutdown (it writes a checkpoint) may take before it becomes an immediate one.
const FAST_STOP_WAIT: Duration = Duration::from_secs(20);
/// How long an immediate shutdown may take before it becomes SIGKILL. PostgreSQL kills its own children after 5 s.
const IMMEDIATE_STOP_WAIT: Duration = Duration::from_secs(10);
/// Lines of a log that an error shows.
const TAIL: usize = 20;
/// How often a condition that we wait for is looked at.
const POLL: Duration = Duration::from_millis(5);
/// The log is begun anew (the old one kept) at a start that finds it larger than this.
const LOG_BYTES: u64 = 16 << 20;
/// `sockaddr_un.sun_path` without its final NUL.
const SOCKET_PATH_BYTES: usize = 107;
/// The port is only a part of the socket's name; the server listens on no network address.
const SOCKET_NAME: &str = ".s.PGSQL.5432";
/// The oldest PostgreSQL whose `initdb` takes the options given below.
const OLDEST_VERSION: u32 = 14;
const SUPERUSER: &str = "postgres";

/// What to start, and where.
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// PostgreSQL's data folder. It is made when it does not exist or is empty.
    pub data_dir: PathBuf,
    /// The folder of `postgres` and `initdb`; without it they are looked for on PATH and in `/usr/lib/postgresql/*/bin`.
    pub bin_dir: Option<PathBuf>,
    /// Connections that the server takes at once.
    pub max_connections: u32,
    /// Further server settings as (name, value); they win over the ones that this module sets.
    pub parameters: Vec<(String, String)>,
    /// What the server has in its environment, beside ours.
    pub environment: Vec<(String, String)>,
}

impl PostgresSettings {
    /// A server of the installed binaries, for 100 connections.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            bin_dir: None,
            max_connections: 100,
            parameters: Vec::new(),
            environment: Vec::new(),
        }
    }
}

/// A running server. Dropping it stops the server.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    settings: PostgresSettings,
    data_dir: PathBuf,
    moved_from: Option<PathBuf>,
    bin_dir: PathBuf,
    user: Option<User>,
    server: Option<Child>,
    pid: u32,
    _lock: Lock,
}

impl EmbeddedPostgres {
    /// Makes the data folder when it is new, starts the server, and returns when it accepts connections.
    pub fn start(settings: PostgresSettings) -> Result<Self, Error> {
        let wanted = absolute(&settings.data_dir)?;
        let lock = lock(&wanted)?;
        let user = User::of_server(&wanted)?;
        let (data_dir, moved_from) = place(&wanted, user)?;
        let is_new = is_new(&data_dir)?;
        let bin_dir = find_binaries(settings.bin_dir.as_deref(), &data_dir, is_new)?;
        if is_new {
            initdb(&bin_dir, &data_dir, user)?;
        }
        let mut this = Self { settings, data_dir, moved_from, bin_dir, user, server: None, pid: 0, _lock: lock };
        this.start_server()?;
        Ok(this)
    }

    /// A URI that both libpq and tokio-postgres take: superuser, no password, over the unix socket.
    pub fn database_url(&self, database: &str) -> String {
        format!(
            "postgresql://{SUPERUSER}@{}/{}",
            percent_encoded(self.socket_dir().as_os_str()),
            percent_encoded(OsStr::new(database))
        )
    }

    /// The folder of the unix socket.
    pub fn socket_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The data folder that is used: the one asked for, or the one that took its place.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The folder that was asked for, where another one under /tmp had to take its place.
    pub fn moved_from(&self) -> Option<&Path> {
        self.moved_from.as_deref()
    }

    /// The postmaster's process id: of the last one, where it has ended.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// A client of the same installation, as `pg_dump`: beside the server, wherever a link leads to that; else whatever is
    /// found on PATH. It need not be there.
    pub fn client_program(&self, name: &str) -> PathBuf {
        let server = self.bin_dir.join("postgres");
        let server = server.canonicalize().unwrap_or(server);
        Some(server.with_file_name(name)).filter(|program| program.exists()).unwrap_or_else(|| name.into())
    }

    /// Starts a server that died, or was stopped, again; true if it had to.
    pub fn ensure_running(&mut self) -> Result<bool, Error> {
        if let Some(server) = &mut self.server {
            match server.try_wait().map_err(io_error("look after PostgreSQL"))? {
                None => return Ok(false),
                Some(status) => {
                    tracing::warn!(pid = self.pid, %status, "PostgreSQL ended; starting it again");
                    self.server = None;
                }
            }
        }
        self.start_server()?;
        Ok(true)
    }

    /// Kills the postmaster with SIGKILL: for drills. Its other processes notice and end by themselves.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(server) = &mut self.server {
            server.kill()?;
            server.wait()?;
            self.server = None;
        }
        Ok(())
    }

    /// An immediate shutdown: as a power cut, but nothing of it is left running. For drills.
    pub fn stop_at_once(&mut self) -> Result<(), Error> {
        if let Some(server) = &mut self.server {
            signal_process(server.id(), Signal::QUIT).map_err(io_error("stop PostgreSQL"))?;
            let ended = wait_for(IMMEDIATE_STOP_WAIT, || server.try_wait().map(|status| status.is_some()));
            if ended.map_err(io_error("stop PostgreSQL"))? {
                self.server = None;
            }
        }
        self.kill().map_err(io_error("kill PostgreSQL"))
    }

    /// A fast shutdown, which becomes an immediate one and then a kill if it takes too long.
    pub fn stop(&mut self) -> Result<(), Error> {
        let Some(server) = &mut self.server else {
            return Ok(());
        };
        for (signal, patience) in [(Signal::INT, FAST_STOP_WAIT), (Signal::QUIT, IMMEDIATE_STOP_WAIT)] {
            if server.try_wait().map_err(io_error("stop PostgreSQL"))?.is_none() {
                signal_process(server.id(), signal).map_err(io_error("stop PostgreSQL"))?;
            }
            let ended = wait_for(patience, || server.try_wait().map(|status| status.is_some()));
            if ended.map_err(io_error("stop PostgreSQL"))? {
                self.server = None;
                return Ok(());
            }
            tracing::warn!(pid = server.id(), "PostgreSQL is slow to stop; insisting harder");
        }
        self.kill().map_err(io_error("kill PostgreSQL"))
    }

    fn log_path(&self) -> PathBuf {
        self.data_dir.join("postgres.log")
    }

    fn start_server(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + PREDECESSOR_WAIT;
        loop {
            wait_for_predecessor(&self.data_dir, deadline)?;
            clear_recycled_pid_files(&self.data_dir)?;
            match self.try_start_server() {
                // Somebody's last process is between its exit and the release of its shared memory.
                Err(Error::StartFailed { tail, .. })
                    if Instant::now() < deadline
                        && (tail.contains("still in use")
                            || tail.contains("lock file \"") && tail.contains("already exists")) =>
                {
                    thread::sleep(POLL * 20);
                }
                result => return result,
            }
        }
    }

    fn try_start_server(&mut self) -> Result<(), Error> {
        let log_path = self.log_path();
        let (log, log_start) = open_log(&log_path, self.user)?;
        let mut command = self.command("postgres");
        command.envs(self.settings.environment.iter().map(|(name, value)| (name, value)));
        command.arg("-D").arg(&self.data_dir);
        for (name, value) in self.parameters() {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let errors = log.try_clone().map_err(io_error("share the server's log"))?;
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let mut server = spawn(command, Signal::QUIT).map_err(io_error("start PostgreSQL"))?;
        self.pid = server.id();

        let pid_file = self.data_dir.join("postmaster.pid");
        let tail = || tail_of(&log_path, log_start);
        let mut ended = None;
        let ready = wait_for(START_WAIT, || {
            ended = server.try_wait()?;
            Ok(ended.is_some() || says_ready(&pid_file, server.id()))
        })
        .map_err(io_error("look after PostgreSQL"))?;
        if let Some(status) = ended {
            return Err(Error::StartFailed { status, tail: tail(), log: log_path });
        }
        self.server = Some(server);
        if !ready {
            self.stop()?;
            return Err(Error::StartTimedOut { tail: tail(), log: log_path });
        }
        tracing::debug!(pid = self.pid, data_dir = %self.data_dir.display(), "PostgreSQL accepts connections");
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        command(&self.bin_dir.join(program), self.user)
    }

    fn parameters(&self) -> Vec<(String, String)> {
        // A list of quoted folders: the name may hold a comma.
        let socket_dir = self.socket_dir().display().to_string().replace('"', "\"\"");
        let own = [
            ("listen_addresses", String::new()),
            ("unix_socket_directories", format!("\"{socket_dir}\"")),
            ("port", "5432".into()),
            ("max_connections", self.settings.max_connections.to_string()),
            ("fsync", "on".into()),
            ("full_page_writes", "on".into()),
            ("synchronous_commit", "on".into()),
            ("shared_buffers", "128MB".into()),
            ("max_wal_size", "1GB".into()),
            ("logging_collector", "off".into()),
            ("timezone", "UTC".into()),
            ("log_timezone", "UTC".into()),
        ];
        own.into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .chain(self.settings.parameters.iter().cloned())
            .collect()
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::error!(%error, pid = self.pid, "PostgreSQL may still run");
        }
    }
}

/// The uid and gid that a server on this data folder runs as, where they are not ours.
pub fn server_user(data_dir: &Path) -> Option<(u32, u32)> {
    User::of_server(data_dir).ok().flatten().map(|user| (user.uid, user.gid))
}

/// The user that the server runs as, where that is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// None: the server runs as we do.
    fn of_server(data_dir: &Path) -> Result<Option<Self>, Error> {
        let own = rustix::process::geteuid().as_raw();
        let owner = match fs::metadata(data_dir) {
            Ok(metadata) => Some(Self { uid: metadata.uid(), gid: metadata.gid() }),
            Err(_) => None,
        };
        match owner {
            Some(owner) if own != 0 && owner.uid != own => {
                Err(Error::OtherOwner { data_dir: data_dir.to_owned(), owner: owner.uid, own })
            }
            _ if own != 0 => Ok(None),
            Some(owner) if owner.uid != 0 => Ok(Some(owner)),
            _ => {
                let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
                let found = ["postgres", "nobody"].iter().find_map(|name| Self::named(&passwd, name));
                Ok(Some(found.unwrap_or(Self { uid: 65534, gid: 65534 })))
            }
        }
    }

    fn named(passwd: &str, name: &str) -> Option<Self> {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next()? != name {
                return None;
            }
            let uid: u32 = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            (uid != 0).then_some(Self { uid, gid })
        })
    }

    /// By the mode bits alone; a user of ours has no groups but its own.
    fn may_enter(self, metadata: &fs::Metadata) -> bool {
        let bit = if metadata.uid() == self.uid {
            0o100
        } else if metadata.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        metadata.mode() & bit != 0
    }
}

/// The folder's path without symbolic links, its parent made.
fn absolute(data_dir: &Path) -> Result<PathBuf, Error> {
    let what = format!("make {}", data_dir.display());
    let absolute = std::path::absolute(data_dir).map_err(io_error(&what))?;
    if let Ok(real) = absolute.canonicalize() {
        return Ok(real);
    }
    let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(Error::NotADataFolder(absolute));
    };
    fs::create_dir_all(parent).map_err(io_error(&what))?;
    Ok(parent.canonicalize().map_err(io_error(&what))?.join(name))
}

/// A data folder that is ours. The kernel frees it however the process ends; who lives on lets it go in so many words, since a
/// child that is just being forked by another thread has the file open, too, until it is another program.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock); // closing it does the same, a little later
    }
}

/// Takes the data folder for this process.
fn lock(data_dir: &Path) -> Result<Lock, Error> {
    let path = sibling(data_dir, ".lock");
    let what = format!("lock {}", path.display());
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(OFlags::NOFOLLOW.bits() as i32)
        .open(&path)
        .map_err(io_error(&what))?;
    let mut holder = String::new();
    let mut told = false;
    let taken = wait_for(LOCK_WAIT, || {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(rustix::io::Errno::WOULDBLOCK) => {}
            Err(error) => return Err(error.into()),
        }
        holder.clear();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_string(&mut holder)?;
        // Ourselves we would wait for in vain.
        if holder.trim() == std::process::id().to_string() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if !told {
            told = true;
            tracing::warn!(
                data_dir = %data_dir.display(), holder = holder.trim(),
                "another process uses the data folder; waiting until it ends"
            );
        }
        Ok(false)
    });
    match taken {
        Ok(true) => {}
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
            return Err(io_error(what)(error));
        }
        _ => {
            return Err(Error::InUse {
                data_dir: data_dir.to_owned(),
                holder: match holder.trim() {
                    "" => "(unknown)".to_owned(),
                    pid => pid.to_owned(),
                },
            });
        }
    }
    file.set_len(0).map_err(io_error(&what))?;
    file.seek(SeekFrom::Start(0)).map_err(io_error(&what))?;
    writeln!(file, "{}", std::process::id()).map_err(io_error(&what))?;
    Ok(Lock(file))
}

/// Where the data live: in the folder that was asked for, or in its stand-in under /tmp.
fn place(wanted: &Path, user: Option<User>) -> Result<(PathBuf, Option<PathBuf>), Error> {
    let uid = user.map_or_else(|| rustix::process::geteuid().as_raw(), |user| user.uid);
    let shelter = PathBuf::from(format!(
        "/tmp/counterfoil-{}-{:016x}",
        rustix::process::geteuid().as_raw(),
        fnv1a(wanted.as_os_str().as_bytes())
    ));
    let sheltered = shelter.join("data");
    let reason = match obstacle(wanted, user) {
        Some(reason) => reason,
        // It had to move once, and need not any more: the data have stayed where they are.
        None if is_new(wanted)? && is_private(&shelter, uid) && sheltered.join("PG_VERSION").exists() => {
            "the data of an earlier start are there".to_owned()
        }
        None => return Ok((wanted.to_owned(), None)),
    };
    if wanted.join("PG_VERSION").exists() {
        return Err(Error::Misplaced { data_dir: wanted.to_owned(), reason });
    }
    let what = format!("make {}", shelter.display());
    match DirBuilder::new().mode(0o700).create(&shelter) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(io_error(what)(error));
        }
        _ => {}
    }
    // Root's own is a folder that an earlier start made and did not come to hand over.
    if let Some(user) = user
        && is_private(&shelter, 0)
    {
        lchown(&shelter, Some(user.uid), Some(user.gid)).map_err(io_error(what))?;
    }
    if !is_private(&shelter, uid) {
        return Err(Error::UnsafeFolder { dir: shelter, uid });
    }
    tracing::warn!(
        wanted = %wanted.display(), used = %sheltered.display(), reason,
        "the database is not in the data folder that was asked for"
    );
    Ok((sheltered, Some(wanted.to_owned())))
}

/// Why a server cannot live in this folder.
fn obstacle(data_dir: &Path, user: Option<User>) -> Option<String> {
    if data_dir.as_os_str().len() + 1 + SOCKET_NAME.len() > SOCKET_PATH_BYTES {
        return Some("its path is too long for a unix socket's".to_owned());
    }
    // It becomes an argument's text, and a part of a URI.
    if data_dir.to_str().is_none() {
        return Some("its path is not UTF-8".to_owned());
    }
    let user = user?;
    let closed = data_dir
        .ancestors()
        .skip(1)
        .find(|ancestor| !fs::metadata(ancestor).is_ok_and(|metadata| user.may_enter(&metadata)))?;
    Some(format!("{} may not be entered by uid {}, which PostgreSQL runs as", closed.display(), user.uid))
}

fn is_private(dir: &Path, uid: u32) -> bool {
    fs::symlink_metadata(dir)
        .is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == uid && metadata.permissions().mode() & 0o077 == 0)
}

fn is_new(data_dir: &Path) -> Result<bool, Error> {
    if data_dir.join("PG_VERSION").exists() {
        return Ok(false);
    }
    match fs::read_dir(data_dir) {
        Ok(mut entries) => match entries.next() {
            None => Ok(true),
            Some(_) => Err(Error::NotADataFolder(data_dir.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Error::NotADataFolder(data_dir.to_owned())),
        Err(error) => Err(io_error(format!("read {}", data_dir.display()))(error)),
    }
}

/// Makes the data folder under another name first, so that an initdb that was killed leaves nothing half.
fn initdb(bin_dir: &Path, data_dir: &Path, user: Option<User>) -> Result<(), Error> {
    let what = format!("make {}", data_dir.display());
    let prefix = sibling(data_dir, ".new-");
    let parent = data_dir.parent().unwrap_or(Path::new("/"));
    for entry in fs::read_dir(parent).map_err(io_error(&what))?.flatten() {
        // A leftover's last process may be ending still: what cannot go now goes next time.
        if entry.path().as_os_str().as_bytes().starts_with(prefix.as_os_str().as_bytes()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let new = sibling(data_dir, &format!(".new-{}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&new).map_err(io_error(&what))?;
    if let Some(user) = user {
        lchown(&new, Some(user.uid), Some(user.gid)).map_err(io_error(&what))?;
    }
    let mut command = command(&bin_dir.join("initdb"), user);
    command
        .arg("-D")
        .arg(&new)
        .args(["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C"])
        .arg("--no-instructions")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = spawn(command, Signal::KILL).and_then(Child::wait_with_output).map_err(io_error("run initdb"))?;
    if !output.status.success() {
        let _ = fs::remove_dir_all(&new);
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        return Err(Error::InitdbFailed { status: output.status, output: last_lines(&text, TAIL) });
    }
    fs::rename(&new, data_dir).and_then(|()| File::open(parent)?.sync_all()).map_err(io_error(what))
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Waits until no server process is left on the data folder. We hold its lock: whatever still runs is dying, an orphan
/// of a dead postmaster (which is killed after a grace), or a server that somebody started by hand.
fn wait_for_predecessor(data_dir: &Path, deadline: Instant) -> Result<(), Error> {
    let orphans_until = Instant::now() + ORPHAN_GRACE;
    let mut told = false;
    loop {
        let left = servers_on(data_dir);
        let Some(&first) = left.first() else {
            return Ok(());
        };
        if !told {
            told = true;
            tracing::info!(data_dir = %data_dir.display(), "waiting until the last PostgreSQL on the data folder is gone");
        }
        let postmaster = recorded_pid(&data_dir.join("postmaster.pid"));
        let postmaster = postmaster.filter(|pid| left.contains(pid));
        if postmaster.is_none() && Instant::now() > orphans_until {
            for &pid in &left {
                let _ = signal_process(pid, Signal::KILL);
            }
        }
        if Instant::now() > deadline {
            return Err(Error::ServerInUse { data_dir: data_dir.to_owned(), pid: postmaster.unwrap_or(first) });
        }
        thread::sleep(POLL);
    }
}

/// Every process of a server works in its data folder.
fn servers_on(data_dir: &Path) -> Vec<u32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&pid| is_server_on(data_dir, pid))
        .collect()
}

fn is_server_on(data_dir: &Path, pid: u32) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == data_dir)
        && fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
}

/// PostgreSQL takes a dead postmaster's files for its own, unless the pid in them now belongs to another process of the
/// same user. No server is left on the folder when this runs, so such files are stale.
fn clear_recycled_pid_files(data_dir: &Path) -> Result<(), Error> {
    for name in ["postmaster.pid", &format!("{SOCKET_NAME}.lock")] {
        let path = data_dir.join(name);
        if recorded_pid(&path).is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
            fs::remove_file(&path).map_err(io_error(format!("remove {}", path.display())))?;
        }
    }
    Ok(())
}

fn recorded_pid(path: &Path) -> Option<u32> {
    // A standalone backend's is negative.
    let pid: i32 = fs::read_to_string(path).ok()?.lines().next()?.trim().parse().ok()?;
    Some(pid.unsigned_abs())
}

/// The postmaster writes its status into the eighth line of its pid file: what `pg_ctl -w` looks at.
fn says_ready(pid_file: &Path, pid: u32) -> bool {
    fs::read_to_string(pid_file).is_ok_and(|text| {
        let mut lines = text.lines();
        lines.next().is_some_and(|line| line.trim() == pid.to_string())
            && lines.nth(6).is_some_and(|line| line.trim() == "ready")
    })
}

fn open_log(path: &Path, user: Option<User>) -> Result<(File, u64), Error> {
    let what = format!("open {}", path.display());
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.len() > LOG_BYTES) {
        fs::rename(path, sibling(path, ".old")).map_err(io_error(&what))?;
    }
    let log = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits() as i32)
        .open(path)
        .map_err(io_error(&what))?;
    let start = log.metadata().map_err(io_error(&what))?.len();
    if let Some(user) = user {
        // What was opened, and not what its name leads to by now: the folder is that user's.
        fchown(&log, Some(user.uid), Some(user.gid)).map_err(io_error(what))?;
    }
    Ok((log, start))
}

fn tail_of(log: &Path, start: u64) -> String {
    let mut text = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        file.seek(SeekFrom::Start(start))?;
        file.read_to_end(&mut text)
    });
    match read {
        Ok(_) => last_lines(&String::from_utf8_lossy(&text), TAIL),
        Err(error) => format!("(unreadable: {error})"),
    }
}

fn command(program: &Path, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env("LC_ALL", "C");
    // PGPORT, PGOPTIONS, PGDATA and the like are meant for somebody else's server.
    for (name, _) in std::env::vars_os() {
        if name.as_bytes().starts_with(b"PG") {
            command.env_remove(name);
        }
    }
    if let Some(user) = user {
        command.gid(user.gid).uid(user.uid);
    }
    command
}

/// Looks at a condition until it holds; false when the time ran out.
fn wait_for(patience: Duration, mut holds: impl FnMut() -> io::Result<bool>) -> io::Result<bool> {
    let deadline = Instant::now() + patience;
    loop {
        if holds()? {
            return Ok(true);
        }
        if Instant::now() > deadline {
            return Ok(false);
        }
        thread::sleep(POLL);
    }
}

fn percent_encoded(text: &OsStr) -> String {
    let mut encoded = String::new();
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte as char);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// FNV-1a: short, and the same in every build, unlike std's hashers.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_was_let_go_is_free_whoever_still_has_its_file_open() {
        let folder = std::env::temp_dir().join(format!("counterfoil-lock-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(&folder).expect("a folder");
        let data = folder.join("data");
        let held = lock(&data).unwrap_or_else(|error| panic!("{error}"));
        let forked = held.0.try_clone().expect("as a child has it that is just being forked");
        assert!(matches!(lock(&data), Err(Error::InUse { .. })));
        drop(held);
        assert!(lock(&data).is_ok());
        drop(forked);
        fs::remove_dir_all(&folder).expect("removed");
    }
}
