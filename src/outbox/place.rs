//! Where a relay goes on, from what the sink has and what the database says of it.

use crate::ports::feed::Position;
use crate::ports::relay::Witness;

use super::sink::Cursor;

/// So many times was published in this run, and this was read by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// 0 where nothing was.
    pub step: u64,
    /// Behind what was published.
    pub position: Position,
}

/// What an operator does about it.
const WAY_ON: &str =
    "have it begin anew with `counterfoil outbox replay --from`, once it is known what its consumers have";

/// Where to go on; or why nobody but a human can say. `begins_at` is where the run begins; `cursor` what the sink has,
/// `target` what would be published to.
///
/// A sink that has no cursor never means "from the beginning": it may have lost it. What was published first in a run is
/// attested before anything else is, so that a witness without a step means that nothing was, or only that once.
///
/// # Errors
///
/// In words, for an operator.
pub fn place(
    witness: &Witness,
    begins_at: &Position,
    cursor: Option<&Cursor>,
    keeps_cursor: bool,
    target: &str,
) -> Result<Place, String> {
    if let Some(before) = witness.target.as_ref().filter(|before| *before != target) {
        return Err(format!(
            "it published to {before}, and {target} is there now: the order of an order's events would be lost; {WAY_ON}"
        ));
    }
    let anew = || Place { step: 0, position: begins_at.clone() };
    let attested = witness.known.as_ref().map(|(step, position)| Place { step: *step, position: position.clone() });
    if !keeps_cursor {
        return Ok(attested.unwrap_or_else(anew));
    }
    let Some(cursor) = cursor else {
        return match attested {
            None => Ok(anew()),
            Some(known) => Err(format!(
                "it has no cursor any more, and had published {} times: it was emptied, or is another one; {WAY_ON}",
                known.step
            )),
        };
    };
    if cursor.run > witness.run {
        return Err(format!(
            "its cursor is of run {}, and the database knows of {}: the database came back older; {WAY_ON}",
            cursor.run, witness.run
        ));
    }
    if cursor.run < witness.run {
        return match attested {
            // An operator had it begin anew, and nothing was published since.
            None => Ok(anew()),
            Some(known) => Err(format!(
                "its cursor is of run {}, and {} steps of run {} were published: it came back older; {WAY_ON}",
                cursor.run, known.step, witness.run
            )),
        };
    }
    if cursor.target != target {
        return Err(format!(
            "its cursor is of {}, and {target} is there now: the order of an order's events would be lost; {WAY_ON}",
            cursor.target
        ));
    }
    match attested {
        Some(known) if cursor.step < known.step => Err(format!(
            "its cursor is at step {}, and {} were published: it came back older; {WAY_ON}",
            cursor.step, known.step
        )),
        Some(known) if cursor.step == known.step && cursor.position != known.position => Err(format!(
            "its cursor at step {} is not the one that was published with it: it is of another history; {WAY_ON}",
            cursor.step
        )),
        Some(_) | None => Ok(Place { step: cursor.step, position: cursor.position.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(upto: u64) -> Position {
        serde_json::from_value(serde_json::json!({"epoch": 1, "upto": upto})).unwrap()
    }

    fn witness(run: u32, known: Option<(u64, u64)>) -> Witness {
        Witness {
            sink: "bus".into(),
            part: 0,
            parts: 1,
            run,
            begins: "now".into(),
            begins_at: Some(at(5)),
            anew_in: None,
            held: None,
            target: known.map(|_| "orders/3".to_owned()),
            known: known.map(|(step, upto)| (step, at(upto))),
            stopped: None,
            skips: Vec::new(),
        }
    }

    fn cursor(run: u32, step: u64, upto: u64) -> Cursor {
        Cursor {
            deployment: "shop".into(),
            sink: "bus".into(),
            partition: 0,
            of: 1,
            target: "orders/3".into(),
            run,
            step,
            epoch: 1,
            position: at(upto),
        }
    }

    fn found(witness: &Witness, cursor: Option<&Cursor>) -> Result<(u64, Position), String> {
        place(witness, &at(5), cursor, true, "orders/3").map(|place| (place.step, place.position))
    }

    #[test]
    fn it_goes_on_where_the_sink_is() {
        assert_eq!(found(&witness(1, None), None), Ok((0, at(5))), "nothing was published");
        assert_eq!(found(&witness(1, None), Some(&cursor(1, 1, 9))), Ok((1, at(9))), "once, and not attested");
        assert_eq!(found(&witness(1, Some((3, 7))), Some(&cursor(1, 3, 7))), Ok((3, at(7))));
        assert_eq!(found(&witness(1, Some((3, 7))), Some(&cursor(1, 8, 20))), Ok((8, at(20))), "attested now and then");
        assert_eq!(found(&witness(2, None), Some(&cursor(1, 8, 20))), Ok((0, at(5))), "an operator's wish");
    }

    #[test]
    fn it_never_begins_where_it_may_have_been() {
        for (witness, cursor, why) in [
            (witness(1, Some((3, 7))), None, "no cursor any more"),
            (witness(1, Some((3, 7))), Some(cursor(1, 2, 6)), "came back older"),
            (witness(1, Some((3, 7))), Some(cursor(1, 3, 8)), "another history"),
            (witness(2, Some((3, 7))), Some(cursor(1, 9, 7)), "came back older"),
            (witness(1, None), Some(cursor(2, 1, 7)), "the database came back older"),
        ] {
            let refused = found(&witness, cursor.as_ref()).unwrap_err();
            assert!(refused.contains(why) && refused.contains("replay --from"), "{refused}");
        }
        let moved = place(&witness(1, Some((3, 7))), &at(5), Some(&cursor(1, 3, 7)), true, "orders/4").unwrap_err();
        assert!(moved.contains("orders/3, and orders/4"), "{moved}");
        let moved = place(&witness(1, None), &at(5), Some(&cursor(1, 3, 7)), true, "orders/4").unwrap_err();
        assert!(moved.contains("orders/3, and orders/4"), "{moved}");
    }

    #[test]
    fn where_the_sink_keeps_none_the_witness_is_the_cursor() {
        let place = |witness: &Witness| place(witness, &at(5), None, false, "orders/3").map(|place| place.step);
        assert_eq!(place(&witness(1, None)), Ok(0));
        assert_eq!(place(&witness(1, Some((3, 7)))), Ok(3));
    }
}
