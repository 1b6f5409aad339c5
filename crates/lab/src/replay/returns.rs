//! From the cancellations of a file (`C...` invoices) to refunds of its sales: pure.
//!
//! A C invoice does not say which sale it is about. It matches the latest earlier sale of the same customer that holds
//! its lines: the same SKUs at the same unit prices, in quantities that are not above what earlier C invoices left of
//! them, in its currency. Earlier means before it in the file. A C invoice that matches none is counted by its reason
//! ([`Unmatched`]).
//!
//! The whole file is matched, however much of it is submitted: a C invoice refunds the same sale, under the same key, in
//! every run. Where a sale was skipped that may be the one, it is counted and refunds nothing, and in a file with refused
//! rows all are: the key holds the order's number, so that a run over the mended file would pay again. Two sales that hold the same lines are told apart by nothing; the later one is taken, as a shop would.

use std::collections::BTreeMap;
use std::fmt;

use iso_currency::Currency;
use rustc_hash::FxHashMap;

use super::invoices::{self, Doubtful, GUEST, Invoices, Line, Price};

/// A C invoice, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// Its number, with the C.
    pub number: String,
    /// Who gave something back; `guest` where the file does not say.
    pub customer_id: String,
    /// What it was paid in, if its rows say it.
    pub currency: Option<Currency>,
    /// What came back: quantities above zero.
    pub lines: Vec<Line>,
    /// Whether each of its rows gives something back.
    pub is_whole: bool,
    /// Whether the units of a line leave 64 bits.
    pub has_overflown: bool,
    /// How many of the file's orders come before it.
    pub earlier: usize,
}

/// A C invoice that matches a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The sale, by its place among the file's orders.
    pub sale: usize,
    /// Its `Idempotency-Key`: the prefix of the run and the invoice's number.
    pub key: String,
    /// Why, in the words of the request.
    pub reason: String,
    /// What is given back, in minor units; nothing where goods come back that were free.
    pub amount: i64,
    /// Whether the amount is all that was ever given back, rather than what is given back now ([`Returns::so_far`]).
    pub is_in_all: bool,
    /// What comes back to the shelf: units above zero, by SKU; nothing where the file does not say it.
    pub restock: BTreeMap<String, i64>,
}

/// Why a C invoice is no refund. Ordered as tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unmatched {
    /// Rows of the file were refused: when it is mended, another sale may be the one.
    Damaged,
    /// One of its rows cannot be read, or gives nothing back.
    NoReturn,
    /// Its sums leave 64 bits.
    Overflow,
    /// The prefix and its number do not make a key that the server takes.
    Key,
    /// Nobody knows who gave it back.
    NoCustomer,
    /// The file has no earlier sale of the customer.
    NoSale,
    /// None of the customer's earlier sales holds its lines, or has enough left of them.
    NotHeld,
    /// A later sale of the customer was skipped, and may be the one.
    Doubtful,
    /// More money than its sale cost, or than earlier ones left of it.
    TooMuch,
    /// What the file says was given back before this run.
    Before,
    /// Its sale is not among the orders that were submitted.
    NotSubmitted,
    /// Its sale took nothing: it was refused, or has no right answer.
    NotSold,
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Damaged => "the file has refused rows: mend it first",
            Self::NoReturn => "a row that gives nothing back",
            Self::Overflow => "sum out of range",
            Self::Key => "number unusable as a key",
            Self::NoCustomer => "no customer",
            Self::NoSale => "no earlier sale of the customer",
            Self::NotHeld => "no earlier sale holds its lines",
            Self::Doubtful => "may be of a sale that was skipped",
            Self::TooMuch => "more than its sale cost",
            Self::Before => "given back already",
            Self::NotSubmitted => "its sale was not submitted",
            Self::NotSold => "its sale was refused",
        })
    }
}

/// What became of the C invoices of a file.
#[derive(Debug, Default)]
pub struct Returns {
    /// Those that match a sale, in the file's order.
    pub refunds: Vec<Refund>,
    /// How many of the others there are, by why they match none.
    pub unmatched: BTreeMap<Unmatched, u64>,
}

