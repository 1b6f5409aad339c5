//! The reference: the store as a plain value in memory, one write at a time. It is what the simulator runs on and what
//! PostgreSQL is held against by the conformance suite; nothing durable ever rests on it. Its clock stands still until
//! somebody moves it ([`ModelStore::advance`]), and nothing in it is left to chance. What both stores take from one place (the
//! saga, how short stock is shared out, what a commit restocks, the words for what was set aside) it does not judge: the saga's
//! laws and the audit do.

mod work;

pub use work::WorkRow;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, ready};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::commit::stock::restocked;
use super::pipeline::is_news;
use crate::limits;
use crate::ports::{
    Claimed, CommitError, CommitResult, Committed, Done, Guard, HandBack, History, KeyBinding, KeyClaim, KeyScope,
    Listing, Node, OpenWork, OperatorEntry, OperatorRecord, Page, Place, PutOff, Reads, SUBMIT_ROUTE, StockChange,
    StockChanged, StockListing, StockPage, Store, StoreError, StoredEvents, StoredOrder, Survey, Sweep, Walk, Write,
};
use crate::saga::definition::StepEntry;
use crate::saga::transaction::Allocation;
use crate::saga::{
    Answer, Client, Event, Fingerprint, LocalTransaction, Order, OrderId, Sku, StockLevel, Timestamp, stock,
};

/// What is on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Shelf {
    on_hand: i64,
    reserved: i64,
}

/// When the clock begins: 2023-11-14T22:13:20Z.
const BEGINNING: Timestamp = Timestamp(1_700_000_000_000_000);

/// Notifications that may wait; the model has few listeners, and slow ones look for themselves.
const ENDED_WAITING: usize = 256;

fn later(at: Timestamp, span: Duration) -> Timestamp {
    Timestamp(at.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(now.0 - since.0).unwrap_or(0))
}

/// Everything that the database would hold.
#[derive(Debug, Clone)]
struct Tables {
    now: Timestamp,
    orders: BTreeMap<OrderId, StoredOrder>,
    events: BTreeMap<OrderId, Vec<StoredEvents>>,
    history: BTreeMap<OrderId, Vec<(Event, Timestamp)>>,
    keys: BTreeMap<KeyScope, KeyBinding>,
    verbs: BTreeMap<KeyScope, (Fingerprint, Answer)>,
    /// Keys of each order beside the one that it was placed under: of repeats of its submission, and of verbs.
    key_counts: BTreeMap<OrderId, (i16, i16)>,
    inventory: BTreeMap<Sku, Shelf>,
    journal: BTreeMap<Sku, i64>,
    work: BTreeMap<OrderId, WorkRow>,
    suspects_next: bool,
    log: Vec<(OrderId, OperatorEntry)>,
    operators: BTreeMap<OrderId, Vec<OperatorRecord>>,
    /// By participant and id: the order that it is about, and whether it was handled.
    inbox: BTreeMap<(String, String), (Option<OrderId>, bool)>,
    nodes: BTreeMap<Uuid, work::NodeRow>,
    ended: broadcast::Sender<OrderId>,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            now: BEGINNING,
            orders: BTreeMap::new(),
            events: BTreeMap::new(),
            history: BTreeMap::new(),
            keys: BTreeMap::new(),
            verbs: BTreeMap::new(),
            key_counts: BTreeMap::new(),
            inventory: BTreeMap::new(),
            journal: BTreeMap::new(),
            work: BTreeMap::new(),
            suspects_next: false,
            log: Vec::new(),
            operators: BTreeMap::new(),
            inbox: BTreeMap::new(),
            nodes: BTreeMap::new(),
            ended: broadcast::channel(ENDED_WAITING).0,
        }
    }
}

/// The in-memory reference store.
#[derive(Debug, Clone, Default)]
pub struct ModelStore {
    tables: Arc<Mutex<Tables>>,
}

