//! Bearer tokens and what they allow.

use sha2::{Digest, Sha256};
use std::fmt;

/// What a token allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Sending telemetry.
    Ingest,
    /// Asking.
    Read,
    /// Everything: also announcing changes and asking for validations.
    Admin,
}

/// The tokens that are known, as digests: the texts are not held.
#[derive(Clone, Default)]
pub struct Tokens(Vec<(Scope, [u8; 32])>);

/// Tells how many there are, and none of them.
impl fmt::Debug for Tokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} tokens", self.0.len())
    }
}

impl Tokens {
    /// Adds the tokens in `text`, one in each line.
    pub fn add(&mut self, scope: Scope, text: &str) {
        let tokens = text.lines().map(str::trim).filter(|line| !line.is_empty());
        self.0.extend(tokens.map(|token| (scope, Sha256::digest(token).into())));
    }

    /// Whether there are any. Without any, everybody may do everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a request may do what needs `wanted`, by the value of its `authorization` header.
    ///
    /// Digests are compared to the end, and all of them, so that the time that it takes says nothing of how much was right.
    #[must_use]
    pub fn check(&self, authorization: Option<&[u8]>, wanted: Scope) -> Access {
        if self.is_empty() {
            return Access::Granted;
        }
        let bearer = authorization.and_then(|value| {
            let (scheme, token) = value.split_at_checked(7)?;
            scheme.eq_ignore_ascii_case(b"bearer ").then_some(token.trim_ascii())
        });
        let Some(token) = bearer else { return Access::Unknown };
        let digest: [u8; 32] = Sha256::digest(token).into();
        let (mut known, mut allowed) = (false, false);
        for (scope, other) in &self.0 {
            let same = digest.iter().zip(other).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0;
            known |= same;
            allowed |= same & (*scope == wanted || *scope == Scope::Admin);
        }
        match (known, allowed) {
            (_, true) => Access::Granted,
            (true, false) => Access::OfAnotherScope,
            (false, false) => Access::Unknown,
        }
    }
}

/// What a token was good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// The request may go on.
    Granted,
    /// The token is known, but not for this.
    OfAnotherScope,
    /// There is no token, or a wrong one.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_allow_what_they_are_for() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.check(None, Scope::Admin), Access::Granted);
        tokens.add(Scope::Ingest, "send-1\n\n send-2 \n");
        tokens.add(Scope::Read, "look");
        tokens.add(Scope::Admin, "all");
        let check = |header: &str, scope| tokens.check(Some(header.as_bytes()), scope);
        assert_eq!(check("Bearer send-1", Scope::Ingest), Access::Granted);
        assert_eq!(check("bearer send-2", Scope::Ingest), Access::Granted);
        assert_eq!(check("Bearer send-2", Scope::Read), Access::OfAnotherScope);
        assert_eq!(check("Bearer look", Scope::Admin), Access::OfAnotherScope);
        assert_eq!(check("Bearer all", Scope::Ingest), Access::Granted);
        for wrong in ["", "Bearer ", "Bearer send", "Basic send-1", "send-1", "Bearer send-1x"] {
            assert_eq!(check(wrong, Scope::Ingest), Access::Unknown, "{wrong}");
        }
        assert_eq!(tokens.check(None, Scope::Ingest), Access::Unknown);
        assert_eq!(format!("{tokens:?}"), "4 tokens");
    }
}
