//! Texts with what is secret or personal taken out of them.

use crate::redact::class::Class;
use crate::redact::found::{Found, matches_of, settled};
use crate::redact::ordinals::Ordinals;
use crate::redact::placeholder::{placeholder, placeholders};
use crate::redact::plain::is_plain;
use crate::redact::rules::Rules;
use crate::redact::{cards, cut_off, emails, headers, named_secrets, personal, private_keys, sql, tokens, urls};
use crate::shared_sort::SharedSort;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// Takes out what the rules say. Equal values have equal ordinals in all texts that pass through one redactor and its
/// clones, in the order in which they come: everything of one run must go through the same.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    rules: Arc<Rules>,
    ordinals: Arc<Mutex<Ordinals>>,
}

/// What a text is to its reader, and so what may be looked for in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    /// A text as telemetry has it.
    ByTelemetry,
    /// A sentence that was made of such texts and of counts: the literals of a statement that it quotes cannot be told from
    /// its own numbers.
    InSentence,
}

/// What the key of an attribute says of its values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OfKey {
    /// All of the value is this.
    class: Option<Class>,
    /// The value is the query of a URL.
    is_query: bool,
}

/// A text is looked through at most so often. What is taken out may leave something at its edge that then stands alone.
const PASSES: usize = 4;

/// How much longer a text may become: many short literals become long placeholders.
const GROWTH: usize = 2;
const SLACK: usize = 256;

/// What stands at the end of a text that was cut, as everywhere.
const CUT: &str = "… [cut]";

impl Redactor {
    /// A redactor that has met nothing yet.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self { rules: Arc::new(rules), ordinals: Arc::default() }
    }

    /// What it takes out.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The text without what is secret; borrowed when there was nothing. Again changes nothing more. Of a text that would
    /// become more than twice as long the start is kept.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.told(text, Told::ByTelemetry)
    }

    /// The value of an attribute without what is secret: its key may say that all of it is.
    #[must_use]
    pub fn attribute<'t>(&self, key: &str, value: &'t str) -> Cow<'t, str> {
        self.value(self.of_key(key), value)
    }

    /// What a key says of all its values.
    pub(crate) fn of_key(&self, key: &str) -> OfKey {
        let name = key.to_ascii_lowercase();
        let class = match name.rsplit('.').next().unwrap_or_default() {
            "authorization" | "proxy-authorization" | "proxy_authorization" => Some(Class::Authorization),
            "cookie" | "set-cookie" | "set_cookie" => Some(Class::Cookie),
            _ if named_secrets::is_secret(key) => Some(Class::Password),
            _ => None,
        };
        OfKey { class, is_query: name.ends_with("url.query") }
    }

    /// The value of an attribute of which the key is known.
    pub(crate) fn value<'t>(&self, key: OfKey, value: &'t str) -> Cow<'t, str> {
        let found = self.found_by_key(key, value);
        if found.is_empty() {
            return self.text(value);
        }
        let first = self.rewritten(value, found).unwrap_or_else(|| value.to_owned());
        Cow::Owned(self.text(&first).into_owned())
    }

    pub(crate) fn told<'t>(&self, text: &'t str, told: Told) -> Cow<'t, str> {
        let mut redacted = Cow::Borrowed(text);
        for _ in 0..PASSES {
            let found = self.found(&redacted, told);
            match self.rewritten(&redacted, found) {
                Some(more) => redacted = Cow::Owned(more),
                None => break,
            }
        }
        let most = GROWTH * text.len() + SLACK;
        match redacted {
            Cow::Owned(long) if long.len() > most => {
                Cow::Owned(format!("{}{CUT}", &long[..long.floor_char_boundary(most - CUT.len())]))
            }
            fits => fits,
        }
    }

    /// Redacts a text in place.
    pub(crate) fn replace(&self, text: &mut String, told: Told) {
        if let Cow::Owned(redacted) = self.told(text, told) {
            *text = redacted;
        }
    }

    /// The class of the first thing that is found in a text; `None` when nothing is.
    pub(crate) fn first_class(&self, text: &str) -> Option<Class> {
        let found = settled(self.found(text, Told::ByTelemetry), &placeholders(text));
        found.first().map(|found| found.class)
    }

    /// How many values of a class were met.
    pub(crate) fn met(&self, class: Class) -> u32 {
        self.ordinals.lock().unwrap_or_else(PoisonError::into_inner).met(class)
    }

    fn found(&self, text: &str, told: Told) -> Vec<Found> {
        let mut found = Vec::new();
        let has = |class| self.rules.has(class);
        let has_any = |classes: &[Class]| classes.iter().any(|&class| has(class));
        // A pattern of the user's may look for anything.
        if text.is_empty() || (is_plain(text) && self.rules.patterns().is_empty()) {
            return found;
        }
        for (wanted, find) in [
            (has(Class::Card), cards::find as fn(&str, &mut Vec<Found>)),
            (has_any(&[Class::Token, Class::Key]), tokens::find),
            (has(Class::Key), private_keys::find),
            (has(Class::Email), emails::find),
            (has_any(&[Class::Authorization, Class::Cookie]), headers::find),
            (has_any(&[Class::UrlCredential, Class::UrlQuery]), urls::find),
            (has(Class::Password), named_secrets::find),
            (has(Class::SqlLiteral) && told == Told::ByTelemetry, sql::find),
            (has(Class::Ip), personal::find_ips),
            (has(Class::Iban), personal::find_ibans),
            (has(Class::Phone), personal::find_phones),
            (true, cut_off::find),
        ] {
            if wanted {
                find(text, &mut found);
            }
        }
        found.retain(|found| has(found.class));
        without_parts_of_urls(&mut found);
        for pattern in self.rules.patterns() {
            found.extend(matches_of(&pattern.0, text).map(|at| Found { at, class: Class::Custom }));
        }
        found
    }

    fn found_by_key(&self, key: OfKey, value: &str) -> Vec<Found> {
        let mut found = Vec::new();
        match key.class {
            Some(class) if !value.is_empty() => found.push(Found { at: 0..value.len(), class }),
            _ if key.is_query => urls::find_in_query(value, &mut found),
            _ => {}
        }
        found.retain(|found| self.rules.has(found.class));
        found
    }

    /// The text with placeholders for what was found; `None` when nothing is left to take out.
    fn rewritten(&self, text: &str, found: Vec<Found>) -> Option<String> {
        if found.is_empty() {
            return None;
        }
        let found = settled(found, &placeholders(text));
        if found.is_empty() {
            return None;
        }
        let mut ordinals = self.ordinals.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for Found { at, class } in found {
            out.push_str(&text[done..at.start]);
            out.push_str(&placeholder(class, ordinals.of(class, &text[at.clone()])));
            done = at.end;
        }
        out.push_str(&text[done..]);
        Some(out)
    }
}

