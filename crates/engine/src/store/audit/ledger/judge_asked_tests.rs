//! Nothing is done outside without an order that came so far as to ask for it, of a participant that is elsewhere: the intent is
//! committed before a call leaves.

use super::*;

/// Which words of the row stand behind the intent of each call; under any other it was never asked for.
const STOCK: &[(&str, &str)] = &[
    ("reserve", "intended reserved taken rejected releasing released"),
    ("release>reserve", "releasing released"),
    ("release>reserve tombstone", "releasing released"),
];
const PAYMENT: &[(&str, &str)] = &[
    ("charge 500", "intended charged declined voiding voided refunding refunded"),
    ("authorize 500", ""),
    ("capture 500", ""),
    ("void>charge tombstone", "voiding voided"),
    ("refund>charge 500 void", "voiding voided"),
    ("refund>charge 500", "refunding refunded"),
    ("refund>charge tombstone", "refunding refunded"),
];
const HELD_FIRST: &[(&str, &str)] = &[
    ("charge 500", ""),
    ("authorize 500", "intended authorized capturing charged declined voiding voided refunding refunded"),
    ("capture 500", "capturing charged voiding voided refunding refunded"),
    ("void>authorize", "voiding voided"),
    ("void>authorize tombstone", "voiding voided"),
    ("refund>capture 500 void", "voiding voided"),
    ("refund>capture 500", "refunding refunded"),
];
const SHIPMENT: &[(&str, &str)] = &[
    ("ship", "intended created failed cancelling cancelled"),
    // A cancellation that the carrier refused leaves the shipment created.
    ("cancel-shipment>ship", "created cancelling cancelled"),
    ("cancel-shipment>ship tombstone", "created cancelling cancelled"),
];
const STEP: &[(&str, &str)] = &[
    ("run/points", "intended done refused undoing undone"),
    ("undo/points>run/points", "undoing undone"),
    ("undo/points>run/points tombstone", "undoing undone"),
];

/// Whether exactly the calls of the table were asked for, under each of the words.
fn are_asked<T: Copy>(
    words: &[T],
    word: impl Fn(T) -> &'static str,
    at: impl Fn(T) -> Standing,
    table: &[(&str, &str)],
) {
    for &status in words {
        for (line, behind) in table {
            let asked = behind.split(' ').any(|behind| behind == word(status));
            for (moved, answered_for) in [(false, false), (true, false), (false, true)] {
                let standing = Standing { moved, answered_for, ..at(status) };
                let found = judged(&standing, line);
                assert_eq!(!found.contains(&Law::Unasked), asked, "{line}, {}: {found:?}", word(status));
                // The key is ours in any case, and it is told under one name.
                assert!(!found.contains(&Law::Keys), "{line}, {}: {found:?}", word(status));
            }
            let cloned = judged(&Standing { cloned: true, ..at(status) }, line);
            assert!(!cloned.contains(&Law::Unasked), "its original may have asked since: {line}");
        }
    }
}

#[test]
fn the_warehouse_is_asked_by_the_row_of_the_stock() {
    let at = |stock| Standing { stock, ..standing("COMPENSATING none none none") };
    are_asked(Stock::ALL, Stock::as_str, at, STOCK);
}

#[test]
fn the_provider_is_asked_by_the_row_of_the_payment() {
    let at = |payment| Standing { payment, ..standing("COMPENSATING reserved none none") };
    let words = |manual| {
        let possible = move |status: &PaymentStatus| {
            manual || !matches!(status, PaymentStatus::Authorized | PaymentStatus::Capturing)
        };
        PaymentStatus::ALL.iter().copied().filter(possible).collect::<Vec<_>>()
    };
    are_asked(&words(false), PaymentStatus::as_str, at, PAYMENT);
    are_asked(&words(true), PaymentStatus::as_str, |payment| Standing { manual: true, ..at(payment) }, HELD_FIRST);
}

#[test]
fn the_carrier_is_asked_by_the_row_of_the_shipment() {
    let at = |shipment| Standing { shipment, ..standing("COMPENSATING reserved charged none") };
    are_asked(ShipmentStatus::ALL, ShipmentStatus::as_str, at, SHIPMENT);
}

