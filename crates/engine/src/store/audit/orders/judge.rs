//! The laws of one order: every column of its rows against what its events lead to. Pure.
//!
//! What breaks one law of an order is told once, by the first: the later ones compare with a fold that the rows
//! contradict already. An order whose history has holes, or whose rows are not there, is another promise's.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::answers;
use super::fold::{Commit, Content, Folded, OperatorAct, StoredAnswer, fold};
use super::pruned::{self, PrunedRow};
use super::steps::{Sequence, StepsRow, as_stored};

/// What is asked, under the name of the promise that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Law {
    /// The rows of order, payment and refunds are what the events lead to.
    Rows,
    /// The order's answer is the one that its events demand.
    Answer,
    /// Each commit's stamps agree with those of the row.
    Stamps,
    /// What no event repeats is what was sealed.
    Seal,
    /// What came back to the shelf came with its refund.
    Stock,
    /// Keys are there, and what they were.
    Keys,
    /// A verb's answer is the one that the order's events demand.
    Verbs,
    /// The operators' log tells what the events tell.
    Operators,
}

impl Law {
    pub const ALL: [Self; 8] =
        [Self::Rows, Self::Answer, Self::Stamps, Self::Seal, Self::Stock, Self::Keys, Self::Verbs, Self::Operators];

    /// The promise that it is part of.
    pub fn promise(self) -> &'static str {
        match self {
            Self::Rows => "state_is_the_replay",
            Self::Answer => "same_request_same_answer",
            Self::Stamps => "events_published_in_order",
            Self::Seal => "content_intact",
            Self::Stock => "stock_never_lost",
            Self::Keys => "keys_name_one_request",
            Self::Verbs => "verb_same_answer",
            Self::Operators => "operators_tell_what_they_do",
        }
    }
}

/// A row of `orders`. NOT NULL is a constraint, and none is trusted.
#[derive(Debug, Default, Clone, Deserialize)]
pub(super) struct OrderRow {
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub client: Option<String>,
    pub plan: Option<i16>,
    pub saga_version: Option<i16>,
    /// Only where the money may be held first.
    pub details: Option<String>,
    pub version: Option<i64>,
    pub state: Option<String>,
    pub stock: Option<String>,
    pub shipment: Option<String>,
    pub shipment_reference: Option<String>,
    pub reservation_reference: Option<String>,
    pub failure: Option<String>,
    pub attention: Option<String>,
    pub answer_status: Option<i64>,
    pub answer: Option<String>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
}

/// A row of `payments`.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
pub(super) struct PaymentRow {
    pub status: Option<String>,
    pub unknown: Option<bool>,
    pub known: Option<bool>,
    pub amount: Option<i64>,
    pub captured: Option<i64>,
    pub refunded: Option<i64>,
    pub reference: Option<String>,
    pub capture_reference: Option<String>,
}

/// A row of `order_events`.
#[derive(Debug, Deserialize)]
pub(super) struct EventsRow {
    first_version: Option<i64>,
    at: Option<String>,
    events: Option<String>,
}

/// A row of `refunds`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct RefundRow {
    pub client: Option<String>,
    pub key: Option<String>,
    pub position: Option<i64>,
    pub amount: Option<i64>,
    pub status: Option<String>,
    pub reason: Option<String>,
    pub restock: Option<String>,
}

/// A row of `idempotency_keys`, and whether its seal is whole.
#[derive(Debug, Deserialize)]
pub(super) struct KeyRow {
    client: Option<String>,
    route: Option<String>,
    key: Option<String>,
    answer_status: Option<i64>,
    answer: Option<String>,
    whole: Option<bool>,
}

/// A row of `inventory_journal`, and whether its seal is whole.
#[derive(Debug, Deserialize)]
pub(super) struct JournalRow {
    sku: Option<String>,
    delta: Option<i64>,
    reason: Option<String>,
    client: Option<String>,
    whole: Option<bool>,
}