impl Returns {
    /// Matches the C invoices of a file with its sales.
    #[must_use]
    pub fn of(invoices: &Invoices, prefix: &str) -> Self {
        let mut sales = Sales::of(invoices);
        let mut returns = Self::default();
        for back in &invoices.returns {
            let refund = if invoices.faulty_rows() > 0 { Err(Unmatched::Damaged) } else { sales.refund(back, prefix) };
            match refund {
                Ok(refund) => returns.refunds.push(refund),
                Err(reason) => returns.count(reason),
            }
        }
        for (sale, amount) in &invoices.given_back {
            match sales.given_back(*sale, *amount, &invoices.orders[*sale].order_id) {
                Ok(refund) => returns.refunds.push(refund),
                Err(reason) => returns.count(reason),
            }
        }
        returns
    }

    /// Of an order of which the file says what was given back in all: leaves what is not given back yet, by what the
    /// target gave back so far. A later export of the shop has a larger sum, and so a key of its own.
    pub fn so_far(&mut self, refunded: impl Fn(usize) -> i64) {
        for refund in self.refunds.iter_mut().filter(|refund| refund.is_in_all) {
            refund.key = format!("{}:{}", refund.key, refund.amount);
            refund.amount -= refunded(refund.sale);
            refund.is_in_all = false;
        }
        self.retain(Unmatched::Before, |refund| refund.amount > 0 || !refund.restock.is_empty());
    }

    /// Keeps the refunds of the first `count` orders.
    pub fn limit(&mut self, count: usize) {
        self.retain(Unmatched::NotSubmitted, |refund| refund.sale < count);
    }

    /// Keeps the refunds for which `keep` holds, and counts the others.
    pub fn retain(&mut self, reason: Unmatched, keep: impl Fn(&Refund) -> bool) {
        let before = self.refunds.len();
        self.refunds.retain(|refund| keep(refund));
        if self.refunds.len() < before {
            *self.unmatched.entry(reason).or_insert(0) += (before - self.refunds.len()) as u64;
        }
    }

    fn count(&mut self, reason: Unmatched) {
        *self.unmatched.entry(reason).or_insert(0) += 1;
    }
}

