//! Promise: a local step that comes with the program is switched on by configuration alone. It is decided within the order's own
//! transaction, and whatever becomes of its entry, an order ends once, under the saga that it began with, and keeps its answer.

use counterfoil::client::Client;
use counterfoil::saga::transaction::{self, StockVerdict};
use counterfoil::saga::{Call, Capture, Command, LocalParticipants, Order, Outcome, Plan, State, StepName, Timestamp};
use serde_json::{Value, json};

use super::{SERVES, body, operate, shown, with};
use crate::support::database::TestDatabase;
use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::program::{Folder, PROGRAM, Program};
use crate::support::proxy::{Harm, Proxy};
use crate::support::saga::{Own, Participants as Local, submit_to, word};

/// Two units make 3998, which is the limit.
const LIMIT: &str = "name = \"limit\"\nbefore = \"shipment\"\nkind = \"amount-limit\"\nlimits = { USD = 3998 }";
const LOWER: &str = "name = \"limit\"\nbefore = \"shipment\"\nkind = \"amount-limit\"\nlimits = { USD = 3997 }";

/// An order of so much.
fn of(id: &str, amount: i64, currency: &str) -> Value {
    let mut order = order(id, "house_account", "1", false);
    order["lines"] = json!([{"sku": "S", "quantity": 1, "amount": amount}]);
    order["currency"] = json!(currency);
    order
}

/// The entry of a step before this one, with these limits.
fn entry(before: &str, limits: &str) -> String {
    format!(
        "[[saga.steps]]\nname = \"limit\"\nbefore = \"{before}\"\nkind = \"amount-limit\"\nlimits = {{ {limits} }}\n"
    )
}

/// A database with a stock, and with all participants local.
struct House(TestDatabase);

impl House {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let sql = "INSERT INTO inventory (sku, on_hand) VALUES ('S', 100);
            INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('S', 100, 'laid in', 'test')";
        database.client().await.batch_execute(sql).await.expect("lay in stock");
        Self(database)
    }

    /// A server with these entries; its folder must outlive it.
    async fn serve(&self, folder: &Folder, entries: &str) -> Program {
        let config = format!("database.url = \"{}\"\nengine.shards = 2\n{entries}", self.0.url());
        let program = Program::serve(folder, &config).await;
        program.until_ready().await;
        program
    }

    async fn is(&self, sql: &str) {
        let row = self.0.client().await.query_one(sql, &[]).await.expect("the database answers");
        assert_eq!(row.get::<_, Option<bool>>(0), Some(true), "{sql}");
    }

    /// What was stored of it came by one transaction, with nothing left to be done.
    async fn has_in_one_transaction(&self, id: &str) {
        let rows = format!(
            "SELECT o.xmin::text AS by FROM orders o WHERE order_id = '{id}'
             UNION ALL SELECT xmin::text FROM order_events WHERE order_id = '{id}'
             UNION ALL SELECT xmin::text FROM order_steps WHERE order_id = '{id}'"
        );
        self.is(&format!("SELECT count(*) = 3 AND count(DISTINCT by) = 1 FROM ({rows}) AS rows")).await;
        self.is(&format!("SELECT NOT EXISTS (SELECT FROM order_work WHERE order_id = '{id}')")).await;
    }

    async fn audit(&self) {
        let report = counterfoil::store::audit::audit(&mut self.0.client().await).await.expect("the audit");
        assert!(report.ok, "{:#?}", report.promises.iter().filter(|finding| !finding.holds).collect::<Vec<_>>());
    }
}

