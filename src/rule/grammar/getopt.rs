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

    /// Whether it takes counters.
    pub(crate) const fn takes_counters(self) -> bool {
        allowed(self).0 & CoreSet::of(Core::Counters).0 != 0
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

/// Stands for the letter of an option that has none.
const NO_LETTER: u8 = 0;

pub(crate) struct CoreOpt {
    pub(crate) long: &'static str,
    pub(crate) short: u8,
    pub(crate) argument: Argument,
    pub(crate) core: Core,
    /// The option itself if only some commands take it.
    pub(crate) set: CoreSet,
    /// What may follow, for people; of a command in each of its forms.
    pub(crate) takes: &'static [&'static str],
    /// What it does; empty for another spelling of the option above it.
    pub(crate) about: &'static str,
}

impl CoreOpt {
    const fn says(mut self, takes: &'static [&'static str], about: &'static str) -> CoreOpt {
        self.takes = takes;
        self.about = about;
        self
    }

    /// Whether `!` may stand before it.
    pub(crate) const fn is_negatable(&self) -> bool {
        matches!(
            self.core,
            Core::Source
                | Core::Destination
                | Core::Protocol
                | Core::InInterface
                | Core::OutInterface
                | Core::Fragments
        )
    }
}

const fn opt(long: &'static str, short: u8, argument: Argument, core: Core) -> CoreOpt {
    CoreOpt { long, short, argument, core, set: CoreSet::of(core), takes: &[], about: "" }
}

const fn command(long: &'static str, short: u8, argument: Argument, command: Command) -> CoreOpt {
    opt(long, short, argument, Core::Command(command))
}

/// Every option. Of several spellings the first is the one in messages.
pub(crate) static OPTIONS: &[CoreOpt] = {
    use Argument::{None, Optional, Required};
    &[
        opt("source", b's', Required, Core::Source)
            .says(&["ADDRESS[/MASK][,...]"], "where packets come from"),
        opt("src", b's', Required, Core::Source),
        opt("destination", b'd', Required, Core::Destination)
            .says(&["ADDRESS[/MASK][,...]"], "where packets go to"),
        opt("dst", b'd', Required, Core::Destination),
        opt("protocol", b'p', Required, Core::Protocol)
            .says(&["PROTOCOL"], "by number or name, such as `tcp'; brings its match along"),
        opt("in-interface", b'i', Required, Core::InInterface)
            .says(&["NAME[+]"], "the interface packets come in by; + stands for any ending"),
        opt("out-interface", b'o', Required, Core::OutInterface)
            .says(&["NAME[+]"], "the interface packets go out by; + stands for any ending"),
        opt("match", b'm', Required, Core::Match)
            .says(&["MATCH"], "a match, whose options follow; -m MATCH -h lists them"),
        opt("jump", b'j', Required, Core::Jump)
            .says(&["TARGET"], "ACCEPT, DROP, RETURN, a chain, or a target whose options follow"),
        opt("goto", b'g', Required, Core::Goto)
            .says(&["CHAIN"], "a chain that returns to where this one would"),
        command("append", b'A', Required, Command::Append)
            .says(&["chain rule-specification"], "add the rule to the end of the chain"),
        command("delete", b'D', Required, Command::Delete).says(
            &["chain rule-specification", "chain rulenum"],
            "delete the first rule that is the same, or by number",
        ),
        command("check", b'C', Required, Command::Check)
            .says(&["chain rule-specification"], "tell by the exit status whether the chain has the rule"),
        command("insert", b'I', Required, Command::Insert)
            .says(&["chain [rulenum] rule-specification"], "add the rule at a place, by default the first"),
        command("replace", b'R', Required, Command::Replace)
            .says(&["chain rulenum rule-specification"], "put the rule in the place of another"),
        command("list", b'L', Optional, Command::List).says(&["[chain [rulenum]]"], "list rules for people"),
        command("list-rules", b'S', Optional, Command::ListRules)
            .says(&["[chain [rulenum]]"], "list rules as the options that make them"),
        command("flush", b'F', Optional, Command::Flush)
            .says(&["[chain]"], "delete all rules of the chain or of all chains"),
        command("zero", b'Z', Optional, Command::Zero).says(&["[chain [rulenum]]"], "set counters to zero"),
        command("new-chain", b'N', Required, Command::NewChain).says(&["chain"], "make a chain"),
        command("delete-chain", b'X', Optional, Command::DeleteChain)
            .says(&["[chain]"], "delete the chain, or all that can be"),
        command("rename-chain", b'E', Required, Command::RenameChain)
            .says(&["old-chain-name new-chain-name"], "give the chain another name"),
        command("policy", b'P', Required, Command::Policy)
            .says(&["chain target"], "what a built-in chain does at its end: ACCEPT or DROP"),
        opt("table", b't', Required, Core::Table)
            .says(&["TABLE"], "filter, nat, mangle, raw or security; `filter' by default"),
        opt("fragments", b'f', None, Core::Fragments).says(&[], "second and further fragments only"),
        opt("set-counters", b'c', Required, Core::Counters)
            .says(&["PACKETS BYTES"], "the counters that the rule or policy begins with"),
        opt("numeric", b'n', None, Core::Numeric).says(&[], "list addresses and ports as numbers"),
        opt("verbose", b'v', None, Core::Verbose)
            .says(&[], "list counters and interfaces too; tell what is done"),
        opt("exact", b'x', None, Core::Exact).says(&[], "list counters in full"),
        opt("line-numbers", NO_LETTER, None, Core::LineNumbers).says(&[], "list the numbers of rules"),
        opt("wait", b'w', Optional, Core::Wait)
            .says(&["[SECONDS]"], "wait for the xtables lock, for ever unless it says how long"),
        opt("wait-interval", b'W', Required, Core::WaitInterval)
            .says(&["MICROSECONDS"], "ignored: the lock is waited for in line"),
        opt("modprobe", b'M', Required, Core::Modprobe)
            .says(&["COMMAND"], "loads the module of the tables, if the kernel is without it"),
        opt("ipv4", b'4', None, Core::Ipv4)
            .says(&[], "an error in ip6tables; ip6tables-restore skips the line"),
        opt("ipv6", b'6', None, Core::Ipv6)
            .says(&[], "an error in iptables; iptables-restore skips the line"),
        opt("help", b'h', Optional, Core::Help)
            .says(&[], "this text, with the options of the matches and targets before it"),
        opt("version", b'V', None, Core::Version).says(&[], "the version"),
    ]
};

