//! The databases: a primary and a standby that streams from it, in step with every commit, so that whatever somebody was told
//! is at both. What may be done to them: power cuts, a promotion, a disk that is full, a clock that moves.
//!
//! A promotion is done as whoever runs a database does it: the old primary is dead before the standby is promoted, and it comes
//! back as a copy of the new one. It is only begun while both are in step: what was said before that may be at one alone,
//! and no standby can be asked for it.
//!
//! Everything here blocks, but for what is asked of the servers.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

use super::ChaosError;
use super::wire::Far;
use crate::embedded_postgres::{EmbeddedPostgres, PostgresSettings, server_user};
use crate::process::{POLL, Process};

/// Where distributions put the library that moves a program's clock.
const FAKETIME: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
];
/// Of the disk, where one can be mounted: room for both servers, and for what a second of load leaves in them, in MiB.
const DISK_AT_FIRST: u64 = 512;
const DISK_A_SECOND: u64 = 2;
/// What a server may take to do what it is asked, or to come back.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a promotion waits for both to be in step.
const IN_STEP: Duration = Duration::from_secs(5);

/// A clock that can be moved: the programs that were started with it look at a file.
#[derive(Debug, Clone)]
pub struct Clock {
    library: &'static str,
    file: PathBuf,
}

impl Clock {
    /// One that is right, where this machine has what moves it.
    ///
    /// # Errors
    ///
    /// Where its file cannot be written.
    pub fn new(file: PathBuf) -> io::Result<Option<Self>> {
        let Some(library) = FAKETIME.into_iter().find(|library| Path::new(library).exists()) else { return Ok(None) };
        let clock = Self { library, file };
        clock.set(0)?;
        Ok(Some(clock))
    }

    /// Moves it, to so many seconds from what it is.
    ///
    /// # Errors
    ///
    /// Where its file cannot be written.
    pub fn set(&self, seconds: i64) -> io::Result<()> {
        let next = self.file.with_extension("next");
        fs::write(&next, format!("{seconds:+}\n"))?;
        fs::rename(next, &self.file)
    }

    /// What a program is started with.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", self.library.to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.display().to_string()),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            // Waits are as long as they are.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

/// A file system of its own that can be filled.
#[derive(Debug)]
struct Disk {
    folder: PathBuf,
    /// As it is when it is not full.
    size: String,
}

impl Disk {
    /// One in the place of that folder, where we may have one.
    fn mount(folder: &Path, seconds: u64) -> Option<Self> {
        let mut mount = Command::new("mount");
        let size = format!("{}m", DISK_AT_FIRST + DISK_A_SECOND * seconds);
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(folder);
        let output = mount.output().ok()?;
        output.status.success().then(|| Self { folder: folder.to_owned(), size })
    }

    /// It is as large as what is on it: full, at the cost of no memory.
    fn shrink(&self) -> io::Result<()> {
        let stat = rustix::fs::statvfs(&self.folder)?;
        self.resize(&format!("{}", (stat.f_blocks - stat.f_bfree) * stat.f_frsize + (64 << 10)))
    }

