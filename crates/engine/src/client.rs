//! The HTTP client of this program: for the commands that speak to an engine, and for the engine, which speaks to remote
//! participants.
//!
//! It sends one request and gives back the whole answer, whatever its status: a 409 is an answer, not an error. It
//! never repeats a request by itself on an answer, nor follows a redirect; what may be repeated, and for how long, the
//! caller knows. (The pool underneath does send a request again on a fresh connection, but only where the old one was
//! closed before a byte of it was written.)
//!
//! `http://` is for the loopback and private networks; over `https://` the server's certificate must be for the name that
//! is called, and come from a CA of the system's or of a file. A handshake that fails is a connection that never was: nothing
//! was sent.

pub mod environment;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, Method, Request, Uri};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower_service::Service;

pub use environment::{CA_VARIABLE, TARGET_VARIABLE, TOKEN_VARIABLE};

use crate::tls::bearer::TokenFile;
use crate::tls::{Dialer, Files, HTTP, HandshakeError, Sealed, Stream, TlsError, Verify};

/// How long a whole exchange may take: longer than the 30 s that the server lets a client wait for an order.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(40);

/// A target that is there accepts within this; one behind a silent firewall should not cost the whole timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Below the 75 s after which common servers and proxies close idle connections.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest body that is read unless said otherwise. A page of orders with 1,000 lines each stays below it.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// A pooled HTTP/1.1 client of one target. Clones share the pool.
///
/// It may be made anywhere; requests need a tokio runtime, of either flavour, and connections live on the runtime
/// that opened them.
#[derive(Clone, Debug)]
pub struct Client {
    pool: Pool<Connector, Full<Bytes>>,
    /// `http://host:port/path`, without a slash at its end.
    base: String,
    token: Option<Token>,
    timeout: Duration,
    max_answer_bytes: usize,
}

/// What a client shows of itself, and asks to be shown.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Over `https://`; without it the CAs of the system count, and no certificate is shown.
    pub dialer: Option<Dialer>,
    /// The bearer token, as its file says when a request is made.
    pub token: Option<TokenFile>,
}

/// A bearer token.
#[derive(Clone, Debug)]
enum Token {
    Fixed(HeaderValue),
    Held(TokenFile),
}

impl Token {
    /// What goes into the header; nobody is shown it by `Debug`.
    fn header(&self) -> Result<HeaderValue, ClientError> {
        match self {
            Self::Fixed(header) => Ok(header.clone()),
            Self::Held(file) => bearer(&file.token()),
        }
    }
}

fn bearer(token: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| ClientError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What the server said, read whole.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    /// The HTTP status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

/// Why there is no answer. Except after the first four, which are mistakes of the caller, the request may have taken
/// effect all the same.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The target is no URL that this client can speak to.
    #[error("{url:?} is no usable target: {reason}")]
    Target {
        /// The target as it was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The certificates cannot be used.
    #[error("{url:?}: {error}")]
    Tls {
        /// The target as it was given.
        url: String,
        /// What is wrong with them.
        error: Arc<TlsError>,
    },
    /// The token holds characters that no header may bear.
    #[error("the token holds characters that a header must not have")]
    Token,
    /// A path or header was given that HTTP does not allow.
    #[error("{request}: not a valid request")]
    Request {
        /// Method and path, as given.
        request: String,
        /// What hyper refused.
        #[source]
        source: hyper::http::Error,
    },
    /// No connection, or it broke before the answer's head was there.
    #[error("{request}: no answer")]
    Exchange {
        /// Method and path, as given.
        request: String,
        /// What hyper says broke; [`ClientError::was_sent`] tells whether the request may have gone out.
        #[source]
        source: hyper_util::client::legacy::Error,
    },
    /// The connection broke inside the answer's body, or the body was larger than this client reads.
    #[error("{request}: the answer could not be read to its end")]
    Body {
        /// Method and path, as given.
        request: String,
        /// What broke: the connection, or the bound on the body.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The exchange took longer than the client's timeout.
    #[error("{request}: no answer within {timeout_ms} ms")]
    Timeout {
        /// Method and path, as given.
        request: String,
        /// The client's bound on an exchange, in milliseconds.
        timeout_ms: u128,
    },
}

/// Looks a name up within some time. The connector bounds only what comes after it, and a name server that says nothing
/// is no participant that does: nothing was sent.
#[derive(Clone, Debug)]
struct Patient<R> {
    resolver: R,
    patience: Duration,
}

impl<R: Service<Name, Error = io::Error, Future: Send + 'static>> Service<Name> for Patient<R> {
    type Response = R::Response;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<R::Response>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.resolver.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (asked, patience) = (self.resolver.call(name), self.patience);
        async move {
            let late = |_elapsed| format!("no name server answered within {} ms", patience.as_millis());
            let found = tokio::time::timeout(patience, asked).await.map_err(late);
            found.unwrap_or_else(|late| Err(io::Error::new(io::ErrorKind::TimedOut, late)))
        }
        .boxed()
    }
}

