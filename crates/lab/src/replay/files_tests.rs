//! Files as shops have them: encodings, quotes, delimiters, exports of known shops.

use proptest::prelude::*;

use super::super::columns::{Preset, parse};
use super::super::returns::{Returns, Unmatched};
use super::*;

const HEADING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

fn retail(rows: &str) -> Result<Invoices, InvoicesError> {
    read(format!("{HEADING}{rows}").as_bytes(), &Options::retail(""))
}

fn preset(preset: Preset) -> Options {
    Options { layout: Layout::from(preset), ..Options::retail("") }
}

fn sample(name: &str, options: &Options) -> Invoices {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/samples").join(name);
    read(std::fs::File::open(path).expect("a sample"), options).expect("invoices")
}

fn adjustment(kind: &'static str, label: &str, amount: i64) -> Adjustment {
    Adjustment { kind, label: label.to_owned(), amount }
}

#[test]
fn two_customers_whose_names_are_no_text_are_not_one() {
    let rows = [
        &b"1,A,,5,d,1.00,M\xfcller,Germany\n"[..],
        b"2,A,,5,d,1.00,M\xf6ller,Germany\n",
        b"C3,A,,-5,d,1.00,M\xfcller,Germany\n",
    ];
    let csv = [HEADING.as_bytes(), &rows.concat()].concat();
    let invoices = read(csv.as_slice(), &Options::retail("")).expect("rows are refused, not the file");
    assert_eq!((invoices.orders.len(), Returns::of(&invoices, "").refunds.len()), (0, 0));
    assert_eq!(invoices.faults.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);

    for encoding in [Encoding::Latin1, Encoding::Windows1252] {
        let options = Options { encoding: Some(encoding), ..Options::retail("") };
        let invoices = read(csv.as_slice(), &options).expect("text");
        let customers: Vec<_> = invoices.orders.iter().map(|order| order.customer_id.as_str()).collect();
        assert_eq!(customers, ["Müller", "Möller"]);
        assert_eq!(Returns::of(&invoices, "").refunds[0].sale, 0, "to who bought it");
        assert!(invoices.notes.is_empty(), "what was asked for is no news");
    }
    // An earlier program did the damage: the file is valid, and the names are the same.
    let damaged = String::from_utf8_lossy(&csv).into_owned();
    let invoices = read(damaged.as_bytes(), &Options::retail("")).expect("rows are refused");
    assert_eq!((invoices.orders.len(), invoices.faulty_rows()), (0, 3));
}

#[test]
fn a_mark_says_the_encoding_and_is_no_part_of_the_heading() {
    let text = format!("{HEADING}1,A,,5,d,1.00,M\u{fc}ller,Germany\n");
    let wide = |bytes: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(bytes).collect()
    };
    let marked = |mark: &[u8]| [mark, text.as_bytes()].concat();
    for (csv, asked, notes) in [
        (marked(b""), None, 0),
        (marked(b"\xef\xbb\xbf"), None, 0),
        (wide(u16::to_le_bytes, true), None, 1),
        (wide(u16::to_be_bytes, true), None, 1),
        (wide(u16::to_be_bytes, true), Some(Encoding::Utf16), 0),
        (wide(u16::to_le_bytes, false), Some(Encoding::Utf16), 0),
    ] {
        let options = Options { encoding: asked, ..Options::retail("") };
        let invoices = read(csv.as_slice(), &options).expect("text");
        assert_eq!((invoices.orders[0].customer_id.as_str(), invoices.notes.len()), ("Müller", notes), "{asked:?}");
    }
    let options = Options { encoding: Some(Encoding::Latin1), ..Options::retail("") };
    let error = read(marked(b"\xef\xbb\xbf").as_slice(), &options).expect_err("they contradict each other").to_string();
    assert!(error.contains("utf-8") && error.contains("latin1"), "{error}");
}

