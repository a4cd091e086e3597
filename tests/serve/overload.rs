//! More than the server can take: memory stays bounded, what is too much is refused so that it is sent again, and in the end
//! everything is there and analysed.

use crate::crash::held;
use crate::load::{Clients, Load};
use crate::numbered::Numbered;
use crate::server::Server;
use serde_json::Value;
use std::time::{Duration, Instant};

/// How many spans a request has.
const SPANS: u64 = 64;

/// Requests of failing spans with what only failing spans have: some 2 kB each.
fn heavy() -> Numbered {
    let stack = r"\tat shop.Cart.load(Cart.java:7)\n".repeat(50);
    let rest = format!(
        r#""name":"GET /cart","status":{{"code":2}},"events":[{{"name":"exception","attributes":[{{"key":"exception.type","value":{{"stringValue":"shop.CartLost"}}}},{{"key":"exception.stacktrace","value":{{"stringValue":"shop.CartLost: lost\n{stack}"}}}}]}}]"#
    );
    Numbered::new(SPANS, 1_795_305_600_000_000_000, &rest)
}

/// Loads a server with four times as many requests at once as it takes, which must not take more than `bound_mib`; then everything
/// must be there.
fn overload(memory_mib: u64, bound_mib: u64, at_once: u64, quiet: &str, lasts: Duration) -> (Load, Duration) {
    let store = tempfile::tempdir().expect("a folder");
    let (memory, taken) = (format!("{memory_mib}MiB"), at_once.to_string());
    let arguments = ["--memory", &memory, "--requests-at-once", &taken, "--quiet", quiet, "--keep-bytes", "100GiB"];
    let server = Server::start(store.path(), &arguments);
    let requests = heavy();
    let clients = Clients { count: 4 * at_once, lasts, patience: Duration::from_millis(20) };
    let load = clients.send(&server, |number| requests.request(number));
    let (spans, began) = (load.acknowledged * SPANS, Instant::now());
    assert!(load.refused > 0, "{load:?}");
    assert!(load.most < bound_mib << 10, "{load:?}");
    let is_all = |live: &Value| live["window"]["traces"] == spans;
    let live = server.when("/api/v1/root-causes", is_all);
    let caught_up = began.elapsed();
    assert_eq!(live["root_causes"][0]["traces"]["candidate"], spans);
    assert_eq!(server.get("/api/v1/status").json()["received"]["spans"], spans);
    assert!(server.stop().success());
    assert_eq!(held(store.path()), (spans, 0));
    (load, caught_up)
}

#[test]
fn what_is_too_much_is_refused_and_in_the_end_everything_is_there() {
    // Nothing becomes quiet while the load lasts: what is analysed then is analysed because memory is short. With so little memory
    // what the process takes by itself comes on top.
    overload(128, 192, 4, "3s", Duration::from_millis(1500));
}

#[test]
#[ignore = "takes minutes: the figures that are told of in docs/serve.md"]
#[expect(clippy::print_stdout, reason = "it is run for what it prints")]
fn four_times_what_it_can_take_for_a_minute() {
    let (load, caught_up) = overload(256, 256, 16, "5s", Duration::from_secs(60));
    println!("{load:?}, {SPANS} spans a request; analysis caught up after {caught_up:?}");
}
