//! A saga as data: its steps, in order. `inventory`, `payment` and `shipment` are built in, each with a machine of its own;
//! between and around them stand steps of a shop's own, a fraud check say, all of one form: `run`, and `undo` where it has one.
//!
//! The definition of an order is stored with it, and it ends under it: what the configuration says meanwhile moves no order
//! in flight. It says who does what, in which order and until when; where a participant is to be found is no part of it.
//!
//! Without steps of one's own a definition is its [`Plan`] and nothing else, which each order's row holds anyway.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::codes::Code;

/// The version of the saga's definition that new orders begin under. It is stored with each order, which ends under
/// the version it began with; a change of `decide` or `evolve` that an order in flight would notice raises it.
pub const SAGA_VERSION: i16 = 1;

/// The version of the saga that an order bears which has steps of its own; what knows only version 1 leaves it alone.
pub const OWN_STEPS_VERSION: i16 = 2;

/// Steps of one's own that a definition may have: an order's row in `order_steps` is read and written whole.
pub const MAX_STEPS: usize = 16;

/// Which participants are remote. A local transaction of the saga ends where the next call has a remote participant.
/// Stored with the order: a change of the configuration does not move an order in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Plan(pub i16);

impl Plan {
    /// Everything commits with the order's own rows.
    pub const LOCAL: Self = Self(0);
    /// The bit of a remote inventory.
    pub const INVENTORY: i16 = 1;
    /// The bit of a remote payment provider.
    pub const PAYMENT: i16 = 2;
    /// The bit of a remote carrier.
    pub const SHIPMENT: i16 = 4;
    /// The bit of steps of one's own of which one at least is remote.
    pub const STEPS: i16 = 8;

    /// Whether the stock is counted in this database.
    pub fn inventory_is_local(self) -> bool {
        self.0 & Self::INVENTORY == 0
    }

    /// Whether the money is a row of this database.
    pub fn payment_is_local(self) -> bool {
        self.0 & Self::PAYMENT == 0
    }
}

/// The name of a step of one's own: a lower-case letter, then up to 31 of lower-case letters, digits and `-`. It is the last
/// part of what its keys are derived from, and the name of its entry in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StepName(Arc<str>);

/// Why a text is no name of a step of one's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepNameError {
    /// The text is not of the form of a name.
    #[error("{0:?} is no name of a step: it must have 1 to 32 characters, a-z first, then a-z, 0-9 and '-'")]
    Form(String),
    /// The text names what is built in.
    #[error("{0:?} is built in: a step of one's own needs another name than inventory, payment, shipment, completion")]
    BuiltIn(String),
}

impl StepName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`StepNameError`], where it has another form, or is the name of what is built in.
    pub fn parse(text: &str) -> Result<Self, StepNameError> {
        let mut bytes = text.bytes();
        let begins = bytes.next().is_some_and(|first| first.is_ascii_lowercase());
        let goes_on = bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !begins || !goes_on || text.len() > 32 {
            return Err(StepNameError::Form(text.chars().take(80).collect()));
        }
        if Anchor::parse(text).is_some() {
            return Err(StepNameError::BuiltIn(text.to_owned()));
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for StepName {
    type Error = StepNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<StepName> for String {
    fn from(name: StepName) -> Self {
        name.as_str().to_owned()
    }
}

/// What a step of one's own stands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// Nothing is reserved yet.
    Inventory,
    /// The stock is held, nothing is charged.
    Payment,
    /// The money moved; what follows is the pivot, after which an order only goes forward.
    Shipment,
    /// The carrier has the parcel. Nothing behind the pivot can end an order in another way.
    Completion,
}

impl Anchor {
    /// All of them, in the order of the saga.
    pub const ALL: [Self; 4] = [Self::Inventory, Self::Payment, Self::Shipment, Self::Completion];

    /// The word in configurations and stored definitions; [`Anchor::parse`] reads it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Payment => "payment",
            Self::Shipment => "shipment",
            Self::Completion => "completion",
        }
    }

    /// The anchor of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|anchor| anchor.as_str() == word)
    }
}

/// Who does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// A decision of the program itself, made within the transaction.
    Local,
    /// A service of its own, spoken to over HTTP.
    Http,
}

impl StepKind {
    /// The word of it, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Http => "http",
        }
    }
}

