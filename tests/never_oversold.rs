//! Promise: stock is never oversold, nor lost; orders are refused whole, first come, first served.

use futures_util::future::join_all;

use crate::support::engine::{TestEngine, answer, order, request};

#[tokio::test]
async fn a_hot_sku_is_sold_to_the_last_unit_and_no_further() {
    let test = TestEngine::new().await;
    test.stock("HOT", 100).await;
    let sent = (0..300).map(|n| test.submit(order(&format!("H-{n}"), request(&[("HOT", 1)], "pm_ok"))));
    let answers: Vec<_> = join_all(sent).await.into_iter().map(answer).collect();
    assert_eq!(answers.iter().filter(|(status, ..)| *status == 201).count(), 100);
    assert_eq!(answers.iter().filter(|(status, ..)| *status == 409).count(), 200);
    assert_eq!(test.on_hand("HOT").await, (0, 0));
    test.audit().await;
}

#[tokio::test]
async fn an_order_that_cannot_have_all_has_nothing() {
    let test = TestEngine::new().await;
    for n in 0..20 {
        test.stock(&format!("S-{n}"), 10).await;
    }
    // Overlapping baskets in opposite orders: what would deadlock without one lock order.
    let baskets = (0..200).map(|n| {
        let (a, b) = (format!("S-{}", n % 20), format!("S-{}", (n * 7 + 3) % 20));
        let lines: Vec<(&str, i64)> = if a == b { vec![(&a, 2)] } else { vec![(a.as_str(), 1), (b.as_str(), 2)] };
        order(&format!("B-{n}"), request(&lines, "pm_ok"))
    });
    let submissions: Vec<_> = baskets.collect();
    let answers: Vec<_> = join_all(submissions.into_iter().map(|s| test.submit(s))).await;
    let sold = answers.into_iter().map(answer).filter(|(status, ..)| *status == 201).count();
    assert!(sold > 0);
    assert_eq!(test.count("SELECT count(*) FROM inventory WHERE reserved <> 0 OR on_hand < 0").await, 0);
    let completed = test.count("SELECT count(*) FROM orders WHERE state = 'COMPLETED'").await;
    assert_eq!(completed, i64::try_from(sold).unwrap());
    test.audit().await;
}
