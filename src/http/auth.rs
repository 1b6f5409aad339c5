//! Who calls: bearer tokens (RFC 6750), known by their SHA-256 only.
//!
//! A presented token is hashed and compared with every known one in constant time, so that neither the time of an
//! answer nor the configuration file tells anything about a token.
//!
//! Tokens come and go while the engine runs: each may be good from and until a moment, by the database's clock (as the
//! engine last heard it, where the database is away), and those of `auth.tokens_file` are taken anew when it changes
//! ([`follow_file`]). Whatever holds a caller for long, a stream or a request that waits, ends when its token is gone
//! ([`Auth::gone`]). A file that cannot be used changes nothing: the last good list stays in force.

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::http::header::{self, HeaderMap};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use tokio::signal::unix::{SignalKind, signal};

use super::problem::Problem;
use crate::config::tokens::{read, told};
use crate::config::{self, Role};
use crate::limits;
use crate::ports::Clock;
use crate::saga::{Client, OrderId, Timestamp};
use crate::telemetry::Metrics;

/// Who calls, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The owner of its orders and keys.
    pub client: Client,
    roles: u8,
    /// The hash of its token; `None` of who needs none.
    token: Option<[u8; 32]>,
}

fn bit(role: Role) -> u8 {
    match role {
        Role::Client => 1,
        Role::Operator => 2,
        Role::Metrics => 4,
        Role::Viewer => 8,
        Role::Support => 16,
    }
}

/// Who sees everybody's orders, and how it all fares.
pub const STAFF: [Role; 3] = [Role::Viewer, Role::Support, Role::Operator];
/// Who sees orders: its own, or everybody's.
pub const READERS: [Role; 4] = [Role::Client, Role::Viewer, Role::Support, Role::Operator];
/// Who may call off an order that is another's, and give money back.
pub const SERVANTS: [Role; 2] = [Role::Support, Role::Operator];

impl Caller {
    /// Whether it has the role.
    pub fn is(&self, role: Role) -> bool {
        self.roles & bit(role) != 0
    }

    /// Whether it has one of these roles.
    pub fn is_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|&role| self.is(role))
    }

    /// Whether it may know to whom an order goes: its owner may, and whoever is to help that customer.
    pub fn sees_person(&self, owner: &Client) -> bool {
        self.is(Role::Client) && self.client == *owner || self.is_any(&SERVANTS)
    }

    /// 403 where it has none of these roles.
    pub fn require(&self, roles: &[Role]) -> Result<(), Problem> {
        if self.is_any(roles) {
            return Ok(());
        }
        let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        Err(Problem::forbidden(&names.join(" or ")))
    }
}

#[derive(Debug, Clone)]
struct Known {
    sha256: [u8; 32],
    caller: Caller,
    /// From when on, and until when, in microseconds.
    from: Option<i64>,
    until: Option<i64>,
}

impl Known {
    /// A hash that is none, which the check refuses, is left out: so that it lets nobody in.
    fn of(token: &config::Token) -> Option<Self> {
        let digest = data_encoding::HEXLOWER_PERMISSIVE.decode(token.sha256.as_bytes()).ok()?;
        let sha256 = digest.try_into().ok()?;
        let roles = token.roles.iter().fold(0, |roles, &role| roles | bit(role));
        let caller = Caller { client: Client::trusted(token.subject.as_str()), roles, token: Some(sha256) };
        let micros = |moment: Option<config::Moment>| moment.map(config::Moment::as_micros);
        Some(Self { sha256, caller, from: micros(token.not_before), until: micros(token.not_after) })
    }

    fn is_good(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now.0) && self.until.is_none_or(|until| now.0 < until)
    }
}

/// The tokens that are accepted.
pub struct Auth {
    config: config::Auth,
    known: RwLock<Arc<Table>>,
    /// Who everybody is where no tokens are asked for.
    anonymous: Option<Caller>,
    clock: Arc<dyn Clock>,
}

/// Every known token: in a row, for whoever presents one, and by its hash, for whoever was let in.
#[derive(Default)]
struct Table {
    row: Vec<Known>,
    places: HashMap<[u8; 32], usize>,
}

