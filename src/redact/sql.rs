//! Literals of SQL statements, and values that databases quote in their errors. The structure stays.
//!
//! ```text
//! INSERT INTO users (id, name) VALUES (42,               'O''Brien')
//! INSERT INTO users (id, name) VALUES ([sql-literal#1], '[sql-literal#2]')
//! ```

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, matches};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Where a statement begins, or a clause of one.
static STATEMENT: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:(?P<query>select|with)\s",
        r"|insert\s+(?:\w+\s+)?into\s|replace\s+into\s|merge\s+into\s|update\s+\S+\s+(?:as\s+\w+\s+)?set\s|delete\s+from\s",
        r"|values\s*\(|(?:where|having|and|or|set)\s+[\w.\x22`\[\]]+\s*(?:=|<|>|!=|\bin\b|\blike\b|\bbetween\b)",
        r"|call\s+[\w.]+\s*\(|exec(?:ute)?\s+[\w.]+\s|identified\s+by\s)"
    ))
    .ok()
});

/// What makes a statement of `select`, which is a word like others.
static SOURCE: Pattern = LazyLock::new(|| Regex::new(r"(?i)\s(?:from|where|union)\s").ok());

/// Where a statement ends at the latest: at the first frame of a stack trace behind it, and at an empty line.
static END: Pattern = LazyLock::new(|| Regex::new(r#"\n\s*(?:at\s|File "|from\s\S+:[0-9]|Caused by|\n)"#).ok());

/// A text in quotes, or a number, with what stands before it.
static LITERAL: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?P<before>[=<>(,|+*/-]|\b(?:like|ilike|in|values|between|and|or|then|else|when|set|select|by|date|time|timestamp",
        r"|interval|escape|concat|is|not|regexp|rlike|to|returning|where|as|limit|password)\b)\s*(?:\b[nexb])?",
        r"(?:'(?P<text>(?:[^'\\]|''|\\.)*)(?P<closed>'?)",
        r"|(?P<number>[-+]?(?:0x[0-9a-f]+|[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?))\b)"
    ))
    .ok()
});

/// Texts in double quotes, where only a value can stand. MySQL writes them so; elsewhere such are names.
static DOUBLE: Pattern = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:[=<>]|\blike|\bvalues\s*\(|\bin\s*\()\s*"([^"\\]*(?:\\.[^"\\]*)*)"(?:\s|[,);]|$)"#).ok()
});

/// What databases quote in errors.
static ERRORS: [Pattern; 5] = [
    // MySQL, and what syntax errors show.
    LazyLock::new(|| Regex::new(r"(?i)duplicate entry '((?:[^'\\]|''|\\.)*)' for key").ok()),
    LazyLock::new(|| {
        Regex::new(r#"(?i)\b(?:sql syntax|syntax error at or near|invalid input (?:syntax|value) for|incorrect \w+ value)\b[^'"\n]{0,120}['"]([^\n]*?)['"](?:\s+(?:at|for|in)\s|[.:,;)]|\s*$)"#).ok()
    }),
    // PostgreSQL: details of violated constraints; SQL Server.
    LazyLock::new(|| {
        Regex::new(
            r"(?i)\bkey \([^()\n]*\)=\(([^\n]*?)\) (?:already exists|is not present|is still referenced|conflicts)",
        )
        .ok()
    }),
    LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:failing row contains|duplicate key value is) \(([^\n]*?)\)(?:\.|\s|$)").ok()
    }),
    // SQLAlchemy, Rails and others print what they bound to a statement.
    LazyLock::new(|| Regex::new(r"(?i)\[(?:parameters|params|bindings|binds|args): ([^\n]*?)\](?:\s|$|\))").ok()),
];

/// Types that have a length: `VARCHAR(255)` is structure.
const TYPES: [&str; 10] =
    ["char", "varchar", "nvarchar", "nchar", "varchar2", "decimal", "numeric", "number", "float", "int"];

/// Finds literals in statements, wherever these stand in the text.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    let mut add = |at: Range<usize>| {
        if !at.is_empty() {
            found.push(Found { at, class: Class::SqlLiteral });
        }
    };
    for pattern in &ERRORS {
        matches(pattern, 1, text).for_each(&mut add);
    }
    let mut done = 0;
    let last_source = matches(&SOURCE, 0, text).last().map_or(0, |at| at.start);
    let starts = STATEMENT.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(text));
    for (whole, query) in starts.filter_map(|found| Some((found.get(0)?, found.name("query").is_some()))) {
        let start = whole.start();
        if start < done || (query && last_source < start) {
            continue;
        }
        let rest = &text[start..];
        let end = END.as_ref().and_then(|end| end.find(rest)).map_or(text.len(), |end| start + end.start());
        literals(text, start..end, &mut add);
        done = end;
    }
}

