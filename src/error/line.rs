//! What is wrong with a line: the options of a rule, a command, a line of a save file.

use std::net::IpAddr;

use super::mistake::or_this;
use super::sample::sampled;
use super::{ErrorKind, Mistake};
use crate::types::Family;

sampled! {
    /// Why a line cannot be read, or says what cannot be done.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum BadLine {
        // Words.
        #[error("a word has at most {max} bytes")]
        LongWord { max: usize },
        #[error("a line has at most {max} words")]
        ManyWords { max: usize },
        #[error("a quote that is not closed")]
        OpenQuote,
        #[error("two ! in a row")]
        TwoBangs,
        #[error("nothing behind the !")]
        NothingInverted,
        #[error("a ! on both sides of an option")]
        BangsAround,
        #[error("no value behind the !")]
        NoValueInverted,
        #[error("words behind --")]
        BehindDashes,
        #[error("stray word {word:?}")]
        StrayWord { word: String },

        // Options.
        /// `of`: the matches and targets that have the option, none of which the rule names.
        #[error("unknown option {option}{}", did_you_mean(meant, of))]
        UnknownOption { option: String, meant: Option<String>, of: Vec<String> },
        #[error("unknown option {option}: there is no target {target:?}{}", no_target(target, meant))]
        OptionOfNoTarget { option: String, target: String, meant: Option<String> },
        /// `unclear`: the beginning of a name, which others of the protocol's match begin with too.
        #[error("{option} needs an argument")]
        NoArgument { option: String, unclear: bool },
        #[error("--{option} takes no value")]
        TakesNoValue { option: &'static str, word: String },
        /// `formal`: its name in the messages of iptables.
        #[error("--{option} takes two words")]
        TakesTwoWords { option: &'static str, formal: &'static str },
        #[error("--{option} given twice")]
        Twice { option: &'static str },
        #[error("--{option} cannot be inverted with !")]
        Inverted { option: &'static str },
        /// `match` or `table`.
        #[error("-{} cannot be inverted with !", &option[..1])]
        InvertedName { option: &'static str },
        #[error("IPv6 has no {option}; use the match frag")]
        Fragment { option: String },

        // Commands.
        #[error("no command")]
        NoCommand,
        #[error("{option} is a command, expected a rule")]
        CommandInRule { option: String },
        #[error("{option} means nothing in a rule")]
        NotInRule { option: String },
        #[error("{option} is for the other family, expected a rule for {family}")]
        OtherFamily { option: String, family: Family },
        #[error("the rule is for the chain {chain}, expected one for {of}")]
        OtherChain { chain: String, of: String },
        #[error("-{new} beside -{old}, expected one command")]
        TwoCommands { new: char, old: char },
        #[error("a command cannot be inverted with !")]
        InvertedCommand,
        #[error("-{command} does not take --{option}")]
        NotOfCommand { command: char, option: &'static str },
        #[error("-R needs the number of a rule")]
        ReplaceWhat,
        #[error("-E needs the old and the new name of a chain")]
        RenameWhat,
        #[error("-P needs a chain and a policy")]
        PolicyWhat,
        #[error("bad rule number {text:?}, expected one from 1")]
        RuleNumber { text: String },
        #[error("several rules cannot be deleted at once, expected the number of one")]
        RuleRange,
        #[error("-c needs the number of packets and of bytes")]
        NoCounters,
        /// `packet` or `byte`.
        #[error("bad {of} counter {text:?}, expected a number")]
        Counter { of: &'static str, text: String },
        #[error("bad number of seconds {text:?}")]
        Seconds { text: String },
        #[error("bad wait interval")]
        Interval,
        #[error("--wait-interval needs a number")]
        NoInterval,
        #[error("--wait-interval is 999999 microseconds at most, not {long}")]
        LongInterval { long: u32 },
        #[error("--wait-interval needs --wait")]
        IntervalAlone,
        /// `-w` or `-W`.
        #[error("{option} on a line of a save file")]
        WaitInFile { option: &'static str },
        #[error("-t on a line of a save file, whose table is given by its *")]
        TableInFile,

        // What a rule is about.
        #[error("unknown protocol {text:?}, expected a name or a number up to 255")]
        Protocol { text: String },
        /// `host`: the address before it, where that is one of the other family, which is the mistake then.
        #[error("{}", bad_mask(text, host, *family))]
        Mask { text: String, host: Option<String>, family: Family },
        #[error("{}", no_host(text, *family))]
        Host { text: String, family: Family },
        #[error("several addresses cannot be inverted with !")]
        InvertedAddresses,
        #[error("several addresses make several rules, expected one")]
        ManyRules,
        #[error("packets in {chain} have no {} interface", side(option))]
        InterfaceOfChain { chain: String, option: &'static str },
        #[error("empty target")]
        EmptyTarget,
        #[error("the name of a target has at most {max} bytes")]
        LongTarget { name: String, max: usize },
        #[error("no target or chain has a space in its name")]
        TargetSpace { name: String },
        #[error("the name of a match has at most {max} bytes")]
        LongMatch { name: String, max: usize },
        #[error("bad data {text:?}, expected the revision, a colon and pairs of hexadecimal digits")]
        Opaque { name: String, text: String },
        #[error(
            "bad header {text:?}, expected {digits} hexadecimal digits, or the name of a match or target before it"
        )]
        Header { text: String, digits: usize },
        #[error("--{option} beside --opaque, which has all of the header")]
        BesideHeader { option: &'static str },

        // Names of chains.
        #[error("the name of a chain has at most {max} bytes")]
        LongChain { name: String, max: usize },
        #[error("the name of a chain cannot begin with - or !")]
        ChainStart { first: char },
        #[error("a target has this name")]
        ChainIsTarget,
        #[error("the name of a chain cannot be empty")]
        EmptyChain,
        #[error("the name of a chain has no spaces and no control characters")]
        ChainSpace { name: String },
        #[error("the name {name:?} has a line end or a NUL byte")]
        BrokenName { name: String },
    }
}

impl BadLine {
    /// Whether it is about a value, and does not say of which option: where the line is shown, that is seen.
    pub(crate) fn is_of_value(&self) -> bool {
        use BadLine::*;
        matches!(self, Protocol { .. } | Mask { .. } | Host { .. } | InvertedAddresses | ManyRules)
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        use BadLine::*;
        match self {
            OptionOfNoTarget { .. } => ErrorKind::NoSuchExtension,
            Protocol { .. } | Mask { .. } | Host { .. } | Opaque { .. } | Header { .. } => {
                ErrorKind::InvalidValue
            }
            InvertedAddresses | ManyRules | InterfaceOfChain { .. } => ErrorKind::InvalidRule,
            LongChain { .. }
            | ChainStart { .. }
            | ChainIsTarget
            | EmptyChain
            | ChainSpace { .. }
            | BrokenName { .. }
            | OtherChain { .. } => ErrorKind::InvalidArgument,
            LongWord { .. }
            | ManyWords { .. }
            | OpenQuote
            | TwoBangs
            | NothingInverted
            | BangsAround
            | NoValueInverted
            | BehindDashes
            | StrayWord { .. }
            | UnknownOption { .. }
            | NoArgument { .. }
            | TakesNoValue { .. }
            | TakesTwoWords { .. }
            | Twice { .. }
            | Inverted { .. }
            | InvertedName { .. }
            | Fragment { .. }
            | NoCommand
            | CommandInRule { .. }
            | NotInRule { .. }
            | OtherFamily { .. }
            | TwoCommands { .. }
            | InvertedCommand
            | NotOfCommand { .. }
            | ReplaceWhat
            | RenameWhat
            | PolicyWhat
            | RuleNumber { .. }
            | RuleRange
            | NoCounters
            | Counter { .. }
            | Seconds { .. }
            | Interval
            | NoInterval
            | LongInterval { .. }
            | IntervalAlone
            | WaitInFile { .. }
            | TableInFile
            | EmptyTarget
            | LongTarget { .. }
            | TargetSpace { .. }
            | LongMatch { .. }
            | BesideHeader { .. } => ErrorKind::Syntax,
        }
    }
}

/// What was perhaps meant by the name of a target.
fn no_target(target: &str, meant: &Option<String>) -> String {
    match meant {
        Some(meant) if target == meant => " in this family".into(),
        meant => or_this(meant),
    }
}

/// The side of a packet's way that an option for interfaces is about.
fn side(option: &str) -> &'static str {
    if option.starts_with("in") { "input" } else { "output" }
}

/// What does not name a host of a family: most often an address of the other one.
fn no_host(text: &str, family: Family) -> String {
    match text.parse::<IpAddr>() {
        Ok(_) => Mistake::AddressOfOtherFamily { text: text.into(), family }.to_string(),
        Err(_) => format!("there is no host or network {text:?} in {family}"),
    }
}

fn bad_mask(text: &str, host: &Option<String>, family: Family) -> String {
    match host {
        Some(host) => no_host(host, family),
        None => format!("bad mask {text:?}, expected a prefix length or a mask"),
    }
}

/// What was perhaps meant by a misspelt option.
fn did_you_mean(option: &Option<String>, of: &[String]) -> String {
    match option {
        _ if !of.is_empty() => format!("; it belongs to {}", of.join(", ")),
        Some(known) => format!(", did you mean --{known}?"),
        None => String::new(),
    }
}
