//! Every line is under a key that is derived from its order, and undoes one of its order's own steps; a key that was undone
//! before it was heard of does nothing any more.

use super::*;

const STRANGER: Uuid = Uuid::from_u128(1);

/// Orders with lines of every action, each under its key: what they say is changed below.
fn healthy() -> Vec<(Standing, Vec<Line>)> {
    let steps = |status| vec![own("fraud", status, true, 1), own("points", status, true, 2)];
    let back = "reserve, run/fraud, charge 500, run/points, ship, cancel-shipment>ship, undo/points>run/points, \
                refund>charge 500, undo/fraud>run/fraud, release>reserve";
    let captured = "reserve, authorize 500, capture 500, refund>capture 500 void";
    let called_off =
        Standing { steps: steps(StepStatus::Undone), ..standing("COMPENSATING releasing refunded cancelled") };
    let voided = Standing { captured: COST, refunded: COST, ..standing("COMPENSATING releasing voided none manual") };
    let asked = RefundRow { operation: "1:a1:k".into(), amount: 100, status: RefundStatus::Refunded };
    let refunded = Standing { refunds: vec![asked], refunded: 100, ..standing("COMPLETED taken charged created") };
    let held = "reserve, authorize 500, void>authorize, void>capture tombstone";
    vec![
        (called_off, lines(back)),
        (voided, lines(captured)),
        (standing("COMPENSATING releasing voided none manual"), lines(held)),
        (refunded, lines("reserve, charge 500, ship, refund>charge 100 1:a1:k")),
    ]
}

/// Which law a line breaks that is not of its order: a refund is looked for among the rows first, which name its key.
fn of_a_foreign(line: &Line) -> Law {
    if line.action == Action::Refund && line.undoes.is_some() { Law::RefundRows } else { Law::Keys }
}

/// Changes each line of a healthy order, and sees what is found.
fn changed(change: impl Fn(&Line) -> Vec<Line>) {
    for (standing, lines) in healthy() {
        assert_eq!(broken(DEPLOYMENT, &order(), Some(&standing), &lines), [], "{lines:?}");
        for (at, line) in lines.iter().enumerate() {
            for wrong in change(line) {
                let mut lines = lines.clone();
                lines[at] = wrong;
                let found = broken(DEPLOYMENT, &order(), Some(&standing), &lines);
                assert!(found.contains(&of_a_foreign(&wrong)), "{wrong:?}: {found:?}");
                // What is foreign did nothing for this order: its money may be missed by what went back, and that is all.
                let others = found.iter().filter(|law| ![of_a_foreign(&wrong), Law::Refunds].contains(law));
                assert_eq!(others.count(), 0, "{wrong:?}: {found:?}");
            }
        }
    }
}

#[test]
fn a_report_has_every_law_by_its_name() {
    assert_eq!(
        Law::ALL.map(Law::name),
        [
            "ledger_keys_are_ours",
            "ledger_nothing_without_an_order",
            "ledger_charged_at_most_once",
            "ledger_refunds_never_exceed_charge",
            "ledger_refunds_have_their_rows",
            "ledger_tombstones_have_no_effect",
            "ledger_money_agrees",
            "ledger_stock_agrees",
            "ledger_nothing_shipped_unpaid",
            "ledger_shipped_exactly_once",
            "ledger_steps_agree",
            "ledger_cancelled_orders_made_whole",
        ]
    );
}

#[test]
fn a_key_is_of_its_deployment_order_action_and_operation() {
    changed(|line| {
        let action = line.action.as_str();
        let keys = [
            DeploymentId(Uuid::from_u128(8)).step_key(&order(), action, ""),
            DEPLOYMENT.step_key(&OrderId::trusted("ORD-2"), action, ""),
            key(action, "other"),
            STRANGER,
        ];
        keys.map(|key| Line { key, ..*line }).to_vec()
    });
    // An action under the key of another one. (A refund may be the saga's own or a void's, and is judged by which it is.)
    changed(|line| {
        let others = Action::BUILT_IN.iter().filter(|action| **action != line.action && line.action != Action::Refund);
        let keys = others.map(|action| key(action.as_str(), ""));
        // Of what is buried below, anything is an effect too many.
        let keys = keys.filter(|other| *other != key("capture", "") && *other != key("authorize", ""));
        keys.map(|key| Line { key, ..*line }).collect()
    });
}

#[test]
fn what_is_done_undoes_nothing_and_buries_nothing() {
    use Action as A;
    let is_done =
        |line: &Line| matches!(line.action, A::Reserve | A::Charge | A::Authorize | A::Capture | A::Ship | A::Run);
    changed(|line| {
        let wrong = [Line { undoes: Some(key("reserve", "")), ..*line }, Line { undoes: Some(line.key), ..*line }];
        if is_done(line) { wrong.to_vec() } else { Vec::new() }
    });
    for (standing, lines) in healthy() {
        for at in (0..lines.len()).filter(|at| is_done(&lines[*at])) {
            let mut lines = lines.clone();
            lines[at].tombstone = true;
            let found = broken(DEPLOYMENT, &order(), Some(&standing), &lines);
            assert!(found.contains(&Law::Keys), "{:?}: {found:?}", lines[at]);
        }
    }
}

