//! Why a service does not start, or ended.

use crate::client::error_chain;

/// Why a service does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The configuration cannot be served; the text names the key and what is allowed.
    #[error("{0}")]
    Configuration(String),
    /// Whatever else failed, with its causes.
    #[error("{0}")]
    Work(String),
}

impl ServiceError {
    /// A configuration that cannot be served.
    pub fn usage(told: impl Into<String>) -> Self {
        Self::Configuration(told.into())
    }

    /// Something that failed.
    pub fn work(told: impl Into<String>) -> Self {
        Self::Work(told.into())
    }

    /// The same with its causes.
    pub fn caused(context: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::work(format!("{context}: {}", error_chain(error)))
    }
}
