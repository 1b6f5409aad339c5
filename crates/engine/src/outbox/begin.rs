//! Where whoever publishes or reads along begins, in words.

use std::str::FromStr;

use crate::ports::feed::Position;
use crate::saga::Timestamp;

/// Where to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// With the first event that is there.
    Beginning,
    /// With what is committed from now on, and what is open.
    Now,
    /// With what was decided then or later.
    Time(Timestamp),
    /// Behind what this position has read.
    Position(Position),
}

impl FromStr for Begin {
    type Err = String;

    /// What is wrong with it, to be said behind its name and value.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "beginning" => Ok(Self::Beginning),
            "now" => Ok(Self::Now),
            _ if text.starts_with('{') => {
                let position = serde_json::from_str(text).map(Self::Position);
                position.map_err(|error| format!("is no position, as `events tail` tells it at its end: {error}"))
            }
            _ => match text.parse::<jiff::Timestamp>() {
                Ok(time) => Ok(Self::Time(Timestamp(time.as_microsecond()))),
                Err(_) => Err("must be beginning, now, an RFC 3339 time (2026-11-27T00:00:00Z), or a position".into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_begin_is_read() {
        let read = str::parse::<Begin>;
        assert_eq!(read("beginning"), Ok(Begin::Beginning));
        assert_eq!(read("now"), Ok(Begin::Now));
        assert_eq!(read("1970-01-01T00:00:01Z"), Ok(Begin::Time(Timestamp(1_000_000))));
        assert_eq!(read(r#"{"epoch":1,"upto":0}"#), Ok(Begin::Position(Position::beginning(1))));
        for wrong in ["", "yesterday", "{}", r#"{"epoch":1}"#, "2026-11-27"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
