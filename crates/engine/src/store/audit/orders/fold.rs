//! The audit's own fold: what an order's events make of its rows, by a table of its own. It shares no code with the
//! saga, which decided and applied the same events; where the two differ, one of them is wrong.
//!
//! It reads events of every version. A field that an earlier program did not write is absent, and an absent reference,
//! amount or reason is what the rows of that program hold too.

use serde_json::{Map, Value, json};

use super::answers;
use super::steps::{OwnStand, Sequence, begins};

/// What of an order no event tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The order's id.
    pub order_id: String,
    /// What the order costs, in minor units.
    pub amount: i64,
    /// The ISO 4217 code of the amount.
    pub currency: String,
    /// Whether the money is held first and captured later.
    pub manual: bool,
    /// Its saga, where it has steps of one's own.
    pub sequence: Option<Sequence>,
}

/// The events of one commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// The version of the first one.
    pub first_version: i64,
    /// When they were decided: microseconds since 1970.
    pub at: i64,
    /// The events, in the order of their versions.
    pub events: Vec<Map<String, Value>>,
}

/// An answer as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The HTTP status.
    pub status: i64,
    /// The body, byte for byte.
    pub body: String,
}

/// A refund that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Refund {
    /// The client whose key asked for it.
    pub client: String,
    /// The key under which it was asked for.
    pub key: String,
    /// In minor units.
    pub amount: i64,
    /// Why, in the asker's words.
    pub reason: String,
    /// What comes back with it: a list.
    pub restock: Value,
    /// `intended`, `refunded` or `refused`.
    pub status: &'static str,
    /// After which commit it was settled, by its place.
    pub settled: Option<usize>,
}

/// Where an order stood after a commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Stand {
    /// The order's version after the commit.
    pub version: i64,
    /// The order's state after the commit.
    pub state: &'static str,
    /// Why it waited for a human, if it did.
    pub attention: Option<Value>,
    /// What had moved to us.
    pub captured: i64,
    /// What had gone back, in minor units.
    pub refunded: i64,
}

/// What an operator did to an order, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorAct {
    /// The version after the commit.
    pub version: i64,
    /// `retry`, `skip` or `force-cancel`.
    pub verb: &'static str,
    /// Which call was answered in a participant's place.
    pub call: Option<String>,
    /// Who said it, where the event tells.
    pub by: Option<String>,
    /// Why, where the event tells.
    pub reason: Option<String>,
}

/// What an order's events lead to.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// How many events there are: the order's version.
    pub version: i64,
    /// `orders.state`.
    pub state: &'static str,
    /// `orders.stock`.
    pub stock: &'static str,
    /// `payments.status`; of `none` there is no row.
    pub payment: &'static str,
    /// `orders.shipment`.
    pub shipment: &'static str,
    /// `orders.reservation_reference`.
    pub reservation_reference: Option<String>,
    /// `orders.shipment_reference`.
    pub shipment_reference: Option<String>,
    /// `payments.reference`.
    pub reference: Option<String>,
    /// `payments.capture_reference`.
    pub capture_reference: Option<String>,
    /// `payments.unknown`.
    pub unknown: bool,
    /// `payments.known`.
    pub known: bool,
    /// `payments.amount`.
    pub amount: i64,
    /// `payments.captured`.
    pub captured: i64,
    /// `payments.refunded`.
    pub refunded: i64,
    /// `orders.failure`.
    pub failure: Option<Value>,
    /// `orders.attention`.
    pub attention: Option<Value>,
    /// `orders.answer_status` and `orders.answer`.
    pub answer: Option<StoredAnswer>,
    /// The rows of `refunds`, in the order of asking.
    pub refunds: Vec<Refund>,
    /// Where it stood after each commit.
    pub stands: Vec<Stand>,
    /// What operators did.
    pub words: Vec<OperatorAct>,
    /// `order_steps.steps`.
    pub own: Vec<OwnStand>,
    /// The seal of its unchanging columns; absent where an earlier program stored it.
    pub seal: Option<String>,
    /// The seal of its saga; absent where it has none of its own.
    pub saga_seal: Option<String>,
    /// Whether a capture was intended.
    pub captures: bool,
    /// Whether a client or an operator called it off.
    pub called_off: bool,
    /// Whether its owner did, which answers a key of theirs; an operator's needs none.
    pub called_off_by_client: bool,
}

