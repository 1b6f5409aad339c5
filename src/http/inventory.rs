//! `/inventory`: the stock of a SKU, read and changed by hand.

use actix_web::http::StatusCode;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::auth::{READERS, STAFF};
use super::headers::{self, IDEMPOTENT_REPLAYED};
use super::json::{At, Blank, Errors, FieldError, Json, fields, required, text, whole, wrong_text};
use super::problem::Problem;
use super::query;
use super::{Answered, HttpCall, json_response, refused, stored_response};
use crate::config::Role;
use crate::limits;
use crate::ports::{KeyScope, StockChange, StockChanged, StockEntry, StockListing};
use crate::saga::request::FINGERPRINT_VERSION;
use crate::saga::{Answer, Fingerprint, Sku, stock};

/// Where inventory is remote there is no stock here.
fn is_here(call: &HttpCall) -> Result<(), Problem> {
    if call.state.inventory_is_remote { Err(Problem::inventory_remote()) } else { Ok(()) }
}

/// `GET /inventory/{sku}`
pub(super) async fn show(call: HttpCall) -> Answered {
    is_here(&call)?;
    call.caller()?.require(&READERS)?;
    let sku = path_sku(call.req.uri().path())?;
    let level = call.state.engine.reads().stock(sku).await?;
    json_response(StatusCode::OK, &level.ok_or_else(Problem::sku_not_found)?)
}

/// `GET /inventory?prefix=&below=&cursor=&limit=`: the stock of many SKUs, by their names; those that begin with `prefix`, and of
/// which fewer than `below` units are available.
pub(super) async fn list(call: HttpCall) -> Answered {
    is_here(&call)?;
    let caller = call.caller()?;
    caller.require(&READERS)?;
    let listing = read_listing(call.req.query_string()).map_err(Problem::invalid_request)?;
    let page = {
        let _turn = call.state.shares.turn(&caller.client).await?;
        call.state.engine.reads().stock_page(listing).await?
    };
    let next_cursor = page.next.map(|sku| BASE64URL_NOPAD.encode(sku.as_str().as_bytes()));
    json_response(StatusCode::OK, &json!({ "inventory": page.levels, "next_cursor": next_cursor }))
}

fn read_listing(asked: &str) -> Result<StockListing, Vec<FieldError>> {
    let mut listing = StockListing { prefix: String::new(), below: None, after: None, limit: limits::PAGE_DEFAULT };
    query::read(asked, &["prefix", "below", "cursor", "limit"], |name, value| {
        match name {
            "prefix" => match wrong_text(value, Blank::Allowed, limits::SKU) {
                Some(detail) => return Err(FieldError::parameter(name, detail)),
                None => listing.prefix = value.to_owned(),
            },
            "below" => listing.below = Some(headers::number(name, value, 0, limits::ON_HAND)?),
            "cursor" => {
                let bytes = BASE64URL_NOPAD.decode(value.as_bytes()).ok();
                let sku = bytes.and_then(|bytes| Sku::parse(std::str::from_utf8(&bytes).ok()?).ok());
                let wrong = || FieldError::parameter(name, "must be a next_cursor of an earlier page");
                listing.after = Some(sku.ok_or_else(wrong)?);
            }
            _ => listing.limit = headers::number(name, value, 1, limits::PAGE)?,
        }
        Ok(())
    })?;
    Ok(listing)
}

/// `GET /inventory/{sku}/journal?cursor=&limit=`: what changed the stock of a SKU beside shipments, the latest first: who, by how
/// much, why, and the order whose goods came back.
pub(super) async fn journal(call: HttpCall) -> Answered {
    is_here(&call)?;
    let caller = call.caller()?;
    caller.require(&STAFF)?;
    let sku = path_sku(call.req.uri().path())?;
    let (before, limit) = query::stretch(call.req.query_string()).map_err(Problem::invalid_request)?;
    let _turn = call.state.shares.turn(&caller.client).await?;
    let reads = call.state.engine.reads();
    let level = reads.stock(sku.clone()).await?.ok_or_else(Problem::sku_not_found)?;
    let mut entries = reads.stock_journal(sku, before, limit + 1).await?;
    let next_cursor = query::cut(&mut entries, limit, |entry| (entry.at, entry.entry_id));
    let entries: Vec<Value> = entries.iter().map(entry_view).collect();
    json_response(StatusCode::OK, &json!({ "sku": level.sku, "entries": entries, "next_cursor": next_cursor }))
}

fn entry_view(entry: &StockEntry) -> Value {
    json!({
        "entry_id": entry.entry_id,
        "at": entry.at.to_string(),
        "delta": entry.delta,
        "reason": entry.reason,
        "by": entry.by,
        "order_id": entry.order_id,
    })
}

