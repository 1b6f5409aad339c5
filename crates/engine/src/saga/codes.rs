//! The one list of problem codes: each with its status, its title and what a client may rely on. Final answers (`answer.rs`,
//! `verb.rs`) and what HTTP refuses (`src/http/problem.rs`) are made from it, and so is the page `docs/src/problems.md`.
//!
//! It stands here since the saga, which stores answers with such codes, imports nothing of ours. A word is never changed, nor
//! are its status and title: stored answers bear them, and clients branch on them.

use serde::{Serialize, Serializer};

/// What is the same of every problem with one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The code as clients see it: `code`, and the last part of `type`.
    pub word: &'static str,
    /// The HTTP status; each code has one.
    pub status: u16,
    /// The `title`; each code has one.
    pub title: &'static str,
    /// What it means to a client, and what to do about it: a sentence or two for the documentation.
    pub meaning: &'static str,
    /// Whether the body says `"final": true`: the answer is decided, and a repeat gets the same bytes.
    pub is_final: bool,
    /// Whether the response says after how many seconds to try again (`Retry-After`).
    pub retry_after: bool,
    /// What the body has beside `type`, `title`, `status`, `detail` and `code`, always.
    pub has: &'static [&'static str],
    /// What the body may have beside that.
    pub may_have: &'static [&'static str],
}

macro_rules! codes {
    ($($variant:ident = $word:literal, $status:literal, $title:literal, $kind:ident,
        has [$($has:literal),*], may_have [$($may_have:literal),*]: $meaning:literal;)*) => {
        /// A problem's code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        impl Code {
            /// Every code, in the order of their words.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// All that the list says of it.
            pub const fn spec(self) -> &'static Spec {
                match self {
                    $(Self::$variant => {
                        const SPEC: Spec = Spec {
                        word: $word,
                        status: $status,
                        title: $title,
                        meaning: $meaning,
                        is_final: CodeKind::$kind.is_final(),
                        retry_after: CodeKind::$kind.retry_after(),
                        has: &[$($has),*],
                        may_have: &[$($may_have),*],
                        };
                        &SPEC
                    })*
                }
            }
        }
    };
}

/// What a client is to make of a problem.
#[derive(Clone, Copy)]
enum CodeKind {
    /// The request is refused as it is.
    Refused,
    /// The order, or the verb, has been decided.
    Final,
    /// The same request may be repeated, a little later.
    Later,
}

impl CodeKind {
    const fn is_final(self) -> bool {
        matches!(self, Self::Final)
    }

    const fn retry_after(self) -> bool {
        matches!(self, Self::Later)
    }
}

