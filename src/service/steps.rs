//! Who does the steps of one's own that are local: they come with the program, and a configuration puts them into the saga.

use std::sync::Arc;

use super::ServiceError;
use crate::config::steps::definition;
use crate::config::{Config, SagaStep, SagaStepKind};
use crate::participants::local::Local;
use crate::participants::steps::amount_limit::AmountLimit;
use crate::participants::steps::{Along, LocalStep};
use crate::saga::{Plan, Saga, StepName};

/// The local participants, along the saga of a configuration, with somebody for each of its local steps.
pub(super) fn along(config: &Config, plan: Plan) -> Result<Along<Local>, ServiceError> {
    let steps = &config.saga.steps;
    let saga = definition(steps, plan).map_or(Saga::BuiltIn(plan), |saga| Saga::Own(Arc::new(saga)));
    let here = Local { test_tokens: config.faults.enabled, plan };
    let made = steps.iter().filter_map(|step| Some((step, made(step)?)));
    let named = made.map(|(step, made)| Ok((name(step)?, made))).collect::<Result<Vec<_>, ServiceError>>()?;
    Ok(Along::new(here, saga).with_all(named))
}

/// The step of an entry, ready to decide; `None` where a service of its own does it.
fn made(step: &SagaStep) -> Option<Box<dyn LocalStep>> {
    match step.kind {
        SagaStepKind::Http => None,
        SagaStepKind::AmountLimit => Some(Box::new(AmountLimit::new(step.limits()))),
    }
}

/// The name of an entry.
pub(super) fn name(step: &SagaStep) -> Result<StepName, ServiceError> {
    StepName::parse(&step.name).map_err(|error| ServiceError::usage(format!("saga.steps: {error}")))
}