/// Which steps each undo may name; whatever else it names is not its own.
#[test]
fn what_undoes_names_a_step_of_its_own_order() {
    let steps = ["reserve", "charge", "authorize", "capture", "ship", "run/fraud", "run/points"];
    changed(|line| {
        let own: &[&str] = match line.action {
            Action::Release => &["reserve"],
            Action::CancelShipment => &["ship"],
            Action::Void => &["charge", "authorize", "capture"],
            Action::Refund => &["charge", "capture"],
            Action::Undo if line.key == step_key("undo/fraud") => &["run/fraud"],
            Action::Undo => &["run/points"],
            _ => return Vec::new(),
        };
        let others = steps.iter().filter(|step| !own.contains(step)).map(|step| step_key(step));
        let elsewhere = own.iter().map(|step| DEPLOYMENT.step_key(&OrderId::trusted("ORD-2"), step, ""));
        let undone = others.chain(elsewhere).chain([line.key, STRANGER]).map(Some).chain([None]);
        undone.map(|undoes| Line { undoes, ..*line }).collect()
    });
    // And those that it may name are fine.
    let voiding = standing("COMPENSATING reserved voiding none");
    for fine in ["void>charge tombstone", "void>authorize tombstone", "void>capture tombstone"] {
        assert_eq!(judged(&voiding, &format!("reserve, {fine}")), [], "{fine}");
    }
}

#[test]
fn a_line_of_a_step_that_the_order_does_not_have_is_not_its_own() {
    let standing = standing("COMPLETED taken charged created");
    for wrong in ["run/points", "undo/points>run/points", "run", "undo>run"] {
        assert_eq!(judged(&standing, &format!("reserve, charge 500, ship, {wrong}")), [Law::Keys], "{wrong}");
    }
}

/// Whichever of the two the ledger has first.
#[test]
fn a_key_that_was_undone_before_it_was_heard_of_does_nothing() {
    let cases = [
        ("COMPENSATING reserved voiding none", "reserve", "void>charge tombstone", "charge 500"),
        ("COMPENSATING reserved voiding none manual", "reserve", "void>authorize tombstone", "authorize 500"),
        (
            "COMPENSATING reserved voiding none manual",
            "reserve, authorize 500",
            "void>capture tombstone",
            "capture 500",
        ),
        ("COMPENSATING reserved refunding failed", "reserve", "refund>charge tombstone", "charge 500"),
        ("COMPENSATING releasing none none", "", "release>reserve tombstone", "reserve"),
        ("COMPENSATING reserved charged cancelling", "reserve, charge 500", "cancel-shipment>ship tombstone", "ship"),
        ("COMPENSATING reserved charged none", "reserve, charge 500", "undo/points>run/points tombstone", "run/points"),
    ];
    for (told, before, buried, late) in cases {
        let at = |told| Standing { steps: vec![own("points", StepStatus::Undoing, true, 2)], ..standing(told) };
        let text =
            |words: &[&str]| words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(", ");
        for standing in [
            at(told),
            Standing { moved: true, ..at(told) },
            Standing { answered_for: true, ..at(told) },
            Standing { cloned: true, ..at(told) },
        ] {
            for lines in [text(&[before, buried, late]), text(&[before, late, buried])] {
                assert!(judged(&standing, &lines).contains(&Law::Tombstones), "{told}: {lines}");
            }
            let lines = text(&[before, buried]);
            assert!(!judged(&standing, &lines).contains(&Law::Tombstones), "{told}: {lines}");
        }
    }
    // One that took something back is no tombstone, and one of another key is none of this one.
    for (told, fine) in [
        ("COMPENSATING reserved voiding none manual", "reserve, authorize 500, void>authorize, void>capture tombstone"),
        ("COMPENSATING reserved voiding none", "reserve, charge 500, refund>charge 500 void"),
        ("COMPENSATING releasing none none", "reserve, release>reserve"),
    ] {
        assert_eq!(judged(&standing(told), fine), [], "{fine}");
    }
    let late = "reserve, void>charge tombstone, charge 500";
    assert_eq!(judged(&standing("COMPENSATING reserved voiding none"), late), [Law::Tombstones]);
}

