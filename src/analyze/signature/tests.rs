use super::*;
use crate::analyze::exception_rules::GroupRule;
use crate::analyze::told::Cause;
use regex::Regex;

fn frame(function: &str, file: &str, line: u32, in_app: bool) -> Frame {
    Frame { function: function.into(), file: file.into(), line: Some(line), in_app, ..Frame::default() }
}

fn thrown() -> ToldException {
    ToldException {
        kind: "com.shop.CartException".to_owned(),
        message: "cannot load cart 17".to_owned(),
        in_app: vec![frame("com.shop.Cart.load", "Cart.java", 12, true)],
        causes: vec![Cause {
            kind: "java.net.ConnectException".to_owned(),
            message: "refused".to_owned(),
            frame: None,
            in_app: vec![frame("com.shop.Store.open", "Store.java", 3, true)],
        }],
        ..ToldException::default()
    }
}

fn keys_by(told: &ToldException, rules: &ExceptionRules) -> (String, String) {
    let key = Key {
        kind: CauseKind::Exception,
        service: "cart",
        operation: "GET /cart",
        peer: None,
        exception: Some(told),
        text: "",
        code: "",
        rules,
    };
    let parts = key.parts();
    (exact(&parts), family(&parts))
}

fn keys(change: impl Fn(&mut ToldException)) -> (String, String) {
    let mut told = thrown();
    change(&mut told);
    keys_by(&told, &ExceptionRules::default())
}

#[test]
fn what_varies_by_chance_changes_no_key() {
    let known = keys(|_| {});
    assert_eq!(keys(|told| told.message = "cannot load cart 18".to_owned()), known);
    assert_eq!(keys(|told| told.in_app[0].line = Some(99)), known);
    assert_eq!(keys(|told| told.in_app[0].file = "/srv/releases/7/Cart.java".into()), known);
    assert_eq!(keys(|told| told.kind = "CartException".to_owned()), known);
    assert_eq!(keys(|told| told.in_app.extend(vec![frame("java.lang.Thread.run", "Thread.java", 1, false)])), known);
    // Recursion, direct and by way of others.
    assert_eq!(keys(|told| told.in_app.extend(told.in_app.clone())), known);
}

#[test]
fn where_it_was_thrown_and_what_caused_it_change_the_exact_key_only() {
    let known = keys(|_| {});
    let changes: [fn(&mut ToldException); 4] = [
        |told| told.in_app[0].function = "com.shop.Cart.store".into(),
        |told| told.causes[0].kind = "java.io.IOException".to_owned(),
        |told| told.causes[0].in_app[0].function = "com.shop.Store.close".into(),
        |told| told.causes.clear(),
    ];
    for change in changes {
        let (exact, family) = keys(change);
        assert_ne!(exact, known.0);
        assert_eq!(family, known.1);
    }
}

#[test]
fn of_a_very_deep_stack_the_innermost_places_count() {
    // Names without digits, which may be numbered anew.
    let name = |place: usize| format!("com.shop.Deep.{}", "x".repeat(1 + place));
    let deep = |places: usize| {
        keys(|told| told.in_app = (0..places).map(|place| frame(&name(place), "Deep.java", 1, true)).collect()).0
    };
    assert_ne!(deep(63), deep(64));
    assert_eq!(deep(64), deep(65));
}

#[test]
fn type_and_words_change_both_keys() {
    let known = keys(|_| {});
    let changes: [fn(&mut ToldException); 2] = [
        |told| told.kind = "com.shop.StoreException".to_owned(),
        |told| told.message = "cannot save cart 17".to_owned(),
    ];
    for change in changes {
        let (exact, family) = keys(change);
        assert_ne!((&exact, &family), (&known.0, &known.1));
        assert_ne!(family, known.1);
    }
}

#[test]
fn rules_merge_and_split() {
    let regex = |text: &str| Regex::new(text).expect("a regex");
    let merge = ExceptionRules::new(
        Vec::new(),
        vec![GroupRule::Merge { matches: regex("(?i)refused|reset"), name: "store lost".to_owned() }],
    );
    let mut other = thrown();
    other.kind = "com.shop.Other".to_owned();
    other.message = "connection reset".to_owned();
    other.causes.clear();
    assert_eq!(keys_by(&thrown(), &merge), keys_by(&other, &merge));
    assert_ne!(keys(|_| {}), keys_by(&thrown(), &merge));

    let split = ExceptionRules::new(Vec::new(), vec![GroupRule::Split { matches: regex("cart ([0-9]+)") }]);
    let mut next = thrown();
    next.message = "cannot load cart 18".to_owned();
    assert_ne!(keys_by(&thrown(), &split).0, keys_by(&next, &split).0);
    other.message = "nothing of it".to_owned();
    assert_eq!(keys_by(&other, &split), keys_by(&other, &ExceptionRules::default()));
}

#[test]
fn a_callee_that_nobody_reaches_is_one_fault_whoever_calls_it() {
    let rules = ExceptionRules::default();
    let of = |service, peer, kind| {
        let key =
            Key { kind, service, operation: "GET /", peer, exception: None, text: "refused", code: "", rules: &rules };
        exact(&key.parts())
    };
    let gone = |service, peer| of(service, peer, CauseKind::Unreachable);
    assert_eq!(gone("shop", Some("stock:8080")), gone("search", Some("stock:8080")));
    assert_ne!(gone("shop", Some("stock:8080")), gone("shop", Some("cart:8080")));
    // Of a call that names nobody, only the caller is known.
    assert_ne!(gone("shop", None), gone("search", None));
    let failing = |service| of(service, Some("redis"), CauseKind::Dependency);
    assert_ne!(failing("shop"), failing("search"));
}