#[test]
fn a_quote_that_nobody_closes_is_told_by_its_line() {
    let row = |number: u32| format!("{number},A,thing,1,d,1.00,7,France\n");
    let many = |from: u32, to: u32| (from..to).map(row).collect::<String>();
    let open = "50,A,\"thing,1,d,1.00,7,France\n";
    for (rows, line, what) in [
        (many(1, 50) + open + &many(51, 349), 51, "up to the end of the file"),
        (many(1, 50) + open + &many(51, 60) + "60,A,a \"thing\",1,d,1.00,7,France\n" + &many(61, 70), 51, "a quote"),
        (many(1, 50) + open + &many(51, 60) + "60,A,\"thing\",1,d,1.00,7,France\n", 51, "ends within a field"),
        (many(1, 50) + open + &many(51, 60) + "60,A,thing\",1,d,1.00,7,France\n", 51, "holds a whole row"),
        (format!("1,A,\"{}\",1,d,1.00,7,France\n", "\n".repeat(101)), 2, "more than 100 line breaks"),
    ] {
        match retail(&rows) {
            Err(InvoicesError::Broken(broken)) => {
                assert_eq!(broken.line, line, "{broken}");
                assert!(broken.to_string().contains(what), "{broken}");
            }
            other => panic!("{other:?} is not broken for {what:?}"),
        }
    }
    let heading = format!("\"{HEADING}1,A,,1,d,1.00,7,France\n");
    assert!(read(heading.as_bytes(), &Options::retail("")).is_err(), "in the heading");
}

#[test]
fn a_note_of_several_lines_is_one_field() {
    let rows =
        "\n1,A,\"for Ann,\r\nplease, \"\"fragile\"\"\",1,d,1.00,7,France\r\n\n2,A,12\" pipe,1,d,1.00,7,France\n3,A\n";
    let invoices = retail(rows).expect("rows");
    assert_eq!(invoices.orders.len(), 2);
    assert_eq!(invoices.faults, [(7, RowSkip::Malformed)], "lines are counted as an editor does");
    let within = retail("1,A,\"a\"b,1,d,1.00,7,France\n").expect("rows");
    assert_eq!(within.faults, [(2, RowSkip::Malformed)], "a quote ends within a field");
}

#[test]
fn lines_may_end_as_on_old_macs() {
    let csv = format!("{HEADING}1,A,,1,d,1.00,7,France\n2,A\n").replace('\n', "\r");
    let invoices = read(csv.as_bytes(), &Options::retail("")).expect("rows");
    assert_eq!((invoices.orders.len(), invoices.faults), (1, vec![(3, RowSkip::Malformed)]));
    // A program that ends lines so may still break them otherwise within a cell.
    let rows = "1,A,\"no\nte\",1,d,1.00,7,France\r2,A,\"thing,1,d,1.00,7,France\r3,A,x,1,d,1.00,8,France\r\
        4,A,thing\",1,d,1.00,9,France\r";
    assert!(matches!(retail(rows), Err(InvoicesError::Broken(broken)) if broken.line == 4));
}

#[test]
fn a_space_is_nobodys_name() {
    let invoices = retail("1,A,,1,d,1.00,\u{a0},France\n").expect("rows");
    assert_eq!(invoices.orders[0].customer_id, GUEST);
}

#[test]
fn two_customers_under_one_number_are_no_order() {
    let invoices =
        retail("1,A,,1,d,1.00,7,France\n1,B,,1,d,1.00,8,France\n2,A,,1,d,1.00,,France\n2,B,,1,d,1.00,7,France\n")
            .expect("rows");
    assert_eq!(invoices.skipped_invoices, BTreeMap::from([(InvoiceSkip::Contradiction, 1)]));
    assert_eq!(invoices.orders[0].customer_id, "7", "a row that names nobody contradicts nobody");
}

#[test]
fn a_field_beyond_the_limits_is_a_skip() {
    let long = |n| "x".repeat(n);
    for (row, skip) in [
        (format!("1,A,,1,d,1.00,{},France\n", long(257)), InvoiceSkip::Limit),
        (format!("1,A,,1,{},1.00,7,France\n", long(501)), InvoiceSkip::Limit),
        ("1,A,,1000000001,d,0.01,7,France\n".to_owned(), InvoiceSkip::Limit),
        ("1,A,,1,d,10000000000.01,7,France\n".to_owned(), InvoiceSkip::Limit),
        ("1,A,,1000000,d,10000000000.00,7,France\n".to_owned(), InvoiceSkip::Overflow),
        ("1,A,,1,d,1.00,a\u{7}b,France\n".to_owned(), InvoiceSkip::Limit),
        ("..,A,,1,d,1.00,7,France\n".to_owned(), InvoiceSkip::OrderId),
    ] {
        let invoices = retail(&row).expect("rows");
        assert_eq!((invoices.orders.len(), invoices.skipped_invoices), (0, BTreeMap::from([(skip, 1)])), "{row:?}");
    }
    for sku in ["..", "a\u{202e}b", "\u{a0}"] {
        let invoices = retail(&format!("1,{sku},,1,d,1.00,7,France\n")).expect("rows");
        assert_eq!(invoices.skipped_rows, BTreeMap::from([(RowSkip::StockCode, 1)]), "{sku:?}");
    }
    let most = format!("1,A,,1000000000,{},0.01,{},France\n", long(500), long(256));
    assert_eq!(retail(&most).expect("rows").orders.len(), 1);
}

