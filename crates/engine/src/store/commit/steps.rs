//! `saga_definitions` and `order_steps`: what a commit writes of them, and how they are read again.

use std::sync::Arc;

use tokio_postgres::Row;

use super::super::columns::{Arrays, Pair, Parameters, arrays, json, taken_apart, unnest};
use super::stored::is_stored;
use crate::saga::definition::Anchor;
use crate::saga::state::{StepState, StepStatus};
use crate::saga::{Definition, LocalTransaction, OwnSteps, Plan, Stock};

/// A saga.
fn sagas<'a>(found: &[&'a Definition]) -> Arrays<'a> {
    arrays![found;
        hash: bytea = saga => saga.hash().to_vec(),
        content: text = saga => saga.content(),
    ]
}

/// The sagas of new orders that have steps of one's own, each once.
pub(in crate::store) fn definitions<'a>(rows: &[Pair<'a>]) -> Parameters<'a> {
    let mut found: Vec<&Definition> = Vec::new();
    for own in rows.iter().filter_map(|(_, txn)| txn.order.own.as_deref()) {
        if !found.contains(&&*own.definition) {
            found.push(&own.definition);
        }
    }
    taken_apart(sagas(&found))
}

/// A saga is stored once, by the first order that begins under it.
pub(in crate::store) fn define_sagas() -> String {
    let columns = unnest(1, 4, &sagas(&[]));
    format!(
        "
INSERT INTO saga_definitions (hash, content)
SELECT d.hash, d.content
FROM (
    SELECT {columns}
) d
WHERE NOT EXISTS (SELECT FROM saga_definitions s WHERE s.hash = d.hash)
ON CONFLICT (hash) DO NOTHING"
    )
}

/// How far an order has come with its own steps.
fn standing<'a>(rows: &[Pair<'a>]) -> Arrays<'a> {
    let states = |txn: &LocalTransaction| json(txn.order.own.as_deref().map(|own| &own.states)).unwrap_or_default();
    arrays![rows;
        order_id: text = (_, txn) => txn.order.id.as_str(),
        steps: text = (_, txn) => states(txn),
    ]
}

/// The same of a new one, with its saga.
fn new<'a>(rows: &[Pair<'a>]) -> Arrays<'a> {
    let hash = |txn: &LocalTransaction| txn.order.own.as_deref().map(|own| own.definition.hash().to_vec());
    let mut columns = standing(rows);
    columns.extend(arrays![rows; hash: bytea = (_, txn) => hash(txn)]);
    columns
}

pub(in crate::store) fn steps<'a>(rows: &[Pair<'a>]) -> Parameters<'a> {
    taken_apart(standing(rows))
}

pub(in crate::store) fn new_steps<'a>(rows: &[Pair<'a>]) -> Parameters<'a> {
    taken_apart(new(rows))
}

/// An order ends under the saga that it began with: its row names it, and never another.
pub(in crate::store) fn insert_steps() -> String {
    let columns = unnest(1, 4, &new(&[]));
    format!(
        "
INSERT INTO order_steps (order_id, definition_id, steps)
SELECT s.order_id, (SELECT d.definition_id FROM saga_definitions d WHERE d.hash = s.hash), s.steps
FROM (
    SELECT {columns}
) s
WHERE {stored}",
        stored = is_stored("s.order_id")
    )
}

/// And moves along it.
pub(in crate::store) fn move_steps() -> String {
    let columns = unnest(1, 4, &standing(&[]));
    format!(
        "
UPDATE order_steps t SET steps = s.steps
FROM (
    SELECT {columns}
) s
WHERE t.order_id = s.order_id AND {stored}",
        stored = is_stored("s.order_id")
    )
}

/// The steps of one's own, and how far the order has come with each. None where its saga says what only a newer program knows:
/// then the order is left alone.
pub(in crate::store) fn own(row: &Row, plan: Plan) -> Result<Option<Box<OwnSteps>>, &'static str> {
    let (Some(steps), Some(content)) = (row.get::<_, Option<&str>>("steps"), row.get::<_, Option<&str>>("definition"))
    else {
        return Err("it has steps of its own, and its row of order_steps, or its saga, is not there");
    };
    let Some(definition) = Definition::read(content) else { return Ok(None) };
    let states: Vec<StepState> = serde_json::from_str(steps).map_err(|_| "order_steps.steps")?;
    if states.len() != definition.steps().len() || definition.plan() != plan {
        return Err("its steps are not those of its saga");
    }
    Ok(Some(Box::new(OwnSteps { definition: Arc::new(definition), states })))
}

/// A reservation that waits for a step of one's own is stored as intended: earlier programs know no other word.
pub(in crate::store) fn waits_for_a_step(stock: Stock, own: Option<&OwnSteps>) -> bool {
    let first = own.into_iter().flat_map(OwnSteps::iter).filter(|(step, _)| step.before == Anchor::Inventory);
    stock == Stock::Intended && first.into_iter().any(|(_, state)| state.status != StepStatus::Done)
}
