//! `counterfoil participants`: the simulated payment provider, carrier and warehouse as a process of its own; with
//! `--check URL`, the conformance check of anybody's participant; with `--openapi`, the contract.

mod check;
mod probe;

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

use counterfoil_engine::process;

use crate::simulator::chance::{Chance, Lapses, Rates};
use crate::simulator::state::{Rules, Skus};
use crate::simulator::webhooks::{self, Sender, Target};
use crate::simulator::{Simulator, SimulatorSettings, server};
use crate::terminal::{self, Failure};
use counterfoil_engine::hosts::{self, Hosts};
use counterfoil_engine::participants::contract::OPENAPI;
use counterfoil_engine::saga::StepName;
use counterfoil_engine::signature::Secret;
use counterfoil_engine::tls::bearer::TokenFile;
use counterfoil_engine::tls::{self, Acceptor, ListenerFiles, Reread};

/// How long webhooks that are under way may still take when the process is asked to end.
const WEBHOOK_GRACE: Duration = Duration::from_secs(2);

/// What to do.
#[derive(Debug, Args)]
pub struct ParticipantsArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", required_unless_present_any = ["check", "openapi"], requires = "ledger")]
    listen: Option<String>,
    /// The ledger, one line an effect; `FILE.outcomes` beside it has the answers without an effect
    #[arg(long, value_name = "FILE", requires = "listen")]
    ledger: Option<PathBuf>,
    /// A name that is answered, beside those of the loopback (give it again for each); without it, where it listens on more
    /// than the loopback, any
    #[arg(long, value_name = "NAME", value_parser = host)]
    allowed_host: Vec<String>,
    /// How long to wait for a ledger that another process still holds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    lock_wait_ms: u64,
    /// End when the process that started this one ends; with its process id, also if it has ended already. (The kernel
    /// watches the *thread* that started this process: it has to live on)
    #[arg(long, value_name = "PID", num_args = 0..=1, require_equals = true)]
    die_with_parent: Option<Option<i32>>,
    /// Try the participant at this URL against the contract instead; exit code 1 if a check fails. It leaves real effects
    /// there, of orders `check-...` that no database knows: not for a participant, or a ledger, in use
    #[arg(long, value_name = "URL", conflicts_with_all = ["listen", "openapi"])]
    check: Option<String>,
    /// Print the contract as an OpenAPI document instead
    #[arg(long, conflicts_with = "listen")]
    openapi: bool,
    #[command(flatten)]
    credentials: CredentialArgs,
    #[command(flatten)]
    behaviour: Behaviour,
    #[command(flatten)]
    webhooks: Webhooks,
    #[command(flatten)]
    checking: check::CheckArgs,
}

