//! Where nothing is posted to, and what leaves the house: addresses, redirects, personal data.

use counterfoil::store::adopt::{AdoptAs, adopt};
use serde_json::{Value, json};

use super::{Shop, names, sink};
use crate::support::engine::until;
use crate::support::receiver::{Answer, Receiver, SECRET};

#[tokio::test]
async fn nobody_is_posted_to_who_is_not_on_the_internet() {
    let receiver = Receiver::new().await;
    let shop = Shop::configured("").await;
    let engine = shop.engine().await;
    let port = receiver.port;
    for url in [
        format!("http://hooks.example.com:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        "https://10.0.0.1/".into(),
        "https://169.254.169.254/latest/meta-data".into(),
        "https://100.64.0.1/".into(),
        "https://[fd00::1]/".into(),
        "https://[64:ff9b::7f00:1]/".into(),
        "https://user:password@hooks.example.com/".into(),
    ] {
        let (status, problem) = engine.ask("POST", "/operator/webhooks", &json!({ "name": "x", "url": url })).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!("/url")), "{url}: {problem}");
        assert!(!problem.to_string().contains("password@"), "{problem}");
    }
    // What a name leads to, however it is written, is seen when it is connected to.
    for (name, host) in [("name", "localhost"), ("number", "2130706433"), ("short", "127.1")] {
        let url = format!("https://{host}:{port}/");
        engine.done("POST", "/operator/webhooks", json!({ "name": name, "url": url, "from": "beginning" })).await;
        let tried = engine.done("POST", &format!("/operator/webhooks/{name}/test"), json!({})).await;
        let error = tried["error"].as_str().expect("an error");
        assert!(error.contains("127.0.0.1") && error.contains("allow_private"), "{error}");
        assert_eq!((&tried["delivered"], &tried["status"]), (&json!(false), &json!(null)));
    }
    engine.place(&names("A", 3)).await;
    until("it is tried", || async { shop.number("SELECT count(*) FROM webhook_waiting").await > 0 }).await;
    let error: String = shop
        .database
        .client()
        .await
        .query_one("SELECT max(error) FROM webhook_waiting", &[])
        .await
        .expect("an error")
        .get(0);
    assert!(error.contains("is an address of a private network"), "{error}");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let (receiver, elsewhere) = (Receiver::new().await, Receiver::new().await);
    let url = format!("{}/", elsewhere.url);
    receiver.answers(move |_| Answer::With(307, "location", url.clone()));
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&names("A", 1)).await;
    until("it is tried again", || async { receiver.got().len() > 2 }).await;
    let tried = engine.done("POST", "/operator/webhooks/crm/test", json!({})).await;
    assert_eq!(tried["error"], "answered 307: a redirect is not followed");
    assert_eq!(elsewhere.connections(), 0);
    receiver.answers_all(200);
    shop.until_all_at(&receiver).await;
}

#[tokio::test]
async fn what_is_personal_leaves_only_where_it_is_asked_for() {
    let (plain, whole) = (Receiver::new().await, Receiver::new().await);
    let sinks = format!("{}{}", sink("plain", &plain, ""), sink("whole", &whole, "personal_data = true"));
    let shop = Shop::new(&sinks).await;
    let engine = shop.engine().await;
    engine.place(&names("A", 2)).await;
    shop.until_all_at(&plain).await;
    shop.until_all_at(&whole).await;
    let personal = ["ship_to", "payment_method"];
    for got in plain.got().iter().filter(|got| got.kind() == "counterfoil.order.created") {
        assert!(personal.iter().all(|name| got.event["data"].get(name).is_none()), "{got:?}");
        assert_eq!(got.event["data"]["customer_id"], "cus-7");
    }
    let text = serde_json::to_string(&plain.got().iter().map(|got| got.event.clone()).collect::<Vec<_>>());
    assert!(!text.expect("JSON").contains("1 Road"));
    let created: Vec<_> = whole.got().into_iter().filter(|got| got.kind() == "counterfoil.order.created").collect();
    assert!(!created.is_empty());
    for got in created {
        assert!(personal.iter().all(|name| got.event["data"].get(name).is_some()), "{got:?}");
    }
}

