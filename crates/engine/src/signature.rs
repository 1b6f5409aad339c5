//! Signatures of webhooks, as Standard Webhooks (<https://www.standardwebhooks.com>) define them: HMAC-SHA256 over
//! `{webhook-id}.{webhook-timestamp}.{body}`, base64, behind `v1,`. The sender and the receiver share a secret.

use std::fmt;

use data_encoding::{BASE64, BASE64_NOPAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// The header with the event's id: the same in every repeat of it.
pub const WEBHOOK_ID: &str = "webhook-id";
/// The header with the time of the attempt, in seconds since 1970.
pub const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
/// The header with one signature or several, separated by spaces.
pub const WEBHOOK_SIGNATURE: &str = "webhook-signature";

const VERSION: &str = "v1,";
/// The bounds that the specification sets on a secret, in bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A shared secret. Its value is never shown.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Why a secret is refused. It does not repeat the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ and the base64 of 24 to 64 bytes")]
pub struct SecretError;

impl Secret {
    /// Reads a secret, `whsec_` and base64, with or without padding.
    ///
    /// # Errors
    ///
    /// [`SecretError`] where it is anything else.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.strip_prefix(SECRET_PREFIX).ok_or(SecretError)?.trim_end_matches('=');
        let key = BASE64_NOPAD.decode(encoded.as_bytes()).map_err(|_| SecretError)?;
        if !SECRET_BYTES.contains(&key.len()) {
            return Err(SecretError);
        }
        Hmac::new_from_slice(&key).map(Self).map_err(|_| SecretError)
    }

    /// The value of `webhook-signature` for a message; `timestamp` in seconds since 1970, as it stands in its header.
    pub fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        format!("{VERSION}{}", BASE64.encode(&mac.finalize().into_bytes()))
    }

    /// Whether one of the signatures in a header's value is ours, in time that does not depend on where they differ.
    /// How old a timestamp may be is for the caller to say.
    pub fn verify(&self, id: &str, timestamp: &str, body: &[u8], signatures: &str) -> bool {
        let ours = self.sign(id, timestamp, body);
        signatures.split(' ').any(|theirs| bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())))
    }
}

/// A secret that nobody had before: 256 bits, of which the system's generator drew 244.
pub fn fresh() -> String {
    let bytes = [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()].concat();
    format!("{SECRET_PREFIX}{}", BASE64.encode(&bytes))
}

/// Whether a header's value holds a signature of the right form, whoever's: what can be told without a secret.
pub fn could_be(signatures: &str) -> bool {
    signatures
        .split(' ')
        .filter_map(|one| one.strip_prefix(VERSION))
        .any(|encoded| BASE64.decode(encoded.as_bytes()).is_ok_and(|bytes| bytes.len() == 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The example of the specification's own libraries.
    #[test]
    fn the_published_example_is_met() {
        let secret = Secret::parse(SECRET).expect("a secret");
        let (id, stamp, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        let signature = secret.sign(id, stamp, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(secret.verify(id, stamp, body, &format!("v1,AAAA {signature} v2,BBBB")));
        assert!(!secret.verify(id, "1614265331", body, &signature));
        assert!(!secret.verify(id, stamp, b"{}", &signature));
        assert!(!secret.verify(id, stamp, body, ""));
        assert!(could_be(&signature) && could_be(&format!("v1,AAAA {signature}")));
        for wrong in ["", "v1,", "v1,AAAA", "v1", &signature[3..], &signature.replace("v1,", "v2,"), "v1,!"] {
            assert!(!could_be(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_secret_has_its_form_and_is_never_shown() {
        for wrong in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_!", "whsec_=="] {
            assert_eq!(Secret::parse(wrong).err(), Some(SecretError), "{wrong}");
        }
        assert_eq!(format!("{:?}", Secret::parse(SECRET)), "Ok(Secret(..))");
        assert!(Secret::parse(&fresh()).is_ok() && fresh() != fresh());
    }
}
