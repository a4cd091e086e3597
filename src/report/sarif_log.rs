//! The parts of a SARIF 2.1.0 log that are written, by their names in the standard.
//!
//! Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 (errata 01), chapter 3. Own types rather
//! than those of a crate: a tenth of the standard is needed, and what generates all of it from the schema is more code than
//! this program's reports.

use crate::ordered::map::OrderedMap;
use serde::Serialize;

/// A log (3.13).
#[derive(Serialize)]
pub(crate) struct Log {
    #[serde(rename = "$schema")]
    pub(crate) schema: &'static str,
    pub(crate) version: &'static str,
    pub(crate) runs: Vec<Run>,
}

/// One run of a tool (3.14).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    pub(crate) tool: Tool,
    pub(crate) automation_details: AutomationDetails,
    pub(crate) invocations: Vec<Invocation>,
    pub(crate) original_uri_base_ids: OrderedMap<&'static str, UriBase>,
    pub(crate) results: Vec<SarifResult>,
    pub(crate) column_kind: &'static str,
    pub(crate) properties: RunProperties,
}

/// What a run says besides (3.8).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunProperties {
    pub(crate) evidence_schema: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<String>,
    pub(crate) quality_grade: String,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) results_left_out: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The category that code scanning keeps results apart by (3.17).
#[derive(Serialize)]
pub(crate) struct AutomationDetails {
    pub(crate) id: String,
}

#[derive(Serialize)]
pub(crate) struct Tool {
    pub(crate) driver: Driver,
}

/// The tool and its rules (3.19).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Driver {
    pub(crate) name: &'static str,
    pub(crate) semantic_version: &'static str,
    pub(crate) rules: Vec<Rule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notifications: Vec<Rule>,
}

/// A rule, or a sort of notification (3.49).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) short_description: Text,
    pub(crate) full_description: Text,
    pub(crate) help: Help,
    pub(crate) default_configuration: Configuration,
    pub(crate) properties: RuleProperties,
}

#[derive(Serialize)]
pub(crate) struct Help {
    pub(crate) text: String,
    pub(crate) markdown: String,
}

#[derive(Serialize)]
pub(crate) struct Configuration {
    pub(crate) level: &'static str,
}

#[derive(Serialize)]
pub(crate) struct RuleProperties {
    pub(crate) tags: Vec<&'static str>,
}

/// A message (3.11).
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
}

/// How the run went, and what it could not judge (3.20).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invocation {
    pub(crate) execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_execution_notifications: Vec<Notification>,
}

/// A condition that is no result (3.58).
#[derive(Serialize)]
pub(crate) struct Notification {
    pub(crate) descriptor: DescriptorId,
    pub(crate) level: &'static str,
    pub(crate) message: Text,
}

#[derive(Serialize)]
pub(crate) struct DescriptorId {
    pub(crate) id: String,
    pub(crate) index: usize,
}

/// What URIs are relative to (3.14.14).
#[derive(Serialize)]
pub(crate) struct UriBase {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uri: Option<&'static str>,
    pub(crate) description: Text,
}

/// A result (3.27).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SarifResult {
    pub(crate) rule_id: String,
    pub(crate) rule_index: usize,
    pub(crate) kind: &'static str,
    pub(crate) level: &'static str,
    pub(crate) message: Text,
    pub(crate) locations: Vec<Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) occurrence_count: Option<u64>,
    pub(crate) partial_fingerprints: OrderedMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) code_flows: Vec<CodeFlow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) stacks: Vec<Stack>,
    pub(crate) properties: ResultProperties,
}

/// What a result says besides (3.8).
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResultProperties {
    /// Codes of what was found about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) findings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confidence: Option<&'static str>,
    /// Trace ids that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) traces: Vec<String>,
}

/// A place (3.28).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) physical_location: Option<PhysicalLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhysicalLocation {
    pub(crate) artifact_location: ArtifactLocation,
    pub(crate) region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArtifactLocation {
    pub(crate) uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Region {
    pub(crate) start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_column: Option<u32>,
}

/// A place by its name (3.33).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogicalLocation {
    pub(crate) name: String,
    pub(crate) fully_qualified_name: String,
    pub(crate) kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeFlow {
    pub(crate) message: Text,
    pub(crate) thread_flows: Vec<ThreadFlow>,
}

#[derive(Serialize)]
pub(crate) struct ThreadFlow {
    pub(crate) locations: Vec<ThreadFlowLocation>,
}

/// A step on the way (3.38).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThreadFlowLocation {
    pub(crate) location: Location,
    pub(crate) nesting_level: usize,
    pub(crate) importance: &'static str,
}

/// The stack of one exception (3.44).
#[derive(Serialize)]
pub(crate) struct Stack {
    pub(crate) message: Text,
    pub(crate) frames: Vec<StackFrame>,
}

#[derive(Serialize)]
pub(crate) struct StackFrame {
    pub(crate) location: Location,
}
