//! Stock, read and changed by hand. Each change is one transaction with its journal entry, so that
//! `on_hand = sum(journal) - shipped` can be audited; an adjustment also with its key and its answer.

use deadpool_postgres::{ClientWrapper, Transaction};
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use super::listing::given_up;
use super::session::{self, Trust};
use super::{columns, read_error, rows};
use crate::limits;
use crate::ports::{KeyScope, StockChange, StockChanged, StockEntry, StockListing, StockPage, StoreError};
use crate::saga::stock::{ADJUSTED, changed, out_of_range};
use crate::saga::{Answer, Client, Fingerprint, Sku, StockLevel, Timestamp};

fn level(sku: &Sku, row: &Row) -> StockLevel {
    let (on_hand, reserved): (i64, i64) = (row.get("on_hand"), row.get("reserved"));
    StockLevel { sku: sku.clone(), on_hand, reserved, available: on_hand - reserved }
}

const STOCK: &str = "SELECT on_hand, reserved FROM inventory WHERE sku = $1";
const ANY_STOCK: &str = "SELECT FROM inventory WHERE sku = $1";

/// What is asked of an order's goods, by name.
pub(super) fn listed() -> Vec<(&'static str, String)> {
    vec![("stock", STOCK.into()), ("no_stock", format!("SELECT EXISTS ({ANY_STOCK})"))]
}

/// SKUs behind this one, by name.
pub(super) async fn skus(client: &ClientWrapper, after: Option<&Sku>) -> Result<Vec<Sku>, StoreError> {
    let sql = "SELECT sku FROM inventory WHERE sku > $1 ORDER BY sku LIMIT $2";
    let statement = client.prepare_cached(sql).await.map_err(|error| read_error(&error))?;
    let after = after.map_or("", Sku::as_str);
    let rows = client.query(&statement, &[&after, &limits::SKUS_PAGE]).await.map_err(|error| read_error(&error))?;
    Ok(rows.iter().map(|row| Sku::trusted(row.get::<_, &str>(0))).collect())
}

/// The stock of a SKU. That inventory does not know it is said only where the server vouches for it in the same statement.
pub(super) async fn stock(client: &ClientWrapper, trust: &Trust, sku: &Sku) -> Result<Option<StockLevel>, StoreError> {
    let statement = client.prepare_cached(STOCK).await.map_err(|error| read_error(&error))?;
    loop {
        let row = client.query_opt(&statement, &[&sku.as_str()]).await.map_err(|error| read_error(&error))?;
        if let Some(row) = row {
            return Ok(Some(level(sku, &row)));
        }
        // Else it has appeared meanwhile, and stays: a SKU is never deleted.
        if session::is_absent(client, trust, ANY_STOCK, &[&sku.as_str()]).await? {
            return Ok(None);
        }
    }
}

/// A page of stock, along the names: [`limits::PAGE_READ`] rows are looked at, at most. A SKU that is missing from the page is not
/// there, so that its server vouches for it.
pub(super) async fn page(
    client: &ClientWrapper,
    trust: &Trust,
    listing: &StockListing,
) -> Result<StockPage, StoreError> {
    let sql = "
        SELECT sku, on_hand, reserved, nth FROM (
            SELECT s.*, row_number() OVER () AS nth FROM (
                SELECT sku, on_hand, reserved FROM inventory
                WHERE sku > $1 AND sku >= $2 AND sku <= $2 || chr(1114111) ORDER BY sku LIMIT $3
            ) s
        ) t
        WHERE $4::bigint IS NULL OR on_hand - reserved < $4 OR nth = $3
        LIMIT $5";
    let statement = client.prepare_cached(sql).await.map_err(|error| read_error(&error))?;
    let after = listing.after.as_ref().map_or("", Sku::as_str);
    let more = listing.limit + 1;
    let rows = client
        .query(&statement, &[&after, &listing.prefix, &limits::PAGE_READ, &listing.below, &more])
        .await
        .map_err(|error| given_up(&error))?;
    trust.vouch(&**client).await?;
    let (mut page, limit) = (StockPage::default(), usize::try_from(listing.limit).unwrap_or_default());
    for row in &rows {
        let level = level(&Sku::trusted(row.get::<_, &str>("sku")), row);
        if page.levels.len() >= limit {
            page.next = page.levels.last().map(|last| last.sku.clone());
            return Ok(page);
        }
        // Where as many were looked at as may be, the next page begins behind the last, whether it matched or not.
        page.next = (row.get::<_, i64>("nth") == limits::PAGE_READ).then(|| level.sku.clone());
        if listing.below.is_none_or(|below| level.available < below) {
            page.levels.push(level);
        }
    }
    Ok(page)
}

