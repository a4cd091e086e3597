//! The statistics of a comparison against SciPy, statsmodels and, where those lose digits, mpmath.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod common;

use common::chance::Chance;
use common::python;
use serde_json::{Value, json};
use whyspan::judge::statistics::cliffs_delta::cliffs_delta;
use whyspan::judge::statistics::counts::Counts;
use whyspan::judge::statistics::{
    benjamini_hochberg, clopper_pearson, fisher, holm, newcombe, order_statistic, power, quantile_difference,
};

/// How far two answers may be apart, for each part of the greater.
const AGREEMENT: f64 = 1e-9;

/// SciPy's own hypergeometric tails have an error above 1e-9 beyond about this many trials (2e-9 at 20 million); there
/// the answer is held against mpmath alone.
const SCIPY_IS_EXACT_TO: u64 = 1_000_000;

fn assert_agree(found: f64, wanted: f64, case: &Value, by: &str) {
    let apart = (found - wanted).abs();
    assert!(apart <= AGREEMENT * wanted.abs().max(f64::MIN_POSITIVE), "{found} is not {wanted} of {by} for {case}");
}

/// Limits of rates and of differences may be 0 or come close to it by cancellation: they agree by what they are in whole.
fn assert_agree_in_whole(found: f64, wanted: f64, case: &Value, by: &str) {
    assert!((found - wanted).abs() <= AGREEMENT, "{found} is not {wanted} of {by} for {case}");
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

fn counts(events: &Value, trials: &Value) -> Counts {
    Counts::new(count(events), count(trials))
}

fn durations(value: &Value) -> Vec<u64> {
    value.as_array().expect("a sample").iter().map(count).collect()
}

/// Pairs of events and trials: none, few, equal, one-sided, huge.
fn rate_pairs() -> Vec<[u64; 4]> {
    let mut pairs = Vec::new();
    for (n, m) in
        [(1, 1), (4, 4), (10, 3), (8, 60), (100, 100), (120, 997), (1000, 1000), (5000, 300), (37, 512), (2500, 40)]
    {
        for x in [0, 1, n / 20, n / 4, n / 2, n - n / 10, n] {
            for y in [0, 1, m / 20, m / 3, m / 2, m] {
                pairs.push([x, n, y, m]);
            }
        }
    }
    for (n, m) in
        [(100_000, 100_000), (400_000, 90_000), (10_000_000, 10_000_000), (10_000_000, 5_000), (123_456, 9_876_543)]
    {
        for (x, y) in [(0, 0), (0, 7), (25, 7), (n / 100, m / 100), (n / 2, m / 2 + m / 1000)] {
            pairs.push([x, n, y, m]);
        }
        pairs.push([n / 100 + n / 1500, n, m / 100, m]);
        pairs.push([n - n / 90, n, m - m / 100, m]);
    }
    // Exact ties on the other side of the middle, at sizes where masses have rounding errors of their own.
    pairs.extend([[5_050, 1_000_000, 4_950, 1_000_000], [400, 10_000, 480, 10_000], [52_000, 104_000, 300, 700]]);
    // Contrasts of a value: a few requests that have it, and nearly all fail, beside very many that do not.
    for (with, without) in [(2, 5_000), (12, 988), (40, 160), (87, 110), (30, 1_998), (300, 900_000)] {
        for failing_with in [1, with / 2, with - 1, with] {
            pairs.extend([0, 1, without / 200].map(|failing_without| [failing_with, with, failing_without, without]));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Lists of p values as come of trying very many values of attributes: mostly chance, some ties, a few beyond doubt.
fn p_values() -> Vec<Value> {
    let listed: [&[f64]; 6] = [
        &[0.01, 0.04, 0.03, 0.005],
        &[1.0],
        &[0.2, 0.2, 0.2],
        &[0.0, 1e-300, 0.9, 1.0, 1e-9, 0.04, 0.04, 0.051],
        &[0.0, 0.0],
        &[1e-320, 5e-324, 1.0],
    ];
    let mut cases: Vec<Value> = listed.iter().map(|p| json!([p])).collect();
    for (seed, size) in [2, 17, 300, 5_000].into_iter().enumerate() {
        let mut chance = Chance::new(seed as u64);
        let mut draw = |place: usize| match place % 50 {
            0 => chance.share().powi(60),
            1..=10 => 1.0,
            // Counts are few, and so are the p values that they can give.
            11..=30 => (chance.share() * 12.0).ceil() / 12.0,
            _ => chance.share(),
        };
        cases.push(json!([(0..size).map(&mut draw).collect::<Vec<f64>>()]));
    }
    cases
}

/// A sorted sample of whole microseconds or milliseconds with a long tail; the same for the same numbers.
fn sample(size: u64, seed: u64, unit: u64, shift: u64) -> Vec<u64> {
    let draw = |at: u64| {
        let mixed = (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed.wrapping_mul(0xD1B5_4A32_D192_ED03));
        let share = ((mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 44) + 1;
        (40_000_000_000_000 / share / unit + shift) * unit
    };
    let mut sample: Vec<u64> = (0..size).map(draw).collect();
    sample.sort_unstable();
    sample
}

fn samples() -> Vec<Value> {
    let mut cases = Vec::new();
    for (seed, size) in [1, 5, 58, 59, 60, 100, 350, 2000].into_iter().enumerate() {
        for q in [0.5, 0.9, 0.95, 0.99] {
            for alpha in [0.05, 0.01, 0.001] {
                cases.push(json!([sample(size, seed as u64, 1000, 0), q, alpha]));
            }
        }
    }
    cases
}

fn sample_pairs() -> Vec<Value> {
    let mut cases = Vec::new();
    let sizes = [(60, 60), (100, 100), (300, 100), (100, 700), (1000, 1000)];
    for (seed, (n, m)) in sizes.into_iter().enumerate() {
        let seed = seed as u64;
        for (unit, shift) in [(1_000_000, 0), (1_000_000, 60), (1000, 700_000), (1000, 100_000)] {
            for (q, margin) in [(0.5, 0.0), (0.95, 0.0), (0.95, 1.5e7), (0.9, -3e7)] {
                let (candidate, baseline) = (sample(n, 2 * seed, unit, shift), sample(m, 2 * seed + 1, unit, 0));
                cases.push(json!([candidate, baseline, q, 0.05, margin]));
            }
        }
    }
    cases
}

#[test]
fn scipy_and_statsmodels_give_the_same_numbers() {
    let pairs = rate_pairs();
    let confidences = [0.9, 0.95, 0.999];
    let questions = json!({
        "fisher": pairs,
        "newcombe": pairs.iter().flat_map(|[x, n, y, m]| confidences.map(|at| json!([x, n, y, m, at]))).collect::<Vec<_>>(),
        "clopper_pearson": pairs.iter().flat_map(|[x, n, ..]| confidences.map(|at| json!([x, n, at]))).collect::<Vec<_>>(),
        "order_statistic": samples(),
        "quantile_difference": sample_pairs(),
        "corrections": p_values(),
        "cliffs_delta": sample_pairs().iter().map(|case| json!([case[0], case[1]])).collect::<Vec<_>>(),
        "smallest_rate": [
            [0, 100, 100, 0.05, 0.8], [3, 500, 400, 0.01, 0.8], [0, 4, 4, 0.01, 0.8], [120, 10_000, 90_000, 0.001, 0.9],
            [50, 50, 70, 0.05, 0.8], [900, 1000, 1000, 0.01, 0.5],
        ],
    });
    let packages = [("scipy", "scipy>=1.14"), ("statsmodels", "statsmodels>=0.14"), ("mpmath", "mpmath>=1.3")];
    let answers = python::answer_of("statistics.py", "python-statistics", &packages, &[], &questions);
    let asked = |method: &str| -> Vec<(Value, Value)> {
        let (cases, answers) = (questions[method].as_array(), answers[method].as_array());
        let (cases, answers) = (cases.expect("questions"), answers.expect("answers"));
        assert_eq!(cases.len(), answers.len(), "{method}");
        cases.iter().cloned().zip(answers.iter().cloned()).collect()
    };

    assert!(pairs.len() > 300);
    for (case, answer) in asked("fisher") {
        let (a, b) = (counts(&case[0], &case[1]), counts(&case[2], &case[3]));
        for (at, found) in [fisher::greater(a, b), fisher::two_sided(a, b)].into_iter().enumerate() {
            assert_agree(found, number(&answer["exact"][at]), &case, "mpmath");
            if a.trials + b.trials <= SCIPY_IS_EXACT_TO {
                assert_agree(found, number(&answer["scipy"][at]), &case, "SciPy");
            }
        }
    }
    for (case, answer) in asked("newcombe") {
        let (a, b) = (counts(&case[0], &case[1]), counts(&case[2], &case[3]));
        let it = newcombe::difference(a, b, number(&case[4]));
        assert_agree_in_whole(it.lower, number(&answer[0]), &case, "statsmodels");
        assert_agree_in_whole(it.upper, number(&answer[1]), &case, "statsmodels");
    }
    for (case, answer) in asked("clopper_pearson") {
        let it = clopper_pearson::interval(counts(&case[0], &case[1]), number(&case[2]));
        assert_agree(it.lower, number(&answer[1][0]), &case, "statsmodels");
        assert_agree(it.upper, number(&answer[1][1]), &case, "statsmodels");
        // SciPy searches for its limits with an allowance of 2e-12.
        assert_agree_in_whole(it.lower, number(&answer[0][0]), &case, "SciPy");
        assert_agree_in_whole(it.upper, number(&answer[0][1]), &case, "SciPy");
    }
    let mut bounds = [0, 0];
    for (case, answer) in asked("order_statistic") {
        let (sorted, q, alpha) = (durations(&case[0]), number(&case[1]), number(&case[2]));
        let found = [order_statistic::lower_bound(&sorted, q, alpha), order_statistic::upper_bound(&sorted, q, alpha)];
        let wanted = [0, 1].map(|at| answer[at].as_f64());
        assert_eq!(found.map(|bound| bound.map(|ns| ns as f64)), wanted, "{} durations, {q}, {alpha}", sorted.len());
        let both = sorted.len() as u64 >= order_statistic::least_n(q, alpha);
        assert_eq!(both, wanted.iter().all(Option::is_some), "{} durations, {q}, {alpha}", sorted.len());
        bounds[usize::from(both)] += 1;
    }
    assert!(bounds.iter().all(|cases| *cases > 20), "with and without bounds: {bounds:?}");
    let mut shown = [0, 0];
    for (case, answer) in asked("quantile_difference") {
        let (candidate, baseline) = (durations(&case[0]), durations(&case[1]));
        let (q, alpha, margin) = (number(&case[2]), number(&case[3]), number(&case[4]));
        let brief = json!([candidate.len(), baseline.len(), q, alpha, margin]);
        let bound = quantile_difference::lower_bound(&candidate, &baseline, q, alpha);
        assert_eq!(bound.is_some(), answer[0].is_number(), "{brief}");
        if let Some(bound) = bound {
            assert!((bound - number(&answer[0])).abs() <= AGREEMENT * 1e9, "{bound} is not {} for {brief}", answer[0]);
        }
        let p = quantile_difference::p_value(&candidate, &baseline, q, margin).expect("enough durations");
        assert_agree(p, number(&answer[1]), &brief, "all steps tried in turn");
        shown[usize::from(p <= 0.05)] += 1;
    }
    assert!(shown.iter().all(|cases| *cases > 10), "shown and not: {shown:?}");
    for (case, answer) in asked("corrections") {
        let p: Vec<f64> = case[0].as_array().expect("p values").iter().map(number).collect();
        for (at, found) in [holm::adjusted(&p), benjamini_hochberg::adjusted(&p)].into_iter().enumerate() {
            for (place, p) in found.into_iter().enumerate() {
                assert_agree(p, number(&answer[at][place]), &case, "statsmodels");
            }
        }
    }
    for (case, answer) in asked("cliffs_delta") {
        let found = cliffs_delta(&durations(&case[0]), &durations(&case[1]));
        assert_agree_in_whole(found, number(&answer), &json!("a pair of samples"), "the Mann-Whitney U of SciPy");
    }
    for (case, answer) in asked("smallest_rate") {
        let found =
            power::smallest_rate(counts(&case[0], &case[1]), count(&case[2]), number(&case[3]), number(&case[4]));
        assert_eq!(found.is_some(), answer.is_number(), "{case}");
        if let Some(found) = found {
            assert_agree(found, number(&answer), &case, "SciPy");
        }
    }
}

#[test]
fn the_examples_of_the_method_page() {
    let page = include_str!("../docs/method.md");
    let examples = page.lines().filter(|line| line.starts_with("> ")).count();
    let (c, b) = (Counts::new(12, 200), Counts::new(3, 200));
    let rise = newcombe::difference(c, b, 0.95);
    let one = clopper_pearson::interval(c, 0.95);
    let ranks: Vec<u64> = (1..=100).collect();
    let bound = |found: Option<u64>| found.expect("a bound");
    let (baseline, candidate): (Vec<u64>, Vec<u64>) =
        ((1..=100).map(|ms| ms * 1_000_000).collect(), (21..=120).map(|ms| ms * 1_000_000).collect());
    let moved = quantile_difference::lower_bound(&candidate, &baseline, 0.95, 0.05).expect("a bound") / 1e6;
    let p = [0.01, 0.04, 0.03, 0.005];
    let listed = |adjusted: Vec<f64>| adjusted.iter().map(|p| format!("{p:.2}")).collect::<Vec<_>>().join(", ");
    let least = (0..=200).find(|x| fisher::greater(Counts::new(*x, 200), b) <= 0.01).expect("a count");
    let seen = power::smallest_rate_rise(b, 200, 0.01, 0.8).expect("a rise");
    let settled = power::requests_to_settle(c, b, 0.01).expect("a number");
    let lines = [
        format!(
            "> 12 of 200 failed, 3 of 200 before: p = {:.4} one-sided, {:.4} two-sided.",
            fisher::greater(c, b),
            fisher::two_sided(c, b)
        ),
        format!(
            "> 12 of 200 against 3 of 200: the rate rose by {:.4}, at 95 % by {:.4} to {:.4}.",
            c.rate() - b.rate(),
            rise.lower,
            rise.upper
        ),
        format!("> 12 of 200: {:.4}, at 95 % between {:.4} and {:.4}.", c.rate(), one.lower, one.upper),
        format!(
            "> 100 durations, p95 at 5 %: the {}st is the lower bound, the {}th the upper. It takes {} durations to have \
             both; {} at 1 %, {} for the p99 at 5 %.",
            bound(order_statistic::lower_bound(&ranks, 0.95, 0.05)),
            bound(order_statistic::upper_bound(&ranks, 0.95, 0.05)),
            order_statistic::least_n(0.95, 0.05),
            order_statistic::least_n(0.95, 0.01),
            order_statistic::least_n(0.99, 0.05)
        ),
        format!(
            "> Baseline 1, 2, ... 100 ms, candidate 21, 22, ... 120 ms: the p95 rose by 20 ms, by more than {moved:.2} ms at \
             alpha 0.05."
        ),
        format!(
            "> p 0.01, 0.04, 0.03, 0.005: Holm {}; Benjamini and Hochberg {}.",
            listed(holm::adjusted(&p)),
            listed(benjamini_hochberg::adjusted(&p))
        ),
        format!("> 2, 3, 5 against 1, 3, 3: {:.4}.", cliffs_delta(&[2, 3, 5], &[1, 3, 3])),
        format!(
            "> 3 of 200 before, 200 now, alpha 0.01: {least} failures would have been significant, so a rise of {seen:.4} \
             would have been seen four times of five."
        ),
        format!("> The 12 of 200 seen are significant at 0.01 with {settled} requests a side."),
    ];
    for line in &lines {
        assert!(page.lines().any(|it| it == line), "docs/method.md does not have: {line}");
    }
    assert_eq!(examples, lines.len(), "every example is computed");
}
