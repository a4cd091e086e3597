//! How many data points a metrics request holds: they are not kept, and whoever sent them is told how many.

use crate::read::wire::{Content, Wire};
use serde_json::Value;

/// The fields of a metric that hold data points: gauge, sum, histogram, exponential histogram, summary.
const DATA: [u32; 5] = [5, 7, 9, 10, 11];

/// The names of the same in JSON.
const DATA_KEYS: [&str; 5] = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];

/// The data points of an `ExportMetricsServiceRequest` in protobuf; `None` when it is none.
#[must_use]
pub fn points_of_protobuf(bytes: &[u8]) -> Option<u64> {
    let mut points = 0;
    each(Wire::new(bytes, 0), &[1], &mut |resource| {
        each(resource, &[2], &mut |scope| {
            each(scope, &[2], &mut |metric| {
                each(metric, &DATA, &mut |data| {
                    each(data, &[1], &mut |_| {
                        points += 1;
                        Some(())
                    })
                })
            })
        })
    })?;
    Some(points)
}

/// Calls `then` with each message in one of the `fields`; `None` when something is malformed.
fn each<'a>(mut message: Wire<'a>, fields: &[u32], then: &mut dyn FnMut(Wire<'a>) -> Option<()>) -> Option<()> {
    loop {
        match message.next_field() {
            Ok(None) => return Some(()),
            Ok(Some((number, Content::Bytes(inner)))) if fields.contains(&number) => then(inner)?,
            Ok(Some(_)) => {}
            Err(_) => return None,
        }
    }
}

/// The data points of the same in JSON; `None` when it is none.
#[must_use]
pub fn points_of_json(bytes: &[u8]) -> Option<u64> {
    let request: Value = serde_json::from_slice(bytes).ok()?;
    let mut points = 0;
    for resource in list(&request, "resourceMetrics") {
        for scope in list(resource, "scopeMetrics") {
            for metric in list(scope, "metrics") {
                let data = DATA_KEYS.iter().filter_map(|key| metric.get(*key));
                points += data.map(|data| list(data, "dataPoints").len() as u64).sum::<u64>();
            }
        }
    }
    request.is_object().then_some(points)
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_counted_in_both_encodings() {
        let wrap = |tag: u8, inner: &[u8]| [&[tag, u8::try_from(inner.len()).expect("short")], inner].concat();
        let sum = wrap(7 << 3 | 2, &[wrap(0x0a, b""), wrap(0x0a, b"")].concat());
        let gauge = wrap(5 << 3 | 2, &wrap(0x0a, b""));
        let metrics = [wrap(0x12, &sum), wrap(0x12, &gauge)].concat();
        let request = wrap(0x0a, &wrap(0x12, &metrics));
        assert_eq!(points_of_protobuf(&request), Some(3));
        assert_eq!(points_of_protobuf(b""), Some(0));
        assert_eq!(points_of_protobuf(&request[..request.len() - 1]), None);
        let json = br#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{},{}]}},{"gauge":{"dataPoints":[{}]}}]}]}]}"#;
        assert_eq!(points_of_json(json), Some(3));
        assert_eq!(points_of_json(b"{}"), Some(0));
        assert_eq!(points_of_json(b"[]"), None);
    }
}
