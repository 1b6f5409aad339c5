//! Who calls: bearer tokens (RFC 6750), known by their SHA-256 only.
//!
//! A presented token is hashed and compared with every configured one in constant time, so that neither the time of an
//! answer nor the configuration file tells anything about a token.

use actix_web::http::header::{self, HeaderMap};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::problem::Problem;
use crate::config;
use crate::config::Role;
use crate::saga::Client;

/// Who calls, and what it may do.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The owner of its orders and keys.
    pub client: Client,
    roles: u8,
}

fn bit(role: Role) -> u8 {
    match role {
        Role::Client => 1,
        Role::Operator => 2,
        Role::Metrics => 4,
    }
}

impl Caller {
    /// Whether it has the role.
    pub fn is(&self, role: Role) -> bool {
        self.roles & bit(role) != 0
    }

    /// 403 where it has none of these roles.
    pub fn require(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.iter().any(|&role| self.is(role)) {
            return Ok(());
        }
        let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        Err(Problem::forbidden(&names.join(" or ")))
    }
}

#[derive(Debug)]
struct Known {
    sha256: [u8; 32],
    caller: Caller,
}

/// The tokens that are accepted.
#[derive(Debug)]
pub struct Auth {
    known: Vec<Known>,
    /// Who everybody is where no tokens are configured.
    anonymous: Option<Caller>,
}

impl Auth {
    /// From a checked configuration. A hash that is none, which the check refuses, is left out: nobody bears it, and
    /// the door stays closed.
    pub fn new(config: &config::Auth) -> Self {
        let known = config.tokens.iter().filter_map(|token| {
            let digest = data_encoding::HEXLOWER_PERMISSIVE.decode(token.sha256.as_bytes()).ok()?;
            let roles = token.roles.iter().fold(0, |roles, &role| roles | bit(role));
            let caller = Caller { client: Client::trusted(token.subject.as_str()), roles };
            Some(Known { sha256: digest.try_into().ok()?, caller })
        });
        let roles = Role::ALL.into_iter().fold(0, |roles, role| roles | bit(role));
        let anonymous = config.tokens.is_empty().then(|| Caller { client: Client::anonymous(), roles });
        Self { known: known.collect(), anonymous }
    }

    /// Who sends these headers. Without configured tokens everybody is `anonymous` and may do everything.
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
        let mut found = u32::MAX;
        for (index, known) in self.known.iter().enumerate() {
            let same: Choice = known.sha256.ct_eq(&presented);
            found = u32::conditional_select(&found, &u32::try_from(index).unwrap_or(u32::MAX), same);
        }
        let known = usize::try_from(found).ok().and_then(|index| self.known.get(index));
        known.map(|known| known.caller.clone()).ok_or_else(|| Problem::unauthorized(true))
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
        };
        let tokens =
            vec![token("shop", "s3cret", &[Role::Client]), token("ops", "0ther", &[Role::Operator, Role::Metrics])];
        Auth::new(&config::Auth { tokens })
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
        let open = Auth::new(&config::Auth::default());
        for headers in [HeaderMap::new(), headers("Bearer s3cret")] {
            let caller = open.caller(&headers).unwrap();
            assert_eq!(caller.client, Client::anonymous());
            assert!(Role::ALL.into_iter().all(|role| caller.is(role)));
        }
    }
}
