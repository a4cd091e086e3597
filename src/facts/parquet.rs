//! The two tables as Parquet files, for DuckDB, pandas and whatever else reads them.

use crate::facts::polars_frames::{spans_frame, traces_frame};
use crate::facts::rows::{RowStore, Rows, SpanRow, TraceRow};
use crate::facts::tables::TableError;
use crate::model::names::Names;
use crate::ordered::map::OrderedMap;
use polars::prelude::{BatchedWriter, DataFrame, ParquetCompression, ParquetWriter, PolarsResult, Schema};
use std::fs::{self, File};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// How many rows of `spans` a row group holds at least, the last one aside.
const GROUP: usize = 1 << 17;

/// Writes `spans.parquet` and `traces.parquet`. Threads hand their rows in by numbered parts, in any order; the files
/// hold them in the order of the numbers, so that the same capture gives the same bytes.
pub struct ParquetTables {
    state: Mutex<State>,
}

struct State {
    traces: BatchedWriter<File>,
    spans: BatchedWriter<File>,
    /// Parts that came before their turn.
    early: OrderedMap<usize, Rows>,
    next: usize,
    /// Parts whose turn has come, until there are enough of them for a row group.
    gathered: Rows,
}

impl ParquetTables {
    /// Creates the files in `folder`, which is created too.
    ///
    /// # Errors
    ///
    /// When the folder or a file in it cannot be created.
    pub fn create(folder: &Path) -> Result<Self, TableError> {
        fs::create_dir_all(folder)?;
        let names = Names::new();
        let writer = |name: &str, like: DataFrame| -> Result<BatchedWriter<File>, TableError> {
            let file = File::create(folder.join(name))?;
            let compression = ParquetCompression::Zstd(None);
            let schema: &Schema = like.schema();
            Ok(ParquetWriter::new(file).with_compression(compression).set_parallel(false).batched(schema)?)
        };
        let traces = writer("traces.parquet", traces_frame(&[], &names)?)?;
        let spans = writer("spans.parquet", spans_frame(&[], &names)?)?;
        let state = State { traces, spans, early: OrderedMap::new(), next: 0, gathered: Rows::default() };
        Ok(Self { state: Mutex::new(state) })
    }
}

impl RowStore for ParquetTables {
    fn add(&self, number: usize, rows: Rows, names: &Names) -> Result<(), TableError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.early.insert(number, rows);
        loop {
            let next = state.next;
            let Some(Rows { traces, spans }) = state.early.remove(&next) else { return Ok(()) };
            state.next += 1;
            state.gathered.traces.extend(traces);
            state.gathered.spans.extend(spans);
            if state.gathered.spans.len() >= GROUP {
                state.write(names)?;
            }
        }
    }

    fn finish(&self, names: &Names) -> Result<(), TableError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.write(names)?;
        state.traces.finish()?;
        state.spans.finish()?;
        Ok(())
    }
}

impl State {
    fn write(&mut self, names: &Names) -> Result<(), TableError> {
        let Rows { traces, spans } = std::mem::take(&mut self.gathered);
        write(&mut self.traces, &traces, |rows: &[TraceRow]| traces_frame(rows, names))?;
        write(&mut self.spans, &spans, |rows: &[SpanRow]| spans_frame(rows, names))
    }
}

fn write<T>(
    writer: &mut BatchedWriter<File>,
    rows: &[T],
    frame: impl Fn(&[T]) -> PolarsResult<DataFrame>,
) -> Result<(), TableError> {
    if !rows.is_empty() {
        writer.write_batch(&frame(rows)?)?;
    }
    Ok(())
}
