//! How a run is judged: the real binary reads what a test made, and is watched while it does.

use serde_json::Value;
use std::cell::OnceCell;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// The binary that is judged.
const BINARY: &str = env!("CARGO_BIN_EXE_whyspan");

/// No run may ever hold more than this in memory, in bytes.
const MOST_MEMORY: u64 = 1 << 30;

/// How often a run is looked at.
const GLANCE: Duration = Duration::from_millis(3);

/// How often while it is not yet whyspan.
const FIRST_GLANCE: Duration = Duration::from_micros(100);

/// More threads than the runs need: each has names and a shelf of its own, so that a bound that counts for each of them
/// shows.
const THREADS: &str = "4";

/// What a hostile input comes to whatever else is read with it: numbers of the evidence's window, and defects.
const COUNTS: [&str; 4] = ["spans", "traces", "logs", "failing_traces"];
const DEFECTS: [&str; 5] = ["record-skipped", "record-mended", "input-broken", "not-telemetry", "duplicate-span"];

/// How one run went.
pub(crate) struct Ran {
    code: Option<i32>,
    out: Vec<u8>,
    /// What was written to standard error.
    pub(crate) said: String,
    memory: u64,
    disk: u64,
    parsed: OnceCell<Value>,
    /// The evidence of the good file by itself, where that was read too.
    good: Value,
}

impl Ran {
    /// Runs a command of whyspan on these files, and watches it.
    pub(crate) fn of(command: &[&str], files: &[&Path]) -> Self {
        Self::by(Command::new(BINARY), command, files)
    }

    /// [`Ran::of`], with no more than so many files open at once.
    pub(crate) fn with_few_open_files(most: u32, command: &[&str], files: &[&Path]) -> Self {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!(r#"ulimit -n {most} && exec "$0" "$@""#)).arg(BINARY);
        Self::by(shell, command, files)
    }

    fn by(mut process: Command, command: &[&str], files: &[&Path]) -> Self {
        let temporary = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for temporary files");
        let mut child = process
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
        let ran = Self { code, out, said, memory, disk, parsed: OnceCell::new(), good: Value::Null };
        ran.must_be_sound();
        ran
    }

    /// The same run, of which the file with this evidence by itself was a part.
    pub(crate) fn beside(self, good: &Value) -> Self {
        Self { good: good.clone(), ..self }
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
    pub(crate) fn json(&self) -> &Value {
        self.parsed.get_or_init(|| serde_json::from_slice(&self.out).expect("JSON"))
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

    /// There was nothing to tell: nothing was left out, cut or mended.
    pub(crate) fn says_nothing(&self) -> &Self {
        assert_eq!(self.said, "");
        self
    }

    /// How often this defect of the input is counted in the evidence, without what the good file brings in.
    pub(crate) fn defects(&self, code: &str) -> u64 {
        defects_in(self.json(), code) - defects_in(&self.good, code)
    }

    /// A number of the evidence's window, without what the good file brings in.
    pub(crate) fn counted(&self, what: &str) -> u64 {
        let all = self.json()["windows"]["candidate"][what].as_u64().expect("a count");
        all - self.good["windows"]["candidate"][what].as_u64().unwrap_or(0)
    }

    /// The root cause, but that of the good file, whose text at this place (RFC 6901) begins so.
    pub(crate) fn cause_that_says(&self, place: &str, start: &str) -> &Value {
        let known = &self.good["root_causes"][0]["signature"];
        let says =
            |cause: &Value| cause.pointer(place).and_then(Value::as_str).is_some_and(|text| text.starts_with(start));
        let causes = self.json()["root_causes"].as_array().expect("root causes");
        let found = causes.iter().find(|&cause| cause["signature"] != *known && says(cause));
        found.unwrap_or_else(|| panic!("none of {} root causes says {start:?} at {place}", causes.len()))
    }

    /// What the hostile input comes to is the same as in the other run.
    pub(crate) fn agrees_with(&self, other: &Self) -> &Self {
        for what in COUNTS {
            assert_eq!(self.counted(what), other.counted(what), "{what}; {}", self.said);
        }
        for code in DEFECTS {
            assert_eq!(self.defects(code), other.defects(code), "{code}; {}", self.said);
        }
        self
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

fn defects_in(evidence: &Value, code: &str) -> u64 {
    let defects = evidence["quality"]["defects"].as_array();
    let met = defects.into_iter().flatten().find(|defect| defect["code"] == code);
    met.and_then(|defect| defect["count"].as_u64()).unwrap_or(0)
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
        // A short run must not begin and end between two glances.
        thread::sleep(if memory == 0 { FIRST_GLANCE } else { GLANCE });
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
