//! Sends deliveries. It connects to addresses that it judged itself, and to nothing else ([`addresses`](super::addresses)):
//! a name is looked up here, each of its addresses is judged, and one of those that passed is connected to, so that no second
//! look-up can lead elsewhere. It follows no redirect, and takes no proxy from the environment.
//!
//! Over `https://` the certificate must be for the name that is called. `http://` is for private networks: over the internet
//! the events would be everybody's.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::RETRY_AFTER;
use hyper::{Request, Uri};
use hyper_util::client::legacy::{Client as Pool, Error as PoolError};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower_service::Service;

use super::addresses::{Reach, reach};
use super::delivery::{Delivery, verdict};
use super::lanes::{Failure, JobOutcome};
use crate::client::{Wire, error_chain};
use crate::limits;
use crate::tls::{Dialer, HandshakeError, Stream};

/// Of an idle connection: below the 75 s after which common servers close it.
const IDLE: Duration = Duration::from_secs(30);

/// Bytes of an answer's head, at most.
const HEAD: usize = 32 << 10;

/// Sends, and keeps connections for the next time. Clones share them.
#[derive(Clone)]
pub struct Sender {
    pool: Pool<Connector, Full<Bytes>>,
    allow_private: bool,
}

#[derive(Clone)]
struct Connector {
    allow_private: bool,
    /// `None` where the system has no CAs.
    dialer: Option<Dialer>,
}

/// Where it is not connected to.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{0} is no host's address that anything is posted to")]
    Never(String),
    #[error("{0} is an address of a private network; see outbox.webhooks.allow_private")]
    Private(String),
    #[error("{0} is on the internet, and http:// would show the events to anybody on the way; use https://")]
    Clear(String),
    #[error("{0} has no address")]
    Nowhere(String),
    #[error(
        "the system has no CA certificates (on Debian the package ca-certificates): name a file of them in outbox.webhooks.ca"
    )]
    NoRoots,
}

/// What speaks against an address, reached over TLS or in the clear.
fn refused(host: &str, address: IpAddr, allow_private: bool, is_https: bool) -> Option<Refused> {
    let told = if host == address.to_string() { host.to_owned() } else { format!("{host} ({address})") };
    match reach(address) {
        Reach::Never => Some(Refused::Never(told)),
        Reach::Private if !allow_private => Some(Refused::Private(told)),
        Reach::Public if !is_https => Some(Refused::Clear(told)),
        Reach::Private | Reach::Public => None,
    }
}

/// The host of a URL, without the brackets of IPv6.
fn host(uri: &Uri) -> &str {
    uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

/// What is wrong with the URL of an endpoint, as far as its text tells. It is not repeated: it may hold a token.
pub fn wrong_url(url: &str, allow_private: bool) -> Option<String> {
    let form = "it must be https://HOST[:PORT][/PATH][?QUERY]";
    let Ok(uri) = url.parse::<Uri>() else { return Some(format!("is no URL: {form}")) };
    let is_https = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        Some(_) | None => return Some(format!("has another scheme: {form}")),
    };
    if url.len() > limits::WEBHOOK_URL {
        return Some(format!("has more than {} characters", limits::WEBHOOK_URL));
    }
    if url.contains('#') {
        return Some(format!("has a fragment: {form}"));
    }
    if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) || host(&uri).is_empty() {
        return Some(format!("has no host, or a user: {form}"));
    }
    // A port that is none is passed over where the text is read.
    let behind_host = uri.authority().and_then(|authority| authority.as_str().rsplit(']').next()).unwrap_or_default();
    if behind_host.contains(':') && uri.port_u16().is_none_or(|port| port == 0) {
        return Some(format!("has a port that is none: {form}"));
    }
    if !is_https && !allow_private {
        return Some(format!("is http://, which is for private networks: {form}; see outbox.webhooks.allow_private"));
    }
    let address = host(&uri).parse::<IpAddr>().ok()?;
    refused(host(&uri), address, allow_private, is_https).map(|refused| refused.to_string())
}

impl Connector {
    async fn connect(self, uri: Uri) -> Result<TokioIo<Wire>, Box<dyn std::error::Error + Send + Sync>> {
        let (host, is_https) = (host(&uri).to_owned(), uri.scheme_str() == Some("https"));
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let found: Vec<SocketAddr> = match host.parse::<IpAddr>() {
            Ok(address) => vec![(address, port).into()],
            Err(_) => tokio::net::lookup_host((host.as_str(), port)).await?.collect(),
        };
        let mut wrong: Option<Box<dyn std::error::Error + Send + Sync>> = None;
        // One that takes what it is sent and says nothing leaves time for the others.
        let patience = limits::WEBHOOK_CONNECT / u32::try_from(found.len()).unwrap_or(u32::MAX).max(1);
        for address in found {
            if let Some(refused) = refused(&host, address.ip(), self.allow_private, is_https) {
                wrong.get_or_insert_with(|| refused.into());
                continue;
            }
            // The very address that was judged.
            let stream = match tokio::time::timeout(patience, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    wrong = Some(error.into());
                    continue;
                }
                Err(_elapsed) => {
                    wrong = Some(format!("no connection to {address} within {} ms", patience.as_millis()).into());
                    continue;
                }
            };
            stream.set_nodelay(true)?;
            if !is_https {
                return Ok(TokioIo::new(Wire(Stream::Plain(stream))));
            }
            let dialer = self.dialer.as_ref().ok_or(Refused::NoRoots)?;
            let sealed = dialer.connect(&host, stream).await?;
            return Ok(TokioIo::new(Wire(Stream::Encrypted(Box::new(sealed)))));
        }
        Err(wrong.unwrap_or_else(|| Refused::Nowhere(host).into()))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.clone().connect(uri);
        async move {
            let late = || format!("no connection within {} ms", limits::WEBHOOK_CONNECT.as_millis());
            match tokio::time::timeout(limits::WEBHOOK_CONNECT, connecting).await {
                Ok(connected) => connected,
                Err(_elapsed) => Err(io::Error::new(io::ErrorKind::TimedOut, late()).into()),
            }
        }
        .boxed()
    }
}

