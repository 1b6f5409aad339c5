//! Money is held once and moved once, never more than the order costs; what went back was there, and stands in the rows; a parcel
//! that is out was paid before it left; and of a cancelled order nothing is kept.

use super::*;

const REFUNDED: RefundStatus = RefundStatus::Refunded;
const INTENDED: RefundStatus = RefundStatus::Intended;
const REFUSED: RefundStatus = RefundStatus::Refused;

fn row(operation: &str, amount: i64, status: RefundStatus) -> RefundRow {
    RefundRow { operation: operation.into(), amount, status }
}

/// A completed order, of which its clients asked something back.
fn asked_back(refunded: i64, refunds: &[RefundRow]) -> Standing {
    Standing { refunded, refunds: refunds.to_vec(), ..standing("COMPLETED taken charged created") }
}

/// An order whose money is held first, of which less is captured.
fn held_first(told: &str, amount: i64, captured: i64, refunded: i64) -> Standing {
    Standing { amount, captured, refunded, ..standing(&format!("{told} manual")) }
}

/// These hold of the lines alone, whatever else may be said of the order.
fn however_it_stands(standing: &Standing) -> [Standing; 4] {
    [
        standing.clone(),
        Standing { moved: true, ..standing.clone() },
        Standing { answered_for: true, ..standing.clone() },
        Standing { cloned: true, ..standing.clone() },
    ]
}

#[test]
fn money_is_held_once_and_moved_once_and_never_more_than_the_order_costs() {
    let charged = standing("PAYMENT_CHARGED reserved charged none");
    let voided = standing("COMPENSATING reserved voiding none manual");
    let cases: &[Case<'_>] = &[
        (&charged, "reserve, charge 500", &[]),
        (&charged, "reserve, charge 501", &[Law::ChargedOnce]),
        (&charged, "reserve, charge 500, charge 500", &[Law::ChargedOnce]),
        (&charged, "reserve, charge 250, charge 250", &[Law::ChargedOnce]),
        (&charged, "reserve, charge 500, charge 0", &[Law::ChargedOnce]),
        (&charged, "reserve, charge 500, charge 500 @1", &[Law::ChargedOnce]),
        (&charged, "reserve, charge 9223372036854775807", &[Law::ChargedOnce]),
        (&charged, "reserve, charge 9223372036854775807, charge 9223372036854775807", &[Law::ChargedOnce]),
        (&voided, "reserve, authorize 500", &[]),
        (&voided, "reserve, authorize 501", &[Law::ChargedOnce]),
        (&voided, "reserve, authorize 500, authorize 500", &[Law::ChargedOnce]),
        (&voided, "reserve, authorize 0, authorize 0", &[Law::ChargedOnce]),
        (&voided, "reserve, authorize 500, capture 500", &[]),
        (&voided, "reserve, authorize 500, capture 501", &[Law::ChargedOnce]),
        (&voided, "reserve, authorize 500, capture 250, capture 250", &[Law::ChargedOnce]),
        (&voided, "reserve, authorize 501, capture 500", &[Law::ChargedOnce]),
    ];
    are_judged(cases);
    for (standing, told, laws) in cases.iter().filter(|(.., laws)| !laws.is_empty()) {
        for standing in &however_it_stands(standing) {
            assert_eq!(judged(standing, told), *laws, "{told}");
        }
    }
}

/// What an order costs bounds it, not what is to be charged of that.
#[test]
fn what_an_order_costs_bounds_what_is_charged() {
    let dear = Standing {
        cost: i64::MAX,
        amount: i64::MAX,
        captured: i64::MAX,
        ..standing("COMPLETED taken charged created")
    };
    let part = held_first("PAYMENT_CHARGED reserved charged none", 300, 300, 0);
    are_judged(&[
        (&dear, "reserve, charge 9223372036854775807, ship", &[]),
        (&part, "reserve, authorize 500, capture 300", &[]),
        (&part, "reserve, authorize 500, capture 301", &[Law::Money]),
        (&part, "reserve, authorize 500, capture 501", &[Law::ChargedOnce]),
    ]);
}

