//! The lines of a ledger, as far as they are published (`key order_id action amount? undoes? tombstone?`); whatever else
//! a line holds is the participant's own. Read whole and grouped by order, since the laws are about orders.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use serde::Deserialize;
use uuid::Uuid;

use crate::saga::Action;

/// Why a ledger cannot be read. Nothing is known of its promises then.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file is not there, or may not be read.
    #[error("cannot open the ledger {path}", path = path.display())]
    Open {
        /// The ledger's path.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The file broke off while it was read.
    #[error("cannot read the ledger {path}", path = path.display())]
    Read {
        /// The ledger's path.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// A file is named twice.
    #[error("the ledger {path} is given twice: each of several must be a file of its own", path = path.display())]
    Twice {
        /// The ledger, as it was named the second time.
        path: PathBuf,
    },
    /// A line is none of a ledger.
    #[error("{path}:{line}: no line of a ledger: {reason}", path = path.display())]
    Line {
        /// The ledger's path.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

/// A line: one effect, or a tombstone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Which of the ledgers it stands in.
    pub file: u16,
    /// Its place in the file, from 1.
    pub number: u64,
    /// The key that it was sent under.
    pub key: Uuid,
    /// What happened at the participant.
    pub action: Action,
    /// Minor units; zero where it moved and held none.
    pub amount: i64,
    /// The key that was undone, or that the tombstone stands for.
    pub undoes: Option<Uuid>,
    /// Whether it had no effect but to refuse a key for ever.
    pub tombstone: bool,
}

/// A ledger, as it stood when it was read; or several, of participants that write one each, as if they were one.
#[derive(Debug, Default)]
pub struct Ledger {
    pub(super) orders: FxHashMap<Box<str>, Vec<Line>>,
    /// How many lines it has.
    pub(super) count: u64,
    /// Its place among several.
    file: u16,
    notes: Vec<String>,
}

/// A line as it stands in the file.
#[derive(Deserialize)]
struct Written {
    key: Uuid,
    order_id: Box<str>,
    action: Action,
    amount: Option<i64>,
    undoes: Option<Uuid>,
    #[serde(default)]
    tombstone: bool,
}

impl Written {
    /// What the fields do not say by themselves.
    fn wrong(&self) -> Option<&'static str> {
        let of_money = match self.action {
            Action::Charge | Action::Authorize | Action::Capture => true,
            Action::Refund => !self.tombstone,
            Action::Reserve
            | Action::Release
            | Action::Void
            | Action::Ship
            | Action::CancelShipment
            | Action::Run
            | Action::Undo => false,
        };
        match self.amount {
            None if of_money => Some("it moved or held money and does not say how much"),
            Some(amount) if amount < 0 => Some("its amount is below zero"),
            Some(_) | None => None,
        }
    }
}

impl Ledger {
    /// Reads a ledger to its present end. Blocks; one that is written meanwhile is fine.
    ///
    /// A last line without its end that cannot be read was never answered: a participant that is killed leaves one, and
    /// a living one may be about to finish it. [`Ledger::notes`] tells of it.
    ///
    /// # Errors
    ///
    /// [`LedgerError`]: the file cannot be read, or any other line of it.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        Self::read_at(path, 0)
    }

    /// The ledgers of several participants, one behind the other. Which of them has a line is no matter: whatever an order
    /// asks for is done by one of them, once.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] of any of them, and where two are one file: each of its effects would seem to be there twice.
    pub fn read_all(paths: &[PathBuf]) -> Result<Self, LedgerError> {
        let (mut all, mut known) = (Self::default(), Vec::new());
        for (path, file) in paths.iter().zip(0..) {
            let ledger = Self::read_at(path, file)?;
            let whole = path.canonicalize().map_err(|source| LedgerError::Open { path: path.clone(), source })?;
            if known.contains(&whole) {
                return Err(LedgerError::Twice { path: path.clone() });
            }
            known.push(whole);
            for (order, lines) in ledger.orders {
                all.orders.entry(order).or_default().extend(lines);
            }
            all.count += ledger.count;
            all.notes.extend(ledger.notes);
        }
        Ok(all)
    }

    fn read_at(path: &Path, place: u16) -> Result<Self, LedgerError> {
        let file = File::open(path).map_err(|source| LedgerError::Open { path: path.to_owned(), source })?;
        Self::read_from(BufReader::new(file), path, place)
    }

    fn read_from(mut lines: impl BufRead, path: &Path, file: u16) -> Result<Self, LedgerError> {
        let mut ledger = Self { file, ..Self::default() };
        let mut text = Vec::new();
        loop {
            text.clear();
            let read = lines.read_until(b'\n', &mut text);
            if read.map_err(|source| LedgerError::Read { path: path.to_owned(), source })? == 0 {
                return Ok(ledger);
            }
            let number = ledger.count + 1;
            let refused = match serde_json::from_slice::<Written>(&text) {
                Ok(written) => match written.wrong() {
                    None => {
                        ledger.take(number, written);
                        continue;
                    }
                    Some(reason) => reason.to_owned(),
                },
                Err(error) => error.to_string(),
            };
            if text.ends_with(b"\n") {
                return Err(LedgerError::Line { path: path.to_owned(), line: number, reason: refused });
            }
            let torn = text.len();
            ledger.notes.push(format!(
                "{}:{number}: left out {torn} bytes of a line without its end, which was never answered",
                path.display()
            ));
        }
    }

    fn take(&mut self, number: u64, written: Written) {
        self.count = number;
        let Written { key, order_id, action, amount, undoes, tombstone } = written;
        let line = Line { file: self.file, number, key, action, amount: amount.unwrap_or(0), undoes, tombstone };
        self.orders.entry(order_id).or_default().push(line);
    }

    /// What was left out, to be told to people.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
