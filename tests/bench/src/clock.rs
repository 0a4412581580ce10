//! The time that programs spend inside the system calls that carry rules, taken by what is preloaded into them.
//!
//! It is taken in the run that counts: how long the kernel needs for a table differs by half from one time to the next.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOURCE: &str = include_str!("clock.c");
/// Names the file that a program and who measures it share.
const FILE: &str = "LIBFW_BENCH_CLOCK";
/// Names the library for who is to preload it into a program.
const LIBRARY: &str = "LIBFW_BENCH_PRELOAD";

/// The library, and the file of the time.
pub struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    /// Compiles the library into a directory.
    pub fn make(dir: &Path) -> io::Result<Clock> {
        std::fs::create_dir_all(dir)?;
        let [source, library, file] = ["clock.c", "clock.so", "clock"].map(|name| dir.join(name));
        std::fs::write(&source, SOURCE)?;
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let args = ["-O2", "-shared", "-fPIC", "-o"].map(OsString::from);
        let status = Command::new(compiler).args(args).arg(&library).arg(source).status()?;
        if !status.success() {
            return Err(io::Error::other("it does not compile"));
        }
        Ok(Clock { library, file })
    }

    /// What the small process has to know that runs a program.
    pub fn variables(&self) -> [(&'static str, &Path); 2] {
        [(LIBRARY, &self.library), (FILE, &self.file)]
    }
}

/// Has the clock preloaded into a program, and starts it at nothing.
pub fn preload(command: &mut Command) -> io::Result<()> {
    if let (Some(library), Some(file)) = (std::env::var_os(LIBRARY), std::env::var_os(FILE)) {
        std::fs::write(file, [0; 16])?;
        command.env("LD_PRELOAD", library);
    }
    Ok(())
}

/// The time so far, and the number of calls.
pub fn spent() -> Option<(Duration, u64)> {
    let bytes = std::fs::read(std::env::var_os(FILE)?).ok()?;
    let (time, calls) = bytes.split_first_chunk()?;
    Some((Duration::from_nanos(u64::from_ne_bytes(*time)), u64::from_ne_bytes(*calls.first_chunk()?)))
}