fn literals(text: &str, of: Range<usize>, add: &mut impl FnMut(Range<usize>)) {
    let statement = &text[of.clone()];
    let captures = LITERAL.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(statement));
    for literal in captures {
        let before = literal.name("before").map_or("", |before| before.as_str());
        let open = literal.get(0).map_or(0, |whole| whole.start());
        if let (Some(shown), Some(closed)) = (literal.name("text"), literal.name("closed")) {
            // A text without its end is one only where nothing else can stand.
            let is_cut = closed.is_empty() && !matches!(before, "=" | "(" | ",");
            if !is_cut {
                add(of.start + shown.start()..of.start + shown.end());
            }
        }
        if let Some(number) = literal.name("number")
            && is_value(statement, before, open, number.end())
        {
            add(of.start + number.start()..of.start + number.end());
        }
    }
    matches(&DOUBLE, 1, statement).for_each(|at| add(of.start + at.start..of.start + at.end));
}

/// What may follow a value.
const BEHIND: [&str; 14] = [
    "and",
    "or",
    "when",
    "then",
    "else",
    "end",
    "from",
    "as",
    "order",
    "group",
    "limit",
    "union",
    "where",
    "returning",
];

/// Whether a number is a value: compared, assigned, or an item of a list. Limits and lengths of types are structure.
fn is_value(statement: &str, before: &str, open: usize, end: usize) -> bool {
    let rest = statement[end..].trim_start();
    let next = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let goes_on = BEHIND.iter().any(|word| next.eq_ignore_ascii_case(word));
    let ends_item = rest.is_empty() || goes_on || rest.starts_with([',', ')', ';']);
    match before {
        "=" | "<" | ">" => !rest.starts_with('.'),
        "(" => {
            let name = statement[..open].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            ends_item && !TYPES.contains(&&*name.to_ascii_lowercase())
        }
        "," => ends_item,
        word => {
            const WORDS: [&str; 9] = ["between", "and", "then", "else", "when", "like", "select", "values", "in"];
            ends_item && WORDS.contains(&&*word.to_ascii_lowercase())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::found::settled;

    fn values(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        settled(found, &[]).into_iter().map(|found| &text[found.at]).collect()
    }

    #[test]
    fn literals_of_statements_are_found() {
        for (text, all) in [
            ("INSERT INTO t (id, name) VALUES (42, 'O''Brien', -1.5, NULL)", vec!["42", "O''Brien", "-1.5"]),
            ("SELECT a, 1 FROM t WHERE b = 'x' AND c IN (7, 8) LIMIT 10", vec!["1", "x", "7", "8"]),
            ("UPDATE users SET pw = E'h\\'x', n=3 WHERE mail LIKE '%bob%'", vec!["h\\'x", "3", "%bob%"]),
            ("failed: delete from t where a=\"bob\"; then 5 retries", vec!["bob"]),
            ("Duplicate entry 'bob' for key 'users.name'", vec!["bob"]),
            ("SQL syntax; check the manual for the right syntax to use near 'O''Brien' at line 1", vec!["O''Brien"]),
            ("Detail: Key (name, n)=(bob, 7) already exists.", vec!["bob, 7"]),
            ("[SQL: SELECT x FROM t WHERE a = %s] [parameters: ('bob', 7)] (Background", vec!["('bob', 7)"]),
            ("INSERT INTO t VALUES ('cut off he", vec!["cut off he"]),
        ] {
            assert_eq!(values(text), all, "{text}");
        }
    }

    #[test]
    fn structure_and_other_texts_are_left() {
        for text in [
            "SELECT a.x, b.\"y\" FROM a JOIN b ON a.id = b.id WHERE a.n = $1 AND b.m = ? LIMIT 10",
            "CREATE TABLE t (a VARCHAR(255)); SELECT CAST(a AS VARCHAR(10)) FROM t",
            "Table 'shop.orders' doesn't exist",
            "please select one of 3 from the list, 2 of 5",
            "select * from t\n    at Query.run (/app/db.js:21:11)\n    at f (x.js:1:2)",
            "relation \"orders\" does not exist",
            "cannot read properties of undefined (reading 'name')",
            "SELECT shop.orders",
        ] {
            assert!(values(text).is_empty(), "{text}: {:?}", values(text));
        }
    }
}
