//! Stock that is changed by hand: the answer of an adjustment, which is kept under its key as an order's is.

use serde::Serialize;

use super::answer::{Answer, PROBLEM_TYPE};
use super::codes::{Code, Spec};
use super::ids::Sku;

/// The stock of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockLevel {
    /// The SKU that the level is of.
    pub sku: Sku,
    /// Units on the shelf, reserved ones included.
    pub on_hand: i64,
    /// Units held for orders in flight.
    pub reserved: i64,
    /// `on_hand - reserved`.
    pub available: i64,
}

#[derive(Serialize)]
struct OutOfRange<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: String,
    code: Code,
    sku: &'a Sku,
    on_hand: i64,
    reserved: i64,
    available: i64,
}

/// The status of an adjustment that was made.
pub const ADJUSTED: u16 = 201;

/// The answer of a change that was made, with the stock after it; the status is that of the change.
pub fn changed(level: &StockLevel, status: u16) -> Answer {
    // A struct of strings and integers always serialises.
    Answer { status, body: serde_json::to_string(level).unwrap_or_default() }
}

/// The answer of a change that would leave less than is reserved, or more than `most`; nothing was changed.
pub fn out_of_range(level: &StockLevel, most: i64) -> Answer {
    let StockLevel { sku, on_hand, reserved, available } = level;
    let code = Code::StockOutOfRange;
    let &Spec { status, title, .. } = code.spec();
    let problem = OutOfRange {
        r#type: format!("{PROBLEM_TYPE}{}", code.as_str()),
        title,
        status,
        detail: format!("on_hand must stay between what is reserved, {reserved}, and {most}; nothing was changed"),
        code,
        sku,
        on_hand: *on_hand,
        reserved: *reserved,
        available: *available,
    };
    Answer { status, body: serde_json::to_string(&problem).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_change_is_answered_by_the_level_and_one_out_of_range_by_its_bounds() {
        let level = StockLevel { sku: Sku::trusted("A \"1\""), on_hand: 5, reserved: 3, available: 2 };
        let body = |answer: &Answer| serde_json::from_str::<Value>(&answer.body).expect("JSON");
        let made = changed(&level, ADJUSTED);
        assert_eq!(made.status, 201);
        assert_eq!(body(&made), json!({"sku": "A \"1\"", "on_hand": 5, "reserved": 3, "available": 2}));
        let refused = out_of_range(&level, 9);
        let told = body(&refused);
        assert_eq!((refused.status, &told["status"], &told["code"]), (409, &json!(409), &json!("stock_out_of_range")));
        assert_eq!(told["type"], json!(format!("{PROBLEM_TYPE}stock_out_of_range")));
        let detail = "on_hand must stay between what is reserved, 3, and 9; nothing was changed";
        assert_eq!(told["detail"], json!(detail));
        assert_eq!((&told["on_hand"], &told["reserved"], &told["available"]), (&json!(5), &json!(3), &json!(2)));
    }
}
