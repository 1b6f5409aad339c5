use std::collections::BTreeMap;

use hyper::HeaderMap;
use hyper::header::HeaderValue;

use super::super::country;
use super::super::invoices::{Line, Price};
use super::*;
use crate::load::retry::Unanswered;

/// An order for `units` of SKU A at a penny each.
fn order(order_id: &str, units: i64) -> Order {
    Order {
        order_id: order_id.to_owned(),
        customer_id: "17850".to_owned(),
        invoice_date: "2010-12-01T08:26:00".to_owned(),
        country: country::of_name("United Kingdom"),
        currency: iso_currency::Currency::GBP,
        adjustments: Vec::new(),
        lines: vec![Line { sku: "A".to_owned(), quantity: units, price: Price::Unit(1) }],
        amount: units,
    }
}

fn answered(status: u16, body: String, is_replayed: bool) -> Exchange {
    let mut headers = HeaderMap::new();
    if is_replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Exchange { outcome: Ok(HttpAnswer { status, headers, body: body.into() }), retries: Retries::new() }
}

fn completed(order: &Order, is_replayed: bool) -> Exchange {
    let Order { order_id, amount, .. } = order;
    let body =
        format!(r#"{{"order_id":"{order_id}","state":"COMPLETED","version":5,"amount":{amount},"currency":"GBP"}}"#);
    answered(201, body, is_replayed)
}

fn refused(requested: i64, available: i64) -> Exchange {
    let shortage = format!(r#"{{"sku":"A","requested":{requested},"available":{available}}}"#);
    answered(409, format!(r#"{{"code":"out_of_stock","final":true,"shortages":[{shortage}]}}"#), false)
}

fn unanswered() -> Exchange {
    let outcome = Err(Unanswered::Patience { last: "no answer".to_owned() });
    Exchange { outcome, retries: Retries::from([("no answer".to_owned(), 3)]) }
}

fn levels(before: i64, after: i64) -> BTreeMap<&'static str, Levels> {
    let level = |on_hand| Level { on_hand, available: on_hand };
    BTreeMap::from([("A", Levels { before: level(before), after: level(after) })])
}

/// The wrong things that a ledger finds, given what was known before, the exchanges and the levels.
fn wrong(
    orders: &[Order],
    before: &[Before],
    mode: StockMode,
    exchanges: impl IntoIterator<Item = (usize, Exchange)>,
    (on_hand_before, on_hand_after): (i64, i64),
) -> Vec<String> {
    let mut ledger = Ledger::new(orders, before.to_vec(), mode);
    for (index, exchange) in exchanges {
        ledger.record(index, exchange, Duration::from_millis(1));
    }
    ledger.check_stock(&levels(on_hand_before, on_hand_after), &BTreeMap::new());
    ledger.wrong
}

#[test]
fn equal_answers_and_the_stock_they_took_are_right() {
    let orders = [order("1", 2), order("2", 3)];
    let mut ledger = Ledger::new(&orders, vec![Before::Absent; 2], StockMode::Enough);
    for (index, is_replayed) in [(0, false), (1, true), (0, true), (1, false)] {
        ledger.record(index, completed(&orders[index], is_replayed), Duration::from_millis(2));
    }
    assert_eq!(ledger.check_stock(&levels(10, 5), &BTreeMap::new()), 1);
    assert_eq!(ledger.wrong, [""; 0]);
    let tally = Tally { orders: 2, answers: 4, replayed: 2 };
    assert_eq!(ledger.answers, BTreeMap::from([("201 COMPLETED".to_owned(), tally)]));
    assert_eq!(ledger.taken().count(), 2);
    assert_eq!(ledger.latencies_us.len(), 4);
}

#[test]
fn an_order_counts_although_its_first_answer_was_lost() {
    // Both answers are replays: the one that did the work never arrived.
    let orders = [order("1", 2)];
    let exchanges = [(0, completed(&orders[0], true)), (0, completed(&orders[0], true))];
    assert_eq!(wrong(&orders, &[Before::Absent], StockMode::Enough, exchanges, (10, 8)), [""; 0]);
}

#[test]
fn stock_that_left_without_an_answer_or_stayed_is_wrong() {
    let orders = [order("1", 2)];
    for after in [7, 9, 10] {
        let exchanges = [(0, completed(&orders[0], false))];
        let wrong = wrong(&orders, &[Before::Absent], StockMode::Enough, exchanges, (10, after));
        assert_eq!(wrong.len(), 1, "{after}: {wrong:?}");
    }
}

#[test]
fn answers_that_differ_are_wrong_once_an_order() {
    let orders = [order("1", 2)];
    let spaced = || answered(201, r#"{"order_id":"1", "state":"COMPLETED"}"#.to_owned(), true);
    let exchanges = [(0, completed(&orders[0], false)), (0, spaced()), (0, spaced())];
    let wrong = wrong(&orders, &[Before::Absent], StockMode::Enough, exchanges, (10, 8));
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].starts_with("1: its answers differ: "), "{wrong:?}");
}

#[test]
fn an_order_that_had_ended_takes_nothing_and_is_replayed() {
    let orders = [order("1", 2)];
    let run = |is_replayed, after| {
        let exchanges = [(0, completed(&orders[0], is_replayed))];
        wrong(&orders, &[Before::Ended], StockMode::Enough, exchanges, (10, after))
    };
    assert_eq!(run(true, 10), [""; 0]);
    assert_eq!(run(true, 8).len(), 1, "it took its stock again");
    assert_eq!(run(false, 10).len(), 1, "it was no replay");
}

#[test]
fn an_order_without_an_answer_is_wrong_and_may_have_taken_its_stock() {
    let orders = [order("1", 2), order("2", 3)];
    for after in [8, 5] {
        let exchanges = [(0, completed(&orders[0], false)), (1, unanswered())];
        let wrong = wrong(&orders, &[Before::Absent; 2], StockMode::Enough, exchanges, (10, after));
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].starts_with("2: no final answer within 60 s"), "{wrong:?}");
    }
}

#[test]
fn a_refusal_is_right_unless_the_levels_contradict_it() {
    let orders = [order("1", 6), order("2", 6)];
    let run = |available, after| {
        let exchanges = [(0, completed(&orders[0], false)), (1, refused(6, available))];
        wrong(&orders, &[Before::Absent; 2], StockMode::Fixed(10), exchanges, (10, after))
    };
    assert_eq!(run(4, 4), [""; 0]);
    assert_eq!(run(3, 4).len(), 1, "one more was there all the time");
    assert_eq!(run(4, -2).len(), 1, "oversold");
    assert_eq!(run(6, 4).len(), 1, "enough, by its own words");
}
