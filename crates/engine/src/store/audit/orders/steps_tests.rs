//! Along steps of one's own each is begun when the one before it is done, and undone before it; nothing is done, and nothing undone,
//! before its turn comes, nor after it. A saga is read as it is stored, or not at all.

use std::collections::BTreeSet;

use super::super::fold::tests::{Order, UNREADABLE};
use super::*;

/// Each kind of place there is: before, between and behind the built-in steps, alone and one behind the other, with an undo and
/// without.
const SAGA: &str = "hold! inventory fraud vault! payment points! card! shipment gift";
const OWN: [&str; 6] = ["hold", "fraud", "vault", "points", "card", "gift"];

fn order() -> Order {
    Order::along(SAGA)
}

/// An order of [`SAGA`] that goes well, commit by commit, with what each changes.
const WELL: &[(&str, &str)] = &[
    (
        "order.created seal=abcd definition=efgh",
        "state=CREATED stock=none payment=none shipment=none seal=abcd saga=efgh \
         hold=intended fraud=none vault=none points=none card=none gift=none",
    ),
    ("step.done step=hold reference=h-1", "stock=intended hold=done(h-1)"),
    ("inventory.reserved reference=w-1", "state=INVENTORY_RESERVED stock=reserved reservation=w-1 fraud=intended"),
    ("step.done step=fraud", "fraud=done vault=intended"),
    ("step.done step=vault reference=v-1", "payment=intended vault=done(v-1)"),
    (
        "payment.charged amount=1000 reference=p-1",
        "state=PAYMENT_CHARGED payment=charged reference=p-1 known=true captured=1000 points=intended",
    ),
    ("step.done step=points", "points=done card=intended"),
    ("step.done step=card reference=k-1", "shipment=intended card=done(k-1)"),
    ("shipment.created reference=c-1", "state=SHIPMENT_CREATED shipment=created parcel=c-1 gift=intended"),
    ("step.done step=gift reference=g-1", "gift=done(g-1)"),
    ("order.completed", "state=COMPLETED stock=taken answer=201"),
];

/// The first commits of an order that goes well.
fn well(count: usize) -> String {
    WELL[..count].iter().map(|(commit, _)| *commit).collect::<Vec<_>>().join(" | ")
}

/// What an order goes through once it is called off with all done but its parcel: whose turn it is, commit by commit.
const BACK: &[(&str, &str)] = &[
    (
        "order.compensating reason=client",
        r#"state=COMPENSATING shipment=cancelling failure={"code":"order_cancelled","reason":"client"} called_off=by-client"#,
    ),
    ("shipment.cancelled", "shipment=cancelled card=undoing(k-1)"),
    ("step.undone step=card", "points=undoing card=undone(k-1)"),
    ("step.undone step=points", "payment=refunding refunded=1000 points=undone"),
    ("payment.refunded amount=1000", "payment=refunded vault=undoing(v-1)"),
    ("step.undone step=vault", "stock=releasing vault=undone(v-1)"),
    ("inventory.released", "stock=released hold=undoing(h-1)"),
    ("step.undone step=hold", "hold=undone(h-1)"),
    ("order.cancelled", "state=CANCELLED answer=409"),
];

/// The first commits of [`BACK`], behind all that comes before the parcel.
fn back(count: usize) -> String {
    let back: String = BACK[..count].iter().map(|(commit, _)| format!(" | {commit}")).collect();
    well(8) + &back
}

