//! What programs take from their environment: the bearer token and the target of a client; and what they keep from their
//! children.

use std::path::Path;

use super::{Client, ClientError};

/// The environment variable whose value, if there is one, goes along as the bearer token.
pub const TOKEN_VARIABLE: &str = "COUNTERFOIL_TOKEN";

/// The environment variable that says where the engine listens, to the commands that take `--target`.
pub const TARGET_VARIABLE: &str = "COUNTERFOIL_TARGET";

/// The environment variable that names the CAs of a target that is spoken to by https, where they are none of the system's.
pub const CA_VARIABLE: &str = "COUNTERFOIL_CA";

/// What begins the names of environment variables that override a key.
pub const ENV_PREFIX: &str = "COUNTERFOIL__";

/// Takes from a child's environment whatever would configure it as this process is: a drill's engine, for one, must never
/// meet the database of the shop that it is run in.
pub fn forget_environment(child: &mut std::process::Command) {
    for (name, _) in std::env::vars_os() {
        // As figment reads them: in whatever case.
        let is_ours =
            |text: &str| text.get(..ENV_PREFIX.len()).is_some_and(|head| head.eq_ignore_ascii_case(ENV_PREFIX));
        if is_ours(name.to_string_lossy().trim()) {
            child.env_remove(name);
        }
    }
}

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
