//! Promise: a shop puts steps of its own into the saga by configuration alone, and each of its orders ends under the saga that
//! it began with. With PostgreSQL, engines and participants as processes of their own.

mod amount_limit;
mod liars;
mod waits;

use std::time::Duration;

use counterfoil::client::Client;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::program::{Folder, PROGRAM};
use crate::support::proxy::{Harm, Proxy};

const FRAUD: &str = "name = \"fraud\"\nbefore = \"payment\"";
const POINTS: &str = "name = \"points\"\nbefore = \"shipment\"\nundo = true";
const GIFT: &str = "name = \"gift\"\nbefore = \"completion\"";
const HOLD: &str = "name = \"hold\"\nbefore = \"inventory\"\nundo = true";

const SERVES: &[&str] = &["--step", "fraud", "--step", "points", "--step", "gift", "--step", "hold"];

/// An order with what its steps are told to do.
fn with(id: &str, said: Value) -> Value {
    let mut order = order(id, "pm_ok", "1", false);
    order["metadata"] = said;
    order
}

async fn shown(client: &Client, id: &str) -> Value {
    let answer = client.get(&format!("/orders/{id}")).await.expect("an answer");
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn body(answer: &counterfoil::client::HttpAnswer) -> Value {
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// An operator's verb, which is taken.
async fn operate(client: &Client, id: &str, verb: &str, said: Value) {
    let path = format!("/operator/orders/{id}/{verb}");
    let answer = client.request(Method::POST, &path, &[], Some(said.to_string().into())).await.expect("an answer");
    assert!(answer.status < 300, "{:?}", body(&answer));
}

/// An order that waits at a step of its own, whose engine ended, and of whose step no engine that starts from now on has an entry.
struct Left {
    participants: Participants,
    proxy: Proxy,
    site: Site,
    asked: Asked,
}

impl Left {
    /// At the step of this entry, of this name.
    async fn at(steps: &'static [&'static str]) -> Self {
        let participants = Participants::behaving(SERVES).await;
        let proxy = Proxy::before(&participants.program.url);
        let mut site = Site::new(&proxy.url, Setup { steps, entry_wait_ms: 6_000, ..Setup::USUAL }).await;
        let mut engine = site.engine().await;
        proxy.harm("OLD", "run", Harm::Accept);
        let asked = Asked::submit(with("OLD", json!({})));
        assert_eq!(asked.clone().async_().send(&engine.client()).await.status, 202);
        until("it is asked", async || proxy.strikes("OLD", "run") > 0).await;
        engine.terminate().await;
        site.set_up(|setup| setup.steps = &[]);
        Self { participants, proxy, site, asked }
    }

    /// An engine without the entry, which has told that the order waits for this step's.
    async fn engine_without(&self, step: &str) -> Engine {
        let engine = self.site.engine().await;
        self.site.until(&format!("SELECT attention::json ->> 'missing' = '{step}' FROM orders")).await;
        engine
    }

    /// The participant answers, and there is an entry again.
    async fn engine_with(&mut self, steps: &'static [&'static str]) -> Engine {
        self.proxy.spare("OLD", "run");
        self.site.set_up(|setup| setup.steps = steps);
        self.site.engine().await
    }
}

async fn start(setup: Setup) -> (Participants, Site, Engine) {
    let participants = Participants::behaving(SERVES).await;
    let site = Site::new(&participants.program.url, setup).await;
    let engine = site.engine().await;
    (participants, site, engine)
}

