use super::*;
use crate::analyze::stack::frame::Frame;
use crate::analyze::stack::samples;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn frames(stack: &Stack) -> Vec<&[Frame]> {
    stack.blocks.iter().map(|block| &*block.frames).collect()
}

/// What transports were seen to do to line ends.
fn mangled(text: &str) -> [(&'static str, String); 6] {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [
        ("spaces", text.replace('\n', " ")),
        ("one space", words),
        ("written", text.replace('\n', "\\n")),
        ("written twice", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t")),
        ("crlf", text.replace('\n', "\r\n")),
        ("colour", text.replace("File ", "\x1b[35mFile \x1b[0m").replace("at ", "\x1b[90mat \x1b[39m")),
    ]
}

#[test]
fn line_ends_may_be_lost() {
    for sample in samples::ALL {
        let whole = parse(sample).expect("a stack");
        for (how, text) in mangled(sample) {
            let stack = parse(&text).unwrap_or_else(|| panic!("{how}: nothing recognised in {text}"));
            assert_eq!(stack.language, whole.language);
            assert_eq!(frames(&stack), frames(&whole), "{how}: {text}");
        }
    }
}

#[test]
fn a_windows_path_survives_written_line_ends() {
    let text = "Error: a\n    at f (C:\\new\\tool.js:1:2)\nfor call at\n    at g (C:\\b\\n.js:3:4)";
    let whole = parse(text).expect("a stack");
    assert_eq!(&*whole.blocks[0].frames[1].file, "C:\\b\\n.js");
    for (how, text) in mangled(text) {
        assert_eq!(frames(&parse(&text).expect("a stack")), frames(&whole), "{how}");
    }
}

#[test]
fn cut_off_anywhere_the_whole_frames_before_the_cut_remain() {
    for sample in samples::ALL {
        let whole = parse(sample).expect("a stack");
        let mut most = 0;
        for at in (0..=sample.len()).filter(|&at| sample.is_char_boundary(at)) {
            let found = parse(&sample[..at]).map_or(0, |stack| stack.blocks.iter().map(|b| b.frames.len()).sum());
            assert!(found >= most, "{found} after {most} at {at} of {sample}");
            most = most.max(found);
        }
        assert_eq!(most, whole.blocks.iter().map(|b| b.frames.len()).sum::<usize>());
    }
}

#[test]
fn other_text_is_not_recognised() {
    for text in ["", "\n", "boom", "Error: boom", "look at me (now:1)", "at noon", "step 0: x", "issue #4 is open"] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn a_long_row_of_garbage_takes_no_time() {
    let pieces = [
        "at ",
        "at (",
        "at f (",
        " at f (eval at ",
        "at a:1:2 ",
        "(",
        ")",
        "File \"",
        "File \"a\", line 1, in ",
        "[Previous line repeated ",
        "+-+---------------- 1 ----------------",
        "+-------- ",
        "\x1b[",
        "\\n",
        "\\",
        "\n",
        "| ",
        "[cause]: ",
        "caused by: Error: x at f (/a:1:2) ",
        "Traceback (most recent call last): ",
        "Exception Group Traceback (most recent call last):\n  | ",
        "[errors]: [",
        "^ ",
        "ValueError: ",
        "at a.b(C.java:1) ",
        "at a.b(",
        "... 9 more\n",
        "Caused by: a.B: c\n\tat a.b(C.java:1)\n\t... 500 more\n",
        "---> ",
        "at A.B(String c) in d:line 1 ",
        "--- End of inner exception stack trace --- ",
        "goroutine 1 [",
        "goroutine 1 [running]:\n",
        "panic: ",
        "a.go:1 ",
        "f() a.go:1 +0x",
        "f((((((",
        "a.s:",
        "from a.rb:1:in `b' ",
        "a.rb:1:in `",
        "#0 a.php(1): f() ",
        "Stack trace: ",
        "Next A: ",
        "0: a::b at c.rs:1:2 ",
        "1: ",
        "Caused by: ",
        "stack backtrace: ",
        "#1 0x1 in ",
        "#1 ",
        "1# a at b:1 ",
        "a(b+0x1) [0x1] ",
        "(a 1.0) ",
        "(a 1.0) b.ex:1: C.d/1 ",
        ":a.b(",
        "** (EXIT) an exception was raised: ",
        "{a,b,1,[",
        "{a,b,[",
        "in function  a:b/1 (c.erl, line 1) ",
        "f@http://a/b.js:1:2 ",
        "@",
    ];
    for piece in pieces {
        for head in ["", "Traceback (most recent call last):\n  File \"a\", line 1\n"] {
            let text = format!("{head}{}", piece.repeat(200_000 / piece.len()));
            let start = Instant::now();
            let _ = parse(&text);
            // Quadratic time would be minutes.
            assert!(start.elapsed() < Duration::from_secs(10), "{head}{piece}: {:?}", start.elapsed());
        }
    }
}

fn soup() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        proptest::sample::select(vec![
            "at ",
            "    at f (",
            "/a.js:1:2",
            ")",
            "\n",
            " ",
            "File \"",
            "\", line ",
            "1",
            ", in ",
            "f",
            "Error: x",
            "[cause]: ",
            "[errors]: [",
            "caused by: ",
            "Traceback (most recent call last):",
            "Exception Group Traceback (most recent call last):",
            "  | ",
            "  +-+---------------- 1 ----------------",
            "    +---------------- 2 ----------------",
            "\\n",
            "\x1b[31m",
            "^^^",
            "for call at",
            "},",
            "é",
            "(eval at ",
            "<anonymous>:1:1",
            "During handling of the above exception, another exception occurred:",
            "\tat a.B.c(B.java:1)",
            "at a.B.c(",
            "Suppressed: ",
            "... 2 more",
            "   at A.B(String c) in /d.cs:line 1",
            " ---> ",
            "   --- End of inner exception stack trace ---",
            "---> (Inner Exception #1) ",
            "goroutine 1 [running]:",
            "panic({0x1})",
            "panic: ",
            "\t/a/b.go:1 +0x2",
            "main.f(0x1)",
            "from a.rb:1:in `b'",
            "a.rb:1:in `b': c (D)",
            "#0 /a.php(1): f()",
            "#1 {main}",
            "Stack trace:",
            "Next ",
            "thread 'main' panicked at ",
            "stack backtrace:",
            "   0: a::b",
            "#0 0x1 in f /a.cpp:1",
            "1# f in ./a",
            "** (",
            "** (EXIT) an exception was raised:",
            "(a 1.0) b.ex:1: C.d/1",
            "{a,b,1,[{file,\"c\"},{line,1}]}",
            "in function  a:b/1 (c.erl, line 1)",
            "f@http://a/b.js:1:2",
        ])
        .prop_map(str::to_owned),
        ".{0,5}",
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn never_panics(text in "(?s).{0,300}") {
        let _ = parse(&text);
    }

    #[test]
    fn never_panics_on_what_looks_like_a_stack(text in soup()) {
        if let Some(stack) = parse(&text) {
            prop_assert!(!stack.blocks.is_empty());
        }
    }

    #[test]
    fn frames_of_node_survive_one_line(
        frames in proptest::collection::vec(("[a-z]{1,8}(\\.[a-z]{1,8})?", "(/[a-z@._-]{1,8}){1,4}\\.js", 1_u32..9999, 1_u32..999), 1..30)
            // On one line nothing tells a function called "at" from the word before a frame.
            .prop_filter("a function called at", |frames| frames.iter().all(|(function, ..)| function != "at")),
    ) {
        let lines: Vec<_> = frames.iter().map(|(f, file, l, c)| format!("    at {f} ({file}:{l}:{c})")).collect();
        let stack = parse(&format!("Error: boom {}", lines.join(" "))).expect("a stack");
        prop_assert_eq!(stack.blocks.len(), 1);
        let read: Vec<_> = stack.blocks[0].frames.iter().map(|f| (f.function.to_string(), f.file.to_string(), f.line.unwrap(), f.column.unwrap())).collect();
        prop_assert_eq!(read, frames);
    }
}
