//! Amounts as files write them, in the minor units of their currency: pure, digit by digit, no float.
//!
//! How many decimals an amount may have is its currency's (ISO 4217): none of yen, three of dinars, two of most. One
//! with more is told, never rounded.

use iso_currency::Currency;

/// What stands between whole units and their parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Decimal {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
}

/// How the amounts of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notation {
    /// The mark before the decimals.
    pub decimal: Decimal,
    /// Whether the other mark may stand between thousands. Only where the decimal mark is certain: `1,234` is either.
    /// Spaces and apostrophes always may (`1 234,50`, `1'234.50`).
    pub has_groups: bool,
}

impl Default for Notation {
    fn default() -> Self {
        Self { decimal: Decimal::Point, has_groups: false }
    }
}

/// Why an amount cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no decimal number, or leaves 64 bits.
    Unreadable,
    /// It has more decimals than its currency.
    TooFine,
}

/// How many decimals a currency's amounts have, if it is one that is paid with: gold and bonds have none.
#[must_use]
pub fn exponent(currency: Currency) -> Option<usize> {
    currency.exponent().map(usize::from)
}

/// Parses an amount (`2.55`, `-15.0`, `7`) into minor units.
///
/// # Errors
///
/// [`Fault`] if it is none, or a finer one than the currency has.
pub fn minor(text: &str, notation: Notation, exponent: usize) -> Result<i64, Fault> {
    let (mark, group) = match notation.decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = match digits.split_once(mark) {
        // A mark has digits behind it.
        Some((_, "")) => return Err(Fault::Unreadable),
        Some(parts) => parts,
        None => (digits, ""),
    };
    let whole = match whole.chars().find(|c| !c.is_ascii_digit()) {
        Some(mark) if SPACES.contains(&mark) || (notation.has_groups && mark == group) => {
            without_groups(whole, mark).ok_or(Fault::Unreadable)?
        }
        Some(_) => return Err(Fault::Unreadable),
        None => whole.to_owned(),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Unreadable);
    }
    if fraction.bytes().skip(exponent).any(|digit| digit != b'0') {
        return Err(Fault::TooFine);
    }
    let fraction = fraction.bytes().chain(std::iter::repeat(b'0')).take(exponent);
    let amount = whole
        .bytes()
        .chain(fraction)
        .try_fold(0i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')))
        .ok_or(Fault::Unreadable)?;
    Ok(if is_negative { -amount } else { amount })
}

/// What stands between thousands and is no decimal mark anywhere: a space, also one that does not break, thin or not, and
/// apostrophes.
const SPACES: [char; 6] = [' ', '\u{a0}', '\u{2009}', '\u{202f}', '\'', '\u{2019}'];

/// The digits of `1.234.567`; nothing where a group has not three.
fn without_groups(whole: &str, group: char) -> Option<String> {
    let mut groups = whole.split(group);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !(1..=3).contains(&first.len()) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

/// Which mark an amount shows beyond doubt, if it does: `1,234` and `1.234` may both be a thousand.
#[must_use]
pub fn shown(text: &str) -> Option<Decimal> {
    let (at, mark) = text.char_indices().rfind(|(_, c)| matches!(c, '.' | ','))?;
    let (before, behind) = (&text[..at], &text[at + 1..]);
    let other = if mark == '.' { ',' } else { '.' };
    let is_number =
        |part: &str| part.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-') || SPACES.contains(&c));
    if behind.is_empty() || !is_number(before) || !is_number(behind) || before.contains(mark) {
        return None;
    }
    if behind.len() == 3 && !before.contains(other) && !before.contains(SPACES) && before.trim_start_matches('-') != "0"
    {
        return None;
    }
    Some(if mark == '.' { Decimal::Point } else { Decimal::Comma })
}

/// Whether it may be a thousand, or one and a bit: up to three digits, a mark, and three digits.
#[must_use]
pub fn may_be_thousands(text: &str) -> bool {
    let Some((before, behind)) = text.strip_prefix('-').unwrap_or(text).split_once(['.', ',']) else { return false };
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&before.len())
        && !before.starts_with('0')
        && are_digits(before)
        && behind.len() == 3
        && are_digits(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: Notation = Notation { decimal: Decimal::Point, has_groups: false };
    const COMMA: Notation = Notation { decimal: Decimal::Comma, has_groups: true };

    #[test]
    fn an_amount_is_parsed_digit_by_digit() {
        for (text, expected) in [
            ("2.55", 255),
            ("15.0", 1500),
            ("16888.02", 1_688_802),
            ("0.29", 29),
            ("0.1", 10),
            ("7", 700),
            ("2.5500", 255),
            ("0.0", 0),
            ("-11062.06", -1_106_206),
            ("92233720368547758.07", i64::MAX),
        ] {
            assert_eq!(minor(text, POINT, 2), Ok(expected), "{text}");
        }
        for text in
            ["92233720368547758.08", "", "-", ".", ".5", "5.", "1e3", "1,5", "1,234", "1.2.3", "+1", "--1", "\u{660}"]
        {
            assert_eq!(minor(text, POINT, 2), Err(Fault::Unreadable), "{text}");
        }
        for text in ["0.001", "2.555"] {
            assert_eq!(minor(text, POINT, 2), Err(Fault::TooFine), "{text}");
        }
    }

    #[test]
    fn a_currency_has_its_own_decimals() {
        let of = |currency, text| minor(text, POINT, exponent(currency).expect("it is paid with"));
        assert_eq!(of(Currency::JPY, "1500"), Ok(1500));
        assert_eq!(of(Currency::JPY, "1500.00"), Ok(1500));
        assert_eq!(of(Currency::JPY, "1500.50"), Err(Fault::TooFine));
        assert_eq!(of(Currency::KWD, "1.5"), Ok(1500));
        assert_eq!(of(Currency::KWD, "1.555"), Ok(1555));
        assert_eq!(of(Currency::KWD, "1.5555"), Err(Fault::TooFine));
        assert_eq!(exponent(Currency::XAU), None);
    }

    #[test]
    fn a_decimal_comma_and_its_groups() {
        for (text, expected) in [("2,55", 255), ("1.234,56", 123_456), ("1.234.567", 123_456_700), ("1234,5", 123_450)]
        {
            assert_eq!(minor(text, COMMA, 2), Ok(expected), "{text}");
        }
        for text in ["1.23,56", "1234.567,00", ".234,00", "1,2,3", "12.34"] {
            assert_eq!(minor(text, COMMA, 2), Err(Fault::Unreadable), "{text}");
        }
    }

    #[test]
    fn what_may_be_both_marks_shows_neither() {
        for (text, mark) in [
            ("2.55", Some(Decimal::Point)),
            ("2,5", Some(Decimal::Comma)),
            ("-2,50", Some(Decimal::Comma)),
            ("1.234,567", Some(Decimal::Comma)),
            ("0,125", Some(Decimal::Comma)),
            ("1,234", None),
            ("1.234", None),
            ("1.234.567", None),
            ("7", None),
            ("much, or little", None),
        ] {
            assert_eq!(shown(text), mark, "{text}");
        }
    }
}
