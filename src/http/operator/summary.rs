//! `/operator/summary`: how everything fares, on one page: what is in flight and what waits for a human of all orders, and
//! this engine's own part, its shards, its participants and its database.

use actix_web::http::StatusCode;
use serde_json::json;

use super::cluster::participant_view;
use crate::http::auth::STAFF;
use crate::http::{Answered, HttpCall, json_response};
use crate::telemetry::{COMMIT, VERSION};

/// `GET /operator/summary`
///
/// What is counted over all orders is as old as its last count, a second where that is quick; it is told though the database be
/// away, and `database` says so.
pub(in crate::http) async fn show(call: HttpCall) -> Answered {
    call.caller()?.require(&STAFF)?;
    let engine = &call.state.engine;
    let (metrics, shards) = (engine.metrics(), engine.shards());
    let participants: Vec<_> =
        engine.participants().iter().map(|health| participant_view(engine, health, true)).collect();
    let leaving = call.state.departure.is_announced();
    let summary = json!({
        "version": VERSION,
        "commit": COMMIT,
        "now": engine.clock().now().to_string(),
        "ready": engine.is_ready() && !leaving,
        "leaving": leaving,
        "database": engine.reads().is_healthy(),
        "listings": engine.reads().lists_all(),
        "orders": {
            "in_flight": metrics.in_flight.get(),
            "longest_wait_seconds": metrics.longest_wait.get(),
            "attention": metrics.attention.get(),
            "attention_oldest_seconds": metrics.attention_oldest.get(),
            "quarantined": metrics.quarantined.get(),
        },
        "shards": {
            "count": shards.len(),
            "up": shards.iter().filter(|shard| shard.up).count(),
            "requests": shards.iter().map(|shard| shard.depth).sum::<usize>(),
            "actors": shards.iter().map(|shard| shard.actors).sum::<usize>(),
            "restarts": shards.iter().map(|shard| shard.restarts).sum::<u64>(),
        },
        "participants": participants,
    });
    json_response(StatusCode::OK, &summary)
}
