//! Listings: which orders, in which order, a page at a time.
//!
//! What a page reads depends on what was asked and never on whose other orders there are, so each listing is a walk along
//! an order that is kept anyway, and the order of the pages is that of the walk: it is no promise but that following the
//! cursors shows each order that stood at the begin, and none twice.

#[cfg(doc)]
use crate::saga::Failure;
use crate::saga::{Client, Code, Order, State, Timestamp};

/// Which orders to list.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Only this client's; everybody's where absent (an operator asks).
    pub client: Option<Client>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this customer.
    pub customer_id: Option<String>,
    /// Only those that wait for a human.
    pub attention: bool,
    /// Only those that failed so: one of [`Failure::CODES`].
    pub failure: Option<Code>,
    /// Only those that were decided on at this moment or later.
    pub from: Option<Timestamp>,
    /// Only those that were decided on before this moment.
    pub to: Option<Timestamp>,
    /// The latest first, as far back as histories are kept: of everybody's, since it goes through everybody's.
    pub newest: bool,
    /// Only behind this place, where the page before ended.
    pub after: Option<Place>,
    /// How many orders a page has, at most.
    pub limit: i64,
}

/// Along what a listing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// All orders, by order_id.
    Orders,
    /// Those of which something is left to be done, by order_id.
    InFlight,
    /// A client's own, by customer and order_id.
    Own,
    /// A customer's, by client and order_id.
    Customer,
    /// Those that failed, by client and order_id.
    Failed,
    /// Those that wait for a human, by client and order_id.
    Waiting,
    /// All whose history is kept, the one that was stored last first.
    Newest,
}

/// A place in a walk: behind an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The customer, or the client, that the walk has come to, where it goes by one; where it goes by time, the moment.
    pub within: Option<String>,
    /// The order; `None` behind all that there are within.
    pub order_id: Option<String>,
}

impl Place {
    /// Where an order was stored: in which epoch of the database, and by which transaction of it.
    pub fn at((epoch, transaction): (i32, i64), order_id: String) -> Self {
        Self { within: Some(format!("{epoch}/{transaction}")), order_id: Some(order_id) }
    }

    /// The moment of a place in a walk by time; `None` of another one.
    pub fn moment(&self) -> Option<(i32, i64)> {
        let (epoch, transaction) = self.within.as_ref()?.split_once('/')?;
        Some((epoch.parse().ok()?, transaction.parse().ok().filter(|number| *number >= 0)?))
    }
}

impl From<&str> for Place {
    fn from(order_id: &str) -> Self {
        Self { within: None, order_id: Some(order_id.to_owned()) }
    }
}

/// A page of a listing.
#[derive(Debug, Default)]
pub struct Page {
    /// Orders that match; there may be few of them, or none, and yet more behind.
    pub orders: Vec<Order>,
    /// Where the next page begins, where there may be one.
    pub next: Option<Place>,
}

impl Listing {
    /// The shortest way to all that match.
    pub fn walk(&self) -> Walk {
        if self.newest {
            return Walk::Newest;
        }
        let in_state = match self.state {
            _ if self.failure.is_some() => Walk::Failed,
            None | Some(State::Completed) => Walk::Orders,
            Some(State::Compensating | State::Cancelled) => Walk::Failed,
            Some(
                State::Created
                | State::InventoryReserved
                | State::PaymentAuthorized
                | State::PaymentCharged
                | State::ShipmentCreated,
            ) => Walk::InFlight,
        };
        match (self.attention, &self.customer_id, &self.client, in_state) {
            (true, _, _, _) => Walk::Waiting,
            (false, Some(_), _, _) => Walk::Customer,
            (false, None, Some(_), Walk::Failed) => Walk::Failed,
            (false, None, Some(_), _) => Walk::Own, // what is in flight is not told apart by its client
            (false, None, None, walk) => walk,
        }
    }

    /// Whether the place, if there is one, is one of this listing: the cursor of another one leads nowhere.
    pub fn is_placed(&self) -> bool {
        let goes_by = match (self.walk(), &self.client) {
            (Walk::Newest, _) => return self.after.as_ref().is_none_or(|after| after.moment().is_some()),
            (Walk::Own, _) | (Walk::Customer | Walk::Failed | Walk::Waiting, None) => true,
            (Walk::Orders | Walk::InFlight, _) | (Walk::Customer | Walk::Failed | Walk::Waiting, Some(_)) => false,
        };
        self.after.as_ref().is_none_or(|after| after.within.is_some() == goes_by)
    }

    /// The place of an order.
    pub fn place_of(&self, client: &str, customer_id: &str, order_id: &str) -> Place {
        let within = match (self.walk(), &self.client) {
            (Walk::Own, _) => Some(customer_id.to_owned()),
            (Walk::Customer | Walk::Failed | Walk::Waiting, None) => Some(client.to_owned()),
            (Walk::Orders | Walk::InFlight | Walk::Newest, _)
            | (Walk::Customer | Walk::Failed | Walk::Waiting, Some(_)) => None,
        };
        Place { within, order_id: Some(order_id.to_owned()) }
    }

    /// Whether an order is one of those asked for.
    pub fn wants(&self, order: &Order) -> bool {
        self.client.as_ref().is_none_or(|client| order.client == *client)
            && self.state.is_none_or(|state| order.state == state)
            && self.customer_id.as_ref().is_none_or(|customer| *order.request.customer_id == **customer)
            && (!self.attention || order.attention.is_some())
            && self.failure.is_none_or(|code| order.failure.as_ref().is_some_and(|failure| failure.problem() == code))
            && self.from.is_none_or(|from| order.created_at >= from)
            && self.to.is_none_or(|to| order.created_at < to)
    }
}
