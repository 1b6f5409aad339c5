//! Whether the promises were kept: what clients were told, the rows, what really happened at the participants, and what arrived
//! at the receiver, held against each other. Pure, and written from the promises: nothing here is the engine's or the audit's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use uuid::Uuid;

use super::live::Heard;
use super::told::{Kind, Story};

/// An order as the tables have it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// One of the states.
    pub state: String,
    /// How many events it has.
    pub version: i64,
    /// Status and body of its final answer.
    pub answer: Option<(u16, String)>,
    /// Why a human is to look.
    pub attention: Option<String>,
    /// In minor units, as what follows.
    pub amount: i64,
    /// What was taken.
    pub captured: i64,
    /// What went back.
    pub refunded: i64,
    /// Types of its events, by version.
    pub events: BTreeMap<i64, String>,
}

/// One effect at the participants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// Of the call.
    pub key: String,
    /// Whose.
    pub order_id: String,
    /// As the contract calls it.
    pub action: String,
    /// In minor units.
    pub amount: i64,
    /// The key that was undone.
    pub undoes: String,
    /// Of a step of the shop's own, which.
    pub step: String,
    /// Nothing was undone: the key is refused from now on.
    pub tombstone: bool,
}

/// One event as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Whose.
    pub order_id: String,
    /// Which of its events.
    pub version: i64,
    /// Its type, without the prefix.
    pub kind: String,
}

/// Everything that is known in the end.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What clients were told.
    pub stories: Vec<Story>,
    /// What live histories told.
    pub heard: BTreeMap<String, Heard>,
    /// Units that clients were told are laid in, by SKU.
    pub laid_in: BTreeMap<String, i64>,
    /// The orders.
    pub rows: HashMap<String, Row>,
    /// Units on hand, and those reserved, by SKU.
    pub stock: BTreeMap<String, (i64, i64)>,
    /// Orders that the operators' log names: nobody operates here.
    pub operated: Vec<String>,
    /// The participants' ledger.
    pub effects: Vec<Effect>,
    /// The receiver's.
    pub arrived: Vec<Arrived>,
}

impl Evidence {
    /// Whether an event has not arrived.
    #[must_use]
    pub fn arrivals_missing(&self) -> bool {
        let events: usize = self.rows.values().map(|row| row.events.len()).sum();
        let arrived: BTreeSet<_> = self.arrived.iter().map(|one| (&*one.order_id, one.version)).collect();
        arrived.len() < events
    }
}

/// What is not as promised, in words.
#[must_use]
pub fn judge(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut effects: HashMap<&str, Vec<&Effect>> = HashMap::new();
    let mut keys = BTreeSet::new();
    for effect in &evidence.effects {
        if !keys.insert((&effect.key, &effect.action, &effect.undoes)) {
            wrong.push(format!("{}: {} twice under the key {}", effect.order_id, effect.action, effect.key));
        }
        effects.entry(&effect.order_id).or_default().push(effect);
    }
    let mut known = BTreeSet::new();
    for story in &evidence.stories {
        known.insert(story.id.as_str());
        let account = Account(effects.remove(story.id.as_str()).unwrap_or_default());
        let told = match evidence.rows.get(&story.id) {
            Some(row) => of_order(story, row, &account),
            None if story.acknowledged || story.submitted.is_some() => vec!["it is lost".to_owned()],
            None if account.0.is_empty() => Vec::new(),
            None => vec![format!("it is not there, and had {:?}", account.0)],
        };
        wrong.extend(told.into_iter().map(|what| format!("{} ({:?}): {what}", story.id, story.kind)));
    }
    wrong.extend(effects.keys().map(|id| format!("{id}: nobody placed it, and the ledger has it")));
    let foreign = evidence.rows.keys().filter(|id| !known.contains(id.as_str()));
    wrong.extend(foreign.map(|id| format!("{id}: nobody placed it, and it is there")));
    wrong.extend(evidence.operated.iter().map(|id| format!("{id}: an operator's, and there is none")));
    stock(evidence, &mut wrong);
    histories(evidence, &mut wrong);
    arrivals(evidence, &mut wrong);
    wrong
}

/// What happened at the participants for one order.
struct Account<'a>(Vec<&'a Effect>);

