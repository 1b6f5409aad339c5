//! What clients were told, and what they may be told next. Written from the published interface, and pure: it knows no engine,
//! no database, and no clock.
//!
//! What an answer is held against is what the client knew *when it sent the request*: an answer that was overtaken on its way
//! proves nothing.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde_json::Value;

/// What an order is to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It completes.
    Plain,
    /// The provider declines.
    Declined,
    /// There is never so much of anything.
    Short,
    /// The carrier does not take it.
    Unshippable,
    /// A step of the shop's own refuses it.
    Refused,
    /// Captured by hand, in whole or in part.
    Captured,
    /// Authorised, and then cancelled.
    Cancelled,
    /// Cancelled while it is being submitted.
    Raced,
    /// Two refunds of it race, one with goods that come back.
    Refunded,
    /// The provider takes its time; meanwhile it is cancelled elsewhere.
    Slow,
    /// The provider charges and does not say so.
    Lost,
    /// The provider never says what became of it: a human must look.
    Unknown,
}

impl Kind {
    /// Whether an answer to its submission may be final so. `scarce`: whether it asks for what may be sold out.
    fn allows(self, scarce: bool, status: u16, told: &Value) -> bool {
        let (code, state) = (told["code"].as_str().unwrap_or_default(), told["state"].as_str().unwrap_or_default());
        match (status, code) {
            (409, "out_of_stock") => scarce || self == Self::Short,
            (409, "order_cancelled") => {
                let by_client = told["reason"] == "client";
                by_client && matches!(self, Self::Cancelled | Self::Raced | Self::Slow)
            }
            (402, "payment_declined") => self == Self::Declined,
            (500, "shipment_failed") => self == Self::Unshippable,
            (409, "step_refused") => self == Self::Refused,
            (201, "") => match self {
                Self::Plain | Self::Refunded | Self::Lost | Self::Raced | Self::Slow => state == "COMPLETED",
                Self::Captured | Self::Cancelled => state == "PAYMENT_AUTHORIZED",
                Self::Declined | Self::Short | Self::Unshippable | Self::Refused | Self::Unknown => false,
            },
            _ => false,
        }
    }
}

/// Status and body, as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Final {
    /// The status.
    pub status: u16,
    /// Byte for byte.
    pub body: Bytes,
}

/// Something that is asked about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The order itself.
    Submit,
    /// A capture, a cancel or a refund, under its key.
    Verb(String),
    /// How it stands.
    Look,
}

/// What a client knew of an order when it sent a request.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    acknowledged: bool,
    answered: bool,
    /// It was told that nothing becomes of it.
    is_off: bool,
    version: i64,
}

/// What somebody who asked is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// It has its answer.
    Done(Final),
    /// The outcome is not known: it asks again.
    Again,
}

/// An order and what was said of it.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its name.
    pub id: String,
    /// What it is to come to.
    pub kind: Kind,
    /// In minor units.
    pub amount: i64,
    /// Units by SKU.
    pub units: Vec<(String, i64)>,
    /// Whether some of that may be sold out.
    pub scarce: bool,
    /// Somebody was told that it is there.
    pub acknowledged: bool,
    /// The final answer to its submission.
    pub submitted: Option<Final>,
    /// The final answers to its verbs, by their keys.
    pub verbs: BTreeMap<String, Final>,
    /// Of the refunds that were asked for, by their keys: how much, and what comes back with it.
    pub refunds: BTreeMap<String, (i64, Option<(String, i64)>)>,
    /// How much was to be captured, by its key.
    pub captures: BTreeMap<String, i64>,
    /// What was asked of it under keys: verb, path, key and body.
    pub asked: Vec<(String, String, String, Bytes)>,
    /// Whether its submission bears a key.
    pub is_keyed: bool,
    /// State and version, as it was looked at last.
    pub seen: Option<(String, i64)>,
    /// A cancel was told that it is done.
    is_off: bool,
    version: i64,
}

impl Story {
    /// One of which nothing was said yet.
    #[must_use]
    pub fn new(id: String, kind: Kind, amount: i64, units: Vec<(String, i64)>, scarce: bool) -> Self {
        Self {
            id,
            kind,
            amount,
            units,
            scarce,
            acknowledged: false,
            submitted: None,
            verbs: BTreeMap::new(),
            refunds: BTreeMap::new(),
            captures: BTreeMap::new(),
            asked: Vec::new(),
            is_keyed: false,
            seen: None,
            is_off: false,
            version: 0,
        }
    }

    /// What is known when something is asked now.
    #[must_use]
    pub fn before(&self, ask: &Ask) -> Before {
        let answered = match ask {
            Ask::Submit => self.submitted.is_some() || self.is_off,
            Ask::Verb(key) => self.verbs.contains_key(key),
            Ask::Look => false,
        };
        let is_refused = self.submitted.as_ref().is_some_and(|answer| answer.status >= 400);
        Before { acknowledged: self.acknowledged, answered, is_off: self.is_off || is_refused, version: self.version }
    }

