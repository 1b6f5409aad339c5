//! Crowds: many clients that want the same.

use futures_util::future::join_all;
use hyper::Method;
use hyper::body::Bytes;

use super::Proved;
use crate::drill::world::{DrillError, Order, World};
use counterfoil_engine::client::{ClientError, HttpAnswer};

/// Every order comes from 64 clients at once, and takes effect once.
pub async fn retry_storm(world: &mut World) -> Proved {
    let orders = Order::many("drill-storm", 20, "SKU-0301");
    let before = world.stock("SKU-0301").await?;
    let client = world.client()?;
    let one_client = || async {
        let mut answers = Vec::new();
        for order in &orders {
            answers.push(order.submit(&client).await?);
        }
        Ok::<Vec<HttpAnswer>, ClientError>(answers)
    };
    let clients = join_all((0..64).map(|_| one_client())).await;
    let clients = clients.into_iter().collect::<Result<Vec<_>, _>>()?;
    world.tale.tell("client", "64 clients sent the same 20 orders at once: 1280 requests");
    let mut same = 0;
    let mut first = 0;
    for index in 0..orders.len() {
        let answers: Vec<&HttpAnswer> = clients.iter().filter_map(|answers| answers.get(index)).collect();
        let body = answers.first().map(|answer| &answer.body);
        same += answers.iter().filter(|answer| answer.status == 201 && Some(&answer.body) == body).count();
        first += answers.iter().filter(|answer| !answer.is_replayed()).count();
    }
    world.tale.check(same == 1280, format!("{same} of 1280 got 201, each order's with the same bytes"));
    world.tale.check(first == 20, format!("{first} of them were first, the others were told that theirs is a repeat"));
    let sql = "SELECT count(*) AS orders, (SELECT count(*) FROM payments WHERE order_id LIKE 'drill-storm-%') AS payments \
        FROM orders WHERE order_id LIKE 'drill-storm-%'";
    let rows = world.show(sql).await?;
    let counts = rows.first().map(|row| (row.get(0), row.get(1)));
    world.tale.check(counts == Some((Some("20"), Some("20"))), "20 orders and 20 payments are stored");
    let left = before.0 - world.stock("SKU-0301").await?.0;
    world.tale.check(left == 40, format!("{left} units left the stock, 2 an order"));
    Ok("1280 requests, 20 orders, 20 payments".into())
}

/// More buyers than units: exactly the units are sold.
pub async fn short_stock_rush(world: &mut World) -> Proved {
    let client = world.client()?;
    let level = Some(Bytes::from_static(br#"{"on_hand":100}"#));
    let laid_in = client.request(Method::PUT, "/inventory/DRILL-RUSH", &[], level).await?;
    if laid_in.status != 200 && laid_in.status != 201 {
        return Err(DrillError::Missed(format!("PUT /inventory/DRILL-RUSH: {}", laid_in.status)));
    }
    world.tale.tell("armed", "PUT /inventory/DRILL-RUSH {\"on_hand\":100}");
    let buyers: Vec<Order> =
        Order::many("drill-rush", 300, "DRILL-RUSH").into_iter().map(|order| Order { quantity: 1, ..order }).collect();
    let answers = join_all(buyers.iter().map(|order| order.submit(&client))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    let refused =
        |answer: &&HttpAnswer| answer.status == 409 && answer.problem_code().as_deref() == Some("out_of_stock");
    let short = answers.iter().filter(refused).count();
    world.tale.tell("client", &format!("300 buyers: {sold} got 201, {short} got 409 out_of_stock"));
    if let Some((order, answer)) = buyers.iter().zip(&answers).find(|(_, answer)| refused(answer)) {
        world.tell_answer(order, answer);
    }
    world.tale.check(sold == 100, "exactly 100 bought");
    world.tale.check(short == 200, "exactly 200 were told that it is sold out");
    world.show("SELECT * FROM inventory WHERE sku = 'DRILL-RUSH'").await?;
    world.tale.check(world.stock("DRILL-RUSH").await? == (0, 0), "nothing is left, and nothing reserved");
    let sql = "SELECT state, count(*) FROM orders WHERE order_id LIKE 'drill-rush-%' GROUP BY state ORDER BY state";
    world.show(sql).await?;
    let paid = world.count("SELECT count(*) FROM payments WHERE order_id LIKE 'drill-rush-%' AND captured > 0").await?;
    world.tale.check(paid == 100, format!("{paid} were charged"));
    Ok("100 units sold to 100 of 300 buyers".into())
}
