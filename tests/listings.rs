//! Promise: what a page of a listing reads depends on what was asked for, never on how many orders others have; and every
//! page, whatever its filter, looks at so many rows and no more.

use std::sync::Arc;

use counterfoil::limits;
use counterfoil::ports::{Listing, Page, Reads, StockListing};
use counterfoil::saga::{Client, Code, Sku, State, Timestamp};
use counterfoil::store::PgStore;
use futures_util::future::join_all;

use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, TestEngine, answer, open_store, order, request, settings, simple, until};

/// Copies of the order `like`, `count` of them, named after their number.
fn copies(like: &str, prefix: &str, count: u32, client: &str, customer: &str, extra: &str) -> String {
    format!(
        "INSERT INTO orders SELECT r.* FROM orders o, generate_series(1, {count}) n, LATERAL jsonb_populate_record(o,
            jsonb_build_object('order_id', '{prefix}-' || lpad(n::text, 7, '0'), 'client', '{client}',
                'customer_id', '{customer}') || '{extra}'::jsonb) r
         WHERE o.order_id = '{like}';"
    )
}

const WAITS: &str = r#"{"attention": "{\"reason\":\"look\",\"since\":\"2026-01-01T00:00:00.000000Z\"}"}"#;
const ON_ITS_WAY: &str = r#"{"state": "INVENTORY_RESERVED"}"#;

/// Orders of each kind, for a client.
fn kinds(prefix: &str, count: u32, client: &str, customer: &str) -> String {
    let few = count / 10;
    [
        copies("DONE", &format!("{prefix}-done"), count - 3 * few, client, customer, "{}"),
        copies("GONE", &format!("{prefix}-gone"), few, client, customer, "{}"),
        copies("DONE", &format!("{prefix}-waits"), few, client, customer, WAITS),
        copies("DONE", &format!("{prefix}-runs"), few, client, customer, ON_ITS_WAY),
        format!(
            "INSERT INTO order_work (order_id, version, intent_at)
             SELECT order_id, version, now() FROM orders WHERE order_id LIKE '{prefix}-runs-%';"
        ),
    ]
    .concat()
}

/// A database with one order of each kind to copy, `DONE` and `GONE`, and nobody connected.
async fn ground() -> TestDatabase {
    let test = TestEngine::with(settings()).await;
    assert_eq!(answer(test.submit(simple("DONE")).await).0, 201);
    assert_eq!(answer(test.submit(order("GONE", request(&[("SKU-1", 1)], "pm_declined"))).await).0, 402);
    let database = test.stop().await;
    let quiet =
        "ALTER TABLE orders SET (autovacuum_enabled = off); ALTER TABLE payments SET (autovacuum_enabled = off);
        ALTER TABLE order_work SET (autovacuum_enabled = off)";
    database.client().await.batch_execute(quiet).await.expect("nobody else reads");
    database
}

async fn all_gone(database: &TestDatabase) {
    let admin = database.client().await;
    let sql = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    until("everybody is gone", || async { admin.query_one(sql, &[]).await.expect(sql).get::<_, i64>(0) == 0 }).await;
}

/// Every filter that there is, for a client.
fn filters(client: &str) -> Vec<Listing> {
    let mut all = Vec::new();
    for state in State::ALL.iter().copied().map(Some).chain([None]) {
        for customer_id in [None, Some("guest".to_owned())] {
            for attention in [false, true] {
                let (client, customer_id) = (Some(Client::trusted(client)), customer_id.clone());
                all.push(Listing { client, state, customer_id, attention, limit: 10, ..Listing::default() });
            }
        }
    }
    all
}

async fn follow(store: &PgStore, listing: &Listing) -> Vec<Page> {
    let (mut listing, mut pages) = (listing.clone(), Vec::new());
    loop {
        let page = store.list(listing.clone()).await.expect("a page");
        listing.after = page.next.clone();
        pages.push(page);
        if listing.after.is_none() {
            return pages;
        }
    }
}

/// How often each filter is asked: a plan is made for good after some.
const TIMES: usize = 7;

