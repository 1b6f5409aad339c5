//! CPU and WAL before and after: what an order costs, and whom.

use std::fs;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::cluster::Cluster;

/// /proc counts in USER_HZ, which is 100 for every program on Linux, whatever the kernel ticks at (`man 5 proc`).
const TICK: Duration = Duration::from_millis(10);

/// All counters at one moment.
#[derive(Clone, Copy)]
pub struct Reading {
    pub at: Instant,
    /// The postmaster and all its children, those that have ended included.
    pub postgres: Duration,
    /// The contestant's server; zero where it has none.
    pub server: Duration,
    pub load: Duration,
    pub wal_bytes: u64,
}

impl Reading {
    /// Reads the counters of PostgreSQL, of the server process if there is one, and of the process that makes the load.
    pub async fn take(cluster: &Cluster, server: Option<u32>, load: u32) -> Outcome<Self> {
        Ok(Self {
            wal_bytes: cluster.wal_bytes().await?,
            postgres: family_cpu(cluster.postmaster())?,
            server: server.map_or(Ok(Duration::ZERO), own_cpu)?,
            load: own_cpu(load)?,
            at: Instant::now(),
        })
    }
}

/// The memory of a process that is in RAM, from /proc/PID/status.
pub fn resident_bytes(pid: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok(kib.ok_or("an unreadable /proc/PID/status")?.parse::<u64>()? * 1024)
}

/// The CPU of a process, of all its threads.
pub fn own_cpu(pid: u32) -> Outcome<Duration> {
    let [user, system, ..] = cpu_ticks(pid)?;
    Ok(TICK * (user + system))
}

/// The CPU of a process and its children. One that ends in between moves from its own counter to its parent's.
fn family_cpu(parent: u32) -> Outcome<Duration> {
    let mut ticks: u32 = cpu_ticks(parent)?.iter().sum();
    for child in children(parent)? {
        // It may have ended since it was listed; then its parent's counter was read too early, by one backend.
        if let Ok([user, system, ..]) = cpu_ticks(child) {
            ticks += user + system;
        }
    }
    Ok(TICK * ticks)
}

fn children(parent: u32) -> Outcome<Vec<u32>> {
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
    list.split_whitespace().map(|pid| Ok(pid.parse()?)).collect()
}

/// utime, stime, cutime and cstime: fields 14 to 17 of /proc/PID/stat, the last two of children that were waited for.
fn cpu_ticks(pid: u32) -> Outcome<[u32; 4]> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Field 2 is the command's name in brackets, which may hold spaces; the third one follows the last bracket.
    let (_, fields) = stat.rsplit_once(") ").ok_or("an unreadable /proc/PID/stat")?;
    let mut ticks = fields.split(' ').skip(11).map(str::parse);
    let mut next = || -> Outcome<u32> { Ok(ticks.next().ok_or("a short /proc/PID/stat")??) };
    Ok([next()?, next()?, next()?, next()?])
}