impl ModelStore {
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another database with the same rows: what happens to one does not happen to the other. (A clone is another handle
    /// on the same one.)
    pub fn fork(&self) -> Self {
        Self { tables: Arc::new(Mutex::new(self.lock().clone())) }
    }

    /// Stores a write, or says why not: what a transaction of its own would do.
    pub fn apply(&self, write: &Write) -> CommitResult {
        let mut tables = self.lock();
        if let Some(claim) = &write.key
            && tables.keys.contains_key(&claim.scope)
        {
            return Ok(Committed::KeyKnown);
        }
        let verb_keys = tables.key_counts.get(write.order_id()).map_or(0, |(_, verbs)| *verbs);
        if !write.places() && write.key.is_some() && verb_keys >= limits::VERB_KEYS {
            return Ok(Committed::Full);
        }
        let stored = tables.orders.get(write.order_id()).map(|stored| stored.order.version);
        match (write.guard(), stored) {
            (Guard::Absent, Some(_)) => return Ok(Committed::Exists),
            (Guard::Version(expected), found) if found != Some(expected) => return Ok(Committed::Stale),
            (Guard::Absent, None) | (Guard::Version(_), _) => {}
        }
        let names = |txn: &LocalTransaction| {
            txn.order.refunds.iter().map(|one| (one.client.clone(), one.key.clone())).collect()
        };
        let names: BTreeSet<_> = names(&write.txn);
        if names.len() < write.txn.order.refunds.len() {
            return Err(CommitError::Refused("a refund of this key is there already".into()));
        }
        let txn = tables.move_stock(write)?;
        tables.record(write, &txn);
        tables.leave(write, &txn);
        Ok(Committed::Stored(Box::new(txn)))
    }

    /// The order of this id as stored; `None` where there is none.
    pub fn find(&self, id: &OrderId) -> Option<StoredOrder> {
        self.lock().orders.get(id).cloned()
    }

    /// The same without a copy of it: what `look` makes of the order as stored.
    pub fn with<T>(&self, id: &OrderId, look: impl FnOnce(&StoredOrder) -> T) -> Option<T> {
        self.lock().orders.get(id).map(look)
    }

    /// What a key is bound to.
    pub fn binding(&self, scope: &KeyScope) -> Option<KeyBinding> {
        self.lock().keys.get(scope).cloned()
    }

    /// Binds a key unless it is bound, or the order has as many as it may; the binding that stands.
    pub fn bind(&self, claim: &KeyClaim) -> Option<KeyBinding> {
        let mut tables = self.lock();
        if let Some(bound) = tables.keys.get(&claim.scope) {
            return Some(bound.clone());
        }
        let (later, _) = tables.key_counts.entry(claim.order_id.clone()).or_default();
        if *later >= limits::LATER_KEYS {
            return None;
        }
        *later += 1;
        let (order_id, answer) = (claim.order_id.clone(), claim.answer.clone());
        let binding = KeyBinding { order_id, fingerprint: claim.fingerprint.clone(), answer };
        tables.keys.insert(claim.scope.clone(), binding.clone());
        Some(binding)
    }

    /// Which SKUs inventory does not know.
    pub fn missing(&self, skus: &[Sku]) -> Vec<Sku> {
        let tables = self.lock();
        skus.iter().filter(|sku| !tables.inventory.contains_key(*sku)).cloned().collect()
    }

    /// Every order with its events: what an auditor reads.
    pub fn orders(&self) -> Vec<(StoredOrder, Vec<(Event, Timestamp)>)> {
        let tables = self.lock();
        let history = |id: &OrderId| tables.history.get(id).cloned().unwrap_or_default();
        tables.orders.iter().map(|(id, stored)| (stored.clone(), history(id))).collect()
    }

    /// Every SKU: (`on_hand`, `reserved`, sum of the journal).
    pub fn shelves(&self) -> BTreeMap<Sku, (i64, i64, i64)> {
        let tables = self.lock();
        let journal = |sku: &Sku| tables.journal.get(sku).copied().unwrap_or(0);
        tables.inventory.iter().map(|(sku, s)| (sku.clone(), (s.on_hand, s.reserved, journal(sku)))).collect()
    }

    /// What its clock says: the same until it is moved.
    pub fn now(&self) -> Timestamp {
        self.lock().now
    }

    /// Moves its clock forward by so much.
    pub fn advance(&self, span: Duration) {
        let mut tables = self.lock();
        tables.now = later(tables.now, span);
    }

    /// What is left to be done about an order; `None` where nothing is.
    pub fn work(&self, id: &OrderId) -> Option<WorkRow> {
        self.lock().work.get(id).cloned()
    }

    /// What operators did, in order.
    pub fn operator_log(&self) -> Vec<(OrderId, OperatorEntry)> {
        self.lock().log.clone()
    }
}

impl Tables {
    /// Moves the stock, or has the local transaction run again where it is short.
    fn move_stock(&mut self, write: &Write) -> Result<LocalTransaction, CommitError> {
        let wants = write.txn.order.request.quantities();
        let mut txn = (*write.txn).clone();
        if txn.stock.needs_stock() {
            if wants.keys().any(|sku| !self.inventory.contains_key(sku)) {
                return Err(CommitError::UnknownSku);
            }
            let left = wants.keys().filter_map(|sku| Some((sku.clone(), self.inventory.get(sku)?)));
            let mut allocation = Allocation::new(left.map(|(sku, shelf)| (sku, shelf.on_hand - shelf.reserved)));
            if let Err(shortages) = allocation.serve(&wants, false) {
                txn = write.short(&shortages).map_err(|refusal| CommitError::Refused(refusal.to_string()))?;
            }
        }
        let (on_hand, reserved) = txn.stock.delta();
        for (sku, quantity) in &wants {
            if let Some(shelf) = self.inventory.get_mut(sku) {
                shelf.on_hand += on_hand * quantity;
                shelf.reserved += reserved * quantity;
            }
        }
        for (_, back) in restocked(&txn) {
            if let Some(shelf) = self.inventory.get_mut(&back.sku) {
                shelf.on_hand += back.quantity;
                *self.journal.entry(back.sku.clone()).or_default() += back.quantity;
            }
        }
        Ok(txn)
    }

