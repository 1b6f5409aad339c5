//! What each event makes of an order, field by field and nothing else of it; what is no history; where an order stood after each
//! commit; and what each of its ends is answered. Of orders with steps of their own: `steps_tests.rs`.

use std::collections::BTreeMap;

use super::*;

/// What is told of a history that there cannot be.
pub(in super::super) const UNREADABLE: &str = "unreadable";

/// An order of 10.00 euros, and what its own steps are called.
pub(in super::super) struct Order {
    pub content: Content,
    own: Vec<String>,
}

/// Of the first commit; each later one is a microsecond later.
const AT: i64 = 1_700_000_000_000_000;

/// An event as it is told: its type, and its fields. What is JSON is read as such.
fn event(told: &str) -> Map<String, Value> {
    let (kind, fields) = told.split_once(' ').unwrap_or((told, ""));
    let field = |word: &str| {
        let (field, value) = word.split_once('=').expect("a field");
        (field.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into()))
    };
    let fields = fields.split(' ').filter(|word| !word.is_empty()).map(field);
    std::iter::once(("type".to_owned(), kind.into())).chain(fields).collect()
}

/// Commits as they are told: a bar between two of them, a comma between two events.
fn commits(told: &str) -> Vec<Commit> {
    let mut first_version = 1;
    let commit = |(at, told): (i64, &str)| {
        let commit = Commit { first_version, at, events: told.split(", ").map(event).collect() };
        first_version += i64::try_from(commit.events.len()).expect("few");
        commit
    };
    (AT..).zip(told.split(" | ")).map(commit).collect()
}

impl Order {
    pub fn automatic() -> Self {
        let (order_id, currency) = ("ORD-1".into(), "EUR".into());
        let content = Content { order_id, amount: 1_000, currency, manual: false, sequence: None };
        Self { content, own: Vec::new() }
    }

    pub fn manual() -> Self {
        Self { content: Content { manual: true, ..Self::automatic().content }, ..Self::automatic() }
    }

    /// Along these steps: `hold!` is one's own with an undo, `fraud` one without.
    pub fn along(steps: &str) -> Self {
        let is_own = |word: &&str| !["inventory", "payment", "shipment"].contains(word);
        let step = |word: &str| match (is_own(&word), word.strip_suffix('!')) {
            (_, Some(name)) => json!({"name": name, "kind": "http", "action": "run", "undo": "undo"}),
            (true, None) => json!({"name": word, "kind": "http", "action": "run"}),
            (false, None) => json!({"name": word, "kind": "http"}),
        };
        let text = json!({"steps": steps.split(' ').map(step).collect::<Vec<_>>(), "pivot": "shipment"}).to_string();
        let sequence = Some(Sequence::read(&text).expect("a saga"));
        let own = steps.split(' ').filter(is_own).map(|word| word.trim_end_matches('!').to_owned()).collect();
        Self { content: Content { sequence, ..Self::automatic().content }, own }
    }

    pub fn folded(&self, told: &str) -> Result<Folded, Unreadable> {
        fold(&self.content, &commits(told))
    }

    pub fn after(&self, told: &str) -> Folded {
        self.folded(told).unwrap_or_else(|Unreadable| panic!("it can be read: {told}"))
    }

