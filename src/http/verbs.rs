//! `POST /orders/{order_id}/cancel`, `/capture`, `/refunds`: the verbs of an order's owner, under an `Idempotency-Key`.
//! The final answer of each, refusals included, is stored with its key by the commit that decides it; a repeat gets the
//! same bytes.
//!
//! An operator may do the same to any order, and whoever supports customers may call it off and refund it; they then say why:
//! it goes into the operators' log. Who is both, as everybody is where no tokens are configured, asks as the owner of its own
//! orders, and as an operator of the others: which of them it is the engine decides, by the order that it finds.

use std::collections::HashSet;
use std::sync::Arc;

use super::auth::SERVANTS;
use super::headers::{self, Prefer};
use super::json::{At, Blank, Errors, FieldError, Json, fields, required, text, whole};
use super::orders::{path_id, reply_response};
use super::problem::{Problem, of_verb};
use super::request::sku_of;
use super::{Answered, HttpCall, refused, stored_response};
use crate::config::Role;
use crate::engine::{Standing, SubmitError, VerbCall, VerbRequest};
use crate::limits;
use crate::saga::money::MAX_AMOUNT;
use crate::saga::{Amount, Restock};

/// What a body asks for, and why.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    request: VerbRequest,
    reason: Option<Arc<str>>,
}

/// Whether a body may be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Optional,
    Required,
}

/// `POST /orders/{order_id}/cancel`
pub(super) async fn cancel(call: HttpCall) -> Answered {
    answer(call, &SERVANTS, Body::Optional, read_cancel).await
}

/// `POST /orders/{order_id}/capture`
pub(super) async fn capture(call: HttpCall) -> Answered {
    answer(call, &[Role::Operator], Body::Optional, read_capture).await
}

/// `POST /orders/{order_id}/refunds`
pub(super) async fn refund(call: HttpCall) -> Answered {
    answer(call, &SERVANTS, Body::Required, read_refund).await
}

/// Reads a body.
type Read = fn(&[u8]) -> Result<Asked, Vec<FieldError>>;

/// `others` may do it to orders that are not their own.
async fn answer(mut call: HttpCall, others: &[Role], needed: Body, read: Read) -> Answered {
    let caller = call.caller()?;
    caller.require(&[&[Role::Client][..], others].concat())?;
    let standing = match (caller.is(Role::Client), caller.is_any(others)) {
        (true, true) => Standing::Both,
        (true, false) => Standing::Client,
        (false, _) => Standing::Operator,
    };
    let order_id = path_id(&call)?;
    let body = match needed {
        Body::Optional => call.optional_body().await?,
        Body::Required => call.body().await?,
    };
    let sent = call.req.headers();
    let key = headers::required_key(sent).map_err(refused)?;
    let prefer = Prefer::read(sent);
    let Asked { request, reason } = read(&body).map_err(Problem::invalid_request)?;
    drop(body);
    if standing == Standing::Operator && reason.is_none() {
        return Err(refused(FieldError::body("/reason", "is required of an operator")));
    }
    let asked = VerbCall {
        order_id: order_id.clone(),
        by: caller.client.clone(),
        standing,
        key: Some(key),
        version: None,
        reason: reason.unwrap_or_default(),
        request,
    };
    let wait = prefer.wait(call.state.default_wait);
    match call.while_known(&caller, call.state.engine.verb(asked, wait)).await? {
        Ok(reply) => reply_response(reply, prefer),
        Err(SubmitError::Refused(answer)) => Ok(stored_response(&answer, false).body(answer.body.clone())),
        Err(error) => Err(of_verb(error, &order_id)),
    }
}

fn read_cancel(body: &[u8]) -> Result<Asked, Vec<FieldError>> {
    read(body, |json, errors| {
        let [reason] = fields(json, &["reason"], At::Root, errors)?;
        Some(Asked { request: VerbRequest::Cancel, reason: optional_reason(reason, errors)? })
    })
}

fn read_capture(body: &[u8]) -> Result<Asked, Vec<FieldError>> {
    read(body, |json, errors| {
        let [amount, reason] = fields(json, &["amount", "reason"], At::Root, errors)?;
        let amount = match amount {
            None => Some(None),
            Some(value) => amount_of(value, errors).map(Some),
        };
        let reason = optional_reason(reason, errors);
        Some(Asked { request: VerbRequest::Capture { amount: amount? }, reason: reason? })
    })
}

