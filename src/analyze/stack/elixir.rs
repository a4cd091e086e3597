//! Stacks of Elixir, as `Exception.format` and `Exception.format_stacktrace` write them.

use crate::analyze::stack::frame::{Block, Frame, MAX_BLOCKS, MAX_FRAMES};
use crate::analyze::stack::language::Fit;
use crate::analyze::stack::pieces::{fit_of_pieces, indent, pieces_at, start_of};
use crate::analyze::stack::place::{file_line, has_folder, is_in, list};

/// Applications of the language, of Erlang/OTP, and public libraries.
const LIBRARIES: &[&str] = &[
    "elixir",
    "stdlib",
    "kernel",
    "erts",
    "mix",
    "logger",
    "ex_unit",
    "eex",
    "iex",
    "compiler",
    "crypto",
    "ssl",
    "inets",
    "sasl",
    "public_key",
    "phoenix",
    "phoenix_live_view",
    "phoenix_html",
    "phoenix_pubsub",
    "plug",
    "plug_cowboy",
    "plug_crypto",
    "cowboy",
    "cowlib",
    "ranch",
    "bandit",
    "thousand_island",
    "ecto",
    "ecto_sql",
    "db_connection",
    "postgrex",
    "myxql",
    "telemetry",
    "tesla",
    "finch",
    "mint",
    "hackney",
    "httpoison",
    "req",
    "jason",
    "poison",
    "absinthe",
    "oban",
    "broadway",
    "gen_stage",
    "grpc",
    "gun",
    "redix",
    "swoosh",
    "nimble_pool",
    "nimble_options",
    "amqp",
    "amqp_client",
    "brod",
    "decimal",
];

/// Frames, or an exception before them.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    if !text.contains('.') {
        return Fit::None;
    }
    let fit = fit_of_pieces(text, &lines(text, flat), |line| call(line).is_some());
    if fit != Fit::None && text.trim_start().starts_with("** (") { Fit::Begins } else { fit }
}

fn lines(text: &str, flat: bool) -> Vec<&str> {
    // The place after an application belongs to the same call: (shop 0.1.0) lib/cart.ex:10: Cart.load/1
    let in_call = |at: usize| {
        let before = text[..at].trim_end();
        let open = before.ends_with(')').then(|| before.rfind('(')).flatten();
        open.is_some_and(|open| application(&before[open..]).is_some())
    };
    pieces_at(text, flat, |at| {
        let rest = start_of(&text[at..]);
        rest.starts_with("** (") || (call(rest).is_some() && !in_call(at))
    })
}

/// The application of `(shop 0.1.0)`.
fn application(text: &str) -> Option<&str> {
    let mut words = text.strip_prefix('(')?.strip_suffix(')')?.split(' ');
    let app = words.next().filter(|app| !app.is_empty())?;
    let named = app.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let version = words.next().is_none_or(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    (named && version && words.next().is_none() && app != "file" && app != "module").then_some(app)
}

/// Not the application's: applications of the platform and of public libraries, and code without a file.
pub(super) fn in_app(frame: &Frame) -> bool {
    let package = &*frame.package;
    !frame.file.is_empty()
        && !LIBRARIES.contains(&package)
        && !is_in(package, &["opentelemetry"])
        && !has_folder(&frame.file, "deps")
}

/// Reads the exception and those that other processes died by.
///
/// ```text
///   ** (exit) exited in: GenServer.call(..)
///       ** (EXIT) an exception was raised:           says nothing of its own
///           ** (ArgumentError) ..                    the cause
///               (shop 0.1.0) lib/cart.ex:10: ..      further to the right: of the cause
///       (elixir 1.14.0) lib/gen_server.ex:1038: ..   of the exit
/// ```
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let mut open: Vec<Open> = Vec::new();
    // The exception that frames belong to, while those of another process are being read.
    let mut at = 0;
    for piece in lines(text, flat) {
        let line = piece.trim();
        let right = indent(piece);
        if let Some(frame) = call(line) {
            if open.is_empty() {
                open.push(Open::default());
            }
            if !flat {
                at = open.iter().rposition(|open| open.right < right).unwrap_or_default();
            }
            let ends_process = frame.function.starts_with(":proc_lib.init_p");
            open[at].push(frame);
            if flat && ends_process && at > 0 {
                at = open[..at].iter().rposition(|open| !open.relays()).unwrap_or_default();
            }
        } else if let Some(told) = line.strip_prefix("** (").filter(|_| open.len() < 2 * MAX_BLOCKS) {
            open.push(Open { right, told: told.to_owned(), frames: Vec::new() });
            at = open.len() - 1;
        } else if let Some(last) = open.last_mut().filter(|last| last.frames.is_empty()) {
            last.told.push('\n');
            last.told.push_str(line);
        } else if open.is_empty() && !line.is_empty() {
            open.push(Open { told: format!(") {line}"), ..Open::default() });
        }
    }
    open.into_iter().filter(|open| !open.relays()).map(Open::block).collect()
}

