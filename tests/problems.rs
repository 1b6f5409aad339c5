//! Promise: a problem's code is what the one list says of it (`crates/engine/src/saga/codes.rs`): its status, its title, whether it is
//! final, and what its body has. `docs/src/problems.md` is made from the list. `UPDATE_GOLDEN=1` writes the page anew; nothing
//! else does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use counterfoil::saga::answer::PROBLEM_TYPE;
use counterfoil::saga::codes::{EVERY_PROBLEM, Spec};
use counterfoil::saga::state::{MAX_REFUNDS, Refund, RefundStatus};
use counterfoil::saga::{Answer, Capture, Code, Order, Refusal, Shortage, Sku, Timestamp, decide, verb};
use serde_json::Value;

use super::saga_golden::{representatives, said_to};
use super::support::saga::{Own, Participants, submit_to};

const PAGE: &str = "docs/src/problems.md";
const HEAD: &str = "\
# Problem codes

Every answer of a route that is no success is a problem (RFC 9457), `application/problem+json`, and bears one of these codes
in `code` and as the last part of `type`. (What is no HTTP request never comes to a route, and is refused [without a
body](http.md#below-the-router).) A code has one status and one title, for ever; `detail` is for people, and may change.
Branch on `code`. This page is made from the list in `crates/engine/src/saga/codes.rs`.

- *Final*: the body says `\"final\": true`. The order, or the verb, is decided; a repeat gets the same bytes, and another try
  needs a new order_id or a new key.
- *Retry-After*: the response says after how many seconds to try again. The same request may be repeated, under its
  order_id or key, as after `internal`: that is always safe.
- *Fields*: what the body has beside `type`, `title`, `status`, `detail` and `code`; what stands in brackets it may have.

| code | status | what it means | final | Retry-After | fields |
|---|---|---|---|---|---|
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn specs() -> impl Iterator<Item = &'static Spec> {
    Code::ALL.iter().map(|code| code.spec())
}

/// The page, as the list has it.
fn page() -> String {
    let mut page = String::from(HEAD);
    for Spec { word, status, title, meaning, is_final, retry_after, has, may_have } in specs() {
        let yes = |it: bool| if it { "yes" } else { "" };
        let has = has.iter().map(|name| format!("`{name}`"));
        let fields: Vec<_> = has.chain(may_have.iter().map(|name| format!("[`{name}`]"))).collect();
        let (is_final, retry_after, fields) = (yes(*is_final), yes(*retry_after), fields.join(" "));
        writeln!(page, "| `{word}` | {status} | *{title}.* {meaning} | {is_final} | {retry_after} | {fields} |")
            .expect("write to a string");
    }
    page
}

#[test]
fn the_page_is_made_of_the_list() {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(root().join(PAGE), page()).expect("write the page");
    }
    assert!(read(PAGE) == page(), "{PAGE} is not what the list says: UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn the_list_is_in_order_and_says_what_can_be_so() {
    assert!(specs().map(|spec| spec.word).is_sorted_by(|a, b| a < b), "each code once, in order");
    for spec in specs() {
        assert!((400..600).contains(&spec.status), "{spec:?}");
        assert_eq!(spec.is_final, spec.has.contains(&"final"), "{spec:?}");
        assert_eq!(spec.retry_after, spec.status == 503, "{spec:?}");
        assert!(spec.may_have.iter().all(|field| !spec.has.contains(field)), "{spec:?}");
        assert_eq!(Code::of(spec.word).map(Code::as_str), Some(spec.word));
    }
    assert_eq!(Code::of("of_a_later_version"), None);
}

/// A code that is used must be in the list, or the compiler says so; here the other way round, and that nobody writes a
/// problem without it.
#[test]
fn every_code_of_the_list_is_used_and_none_is_written_beside_it() {
    let mut used = BTreeSet::new();
    for path in super::house::sources().filter(|path| !super::house::is_test(path)) {
        let code = super::house::code(&path);
        let is_list = path.ends_with("saga/codes.rs");
        if !is_list && ["crates/engine/src/saga", "src/http"].iter().any(|folder| path.starts_with(folder)) {
            let names = code.split("Code::").skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            used.extend(names.flatten().map(str::to_owned));
        }
        // The one prefix, what is said to a newcomer before there is a request, and two judges that know it by heart.
        let may_spell = ["saga/answer.rs", "http/connections.rs", "audit/orders/answers.rs", "simulator/server.rs"];
        if code.contains(PROBLEM_TYPE) {
            assert!(may_spell.iter().any(|name| path.ends_with(name)), "{} spells a type", path.display());
        }
    }
    let listed: BTreeSet<_> = Code::ALL.iter().map(|code| format!("{code:?}")).collect();
    let unused: Vec<_> = listed.difference(&used).collect();
    assert!(unused.is_empty(), "nobody answers {unused:?}");
}

/// What is wrong with a problem in the eyes of the list; its code else.
fn judged(status: u64, body: &Value) -> Result<Code, String> {
    let wrong = |what: &str| Err(format!("{what}: {body}"));
    let Some(code) = body["code"].as_str().and_then(Code::of) else { return wrong("no code of the list") };
    let spec = code.spec();
    if body["type"] != format!("{PROBLEM_TYPE}{}", spec.word) || body["title"] != spec.title {
        return wrong("another type or title");
    }
    if status != u64::from(spec.status) || body["status"] != spec.status {
        return wrong("another status");
    }
    let Some(fields) = body.as_object() else { return wrong("no object") };
    if let Some(missing) = EVERY_PROBLEM.iter().chain(spec.has).find(|name| !fields.contains_key(**name)) {
        return wrong(&format!("no {missing}"));
    }
    if let Some(more) = fields.keys().find(|name| !code.allows(name)) {
        return wrong(&format!("a field {more} that the list does not have"));
    }
    match fields.get("final") {
        Some(said) if *said != spec.is_final => wrong("another final"),
        _ => Ok(code),
    }
}

fn judge(answer: &Answer, found: &mut BTreeSet<&'static str>) {
    let body = serde_json::from_str(&answer.body).expect("JSON");
    found.insert(judged(answer.status.into(), &body).unwrap_or_else(|wrong| panic!("{wrong}")).as_str());
}

/// Every final answer along every saga that is tried, and every refusal of a verb in every state.
#[test]
fn every_final_answer_is_as_the_list_says() {
    let mut found = BTreeSet::new();
    let mut orders = BTreeMap::new();
    for own in Own::ALL.into_iter().chain([Own::None]) {
        for (place, order) in representatives(own) {
            if let Some(answer) = order.answer.as_ref().filter(|answer| answer.status >= 400) {
                judge(answer, &mut found);
            }
            for (_, command) in said_to(own) {
                let refused = decide(Some(&order), &command, Timestamp(0)).err();
                if let Some(answer) = refused.and_then(|refusal| verb::refused(&order, "refund", &refusal)) {
                    judge(&answer, &mut found);
                }
            }
            orders.insert(place, order);
        }
    }
    let order: &Order = orders.values().next().expect("an order");
    // What needs a thousand refunds, or another inventory.
    for refusal in [
        Refusal::TooManyRefunds { most: MAX_REFUNDS },
        Refusal::RestockElsewhere,
        Refusal::RestockExceedsShipment { sku: Sku::trusted("SKU-1"), quantity: 2, left: 1 },
    ] {
        judge(&verb::refused(order, "refund", &refusal).expect("an answer"), &mut found);
    }
    judge(&verb::other_version(order, "skip", 1), &mut found);
    let asked = orders.values().find_map(|order| order.refunds.first()).expect("a refund");
    let refund = Refund { status: RefundStatus::Refused, ..asked.clone() };
    judge(&verb::refunded(order, &refund).expect("an answer"), &mut found);

    let short = counterfoil::saga::transaction::run(
        None,
        &submit_to(Capture::Automatic, &Participants::default()),
        Timestamp(0),
        &Participants::default(),
        counterfoil::saga::transaction::StockVerdict::Short(&[Shortage {
            sku: Sku::trusted("SKU-1"),
            requested: 2,
            available: 1,
        }]),
    );
    judge(short.expect("a transaction").order.answer.as_ref().expect("an answer"), &mut found);
    let finals: BTreeSet<_> = specs().filter(|spec| spec.is_final).map(|spec| spec.word).collect();
    assert_eq!(found, finals, "the final ones of the list, and what was judged");
}

/// The problems in a text, each up to where its JSON ends.
fn problems_in(text: &str) -> Vec<Value> {
    const BEGINS: &str = r#"{"type":"urn:counterfoil:problem:"#;
    let begins = text.match_indices(BEGINS).map(|(at, _)| at);
    begins
        .map(|at| {
            let mut read = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
            read.next().expect("a value").expect("JSON")
        })
        .collect()
}

/// What released programs stored, and what their clients were told.
#[test]
fn what_was_stored_is_as_the_list_says() {
    let mut found = BTreeSet::new();
    let releases = std::fs::read_dir(root().join("tests/upgrade")).expect("read a folder");
    let releases = releases.map(|entry| entry.expect("read a folder").path()).filter(|path| path.is_dir());
    let dumps = releases.map(|path| path.join("database.sql")).chain([root().join("tests/audit/stored_by_0_2_0.sql")]);
    for dump in dumps {
        let text = std::fs::read_to_string(&dump).expect("read a dump").replace("''", "'");
        for problem in problems_in(&text) {
            let status = problem["status"].as_u64().expect("a status");
            found.insert(
                judged(status, &problem).unwrap_or_else(|wrong| panic!("{}: {wrong}", dump.display())).as_str(),
            );
        }
    }
    assert!(found.len() >= 7 && found.contains("step_refused"), "{found:?} are too few: are they found?");
}
