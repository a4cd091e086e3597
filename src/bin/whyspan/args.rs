//! The command line.

use crate::files::{SETTINGS, text_of};
use crate::gate_args::Gate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use whyspan::analyze::exception_rules::ExceptionRules;
use whyspan::judge::exceptions_file::rules_of_toml;
use whyspan::redact::class::Class;
use whyspan::redact::redactor::Redactor;
use whyspan::redact::rules::{OwnPattern, Rules};
use whyspan::report::html::trace_url::TraceUrl;
use whyspan::report::report_file::ReportFormat;

/// Finds the span in which each failure of an OpenTelemetry trace dump began, and says why.
#[derive(Debug, Parser)]
#[command(name = "whyspan", version, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "Examples:
  whyspan demo                                  a report on data inside the binary
  whyspan analyze traces.jsonl logs.jsonl       root causes of a collector's dump
  whyspan analyze dumps/ --report causes.json   a folder; the evidence goes to a file too
  whyspan gate --baseline before/ --candidate after/ --report page.html
  zstd -dc big.zst | whyspan analyze -          standard input
  whyspan doctor dumps/                         what the telemetry itself lacks
  whyspan trace 5b8efff798038103d269b633813fc60c dumps/

Exit codes: 0 done (gate: go), 1 no-go, 2 wrong use, 3 inconclusive, 4 nothing readable, 70 a bug in whyspan.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Root causes of one capture
    ///
    /// Reads traces and logs, follows each failure from where requests enter down to the span in which it began, and
    /// ranks what it finds: which span, which exception and line of code, how many traces, which entry points.
    Analyze(Analyze),
    /// Go or no-go for a change: a candidate window against a baseline window
    ///
    /// Says whether anything new fails, fails more often or became slower since the change, beyond chance and by as much as
    /// matters, names the root cause, and decides: go, no-go or inconclusive. No data is never "go".
    Gate(Box<Gate>),
    /// Reports from evidence that was saved, without the telemetry
    Report(Report),
    /// One trace as a tree, each span with its role
    Trace(Trace),
    /// What the telemetry itself lacks, and what that costs the conclusions
    ///
    /// Looks at spans, log records and resources of each service instead of failures: missing callers and callees, clocks
    /// that disagree, missing attributes, what limits threw away, signs of sampling. For each it says which conclusions
    /// that weakens and what to do.
    Doctor(Doctor),
    /// Why two failures are the same fault, or are not
    ///
    /// Shows what a signature was made of, and, of several, in what they differ. Inputs are telemetry, or evidence that was
    /// saved as JSON.
    Explain(Explain),
    /// Receive OTLP, find root causes live, answer questions
    ///
    /// Takes traces and logs over gRPC and HTTP, keeps what it acknowledged in a folder, analyses traces when they are quiet, and
    /// answers at the HTTP address: root causes, traces, validations.
    #[cfg(feature = "serve")]
    Serve(crate::serve_args::Serve),
    /// Receive OTLP: not in this build
    #[cfg(not(feature = "serve"))]
    #[command(hide = true, disable_help_flag = true)]
    Serve {
        /// Whatever was asked for
        #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
        rest: Vec<String>,
    },
    /// The report of a failing shop, on data inside the binary
    Demo(Output),
    /// The JSON Schema of the evidence
    Schema,
    /// A completion script for your shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// The man page, in roff
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// Files, folders, glob patterns, or - for standard input
    ///
    /// OTLP traces and logs as JSON (lines, one document, an array) or protobuf (length-prefixed, or one request),
    /// or traces as Jaeger, Zipkin or AWS X-Ray JSON, plain or in gzip or zstd. Format and compression are found by
    /// looking at the bytes; names do not matter.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// How many threads decode and analyse; the result is the same for any number [default: one for each core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How much memory to get along with, such as 512MiB or 4GiB. What does not fit goes to the folder for temporary
    /// files (TMPDIR) until it is needed; the result is the same
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = memory_size)]
    pub(crate) memory: u64,
    /// A file in TOML that says whose code a call is, and which failures are the same (docs/signature.md)
    #[arg(long, value_name = "FILE", value_parser = exception_rules)]
    pub(crate) exceptions: Option<Exceptions>,
}

