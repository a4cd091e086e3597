use super::*;
use crate::model::span_kind::SpanKind;

#[test]
fn equal_names_get_equal_symbols() {
    let mut names = Names::new();
    let cart = names.intern("cart");
    assert_eq!(names.intern("cart"), cart);
    assert_ne!(names.intern("checkout"), cart);
    assert_eq!(names.text(cart), "cart");
    assert_eq!(names.intern(""), Sym::EMPTY);
}

#[test]
fn long_names_are_cut_between_characters_and_equal_starts_are_one_name() {
    let mut names = Names::new();
    let long = names.intern(&"ä".repeat(NAME_BYTES));
    assert!(names.text(long).len() <= NAME_BYTES && names.text(long).ends_with("ä…"));
    assert_eq!(names.intern(&"ä".repeat(50 * NAME_BYTES)), long);
    assert_eq!(names.cut(), 2);
    let whole = "x".repeat(NAME_BYTES);
    let sym = names.intern(&whole);
    assert_eq!((names.text(sym), names.cut()), (whole.as_str(), 2));
}

#[test]
fn beyond_the_bound_known_names_are_still_told_apart() {
    let mut names = Names::with_bound(320);
    let (cart, pay) = (names.intern("cart"), names.intern("pay"));
    assert_eq!((names.intern("cart"), names.intern("pay"), names.beyond_bound()), (cart, pay, 0));
    let (one, other) = (names.intern("item 1"), names.intern("item 2"));
    assert_eq!((one, names.text(one), names.beyond_bound()), (other, NAME_BEYOND_BOUND, 2));
}

#[test]
fn what_comes_only_into_the_first_half_leaves_room_for_names() {
    let mut names = Names::with_bound(1 << 20);
    let told = (0..20_000).filter(|n| names.intern_if_half_free(&format!("SELECT {n}")).is_some()).count();
    assert!(names.bytes.used >= 3 << 17 && names.bytes.used < (3 << 17) + NAME_BYTES, "{told}");
    assert!(names.intern_if_half_free("SELECT 1").is_some() && names.intern_if_half_free("SELECT").is_none());
    assert!(names.intern_if_room("cart").is_some());
}

#[test]
fn names_of_one_input_do_not_cost_those_of_the_next() {
    let mut names = Names::with_bound(1 << 20);
    for input in 0..100 {
        names.begin_input(input);
        for n in 0..10_000 {
            names.intern(&format!("{input} {n}"));
        }
    }
    assert!(names.beyond_bound() > 900_000 && names.bytes.used <= (1 << 20) + NAME_BYTES);
    names.begin_input(100);
    let before = names.beyond_bound();
    let service = names.intern("cart");
    let operation = names.operation(Operation { service, name: service, kind: SpanKind::Server });
    assert_eq!((names.text(service), names.operation_of(operation).service), ("cart", service));
    assert_eq!(names.beyond_bound(), before);
}

#[test]
fn services_have_a_bound_of_their_own() {
    let mut names = Names::with_bound(1 << 20);
    names.begin_input(0);
    let told: HashSet<Sym> = (0..1000).map(|n| names.service(&n.to_string())).collect();
    assert_eq!(told.len(), 192 + 2 + 1, "three quarters, a part of the last, and all others");
    assert_eq!(names.text(names.known("7").unwrap_or_default()), "7");
    names.begin_input(1);
    assert_eq!([names.service("cart"), names.service("cart")], [names.intern("cart"); 2]);
}

#[test]
fn default_ids_can_be_read() {
    let names = Names::new();
    assert_eq!(names.operation_of(OpId::default()), Operation::default());
    assert_eq!(names.target_of(TargetId::NONE), Target::default());
}
