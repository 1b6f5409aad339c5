//! Where a relay goes on, from what the sink has and what the database says of it.

use crate::ports::feed::Position;
use crate::ports::relay::Witness;

use super::sink::{Cursor, Found, Part};

/// So many times was published in this run, and this was read by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How many times was published in this run; 0 where nothing was.
    pub step: u64,
    /// What of the feed was published by then.
    pub position: Position,
    /// How many events were published in this run, as far as the sink says.
    pub published: u64,
}

/// What an operator does about it.
pub(super) const WAY_ON: &str =
    "have it begin anew with `counterfoil outbox replay --from`, once it is known what its consumers have";

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What the database says of the part.
    pub witness: &'a Witness,
    /// Where the run of the witness begins.
    pub begins_at: &'a Position,
    /// Which epoch the database is in.
    pub epoch: i32,
    /// What the sink says of itself.
    pub found: &'a Found,
    /// Whether it has anything itself.
    pub keeps_cursor: bool,
    /// What would be published to.
    pub target: &'a str,
    /// Whose cursor it has to be.
    pub part: &'a Part,
}

/// Where to go on; or why nobody but a human can say.
///
/// A sink that has no cursor never means "from the beginning": it may have lost it. What was published first in a run is
/// attested before anything else is, so that a witness without a step means that nothing was, or only that once.
///
/// An operator's word to begin anew is above what the sink has; but not above another deployment's cursor, and above one of
/// a later epoch only where it names that: it may have been said to a database that is no longer the primary.
///
/// # Errors
///
/// In words, for an operator.
pub fn place(asked: Asked<'_>) -> Result<Place, String> {
    let Asked { witness, begins_at, keeps_cursor, target, .. } = asked;
    let is_word = witness.anew_in.is_some();
    if let Some(before) = witness.target.as_ref().filter(|before| *before != target) {
        return Err(format!(
            "it published to {before}, and {target} is there now: the order of an order's events would be lost; {WAY_ON}"
        ));
    }
    let anew = || Place { step: 0, position: begins_at.clone(), published: 0 };
    let attested =
        witness.known.as_ref().map(|(step, position)| Place { step: *step, position: position.clone(), published: 0 });
    if !keeps_cursor {
        return Ok(attested.unwrap_or_else(anew));
    }
    let (cursor, gone) = match asked.found {
        Found::Cursor(cursor) => (cursor, None),
        Found::Gone(cursor, why) => (cursor, Some(why)),
        Found::Spoilt(_) if is_word => return Ok(anew()),
        Found::Spoilt(why) => return Err(format!("{why}; {WAY_ON}")),
        Found::Nothing => {
            return match attested {
                None => Ok(anew()),
                Some(known) => Err(format!(
                    "it has no cursor any more, and had published {} times: it was emptied, or is another one; {WAY_ON}",
                    known.step
                )),
            };
        }
    };
    ours(cursor, asked)?;
    if is_word {
        return match witness.word {
            Some(word) if cursor.word == Some(word) => Err(format!(
                "it was to begin anew, and did: {} steps of run {} were published since; the database came back older; {WAY_ON}",
                cursor.step, cursor.run
            )),
            Some(_) | None => Ok(anew()),
        };
    }
    if let Some(why) = gone {
        return Err(format!("{why}; {WAY_ON}"));
    }
    if witness.target.is_none() {
        return Err(format!(
            "it has a cursor (step {} of run {}), and this database has never published to it: the database came back older, \
             or is another one; {WAY_ON}",
            cursor.step, cursor.run
        ));
    }
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
        Some(_) | None => {
            Ok(Place { step: cursor.step, position: cursor.position.clone(), published: cursor.published })
        }
    }
}

/// Whether the cursor is one of this part of this sink, of this history or an earlier one; or may be passed over.
fn ours(cursor: &Cursor, asked: Asked<'_>) -> Result<(), String> {
    let Asked { witness, part, epoch, .. } = asked;
    let is_above = witness.anew_in.is_some() || cursor.run < witness.run;
    known(cursor, part, epoch, witness.over_epoch.filter(|_| is_above))?;
    // One of a later run is judged by that: the sink may have other parts since.
    if (cursor.partition, cursor.of) != (part.partition, part.of) && !is_above && cursor.run <= witness.run {
        return Err(format!(
            "its cursor is of partition {} of {}, and this is partition {} of {}; {WAY_ON}",
            cursor.partition, cursor.of, part.partition, part.of
        ));
    }
    Ok(())
}