fn read_refund(body: &[u8]) -> Result<Asked, Vec<FieldError>> {
    read(body, |json, errors| {
        let at = At::Root;
        let [amount, reason, restock] = fields(json, &["amount", "reason", "restock"], at, errors)?;
        // Free goods come back for nothing; but a refund that does nothing at all is a mistake.
        let least = i64::from(!matches!(restock, Some(Json::Array(items)) if !items.is_empty()));
        let amount = required(amount, at.key("amount"), errors)
            .and_then(|value| whole(value, least..=MAX_AMOUNT, at.key("amount"), errors).map(Amount));
        let reason = required(reason, at.key("reason"), errors).and_then(|value| reason_of(value, errors));
        let restock = match restock {
            None => Some(Vec::new()),
            Some(value) => restock_of(value, at.key("restock"), errors),
        };
        let reason = reason?;
        let request = VerbRequest::Refund { amount: amount?, reason: Arc::clone(&reason), restock: restock? };
        Some(Asked { request, reason: Some(reason) })
    })
}

/// Reads a document, with everything that is wrong with it.
fn read<T>(body: &[u8], of: impl FnOnce(&Json<'_>, &mut Errors) -> Option<T>) -> Result<T, Vec<FieldError>> {
    let json = Json::read(body).map_err(|detail| vec![FieldError::body("", detail)])?;
    let mut errors = Errors::default();
    let found = of(&json, &mut errors);
    errors.or(found)
}

fn amount_of(value: &Json<'_>, errors: &mut Errors) -> Option<Amount> {
    whole(value, 1..=MAX_AMOUNT, At::Root.key("amount"), errors).map(Amount)
}

/// Why, in the asker's words.
pub(super) fn reason_of(value: &Json<'_>, errors: &mut Errors) -> Option<Arc<str>> {
    text(value, Blank::Refused, limits::REASON, At::Root.key("reason"), errors).map(Arc::from)
}

/// The outer `None` is a problem, the inner one an absent field.
fn optional_reason(value: Option<&Json<'_>>, errors: &mut Errors) -> Option<Option<Arc<str>>> {
    match value {
        None => Some(None),
        Some(value) => reason_of(value, errors).map(Some),
    }
}

/// What comes back to the shelf: a SKU once. Whether the order shipped it, the order knows.
fn restock_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Vec<Restock>> {
    let Json::Array(items) = value else {
        errors.add(at, "must be an array of {sku, quantity}");
        return None;
    };
    if items.len() > limits::LINES {
        errors.add(at, format!("must hold at most {} entries, holds {}", limits::LINES, items.len()));
        return None;
    }
    let mut restock = Vec::with_capacity(items.len());
    let mut seen = HashSet::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let at = at.index(index);
        let Some([sku, quantity]) = fields(item, &["sku", "quantity"], at, errors) else { continue };
        let sku = required(sku, at.key("sku"), errors).and_then(|value| sku_of(value, at.key("sku"), errors));
        let quantity = required(quantity, at.key("quantity"), errors)
            .and_then(|value| whole(value, 1..=limits::ON_HAND, at.key("quantity"), errors));
        if let Some(sku) = &sku
            && !seen.insert(sku.clone())
        {
            errors.add(at.key("sku"), "is given twice; add up the quantities");
        }
        restock.extend(sku.zip(quantity).map(|(sku, quantity)| Restock { sku, quantity }));
    }
    (restock.len() == items.len()).then_some(restock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saga::Sku;

    fn asked(request: VerbRequest, reason: Option<&str>) -> Result<Asked, Vec<FieldError>> {
        Ok(Asked { request, reason: reason.map(Arc::from) })
    }

    #[test]
    fn bodies_are_read() {
        assert_eq!(read_cancel(b"{}"), asked(VerbRequest::Cancel, None));
        assert_eq!(read_cancel(br#"{"reason":"changed"}"#), asked(VerbRequest::Cancel, Some("changed")));
        assert_eq!(read_capture(b"{}"), asked(VerbRequest::Capture { amount: None }, None));
        let most = format!(r#"{{"amount":{MAX_AMOUNT}}}"#);
        let amount = Some(Amount(MAX_AMOUNT));
        assert_eq!(read_capture(most.as_bytes()), asked(VerbRequest::Capture { amount }, None));
        let body =
            br#"{"amount":5,"reason":"broken","restock":[{"sku":"a/b","quantity":2},{"sku":"A/b","quantity":1}]}"#;
        let restock = [("a/b", 2), ("A/b", 1)].map(|(sku, quantity)| Restock { sku: Sku::trusted(sku), quantity });
        let request = VerbRequest::Refund { amount: Amount(5), reason: "broken".into(), restock: restock.into() };
        assert_eq!(read_refund(body), asked(request, Some("broken")));
        let restock = vec![Restock { sku: Sku::trusted("a"), quantity: 1 }];
        let free = VerbRequest::Refund { amount: Amount(0), reason: "x".into(), restock };
        let body = br#"{"amount":0,"reason":"x","restock":[{"sku":"a","quantity":1}]}"#;
        assert_eq!(read_refund(body), asked(free, Some("x")));
        let bare = VerbRequest::Refund { amount: Amount(5), reason: "x".into(), restock: Vec::new() };
        assert_eq!(read_refund(br#"{"amount":5,"reason":"x"}"#), asked(bare.clone(), Some("x")));
        assert_eq!(read_refund(br#"{"amount":5,"reason":"x","restock":[]}"#), asked(bare, Some("x")));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_pointer() {
        type Table<'a> = &'a [(&'a str, &'a str, &'a str)];
        let long = format!(r#"{{"reason":"{}"}}"#, "x".repeat(1_001));
        let over = format!(r#"{{"amount":{}}}"#, MAX_AMOUNT + 1);
        let many = format!(r#"{{"amount":1,"reason":"x","restock":[{}1]}}"#, "1,".repeat(limits::LINES));
        let cancels: Table<'_> = &[
            (r#"{"reason":""}"#, "/reason", "must not be empty"),
            (r#"{"reason":7}"#, "/reason", "must be a string, is 7"),
            (&long, "/reason", "at most 1000 characters"),
            (r#"{"amount":1}"#, "/amount", "is unknown; allowed are reason"),
            ("[]", "", "must be an object"),
            ("{", "", "is not JSON"),
        ];
        let captures: Table<'_> = &[
            (r#"{"amount":0}"#, "/amount", "from 1 to 9007199254740991, is 0"),
            (&over, "/amount", "is 9007199254740992"),
            (r#"{"amount":1.0}"#, "/amount", "is 1.0"),
            (r#"{"amount":"1"}"#, "/amount", "is the string"),
            (r#"{"amount":null}"#, "/amount", "is null"),
            (r#"{"sum":1}"#, "/sum", "is unknown; allowed are amount, reason"),
        ];
        let refunds: Table<'_> = &[
            (r#"{"reason":"x"}"#, "/amount", "is required"),
            (r#"{"amount":0,"reason":"x"}"#, "/amount", "from 1 to 9007199254740991, is 0"),
            (r#"{"amount":0,"reason":"x","restock":[]}"#, "/amount", "from 1 to 9007199254740991, is 0"),
            (r#"{"amount":-1,"reason":"x","restock":[{"sku":"a","quantity":1}]}"#, "/amount", "from 0"),
            (r#"{"amount":1}"#, "/reason", "is required"),
            (r#"{"amount":1,"reason":"x","note":1}"#, "/note", "is unknown; allowed are amount, reason, restock"),
            (r#"{"amount":1,"reason":"x","restock":{}}"#, "/restock", "must be an array"),
            (r#"{"amount":1,"reason":"x","restock":[7]}"#, "/restock/0", "must be an object"),
            (r#"{"amount":1,"reason":"x","restock":[{"sku":"a"}]}"#, "/restock/0/quantity", "is required"),
            (r#"{"amount":1,"reason":"x","restock":[{"quantity":1}]}"#, "/restock/0/sku", "is required"),
            (r#"{"amount":1,"reason":"x","restock":[{"sku":"a\nb","quantity":1}]}"#, "/restock/0/sku", "U+000A"),
            (r#"{"amount":1,"reason":"x","restock":[{"sku":"a","quantity":0}]}"#, "/restock/0/quantity", "is 0"),
            (
                r#"{"amount":1,"reason":"x","restock":[{"sku":"a","quantity":1},{"sku":"a","quantity":2}]}"#,
                "/restock/1/sku",
                "is given twice",
            ),
            (&many, "/restock", "at most 1000 entries, holds 1001"),
        ];
        let readers: [(Read, Table<'_>); 3] =
            [(read_cancel, cancels), (read_capture, captures), (read_refund, refunds)];
        for (read, table) in readers {
            for (body, pointer, detail) in table {
                let errors = read(body.as_bytes()).expect_err(body);
                let shown = &body[..body.len().min(80)];
                assert_eq!((errors.len(), errors[0].pointer.as_str()), (1, *pointer), "{shown}: {errors:?}");
                assert!(errors[0].detail.contains(detail), "{shown}: {errors:?} lacks {detail:?}");
            }
        }
        assert_eq!(read_refund(b"{}").unwrap_err().len(), 2, "all problems are told at once");
    }
}
