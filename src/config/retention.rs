//! `[retention]`: how long histories are kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// `[retention]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Histories of orders that ended so long ago go; without it none do.
    pub older_than: Option<String>,
    /// How often this engine sees to it, where no other one does.
    pub every: String,
}

impl Default for Retention {
    fn default() -> Self {
        Self { older_than: None, every: "1h".into() }
    }
}

/// What a span of time must be.
pub const SPAN: &str = "a number and one of s, m, h, d and w, as in 90d";

/// The span that a text tells: a number and its unit.
pub fn span(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 24 * 3_600,
        'w' => 7 * 24 * 3_600,
        _ => return None,
    };
    let number = text.strip_suffix(unit)?;
    let number = number.parse::<u64>().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    // What no database can count back is nobody's wish.
    number.checked_mul(seconds).filter(|seconds| *seconds <= MOST).map(Duration::from_secs)
}

/// A hundred years.
const MOST: u64 = 100 * 366 * 24 * 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_its_unit() {
        let seconds = |text| span(text).map(|span| span.as_secs());
        assert_eq!(seconds("90d"), Some(90 * 86_400));
        assert_eq!(
            (seconds("1s"), seconds("2m"), seconds("3h"), seconds("4w")),
            (Some(1), Some(120), Some(10_800), Some(2_419_200))
        );
        for wrong in ["", "90", "d", "-1d", "+1d", "1.5h", "1 d", "90D", "99999999999999999999d", "40000d"] {
            assert_eq!(span(wrong), None, "{wrong:?}");
        }
    }
}