/// Whether the cursor is of this deployment and sink, and of no later epoch, but for those up to one that an operator named.
pub(super) fn known(cursor: &Cursor, part: &Part, epoch: i32, over_epoch: Option<i32>) -> Result<(), String> {
    for (what, theirs, ours) in
        [("deployment", &cursor.deployment, &part.deployment), ("sink", &cursor.sink, &part.sink)]
    {
        if theirs != ours {
            return Err(format!(
                "what it has is another's cursor: its {what} is {theirs}, and not {ours}; give each a place of its own"
            ));
        }
    }
    let later = cursor.epoch.max(cursor.position.epoch());
    if later > epoch && over_epoch.is_none_or(|over| over < later) {
        return Err(format!(
            "its cursor is of epoch {later}, and this database is in epoch {epoch}: it is an older copy, or no longer the \
             primary; only where it is known to be neither: `counterfoil outbox replay --from … --over-epoch {later}`"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

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
            over_epoch: None,
            word: None,
            is_ours: true,
            held: None,
            target: known.map(|_| "orders/3".to_owned()),
            known: known.map(|(step, upto)| (step, at(upto))),
            stopped: None,
            gap: None,
            is_forgotten: false,
            skips: Vec::new(),
            division: None,
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
            published: 0,
            word: None,
            epoch: 1,
            position: at(upto),
        }
    }

    fn part() -> Part {
        Part { deployment: "shop".into(), sink: "bus".into(), partition: 0, of: 1 }
    }

    fn asked(witness: &Witness, found: &Found, target: &str, keeps_cursor: bool) -> Result<(u64, Position), String> {
        let (begins_at, part) = (&at(5), &part());
        let place = place(Asked { witness, begins_at, epoch: 1, found, keeps_cursor, target, part });
        place.map(|place| (place.step, place.position))
    }

    fn found(witness: &Witness, cursor: Option<&Cursor>) -> Result<(u64, Position), String> {
        let found = cursor.map_or(Found::Nothing, |cursor| Found::Cursor(cursor.clone()));
        asked(witness, &found, "orders/3", true)
    }

    /// One whose run was begun.
    fn begun(run: u32) -> Witness {
        Witness { target: Some("orders/3".into()), ..witness(run, None) }
    }

    /// One that an operator has begin anew, and no relay has.
    fn word(over_epoch: Option<i32>) -> Witness {
        Witness { anew_in: Some(1), over_epoch, ..witness(2, None) }
    }

    #[test]
    fn it_goes_on_where_the_sink_is() {
        assert_eq!(found(&witness(1, None), None), Ok((0, at(5))), "nothing was published");
        assert_eq!(found(&begun(1), Some(&cursor(1, 1, 9))), Ok((1, at(9))), "once, and not attested");
        assert_eq!(found(&witness(1, Some((3, 7))), Some(&cursor(1, 3, 7))), Ok((3, at(7))));
        assert_eq!(found(&witness(1, Some((3, 7))), Some(&cursor(1, 8, 20))), Ok((8, at(20))), "attested now and then");
        assert_eq!(found(&begun(2), Some(&cursor(1, 8, 20))), Ok((0, at(5))), "an operator's wish");
        assert_eq!(found(&word(None), Some(&cursor(7, 8, 20))), Ok((0, at(5))), "the same, not begun yet");
    }

    #[test]
    fn it_never_begins_where_it_may_have_been() {
        for (witness, cursor, why) in [
            (witness(1, Some((3, 7))), None, "no cursor any more"),
            (witness(1, Some((3, 7))), Some(cursor(1, 2, 6)), "came back older"),
            (witness(1, Some((3, 7))), Some(cursor(1, 3, 8)), "another history"),
            (witness(2, Some((3, 7))), Some(cursor(1, 9, 7)), "came back older"),
            (begun(1), Some(cursor(2, 1, 7)), "the database came back older"),
            (witness(1, None), Some(cursor(1, 1, 7)), "has never published to it"),
        ] {
            let refused = found(&witness, cursor.as_ref()).unwrap_err();
            assert!(refused.contains(why) && refused.contains("replay --from"), "{refused}");
        }
        let cursor = Found::Cursor(cursor(1, 3, 7));
        for witness in [witness(1, Some((3, 7))), Witness { target: Some("orders/4".into()), ..witness(1, None) }] {
            let moved = asked(&witness, &cursor, "orders/4", true).unwrap_err();
            assert!(moved.contains("orders/3, and orders/4"), "{moved}");
        }
    }

    #[test]
    fn a_cursor_of_another_is_refused_whatever_was_said() {
        let others = [
            (Cursor { deployment: "other".into(), ..cursor(1, 1, 9) }, "its deployment is other, and not shop"),
            (Cursor { sink: "nats".into(), ..cursor(1, 1, 9) }, "its sink is nats, and not bus"),
        ];
        for (other, difference) in &others {
            for witness in [begun(1), begun(2), word(Some(9))] {
                let refused = found(&witness, Some(other)).unwrap_err();
                assert!(refused.contains(difference) && !refused.contains("replay"), "{refused}");
                let gone = Found::Gone(other.clone(), "it is empty".into());
                assert_eq!(asked(&witness, &gone, "orders/3", true), Err(refused));
            }
        }
    }

    #[test]
    fn an_operators_word_passes_over_what_nobody_goes_on_from() {
        let elsewhere = Cursor { partition: 2, of: 8, ..cursor(1, 1, 9) };
        assert!(found(&begun(1), Some(&elsewhere)).unwrap_err().contains("partition 2 of 8"));
        assert_eq!(found(&word(None), Some(&elsewhere)), Ok((0, at(5))));
        let gone = Found::Gone(cursor(1, 1, 9), "it is empty".into());
        assert!(asked(&begun(1), &gone, "orders/3", true).unwrap_err().contains("it is empty"));
        assert_eq!(asked(&word(None), &gone, "orders/3", true), Ok((0, at(5))));
        for text in ["", "{}", "not JSON", r#"{"deployment":"shop"}"#] {
            let spoilt = Found::read(text.as_bytes());
            let refused = asked(&begun(1), &spoilt, "orders/3", true).unwrap_err();
            assert!(refused.contains("cannot be read") && refused.contains("replay --from"), "{refused}");
            assert_eq!(asked(&word(None), &spoilt, "orders/3", true), Ok((0, at(5))));
        }
        let text = serde_json::to_vec(&cursor(1, 1, 9)).unwrap();
        assert_eq!(Found::read(&text), Found::Cursor(cursor(1, 1, 9)));
    }

    /// The word may have been said to a database that was the primary once.
    #[test]
    fn a_later_history_is_passed_over_only_where_the_word_names_it() {
        let later = [Cursor { epoch: 4, ..cursor(1, 1, 9) }, {
            let position = serde_json::from_value(serde_json::json!({"epoch": 4, "upto": 9})).unwrap();
            Cursor { position, ..cursor(1, 1, 9) }
        }];
        for later in &later {
            for witness in [begun(1), begun(2), word(None), word(Some(3)), Witness { over_epoch: Some(4), ..begun(1) }]
            {
                let refused = found(&witness, Some(later)).unwrap_err();
                let gone = Found::Gone(later.clone(), "it is empty".into());
                assert_eq!(asked(&witness, &gone, "orders/3", true), Err(refused.clone()));
                assert!(refused.contains("epoch 4") && refused.contains("--over-epoch 4"), "{refused}");
            }
            for witness in [word(Some(4)), Witness { over_epoch: Some(4), ..begun(2) }] {
                assert_eq!(found(&witness, Some(later)), Ok((0, at(5))));
            }
        }
    }

    /// Files were put back to a moment at which it had not been carried out yet.
    #[test]
    fn a_word_is_carried_out_once() {
        let pending = Witness { word: Some(Uuid::from_u128(7)), ..word(None) };
        let carried_out = Cursor { word: pending.word, ..cursor(2, 9, 90) };
        assert!(found(&pending, Some(&carried_out)).unwrap_err().contains("it was to begin anew, and did"));
        let of_another = Cursor { word: Some(Uuid::from_u128(6)), ..cursor(2, 9, 90) };
        assert_eq!(found(&pending, Some(&of_another)), Ok((0, at(5))));
    }

    #[test]
    fn numbers_beyond_counting_are_no_cursor() {
        for beyond in [Cursor { run: u32::MAX, ..cursor(1, 1, 9) }, Cursor { step: u64::MAX, ..cursor(1, 1, 9) }] {
            let found = Found::read(&serde_json::to_vec(&beyond).unwrap());
            assert!(matches!(&found, Found::Spoilt(why) if why.contains("says run")), "{found:?}");
        }
        let newer = r#"{"deployment":"d","sink":"s","partition":0,"of":1,"target":"t","run":1,"step":1,"epoch":1,
            "position":{"epoch":1,"upto":2},"since a later version":true}"#;
        assert!(matches!(Found::read(newer.as_bytes()), Found::Cursor(_)));
    }

    #[test]
    fn where_the_sink_keeps_none_the_witness_is_the_cursor() {
        let step = |witness: &Witness| asked(witness, &Found::Nothing, "orders/3", false).map(|place| place.0);
        assert_eq!(step(&witness(1, None)), Ok(0));
        assert_eq!(step(&witness(1, Some((3, 7)))), Ok(3));
    }
}
