//! Money: integer minor units, never floating point, summed with overflow checks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest amount, in minor units: 2^53 - 1, the largest integer that every JSON reader keeps exactly (RFC 7493).
pub const MAX_AMOUNT: i64 = (1 << 53) - 1;

/// An amount in the minor units of its order's currency (cents, pence, yen): 1..=[`MAX_AMOUNT`] for a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(pub i64);

impl Amount {
    /// Whether the amount is 0.
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// The sum of `parts`, whatever their order and signs; `None` where it is below 0 or exceeds [`MAX_AMOUNT`].
    /// `None` too where a sum on the way leaves 128 bits, which no order's lines can: of parts on the way to it is
    /// told as too much too soon: no order has so many lines.
    pub fn sum(parts: impl IntoIterator<Item = i128>) -> Option<Self> {
        let total = parts.into_iter().try_fold(0i128, i128::checked_add)?;
        let total = i64::try_from(total).ok()?;
        (0..=MAX_AMOUNT).contains(&total).then_some(Self(total))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An ISO 4217 currency code, upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Checks a code against the list of ISO 4217; `None` where it is not on it.
    pub fn parse(text: &str) -> Option<Self> {
        iso_currency::Currency::from_code(text)?;
        Self::trusted(text)
    }

    /// Takes a code that this system stored, and so checked, before; `None` where it is not three bytes long.
    pub fn trusted(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().map(Self)
    }

    /// The three capital letters of the code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_checked() {
        assert_eq!(MAX_AMOUNT, 9_007_199_254_740_991, "the largest integer that is exact in every JSON");
        let most = i128::from(MAX_AMOUNT);
        assert_eq!(Amount::sum([2 * 1999, 1]), Some(Amount(3999)));
        assert_eq!(Amount::sum([i128::from(i64::MAX) * 2]), None);
        assert_eq!(Amount::sum([i128::MAX, 1]), None);
        assert_eq!(Amount::sum([most, 1]), None);
        assert_eq!(Amount::sum([most, 1, -1]), Some(Amount(MAX_AMOUNT)));
        assert_eq!(Amount::sum([-1, most, 1]), Some(Amount(MAX_AMOUNT)));
        assert_eq!(Amount::sum([5, -5]), Some(Amount(0)));
        assert_eq!(Amount::sum([5, -6]), None);
    }

    #[test]
    fn currencies_are_those_of_iso_4217() {
        assert_eq!(Currency::parse("USD").map(|c| c.as_str().to_owned()), Some("USD".into()));
        for bad in ["usd", "US", "USDD", "ZZZ", ""] {
            assert_eq!(Currency::parse(bad), None, "{bad}");
        }
    }
}
