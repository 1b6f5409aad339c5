//! Pages of orders: whatever is asked for, and whatever others have, a page looks at [`limits::PAGE_READ`] rows at most.
//!
//! Three things would undo that. A plan: left to itself the planner would rather walk the primary key, through everybody's
//! orders, or read all that match and sort them; so each walk asks for its rows by range, in the order of the one index that
//! has it, and on these connections neither sorts nor bitmaps come cheap ([`Purpose::Reads`]). A filter that few rows pass: rows are
//! counted as they are looked at, and a page that has looked at enough ends there. An order that moves meanwhile: what is
//! shown is read again by key, and judged again.
//!
//! A client's walks begin and end with its own rows, so that nothing about them, their time included, tells of others.

mod newest;

use std::collections::HashMap;
use std::time::SystemTime;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::columns;
#[cfg(doc)]
use super::planner::Purpose;
use super::read_error;
use super::rows::{self, ORDER_COLUMNS, ORDER_TABLES};
use super::session::Trust;
use crate::limits;
use crate::ports::{Listing, Page, Place, StoreError, Walk};
use crate::saga::Code;

/// An order's part of a page's bytes: what it is made of. Nothing is read for it that lies apart.
const BYTES: &str = "(octet_length(o.lines) + octet_length(o.details) + coalesce(octet_length(o.answer), 0))::bigint";

/// The clients that have orders, one probe each.
const CLIENTS: &str = "
WITH RECURSIVE clients AS (
    (SELECT o.client FROM orders o WHERE o.client > $1 ORDER BY o.client LIMIT 1)
    UNION ALL
    SELECT (SELECT o.client FROM orders o WHERE o.client > c.client ORDER BY o.client LIMIT 1)
    FROM clients c
    WHERE c.client IS NOT NULL
)
SELECT client FROM clients WHERE client IS NOT NULL LIMIT $2";

/// What a page has found so far.
struct Found {
    order_ids: Vec<String>,
    bytes: i64,
    /// How many rows it may look at yet.
    left: i64,
    next: Option<Place>,
}

impl Found {
    /// Whether one of so many bytes has no room on the page any more.
    fn is_full(&self, limit: usize, bytes: i64) -> bool {
        self.order_ids.len() >= limit || self.bytes + bytes > limits::PAGE_BYTES && !self.order_ids.is_empty()
    }
}

/// What an order must be to be shown, in SQL: of its row alone, as [`Listing::wants`] is of the order.
struct Filter {
    client: Option<String>,
    state: Option<&'static str>,
    customer_id: Option<String>,
    attention: bool,
    /// How the failure begins as it is stored, and whether it is a step's, which is stored as another kind's.
    failure: Option<(String, bool)>,
    from: Option<SystemTime>,
    to: Option<SystemTime>,
}

/// How the failure of a step of one's own ends, and no other. (A quote within a text is written with a backslash.)
const OF_A_STEP: &str = r#"o.failure ~ '"step":"[a-z0-9-]+"\}$'"#;

impl Filter {
    fn of(listing: &Listing) -> Self {
        let failure = listing.failure.map(|code| {
            let is_step = code == Code::StepRefused;
            let stored = if is_step { Code::OrderCancelled } else { code };
            (format!(r#"{{"code":"{}""#, stored.as_str()), is_step)
        });
        Self {
            client: listing.client.as_ref().map(|client| client.as_str().to_owned()),
            state: listing.state.map(|state| state.as_str()),
            customer_id: listing.customer_id.clone(),
            attention: listing.attention,
            failure,
            from: listing.from.map(columns::stamp),
            to: listing.to.map(columns::stamp),
        }
    }

    /// An expression over `o`, a row of `orders`, whose parameters come behind those that there are.
    fn sql<'a>(&'a self, parameters: &mut Vec<&'a (dyn ToSql + Sync)>) -> String {
        let mut sql = "true".to_owned();
        let mut and = |text: &str, parameter: &'a (dyn ToSql + Sync)| {
            parameters.push(parameter);
            sql.push_str(&format!(" AND {text}").replace('$', &format!("${}", parameters.len())));
        };
        if let Some(client) = &self.client {
            and("o.client = $", client);
        }
        if let Some(state) = &self.state {
            and("o.state = $", state);
        }
        if let Some(customer_id) = &self.customer_id {
            and("o.customer_id = $", customer_id);
        }
        if let Some((begins, _)) = &self.failure {
            and("starts_with(o.failure, $)", begins);
        }
        if let Some(from) = &self.from {
            and("o.created_at >= $", from);
        }
        if let Some(to) = &self.to {
            and("o.created_at < $", to);
        }
        match &self.failure {
            Some((_, true)) => sql.push_str(&format!(" AND {OF_A_STEP}")),
            Some((begins, false)) if begins.contains(Code::OrderCancelled.as_str()) => {
                sql.push_str(&format!(" AND NOT {OF_A_STEP}"));
            }
            Some(_) | None => {}
        }
        if self.attention {
            sql.push_str(" AND o.attention IS NOT NULL");
        }
        format!("({sql}) IS TRUE")
    }
}