#[tokio::test]
async fn a_step_runs_where_it_stands_and_what_it_refuses_is_undone_in_reverse() {
    for inventory in [true, false] {
        let setup = Setup { steps: &[HOLD, FRAUD, POINTS, GIFT], inventory, ..Setup::USUAL };
        let (participants, site, engine) = start(setup).await;
        let client = engine.client();
        let send = async |body: Value| {
            let asked = Asked::submit(body);
            let (first, again) = (asked.send(&client).await, asked.send(&client).await);
            assert_eq!((first.status, &first.body), (again.status, &again.body), "a repeat gets the same bytes");
            first
        };

        let good = send(with("GOOD", json!({"channel": "web"}))).await;
        assert_eq!((good.status, body(&good)["state"].as_str()), (201, Some("COMPLETED")));
        let way = [
            "order.created",
            "step.done",
            "inventory.reserved",
            "step.done",
            "payment.charged",
            "step.done",
            "shipment.created",
            "step.done",
            "order.completed",
        ];
        assert_eq!(site.history("GOOD").await, way);
        assert_eq!(body(&good)["version"], json!(way.len()));
        let steps = shown(&client, "GOOD").await["steps"].clone();
        let names: Vec<&str> = steps.as_array().expect("steps").iter().filter_map(|s| s["name"].as_str()).collect();
        assert_eq!(names, ["hold", "fraud", "points", "gift"]);
        assert!(steps.as_array().expect("steps").iter().all(|step| step["status"] == "done"), "{steps}");

        let refused = send(with("FRAUD", json!({"fraud": "refused"}))).await;
        let told = body(&refused);
        assert_eq!((refused.status, told["code"].as_str()), (409, Some("step_refused")));
        assert_eq!((told["step"].as_str(), told["reason"].as_str()), (Some("fraud"), Some("refused")));
        assert_eq!(told["compensations"], json!(["inventory.released", "step.undone"]));
        assert_eq!((&told["final"], &told["title"]), (&json!(true), &json!("Step refused")));
        let failure = shown(&client, "FRAUD").await["failure"].clone();
        assert_eq!(failure, json!({"code": "step_refused", "step": "fraud", "reason": "refused"}));

        // What comes behind it is undone, too: the carrier refuses after points were taken.
        let mut parcel = order("PARCEL", "pm_ok", "SHIP-FAIL", false);
        parcel["metadata"] = json!({});
        let told = body(&send(parcel).await);
        assert_eq!(told["code"], "shipment_failed");
        let undone = ["step.undone", "payment.refunded", "inventory.released", "step.undone"];
        assert_eq!(told["compensations"], json!(undone));

        let first = body(&send(with("FIRST", json!({"hold": "refused"}))).await);
        assert_eq!((first["step"].as_str(), &first["compensations"]), (Some("hold"), &json!([])));
        assert_eq!(site.history("FIRST").await, ["order.created", "step.refused", "order.cancelled"]);

        let mut declined = order("DECLINED", "pm_declined", "1", false);
        declined["metadata"] = json!({});
        let told = body(&send(declined).await);
        assert_eq!(told["compensations"], json!(["inventory.released", "step.undone"]));

        let ran = |id| (participants.effects(id, "run"), participants.effects(id, "undo"));
        assert_eq!(
            (ran("GOOD"), ran("FRAUD"), ran("PARCEL"), ran("FIRST"), ran("DECLINED")),
            ((4, 0), (1, 1), (3, 2), (0, 0), (2, 1))
        );
        site.judge(&participants).await;
    }
}

/// Local stock is counted when its turn comes, which may be long after the order was placed.
#[tokio::test]
async fn stock_that_is_short_behind_a_step_is_refused_as_ever() {
    let setup = Setup { steps: &[HOLD], inventory: false, ..Setup::USUAL };
    let (participants, site, engine) = start(setup).await;
    let database = site.database.client().await;
    let few = "INSERT INTO inventory (sku, on_hand) VALUES ('FEW', 5);
        INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('FEW', 5, 'laid in', 'test')";
    database.batch_execute(few).await.expect("lay in stock");
    let client = engine.client();
    let ask = |id: usize| {
        let mut body = with(&format!("SHORT-{id}"), json!({"hold": "slow_50"}));
        body["lines"] = json!([{"sku": "FEW", "quantity": 2, "unit_price": 1999}]);
        let client = &client;
        async move { Asked::submit(body).until_final(std::slice::from_ref(client)).await }
    };
    let answers = futures_util::future::join_all((0..8).map(ask)).await;
    let completed = answers.iter().filter(|answer| answer.status == 201).count();
    let short = answers.iter().filter(|answer| answer.problem_code().as_deref() == Some("out_of_stock")).count();
    assert_eq!((completed, short), (2, 6), "five of them are two orders of two");
    // An order of what inventory does not know is refused before anything is asked of anybody.
    let mut unknown = with("UNKNOWN", json!({}));
    unknown["lines"] = json!([{"sku": "NEVER-SEEN", "quantity": 1, "unit_price": 1}]);
    assert_eq!(Asked::submit(unknown).send(&client).await.problem_code().as_deref(), Some("unknown_sku"));
    assert_eq!(participants.effects("UNKNOWN", "run"), 0);
    site.judge(&participants).await;
}