/// Why events cannot be folded. The promise that they can be read is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Of each event: state, stock, payment and shipment that it leads to; `-` leaves what is.
#[rustfmt::skip]
const TABLE: &[(&str, &str, &str, &str, &str)] = &[
    ("order.created",          "CREATED",            "intended",  "none",       "none"),
    ("inventory.reserved",     "INVENTORY_RESERVED", "reserved",  "intended",   "-"),
    ("inventory.rejected",     "-",                  "rejected",  "-",          "-"),
    ("payment.authorized",     "PAYMENT_AUTHORIZED", "-",         "authorized", "-"),
    ("payment.capturing",      "-",                  "-",         "capturing",  "-"),
    ("payment.charged",        "PAYMENT_CHARGED",    "-",         "charged",    "intended"),
    ("payment.declined",       "COMPENSATING",       "releasing", "declined",   "-"),
    ("payment.unknown",        "-",                  "-",         "-",          "-"),
    ("shipment.created",       "SHIPMENT_CREATED",   "-",         "-",          "created"),
    ("shipment.failed",        "COMPENSATING",       "-",         "refunding",  "failed"),
    ("shipment.cancelled",     "COMPENSATING",       "-",         "refunding",  "cancelled"),
    ("payment.refunded",       "COMPENSATING",       "releasing", "refunded",   "-"),
    ("payment.voided",         "COMPENSATING",       "releasing", "voided",     "-"),
    ("inventory.released",     "-",                  "released",  "-",          "-"),
    ("order.compensating",     "COMPENSATING",       "-",         "-",          "-"),
    ("order.completed",        "COMPLETED",          "taken",     "-",          "-"),
    ("order.cancelled",        "CANCELLED",          "-",         "-",          "-"),
    ("order.attention",        "-",                  "-",         "-",          "-"),
    ("order.resumed",          "-",                  "-",         "-",          "-"),
    ("order.skipped",          "-",                  "-",         "-",          "-"),
    ("order.forced",           "COMPENSATING",       "-",         "-",          "-"),
    ("payment.refunding",      "-",                  "-",         "-",          "-"),
    ("payment.refund_refused", "-",                  "-",         "-",          "-"),
    ("step.done",              "-",                  "-",         "-",          "-"),
    ("step.refused",           "-",                  "-",         "-",          "-"),
    ("step.skipped",           "-",                  "-",         "-",          "-"),
    ("step.undone",            "-",                  "-",         "-",          "-"),
];

/// A stamp as answers and rows write it: RFC 3339 in UTC with microseconds.
pub(super) fn stamp(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros).map_or_else(|_| String::new(), |stamp| format!("{stamp:.6}"))
}

/// Folds a history that is whole: its commits in order, without a gap.
pub fn fold(content: &Content, commits: &[Commit]) -> Result<Folded, Unreadable> {
    if commits.is_empty() { Err(Unreadable) } else { Folded::unborn(content).go_on(content, commits) }
}

fn text(event: &Map<String, Value>, field: &str) -> Result<String, Unreadable> {
    event.get(field).and_then(Value::as_str).map(str::to_owned).ok_or(Unreadable)
}

