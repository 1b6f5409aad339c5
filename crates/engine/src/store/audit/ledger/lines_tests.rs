//! A line of a ledger is read as it is published, or named with its place; a ledger ends where its last whole line does.

use std::fs;

use super::*;

const KEY: &str = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
const UNDONE: &str = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

fn read(text: &str) -> Result<Ledger, LedgerError> {
    Ledger::read_from(text.as_bytes(), Path::new("ledger.jsonl"), 0)
}

fn line(action: &str, more: &str) -> String {
    format!(r#"{{"key":"{KEY}","order_id":"O","action":"{action}","at":"2026-01-02T03:04:05.678Z"{more}}}"#)
}

fn charge(more: &str) -> String {
    line("charge", more)
}

fn uuid(text: &str) -> Uuid {
    Uuid::parse_str(text).expect("a UUID")
}

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("counterfoil-ledger-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("make a folder");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("write a ledger");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn more_fields_than_the_published_ones_are_ignored() {
    let line = charge(r#","amount":5,"seq":1,"fingerprint":"f","answer":{"reference":"ch"}"#);
    let ledger = read(&format!("{line}\n{line}")).expect("a ledger");
    assert_eq!((ledger.count, ledger.notes()), (2, &[][..]), "a whole line counts, with its end or without");
    let lines = &ledger.orders["O"];
    assert_eq!((lines[0].amount, lines[1].number, lines[0].undoes), (5, 2, None));
    assert_eq!(read("").expect("an empty ledger").count, 0);
}

#[test]
fn a_line_is_read_as_it_stands() {
    let whole = charge(&format!(r#","amount":7,"undoes":"{UNDONE}","tombstone":true"#));
    let ledger = read(&whole).expect("a ledger");
    let read_line = Line {
        file: 0,
        number: 1,
        key: uuid(KEY),
        action: Action::Charge,
        amount: 7,
        undoes: Some(uuid(UNDONE)),
        tombstone: true,
    };
    assert_eq!(ledger.orders["O"], [read_line]);
    let bare = read(&line("ship", r#","amount":null,"undoes":null,"tombstone":false"#)).expect("a ledger");
    let read_line = Line { action: Action::Ship, amount: 0, undoes: None, tombstone: false, ..read_line };
    assert_eq!(bare.orders["O"], [read_line]);
    assert_eq!(read(&line("ship", "")).expect("a ledger").orders["O"], [read_line]);
    for action in Action::ALL {
        let ledger = read(&line(action.as_str(), r#","amount":1"#)).expect("each action is a line");
        assert_eq!((ledger.orders["O"][0].action, ledger.orders["O"][0].amount), (*action, 1));
    }
}

/// What moved or held money says how much; what did not, need not. A refund that found nothing moved none.
#[test]
fn what_moved_or_held_money_says_how_much() {
    let of_money = ["charge", "authorize", "capture", "refund"];
    let none = "no line of a ledger: it moved or held money and does not say how much";
    for action in Action::ALL.iter().map(|action| action.as_str()) {
        for (more, moved) in
            [("", of_money.contains(&action)), (r#","tombstone":true"#, of_money[..3].contains(&action))]
        {
            let found = read(&format!("{}\n", line(action, more)));
            let told = found.as_ref().err().map(ToString::to_string);
            assert_eq!(told, moved.then(|| format!("ledger.jsonl:1: {none}")), "{action}{more}");
            if let Ok(ledger) = found {
                assert_eq!(ledger.orders["O"][0].amount, 0, "{action}{more}");
            }
        }
        for (amount, right) in [
            ("0", true),
            ("9223372036854775807", true),
            ("-1", false),
            ("-9223372036854775808", false),
            ("9223372036854775808", false),
            ("18446744073709551615", false),
            ("1.0", false),
            ("5e2", false),
            (r#""5""#, false),
            ("[5]", false),
            ("true", false),
        ] {
            let found = read(&format!("{}\n", line(action, &format!(r#","amount":{amount}"#))));
            assert_eq!(found.is_ok(), right, "{action} of {amount}");
        }
    }
    let below = read(&format!("{}\n", charge(r#","amount":-1"#))).expect_err("below zero").to_string();
    assert_eq!(below, "ledger.jsonl:1: no line of a ledger: its amount is below zero");
    let most = read(&charge(r#","amount":9223372036854775807"#)).expect("a ledger");
    assert_eq!(most.orders["O"][0].amount, i64::MAX);
}

/// However much of it a participant that was killed had written: whether it can be read decides, not how far it came.
#[test]
fn a_torn_last_line_is_told_and_left_out() {
    let line = charge(r#","amount":5"#);
    let told = |left: usize| {
        format!("ledger.jsonl:2: left out {left} bytes of a line without its end, which was never answered")
    };
    for end in 1..line.len() {
        let ledger = read(&format!("{line}\n{}", &line[..end])).expect("a ledger");
        assert_eq!((ledger.count, ledger.orders["O"].len()), (1, 1), "{end}");
        assert_eq!(ledger.notes(), [told(end)]);
    }
    // Nor what can be read and is no line.
    for torn in ["\u{0}", " ", "{}", "0", &charge(""), &charge(r#","amount":-1"#)] {
        let ledger = read(&format!("{line}\n{torn}")).expect("a ledger");
        assert_eq!((ledger.count, ledger.notes()), (1, &[told(torn.len())][..]), "{torn:?}");
    }
    let alone = read("{").expect("a ledger");
    assert_eq!((alone.count, alone.orders.len()), (0, 0));
    assert_eq!(alone.notes(), ["ledger.jsonl:1: left out 1 bytes of a line without its end, which was never answered"]);
    let whole = read(&format!("{line}\n{line}\n")).expect("a ledger");
    assert_eq!((whole.count, whole.notes().len()), (2, 0));
}

#[test]
fn any_other_line_that_cannot_be_read_is_named() {
    let right = charge(r#","amount":5"#);
    let at_of = |field: &str, value: &str| {
        let known = [("key", format!(r#""{KEY}""#)), ("order_id", r#""O""#.into()), ("action", r#""charge""#.into())];
        let found = known.iter().find(|(name, _)| *name == field).expect("a field");
        right.replace(&format!(r#""{field}":{}"#, found.1), &format!(r#""{field}":{value}"#))
    };
    let without = |field: &str| at_of(field, "0").replace(&format!(r#""{field}":0,"#), "");
    let wrong = [
        right[..20].to_owned(),
        String::new(),
        " ".into(),
        "\t".into(),
        "\u{0}".into(),
        "no line".into(),
        "5".into(),
        "null".into(),
        "{}".into(),
        "[]".into(),
        format!("{right}{right}"),
        format!("{right},"),
        format!("[{right}]"),
        right.replace('"', "'"),
        charge(""),
        charge(r#","amount":-1"#),
        charge(r#","amount":5,"amount":5"#),
        without("key"),
        without("order_id"),
        without("action"),
        at_of("key", "null"),
        at_of("key", "7"),
        at_of("key", r#""key-1""#),
        at_of("key", &format!(r#""{KEY}0""#)),
        at_of("key", &format!(r#""{}""#, &KEY[1..])),
        at_of("order_id", "null"),
        at_of("order_id", "7"),
        at_of("order_id", r#"["O"]"#),
        at_of("action", "null"),
        at_of("action", "7"),
        at_of("action", r#""""#),
        at_of("action", r#""look-up""#),
        at_of("action", r#""avoid""#),
        at_of("action", r#""Charge""#),
        at_of("action", r#""cancel_shipment""#),
        charge(r#","amount":5,"undoes":"key-1""#),
        charge(r#","amount":5,"undoes":7"#),
        charge(r#","amount":5,"undoes":true"#),
        charge(r#","amount":5,"tombstone":null"#),
        charge(r#","amount":5,"tombstone":1"#),
        charge(r#","amount":5,"tombstone":"true""#),
    ];
    for wrong in &wrong {
        assert_ne!(*wrong, right);
        for (before, number) in [(String::new(), 1), (format!("{right}\n"), 2), (format!("{right}\n{right}\n"), 3)] {
            // Where more lines follow, and at the end.
            for behind in [format!("{right}\n"), String::new()] {
                let error = read(&format!("{before}{wrong}\n{behind}")).expect_err(wrong);
                let told = error.to_string();
                assert!(told.starts_with(&format!("ledger.jsonl:{number}: no line of a ledger: ")), "{wrong}: {told}");
                assert!(matches!(error, LedgerError::Line { line, .. } if line == number), "{wrong}: {told}");
            }
        }
    }
    // What is no text at all.
    let text = [right.as_bytes(), b"\n{\"key\":\"\xff\"}\n"].concat();
    let error = Ledger::read_from(&text[..], Path::new("ledger.jsonl"), 0).expect_err("no UTF-8").to_string();
    assert!(error.starts_with("ledger.jsonl:2: "), "{error}");
}

#[test]
fn lines_are_grouped_by_their_orders_in_their_order() {
    let of = |order: &str, amount: i64| {
        let order = serde_json::Value::from(order);
        format!(r#"{{"order_id":{order},"amount":{amount},"action":"charge","key":"{KEY}"}}"#)
    };
    let ids = ["ORD-1", "ord-1", "ORD-1 ", "", "\u{dc}-\"1\"\\", "\u{1f4e6}"];
    let mut text = String::new();
    for (id, number) in ids.iter().chain(&ids).zip(1..) {
        text += &format!("{}\n", of(id, number));
    }
    let ledger = read(&text).expect("a ledger");
    assert_eq!((ledger.count, ledger.orders.len()), (12, 6));
    for (id, number) in ids.iter().zip(1_u64..) {
        let places: Vec<_> = ledger.orders[*id].iter().map(|line| (line.number, line.amount)).collect();
        assert_eq!(places, [(number, number as i64), (number + 6, number as i64 + 6)], "{id:?}");
    }
}

#[test]
fn a_ledger_is_read_from_its_file() {
    let folder = Folder::new("one");
    let path = folder.file("ledger.jsonl", &format!("{}\n{{", charge(r#","amount":5"#)));
    let ledger = Ledger::read(&path).expect("a ledger");
    assert_eq!((ledger.count, ledger.orders["O"][0].file), (1, 0));
    assert!(ledger.notes()[0].starts_with(&format!("{}:2: left out 1 bytes", path.display())));
    let absent = folder.0.join("absent.jsonl");
    let told = Ledger::read(&absent).expect_err("it is not there");
    assert!(matches!(&told, LedgerError::Open { path, .. } if *path == absent), "{told}");
    assert_eq!(told.to_string(), format!("cannot open the ledger {}", absent.display()));
    let told = Ledger::read(&folder.0).expect_err("a folder is none");
    assert!(matches!(&told, LedgerError::Read { path, .. } if *path == folder.0), "{told}");
    let wrong = folder.file("wrong.jsonl", "no line\n");
    let told = Ledger::read(&wrong).expect_err("no line").to_string();
    assert!(told.starts_with(&format!("{}:1: no line of a ledger: ", wrong.display())), "{told}");
}

#[test]
fn several_ledgers_are_one() {
    let folder = Folder::new("several");
    let of = |order: &str, amount: i64| {
        charge(&format!(r#","amount":{amount}"#)).replace(r#""O""#, &format!(r#""{order}""#))
    };
    let one = folder.file("one.jsonl", &format!("{}\n{}\n{{", of("A", 1), of("B", 2)));
    let two = folder.file("two.jsonl", &format!("{}\n{}\n{}\n", of("C", 3), of("A", 4), of("A", 5)));
    let three = folder.file("three.jsonl", &format!("{}\n\u{0}", of("C", 6)));
    let empty = folder.file("empty.jsonl", "");
    let all = Ledger::read_all(&[one.clone(), two.clone(), empty.clone(), three.clone()]).expect("ledgers");
    let places = |order: &str| -> Vec<_> {
        all.orders[order].iter().map(|line| (line.file, line.number, line.amount)).collect()
    };
    assert_eq!(places("A"), [(0, 1, 1), (1, 2, 4), (1, 3, 5)]);
    assert_eq!(places("B"), [(0, 2, 2)]);
    assert_eq!(places("C"), [(1, 1, 3), (3, 1, 6)]);
    assert_eq!((all.count, all.orders.len()), (6, 3));
    let notes: Vec<_> = all.notes().iter().map(|note| note.split(": left out").next().unwrap_or_default()).collect();
    assert_eq!(notes, [format!("{}:3", one.display()), format!("{}:2", three.display())]);
    let none = Ledger::read_all(&[]).expect("none");
    assert_eq!((none.count, none.orders.len(), none.notes().len()), (0, 0, 0));
    // Two that say the same are two.
    let same = folder.file("same.jsonl", &fs::read_to_string(&two).expect("read"));
    assert_eq!(Ledger::read_all(&[two.clone(), same]).expect("two files").count, 6);
    // One of them that cannot be read is named, whichever it is.
    let absent = folder.0.join("absent.jsonl");
    for paths in [[absent.clone(), two.clone()], [two.clone(), absent.clone()]] {
        let told = Ledger::read_all(&paths).expect_err("it is not there");
        assert!(matches!(&told, LedgerError::Open { path, .. } if *path == absent), "{told}");
    }
    let wrong = folder.file("wrong.jsonl", &format!("{}\n\n", of("A", 1)));
    let told = Ledger::read_all(&[two.clone(), wrong.clone()]).expect_err("no line").to_string();
    assert!(told.starts_with(&format!("{}:2: no line of a ledger: ", wrong.display())), "{told}");
}

/// Each of its effects would seem to be there twice.
#[test]
fn a_ledger_is_not_taken_twice() {
    let folder = Folder::new("twice");
    let (one, two) = (folder.file("one.jsonl", ""), folder.file("two.jsonl", ""));
    let again = folder.0.join(".").join("one.jsonl");
    let link = folder.0.join("link.jsonl");
    std::os::unix::fs::symlink(&one, &link).expect("a link");
    for twice in [&one, &again, &link] {
        for paths in [[one.clone(), twice.clone(), two.clone()], [two.clone(), one.clone(), twice.clone()]] {
            let told = Ledger::read_all(&paths).expect_err("one file");
            assert!(matches!(&told, LedgerError::Twice { path } if path == twice), "{told}");
            let rule = "is given twice: each of several must be a file of its own";
            assert_eq!(told.to_string(), format!("the ledger {} {rule}", twice.display()));
        }
    }
    assert!(Ledger::read_all(&[one, two]).is_ok());
}

/// Nothing is known of a ledger that broke off.
#[test]
fn a_ledger_that_breaks_off_is_not_judged() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let text = format!("{}\n", charge(r#","amount":5"#));
    for before in ["", &text, "{"] {
        let lines = BufReader::new(io::Read::chain(before.as_bytes(), Broken));
        let told = Ledger::read_from(lines, Path::new("ledger.jsonl"), 0).expect_err("it broke off");
        assert!(matches!(&told, LedgerError::Read { source, .. } if source.to_string() == "the disk is gone"));
        assert_eq!(told.to_string(), "cannot read the ledger ledger.jsonl");
    }
}