/// A connection as it is spoken on.
pub struct Wire(pub Stream<TcpStream, Sealed<TcpStream>>);

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

/// Connects, and shakes hands where that is asked for; all within some time.
#[derive(Clone, Debug)]
struct Connector {
    plain: HttpConnector<Patient<GaiResolver>>,
    dialer: Option<Dialer>,
    patience: Duration,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.plain.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let host = target.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let (connecting, dialer, patience) = (self.plain.call(target), self.dialer.clone(), self.patience);
        // Looking up and connecting have a patience each; a handshake has what they left of it.
        let (both, until) = (2 * patience, tokio::time::Instant::now() + 2 * patience);
        async move {
            let stream = connecting.await?.into_inner();
            let Some(dialer) = dialer else { return Ok(TokioIo::new(Wire(Stream::Plain(stream)))) };
            let late = |_elapsed| {
                let told = format!("no TLS handshake within {} ms", both.as_millis());
                io::Error::new(io::ErrorKind::TimedOut, told)
            };
            let sealed = tokio::time::timeout_at(until, dialer.connect(&host, stream)).await.map_err(late)??;
            Ok(TokioIo::new(Wire(Stream::Encrypted(Box::new(sealed)))))
        }
        .boxed()
    }
}

impl Client {
    /// A client of `base_url` (`http[s]://host[:port][/prefix]`) that sends no token. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ClientError::Target`] if the URL is not of that form, [`ClientError::Tls`] if the system has no CAs for it.
    pub fn anonymous(base_url: &str) -> Result<Self, ClientError> {
        Self::connecting_within(base_url, CONNECT_TIMEOUT, Credentials::default())
    }

    /// As [`Client::anonymous`], where over `https://` the CAs of a file count.
    ///
    /// # Errors
    ///
    /// As for [`Client::anonymous`], and [`ClientError::Tls`] if the file does not serve.
    pub fn trusting(base_url: &str, ca: &std::path::Path) -> Result<Self, ClientError> {
        let files = Files { ca: Some(ca.to_owned()), ..Files::default() };
        let dialer = Some(dialer(base_url, files)?);
        Self::connecting_within(base_url, CONNECT_TIMEOUT, Credentials { dialer, token: None })
    }

