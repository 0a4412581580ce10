//! What nf_tables refuses.

use std::fmt;

use super::ErrorKind;
use super::sample::sampled;

sampled! {
    /// Why nf_tables does not do what it was asked for. The system's error stands beside it.
    #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
    pub(crate) enum BadNft {
        #[error("the kernel has no nf_tables (CONFIG_NF_TABLES)")]
        Absent,
        #[error("{} it needs CAP_NET_ADMIN in the network namespace", if *writing { "writing" } else { "reading" })]
        Denied { writing: bool },
        #[error("no answer from the kernel over netlink")]
        Silent,
        #[error("the kernel has no memory for it")]
        NoMemory,
        #[error("the kernel refuses")]
        Refused,
        #[error("the kernel's answer has {0}")]
        Answer(&'static str),

        // Reading a table.
        #[error("the kernel cannot set the counters of rules to zero as it reads them: Linux 6.2 and later can")]
        NoReset,
        #[error("the rules change faster than they can be read")]
        Unsteady,
        #[error(
            "the chain has {rules} rules, but the kernel tells of {seen}: the next one is larger than the 32 KiB that it can \
             tell. To flush the chain deletes it"
        )]
        Incomplete { rules: u32, seen: u32 },

        // Writing it.
        #[error("{what}; a restore would take that away, unless it is told what to do with it")]
        Beside { what: String },
        #[error("it was not read from nf_tables")]
        NotRead,
        #[error("rule {handle} of nf_tables has no form in xtables: it stays where it is, or goes")]
        Foreign { handle: u64 },
        #[error("nf_tables cannot give a chain the name that another one gives up in the same commit")]
        NameTaken,
        #[error("the kernel could not tell of the rule, nor of those behind it: it has room for 32 KiB")]
        Untellable,
        #[error(
            "the changes are larger than one transaction of this process may be: without CAP_NET_ADMIN in the initial user \
             namespace that is what net.core.wmem_max allows"
        )]
        LargeTransaction,
        #[error("{why}")]
        Change { why: WhyNot },
    }
}

sampled! {
    /// What a message to nf_tables changes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum NftChange {
        TableAdd,
        TableDelete,
        ChainAdd,
        ChainUserAdd,
        ChainUpdate,
        ChainRename,
        ChainDelete,
        RuleAppend,
        RuleInsert,
        RuleReplace,
        RuleDelete,
        RuleFlush,
    }
}

sampled! {
    /// Why a change is refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum WhyNot {
        Lacking,
        Gone,
        Rule,
        Nested,
        InUse,
        Exists,
        OtherBase,
        Owned,
        NoMemory,
        LongName,
        Large,
        Other,
    }
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WhyNot::Lacking => "the kernel lacks a match, a target or an object that the rule names",
            WhyNot::Gone => "the kernel no longer has what is to be changed",
            WhyNot::Rule => {
                "the kernel refuses the rule: something in it does not fit its table, hook, protocol or the rest of \
                 the rule"
            }
            WhyNot::Nested => {
                "chains call each other in a circle, or more than 15 deep, which nf_tables does not allow"
            }
            WhyNot::InUse => "the chain is still in use",
            WhyNot::Exists => "a chain of that name exists already",
            WhyNot::OtherBase => {
                "the kernel has a chain of that name that is not the built-in one: it has another hook, type or \
                 priority, or none"
            }
            WhyNot::Owned => "the table belongs to another process, which alone may change it",
            WhyNot::NoMemory => "the kernel has no memory for it",
            WhyNot::Large => "the rule is larger than the 64 KiB that netlink can say",
            WhyNot::LongName => "a name is longer than the kernel allows",
            WhyNot::Other => "the kernel refuses the change",
        })
    }
}

impl BadNft {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            BadNft::Absent => ErrorKind::BackendAbsent,
            BadNft::Denied { .. } => ErrorKind::PermissionDenied,
            BadNft::Silent | BadNft::Refused | BadNft::NoReset => ErrorKind::Kernel,
            BadNft::Answer(_) => ErrorKind::Malformed,
            BadNft::Unsteady => ErrorKind::Conflict,
            BadNft::NotRead => ErrorKind::InvalidArgument,
            BadNft::Foreign { .. } => ErrorKind::InvalidRule,
            BadNft::Beside { .. } => ErrorKind::ForeignRules,
            BadNft::NameTaken => ErrorKind::ChainExists,
            BadNft::NoMemory | BadNft::Incomplete { .. } | BadNft::Untellable | BadNft::LargeTransaction => {
                ErrorKind::TooLarge
            }
            BadNft::Change { why } => why.kind(),
        }
    }
}

impl WhyNot {
    fn kind(self) -> ErrorKind {
        match self {
            WhyNot::Lacking => ErrorKind::ExtensionUnavailable,
            WhyNot::Gone => ErrorKind::Conflict,
            WhyNot::Rule => ErrorKind::InvalidRule,
            WhyNot::Nested => ErrorKind::Loop,
            WhyNot::InUse => ErrorKind::ChainInUse,
            WhyNot::Exists => ErrorKind::ChainExists,
            WhyNot::OtherBase => ErrorKind::BuiltinChain,
            WhyNot::Owned => ErrorKind::PermissionDenied,
            WhyNot::NoMemory | WhyNot::Large => ErrorKind::TooLarge,
            WhyNot::LongName => ErrorKind::InvalidArgument,
            WhyNot::Other => ErrorKind::Kernel,
        }
    }
}
