//! Events of earlier versions, read as events of this one. What was committed is never rewritten: an event bears the
//! version of its type's schema (`v`, left out where it is 1), and what an earlier program wrote is lifted, version by
//! version, before it is read. A field with a default needs none of this; a field that changes its meaning does.

use serde_json::{Map, Value};

/// Lifts an event of one type from one version of its schema to the next.
pub struct Upcast {
    /// The event's type.
    pub name: &'static str,
    /// The version that it lifts from.
    pub from: u16,
    /// Changes the event's fields in place from version `from` to the next.
    pub lift: fn(&mut Map<String, Value>),
}

/// Every step there is, from the first version on. Steps are added and never taken away: streams outlive programs.
pub const UPCASTS: &[Upcast] = &[];

/// Why a stored event cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpcastError {
    /// It is no object with a type.
    #[error("an event is no object with a type: {0}")]
    Shapeless(String),
    /// A newer program wrote it.
    #[error("an event {name:?} has schema version {found}, this program knows {known}: a newer one wrote it")]
    Newer {
        /// The event's type.
        name: String,
        /// The version that the event bears.
        found: u64,
        /// The newest version known here.
        known: u16,
    },
}

/// The version that events of this type are written in.
pub fn schema_version(name: &str, upcasts: &[Upcast]) -> u16 {
    let steps = upcasts.iter().filter(|step| step.name == name).count();
    u16::try_from(steps).unwrap_or(u16::MAX).saturating_add(1)
}

/// Lifts a stored event to the version of this program.
pub fn upcast(event: &mut Value, upcasts: &[Upcast]) -> Result<(), UpcastError> {
    let shapeless = |event: &Value| UpcastError::Shapeless(event.to_string().chars().take(80).collect());
    let name = match event.get("type") {
        Some(Value::String(name)) => name.clone(),
        _ => return Err(shapeless(event)),
    };
    let Value::Object(fields) = event else { return Err(shapeless(event)) };
    let mut version = fields.remove("v").and_then(|version| version.as_u64()).unwrap_or(1);
    let known = schema_version(&name, upcasts);
    if version > u64::from(known) {
        return Err(UpcastError::Newer { name, found: version, known });
    }
    while let Some(step) = upcasts.iter().find(|step| step.name == name && u64::from(step.from) == version) {
        (step.lift)(fields);
        version += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const STEPS: &[Upcast] = &[
        Upcast {
            name: "payment.charged",
            from: 1,
            lift: |fields| {
                let cents = fields.remove("cents").unwrap_or_default();
                fields.insert("amount".into(), cents);
            },
        },
        Upcast {
            name: "payment.charged",
            from: 2,
            lift: |fields| {
                fields.insert("reference".into(), json!("unknown"));
            },
        },
    ];

    #[test]
    fn every_earlier_version_is_lifted_step_by_step() {
        for (mut stored, lifted) in [
            (
                json!({"type": "payment.charged", "cents": 5}),
                json!({"type": "payment.charged", "amount": 5, "reference": "unknown"}),
            ),
            (
                json!({"type": "payment.charged", "v": 2, "amount": 5}),
                json!({"type": "payment.charged", "amount": 5, "reference": "unknown"}),
            ),
            (json!({"type": "payment.charged", "v": 3, "amount": 5}), json!({"type": "payment.charged", "amount": 5})),
            (json!({"type": "order.completed"}), json!({"type": "order.completed"})),
        ] {
            upcast(&mut stored, STEPS).unwrap();
            assert_eq!(stored, lifted);
        }
        assert_eq!(schema_version("payment.charged", STEPS), 3);
        assert_eq!(schema_version("order.completed", STEPS), 1);
    }

    #[test]
    fn a_newer_event_is_told_apart_from_a_broken_one() {
        let newer = upcast(&mut json!({"type": "order.completed", "v": 2}), STEPS).unwrap_err();
        assert_eq!(newer, UpcastError::Newer { name: "order.completed".into(), found: 2, known: 1 });
        assert!(matches!(upcast(&mut json!({"kind": "x"}), STEPS), Err(UpcastError::Shapeless(_))));
        assert!(matches!(upcast(&mut json!([1]), STEPS), Err(UpcastError::Shapeless(_))));
    }
}