/// What a human decides may take longer than a reservation lives.
#[tokio::test]
async fn a_step_that_waits_for_a_human_holds_the_reservation_until_its_own_deadline() {
    const LONG: &str = "name = \"fraud\"\nbefore = \"payment\"\ndeadline_ms = 600000";
    let setup = Setup { steps: &[LONG], reservation_ttl_ms: 1_000, attempts: 3, ..Setup::USUAL };
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, setup).await;
    let engine = site.engine().await;
    let client = engine.client();
    proxy.harm("LONG", "run", Harm::Accept);
    let asked = Asked::submit(order("LONG", "pm_ok", "1", false));
    assert_eq!(asked.clone().async_().send(&client).await.status, 202);
    until("it is asked again and again", async || proxy.strikes("LONG", "run") > 12).await;
    let shown = shown(&client, "LONG").await;
    assert_eq!((shown["state"].as_str(), shown["step"].as_str()), (Some("INVENTORY_RESERVED"), Some("fraud")));
    assert_eq!(shown["attention"], Value::Null);
    site.until("SELECT expires_at > clock_timestamp() + interval '9 minutes' FROM order_work").await;
    proxy.spare("LONG", "run");
    assert_eq!(asked.until_final(&[client]).await.status, 201);
    site.judge(&participants).await;
}

#[tokio::test]
async fn at_its_deadline_a_step_is_looked_up_and_undone() {
    const SHORT: &[&str] = &[
        "name = \"fraud\"\nbefore = \"payment\"\ndeadline_ms = 2500",
        "name = \"points\"\nbefore = \"shipment\"\nundo = true\ndeadline_ms = 2500",
        "name = \"gift\"\nbefore = \"completion\"\ndeadline_ms = 2500",
    ];
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, Setup { steps: SHORT, ..Setup::USUAL }).await;
    let engine = site.engine().await;
    let clients = [engine.client()];
    let client = &clients[0];
    let end = async |id: &str, said: Value| {
        let asked = Asked::submit(with(id, said));
        body(&asked.until_final(&clients).await)
    };
    // Nobody decides it: nothing was done, and nothing is left.
    let never = end("NEVER", json!({"fraud": "pending"})).await;
    assert_eq!((never["code"].as_str(), never["reason"].as_str()), (Some("order_cancelled"), Some("expired")));
    assert_eq!(never["compensations"], json!(["inventory.released"]));
    // It may take effect yet: it is undone by its key, and so is all before it.
    let late = end("LATE", json!({"points": "pending"})).await;
    assert_eq!((late["code"].as_str(), late["reason"].as_str()), (Some("order_cancelled"), Some("expired")));
    assert_eq!(late["compensations"], json!(["step.undone", "payment.refunded", "inventory.released"]));
    // It took effect, and nobody heard: the look-up does.
    proxy.harm("DONE", "run", Harm::Pend);
    let done = Asked::submit(with("DONE", json!({}))).until_final(&clients).await;
    assert_eq!(done.status, 201, "{:?}", body(&done));
    proxy.spare("DONE", "run");
    // Behind the pivot an order only goes forward: a human is asked, and says that it was done.
    let asked = Asked::submit(with("BEHIND", json!({"gift": "pending"})));
    assert_eq!(asked.clone().async_().send(client).await.status, 202);
    site.until("SELECT attention LIKE '%look-up of gift%' FROM orders WHERE order_id = 'BEHIND'").await;
    operate(client, "BEHIND", "skip", json!({"reason": "the gift is in the parcel", "reference": "seen"})).await;
    assert_eq!(asked.until_final(&clients).await.status, 201);
    let history = site.history("BEHIND").await;
    assert!(history.ends_with(&["step.skipped", "step.done", "order.completed"].map(str::to_owned)), "{history:?}");
    site.judge(&participants).await;
}

