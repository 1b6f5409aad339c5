//! `--limit`: what the parts of an order leave room for, each measured by itself, and how much of it the product makes.
//!
//! | | what runs |
//! |---|---|
//! | front | the rival's HTTP server without a database: it reads, checks and answers each order, and remembers none; for `GET` it answers what the product does |
//! | rows | two connections that write the rows of an order, by the product's own tables and indexes, so many orders at once as its batches had: no server, no requests |
//! | whole | the product |
//!
//! An order needs front and rows on the same cores, and whoever does nothing else makes 1 / (1/front + 1/rows) orders a second
//! of both. Of what needs no rows, `GET /orders/{id}` and repeats of finished orders, the front alone is the limit.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _, try_join_all};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_postgres::{Client, Statement};

use crate::Outcome;
use crate::check::{Claim, check_rows};
use crate::child::Server;
use crate::cluster::{Cluster, connect};
use crate::contest::measured;
use crate::options::{Options, Role, Shape, WARM_UP};
use crate::report::median;
use crate::waiting::submit;
use counterfoil_lab::load::crowd::{Connection, Crowd};
use counterfoil_lab::load::draws::Draws;
use counterfoil_lab::load::request::{Ids, Lines, LoadRequest, QUANTITY};

const DATABASE: &str = "parts"; // `limit` is a word of SQL
/// Finished orders that are asked about.
const FINISHED: u64 = 20_000;
/// As many connections as the product commits on.
const CONNECTIONS: u64 = 2;
/// Of the limit of orders; of the front's `GET`; of the front's `POST`, for repeats.
const AT_LEAST: [(&str, f64); 3] =
    [("of the limit", 0.85), ("GET, of the front's", 0.38), ("repeats, of the front's", 0.30)];

/// What one round measured, a second.
#[derive(Serialize, Clone, Copy)]
struct Round {
    front: f64,
    front_get: f64,
    rows: f64,
    /// Orders a batch.
    batch: f64,
    whole: f64,
    get: f64,
    repeats: f64,
}

impl Round {
    fn shares(&self) -> [f64; 3] {
        let limit = 1.0 / (1.0 / self.front + 1.0 / self.rows);
        [self.whole / limit, self.get / self.front_get, self.repeats / self.front]
    }
}

/// Runs the mode; `false` where an answer or the rows are not what they should be.
pub async fn run(cluster: &Cluster, options: &Options, folder: &Path) -> Outcome<bool> {
    if options.lines != Lines::Fixed(1) {
        return Err("--limit is about orders of one line".into());
    }
    let mut wrong = Vec::new();
    let mut found = BTreeMap::new();
    for shape in options.shapes().into_iter().filter(|shape| shape.copies == 1 && shape.skus > 1 && !shape.remote) {
        let mut rounds = Vec::new();
        for round in 0..options.rounds() {
            let (figures, faults) = one_round(cluster, options, &shape).await?;
            wrong.extend(faults);
            println!(
                "{shape}, round {}: front {:.0}/s, rows {:.0}/s by {:.0}, whole {:.0}/s; GET {:.0}/s of {:.0}, repeats {:.0}/s",
                round + 1,
                figures.front,
                figures.rows,
                figures.batch,
                figures.whole,
                figures.get,
                figures.front_get,
                figures.repeats
            );
            rounds.push(figures);
        }
        for (place, (what, at_least)) in AT_LEAST.into_iter().enumerate() {
            let share = median(rounds.iter().map(|round| round.shares()[place]).collect());
            let reached = if share >= at_least { "reached" } else { "MISSED " };
            println!("{reached}  {:10} {what:24} {share:>5.2} >= {at_least}", shape.name.word());
        }
        found.insert(shape.name.word(), rounds);
    }
    std::fs::write(folder.join("limit.json"), serde_json::to_vec_pretty(&found)?)?;
    wrong.iter().for_each(|wrong: &String| println!("WRONG: {wrong}"));
    Ok(wrong.is_empty())
}

