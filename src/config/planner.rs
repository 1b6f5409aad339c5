//! `[database.planner]`: what is set of the server's planner, by what a connection is for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::limits;

/// Settings of a kind of connection, by their names. What is configured is set beside the defaults, or in their place.
pub type Plans = BTreeMap<String, PlannerSetting>;

/// `[database.planner]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Planner {
    /// Of every connection.
    pub every: Plans,
    /// Of those that write orders.
    pub commit: Plans,
    /// Of those that read.
    pub reads: Plans,
    /// Of those that read the feed, or prune it.
    pub feed: Plans,
}

impl Default for Planner {
    fn default() -> Self {
        let plans = |settings: &[(&str, &str)]| -> Plans {
            settings.iter().map(|(name, value)| ((*name).to_owned(), PlannerSetting((*value).to_owned()))).collect()
        };
        let [(_, every), (_, commit), (_, reads), (_, feed)] = limits::PLANNER_SETTINGS;
        Self { every: plans(every), commit: plans(commit), reads: plans(reads), feed: plans(feed) }
    }
}

impl Planner {
    /// Each kind of connection by its key, with what is set there.
    pub fn kinds(&self) -> [(&'static str, &Plans); 4] {
        [("every", &self.every), ("commit", &self.commit), ("reads", &self.reads), ("feed", &self.feed)]
    }
}

/// A value, as the server is told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct PlannerSetting(pub String);

/// However it is written: the environment makes a number or a truth of what looks like one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

impl From<Written> for PlannerSetting {
    fn from(written: Written) -> Self {
        Self(match written {
            Written::Flag(true) => "on".into(),
            Written::Flag(false) => "off".into(),
            Written::Whole(number) => number.to_string(),
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        })
    }
}

/// Which settings are the planner's.
pub(super) const NAMES: &str =
    "plan_cache_mode, enable_*, *_cost, jit*, geqo*, *_collapse_limit, effective_cache_size or cursor_tuple_fraction";

/// What is wrong with a setting, beyond what the server will say.
pub(super) fn wrong(name: &str, value: &str) -> Option<String> {
    let is_word =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let of_the_planner = ["plan_cache_mode", "effective_cache_size", "cursor_tuple_fraction"].contains(&name)
        || ["enable_", "jit", "geqo"].iter().any(|begin| name.starts_with(begin))
        || ["_cost", "_collapse_limit"].iter().any(|end| name.ends_with(end));
    if !is_word(name) || !of_the_planner {
        return Some(format!("is no setting of the planner; they are {NAMES}"));
    }
    let fits = |allowed: bool, what: &str| (!allowed).then(|| format!("is {value:?}; it must be {what}"));
    if name == "plan_cache_mode" {
        let modes = ["auto", "force_generic_plan", "force_custom_plan"];
        return fits(modes.contains(&value), &modes.join(", "));
    }
    if name.starts_with("enable_") {
        return fits(matches!(value, "on" | "off"), "on or off");
    }
    if name.ends_with("_cost") {
        let cost = value.parse::<f64>().is_ok_and(|cost| cost.is_finite() && cost >= -1.0);
        return fits(cost, "a number of at least 0, or -1 where the server has that for never");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    fits(
        !value.is_empty() && value.len() <= 32 && value.bytes().all(plain),
        "1 to 32 letters, digits, '_', '.' and '-'",
    )
}
