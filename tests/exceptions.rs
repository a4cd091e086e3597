//! Exceptions as real runtimes and SDKs told of them (`fixtures/exceptions`): frames, in-app frames and chains, also after what
//! transports do to text.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use insta::{Settings, assert_snapshot};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use whyspan::analyze::stack::frame::{Block, Frame, Stack};
use whyspan::analyze::stack::language::parse;

/// What was recorded of one exception.
struct Recorded {
    path: PathBuf,
    head: String,
    stacktrace: String,
}

fn recorded() -> Vec<Recorded> {
    let mut all = Vec::new();
    for folder in common::folders("exceptions") {
        let files = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
        files.sort();
        for path in files {
            let text = fs::read_to_string(&path).expect("a fixture");
            let (head, stacktrace) = text.split_once("\n---\n").expect("a line of dashes");
            all.push(Recorded { path, head: head.to_owned(), stacktrace: stacktrace.to_owned() });
        }
    }
    all
}

fn frame(frame: &Frame) -> String {
    let mut text = String::new();
    let number = |number: Option<u32>| number.map(|number| format!(":{number}")).unwrap_or_default();
    let _ = write!(text, "{} ({}{}{})", frame.function, frame.file, number(frame.line), number(frame.column));
    if !frame.package.is_empty() {
        let _ = write!(text, " of {}", frame.package);
    }
    text
}

fn shown(stack: &Stack) -> String {
    let mut text = format!("{}\n", stack.language);
    for block in &stack.blocks {
        let _ = writeln!(text, "\n{}: {:?}", block.kind, block.message);
        let top = block.top_in_app();
        let mut repeated = 0;
        for (nth, it) in block.frames.iter().enumerate() {
            // Recursion is shown once.
            if nth > 0 && block.frames[nth - 1] == *it {
                repeated += 1;
                continue;
            }
            let mark = if top == Some(it) {
                '>'
            } else if it.in_app {
                '+'
            } else {
                ' '
            };
            let _ = writeln!(text, "  {mark} {}", frame(it));
        }
        if repeated > 0 {
            let _ = writeln!(text, "    {repeated} repeated");
        }
    }
    text
}

fn name(path: &Path) -> String {
    let runtime = path.parent().and_then(Path::file_name).expect("a folder").to_string_lossy().into_owned();
    format!("{runtime}/{}", path.file_stem().expect("a name").to_string_lossy())
}

