//! Promise: what holds for each fault alone holds for all of them together. Two engines and their participants serve a
//! few hundred orders and verbs while calls fail at random and one process after the other is killed, asked to end or
//! put to sleep. Every client gets one answer and the same one again, and the books of both sides agree.
//!
//! `COUNTERFOIL_SEED` says which storm; what fails names its seed.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use counterfoil::client::Client;
use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::json;

use crate::support::engine::PATIENCE;
use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order};

const SETUP: Setup = Setup { lease_ms: 1_500, step_timeout_ms: 700, attempts: 200, ..Setup::USUAL };
/// Calls that fail, as a share of all, each key in its own way.
const RATES: &[&str] = &[
    "--seed",
    "11",
    "--rate-error",
    "0.08",
    "--rate-error-after",
    "0.05",
    "--rate-timeout",
    "0.03",
    "--rate-slow",
    "0.1",
    "--slow-ms",
    "300",
];
const CLIENTS: usize = 20;
const ORDERS: usize = 10;

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Dice(Cell<u64>);

impl Dice {
    fn below(&self, bound: u64) -> u64 {
        self.0.set(self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let z = self.0.get();
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// An order, and what its client says to it, whether or not it makes sense then.
fn conversation(dice: &Dice, id: &str) -> (Asked, Vec<Asked>) {
    let method = match dice.below(8) {
        0 => "pm_declined",
        1 => "pm_slow_200",
        2 => "pm_refund_error_2",
        3 => "pm_timeout_after_charge",
        _ => "pm_ok",
    };
    let postal_code = match dice.below(6) {
        0 => "SHIP-FAIL",
        1 => "SHIP-SLOW-200",
        _ => "1",
    };
    let submit = Asked::submit(order(id, method, postal_code, dice.below(4) == 0));
    let verbs = (0..dice.below(4)).map(|n| {
        let verb = match dice.below(3) {
            0 => Asked::verb(id, "cancel", json!({"reason": "x"})),
            1 => Asked::verb(id, "capture", json!({"amount": 1_000 + dice.below(3_000)})),
            _ => Asked::verb(id, "refunds", json!({"amount": 1 + dice.below(3_000), "reason": "x"})),
        };
        Asked { key: Some(format!("{n}")), ..verb }
    });
    (submit, verbs.collect())
}

/// One client: for each order, says everything at once or one after the other, and then everything again.
async fn client(dice: &Dice, name: usize, engines: &RefCell<[Client; 2]>) {
    let engine = |try_: usize| engines.borrow()[(name + try_) % 2].clone();
    for n in 0..ORDERS {
        let (submit, verbs) = conversation(dice, &format!("S-{name}-{n}"));
        if dice.below(2) == 0 {
            submit.clone().async_().try_send(&engine(0)).await;
        }
        let all: Vec<&Asked> = std::iter::once(&submit).chain(&verbs).collect();
        let mut answers = Vec::new();
        if dice.below(2) == 0 {
            // The order has to be there before anything can be said to it.
            let deadline = Instant::now() + 2 * PATIENCE;
            while submit.clone().async_().try_send(&engine(1)).await.is_none_or(|answer| answer.status == 503) {
                assert!(Instant::now() < deadline, "{} is never there", submit.path);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            answers.extend(join_all(all.iter().map(|asked| asked.until_final_at(engine))).await);
        } else {
            for asked in &all {
                answers.push(asked.until_final_at(engine).await);
            }
        }
        for (asked, first) in all.iter().zip(&answers) {
            let again = asked.until_final_at(|try_| engine(try_ + 1)).await;
            assert_eq!((again.status, &again.body), (first.status, &first.body), "{} {:?}", asked.path, asked.key);
            assert!(again.is_replayed(), "{} {:?}", asked.path, asked.key);
        }
    }
}

/// One mishap after the other, each to its end, until the clients are done.
async fn mishaps(
    dice: &Dice,
    site: &Site,
    participants: &mut Participants,
    fleet: &mut [Engine; 2],
    engines: &RefCell<[Client; 2]>,
    done: &Cell<bool>,
) {
    while !done.get() {
        tokio::time::sleep(Duration::from_millis(200 + dice.below(600))).await;
        let which = usize::from(dice.below(2) == 0);
        match dice.below(5) {
            0 => participants.kill_and_restart().await,
            1 => {
                fleet[which].process.signal(Signal::STOP).expect("put it to sleep");
                tokio::time::sleep(Duration::from_millis(SETUP.lease_ms + 300)).await;
                fleet[which].process.signal(Signal::CONT).expect("wake it up");
            }
            2 => {
                let status = fleet[which].terminate().await;
                assert_eq!(status, Some(0), "an orderly end: {}", fleet[which].log());
                fleet[which] = site.engine().await;
            }
            _ => {
                fleet[which].kill();
                fleet[which] = site.engine().await;
            }
        }
        engines.borrow_mut()[which] = fleet[which].client();
    }
}

#[tokio::test]
async fn a_storm_does_no_harm() {
    let seed = std::env::var("COUNTERFOIL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    eprintln!("COUNTERFOIL_SEED={seed}");
    let dice = Dice(Cell::new(seed));
    let mut participants = Participants::behaving(RATES).await;
    let site = Site::new(&participants.program.url, SETUP).await;
    let mut fleet = [site.engine().await, site.engine().await];
    let engines = RefCell::new(fleet.each_ref().map(|engine| engine.client()));
    let done = Cell::new(false);
    let clients = async {
        join_all((0..CLIENTS).map(|name| client(&dice, name, &engines))).await;
        done.set(true);
    };
    tokio::join!(clients, mishaps(&dice, &site, &mut participants, &mut fleet, &engines, &done));
    // What waits for its capture is called off.
    let database = site.database.client().await;
    let waiting = database.query("SELECT order_id FROM orders WHERE state = 'PAYMENT_AUTHORIZED'", &[]).await.unwrap();
    for row in waiting {
        let cancel = Asked::verb(row.get(0), "cancel", json!({"reason": "the end"}));
        let cancel = Asked { key: Some("the-end".into()), ..cancel };
        let answer = cancel.until_final_at(|try_| engines.borrow()[try_ % 2].clone()).await;
        assert_eq!(answer.status, 201, "{}: {:?}", cancel.path, answer.body);
    }
    site.until_ended(CLIENTS * ORDERS).await;
    site.judge(&participants).await;
}
