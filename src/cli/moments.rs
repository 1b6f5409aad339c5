//! Moments as people write them: `2026-12-31T00:00:00Z`, `2026-12-31`, or so long from now, `90d`, `12h`, `30m`, `45s`.

use std::time::Duration;

/// A moment of the calendar; of a day, its first, in UTC.
pub(super) fn calendar(text: &str) -> Option<jiff::Timestamp> {
    text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
}

/// A length of time.
pub(super) fn length(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        _ => return None,
    };
    let number = number.parse::<u64>().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

/// A moment that has been, as a query of the engine names it.
pub(super) fn past(text: &str) -> Result<String, &'static str> {
    let ago = || jiff::Timestamp::now().checked_sub(length(text)?).ok();
    let at = calendar(text).or_else(ago).filter(|at| at.as_second() >= 0);
    at.map(|at| at.to_string())
        .ok_or("must be a time, as 2026-12-31T00:00:00Z or 2026-12-31, or so long ago, as 90d, 12h, 30m or 45s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        assert_eq!(calendar("2026-12-31").unwrap().to_string(), "2026-12-31T00:00:00Z");
        assert_eq!(calendar("2026-12-31T01:00:00+01:00").unwrap().to_string(), "2026-12-31T00:00:00Z");
        for (text, seconds) in [("90d", 7_776_000), ("12h", 43_200), ("30m", 1_800), ("45s", 45)] {
            assert_eq!(length(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["", "d", "-1d", "+1d", "1w", "1.5h", "18446744073709551615d", "ä"] {
            assert_eq!((length(bad), calendar(bad)), (None, None), "{bad}");
        }
        let hour = past("1h").unwrap().parse::<jiff::Timestamp>().unwrap();
        let ago = jiff::Timestamp::now().duration_since(hour).as_secs();
        assert!((3_600..3_660).contains(&ago), "{ago}");
        assert!(past("1969-12-31").is_err() && past("yesterday").is_err());
    }
}
