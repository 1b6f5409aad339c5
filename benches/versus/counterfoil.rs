//! Contestant a: the product itself, in the process that the bench started for it.

use std::convert::Infallible;
use std::io::Write;

use counterfoil::cli::migrate;
use counterfoil::config::{Config, ParticipantKind, PaymentKind};
use counterfoil::process;
use counterfoil::service::Service;
use counterfoil::store::Target;

use serde_json::json;

use crate::Outcome;
use crate::check::STOCK_EACH;
use crate::options::Options;

/// Serves Counterfoil on `listen` until the process is killed, and returns only with what went wrong.
///
/// This brings the database up to the current schema and stocks `SKU-000001`..`SKU-001000` with
/// [`STOCK_EACH`] on hand, where it is not stocked yet. When orders can be placed it prints `listening on http://127.0.0.1:PORT` on stdout, the line that
/// [`Server::start`](crate::child::Server::start) waits for. Payment and shipment are remote where `options` name the
/// participants.
pub fn serve(database_url: &str, listen: &str, options: &Options) -> Outcome<Infallible> {
    let mut base = Config::default();
    base.faults.enabled = true; // `pm_ok` is a test token
    base.database.url = Some(database_url.to_owned());
    base.server.listen = listen.to_owned();
    if let Some(url) = &options.participants {
        let participants = &mut base.participants;
        (participants.payment.kind, participants.payment.url) = (PaymentKind::Http, Some(url.clone()));
        (participants.shipment.kind, participants.shipment.url) = (ParticipantKind::Http, Some(url.clone()));
    }
    if let Some(pause) = options.retry_ms {
        (base.saga.retry.first_ms, base.saga.retry.max_ms) = (pause, pause);
    }
    if let Some(brokers) = &options.kafka {
        let sink = json!({
            "name": "bench", "kind": "kafka", "brokers": [brokers], "topic": options.topic,
            "create": {"partitions": 4, "replication": 1},
        });
        base.outbox.sinks = vec![serde_json::from_value(sink)?];
    }
    let config = Config::load_over(base, None)?; // COUNTERFOIL__... tunes it, to try settings
    let listener = process::bind(listen)?;
    let address = listener.local_addr()?;
    actix_web::rt::System::new().block_on(async move {
        let target = Target::new(database_url);
        migrate::apply(&target).await?;
        let client = target.connect().await?;
        let stock = format!(
            "INSERT INTO inventory (sku, on_hand)
             SELECT 'SKU-' || lpad(n::text, 6, '0'), {STOCK_EACH} FROM generate_series(1, 1000) n
             ON CONFLICT DO NOTHING"
        );
        client.batch_execute(&stock).await?;
        if let Some(file) = &options.prepare {
            client.batch_execute(&std::fs::read_to_string(file)?).await?;
        }
        let service = Service::start(config, listener).await?;
        println!("listening on http://{address}");
        std::io::stdout().flush()?;
        service.run().await?;
        Err("the server ended".into())
    })
}
