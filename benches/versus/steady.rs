//! `--steady`: whether a server and its database stay as they are under full load, for `--seconds`.
//!
//! Every five seconds it is looked how many orders were placed, how much memory the server has, and how many rows of each table
//! are dead. The first tenth is for what fills up once: connections, caches, the pages that an allocator keeps. Of the rest the
//! last third is held against the first.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::time::sleep;

use crate::Outcome;
use crate::check::{Claim, check_rows};
use crate::child::Server;
use crate::cluster::{Cluster, connect};
use crate::options::{Options, Role};
use crate::report::median;
use counterfoil_lab::load::crowd::Crowd;
use counterfoil_lab::usage::resident_bytes;

const DATABASE: &str = "steady";
const LOOK: Duration = Duration::from_secs(5);
/// What the last third may have of the first: memory at most, orders a second at least.
const BOUNDS: (f64, f64) = (1.1, 0.85);

#[derive(Serialize)]
struct Seen {
    seconds: f64,
    orders_per_s: f64,
    resident_mib: f64,
    /// Dead rows, by table; those that never had one are left out.
    dead: BTreeMap<String, i64>,
    vacuums: i64,
}

/// Runs the mode; `false` where an answer or the rows are not what they should be.
pub async fn run(cluster: &Cluster, options: &Options, folder: &Path) -> Outcome<bool> {
    let mut wrong = Vec::new();
    let mut found = BTreeMap::new();
    for shape in options.shapes().into_iter().filter(|shape| !shape.remote) {
        let url = cluster.fresh_database(DATABASE).await?;
        let server = Server::start(Role::Counterfoil, &[("--database-url", url.as_str())]).await?;
        let eyes = connect(&url).await?;
        cluster.checkpoint().await?;
        let crowd = Crowd::start(server.address, &shape.crowd(options.lines)).await?;
        crowd.begin();
        let begun = Instant::now();
        let mut seen: Vec<Seen> = Vec::new();
        let mut last = (begun, 0);
        while begun.elapsed() < options.measured() {
            sleep(LOOK).await;
            let now = (Instant::now(), crowd.placed());
            let sql = "SELECT relname::text, n_dead_tup, autovacuum_count FROM pg_stat_user_tables";
            let rows = eyes.query(sql, &[]).await?;
            let dead = rows.iter().map(|row| (row.get::<_, String>(0), row.get::<_, i64>(1)));
            seen.push(Seen {
                seconds: (now.0 - begun).as_secs_f64(),
                orders_per_s: (now.1 - last.1) as f64 / (now.0 - last.0).as_secs_f64(),
                resident_mib: resident_bytes(server.pid)? as f64 / f64::from(1 << 20),
                dead: dead.filter(|(_, rows)| *rows > 0).collect(),
                vacuums: rows.iter().map(|row| row.get::<_, i64>(2)).sum(),
            });
            last = now;
        }
        crowd.end();
        let tally = crowd.finish().await?;
        server.stop().await?;
        wrong.extend(check_rows(&url, &Claim { orders: tally.placed, units: tally.units }).await?);
        wrong.extend(tally.complaints);
        drop(eyes);
        cluster.drop_database(DATABASE).await?;
        println!("\n{shape}, {} s: {} orders", options.measured().as_secs(), tally.placed);
        print(&seen);
        found.insert(shape.name.word(), seen);
    }
    std::fs::write(folder.join("steady.json"), serde_json::to_vec_pretty(&found)?)?;
    wrong.iter().for_each(|wrong: &String| println!("WRONG: {wrong}"));
    Ok(wrong.is_empty())
}

fn print(seen: &[Seen]) {
    let seen = &seen[seen.len() / 10..];
    let third = seen.len() / 3;
    if third == 0 {
        return println!("too short for a comparison");
    }
    let of = |part: &[Seen], figure: fn(&Seen) -> f64| median(part.iter().map(figure).collect());
    let (first, last) = (&seen[..third], &seen[seen.len() - third..]);
    let memory = (of(first, |seen| seen.resident_mib), of(last, |seen| seen.resident_mib));
    let rate = (of(first, |seen| seen.orders_per_s), of(last, |seen| seen.orders_per_s));
    let reached = |holds| if holds { "reached" } else { "MISSED " };
    let (grown, kept) = (memory.1 / memory.0, rate.1 / rate.0);
    println!(
        "{}  memory {:.1} to {:.1} MiB: {grown:.2} <= {}",
        reached(grown <= BOUNDS.0),
        memory.0,
        memory.1,
        BOUNDS.0
    );
    println!("{}  orders/s {:.0} to {:.0}: {kept:.2} >= {}", reached(kept >= BOUNDS.1), rate.0, rate.1, BOUNDS.1);
    let mut most: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (part, place) in [(first, 0), (last, 1)] {
        for (table, rows) in part.iter().flat_map(|seen| &seen.dead) {
            let most = most.entry(table).or_default();
            let most = if place == 0 { &mut most.0 } else { &mut most.1 };
            *most = (*most).max(*rows);
        }
    }
    let vacuums = seen.last().map_or(0, |seen| seen.vacuums);
    for (table, (first, last)) in most {
        println!("dead rows of {table}: {first} at most in the first third, {last} in the last");
    }
    println!("{vacuums} automatic vacuums");
}
