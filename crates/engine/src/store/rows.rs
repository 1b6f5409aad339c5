//! Between rows and values: what several tables have. How a row of one is read stands with how it is written, in `commit/`.

use std::time::SystemTime;

use tokio_postgres::Row;

pub(super) use super::commit::orders::{ORDER_COLUMNS, ORDER_TABLES, order};
use crate::saga::{Answer, Fingerprint, Timestamp};

/// A final answer as it is stored: both columns or none; an error where there is one of them.
pub(super) fn answer(status: Option<i16>, body: Option<&str>) -> Result<Option<Answer>, ()> {
    match (status, body) {
        (Some(status), Some(body)) => {
            let status = u16::try_from(status).map_err(|_| ())?;
            Ok(Some(Answer { status, body: body.to_owned() }))
        }
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(()),
    }
}

/// What a column of JSON holds.
pub(super) fn json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, ()> {
    row.get::<_, Option<&str>>(column).map(|text| serde_json::from_str(text).map_err(|_| ())).transpose()
}

/// A stored fingerprint.
pub(super) fn fingerprint(bytes: &[u8]) -> Option<Fingerprint> {
    bytes.try_into().ok().map(Fingerprint)
}

/// A `timestamptz`, exact to the microsecond.
pub(super) fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
