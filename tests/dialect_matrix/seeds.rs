//! Small captures in every dialect, as a start for the fuzzer.

use crate::common;
use crate::common::packed::{tar, zip};
use crate::rows;
use crate::telemetry::Telemetry;
use std::fs;
use std::path::Path;

/// Stories longer than this, in bytes, tell the fuzzer nothing that the others do not.
const LONGEST: usize = 20_000;

#[test]
#[ignore = "writes the first inputs of the fuzzer; `fuzz/run` calls it"]
fn seeds_are_written() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for target in ["door", "protobuf", "json", "jaeger", "zipkin", "xray"] {
        fs::create_dir_all(corpus.join(target)).expect("a folder");
    }
    let stories = common::folders("stories").into_iter().step_by(6);
    for story in stories {
        let name = story.file_name().expect("a folder").to_string_lossy().into_owned();
        let telemetry = Telemetry::story(&name);
        for (number, dialect) in rows::all().enumerate() {
            for (file, (_, bytes)) in (dialect.write)(&telemetry).into_iter().enumerate().take(2) {
                let seed = format!("{name}-{number}-{file}");
                let (target, bytes) = match dialect.name {
                    _ if bytes.len() > LONGEST => continue,
                    it if it.starts_with("Jaeger UI") => ("jaeger", &bytes[..]),
                    it if it.starts_with("Zipkin") => ("zipkin", &bytes[..]),
                    it if it.contains("X-Ray") => ("xray", &bytes[..]),
                    it if it.contains("bare") => ("protobuf", &bytes[..]),
                    _ if matches!(bytes.first(), Some(b'{' | b'[')) => ("json", &bytes[..]),
                    _ => ("door", &bytes[..]),
                };
                fs::write(corpus.join(target).join(seed), bytes).expect("a seed");
            }
        }
        let lines: Vec<u8> = telemetry.requests().flat_map(|request| format!("{request}\n").into_bytes()).collect();
        if lines.len() <= LONGEST {
            let file = [("traces.json".to_owned(), lines)];
            fs::write(corpus.join("door").join(format!("{name}-tar")), tar(&file)).expect("a seed");
            fs::write(corpus.join("door").join(format!("{name}-zip")), zip(&file)).expect("a seed");
        }
    }
}
