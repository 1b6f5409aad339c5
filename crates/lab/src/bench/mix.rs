//! What kinds of orders a load is made of, and how many of each.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an order is to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 201, `COMPLETED`.
    Ok,
    /// 402 `payment_declined`, by the test token `pm_declined`.
    Declined,
    /// 409 `out_of_stock`: it asks for more than any shop has.
    Short,
    /// 500 `shipment_failed`, by the postal code `SHIP-FAIL`.
    CarrierFails,
    /// 409 `step_refused`, by the simulator of the step that `--step` names.
    StepRefused,
    /// 201, `PAYMENT_AUTHORIZED`; then captured.
    Manual,
    /// The same; then a capture and a cancel at once, one of which comes too late.
    Cancel,
    /// As [`Kind::Ok`]; then two refunds at once, each of more than half, one of which is too much.
    Refund,
}

impl Kind {
    /// Each of them, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::Declined,
        Self::Short,
        Self::CarrierFails,
        Self::StepRefused,
        Self::Manual,
        Self::Cancel,
        Self::Refund,
    ];

    /// As it is written in `--mix` and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Declined => "declined",
            Self::Short => "short",
            Self::CarrierFails => "carrier-fails",
            Self::StepRefused => "step-refused",
            Self::Manual => "manual",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
        }
    }

    /// Whether its payment is captured by a verb.
    #[must_use]
    pub fn is_manual(self) -> bool {
        matches!(self, Self::Manual | Self::Cancel)
    }
}

/// Kinds with their weights; at least one is above 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mix {
    weights: Vec<(Kind, u32)>,
    total: u64,
}

impl Mix {
    /// The kind that a number falls to, when numbers are drawn evenly.
    #[must_use]
    pub fn pick(&self, draw: u64) -> Kind {
        let mut left = draw % self.total;
        for (kind, weight) in &self.weights {
            match left.checked_sub(u64::from(*weight)) {
                Some(beyond) => left = beyond,
                None => return *kind,
            }
        }
        Kind::Ok // Not reached: what is left is below the sum of the weights.
    }

    /// The kinds that may come.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.weights.iter().map(|(kind, _)| *kind)
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = || Kind::ALL.map(Kind::as_str).join(", ");
        let mut weights: Vec<(Kind, u32)> = Vec::new();
        for part in text.split(',') {
            let (name, weight) =
                part.split_once('=').ok_or_else(|| format!("{part:?} is no KIND=WEIGHT (kinds: {})", allowed()))?;
            let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == name);
            let kind = kind.ok_or_else(|| format!("{name:?} is none of {}", allowed()))?;
            let weight = weight.parse().ok().filter(|weight| *weight <= 1_000_000);
            let weight = weight.ok_or_else(|| format!("the weight of {name} is a number from 0 to 1000000"))?;
            if weights.iter().any(|(known, _)| *known == kind) {
                return Err(format!("{name} stands there twice"));
            }
            weights.push((kind, weight));
        }
        weights.retain(|(_, weight)| *weight > 0);
        let total = weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
        if total == 0 {
            return Err("no kind has a weight above 0".to_owned());
        }
        Ok(Self { weights, total })
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.weights.iter().map(|(kind, weight)| format!("{}={weight}", kind.as_str())).collect();
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_kept_to() {
        let mix: Mix = "ok=7,declined=2,short=0,refund=1".parse().expect("a mix");
        let count = |kind| (0..1000).filter(|draw| mix.pick(*draw) == kind).count();
        assert_eq!([Kind::Ok, Kind::Declined, Kind::Short, Kind::Refund].map(count), [700, 200, 0, 100]);
        assert_eq!(mix.to_string(), "ok=7,declined=2,refund=1");
    }

    #[test]
    fn what_is_no_mix_is_told_why() {
        let told = |text: &str| text.parse::<Mix>().expect_err(text);
        assert!(told("ok").contains("KIND=WEIGHT"));
        assert!(told("good=1").contains("none of ok, declined"));
        assert!(told("ok=-1").contains("from 0 to 1000000"));
        assert!(told("ok=1,ok=2").contains("twice"));
        assert!(told("ok=0").contains("above 0"));
    }
}
