//! HTTP: a thin shell over the engine. It reads a request, judges it by what needs no order (who asks, its shape, today's limits
//! and tokens), asks the engine or its store, and writes the answer. What becomes of an order is decided elsewhere.
//!
//! Every request goes through [`answer`], which measures it by its route's pattern, turns a problem into its envelope,
//! and a panic into 500 `internal` for this request alone.

mod asyncapi;
pub mod auth;
pub mod connections;
pub mod departure;
mod events;
mod flight;
mod guard;
pub mod headers;
mod health;
mod history;
mod inventory;
pub mod json;
mod openapi;
mod operator;
mod orders;
pub mod problem;
mod query;
pub mod request;
mod sealed;
mod shares;
pub mod streams;
#[cfg(test)]
mod tests;
mod verbs;
mod view;
mod webhooks;

use std::cell::OnceCell;
use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_http::HttpService;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Response, Server, Service, ServiceFactory, fn_service};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::rt::net::TcpStream;
use actix_web::web::{Bytes, BytesMut, Payload, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, Resource, web};
use futures_util::future::{Either, select};
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;

use crate::config::{self, Config, ParticipantKind, PaymentKind};
use crate::engine::Engine;
use crate::hosts::Hosts;
use crate::limits;
use crate::saga::{Answer, Client, Code};
use crate::telemetry::{Metrics, Overload};
use crate::tls::Acceptor;

use auth::Auth;
use connections::{Bounds, Connection, Connections};
use departure::Departure;
use flight::{Body, Holder, Purse, Way};
use guard::Refusals;
use json::FieldError;
pub use operator::WebhookDesk;
use problem::{Counted, OTHER_CODE, PROBLEM_JSON, Problem};
use request::{Accepted, Tokens};
use sealed::Line;
use webhooks::WebhookSecrets;

/// A body that has not arrived after so long is given up: whoever sends a byte a minute holds no memory for ever.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The status that a request is measured by whose client hung up before it was answered: no status of HTTP's own, and the
/// one that proxies use.
const HUNG_UP: u16 = 499;

/// What the handlers share.
pub struct AppState {
    engine: Engine,
    auth: Arc<Auth>,
    hosts: Hosts,
    refusals: Refusals,
    tokens: Tokens,
    inventory_is_remote: bool,
    webhooks: WebhookSecrets,
    departure: Departure,
    shares: shares::Shares,
    webhook_desk: Option<WebhookDesk>,
    faults_enabled: bool,
    max_body_bytes: usize,
    default_wait: Duration,
    bodies: Arc<Purse>,
    answers: Arc<Purse>,
}

impl AppState {
    /// Of an engine, under a checked configuration.
    pub fn new(engine: Engine, config: &Config) -> Self {
        Self::leaving_by(engine, config, Departure::default())
    }

    /// As [`AppState::new`], for a server that the caller has leave in order.
    pub fn leaving_by(engine: Engine, config: &Config, departure: Departure) -> Self {
        let faults = config.faults.enabled;
        let accepted = |local: bool| if local { Accepted::Local { faults } } else { Accepted::Any };
        let participants = &config.participants;
        let auth = Arc::new(Auth::new(&config.auth, Arc::clone(engine.clock())));
        Self {
            auth,
            hosts: hosts(config, None),
            refusals: Refusals::default(),
            engine,
            tokens: Tokens {
                payment: accepted(participants.payment.kind == PaymentKind::Local),
                shipment: accepted(participants.shipment.kind == ParticipantKind::Local),
            },
            inventory_is_remote: participants.inventory.kind != ParticipantKind::Local,
            webhooks: WebhookSecrets::new(participants, &config.saga.steps),
            departure,
            shares: shares::Shares::new(config.database.pool_size),
            webhook_desk: None,
            faults_enabled: config.faults.enabled,
            max_body_bytes: config.server.max_body_bytes,
            default_wait: Duration::from_millis(config.server.default_wait_ms),
            bodies: Purse::of(limits::BODIES_IN_FLIGHT),
            answers: Purse::of(limits::ANSWERS_IN_FLIGHT),
        }
    }
}

/// One request, as handlers take it.
pub(crate) struct HttpCall {
    req: HttpRequest,
    payload: Payload,
    state: web::Data<AppState>,
    /// Who calls, once that is known.
    client: OnceCell<Client>,
}

