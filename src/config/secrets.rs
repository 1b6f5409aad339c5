//! Texts that nobody is shown, and several of them for one place while a secret changes. Each may stand in a file, as secret
//! managers give them: `{ file = "/run/secrets/name" }` in the place of the text.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest file that a secret may stand in, in bytes: a URL with its options, or a few secrets, is far below.
const LONGEST_FILE: usize = 16 * 1024;

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        only(deserializer.deserialize_any(SecretsVisitor { list: false })?).map(Self)
    }
}

/// Reads a text that may stand in a file, where it is optional.
pub(super) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Secret>::deserialize(deserializer)?.map(|secret| secret.0))
}

/// The one text that was read.
fn only<E: Error>(secrets: Secrets) -> Result<String, E> {
    let count = secrets.0.len();
    match <[Secret; 1]>::try_from(secrets.0) {
        Ok([secret]) => Ok(secret.0),
        Err(_) => Err(E::custom(format!("its file holds {count} lines; it must hold one"))),
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// One secret, or a list while it changes: each of them is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets(pub Vec<Secret>);

impl From<Secret> for Secrets {
    fn from(secret: Secret) -> Self {
        Self(vec![secret])
    }
}

impl Serialize for Secrets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let [only] = self.0.as_slice() {
            return only.serialize(serializer);
        }
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for secret in &self.0 {
            list.serialize_element(secret)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretsVisitor { list: true })
    }
}

struct SecretsVisitor {
    /// Whether there may be several.
    list: bool,
}

/// A file that secrets stand in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    file: PathBuf,
}

/// The lines of a file, each a secret; without empty ones.
fn lines(path: &Path) -> Result<Vec<Secret>, String> {
    let failed = |error: io::Error| format!("cannot read {}: {error}", path.display());
    let mut text = String::new();
    // Opened once: what it is, and what it holds, are of the same file.
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed(); // nobody is waited for who would write into a pipe
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(format!("{} is no file", path.display()));
    }
    file.take(LONGEST_FILE as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() > LONGEST_FILE {
        return Err(format!("{} has more than {LONGEST_FILE} bytes", path.display()));
    }
    let found: Vec<_> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| Secret(line.to_owned())).collect();
    if found.is_empty() { Err(format!("{} is empty", path.display())) } else { Ok(found) }
}

impl<'de> Visitor<'de> for SecretsVisitor {
    type Value = Secrets;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.list {
            "a string, or { file = \"PATH\" }, or a list of those"
        } else {
            "a string, or { file = \"PATH\" }"
        })
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Secrets, E> {
        Ok(Secret(text.to_owned()).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Secrets, A::Error> {
        if !self.list {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let mut secrets = Vec::new();
        while let Some(more) = list.next_element::<OneOrItsFile>()? {
            secrets.extend(more.0);
        }
        Ok(Secrets(secrets))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Secrets, A::Error> {
        let InFile { file } = InFile::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        lines(&file).map(Secrets).map_err(A::Error::custom)
    }
}

/// What stands in a list: a secret, or the file of some.
struct OneOrItsFile(Vec<Secret>);

impl<'de> Deserialize<'de> for OneOrItsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(deserializer.deserialize_any(SecretsVisitor { list: false })?.0))
    }
}