#[test]
fn each_step_is_begun_when_the_one_before_it_is_done() {
    order().goes(WELL);
    // The same at once.
    let whole = well(WELL.len()).replace(" | ", ", ");
    let wanted = "state=COMPLETED stock=taken payment=charged shipment=created reservation=w-1 parcel=c-1 reference=p-1 \
                  known=true captured=1000 answer=201 seal=abcd saga=efgh \
                  hold=done(h-1) fraud=done vault=done(v-1) points=done card=done(k-1) gift=done(g-1)";
    order().goes(&[(&whole, wanted)]);
    // Steps on the outside alone, and none before what is built in.
    Order::along("inventory payment shipment gift").goes(&[
        ("order.created", "state=CREATED stock=intended payment=none shipment=none gift=none"),
        ("inventory.reserved", "state=INVENTORY_RESERVED stock=reserved payment=intended"),
        (
            "payment.charged amount=1000",
            "state=PAYMENT_CHARGED payment=charged shipment=intended known=true captured=1000",
        ),
        ("shipment.created", "state=SHIPMENT_CREATED shipment=created gift=intended"),
        ("step.done step=gift, order.completed", "state=COMPLETED stock=taken answer=201 gift=done"),
    ]);
    let mut held = Order::along("inventory payment points! shipment");
    held.content.manual = true;
    held.goes(&[
        (
            "order.created, inventory.reserved",
            "state=INVENTORY_RESERVED stock=reserved payment=intended shipment=none points=none",
        ),
        (
            "payment.authorized reference=a-1",
            "state=PAYMENT_AUTHORIZED payment=authorized reference=a-1 known=true answer=201",
        ),
        ("payment.capturing amount=400", "payment=capturing amount=400 captures=true"),
        (
            "payment.charged amount=400 reference=p-1",
            "state=PAYMENT_CHARGED payment=charged capture=p-1 captured=400 points=intended",
        ),
    ]);
}

#[test]
fn what_was_done_is_undone_in_reverse() {
    let mut tale = WELL[..8].to_vec();
    tale.extend(BACK);
    order().goes(&tale);
    let (status, body) = order().answer(&back(BACK.len())).expect("an answer");
    let undone = r#""compensations":["shipment.cancelled","step.undone","step.undone","payment.refunded","step.undone","inventory.released","step.undone"]}"#;
    assert!(status == 409 && body.ends_with(undone), "{body}");
}

