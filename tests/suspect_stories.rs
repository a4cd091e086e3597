//! Stories of `fixtures/suspects`: what changed, for which requests it fails, and what must not be named.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::drawn::Drawn;
use common::gate_of_bytes::gate_of_two;
use common::{folders, reviewed};
use insta::{Settings, assert_snapshot};
use std::fs;
use std::path::Path;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::RootCause;
use whyspan::judge::evidence_suspect::{Condition, Suspect};
use whyspan::judge::statistics::counts::Counts;
use whyspan::judge::statistics::fisher;

fn gate(story: &Path) -> Evidence {
    let text = fs::read_to_string(story.join("story.txt")).expect("a story");
    let drawn = Drawn::parse(&text);
    gate_of_two(&drawn.window("baseline"), &drawn.window("candidate"), &drawn.changes)
}

fn story(name: &str) -> Evidence {
    gate(&common::fixtures().join("suspects").join(name))
}

/// The first root cause, which must throw this.
fn cause<'e>(evidence: &'e Evidence, exception: &str) -> &'e RootCause {
    let cause = evidence.root_causes.first().expect("a root cause");
    assert_eq!(cause.exception.as_ref().and_then(|it| it.kind.as_deref()), Some(exception));
    cause
}

fn named(suspect: &Suspect) -> (&str, &str, &str) {
    (&suspect.kind, &suspect.key, &suspect.value)
}

/// Kind, key and value of each suspect.
fn suspects(cause: &RootCause) -> Vec<(&str, &str, &str)> {
    cause.suspects.iter().map(named).collect()
}

/// Key and value of each condition.
fn conditions(cause: &RootCause) -> Vec<(&str, &str)> {
    cause.conditions.iter().map(|it| (it.key.as_str(), it.value.as_str())).collect()
}

/// The first suspect, which must be this one.
fn first_suspect<'c>(cause: &'c RootCause, wanted: (&str, &str, &str)) -> &'c Suspect {
    assert_eq!(suspects(cause).first(), Some(&wanted), "of {:?}", suspects(cause));
    &cause.suspects[0]
}

/// The first condition, which must be this one.
fn first_condition<'c>(cause: &'c RootCause, wanted: (&str, &str)) -> &'c Condition {
    assert_eq!(conditions(cause).first(), Some(&wanted), "of {:?}", conditions(cause));
    &cause.conditions[0]
}

/// Requests that fail with and without it, and pass with and without it.
fn counts(suspect: &Suspect) -> [u64; 4] {
    [suspect.failing_with, suspect.failing_without, suspect.passing_with, suspect.passing_without]
}

/// The same of a condition.
fn counts_of(condition: &Condition) -> [u64; 4] {
    [condition.failing_with, condition.failing_without, condition.passing_with, condition.passing_without]
}

/// Kind, key and both values of every change that is told.
fn changes(evidence: &Evidence) -> Vec<(&str, &str, Option<&str>, Option<&str>)> {
    let changes = evidence.changes.iter();
    changes.map(|it| (it.kind.as_str(), it.key.as_str(), it.from.as_deref(), it.to.as_deref())).collect()
}

/// Whether any sentence of suspects and conditions, or any of their keys, holds this word.
fn speaks_of(cause: &RootCause, word: &str) -> bool {
    let of_suspects = cause.suspects.iter().flat_map(|it| [&it.key, &it.sentence].into_iter().chain(&it.also_keys));
    let of_conditions = cause.conditions.iter().flat_map(|it| [&it.key, &it.sentence].into_iter().chain(&it.also_keys));
    of_suspects.chain(of_conditions).any(|text| text.contains(word))
}

#[test]
fn both_variants_in_one_window() {
    let evidence = story("both_variants_in_one_window");
    let cause = cause(&evidence, "StoreError");
    let suspect = first_suspect(cause, ("feature-flag", "cartFailure", "on"));
    assert_eq!(suspect.contrast, "within-candidate");
    assert_eq!(counts(suspect), [40, 0, 10, 150]);
    assert!(suspect.inferred && suspect.p_value < 1e-20, "{suspect:?}");
    assert_eq!(cause.suspects.len(), 1, "{:?}", suspects(cause));
    // Presence is not evidence.
    assert!(!speaks_of(cause, "newLayout") && !speaks_of(cause, "debugMode"), "{cause:?}");
}