async fn one_round(cluster: &Cluster, options: &Options, shape: &Shape) -> Outcome<(Round, Vec<String>)> {
    let url = cluster.fresh_database(DATABASE).await?;
    let server = Server::start(Role::Counterfoil, &[("--database-url", url.as_str())]).await?;
    submit(&server, ("", 201), 1, FINISHED).await?;
    let view = view(server.address).await?;
    let get = asked(server.address, shape.clients, Ask::Show, options.measured()).await?;
    let repeats = asked(server.address, shape.clients, Ask::Repeat, options.measured()).await?;
    cluster.checkpoint().await?;
    let crowd = Crowd::of_ids(server.address, &shape.crowd(options.lines), Ids::Time, FINISHED + 1).await?;
    let before = batches(&server).await?;
    let (figures, tally) = measured(cluster, options, &server, crowd).await?;
    let after = batches(&server).await?;
    server.stop().await?;
    let batch = (after.0 - before.0) / (after.1 - before.1).max(1.0);
    let whole = figures.orders_per_s;
    let mut faults = tally.complaints;
    let mut claim = Claim { orders: FINISHED + tally.placed, units: FINISHED * QUANTITY + tally.units };
    cluster.checkpoint().await?;
    let (rows, written) = bare_rows(&url, claim.orders + 1, batch.round().max(1.0) as u64, options.measured()).await?;
    claim = Claim { orders: claim.orders + written, units: claim.units + written * QUANTITY };
    faults.extend(check_rows(&url, &claim).await?);
    cluster.drop_database(DATABASE).await?;

    let front = Server::start(Role::Front, &[("--body", view.as_str())]).await?;
    let front_get = asked(front.address, shape.clients, Ask::Show, options.measured()).await?;
    let crowd = Crowd::start(front.address, &shape.crowd(options.lines)).await?;
    let (figures, tally) = measured(cluster, options, &front, crowd).await?;
    front.stop().await?;
    faults.extend(tally.complaints);
    Ok((Round { front: figures.orders_per_s, front_get, rows, batch, whole, get, repeats }, faults))
}

/// Orders that the product has committed, and in how many transactions.
async fn batches(server: &Server) -> Outcome<(f64, f64)> {
    let of = async |part: &str| {
        let value = server.metric(&format!("counterfoil_commit_batch_orders_{part}")).await?;
        value.ok_or_else(|| Box::<dyn std::error::Error>::from("the product does not tell its batches"))
    };
    Ok((of("sum").await?, of("count").await?))
}

/// What the product shows of its first order.
async fn view(target: SocketAddr) -> Outcome<String> {
    let mut connection = Connection::open(target).await?;
    connection.exchange(Ask::Show.request(1).as_bytes()).await?;
    if connection.status() != 200 {
        return Err(format!("the first order is shown with {}", connection.status()).into());
    }
    Ok(String::from_utf8(connection.body().to_vec())?)
}

/// What is asked about a finished order.
#[derive(Clone, Copy, PartialEq)]
enum Ask {
    Show,
    Repeat,
}

impl Ask {
    fn request(self, number: u64) -> String {
        match self {
            Self::Show => format!("GET /orders/ORD-{number:010} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
            Self::Repeat => {
                let mut request = LoadRequest::new(1);
                request.set(number, number % 1000);
                String::from_utf8_lossy(request.bytes()).into_owned()
            }
        }
    }

    fn status(self) -> u16 {
        if self == Self::Show { 200 } else { 201 }
    }
}

/// How many answers a second so many clients get, each asking about one finished order after the other.
async fn asked(target: SocketAddr, clients: usize, ask: Ask, measured: Duration) -> Outcome<f64> {
    let (answers, over) = (Rc::new(Cell::new(0_u64)), Rc::new(Cell::new(false)));
    let mut tasks = JoinSet::new();
    for client in 0..clients as u64 {
        let (answers, over) = (Rc::clone(&answers), Rc::clone(&over));
        let mut connection = Connection::open(target).await?;
        tasks.spawn_local(async move {
            let mut draws = Draws::of(1, client);
            let mut request = LoadRequest::new(1);
            while !over.get() {
                let number = draws.draw() % FINISHED + 1;
                request.set(number, number % 1000);
                match ask {
                    Ask::Show => connection.exchange(ask.request(number).as_bytes()).await?,
                    Ask::Repeat => connection.exchange(request.bytes()).await?,
                };
                let is_it = connection.body().windows(request.order_id().len()).any(|part| part == request.order_id());
                if connection.status() != ask.status() || !is_it {
                    let body = String::from_utf8_lossy(connection.body());
                    return Err(format!("order {number}: {} {body}", connection.status()));
                }
                answers.set(answers.get() + 1);
            }
            Ok(())
        });
    }
    sleep(WARM_UP).await;
    let (begun, before) = (Instant::now(), answers.get());
    sleep(measured).await;
    let rate = (answers.get() - before) as f64 / begun.elapsed().as_secs_f64();
    over.set(true);
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(rate)
}

/// Tables that an order which ends in its one commit has a row in, and which statement writes a row of each.
const TABLES: [&str; 3] = ["orders", "payments", "order_events"];
const STOCK: &str = "UPDATE inventory i SET on_hand = i.on_hand - n.quantity
    FROM unnest($1::text[], $2::int8[]) AS n (sku, quantity) WHERE i.sku = n.sku";

/// The product's own, for whoever commits: rows are found by key, in the order in which they are named.
const PLANS: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET enable_bitmapscan = off; SET jit = off";

/// A connection that writes rows of orders, each like the order that it has from the table.
struct Writer {
    client: Client,
    inserts: Vec<(Statement, Vec<String>)>,
    stock: Statement,
}

impl Writer {
    async fn new(url: &str) -> Outcome<Self> {
        let client = connect(url).await?;
        client.batch_execute(PLANS).await?;
        let mut inserts = Vec::new();
        for table in TABLES {
            let (sql, texts) = insert(&client, table).await?;
            inserts.push((client.prepare(&sql).await?, texts));
        }
        let stock = client.prepare(STOCK).await?;
        Ok(Self { client, inserts, stock })
    }

