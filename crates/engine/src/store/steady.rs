//! A feed that outlives its connection: opened when it is first read, and again where the connection broke. Several may read
//! it, each with a position of its own; their questions take turns on one connection.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use crate::ports::feed::{Batch, Content, FeedError, Position, Reader};
use crate::ports::relay::Feeds;

/// See the head of this file.
pub struct SteadyFeed {
    feeds: Arc<dyn Feeds>,
    open: Mutex<Option<Arc<dyn Reader>>>,
}

impl SteadyFeed {
    /// Of a database; nothing is connected yet.
    pub fn new(feeds: Arc<dyn Feeds>) -> Self {
        Self { feeds, open: Mutex::new(None) }
    }

    async fn feed(&self) -> Result<Arc<dyn Reader>, FeedError> {
        let mut open = self.open.lock().await;
        if let Some(feed) = &*open {
            return Ok(Arc::clone(feed));
        }
        let opened = self.feeds.open().await?;
        Ok(Arc::clone(open.insert(Arc::from(opened.reader))))
    }

    /// Passes on what was heard. A connection on which anything was wrong is not asked again: it may lead elsewhere than the
    /// next one, or its statements be of a schema that is gone.
    async fn heard<T>(&self, feed: &Arc<dyn Reader>, heard: Result<T, FeedError>) -> Result<T, FeedError> {
        if heard.is_err() {
            let mut open = self.open.lock().await;
            if open.as_ref().is_some_and(|open| Arc::ptr_eq(open, feed)) {
                *open = None;
            }
        }
        heard
    }
}

impl Reader for SteadyFeed {
    fn step<'a>(&'a self, from: &'a Position, rows: usize, bytes: usize) -> BoxFuture<'a, Result<Batch, FeedError>> {
        Box::pin(async move {
            let feed = self.feed().await?;
            let heard = feed.step(from, rows, bytes).await;
            self.heard(&feed, heard).await
        })
    }

    fn contents<'a>(&'a self, order_ids: &'a [&'a str]) -> BoxFuture<'a, Result<HashMap<String, Content>, FeedError>> {
        Box::pin(async move {
            let feed = self.feed().await?;
            let heard = feed.contents(order_ids).await;
            self.heard(&feed, heard).await
        })
    }

    fn beginning(&self) -> BoxFuture<'_, Result<Position, FeedError>> {
        Box::pin(async move {
            let feed = self.feed().await?;
            let heard = feed.beginning().await;
            self.heard(&feed, heard).await
        })
    }

    fn now(&self) -> BoxFuture<'_, Result<Position, FeedError>> {
        Box::pin(async move {
            let feed = self.feed().await?;
            let heard = feed.now().await;
            self.heard(&feed, heard).await
        })
    }

    fn behind<'a>(&'a self, position: &'a Position, most: i64) -> BoxFuture<'a, Result<u64, FeedError>> {
        Box::pin(async move {
            let feed = self.feed().await?;
            let heard = feed.behind(position, most).await;
            self.heard(&feed, heard).await
        })
    }
}