type Answered = Result<HttpResponse, Problem>;

impl HttpCall {
    /// Who calls; 401 where nobody known does.
    fn caller(&self) -> Result<auth::Caller, Problem> {
        let caller = self.state.auth.caller(self.req.headers())?;
        let _known_already = self.client.set(caller.client.clone());
        Ok(caller)
    }

    /// What comes of something that may take long, or 401 where the caller's token is gone before: whoever lost it is not
    /// told what becomes of an order any more. What was begun goes on.
    async fn while_known<T>(&self, caller: &auth::Caller, work: impl Future<Output = T>) -> Result<T, Problem> {
        let gone = std::pin::pin!(Arc::clone(&self.state.auth).gone(caller));
        // It is asked first: nothing is begun for a token that is gone already.
        match select(gone, std::pin::pin!(work)).await {
            Either::Left(((), _)) => Err(Problem::unauthorized(true)),
            Either::Right((done, _)) => Ok(done),
        }
    }

    /// 415 where the body is not said to be JSON.
    fn require_json(&self) -> Result<(), Problem> {
        match headers::wrong_media_type(self.req.headers()) {
            Some(detail) => Err(Problem::unsupported_media_type(detail)),
            None => Ok(()),
        }
    }

    /// The whole body, once its media type and its length are accepted: 415, 413; 503 where too many bodies are here.
    async fn body(&mut self) -> Result<Body, Problem> {
        self.require_json()?;
        self.callers_body().await
    }

    /// A body that may be left out, and is an empty object then, whatever it is said to be.
    async fn optional_body(&mut self) -> Result<Body, Problem> {
        let body = self.callers_body().await?;
        if !body.is_empty() {
            self.require_json()?;
        }
        Ok(body.or_if_empty(b"{}"))
    }

    /// The bytes of a caller's body. It may take its time to come, and whose token is gone when it is there is nobody: 401.
    async fn callers_body(&mut self) -> Result<Body, Problem> {
        let caller = self.caller()?;
        let body = self.raw_body(self.state.max_body_bytes).await?;
        if self.state.auth.knows(&caller) { Ok(body) } else { Err(Problem::unauthorized(true)) }
    }

    /// The bytes of a body of whatever type, at most `max`. Whoever's body is read before it is known who calls is a
    /// participant.
    async fn raw_body(&mut self, max: usize) -> Result<Body, Problem> {
        let announced = self.req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > max as u64) {
            return Err(Problem::too_large(max));
        }
        let connection = self.req.conn_data::<Arc<Connection>>().cloned();
        let share = self.state.bodies.open(self.client.get().map_or(Holder::Participant, Holder::of));
        match tokio::time::timeout(BODY_TIMEOUT, collect(&mut self.payload, max, share, connection.as_ref())).await {
            Ok(Err(Problems::Overloaded)) => {
                self.state.engine.metrics().overloaded(Overload::Bodies).inc();
                Err(Problem::too_many_bodies())
            }
            Ok(Err(Problems::Wrong(problem))) => Err(problem),
            Ok(Ok(body)) => Ok(body),
            Err(_elapsed) => Err(Problem::request_timeout()),
        }
    }
}

/// Why a body was not read.
enum Problems {
    Overloaded,
    Wrong(Problem),
}

/// Reads a payload of at most `max` bytes. One that came in one piece, as most do, is not copied. Room is taken as it
/// comes: what is only announced holds none.
async fn collect(
    payload: &mut Payload,
    max: usize,
    mut share: flight::Share,
    connection: Option<&Arc<Connection>>,
) -> Result<Body, Problems> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            let detail = format!("did not arrive whole: {error}");
            Problems::Wrong(Problem::invalid_request(vec![FieldError::body("", detail)]))
        })?;
        if let Some(connection) = connection {
            connection.took();
        }
        let bytes = first.len() + whole.len() + chunk.len();
        if bytes > max {
            return Err(Problems::Wrong(Problem::too_large(max)));
        }
        if !share.reach(bytes) {
            return Err(Problems::Overloaded);
        }
        if first.is_empty() && whole.is_empty() {
            first = chunk;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&chunk);
        }
    }
    if let Some(connection) = connection {
        connection.took_all();
    }
    Ok(Body::new(if whole.is_empty() { first } else { whole.freeze() }, share))
}

