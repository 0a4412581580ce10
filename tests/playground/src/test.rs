//! Tests in a process and namespaces of their own.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::{Isolation, Playground};

/// Tells the child that it is the child.
const INSIDE: &str = "LIBFW_PLAYGROUND";

/// Runs the body of a test in private namespaces.
///
/// The test program starts itself again for this one test, because only a process with a single thread may change its user
/// namespace. So call this first in a test function, with a closure that has the rest.
///
/// An error of the kind [`io::ErrorKind::Unsupported`] says that the kernel lacks something: the test is skipped.
///
/// # Panics
///
/// When the body does, or returns another error.
pub fn test<F: FnOnce(&Playground) -> io::Result<()>>(body: F) {
    let name = name_of::<F>();
    if std::env::var_os(INSIDE).is_some() {
        return match Playground::new().and_then(|playground| body(&playground)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Unsupported => skip(&format!("{name}: {error}")),
            Err(error) => panic!("{error}"),
        };
    }
    let program = std::env::current_exe().expect("the path of the test program");
    let mut child = Command::new(program);
    child.args([name, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"]).env(INSIDE, "1");
    let isolation = Isolation::new();
    #[allow(unsafe_code, reason = "there is no safe way to change the namespace of a child only")]
    // SAFETY: between fork and exec only system calls are made, on memory that was prepared before.
    unsafe {
        child.pre_exec(move || isolation.enter())
    };
    let output = match child.output() {
        Ok(output) => output,
        Err(error) => return skip(&format!("{name}: no private namespaces: {error}")),
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "in private namespaces, {name} failed:\n{said}");
    assert!(said.contains("1 passed"), "{name} did not run:\n{said}");
    // What it skipped must be seen, so this is not print!, which is captured while tests run.
    for line in said.lines().filter(|line| line.starts_with("SKIP: ")) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// The name by which the test program knows the function around a closure: `file::function::{{closure}}` without the file.
fn name_of<F>() -> &'static str {
    let path = std::any::type_name::<F>();
    let path = path.split("::{{closure}}").next().unwrap_or(path);
    path.split_once("::").map_or(path, |(_, name)| name)
}

/// Says loudly that a test could not run here.
///
/// # Panics
///
/// With `CI=true`, where everything must run.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "cannot skip in CI: {reason}");
    let line = format!("SKIP: {reason}\n");
    // Not eprint!, which is captured while tests run.
    let _ = std::io::stderr().write_all(line.as_bytes());
    if let Some(path) = std::env::var_os("LIBFW_SKIPPED") {
        let file = OpenOptions::new().create(true).append(true).open(path);
        if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
            panic!("cannot note the skipped test: {error}");
        }
    }
}
