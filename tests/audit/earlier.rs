//! What an earlier program stored is held against what it stored, and blamed for nothing that it never held.

use std::path::{Path, PathBuf};

use counterfoil::store::audit::audit;

use super::broken;
use crate::support::database::TestDatabase;

const STORED_BY_0_2_0: &str = include_str!("stored_by_0_2_0.sql");

/// The migrations of 0.2.0: those that come after find its rows.
const MIGRATIONS_OF_0_2_0: usize = 4;

/// The migration that promotes what was built before it.
const PAYMENTS_KEY: usize = 19;

/// What `migrate` builds before that one, and no other schema has.
pub const BEFORE_PAYMENTS_KEY: &str = "CREATE UNIQUE INDEX payments_pkey ON payments (order_id)";

/// The files of the migrations, in their order.
pub fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = std::fs::read_dir(folder).expect("the migrations").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "sql")).collect();
    files.sort();
    files
}

/// A database with the rows of 0.2.0, under the schema of this program.
pub async fn upgraded() -> TestDatabase {
    let schema = migrations().len();
    let database = under(schema).await;
    // As whoever applies them writes down.
    let client = database.client().await;
    client
        .execute("UPDATE deployment SET schema_version = $1", &[&(schema as i32)])
        .await
        .expect("the schema's number");
    database
}

/// A database with the rows of 0.2.0 after so many migrations, those that it had among them.
pub async fn under(schema: usize) -> TestDatabase {
    let files = migrations();
    let (before, after) = files[..schema].split_at(MIGRATIONS_OF_0_2_0.min(schema));
    let database = TestDatabase::blank().await;
    let client = database.client().await;
    let apply = |path: &Path| std::fs::read_to_string(path).expect("a migration");
    for path in before {
        client.batch_execute(&apply(path)).await.expect("a migration of 0.2.0");
    }
    client.batch_execute(STORED_BY_0_2_0).await.expect("the rows of 0.2.0");
    if schema >= PAYMENTS_KEY {
        client.batch_execute(BEFORE_PAYMENTS_KEY).await.expect("the index of a key");
    }
    for path in after {
        client.batch_execute(&apply(path)).await.expect("a later migration");
    }
    // Nobody worked on it since: what was due then is due now.
    let now =
        "UPDATE order_work SET wake_at = wake_at + (now() - intent_at), expires_at = expires_at + (now() - intent_at)";
    client.batch_execute(now).await.expect("move what is left to be done to the present");
    database
}

#[tokio::test]
async fn what_an_earlier_program_stored_is_not_blamed_for_what_it_never_held() {
    let database = upgraded().await;
    let mut client = database.client().await;
    let report = audit(&mut client).await.expect("audit");
    assert_eq!(broken(&report), []);
    // It posted to nobody, and pruned nothing.
    let not = ["webhooks_owe_what_happened", "what_is_gone_was_pruned"];
    let mut asked = report.promises.iter().filter(|finding| !not.contains(&finding.name));
    assert!(asked.all(|finding| finding.checked > 0), "every promise was asked: {report:#?}");
    let vouched: Vec<_> = report.vouched.words.iter().map(|word| (&*word.order_id, word.verb)).collect();
    assert_eq!(vouched, [("FORCED", "force-cancel"), ("SKIPPED", "skip")]);
}

/// What it did hold is looked at: its events told of references, reasons and sums all along.
#[tokio::test]
async fn what_an_earlier_program_did_hold_is_looked_at() {
    let original = upgraded().await;
    for (promise, offender, sql) in [
        ("state_is_the_replay", "OK", "UPDATE payments SET reference = 'other' WHERE order_id = 'OK'"),
        (
            "state_is_the_replay",
            "VOIDED",
            "UPDATE orders SET failure = replace(failure, 'client', 'operator') WHERE order_id = 'VOIDED'",
        ),
        (
            "same_request_same_answer",
            "LOCAL",
            r#"UPDATE orders SET answer = replace(answer, 'n":5', 'n":4') WHERE order_id = 'LOCAL'"#,
        ),
        ("events_published_in_order", "OK", "UPDATE order_events SET at = at - interval '1 day' WHERE order_id = 'OK'"),
        (
            "keys_name_one_request",
            "ik_lilojtvm3uyz7sdyvfpcestn5l5wizt4xe54vejw62qxsmfijoxq",
            "DELETE FROM idempotency_keys WHERE key = 'k-2'",
        ),
        (
            "verb_same_answer",
            "BURIED",
            r#"UPDATE idempotency_keys SET answer_status = 409, answer = '{"status":409,"code":"wrong_state",
             "type":"urn:counterfoil:problem:wrong_state","order_id":"BURIED","state":"CANCELLED","final":true}' WHERE key = 'x-5'"#,
        ),
        ("stock_never_lost", "LOCAL", "UPDATE inventory_journal SET order_id = 'LOST' WHERE order_id = 'LOCAL'"),
    ] {
        let copy = original.copy().await;
        copy.client().await.batch_execute(sql).await.expect("corrupt");
        let found = broken(&audit(&mut copy.client().await).await.expect("audit"));
        let named =
            found.iter().any(|(name, offenders)| *name == promise && offenders.iter().any(|one| one == offender));
        assert!(named && found.len() == 1, "{sql}: {found:?}");
    }
}
