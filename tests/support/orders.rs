//! What is ordered.

use counterfoil::saga::request::{Address, Details};
use counterfoil::saga::{Capture, Currency, Line, Request, Sku};

/// A request for `quantity` of each SKU, at 100 each.
pub fn request(skus: &[(&str, i64)], payment_method: &str) -> Request {
    let lines = skus.iter().map(|(sku, quantity)| Line::priced(Sku::trusted(*sku), *quantity, 100));
    Request {
        customer_id: "cus-7".into(),
        currency: Currency::parse("USD").expect("a currency"),
        lines: lines.collect(),
        details: Details {
            payment_method: payment_method.into(),
            capture: Capture::Automatic,
            ship_to: Address {
                name: "A".into(),
                line1: "1 Road".into(),
                line2: None,
                city: "X".into(),
                region: None,
                postal_code: "1".into(),
                country: "US".into(),
                email: None,
                phone: None,
            },
            metadata: [("channel".to_owned(), "web".to_owned())].into(),
            adjustments: Vec::new(),
        },
    }
}
