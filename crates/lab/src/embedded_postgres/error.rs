//! Why there is no PostgreSQL, in words that say what to do about it.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use super::{OLDEST_VERSION, START_WAIT};

/// Why there is no server. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedPostgresError {
    /// The binaries are found nowhere.
    #[error(
        "no PostgreSQL server found: neither PATH nor /usr/lib/postgresql/*/bin has `postgres` and `initdb`. \
         Install it (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; \
         macOS: brew install postgresql)"
    )]
    NotInstalled,
    /// The folder that was named has none.
    #[error("{} has no `postgres` and `initdb` that can be run", .0.display())]
    NoBinariesIn(PathBuf),
    /// The binaries are too old.
    #[error("{} is PostgreSQL {found}, and {OLDEST_VERSION} is the oldest that will do", bin_dir.display())]
    TooOld {
        /// Where they are.
        bin_dir: PathBuf,
        /// Which version they are.
        found: u32,
    },
    /// The data need another major version.
    #[error(
        "the data in {} were made by PostgreSQL {data}, and only {} found: install the server's version {data}, \
         or use another data folder",
        data_dir.display(), list_versions(found)
    )]
    OtherVersion {
        /// The data folder.
        data_dir: PathBuf,
        /// The version that made the data.
        data: String,
        /// The versions that are installed.
        found: Vec<u32>,
    },
    /// The folder holds something else.
    #[error("{} is neither empty nor a PostgreSQL data folder: use another one", .0.display())]
    NotADataFolder(PathBuf),
    /// The folder belongs to another user, and only root could act for that one.
    #[error(
        "{} belongs to the user with uid {owner}, and this process runs as uid {own}: run as that user or as root, \
         or use another data folder", data_dir.display()
    )]
    OtherOwner {
        /// The data folder.
        data_dir: PathBuf,
        /// The uid of the folder's owner.
        owner: u32,
        /// The uid of this process.
        own: u32,
    },
    /// Another process of ours holds the folder.
    #[error(
        "{} is in use by process {holder}: stop that one, or use another data folder",
        data_dir.display()
    )]
    InUse {
        /// The data folder.
        data_dir: PathBuf,
        /// The process that holds it.
        holder: String,
    },
    /// A server that nobody of us started runs on the folder.
    #[error(
        "a PostgreSQL server (process {pid}) that this process did not start still runs on {}: \
         stop it (kill -INT {pid}), or use another data folder", data_dir.display()
    )]
    ServerInUse {
        /// The data folder.
        data_dir: PathBuf,
        /// The process id of that server.
        pid: u32,
    },
    /// Data that would have to be moved are where PostgreSQL cannot use them.
    #[error(
        "{} holds data that PostgreSQL cannot use there: {reason}. Move the folder, or use another one",
        data_dir.display()
    )]
    Misplaced {
        /// The data folder.
        data_dir: PathBuf,
        /// What is wrong with it, in words.
        reason: String,
    },
    /// The folder under /tmp that would be used is not a private one.
    #[error(
        "{} should be a folder of uid {uid} that nobody else may enter, and is not: remove it, or use another data folder",
        dir.display()
    )]
    UnsafeFolder {
        /// The folder that is in use.
        dir: PathBuf,
        /// Whose it has to be.
        uid: u32,
    },
    /// `initdb`, which makes the data folder, ended with an error.
    #[error("initdb failed ({status}):\n{output}")]
    InitdbFailed {
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        output: String,
    },
    /// The server ended while it started.
    #[error("PostgreSQL ended while it started ({status}); the end of {}:\n{tail}", log.display())]
    StartFailed {
        /// How it ended.
        status: ExitStatus,
        /// Its log file.
        log: PathBuf,
        /// The end of the log.
        tail: String,
    },
    /// The server accepted no connections in time.
    #[error("PostgreSQL accepted no connections within {} s; the end of {}:\n{tail}", START_WAIT.as_secs(), log.display())]
    StartTimedOut {
        /// Its log file.
        log: PathBuf,
        /// The end of the log.
        tail: String,
    },
    /// The system refused.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        source: io::Error,
    },
}

fn list_versions(found: &[u32]) -> String {
    let found: Vec<String> = found.iter().map(u32::to_string).collect();
    format!("{} {}", found.join(", "), if found.len() == 1 { "was" } else { "were" })
}

pub(super) fn io_error(what: impl Into<String>) -> impl FnOnce(io::Error) -> EmbeddedPostgresError {
    let what = what.into();
    move |source| EmbeddedPostgresError::Io { what, source }
}
