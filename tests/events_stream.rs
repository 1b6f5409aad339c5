//! Promise: a live history tells every event once, in order, whoever commits it and however often the connection
//! breaks. Over HTTP, with the built program.

use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::live::Live;
use crate::support::program::{Folder, Program, body, post, send};

fn manual(id: &str) -> Value {
    let mut order = body(id, "SKU-0001");
    order["capture"] = json!("manual");
    order
}

async fn capture(server: &Program, id: &str) {
    let path = format!("/orders/{id}/capture");
    let captured = send(&server.client(), "POST", &path, &[("idempotency-key", "k")], "").await.expect("an answer");
    assert_eq!(captured.status, 201, "{:?}", captured.body);
}

async fn history(server: &Program, id: &str) -> Vec<Value> {
    server.client().get(&format!("/orders/{id}/events")).await.expect("an answer").json().expect("JSON")
}

#[tokio::test]
async fn a_stream_goes_on_from_the_history_to_what_comes() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    assert_eq!(post(&dev.client(), &manual("A"), &[]).await.status, 201);
    let mut first = Live::open(&dev.url, "A", None).await;
    assert_eq!(first.status, 200);
    first.until(3).await;
    let resumed = Live::open(&dev.url, "A", Some(2)).await;
    capture(&dev, "A").await;
    let told = history(&dev, "A").await;
    assert_eq!(first.whole().await, told);
    assert_eq!(resumed.whole().await, told[2..]);
    // An order that ended tells its history, and ends; nothing is told again to who has it all.
    assert_eq!(Live::open(&dev.url, "A", None).await.whole().await, told);
    let all = i64::try_from(told.len()).unwrap();
    assert!(Live::open(&dev.url, "A", Some(all)).await.whole().await.is_empty());
    assert_eq!(Live::open(&dev.url, "nowhere", None).await.status, 404);
    assert_eq!(Live::open(&dev.url, "A", Some(all + 1)).await.status, 400);
}

#[tokio::test]
async fn what_another_instance_commits_is_told_too() {
    let (database, folders) = (TestDatabase::new().await, [Folder::new(), Folder::new()]);
    let config = format!("database.url = \"{}\"\n", database.url());
    let here = Program::serve(&folders[0], &config).await;
    let there = Program::serve(&folders[1], &config).await;
    here.until_ready().await;
    there.until_ready().await;
    let json = [("content-type", "application/json")];
    let put = send(&here.client(), "PUT", "/inventory/SKU-0001", &json, json!({"on_hand": 10}).to_string()).await;
    assert_eq!(put.unwrap().status, 201);
    assert_eq!(post(&there.client(), &manual("A"), &[]).await.status, 201);
    let mut live = Live::open(&here.url, "A", None).await;
    live.until(3).await;
    capture(&there, "A").await;
    assert_eq!(live.whole().await, history(&there, "A").await);
}

#[tokio::test]
async fn a_broken_connection_loses_nothing() {
    let folder = Folder::new();
    let mut dev = Program::dev(&folder, &[]).await;
    assert_eq!(post(&dev.client(), &manual("A"), &[]).await.status, 201);
    let mut live = Live::open(&dev.url, "A", None).await;
    live.until(3).await;
    dev.kill();
    let dev = Program::dev(&folder, &[]).await;
    let resumed = Live::open(&dev.url, "A", Some(3)).await;
    capture(&dev, "A").await;
    assert_eq!(resumed.whole().await, history(&dev, "A").await[3..]);
}

#[tokio::test]
async fn an_open_stream_does_not_hold_up_the_end() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let config = format!("server.shutdown_grace_ms = 600000\ndatabase.url = \"{}\"\n", database.url());
    let mut serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let json = [("content-type", "application/json")];
    send(&serve.client(), "PUT", "/inventory/SKU-0001", &json, json!({"on_hand": 10}).to_string()).await.unwrap();
    assert_eq!(post(&serve.client(), &manual("A"), &[]).await.status, 201);
    let mut live = Live::open(&serve.url, "A", None).await;
    live.until(3).await;
    assert_eq!(serve.terminate().await, Some(0), "long before the grace period is over");
    live.whole().await;
}
