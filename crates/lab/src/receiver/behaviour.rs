//! What a receiver is told to do with deliveries: refuse them, or take them and keep the answer back.

use serde::{Deserialize, Serialize};

/// Which deliveries, and what becomes of them. What is left out fits any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// To this path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Of this order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// This event of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// It is answered this, and not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<u16>,
    /// It is taken and written, and not answered until the rules are set anew.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hold: bool,
    /// So often, and then no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Taken, and answered.
    Take,
    /// Taken, and not answered yet.
    Hold,
    /// Answered so, and not taken.
    Refuse(u16),
}

/// What a delivery is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Where it was posted.
    pub path: &'a str,
    /// Whose event it is.
    pub order_id: &'a str,
    /// The version that the event raised its order to, where it tells one.
    pub version: Option<i64>,
}

impl Rule {
    /// What is wrong with it, if anything is.
    fn wrong(&self) -> Option<&'static str> {
        match (self.answer, self.hold) {
            (None, false) => Some("a rule says what is answered (`answer`), or has the answer kept back (`hold`)"),
            (Some(_), true) => Some("what is not taken has no answer to keep back: `answer` or `hold`"),
            (Some(200..=299), _) => Some("an `answer` of 2xx would say that it was taken, and it is not"),
            (Some(300..=599), _) | (None, true) => None,
            (Some(_), _) => Some("an `answer` is 300..=599"),
        }
    }

    fn fits(&self, delivery: Delivery<'_>) -> bool {
        self.times != Some(0)
            && self.path.as_deref().is_none_or(|path| path == delivery.path)
            && self.order_id.as_deref().is_none_or(|order_id| order_id == delivery.order_id)
            && self.version.is_none_or(|version| delivery.version == Some(version))
    }
}

/// Rules, of which the first that fits counts; where none does, everything is taken.
#[derive(Debug, Default)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Reads them, as JSON: a list.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let rules: Vec<Rule> = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        match rules.iter().find_map(Rule::wrong) {
            Some(wrong) => Err(wrong.to_owned()),
            None => Ok(Self(rules)),
        }
    }

    /// As they stand: how often each still applies included.
    pub fn list(&self) -> &[Rule] {
        &self.0
    }

    /// What becomes of a delivery; the rule that says so has applied once more.
    pub fn judge(&mut self, delivery: Delivery<'_>) -> Manner {
        let Some(rule) = self.0.iter_mut().find(|rule| rule.fits(delivery)) else { return Manner::Take };
        rule.times = rule.times.map(|times| times - 1);
        rule.answer.map_or(Manner::Hold, Manner::Refuse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_counts_as_often_as_it_says() {
        let text = br#"[{"path": "/crm", "order_id": "A", "version": 2, "answer": 500, "times": 1}, {"hold": true}]"#;
        let mut rules = Rules::read(text).expect("rules");
        let delivery = Delivery { path: "/crm", order_id: "A", version: Some(2) };
        for other in [
            Delivery { path: "/bi", ..delivery },
            Delivery { order_id: "B", ..delivery },
            Delivery { version: Some(3), ..delivery },
            Delivery { version: None, ..delivery },
        ] {
            assert_eq!(rules.judge(other), Manner::Hold, "{other:?}");
        }
        assert_eq!(rules.judge(delivery), Manner::Refuse(500));
        assert_eq!(rules.judge(delivery), Manner::Hold, "it has applied once");
        assert_eq!(Rules::default().judge(delivery), Manner::Take);
    }

    #[test]
    fn no_rule_lies() {
        for wrong in [
            "{}",
            "[{}]",
            r#"[{"answer": 204}]"#,
            r#"[{"answer": 500, "hold": true}]"#,
            r#"[{"answer": 99}]"#,
            r#"[{"hold": true, "order": "A"}]"#,
        ] {
            assert!(Rules::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