impl Table {
    fn of(fixed: &[config::Token], listed: &[config::Token]) -> Self {
        let row: Vec<Known> = fixed.iter().chain(listed).filter_map(Known::of).collect();
        let places = row.iter().enumerate().map(|(place, known)| (known.sha256, place)).collect();
        Self { row, places }
    }
}

impl Auth {
    /// From a checked configuration, whose tokens file was read. Where one is named, nobody comes in without a token.
    pub fn new(config: &config::Auth, clock: Arc<dyn Clock>) -> Self {
        let roles = Role::ALL.into_iter().fold(0, |roles, role| roles | bit(role));
        let anonymous = config.is_open().then(|| Caller { client: Client::anonymous(), roles, token: None });
        let known = RwLock::new(Arc::new(Table::of(&config.tokens, &config.listed)));
        Self { config: config.clone(), known, anonymous, clock }
    }

    fn table(&self) -> Arc<Table> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who sends these headers. Where no token is asked for everybody is `anonymous` and may do everything.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        if let Some(anonymous) = &self.anonymous {
            return Ok(anonymous.clone());
        }
        let mut values = headers.get_all(header::AUTHORIZATION);
        let value = values.next().ok_or_else(|| Problem::unauthorized(false))?;
        if values.next().is_some() {
            return Err(Problem::unauthorized(false));
        }
        let token = bearer(value.as_bytes()).ok_or_else(|| Problem::unauthorized(false))?;
        let presented: [u8; 32] = Sha256::digest(token).into();
        let table = self.table();
        let mut found = u32::MAX;
        for (index, known) in table.row.iter().enumerate() {
            let same: Choice = known.sha256.ct_eq(&presented);
            found = u32::conditional_select(&found, &u32::try_from(index).unwrap_or(u32::MAX), same);
        }
        let known = usize::try_from(found).ok().and_then(|index| table.row.get(index));
        let good = known.filter(|known| known.is_good(self.clock.now()));
        good.map(|known| known.caller.clone()).ok_or_else(|| Problem::unauthorized(true))
    }

    /// Whether this caller would be let in now, as who it was.
    pub fn knows(&self, caller: &Caller) -> bool {
        let Some(token) = &caller.token else { return true };
        let table = self.table();
        let known = table.places.get(token).and_then(|&place| table.row.get(place));
        known.is_some_and(|known| known.caller == *caller && known.is_good(self.clock.now()))
    }

    /// Ends when the caller's token is good no more, within [`limits::TOKEN_LOOK`]: it was taken away, ran out, or stands
    /// for somebody else. Never where tokens stay as they are.
    pub fn gone(self: Arc<Self>, caller: &Caller) -> impl Future<Output = ()> + use<> {
        let stays = caller.token.is_none()
            || self.config.tokens_file.is_none() && self.config.tokens.iter().all(|token| token.not_after.is_none());
        let caller = caller.clone();
        async move {
            if stays {
                return std::future::pending().await;
            }
            while self.knows(&caller) {
                tokio::time::sleep(limits::TOKEN_LOOK).await;
            }
        }
    }

    /// Whether an order_id that is new is another client's to submit. Derived ones are nobody's: they are made of the
    /// client's name.
    pub fn is_anothers(&self, order_id: &OrderId, client: &Client) -> bool {
        let owner = self.config.clients.iter().find(|owner| {
            let prefix = owner.order_id_prefix.as_deref();
            prefix.is_some_and(|prefix| order_id.as_str().starts_with(prefix))
        });
        !order_id.is_derived() && owner.is_some_and(|owner| owner.subject != client.as_str())
    }

    /// Takes a file's text: how many tokens it lists, or what is wrong with it, and then nothing has changed.
    fn take(&self, text: Result<String, String>) -> Result<usize, String> {
        let listed = self.config.list(&text?).map_err(|error| told(&error))?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Table::of(&self.config.tokens, &listed));
        Ok(listed.len())
    }
}