impl Sender {
    /// With the certificates that `dialer` takes; connections live on the runtime that they were opened on.
    pub fn new(allow_private: bool, dialer: Option<Dialer>) -> Self {
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(limits::WEBHOOK_IDLE)
            .http1_max_buf_size(HEAD)
            .build(Connector { allow_private, dialer });
        Self { pool, allow_private }
    }

    /// Whether addresses of private networks are posted to.
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// Sends a delivery, once, within [`limits::WEBHOOK_TIMEOUT`]. What came of it, and what was answered.
    pub async fn send(&self, url: &str, delivery: Delivery) -> (JobOutcome, Option<u16>) {
        let until = Instant::now() + limits::WEBHOOK_TIMEOUT;
        let mut request = Request::post(url);
        for (name, value) in &delivery.headers {
            request = request.header(*name, value);
        }
        let request = match request.body(Full::new(Bytes::from(delivery.body))) {
            Ok(request) => request,
            Err(error) => return (failed(&error.to_string()), None),
        };
        let response = match tokio::time::timeout_at(until, self.pool.request(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return (failed(&cause(&error)), None),
            Err(_elapsed) => {
                return (failed(&format!("no answer within {} ms", limits::WEBHOOK_TIMEOUT.as_millis())), None);
            }
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // What it says beside is read so far that the connection may be used again. Its status is its word, whatever
        // becomes of the rest.
        let until = until.min(Instant::now() + limits::WEBHOOK_DRAIN);
        let _read = tokio::time::timeout_at(until, drain(response.into_body())).await;
        (verdict(status, retry_after.as_deref()), Some(status))
    }
}

/// Reads a body to its end, or to its bound: then it is dropped, and its connection with it.
async fn drain(mut body: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > limits::WEBHOOK_ANSWER {
            return;
        }
    }
}

fn failed(error: &str) -> JobOutcome {
    JobOutcome::Failed(Failure::told(error))
}

/// What broke, for people, without what is around it ("client error (Connect): ...").
fn cause(error: &PoolError) -> String {
    if let Some(shaken) = HandshakeError::within(error) {
        return shaken.to_string();
    }
    std::error::Error::source(error).map_or_else(|| error.to_string(), error_chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_judged_by_its_text_as_far_as_that_goes() {
        let wrong = |url: &str, allow| wrong_url(url, allow).unwrap_or_default();
        for (url, told) in [
            ("", "is no URL"),
            ("hooks.example.com", "has another scheme"),
            ("ftp://hooks.example.com/", "has another scheme"),
            ("https://u:p@hooks.example.com/", "or a user"),
            ("https://hooks.example.com/a#b", "has a fragment"),
            ("https://hooks.example.com:99999/", "has a port that is none"),
            ("https://hooks.example.com:/", "has a port that is none"),
            ("https://[2606:4700::1]:0/", "has a port that is none"),
            ("http://hooks.example.com/", "is http://"),
            ("https://127.0.0.1/", "127.0.0.1 is an address of a private network"),
            ("https://[::1]:8443/", "::1 is an address of a private network"),
            ("https://[::ffff:10.0.0.1]/", "is an address of a private network"),
            ("https://169.254.169.254/", "is no host's address"),
        ] {
            assert!(wrong(url, false).contains(told), "{url}: {:?}", wrong(url, false));
        }
        for url in [
            "https://hooks.example.com",
            "https://[2606:4700::1]/",
            "https://hooks.example.com:8443/a?token=b",
            "https://1.1.1.1/",
        ] {
            assert_eq!(wrong_url(url, false), None, "{url}");
        }
        for url in ["http://127.0.0.1:9/", "http://hooks.internal/", "https://10.0.0.1/"] {
            assert_eq!(wrong_url(url, true), None, "{url}");
        }
        assert!(wrong("http://169.254.169.254/", true).contains("is no host's address"));
        assert!(wrong("http://1.1.1.1/", true).contains("is on the internet"));
        assert!(wrong(&format!("https://h/{}", "a".repeat(2_000)), false).contains("characters"));
    }
}