async fn ask_all(store: &PgStore) -> Vec<usize> {
    let mut found = Vec::new();
    for listing in filters("mine") {
        for _ in 0..TIMES {
            let pages = follow(store, &listing).await;
            found.push(pages.iter().map(|page| page.orders.len()).sum());
            assert!(pages.iter().flat_map(|page| &page.orders).all(|order| order.client.as_str() == "mine"));
        }
    }
    found
}

#[derive(Debug, Clone, Copy)]
enum Plans {
    /// Made before the others' orders came.
    Young,
    Fresh,
    Analysed,
}

/// Blocks that a client's listings touch, and what they find.
async fn blocks(foreign: bool, plans: Plans) -> (i64, Vec<usize>) {
    let database = ground().await;
    let admin = database.client().await;
    admin.batch_execute(&kinds("M", 40, "mine", "guest")).await.expect("own orders");
    admin.batch_execute(&copies("DONE", "N", 5, "mine", "cus-7", "{}")).await.expect("own orders");
    let store = match plans {
        Plans::Young => Some(open_store(&database.url(), 1).await),
        Plans::Fresh | Plans::Analysed => None,
    };
    let young = match &store {
        Some(store) => ask_all(store).await,
        None => Vec::new(),
    };
    if foreign {
        // Before and behind in every order that there is, and of the same customer.
        for (prefix, client) in [("A", "a-shop"), ("Z", "z-shop")] {
            admin.batch_execute(&kinds(prefix, 50_000, client, "guest")).await.expect("others' orders");
        }
    }
    // What the engine itself counts now and then is read off an index alone.
    admin.batch_execute("VACUUM orders").await.expect("vacuum");
    admin.batch_execute("VACUUM order_work").await.expect("vacuum");
    if matches!(plans, Plans::Analysed) {
        admin.batch_execute("ANALYZE").await.expect("analyze");
    }
    drop(admin);
    let store = match store {
        Some(store) => store,
        None => {
            all_gone(&database).await;
            open_store(&database.url(), 1).await
        }
    };
    database.client().await.batch_execute("SELECT pg_stat_reset()").await.expect("begin to count");
    let found = ask_all(&store).await;
    assert!(young.is_empty() || young == found);
    store.close(PATIENCE);
    drop(store);
    all_gone(&database).await;
    let sql = "SELECT sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0)
            + coalesce(toast_blks_read, 0) + coalesce(toast_blks_hit, 0))::bigint
        FROM pg_statio_user_tables WHERE relname IN ('orders', 'order_work', 'payments', 'refunds')";
    (database.client().await.query_one(sql, &[]).await.expect(sql).get(0), found)
}

/// 100,000 orders of others, in each order before the client's own and behind them: it reads as many blocks as without
/// them, but for indexes that are a level or two deeper, and finds the same.
#[tokio::test]
async fn a_clients_listing_reads_nothing_of_others() {
    for plans in [Plans::Young, Plans::Fresh, Plans::Analysed] {
        let (alone, found_alone) = blocks(false, plans).await;
        let (among, found_among) = blocks(true, plans).await;
        assert_eq!(found_alone, found_among);
        assert!(found_alone.iter().sum::<usize>() > 1_000, "they find something: {found_alone:?}");
        let calls = i64::try_from(found_alone.len()).unwrap();
        assert!(among <= 2 * alone + 2_000, "{plans:?}: {calls} listings read {among} blocks, {alone} without others");
    }
}