    fn record(&mut self, write: &Write, txn: &LocalTransaction) {
        let id = txn.order.id.clone();
        if let Some(KeyClaim { scope, fingerprint, answer, .. }) = &write.key {
            let (fingerprint, answer) = (fingerprint.clone(), answer.clone());
            self.keys.insert(scope.clone(), KeyBinding { order_id: id.clone(), fingerprint, answer });
            if !write.places() {
                self.key_counts.entry(id.clone()).or_default().1 += 1;
            }
        }
        self.settle(write);
        if let Some(entry) = write.log() {
            self.log.push((id.clone(), entry.clone()));
        }
        if let Some(entry) = write.log() {
            self.operators.entry(id.clone()).or_default().push(OperatorRecord {
                at: write.now,
                by: entry.by.clone(),
                verb: entry.verb.to_owned(),
                reason: entry.reason.to_string(),
                before: entry.before.clone(),
                after: entry.after.clone(),
            });
        }
        let known = self.orders.get(&id).map(|stored| stored.fingerprint.clone());
        let new = write.content().map(|content| content.fingerprint.clone());
        // A write that moves an order has found it under its guard.
        let Some(fingerprint) = new.or(known) else { return };
        let stored = StoredOrder { order: txn.order.clone(), fingerprint, look_first: false };
        self.orders.insert(id.clone(), stored);
        if !txn.events.is_empty() {
            self.tell(&txn.order, &txn.events);
        }
        if !write.places() && is_news(write, txn) {
            // Nobody listens: nobody waits.
            let _nobody = self.ended.send(id);
        }
    }