/// Somebody who does steps of this name, of this kind: one of the other kind is somebody else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepEntry {
    /// The steps' name.
    pub name: StepName,
    /// Their kind.
    pub kind: StepKind,
}

/// Behind the name of a local step's entry, as engines tell each other. No name has a slash: an engine of an earlier release
/// passes over it, and takes a bare name for what it means here.
const LOCAL_ENTRY: &str = "/local";

impl StepEntry {
    /// As engines tell each other: `fraud`, or `limit/local`.
    pub fn told(&self) -> String {
        match self.kind {
            StepKind::Http => self.name.to_string(),
            StepKind::Local => format!("{}{LOCAL_ENTRY}", self.name),
        }
    }

    /// What was [told](Self::told); `None` where it is nothing that this program knows.
    pub fn heard(told: &str) -> Option<Self> {
        let (name, kind) = match told.strip_suffix(LOCAL_ENTRY) {
            Some(name) => (name, StepKind::Local),
            None => (told, StepKind::Http),
        };
        Some(Self { name: StepName::parse(name).ok()?, kind })
    }
}

/// A step of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnStep {
    /// Its name; no other step of the definition has it.
    pub name: StepName,
    /// What it stands before. Of several before the same, the earlier in the definition comes first.
    pub before: Anchor,
    /// Who does it.
    pub kind: StepKind,
    /// Whether what it did can be undone, and has to be where the order does not complete. Nothing is before
    /// [`Anchor::Completion`]: a saga that was stored before this was refused may say so, and it means nothing there.
    pub undo: bool,
    /// Until when it must have an outcome, in milliseconds from its intent. `None`: the reservation's deadline binds, where there
    /// still is one.
    pub deadline_ms: Option<i64>,
}

/// A saga with steps of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Definition {
    plan: Plan,
    steps: Vec<OwnStep>,
}

/// A step as somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name, which must be unique among those wanted.
    pub name: StepName,
    /// `inventory`, `payment`, `shipment`, `completion`, or the name of another step that is wanted.
    pub before: String,
    /// Who does it.
    pub kind: StepKind,
    /// Whether it can be undone: of none that stands before `completion`, nor of a local one.
    pub undo: bool,
    /// See [`OwnStep::deadline_ms`].
    pub deadline_ms: Option<i64>,
}

/// Why steps that are wanted make no definition: which of them, which of its fields, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} of step {index}: {detail}")]
pub struct DefinitionError {
    /// Its place among those that are wanted, from 0.
    pub index: usize,
    /// The field of [`Wanted`] that is wrong: `name`, `before`, `undo` or `deadline_ms`.
    pub field: &'static str,
    /// What is wrong, and what is allowed.
    pub detail: String,
}

impl Definition {
    /// The definition with these steps around the built-in ones, of which `plan` says who does them; `None` where none are
    /// wanted, since then the plan is all of it.
    ///
    /// # Errors
    ///
    /// [`DefinitionError`], of the first step that does not fit.
    pub fn new(plan: Plan, wanted: &[Wanted]) -> Result<Option<Self>, DefinitionError> {
        let error = |index, field, detail: String| Err(DefinitionError { index, field, detail });
        if wanted.len() > MAX_STEPS {
            return error(MAX_STEPS, "name", format!("there may be {MAX_STEPS} steps of one's own"));
        }
        for (index, step) in wanted.iter().enumerate() {
            if wanted[..index].iter().any(|earlier| earlier.name == step.name) {
                return error(index, "name", format!("{} is the name of an earlier step", step.name));
            }
            if step.deadline_ms.is_some_and(|deadline| deadline < 1) {
                return error(index, "deadline_ms", "must be at least 1".to_owned());
            }
            if step.undo && step.kind == StepKind::Local {
                let detail = "is true, but a local step leaves nothing outside that could be undone; it must be false";
                return error(index, "undo", detail.to_owned());
            }
        }
        let mut steps: Vec<OwnStep> = Vec::with_capacity(wanted.len());
        let mut open: Vec<usize> = (0..wanted.len()).collect();
        while !open.is_empty() {
            let before = open.len();
            open.retain(|&index| {
                let step = &wanted[index];
                let (anchor, at) = match Anchor::parse(&step.before) {
                    Some(anchor) => (anchor, steps.len()),
                    None => match steps.iter().position(|placed| placed.name.as_str() == step.before) {
                        Some(at) => (steps[at].before, at),
                        None => return true,
                    },
                };
                let (name, kind) = (step.name.clone(), step.kind);
                steps
                    .insert(at, OwnStep { name, before: anchor, kind, undo: step.undo, deadline_ms: step.deadline_ms });
                false
            });
            if open.len() == before {
                let index = open[0];
                let detail = format!(
                    "{:?} leads to none of inventory, payment, shipment, completion, by itself or by the steps that it names",
                    wanted[index].before
                );
                return error(index, "before", detail);
            }
        }
        steps.sort_by_key(|step| step.before);
        // Where another step leads to is known now.
        if let Some(step) = steps.iter().find(|step| step.undo && step.before == Anchor::Completion) {
            let index = wanted.iter().position(|one| one.name == step.name).unwrap_or_default();
            let detail = "is true, but the step stands before completion, by itself or by the step that it names: behind the \
                          pivot nothing is undone; it must be false, or the step stand before inventory, payment or shipment";
            return error(index, "undo", detail.to_owned());
        }
        let remote = steps.iter().any(|step| step.kind == StepKind::Http);
        let plan = Plan(if remote { plan.0 | Plan::STEPS } else { plan.0 & !Plan::STEPS });
        Ok((!steps.is_empty()).then_some(Self { plan, steps }))
    }

