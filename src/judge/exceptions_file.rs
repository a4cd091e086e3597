//! The file in which a user says whose code a call is, and which failures are the same.

use crate::analyze::exception_rules::{ExceptionRules, GroupRule, InAppRule};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    in_app: Vec<InApp>,
    #[serde(default)]
    signature: Vec<Signature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InApp {
    prefix: Option<String>,
    regex: Option<String>,
    in_app: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    matches: String,
    merge_as: Option<String>,
    #[serde(default)]
    split: bool,
}

/// Reads rules from TOML; the first that fits holds.
///
/// ```
/// # use whyspan::judge::exceptions_file::rules_of_toml;
/// let rules = rules_of_toml(
///     r#"
/// [[in_app]]
/// prefix = "org.apache.shop."            # our own, though it looks like a library
/// in_app = true
///
/// [[in_app]]
/// regex = '/third_party/'
/// in_app = false
///
/// [[signature]]
/// matches = '(?i)connection (refused|reset)'
/// merge_as = "store lost"
///
/// [[signature]]
/// matches = 'shard=(\\w+)'
/// split = true
/// "#,
/// );
/// assert!(rules.is_ok());
/// ```
///
/// # Errors
///
/// When the text is no TOML, or a rule says nothing or two things at once, or an expression cannot be read.
pub fn rules_of_toml(text: &str) -> Result<ExceptionRules, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let in_app = file.in_app.into_iter().map(|rule| match (&rule.prefix, &rule.regex) {
        (Some(prefix), None) => Ok(InAppRule::by_prefix(prefix, rule.in_app)),
        (None, Some(regex)) => InAppRule::by_regex(regex, rule.in_app),
        _ => Err("a rule of [[in_app]] has either prefix or regex".to_owned()),
    });
    let groups = file.signature.into_iter().map(|rule| match (&rule.merge_as, rule.split) {
        (Some(name), false) => GroupRule::merge(&rule.matches, name),
        (None, true) => GroupRule::split(&rule.matches),
        _ => Err("a rule of [[signature]] has either merge_as = \"NAME\" or split = true".to_owned()),
    });
    Ok(ExceptionRules::new(in_app.collect::<Result<_, _>>()?, groups.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_rule_is_said() {
        let cases = [
            ("[[in_app]]\nin_app = true", "either prefix or regex"),
            ("[[in_app]]\nprefix = \"a\"\nregex = \"b\"\nin_app = true", "either prefix or regex"),
            ("[[in_app]]\nprefix = \"a\"", "in_app"),
            ("[[in_app]]\nregex = \"(\"\nin_app = true", "no regular expression"),
            ("[[signature]]\nmatches = \"a\"", "either merge_as"),
            ("[[signature]]\nmatches = \"a\"\nmerge_as = \"b\"\nsplit = true", "either merge_as"),
            ("[[signature]]\nmatches = \"[\"\nsplit = true", "no regular expression"),
            ("[[other]]", "unknown field"),
            ("=", "TOML"),
        ];
        for (text, told) in cases {
            let error = rules_of_toml(text).expect_err(text);
            assert!(error.contains(told), "{text}: {error}");
        }
        assert!(rules_of_toml("").is_ok());
    }
}