#[test]
fn what_went_back_was_there() {
    let voiding = standing("COMPENSATING reserved voiding none");
    let refunding = standing("COMPENSATING reserved refunding failed");
    let back = asked_back(300, &[row("1:a1:k", 100, REFUNDED), row("1:a1:l", 200, REFUNDED)]);
    let rest = asked_back(500, &[row("1:a1:k", 300, REFUNDED), row("1:a1:l", 200, REFUNDED)]);
    let cases: &[Case<'_>] = &[
        (&voiding, "reserve, charge 500, refund>charge 500 void", &[]),
        (&voiding, "reserve, charge 500, refund>charge 501 void", &[Law::Refunds]),
        (&voiding, "reserve, charge 500, refund>charge 500 void, refund>charge 1 void", &[Law::Refunds]),
        (&voiding, "reserve, refund>charge 1 void", &[Law::Refunds]),
        (&refunding, "reserve, charge 500, refund>charge 500", &[]),
        (&refunding, "reserve, charge 500, refund>charge 501", &[Law::Refunds]),
        (&refunding, "reserve, charge 500, refund>charge 500, refund>charge 500", &[Law::Refunds]),
        (&refunding, "reserve, refund>charge 500", &[Law::Refunds]),
        (&back, "reserve, charge 500, ship, refund>charge 100 1:a1:k, refund>charge 200 1:a1:l", &[]),
        (&back, "reserve, charge 500, ship, refund>charge 301 1:a1:k, refund>charge 200 1:a1:l", &[Law::Refunds]),
        (&back, "reserve, charge 200, ship, refund>charge 100 1:a1:k, refund>charge 200 1:a1:l", &[Law::Refunds]),
        (&rest, "reserve, charge 500, ship, refund>charge 300 1:a1:k, refund>charge 200 1:a1:l", &[]),
        (&rest, "reserve, charge 499, ship, refund>charge 300 1:a1:k, refund>charge 200 1:a1:l", &[Law::Refunds]),
        // Before it came.
        (&voiding, "reserve, refund>charge 500 void, charge 500", &[Law::Refunds]),
        (&refunding, "reserve, refund>charge 500, charge 500", &[Law::Refunds]),
        (&refunding, "reserve @1, refund>charge 500 @1, charge 500 @1", &[Law::Refunds]),
        (&back, "reserve, refund>charge 100 1:a1:k, charge 500, ship, refund>charge 200 1:a1:l", &[Law::Refunds]),
        (&refunding, "reserve, refund>charge 500, charge 500 @1", &[]),
        // More than a row of the database, or a line, could say.
        (
            &back,
            "reserve, charge 500, ship, refund>charge 9223372036854775807 1:a1:k, refund>charge 9223372036854775807 1:a1:l",
            &[Law::Refunds],
        ),
    ];
    are_judged(cases);
    for (standing, told, laws) in cases.iter().filter(|(.., laws)| !laws.is_empty()) {
        for standing in &however_it_stands(standing) {
            assert_eq!(judged(standing, told), *laws, "{told}");
        }
    }
}

