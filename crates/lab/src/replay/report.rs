//! The table at the end of a replay.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use iso_currency::Currency;

use super::invoices::{Invoices, Order};
use super::judge::StockMode;
use super::ledger::Tally;
use super::money;
use super::run::{Load, LoadOutcome};

/// How many wrong answers are listed; the others are counted.
const WRONG_LISTED: usize = 10;

/// Everything that a replay found, as text for people.
pub struct Report<'a> {
    /// What the file holds.
    pub invoices: &'a Invoices,
    /// What was submitted of it.
    pub orders: &'a [Order],
    /// How it was sent.
    pub load: Load,
    /// What came back.
    pub outcome: &'a LoadOutcome<'a>,
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.file(f)?;
        self.submitted(f)?;
        self.answers(f)?;
        self.refunds(f)?;
        self.speed(f)?;
        self.stock(f)?;
        self.refused(f)?;
        self.wrong(f)
    }
}

impl Report<'_> {
    fn file(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Invoices { orders, rows, cancellation_rows, skipped_rows, .. } = self.invoices;
        let Invoices { invoices, cancellations, skipped_invoices, .. } = self.invoices;
        writeln!(f, "{:<44}{:>14}", "invoices in the file", grouped(*invoices))?;
        row(f, "orders", orders.len() as u64)?;
        row(f, "C invoices", *cancellations)?;
        for (reason, count) in skipped_invoices {
            row(f, &format!("skipped: {reason}"), *count)?;
        }
        writeln!(f, "{:<44}{:>14}", "rows in the file", grouped(*rows))?;
        row(f, "of C invoices", *cancellation_rows)?;
        for (reason, count) in skipped_rows {
            row(f, &format!("skipped: {reason}"), *count)?;
        }
        Ok(())
    }

    fn submitted(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let orders = self.orders;
        let lines = || orders.iter().flat_map(|order| &order.lines);
        let most = orders.iter().map(|order| order.lines.len()).max().unwrap_or(0);
        let guessed = orders.iter().filter(|order| !order.country.is_certain).count();
        writeln!(f, "{:<44}{:>14}", "orders submitted", grouped(orders.len() as u64))?;
        row(f, "copies of each", self.load.duplicates as u64)?;
        row(f, "lines", lines().count() as u64)?;
        row(f, "most lines in one", most as u64)?;
        text_row(f, "units", &grouped_wide(lines().map(|line| i128::from(line.quantity)).sum()))?;
        sums(f, "amount", orders.iter().map(|order| (order.currency, order.amount)))?;
        if guessed > 0 {
            row(f, "country without a code of its own, sent as GB", guessed as u64)?;
        }
        let ended = self.outcome.ledger.ended_before();
        if ended > 0 {
            row(f, "had ended before this run", ended as u64)?;
        }
        Ok(())
    }

    fn answers(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ledger = &self.outcome.ledger;
        writeln!(f, "{:<34}{:>10}{:>14}{:>14}", "answers", "orders", "answers", "replayed")?;
        tallies(f, &ledger.answers, ledger.unanswered)?;
        if !ledger.retries.is_empty() {
            writeln!(f, "tried again after")?;
        }
        for (cause, count) in &ledger.retries {
            row(f, cause, *count)?;
        }
        Ok(())
    }

    fn refunds(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let LoadOutcome { refunds, unmatched, .. } = self.outcome;
        writeln!(f, "{:<44}{:>14}", "C invoices that match a sale", grouped(refunds.refunds.len() as u64))?;
        for (reason, count) in unmatched {
            row(f, &format!("unmatched: {reason}"), *count)?;
        }
        if refunds.refunds.is_empty() {
            return Ok(());
        }
        writeln!(f, "{:<34}{:>10}{:>14}{:>14}", "answers", "refunds", "answers", "replayed")?;
        tallies(f, &refunds.answers, refunds.unanswered)?;
        for (cause, count) in &refunds.retries {
            row(f, &format!("tried again after {cause}"), *count)?;
        }
        let units = refunds.given_back().flat_map(|refund| refund.restock.values()).map(|units| i128::from(*units));
        let given_back = refunds.given_back().map(|refund| (self.orders[refund.sale].currency, refund.amount));
        sums(f, "given back", given_back)?;
        text_row(f, "units back on the shelf", &grouped_wide(units.sum()))
    }

    fn speed(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let LoadOutcome { ledger, elapsed, .. } = self.outcome;
        let (orders, answers) = ledger
            .answers
            .values()
            .fold((0, 0), |(orders, answers), tally| (orders + tally.orders, answers + tally.answers));
        let seconds = elapsed.as_secs_f64();
        writeln!(f, "{:<44}{:>12.2} s", format!("elapsed, {} clients", self.load.clients), seconds)?;
        if answers == 0 {
            return Ok(());
        }
        // Counts far below 2^52.
        text_row(f, "orders/s", &format!("{:.0}", orders as f64 / seconds))?;
        text_row(f, "answers/s", &format!("{:.0}", answers as f64 / seconds))?;
        for (name, quantile) in [("p50, ms", 0.5), ("p99, ms", 0.99)] {
            let latency_us = ledger.latencies_us.value_at_quantile(quantile);
            text_row(f, name, &format!("{:.1}", latency_us as f64 / 1000.0))?;
        }
        Ok(())
    }

    fn stock(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let LoadOutcome { ledger, skus, skus_right, .. } = self.outcome;
        writeln!(f, "{:<44}{:>14}", "SKUs", grouped(*skus as u64))?;
        let laid_in = match self.load.mode {
            StockMode::Enough => "what the file needs".to_owned(),
            StockMode::Fixed(units) => format!("{} each", grouped(units)),
        };
        writeln!(f, "  {:<32}{:>24}", "laid in", laid_in)?;
        row(f, "stock agrees with the answers", *skus_right as u64)?;
        let taken = ledger.taken().flat_map(|order| &order.lines).map(|line| i128::from(line.quantity));
        text_row(f, "units that left by this run's 201s", &grouped_wide(taken.sum()))
    }

    fn refused(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let refused = self.invoices.faulty_rows();
        if refused == 0 {
            return Ok(());
        }
        writeln!(f, "REFUSED ROWS: {}", grouped(refused))?;
        let faults = &self.invoices.faults;
        for (line, why) in faults {
            writeln!(f, "  line {line}: {why}")?;
        }
        match refused - faults.len() as u64 {
            0 => Ok(()),
            more => writeln!(f, "  and {} more", grouped(more)),
        }
    }

    fn wrong(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let wrong = &self.outcome.ledger.wrong;
        if wrong.is_empty() {
            return writeln!(f, "all answers are right");
        }
        writeln!(f, "WRONG: {}", grouped(wrong.len() as u64))?;
        for what in wrong.iter().take(WRONG_LISTED) {
            writeln!(f, "  {what}")?;
        }
        if wrong.len() > WRONG_LISTED {
            writeln!(f, "  and {} more", grouped((wrong.len() - WRONG_LISTED) as u64))?;
        }
        Ok(())
    }
}

