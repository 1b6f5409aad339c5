//! The rows say what was done of stock, parcel and steps; each step of the order's own was done once, and in its turn.

use super::*;

/// How often something was done, and undone.
type Counts = &'static [(u32, u32)];
/// Words of a row, what the ledger may say under them, and what it may not.
type Said = (&'static str, Counts, Counts);

fn may_say<T: Copy>(
    words: &[T],
    word: impl Fn(T) -> &'static str,
    table: &[Said],
    agrees: impl Fn(T, u32, u32) -> bool,
) {
    for &status in words {
        let of = |(words, ..): &&Said| words.split(' ').any(|one| one == word(status));
        let (_, right, wrong) = table.iter().find(of).expect("each word is in the table");
        for (counts, told) in right.iter().map(|one| (one, true)).chain(wrong.iter().map(|one| (one, false))) {
            assert_eq!(agrees(status, counts.0, counts.1), told, "{}: {counts:?}", word(status));
        }
    }
}

#[test]
fn the_row_says_what_the_warehouse_did() {
    may_say(
        Stock::ALL,
        Stock::as_str,
        &[
            ("none", &[(0, 0)], &[(1, 0), (0, 1), (1, 1)]),
            ("rejected", &[(0, 0)], &[(1, 0), (1, 1)]),
            ("intended", &[(0, 0), (1, 0)], &[(0, 1), (1, 1)]),
            ("reserved taken", &[(1, 0)], &[(0, 0), (1, 1), (0, 1), (2, 0)]),
            ("releasing", &[(0, 0), (1, 0), (1, 1)], &[(0, 1), (1, 2)]),
            ("released", &[(0, 0), (1, 1)], &[(1, 0), (0, 1), (2, 1), (1, 2)]),
        ],
        |stock, reserved, released| {
            stock_agrees(
                &Standing { stock, ..standing("CREATED none none none") },
                &Effects { reserved, released, ..Effects::default() },
            )
        },
    );
    let stock: &[Law] = &[Law::Stock];
    let [created, rejected, releasing, released] = ["intended", "rejected", "releasing", "released"]
        .map(|stock| standing(&format!("COMPENSATING {stock} none none")));
    let reserved = standing("INVENTORY_RESERVED reserved intended none");
    let cases: &[Case<'_>] = &[
        (&created, "", &[]),
        (&created, "reserve", &[]),
        (&created, "reserve, reserve", stock),
        (&created, "reserve, reserve @1", stock),
        (&reserved, "reserve", &[]),
        (&reserved, "", stock),
        (&rejected, "", &[]),
        (&rejected, "reserve", stock),
        (&releasing, "", &[]),
        (&releasing, "reserve", &[]),
        (&releasing, "reserve, release>reserve", &[]),
        (&releasing, "release>reserve tombstone", &[]),
        (&releasing, "release>reserve", stock),
        (&releasing, "reserve, release>reserve, release>reserve", stock),
        (&released, "", &[]),
        (&released, "release>reserve tombstone", &[]),
        (&released, "reserve, release>reserve", &[]),
        (&released, "reserve", stock),
        (&released, "release>reserve", stock),
    ];
    are_judged(cases);
    for (standing, told, laws) in cases {
        let twice = told.matches("reserve").count() == 2 && !told.contains("release");
        let moved = Standing { moved: true, ..(*standing).clone() };
        assert_eq!(judged(&moved, told), if twice { *laws } else { &[] }, "{told}: what may have come since");
    }
}

#[test]
fn the_row_says_what_the_carrier_did() {
    may_say(
        ShipmentStatus::ALL,
        ShipmentStatus::as_str,
        &[
            ("none failed", &[(0, 0)], &[(1, 0), (1, 1)]),
            ("intended", &[(0, 0), (1, 0)], &[(0, 1), (1, 1)]),
            ("created", &[(1, 0)], &[(0, 0), (1, 1), (0, 1), (2, 0)]),
            ("cancelling", &[(0, 0), (1, 0), (1, 1)], &[(0, 1), (1, 2)]),
            ("cancelled", &[(0, 0), (1, 1)], &[(1, 0), (0, 1), (2, 1), (1, 2)]),
        ],
        |shipment, shipped, recalled| {
            parcel_agrees(
                &Standing { shipment, ..standing("CREATED none none none") },
                &Effects { shipped, recalled, ..Effects::default() },
            )
        },
    );
    let shipped: &[Law] = &[Law::Shipped];
    let [intended, failed, cancelling, cancelled] = ["intended", "failed", "cancelling", "cancelled"]
        .map(|shipment| standing(&format!("COMPENSATING reserved charged {shipment}")));
    let created = standing("SHIPMENT_CREATED reserved charged created");
    let completed = standing("COMPLETED taken charged created");
    let cases: &[Case<'_>] = &[
        (&intended, "", &[]),
        (&intended, ", ship", &[]),
        (&intended, ", ship, ship", shipped),
        (&intended, ", ship, ship @1", shipped),
        (&created, ", ship", &[]),
        (&created, "", shipped),
        (&created, ", ship, cancel-shipment>ship", shipped),
        (&created, ", ship, cancel-shipment>ship tombstone", &[Law::Tombstones]),
        (&completed, ", ship", &[]),
        (&completed, "", shipped),
        (&completed, ", ship, ship", shipped),
        (&completed, ", ship, ship, cancel-shipment>ship", shipped),
        (&failed, "", &[]),
        (&failed, ", ship", shipped),
        (&cancelling, "", &[]),
        (&cancelling, ", ship", &[]),
        (&cancelling, ", ship, cancel-shipment>ship", &[]),
        (&cancelling, ", cancel-shipment>ship tombstone", &[]),
        (&cancelling, ", cancel-shipment>ship", shipped),
        (&cancelled, "", &[]),
        (&cancelled, ", cancel-shipment>ship tombstone", &[]),
        (&cancelled, ", ship, cancel-shipment>ship", &[]),
        (&cancelled, ", ship", shipped),
        (&cancelled, ", cancel-shipment>ship", shipped),
    ];
    for (standing, told, laws) in cases {
        assert_eq!(judged(standing, &format!("reserve, charge 500{told}")), *laws, "{told} of {standing:?}");
    }
}

#[test]
fn the_row_says_what_was_done_of_a_step() {
    may_say(
        StepStatus::ALL,
        StepStatus::as_str,
        &[
            ("none refused", &[(0, 0)], &[(1, 0), (0, 1), (1, 1)]),
            ("intended", &[(0, 0), (1, 0)], &[(0, 1), (1, 1)]),
            ("done", &[(1, 0)], &[(0, 0), (1, 1), (0, 1), (2, 0)]),
            ("undoing", &[(0, 0), (1, 0), (1, 1)], &[(0, 1), (1, 2)]),
            ("undone", &[(0, 0), (1, 1)], &[(1, 0), (0, 1), (2, 1), (1, 2)]),
        ],
        |status, runs, undos| step_agrees(&own("points", status, true, 2), (runs, undos)),
    );
    let at = |status, undo| Standing {
        steps: vec![own("fraud", StepStatus::Done, false, 1), own("points", status, undo, 2)],
        ..standing("COMPENSATING reserved charged none")
    };
    let [intended, done, refused, undoing, undone] =
        [StepStatus::Intended, StepStatus::Done, StepStatus::Refused, StepStatus::Undoing, StepStatus::Undone]
            .map(|status| at(status, true));
    let left = at(StepStatus::Intended, false);
    let steps: &[Law] = &[Law::Steps];
    let cases: &[Case<'_>] = &[
        (&intended, "", &[]),
        (&intended, ", run/points", &[]),
        (&intended, ", run/points, run/points", steps),
        (&intended, ", run/points, run/points @1", steps),
        (&done, ", run/points", &[]),
        (&done, "", steps),
        (&refused, "", &[]),
        (&refused, ", run/points", steps),
        (&undoing, "", &[]),
        (&undoing, ", run/points", &[]),
        (&undoing, ", run/points, undo/points>run/points", &[]),
        (&undoing, ", undo/points>run/points tombstone", &[]),
        (&undoing, ", undo/points>run/points", steps),
        (&undoing, ", run/points, undo/points>run/points, undo/points>run/points", steps),
        (&undone, "", &[]),
        (&undone, ", run/points, undo/points>run/points", &[]),
        (&undone, ", undo/points>run/points tombstone", &[]),
        // One that came twice did nothing twice.
        (&undone, ", undo/points>run/points tombstone, undo/points>run/points tombstone", &[]),
        (&undone, ", run/points", steps),
        (&undone, ", undo/points>run/points", steps),
        (&left, "", &[]),
        (&left, ", run/points", &[]),
        // The other one's lines are none of this one's.
        (&done, ", run/fraud", steps),
        (&refused, ", run/fraud", steps),
    ];
    for (standing, told, laws) in cases {
        assert_eq!(judged(standing, &format!("reserve, run/fraud, charge 500{told}")), *laws, "{told} of {standing:?}");
        if *told != ", run/fraud" {
            let moved = Standing { moved: true, ..(*standing).clone() };
            let twice = told.matches("run/points").count() == 2 && !told.contains("undo");
            let found = judged(&moved, &format!("reserve, run/fraud, charge 500{told}"));
            assert_eq!(found, if twice { *laws } else { &[] }, "{told}: what may have come since, of {standing:?}");
        }
    }
    // Nor is it done by this one's.
    assert_eq!(judged(&done, "reserve, charge 500, run/points"), steps);
}

/// An order with a step before each built-in one, and one behind them.
fn with_steps(told: &str, status: StepStatus) -> Standing {
    let names = ["hold", "fraud", "points", "gift"];
    let steps = names.iter().zip(0..).map(|(name, behind)| own(name, status, behind < 3, behind));
    Standing { steps: steps.collect(), ..standing(told) }
}

/// Moves one line behind another.
fn swapped(told: &str, late: usize, behind: usize) -> String {
    let mut lines: Vec<&str> = told.split(", ").collect();
    let line = lines.remove(late);
    lines.insert(behind, line);
    lines.join(", ")
}

/// Along the whole of an order, in which each second line is of a step of its own: whichever of two lines comes too late is told.
fn each_has_its_turn(standing: &Standing, told: &str) {
    let with = |change: fn(&mut Standing)| {
        let mut standing = standing.clone();
        change(&mut standing);
        standing
    };
    let moved = with(|standing| standing.moved = true);
    let apart = [with(|standing| standing.answered_for = true), with(|standing| standing.cloned = true)];
    assert_eq!(judged(standing, told), [], "{told}");
    let count = told.split(", ").count();
    for late in 0..count {
        for behind in late + 1..count {
            let wrong = swapped(told, late, behind);
            for standing in [standing, &moved] {
                let found = judged(standing, &wrong);
                assert!(found.contains(&Law::Steps), "{wrong}: {found:?}");
                let others = found.iter().filter(|law| ![Law::Steps, Law::Unpaid].contains(law));
                assert_eq!(others.count(), 0, "{wrong}: {found:?}");
            }
            for apart in &apart {
                assert_eq!(judged(apart, &wrong), [], "{wrong}: not asked of what was answered for, or copied");
            }
        }
    }
}

#[test]
fn each_step_is_done_behind_what_comes_before_it() {
    let completed = with_steps("COMPLETED taken charged created", StepStatus::Done);
    let told = "run/hold, reserve, run/fraud, charge 500, run/points, ship, run/gift";
    each_has_its_turn(&completed, told);
    let captured = Standing { manual: true, ..with_steps("COMPLETED taken charged created", StepStatus::Done) };
    let told = "run/hold, reserve, run/fraud, authorize 500, capture 500, run/points, ship, run/gift";
    assert_eq!(judged(&captured, told), []);
    for (late, behind) in [(2, 3), (2, 4), (3, 5), (4, 5)] {
        assert_eq!(judged(&captured, &swapped(told, late, behind)), [Law::Steps], "{late} behind {behind}");
    }
}

#[test]
fn each_step_is_undone_before_what_comes_before_it() {
    let mut cancelled = with_steps("CANCELLED released refunded none", StepStatus::Undone);
    cancelled.steps.truncate(3);
    let back = "run/hold, reserve, run/fraud, charge 500, run/points, undo/points>run/points, refund>charge 500, \
                undo/fraud>run/fraud, release>reserve, undo/hold>run/hold";
    assert_eq!(judged(&cancelled, back), []);
    let steps: &[Law] = &[Law::Steps];
    for (late, behind) in [(5, 6), (5, 7), (5, 8), (5, 9), (6, 7), (6, 9), (7, 8), (7, 9), (8, 9)] {
        assert_eq!(judged(&cancelled, &swapped(back, late, behind)), steps, "{late} behind {behind}");
    }
    // By a void, and of a parcel that came back.
    let voided =
        Standing { captured: 500, refunded: 500, ..with_steps("CANCELLED released voided none", StepStatus::Undone) };
    let told = "reserve, run/fraud, charge 500, refund>charge 500 void, undo/fraud>run/fraud, release>reserve";
    are_judged(&[(&voided, told, &[]), (&voided, &swapped(told, 3, 4), steps), (&voided, &swapped(told, 4, 5), steps)]);
    let freed = Standing { manual: true, ..with_steps("CANCELLED released voided none", StepStatus::Undone) };
    let told = "reserve, run/fraud, authorize 500, void>authorize, undo/fraud>run/fraud, release>reserve";
    are_judged(&[(&freed, told, &[]), (&freed, &swapped(told, 3, 4), steps), (&freed, &swapped(told, 4, 5), steps)]);
    let recalled = with_steps("CANCELLED released refunded cancelled", StepStatus::Undone);
    let told = "reserve, charge 500, run/points, ship, cancel-shipment>ship, undo/points>run/points, refund>charge 500, release>reserve";
    are_judged(&[
        (&recalled, told, &[]),
        (&recalled, &swapped(told, 4, 5), steps),
        (&recalled, &swapped(told, 5, 6), steps),
    ]);
}

/// What was undone is over: nothing before it, nor behind it, is done then.
#[test]
fn nothing_is_done_behind_what_was_taken_back() {
    let at = |undo, status| Standing {
        steps: vec![own("fraud", status, undo, 1)],
        ..standing("CANCELLED released none none")
    };
    let steps: &[Law] = &[Law::Steps];
    are_judged(&[
        (&at(true, StepStatus::Undone), "reserve, run/fraud, undo/fraud>run/fraud, release>reserve", &[]),
        (&at(true, StepStatus::Undone), "reserve, release>reserve, run/fraud, undo/fraud>run/fraud", steps),
        // Of what cannot be undone an answer may come at any time.
        (&at(false, StepStatus::Intended), "reserve, release>reserve, run/fraud", &[]),
        (&at(false, StepStatus::Intended), "reserve, run/fraud, release>reserve", &[]),
        (&at(false, StepStatus::Intended), "run/fraud, reserve, release>reserve", steps),
    ]);
    let both = Standing {
        steps: vec![own("fraud", StepStatus::Undone, true, 1), own("points", StepStatus::Undone, true, 2)],
        ..standing("CANCELLED released refunded none")
    };
    let late = "reserve, run/fraud, charge 500, refund>charge 500, undo/fraud>run/fraud, run/points, \
                undo/points>run/points, release>reserve";
    are_judged(&[(&both, late, steps)]);
    // Nor is anything done behind its own undo, or behind that of what came after it.
    let left = Standing {
        steps: vec![own("fraud", StepStatus::Intended, false, 1), own("points", StepStatus::Undone, true, 2)],
        ..standing("CANCELLED released none none")
    };
    are_judged(&[
        (&at(true, StepStatus::Undone), "reserve, undo/fraud>run/fraud, run/fraud, release>reserve", steps),
        (&at(true, StepStatus::Undone), "undo/fraud>run/fraud tombstone, reserve, release>reserve", steps),
        (&at(true, StepStatus::Undone), "reserve, undo/fraud>run/fraud tombstone, release>reserve", &[]),
        (&left, "reserve, undo/points>run/points tombstone, run/fraud, release>reserve", steps),
        (&left, "reserve, run/fraud, undo/points>run/points tombstone, release>reserve", &[]),
    ]);
    // A payment that never was is undone in its turn, too.
    let undoing = Standing {
        steps: vec![own("fraud", StepStatus::Undoing, true, 1)],
        ..standing("COMPENSATING reserved voided none")
    };
    are_judged(&[
        (&undoing, "reserve, run/fraud, undo/fraud>run/fraud", &[]),
        (&undoing, "reserve, run/fraud, void>charge tombstone, undo/fraud>run/fraud", &[]),
        (&undoing, "reserve, run/fraud, undo/fraud>run/fraud, void>charge tombstone", steps),
    ]);
}

/// Of several before the same, the earlier entry comes first.
#[test]
fn steps_before_the_same_have_an_order() {
    let at = |told, status| Standing {
        steps: vec![own("one", status, true, 1), own("two", status, true, 1), own("three", status, true, 2)],
        ..standing(told)
    };
    let (done, undone) = (
        at("PAYMENT_CHARGED reserved charged intended", StepStatus::Done),
        at("CANCELLED released refunded none", StepStatus::Undone),
    );
    let forth = "reserve, run/one, run/two, charge 500, run/three";
    let back = format!(
        "{forth}, undo/three>run/three, refund>charge 500, undo/two>run/two, undo/one>run/one, release>reserve"
    );
    let steps: &[Law] = &[Law::Steps];
    are_judged(&[
        (&done, forth, &[]),
        (&done, &swapped(forth, 1, 2), steps),
        (&done, &swapped(forth, 2, 3), steps),
        (&done, &swapped(forth, 2, 4), steps),
        (&done, &swapped(forth, 3, 4), steps),
        (&undone, &back, &[]),
        (&undone, &swapped(&back, 7, 8), steps),
        (&undone, &swapped(&back, 5, 7), steps),
        (&undone, &swapped(&back, 8, 9), steps),
    ]);
}

/// What stands in two ledgers bears no order; what stands in one of them does.
#[test]
fn turns_are_judged_within_one_ledger() {
    let completed = with_steps("COMPLETED taken charged created", StepStatus::Done);
    let steps: &[Law] = &[Law::Steps];
    are_judged(&[
        (&completed, "run/gift @1, run/points @1, run/fraud @1, run/hold @1, reserve, charge 500, ship", steps),
        (&completed, "run/hold @1, run/fraud @1, run/points @1, run/gift @1, reserve, charge 500, ship", &[]),
        (&completed, "reserve, charge 500, ship, run/hold @1, run/fraud @1, run/points @1, run/gift @1", &[]),
        (&completed, "reserve @1, charge 500 @1, ship @1, run/hold, run/fraud, run/points, run/gift", &[]),
        (&completed, "reserve @1, charge 500 @1, run/gift @1, ship @1, run/hold, run/fraud, run/points", steps),
    ]);
    // By their places, in whatever order they are told.
    let mut told = lines("run/hold, reserve, run/fraud, charge 500, run/points, ship, run/gift");
    told.reverse();
    assert_eq!(broken(DEPLOYMENT, &order(), Some(&completed), &told), []);
}

#[test]
fn a_line_is_not_behind_itself() {
    let turn = |undoes, undoable| Turn { place: (1, 0), own: true, undoes, undoable };
    assert!(!turn(false, true).is_behind(turn(false, true)));
    assert!(!turn(true, true).is_behind(turn(true, true)));
    assert!(!turn(false, true).is_behind(turn(true, true)), "a step is done before it is undone");
}

#[test]
fn an_order_without_steps_of_its_own_has_no_turns() {
    let bare = standing("COMPLETED taken charged created");
    let keys = Keys::of(DEPLOYMENT, &order(), &bare);
    assert!(in_turn(&keys, &bare, &lines("charge 500, reserve, ship")));
    assert!(in_turn(&keys, &bare, &[]));
}
