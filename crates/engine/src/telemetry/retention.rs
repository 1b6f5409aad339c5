//! Metrics of retention.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Why a history that is old enough stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionReason {
    /// A sink has yet to read it.
    Sink,
    /// An endpoint of webhooks has yet to get it.
    Endpoint,
    /// It has the row by which a position is known to be one of this history.
    Named,
    /// The order is not what its events lead to.
    Unsound,
    /// It is stamped with a time that is yet to come: it stays until it is old by that.
    Ahead,
    /// Of somebody nobody knows how far they are: then all of them stay, and those are counted.
    Unknown,
}

impl RetentionReason {
    /// All of them, in the order of the declaration.
    pub const ALL: [Self; 6] = [Self::Sink, Self::Endpoint, Self::Named, Self::Unsound, Self::Ahead, Self::Unknown];

    /// Its label in `counterfoil_retention_held`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sink => "sink",
            Self::Endpoint => "endpoint",
            Self::Named => "named",
            Self::Unsound => "unsound",
            Self::Ahead => "ahead",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug)]
pub(super) struct Retention {
    orders: Counter,
    events: Counter,
    held: [Gauge; RetentionReason::ALL.len()],
}

impl Retention {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let (orders, events) = (Counter::default(), Counter::default());
        registry.register("counterfoil_pruned_orders", "Orders whose histories this instance pruned", orders.clone());
        registry.register("counterfoil_pruned_events", "Events that this instance pruned", events.clone());
        let held = Family::<ReasonLabel, Gauge>::default();
        let help = "Histories that are old enough and were not pruned when this instance looked last, by why";
        registry.register("counterfoil_retention_held", help, held.clone());
        let of = |reason: RetentionReason| held.get_or_create_owned(&ReasonLabel { reason: reason.as_str() });
        Self { orders, events, held: RetentionReason::ALL.map(of) }
    }

    pub(super) fn pruned(&self, orders: u64, events: u64) {
        self.orders.inc_by(orders);
        self.events.inc_by(events);
    }

    pub(super) fn held(&self, reason: RetentionReason, count: u64) {
        self.held[reason as usize].set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}