/// An exception that is being read.
#[derive(Default)]
struct Open {
    /// How far to the right it stands.
    right: usize,
    /// `Type) message`.
    told: String,
    frames: Vec<Frame>,
}

impl Open {
    fn push(&mut self, frame: Frame) {
        if self.frames.len() < MAX_FRAMES {
            self.frames.push(frame);
        }
    }

    /// Whether it only says that another process died by what follows.
    fn relays(&self) -> bool {
        self.frames.is_empty() && self.told.trim_end().ends_with("an exception was raised:")
    }

    fn block(self) -> Block {
        let (kind, message) = self.told.split_once(')').unwrap_or(("", &self.told));
        Block { kind: kind.trim().into(), message: message.trim().into(), frames: self.frames }
    }
}

/// `[(app version) ][file:12: ]Module.function/1`. Without an application or a file only what is plainly a call counts.
fn call(line: &str) -> Option<Frame> {
    let line = start_of(line).trim();
    let (package, rest) = match line.find(") ").filter(|_| line.starts_with('(')) {
        Some(end) => (application(&line[..=end])?, line[end + 1..].trim_start()),
        None => ("", line),
    };
    let source = rest.split_once(": ").and_then(|(place, call)| Some((file_line(place)?, call)));
    let source = source.filter(|((file, _), _)| {
        !file.contains(char::is_whitespace)
            && [".ex", ".exs", ".erl", ".eex", ".heex"].iter().any(|end| file.ends_with(end))
    });
    let (file, number, function) = match source {
        Some(((file, number), function)) => (file, Some(number), function),
        None => ("", None, rest),
    };
    let function = function_of(function)?;
    let proven = source.is_some() || (!package.is_empty() && function.contains('.')) || function.starts_with(':');
    proven.then(|| Frame {
        file: file.into(),
        line: number,
        function: function.into_boxed_str(),
        package: package.into(),
        ..Frame::default()
    })
}

/// The function at the start, with its arity: `M.f/1`, `:m.f/1`, `anonymous fn/2 in M.f/1`, `(file)`. Where none of the function's
/// clauses took the arguments, these are shown in its place, and counted: `M.f("x", [1, 2])` is `M.f/2`.
fn function_of(text: &str) -> Option<String> {
    let text = text.trim_start();
    if text.starts_with("(file)") || text.starts_with("(module)") {
        return text.find(')').map(|at| text[..=at].to_owned());
    }
    let call = match text.strip_prefix("anonymous fn/") {
        Some(rest) => text.len() - rest.len() + rest.find(" in ")? + " in ".len(),
        None => 0,
    };
    let quoted = text[call..].find('"').filter(|at| text[call..call + at].ends_with('.'));
    let from = quoted.map_or(call, |at| text[call + at + 1..].find('"').map_or(text.len(), |end| call + at + end + 2));
    let end = text[from..].find(['/', '(', ' ']).map(|at| from + at)?;
    let named =
        |name: &str| name.contains('.') && name.starts_with(|c: char| c.is_alphabetic() || c == ':' || c == '_');
    if !named(&text[call..end]) {
        return None;
    }
    if let Some(arity) = text[end..].strip_prefix('/') {
        let digits = arity.len() - arity.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        return (digits > 0).then(|| text[..end + 1 + digits].to_owned());
    }
    let arguments = &text[end..];
    let (_, items) = list(arguments)?;
    Some(format!("{}/{items}", &text[..end]))
}
