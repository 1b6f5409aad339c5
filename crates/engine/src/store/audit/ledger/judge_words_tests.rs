//! What the ledger says against the rows of an order that an operator answered for, in words.

use super::*;

/// What is told beside an operator's word.
fn told(standing: &Standing, told: &str) -> Vec<String> {
    let standing = Standing { answered_for: true, ..standing.clone() };
    against(DEPLOYMENT, &order(), &standing, &lines(told))
}

/// A row of a table: where the order stands, what the ledger has, and exactly what is told.
type Words<'a> = (&'a Standing, &'a str, &'a [&'a str]);

fn are_told(cases: &[Words<'_>]) {
    for (standing, lines, words) in cases {
        assert_eq!(told(standing, lines), *words, "{lines:?} of {standing:?}");
        let moved = Standing { moved: true, ..(*standing).clone() };
        assert_eq!(told(&moved, lines), [""; 0], "they may have come since: {lines:?}");
        let local = Standing { plan: Plan(0), ..(*standing).clone() };
        let of_steps: Vec<_> = words.iter().filter(|word| word.contains("points")).collect();
        assert_eq!(told(&local, lines).iter().collect::<Vec<_>>(), of_steps, "who is local has no lines: {lines:?}");
    }
}

const NO_CHARGE: &str = "no such charge: the rows say that 500 was captured, the ledger has none";
const NO_PARCEL: &str = "no such parcel: the ledger has no shipment";
const OUT: &str = "a parcel is out, though the order is cancelled";
const HELD: &str = "an authorisation is still held, though the order is cancelled";
const NO_STOCK: &str = "no such reservation";
const KEPT_STOCK: &str = "the stock is still reserved, though it was released by the rows";
const NO_STEP: &str = "no such step: the rows say that points was done, the ledger has none";
const KEPT_STEP: &str = "points was done and never undone, though the order is cancelled";

#[test]
fn of_what_agrees_nothing_is_told() {
    let at = |told, status| Standing { steps: vec![own("points", status, true, 2)], ..standing(told) };
    let completed = at("COMPLETED taken charged created", StepStatus::Done);
    let refunded = at("CANCELLED released refunded cancelled", StepStatus::Undone);
    let voided = at("CANCELLED released voided none manual", StepStatus::None);
    let rejected = at("CANCELLED rejected none none", StepStatus::None);
    are_told(&[
        (&completed, "reserve, charge 500, run/points, ship", &[]),
        (
            &refunded,
            "reserve, charge 500, run/points, ship, cancel-shipment>ship, undo/points>run/points, refund>charge 500, release>reserve",
            &[],
        ),
        (&voided, "reserve, authorize 500, void>authorize, void>capture tombstone, release>reserve", &[]),
        (&voided, "", &[]),
        (&rejected, "", &[]),
    ]);
}

#[test]
fn a_charge_that_is_not_there_is_told_with_its_amount() {
    let charged = standing("PAYMENT_CHARGED reserved charged none");
    let with = |captured| Standing { captured, ..charged.clone() };
    let (one, none) = (with(1), with(0));
    let manual = Standing { manual: true, ..charged.clone() };
    are_told(&[
        (&charged, "reserve, charge 500", &[]),
        (&charged, "reserve", &[NO_CHARGE]),
        (&charged, "reserve, charge 500 other", &[NO_CHARGE]),
        (&charged, "reserve, charge 499", &["499 was captured, and 500 by the rows"]),
        (&charged, "reserve, charge 501", &["501 was captured, and 500 by the rows"]),
        (&charged, "reserve, charge 0", &["0 was captured, and 500 by the rows"]),
        (&one, "reserve", &["no such charge: the rows say that 1 was captured, the ledger has none"]),
        (&one, "reserve, charge 1", &[]),
        (&none, "reserve", &[]),
        (&none, "reserve, charge 500", &["500 was captured, and 0 by the rows"]),
        (&manual, "reserve, authorize 500", &[NO_CHARGE]),
        (&manual, "reserve, authorize 500, capture 500", &[]),
    ]);
}

#[test]
fn an_authorisation_that_is_not_there_is_told() {
    let authorized = standing("PAYMENT_AUTHORIZED reserved authorized none manual");
    let intended = standing("INVENTORY_RESERVED reserved intended none manual");
    are_told(&[
        (&authorized, "reserve, authorize 500", &[]),
        (&authorized, "reserve", &["no such authorisation"]),
        (&authorized, "reserve, authorize 500 other", &["no such authorisation"]),
        (&intended, "reserve", &[]),
    ]);
}

#[test]
fn money_that_a_cancelled_order_keeps_is_told() {
    let cancelled = standing("CANCELLED released refunded none");
    let goes_on = standing("COMPENSATING releasing refunded none");
    let voided = standing("CANCELLED released voided none manual");
    let kept = |amount: i64| format!("{amount} was captured and never given back, though the order is cancelled");
    let back = |amount: i64| format!("{amount} was given back, and 500 by the rows");
    let held = standing("COMPENSATING releasing voiding none manual");
    are_told(&[
        (&cancelled, "reserve, charge 500, release>reserve", &[&kept(500)]),
        (&cancelled, "reserve, charge 500, refund>charge 200, release>reserve", &[&kept(300)]),
        (&cancelled, "reserve, charge 500, refund>charge 499, release>reserve", &[&kept(1)]),
        (&cancelled, "reserve, charge 500, refund>charge 500, release>reserve", &[]),
        (&cancelled, "reserve, release>reserve", &[NO_CHARGE, &back(0)]),
        // One that goes on keeps nothing yet: what went back is held against the rows.
        (&goes_on, "reserve, charge 500", &[&back(0)]),
        (&goes_on, "reserve, charge 500, refund>charge 499", &[&back(499)]),
        (&goes_on, "reserve, charge 500, refund>charge 500", &[]),
        (&voided, "reserve, authorize 500, release>reserve", &[HELD]),
        (&voided, "reserve, authorize 500, void>authorize, release>reserve", &[]),
        (&held, "reserve, authorize 500", &[]),
        (
            &voided,
            "reserve, authorize 500, capture 500, release>reserve",
            &["500 was captured, and 0 by the rows", &kept(500)],
        ),
    ]);
}

/// What is under way may not have gone yet.
#[test]
fn what_went_back_is_told_once_it_is_settled() {
    let at = |status, refunded| Standing {
        refunds: vec![
            RefundRow { operation: "1:a1:k".into(), amount: 100, status: RefundStatus::Refunded },
            RefundRow { operation: "1:a1:l".into(), amount: 50, status },
        ],
        refunded,
        ..standing("COMPLETED taken charged created")
    };
    let (settled, due, refused) =
        (at(RefundStatus::Refunded, 150), at(RefundStatus::Intended, 150), at(RefundStatus::Refused, 100));
    let refunding = standing("COMPENSATING reserved refunding failed");
    let refunded = standing("COMPENSATING releasing refunded failed");
    let (paid, one) = ("reserve, charge 500, ship", "reserve, charge 500, ship, refund>charge 100 1:a1:k");
    are_told(&[
        (&settled, paid, &["0 was given back, and 150 by the rows"]),
        (&settled, one, &["100 was given back, and 150 by the rows"]),
        (&settled, "reserve, charge 500, ship, refund>charge 100 1:a1:k, refund>charge 50 1:a1:l", &[]),
        (&settled, "reserve, charge 500, ship, refund>charge 100 1:a1:k, refund>charge 60 1:a1:l", &[]),
        (&due, paid, &[]),
        (&due, one, &[]),
        (&refused, one, &[]),
        (&refused, paid, &["0 was given back, and 100 by the rows"]),
        (&refunding, "reserve, charge 500", &[]),
        (&refunded, "reserve, charge 500", &["0 was given back, and 500 by the rows"]),
    ]);
}

#[test]
fn a_parcel_is_told_that_is_not_there_or_out() {
    let completed = standing("COMPLETED taken charged created");
    let failed = standing("COMPENSATING reserved charged failed");
    let cancelled = standing("CANCELLED released refunded cancelled");
    let cancelling = standing("COMPENSATING reserved charged cancelling");
    let back = "refund>charge 500, release>reserve";
    let (out, in_time) = (
        format!("reserve, charge 500, ship, {back}"),
        format!("reserve, charge 500, ship, cancel-shipment>ship, {back}"),
    );
    are_told(&[
        (&completed, "reserve, charge 500, ship", &[]),
        (&completed, "reserve, charge 500", &[NO_PARCEL]),
        (&completed, "reserve, charge 500, ship other", &[NO_PARCEL]),
        (&failed, "reserve, charge 500", &[]),
        (&cancelling, "reserve, charge 500, ship", &[]),
        (&cancelled, &in_time, &[]),
        (&cancelled, &out, &[OUT]),
    ]);
}

#[test]
fn stock_is_told_that_is_not_there_or_kept() {
    let reserved = standing("INVENTORY_RESERVED reserved intended none");
    let taken = standing("COMPLETED taken charged created");
    let intended = standing("CREATED intended none none");
    let rejected = standing("COMPENSATING rejected none none");
    let released = standing("CANCELLED released none none");
    are_told(&[
        (&reserved, "reserve", &[]),
        (&reserved, "", &[NO_STOCK]),
        (&taken, "reserve, charge 500, ship", &[]),
        (&taken, "charge 500, ship", &[NO_STOCK]),
        (&intended, "", &[]),
        (&intended, "reserve", &[]),
        (&rejected, "", &[]),
        (&released, "", &[]),
        (&released, "reserve, release>reserve", &[]),
        (&released, "reserve", &[KEPT_STOCK]),
        (&released, "reserve, release>reserve tombstone", &[KEPT_STOCK]),
    ]);
}

#[test]
fn a_step_is_told_that_was_not_done_or_was_kept() {
    let at = |told, status, undo| Standing {
        steps: vec![own("fraud", StepStatus::Refused, false, 1), own("points", status, undo, 2)],
        ..standing(told)
    };
    let charged = "PAYMENT_CHARGED reserved charged none";
    let done = at(charged, StepStatus::Done, true);
    let intended = at(charged, StepStatus::Intended, true);
    let undone = at("CANCELLED released none none", StepStatus::Undone, true);
    let left = at("CANCELLED released none none", StepStatus::Done, false);
    let undoing = at("COMPENSATING reserved none none", StepStatus::Undoing, true);
    are_told(&[
        (&done, "reserve, charge 500, run/points", &[]),
        (&done, "reserve, charge 500", &[NO_STEP]),
        (&done, "reserve, charge 500, run/fraud", &[NO_STEP]),
        (&intended, "reserve, charge 500", &[]),
        (&undone, "", &[]),
        (&undone, "run/points, undo/points>run/points", &[]),
        (&undone, "run/points", &[KEPT_STEP]),
        (&undone, "run/fraud", &[]),
        (&left, "run/points", &[]),
        (&left, "", &[NO_STEP]),
        (&undoing, "reserve, run/points", &[]),
    ]);
}

/// A participant alone, and each of the others local: of those nothing is told, whatever the rows say.
#[test]
fn of_each_plan_that_is_told_which_is_elsewhere() {
    let completed = standing("COMPLETED taken charged created");
    for plan in 0..16 {
        let at = Standing { plan: Plan(plan), ..completed.clone() };
        let words = [(Plan::PAYMENT, NO_CHARGE), (Plan::SHIPMENT, NO_PARCEL), (Plan::INVENTORY, NO_STOCK)];
        let words: Vec<_> = words.iter().filter(|(bit, _)| plan & bit != 0).map(|(_, word)| *word).collect();
        assert_eq!(told(&at, ""), words, "{plan}");
    }
}