async fn history(house: &House, id: &str) -> Vec<String> {
    let sql = "SELECT event ->> 'type' FROM order_events, json_array_elements(events::json) AS event
        WHERE order_id = $1 ORDER BY first_version";
    let rows = house.0.client().await.query(sql, &[&id]).await.expect("the history");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn an_order_above_its_limit_is_refused_in_its_one_transaction() {
    let undone = |before: &str| match before {
        "inventory" => json!([]),
        "payment" => json!(["inventory.released"]),
        _ => json!(["payment.refunded", "inventory.released"]),
    };
    for before in ["inventory", "payment", "shipment"] {
        let (house, folder) = (House::new().await, Folder::new());
        let server = house.serve(&folder, &entry(before, "USD = 3998, JPY = 9007199254740991")).await;
        let client = server.client();
        let mut taken = 0;
        for (id, amount, currency, reason) in [
            ("AT", 3_998, "USD", None),
            ("ABOVE", 3_999, "USD", Some("amount_limit")),
            ("OTHER", 1, "EUR", Some("currency_not_listed")),
            ("MOST", 9_007_199_254_740_991, "JPY", None),
        ] {
            let asked = Asked::submit(of(id, amount, currency));
            let (first, again) = (asked.send(&client).await, asked.send(&client).await);
            assert_eq!((first.status, &first.body), (again.status, &again.body), "{id}: a repeat gets the same bytes");
            let (told, seen) = (body(&first), shown(&client, id).await);
            let status = &seen["steps"][0]["status"];
            match reason {
                None => assert_eq!((first.status, &told["state"], status), (201, &json!("COMPLETED"), &json!("done"))),
                Some(reason) => {
                    let code = (first.status, &told["code"], &told["final"], status);
                    assert_eq!(code, (409, &json!("step_refused"), &json!(true), &json!("refused")), "{told}");
                    let why = (&told["step"], &told["reason"], &told["compensations"]);
                    assert_eq!(why, (&json!("limit"), &json!(reason), &undone(before)), "{id} before {before}");
                    let failure = json!({"code": "step_refused", "step": "limit", "reason": reason});
                    assert_eq!(seen["failure"], failure, "{id}");
                }
            }
            taken += i32::from(reason.is_none());
            house.has_in_one_transaction(id).await;
        }
        house.is(&format!("SELECT on_hand = 100 - {taken} AND reserved = 0 FROM inventory")).await;
        house.is("SELECT count(*) = 2 FROM orders WHERE state = 'COMPLETED'").await;
        let moved =
            "SELECT bool_and((captured > refunded) = (state = 'COMPLETED')) FROM payments JOIN orders USING (order_id)";
        house.is(moved).await;
        let done = history(&house, "AT").await;
        assert_eq!(done.iter().filter(|event| *event == "step.done").count(), 1, "{done:?}");
        assert!(done.ends_with(&["order.completed".to_owned()]), "{done:?}");
        house.audit().await;
    }
}

/// Whether it was refused or taken: nobody is told another thing, whoever is asked again, and what is new is judged by today's.
#[tokio::test]
async fn the_first_answer_stands_when_the_limit_changes() {
    let (house, folder) = (House::new().await, Folder::new());
    let asked =
        |id: &str, key: Option<&str>| Asked { key: key.map(str::to_owned), ..Asked::submit(of(id, 3_998, "USD")) };
    let ways = [asked("PLAIN", None), asked("KEYED", Some("of-it"))];
    let limited = async |most: &str, asked: &[Asked]| {
        let server = house.serve(&folder, &entry("payment", &format!("USD = {most}"))).await;
        let mut told = Vec::new();
        for one in asked {
            let answer = one.send(&server.client()).await;
            told.push((answer.status, answer.body));
        }
        told
    };
    let refused = limited("3997", &ways).await;
    assert!(refused.iter().all(|(status, _)| *status == 409), "{refused:?}");
    let new = [asked("NEW", None), asked("NEW-KEYED", Some("of-new"))];
    let taken = limited("3998", &new).await;
    assert!(taken.iter().all(|(status, _)| *status == 201), "{taken:?}");
    assert_eq!(limited("3998", &ways).await, refused, "a limit that was raised takes nothing back");
    assert_eq!(limited("1", &new).await, taken, "nor does one that was lowered");
    house.is("SELECT count(*) = 4 AND count(DISTINCT order_id) = 4 FROM order_events").await;
    house.audit().await;
}

/// An engine tells of its steps at a heartbeat.
async fn until_its_step_is_told(client: &Client) {
    until("its step is told", async || {
        let nodes = client.get("/operator/nodes").await.expect("an answer").json::<Value>().expect("JSON");
        nodes["nodes"][0]["steps"] == json!(["limit/local"])
    })
    .await;
}

/// What the program says of a configuration before it takes over: its exit code, and the entries that are missing.
fn preflight(site: &Site, folder: &Folder) -> (Option<i32>, Value) {
    let path = folder.file("new.toml", &site.config());
    let mut command = std::process::Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut command);
    let output = command.args(["preflight", "--json", "--config"]).arg(path).output().expect("run it");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (output.status.code(), told["missing_entries"].clone())
}

