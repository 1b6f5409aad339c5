//! Who is let in, under which names, and what they are told.

use super::*;
use crate::config::{AuthClient, Token};
use crate::saga::Sku;

fn from(request: TestRequest, host: &str, origin: Option<&str>) -> TestRequest {
    let request = request.insert_header(("host", host));
    match origin {
        Some(origin) => request.insert_header(("origin", origin)),
        None => request,
    }
}

#[actix_web::test]
async fn a_page_of_others_cannot_drive_an_engine_without_tokens() {
    let app = server!(&config(&[]));
    send!(&app, from(stock("S", 10), "127.0.0.1:8080", None)).await;
    for path in ["/orders", "/livez", "/operator/faults", "/nowhere", "/"] {
        let rebound = send!(&app, from(at("GET", path), "evil.example:8080", None)).await;
        rebound.problem(403, "forbidden");
    }
    let own = "http://localhost:8080";
    for (host, origin, status) in [
        ("evil.example", None, 403),
        ("evil.example", Some("http://evil.example"), 403),
        ("127.0.0.1:8080", Some("http://evil.example"), 403),
        ("127.0.0.1:8080", Some("null"), 403),
        ("127.0.0.1:8080", Some("http://127.0.0.1:3000"), 403),
        ("localhost.:8080", Some(own), 201),
        ("[::1]:8080", Some(own), 201),
        ("LOCALHOST:8080", None, 201),
    ] {
        let id = format!("O-{}", host.len() * 100 + origin.map_or(0, str::len));
        let sent = send!(&app, from(post("/orders", &order(Some(&id), "pm_ok", 1)), host, origin)).await;
        assert_eq!(sent.status, status, "{host} {origin:?}: {}", sent.body);
        let stored = send!(&app, from(at("GET", &format!("/orders/{id}")), "localhost", None)).await.status;
        assert_eq!(stored, if status == 201 { 200 } else { 404 }, "{host} {origin:?}");
    }
    for method in ["PUT", "DELETE", "PATCH"] {
        let sent = send!(&app, from(at(method, "/operator/faults"), "localhost:8080", Some("null"))).await;
        sent.problem(403, "forbidden");
    }
    let read = send!(&app, from(at("GET", "/orders"), "localhost:8080", Some("http://evil.example"))).await;
    assert_eq!(read.status, 200, "what changes nothing tells a page of others nothing");
    let twice = from(post("/orders", &order(Some("T"), "pm_ok", 1)), "localhost:8080", Some(own));
    send!(&app, twice.append_header(("origin", "http://evil.example"))).await.problem(403, "forbidden");
    // The target's own host counts, too.
    send!(&app, from(at("GET", "http://evil.example/orders"), "localhost", None)).await.problem(403, "forbidden");
    assert_eq!(send!(&app, from(at("GET", "http://localhost:8080/orders"), "localhost:8080", None)).await.status, 200);
}

/// By route, the roles that are let in; every other one is 403, whoever asks without a token 401.
const ROUTES: [(&str, &str, &[Role]); 35] = [
    ("POST", "/orders", &[Role::Client]),
    ("GET", "/orders", &auth::READERS),
    ("GET", "/orders/ORD-1", &auth::READERS),
    ("GET", "/orders/ORD-1?include=work", &auth::STAFF),
    ("GET", "/orders/ORD-1/events", &auth::READERS),
    ("POST", "/orders/ORD-1/cancel", &[Role::Client, Role::Support, Role::Operator]),
    ("POST", "/orders/ORD-1/refunds", &[Role::Client, Role::Support, Role::Operator]),
    ("POST", "/orders/ORD-1/capture", &[Role::Client, Role::Operator]),
    ("GET", "/inventory", &auth::READERS),
    ("GET", "/inventory/S", &auth::READERS),
    ("GET", "/inventory/S/journal", &auth::STAFF),
    ("PUT", "/inventory/S", &[Role::Operator]),
    ("POST", "/inventory/S/adjustments", &[Role::Operator]),
    ("GET", "/operator/summary", &auth::STAFF),
    ("GET", "/operator/shards", &auth::STAFF),
    ("GET", "/operator/participants", &auth::STAFF),
    ("GET", "/operator/nodes", &auth::STAFF),
    ("GET", "/operator/log", &auth::STAFF),
    ("GET", "/operator/attention", &auth::STAFF),
    ("GET", "/operator/attention/groups", &auth::STAFF),
    ("POST", "/operator/orders/retry", &[Role::Operator]),
    ("POST", "/operator/orders/ORD-1/retry", &[Role::Operator]),
    ("POST", "/operator/orders/ORD-1/skip", &[Role::Operator]),
    ("POST", "/operator/orders/ORD-1/cancel", &[Role::Operator]),
    ("POST", "/operator/orders/ORD-1/force-cancel", &[Role::Operator]),
    ("GET", "/operator/orders/ORD-1/evidence", &auth::STAFF),
    ("GET", "/operator/orders/ORD-1/log", &auth::STAFF),
    ("GET", "/operator/faults", &[Role::Operator]),
    ("POST", "/operator/faults", &[Role::Operator]),
    ("DELETE", "/operator/faults", &[Role::Operator]),
    ("GET", "/metrics", &[Role::Viewer, Role::Operator, Role::Metrics]),
    ("GET", "/livez", &Role::ALL),
    ("GET", "/readyz", &Role::ALL),
    ("GET", "/asyncapi.json", &Role::ALL),
    ("GET", "/", &Role::ALL),
];

