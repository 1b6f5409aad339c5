//! A receiver of webhooks with a ledger of its own. It trusts nothing: every signature is computed here, from the
//! specification, and what was not signed by a secret that it knows fails the test.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::certificates::Pair;
use super::kafka::tools;

/// What a secret of a test looks like.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Another one.
pub const OTHER_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMVb5sSYspob7oDC";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub webhook_id: String,
    pub content_type: String,
    /// Those that a signature is judged by, and what it is of.
    pub signed: Signed,
    pub event: Value,
    /// Which of the known secrets signed it.
    pub signed_by: Vec<String>,
    /// Whether it was taken: its status says so, or its answer was lost on the way.
    pub taken: bool,
}

/// What whoever judges a signature is given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Signed {
    pub headers: BTreeMap<&'static str, String>,
    pub body: String,
}

impl Got {
    pub fn order(&self) -> &str {
        self.event["subject"].as_str().expect("a subject")
    }

    pub fn version(&self) -> i64 {
        self.event["sequence"].as_str().and_then(|text| text.parse().ok()).expect("a sequence")
    }

    pub fn kind(&self) -> &str {
        self.event["type"].as_str().expect("a type")
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16),
    /// With a header.
    With(u16, &'static str, String),
    /// It is taken, and nobody hears of that: the connection ends.
    Lost,
    /// 200, once this is true.
    Behind(watch::Receiver<bool>),
    /// 410, once this is true.
    GoneBehind(watch::Receiver<bool>),
}

type Answers = dyn Fn(&Got) -> Answer + Send + Sync;

struct State {
    got: Mutex<Vec<Got>>,
    answers: Mutex<Arc<Answers>>,
    secrets: Mutex<Vec<String>>,
    connections: AtomicUsize,
    under_way: Mutex<UnderWay>,
}

/// Requests that are not answered.
#[derive(Default)]
struct UnderWay {
    orders: BTreeMap<String, usize>,
    most: usize,
    most_of_one: usize,
}

impl UnderWay {
    fn now(&self) -> usize {
        self.orders.values().sum()
    }
}

impl State {
    fn begin(&self, order: &str) {
        let mut under_way = lock(&self.under_way);
        let of_one = under_way.orders.entry(order.to_owned()).or_default();
        *of_one += 1;
        let of_one = *of_one;
        under_way.most_of_one = under_way.most_of_one.max(of_one);
        under_way.most = under_way.most.max(under_way.now());
    }

