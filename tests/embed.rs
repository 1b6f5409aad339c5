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

#[path = "../examples/steps.rs"]
#[expect(dead_code, reason = "its main is for the command line")]
mod steps;

#[tokio::test]
async fn a_program_puts_steps_of_its_own_into_the_saga() {
    let database = TestDatabase::new().await;
    let mut told = Vec::new();
    steps::run(&database.url(), &mut told).await.expect("run the example");
    let told = String::from_utf8(told).expect("text");
    let told: Vec<&str> = told.lines().collect();
    assert!(told[0].starts_with("STEPS-1: 201 ") && told[0].contains(r#""state":"COMPLETED","version":7"#), "{told:?}");
    assert!(
        told[1].starts_with("STEPS-2: 409 ") && told[1].contains(r#""step":"fraud","reason":"11 of BOOK""#),
        "{told:?}"
    );
    let undone = r#""compensations":["step.undone","payment.refunded","inventory.released"]"#;
    assert!(told[2].starts_with("STEPS-3: 500 ") && told[2].contains(undone), "{told:?}");
    assert!(told[3].starts_with("STEPS-4: 409 ") && told[3].contains("not enough points"), "{told:?}");
    assert_eq!(told[4], "60 points are left");
    let report = counterfoil::store::audit::audit(&mut database.client().await).await.expect("audit");
    assert!(report.ok, "{report:#?}");
}
