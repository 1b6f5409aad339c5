//! What runs beside requests, as one list: begun while a service starts, and ended here, each when its time has come.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

type Ending = Box<dyn FnOnce(Duration) -> Pin<Box<dyn Future<Output = ()>>>>;

/// When a task is ended, on the way out of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// Before orders are drained: nobody waits for it.
    BeforeDraining,
    /// While they are: it has work under way that is to be written down.
    WhileDraining,
    /// Behind the door, which is closed: until then orders end that it is to tell of.
    BehindTheDoor,
}

struct Task {
    name: &'static str,
    ends: Ends,
    end: Ending,
}

/// The tasks of a service. One that is not ended ends with whoever holds the list.
#[derive(Default)]
pub(super) struct Background(Vec<Task>);

impl Background {
    /// Adds a task; `end` has it end, within the time that it is given.
    pub(super) fn add<F>(&mut self, name: &'static str, ends: Ends, end: impl FnOnce(Duration) -> F + 'static)
    where
        F: Future<Output = ()> + 'static,
    {
        self.0.push(Task { name, ends, end: Box::new(move |left| Box::pin(end(left))) });
    }

    /// What there is, in the order in which it was begun.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|task| task.name).collect()
    }

    /// Ends those whose time is now, all at once.
    pub(super) async fn end(&mut self, now: Ends, left: Duration) {
        let ending = self.0.extract_if(.., |task| task.ends == now).map(|task| {
            tracing::debug!(task = task.name, "ends");
            (task.end)(left)
        });
        let ending = ending.collect::<Vec<_>>();
        futures_util::future::join_all(ending).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[tokio::test]
    async fn each_task_ends_when_its_time_has_come() {
        let ended = Rc::new(RefCell::new(Vec::new()));
        let mut background = Background::default();
        for (name, ends) in [
            ("relays", Ends::BehindTheDoor),
            ("deliveries", Ends::WhileDraining),
            ("retention", Ends::BeforeDraining),
            ("certificates", Ends::BehindTheDoor),
        ] {
            let ended = Rc::clone(&ended);
            background.add(name, ends, move |left| async move { ended.borrow_mut().push((name, left)) });
        }
        assert_eq!(background.names(), ["relays", "deliveries", "retention", "certificates"]);
        for (number, now) in [(1, Ends::BeforeDraining), (2, Ends::WhileDraining), (3, Ends::BehindTheDoor)] {
            background.end(now, Duration::from_secs(number)).await;
        }
        let at = Duration::from_secs;
        let right = [("retention", at(1)), ("deliveries", at(2)), ("relays", at(3)), ("certificates", at(3))];
        assert_eq!(*ended.borrow(), right);
        assert!(background.names().is_empty());
    }
}
