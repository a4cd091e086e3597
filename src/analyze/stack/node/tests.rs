use super::*;
use crate::analyze::stack::language::parse;
use crate::analyze::stack::samples;

fn shown(block: &Block) -> Vec<(&str, u32, u32, &str)> {
    let frames = block.frames.iter();
    frames.map(|f| (&*f.file, f.line.unwrap_or(0), f.column.unwrap_or(0), &*f.function)).collect()
}

#[test]
fn an_error_of_the_application() {
    let stack = parse(samples::NODE_CHARGE).expect("a stack");
    assert_eq!((stack.language, stack.blocks.len()), ("JavaScript (V8)", 1));
    let block = &stack.blocks[0];
    assert_eq!((&*block.kind, &*block.message), ("Error", "PaymentService Fail Feature Flag Enabled"));
    assert_eq!(
        shown(block),
        [
            ("/usr/src/shop/payment/charge.js", 21, 11, "module.exports.charge"),
            ("node:internal/process/task_queues", 95, 5, "process.processTicksAndRejections"),
            ("/usr/src/shop/payment/index.js", 12, 22, "Object.chargeServiceHandler"),
        ]
    );
    assert_eq!(block.frames.iter().map(|f| f.in_app).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn the_callers_side_of_a_grpc_call_belongs_to_the_same_error() {
    let stack = parse(samples::NODE_GRPC_CALL).expect("a stack");
    assert_eq!(stack.blocks.len(), 1);
    let block = &stack.blocks[0];
    assert_eq!(
        &*block.message,
        "13 INTERNAL: failed to place order: UNKNOWN: PaymentService Fail Feature Flag Enabled"
    );
    assert_eq!(block.frames.len(), 16);
    let top = block.top_in_app().expect("the caller");
    assert_eq!((&*top.file, top.line, &*top.function), ("/usr/src/shop/common/rpc.js", Some(22), ""));
    assert_eq!(shown(block)[15], ("<anonymous>", 0, 0, "new Promise"));
}

#[test]
fn causes_follow_the_error_that_escaped() {
    let stack = parse(samples::NODE_CAUSED_BY).expect("a stack");
    let kinds: Vec<_> = stack.blocks.iter().map(|b| (&*b.kind, b.frames.len(), b.top_in_app().is_some())).collect();
    assert_eq!(kinds, [("CartStorageError", 4, true), ("Error", 2, false)]);
    assert_eq!(&*stack.blocks[1].message, "connect ECONNREFUSED 127.0.0.1:16399");

    let stack = parse(samples::NODE_CAUSE).expect("a stack");
    let shown: Vec<_> = stack.blocks.iter().map(|b| (&*b.kind, &*b.message, b.frames[0].column)).collect();
    assert_eq!(shown, [("Error", "outer", Some(10)), ("TypeError", "inner", Some(49))]);
}

#[test]
fn of_an_aggregate_the_first_error_is_followed() {
    let stack = parse(samples::NODE_AGGREGATE).expect("a stack");
    let shown: Vec<_> = stack.blocks.iter().map(|b| (&*b.kind, &*b.message, b.frames.len())).collect();
    assert_eq!(shown, [("AggregateError", "All promises were rejected", 0), ("Error", "first down", 8)]);
}

#[test]
fn every_shape_of_frame() {
    let cases = [
        ("at f (/a.js:1:2)", ("/a.js", 1, 2, "f")),
        ("at /a (b)/[id]/c.js:1:2", ("/a (b)/[id]/c.js", 1, 2, "")),
        ("at Page (/app/(shop)/page.js:1:2)", ("/app/(shop)/page.js", 1, 2, "Page")),
        ("at async Object.x [as y] (/a.js:1:2)", ("/a.js", 1, 2, "Object.x")),
        ("at new Store (/a.js:1:2)", ("/a.js", 1, 2, "new Store")),
        ("at async file:///srv/a.mjs:1:2", ("/srv/a.mjs", 1, 2, "")),
        ("at f (file:///C:/srv/a.mjs:1:2)", ("C:/srv/a.mjs", 1, 2, "f")),
        (r"at f (C:\srv\a b.js:1:2)", (r"C:\srv\a b.js", 1, 2, "f")),
        ("at Array.map (<anonymous>)", ("<anonymous>", 0, 0, "Array.map")),
        ("at Array.map (native)", ("native", 0, 0, "Array.map")),
        ("at <anonymous>:3:4", ("<anonymous>", 3, 4, "")),
        ("at async Promise.all (index 0)", ("", 0, 0, "Promise.all")),
        ("at f (node:net:1611:16) {", ("node:net", 1611, 16, "f")),
        ("at eval (eval at go (/x/any.js:4:7), <anonymous>:1:1)", ("/x/any.js", 4, 7, "eval")),
        ("at e (eval at a (eval at b (/x.js:4:7), <anonymous>:2:2), <anonymous>:1:1)", ("/x.js", 4, 7, "e")),
    ];
    for (line, expected) in cases {
        let frame = frame(line).expect(line);
        assert_eq!(shown(&Block { frames: vec![frame], ..Block::default() }), [expected], "{line}");
    }
    for line in ["at least one item", "at f (Charge.java:12)", "at f (/a.js:1:2", "at", "at ()", "att f (/a.js:1:2)"] {
        assert_eq!(frame(line), None, "{line}");
    }
}

#[test]
fn what_is_the_applications() {
    let of = |file: &str| in_app(&Frame { file: file.into(), ..Frame::default() });
    for file in [
        "/srv/a.js",
        r"C:\srv\a.js",
        "/srv/node_modules_of_mine/a.js",
        "webpack:///./src/a.ts",
        "https://shop.example/app.js",
    ] {
        assert!(of(file), "{file}");
    }
    let foreign = [
        "node:net",
        "internal/a.js",
        "net.js",
        "/srv/node_modules/x/a.js",
        r"C:\s\node_modules\a.js",
        "<anonymous>",
        "https://shop.example/static/vendor.12ab.js?v=1",
        "https://unpkg.com/react/index.js",
        "moz-extension://12/a.js",
        "",
    ];
    for file in foreign {
        assert!(!of(file), "{file}");
    }
}

#[test]
fn messages_may_span_lines_and_codes_are_no_part_of_the_type() {
    let stack = parse("TypeError [ERR_X]: one\n  two at most\n\nthree\n    at f (/a.js:1:2)").expect("a stack");
    assert_eq!((&*stack.blocks[0].kind, &*stack.blocks[0].message), ("TypeError", "one\n  two at most\n\nthree"));
}

#[test]
fn an_uncaught_error_stands_below_its_code() {
    let text = "/srv/a.js:3\n  throw new Error('x')\n  ^\n\nError: x\n    at f (/srv/a.js:3:9)\n\nNode.js v20.20.2";
    let stack = parse(text).expect("a stack");
    assert_eq!((&*stack.blocks[0].kind, &*stack.blocks[0].message), ("Error", "x"));
    assert_eq!((stack.blocks.len(), stack.blocks[0].frames.len()), (1, 1));
}

#[test]
fn an_error_that_quotes_a_traceback_is_still_of_node() {
    let text = "Error: worker said\nTraceback (most recent call last):\n  File \"w.py\", line 1, in f\nKeyError: 1\n    at f (/srv/a.js:3:9)";
    assert_eq!(parse(text).map(|stack| stack.language), Some("JavaScript (V8)"));
}

#[test]
fn deep_recursion_keeps_the_innermost_calls() {
    let text = format!("RangeError: x\n    at top (/a.js:1:1)\n{}", "    at f (/a.js:2:2)\n".repeat(2000));
    let stack = parse(&text).expect("a stack");
    assert_eq!((stack.blocks[0].frames.len(), &*stack.blocks[0].frames[0].function), (MAX_FRAMES, "top"));
}

#[test]
fn frames_may_lack_their_columns() {
    let stack =
        parse("Error: no answer\n    at query (/db.js:7)\n    at main (node)\n    at (/app.mts:1)").expect("a stack");
    assert_eq!(shown(&stack.blocks[0]), [("/db.js", 7, 0, "query"), ("/app.mts", 1, 0, "")]);
    // Cut off, or of another language.
    for text in ["Error: x\n    at query (/db.js:7", "Error: x\n    at /db.js:7", "Error: x\n    at a.B.c (B.java:7)"] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn a_caret_within_a_message_is_no_mark_of_a_place() {
    let stack = parse("Error: 2 ^ 3 is no number\n2 ^ 4 is\n    at f (/srv/a.js:1:2)").expect("a stack");
    let block = &stack.blocks[0];
    assert_eq!((&*block.kind, &*block.message), ("Error", "2 ^ 3 is no number\n2 ^ 4 is"));
}