/// A row of `operator_log`.
#[derive(Debug, Deserialize)]
pub(super) struct LogRow {
    pub at: Option<String>,
    pub by: Option<String>,
    verb: Option<String>,
    reason: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// Everything that is stored under one order_id.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub orders: Vec<OrderRow>,
    pub payments: Vec<PaymentRow>,
    pub events: Vec<EventsRow>,
    pub refunds: Vec<RefundRow>,
    pub keys: Vec<KeyRow>,
    pub journal: Vec<JournalRow>,
    pub log: Vec<LogRow>,
    pub pruned: Vec<PrunedRow>,
    pub steps: Vec<StepsRow>,
    /// A row that could not be read at all.
    pub unreadable: bool,
}

impl Rows {
    /// What the events lead to, without them.
    pub fn without_events(&self) -> Self {
        let Self { orders, payments, refunds, steps, .. } = self;
        let (orders, payments, refunds) = (orders.clone(), payments.clone(), refunds.clone());
        Self { orders, payments, refunds, steps: steps.clone(), ..Self::default() }
    }
}

/// Something that an operator answered for, with who says so.
#[derive(Debug, Clone)]
pub(super) struct Vouched {
    pub word: OperatorAct,
    pub by: Option<String>,
    pub at: Option<String>,
    pub reason: Option<String>,
}

/// What was found about one order.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Each broken law with who breaks it.
    pub broken: Vec<(Law, String)>,
    /// What operators answered for.
    pub vouched: Vec<Vouched>,
}

impl KeyRow {
    /// As offenders are named.
    fn name(&self) -> String {
        let parts = [&self.client, &self.route, &self.key];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    fn answer(&self) -> Option<StoredAnswer> {
        Some(StoredAnswer { status: self.answer_status?, body: self.answer.clone()? })
    }

    fn is_open(&self) -> bool {
        self.answer_status.is_none() && self.answer.is_none()
    }
}

/// A key that is about no order: of a change of stock by hand.
pub(super) fn alone_key(row: &KeyRow) -> Option<(Law, String)> {
    if row.whole != Some(true) {
        return Some((Law::Keys, row.name()));
    }
    let route = row.route.as_deref().unwrap_or_default();
    let sku = route.strip_prefix("POST /inventory/").and_then(|rest| rest.strip_suffix("/adjustments"));
    let fits = sku.zip(row.answer()).is_some_and(|(sku, answer)| answers::is_level(sku, &answer));
    (!fits).then(|| (Law::Verbs, row.name()))
}

/// A change of stock by hand.
pub(super) fn alone_journal(row: &JournalRow) -> Option<(Law, String)> {
    (row.whole != Some(true)).then(|| (Law::Stock, row.sku.clone().unwrap_or_else(|| "(null)".into())))
}

/// Judges one order. `is_named` says who broke another promise already.
pub(super) fn judge(order_id: &str, rows: Rows, is_named: &dyn Fn(&str) -> bool) -> Verdict {
    let mut verdict = Verdict::default();
    let mut seals = broken_seals(order_id, &rows);
    seals.retain(|(_, name)| !is_named(name));
    if let Some(order) = whole(order_id, &rows) {
        verdict.vouched = vouched(&order.folded, &rows);
        if !is_named(order_id) {
            verdict.broken = order.broken(is_named);
        }
    } else if !is_named(order_id) && rows.orders.len() == 1 {
        // Whatever its history lacks, no promise about it was found broken: then its rows cannot be read here.
        verdict.broken.push((Law::Rows, order_id.to_owned()));
    } else if rows.orders.is_empty() && !rows.journal.is_empty() && !is_named(order_id) {
        verdict.broken.push((Law::Stock, order_id.to_owned()));
    }
    if verdict.broken.is_empty() {
        verdict.broken = seals;
    }
    verdict
}

/// An order whose history can be read, or what is left of it on top of what was pruned.
pub(super) fn whole<'a>(order_id: &str, rows: &'a Rows) -> Option<Whole<'a>> {
    let (content, commits) = history(order_id, rows)?;
    let row = &rows.orders[0];
    let (folded, began, ended) = match rows.pruned.as_slice() {
        [] => (fold(&content, &commits).ok()?, commits.first().map(|first| first.at), None),
        [of] => {
            let base = pruned::base(&content, rows, &commits)?;
            // Its creation is part of the proof.
            (base.go_on(&content, &commits).ok()?, micros(row.created_at.as_deref()), micros(of.decided_at.as_deref()))
        }
        _ => return None,
    };
    let ends = (began, commits.last().map(|last| last.at).or(ended));
    Some(Whole { content, commits, folded, ends, row, rows })
}

