//! What the database refuses: writes of who lost the lease, and of who has not heard what an operator said. Asked of the
//! store itself, since a relay notices before.

use std::sync::Arc;
use std::time::Duration;

use counterfoil::ports::feed::Position;
use counterfoil::ports::lease::Leases;
use counterfoil::ports::webhooks::{
    Act, Changes, EndpointPatch, EndpointState, EndpointTarget, NewEndpoint, OperatorWord, Recorded, SetAside, Waiting,
    WebhookOperations, Webhooks,
};
use counterfoil::saga::Client;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::open_store;
use crate::support::receiver::{OTHER_SECRET, SECRET};

fn target() -> EndpointTarget {
    EndpointTarget {
        url: "https://h/".into(),
        secrets: vec![SECRET.into()],
        types: Vec::new(),
        clients: Vec::new(),
        personal_data: false,
        strict: false,
    }
}

fn word() -> OperatorWord {
    OperatorWord { by: Client::anonymous(), reason: "a test".into() }
}

fn waiting(order: &str, version: i32) -> Waiting {
    Waiting {
        order_id: order.into(),
        version,
        upto: 9,
        failures: 1,
        run: 1,
        wait: Some(Duration::from_secs(60)),
        others_succeeded: false,
        status: Some(500),
        error: Some("answered 500".into()),
    }
}