/// Leaves what is only a part of a URL, read otherwise: an e-mail address that is the end of a password with the host
/// behind it; and a named value that is one of the query, where it ends sooner.
fn without_parts_of_urls(found: &mut Vec<Found>) {
    let places = |class: Class, place: fn(&Found) -> usize| {
        let mut places: Vec<usize> = found.iter().filter(|found| found.class == class).map(place).collect();
        places.shared_sort();
        places
    };
    let credentials = places(Class::UrlCredential, |found| found.at.end);
    let values = places(Class::UrlQuery, |found| found.at.start);
    if credentials.is_empty() && values.is_empty() {
        return;
    }
    let has_end = |found: &Found| {
        let next = credentials.partition_point(|&end| end < found.at.start);
        credentials.get(next).is_some_and(|end| found.at.contains(end))
    };
    found.retain(|found| match found.class {
        Class::Email => !has_end(found),
        Class::Password => values.binary_search(&found.at.start).is_err(),
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn redacted(text: &str) -> String {
        Redactor::default().text(text).into_owned()
    }

    #[test]
    fn equal_values_have_equal_ordinals() {
        let redactor = Redactor::default();
        let first = "bob@example.com paid with 4111 1111 1111 1111, ann@example.com did not";
        assert_eq!(redactor.text(first), "[email#1] paid with [card#1], [email#2] did not");
        let again = redactor.clone();
        assert_eq!(again.text("Ann@example.com: 4111111111111111"), "[email#2]: [card#1]");
        assert_eq!(redactor.met(Class::Email), 2);
    }

    #[test]
    fn the_structure_of_a_text_stays() {
        assert_eq!(
            redacted("POST https://bob:pw@pay.example/charge?card=4111111111111111&n=2: {\"password\":\"x y\"}"),
            "POST https://[url-credential#1]@pay.example/charge?card=[card#1]&n=[url-query#1]: {\"password\":\"[password#1]\"}"
        );
        assert_eq!(
            redacted("INSERT INTO t VALUES ('bob@example.com', 42)"),
            "INSERT INTO t VALUES ('[email#1]', [sql-literal#1])"
        );
    }

    #[test]
    fn a_value_is_the_same_wherever_a_sentence_puts_it() {
        assert_eq!(
            redacted("GET https://h/x?token=aB1cD2: token aB1cD2, password=aB1cD2. Then ?token=aB1cD2 and pwd=aB1cD2"),
            "GET https://h/x?token=[url-query#1]: token aB1cD2, password=[password#1]. Then ?token=[password#1] and pwd=[password#1]"
        );
    }

    #[test]
    fn classes_that_are_off_are_left() {
        let redactor = Redactor::new(Rules::default().without(Class::Email).with(Class::Ip));
        assert_eq!(redactor.text("bob@example.com from 10.0.0.7"), "bob@example.com from [ip#1]");
        assert_eq!(Redactor::new(Rules::none()).text("password=hunter2"), "password=hunter2");
    }

    #[test]
    fn keys_tell_that_their_values_are_secret() {
        let redactor = Redactor::default();
        for (key, value, expected) in [
            ("app.password", "hunter2", "[password#1]"),
            ("http.request.header.authorization", "[\"x\"]", "[authorization#1]"),
            ("url.query", "q=bob&n=2", "q=[url-query#1]&n=[url-query#2]"),
            ("app.note", "of bob@example.com", "of [email#1]"),
            ("app.user.currency", "USD", "USD"),
        ] {
            assert_eq!(redactor.attribute(key, value), expected);
        }
    }

    #[test]
    fn texts_do_not_grow_beyond_bounds() {
        let long = format!("SELECT * FROM t WHERE a IN ({})", "1,2,".repeat(4000));
        let short = redacted(&long);
        assert!(short.len() <= 2 * long.len() + SLACK && short.ends_with(CUT), "{}", short.len());
        assert_eq!(redacted(&short), short);
    }

    /// Pieces that are secrets, look like some, or are what these are told by.
    const PIECES: [&str; 44] = [
        "bob@example.com",
        "4111 1111 1111 1111",
        "4111111111111111",
        "password",
        "=",
        ":",
        "\"",
        "'",
        "\\",
        " ",
        "hunter2",
        "?",
        "&",
        "https://",
        "u:p",
        "@",
        "host/x",
        "SELECT a FROM t WHERE b",
        "VALUES (",
        ")",
        ",",
        "42",
        "Authorization: ",
        "Bearer ",
        "abc.DEF-1234567890",
        "Cookie: ",
        "a=b; c=d",
        "\n",
        "    at f (/app/x.js:21:11)",
        "[email#1]",
        "[",
        "]",
        "#",
        "[url-query#2]",
        "…",
        "… [cut]",
        "é",
        "token",
        "--password ",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.x",
        "Duplicate entry '",
        "' for key",
        "<password>",
        "</",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn again_changes_nothing(pieces in prop::collection::vec(select(&PIECES[..]), 0..24)) {
            let text = pieces.concat();
            let redactor = Redactor::new(Class::ALL.into_iter().fold(Rules::none(), Rules::with));
            let once = redactor.text(&text).into_owned();
            prop_assert!(once.len() <= 2 * text.len() + SLACK);
            let twice = redactor.text(&once).into_owned();
            prop_assert_eq!(&twice, &once, "of {}", text);
            if once == text {
                prop_assert!(matches!(redactor.text(&text), Cow::Borrowed(_)));
            }
        }

        #[test]
        fn any_text_is_taken(text in any::<String>()) {
            let redactor = Redactor::new(Class::ALL.into_iter().fold(Rules::none(), Rules::with));
            let once = redactor.text(&text).into_owned();
            prop_assert_eq!(&redactor.text(&once), &once);
            let _ = redactor.attribute(&text, &text);
        }
    }
}
