//! What a run came by: every fault, every transition of the saga, every refusal, and the dangers that lie between them. A
//! simulation that never met something proves nothing about it, so a run of some length fails by the names of what it
//! missed. What cannot be met is written down here, with the reason; and where it is met all the same, that fails too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use counterfoil::engine::SubmitError;
use counterfoil::saga::Refusal;

use super::chance::Fault;
use super::transitions::{Moves, TRANSITIONS, UNREACHED};

/// How often what happened.
pub type Marks = BTreeMap<&'static str, usize>;

/// The name of a refusal. A new one does not compile until it is named, and is missed until it is met.
pub fn refusal(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NoSuchOrder { .. } => "NoSuchOrder",
        Refusal::Exists { .. } => "Exists",
        Refusal::WrongState { .. } => "WrongState",
        Refusal::NotDue { .. } => "NotDue",
        Refusal::CaptureAmount { .. } => "CaptureAmount",
        Refusal::RefundExceedsCharge { .. } => "RefundExceedsCharge",
        Refusal::RestockElsewhere => "RestockElsewhere",
        Refusal::TooManyRefunds { .. } => "TooManyRefunds",
        Refusal::RestockExceedsShipment { .. } => "RestockExceedsShipment",
        Refusal::NoAttention { .. } => "NoAttention",
        Refusal::Contradicted { .. } => "Contradicted",
        Refusal::NothingDue { .. } => "NothingDue",
        Refusal::Cloned { .. } => "Cloned",
        Refusal::OtherSaga { .. } => "OtherSaga",
        Refusal::AmountOverflow => "AmountOverflow",
    }
}

/// The name of what a client is told in the place of a reply.
pub fn told(error: &SubmitError) -> &'static str {
    match error {
        SubmitError::Nameless => "told Nameless",
        SubmitError::Invalid { .. } => "told Invalid",
        SubmitError::UnknownSku { .. } => "told UnknownSku",
        SubmitError::NotFound { .. } => "told NotFound",
        SubmitError::Refused(_) => "told Refused",
        SubmitError::OrderExists { .. } => "told OrderExists",
        SubmitError::KeyReused { .. } => "told KeyReused",
        SubmitError::TooManyKeys { .. } => "told TooManyKeys",
        SubmitError::Overloaded => "told Overloaded",
        SubmitError::Locked { .. } => "told Locked",
        SubmitError::TooEarly { .. } => "told TooEarly",
        SubmitError::Unavailable(_) => "told Unavailable",
        SubmitError::Internal(_) => "told Internal",
    }
}

/// Every refusal of the saga, and all that a client is told instead of a reply; each that no run can meet with the reason.
const REFUSALS: [(&str, Option<&str>); 28] = [
    ("AmountOverflow", Some("requests are checked when they are parsed: tests/order_amounts.rs")),
    ("CaptureAmount", None),
    ("Cloned", Some("there is one deployment here: tests/moving_database.rs")),
    ("Contradicted", None),
    ("Exists", Some("the engine asks the store for it, by its guard: told OrderExists")),
    ("NoAttention", None),
    ("NoSuchOrder", Some("the engine does not ask the saga about an order that is not there: told NotFound")),
    ("NotDue", None),
    ("NothingDue", None),
    ("OtherSaga", Some("both engines are of one version here: tests/changed_rules.rs")),
    ("RefundExceedsCharge", None),
    ("RestockElsewhere", None),
    ("RestockExceedsShipment", None),
    ("TooManyRefunds", Some("a thousand of one order: tests/saga_laws.rs")),
    ("WrongState", None),
    ("told Internal", None),
    ("told Invalid", Some("found at the door, before there is an order: tests/request_bodies.rs")),
    ("told KeyReused", None),
    ("told Locked", None),
    ("told Nameless", Some("found at the door: every submission here has a name")),
    ("told NotFound", None),
    ("told OrderExists", None),
    (
        "told Overloaded",
        Some("more at once than these clients ask of one order: crates/engine/src/engine/shard_tests.rs"),
    ),
    ("told Refused", None),
    ("told TooEarly", Some("the door's word for a database that was restored: tests/moving_database.rs")),
    ("told TooManyKeys", Some("more keys than these clients have: tests/order_keys.rs")),
    ("told Unavailable", None),
    ("told UnknownSku", None),
];

/// All that runs came by.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    pub marks: Marks,
    pub moves: Moves,
    pub refusals: Marks,
    faults: BTreeMap<Fault, u64>,
}

impl Coverage {
    pub fn refused(&mut self, name: &'static str) {
        *self.refusals.entry(name).or_default() += 1;
    }

    pub fn strike(&mut self, struck: &[u32]) {
        for (fault, times) in Fault::ALL.iter().zip(struck).filter(|(_, times)| **times > 0) {
            *self.faults.entry(*fault).or_default() += u64::from(*times);
        }
    }

    pub fn add(&mut self, more: &Self) {
        let sum = |sum: &mut Marks, more: &Marks| more.iter().for_each(|(what, n)| *sum.entry(what).or_default() += n);
        sum(&mut self.marks, &more.marks);
        sum(&mut self.refusals, &more.refusals);
        self.moves.add(&more.moves);
        more.faults.iter().for_each(|(fault, times)| *self.faults.entry(*fault).or_default() += times);
    }

    /// The faults and dangers that were not met: common ones, which a short run meets.
    pub fn missed(&self, dangers: &[&str]) -> Vec<String> {
        let faults = Fault::ALL.iter().filter(|fault| !self.faults.contains_key(fault));
        let faults = faults.map(|fault| format!("the fault {fault:?} ({fault})"));
        let dangers = dangers.iter().filter(|danger| !self.marks.contains_key(**danger));
        faults.chain(dangers.map(|danger| format!("the danger {danger:?}"))).collect()
    }

    /// The transitions and refusals that were not met, and those that were though they cannot be: of a long run.
    pub fn missed_at_scale(&self) -> Vec<String> {
        let met = self.moves.told();
        let excepted: BTreeSet<&str> = UNREACHED.iter().map(|(transition, _)| *transition).collect();
        let mut missed = Vec::new();
        for listed in TRANSITIONS {
            match (met.contains_key(*listed), excepted.contains(listed)) {
                (false, false) => missed.push(format!("the transition {listed}")),
                (true, true) => {
                    missed.push(format!("the transition {listed} is met, and stands as one that cannot be"))
                }
                (true, false) | (false, true) => {}
            }
        }
        let unlisted = met.keys().filter(|met| !TRANSITIONS.contains(&met.as_str()));
        missed.extend(unlisted.map(|met| format!("the transition {met} is met, and no transition of the saga")));
        for (name, exception) in REFUSALS {
            match (self.refusals.contains_key(name), exception) {
                (false, None) => missed.push(format!("the refusal {name}")),
                (true, Some(_)) => missed.push(format!("the refusal {name} is met, and stands as one that cannot be")),
                (true, None) | (false, Some(_)) => {}
            }
        }
        missed
    }

    /// All of it, for people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let mut line = |count: u64, what: &str| {
            let _never_fails = writeln!(text, "{count:>12}  {what}");
        };
        Fault::ALL.iter().for_each(|fault| line(self.faults.get(fault).copied().unwrap_or(0), fault.word()));
        self.marks.iter().for_each(|(what, count)| line(*count as u64, what));
        let met = self.moves.told();
        TRANSITIONS.iter().for_each(|one| line(u64::from(met.get(*one).copied().unwrap_or(0)), one));
        REFUSALS.iter().for_each(|(one, _)| line(self.refusals.get(one).copied().unwrap_or(0) as u64, one));
        text
    }
}