    /// One transaction, sent at once.
    async fn write(&self, numbers: impl Iterator<Item = u64> + Clone) -> Outcome<()> {
        let ids = numbers.clone().map(|number| format!("ORD-{number:010}"));
        let ids: Vec<String> = ids.collect();
        let mut wanted = BTreeMap::new();
        for number in numbers {
            *wanted.entry(format!("SKU-{:06}", number.wrapping_mul(7919) % 1000 + 1)).or_insert(0_i64) +=
                QUANTITY as i64;
        }
        let (skus, quantities): (Vec<String>, Vec<i64>) = wanted.into_iter().unzip();
        let columns: Vec<Vec<Vec<String>>> = self
            .inserts
            .iter()
            .map(|(_, texts)| texts.iter().map(|text| ids.iter().map(|id| text.replace(FIRST, id)).collect()).collect())
            .collect();
        let columns: Vec<Vec<&(dyn tokio_postgres::types::ToSql + Sync)>> =
            columns.iter().map(|table| table.iter().map(|column| column as _).collect()).collect();
        let stock: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&skus, &quantities];
        // In this order, since each is sent when it is first polled.
        let mut sent: Vec<BoxFuture<'_, Result<(), tokio_postgres::Error>>> =
            vec![self.client.batch_execute("BEGIN").boxed()];
        for ((statement, _), columns) in self.inserts.iter().zip(&columns) {
            sent.push(self.client.execute(statement, columns).map(|done| done.map(drop)).boxed());
        }
        sent.push(self.client.execute(&self.stock, &stock).map(|done| done.map(drop)).boxed());
        sent.push(self.client.batch_execute("COMMIT").boxed());
        try_join_all(sent).await?;
        Ok(())
    }
}

/// The order that all rows are like.
const FIRST: &str = "ORD-0000000001";

/// The statement that writes rows like the first order's in a table; a parameter stands for each column that names the order,
/// and this is what stands there. What PostgreSQL fills in by itself, as of the transaction, it does here, too.
async fn insert(client: &Client, table: &str) -> Outcome<(String, Vec<String>)> {
    let sql = "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
         LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
           AND pg_get_expr(adbin, adrelid) LIKE '%xact%' IS NOT TRUE ORDER BY attnum";
    let (mut names, mut values, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for row in client.query(sql, &[&table]).await? {
        let (name, kind): (String, String) = (row.get(0), row.get(1));
        let sql = format!("SELECT {name}::text, quote_nullable({name}::text) FROM {table} WHERE order_id = '{FIRST}'");
        let row = client.query_one(&sql, &[]).await?;
        match row.get::<_, Option<String>>(0).filter(|text| text.contains(FIRST)) {
            Some(text) => {
                texts.push(text);
                values.push(format!("unnest(${}::text[])::{kind}", texts.len()));
            }
            None => values.push(format!("{}::{kind}", row.get::<_, String>(1))),
        }
        names.push(name);
    }
    Ok((format!("INSERT INTO {table} ({}) SELECT {}", names.join(", "), values.join(", ")), texts))
}

/// How many orders' rows a second are written, so many in a transaction, from the order of this number on; and how many are
/// there in the end.
async fn bare_rows(url: &str, first: u64, batch: u64, measured: Duration) -> Outcome<(f64, u64)> {
    let (written, counted) = (Cell::new(0), Cell::new(0));
    let next = Cell::new(first);
    let begun = Instant::now() + WARM_UP;
    let end = begun + measured;
    let connection = || async {
        let writer = Writer::new(url).await?;
        while Instant::now() < end {
            let from = next.replace(next.get() + batch);
            let counts = Instant::now() >= begun;
            writer.write(from..from + batch).await?;
            written.set(written.get() + batch);
            counted.set(counted.get() + if counts { batch } else { 0 });
        }
        Outcome::Ok(())
    };
    try_join_all((0..CONNECTIONS).map(|_| connection())).await?;
    Ok((counted.get() as f64 / begun.elapsed().as_secs_f64(), written.get()))
}
