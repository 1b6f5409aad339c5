//! `/livez`, `/readyz`, `/metrics`. The first two need no token: a load balancer has none.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde_json::{Value, json};

use super::operator::participant_view;
use super::problem::Problem;
use super::{Answered, HttpCall, json_response};
use crate::config::Role;
use crate::telemetry::METRICS_CONTENT_TYPE;

/// What somebody who came by is told. It needs no token, so that it tells nothing of this instance.
const ROOT: &str = "\
This is Counterfoil, a durable order engine. It speaks JSON:

  POST /orders                 submits an order; repeat it whenever you are unsure
  GET  /orders                 lists orders (?state=&customer_id=&failure=&from=&to=&attention=true&limit=&cursor=)
  GET  /orders/ID              shows an order; /orders/ID/events its history
  POST /orders/ID/cancel       calls it off; also /capture and /refunds, each with an Idempotency-Key
  GET  /inventory/SKU          tells the stock; PUT sets it; GET /inventory?below=10 lists what runs short
  GET  /readyz?verbose         whether it works, and what that rests on
  GET  /metrics                for Prometheus
  GET  /docs                   all of it, for people; /openapi.json for programs
  GET  /asyncapi.json          what is published of orders, and what each event holds

Where tokens are configured, send one: Authorization: Bearer TOKEN. The README has a first order to try.
";

/// `GET /`: what this is, for people.
pub(super) async fn root(_call: HttpCall) -> Answered {
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(ROOT))
}

/// What a process says that answers, whether its database is there or not.
pub(super) const LIVE: &str = r#"{"status":"ok"}"#;

/// `GET /livez`: the process answers.
pub(super) async fn live(_call: HttpCall) -> Answered {
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(LIVE))
}

/// `GET /readyz`: orders can be processed now, and in a moment too; with `?verbose`, what that rests on.
pub(super) async fn ready(call: HttpCall) -> Answered {
    let engine = &call.state.engine;
    let verbose = call.req.query_string().split('&').any(|pair| pair.split('=').next() == Some("verbose"));
    let checks = verbose.then(|| checks(&call));
    if call.state.departure.is_announced() || !engine.is_ready() {
        return Err(Problem::not_ready(checks));
    }
    let body = match checks {
        Some(checks) => json!({ "status": "ready", "checks": checks }),
        None => json!({ "status": "ready" }),
    };
    json_response(StatusCode::OK, &body)
}

fn checks(call: &HttpCall) -> Value {
    let engine = &call.state.engine;
    let shards: Vec<_> = engine
        .shards()
        .into_iter()
        .map(|health| {
            json!({
                "shard": health.shard,
                "up": health.up,
                "depth": health.depth,
                "restarts": health.restarts,
                "actors": health.actors,
            })
        })
        .collect();
    // For people: one that is away stops no order from being taken.
    let shown = |health| participant_view(engine, &health, false);
    let participants: Vec<_> = engine.participants().into_iter().map(shown).collect();
    json!({
        "database": engine.reads().is_healthy(),
        "listings": engine.reads().lists_all(),
        "leaving": call.state.departure.is_announced(),
        "shards": shards,
        "participants": participants,
    })
}

/// `GET /metrics`
pub(super) async fn metrics(call: HttpCall) -> Answered {
    call.caller()?.require(&[Role::Metrics, Role::Viewer, Role::Operator])?;
    let text = call.state.engine.metrics().encode();
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, METRICS_CONTENT_TYPE)).body(text))
}
