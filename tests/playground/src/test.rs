//! Tests in a process and namespaces of their own.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::panic::resume_unwind;
use std::path::Path;
use std::process::Command;

use crate::{Playground, isolation};

/// Tells a child that it is one, and the name of its test.
const INSIDE: &str = "LIBFW_PLAYGROUND";

/// Why a test about legacy tables cannot run.
const NO_LEGACY: &str = "the kernel has no legacy tables";

/// Runs the body of a test in private namespaces, where `/etc` has the files of `tests/etc` and no others.
///
/// Which backend libfw uses there is not left to the machine: it is the one that the variable `LIBFW_TEST_BACKEND` names, or
/// the legacy tables. With an empty variable libfw looks for it.
///
/// The test program starts itself again for this one test, in namespaces that are made before it has threads: only a process
/// with a single thread may change its user namespace. So call this first in a test function, with a closure that has the
/// rest.
///
/// An error of the kind [`io::ErrorKind::Unsupported`] says that the kernel lacks something: the test is skipped.
///
/// # Panics
///
/// When the body does, or returns another error.
pub fn test<F: FnOnce(&Playground) -> io::Result<()>>(body: F) {
    test_on(&backend(), body);
}

/// The same for a test about a backend, as `LIBFW_BACKEND` names it. Where the kernel has no legacy tables, a test about those
/// is skipped.
///
/// # Panics
///
/// As [`test()`].
pub fn test_on<F: FnOnce(&Playground) -> io::Result<()>>(backend: &str, body: F) {
    if std::env::var_os(INSIDE).is_some() {
        if backend == "legacy" && !isolation::has_legacy() {
            return skip(NO_LEGACY);
        }
        return match own_etc().and_then(|()| Playground::new()).and_then(|playground| body(&playground)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Unsupported => skip(&error.to_string()),
            Err(error) => panic!("{error}"),
        };
    }
    let name = name_of::<F>();
    let program = std::env::current_exe().expect("the path of the test program");
    let mut command = Command::new(program);
    command
        .args([name, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"])
        .env(INSIDE, name)
        .env("PATH", search_path())
        .env("LIBFW_BACKEND", backend);
    #[allow(unsafe_code, reason = "what runs before the start of a program")]
    // SAFETY: nothing is allocated and no lock is taken in the child of the fork.
    unsafe {
        command.pre_exec(isolation::entering());
    }
    let output = match command.output() {
        Err(error) => return skip(&format!("no private namespaces: {error}")),
        Ok(output) => output,
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "in private namespaces, {name} failed:\n{said}");
    assert!(said.contains("1 passed"), "{name} did not run:\n{said}");
    if std::env::args().any(|argument| argument == "--nocapture") {
        print!("{said}");
    }
    // What it skipped must be seen, so this is not print!, which is captured while tests run.
    for line in said.lines().filter(|line| line.starts_with("SKIP: ")) {
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Does something with each of these, all at once, each on a thread of its own: what mostly waits, for a time, for other programs or
/// for the kernel, takes as long together as the longest of it. Returns what comes of each, in their order.
///
/// # Errors
///
/// The first of them.
///
/// # Panics
///
/// When one of them does.
pub fn together<T: Send, R: Send>(
    each: impl IntoIterator<Item = T>,
    work: impl Fn(T) -> io::Result<R> + Sync,
) -> io::Result<Vec<R>> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = each.into_iter().map(|one| scope.spawn(move || work(one))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// The name by which the test program knows the function around a closure: `file::function::{{closure}}` without the file.
fn name_of<F>() -> &'static str {
    let path = std::any::type_name::<F>();
    let path = path.split("::{{closure}}").next().unwrap_or(path);
    path.split_once("::").map_or(path, |(_, name)| name)
}

/// Says loudly that a test could not run here. The harness will call it passed all the same; whoever counts the tests finds
/// it in the file that the variable `LIBFW_SKIPPED` names.
///
/// # Panics
///
/// With `CI=true`, where everything must run.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "cannot skip in CI: {reason}");
    let inside = std::env::var(INSIDE).ok();
    let thread = std::thread::current();
    let name = inside.as_deref().or(thread.name()).unwrap_or("a test");
    // Not eprint!, which is captured while tests run.
    let _ = writeln!(io::stderr(), "SKIP: {name}: {reason}");
    if let Some(path) = std::env::var_os("LIBFW_SKIPPED") {
        let file = OpenOptions::new().create(true).append(true).open(path);
        // In one piece, because others write at the same time.
        if let Err(error) = file.and_then(|mut file| file.write_all(format!("{name}: {reason}\n").as_bytes()))
        {
            panic!("cannot note the skipped test: {error}");
        }
    }
}

/// An `/etc` that is the same on every machine.
fn own_etc() -> io::Result<()> {
    // Without it, the libraries of programs that were installed somewhere else are not found.
    let libraries = std::fs::read("/etc/ld.so.cache");
    isolation::cover(c"/etc")?;
    if let Ok(libraries) = libraries {
        std::fs::write("/etc/ld.so.cache", libraries)?;
    }
    copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../etc")), Path::new("/etc"))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&to)?;
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// The backend that tests are about which do not name one.
#[must_use]
pub fn backend() -> String {
    std::env::var("LIBFW_TEST_BACKEND").unwrap_or_else(|_| "legacy".into())
}

/// Where programs are looked for: also where those for the administrator are, which a user's `PATH` leaves out.
fn search_path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/local/sbin:/usr/sbin:/sbin");
    path
}
