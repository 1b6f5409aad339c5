//! Tokens: how long each is good, and the file that lists them apart from the configuration (`auth.tokens_file`), so that
//! one can be added or taken away without a restart, and by somebody who may not see the rest.
//!
//! The file is TOML, and its natural form is a line a token, which `counterfoil token new` prints and which can be
//! appended: `SHA256 = { subject = "shop", roles = ["client"] }`. `[[tokens]]`, as in the configuration, will do too.
//! A file without a token is refused, and does not mean that no token is asked for: where a file is named, no valid
//! token means nobody.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Value;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Auth, ConfigError, ConfigProblem, Role, Token, check, unreadable};
use crate::limits;

/// The key under which the file may hold a list.
pub(super) const LIST: &str = "tokens";

/// A moment of the calendar: RFC 3339, as text or as TOML's own kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub jiff::Timestamp);

impl Moment {
    /// Microseconds since 1970.
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MomentVisitor)
    }
}

struct MomentVisitor;

impl<'de> Visitor<'de> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time with its offset, as in \"2026-12-31T23:59:59Z\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Moment, E> {
        text.parse().map(Moment).map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    /// How the TOML reader passes on its own times: a map with one entry.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Moment, A::Error> {
        match map.next_entry::<String, String>()? {
            Some((_, text)) => self.visit_str(&text),
            None => Err(serde::de::Error::invalid_type(serde::de::Unexpected::Map, &self)),
        }
    }
}

/// A token of the file's natural form, whose hash is its key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    subject: String,
    roles: Vec<Role>,
    #[serde(default)]
    not_before: Option<Moment>,
    #[serde(default)]
    not_after: Option<Moment>,
}

impl Auth {
    /// Whether nobody is asked for a token: none is configured, and no file is named that could have one.
    pub fn is_open(&self) -> bool {
        self.tokens.is_empty() && self.tokens_file.is_none()
    }

    /// Reads `auth.tokens_file`, where one is named, into [`Auth::listed`].
    pub fn read_tokens_file(&mut self) -> Result<(), ConfigError> {
        let Some(path) = &self.tokens_file else { return Ok(()) };
        let wrong = |detail: String| ConfigError::one("auth.tokens_file", format!("is {}: {detail}", path.display()));
        let text = read(path).map_err(wrong)?;
        self.listed = self.list(&text).map_err(|error| wrong(told(&error)))?;
        Ok(())
    }

    /// The tokens that a file's text lists, if each of them, beside those of the configuration, is right and there is one
    /// at least.
    pub fn list(&self, text: &str) -> Result<Vec<Token>, ConfigError> {
        let listed = parse(text)?;
        let mut problems = check::listed(&self.tokens, &listed);
        if listed.is_empty() {
            problems.push(ConfigProblem { key: String::new(), detail: "it lists no token".into(), source: None });
        }
        if problems.is_empty() { Ok(listed) } else { Err(ConfigError { problems }) }
    }
}

/// Everything that is wrong, in a line.
pub fn told(error: &ConfigError) -> String {
    let problem = |problem: &ConfigProblem| match problem.key.as_str() {
        "" => problem.detail.clone(),
        key => format!("{key} {}", problem.detail),
    };
    error.problems.iter().map(problem).collect::<Vec<_>>().join("; ")
}

/// The text of a tokens file, whole; or why there is none.
pub fn read(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let most = limits::TOKENS_FILE_BYTES;
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(format!("it cannot be read: {error}")),
        Ok(_) if text.len() as u64 > most => Err(format!("it has more than {most} bytes")),
        Ok(_) => Ok(text),
    }
}