#[actix_web::test]
async fn each_role_is_let_in_where_it_belongs_and_nowhere_else() {
    let tokens = Role::ALL.map(|role| (role.as_str(), [role]));
    let tokens: Vec<(&str, &[Role])> = tokens.iter().map(|(subject, roles)| (*subject, &roles[..])).collect();
    let app = server!(&config(&tokens));
    let by = |role: Role, request: TestRequest| {
        request.insert_header(("authorization", format!("Bearer {}", role.as_str())))
    };
    assert_eq!(send!(&app, by(Role::Operator, stock("S", 10))).await.status, 201);
    let placed = send!(&app, by(Role::Client, post("/orders", &order(Some("ORD-1"), "pm_ok", 1)))).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    for (method, path, roles) in ROUTES {
        // A body that nothing is done about: whoever is let in is told so.
        let request = || post(path, &json!({"nothing": 1})).method(Method::from_bytes(method.as_bytes()).unwrap());
        for role in Role::ALL {
            let sent = send!(&app, by(role, request())).await;
            assert_eq!(
                sent.status != 403,
                roles.contains(&role),
                "{method} {path} by {}: {}",
                role.as_str(),
                sent.body
            );
            assert!(!matches!(sent.status, 401 | 404), "{method} {path} by {}: {}", role.as_str(), sent.body);
        }
        let nobody = send!(&app, request()).await;
        assert_eq!(nobody.status == 401, roles.len() < Role::ALL.len(), "{method} {path}: {}", nobody.body);
    }
}

