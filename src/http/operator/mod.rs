//! `/operator`: for those who run the service. What changes something needs the role `operator`; most of what tells how it all
//! fares is for `viewer` and `support` as well.

mod cluster;
mod evidence;
mod faults;
mod groups;
mod orders;
mod summary;
mod webhooks;

pub(super) use cluster::participant_view;
pub use webhooks::WebhookDesk;

use actix_web::web::{self, ServiceConfig};

use super::{AppState, Path};

/// The routes below `/operator`.
pub(super) fn configure(cfg: &mut ServiceConfig, state: &web::Data<AppState>) {
    let at = |path| Path::at(path, state);
    at("/operator/summary").get(&[200], summary::show).register(cfg);
    at("/operator/shards").get(&[200], cluster::shards).register(cfg);
    at("/operator/participants").get(&[200], cluster::participants).register(cfg);
    at("/operator/nodes").get(&[200], cluster::nodes).register(cfg);
    at("/operator/log").get(&[200, 400], orders::everybodys_log).register(cfg);
    at("/operator/attention").get(&[200, 400], orders::attention).register(cfg);
    at("/operator/attention/groups").get(&[200], groups::show).register(cfg);
    at("/operator/orders/retry").on("POST", &[200, 400], orders::retry_all).register(cfg);
    let verb = [200, 400, 404, 409];
    at("/operator/orders/{order_id}/retry").on("POST", &verb, orders::retry).register(cfg);
    at("/operator/orders/{order_id}/skip").on("POST", &verb, orders::skip).register(cfg);
    at("/operator/orders/{order_id}/cancel").on("POST", &verb, orders::cancel).register(cfg);
    at("/operator/orders/{order_id}/force-cancel").on("POST", &verb, orders::force_cancel).register(cfg);
    at("/operator/orders/{order_id}/evidence").get(&[200, 404], evidence::show).register(cfg);
    at("/operator/orders/{order_id}/log").get(&[200, 404], orders::log).register(cfg);
    at("/operator/webhooks").get(&[200], webhooks::list).on("POST", &[201, 400, 409], webhooks::add).register(cfg);
    at("/operator/webhooks/{name}")
        .get(&[200, 404], webhooks::show)
        .on("PATCH", &[200, 400, 404, 409], webhooks::change)
        .on("DELETE", &[204, 400, 404, 409], webhooks::remove)
        .register(cfg);
    let verb = [200, 400, 404];
    at("/operator/webhooks/{name}/pause").on("POST", &verb, webhooks::pause).register(cfg);
    at("/operator/webhooks/{name}/resume").on("POST", &verb, webhooks::resume).register(cfg);
    at("/operator/webhooks/{name}/test").on("POST", &[200, 404], webhooks::test).register(cfg);
    at("/operator/webhooks/{name}/redrive").on("POST", &verb, webhooks::redrive).register(cfg);
    at("/operator/webhooks/{name}/skip").on("POST", &verb, webhooks::skip).register(cfg);
    at("/operator/webhooks/{name}/replay").on("POST", &verb, webhooks::replay).register(cfg);
    at("/operator/webhooks/{name}/undelivered").get(&verb, webhooks::undelivered).register(cfg);
    at("/operator/faults")
        .on("POST", &[204, 400], faults::arm)
        .get(&[200], faults::armed)
        .on("DELETE", &[204], faults::disarm)
        .register(cfg);
}
