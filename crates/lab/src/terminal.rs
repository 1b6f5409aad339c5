//! What commands share: how they fail, and what they may print.

use std::io::{ErrorKind, Write as _};

use counterfoil_engine::client::error_chain;
use counterfoil_engine::saga::ids::is_invisible;

/// How a command failed: what to tell, and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What people are told.
    pub message: String,
    /// The exit code: 1 where the work failed, 2 for wrong usage or configuration.
    pub code: u8,
}

impl Failure {
    /// Wrong usage or configuration: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// The work failed: exit code 1.
    pub fn work(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// The work failed, with its causes.
    pub fn caused(context: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::work(format!("{context}: {}", error_chain(error)))
    }
}

/// A text on one line, without anything that a terminal would obey, or show as something else: it may be anybody's.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    safe
}

/// Lines for people that hold texts of others: each as [`escaped`].
pub fn harmless(lines: &str) -> String {
    lines.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// Writes a result to standard output. A reader that has read enough, as `head` does, is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::work(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Runs a command's future on a small runtime.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::work(format!("no runtime: {error}")))?;
    Ok(runtime.block_on(future))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_obeys_nobody() {
        assert_eq!(escaped("a\u{202e}b\u{1b}[2J\nc"), "a\\u{202e}b\\u{1b}[2J\\u{a}c");
        assert_eq!(harmless("a  \u{2066}b\nGr\u{fc}n\n"), "a  \\u{2066}b\nGr\u{fc}n\n");
    }
}
