//! What is put together by lot holds no value once it is cleaned, and makes nothing panic.

use crate::read::statement::cleaned;
use proptest::prelude::*;

/// What holds a value, whatever stands before it and behind it.
const VALUES: [&str; 22] = [
    " 'secret' ",
    " 'it''s secret' ",
    "'secret\\\\'",
    "/* secret's */",
    "-- secret's\n",
    " 4711",
    "'secret\\' ' ",
    "('secret','secret')",
    "N'secret'",
    " 'x\nmy secret word' ",
    " 'x\r\n secret' ",
    " /*/*/ secret */ */ ",
    " /*/ secret */ ",
    "; EXEC dbo.p--bob secret\n",
    "; EXEC dbo.p-4711",
    "; ALTER ROLE bob SET app.api_key = secret\n",
    "; CREATE FUNCTION f() SET a TO secret\n",
    "; DROP USER b IDENTIFIED /**/ BY secret\n",
    "; INSERT INTO t FORMAT /*x*/ TSV 4711\tsecret\n",
    " \"it's secret\" ",
    " [a -- b], 'x\nmy secret word' ",
    " [a]]'b c], 'my secret word', [a]]'b c] ",
];

/// How many of the last of them hold one only where brackets are around names: to PostgreSQL the words in them are code.
const IN_BRACKETS: usize = 2;

/// What stands between values: mostly what goes on being a statement.
fn between() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![" ", ", ", "\n", " FROM t WHERE a = ", " AND [b] = ", ")]", "\r\n"]).prop_map(str::to_owned),
        // A comment would hold the half of a value, to all of them.
        1 => "[a-z =,()\\]\\[.%@:;*+\n-]{0,12}".prop_map(|text| text.replace("--", "- ")),
    ]
}

proptest! {
    /// Texts as all databases quote them, numbers and ids, names and comments that databases end in different places, and what
    /// takes values without quotes, between whatever else a statement holds.
    #[test]
    fn no_value_passes(parts in prop::collection::vec((0..VALUES.len(), between()), 0..12), system in 0..7_usize) {
        let system = ["mysql", "postgresql", "mssql", "oracle", "clickhouse", "other_sql", ""][system];
        let mut text = "SELECT ".to_owned();
        for (sort, between) in parts {
            text += &between;
            let known = VALUES.len() - if system == "postgresql" { IN_BRACKETS } else { 0 };
            text += VALUES[sort % known];
        }
        let left = cleaned(system, &text).unwrap_or_default();
        prop_assert!(!left.contains("secret") && !left.contains("4711") && !left.contains('\''), "{system}: {text} -> {left}");
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", system in 0..6_usize) {
        let system = ["mysql", "postgresql", "mssql", "redis", "mongodb", ""][system];
        for text in [text.clone(), format!("SELECT {text}"), format!("{{{text}")] {
            prop_assert!(cleaned(system, &text).is_none_or(|left| left.len() <= 1024));
        }
    }
}
