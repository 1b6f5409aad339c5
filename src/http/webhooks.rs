//! `POST /webhooks/{participant}`: a remote participant says that something happened to an order. Signed as Standard
//! Webhooks define it, over the bytes as they came; no token is asked for, since the signature is one.
//!
//! What it says is not believed, only looked into: the order is put before whoever drives it, who asks the participant
//! itself. So a webhook that is late, doubled or out of order harms nothing. 204 means that it is durable.

use actix_web::{HttpRequest, HttpResponse};

use super::json::{FieldError, Json};
use super::orders::known_id;
use super::problem::Problem;
use super::{Answered, HttpCall, refused};
use crate::config::{ParticipantKind, Participants, PaymentKind, SagaStep};
use crate::limits;
use crate::saga::{OrderId, Timestamp};
use crate::signature::{self, Secret, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};

/// With which each participant signs: none where it is local, or has no secret; several while its secret changes.
#[derive(Debug)]
pub(super) struct WebhookSecrets(Vec<(String, Vec<Secret>)>);

impl WebhookSecrets {
    /// From a checked configuration. A secret that is none, which the check refuses, lets nobody in.
    pub(super) fn new(participants: &Participants, steps: &[SagaStep]) -> Self {
        let Participants { inventory, payment, shipment } = participants;
        let secret = |remote: bool, secrets: &Option<crate::config::Secrets>| {
            let texts = secrets.iter().filter(|_| remote).flat_map(|secrets| &secrets.0);
            texts.filter_map(|text| Secret::parse(&text.0).ok()).collect()
        };
        let is_http = |kind: ParticipantKind| kind == ParticipantKind::Http;
        let built_in = [
            ("inventory", secret(is_http(inventory.kind), &inventory.webhook_secret)),
            ("payment", secret(payment.kind == PaymentKind::Http, &payment.webhook_secret)),
            ("shipment", secret(is_http(shipment.kind), &shipment.webhook_secret)),
        ];
        let own = steps.iter().map(|step| (step.name.as_str(), secret(true, &step.webhook_secret)));
        Self(built_in.into_iter().chain(own).map(|(name, secrets)| (name.to_owned(), secrets)).collect())
    }

    fn of(&self, participant: &str) -> Option<(&str, &[Secret])> {
        let (name, secrets) = self.0.iter().find(|(name, _)| *name == participant)?;
        (!secrets.is_empty()).then_some((name.as_str(), secrets.as_slice()))
    }
}

/// `POST /webhooks/{participant}`
pub(super) async fn receive(mut call: HttpCall) -> Answered {
    let participant = call.req.match_info().get("participant").unwrap_or_default().to_owned();
    let state = call.state.clone();
    let (participant, secrets) = state.webhooks.of(&participant).ok_or_else(Problem::not_found)?;
    // Nobody knows who sends this before it is all here. So what can be told wrong by its headers is, before a byte more of
    // it is read.
    let req = call.req.clone();
    let sent = Signed {
        id: header(&req, WEBHOOK_ID)?,
        timestamp: header(&req, WEBHOOK_TIMESTAMP)?,
        signatures: header(&req, WEBHOOK_SIGNATURE)?,
    };
    sent.could_be(state.engine.clock().now())?;
    let body = call.raw_body(limits::WEBHOOK_BODY).await?;
    sent.verify(secrets, &body, state.engine.clock().now())?;
    let order_id = read_notice(&body).map_err(refused)?;
    let new = state.engine.receive_webhook(participant.to_owned(), sent.id.to_owned(), order_id.clone()).await?;
    tracing::debug!(participant, webhook_id = sent.id, order_id = ?order_id, new, "webhook");
    Ok(HttpResponse::NoContent().finish())
}

/// A header of the signature. A webhook without one is not signed.
fn header<'r>(req: &'r HttpRequest, name: &'static str) -> Result<&'r str, Problem> {
    let value = req.headers().get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty());
    value.ok_or_else(|| Problem::bad_signature("webhook-id, webhook-timestamp and webhook-signature are required"))
}

/// What the signature covers, beside the body.
struct Signed<'a> {
    id: &'a str,
    timestamp: &'a str,
    signatures: &'a str,
}

