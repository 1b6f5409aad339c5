use std::collections::BTreeMap;

use flate2::read::MultiGzDecoder;

use super::*;

const HEADING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

fn read(csv: impl Read, prefix: &str) -> Result<Invoices, InvoicesError> {
    super::read(csv, &Options::retail(prefix))
}

/// Reads rows, as they stand in the data set, below its heading.
fn read_rows(rows: &str) -> Invoices {
    read(format!("{HEADING}{rows}").as_bytes(), "").expect("a heading and rows")
}

fn only_order(rows: &str) -> Order {
    let mut invoices = read_rows(rows);
    assert_eq!(invoices.orders.len(), 1, "{invoices:?}");
    invoices.orders.remove(0)
}

fn line(sku: &str, quantity: i64, unit_price: i64) -> Line {
    Line { sku: sku.to_owned(), quantity, price: Price::Unit(unit_price) }
}

#[test]
fn an_invoice_is_an_order() {
    let order = only_order(
        "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01T08:26:00,2.55,17850,United Kingdom\n\
         536365,71053,WHITE METAL LANTERN,6,2010-12-01T08:26:00,3.39,17850,United Kingdom\n",
    );
    assert_eq!(
        order,
        Order {
            order_id: "536365".to_owned(),
            customer_id: "17850".to_owned(),
            invoice_date: "2010-12-01T08:26:00".to_owned(),
            country: Country { code: "GB", is_certain: true },
            currency: Currency::GBP,
            adjustments: Vec::new(),
            lines: vec![line("85123A", 6, 255), line("71053", 6, 339)],
            amount: 6 * 255 + 6 * 339,
        }
    );
}

#[test]
fn rows_with_the_same_sku_and_price_are_one_line() {
    let order = only_order(
        "539456,84876D,\"FRENCH LAVENDER SCENT HEART\",1,2010-12-17T18:00:00,3.75,,United Kingdom\n\
         539456,85135C,RED DRAGONFLY HELICOPTER,1,2010-12-17T18:00:00,7.95,,United Kingdom\n\
         539456,84876D,\"FRENCH LAVENDER SCENT HEART\",1,2010-12-17T18:00:00,3.75,,United Kingdom\n\
         539456,85135C,RED DRAGONFLY HELICOPTER,2,2010-12-17T18:00:00,7.95,,United Kingdom\n",
    );
    assert_eq!(order.lines, [line("84876D", 2, 375), line("85135C", 3, 795)]);
    assert_eq!(order.amount, 2 * 375 + 3 * 795);
}

#[test]
fn the_same_sku_at_another_price_is_another_line() {
    let order = only_order(
        "539102,21181,PLEASE ONE PERSON METAL SIGN,144,2010-12-16T10:37:00,1.53,16029,United Kingdom\n\
         539102,21181,PLEASE ONE PERSON METAL SIGN,144,2010-12-16T10:37:00,1.65,16029,United Kingdom\n",
    );
    assert_eq!(order.lines, [line("21181", 144, 153), line("21181", 144, 165)]);
    assert_eq!(order.units_by_sku(), BTreeMap::from([("21181", 288)]));
}

#[test]
fn skus_differ_by_case_and_lose_spaces_around_them() {
    let order = only_order(
        "1,85123A,,1,2010-12-01T08:26:00,2.55,,United Kingdom\n\
         1,85123a,,1,2010-12-01T08:26:00,2.55,,United Kingdom\n\
         1, 85123A ,,1,2010-12-01T08:26:00,2.55,,United Kingdom\n\
         1,BANK CHARGES,Bank Charges,1,2010-12-02T15:08:00,15.0,15823,United Kingdom\n",
    );
    assert_eq!(order.lines, [line("85123A", 2, 255), line("85123a", 1, 255), line("BANK CHARGES", 1, 1500)]);
}

