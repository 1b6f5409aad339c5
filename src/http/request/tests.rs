use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn good() -> Value {
    json!({
        "order_id": "ORD-1",
        "customer_id": "cus-7",
        "currency": "USD",
        "lines": [{"sku": "SKU-0001", "quantity": 2, "unit_price": 1999}],
        "payment_method": "pm_ok",
        "capture": "automatic",
        "ship_to": {"name": "A", "line1": "1 Road", "city": "X", "postal_code": "1", "country": "US"},
        "metadata": {"channel": "web"}
    })
}

/// What a new order takes: one to which today's rules object is refused.
fn parse(body: &[u8], tokens: Tokens) -> Result<(Option<OrderId>, Request), Vec<FieldError>> {
    let Parsed { order_id, request, objections } = super::parse(body, tokens)?;
    if objections.is_empty() { Ok((order_id, request)) } else { Err(objections) }
}

fn read(value: &Value) -> Result<(Option<OrderId>, Request), Vec<FieldError>> {
    parse(value.to_string().as_bytes(), Tokens::ANY)
}

/// The pointers and details of a body's problems.
fn problems(body: &[u8]) -> Vec<(String, String)> {
    let errors = parse(body, Tokens::ANY).expect_err("it should be refused");
    errors.into_iter().map(|error| (error.pointer, error.detail)).collect()
}

/// The good request with one field replaced.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = good();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    body
}

#[test]
fn a_good_request_is_read() {
    let (id, request) = read(&good()).unwrap();
    assert_eq!(id.unwrap().as_str(), "ORD-1");
    assert_eq!(request.amount().unwrap().0, 3998);
    assert_eq!(request.details.metadata["channel"], "web");
    let mut minimal = good();
    for optional in ["order_id", "capture", "metadata"] {
        minimal.as_object_mut().unwrap().remove(optional);
    }
    let (id, request) = read(&minimal).unwrap();
    assert!(id.is_none() && request.details.capture == Capture::Automatic);
}