impl Account<'_> {
    fn count(&self, action: &str) -> usize {
        self.0.iter().filter(|effect| effect.action == action && !effect.tombstone).count()
    }

    fn steps(&self, action: &str, step: &str) -> i64 {
        self.0.iter().filter(|effect| effect.action == action && effect.step == step && !effect.tombstone).count()
            as i64
    }

    fn money(&self, actions: &[&str]) -> i64 {
        let counted = self.0.iter().filter(|effect| actions.contains(&&*effect.action) && !effect.tombstone);
        counted.map(|effect| effect.amount).sum()
    }
}

fn of_order(story: &Story, row: &Row, account: &Account<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut hold = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{what}: {row:?}, {:?}", account.0));
        }
    };
    for once in ["authorize", "charge", "capture", "ship", "cancel-shipment"] {
        hold(account.count(once) <= 1, &format!("{once} more than once"));
    }
    hold(account.count("charge") + account.count("capture") <= 1, "paid twice");
    let (taken, returned) = (account.money(&["charge", "capture"]), account.money(&["refund"]));
    hold(
        (taken, returned) == (row.captured, row.refunded),
        "money that the row does not know of, or that did not move",
    );
    hold(row.amount == story.amount, "another amount than was asked for");
    let is_ended = matches!(row.state.as_str(), "COMPLETED" | "CANCELLED");
    let is_ours = |effect: &&Effect| !matches!(&*effect.action, "run" | "undo") || !effect.step.is_empty();
    hold(account.0.iter().all(is_ours), "a step under a key that is not the order's");
    if let Some((state, version)) = &story.seen
        && story.submitted.is_some()
    {
        hold((state, *version) == (&row.state, row.version), "it was looked at last, and stood elsewhere");
    }
    if story.kind == Kind::Unknown {
        hold(row.attention.is_some() && taken == 0, "nobody knows of its money, and no human is asked");
        return wrong;
    }
    hold(row.attention.is_none(), "a human is asked for no reason");
    // Whoever places an order by hand, and hears no more, has not called it off.
    let may_wait = story.submitted.is_none() && matches!(story.kind, Kind::Captured | Kind::Cancelled);
    hold(is_ended || may_wait && row.state == "PAYMENT_AUTHORIZED", "it has not ended");
    match (&story.submitted, &row.answer) {
        (Some(told), Some((status, body))) => {
            hold((told.status, &*told.body) == (*status, body.as_bytes()), "another answer than was told");
        }
        (Some(_), None) => hold(false, "the answer that was told is not there"),
        (None, _) => {}
    }
    let code = |body: &[u8]| {
        let told: Value = serde_json::from_slice(body).unwrap_or_default();
        told["code"].as_str().unwrap_or_default().to_owned()
    };
    let is_manual = matches!(story.kind, Kind::Captured | Kind::Cancelled);
    match &story.submitted {
        Some(told) if told.status == 201 && !is_manual => {
            hold(row.state == "COMPLETED", "it was told that it is sold, and is not");
        }
        Some(told) if told.status == 201 => {
            hold(row.state != "COMPLETED" || story.was_done("capture"), "it is sold, and nobody captured it");
            hold(row.state != "CANCELLED" || story.was_done("cancel"), "it is off, and nobody called it off");
        }
        Some(told) => {
            hold(row.state == "CANCELLED", "it was told that nothing becomes of it, and it is sold");
            let is_called_off = code(&told.body) == "order_cancelled";
            hold(!is_called_off || story.was_done("cancel"), "it is off, and its client did not say so");
            let never_paid = matches!(story.kind, Kind::Short | Kind::Declined | Kind::Refused);
            let never = never_paid || code(&told.body) == "out_of_stock";
            hold(!never || taken == 0 && account.count("ship") == 0, "it was refused before that, and money moved");
        }
        None => {}
    }
    let parcels = account.count("ship") as i64 - account.count("cancel-shipment") as i64;
    let held = account.steps("run", "hold") - account.steps("undo", "hold");
    if row.state == "COMPLETED" {
        hold(parcels == 1, "it is completed, and not shipped");
        hold(held == 1 && account.steps("run", "fraud") == 1, "it is completed, and its steps are not done");
        hold(!story.was_done("cancel"), "it is completed, and somebody was told that it is off");
        let asked: Vec<_> = story
            .captures
            .iter()
            .filter(|(key, _)| story.verbs.get(*key).is_some_and(|answer| answer.status == 201))
            .map(|(_, amount)| *amount)
            .collect();
        let due = if story.kind == Kind::Captured { asked.first().copied() } else { Some(story.amount) };
        hold(due.is_none_or(|due| taken == due), "it is completed, and another amount was taken");
        let refunds =
            story.refunds.iter().filter(|(key, _)| story.verbs.get(*key).is_some_and(|answer| answer.status == 201));
        let back: i64 = refunds.map(|(_, (amount, _))| amount).sum();
        hold(returned == back, "other refunds than clients were told of");
        if story.refunds.len() == 2 && story.refunds.keys().all(|key| story.verbs.contains_key(key)) {
            let mut told: Vec<_> =
                story.refunds.keys().map(|key| (story.verbs[key].status, code(&story.verbs[key].body))).collect();
            told.sort();
            let one_of_two = [(201, String::new()), (409, "refund_exceeds_charge".to_owned())];
            hold(told == one_of_two, "of two refunds that are too much together one is made");
        }
    }
    if row.state == "CANCELLED" {
        hold(taken == returned && parcels == 0, "it is cancelled, and somebody has money or a parcel");
        let money = account.count("authorize").saturating_sub(account.count("capture") + account.count("void"));
        hold(money == 0, "it is cancelled, and money is held");
        hold(held == 0, "it is cancelled, and a step is not undone");
    }
    wrong
}

