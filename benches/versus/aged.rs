//! What orders cost where many have been before: the same load on tables with so many finished orders, in one database that
//! grows, with order_ids that come in order of time or scattered over all of them.
//!
//! The finished orders are copies of one that the server itself made, under other ids; their indexes are dropped and made
//! anew, which takes a tenth of the time and leaves them as a shop's are after a `REINDEX`.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tokio_postgres::Client;

use crate::Outcome;
use crate::check::{Claim, STOCK_EACH, check_rows};
use crate::child::Server;
use crate::cluster::{Cluster, connect};
use crate::contest::measured;
use crate::options::{Options, Role, Shape};
use crate::participants::Mood;
use crate::report::Figures;
use crate::waiting;
use counterfoil_lab::load::crowd::{Connection, Crowd};
use counterfoil_lab::load::request::{Ids, LoadRequest, QUANTITY};

const DATABASE: &str = "aged";
/// Tables that an order which ends in its one commit has a row in.
const TABLES: [&str; 3] = ["orders", "payments", "order_events"];
/// Rows of one INSERT.
const AT_ONCE: u64 = 250_000;
/// What a figure may lose on full tables.
const AT_LEAST: f64 = 0.85;

/// What is there already.
#[derive(Serialize, Clone, Copy, PartialEq)]
struct Before {
    finished: u64,
    /// Orders that wait for a provider.
    open: u64,
    skus: u64,
}

#[derive(Serialize)]
struct Aged {
    #[serde(flatten)]
    before: Before,
    ids: Ids,
    shape: Shape,
    bytes_on_disk: i64,
    #[serde(flatten)]
    figures: Figures,
}

/// Runs the mode; `false` where rows are not what they should be.
pub async fn run(cluster: &Cluster, options: &Options, folder: &Path) -> Outcome<bool> {
    let mut bench = Bench { cluster, options, found: Vec::new(), wrong: Vec::new() };
    for ids in options.ids() {
        let url = cluster.fresh_database(DATABASE).await?;
        let template = template(&url).await?;
        let mut claim = Claim { orders: 1, units: QUANTITY };
        let mut before = Before { finished: 0, open: 0, skus: SKUS };
        for &finished in &options.aged {
            grow(&connect(&url).await?, &template, (before.finished, finished), ids).await?;
            claim.orders += finished.saturating_sub(before.finished);
            before.finished = before.finished.max(finished);
            bench.measure(&url, before, ids, &mut claim).await?;
        }
        if options.open > 0 {
            wait_for_ever(&url, options.open, ids).await?;
            claim.orders += options.open;
            before.open = options.open;
            bench.measure(&url, before, ids, &mut claim).await?;
        }
        if options.skus > SKUS {
            let stock = format!(
                "INSERT INTO inventory (sku, on_hand) SELECT 'SKU-' || lpad(n::text, 6, '0'), {STOCK_EACH}
                 FROM generate_series({SKUS} + 1, $1::int8) n"
            );
            connect(&url).await?.execute(&stock, &[&i64::try_from(options.skus)?]).await?;
            before.skus = options.skus;
            bench.measure(&url, before, ids, &mut claim).await?;
        }
        cluster.drop_database(DATABASE).await?;
    }
    std::fs::write(folder.join("aged.json"), serde_json::to_vec_pretty(&bench.found)?)?;
    bench.wrong.iter().for_each(|wrong| println!("WRONG: {wrong}"));
    Ok(bench.wrong.is_empty())
}

struct Bench<'a> {
    cluster: &'a Cluster,
    options: &'a Options,
    found: Vec<Aged>,
    wrong: Vec<String>,
}