    /// An answer came.
    ///
    /// # Errors
    ///
    /// Why it may not be.
    pub fn hear(
        &mut self,
        ask: &Ask,
        before: Before,
        status: u16,
        retry_after: bool,
        body: &Bytes,
    ) -> Result<Next, String> {
        // A head that was not read in time, as of an engine that stood still: nobody has heard of the request (RFC 9110, 15.5.9).
        if status == 408 {
            return Ok(Next::Again);
        }
        let told: Value = serde_json::from_slice(body)
            .map_err(|_| format!("{status} and no JSON: {}", String::from_utf8_lossy(body)))?;
        let wrong = |why: &str| Err(format!("{ask:?} {why}: {status} {told}"));
        let code = told["code"].as_str().unwrap_or_default();
        if status == 503 || status == 500 && code == "internal" {
            return if retry_after || status == 500 { Ok(Next::Again) } else { wrong("503 without Retry-After") };
        }
        if status == 404 {
            if before.acknowledged {
                return wrong("not found after it was acknowledged");
            }
            return if *ask == Ask::Submit { wrong("not found") } else { Ok(Next::Again) };
        }
        if told["order_id"] != self.id.as_str() {
            return wrong("about another order");
        }
        let is_interim = status == 202;
        if is_interim && before.answered {
            return wrong("interim after the final answer");
        }
        if let Some(version) = told["version"].as_i64() {
            // A stored answer says how it stood when that was decided; anything else says how it stands.
            if (is_interim || *ask == Ask::Look) && version < before.version {
                return wrong(&format!("older than version {}, which was told before", before.version));
            }
            self.version = self.version.max(version);
        }
        if *ask == Ask::Look && status == 200 {
            if before.is_off && told["state"] != "CANCELLED" {
                return wrong("is not off, and was");
            }
            self.seen = Some((told["state"].as_str().unwrap_or_default().to_owned(), self.version));
        }
        self.acknowledged |= status < 400 || told["final"] == true || status == 409 && code == "wrong_state";
        // A copy: what is kept for long must not keep all that came with it.
        let answer = Final { status, body: Bytes::copy_from_slice(body) };
        match ask {
            _ if is_interim => Ok(Next::Again),
            Ask::Look if status == 200 => Ok(Next::Done(answer)),
            Ask::Look => wrong("is no view"),
            Ask::Submit => {
                if let Some(first) = &self.submitted {
                    return if *first == answer { Ok(Next::Done(answer)) } else { wrong(&other_than(first)) };
                }
                if !self.kind.allows(self.scarce, status, &told) {
                    return wrong(&format!("is not for an order of kind {:?}", self.kind));
                }
                if status == 201 && (told["amount"] != self.amount || told["currency"] != "USD") {
                    return wrong(&format!("of another amount than {} USD", self.amount));
                }
                self.submitted = Some(answer.clone());
                Ok(Next::Done(answer))
            }
            Ask::Verb(key) => {
                if let Some(first) = self.verbs.get(key) {
                    return if *first == answer { Ok(Next::Done(answer)) } else { wrong(&other_than(first)) };
                }
                let is_right = match (status, code) {
                    (201, "") => !key.starts_with("cancel") || told["state"] == "CANCELLED",
                    (409, "wrong_state") => true,
                    (409, "refund_exceeds_charge") => key.starts_with("refunds"),
                    _ => false,
                };
                if !is_right {
                    return wrong("is no answer to that verb of one's own order");
                }
                self.is_off |= status == 201 && key.starts_with("cancel");
                self.verbs.insert(key.clone(), answer.clone());
                Ok(Next::Done(answer))
            }
        }
    }

    /// Whether a verb of that name was done.
    #[must_use]
    pub fn was_done(&self, verb: &str) -> bool {
        self.verbs.iter().any(|(key, answer)| key.starts_with(verb) && answer.status == 201)
    }
}