    /// Answers the open keys of verbs that this write decides.
    fn settle(&mut self, write: &Write) {
        for settled in write.settled() {
            let asked = |scope: &KeyScope| match &settled.holder {
                Some((client, key)) => scope.client == *client && scope.key == *key,
                None => true,
            };
            for (scope, binding) in &mut self.keys {
                let open = binding.answer.is_none() && &*scope.route != SUBMIT_ROUTE;
                if open && binding.order_id == *write.order_id() && scope.route == settled.route && asked(scope) {
                    binding.answer = Some(settled.answer.clone());
                }
            }
        }
    }

    /// Keeps the events that led to `order`.
    fn tell(&mut self, order: &Order, events: &[Event]) {
        let (id, at) = (&order.id, order.updated_at);
        let count = i32::try_from(events.len()).unwrap_or(i32::MAX);
        let first_version = order.version + 1 - count;
        let stored = StoredEvents { first_version, at, events: Event::encode_sealed(events) };
        self.events.entry(id.clone()).or_default().push(stored);
        self.history.entry(id.clone()).or_default().extend(events.iter().map(|event| (event.clone(), at)));
    }

    fn level(&self, sku: &Sku) -> Option<StockLevel> {
        self.inventory.get(sku).map(|shelf| StockLevel {
            sku: sku.clone(),
            on_hand: shelf.on_hand,
            reserved: shelf.reserved,
            available: shelf.on_hand - shelf.reserved,
        })
    }

    fn set_stock(&mut self, sku: &Sku, on_hand: i64) -> StockChanged {
        let created = !self.inventory.contains_key(sku);
        let before = self.inventory.get(sku).copied().unwrap_or_default();
        let level = |on_hand: i64| StockLevel {
            sku: sku.clone(),
            on_hand,
            reserved: before.reserved,
            available: on_hand - before.reserved,
        };
        if on_hand < before.reserved || on_hand > limits::ON_HAND {
            return StockChanged::OutOfRange(level(before.on_hand));
        }
        self.inventory.insert(sku.clone(), Shelf { on_hand, ..before });
        *self.journal.entry(sku.clone()).or_default() += on_hand - before.on_hand;
        StockChanged::Done { level: level(on_hand), created }
    }

    fn change_stock(&mut self, sku: &Sku, change: &StockChange) -> StockChanged {
        let (delta, key, fingerprint) = match change {
            StockChange::Set(on_hand) => return self.set_stock(sku, *on_hand),
            StockChange::Adjust { delta, key, fingerprint, .. } => (*delta, key, fingerprint),
        };
        match self.verbs.get(key) {
            Some((stored, answer)) if stored == fingerprint => return StockChanged::Replayed(answer.clone()),
            Some(_) => return StockChanged::KeyReused,
            None => {}
        }
        let Some(before) = self.level(sku) else { return StockChanged::UnknownSku };
        let on_hand = before.on_hand.saturating_add(delta);
        let (answer, outcome) = if on_hand < before.reserved || on_hand > limits::ON_HAND {
            (stock::out_of_range(&before, limits::ON_HAND), StockChanged::OutOfRange(before))
        } else {
            let StockChanged::Done { level, .. } = self.set_stock(sku, on_hand) else {
                return StockChanged::UnknownSku;
            };
            (stock::changed(&level, stock::ADJUSTED), StockChanged::Done { level, created: false })
        };
        self.verbs.insert(key.clone(), (fingerprint.clone(), answer));
        outcome
    }
}

impl ModelStore {
    /// See [`Store::survey`].
    pub fn surveyed(&self, id: &OrderId, scope: Option<&KeyScope>, skus: &[Sku]) -> Survey {
        let key = scope.and_then(|scope| self.binding(scope));
        Survey { order: self.find(id), key, unknown: self.missing(skus) }
    }
}

impl Store for ModelStore {
    fn commit(&self, write: Write, done: Done) {
        done(self.apply(&write));
    }