/// Orders in flight at a remote payment come to the limit behind it under another configuration.
#[tokio::test]
async fn an_order_in_flight_waits_for_an_entry_that_went_and_is_judged_by_the_one_that_comes_back() {
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let setup = Setup { steps: &[LIMIT], entry_wait_ms: 6_000, ..Setup::USUAL };
    let mut site = Site::new(&proxy.url, setup).await;
    let mut engine = site.engine().await;
    let client = engine.client();
    until_its_step_is_told(&client).await;
    let asked = ["WITHIN", "ABOVE", "SKIPPED"].map(|id| {
        proxy.harm(id, "charge", Harm::Accept);
        let mut order = with(id, json!({}));
        order["lines"][0]["unit_price"] = json!(if id == "WITHIN" { 1 } else { 1_999 });
        Asked::submit(order)
    });
    for one in &asked {
        assert_eq!(one.clone().async_().send(&client).await.status, 202);
    }
    until("all are asked for their money", async || {
        ["WITHIN", "ABOVE", "SKIPPED"].iter().all(|id| proxy.strikes(id, "charge") > 0)
    })
    .await;
    let folder = Folder::new();
    assert_eq!(preflight(&site, &folder), (Some(0), json!([])));
    engine.terminate().await;

    // The entry is gone, and an entry of another kind is another's.
    site.set_up(|setup| setup.steps = &["name = \"limit\"\nbefore = \"shipment\""]);
    let (code, missing) = preflight(&site, &folder);
    assert_eq!((code, &missing[0]["step"]), (Some(1), &json!("limit")), "{missing}");
    site.set_up(|setup| setup.steps = &[]);
    let (code, missing) = preflight(&site, &folder);
    assert_eq!((code, missing[0]["order_ids"].as_array().map(Vec::len)), (Some(1), Some(3)), "{missing}");
    ["WITHIN", "ABOVE", "SKIPPED"].iter().for_each(|id| proxy.spare(id, "charge"));
    let without = site.engine().await;
    site.until("SELECT count(*) = 3 FROM orders WHERE attention::json ->> 'missing' = 'limit'").await;
    let told = shown(&without.client(), "ABOVE").await;
    assert_eq!((&told["state"], &told["step"]), (&json!("PAYMENT_CHARGED"), &json!("limit")), "{told}");
    let why = told["attention"]["reason"].as_str().expect("why");
    assert!(why.contains("its step limit has no entry in the configuration of any engine"), "{why}");
    assert_eq!(participants.effects("", "ship"), 0, "nothing goes past a step that nobody decides");
    // New orders have the saga of today; and a human may answer for one that waits.
    assert_eq!(Asked::submit(order("NEW", "pm_ok", "1", false)).send(&without.client()).await.status, 201);
    operate(&without.client(), "SKIPPED", "skip", json!({"reason": "known to us", "reference": "by hand"})).await;
    assert_eq!(asked[2].until_final(&[without.client()]).await.status, 201);
    drop(without);

    // It is back, and says what it says today.
    site.set_up(|setup| setup.steps = &[LOWER]);
    let engine = site.engine().await;
    let clients = [engine.client()];
    let within = asked[0].until_final(&clients).await;
    assert_eq!(within.status, 201, "{:?}", body(&within));
    let above = body(&asked[1].until_final(&clients).await);
    assert_eq!((&above["code"], &above["reason"]), (&json!("step_refused"), &json!("amount_limit")), "{above}");
    assert_eq!(above["compensations"], json!(["payment.refunded", "inventory.released"]));
    for id in ["WITHIN", "ABOVE"] {
        let history = site.history(id).await;
        let came = |event: &str| history.iter().filter(|one| *one == event).count();
        assert_eq!((came("order.attention"), came("order.resumed")), (1, 1), "{id}: {history:?}");
    }
    let ran = |id: &str, action| participants.effects(id, action);
    assert_eq!((ran("WITHIN", "ship"), ran("ABOVE", "ship"), ran("ABOVE", "refund")), (1, 0, 1));
    site.judge(&participants).await;
}

