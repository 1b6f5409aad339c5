//! The names that orders, goods and callers go by, checked once at the edge and trusted from there on.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Why a name is refused; the text says what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IdError(pub String);

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Takes a name that this system stored, and so checked, before.
            pub fn trusted(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self(String::deserialize(deserializer)?.into()))
            }
        }
    };
}

name! {
    /// The permanent business key of an order: `[A-Za-z0-9._:-]{1,64}`.
    OrderId
}
name! {
    /// A stock keeping unit: 1..=64 printable characters, case-sensitive.
    Sku
}
name! {
    /// Who submits: the subject of a token, or `anonymous` where there is no auth. It owns its orders and its keys.
    Client
}
name! {
    /// An `Idempotency-Key`: 1..=255 visible ASCII characters, without the quotes of its structured-field spelling.
    IdempotencyKey
}

/// What begins the ids that are derived from a key; a client may not send one.
pub const DERIVED_PREFIX: &str = "ik_";

impl OrderId {
    /// Checks an order id that a client sent.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
        if text.is_empty() || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(IdError("must match [A-Za-z0-9._:-]{1,64}".into()));
        }
        if text.starts_with(DERIVED_PREFIX) {
            return Err(IdError(format!(
                "must not begin with {DERIVED_PREFIX}, which marks ids derived from an Idempotency-Key"
            )));
        }
        Ok(Self(text.into()))
    }

    /// The order id of a request that has only a key: `ik_` and the base32 (RFC 4648, lower case, no padding) of
    /// SHA-256 over client and key, each behind its length as 8 bytes, so that retries of the key meet in one order
    /// and no two pairs of client and key share one.
    pub fn derived(client: &Client, key: &IdempotencyKey) -> Self {
        let mut hash = Sha256::new();
        for part in [client.as_str(), key.as_str()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut text = String::with_capacity(56);
        text.push_str(DERIVED_PREFIX);
        text.push_str(&data_encoding::BASE32_NOPAD.encode(&hash.finalize()).to_ascii_lowercase());
        Self(text.into())
    }

    /// Whether the id was derived from a key.
    pub fn is_derived(&self) -> bool {
        self.0.starts_with(DERIVED_PREFIX)
    }
}

/// Whether a character may deceive whoever reads a name: it is not seen, turns the direction of what is around it,
/// joins or splits words, or is no sign at all (Unicode's format characters but for those that stand for a sign, and
/// the separators of lines and paragraphs).
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// What speaks against a new name that could be read: `.` and `..` are steps of a path, and a name with an invisible
/// character looks like another one. What bears such a name already keeps it.
fn objection(name: &str) -> Option<String> {
    if matches!(name, "." | "..") {
        return Some(format!("must not be {name:?}, which stands for a step in a path"));
    }
    let found = name.chars().find(|&c| is_invisible(c))?;
    Some(format!("must hold no invisible or bidirectional-format characters, holds U+{:04X}", u32::from(found)))
}

impl OrderId {
    /// What speaks against it for an order that is new.
    pub fn objection(&self) -> Option<String> {
        objection(&self.0)
    }
}

impl Sku {
    /// What speaks against it for a SKU that is new. A blank one could be ordered by nobody.
    pub fn objection(&self) -> Option<String> {
        if self.0.trim().is_empty() {
            return Some("must not be blank".to_owned());
        }
        objection(&self.0)
    }

    /// Checks a SKU that a client sent.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let length = text.chars().count();
        if !(1..=64).contains(&length) || text.chars().any(char::is_control) {
            return Err(IdError("must be 1 to 64 printable characters".into()));
        }
        Ok(Self(text.into()))
    }
}

impl Client {
    /// The one client of a server without tokens. A constant: never an address or a header, which a caller could
    /// change between two retries.
    pub fn anonymous() -> Self {
        Self("anonymous".into())
    }

    /// Whether it is that one.
    pub fn is_anonymous(&self) -> bool {
        self.as_str() == "anonymous"
    }
}

impl IdempotencyKey {
    /// Checks a key, without the quotes of its structured-field spelling.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if text.is_empty() || text.len() > 255 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(IdError("must be 1 to 255 visible ASCII characters".into()));
        }
        Ok(Self(text.into()))
    }
}