fn maybe(event: &Map<String, Value>, field: &str) -> Option<String> {
    event.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn units(event: &Map<String, Value>, field: &str) -> Result<i64, Unreadable> {
    event.get(field).and_then(Value::as_i64).ok_or(Unreadable)
}

impl Folded {
    fn unborn(content: &Content) -> Self {
        Self {
            version: 0,
            state: "",
            stock: "",
            payment: "",
            shipment: "",
            reservation_reference: None,
            shipment_reference: None,
            reference: None,
            capture_reference: None,
            unknown: false,
            known: false,
            amount: content.amount,
            captured: 0,
            refunded: 0,
            failure: None,
            attention: None,
            answer: None,
            refunds: Vec::new(),
            stands: Vec::new(),
            words: Vec::new(),
            own: Vec::new(),
            seal: None,
            saga_seal: None,
            captures: false,
            called_off: false,
            called_off_by_client: false,
        }
    }

    /// Folds commits that came after those of this fold.
    pub fn go_on(mut self, content: &Content, commits: &[Commit]) -> Result<Self, Unreadable> {
        for commit in commits {
            if commit.first_version != self.version + 1 || commit.events.is_empty() {
                return Err(Unreadable);
            }
            for event in &commit.events {
                self.take(content, event, commit.at)?;
            }
            self.stands.push(Stand {
                version: self.version,
                state: self.state,
                attention: self.attention.clone(),
                captured: self.captured,
                refunded: self.refunded,
            });
            for word in self.words.iter_mut().filter(|word| word.version == 0) {
                word.version = self.version;
            }
        }
        Ok(self)
    }

    fn take(&mut self, content: &Content, event: &Map<String, Value>, at: i64) -> Result<(), Unreadable> {
        let kind = event.get("type").and_then(Value::as_str).ok_or(Unreadable)?;
        let row = TABLE.iter().find(|row| row.0 == kind).ok_or(Unreadable)?;
        if (kind == "order.created") != (self.version == 0) {
            return Err(Unreadable);
        }
        self.version = self.version.checked_add(1).ok_or(Unreadable)?;
        // A refund that was asked for moves its own row, and no order.
        if kind == "payment.refunded" && event.contains_key("refund") {
            return self.settle(event.get("refund").and_then(Value::as_object).ok_or(Unreadable)?, "refunded");
        }
        match &content.sequence {
            Some(sequence) if !self.is_its_turn(sequence, kind, event) => return Err(Unreadable),
            None if kind.starts_with("step.") => return Err(Unreadable),
            Some(_) | None => {}
        }
        let places = [&mut self.state, &mut self.stock, &mut self.payment, &mut self.shipment];
        for (place, word) in places.into_iter().zip([row.1, row.2, row.3, row.4]) {
            // Along steps of one's own what is begun is found by walking.
            if word != "-" && !(content.sequence.is_some() && begins(word)) {
                *place = word;
            }
        }
        match kind {
            "order.created" => {
                (self.seal, self.saga_seal) = (maybe(event, "seal"), maybe(event, "definition"));
            }
            "inventory.reserved" => self.reservation_reference = maybe(event, "reference"),
            "inventory.rejected" => {
                self.failure = Some(match maybe(event, "reason") {
                    Some(said) => json!({"code": "order_cancelled", "reason": "participant", "detail": said}),
                    None => {
                        json!({"code": "out_of_stock", "shortages": event.get("shortages").ok_or(Unreadable)?})
                    }
                });
            }
            "payment.authorized" => {
                self.known = true;
                self.reference = maybe(event, "reference");
                self.decided(content);
            }
            "payment.capturing" => {
                self.amount = units(event, "amount")?;
                self.captures = true;
            }
            "payment.charged" => {
                self.known = true;
                self.captured = units(event, "amount")?;
                let named = if content.manual { &mut self.capture_reference } else { &mut self.reference };
                *named = maybe(event, "reference");
            }
            "payment.declined" => {
                self.failure = Some(json!({"code": "payment_declined", "reason": text(event, "reason")?}));
            }
            "payment.unknown" => self.unknown = true,
            "shipment.created" => {
                self.shipment_reference = maybe(event, "reference");
                self.failure = None;
            }
            "shipment.failed" => {
                self.failure = Some(json!({"code": "shipment_failed", "reason": text(event, "reason")?}));
                self.refunded = if content.sequence.is_some() { self.refunded } else { self.captured };
            }
            "shipment.cancelled" if content.sequence.is_none() => self.refunded = self.captured,
            "payment.voided" => {
                self.captured = event.get("captured").and_then(Value::as_i64).unwrap_or(0);
                self.refunded = self.captured;
            }
            "order.compensating" => self.call_off(event, content.sequence.is_none())?,
            "order.completed" | "order.cancelled" => self.decided(content),
            "order.attention" => {
                let mut why = event.clone();
                why.retain(|field, _| field != "type" && field != "v");
                why.insert("since".into(), stamp(at).into());
                self.attention = Some(why.into());
            }
            // By itself, since the entry that it waited for is there again.
            "order.resumed" if !event.contains_key("by") && event.contains_key("reason") => self.attention = None,
            "order.resumed" => self.answered_for("retry", event),
            "order.skipped" | "step.skipped" => self.answered_for("skip", event),
            "order.forced" => {
                self.answered_for("force-cancel", event);
                self.force();
            }
            "payment.refunding" => {
                let amount = units(event, "amount")?;
                self.refunded = self.refunded.checked_add(amount).ok_or(Unreadable)?;
                self.refunds.push(Refund {
                    client: text(event, "client")?,
                    key: text(event, "key")?,
                    amount,
                    reason: text(event, "reason")?,
                    restock: event.get("restock").cloned().unwrap_or_else(|| json!([])),
                    status: "intended",
                    settled: None,
                });
            }
            "payment.refund_refused" => self.settle(event, "refused")?,
            _ => {}
        }
        match &content.sequence {
            Some(sequence) => self.walk(sequence, kind, event).ok_or(Unreadable),
            None => Ok(()),
        }
    }

    /// A call-off undoes the latest step that may have taken effect; the earlier ones follow.
    fn call_off(&mut self, event: &Map<String, Value>, built_in: bool) -> Result<(), Unreadable> {
        let mut failure = Map::from_iter([("code".to_owned(), json!("order_cancelled"))]);
        let reason = text(event, "reason")?;
        self.called_off = matches!(&*reason, "client" | "operator");
        self.called_off_by_client = &*reason == "client";
        failure.insert("reason".into(), reason.into());
        if let Some(detail) = maybe(event, "detail") {
            failure.insert("detail".into(), detail.into());
        }
        self.failure = Some(failure.into());
        self.attention = None;
        match (self.shipment, self.payment) {
            (..) if !built_in => {}
            ("intended", _) => self.shipment = "cancelling",
            (_, "intended" | "authorized" | "capturing") => self.payment = "voiding",
            (..) => self.stock = "releasing",
        }
        Ok(())
    }

    /// What a human declares undone is as if it had been.
    fn force(&mut self) {
        if self.failure.is_none() {
            self.failure = Some(json!({"code": "order_cancelled", "reason": "operator"}));
        }
        if matches!(self.shipment, "intended" | "created" | "cancelling") {
            self.shipment = "cancelled";
        }
        match self.payment {
            "charged" | "refunding" => {
                self.payment = "refunded";
                self.refunded = self.captured;
            }
            "intended" | "authorized" | "capturing" | "voiding" => self.payment = "voided",
            _ => {}
        }
        if !matches!(self.stock, "rejected" | "none") {
            self.stock = "released";
        }
    }

    fn answered_for(&mut self, verb: &'static str, event: &Map<String, Value>) {
        self.attention = None;
        let (call, by, reason) = (maybe(event, "action"), maybe(event, "by"), maybe(event, "reason"));
        self.words.push(OperatorAct { version: 0, verb, call, by, reason }); // its version is that of its commit, at whose end it is set
    }

    /// A refund has one outcome; a refused one no longer counts.
    fn settle(&mut self, name: &Map<String, Value>, status: &'static str) -> Result<(), Unreadable> {
        let (client, key, place) = (text(name, "client")?, text(name, "key")?, self.stands.len());
        let open = self.refunds.iter_mut().find(|refund| refund.client == client && refund.key == key);
        if let Some(refund) = open.filter(|refund| refund.status == "intended") {
            (refund.status, refund.settled) = (status, Some(place));
            if status == "refused" {
                self.refunded -= refund.amount;
            }
        }
        Ok(())
    }

    /// The one final answer, the first time that there is one.
    fn decided(&mut self, content: &Content) {
        if self.answer.is_none() {
            self.answer = Some(match &self.failure {
                None => answers::success(content, self.state, self.version),
                Some(failure) => answers::failure(content, failure, &self.undone(content)),
            });
        }
    }

    /// What was undone, in the order in which it was.
    fn undone(&self, content: &Content) -> Vec<&'static str> {
        if let Some(sequence) = &content.sequence {
            return self.undone_along(sequence);
        }
        let shipment = (self.shipment == "cancelled").then_some("shipment.cancelled");
        let payment = match self.payment {
            "refunded" => Some("payment.refunded"),
            "voided" => Some("payment.voided"),
            _ => None,
        };
        let stock = (self.stock == "released").then_some("inventory.released");
        [shipment, payment, stock].into_iter().flatten().collect()
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
pub(super) mod tests;