/// Whether a request says that it has a body.
fn has_body(req: &HttpRequest) -> bool {
    let headers = req.headers();
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

/// The one way through which requests are answered.
async fn answer<F, Fut>(req: HttpRequest, payload: Payload, route: Route, handler: F) -> HttpResponse
where
    F: Fn(HttpCall) -> Fut,
    Fut: Future<Output = Answered>,
{
    let started = Instant::now();
    let Some(state) = req.app_data::<web::Data<AppState>>().cloned() else {
        tracing::error!("the HTTP application has no state");
        return Problem::internal().response();
    };
    let connection = req.conn_data::<Arc<Connection>>().cloned();
    let on = connection.as_ref().map(|connection| (connection.enter(has_body(&req)), connection.gone()));
    let request = req.clone();
    let call = HttpCall { req: req.clone(), payload, state: state.clone(), client: OnceCell::new() };
    let handled = async {
        guard::admit(&req, route.path, &state)?;
        handler(call).await
    };
    let handled = AssertUnwindSafe(handled).catch_unwind();
    let gone = async {
        match &connection {
            Some(connection) => connection.gone().await,
            None => std::future::pending().await,
        }
    };
    let outcome = tokio::select! {
        biased;
        outcome = handled => Some(outcome),
        () = gone => None,
    };
    let mut response = match outcome {
        Some(Ok(Ok(response))) => response,
        Some(Ok(Err(problem))) => {
            if matches!(problem.status(), 401 | 403) {
                state.refusals.tell(&req, route.path, &problem, &state);
            }
            problem.response()
        }
        None => {
            // Nobody hears this but who has ended their half alone; what was asked for goes on by itself.
            let elapsed = started.elapsed().as_secs_f64();
            state.engine.metrics().http_request(route.path, route.method, HUNG_UP, elapsed);
            return Problem::unavailable().response();
        }
        Some(Err(_panic)) => {
            // The panic hook has told where.
            tracing::error!(route = route.path, method = route.method, "a request handler panicked");
            Problem::internal().response()
        }
    };
    if state.departure.is_announced() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    let metrics = state.engine.metrics();
    let holder =
        || state.auth.caller(request.headers()).map_or(Holder::Participant, |caller| Holder::of(&caller.client));
    let response = flight::sent(response, holder, Way { purse: &state.answers, metrics, on });
    let counted = response.extensions().get::<Counted>().copied();
    if let Some(Counted(code)) = counted {
        metrics.problem(code);
    }
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    metrics.http_request(route.path, route.method, status, elapsed.as_secs_f64());
    response
}

/// What requests are measured by.
#[derive(Debug, Clone, Copy)]
struct Route {
    path: &'static str,
    method: &'static str,
}

/// A path and its methods.
struct Path<'a> {
    path: &'static str,
    resource: Resource,
    methods: Vec<&'static str>,
    engine: &'a Engine,
}

impl<'a> Path<'a> {
    fn at(path: &'static str, state: &'a AppState) -> Self {
        Self { path, resource: web::resource(path), methods: Vec::new(), engine: &state.engine }
    }

