//! What orders were submitted with that this engine committed a moment ago. `order.created` does not repeat it, and to join it
//! is most of what reading the feed costs the database.
//!
//! What could go wrong, and cannot: *another history* (the database was restored, and an order of the same name was placed
//! anew): content counts only for a commit of the very microsecond at which its order was created here. *An order that is
//! large, or very many*: so many bytes are kept, and the oldest go first. What is not there is joined.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits;
use crate::ports::feed::{Content, Record};
use crate::saga::{Client, Event, LocalTransaction, Request, Timestamp};

/// Contents of the orders that this engine placed last.
#[derive(Debug, Default)]
pub struct Fresh(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    orders: HashMap<String, One>,
    /// Oldest first. An order that was placed anew stands here twice.
    by_age: VecDeque<(String, Timestamp)>,
    bytes: usize,
}

#[derive(Debug)]
struct One {
    created_at: Timestamp,
    client: Client,
    amount: i64,
    request: Arc<Request>,
    bytes: usize,
}

impl Fresh {
    /// Keeps the content of an order that this local transaction placed; of any other local transaction nothing.
    pub fn keep(&self, txn: &LocalTransaction) {
        if !matches!(txn.events.first(), Some(Event::OrderCreated(_))) {
            return;
        }
        let order = &txn.order;
        let one = One {
            created_at: order.created_at,
            client: order.client.clone(),
            amount: order.amount.0,
            request: Arc::clone(&order.request),
            bytes: bytes_of(&order.request),
        };
        self.put(order.id.as_str(), one);
    }

    fn put(&self, id: &str, one: One) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += one.bytes;
        kept.by_age.push_back((id.to_owned(), one.created_at));
        if let Some(before) = kept.orders.insert(id.to_owned(), one) {
            kept.bytes -= before.bytes;
        }
        while kept.bytes > limits::FRESH_BYTES {
            let Some((id, created_at)) = kept.by_age.pop_front() else { break };
            if kept.orders.get(&id).is_some_and(|one| one.created_at == created_at)
                && let Some(gone) = kept.orders.remove(&id)
            {
                kept.bytes -= gone.bytes;
            }
        }
    }

    /// What the order of this commit was submitted with, where the commit placed it, and here.
    pub fn content(&self, record: &Record) -> Option<Content> {
        if record.row.first_version != 1 {
            return None;
        }
        let (client, amount, request) = {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let one = kept.orders.get(&record.row.order_id).filter(|one| one.created_at == record.at)?;
            (one.client.clone(), one.amount, Arc::clone(&one.request))
        };
        Some(Content {
            client: client.as_str().to_owned(),
            customer_id: request.customer_id.to_string(),
            currency: request.currency.as_str().to_owned(),
            amount,
            lines: serde_json::to_string(&request.lines).ok()?,
            details: serde_json::to_string(&request.details).ok()?,
        })
    }
}

/// What it takes in memory, about.
fn bytes_of(request: &Request) -> usize {
    let labels: usize = request.details.metadata.iter().map(|(key, value)| 64 + key.len() + value.len()).sum();
    let adjustments: usize = request.details.adjustments.iter().map(|adjustment| 64 + adjustment.label.len()).sum();
    let lines: usize = request.lines.iter().map(|line| 64 + line.sku.as_str().len()).sum();
    1_024 + labels + adjustments + lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::feed::{Row, Xact};
    use crate::saga::Currency;

    fn one(created_at: i64, labels: usize) -> One {
        let details = serde_json::json!({"payment_method": "pm_ok", "capture": "manual", "metadata": {"k": "v".repeat(labels)},
            "ship_to": {"name": "A", "line1": "B", "city": "C", "postal_code": "1", "country": "DE"}});
        let request = Request {
            customer_id: "cus-7".into(),
            currency: Currency::trusted("USD").unwrap(),
            lines: serde_json::from_str(r#"[{"sku":"S","quantity":2,"unit_price":50}]"#).unwrap(),
            details: serde_json::from_value(details).unwrap(),
        };
        let bytes = bytes_of(&request);
        let (client, created_at) = (Client::trusted("shop"), Timestamp(created_at));
        One { created_at, client, amount: 100, request: Arc::new(request), bytes }
    }

    fn record(order_id: &str, first_version: i32, at: i64) -> Record {
        let row = Row { xact: Xact { epoch: 1, number: 1 }, order_id: order_id.into(), first_version };
        Record { row, at: Timestamp(at), events: String::new() }
    }

    #[test]
    fn it_is_what_the_row_holds() {
        let fresh = Fresh::default();
        fresh.put("A", one(7, 1));
        let content = fresh.content(&record("A", 1, 7)).unwrap();
        let stored = one(7, 1).request.stored();
        assert_eq!((content.lines, content.details), (stored.lines, stored.details));
        assert_eq!((content.client.as_str(), content.customer_id.as_str()), ("shop", "cus-7"));
        assert_eq!((content.currency.as_str(), content.amount), ("USD", 100));
    }

    #[test]
    fn it_is_of_the_commit_that_placed_the_order_and_of_no_other() {
        let fresh = Fresh::default();
        fresh.put("A", one(7, 1));
        assert_eq!(fresh.content(&record("A", 1, 8)), None, "an order of the same name, in another history");
        assert_eq!(fresh.content(&record("A", 4, 7)), None);
        assert_eq!(fresh.content(&record("B", 1, 7)), None);
        fresh.put("A", one(8, 1));
        assert!(fresh.content(&record("A", 1, 8)).is_some() && fresh.content(&record("A", 1, 7)).is_none());
    }

    #[test]
    fn it_is_bounded_in_bytes_and_the_oldest_go_first() {
        let fresh = Fresh::default();
        let large = limits::FRESH_BYTES / 4;
        for n in 0..100 {
            fresh.put(&format!("A-{n}"), one(n, large));
            fresh.put("again and again", one(n, 1));
        }
        let kept = fresh.0.lock().unwrap();
        assert!(kept.bytes <= limits::FRESH_BYTES, "{}", kept.bytes);
        assert_eq!(kept.bytes, kept.orders.values().map(|one| one.bytes).sum::<usize>());
        assert!(kept.orders.contains_key("A-99") && !kept.orders.contains_key("A-90"));
        assert_eq!(kept.orders["again and again"].created_at, Timestamp(99));
        assert!(kept.by_age.len() < 20, "{}", kept.by_age.len());
    }
}