/// `PUT /inventory/{sku}`: 201 where it creates the SKU.
pub(super) async fn set(mut call: HttpCall) -> Answered {
    is_here(&call)?;
    let caller = call.caller()?;
    caller.require(&[Role::Operator])?;
    let body = call.body().await?;
    let sku = path_sku(call.req.uri().path())?;
    let on_hand = read_level(&body).map_err(Problem::invalid_request)?;
    // SKUs stay for ever, so that one which is there now is there a moment later.
    if let Some(detail) = sku.objection()
        && call.state.engine.reads().stock(sku.clone()).await?.is_none()
    {
        return Err(refused(FieldError::parameter("sku", detail)));
    }
    let changed = call.state.engine.change_stock(sku, StockChange::Set(on_hand), caller.client).await?;
    let created = matches!(changed, StockChanged::Done { created: true, .. });
    let answer = answer_of(&changed, if created { 201 } else { 200 });
    Ok(stored_response(&answer, false).body(answer.body))
}

/// `POST /inventory/{sku}/adjustments`: the answer is stored under its key.
pub(super) async fn adjust(mut call: HttpCall) -> Answered {
    is_here(&call)?;
    let caller = call.caller()?;
    caller.require(&[Role::Operator])?;
    let body = call.body().await?;
    let sku = path_sku(call.req.uri().path())?;
    let key = headers::required_key(call.req.headers()).map_err(refused)?;
    let (delta, reason) = read_adjustment(&body).map_err(Problem::invalid_request)?;
    let route = format!("POST /inventory/{sku}/adjustments").into();
    let change = StockChange::Adjust {
        delta,
        key: KeyScope { client: caller.client.clone(), route, key },
        fingerprint: fingerprint(&sku, delta, &reason),
        reason,
    };
    let changed = call.state.engine.change_stock(sku, change, caller.client).await?;
    let answer = answer_of(&changed, stock::ADJUSTED);
    let mut response = stored_response(&answer, false);
    if matches!(changed, StockChanged::Replayed(_)) {
        call.state.engine.metrics().replays.inc();
        response.insert_header((IDEMPOTENT_REPLAYED, "true"));
    }
    Ok(response.body(answer.body))
}

/// The answer to a change; `done` is the status of one that was made.
fn answer_of(changed: &StockChanged, done: u16) -> Answer {
    match changed {
        StockChanged::Done { level, .. } => stock::changed(level, done),
        StockChanged::Replayed(answer) => answer.clone(),
        StockChanged::KeyReused => Problem::key_reused().answer(),
        StockChanged::OutOfRange(level) => stock::out_of_range(level, limits::ON_HAND),
        StockChanged::UnknownSku => Problem::sku_not_found().answer(),
    }
}

fn read_level(body: &[u8]) -> Result<i64, Vec<FieldError>> {
    let json = Json::read(body).map_err(|detail| vec![FieldError::body("", detail)])?;
    let (mut errors, at) = (Errors::default(), At::Root);
    let on_hand = fields(&json, &["on_hand"], at, &mut errors).and_then(|[on_hand]| {
        let at = at.key("on_hand");
        whole(required(on_hand, at, &mut errors)?, 0..=limits::ON_HAND, at, &mut errors)
    });
    errors.or(on_hand)
}

fn read_adjustment(body: &[u8]) -> Result<(i64, String), Vec<FieldError>> {
    let json = Json::read(body).map_err(|detail| vec![FieldError::body("", detail)])?;
    let (mut errors, at) = (Errors::default(), At::Root);
    let found = fields(&json, &["delta", "reason"], at, &mut errors).and_then(|[delta, reason]| {
        let delta_at = at.key("delta");
        let delta = required(delta, delta_at, &mut errors)
            .and_then(|value| whole(value, -limits::ON_HAND..=limits::ON_HAND, delta_at, &mut errors));
        if delta == Some(0) {
            errors.add(delta_at, "must not be 0");
        }
        let reason_at = at.key("reason");
        let reason = required(reason, reason_at, &mut errors)
            .and_then(|value| text(value, Blank::Refused, limits::REASON, reason_at, &mut errors));
        Some((delta?, reason?.to_owned()))
    });
    errors.or(found)
}

/// Of an adjustment: its version, then SHA-256 over SKU, delta and reason, each behind its length.
fn fingerprint(sku: &Sku, delta: i64, reason: &str) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in [sku.as_str().as_bytes(), &delta.to_be_bytes(), reason.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut fingerprint = [FINGERPRINT_VERSION; 33];
    fingerprint[1..].copy_from_slice(&hash.finalize());
    Fingerprint(fingerprint)
}

/// The SKU of `/inventory/{sku}` and what stands behind it. Read from the raw path, and decoded once: the router's own
/// decoding leaves some characters encoded and drops what is no UTF-8.
fn path_sku(path: &str) -> Result<Sku, Problem> {
    let wrong = |detail: String| refused(FieldError::parameter("sku", detail));
    let segment = path.split('/').nth(2).unwrap_or_default();
    let bytes = percent_decoded(segment).ok_or_else(|| wrong("is not percent-encoded rightly".into()))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8".into()))?;
    Sku::parse(&text).map_err(|error| wrong(error.to_string()))
}

