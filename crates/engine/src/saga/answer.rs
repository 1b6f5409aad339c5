//! The one final answer of an order: bytes, decided in the transaction that ends the order (or authorises it), and
//! never changed. It is stored as bytes, not as what it means, since a repeat must get the same bytes even from a
//! later version of this program.

/// A final answer. Success is `application/json`; a failure is `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status (RFC 9110).
    pub status: u16,
    /// The body, as sent and stored: a JSON object.
    pub body: String,
}

/// The prefix of problem types.
pub const PROBLEM_TYPE: &str = "urn:counterfoil:problem:";
