//! Promise: the engine is a library, and the example that shows so runs.

use crate::support::database::TestDatabase;

#[path = "../examples/embed.rs"]
#[expect(dead_code, reason = "its main is for the command line")]
mod example;

async fn run(database: &TestDatabase) -> Vec<String> {
    let mut told = Vec::new();
    example::run(&database.url(), &mut told).await.expect("run the example");
    String::from_utf8(told).expect("text").lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_program_embeds_the_engine_with_participants_of_its_own() {
    let database = TestDatabase::new().await;
    let first = run(&database).await;
    assert_eq!(
        first[0],
        r#"EMBED-1 (new): 201 {"order_id":"EMBED-1","state":"COMPLETED","version":5,"amount":3998,"currency":"EUR"}"#
    );
    assert!(first[1].starts_with("EMBED-2 (new): 402 ") && first[1].contains("over the limit"), "{first:?}");
    assert_eq!(
        first[2..],
        [
            "EMBED-1 committed: order.created, inventory.reserved, payment.charged, shipment.created, order.completed",
            "EMBED-2 committed: order.created, inventory.reserved, payment.declined, inventory.released, order.cancelled",
        ]
    );
    let second = run(&database).await;
    let again: Vec<_> = first[..2].iter().map(|line| line.replacen("(new)", "(again)", 1)).collect();
    assert_eq!(second, again, "a second run gets the same answers, and commits nothing");
    let report = counterfoil::store::audit::audit(&mut database.client().await).await.expect("audit");
    // The second run sets the stock to 100 again: the journal says so, and the sums hold.
    assert!(report.ok, "{report:#?}");
}