fn broken_seals(order_id: &str, rows: &Rows) -> Vec<(Law, String)> {
    let keys = rows.keys.iter().filter(|row| row.whole != Some(true)).map(|row| (Law::Keys, row.name()));
    let journal = rows.journal.iter().filter(|row| row.whole != Some(true));
    keys.chain(journal.map(|_| (Law::Stock, order_id.to_owned()))).collect()
}

/// The content and the history, where both can be read; `None` where another promise tells what is wrong.
fn history(order_id: &str, rows: &Rows) -> Option<(Content, Vec<Commit>)> {
    let [row] = rows.orders.as_slice() else { return None };
    if rows.unreadable || rows.payments.len() > 1 {
        return None;
    }
    let details = row.details.as_deref().and_then(|details| serde_json::from_str::<Value>(details).ok());
    let content = Content {
        order_id: order_id.to_owned(),
        amount: row.amount?,
        currency: row.currency.clone()?,
        manual: details.is_some_and(|details| details["capture"] == json!("manual")),
        sequence: sequence(row, rows)?,
    };
    let commit = |row: &EventsRow| {
        Some(Commit {
            first_version: row.first_version?,
            at: micros(row.at.as_deref())?,
            events: serde_json::from_str::<Vec<Map<String, Value>>>(row.events.as_deref()?).ok()?,
        })
    };
    let mut commits: Vec<Commit> = rows.events.iter().map(commit).collect::<Option<_>>()?;
    commits.sort_by_key(|commit| commit.first_version);
    Some((content, commits))
}

/// The saga of an order that has steps of one's own, which its version says; `None` where it has, and there is none to be read,
/// or has not, and there is one.
#[expect(clippy::option_option, reason = "whether it can be told, and whether there is one")]
fn sequence(row: &OrderRow, rows: &Rows) -> Option<Option<Sequence>> {
    match (row.saga_version, rows.steps.as_slice()) {
        (Some(2), [steps]) => Some(Some(Sequence::read(steps.content.as_deref()?)?)),
        (Some(2), _) => None,
        (_, []) => Some(None),
        (_, _) => None,
    }
}

/// A stamp as PostgreSQL writes it in JSON, in microseconds.
pub(super) fn micros(stamp: Option<&str>) -> Option<i64> {
    Some(stamp?.parse::<jiff::Timestamp>().ok()?.as_microsecond())
}

/// What is stored of a JSON text; an absent one is absent, and one that cannot be read is nothing that events lead to.
pub(super) fn stored(text: Option<&str>) -> Option<Value> {
    text.map(|text| serde_json::from_str(text).unwrap_or_else(|_| json!([text])))
}

/// What operators answered for (not what they only sent on its way), with the entry of the same version.
fn vouched(folded: &Folded, rows: &Rows) -> Vec<Vouched> {
    let words = folded.words.iter().filter(|word| word.verb != "retry");
    let told = |word: &OperatorAct| {
        let entry = rows.log.iter().find(|entry| version_of(entry.after.as_deref()) == Some(word.version));
        Vouched {
            word: word.clone(),
            by: entry.and_then(|entry| entry.by.clone()),
            at: entry.and_then(|entry| micros(entry.at.as_deref())).map(super::fold::stamp),
            reason: entry.and_then(|entry| entry.reason.clone()).or_else(|| word.reason.clone()),
        }
    };
    words.map(told).collect()
}

fn version_of(stands: Option<&str>) -> Option<i64> {
    stored(stands)?["version"].as_i64()
}

