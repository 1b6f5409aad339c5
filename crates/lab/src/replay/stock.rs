//! The stock of a replay: what is laid in before the first order, and what must have left after the last.
//!
//! The check afterwards supposes that nobody else takes, adds or corrects stock of the file's SKUs meanwhile; it says
//! so where it finds a difference.

use std::collections::BTreeMap;

use hyper::Method;
use hyper::body::Bytes;
use serde::Deserialize;

use super::judge::StockMode;
use super::{ReplayError, refusal};
use crate::load::retry::{Repeatable, until_final};
use counterfoil_engine::client::{Client, encode_segment};

/// What the target says of a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Level {
    /// Units on the shelf.
    pub on_hand: i64,
    /// Units on the shelf that no order has reserved.
    pub available: i64,
}

/// Units that the orders of a run took of a SKU, or that its refunds brought back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What moved for certain.
    pub least: i64,
    /// The same and what was asked for of which it is unknown whether it moved in this run: by orders without a final
    /// answer, and by those that were in work when the run began. Both are equal as a rule.
    pub most: i64,
}

/// Lays in stock of one SKU and gives back its level thereafter. The SKU exists then.
///
/// With [`StockMode::Enough`] a SKU with `need` available is left alone, and one with less is topped up to it, so that
/// a second run of the same file changes nothing. The PUT is absolute, since creating has no other verb: orders that
/// others place between the GET and the PUT would be given back their units, as with any stocktaking.
///
/// # Errors
///
/// [`ReplayError`] if the target does not answer or refuses.
pub async fn lay_in(client: &Client, sku: &str, need: i64, mode: StockMode) -> Result<Level, ReplayError> {
    let on_hand = match mode {
        StockMode::Fixed(units) => units,
        StockMode::Enough => match find(client, sku).await? {
            Some(level) if level.available >= need => return Ok(level),
            Some(level) => level.on_hand.saturating_add(need.saturating_sub(level.available)).unsigned_abs(),
            None => need.unsigned_abs(),
        },
    };
    let request = Repeatable {
        method: Method::PUT,
        path: path_of(sku),
        key: None,
        body: Some(Bytes::from(serde_json::json!({ "on_hand": on_hand }).to_string())),
    };
    let answer = until_final(client, &request)
        .await
        .outcome
        .map_err(|source| ReplayError::Unanswered { doing: format!("lay in stock of {sku:?}"), source })?;
    if !(200..300).contains(&answer.status) {
        return Err(refusal(format!("lay in stock of {sku:?}"), &answer));
    }
    // Read again instead of trusting the PUT's own body: what counts is what a GET says, before as after.
    level(client, sku).await
}

/// The level of a SKU that exists.
///
/// # Errors
///
/// [`ReplayError`] if the target does not answer, or not with a level.
pub async fn level(client: &Client, sku: &str) -> Result<Level, ReplayError> {
    match find(client, sku).await? {
        Some(level) => Ok(level),
        None => Err(ReplayError::Unexpected {
            doing: format!("read the stock of {sku:?}"),
            answer: "404, though it was just laid in".to_owned(),
        }),
    }
}

async fn find(client: &Client, sku: &str) -> Result<Option<Level>, ReplayError> {
    let doing = || format!("read the stock of {sku:?}");
    let request = Repeatable { method: Method::GET, path: path_of(sku), key: None, body: None };
    let answer = until_final(client, &request)
        .await
        .outcome
        .map_err(|source| ReplayError::Unanswered { doing: doing(), source })?;
    match answer.status {
        200 => answer.json().map(Some).map_err(|_| refusal(doing(), &answer)),
        404 => Ok(None),
        _ => Err(refusal(doing(), &answer)),
    }
}

fn path_of(sku: &str) -> String {
    format!("/inventory/{}", encode_segment(sku))
}

/// What contradicts the answers in the levels of a SKU before the orders and after the refunds, if anything does.
#[must_use]
pub fn contradiction(sku: &str, before: Level, after: Level, taken: Taken, back: Taken) -> Option<String> {
    let left = before.on_hand - after.on_hand;
    if after.on_hand < 0 || after.available < 0 {
        return Some(format!("{sku:?} is oversold: {} on hand, {} available", after.on_hand, after.available));
    }
    let (least, most) = (taken.least.saturating_sub(back.most), taken.most.saturating_sub(back.least));
    if (least..=most).contains(&left) {
        return None;
    }
    let answers = if least == most { format!("{least}") } else { format!("{least} to {most}") };
    Some(format!(
        "{sku:?}: {left} left the stock, the answers took {answers} (did anyone else touch this SKU meanwhile?)"
    ))
}

/// Adds the units of one order to what was taken.
pub fn add<'a>(sums: &mut BTreeMap<&'a str, Taken>, units: impl IntoIterator<Item = (&'a str, i64)>, is_certain: bool) {
    for (sku, units) in units {
        let taken = sums.entry(sku).or_default();
        taken.most = taken.most.saturating_add(units);
        if is_certain {
            taken.least = taken.least.saturating_add(units);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_left_is_what_was_taken() {
        let level = |on_hand| Level { on_hand, available: on_hand };
        let exactly = |units| Taken { least: units, most: units };
        let none = Taken::default();
        assert_eq!(contradiction("A", level(10), level(4), exactly(6), none), None);
        assert_eq!(contradiction("A", level(10), level(4), Taken { least: 2, most: 6 }, none), None);
        assert_eq!(contradiction("A", level(10), level(6), exactly(6), exactly(2)), None);
        assert_eq!(contradiction("A", level(10), level(6), exactly(6), Taken { least: 0, most: 2 }), None);
        assert!(contradiction("A", level(10), level(6), exactly(6), exactly(1)).is_some());
        for (after, taken) in [(4, exactly(5)), (4, exactly(7)), (4, Taken { least: 7, most: 9 }), (-1, exactly(11))] {
            assert!(contradiction("A", level(10), level(after), taken, none).is_some(), "{after} {taken:?}");
        }
    }

    #[test]
    fn an_unknown_outcome_widens_what_may_have_left() {
        let mut sums = BTreeMap::new();
        add(&mut sums, [("A", 2), ("B", 1)], true);
        add(&mut sums, [("A", 3)], false);
        assert_eq!(sums["A"], Taken { least: 2, most: 5 });
        assert_eq!(sums["B"], Taken { least: 1, most: 1 });
    }
}