codes! {
    BadSignature = "bad_signature", 401, "Bad signature", Refused, has [], may_have []:
        "A participant's webhook is not signed with its secret, or was signed more than five minutes ago or ahead.";
    CaptureExceedsAuthorization = "capture_exceeds_authorization", 409, "Capture exceeds the authorisation", Final,
        has ["order_id", "final", "state"], may_have []:
        "The amount to capture is 0, or more than is held.";
    EndpointConfigured = "endpoint_configured", 409, "Endpoint configured", Refused, has [], may_have []:
        "The endpoint of webhooks stands in `outbox.sinks`, and is changed there; here it can only be paused and resumed.";
    EndpointExists = "endpoint_exists", 409, "Endpoint exists", Refused, has [], may_have []:
        "There is an endpoint of webhooks of this name.";
    EndpointNotFound = "endpoint_not_found", 404, "Endpoint not found", Refused, has [], may_have []:
        "There is no endpoint of webhooks of this name.";
    EventsPruned = "events_pruned", 410, "Events are gone", Refused, has ["order_id", "pruned_to"], may_have []:
        "The events behind the version that was named are not kept any more; `pruned_to` is the last one that is gone. Read \
         from the beginning of what is there.";
    Forbidden = "forbidden", 403, "Forbidden", Refused, has [], may_have ["order_id", "errors"]:
        "The token lacks the role, the order_id begins with another client's prefix, or a server without tokens was called by \
         a foreign host name or for a page of another origin.";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "Idempotency-Key reused", Refused, has [], may_have ["order_id"]:
        "The key stands for a request with other content. Another request needs another key.";
    Internal = "internal", 500, "Internal error", Refused, has [], may_have ["order_id"]:
        "Something went wrong here, and the outcome may be unknown. Repeat the same request.";
    InvalidRequest = "invalid_request", 400, "Invalid request", Refused, has ["errors"], may_have ["order_id"]:
        "The request is wrong; `errors` says what, each with a `pointer` into the body, a `parameter` or a `header`. Nothing \
         was stored.";
    InventoryRemote = "inventory_remote", 404, "Inventory is remote", Refused, has [], may_have []:
        "Stock is not counted here: it is the inventory service's (`participants.inventory`), and is read and changed there.";
    LimitReached = "limit_reached", 409, "Limit reached", Refused, has [], may_have []:
        "There are as many endpoints of webhooks as there may be.";
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed", Refused, has [], may_have []:
        "The path has other methods; the header `Allow` names them.";
    NotFound = "not_found", 404, "Not found", Refused, has [], may_have []:
        "There is nothing at this path.";
    OrderCancelled = "order_cancelled", 409, "Order cancelled", Final,
        has ["order_id", "final", "reason", "compensations"], may_have []:
        "The order was cancelled before it was shipped, and what was done is undone; `reason` says who cancelled it or why.";
    OrderExists = "order_exists", 409, "Order exists", Refused, has ["order_id"], may_have ["differs"]:
        "The order_id is known with other content, or is another client's. `differs` has pointers to what differs, where the \
         order is one's own.";
    OrderNotFound = "order_not_found", 404, "Order not found", Refused, has [], may_have ["order_id"]:
        "There is no such order, or it is another client's; `order_id` is left out where none could be called so.";
    OutOfStock = "out_of_stock", 409, "Out of stock", Final, has ["order_id", "final", "shortages"], may_have []:
        "There is not enough stock; `shortages` says of what, how much was requested and how much was there. Nothing was \
         charged.";
    Overloaded = "overloaded", 503, "Overloaded", Later, has [], may_have ["order_id"]:
        "Too much waits here; nothing was stored. Repeat the same request.";
    PayloadTooLarge = "payload_too_large", 413, "Payload too large", Refused, has [], may_have []:
        "The body is too long.";
    PaymentDeclined = "payment_declined", 402, "Payment declined", Final,
        has ["order_id", "final", "reason", "compensations"], may_have []:
        "The payment participant declined; `reason` is its word. The stock was released, and nothing was charged.";
    RefundExceedsCharge = "refund_exceeds_charge", 409, "Refund exceeds the charge", Final,
        has ["order_id", "final", "state"], may_have []:
        "The amount to refund is 0, or more than is left of what was captured.";
    RefundRefused = "refund_refused", 409, "Refund refused", Final, has ["order_id", "final", "state"], may_have []:
        "The payment participant refused the refund; nothing was given back.";
    RequestTimeout = "request_timeout", 408, "Request timeout", Refused, has [], may_have []:
        "The body did not arrive in time.";
    RestockElsewhere = "restock_elsewhere", 409, "Restock elsewhere", Final,
        has ["order_id", "final", "state"], may_have []:
        "The order's inventory is remote and takes its own returns: leave `restock` out.";
    RestockExceedsShipment = "restock_exceeds_shipment", 409, "Restock exceeds the shipment", Final,
        has ["order_id", "final", "state"], may_have []:
        "More is to come back to the shelf than was shipped and has not come back yet.";
    ShipmentFailed = "shipment_failed", 500, "Shipment failed", Final,
        has ["order_id", "final", "reason", "compensations"], may_have []:
        "The carrier refused; `reason` is its word. The charge was refunded, and the stock released.";
    SkuNotFound = "sku_not_found", 404, "SKU not found", Refused, has [], may_have []:
        "Inventory does not know the SKU of the path; `PUT` creates it.";
    StepRefused = "step_refused", 409, "Step refused", Final,
        has ["order_id", "final", "step", "reason", "compensations"], may_have []:
        "A step of one's own, `step`, refused the order; `reason` is its word. What was done is undone.";
    StockOutOfRange = "stock_out_of_range", 409, "Stock out of range", Refused,
        has ["sku", "on_hand", "reserved", "available"], may_have []:
        "`on_hand` would fall below what is reserved, or rise above its bound; nothing was changed. It is stored with the \
         request's key: a repeat gets the same bytes.";
    TooManyKeys = "too_many_keys", 429, "Too many keys", Refused, has ["order_id"], may_have []:
        "The order takes no more keys of verbs, ever; nothing was stored. An earlier request can be repeated under its key.";
    TooManyRefunds = "too_many_refunds", 409, "Too many refunds", Final, has ["order_id", "final", "state"], may_have []:
        "The order has as many refunds as it may have.";
    Unauthorized = "unauthorized", 401, "Unauthorized", Refused, has [], may_have []:
        "There is no bearer token, or none that is known and valid now.";
    Unavailable = "unavailable", 503, "Unavailable", Later, has [], may_have ["order_id", "checks"]:
        "The service cannot answer now, and the outcome may be unknown unless `detail` says otherwise. Repeat the same \
         request. `checks` is what `/readyz` found.";
    UnknownSku = "unknown_sku", 400, "Unknown SKU", Refused, has ["skus", "errors"], may_have ["order_id"]:
        "Inventory does not know these SKUs; nothing was stored.";
    UnsupportedMediaType = "unsupported_media_type", 415, "Unsupported media type", Refused, has [], may_have []:
        "The body must be `application/json` in UTF-8, without a `Content-Encoding`.";
    WrongState = "wrong_state", 409, "Wrong state", Final, has ["order_id", "final", "state"], may_have ["version"]:
        "The order, as it stands in `state`, does not take this verb; `version` is there where the verb named another one.";
}

