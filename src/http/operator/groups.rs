//! `/operator/attention/groups`: what waits for a human, by cause: what has one cause is looked at once, tried on a few, and then
//! sent on together (`POST /operator/orders/retry` with the group's name as a filter).
//!
//! A cause is who is asked for what, and the reason without what differs from order to order. It is made of the orders as they
//! stand, and stored nowhere, so that a group of a name is the same at every instance and after every restart.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::http::auth::STAFF;
use crate::http::view::participant_of;
use crate::http::{Answered, HttpCall, json_response};
use crate::limits;
use crate::ports::{Listing, Place};
use crate::saga::{Order, StepName, effect};

/// How many bytes of its hash name a group.
const NAME_BYTES: usize = 8;

/// Why orders wait for a human.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Cause {
    /// Who is asked, or `null` where nobody is: the order waits for something else.
    participant: Option<String>,
    /// For what.
    action: Option<&'static str>,
    /// Whether a participant contradicts the order.
    contradicted: bool,
    /// The step that the configuration has no entry for.
    missing: Option<StepName>,
    /// The reason, without what differs from order to order.
    cause: String,
}

impl Cause {
    /// Of an order; `None` of one that waits for nobody.
    pub(super) fn of(order: &Order) -> Option<Self> {
        let attention = order.attention.as_ref()?;
        let call = effect::open(order);
        Some(Self {
            participant: call.map(|call| participant_of(call, order).to_owned()),
            action: call.map(|call| call.kind.as_str()),
            contradicted: attention.contradicted,
            missing: attention.missing.clone(),
            cause: blurred(&attention.reason, order.id.as_str()),
        })
    }

    /// The group of all that wait for the same cause.
    pub(super) fn group(&self) -> String {
        let Self { participant, action, contradicted, missing, cause } = self;
        let parts = [
            participant.as_deref().unwrap_or_default(),
            action.unwrap_or_default(),
            if *contradicted { "contradicted" } else { "" },
            missing.as_ref().map_or("", StepName::as_str),
            cause,
        ];
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        HEXLOWER.encode(&hash.finalize()[..NAME_BYTES])
    }
}