    fn fields(&self, folded: &Folded) -> Vec<(String, String)> {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".into(), Value::to_string);
        let called_off = match (folded.called_off, folded.called_off_by_client) {
            (false, false) => "no",
            (true, false) => "yes",
            (true, true) => "by-client",
            (false, true) => "by-client-but-not",
        };
        let told = [
            ("state", folded.state.into()),
            ("stock", folded.stock.into()),
            ("payment", folded.payment.into()),
            ("shipment", folded.shipment.into()),
            ("reservation", text(&folded.reservation_reference)),
            ("parcel", text(&folded.shipment_reference)),
            ("reference", text(&folded.reference)),
            ("capture", text(&folded.capture_reference)),
            ("unknown", folded.unknown.to_string()),
            ("known", folded.known.to_string()),
            ("amount", folded.amount.to_string()),
            ("captured", folded.captured.to_string()),
            ("refunded", folded.refunded.to_string()),
            ("failure", value(&folded.failure)),
            ("attention", value(&folded.attention)),
            ("answer", text(&folded.answer.as_ref().map(|answer| answer.status.to_string()))),
            ("captures", folded.captures.to_string()),
            ("called_off", called_off.into()),
            ("seal", text(&folded.seal)),
            ("saga", text(&folded.saga_seal)),
        ];
        let own = self.own.iter().zip(&folded.own).map(|(name, stand)| {
            let reference = stand.reference.as_ref().map(|reference| format!("({reference})"));
            (name.clone(), format!("{}{}", stand.status, reference.unwrap_or_default()))
        });
        let refund = |(place, refund): (u8, &Refund)| {
            let Refund { client, key, amount, reason, restock, status, settled } = refund;
            let settled = text(&settled.map(|settled| settled.to_string()));
            (format!("refund{place}"), format!("{client}/{key} {amount} {reason:?} {restock} {status} {settled}"))
        };
        let word = |(place, word): (u8, &OperatorAct)| {
            let said = [&word.call, &word.by, &word.reason].map(text).join(" ");
            (format!("word{place}"), format!("{}@{} {said}", word.verb, word.version))
        };
        let (refunds, words) = ((1..).zip(&folded.refunds).map(refund), (1..).zip(&folded.words).map(word));
        told.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(own).chain(refunds).chain(words).collect()
    }