#[test]
fn a_wrong_value_is_told_with_its_pointer_and_what_is_allowed() {
    let long = "x".repeat(257);
    let table = [
        ("/order_id", json!("ik_abc"), "must not begin with ik_"),
        ("/order_id", json!("a b"), "[A-Za-z0-9._:-]{1,64}"),
        ("/order_id", json!("x".repeat(65)), "{1,64}"),
        ("/order_id", json!(7), "must be a string, is 7"),
        ("/order_id", json!(null), "must be a string, is null"),
        ("/customer_id", json!(""), "must not be empty"),
        ("/customer_id", json!("a\u{0}b"), "U+0000"),
        ("/customer_id", json!(long), "at most 256 characters, has 257"),
        ("/currency", json!("usd"), "ISO 4217"),
        ("/currency", json!("ZZZ"), "ISO 4217"),
        ("/currency", json!(["USD"]), "must be a string, is an array"),
        ("/lines", json!([]), "1 to 1000 lines, holds 0"),
        ("/lines", json!({}), "must be an array"),
        ("/lines/0", json!("SKU-1"), "must be an object"),
        ("/lines/0/sku", json!(""), "must not be empty"),
        ("/lines/0/sku", json!("x".repeat(65)), "1 to 64 printable"),
        ("/lines/0/sku", json!("a\nb"), "U+000A"),
        ("/lines/0/quantity", json!(0), "from 1 to 1000000000, is 0"),
        ("/lines/0/quantity", json!(-1), "is -1"),
        ("/lines/0/quantity", json!(1.5), "is 1.5"),
        ("/lines/0/quantity", json!(2.0), "must be a whole number"),
        ("/lines/0/quantity", json!("2"), "is the string \"2\""),
        ("/lines/0/quantity", json!(u64::MAX), "is 18446744073709551615"),
        ("/lines/0/quantity", json!(true), "is true"),
        ("/lines/0/unit_price", json!(-1), "must be a whole number from 0"),
        ("/lines/0/amount", json!(1), "exactly one of the two"),
        ("/adjustments", json!({}), "must be an array"),
        ("/adjustments", json!(vec![1; 101]), "must hold at most 100 entries, holds 101"),
        ("/adjustments", json!([{"kind": "tax", "label": "VAT", "amount": -3998}]), "3998 for the lines come to 0"),
        (
            "/adjustments",
            json!([{"kind": "tax", "label": "VAT", "amount": 9_007_199_254_740_991i64}]),
            "come to 9007199254744989",
        ),
        ("/lines/0/unit_price", json!(1_000_000_000_001i64), "to 1000000000000"),
        ("/payment_method", json!("  "), "must not be empty"),
        ("/capture", json!("later"), "\"automatic\" or \"manual\""),
        ("/ship_to", json!("home"), "must be an object"),
        ("/ship_to/country", json!("USA"), "ISO 3166-1"),
        ("/ship_to/country", json!("us"), "ISO 3166-1"),
        ("/ship_to/country", json!("ZZ"), "ISO 3166-1"),
        ("/ship_to/country", json!(""), "must not be empty"),
        ("/ship_to/name", json!("a\u{7}"), "U+0007"),
        ("/ship_to/email", json!("nobody"), "a@example.org"),
        ("/ship_to/email", json!("a b@c"), "a@example.org"),
        ("/ship_to/phone", json!("call me"), "+1 202"),
        ("/ship_to/line2", json!(5), "must be a string"),
        ("/metadata", json!([]), "object of strings"),
        ("/metadata/channel", json!(1), "must be a string"),
        ("/metadata/channel", json!("x".repeat(501)), "at most 500"),
        ("/extra", json!(1), "is unknown; allowed are order_id, customer_id"),
        ("/ship_to/zip", json!("1"), "is unknown; allowed are name, line1"),
        ("/lines/0/price", json!(1), "is unknown; allowed are sku, quantity, unit_price, amount"),
    ];
    for (pointer, value, detail) in table {
        let found = problems(with(pointer, value.clone()).to_string().as_bytes());
        assert_eq!(found.len(), 1, "{pointer} = {value}: {found:?}");
        assert_eq!(found[0].0, pointer, "{value}: {found:?}");
        assert!(found[0].1.contains(detail), "{pointer} = {value}: {found:?} lacks {detail:?}");
    }
}

#[test]
fn every_required_field_is_missed() {
    for field in ["/customer_id", "/currency", "/lines", "/payment_method", "/ship_to"] {
        let mut body = good();
        body.as_object_mut().unwrap().remove(&field[1..]);
        assert_eq!(problems(body.to_string().as_bytes()), [(field.to_owned(), "is required".to_owned())]);
    }
    for field in ["name", "line1", "city", "postal_code", "country"] {
        let mut body = good();
        body["ship_to"].as_object_mut().unwrap().remove(field);
        assert_eq!(problems(body.to_string().as_bytes())[0].0, format!("/ship_to/{field}"));
    }
    for field in ["sku", "quantity", "unit_price"] {
        let mut body = good();
        body["lines"][0].as_object_mut().unwrap().remove(field);
        assert_eq!(problems(body.to_string().as_bytes())[0].0, format!("/lines/0/{field}"));
    }
}

#[test]
fn all_problems_are_told_at_once_and_no_more_than_a_screen() {
    assert_eq!(problems(b"{}").len(), 5);
    let mut body = good();
    body["lines"] = json!(vec![json!({}); 500]);
    assert_eq!(problems(body.to_string().as_bytes()).len(), limits::REQUEST_ERRORS);
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    let text = good().to_string();
    for (body, detail) in [
        (&b""[..], "line 1 column 0"),
        (&text.as_bytes()[..text.len() / 2], "EOF"),
        (b"{\"a\":1}x", "trailing characters at line 1 column 8"),
        (b"{\"a\":\"\xff\"}", "not UTF-8: the byte at offset 6"),
        (b"{\"a\":\"\\ud800\"}", "line 1"),
        ("[".repeat(100_000).as_bytes(), "recursion limit"),
        (b"[1]", "must be an object, is an array"),
        (b"null", "must be an object, is null"),
    ] {
        let found = problems(body);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0.is_empty() && found[0].1.contains(detail), "{found:?} lacks {detail}");
    }
}

