//! What the kernel and the system refuse.

use super::ErrorKind;
use super::mistake::or_this;
use super::sample::sampled;
use crate::types::Family;

sampled! {
    /// Why the kernel, or the system, does not do what it was asked for. The system's error stands beside it.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum Failure {
        // To come to it.
        #[error("cannot open the network namespace {path}")]
        Namespace { path: String },
        #[error("there are no tables without a kernel")]
        NoKernel,
        #[error("cannot open a socket for {family}")]
        Socket { family: Family, why: Why },
        #[error("no backend is called {name:?}, expected legacy, nft or memory")]
        Backend { name: String },
        #[error("the variable {variable}: no backend is called {name:?}, expected legacy or nft")]
        Variable { variable: &'static str, name: String },
        #[error(
            "{reason}. Say which one is meant: name it, set LIBFW_BACKEND=legacy or nft, or empty one of them"
        )]
        Ambiguous { reason: String },

        /// What a backend or an edit of somebody else met with.
        #[error("reading or writing failed")]
        Other,

        // The xtables lock.
        #[error("cannot open the xtables lock {path}")]
        LockFile { path: String, denied: bool },
        #[error("{} holds the xtables lock {path}", program(holder))]
        LockBusy { path: String, holder: Option<Holder>, waited: Option<u64> },
        #[error("a signal came while waiting for the xtables lock {path}")]
        LockInterrupted { path: String },
        #[error("cannot lock {path}")]
        Lock { path: String },
        #[error("another thread of this process works on the tables")]
        Turn,
        #[error("{}", if *interrupted { "a signal came while waiting for a change" } else { "cannot wait for a change" })]
        Wait { interrupted: bool },

        #[error("cannot listen to what becomes of packets that are traced")]
        Trace { denied: bool },

        // Reading a table.
        #[error("the list of tables is for root alone; root of a user namespace sees it if the network was made after that")]
        ListDenied,
        #[error("nothing tells which tables there are: there is no {path}; is /proc mounted?")]
        ListUnseen { path: String },
        #[error("a table name has at most {max} bytes")]
        TableName { max: usize },
        /// `meant`: the table that is spelt alike.
        #[error("the kernel has no such table{}", or_this(meant))]
        NoSuchTable { meant: Option<String> },
        /// `module`: the one that has it, where it is only not loaded.
        #[error("the kernel has no xtables interface ({})", lacking(module))]
        NoXtables { reading: bool, module: Option<&'static str> },
        #[error("the kernel module {name} cannot be loaded")]
        Module { name: String },
        #[error("reading it needs CAP_NET_ADMIN in the network namespace")]
        ReadDenied,
        #[error("it changed while it was read")]
        ReadChanged,
        #[error("the kernel refuses to give it")]
        ReadRefused,

        // Writing it.
        #[error("there is no memory for it")]
        OutOfMemory,
        #[error("the request has no room for its header")]
        NoHeader,
        #[error("the entries are not what their description says")]
        Entries,
        #[error("the kernel lacks a match, a target or an object that a rule names")]
        Lacking,
        #[error(
            "the kernel refuses a rule: something in it does not fit its table, hook, protocol or the rest of the rule"
        )]
        Rule,
        #[error("the kernel has no such {kind}")]
        NoExtension { kind: &'static str },
        #[error("the kernel has no {what} {name:?}")]
        NoObject { what: &'static str, name: String },
        #[error("another rule, or one that goes with this commit, has the name {name:?} for something with other settings")]
        NameInUse { name: String },
        #[error("so many at once are too many for such a slow rate")]
        Overflow,
        #[error("the chains call each other in a circle")]
        Loop,
        #[error("the kernel has no memory for it")]
        NoMemory,
        #[error("writing it needs CAP_NET_ADMIN in the network namespace")]
        WriteDenied,
        #[error("another program has changed it in the meantime")]
        WriteChanged,
        #[error("the kernel refuses to replace it")]
        WriteRefused,
        #[error("another program has changed the number of its rules in the meantime")]
        CountersChanged,
        #[error("the kernel has no memory for its counters")]
        CountersMemory,
        #[error("writing counters needs CAP_NET_ADMIN in the network namespace")]
        CountersDenied,
        #[error("the kernel refuses its counters")]
        CountersRefused,

        // Old rules that come back.
        #[error("nobody can be made to watch over the old rules")]
        Guard,
        #[error("another change waits to be confirmed already")]
        Unconfirmed,
        #[error("no change waits to be confirmed")]
        NothingToConfirm,
        #[error("the change is another user's")]
        GuardDenied,
        #[error("it is too late to confirm the change: the old rules are back")]
        TooLate,
        #[error("whoever watches over the old rules is gone: the new ones stay")]
        GuardGone,
        #[error("the old rules could not be put back: {reason}")]
        Stuck { reason: String },

        // Asking about extensions and objects.
        #[error("the kernel has no revision of it that libfw knows")]
        NoRevision,
        #[error("cannot ask the kernel for a revision")]
        Revision,
        #[error("cannot ask the kernel for an ipset")]
        Set { why: Why },
        #[error("{name:?} is no name of {} {what}, which has 1 to {max} bytes and no NUL among them", article(what))]
        ObjectName { what: &'static str, name: String, max: usize },
        #[error("there is an ipset {name:?} already")]
        SetName { name: String },
        #[error("no ipset can have the index {index}: {}", if *taken { "another one has it" } else { "it stands for none" })]
        SetIndex { index: u16, taken: bool },
    }
}

sampled! {
    /// The two reasons that are told apart where a question is refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Why {
        Absent,
        Denied,
        Other,
    }
}

