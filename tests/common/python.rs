//! Python packages as independent judges: each test names those that it asks, and talks to its script in JSON.

use serde_json::Value;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder with the packages, given as names of modules and requirements of pip; installed there on the first run.
fn packages_in(folder: &str, packages: &[(&str, &str)]) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    // Tests run at once, in threads or in processes, and two that install into one folder fail. It is free again at the end.
    let installing = File::create(target.with_extension("lock")).expect("a file to lock");
    installing.lock().expect("a lock");
    if packages.iter().any(|(module, _)| !target.join(module).exists()) {
        let pip = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"])
            .arg(&target)
            .args(packages.iter().map(|(_, requirement)| requirement))
            .status();
        assert!(pip.expect("python3 with pip").success(), "pip cannot install {packages:?}");
    }
    target
}

/// What a script of `tests/python` prints, given arguments and a question on its standard input.
pub(crate) fn answer_of(
    script: &str,
    folder: &str,
    packages: &[(&str, &str)],
    arguments: &[&OsStr],
    question: &Value,
) -> Value {
    let mut child = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script))
        .args(arguments)
        .env("PYTHONPATH", packages_in(folder, packages))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A script that asks nothing may have ended before.
    let _ = stdin.write_all(question.to_string().as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("python3 ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script prints JSON")
}