#[test]
fn repeated_fields_and_lines_are_told() {
    let text = good().to_string();
    let twice = text.replacen('{', "{\"currency\":\"EUR\",", 1);
    assert_eq!(problems(twice.as_bytes()), [("/currency".to_owned(), "is given twice".to_owned())]);
    let twice = text.replace("\"channel\":", "\"channel\":\"x\",\"channel\":");
    assert_eq!(problems(twice.as_bytes()), [("/metadata/channel".to_owned(), "is given twice".to_owned())]);

    let line = |sku: usize, price: i64| json!({"sku": format!("S{sku}"), "quantity": 1, "unit_price": price});
    for count in [2, COMPARED, COMPARED + 1, limits::LINES] {
        let mut lines: Vec<_> = (0..count).map(|n| line(n, 5)).collect();
        assert!(read(&with("/lines", json!(lines))).is_ok(), "{count}");
        lines[count - 1] = line(0, 5);
        let found = problems(with("/lines", json!(lines)).to_string().as_bytes());
        assert_eq!(found[0].0, format!("/lines/{}", count - 1));
        lines[count - 1] = line(0, 6);
        assert!(read(&with("/lines", json!(lines))).is_ok(), "the same SKU at another price");
    }
    let lines: Vec<_> = (0..=limits::LINES).map(|n| line(n, 5)).collect();
    assert!(problems(with("/lines", json!(lines)).to_string().as_bytes())[0].1.contains("holds 1001"));
}

#[test]
fn an_amount_that_overflows_is_told_at_the_lines() {
    let line = |sku: &str| json!({"sku": sku, "quantity": limits::QUANTITY, "unit_price": limits::UNIT_PRICE});
    for lines in [json!([line("a")]), json!([line("a"), line("b")])] {
        let found = problems(with("/lines", lines).to_string().as_bytes());
        assert_eq!(found, [("/lines".to_owned(), "must not add up to more than 9007199254740991".to_owned())]);
    }
}

#[test]
fn numbers_with_an_exponent_are_not_whole() {
    let text = good().to_string();
    for number in ["1e3", "1E0", "1.0", "-0", "1e400", "99999999999999999999"] {
        let body = text.replace("\"quantity\":2", &format!("\"quantity\":{number}"));
        let errors = parse(body.as_bytes(), Tokens::ANY).unwrap_err();
        assert!(matches!(errors[0].pointer.as_str(), "/lines/0/quantity" | ""), "{number}: {errors:?}");
    }
}

#[test]
fn metadata_is_bounded() {
    let entries = |n: usize| (0..n).map(|n| (format!("k{n}"), json!("v"))).collect::<serde_json::Map<_, _>>();
    assert!(read(&with("/metadata", entries(50).into())).is_ok());
    assert!(problems(with("/metadata", entries(51).into()).to_string().as_bytes())[0].1.contains("at most 50"));
    let found = problems(with("/metadata", json!({"k".repeat(65): "v"})).to_string().as_bytes());
    assert_eq!(found[0].0, "/metadata");
    assert!(found[0].1.len() < 200, "{found:?}");
    let found = problems(with(&format!("/{}", "k".repeat(9_999)), json!(1)).to_string().as_bytes());
    assert!(found[0].0.is_empty() && found[0].1.len() < 300, "what was sent is not sent back at length: {found:?}");
}

