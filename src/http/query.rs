//! The parameters of a query: each is known, is there once, and is right, or is told by its name. An empty value is none, as a
//! form sends it that was not filled in.

use actix_web::web;

use uuid::Uuid;

use super::headers::number;
use super::json::{FieldError, quoted};
use crate::limits;
use crate::saga::Timestamp;

/// Reads a query whose parameters are among `allowed`, handing each that has a value to `take`; with everything that is wrong.
pub(super) fn read(
    query: &str,
    allowed: &[&str],
    mut take: impl FnMut(&str, &str) -> Result<(), FieldError>,
) -> Result<(), Vec<FieldError>> {
    let (mut problems, mut seen) = (Vec::new(), Vec::new());
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|error| vec![FieldError::parameter("", format!("cannot be read: {error}"))])?;
    for (name, value) in pairs.into_inner().into_iter().take(limits::REQUEST_ERRORS) {
        if !allowed.contains(&name.as_str()) {
            let detail = format!("{} is unknown; allowed are {}", quoted(&name), allowed.join(", "));
            problems.push(FieldError::parameter(name.chars().take(64).collect::<String>(), detail));
        } else if seen.contains(&name) {
            problems.push(FieldError::parameter(name, "is given twice"));
        } else {
            if !value.is_empty() {
                problems.extend(take(&name, &value).err());
            }
            seen.push(name);
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// A stretch of something that is kept by time, the latest first: before which entry, and at most how many.
pub(super) type Stretch = (Option<(Timestamp, Uuid)>, i64);

/// Reads `cursor` and `limit`.
pub(super) fn stretch(query: &str) -> Result<Stretch, Vec<FieldError>> {
    let (mut before, mut limit) = (None, limits::PAGE_DEFAULT);
    read(query, &["cursor", "limit"], |name, value| {
        if name == "limit" {
            limit = number(name, value, 1, limits::PAGE)?;
            return Ok(());
        }
        let place = value.split_once('-').and_then(|(at, entry)| {
            let at: i64 = at.parse().ok()?;
            // One that no calendar has is none that was told.
            jiff::Timestamp::from_microsecond(at).ok().filter(|at| at.as_second() >= 0)?;
            Some((Timestamp(at), Uuid::try_parse(entry).ok()?))
        });
        let wrong = || FieldError::parameter(name, "must be a next_cursor of an earlier page");
        before = Some(place.ok_or_else(wrong)?);
        Ok(())
    })?;
    Ok((before, limit))
}

/// Takes the page out of what was found where one more was asked for than it may have, with the cursor that leads on.
pub(super) fn cut<T>(found: &mut Vec<T>, limit: i64, place: impl Fn(&T) -> (Timestamp, Uuid)) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = found.len() > limit;
    found.truncate(limit);
    let (at, entry) = place(found.last().filter(|_| more)?);
    Some(format!("{}-{}", at.0, entry.simple()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_leads_on_behind_its_last_entry() {
        let entries: Vec<_> = (1..=4).map(|n| (Timestamp(1_000 - n), Uuid::from_u128(7))).collect();
        let mut found = entries[..3].to_vec();
        let cursor = cut(&mut found, 2, |entry| *entry).unwrap();
        assert_eq!(found, entries[..2]);
        assert_eq!(stretch(&format!("limit=3&cursor={cursor}")), Ok((Some(entries[1]), 3)));
        let mut last = entries[2..].to_vec();
        assert_eq!((cut(&mut last, 2, |entry| *entry), last.len()), (None, 2));
        assert_eq!(cut(&mut Vec::new(), 2, |entry| *entry), None);
        let nil = "00000000000000000000000000000007";
        for bad in ["1000", &format!("x-{nil}"), "1-x", &format!("-1-{nil}"), &format!("9223372036854775807-{nil}")] {
            assert_eq!(stretch(&format!("cursor={bad}")).unwrap_err().len(), 1, "{bad}");
        }
        assert!(stretch("limit=0").is_err() && stretch("below=1").is_err());
    }

    #[test]
    fn each_parameter_is_known_and_there_once() {
        let read = |query: &str| {
            let mut taken = Vec::new();
            read(query, &["a", "b"], |name, value| {
                taken.push(format!("{name}={value}"));
                if value == "wrong" { Err(FieldError::parameter(name, "is wrong")) } else { Ok(()) }
            })
            .map(|()| taken.join(" "))
        };
        assert_eq!(read("").unwrap(), "");
        assert_eq!(read("b=x%20y&a=&").unwrap(), "b=x y");
        for (query, wrong) in [
            ("c=1", vec![("c", "\"c\" is unknown; allowed are a, b")]),
            ("a=1&a=", vec![("a", "is given twice")]),
            ("a=wrong&c=", vec![("a", "is wrong"), ("c", "\"c\" is unknown; allowed are a, b")]),
        ] {
            let errors = read(query).unwrap_err();
            let told: Vec<_> =
                errors.iter().map(|error| (error.parameter.as_deref().unwrap(), error.detail.as_str())).collect();
            assert_eq!(told, wrong, "{query}");
        }
    }
}
