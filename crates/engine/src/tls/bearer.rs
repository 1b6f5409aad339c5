//! A bearer token that stands in a file of its own, so that the configuration holds no secret and the token can change
//! without a restart. It is never told: not by `Debug`, not by an error.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Reread, TlsError, read};
use crate::limits;

/// What a token must look like.
const WANTED: &str = "token: 1 to 4096 visible ASCII characters on one line";

/// The token of a file, as it was when it was last read. Clones share it.
#[derive(Clone)]
pub struct TokenFile(Arc<Held>);

struct Held {
    path: PathBuf,
    token: RwLock<Arc<str>>,
}

impl fmt::Debug for TokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenFile({})", self.0.path.display())
    }
}

impl TokenFile {
    /// Reads the token from this file. The error names the file, and never shows what is in it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, TlsError> {
        let path = path.into();
        let token = RwLock::new(token(&path)?);
        Ok(Self(Arc::new(Held { path, token })))
    }

    /// The token, as the file said when it was last read.
    pub fn token(&self) -> Arc<str> {
        Arc::clone(&self.0.token.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Reread for TokenFile {
    fn reread(&self) -> Result<(), TlsError> {
        let fresh = token(&self.0.path)?;
        *self.0.token.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

fn token(path: &std::path::Path) -> Result<Arc<str>, TlsError> {
    let bytes = read(path)?;
    let token = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    let fits = (1..=limits::TOKEN_CHARS).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(token.into()) } else { Err(TlsError::Holds { path: path.to_owned(), wanted: WANTED }) }
}
