//! What sorts of secrets and personal data are told apart.

use std::fmt;

/// A sort of text that is taken out. `docs/redaction.md` describes what is recognised of each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// What a pattern of the user found.
    Custom,
    /// Numbers of payment cards.
    Card,
    /// Tokens of known shapes: JSON Web Tokens, those of code hosts, registries and chats.
    Token,
    /// Keys of known shapes: of clouds, of payment and mail services, private keys.
    Key,
    /// E-mail addresses.
    Email,
    /// Bank accounts (ISO 13616).
    Iban,
    /// Addresses of machines, IPv4 and IPv6.
    Ip,
    /// Phone numbers with their country code.
    Phone,
    /// Name and password in a URL or a data source name.
    UrlCredential,
    /// What an `Authorization` header says, and bearer and basic credentials without one.
    Authorization,
    /// What a `Cookie` or `Set-Cookie` header says.
    Cookie,
    /// The value that stands beside a name such as `password` or `client_secret`.
    Password,
    /// Values in the query of a URL.
    UrlQuery,
    /// Literals of SQL statements, and values that databases quote in their errors.
    SqlLiteral,
}

impl Class {
    /// All of them: where two find the same, the one that comes first gives it its name.
    pub const ALL: [Self; 14] = [
        Self::Custom,
        Self::Card,
        Self::Token,
        Self::Key,
        Self::Email,
        Self::Iban,
        Self::Ip,
        Self::Phone,
        Self::UrlCredential,
        Self::Authorization,
        Self::Cookie,
        Self::Password,
        Self::UrlQuery,
        Self::SqlLiteral,
    ];

    /// The stable code, as in `[email#1]`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Card => "card",
            Self::Token => "token",
            Self::Key => "key",
            Self::Email => "email",
            Self::Iban => "iban",
            Self::Ip => "ip",
            Self::Phone => "phone",
            Self::UrlCredential => "url-credential",
            Self::Authorization => "authorization",
            Self::Cookie => "cookie",
            Self::Password => "password",
            Self::UrlQuery => "url-query",
            Self::SqlLiteral => "sql-literal",
        }
    }

    /// The class of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// Whether it is taken out unless the user says otherwise. Addresses of machines are what a reader of failures looks
    /// for, and what looks like a phone number or an account seldom is one.
    #[must_use]
    pub fn is_default(self) -> bool {
        !matches!(self, Self::Iban | Self::Ip | Self::Phone | Self::Custom)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::redaction::nouns;

    #[test]
    fn every_class_is_known_by_its_code_and_has_words() {
        for class in Class::ALL {
            assert_eq!(Class::from_code(class.code()), Some(class));
            assert!(nouns(class.code()).is_some(), "no words for {class}");
        }
        assert_eq!(nouns("mail"), None);
    }
}