#[test]
fn a_row_that_is_no_sale_leaves_its_invoice_alone() {
    let long_sku = "9".repeat(65);
    let invoices = read_rows(&format!(
        "539263,22580,ADVENT CALENDAR GINGHAM SACK,4,2010-12-16T14:36:00,0.0,16560,United Kingdom\n\
         539263,22581,RETURNED,-4,2010-12-16T14:36:00,5.95,16560,United Kingdom\n\
         539263,22582,NOTHING,0,2010-12-16T14:36:00,5.95,16560,United Kingdom\n\
         539263,22583,HALF,some,2010-12-16T14:36:00,5.95,16560,United Kingdom\n\
         539263,22584,DEAR,1,2010-12-16T14:36:00,much,16560,United Kingdom\n\
         539263,22585,FINE,1,2010-12-16T14:36:00,0.001,16560,United Kingdom\n\
         539263,,NAMELESS,1,2010-12-16T14:36:00,5.95,16560,United Kingdom\n\
         539263,{long_sku},LONG,1,2010-12-16T14:36:00,5.95,16560,United Kingdom\n\
         539264,22586\n\
         ,22587,NUMBERLESS,1,2010-12-16T14:36:00,5.95,16560,United Kingdom\n\
         539263,22750,FELTCRAFT PRINCESS LOLA DOLL,4,2010-12-16T14:36:01,3.75,16560,United Kingdom\n",
    ));
    assert_eq!(
        invoices.skipped_rows,
        BTreeMap::from([
            (RowSkip::Malformed, 2),
            (RowSkip::StockCode, 2),
            (RowSkip::QuantityUnreadable, 1),
            (RowSkip::QuantityNotPositive, 2),
            (RowSkip::PriceUnreadable, 1),
            (RowSkip::PriceNotPositive, 1),
            (RowSkip::PriceTooFine, 1),
        ])
    );
    assert_eq!((invoices.rows, invoices.orders.len()), (11, 1));
    assert_eq!(invoices.skipped_invoices, BTreeMap::from([(InvoiceSkip::RowRefused, 1)]), "of 539264 a row is missing");
    assert_eq!(invoices.orders[0].lines, [line("22750", 4, 375)]);
    assert_eq!(invoices.orders[0].invoice_date, "2010-12-16T14:36:01", "of the first row that is a sale");
}

#[test]
fn an_invoice_without_a_sale_is_no_order() {
    let invoices = read_rows(
        "539494,21479,?,752,2010-12-20T10:36:00,0.0,,United Kingdom\n\
         536589,21777,,-10,2010-12-01T16:50:00,0.0,,United Kingdom\n",
    );
    assert!(invoices.orders.is_empty());
    assert_eq!(invoices.skipped_invoices, BTreeMap::from([(InvoiceSkip::NoSale, 2)]));
    assert_eq!(
        invoices.skipped_rows,
        BTreeMap::from([(RowSkip::QuantityNotPositive, 1), (RowSkip::PriceNotPositive, 1)])
    );
}

#[test]
fn a_cancellation_is_counted_only() {
    let invoices = read_rows(
        "C539097,22972,CHILDREN'S SPACEBOY MUG,-7,2010-12-16T10:28:00,1.65,12621,Germany\n\
         C539097,22973,CHILDREN'S CIRCUS PARADE MUG,-5,2010-12-16T10:28:00,1.65,12621,Germany\n",
    );
    assert_eq!((invoices.invoices, invoices.cancellations, invoices.cancellation_rows), (1, 1, 2));
    assert!(invoices.orders.is_empty() && invoices.skipped_invoices.is_empty() && invoices.skipped_rows.is_empty());
}

#[test]
fn a_missing_customer_is_a_guest() {
    let order = only_order("539492,22584,PACK OF 6 PANNETONE GIFT BOXES,1,2010-12-20T10:14:00,5.06,,United Kingdom\n");
    assert_eq!(order.customer_id, "guest");
}

#[test]
fn an_invoice_may_be_scattered_over_the_file() {
    let invoices = read_rows(
        "542806,21034,REX CASH+CARRY JUMBO SHOPPER,1,2011-02-01T10:19:00,0.95,12836,United Kingdom\n\
         542807,21034,REX CASH+CARRY JUMBO SHOPPER,1,2011-02-01T10:20:00,0.95,12837,EIRE\n\
         542806,21035,SET/2 RED RETROSPOT TEA TOWELS,2,2011-02-01T10:21:00,2.95,12836,United Kingdom\n",
    );
    let ids: Vec<_> = invoices.orders.iter().map(|order| order.order_id.as_str()).collect();
    assert_eq!(ids, ["542806", "542807"]);
    assert_eq!(invoices.orders[0].lines.len(), 2);
    assert_eq!(invoices.orders[1].country.code, "IE");
}

#[test]
fn an_invoice_over_a_limit_is_skipped_whole() {
    let rows = |invoice: &str, count: u32| -> String {
        (0..count).map(|sku| format!("{invoice},{sku},,1,2011-02-01T10:19:00,0.95,,United Kingdom\n")).collect()
    };
    let huge = format!(
        "3,A,,{max},2011-02-01T10:19:00,0.01,,United Kingdom\n3,A,,1,2011-02-01T10:19:00,0.01,,United Kingdom\n\
         4,A,,{max},2011-02-01T10:19:00,0.02,,United Kingdom\n",
        max = i64::MAX
    );
    let odd = "a b,A,,1,2011-02-01T10:19:00,0.95,,United Kingdom\n";
    let invoices = read_rows(&(rows("1", 1000) + &rows("2", 1001) + &huge + odd));
    assert_eq!(invoices.orders.len(), 1);
    assert_eq!(invoices.orders[0].lines.len(), 1000);
    assert_eq!(
        invoices.skipped_invoices,
        BTreeMap::from([(InvoiceSkip::TooManyLines, 1), (InvoiceSkip::Overflow, 2), (InvoiceSkip::OrderId, 1)])
    );
}