fn other_than(first: &Final) -> String {
    format!("is another answer than the first, {} {}", first.status, String::from_utf8_lossy(&first.body))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn story(kind: Kind) -> Story {
        Story::new("O".into(), kind, 500, vec![("S".into(), 1)], false)
    }

    fn heard(story: &mut Story, ask: &Ask, status: u16, body: &Value) -> Result<Next, String> {
        let before = story.before(ask);
        story.hear(ask, before, status, true, &Bytes::from(body.to_string()))
    }

    fn placed(state: &str) -> Value {
        json!({"order_id": "O", "state": state, "amount": 500, "currency": "USD", "version": 3})
    }

    #[test]
    fn an_order_that_goes_well_is_told_so() {
        let mut story = story(Kind::Plain);
        assert_eq!(heard(&mut story, &Ask::Submit, 503, &json!({"code": "unavailable"})), Ok(Next::Again));
        assert_eq!(heard(&mut story, &Ask::Submit, 408, &json!(null)), Ok(Next::Again));
        assert_eq!(heard(&mut story, &Ask::Look, 404, &json!({"code": "order_not_found"})), Ok(Next::Again));
        assert_eq!(heard(&mut story, &Ask::Submit, 202, &placed("CREATED")), Ok(Next::Again));
        assert!(matches!(heard(&mut story, &Ask::Submit, 201, &placed("COMPLETED")), Ok(Next::Done(_))));
        assert!(matches!(heard(&mut story, &Ask::Submit, 201, &placed("COMPLETED")), Ok(Next::Done(_))));
        assert!(matches!(heard(&mut story, &Ask::Look, 200, &placed("COMPLETED")), Ok(Next::Done(_))));
    }

    #[test]
    fn what_nobody_may_be_told_is_refused() {
        let fresh = || story(Kind::Plain);
        let acknowledged = || {
            let mut story = fresh();
            heard(&mut story, &Ask::Submit, 202, &placed("CREATED")).expect("it may");
            story
        };
        let answered = || {
            let mut story = fresh();
            heard(&mut story, &Ask::Submit, 201, &placed("COMPLETED")).expect("it may");
            story
        };
        let off = || {
            let mut story = story(Kind::Slow);
            heard(&mut story, &Ask::Verb("cancel".into()), 201, &placed("CANCELLED")).expect("it may");
            story
        };
        let cancelled =
            |reason: &str| json!({"order_id": "O", "code": "order_cancelled", "reason": reason, "final": true});
        let refund = Ask::Verb("refund-1".into());
        for (mut story, ask, status, body, why) in [
            (fresh(), Ask::Submit, 404, json!({"code": "order_not_found"}), "not found"),
            (acknowledged(), Ask::Look, 404, json!({"code": "order_not_found"}), "after it was acknowledged"),
            (acknowledged(), Ask::Submit, 202, json!({"order_id": "O", "version": 2}), "older than version 3"),
            (acknowledged(), Ask::Look, 200, json!({"order_id": "O", "version": 2}), "older than version 3"),
            (answered(), Ask::Submit, 202, placed("CREATED"), "after the final answer"),
            (off(), Ask::Submit, 202, placed("INVENTORY_RESERVED"), "after the final answer"),
            (answered(), Ask::Submit, 201, json!({"order_id": "O", "state": "COMPLETED"}), "another answer"),
            (fresh(), Ask::Submit, 402, json!({"order_id": "O", "code": "payment_declined"}), "not for an order"),
            (fresh(), Ask::Submit, 409, cancelled("client"), "not for an order"),
            (story(Kind::Raced), Ask::Submit, 409, cancelled("operator"), "not for an order"),
            (fresh(), Ask::Submit, 201, json!({"order_id": "P", "state": "COMPLETED"}), "about another order"),
            (fresh(), Ask::Submit, 201, json!({"order_id": "O", "state": "COMPLETED", "amount": 1}), "another amount"),
            (answered(), Ask::Look, 200, json!({"order_id": "O", "version": 2}), "older than version 3"),
            (off(), Ask::Look, 200, placed("COMPLETED"), "is not off"),
            (fresh(), Ask::Verb("cancel".into()), 201, placed("COMPLETED"), "no answer to that verb"),
            (
                fresh(),
                Ask::Verb("cancel".into()),
                409,
                json!({"order_id": "O", "code": "refund_exceeds_charge"}),
                "no answer to that",
            ),
            (fresh(), refund, 400, json!({"order_id": "O", "code": "invalid_request"}), "no answer to that verb"),
        ] {
            let told = heard(&mut story, &ask, status, &body).expect_err(why);
            assert!(told.contains(why), "{told}: {why}");
        }
        let (mut story, ask) = (fresh(), Ask::Submit);
        let before = story.before(&ask);
        let told = story.hear(&ask, before, 503, false, &Bytes::from_static(b"{}"));
        assert!(told.expect_err("a 503").contains("without Retry-After"));
    }

    #[test]
    fn what_was_asked_before_may_be_answered_late() {
        let mut story = story(Kind::Plain);
        let early = story.before(&Ask::Submit);
        heard(&mut story, &Ask::Submit, 201, &placed("COMPLETED")).expect("it may");
        let late = story.hear(&Ask::Submit, early, 202, true, &Bytes::from(placed("CREATED").to_string()));
        assert_eq!(late, Ok(Next::Again), "it was sent before the other one was answered");
    }
}