#[test]
fn a_full_flip_that_nobody_announced() {
    let evidence = story("a_full_flip");
    let cause = cause(&evidence, "CardError");
    let suspect = first_suspect(cause, ("feature-flag", "paymentFailure", "on"));
    assert_eq!(suspect.contrast, "across-windows");
    // Visits never come by the operation that fails, so that nothing passes with the flag or without it but the baseline.
    assert_eq!(counts(suspect), [87, 0, 0, 110]);
    assert!(suspect.inferred);
    assert_eq!((cause.suspects.len(), cause.conditions.len()), (1, 0), "{cause:?}");
    assert_eq!(changes(&evidence), [("feature-flag", "paymentFailure", Some("off"), Some("on"))]);
    assert_eq!(evidence.changes[0].source, "telemetry");
}

#[test]
fn a_flip_announced_on_the_wrong_service() {
    let evidence = story("a_flip_announced_on_the_wrong_service");
    let cause = cause(&evidence, "RouteError");
    let suspect = first_suspect(cause, ("feature-flag", "shippingFailure", "on"));
    assert_eq!((suspect.contrast.as_str(), suspect.inferred), ("across-windows", false));
    assert_eq!((cause.suspects.len(), cause.conditions.len()), (1, 0), "{cause:?}");
    // The payment service is named nowhere: it evaluates nothing and is no suspect.
    assert!(cause.suspects.iter().all(|it| it.key != "payment"));
    assert_eq!(changes(&evidence).len(), 1, "announced and seen are one change: {:?}", changes(&evidence));
}

#[test]
fn a_flip_announced_minutes_before_its_effect() {
    let evidence = story("a_flip_announced_early");
    let cause = cause(&evidence, "CardError");
    let suspect = first_suspect(cause, ("feature-flag", "paymentFailure", "on"));
    assert_eq!((suspect.contrast.as_str(), suspect.inferred), ("within-candidate", false));
    assert_eq!(counts(suspect), [100, 0, 0, 100]);
    // It was deployed after the first failures, to a service below which nothing fails.
    assert!(cause.suspects.iter().all(|it| it.key != "ads"), "{:?}", suspects(cause));
}

#[test]
fn a_canary_that_fails() {
    let evidence = story("a_canary_that_fails");
    let cause = cause(&evidence, "CardError");
    let suspect = first_suspect(cause, ("deployment", "payment", "1.5.0"));
    assert_eq!(suspect.contrast, "within-candidate");
    assert_eq!(counts(suspect), [60, 0, 0, 140]);
    assert_eq!(cause.suspects.len(), 1, "{:?}", suspects(cause));
    // Values with the same counts are one entry; the version tells most.
    let condition = first_condition(cause, ("service.version", "1.5.0"));
    assert!(["k8s.pod.name", "service.instance.id"].iter().all(|key| condition.also_keys.iter().any(|it| it == key)));
    assert_eq!(cause.conditions.len(), 1, "{:?}", conditions(cause));
}

#[test]
fn a_canary_with_one_bad_replica() {
    let evidence = story("a_canary_with_one_bad_replica");
    let cause = cause(&evidence, "CardError");
    let condition = first_condition(cause, ("k8s.pod.name", "payment-7d2e-d"));
    assert_eq!(counts_of(condition), [50, 0, 0, 150]);
    // What changed is the version, though half of its requests pass.
    let suspect = first_suspect(cause, ("deployment", "payment", "1.5.0"));
    assert_eq!(counts(suspect), [50, 0, 50, 100]);
    assert_eq!(cause.suspects.len(), 1, "a pod of a known version is no change: {:?}", suspects(cause));
}

#[test]
fn a_failure_for_one_currency() {
    let evidence = story("a_failure_for_one_currency");
    let cause = cause(&evidence, "RateError");
    assert_eq!(suspects(cause), [], "nothing was changed");
    let condition = first_condition(cause, ("app.user.currency", "JPY"));
    assert_eq!(counts_of(condition), [50, 0, 0, 160]);
    // The country says less than the currency and nothing besides; ids say nothing.
    assert_eq!(cause.conditions.len(), 1, "{:?}", conditions(cause));
}