    /// Which participants are remote, steps of one's own included.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// The steps of one's own, in the order in which they run.
    pub fn steps(&self) -> &[OwnStep] {
        &self.steps
    }

    /// The place of a step among them.
    pub fn position(&self, name: &StepName) -> Option<usize> {
        self.steps.iter().position(|step| step.name == *name)
    }

    /// The definition as it is stored: JSON, the same text for the same definition, with all of its steps in order.
    pub fn content(&self) -> String {
        let mut steps = Vec::with_capacity(self.steps.len() + 3);
        for anchor in Anchor::ALL {
            let own = self.steps.iter().filter(|step| step.before == anchor);
            steps.extend(own.map(|step| StoredStep {
                name: step.name.as_str().into(),
                kind: step.kind,
                action: Some("run".into()),
                undo: step.undo.then(|| "undo".into()),
                refusal: Some(Code::StepRefused.as_str().into()),
                deadline_ms: step.deadline_ms,
            }));
            let bit = match anchor {
                Anchor::Inventory => Plan::INVENTORY,
                Anchor::Payment => Plan::PAYMENT,
                Anchor::Shipment => Plan::SHIPMENT,
                Anchor::Completion => continue,
            };
            let kind = if self.plan.0 & bit == 0 { StepKind::Local } else { StepKind::Http };
            let name = anchor.as_str().into();
            steps.push(StoredStep { name, kind, action: None, undo: None, refusal: None, deadline_ms: None });
        }
        // A struct of strings and integers always serialises.
        serde_json::to_string(&Stored { steps, pivot: "shipment".into() }).unwrap_or_default()
    }

    /// Reads what [`Definition::content`] wrote. `None` of anything else: it is of a newer program, or a hand's.
    pub fn read(content: &str) -> Option<Self> {
        let stored: Stored = serde_json::from_str(content).ok()?;
        let (mut plan, mut steps) = (Plan::LOCAL, Vec::new());
        let mut anchors = Anchor::ALL.into_iter().peekable();
        for step in stored.steps {
            if Some(&*step.name) == anchors.peek().map(|anchor| anchor.as_str()) {
                let bit = match anchors.next()? {
                    Anchor::Inventory => Plan::INVENTORY,
                    Anchor::Payment => Plan::PAYMENT,
                    Anchor::Shipment => Plan::SHIPMENT,
                    Anchor::Completion => return None,
                };
                plan.0 |= if step.kind == StepKind::Http { bit } else { 0 };
                continue;
            }
            let name = StepName::parse(&step.name).ok()?;
            let (before, kind, undo) = (*anchors.peek()?, step.kind, step.undo.is_some());
            plan.0 |= if kind == StepKind::Http { Plan::STEPS } else { 0 };
            steps.push(OwnStep { name, before, kind, undo, deadline_ms: step.deadline_ms });
        }
        let read = Self { plan, steps };
        // A text other than what this program would write says something that this program would not do.
        (!read.steps.is_empty() && read.content() == content).then_some(read)
    }