/// Follows the tokens file, where one is named: for as long as the server runs. It is read twice a second rather than
/// looked at: its length and its times need not change with it, and the name may lead through links that are swapped
/// (as Kubernetes does with what it mounts). What was found twice alike is taken; on SIGHUP, what is found.
pub async fn follow_file(auth: Arc<Auth>, metrics: Arc<Metrics>) {
    let Some(path) = auth.config.tokens_file.clone() else { return };
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => Some(hangup),
        Err(error) => {
            tracing::warn!(%error, "SIGHUP cannot be listened for; the tokens file is followed all the same");
            None
        }
    };
    let mut follower = Follower { auth, metrics, path, taken: None, seen: None };
    loop {
        let asked = async {
            match &mut hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        let now = tokio::select! { () = asked => true, () = tokio::time::sleep(limits::TOKENS_FILE_LOOK) => false };
        follower.look(now).await;
    }
}

type Text = Option<Result<String, String>>;

struct Follower {
    auth: Arc<Auth>,
    metrics: Arc<Metrics>,
    path: PathBuf,
    /// What was taken or refused last, and what was seen last.
    taken: Text,
    seen: Text,
}

impl Follower {
    /// The text of the file, or why there is none; off the thread that answers requests, since a disk may be slow.
    async fn read(&self) -> Text {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || read(&path)).await.ok()
    }

    /// Takes what is there, if it is new: at once where somebody says so, else where it was there the last time, too.
    async fn look(&mut self, now: bool) {
        let found = self.read().await;
        let settled = now || found == self.seen;
        self.seen.clone_from(&found);
        if !settled || (!now && found == self.taken) {
            return;
        }
        self.taken.clone_from(&found);
        let Some(text) = found else { return };
        match self.auth.take(text) {
            Ok(tokens) => {
                self.metrics.tokens_taken(true);
                tracing::info!(file = %self.path.display(), tokens, "the tokens file was read again");
            }
            Err(reason) => {
                self.metrics.tokens_taken(false);
                let file = self.path.display();
                tracing::error!(%file, reason, "the tokens file cannot be used; the last good list stays in force");
            }
        }
    }
}