    fn survey(
        &self,
        id: OrderId,
        scope: Option<KeyScope>,
        skus: Vec<Sku>,
    ) -> BoxFuture<'static, Result<Survey, StoreError>> {
        Box::pin(ready(Ok(self.surveyed(&id, scope.as_ref(), &skus))))
    }

    fn find_key(&self, scope: KeyScope) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>> {
        Box::pin(ready(Ok(self.binding(&scope))))
    }

    fn bind_key(&self, claim: KeyClaim) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>> {
        Box::pin(ready(Ok(self.bind(&claim))))
    }

    fn change_stock(
        &self,
        sku: Sku,
        change: StockChange,
        _by: Client,
    ) -> BoxFuture<'static, Result<StockChanged, StoreError>> {
        Box::pin(ready(Ok(self.lock().change_stock(&sku, &change))))
    }

    fn claim(&self, node: Uuid, lease: Duration, limit: i64) -> BoxFuture<'static, Result<Sweep, StoreError>> {
        Box::pin(ready(Ok(self.lock().claim(node, lease, limit))))
    }

    fn postpone(&self, id: OrderId, off: PutOff) -> BoxFuture<'static, Result<bool, StoreError>> {
        Box::pin(ready(Ok(self.lock().postpone(&id, off))))
    }

    fn leave(&self, id: OrderId, version: i32) -> BoxFuture<'static, Result<bool, StoreError>> {
        Box::pin(ready(Ok(self.lock().let_be(&id, version))))
    }

    fn hand_back(&self, id: OrderId, back: HandBack) -> BoxFuture<'static, Result<bool, StoreError>> {
        Box::pin(ready(Ok(self.lock().hand_back(&id, back))))
    }

    fn held(&self, id: OrderId, version: i32, node: Uuid) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        Box::pin(ready(Ok(self.lock().held(&id, version, node))))
    }

    fn release(&self, node: Uuid) -> BoxFuture<'static, Result<u64, StoreError>> {
        Box::pin(ready(Ok(self.lock().release(node))))
    }

    fn heartbeat(&self, node: Uuid, name: String, state: &'static str) -> BoxFuture<'static, Result<(), StoreError>> {
        self.lock().heartbeat(node, name, state);
        Box::pin(ready(Ok(())))
    }

    fn tell_steps(&self, node: Uuid, steps: Vec<StepEntry>) -> BoxFuture<'static, Result<Vec<StepEntry>, StoreError>> {
        Box::pin(ready(Ok(self.lock().tell_steps(node, steps))))
    }

    fn receive_webhook(
        &self,
        participant: String,
        webhook_id: String,
        order_id: Option<OrderId>,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        let mut tables = self.lock();
        let handled = order_id.as_ref().is_none_or(|id| tables.orders.contains_key(id));
        let known = tables.inbox.contains_key(&(participant.clone(), webhook_id.clone()));
        if !known {
            if let Some(id) = &order_id {
                tables.look(id);
            }
            tables.inbox.insert((participant, webhook_id), (order_id, handled));
        }
        Box::pin(ready(Ok(!known)))
    }

    fn ended_elsewhere(&self) -> broadcast::Receiver<OrderId> {
        self.lock().ended.subscribe()
    }
}