/// Whatever is asked for, of everybody or of one's own, by filters that next to nothing passes: no page looks at more rows
/// than it may, and those that follow the cursors see each order once.
#[tokio::test]
async fn a_page_that_finds_nothing_ends_and_leads_on() {
    let database = ground().await;
    let admin = database.client().await;
    let many = u32::try_from(limits::PAGE_READ).unwrap() * 2 + 100;
    admin.batch_execute(&copies("DONE", "B", many, "mine", "guest", "{}")).await.expect("orders that pass no filter");
    admin.batch_execute(&copies("DONE", "C", 3, "mine", "guest", ON_ITS_WAY)).await.expect("orders that do");
    let work = "INSERT INTO order_work (order_id, version, intent_at) SELECT order_id, version, now() FROM orders
        WHERE state = 'INVENTORY_RESERVED' OR order_id LIKE 'B-%'"; // as if those had just ended
    admin.batch_execute(work).await.expect("left to do");
    let store = open_store(&database.url(), 1).await;
    let own = Some(Client::trusted("mine"));
    for client in [None, own] {
        for customer_id in [None, Some("guest".to_owned())] {
            let state = Some(State::InventoryReserved);
            let listing = Listing { client: client.clone(), state, customer_id, limit: 10, ..Listing::default() };
            let pages = follow(&store, &listing).await;
            let ids: Vec<_> = pages.iter().flat_map(|page| &page.orders).map(|order| order.id.to_string()).collect();
            assert_eq!(ids, ["C-0000001", "C-0000002", "C-0000003"], "{listing:?}");
            assert_eq!(pages.len(), 3, "{listing:?}: a page looks at {} rows", limits::PAGE_READ);
            assert!(pages[0].orders.is_empty());
        }
    }
    // All of them, by pages of the largest size.
    let everything = Listing { limit: limits::PAGE, ..Listing::default() };
    let pages = follow(&store, &everything).await;
    let mut ids: Vec<_> = pages.iter().flat_map(|page| &page.orders).map(|order| order.id.to_string()).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), all), (usize::try_from(many).unwrap() + 5, usize::try_from(many).unwrap() + 5));
}

/// A customer's orders of more clients than one page looks for.
#[tokio::test]
async fn a_customers_orders_are_found_among_any_number_of_clients() {
    let database = ground().await;
    let clients = limits::PAGE_CLIENTS * 2 + 10;
    let of = |n: i64, customer: &str| copies("DONE", &format!("O-{n}"), 1, &format!("shop-{n:04}"), customer, "{}");
    let sql: String = (0..clients).map(|n| of(n, if n % 50 == 0 { "rare" } else { "guest" })).collect();
    database.client().await.batch_execute(&sql).await.expect("orders of many clients");
    let store = open_store(&database.url(), 1).await;
    let listing = Listing { customer_id: Some("rare".into()), limit: 10, ..Listing::default() };
    let pages = follow(&store, &listing).await;
    let ids: Vec<_> = pages.iter().flat_map(|page| &page.orders).map(|order| order.id.to_string()).collect();
    assert_eq!(ids, ["O-0-0000001", "O-50-0000001", "O-100-0000001"]);
    assert!(pages.len() > 1, "not all clients were looked for at once");
}

/// Orders of a thousand lines: a page ends by its bytes, and never without an order.
#[tokio::test]
async fn a_page_is_bounded_in_bytes() {
    let database = ground().await;
    let line =
        "(SELECT json_agg(json_build_object('sku', 'SKU-' || n || repeat('x', 50), 'quantity', 1, 'unit_price', 1))
        FROM generate_series(1, 1000) n)::text";
    let admin = database.client().await;
    let large = format!(
        "{} UPDATE orders SET lines = {line} WHERE order_id LIKE 'L-%'",
        copies("DONE", "L", 60, "mine", "guest", "{}")
    );
    admin.batch_execute(&large).await.expect("large orders");
    let size = "SELECT max(octet_length(lines))::bigint FROM orders";
    let size: i64 = admin.query_one(size, &[]).await.expect(size).get(0);
    let store = open_store(&database.url(), 1).await;
    let own = Listing { client: Some(Client::trusted("mine")), limit: 500, ..Listing::default() };
    let pages = follow(&store, &own).await;
    assert_eq!(pages.iter().map(|page| page.orders.len()).sum::<usize>(), 60);
    assert!(pages.len() > 1, "60 orders of {size} bytes are more than a page");
    for page in pages {
        let count = i64::try_from(page.orders.len()).unwrap();
        assert!(count >= 1 && (count - 1) * size <= limits::PAGE_BYTES, "{count} orders of {size} bytes");
    }
}

