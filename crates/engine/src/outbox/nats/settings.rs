//! What a shop says of its NATS.

use std::path::{Path, PathBuf};

use super::SinkError;
use crate::tls::Files;

/// Where a sink's events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsSettings {
    /// Where the servers are: `nats://HOST:PORT`, several with commas between; `tls://` asks for TLS.
    pub url: String,
    /// The stream: of this sink alone.
    pub stream: String,
    /// What subjects begin with: an event's is this, a dot and its type.
    pub subject: String,
    /// The stream is created so where it is not there. Without it somebody else has to.
    pub create: Option<Create>,
    /// TLS, with these files; without a `ca` the system's.
    pub tls: Option<Files>,
    /// As whom the server is connected to; without it nobody is named.
    pub auth: Option<Auth>,
}

/// How a stream is created that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Create {
    /// Servers that have a copy of the stream.
    pub replication: u16,
}

/// Who this is. Files are read whenever a sink is opened; blanks around what they hold are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// A user, and a file with nothing but the password.
    Password {
        /// The name of the user.
        username: String,
        /// The file's path.
        password_file: PathBuf,
    },
    /// A file with nothing but the token.
    Token {
        /// The file's path.
        token_file: PathBuf,
    },
}

impl NatsSettings {
    /// In clear, to a stream that is there, under `counterfoil.orders`.
    pub fn new(url: impl Into<String>, stream: impl Into<String>) -> Self {
        let (url, stream, subject) = (url.into(), stream.into(), crate::limits::NATS_SUBJECT.to_owned());
        Self { url, stream, subject, create: None, tls: None, auth: None }
    }

    /// What the stream has to hold.
    pub(super) fn subjects(&self) -> String {
        format!("{}.>", self.subject)
    }
}

/// What a file holds.
pub(super) fn secret(path: &Path) -> Result<String, SinkError> {
    let read = std::fs::read_to_string(path);
    let read = read.map_err(|error| SinkError::Unfit(format!("the file {}: {error}", path.display())))?;
    Ok(read.trim().to_owned())
}
