//! Sends the events of the simulated participants: signed, at least once as long as the receiver is there, and, where
//! rates say so, twice, late, or out of order. Everything is bounded: the queue, what is under way, the tries. An event
//! that finds the queue full, or fails every try, is lost with a note: the receiver must not rely on webhooks alone.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::mpsc;

use super::chance::{Chance, Rates};
use super::record::Stamp;
use counterfoil_engine::participants::contract::{Event, Role};
use counterfoil_engine::signature::{Secret, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};

/// Events that wait, at most: some seconds of a busy participant.
pub const QUEUE: usize = 4_096;
/// Deliveries under way, at most; more wait in the queue.
const UNDER_WAY: usize = 64;
/// Tries of one delivery.
const TRIES: u32 = 6;
/// The pause after the first try that failed; it doubles each time, so that a restart of the receiver is outlived.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// How long one try may take.
const TRY_TIMEOUT: Duration = Duration::from_secs(5);
/// How late a late event is.
const LATE: Duration = Duration::from_secs(2);
/// How long an event waits for the one that is to overtake it.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(1);
/// In a URL, the place of the participant's name.
const PLACE: &str = "{participant}";

/// Where events go.
#[derive(Debug, Clone)]
pub struct Target {
    /// `http://host/webhooks`: the participant's name is appended, or put in the place of `{participant}`.
    url: String,
    secret: Secret,
}

impl Target {
    /// Of a URL and a secret.
    ///
    /// # Errors
    ///
    /// What is wrong with the URL.
    pub fn new(url: &str, secret: Secret) -> Result<Self, String> {
        let url = if url.contains(PLACE) { url.to_owned() } else { format!("{}/{PLACE}", url.trim_end_matches('/')) };
        let target = Self { url, secret };
        for role in Role::ALL {
            let uri: Uri = target.address(role.as_str()).parse().map_err(|error| format!("{}: {error}", target.url))?;
            if uri.scheme_str() != Some("http") || uri.host().is_none() {
                return Err(format!("{}: only http:// URLs can be sent to", target.url));
            }
        }
        Ok(target)
    }

    fn address(&self, participant: &str) -> String {
        self.url.replace(PLACE, participant)
    }
}

/// An event with its number, which makes its id.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The record that it tells of.
    pub seq: u64,
    /// The step of a shop's own that it is about, where it is one.
    pub step: Option<String>,
    /// The event that is told.
    pub event: Event,
}

/// Sends what comes, until the queue is closed.
pub struct Sender {
    target: Target,
    rates: Rates,
    chance: Chance,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Sender {
    /// A sender; [`Sender::run`] does the work.
    pub fn new(target: Target, rates: Rates, chance: Chance) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(TRY_TIMEOUT));
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Self { target, rates, chance, client }
    }

    /// Delivers until the queue's other end is dropped and everything under way has ended.
    pub async fn run(self, mut queue: mpsc::Receiver<Notice>) {
        let mut under_way = FuturesUnordered::new();
        let mut overtaken: Option<Notice> = None;
        let mut open = true;
        while open || overtaken.is_some() || !under_way.is_empty() {
            tokio::select! {
                notice = queue.recv(), if open && under_way.len() < UNDER_WAY => match notice {
                    None => open = false,
                    Some(notice) if overtaken.is_none() && self.strikes(self.rates.webhook_reorder, "reorder", &notice) => {
                        overtaken = Some(notice);
                    }
                    Some(notice) => under_way.push(self.deliver_both(Some(notice), overtaken.take())),
                },
                () = tokio::time::sleep(OVERTAKEN_WITHIN), if overtaken.is_some() => {
                    under_way.push(self.deliver_both(None, overtaken.take()));
                }
                Some(()) = under_way.next() => {}
            }
        }
    }

    fn strikes(&self, rate: f64, question: &str, notice: &Notice) -> bool {
        self.chance.strikes(rate, question, notice.event.key, notice.seq)
    }

    /// One after the other.
    async fn deliver_both(&self, first: Option<Notice>, second: Option<Notice>) {
        for notice in [first, second].into_iter().flatten() {
            self.deliver(&notice).await;
        }
    }

    async fn deliver(&self, notice: &Notice) {
        if self.strikes(self.rates.webhook_late, "late", notice) {
            tokio::time::sleep(LATE).await;
        }
        self.deliver_once(notice).await;
        if self.strikes(self.rates.webhook_duplicate, "duplicate", notice) {
            self.deliver_once(notice).await;
        }
    }

    async fn deliver_once(&self, notice: &Notice) {
        let mut pause = FIRST_PAUSE;
        let mut last = String::new();
        for attempt in 1..=TRIES {
            match tokio::time::timeout(TRY_TIMEOUT, self.send(notice)).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => last = error,
                Err(_elapsed) => last = format!("no answer within {} s", TRY_TIMEOUT.as_secs()),
            }
            if attempt < TRIES {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        eprintln!("counterfoil: a webhook of order {} was not taken: {last}", notice.event.order_id);
    }

    async fn send(&self, notice: &Notice) -> Result<(), String> {
        let body = serde_json::to_string(&notice.event).map_err(|error| error.to_string())?;
        let id = format!("msg_{}_{}", notice.event.key.simple(), notice.seq);
        let stamp = (Stamp::now().0 / 1_000).to_string();
        let signature = self.target.secret.sign(&id, &stamp, body.as_bytes());
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.target.address(notice.step.as_deref().unwrap_or(notice.event.action.role().as_str())))
            .header("content-type", "application/json")
            .header(WEBHOOK_ID, id)
            .header(WEBHOOK_TIMESTAMP, stamp)
            .header(WEBHOOK_SIGNATURE, signature)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())?;
        let response = self.client.request(request).await.map_err(|error| error.to_string())?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(format!("answered {status}")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_participant_has_its_place_in_the_url() {
        let secret = || Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let address = |url| Target::new(url, secret()).map(|target| target.address("payment"));
        assert_eq!(address("http://shop/webhooks/"), Ok("http://shop/webhooks/payment".to_owned()));
        assert_eq!(address("http://shop/{participant}/in"), Ok("http://shop/payment/in".to_owned()));
        assert!(address("https://shop").is_err() && address("shop").is_err());
    }
}