const EARLY: &str = "name = \"limit\"\nbefore = \"payment\"\nkind = \"amount-limit\"\nlimits = { USD = 3998 }";

/// An order that waits for the entry of an early limit, at an engine without one.
async fn waiting(site: &mut Site, proxy: &Proxy, asked: &Asked, id: &str) -> Engine {
    let mut engine = site.engine().await;
    proxy.harm(id, "reserve", Harm::Accept);
    assert_eq!(asked.clone().async_().send(&engine.client()).await.status, 202);
    until("it is asked for its stock", async || proxy.strikes(id, "reserve") > 0).await;
    engine.terminate().await;
    site.set_up(|setup| setup.steps = &[]);
    proxy.spare(id, "reserve");
    let without = site.engine().await;
    site.until("SELECT attention::json ->> 'missing' = 'limit' FROM orders").await;
    without
}

/// A deadline that passed while nobody was there to decide is kept once somebody is, though that costs no call.
#[tokio::test]
async fn a_deadline_is_kept_once_a_limit_has_an_entry_again() {
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let setup = Setup { steps: &[EARLY], entry_wait_ms: 6_000, reservation_ttl_ms: 20_000, ..Setup::USUAL };
    let mut site = Site::new(&proxy.url, setup).await;
    let asked = Asked::submit(with("OLD", json!({})));
    let without = waiting(&mut site, &proxy, &asked, "OLD").await;
    site.until("SELECT expires_at < clock_timestamp() FROM order_work").await;
    drop(without);
    site.set_up(|setup| setup.steps = &[EARLY]);
    let engine = site.engine().await;
    let answer = body(&asked.until_final(&[engine.client()]).await);
    assert_eq!((&answer["code"], &answer["reason"]), (&json!("order_cancelled"), &json!("expired")), "{answer}");
    assert_eq!(answer["compensations"], json!(["inventory.released"]));
    assert_eq!(participants.effects("OLD", "charge"), 0, "nothing is charged days late");
    site.judge(&participants).await;
}

/// An engine without an entry.
struct Nobody(Local);

impl LocalParticipants for Nobody {
    fn plan(&self) -> Plan {
        self.0.plan()
    }

    fn answer(&self, order: &Order, call: Call) -> Option<Outcome> {
        call.step(order).is_none().then(|| self.0.answer(order, call)).flatten()
    }
}

/// Whoever has it go on, the engine or an operator, decides nothing of it in the same breath: whoever takes it up then looks at
/// its deadline first.
#[test]
fn an_order_that_goes_on_is_judged_by_a_commit_of_its_own() {
    let local = Local { own: Own::Limit, ..Local::default() };
    let told = |order: Option<&Order>, command: &Command, local: &dyn LocalParticipants| {
        transaction::run(order, command, Timestamp(0), local, StockVerdict::Assumed).expect("it is taken").order
    };
    let run = |order: Option<&Order>, command: &Command| told(order, command, &local);
    let submitted = submit_to(Capture::Automatic, &local);
    assert_eq!(run(None, &submitted).state, State::Completed, "what nobody stops is judged within its one transaction");
    let missing = StepName::parse("limit").expect("a name");
    let begun = told(None, &submitted, &Nobody(local));
    let waits = run(Some(&begun), &Command::Attention { reason: "no entry".into(), missing: Some(missing) });
    for command in [Command::Found, Command::Retry(word("it is back"))] {
        let order = run(Some(&waits), &command);
        assert!(order.attention.is_none() && order.state != State::Completed, "{command:?}: {order:#?}");
        let ended = run(Some(&order), &Command::Expire);
        assert_eq!(ended.state, State::Cancelled, "{command:?}");
        assert_eq!(run(Some(&order), &Command::GoOn).state, State::Completed, "{command:?}");
    }
}

