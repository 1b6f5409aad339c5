//! What every request passes before its handler sees it, and what is told of those that are refused.
//!
//! A path is matched by its decoded form, so that `/%6fperator` would be `/operator` here, and something harmless to
//! whatever stands in front and keeps `/operator` to itself. So the words of a route have to be written as they are;
//! what stands for an id may be encoded.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::{Method, header};

use super::AppState;
use super::problem::Problem;
use crate::limits;

/// 404, 403, or nothing, before anything else is looked at.
pub(super) fn admit(req: &HttpRequest, route: &'static str, state: &AppState) -> Result<(), Problem> {
    if !is_plain(req.uri().path(), route) {
        return Err(Problem::not_found());
    }
    // A target may name a host of its own (RFC 9112, 3.2.2), and that one counts; then both have to be ours.
    let told = req.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let target = req.uri().authority().map(|authority| authority.as_str());
    for host in [told, target].into_iter().flatten() {
        if !state.hosts.answers(Some(host)) {
            return Err(Problem::foreign_host());
        }
    }
    let changes = !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let foreign =
        |origin: &header::HeaderValue| !state.hosts.trusts(origin.to_str().unwrap_or_default(), target.or(told));
    if changes && req.headers().get_all(header::ORIGIN).any(foreign) {
        return Err(Problem::foreign_origin());
    }
    Ok(())
}

/// Whether the words of a route's pattern stand in the path as they are.
fn is_plain(path: &str, route: &str) -> bool {
    let mut segments = path.split('/');
    route.split('/').all(|word| {
        let segment = segments.next();
        word.starts_with('{') || segment == Some(word)
    }) || route == "unmatched"
}

/// Tells of refused calls, and not of more than a few a second.
#[derive(Default)]
pub(super) struct Refusals(Mutex<Second>);

#[derive(Default)]
struct Second {
    began: Option<Instant>,
    told: u32,
    untold: u32,
}

impl Refusals {
    /// Logs a refused call, unless as many were logged in this second as may be.
    pub(super) fn tell(&self, req: &HttpRequest, route: &'static str, problem: &Problem, state: &AppState) {
        let Some(untold) = self.may_tell() else { return };
        if untold > 0 {
            tracing::warn!(untold, "more calls were refused than are told");
        }
        // Who it is, where that is not what it was refused for.
        let caller = state.auth.caller(req.headers()).ok();
        let subject = caller.as_ref().map(|caller| caller.client.as_str());
        tracing::warn!(
            source = %source(req),
            subject,
            method = %req.method(),
            route,
            status = problem.status(),
            code = problem.code(),
            "refused"
        );
    }

    /// How many were not told before this one; `None` where this one is not to be told either.
    fn may_tell(&self) -> Option<u32> {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if second.began.is_none_or(|began| began.elapsed().as_secs() >= 1) {
            let untold = second.untold;
            *second = Second { began: Some(Instant::now()), told: 1, untold: 0 };
            return Some(untold);
        }
        if second.told < limits::REFUSALS_LOGGED {
            second.told += 1;
            return Some(0);
        }
        second.untold = second.untold.saturating_add(1);
        None
    }
}

/// The address that a request came from: the last hop's. What a header says of those before it anybody can say.
pub(super) fn source(req: &HttpRequest) -> String {
    req.peer_addr().map_or_else(|| "unknown".to_owned(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_route_are_written_as_they_are() {
        for (path, route, plain) in [
            ("/orders", "/orders", true),
            ("/orders/A%2E1", "/orders/{order_id}", true),
            ("/orders/%2e%2e/events", "/orders/{order_id}/events", true),
            ("/%6frders/A", "/orders/{order_id}", false),
            ("/orders/A/%65vents", "/orders/{order_id}/events", false),
            ("/%6fperator/shards", "/operator/shards", false),
            ("/operator/orders/%72etry", "/operator/orders/retry", false),
            ("/", "/", true),
            ("/%2e", "unmatched", true),
        ] {
            assert_eq!(is_plain(path, route), plain, "{path} of {route}");
        }
    }

    #[test]
    fn refusals_are_told_a_few_a_second() {
        let refusals = Refusals::default();
        let told = (0..limits::REFUSALS_LOGGED + 5).filter(|_| refusals.may_tell().is_some()).count();
        assert!(told >= limits::REFUSALS_LOGGED as usize);
        refusals.0.lock().unwrap().began = None;
        assert!(refusals.may_tell().is_some_and(|untold| untold <= 5));
    }
}
