//! Which column of a file says what: presets for the exports of known shops, and what the command line says instead.
//!
//! Nothing is guessed: each column is found by its exact heading, and where one is missing the error names what was
//! found and what was wanted.

use std::fmt::Write;

use csv::ByteRecord;

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnRole {
    /// The number of the order. Rows with the same number are one order.
    Order,
    /// The article that was sold: becomes a SKU.
    Sku,
    /// How many units were sold, or came back.
    Quantity,
    /// What one unit costs.
    Price,
    /// What the whole row costs, in place of a price.
    Amount,
    /// The shop's number for whoever bought.
    Customer,
    /// When; it is kept as it stands.
    Date,
    /// Where the goods go.
    Country,
    /// ISO 4217.
    Currency,
    /// Of the whole order: what is taken off.
    Discount,
    /// What the discount is called.
    DiscountLabel,
    /// Of the whole order.
    Shipping,
    /// What the shipping is called.
    ShippingLabel,
    /// Of the whole order.
    Tax,
    /// Fees of the whole order.
    Other,
    /// What the order comes to: what its lines and the rest are held against.
    Total,
    /// What was given back of it, in money.
    Refunded,
    /// Whether it was paid.
    Status,
}

/// Roles there are.
pub const ROLES: usize = 18;

impl ColumnRole {
    /// Each of them, at its own place.
    pub const ALL: [Self; ROLES] = [
        Self::Order,
        Self::Sku,
        Self::Quantity,
        Self::Price,
        Self::Amount,
        Self::Customer,
        Self::Date,
        Self::Country,
        Self::Currency,
        Self::Discount,
        Self::DiscountLabel,
        Self::Shipping,
        Self::ShippingLabel,
        Self::Tax,
        Self::Other,
        Self::Total,
        Self::Refunded,
        Self::Status,
    ];

    /// Its name in `--columns`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Sku => "sku",
            Self::Quantity => "quantity",
            Self::Price => "price",
            Self::Amount => "amount",
            Self::Customer => "customer",
            Self::Date => "date",
            Self::Country => "country",
            Self::Currency => "currency",
            Self::Discount => "discount",
            Self::DiscountLabel => "discount-label",
            Self::Shipping => "shipping",
            Self::ShippingLabel => "shipping-label",
            Self::Tax => "tax",
            Self::Other => "other",
            Self::Total => "total",
            Self::Refunded => "refunded",
            Self::Status => "status",
        }
    }

    /// Whether all rows of an order must agree about it, those that say nothing aside.
    #[must_use]
    pub fn is_of_the_order(self) -> bool {
        match self {
            Self::Customer
            | Self::Currency
            | Self::Discount
            | Self::Shipping
            | Self::Tax
            | Self::Other
            | Self::Total
            | Self::Refunded
            | Self::Status => true,
            Self::Order
            | Self::Sku
            | Self::Quantity
            | Self::Price
            | Self::Amount
            | Self::Date
            | Self::Country
            | Self::DiscountLabel
            | Self::ShippingLabel => false,
        }
    }
}

/// The exports whose headings are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Preset {
    /// The Online Retail data set, as CSV
    #[default]
    OnlineRetail,
    /// The Online Retail II data set, as CSV
    OnlineRetailIi,
    /// The orders of a Shopify shop (Orders, Export)
    Shopify,
    /// The orders of a WooCommerce shop: by Advanced Order Export, or by Customer/Order/Coupon Export with a row an item
    Woocommerce,
}

impl Preset {
    const ALL: [Self; 4] = [Self::OnlineRetail, Self::OnlineRetailIi, Self::Shopify, Self::Woocommerce];

    fn name(self) -> &'static str {
        match self {
            Self::OnlineRetail => "online-retail",
            Self::OnlineRetailIi => "online-retail-ii",
            Self::Shopify => "shopify",
            Self::Woocommerce => "woocommerce",
        }
    }
}

/// How a file is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The headings that each role may have, the first that is there.
    headings: [Vec<String>; ROLES],
    /// Whether a file without it is refused.
    is_required: [bool; ROLES],
    /// Whether a number that begins with C is a cancellation.
    pub has_cancellations: bool,
    /// Whether an item with a price of nothing was sold as a gift; else its row is no sale.
    pub has_free_items: bool,
    /// The currency, where the file has no column of it.
    pub currency: Option<iso_currency::Currency>,
    /// The statuses of orders that were paid, in lower case; any, where there are none.
    pub paid: &'static [&'static str],
}

