//! For which requests it fails: values that separate failing from passing requests of the candidate.
//!
//! Every value that failing requests have is tried by Fisher's exact test against passing requests through the same operation,
//! and corrected for how many were tried (Benjamini and Hochberg 1995). What is left is taken the most telling first; a value
//! that tells nothing more once those before it are known is left out:
//!
//! ```text
//!                       failing   passing
//! currency = JPY        20 of 20   1 of 80      first: it separates best
//! country  = Japan      19 of 20   1 of 80      among JPY and among all others it makes no difference: left out
//! ```

use crate::facts::property::{Property, PropertyId, PropertySort};
use crate::judge::evidence_suspect::{Conjunct, LeftOut};
use crate::judge::statistics::benjamini_hochberg;
use crate::judge::suspects::contrast::Contrast;
use crate::judge::suspects::looked_at::{OfWindow, Rows};
use crate::judge::suspects::telling;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::shared_sort::SharedSort;

/// The share of false ones among what is told, at most.
pub(crate) const FALSE_DISCOVERIES: f64 = 0.01;

/// In fewer failing requests a value is a coincidence.
pub(crate) const LEAST: u64 = 3;

/// Requests with a value fail at least so many times as often as those without.
pub(crate) const TIMES: f64 = 2.0;

/// A value explains at least this part of the failing requests.
const COVERAGE: f64 = 0.25;

/// How many conditions of a root cause are told.
const MOST: usize = 5;

/// Where this part of the requests with a value fail, no second one can say much more.
const SHARP: f64 = 0.9;

/// A second value has to be there in this part of the failing requests that have the first.
const PARTNERS_COVERAGE: f64 = 0.8;

/// How many values are looked at beside a condition for one that makes it sharper.
const PARTNERS: usize = 200;

/// How many keys that were left out are told.
const LEFT_OUT: usize = 20;

/// A condition that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found<'f> {
    pub(crate) property: &'f Property,
    pub(crate) also: Vec<&'f Property>,
    pub(crate) rows: Rows,
    pub(crate) contrast: Contrast,
    pub(crate) p: f64,
    pub(crate) p_adjusted: f64,
    pub(crate) and: Option<Conjunct>,
}

/// What was found, how many values were tried for it, and which keys were not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions<'f> {
    pub(crate) found: Vec<Found<'f>>,
    pub(crate) tried: u64,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Values that have the same requests.
struct Alike<'f> {
    properties: Vec<&'f Property>,
    rows: Rows,
    contrast: Contrast,
    p: f64,
}

