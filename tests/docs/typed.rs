//! What the pages tell you to type is typed, and what they show is said. Pages that a reader goes through on the same engine
//! share one.

use counterfoil::config::Config;
use counterfoil_lab::process::free_port;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::reader::{Desk, Reader};
use crate::support::database::TestDatabase;
use crate::support::fleet::until;
use crate::support::program::{Folder, Program, body};
use crate::support::receiver::SECRET;

/// How the blocks begin that place an order, here and there.
const ORDER: &str = "curl -i http://127.0.0.1:8080/orders -H ";
/// An address on the loopback where nobody listens.
pub fn free_address() -> String {
    format!("127.0.0.1:{}", free_port().expect("a free port"))
}

/// The README on a new engine, which nobody has asked anything, and the page to which it leads from its audit.
#[actix_web::test]
async fn the_readme_runs() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let desk = Desk::new(&dev.url).with_dev(&folder);
    let mut reader = Reader::of("README.md", &desk);
    reader.types("export PATH=").await;
    reader.types(ORDER).await;
    let told = reader.types("curl http://127.0.0.1:8080/orders/ORD-1 ").await;
    for said in ["order.completed", r#""next_cursor":null"#, "999998"] {
        assert!(told.contains(said), "{told}");
    }
    let declined = reader.shown();
    let told = reader.types("curl -i http://127.0.0.1:8080/orders/ORD-1/refunds ").await;
    assert!(told.contains("HTTP/1.1 201 ") && told.contains(r#""refunded":1999"#), "{told}");
    let told = reader.types("counterfoil events tail ").await;
    assert!(told.contains("counterfoil.order.created") && told.contains("counterfoil.payment.refunded"), "{told}");
    reader.types("export ORDER=").await;
    reader.types("counterfoil replay ").await;
    reader.types("counterfoil audit ").await;
    let mut promises = Reader::of("docs/src/promises.md", &desk);
    promises.types("counterfoil audit ").await;
    let _vouched = promises.shown(); // said where orders waited for a human
    promises.ends();
    // After the audit, which counts the orders that were typed.
    reader.varies_into(ORDER, &[("pm_ok", "pm_declined"), ("ORD-1", "ORD-2")], false, &declined).await;
    reader.ends();
}

/// Orders, a failure by hand, and real invoices, on an engine for trying.
#[actix_web::test]
async fn the_pages_on_orders_drills_and_replay_run() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let desk = Desk::new(&dev.url).with_dev(&folder);

    let mut orders = Reader::of("docs/src/orders.md", &desk);
    orders.types(ORDER).await;
    orders.varies(ORDER, &[("\"quantity\": 2", "\"quantity\": 3")], false).await;
    orders.varies(ORDER, &[("pm_ok", "pm_declined"), ("ORD-1", "ORD-2")], false).await;
    let parcel = [("\"postal_code\": \"1\"", "\"postal_code\": \"SHIP-FAIL\""), ("ORD-1", "ORD-3")];
    orders.varies(ORDER, &parcel, false).await;
    orders.varies(ORDER, &[("\"quantity\": 2", "\"quantity\": 2000000"), ("ORD-1", "ORD-4")], false).await;
    let told = orders.types("curl -i http://127.0.0.1:8080/orders/ORD-1/refunds ").await;
    assert!(told.contains("HTTP/1.1 201 ") && told.contains(r#""refunded":1999"#), "{told}");
    orders.ends();

    let mut drills = Reader::of("docs/src/drills.md", &desk);
    drills.types("counterfoil drill ").await;
    drills.types("curl http://127.0.0.1:8080/operator/faults ").await;
    let internal = drills.shown();
    drills.ends();
    let mut readme = Reader::of("README.md", &desk).borrowing();
    readme.varies_into(ORDER, &[("ORD-1", "ORD-11")], false, &internal).await;
    readme.varies_into(ORDER, &[("ORD-1", "ORD-11")], true, "HTTP/1.1 201 Created").await;

    let mut replay = Reader::of("docs/src/replay.md", &desk);
    replay.types("counterfoil replay data/online-retail-500").await;
    let told = replay.types("counterfoil replay data/samples/").await;
    assert_eq!(told.matches("all answers are right").count(), 2, "{told}");
    replay.ends();

    let mut load = Reader::of("docs/src/load.md", &desk);
    load.types("counterfoil bench ").await;
    load.ends();
}

/// Orders that wait for a human, each for its own act, and what the audit says of them.
#[actix_web::test]
async fn the_page_on_orders_that_wait_for_a_human_runs() {
    let folder = Folder::new();
    let config = format!(
        "[saga.retry]\nfirst_ms = 1\nmax_ms = 1\nattempts = 2\n[auth]\n\
         tokens = [{{ subject = \"ops\", sha256 = \"{}\", roles = [\"client\", \"operator\"] }}]\n",
        HEXLOWER.encode(&Sha256::digest("a word of the test's"))
    );
    let config = folder.file("dev.toml", &config).display().to_string();
    let dev = Program::dev(&folder, &["--participants", "remote", "--config", &config]).await;
    let desk = Desk::new(&dev.url).with_dev(&folder);
    let mut humans = Reader::of("docs/src/humans.md", &desk);
    humans.also("export COUNTERFOIL_TOKEN=\"a word of the test's\"").await;
    let orders = [
        ("ORD-1", "pm_error_2", "1"),
        ("ORD-2", "pm_unknown", "1"),
        ("ORD-3", "pm_unknown", "1"),
        ("ORD-4", "pm_ok", "SHIP-ERROR-99"),
        ("ORD-5", "pm_error_2", "1"),
    ];
    for (id, payment_method, postal_code) in orders {
        let mut order = body(id, "SKU-0001");
        order["payment_method"] = payment_method.into();
        order["ship_to"]["postal_code"] = postal_code.into();
        let placed = format!(
            "curl \"$COUNTERFOIL_TARGET/orders\" -H 'Prefer: wait=0' -H \"Authorization: Bearer $COUNTERFOIL_TOKEN\" \
             -H 'Content-Type: application/json' -d '{order}'"
        );
        humans.also(&placed).await;
        // One after the other: calls of several that fail in a row would have it asked first whether the participant is there.
        until("it waits", async || humans.also("counterfoil orders list --attention").await.contains(id)).await;
    }
    humans.types("counterfoil orders list --attention").await;
    humans.ends();
    let mut promises = Reader::of("docs/src/promises.md", &desk).turns_to("vouched for: ");
    promises.also("export COUNTERFOIL_TOKEN=\"a word of the test's\"").await;
    for (id, state) in ["COMPLETED", "COMPLETED", "CANCELLED", "CANCELLED", "COMPLETED"].into_iter().enumerate() {
        until("each ends as its act has it", async || {
            promises.also(&format!("counterfoil orders show ORD-{} --json", id + 1)).await.contains(state)
        })
        .await;
    }
    let vouched = promises.shown();
    promises.varies_into("counterfoil audit ", &[], true, &vouched).await;
    promises.ends();
}

/// From a database to a first order, and what an instance and an upgrade want.
#[actix_web::test]
async fn the_page_on_operations_runs() {
    let database = TestDatabase::blank().await;
    let desk = Desk::new(&free_address())
        .with("postgres://counterfoil@/counterfoil?host=/var/run/postgresql", &database.url());
    let mut reader = Reader::of("docs/src/operations.md", &desk);
    reader.also("export COUNTERFOIL__SERVER__LISTEN=127.0.0.1:8080").await;
    let told = reader.types("export PATH=").await;
    assert!(told.contains("HTTP/1.1 201 ") && told.contains("\"state\":\"COMPLETED\""), "{told}");

    // Its secrets are files, which the program reads wherever it has a use for the configuration.
    let secrets = desk.folder.0.display().to_string();
    desk.folder.file("database-url", &database.url());
    desk.folder.file("pay-webhooks", SECRET);
    desk.folder.file("secrets.toml", &reader.shown().replace("/run/secrets", &secrets));
    let told = reader.also("counterfoil preflight --config secrets.toml").await;
    assert!(told.contains("yes"), "{told}");

    let told = reader.types("counterfoil token new ").await;
    assert!(told.contains("roles = [\"client\"]") && told.contains("not_after"), "{told}");
    let encrypted = desk.folder.file("encrypted.toml", &reader.shown());
    let encrypted = Config::load(Some(&encrypted)).unwrap_or_else(|error| panic!("{error}"));
    assert!(encrypted.server.tls.is_some() && encrypted.database.tls.is_some(), "{encrypted:?}");
    let told = reader.types("counterfoil preflight ").await;
    assert!(told.contains("yes"), "{told}");
    reader.types("counterfoil migrate --exclude-older ").await;
    reader.ends();
}

/// The contract of participants, and a check of some that keep it.
#[actix_web::test]
async fn the_page_on_participants_runs() {
    let folder = Folder::new();
    let participants = Program::participants(&folder, &[]).await;
    let address = participants.url.trim_start_matches("http://");
    let desk = Desk::new(&free_address()).with("127.0.0.1:9001", address);
    let mut reader = Reader::of("docs/src/participants.md", &desk);
    let told = reader.types("counterfoil participants --openapi").await;
    assert!(told.contains("\"openapi\""), "{told}");
    reader.ends();
    let took_effect = std::fs::read_to_string(folder.0.join("ledger.jsonl")).expect("the ledger");
    assert!(took_effect.contains("check-"), "nothing took effect of the check");
}