    /// As [`Client::anonymous`], with credentials, and another bound on connecting. Where that is shorter than whatever else bounds an exchange,
    /// a target that is not to be reached is told from one that does not answer ([`ClientError::was_sent`]).
    ///
    /// # Errors
    ///
    /// As for [`Client::anonymous`].
    pub fn connecting_within(
        base_url: &str,
        connect_timeout: Duration,
        credentials: Credentials,
    ) -> Result<Self, ClientError> {
        let base = checked_base(base_url).map_err(|reason| ClientError::Target { url: base_url.to_owned(), reason })?;
        let resolver = Patient { resolver: GaiResolver::new(), patience: connect_timeout };
        let mut connector = HttpConnector::new_with_resolver(resolver);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(connect_timeout));
        connector.enforce_http(false);
        let Credentials { dialer: given, token } = credentials;
        let dialer = match given {
            _ if !is_https(&base) => None,
            Some(given) => Some(given),
            None => Some(dialer(base_url, Files::default())?),
        };
        let connector = Connector { plain: connector, dialer, patience: connect_timeout };
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .build(connector);
        let token = token.map(Token::Held);
        Ok(Self { pool, base, token, timeout: DEFAULT_TIMEOUT, max_answer_bytes: MAX_ANSWER_BYTES })
    }

    /// The same client, sending `token` as its bearer token.
    ///
    /// # Errors
    ///
    /// [`ClientError::Token`] if the token fits no header.
    pub fn with_token(mut self, token: &str) -> Result<Self, ClientError> {
        self.token = Some(Token::Fixed(bearer(token)?));
        Ok(self)
    }

    /// The same client with another bound on a whole exchange, connecting included.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same client with another bound on the body of an answer; a longer one is [`ClientError::Body`].
    #[must_use]
    pub fn with_max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// The target, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// Sends one request and reads the whole answer.
    ///
    /// `path` begins with `/` and is appended to the target; the caller has percent-encoded what is data in it
    /// ([`encode_segment`]). A body without a `content-type` among `headers` is declared as JSON.
    ///
    /// # Errors
    ///
    /// [`ClientError`], where there is no whole answer. After `Exchange`, `Body` and `Timeout` the outcome is
    /// unknown: the server may have done what was asked.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Bytes>,
    ) -> Result<HttpAnswer, ClientError> {
        let request = self.build(&method, path, headers, body)?;
        match tokio::time::timeout(self.timeout, self.exchange(&method, path, request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ClientError::Timeout { request: name(&method, path), timeout_ms: self.timeout.as_millis() }),
        }
    }

    /// `GET path` without further headers.
    ///
    /// # Errors
    ///
    /// As for [`Client::request`].
    pub async fn get(&self, path: &str) -> Result<HttpAnswer, ClientError> {
        self.request(Method::GET, path, &[], None).await
    }

    fn build(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Bytes>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let mut builder = Request::builder().method(method.clone()).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()));
        if body.is_some() && !is_typed {
            builder = builder.header(CONTENT_TYPE, "application/json");
        }
        if let Some(token) = &self.token {
            builder = builder.header(AUTHORIZATION, token.header()?);
        }
        builder
            .body(Full::new(body.unwrap_or_default()))
            .map_err(|source| ClientError::Request { request: name(method, path), source })
    }

    async fn exchange(
        &self,
        method: &Method,
        path: &str,
        request: Request<Full<Bytes>>,
    ) -> Result<HttpAnswer, ClientError> {
        let response = self
            .pool
            .request(request)
            .await
            .map_err(|source| ClientError::Exchange { request: name(method, path), source })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, self.max_answer_bytes)
            .collect()
            .await
            .map_err(|source| ClientError::Body { request: name(method, path), source })?;
        Ok(HttpAnswer { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
    }
}

impl HttpAnswer {
    /// The first value of a header, if it is there and is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the server marked this answer as a repeat of a stored one.
    #[must_use]
    pub fn is_replayed(&self) -> bool {
        self.header("idempotent-replayed") == Some("true")
    }

    /// The wait that the server asks for. A date instead of seconds is ignored: this server sends seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.header(RETRY_AFTER.as_str())?.trim().parse().ok().map(Duration::from_secs)
    }

    /// The body as JSON of a known shape.
    ///
    /// # Errors
    ///
    /// serde's, if it is none.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// The `code` of a problem body (RFC 9457), if this is one.
    #[must_use]
    pub fn problem_code(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct ProblemBody {
            code: String,
        }
        self.json::<ProblemBody>().ok().map(|problem| problem.code)
    }
}

impl ClientError {
    /// Whether anything of the request may have left. `false` only where there was no connection to write it to: it was
    /// refused, the name could not be looked up, the network or the host was not to be reached. (A connection of the pool that
    /// breaks under a request is another matter: the request may have arrived.)
    #[must_use]
    pub fn was_sent(&self) -> bool {
        match self {
            Self::Target { .. } | Self::Tls { .. } | Self::Token | Self::Request { .. } => false,
            Self::Exchange { source, .. } => !source.is_connect(),
            Self::Body { .. } | Self::Timeout { .. } => true,
        }
    }

