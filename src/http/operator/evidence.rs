//! `/operator/orders/{order_id}/evidence`: all that there is about an order, side by side: what the database holds, what happened,
//! what operators did, what is left to be done, and what each participant says of it now. It changes nothing, and concludes
//! nothing: whoever reads it does.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::http::auth::STAFF;
use crate::http::events::told;
use crate::http::operator::orders::entry;
use crate::http::orders::path_id;
use crate::http::problem::Problem;
use crate::http::view::{MASK, OrderView};
use crate::http::{Answered, HttpCall, json_response};
use crate::ports::Testimony;

/// `GET /operator/orders/{order_id}/evidence`: the history's first page; participants are asked while this is waited for, at most
/// `saga.step_timeout_ms`.
pub(in crate::http) async fn show(call: HttpCall) -> Answered {
    let caller = call.caller()?;
    caller.require(&STAFF)?;
    let order_id = path_id(&call)?;
    let (engine, reads) = (&call.state.engine, call.state.engine.reads());
    let stored = reads.load(order_id.clone()).await?.ok_or_else(|| Problem::order_not_found().about(&order_id))?;
    // A turn of its client's: nobody has participants asked by the thousand.
    let _turn = call.state.shares.turn(&caller.client).await?;
    // Asked before the rest is read, which is then the later of the two: what the engine does not know yet shows.
    let asked_at = engine.clock().now().to_string();
    let testimonies = call.while_known(&caller, engine.testimonies(order_id.clone())).await?;
    let order = match reads.load(order_id.clone()).await? {
        Some(later) => later.order,
        None => stored.order,
    };
    let history = reads.history(order_id.clone(), 0).await?;
    let work = reads.open_work(order_id.clone()).await?;
    let log: Vec<Value> = reads.operator_log(order_id).await?.iter().map(entry).collect();
    let sees_person = caller.sees_person(&order.client);
    let whole = OrderView::whole(&order, sees_person).with_work(&order, work);
    let events = told(&order, &history.commits, true)?;
    let more = events.last().is_some_and(|last| last.version() < i64::from(order.version));
    let evidence = json!({
        "order": whole,
        "events": events,
        "more_events": more,
        "pruned_to": history.pruned.map(|pruned| pruned.version),
        "log": log,
        "asked_at": asked_at,
        "participants": testimonies.iter().map(|one| shown(one, sees_person)).collect::<Vec<_>>(),
    });
    json_response(StatusCode::OK, &evidence)
}

/// What of an operation may be told to whoever may not know whom the order is for: no field that a participant adds.
const IMPERSONAL: [&str; 11] =
    ["key", "action", "outcome", "order_id", "reference", "amount", "currency", "reason", "undoes", "tombstone", "at"];

/// What a participant said: its list of operations where it sent one, else whatever it sent, as text. It may name whom the order
/// is for, in words of its own.
fn shown(testimony: &Testimony, sees_person: bool) -> Value {
    let Testimony { participant, url, answer } = testimony;
    match answer {
        Err(error) => json!({
            "participant": participant, "url": url, "status": null, "operations": null, "said": null, "error": error,
        }),
        Ok((status, body)) => {
            let read = serde_json::from_str::<Value>(body).ok();
            let operations = read.and_then(|mut read| read.get_mut("operations").map(Value::take));
            let operations = operations.filter(|operations| *status == 200 && operations.is_array());
            let operations = match operations {
                Some(Value::Array(mut all)) if !sees_person => {
                    let listed = all.iter_mut().filter_map(Value::as_object_mut);
                    listed.for_each(|operation| operation.retain(|name, _| IMPERSONAL.contains(&name.as_str())));
                    all.retain(Value::is_object);
                    Some(Value::Array(all))
                }
                operations => operations,
            };
            let said = operations.is_none().then_some(if sees_person { body.as_str() } else { MASK });
            json!({
                "participant": participant, "url": url, "status": status, "operations": operations, "said": said,
                "error": null,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_participant_says_is_shown_as_it_says_it() {
        let testimony = |answer| Testimony { participant: "payment".into(), url: "http://p".into(), answer };
        let told = |status, body: &str| shown(&testimony(Ok((status, body.to_owned()))), true);
        let listed = told(200, r#"{"order_id":"A","operations":[{"key":"k"}]}"#);
        assert_eq!((&listed["operations"], &listed["said"]), (&json!([{"key": "k"}]), &Value::Null));
        for (status, body) in [(500, r#"{"operations":[]}"#), (200, r#"{"operations":7}"#), (200, "<html>"), (404, "")]
        {
            let other = told(status, body);
            assert_eq!((&other["operations"], &other["said"]), (&Value::Null, &json!(body)), "{status} {body}");
            assert_eq!(other["status"], status);
        }
        let masked = |body: &str| shown(&testimony(Ok((200, body.to_owned()))), false);
        let listed =
            masked(r#"{"operations":[{"key":"k","amount":5,"customer_id":"Ada","ship_to":{"name":"Ada"}},"Ada"]}"#);
        assert_eq!(listed["operations"], json!([{"key": "k", "amount": 5}]));
        assert_eq!(masked("<p>Ada has no such order")["said"], json!(MASK));
        let silent = shown(&testimony(Err("refused".into())), true);
        assert_eq!((&silent["status"], &silent["error"]), (&Value::Null, &json!("refused")));
    }
}