/// The identity of one deployment, made at its first migration and kept in its database: the name space of its step
/// keys, so that two deployments that share a provider never share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeploymentId(pub Uuid);

impl DeploymentId {
    /// The idempotency key of a participant's call: UUIDv5 (RFC 9562) of `order_id/action/operation`. It is derived,
    /// never drawn: no crash, takeover or restore can make another one for the same step.
    pub fn step_key(&self, order: &OrderId, action: &str, operation: &str) -> Uuid {
        Uuid::new_v5(&self.0, format!("{order}/{action}/{operation}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_is_the_same_for_the_same_client_and_key_only() {
        let id = |client: &str, key: &str| OrderId::derived(&Client::trusted(client), &IdempotencyKey::trusted(key));
        assert_eq!(id("a", "k"), id("a", "k"));
        assert_ne!(id("a", "k"), id("b", "k"));
        // The length prefix keeps the border between the two parts.
        assert_ne!(id("ab", "c"), id("a", "bc"));
        let derived = id("a", "k");
        assert!(derived.is_derived() && derived.as_str().len() <= 64);
        assert!(OrderId::parse(derived.as_str()).is_err(), "a client may not send one");
    }

    #[test]
    fn names_are_bounded() {
        assert!(OrderId::parse("ORD-1.a_b:c").is_ok_and(|id| !id.is_derived()));
        assert!(OrderId::parse(&"x".repeat(64)).is_ok() && Sku::parse(&"x".repeat(64)).is_ok());
        assert!(IdempotencyKey::parse(&"k".repeat(255)).is_ok());
        for bad in ["", "a b", "\u{e4}"] {
            assert!(IdempotencyKey::parse(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "a b", "ä", &"x".repeat(65), "ik_x", "a/b"] {
            assert!(OrderId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Sku::parse("Grün 1").is_ok());
        for bad in ["", "a\u{0}b", "a\nb", &"x".repeat(65)] {
            assert!(Sku::parse(bad).is_err(), "{bad:?}");
        }
        assert!(IdempotencyKey::parse("8e03978e-40d5").is_ok());
        assert!(IdempotencyKey::parse(&"k".repeat(256)).is_err());
    }

    #[test]
    fn a_name_that_deceives_can_be_read_and_is_not_given() {
        assert!(Sku::parse(" \u{a0}").unwrap().objection().is_some());
        for bad in [".", "..", "a\u{202e}b", "a\u{2066}", "\u{200b}a", "a\u{feff}", "a\u{ad}b", "\u{2028}", "\u{e0041}"]
        {
            let sku = Sku::parse(bad).expect("it can be read");
            assert!(sku.objection().is_some_and(|detail| detail.starts_with("must ")), "{bad:?}");
        }
        for good in ["...", ".a", "a b", "Gr\u{fc}n", "\u{5e9}\u{5dc}", "\u{633}\u{644}", "\u{4e2d}", "\u{1f600}"] {
            assert_eq!(Sku::parse(good).unwrap().objection(), None, "{good:?}");
        }
        assert!(OrderId::parse("..").unwrap().objection().is_some());
        assert_eq!(OrderId::parse("a..b").unwrap().objection(), None);
    }

    #[test]
    fn one_client_is_anonymous() {
        assert!(Client::anonymous().is_anonymous() && !Client::trusted("shop").is_anonymous());
    }

    #[test]
    fn a_step_key_is_stable() {
        let deployment = DeploymentId(Uuid::from_u128(7));
        let order = OrderId::trusted("ORD-1");
        assert_eq!(deployment.step_key(&order, "charge", ""), deployment.step_key(&order, "charge", ""));
        assert_ne!(deployment.step_key(&order, "charge", ""), deployment.step_key(&order, "void", ""));
        // Written down, since a change of this value after a release would charge customers twice.
        assert_eq!(
            deployment.step_key(&order, "charge", "").to_string(),
            Uuid::new_v5(&Uuid::from_u128(7), b"ORD-1/charge/").to_string()
        );
    }
}
