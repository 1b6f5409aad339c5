//! Promise: a live history tells every event once, in order, whoever commits it and however often the connection
//! breaks. Over HTTP, with the built program.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::database::TestDatabase;
use crate::support::engine::PATIENCE;
use crate::support::program::{Folder, Program, body, post, send};

/// An open stream.
struct Live {
    status: u16,
    body: Incoming,
    text: String,
}

impl Live {
    async fn open(url: &str, id: &str, last: Option<i64>) -> Self {
        let address = url.trim_start_matches("http://");
        let socket = TcpStream::connect(address).await.expect("connect");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.expect("a connection");
        tokio::spawn(connection);
        let mut request = hyper::Request::get(format!("/orders/{id}/events"))
            .header("host", address)
            .header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let request = request.body(Empty::<Bytes>::new()).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        Self { status: response.status().as_u16(), body: response.into_body(), text: String::new() }
    }

    /// Reads on until this version was told.
    async fn until(&mut self, version: i64) {
        let what = format!("id: {version}\n");
        while !self.text.contains(&what) {
            assert!(self.read().await, "the stream ended before version {version}: {}", self.text);
        }
    }

    /// Reads on; `false` at the end.
    async fn read(&mut self) -> bool {
        let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("the stream says nothing");
        let Some(frame) = frame else { return false };
        let data = frame.expect("a whole stream").into_data().expect("data");
        self.text.push_str(std::str::from_utf8(&data).expect("UTF-8"));
        true
    }

    /// The events that were told, once the stream has ended.
    async fn whole(mut self) -> Vec<Value> {
        while self.read().await {}
        let data = self.text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).expect("JSON")).collect()
    }
}

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
    let mut serve = Program::serve(&folder, &format!("database.url = \"{}\"\n", database.url())).await;
    serve.until_ready().await;
    let json = [("content-type", "application/json")];
    send(&serve.client(), "PUT", "/inventory/SKU-0001", &json, json!({"on_hand": 10}).to_string()).await.unwrap();
    assert_eq!(post(&serve.client(), &manual("A"), &[]).await.status, 201);
    let mut live = Live::open(&serve.url, "A", None).await;
    live.until(3).await;
    let began = Instant::now();
    assert_eq!(serve.terminate().await, Some(0));
    assert!(began.elapsed() < Duration::from_secs(5), "it took {:?}", began.elapsed());
    while live.read().await {}
}
