//! How many root causes suspects are looked for, and how many suspects, conditions and keys are told of each.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::drawn::Drawn;
use common::gate_of_bytes::gate_of_two;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::RootCause;

fn gate(story: &str) -> Evidence {
    let drawn = Drawn::parse(story);
    gate_of_two(&drawn.window("baseline"), &drawn.window("candidate"), &[])
}

/// One letter for each number.
fn letter(number: usize) -> char {
    char::from(b'a' + u8::try_from(number).expect("a letter"))
}

/// The fault of requests for which all but one of so many flags were turned on, a different one for some of them each; which
/// have so many keys that no request has that passes. Requests without it have all flags off.
fn fault(flags: usize, keys: usize) -> RootCause {
    let flags_of = |is_on: &dyn Fn(usize) -> bool| -> String {
        let variant = |flag| if is_on(flag) { "on" } else { "off" };
        (0..flags).map(|flag| format!(" | flag=flag-{}:{}", letter(flag), variant(flag))).collect()
    };
    let keys: String = (0..keys).map(|key| format!(" | app.{}=x", letter(key))).collect();
    let mut story = format!("== trace fine\nshop | GET /cart | server | 0..60{}\n", flags_of(&|_| false));
    let mut copies = "200 fine 12:00:00..12:10:00\n".to_owned();
    for off in 0..flags {
        let flags = flags_of(&|flag| flag != off);
        story += &format!("== trace failed-{off}\n");
        story += &format!("shop | GET /cart | server | 0..60 | error | exception=CartError: gone{flags}{keys}\n");
        copies += &format!("10 failed-{off} 12:00:00..12:10:00\n");
    }
    story += &format!("== baseline\n200 fine\n== candidate\n{copies}");
    let mut causes = gate(&story).root_causes.into_iter();
    causes.find(|cause| cause.kind == "exception").expect("a root cause")
}

#[test]
fn of_many_suspects_the_first_three_are_told_and_of_many_conditions_the_first_five() {
    let flags = |many: usize| -> Vec<String> { (0..many).map(|flag| format!("flag-{}", letter(flag))).collect() };
    for many in 3..=6 {
        let cause = fault(many, 0);
        let suspects: Vec<&str> = cause.suspects.iter().map(|suspect| suspect.key.as_str()).collect();
        let conditions: Vec<&str> = cause.conditions.iter().map(|condition| condition.key.as_str()).collect();
        assert_eq!(suspects, flags(3), "of {many}");
        assert_eq!(conditions, flags(many.min(5)), "of {many}");
    }
}

#[test]
fn of_many_keys_that_are_left_out_the_first_twenty_are_told() {
    for many in [20, 21] {
        let compared = fault(3, many).compared.expect("requests were compared");
        let told: Vec<&str> = compared.left_out.iter().map(|left_out| left_out.key.as_str()).collect();
        let first: Vec<String> = (0..20).map(|key| format!("app.{}", letter(key))).collect();
        assert_eq!(told, first, "of {many}");
    }
}

#[test]
fn suspects_and_conditions_are_looked_for_of_the_first_fifty_root_causes() {
    for many in [50, 51] {
        let mut story = "== trace fine\nshop | GET /cart | server | 0..60\n".to_owned();
        let mut copies = String::new();
        for number in 0..many {
            // Without digits, which may be numbers of the request.
            let name = format!("{}{}", letter(number / 26), letter(number % 26));
            story += &format!("== trace {name}\n");
            story += &format!("shop | GET /{name} | server | 0..60 | error | exception=CartError: gone\n");
            copies += &format!("5 {name}\n");
        }
        story += &format!("== baseline\n100 fine\n== candidate\n{copies}");
        let evidence = gate(&story);
        let looked_at: Vec<bool> = evidence.root_causes.iter().map(|cause| cause.compared.is_some()).collect();
        assert_eq!(looked_at, (0..many).map(|place| place < 50).collect::<Vec<_>>(), "of {many}");
    }
}
