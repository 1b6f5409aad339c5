use figment::providers::Format;

use super::*;

const SHIPPED: &str = include_str!("../../config/counterfoil.toml");

fn read(toml: &str) -> Result<Config, ConfigError> {
    let figment = Figment::from(Serialized::defaults(Config::default())).merge(Toml::string(toml));
    Config::extract(&figment, |_| {})
}

#[test]
fn the_shipped_file_is_the_defaults_and_names_every_key() {
    assert_eq!(read(SHIPPED).unwrap(), Config::default());

    fn keys(section: &str, value: &serde_json::Value, found: &mut Vec<(String, String)>) {
        for (key, value) in value.as_object().unwrap() {
            match value {
                serde_json::Value::Object(_) if section.is_empty() => keys(key, value, found),
                serde_json::Value::Object(_) => keys(&format!("{section}.{key}"), value, found),
                _ => found.push((section.to_owned(), key.clone())),
            }
        }
    }
    let mut expected = Vec::new();
    keys("", &serde_json::to_value(Config::default()).unwrap(), &mut expected);
    let mut section = String::new();
    let mut named = Vec::new();
    for line in SHIPPED.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
        } else if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") {
            named.push((section.clone(), key.to_owned()));
        }
    }
    for key in expected {
        assert!(named.contains(&key), "config/counterfoil.toml does not name {key:?}");
    }
}

#[test]
fn a_plan_is_set_beside_the_others() {
    let config =
        read("[database.planner.commit]\nplan_cache_mode = \"auto\"\nenable_sort = false\nseq_page_cost = 2").unwrap();
    let of = |plans: &planner::Plans, name: &str| plans[name].0.clone();
    let commit = &config.database.planner.commit;
    assert_eq!(["plan_cache_mode", "enable_sort", "seq_page_cost"].map(|name| of(commit, name)), ["auto", "off", "2"]);
    assert_eq!(of(commit, "enable_hashjoin"), "off", "what is not named stays");
    assert_eq!(config.database.planner.reads, Config::default().database.planner.reads);
}