/// Units are conserved: what was laid in, what came back, less what was sold, is there; and nothing is held for nobody.
fn stock(evidence: &Evidence, wrong: &mut Vec<String>) {
    let (mut on_hand, mut reserved) = (evidence.laid_in.clone(), BTreeMap::<&str, i64>::new());
    for story in &evidence.stories {
        let Some(row) = evidence.rows.get(&story.id) else { continue };
        for (sku, units) in &story.units {
            match row.state.as_str() {
                "COMPLETED" => *on_hand.entry(sku.clone()).or_default() -= units,
                "CANCELLED" => {}
                _ => *reserved.entry(sku).or_default() += units,
            }
        }
        for (key, (_, back)) in &story.refunds {
            if let Some((sku, units)) = back
                && story.verbs.get(key).is_some_and(|answer| answer.status == 201)
            {
                *on_hand.entry(sku.clone()).or_default() += units;
            }
        }
    }
    let skus: BTreeSet<_> = on_hand.keys().chain(evidence.stock.keys()).collect();
    for sku in skus {
        let must = (on_hand.get(sku).copied().unwrap_or(0), reserved.get(sku.as_str()).copied().unwrap_or(0));
        let is = evidence.stock.get(sku).copied().unwrap_or((0, 0));
        if is != must {
            wrong.push(format!(
                "{sku}: {} on hand and {} reserved, and it must be {} and {}",
                is.0, is.1, must.0, must.1
            ));
        }
    }
}

/// Histories are whole, and whoever followed one live heard the same.
fn histories(evidence: &Evidence, wrong: &mut Vec<String>) {
    for (id, row) in &evidence.rows {
        if !row.events.keys().copied().eq(1..=row.version) {
            wrong.push(format!("{id}: {} events, and its history has {:?}", row.version, row.events.keys()));
        }
    }
    for (id, heard) in &evidence.heard {
        wrong.extend(heard.wrong.iter().map(|what| format!("{id}: a live history: {what}")));
        let Some(row) = evidence.rows.get(id) else { continue };
        if matches!(row.state.as_str(), "COMPLETED" | "CANCELLED") && !heard.has_ended() {
            wrong.push(format!("{id}: a live history stops at {}, and it has {}", heard.last(), row.version));
        }
        let other = heard.events.iter().find(|(version, kind)| row.events.get(*version) != Some(*kind));
        if let Some((version, kind)) = other {
            wrong.push(format!(
                "{id}: a live history told {kind} at {version}, and it has {:?}",
                row.events.get(version)
            ));
        }
    }
}

