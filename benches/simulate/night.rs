//! Very many orders, for as long as one likes. ORDERS says how many (1,000,000), HOURS for how long instead,
//! SEED where the seeds begin. It says how far it is, and at the end what it came by; the first world in which a promise is
//! broken ends it, with the seed and the shortest trace that is found.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::support::simulation::coverage::Coverage;
use crate::support::simulation::{DANGERS, Mutation, ORDERS_PER_WORLD, number, run, told};

/// Fewer than that need not meet all that is rare.
const AT_SCALE: u64 = 500_000;
const PROGRESS: Duration = Duration::from_secs(10);

/// Runs worlds until it is enough; what is to be said at the end, or what was broken.
pub fn night(mut say: impl FnMut(&str)) -> Result<String, String> {
    let (seed, hours) = (number("SEED").unwrap_or(1), number("HOURS"));
    let wanted = match hours {
        Some(_) => u64::MAX,
        None => number("ORDERS").unwrap_or(1_000_000),
    };
    let end = hours.map(|hours| Duration::from_secs(3_600 * hours));
    let (began, mut said) = (Instant::now(), Instant::now());
    let (mut orders, mut coverage) = (0_u64, Coverage::default());
    for seed in seed.. {
        let more = run(seed, Mutation::None).map_err(|_| {
            std::panic::set_hook(Box::new(|_| {})); // where it was a panic, that was told: not again for each run
            let again = format!("again: make simulate SEED={seed} ORDERS={ORDERS_PER_WORLD}");
            format!("{}\n{again}", told(seed, Mutation::None))
        })?;
        coverage.add(&more);
        orders += ORDERS_PER_WORLD as u64;
        let spent = began.elapsed();
        let enough = orders >= wanted || end.is_some_and(|end| spent >= end);
        if enough || said.elapsed() >= PROGRESS {
            said = Instant::now();
            let rate = orders as f64 / spent.as_secs_f64();
            say(&format!(
                "{orders} orders in {:.1} s, {rate:.0} a second; the last seed is {seed}",
                spent.as_secs_f64()
            ));
        }
        if enough {
            break;
        }
    }
    let mut missed = coverage.missed(&DANGERS);
    missed.extend(coverage.missed_at_scale());
    let mut text = coverage.table();
    let _never_fails = match missed.is_empty() {
        true => writeln!(text, "met: every fault, every transition, every refusal, every danger"),
        false => writeln!(text, "not met in {orders} orders:\n  {}", missed.join("\n  ")),
    };
    if missed.is_empty() || orders < AT_SCALE { Ok(text) } else { Err(text) }
}