    /// What broke, for people, without the request's path: `tcp connect error: Connection refused (os error 111)`.
    #[must_use]
    pub fn cause(&self) -> String {
        let source = std::error::Error::source(self);
        match self {
            // What is around it says nothing more: "client error (Connect): ..."
            Self::Exchange { source: error, .. } if HandshakeError::within(error).is_some() => {
                HandshakeError::within(error).map(ToString::to_string).unwrap_or_default()
            }
            Self::Exchange { source: error, .. } => {
                std::error::Error::source(error).map_or_else(|| error.to_string(), error_chain)
            }
            Self::Body { .. } => {
                let broke = source.map(error_chain).unwrap_or_default();
                format!("the answer could not be read to its end: {broke}")
            }
            Self::Timeout { timeout_ms, .. } => format!("no answer within {timeout_ms} ms"),
            Self::Target { .. } | Self::Tls { .. } | Self::Token | Self::Request { .. } => error_chain(self),
        }
    }

    /// Whether the request never left because it was wrong in itself: repeating it cannot help.
    #[must_use]
    pub fn is_callers_mistake(&self) -> bool {
        match self {
            Self::Target { .. } | Self::Tls { .. } | Self::Token | Self::Request { .. } => true,
            Self::Body { source, .. } => source.is::<LengthLimitError>(),
            Self::Exchange { .. } | Self::Timeout { .. } => false,
        }
    }
}

