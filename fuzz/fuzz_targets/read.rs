//! Any bytes at the door: every format, compression and framing is found by looking at them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use whyspan::read::capture_reader::read_bytes;
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::Gathered;

fuzz_target!(|bytes: &[u8]| {
    let options = ReadOptions { max_record_bytes: 1 << 20, ..ReadOptions::default() };
    let mut sink = Gathered::default();
    let report = read_bytes("fuzz", bytes, &options, &mut sink);
    assert_eq!(report.spans, sink.spans.len() as u64);
    assert!(report.skipped.len() <= options.max_told);
});