    fn resize(&self, size: &str) -> io::Result<()> {
        let mut mount = Command::new("mount");
        let output = mount.args(["-o", &format!("remount,size={size}")]).arg(&self.folder).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _left = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

/// Primary and standby.
pub struct Cluster {
    folder: PathBuf,
    primary: EmbeddedPostgres,
    /// Which of the folders `a` and `b` it is in.
    is_b: bool,
    standby: Option<EmbeddedPostgres>,
    /// Of both servers' host, where it can be moved.
    pub clock: Option<Clock>,
    // Below the servers that are on it: it goes after them.
    disk: Option<Disk>,
}

fn failed(what: &str) -> impl Fn(&dyn std::error::Error) -> ChaosError {
    let what = what.to_owned();
    move |error| ChaosError::Missed(format!("{what}: {}", counterfoil_engine::client::error_chain(error)))
}

impl Cluster {
    /// A primary with an empty database, and a standby of it, which are to take the load of so many seconds.
    ///
    /// # Errors
    ///
    /// Where there is no PostgreSQL, or it does not do what it is asked.
    pub async fn start(folder: &Path, seconds: u64) -> Result<Self, ChaosError> {
        let system = failed("no place for the databases");
        fs::create_dir_all(folder).map_err(|error| system(&error))?;
        let disk = Disk::mount(folder, seconds);
        let clock = Clock::new(folder.with_extension("clock")).map_err(|error| system(&error))?;
        let settings = settings(folder.join("a"), clock.as_ref(), None);
        let primary = EmbeddedPostgres::start(settings).map_err(|error| failed("no PostgreSQL")(&error))?;
        let mut cluster = Self { folder: folder.to_owned(), primary, is_b: false, standby: None, clock, disk };
        cluster.follow().await?;
        Ok(cluster)
    }

    /// Where whoever writes is to be led.
    #[must_use]
    pub fn far(&self) -> Far {
        Far::Unix(self.primary.socket_dir().join(".s.PGSQL.5432"))
    }

    /// A URL of the primary, as it is now.
    #[must_use]
    pub fn url(&self) -> String {
        self.primary.database_url("postgres")
    }

    /// Whether there is a disk that can be filled.
    #[must_use]
    pub fn has_a_disk(&self) -> bool {
        self.disk.is_some()
    }

    /// A session at the primary, whose statements end.
    ///
    /// # Errors
    ///
    /// Where it does not let anybody in.
    pub async fn session(&self) -> Result<Client, ChaosError> {
        session(&self.primary).await
    }

    /// A power cut of the primary.
    ///
    /// # Errors
    ///
    /// Where it does not end.
    pub fn cut_power(&mut self) -> Result<(), ChaosError> {
        self.primary.stop_at_once().map_err(|error| failed("the primary")(&error))
    }

    /// kill -9 of the primary's first process.
    ///
    /// # Errors
    ///
    /// Where that is refused.
    pub fn kill(&mut self) -> Result<(), ChaosError> {
        self.primary.kill().map_err(|error| failed("the primary")(&error))
    }

    /// Nothing more goes onto the disk.
    ///
    /// # Errors
    ///
    /// The disk's.
    pub fn fill_disk(&self) -> Result<(), ChaosError> {
        self.disk.as_ref().map_or(Ok(()), Disk::shrink).map_err(|error| failed("the disk")(&error))
    }

    /// The standby is the primary from now on. `false`, and nothing was done, where the two do not come into step.
    ///
    /// # Errors
    ///
    /// Where a server does not do what it is asked.
    pub async fn promote(&mut self) -> Result<bool, ChaosError> {
        let Some(standby) = self.standby.take() else { return Ok(false) };
        if !self.until_in_step(IN_STEP).await {
            self.standby = Some(standby);
            return Ok(false);
        }
        self.primary.stop_at_once().map_err(|error| failed("the old primary")(&error))?;
        let session = session(&standby).await?;
        session.batch_execute("SET statement_timeout = 0").await?;
        self.primary = standby;
        self.is_b = !self.is_b;
        session.query_one("SELECT pg_promote(true, 60)", &[]).await?;
        // Nobody follows it yet: until somebody does, its own disk is all that there is.
        session.batch_execute("ALTER SYSTEM SET synchronous_standby_names = ''").await?;
        session.batch_execute("SELECT pg_reload_conf()").await?;
        Ok(true)
    }

    /// The disk has room, the clock is right, and the primary runs.
    ///
    /// # Errors
    ///
    /// Where one of that cannot be had.
    pub fn revive(&mut self) -> Result<(), ChaosError> {
        if let Some(disk) = &self.disk {
            disk.resize(&disk.size).map_err(|error| failed("the disk")(&error))?;
        }
        if let Some(clock) = &self.clock {
            clock.set(0).map_err(|error| failed("the clock")(&error))?;
        }
        let _again = self.primary.ensure_running().map_err(|error| failed("the primary")(&error))?;
        Ok(())
    }

    /// A standby follows, and is in step: the one that did, or a new one.
    ///
    /// # Errors
    ///
    /// Where none can be had.
    pub async fn be_followed(&mut self) -> Result<(), ChaosError> {
        let follows = match &mut self.standby {
            Some(standby) => standby.ensure_running().is_ok(),
            None => false,
        };
        if follows && self.until_in_step(PATIENCE / 4).await { Ok(()) } else { self.follow().await }
    }

    /// Ends both servers, and leaves their data in that folder, where the disk goes with this.
    ///
    /// # Errors
    ///
    /// Where a server does not end, or the data cannot be copied.
    pub fn leave(&mut self, folder: &Path) -> Result<(), ChaosError> {
        drop(self.standby.take());
        self.primary.stop().map_err(|error| failed("the primary")(&error))?;
        if self.disk.is_some() {
            let mut copy = Command::new("cp");
            let copied = copy.arg("-a").arg(&self.folder).arg(folder).output();
            copied.map_err(|error| failed("what is left of the databases")(&error))?;
        }
        Ok(())
    }

    /// Makes a standby of the primary in the other folder, and waits until every commit is at both.
    async fn follow(&mut self) -> Result<(), ChaosError> {
        let folder = self.folder.join(if self.is_b { "a" } else { "b" });
        drop(self.standby.take());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| failed("the old standby")(&error))?;
        }
        let admin = self.session().await?;
        admin.batch_execute("ALTER SYSTEM SET synchronous_standby_names = ''").await?;
        admin.batch_execute("SELECT pg_reload_conf()").await?;
        DirBuilder::new().mode(0o700).create(&folder).map_err(|error| failed("the standby")(&error))?;
        let user = server_user(self.primary.data_dir());
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).map_err(|error| failed("the standby")(&error))?;
        }
        let mut command = Command::new(self.primary.client_program("pg_basebackup"));
        command.args(["--wal-method=stream", "--checkpoint=fast", "--no-sync", "--username=postgres", "--pgdata"]);
        command.arg(&folder).arg("--host").arg(self.primary.socket_dir()).current_dir("/").env("LC_ALL", "C");
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        let log = self.folder.with_extension("basebackup.log");
        let mut process = Process::start("pg_basebackup", command, &log, Some(&log))?;
        let status = process.until_ended(PATIENCE).await?;
        if !status.success() {
            return Err(ChaosError::Missed(format!("pg_basebackup: {status}: {}", process.logged().trim_end())));
        }
        let signal = folder.join("standby.signal");
        let made = fs::write(&signal, "").and_then(|()| match user {
            Some((uid, gid)) => std::os::unix::fs::chown(&signal, Some(uid), Some(gid)),
            None => Ok(()),
        });
        made.map_err(|error| failed("the standby")(&error))?;
        let source = format!("host={} port=5432 user=postgres", self.primary.socket_dir().display());
        let settings = settings(folder, self.clock.as_ref(), Some(source));
        self.standby = Some(EmbeddedPostgres::start(settings).map_err(|error| failed("no standby")(&error))?);
        admin.batch_execute("ALTER SYSTEM SET synchronous_standby_names = '*'").await?;
        admin.batch_execute("SELECT pg_reload_conf()").await?;
        if self.until_in_step(PATIENCE).await {
            Ok(())
        } else {
            Err(ChaosError::Missed("the standby does not come into step".into()))
        }
    }

    /// Waits until every commit that was answered is at the standby, and every later one will be.
    async fn until_in_step(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if let Ok(session) = self.session().await
                && let Ok(row) = session.query_one(IN_STEP_SQL, &[]).await
                && row.get(0)
            {
                return true;
            }
            tokio::time::sleep(5 * POLL).await;
        }
        false
    }
}