/// As many listings at once as one may think of, of one client: each is answered, and others' questions among them.
#[tokio::test]
async fn listings_leave_connections_to_others() {
    let database = ground().await;
    let admin = database.client().await;
    admin.batch_execute(&kinds("M", 2_000, "mine", "guest")).await.expect("orders");
    let store = open_store(&database.url(), 1).await;
    let own = Listing { client: Some(Client::trusted("mine")), limit: 500, ..Listing::default() };
    // The table that listings read beside others is locked: they hold on to what they have.
    admin.batch_execute("BEGIN; LOCK TABLE payments IN ACCESS EXCLUSIVE MODE").await.expect("lock");
    let listings: Vec<_> = (0..48)
        .map(|_| {
            let (store, own) = (Arc::clone(&store), own.clone());
            tokio::spawn(async move { store.list(own).await })
        })
        .collect();
    let blocked =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let watch = database.client().await;
    until("listings wait", || async { watch.query_one(blocked, &[]).await.expect(blocked).get::<_, i64>(0) >= 2 })
        .await;
    let stock = store.stock(counterfoil::saga::Sku::trusted("SKU-1")).await;
    assert!(stock.expect("an answer").is_some(), "a connection is left");
    admin.batch_execute("ROLLBACK").await.expect("unlock");
    join_all(listings).await;
}

/// Many batches of orders beside events of all kinds: whoever looks for the newest finds each once, in the order in which they were
/// stored, from any time to any other; and a page looks at so many events and no more.
#[tokio::test]
async fn the_newest_come_first_and_each_once() {
    let database = ground().await;
    let admin = database.client().await;
    // A batch of ten a minute for four hours and more, a transaction each, before those two that are there; each order has four
    // more commits, which are later ones.
    admin.batch_execute("UPDATE order_events SET at = at - interval '1 day'").await.expect("those two are older");
    let batches: i64 = limits::PAGE_READ / 40 + 150;
    for batch in 1..=batches {
        let minutes = batches - batch + 1;
        let at = format!("now() - interval '{minutes} minutes'");
        let sql = format!(
            "BEGIN;
             INSERT INTO orders SELECT r.* FROM orders o, generate_series(1, 10) n, LATERAL jsonb_populate_record(o,
                jsonb_build_object('order_id', 'N-' || lpad({batch}::text, 5, '0') || '-' || lpad(n::text, 2, '0'),
                    'client', 'mine', 'created_at', {at})) r
             WHERE o.order_id = CASE WHEN {batch} % 5 = 0 THEN 'GONE' ELSE 'DONE' END;
             INSERT INTO order_events (order_id, first_version, at, events)
             SELECT order_id, 1, created_at, '[]' FROM orders
             WHERE order_id LIKE 'N-' || lpad({batch}::text, 5, '0') || '-%';
             COMMIT; BEGIN;
             INSERT INTO order_events (order_id, first_version, at, events)
             SELECT order_id, v, created_at, '[]' FROM orders, generate_series(2, 5) v
             WHERE order_id LIKE 'N-' || lpad({batch}::text, 5, '0') || '-%';
             COMMIT"
        );
        admin.batch_execute(&sql).await.expect("a batch");
    }
    admin.batch_execute("ANALYZE").await.expect("analyze");
    let store = open_store(&database.url(), 1).await;
    let all = Listing { newest: true, client: Some(Client::trusted("mine")), limit: 100, ..Listing::default() };
    let ids = |pages: &[Page]| -> Vec<String> {
        pages.iter().flat_map(|page| &page.orders).map(|order| order.id.to_string()).collect()
    };
    let named = |batches: &mut dyn Iterator<Item = i64>| -> Vec<String> {
        let of = |batch: i64| (1..=10).rev().map(move |n| format!("N-{batch:05}-{n:02}"));
        batches.flat_map(of).collect()
    };
    let pages = follow(&store, &all).await;
    assert_eq!(ids(&pages), named(&mut (1..=batches).rev()));
    let failed = Listing { failure: Some(Code::PaymentDeclined), ..all.clone() };
    assert_eq!(ids(&follow(&store, &failed).await), named(&mut (1..=batches).rev().filter(|batch| batch % 5 == 0)));
    // Nothing passes: pages are empty, and there are as many as it takes to look at so many each.
    let none = Listing { failure: Some(Code::OutOfStock), ..all.clone() };
    let pages = follow(&store, &none).await;
    let events = batches * 50 + 2;
    assert_eq!((ids(&pages).len(), pages.len() as i64), (0, events / limits::PAGE_READ + 1), "{events} events");
    // From a time to another: what is later is not gone through.
    let now = "SELECT (extract(epoch FROM now()) * 1000000)::bigint";
    let now: i64 = admin.query_one(now, &[]).await.expect(now).get(0);
    let minutes = |ago: i64| Timestamp(now - ago * 60_000_000 + 30_000_000);
    let hour = Listing { from: Some(minutes(200)), to: Some(minutes(140)), ..all.clone() };
    let pages = follow(&store, &hour).await;
    let from = batches + 1 - 199;
    assert_eq!(ids(&pages), named(&mut (from..from + 60).rev()));
    let before = Listing { to: Some(minutes(100_000)), ..all };
    assert!(ids(&follow(&store, &before).await).is_empty());
}

