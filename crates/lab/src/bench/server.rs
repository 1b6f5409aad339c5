//! What servers and their PostgreSQL say of themselves while they are under load, where they may be asked.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{LocalBoxFuture, join_all};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use counterfoil_engine::client::Client;

/// Commits by the orders that they held: the bucket's upper bound as the server names it, and how many.
pub type Batches = Vec<(String, u64)>;

/// How long targets and database may take to tell of themselves: a report does not wait for more.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The counters of `counterfoil_commit_batch_orders` of a target, by bucket, as they are: each holds those below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metrics(BTreeMap<String, u64>);

/// Of all targets, what was counted between two readings. Nothing, where one of them did not say, or began anew meanwhile.
#[must_use]
pub fn batches(before: &[Metrics], after: &[Metrics]) -> Option<Batches> {
    let mut all: Batches = Vec::new();
    for (before, after) in before.iter().zip(after) {
        for (place, (bound, count)) in after.since(before)?.into_iter().enumerate() {
            match all.get_mut(place) {
                Some((known, sum)) if *known == bound => *sum += count,
                Some(_) => return None, // They are of different makes.
                None => all.push((bound, count)),
            }
        }
    }
    (!all.is_empty() && before.len() == after.len()).then_some(all)
}

impl Metrics {
    /// Asks every target; nothing, where one of them does not say.
    pub async fn read(targets: &[Client]) -> Option<Vec<Self>> {
        let answers = join_all(targets.iter().map(|target| target.get("/metrics")));
        let answers = timeout(PATIENCE, answers).await.ok()?;
        let read = answers.into_iter().map(|answer| {
            let answer = answer.ok().filter(|answer| answer.status == 200)?;
            let mut metrics = Self::default();
            metrics.add(&String::from_utf8_lossy(&answer.body));
            (!metrics.0.is_empty()).then_some(metrics)
        });
        read.collect()
    }

    fn add(&mut self, text: &str) {
        for line in text.lines() {
            let parts = line.strip_prefix("counterfoil_commit_batch_orders_bucket{le=\"");
            if let Some((bound, count)) = parts.and_then(|rest| rest.split_once("\"} "))
                && let Ok(count) = count.trim().parse::<f64>()
            {
                *self.0.entry(bound.to_owned()).or_default() += count as u64;
            }
        }
    }

    /// What was counted between two readings, bucket by bucket. Nothing, where a server began anew meanwhile.
    #[must_use]
    pub fn since(&self, before: &Self) -> Option<Batches> {
        let bound = |bound: &str| bound.parse().unwrap_or(f64::INFINITY);
        let mut buckets: Vec<_> = self.0.iter().collect();
        buckets.sort_by(|one, other| f64::total_cmp(&bound(one.0), &bound(other.0)));
        let mut below = 0;
        let each = buckets.into_iter().map(|(bound, count)| {
            let upto = count.checked_sub(before.0.get(bound).copied().unwrap_or_default())?;
            let here = upto.checked_sub(below)?;
            below = upto;
            Some((bound.clone(), here))
        });
        each.collect()
    }
}

/// The database behind the targets, as whoever may reach it asks it.
pub trait Database {
    /// Reads its counters; nothing, where it does not answer.
    fn used(&self) -> LocalBoxFuture<'_, Option<Used>>;
}

/// A database's counters at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Where its log ends, in bytes.
    pub wal_bytes: u64,
    /// Of all its processes, where they run on this machine.
    pub cpu: Option<Duration>,
}

/// What an order cost the database while it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Bytes of its log an order, whoever wrote them.
    pub wal_bytes_an_order: f64,
    /// Microseconds of PostgreSQL's CPU an order; nothing, where it runs elsewhere.
    pub cpu_us_an_order: Option<f64>,
}

impl Used {
    /// What so many orders took since an earlier reading.
    #[must_use]
    pub fn since(self, before: Self, orders: u64) -> Option<Cost> {
        let orders = (orders > 0).then_some(orders as f64)?;
        let cpu = self.cpu.zip(before.cpu).and_then(|(now, before)| now.checked_sub(before));
        Some(Cost {
            wal_bytes_an_order: self.wal_bytes.checked_sub(before.wal_bytes)? as f64 / orders,
            cpu_us_an_order: cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / orders),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_what_was_counted_meanwhile() {
        let bucket = |le: &str, count: u64| format!("counterfoil_commit_batch_orders_bucket{{le=\"{le}\"}} {count}\n");
        let read = |counts: [u64; 3]| {
            let mut metrics = Metrics::default();
            let text = ["1", "16", "+Inf"].iter().zip(counts).map(|(le, count)| bucket(le, count)).collect::<String>();
            metrics.add(&format!("# HELP\n{text}counterfoil_commit_batch_orders_count 9\n"));
            metrics
        };
        let told = read([5, 9, 10]).since(&read([1, 2, 2]));
        assert_eq!(told, Some(vec![("1".into(), 4), ("16".into(), 3), ("+Inf".into(), 1)]));
        assert_eq!(read([1, 2, 2]).since(&read([5, 9, 10])), None, "a server that began anew");
        let before = [read([1, 2, 2]), read([5, 9, 10])];
        let told = batches(&before, &[read([5, 9, 10]), read([6, 10, 11])]);
        assert_eq!(told, Some(vec![("1".into(), 5), ("16".into(), 3), ("+Inf".into(), 1)]));
        assert_eq!(batches(&before, &[read([50, 90, 100]), read([1, 2, 2])]), None, "one of them began anew");
    }
}
