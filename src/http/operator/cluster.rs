//! `/operator/shards`, `/operator/nodes`: how this engine fares, and which others are on its database.

use actix_web::http::StatusCode;
use serde_json::json;

use crate::config::Role;
use crate::http::{Answered, Call, json_response};

/// `GET /operator/shards`: those of this engine.
pub(in crate::http) async fn shards(call: Call) -> Answered {
    call.caller()?.require(&[Role::Operator])?;
    json_response(StatusCode::OK, &json!({ "shards": call.state.engine.shards() }))
}

/// `GET /operator/nodes`: the engines on this database, as they tell themselves.
pub(in crate::http) async fn nodes(call: Call) -> Answered {
    call.caller()?.require(&[Role::Operator])?;
    let nodes = call.state.engine.store().nodes().await?;
    json_response(StatusCode::OK, &json!({ "nodes": nodes }))
}
