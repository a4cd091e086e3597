//! A server that a test started, and that ends with it.

use crate::http::{Answer, get};
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) struct Server {
    child: Child,
    pub(crate) grpc: String,
    pub(crate) http: String,
    told: Arc<Mutex<Vec<String>>>,
}

/// A command of the binary under test: the one that was built with the test, or the one that `MEASURED` names.
pub(crate) fn whyspan() -> Command {
    let built = OsString::from(env!("CARGO_BIN_EXE_whyspan"));
    let mut command = Command::new(std::env::var_os("MEASURED").unwrap_or(built));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WHYSPAN_")) {
        command.env_remove(name);
    }
    command
}

impl Server {
    /// A server that keeps what it receives in `store`, at addresses of its own.
    pub(crate) fn start(store: &Path, arguments: &[&str]) -> Self {
        Self::start_with(store, arguments, &[])
    }

    pub(crate) fn start_with(store: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = whyspan();
        command.args(["serve", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--store"]).arg(store);
        command.args(arguments).envs(environment.iter().copied());
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let (mut addresses, mut early) = (Vec::new(), Vec::new());
        while addresses.len() < 2 {
            let Some(Ok(line)) = lines.next() else { panic!("the server did not start: {early:?}") };
            match line.rsplit_once(" at ") {
                Some((told, address)) if told.starts_with("OTLP/") => addresses.push(address.to_owned()),
                _ => early.push(line),
            }
        }
        let told = Arc::new(Mutex::new(early));
        let also = Arc::clone(&told);
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| also.lock().expect("a lock").push(line)));
        let http = addresses[1].trim_start_matches("http://").to_owned();
        Self { child, grpc: addresses.swap_remove(0), http, told }
    }

    /// What it said on standard error so far, besides where it listens.
    pub(crate) fn told(&self) -> String {
        self.told.lock().expect("a lock").join("\n")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as a loss of power would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.ask_to_stop();
        self.wait()
    }

    pub(crate) fn ask_to_stop(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not end: {}", self.told());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// How many KiB of memory it takes, and took at most.
    pub(crate) fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("a status");
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
            line.trim().trim_end_matches(" kB").parse().expect("a number")
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        get(&self.http, path, &[])
    }

    /// What is answered at `path`, as soon as `wanted` says that it is that.
    pub(crate) fn when(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let answer = self.get(path);
            let value = if answer.status == 200 { answer.json() } else { Value::Null };
            if wanted(&value) {
                return value;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{path}: {value:#}\n{}", self.told());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the command line prints, given these arguments, and its exit code.
pub(crate) fn printed<S: AsRef<OsStr>>(arguments: &[S]) -> (Vec<u8>, Option<i32>) {
    let output = whyspan().args(arguments).output().expect("whyspan runs");
    assert!(output.status.code() != Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    (output.stdout, output.status.code())
}
