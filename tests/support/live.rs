//! A client of an order's live history, which can be looked at while it is open.

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::engine::PATIENCE;

/// An open stream.
pub struct Live {
    pub status: u16,
    body: Incoming,
    text: String,
}

impl Live {
    /// Asks for the history of an order behind a version, on a connection of its own.
    pub async fn open(url: &str, id: &str, last: Option<i64>) -> Self {
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
    pub async fn until(&mut self, version: i64) {
        let what = format!("id: {version}\n");
        while !self.text.contains(&what) {
            assert!(self.read().await, "the stream ended before version {version}: {}", self.text);
        }
    }

    /// The versions that were told so far, in order.
    pub fn versions(&self) -> Vec<usize> {
        let ids = self.text.lines().filter_map(|line| line.strip_prefix("id: "));
        ids.map(|id| id.parse().expect("a version")).collect()
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
    pub async fn whole(mut self) -> Vec<Value> {
        while self.read().await {}
        let data = self.text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).expect("JSON")).collect()
    }
}
