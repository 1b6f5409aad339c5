//! The HTTP of `counterfoil receiver`. `POST` to any path is a delivery; `GET /taken` tells what there is, `GET /behaviour`
//! and `PUT /behaviour` what it is told to do, `GET /livez` that it lives.

use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

use super::behaviour::{Delivery, Manner, Rules};
use super::ledger::{self, Counts, Ledger, version};
use counterfoil_engine::hosts::Hosts;
use counterfoil_engine::limits;
use counterfoil_engine::signature::{Secret, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};

/// The largest body: an order of 1,000 lines has some 100 kB.
const MAX_BODY_BYTES: usize = 1 << 20;
/// Deliveries under way; more get 503. Those that are held are among them.
const IN_FLIGHT: usize = 1_024;
/// A request that has not arrived after so long is given up.
const ARRIVAL: Duration = Duration::from_secs(15);
/// How long a graceful end waits for what is under way.
const GRACE_S: u64 = 5;

/// What all connections share.
#[derive(Clone)]
pub struct Receiver(Arc<ReceiverShared>);

struct ReceiverShared {
    ledger: Ledger,
    secrets: Vec<Secret>,
    rules: Mutex<Rules>,
    /// How often the rules were set: whoever is held waits for the next time.
    set: watch::Sender<u64>,
    under_way: Semaphore,
    held: AtomicU64,
    refused: AtomicU64,
    unsigned: AtomicU64,
}

impl Receiver {
    /// Takes everything that one of the secrets signed.
    pub fn new(ledger: Ledger, secrets: Vec<Secret>) -> Self {
        Self(Arc::new(ReceiverShared {
            ledger,
            secrets,
            rules: Mutex::default(),
            set: watch::Sender::new(0),
            under_way: Semaphore::new(IN_FLIGHT),
            held: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            unsigned: AtomicU64::new(0),
        }))
    }

    /// Answers what is held, and goes by other rules from now on.
    pub fn obey(&self, rules: Rules) {
        let mut ours = self.rules();
        *ours = rules;
        // Under the lock: what is judged by these rules is not released by their coming.
        self.0.set.send_modify(|times| *times += 1);
    }