/// An entry that is taken out of the configuration takes nothing away from orders that began with it.
#[tokio::test]
async fn an_order_whose_step_has_no_entry_says_so_and_goes_on_once_it_has() {
    let mut left = Left::at(&[FRAUD]).await;
    let without = left.engine_without("fraud").await;
    let client = without.client();
    let told = shown(&client, "OLD").await;
    assert!(
        told["attention"]["reason"].as_str().is_some_and(|why| why.contains("its step fraud has no entry")),
        "{told}"
    );
    // New orders have the saga of today, on the same engine, while it waits.
    let new = Asked::submit(order("NEW", "pm_ok", "1", false)).send(&client).await;
    assert_eq!((new.status, body(&new)["version"].as_i64()), (201, Some(5)));
    let report = counterfoil::store::audit::audit(&mut left.site.database.client().await).await.expect("the audit");
    assert!(report.ok, "{:#?}", report.promises.iter().filter(|finding| !finding.holds).collect::<Vec<_>>());
    // An operator may still answer for it; but nobody has to.
    drop(without);

    let again = left.engine_with(&[FRAUD]).await;
    let answer = left.asked.until_final(&[again.client()]).await;
    assert_eq!(answer.status, 201, "{:?}", body(&answer));
    let history = left.site.history("OLD").await;
    assert!(
        history.contains(&"order.attention".to_owned()) && history.contains(&"order.resumed".to_owned()),
        "{history:?}"
    );
    assert_eq!(left.participants.effects("OLD", "run"), 1);
    left.site.judge(&left.participants).await;
}

#[tokio::test]
async fn what_has_no_answer_is_done_once_all_the_same() {
    let setup = Setup { steps: &[FRAUD, POINTS], ..Setup::USUAL };
    let (mut participants, site, mut engine) = start(setup).await;
    let clients = [engine.client()];
    let said = [("LOST", "lost"), ("ERRORS", "error_3"), ("SLOW", "slow_1200")];
    let sent = said.map(|(id, how)| {
        let clients = &clients;
        async move { Asked::submit(with(id, json!({"fraud": how, "points": how}))).until_final(clients).await.status }
    });
    assert_eq!(futures_util::future::join_all(sent).await, [201; 3]);
    for (id, _) in said {
        assert_eq!(participants.effects(id, "run"), 2, "{id}");
    }
    // Engine and participants die in the middle of it.
    for number in 0..6 {
        let asked = Asked::submit(with(&format!("KILL-{number}"), json!({"points": "slow_300"})));
        assert_eq!(asked.async_().send(&engine.client()).await.status, 202);
    }
    engine.kill();
    participants.kill_and_restart().await;
    let engine = site.engine().await;
    for number in 0..6 {
        let asked = Asked::submit(with(&format!("KILL-{number}"), json!({"points": "slow_300"})));
        assert_eq!(asked.until_final(&[engine.client()]).await.status, 201);
    }
    assert_eq!(participants.effects("KILL", "run"), 12);
    site.judge(&participants).await;
}

#[tokio::test]
async fn an_order_is_called_off_while_a_step_of_its_own_waits() {
    let setup = Setup { steps: &[FRAUD, POINTS], ..Setup::USUAL };
    let (participants, site, engine) = start(setup).await;
    let clients = [engine.client()];
    for (id, said, undone) in [
        ("CHECK", json!({"fraud": "pending"}), json!(["inventory.released"])),
        ("TAKEN", json!({"points": "pending"}), json!(["step.undone", "payment.refunded", "inventory.released"])),
    ] {
        let asked = Asked::submit(with(id, said));
        assert_eq!(asked.clone().async_().send(&clients[0]).await.status, 202);
        let step = if id == "CHECK" { "fraud" } else { "points" };
        until("the step is under way", async || shown(&clients[0], id).await["step"] == step).await;
        let cancelled = Asked::verb(id, "cancel", json!({})).until_final(&clients).await;
        assert_eq!(cancelled.status, 201, "{:?}", body(&cancelled));
        let answer = body(&asked.until_final(&clients).await);
        assert_eq!((answer["reason"].as_str(), &answer["compensations"]), (Some("client"), &undone), "{id}");
        // What has nothing to be undone is left without an outcome: nobody waits for it, and who looks sees that.
        let ended = shown(&clients[0], id).await;
        let stands: Vec<_> = ended["steps"].as_array().expect("steps").iter().map(|step| &step["status"]).collect();
        let expected =
            if id == "CHECK" { [&json!("abandoned"), &json!("none")] } else { [&json!("done"), &json!("undone")] };
        assert_eq!((stands, &ended["step"]), (expected.to_vec(), &Value::Null), "{id}");
    }
    tokio::time::timeout(Duration::from_secs(30), site.judge(&participants)).await.expect("judged");
}