    fn end(&self, order: &str) {
        *lock(&self.under_way).orders.entry(order.to_owned()).or_default() -= 1;
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// It listens until it is dropped.
pub struct Receiver {
    pub url: String,
    pub port: u16,
    state: Arc<State>,
    listening: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// Over HTTP, taking everything.
    pub async fn new() -> Self {
        Self::listening(None, "http").await
    }

    /// Over HTTPS, for `localhost`.
    pub async fn behind(pair: &Pair) -> Self {
        let chain = CertificateDer::pem_file_iter(&pair.cert).expect("a file").collect::<Result<_, _>>().expect("PEM");
        let key = PrivateKeyDer::from_pem_file(&pair.key).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate");
        Self::listening(Some(TlsAcceptor::from(Arc::new(config))), "https").await
    }

    async fn listening(tls: Option<TlsAcceptor>, scheme: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let state = Arc::new(State {
            got: Mutex::default(),
            answers: Mutex::new(Arc::new(|_: &Got| Answer::Status(204))),
            secrets: Mutex::new(vec![SECRET.to_owned()]),
            connections: AtomicUsize::new(0),
            under_way: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let listening = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (state, tls) = (Arc::clone(&shared), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(socket, &state).await,
                        Some(tls) => {
                            if let Ok(sealed) = tls.accept(socket).await {
                                serve(sealed, &state).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url: format!("{scheme}://localhost:{port}"), port, state, listening }
    }

    /// From now on it answers so.
    pub fn answers(&self, answers: impl Fn(&Got) -> Answer + Send + Sync + 'static) {
        *lock(&self.state.answers) = Arc::new(answers);
    }

    /// From now on it answers this to everything.
    pub fn answers_all(&self, status: u16) {
        self.answers(move |_| Answer::Status(status));
    }

    /// From now on these secrets count.
    pub fn knows(&self, secrets: &[&str]) {
        *lock(&self.state.secrets) = secrets.iter().map(|&secret| secret.to_owned()).collect();
    }

    /// All that came, in order.
    pub fn got(&self) -> Vec<Got> {
        lock(&self.state.got).clone()
    }

    /// All that was taken, in order.
    pub fn taken(&self) -> Vec<Got> {
        self.got().into_iter().filter(|got| got.taken).collect()
    }

    /// How often it was connected to.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many requests it has that are not answered.
    pub fn under_way(&self) -> usize {
        lock(&self.state.under_way).now()
    }

    /// How many it had at once, at most.
    pub fn most_under_way(&self) -> usize {
        lock(&self.state.under_way).most
    }

    /// How many of one order, at most.
    pub fn most_of_one_order(&self) -> usize {
        lock(&self.state.under_way).most_of_one
    }

    /// Of each order the versions that were taken, each where it came first, in order.
    pub fn firsts(&self) -> BTreeMap<String, Vec<i64>> {
        let mut firsts: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for got in self.taken() {
            let versions = firsts.entry(got.order().to_owned()).or_default();
            if !versions.contains(&got.version()) {
                versions.push(got.version());
            }
        }
        firsts
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Of each of these, by which of the secrets it is signed in the eyes of Standard Webhooks' own library.
pub fn verified(requests: &[Signed], secrets: &[&str]) -> Vec<Vec<String>> {
    let mut judge = Command::new(tools().join("python/bin/python"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/verified.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("start python");
    let asked = json!({"requests": requests, "secrets": secrets}).to_string();
    judge.stdin.take().expect("its input").write_all(asked.as_bytes()).expect("ask");
    let told = judge.wait_with_output().expect("an answer");
    assert!(told.status.success());
    serde_json::from_slice(&told.stdout).expect("JSON")
}

/// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
fn signature(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let key = BASE64.decode(secret.strip_prefix("whsec_").expect("a prefix").as_bytes()).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
}

/// One connection, request after request.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, state: &State) {
    let mut bytes = Vec::new();
    loop {
        let Some((got, rest)) = read(&mut stream, &mut bytes, state).await else { return };
        bytes = rest;
        let order = got.order().to_owned();
        state.begin(&order);
        let answers = Arc::clone(&lock(&state.answers));
        let answer = answers(&got);
        let taken = match &answer {
            Answer::Status(status) | Answer::With(status, ..) => (200..300).contains(status),
            Answer::Lost => true,
            Answer::Behind(gate) => gate.clone().wait_for(|open| *open).await.is_ok(),
            Answer::GoneBehind(gate) => gate.clone().wait_for(|open| *open).await.is_err(),
        };
        lock(&state.got).push(Got { taken, ..got });
        state.end(&order);
        let text = match answer {
            Answer::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\nok"),
            Answer::With(status, name, value) => {
                format!("HTTP/1.1 {status} X\r\n{name}: {value}\r\ncontent-length: 0\r\n\r\n")
            }
            Answer::Lost => String::new(),
            Answer::GoneBehind(_) => "HTTP/1.1 410 X\r\ncontent-length: 0\r\n\r\n".to_owned(),
            Answer::Behind(_) => "HTTP/1.1 200 X\r\ncontent-length: 0\r\n\r\n".to_owned(),
        };
        // A 204 has no body.
        let text = text.replace("204 X\r\ncontent-length: 2\r\n\r\nok", "204 X\r\n\r\n");
        if text.is_empty() || stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    bytes: &mut Vec<u8>,
    state: &State,
) -> Option<(Got, Vec<u8>)> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(head) = request.parse(bytes).expect("a request") {
            let header = |name: &str| {
                let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
                found.map(|header| String::from_utf8(header.value.to_vec()).expect("text")).unwrap_or_default()
            };
            let length: usize = header("content-length").parse().expect("a length");
            if bytes.len() >= head + length {
                let body = &bytes[head..head + length];
                let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
                let signatures = header("webhook-signature");
                let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| (name, header(name)));
                assert!(timestamp.parse::<i64>().is_ok_and(|seconds| seconds > 1_700_000_000), "{timestamp}");
                let known = lock(&state.secrets).clone();
                let signed_by: Vec<String> = known
                    .into_iter()
                    .filter(|secret| signatures.split(' ').any(|one| one == signature(secret, &id, &timestamp, body)))
                    .collect();
                assert_eq!(request.method, Some("POST"));
                let got = Got {
                    path: request.path.expect("a path").to_owned(),
                    webhook_id: id,
                    content_type: header("content-type"),
                    signed: Signed { headers: headers.into(), body: String::from_utf8(body.to_vec()).expect("text") },
                    event: serde_json::from_slice(body).expect("JSON"),
                    signed_by,
                    taken: false,
                };
                return Some((got, bytes[head + length..].to_vec()));
            }
        }
        let mut more = [0; 16 << 10];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&more[..read]),
        }
    }
}
