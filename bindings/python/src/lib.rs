//! The Python extension module `libfw._libfw`: tables, chains and rules.
//!
//! The package `libfw` around it makes the classes of matches and targets from `extensions`, and the
//! exceptions from the kinds of errors.

mod chain;
mod convert;
mod counters;
mod desired;
mod dict;
mod error;
mod ext;
mod ffi;
mod fields;
mod given;
mod iptc;
mod iter;
mod kernel;
mod known;
mod parts;
mod plan;
mod report;
mod rule;
mod sandbox;
mod table;
mod text;
mod transaction;
mod values;
mod watch;

use std::ffi::OsString;

use pyo3::prelude::*;

/// The command `fw`, whose files call themselves by names of their crate.
#[path = "../../../src/bin/fw/main.rs"]
mod command;

/// Carries out a command line of `fw`, as the command does that is installed: it writes to the descriptors 1 and 2, and returns
/// the exit status.
#[pyfunction]
fn fw(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| command::run(&args))
}

/// The lock file that iptables would use in this process: the one that the variable XTABLES_LOCKFILE of the environment names, else
/// `/run/xtables.lock`. Without it the variable is not looked at: `libfw.Kernel(lock=libfw.lock_path())`.
#[pyfunction]
fn lock_path() -> Option<std::path::PathBuf> {
    libfw::LockPolicy::from_environment().path
}

/// Tables, chains and rules.
#[pymodule(gil_used = false)]
mod _libfw {
    #[pymodule_export]
    use super::chain::{Chain, Synced};
    #[pymodule_export]
    use super::convert::keep_modules;
    #[pymodule_export]
    use super::counters::{CounterDelta, CounterSnapshot};
    #[pymodule_export]
    use super::desired::{Desired, Pending};
    #[pymodule_export]
    use super::error::error_kinds;
    #[pymodule_export]
    use super::ext::{extension, extension_names, extensions, same_part, type_name};
    #[pymodule_export]
    use super::fw;
    #[pymodule_export]
    use super::iter::{ChainIterator, RuleIterator};
    #[pymodule_export]
    use super::kernel::{Kernel, Rehearsal};
    #[pymodule_export]
    use super::known::{KnownPart, add_option};
    #[pymodule_export]
    use super::lock_path;
    #[pymodule_export]
    use super::parts::part_text;
    #[pymodule_export]
    use super::plan::{Change, Plan};
    #[pymodule_export]
    use super::report::Report;
    #[pymodule_export]
    use super::rule::Rule;
    #[pymodule_export]
    use super::table::Table;
    #[pymodule_export]
    use super::text::{restore, restore_json, run, save, save_json, to_xml, translate, translate_file};
    #[pymodule_export]
    use super::transaction::{Tables6, Transaction, transaction};
    #[pymodule_export]
    use super::watch::{TableChange, Watch};
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        super::fields::add(py)?;
        super::iptc::add(module)?;
        super::convert::guess(&py.get_type::<Chain>(), "Chain")?;
        super::convert::guess(&py.get_type::<Kernel>(), "Kernel")?;
        super::convert::guess(&py.get_type::<Rule>(), "Rule")?;
        super::convert::guess(&py.get_type::<Table>(), "Table")?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