#[test]
fn a_wrong_key_or_value_is_named_with_what_is_allowed() {
    let table: &[(&str, &[&str])] = &[
        ("[[saga.steps]]\nname = \"fraud\"", &["saga.steps", "before"]),
        ("[[saga.steps]]\nname = \"fraud\"\nbefore = \"payment\"", &["saga.steps[0].url: is missing"]),
        (
            "[[saga.steps]]\nname = \"payment\"\nbefore = \"payment\"\nurl = \"http://f\"",
            &["saga.steps[0].name", "built in", "inventory, payment, shipment, completion"],
        ),
        (
            "[[saga.steps]]\nname = \"Fraud\"\nbefore = \"payment\"\nurl = \"http://f\"",
            &["saga.steps[0].name", "\"Fraud\"", "a-z first"],
        ),
        (
            "[[saga.steps]]\nname = \"fraud\"\nbefore = \"paiment\"\nurl = \"http://f\"",
            &["saga.steps[0].before", "\"paiment\"", "inventory, payment, shipment, completion"],
        ),
        (
            "[[saga.steps]]\nname = \"fraud\"\nbefore = \"payment\"\nurl = \"http://f\"\ndeadline_ms = 4999",
            &["saga.steps[0].deadline_ms: is 4999; it must be 5000..=31536000000"],
        ),
        (
            "[[saga.steps]]\nname = \"fraud\"\nbefore = \"payment\"\nurl = \"http://f\"\nkind = \"local\"",
            &["saga.steps", "kind", "is \"local\"; allowed are http, amount-limit"],
        ),
        (
            "[[saga.steps]]\nname = \"gift\"\nbefore = \"completion\"\nurl = \"http://g\"\nundo = true",
            &["saga.steps[0].undo: is true", "completion", "must be false", "inventory, payment or shipment"],
        ),
        ("[server]\nport = 1", &["server.port: is unknown", "[server] are listen, workers"]),
        ("[sever]\nport = 1", &["sever: is unknown", "sections are deployment, server, database"]),
        ("[saga.retry]\nfirst = 1", &["saga.retry.first: is unknown", "first_ms, factor, max_ms, attempts"]),
        ("[server]\nlisten = \"localhost\"", &["server.listen: is \"localhost\"", "127.0.0.1:8080"]),
        ("[server]\nlisten = 8080", &["server.listen: is 8080; it must be a string"]),
        ("[server]\nlisten = \"0.0.0.0:80\"", &["server.listen", "loopback", "allow_unauthenticated"]),
        ("[server]\nlisten = \"[::]:80\"", &["server.listen", "loopback"]),
        (
            "[server]\nallowed_hosts = [\"a\", \"http://b\"]",
            &["server.allowed_hosts: holds \"http://b\"", "shop.internal"],
        ),
        ("[server]\nworkers = 2000", &["server.workers: is 2000; it must be 0..=1024"]),
        ("[server]\nworkers = -1", &["server.workers: is -1; it must be a whole number"]),
        ("[server]\ndefault_wait_ms = 30001", &["server.default_wait_ms", "0..=30000"]),
        ("[server]\ndrain_delay_ms = 10001", &["server.drain_delay_ms: is 10001; it must be 0..=10000"]),
        ("[database]\ncommitters = 0", &["database.committers: is 0; it must be 1..=64"]),
        (
            "[database.planner.commit]\nplan_cache_mode = \"generic\"",
            &["database.planner.commit.plan_cache_mode: is \"generic\"; it must be auto, force_generic_plan"],
        ),
        (
            "[database.planner.feed]\nenable_sort = 1",
            &["database.planner.feed.enable_sort: is \"1\"; it must be on or off"],
        ),
        (
            "[database.planner.every]\nwork_mem = \"1GB\"",
            &["database.planner.every.work_mem: is no setting of the planner"],
        ),
        (
            "[database.planner.every]\n\"jit; DROP\" = 1",
            &["database.planner.every.jit; DROP: is no setting of the planner"],
        ),
        ("[database.planner.reads]\nrandom_page_cost = \"cheap\"", &["reads.random_page_cost: is \"cheap\""]),
        (
            "[database.planner.listings]\njit = \"on\"",
            &["database.planner.listings: is unknown", "every, commit, reads, feed"],
        ),
        ("[database]\nurl = \"mysql://u:pw@h/d\"", &["database.url", "postgres://"]),
        ("[server]\nmax_connections = 15", &["server.max_connections: is 15", "16..=1000000"]),
        ("[server]\nmax_connections_per_address = 0", &["server.max_connections_per_address: is 0", "1..=1000000"]),
        ("[server]\nwrite_timeout_ms = 999", &["server.write_timeout_ms: is 999", "1000..=600000"]),
        (
            "[server]\ntrusted_proxies = [\"10.0.0.7\", \"10.0.0.0/33\"]",
            &["server.trusted_proxies[1]: is \"10.0.0.0/33\"", "10.0.0.0/8"],
        ),
        ("[engine]\nshards = 1025", &["engine.shards", "0..=1024"]),
        ("[saga]\nstep_timeout_ms = 10000", &["saga.step_timeout_ms: is 10000", "less than engine.lease_ms"]),
        ("[saga]\nretry = { factor = 0.5 }", &["saga.retry.factor: is 0.5", "1..=10"]),
        ("[saga]\nretry = { max_ms = 100 }", &["saga.retry.max_ms: is 100", "200..=86400000"]),
        ("[saga]\nretry = { attempts = 0 }", &["saga.retry.attempts: is 0", "1..=1000"]),
        ("[saga]\nreservation_ttl_ms = 0", &["saga.reservation_ttl_ms: is 0", "1..="]),
        ("[saga]\nauthorized_ttl_ms = 0", &["saga.authorized_ttl_ms: is 0", "1..="]),
        ("[saga]\nentry_wait_ms = 5999", &["saga.entry_wait_ms: is 5999", "6000..="]),
        ("[engine]\nlease_ms = 5000", &["saga.step_timeout_ms: is 5000", "engine.lease_ms, which is 5000"]),
        ("[engine]\nlease_ms = 99", &["engine.lease_ms: is 99", "100..=600000"]),
        ("[participants.payment]\nkind = \"stripe\"", &["participants.payment.kind", "not available yet"]),
        ("[participants.payment]\nkind = \"http\"", &["participants.payment.url: is missing", "http://HOST:PORT"]),
        ("[participants.shipment]\nkind = \"ftp\"", &["participants.shipment.kind: is \"ftp\"", "local, http"]),
        ("[participants.inventory]\nurl = \"http://x\"", &["participants.inventory.url", "local"]),
        (
            "[[outbox.sinks]]\nname = \"a\"\nkind = \"nats\"\nurl = \"h:4222\"\nstream = \"a.b\"\nsubject = \"a.>\"\n\
             partitions = 2\ntopic = \"t\"\nmode = \"at_least_once\"\nauth = { username = \"u\" }\n\
             create = { partitions = 2, replication = 7 }",
            &[
                "sinks[0].url: is \"h:4222\"",
                "nats://HOST:PORT",
                "sinks[0].stream: is \"a.b\"",
                "sinks[0].subject: is \"a.>\"",
                "sinks[0].partitions: is 2",
                "sinks[0].topic: is of other kinds",
                "sinks[0].mode",
                "sinks[0].auth: must have username and password_file",
                "sinks[0].create.partitions",
                "sinks[0].create.replication: is 7",
            ],
        ),
        (
            "[[outbox.sinks]]\nname = \"a\"\nkind = \"nats\"\nurl = \"tls://h\"\nstream = \"s\"\n\
             [[outbox.sinks]]\nname = \"b\"\nkind = \"nats\"\nurl = \"nats://u:hidden@h\"\nstream = \"s\"\n\
             [[outbox.sinks]]\nname = \"c\"\nkind = \"nats\"\nurl = \"tls://h\"\nstream = \"s\"\n\
             subject = \"counterfoil.orders.more\"\ntls = { cert = \"/c\" }",
            &[
                "sinks[0].url: is \"tls://h\"",
                "set tls",
                "sinks[1].url: holds who this is",
                "sinks[2].stream: is \"s\", as another",
                "sinks[2].subject: is \"counterfoil.orders.more\"",
                "sinks[2].tls.cert",
            ],
        ),
        (
            "[[outbox.sinks]]\nname = \"A/b\"\nkind = \"kafka\"\nbrokers = [\"x\"]\ntopic = \"a b\"\nfrom = \"noon\"",
            &[
                "sinks[0].name: is \"A/b\"",
                "sinks[0].brokers",
                "HOST:PORT",
                "sinks[0].topic",
                "sinks[0].from",
                "beginning",
            ],
        ),
        (
            "[[outbox.sinks]]\nname = \"a\"\nkind = \"kafka\"\nbrokers = [\"h:1\"]\ntopic = \"t\"\ncursor_topic = \"t\"\n\
             partitions = 0\nsecret = \"x\"\nsasl = { mechanism = \"plain\", username = \"u\", password_file = \"/p\" }\n\
             types = [\"order.created\"]",
            &[
                "sinks[0].types",
                "sinks[0].cursor_topic",
                "sinks[0].partitions: is 0",
                "sinks[0].secret",
                "sinks[0].sasl.mechanism",
            ],
        ),
        (
            "[[outbox.sinks]]\nname = \"A\"\nkind = \"webhook\"\nfrom = \"soon\"\ntopic = \"t\"\n\
             partitions = 2",
            &[
                "[0].name: is \"A\"",
                "[0].from: is \"soon\"",
                "[0].endpoint: must be https://",
                "[0].secret: holds 0",
                "[0].topic: is of other",
                "[0].partitions: is of other",
            ],
        ),
        (
            "[[outbox.sinks]]\nname = \"a\"\nkind = \"webhook\"\nendpoint = \"https://h/pw@\"\nsecret = \"whsec_pw@\"",
            &["[0].secret: is not one"],
        ),
        ("[outbox]\ntable_personal_data = true", &["outbox.table_personal_data: is true, and outbox.table is not"]),
        ("[outbox.webhooks]\nmax_in_flight = 0", &["outbox.webhooks.max_in_flight: is 0", "1..=64"]),
        ("[outbox.webhooks]\nretry_ms = [0]", &["outbox.webhooks.retry_ms: must hold"]),
        ("[outbox.webhooks]\nretry_ms = []", &["outbox.webhooks.retry_ms: must hold 1 to 30"]),
        ("[telemetry]\notlp_endpoint = \"x\"", &["telemetry.otlp_endpoint", "no traces yet"]),
        ("[telemetry]\nformat = \"xml\"", &["telemetry.format", "text", "json"]),
        ("[telemetry]\nlog = \"a=loud\"", &["telemetry.log: is \"a=loud\"", "debug"]),
        ("[auth]\ntokens = [{ subject = \"a\", roles = [] }]", &["auth.tokens.0.sha256: is missing"]),
        ("[server", &["TOML"]),
        ("[database]\nurl = \"postgres://u:pw@h/d", &["TOML", "line 2"]),
        ("[participants.payment]\nwebhook_secret = whsec_pw@", &["TOML", "line 2"]),
        ("database = \"postgres://u:pw@h/d\"", &["database: is not what it must be: a section"]),
        ("[participants]\npayment = \"whsec_pw@\"", &["participants.payment: is not what it must be: a section"]),
        ("[auth]\ntokens = \"pw@\"", &["auth.tokens: is not what it must be: a list"]),
        ("[database]\nurl = [\"postgres://u:pw@h/d\"]", &["database.url: is not what it must be: a string"]),
        ("[database]\nurl = \"\"", &["database.url", "postgres://"]),
        ("[database]\nurl = \"postgres://u:pw@h/d?sslmode=allow\"", &["database.url", "sslmode=\"allow\""]),
    ];
    for (toml, wanted) in table {
        let error = read(toml).unwrap_err().to_string();
        for text in *wanted {
            assert!(error.contains(text), "{toml}\n  gave {error}\n  without {text}");
        }
        assert!(!error.contains("pw@"), "a password was repeated: {error}");
    }
}

