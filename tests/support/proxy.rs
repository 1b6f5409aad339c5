//! What stands between engines and participants and does harm to single calls: it knows an order and an action, and
//! does to the first call of those, or to all of them, what a test asked for. The participants behind it are honest, so
//! that their ledger tells what really took effect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use counterfoil::client::{Client, HttpAnswer};
use hyper::Method;
use serde_json::Value;

/// What is done to a call.
#[derive(Debug, Clone)]
pub enum Harm {
    /// It is refused, and never comes to the participant; nor does a repeat, however late: its key is refused for ever.
    Refuse,
    /// What became of [`Refuse`](Self::Refuse): this key is refused.
    Refused(String),
    /// It is answered 500, so often, before it has an effect.
    Fail(u32),
    /// It takes effect, and the connection is closed without an answer after so long.
    Lose(Duration),
    /// It takes effect, and is answered after so long.
    Late(Duration),
    /// It is sent twice at once; the second answer counts.
    Double,
    /// It takes effect, and every call is answered by 202.
    Pend,
    /// It never comes to the participant, and every call is answered by 202.
    Accept,
    /// It never comes to the participant, and is answered as late as that: whoever sent it is gone by then.
    Hold(Duration),
    /// Before it is sent on, a fault is armed at an engine.
    Arm {
        /// Where the engine is.
        engine: String,
        /// What is armed.
        fault: Value,
    },
}

/// How the participants behind it fare as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    /// Everything gets through.
    #[default]
    Fair,
    /// Everything is answered by this status, and gets nowhere.
    Answers(u16),
    /// Nothing is answered, nor gets anywhere.
    Stalls,
    /// Calls get nowhere and are answered by 500; questions get through.
    FailsCalls,
}

/// What came while the weather was bad: what it was about, and how much of it was under way at once.
#[derive(Debug, Default)]
pub struct Storm {
    weather: Weather,
    /// Action and order_id; a look-up has no action of its own.
    pub came: Vec<(String, String)>,
    under_way: usize,
    pub most_at_once: usize,
    charges_under_way: usize,
    charges_answered: usize,
    /// Whether more charges were ever under way than two, and one for each that was answered.
    pub stampeded: bool,
}

type Rules = Arc<Mutex<HashMap<(String, String), Harm>>>;

/// A running proxy; it ends when dropped.
pub struct Proxy {
    pub url: String,
    rules: Rules,
    struck: Arc<Mutex<Vec<(String, String)>>>,
    storm: Arc<Mutex<Storm>>,
    handle: ServerHandle,
}

#[derive(Clone)]
struct Shared {
    rules: Rules,
    struck: Arc<Mutex<Vec<(String, String)>>>,
    storm: Arc<Mutex<Storm>>,
    to: Client,
}

impl Proxy {
    /// Before the participants at `url`.
    pub fn before(url: &str) -> Self {
        let (rules, struck, storm) = (Rules::default(), Arc::default(), Arc::<Mutex<Storm>>::default());
        let to = Client::anonymous(url).expect("a URL");
        let (rules_too, struck_too, storm_too) = (Arc::clone(&rules), Arc::clone(&struck), Arc::clone(&storm));
        let shared = Shared { rules: rules_too, struck: struck_too, storm: storm_too, to };
        let (started, is_started) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new().app_data(Data::new(shared.clone())).default_service(web::to(pass))
                });
                let server = server.workers(1).disable_signals().shutdown_timeout(0).bind("127.0.0.1:0");
                let server = server.expect("a free port");
                let address = server.addrs()[0];
                let server = server.run();
                started.send((address, server.handle())).expect("the test waits");
                server.await.expect("the proxy runs");
            });
        });
        let (address, handle) = is_started.recv().expect("the proxy starts");
        Self { url: format!("http://{address}"), rules, struck, storm, handle }
    }

    /// Has this done to the calls of an action for an order.
    pub fn harm(&self, order_id: &str, action: &str, harm: Harm) {
        lock(&self.rules).insert((order_id.to_owned(), action.to_owned()), harm);
    }

    /// Has this done to everything from now on; what came until then.
    pub fn weather(&self, weather: Weather) -> Storm {
        let mut storm = lock(&self.storm);
        let (under_way, charges_under_way) = (storm.under_way, storm.charges_under_way);
        let fresh = Storm { weather, under_way, charges_under_way, most_at_once: under_way, ..Storm::default() };
        std::mem::replace(&mut *storm, fresh)
    }

    /// How much has come since the weather was set.
    pub fn came(&self) -> usize {
        lock(&self.storm).came.len()
    }

    /// Has nothing more done to them.
    pub fn spare(&self, order_id: &str, action: &str) {
        lock(&self.rules).remove(&(order_id.to_owned(), action.to_owned()));
    }

    /// Whether it was done.
    pub fn has_struck(&self, order_id: &str, action: &str) -> bool {
        self.strikes(order_id, action) > 0
    }

    /// How often it was done.
    pub fn strikes(&self, order_id: &str, action: &str) -> usize {
        lock(&self.struck).iter().filter(|struck| (&*struck.0, &*struck.1) == (order_id, action)).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// What is to be done to this call; each harm is done once, but for those that say otherwise.
    fn take(&self, order_id: &str, action: &str, key: &str) -> Option<Harm> {
        let name = (order_id.to_owned(), action.to_owned());
        let mut rules = lock(&self.rules);
        let harm = rules.get(&name)?.clone();
        match &harm {
            Harm::Pend | Harm::Accept => {}
            Harm::Refuse => drop(rules.insert(name.clone(), Harm::Refused(key.to_owned()))),
            Harm::Refused(refused) if refused == key => {}
            Harm::Refused(_) => return None,
            Harm::Fail(times) if *times > 1 => drop(rules.insert(name.clone(), Harm::Fail(times - 1))),
            Harm::Fail(_) | Harm::Lose(_) | Harm::Late(_) | Harm::Hold(_) | Harm::Double | Harm::Arm { .. } => {
                rules.remove(&name);
            }
        }
        lock(&self.struck).push(name);
        Some(harm)
    }

    async fn send(&self, req: &HttpRequest, body: &Bytes) -> Option<HttpAnswer> {
        let method = Method::from_bytes(req.method().as_str().as_bytes()).ok()?;
        let key = req.headers().get("idempotency-key").and_then(|key| key.to_str().ok());
        let headers: Vec<_> = key.iter().map(|key| ("idempotency-key", *key)).collect();
        let body = (!body.is_empty()).then(|| body.clone());
        self.to.request(method, req.path(), &headers, body).await.ok()
    }
}

