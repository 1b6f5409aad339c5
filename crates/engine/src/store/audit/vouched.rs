//! What is so because an operator said so. A call that was answered in a participant's place, and an order that was
//! declared undone, break no promise of the rows; but nothing but a human's word stands behind them, and an audit that
//! is silent about that would say more than it knows.

use serde::Serialize;

use crate::limits::AUDIT_OFFENDERS;

/// Orders that are exempt by an operator's word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Vouched {
    /// How many orders there are of which something was vouched for.
    pub orders: i64,
    /// What was said of the first [`AUDIT_OFFENDERS`] of them, in bytewise order.
    pub words: Vec<VouchedWord>,
}

/// An operator's word for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VouchedWord {
    /// The order that the word was said of.
    pub order_id: String,
    /// `skip` or `force-cancel`.
    pub verb: &'static str,
    /// Which call was answered in its participant's place, of a `skip`.
    pub call: Option<String>,
    /// Who said it; absent where the operators' log does not tell, which breaks a promise.
    pub by: Option<String>,
    /// Why, in their words; absent where the operators' log does not tell.
    pub reason: Option<String>,
    /// When: RFC 3339, by the operators' log.
    pub at: Option<String>,
    /// What the ledger says against it, in words; empty where it agrees, or where none was read.
    pub ledger: Vec<String>,
}

impl Vouched {
    /// Adds what was said of one more order, if anything was. Orders come in bytewise order.
    pub(super) fn add(&mut self, words: impl Iterator<Item = VouchedWord>) {
        let mut words = words.peekable();
        if words.peek().is_some() {
            self.orders += 1;
            if self.orders <= AUDIT_OFFENDERS {
                self.words.extend(words);
            }
        }
    }

    /// Adds what a ledger says against an order, to the last word that was said of it.
    pub(super) fn contradict(&mut self, order_id: &str, told: Vec<String>) {
        if let Some(word) = self.words.iter_mut().rfind(|word| word.order_id == order_id) {
            word.ledger = told;
        }
    }
}