#[actix_web::test]
async fn a_viewer_sees_no_person_and_support_helps_one() {
    let roles: [(&str, &[Role]); 4] = [
        ("shop", &[Role::Client]),
        ("other", &[Role::Client, Role::Viewer]),
        ("eyes", &[Role::Viewer]),
        ("help", &[Role::Support]),
    ];
    let mut with_operator = roles.to_vec();
    with_operator.push(("ops", &[Role::Operator]));
    let app = server!(&config(&with_operator));
    let by = |who: &str, request: TestRequest| request.insert_header(("authorization", format!("Bearer {who}")));
    send!(&app, by("ops", stock("S", 10))).await;
    let mut body = order(Some("ORD-1"), "pm_ok", 2);
    body["ship_to"]["email"] = "ada@example.org".into();
    body["ship_to"]["name"] = "Ada Lovelace".into();
    body["metadata"] = json!({"gift_note": "from Ada"});
    assert_eq!(send!(&app, by("shop", post("/orders", &body))).await.status, 201);
    for (who, sees) in [("shop", true), ("help", true), ("ops", true), ("eyes", false), ("other", false)] {
        let evidence = "/operator/orders/ORD-1/evidence";
        let work = "/orders/ORD-1?include=work";
        for path in ["/orders/ORD-1", "/orders/ORD-1/events", "/orders", evidence, work] {
            if who == "shop" && [evidence, work].contains(&path) {
                continue;
            }
            let shown = send!(&app, by(who, at("GET", path))).await;
            assert_eq!(shown.status, 200, "{who} {path}: {}", shown.body);
            let told = ["Ada", "ada@", "pm_ok", "\"line1\":\"1\""].iter().any(|word| shown.body.contains(word));
            let whole = path != "/orders" && path != "/orders/ORD-1/events";
            assert_eq!(told, sees && whole, "{who} {path}: {}", shown.body);
            assert!(shown.body.contains("cus-7"), "{who} {path}: {}", shown.body);
        }
    }
    let masked = send!(&app, by("eyes", at("GET", "/orders/ORD-1"))).await.json();
    let address = json!({"name": "***", "line1": "***", "city": "***", "postal_code": "***", "country": "US",
        "email": "***"});
    assert_eq!((&masked["ship_to"], &masked["metadata"]), (&address, &json!({"gift_note": "***"})));
    // What support asks for is done in its name and with its reason, and a viewer's order of its own is its own.
    let refund = |reason: Option<&str>| {
        let body = match reason {
            Some(reason) => json!({"amount": 50, "reason": reason}),
            None => json!({"amount": 50}),
        };
        post("/orders/ORD-1/refunds", &body).insert_header(("idempotency-key", "r-1"))
    };
    send!(&app, by("help", refund(None))).await.problem(400, "invalid_request");
    assert_eq!(send!(&app, by("help", refund(Some("broken")))).await.status, 201);
    let log = send!(&app, by("eyes", at("GET", "/operator/orders/ORD-1/log"))).await.json();
    assert_eq!((&log["entries"][0]["by"], &log["entries"][0]["reason"]), (&json!("help"), &json!("broken")), "{log}");
    let cancel = post("/orders/ORD-1/cancel", &json!({})).insert_header(("idempotency-key", "c-1"));
    send!(&app, by("other", cancel)).await.problem(404, "order_not_found");
    body["order_id"] = "ORD-2".into();
    assert_eq!(send!(&app, by("other", post("/orders", &body))).await.status, 201);
    assert!(send!(&app, by("other", at("GET", "/orders/ORD-2"))).await.body.contains("Ada Lovelace"));
}

#[actix_web::test]
async fn names_that_are_listed_are_answered_and_tokens_need_none() {
    let mut named = config(&[]);
    named.server.allowed_hosts = vec!["shop.internal".into()];
    let app = server!(&named);
    assert_eq!(send!(&app, from(at("GET", "/orders"), "Shop.internal:8080", None)).await.status, 200);
    let mut open = config(&[]);
    open.server.listen = "0.0.0.0:8080".into();
    open.server.allow_unauthenticated = true;
    let app = server!(&open);
    assert_eq!(send!(&app, from(at("GET", "/orders"), "anything", None)).await.status, 200);
    let closed = server!(&config(&[("shop", &[Role::Client])]));
    let by = |request: TestRequest| request.insert_header(("authorization", "Bearer shop"));
    assert_eq!(send!(&closed, by(from(at("GET", "/orders"), "evil.example", Some("null")))).await.status, 200);
}

#[actix_web::test]
async fn the_words_of_a_path_are_written_as_they_are() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 10)).await;
    assert_eq!(send!(&app, post("/orders", &order(Some("A.1"), "pm_ok", 1))).await.status, 201);
    assert_eq!(send!(&app, at("GET", "/operator/shards")).await.status, 200);
    for path in ["/%6fperator/shards", "/operator/%73hards", "/%6Frders/A.1", "/orders/A.1/%65vents"] {
        send!(&app, at("GET", path)).await.problem(404, "not_found");
    }
    assert_eq!(send!(&app, at("GET", "/orders/A%2E1")).await.json()["order_id"], "A.1", "an id may be encoded");
}

