//! How a save file is restored.

use crate::ext::TooLong;
use crate::types::settings::settings;

settings! {
    /// How a save file is restored.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct RestoreOptions {
        /// Set the counters that the file gives, `-c`.
        counters: bool,
        /// Keep rules and chains that the file does not declare, `-n`.
        noflush: bool,
        /// Read everything but commit nothing, `-t`.
        test: bool,
        /// With `test`: go on after an error, and check each table as the kernel would, so that everything that would be refused
        /// is reported; see [`Table::rehearse`](crate::Table::rehearse). [`Error::others`](crate::Error::others) has all errors
        /// but the first. The option `--strict` of `fw`.
        strict: bool,
        /// Write all tables at the end of the file, or none, as [`Table::commit_all`](crate::Table::commit_all) does. The option
        /// `--atomic` of `fw`.
        atomic: bool,
        /// Say what is done, `-v`.
        verbose: bool,
        /// Only this table, `-T`. What the file has for other tables is not read. A file without this one is an error of the kind
        /// [`NoSuchTable`](crate::ErrorKind::NoSuchTable), without a line.
        table: Option<String>,
        /// What to do about things that `nft` has put into a table that is replaced.
        foreign: Foreign,
        /// What to do about texts that are too long: by default an error; iptables cuts them.
        too_long: TooLong,
    }
}

/// What to do about things in a table of nf_tables that no save file can express, when the table is replaced: rules that iptables
/// cannot express, base chains at other hooks, sets ([`Table::notes`](crate::Table::notes)). Legacy tables have no such things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// Do not restore the table, with an error that says what there is.
    #[default]
    Refuse,
    /// Delete them, as iptables-nft-restore does.
    Replace,
    /// Keep them, and replace the rules of iptables around them.
    Keep,
}
