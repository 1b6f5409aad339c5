//! A schema that is older than this program: what later migrations bring is stood in for, as they would bring it, so
//! that the engine's own statements can be put to it. A table that is not there is an empty one, and a column that is
//! not there holds what its migration gives the rows that it finds.

use tokio_postgres::GenericClient;

/// A table of which the engine's reading of orders needs what not every schema has: those columns, with what stands in
/// for each.
struct Table {
    name: &'static str,
    columns: &'static [(&'static str, &'static str)],
}

/// By their order in a statement: a stand-in may name the table itself, which is not hidden by one of the same name
/// before it.
const TABLES: &[Table] = &[
    Table { name: "orders", columns: &[("reservation_reference", "NULL::text")] },
    Table { name: "payments", columns: &[("capture_reference", "NULL::text")] },
    Table {
        name: "refunds",
        columns: &[
            ("order_id", "NULL::text"),
            ("client", "NULL::text"),
            ("key", "NULL::text"),
            ("position", "NULL::integer"),
            ("amount", "NULL::bigint"),
            ("status", "NULL::text"),
            ("reason", "NULL::text"),
            ("restock", "NULL::text"),
        ],
    },
    Table {
        name: "order_work",
        columns: &[
            ("order_id", "NULL::text"),
            ("version", "NULL::integer"),
            ("wake_at", "NULL::timestamptz"),
            ("look_first", "false"),
        ],
    },
    Table { name: "deployment", columns: &[("cloned_at", "NULL::timestamptz")] },
    Table { name: "pruned_orders", columns: &[("order_id", "NULL::text"), ("pruned_to", "NULL::integer")] },
    Table { name: "saga_definitions", columns: &[("definition_id", "NULL::integer"), ("content", "NULL::text")] },
    Table {
        name: "order_steps",
        columns: &[("order_id", "NULL::text"), ("definition_id", "NULL::integer"), ("steps", "NULL::text")],
    },
];

/// What is there of [`TABLES`].
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// What a statement on them begins with; nothing where all of it is there.
    pub with: String,
    /// Whether it is written down what is left to be done about an order.
    pub has_work: bool,
}

const THERE: &str = "
SELECT t.name, to_regclass(t.name) IS NOT NULL, ARRAY(
    SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = to_regclass(t.name) AND a.attnum > 0 AND NOT a.attisdropped
) FROM unnest($1::text[]) t (name)";

impl Shape {
    /// Asks what is there.
    pub async fn read(client: &impl GenericClient) -> Result<Self, tokio_postgres::Error> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        let mut there = Vec::new();
        for row in client.query(THERE, &[&names]).await? {
            let (name, is_there, columns): (String, bool, Vec<String>) = (row.get(0), row.get(1), row.get(2));
            there.extend(is_there.then_some((name, columns)));
        }
        Ok(Self::of(&there))
    }

    fn of(there: &[(String, Vec<String>)]) -> Self {
        let mut stand_ins = Vec::new();
        for Table { name, columns } in TABLES {
            let found = there.iter().find(|(found, _)| found == name).map(|(_, columns)| columns);
            let missing = columns
                .iter()
                .filter(|(column, _)| found.is_none_or(|found| !found.iter().any(|found| found == column)));
            let stand_in: Vec<_> = missing.map(|(column, value)| format!("{value} AS {column}")).collect();
            if stand_in.is_empty() {
                continue;
            }
            stand_ins.push(match found {
                Some(_) => format!("{name} AS NOT MATERIALIZED (SELECT t.*, {} FROM {name} t)", stand_in.join(", ")),
                None => format!("{name} AS NOT MATERIALIZED (SELECT {} WHERE false)", stand_in.join(", ")),
            });
        }
        let with = if stand_ins.is_empty() { String::new() } else { format!("WITH {} ", stand_ins.join(", ")) };
        Self { with, has_work: there.iter().any(|(name, _)| name == "order_work") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_all_there_is_asked_as_it_is() {
        let all = |table: &Table| {
            (table.name.to_owned(), table.columns.iter().map(|(column, _)| (*column).to_owned()).collect())
        };
        let whole = Shape::of(&TABLES.iter().map(all).collect::<Vec<_>>());
        assert_eq!((whole.with.as_str(), whole.has_work), ("", true));
    }

    #[test]
    fn what_is_not_there_is_stood_in_for() {
        let mut there: Vec<_> = TABLES.iter().map(|table| (table.name.to_owned(), Vec::new())).collect();
        for (name, columns) in &mut there {
            let table = TABLES.iter().find(|table| table.name == name).expect("the table");
            columns.extend(table.columns.iter().map(|(column, _)| (*column).to_owned()));
        }
        there.retain(|(name, _)| name != "pruned_orders");
        there[0].1.clear();
        assert_eq!(
            Shape::of(&there).with,
            "WITH orders AS NOT MATERIALIZED (SELECT t.*, NULL::text AS reservation_reference FROM orders t), \
             pruned_orders AS NOT MATERIALIZED (SELECT NULL::text AS order_id, NULL::integer AS pruned_to WHERE false) "
        );
    }
}