#[actix_web::test]
async fn a_deceiving_name_is_not_given_and_whatever_has_one_keeps_it() {
    let engine = engine();
    let odd = "A\u{202e}B";
    for (sku, on_hand) in [(odd, 10), ("..", 10), ("S", 10)] {
        let changed = engine.change_stock(
            Sku::trusted(sku),
            crate::ports::StockChange::Set(on_hand),
            crate::saga::Client::anonymous(),
        );
        changed.await.unwrap();
    }
    let state = web::Data::new(AppState::new(engine.clone(), &config(&[])));
    let app = init_service(App::new().configure(move |cfg| configure(cfg, &state))).await;
    // Names that are new.
    for id in [".", ".."] {
        let refused = send!(&app, post("/orders", &order(Some(id), "pm_ok", 1))).await.problem(400, "invalid_request");
        assert_eq!(refused["errors"][0]["pointer"], "/order_id", "{refused}");
    }
    for sku in ["A\u{2066}", ".", "x\u{200b}y"] {
        let mut body = order(Some("N-1"), "pm_ok", 1);
        body["lines"][0]["sku"] = sku.into();
        let refused = send!(&app, post("/orders", &body)).await.problem(400, "invalid_request");
        assert_eq!(refused["errors"][0]["pointer"], "/lines/0/sku", "{refused}");
        let path = crate::client::encode_segment(sku).replace('.', "%2e");
        let created = send!(&app, stock(&path, 5)).await.problem(400, "invalid_request");
        assert_eq!(created["errors"][0]["parameter"], "sku", "{created}");
        send!(&app, at("GET", &format!("/inventory/{path}"))).await.problem(404, "sku_not_found");
    }
    // What is there is restocked, sold, and given back.
    let path = crate::client::encode_segment(odd);
    assert_eq!(send!(&app, stock(&path, 20)).await.status, 200);
    assert_eq!(send!(&app, stock("%2e%2e", 20)).await.status, 200);
    let mut body = order(Some("N-2"), "pm_ok", 2);
    body["lines"][0]["sku"] = odd.into();
    let sold = send!(&app, post("/orders", &body)).await;
    assert_eq!(sold.status, 201, "{}", sold.body);
    let refund = json!({"amount": 50, "reason": "broken", "restock": [{"sku": odd, "quantity": 1}]});
    let refund = post("/orders/N-2/refunds", &refund).insert_header(("idempotency-key", "r"));
    assert_eq!(send!(&app, refund).await.status, 201);
    assert_eq!(send!(&app, at("GET", &format!("/inventory/{path}"))).await.json()["on_hand"], 19);
    // An order from before keeps its answers.
    let old = crate::engine::Submission {
        client: crate::saga::Client::anonymous(),
        order_id: Some(crate::saga::OrderId::trusted("..")),
        key: None,
        request: Arc::new(
            request::parse(order(None, "pm_ok", 1).to_string().as_bytes(), Tokens::local(true)).unwrap().request,
        ),
    };
    assert!(engine.submit(old, Duration::from_secs(10)).await.is_ok());
    let repeat = send!(&app, post("/orders", &order(Some(".."), "pm_ok", 1))).await;
    assert_eq!((repeat.status, repeat.header("idempotent-replayed")), (201, Some("true")), "{}", repeat.body);
    assert_eq!(send!(&app, at("GET", "/orders/%2e%2e")).await.json()["order_id"], "..");
}

#[actix_web::test]
async fn an_owner_is_not_told_what_operators_said() {
    let roles: &[(&str, &[Role])] = &[("shop", &[Role::Client]), ("ops-jane", &[Role::Operator])];
    let app = server!(&config(roles));
    let by = |request: TestRequest, who: &str| request.insert_header(("authorization", format!("Bearer {who}")));
    send!(&app, by(stock("S", 10), "ops-jane")).await;
    assert_eq!(send!(&app, by(post("/orders", &order(Some("A"), "pm_ok", 2)), "shop")).await.status, 201);
    let refund = |who: &str, reason: &str| {
        let body = json!({"amount": 10, "reason": reason});
        by(post("/orders/A/refunds", &body).insert_header(("idempotency-key", format!("key-of-{who}"))), who)
    };
    assert_eq!(send!(&app, refund("shop", "broken")).await.status, 201);
    assert_eq!(send!(&app, refund("ops-jane", "known swindler")).await.status, 201);
    for accept in ["application/json", "text/event-stream"] {
        let history = |who: &str| by(at("GET", "/orders/A/events").insert_header(("accept", accept)), who);
        let told = send!(&app, history("shop")).await.body;
        assert!(told.contains("broken") && told.contains("key-of-shop"), "{told}");
        for word in ["ops-jane", "swindler"] {
            assert!(!told.contains(word), "{word} is in {told}");
        }
        assert_eq!(told.matches("payment.refunding").count() % 2, 0, "both are told: {told}");
        let whole = send!(&app, history("ops-jane")).await.body;
        assert!(whole.contains("ops-jane") && whole.contains("known swindler"), "{whole}");
    }
}

