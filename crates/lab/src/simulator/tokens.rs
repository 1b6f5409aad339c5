//! The test tokens: payment methods and postal codes that say how the simulated provider and carrier behave, so that
//! a test of the engine asks for a failure by the order that it submits. What counts, counts per step key; a slow or
//! lost answer concerns the first call, a repeat under the same key answers at once.

use std::time::Duration;

use counterfoil_engine::participants::contract::ContractRequest;

/// The longest answer that can be asked for; anything longer is no token.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// How a call behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// It takes effect and is answered at once.
    Ok,
    /// It is refused, with this status and reason.
    Refused(u16, &'static str),
    /// It takes effect at once and answers after a while.
    Slow(Duration),
    /// It fails so often without an effect.
    Errors(u32),
    /// It takes effect and is not answered.
    Lost,
    /// It fails for ever, without an effect.
    Unknown,
    /// Refunds of it fail so often, without an effect.
    RefundErrors(u32),
    /// It is accepted, and never decided.
    Pending,
}

impl Token {
    /// The token in a request: tokens belong to charges, authorisations and shipments.
    pub fn of(request: &ContractRequest) -> Self {
        match request {
            ContractRequest::Charge(body) | ContractRequest::Authorize(body) => Self::payment(&body.payment_method),
            ContractRequest::Ship(body) => Self::shipment(&body.ship_to.postal_code),
            ContractRequest::Run(body) => body.metadata.get(&body.step).map_or(Self::Ok, |word| Self::step(word)),
            ContractRequest::Reserve(_)
            | ContractRequest::Release(_)
            | ContractRequest::Capture(_)
            | ContractRequest::Void(_)
            | ContractRequest::Refund(_)
            | ContractRequest::CancelShipment(_)
            | ContractRequest::Undo(_) => Self::Ok,
        }
    }

    /// The token in a payment method. What does not begin with `pm_` is no token; what does and is none of them is
    /// refused, so that a slip of the pen is seen.
    pub fn payment(method: &str) -> Self {
        let Some(word) = method.strip_prefix("pm_") else { return Self::Ok };
        let token = match word {
            "ok" => Some(Self::Ok),
            "declined" => Some(Self::Refused(402, "card_declined")),
            "timeout_after_charge" => Some(Self::Lost),
            "unknown" => Some(Self::Unknown),
            _ => None,
        };
        token
            .or_else(|| wait(word.strip_prefix("slow_")?))
            .or_else(|| count(word.strip_prefix("error_")?).map(Self::Errors))
            .or_else(|| count(word.strip_prefix("refund_error_")?).map(Self::RefundErrors))
            .unwrap_or(Self::Refused(422, "unknown_payment_method"))
    }

    /// The token in a postal code.
    pub fn shipment(postal_code: &str) -> Self {
        let Some(word) = postal_code.strip_prefix("SHIP-") else { return Self::Ok };
        let token = match word {
            "FAIL" => Some(Self::Refused(422, "carrier_refused")),
            "TIMEOUT" => Some(Self::Lost),
            _ => None,
        };
        token
            .or_else(|| wait(word.strip_prefix("SLOW-")?))
            .or_else(|| count(word.strip_prefix("ERROR-")?).map(Self::Errors))
            .unwrap_or(Self::Refused(422, "unknown_postal_code"))
    }

    /// The token of a step of a shop's own: what the order's metadata says under the step's name.
    pub fn step(word: &str) -> Self {
        let token = match word {
            "ok" => Some(Self::Ok),
            "refused" => Some(Self::Refused(409, "refused")),
            "lost" => Some(Self::Lost),
            "unknown" => Some(Self::Unknown),
            "pending" => Some(Self::Pending),
            _ => None,
        };
        token
            .or_else(|| wait(word.strip_prefix("slow_")?))
            .or_else(|| count(word.strip_prefix("error_")?).map(Self::Errors))
            .unwrap_or(Self::Refused(422, "unknown_token"))
    }
}

/// A number in digits and nothing else.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn count(text: &str) -> Option<u32> {
    number(text)?.try_into().ok()
}

fn wait(text: &str) -> Option<Token> {
    let wait = Duration::from_millis(number(text)?);
    (wait <= LONGEST_WAIT).then_some(Token::Slow(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_read() {
        let ms = Duration::from_millis;
        for (method, token) in [
            ("pm_ok", Token::Ok),
            ("tok_visa", Token::Ok),
            ("house_account", Token::Ok),
            ("pm_declined", Token::Refused(402, "card_declined")),
            ("pm_slow_250", Token::Slow(ms(250))),
            ("pm_error_3", Token::Errors(3)),
            ("pm_timeout_after_charge", Token::Lost),
            ("pm_unknown", Token::Unknown),
            ("pm_refund_error_2", Token::RefundErrors(2)),
        ] {
            assert_eq!(Token::payment(method), token, "{method}");
        }
        for (postal_code, token) in [
            ("1", Token::Ok),
            ("SHIPLEY", Token::Ok),
            ("SHIP-FAIL", Token::Refused(422, "carrier_refused")),
            ("SHIP-SLOW-10", Token::Slow(ms(10))),
            ("SHIP-ERROR-1", Token::Errors(1)),
            ("SHIP-TIMEOUT", Token::Lost),
        ] {
            assert_eq!(Token::shipment(postal_code), token, "{postal_code}");
        }
    }

    #[test]
    fn what_looks_like_a_token_and_is_none_is_refused() {
        for method in ["pm_", "pm_OK", "pm_slow_", "pm_slow_-1", "pm_slow_+1", "pm_slow_600001", "pm_error_x", "pm_new"]
        {
            assert_eq!(Token::payment(method), Token::Refused(422, "unknown_payment_method"), "{method}");
        }
        for postal_code in ["SHIP-", "SHIP-SLOW", "SHIP-ERROR-", "SHIP-fail"] {
            assert_eq!(Token::shipment(postal_code), Token::Refused(422, "unknown_postal_code"), "{postal_code}");
        }
    }
}
