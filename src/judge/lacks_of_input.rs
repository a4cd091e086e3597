//! What of the input could not be used.

use crate::judge::checkup::Finding;
use crate::judge::evidence::Severity;
use crate::judge::examined::Examined;
use crate::judge::lack::Lack;
use crate::judge::tally::Tally;
use crate::judge::wording::count;
use crate::model::defect::Defect;

/// Broken and foreign inputs, records that were left out, metrics, and what did not fit.
pub(crate) fn find(examined: &Examined<'_>) -> Vec<Option<Finding>> {
    let (input, defects) = (examined.input, &examined.window.defects);
    let told = |lack: Lack, number: u64, severity: Severity| {
        Tally::of_all(number, None).finding(lack, severity, examined.told(lack.code()))
    };
    let metrics = format!("{} in the input.", count(input.metrics, "metric"));
    vec![
        told(Lack::InputBroken, input.broken_inputs, Severity::Warn),
        told(Lack::NotTelemetry, input.foreign_inputs, Severity::Info),
        told(Lack::RecordSkipped, input.skipped_records, Severity::Warn),
        told(Lack::RecordMended, input.mended_records, Severity::Info),
        Tally::of_all(input.metrics, None).finding(Lack::MetricsSkipped, Severity::Info, metrics),
        told(Lack::SpansBeyondBound, defects.count(Defect::SpansBeyondBound), Severity::Warn),
        told(Lack::TextsBeyondBound, defects.count(Defect::TextsBeyondBound), Severity::Warn),
        told(Lack::LogsBeyondBound, defects.count(Defect::LogsBeyondBound), Severity::Info),
        told(Lack::NamesBeyondBound, defects.count(Defect::NamesBeyondBound), Severity::Warn),
    ]
}