fn row(f: &mut Formatter<'_>, name: &str, count: u64) -> fmt::Result {
    text_row(f, name, &grouped(count))
}

fn text_row(f: &mut Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    writeln!(f, "  {name:<45}{value:>11}")
}

/// The rows of a table of answers.
fn tallies(f: &mut Formatter<'_>, answers: &BTreeMap<String, Tally>, unanswered: u64) -> fmt::Result {
    for (label, tally) in answers {
        let [requests, answers, replayed] = [tally.orders, tally.answers, tally.replayed].map(grouped);
        writeln!(f, "  {label:<32}{requests:>10}{answers:>14}{replayed:>14}")?;
    }
    if unanswered > 0 {
        writeln!(f, "  {:<32}{:>10}{:>14}", "none", "", grouped(unanswered))?;
    }
    Ok(())
}

/// Sums, a row a currency. As many amounts of 64 bits as fit into memory stay within 128.
fn sums(f: &mut Formatter<'_>, name: &str, amounts: impl Iterator<Item = (Currency, i64)>) -> fmt::Result {
    let mut sums: BTreeMap<&str, (Currency, i128)> = BTreeMap::new();
    for (currency, amount) in amounts {
        sums.entry(currency.code()).or_insert((currency, 0)).1 += i128::from(amount);
    }
    for (code, (currency, sum)) in sums {
        text_row(f, &format!("{name}, {code}"), &written(sum, money::exponent(currency).unwrap_or(0)))?;
    }
    Ok(())
}

/// An amount in minor units, not below zero, with its currency's decimals.
fn written(amount: i128, exponent: usize) -> String {
    let digits = format!("{amount:0>width$}", width = exponent + 1);
    let (whole, fraction) = digits.split_at(digits.len() - exponent);
    let whole = grouped_wide(whole.parse().unwrap_or_default());
    if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") }
}

fn grouped(count: u64) -> String {
    grouped_wide(i128::from(count))
}

/// A count, not below zero, with a comma between thousands.
fn grouped_wide(count: i128) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_its_currency_s_decimals() {
        for (amount, exponent, text) in
            [(275_605, 2, "2,756.05"), (5, 2, "0.05"), (1_500, 0, "1,500"), (1_500, 3, "1.500"), (0, 2, "0.00")]
        {
            assert_eq!(written(amount, exponent), text);
        }
    }

    #[test]
    fn thousands_are_grouped() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), text);
        }
    }
}