/// Rules that were read, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Exceptions {
    pub(crate) path: PathBuf,
    pub(crate) rules: ExceptionRules,
}

#[derive(Debug, Args)]
pub(crate) struct Output {
    #[command(flatten)]
    pub(crate) rendering: Rendering,
    #[command(flatten)]
    pub(crate) redaction: Redaction,
    #[command(flatten)]
    pub(crate) display: Display,
}

/// How evidence is shown, and where.
#[derive(Debug, Args)]
pub(crate) struct Rendering {
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Also write a report to this file; repeatable. The ending decides the format: .html (a page for people), .json
    /// (evidence), .md (Markdown), .junit.xml, .sarif, gl-code-quality-report.json or .codequality.json (GitLab code quality)
    #[arg(long = "report", value_name = "PATH", value_parser = report_path)]
    pub(crate) reports: Vec<PathBuf>,
    /// Also print annotations that this forge shows beside the code
    #[arg(long, value_enum, value_name = "FORGE")]
    pub(crate) annotations: Option<Forge>,
    /// Where in the repository the code lies that stack traces name, such as /usr/src/app=services/payment; repeatable. For
    /// SARIF, GitLab code quality and annotations
    #[arg(long = "source-map", value_name = "FROM=TO")]
    pub(crate) source_maps: Vec<String>,
    /// Where traces can be looked at, such as 'https://jaeger.example/trace/{trace_id}': trace ids of the page become links
    #[arg(long, value_name = "URL")]
    pub(crate) trace_url: Option<TraceUrl>,
}

/// What is taken out of everything that is written.
#[derive(Debug, Args)]
pub(crate) struct Redaction {
    /// Also take this class of values out, such as ip, iban or phone; or, with off, none but those asked for by name;
    /// repeatable. docs/redaction.md describes the classes
    #[arg(long = "redact", value_name = "CLASS|off", value_parser = wanted)]
    pub(crate) redact: Vec<Wanted>,
    /// Leave this class of values, such as email or url-query; repeatable
    #[arg(long = "no-redact", value_name = "CLASS", value_parser = class)]
    pub(crate) no_redact: Vec<Class>,
    /// Also take out what this regular expression finds, or its first group; repeatable
    #[arg(long = "redact-pattern", value_name = "REGEX", value_parser = OwnPattern::new)]
    pub(crate) redact_patterns: Vec<OwnPattern>,
}

/// What `--redact` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Nothing but what is asked for by name.
    Off,
    /// This class.
    Class(Class),
}

impl Redaction {
    /// A redactor that takes out what was asked for.
    pub(crate) fn redactor(&self) -> Redactor {
        let start = if self.redact.contains(&Wanted::Off) { Rules::none() } else { Rules::default() };
        let rules = self.redact.iter().fold(start, |rules, wanted| match wanted {
            Wanted::Off => rules,
            Wanted::Class(class) => rules.with(*class),
        });
        let rules = self.redact_patterns.iter().cloned().fold(rules, Rules::with_pattern);
        Redactor::new(self.no_redact.iter().copied().fold(rules, Rules::without))
    }
}

fn wanted(text: &str) -> Result<Wanted, String> {
    if text == "off" { Ok(Wanted::Off) } else { class(text).map(Wanted::Class) }
}

fn class(text: &str) -> Result<Class, String> {
    let codes = || Class::ALL.map(Class::code).join(", ");
    Class::from_code(text).ok_or_else(|| format!("known classes are {}", codes()))
}

#[derive(Debug, Args)]
pub(crate) struct Display {
    /// No progress and no warnings on standard error
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Colours; NO_COLOR is honoured
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  whyspan analyze traces.jsonl.zst logs.jsonl.zst
  whyspan analyze 'dumps/2026-11-22*.pb.gz' --format json | jq '.root_causes[0]'
  whyspan analyze dumps/ --report causes.json --quiet
  whyspan analyze dumps/ --facts facts/ && duckdb -c \"FROM 'facts/spans.parquet' WHERE role = 'origin'\"")]