/// Each step has its own time, whatever those before it had or used.
#[tokio::test]
async fn a_deadline_binds_its_own_step_alone() {
    const CHECKS: &[&str] = &[
        "name = \"fraud\"\nbefore = \"payment\"\ndeadline_ms = 60000",
        "name = \"points\"\nbefore = \"payment\"\nundo = true",
        "name = \"hold\"\nbefore = \"payment\"\nundo = true\ndeadline_ms = 2500",
    ];
    let (participants, site, engine) = start(Setup { steps: CHECKS, ..Setup::USUAL }).await;
    let client = engine.client();
    // One without a deadline of its own has as long as a reservation, of which the step before it used up nothing.
    let waits = Asked::submit(with("POINTS", json!({"points": "pending"})));
    assert_eq!(waits.clone().async_().send(&client).await.status, 202);
    until("the points are under way", async || shown(&client, "POINTS").await["step"] == "points").await;
    site.until("SELECT expires_at > clock_timestamp() + interval '14 minutes' FROM order_work").await;
    let cancelled = Asked::verb("POINTS", "cancel", json!({})).until_final(&[engine.client()]).await;
    assert_eq!(cancelled.status, 201, "{:?}", body(&cancelled));
    // One with a short one does not wait as long as the reservation, nor as the step before it.
    let ends = Asked::submit(with("HOLD", json!({"hold": "pending"}))).until_final(&[client]).await;
    assert_eq!(
        (body(&ends)["code"].as_str(), body(&ends)["reason"].as_str()),
        (Some("order_cancelled"), Some("expired"))
    );
    site.judge(&participants).await;
}

/// Behind the pivot an order only goes forward: whoever has a step tried again gives it its whole time.
#[tokio::test]
async fn a_step_behind_the_pivot_is_done_once_it_is_tried_again() {
    const LATE: &str = "name = \"gift\"\nbefore = \"completion\"\ndeadline_ms = 2000";
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, Setup { steps: &[LATE], ..Setup::USUAL }).await;
    let engine = site.engine().await;
    let client = engine.client();
    proxy.harm("LATE", "run", Harm::Accept);
    let asked = Asked::submit(with("LATE", json!({})));
    assert_eq!(asked.clone().async_().send(&client).await.status, 202);
    site.until("SELECT attention LIKE '%look-up of gift%' FROM orders").await;
    proxy.spare("LATE", "run");
    operate(&client, "LATE", "retry", json!({"reason": "the printer is mended"})).await;
    assert_eq!(asked.until_final(&[client]).await.status, 201);
    assert_eq!(participants.effects("LATE", "run"), 1);
    site.judge(&participants).await;
}

/// Engines of one database may be configured differently, for a while or for good.
#[tokio::test]
async fn an_order_is_left_to_an_engine_that_does_its_step() {
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    // Longer than the engines' heartbeats are apart.
    let setup = Setup { steps: &[FRAUD], entry_wait_ms: 6_000, ..Setup::USUAL };
    let mut site = Site::new(&proxy.url, setup).await;
    let with_it = site.engine().await;
    site.set_up(|setup| setup.steps = &[]);
    let without = site.engine().await;
    let started = std::time::Instant::now();
    proxy.harm("WAITS", "run", Harm::Accept);
    let asked = Asked::submit(order("WAITS", "pm_ok", "1", false));
    assert_eq!(asked.clone().async_().send(&with_it.client()).await.status, 202);
    let database = site.database.client().await;
    let left = "SELECT count(*) FROM order_work WHERE last_error LIKE 'left to an engine that has an entry for the step fraud'";
    until("it is left to the other long after the start", async || {
        let left: i64 = database.query_one(left, &[]).await.expect("a count").get(0);
        left == 1 && started.elapsed() > Duration::from_secs(10)
    })
    .await;
    // Who has what is told to operators by either.
    let nodes = without.client().get("/operator/nodes").await.expect("an answer").json::<Value>().expect("JSON");
    let told: Vec<_> = nodes["nodes"].as_array().expect("nodes").iter().map(|node| &node["steps"]).collect();
    assert_eq!(told, [&json!(["fraud"]), &json!([])], "{nodes}");
    proxy.spare("WAITS", "run");
    assert_eq!(asked.until_final(&[without.client(), with_it.client()]).await.status, 201);
    let history = site.history("WAITS").await;
    assert!(!history.iter().any(|event| event == "order.attention"), "{history:?}");
    site.judge(&participants).await;
}

