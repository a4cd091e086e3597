//! The evidence as SARIF 2.1.0, for code scanning and for editors that show its code flows.

use crate::judge::evidence::Evidence;
use crate::judge::rule::{Level, Rule as GateRule};
use crate::ordered::map::OrderedMap;
use crate::report::concern::{About, Concern, concerns};
use crate::report::json::to_json;
use crate::report::plain_text::one_line;
use crate::report::rule_words::rule_words;
use crate::report::sarif_log::{
    AutomationDetails, Configuration, DescriptorId, Driver, Help, Invocation, Log, Notification, Rule, RuleProperties,
    Run, RunProperties, SarifResult, Text, Tool, UriBase,
};
use crate::report::sarif_result::{level, message, result};
use crate::report::source_map::SourceMap;
use crate::report::source_path::Base;
use crate::shared_sort::SharedSort;

/// How many results are written: as many as code scanning shows of one run. It takes 25,000 and refuses more.
const RESULTS: usize = 5_000;
/// How many notifications are written.
const NOTIFICATIONS: usize = 100;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Renders one run: a result for each root cause, and for each failing or warning objective that no root cause explains.
/// What is about the input or a whole window is no result but a notification of the run: it has no place in the code.
///
/// | SARIF | is |
/// | --- | --- |
/// | `ruleId` | the kind of a root cause, the code of an objective's rule: it must stay the same from run to run |
/// | `level` | `error` for what failed, `warning`, `note`; `none` for a root cause that is gone |
/// | `baselineState` | `new`, `updated` (worse or better), `unchanged`, `absent` (gone); none for `analyze` |
/// | `partialFingerprints` | the signature of a root cause |
/// | `codeFlows` | the way of the failure, from the entry point down to where it began |
/// | `stacks` | the exception and its causes, each with its own line of code |
///
/// Every location names an artifact, since code scanning refuses a whole file for one that does not: without a line of code
/// that is `telemetry/<service>`. URIs are relative to a base: `%SRCROOT%` is the repository, `CONTAINER` the root of the
/// file system in which the service ran, `TELEMETRY` no folder at all.
///
/// # Errors
///
/// Only when a value cannot be JSON, which the types rule out; passed on rather than hidden.
pub fn render(evidence: &Evidence, sources: &SourceMap) -> serde_json::Result<String> {
    let (data, mut told): (Vec<Concern<'_>>, Vec<Concern<'_>>) =
        concerns(evidence).into_iter().partition(|concern| matches!(concern.about, About::Data));
    let results_left_out = told.len().saturating_sub(RESULTS);
    if results_left_out > 0 {
        told.shared_sort_by_key(|concern| concern.severity);
        told.truncate(RESULTS);
    }
    let mut rules = Rules::default();
    let results: Vec<SarifResult> = told
        .iter()
        .map(|concern| {
            let id = match concern.about {
                About::Cause(cause) => cause.kind.as_str(),
                _ => concern.code(),
            };
            result(concern, id, rules.place(id), evidence, sources)
        })
        .collect();
    let mut notices = Rules::default();
    let tool_execution_notifications = data
        .iter()
        .take(NOTIFICATIONS)
        .map(|concern| Notification {
            descriptor: DescriptorId { id: concern.code().to_owned(), index: notices.place(concern.code()) },
            level: if concern.decides { "error" } else { level(concern.severity) },
            message: message(&concern.sentence()),
        })
        .collect();
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "whyspan",
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: rules.listed,
                notifications: notices.listed,
            },
        },
        automation_details: AutomationDetails { id: format!("whyspan/{}/", one_line(&evidence.command)) },
        invocations: vec![Invocation { execution_successful: true, tool_execution_notifications }],
        original_uri_base_ids: uri_bases(),
        results,
        column_kind: "utf16CodeUnits",
        properties: RunProperties {
            evidence_schema: evidence.schema.clone(),
            decision: evidence.verdict.as_ref().map(|verdict| verdict.decision.clone()),
            summary: evidence.verdict.as_ref().map(|verdict| one_line(&verdict.summary).into_owned()),
            quality_grade: evidence.quality.grade.clone(),
            results_left_out,
        },
    };
    to_json(&Log { schema: SCHEMA, version: "2.1.0", runs: vec![run] })
}

/// Rules in the order in which they are first needed.
#[derive(Default)]
struct Rules {
    listed: Vec<Rule>,
    places: OrderedMap<String, usize>,
}

impl Rules {
    /// The place of a rule.
    fn place(&mut self, id: &str) -> usize {
        if let Some(&place) = self.places.get(id) {
            return place;
        }
        let words = rule_words(id);
        self.places.insert(id.to_owned(), self.listed.len());
        self.listed.push(Rule {
            id: id.to_owned(),
            name: words.name,
            short_description: Text { text: words.what.to_owned() },
            full_description: Text { text: format!("{} {}", words.what, words.advice) },
            help: Help {
                text: format!("{} {}", words.what, words.advice),
                markdown: format!("{}\n\n**What to do:** {}", words.what, words.advice),
            },
            default_configuration: Configuration { level: default_level(id) },
            properties: RuleProperties { tags: vec!["reliability", "tracing"] },
        });
        self.listed.len() - 1
    }
}

/// The level that a rule has by the built-in policy: the same in every run, whatever its results have.
fn default_level(id: &str) -> &'static str {
    match GateRule::of(id).map(GateRule::default_level) {
        // A kind of root cause.
        None | Some(Level::Fail) => "error",
        Some(Level::Inconclusive | Level::Warn) => "warning",
        Some(Level::Info) => "note",
    }
}

fn uri_bases() -> OrderedMap<&'static str, UriBase> {
    let base = |base: Base, uri: Option<&'static str>, words: &str| {
        base.id().map(|id| (id, UriBase { uri, description: Text { text: words.to_owned() } }))
    };
    let bases = [
        base(Base::Repository, None, "The root of the repository."),
        base(Base::FileSystem, Some("file:///"), "The root of the file system in which the service ran."),
        base(Base::Telemetry, None, "No folder: stands for services whose code no stack trace tells."),
    ];
    bases.into_iter().flatten().collect()
}
