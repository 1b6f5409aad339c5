//! CPU and WAL before and after: what an order costs, and whom.

use std::time::{Duration, Instant};

use counterfoil_lab::usage::{family_cpu, own_cpu};

use crate::Outcome;
use crate::cluster::Cluster;

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
