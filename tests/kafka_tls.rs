//! Promise: brokers are who they are called, and hear who we are by certificate or by name and password; what is wrong with
//! either is told in words.

use std::path::PathBuf;

use counterfoil::outbox::kafka::{KafkaSettings, KafkaSink, Mechanism, Sasl, Security};
use counterfoil::outbox::sink::Sink as _;
use counterfoil::tls::Files;

use crate::kafka::{batch, cursor, is_exactly, part, publish, taken};
use crate::support::certificates::Ca;
use crate::support::kafka::{Broker, is_there};
use crate::support::program::Folder;

const USER: &str = "shop";
const PASSWORD: &str = "correct-horse";

#[tokio::test]
async fn brokers_are_who_they_are_called_and_hear_who_we_are() {
    if !is_there() {
        return;
    }
    let (folder, own) = (Folder::new(), Folder::new());
    let (ca, other) = (Ca::new("the brokers' CA"), Ca::new("somebody else's CA"));
    let ca_file = ca.file(&folder, "ca.pem");
    let pair = ca.pair(&folder, "broker", &["localhost"]);
    let ours = ca.pair(&folder, "relay", &["relay"]);
    let theirs = other.pair(&folder, "stranger", &["relay"]);
    let (broker, [named, mutual]) = Broker::guarded(own, &pair, &ca_file, (USER, PASSWORD));
    let tls = Files { ca: Some(ca_file), ..Files::default() };
    let with = |pair: &crate::support::certificates::Pair| Files {
        cert: Some(pair.cert.clone()),
        key: Some(pair.key.clone()),
        ..tls.clone()
    };
    let (password, wrong) = (folder.file("password", PASSWORD), folder.file("wrong", "staple"));
    let sasl = |mechanism, password_file: &PathBuf| {
        Some(Sasl { mechanism, username: USER.into(), password_file: password_file.clone() })
    };
    let at = |host: &str, port: u16| format!("{host}:{port}");
    let secured = |brokers: String, topic: &str, tls: &Files, sasl: Option<Sasl>| {
        let mut settings = KafkaSettings::new(brokers, topic);
        settings.security = Security { tls: Some(tls.clone()), sasl };
        KafkaSink::new(settings, part(topic))
    };

    let fine = [
        (at("localhost", named), tls.clone(), sasl(Mechanism::ScramSha512, &password)),
        (at("localhost", named), tls.clone(), sasl(Mechanism::ScramSha256, &password)),
        (at("localhost", named), tls.clone(), sasl(Mechanism::Plain, &password)),
        (at("localhost", mutual), with(&ours), None),
    ];
    for (brokers, tls, sasl) in fine {
        let topic = broker.topics().await;
        let mut sink = secured(brokers, &topic, &tls, sasl);
        taken(&mut sink).await.expect("open");
        publish(&mut sink, &topic, 1).await.expect("publish");
        is_exactly(&broker.read(&topic).await, &batch(1));
        // What is read back is read over the same way.
        assert_eq!(sink.look().await.expect("look"), counterfoil::outbox::sink::Found::Cursor(cursor(&topic, 1)));
    }

    let stranger = Files { ca: Some(other.file(&folder, "other.pem")), ..Files::default() };
    let refused = [
        (at("localhost", named), tls.clone(), sasl(Mechanism::ScramSha512, &wrong), "uthentication"),
        (at("localhost", named), tls.clone(), sasl(Mechanism::Plain, &wrong), "uthentication"),
        (at("localhost", named), stranger, sasl(Mechanism::ScramSha512, &password), "certificate verify failed"),
        (at("127.0.0.1", named), tls.clone(), sasl(Mechanism::ScramSha512, &password), "certificate verify failed"),
        (at("localhost", mutual), tls.clone(), None, "certificate"),
        (at("localhost", mutual), with(&theirs), None, "certificate"),
    ];
    let topic = broker.topics().await;
    for (brokers, tls, sasl, why) in refused {
        let told = secured(brokers.clone(), &topic, &tls, sasl.clone())
            .look()
            .await
            .expect_err("nobody is let in")
            .to_string();
        assert!(told.contains(why), "{brokers} {sasl:?}: {told}");
        assert!(!told.contains(PASSWORD) && !told.contains("staple"), "{told}");
    }
    assert_eq!(broker.read(&topic).await, []);
}