/// Every event arrived, each order's in their order, and none that never was.
fn arrivals(evidence: &Evidence, wrong: &mut Vec<String>) {
    let mut seen: HashMap<&str, BTreeMap<i64, &str>> = HashMap::new();
    for arrived in &evidence.arrived {
        let of = seen.entry(&arrived.order_id).or_default();
        match of.get(&arrived.version) {
            Some(known) if *known == arrived.kind => continue,
            Some(known) => {
                wrong.push(format!(
                    "{}/{}: {} arrived, and {known} before",
                    arrived.order_id, arrived.version, arrived.kind
                ));
            }
            None if of.keys().next_back().is_some_and(|last| *last > arrived.version) => {
                wrong.push(format!("{}/{} arrived behind a later one", arrived.order_id, arrived.version));
            }
            None => {}
        }
        of.insert(arrived.version, &arrived.kind);
    }
    for (id, row) in &evidence.rows {
        let of = seen.remove(id.as_str()).unwrap_or_default();
        let missing = row.events.keys().filter(|version| !of.contains_key(version)).count();
        if missing > 0 {
            wrong.push(format!("{id}: {missing} of its {} events never arrived", row.events.len()));
        }
        let other = of.iter().find(|(version, kind)| row.events.get(*version).map(String::as_str) != Some(**kind));
        if let Some((version, kind)) = other {
            wrong.push(format!("{id}/{version}: {kind} arrived, and it has {:?}", row.events.get(version)));
        }
    }
    wrong.extend(seen.keys().map(|id| format!("{id}: its events arrived, and it is not there")));
}

/// Steps of the shop's own.
const STEPS: [&str; 2] = ["hold", "fraud"];

/// The effects in a ledger of participants, which is lines of JSON; a line that is being written is not there yet. Which of the
/// shop's own steps a line is about follows from its key, which the interface derives from the deployment.
///
/// # Errors
///
/// Which line is none.
pub fn effects(text: &str, deployment: &Uuid) -> Result<Vec<Effect>, String> {
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole
        .map(|line| {
            let told: Value = serde_json::from_str(line).map_err(|error| format!("the ledger: {error}: {line}"))?;
            let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
            let (key, order_id, action) = (text("key"), text("order_id"), text("action"));
            let is_of = |step: &&&str| {
                Uuid::new_v5(deployment, format!("{order_id}/{action}/{step}").as_bytes()).to_string() == key
            };
            let step = STEPS.iter().find(is_of).map(|step| (*step).to_owned()).unwrap_or_default();
            Ok(Effect {
                key,
                order_id,
                action,
                amount: told["amount"].as_i64().unwrap_or(0),
                undoes: text("undoes"),
                step,
                tombstone: told["tombstone"] == true,
            })
        })
        .collect()
}