/// The latest entries of a SKU's journal before one of them.
pub(super) async fn journal(
    client: &ClientWrapper,
    sku: &Sku,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<StockEntry>, StoreError> {
    let sql = "
        SELECT entry_id, at, delta, reason, client, order_id FROM inventory_journal
        WHERE sku = $1 AND (at, entry_id) < ($2, $3)
        ORDER BY at DESC, entry_id DESC LIMIT $4";
    let statement = client.prepare_cached(sql).await.map_err(|error| read_error(&error))?;
    let (at, entry_id) = columns::before(before);
    let rows =
        client.query(&statement, &[&sku.as_str(), &at, &entry_id, &limit]).await.map_err(|error| given_up(&error))?;
    let entry = |row: &Row| StockEntry {
        entry_id: row.get("entry_id"),
        at: rows::timestamp(row.get("at")),
        delta: row.get("delta"),
        reason: row.get("reason"),
        by: Client::trusted(row.get::<_, &str>("client")),
        order_id: row.get("order_id"),
    };
    Ok(rows.iter().map(entry).collect())
}

/// One transaction: key, journal, stock, answer; or nothing.
pub(super) async fn change(
    client: &mut ClientWrapper,
    trust: &Trust,
    sku: &Sku,
    change: &StockChange,
    by: &Client,
) -> Result<StockChanged, StoreError> {
    let transaction = session::begin(client).await.map_err(|error| read_error(&error))?;
    let outcome = match change {
        StockChange::Set(on_hand) => set(&transaction, sku, *on_hand, by).await,
        StockChange::Adjust { delta, reason, key, fingerprint } => match claim(&transaction, key, fingerprint).await {
            Ok(None) => adjust(&transaction, sku, *delta, reason, by, key).await,
            Ok(Some(known)) => Ok(known),
            Err(error) => Err(error),
        },
    }
    .map_err(|error| read_error(&error))?;
    let refused = match (&outcome, change) {
        // A SKU that is created later must not meet an old refusal under the same key.
        (StockChanged::UnknownSku, _) => true,
        // The SKU that it would have created.
        (StockChanged::OutOfRange(_), StockChange::Set(_)) => true,
        (StockChanged::OutOfRange(_), StockChange::Adjust { .. }) => false, // its answer is kept under its key
        (StockChanged::Done { .. } | StockChanged::Replayed(_) | StockChanged::KeyReused, _) => false,
    };
    if outcome == StockChanged::UnknownSku {
        trust.vouch(&*transaction).await?;
    }
    if refused {
        transaction.rollback().await.map_err(|error| read_error(&error))?;
    } else {
        transaction.commit().await.map_err(|error| read_error(&error))?;
    }
    Ok(outcome)
}

/// Creates the SKU, or sets what is on hand and journals the difference; the row lock makes the difference true.
async fn set(transaction: &Transaction<'_>, sku: &Sku, on_hand: i64, by: &Client) -> Result<StockChanged, Error> {
    let created = transaction
        .execute("INSERT INTO inventory (sku, on_hand) VALUES ($1, 0) ON CONFLICT (sku) DO NOTHING", &[&sku.as_str()])
        .await?
        == 1;
    let Some(before) = lock(transaction, sku).await? else {
        return Ok(StockChanged::UnknownSku);
    };
    if on_hand < before.reserved || on_hand > limits::ON_HAND {
        return Ok(StockChanged::OutOfRange(before));
    }
    let delta = on_hand - before.on_hand;
    if delta != 0 || created {
        apply(transaction, sku, delta, if created { "created" } else { "set" }, by).await?;
    }
    let level = StockLevel { on_hand, available: on_hand - before.reserved, ..before };
    Ok(StockChanged::Done { level, created })
}

async fn adjust(
    transaction: &Transaction<'_>,
    sku: &Sku,
    delta: i64,
    reason: &str,
    by: &Client,
    key: &KeyScope,
) -> Result<StockChanged, Error> {
    let Some(before) = lock(transaction, sku).await? else {
        return Ok(StockChanged::UnknownSku);
    };
    let on_hand = before.on_hand.saturating_add(delta);
    let (answer, outcome) = if on_hand < before.reserved || on_hand > limits::ON_HAND {
        (out_of_range(&before, limits::ON_HAND), StockChanged::OutOfRange(before))
    } else {
        apply(transaction, sku, delta, reason, by).await?;
        let level = StockLevel { on_hand, available: on_hand - before.reserved, ..before };
        (changed(&level, ADJUSTED), StockChanged::Done { level, created: false })
    };
    keep(transaction, key, &answer).await?;
    Ok(outcome)
}

async fn lock(transaction: &Transaction<'_>, sku: &Sku) -> Result<Option<StockLevel>, Error> {
    let sql = "SELECT on_hand, reserved FROM inventory WHERE sku = $1 FOR UPDATE";
    Ok(transaction.query_opt(sql, &[&sku.as_str()]).await?.map(|row| level(sku, &row)))
}

async fn apply(transaction: &Transaction<'_>, sku: &Sku, delta: i64, reason: &str, by: &Client) -> Result<(), Error> {
    transaction.execute("UPDATE inventory SET on_hand = on_hand + $2 WHERE sku = $1", &[&sku.as_str(), &delta]).await?;
    transaction
        .execute(
            "INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ($1, $2, $3, $4)",
            &[&sku.as_str(), &delta, &reason, &by.as_str()],
        )
        .await?;
    Ok(())
}

/// Claims a key; where it is known, what it stands for. A concurrent claim of the same key waits here for the first.
async fn claim(
    transaction: &Transaction<'_>,
    key: &KeyScope,
    fingerprint: &Fingerprint,
) -> Result<Option<StockChanged>, Error> {
    let (client, route, name) = (key.client.as_str(), &*key.route, key.key.as_str());
    let claimed = transaction
        .execute(
            "INSERT INTO idempotency_keys (client, route, key, commit_id, fingerprint) VALUES ($1, $2, $3, 0, $4)
             ON CONFLICT (client, route, key) DO NOTHING",
            &[&client, &route, &name, &fingerprint.0.as_slice()],
        )
        .await?;
    if claimed == 1 {
        return Ok(None);
    }
    let row = transaction
        .query_one(
            "SELECT fingerprint, answer_status, answer FROM idempotency_keys
             WHERE client = $1 AND route = $2 AND key = $3",
            &[&client, &route, &name],
        )
        .await?;
    let answer = match (row.get::<_, Option<i16>>(1), row.get::<_, Option<String>>(2)) {
        (Some(status), Some(body)) => u16::try_from(status).ok().map(|status| Answer { status, body }),
        _ => None,
    };
    Ok(Some(match (rows::fingerprint(row.get(0)), answer) {
        (Some(stored), Some(answer)) if stored == *fingerprint => StockChanged::Replayed(answer),
        _ => StockChanged::KeyReused,
    }))
}

/// Stores the answer with its key, in the transaction that decided it.
async fn keep(transaction: &Transaction<'_>, key: &KeyScope, answer: &Answer) -> Result<(), Error> {
    let status = i16::try_from(answer.status).unwrap_or(500);
    transaction
        .execute(
            "UPDATE idempotency_keys SET answer_status = $4, answer = $5
             WHERE client = $1 AND route = $2 AND key = $3",
            &[&key.client.as_str(), &&*key.route, &key.key.as_str(), &status, &answer.body],
        )
        .await?;
    Ok(())
}
