//! Promise: an authorised order lives until the earlier of `saga.authorized_ttl_ms` and the provider's own limit. With
//! PostgreSQL, an engine and participants as processes of their own.

use crate::support::fleet::{Asked, Participants, Setup, Site, order};

/// For how long the provider holds money: far below the engine's own limit of seven days.
const HOLDS_MS: &str = "8000";

#[tokio::test]
async fn what_nobody_captures_ends_before_the_provider_lets_go_of_the_money() {
    let participants = Participants::behaving(&["--authorization-ttl-ms", HOLDS_MS]).await;
    let site = Site::new(&participants.program.url, Setup { inventory: false, ..Setup::USUAL }).await;
    let engine = site.engine().await;
    let client = engine.client();
    // The first answer of one comes only after its call was given up: it is the repeat, a second later, that is heard.
    let (prompt, late) =
        (Asked::submit(order("PROMPT", "pm_ok", "1", true)), Asked::submit(order("LATE", "pm_slow_1500", "1", true)));
    let answers = tokio::join!(prompt.send(&client), late.send(&client));
    assert_eq!((answers.0.status, answers.1.status), (201, 201));
    let limits = "SELECT count(*) FILTER (WHERE w.expires_at < o.created_at + $1::bigint * interval '1 millisecond'),
            count(*) FILTER (WHERE w.expires_at > clock_timestamp())
        FROM order_work w JOIN orders o USING (order_id) WHERE o.state = 'PAYMENT_AUTHORIZED'";
    let held: i64 = HOLDS_MS.parse().expect("a number");
    let row = site.database.client().await.query_one(limits, &[&held]).await.expect("the deadlines");
    let counts: (i64, i64) = (row.get(0), row.get(1));
    assert_eq!(counts, (2, 2), "their deadlines lie ahead, and before the provider's limit");
    site.until_ended(2).await;
    for id in ["PROMPT", "LATE"] {
        let history = site.history(id).await;
        let end = ["order.compensating", "payment.voided", "inventory.released", "order.cancelled"];
        assert!(history.ends_with(&end.map(str::to_owned)), "{id}: {history:?}");
        assert_eq!((participants.effects(id, "authorize"), participants.effects(id, "void")), (1, 1), "{id}");
    }
    let expired = "SELECT count(*) = 2 FROM orders WHERE failure::json ->> 'reason' = 'expired' AND stock = 'released'";
    site.until(expired).await;
    site.judge(&participants).await;
}
