//! What Counterfoil set out to reach, and whether this run reached it.

use std::fmt;

use serde::Serialize;

use crate::options::{Contestant, ShapeName};
use crate::report::ShapeReport;

/// Times the orders/s of b and of b', by shape; b' has no part in the remote saga.
const RATIOS: [(ShapeName, f64, f64); 5] = [
    (ShapeName::Skus64, 3.0, 2.0),
    (ShapeName::Skus256, 4.5, 3.0),
    (ShapeName::Hot64, 7.0, 5.0),
    (ShapeName::Duplicates64, 4.0, 2.5),
    (ShapeName::Remote256, 2.0, 2.0),
];

/// WAL of an order under the plain load, in one commit. (Full pages after a checkpoint, and what duplicates write, are apart.)
const MAX_WAL_BYTES: f64 = 2048.0;

/// One target: `value` must be at least, or at most, `limit`.
#[derive(Serialize)]
pub struct Verdict {
    shape: ShapeName,
    what: String,
    value: f64,
    limit: f64,
    at_least: bool,
    reached: bool,
}

impl Verdict {
    fn at_least(report: &ShapeReport, what: impl Into<String>, value: f64, limit: f64) -> Self {
        Self { shape: report.shape.name, what: what.into(), value, limit, at_least: true, reached: value >= limit }
    }

    fn at_most(report: &ShapeReport, what: impl Into<String>, value: f64, limit: f64) -> Self {
        Self { shape: report.shape.name, what: what.into(), value, limit, at_least: false, reached: value <= limit }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reached = if self.reached { "reached" } else { "MISSED " };
        let bound = if self.at_least { ">=" } else { "<=" };
        let (name, value, limit) = (self.shape.word(), self.value, self.limit);
        write!(f, "{reached}  {name:14} {:18} {value:>9.2} {bound} {limit:.2}", self.what)
    }
}

/// A verdict on each target whose contestants have run.
pub fn verdicts(shapes: &[ShapeReport]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for report in shapes {
        let targets = RATIOS.iter().find(|(name, ..)| *name == report.shape.name);
        let Some(&(_, full, lean)) = targets else {
            continue;
        };
        for (rival, limit) in [(Contestant::Rival, full), (Contestant::LeanRival, lean)] {
            let what = format!("a/{} orders/s", rival.letter());
            let ratio = report.ratio(Contestant::Counterfoil, rival);
            verdicts.extend(ratio.map(|ratio| Verdict::at_least(report, what, ratio, limit)));
        }
        let ours = report.medians.get(&Contestant::Counterfoil);
        if let (Some(ours), Some(theirs)) = (ours, report.medians.get(&Contestant::Rival)) {
            verdicts.push(Verdict::at_most(report, "p99 ms, a and b", ours.p99_ms, theirs.p99_ms));
        }
        if let Some(ours) = ours.filter(|_| !report.shape.remote) {
            verdicts.push(Verdict::at_most(report, "WAL B an order", ours.wal_bytes, MAX_WAL_BYTES));
        }
    }
    verdicts
}