#[test]
fn local_participants_take_only_tokens_that_a_row_can_show() {
    let parsed = |pointer: &str, token: &str, faults| {
        parse(with(pointer, json!(token)).to_string().as_bytes(), Tokens::local(faults))
    };
    for (token, faults, accepted) in [
        ("house_account", false, true),
        ("house_account", true, true),
        ("pm_ok", false, false),
        ("pm_ok", true, true),
        ("pm_declined", true, true),
        ("pm_slow_100", true, false),
        ("pm_unknown", true, false),
    ] {
        assert_eq!(parsed("/payment_method", token, faults).is_ok(), accepted, "{token} {faults}");
    }
    for (token, faults, accepted) in [
        ("SHIP-FAIL", true, true),
        ("SHIP-SLOW-10", true, false),
        ("SHIP-ERROR-1", true, false),
        ("SHIP-TIMEOUT", true, false),
        ("SHIP-IT", true, true),
    ] {
        assert_eq!(parsed("/ship_to/postal_code", token, faults).is_ok(), accepted, "{token} {faults}");
    }
}

/// An order that stands was taken by the rules of its day: what was sent then can still be read, and is told apart from
/// what cannot be a request at all.
#[test]
fn what_another_days_rules_may_have_allowed_is_read_and_objected_to() {
    let parsed = |body: &Value| super::parse(body.to_string().as_bytes(), Tokens::local(false));
    let all = [
        ("/currency", "ZZZ"),
        ("/payment_method", "pm_ok"),
        ("/ship_to/postal_code", "SHIP-TIMEOUT"),
        ("/ship_to/country", "YU"),
        ("/ship_to/email", "nobody"),
        ("/ship_to/phone", "call me"),
    ];
    let mut body = with("/payment_method", json!("house_account"));
    for (pointer, value) in all {
        let mut one = with("/payment_method", json!("house_account"));
        for body in [&mut one, &mut body] {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[key] = json!(value);
        }
        let Parsed { objections, .. } = parsed(&one).expect("it can be read");
        assert_eq!(objections.iter().map(|found| found.pointer.as_str()).collect::<Vec<_>>(), [pointer]);
    }
    let Parsed { order_id, request, objections } = parsed(&body).expect("it can be read");
    let found: Vec<_> = objections.iter().map(|found| found.pointer.as_str()).collect();
    assert_eq!(found, all.map(|(pointer, _)| pointer), "in the order of the fields");
    assert_eq!((order_id.unwrap().as_str(), request.currency.as_str()), ("ORD-1", "ZZZ"));
    assert_eq!(request.to_json().pointer("/ship_to/country"), Some(&json!("YU")));
    // Beside what cannot be read all problems are told, as ever.
    body["customer_id"] = json!(7);
    let errors = parsed(&body).expect_err("no request");
    assert_eq!((errors.len(), errors[0].pointer.as_str()), (all.len() + 1, "/customer_id"));
    for (pointer, value) in [("/currency", "zzz"), ("/currency", "ZZZZ"), ("/ship_to/country", "yu")] {
        assert!(parsed(&with(pointer, json!(value))).is_err(), "{value} was never a code");
    }
}

#[test]
fn countries_are_those_of_iso_3166() {
    let letters = || 'A'..='Z';
    let known = letters()
        .flat_map(|a| letters().map(move |b| format!("{a}{b}")))
        .filter(|code| {
            let mut errors = Errors::default();
            let could_be = is_country(code, At::Root, &mut errors);
            could_be && errors.or(Some(())).is_ok()
        })
        .count();
    assert_eq!(known, 249);
}

/// One that a new order may ask for.
fn any_sku() -> impl Strategy<Value = String> {
    let fits = |sku: &String| Sku::trusted(sku.as_str()).objection().is_none();
    "[^\\p{Cc}\\p{Cf}\\s]{1,20}".prop_filter("a name that may be given", fits)
}

fn any_price() -> impl Strategy<Value = Price> {
    prop_oneof![(0..100_000i64).prop_map(Price::Unit), (0..100_000i64).prop_map(Price::Whole)]
}

prop_compose! {
    fn any_adjustment()(
        kind in prop::sample::select(AdjustmentKind::ALL.to_vec()),
        label in short(),
        amount in prop_oneof![-500..0i64, 1..500i64],
    ) -> Adjustment {
        Adjustment { kind, label, amount }
    }
}

