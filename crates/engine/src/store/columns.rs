//! Writes as the arrays of set-based statements: one array a column, parallel, in lock order.
//!
//! What a column is called, what type it has and what each row puts there is said at one place ([`arrays!`]): the part of the
//! statement that takes the arrays apart is made of it, and so are the parameters. Which place a parameter has is nobody's to
//! count.

use std::time::{Duration, SystemTime};

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::ports::Write;
use crate::saga::{LocalTransaction, Timestamp};

/// The parameters of one statement. They borrow the texts of the writes: to copy them cost more than to encode them.
pub(super) type Parameters<'a> = Vec<Box<dyn ToSql + Sync + Send + 'a>>;

/// A write and what it becomes.
pub(super) type Pair<'a> = (&'a Write, &'a LocalTransaction);

/// The last second of the year 9999, in microseconds: later than anything that is stored.
const FAR: Timestamp = Timestamp(253_402_300_799_000_000);

/// What is before an entry, of what is kept by time and name; without one, whatever there is.
pub(super) fn before(entry: Option<(Timestamp, Uuid)>) -> (SystemTime, Uuid) {
    let (at, entry_id) = entry.unwrap_or((FAR, Uuid::max()));
    (stamp(at), entry_id)
}

/// A stamp as the driver wants a `timestamptz`: exact to the microsecond.
pub(super) fn stamp(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.0).unwrap_or(0))
}

/// A value as JSON, where there is one.
pub(super) fn json<T: serde::Serialize>(value: Option<&T>) -> Option<String> {
    // Structs of strings and integers always serialise.
    value.map(|value| serde_json::to_string(value).unwrap_or_default())
}

/// An HTTP status as its column wants it.
pub(super) fn code(status: u16) -> i16 {
    i16::try_from(status).unwrap_or(500)
}

/// A span of time as the milliseconds that SQL adds to its own clock.
pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// The status of an order's final answer.
pub(super) fn status(txn: &LocalTransaction) -> Option<i16> {
    txn.order.answer.as_ref().map(|answer| code(answer.status))
}

/// And its body.
pub(super) fn body(txn: &LocalTransaction) -> Option<&str> {
    txn.order.answer.as_ref().map(|answer| &*answer.body)
}

/// A column of a statement's rows.
pub(super) struct Array<'a> {
    /// Its name within the statement.
    pub(super) name: &'static str,
    /// Its type, without the brackets.
    pub(super) kind: &'static str,
    /// What each row has there.
    pub(super) values: Box<dyn ToSql + Sync + Send + 'a>,
}

/// The columns of a statement's rows, in their order.
pub(super) type Arrays<'a> = Vec<Array<'a>>;

/// Declares the columns of a statement over its rows: name, type, and what a row has there.
macro_rules! arrays {
    ($rows:expr; $($name:ident: $kind:ident = $row:pat => $value:expr),* $(,)?) => {
        vec![$($crate::store::columns::Array {
            name: stringify!($name),
            kind: stringify!($kind),
            values: Box::new($rows.iter().map(|$row| $value).collect::<Vec<_>>()),
        }),*]
    };
}
pub(super) use arrays;

/// How a statement takes its arrays apart, the first of which is the parameter of this number, behind a `SELECT` that stands so
/// deep. Side by side in a list of columns: `FROM unnest(a, b, ...)` says the same and would fill a store of tuples for each of
/// them first, which costs a batch of five more than the rows that it writes. Whoever reads it, in a log, finds lines of a length.
pub(super) fn unnest(first: usize, depth: usize, arrays: &Arrays<'_>) -> String {
    let (indent, mut list) = (" ".repeat(depth + 4), String::new());
    let mut length = depth + "SELECT ".len();
    for (place, array) in arrays.iter().enumerate() {
        let one = format!("unnest(${}::{}[]) AS {}", first + place, array.kind, array.name);
        let comma = usize::from(place + 1 < arrays.len());
        if place > 0 && length + 2 + one.len() + comma > LINE {
            list = format!("{list},\n{indent}");
            length = indent.len();
        } else if place > 0 {
            list.push_str(", ");
            length += 2;
        }
        length += one.len();
        list.push_str(&one);
    }
    list
}

/// How long a line of a statement is at most.
const LINE: usize = 119;

/// The parameters of a statement that has nothing but its arrays.
pub(super) fn taken_apart(arrays: Arrays<'_>) -> Parameters<'_> {
    arrays.into_iter().map(|array| array.values).collect()
}

/// Those of one whose first is the stamp of the transaction: the arrays begin at $2.
pub(super) fn sent(commit_id: i64, arrays: Arrays<'_>) -> Parameters<'_> {
    let mut parameters: Parameters<'_> = Vec::with_capacity(arrays.len() + 2);
    parameters.push(Box::new(commit_id));
    parameters.extend(arrays.into_iter().map(|array| array.values));
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_types_and_values_are_declared_together() {
        let rows = [(1_i64, "a"), (2, "b")];
        let arrays: Arrays<'_> =
            arrays![rows; amount: bigint = (amount, _) => *amount, word: text = (_, word) => *word];
        assert_eq!(unnest(2, 4, &arrays), "unnest($2::bigint[]) AS amount, unnest($3::text[]) AS word");
        let parameters = sent(7, arrays);
        assert_eq!(format!("{parameters:?}"), r#"[7, [1, 2], ["a", "b"]]"#);
    }
}
