//! Moments as people write them: `2026-12-31T00:00:00Z`, `2026-12-31`, or so long from now ([`span`]), `90d`, `12h`.

use crate::config::retention::span;

/// A moment of the calendar; of a day, its first, in UTC.
pub(super) fn calendar(text: &str) -> Option<jiff::Timestamp> {
    text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
}

/// A moment that has been, as a query of the engine names it.
pub(super) fn past(text: &str) -> Result<String, &'static str> {
    let ago = || jiff::Timestamp::now().checked_sub(span(text)?).ok();
    let at = calendar(text).or_else(ago).filter(|at| at.as_second() >= 0);
    at.map(|at| at.to_string())
        .ok_or("must be a time, as 2026-12-31T00:00:00Z or 2026-12-31, or so long ago, as 2w, 90d, 12h, 30m or 45s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        assert_eq!(calendar("2026-12-31").unwrap().to_string(), "2026-12-31T00:00:00Z");
        assert_eq!(calendar("2026-12-31T01:00:00+01:00").unwrap().to_string(), "2026-12-31T00:00:00Z");
        for bad in ["", "d", "-1d", "+1d", "1.5h", "18446744073709551615d", "ä"] {
            assert_eq!(calendar(bad), None, "{bad}");
            assert!(past(bad).is_err(), "{bad}");
        }
        let hour = past("1h").unwrap().parse::<jiff::Timestamp>().unwrap();
        let ago = jiff::Timestamp::now().duration_since(hour).as_secs();
        assert!((3_600..3_660).contains(&ago), "{ago}");
        assert!(past("1969-12-31").is_err() && past("yesterday").is_err());
    }
}