/// The standby counts, and has as much as was on the primary's disk when this was asked.
const IN_STEP_SQL: &str = "
    SELECT current_setting('synchronous_standby_names') <> '' AND EXISTS (
        SELECT FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= pg_current_wal_flush_lsn())";

async fn session(server: &EmbeddedPostgres) -> Result<Client, ChaosError> {
    let (client, connection) = tokio_postgres::connect(&server.database_url("postgres"), NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute("SET statement_timeout = '30s'").await?;
    Ok(client)
}

fn settings(data_dir: PathBuf, clock: Option<&Clock>, source: Option<String>) -> PostgresSettings {
    let mut settings = PostgresSettings::new(data_dir);
    // Sessions that nobody holds any more have theirs for a while.
    settings.max_connections = 300;
    let set = [
        ("shared_buffers", "64MB"),
        ("max_wal_size", "128MB"),
        ("min_wal_size", "32MB"),
        ("wal_keep_size", "64MB"),
        ("wal_retrieve_retry_interval", "100ms"),
        ("wal_receiver_timeout", "5s"),
        ("wal_sender_timeout", "5s"),
        ("checkpoint_timeout", "30s"),
    ];
    settings.parameters.extend(set.map(|(name, value)| (name.to_owned(), value.to_owned())));
    settings.parameters.extend(source.map(|source| ("primary_conninfo".to_owned(), source)));
    settings.environment = clock.map(Clock::environment).unwrap_or_default();
    settings
}
