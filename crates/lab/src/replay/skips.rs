//! Why rows and invoices of a file are no orders: what is counted by reason, and what each reason means for the rest.

use std::fmt;

use super::columns::{ColumnRole, ROLES};

/// Why a row is no sale. Ordered as tried: a row with two reasons counts under the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowSkip {
    /// Another number of fields than the heading, quotes within a field, or no invoice number.
    Malformed,
    /// A field that has a meaning is no text in the file's encoding.
    Encoding,
    /// The stock code is empty, longer than 64 characters, or holds what no SKU may.
    StockCode,
    /// The quantity is no whole number of 64 bits.
    QuantityUnreadable,
    /// A correction of stock, a return.
    QuantityNotPositive,
    /// Nobody says the currency, or it is none that is paid with.
    Currency,
    /// The price is no decimal number.
    PriceUnreadable,
    /// A gift, a sample, a correction.
    PriceNotPositive,
    /// The price has more decimals than the currency: no minor unit expresses it.
    PriceTooFine,
}

impl RowSkip {
    /// Whether it says that the file is damaged, rather than what a shop wrote into it: the replay has failed then.
    #[must_use]
    pub fn is_fault(self) -> bool {
        match self {
            Self::Malformed | Self::Encoding => true,
            Self::StockCode
            | Self::QuantityUnreadable
            | Self::QuantityNotPositive
            | Self::Currency
            | Self::PriceUnreadable
            | Self::PriceNotPositive
            | Self::PriceTooFine => false,
        }
    }
}

impl fmt::Display for RowSkip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed row",
            Self::Encoding => "bytes that are no text (see --encoding)",
            Self::StockCode => "unusable stock code",
            Self::QuantityUnreadable => "unreadable quantity",
            Self::QuantityNotPositive => "quantity not above zero",
            Self::Currency => "no known currency (see --currency)",
            Self::PriceUnreadable => "unreadable price",
            Self::PriceNotPositive => "price not above zero",
            Self::PriceTooFine => "price finer than its currency",
        })
    }
}

/// Why an invoice is no order. Ordered as tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InvoiceSkip {
    /// A row of it was refused: what is left is not what was sold.
    RowRefused,
    /// Its rows name different customers, currencies or sums: they are several orders under one number.
    Contradiction,
    /// It was not paid, or was cancelled.
    NotPaid,
    /// None of its rows is a sale.
    NoSale,
    /// It is in another currency than was asked for.
    OtherCurrency,
    /// The prefix and its number do not make an order_id that the server takes.
    OrderId,
    /// The customer, the date, a quantity or a price is beyond what the server takes.
    Limit,
    /// More lines than the server takes in one order.
    TooManyLines,
    /// A discount, shipping, a tax, a fee, a total or what was given back cannot be read, or is finer than its currency.
    Sums,
    /// Its units or its amount leave what JSON keeps exactly.
    Overflow,
    /// What its lines and the rest come to is not its total.
    Total,
    /// It costs nothing.
    Free,
}

impl InvoiceSkip {
    /// Whether something was sold all the same, for all that is known, and may have come back.
    #[must_use]
    pub fn is_doubtful(self) -> bool {
        match self {
            Self::RowRefused
            | Self::Contradiction
            | Self::OrderId
            | Self::Limit
            | Self::TooManyLines
            | Self::Sums
            | Self::Overflow
            | Self::Total => true,
            // In another currency nothing comes back either that is asked for.
            Self::NotPaid | Self::NoSale | Self::OtherCurrency | Self::Free => false,
        }
    }
}

impl fmt::Display for InvoiceSkip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RowRefused => "a row of it was refused",
            Self::Contradiction => "rows contradict each other",
            Self::NotPaid => "not paid, by its status",
            Self::NoSale => "no row that is a sale",
            Self::OtherCurrency => "in another currency",
            Self::OrderId => "number unusable as an order_id",
            Self::Limit => "a field beyond the engine's limits",
            Self::TooManyLines => "more than 1,000 lines",
            Self::Sums => "unreadable discount, shipping, tax or total",
            Self::Overflow => "sum out of range",
            Self::Total => "total is not what its rows come to",
            Self::Free => "amount not above zero",
        })
    }
}

/// Whether a row that was skipped is a sale all the same, which cannot be read.
#[must_use]
pub fn is_sale(reason: RowSkip, row: &[&str; ROLES]) -> bool {
    let has_digits = |role: ColumnRole| row[role as usize].bytes().any(|byte| byte.is_ascii_digit());
    match reason {
        RowSkip::QuantityUnreadable => has_digits(ColumnRole::Quantity),
        RowSkip::PriceUnreadable => has_digits(ColumnRole::Price) || has_digits(ColumnRole::Amount),
        RowSkip::Currency => true,
        RowSkip::Malformed
        | RowSkip::Encoding
        | RowSkip::StockCode
        | RowSkip::QuantityNotPositive
        | RowSkip::PriceNotPositive
        | RowSkip::PriceTooFine => false,
    }
}