#[test]
fn a_service_is_asked_by_the_row_of_its_step() {
    // Behind another one, whose row says nothing of it.
    let at = |other, status| Standing {
        steps: vec![own("fraud", other, true, 1), own("points", status, true, 2)],
        ..standing("COMPENSATING reserved charged none")
    };
    for other in [StepStatus::None, StepStatus::Undone] {
        are_asked(StepStatus::ALL, StepStatus::as_str, |status| at(other, status), STEP);
    }
}

/// What each participant does for an order that came to its end, and for one that was called off.
const ROLES: [(i16, &str, &str); 3] = [
    (Plan::INVENTORY, "reserve", "reserve, release>reserve"),
    (Plan::PAYMENT, "charge 500", "charge 500, refund>charge 500"),
    (Plan::SHIPMENT, "ship", "ship, cancel-shipment>ship"),
];

fn of_roles(plan: i16, lines: impl Fn(&(i16, &'static str, &'static str)) -> &'static str) -> String {
    ROLES.iter().filter(|(bit, ..)| plan & bit != 0).map(lines).collect::<Vec<_>>().join(", ")
}

/// Whoever is local commits with the order: the ledger has no line of it, and is asked for none.
#[test]
fn each_of_the_plans_is_judged_by_the_participants_that_are_elsewhere() {
    for plan in 0..16 {
        let at = |told| Standing { plan: Plan(plan), ..standing(told) };
        let (completed, cancelled) =
            (at("COMPLETED taken charged created"), at("CANCELLED released refunded cancelled"));
        let (done, undone) = (of_roles(plan, |role| role.1), of_roles(plan, |role| role.2));
        assert_eq!(judged(&completed, &done), [], "{plan}: {done}");
        assert_eq!(judged(&cancelled, &undone), [], "{plan}: {undone}");
        for (bit, does, undoes) in ROLES {
            let with = |lines: &str, one: &str| {
                [lines, one].into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(", ")
            };
            if plan & bit == 0 {
                for (standing, lines) in [(&completed, with(&done, does)), (&cancelled, with(&undone, undoes))] {
                    assert!(judged(standing, &lines).contains(&Law::Unasked), "{plan}: {lines}");
                }
                continue;
            }
            // What it did is missed, and what it kept is told.
            let missing = of_roles(plan & !bit, |role| role.1);
            let law = match bit {
                Plan::INVENTORY => Law::Stock,
                Plan::PAYMENT if plan & Plan::SHIPMENT != 0 => Law::Unpaid,
                Plan::PAYMENT => Law::Money,
                _ => Law::Shipped,
            };
            assert_eq!(judged(&completed, &missing), [law], "{plan}: {missing}");
            let kept = with(&of_roles(plan & !bit, |role| role.2), does);
            let laws: &[Law] = if bit == Plan::SHIPMENT && plan & Plan::PAYMENT != 0 {
                &[Law::Unpaid, Law::Whole]
            } else {
                &[Law::Whole]
            };
            assert_eq!(judged(&cancelled, &kept), laws, "{plan}: {kept}");
        }
    }
}

#[test]
fn what_a_client_asks_back_of_a_local_payment_is_nobodys_line() {
    let row = |status| RefundRow { operation: "1:a1:k".into(), amount: 100, status };
    for status in [RefundStatus::Refunded, RefundStatus::Intended, RefundStatus::Refused] {
        let local = Standing {
            plan: Plan(Plan::SHIPMENT),
            refunds: vec![row(status)],
            refunded: 100,
            ..standing("COMPLETED taken charged created")
        };
        assert_eq!(judged(&local, "ship"), []);
        let told = judged(&local, "ship, refund>charge 100 1:a1:k");
        assert_eq!(told, [Law::Unasked, Law::Refunds]);
        let remote = Standing { plan: Plan(Plan::SHIPMENT | Plan::PAYMENT), ..local };
        assert!(!judged(&remote, "charge 500, ship, refund>charge 100 1:a1:k").contains(&Law::Unasked));
    }
}

#[test]
fn nothing_is_done_of_an_order_that_is_not_there() {
    assert_eq!(broken(DEPLOYMENT, &order(), None, &[]), []);
    for told in ["reserve", "charge 500 other", "void>charge tombstone", "reserve, charge 500, ship"] {
        assert_eq!(broken(DEPLOYMENT, &order(), None, &lines(told)), [Law::Unasked], "{told}");
    }
}