fn parse(text: &str) -> Result<Vec<Token>, ConfigError> {
    let failed =
        |errors: figment::Error| ConfigError { problems: errors.into_iter().map(|e| unreadable(&e, true)).collect() };
    let figment = Figment::from(Toml::string(text));
    let entries: BTreeMap<String, Value> = figment.extract().map_err(failed)?;
    let mut tokens = Vec::new();
    for key in entries.keys() {
        if key == LIST {
            tokens.extend(figment.extract_inner::<Vec<Token>>(key).map_err(failed)?);
        } else if check::is_sha256(key) {
            let Line { subject, roles, not_before, not_after } = figment.extract_inner(key).map_err(failed)?;
            tokens.push(Token { subject, sha256: key.clone(), roles, not_before, not_after });
        } else {
            // The key is left out: somebody may have put the token itself here.
            let detail = "it holds a key that is neither the SHA-256 of a token, 64 hex digits, nor `tokens`";
            return Err(ConfigError::one("", detail));
        }
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<Token>, String> {
        Auth::default().list(text).map_err(|error| told(&error))
    }

    #[test]
    fn a_file_lists_a_token_a_line_or_as_the_configuration_does() {
        let (one, two) = ("ab".repeat(32), "cd".repeat(32));
        let lines = format!(
            "# those of the shop\n{one} = {{ subject = \"shop\", roles = [\"client\"] }}\n\
             {two} = {{ subject = \"shop\", roles = [\"client\"], not_before = \"2026-01-01T00:00:00Z\", \
             not_after = 2026-12-31T00:00:00+01:00 }}\n"
        );
        let read = list(&lines).unwrap();
        assert_eq!((read.len(), &*read[0].subject, &read[0].sha256), (2, "shop", &one), "several of one subject");
        assert_eq!(read[1].not_before.unwrap().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(read[1].not_after.unwrap().to_string(), "2026-12-30T23:00:00Z", "TOML's own times are taken too");
        let tables = format!("[[tokens]]\nsubject = \"shop\"\nsha256 = \"{one}\"\nroles = [\"client\", \"metrics\"]\n");
        assert_eq!(list(&tables).unwrap()[0].roles, [Role::Client, Role::Metrics]);
        assert_eq!(
            list(&format!("tokens = [{{ subject = \"a\", sha256 = \"{two}\", roles = [\"operator\"] }}]"))
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn a_wrong_file_is_told_and_its_secrets_are_not() {
        let hash = "ab".repeat(32);
        let line = |more: &str| format!("{hash} = {{ subject = \"shop\", roles = [\"client\"]{more} }}");
        for (text, wanted) in [
            (String::new(), "lists no token"),
            ("tokens = []".into(), "lists no token"),
            ("hunter2 = { subject = \"shop\", roles = [\"client\"] }".into(), "64 hex digits"),
            (format!("{}\n{}", line(""), line("")), "TOML"),
            (
                format!("{}\n{} = {{ subject = \"b\", roles = [\"client\"] }}", line(""), hash.to_uppercase()),
                "earlier token",
            ),
            (line(", not_after = \"tomorrow\""), "a time with its offset"),
            (line(", not_after = \"2026-01-01\""), "a time with its offset"),
            (
                line(", not_before = \"2026-01-02T00:00:00Z\", not_after = \"2026-01-01T00:00:00Z\""),
                "not_after is 2026-01-01T00:00:00Z; it must be later than not_before",
            ),
            (line(", token = \"hunter2\""), "is unknown"),
            (format!("{hash} = {{ subject = \"shop\" }}"), "roles is missing"),
            (format!("{hash} = {{ subject = \"shop\", roles = [] }}"), "at least one of client"),
            (format!("{hash} = {{ subject = \"anonymous\", roles = [\"client\"] }}"), "callers without a token"),
            (format!("{hash} = \"hunter2\""), "is not what it must be"),
            (format!("{hash} = {{ subject = \"hunter2"), "TOML"),
            ("[[tokens]]\nsubject = \"a\"\nsha256 = 8812345678\nroles = [\"client\"]".into(), "is not what it must be"),
            ("[[tokens]]\nsubject = \"a\"\nsha256 = \"hunter2\"\nroles = [\"client\"]".into(), "is no SHA-256"),
        ] {
            let error = list(&text).expect_err(&text);
            assert!(error.contains(wanted), "{text}\n  gave {error}\n  without {wanted}");
            assert!(!error.contains("hunter2") && !error.contains("8812345678"), "a secret was repeated: {error}");
        }
        let taken = Auth { tokens: list(&line("")).unwrap(), ..Auth::default() };
        assert!(taken.list(&line("")).is_err(), "a token of the configuration has its subject already");
        let missing = read(Path::new("/nowhere/tokens.toml")).unwrap_err();
        assert!(missing.contains("cannot be read"), "{missing}");
    }
}