/// Whether a text could name a group.
pub(super) fn is_group(text: &str) -> bool {
    text.len() == 2 * NAME_BYTES && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A reason without what is one order's own: `#` where a number stands, but for one that may be a status of HTTP, and `…` for
/// the order's id and every other word that holds digits and letters.
fn blurred(reason: &str, order_id: &str) -> String {
    let words: Vec<&str> = reason.split_whitespace().collect();
    let core = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
    let shown = words.iter().enumerate().map(|(place, word)| {
        let bare = core(word);
        let has_digits = bare.bytes().any(|byte| byte.is_ascii_digit());
        let counts = || words.get(place + 1).is_some_and(|next| matches!(&*core(next), "s" | "ms" | "times"));
        let is_status = || bare.len() == 3 && matches!(bare.as_bytes()[0], b'1'..=b'5') && !counts();
        if bare == order_id || has_digits && !bare.bytes().all(|byte| byte.is_ascii_digit()) {
            word.replace(&bare, "…")
        } else if has_digits && !is_status() {
            word.replace(&bare, "#")
        } else {
            (*word).to_owned()
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// What waits for one cause.
#[derive(Debug, Serialize)]
struct Group {
    /// The filter that means it.
    group: String,
    #[serde(flatten)]
    cause: Cause,
    count: usize,
    /// Since when the one that waits longest does.
    oldest: String,
    /// Some of them.
    order_ids: Vec<String>,
}

#[derive(Debug, Default)]
struct Groups(HashMap<String, Group>);

impl Groups {
    fn add(&mut self, order: &Order) {
        let (Some(cause), Some(attention)) = (Cause::of(order), &order.attention) else { return };
        let name = cause.group();
        let group = self.0.entry(name.clone()).or_insert_with(|| Group {
            group: name,
            cause,
            count: 0,
            oldest: attention.since.clone(),
            order_ids: Vec::new(),
        });
        group.count += 1;
        // Written by one hand, in one form: the earlier one sorts before the later.
        if attention.since < group.oldest {
            group.oldest.clone_from(&attention.since);
        }
        if group.order_ids.len() < limits::GROUP_SHOWS {
            group.order_ids.push(order.id.to_string());
        }
    }

    /// The one with most orders first.
    fn sorted(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.0.into_values().collect();
        groups.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.group.cmp(&other.group)));
        groups
    }
}

/// Those that wait for a human, of everybody, from a place on.
pub(super) fn waiting(after: Option<Place>) -> Listing {
    Listing { attention: true, after, limit: limits::PAGE, ..Listing::default() }
}

/// `GET /operator/attention/groups`: of the first [`limits::GROUPED`] that wait; `more` where others do.
pub(in crate::http) async fn show(call: HttpCall) -> Answered {
    let caller = call.caller()?;
    caller.require(&STAFF)?;
    let (mut groups, mut after, mut counted) = (Groups::default(), None, 0_usize);
    let more = loop {
        let page = {
            let _turn = call.state.shares.turn(&caller.client).await?;
            call.state.engine.reads().list(waiting(after)).await?
        };
        counted += page.orders.len();
        page.orders.iter().for_each(|order| groups.add(order));
        match page.next {
            None => break false,
            Some(_) if counted >= limits::GROUPED => break true,
            next => after = next,
        }
    };
    json_response(StatusCode::OK, &json!({ "groups": groups.sorted(), "counted": counted, "more": more }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::view::tests::order;
    use crate::saga::OrderId;
    use crate::saga::state::Attention;

    fn waits(id: &str, reason: &str, since: &str) -> Order {
        let attention = Attention { reason: reason.into(), since: since.into(), contradicted: false, missing: None };
        Order { id: OrderId::trusted(id), attention: Some(attention), ..order() }
    }

    #[test]
    fn what_differs_from_order_to_order_is_left_out_of_a_cause() {
        for (reason, cause) in [
            ("charge was asked 10 times, and has no outcome", "charge was asked # times, and has no outcome"),
            ("charge had no outcome for 301 s: answered 503", "charge had no outcome for # s: answered 503"),
            ("answered 500 Internal Server Error", "answered 500 Internal Server Error"),
            ("ORD: the carrier knows (ORD) not", "…: the carrier knows (…) not"),
            ("is charged ch_1a2b, 1999 not 2999", "is charged …, # not #"),
            ("http://10.0.0.7:8080/charge: refused", "…: refused"),
        ] {
            assert_eq!(blurred(reason, "ORD"), cause);
        }
    }

    #[test]
    fn orders_of_one_cause_are_one_group_and_others_are_not() {
        let mut groups = Groups::default();
        groups.add(&waits("A-1", "asked 10 times: answered 500", "2026-01-02T00:00:00.000000Z"));
        groups.add(&waits("A-2", "asked 11 times: answered 500", "2026-01-01T00:00:00.000000Z"));
        groups.add(&waits("A-3", "asked 10 times: answered 409", "2026-01-03T00:00:00.000000Z"));
        groups.add(&Order { attention: None, ..waits("A-4", "", "") });
        let groups = groups.sorted();
        let told: Vec<_> =
            groups.iter().map(|group| (group.count, &*group.oldest, group.order_ids.join(" "))).collect();
        assert_eq!(
            told,
            [
                (2, "2026-01-01T00:00:00.000000Z", "A-1 A-2".to_owned()),
                (1, "2026-01-03T00:00:00.000000Z", "A-3".to_owned()),
            ]
        );
        assert!(groups.iter().all(|group| is_group(&group.group)) && groups[0].group != groups[1].group);
        assert!(!is_group("") && !is_group("0123456789ABCDEF") && !is_group("0123456789abcde"));
    }

    #[test]
    fn each_part_of_a_cause_counts() {
        let base = Cause::of(&waits("A", "r", "s")).unwrap();
        let others = [
            Cause { participant: Some("payment".into()), ..base.clone() },
            Cause { action: Some("refund"), ..base.clone() },
            Cause { contradicted: true, ..base.clone() },
            Cause { missing: Some(StepName::parse("fraud").unwrap()), ..base.clone() },
            Cause { cause: "q".into(), ..base.clone() },
        ];
        let mut names: Vec<_> = others.iter().chain([&base]).map(Cause::group).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), others.len() + 1);
    }
}