/// What was restored from before is looked up first; of a limit there is nobody to ask.
#[tokio::test]
async fn a_restored_order_is_judged_by_a_limit_whose_entry_is_back() {
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let setup = Setup { steps: &[EARLY], entry_wait_ms: 6_000, ..Setup::USUAL };
    let mut site = Site::new(&proxy.url, setup).await;
    let asked = Asked::submit(with("BACK", json!({})));
    let without = waiting(&mut site, &proxy, &asked, "BACK").await;
    drop(without);
    // As whoever adopts what was restored leaves it.
    let restored = "UPDATE order_work SET look_first = true, owner = NULL, claims = 0";
    site.database.client().await.batch_execute(restored).await.expect(restored);
    site.set_up(|setup| setup.steps = &[EARLY]);
    let engine = site.engine().await;
    assert_eq!(asked.until_final(&[engine.client()]).await.status, 201);
    let history = site.history("BACK").await;
    assert_eq!(history.iter().filter(|event| *event == "order.attention").count(), 1, "{history:?}");
    site.judge(&participants).await;
}

/// An entry of another kind is another one, at this engine and at others.
#[tokio::test]
async fn an_entry_of_another_kind_does_not_do_the_step() {
    const SERVICE: &str = "name = \"fraud\"\nbefore = \"payment\"";
    const LIMIT: &str = "name = \"fraud\"\nbefore = \"payment\"\nkind = \"amount-limit\"\nlimits = { USD = 3998 }";
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let setup = Setup { steps: &[SERVICE], entry_wait_ms: 6_000, ..Setup::USUAL };
    let mut site = Site::new(&proxy.url, setup).await;
    let mut engine = site.engine().await;
    proxy.harm("KIND", "run", Harm::Accept);
    let asked = Asked::submit(with("KIND", json!({})));
    assert_eq!(asked.clone().async_().send(&engine.client()).await.status, 202);
    until("its service is asked", async || proxy.strikes("KIND", "run") > 0).await;
    engine.terminate().await;
    proxy.spare("KIND", "run");
    site.set_up(|setup| setup.steps = &[LIMIT]);
    let others = [site.engine().await, site.engine().await];
    site.until("SELECT attention::json ->> 'missing' = 'fraud' FROM orders").await;
    let told = shown(&others[0].client(), "KIND").await;
    let why = told["attention"]["reason"].as_str().expect("why");
    assert!(why.contains("once saga.steps has one of this name that is http"), "{why}");
    drop(others);
    site.set_up(|setup| setup.steps = &[SERVICE]);
    let engine = site.engine().await;
    assert_eq!(asked.until_final(&[engine.client()]).await.status, 201);
    site.judge(&participants).await;
}

/// An order that began before there was a limit ends without one.
#[tokio::test]
async fn an_order_that_began_without_a_limit_ends_without_one() {
    let participants = Participants::behaving(SERVES).await;
    let proxy = Proxy::before(&participants.program.url);
    let mut site = Site::new(&proxy.url, Setup::USUAL).await;
    let mut engine = site.engine().await;
    proxy.harm("OLD", "charge", Harm::Accept);
    let old = Asked::submit(with("OLD", json!({})));
    assert_eq!(old.clone().async_().send(&engine.client()).await.status, 202);
    until("it is asked for its money", async || proxy.strikes("OLD", "charge") > 0).await;
    engine.terminate().await;

    site.set_up(|setup| setup.steps = &[LOWER]);
    let engine = site.engine().await;
    let clients = [engine.client()];
    let new = Asked::submit(with("NEW", json!({}))).until_final(&clients).await;
    assert_eq!((new.status, body(&new)["reason"].as_str()), (409, Some("amount_limit")));
    proxy.spare("OLD", "charge");
    let ended = old.until_final(&clients).await;
    assert_eq!(ended.status, 201, "{:?}", body(&ended));
    let history = site.history("OLD").await;
    assert!(!history.iter().any(|event| event.starts_with("step.")), "{history:?}");
    site.judge(&participants).await;
}

/// `dev` takes it as `serve` does.
#[tokio::test]
async fn dev_has_a_limit_too() {
    let folder = Folder::new();
    let config = folder.file("shop.toml", &entry("inventory", "USD = 3998"));
    let dev = Program::dev(&folder, &["--config", config.to_str().expect("a path")]).await;
    let client = dev.client();
    for (id, amount, status) in [("AT", 3_998, 201), ("ABOVE", 3_999, 409)] {
        let mut order = of(id, amount, "USD");
        order["lines"][0]["sku"] = json!("SKU-0001");
        let answer = Asked::submit(order).send(&client).await;
        assert_eq!(answer.status, status, "{:?}", body(&answer));
    }
    until_its_step_is_told(&client).await;
}