impl Bench<'_> {
    /// The load of each shape on what is there.
    async fn measure(&mut self, url: &str, before: Before, ids: Ids, claim: &mut Claim) -> Outcome<()> {
        let options = self.options;
        for shape in options.shapes().into_iter().filter(|shape| !shape.remote) {
            self.cluster.checkpoint().await?;
            let server = Server::start(Role::Counterfoil, &[("--database-url", url)]).await?;
            // Behind all that were there, whatever another shape has placed.
            let first = NUMBERS * (1 + self.found.len() as u64) + 1;
            let mut load = shape.crowd(options.lines);
            load.skus = if load.skus > 1 { before.skus } else { 1 };
            let crowd = Crowd::of_ids(server.address, &load, ids, first).await?;
            let (figures, tally) = measured(self.cluster, options, &server, crowd).await?;
            server.stop().await?;
            (claim.orders, claim.units) = (claim.orders + tally.placed, claim.units + tally.units);
            self.wrong.extend(check_rows(url, claim).await?);
            self.wrong.extend(tally.complaints);
            let size = "SELECT pg_database_size(current_database())";
            let bytes_on_disk = connect(url).await?.query_one(size, &[]).await?.get(0);
            self.found.push(Aged { before, ids, shape, bytes_on_disk, figures });
            print(&self.found);
        }
        Ok(())
    }
}

/// Has so many orders wait for a payment provider that never says what became of its charge, each held back for a day.
async fn wait_for_ever(url: &str, open: u64, ids: Ids) -> Outcome<()> {
    let participants = Server::start(Role::Participants, &[("--mood", Mood::Never.argument())]).await?;
    let at = participants.url();
    let arguments = [("--database-url", url), ("--participants", &at), ("--retry-ms", waiting::RETRY_MS)];
    let server = Server::start(Role::Counterfoil, &arguments).await?;
    waiting::submit(&server, waiting::LATER, OPEN, 1).await?;
    waiting::settle(&at, url, 1).await?;
    server.stop().await?;
    participants.stop().await?;
    let client = connect(url).await?;
    let template = format!("ORD-{OPEN:010}");
    let long = "UPDATE order_work SET wake_at = clock_timestamp() + interval '1 day' WHERE order_id = $1";
    client.execute(long, &[&template]).await?;
    for table in TABLES.into_iter().chain(["order_work"]) {
        let sql = copy(&client, table, &template, ids).await?;
        client.execute(&sql, &[&i64::try_from(OPEN + 1)?, &i64::try_from(OPEN + open - 1)?]).await?;
    }
    let reserved = "UPDATE inventory SET reserved = reserved + $1::int8 WHERE reserved > 0";
    client.execute(reserved, &[&i64::try_from((open - 1) * QUANTITY)?]).await?;
    for table in ["inventory", "order_work"] {
        client.batch_execute(&format!("VACUUM (ANALYZE) {table}")).await?;
    }
    Ok(())
}

/// The number of the first of those: behind those that have finished before, and before those that a load places.
const OPEN: u64 = NUMBERS - 1_000_000;
/// What the server has in stock by itself.
const SKUS: u64 = 1_000;

/// How many numbers each run of a load has for its orders.
const NUMBERS: u64 = 100_000_000;

/// Has the server make one order, which all others are copies of.
async fn template(url: &str) -> Outcome<String> {
    let server = Server::start(Role::Counterfoil, &[("--database-url", url)]).await?;
    let mut request = LoadRequest::new(1);
    request.set(0, 0);
    let mut connection = Connection::open(server.address).await?;
    connection.exchange(request.bytes()).await?;
    if connection.status() != 201 {
        return Err(format!("the first order was answered {}", connection.status()).into());
    }
    server.stop().await?;
    Ok(String::from_utf8_lossy(request.order_id()).into_owned())
}

