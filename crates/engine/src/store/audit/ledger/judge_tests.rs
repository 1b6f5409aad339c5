//! How the laws are told and judged here, and what an order in flight may differ in. Each law's own tables stand in files beside
//! this one.

use uuid::Uuid;

use super::*;

mod judge_asked_tests;
mod judge_keys_tests;
mod judge_money_tests;
mod judge_turns_tests;
mod judge_words_tests;

const DEPLOYMENT: DeploymentId = DeploymentId(Uuid::from_u128(7));
const ALL_REMOTE: Plan = Plan(Plan::INVENTORY | Plan::PAYMENT | Plan::SHIPMENT);
const COST: i64 = 500;

fn order() -> OrderId {
    OrderId::trusted("ORD-1")
}

fn key(action: &str, operation: &str) -> Uuid {
    DEPLOYMENT.step_key(&order(), action, operation)
}

/// Of a step: `charge`, or `run/points` of one of the order's own.
fn step_key(step: &str) -> Uuid {
    let (action, operation) = step.split_once('/').unwrap_or((step, ""));
    key(action, operation)
}

/// Lines as they are told: `charge 500`, `void>charge`, `refund>charge 500 void` (by a void), `refund>charge 100 1:a1:k`
/// (by a client), `void>charge tombstone`, `undo/points>run/points`; `charge 500 other` is under another order's key, and
/// `ship @1` stands in the second of several ledgers.
fn lines(told: &str) -> Vec<Line> {
    let line = |(number, told): (usize, &str)| {
        let mut words = told.split(' ');
        let (does, undone) =
            words.next().and_then(|word| word.split_once('>').or(Some((word, "")))).expect("an action");
        let action = does.split('/').next().expect("an action");
        let mut line = Line {
            file: 0,
            number: number as u64 + 1,
            key: step_key(does),
            action: *Action::ALL.iter().find(|known| known.as_str() == action).expect("an action"),
            amount: 0,
            undoes: (!undone.is_empty()).then(|| step_key(undone)),
            tombstone: false,
        };
        for word in words {
            match word {
                "tombstone" => line.tombstone = true,
                "other" => line.key = Uuid::from_u128(1),
                "void" => line.key = key("void", ""),
                "@1" => line.file = 1,
                _ => match word.parse() {
                    Ok(amount) => line.amount = amount,
                    Err(_) => line.key = key(action, word),
                },
            }
        }
        line
    };
    told.split(", ").filter(|told| !told.is_empty()).enumerate().map(line).collect()
}

/// An order with all participants remote: `STATE stock payment shipment`.
fn standing(told: &str) -> Standing {
    let words: Vec<&str> = told.split(' ').collect();
    let payment = PaymentStatus::parse(words[2]).expect("a payment");
    let captured = match payment {
        PaymentStatus::Charged | PaymentStatus::Refunding | PaymentStatus::Refunded => COST,
        _ => 0,
    };
    let refunded = if payment == PaymentStatus::Charged { 0 } else { captured };
    Standing {
        plan: ALL_REMOTE,
        state: State::parse(words[0]).expect("a state"),
        stock: Stock::parse(words[1]).expect("a stock"),
        payment,
        shipment: ShipmentStatus::parse(words[3]).expect("a shipment"),
        manual: words.get(4) == Some(&"manual"),
        cost: COST,
        amount: COST,
        captured,
        refunded,
        refunds: Vec::new(),
        steps: Vec::new(),
        moved: false,
        answered_for: false,
        cloned: false,
    }
}

fn judged(standing: &Standing, told: &str) -> Vec<Law> {
    broken(DEPLOYMENT, &order(), Some(standing), &lines(told))
}

/// A step of the order's own: its name, how it stands, whether it has an undo, and how many of inventory, payment and shipment
/// come before it.
fn own(name: &str, status: StepStatus, undo: bool, behind: u8) -> OwnStep {
    OwnStep { name: name.into(), undo, status, behind }
}

/// A row of a table: where an order stands, what the ledger has, and exactly the laws that this breaks.
type Case<'a> = (&'a Standing, &'a str, &'a [Law]);

