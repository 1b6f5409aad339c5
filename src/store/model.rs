//! The reference: the store as a plain value in memory, one write at a time. It is what the simulator runs on and what
//! PostgreSQL is held against by the conformance suite; nothing durable ever rests on it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{BoxFuture, ready};

use crate::limits;
use crate::ports::{
    CommitError, CommitResult, Committed, Done, Guard, KeyBinding, KeyClaim, KeyScope, Listing, OperatorRecord,
    StockChange, StockChanged, StockLevel, Store, StoreError, StoredEvents, StoredOrder, Write,
};
use crate::saga::leg::Allocation;
use crate::saga::{Answer, Client, Event, Fingerprint, Leg, Order, OrderId, Sku, Timestamp};

/// What is on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Shelf {
    on_hand: i64,
    reserved: i64,
}

/// Everything that the database would hold.
#[derive(Debug, Default)]
struct Tables {
    orders: BTreeMap<OrderId, StoredOrder>,
    events: BTreeMap<OrderId, Vec<StoredEvents>>,
    history: BTreeMap<OrderId, Vec<(Event, Timestamp)>>,
    keys: BTreeMap<KeyScope, KeyBinding>,
    verbs: BTreeMap<KeyScope, (Fingerprint, Answer)>,
    inventory: BTreeMap<Sku, Shelf>,
    journal: BTreeMap<Sku, i64>,
    operators: BTreeMap<OrderId, Vec<OperatorRecord>>,
    /// By participant and id: the order that it is about, and whether it was handled.
    inbox: BTreeMap<(&'static str, String), (Option<OrderId>, bool)>,
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

    /// Stores a write, or says why not: what a transaction of its own would do.
    pub fn apply(&self, write: &Write) -> CommitResult {
        let mut tables = self.lock();
        if let Some(claim) = &write.key
            && tables.keys.contains_key(&claim.scope)
        {
            return Ok(Committed::KeyKnown);
        }
        let stored = tables.orders.get(write.order_id()).map(|stored| stored.order.version);
        match (write.guard, stored) {
            (Guard::Absent, Some(_)) => return Ok(Committed::Exists),
            (Guard::Version(expected), found) if found != Some(expected) => return Ok(Committed::Stale),
            (Guard::Absent, None) | (Guard::Version(_), _) => {}
        }
        let leg = tables.move_stock(write)?;
        tables.record(write, &leg);
        Ok(Committed::Stored(Box::new(leg)))
    }

    /// An order as stored.
    pub fn find(&self, id: &OrderId) -> Option<StoredOrder> {
        self.lock().orders.get(id).cloned()
    }

    /// What a key is bound to.
    pub fn binding(&self, scope: &KeyScope) -> Option<KeyBinding> {
        self.lock().keys.get(scope).cloned()
    }

    /// Binds a key unless it is bound; the binding that stands.
    pub fn bind(&self, claim: &KeyClaim) -> KeyBinding {
        let binding =
            KeyBinding { order_id: claim.order_id.clone(), fingerprint: claim.fingerprint.clone(), answer: None };
        self.lock().keys.entry(claim.scope.clone()).or_insert(binding).clone()
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
}

impl Tables {
    /// Moves the stock, or has the leg run again where it is short.
    fn move_stock(&mut self, write: &Write) -> Result<Leg, CommitError> {
        let wants = write.leg.order.request.quantities();
        let mut leg = write.leg.clone();
        if leg.stock.needs_stock() {
            if wants.keys().any(|sku| !self.inventory.contains_key(sku)) {
                return Err(CommitError::UnknownSku);
            }
            let left = wants.keys().filter_map(|sku| Some((sku.clone(), self.inventory.get(sku)?)));
            let mut allocation = Allocation::new(left.map(|(sku, shelf)| (sku, shelf.on_hand - shelf.reserved)));
            if let Err(shortages) = allocation.serve(&wants, false) {
                leg = write.short(&shortages).map_err(|refusal| CommitError::Refused(refusal.to_string()))?;
            }
        }
        let (on_hand, reserved) = leg.stock.delta();
        for (sku, quantity) in &wants {
            if let Some(shelf) = self.inventory.get_mut(sku) {
                shelf.on_hand += on_hand * quantity;
                shelf.reserved += reserved * quantity;
            }
        }
        Ok(leg)
    }

    fn record(&mut self, write: &Write, leg: &Leg) {
        let id = leg.order.id.clone();
        if let Some(claim) = &write.key {
            let binding = KeyBinding { order_id: id.clone(), fingerprint: claim.fingerprint.clone(), answer: None };
            self.keys.insert(claim.scope.clone(), binding);
        }
        if let Some(entry) = &write.log {
            self.operators.entry(id.clone()).or_default().push(OperatorRecord {
                at: write.now,
                by: entry.by.clone(),
                verb: entry.verb.to_owned(),
                reason: entry.reason.to_string(),
                before: entry.before.clone(),
                after: entry.after.clone(),
            });
        }
        let stored = StoredOrder { order: leg.order.clone(), fingerprint: write.content.fingerprint.clone() };
        self.orders.insert(id.clone(), stored);
        if leg.events.is_empty() {
            return;
        }
        let count = i32::try_from(leg.events.len()).unwrap_or(i32::MAX);
        self.events.entry(id.clone()).or_default().push(StoredEvents {
            first_version: leg.order.version + 1 - count,
            at: leg.order.updated_at,
            events: Event::encode(&leg.events),
        });
        let at = leg.order.updated_at;
        self.history.entry(id).or_default().extend(leg.events.iter().map(|event| (event.clone(), at)));
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

    fn change_stock(&mut self, sku: &Sku, change: &StockChange, render: fn(&StockChanged) -> Answer) -> StockChanged {
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
        let outcome = if on_hand < before.reserved || on_hand > limits::ON_HAND {
            StockChanged::OutOfRange(before)
        } else {
            match self.set_stock(sku, on_hand) {
                StockChanged::Done { level, .. } => StockChanged::Done { level, created: false },
                other => other,
            }
        };
        self.verbs.insert(key.clone(), (fingerprint.clone(), render(&outcome)));
        outcome
    }
}

impl Store for ModelStore {
    fn commit(&self, write: Write, done: Done) {
        done(self.apply(&write));
    }

    fn load(&self, id: OrderId) -> BoxFuture<'static, Result<Option<StoredOrder>, StoreError>> {
        Box::pin(ready(Ok(self.find(&id))))
    }

    fn find_key(&self, scope: KeyScope) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>> {
        Box::pin(ready(Ok(self.binding(&scope))))
    }

    fn bind_key(&self, claim: KeyClaim) -> BoxFuture<'static, Result<KeyBinding, StoreError>> {
        Box::pin(ready(Ok(self.bind(&claim))))
    }

    fn unknown_skus(&self, skus: Vec<Sku>) -> BoxFuture<'static, Result<Vec<Sku>, StoreError>> {
        Box::pin(ready(Ok(self.missing(&skus))))
    }