/// A page of orders. A statement that is given up is for later. An order that is missing from the page is not there, so
/// that its server vouches for it.
pub(super) async fn list(client: &ClientWrapper, trust: &Trust, listing: &Listing) -> Result<Page, StoreError> {
    let mut found = Found { order_ids: Vec::new(), bytes: 0, left: limits::PAGE_READ, next: None };
    match (listing.walk(), &listing.client) {
        (Walk::Newest, _) => newest::walk(client, listing, &mut found).await?,
        (Walk::Customer, None) => of_everybody(client, listing, &mut found).await?,
        (_, owner) => walk(client, listing, owner.as_ref().map(|owner| owner.as_str()), &mut found).await?,
    }
    let orders = format!(
        "SELECT l.* FROM (SELECT unnest($1::text[]) AS order_id) page
         CROSS JOIN LATERAL (SELECT {ORDER_COLUMNS} FROM {ORDER_TABLES} WHERE o.order_id = page.order_id OFFSET 0) l"
    );
    let orders = client.prepare_cached(&orders).await.map_err(|error| read_error(&error))?;
    let vouch = client.prepare_cached(&trust.vouched("true")).await.map_err(|error| read_error(&error))?;
    let (orders, voucher) =
        futures_util::future::join(client.query(&orders, &[&found.order_ids]), client.query_one(&vouch, &[])).await;
    trust.believe(&voucher.map_err(|error| read_error(&error))?, 1)?;
    let mut by_id = HashMap::new();
    for row in orders.map_err(|error| given_up(&error))? {
        let order = rows::order(&row)?.order;
        by_id.insert(order.id.as_str().to_owned(), order);
    }
    let orders = found.order_ids.iter().filter_map(|id| by_id.remove(id)).filter(|order| listing.wants(order));
    Ok(Page { orders: orders.collect(), next: found.next })
}

/// A customer's orders of all clients: client by client, since that is how they are kept.
async fn of_everybody(client: &ClientWrapper, listing: &Listing, found: &mut Found) -> Result<(), StoreError> {
    let begun = listing.after.as_ref().filter(|after| after.order_id.is_some()).and_then(|after| after.within.clone());
    let from = listing.after.as_ref().and_then(|after| after.within.as_deref()).unwrap_or_default();
    let sql = client.prepare_cached(CLIENTS).await.map_err(|error| read_error(&error))?;
    let rows = client.query(&sql, &[&from, &limits::PAGE_CLIENTS]).await.map_err(|error| given_up(&error))?;
    let others: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let more = i64::try_from(others.len()).is_ok_and(|found| found == limits::PAGE_CLIENTS);
    let mut listing = listing.clone();
    for owner in begun.into_iter().chain(others) {
        walk(client, &listing, Some(&owner), found).await?;
        listing.after = None;
        if found.next.is_some() {
            return Ok(());
        }
        // What was found so far ends the page where it is full, and the next one begins behind this client.
        let behind = Place { within: Some(owner), order_id: None };
        if found.left <= 0 || i64::try_from(found.order_ids.len()).is_ok_and(|found| found >= listing.limit) {
            found.next = Some(behind);
            return Ok(());
        }
        listing.after = Some(behind);
    }
    found.next = listing.after.filter(|_| more);
    Ok(())
}