/// What a restore made doubtful stays so, however long an entry is missing: nothing is sent before it is looked up.
#[tokio::test]
async fn an_order_of_a_restored_database_is_looked_up_first_once_its_step_has_an_entry_again() {
    let mut left = Left::at(&[FRAUD]).await;
    // As `counterfoil adopt --as moved` leaves it.
    let database = left.site.database.client().await;
    let doubtful = "UPDATE order_work SET look_first = true, owner = NULL, attempts = 0, wake_at = clock_timestamp()";
    database.batch_execute(doubtful).await.expect("mark it");
    // Nobody answers, neither calls nor questions.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = format!("http://{}", nobody.local_addr().expect("its address"));
    drop(nobody);
    left.site.participants_at(&closed);
    let without = left.engine_without("fraud").await;
    left.site.until("SELECT look_first FROM order_work").await;
    drop(without);
    let unheard = left.engine_with(&[FRAUD]).await;
    left.site.until("SELECT attention IS NULL FROM orders").await;
    left.site.until("SELECT look_first AND last_error IS NOT NULL FROM order_work").await;
    drop(unheard);
    left.site.participants_at(&left.proxy.url);
    let engine = left.site.engine().await;
    assert_eq!(left.asked.until_final(&[engine.client()]).await.status, 201);
    left.site.judge(&left.participants).await;
}

/// A deadline that passed while nobody was there for a step is kept once somebody is.
#[tokio::test]
async fn a_deadline_is_kept_once_a_step_has_an_entry_again() {
    const TAKEN: &str = "name = \"points\"\nbefore = \"shipment\"\nundo = true\ndeadline_ms = 2000";
    let mut left = Left::at(&[TAKEN]).await;
    let without = left.engine_without("points").await;
    left.site.until("SELECT expires_at < clock_timestamp() FROM order_work").await;
    drop(without);
    let again = left.engine_with(&[TAKEN]).await;
    let answer = body(&left.asked.until_final(&[again.client()]).await);
    assert_eq!((answer["code"].as_str(), answer["reason"].as_str()), (Some("order_cancelled"), Some("expired")));
    assert_eq!(left.participants.effects("OLD", "run"), 0, "nothing is taken days late");
    left.site.judge(&left.participants).await;
}

/// In a copy of the database an order that waits for an entry is the other's, as all that was in flight.
#[tokio::test]
async fn what_waits_for_an_entry_is_set_aside_in_a_clone() {
    let left = Left::at(&[FRAUD]).await;
    left.engine_without("fraud").await.terminate().await;
    let copy = left.site.database.copy().await;
    let mut adopt = std::process::Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut adopt);
    let folder = Folder::new();
    let config = folder.file("adopt.toml", &format!("database.url = \"{}\"\n", copy.url()));
    let adopted = adopt.args(["adopt", "--as", "clone", "--config"]).arg(config).output().expect("run it");
    assert!(adopted.status.success(), "{}", String::from_utf8_lossy(&adopted.stderr));
    let client = copy.client().await;
    let found = "SELECT o.attention, w.wake_at IS NULL FROM orders o JOIN order_work w USING (order_id)";
    let row = client.query_one(found, &[]).await.expect("its row");
    let (attention, sleeps): (String, bool) = (row.get(0), row.get(1));
    assert!(attention.contains("cloned") && !attention.contains("\"missing\"") && sleeps, "{attention}");
    let report = counterfoil::store::audit::audit(&mut copy.client().await).await.expect("the audit");
    assert!(report.ok, "{:#?}", report.promises.iter().filter(|finding| !finding.holds).collect::<Vec<_>>());
}