/// By its row, each of them: how much, how often, and whether at all.
#[test]
fn a_clients_refund_is_a_row_and_a_line_of_one_amount() {
    let one = |status, refunded| asked_back(refunded, &[row("1:a1:k", 100, status)]);
    let (done, due, refused) = (one(REFUNDED, 100), one(INTENDED, 100), one(REFUSED, 0));
    let two = asked_back(150, &[row("1:a1:k", 100, REFUNDED), row("1:a1:l", 50, INTENDED)]);
    let settled = asked_back(150, &[row("1:a1:k", 100, REFUNDED), row("1:a1:l", 50, REFUNDED)]);
    let late = |standing: &Standing| Standing { moved: true, ..standing.clone() };
    let (late_done, late_due, late_refused) = (late(&done), late(&due), late(&refused));
    let broken: &[Law] = &[Law::RefundRows];
    let cases: &[Case<'_>] = &[
        (&done, "refund>charge 100 1:a1:k", &[]),
        (&done, "", broken),
        (&done, "refund>charge 99 1:a1:k", broken),
        (&done, "refund>charge 101 1:a1:k", broken),
        (&done, "refund>charge 50 1:a1:k, refund>charge 50 1:a1:k", broken),
        (&done, "refund>charge 100 1:a1:k, refund>charge 0 1:a1:k", broken),
        (&done, "refund>charge 100 1:b1:k", broken),
        (&done, "refund>charge 100 1:a1:k, refund>charge 100 1:b1:k", broken),
        (&due, "", &[]),
        (&due, "refund>charge 100 1:a1:k", &[]),
        (&due, "refund>charge 99 1:a1:k", broken),
        (&due, "refund>charge 101 1:a1:k", broken),
        (&due, "refund>charge 50 1:a1:k, refund>charge 50 1:a1:k", broken),
        (&refused, "", &[]),
        (&refused, "refund>charge 100 1:a1:k", broken),
        (&refused, "refund>charge 0 1:a1:k", broken),
        (&two, "refund>charge 100 1:a1:k, refund>charge 50 1:a1:l", &[]),
        (&two, "refund>charge 100 1:a1:k", &[]),
        (&two, "refund>charge 50 1:a1:l", broken),
        (&two, "refund>charge 50 1:a1:k, refund>charge 100 1:a1:l", broken),
        (&settled, "refund>charge 50 1:a1:l, refund>charge 100 1:a1:k", &[]),
        (&settled, "refund>charge 100 1:a1:k", broken),
        (&settled, "refund>charge 150 1:a1:k", broken),
        // While the audit read it may have gone; not twice, and not of another amount.
        (&late_done, "", &[]),
        (&late_done, "refund>charge 100 1:a1:k", &[]),
        (&late_done, "refund>charge 99 1:a1:k", broken),
        (&late_done, "refund>charge 50 1:a1:k, refund>charge 50 1:a1:k", broken),
        (&late_due, "refund>charge 99 1:a1:k", broken),
        (&late_refused, "refund>charge 100 1:a1:k", broken),
    ];
    for (standing, back, laws) in cases {
        let told = if back.is_empty() { String::new() } else { format!(", {back}") };
        assert_eq!(judged(standing, &format!("reserve, charge 500, ship{told}")), *laws, "{back:?} of {standing:?}");
    }
    // An operator may have answered for it, or its original have asked for more.
    for standing in [Standing { answered_for: true, ..done.clone() }, Standing { cloned: true, ..done.clone() }] {
        assert_eq!(judged(&standing, "reserve, charge 500, ship"), []);
        assert_eq!(judged(&standing, "reserve, charge 500, ship, refund>charge 99 1:a1:k"), []);
    }
    let (foreign, vouched) =
        ("reserve, charge 500, ship, refund>charge 1 1:b1:k", Standing { answered_for: true, ..done });
    assert_eq!(judged(&vouched, foreign), broken);
}

/// Free goods came back: nobody was asked for anything.
#[test]
fn of_nothing_a_provider_hears_nothing() {
    for (status, moved) in [(REFUNDED, false), (INTENDED, false), (REFUSED, false), (REFUNDED, true)] {
        let free = Standing { moved, ..asked_back(0, &[row("1:a1:k", 0, status)]) };
        are_judged(&[
            (&free, "reserve, charge 500, ship", &[]),
            (&free, "reserve, charge 500, ship, refund>charge 0 1:a1:k", &[Law::RefundRows]),
        ]);
    }
}

