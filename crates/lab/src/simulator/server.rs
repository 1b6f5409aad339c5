//! The HTTP of the simulated participants: `POST /{action}`, `GET /operations/{order_id}`, `GET /openapi.json`,
//! `GET /livez`. It reads, asks the [`Simulator`], and writes; what it cannot read is 400, which is no outcome.

use std::io;
use std::net::{Shutdown, TcpListener};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, map_config};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, Extensions, Server, ServiceRequest, ServiceResponse, fn_service};
use actix_web::error::PayloadError;
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, web};
use rustix::event::{PollFd, PollFlags, Timespec};
use serde::Serialize;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tokio_rustls::server::TlsStream;
use uuid::Uuid;

use super::{Manner, Reply, Simulator};
use counterfoil_engine::hosts::Hosts;
use counterfoil_engine::participants::contract::{
    ContractAction, ContractAnswer, ContractProblem, ContractRequest, IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED, OPENAPI,
};
use counterfoil_engine::tls::bearer::TokenFile;
use counterfoil_engine::tls::{Acceptor, Stream};

/// The largest body: an order of 1,000 lines has some 100 kB.
const MAX_BODY_BYTES: usize = 1 << 20;
/// Calls that are being decided or written at once; more get 503. Those that wait to answer late are not counted.
const IN_FLIGHT: usize = 2_048;
/// Connections of a worker; more wait in the kernel.
const CONNECTIONS: usize = 8_192;
/// A request that has not arrived after so long is given up.
const ARRIVAL: Duration = Duration::from_secs(30);
/// A TLS handshake that has not come to its end after so long is given up.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How often a connection that is held open is looked at.
const HANG_UP_POLL: Duration = Duration::from_millis(50);
/// The title of a problem with a key.
const CONTRADICTS: &str = "The call contradicts an earlier one";
/// How long a graceful end waits for calls in hand.
const GRACE_S: u64 = 5;

struct SimulatorShared {
    simulator: Arc<Simulator>,
    in_flight: Semaphore,
    hosts: Hosts,
    token: Option<TokenFile>,
}

/// Who is let in, and how.
#[derive(Clone, Default)]
pub struct Door {
    /// Names that are answered beside those of the loopback.
    pub allowed_hosts: Vec<String>,
    /// With which HTTPS is spoken; without it HTTP.
    pub acceptor: Option<Acceptor>,
    /// The bearer token without which nothing is told or done; without it anybody's calls are.
    pub token: Option<TokenFile>,
}

/// Answers on a listener while the returned future is polled. Signals are the caller's.
///
/// # Errors
///
/// The system's, if the listener cannot be used.
pub fn serve(simulator: Arc<Simulator>, listener: TcpListener, door: Door) -> io::Result<Server> {
    let Door { allowed_hosts, acceptor, token } = door;
    let address = listener.local_addr()?;
    let hosts = Hosts::open(address.ip(), &allowed_hosts);
    let shared = Data::new(SimulatorShared { simulator, in_flight: Semaphore::new(IN_FLIGHT), hosts, token });
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let app = move || {
        App::new()
            .app_data(shared.clone())
            .app_data(PayloadConfig::new(MAX_BODY_BYTES))
            .wrap(from_fn(admit))
            .route("/livez", web::get().to(|| async { HttpResponse::Ok().content_type("text/plain").body("ok\n") }))
            .route("/openapi.json", web::get().to(openapi))
            .route("/operations/{order_id}", web::get().to(operations))
            .route("/{action}", web::post().to(act))
            .default_service(web::to(|| async {
                respond(&problem(404, "not_found", "Not found", "there is nothing here"))
            }))
    };
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(CONNECTIONS)
        .disable_signals()
        .shutdown_timeout(GRACE_S);
    let leaving = builder.graceful_shutdown_signal();
    let builder = builder.listen("participants", listener, move || {
        let (acceptor, leaving) = (acceptor.clone(), leaving.clone());
        let shake = fn_service(move |stream: TcpStream| enter(acceptor.clone(), stream));
        let app = app().into_factory().map_err(|error: actix_web::Error| error.error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let leaving = leaving.clone();
                async move { leaving.notified().await }
            })
            .client_disconnect_timeout(Duration::from_secs(1))
            .local_addr(address)
            .on_connect_ext(remember)
            .finish(map_config(app, |()| AppConfig::default()));
        shake.and_then(http)
    })?;
    Ok(builder.run())
}

/// A connection, behind its handshake where there is one.
type Entered = Stream<TcpStream, TlsStream<TcpStream>>;

