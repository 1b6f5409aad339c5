//! Has the table `outbox` be written as a configuration says.

use std::net::SocketAddr;

use super::ServiceError;
use crate::config::Config;
use crate::store::PgStore;
use crate::store::outbox_table::Table;

/// Turns the table on or off where the configuration says which. The database is what remembers it: an engine whose
/// configuration is silent leaves it as it is, so that no engine ends by its default what another one began.
pub(super) async fn settle(config: &Config, store: &PgStore, listen: SocketAddr) -> Result<(), ServiceError> {
    let unable = |error| ServiceError::caused("outbox.table: whether events are written to it", &error);
    let Some(wanted) = config.outbox.table else {
        let table = store.table().await.map_err(unable)?;
        if table == Table::Off {
            return Ok(());
        }
        // A copy goes on as what it was copied from did, until somebody says what it is: orders are not kept from their
        // commits for it, but whoever follows its log is to know.
        if let Err(why) = store.may_publish(config.deployment.name()) {
            tracing::error!(
                table = table.as_str(),
                %why,
                "events are written to the table outbox in another deployment's name; outbox.table = false ends that"
            );
        } else {
            tracing::info!(
                table = table.as_str(),
                "events are written to the table outbox, as was said before; outbox.table = false ends that"
            );
        }
        return Ok(());
    };
    let wanted = match (wanted, config.outbox.table_personal_data) {
        (false, _) => Table::Off,
        (true, false) => Table::On,
        (true, true) => Table::PersonalData,
    };
    if wanted != Table::Off {
        // A copy's events would bear the other's name.
        let judged = store.may_publish(config.deployment.name());
        judged
            .map_err(|error| ServiceError::caused("outbox.table: nothing is published from this database", &error))?;
    }
    let reason = format!("outbox.table and outbox.table_personal_data of the engine at {listen}");
    let before = store.turn_table(wanted, &reason).await.map_err(unable)?;
    if before != wanted {
        let (before, now) = (before.as_str(), wanted.as_str());
        tracing::warn!(before, now, "whether events are written to the table outbox was changed, for all engines");
    } else if wanted != Table::Off {
        tracing::info!(table = wanted.as_str(), "events are written to the table outbox");
    }
    Ok(())
}
