//! One delivery: what is sent, and what an answer means. Nothing here sends.
//!
//! The body is the CloudEvent as JSON (structured mode, `application/cloudevents+json`). The headers are those of Standard
//! Webhooks: `webhook-id` is the event's, the same in every repeat; the signatures are over the very bytes that are sent.

use std::time::Duration;

use serde_json::Map;
use uuid::Uuid;

use super::super::CloudEvent;
use super::lanes::{Failure, JobOutcome};
use crate::limits;
use crate::signature::{Secret, SecretError, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};

/// The media type of the body.
pub const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// The type of the event that an operator sends to see whether an endpoint is there.
pub const TEST_TYPE: &str = "counterfoil.webhook.test";

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// In the order in which they are sent, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The event as JSON: the bytes that are signed.
    pub body: Vec<u8>,
}

/// The `webhook-id` of an event: UUIDv5, in the name space of URLs (RFC 9562), of its source, a slash and its id:
/// `/counterfoil/NAME/ORDER_ID/VERSION`. CloudEvents call an event by both.
pub fn webhook_id(event: &CloudEvent) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/{}", event.source, event.id).as_bytes())
}

/// The request of one try, at so many seconds since 1970. Signed with each of the secrets, in their order: a receiver that
/// knows one of them is content.
///
/// # Errors
///
/// Where a secret is none.
pub fn delivery(event: &CloudEvent, secrets: &[String], at_s: i64) -> Result<Delivery, SecretError> {
    let (id, timestamp) = (webhook_id(event).to_string(), at_s.to_string());
    // Texts, numbers and maps of them always serialise.
    let body = serde_json::to_vec(event).unwrap_or_default();
    let sign = |secret: &String| Secret::parse(secret).map(|secret| secret.sign(&id, &timestamp, &body));
    let signatures = secrets.iter().map(sign).collect::<Result<Vec<_>, _>>()?.join(" ");
    let headers = vec![
        ("content-type", CONTENT_TYPE.to_owned()),
        ("user-agent", format!("Counterfoil/{}", env!("CARGO_PKG_VERSION"))),
        (WEBHOOK_ID, id),
        (WEBHOOK_TIMESTAMP, timestamp),
        (WEBHOOK_SIGNATURE, signatures),
    ];
    Ok(Delivery { headers, body })
}

/// An event that tells nothing, for an endpoint of this name: each has an id of its own.
pub fn test_event(source: &str, endpoint: &str, id: Uuid, time: String) -> CloudEvent {
    CloudEvent {
        specversion: "1.0",
        id: format!("test/{id}"),
        r#type: TEST_TYPE.into(),
        source: source.into(),
        subject: endpoint.into(),
        time,
        sequence: "0".into(),
        epoch: 0,
        datacontenttype: "application/json",
        data: Map::new(),
    }
}

/// What an answer means. `retry_after` is that header's value: seconds; a date is ignored.
pub fn verdict(status: u16, retry_after: Option<&str>) -> JobOutcome {
    let told = match status {
        200..=299 => return JobOutcome::Done,
        410 => return JobOutcome::Gone,
        300..=399 => format!("answered {status}: a redirect is not followed"),
        _ => format!("answered {status}"),
    };
    let asked = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    JobOutcome::Failed(Failure {
        status: Some(status),
        retry_after: asked.map(|asked| asked.min(limits::WEBHOOK_RETRY_AFTER)),
        is_throttled: status == 429,
        ..Failure::told(&told)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: [&str; 2] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];

    fn event() -> CloudEvent {
        let id = Uuid::nil();
        CloudEvent {
            id: "ORD-1/3".into(),
            ..test_event("/counterfoil/shop", "crm", id, "1970-01-01T00:00:00.000000Z".into())
        }
    }

    #[test]
    fn a_delivery_is_signed_with_every_secret_over_what_is_sent() {
        let sent = delivery(&event(), &SECRETS.map(str::to_owned), 1_614_265_330).expect("secrets");
        let header = |name| sent.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        // python3: uuid.uuid5(uuid.NAMESPACE_URL, "/counterfoil/shop/ORD-1/3")
        assert_eq!(header("webhook-id"), Some("dea2f5f5-1fb6-5f90-bafb-1813a8a6bb06"));
        assert_eq!(header("webhook-timestamp"), Some("1614265330"));
        assert_eq!(header("content-type"), Some("application/cloudevents+json; charset=utf-8"));
        let signatures = header("webhook-signature").expect("signatures");
        assert_eq!(signatures.split(' ').count(), 2);
        for secret in SECRETS {
            let secret = Secret::parse(secret).expect("a secret");
            assert!(secret.verify(header("webhook-id").expect("an id"), "1614265330", &sent.body, signatures));
        }
        let body: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
        assert_eq!(
            (&body["id"], &body["specversion"], &body["source"]),
            (&"ORD-1/3".into(), &"1.0".into(), &"/counterfoil/shop".into())
        );
        assert!(delivery(&event(), &["whsec_".into()], 0).is_err());
    }

    #[test]
    fn what_an_answer_means() {
        for status in [200, 201, 204, 299] {
            assert_eq!(verdict(status, None), JobOutcome::Done, "{status}");
        }
        assert_eq!(verdict(410, Some("5")), JobOutcome::Gone);
        let failed = |status, after| match verdict(status, after) {
            JobOutcome::Failed(failure) => failure,
            other => panic!("{status}: {other:?}"),
        };
        for status in [199, 301, 308, 400, 404, 409, 429, 500, 503] {
            assert_eq!((failed(status, None).status, failed(status, None).retry_after), (Some(status), None));
        }
        assert_eq!(&*failed(302, None).error, "answered 302: a redirect is not followed");
        assert_eq!(failed(503, Some(" 7 ")).retry_after, Some(Duration::from_secs(7)));
        assert_eq!(failed(503, Some("99999999")).retry_after, Some(limits::WEBHOOK_RETRY_AFTER));
        assert_eq!(failed(503, Some("Fri, 31 Dec 1999 23:59:59 GMT")).retry_after, None);
        assert!(failed(429, None).is_throttled && !failed(503, None).is_throttled);
    }
}