#[test]
fn a_currency_decides_what_an_amount_is() {
    let of = |currency, price: &str| {
        let options = Options { currency: Some(currency), ..Options::retail("") };
        let csv = format!("{HEADING}1,A,,2,d,{price},7,France\n");
        let invoices = read(csv.as_bytes(), &options).expect("rows");
        (invoices.orders.first().map(|order| (order.currency, order.amount)), invoices.skipped_rows)
    };
    let none = BTreeMap::new();
    assert_eq!(of(Currency::JPY, "1500"), (Some((Currency::JPY, 3_000)), none.clone()));
    assert_eq!(of(Currency::KWD, "1.255"), (Some((Currency::KWD, 2_510)), none.clone()));
    assert_eq!(of(Currency::EUR, "1.25"), (Some((Currency::EUR, 250)), none));
    for (currency, price) in [(Currency::JPY, "1500.50"), (Currency::EUR, "0.255")] {
        assert_eq!(of(currency, price), (None, BTreeMap::from([(RowSkip::PriceTooFine, 1)])));
    }
}

#[test]
fn a_mark_that_may_stand_before_thousands_is_asked_about() {
    let of = |currency, prices: &[&str], decimal| {
        let options = Options { currency: Some(currency), decimal, ..Options::retail("") };
        let rows: String = prices.iter().map(|price| format!("1,A,,1,d,\"{price}\",7,Indonesia\n")).collect();
        read(format!("{HEADING}{rows}").as_bytes(), &options).map(|invoices| invoices.orders[0].amount)
    };
    for (currency, price) in [(Currency::IDR, "150.000"), (Currency::VND, "150.000"), (Currency::EUR, "1,000")] {
        let error = of(currency, &["7", price], None).expect_err("which is it?").to_string();
        assert!(error.contains("line 3") && error.contains(price) && error.contains("--decimal"), "{error}");
    }
    assert_eq!(of(Currency::IDR, &["150.000"], Some(Decimal::Comma)).expect("it is asked for"), 15_000_000);
    assert_eq!(of(Currency::EUR, &["1.000", "2.50"], None).expect("the other amount says it"), 350);
    assert_eq!(of(Currency::KWD, &["1.000"], None).expect("a dinar has three decimals"), 1_000);
}

#[test]
fn spaces_and_apostrophes_stand_between_thousands() {
    for (price, amount) in [
        ("1 234,50", 123_450),
        ("1\u{a0}234\u{a0}567,5", 123_456_750),
        ("1\u{202f}234,00", 123_400),
        ("1'234.50", 123_450),
    ] {
        let invoices = retail(&format!("1,A,,1,d,\"{price}\",7,France\n")).expect("rows");
        assert_eq!(invoices.orders.first().map(|order| order.amount), Some(amount), "{price:?}");
    }
}

#[test]
fn what_is_left_of_a_sale_is_no_order() {
    for row in ["1,B,,1,d,12:50,7,France", "1,B,,0.5,d,1.00,7,France", "1,B,,1.000,d,1.00,7,France"] {
        let invoices = retail(&format!("1,A,,1,d,12.50,7,France\n{row}\n")).expect("rows");
        assert_eq!(invoices.skipped_invoices, BTreeMap::from([(InvoiceSkip::RowRefused, 1)]), "{row}");
        assert_eq!((invoices.orders.len(), invoices.faulty_rows()), (0, 0), "{row}");
    }
}

