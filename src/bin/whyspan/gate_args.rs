//! The arguments of `whyspan gate`.

use crate::args::{Output, Reading};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use whyspan::model::time::Nanos;
use whyspan::read::change_events::field_mapping::FieldMapping;
use whyspan::read::change_events::times::time_of;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  whyspan gate --baseline before/ --candidate after/
  whyspan gate --baseline before/ --candidate after/ --report gate.md --report gate.junit.xml --report gate.sarif
  whyspan gate dump.jsonl --change-at 2026-11-22T10:00:00Z --settle 30s
  whyspan gate --baseline a.jsonl --candidate b.jsonl --change flag:checkoutV2=on@2026-11-22T10:00:00Z
  whyspan gate --baseline a/ --candidate b/ --changes webhooks.jsonl --flags flags-before.json --flags flags-after.json
  whyspan gate --baseline a/ --candidate b/ --changes argo.jsonl \
      --change-fields key=app.metadata.name,to=app.status.sync.revision,at=app.status.operationState.finishedAt
  whyspan gate --store /var/lib/whyspan --baseline store:2026-11-22T09:30:00Z..2026-11-22T10:00:00Z \
      --candidate store:2026-11-22T10:00:00Z..2026-11-22T10:30:00Z
  whyspan gate --baseline a/ --candidate b/ --rule slower=warn --set relevant-error-rate=0.02
  whyspan gate --baseline a/ --candidate b/ --policy gate.toml --inconclusive-as no-go

A policy file sets what it names, as printed under \"Policy\" in the report:
  alpha = 0.001
  relevant_slowdown_ms = 50
  [rules]
  slower = \"warn\"

Exit codes: 0 go, 1 no-go, 2 wrong use, 3 inconclusive, 4 nothing readable, 70 a bug in whyspan.
docs/gate.md tells how it is decided, docs/method.md by which statistics.")]
pub(crate) struct Gate {
    /// One capture that holds the time before and after the change; with --change-at
    #[arg(value_name = "INPUT", conflicts_with_all = ["baseline", "candidate"], requires = "change_at")]
    pub(crate) inputs: Vec<String>,
    /// Telemetry from before the change: files, folders, patterns, or - for standard input; repeatable
    #[arg(long, value_name = "INPUT", required_unless_present = "inputs", requires = "candidate")]
    pub(crate) baseline: Vec<String>,
    /// Telemetry from after the change; repeatable
    #[arg(long, value_name = "INPUT", required_unless_present = "inputs", requires = "baseline")]
    pub(crate) candidate: Vec<String>,
    /// The folder that `whyspan serve` keeps, when a side is store:FROM..TO: what it received of traces that began then
    #[arg(long, value_name = "DIR", requires = "baseline")]
    pub(crate) store: Option<PathBuf>,
    /// When the change was made, as 2026-11-22T10:00:00Z or as seconds since 1970: traces that start before are the
    /// baseline, the others the candidate
    #[arg(long, value_name = "TIME", value_parser = time_of, requires = "inputs")]
    pub(crate) change_at: Option<Nanos>,
    /// Leave out traces that start within this time after the change, such as 30s or 5m
    #[arg(long, value_name = "DURATION", value_parser = nanoseconds, requires = "change_at", default_value = "0s")]
    pub(crate) settle: u64,
    /// Changes that were made: JSON lines of whyspan, CloudEvents, CDEvents, events of Dynatrace, webhooks of GitHub,
    /// LaunchDarkly, Flagsmith and Unleash, one by one or in arrays (docs/changes.md); repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) changes: Vec<PathBuf>,
    /// A change that was made: flag:NAME=VARIANT@TIME, deployment:SERVICE=VERSION@TIME or event:NAME@TIME; repeatable
    #[arg(long, value_name = "SPEC")]
    pub(crate) change: Vec<String>,
    /// A file of flags as flagd reads it, from before the change, and again one from after it: each flag that differs is a
    /// change
    #[arg(long, value_name = "FILE")]
    pub(crate) flags: Vec<PathBuf>,
    /// Where events of --changes have the parts of a change, when they are of a format of your own (such as notifications
    /// of Argo CD): key=WAY and any of kind=KIND, at, until, from, to, service, environment, actor, link, detail, and
    /// when=WAY:WORD; WAY is as app.metadata.name; repeatable, the first that finds a key counts
    #[arg(long, value_name = "PART=WAY,...", requires = "changes")]
    pub(crate) change_fields: Vec<FieldMapping>,
    /// A policy in TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// What a rule means for the decision: fail, inconclusive, warn or info; repeatable, after the policy file
    #[arg(long = "rule", value_name = "RULE=LEVEL", value_parser = pair)]
    pub(crate) rules: Vec<(String, String)>,
    /// A number of the policy; repeatable, after the policy file
    #[arg(long = "set", value_name = "NAME=NUMBER", value_parser = pair)]
    pub(crate) numbers: Vec<(String, String)>,
    /// What the exit code says when nothing could be decided, for pipelines that know only two answers; the reports still
    /// say that it is inconclusive
    #[arg(long, value_enum, value_name = "DECISION")]
    pub(crate) inconclusive_as: Option<TwoValued>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TwoValued {
    /// Exit code 0
    Go,
    /// Exit code 1
    NoGo,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Reads a duration such as 30s, 5m or 1h30m.
fn nanoseconds(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no duration; write it as 30s, 5m or 1h30m");
    let duration: jiff::SignedDuration = text.trim().parse().map_err(|_| wrong())?;
    u64::try_from(duration.as_nanos()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(nanoseconds("30s"), Ok(30_000_000_000));
        assert_eq!(nanoseconds("1h 30m"), Ok(5_400_000_000_000));
        assert_eq!(nanoseconds("0s"), Ok(0));
        for wrong in ["", "30", "-5s", "soon"] {
            assert!(nanoseconds(wrong).is_err(), "{wrong}");
        }
    }
}