    /// SHA-256 of [`Definition::content`]: what a definition is known by.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.content().as_bytes()).into()
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    steps: Vec<StoredStep>,
    pivot: String,
}

#[derive(Serialize, Deserialize)]
struct StoredStep {
    name: String,
    kind: StepKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline_ms: Option<i64>,
}

/// The saga that an order begins under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saga {
    /// The built-in steps alone.
    BuiltIn(Plan),
    /// With steps of one's own.
    Own(Arc<Definition>),
}

impl Saga {
    /// Which participants are remote.
    pub fn plan(&self) -> Plan {
        match self {
            Self::BuiltIn(plan) => *plan,
            Self::Own(definition) => definition.plan(),
        }
    }

    /// Its definition, where the plan is not all of it.
    pub fn definition(&self) -> Option<&Arc<Definition>> {
        match self {
            Self::BuiltIn(_) => None,
            Self::Own(definition) => Some(definition),
        }
    }

    /// The version that its orders bear.
    pub fn version(&self) -> i16 {
        match self {
            Self::BuiltIn(_) => SAGA_VERSION,
            Self::Own(_) => OWN_STEPS_VERSION,
        }
    }
}

impl From<Plan> for Saga {
    fn from(plan: Plan) -> Self {
        Self::BuiltIn(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str, before: &str) -> Wanted {
        let name = StepName::parse(name).expect("a name");
        Wanted { name, before: before.into(), kind: StepKind::Http, undo: false, deadline_ms: None }
    }

    fn names(definition: &Definition) -> Vec<(&str, Anchor)> {
        definition.steps().iter().map(|step| (step.name.as_str(), step.before)).collect()
    }

    #[test]
    fn names_have_one_form_and_leave_the_built_in_ones_alone() {
        for taken in ["f", "fraud", "loyalty-points-2", &"a".repeat(32)] {
            assert_eq!(StepName::parse(taken).expect(taken).as_str(), taken);
        }
        for refused in ["", "Fraud", "2nd", "-a", "a_b", "a b", "é", &"a".repeat(33)] {
            assert!(matches!(StepName::parse(refused), Err(StepNameError::Form(_))), "{refused:?}");
        }
        for built_in in ["inventory", "payment", "shipment", "completion"] {
            assert_eq!(StepName::parse(built_in), Err(StepNameError::BuiltIn(built_in.into())));
        }
    }

    /// Each participant has a bit of its own, whatever the others are.
    #[test]
    fn a_plan_says_who_is_remote() {
        for bits in 0..16 {
            let has = |bit: i16| bits & bit == bit;
            assert_eq!(Plan(bits).inventory_is_local(), !has(Plan::INVENTORY), "{bits}");
            assert_eq!(Plan(bits).payment_is_local(), !has(Plan::PAYMENT), "{bits}");
        }
    }

    /// Engines of several releases tell each other these words, and rows hold them.
    #[test]
    fn what_engines_tell_each_other_of_their_entries_is_heard() {
        let name = || StepName::parse("limit").expect("a name");
        for (kind, word, told) in [(StepKind::Http, "http", "limit"), (StepKind::Local, "local", "limit/local")] {
            let entry = StepEntry { name: name(), kind };
            assert_eq!((kind.as_str(), entry.told().as_str()), (word, told));
            assert_eq!(StepEntry::heard(told), Some(entry));
            assert_eq!(serde_json::to_value(kind).expect("a word"), word);
        }
        for nothing in ["", "limit/", "limit/remote", "/local", "payment", "limit/local/local"] {
            assert_eq!(StepEntry::heard(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn steps_stand_where_they_are_wanted() {
        let all = [
            wanted("review", "fraud"),
            wanted("gift", "completion"),
            wanted("fraud", "payment"),
            wanted("points", "payment"),
            wanted("label", "shipment"),
            wanted("limit", "inventory"),
            wanted("first", "review"),
        ];
        let definition = Definition::new(Plan(5), &all).expect("a definition").expect("steps");
        let (payment, shipment) = (Anchor::Payment, Anchor::Shipment);
        let expected = [
            ("limit", Anchor::Inventory),
            ("first", payment),
            ("review", payment),
            ("fraud", payment),
            ("points", payment),
            ("label", shipment),
            ("gift", Anchor::Completion),
        ];
        assert_eq!(names(&definition), expected);
        assert_eq!(definition.plan(), Plan(5 | Plan::STEPS));
        assert_eq!(Definition::new(Plan(5), &[]), Ok(None));
    }

    #[test]
    fn what_makes_no_definition_is_told_by_step_and_field() {
        let told = |all: &[Wanted]| Definition::new(Plan(0), all).expect_err("refused");
        let circle = told(&[wanted("a", "payment"), wanted("b", "c"), wanted("c", "b")]);
        assert_eq!((circle.index, circle.field), (1, "before"));
        assert_eq!(told(&[wanted("a", "paymnt")]).field, "before");
        assert_eq!(told(&[wanted("a", "a")]).index, 0);
        let twice = told(&[wanted("a", "payment"), wanted("a", "shipment")]);
        assert_eq!((twice.index, twice.field), (1, "name"));
        let never = Wanted { deadline_ms: Some(0), ..wanted("a", "payment") };
        assert_eq!(told(&[never]).field, "deadline_ms");
        let local = Wanted { kind: StepKind::Local, undo: true, ..wanted("a", "payment") };
        let local = told(&[local]);
        assert!(local.field == "undo" && local.detail.contains("must be false"), "{local}");
        // Behind the pivot nothing is undone, whoever leads there.
        let gift = Wanted { undo: true, ..wanted("gift", "completion") };
        let late = told(&[wanted("a", "payment"), gift]);
        assert_eq!((late.index, late.field), (1, "undo"));
        let card = Wanted { undo: true, ..wanted("card", "gift") };
        let behind = told(&[card, wanted("gift", "completion")]);
        assert_eq!((behind.index, behind.field), (0, "undo"));
        assert!(behind.detail.contains("must be false") && behind.detail.contains("shipment"), "{behind}");
        let many: Vec<_> = (0..=MAX_STEPS).map(|n| wanted(&format!("s{n}"), "payment")).collect();
        assert_eq!(told(&many).index, MAX_STEPS);
    }

    #[test]
    fn a_definition_is_read_as_it_was_written_and_nothing_else_is() {
        let points = Wanted { undo: true, deadline_ms: Some(60_000), ..wanted("points", "shipment") };
        let limit = Wanted { kind: StepKind::Local, ..wanted("limit", "inventory") };
        for plan in 0..8 {
            let all = [wanted("fraud", "payment"), points.clone(), limit.clone(), wanted("gift", "completion")];
            let definition = Definition::new(Plan(plan), &all).expect("a definition").expect("steps");
            let content = definition.content();
            assert_eq!(Definition::read(&content).as_ref(), Some(&definition));
            assert_eq!(definition.plan().0 & 7, plan);
        }
        // Stored by a release, these bytes must be read for ever, and known by this hash.
        let definition = Definition::new(Plan(2), &[wanted("fraud", "payment"), points]).expect("one").expect("steps");
        let content = r#"{"steps":[{"name":"inventory","kind":"local"},{"name":"fraud","kind":"http","action":"run","refusal":"step_refused"},{"name":"payment","kind":"http"},{"name":"points","kind":"http","action":"run","undo":"undo","refusal":"step_refused","deadline_ms":60000},{"name":"shipment","kind":"local"}],"pivot":"shipment"}"#;
        assert_eq!(definition.content(), content);
        let hash = "cf2c0dade967b7e81aa6f64418f3e2854906fcee112841b27690bb72e9573475";
        assert_eq!(data_encoding::HEXLOWER.encode(&definition.hash()), hash);
        // Where none of the steps is done elsewhere the plan says so, read or written.
        let local = Definition::new(Plan(2), std::slice::from_ref(&limit)).expect("one").expect("steps");
        assert_eq!((local.plan(), Definition::read(&local.content())), (Plan(2), Some(local.clone())));
        for changed in [
            content.replace("\"run\"", "\"walk\""),
            content.replace("\"pivot\":\"shipment\"", "\"pivot\":\"payment\""),
            content.replace("\"deadline_ms\":60000", "\"deadline_ms\":60000,\"retries\":3"),
            content.replace("{\"name\":\"payment\",\"kind\":\"http\"},", ""),
            "{}".to_owned(),
        ] {
            assert_eq!(Definition::read(&changed), None, "{changed}");
        }
    }
}
