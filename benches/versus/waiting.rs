//! What an order costs that waits in flight: so many orders are submitted with `Prefer: respond-async`, their charge is
//! answered 202 or 500, and the next try is far away. The growth of the server's resident memory, an order, is printed.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::time::sleep;

use crate::Outcome;
use crate::child::Server;
use crate::cluster::{Cluster, connect};
use crate::options::Role;
use crate::participants::{Mood, count};
use counterfoil_lab::load::crowd::Connection;
use counterfoil_lab::load::request::LoadRequest;
use counterfoil_lab::usage::resident_bytes;

/// What an order may cost.
const MAX_BYTES: f64 = 2048.0;
/// Orders before the first reading: connections, statements, the pages of every pool and cache.
const WARM_UP: u64 = 2_000;
const CLIENTS: u64 = 64;
/// An answer is wanted at once, and is that it is under way.
pub const LATER: (&str, u16) = ("prefer: respond-async\r\n", 202);
/// How long the last orders may take until their charges were answered.
const PATIENCE: Duration = Duration::from_secs(120);
/// The pause before the next try: the longest that the configuration takes.
pub const RETRY_MS: &str = "600000";
/// Memory is read when it has been still for so long.
const STILL: Duration = Duration::from_secs(1);

/// Runs the mode; `false` where an order costs more than it may, or is not where it should be.
pub async fn run(cluster: &Cluster, orders: u64) -> Outcome<bool> {
    let url = cluster.fresh_database("waiting").await?;
    let participants = Server::start(Role::Participants, &[("--mood", Mood::Never.argument())]).await?;
    let at = participants.url();
    let arguments = [("--database-url", url.as_str()), ("--participants", &at), ("--retry-ms", RETRY_MS)];
    let server = Server::start(Role::Counterfoil, &arguments).await?;
    submit(&server, LATER, 1, WARM_UP).await?;
    settle(&at, &url, WARM_UP).await?;
    let before = resident_bytes(server.pid)?;
    let begun = Instant::now();
    submit(&server, LATER, WARM_UP + 1, orders).await?;
    settle(&at, &url, WARM_UP + orders).await?;
    let elapsed = begun.elapsed() - STILL;
    let after = resident_bytes(server.pid)?;
    let waiting = waiting(&url).await?;
    server.stop().await?;
    participants.stop().await?;
    cluster.drop_database("waiting").await?;

    // Far below 2^52.
    let each = after.saturating_sub(before) as f64 / orders as f64;
    let (mib, rate) = (|bytes: u64| bytes as f64 / f64::from(1 << 20), orders as f64 / elapsed.as_secs_f64());
    println!("\n{orders} orders waiting in flight, submitted at {rate:.0} orders/s");
    println!("resident memory of the server {:.1} MiB before, {:.1} MiB after", mib(before), mib(after));
    let reached = if each <= MAX_BYTES { "reached" } else { "MISSED " };
    println!("{reached}  B an order {each:>9.0} <= {MAX_BYTES:.0}");
    if waiting != WARM_UP + orders {
        println!("WRONG: {waiting} orders wait for their charge, of {}", WARM_UP + orders);
    }
    Ok(waiting == WARM_UP + orders)
}

/// Submits the orders `first`, `first + 1`, ... from many connections, with these further headers, and hears this status for
/// each. The SKU of an order follows from its number.
pub async fn submit(server: &Server, (headers, status): (&str, u16), first: u64, orders: u64) -> Outcome<()> {
    let client = |client: u64| async move {
        let mut connection = Connection::open(server.address).await?;
        let mut request = LoadRequest::with_header(1, headers);
        for number in (first + client..first + orders).step_by(CLIENTS as usize) {
            request.set(number, number % 1000);
            connection.exchange(request.bytes()).await?;
            if connection.status() != status {
                let body = String::from_utf8_lossy(connection.body()).into_owned();
                return Err(format!("order {number}: {} {body}", connection.status()).into());
            }
        }
        Outcome::Ok(())
    };
    try_join_all((0..CLIENTS).map(client)).await?;
    Ok(())
}

/// Waits until so many charges were asked for, and each of them is put off.
pub async fn settle(participants: &str, url: &str, charges: u64) -> Outcome<()> {
    let deadline = Instant::now() + PATIENCE;
    while count(participants).await?.charges < charges || waiting(url).await? < charges {
        if Instant::now() > deadline {
            let (asked, waiting) = (count(participants).await?, waiting(url).await?);
            return Err(format!("of {charges} charges {asked:?} were asked for, and {waiting} put off").into());
        }
        sleep(Duration::from_millis(250)).await;
    }
    sleep(STILL).await;
    Ok(())
}

/// How many orders are in flight, each with its charge due and its next try far away. What was accepted is no attempt; on a
/// busy machine the lease of some ends before they are put off, and their charge is sent twice.
async fn waiting(url: &str) -> Outcome<u64> {
    let sql = "SELECT count(*) FROM orders JOIN payments p USING (order_id) JOIN order_work w USING (order_id)
               WHERE state = 'INVENTORY_RESERVED' AND p.status = 'intended' AND w.attempts BETWEEN 0 AND 2
                 AND w.wake_at > clock_timestamp() + interval '1 minute'";
    let row = connect(url).await?.query_one(sql, &[]).await?;
    Ok(row.get::<_, i64>(0).try_into()?)
}
