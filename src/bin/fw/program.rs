//! The program `fw`: what is only there where it is a process of its own. The rest is in `main.rs`, which the Python module has too.

#[path = "main.rs"]
mod command;

use std::process::ExitCode;

use libfw::program::OrExit;

/// Without memory there is nothing to go on with.
#[global_allocator]
static ALLOCATOR: OrExit = OrExit;

fn main() -> ExitCode {
    ExitCode::from(command::run(&std::env::args_os().collect::<Vec<_>>()))
}
