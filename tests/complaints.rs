//! What the pages about the gate promise is there: the tests that prove it, the rules, the numbers of a policy.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use whyspan::judge::policy::Policy;
use whyspan::judge::rule::Rule;

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cells of each row of the first table whose head starts with `head`.
fn rows<'p>(page: &'p str, head: &str) -> Vec<Vec<&'p str>> {
    let lines = page.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// Whether a file of source has a test of this name, which is not left out of ordinary runs.
fn has_test(source: &str, function: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let opening = format!("fn {function}(");
    lines.iter().enumerate().any(|(place, line)| {
        let attributes =
            lines[..place].iter().rev().take_while(|above| above.starts_with('#') || above.starts_with("//"));
        let attributes: Vec<&&str> = attributes.collect();
        line.starts_with(&opening)
            && attributes.iter().any(|line| line.starts_with("#[test]"))
            && !attributes.iter().any(|line| line.starts_with("#[ignore"))
    })
}

#[test]
fn every_complaint_has_a_source_an_answer_and_its_proof() {
    let page = text("docs/complaints.md");
    let rows = rows(&page, "| complaint ");
    assert!(rows.len() >= 15, "the table is not there");
    for row in rows {
        let [complaint, sources, answer, proof] = row[..] else { panic!("a row of {} cells: {row:?}", row.len()) };
        assert!(sources.contains("](https://github.com/"), "{complaint}: nobody complained");
        let unanswered = answer.starts_with("**Not answered.**");
        assert!(
            unanswered
                || answer.starts_with("**Answered.**")
                || answer.starts_with("**In part.**")
                || answer.starts_with("**Answered**,"),
            "{complaint}: answered or not?"
        );
        assert_eq!(proof == "none", unanswered, "{complaint}: an answer needs a proof");
        for named in proof.split(", ").filter(|named| *named != "none") {
            let named = named.strip_prefix('`').and_then(|named| named.strip_suffix('`'));
            let (file, function) = named.and_then(|named| named.split_once("::")).expect("`file::function`");
            assert!(has_test(&text(file), function), "{complaint}: {file} has no test {function}");
        }
    }
}

#[test]
fn a_test_that_is_not_there_is_missed() {
    let source = "#[test]\nfn there() {}\n#[test]\n#[ignore = \"slow\"]\nfn idle() {}\nfn no_test() {}\n";
    assert!(has_test(source, "there"));
    assert!(["idle", "no_test", "ther", "missing"].iter().all(|function| !has_test(source, function)));
}

#[test]
fn every_rule_is_told_with_its_level() {
    let page = text("docs/gate.md");
    let told: Vec<(&str, &str)> = rows(&page, "| code | level ").iter().map(|row| (row[0], row[1])).collect();
    let codes = Rule::ALL.map(|rule| (format!("`{}`", rule.code()), rule.default_level().as_str()));
    let known: Vec<(&str, &str)> = codes.iter().map(|(code, level)| (code.as_str(), *level)).collect();
    assert_eq!(told, known);
}

#[test]
fn the_policy_that_is_told_is_the_one_built_in() {
    let page = text("docs/gate.md");
    let (_, rest) = page.split_once("```toml\n").expect("a policy");
    let (told, _) = rest.split_once("```").expect("its end");
    let (numbers, rules) = told.split_once("[rules]").expect("rules");
    assert_eq!(Policy::from_toml(numbers), Ok(Policy::default()));
    assert!(Policy::default().numbers().all(|(name, _)| numbers.contains(&format!("\n{name} = "))), "{numbers}");
    assert!(Policy::from_toml(&format!("[rules]{rules}")).is_ok());
}