/// The original goes on with an order that came with its copy, so that its rows say nothing of the lines any more; what they keep
/// by themselves they keep all the same.
#[test]
fn an_order_of_an_earlier_deployment_keeps_what_its_lines_keep_by_themselves() {
    let told = "INVENTORY_RESERVED reserved intended none";
    let later = "reserve, charge 500, ship, refund>charge 100 1:a1:k, refund>charge 50 1:a1:l";
    let cloned = Standing { cloned: true, steps: vec![own("gift", StepStatus::None, true, 3)], ..standing(told) };
    are_judged(&[
        (&cloned, "", &[]),
        (&cloned, later, &[]),
        (&cloned, "reserve, charge 500, cancel-shipment>ship tombstone, refund>charge 500, release>reserve", &[]),
        (&cloned, "run/gift, reserve, charge 400, ship", &[]),
        (&cloned, "ship, charge 500, reserve", &[]),
        (&cloned, "reserve, charge 500, charge 500", &[Law::ChargedOnce]),
        (&cloned, "reserve, charge 501", &[Law::ChargedOnce]),
        (&cloned, "reserve, charge 500, refund>charge 501", &[Law::Refunds]),
        (&cloned, "reserve, reserve", &[Law::Stock]),
        (&cloned, "reserve, charge 500, ship, ship", &[Law::Shipped]),
        (&cloned, "reserve, charge 500, run/gift, run/gift", &[Law::Steps]),
        (&cloned, "reserve, charge 500 other", &[Law::Keys]),
        (&cloned, "reserve, charge 500, release>charge", &[Law::Keys]),
        (&cloned, "release>reserve tombstone, reserve", &[Law::Tombstones]),
    ]);
    // What went back is of the order's own money, whoever asked for it.
    for undone in ["charge", "authorize", "ship", "charge/other", "refund"] {
        for key in ["", " 1:a1:k", " other", " void"] {
            let refund = format!("reserve, charge 500, refund>{undone} 100{key}");
            let own = undone == "charge";
            assert_eq!(judged(&cloned, &refund), if own { &[][..] } else { &[Law::Keys] }, "{refund}");
        }
    }
    let captured = Standing { manual: true, ..cloned.clone() };
    assert_eq!(judged(&captured, "reserve, authorize 500, capture 300, refund>capture 100 1:a1:k"), []);
    let ended = Standing { cloned: true, ..standing("CANCELLED released voided none") };
    are_judged(&[(&ended, "reserve, charge 500", &[]), (&ended, "reserve, charge 500, ship", &[])]);
}

#[test]
fn a_line_is_of_the_deployment_whose_key_it_bears_or_undoes() {
    let (elsewhere, other) = (DeploymentId(Uuid::from_u128(8)), OrderId::trusted("ORD-2"));
    let line = |key, undoes| Line { key, undoes, ..lines("charge 500")[0] };
    let is_ours = |line: &Line| is_of(DEPLOYMENT, &order(), &[], line);
    for action in Action::ALL {
        let own = key(action.as_str(), "");
        assert!(is_ours(&line(own, None)), "{action}");
        assert!(is_ours(&line(STRANGER, Some(own))), "what it undoes tells it as well: {action}");
        assert!(is_ours(&line(own, Some(STRANGER))), "{action}");
        assert!(!is_of(elsewhere, &order(), &[], &line(own, Some(own))), "{action}");
        assert!(!is_of(DEPLOYMENT, &other, &[], &line(own, Some(own))), "{action}");
    }
    assert!(!is_ours(&line(STRANGER, None)));
    assert!(!is_ours(&line(STRANGER, Some(STRANGER))));
    // A refund that a client asked for is under a key that only its row knows.
    let [refund] = lines("refund>charge 100 1:a1:k")[..] else { panic!("a line") };
    assert!(is_ours(&refund) && !is_ours(&Line { undoes: None, ..refund }));
}

#[test]
fn a_line_is_of_a_step_by_its_name() {
    let other = OrderId::trusted("ORD-2");
    let elsewhere = DeploymentId(Uuid::from_u128(8));
    for told in
        ["run/points", "undo/points>run/points", "undo/points>run/points other", "undo/points", "charge>undo/points"]
    {
        let [line] = lines(told)[..] else { panic!("a line") };
        assert!(is_of_step(DEPLOYMENT, &order(), "points", &line), "{told}");
        assert!(is_of(DEPLOYMENT, &order(), &["points"], &line), "{told}");
        assert!(is_of(DEPLOYMENT, &order(), &["fraud", "points"], &line), "{told}");
        assert!(!is_of_step(DEPLOYMENT, &order(), "fraud", &line), "{told}");
        assert!(!is_of_step(elsewhere, &order(), "points", &line), "{told}");
        assert!(!is_of_step(DEPLOYMENT, &other, "points", &line), "{told}");
        assert!(!is_of(elsewhere, &order(), &["points"], &line), "{told}");
    }
    for told in ["run/points", "undo/points>run/points"] {
        let [line] = lines(told)[..] else { panic!("a line") };
        assert!(!is_of(DEPLOYMENT, &order(), &[], &line), "{told}");
        assert!(!is_of(DEPLOYMENT, &order(), &["fraud"], &line), "{told}");
    }
    for told in ["charge 500", "release>reserve", "run other", "ship points"] {
        let [line] = lines(told)[..] else { panic!("a line") };
        assert!(!is_of_step(DEPLOYMENT, &order(), "points", &line), "{told}");
    }
}
