//! A hostile input, which is read by itself and on either side of a good file.

use crate::bench::Ran;
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

/// No run may put more than this on disk unless its case says otherwise, in bytes.
const MOST_DISK: u64 = 600 << 20;

/// What a good file must still say when a hostile one is read before it, or behind it.
static GOOD: LazyLock<Good> = LazyLock::new(|| {
    let good = Good::of(in_repository("fixtures/stories/demo111_payment_unreachable/traces.json"));
    assert_eq!(good.cause["traces"]["fatal"], 2, "the good file fails two requests: {}", good.cause);
    good
});

/// A good file of Zipkin, with two requests that fail.
const OF_ZIPKIN: &str = r#"[
{"traceId":"90d1f0a1b2c3d4e590d1f0a1b2c3d401","id":"90d1f0a1b2c3d402","kind":"SERVER","name":"post /pay",
"timestamp":1730053512512070,"duration":5000,"localEndpoint":{"serviceName":"payment"},"tags":{"error":"the issuer declines"}},
{"traceId":"90d1f0a1b2c3d4e590d1f0a1b2c3d403","id":"90d1f0a1b2c3d404","kind":"SERVER","name":"post /pay",
"timestamp":1730053513512070,"duration":5000,"localEndpoint":{"serviceName":"payment"},"tags":{"error":"the issuer declines"}}
]"#;

/// A good file of framed protobuf, recorded and compressed.
const OF_PROTOBUF: &str = "fixtures/scenarios/payment-failure/candidate.traces.pb.zst";

struct Good {
    path: PathBuf,
    evidence: Value,
    cause: Value,
}

impl Good {
    /// A file whose first root cause fails requests.
    fn of(path: PathBuf) -> Self {
        let evidence = Ran::of(&["analyze"], &[&path]).exits(0).says_nothing().json().clone();
        let cause = told(&evidence["root_causes"][0]);
        assert!(cause["traces"]["fatal"].as_u64() > Some(0), "the good file fails requests: {cause}");
        Self { path, evidence, cause }
    }
}

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What of a root cause may not change, whatever else is in the input: all but its rank and its share of all failures.
fn told(cause: &Value) -> Value {
    let mut cause = cause.clone();
    if let Some(fields) = cause.as_object_mut() {
        fields.remove("rank");
        fields.remove("share_of_failing");
    }
    cause
}

/// A file or folder that a test makes, gone with it.
pub(crate) struct Hostile {
    _folder: TempDir,
    /// Where it is.
    pub(crate) path: PathBuf,
    is_heavy: bool,
    open_files: Option<u32>,
}

impl Hostile {
    /// A file of this name with what `write` writes.
    pub(crate) fn file(name: &str, write: impl FnOnce(&mut dyn Write)) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let path = folder.path().join(name);
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path).expect("a file"));
        write(&mut out);
        out.flush().expect("written");
        Self { _folder: folder, path, is_heavy: false, open_files: None }
    }

    /// A file with these bytes.
    pub(crate) fn of(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::file(name, |out| out.write_all(bytes.as_ref()).expect("written"))
    }

    /// A folder with what `write` puts there.
    pub(crate) fn folder(write: impl FnOnce(&Path)) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        write(folder.path());
        let path = folder.path().to_owned();
        Self { _folder: folder, path, is_heavy: false, open_files: None }
    }

    /// The same, which takes seconds to read: it is read by itself and before the good file, and not behind it.
    pub(crate) fn heavy(self) -> Self {
        Self { is_heavy: true, ..self }
    }

    /// The same, read with no more than so many files open at once.
    pub(crate) fn with_few_open_files(self, most: u32) -> Self {
        Self { open_files: Some(most), ..self }
    }

    /// Nothing of it can be used: by itself it ends with code 4, beside a good file with 0, and every run says all of
    /// `parts` with its name.
    pub(crate) fn is_refused(&self, parts: &[&str]) -> Ran {
        let name = self.path.file_name().expect("a name").to_string_lossy().into_owned();
        self.is_harmless(Some(4), &[&[&*name][..], parts].concat())
    }

    /// It is read as far as it can be: every run ends with code 0 and says all of `parts`.
    pub(crate) fn is_read(&self, parts: &[&str]) -> Ran {
        self.is_harmless(Some(0), parts)
    }

    /// By itself it ends with code 0 or 4, beside a good file with 0.
    pub(crate) fn beside_a_good_file(&self) -> Ran {
        self.is_harmless(None, &[])
    }

    /// [`Hostile::beside_a_good_file`] for good files of protobuf and of another dialect.
    pub(crate) fn beside_good_files_of_other_formats(&self) {
        let of_zipkin = Self::of("good.json", OF_ZIPKIN);
        let alone = self.alone();
        for good in [of_zipkin.path.clone(), in_repository(OF_PROTOBUF)].map(Good::of) {
            self.beside(&good, &[&good.path, &self.path]).agrees_with(&alone);
            self.beside(&good, &[&self.path, &good.path]).agrees_with(&alone);
        }
    }

    /// It is read by itself, where it ends with this code if that is known, and with the good file on either side of it. Every
    /// run says all of `parts`, and what it comes to is the same in each. Gives the run in which it came first.
    fn is_harmless(&self, code: Option<i32>, parts: &[&str]) -> Ran {
        let alone = self.alone();
        alone.says(parts);
        if let Some(code) = code {
            alone.exits(code);
        }
        if !self.is_heavy {
            self.beside(&GOOD, &[&GOOD.path, &self.path]).says(parts).agrees_with(&alone);
        }
        let first = self.beside(&GOOD, &[&self.path, &GOOD.path]);
        first.says(parts).agrees_with(&alone);
        first
    }

    /// What comes of it by itself: code 0 where it holds a span, else 4, which is told.
    fn alone(&self) -> Ran {
        let ran = self.run(&[&self.path]);
        ran.spills_at_most(MOST_DISK);
        if ran.counted("spans") == 0 {
            ran.exits(4).says(&["no span could be read"]);
        } else {
            ran.exits(0);
        }
        ran
    }

    /// What comes of it and a good file. The good file's root cause is as it was, and most that concerns this file is told.
    fn beside(&self, good: &Good, files: &[&Path]) -> Ran {
        let ran = self.run(files).beside(&good.evidence);
        ran.exits(0).spills_at_most(MOST_DISK);
        let causes = ran.json()["root_causes"].as_array().expect("root causes");
        let found = causes.iter().find(|cause| cause["signature"] == good.cause["signature"]);
        let found = found.unwrap_or_else(|| panic!("the good file's cause is lost among {}", causes.len()));
        assert_eq!(told(found), good.cause);
        ran
    }

    fn run(&self, files: &[&Path]) -> Ran {
        match self.open_files {
            Some(most) => Ran::with_few_open_files(most, &["analyze"], files),
            None => Ran::of(&["analyze"], files),
        }
    }
}