/// Copies it under other ids, from so many on to so many.
async fn grow(client: &Client, template: &str, (from, to): (u64, u64), ids: Ids) -> Outcome<()> {
    if to <= from {
        return Ok(());
    }
    let bar = ProgressBar::new(to - from);
    bar.set_style(ProgressStyle::with_template("{pos:>9}/{len} finished orders {msg}")?);
    let constraints = "SELECT c.conrelid::regclass::text, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
         WHERE conrelid = ANY ($1::text[]::regclass[]) AND contype IN ('p', 'u')";
    let indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY ($1)";
    let tables = TABLES.map(str::to_owned).to_vec();
    let constraints = client.query(constraints, &[&tables]).await?;
    client.batch_execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'").await?;
    for row in &constraints {
        let (table, name): (&str, &str) = (row.get(0), row.get(1));
        client.batch_execute(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await?;
    }
    let indexes = client.query(indexes, &[&tables]).await?;
    for row in &indexes {
        client.batch_execute(&format!("DROP INDEX {}", row.get::<_, &str>(0))).await?;
    }
    let mut copies = Vec::new();
    for table in TABLES {
        copies.push((table, copy(client, table, template, ids).await?));
    }
    for first in (from..to).step_by(AT_ONCE as usize) {
        let last = (first + AT_ONCE).min(to);
        for (table, sql) in &copies {
            bar.set_message(*table);
            client.execute(sql.as_str(), &[&i64::try_from(first + 1)?, &i64::try_from(last)?]).await?;
        }
        bar.inc(last - first);
    }
    bar.set_message("are indexed");
    for row in &constraints {
        let (table, name, definition): (&str, &str, &str) = (row.get(0), row.get(1), row.get(2));
        client.batch_execute(&format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")).await?;
    }
    for row in &indexes {
        client.batch_execute(row.get(1)).await?;
    }
    bar.set_message("are vacuumed");
    for table in TABLES {
        client.batch_execute(&format!("VACUUM (ANALYZE) {table}")).await?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// The statement that copies the order's row of a table: wherever its id stands in a text the copy's stands instead.
async fn copy(client: &Client, table: &str, template: &str, ids: Ids) -> Outcome<String> {
    let columns = "SELECT column_name::text, data_type::text FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
    let columns = client.query(columns, &[&table]).await?;
    let names: Vec<&str> = columns.iter().map(|row| row.get(0)).collect();
    let values = columns.iter().map(|row| match (row.get::<_, &str>(0), row.get::<_, &str>(1)) {
        (name, "text") => format!("replace(t.{name}, '{template}', n.id)"),
        (name, _) => format!("t.{name}"),
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let id = match ids {
        Ids::Time => "g".to_owned(),
        Ids::Random => format!("mod(g::numeric * {}, {})", Ids::STEP, Ids::ALL),
    };
    Ok(format!(
        "INSERT INTO {table} ({}) SELECT {values}
         FROM (SELECT * FROM {table} WHERE order_id = '{template}' LIMIT 1) t,
             (SELECT 'ORD-' || lpad(({id})::text, 10, '0') AS id FROM generate_series($1::int8, $2::int8) g) n",
        names.join(", ")
    ))
}

/// The last of them, and how it compares with the first of its kind.
fn print(found: &[Aged]) {
    let Some(last) = found.last() else { return };
    let figures = last.figures;
    let (mib, ids) = (last.bytes_on_disk as f64 / f64::from(1 << 20), last.ids.word());
    let Before { finished, open, skus } = last.before;
    println!(
        "{finished:>9} finished, {open} open, {skus} SKUs, ids {ids:<6} {:>7.0} orders/s  p99 {:>5.1} ms  us an order: PostgreSQL {:>5.1} server {:>5.1}  \
         WAL {:>5.0} B  {mib:>6.0} MiB   {}",
        figures.orders_per_s,
        figures.p99_ms,
        figures.postgres_cpu_us,
        figures.server_cpu_us,
        figures.wal_bytes,
        last.shape,
    );
    let same = |one: &&Aged| one.ids == last.ids && one.shape.name == last.shape.name;
    if let Some(first) = found.iter().find(same).filter(|first| first.before != last.before) {
        let ratio = figures.orders_per_s / first.figures.orders_per_s;
        let reached = if ratio >= AT_LEAST { "reached" } else { "MISSED " };
        println!("{reached}  of the orders/s with {} finished {ratio:>5.2} >= {AT_LEAST}", first.before.finished);
    }
}
