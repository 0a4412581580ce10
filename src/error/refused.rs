//! What the kernel refuses although it can be written.

use super::sample::sampled;
use crate::types::{Hook, HookMask, Protocol};

sampled! {
    /// What the kernel answers with EINVAL, found out before it is asked. iptables has the same words for all of it.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum Refused {
        // Where a rule stands.
        #[error("only for the table {}", .0.join(" or "))]
        Table(&'static [&'static str]),
        #[error("only for {}, but the rule is reached from {hook}", chains(*hooks))]
        Hook { hooks: HookMask, hook: Hook },
        #[error("only in rules that are limited to the protocol {}", protocols(.0))]
        Protocol(&'static [Protocol]),
        #[error("not for traffic that is not bridged, but the rule is reached from OUTPUT")]
        NotBridged,

        // What stands beside an option.
        #[error("needs {}", super::misfit::one_of(.0))]
        NeedsOneOf(&'static [&'static str]),
        #[error("--{0} and --{1} cannot stand together")]
        Together(&'static str, &'static str),
        #[error("only in rules that match nothing but SYN packets, as by --syn")]
        NeedsSyn,
        #[error("needs a rate in bytes or packets, such as --rateest-bps")]
        NoRate,
        #[error("version 2 is always in UDP")]
        TunnelVersion,
        #[error("bits cannot be set in both an index and ports")]
        IndexAndPorts,

        // Values.
        #[error("the range {min}-{max} runs backwards")]
        Backwards { min: u32, max: u32 },
        #[error("must not be behind --to")]
        BehindTo,
        #[error("must have at least one byte")]
        Empty,
        #[error("must be from {min} to {max}")]
        OutOfRange { min: u32, max: u32 },
        #[error("must be the name of a file: not empty, . or .., without /")]
        FileName,
        #[error("must be from 1 on")]
        Zero,
        #[error("goes only with --rcheck and --update")]
        OnlyToCheck,
        #[error("only in rules that are limited to one protocol")]
        NoProtocol { absent: bool },
        #[error("so many at once are too many for such a slow rate")]
        Overflow,
        #[error("there must be room for one packet at least")]
        NoBurst,
        #[error("marks cannot be shifted by {bits} bits")]
        Shift { bits: u8 },
        #[error("four bytes cannot be shifted by {bits} bits")]
        WideShift { bits: u32 },
        #[error("the prefix must have at most 64 bits")]
        LongPrefix,
        #[error("there are bits behind the prefix")]
        BitsBehindPrefix,
        #[error("the gateway must be a host")]
        Gateway,
        #[error("the program does not end with a return")]
        NoReturn,
        #[error("the program jumps behind its end")]
        JumpBehindEnd,
        #[error("instruction {index} {fault}")]
        Instruction { index: usize, fault: &'static str },
        #[error("the algorithm fsm takes tokens of its own, not text")]
        Tokens,
    }
}

impl Refused {
    /// The option that it is about, where its extension does not say.
    pub(super) fn option(&self) -> Option<&'static str> {
        match self {
            Refused::Together(_, option) => Some(option),
            _ => None,
        }
    }

    /// Whether it is the value of the option that is wrong, rather than that it stands there.
    pub(super) fn is_of_value(&self) -> bool {
        use Refused::*;
        matches!(
            self,
            Backwards { .. }
                | BehindTo
                | Empty
                | OutOfRange { .. }
                | FileName
                | Zero
                | Overflow
                | NoBurst
                | Shift { .. }
                | WideShift { .. }
                | LongPrefix
                | BitsBehindPrefix
                | Gateway
                | NoReturn
                | JumpBehindEnd
                | Instruction { .. }
                | Tokens
        )
    }
}

fn chains(hooks: HookMask) -> String {
    hooks.iter().map(|hook| hook.chain_name()).collect::<Vec<_>>().join(", ")
}

fn protocols(protocols: &[Protocol]) -> String {
    protocols.iter().map(Protocol::to_string).collect::<Vec<_>>().join(" or ")
}