/// An error's message with those of its sources, for people: `GET /livez: no answer: ...: connection refused`.
#[must_use]
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// Percent-encodes a value so that it stands for itself as one segment of a path: everything but RFC 3986's
/// unreserved characters is encoded.
#[must_use]
pub fn encode_segment(value: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

fn name(method: &Method, path: &str) -> String {
    format!("{method} {path}")
}

fn dialer(url: &str, files: Files) -> Result<Dialer, ClientError> {
    let wrong = |error| ClientError::Tls { url: url.to_owned(), error: Arc::new(error) };
    Dialer::open(files, Verify::Name, HTTP).map_err(wrong)
}

/// Whether a target, in the form of [`checked_base`], is spoken to by TLS.
pub fn is_https(base: &str) -> bool {
    base.starts_with("https://")
}

/// Whether what is sent to a target, in the form of [`checked_base`], leaves this machine, by what it is called.
pub fn leaves_the_machine(base: &str) -> bool {
    let Ok(uri) = base.parse::<Uri>() else { return true };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let is_loopback = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    !is_loopback && host != "localhost"
}

/// The form of a URL that this client can speak to, `http[s]://host[:port][/prefix]` without a slash at its end.
///
/// # Errors
///
/// What is wrong with it. The text does not repeat the URL, which may hold a password.
pub fn checked_base(url: &str) -> Result<String, &'static str> {
    let Ok(uri) = url.parse::<Uri>() else {
        return Err("it is not a URL; http://host:port is meant");
    };
    let scheme = match uri.scheme_str() {
        Some(scheme @ ("http" | "https")) => scheme,
        Some(_) => return Err("only http:// and https:// are spoken here"),
        None => return Err("it does not begin with http:// or https://"),
    };
    if uri.query().is_some() {
        return Err("it has a query");
    }
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => {
            Err("it holds credentials, which do not belong into a URL")
        }
        Some(authority) if !authority.host().is_empty() => {
            Ok(format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/')))
        }
        _ => Err("it names no host"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A name server that swallows questions.
    #[derive(Clone, Debug)]
    struct Silent;

    impl Service<Name> for Silent {
        type Response = hyper_util::client::legacy::connect::dns::GaiAddrs;
        type Error = io::Error;
        type Future = std::future::Pending<io::Result<Self::Response>>;

        fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _name: Name) -> Self::Future {
            std::future::pending()
        }
    }

    #[tokio::test]
    async fn a_name_server_that_says_nothing_is_one_that_was_not_reached() {
        let resolver = Patient { resolver: Silent, patience: Duration::from_millis(20) };
        let pool: Pool<_, Full<Bytes>> =
            Pool::builder(TokioExecutor::new()).build(HttpConnector::new_with_resolver(resolver));
        let asked = pool.get(Uri::from_static("http://warehouse.example/reserve"));
        let source = asked.await.expect_err("there is no such host");
        let error = ClientError::Exchange { request: "GET /reserve".into(), source };
        assert!(!error.was_sent(), "{error:?}");
        assert!(error.cause().contains("no name server answered within 20 ms"), "{}", error.cause());
    }

    #[test]
    fn a_target_is_http_or_https() {
        for (url, base) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/engine/", "http://[::1]:8080/engine"),
            ("HTTP://shop", "http://shop"),
            ("HTTPS://shop:8443/engine/", "https://shop:8443/engine"),
        ] {
            assert_eq!(Client::anonymous(url).expect(url).base_url(), base);
        }
        for (url, hint) in [
            ("127.0.0.1:8080", "does not begin with http://"),
            ("http://user:secret@shop", "credentials"),
            ("http://shop/?a=b", "query"),
            ("ftp://shop", "only http://"),
            ("", "not a URL"),
            ("http://", "not a URL"),
        ] {
            let refused = Client::anonymous(url).expect_err(url).to_string();
            assert!(refused.contains(hint), "{url}: {refused}");
        }
    }

    #[test]
    fn what_is_called_by_a_name_of_the_loopback_stays_here() {
        for here in
            ["http://127.0.0.1:80", "http://[::1]/a", "http://localhost:1", "http://127.8.8.8", "http://LOCALHOST"]
        {
            assert!(!leaves_the_machine(here), "{here}");
        }
        for away in ["http://10.0.0.1", "http://shop", "http://localhost.shop.example", "http://[fd00::1]:1", "x y"] {
            assert!(leaves_the_machine(away), "{away}");
        }
    }

    #[test]
    fn a_token_with_a_line_break_is_refused() {
        let client = Client::anonymous("http://shop").expect("a target");
        assert!(matches!(client.with_token("a\r\nb"), Err(ClientError::Token)));
    }

    #[test]
    fn a_segment_stands_for_itself() {
        assert_eq!(encode_segment("85123A"), "85123A");
        assert_eq!(encode_segment("BANK CHARGES"), "BANK%20CHARGES");
        assert_eq!(encode_segment("a/b?c%é"), "a%2Fb%3Fc%25%C3%A9");
    }

    /// Answers one request with `answer` and gives back what it was sent.
    async fn serve_once(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut received = Vec::new();
            while !received.ends_with(b"{}") {
                let read = stream.read_buf(&mut received).await.expect("a request");
                assert_ne!(read, 0, "the client hung up");
            }
            stream.write_all(answer.as_bytes()).await.expect("the client listens");
            // Without an answer the connection stays open until the test drops the task.
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            String::from_utf8(received).expect("ASCII")
        });
        (format!("http://{address}/base/"), server)
    }

    #[tokio::test]
    async fn an_answer_of_any_status_is_an_answer() {
        let (url, server) = serve_once(
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nIdempotent-Replayed: true\r\n\
             Content-Length: 21\r\n\r\n{\"code\":\"overloaded\"}",
        )
        .await;
        let client = Client::anonymous(&url).and_then(|client| client.with_token("t0")).expect("a client");
        let answer = client
            .request(Method::POST, "/orders", &[("prefer", "wait=1")], Some(Bytes::from_static(b"{}")))
            .await
            .expect("an answer");
        assert_eq!((answer.status, answer.problem_code().as_deref()), (503, Some("overloaded")));
        assert_eq!(answer.retry_after(), Some(Duration::from_secs(2)));
        assert!(answer.is_replayed());
        let sent = server.await.expect("the server ends").to_ascii_lowercase();
        assert!(sent.starts_with("post /base/orders http/1.1\r\n"), "{sent}");
        for header in ["authorization: bearer t0", "prefer: wait=1", "content-type: application/json"] {
            assert!(sent.contains(header), "{sent}");
        }
    }

    #[tokio::test]
    async fn silence_ends_in_a_timeout() {
        let (url, server) = serve_once("").await;
        let client = Client::anonymous(&url).expect("a client").with_timeout(Duration::from_millis(50));
        let outcome = client.request(Method::POST, "/orders", &[], Some(Bytes::from_static(b"{}"))).await;
        assert!(matches!(outcome, Err(ClientError::Timeout { timeout_ms: 50, .. })), "{outcome:?}");
        server.abort();
    }

    #[tokio::test]
    async fn a_closed_port_says_so() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        drop(listener);
        let client = Client::anonymous(&format!("http://{address}")).expect("a client");
        let error = client.get("/livez").await.expect_err("nobody listens");
        assert!(!error.is_callers_mistake());
        let text = error_chain(&error);
        assert!(text.starts_with("GET /livez: no answer: "), "{text}");
    }
}
