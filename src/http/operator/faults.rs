//! `/operator/faults`: arming failures, where the configuration allows it. Elsewhere the path does not exist.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

use crate::config::Role;
use crate::faults::{Arm, FaultKind, Point};
use crate::http::auth::Caller;
use crate::http::guard::source;
use crate::http::json::{At, Blank, Errors, FieldError, Json, fields, quoted, required, text, whole};
use crate::http::orders::known_id;
use crate::http::problem::Problem;
use crate::http::{Answered, HttpCall, json_response};
use crate::limits;

/// Hits of one fault, at most.
const TIMES: i64 = 1_000_000;

const ACTIONS: [(&str, FaultKind); 4] = [
    ("panic", FaultKind::Panic),
    ("error", FaultKind::Error),
    ("crash", FaultKind::Crash),
    ("delay", FaultKind::Delay),
];

/// 404 unless faults are enabled, whoever asks; then the role.
fn allowed(call: &HttpCall) -> Result<Caller, Problem> {
    if !call.state.faults_enabled {
        return Err(Problem::not_found());
    }
    let caller = call.caller()?;
    caller.require(&[Role::Operator])?;
    Ok(caller)
}

/// `POST /operator/faults`
pub(in crate::http) async fn arm(mut call: HttpCall) -> Answered {
    let caller = allowed(&call)?;
    let body = call.body().await?;
    let arm = read_arm(&body).map_err(Problem::invalid_request)?;
    tracing::warn!(
        source = %source(&call.req),
        subject = caller.client.as_str(),
        point = arm.point,
        order_id = arm.order_id,
        action = ?arm.action,
        times = arm.times,
        "fault armed"
    );
    call.state.engine.faults().arm(arm).map_err(Problem::limit_reached)?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /operator/faults`
pub(in crate::http) async fn armed(call: HttpCall) -> Answered {
    allowed(&call)?;
    json_response(StatusCode::OK, &json!({ "faults": call.state.engine.faults().armed() }))
}

/// `DELETE /operator/faults`
pub(in crate::http) async fn disarm(call: HttpCall) -> Answered {
    let caller = allowed(&call)?;
    tracing::warn!(source = %source(&call.req), subject = caller.client.as_str(), "faults disarmed");
    call.state.engine.faults().disarm();
    Ok(HttpResponse::NoContent().finish())
}

fn read_arm(body: &[u8]) -> Result<Arm, Vec<FieldError>> {
    let json = Json::read(body).map_err(|detail| vec![FieldError::body("", detail)])?;
    let mut errors = Errors::default();
    let found = arm_of(&json, &mut errors);
    errors.or(found)
}

/// `times` is 1 unless given; `ms` belongs to a delay, and only to one.
fn arm_of(json: &Json<'_>, errors: &mut Errors) -> Option<Arm> {
    let at = At::Root;
    let [point, order_id, action, times, ms] =
        fields(json, &["point", "order_id", "action", "times", "ms"], at, errors)?;
    let points: Vec<_> = Point::ALL.iter().map(|&point| (point.as_str(), point)).collect();
    let point = choice(point, &points, at.key("point"), errors);
    let order_id = match order_id {
        None => Some(None),
        Some(value) => text(value, Blank::Refused, limits::TEXT, at.key("order_id"), errors).and_then(|text| {
            let id = known_id(text).map(|id| Some(id.as_str().to_owned()));
            if id.is_none() {
                errors.add(at.key("order_id"), format!("must match [A-Za-z0-9._:-]{{1,64}}, is {}", quoted(text)));
            }
            id
        }),
    };
    let action = choice(action, &ACTIONS, at.key("action"), errors);
    let times = times.map_or(Some(1), |value| whole(value, 1..=TIMES, at.key("times"), errors));
    let ms = match (action, ms) {
        (Some(FaultKind::Delay), None) => {
            errors.add(at.key("ms"), "is required for a delay");
            None
        }
        (Some(FaultKind::Panic | FaultKind::Error | FaultKind::Crash), Some(_)) => {
            errors.add(at.key("ms"), "is for a delay only");
            None
        }
        (_, Some(value)) => whole(value, 1..=max_delay(), at.key("ms"), errors).map(Some),
        (_, None) => Some(None),
    };
    Some(Arm {
        point: point?.as_str(),
        order_id: order_id?,
        action: action?,
        ms: ms?.map(i64::unsigned_abs),
        times: times?.unsigned_abs(),
    })
}

fn max_delay() -> i64 {
    i64::try_from(limits::FAULT_DELAY_MS).unwrap_or(i64::MAX)
}

/// One of a few words.
fn choice<T: Copy>(value: Option<&Json<'_>>, words: &[(&str, T)], at: At<'_>, errors: &mut Errors) -> Option<T> {
    let word = text(required(value, at, errors)?, Blank::Allowed, limits::TEXT, at, errors)?;
    let found = words.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
        errors.add(at, format!("must be one of {}, is {}", names.join(", "), quoted(word)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read() {
        let arm = read_arm(br#"{"point":"commit.before_commit","order_id":"ORD-1","action":"delay","ms":5,"times":2}"#);
        let expected = Arm {
            point: "commit.before_commit",
            order_id: Some("ORD-1".into()),
            action: FaultKind::Delay,
            ms: Some(5),
            times: 2,
        };
        assert_eq!(arm, Ok(expected));
        assert_eq!(read_arm(br#"{"point":"actor.handle","action":"panic"}"#).unwrap().times, 1);
    }

    #[test]
    fn a_wrong_fault_is_told() {
        for (body, pointer) in [
            (r#"{"point":"nowhere","action":"panic"}"#, "/point"),
            (r#"{"action":"panic"}"#, "/point"),
            (r#"{"point":"actor.handle","action":"explode"}"#, "/action"),
            (r#"{"point":"actor.handle","action":"panic","times":0}"#, "/times"),
            (r#"{"point":"actor.handle","action":"panic","ms":5}"#, "/ms"),
            (r#"{"point":"actor.handle","action":"delay"}"#, "/ms"),
            (r#"{"point":"actor.handle","action":"delay","ms":60001}"#, "/ms"),
            (r#"{"point":"actor.handle","action":"panic","order_id":"a b"}"#, "/order_id"),
            (r#"{"point":"actor.handle","action":"panic","when":"now"}"#, "/when"),
        ] {
            let errors = read_arm(body.as_bytes()).unwrap_err();
            assert_eq!((errors.len(), errors[0].pointer.as_str()), (1, pointer), "{body}: {errors:?}");
        }
    }
}
