use super::*;
use crate::analyze::stack::frame::Stack;
use crate::analyze::stack::language::parse;
use crate::analyze::stack::samples;

fn chain(stack: &Stack) -> Vec<(&str, &str, usize)> {
    stack.blocks.iter().map(|b| (&*b.kind, &*b.message, b.frames.len())).collect()
}

#[test]
fn frames_are_turned_and_templates_are_not_the_applications() {
    let stack = parse(samples::PYTHON_TEMPLATE).expect("a stack");
    assert_eq!(stack.language, "Python");
    assert_eq!(chain(&stack), [("jinja2.exceptions.UndefinedError", "'customer' is undefined", 11)]);
    let frames = &stack.blocks[0].frames;
    assert_eq!((&*frames[0].function, frames[0].line), ("getattr", Some(490)));
    assert_eq!((&*frames[1].file, &*frames[1].function), ("<template>", "top-level template code"));
    let top = stack.blocks[0].top_in_app().expect("a frame");
    assert_eq!(
        (&*top.file, top.line, &*top.function),
        ("/usr/src/shop/email/app.py", Some(23), "send_order_confirmation")
    );
}

#[test]
fn the_exception_printed_last_is_the_outermost() {
    let stack = parse(samples::PYTHON_ABORT).expect("a stack");
    let shown: Vec<_> = stack.blocks.iter().map(|b| (&*b.kind, b.top_in_app().and_then(|f| f.line))).collect();
    assert_eq!(shown, [("Exception", Some(66)), ("grpc._channel._InactiveRpcError", Some(59))]);
    assert_eq!(&*stack.blocks[0].message, "");
    let message = &*stack.blocks[1].message;
    assert!(message.starts_with("<_InactiveRpcError of RPC that terminated with:\n\tstatus = "), "{message}");
    assert!(message.ends_with("\n>"), "{message}");
}

#[test]
fn of_a_group_the_first_exception_is_followed() {
    let stack = parse(samples::PYTHON_GROUP).expect("a stack");
    let expected = [
        ("RuntimeError", "outer", 1),
        ("ExceptionGroup", "several failed (3 sub-exceptions)", 2),
        ("KeyError", "'k'", 1),
        ("ValueError", "bad value 1", 2),
    ];
    assert_eq!(chain(&stack), expected);
}

#[test]
fn repeated_calls_and_syntax_errors() {
    let stack = parse(samples::PYTHON_RECURSION).expect("a stack");
    assert_eq!(chain(&stack), [("ZeroDivisionError", "division by zero", 4)]);
    let text = "Traceback (most recent call last):\n  File \"/a.py\", line 2, in <module>\n    exec(\"x = = 1\")\n  File \"<string>\", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n";
    let stack = parse(text).expect("a stack");
    assert_eq!(chain(&stack), [("SyntaxError", "invalid syntax", 2)]);
    assert_eq!(stack.blocks[0].top_in_app().map(|f| &*f.file), Some("/a.py"));
}

#[test]
fn a_cause_that_was_never_raised_has_no_frames() {
    let text = "noise\n\nValueError: a\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/a.py\", line 2, in f\nKeyError: 1";
    assert_eq!(chain(&parse(text).expect("a stack")), [("KeyError", "1", 1), ("ValueError", "a", 0)]);
}

#[test]
fn the_traceback_of_another_process_is_the_cause() {
    let text = "multiprocessing.pool.RemoteTraceback: \n\"\"\"\nTraceback (most recent call last):\n  File \"/w.py\", line 1, in g\nValueError: x\n\"\"\"\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/a.py\", line 2, in f\nValueError: x";
    assert_eq!(chain(&parse(text).expect("a stack")), [("ValueError", "x", 1), ("ValueError", "x", 1)]);
}

#[test]
fn a_traceback_without_its_beginning_keeps_its_frames() {
    let text = "  File \"/a.py\", line 2, in f\n    code\nValueError: x";
    assert_eq!(chain(&parse(text).expect("a stack")), [("ValueError", "x", 1)]);
}

#[test]
fn without_line_ends_type_and_message_are_found() {
    for (sample, expected) in [
        (samples::PYTHON_TEMPLATE, vec!["jinja2.exceptions.UndefinedError"]),
        (samples::PYTHON_ABORT, vec!["Exception", "grpc._channel._InactiveRpcError"]),
        (samples::PYTHON_GROUP, vec!["RuntimeError", "ExceptionGroup", "KeyError", "ValueError"]),
    ] {
        let stack = parse(&sample.replace('\n', " ")).expect("a stack");
        assert_eq!(stack.blocks.iter().map(|b| &*b.kind).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn what_is_the_applications() {
    let of = |file: &str| in_app(&Frame { file: file.into(), ..Frame::default() });
    for file in ["/srv/app.py", "app.py", "/srv/lib/tool.py"] {
        assert!(of(file), "{file}");
    }
    for file in [
        "/v/lib/python3.11/site-packages/x.py",
        "/usr/lib/python3/dist-packages/x.py",
        "/usr/lib/python3.11/asyncio/x.py",
        r"C:\Python311\Lib\asyncio\x.py",
        "<frozen importlib._bootstrap>",
        "<string>",
        "",
    ] {
        assert!(!of(file), "{file}");
    }
}

#[test]
fn deep_recursion_keeps_the_innermost_calls() {
    let text = format!(
        "{TRACEBACK}\n{}  File \"/a.py\", line 9, in top\nKeyError: 1",
        "  File \"/a.py\", line 1, in f\n".repeat(2345)
    );
    let stack = parse(&text).expect("a stack");
    assert_eq!((stack.blocks[0].frames.len(), &*stack.blocks[0].frames[0].function), (MAX_FRAMES, "top"));
}