prop_compose! {
    fn any_line()(sku in any_sku(), quantity in 1..1000i64, price in any_price()) -> Line {
        Line { sku: Sku::parse(&sku).unwrap(), quantity, price }
    }
}

fn short() -> impl Strategy<Value = Arc<str>> {
    "[^\\p{Cc}\\s]{1,12}".prop_map(Arc::from)
}

prop_compose! {
    fn any_content()(
        customer_id in short(),
        currency in prop::sample::select(vec!["USD", "EUR", "JPY", "KWD"]),
        lines in prop::collection::vec(any_line(), 1..25),
        payment_method in short(),
        texts in prop::collection::vec(short(), 4),
        line2 in prop::option::of(short()),
        email in prop::option::of("[a-z]{1,9}@[a-z]{1,9}"),
        phone in prop::option::of("\\+[0-9]{3,12}"),
        metadata in prop::collection::btree_map("[^\\p{Cc}\\s]{1,9}", "[^\\p{Cc}]{0,9}", 0..4),
        adjustments in prop::collection::vec(any_adjustment(), 0..3),
    ) -> Request {
        let mut seen = HashSet::new();
        let lines = lines.into_iter().filter(|line| seen.insert((line.sku.clone(), line.price))).collect();
        let [name, line1, city, postal_code] = texts.try_into().unwrap();
        let ship_to = Address {
            name, line1, line2, city, region: None, postal_code, country: "US".into(),
            email: email.map(Arc::from), phone: phone.map(Arc::from),
        };
        let details = Details { payment_method, capture: Capture::Automatic, ship_to, metadata, adjustments };
        Request { customer_id, currency: Currency::parse(currency).unwrap(), lines, details }
    }
}

