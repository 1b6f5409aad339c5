//! A neighbour that has nothing to do with orders, and takes as much of the cores as relay and broker did: what they do to orders
//! by standing on the same cores is what it does, and what is above that they do by something else.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often it wants its share: about as often as a relay has something to publish (`limits::RELAY_GATHER`).
const PERIOD: Duration = Duration::from_millis(50);
/// What it walks over: as they do, it takes room in the caches, too.
const WORDS: usize = 1 << 20;
/// How many words it changes between two looks at the clock.
const STRIDE: usize = 4096;

/// At work until it is dropped.
pub struct Neighbour {
    leaves: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Neighbour {
    /// One thread for each share of a core (0 to 1) that is to be taken.
    pub fn start(shares: &[f64]) -> Self {
        let leaves = Arc::<AtomicBool>::default();
        let pace = pace();
        let threads = shares.iter().map(|share| {
            let (leaves, strides) = (Arc::clone(&leaves), (pace * PERIOD.as_secs_f64() * share) as usize);
            thread::spawn(move || {
                let mut words = vec![0_u64; WORDS];
                let mut next = Instant::now();
                while !leaves.load(Ordering::Relaxed) {
                    work(&mut words, strides);
                    // What it could not have in time is not made up for: that would be more than its share later.
                    next = (next + PERIOD).max(Instant::now());
                    thread::park_timeout(next.saturating_duration_since(Instant::now()));
                }
            })
        });
        let threads = threads.collect();
        Self { leaves, threads }
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.leaves.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _panicked = thread.join();
        }
    }
}

/// Strides a second of a core that it has to itself: the best of some tries, for others may have had it meanwhile.
fn pace() -> f64 {
    const TRIES: usize = 20;
    const EACH: usize = 500;
    let mut words = vec![0_u64; WORDS];
    let once = |words: &mut [u64]| {
        let began = Instant::now();
        work(words, EACH);
        EACH as f64 / began.elapsed().as_secs_f64()
    };
    (0..TRIES).map(|_| once(&mut words)).fold(0.0, f64::max)
}

fn work(words: &mut [u64], strides: usize) {
    for stride in 0..strides {
        let begin = (stride * STRIDE) % WORDS;
        for word in &mut words[begin..begin + STRIDE] {
            *word = black_box(word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        }
    }
}
