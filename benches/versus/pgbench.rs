//! Contestant c: pgbench runs the statement of b. It shows what PostgreSQL leaves room for when no HTTP, no parsing
//! and no pool stand before it, and a connection belongs to each client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::Outcome;
use crate::options::{Shape, WARM_UP};
use crate::rival::PLACE_FULL;
use counterfoil_lab::load::crowd::Tally;
use counterfoil_lab::load::request::{QUANTITY, UNIT_PRICE};

/// pgbench runs for this much longer than is measured, so that the window never reaches beyond its end.
const SLACK: Duration = Duration::from_secs(2);
/// How long 256 connections may take to open, and the last transactions to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What pgbench puts where the service puts the order's own texts: as long as those, but always the same.
const TEXTS: [(&str, &str); 8] = [
    ("answer", r#"{"order_id":"ORD-0000000001","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}"#),
    ("ship_to", r#"{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}"#),
    ("metadata", r#"{"channel":"web"}"#),
    (
        "created",
        r#"{"customer_id":"cus-7","currency":"USD","amount":3998,"lines":[{"sku":"SKU-000001","quantity":2,"unit_price":1999}]}"#,
    ),
    ("reserved", r#"{"skus":["SKU-000001"],"quantities":[2]}"#),
    ("charged", r#"{"method":"pm_ok","amount":3998}"#),
    ("shipped", r#"{"postal_code":"1","country":"US"}"#),
    ("completed", "{}"),
];

/// pgbench at work. Dropping it kills it.
pub struct Pgbench {
    process: Child,
    pub pid: u32,
    log_prefix: PathBuf,
    lines: u64,
    window: [SystemTime; 2],
}

impl Pgbench {
    /// Starts the clients on a database with the rows of b, and returns when they have begun.
    pub async fn start(
        binary: &Path,
        folder: &Path,
        database_url: &str,
        shape: &Shape,
        lines: u64,
        measured: Duration,
    ) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let script = folder.join("order.sql");
        fs::write(&script, self::script(lines))?;
        let log_prefix = folder.join("transactions");
        let process = Command::new(binary)
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--log"])
            .arg(format!("--client={}", shape.clients))
            .arg(format!("--time={}", (WARM_UP + measured + SLACK).as_secs()))
            .arg(format!("--define=skus={}", shape.skus))
            .arg("--define=n=0")
            .args(TEXTS.map(|(name, text)| format!("--define={name}={text}")))
            .arg(prefixed("--file=", &script))
            .arg(prefixed("--log-prefix=", &log_prefix))
            .arg(database_url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("stderr"))?)
            .kill_on_drop(true)
            .spawn()?;
        let pid = process.id().ok_or("pgbench ended at once")?;
        let mut this = Self { process, pid, log_prefix, lines, window: [UNIX_EPOCH; 2] };
        this.wait_for_first_transactions().await?;
        Ok(this)
    }

    async fn wait_for_first_transactions(&mut self) -> Outcome<()> {
        let log = self.log();
        let patience = Instant::now() + PATIENCE;
        while !fs::metadata(&log).is_ok_and(|file| file.len() > 0) {
            if Instant::now() > patience {
                return Err(self.failure("made no transaction"));
            }
            if let Some(status) = self.process.try_wait()? {
                return Err(self.failure(&format!("ended before its time, {status}")));
            }
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "pgbench logs wall-clock stamps")]
    pub fn begin(&mut self) {
        self.window[0] = SystemTime::now();
    }

    #[expect(clippy::disallowed_methods, reason = "pgbench logs wall-clock stamps")]
    pub fn end(&mut self) {
        self.window[1] = SystemTime::now();
    }

    /// Waits until pgbench ends by itself, so that every transaction that it committed is in its log.
    pub async fn finish(mut self) -> Outcome<Tally> {
        let status: ExitStatus = timeout(PATIENCE, self.process.wait()).await??;
        if !status.success() {
            return Err(self.failure(&format!("failed, {status}")));
        }
        let log = fs::read_to_string(self.log())?;
        fs::remove_file(self.log())?;
        self.tally(&log)
    }

    /// A line of the log: client, transaction, microseconds or why it failed, script, end in seconds, microseconds.
    fn tally(&self, log: &str) -> Outcome<Tally> {
        let mut tally = Tally::new()?;
        for line in log.lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            let [_, _, latency, _, seconds, micros, ..] = fields[..] else {
                return Err(format!("an unreadable line in pgbench's log: {line}").into());
            };
            let Ok(latency) = latency.parse() else {
                tally.complaints.push(format!("a transaction failed: {line}"));
                continue;
            };
            tally.placed += 1;
            tally.units += self.lines * QUANTITY;
            let end = UNIX_EPOCH + Duration::from_secs(seconds.parse()?) + Duration::from_micros(micros.parse()?);
            if self.window[0] <= end && end < self.window[1] {
                tally.counted += 1;
                tally.latencies.saturating_record(latency);
            }
        }
        Ok(tally)
    }

    fn log(&self) -> PathBuf {
        self.log_prefix.with_extension(self.pid.to_string())
    }

    fn failure(&self, what: &str) -> Box<dyn std::error::Error> {
        let errors = fs::read_to_string(self.log_prefix.with_file_name("stderr")).unwrap_or_default();
        format!("pgbench {what}: {}", errors.trim_end()).into()
    }
}

fn prefixed(option: &str, path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(option);
    argument.push(path);
    argument
}

/// The statement of b as a pgbench script: each of its parameters becomes a variable, a constant or a short expression.
fn script(lines: u64) -> String {
    let each = |value: &dyn Fn(u64) -> String| (0..lines).map(value).collect::<Vec<_>>().join(", ");
    let skus = each(&|line| format!("'SKU-' || lpad(((:sku::int + {line}) % 1000 + 1)::text, 6, '0')"));
    let skus = format!("ARRAY[{skus}]");
    let quantities = format!("ARRAY[{}]", each(&|_| QUANTITY.to_string()));
    let prices = format!("ARRAY[{}]", each(&|_| UNIT_PRICE.to_string()));
    let amount = (lines * QUANTITY * UNIT_PRICE).to_string();
    let fingerprint = format!("'\\x{}'", "5a".repeat(32));
    let values = [
        "('ORD-' || :client_id::text || '-' || :n::text)",
        &fingerprint,
        ":answer",
        "'cus-7'",
        "'USD'",
        &amount,
        ":ship_to",
        ":metadata",
        &skus,
        &quantities,
        &prices,
        "'pm_ok'",
        ":created",
        ":reserved",
        ":charged",
        ":shipped",
        ":completed",
        &skus,
        &quantities,
    ];
    // From the last to the first: `$1` is also how `$10` begins.
    let numbered = values.iter().enumerate().rev();
    let statement = numbered.fold(PLACE_FULL.to_owned(), |sql, (n, value)| sql.replace(&format!("${}", n + 1), value));
    format!("\\set n :n + 1\n\\set sku random(0, :skus - 1)\n{statement};\n")
}