/// All of these are read again on SIGHUP.
#[derive(Debug, Args)]
#[command(next_help_heading = "TLS and tokens")]
struct CredentialArgs {
    /// The certificate with which https is spoken, and nothing else (PEM, with those between it and its CA); with --check the
    /// one that is shown
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Its key (PEM, not encrypted)
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// The CAs of which clients must show a certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", conflicts_with = "check")]
    client_ca: Option<PathBuf>,
    /// With --check: the CAs that the participant's certificate may come from (PEM) [default: those of the system]
    #[arg(long, value_name = "FILE", requires = "check")]
    ca: Option<PathBuf>,
    /// A file with the bearer token without which calls are refused (401); with --check the one that is sent
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl CredentialArgs {
    fn token(&self) -> Result<Option<TokenFile>, Failure> {
        let opened = self.token_file.as_ref().map(TokenFile::open).transpose();
        opened.map_err(|error| Failure::usage(format!("--token-file: {error}")))
    }

    fn acceptor(&self) -> Result<Option<Acceptor>, Failure> {
        let (Some(cert), Some(key)) = (&self.cert, &self.key) else { return Ok(None) };
        let files = ListenerFiles { cert: cert.clone(), key: key.clone(), client_ca: self.client_ca.clone() };
        Acceptor::open(files).map(Some).map_err(|error| Failure::usage(format!("--cert: {error}")))
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Behaviour of the simulated participants")]
struct Behaviour {
    /// Units of every SKU; without it there is no end of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    stock: Option<i64>,
    /// The SKUs that there are: a file with one a line, or what they begin with; without it any
    #[arg(long, value_name = "FILE|PREFIX")]
    skus: Option<String>,
    /// How long the answer to a key is replayed; effects and tombstones stay for ever
    #[arg(long, value_name = "MS", default_value_t = 24 * 3_600 * 1_000, value_parser = clap::value_parser!(i64).range(1..))]
    key_lifetime_ms: i64,
    /// How long an authorisation holds
    #[arg(long, value_name = "MS", default_value_t = 7 * 24 * 3_600 * 1_000, value_parser = clap::value_parser!(i64).range(1..))]
    authorization_ttl_ms: i64,
    /// Leave out of the answers how long an authorisation holds
    #[arg(long)]
    authorization_ttl_untold: bool,
    /// How long a connection is held open where no answer is to come
    #[arg(long, value_name = "MS", default_value_t = 60_000)]
    hang_ms: u64,
    /// Do the step of this name of a shop's own, too (give it again for each): an order's metadata says under the step's name
    /// how it goes: ok, refused, lost, pending, unknown, slow_<ms>, error_<n>. With --check: have it checked, too
    #[arg(long = "step", value_name = "NAME", value_parser = step)]
    steps: Vec<StepName>,
    /// What random behaviour is drawn from: the same calls under the same seed fare alike
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How often a step takes effect and is not answered, from 0 to 1
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_timeout: f64,
    /// How often an attempt fails before an effect
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_error: f64,
    /// How often a step takes effect and is answered 500
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_error_after: f64,
    /// How often a key fails for ever, before an effect
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_sticky_error: f64,
    /// How often a step takes effect and is answered late
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_slow: f64,
    /// How late that is
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    slow_ms: u64,
    /// How often an authorisation has expired before it is captured, whatever was said of it
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_authorization_lapse: f64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Webhooks of the simulated participants")]
struct Webhooks {
    /// Where events go: `/inventory`, `/payment`, `/shipment` or the name of a step is appended, or put in the place of `{participant}`
    #[arg(long = "webhooks", value_name = "URL", requires = "webhook_secret")]
    url: Option<String>,
    /// What they are signed with: `whsec_` and base64
    #[arg(long, value_name = "SECRET", env = "COUNTERFOIL_WEBHOOK_SECRET", hide_env_values = true)]
    webhook_secret: Option<String>,
    /// How often an event is sent twice
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_webhook_duplicate: f64,
    /// How often an event is sent late
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_webhook_late: f64,
    /// How often an event is overtaken by the next one
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = rate)]
    rate_webhook_reorder: f64,
}

fn step(text: &str) -> Result<StepName, String> {
    StepName::parse(text).map_err(|error| error.to_string())
}

fn host(text: &str) -> Result<String, String> {
    if Hosts::is_name(text) { Ok(text.to_owned()) } else { Err(format!("must be {}", hosts::NAME)) }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "must be a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&rate) { Ok(rate) } else { Err("must be from 0 to 1".to_owned()) }
}

/// Runs `counterfoil participants`: serves them, prints the contract, or checks somebody else's, as asked.
pub fn run(args: ParticipantsArgs) -> Result<ExitCode, Failure> {
    if args.openapi {
        return terminal::print(OPENAPI).map(|()| ExitCode::SUCCESS);
    }
    if let Some(url) = &args.check {
        let CredentialArgs { ca, cert, key, .. } = &args.credentials;
        let files = tls::Files { ca: ca.clone(), cert: cert.clone(), key: key.clone() };
        return terminal::block_on(check::run(
            url,
            files,
            args.credentials.token()?,
            &args.checking,
            &args.behaviour.steps,
        ))?;
    }
    let (Some(listen), Some(ledger)) = (&args.listen, &args.ledger) else {
        return Err(Failure::usage("--listen and --ledger are required"));
    };
    if let Some(parent) = args.die_with_parent {
        die_with_parent(parent)?;
    }
    let target = target(&args.webhooks)?;
    let settings = settings(&args)?;
    let (acceptor, token) = (args.credentials.acceptor()?, args.credentials.token()?);
    let door = server::Door { allowed_hosts: args.allowed_host.clone(), acceptor, token };
    let listener = TcpListener::bind(listen).map_err(|error| {
        let told = format!("--listen: cannot listen on {listen}: {error}");
        if error.kind() == ErrorKind::InvalidInput { Failure::usage(told) } else { Failure::work(told) }
    })?;
    let lock_wait = Duration::from_millis(args.lock_wait_ms);
    actix_web::rt::System::new().block_on(serve(settings, ledger, lock_wait, target, (listener, door)))
}

async fn serve(
    settings: SimulatorSettings,
    ledger: &Path,
    lock_wait: Duration,
    target: Option<Target>,
    (listener, door): (TcpListener, server::Door),
) -> Result<ExitCode, Failure> {
    let failed = |error: std::io::Error| Failure::work(format!("cannot serve: {error}"));
    let address = listener.local_addr().map_err(failed)?;
    let (rates, chance) = (settings.rates.clone(), Chance::new(settings.seed));
    let (queue, sending) = match target {
        Some(target) => {
            let (queue, events) = tokio::sync::mpsc::channel(webhooks::QUEUE);
            let sender = Sender::new(target, rates, chance);
            (Some(queue), Some(actix_web::rt::spawn(sender.run(events))))
        }
        None => (None, None),
    };
    let simulator = Simulator::open(settings, ledger, lock_wait, queue)
        .map_err(|error| Failure::caused("cannot open the ledger", &error))?;
    let simulator = Arc::new(simulator);
    let scheme = if door.acceptor.is_some() { "https" } else { "http" };
    let mut rereads: Vec<(String, Arc<dyn Reread>)> = Vec::new();
    if let Some(acceptor) = &door.acceptor {
        rereads.push(("--cert".into(), Arc::new(acceptor.clone())));
    }
    if let Some(token) = &door.token {
        rereads.push(("--token-file".into(), Arc::new(token.clone())));
    }
    let server = server::serve(Arc::clone(&simulator), listener, door).map_err(failed)?;
    actix_web::rt::spawn(tls::follow(rereads));
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    terminal::print(&format!("listening on {scheme}://{address}\n"))?;
    process::signalled().await;
    simulator.close();
    handle.stop(true).await;
    let _ended = serving.await;
    // The last one closes the queue of webhooks and writes what is left of the ledger.
    drop(simulator);
    if let Some(sending) = sending {
        let _late = tokio::time::timeout(WEBHOOK_GRACE, sending).await;
    }
    Ok(ExitCode::SUCCESS)
}

fn target(args: &Webhooks) -> Result<Option<Target>, Failure> {
    let (Some(url), Some(secret)) = (&args.url, &args.webhook_secret) else { return Ok(None) };
    let secret = Secret::parse(secret).map_err(|error| Failure::usage(format!("--webhook-secret: {error}")))?;
    Target::new(url, secret).map(Some).map_err(|error| Failure::usage(format!("--webhooks: {error}")))
}

fn settings(args: &ParticipantsArgs) -> Result<SimulatorSettings, Failure> {
    let (behaviour, hooks) = (&args.behaviour, &args.webhooks);
    Ok(SimulatorSettings {
        rules: Rules {
            key_lifetime_ms: behaviour.key_lifetime_ms,
            authorization_ttl_ms: behaviour.authorization_ttl_ms,
            tells_authorization_ttl: !behaviour.authorization_ttl_untold,
            lapses: Lapses { rate: behaviour.rate_authorization_lapse, chance: Chance::new(behaviour.seed) },
            stock: behaviour.stock,
            steps: behaviour.steps.iter().map(|step| step.as_str().to_owned()).collect(),
            skus: behaviour.skus.as_deref().map_or(Ok(Skus::Any), skus)?,
        },
        rates: Rates {
            timeout: behaviour.rate_timeout,
            error: behaviour.rate_error,
            error_after: behaviour.rate_error_after,
            sticky_error: behaviour.rate_sticky_error,
            slow: behaviour.rate_slow,
            webhook_duplicate: hooks.rate_webhook_duplicate,
            webhook_late: hooks.rate_webhook_late,
            webhook_reorder: hooks.rate_webhook_reorder,
        },
        seed: behaviour.seed,
        slow: Duration::from_millis(behaviour.slow_ms),
        hang: Duration::from_millis(behaviour.hang_ms),
    })
}

/// A file where there is one of that name, else a prefix. A name with a slash is never a prefix: it is a file that is
/// missing.
fn skus(text: &str) -> Result<Skus, Failure> {
    let path = Path::new(text);
    if !path.is_file() && !text.contains('/') {
        return Ok(Skus::Prefix(text.to_owned()));
    }
    let listed = std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("--skus {text}: {error}")))?;
    Ok(Skus::Listed(listed.lines().filter(|sku| !sku.is_empty()).map(str::to_owned).collect()))
}

/// Has the kernel kill this process when its parent ends. The ledger takes no harm from that.
fn die_with_parent(parent: Option<i32>) -> Result<(), Failure> {
    let parent = match parent {
        Some(raw) => Some(Pid::from_raw(raw).ok_or_else(|| Failure::usage("--die-with-parent: no process id"))?),
        None => getppid(),
    };
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|errno| Failure::work(format!("cannot be bound to the parent's life: {errno}")))?;
    // It may have ended before that: then no signal would come any more.
    if getppid() != parent {
        return Err(Failure::work("the process that started this one has ended"));
    }
    Ok(())
}