#[test]
fn a_network_holds_its_addresses() {
    let holds = |network: &str, address: &str| Network::parse(network).unwrap().holds(address.parse().unwrap());
    for (network, inside, outside) in [
        ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
        ("10.1.0.0/16", "10.1.255.255", "10.2.0.0"),
        ("0.0.0.0/0", "8.8.8.8", "::1"),
        ("fd00::/8", "fdff::1", "fe00::1"),
        ("::/0", "fe80::1", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
    ] {
        assert!(holds(network, inside) && !holds(network, outside), "{network}");
    }
    for wrong in ["", "10.0.0", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129", "localhost", "10.0.0.0/8/8"] {
        assert_eq!(Network::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn remote_participants_are_checked() {
    let payment = |more: &str| read(&format!("[participants.payment]\nkind = \"http\"\n{more}"));
    let good = "url = \"http://127.0.0.1:9/v1/\"\nwebhook_secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"";
    let config = payment(good).unwrap();
    assert_eq!(config.participants.payment.key_lifetime(), Duration::from_secs(86_400));
    assert!(!format!("{config:?}").contains("MfKQ9r8G"));
    assert!(payment("url = \"http://pay.internal\"").is_ok(), "webhooks are a convenience");
    let lived = payment(&format!("{good}\nkey_lifetime_ms = 60000")).unwrap();
    assert_eq!(lived.participants.payment.key_lifetime(), Duration::from_secs(60));
    for (more, wanted) in [
        (
            "url = \"https+unix://pay.example\"",
            &["participants.payment.url: is \"https+unix://pay.example\"", "only http:// and https://"][..],
        ),
        ("url = \"pay.example\"", &["participants.payment.url: is \"pay.example\"", "begin with http://"]),
        ("url = \"http://u:hunter2@pay\"", &["participants.payment.url: is not usable", "credentials"]),
        ("url = \"http://pay/?a=b\"", &["participants.payment.url", "query"]),
        ("url = 7", &["participants.payment.url: is 7; it must be"]),
        (
            "url = \"http://pay\"\nwebhook_secret = \"hunter2\"",
            &["participants.payment.webhook_secret: is not one", "whsec_ and the base64 of 24 to 64 bytes"],
        ),
        ("url = \"http://pay\"\nwebhook_secret = 8675309", &["participants.payment.webhook_secret: is not"]),
        (
            "url = \"http://pay\"\nkey_lifetime_ms = 24999",
            &["participants.payment.key_lifetime_ms: is 24999", "at least 25000", "saga.step_timeout_ms"],
        ),
        ("url = \"http://pay\"\nkey_lifetime_ms = 31536000001", &["key_lifetime_ms", "25000..=31536000000"]),
    ] {
        let error = payment(more).unwrap_err().to_string();
        for text in wanted {
            assert!(error.contains(text), "{more}\n  gave {error}\n  without {text}");
        }
        assert!(!error.contains("hunter2") && !error.contains("8675309"), "a secret was repeated: {error}");
    }
    let local = read("[participants.payment]\nkey_lifetime_ms = 60000").unwrap_err().to_string();
    assert!(local.contains("participants.payment.key_lifetime_ms: is for remote"), "{local}");
    for role in ["inventory", "shipment"] {
        assert!(read(&format!("[participants.{role}]\nkind = \"http\"\n{good}")).is_ok(), "{role}");
    }
}

#[test]
fn what_a_limit_of_amounts_is_told_is_checked() {
    let step = |more: &str| read(&format!("[[saga.steps]]\nname = \"limit\"\nbefore = \"payment\"\n{more}"));
    let limit = |more: &str| step(&format!("kind = \"amount-limit\"\n{more}"));
    let good = "limits = { EUR = 500000, JPY = 9007199254740991 }";
    let config = limit(good).unwrap();
    let limits: Vec<_> = config.saga.steps[0].limits().map(|(code, most)| (code.as_str().to_owned(), most.0)).collect();
    assert_eq!(limits, [("EUR".to_owned(), 500_000), ("JPY".to_owned(), 9_007_199_254_740_991)]);
    let definition = steps::definition(&config.saga.steps, crate::saga::Plan::LOCAL).expect("a definition");
    assert_eq!(definition.steps()[0].kind, crate::saga::definition::StepKind::Local);
    let foreign = |key: &str, value: &str| {
        let told = format!("[0].{key}: is for kind \"http\", and this step is of kind \"amount-limit\"; leave it out");
        (format!("{good}\n{key} = {value}"), vec![told])
    };
    let allowed = "as in { EUR = 500000 }, each 1..=9007199254740991";
    let within = "it must be 1..=9007199254740991";
    let told = |more: &str, wanted: &[&str]| (more.to_owned(), wanted.iter().map(|text| (*text).to_owned()).collect());
    for (more, wanted) in [
        told("", &["saga.steps[0].limits: is missing, where kind is \"amount-limit\"", allowed]),
        told("limits = {}", &["saga.steps[0].limits: is empty, which would refuse every order", allowed]),
        told(
            "limits = { eur = 1 }",
            &["saga.steps[0].limits: holds \"eur\"", "of ISO 4217 in capital letters, as EUR"],
        ),
        told("limits = { EUR = 1, ZZZ = 0 }", &["limits: holds \"ZZZ\"", "saga.steps[0].limits.ZZZ: is 0", within]),
        told("limits = { EUR = 9007199254740992 }", &["limits.EUR: is 9007199254740992", within]),
        told("limits = { EUR = -1 }", &["limits.EUR: is -1; it must be a whole number of at least 0"]),
        told("limits = { EUR = 10.5 }", &["limits.EUR: is 10.5; it must be a whole number"]),
        told("limits = { EUR = \"many\" }", &["limits.EUR: is \"many\"; it must be a whole number"]),
        told("limits = 500000", &["limits: is 500000; it must be"]),
        told(&format!("{good}\nlimit = 1"), &["limit: is unknown", "webhook_secret, limits"]),
        told(&format!("{good}\nundo = true"), &["saga.steps[0].undo: is true", "a local step", "it must be false"]),
        foreign("url", "\"http://f\""),
        foreign("deadline_ms", "60000"),
        foreign("ca", "\"/ca\""),
        foreign("cert", "\"/c\""),
        foreign("key", "\"/k\""),
        foreign("token_file", "\"/t\""),
        foreign("webhook_secret", "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\""),
    ] {
        let error = limit(&more).unwrap_err().to_string();
        for text in wanted {
            assert!(error.contains(&text), "{more}\n  gave {error}\n  without {text}");
        }
        assert!(!error.contains("MfKQ9r8G"), "a secret was repeated: {error}");
    }
    let other = step(&format!("url = \"http://f\"\n{good}")).unwrap_err().to_string();
    assert!(other.contains("[0].limits: is for kind \"amount-limit\", and this step is of kind \"http\""), "{other}");
}

#[test]
fn what_is_said_of_tls_is_checked() {
    let payment = |more: &str| format!("[participants.payment]\nkind = \"http\"\n{more}");
    let database = |url: &str, more: &str| format!("[database]\nurl = \"{url}\"\n{more}");
    for good in [
        payment("url = \"https://pay\"\nca = \"/ca\"\ncert = \"/c\"\nkey = \"/k\"\ntoken_file = \"/t\""),
        payment("url = \"http://127.0.0.1:9\"\ntoken_file = \"/t\""),
        payment("url = \"http://localhost:9\"\ntoken_file = \"/t\""),
        database("postgres://db/shop?sslmode=verify-full&sslrootcert=/ca", ""),
        database("postgres://db/shop?sslmode=require", "tls = { ca = \"/ca\", cert = \"/c\", key = \"/k\" }"),
        database("host=db sslmode=verify-ca", "tls = { ca = \"/ca\" }"),
        "server.tls = { cert = \"/c\", key = \"/k\" }".into(),
    ] {
        assert!(read(&good).is_ok(), "{good}: {:?}", read(&good));
    }
    for (wrong, wanted) in [
        (payment("url = \"https://pay\"\ncert = \"/c\""), "participants.payment.cert: is given without key"),
        (payment("url = \"https://pay\"\nkey = \"/k\""), "participants.payment.key: is given without cert"),
        (payment("url = \"http://pay\"\nca = \"/ca\""), "participants.payment.ca: is for https://"),
        (
            payment("url = \"http://pay\"\ntoken_file = \"/t\""),
            "participants.payment.token_file: would be sent in the clear to \"http://pay\"",
        ),
        ("participants.shipment.token_file = \"/t\"".into(), "participants.shipment.token_file: is for remote"),
        ("participants.inventory.ca = \"/t\"".into(), "participants.inventory.ca: is for remote"),
        (
            database("postgres://u:hunter2@db/shop?sslmode=allow", ""),
            "database.url: says sslmode=\"allow\"; it must be",
        ),
        (
            database("postgres://u:hunter2@db/shop?sslmode=verify-ca", "tls = {}"),
            "says sslmode=verify-ca and names no CA",
        ),
        (database("postgres://u:hunter2@db/shop?sslkey=/k", ""), "database.url: names sslkey without sslcert"),
        (database("postgres://u:hunter2@db/shop?sslmode=disable", "tls = {}"), "database.url: says sslmode=disable"),
        (database("postgres://u:hunter2@db/shop", "tls = { key = \"/k\" }"), "database.tls.key: is given without cert"),
        (
            database("postgres://u:hunter2@db/shop", "tls = { root = \"/k\" }"),
            "the keys of [database.tls] are ca, cert, key",
        ),
        ("server.tls = { cert = \"/c\" }".into(), "server.tls.key: is missing"),
    ] {
        let error = read(&wrong).unwrap_err().to_string();
        assert!(error.contains(wanted), "{wrong}\n  gave {error}\n  without {wanted}");
        assert!(!error.contains("hunter2"), "a secret was repeated: {error}");
    }
}

#[test]
fn tokens_are_checked() {
    let token = |subject: &str, sha256: &str, role: &str| {
        format!("{{ subject = \"{subject}\", sha256 = \"{sha256}\", roles = [\"{role}\"] }}")
    };
    let hash = "ab".repeat(32);
    let with = |tokens: &[String]| read(&format!("[auth]\ntokens = [{}]", tokens.join(",")));
    assert!(with(&[token("a", &hash, "client")]).is_ok());
    assert!(with(&[token("a", &hash, "client"), token("a", &"cd".repeat(32), "operator")]).is_ok(), "several of one");
    for (tokens, wanted) in [
        (vec![token("", &hash, "client")], "auth.tokens.0.subject"),
        (vec![token("anonymous", &hash, "client")], "auth.tokens.0.subject"),
        (vec![token("a", "secret", "client")], "auth.tokens.0.sha256: is no SHA-256"),
        (vec![token("a", &hash, "root")], "client, viewer, support, operator, metrics"),
        (vec![token("a", &hash, "client"), token("b", &hash.to_uppercase(), "client")], "auth.tokens.1.sha256"),
    ] {
        let error = with(&tokens).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
        assert!(!error.contains("\"secret\""), "{error}");
    }
}

#[test]
fn prefixes_of_clients_keep_apart() {
    let clients = |list: &[(&str, &str)]| {
        let client = |(who, prefix): &(&str, &str)| {
            format!("[[auth.clients]]\nsubject = \"{who}\"\norder_id_prefix = \"{prefix}\"\n")
        };
        read(&list.iter().map(client).collect::<String>()).map_err(|error| error.to_string())
    };
    assert_eq!(clients(&[("a", "A-"), ("b", "B-"), ("c", "AB")]).unwrap().auth.clients.len(), 3);
    assert!(read("[[auth.clients]]\nsubject = \"a\"").is_ok());
    for (list, wanted) in [
        (&[("a", "")][..], "auth.clients.0.order_id_prefix: is \"\"; it must match"),
        (&[("a", "a b")], "auth.clients.0.order_id_prefix"),
        (&[("a", "ik_")], "must not begin with ik_"),
        (&[("a", "ik_x")], "must not begin with ik_"),
        (&[("a", "A-"), ("b", "A-")], "auth.clients.1.order_id_prefix: is \"A-\""),
        (&[("a", "A-"), ("b", "A-B")], "that of another: \"A-\""),
        (&[("a", "A-B"), ("b", "A")], "that of another: \"A-B\""),
        (&[("a", "A"), ("a", "B")], "auth.clients.1.subject"),
        (&[("anonymous", "A")], "auth.clients.0.subject"),
    ] {
        let error = clients(list).unwrap_err();
        assert!(error.contains(wanted), "{list:?}\n  gave {error}\n  without {wanted}");
    }
}

#[test]
fn a_tokens_file_closes_the_door_whatever_it_holds() {
    let named = read("server.listen = \"0.0.0.0:80\"\nauth.tokens_file = \"/nowhere/tokens.toml\"").unwrap();
    assert!(!named.auth.is_open() && read("").unwrap().auth.is_open());
    let mut auth = named.auth;
    let error = auth.read_tokens_file().unwrap_err().to_string();
    assert!(error.contains("auth.tokens_file: is /nowhere/tokens.toml: it cannot be read"), "{error}");
}

#[test]
fn a_webhooks_secret_may_be_a_list() {
    let (old, new) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    let payment = |secret: &str| {
        let payment = "[participants.payment]\nkind = \"http\"\nurl = \"http://pay\"\n";
        read(&format!("{payment}webhook_secret = {secret}")).map_err(|error| error.to_string())
    };
    let several = payment(&format!("[\"{old}\", \"{new}\"]")).unwrap();
    assert_eq!(several.participants.payment.webhook_secret.as_ref().unwrap().0.len(), 2);
    assert!(!format!("{several:?}").contains("MfKQ9r8G"));
    let again = Figment::from(Serialized::defaults(&several));
    assert_eq!(Config::extract(&again, |_| {}).unwrap(), several, "what is written is read");
    for (secret, wanted) in [
        ("[]".to_owned(), "participants.payment.webhook_secret: holds 0"),
        (format!("[\"{old}\", \"hunter2\"]"), "participants.payment.webhook_secret: is not one"),
        (format!("[\"{old}\", 8675309]"), "participants.payment.webhook_secret"),
    ] {
        let error = payment(&secret).unwrap_err();
        assert!(error.contains(wanted), "{error}");
        assert!(!error.contains("hunter2") && !error.contains("8675309"), "a secret was repeated: {error}");
    }
}

#[test]
fn an_open_address_needs_tokens_or_consent() {
    let listen = "[server]\nlisten = \"0.0.0.0:80\"\n";
    assert!(read(&format!("{listen}allow_unauthenticated = true")).is_ok());
    let tokens = format!("[auth]\ntokens = [{{subject=\"a\",sha256=\"{}\",roles=[\"client\"]}}]", "0".repeat(64));
    assert!(read(&format!("{listen}{tokens}")).is_ok());
    for loopback in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert!(read(&format!("[server]\nlisten = \"{loopback}\"")).is_ok(), "{loopback}");
    }
}

#[test]
fn a_deployment_has_a_plain_name() {
    assert_eq!(read("").unwrap().deployment.name(), "default");
    assert_eq!(read("[deployment]\nname = \"shop-eu.1\"").unwrap().deployment.name(), "shop-eu.1");
    for wrong in ["", "a b", "\u{e4}", &"x".repeat(65)] {
        let error = read(&format!("[deployment]\nname = \"{wrong}\"")).unwrap_err().to_string();
        assert!(error.contains("deployment.name") && error.contains(wrong), "{error}");
    }
}

#[test]
fn all_problems_are_told_at_once_and_a_missing_url_on_demand() {
    let error = read("[server]\nworkers = 9999\n[engine]\nmax_deaths = 0").unwrap_err();
    assert_eq!(error.problems.len(), 2, "{error}");
    let error = Config::default().database_url().unwrap_err().to_string();
    assert!(error.contains("database.url: is not set"), "{error}");
    let error = Config::load(Some(Path::new("/nowhere/x.toml"))).unwrap_err().to_string();
    assert!(error.contains("/nowhere/x.toml"), "{error}");
}

#[test]
fn another_base_stays_where_nothing_overrides_it() {
    let mut base = Config::default();
    base.faults.enabled = true;
    base.database.url = Some("postgres://u:hunter2@h/x".into());
    let figment = Figment::from(Serialized::defaults(&base)).merge(Toml::string("[engine]\nshards = 2"));
    let config = Config::extract(&figment, |_| {}).unwrap();
    assert!(config.faults.enabled && config.engine.shards == 2);
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn secrets_may_stand_in_files() {
    let folder = std::env::temp_dir().join(format!("counterfoil-secrets-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let (old, new) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    let url = "postgres://shop:hunter2@db/shop";
    let (of_url, both) = (file("url", &format!("{url}\n")), file("both", &format!("{new}\n\n{old}\n")));
    let payment = "[participants.payment]\nkind = \"http\"\nurl = \"http://pay\"\nwebhook_secret = ";
    let config = read(&format!("database.url = {{ file = \"{of_url}\" }}\n{payment}{{ file = \"{both}\" }}")).unwrap();
    assert_eq!(config.database.url.as_deref(), Some(url));
    let secrets = config.participants.payment.webhook_secret.as_ref().unwrap();
    assert_eq!(secrets.0, [Secret(new.into()), Secret(old.into())]);
    let mixed = read(&format!("{payment}[\"{old}\", {{ file = \"{both}\" }}]")).unwrap();
    assert_eq!(mixed.participants.payment.webhook_secret.unwrap().0.len(), 3);
    let sink = format!(
        "[[outbox.sinks]]\nname = \"crm\"\nkind = \"webhook\"\nendpoint = {{ file = \"{}\" }}\nsecret = {{ file = \"{both}\" }}",
        file("endpoint", "https://crm.example/hook?key=hunter2")
    );
    let sink = read(&sink).unwrap().outbox.sinks.remove(0);
    assert_eq!(
        (sink.endpoint.unwrap().0.as_str(), sink.secret.unwrap().0.len()),
        ("https://crm.example/hook?key=hunter2", 2)
    );
    // What is wrong names the key and the file, and repeats nothing of what is in it. Nor is a pipe waited for.
    let pipe = folder.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    for (text, wanted) in [
        (file("none", " \n"), "none is empty".to_owned()),
        (
            file("two", "postgres://a:hunter2@b/c\npostgres://b:hunter2@b/c"),
            "holds 2 lines; it must hold one".to_owned(),
        ),
        (file("long", &"hunter2".repeat(4_000)), "has more than 16384 bytes".to_owned()),
        (folder.display().to_string(), "is no file".to_owned()),
        (pipe.display().to_string(), "is no file".to_owned()),
        (folder.join("absent").display().to_string(), "absent: No such file".to_owned()),
    ] {
        let error = read(&format!("database.url = {{ file = \"{text}\" }}")).unwrap_err().to_string();
        assert!(error.contains("database.url") && error.contains(&wanted), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    let error = read(&format!("database.url = {{ path = \"{of_url}\" }}")).unwrap_err().to_string();
    assert!(error.contains("database.url") && !error.contains("hunter2"), "{error}");
    std::fs::remove_dir_all(&folder).expect("remove it");
}