fn position(upto: u64) -> Position {
    serde_json::from_str(&format!(r#"{{"epoch":1,"upto":{upto}}}"#)).expect("a position")
}

#[tokio::test]
async fn what_was_delivered_is_written_by_who_holds_the_lease_and_has_heard_the_last_word() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let new = NewEndpoint { name: "crm".into(), target: target(), position: position(1), since: None, from_now: false };
    let endpoint = store.add(new, word()).await.expect("ask").expect("it is new");
    let id = endpoint.id;
    let first = store.hold("webhook/x", Uuid::new_v4(), Duration::ZERO).await.expect("ask").expect("nobody has it");
    let second =
        store.hold("webhook/x", Uuid::new_v4(), Duration::from_secs(60)).await.expect("ask").expect("it ended");
    let changes = |order: &str, upto| {
        let aside = SetAside {
            order_id: order.into(),
            version: 2,
            failures: 4,
            status: Some(400),
            error: "answered 400".into(),
        };
        Arc::new(Changes {
            waiting: vec![waiting(order, 3)],
            set_aside: vec![aside],
            delivered: 1,
            position: Some(position(upto)),
            ..Changes::default()
        })
    };
    let record = async |held: &counterfoil::ports::lease::Held, revision, changes| {
        store.record(held.clone(), id, revision, changes).await.expect("ask")
    };
    assert_eq!(record(&first, 1, changes("A", 2)).await, Recorded::Lost);
    assert_eq!(record(&second, 1, changes("B", 3)).await, Recorded::Done);
    // An operator says something: what was under way then is not written over it.
    let redrive = Act::Redrive { order_id: None, version: None };
    assert_eq!(store.act("crm", redrive, word()).await.expect("ask"), Some(2));
    assert_eq!(record(&second, 1, changes("C", 4)).await, Recorded::Changed);
    let found = store.endpoint(id).await.expect("ask").expect("it is there");
    assert_eq!((found.revision, &found.position), (2, &position(3)));
    assert!(found.last_success_at.is_some());
    let owed = store.owed(id).await.expect("ask");
    let row = &owed.waiting[0];
    assert_eq!((owed.waiting.len(), &*row.order_id, row.version, row.wait), (1, "B", 3, Some(Duration::ZERO)));
    assert_eq!(owed.again, [("B".into(), 2)]);

    // A skip lets the order go on, and the last one of it lets it go.
    for version in 3..=9 {
        let skip = Act::Skip { order_id: "B".into(), version };
        assert_eq!(store.act("crm", skip, word()).await.expect("ask"), Some(1), "{version}");
    }
    assert!(store.owed(id).await.expect("ask").waiting.is_empty());
    // A replay is another run.
    let replay = Act::Replay { position: position(1), since: None, from_now: false };
    assert_eq!(store.act("crm", replay, word()).await.expect("ask"), Some(1));
    let found = store.endpoint(id).await.expect("ask").expect("it is there");
    assert_eq!((found.run, &found.position), (2, &position(1)));
    // A new secret comes before the old one. Another change at the same time leaves it where it is, and is judged by anew.
    let change = EndpointPatch {
        secret: Some(OTHER_SECRET.into()),
        personal_data: Some(true),
        url: Some("https://h/other?token=t0ken".into()),
        ..EndpointPatch::default()
    };
    store.act("crm", Act::Change(change), word()).await.expect("ask");
    let change = EndpointPatch { types: Some(vec!["order.completed".into()]), ..EndpointPatch::default() };
    store.act("crm", Act::Change(change), word()).await.expect("ask");
    let before = found.revision;
    let found = store.endpoint(id).await.expect("ask").expect("it is there");
    assert_eq!(found.target.secrets, [OTHER_SECRET, SECRET]);
    assert_eq!((found.target.personal_data, &*found.target.types), (true, &["order.completed".to_owned()][..]));
    assert_eq!(found.revision, before + 2);
    // Why nothing more is delivered is said by who holds the lease, of what the endpoint is now.
    let stop = async |held: &counterfoil::ports::lease::Held, revision, state| {
        let (held, why) = (held.clone(), "it answered 410".to_owned());
        store.stop(held, id, revision, state, why).await.expect("ask")
    };
    assert_eq!(stop(&first, found.revision, EndpointState::Disabled).await, Recorded::Lost);
    assert_eq!(stop(&second, before, EndpointState::Disabled).await, Recorded::Changed);
    let stands = async || {
        let found = store.endpoint(id).await.expect("ask").expect("it is there");
        (found.state, found.state_reason)
    };
    assert_eq!(stands().await, (EndpointState::Active, None));
    // An active one that gets nothing new says why until it does.
    let full = Changes { held_up: Some("too many wait".into()), ..Changes::default() };
    assert_eq!(record(&second, found.revision, Arc::new(full)).await, Recorded::Done);
    assert_eq!(stands().await, (EndpointState::Active, Some("too many wait".into())));
    assert_eq!(record(&second, found.revision, Arc::new(Changes::default())).await, Recorded::Done);
    assert_eq!(stands().await, (EndpointState::Active, None));
    // A position whose row is not there is one of a history that was lost.
    let lost: Position = serde_json::from_str(r#"{"epoch":1,"upto":9,"last":[1,8,"LOST",1]}"#).expect("a position");
    let lost = Changes { position: Some(lost), ..Changes::default() };
    assert_eq!(record(&second, found.revision, Arc::new(lost)).await, Recorded::Changed);
    let at = store.endpoint(id).await.expect("ask").expect("it is there").position;
    assert_eq!(at, position(1));
    assert_eq!(stop(&second, found.revision, EndpointState::Disabled).await, Recorded::Done);
    assert_eq!(stands().await, (EndpointState::Disabled, Some("it answered 410".into())));
    // What is gone is gone with its rows.
    store.act("crm", Act::Remove, word()).await.expect("ask");
    assert_eq!(record(&second, found.revision, changes("D", 5)).await, Recorded::Changed);
    assert!(store.endpoint(id).await.expect("ask").is_none());
    let sql = "SELECT (SELECT count(*) FROM webhook_waiting) + (SELECT count(*) FROM webhook_set_aside)";
    let rows = database.client().await.query_one(sql, &[]).await.expect(sql);
    assert_eq!(rows.get::<_, i64>(0), 0);
    let log = store.log("crm").await.expect("ask");
    assert_eq!(log.len(), 13);
    assert_eq!((&*log[0].verb, &*log[12].verb), ("add", "remove"));
    let details: Vec<&str> = log[10..].iter().map(|entry| &*entry.detail).collect();
    assert_eq!(details, ["url (to https://h), personal_data (to true), secret", "types", "https://h"]);
}

/// Whoever delivers hears of what changes something, and of nothing else.
#[tokio::test]
async fn what_changes_nothing_is_no_change_and_what_was_said_before_stays() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let target = EndpointTarget { strict: true, ..target() };
    let new = NewEndpoint { name: "crm".into(), target, position: position(1), since: None, from_now: false };
    let id = store.add(new, word()).await.expect("ask").expect("it is new").id;
    let held = store.hold("webhook/x", Uuid::new_v4(), Duration::from_secs(60)).await.expect("ask").expect("it");
    let revision = async || store.endpoint(id).await.expect("ask").expect("it is there").revision;
    let act = async |act| store.act("crm", act, word()).await.expect("ask").expect("it is there");
    let redrive = || Act::Redrive { order_id: None, version: None };
    let skip = |version| Act::Skip { order_id: "A".into(), version };
    let change = |patch: EndpointPatch| Act::Change(patch);
    let same =
        EndpointPatch { url: Some("https://h/".into()), secret: Some(SECRET.into()), ..EndpointPatch::default() };
    for nothing in [redrive(), skip(1), change(EndpointPatch::default()), change(same)] {
        assert_eq!((act(nothing.clone()).await, revision().await), (0, 1), "{nothing:?}");
    }

    let stopped = || Waiting { wait: None, ..waiting("A", 3) };
    let fill = async || {
        let waiting = vec![stopped(), waiting("B", 3)];
        let changes = Arc::new(Changes { waiting, ..Changes::default() });
        assert_eq!(store.record(held.clone(), id, revision().await, changes).await.expect("ask"), Recorded::Done);
    };
    let waits = async || {
        let rows = store.owed(id).await.expect("ask").waiting;
        rows.into_iter().map(|row| (row.wait, row.failures)).collect::<Vec<_>>()
    };
    let at_once = Some(Duration::ZERO);
    for (patch, failures) in [
        (EndpointPatch { strict: Some(false), ..EndpointPatch::default() }, 1),
        (EndpointPatch { url: Some("https://i/".into()), ..EndpointPatch::default() }, 0),
        (EndpointPatch { secret: Some(OTHER_SECRET.into()), ..EndpointPatch::default() }, 0),
    ] {
        fill().await;
        let before = revision().await;
        act(change(patch)).await;
        assert_eq!((waits().await, revision().await), (vec![(at_once, failures); 2], before + 1));
    }
    fill().await;
    act(change(EndpointPatch { personal_data: Some(true), ..EndpointPatch::default() })).await;
    assert_eq!(waits().await.iter().filter(|(wait, _)| *wait == at_once).count(), 0, "that frees nobody");

    // What an operator let go of is not set aside by who was about to, nor forgotten.
    assert_eq!(act(skip(3)).await, 1);
    let aside =
        SetAside { order_id: "A".into(), version: 3, failures: 4, status: Some(400), error: "answered 400".into() };
    let late = Changes { set_aside: vec![aside], delivered_again: vec![("A".into(), 3)], ..Changes::default() };
    let revised = revision().await;
    assert_eq!(store.record(held, id, revised, Arc::new(late)).await.expect("ask"), Recorded::Done);
    assert_eq!(store.counts(id).await.expect("ask").set_aside, 0);
    assert_eq!(store.let_go(id, 1, vec!["A".into()]).await.expect("ask"), [("A".to_owned(), 3)]);
}

#[tokio::test]
async fn there_are_so_many_endpoints_and_no_more() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let sql = "INSERT INTO webhook_endpoints (name, deployment_id, url, secrets, types, clients, personal_data, strict,
            configured, position)
        SELECT 'e-' || n, deployment_id, 'https://h/', '[]', '[]', '[]', false, false, false, '{\"epoch\":1,\"upto\":0}'
        FROM generate_series(1, 100) n, deployment";
    database.client().await.batch_execute(sql).await.expect(sql);
    let new = NewEndpoint { name: "crm".into(), target: target(), position: position(1), since: None, from_now: false };
    let refused = store.add(new.clone(), word()).await.expect("ask");
    assert_eq!(refused.err(), Some(counterfoil::ports::webhooks::NotAdded::Full));
    let taken = NewEndpoint { name: "e-1".into(), ..new };
    let refused = store.add(taken, word()).await.expect("ask");
    assert_eq!(refused.err(), Some(counterfoil::ports::webhooks::NotAdded::Exists));
}