/// What arptables spells otherwise.
static ARP: &[CoreOpt] = {
    use Argument::Required;
    &[
        opt("source-ip", b's', Required, Core::Source)
            .says(&["ADDRESS[/MASK][,...]"], "the IP address of the sender"),
        opt("src-ip", b's', Required, Core::Source),
        opt("destination-ip", b'd', Required, Core::Destination)
            .says(&["ADDRESS[/MASK][,...]"], "the IP address that is looked for or answered to"),
        opt("dst-ip", b'd', Required, Core::Destination),
    ]
};

/// The options of a family.
pub(crate) fn options(family: Family) -> impl Iterator<Item = &'static CoreOpt> {
    let own = if family == Family::Arp { ARP } else { &[] };
    own.iter().chain(OPTIONS.iter().filter(move |opt| exists(opt, family)))
}

/// The option of a letter, at the letter's place.
static SHORT: [Option<&CoreOpt>; 128] = {
    let mut table = [None; 128];
    let mut at = OPTIONS.len();
    while at > 0 {
        at -= 1;
        table[OPTIONS[at].short as usize] = Some(&OPTIONS[at]);
    }
    table[NO_LETTER as usize] = None;
    table
};

/// The option of a letter, in whatever family.
fn any_short(letter: u8) -> Option<&'static CoreOpt> {
    SHORT.get(usize::from(letter)).copied().flatten()
}

/// The option of a letter.
pub(crate) fn short(letter: u8, family: Family) -> Option<&'static CoreOpt> {
    match family {
        Family::Arp if letter == NO_LETTER => None,
        Family::Arp => options(family).find(|opt| opt.short == letter),
        // `-f` is known to both, to say so.
        Family::Ipv4 | Family::Ipv6 => any_short(letter),
    }
}

/// Whether a letter is short for an option.
pub(crate) fn is_letter_of(letter: u8, option: &str) -> bool {
    let mut options = OPTIONS.iter().chain(ARP);
    options.any(|opt| opt.short == letter && opt.long == option) || (letter, option) == (b'l', "h-length")
}