fn are_judged(cases: &[Case<'_>]) {
    let mut wrong = Vec::new();
    for &(standing, told, laws) in cases {
        let found = judged(standing, told);
        if found != laws {
            wrong.push(format!("{told:?}: {found:?} and not {laws:?}, of {standing:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What each resting place of an order allows, and the nearest things that it does not.
#[test]
fn an_order_may_differ_only_in_the_call_that_is_due() {
    type Wrong = (&'static str, Law);
    type Place = (&'static str, &'static [&'static str], &'static [Wrong]);
    let places: &[Place] = &[
        ("CREATED intended none none", &["", "reserve"], &[("reserve, charge 500", Law::Unasked)]),
        (
            "INVENTORY_RESERVED reserved intended none",
            &["reserve", "reserve, charge 500"],
            &[
                ("", Law::Stock),
                ("reserve, charge 400", Law::Money),
                ("reserve, charge 500, void>charge tombstone", Law::Unasked),
                ("reserve, authorize 500", Law::Unasked),
                ("reserve, charge 500, ship", Law::Unasked),
            ],
        ),
        (
            "PAYMENT_AUTHORIZED reserved authorized none manual",
            &["reserve, authorize 500"],
            &[("reserve", Law::Money), ("reserve, authorize 500, capture 500", Law::Unasked)],
        ),
        (
            "PAYMENT_AUTHORIZED reserved capturing none manual",
            &["reserve, authorize 500", "reserve, authorize 500, capture 500"],
            &[("reserve, capture 500", Law::Money), ("reserve, authorize 500, capture 100", Law::Money)],
        ),
        (
            "PAYMENT_CHARGED reserved charged intended",
            &["reserve, charge 500", "reserve, charge 500, ship"],
            &[
                ("reserve", Law::Money),
                ("reserve, ship", Law::Unpaid),
                ("reserve, ship, charge 500", Law::Unpaid),
                ("reserve, charge 500, refund>charge 500", Law::Unasked),
            ],
        ),
        (
            "COMPLETED taken charged created",
            &["reserve, charge 500, ship"],
            &[
                ("reserve, charge 500", Law::Shipped),
                ("charge 500, ship", Law::Stock),
                ("reserve, ship, charge 500", Law::Unpaid),
                ("reserve, charge 499, ship", Law::Money),
                ("reserve, charge 500, ship, release>reserve", Law::Unasked),
                ("reserve, charge 500, ship, cancel-shipment>ship", Law::Shipped),
            ],
        ),
        (
            "COMPENSATING reserved charged cancelling",
            &[
                "reserve, charge 500",
                "reserve, charge 500, ship",
                "reserve, charge 500, ship, cancel-shipment>ship",
                "reserve, charge 500, cancel-shipment>ship tombstone",
            ],
            &[("reserve, charge 500, release>reserve", Law::Unasked)],
        ),
        (
            "COMPENSATING reserved voiding none",
            &[
                "reserve",
                "reserve, charge 500",
                "reserve, void>charge tombstone",
                "reserve, charge 500, refund>charge 500 void",
            ],
            &[("reserve, charge 500, refund>charge 200 void", Law::Money)],
        ),
        (
            "COMPENSATING reserved refunding failed",
            &["reserve, charge 500", "reserve, charge 500, refund>charge 500"],
            &[("reserve, charge 500, refund>charge 100", Law::Money), ("reserve, charge 500, ship", Law::Shipped)],
        ),
        (
            "COMPENSATING releasing declined none",
            &["reserve", "reserve, release>reserve"],
            &[("reserve, charge 500", Law::Money)],
        ),
        (
            "CANCELLED released refunded failed",
            &["reserve, charge 500, refund>charge 500, release>reserve"],
            &[
                ("reserve, charge 500, release>reserve", Law::Whole),
                ("reserve, charge 500, refund>charge 500", Law::Whole),
                ("reserve, release>reserve", Law::Money),
                ("reserve, charge 500, ship, refund>charge 500, release>reserve", Law::Unpaid),
            ],
        ),
        (
            "CANCELLED released voided none manual",
            &[
                "reserve, authorize 500, void>authorize, void>capture tombstone, release>reserve",
                "reserve, void>authorize tombstone, void>capture tombstone, release>reserve",
                "reserve, release>reserve",
                "",
            ],
            &[("reserve, authorize 500, release>reserve", Law::Whole)],
        ),
        ("CANCELLED rejected none none", &[""], &[("reserve", Law::Whole)]),
    ];
    for (told, allowed, wrong) in places {
        let standing = standing(told);
        for lines in *allowed {
            assert_eq!(judged(&standing, lines), [], "{told}: {lines}");
        }
        for (lines, law) in *wrong {
            let found = judged(&standing, lines);
            assert!(found.contains(law), "{told}: {lines}: {found:?}");
        }
    }
}

#[test]
fn laws_that_hold_of_the_lines_alone_excuse_nobody() {
    let wrong = [
        ("reserve, charge 500, charge 500, ship", Law::ChargedOnce),
        ("reserve, charge 501, ship", Law::ChargedOnce),
        ("reserve, charge 500 other, ship", Law::Keys),
        ("reserve, charge 500, ship, cancel-shipment>charge", Law::Keys),
        ("reserve, charge 500, ship, refund>charge 100 1:a1:k", Law::RefundRows),
        ("reserve, reserve, charge 500, ship", Law::Stock),
        ("reserve, charge 500, ship, ship", Law::Shipped),
    ];
    for (moved, answered_for) in [(false, false), (true, false), (false, true)] {
        let standing = Standing { moved, answered_for, ..standing("COMPLETED taken charged created") };
        for (lines, law) in wrong {
            assert_eq!(judged(&standing, lines), [law], "{lines}");
        }
    }
    let voided = standing("CANCELLED released voided none");
    let late = "reserve, void>charge tombstone, charge 500, refund>charge 500 void, release>reserve";
    assert_eq!(judged(&voided, late), [Law::Tombstones]);
    let over = "reserve, charge 500, refund>charge 501 void, release>reserve";
    assert_eq!(judged(&voided, over), [Law::Refunds]);
}

#[test]
fn what_must_be_there_is_not_asked_of_an_order_that_moved_while_the_audit_read() {
    for told in ["COMPLETED taken charged created", "CANCELLED released refunded failed"] {
        let standing = Standing { moved: true, ..standing(told) };
        assert_eq!(judged(&standing, ""), [], "{told}");
        assert_eq!(judged(&standing, "reserve, charge 500"), [], "{told}");
        assert!(!judged(&standing, "reserve, authorize 500").is_empty(), "{told}");
    }
}

#[test]
fn what_an_operator_answered_for_is_not_held_against_the_participants() {
    let standing = Standing { answered_for: true, ..standing("CANCELLED released refunded cancelled") };
    assert_eq!(judged(&standing, "reserve, charge 500, ship"), []);
    assert_eq!(judged(&standing, "reserve, charge 500, charge 500"), [Law::ChargedOnce]);
}

#[test]
fn local_roles_have_no_lines() {
    let local_payment = Standing { plan: Plan(Plan::SHIPMENT), ..standing("COMPLETED taken charged created") };
    assert_eq!(judged(&local_payment, "ship"), []);
    assert_eq!(judged(&local_payment, "charge 500, ship"), [Law::Unasked]);
    let unpaid = Standing { captured: 0, ..local_payment };
    assert_eq!(judged(&unpaid, "ship"), [Law::Unpaid]);
    assert_eq!(broken(DEPLOYMENT, &order(), None, &lines("charge 500")), [Law::Unasked]);
}

#[test]
fn a_refund_that_was_asked_for_is_a_row_and_a_line() {
    let row = |status| RefundRow { operation: "1:a1:k".into(), amount: 100, status };
    let with = |status, refunded| Standing {
        refunds: vec![row(status)],
        refunded,
        ..standing("COMPLETED taken charged created")
    };
    let (before, refund) = ("reserve, charge 500, ship", "reserve, charge 500, ship, refund>charge 100 1:a1:k");
    let other = "reserve, charge 500, ship, refund>charge 99 1:a1:k";
    let twice = "reserve, charge 500, ship, refund>charge 100 1:a1:k, refund>charge 100 1:a1:k";
    let (refunded, intended, refused) =
        (with(RefundStatus::Refunded, 100), with(RefundStatus::Intended, 100), with(RefundStatus::Refused, 0));
    assert_eq!(judged(&refunded, refund), []);
    assert_eq!(judged(&intended, refund), []);
    assert_eq!(judged(&intended, before), []);
    assert_eq!(judged(&refused, before), []);
    for (standing, lines) in [
        (&refunded, before),
        (&refunded, other),
        (&refunded, twice),
        (&intended, other),
        (&intended, twice),
        (&refused, refund),
    ] {
        assert_eq!(judged(standing, lines), [Law::RefundRows], "{lines}");
    }
    let miscounted = with(RefundStatus::Refunded, 150);
    assert_eq!(judged(&miscounted, refund), [Law::Money]);
    // Of nothing, a provider hears nothing.
    let free = Standing {
        refunds: vec![RefundRow { amount: 0, ..row(RefundStatus::Refunded) }],
        ..standing("COMPLETED taken charged created")
    };
    assert_eq!(judged(&free, before), []);
    assert_eq!(judged(&free, "reserve, charge 500, ship, refund>charge 0 1:a1:k"), [Law::RefundRows]);
}