async fn enter(
    acceptor: Option<Acceptor>,
    stream: TcpStream,
) -> Result<(Entered, Protocol, Option<std::net::SocketAddr>), DispatchError> {
    // What is answered is answered at once: there is nothing to wait for and to send with it.
    let _delayed_at_worst = stream.set_nodelay(true);
    let peer = stream.peer_addr().ok();
    let Some(acceptor) = acceptor else { return Ok((Stream::Plain(stream), Protocol::Http1, peer)) };
    let late = |_elapsed| io::Error::new(io::ErrorKind::TimedOut, "the handshake did not come to its end in time");
    let shaken = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await.map_err(late);
    let stream = shaken.and_then(|shaken| shaken).map_err(DispatchError::Io)?;
    Ok((Stream::Encrypted(Box::new(stream)), Protocol::Http1, peer))
}

/// Without a token a page in a browser on this machine could drive it: see [`counterfoil_engine::hosts`].
async fn admit(
    shared: Data<SimulatorShared>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let told = req.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let target = req.uri().authority().map(|authority| authority.as_str());
    let foreign = |host: &str| !shared.hosts.answers(Some(host));
    let distrusts =
        |origin: &header::HeaderValue| !shared.hosts.trusts(origin.to_str().unwrap_or_default(), target.or(told));
    let changes = *req.method() != Method::GET;
    if [told, target].into_iter().flatten().any(foreign)
        || changes && req.headers().get_all(header::ORIGIN).any(distrusts)
    {
        let detail = "this answers to loopback names, and to those of --allowed-host, alone, and to no page of others";
        return Ok(req.into_response(respond(&problem(403, "forbidden", "Forbidden", detail))));
    }
    if shared.token.as_ref().is_some_and(|token| !is_shown(&token.token(), &req)) {
        return Ok(req.into_response(unauthorized()));
    }
    next.call(req).await.map(|response| response.map_into_boxed_body())
}

/// Whether a request bears the token; what tells nothing of anybody's orders needs none.
fn is_shown(token: &str, req: &ServiceRequest) -> bool {
    let shown = req.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, shown) = shown.split_once(' ').unwrap_or_default();
    let is_it = scheme.eq_ignore_ascii_case("bearer") && bool::from(shown.trim().as_bytes().ct_eq(token.as_bytes()));
    is_it || matches!(req.path(), "/livez" | "/openapi.json")
}

fn unauthorized() -> HttpResponse {
    let detail = "a bearer token is asked for, and this call bears none or another one; nothing was done";
    let mut response = respond(&problem(401, "unauthorized", "Unauthorized", detail));
    response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    response
}

async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(OPENAPI)
}

async fn operations(order_id: web::Path<String>, shared: Data<SimulatorShared>) -> HttpResponse {
    let Ok(_permit) = shared.in_flight.try_acquire() else { return overloaded() };
    json(200, &shared.simulator.operations(&order_id).await, false)
}

async fn act(
    action: web::Path<String>,
    req: HttpRequest,
    payload: web::Payload,
    shared: Data<SimulatorShared>,
) -> HttpResponse {
    match carry_out(&action, &req, payload, &shared).await {
        Ok(response) => response,
        Err(problem) => respond(&problem),
    }
}

async fn carry_out(
    action: &str,
    req: &HttpRequest,
    payload: web::Payload,
    shared: &SimulatorShared,
) -> Result<HttpResponse, ContractProblem> {
    let invalid = |detail| problem(400, "invalid_request", "Invalid request", detail);
    let action: ContractAction =
        action.parse().map_err(|detail: String| problem(404, "not_found", "Not found", detail))?;
    let key = step_key(req).map_err(invalid)?;
    let body = read(payload).await?;
    let request = ContractRequest::read(action, &body).map_err(invalid)?;
    if !shared.simulator.serves(&request) {
        let detail = format!("nobody does the step {:?} here: see --step", request.step().unwrap_or_default());
        return Err(problem(404, "not_found", "Not found", detail));
    }
    let Ok(permit) = shared.in_flight.try_acquire() else { return Ok(overloaded()) };
    let (reply, manner) = shared.simulator.call(key, &request).await;
    drop(permit);
    match manner {
        Manner::Prompt => {}
        Manner::Slow(wait) => shared.simulator.pause(wait).await,
        Manner::Lost => {
            let connection = req.conn_data::<Connection>();
            tokio::select! {
                () = shared.simulator.pause(shared.simulator.hang()) => {}
                () = hung_up(connection) => {}
            }
            if let Some(Connection(stream)) = connection {
                // An error means that it is closed already.
                let _ = stream.shutdown(Shutdown::Both);
            }
            // Nobody hears this.
            return Err(problem(504, "no_answer", "No answer", "the answer to this call is withheld"));
        }
    }
    match reply {
        Reply::Outcome { answer, replayed } => Ok(outcome(&answer, replayed)),
        Reply::Wrong(code, detail) => Err(problem(400, code, CONTRADICTS, detail)),
        Reply::Failed => Err(failed(500)),
    }
}

