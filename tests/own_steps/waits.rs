//! What an order along steps of one's own waits for: a participant that is away, a human, an entry; and what is told meanwhile.

use counterfoil::limits;
use hyper::Method;
use serde_json::{Value, json};

use super::{FRAUD, HOLD, SERVES, body, operate, shown, with};
use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::proxy::{Harm, Proxy};

/// A step whose time is longer than a question may wait has that time, and then as long as any: who was away at its deadline is
/// asked once they are back, and no human before.
#[tokio::test]
async fn a_step_of_days_is_looked_up_for_as_long_as_any_after_its_deadline() {
    const DAYS: &str = "name = \"fraud\"\nbefore = \"payment\"\ndeadline_ms = 172800000";
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let mut site = Site::new(&proxy.url, Setup { steps: &[DAYS], attempts: 3, ..Setup::USUAL }).await;
    let engine = site.engine().await;
    proxy.harm("DAYS", "run", Harm::Accept);
    let asked = Asked::submit(order("DAYS", "pm_ok", "1", false));
    assert_eq!(asked.clone().async_().send(&engine.client()).await.status, 202);
    until("it is asked", async || proxy.strikes("DAYS", "run") > 0).await;
    drop(engine);
    // Two days later, and nobody is to be reached.
    let database = site.database.client().await;
    let later =
        "UPDATE order_work SET intent_at = intent_at - interval '2 days', expires_at = expires_at - interval '2 days'";
    assert!(limits::UNDECIDED < std::time::Duration::from_secs(2 * 24 * 3_600));
    database.batch_execute(later).await.expect("time passes");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = format!("http://{}", nobody.local_addr().expect("its address"));
    drop(nobody);
    site.participants_at(&closed);
    let unheard = site.engine().await;
    // It is put off oftener than a call may fail.
    let mut seen = std::collections::BTreeSet::new();
    until("it was put off again and again", async || {
        let sql = "SELECT w.written_at::text, w.attempts, o.attention FROM orders o JOIN order_work w USING (order_id)
            WHERE w.last_error IS NOT NULL";
        if let Some(row) = database.query_opt(sql, &[]).await.expect("its row") {
            assert_eq!(row.get::<_, Option<String>>(2), None, "no human is asked");
            seen.insert(row.get::<_, String>(0));
        }
        seen.len() > 8
    })
    .await;
    drop(unheard);
    site.participants_at(&proxy.url);
    let engine = site.engine().await;
    let answer = body(&asked.until_final(&[engine.client()]).await);
    assert_eq!((answer["code"].as_str(), answer["reason"].as_str()), (Some("order_cancelled"), Some("expired")));
    site.judge(&participants).await;
}

/// What failed is told under the code of the answer, wherever it is told; how it is stored is nobody's.
#[tokio::test]
async fn what_waits_for_a_human_tells_its_failure_as_its_answer_will() {
    let setup = Setup { steps: &[HOLD, FRAUD], attempts: 3, ..Setup::USUAL };
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, setup).await;
    let engine = site.engine().await;
    let client = engine.client();
    proxy.harm("STUCK", "undo", Harm::Fail(u32::MAX));
    let asked = Asked::submit(with("STUCK", json!({"fraud": "refused"})));
    assert_eq!(asked.clone().async_().send(&client).await.status, 202);
    site.until("SELECT attention IS NOT NULL FROM orders").await;
    let failure = json!({"code": "step_refused", "step": "fraud", "reason": "refused"});
    let waiting = client.get("/operator/attention").await.expect("an answer").json::<Value>().expect("JSON");
    assert_eq!((&waiting["orders"][0]["order_id"], &waiting["orders"][0]["failure"]), (&json!("STUCK"), &failure));
    assert_eq!(shown(&client, "STUCK").await["failure"], failure);
    proxy.spare("STUCK", "undo");
    operate(&client, "STUCK", "retry", json!({"reason": "it is back"})).await;
    let answer = body(&asked.until_final(&[client]).await);
    assert_eq!((&answer["code"], &answer["step"]), (&json!("step_refused"), &json!("fraud")));
    site.judge(&participants).await;
}

/// An order of more than there is, whose step before that fails until it waits for a human.
async fn of_short_stock() -> (Participants, Proxy, Site, Engine, Asked) {
    let setup = Setup { steps: &[HOLD], inventory: false, attempts: 3, ..Setup::USUAL };
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, setup).await;
    let database = site.database.client().await;
    let few = "INSERT INTO inventory (sku, on_hand) VALUES ('FEW', 1);
        INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('FEW', 1, 'laid in', 'test')";
    database.batch_execute(few).await.expect("lay in stock");
    let engine = site.engine().await;
    let client = engine.client();
    proxy.harm("SHORT", "run", Harm::Fail(u32::MAX));
    let mut wants = with("SHORT", json!({}));
    wants["lines"] = json!([{"sku": "FEW", "quantity": 2, "unit_price": 1999}]);
    let asked = Asked::submit(wants);
    assert_eq!(asked.clone().async_().send(&client).await.status, 202);
    site.until("SELECT attention IS NOT NULL FROM orders WHERE order_id = 'SHORT'").await;
    (participants, proxy, site, engine, asked)
}

