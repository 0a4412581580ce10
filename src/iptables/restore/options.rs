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
        /// With `test`: go on behind what is wrong, and look at each table as the kernel would, so that everything is told that
        /// would be refused; see [`Table::rehearse`](crate::Table::rehearse). [`Error::others`](crate::Error::others) has what is not the first. `fw` has the option `--strict` for it.
        strict: bool,
        /// Write all tables of the file at its end, or none, as [`Table::commit_all`](crate::Table::commit_all) does. `fw` has the option `--atomic` for it.
        atomic: bool,
        /// Say what is done, `-v`.
        verbose: bool,
        /// Only this table, `-T`. What the file has for others is not read; that it has nothing for this one is an error of the kind
        /// [`NoSuchTable`](crate::ErrorKind::NoSuchTable) without a line.
        table: Option<String>,
        /// What becomes of what `nft` has put into a table that is replaced.
        foreign: Foreign,
        /// What becomes of texts that are too long: an error unless they are cut, as iptables does it.
        too_long: TooLong,
    }
}

/// What becomes of what a table of nf_tables has that no save file tells of, when the table is replaced: rules without a form in
/// iptables, base chains at other places, sets ([`Table::notes`](crate::Table::notes)). Legacy tables have no such things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// The table is not restored where there is any; it is an error that says what there is.
    #[default]
    Refuse,
    /// It goes, as by iptables-nft-restore.
    Replace,
    /// It stays: rules of iptables are replaced around it.
    Keep,
}
