//! What a PostgreSQL URL, or a string of key=value pairs, says of TLS: `sslmode`, `sslrootcert`, `sslcert` and `sslkey`, as
//! libpq means them. The driver knows the first by half and the others not at all, so that it is given the rest.
//!
//! Two things differ from libpq. A URL that says nothing of all this is spoken to in the clear, and is not asked first:
//! over a unix socket, where most are, that would cost a round trip for nothing. And whoever names a file of certificates and
//! no `sslmode` means `verify-full`: what may be turned off from in between proves nothing.

use std::path::PathBuf;

use super::{Files, Verify};

/// Whether a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In the clear, whatever the server could do.
    Disable,
    /// Encrypted where the server can be, in the clear where it cannot.
    Prefer,
    /// Encrypted, or not at all.
    Require,
}

/// A database's URL, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn {
    /// The URL without what is said here. It may hold a password.
    pub rest: String,
    /// Whether connections are encrypted.
    pub mode: Mode,
    /// What the server's certificate must show.
    pub verify: Verify,
    /// The files of CAs, certificate and key.
    pub files: Files,
}

/// The root certificates of the system, where a file is named.
const SYSTEM: &str = "system";

const MODES: &str = "disable, prefer, require, verify-ca or verify-full";

#[derive(Default)]
struct Said {
    mode: Option<String>,
    root: Option<String>,
    cert: Option<String>,
    key: Option<String>,
    /// The driver's, which takes it as libpq does but for this: who is not asked first cannot say no.
    is_direct: bool,
}

impl Said {
    /// Keeps a parameter that is one of ours; `false` where it is not.
    fn take(&mut self, key: &str, value: &str) -> bool {
        if key == "sslnegotiation" {
            self.is_direct = value == "direct";
        }
        let place = match key {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.root,
            "sslcert" => &mut self.cert,
            "sslkey" => &mut self.key,
            _ => return false,
        };
        *place = Some(value.to_owned());
        true
    }
}

/// Takes a URL apart; what it says of files wins over those that are configured beside it. The error tells what is wrong
/// with what it says of TLS, and nothing else of it; what is wrong with the rest the driver finds.
pub fn read(url: &str, configured: Option<&Files>) -> Result<Dsn, String> {
    let mut said = Said::default();
    let rest = if ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        of_url(url, &mut said)
    } else {
        of_pairs(url, &mut said)
    };
    let Said { mode, root, cert, key, is_direct } = said;
    let is_secured = configured.is_some() || root.is_some() || cert.is_some() || key.is_some();
    let is_system = root.as_deref() == Some(SYSTEM);
    let configured = configured.cloned().unwrap_or_default();
    let ca = if is_system { None } else { root.map(PathBuf::from).or(configured.ca) };
    // A certificate and its key come from one place.
    let (cert, key) = match (cert, key) {
        (None, None) => (configured.cert, configured.key),
        (cert, key) => (cert.map(PathBuf::from), key.map(PathBuf::from)),
    };
    let files = Files { ca, cert, key };
    if let Some((given, missing)) = files.half() {
        return Err(format!("names ssl{given} without ssl{missing}: a certificate and its key go together"));
    }
    let with_ca = if files.ca.is_some() { Verify::Chain } else { Verify::Nothing };
    let (mode, verify) = match mode.as_deref() {
        None if is_secured => (Mode::Require, Verify::Name),
        None => (Mode::Disable, Verify::Nothing),
        Some("disable") if is_secured => {
            return Err(format!(
                "says sslmode=disable, and certificates are named: it must be one of {MODES}, or none"
            ));
        }
        Some("disable") => (Mode::Disable, Verify::Nothing),
        Some(weak @ ("prefer" | "require" | "verify-ca")) if is_system => {
            return Err(format!(
                "says sslmode={weak} with sslrootcert=system: anybody has a certificate of one of those CAs, so that it \
                 must be verify-full"
            ));
        }
        Some("prefer") => (Mode::Prefer, with_ca),
        Some("require") => (Mode::Require, with_ca),
        // Anybody has a certificate of one of the system's CAs.
        Some("verify-ca") if files.ca.is_none() => {
            return Err("says sslmode=verify-ca and names no CA: name sslrootcert, or use verify-full".into());
        }
        Some("verify-ca") => (Mode::Require, Verify::Chain),
        Some("verify-full") => (Mode::Require, Verify::Name),
        Some(other) => return Err(format!("says sslmode={other:?}; it must be {MODES}")),
    };
    if is_direct && mode != Mode::Require {
        return Err("says sslnegotiation=direct: sslmode must be require, verify-ca or verify-full".into());
    }
    Ok(Dsn { rest, mode, verify, files })
}

/// The query of a URL, where the driver looks for it: behind what it takes for user and password.
fn of_url(url: &str, said: &mut Said) -> String {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let begin = url[begin..].find('@').map_or(begin, |at| begin + at + 1);
    let Some(at) = url[begin..].find('?').map(|at| begin + at) else { return url.to_owned() };
    let kept: Vec<_> = url[at + 1..]
        .split('&')
        .filter(|pair| {
            let parts = pair.split_once('=').map(|(key, value)| (decoded(key), decoded(value)));
            !parts.is_some_and(|(key, value)| said.take(&key, &value))
        })
        .collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", &url[..at], kept.join("&"))
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Pairs as in `host=db user='a b'`: blanks around the equals sign, quotes around a value, and a backslash before
/// whatever stands for itself.
fn of_pairs(text: &str, said: &mut Said) -> String {
    let mut kept = String::new();
    let mut letters = text.char_indices().peekable();
    loop {
        while letters.next_if(|(_, letter)| letter.is_whitespace()).is_some() {}
        let Some(&(begin, _)) = letters.peek() else { return kept };
        let mut key = String::new();
        while let Some((_, letter)) = letters.next_if(|(_, letter)| *letter != '=' && !letter.is_whitespace()) {
            key.push(letter);
        }
        while letters.next_if(|(_, letter)| letter.is_whitespace()).is_some() {}
        letters.next_if(|(_, letter)| *letter == '=');
        while letters.next_if(|(_, letter)| letter.is_whitespace()).is_some() {}
        let is_quoted = letters.next_if(|(_, letter)| *letter == '\'').is_some();
        let ends = |letter: char| if is_quoted { letter == '\'' } else { letter.is_whitespace() };
        let mut value = String::new();
        while let Some((_, letter)) = letters.next_if(|(_, letter)| !ends(*letter)) {
            let letter = if letter == '\\' { letters.next().map(|(_, next)| next) } else { Some(letter) };
            value.extend(letter);
        }
        if is_quoted {
            letters.next();
        }
        let end = letters.peek().map_or(text.len(), |(at, _)| *at);
        if !said.take(&key, &value) {
            if !kept.is_empty() {
                kept.push(' ');
            }
            kept.push_str(&text[begin..end]);
        }
    }
}