pub(crate) struct Analyze {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Also write every span and every trace, with role, outcome and root cause, as the Parquet files spans.parquet and
    /// traces.parquet in this folder
    #[cfg(feature = "tables")]
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  whyspan doctor traces.jsonl logs.jsonl
  whyspan doctor dumps/ --format json | jq '.findings[] | {code, count, advice}'

Grades: A nothing odd in the input, B minor oddities, C conclusions are weakened, D conclusions are not safe: the same as
those of `whyspan analyze`. Every code is described in docs/doctor.md.")]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = DataFormat::Text)]
    pub(crate) format: DataFormat,
    #[command(flatten)]
    pub(crate) redaction: Redaction,
    #[command(flatten)]
    pub(crate) display: Display,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  whyspan report evidence.json --report page.html --trace-url 'https://jaeger.example/trace/{trace_id}'
  whyspan report evidence.json --report out.sarif --report out.junit.xml --source-map /usr/src/app=services/payment
  whyspan report evidence.json

The exit code is 0 whatever was decided: it was told when the evidence was written.")]
pub(crate) struct Report {
    /// Evidence, as --report FILE.json or --format json of analyze and gate write it
    #[arg(value_name = "EVIDENCE.json")]
    pub(crate) evidence: PathBuf,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
    #[command(flatten)]
    pub(crate) display: Display,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  whyspan trace 5b8efff798038103d269b633813fc60c dumps/ --keep-attribute 'app.*'

Marks: > an entry point, ? a span whose parent is not in the input.")]
pub(crate) struct Trace {
    /// The trace id: 32 hexadecimal digits
    #[arg(value_name = "TRACE_ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Show this attribute of spans and resources too (or, with a * at the end, all that start so); repeatable
    #[arg(long = "keep-attribute", value_name = "KEY")]
    pub(crate) keep_attributes: Vec<String>,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = DataFormat::Text)]
    pub(crate) format: DataFormat,
    #[command(flatten)]
    pub(crate) redaction: Redaction,
    #[command(flatten)]
    pub(crate) display: Display,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  whyspan explain v2:5e1c0d6a9b3f4e21 evidence.json
  whyspan explain v2:5e1c v2:77ab before.json after.json
  whyspan explain v2:5e1c0d6a9b3f4e21 traces.jsonl --exceptions rules.toml

docs/signature.md is the specification of signatures.")]
pub(crate) struct Explain {
    /// Signatures (or at least four of their digits), then files, folders or patterns
    #[arg(required = true, num_args = 2.., value_name = "SIGNATURE... INPUT...")]
    pub(crate) arguments: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) redaction: Redaction,
    #[command(flatten)]
    pub(crate) display: Display,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For comments and job summaries
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Forge {
    /// Workflow commands of GitHub Actions
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal only
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn report_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    ReportFormat::of(&path).map_err(|error| format!("the ending decides the format: {error}"))?;
    Ok(path)
}

fn exception_rules(path: &str) -> Result<Exceptions, String> {
    let path = PathBuf::from(path);
    let text = text_of(&path, SETTINGS).map_err(|error| format!("it cannot be read: {error}"))?;
    Ok(Exceptions { rules: rules_of_toml(&text)?, path })
}

/// The least memory that can be asked for: below it, blocks of input and names alone do not fit.
const LEAST_MEMORY: u64 = 32 << 20;

/// Reads a number of bytes with one of the usual units.
fn memory_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err(format!("{text:?} is no size; write it as 512MiB or 4GiB")),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    match bytes {
        Some(bytes) if bytes >= LEAST_MEMORY => Ok(bytes),
        Some(_) => Err("too little to work with; the least is 32MiB".to_owned()),
        None => Err(format!("{text:?} is no size; write it as 512MiB or 4GiB")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(memory_size("512MiB"), Ok(512 << 20));
        assert_eq!(memory_size(" 2 gb "), Ok(2_000_000_000));
        assert_eq!(memory_size("67108864"), Ok(64 << 20));
        for wrong in ["", "GiB", "1.5GiB", "-1GiB", "4 GiBs", "31MiB", "99999999999TiB"] {
            assert!(memory_size(wrong).is_err(), "{wrong}");
        }
    }
}