impl From<Preset> for Layout {
    fn from(preset: Preset) -> Self {
        use ColumnRole::{
            Amount, Country, Currency, Customer, Date, Discount, DiscountLabel, Order, Other, Price, Quantity,
            Refunded, Shipping, ShippingLabel, Sku, Status, Tax, Total,
        };
        let retail = [(Sku, "StockCode"), (Quantity, "Quantity"), (Date, "InvoiceDate"), (Country, "Country")];
        let (own, optional): (&[_], &[_]) = match preset {
            Preset::OnlineRetail => (&[(Order, "InvoiceNo"), (Price, "UnitPrice"), (Customer, "CustomerID")], &[]),
            Preset::OnlineRetailIi => (&[(Order, "Invoice"), (Price, "Price"), (Customer, "Customer ID")], &[]),
            Preset::Shopify => (
                &[
                    (Order, "Name"),
                    (Sku, "Lineitem sku"),
                    (Quantity, "Lineitem quantity"),
                    (Price, "Lineitem price"),
                    (Customer, "Email"),
                    (Date, "Created at"),
                    (Country, "Shipping Country"),
                    (Currency, "Currency"),
                    (Discount, "Discount Amount"),
                    (Shipping, "Shipping"),
                    (Tax, "Taxes"),
                    (Total, "Total"),
                    (Status, "Financial Status"),
                ],
                &[
                    (DiscountLabel, "Discount Code"),
                    (ShippingLabel, "Shipping Method"),
                    (Other, "Duties"),
                    (Refunded, "Refunded Amount"),
                ],
            ),
            Preset::Woocommerce => (
                &[
                    (Order, "Order Number"),
                    (Order, "order_number"),
                    (Sku, "SKU"),
                    (Sku, "item_sku"),
                    (Quantity, "Quantity (- Refund)"),
                    (Quantity, "Quantity"),
                    (Quantity, "item_quantity"),
                    (Price, "Item Cost"),
                    (Customer, "Email (Billing)"),
                    (Customer, "billing_email"),
                    (Date, "Order Date"),
                    (Date, "order_date"),
                    (Date, "date"),
                    (Country, "Country Code (Shipping)"),
                    (Country, "shipping_country"),
                    (Discount, "Cart Discount Amount"),
                    (Discount, "discount_total"),
                    (Shipping, "Order Shipping Amount"),
                    (Shipping, "shipping_total"),
                    (Tax, "Order Total Tax Amount"),
                    (Tax, "tax_total"),
                    (Total, "Order Total Amount"),
                    (Total, "order_total"),
                    (Status, "Order Status"),
                    (Status, "status"),
                ],
                &[
                    (Amount, "item_total"),
                    (Currency, "Currency"),
                    (Currency, "order_currency"),
                    (DiscountLabel, "Coupon Code"),
                    (ShippingLabel, "Shipping Method Title"),
                    (ShippingLabel, "shipping_method"),
                    (Other, "Order Total Fee"),
                    (Other, "fee_total"),
                    (Refunded, "Order Refund Amount"),
                    (Refunded, "refunded_total"),
                ],
            ),
        };
        let is_retail = matches!(preset, Preset::OnlineRetail | Preset::OnlineRetailIi);
        let mut layout = Self {
            headings: Default::default(),
            is_required: [false; ROLES],
            has_cancellations: is_retail,
            has_free_items: !is_retail,
            currency: is_retail.then_some(iso_currency::Currency::GBP),
            paid: match preset {
                Preset::OnlineRetail | Preset::OnlineRetailIi => &[],
                Preset::Shopify => &["paid", "partially_refunded", "refunded"],
                Preset::Woocommerce => &["completed", "processing", "refunded"],
            },
        };
        let required = own.iter().chain(if is_retail { &retail[..] } else { &[] });
        for (role, heading) in required {
            layout.headings[*role as usize].push((*heading).to_owned());
            layout.is_required[*role as usize] = true;
        }
        for (role, heading) in optional {
            layout.headings[*role as usize].push((*heading).to_owned());
        }
        layout
    }
}

/// What `--columns` says: a heading for a role, or none for a role that the file does not have.
pub type Named = Vec<(ColumnRole, Option<String>)>;