#[test]
fn two_changes_of_which_one_is_harmless() {
    let evidence = story("two_changes_of_which_one_is_harmless");
    let cause = cause(&evidence, "CardError");
    let suspect = first_suspect(cause, ("feature-flag", "paymentFailure", "on"));
    assert_eq!(suspect.contrast, "across-windows");
    // The shop's version came with it, and only the distance speaks against it; the blog has nothing to do with it.
    assert!(cause.suspects.iter().all(|it| it.key != "blog"), "{:?}", suspects(cause));
    assert_eq!(cause.conditions.len(), 0, "{:?}", conditions(cause));
    let told = changes(&evidence);
    assert!(["paymentFailure", "shop", "blog"].iter().all(|key| told.iter().any(|it| it.1 == *key)), "{told:?}");
}

#[test]
fn a_change_that_only_log_records_show() {
    let evidence = story("a_change_that_only_log_records_show");
    let cause = cause(&evidence, "AdError");
    let suspect = first_suspect(cause, ("feature-flag", "adFailure", "on"));
    assert_eq!((suspect.contrast.as_str(), suspect.inferred), ("within-candidate", true));
    assert_eq!(counts(suspect), [60, 0, 0, 60]);
}

#[test]
fn a_restart_without_a_change() {
    let evidence = story("a_restart_without_a_change");
    let cause = &evidence.root_causes[0];
    assert!(cause.exception.as_ref().is_some_and(|it| it.kind.as_deref() == Some("ConnectionError")), "{cause:?}");
    assert_eq!(suspects(cause), [], "a new instance of the same version is no change");
    assert_eq!(conditions(cause), []);
    assert_eq!(changes(&evidence), []);
}

#[test]
fn one_bad_pod_of_a_thousand() {
    let evidence = story("one_bad_pod_of_a_thousand");
    let cause = cause(&evidence, "DiskError");
    assert_eq!(suspects(cause), []);
    let condition = first_condition(cause, ("k8s.pod.name", "cart-999"));
    assert_eq!(condition.also_keys, ["service.instance.id"]);
    assert_eq!(counts_of(condition), [30, 0, 0, 1024]);
    assert_eq!(cause.conditions.len(), 1, "{:?}", conditions(cause));
}

#[test]
fn a_flag_that_a_caller_evaluates() {
    let evidence = story("a_flag_that_a_caller_evaluates");
    let cause = cause(&evidence, "ModelError");
    let suspect = first_suspect(cause, ("feature-flag", "newPrices", "on"));
    assert_eq!(suspect.contrast, "within-candidate");
    assert_eq!(counts(suspect), [60, 0, 0, 140]);
}

#[test]
fn a_harmless_flip_beside_a_known_fault() {
    let evidence = story("a_harmless_flip_beside_a_known_fault");
    assert_eq!(evidence.verdict.as_ref().expect("a gate decides").decision, "go");
    let cause = cause(&evidence, "CacheError");
    assert_eq!(cause.change.as_deref(), Some("same"));
    assert_eq!(suspects(cause), [], "it failed before as it does now");
    assert_eq!(conditions(cause), []);
    assert_eq!(changes(&evidence), [("feature-flag", "banner", Some("plain"), Some("sale"))]);
}

#[test]
fn a_flag_that_fails_one_currency() {
    let evidence = story("a_flag_that_fails_one_currency");
    let cause = cause(&evidence, "RateError");
    let suspect = first_suspect(cause, ("feature-flag", "newRates", "on"));
    assert_eq!(counts(suspect), [75, 0, 75, 150]);
    // Both together say it: each of them is part of the first condition, by its members or its words.
    let first = cause.conditions.first().expect("a condition");
    let told = serde_json::to_string(first).expect("JSON");
    assert!(["JPY", "newRates", "app.user.currency"].iter().all(|word| told.contains(word)), "{told}");
    assert_eq!(counts_of(first), [75, 0, 0, 225]);
}

#[test]
fn an_announced_change_that_never_shows() {
    let evidence = story("an_announced_change_that_never_shows");
    let cause = cause(&evidence, "RateError");
    let suspect = first_suspect(cause, ("feature-flag", "newRates", "on"));
    assert!(suspect.inferred);
    assert!(cause.suspects.iter().all(|it| it.key != "newCheckoutPage"), "{:?}", suspects(cause));
    assert!(changes(&evidence).iter().any(|it| it.1 == "newCheckoutPage"));
    let is_told = evidence.findings.iter().any(|finding| finding.sentence.contains("newCheckoutPage"));
    assert!(is_told, "that it never shows is told: {:?}", evidence.findings);
}

