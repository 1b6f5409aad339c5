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
    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// The sum of `quantity * unit_price` over the lines; `None` where it exceeds [`MAX_AMOUNT`].
    pub fn sum(lines: impl IntoIterator<Item = (i64, i64)>) -> Option<Self> {
        let mut total = 0i64;
        for (quantity, unit_price) in lines {
            total = total.checked_add(quantity.checked_mul(unit_price)?)?;
        }
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

    /// The code.
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
        assert_eq!(Amount::sum([(2, 1999), (1, 1)]), Some(Amount(3999)));
        assert_eq!(Amount::sum([(i64::MAX, 2)]), None);
        assert_eq!(Amount::sum([(1, MAX_AMOUNT), (1, 1)]), None);
        assert_eq!(Amount::sum([(1, MAX_AMOUNT)]), Some(Amount(MAX_AMOUNT)));
    }

    #[test]
    fn currencies_are_those_of_iso_4217() {
        assert_eq!(Currency::parse("USD").map(|c| c.as_str().to_owned()), Some("USD".into()));
        for bad in ["usd", "US", "USDD", "ZZZ", ""] {
            assert_eq!(Currency::parse(bad), None, "{bad}");
        }
    }
}
