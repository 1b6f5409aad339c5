//! Random misbehaviour by rate. Every draw is a function of the seed, the step key, the number of the attempt and the
//! question, not of the order in which calls arrive: a run repeats itself under concurrency.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How often things go wrong: probabilities from 0 to 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rates {
    /// It takes effect, and is not answered.
    pub timeout: f64,
    /// An attempt is answered 500, and has no effect.
    pub error: f64,
    /// An attempt takes effect, and is answered 500.
    pub error_after: f64,
    /// The key is answered 500 for ever, before an effect.
    pub sticky_error: f64,
    /// It takes effect, and is answered late.
    pub slow: f64,
    /// A webhook is sent twice.
    pub webhook_duplicate: f64,
    /// A webhook is sent late.
    pub webhook_late: f64,
    /// A webhook is sent after the one that follows it.
    pub webhook_reorder: f64,
}

/// Which authorisations lapse before their time, whatever was said of it: a share of them, by seed and key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lapses {
    /// The share, from 0 to 1.
    pub rate: f64,
    /// What it is drawn from.
    pub chance: Chance,
}

impl Lapses {
    /// Whether this authorisation is one of them.
    pub fn strike(&self, authorization: Uuid) -> bool {
        self.chance.strikes(self.rate, "lapse", authorization, 0)
    }
}

/// A source of draws: the same seed and questions give the same answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chance {
    seed: u64,
}

impl Chance {
    /// A source of draws that this seed decides.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Whether what happens at `rate` happens to this attempt of a key. `question` names what is asked, so that the
    /// draws are independent.
    pub fn strikes(&self, rate: f64, question: &str, key: Uuid, attempt: u64) -> bool {
        if rate <= 0.0 {
            return false;
        }
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(key.as_bytes());
        hash.update(attempt.to_be_bytes());
        hash.update(question.as_bytes());
        let digest = hash.finalize();
        let bits = digest.iter().take(4).fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        f64::from(bits) / (f64::from(u32::MAX) + 1.0) < rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_a_rate_is_met() {
        let draw = |seed, rate| {
            let chance = Chance::new(seed);
            (0..4_000_u128).map(|n| chance.strikes(rate, "error", Uuid::from_u128(n), 1)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7, 0.25), draw(7, 0.25));
        assert_ne!(draw(7, 0.25), draw(8, 0.25));
        let struck = draw(7, 0.25).into_iter().filter(|struck| *struck).count();
        assert!((800..1_200).contains(&struck), "{struck} of 4000 at a quarter");
        assert!(draw(7, 1.0).iter().all(|struck| *struck) && !draw(7, 0.0).iter().any(|struck| *struck));
    }
}
