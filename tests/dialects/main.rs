//! Jaeger, Zipkin and X-Ray as people write them by hand: every arrangement, odd and damaged spans. What exporters make of
//! whole captures is in `dialect_matrix`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod jaeger;
mod xray;
mod zipkin;

use jaeger::JAEGER;
use proptest::prelude::*;
use whyspan::read::capture_reader::read_bytes;
use whyspan::read::file_report::FileReport;
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::Gathered;
use xray::XRAY;
use zipkin::ZIPKIN;

fn read(bytes: &[u8]) -> (Gathered, FileReport) {
    let mut gathered = Gathered::default();
    let report = read_bytes("input", bytes, &ReadOptions::default(), &mut gathered);
    (gathered, report)
}

/// Cuts `whole` at every byte: nothing breaks, and no span is lost by reading more.
fn cut_everywhere(whole: &[u8], spans: u64) {
    let mut most = 0;
    for cut in 0..=whole.len() {
        let (gathered, report) = read(&whole[..cut]);
        assert_eq!(gathered.spans.len() as u64, report.spans);
        assert!(report.spans >= most, "at {cut}: {report:?}");
        most = report.spans;
    }
    assert_eq!(most, spans);
}

/// Reads `text` with each of the changes, and finds all spans and one thing to tell.
fn a_wrong_value_costs_nothing_else(text: &str, changes: &[(&str, &str)], spans: u64) {
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in the text");
        let (_, report) = read(text.replacen(from, to, 1).as_bytes());
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (spans, 0, 1), "{to}: {report:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_brings_a_reader_down(
        at in any::<prop::sample::Index>(),
        put in prop::collection::vec(any::<u8>(), 0..4),
        which in 0..3_usize,
        one_line in any::<bool>(),
    ) {
        let mut text = [JAEGER, ZIPKIN, XRAY][which].to_owned();
        if one_line {
            text = text.replace('\n', "");
        }
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        let end = (at + put.len()).min(bytes.len());
        bytes.splice(at..end, put);
        read(&bytes);
    }
}
