//! `counterfoil replay`: real invoices as orders, and proof that the answers and the stock are right.
//!
//! It reads a CSV of invoices ([`invoices`]), matches its cancellations with its sales ([`returns`]), lays in stock
//! ([`stock`]), sends each order as often as asked from many clients at once ([`run`]), then the refunds ([`refunds`]),
//! judges every answer ([`judge`], [`ledger`]) and prints a table ([`report`]). It is a
//! black-box client: it knows the HTTP interface and nothing of the engine.
//!
//! Order ids are the invoices' numbers behind a prefix, and a file always gives the same requests. So a second replay
//! of a file asks for nothing new: its orders are answered by replay, and no stock leaves.

mod columns;
mod country;
pub mod invoices;
mod judge;
mod ledger;
mod money;
mod refunds;
mod report;
mod returns;
mod run;
pub mod skips;
mod stock;
mod text;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use flate2::bufread::MultiGzDecoder;
use iso_currency::Currency;

use self::columns::{Layout, Named, Preset};
use self::invoices::{Invoices, InvoicesError, Options};
use self::judge::StockMode;
use self::money::Decimal;
use self::report::Report;
use self::returns::Returns;
use self::text::Encoding;
use crate::load::retry::Unanswered;
use counterfoil_engine::client::{CA_VARIABLE, Client, ClientError, HttpAnswer, TARGET_VARIABLE};

/// Submits the invoices of a CSV as orders and checks every answer.
///
/// The file has the columns of the Online Retail data set (see data/README.md), plain or gzipped, or those that --preset
/// or --columns says. Rows that are no sale are skipped. A C invoice becomes a refund, with its units back on the shelf, of the latest earlier
/// sale of the same customer that holds its lines; one that matches none is counted by its reason. SKUs are created with the stock that the file needs. Sends the
/// bearer token of COUNTERFOIL_TOKEN, if there is one. Exits 1 if an answer is wrong or the stock disagrees with the
/// answers; nobody else may move stock of the file's SKUs meanwhile.
#[derive(Clone, Debug, clap::Args)]
pub struct ReplayArgs {
    /// The CSV, plain or gzipped
    pub file: PathBuf,
    /// Where the engine listens, http://host:port or https://host:port
    #[arg(long, value_name = "URL", env = TARGET_VARIABLE)]
    pub target: String,
    /// Where that is https://, the CAs that its certificate may come from, as PEM [default: those of the system]
    #[arg(long, value_name = "FILE", env = CA_VARIABLE)]
    pub ca: Option<PathBuf>,
    /// Requests in flight at once
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub clients: u16,
    /// How often each order and refund is sent, all copies at once
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub duplicates: u16,
    /// Submit the first N orders of the file only, and refund no other
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
    /// Set the stock of every SKU to N instead of what the file needs; being out of stock is a right answer then
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub stock: Option<u64>,
    /// What to put before the invoice number in order_ids and keys, to make the orders and refunds new ones
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = prefix)]
    pub prefix: String,
    /// Whose export the file is: what its columns are called
    #[arg(long, value_name = "NAME", value_enum, default_value_t)]
    pub preset: Preset,
    /// What the columns are called instead, ROLE=HEADING[,ROLE=HEADING]; ROLE= for one that the file does not have.
    /// Roles: order, sku, quantity, price or amount (of the row), customer, date, country, currency, discount,
    /// discount-label, shipping, shipping-label, tax, other, total, refunded, status
    #[arg(long, value_name = "ROLES", value_parser = columns::parse)]
    pub columns: Option<Named>,
    /// How the file's bytes are to be read [default: utf-8, or what its byte order mark says]
    #[arg(long, value_name = "NAME", value_enum)]
    pub encoding: Option<Encoding>,
    /// What ends a field: one character, or tab [default: what the heading, or a first line sep=; shows]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// The mark before decimals [default: what the amounts show]
    #[arg(long, value_name = "MARK", value_enum)]
    pub decimal: Option<Decimal>,
    /// The currency of all amounts, an ISO 4217 code; orders that say another are skipped [default: what the file says;
    /// GBP for the data sets]
    #[arg(long, value_name = "CODE", value_parser = currency)]
    pub currency: Option<Currency>,
    /// A price of 0 is an item that was given away, as in shops' exports, and not a row to skip
    #[arg(long)]
    pub free_items: bool,
}