/// It is refused, in another commit than that of the word.
async fn is_refused_behind(word: &str, site: &Site, engine: &Engine, asked: &Asked) {
    // What the skip said is done is undone where it was said to be: nobody there heard of it.
    site.until("SELECT attention LIKE '%tombstone%' FROM orders WHERE order_id = 'SHORT'").await;
    let (database, client) = (site.database.client().await, engine.client());
    let stands =
        "SELECT o.stock = 'rejected' AND o.version > (l.after::json ->> 'version')::int AND l.after LIKE '%CREATED%'
        FROM orders o JOIN operator_log l USING (order_id) WHERE o.order_id = 'SHORT' AND l.verb = $1";
    assert!(database.query_one(stands, &[&word]).await.expect("its log").get::<_, bool>(0), "two commits");
    operate(&client, "SHORT", "skip", json!({"reason": "let go by hand"})).await;
    let answer = asked.until_final(&[client]).await;
    assert_eq!((answer.status, answer.problem_code().as_deref()), (409, Some("out_of_stock")), "{:?}", body(&answer));
    let report = counterfoil::store::audit::audit(&mut site.database.client().await).await.expect("the audit");
    assert!(report.ok, "{:#?}", report.promises.iter().filter(|finding| !finding.holds).collect::<Vec<_>>());
}

/// What an operator is answered is written before the stock is counted that comes next: whether it is short is another commit's.
#[tokio::test]
async fn stock_that_is_short_behind_a_skip_is_refused_as_ever() {
    let (_participants, _proxy, site, engine, asked) = of_short_stock().await;
    operate(&engine.client(), "SHORT", "skip", json!({"reason": "held by hand", "reference": "seen"})).await;
    is_refused_behind("skip", &site, &engine, &asked).await;
}

/// Nor is it counted in the commit of a retry, of an order that was set aside before it could be.
#[tokio::test]
async fn stock_that_is_short_behind_a_retry_is_refused_as_ever() {
    let (_participants, _proxy, site, engine, asked) = of_short_stock().await;
    let client = engine.client();
    let ask =
        async |path: &str, body: Value| client.request(Method::POST, path, &[], Some(body.to_string().into())).await;
    let dies = json!({"point": "commit.after_commit", "order_id": "SHORT", "action": "crash"});
    assert_eq!(ask("/operator/faults", dies).await.expect("an answer").status, 204);
    let said = json!({"reason": "held by hand", "reference": "seen"});
    ask("/operator/orders/SHORT/skip", said).await.expect_err("it died of it");
    let claimed = "UPDATE order_work SET claims = $1, owner = NULL, wake_at = now()";
    let database = site.database.client().await;
    assert_eq!(database.execute(claimed, &[&limits::CLAIMS]).await.expect("as after as many deaths"), 1);
    let engine = site.engine().await;
    site.until("SELECT attention LIKE '%claimed%' AND stock = 'intended' FROM orders WHERE order_id = 'SHORT'").await;
    operate(&engine.client(), "SHORT", "retry", json!({"reason": "it is mended"})).await;
    is_refused_behind("retry", &site, &engine, &asked).await;
}

/// Engines tell each other, and people, what they do by a table that somebody may have locked: orders go on.
#[tokio::test]
async fn orders_go_on_while_nobody_can_tell_that_they_live() {
    let participants = Participants::behaving(SERVES).await;
    let mut site = Site::new(&participants.program.url, Setup { steps: &[FRAUD], ..Setup::USUAL }).await;
    let with_it = site.engine().await;
    site.set_up(|setup| setup.steps = &[]);
    let without = site.engine().await;
    let locker = site.database.client().await;
    locker.batch_execute("BEGIN; LOCK TABLE nodes IN EXCLUSIVE MODE").await.expect("lock it");
    let database = site.database.client().await;
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'nodes'::regclass";
    until("heartbeats wait", async || database.query_one(waits, &[]).await.expect("the locks").get::<_, i64>(0) > 0)
        .await;
    let clients = [(with_it.client(), "OWN"), (without.client(), "PLAIN")];
    let sent = clients.iter().flat_map(|(client, name)| {
        (0..10).map(move |n| {
            // Some lose an answer, some are refused.
            let how = ["ok", "lost", "refused"][n % 3];
            let said = if *name == "OWN" { json!({"fraud": how}) } else { json!({}) };
            let asked = Asked::submit(with(&format!("{name}-{n}"), said));
            async move { asked.until_final(std::slice::from_ref(client)).await.status }
        })
    });
    let answers = futures_util::future::join_all(sent).await;
    assert_eq!(answers.iter().filter(|status| **status == 409).count(), 3, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 17, "{answers:?}");
    // It was locked all the while.
    let held =
        "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'ExclusiveLock' AND relation = 'nodes'::regclass";
    assert_eq!(database.query_one(held, &[]).await.expect("the locks").get::<_, i64>(0), 1);
    locker.batch_execute("ROLLBACK").await.expect("let go");
    site.judge(&participants).await;
}