impl Signed<'_> {
    /// 401 where nothing that follows could be signed so, 400 where its id is too long.
    fn could_be(&self, now: Timestamp) -> Result<(), Problem> {
        if self.id.chars().count() > limits::WEBHOOK_ID {
            let detail = format!("must have at most {} characters", limits::WEBHOOK_ID);
            return Err(refused(FieldError::header(WEBHOOK_ID, detail)));
        }
        if !signature::could_be(self.signatures) {
            return Err(Problem::bad_signature("the webhook-signature holds no v1,BASE64 of 32 bytes"));
        }
        self.is_near(now)
    }

    /// 401 where it was signed long ago, or will be.
    fn is_near(&self, now: Timestamp) -> Result<(), Problem> {
        let now_s = now.0.div_euclid(1_000_000);
        let near = |stamp: i64| stamp.abs_diff(now_s) <= limits::WEBHOOK_TOLERANCE_S.unsigned_abs();
        if !self.timestamp.parse().is_ok_and(near) {
            return Err(Problem::bad_signature("the webhook-timestamp is more than 5 minutes from now"));
        }
        Ok(())
    }

    /// 401 where the participant has not signed it, or has long ago.
    fn verify(&self, secrets: &[Secret], body: &[u8], now: Timestamp) -> Result<(), Problem> {
        if !secrets.iter().any(|secret| secret.verify(self.id, self.timestamp, body, self.signatures)) {
            return Err(Problem::bad_signature("no signature is that of this participant over what was sent"));
        }
        self.is_near(now)
    }
}

/// The order that a notice is about; `None` where it names none that could be ours. Whatever else it says is the
/// participant's own, and may grow.
fn read_notice(body: &[u8]) -> Result<Option<OrderId>, FieldError> {
    let Json::Object(entries) = Json::read(body).map_err(|detail| FieldError::body("", detail))? else {
        return Err(FieldError::body("", "must be an object"));
    };
    match entries.iter().find(|(key, _)| key == "order_id") {
        Some((_, Json::Text(id))) => Ok(known_id(id)),
        _ => Err(FieldError::body("/order_id", "is required, and must be a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn only_remote_participants_with_a_secret_may_knock() {
        let mut participants = Participants::default();
        let secret = || Some(crate::config::Secret(SECRET.into()).into());
        participants.payment.webhook_secret = secret();
        participants.payment.kind = PaymentKind::Http;
        participants.shipment.webhook_secret = secret(); // local
        participants.inventory.kind = ParticipantKind::Http; // no secret
        let secrets = WebhookSecrets::new(&participants, &[]);
        assert_eq!(secrets.of("payment").map(|(name, _)| name), Some("payment"));
        for other in ["shipment", "inventory", "Payment", "", "elsewhere"] {
            assert!(secrets.of(other).is_none(), "{other}");
        }
        participants.payment.webhook_secret = Some(crate::config::Secret("whsec_short".into()).into());
        assert!(WebhookSecrets::new(&participants, &[]).of("payment").is_none());
    }

    #[test]
    fn a_signature_binds_id_time_and_bytes_and_ages() {
        let secret = Secret::parse(SECRET).unwrap();
        let body = br#"{"order_id":"A"}"#;
        let signature = secret.sign("msg_1", "1000000", body);
        let verify = |id: &str, timestamp: &str, body: &[u8], now_s: i64| {
            let signed = Signed { id, timestamp, signatures: &signature };
            signed
                .verify(std::slice::from_ref(&secret), body, Timestamp(now_s * 1_000_000))
                .map_err(|problem| problem.status())
        };
        for now_s in [999_700, 1_000_000, 1_000_300] {
            assert_eq!(verify("msg_1", "1000000", body, now_s), Ok(()), "{now_s}");
        }
        for now_s in [999_699, 1_000_301, 0, -5_000_000] {
            assert_eq!(verify("msg_1", "1000000", body, now_s), Err(401), "{now_s}");
        }
        for (id, timestamp, body) in [
            ("msg_2", "1000000", &body[..]),
            ("msg_1", "1000001", &body[..]),
            ("msg_1", "1000000", &br#"{"order_id":"B"}"#[..]),
        ] {
            assert_eq!(verify(id, timestamp, body, 1_000_000), Err(401));
        }
        let stamped = secret.sign("m", "soon", body);
        let signed = Signed { id: "m", timestamp: "soon", signatures: &stamped };
        assert_eq!(signed.verify(&[secret], body, Timestamp(0)).unwrap_err().status(), 401);
    }

    #[test]
    fn a_notice_names_its_order() {
        let read = |body: &str| read_notice(body.as_bytes());
        assert_eq!(read(r#"{"order_id":"A","type":"x","more":{}}"#), Ok(Some(OrderId::trusted("A"))));
        assert_eq!(read(r#"{"order_id":"ik_abc"}"#), Ok(Some(OrderId::trusted("ik_abc"))));
        assert_eq!(read(r#"{"order_id":"not ours"}"#), Ok(None));
        for (body, pointer) in
            [("", ""), ("{", ""), ("[]", ""), ("{}", "/order_id"), (r#"{"order_id":7}"#, "/order_id")]
        {
            assert_eq!(read(body).unwrap_err().pointer, pointer, "{body}");
        }
    }
}
