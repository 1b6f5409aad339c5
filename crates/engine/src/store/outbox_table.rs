//! The table `outbox`, for whoever reads the log of the database. What writes it is a trigger of the database (migration
//! 0014): here is whether that is there, and what takes old rows away.

use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::columns::millis;
use super::{PgStore, read_error};
use crate::limits;
use crate::ports::StoreError;

/// Whether events are written to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// No event is written to it.
    Off,
    /// Each is, by whichever program commits it.
    On,
    /// The same, with the address, the labels and the payment token.
    PersonalData,
}

impl Table {
    /// As the database calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::PersonalData => "personal_data",
        }
    }

    fn read(text: &str) -> Result<Self, StoreError> {
        let all = [Self::Off, Self::On, Self::PersonalData];
        let known = all.into_iter().find(|table| table.as_str() == text);
        known.ok_or_else(|| StoreError::Corrupt(format!("the table outbox is {text:?}")))
    }
}

/// Whether events are written to the table in this database.
pub async fn is(client: &Client) -> Result<Table, StoreError> {
    let row = client.query_one("SELECT counterfoil_outbox_is()", &[]).await.map_err(|error| read_error(&error))?;
    Table::read(row.get(0))
}

/// Turns it on or off, between two commits of whoever writes; what it was before. Who waits for a table has all others wait
/// behind it: so not for long, and then again. Every fourth time it is long enough for an automatic vacuum to give way.
async fn becomes(client: &Client, wanted: Table, reason: &str) -> Result<Table, StoreError> {
    let before = is(client).await?;
    if before == wanted {
        return Ok(before);
    }
    let mut tries = 1;
    loop {
        let patience = if tries % 4 == 0 { limits::TABLE_INSISTS } else { limits::TABLE_PATIENCE };
        let patience = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
        let sql = "SELECT counterfoil_outbox_becomes($1, $2, $3)";
        match client.query_one(sql, &[&wanted.as_str(), &reason, &patience]).await {
            Ok(row) => return Table::read(row.get(0)),
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) && tries < limits::MIGRATION_TRIES => {
                tracing::info!(tries, "order_events is in use: the table outbox is turned {} later", wanted.as_str());
                tokio::time::sleep(limits::MIGRATION_PAUSE).await;
                tries += 1;
            }
            Err(error) => return Err(read_error(&error)),
        }
    }
}

impl PgStore {
    /// Whether events are written to the table.
    pub async fn table(&self) -> Result<Table, StoreError> {
        let client = self.vital.lend().await?;
        let heard = is(&client).await;
        client.back(heard)
    }

    /// Has them written to the table from now on, or not, by all programs on this database; what it was before. The reason
    /// goes into a log where that changes anything.
    pub async fn turn_table(&self, wanted: Table, reason: &str) -> Result<Table, StoreError> {
        let client = self.vital.lend().await?;
        let heard = becomes(&client, wanted, reason).await;
        client.back(heard)
    }
}

/// The table from a place on, in the order in which it lies there, as a scan of places goes. What is newer ends nothing: a
/// place that was emptied is filled again.
const TRIM: &str = "
WITH gone AS (
    DELETE FROM outbox
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM outbox
        WHERE ctid > $1::text::tid AND time < to_char(
            (counterfoil_now() - $2::bigint * interval '1 millisecond') AT TIME ZONE 'UTC',
            'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
        LIMIT $3))
    RETURNING ctid
)
SELECT count(*), max(ctid)::text FROM gone";

/// Takes away what was decided longer ago than that, some rows at a time; how many. Whoever follows the log has had them, or
/// finds them there.
pub async fn trim(client: &mut Client, older_than: Duration) -> Result<u64, StoreError> {
    let (mut gone, mut place) = (0, "(0,0)".to_owned());
    loop {
        let part = async {
            let transaction = client.transaction().await?;
            transaction
                .batch_execute("SET LOCAL counterfoil.trims_outbox = 'on'; SET LOCAL enable_seqscan = off")
                .await?;
            let rows = limits::TABLE_TRIMS;
            let row = transaction.query_one(TRIM, &[&place, &millis(older_than), &rows]).await?;
            transaction.commit().await?;
            Ok::<_, tokio_postgres::Error>((row.get::<_, i64>(0), row.get::<_, Option<String>>(1)))
        };
        let (count, last) = part.await.map_err(|error| read_error(&error))?;
        gone += u64::try_from(count).unwrap_or(0);
        let Some(last) = last else { return Ok(gone) };
        place = last;
    }
}
