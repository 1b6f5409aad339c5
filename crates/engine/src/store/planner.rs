//! How sessions plan: which settings of the server's planner are set on a connection, by what it is for.
//!
//! What is asked on these connections is read by key or along an index, whatever the planner knows of the tables: on a young
//! database, which was never analysed, it takes them for a few pages and reads them whole, and so for each order more than the
//! last. The defaults ([`limits::PLANNER_SETTINGS`]) see to that on a PostgreSQL; who has something else there (a PostgreSQL of several
//! nodes, which plans a statement by the values that it is asked for) sets `[database.planner]`.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use super::connection::ConnectError;
use super::session::literal;
use crate::limits;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Every connection, whatever else it is for.
    Every,
    /// Those that write orders.
    Commit,
    /// Those of the pools: reads, listings, what is due.
    Reads,
    /// Those that read the feed, or prune it.
    Feed,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Every, Self::Commit, Self::Reads, Self::Feed];

    /// Its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Commit => "commit",
            Self::Reads => "reads",
            Self::Feed => "feed",
        }
    }
}

/// What is set, by purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planner([BTreeMap<String, String>; 4]);

impl Default for Planner {
    /// As they are without a configuration: [`limits::PLANNER_SETTINGS`].
    fn default() -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(Purpose::ALL.map(|purpose| {
            let (_, settings) = limits::PLANNER_SETTINGS[purpose as usize];
            settings.iter().map(owned).collect()
        }))
    }
}

impl Planner {
    /// Sets what connections of a purpose have instead of what they had, by name.
    #[must_use]
    pub fn with(mut self, purpose: Purpose, settings: impl IntoIterator<Item = (String, String)>) -> Self {
        self.0[purpose as usize] = settings.into_iter().collect();
        self
    }

    /// What connections of a purpose have.
    pub(super) fn of(&self, purpose: Purpose) -> impl Iterator<Item = (&str, &str)> {
        self.0[purpose as usize].iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The statements that set it.
    pub(super) fn sql(&self, purpose: Purpose) -> String {
        let set = self.of(purpose).map(|(name, value)| format!("SET {name} = {}", literal(value)));
        set.collect::<Vec<_>>().join("; ")
    }

    /// Asks a server whether it takes those of some purposes: one that it does not know, or a value that it refuses, would
    /// keep every connection of its kind from being made, and whoever configured it from knowing why. Nothing is set by it.
    pub(super) async fn check(&self, purposes: &[Purpose], client: &Client) -> Result<(), ConnectError> {
        for purpose in purposes {
            for (name, value) in self.of(*purpose) {
                let asked = client.query_one("SELECT set_config($1, $2, true)", &[&name, &value]).await;
                if let Err(error) = asked {
                    // Without an answer of the server it is the connection that failed.
                    return Err(match error.code() {
                        Some(_) => ConnectError::Planner {
                            key: format!("database.planner.{}.{name}", purpose.as_str()),
                            value: value.to_owned(),
                            cause: error,
                        },
                        None => ConnectError::Ask(error),
                    });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_its_own() {
        for (purpose, (name, _)) in Purpose::ALL.iter().zip(limits::PLANNER_SETTINGS) {
            assert_eq!(purpose.as_str(), name);
        }
        let planner = Planner::default().with(Purpose::Commit, [("plan_cache_mode".to_owned(), "it's".to_owned())]);
        assert_eq!(planner.sql(Purpose::Commit), "SET plan_cache_mode = E'it''s'");
        assert_eq!(planner.sql(Purpose::Every), "SET enable_seqscan = E'off'; SET jit = E'off'");
    }
}