impl Reads for ModelStore {
    fn load(&self, id: OrderId) -> BoxFuture<'static, Result<Option<StoredOrder>, StoreError>> {
        Box::pin(ready(Ok(self.find(&id))))
    }

    fn unknown_skus(&self, skus: Vec<Sku>) -> BoxFuture<'static, Result<Vec<Sku>, StoreError>> {
        Box::pin(ready(Ok(self.missing(&skus))))
    }

    fn list(&self, listing: Listing) -> BoxFuture<'static, Result<Page, StoreError>> {
        let tables = self.lock();
        // Where a walk goes by client or customer, order_ids come after that; `None` is behind all within.
        let key = |place: &Place| (place.within.clone(), place.order_id.is_none(), place.order_id.clone());
        let latest = |place: &Place| (place.moment(), place.order_id.clone());
        let place = |order: &Order| match listing.walk() {
            // By the moments of its clock, which are those of one epoch.
            Walk::Newest => Place::at((1, order.created_at.0), order.id.to_string()),
            _ => listing.place_of(order.client.as_str(), &order.request.customer_id, order.id.as_str()),
        };
        let wanted = |order: &&Order| {
            let behind = |after: &Place| match listing.walk() {
                Walk::Newest => latest(&place(order)) < latest(after),
                _ => key(&place(order)) > key(after),
            };
            listing.wants(order) && listing.after.as_ref().is_none_or(behind)
        };
        let mut orders: Vec<Order> =
            tables.orders.values().map(|stored| &stored.order).filter(wanted).cloned().collect();
        match listing.walk() {
            Walk::Newest => orders.sort_by_key(|order| Reverse(latest(&place(order)))),
            _ => orders.sort_by_key(|order| key(&place(order))),
        }
        let limit = usize::try_from(listing.limit).unwrap_or(0);
        let more = orders.len() > limit;
        orders.truncate(limit);
        let next = orders.last().filter(|_| more).map(place);
        Box::pin(ready(Ok(Page { orders, next })))
    }

    fn events(&self, id: OrderId) -> BoxFuture<'static, Result<Vec<StoredEvents>, StoreError>> {
        Box::pin(ready(Ok(self.lock().events.get(&id).cloned().unwrap_or_default())))
    }

    fn history(&self, id: OrderId, after: i32) -> BoxFuture<'static, Result<History, StoreError>> {
        let tables = self.lock();
        let commits = tables.events.get(&id).map(Vec::as_slice).unwrap_or_default();
        let begun = commits.iter().rposition(|commit| commit.first_version <= after).unwrap_or(0);
        let page = usize::try_from(limits::EVENTS_PAGE).unwrap_or(usize::MAX);
        let commits = commits.iter().skip(begun).take(page).cloned().collect();
        Box::pin(ready(Ok(History { pruned: None, commits })))
    }

    fn stock(&self, sku: Sku) -> BoxFuture<'static, Result<Option<StockLevel>, StoreError>> {
        Box::pin(ready(Ok(self.lock().level(&sku))))
    }

    fn stock_page(&self, listing: StockListing) -> BoxFuture<'static, Result<StockPage, StoreError>> {
        let tables = self.lock();
        let wanted = |level: &StockLevel| {
            level.sku.as_str().starts_with(&listing.prefix)
                && listing.after.as_ref().is_none_or(|after| level.sku > *after)
                && listing.below.is_none_or(|below| level.available < below)
        };
        let levels = tables.inventory.keys().filter_map(|sku| tables.level(sku)).filter(wanted);
        let limit = usize::try_from(listing.limit).unwrap_or(0);
        let mut levels: Vec<_> = levels.take(limit + 1).collect();
        let more = levels.len() > limit;
        levels.truncate(limit);
        let next = levels.last().filter(|_| more).map(|last| last.sku.clone());
        Box::pin(ready(Ok(StockPage { levels, next })))
    }

    fn open_work(&self, id: OrderId) -> BoxFuture<'static, Result<Option<OpenWork>, StoreError>> {
        Box::pin(ready(Ok(self.lock().open_work(&id))))
    }

    fn nodes(&self) -> BoxFuture<'static, Result<Vec<Node>, StoreError>> {
        Box::pin(ready(Ok(self.lock().seen_nodes())))
    }

    fn operator_log(&self, order_id: OrderId) -> BoxFuture<'static, Result<Vec<OperatorRecord>, StoreError>> {
        let log = self.lock().operators.get(&order_id).cloned().unwrap_or_default();
        let shown = usize::try_from(limits::OPERATOR_LOG).unwrap_or(usize::MAX);
        let latest = log[log.len().saturating_sub(shown)..].to_vec();
        Box::pin(ready(Ok(latest)))
    }

    fn is_healthy(&self) -> bool {
        true
    }
}
