//! A client that follows an order's live history, wherever somebody tells it, until its end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// For how long it is followed at most.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a stream may say nothing before another one is tried.
const SILENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// What was told of one order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Types by version, as they were told first.
    pub events: BTreeMap<i64, String>,
    /// What may not be: a gap, another event under a version that was told before.
    pub wrong: Vec<String>,
}

impl Heard {
    /// The version behind which the next one is to come.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.events.keys().next_back().copied().unwrap_or(0)
    }

    /// Whether the order has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.events.values().any(|kind| kind == "order.completed" || kind == "order.cancelled")
    }

    /// One event, as a stream tells it.
    pub fn hear(&mut self, version: i64, kind: &str) {
        match self.events.get(&version) {
            // Whoever comes again says what was told last.
            Some(known) if known == kind => self.wrong.push(format!("version {version} is told again")),
            Some(known) => self.wrong.push(format!("version {version} is {kind}, and was {known}")),
            None => {
                if version != self.last() + 1 {
                    self.wrong.push(format!("version {version} comes behind {}", self.last()));
                }
                self.events.insert(version, kind.to_owned());
            }
        }
    }

    /// The lines that are whole; the rest of the text is left.
    fn read(&mut self, text: &mut String) {
        while let Some(end) = text.find("\n\n") {
            let event: String = text.drain(..end + 2).collect();
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let Some(version) = field("id:").and_then(|id| id.parse().ok()) else { continue };
            let data: Value = field("data:").and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
            match data["type"].as_str() {
                Some(kind) => self.hear(version, kind),
                None => self.wrong.push(format!("version {version} has no type: {data}")),
            }
        }
    }
}

/// Follows an acknowledged order at these addresses in turn, behind what was heard before, until it has ended or patience has.
pub async fn follow(addresses: &[SocketAddr], first: usize, id: &str, mut heard: Heard) -> Heard {
    let until = Instant::now() + PATIENCE;
    for turn in first.. {
        let _cut = listen(addresses[turn % addresses.len()], id, &mut heard).await;
        if heard.has_ended() || Instant::now() > until {
            break;
        }
        sleep(PAUSE).await;
    }
    heard
}

/// Listens to one stream for as long as it tells something.
async fn listen(address: SocketAddr, id: &str, heard: &mut Heard) -> Option<()> {
    let socket = timeout(SILENCE, TcpStream::connect(address)).await.ok()?.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.ok()?;
    let driver = tokio::spawn(connection);
    let mut request = Request::get(format!("/orders/{id}/events"))
        .header("host", address.to_string())
        .header("accept", "text/event-stream");
    if heard.last() > 0 {
        request = request.header("last-event-id", heard.last().to_string());
    }
    let request = request.body(Empty::<Bytes>::new()).ok()?;
    let response = timeout(SILENCE, sender.send_request(request)).await.ok()?.ok()?;
    if response.status() == 404 {
        heard.wrong.push("404 after it was acknowledged".to_owned());
    }
    if response.status() == 200 {
        let (mut body, mut text) = (response.into_body(), String::new());
        while let Ok(Some(Ok(frame))) = timeout(SILENCE, body.frame()).await {
            if let Ok(data) = frame.into_data() {
                text.push_str(&String::from_utf8_lossy(&data));
                heard.read(&mut text);
            }
            if heard.has_ended() {
                break;
            }
        }
    }
    driver.abort();
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&str]) -> Heard {
        let (mut heard, mut text) = (Heard::default(), String::new());
        for part in parts {
            text.push_str(part);
            heard.read(&mut text);
        }
        heard
    }

    #[test]
    fn a_history_is_read_however_it_comes() {
        let heard = read(&[
            ": hello\n\nid: 1\nevent: order.created\ndata: {\"type\":\"order.cre",
            "ated\"}\n\nid: 2\ndata: {\"type\":\"order.completed\"}\n",
            "\n",
        ]);
        assert!(heard.wrong.is_empty() && heard.has_ended() && heard.last() == 2, "{heard:?}");
    }

    #[test]
    fn a_gap_and_a_contradiction_are_seen() {
        let gap = read(&["id: 1\ndata: {\"type\":\"a\"}\n\nid: 3\ndata: {\"type\":\"c\"}\n\n"]);
        assert_eq!(gap.wrong, ["version 3 comes behind 1"]);
        let late = read(&["id: 2\ndata: {\"type\":\"b\"}\n\n"]);
        assert_eq!(late.wrong, ["version 2 comes behind 0"]);
        let other = read(&["id: 1\ndata: {\"type\":\"a\"}\n\nid: 1\ndata: {\"type\":\"b\"}\n\n"]);
        assert_eq!(other.wrong, ["version 1 is b, and was a"]);
        let again = read(&["id: 1\ndata: {\"type\":\"a\"}\n\nid: 1\ndata: {\"type\":\"a\"}\n\n"]);
        assert_eq!(again.wrong, ["version 1 is told again"]);
    }
}
