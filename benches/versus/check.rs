//! The count of rows after a run: what was answered must be there, once, and paid, and its stock gone.

use crate::Outcome;
use crate::cluster::connect;

/// What every contestant has on hand of each SKU before a run: it never runs short.
pub const STOCK_EACH: i64 = 1_000_000_000;

/// What a run claims to have done.
pub struct Claim {
    pub orders: u64,
    pub units: u64,
}

/// Every contestant names these three tables and columns alike.
const ROWS: &str = "
    SELECT (SELECT count(*) FROM orders),
           (SELECT count(*) FROM payments),
           (SELECT sum($1::int8 - on_hand)::int8 FROM inventory)";

/// Compares a claim with the rows; returns what does not agree, one line each.
pub async fn check_rows(database_url: &str, claim: &Claim) -> Outcome<Vec<String>> {
    let client = connect(database_url).await?;
    let rows = client.query_one(ROWS, &[&STOCK_EACH]).await?;
    let expected = [
        ("rows in orders", rows.get::<_, i64>(0), claim.orders),
        ("rows in payments", rows.get(1), claim.orders),
        ("units gone from the stock", rows.get(2), claim.units),
    ];
    let wrong = expected.into_iter().filter(|&(_, found, claimed)| u64::try_from(found) != Ok(claimed));
    Ok(wrong.map(|(what, found, claimed)| format!("{found} {what}, and {claimed} were answered")).collect())
}