#[test]
fn the_row_says_what_the_provider_did() {
    let reserved = |payment: &str| standing(&format!("COMPENSATING reserved {payment} none"));
    let [intended, declined, voiding, voided] = ["intended", "declined", "voiding", "voided"].map(reserved);
    let [refunding, refunded] = ["refunding", "refunded"].map(reserved);
    let charged = standing("PAYMENT_CHARGED reserved charged none");
    let found = Standing { captured: COST, refunded: COST, ..voided.clone() };
    // Of rows that contradict themselves, each number is held against the ledger's.
    let (kept, less) = (Standing { refunded: 0, ..found.clone() }, Standing { captured: 499, ..found.clone() });
    let money: &[Law] = &[Law::Money];
    let cases: &[Case<'_>] = &[
        (&intended, "", &[]),
        (&intended, "charge 500", &[]),
        (&intended, "charge 499", money),
        (&intended, "charge 1", money),
        (&charged, "charge 500", &[]),
        (&charged, "charge 499", money),
        (&charged, "", money),
        (&declined, "", &[]),
        (&declined, "charge 500", money),
        (&declined, "charge 0", money),
        (&voiding, "", &[]),
        (&voiding, "charge 500", &[]),
        (&voiding, "charge 400", money),
        (&voiding, "charge 500, refund>charge 500 void", &[]),
        (&voiding, "charge 500, refund>charge 499 void", money),
        (&voiding, "charge 500, refund>charge 1 void", money),
        (&voiding, "charge 400, refund>charge 400 void", money),
        (&voided, "", &[]),
        (&voided, "void>charge tombstone", &[]),
        (&voided, "charge 500", money),
        (&voided, "charge 500, refund>charge 500 void", money),
        (&found, "charge 500, refund>charge 500 void", &[]),
        (&found, "charge 500, refund>charge 499 void", money),
        (&found, "charge 500", money),
        (&found, "", money),
        (&kept, "charge 500", &[]),
        (&kept, "", money),
        (&less, "charge 500, refund>charge 500 void", money),
        (&refunding, "charge 500", &[]),
        (&refunding, "charge 500, refund>charge 500", &[]),
        (&refunding, "charge 500, refund>charge 499", money),
        (&refunding, "charge 500, refund>charge 1", money),
        (&refunding, "charge 499", money),
        (&refunding, "charge 499, refund>charge 499", money),
        (&refunding, "", money),
        (&refunded, "charge 500, refund>charge 500", &[]),
        (&refunded, "charge 500, refund>charge 499", money),
        (&refunded, "charge 500", money),
        (&refunded, "charge 499, refund>charge 499", money),
        (&refunded, "", money),
    ];
    for (standing, told, laws) in cases {
        let told = ["reserve", told].into_iter().filter(|told| !told.is_empty()).collect::<Vec<_>>().join(", ");
        assert_eq!(judged(standing, &told), *laws, "{told} of {standing:?}");
        // What must be there is not asked of an order that moved meanwhile, nor what an operator answered for.
        for apart in
            [Standing { moved: true, ..(*standing).clone() }, Standing { answered_for: true, ..(*standing).clone() }]
        {
            assert_eq!(judged(&apart, &told), [], "{told} of {apart:?}");
        }
    }
}

#[test]
fn the_row_says_what_the_provider_held_and_captured_of_it() {
    let reserved = |payment: &str, amount, captured| {
        held_first(&format!("PAYMENT_AUTHORIZED reserved {payment} none"), amount, captured, 0)
    };
    let [intended, authorized, declined] = ["intended", "authorized", "declined"].map(|at| reserved(at, COST, 0));
    let (capturing, charged) = (reserved("capturing", 300, 0), reserved("charged", 300, 300));
    let called_off =
        |payment: &str, captured| held_first(&format!("COMPENSATING reserved {payment} none"), 300, captured, captured);
    let (voiding, refunding) = (called_off("voiding", 0), called_off("refunding", 300));
    let (voided, found) = (called_off("voided", 0), called_off("voided", 300));
    let money: &[Law] = &[Law::Money];
    let cases: &[Case<'_>] = &[
        (&intended, "", &[]),
        (&intended, "authorize 500", &[]),
        (&authorized, "authorize 500", &[]),
        (&authorized, "", money),
        (&declined, "", &[]),
        (&declined, "authorize 500", money),
        (&capturing, "authorize 500", &[]),
        (&capturing, "authorize 500, capture 300", &[]),
        (&capturing, "authorize 500, capture 299", money),
        (&capturing, "authorize 500, capture 301", money),
        (&capturing, "authorize 500, capture 500", money),
        (&capturing, "", money),
        (&capturing, "capture 300", money),
        (&charged, "authorize 500, capture 300", &[]),
        (&charged, "authorize 500, capture 299", money),
        (&charged, "authorize 500, capture 500", money),
        (&charged, "authorize 500", money),
        (&charged, "capture 300", money),
        (&voiding, "authorize 500", &[]),
        (&voiding, "authorize 500, void>authorize, void>capture tombstone", &[]),
        (&voiding, "authorize 500, capture 300", &[]),
        (&voiding, "authorize 500, capture 300, refund>capture 300 void", &[]),
        (&voiding, "authorize 500, capture 300, refund>capture 299 void", money),
        (&voiding, "authorize 500, capture 500", money),
        (&refunding, "authorize 500, capture 300", &[]),
        (&refunding, "authorize 500, capture 300, refund>capture 300", &[]),
        (&refunding, "authorize 500, capture 300, refund>capture 200", money),
        (&refunding, "authorize 500, capture 500", money),
        (&voided, "authorize 500, void>authorize, void>capture tombstone", &[]),
        (&voided, "authorize 500, capture 300, refund>capture 300 void", money),
        (&found, "authorize 500, capture 300, refund>capture 300 void", &[]),
        (&found, "authorize 500, void>authorize, void>capture tombstone", money),
    ];
    for (standing, told, laws) in cases {
        let told = ["reserve", told].into_iter().filter(|told| !told.is_empty()).collect::<Vec<_>>().join(", ");
        assert_eq!(judged(standing, &told), *laws, "{told} of {standing:?}");
    }
}