/// Why a replay could not be carried through. Wrong answers are none of these: they stand in the table.
///
/// No message repeats its source's: print the whole chain.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The target's URL or the token is unusable.
    #[error("the target cannot be used")]
    Target(#[source] ClientError),
    /// The file cannot be opened.
    #[error("cannot open {path}", path = path.display())]
    Open {
        /// The path, as given.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The file holds no invoices.
    #[error("cannot read invoices from {path}", path = path.display())]
    Invoices {
        /// The path, as given.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: InvoicesError,
    },
    /// Nothing in the file can be submitted.
    #[error("{path} holds no order: {why}; nothing was sent", path = path.display())]
    NoOrder {
        /// The path, as given.
        path: PathBuf,
        /// What became of its rows and invoices.
        why: String,
    },
    /// Nothing answers at the target.
    #[error("cannot reach the target")]
    Unreachable(#[source] ClientError),
    /// A question around the orders had no answer.
    #[error("could not {doing}")]
    Unanswered {
        /// What was asked.
        doing: String,
        /// How it ended.
        #[source]
        source: Unanswered,
    },
    /// A question around the orders had an answer that this program cannot use.
    #[error("could not {doing}: {answer}")]
    Unexpected {
        /// What was asked.
        doing: String,
        /// Status and body.
        answer: String,
    },
    /// The table could not be written.
    #[error("cannot write the table")]
    Output(#[source] io::Error),
}

impl ReplayError {
    /// The exit code: 2 for wrong usage, 1 for work that failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            // A file that is damaged is no wrong usage: its lines are to be looked at.
            Self::Invoices { source: InvoicesError::Broken(_), .. } | Self::NoOrder { .. } => 1,
            Self::Target(_) | Self::Open { .. } | Self::Invoices { .. } => 2,
            Self::Unreachable(_) | Self::Unanswered { .. } | Self::Unexpected { .. } | Self::Output(_) => 1,
        }
    }
}

/// Replays a file and prints the table on stdout. The exit code is 1 if anything was wrong, in the answers or in the file.
///
/// Runs on any tokio runtime with IO and time enabled. Reading the file blocks it: nothing else is to be done then.
///
/// # Errors
///
/// [`ReplayError`] if it could not be carried through; there is no table then.
pub async fn run(args: ReplayArgs) -> Result<ExitCode, ReplayError> {
    let client = Client::new(&args.target, args.ca.as_deref()).map_err(ReplayError::Target)?;
    let invoices = read(&args)?;
    for note in &invoices.notes {
        eprintln!("counterfoil: {note}");
    }
    if invoices.orders.is_empty() {
        return Err(ReplayError::NoOrder { path: args.file, why: why_none(&invoices) });
    }
    let count = args.limit.map_or(usize::MAX, NonZeroUsize::get).min(invoices.orders.len());
    let orders = &invoices.orders[..count];
    let load = run::Load {
        clients: usize::from(args.clients),
        duplicates: usize::from(args.duplicates),
        mode: args.stock.map_or(StockMode::Enough, StockMode::Fixed),
    };
    let mut returns = Returns::of(&invoices, &args.prefix);
    returns.limit(count);
    let outcome = run::run(&client, orders, &mut returns, load).await?;
    let report = Report { invoices: &invoices, orders, load, outcome: &outcome };
    io::stdout()
        .lock()
        .write_all(crate::terminal::harmless(&report.to_string()).as_bytes())
        .map_err(ReplayError::Output)?;
    Ok(if outcome.ledger.wrong.is_empty() && invoices.faulty_rows() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Reads the invoices of a file, plain or gzipped: its first two bytes decide, not its name.
fn read(args: &ReplayArgs) -> Result<Invoices, ReplayError> {
    const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
    let path: &Path = &args.file;
    let mut layout = Layout::from(args.preset);
    layout.name(args.columns.as_deref().unwrap_or_default());
    layout.has_free_items |= args.free_items;
    let options = Options {
        prefix: args.prefix.clone(),
        layout,
        encoding: args.encoding,
        delimiter: args.delimiter,
        decimal: args.decimal,
        currency: args.currency,
    };
    let opened = File::open(path).and_then(|file| {
        let mut file = BufReader::new(file);
        let is_gzip = file.fill_buf()?.starts_with(&GZIP_MAGIC);
        Ok::<Box<dyn Read>, io::Error>(if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
    });
    let csv = opened.map_err(|source| ReplayError::Open { path: path.to_owned(), source })?;
    invoices::read(csv, &options).map_err(|source| ReplayError::Invoices { path: path.to_owned(), source })
}

/// What became of a file without an order.
fn why_none(invoices: &Invoices) -> String {
    if invoices.rows == 0 {
        return "there is no row below its heading".to_owned();
    }
    let rows = invoices.skipped_rows.iter().map(|(why, count)| {
        format!("{count} rows: {why} (first in line {})", invoices.first_lines.get(why).copied().unwrap_or_default())
    });
    let numbers = invoices.skipped_invoices.iter().map(|(why, count)| format!("{count} invoices: {why}"));
    let cancellations = (invoices.cancellations > 0).then(|| format!("{} C invoices", invoices.cancellations));
    rows.chain(numbers).chain(cancellations).collect::<Vec<_>>().join(", ")
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n".contains(byte) => Ok(*byte),
        _ => Err("it is one character of ASCII, no letter, digit or quote, or tab".to_owned()),
    }
}

fn currency(code: &str) -> Result<Currency, String> {
    Currency::from_code(code)
        .filter(|currency| money::exponent(*currency).is_some())
        .ok_or_else(|| "it is no code of ISO 4217 that is paid with, such as EUR".to_owned())
}

fn prefix(text: &str) -> Result<String, String> {
    if text.starts_with("ik_") {
        return Err("an order_id of a client may not begin with ik_".to_owned());
    }
    if !text.bytes().all(invoices::is_order_id_byte) {
        return Err("an order_id holds letters, digits and . _ : - only".to_owned());
    }
    Ok(text.to_owned())
}

fn refusal(doing: String, answer: &HttpAnswer) -> ReplayError {
    ReplayError::Unexpected {
        doing,
        answer: format!("{} {}", answer.status, crate::load::retry::excerpt(&answer.body)),
    }
}
