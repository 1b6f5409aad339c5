//! The HTTP client as the commands use it: with the bearer token of their environment.

use std::path::Path;

pub use crate::client::{Answer, Client, ClientError, DEFAULT_TIMEOUT, encode_segment, error_chain};

/// The environment variable whose value, if there is one, goes along as the bearer token.
pub const TOKEN_VARIABLE: &str = "COUNTERFOIL_TOKEN";

/// The environment variable that says where the engine listens, to the commands that take `--target`.
pub const TARGET_VARIABLE: &str = "COUNTERFOIL_TARGET";

/// The environment variable that names the CAs of a target that is spoken to by https, where they are none of the system's.
pub const CA_VARIABLE: &str = "COUNTERFOIL_CA";

impl Client {
    /// A client of `base_url` (`http[s]://host[:port][/prefix]`), with the bearer token of [`TOKEN_VARIABLE`] if that is
    /// set and not empty. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ClientError::Target`] if the URL is not of that form, [`ClientError::Tls`] if the CAs cannot be used,
    /// [`ClientError::Token`] if the token fits no header.
    pub fn new(base_url: &str, ca: Option<&Path>) -> Result<Self, ClientError> {
        let client = Self::of_target(base_url, ca)?;
        match std::env::var(TOKEN_VARIABLE) {
            Ok(token) if !token.is_empty() => client.with_token(&token),
            Ok(_) | Err(std::env::VarError::NotPresent) => Ok(client),
            Err(std::env::VarError::NotUnicode(_)) => Err(ClientError::Token),
        }
    }

    /// The same without a token.
    ///
    /// # Errors
    ///
    /// As for [`Client::new`].
    pub fn of_target(base_url: &str, ca: Option<&Path>) -> Result<Self, ClientError> {
        ca.map_or_else(|| Self::anonymous(base_url), |ca| Self::trusting(base_url, ca))
    }
}