/// The seal of what no event tells.
pub(super) fn seal_of(order_id: &str, row: &OrderRow) -> Option<String> {
    let OrderRow { client: Some(client), saga_version: Some(saga), plan: Some(plan), .. } = row else { return None };
    let mut hash = Sha256::new();
    for part in [order_id.as_bytes(), client.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(saga.to_be_bytes());
    hash.update(plan.to_be_bytes());
    Some(BASE64URL_NOPAD.encode(&hash.finalize()[..3]))
}

/// Whether an order keeps a law.
type Holds<'a> = fn(&Whole<'a>) -> bool;

/// An order whose history can be read.
pub(super) struct Whole<'a> {
    pub content: Content,
    pub commits: Vec<Commit>,
    pub folded: Folded,
    /// When its first event was decided, and its last.
    ends: (Option<i64>, Option<i64>),
    pub row: &'a OrderRow,
    pub rows: &'a Rows,
}

impl<'a> Whole<'a> {
    fn broken(&self, is_named: &dyn Fn(&str) -> bool) -> Vec<(Law, String)> {
        let laws: [(Law, Holds<'a>); 6] = [
            (Law::Rows, Self::rows_agree),
            (Law::Answer, Self::answer_agrees),
            (Law::Stamps, Self::stamps_agree),
            (Law::Seal, Self::is_sealed),
            (Law::Stock, Self::restocks_agree),
            (Law::Operators, Self::log_agrees),
        ];
        let name = || self.content.order_id.clone();
        if let Some((law, _)) = laws.into_iter().find(|(_, holds)| !holds(self)) {
            return vec![(law, name())];
        }
        let mut broken = Vec::new();
        for row in self.rows.keys.iter().filter(|row| !is_named(&row.name())) {
            match self.key_law(row) {
                Some(law) => broken.push((law, row.name())),
                None if row.whole != Some(true) => broken.push((Law::Keys, row.name())),
                None => {}
            }
        }
        if broken.is_empty() && !self.keys_are_there() {
            broken.push((Law::Keys, name()));
        }
        if broken.is_empty() && !self.verbs_were_answered() {
            broken.push((Law::Verbs, name()));
        }
        broken
    }

    fn rows_agree(&self) -> bool {
        let Self { folded, row, rows, .. } = self;
        let words = (row.state.as_deref(), row.stock.as_deref(), row.shipment.as_deref());
        let payment = (folded.payment != "none").then(|| PaymentRow {
            status: Some(folded.payment.into()),
            unknown: Some(folded.unknown),
            known: Some(folded.known),
            amount: Some(folded.amount),
            captured: Some(folded.captured),
            refunded: Some(folded.refunded),
            reference: folded.reference.clone(),
            capture_reference: folded.capture_reference.clone(),
        });
        // Earlier programs know no stock that waits for a step: it is written as intended.
        let stock = if folded.stock == "none" { "intended" } else { folded.stock };
        row.version == Some(folded.version)
            && words == (Some(folded.state), Some(stock), Some(folded.shipment))
            && self.steps_agree()
            && row.shipment_reference == folded.shipment_reference
            && row.reservation_reference == folded.reservation_reference
            && stored(row.failure.as_deref()) == folded.failure
            && stored(row.attention.as_deref()) == folded.attention
            && rows.payments.first() == payment.as_ref()
            && self.refunds_agree()
    }

    fn steps_agree(&self) -> bool {
        let stored = self.rows.steps.first().map(|row| stored(row.steps.as_deref()));
        stored == self.content.sequence.as_ref().map(|_| Some(as_stored(&self.folded.own)))
    }

    fn refunds_agree(&self) -> bool {
        let asked = &self.folded.refunds;
        let agrees = |row: &RefundRow| {
            let place = row.position.and_then(|position| usize::try_from(position).ok()?.checked_sub(1));
            place.and_then(|place| asked.get(place)).is_some_and(|refund| {
                let texts = (row.client.as_deref(), row.key.as_deref(), row.reason.as_deref(), row.status.as_deref());
                texts == (Some(&*refund.client), Some(&*refund.key), Some(&*refund.reason), Some(refund.status))
                    && row.amount == Some(refund.amount)
                    && stored(row.restock.as_deref()).unwrap_or_else(|| json!([])) == refund.restock
                    && row.restock.is_some() != (refund.restock == json!([]))
            })
        };
        let mut places: Vec<_> = self.rows.refunds.iter().filter_map(|row| row.position).collect();
        places.sort_unstable();
        places.dedup();
        places.len() == asked.len() && self.rows.refunds.len() == asked.len() && self.rows.refunds.iter().all(agrees)
    }

    fn answer_agrees(&self) -> bool {
        let stored = (self.row.answer_status, self.row.answer.as_deref());
        let wanted = self.folded.answer.as_ref();
        stored == wanted.map_or((None, None), |answer| (Some(answer.status), Some(&*answer.body)))
    }

    /// An order is as old as its first event, and as new as its last.
    fn stamps_agree(&self) -> bool {
        (micros(self.row.created_at.as_deref()), micros(self.row.updated_at.as_deref())) == self.ends
    }

    /// An earlier program sealed nothing.
    fn is_sealed(&self) -> bool {
        let saga = self.content.sequence.as_ref().map(|sequence| &sequence.seal);
        if self.folded.saga_seal.as_ref() != saga {
            return false;
        }
        let Some(seal) = &self.folded.seal else { return true };
        seal_of(&self.content.order_id, self.row).as_ref() == Some(seal)
    }

    /// Whether its own rows are what its events lead to: what whoever prunes asks of them.
    pub(super) fn is_sound(&self) -> bool {
        self.rows_agree() && self.answer_agrees() && self.stamps_agree() && self.is_sealed()
    }

    /// What is journaled for the order is what came back with its refunds, neither more nor less.
    fn restocks_agree(&self) -> bool {
        let is_local = self.row.plan.is_some_and(|plan| plan & 1 == 0);
        let came = self.folded.refunds.iter().filter(|refund| is_local && refund.status == "refunded");
        let mut wanted: Vec<_> = came
            .flat_map(|refund| {
                let list = refund.restock.as_array().map_or(&[][..], Vec::as_slice);
                list.iter().map(move |back| {
                    let (sku, quantity) = (back["sku"].as_str().map(str::to_owned), back["quantity"].as_i64());
                    (sku, quantity, Some(format!("restock of refund {}", refund.key)), Some(refund.client.clone()))
                })
            })
            .collect();
        let row = |row: &JournalRow| (row.sku.clone(), row.delta, row.reason.clone(), row.client.clone());
        let mut journaled: Vec<_> = self.rows.journal.iter().map(row).collect();
        wanted.sort_unstable();
        journaled.sort_unstable();
        wanted == journaled && self.rows.journal.iter().all(|row| row.whole == Some(true))
    }

    /// Each entry tells where the order stood before and after, and each change by hand has its entry.
    fn log_agrees(&self) -> bool {
        let stood = |stands: Option<&str>| {
            stored(stands).is_some_and(|told| {
                self.folded.stands.iter().any(|stand| {
                    told["version"] == json!(stand.version)
                        && told["state"] == json!(stand.state)
                        && told["attention"] == stand.attention.clone().unwrap_or_default()
                })
            })
        };
        let is_entry_of = |entry: &LogRow, word: &OperatorAct| {
            version_of(entry.after.as_deref()) == Some(word.version)
                && entry.verb.as_deref() == Some(word.verb)
                && (word.by.is_none() || entry.by == word.by)
                && (word.reason.is_none() || entry.reason == word.reason)
        };
        self.rows.log.iter().all(|entry| stood(entry.before.as_deref()) && stood(entry.after.as_deref()))
            && self.folded.words.iter().all(|word| self.rows.log.iter().any(|entry| is_entry_of(entry, word)))
    }

    /// What a key of this order breaks by itself.
    fn key_law(&self, row: &KeyRow) -> Option<Law> {
        let order_id = &self.content.order_id;
        let route = row.route.as_deref().unwrap_or_default();
        if route == "POST /orders" {
            return (order_id.starts_with("ik_") && !self.derives(row)).then_some(Law::Keys);
        }
        let verb = route.strip_prefix("POST /orders/").and_then(|rest| rest.strip_prefix(&**order_id));
        let holds = match verb {
            Some("/refunds") => self.refund_answered(row),
            Some("/cancel") => self.end_answered(row, "CANCELLED", self.folded.called_off),
            Some("/capture") => self.end_answered(row, "COMPLETED", self.folded.captures),
            Some(_) | None => return Some(Law::Keys),
        };
        (!holds).then_some(Law::Verbs)
    }

    /// Whether the order's name is derived from the key.
    fn derives(&self, row: &KeyRow) -> bool {
        let (Some(client), Some(key)) = (&row.client, &row.key) else { return false };
        let mut hash = Sha256::new();
        for part in [client, key] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        self.content.order_id == format!("ik_{}", BASE32_NOPAD.encode(&hash.finalize()).to_ascii_lowercase())
    }

    /// The answer that a cancel or a capture has once the order ended so.
    fn done(&self, state: &'static str) -> Option<StoredAnswer> {
        let end = self.folded.stands.iter().find(|stand| stand.state == state)?;
        Some(answers::success(&self.content, state, end.version))
    }

    fn end_answered(&self, row: &KeyRow, state: &'static str, was_asked: bool) -> bool {
        if row.is_open() {
            return !matches!(self.folded.state, "COMPLETED" | "CANCELLED");
        }
        let Some(answer) = row.answer() else { return false };
        let done = was_asked && self.done(state).as_ref() == Some(&answer);
        done || answers::is_refusal(&self.content, &self.folded, &answer)
    }

    fn refund_answered(&self, row: &KeyRow) -> bool {
        let asked = self.folded.refunds.iter();
        let mine = asked
            .clone()
            .find(|refund| (Some(&refund.client), Some(&refund.key)) == (row.client.as_ref(), row.key.as_ref()));
        let Some(answer) = row.answer() else {
            return row.is_open() && mine.is_some_and(|refund| refund.status == "intended");
        };
        match mine {
            Some(refund) if refund.status == "refunded" => {
                answers::refunded(&self.content, &self.folded, refund).as_ref() == Some(&answer)
            }
            Some(refund) => refund.status == "refused" && answers::is_refusal(&self.content, &self.folded, &answer),
            None => answers::is_refusal(&self.content, &self.folded, &answer),
        }
    }

    /// An order that is named by its key has that key, and a refund the key that asked for it.
    fn keys_are_there(&self) -> bool {
        let named = !self.content.order_id.starts_with("ik_")
            || self.rows.keys.iter().any(|row| row.route.as_deref() == Some("POST /orders") && self.derives(row));
        let route = format!("POST /orders/{}/refunds", self.content.order_id);
        let has_key = |refund: &super::fold::Refund| {
            self.rows.keys.iter().any(|row| {
                row.route.as_ref() == Some(&route)
                    && row.client.as_ref() == Some(&refund.client)
                    && row.key.as_ref() == Some(&refund.key)
            })
        };
        named && self.folded.refunds.iter().all(has_key)
    }

    /// Whoever called the order off, or captured it, was told that it was done.
    fn verbs_were_answered(&self) -> bool {
        let told = |word: &str, state: &'static str| {
            let route = format!("POST /orders/{}/{word}", self.content.order_id);
            let mut keys = self.rows.keys.iter().filter(|row| row.route.as_ref() == Some(&route)).peekable();
            let done = self.done(state);
            keys.peek().is_none() || keys.any(|row| row.answer() == done)
        };
        (self.folded.state != "CANCELLED" || !self.folded.called_off_by_client || told("cancel", "CANCELLED"))
            && (self.folded.state != "COMPLETED" || !self.folded.captures || told("capture", "COMPLETED"))
    }
}