    /// Adds a method, with the statuses that it commonly answers: their series are there from the start.
    fn on<F, Fut>(mut self, method: &'static str, statuses: &[u16], handler: F) -> Self
    where
        F: Fn(HttpCall) -> Fut + Clone + 'static,
        Fut: Future<Output = Answered> + 'static,
    {
        self.engine.metrics().http_route(self.path, method, statuses);
        let route = Route { path: self.path, method };
        // The names are those of RFC 9110 and RFC 5789: tokens.
        let verb = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        self.methods.push(method);
        self.resource = self.resource.route(
            web::method(verb)
                .to(move |req: HttpRequest, payload: Payload| answer(req, payload, route, handler.clone())),
        );
        self
    }

    /// Adds GET, and HEAD, which RFC 9110 wants beside it.
    fn get<F, Fut>(self, statuses: &[u16], handler: F) -> Self
    where
        F: Fn(HttpCall) -> Fut + Clone + 'static,
        Fut: Future<Output = Answered> + 'static,
    {
        self.on("GET", statuses, handler.clone()).on("HEAD", &[], handler)
    }

    fn register(self, cfg: &mut ServiceConfig) {
        let route = Route { path: self.path, method: "other" };
        let allowed = self.methods.join(", ");
        let other = web::to(move |req: HttpRequest, payload: Payload| {
            let allowed = allowed.clone();
            answer(req, payload, route, move |_call| {
                std::future::ready(Err(Problem::method_not_allowed(allowed.clone())))
            })
        });
        cfg.service(self.resource.default_service(other));
    }
}

/// Adds every route to an application, with `state` for their handlers.
pub fn configure(cfg: &mut ServiceConfig, state: &web::Data<AppState>) {
    cfg.app_data(state.clone());
    state.engine.metrics().problem_series(Code::ALL.iter().map(|code| code.as_str()).chain([OTHER_CODE]));
    let at = |path| Path::at(path, state);
    at("/orders")
        .on("POST", &[201, 202, 400, 402, 409, 422, 500, 503], orders::submit)
        .get(&[200], orders::list)
        .register(cfg);
    at("/orders/{order_id}").get(&[200, 400, 404], orders::show).register(cfg);
    at("/orders/{order_id}/events").get(&[200, 404, 503], events::show).register(cfg);
    let verb = [201, 202, 400, 404, 409, 422, 429, 503];
    at("/orders/{order_id}/cancel").on("POST", &verb, verbs::cancel).register(cfg);
    at("/orders/{order_id}/capture").on("POST", &verb, verbs::capture).register(cfg);
    at("/orders/{order_id}/refunds").on("POST", &verb, verbs::refund).register(cfg);
    at("/webhooks/{participant}").on("POST", &[204, 400, 401, 404], webhooks::receive).register(cfg);
    at("/inventory").get(&[200, 400], inventory::list).register(cfg);
    at("/inventory/{sku}")
        .get(&[200, 404], inventory::show)
        .on("PUT", &[200, 201, 400, 409], inventory::set)
        .register(cfg);
    at("/inventory/{sku}/journal").get(&[200, 400, 404], inventory::journal).register(cfg);
    at("/inventory/{sku}/adjustments").on("POST", &[201, 400, 404, 409, 422], inventory::adjust).register(cfg);
    operator::configure(cfg, state);
    at("/livez").get(&[200], health::live).register(cfg);
    at("/readyz").get(&[200, 503], health::ready).register(cfg);
    at("/metrics").get(&[200], health::metrics).register(cfg);
    at("/asyncapi.json").get(&[200], asyncapi::show).register(cfg);
    at("/openapi.json").get(&[200], openapi::show).register(cfg);
    at("/docs").get(&[200], openapi::docs).register(cfg);
    at("/docs/docs.css").get(&[200], openapi::style).register(cfg);
    at("/").get(&[200], health::root).register(cfg);
    let unmatched = Route { path: "unmatched", method: "other" };
    cfg.default_service(web::to(move |req: HttpRequest, payload: Payload| {
        answer(req, payload, unmatched, |_call| std::future::ready(Err(Problem::not_found())))
    }));
}

/// Answers on a listener from now on. The server runs while the returned future is polled; `Server::handle().stop(true)`
/// ends it gracefully: it accepts no more, and gives requests in hand `server.shutdown_grace_ms`. Signals are the
/// caller's.
pub fn serve(engine: Engine, config: &Config, listener: TcpListener) -> io::Result<Server> {
    let acceptor = config.server.tls.clone().map(Acceptor::open).transpose().map_err(io::Error::other)?;
    serve_leaving_by(engine, config, listener, acceptor, None, Departure::default())
}

/// As [`serve`], for a caller that has the server leave in order, and its certificates read again; with a desk for webhooks,
/// where events are delivered.
pub fn serve_leaving_by(
    engine: Engine,
    config: &Config,
    listener: TcpListener,
    acceptor: Option<Acceptor>,
    webhook_desk: Option<WebhookDesk>,
    departure: Departure,
) -> io::Result<Server> {
    let connections = Connections::new(Bounds::new(&config.server), Arc::clone(engine.metrics()));
    let mut state = AppState::leaving_by(engine, config, departure);
    state.hosts = hosts(config, Some(listener.local_addr()?.ip()));
    state.webhook_desk = webhook_desk;
    actix_web::rt::spawn(auth::follow_file(Arc::clone(&state.auth), Arc::clone(state.engine.metrics())));
    let state = web::Data::new(state);
    let app = move || App::new().configure(|cfg| configure(cfg, &state));
    let grace_s = config.server.shutdown_grace_ms.div_ceil(1_000);
    let door = Door { connections, acceptor };
    open(listener, &config.server, door, config.server.worker_threads(), grace_s, app)
}

/// The names that a server of this configuration answers to, by where it really listens; where that is not known, by
/// where it is configured to.
fn hosts(config: &Config, listens: Option<IpAddr>) -> Hosts {
    let configured = || config.server.listen.parse().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |at: SocketAddr| at.ip());
    if config.auth.is_open() {
        Hosts::open(listens.unwrap_or_else(configured), &config.server.allowed_hosts)
    } else {
        Hosts::guarded_by_tokens()
    }
}

