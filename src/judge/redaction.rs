//! What was taken out of evidence before it was written, as data and in words.

use serde::{Deserialize, Serialize};

/// What was looked for and taken out. In the place of each value stands its class and an ordinal, such as `[email#1]`;
/// equal values of a class have equal ordinals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// The classes that were looked for; empty when nothing was to be taken out.
    pub classes: Vec<String>,
    /// What was taken out of this document, by class; without those of which there is nothing.
    pub counts: Vec<Redacted>,
}

/// What was taken out of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Redacted {
    /// `card`, `token`, `key`, `email`, `url-credential`, `authorization`, `cookie`, `password`, `url-query`,
    /// `sql-literal`; if asked for `ip`, `iban`, `phone`; `custom` for patterns of the user.
    pub class: String,
    /// In how many places of this document such a value stood.
    pub count: u64,
    /// How many different values these were.
    pub values: u64,
}

/// What a value of a class is called, one and many; `None` for an unknown code.
pub(crate) fn nouns(class: &str) -> Option<(&'static str, &'static str)> {
    Some(match class {
        "card" => ("card number", "card numbers"),
        "token" => ("token", "tokens"),
        "key" => ("key", "keys"),
        "email" => ("e-mail address", "e-mail addresses"),
        "iban" => ("bank account", "bank accounts"),
        "ip" => ("IP address", "IP addresses"),
        "phone" => ("phone number", "phone numbers"),
        "url-credential" => ("credential in a URL", "credentials in URLs"),
        "authorization" => ("authorization header", "authorization headers"),
        "cookie" => ("cookie header", "cookie headers"),
        "password" => ("named secret", "named secrets"),
        "url-query" => ("query value", "query values"),
        "sql-literal" => ("SQL literal", "SQL literals"),
        "custom" => ("match of your patterns", "matches of your patterns"),
        _ => return None,
    })
}

/// `Redacted: 3 e-mail addresses (2 different), 1 card number.`, of class, places and different values; `None` when
/// nothing was taken out.
#[must_use]
pub fn sentence<'c>(counts: impl IntoIterator<Item = (&'c str, u64, u64)>) -> Option<String> {
    let parts: Vec<String> = counts
        .into_iter()
        .map(|(class, count, values)| {
            let (one, many) = nouns(class).unwrap_or((class, class));
            let different = if values < count { format!(" ({values} different)") } else { String::new() };
            format!("{count} {}{different}", if count == 1 { one } else { many })
        })
        .collect();
    (!parts.is_empty()).then(|| format!("Redacted: {}.", parts.join(", ")))
}

impl Redaction {
    /// What was taken out, in one sentence; `None` when nothing was.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        sentence(self.counts.iter().map(|it| (it.class.as_str(), it.count, it.values)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_put_into_words() {
        assert_eq!(sentence([]), None);
        let told = sentence([("email", 3, 2), ("card", 1, 1), ("token", 2, 2)]);
        assert_eq!(told.as_deref(), Some("Redacted: 3 e-mail addresses (2 different), 1 card number, 2 tokens."));
    }
}