/// What a client asked back counts from its intent on, whether it went already or not; a refusal gives it back.
#[test]
fn what_went_back_is_what_the_row_counts() {
    let two = |refunded| asked_back(refunded, &[row("1:a1:k", 100, REFUNDED), row("1:a1:l", 50, INTENDED)]);
    let three =
        asked_back(150, &[row("1:a1:k", 100, INTENDED), row("1:a1:l", 50, INTENDED), row("1:a1:m", 25, REFUSED)]);
    let none = |refunded| asked_back(refunded, &[]);
    let (exact, more, less) = (two(150), two(151), two(149));
    let money: &[Law] = &[Law::Money];
    let cases: &[Case<'_>] = &[
        (&none(0), "", &[]),
        (&none(1), "", money),
        (&exact, ", refund>charge 100 1:a1:k", &[]),
        (&exact, ", refund>charge 100 1:a1:k, refund>charge 50 1:a1:l", &[]),
        (&more, ", refund>charge 100 1:a1:k", money),
        (&more, ", refund>charge 100 1:a1:k, refund>charge 50 1:a1:l", money),
        (&less, ", refund>charge 100 1:a1:k", money),
        (&less, ", refund>charge 100 1:a1:k, refund>charge 50 1:a1:l", money),
        (&three, "", &[]),
        (&three, ", refund>charge 50 1:a1:l", &[]),
        (&three, ", refund>charge 50 1:a1:l, refund>charge 100 1:a1:k", &[]),
    ];
    for (standing, back, laws) in cases {
        assert_eq!(judged(standing, &format!("reserve, charge 500, ship{back}")), *laws, "{back} of {standing:?}");
    }
}

/// No line of money is asked for before its order came there, so that this is a law by itself: `was_asked` tells it first.
#[test]
fn of_a_payment_that_was_not_reached_there_is_nothing() {
    let unreached = standing("INVENTORY_RESERVED reserved none none");
    assert!(money_agrees(&unreached, &Effects::default()));
    assert!(!money_agrees(&unreached, &Effects { moves: 1, ..Effects::default() }));
    assert!(!money_agrees(&unreached, &Effects { held: 1, ..Effects::default() }));
    let authorized = standing("PAYMENT_AUTHORIZED reserved authorized none manual");
    assert!(!money_agrees(&authorized, &Effects { held: 1, moves: 1, ..Effects::default() }));
}