impl Code {
    /// Its word, as in `code` and in the last part of `type`.
    pub const fn as_str(self) -> &'static str {
        self.spec().word
    }

    /// The code of this word; `None` where it is of a later program, or no code.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }

    /// Whether a problem with this code may have a field of this name in its body.
    pub fn allows(self, field: &str) -> bool {
        let Spec { has, may_have, .. } = self.spec();
        EVERY_PROBLEM.contains(&field) || has.contains(&field) || may_have.contains(&field)
    }
}

/// What the body of every problem has (RFC 9457, and the code alone).
pub const EVERY_PROBLEM: [&str; 5] = ["type", "title", "status", "detail", "code"];

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clients branch on both: an answer that is decided bears `"final": true`, and what may be repeated says when.
    #[test]
    fn what_is_decided_says_so_and_what_may_be_repeated_says_when() {
        for code in Code::ALL {
            let Spec { status, is_final, retry_after, has, .. } = code.spec();
            assert_eq!(*is_final, has.contains(&"final"), "{code:?}");
            assert_eq!(*retry_after, *status == 503, "{code:?}");
        }
        assert!(Code::OutOfStock.spec().is_final && !Code::Internal.spec().is_final);
        assert!(Code::Overloaded.spec().retry_after && !Code::Internal.spec().retry_after);
    }

    #[test]
    fn a_code_is_known_by_its_word() {
        for code in Code::ALL {
            assert_eq!(Code::of(code.as_str()), Some(*code));
            assert_eq!(serde_json::to_value(code).expect("a word"), code.as_str());
        }
        assert_eq!(Code::of("of_a_later_program"), None);
    }

    #[test]
    fn a_body_has_what_every_problem_has_what_its_code_has_and_nothing_else() {
        for field in EVERY_PROBLEM.into_iter().chain(["order_id", "final", "state", "version"]) {
            assert!(Code::WrongState.allows(field), "{field}");
        }
        for field in ["shortages", "reason", ""] {
            assert!(!Code::WrongState.allows(field), "{field}");
        }
    }
}