/// Whoever answers at length, or drips, holds nobody up for long.
#[tokio::test]
async fn an_answer_is_bounded() {
    let receiver = Receiver::new().await;
    receiver.answers(|_| Answer::With(200, "x-long", "x".repeat(20_000)));
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&names("A", 3)).await;
    shop.until_all_at(&receiver).await;
    receiver.answers(|_| Answer::With(200, "x-longer", "x".repeat(200_000)));
    let tried = engine.done("POST", "/operator/webhooks/crm/test", json!({})).await;
    assert_eq!((&tried["delivered"], &tried["status"]), (&json!(false), &json!(null)), "{tried}");
    assert!(receiver.got().iter().all(|got| got.signed_by == [SECRET]));
}

/// A database that was copied has the endpoints of the other one, and its cursors.
#[tokio::test]
async fn a_copy_of_the_database_posts_nothing() {
    for is_configured in [false, true] {
        copied(is_configured).await;
    }
}

async fn copied(is_configured: bool) {
    let receiver = Receiver::new().await;
    let shop = Shop::new(&if is_configured { sink("crm", &receiver, "") } else { String::new() }).await;
    let mut engine = shop.engine().await;
    if !is_configured {
        let add = json!({ "name": "crm", "url": receiver.url, "secret": SECRET, "from": "beginning" });
        engine.done("POST", "/operator/webhooks", add).await;
    }
    engine.place(&names("A", 2)).await;
    shop.until_all_at(&receiver).await;
    assert_eq!(engine.program.terminate().await, Some(0));
    let copy = shop.database.copy().await;
    let config = shop.config.replace(&shop.database.url(), &copy.url());
    let cloned = Shop { database: copy, config };
    let heard = receiver.got().len();
    let mut engine = cloned.engine().await;
    engine.place(&names("B", 2)).await;
    assert!(engine.log().contains("no webhooks are delivered from this database"), "{}", engine.log());
    assert!(engine.webhook("crm").await["lag_events"].as_i64().is_some_and(|behind| behind > 0));
    assert_eq!(engine.program.terminate().await, Some(0));
    adopt(&mut cloned.database.client().await, AdoptAs::Clone, None).await.expect("adopt");
    let engine = cloned.engine().await;
    let shown = engine.done("GET", "/operator/webhooks/crm", Value::Null).await;
    assert_eq!(shown["state"], "disabled");
    engine.place(&names("C", 2)).await;
    until("its engine looks after it", || async {
        engine.metric("counterfoil_outbox_stopped", "crm").await == Some(1.0)
    })
    .await;
    assert_eq!(receiver.got().len(), heard);
    // It is this one's once somebody says so, from where they say.
    engine.done("POST", "/operator/webhooks/crm/replay", json!({ "from": "now", "reason": "it is ours" })).await;
    engine.done("POST", "/operator/webhooks/crm/resume", json!({ "reason": "it is ours" })).await;
    engine.place(&names("D", 1)).await;
    until("it hears of what is new", || async { receiver.firsts().contains_key("D-0") }).await;
    assert!(receiver.got()[heard..].iter().all(|got| got.order() == "D-0"));
}

/// Large orders are read in parts, so that an endpoint that is slow holds little of them.
#[tokio::test]
async fn large_orders_arrive_whole() {
    let receiver = Receiver::new().await;
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    let client = engine.program.client();
    let sql = "INSERT INTO inventory (sku, on_hand) SELECT 'T-' || n, 1000 FROM generate_series(1, 1000) n;
        INSERT INTO inventory_journal (sku, delta, reason, client) SELECT sku, on_hand, 'laid in', 'test' FROM inventory
        WHERE sku LIKE 'T-%'";
    shop.database.client().await.batch_execute(sql).await.expect("lay in stock");
    let line = |n: usize| json!({ "sku": format!("T-{n}"), "quantity": 1, "unit_price": 1999 });
    for n in 0..20 {
        let mut order = crate::support::program::body(&format!("L-{n}"), "S");
        order["lines"] = (1..=1_000).map(line).collect();
        let answer = crate::support::program::post(&client, &order, &[]).await;
        assert_eq!(answer.status, 201, "{:?}", answer.problem_code());
    }
    shop.until_all_at(&receiver).await;
    let created: Vec<_> = receiver.got().into_iter().filter(|got| got.kind() == "counterfoil.order.created").collect();
    assert!(created.iter().all(|got| got.event["data"]["lines"].as_array().is_some_and(|lines| lines.len() == 1_000)));
    assert!(created.len() >= 20);
}