/// RFC 3986, 2.1; `None` where a `%` is not followed by two hex digits.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first != b'%' {
            bytes.push(first);
            rest = tail;
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2)?;
        bytes.extend(data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok()?);
        rest = tail;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saga::StockLevel;

    #[test]
    fn a_sku_is_decoded_once() {
        let sku = |path: &str| path_sku(path).map(|sku| sku.as_str().to_owned());
        assert_eq!(sku("/inventory/SKU-0001").unwrap(), "SKU-0001");
        assert_eq!(sku("/inventory/a%2Fb%20c/adjustments").unwrap(), "a/b c");
        assert_eq!(sku("/inventory/100%2525").unwrap(), "100%25");
        assert_eq!(sku("/inventory/a+b").unwrap(), "a+b");
        assert_eq!(sku("/inventory/Gr%C3%BCn").unwrap(), "Grün");
        for bad in
            ["/inventory/%", "/inventory/%4", "/inventory/%zz", "/inventory/%ff", "/inventory/a%00", "/inventory/"]
        {
            assert_eq!(sku(bad).unwrap_err().status(), 400, "{bad}");
        }
        assert_eq!(sku(&format!("/inventory/{}", "x".repeat(65))).unwrap_err().status(), 400);
    }

    #[test]
    fn a_listing_is_read() {
        let listing =
            StockListing { prefix: "SKU-0".into(), below: Some(5), after: Some(Sku::trusted("SKU-01")), limit: 7 };
        let cursor = BASE64URL_NOPAD.encode(b"SKU-01");
        assert_eq!(read_listing(&format!("prefix=SKU-0&below=5&limit=7&cursor={cursor}")), Ok(listing));
        for (query, name) in [
            ("below=-1", "below"),
            ("below=x", "below"),
            ("limit=501", "limit"),
            ("cursor=%21", "cursor"),
            ("cursor=AAAA", "cursor"),
            ("state=1", "state"),
        ] {
            assert_eq!(read_listing(query).unwrap_err()[0].parameter.as_deref(), Some(name), "{query}");
        }
    }

    #[test]
    fn bodies_are_checked() {
        assert_eq!(read_level(br#"{"on_hand":0}"#), Ok(0));
        assert_eq!(read_adjustment(br#"{"delta":-5,"reason":"broken"}"#), Ok((-5, "broken".into())));
        for bad in [r#"{}"#, r#"{"on_hand":-1}"#, r#"{"on_hand":1.0}"#, r#"{"on_hand":1,"x":1}"#, "[]", "", "{"] {
            assert!(!read_level(bad.as_bytes()).unwrap_err().is_empty(), "{bad}");
        }
        for bad in [r#"{"delta":0,"reason":"x"}"#, r#"{"delta":1}"#, r#"{"delta":1,"reason":" "}"#, r#"{"reason":"x"}"#]
        {
            assert_eq!(read_adjustment(bad.as_bytes()).unwrap_err().len(), 1, "{bad}");
        }
        let long = format!(r#"{{"delta":1,"reason":"{}"}}"#, "x".repeat(1_001));
        assert!(read_adjustment(long.as_bytes()).is_err());
    }

    #[test]
    fn each_outcome_has_its_answer() {
        let level = StockLevel { sku: Sku::trusted("S"), on_hand: 5, reserved: 2, available: 3 };
        let done = |created| StockChanged::Done { level: level.clone(), created };
        let shown = r#"{"sku":"S","on_hand":5,"reserved":2,"available":3}"#;
        assert_eq!(answer_of(&done(true), 201), Answer { status: 201, body: shown.into() });
        assert_eq!(answer_of(&done(false), 200).status, 200);
        assert_eq!(answer_of(&done(false), stock::ADJUSTED).status, 201);
        let replayed = Answer { status: 201, body: "x".into() };
        assert_eq!(answer_of(&StockChanged::Replayed(replayed.clone()), stock::ADJUSTED), replayed);
        assert_eq!(answer_of(&StockChanged::KeyReused, stock::ADJUSTED).status, 422);
        assert_eq!(answer_of(&StockChanged::UnknownSku, stock::ADJUSTED).status, 404);
        let refused = answer_of(&StockChanged::OutOfRange(level), 200);
        assert!(refused.status == 409 && refused.body.contains(r#""reserved":2"#), "{refused:?}");
    }

    #[test]
    fn every_part_of_an_adjustment_counts() {
        let base = fingerprint(&Sku::trusted("S"), 1, "r");
        assert_eq!(base, fingerprint(&Sku::trusted("S"), 1, "r"));
        for other in [
            fingerprint(&Sku::trusted("T"), 1, "r"),
            fingerprint(&Sku::trusted("S"), 2, "r"),
            fingerprint(&Sku::trusted("S"), 1, "q"),
        ] {
            assert_ne!(base, other);
        }
    }
}
