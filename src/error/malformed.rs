//! Bytes that are not what they should be.

use super::sample::sampled;

sampled! {
    /// Bytes that should be a table or a part of a rule, and are not.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum Malformed {
        #[error("the table cannot be understood: {0}")]
        Table(#[from] BadTable),
        #[error("{len} bytes of data, expected {wanted}")]
        Short { len: usize, wanted: usize },
        #[error("unknown {what} {number}")]
        Unknown { what: &'static str, number: u32 },
        #[error("flags {0:#x} that no option stands for")]
        Flags(u32),
        #[error("the {what} has more {of} than there is room for")]
        Overfull { what: &'static str, of: &'static str },
        #[error("matches by process, session or command, which kernels have given up in 2.6.14")]
        OwnerProcess,
    }
}

sampled! {
    /// Why bytes are not a table.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
    pub(crate) enum BadTable {
        #[error("entry at offset {0}: cut off")]
        Truncated(usize),
        #[error("entry at offset {0}: its size is {1}, which no entry can have")]
        EntrySize(usize, usize),
        #[error("entry at offset {0}: its target begins at {1}, outside of it")]
        TargetOffset(usize, usize),
        #[error("entry at offset {0}: its matches do not end where its target begins")]
        Matches(usize),
        #[error("entry at offset {0}: its target has size {1}")]
        TargetSize(usize, usize),
        #[error("entry at offset {0}: the standard target jumps to {1}, where no chain begins")]
        Jump(usize, i32),
        #[error("entry at offset {0}: no chain begins here")]
        NoChain(usize),
        #[error("a chain does not end with a standard target without matches")]
        NoTail,
        #[error("the table does not end with an error entry")]
        NoEnd,
        #[error("the chain of hook {0} does not begin at an entry of its own")]
        Hook(usize),
        #[error("the chain of hook {0} does not end with its policy")]
        Underflow(usize),
        #[error("its size is not {0} bytes as its description says")]
        Size(usize),
        #[error("it has {0} entries, its description says {1}")]
        Count(u32, u32),
    }
}