/// The conditions of a root cause. `baseline` tells which keys passing requests have.
pub(crate) fn conditions<'f>(baseline: &OfWindow<'f>, candidate: &OfWindow<'f>) -> Conditions<'f> {
    let mut conditions = Conditions::default();
    if candidate.failing.is_empty() || candidate.passing.is_empty() {
        return conditions;
    }
    let counts = candidate.counts();
    let keys = Keys::of(baseline, candidate, &counts);
    conditions.left_out = keys.left_out();
    let all = candidate.all();
    let mut alike: OrderedMap<Rows, Vec<&Property>> = OrderedMap::new();
    let worth = |&&(id, failing, _): &&(PropertyId, u64, u64)| {
        failing >= LEAST && candidate.property(id).is_some_and(|property| keys.are_tried(property))
    };
    let tried: Vec<PropertyId> = counts.iter().filter(worth).map(|&(id, ..)| id).collect();
    for (id, rows) in candidate.having_each(&tried) {
        alike.entry(rows).or_default().extend(candidate.property(id));
    }
    let mut tried: Vec<Alike<'_>> = alike
        .into_iter()
        .map(|(rows, mut properties)| {
            telling::sort(&mut properties);
            let contrast = candidate.contrast(&rows, &all);
            Alike { properties, contrast, p: contrast.p(), rows }
        })
        // What all requests have separates nothing.
        .filter(|alike| alike.contrast.failing_without + alike.contrast.passing_without > 0)
        .collect();
    conditions.tried = tried.len() as u64;
    tried.shared_sort_by(|a, b| {
        let telling = |properties: &[&'f Property]| properties.first().map(|&property| telling::order(property));
        let by_weight = b.contrast.weight().total_cmp(&a.contrast.weight());
        by_weight.then_with(|| telling(&a.properties).cmp(&telling(&b.properties)))
    });
    let adjusted = benjamini_hochberg::adjusted(&tried.iter().map(|alike| alike.p).collect::<Vec<_>>());
    for (place, alike) in tried.iter().enumerate() {
        let contrast = alike.contrast;
        let tells = adjusted[place] <= FALSE_DISCOVERIES
            && contrast.coverage() >= COVERAGE
            && contrast.is_times_as_frequent(TIMES)
            && conditions.found.iter().all(|known| candidate.p_beside(&alike.rows, &known.rows) <= FALSE_DISCOVERIES);
        if !tells {
            continue;
        }
        let Some((property, also)) = alike.properties.split_first() else { continue };
        let mut found = Found {
            property,
            also: also.to_vec(),
            rows: alike.rows.clone(),
            contrast,
            p: alike.p,
            p_adjusted: adjusted[place],
            and: None,
        };
        sharpen(&mut found, candidate, &tried);
        conditions.found.push(found);
        if conditions.found.len() == MOST {
            break;
        }
    }
    conditions
}

/// Makes a condition one of two values if that is clearly sharper: nearly all failing requests that have the one have the
/// other, and each matters among the requests that have the other.
///
/// ```text
///                  currency = JPY     flag = on     both
/// failing             75 of 150       75 of 150    75 of 75
/// ```
fn sharpen(one: &mut Found<'_>, candidate: &OfWindow<'_>, tried: &[Alike<'_>]) {
    if one.contrast.with().rate() > SHARP {
        return;
    }
    let mut best: Option<(f64, &Alike<'_>)> = None;
    let mut looked_at = 0.0;
    for other in tried.iter().filter(|other| other.rows != one.rows).take(PARTNERS) {
        looked_at += 1.0;
        let among_one = candidate.contrast(&other.rows, &one.rows);
        let among_other = candidate.contrast(&one.rows, &other.rows);
        let p = among_one.p().max(among_other.p());
        let clear = among_one.coverage() >= PARTNERS_COVERAGE
            && among_one.is_times_as_frequent(TIMES)
            && among_other.is_times_as_frequent(TIMES);
        if clear && best.as_ref().is_none_or(|(least, _)| p < *least) {
            best = Some((p, other));
        }
    }
    let Some((p, other)) = best else { return };
    let Some(property) = other.properties.first().filter(|_| p * looked_at <= FALSE_DISCOVERIES) else { return };
    one.and = Some(Conjunct {
        key: property.of.key.clone(),
        value: property.value.clone(),
        failing_with_first: one.contrast.failing_with,
        passing_with_first: one.contrast.passing_with,
        failing_with_second: other.contrast.failing_with,
        passing_with_second: other.contrast.passing_with,
    });
    one.rows = one.rows.and(&other.rows);
    one.contrast = candidate.contrast(&one.rows, &candidate.all());
    one.p = one.contrast.p();
    // As many pairs as were looked at (Bonferroni).
    one.p_adjusted = (one.p * looked_at * tried.len().max(1) as f64).min(1.0);
}

/// Which keys are worth trying.
struct Keys<'f> {
    left_out: OrderedMap<&'f str, &'static str>,
}

/// What is known of one key.
#[derive(Default)]
struct OfKey {
    values: u64,
    failing: u64,
    passing: u64,
    most_failing: u64,
}

impl OfKey {
    /// Hardly a value comes twice, and there are enough to see that.
    fn has_ids(&self) -> bool {
        self.most_failing < LEAST && self.values >= LEAST && self.failing + self.passing <= 2 * self.values
    }
}

impl<'f> Keys<'f> {
    fn of(baseline: &OfWindow<'f>, candidate: &OfWindow<'f>, counts: &[(PropertyId, u64, u64)]) -> Self {
        let mut keys: OrderedMap<(PropertySort, &str), OfKey> = OrderedMap::new();
        for &(id, failing, passing) in counts {
            let Some(property) = candidate.property(id) else { continue };
            let key = keys.entry((property.of.sort, &property.of.key)).or_default();
            key.values += 1;
            key.failing += failing;
            key.passing += passing;
            key.most_failing = key.most_failing.max(failing);
        }
        let known: OrderedSet<(PropertySort, &str)> =
            baseline.of_passing().map(|property| (property.of.sort, property.of.key.as_str())).collect();
        let mut left_out = OrderedMap::new();
        for ((sort, key), of_key) in &keys {
            if of_key.passing == 0 && !known.contains(&(*sort, *key)) {
                left_out.insert(*key, "only failing requests have it: it tells of the failure");
            } else if of_key.has_ids() {
                left_out.insert(*key, "hardly a value comes twice: these are ids");
            }
        }
        Self { left_out }
    }

    fn are_tried(&self, property: &Property) -> bool {
        !self.left_out.contains_key(property.of.key.as_str())
    }

    fn left_out(&self) -> Vec<LeftOut> {
        let told = |(key, reason): (&&str, &&str)| LeftOut { key: (*key).to_owned(), reason: (*reason).to_owned() };
        self.left_out.iter().take(LEFT_OUT).map(told).collect()
    }
}