/// Parses `order=Invoice,price=Price,customer=Customer ID`. A heading may hold commas, since only `role=` begins one.
///
/// # Errors
///
/// What is wrong with it, and what is allowed.
pub fn parse(text: &str) -> Result<Named, String> {
    let names = || ColumnRole::ALL.map(ColumnRole::name).join(", ");
    let mut named: Named = Vec::new();
    for piece in text.split(',') {
        let role = piece.split_once('=').and_then(|(name, heading)| {
            ColumnRole::ALL.into_iter().find(|role| role.name() == name.trim()).map(|role| (role, heading))
        });
        if let Some((role, heading)) = role {
            if named.iter().any(|(other, _)| *other == role) {
                return Err(format!("{} is named twice", role.name()));
            }
            let heading = heading.trim();
            named.push((role, (!heading.is_empty()).then(|| heading.to_owned())));
            continue;
        }
        match named.last_mut() {
            Some((_, Some(heading))) if !piece.contains('=') => {
                heading.push(',');
                heading.push_str(piece);
            }
            _ => return Err(format!("{piece:?} is no ROLE=HEADING; the roles are {}", names())),
        }
    }
    for role in [ColumnRole::Order, ColumnRole::Sku, ColumnRole::Quantity] {
        if named.iter().any(|(other, heading)| *other == role && heading.is_none()) {
            return Err(format!("no file is without {}", role.name()));
        }
    }
    Ok(named)
}

/// Why a heading does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadingError {
    /// A column that is needed is not there.
    #[error("{0}")]
    Missing(String),
    /// Two columns have the same heading: which of them is meant is anybody's guess.
    #[error("the heading names {0} twice")]
    Duplicate(String),
}

impl Layout {
    /// What the command line says instead of the preset.
    pub fn name(&mut self, named: &[(ColumnRole, Option<String>)]) {
        for (role, heading) in named {
            // A file has a price or an amount: who names one has no other.
            let other = match role {
                ColumnRole::Price => Some(ColumnRole::Amount),
                ColumnRole::Amount => Some(ColumnRole::Price),
                _ => None,
            };
            for other in other.into_iter().filter(|other| named.iter().all(|(named, _)| named != other)) {
                self.headings[other as usize].clear();
                self.is_required[other as usize] = false;
            }
            self.headings[*role as usize] = heading.iter().cloned().collect();
            self.is_required[*role as usize] = heading.is_some();
        }
    }

    /// The roles that need a column and have none among these headings.
    pub(super) fn lacks(&self, cells: &[String]) -> Vec<ColumnRole> {
        let is_there = |role: ColumnRole| self.headings[role as usize].iter().any(|heading| cells.contains(heading));
        let is_missing = |role: &ColumnRole| match role {
            ColumnRole::Price => !is_there(ColumnRole::Price) && !is_there(ColumnRole::Amount),
            ColumnRole::Amount => self.is_required[ColumnRole::Amount as usize] && !is_there(ColumnRole::Amount),
            _ => self.is_required[*role as usize] && !is_there(*role),
        };
        ColumnRole::ALL.into_iter().filter(is_missing).collect()
    }

    /// Finds the columns of a heading.
    ///
    /// # Errors
    ///
    /// [`HeadingError`], which says what was found and what was wanted.
    pub fn find(&self, heading: &ByteRecord) -> Result<Columns, HeadingError> {
        let cells = cells(heading);
        let duplicate = cells.iter().enumerate().find(|(at, cell)| !cell.is_empty() && cells[..*at].contains(cell));
        if let Some((_, cell)) = duplicate {
            return Err(HeadingError::Duplicate(format!("{cell:?}")));
        }
        let lacking = self.lacks(&cells);
        if !lacking.is_empty() {
            return Err(HeadingError::Missing(self.lament(&lacking, &cells)));
        }
        let mut at = [None; ROLES];
        for (place, headings) in at.iter_mut().zip(&self.headings) {
            *place = headings.iter().find_map(|heading| cells.iter().position(|cell| cell == heading));
        }
        Ok(Columns { at, width: heading.len() })
    }

    fn lament(&self, lacking: &[ColumnRole], cells: &[String]) -> String {
        let headings = |role: ColumnRole| {
            let also = (role == ColumnRole::Price).then_some(&self.headings[ColumnRole::Amount as usize]);
            let headings = self.headings[role as usize].iter().chain(also.into_iter().flatten());
            headings.map(|heading| format!("{heading:?}")).collect::<Vec<_>>().join(" or ")
        };
        let mut told = String::new();
        for role in lacking {
            let wanted = match headings(*role) {
                none if none.is_empty() => "a heading that --columns names".to_owned(),
                wanted => wanted,
            };
            let _ = write!(told, "there is no column {} (for {}); ", wanted.trim_matches('"'), role.name());
        }
        let found: Vec<_> = cells.iter().map(|cell| format!("{cell:?}")).collect();
        let wanted: Vec<_> = ColumnRole::ALL
            .into_iter()
            .filter(|role| self.is_required[*role as usize])
            .map(|role| format!("{}: {}", role.name(), headings(role)))
            .collect();
        let _ = write!(told, "found {}; wanted {}", found.join(", "), wanted.join(", "));
        let fits = Preset::ALL.into_iter().find(|preset| Self::from(*preset).lacks(cells).is_empty());
        match fits {
            Some(preset) => {
                let _ = write!(told, "; --preset {} fits these headings", preset.name());
            }
            None => {
                let role = lacking[0].name();
                let _ = write!(told, "; name it by --columns '{role}=HEADING', or choose a --preset");
            }
        }
        told
    }
}