#[test]
fn a_prefix_stands_before_the_number() {
    let rows = format!("{HEADING}539492,22584,,1,2010-12-20T10:14:00,5.06,,United Kingdom\n");
    let order_id = |prefix: &str| read(rows.as_bytes(), prefix).expect("rows").orders.pop().map(|order| order.order_id);
    assert_eq!(order_id("2026:").as_deref(), Some("2026:539492"));
    assert_eq!(order_id("ik_"), None, "kept for the server's own ids");
    assert_eq!(order_id(&"x".repeat(59)), None, "65 characters");
}

#[test]
fn columns_are_found_by_name() {
    let csv = "Country,UnitPrice,Quantity,StockCode,InvoiceNo,CustomerID,InvoiceDate,Channel\r\n\
               EIRE,5.06,1,22584,539492,14911,2010-12-20T10:14:00,web\r\n";
    let invoices = read(csv.as_bytes(), "").expect("all columns are there");
    assert_eq!(invoices.orders[0].lines, [line("22584", 1, 506)]);
    assert_eq!(invoices.orders[0].customer_id, "14911");
    let missing = read(csv.replace("UnitPrice", "Price").as_bytes(), "").expect_err("a column is missing");
    assert!(missing.to_string().contains("no column UnitPrice (for price)"), "{missing}");
}

#[test]
fn bytes_that_are_no_utf_8_hurt_only_where_they_are_used() {
    let mut csv = HEADING.as_bytes().to_vec();
    csv.extend_from_slice(b"1,gift_0001_40,Gift Voucher \xa340.00,1,2010-12-20T10:14:00,34.04,,United Kingdom\n");
    csv.extend_from_slice(b"2,gift,Gift Voucher,1,2010-12-20T10:14:00,34.04,J\xf6rg,Germany\n");
    csv.extend_from_slice(b"2,gift,Gift Voucher,1,2010-12-20T10:14:00,34.04,,Germany\n");
    csv.extend_from_slice(b"3,\xa3,Gift Voucher,1,2010-12-20T10:14:00,34.04,,United Kingdom\n");
    let invoices = read(csv.as_slice(), "").expect("a description may be anything");
    assert_eq!(invoices.orders.len(), 1);
    assert_eq!(invoices.orders[0].lines, [line("gift_0001_40", 1, 3404)]);
    assert_eq!(invoices.skipped_rows, BTreeMap::from([(RowSkip::Encoding, 2)]));
    assert_eq!(invoices.faults, [(3, RowSkip::Encoding), (5, RowSkip::Encoding)]);
    assert_eq!(
        invoices.skipped_invoices,
        BTreeMap::from([(InvoiceSkip::RowRefused, 2)]),
        "what is left of an invoice is not what was sold"
    );
}

#[test]
fn a_file_that_breaks_off_is_an_error() {
    let whole = include_bytes!("../../../../data/online-retail-500.csv.gz");
    let broken = MultiGzDecoder::new(&whole[..whole.len() / 2]);
    assert!(matches!(read(broken, ""), Err(InvoicesError::Read(_))));
}

/// The extract that the README's replay runs on. A change of these figures is a change of what a replay promises.
#[test]
fn the_extract_of_500_invoices_keeps_its_counts() {
    let csv = MultiGzDecoder::new(include_bytes!("../../../../data/online-retail-500.csv.gz").as_slice());
    let invoices = read(csv, "").expect("the extract");
    let orders = &invoices.orders;
    let lines = || orders.iter().flat_map(|order| &order.lines);
    assert_eq!((invoices.invoices, invoices.rows), (500, 10_948));
    assert_eq!((invoices.cancellations, invoices.cancellation_rows), (91, 186));
    assert_eq!(invoices.skipped_invoices, BTreeMap::from([(InvoiceSkip::NoSale, 24)]));
    assert_eq!(
        invoices.skipped_rows,
        BTreeMap::from([(RowSkip::QuantityNotPositive, 10), (RowSkip::PriceNotPositive, 84)])
    );
    assert_eq!(orders.len(), 385);
    assert_eq!(orders.iter().map(|order| order.lines.len()).max(), Some(518));
    assert_eq!(orders.iter().filter(|order| order.lines.len() >= 300).count(), 7);
    assert_eq!(orders.iter().filter(|order| order.customer_id == "guest").count(), 76);
    assert_eq!(lines().count(), 10_585);
    assert_eq!(lines().map(|line| line.quantity).sum::<i64>(), 94_584);
    assert_eq!(orders.iter().map(|order| order.amount).sum::<i64>(), 20_234_879);
    assert!(orders.iter().all(|order| order.country.is_certain));
}
