//! `[[saga.steps]]`: steps of one's own, and who does them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::check::{DAY_MS, Problems, remote};
use super::{Config, Secrets, Way};
use crate::saga::definition::{StepKind, Wanted};
use crate::saga::money::MAX_AMOUNT;
use crate::saga::{Amount, Currency, Definition, Plan, StepName};

/// Who does a step, and so which keys its entry takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SagaStepKind {
    /// JSON over HTTP: `run`, and `undo`, of `openapi/participants.json`.
    #[default]
    Http,
    /// Comes with the program: what an order may cost at most.
    AmountLimit,
}

impl SagaStepKind {
    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::AmountLimit => "amount-limit",
        }
    }

    /// What it is to the saga: all that comes with the program is decided within the order's own transaction.
    pub fn step_kind(self) -> StepKind {
        match self {
            Self::Http => StepKind::Http,
            Self::AmountLimit => StepKind::Local,
        }
    }
}

/// `[[saga.steps]]`: one step of one's own. New orders have the steps that are here; one in flight keeps those that it began
/// with, and is spoken for by the entry of the same name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SagaStep {
    /// Its name, `[a-z][a-z0-9-]{0,31}`: in keys, events, metrics and answers, and so for ever.
    pub name: String,
    /// What it stands before: `inventory`, `payment`, `shipment`, `completion`, or the name of another step.
    pub before: String,
    /// Who does it.
    #[serde(default)]
    pub kind: SagaStepKind,
    /// HTTP: the URL of its participant.
    pub url: Option<String>,
    /// Whether what it did is undone where its order does not complete. No step before `completion` is.
    #[serde(default)]
    pub undo: bool,
    /// Until when it must have an outcome, in milliseconds from when it was intended.
    pub deadline_ms: Option<u64>,
    /// Over https: the CAs that its certificate may come from; without it those of the system.
    pub ca: Option<PathBuf>,
    /// Over https: the certificate that it is shown.
    pub cert: Option<PathBuf>,
    /// Over https: the key of that certificate; both or neither are given.
    pub key: Option<PathBuf>,
    /// A file with the bearer token that it is sent.
    pub token_file: Option<PathBuf>,
    /// With which it signs its webhooks; several while it changes.
    pub webhook_secret: Option<Secrets>,
    /// Amount limit: what an order may cost at most, in minor units, by currency. One in another currency is refused.
    pub limits: Option<BTreeMap<String, u64>>,
}

impl SagaStep {
    /// How it is reached.
    pub fn way(&self) -> Way<'_> {
        Way {
            url: self.url.as_deref(),
            ca: self.ca.as_ref(),
            cert: self.cert.as_ref(),
            key: self.key.as_ref(),
            token_file: self.token_file.as_ref(),
            webhook_secret: self.webhook_secret.as_ref(),
        }
    }

    /// The limit of each currency, of a checked configuration.
    pub fn limits(&self) -> impl Iterator<Item = (Currency, Amount)> {
        let limit = |(code, most): (&String, &u64)| {
            Some((Currency::parse(code)?, Amount(i64::try_from(*most).unwrap_or(MAX_AMOUNT))))
        };
        self.limits.iter().flatten().filter_map(limit)
    }

    fn wanted(&self) -> Option<Wanted> {
        Some(Wanted {
            name: StepName::parse(&self.name).ok()?,
            before: self.before.clone(),
            kind: self.kind.step_kind(),
            undo: self.undo,
            deadline_ms: self.deadline_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)),
        })
    }
}

/// The saga that new orders begin under, where the built-in participants are those of this plan; `None` without steps of one's
/// own, or of a configuration that the check refuses.
pub fn definition(steps: &[SagaStep], plan: Plan) -> Option<Definition> {
    let wanted: Vec<Wanted> = steps.iter().map(SagaStep::wanted).collect::<Option<_>>()?;
    Definition::new(plan, &wanted).ok().flatten()
}

/// What is wrong with them.
pub(super) fn check(config: &Config, found: &mut Problems) {
    let (steps, mut named) = (&config.saga.steps, true);
    for (index, step) in steps.iter().enumerate() {
        let at = format!("saga.steps[{index}]");
        if let Err(error) = StepName::parse(&step.name) {
            found.add(format!("{at}.name"), format!("is not usable: {error}"));
            named = false;
        }
        if let Some(deadline) = step.deadline_ms {
            found.within(&format!("{at}.deadline_ms"), deadline, config.saga.step_timeout_ms..=365 * DAY_MS);
        }
        foreign(&at, step, found);
        match step.kind {
            SagaStepKind::Http => remote(&at, step.way(), found),
            SagaStepKind::AmountLimit => limits(&format!("{at}.limits"), step.limits.as_ref(), found),
        }
    }
    let wanted: Vec<Wanted> = steps.iter().filter_map(SagaStep::wanted).collect();
    if let (true, Err(error)) = (named, Definition::new(Plan::LOCAL, &wanted)) {
        found.add(format!("saga.steps[{}].{}", error.index, error.field), error.detail);
    }
}

/// What an order may cost at most.
fn limits(key: &str, limits: Option<&BTreeMap<String, u64>>, found: &mut Problems) {
    let most = MAX_AMOUNT.unsigned_abs();
    let allowed = format!("it must be minor units by currency, as in {{ EUR = 500000 }}, each 1..={most}");
    match limits {
        None => found.add(key, format!("is missing, where kind is \"amount-limit\"; {allowed}")),
        Some(limits) if limits.is_empty() => {
            found.add(key, format!("is empty, which would refuse every order; {allowed}"));
        }
        Some(limits) => {
            for (code, limit) in limits {
                if Currency::parse(code).is_none() {
                    let must = "each name must be a currency of ISO 4217 in capital letters, as EUR";
                    found.add(key, format!("holds {code:?}; {must}"));
                }
                found.within(&format!("{key}.{code}"), *limit, 1..=most);
            }
        }
    }
}

/// The keys that not every kind of step takes.
fn foreign(at: &str, step: &SagaStep, found: &mut Problems) {
    use SagaStepKind::{AmountLimit, Http};
    for (name, of, set) in [
        ("url", &[Http][..], step.url.is_some()),
        ("deadline_ms", &[Http], step.deadline_ms.is_some()),
        ("ca", &[Http], step.ca.is_some()),
        ("cert", &[Http], step.cert.is_some()),
        ("key", &[Http], step.key.is_some()),
        ("token_file", &[Http], step.token_file.is_some()),
        ("webhook_secret", &[Http], step.webhook_secret.is_some()),
        ("limits", &[AmountLimit], step.limits.is_some()),
    ] {
        if set && !of.contains(&step.kind) {
            let of: Vec<_> = of.iter().map(|kind| format!("{:?}", kind.as_str())).collect();
            let (of, kind) = (of.join(" and "), step.kind.as_str());
            found.add(
                format!("{at}.{name}"),
                format!("is for kind {of}, and this step is of kind {kind:?}; leave it out"),
            );
        }
    }
}