/// Called off, or refused, wherever it stands: what changes, up to the undo that is under way then.
#[test]
fn an_undo_begins_with_the_latest_step_that_may_have_taken_effect() {
    let expired = r#"failure={"code":"order_cancelled","reason":"expired"}"#;
    let refused = |step: &str| {
        format!(r#"failure={{"code":"order_cancelled","detail":"no","reason":"participant","step":"{step}"}}"#)
    };
    for (count, undone) in [
        (1, ["", "hold=undoing"]),
        (2, ["stock=releasing", ""]),
        // What has no undo is left.
        (3, ["stock=releasing", ""]),
        (4, ["", "vault=undoing"]),
        (5, ["payment=voiding", ""]),
        (6, ["", "points=undoing"]),
        (7, ["", "card=undoing"]),
        (8, ["shipment=cancelling", ""]),
    ] {
        let found = order().leads(&well(count), "order.compensating reason=expired");
        let [built_in, own] = undone;
        let words = ["state=COMPENSATING", built_in, expired, own];
        let wanted: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        assert_eq!(found, wanted.join(" "), "after {}", well(count));
    }
    for (count, step, own, built_in, earlier) in [
        (1, "hold", "hold=refused", "", ""),
        (3, "fraud", "fraud=refused", "stock=releasing", ""),
        (4, "vault", "vault=refused", "stock=releasing", ""),
        (6, "points", "points=refused", "payment=refunding refunded=1000", ""),
        (7, "card", "card=refused", "", "points=undoing"),
    ] {
        let found = order().leads(&well(count), &format!("step.refused step={step} reason=no"));
        let words = ["state=COMPENSATING", built_in, &refused(step), earlier, own];
        let wanted: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        assert_eq!(found, wanted.join(" "), "{step}");
    }
    // What participants refuse.
    for (count, told, wanted) in [
        (
            2,
            "inventory.rejected shortages=[]",
            r#"state=COMPENSATING stock=rejected failure={"code":"out_of_stock","shortages":[]} hold=undoing(h-1)"#,
        ),
        (
            5,
            "payment.declined reason=no",
            r#"state=COMPENSATING payment=declined failure={"code":"payment_declined","reason":"no"} vault=undoing(v-1)"#,
        ),
        (
            8,
            "shipment.failed reason=no",
            r#"state=COMPENSATING shipment=failed failure={"code":"shipment_failed","reason":"no"} card=undoing(k-1)"#,
        ),
    ] {
        assert_eq!(order().leads(&well(count), told), wanted, "{told}");
    }
    // Where nothing stands between, it is the built-in step before it.
    let bare = Order::along("inventory payment shipment gift");
    let charged = "order.created, inventory.reserved, payment.charged amount=1000";
    for (before, told, wanted) in [
        ("order.created, inventory.reserved", "payment.declined reason=no", "stock=releasing payment=declined"),
        (charged, "shipment.failed reason=no", "payment=refunding shipment=failed refunded=1000"),
    ] {
        let found = bare.leads(before, told);
        assert!(found.starts_with(&format!("state=COMPENSATING {wanted} failure=")), "{found}");
    }
    let called_off = format!("{charged} | order.compensating reason=client");
    assert_eq!(bare.leads(&called_off, "shipment.cancelled"), "payment=refunding shipment=cancelled refunded=1000");
    // A void tells what it found, and frees what is held.
    let voiding = format!("{} | order.compensating reason=client", well(5));
    let voided = "payment=voided captured=1000 refunded=1000 vault=undoing(v-1)";
    assert_eq!(order().leads(&voiding, "payment.voided captured=1000"), voided);
    let mut held = Order::along("inventory payment shipment gift");
    held.content.manual = true;
    for capturing in ["", " | payment.capturing amount=400"] {
        let authorized = format!("order.created, inventory.reserved, payment.authorized{capturing}");
        let found = held.leads(&authorized, "order.compensating reason=expired");
        assert_eq!(found, format!("state=COMPENSATING payment=voiding {expired}"));
        let found = held.leads(&format!("{authorized} | order.compensating reason=expired"), "payment.voided");
        assert_eq!(found, "stock=releasing payment=voided");
    }
}

/// Where nothing is left to be undone an order ends at once.
#[test]
fn what_nothing_was_done_of_ends_at_once() {
    let check = Order::along("check inventory payment shipment");
    let refused = r#"failure={"code":"order_cancelled","detail":"no","reason":"participant","step":"check"}"#;
    check.goes(&[
        ("order.created", "state=CREATED stock=none payment=none shipment=none check=intended"),
        (
            "step.refused step=check reason=no, order.cancelled",
            &format!("state=CANCELLED {refused} answer=409 check=refused"),
        ),
    ]);
    let body = r#"{"type":"urn:counterfoil:problem:step_refused","title":"Step refused","status":409,"detail":"the step check refused the order; what was done was undone","code":"step_refused","order_id":"ORD-1","final":true,"step":"check","reason":"no","compensations":[]}"#;
    let told = "order.created | step.refused step=check reason=no, order.cancelled";
    assert_eq!(check.answer(told), Some((409, body.to_owned())));
    let rejected = "order.created, step.done step=check, inventory.rejected shortages=[], order.cancelled";
    assert_eq!(check.after(rejected).state, "CANCELLED");
}

/// The steps that were undone, and only those, are told by an order's end, in the order in which they were.
#[test]
fn an_end_tells_what_was_undone() {
    let undone = |told: &str| {
        let folded = order().after(told);
        folded.undone_along(order().content.sequence.as_ref().expect("a saga"))
    };
    let places: [(usize, &[&str]); 7] = [
        (1, &[]),
        (2, &["shipment.cancelled"]),
        (3, &["shipment.cancelled", "step.undone"]),
        (4, &["shipment.cancelled", "step.undone", "step.undone"]),
        (5, &["shipment.cancelled", "step.undone", "step.undone", "payment.refunded"]),
        (6, &["shipment.cancelled", "step.undone", "step.undone", "payment.refunded", "step.undone"]),
        (
            7,
            &[
                "shipment.cancelled",
                "step.undone",
                "step.undone",
                "payment.refunded",
                "step.undone",
                "inventory.released",
            ],
        ),
    ];
    for (count, wanted) in places {
        assert_eq!(undone(&back(count)), wanted, "{}", back(count));
    }
    let declined = format!("{} | payment.declined reason=no | step.undone step=vault", well(5));
    assert_eq!(undone(&declined), ["step.undone"]);
    let voided = format!("{} | order.compensating reason=client | payment.voided", well(5));
    assert_eq!(undone(&voided), ["payment.voided"]);
    let refused = format!("{} | shipment.failed reason=no", well(8));
    assert_eq!(undone(&refused), [""; 0]);
    assert_eq!(undone(&well(WELL.len())), [""; 0]);
}

/// What an operator declares undone is as if it had been, where it can be undone at all.
#[test]
fn what_is_forced_counts_as_undone() {
    let operator = r#"failure={"code":"order_cancelled","reason":"operator"}"#;
    for (before, undone) in [
        (well(1), format!("state=COMPENSATING {operator} hold=undone")),
        (well(3), format!("state=COMPENSATING stock=released {operator} hold=undone(h-1)")),
        (
            well(7),
            format!(
                "state=COMPENSATING stock=released payment=refunded refunded=1000 {operator} \
                 hold=undone(h-1) vault=undone(v-1) points=undone card=undone"
            ),
        ),
        (
            back(2),
            "stock=released payment=refunded refunded=1000 \
             hold=undone(h-1) vault=undone(v-1) points=undone card=undone(k-1)"
                .to_owned(),
        ),
        (
            format!("{} | step.refused step=card reason=no", well(7)),
            "stock=released payment=refunded refunded=1000 hold=undone(h-1) vault=undone(v-1) points=undone".to_owned(),
        ),
    ] {
        let version = order().after(&before).version + 1;
        let word = format!("word1=force-cancel@{version} - ops settled");
        assert_eq!(
            order().leads(&before, "order.forced by=ops reason=settled"),
            format!("{undone} {word}"),
            "{before}"
        );
    }
}

/// All that may be told of the outcome of something.
fn outcomes() -> Vec<String> {
    let built_in = [
        "inventory.reserved",
        "inventory.rejected shortages=[]",
        "inventory.released",
        "payment.authorized",
        "payment.capturing amount=1000",
        "payment.charged amount=1000",
        "payment.declined reason=no",
        "payment.unknown",
        "payment.voided",
        "payment.refunded amount=1000",
        "shipment.created",
        "shipment.failed reason=no",
        "shipment.cancelled",
        "order.compensating reason=expired",
        "order.completed",
        "order.cancelled",
    ];
    let of = |step: &&str| {
        let told = ["done", "refused", "undone", "skipped"];
        told.map(|told| format!("step.{told} step={step} reason=no action=run by=ops"))
    };
    // The last three are no steps of its own.
    let own = OWN.iter().chain(&["payment", "inventory", "ghost"]).flat_map(of);
    built_in.map(str::to_owned).into_iter().chain(own).collect()
}

/// A name of an outcome, short: `step.done hold`, `payment.charged`.
fn short(told: &str) -> String {
    let mut words = told.split(' ');
    let kind = words.next().unwrap_or_default();
    let step = words.find_map(|word| word.strip_prefix("step="));
    step.map_or_else(|| kind.to_owned(), |step| format!("{kind} {step}"))
}

/// At each place of an order, exactly what may be told next: whatever else is, is out of its turn.
#[test]
fn nothing_is_done_and_nothing_undone_but_in_its_turn() {
    const STEP: &str = "order.compensating, step.done @, step.refused @, step.skipped @";
    const UNDO: &str = "step.undone @, step.skipped @";
    let is_told = |order: &Order, before: &str, turns: &str| {
        let told = outcomes().into_iter().filter(|told| order.leads(before, told) != UNREADABLE);
        let found: BTreeSet<_> = told.map(|told| short(&told)).collect();
        let wanted = turns.split(", ").filter(|turn| !turn.is_empty()).map(str::to_owned).collect();
        assert_eq!(found, wanted, "after {before}");
    };
    let of = |turns: &str, step: &str| turns.replace('@', step);
    for (count, turns) in [
        (1, of(STEP, "hold")),
        (2, "inventory.reserved, inventory.rejected, order.compensating".to_owned()),
        (3, of(STEP, "fraud")),
        (4, of(STEP, "vault")),
        (5, "order.compensating, payment.authorized, payment.charged, payment.declined, payment.unknown".to_owned()),
        (6, of(STEP, "points")),
        (7, of(STEP, "card")),
        (8, "order.compensating, shipment.created, shipment.failed".to_owned()),
        // Past the pivot it only goes forward.
        (9, "step.done gift, step.skipped gift".to_owned()),
        (10, "order.completed".to_owned()),
        (11, String::new()),
    ] {
        is_told(&order(), &well(count), &turns);
    }
    for (count, turns) in [
        (1, "shipment.cancelled, shipment.created".to_owned()),
        (2, of(UNDO, "card")),
        (3, of(UNDO, "points")),
        (4, "payment.refunded".to_owned()),
        (5, of(UNDO, "vault")),
        (6, "inventory.released".to_owned()),
        (7, of(UNDO, "hold")),
        (8, "order.cancelled".to_owned()),
        (9, String::new()),
    ] {
        is_told(&order(), &back(count), &turns);
    }
    // The carrier had it already.
    is_told(&order(), &format!("{} | shipment.created", back(1)), "step.done gift, step.skipped gift");
    // A payment of unknown outcome; money that is held, which nobody asked to capture, and that is being captured.
    let asked = format!("{} | payment.unknown", well(5));
    is_told(
        &order(),
        &asked,
        "order.compensating, payment.authorized, payment.charged, payment.declined, payment.unknown",
    );
    is_told(&order(), &format!("{asked} | order.compensating reason=expired"), "payment.unknown, payment.voided");
    let authorized = format!("{} | payment.authorized", well(5));
    is_told(&order(), &authorized, "order.compensating, payment.capturing");
    let capturing = format!("{authorized} | payment.capturing amount=1000");
    is_told(&order(), &capturing, "order.compensating, payment.charged, payment.unknown");
    // What was under way when it was called off, and has no undo, is left: nothing follows from it any more.
    let left = format!("{} | order.compensating reason=expired", well(3));
    is_told(&order(), &left, "inventory.released");
    let check = Order::along("check inventory payment shipment");
    is_told(&check, "order.created | order.compensating reason=expired", "order.cancelled");
    is_told(&check, "order.created | order.compensating reason=expired, order.cancelled", "");
    // A refusal ends what came to nothing; what an operator forced is over.
    is_told(&check, "order.created | step.refused step=check reason=no", "order.cancelled");
    is_told(&order(), &format!("{} | order.forced by=ops reason=settled", well(7)), "order.cancelled");
    is_told(&order(), &format!("{} | order.forced by=ops reason=settled", back(4)), "order.cancelled");
}

/// What moves no step has no turn.
#[test]
fn what_moves_no_step_has_no_turn() {
    for told in [
        "order.attention reason=lost",
        "order.resumed by=ops reason=back",
        "order.skipped action=ship by=ops reason=seen",
        "payment.refunding client=shop key=a amount=1 reason=no",
        r#"payment.refunded amount=1 refund={"client":"shop","key":"a"}"#,
        "payment.refund_refused client=shop key=a reason=no",
    ] {
        for count in 1..=WELL.len() {
            let before = order().after(&well(count));
            let after = order().after(&format!("{} | {told}", well(count)));
            assert_eq!((&after.own, after.state, after.stock), (&before.own, before.state, before.stock), "{told}");
            assert_eq!((after.payment, after.shipment), (before.payment, before.shipment), "{told}");
        }
    }
    for event in ["step.done", "step.done step=5", "step.refused step=hold", "step.undone", "step.skipped action=run"] {
        assert_eq!(order().leads(&well(1), event), UNREADABLE, "it names no step, or says not why: {event}");
    }
}

#[test]
fn a_step_keeps_the_reference_of_its_run() {
    let before = format!("{} | shipment.failed reason=no", well(8));
    let card = |told: &str| order().after(told).own[4].clone();
    let stand = |status| OwnStand { status, reference: Some("k-1".into()) };
    assert_eq!(card(&before), stand("undoing"));
    assert_eq!(card(&format!("{before} | step.undone step=card reference=other")), stand("undone"));
    assert_eq!(
        as_stored(&order().after(&before).own),
        json!([
            {"status": "done", "reference": "h-1"},
            {"status": "done"},
            {"status": "done", "reference": "v-1"},
            {"status": "done"},
            {"status": "undoing", "reference": "k-1"},
            {"status": "none"},
        ])
    );
    assert_eq!(as_stored(&[]), json!([]));
}

/// Of an order that the program placed, its seal as its first event has it.
const STORED: &str = r#"{"steps":[{"name":"inventory","kind":"local"},{"name":"fraud","kind":"http","action":"run","refusal":"step_refused"},{"name":"payment","kind":"http"},{"name":"shipment","kind":"local"}],"pivot":"shipment"}"#;
const SEAL: &str = "aIxuTvEi";

#[test]
fn a_saga_is_read_as_it_is_stored_or_not_at_all() {
    let read = Sequence::read(STORED).expect("a saga");
    let names = ["inventory", "fraud", "payment", "shipment"].map(str::to_owned);
    assert_eq!(read, Sequence { names: names.into(), own: vec![None, Some(false), None, None], seal: SEAL.into() });
    let undone = STORED.replace(r#""action":"run""#, r#""action":"run","undo":"undo""#);
    let other = Sequence::read(&undone).expect("a saga");
    assert_eq!(other.own, [None, Some(true), None, None]);
    assert_ne!(other.seal, SEAL, "it is another one");
    let null = STORED.replace(r#""action":"run""#, r#""action":"run","undo":null"#);
    assert_eq!(Sequence::read(&null).expect("a saga").own, [None, Some(false), None, None]);
    for (what, with) in [
        (r#"{"steps""#, r#"["steps""#),
        (r#""steps":["#, r#""stages":["#),
        (r#""steps":[{"name":"inventory","kind":"local"},"#, r#""steps":{"a":1},"b":[{"name":"inventory"},"#),
        (r#""name":"fraud","#, ""),
        (r#""name":"fraud""#, r#""name":7"#),
        // One's own is called, and no built-in step is.
        (r#""action":"run","#, ""),
        (r#""action":"run""#, r#""action":null"#),
        (r#""name":"payment","#, r#""name":"payment","action":"run","#),
        (r#""name":"fraud""#, r#""name":"payment""#),
        (r#""name":"payment""#, r#""name":"money""#),
    ] {
        assert!(STORED.contains(what), "{what}");
        assert_eq!(Sequence::read(&STORED.replace(what, with)), None, "{with} for {what}");
    }
    assert_eq!(Sequence::read(""), None);
}

#[test]
fn each_step_has_its_place() {
    let order = order();
    let saga = order.content.sequence.as_ref().expect("a saga");
    let names: Vec<&str> = SAGA.split(' ').map(|word| word.trim_end_matches('!')).collect();
    for (place, name) in names.iter().enumerate() {
        assert_eq!(saga.place(name), Some(place), "{name}");
        let before = names[..place].iter().filter(|name| OWN.contains(name)).count();
        assert_eq!(saga.own_place(place), before, "{name}");
    }
    assert_eq!(saga.place("ghost"), None);
    let unreached = OwnStand { status: "none", reference: None };
    assert_eq!(saga.unreached(), vec![unreached; OWN.len()]);
    for (word, is_begun) in [
        ("intended", true),
        ("releasing", true),
        ("refunding", true),
        ("-", false),
        ("none", false),
        ("reserved", false),
        ("charged", false),
        ("refunded", false),
        ("COMPENSATING", false),
    ] {
        assert_eq!(begins(word), is_begun, "{word}");
    }
}
