//! The simulator. The engine's own step functions (shard and order), the reference store, the local participants, the state
//! machine that stands for the remote ones, and the sinks of its events, under a simulated clock and scheduler. Each world has
//! its seed, its choice of remote participants, 50 orders and about 150 requests of clients; first things go wrong, then nothing
//! does, and everybody must have an answer, every order an end, and every event must have been told.
//!
//! `tests/simulation/mod.rs` runs it for seconds and breaks it on purpose; `make simulate` runs it for a night.

mod calls;
pub mod chance;
mod clients;
pub mod coverage;
mod engines;
pub mod judge;
mod mail;
mod rng;
pub mod shrink;
mod sinks;
pub mod transitions;
pub mod world;
mod writes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use counterfoil::engine::Retry;
use counterfoil::ports::{Driver, Intent, StockChange, Store};
use counterfoil::saga::{Client, Plan, Sku};
use counterfoil::store::model::ModelStore;
use futures_util::FutureExt;
use uuid::Uuid;

use super::outside::Broken;
use super::saga::Own;
use chance::{Chaos, Fault};
use coverage::Coverage;
use judge::Violation;
use shrink::Subject;
use world::World;

pub const ORDERS_PER_WORLD: usize = 50;

/// How a world is set up.
#[derive(Debug, Clone, Copy)]
pub struct Conditions {
    /// Which participants are remote.
    plan: Plan,
    /// The steps of one's own.
    own: Own,
    lease: Duration,
    step_timeout: Duration,
    retry: Retry,
    reservation_ttl: Duration,
    authorized_ttl: Duration,
    /// Of the payment provider's keys; for ever where there is none.
    key_lifetime: Option<Duration>,
    /// Of the provider's authorisations; for ever where there is none.
    provider_ttl: Option<Duration>,
    /// Of each SKU in the remote warehouse.
    stock: Option<i64>,
}

impl Conditions {
    fn of(seed: u64) -> Self {
        let mut rng = rng::Rng::new(seed.rotate_left(32));
        let ms = Duration::from_millis;
        let attempts = 2 + i16::try_from(rng.below(3)).expect("small");
        Self {
            plan: Plan(i16::try_from(seed % 8).expect("small")),
            own: [Own::None, Own::Check, Own::None, Own::Points, Own::None, Own::Five][(seed / 8 % 6) as usize],
            lease: ms(250),
            step_timeout: ms(100),
            retry: Retry { first: ms(20), factor: 2.0, max: ms(100), attempts },
            reservation_ttl: ms(*rng.pick(&[300, 1_500])),
            authorized_ttl: ms(*rng.pick(&[600, 2_500])),
            key_lifetime: rng.one_in(4).then_some(ms(1_200)),
            provider_ttl: rng.one_in(4).then_some(ms(400)),
            stock: rng.one_in(3).then_some(40),
        }
    }

    fn driver(&self, node: Uuid) -> Driver {
        let Self { lease, reservation_ttl, authorized_ttl, .. } = *self;
        Driver { node, lease, reservation_ttl, authorized_ttl, intent: Intent::Same, look_first: false }
    }
}

/// What the simulation breaks on purpose, to show that it would find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// Nothing.
    None,
    /// The store takes an order that is there for a new one.
    IgnoresAbsentGuard,
    /// The store does not bind keys.
    DropsKeys,
    /// The store confirms what it never writes.
    AnswersBeforeCommit,
    /// The shard believes an actor that it had given up.
    ForgetsGenerations,
    /// The store says an outcome once more, whenever.
    EchoesLate,
    /// The store writes whatever version it finds.
    IgnoresVersions,
    /// The participants take a repeat for a new call.
    ForgetsKeys,
    /// The participants keep no trace of an undo that comes first.
    KeepsNoTombstones,
    /// A timeout counts as a refusal.
    TakesUnknownForRefused,
    /// What a participant has only accepted counts as done.
    TakesPendingForDone,
    /// A refund counts against the charge only once it is given back.
    CountsRefundsLate,
    /// An order goes on though it waits for a human.
    PursuesAttention,
    /// A sink takes from whom it was taken from.
    ForgetsFences,
    /// A sink has its cursor before its events.
    MovesCursorsFirst,
    /// A relay knows the highest number that it read, and not what was open then.
    RemembersTheHighest,
    /// Whoever likes goes on with whatever order. Harmless: no promise rests on a lease.
    IgnoresLeases,
}

