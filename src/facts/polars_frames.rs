//! The two tables as Polars frames. `docs/facts.md` documents the columns.

use crate::analyze::kind::peer;
use crate::facts::rows::{Outcome, SpanRow, TraceRow};
use crate::model::names::Names;
use crate::model::operation::Operation;
use crate::model::span::Status;
use crate::model::time::Nanos;
use polars::prelude::{Column, DataFrame, PolarsResult};

/// The frame of the table `spans`.
///
/// # Errors
///
/// When Polars refuses a column.
pub fn spans_frame<'t>(rows: &'t [SpanRow], names: &'t Names) -> PolarsResult<DataFrame> {
    let operations: Vec<Operation> = rows.iter().map(|row| names.operation_of(row.operation)).collect();
    let resource = |row: &SpanRow| names.resource_of(row.resource);
    let text = |name: &str, of: &dyn Fn(usize, &'t SpanRow) -> &'t str| {
        let texts: Vec<&str> = rows.iter().enumerate().map(|(at, row)| of(at, row)).collect();
        Column::new(name.into(), texts)
    };
    let optional = |name: &str, of: &dyn Fn(&SpanRow) -> Option<String>| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
    };
    let number =
        |name: &str, of: &dyn Fn(&SpanRow) -> i64| Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>());
    let code = |name: &str, of: &dyn Fn(&SpanRow) -> Option<i32>| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
    };
    DataFrame::new(
        rows.len(),
        vec![
            optional("trace_id", &|row| Some(row.trace.to_string())),
            optional("span_id", &|row| Some(row.span.to_string())),
            optional("parent_span_id", &|row| row.parent.map(|id| id.to_string())),
            text("service", &|at, _| names.text(operations[at].service)),
            text("service_version", &|_, row| names.text(resource(row).version)),
            text("service_instance", &|_, row| names.text(resource(row).instance)),
            text("operation", &|at, _| names.text(operations[at].name)),
            text("span_name", &|_, row| names.text(row.name)),
            text("kind", &|at, _| operations[at].kind.as_str()),
            optional("peer", &|row| peer(&names.target_of(row.target), names)),
            number("start_unix_nano", &|row| nanos(row.time.start)),
            number("duration_ns", &|row| i64::try_from(row.time.duration()).unwrap_or(i64::MAX)),
            text("status", &|_, row| match row.status {
                Status::Unset => "unset",
                Status::Ok => "ok",
                Status::Error => "error",
            }),
            code("grpc_code", &|row| row.codes.grpc.map(Into::into)),
            code("http_code", &|row| row.codes.http.map(Into::into)),
            text("role", &|_, row| row.role),
            Column::new("failed".into(), rows.iter().map(|row| row.failed).collect::<Vec<_>>()),
            Column::new("request".into(), rows.iter().map(|row| word(row.request)).collect::<Vec<_>>()),
            Column::new("entry_point".into(), rows.iter().map(|row| word(row.entry_point)).collect::<Vec<_>>()),
            optional("signature", &|row| row.signature.as_deref().map(str::to_owned)),
            optional("exception_type", &|row| row.exception.as_deref().map(str::to_owned)),
        ],
    )
}

/// The frame of the table `traces`.
///
/// # Errors
///
/// When Polars refuses a column.
pub fn traces_frame(rows: &[TraceRow], names: &Names) -> PolarsResult<DataFrame> {
    let entry = |row: &TraceRow| row.entry.map(|entry| names.operation_of(entry));
    let optional = |name: &str, of: &dyn Fn(&TraceRow) -> Option<String>| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
    };
    let number =
        |name: &str, of: &dyn Fn(&TraceRow) -> i64| Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>());
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    DataFrame::new(
        rows.len(),
        vec![
            optional("trace_id", &|row| Some(row.trace.to_string())),
            number("start_unix_nano", &|row| nanos(row.time.start)),
            number("duration_ns", &|row| count(row.time.duration())),
            number("spans", &|row| count(row.spans)),
            number("services", &|row| count(row.services)),
            optional("entry_service", &|row| entry(row).map(|entry| names.text(entry.service).to_owned())),
            optional("entry_operation", &|row| entry(row).map(|entry| names.text(entry.name).to_owned())),
            Column::new("failed".into(), rows.iter().map(|row| row.failed).collect::<Vec<_>>()),
            number("root_causes", &|row| count(row.root_causes)),
            optional("signature", &|row| row.signature.as_deref().map(str::to_owned)),
            number("defects", &|row| count(row.defects)),
        ],
    )
}

/// A point in time as readers of Parquet know it: signed. Times beyond the year 2262 are held there.
fn nanos(time: Nanos) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

fn word(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::NoRequest => None,
        Outcome::Passed => Some("passed"),
        Outcome::Failed => Some("failed"),
    }
}
