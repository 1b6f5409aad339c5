//! Whether somebody who has nothing to do with what is broken is ever left without an answer.
//!
//! A probe is a client of its own, which speaks to one engine directly and places one order after the other; when it was
//! answered is all that counts. What else may have stood still, this program above all, is measured beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::Method;
use tokio::time::{sleep, timeout};

use counterfoil_engine::client::{Client, ClientError};

use super::clients::Clients;
use super::told::{Ask, Next};

/// Between two orders of a probe.
const PAUSE: Duration = Duration::from_millis(60);
/// How long one is waited for: then it counts as silent, and another one is placed.
const REQUEST: Duration = Duration::from_secs(5);
/// How often this program looks whether it stands still itself.
const BEAT: Duration = Duration::from_millis(20);

/// When something happened, again and again.
#[derive(Debug, Clone, Default)]
pub struct Times(Arc<Mutex<Vec<Instant>>>);

impl Times {
    fn add(&self, now: Instant) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(now);
    }

    /// Whether it has happened since then.
    #[must_use]
    pub fn since(&self, then: Instant) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().copied().take_while(|at| *at > then).last()
    }

    /// The longest time without, between two moments, and when it began.
    #[must_use]
    pub fn longest_without(&self, from: Instant, to: Instant) -> (Duration, Instant) {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let within = times.iter().copied().filter(|at| (from..to).contains(at));
        let (mut longest, mut begun, mut last) = (Duration::ZERO, from, from);
        for at in within.chain([to]) {
            if at - last > longest {
                (longest, begun) = (at - last, last);
            }
            last = at;
        }
        (longest, begun)
    }
}

/// One probe.
#[derive(Debug, Clone)]
pub struct Probe {
    /// What it is called.
    pub name: String,
    /// Which engine it speaks to.
    pub engine: usize,
    /// What it buys.
    pub sku: String,
    /// When it was answered.
    pub answered: Times,
}

impl Probe {
    /// One of an engine, for a SKU.
    #[must_use]
    pub fn new(engine: usize, sku: &str) -> Self {
        let name = format!("P-{}-{sku}", ["A", "B"][engine % 2]);
        Self { name, engine, sku: sku.to_owned(), answered: Times::default() }
    }

    /// Places one order after the other at the engine of that URL, until it is over.
    ///
    /// # Errors
    ///
    /// Where the URL is none.
    pub async fn run(self, url: String, clients: Arc<Clients>, over: Arc<AtomicBool>) -> Result<(), ClientError> {
        let client = Client::anonymous(&url)?.with_timeout(REQUEST);
        let mut number = 0_u64;
        while !over.load(Ordering::Relaxed) {
            number += 1;
            let (story, body) = clients.probe(&format!("{}-{number}", self.name), &self.sku);
            let before = story.lock().unwrap_or_else(PoisonError::into_inner).before(&Ask::Submit);
            let asked = client.request(Method::POST, "/orders", &[("prefer", "respond-async")], Some(body));
            if let Ok(Ok(answer)) = timeout(REQUEST, asked).await {
                let has_time = answer.retry_after().is_some();
                let mut story = story.lock().unwrap_or_else(PoisonError::into_inner);
                match story.hear(&Ask::Submit, before, answer.status, has_time, &answer.body) {
                    Ok(Next::Again) if answer.status != 202 => {}
                    Ok(_) => self.answered.add(Instant::now()),
                    Err(wrong) => clients.complain(format!("{}: {wrong}", story.id)),
                }
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }
}

/// When this program was able to do something.
pub async fn beat(beats: Times, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        beats.add(Instant::now());
        sleep(BEAT).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_silence_is_found_at_the_edges_too() {
        let (times, begin) = (Times::default(), Instant::now());
        let at = |ms: u64| begin + Duration::from_millis(ms);
        for ms in [100, 200, 700, 800] {
            times.add(at(ms));
        }
        let longest = |from, to| times.longest_without(at(from), at(to));
        assert_eq!(longest(0, 900), (Duration::from_millis(500), at(200)));
        assert_eq!(longest(150, 650), (Duration::from_millis(450), at(200)));
        assert_eq!(longest(750, 2_000), (Duration::from_millis(1_200), at(800)));
        assert_eq!(longest(300, 600), (Duration::from_millis(300), at(300)));
        assert_eq!(times.since(at(200)), Some(at(700)));
    }
}