/// Goes on along a walk, through one client's orders or everybody's, until the page is full, enough rows were looked at, or
/// there are no more.
async fn walk(
    client: &ClientWrapper,
    listing: &Listing,
    owner: Option<&str>,
    found: &mut Found,
) -> Result<(), StoreError> {
    let after = listing.after.clone().unwrap_or_default();
    // A client goes through its own orders, whatever its cursor says.
    let from = owner.map(str::to_owned).or(after.within.clone()).unwrap_or_default();
    let (within, behind) = (after.within.unwrap_or_default(), after.order_id.unwrap_or_default());
    let customer = listing.customer_id.as_deref().unwrap_or_default();
    // What the walk's own range says need not be said again.
    let filter = Filter { client: None, attention: false, ..Filter::of(listing) };
    let mut parameters: Vec<&(dyn ToSql + Sync)> = Vec::new();
    let mut take = |value| {
        parameters.push(value);
        format!("${}", parameters.len())
    };
    let (tables, keys, mut range) = match listing.walk() {
        Walk::Orders => ("orders o", "o.order_id", format!("o.order_id > {}", take(&behind))),
        Walk::InFlight => (
            "order_work w CROSS JOIN LATERAL (SELECT * FROM orders WHERE order_id = w.order_id OFFSET 0) o",
            "w.order_id",
            format!("w.order_id > {}", take(&behind)),
        ),
        Walk::Own => {
            let (from, within, behind) = (take(&from), take(&within), take(&behind));
            let keys = "o.client, o.customer_id, o.order_id";
            ("orders o", keys, format!("({keys}) > ({from}, {within}, {behind}) AND o.client <= {from}"))
        }
        Walk::Customer => {
            let (from, customer, behind) = (take(&from), take(&customer), take(&behind));
            let keys = "o.client, o.customer_id, o.order_id";
            let end = format!("(o.client, o.customer_id) <= ({from}, {customer})");
            ("orders o", keys, format!("({keys}) > ({from}, {customer}, {behind}) AND {end}"))
        }
        Walk::Failed | Walk::Waiting | Walk::Newest => {
            let kind = if listing.walk() == Walk::Failed { "failure" } else { "attention" };
            let (begin, behind) = (take(&from), take(&behind));
            let end = if owner.is_some() { format!(" AND o.client <= {begin}") } else { String::new() };
            let range = format!("o.{kind} IS NOT NULL AND (o.client, o.order_id) > ({begin}, {behind}){end}");
            ("orders o", "o.client, o.order_id", range)
        }
    };
    range.push_str(&format!(" ORDER BY {keys} LIMIT {}", take(&found.left)));
    let wants = listing.limit + 1 - i64::try_from(found.order_ids.len()).unwrap_or(0);
    let wants = take(&wants);
    let wanted = filter.sql(&mut parameters);
    let sql = format!(
        "SELECT * FROM (
            SELECT s.*, row_number() OVER () AS nth, lead(s.order_id) OVER () IS NULL AS is_last FROM (
                SELECT o.client, o.customer_id, o.order_id, {wanted} AS wanted, {BYTES} AS bytes
                FROM {tables} WHERE {range}
            ) s
         ) t WHERE t.wanted OR t.is_last LIMIT {wants}"
    );
    let statement = client.prepare_cached(&sql).await.map_err(|error| read_error(&error))?;
    let rows = client.query(&statement, &parameters).await.map_err(|error| given_up(&error))?;
    take_rows(listing, &rows, found);
    Ok(())
}

fn take_rows(listing: &Listing, rows: &[Row], found: &mut Found) {
    let limit = usize::try_from(listing.limit).unwrap_or_default();
    let (may_look_at, mut last) = (found.left, None);
    for row in rows {
        let (wanted, bytes, nth): (bool, i64, i64) = (row.get("wanted"), row.get("bytes"), row.get("nth"));
        if wanted && found.is_full(limit, bytes) {
            // It is the first of the next page, which begins behind the one before it.
            found.next = last.or_else(|| listing.after.clone());
            return;
        }
        let place = listing.place_of(row.get("client"), row.get("customer_id"), row.get("order_id"));
        if wanted {
            found.bytes += bytes;
            found.order_ids.push(row.get("order_id"));
        }
        found.left = may_look_at - nth;
        last = Some(place);
    }
    found.next = last.filter(|_| found.left <= 0);
}

/// A statement that took too long is for later.
pub(super) fn given_up(error: &tokio_postgres::Error) -> StoreError {
    match error.code() {
        Some(&SqlState::QUERY_CANCELED) => StoreError::Unavailable("the listing took too long".into()),
        _ => read_error(error),
    }
}