/// The command that is spelled so.
pub(crate) fn command_of(word: &[u8]) -> Option<Command> {
    let opt = match word {
        [b'-', b'-', name @ ..] => OPTIONS.iter().find(|opt| opt.long.as_bytes() == name),
        [b'-', letter] => any_short(*letter),
        _ => None,
    };
    match opt?.core {
        Core::Command(command) => Some(command),
        _ => None,
    }
}

/// The option of exactly this long name.
pub(crate) fn long(name: &[u8], family: Family) -> Option<&'static CoreOpt> {
    options(family).find(|opt| opt.long.as_bytes() == name)
}

/// The options whose long name begins so.
pub(crate) fn beginning(name: &[u8], family: Family) -> impl Iterator<Item = &'static CoreOpt> {
    options(family).filter(move |opt| opt.long.as_bytes().starts_with(name))
}

/// `--fragments` is for IPv4. ARP has no protocols and no matches, and no lock is waited for.
fn exists(opt: &CoreOpt, family: Family) -> bool {
    use Core::*;
    match family {
        Family::Ipv4 => true,
        Family::Ipv6 => opt.core != Fragments,
        Family::Arp => !matches!(
            opt.core,
            Source
                | Destination
                | Protocol
                | Goto
                | Match
                | Fragments
                | Wait
                | WaitInterval
                | Core::Ipv4
                | Core::Ipv6
        ),
    }
}

/// The long name of an option in messages.
pub(crate) fn name(core: Core, family: Family) -> &'static str {
    match core {
        // -g counts as a jump.
        Core::Goto => "jump",
        _ => options(family).chain(OPTIONS).find(|opt| opt.core == core).map_or("", |opt| opt.long),
    }
}

/// The options that only some commands take, in the order in which they are complained about.
const RESTRICTED: [Core; 11] = [
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

/// Some of the options that only some commands take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CoreSet(u32);

impl CoreSet {
    /// The set of one option; empty for one that every command takes.
    pub(crate) const fn of(core: Core) -> CoreSet {
        CoreSet(match core {
            Core::Numeric => 1,
            Core::Source => 1 << 1,
            Core::Destination => 1 << 2,
            Core::Protocol => 1 << 3,
            // -g counts as a jump.
            Core::Jump | Core::Goto => 1 << 4,
            Core::Exact => 1 << 5,
            Core::InInterface => 1 << 6,
            Core::OutInterface => 1 << 7,
            Core::Fragments => 1 << 8,
            Core::LineNumbers => 1 << 9,
            Core::Counters => 1 << 10,
            _ => 0,
        })
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn has(self, other: CoreSet) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn and(self, other: CoreSet) -> CoreSet {
        CoreSet(self.0 | other.0)
    }

    /// The first of them that is not in another set.
    pub(crate) fn first_not_in(self, other: CoreSet) -> Option<Core> {
        let index = (self.0 & !other.0).trailing_zeros() as usize;
        RESTRICTED.get(index).copied()
    }
}

/// Which of the restricted options a command takes.
pub(crate) const fn allowed(command: Command) -> CoreSet {
    const RULE: CoreSet = CoreSet::of(Core::Source)
        .and(CoreSet::of(Core::Destination))
        .and(CoreSet::of(Core::Protocol))
        .and(CoreSet::of(Core::Jump))
        .and(CoreSet::of(Core::InInterface))
        .and(CoreSet::of(Core::OutInterface))
        .and(CoreSet::of(Core::Fragments));
    const LIST: CoreSet =
        CoreSet::of(Core::Numeric).and(CoreSet::of(Core::Exact)).and(CoreSet::of(Core::LineNumbers));
    match command {
        Command::Append | Command::Insert | Command::Replace => RULE.and(CoreSet::of(Core::Counters)),
        Command::Delete | Command::Check => RULE,
        Command::List => LIST,
        Command::Policy => CoreSet::of(Core::Counters),
        _ => CoreSet(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_restricted_option_has_its_place() {
        for (index, core) in RESTRICTED.iter().enumerate() {
            assert_eq!(CoreSet::of(*core), CoreSet(1 << index), "{core:?}");
        }
    }
}
