//! Requests as they come over the network, and segments of them: refused as a whole or taken, and read back as they were taken.

use whyspan::read::capture_reader::read_bytes;
use whyspan::read::kept_record::{RecordHead, RequestKind, SEGMENT_MAGIC, digest};
use whyspan::read::metric_points::{points_of_json, points_of_protobuf};
use whyspan::read::options::ReadOptions;
use whyspan::read::otlp_request::RequestReader;
use whyspan::read::sink::Gathered;

fn record(kind: RequestKind, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short");
    let head = RecordHead { kind, length, received: 1, digest: digest(kind, payload) };
    [&head.to_bytes()[..], payload].concat()
}

/// Any bytes as a request, whose kind the first of them says, and as what stands in a segment.
pub(crate) fn requests(bytes: &[u8]) {
    let Some((first, payload)) = bytes.split_first() else { return };
    let kinds =
        [RequestKind::TracesProtobuf, RequestKind::TracesJson, RequestKind::LogsProtobuf, RequestKind::LogsJson];
    let kind = kinds[usize::from(first % 4)];
    let mut taken = Gathered::default();
    let outcome = RequestReader::default().read(kind, payload, &mut taken);
    match &outcome {
        Ok(report) => assert_eq!((report.spans, report.logs_kept), (taken.spans.len() as u64, taken.logs.len() as u64)),
        Err(told) => assert!(taken.spans.is_empty() && taken.logs.is_empty() && !told.is_empty()),
    }
    let _ = (points_of_protobuf(payload), points_of_json(payload));

    // What is taken is kept, and read back the same, whatever stands behind it.
    let whole = record(kind, payload);
    let read = |segment: &[u8]| {
        let mut gathered = Gathered::default();
        let report = read_bytes("segment", segment, &ReadOptions::default(), &mut gathered);
        (gathered, report)
    };
    let (back, report) = read(&[&SEGMENT_MAGIC[..], &whole].concat());
    assert_eq!(report.format, Some("kept OTLP requests"));
    if let Ok(of_request) = &outcome {
        assert_eq!((report.spans, report.logs), (of_request.spans, of_request.logs));
        assert_eq!(format!("{:?}", back.spans), format!("{:?}", taken.spans));
    }
    let (damaged, _) = read(&[&SEGMENT_MAGIC[..], &whole, payload, &whole].concat());
    assert!(damaged.spans.len() >= back.spans.len());
    let _ = read(&[&SEGMENT_MAGIC[..], payload].concat());
}