/// The headings of a file, without spaces around them.
pub(super) fn cells(heading: &ByteRecord) -> Vec<String> {
    heading.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
}

/// Where each column stands.
#[derive(Clone, Debug)]
pub struct Columns {
    at: [Option<usize>; ROLES],
    /// Fields of a row.
    pub width: usize,
}

impl Columns {
    /// Whether the file has it.
    #[must_use]
    pub fn has(&self, role: ColumnRole) -> bool {
        self.at[role as usize].is_some()
    }

    /// A field of a row, without spaces around it; empty where the file has none.
    #[must_use]
    pub fn field<'a>(&self, record: &'a ByteRecord, role: ColumnRole) -> &'a [u8] {
        self.at[role as usize].and_then(|at| record.get(at)).unwrap_or_default().trim_ascii()
    }

    /// The fields of a row that have a meaning, if they are text: where one is not, nobody knows what it says.
    #[must_use]
    pub fn texts<'a>(&self, record: &'a ByteRecord) -> Option<[&'a str; ROLES]> {
        let mut texts = [""; ROLES];
        for role in ColumnRole::ALL {
            let text = std::str::from_utf8(self.field(record, role)).ok()?;
            // What was damaged before is not mended by being valid: two names may have become this one.
            if text.contains(char::REPLACEMENT_CHARACTER) {
                return None;
            }
            texts[role as usize] = text.trim(); // a space that does not break is one
        }
        Some(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(layout: &Layout, heading: &[&str]) -> Result<Columns, HeadingError> {
        layout.find(&ByteRecord::from(heading.to_vec()))
    }

    #[test]
    fn columns_are_named_by_role() {
        let named = parse("order=Invoice,price=Price, excl. tax,customer=").expect("three roles");
        let expected = [
            (ColumnRole::Order, Some("Invoice")),
            (ColumnRole::Price, Some("Price, excl. tax")),
            (ColumnRole::Customer, None),
        ];
        assert_eq!(named, expected.map(|(role, heading)| (role, heading.map(str::to_owned))));
        for (text, told) in [
            ("invoice=A", "the roles are order, sku"),
            ("", "is no ROLE=HEADING"),
            ("order=A,order=B", "order is named twice"),
            ("order=", "no file is without order"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_role_that_is_named_replaces_the_preset_s() {
        let mut layout = Layout::from(Preset::OnlineRetail);
        layout.name(&parse("order=No,amount=Sum,customer=").expect("roles"));
        let columns =
            find(&layout, &["No", "StockCode", "Quantity", "InvoiceDate", "Sum", "Country"]).expect("all there");
        assert!(
            columns.has(ColumnRole::Amount) && !columns.has(ColumnRole::Price) && !columns.has(ColumnRole::Customer)
        );
    }

    #[test]
    fn what_is_missing_is_told_with_what_was_found() {
        let layout = Layout::from(Preset::OnlineRetail);
        let heading = ["Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"];
        let told = find(&layout, &heading).expect_err("the other data set").to_string();
        for part in [
            "no column InvoiceNo (for order)",
            "found \"Invoice\", \"StockCode\"",
            "wanted order: \"InvoiceNo\", sku: \"StockCode\"",
            "--preset online-retail-ii fits",
        ] {
            assert!(told.contains(part), "{told}");
        }
        let told = find(&layout, &["a", "b"]).expect_err("anything").to_string();
        assert!(told.contains("--columns 'order=HEADING'"), "{told}");
    }

    #[test]
    fn a_heading_stands_once() {
        let layout = Layout::from(Preset::OnlineRetailIi);
        let heading = ["Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Price", "Customer ID", "Country"];
        assert_eq!(find(&layout, &heading).expect_err("two prices"), HeadingError::Duplicate("\"Price\"".to_owned()));
    }
}