#[test]
fn a_parcel_that_is_out_was_paid_before_it_left() {
    let completed = standing("COMPLETED taken charged created");
    let created = standing("SHIPMENT_CREATED reserved charged created");
    let leaving = standing("PAYMENT_CHARGED reserved charged intended");
    let cancelling = standing("COMPENSATING reserved charged cancelling");
    let refunding = standing("COMPENSATING reserved refunding created");
    let voiding = standing("COMPENSATING reserved voiding created");
    let captured = held_first("PAYMENT_CHARGED reserved charged created", 500, 500, 0);
    let asked = asked_back(500, &[row("1:a1:k", 500, REFUNDED)]);
    let unpaid: &[Law] = &[Law::Unpaid];
    are_judged(&[
        (&completed, "reserve, charge 500, ship", &[]),
        (&completed, "charge 500, reserve, ship", &[]),
        (&completed, "reserve, ship, charge 500", unpaid),
        (&completed, "reserve, ship", unpaid),
        (&created, "reserve, ship, charge 500", unpaid),
        (&leaving, "reserve, charge 500, ship", &[]),
        (&leaving, "reserve, ship, charge 500", unpaid),
        (&leaving, "reserve, ship", unpaid),
        (&captured, "reserve, authorize 500, capture 500, ship", &[]),
        (&captured, "reserve, authorize 500, ship, capture 500", unpaid),
        (&captured, "reserve, authorize 500, ship", unpaid),
        // One that came back is not out.
        (&cancelling, "reserve, ship, cancel-shipment>ship, charge 500", &[]),
        (&cancelling, "reserve, ship, charge 500", unpaid),
        // What the saga gave back was not paid; what a client asked back was.
        (&refunding, "reserve, charge 500, ship, refund>charge 500", unpaid),
        (&refunding, "reserve, charge 500, ship", &[]),
        (&voiding, "reserve, charge 500, ship, refund>charge 500 void", unpaid),
        (&asked, "reserve, charge 500, ship, refund>charge 500 1:a1:k", &[]),
        // What stands in two ledgers bears no order.
        (&completed, "reserve, charge 500, ship @1", &[]),
        (&completed, "reserve, charge 500 @1, ship", &[]),
        (&completed, "reserve, ship, charge 500 @1", &[]),
        (&completed, "reserve, ship @1, charge 500", &[]),
        (&completed, "reserve, ship @1, charge 500 @1", unpaid),
        (&completed, "reserve, ship @1", unpaid),
    ]);
    // It is asked of an order that moved meanwhile: the charge came first, and was read.
    let moved = Standing { moved: true, ..leaving.clone() };
    are_judged(&[
        (&moved, "reserve, charge 500, ship", &[]),
        (&moved, "reserve, ship, charge 500", unpaid),
        (&moved, "ship", unpaid),
    ]);
    // Nor does an operator's word excuse it twice: of what was answered for it is not asked.
    for apart in [Standing { answered_for: true, ..leaving.clone() }, Standing { cloned: true, ..leaving }] {
        are_judged(&[(&apart, "reserve, ship, charge 500", &[]), (&apart, "ship", &[])]);
    }
    let at = Effects { paid_at: Some((0, 2)), shipped_at: Some((0, 2)), ..Effects::default() };
    assert!(!was_paid(&completed, &at), "before it left, not as it did");
}

#[test]
fn a_parcel_of_a_local_payment_was_paid_by_its_row() {
    let at =
        |captured| Standing { plan: Plan(Plan::SHIPMENT), captured, ..standing("COMPLETED taken charged created") };
    are_judged(&[
        (&at(500), "ship", &[]),
        (&at(1), "ship", &[]),
        (&at(0), "ship", &[Law::Unpaid]),
        (&at(0), "", &[Law::Shipped]),
    ]);
}