/// The process that holds a lock somebody waited for, or tried to take; see [`Error::holder`](crate::Error::holder).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The number of the process.
    pub pid: u32,
    /// Its command line, if it may be seen.
    pub command: Option<String>,
}

/// The number of the process, and its command line if that may be seen.
impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.command {
            Some(command) => write!(f, "process {} ({command})", self.pid),
            None => write!(f, "process {}", self.pid),
        }
    }
}

impl Holder {
    pub(crate) fn new(pid: u32, command: Option<String>) -> Holder {
        Holder { pid, command }
    }

    /// Whether it is this process: another thread of it, or another handle on the file.
    ///
    /// ```
    /// use std::time::Duration;
    /// use libfw::{ErrorKind, Kernel, LockPolicy};
    ///
    /// let path = std::env::temp_dir().join(format!("libfw-{}.lock", std::process::id()));
    /// let kernel = Kernel::legacy().with_policy(LockPolicy::at(&path).wait(Duration::ZERO));
    /// let _lock = kernel.lock()?;
    /// let other = std::thread::spawn(move || kernel.lock().map(drop));
    /// let error = other.join().unwrap().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::LockBusy);
    /// assert!(error.holder().unwrap().is_this_process());
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_this_process(&self) -> bool {
        self.pid == std::process::id()
    }
}

fn lacking(module: &Option<&'static str>) -> String {
    match module {
        Some(name) => format!("the module {name} is not loaded: modprobe {name}"),
        None => "CONFIG_NETFILTER_XTABLES_LEGACY".into(),
    }
}

fn program(holder: &Option<Holder>) -> String {
    match holder {
        Some(holder) if holder.is_this_process() => "this process".into(),
        Some(holder) => holder.to_string(),
        None => "another program".into(),
    }
}

/// The article before a word.
fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

impl Failure {
    pub(crate) fn kind(&self) -> ErrorKind {
        use Failure::*;
        match self {
            Namespace { .. } | Other | LockFile { denied: false, .. } | Lock { .. } | ListUnseen { .. } => {
                ErrorKind::Io
            }
            NoKernel | Socket { why: Why::Absent, .. } | NoXtables { .. } | Module { .. } => {
                ErrorKind::BackendAbsent
            }
            Socket { why: Why::Denied, .. }
            | Set { why: Why::Denied }
            | ReadDenied
            | ListDenied
            | WriteDenied
            | GuardDenied
            | Trace { denied: true }
            | CountersDenied => ErrorKind::PermissionDenied,
            Socket { why: Why::Other, .. }
            | Set { why: Why::Other }
            | ReadRefused
            | Trace { denied: false }
            | WriteRefused
            | CountersRefused
            | Revision => ErrorKind::Kernel,
            Backend { .. } | Variable { .. } => ErrorKind::InvalidValue,
            Ambiguous { .. } => ErrorKind::AmbiguousBackend,
            LockFile { denied: true, .. } => ErrorKind::PermissionDenied,
            OutOfMemory => ErrorKind::OutOfMemory,
            LockBusy { .. } | Turn | Unconfirmed => ErrorKind::LockBusy,
            Guard | GuardGone => ErrorKind::Io,
            NothingToConfirm => ErrorKind::NoSuchObject,
            TooLate => ErrorKind::Conflict,
            Stuck { .. } => ErrorKind::Kernel,
            LockInterrupted { .. } | Wait { interrupted: true } => ErrorKind::Interrupted,
            Wait { interrupted: false } => ErrorKind::Io,
            TableName { .. } | NoHeader | ObjectName { .. } | SetName { .. } | SetIndex { .. } => {
                ErrorKind::InvalidArgument
            }
            NoSuchTable { .. } => ErrorKind::NoSuchTable,
            ReadChanged | WriteChanged | CountersChanged => ErrorKind::Conflict,
            Entries | Rule | NameInUse { .. } | Overflow => ErrorKind::InvalidRule,
            NoObject { .. } => ErrorKind::NoSuchObject,
            Loop => ErrorKind::Loop,
            NoMemory | CountersMemory => ErrorKind::TooLarge,
            Lacking | NoExtension { .. } | NoRevision | Set { why: Why::Absent } => {
                ErrorKind::ExtensionUnavailable
            }
        }
    }
}
