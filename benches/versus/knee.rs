//! `--knee`: how long an order takes where there is room: at 70% of the rate at which each contestant bends, a and b.
//!
//! The knee is looked for below what 64 clients make in a closed loop, with so many orders a second whatever becomes of them:
//! the rate of which the quotient by what an order takes (its median) is highest, which Kleinrock calls power ("Power and
//! deterministic rules of thumb", ICC 1979; Jain, The Art of Computer Systems Performance Analysis, 3.3).

use std::path::Path;

use serde::Serialize;

use crate::Outcome;
use crate::check::{Claim, check_rows};
use crate::child::Server;
use crate::cluster::Cluster;
use crate::contest::measured;
use crate::options::{Contestant, Options, Role, Shape, ShapeName};
use crate::report::{Figures, median};
use counterfoil_lab::load::crowd::Crowd;

/// Of the knee.
const SHARE: f64 = 0.7;
/// Of what a closed loop makes: where the knee is looked for.
pub const STEPS: [f64; 9] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// Clients of the closed loop; and how many orders may be under way where they come at their own pace.
pub const CLIENTS: (usize, usize) = (64, 256);
/// Of b's p99, each at its own rate.
const AT_MOST: f64 = 0.5;
const DATABASE: &str = "knee";

/// The rate at which most is made for what each order waits.
#[derive(Default)]
pub struct Knee {
    power: f64,
    pub rate: f64,
}

impl Knee {
    /// Takes in what one rate made.
    pub fn add(&mut self, figures: &Figures) {
        let power = figures.orders_per_s / figures.p50_ms;
        if power > self.power {
            (self.power, self.rate) = (power, figures.orders_per_s);
        }
    }
}

#[derive(Serialize)]
struct At {
    contestant: Contestant,
    capacity: f64,
    knee: f64,
    /// At which it was measured, orders a second.
    rate: f64,
    runs: Vec<Figures>,
}

/// Runs the mode; `false` where an answer or the rows are not what they should be.
pub async fn run(cluster: &Cluster, options: &Options, folder: &Path) -> Outcome<bool> {
    let mut wrong = Vec::new();
    let mut found = Vec::new();
    for contestant in [Contestant::Counterfoil, Contestant::Rival] {
        let mut paced = async |rate| {
            let (figures, faults) = paced(cluster, options, contestant, rate).await?;
            wrong.extend(faults);
            Outcome::Ok(figures)
        };
        let capacity = paced(None).await?.orders_per_s;
        // Power is flat near its top, so that noise moves what is found.
        let mut knees = Vec::new();
        for _ in 0..options.rounds() {
            let mut knee = Knee::default();
            for share in STEPS {
                knee.add(&paced(Some(capacity * share)).await?);
            }
            knees.push(knee.rate);
        }
        let knee = median(knees);
        println!("{:14} {capacity:.0} orders/s in a closed loop, the knee at {knee:.0}", contestant.name());
        found.push(At { contestant, capacity, rate: knee * SHARE, knee, runs: Vec::new() });
    }
    // And at the rate of b, too, which is the same for both.
    found.push(At { contestant: Contestant::Counterfoil, runs: Vec::new(), ..found[1] });
    // Side by side: two runs an hour apart differ by more than the contestants do.
    for _ in 0..options.rounds() {
        for at in &mut found {
            let (figures, faults) = paced(cluster, options, at.contestant, Some(at.rate)).await?;
            wrong.extend(faults);
            at.runs.push(figures);
        }
    }
    let p99 = |at: &At| median(at.runs.iter().map(|run| run.p99_ms).collect());
    for at in &found {
        let p50 = median(at.runs.iter().map(|run| run.p50_ms).collect());
        let (name, rate) = (at.contestant.name(), at.rate);
        println!("{name:14} at {rate:.0} orders/s: p50 {p50:.2} ms, p99 {:.2} ms", p99(at));
    }
    for (what, at) in [("each at 0.7 of its own knee", &found[0]), ("both at 0.7 of b's", &found[2])] {
        let ratio = p99(at) / p99(&found[1]);
        let reached = if ratio <= AT_MOST { "reached" } else { "MISSED " };
        println!("{reached}  of b's p99, {what:28} {ratio:>5.2} <= {AT_MOST}");
    }
    std::fs::write(folder.join("knee.json"), serde_json::to_vec_pretty(&found)?)?;
    wrong.iter().for_each(|wrong: &String| println!("WRONG: {wrong}"));
    Ok(wrong.is_empty())
}

/// What a contestant makes of so many orders a second; of a closed loop where there is no rate.
async fn paced(
    cluster: &Cluster,
    options: &Options,
    contestant: Contestant,
    rate: Option<f64>,
) -> Outcome<(Figures, Vec<String>)> {
    let url = cluster.fresh_database(DATABASE).await?;
    let role = if contestant == Contestant::Rival { Role::Rival } else { Role::Counterfoil };
    let server = Server::start(role, &[("--database-url", url.as_str())]).await?;
    cluster.checkpoint().await?;
    let clients = if rate.is_some() { CLIENTS.1 } else { CLIENTS.0 };
    let shape = Shape { name: ShapeName::Skus64, clients, skus: 1000, copies: 1, remote: false }.crowd(options.lines);
    let crowd = match rate {
        Some(rate) => Crowd::paced(server.address, &shape, rate).await?,
        None => Crowd::start(server.address, &shape).await?,
    };
    let (figures, tally) = measured(cluster, options, &server, crowd).await?;
    server.stop().await?;
    let mut faults = check_rows(&url, &Claim { orders: tally.placed, units: tally.units }).await?;
    faults.extend(tally.complaints);
    cluster.drop_database(DATABASE).await?;
    Ok((figures, faults))
}