/// Ten thousand SKUs of which one runs short, and what hands did to it.
#[tokio::test]
async fn what_runs_short_is_found_and_its_journal_told() {
    let database = ground().await;
    let admin = database.client().await;
    let many = limits::PAGE_READ * 2 + 100;
    let stock = format!(
        "INSERT INTO inventory (sku, on_hand)
         SELECT 'Z-' || lpad(n::text, 5, '0'), CASE n WHEN {many} - 50 THEN 1 ELSE 100 END FROM generate_series(1, {many}) n;
         INSERT INTO inventory_journal (sku, delta, reason, client, at)
         SELECT 'Z-00001', n, 'counted', 'ops', now() - n / 2 * interval '1 minute' FROM generate_series(1, 25) n"
    );
    admin.batch_execute(&stock).await.expect("stock");
    let store = open_store(&database.url(), 1).await;
    let follow = async |mut listing: StockListing| {
        let (mut skus, mut pages) = (Vec::new(), 0);
        loop {
            let page = store.stock_page(listing.clone()).await.expect("a page");
            skus.extend(page.levels.into_iter().map(|level| level.sku.to_string()));
            pages += 1;
            listing.after = page.next;
            if listing.after.is_none() {
                return (skus, pages);
            }
        }
    };
    let short = StockListing { prefix: "Z-".into(), below: Some(5), after: None, limit: 10 };
    assert_eq!(follow(short.clone()).await, (vec![format!("Z-{:05}", many - 50)], 3), "a page looks at so many rows");
    let (skus, _) = follow(StockListing { below: None, limit: limits::PAGE, ..short }).await;
    assert_eq!(skus, (1..=many).map(|n| format!("Z-{n:05}")).collect::<Vec<_>>());
    let (mut before, mut told) = (None, Vec::new());
    loop {
        let entries = store.stock_journal(Sku::trusted("Z-00001"), before, 10).await.expect("a page");
        let Some(last) = entries.last() else { break };
        before = Some((last.at, last.entry_id));
        told.extend(entries);
    }
    let minutes: Vec<_> = told.iter().map(|entry| entry.delta / 2).collect();
    assert!(told.len() == 25 && minutes.is_sorted(), "the latest first, each once: {minutes:?}");
    let mut deltas: Vec<_> = told.iter().map(|entry| entry.delta).collect();
    deltas.sort_unstable();
    assert_eq!(deltas, (1..=25).collect::<Vec<_>>());
    assert_eq!((told[0].by.as_str(), &*told[0].reason, &told[0].order_id), ("ops", "counted", &None));
    assert!(store.stock_journal(Sku::trusted("Z-00002"), None, 10).await.expect("a page").is_empty());
}
