//! The count of rows after a run: what was answered must be there, once, and paid, and its stock gone.

use crate::Outcome;
use crate::cluster::connect;
use crate::participants::Counted;

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

/// What a saga with remote participants must have left behind: nothing in flight, and as many calls as orders.
pub async fn check_txns(database_url: &str, claim: &Claim, counted: Counted) -> Outcome<Vec<String>> {
    let sql = "SELECT (SELECT count(*) FROM orders WHERE state = 'COMPLETED'),
                      (SELECT count(*) FROM payments WHERE captured = amount),
                      (SELECT count(*) FROM order_events),
                      (SELECT sum(reserved)::int8 FROM inventory)";
    let row = connect(database_url).await?.query_one(sql, &[]).await?;
    let expected = [
        ("orders completed", row.get::<_, i64>(0), claim.orders),
        ("payments captured", row.get(1), claim.orders),
        ("rows of events", row.get(2), 3 * claim.orders),
        ("units still reserved", row.get(3), 0),
        ("charges made", i64::try_from(counted.charges)?, claim.orders),
        ("shipments made", i64::try_from(counted.shipments)?, claim.orders),
    ];
    Ok(differences(&expected))
}

/// Compares a claim with the rows; returns what does not agree, one line each.
pub async fn check_rows(database_url: &str, claim: &Claim) -> Outcome<Vec<String>> {
    let client = connect(database_url).await?;
    let rows = client.query_one(ROWS, &[&STOCK_EACH]).await?;
    let expected = [
        ("rows in orders", rows.get::<_, i64>(0), claim.orders),
        ("rows in payments", rows.get(1), claim.orders),
        ("units gone from the stock", rows.get(2), claim.units),
    ];
    Ok(differences(&expected))
}

fn differences(expected: &[(&str, i64, u64)]) -> Vec<String> {
    let wrong = expected.iter().filter(|(_, found, claimed)| u64::try_from(*found) != Ok(*claimed));
    wrong.map(|(what, found, claimed)| format!("{found} {what}, and it should be {claimed}")).collect()
}