/// Answers while the database is away at start: alive, not ready, and 503 to everything else.
pub fn serve_unavailable(config: &Config, listener: TcpListener, acceptor: Option<Acceptor>) -> io::Result<Server> {
    let app = || {
        App::new().default_service(web::to(|req: HttpRequest| async move {
            let _in_hand = req.conn_data::<Arc<Connection>>().map(|connection| connection.enter(has_body(&req)));
            if req.path() == "/livez" {
                return HttpResponse::Ok().content_type("application/json").body(health::LIVE);
            }
            Problem::unavailable().response()
        }))
    };
    let connections = Connections::new(Bounds::new(&config.server), Metrics::new(1));
    open(listener, &config.server, Door { connections, acceptor }, 1, 0, app)
}

/// How whoever comes is let in.
#[derive(Clone)]
struct Door {
    connections: Connections,
    acceptor: Option<Acceptor>,
}

/// Serves an application to guarded connections: what [`actix_web::HttpServer`] does, with our own stream.
fn open<F, I, S, B>(
    listener: TcpListener,
    config: &config::Server,
    door: Door,
    workers: usize,
    grace_s: u64,
    app: F,
) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, actix_http::Request>,
    S: ServiceFactory<actix_http::Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<actix_http::Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    // Connections that are accepted have what the listener has. What the kernel holds for a slow reader is bounded, and
    // given up when nothing of it was taken for somewhat longer than we wait ourselves, so that those whom we wait for are
    // counted by us.
    rustix::net::sockopt::set_socket_send_buffer_size(&listener, limits::SEND_BUFFER)?;
    let patience = Duration::from_millis(config.write_timeout_ms) + 4 * limits::CONNECTION_LOOK;
    let patience = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
    rustix::net::sockopt::set_tcp_user_timeout(&listener, patience)?;
    let address = listener.local_addr()?;
    let builder = Server::build()
        .workers(workers)
        .disable_signals()
        .shutdown_timeout(grace_s)
        // Its own bound would stop accepting, and leave the newcomers of all addresses to wait behind those of one.
        .max_concurrent_connections(door.connections.most().saturating_mul(2));
    let leaving = builder.graceful_shutdown_signal();
    let builder = builder.listen("http", listener, move || {
        let (door, leaving) = (door.clone(), leaving.clone());
        let guard = fn_service(move |stream: TcpStream| {
            let Door { connections, acceptor } = door.clone();
            sealed::enter(connections, acceptor, stream)
        });
        let app = app().into_factory().map_err(|error| error.into().error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let leaving = leaving.clone();
                async move { leaving.notified().await }
            })
            .client_disconnect_timeout(Duration::from_secs(1))
            .local_addr(address)
            .on_connect_ext(|stream: &Line, data| drop(data.insert(Arc::clone(stream.connection()))))
            .finish(map_config(app, |()| AppConfig::default()));
        guard.and_then(http)
    })?;
    Ok(builder.run())
}

/// A JSON answer.
fn json_response(status: StatusCode, body: &impl Serialize) -> Answered {
    let body = serde_json::to_string(body).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        Problem::internal()
    })?;
    Ok(HttpResponse::build(status).insert_header((header::CONTENT_TYPE, "application/json")).body(body))
}

/// A stored answer, byte for byte.
fn stored_response(answer: &Answer, replayed: bool) -> actix_web::HttpResponseBuilder {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    let kind = if answer.status < 400 { "application/json" } else { PROBLEM_JSON };
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(kind)));
    if answer.status >= 400 {
        response.extensions_mut().insert(Counted::stored(answer));
    }
    if replayed {
        response.insert_header((headers::IDEMPOTENT_REPLAYED, HeaderValue::from_static("true")));
    }
    response
}

/// One error of a request.
fn refused(error: FieldError) -> Problem {
    Problem::invalid_request(vec![error])
}