/// The snapshots, one for each runtime, beside the fixtures. `>` is the innermost in-app frame, `+` a further one.
#[test]
fn every_recorded_exception_gives_its_frames_and_its_chain() {
    let all = recorded();
    assert!(all.len() >= 115, "only {} were found", all.len());
    for runtime in all.chunk_by(|one, next| one.path.parent() == next.path.parent()) {
        let mut text = String::new();
        for it in runtime {
            let stack = parse(&it.stacktrace);
            let told = stack.as_ref().map_or_else(|| "no stack\n".to_owned(), shown);
            let _ = writeln!(text, "# {}\n{}\n{told}", name(&it.path), it.head);
        }
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(runtime[0].path.parent().expect("a folder"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| assert_snapshot!("frames", text));
    }
}

/// What a reader goes by: of each exception its type and where its own code failed. Links that are nothing but a message
/// cannot be told apart without line ends.
fn told(stack: &Stack) -> Vec<(&str, Option<&Frame>)> {
    let links = stack.blocks.iter().filter(|block| !block.kind.is_empty() || !block.frames.is_empty());
    links.map(|block| (&*block.kind, block.top_in_app())).collect()
}

/// Colours as terminals are given them: around words and at the ends of lines, across which a frame must be found.
fn coloured(text: &str) -> String {
    let lines = text.split('\n').map(|line| match line.split_once(' ') {
        Some((first, rest)) => format!("\x1b[1;31m{first}\x1b[0m {rest}\x1b[K"),
        None => format!("\x1b[2m{line}\x1b[22m"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn line_ends_and_colours_change_nothing() {
    let mut wrong = String::new();
    for it in recorded() {
        let whole = parse(&it.stacktrace);
        let mangled = [
            ("CRLF", it.stacktrace.replace('\n', "\r\n")),
            ("colours", coloured(&it.stacktrace)),
            (
                "written line ends",
                it.stacktrace.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t"),
            ),
        ];
        for (how, text) in mangled {
            if how == "written line ends" && !it.stacktrace.contains('\n') {
                continue;
            }
            let stack = parse(&text);
            if stack.as_ref().map(told) != whole.as_ref().map(told) {
                let shown = stack.as_ref().map(shown).unwrap_or_default();
                let _ = writeln!(wrong, "{how}: {}\n{shown}", name(&it.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn on_one_line_the_same_exceptions_fail_in_the_same_frames() {
    let mut wrong = String::new();
    for it in recorded() {
        let Some(whole) = parse(&it.stacktrace) else { continue };
        let one_space = it.stacktrace.split_whitespace().collect::<Vec<_>>().join(" ");
        for (how, text) in [("spaces", it.stacktrace.replace('\n', " ")), ("one space", one_space)] {
            let flat = parse(&text);
            if flat.as_ref().map(told) != Some(told(&whole)) {
                let shown = flat.as_ref().map(shown).unwrap_or_default();
                let _ = writeln!(wrong, "{how}: {}\n{shown}", name(&it.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Cut off at the end of any line, what is left is the start of what there was: no frame is made up, and none is taken for
/// another exception's. Languages that print the root first, or whose stacks begin with the calls of whoever recovered, show
/// of a cut stack what stands there.
#[test]
fn cut_off_the_calls_before_the_cut_remain() {
    let mut wrong = String::new();
    for it in recorded() {
        let Some(whole) = parse(&it.stacktrace).filter(|_| it.stacktrace.contains('\n')) else { continue };
        let known: Vec<&Frame> = whole.blocks.iter().flat_map(|block| &block.frames).collect();
        let mut most = 0;
        for (at, _) in it.stacktrace.match_indices('\n') {
            let Some(cut) = parse(&it.stacktrace[..at]).filter(|cut| cut.language == whole.language) else { continue };
            let frames = || cut.blocks.iter().flat_map(|block: &Block| &block.frames);
            let recovery = whole.language == "Go" && !it.stacktrace[..at].contains("panic.go:");
            let by_place = |one: &Frame| {
                known.iter().any(|it| it.line == one.line && it.file.ends_with(one.file.trim_start_matches("./")))
            };
            let unfinished = whole.language == "PHP" || whole.language == "Rust";
            for one in frames().filter(|_| !recovery) {
                if !(known.contains(&one) || (unfinished && by_place(one)) || one.line.is_none()) {
                    let _ = writeln!(wrong, "{} at {at}: {one:?}", name(&it.path));
                }
            }
            most = most.max(frames().count());
        }
        // The last line may stand for several calls: "... 2 more".
        if most + 3 < known.len() && whole.language != "Go" {
            let _ = writeln!(wrong, "{}: {most} of {}", name(&it.path), known.len());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Seeds of the fuzzer: every stack and its message.
#[test]
#[ignore = "writes seeds for fuzz/run"]
fn seeds_are_written() {
    let folder = common::fixtures().join("../fuzz/corpus/texts");
    fs::create_dir_all(&folder).expect("a folder");
    for (number, recorded) in recorded().into_iter().enumerate() {
        let (_, message) = recorded.head.split_once("message: ").expect("a message");
        let message: String = serde_json::from_str(message).expect("JSON");
        fs::write(folder.join(format!("message-{number}")), message).expect("a seed");
        fs::write(folder.join(format!("stack-{number}")), recorded.stacktrace).expect("a seed");
    }
}