fn any_request() -> impl Strategy<Value = Request> {
    any_content().prop_filter("an order costs something", |request| request.amount().is_some())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        let key = prop_oneof![prop::sample::select(ORDER.to_vec()).prop_map(str::to_owned), any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..8).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// The same JSON with the entries of every object the other way round.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let entries: Vec<_> =
                entries.iter().rev().map(|(key, value)| format!("{}:{}", json!(key), reversed(value))).collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

fn told(result: Result<(Option<OrderId>, Request), Vec<FieldError>>) -> bool {
    match result {
        Ok((_, request)) => request.amount().is_some(),
        Err(errors) => {
            (1..=limits::REQUEST_ERRORS).contains(&errors.len()) && errors.iter().all(|error| !error.detail.is_empty())
        }
    }
}

#[test]
fn a_line_says_what_it_costs_in_one_way() {
    let line = |price: Value| {
        let mut line = json!({"sku": "S", "quantity": 3});
        line.as_object_mut().unwrap().extend(price.as_object().unwrap().clone());
        line
    };
    // "3 for 10.00", and a sample beside it.
    let lines = json!([line(json!({"amount": 1000})), line(json!({"unit_price": 0})), line(json!({"amount": 0}))]);
    let (_, request) = read(&with("/lines", lines)).unwrap();
    assert_eq!(
        request.lines.iter().map(|line| line.price).collect::<Vec<_>>(),
        [Price::Whole(1000), Price::Unit(0), Price::Whole(0)]
    );
    assert_eq!(request.amount(), Some(Amount(1000)));
    let found = |lines: Value| problems(with("/lines", lines).to_string().as_bytes());
    assert_eq!(found(json!([line(json!({}))]))[0].0, "/lines/0/unit_price");
    assert!(found(json!([line(json!({}))]))[0].1.contains("is required, or amount"));
    assert_eq!(found(json!([line(json!({"amount": 1, "unit_price": 1}))]))[0].0, "/lines/0/amount");
    assert_eq!(found(json!([line(json!({"amount": -1}))]))[0].0, "/lines/0/amount");
    assert_eq!(found(json!([line(json!({"amount": null}))]))[0].0, "/lines/0/amount");
    assert_eq!(found(json!([line(json!({"amount": 9_007_199_254_740_992i64}))]))[0].0, "/lines/0/amount");
    // All of it free is no order, and neither is the same line twice.
    for free in [json!({"unit_price": 0}), json!({"amount": 0})] {
        let found = found(json!([line(free)]));
        assert_eq!(found, [("/lines".to_owned(), "must add up to 1 to 9007199254740991, add up to 0".to_owned())]);
    }
    let twice = found(json!([line(json!({"amount": 9})), line(json!({"amount": 9}))]));
    assert_eq!((twice.len(), twice[0].0.as_str()), (1, "/lines/1"));
    assert!(twice[0].1.contains("sku and amount"), "{twice:?}");
    let kinds = json!([line(json!({"amount": 9})), line(json!({"unit_price": 9})), line(json!({"unit_price": 3}))]);
    assert_eq!(read(&with("/lines", kinds)).unwrap().1.quantities()[&Sku::trusted("S")], 9);
}

#[test]
fn adjustments_are_read_with_their_signs_or_told_with_their_pointers() {
    let one = json!({"kind": "discount", "label": "10 % off", "amount": -400});
    let two = json!({"kind": "shipping", "label": "Express", "amount": 990});
    let (_, request) = read(&with("/adjustments", json!([one, two]))).unwrap();
    assert_eq!(request.amount(), Some(Amount(3998 - 400 + 990)));
    assert_eq!(serde_json::to_value(&request.details.adjustments).unwrap(), json!([one, two]));
    // A discount of all but the carriage, and one that is larger than the lines while carriage makes up for it.
    for (off, left) in [(-3998, 990), (-4000, 988)] {
        let off = json!({"kind": "discount", "label": "voucher", "amount": off});
        let (_, request) = read(&with("/adjustments", json!([off, two]))).unwrap();
        assert_eq!(request.amount(), Some(Amount(left)));
    }
    assert!(read(&with("/adjustments", json!([]))).unwrap().1.details.adjustments.is_empty());
    for (field, value, detail) in [
        ("kind", json!("gift"), "must be one of \"discount\", \"shipping\", \"tax\", \"other\", is \"gift\""),
        ("kind", json!(7), "must be a string"),
        ("label", json!(""), "must not be empty"),
        ("label", json!("x".repeat(65)), "at most 64 characters"),
        ("label", json!("a\nb"), "U+000A"),
        ("amount", json!(0), "must not be 0"),
        ("amount", json!(1.5), "must be a whole number"),
        ("amount", json!(-9_007_199_254_740_992i64), "from -9007199254740991"),
        ("note", json!("x"), "is unknown; allowed are kind, label, amount"),
    ] {
        let mut wrong = one.clone();
        wrong.as_object_mut().unwrap().insert(field.to_owned(), value.clone());
        let found = problems(with("/adjustments", json!([two, wrong])).to_string().as_bytes());
        assert_eq!((found.len(), found[0].0.as_str()), (1, &*format!("/adjustments/1/{field}")), "{value}: {found:?}");
        assert!(found[0].1.contains(detail), "{value}: {found:?}");
    }
    for field in ["kind", "label", "amount"] {
        let mut wrong = one.clone();
        wrong.as_object_mut().unwrap().remove(field);
        let found = problems(with("/adjustments", json!([wrong])).to_string().as_bytes());
        assert_eq!(found, [(format!("/adjustments/0/{field}"), "is required".to_owned())]);
    }
}

/// Stored fingerprints must be met for ever: texts and fingerprint of an order as programs before 0.4.0 made them, word
/// for word.
#[test]
fn orders_without_the_new_fields_keep_their_texts_and_fingerprints() {
    let stored = read(&good()).unwrap().1.stored();
    assert_eq!(stored.lines, r#"[{"sku":"SKU-0001","quantity":2,"unit_price":1999}]"#);
    assert_eq!(
        stored.details,
        concat!(
            r#"{"payment_method":"pm_ok","ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","#,
            r#""country":"US"},"metadata":{"channel":"web"}}"#
        )
    );
    let told = data_encoding::HEXLOWER.encode(&stored.fingerprint.0);
    assert_eq!(told, "012be0126b472854ebe36d22a388c6fd7bcad1dfacde833ec91c42631e6878c2f4");
}

#[test]
fn what_older_programs_cannot_read_is_known_by_its_pointer() {
    let newer = |body: Value| read(&body).unwrap().1.newer_field().map(|(pointer, _)| pointer);
    assert_eq!(newer(good()), None);
    let line = |sku: &str, field: &str, value: i64| json!({"sku": sku, "quantity": 1, field: value});
    let lines = json!([line("A", "unit_price", 1), line("B", "unit_price", 0)]);
    assert_eq!(newer(with("/lines", lines)).as_deref(), Some("/lines/1/unit_price"));
    assert_eq!(newer(with("/lines", json!([line("A", "amount", 1)]))).as_deref(), Some("/lines/0/amount"));
    let adjustments = json!([{"kind": "tax", "label": "VAT", "amount": 1}]);
    assert_eq!(newer(with("/adjustments", adjustments)).as_deref(), Some("/adjustments"));
    assert_eq!(newer(with("/adjustments", json!([]))), None);
}

proptest! {
    /// The amount is exact or none, whatever stands before what: by an oracle of wide integers.
    #[test]
    fn an_amount_does_not_depend_on_the_order_and_never_wraps(
        prices in prop::collection::vec((1..=limits::QUANTITY, prop_oneof![
            (0..=limits::UNIT_PRICE).prop_map(Price::Unit),
            (0..10i64).prop_map(Price::Unit),
            (0..=MAX_AMOUNT).prop_map(Price::Whole),
        ]), 1..6),
        amounts in prop::collection::vec(prop_oneof![-MAX_AMOUNT..=MAX_AMOUNT, -10..10i64], 0..6),
        turn in 0..6usize,
    ) {
        let costs = |(quantity, price): &(i64, Price)| match price {
            Price::Unit(one) => i128::from(*quantity) * i128::from(*one),
            Price::Whole(all) => i128::from(*all),
        };
        let lines: i128 = prices.iter().map(costs).sum();
        let total = lines + amounts.iter().map(|amount| i128::from(*amount)).sum::<i128>();
        let exact = 1..=i128::from(MAX_AMOUNT);
        let expected = (lines <= i128::from(MAX_AMOUNT) && exact.contains(&total)).then_some(total);
        let mut request = read(&good()).unwrap().1;
        request.lines = prices
            .into_iter()
            .enumerate()
            .map(|(index, (quantity, price))| Line { sku: Sku::trusted(format!("S{index}")), quantity, price })
            .collect();
        request.details.adjustments = amounts
            .into_iter()
            .filter(|amount| *amount != 0)
            .map(|amount| Adjustment { kind: AdjustmentKind::Other, label: "x".into(), amount })
            .collect();
        prop_assert_eq!(request.amount().map(|amount| i128::from(amount.0)), expected);
        prop_assert_eq!(read(&request.to_json()).is_ok(), expected.is_some(), "and the parser says the same");
        let (by, of) = (turn % request.lines.len(), turn % request.details.adjustments.len().max(1));
        request.lines.rotate_left(by);
        request.details.adjustments.rotate_left(of);
        request.details.adjustments.reverse();
        prop_assert_eq!(request.amount().map(|amount| i128::from(amount.0)), expected);
    }

    #[test]
    fn any_bytes_give_a_request_or_reasons(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(told(parse(&bytes, Tokens::ANY)));
    }

    #[test]
    fn any_json_gives_a_request_or_reasons(value in any_json()) {
        prop_assert!(told(read(&value)));
    }

    #[test]
    fn any_field_of_any_kind_gives_a_request_or_reasons(
        pointer in prop::sample::select(vec!["/order_id", "/customer_id", "/lines", "/lines/0", "/lines/0/sku",
            "/lines/0/quantity", "/ship_to", "/ship_to/country", "/lines/0/amount", "/ship_to/phone", "/metadata", "/metadata/channel", "/adjustments"]),
        value in any_json(),
    ) {
        prop_assert!(told(read(&with(pointer, value))));
    }

    #[test]
    fn a_damaged_request_gives_a_request_or_reasons(at in 0..400usize, byte in any::<u8>()) {
        let mut body = good().to_string().into_bytes();
        let at = at % body.len();
        body[at] = byte;
        prop_assert!(told(parse(&body, Tokens::ANY)));
    }

    #[test]
    fn a_request_survives_its_own_json(request in any_request()) {
        let (id, read) = read(&request.to_json()).unwrap();
        prop_assert_eq!(id, None);
        prop_assert_eq!(read, request);
    }

    #[test]
    fn the_order_of_keys_and_a_default_spelled_out_change_nothing(request in any_request()) {
        let fingerprint = request.stored().fingerprint;
        let json = request.to_json();
        let (_, other) = parse(reversed(&json).as_bytes(), Tokens::ANY).unwrap();
        prop_assert_eq!(&other.stored().fingerprint, &fingerprint);
        let mut without = json;
        without.as_object_mut().unwrap().remove("capture");
        if request.details.adjustments.is_empty() {
            without.as_object_mut().unwrap().remove("adjustments");
        }
        if request.details.metadata.is_empty() {
            without.as_object_mut().unwrap().remove("metadata");
        }
        let (_, other) = read(&without).unwrap();
        prop_assert_eq!(&other.stored().fingerprint, &fingerprint);
    }

    #[test]
    fn another_value_anywhere_is_another_request(request in any_request(), pick in any::<prop::sample::Index>()) {
        let mut others = Vec::new();
        let mut change = |change: &dyn Fn(&mut Request)| {
            let mut other = request.clone();
            change(&mut other);
            others.push(other);
        };
        let line = pick.index(request.lines.len());
        change(&|r| r.customer_id = format!("{}!", r.customer_id).into());
        change(&|r| r.currency = Currency::parse("CHF").unwrap());
        change(&|r| r.lines[line].quantity += 1);
        change(&|r| {
            r.lines[line].price = match r.lines[line].price {
                Price::Unit(unit_price) => Price::Unit(unit_price + 1),
                Price::Whole(amount) => Price::Whole(amount + 1),
            }
        });
        // The other way to say it, also where it comes to the same.
        change(&|r| {
            r.lines[line].price = match r.lines[line].price {
                Price::Unit(unit_price) => Price::Whole(unit_price * r.lines[line].quantity),
                Price::Whole(amount) => Price::Unit(amount),
            }
        });
        let voucher = Adjustment { kind: AdjustmentKind::Discount, label: "another one".into(), amount: -1 };
        change(&|r| r.details.adjustments.push(voucher.clone()));
        change(&|r| r.lines[line].sku = Sku::trusted(format!("{}!", r.lines[line].sku)));
        change(&|r| r.lines.push(Line::priced(Sku::trusted("another one"), 1, 1)));
        change(&|r| r.details.payment_method = format!("{}!", r.details.payment_method).into());
        change(&|r| r.details.capture = Capture::Manual);
        change(&|r| r.details.ship_to.name = format!("{}!", r.details.ship_to.name).into());
        change(&|r| r.details.ship_to.line1 = format!("{}!", r.details.ship_to.line1).into());
        change(&|r| r.details.ship_to.city = format!("{}!", r.details.ship_to.city).into());
        change(&|r| r.details.ship_to.postal_code = format!("{}!", r.details.ship_to.postal_code).into());
        change(&|r| r.details.ship_to.country = "CH".into());
        change(&|r| r.details.ship_to.region = Some("R".into()));
        change(&|r| r.details.ship_to.phone = Some("000".into()));
        change(&|r| drop(r.details.metadata.insert("\u{1F4A1} another one".into(), "v".into())));
        let fingerprint = request.stored().fingerprint;
        for other in others {
            prop_assert!(other.stored().fingerprint != fingerprint, "{:?}", request.differs(&other));
            prop_assert!(!request.differs(&other).is_empty());
        }
    }
}
