//! How a hostile input is judged: the real binary reads it, alone and beside a good file, and is watched while it does.

use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// No run may ever hold more than this in memory, in bytes.
const MOST_MEMORY: u64 = 1 << 30;

/// No run may put more than this on disk unless its case says otherwise, in bytes.
const MOST_DISK: u64 = 600 << 20;

/// How often a run is looked at.
const GLANCE: Duration = Duration::from_millis(3);

/// More threads than the runs need: each has names and a shelf of its own, so that a bound that counts for each of them
/// shows.
const THREADS: &str = "4";

/// What a good file must still say when a hostile one is read before it.
static GOOD: LazyLock<Good> = LazyLock::new(Good::new);

struct Good {
    path: PathBuf,
    cause: Value,
    window: Value,
}

impl Good {
    fn new() -> Self {
        let story = "fixtures/stories/demo111_payment_unreachable/traces.json";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(story);
        let ran = Ran::of(&["analyze"], &[&path]);
        let cause = ran.json()["root_causes"][0].clone();
        assert_eq!(cause["traces"]["fatal"], 2, "the good file fails two requests: {cause}");
        Self { path, cause: told(&cause), window: ran.json()["windows"]["candidate"].clone() }
    }
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

/// How one run went.
pub(crate) struct Ran {
    code: Option<i32>,
    out: Vec<u8>,
    /// What was written to standard error.
    pub(crate) said: String,
    memory: u64,
    disk: u64,
    /// What of the evidence's window is the good file's.
    others: Value,
}

impl Ran {
    /// Runs a command of whyspan on these files, and watches it.
    pub(crate) fn of(command: &[&str], files: &[&Path]) -> Self {
        let temporary = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for temporary files");
        let mut child = Command::new(env!("CARGO_BIN_EXE_whyspan"))
            .args(command)
            .args(files)
            .args(["--threads", THREADS, "--format", "json"])
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("whyspan runs");
        let out = drained(child.stdout.take().expect("a pipe"));
        let said = drained(child.stderr.take().expect("a pipe"));
        let (memory, disk, code) = watched(&mut child, temporary.path());
        let out = out.join().expect("its output");
        let said = String::from_utf8(said.join().expect("its messages")).expect("messages are UTF-8");
        let ran = Self { code, out, said, memory, disk, others: Value::Null };
        ran.must_be_sound();
        ran
    }

    fn must_be_sound(&self) {
        for word in ["panicked", "bug in whyspan", "RUST_BACKTRACE"] {
            assert!(!self.said.contains(word), "{}", self.said);
        }
        let steering = self.said.chars().find(|&c| c.is_control() && c != '\n');
        assert!(steering.is_none(), "{steering:?} would reach the terminal: {:?}", self.said);
        assert!(self.memory <= MOST_MEMORY, "{} MiB of memory; {}", self.memory >> 20, self.said);
    }

    /// The evidence, or what else was asked for as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.out).expect("JSON")
    }

    /// Holds the exit code.
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}", self.said);
        self
    }

    /// Every one of these is among the messages.
    pub(crate) fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.said.contains(part), "nothing says {part:?}:\n{}", self.said);
        }
        self
    }

    /// How often this defect of the input is counted in the evidence.
    pub(crate) fn defects(&self, code: &str) -> u64 {
        let evidence = self.json();
        let defects = evidence["quality"]["defects"].as_array().cloned().unwrap_or_default();
        let met = defects.iter().find(|defect| defect["code"] == code);
        met.and_then(|defect| defect["count"].as_u64()).unwrap_or(0)
    }

    /// A number of the evidence's window, without what the good file brings in.
    pub(crate) fn counted(&self, what: &str) -> u64 {
        let all = self.json()["windows"]["candidate"][what].as_u64().expect("a count");
        all - self.others[what].as_u64().unwrap_or(0)
    }

    /// No more than this went to disk, in bytes.
    pub(crate) fn spills_at_most(&self, bytes: u64) -> &Self {
        assert!(self.disk <= bytes, "{} MiB on disk", self.disk >> 20);
        self
    }

    /// This much memory was taken at least, in bytes, where it can be measured.
    pub(crate) fn takes(&self, bytes: u64) -> &Self {
        assert!(self.memory >= bytes || cfg!(not(target_os = "linux")), "only {} KiB of memory", self.memory >> 10);
        self
    }

    /// This much went to disk at least, in bytes: the case is what it claims to be.
    pub(crate) fn spills(&self, bytes: u64) -> &Self {
        assert!(self.disk >= bytes || cfg!(not(target_os = "linux")), "only {} KiB on disk", self.disk >> 10);
        self
    }
}