    /// What becomes of a delivery, and at which setting of the rules that was said.
    fn judge(&self, delivery: Delivery<'_>) -> (Manner, u64) {
        let mut rules = self.rules();
        (rules.judge(delivery), *self.0.set.borrow())
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        // Nothing under the lock leaves it half changed.
        self.0.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers on a listener while the returned future is polled. Signals are the caller's.
///
/// # Errors
///
/// The system's, if the listener cannot be used.
pub fn serve(receiver: Receiver, listener: TcpListener) -> io::Result<Server> {
    let hosts = Data::new(Hosts::open(listener.local_addr()?.ip(), &[]));
    let app = move || {
        App::new()
            .app_data(Data::new(receiver.clone()))
            .app_data(hosts.clone())
            .app_data(PayloadConfig::new(MAX_BODY_BYTES))
            .wrap(from_fn(admit))
            .route("/livez", web::get().to(|| async { HttpResponse::Ok().content_type("text/plain").body("ok\n") }))
            .route("/taken", web::get().to(taken))
            .route("/behaviour", web::get().to(behaviour))
            .route("/behaviour", web::put().to(behave))
            .route("/{path:.*}", web::post().to(deliver))
    };
    let server = HttpServer::new(app).workers(2).disable_signals().shutdown_timeout(GRACE_S);
    Ok(server.client_request_timeout(ARRIVAL).listen(listener)?.run())
}

/// A page in a browser on this machine could have it refuse, and read who bought what: see [`counterfoil_engine::hosts`].
async fn admit(
    hosts: Data<Hosts>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let told = req.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let target = req.uri().authority().map(|authority| authority.as_str());
    let distrusts = |origin: &header::HeaderValue| !hosts.trusts(origin.to_str().unwrap_or_default(), target.or(told));
    let is_foreign = [told, target].into_iter().flatten().any(|host| !hosts.answers(Some(host)));
    if is_foreign || *req.method() != Method::GET && req.headers().get_all(header::ORIGIN).any(distrusts) {
        return Ok(req.into_response(says(403, "this answers to loopback names alone, and to no page of others")));
    }
    next.call(req).await.map(|response| response.map_into_boxed_body())
}

/// A delivery: whoever signed it, whether it is known, and what is to become of it.
async fn deliver(req: HttpRequest, body: Bytes, receiver: Data<Receiver>) -> HttpResponse {
    let shared = &receiver.0;
    let Ok(_permit) = shared.under_way.try_acquire() else { return says(503, "too many deliveries are under way") };
    let header = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, timestamp, signatures) = (header(WEBHOOK_ID), header(WEBHOOK_TIMESTAMP), header(WEBHOOK_SIGNATURE));
    let now = Timestamp::now();
    let age = timestamp.parse::<i64>().map(|at| now.as_second().saturating_sub(at));
    let is_timely = age.is_ok_and(|age| age.unsigned_abs() <= limits::WEBHOOK_TOLERANCE_S.unsigned_abs());
    let is_signed = || shared.secrets.iter().any(|secret| secret.verify(id, timestamp, &body, signatures));
    if id.is_empty() || !is_timely || !is_signed() {
        shared.unsigned.fetch_add(1, Ordering::Relaxed);
        return says(401, "it is not signed with a secret that is known here, or not now");
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else { return says(400, "its body is not JSON") };
    let (Some(order_id), Some(version)) = (event["subject"].as_str(), version(&event)) else {
        return says(400, "its body is no event of an order: it has no subject, or no sequence");
    };
    let path = req.path();
    let (manner, judged_at) = receiver.judge(Delivery { path, order_id, version: Some(version) });
    if let Manner::Refuse(status) = manner {
        shared.refused.fetch_add(1, Ordering::Relaxed);
        return says(status, "it was told to refuse this");
    }
    shared.ledger.take(path, id, &event, now.to_string()).await;
    if manner == Manner::Hold {
        let _held = Held::new(&shared.held);
        let mut set = shared.set.subscribe();
        // The sender lives as long as the receiver.
        let _ = set.wait_for(|now| *now > judged_at).await;
    }
    HttpResponse::NoContent().finish()
}

/// Counts itself as long as it is there.
struct Held<'a>(&'a AtomicU64);

impl<'a> Held<'a> {
    fn new(held: &'a AtomicU64) -> Self {
        held.fetch_add(1, Ordering::Relaxed);
        Self(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Deserialize)]
struct Wanted {
    order_id: Option<String>,
}

/// `GET /taken`: how much, by path; with `?order_id=` the lines of that order.
async fn taken(wanted: web::Query<Wanted>, receiver: Data<Receiver>) -> HttpResponse {
    let shared = &receiver.0;
    if let Some(order_id) = wanted.into_inner().order_id {
        let path = shared.ledger.path().to_owned();
        return match web::block(move || ledger::read(&path)).await {
            Ok(Ok((lines, _))) => {
                let lines: Vec<_> = lines.into_iter().filter(|line| line.order_id() == order_id).collect();
                HttpResponse::Ok().json(lines)
            }
            Ok(Err(error)) => says(500, &error.to_string()),
            Err(error) => says(500, &error.to_string()),
        };
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let endpoints: BTreeMap<String, Counts> = shared.ledger.counts();
    HttpResponse::Ok().json(json!({
        "endpoints": endpoints,
        "held": count(&shared.held),
        "refused": count(&shared.refused),
        "unsigned": count(&shared.unsigned),
    }))
}

/// `GET /behaviour`
async fn behaviour(receiver: Data<Receiver>) -> HttpResponse {
    HttpResponse::Ok().json(receiver.rules().list())
}

/// `PUT /behaviour`: these rules from now on, and what is held is answered.
async fn behave(body: Bytes, receiver: Data<Receiver>) -> HttpResponse {
    match Rules::read(&body) {
        Ok(rules) => {
            receiver.obey(rules);
            HttpResponse::Ok().json(receiver.rules().list())
        }
        Err(wrong) => says(400, &wrong),
    }
}

fn says(status: u16, what: &str) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(format!("{what}\n"))
}