#[test]
fn a_row_that_is_out_of_place_takes_its_order_with_it() {
    let mut options = Options::retail("");
    let columns = "customer=Customer,order=No,sku=Sku,quantity=Units,price=Price,date=,country=";
    options.layout.name(&parse(columns).expect("roles"));
    let heading = "Customer,No,Sku,Units,Price\n";
    for rows in ["Ann,1001,A,1,5.00\nSmith, John,1001,B,1,90.00\n", "Smith, John,1001,B,1,90.00\nAnn,1001,A,1,5.00\n"] {
        let invoices = read(format!("{heading}{rows}Bob,1002,A,1,5.00\n").as_bytes(), &options).expect("rows");
        let orders: Vec<_> = invoices.orders.iter().map(|order| order.order_id.as_str()).collect();
        assert_eq!((orders, invoices.faulty_rows()), (vec!["1002"], 1), "{rows}");
    }
}

/// With a column of currencies.
fn in_currencies(rows: &str, asked: Option<Currency>) -> Invoices {
    let mut options = Options { currency: asked, ..Options::retail("") };
    options.layout.name(&parse("currency=Cur").expect("a role"));
    read(format!("{},Cur\n{rows}", HEADING.trim()).as_bytes(), &options).expect("rows")
}

#[test]
fn a_return_is_of_a_sale_in_its_currency() {
    let rows = "1,A,,5,d,1.00,7,France,EUR\n2,A,,5,d,1.00,7,France,GBP\nC3,A,,-2,d,1.00,7,France,EUR\n";
    let refunds = |asked| {
        let invoices = in_currencies(rows, asked);
        let returns = Returns::of(&invoices, "");
        returns.refunds.iter().map(|refund| invoices.orders[refund.sale].order_id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(refunds(None), ["1"]);
    assert_eq!(refunds(Some(Currency::EUR)), ["1"]);
    assert_eq!(refunds(Some(Currency::GBP)), [""; 0]);
}

#[test]
fn a_currency_that_is_not_said_is_not_guessed() {
    let amounts = |rows: &str, asked| {
        let orders = in_currencies(rows, asked).orders;
        orders.iter().map(|order| (order.amount, order.currency)).collect::<Vec<_>>()
    };
    let late = "1,A,,1,d,1500,7,Japan,\n1,B,,1,d,500,7,Japan,JPY\n";
    assert_eq!(amounts(late, None), [], "the first row could not be read");
    assert_eq!(amounts(late, Some(Currency::GBP)), [], "it was read as pounds");
    assert_eq!(amounts(late, Some(Currency::JPY)), [(2_000, Currency::JPY)]);
    assert_eq!(amounts("1,A,,1,d,1.50,7,Japan,\n", None), []);
    let early = "1,A,,1,d,1500,7,Japan,JPY\n1,B,,1,d,500,7,Japan,\n";
    assert_eq!(amounts(early, None), [(2_000, Currency::JPY)], "exports say it in an order's first row");
}

#[test]
fn a_file_that_is_mended_pays_nobody_a_second_time() {
    let with = |row: &str| {
        let rows = format!("1,A,,5,d,1.00,7,France\n{row}\nC9,A,,-2,d,1.00,7,France\n");
        let invoices = retail(&rows).expect("rows");
        let returns = Returns::of(&invoices, "");
        let sales: Vec<_> = returns.refunds.iter().map(|back| invoices.orders[back.sale].order_id.clone()).collect();
        (sales, returns.unmatched.into_keys().collect::<Vec<_>>())
    };
    let mended = (vec!["2".to_owned()], vec![]);
    assert_eq!(with("2,A,\"red, big\",5,d,1.00,7,France"), mended);
    assert_eq!(with("2,A,red, big,5,d,1.00,7,France"), (vec![], vec![Unmatched::Damaged]));
    let doubtful = (vec![], vec![Unmatched::Doubtful]);
    assert_eq!(with("2,A,,5,d,1:00,7,France"), doubtful, "a price that cannot be read");
    assert_eq!(with("2,A,,5,d,1.00,7,France\n2,B,,5,d,1.00,8,France"), doubtful, "it may be 7's");
    assert_eq!(with(&format!("2,A,,5,{},1.00,7,France", "x".repeat(501))), doubtful, "beyond the limits");
    assert_eq!(with("2,A,,5,d,1:00,8,France").0, ["1"], "another's");
    assert_eq!(with("2,A,,5,d,0.00,7,France").0, ["1"], "no sale");
}

#[test]
fn a_later_export_gives_back_the_difference() {
    let said = "order=No,sku=Sku,quantity=Units,price=Price,customer=Who,refunded=Back,date=,country=";
    let mut options = Options::retail("");
    options.layout.name(&parse(said).expect("roles"));
    let refunds = |back: &str, so_far: i64| {
        let csv = format!("No,Sku,Units,Price,Who,Back\n1,A,10,5.00,7,{back}\n");
        let mut returns = Returns::of(&read(csv.as_bytes(), &options).expect("rows"), "");
        returns.so_far(|_| so_far);
        (returns.refunds.iter().map(|one| (one.key.clone(), one.amount)).collect::<Vec<_>>(), returns.unmatched)
    };
    assert_eq!(refunds("10.50", 0).0, [("1:refund:1050".to_owned(), 1_050)]);
    assert_eq!(refunds("31.50", 1_050).0, [("1:refund:3150".to_owned(), 2_100)]);
    for so_far in [3_150, 4_000] {
        assert_eq!(refunds("31.50", so_far), (vec![], BTreeMap::from([(Unmatched::Before, 1)])));
    }
}

#[test]
fn delimiters_and_decimal_commas_are_found_and_told() {
    let semicolons = HEADING.replace(',', ";");
    let csv = format!("{semicolons}1;A;a, b, c;2;d;1.234,50;7;France\n");
    for csv in [csv.clone(), format!("sep=;\r\n{csv}"), format!("\"sep=;\"\n{csv}")] {
        let invoices = read(csv.as_bytes(), &Options::retail("")).expect("rows");
        assert_eq!(invoices.orders[0].amount, 246_900);
        assert_eq!(invoices.notes.len(), 2, "{:?}", invoices.notes);
    }
    let tabs = csv.replace("1.234,50", "1.5").replace(';', "\t");
    for csv in [tabs.clone(), format!("sep=\t\n{tabs}")] {
        assert_eq!(read(csv.as_bytes(), &Options::retail("")).expect("rows").orders[0].amount, 300);
    }
    let asked = Options { delimiter: Some(b';'), decimal: Some(Decimal::Comma), ..Options::retail("") };
    let invoices = read(csv.as_bytes(), &asked).expect("rows");
    assert!(invoices.orders[0].amount == 246_900 && invoices.notes.is_empty());
    // With sep= the lines are counted all the same.
    let short = format!("sep=;\n{semicolons}1;A\n");
    assert_eq!(read(short.as_bytes(), &Options::retail("")).expect("rows").faults, [(3, RowSkip::Malformed)]);

    let both = format!("{semicolons}1;A;;2;d;1,5;7;France\n2;A;;2;d;1.5;7;France\n");
    let error = read(both.as_bytes(), &Options::retail("")).expect_err("which is it?").to_string();
    assert!(error.contains("line 2 has a decimal comma and line 3 a decimal point"), "{error}");
    let unclear = format!("{semicolons}1;A;;2;d;1,234;7;France\n");
    let error = read(unclear.as_bytes(), &Options::retail("")).expect_err("a thousand, or one and a bit?").to_string();
    assert!(error.contains("--decimal"), "{error}");
}

/// A file whose rows have sums of their own.
fn with_sums(rows: &str) -> Invoices {
    let mut options = Options::retail("");
    options
        .layout
        .name(&parse("order=No,sku=Sku,quantity=Units,amount=Sum,customer=Who,date=,country=").expect("roles"));
    read(format!("No,Sku,Units,Sum,Who\n{rows}").as_bytes(), &options).expect("rows")
}

#[test]
fn a_sum_that_no_unit_price_expresses_stays_a_sum() {
    let invoices = with_sums("1,A,3,10.00,7\n1,B,4,10.00,7\n1,A,3,10.00,7\n1,A,2,3.00,7\n");
    let line = |sku: &str, quantity, price| Line { sku: sku.to_owned(), quantity, price };
    assert_eq!(
        invoices.orders[0].lines,
        [line("A", 6, Price::Whole(2_000)), line("B", 4, Price::Unit(250)), line("A", 2, Price::Unit(150))],
        "an order has one line of a SKU with a sum"
    );
    assert_eq!(invoices.orders[0].amount, 3_300);
}

#[test]
fn a_part_of_a_sum_is_given_back_for_its_share() {
    let given_back = |backs: &[&str]| {
        let returns: String = backs.iter().enumerate().map(|(at, back)| format!("C{at},A,{back},7\n")).collect();
        let invoices = with_sums(&format!("1,A,3,10.00,7\n{returns}"));
        let returns = Returns::of(&invoices, "");
        returns.refunds.iter().map(|refund| (refund.amount, refund.restock["A"])).collect::<Vec<_>>()
    };
    assert_eq!(given_back(&["-3,-10.00"]), [(1_000, 3)]);
    assert_eq!(given_back(&["-1,-3.33", "-1,-3.34", "-1,-3.33"]), [(333, 1), (334, 1), (333, 1)]);
    assert_eq!(given_back(&["-2,-6.67", "-1,-3.33"]), [(667, 2), (333, 1)]);
    assert_eq!(given_back(&["-1,-3.33", "-1,-3.33", "-1,-3.33"]), [(333, 1), (333, 1)], "the last is what is left");
    for wrong in ["-1,-4.00", "-1,-3.32", "-4,-10.00", "-3,-9.99"] {
        assert_eq!(given_back(&[wrong]), [], "{wrong}");
    }
}

#[test]
fn nobody_is_given_back_more_than_an_order_cost() {
    let mut options = Options::retail("");
    options.layout.name(&parse("discount=Off").expect("a role"));
    let csv = format!(
        "{},Off\n1,A,,2,d,5.00,7,France,4.00\nC2,A,,-1,d,5.00,7,France,\nC3,A,,-1,d,5.00,7,France,\n",
        HEADING.trim()
    );
    let invoices = read(csv.as_bytes(), &options).expect("rows");
    assert_eq!(invoices.orders[0].adjustments, [adjustment("discount", "discount", -400)]);
    let returns = Returns::of(&invoices, "");
    assert_eq!(returns.refunds.iter().map(|refund| refund.amount).collect::<Vec<_>>(), [500], "600 were paid");
    let said = "order=No,sku=Sku,quantity=Units,price=Price,customer=Who,refunded=Back,date=,country=";
    let mut options = Options::retail("");
    options.layout.name(&parse(said).expect("roles"));
    let csv = "No,Sku,Units,Price,Who,Back\n1,A,2,5.00,7,4.00\n2,A,2,5.00,8,10.01\nC3,A,-2,5.00,7,\nC4,A,-1,5.00,7,\n";
    let returns = Returns::of(&read(csv.as_bytes(), &options).expect("rows"), "");
    let refunds: Vec<_> = returns.refunds.iter().map(|refund| (refund.key.as_str(), refund.amount)).collect();
    assert_eq!(refunds, [("C3", 1_000)], "all of it came back by its lines");
}

#[test]
fn free_goods_come_back_for_nothing() {
    let mut options = Options::retail("");
    options.layout.has_free_items = true;
    let csv = format!(
        "{HEADING}1,A,,2,d,5.00,7,France\n1,B,,1,d,0.00,7,France\nC2,B,,-1,d,0.00,7,France\n3,B,,1,d,0,7,France\n"
    );
    let invoices = read(csv.as_bytes(), &options).expect("rows");
    assert_eq!(invoices.orders[0].lines[1].price, Price::Unit(0));
    assert_eq!(invoices.skipped_invoices, BTreeMap::from([(InvoiceSkip::Free, 1)]));
    let returns = Returns::of(&invoices, "");
    assert_eq!((returns.refunds[0].amount, returns.refunds[0].restock["B"]), (0, 1));
}

#[test]
fn online_retail_ii_has_other_headings() {
    let invoices = sample("online-retail-ii.csv", &preset(Preset::OnlineRetailIi));
    assert_eq!((invoices.orders.len(), invoices.cancellations, invoices.faulty_rows()), (3, 1, 0));
    assert_eq!(Returns::of(&invoices, "").refunds.len(), 1);
    let mut options = Options::retail("");
    options.layout.name(&parse("order=Invoice,price=Price,customer=Customer ID").expect("roles"));
    assert_eq!(sample("online-retail-ii.csv", &options).orders, invoices.orders);
}

#[test]
fn an_export_of_shopify_is_orders() {
    let invoices = sample("shopify-orders.csv", &preset(Preset::Shopify));
    let found: Vec<_> = invoices.orders.iter().map(|order| (order.order_id.as_str(), order.amount)).collect();
    assert_eq!(found, [("1001", 5_629), ("1002", 11_900), ("1004", 3_150), ("1005", 2_000), ("1007", 1_000)]);
    let [first, included, _, gift, _] = &invoices.orders[..] else { panic!("five orders") };
    assert_eq!((first.customer_id.as_str(), first.lines.len(), first.country.code), ("ada@example.com", 2, "US"));
    assert_eq!(
        first.adjustments,
        [adjustment("discount", "FALL5", -500), adjustment("tax", "tax", 329), adjustment("shipping", "Standard", 600)]
    );
    assert_eq!(included.adjustments, [], "its prices hold the tax");
    assert_eq!(gift.lines.iter().map(|line| line.price).collect::<Vec<_>>(), [Price::Unit(2_000), Price::Unit(0)]);
    assert_eq!(
        invoices.skipped_invoices,
        BTreeMap::from([(InvoiceSkip::NotPaid, 1), (InvoiceSkip::Total, 1)]),
        "1003 was voided, 1006 has an item without a SKU"
    );
    let refunds = Returns::of(&invoices, "").refunds;
    let refunds: Vec<_> = refunds.iter().map(|back| (back.sale, back.key.as_str(), back.amount)).collect();
    assert_eq!(refunds, [(2, "1004:refund", 1_050)]);
    let dollars = Options { currency: Some(Currency::USD), ..preset(Preset::Shopify) };
    assert_eq!(sample("shopify-orders.csv", &dollars).skipped_invoices[&InvoiceSkip::OtherCurrency], 1);
}

#[test]
fn both_exports_of_woocommerce_are_orders() {
    let options = Options { currency: Some(Currency::EUR), ..preset(Preset::Woocommerce) };
    let advanced = sample("woocommerce-advanced.csv", &options);
    let found: Vec<_> = advanced.orders.iter().map(|order| (order.order_id.as_str(), order.amount)).collect();
    assert_eq!(found, [("3001", 4_879), ("3002", 123_450)]);
    assert_eq!(
        advanced.orders[0].adjustments,
        [
            adjustment("discount", "SPRING", -500),
            adjustment("tax", "tax", 779),
            adjustment("shipping", "DHL Paket", 600)
        ]
    );
    assert_eq!(advanced.skipped_invoices, BTreeMap::from([(InvoiceSkip::NotPaid, 1)]));
    assert_eq!(advanced.notes.len(), 2, "{:?}", advanced.notes);
    let silent = sample("woocommerce-advanced.csv", &preset(Preset::Woocommerce));
    assert!(silent.orders.is_empty() && silent.skipped_rows.contains_key(&RowSkip::Currency), "nobody says it");

    let items = sample("woocommerce-items.csv", &preset(Preset::Woocommerce));
    let found: Vec<_> = items.orders.iter().map(|order| (order.order_id.as_str(), order.amount)).collect();
    assert_eq!(found, [("4001", 1_600), ("4002", 2_380)]);
    assert_eq!(items.orders[0].lines[0].price, Price::Whole(1_000), "3 for 10.00");
    assert_eq!(items.given_back, [(1, 500)]);
}

/// A sale of one row, as the properties write it.
#[derive(Clone, Debug)]
struct Sale {
    customer: String,
    description: String,
    quantity: i64,
    price: i64,
}

/// Text that each encoding has; no digits, so that no line of a description is a row of its own.
fn words(longest: usize) -> impl Strategy<Value = String> {
    let letter = prop::sample::select(vec!['a', 'Z', 'ä', 'é', 'ß', ' ', ',', ';', '\t', '"', '\'', '=', '#']);
    prop::collection::vec(letter, 0..longest).prop_map(|letters| letters.into_iter().collect())
}

fn sales() -> impl Strategy<Value = Vec<Sale>> {
    let lines = prop::collection::vec(words(6), 1..4).prop_map(|lines| lines.join("\n"));
    let sale = ("[a-zäöüé]{1,6}", lines, 1..1_000i64, 1..1_000_000i64);
    let sale =
        sale.prop_map(|(customer, description, quantity, price)| Sale { customer, description, quantity, price });
    prop::collection::vec(sale, 1..12)
}

fn written(sales: &[Sale], delimiter: u8, style: csv::QuoteStyle, comma: bool) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(style).from_writer(Vec::new());
    writer.write_record(HEADING.trim().split(',')).expect("a heading");
    for (at, Sale { customer, description, quantity, price }) in sales.iter().enumerate() {
        let mark = if comma { ',' } else { '.' };
        let price = format!("{}{mark}{:02}", price / 100, price % 100);
        let (number, sku, quantity) = (format!("{at}"), format!("SKU-{at}"), quantity.to_string());
        let row = [&*number, &sku, description, &quantity, "2010-12-01", &price, customer, "Germany"];
        writer.write_record(row).expect("a row");
    }
    String::from_utf8(writer.into_inner().expect("a file")).expect("text")
}

fn encoded(text: &str, encoding: Encoding, mark: bool) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 if mark => format!("\u{feff}{text}").into_bytes(),
        Encoding::Utf8 => text.as_bytes().to_vec(),
        // The same for these letters.
        Encoding::Latin1 | Encoding::Windows1252 => text.chars().map(|c| u8::try_from(c).expect("Latin")).collect(),
        Encoding::Utf16 if mark => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Encoding::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        sales in sales(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        style in prop::sample::select(vec![csv::QuoteStyle::Necessary, csv::QuoteStyle::Always]),
        encoding in prop::sample::select(vec![Encoding::Utf8, Encoding::Latin1, Encoding::Windows1252, Encoding::Utf16]),
        (mark, comma, separator) in any::<(bool, bool, bool)>(),
    ) {
        let mut text = written(&sales, delimiter, style, comma);
        if separator {
            text.insert_str(0, &format!("sep={}\r\n", char::from(delimiter)));
        }
        let options = Options { encoding: Some(encoding), ..Options::retail("") };
        let invoices = read(encoded(&text, encoding, mark).as_slice(), &options).expect("a file of ours");
        prop_assert_eq!(invoices.faults, []);
        let read: Vec<_> = invoices
            .orders
            .iter()
            .map(|order| (order.order_id.clone(), order.customer_id.clone(), order.lines.clone()))
            .collect();
        let expected: Vec<_> = sales
            .iter()
            .enumerate()
            .map(|(at, Sale { customer, quantity, price, .. })| {
                let line = Line { sku: format!("SKU-{at}"), quantity: *quantity, price: Price::Unit(*price) };
                (at.to_string(), customer.clone(), vec![line])
            })
            .collect();
        prop_assert_eq!(read, expected);
    }

    /// Wherever a file is hurt, an order holds what one customer bought, and a refund goes to who bought it. Each row's
    /// SKU says whose it is.
    #[test]
    fn a_row_never_merges_two_customers(
        rows in prop::collection::vec((0..4usize, 0..6usize, any::<bool>()), 2..20),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), 0..6usize), 0..4),
    ) {
        const CUSTOMERS: [&str; 4] = ["Müller", "Möller", "Ann", "Bob"];
        let mut csv = HEADING.to_owned();
        for (customer, number, is_return) in rows {
            let (cancelled, sign) = if is_return { ("C", "-") } else { ("", "") };
            let name = CUSTOMERS[customer];
            csv += &format!("{cancelled}{number},OF-{name},\"a, thing\",{sign}2,d,1.00,{name},Germany\n");
        }
        let mut bytes = csv.into_bytes();
        for (at, wound) in wounds {
            if bytes.len() == HEADING.len() {
                break; // nothing is left to be hurt
            }
            let at = HEADING.len() + at.index(bytes.len() - HEADING.len());
            match wound {
                0 => bytes.insert(at, b'"'),
                1 => bytes.insert(at, b'\n'),
                2 => bytes.insert(at, 0xfc),
                3 if bytes[at] == b'\n' || bytes[at] == b'"' || bytes[at] >= 0x80 => drop(bytes.remove(at)),
                4 => bytes.truncate(at),
                _ => bytes.insert(at, b','),
            }
        }
        if let Ok(invoices) = read(bytes.as_slice(), &Options::retail("")) {
            let whose = |sku: &str| CUSTOMERS.iter().find(|name| sku == format!("OF-{name}")).copied();
            for order in &invoices.orders {
                let owners: Vec<_> = order.lines.iter().filter_map(|line| whose(&line.sku)).collect();
                prop_assert!(owners.windows(2).all(|pair| pair[0] == pair[1]), "{:?}", order);
                let is_customer = CUSTOMERS.contains(&order.customer_id.as_str());
                prop_assert!(!is_customer || owners.iter().all(|owner| *owner == order.customer_id), "{:?}", order);
            }
            for refund in Returns::of(&invoices, "").refunds {
                for sku in refund.restock.keys() {
                    let bought = invoices.orders[refund.sale].lines.iter().any(|line| line.sku == *sku);
                    prop_assert!(bought, "{:?}", refund);
                }
            }
        }
    }
}
