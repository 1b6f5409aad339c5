//! What an error of the database is known by: its SQLSTATE, and the name of the thing that it is about, in whatever field that
//! comes.
//!
//! Never by its words. A server tells them in the language of `lc_messages`, and any version may tell them otherwise; codes and
//! the names that we gave are the same everywhere. A name has a field of its own (`constraint_name`), which whoever stands
//! between may drop (a node that passes on what another node said, a pooler that writes errors anew), and then it is in the
//! text: quoted as the language quotes, which is all the same to whoever looks for the name alone.
//!
//! One exception, and why: PgBouncer, up to 1.20, has one code (08P01) for all that it refuses at the start of a connection, and
//! words in one language, its own. Only there they are read ([`is_refused_by_pgbouncer`]).

use std::error::Error;

use tokio_postgres::error::{DbError, SqlState};

/// The constraint that has stock never oversold.
pub(super) const NOT_OVERSOLD: &str = "inventory_not_oversold";
/// The constraint that bounds the keys of an order.
pub(super) const KEYS_BOUNDED: &str = "order_keys_bounded";

/// An error's words with those of whatever caused it, for the log: the driver's own are "db error", whatever the server said.
pub(super) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let (mut text, mut source) = (error.to_string(), error.source());
    while let Some(cause) = source {
        let told = cause.to_string();
        // Some tell their cause themselves.
        if !text.ends_with(&told) {
            text.push_str(": ");
            text.push_str(&told);
        }
        source = cause.source();
    }
    text
}

/// Whether a row was refused by a CHECK of ours.
pub(super) fn breaks_check(error: &DbError, constraint: &str) -> bool {
    *error.code() == SqlState::CHECK_VIOLATION && names(error, constraint)
}

/// Whether an error is about what bears a name, which is asked in every field that may tell.
pub(super) fn names(error: &DbError, name: &str) -> bool {
    let of_its_own = [error.constraint(), error.table(), error.column(), error.datatype(), error.schema()];
    let texts = [Some(error.message()), error.detail(), error.hint(), error.where_()];
    of_its_own.contains(&Some(name)) || texts.into_iter().flatten().any(|text| holds(text, name))
}

/// Whether a text holds a name as a whole, and not as a part of another one.
fn holds(text: &str, name: &str) -> bool {
    let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
        !before.is_some_and(is_of_name) && !behind.is_some_and(is_of_name)
    })
}

/// Whether an index that is being made was made by somebody else meanwhile. Of two that begin in the same moment the later one
/// finds the name taken only as it writes the catalogue.
#[cfg_attr(not(feature = "migrate"), allow(dead_code, reason = "as `online.rs`"))]
pub(super) fn is_made_already(error: &DbError) -> bool {
    *error.code() == SqlState::DUPLICATE_TABLE
        || *error.code() == SqlState::UNIQUE_VIOLATION && names(error, "pg_class_relname_nsp_index")
}

/// Whether what a connection asked for at its start, by this name, is not let pass by PgBouncer: it names what it refuses.
pub(super) fn refuses_parameter(error: &DbError, name: &str) -> bool {
    *error.code() == SqlState::PROTOCOL_VIOLATION && names(error, name)
}

/// Whether PgBouncer refuses who we say that we are, or the database that we name, and will go on to.
pub(super) fn is_refused_by_pgbouncer(error: &DbError) -> bool {
    *error.code() == SqlState::PROTOCOL_VIOLATION
        && ["no such database", "no such user", "authentication failed"]
            .iter()
            .any(|told| error.message().contains(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_any_language() {
        for told in [
            "new row for relation \"inventory\" violates check constraint \"inventory_not_oversold\"",
            "neue Zeile für Relation »inventory« verletzt Check-Constraint »inventory_not_oversold«",
            "la nouvelle ligne de la relation « inventory » viole la contrainte de vérification « inventory_not_oversold »",
            "新しい行はリレーション\"inventory\"の検査制約\"inventory_not_oversold\"に違反しています",
            "inventory_not_oversold",
        ] {
            assert!(holds(told, NOT_OVERSOLD), "{told}");
        }
        for other in ["", "inventory_not_oversold_2", "my_inventory_not_oversold", "inventory_not_oversol"] {
            assert!(!holds(other, NOT_OVERSOLD), "{other}");
        }
        assert!(holds("inventory_not_oversold_2, then inventory_not_oversold", NOT_OVERSOLD));
    }

    #[test]
    fn the_cause_is_told_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("db error")]
        struct Driver(#[source] std::io::Error);
        #[derive(Debug, thiserror::Error)]
        #[error("no new connection: {0}")]
        struct Pool(#[source] Driver);
        let error = Pool(Driver(std::io::Error::other("too many clients already")));
        assert_eq!(with_causes(&error), "no new connection: db error: too many clients already");
    }
}
