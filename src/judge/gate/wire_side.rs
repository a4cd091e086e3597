//! Whose the wire is: a call's time beside its callee's own work belongs to the caller's side or to the callee's.

use crate::facts::profile::Site;
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;

/// How much slower each service became by itself, and each pair of services on the wire between them.
///
/// ```text
/// frontend ── 0.9 ──► cart          cart's side: frontend's other calls are as they were
/// frontend ── 0.0 ──► currency
///
/// frontend ── 0.7 ──► cart          frontend's side: its calls to all callees became slower alike
/// frontend ── 0.8 ──► currency
/// ```
#[derive(Debug, Default)]
pub(crate) struct Wires<'f> {
    /// By service, the largest excess of its own work.
    own: OrderedMap<&'f str, f64>,
    /// By caller and callee, the largest excess of the wire; 0 where it did not become slower.
    between: OrderedMap<(&'f str, &'f str), f64>,
}

/// Which end of a wire is to blame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// The service that calls.
    Caller,
    /// The service that answers.
    Callee,
}

impl<'f> Wires<'f> {
    /// Notes what became of a place: its excess, 0 for none.
    pub(crate) fn note(&mut self, site: &'f Site, excess: f64) {
        let known = match &site.callee {
            Some(callee) => self.between.entry((&site.service, &callee.service)).or_default(),
            None => self.own.entry(&site.service).or_default(),
        };
        *known = known.max(excess);
    }

    /// Whose the excess of a wire is. The callee's, unless more speaks for the caller: its own work became slower, or its
    /// calls to others did, and at least half as much as this one; the same is asked of the callee and its other callers.
    pub(crate) fn end(&self, caller: &str, callee: &str, excess: f64) -> End {
        let own = |service: &str| self.own.get(service).copied().unwrap_or(0.0);
        let others = |wanted: &dyn Fn(&str, &str) -> bool| -> Vec<f64> {
            self.between.iter().filter(|((from, to), _)| wanted(from, to)).map(|(_, &excess)| excess).collect()
        };
        let by_caller = others(&|from, to| from == caller && to != callee);
        let by_callee = others(&|from, to| to == callee && from != caller);
        let for_caller = own(caller).max(median(by_caller));
        let for_callee = own(callee).max(median(by_callee.clone()));
        let alike = for_caller > for_callee && for_caller >= excess / 2.0;
        // Nobody else who calls the callee sees it.
        let alone = !by_callee.is_empty()
            && for_callee < excess / 4.0
            && by_callee.iter().all(|&other| other < excess / 4.0)
            && for_caller > for_callee;
        if alike || alone { End::Caller } else { End::Callee }
    }
}

/// 0 without any.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.shared_sort_by(f64::total_cmp);
    match numbers.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => numbers[odd / 2],
        even => f64::midpoint(numbers[even / 2 - 1], numbers[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::cause::OperationName;

    fn site(service: &str, callee: Option<&str>) -> Site {
        let callee = callee.map(|service| OperationName { service: service.to_owned(), operation: "Get".to_owned() });
        Site {
            service: service.to_owned(),
            request: "r".to_owned(),
            operation: "o".to_owned(),
            callee,
            peer: None,
            queued: false,
        }
    }

    fn end_of(told: &[(&str, Option<&str>, f64)], caller: &str, callee: &str, excess: f64) -> End {
        let sites: Vec<(Site, f64)> = told.iter().map(|&(from, to, excess)| (site(from, to), excess)).collect();
        let mut wires = Wires::default();
        sites.iter().for_each(|(site, excess)| wires.note(site, *excess));
        wires.end(caller, callee, excess)
    }

    #[test]
    fn a_wire_that_is_slow_to_one_callee_only_is_the_callees() {
        let told = [("shop", Some("cart"), 0.9), ("shop", Some("ads"), 0.0), ("checkout", Some("cart"), 0.8)];
        assert_eq!(end_of(&told, "shop", "cart", 0.9), End::Callee);
        assert_eq!(end_of(&[("shop", Some("cart"), 0.9)], "shop", "cart", 0.9), End::Callee, "nobody else can tell");
    }

    #[test]
    fn calls_to_all_callees_that_are_slow_alike_are_the_callers() {
        let told = [("shop", Some("cart"), 0.7), ("shop", Some("ads"), 0.8), ("shop", Some("tax"), 0.6)];
        assert_eq!(end_of(&told, "shop", "cart", 0.7), End::Caller);
    }

    #[test]
    fn a_caller_that_is_slow_itself_is_slow_to_call() {
        let told = [("shop", None, 0.5), ("shop", Some("cart"), 0.6), ("shop", Some("ads"), 0.2)];
        assert_eq!(end_of(&told, "shop", "cart", 0.6), End::Caller);
        let busy_callee = [("shop", None, 0.1), ("cart", None, 0.5), ("shop", Some("cart"), 0.6)];
        assert_eq!(end_of(&busy_callee, "shop", "cart", 0.6), End::Callee);
    }

    #[test]
    fn what_other_callers_do_not_see_is_not_the_callees() {
        // recommendation is busy: it is called slowly, works slowly, and calls its only callee slowly.
        let told = [
            ("rec", None, 0.5),
            ("rec", Some("catalog"), 0.76),
            ("shop", Some("catalog"), 0.0),
            ("shop", Some("rec"), 0.9),
        ];
        assert_eq!(end_of(&told, "rec", "catalog", 0.76), End::Caller);
        assert_eq!(end_of(&told, "shop", "rec", 0.9), End::Callee);
    }
}