/// A second handle on a call's connection. actix neither tells a handler that its client hung up, nor lets it drop the
/// connection without an answer.
struct Connection(std::net::TcpStream);

/// Remembers the connection for its requests. Where there is no handle left, answers are lost a little less truly.
fn remember(entered: &Entered, extensions: &mut Extensions) {
    let stream = match entered {
        Stream::Plain(stream) => stream,
        Stream::Encrypted(stream) => stream.get_ref().0,
    };
    if let Ok(handle) = stream.as_fd().try_clone_to_owned() {
        extensions.insert(Connection(handle.into()));
    }
}

/// Waits until the client is gone.
async fn hung_up(connection: Option<&Connection>) {
    let Some(Connection(stream)) = connection else { return std::future::pending().await };
    loop {
        // What lies before the end may be the next request, or the farewell of TLS.
        let mut asked = [PollFd::new(stream, PollFlags::RDHUP)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        if rustix::event::poll(&mut asked, Some(&now)).map_or(true, |found| found > 0) {
            return;
        }
        tokio::time::sleep(HANG_UP_POLL).await;
    }
}

/// The key of a call: a UUID, bare or as a quoted string (RFC 9651).
fn step_key(req: &HttpRequest) -> Result<Uuid, String> {
    let mut values = req.headers().get_all(IDEMPOTENCY_KEY);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(format!("exactly one {IDEMPOTENCY_KEY} is required"));
    };
    let text = value.to_str().unwrap_or_default();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    Uuid::try_parse(text).map_err(|error| format!("{IDEMPOTENCY_KEY} must be a UUID: {error}"))
}

async fn read(payload: web::Payload) -> Result<Bytes, ContractProblem> {
    let too_large =
        || problem(413, "too_large", "Content too large", format!("a body has at most {MAX_BODY_BYTES} bytes"));
    match tokio::time::timeout(ARRIVAL, payload.to_bytes_limited(MAX_BODY_BYTES)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(error))) => Err(match error.as_error::<PayloadError>() {
            Some(PayloadError::Overflow) => too_large(),
            _ => {
                let detail = format!("the body did not arrive whole: {error}");
                problem(400, "invalid_request", "Invalid request", detail)
            }
        }),
        Ok(Err(_limit)) => Err(too_large()),
        Err(_elapsed) => Err(problem(408, "request_timeout", "Request timeout", "the body did not arrive in time")),
    }
}

fn overloaded() -> HttpResponse {
    let mut response =
        respond(&problem(503, "overloaded", "Overloaded", "too many calls are in hand; repeat this one"));
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    response
}

fn failed(status: u16) -> ContractProblem {
    problem(status, "failed", "Failed", "something went wrong; the outcome is not known")
}

fn outcome(answer: &ContractAnswer, replayed: bool) -> HttpResponse {
    match answer {
        ContractAnswer::Done(done) => json(200, done, replayed),
        ContractAnswer::Pending(pending) => json(202, pending, replayed),
        ContractAnswer::Refused { status, refusal } => json(*status, refusal, replayed),
        ContractAnswer::Contradicted { code } => {
            respond(&problem(400, code, CONTRADICTS, "the key stands for another call"))
        }
        ContractAnswer::Unknown { status } => respond(&failed(*status)),
    }
}

fn json(status: u16, body: &impl Serialize, replayed: bool) -> HttpResponse {
    let mut response = HttpResponse::build(code(status));
    if replayed {
        response.insert_header((IDEMPOTENT_REPLAYED, "true"));
    }
    // Structs of strings, integers and lists always serialise.
    response.content_type("application/json").body(serde_json::to_string(body).unwrap_or_default())
}

fn problem(status: u16, code: &str, title: &str, detail: impl Into<String>) -> ContractProblem {
    let kind = format!("urn:counterfoil:problem:{code}");
    ContractProblem { kind, title: title.to_owned(), status, detail: detail.into(), code: code.to_owned() }
}

fn respond(problem: &ContractProblem) -> HttpResponse {
    let body = serde_json::to_string(problem).unwrap_or_default();
    HttpResponse::build(code(problem.status)).content_type("application/problem+json").body(body)
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