/// The token of `Bearer TOKEN`; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("bearer ".len())?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth() -> Auth {
        let token = |subject: &str, token: &str, roles: &[Role]| config::Token {
            subject: subject.into(),
            sha256: data_encoding::HEXUPPER.encode(&Sha256::digest(token)),
            roles: roles.to_vec(),
            not_before: None,
            not_after: None,
        };
        let tokens =
            vec![token("shop", "s3cret", &[Role::Client]), token("ops", "0ther", &[Role::Operator, Role::Metrics])];
        Auth::new(&config::Auth { tokens, ..config::Auth::default() }, Arc::new(At(0)))
    }

    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp(self.0)
        }
    }

    fn headers(authorization: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        headers
    }

    #[test]
    fn a_token_names_its_subject_and_roles() {
        let caller = auth().caller(&headers("Bearer s3cret")).unwrap();
        assert_eq!(caller.client.as_str(), "shop");
        assert!(caller.require(&[Role::Client, Role::Operator]).is_ok());
        assert_eq!(caller.require(&[Role::Operator]).unwrap_err().status(), 403);
        let caller = auth().caller(&headers("bearer  0ther ")).unwrap();
        assert!(caller.client.as_str() == "ops" && caller.is(Role::Metrics) && !caller.is(Role::Client));
    }

    #[test]
    fn whom_an_order_is_for_is_known_to_its_client_and_to_who_serves_it() {
        let shop = Client::trusted("shop");
        for (role, own, others) in [
            (Role::Client, true, false),
            (Role::Viewer, false, false),
            (Role::Support, true, true),
            (Role::Operator, true, true),
            (Role::Metrics, false, false),
        ] {
            let by = |name: &str| Caller { client: Client::trusted(name), roles: bit(role), token: None };
            assert_eq!((by("shop").sees_person(&shop), by("other").sees_person(&shop)), (own, others), "{role:?}");
        }
    }

    #[test]
    fn everything_else_is_401_with_a_challenge() {
        let mut twice = headers("Bearer s3cret");
        twice.append(header::AUTHORIZATION, "Bearer 0ther".parse().unwrap());
        let wrong = ["Bearer", "Bearer ", "Bearer wrong", "Basic s3cret", "s3cret", "Bearer s3cret x"];
        for headers in wrong.map(headers).into_iter().chain([HeaderMap::new(), twice]) {
            let problem = auth().caller(&headers).unwrap_err();
            assert_eq!(problem.status(), 401, "{headers:?}");
            assert!(problem.response().headers().contains_key(header::WWW_AUTHENTICATE));
        }
    }

    #[test]
    fn without_tokens_everybody_is_anonymous_whatever_it_says() {
        let open = Auth::new(&config::Auth::default(), Arc::new(At(0)));
        for headers in [HeaderMap::new(), headers("Bearer s3cret")] {
            let caller = open.caller(&headers).unwrap();
            assert_eq!(caller.client, Client::anonymous());
            assert!(Role::ALL.into_iter().all(|role| caller.is(role)));
        }
    }

    fn hash(token: &str) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(token))
    }

    #[test]
    fn a_token_is_good_from_and_until_a_moment_of_the_databases_time() {
        let line = format!(
            "{} = {{ subject = \"shop\", roles = [\"client\"], not_before = \"1970-01-01T00:00:10Z\", \
             not_after = \"1970-01-01T00:00:20Z\" }}",
            hash("t")
        );
        let mut config = config::Auth { tokens_file: Some("x".into()), ..config::Auth::default() };
        config.listed = config.list(&line).unwrap();
        for (micros, good) in [(9_999_999, false), (10_000_000, true), (19_999_999, true), (20_000_000, false)] {
            let auth = Auth::new(&config, Arc::new(At(micros)));
            assert_eq!(auth.caller(&headers("Bearer t")).is_ok(), good, "{micros}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_changes_nothing_and_no_token_is_nobody() {
        let line = |token: &str| format!("{} = {{ subject = \"{token}\", roles = [\"client\"] }}", hash(token));
        let named = config::Auth { tokens_file: Some("x".into()), ..config::Auth::default() };
        let auth = Auth::new(&named, Arc::new(At(0)));
        assert_eq!(auth.caller(&HeaderMap::new()).unwrap_err().status(), 401, "never everybody");
        assert_eq!(auth.take(Ok(line("a"))), Ok(1));
        let caller = auth.caller(&headers("Bearer a")).unwrap();
        for bad in [Err("gone".to_owned()), Ok(String::new()), Ok("x = 1".into()), Ok(line("b") + "\n[")] {
            assert!(auth.take(bad).is_err());
            assert!(auth.caller(&headers("Bearer a")).is_ok() && auth.knows(&caller));
        }
        assert_eq!(auth.take(Ok(line("a").replace("client", "metrics"))), Ok(1));
        assert!(!auth.knows(&caller), "what it may do is part of who it was");
        assert_eq!(auth.take(Ok(line("b"))), Ok(1));
        assert_eq!(auth.caller(&headers("Bearer a")).unwrap_err().status(), 401);
        assert!(!auth.knows(&caller) && auth.caller(&headers("Bearer b")).is_ok());
    }

    #[test]
    fn a_prefix_is_one_clients() {
        let client = |subject: &str, prefix: Option<&str>| config::AuthClient {
            subject: subject.into(),
            order_id_prefix: prefix.map(str::to_owned),
        };
        let clients = vec![client("shop", Some("SHOP-")), client("other", None)];
        let auth = Auth::new(&config::Auth { clients, ..config::Auth::default() }, Arc::new(At(0)));
        let anothers = |id: &str, who: &str| auth.is_anothers(&OrderId::trusted(id), &Client::trusted(who));
        assert!(anothers("SHOP-1", "other") && anothers("SHOP-", "third"));
        for (id, who) in [("SHOP-1", "shop"), ("shop-1", "other"), ("SHO", "other"), ("X-1", "shop"), ("ik_a", "other")]
        {
            assert!(!anothers(id, who), "{id} of {who}");
        }
    }
}
