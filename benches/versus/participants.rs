//! The payment provider and the carrier of the remote saga: one process that remembers every key and answers after
//! 5 ms, the same for every contestant. It writes nothing to a disk, so that it does not become what is measured.
//!
//! It keeps the part of the contract that a saga without failures needs: a key takes effect once, and its repeat gets the
//! same answer. What took effect is counted, and held against the orders after a run.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use clap::ValueEnum;
use counterfoil::client::Client;
use counterfoil::participants::contract::{ContractAction, ContractRequest, Done, IDEMPOTENCY_KEY};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use uuid::Uuid;

use crate::Outcome;

/// How long an answer takes: a provider in the same town.
const LATENCY: Duration = Duration::from_millis(5);

/// What is answered to a payment.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It is done.
    Done,
    /// Every other one is accepted (202) or fails (500), for ever.
    Never,
}

impl Mood {
    pub fn argument(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Never => "never",
        }
    }
}

struct Provider {
    mood: Mood,
    known: Mutex<FxHashMap<Uuid, (ContractAction, String)>>,
}

/// What took effect, or was asked for in vain.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub charges: u64,
    pub shipments: u64,
}

/// Serves on `listen` until the process is killed.
pub fn serve(mood: Mood, listen: &str) -> Outcome<Infallible> {
    actix_web::rt::System::new().block_on(async {
        let provider = Data::new(Provider { mood, known: Mutex::default() });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(Data::clone(&provider))
                .route("/counted", web::get().to(counted))
                .route("/{action}", web::post().to(act))
        });
        let server = server.workers(1).backlog(1024).bind(listen)?;
        println!("listening on http://{}", server.addrs()[0]);
        std::io::stdout().flush()?;
        server.run().await?;
        Err("the participants ended".into())
    })
}

/// `POST /{action}`
async fn act(action: Path<String>, head: HttpRequest, body: Bytes, provider: Data<Provider>) -> HttpResponse {
    let key = head.headers().get(IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok()?.parse::<Uuid>().ok());
    let request = action.parse().and_then(|action| ContractRequest::read(action, &body));
    let (Some(key), Ok(request)) = (key, request) else {
        return HttpResponse::BadRequest().finish();
    };
    let action = request.action();
    let done = {
        let mut known = provider.known.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = || serde_json::to_string(&Done::new(format!("{action}_{}", key.simple()))).unwrap_or_default();
        known.entry(key).or_insert_with(|| (action, answer())).1.clone()
    };
    sleep(LATENCY).await;
    match provider.mood {
        Mood::Done => HttpResponse::Ok().content_type("application/json").body(done),
        Mood::Never if key.as_bytes()[15] & 1 == 0 => HttpResponse::Accepted().finish(),
        Mood::Never => HttpResponse::InternalServerError().finish(),
    }
}

/// `GET /counted`
async fn counted(provider: Data<Provider>) -> HttpResponse {
    let known = provider.known.lock().unwrap_or_else(PoisonError::into_inner);
    let of = |wanted: ContractAction| known.values().filter(|(action, _)| *action == wanted).count() as u64;
    HttpResponse::Ok().json(Counted { charges: of(ContractAction::Charge), shipments: of(ContractAction::Ship) })
}

/// Asks the participants at `url` what they counted.
pub async fn count(url: &str) -> Outcome<Counted> {
    Ok(Client::anonymous(url)?.get("/counted").await?.json()?)
}
