//! One try of one event: by the endpoint's row as it is when it is sent, and by no lease that may have ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::WebhooksShared;
use super::delivery::delivery;
use super::lanes::{Failure, Job, JobKind, JobOutcome};
use crate::outbox;
use crate::ports::StoreError;
use crate::ports::feed::{Content, FeedError, Record};
use crate::ports::webhooks::{Endpoint, EndpointState, EndpointTarget};
use crate::saga::event::ORDER_CREATED;

/// A record and what its order was submitted with.
pub(super) struct FullRecord {
    pub record: Record,
    pub content: Content,
}

impl FullRecord {
    /// Without what none of the record's events tells.
    pub fn of(record: &Record, content: &Content) -> Self {
        let mut told = Self { record: record.clone(), content: Content { lines: "[]".into(), ..content.clone() } };
        if record.events.contains(ORDER_CREATED) {
            told.content.lines.clone_from(&content.lines);
        } else {
            told.content.details = "{}".into();
        }
        told
    }

    pub fn bytes(&self) -> usize {
        self.record.events.len() + self.content.lines.len() + self.content.details.len()
    }
}

/// When it was decided is asked of what the feed brings alone: what is in a row is owed, whenever that was.
pub(super) fn wants(endpoint: &Endpoint, content: &Content, kind: &str) -> bool {
    let EndpointTarget { types, clients, .. } = &endpoint.target;
    (types.is_empty() || types.iter().any(|known| known == kind))
        && (clients.is_empty() || clients.contains(&content.client))
}

/// As what an endpoint is known to whoever makes a try.
pub(super) struct As {
    pub endpoint: Arc<Endpoint>,
    /// Until when the lease is its own, at least.
    pub until: watch::Receiver<Instant>,
    /// Nothing more is sent.
    pub is_over: Arc<AtomicBool>,
    /// A place of its own among the deliveries under way: no other endpoint, however slow, can take it.
    pub place: Arc<Semaphore>,
}

impl As {
    /// Who slept may have lost the lease before it was told.
    fn may_send(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed) && Instant::now() < *self.until.borrow()
    }
}

/// One try, by the endpoint's row as it is now.
pub(super) async fn attempt(
    shared: &WebhooksShared,
    of: &As,
    job: &Job,
    told: Option<Arc<FullRecord>>,
) -> (JobOutcome, bool) {
    // Before the endpoint is read, so that what is sent is what it says then. Nobody closes them.
    let _turn = tokio::select! {
        biased;
        own = of.place.acquire() => own,
        shared = shared.sends.acquire() => shared,
    };
    if !of.may_send() {
        return (JobOutcome::NotSent, false);
    }
    let is_as_known = |found: &Endpoint| found.is_still(&of.endpoint) && found.state == EndpointState::Active;
    let endpoint = match shared.webhooks.endpoint(of.endpoint.id).await {
        Ok(Some(found)) if is_as_known(&found) => found,
        Ok(_) | Err(_) => return (JobOutcome::NotSent, false),
    };
    let strict = endpoint.target.strict;
    match is_owed(shared, &endpoint, job).await {
        Ok(true) => {}
        Ok(false) => return (JobOutcome::LetGo, strict),
        Err(error) => {
            tracing::debug!(%error, order_id = &*job.order_id, "what was let go cannot be read now");
            return (JobOutcome::NotSent, strict);
        }
    }
    let told = match told {
        Some(told) => told,
        None => match fetch(shared, job).await {
            Ok(Some(told)) => Arc::new(told),
            Ok(None) => return (ours(MISSING), strict),
            Err(error) => {
                tracing::debug!(%error, order_id = &*job.order_id, "what is to be delivered cannot be read now");
                return (JobOutcome::NotSent, strict);
            }
        },
    };
    let personal_data = endpoint.target.personal_data;
    let events = match outbox::events(&told.record, &told.content, &shared.source, personal_data) {
        Ok(events) => events,
        Err(error) => return (ours(&error.to_string()), strict),
    };
    let place = usize::try_from(job.version - told.record.row.first_version).ok();
    let Some(event) = place.and_then(|place| events.get(place)) else {
        return (ours(MISSING), strict);
    };
    if !wants(&endpoint, &told.content, event.kind()) {
        return (JobOutcome::Unwanted, strict);
    }
    match delivery(event, &endpoint.target.secrets, shared.clock.now().0 / 1_000_000) {
        Ok(_) if !of.may_send() => (JobOutcome::NotSent, strict), // all of that may have taken its time
        Ok(delivery) => (shared.sender.send(&endpoint.target.url, delivery).await.0, strict),
        Err(error) => (ours(&error.to_string()), strict),
    }
}

/// Whether nobody let go of it: a row goes from one version to another, and what was let go may lie in between; what is
/// redriven may be skipped then.
async fn is_owed(shared: &WebhooksShared, endpoint: &Endpoint, job: &Job) -> Result<bool, StoreError> {
    match job.kind {
        JobKind::First(_) => Ok(true),
        JobKind::Retry => {
            let gone = shared.webhooks.let_go(endpoint.id, endpoint.run, vec![job.order_id.to_string()]).await?;
            Ok(gone.iter().all(|(_, version)| *version != job.version))
        }
        JobKind::Again => shared.webhooks.is_redriven(endpoint.id, &job.order_id, job.version).await,
    }
}

async fn fetch(shared: &WebhooksShared, job: &Job) -> Result<Option<FullRecord>, FeedError> {
    let Some(record) = shared.webhooks.commit_of(&job.order_id, job.version).await? else { return Ok(None) };
    let mut contents = shared.feed.contents(&[&job.order_id]).await?;
    Ok(contents.remove(&*job.order_id).map(|content| FullRecord { record, content }))
}

const MISSING: &str = "its events are not in the database";

/// Whatever this endpoint, or another one, would say to it.
fn ours(error: &str) -> JobOutcome {
    JobOutcome::Failed(Failure { is_ours: true, ..Failure::told(error) })
}
