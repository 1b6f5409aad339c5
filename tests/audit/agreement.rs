//! The audit's own fold and the saga make the same of every history: of those that earlier versions left, and of
//! whatever can be said to an order.

use counterfoil::saga::{Capture, Event, LocalParticipants as _, Order, Plan, Timestamp};
use counterfoil::store::audit::orders::fold::{Commit, Content, Folded, StoredAnswer, fold};
use counterfoil::store::audit::orders::steps::Sequence;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::saga::{AMOUNT, Own, Participants, commands, may_be_said, own_commands, run, submit_to};

const GOLDEN: [&str; 2] = [include_str!("../golden/streams/v1.jsonl"), include_str!("../golden/streams/v1-free.jsonl")];

fn content(manual: bool) -> Content {
    Content { order_id: "ORD-1".into(), amount: AMOUNT, currency: "EUR".into(), manual, sequence: None }
}

fn events(text: &str) -> Vec<Map<String, Value>> {
    serde_json::from_str(text).expect("events")
}

/// Commits as they are stored, from their texts, each with its stamp.
fn commits<'a>(texts: impl IntoIterator<Item = (&'a str, i64)>) -> Vec<Commit> {
    let mut first_version = 1;
    let commit = |(text, at)| {
        let commit = Commit { first_version, at, events: events(text) };
        first_version += i64::try_from(commit.events.len()).expect("few");
        commit
    };
    texts.into_iter().map(commit).collect()
}

fn answer(folded: &Folded) -> Option<(i64, String)> {
    folded.answer.clone().map(|StoredAnswer { status, body }| (status, body))
}

#[test]
fn the_histories_of_every_version_are_folded_alike() {
    for line in GOLDEN.into_iter().flat_map(str::lines) {
        let stream: Value = serde_json::from_str(line).expect("a stream");
        let texts = stream["commits"].as_array().expect("commits").iter();
        let texts = texts.map(|text| (text.as_str().expect("a text"), 0));
        let folded = fold(&content(stream["capture"] == "manual"), &commits(texts)).expect("it can be read");
        let refund = |refund: &counterfoil::store::audit::orders::fold::Refund| {
            let mut told = json!({"client": refund.client, "key": refund.key, "amount": refund.amount,
                "reason": refund.reason, "status": refund.status});
            if refund.restock != json!([]) {
                told["restock"] = refund.restock.clone();
            }
            told
        };
        let told = json!({
            "state": folded.state,
            "version": folded.version,
            "stock": folded.stock,
            "payment": folded.payment,
            "captured": folded.captured,
            "refunded": folded.refunded,
            "known": folded.known,
            "references": [folded.reservation_reference, folded.reference, folded.capture_reference,
                folded.shipment_reference],
            "shipment": folded.shipment,
            "refunds": folded.refunds.iter().map(refund).collect::<Vec<_>>(),
            "failure": folded.failure,
            "answer": answer(&folded),
            "attention": folded.attention.as_ref().map(|attention| attention["reason"].clone()),
        });
        assert_eq!(told, stream["order"], "{line}");
    }
}

fn assert_alike(order: &Order, folded: &Folded) {
    let own = order.own.iter().flat_map(|own| &own.states);
    let own: Vec<_> = own.map(|state| (state.status.as_str(), state.reference.as_deref().map(str::to_owned))).collect();
    assert_eq!(folded.own.iter().map(|own| (own.status, own.reference.clone())).collect::<Vec<_>>(), own);
    let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    let payment = &order.payment;
    assert_eq!(folded.version, i64::from(order.version));
    assert_eq!(
        (folded.state, folded.stock, folded.payment, folded.shipment),
        (order.state.as_str(), order.stock.as_str(), payment.status.as_str(), order.shipment.status.as_str())
    );
    assert_eq!((folded.unknown, folded.known), (payment.unknown, payment.known));
    let units = (folded.amount, folded.captured, folded.refunded);
    assert_eq!(units, (payment.amount.0, payment.captured.0, payment.refunded.0));
    let references = (&folded.reservation_reference, &folded.shipment_reference);
    assert_eq!(references, (&text(&order.reservation), &text(&order.shipment.reference)));
    let references = (&folded.reference, &folded.capture_reference);
    assert_eq!(references, (&text(&payment.reference), &text(&payment.capture_reference)));
    let told = |value: Value| Some(value).filter(|value| !value.is_null());
    assert_eq!(folded.failure, told(json!(order.failure)));
    assert_eq!(folded.attention, told(json!(order.attention)));
    let answered = order.answer.as_ref().map(|answer| (i64::from(answer.status), answer.body.clone()));
    assert_eq!(answer(folded), answered);
    assert_eq!(folded.refunds.len(), order.refunds.len());
    for (folded, refund) in folded.refunds.iter().zip(&order.refunds) {
        assert_eq!((&*folded.client, &*folded.key), (refund.client.as_str(), refund.key.as_str()));
        assert_eq!((folded.amount, &*folded.reason), (refund.amount.0, &*refund.reason));
        assert_eq!((folded.status, &folded.restock), (refund.status.as_str(), &json!(refund.restock)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_is_folded_alike(
        plan in 0..8i16,
        (manual, declines, carrier_refuses) in any::<(bool, bool, bool)>(),
        own in prop_oneof![Just(Own::None), Just(Own::Check), Just(Own::Points), Just(Own::Five)],
        script in prop::collection::vec(0..1_000usize, 0..60),
    ) {
        let local = Participants { own, plan: Plan(plan), declines, carrier_refuses };
        let content = Content {
            sequence: local.saga().definition().map(|saga| Sequence::read(&saga.content()).expect("a saga")),
            ..content(manual)
        };
        let capture = if manual { Capture::Manual } else { Capture::Automatic };
        let mut now = Timestamp(1_700_000_000_000_000);
        let first = run(None, &submit_to(capture, &local), now, &local).expect("a submission is taken");
        let (mut order, mut texts) = (first.order, vec![(Event::encode_sealed(&first.events), now.0)]);
        for said in script {
            now.0 += 1_001;
            // What is taken at all: most of what could be said is refused.
            let mut taken: Vec<_> = commands().into_iter().chain(own_commands()).filter_map(|(_, command)| {
                let txn = may_be_said(&order, &command).then(|| run(Some(&order), &command, now, &local))?;
                txn.ok().filter(|txn| !txn.events.is_empty())
            }).collect();
            if taken.is_empty() {
                break;
            }
            let txn = taken.swap_remove(said % taken.len());
            texts.push((Event::encode_sealed(&txn.events), now.0));
            order = txn.order;
            let commits = commits(texts.iter().map(|(text, at)| (&**text, *at)));
            assert_alike(&order, &fold(&content, &commits).expect("it can be read"));
        }
    }
}