    /// What of a fold has another value than before.
    fn changes(&self, before: &Folded, after: &Folded) -> String {
        let stood: BTreeMap<String, String> = self.fields(before).into_iter().collect();
        let changed = self.fields(after).into_iter().filter(|(name, value)| stood.get(name) != Some(value));
        changed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    /// What one more commit changes.
    pub fn leads(&self, before: &str, told: &str) -> String {
        let stood = self.after(before);
        let after = self.folded(&format!("{before} | {told}"));
        after.map_or_else(|Unreadable| UNREADABLE.into(), |after| self.changes(&stood, &after))
    }

    /// A history, commit by commit, with exactly what each changes.
    pub fn goes(&self, tale: &[(&str, &str)]) {
        let (mut wrong, mut told) = (Vec::new(), Vec::new());
        let mut before = Folded::unborn(&self.content);
        for &(commit, wanted) in tale {
            told.push(commit);
            let history = commits(&told.join(" | "));
            let Ok(after) = fold(&self.content, &history) else {
                wrong.push(format!("{}: {UNREADABLE}", told.join(" | ")));
                break;
            };
            let found = self.changes(&before, &after);
            if found != wanted {
                wrong.push(format!("{commit}:\n  {found}, and not\n  {wanted}"));
            }
            let Folded { version, state, ref attention, captured, refunded, .. } = after;
            let stand = Stand { version, state, attention: attention.clone(), captured, refunded };
            assert_eq!(after.stands, [&before.stands[..], &[stand]].concat(), "{commit}");
            let count: usize = history.iter().map(|commit| commit.events.len()).sum();
            assert_eq!(usize::try_from(version), Ok(count), "{commit}");
            let later = before.go_on(&self.content, &history[told.len() - 1..]);
            assert_eq!(later.as_ref(), Ok(&after), "by itself: {commit}");
            before = after;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    pub fn answer(&self, told: &str) -> Option<(i64, String)> {
        self.after(told).answer.map(|StoredAnswer { status, body }| (status, body))
    }
}

const CREATED: (&str, &str) = ("order.created", "state=CREATED stock=intended payment=none shipment=none");
const RESERVED: (&str, &str) = ("inventory.reserved", "state=INVENTORY_RESERVED stock=reserved payment=intended");
const CHARGED: (&str, &str) =
    ("payment.charged amount=1000", "state=PAYMENT_CHARGED payment=charged shipment=intended known=true captured=1000");
const SHIPPED: (&str, &str) = ("shipment.created", "state=SHIPMENT_CREATED shipment=created");
const AUTHORIZED: (&str, &str) =
    ("payment.authorized", "state=PAYMENT_AUTHORIZED payment=authorized known=true answer=201");
const RELEASED: (&str, &str) = ("inventory.released", "stock=released");

const TO_RESERVED: &str = "order.created, inventory.reserved";
const TO_AUTHORIZED: &str = "order.created, inventory.reserved, payment.authorized";
const TO_CAPTURING: &str = "order.created, inventory.reserved, payment.authorized | payment.capturing amount=400";
const TO_CHARGED: &str = "order.created, inventory.reserved, payment.charged amount=1000";
const TO_COMPLETED: &str =
    "order.created, inventory.reserved, payment.charged amount=1000, shipment.created, order.completed";

#[test]
fn an_order_goes_well() {
    Order::automatic().goes(&[
        ("order.created seal=abcd", "state=CREATED stock=intended payment=none shipment=none seal=abcd"),
        (
            "inventory.reserved reference=w-1",
            "state=INVENTORY_RESERVED stock=reserved payment=intended reservation=w-1",
        ),
        ("payment.unknown", "unknown=true"),
        (
            "payment.charged amount=999 reference=p-1",
            "state=PAYMENT_CHARGED payment=charged shipment=intended reference=p-1 known=true captured=999",
        ),
        ("shipment.created reference=c-1", "state=SHIPMENT_CREATED shipment=created parcel=c-1"),
        ("order.completed", "state=COMPLETED stock=taken answer=201"),
    ]);
    // What an earlier program did not tell is absent.
    Order::automatic().goes(&[
        CREATED,
        RESERVED,
        CHARGED,
        SHIPPED,
        ("order.completed", "state=COMPLETED stock=taken answer=201"),
    ]);
    Order::automatic().goes(&[(
        TO_COMPLETED,
        "state=COMPLETED stock=taken payment=charged shipment=created known=true captured=1000 answer=201",
    )]);
}

#[test]
fn money_that_is_held_is_captured_under_a_name_of_its_own() {
    Order::manual().goes(&[
        CREATED,
        RESERVED,
        (
            "payment.authorized reference=h-1 expires_in_ms=5",
            "state=PAYMENT_AUTHORIZED payment=authorized reference=h-1 known=true answer=201",
        ),
        ("payment.capturing amount=400", "payment=capturing amount=400 captures=true"),
        (
            "payment.charged amount=400 reference=k-1",
            "state=PAYMENT_CHARGED payment=charged shipment=intended capture=k-1 captured=400",
        ),
        SHIPPED,
        // It was answered when it was authorised.
        ("order.completed", "state=COMPLETED stock=taken"),
    ]);
}

#[test]
fn what_is_refused_is_undone_in_reverse() {
    Order::automatic().goes(&[
        CREATED,
        (
            r#"inventory.rejected shortages=[{"available":1,"requested":3,"sku":"A"}]"#,
            r#"stock=rejected failure={"code":"out_of_stock","shortages":[{"available":1,"requested":3,"sku":"A"}]}"#,
        ),
        ("order.cancelled", "state=CANCELLED answer=409"),
    ]);
    Order::automatic().goes(&[
        CREATED,
        (
            "inventory.rejected shortages=[] reason=closed",
            r#"stock=rejected failure={"code":"order_cancelled","detail":"closed","reason":"participant"}"#,
        ),
        ("order.cancelled", "state=CANCELLED answer=409"),
    ]);
    Order::automatic().goes(&[
        CREATED,
        RESERVED,
        (
            "payment.declined reason=card_declined",
            r#"state=COMPENSATING stock=releasing payment=declined failure={"code":"payment_declined","reason":"card_declined"}"#,
        ),
        RELEASED,
        ("order.cancelled", "state=CANCELLED answer=402"),
    ]);
    Order::automatic().goes(&[
        CREATED,
        RESERVED,
        CHARGED,
        (
            "shipment.failed reason=carrier_refused",
            r#"state=COMPENSATING payment=refunding shipment=failed refunded=1000 failure={"code":"shipment_failed","reason":"carrier_refused"}"#,
        ),
        ("payment.refunded amount=1000", "stock=releasing payment=refunded"),
        RELEASED,
        ("order.cancelled", "state=CANCELLED answer=500"),
    ]);
}

#[test]
fn what_is_called_off_is_undone_from_the_latest_step_that_may_have_taken_effect() {
    let (automatic, manual) = (Order::automatic(), Order::manual());
    let failure = |reason: &str| format!(r#"failure={{"code":"order_cancelled","reason":"{reason}"}}"#);
    let places = [
        (&automatic, "order.created", "stock=releasing"),
        (&automatic, TO_RESERVED, "payment=voiding"),
        (&manual, TO_AUTHORIZED, "payment=voiding"),
        (&manual, TO_CAPTURING, "payment=voiding"),
        (&automatic, TO_CHARGED, "shipment=cancelling"),
    ];
    let reasons =
        [("client", " called_off=by-client"), ("operator", " called_off=yes"), ("expired", ""), ("participant", "")];
    for (order, before, undone) in places {
        for (reason, called_off) in reasons {
            let found = order.leads(before, &format!("order.compensating reason={reason}"));
            let wanted = format!("state=COMPENSATING {undone} {}{called_off}", failure(reason));
            assert_eq!(found, wanted, "{reason} after {before}");
        }
    }
    // With a participant's word, and of one that waits for a human: whatever it waited for is undone now.
    let found = manual.leads(
        &format!("{TO_CAPTURING}, order.attention reason=lost"),
        "order.compensating reason=participant detail=gone",
    );
    let wanted = r#"state=COMPENSATING payment=voiding failure={"code":"order_cancelled","detail":"gone","reason":"participant"}"#;
    assert_eq!(found, format!("{wanted} attention=-"));
}

#[test]
fn what_is_called_off_ends_undone_or_past_the_pivot() {
    fn off(undone: &str) -> (&str, &str) {
        ("order.compensating reason=client", undone)
    }
    let called_off = |undone: &str| {
        format!(
            r#"state=COMPENSATING {undone} failure={{"code":"order_cancelled","reason":"client"}} called_off=by-client"#
        )
    };
    let [stock, money, parcel] = ["stock=releasing", "payment=voiding", "shipment=cancelling"].map(called_off);
    let cancelled = ("order.cancelled", "state=CANCELLED answer=409");
    Order::automatic().goes(&[CREATED, off(&stock), RELEASED, cancelled]);
    Order::automatic().goes(&[
        CREATED,
        RESERVED,
        off(&money),
        ("payment.voided captured=700", "stock=releasing payment=voided captured=700 refunded=700"),
        RELEASED,
        cancelled,
    ]);
    Order::manual().goes(&[
        CREATED,
        RESERVED,
        AUTHORIZED,
        off(&money),
        ("payment.voided", "stock=releasing payment=voided"),
        RELEASED,
        // It keeps the answer that it was given.
        ("order.cancelled", "state=CANCELLED"),
    ]);
    Order::automatic().goes(&[
        CREATED,
        RESERVED,
        CHARGED,
        off(&parcel),
        ("shipment.cancelled", "payment=refunding shipment=cancelled refunded=1000"),
        ("payment.refunded amount=1000", "stock=releasing payment=refunded"),
        RELEASED,
        cancelled,
    ]);
    // The carrier has it already.
    Order::automatic().goes(&[
        CREATED,
        RESERVED,
        CHARGED,
        off(&parcel),
        ("shipment.created reference=c-1", "state=SHIPMENT_CREATED shipment=created parcel=c-1 failure=-"),
        ("order.completed", "state=COMPLETED stock=taken answer=201"),
    ]);
}

/// A refund counts from its intent on, until it is refused; it has one outcome, and moves no order.
#[test]
fn refunds_are_settled_once_each_by_the_name_of_who_asked() {
    Order::automatic().goes(&[
        (
            TO_COMPLETED,
            "state=COMPLETED stock=taken payment=charged shipment=created known=true captured=1000 answer=201",
        ),
        (
            "payment.refunding client=shop key=a amount=300 reason=broken",
            r#"refunded=300 refund1=shop/a 300 "broken" [] intended -"#,
        ),
        (
            r#"payment.refunding client=ops key=a amount=0 reason= restock=[{"quantity":1,"sku":"A"}]"#,
            r#"refund2=ops/a 0 "" [{"quantity":1,"sku":"A"}] intended -"#,
        ),
        (
            "payment.refunding client=shop key=b amount=50 reason=late",
            r#"refunded=350 refund3=shop/b 50 "late" [] intended -"#,
        ),
        (
            r#"payment.refunded amount=0 refund={"client":"ops","key":"a"}"#,
            r#"refund2=ops/a 0 "" [{"quantity":1,"sku":"A"}] refunded 4"#,
        ),
        (
            "payment.refund_refused client=shop key=b reason=no",
            r#"refunded=300 refund3=shop/b 50 "late" [] refused 5"#,
        ),
        // Whatever is said of it again.
        (r#"payment.refunded amount=50 refund={"client":"shop","key":"b"}"#, ""),
        ("payment.refund_refused client=shop key=b reason=no", ""),
        ("payment.refund_refused client=ops key=a reason=no", ""),
        // Nobody asked for it.
        (r#"payment.refunded amount=50 refund={"client":"ops","key":"b"}"#, ""),
        (
            r#"payment.refunded amount=300 refund={"client":"shop","key":"a"}, order.attention reason=lost"#,
            r#"attention={"reason":"lost","since":"2023-11-14T22:13:20.000010Z"} refund1=shop/a 300 "broken" [] refunded 10"#,
        ),
    ]);
    let most = format!("payment.refunding client=shop key=a amount={} reason=", i64::MAX);
    let counted = Order::automatic().leads(TO_COMPLETED, &most);
    assert_eq!(counted, format!(r#"refunded={0} refund1=shop/a {0} "" [] intended -"#, i64::MAX));
    let more = format!("{TO_COMPLETED} | {most} | payment.refunding client=shop key=b amount=1 reason=");
    assert_eq!(Order::automatic().folded(&more), Err(Unreadable), "more than can be counted");
}

#[test]
fn who_sends_an_order_on_its_way_is_kept_with_the_version_of_the_commit() {
    let waits = "order.created | order.attention reason=lost";
    let since = r#""since":"2023-11-14T22:13:20.000001Z""#;
    let order = Order::automatic();
    for (before, told, changes) in [
        ("order.created", "order.attention reason=lost", format!(r#"attention={{"reason":"lost",{since}}}"#)),
        (
            "order.created",
            "order.attention v=1 missing=fraud reason=lost contradicted=true",
            format!(r#"attention={{"contradicted":true,"missing":"fraud","reason":"lost",{since}}}"#),
        ),
        (waits, "order.resumed by=ops reason=back", "attention=- word1=retry@3 - ops back".into()),
        // By programs that did not tell who it was, or why.
        (waits, "order.resumed", "attention=- word1=retry@3 - - -".into()),
        (waits, "order.resumed by=ops", "attention=- word1=retry@3 - ops -".into()),
        // By itself, once the entry was there again.
        (waits, "order.resumed reason=found", "attention=-".into()),
        (
            waits,
            "order.skipped action=reserve by=ops reason=seen, inventory.reserved",
            "state=INVENTORY_RESERVED stock=reserved payment=intended attention=- word1=skip@4 reserve ops seen".into(),
        ),
        (waits, "order.skipped action=reserve reason=seen", "attention=- word1=skip@3 reserve - seen".into()),
        (
            "order.created | order.attention reason=lost | order.resumed by=ops reason=back | order.attention reason=lost",
            "order.resumed by=boss reason=again",
            "attention=- word2=retry@5 - boss again".into(),
        ),
    ] {
        assert_eq!(order.leads(before, told), changes, "{told} after {before}");
    }
}

/// What a human declares undone is as if it had been; what was settled before stays as it was.
#[test]
fn what_is_forced_counts_as_undone() {
    let (automatic, manual) = (Order::automatic(), Order::manual());
    let operator = r#"failure={"code":"order_cancelled","reason":"operator"}"#;
    let after = |before: &str, told: &str| format!("{before} | {told}");
    let off = "order.compensating reason=expired";
    // The order, before, what counts as undone, its failure where it had none, and its answer where it had none.
    let cases = [
        (&automatic, "order.created".to_owned(), "stock=released", operator, "answer=409"),
        (&automatic, TO_RESERVED.into(), "stock=released payment=voided", operator, "answer=409"),
        (&manual, TO_AUTHORIZED.into(), "stock=released payment=voided", operator, ""),
        (&manual, TO_CAPTURING.into(), "stock=released payment=voided", operator, ""),
        (
            &automatic,
            TO_CHARGED.into(),
            "stock=released payment=refunded shipment=cancelled refunded=1000",
            operator,
            "answer=409",
        ),
        (
            &automatic,
            after(TO_CHARGED, off),
            "stock=released payment=refunded shipment=cancelled refunded=1000",
            "",
            "answer=409",
        ),
        (
            &automatic,
            after(TO_CHARGED, "shipment.failed reason=no"),
            "stock=released payment=refunded",
            "",
            "answer=500",
        ),
        (&automatic, after(TO_RESERVED, off), "stock=released payment=voided", "", "answer=409"),
        (&automatic, after(TO_RESERVED, "payment.declined reason=no"), "stock=released", "", "answer=402"),
        (
            &automatic,
            after(TO_RESERVED, "order.compensating reason=expired | payment.voided captured=10"),
            "stock=released",
            "",
            "answer=409",
        ),
        (&automatic, after("order.created", "inventory.rejected shortages=[] reason=no"), "", "", "answer=409"),
    ];
    let words = |words: &[&str]| words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ");
    for (order, before, undone, failure, answer) in cases {
        let folded = order.after(&before);
        let state = if folded.state == "COMPENSATING" { "" } else { "state=COMPENSATING" };
        let word = |version: i64| format!("word1=force-cancel@{version} - ops settled");
        let forced = order.leads(&before, "order.forced by=ops reason=settled");
        assert_eq!(forced, words(&[state, undone, failure, &word(folded.version + 1)]), "{before}");
        let waits = format!("{before}, order.attention reason=lost");
        let forced = order.leads(&waits, "order.forced by=ops reason=settled, order.cancelled");
        let wanted = ["state=CANCELLED", undone, failure, "attention=-", answer, &word(folded.version + 3)];
        assert_eq!(forced, words(&wanted), "{waits}");
    }
}

#[test]
fn what_is_no_history_is_not_folded() {
    let order = Order::automatic();
    for told in [
        "inventory.reserved",
        "order.created, order.created",
        "order.created | order.created",
        "order.created | order.of_a_newer_program",
        "order.created | ",
        // Of a type that is no text.
        "order.created type=5",
    ] {
        assert_eq!(order.folded(told), Err(Unreadable), "{told}");
    }
    // A field that is needed is not there, or is of another kind.
    for (before, told) in [
        ("order.created", "inventory.rejected"),
        (TO_AUTHORIZED, "payment.capturing"),
        (TO_AUTHORIZED, "payment.capturing amount=\"400\""),
        (TO_AUTHORIZED, "payment.capturing amount=4.5"),
        (TO_AUTHORIZED, "payment.capturing amount=null"),
        (TO_RESERVED, "payment.charged"),
        (TO_RESERVED, "payment.charged amount=9223372036854775808"),
        (TO_RESERVED, "payment.declined"),
        (TO_RESERVED, "payment.declined reason=7"),
        (TO_CHARGED, "shipment.failed"),
        (TO_CHARGED, "shipment.failed reason=[]"),
        (TO_CHARGED, "order.compensating"),
        (TO_CHARGED, "order.compensating reason=null"),
        (TO_COMPLETED, "payment.refunding key=a amount=1 reason=no"),
        (TO_COMPLETED, "payment.refunding client=shop amount=1 reason=no"),
        (TO_COMPLETED, "payment.refunding client=shop key=a reason=no"),
        (TO_COMPLETED, "payment.refunding client=shop key=a amount=1"),
        (TO_COMPLETED, "payment.refund_refused key=a reason=no"),
        (TO_COMPLETED, "payment.refund_refused client=shop reason=no"),
        (TO_COMPLETED, "payment.refunded amount=1 refund=5"),
        (TO_COMPLETED, "payment.refunded amount=1 refund={\"client\":\"shop\"}"),
        (TO_COMPLETED, "payment.refunded amount=1 refund={\"key\":\"a\"}"),
        // It has no steps of its own.
        (TO_RESERVED, "step.done step=fraud"),
        (TO_RESERVED, "step.refused step=fraud reason=no"),
        (TO_RESERVED, "step.undone step=fraud"),
        (TO_RESERVED, "step.skipped step=fraud action=run reason=seen by=ops"),
    ] {
        assert_eq!(Order::manual().leads(before, told), UNREADABLE, "{told} after {before}");
    }
    let mut untyped = commits("order.created");
    untyped[0].events[0].remove("type");
    assert_eq!(fold(&order.content, &untyped), Err(Unreadable));
}

#[test]
fn a_history_has_no_holes_and_no_beginning_but_one() {
    let content = Order::automatic().content;
    assert_eq!(fold(&content, &[]), Err(Unreadable));
    let whole = commits("order.created | inventory.reserved, payment.charged amount=1000 | shipment.created");
    assert_eq!(whole.iter().map(|commit| commit.first_version).collect::<Vec<_>>(), [1, 2, 4]);
    assert!(fold(&content, &whole).is_ok());
    for place in 0..whole.len() {
        for first_version in -1..6 {
            let mut commits = whole.clone();
            let is_right = commits[place].first_version == first_version;
            commits[place].first_version = first_version;
            assert_eq!(fold(&content, &commits).is_ok(), is_right, "commit {place} begins with {first_version}");
        }
        let mut commits = whole.clone();
        commits[place].events.clear();
        assert_eq!(fold(&content, &commits), Err(Unreadable), "commit {place} is empty");
    }
    // Whoever goes on adds what came later, of which there may be nothing.
    let folded = fold(&content, &whole).expect("it is whole");
    assert_eq!(folded.clone().go_on(&content, &[]).as_ref(), Ok(&folded));
    let early = fold(&content, &whole[..1]).expect("it begins");
    assert_eq!(early.clone().go_on(&content, &whole[1..]).as_ref(), Ok(&folded));
    assert_eq!(early.go_on(&content, &whole[2..]), Err(Unreadable));
}

#[test]
fn where_an_order_stood_is_kept_after_each_commit() {
    let order = Order::automatic();
    let folded = order.after(
        "order.created | inventory.reserved, payment.charged amount=1000 | order.attention reason=lost | \
         order.resumed by=ops reason=back, shipment.failed reason=no",
    );
    let stand = |version, state, captured, refunded| Stand { version, state, attention: None, captured, refunded };
    let lost = json!({"reason": "lost", "since": "2023-11-14T22:13:20.000002Z"});
    assert_eq!(
        folded.stands,
        [
            stand(1, "CREATED", 0, 0),
            stand(3, "PAYMENT_CHARGED", 1_000, 0),
            Stand { attention: Some(lost), ..stand(4, "PAYMENT_CHARGED", 1_000, 0) },
            stand(6, "COMPENSATING", 1_000, 1_000),
        ]
    );
}

#[test]
fn a_stamp_is_rfc_3339_with_microseconds() {
    for (micros, told) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_500_000, "1970-01-01T00:00:01.500000Z"),
        (AT + 1, "2023-11-14T22:13:20.000001Z"),
        (i64::MAX, ""),
    ] {
        assert_eq!(stamp(micros), told, "{micros}");
    }
}

/// Each end has its answer, byte for byte; what came before it, or later, has none of its own.
#[test]
fn each_end_is_answered_byte_for_byte() {
    let (automatic, manual) = (Order::automatic(), Order::manual());
    let success = |state: &str, version: i64| {
        let body =
            format!(r#"{{"order_id":"ORD-1","state":"{state}","version":{version},"amount":1000,"currency":"EUR"}}"#);
        (201, body)
    };
    for unanswered in ["order.created", TO_RESERVED, TO_CHARGED, "order.created | order.compensating reason=client"] {
        assert_eq!(automatic.answer(unanswered), None, "{unanswered}");
    }
    assert_eq!(automatic.answer(TO_COMPLETED), Some(success("COMPLETED", 5)));
    for (order, before, later) in [
        (
            &manual,
            TO_AUTHORIZED,
            "payment.capturing amount=400 | payment.charged amount=400, shipment.created, order.completed",
        ),
        (
            &manual,
            TO_AUTHORIZED,
            "order.compensating reason=client, payment.voided, inventory.released, order.cancelled",
        ),
        (&automatic, TO_COMPLETED, "payment.refunding client=shop key=a amount=1 reason=no"),
        (&automatic, TO_COMPLETED, "order.attention reason=lost"),
    ] {
        assert!(order.answer(before).is_some(), "{before}");
        assert_eq!(order.answer(&format!("{before} | {later}")), order.answer(before), "{later}");
    }
    assert_eq!(manual.answer(TO_AUTHORIZED), Some(success("PAYMENT_AUTHORIZED", 3)));
    let problem = |code: &str, title: &str, status: i64, detail: &str, rest: &str| {
        let kind = format!("urn:counterfoil:problem:{code}");
        let body = format!(
            r#"{{"type":"{kind}","title":"{title}","status":{status},"detail":"{detail}","code":"{code}","order_id":"ORD-1","final":true,{rest}}}"#
        );
        Some((status, body))
    };
    let called_off = "the order was cancelled before it was shipped; what was done was undone";
    let cancelled = |rest: &str| problem("order_cancelled", "Order cancelled", 409, called_off, rest);
    let told =
        r#"order.created | inventory.rejected shortages=[{"available":1,"requested":3,"sku":"A"}], order.cancelled"#;
    let shortages = r#""shortages":[{"sku":"A","requested":3,"available":1}]"#;
    let detail = "not enough stock of A; nothing was charged";
    assert_eq!(automatic.answer(told), problem("out_of_stock", "Out of stock", 409, detail, shortages));
    let declined =
        "order.created, inventory.reserved, payment.declined reason=card_declined, inventory.released, order.cancelled";
    let detail = "the payment was declined; the stock was released and nothing was charged";
    let rest = r#""reason":"card_declined","compensations":["inventory.released"]"#;
    assert_eq!(automatic.answer(declined), problem("payment_declined", "Payment declined", 402, detail, rest));
    let failed = format!(
        "{TO_CHARGED}, shipment.failed reason=carrier_refused, payment.refunded amount=1000, inventory.released, order.cancelled"
    );
    let detail = "the carrier refused the shipment; the charge was refunded and the stock released";
    let rest = r#""reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]"#;
    assert_eq!(automatic.answer(&failed), problem("shipment_failed", "Shipment failed", 500, detail, rest));
    for (told, rest) in [
        (
            "order.created | order.compensating reason=client | inventory.released, order.cancelled",
            r#""reason":"client","compensations":["inventory.released"]"#,
        ),
        (
            "order.created, inventory.reserved | order.compensating reason=expired | payment.voided | inventory.released, order.cancelled",
            r#""reason":"expired","compensations":["payment.voided","inventory.released"]"#,
        ),
        (
            "order.created, inventory.reserved, payment.charged amount=1000 | order.compensating reason=operator | \
             shipment.cancelled | payment.refunded amount=1000 | inventory.released, order.cancelled",
            r#""reason":"operator","compensations":["shipment.cancelled","payment.refunded","inventory.released"]"#,
        ),
        (
            "order.created, order.attention reason=lost | order.forced reason=settled by=ops, order.cancelled",
            r#""reason":"operator","compensations":["inventory.released"]"#,
        ),
    ] {
        assert_eq!(automatic.answer(told), cancelled(rest), "{told}");
    }
    let told =
        "order.created | inventory.rejected shortages=[] reason=\"we\\u0020are\\u0020\\\"shut\\\"\", order.cancelled";
    let detail = r#"the order was cancelled before it was shipped (a participant said \"we are \\\"shut\\\"\"); what was done was undone"#;
    let rest = r#""reason":"participant","compensations":[]"#;
    assert_eq!(automatic.answer(told), problem("order_cancelled", "Order cancelled", 409, detail, rest));
}