#[test]
fn a_value_that_was_not_there_before() {
    let evidence = story("a_value_that_was_not_there_before");
    let cause = cause(&evidence, "TenantError");
    let suspect = first_suspect(cause, ("attribute", "tenant.id", "globex-1"));
    assert_eq!(suspect.contrast, "within-candidate");
    assert_eq!(counts(suspect), [45, 0, 0, 270]);
    let condition = first_condition(cause, ("tenant.id", "globex-1"));
    assert_eq!(counts_of(condition), [45, 0, 0, 270]);
}

#[test]
fn a_service_that_is_on_another_port_after_each_start() {
    let evidence = story("a_service_that_is_on_another_port_after_each_start");
    let cause = cause(&evidence, "PriceError");
    assert_eq!(suspects(cause), [("attribute", "app.discounts", "http://discounts.invalid:8080/all")]);
    assert!(cause.suspects[0].also_keys.is_empty(), "{:?}", cause.suspects[0].also_keys);
}

#[test]
fn a_callee_that_is_not_where_it_is_looked_for_now() {
    let evidence = story("a_callee_that_is_not_where_it_is_looked_for_now");
    let cause = cause(&evidence, "ConnectionError");
    assert_eq!(cause.kind, "unreachable");
    assert_eq!(suspects(cause), [("attribute", "http.url", "http://127.0.0.1:45999/price/s3")]);
}

/// The only root cause, which must be this operation's slowness.
fn slowness<'e>(evidence: &'e Evidence, operation: &str) -> &'e RootCause {
    assert_eq!(evidence.root_causes.len(), 1, "{:?}", evidence.root_causes);
    let cause = &evidence.root_causes[0];
    assert_eq!((cause.kind.as_str(), cause.operation.as_str()), ("latency", operation));
    cause
}

#[test]
fn a_slowness_for_one_product() {
    let evidence = story("a_slowness_for_one_product");
    let cause = slowness(&evidence, "GetProduct");
    let suspect = first_suspect(cause, ("feature-flag", "slowCatalog", "on"));
    // Slow requests stand where failing ones do, and the others where passing ones do.
    assert_eq!((suspect.contrast.as_str(), suspect.failing_with, suspect.failing_without), ("across-windows", 30, 0));
    let condition = first_condition(cause, ("app.product.id", "SKU-6"));
    assert_eq!(counts_of(condition), [30, 0, 0, 180]);
}

#[test]
fn one_pod_that_is_slow() {
    let evidence = story("one_pod_that_is_slow");
    let cause = slowness(&evidence, "GetCart");
    assert_eq!(suspects(cause), [], "nothing was changed");
    let condition = first_condition(cause, ("k8s.pod.name", "cart-2"));
    assert_eq!(counts_of(condition), [70, 0, 0, 140]);
    assert_eq!(cause.conditions.len(), 1, "{:?}", conditions(cause));
}

/// No p value is smaller than the exact test of its own counts gives it (`tests/statistics.rs` holds that against SciPy), and
/// none is of a contrast that points the other way.
#[test]
fn no_p_value_is_smaller_than_that_of_the_exact_test() {
    let mut judged = 0;
    for story in folders("suspects") {
        for cause in gate(&story).root_causes {
            let of_suspects = cause.suspects.iter().map(|it| (counts(it), it.p_value));
            let of_conditions = cause.conditions.iter().map(|it| (counts_of(it), it.p_value));
            for ([failing_with, failing_without, passing_with, passing_without], p) in of_suspects.chain(of_conditions)
            {
                let with = Counts::new(failing_with, failing_with + passing_with);
                let without = Counts::new(failing_without, failing_without + passing_without);
                let least = fisher::greater(with, without);
                assert!(p >= least * (1.0 - 1e-3) && p <= 0.05, "{}: {p} where {least} is least", story.display());
                judged += 1;
            }
        }
    }
    assert!(judged >= 16, "only {judged} contrasts");
}

#[test]
fn the_evidence_of_every_story_is_as_reviewed() {
    let stories = folders("suspects");
    assert!(stories.len() >= 16, "the stories are not there");
    for story in stories {
        let text = reviewed(&gate(&story));
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(&story);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| assert_snapshot!("evidence", text));
    }
}