fn drained(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("what whyspan writes");
        bytes
    })
}

/// The most memory that a run held and the most that it had on disk, in bytes, and how it ended. Linux keeps the first
/// itself; what comes between the last glance and the end of a run is freeing. A run that is over at the first glance had
/// no time to take much.
fn watched(child: &mut Child, temporary: &Path) -> (u64, u64, Option<i32>) {
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let (mut memory, mut disk, mut first) = (0, 0, true);
    loop {
        memory = memory.max(most_memory(&process).unwrap_or(0));
        disk = disk.max(on_disk(&process, temporary).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("it ends") {
            assert!(memory > 0 || first || cfg!(not(target_os = "linux")), "nothing was measured");
            return (memory, disk, status.code());
        }
        first = false;
        thread::sleep(GLANCE);
    }
}

fn most_memory(process: &Path) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    // Until it is whyspan it shares the memory of the process that it was started by.
    if !status.starts_with("Name:\twhyspan\n") {
        return None;
    }
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// Bytes in temporary files, which have no name but are held open.
fn on_disk(process: &Path, temporary: &Path) -> Option<u64> {
    let mut bytes = 0;
    for open in fs::read_dir(process.join("fd")).ok()? {
        let path = open.ok()?.path();
        if fs::read_link(&path).is_ok_and(|target| target.starts_with(temporary)) {
            bytes += fs::metadata(&path).map_or(0, |file| file.len());
        }
    }
    Some(bytes)
}

/// A file that a test makes, gone with it.
pub(crate) struct Hostile {
    _folder: TempDir,
    /// Where it is.
    pub(crate) path: PathBuf,
}

impl Hostile {
    /// A file of this name with what `write` writes.
    pub(crate) fn file(name: &str, write: impl FnOnce(&mut dyn Write)) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let path = folder.path().join(name);
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path).expect("a file"));
        write(&mut out);
        out.flush().expect("written");
        Self { _folder: folder, path }
    }

    /// A file with these bytes.
    pub(crate) fn of(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::file(name, |out| out.write_all(bytes.as_ref()).expect("written"))
    }

    /// What is said of it by itself.
    pub(crate) fn alone(&self) -> Ran {
        Ran::of(&["analyze"], &[&self.path])
    }

    /// What is said of it and the good file behind it. The good file's root cause is as it was, and most that concerns
    /// this file is told.
    pub(crate) fn beside_a_good_file(&self) -> Ran {
        let mut ran = Ran::of(&["analyze"], &[&self.path, &GOOD.path]);
        ran.others = GOOD.window.clone();
        ran.exits(0).spills_at_most(MOST_DISK);
        let evidence = ran.json();
        let causes = evidence["root_causes"].as_array().expect("root causes");
        let found = causes.iter().find(|cause| cause["signature"] == GOOD.cause["signature"]);
        let found = found.unwrap_or_else(|| panic!("the good file's cause is lost among {}", causes.len()));
        assert_eq!(told(found), GOOD.cause);
        ran
    }

    /// Nothing of it can be used: alone it ends with code 4, beside a good file with 0, and both say all of `parts`
    /// with its name.
    pub(crate) fn is_refused(&self, parts: &[&str]) {
        let name = self.path.file_name().expect("a name").to_string_lossy().into_owned();
        self.alone().exits(4).says(&[&name]).says(parts).says(&["no span could be read"]);
        self.beside_a_good_file().says(&[&name]).says(parts);
    }

    /// It is read as far as it can be: alone and beside a good file the code is 0, and both say all of `parts`.
    pub(crate) fn is_read(&self, parts: &[&str]) -> Ran {
        self.alone().exits(0).says(parts);
        let ran = self.beside_a_good_file();
        ran.says(parts);
        ran
    }
}