/// The sales of a file, with what is left of them.
struct Sales<'a> {
    /// The places of each known customer's sales in a currency, in the file's order.
    by_customer: FxHashMap<(&'a str, Currency), Vec<usize>>,
    /// Those that could not be read.
    doubtful: &'a [Doubtful],
    /// What was not given back yet, by sale, SKU and unit price; of a line with a sum, without one.
    left: FxHashMap<(usize, &'a str, Option<i64>), Left>,
    /// Money that was not given back yet, by sale: an order may cost less than its lines.
    money: Vec<i64>,
}

/// What is left of a line, and what it was.
#[derive(Clone, Copy)]
struct Left {
    units: i64,
    amount: i64,
    sold_units: i64,
    sold_amount: i64,
}

impl Left {
    /// Whether so many units are left, for so much. Of a line with a sum, a part costs its share, to the minor unit, and
    /// the last one what is left.
    fn holds(&self, units: i64, amount: i64) -> bool {
        if units > self.units || amount > self.amount {
            return false;
        }
        if units == self.units {
            return amount == self.amount;
        }
        let share = i128::from(self.sold_amount) * i128::from(units);
        let off = i128::from(amount) * i128::from(self.sold_units) - share;
        off.abs() < i128::from(self.sold_units)
    }
}

impl<'a> Sales<'a> {
    fn of(invoices: &'a Invoices) -> Self {
        let mut sales = Self {
            by_customer: FxHashMap::default(),
            doubtful: &invoices.doubtful,
            left: FxHashMap::default(),
            money: Vec::new(),
        };
        sales.money.extend(invoices.orders.iter().map(|order| order.amount));
        for (sale, order) in invoices.orders.iter().enumerate().filter(|(_, order)| order.customer_id != GUEST) {
            sales.by_customer.entry((&order.customer_id, order.currency)).or_default().push(sale);
            for line in &order.lines {
                let (units, amount) = (line.quantity, line.amount().unwrap_or(i64::MAX));
                let unit_price = match line.price {
                    Price::Unit(unit_price) => Some(unit_price),
                    Price::Whole(_) => None,
                };
                let left = Left { units, amount, sold_units: units, sold_amount: amount };
                sales.left.insert((sale, &line.sku, unit_price), left);
            }
        }
        sales
    }

    /// What a file says was given back of an order, in money. It is the order's own number that says of which.
    fn given_back(&mut self, sale: usize, amount: i64, order_id: &str) -> Result<Refund, Unmatched> {
        let key = format!("{order_id}:refund");
        if amount > self.money[sale] {
            return Err(Unmatched::TooMuch);
        }
        self.money[sale] -= amount;
        let reason = format!("given back of order {order_id}");
        Ok(Refund { sale, key, reason, amount, is_in_all: true, restock: BTreeMap::new() })
    }

    fn refund(&mut self, back: &'a Return, prefix: &str) -> Result<Refund, Unmatched> {
        if !back.is_whole {
            return Err(Unmatched::NoReturn);
        }
        let amount = invoices::checked_amount(&back.lines).filter(|_| !back.has_overflown);
        let amount = amount.ok_or(Unmatched::Overflow)?;
        let key = format!("{prefix}{}", back.number);
        if !invoices::is_order_id(&key) {
            return Err(Unmatched::Key);
        }
        if back.customer_id == GUEST {
            return Err(Unmatched::NoCustomer);
        }
        let currency = back.currency.ok_or(Unmatched::NoReturn)?;
        let theirs = self.by_customer.get(&(back.customer_id.as_str(), currency)).map_or(&[][..], Vec::as_slice);
        let earlier = &theirs[..theirs.partition_point(|sale| *sale < back.earlier)];
        if earlier.is_empty() {
            return Err(Unmatched::NoSale);
        }
        let holding = || earlier.iter().copied().filter(|sale| self.holds(*sale, back));
        let Some(sale) = holding().rfind(|sale| amount <= self.money[*sale]) else {
            return Err(if holding().next().is_some() { Unmatched::TooMuch } else { Unmatched::NotHeld });
        };
        // The sale is the same one in every run: of another one the key would be a new one, and pay a second time.
        let may_be_of = |sold: &&Doubtful| {
            (sale + 1..=back.earlier).contains(&sold.earlier)
                && sold.customer_id.as_ref().is_none_or(|customer| *customer == back.customer_id)
        };
        if self.doubtful.iter().any(|sold| may_be_of(&sold)) {
            return Err(Unmatched::Doubtful);
        }
        let mut restock = BTreeMap::new();
        self.money[sale] -= amount;
        for line in &back.lines {
            let (unit_price, amount) = self.sold(sale, line).ok_or(Unmatched::NotHeld)?;
            if let Some(left) = self.left.get_mut(&(sale, line.sku.as_str(), unit_price)) {
                left.units -= line.quantity;
                left.amount -= amount;
            }
            // The units were added up with checks above.
            *restock.entry(line.sku.clone()).or_insert(0) += line.quantity;
        }
        let reason = format!("returned by invoice {}", back.number);
        Ok(Refund { sale, key, reason, amount, is_in_all: false, restock })
    }

    /// Whether a sale holds all lines of a return. Two of them never draw on the same one: a return's lines are distinct
    /// by SKU and unit price, and its one line of a SKU with a sum is taken first.
    fn holds(&self, sale: usize, back: &Return) -> bool {
        let mut drawn = Vec::with_capacity(back.lines.len());
        back.lines.iter().all(|line| match self.sold(sale, line) {
            Some((unit_price, _)) if !drawn.contains(&(line.sku.as_str(), unit_price)) => {
                // Lines with a price of their own draw on nothing that another could.
                if unit_price.is_none() {
                    drawn.push((line.sku.as_str(), unit_price));
                }
                true
            }
            Some(_) | None => false,
        })
    }

    /// The line of a sale that holds a line of a return, by its unit price, and what the latter comes to.
    fn sold(&self, sale: usize, line: &Line) -> Option<(Option<i64>, i64)> {
        let amount = line.amount()?;
        let prices = match line.price {
            Price::Unit(unit_price) => [Some(unit_price), None],
            Price::Whole(_) => [None, None],
        };
        let holds = |unit_price: &Option<i64>| {
            let left = self.left.get(&(sale, line.sku.as_str(), *unit_price));
            left.is_some_and(|left| match unit_price {
                Some(_) => left.units >= line.quantity,
                None => left.holds(line.quantity, amount),
            })
        };
        prices.into_iter().find(holds).map(|unit_price| (unit_price, amount))
    }
}

#[cfg(test)]
mod tests {
    use super::super::invoices::Options;
    use super::*;

    const HEADING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    /// Rows as `number sku quantity price customer`.
    fn returns(rows: &[&str]) -> (Vec<(usize, i64)>, BTreeMap<Unmatched, u64>) {
        let mut csv = HEADING.to_owned();
        for row in rows {
            let [number, sku, quantity, price, customer] = row.split(' ').collect::<Vec<_>>()[..] else { panic!() };
            csv += &format!("{number},{sku},,{quantity},2010-12-01T08:26:00,{price},{customer},France\n");
        }
        let invoices = invoices::read(csv.as_bytes(), &Options::retail("")).expect("a heading and rows");
        let returns = Returns::of(&invoices, "");
        (returns.refunds.iter().map(|refund| (refund.sale, refund.amount)).collect(), returns.unmatched)
    }

    #[test]
    fn the_latest_earlier_sale_that_holds_the_lines_is_refunded() {
        let sales = ["1 A 5 1.00 7", "2 A 5 1.00 7", "3 B 1 1.00 7", "4 A 5 1.00 8", "5 A 5 1.00 7"];
        let with = |back: &[&'static str]| returns(&[&sales[..4], back, &sales[4..]].concat());
        assert_eq!(with(&["C9 A -2 1.00 7"]).0, [(1, 200)], "5 comes later, 4 is another's");
        assert_eq!(with(&["C9 A -3 1.00 7", "C10 A -3 1.00 7"]).0, [(1, 300), (0, 300)], "too few are left of 2");
        assert_eq!(with(&["C9 A -3 1.00 7", "C10 A -2 1.00 7"]).0, [(1, 300), (1, 200)]);
        assert_eq!(
            with(&["C9 A -1 1.00 7", "C9 A -1 1.00 7"]).0,
            [(1, 200)],
            "its rows with one SKU and price are one"
        );
    }

    #[test]
    fn what_matches_nothing_is_counted_by_its_reason() {
        let sale = ["1 A 5 1.00 7", "1 B 1 2.00 7", "2 A 5 1.00 "];
        for (back, reason) in [
            (&["C9 A -6 1.00 7"][..], Unmatched::NotHeld),
            (&["C9 A -1 1.01 7"], Unmatched::NotHeld),
            (&["C9 A -1 1.00 7", "C9 C -1 1.00 7"], Unmatched::NotHeld),
            (&["C9 A -1 1.00 8"], Unmatched::NoSale),
            (&["C9 A -1 1.00 "], Unmatched::NoCustomer),
            (&["C9 A -1 1.00 7", "C9 A 1 1.00 7"], Unmatched::NoReturn),
            (&["C9 A -1 0.0 7"], Unmatched::NoReturn),
            (&["C9 A -x 1.00 7"], Unmatched::NoReturn),
            (&["C9/ A -1 1.00 7"], Unmatched::Key),
            (&["C9 A -9223372036854775807 1.00 7", "C9 A -1 1.00 7"], Unmatched::Overflow),
            (&["C9 A -9223372036854775807 2.00 7"], Unmatched::Overflow),
        ] {
            let (refunds, unmatched) = returns(&[&sale[..], back].concat());
            assert_eq!((refunds.len(), unmatched), (0, BTreeMap::from([(reason, 1)])), "{back:?}");
        }
    }

    #[test]
    fn a_refund_says_what_comes_back() {
        let csv = format!(
            "{HEADING}1,A,,5,d,1.00,7,France\n1,A,,5,d,2.00,7,France\n1,B,,5,d,2.00,7,France\n\
             C2,A,,-1,d,2.00,7,France\nC2,B,,-5,d,2.00,7,France\nC2,A,,-2,d,1.00,7,France\n"
        );
        let invoices = invoices::read(csv.as_bytes(), &Options::retail("x-")).expect("a heading and rows");
        let mut returns = Returns::of(&invoices, "x-");
        let restock = BTreeMap::from([("A".to_owned(), 3), ("B".to_owned(), 5)]);
        let (key, reason) = ("x-C2".to_owned(), "returned by invoice C2".to_owned());
        assert_eq!(returns.refunds, [Refund { sale: 0, key, reason, amount: 1_400, is_in_all: false, restock }]);
        returns.limit(0);
        assert_eq!(returns.unmatched, BTreeMap::from([(Unmatched::NotSubmitted, 1)]));
    }
}