impl Mutation {
    fn outside(self) -> Broken {
        Broken { forgets_keys: self == Self::ForgetsKeys, keeps_no_tombstones: self == Self::KeepsNoTombstones }
    }

    /// Whether rows are broken on purpose, so that only the books can show the harm.
    fn breaks_rows(self) -> bool {
        matches!(self, Self::IgnoresVersions | Self::CountsRefundsLate)
    }
}

/// Puts stock on a shelf.
pub fn stock(store: &ModelStore, sku: &str, on_hand: i64) {
    let change = store.change_stock(Sku::trusted(sku), StockChange::Set(on_hand), Client::anonymous());
    change.now_or_never().expect("the model does not wait").expect("set the stock");
}

/// The world of a seed.
pub fn subject(seed: u64, mutation: Mutation) -> Subject {
    let chaos = Chaos::of(seed);
    let chaos = match mutation {
        Mutation::ForgetsGenerations => chaos.with(Fault::ActorHang, 5), // what it breaks are dead ones that speak
        _ => chaos,
    };
    Subject { seed, orders: ORDERS_PER_WORLD, chaos, mutation }
}

/// A panic of the engine's is a violation like any other.
fn attempt(world: &mut World) -> Result<(), Violation> {
    let run = AssertUnwindSafe(|| world.run());
    catch_unwind(run).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(format!("a panic: {}", text.unwrap_or("of no words")))
    })
}

/// Runs a world; what it came by, or what was violated.
pub fn run(seed: u64, mutation: Mutation) -> Result<Coverage, Violation> {
    let Subject { orders, chaos, .. } = subject(seed, mutation);
    let mut world = World::new(seed, orders, chaos, mutation);
    attempt(&mut world)?;
    Ok(world.into_coverage())
}

/// The same world again, and what is left of its failure once all is left out that it does without.
pub fn told(seed: u64, mutation: Mutation) -> String {
    subject(seed, mutation).shrink().map_or("it does not fail again".into(), |shrunk| shrunk.to_string())
}

/// Every danger that a run of some length must have met.
pub const DANGERS: [&str; 70] = [
    "actors that died",
    "actors that hung",
    "answers heard beside another",
    "answers that came late",
    "answers that were lost",
    "calls left for later",
    "calls that timed out",
    "calls that were pending",
    "calls to nobody",
    "cancels by operators",
    "deadlines that passed",
    "effects behind the timeout",
    "effects whose caller is gone",
    "engines that died",
    "engines that left in order",
    "forced cancels",
    "guards that held",
    "inventory.rejected",
    "inventory.released",
    "keys that were known",
    "late replies",
    "look-ups",
    "order.attention",
    "order.cancelled",
    "order.compensating",
    "order.completed",
    "order.forced",
    "order.resumed",
    "order.skipped",
    "orders claimed",
    "orders past the pivot",
    "orders set aside by the sweep",
    "orders taken by a commit",
    "orders that moved while somebody asked",
    "outcomes that were lost",
    "participants that failed before their effect",
    "participants that failed behind their effect",
    "participants that stayed away",
    "payment.authorized",
    "payment.capturing",
    "payment.declined",
    "payment.refund_refused",
    "payment.refunded",
    "payment.refunding",
    "payment.unknown",
    "payment.voided",
    "pending calls that were done",
    "pending calls that were refused",
    "pending calls that were undone first",
    "quarantines",
    "repeats of a pending call",
    "requests that came late",
    "requests that came twice",
    "requests that were lost",
    "retries by operators",
    "shards that died",
    "shipment.cancelled",
    "shipment.failed",
    "shipments that were past cancelling",
    "step.done",
    "step.refused",
    "step.skipped",
    "step.undone",
    "steps refused",
    "tombstones",
    "undos refused",
    "webhooks",
    "webhooks of what was decided",
    "webhooks that came late",
    "webhooks that were lost",
];

pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}