/// Each by itself: money, an authorisation, a parcel, stock, and a step.
#[test]
fn of_a_cancelled_order_nothing_is_left() {
    let with = |told: &str| Standing {
        steps: vec![own("points", StepStatus::Undone, true, 2), own("fraud", StepStatus::Done, false, 1)],
        ..standing(told)
    };
    let refunded = with("CANCELLED released refunded cancelled");
    let voided = with("CANCELLED released voided none");
    let freed = with("CANCELLED released voided none manual");
    let found = Standing { captured: 300, refunded: 300, amount: 300, ..freed.clone() };
    let whole: &[Law] = &[Law::Whole];
    let cases: &[Case<'_>] = &[
        (&refunded, "charge 500, ship, cancel-shipment>ship, refund>charge 500, release>reserve", &[]),
        (&refunded, "charge 500, ship, cancel-shipment>ship, refund>charge 499, release>reserve", whole),
        (&refunded, "charge 500, ship, cancel-shipment>ship, release>reserve", whole),
        (&refunded, "charge 500, ship, cancel-shipment>ship, refund>charge 500", whole),
        (&refunded, "charge 500, ship, refund>charge 500, release>reserve", &[Law::Unpaid, Law::Whole]),
        (&refunded, "charge 500, run/points, undo/points>run/points, refund>charge 500, release>reserve", &[]),
        (&refunded, "charge 500, run/points, refund>charge 500, release>reserve", whole),
        (&voided, "release>reserve", &[]),
        (&voided, "void>charge tombstone, release>reserve", &[]),
        (&voided, "charge 500, release>reserve", whole),
        (&voided, "", whole),
        (&freed, "authorize 500, void>authorize, void>capture tombstone, release>reserve", &[]),
        (&freed, "authorize 500, void>capture tombstone, release>reserve", whole),
        (&freed, "authorize 500, void>authorize, void>capture tombstone", whole),
        (&found, "authorize 500, capture 300, refund>capture 300 void, release>reserve", &[]),
        (&found, "authorize 500, capture 300, refund>capture 200 void, release>reserve", whole),
        (&found, "authorize 500, capture 300, release>reserve", whole),
    ];
    for (standing, told, laws) in cases {
        let told =
            ["reserve, run/fraud", told].into_iter().filter(|told| !told.is_empty()).collect::<Vec<_>>().join(", ");
        assert_eq!(judged(standing, &told), *laws, "{told} of {standing:?}");
        let answered_for = Standing { answered_for: true, ..(*standing).clone() };
        assert_eq!(judged(&answered_for, &told), [], "{told}: an operator said so");
        let moved = Standing { moved: true, ..(*standing).clone() };
        let before: &[Law] = if laws.contains(&Law::Unpaid) { &[Law::Unpaid] } else { &[] };
        assert_eq!(judged(&moved, &told), before, "{told}: it may have been undone since");
    }
    // An order that goes on is not whole yet, and need not be.
    let goes_on = standing("COMPENSATING releasing refunded none");
    assert_eq!(judged(&goes_on, "reserve, charge 500, refund>charge 500"), []);
}

/// Ledgers are read one behind the other, and the order goes on between: what the later one tells of, the earlier one need not.
#[test]
fn of_an_order_that_moved_a_later_ledger_may_have_more() {
    let moved = |told| Standing { moved: true, ..standing(told) };
    let leaving = moved("PAYMENT_CHARGED reserved charged intended");
    let back = moved("COMPENSATING reserved refunding cancelled");
    let void = moved("COMPENSATING reserved voiding cancelled");
    let unpaid: &[Law] = &[Law::Unpaid];
    let cases: &[Case<'_>] = &[
        // The charge came when its ledger was read already; in one that was read first, or is the same, it would be there.
        (&leaving, "reserve, ship @1", &[]),
        (&leaving, "reserve @1, ship", unpaid),
        // So did the cancellation.
        (&back, "reserve, ship, charge 500 @1, refund>charge 500 @1", &[]),
        (&void, "reserve, ship, charge 500 @1, refund>charge 500 void @1", &[]),
        (&back, "reserve, charge 500, refund>charge 500, ship @1", unpaid),
        (&back, "reserve, charge 500, ship, refund>charge 500", unpaid),
        (&back, "reserve, ship, charge 500", unpaid),
    ];
    are_judged(cases);
    for (standing, told, _) in cases {
        let rests = Standing { moved: false, ..(*standing).clone() };
        assert_eq!(judged(&rests, told), unpaid, "{told}: nothing came since");
    }
}

#[test]
fn what_went_back_is_not_before_itself() {
    let at = |paid_at, back_at| Effects { paid_at, back_at, ..Effects::default() }.went_back_first();
    assert!(at(Some((0, 2)), Some((0, 1))));
    assert!(!at(Some((0, 2)), Some((0, 2))) && !at(Some((0, 2)), Some((0, 3))) && !at(Some((1, 2)), Some((0, 1))));
    assert!(!at(None, Some((0, 1))) && !at(Some((0, 1)), None), "how much of it was there is asked beside");
}