#[actix_web::test]
async fn a_clients_numbers_are_its_own_where_they_are_new() {
    let mut config = config(&[("shop", &[Role::Client]), ("other", &[Role::Client])]);
    config.auth.tokens.push(Token {
        subject: "ops".into(),
        sha256: data_encoding::HEXLOWER.encode(&Sha256::digest("ops")),
        roles: vec![Role::Operator],
        not_before: None,
        not_after: None,
    });
    let engine = engine();
    let app_of = |config: &Config| {
        let state = web::Data::new(AppState::new(engine.clone(), config));
        init_service(App::new().configure(move |cfg| configure(cfg, &state)))
    };
    let app = app_of(&config).await;
    let by = |request: TestRequest, who: &str| request.insert_header(("authorization", format!("Bearer {who}")));
    send!(&app, by(stock("S", 100), "ops")).await;
    // Before there were prefixes.
    assert_eq!(send!(&app, by(post("/orders", &order(Some("SHOP-1"), "pm_ok", 2)), "other")).await.status, 201);
    config.auth.clients = vec![AuthClient { subject: "shop".into(), order_id_prefix: Some("SHOP-".into()) }];
    let app = app_of(&config).await;
    let submit = |id: Option<&str>, who: &str| by(post("/orders", &order(id, "pm_ok", 2)), who);

    let refused = send!(&app, submit(Some("SHOP-2"), "other")).await.problem(403, "forbidden");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["order_id"]), (&json!("/order_id"), &json!("SHOP-2")));
    let keyed = submit(Some("SHOP-2"), "other").insert_header(("idempotency-key", "k"));
    send!(&app, keyed).await.problem(403, "forbidden");
    send!(&app, by(at("GET", "/orders/SHOP-2"), "ops")).await.problem(404, "order_not_found");
    assert_eq!(send!(&app, submit(Some("SHOP-2"), "shop")).await.status, 201);
    send!(&app, submit(Some("SHOP-2"), "other")).await.problem(409, "order_exists");
    assert_eq!(send!(&app, submit(Some("FREE-1"), "other")).await.status, 201);
    let derived = submit(None, "other").insert_header(("idempotency-key", "d"));
    assert_eq!(send!(&app, derived).await.status, 201);
    // What stands is as before.
    let repeat = send!(&app, submit(Some("SHOP-1"), "other")).await;
    assert_eq!((repeat.status, repeat.header("idempotent-replayed")), (201, Some("true")), "{}", repeat.body);
    let refund = post("/orders/SHOP-1/refunds", &json!({"amount": 10, "reason": "broken"}));
    assert_eq!(send!(&app, by(refund.insert_header(("idempotency-key", "r")), "other")).await.status, 201);
    send!(&app, submit(Some("SHOP-1"), "shop")).await.problem(409, "order_exists");
}

#[actix_web::test]
async fn a_webhook_may_be_signed_with_the_old_secret_and_the_new_one() {
    let (old, new) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    let mut config = config(&[]);
    config.participants.payment.kind = crate::config::PaymentKind::Http;
    let secrets = [old, new].map(|text| crate::config::Secret(text.into()));
    config.participants.payment.webhook_secret = Some(crate::config::Secrets(secrets.into()));
    let app = server!(&config);
    let notice = r#"{"order_id":"A"}"#;
    for (number, (secret, status)) in
        [(old, 204), (new, 204), ("whsec_//////////////////////////////////////////8=", 401)].into_iter().enumerate()
    {
        let (secret, id) = (crate::signature::Secret::parse(secret).unwrap(), format!("msg_{number}"));
        let request = at("POST", "/webhooks/payment")
            .insert_header(("webhook-id", &*id))
            .insert_header(("webhook-timestamp", "0"))
            .insert_header(("webhook-signature", secret.sign(&id, "0", notice.as_bytes())))
            .set_payload(notice);
        assert_eq!(send!(&app, request).await.status, status, "{number}");
    }
}
