use super::*;
use crate::facts::cause::OperationName;
use crate::facts::input::InputFacts;
use crate::facts::request_counts::RequestCounts;
use crate::facts::window::WindowFacts;

/// A window in which these services were asked, and the shop called these callees and was asked for these operations, in each
/// of a thousand traces.
fn window(services: &[String], callees: &[String], operations: &[String]) -> WindowFacts {
    let mut facts = WindowFacts::default();
    (facts.traces, facts.spans) = (1000, 1000);
    for service in services {
        facts.services.entry(service.clone()).or_default().requests = 1000;
    }
    for callee in callees {
        facts.running.calls.insert(("shop".to_owned(), callee.clone()), 1000);
    }
    for operation in operations {
        let name = OperationName { service: "shop".to_owned(), operation: operation.clone() };
        facts.operations.insert(name, RequestCounts { total: 1000, failed: 0 });
    }
    facts
}

#[test]
fn of_new_services_dependencies_and_operations_the_first_twenty_by_name_are_told() {
    let names = |start: &str, many: usize| -> Vec<String> { (0..many).map(|it| format!("{start} {it:02}")).collect() };
    let known = [names("known", 21), vec!["shop".to_owned()]].concat();
    let baseline = window(&known, &[], &[]);
    let input = InputFacts::default();
    let told = |many: usize| -> [Vec<String>; 3] {
        let services = [names("new", many), known.clone()].concat();
        let candidate = window(&services, &names("known", many), &names("op", many));
        let (baseline_input, candidate_input) = (&input, &input);
        let sides = Sides { baseline: &baseline, candidate: &candidate, baseline_input, candidate_input, settling: 0 };
        let changed = changes(&sides, Vec::new());
        [Sort::Service, Sort::Dependency, Sort::Operation].map(|sort| {
            let of_sort = changed.iter().filter(|change| change.sort == sort);
            of_sort.map(|change| change.to.as_ref().unwrap_or(&change.key).clone()).collect()
        })
    };
    let first = ["new", "known", "op"].map(|start| names(start, 20));
    assert_eq!(told(20), first);
    assert_eq!(told(21), first);
}
