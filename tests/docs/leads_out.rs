//! What the pages on events, webhooks and retention tell you to type is typed, on an engine with a sink whose broker is away.

use super::reader::{Desk, Reader};
use super::typed::free_address;
use crate::retention::age;
use crate::support::fleet::until;
use crate::support::program::{Folder, Program, body, post};
use crate::support::receiver::{Answer, Receiver, SECRET};

/// Commands that tell what is new go on until Ctrl-C: here until they have told something, of orders that are placed
/// meanwhile.
const UNTIL_TOLD: &str = r#"
counterfoil() {
  command counterfoil "$@" >told &
  told=$!
  until [ -s told ]; do
    kill -0 $told
    number=$((${number:-0} + 1))
    curl -o told.order "$COUNTERFOIL_TARGET/orders" -H 'Content-Type: application/json' -d '{"order_id": "TOLD-'$number'",
      "customer_id": "c", "currency": "USD", "lines": [{"sku": "SKU-0001", "quantity": 1, "unit_price": 1999}],
      "payment_method": "pm_ok",
      "ship_to": {"name": "A", "line1": "1 Road", "city": "X", "postal_code": "1", "country": "US"}}'
  done
  kill -INT $told
  wait $told
  cat told
  rm told
}
"#;

/// Webhooks, the events in a terminal, a sink that waits and pruning, on an engine with a sink whose broker is away.
#[actix_web::test]
async fn the_pages_on_what_leads_out_run() {
    let (folder, receiver) = (Folder::new(), Receiver::new().await);
    let config = format!(
        "outbox.webhooks.allow_private = true\noutbox.webhooks.retry_ms = [100, 200, 400]\n\
         [[outbox.sinks]]\nname = \"bus\"\nkind = \"kafka\"\nbrokers = [\"{}\"]\ntopic = \"orders\"\n\
         cursor_topic = \"orders.cursors\"\n",
        free_address()
    );
    let config = folder.file("dev.toml", &config).display().to_string();
    let dev = Program::dev(&folder, &["--config", &config]).await;
    let client = dev.client();
    let desk = Desk::new(&dev.url).with_dev(&folder).with("127.0.0.1:9090", &free_address());

    let mut webhooks = Reader::of("docs/src/webhooks.md", &desk);
    receiver.answers(|got| {
        let refused = got.event["subject"] == "ORD-1" && got.version() == 3;
        Answer::Status(if refused { 400 } else { 200 })
    });
    let crm = format!("{}/orders", receiver.url);
    let secret = format!("\"from\":\"now\",\"secret\":\"{SECRET}\"");
    let here = [("https://crm.example.com/orders", &*crm), ("\"from\":\"now\"", &secret)];
    webhooks.types_with("curl -X POST http://127.0.0.1:8080/operator/webhooks ", &here).await;
    assert_eq!(receiver.got().len(), 1, "the test event");
    post(&client, &body("ORD-1", "SKU-0001"), &[]).await;
    let mut others = 0;
    // Others get through, so that the fault is the event's own.
    until("it is set aside", async || {
        others += 1;
        post(&client, &body(&format!("O-{others}"), "SKU-0002"), &[]).await;
        let crm = client.get("/operator/webhooks/crm").await.expect("an answer");
        crm.json::<serde_json::Value>().expect("JSON")["set_aside_events"] == 1
    })
    .await;
    let told = webhooks.types("counterfoil outbox list ").await;
    for said in ["answered 400", "redriven 1\n", "skipped 1\n"] {
        assert!(told.contains(said), "{said:?} is not in\n{told}");
    }
    webhooks.types("counterfoil receiver ").await;
    until("what was there before the endpoint arrives", async || {
        webhooks.also("curl 'http://127.0.0.1:9090/taken?order_id=ORD-1'").await.contains("ORD-1")
    })
    .await;
    webhooks.ends();

    let dev: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.0.join("data/dev.json")).expect("dev.json")).expect("JSON");
    let database = dev["database_url"].as_str().expect("a URL");
    desk.folder.file("shop.toml", &format!("database.url = \"{database}\"\n"));
    let mut events = Reader::of("docs/src/events.md", &desk);
    events.also(UNTIL_TOLD).await;
    let told = events.types("counterfoil events tail ").await;
    assert!(told.lines().count() >= 2 && told.contains("counterfoil.order.completed"), "{told}");
    events.also("unset -f counterfoil").await;
    let told = events.types("counterfoil outbox list ").await;
    for said in ["bus begins anew from beginning", "bus passes over ORD-1/3", "nothing is published to bus until"] {
        assert!(told.contains(said), "{said:?} is not in\n{told}");
    }
    events.ends();

    let mut retention = Reader::of("docs/src/retention.md", &desk);
    // What a sink has yet to get is not pruned: that page says how one is given up.
    retention.also("counterfoil outbox forget bus --config shop.toml --reason \"it was sold\"").await;
    let (session, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await.expect("connect");
    tokio::spawn(connection);
    age(&session).await;
    until("endpoints have what is old enough", async || {
        let told = retention.also("counterfoil prune --config shop.toml --older-than 90d --dry-run").await;
        told.contains("would be pruned") && !told.contains(" of 0 order(s)")
    })
    .await;
    let told = retention.types("counterfoil prune ").await;
    assert!(told.contains("were pruned") && !told.contains(" of 0 order(s)"), "{told}");
    retention.ends();
}
