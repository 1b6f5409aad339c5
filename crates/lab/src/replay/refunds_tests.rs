use hyper::HeaderMap;
use hyper::header::HeaderValue;

use super::super::country;
use super::super::invoices::{Line, Price};
use super::super::judge::StockMode;
use super::*;

fn sale() -> Order {
    Order {
        order_id: "539318".to_owned(),
        customer_id: "17850".to_owned(),
        invoice_date: "2010-12-16T19:04:00".to_owned(),
        country: country::of_name("United Kingdom"),
        currency: iso_currency::Currency::GBP,
        adjustments: Vec::new(),
        lines: vec![Line { sku: "A".to_owned(), quantity: 10, price: Price::Unit(55) }],
        amount: 550,
    }
}

fn refund() -> Refund {
    let (key, reason) = ("C539319".to_owned(), "returned by invoice C539319".to_owned());
    Refund { sale: 0, key, reason, amount: 110, is_in_all: false, restock: BTreeMap::from([("A".to_owned(), 2)]) }
}

fn body() -> String {
    concat!(
        r#"{"order_id":"539318","state":"COMPLETED","version":7,"currency":"GBP","refund":{"amount":110,"#,
        r#""reason":"x","restock":[{"sku":"A","quantity":2}]},"captured":550,"refunded":110}"#
    )
    .to_owned()
}

fn answered(status: u16, body: &str, is_replayed: bool) -> Exchange {
    let mut headers = HeaderMap::new();
    if is_replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Exchange { outcome: Ok(HttpAnswer { status, headers, body: body.to_owned().into() }), retries: Retries::new() }
}

/// What came back of A, and what is wrong, after these exchanges about a sale of which so much was known before.
fn heard(before: Before, exchanges: Vec<Exchange>) -> (Option<Taken>, Vec<String>) {
    let (orders, returned) = ([sale()], [refund()]);
    let ledger = Ledger::new(&orders, vec![before], StockMode::Enough);
    let mut refunds = Refunds::new(&returned, &orders, &ledger);
    for exchange in exchanges {
        refunds.record(0, exchange);
    }
    let back = refunds.units_back().get("A").copied();
    (back, refunds.wrong)
}

fn taken(least: i64, most: i64) -> Option<Taken> {
    Some(Taken { least, most })
}

#[test]
fn a_refund_is_answered_by_what_was_asked() {
    let judged = |status, body: &str| judge(&sale(), &refund(), status, &Bytes::copy_from_slice(body.as_bytes()));
    assert_eq!(judged(201, &body()), Ok(()));
    let wrong = [
        (200, body(), "200"),
        (409, r#"{"code":"refund_exceeds_charge"}"#.to_owned(), "refund_exceeds_charge"),
        (201, "{}".to_owned(), "without its body"),
        (201, body().replace("539318", "1"), "about 1"),
        (201, body().replace("COMPLETED", "CANCELLED"), "CANCELLED"),
        (201, body().replace("GBP", "USD"), "110 USD"),
        (201, body().replace(r#""amount":110"#, r#""amount":111"#), "111 GBP"),
        (201, body().replace(r#""quantity":2"#, r#""quantity":3"#), "another restock"),
        (201, body().replace(r#"[{"sku":"A","quantity":2}]"#, "[]"), "another restock"),
        (201, body().replace(r#""captured":550"#, r#""captured":551"#), "of 550 that were charged"),
        (201, body().replace(r#""refunded":110"#, r#""refunded":109"#), "109 of 550"),
        (201, body().replace(r#""refunded":110"#, r#""refunded":551"#), "551 of 550"),
    ];
    for (status, body, told) in wrong {
        let why = judged(status, &body).expect_err(&body);
        assert!(why.contains(told), "{why}");
    }
}

#[test]
fn copies_have_the_same_bytes() {
    let (back, wrong) = heard(Before::Absent, vec![answered(201, &body(), false), answered(201, &body(), true)]);
    assert_eq!((back, wrong.len()), (taken(2, 2), 0));
    let other = body().replace(r#""version":7"#, r#""version":8"#);
    let copies = vec![answered(201, &body(), false), answered(201, &other, true), answered(201, &other, true)];
    let (_, wrong) = heard(Before::Absent, copies);
    assert!(wrong.len() == 1 && wrong[0].contains("answers differ"), "{wrong:?}");
}

#[test]
fn what_came_back_in_this_run_is_told_from_what_came_back_before() {
    let (fresh, replayed) = (|| answered(201, &body(), false), || answered(201, &body(), true));
    let retried = || Exchange { retries: Retries::from([("no answer".to_owned(), 1)]), ..replayed() };
    assert_eq!(heard(Before::Ended, vec![replayed(), fresh()]).0, taken(2, 2), "the order was there, not the refund");
    assert_eq!(heard(Before::Ended, vec![replayed(), replayed()]).0, None, "an earlier run's");
    assert_eq!(heard(Before::Ended, vec![retried()]).0, taken(0, 2), "its first answer may have been lost");
    assert_eq!(heard(Before::Absent, vec![retried()]).0, taken(2, 2));
    let (back, wrong) = heard(Before::Absent, vec![answered(409, "{}", false)]);
    assert_eq!((back, wrong.len()), (taken(0, 2), 1), "a wrong answer says nothing");
}
