//! Runs a program on what looks like a kernel without the xtables interface.
//!
//! ```text
//! without-legacy PROGRAM [ARGUMENT...]
//! ```

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: without-legacy PROGRAM [ARGUMENT...]");
        return ExitCode::from(2);
    };
    let error = match libfw_playground::without_legacy() {
        Ok(()) => Command::new(&program).args(words).exec(),
        Err(error) => error,
    };
    eprintln!("{}: {error}", program.display());
    ExitCode::FAILURE
}