    fn list(&self, listing: Listing) -> BoxFuture<'static, Result<Vec<Order>, StoreError>> {
        let tables = self.lock();
        let wanted = |order: &&Order| {
            listing.client.as_ref().is_none_or(|client| order.client == *client)
                && listing.state.is_none_or(|state| order.state == state)
                && listing.customer_id.as_ref().is_none_or(|customer| *order.request.customer_id == **customer)
                && (!listing.attention || order.attention.is_some())
                && listing.after.as_ref().is_none_or(|after| order.id.as_str() > after.as_str())
        };
        let limit = usize::try_from(listing.limit).unwrap_or(0);
        let page = tables.orders.values().map(|stored| &stored.order).filter(wanted).take(limit).cloned().collect();
        Box::pin(ready(Ok(page)))
    }

    fn events(&self, id: OrderId) -> BoxFuture<'static, Result<Vec<StoredEvents>, StoreError>> {
        Box::pin(ready(Ok(self.lock().events.get(&id).cloned().unwrap_or_default())))
    }

    fn stock(&self, sku: Sku) -> BoxFuture<'static, Result<Option<StockLevel>, StoreError>> {
        Box::pin(ready(Ok(self.lock().level(&sku))))
    }

    fn change_stock(
        &self,
        sku: Sku,
        change: StockChange,
        _by: Client,
        render: fn(&StockChanged) -> Answer,
    ) -> BoxFuture<'static, Result<StockChanged, StoreError>> {
        Box::pin(ready(Ok(self.lock().change_stock(&sku, &change, render))))
    }

    fn claim(
        &self,
        _: uuid::Uuid,
        _: std::time::Duration,
        _: i64,
    ) -> BoxFuture<'static, Result<crate::ports::Sweep, StoreError>> {
        Box::pin(std::future::ready(Ok(Default::default())))
    }
    fn postpone(
        &self,
        _: OrderId,
        _: i32,
        _: i16,
        _: std::time::Duration,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        Box::pin(std::future::ready(Ok(false)))
    }
    fn release(&self, _: uuid::Uuid) -> BoxFuture<'static, Result<u64, StoreError>> {
        Box::pin(std::future::ready(Ok(0)))
    }
    fn heartbeat(&self, _: uuid::Uuid, _: String, _: &'static str) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }
    fn nodes(&self) -> BoxFuture<'static, Result<Vec<crate::ports::Node>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
    fn operator_log(&self, order_id: OrderId) -> BoxFuture<'static, Result<Vec<OperatorRecord>, StoreError>> {
        let log = self.lock().operators.get(&order_id).cloned().unwrap_or_default();
        let shown = usize::try_from(limits::OPERATOR_LOG).unwrap_or(usize::MAX);
        let latest = log[log.len().saturating_sub(shown)..].to_vec();
        Box::pin(ready(Ok(latest)))
    }

    fn receive_webhook(
        &self,
        participant: &'static str,
        webhook_id: String,
        order_id: Option<OrderId>,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        let mut tables = self.lock();
        let handled = order_id.as_ref().is_none_or(|id| tables.orders.contains_key(id));
        let known = tables.inbox.contains_key(&(participant, webhook_id.clone()));
        if !known {
            tables.inbox.insert((participant, webhook_id), (order_id, handled));
        }
        Box::pin(ready(Ok(!known)))
    }

    fn ended_elsewhere(&self) -> tokio::sync::broadcast::Receiver<OrderId> {
        tokio::sync::broadcast::channel(1).1
    }

    fn is_healthy(&self) -> bool {
        true
    }
}