fn json(status: u16, body: &'static str) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(status).expect("a status")).content_type("application/json").body(body)
}

/// One request that came; it is under way until this is dropped.
struct UnderWay {
    storm: Arc<Mutex<Storm>>,
    charges: usize,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut storm = lock(&self.storm);
        storm.under_way -= 1;
        storm.charges_under_way -= self.charges;
        storm.charges_answered += self.charges;
    }
}

async fn pass(req: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let action = req.path().trim_start_matches('/').to_owned();
    let told: Value = serde_json::from_slice(&body).unwrap_or_default();
    let charges = usize::from(action == "charge");
    let weather = {
        let mut storm = lock(&shared.storm);
        storm.came.push((action.clone(), told["order_id"].as_str().unwrap_or_default().to_owned()));
        storm.under_way += 1;
        storm.most_at_once = storm.most_at_once.max(storm.under_way);
        storm.charges_under_way += charges;
        storm.stampeded |= storm.charges_under_way > storm.charges_answered + 2;
        storm.weather
    };
    let _under_way = UnderWay { storm: Arc::clone(&shared.storm), charges };
    match weather {
        Weather::Answers(status) => return json(status, "{}"),
        Weather::FailsCalls if req.method() != "GET" => return json(500, "{}"),
        Weather::Stalls => std::future::pending().await,
        Weather::Fair | Weather::FailsCalls => {}
    }
    let key = req.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    // Of steps of one's own one may be meant (`run:fraud`), or whichever.
    let step = told["step"].as_str().map(|step| format!("{action}:{step}"));
    let harm = told["order_id"].as_str().and_then(|order_id| {
        let one = step.as_ref().and_then(|step| shared.take(order_id, step, key));
        one.or_else(|| shared.take(order_id, &action, key))
    });
    match &harm {
        Some(Harm::Refuse | Harm::Refused(_)) if action == "reserve" => {
            return json(409, r#"{"reason":"out_of_stock"}"#);
        }
        Some(Harm::Refuse | Harm::Refused(_)) => return json(422, r#"{"reason":"not_today"}"#),
        Some(Harm::Fail(_)) => return json(500, "{}"),
        Some(Harm::Accept) => return json(202, "{}"),
        Some(Harm::Hold(pause)) => {
            tokio::time::sleep(*pause).await;
            return json(504, "{}");
        }
        Some(Harm::Arm { engine, fault }) => {
            let engine = Client::anonymous(engine).expect("a URL");
            let fault = Some(fault.to_string().into());
            let armed = engine.request(Method::POST, "/operator/faults", &[], fault).await;
            assert_eq!(armed.expect("the engine answers").status, 204, "the fault is armed");
        }
        Some(Harm::Double) => {
            let first = shared.send(&req, &body);
            let _both = futures_util::future::join(first, shared.send(&req, &body)).await;
        }
        Some(Harm::Lose(_) | Harm::Late(_) | Harm::Pend) | None => {}
    }
    let Some(answer) = shared.send(&req, &body).await else { return json(502, "{}") };
    match harm {
        Some(Harm::Lose(pause)) => {
            tokio::time::sleep(pause).await;
            return json(504, "{}");
        }
        Some(Harm::Late(pause)) => tokio::time::sleep(pause).await,
        Some(Harm::Pend) => return json(202, "{}"),
        Some(
            Harm::Refuse
            | Harm::Refused(_)
            | Harm::Fail(_)
            | Harm::Accept
            | Harm::Hold(_)
            | Harm::Double
            | Harm::Arm { .. },
        )
        | None => {}
    }
    HttpResponse::build(StatusCode::from_u16(answer.status).expect("a status"))
        .content_type("application/json")
        .body(answer.body)
}
