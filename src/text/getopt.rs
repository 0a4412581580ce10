//! The options of iptables itself.

use crate::Family;

/// What an option is for, apart from its spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Core {
    Command(Command),
    Source,
    Destination,
    Protocol,
    InInterface,
    OutInterface,
    Jump,
    Goto,
    Match,
    Table,
    Fragments,
    Counters,
    Numeric,
    Verbose,
    Exact,
    LineNumbers,
    Wait,
    WaitInterval,
    Modprobe,
    Ipv4,
    Ipv6,
    Help,
    Version,
}

/// The commands; one of them per call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Append,
    Delete,
    /// `-D` with a number instead of a rule.
    DeleteNumber,
    Check,
    Insert,
    Replace,
    List,
    ListRules,
    Flush,
    Zero,
    /// `-Z` with the number of a rule.
    ZeroNumber,
    NewChain,
    DeleteChain,
    RenameChain,
    Policy,
}

impl Command {
    /// The letter of the short option.
    pub(crate) const fn letter(self) -> char {
        match self {
            Command::Append => 'A',
            Command::Delete | Command::DeleteNumber => 'D',
            Command::Check => 'C',
            Command::Insert => 'I',
            Command::Replace => 'R',
            Command::List => 'L',
            Command::ListRules => 'S',
            Command::Flush => 'F',
            Command::Zero | Command::ZeroNumber => 'Z',
            Command::NewChain => 'N',
            Command::DeleteChain => 'X',
            Command::RenameChain => 'E',
            Command::Policy => 'P',
        }
    }

    /// Whether a rule follows.
    pub(crate) const fn takes_rule(self) -> bool {
        matches!(
            self,
            Command::Append | Command::Delete | Command::Check | Command::Insert | Command::Replace
        )
    }
}

/// Whether an option has an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    None,
    Required,
    /// Only in the same word.
    Optional,
}

pub(crate) struct CoreOpt {
    pub(crate) long: &'static str,
    pub(crate) short: u8,
    pub(crate) argument: Argument,
    pub(crate) core: Core,
}

const fn opt(long: &'static str, short: u8, argument: Argument, core: Core) -> CoreOpt {
    CoreOpt { long, short, argument, core }
}

const fn command(long: &'static str, short: u8, argument: Argument, command: Command) -> CoreOpt {
    opt(long, short, argument, Core::Command(command))
}

/// Every option. Of several spellings the first is the one in messages.
pub(crate) static OPTIONS: &[CoreOpt] = {
    use Argument::{None, Optional, Required};
    &[
        opt("source", b's', Required, Core::Source),
        opt("src", b's', Required, Core::Source),
        opt("destination", b'd', Required, Core::Destination),
        opt("dst", b'd', Required, Core::Destination),
        opt("protocol", b'p', Required, Core::Protocol),
        opt("in-interface", b'i', Required, Core::InInterface),
        opt("out-interface", b'o', Required, Core::OutInterface),
        opt("match", b'm', Required, Core::Match),
        opt("jump", b'j', Required, Core::Jump),
        opt("goto", b'g', Required, Core::Goto),
        command("append", b'A', Required, Command::Append),
        command("delete", b'D', Required, Command::Delete),
        command("check", b'C', Required, Command::Check),
        command("insert", b'I', Required, Command::Insert),
        command("replace", b'R', Required, Command::Replace),
        command("list", b'L', Optional, Command::List),
        command("list-rules", b'S', Optional, Command::ListRules),
        command("flush", b'F', Optional, Command::Flush),
        command("zero", b'Z', Optional, Command::Zero),
        command("new-chain", b'N', Required, Command::NewChain),
        command("delete-chain", b'X', Optional, Command::DeleteChain),
        command("rename-chain", b'E', Required, Command::RenameChain),
        command("policy", b'P', Required, Command::Policy),
        opt("table", b't', Required, Core::Table),
        opt("fragments", b'f', None, Core::Fragments),
        opt("set-counters", b'c', Required, Core::Counters),
        opt("numeric", b'n', None, Core::Numeric),
        opt("verbose", b'v', None, Core::Verbose),
        opt("exact", b'x', None, Core::Exact),
        opt("line-numbers", b'0', None, Core::LineNumbers),
        opt("wait", b'w', Optional, Core::Wait),
        opt("wait-interval", b'W', Required, Core::WaitInterval),
        opt("modprobe", b'M', Required, Core::Modprobe),
        opt("ipv4", b'4', None, Core::Ipv4),
        opt("ipv6", b'6', None, Core::Ipv6),
        opt("help", b'h', Optional, Core::Help),
        opt("version", b'V', None, Core::Version),
    ]
};

/// The option of a letter. The rare ones without a letter have digits that nobody can type, but `-4` and `-6`.
pub(crate) fn short(letter: u8) -> Option<&'static CoreOpt> {
    if letter == b'0' {
        return None;
    }
    OPTIONS.iter().find(|opt| opt.short == letter)
}

/// The option of exactly this long name.
pub(crate) fn long(name: &[u8], family: Family) -> Option<&'static CoreOpt> {
    OPTIONS.iter().find(|opt| opt.long.as_bytes() == name && exists(opt, family))
}

/// The options whose long name begins so.
pub(crate) fn beginning(name: &[u8], family: Family) -> impl Iterator<Item = &'static CoreOpt> {
    OPTIONS.iter().filter(move |opt| opt.long.as_bytes().starts_with(name) && exists(opt, family))
}

/// `--fragments` is for IPv4; `-f` is known to both, to say so.
fn exists(opt: &CoreOpt, family: Family) -> bool {
    family == Family::Ipv4 || opt.core != Core::Fragments
}

/// The long name of an option in messages.
pub(crate) fn name(core: Core) -> &'static str {
    match core {
        // -g counts as a jump.
        Core::Goto => "jump",
        _ => OPTIONS.iter().find(|opt| opt.core == core).map_or("", |opt| opt.long),
    }
}

/// The options that only some commands take, in the order in which they are complained about.
pub(crate) static RESTRICTED: &[Core] = &[
    Core::Numeric,
    Core::Source,
    Core::Destination,
    Core::Protocol,
    Core::Jump,
    Core::Exact,
    Core::InInterface,
    Core::OutInterface,
    Core::Fragments,
    Core::LineNumbers,
    Core::Counters,
];

/// Whether a command takes one of the restricted options.
pub(crate) fn allowed(command: Command, core: Core) -> bool {
    let rule = matches!(
        core,
        Core::Source
            | Core::Destination
            | Core::Protocol
            | Core::Jump
            | Core::InInterface
            | Core::OutInterface
            | Core::Fragments
    );
    match command {
        Command::Append | Command::Insert | Command::Replace => rule || core == Core::Counters,
        Command::Delete | Command::Check => rule,
        Command::List => matches!(core, Core::Numeric | Core::Exact | Core::LineNumbers),
        Command::Policy => core == Core::Counters,
        _ => false,
    }
}
