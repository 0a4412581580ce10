//! Lines that cannot be read.

use std::borrow::Cow;

use crate::error::BadLine;

/// What iptables says about a line.
pub(super) fn words(bad: &BadLine, program: &str) -> Cow<'static, str> {
    match bad {
        BadLine::LongWord { .. } => "Parameter too long!".into(),
        BadLine::ManyWords { .. } => "Parser cannot handle more arguments".into(),
        BadLine::OpenQuote => "unclosed quote".into(),
        BadLine::TwoBangs => "multiple consecutive ! not allowed".into(),
        BadLine::BangsAround => "Multiple `!' flags not allowed".into(),
        BadLine::NoValueInverted => "no argument following `!'".into(),
        BadLine::NothingInverted => "nothing appropriate following !".into(),
        BadLine::BehindDashes => "unknown arguments found on commandline".into(),
        BadLine::StrayWord { word } => format!("Bad argument `{word}'").into(),

        BadLine::UnknownOption { option, .. } | BadLine::OptionOfNoTarget { option, .. } => {
            format!("unknown option \"{option}\"").into()
        }
        BadLine::NoArgument { option, unclear: false } => {
            format!("option \"{option}\" requires an argument").into()
        }
        BadLine::NoArgument { option, .. } => format!("unknown option \"{option}\"").into(),
        BadLine::TakesNoValue { word, .. } => format!("unknown option \"{word}\"").into(),
        // Its own words.
        BadLine::TakesTwoWords { formal: formal @ "chunk-types", .. } => {
            format!("--{formal} requires two args").into()
        }
        BadLine::TakesTwoWords { formal, .. } => format!("--{formal} requires two args.").into(),
        BadLine::Twice { option } => format!("multiple --{option} options not allowed").into(),
        BadLine::Inverted { option } => format!("cannot have ! before --{option}").into(),
        BadLine::InvertedName { option } => format!("unexpected ! flag before --{option}").into(),
        // ip6tables-legacy has the letter only.
        BadLine::Fragment { option } if option.starts_with("--") => {
            format!("unknown option \"{option}\"").into()
        }
        BadLine::Fragment { .. } => super::NO_FRAGMENTS.into(),

        BadLine::NoCommand => "no command specified".into(),
        BadLine::CommandInRule { .. } => "no command expected".into(),
        BadLine::NotInRule { option } | BadLine::OtherFamily { option, .. } => {
            format!("unknown option \"{option}\"").into()
        }
        BadLine::OtherChain { chain, .. } => format!("Invalid chain name `{chain}'").into(),
        BadLine::TwoCommands { new, old } => format!("Cannot use -{new} with -{old}").into(),
        BadLine::InvertedCommand => "unexpected '!' flag".into(),
        BadLine::NotOfCommand { option, .. } => {
            format!("Illegal option `--{option}' with this command").into()
        }
        BadLine::ReplaceWhat => "-R requires a rule number".into(),
        BadLine::RenameWhat => "-E requires old-chain-name and new-chain-name".into(),
        BadLine::PolicyWhat => "-P requires a chain and a policy".into(),
        BadLine::RuleNumber { text } => format!("Invalid rule number `{text}'").into(),
        BadLine::RuleRange => "Rule ranges are not supported".into(),
        BadLine::NoCounters => "--set-counters requires packet and byte counter".into(),
        BadLine::Counter { of, .. } => format!("--set-counters {of} counter not numeric").into(),
        BadLine::Seconds { .. } => "wait seconds not numeric".into(),
        BadLine::Interval => "wait interval not numeric".into(),
        BadLine::NoInterval => "wait interval value required".into(),
        BadLine::LongInterval { long } => format!("too long usec wait {long} > 999999 usec").into(),
        BadLine::IntervalAlone => "--wait-interval only makes sense with --wait\n".into(),
        BadLine::WaitInFile { option } => format!("You cannot use `{option}' from iptables-restore").into(),
        BadLine::TableInFile => format!("The -t option cannot be used in {program}.\n").into(),

        BadLine::Protocol { text } => {
            format!("unknown protocol \"{}\" specified", text.to_lowercase()).into()
        }
        BadLine::Mask { text, .. } => format!("invalid mask `{text}' specified").into(),
        BadLine::Host { text, .. } => format!("host/network `{text}' not found").into(),
        BadLine::InvertedAddresses => "! not allowed with multiple source or destination IP addresses".into(),
        BadLine::ManyRules => "Replacement rule does not specify a unique address".into(),
        BadLine::InterfaceOfChain { chain, option } => format!("Can't use --{option} with {chain}").into(),
        BadLine::EmptyTarget => "Invalid target name (too short)".into(),
        BadLine::LongTarget { name, max } => format!("Invalid target name `{name}' ({max} chars max)").into(),
        BadLine::LongMatch { name, max } => format!("Invalid match name \"{name}\" ({max} chars max)").into(),
        BadLine::Header { text, .. } => format!("Bad value for \"--opaque\" option: \"{text}\"").into(),
        BadLine::BesideHeader { option } => format!("--{option} and --opaque cannot be used together").into(),
        BadLine::Opaque { name, text } => {
            format!("{name}: Bad value for \"--opaque\" option: \"{text}\"").into()
        }

        BadLine::LongChain { name, max } => {
            format!("chain name `{name}' too long (must be under {} chars)", max + 1).into()
        }
        BadLine::ChainStart { first } => format!("chain name not allowed to start with `{first}'").into(),
        BadLine::ChainIsTarget | BadLine::EmptyChain => "chain name may not clash with target name".into(),
        BadLine::ChainSpace { name } => format!("Invalid chain name `{name}'").into(),
        BadLine::BrokenName { name } | BadLine::TargetSpace { name } => {
            format!("Invalid target name `{name}'").into()
        }
    }
}
