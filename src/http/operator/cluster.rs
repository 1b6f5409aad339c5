//! `/operator/shards`, `/operator/participants`, `/operator/nodes`: how this engine fares, how those fare that it calls, and
//! which others are on its database.

use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::http::auth::STAFF;
use crate::http::{Answered, HttpCall, json_response};
use crate::ports::ParticipantHealth;
use crate::saga::Timestamp;

/// `GET /operator/shards`: those of this engine.
pub(in crate::http) async fn shards(call: HttpCall) -> Answered {
    call.caller()?.require(&STAFF)?;
    json_response(StatusCode::OK, &json!({ "shards": call.state.engine.shards() }))
}

/// `GET /operator/participants`: those that are services of their own, as this engine finds them.
pub(in crate::http) async fn participants(call: HttpCall) -> Answered {
    call.caller()?.require(&STAFF)?;
    let engine = &call.state.engine;
    let shown: Vec<_> =
        engine.participants().into_iter().map(|health| participant_view(engine, &health, true)).collect();
    json_response(StatusCode::OK, &json!({ "participants": shown }))
}

/// How one fares, without a word that could name an order; and, for those who may know, where it is.
pub(in crate::http) fn participant_view(engine: &Engine, health: &ParticipantHealth, shows_url: bool) -> Value {
    let now = engine.clock().now();
    let before = |ago: Duration| Timestamp(now.0.saturating_sub(i64::try_from(ago.as_micros()).unwrap_or(i64::MAX)));
    let last = health.last_error.as_ref();
    let mut view = json!({
        "participant": health.participant,
        "state": health.state.as_str(),
        "since": before(health.since).to_string(),
        "last_error": last.map(|(error, _)| error),
        "last_error_at": last.map(|(_, ago)| before(*ago).to_string()),
    });
    if shows_url {
        view["url"] = json!(health.url);
    }
    view
}

/// `GET /operator/nodes`: the engines on this database, as they tell themselves.
pub(in crate::http) async fn nodes(call: HttpCall) -> Answered {
    call.caller()?.require(&STAFF)?;
    let nodes = call.state.engine.reads().nodes().await?;
    json_response(StatusCode::OK, &json!({ "nodes": nodes }))
}