/// What arrived, from the ledger of a receiver.
///
/// # Errors
///
/// Which line is none.
pub fn arrived(text: &str) -> Result<Vec<Arrived>, String> {
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole
        .map(|line| {
            let told: Value = serde_json::from_str(line).map_err(|error| format!("the receiver: {error}: {line}"))?;
            let event = &told["event"];
            let text = |name: &str| event[name].as_str().unwrap_or_default();
            let version = text("sequence").parse().map_err(|_| format!("the receiver: no sequence: {line}"))?;
            let kind = text("type").trim_start_matches("counterfoil.").to_owned();
            Ok(Arrived { order_id: text("subject").to_owned(), version, kind })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;

    use super::*;
    use crate::chaos::told::Final;

    const COMPLETED: &str = r#"{"state":"COMPLETED"}"#;

    fn effect(key: &str, action: &str, amount: i64) -> Effect {
        let (key, order_id, action) = (key.to_owned(), "O".to_owned(), action.to_owned());
        Effect { key, order_id, action, amount, ..Effect::default() }
    }

    fn step(action: &str, step: &str) -> Effect {
        Effect { step: step.to_owned(), ..effect(&format!("{action}-{step}"), action, 0) }
    }

    fn told(status: u16, body: &str) -> Final {
        Final { status, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    /// One order of two units for 500, of which a client was given 200 and one unit back; it is all that there is.
    fn sold() -> Evidence {
        let mut story = Story::new("O".into(), Kind::Refunded, 500, vec![("S".into(), 2)], false);
        story.acknowledged = true;
        story.submitted = Some(told(201, COMPLETED));
        story.refunds.insert("refunds-1".into(), (200, Some(("S".into(), 1))));
        story.refunds.insert("refunds-2".into(), (400, None));
        story.verbs.insert("refunds-1".into(), told(201, "{}"));
        story.verbs.insert("refunds-2".into(), told(409, r#"{"code":"refund_exceeds_charge"}"#));
        story.seen = Some(("COMPLETED".into(), 3));
        let events: BTreeMap<_, _> =
            (1..).zip(["order.created", "order.completed", "payment.refunded"].map(str::to_owned)).collect();
        let arrived =
            |(version, kind): (&i64, &String)| Arrived { order_id: "O".into(), version: *version, kind: kind.clone() };
        let arrived = events.iter().map(arrived).collect();
        let row = Row {
            state: "COMPLETED".into(),
            version: 3,
            answer: Some((201, COMPLETED.into())),
            attention: None,
            amount: 500,
            captured: 500,
            refunded: 200,
            events,
        };
        Evidence {
            stories: vec![story],
            heard: BTreeMap::new(),
            laid_in: BTreeMap::from([("S".into(), 10)]),
            rows: HashMap::from([("O".into(), row)]),
            stock: BTreeMap::from([("S".into(), (9, 0))]),
            operated: Vec::new(),
            effects: vec![
                step("run", "hold"),
                step("run", "fraud"),
                effect("c", "charge", 500),
                effect("s", "ship", 0),
                effect("r", "refund", 200),
            ],
            arrived,
        }
    }

    /// One order that its client called off, after it was paid.
    fn off() -> Evidence {
        let mut evidence = sold();
        let answer = r#"{"code":"order_cancelled","reason":"client"}"#;
        let mut story = Story::new("O".into(), Kind::Raced, 500, vec![("S".into(), 2)], false);
        story.acknowledged = true;
        story.submitted = Some(told(409, answer));
        story.verbs.insert("cancel".into(), told(201, "{}"));
        evidence.stories = vec![story];
        evidence.stock = BTreeMap::from([("S".into(), (10, 0))]);
        let row = evidence.rows.get_mut("O").expect("it");
        (row.state, row.refunded, row.answer) = ("CANCELLED".into(), 500, Some((409, answer.into())));
        evidence.effects =
            vec![step("run", "hold"), effect("c", "charge", 500), effect("v", "refund", 500), step("undo", "hold")];
        evidence
    }

    #[test]
    fn what_is_as_promised_is_let_pass() {
        assert_eq!(judge(&sold()), Vec::<String>::new());
        assert_eq!(judge(&off()), Vec::<String>::new());
        assert!(!sold().arrivals_missing());
    }

    #[test]
    fn whatever_is_not_is_named() {
        type Break = fn(&mut Evidence);
        fn row(evidence: &mut Evidence) -> &mut Row {
            evidence.rows.get_mut("O").expect("it")
        }
        let of_a_sale: [(Break, &str); 33] = [
            (|all| all.rows.clear(), "it is lost"),
            (|all| all.stories.clear(), "nobody placed it, and it is there"),
            (|all| all.effects.push(Effect { order_id: "P".into(), ..effect("p", "charge", 1) }), "the ledger has it"),
            (|all| all.effects.push(effect("c", "charge", 500)), "twice under the key"),
            (|all| all.effects.push(effect("c2", "charge", 500)), "charge more than once"),
            (|all| all.effects.push(effect("k", "capture", 500)), "paid twice"),
            (|all| all.effects.push(effect("s2", "ship", 0)), "ship more than once"),
            (|all| all.effects.retain(|one| one.action != "ship"), "not shipped"),
            (|all| all.effects.retain(|one| one.step != "fraud"), "steps are not done"),
            (|all| all.effects.push(step("undo", "hold")), "steps are not done"),
            (|all| all.effects.retain(|one| one.action != "refund"), "did not move"),
            (|all| row(all).captured = 400, "does not know of"),
            (|all| row(all).amount = 400, "another amount"),
            (|all| row(all).attention = Some("?".into()), "for no reason"),
            (|all| row(all).state = "SHIPMENT_CREATED".into(), "has not ended"),
            (|all| row(all).answer = Some((201, "{}".into())), "another answer than was told"),
            (|all| row(all).answer = None, "is not there"),
            (|all| drop(all.stories[0].verbs.insert("cancel".into(), told(201, "{}"))), "told that it is off"),
            (|all| all.stories[0].verbs.clear(), "other refunds"),
            (|all| drop(row(all).events.remove(&2)), "its history has"),
            (|all| drop(all.arrived.pop()), "never arrived"),
            (|all| all.arrived.swap(0, 1), "behind a later one"),
            (|all| all.arrived[1].kind = "order.cancelled".into(), "arrived, and it has"),
            (|all| all.arrived[1].order_id = "P".into(), "it is not there"),
            (|all| all.stock = BTreeMap::from([("S".into(), (8, 0))]), "8 on hand"),
            (|all| all.stock = BTreeMap::from([("S".into(), (9, 2))]), "2 reserved"),
            (|all| all.operated.push("O".into()), "an operator's"),
            (|all| all.stories[0].seen = Some(("CREATED".into(), 1)), "stood elsewhere"),
            (|all| row(all).state = "CANCELLED".into(), "told that it is sold"),
            (|all| all.stories[0].submitted = Some(told(402, "{}")), "told that nothing becomes of it"),
            (|all| all.stories[0].kind = Kind::Captured, "nobody captured it"),
            (|all| all.effects.push(effect("x", "run", 0)), "not the order's"),
            (|all| drop(all.stories[0].verbs.insert("refunds-2".into(), told(409, "{}"))), "one is made"),
        ];
        let of_one_that_is_off: [(Break, &str); 6] = [
            (|all| all.effects.push(effect("s", "ship", 0)), "money or a parcel"),
            (|all| all.effects.push(effect("a", "authorize", 500)), "money is held"),
            (|all| all.effects.retain(|one| one.action != "undo"), "a step is not undone"),
            (|all| all.stories[0].verbs.clear(), "its client did not say so"),
            (|all| all.stories[0].kind = Kind::Declined, "money moved"),
            (|all| row(all).refunded = 0, "does not know of"),
        ];
        let sales = of_a_sale.into_iter().map(|(spoil, told)| (sold(), spoil, told));
        let cancels = of_one_that_is_off.into_iter().map(|(spoil, told)| (off(), spoil, told));
        for (mut evidence, spoil, told) in sales.chain(cancels) {
            spoil(&mut evidence);
            let wrong = judge(&evidence);
            assert!(wrong.iter().any(|one| one.contains(told)), "{told}: {wrong:?}");
        }
    }

    #[test]
    fn an_order_that_nobody_can_know_of_is_for_a_human() {
        let mut evidence = sold();
        evidence.stories[0].kind = Kind::Unknown;
        assert!(judge(&evidence).iter().any(|one| one.contains("no human is asked")));
    }

    #[test]
    fn a_live_history_is_held_against_the_rows() {
        let mut evidence = sold();
        let mut heard = Heard::default();
        for (version, kind) in evidence.rows["O"].events.clone() {
            heard.hear(version, &kind);
        }
        evidence.heard.insert("O".into(), heard.clone());
        assert_eq!(judge(&evidence), Vec::<String>::new());
        let mut other = Heard::default();
        other.hear(1, "order.created");
        other.hear(3, "payment.captured");
        evidence.heard.insert("O".into(), other);
        let wrong = judge(&evidence);
        for what in ["comes behind 1", "told payment.captured at 3", "stops at 3"] {
            assert!(wrong.iter().any(|one| one.contains(what)), "{what}: {wrong:?}");
        }
    }

    #[test]
    fn ledgers_are_read_as_far_as_they_are_whole() {
        let deployment = Uuid::from_u128(7);
        let key = Uuid::new_v5(&deployment, b"O/run/fraud");
        let line = format!(r#"{{"key":"{key}","order_id":"O","action":"run"}}"#);
        let read = effects(&format!("{line}\n{{\"key"), &deployment).expect("lines");
        assert_eq!((read.len(), &*read[0].step), (1, "fraud"));
        assert!(effects("no\n", &deployment).is_err());
        let line = r#"{"path":"/crm","event":{"subject":"O","sequence":"2","type":"counterfoil.order.completed"}}"#;
        let read = arrived(&format!("{line}\n{{")).expect("lines");
        assert_eq!(read, [Arrived { order_id: "O".into(), version: 2, kind: "order.completed".into() }]);
    }
}
