//! The two tables as Polars frames, and the questions asked of them.

use crate::facts::polars_frames::{spans_frame, traces_frame};
use crate::facts::rows::Rows;
use crate::facts::tables::{
    CauseCounts, Durations, EntryCounts, FactTables, OperationDurations, ServiceDurations, TableError,
};
use crate::model::names::Names;
use crate::model::time::Interval;
use polars::prelude::{
    BooleanChunked, ChunkCompareEq, ChunkCompareIneq, Column, DataFrame, DataFrameJoinOps, GroupsIndicator, IdxSize,
    IntoColumn, PolarsResult, QuantileMethod,
};

/// Both tables.
#[derive(Clone, Debug)]
pub struct PolarsTables {
    traces: DataFrame,
    spans: DataFrame,
}

impl PolarsTables {
    /// Tables of these rows, under the names that they use.
    ///
    /// # Errors
    ///
    /// When Polars refuses a column.
    pub fn new(rows: &Rows, names: &Names) -> Result<Self, TableError> {
        Ok(Self { traces: traces_frame(&rows.traces, names)?, spans: spans_frame(&rows.spans, names)? })
    }

    /// The spans of the traces that start within the window; `trace_failed` says whether their trace failed.
    fn spans(&self, window: Option<Interval>) -> PolarsResult<DataFrame> {
        let mut traces = self.traces.clone();
        if let Some(window) = window {
            let start = traces.column("start_unix_nano")?.i64()?;
            let bound = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
            let within = start.gt_eq(bound(window.start.0)) & start.lt_eq(bound(window.end.0));
            traces = traces.filter(&within)?;
        }
        let mut traces = traces.select(["trace_id", "failed"])?;
        traces.rename("failed", "trace_failed".into())?;
        self.spans.inner_join(&traces, ["trace_id"], ["trace_id"])
    }
}

/// The groups of a frame by some columns of text: the texts, and the rows.
fn groups(frame: &DataFrame, by: &[&str]) -> PolarsResult<Vec<(Vec<String>, Vec<IdxSize>)>> {
    let grouped = frame.group_by_stable(by.iter().copied())?;
    let keys = grouped.keys();
    let mut groups = Vec::new();
    for (at, group) in grouped.get_groups().iter().enumerate() {
        let texts: PolarsResult<Vec<String>> =
            keys.iter().map(|key| Ok(key.str()?.get(at).unwrap_or_default().to_owned())).collect();
        let rows = match group {
            GroupsIndicator::Idx((_, rows)) => rows.to_vec(),
            GroupsIndicator::Slice([first, length]) => (first..first + length).collect(),
        };
        groups.push((texts?, rows));
    }
    groups.sort();
    Ok(groups)
}

/// How many of these rows are true.
fn trues(column: &Column, rows: &[IdxSize]) -> PolarsResult<u64> {
    let count = column.take_slice(rows)?.bool()?.sum();
    Ok(count.unwrap_or_default().into())
}

fn durations(frame: &DataFrame, failed: &Column, rows: &[IdxSize]) -> PolarsResult<Durations> {
    let taken = frame.column("duration_ns")?.take_slice(rows)?;
    let quantile = |share: f64| -> PolarsResult<f64> {
        let value = taken.quantile_reduce(share, QuantileMethod::Linear)?;
        Ok(value.value().try_extract::<f64>().unwrap_or_default())
    };
    Ok(Durations {
        count: rows.len() as u64,
        failed: trues(failed, rows)?,
        p50_ns: quantile(0.5)?,
        p95_ns: quantile(0.95)?,
        p99_ns: quantile(0.99)?,
    })
}

/// The rows in which a column holds `passed` or `failed`, and which of them hold `failed`.
fn requests(frame: &DataFrame, column: &str) -> PolarsResult<(DataFrame, Column)> {
    let asked = frame.filter(&frame.column(column)?.is_not_null())?;
    let failed: BooleanChunked = asked.column(column)?.str()?.equal("failed");
    Ok((asked, failed.into_column()))
}

impl FactTables for PolarsTables {
    fn operations(&self, window: Option<Interval>) -> Result<Vec<OperationDurations>, TableError> {
        let spans = self.spans(window)?;
        let failed = spans.column("failed")?.clone();
        let mut answer = Vec::new();
        for (texts, rows) in groups(&spans, &["service", "operation", "kind"])? {
            let [service, operation, kind] = <[String; 3]>::try_from(texts).unwrap_or_default();
            answer.push(OperationDurations { service, operation, kind, spans: durations(&spans, &failed, &rows)? });
        }
        Ok(answer)
    }

    fn services(&self, window: Option<Interval>) -> Result<Vec<ServiceDurations>, TableError> {
        let (asked, failed) = requests(&self.spans(window)?, "request")?;
        let mut answer = Vec::new();
        for (texts, rows) in groups(&asked, &["service"])? {
            answer.push(ServiceDurations { service: texts.concat(), requests: durations(&asked, &failed, &rows)? });
        }
        Ok(answer)
    }

    fn entry_points(&self, window: Option<Interval>) -> Result<Vec<EntryCounts>, TableError> {
        let (asked, failed) = requests(&self.spans(window)?, "entry_point")?;
        let mut answer = Vec::new();
        for (texts, rows) in groups(&asked, &["service", "operation"])? {
            let [service, operation] = <[String; 2]>::try_from(texts).unwrap_or_default();
            let (total, failed) = (rows.len() as u64, trues(&failed, &rows)?);
            answer.push(EntryCounts { service, operation, total, failed });
        }
        Ok(answer)
    }

    fn root_causes(&self, window: Option<Interval>) -> Result<Vec<CauseCounts>, TableError> {
        let spans = self.spans(window)?;
        let begun = spans.filter(&spans.column("signature")?.is_not_null())?;
        // One row for each signature and trace.
        let firsts: Vec<IdxSize> = groups(&begun, &["signature", "trace_id"])?
            .into_iter()
            .filter_map(|(_, rows)| rows.first().copied())
            .collect();
        let once = DataFrame::new(
            firsts.len(),
            vec![begun.column("signature")?.take_slice(&firsts)?, begun.column("trace_failed")?.take_slice(&firsts)?],
        )?;
        let mut answer = Vec::new();
        for (texts, rows) in groups(&once, &["signature"])? {
            let (traces, failing) = (rows.len() as u64, trues(once.column("trace_failed")?, &rows)?);
            answer.push(CauseCounts { signature: texts.concat(), traces, failing });
        }
        Ok(answer)
    }
}
