//! What a value of an option should have been.

use super::sample::sampled;
use crate::types::Family;

sampled! {
    /// Why the value of an option cannot be read: what was expected in its place.
    ///
    /// Option and value are added by the parser of options, which makes a [`Mistake::Value`](super::Mistake::Value) of it.
    /// `part` is what cannot be read where that is less than the whole value.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub enum BadValue {
        // Numbers.
        /// `near` is what stands in place of the number inside a longer value.
        #[error("a number from {min} to {max}")]
        Number { min: u64, max: u64, near: Option<String> },
        #[error("one value, not several")]
        Several,
        #[error("one number or two with a colon")]
        BehindNumber { rest: String },
        #[error("at most one colon")]
        Colons,
        #[error("VALUE[/MASK] of 32 bits")]
        Mark,
        #[error("VALUE[/MASK] of 32 bits and nothing behind it")]
        BehindMark,
        #[error("VALUE[/MASK] of 32 bits or the name of a {of}")]
        NamedMark { of: &'static str },
        #[error("a number")]
        Counter,
        #[error("two numbers, [PACKETS:BYTES]")]
        Counters,
        #[error("a number of seconds")]
        Seconds,
        #[error("a number of seconds up to 4294967294")]
        Timeout,
        #[error("milliseconds up to 4294967294, or inf")]
        Milliseconds,
        #[error("mark or a number up to 65535")]
        Zone,
        #[error("a number up to 127 or a name in /etc/xtables/connlabel.conf")]
        Label,
        #[error("a name, a number up to 4294967294 or a range of numbers")]
        Owner,
        #[error("MAJOR:MINOR, two hexadecimal numbers up to ffff")]
        Class,
        #[error("VALUE[/MASK] of 8 bits, or a name such as Minimize-Delay")]
        Tos,
        #[error("VALUE[/MASK] of 8 bits, or a name such as Minimize-Delay")]
        NamedTos,
        #[error("the first and the last queue")]
        OneQueue,
        #[error("at least two queues")]
        SameQueue { number: u16 },

        // Texts and names.
        #[error("at least {min} byte{}", if *min == 1 { "" } else { "s" })]
        TooShort { min: usize },
        #[error("at most {max} bytes")]
        TooLong { max: usize },
        /// None of a list of names. What iptables says then stands in the table of the option.
        #[error("one of {}", names.join(", "))]
        Choice { names: &'static [&'static str], part: String },
        #[error("NONE or one of {}", names.join(", "))]
        Status { names: &'static [&'static str], part: String },
        /// One of the states that a match called `state` or `conntrack` takes.
        #[error("one of {}", names.join(", "))]
        State { names: Vec<&'static str>, part: String },
        #[error("a state behind every comma")]
        NoState,
        /// `last`: no other name follows.
        #[error("one of {}", names.join(", "))]
        AddressType { names: &'static [&'static str], part: String, last: bool },
        #[error("0 to 7 or one of {}", names.join(", "))]
        LogLevel { names: Vec<&'static str> },
        #[error("one of {}", names.join(", "))]
        RejectType { names: Vec<&'static str> },
        #[error("SYN, ACK, FIN, RST, URG, PSH, ALL or NONE")]
        TcpFlag { part: String },
        #[error("a number from 1 to 255")]
        TcpOption,
        #[error("numbers from 2 to 255 or {}", names.join(", "))]
        StrippedOption { names: &'static [&'static str], part: String },
        #[error("options from 2 to 255")]
        UnstrippableOption,
        #[error("each option once")]
        StrippedTwice { part: String },
        #[error("names of headers")]
        NoHeader,
        #[error("one or several of {}", names.join(", "))]
        Tuple { names: &'static [&'static str], part: String },
        #[error("one or several of {}", names.join(", "))]
        EmptyTuple { names: &'static [&'static str] },
        #[error("the name of an interface, which has at least one byte")]
        NoInterface,
        #[error("the name of an interface, which has at most {max} bytes")]
        LongInterface { max: usize },
        #[error("text without line ends and NUL bytes")]
        Broken,
        #[error("two words")]
        TwoWords,
        #[error("a name of at most {max} bytes")]
        SetName { name: String, max: usize },
        #[error("src or dst, with commas between several")]
        SetSide,
        #[error("at most {max} sides")]
        SetSides { max: usize },
        #[error("any, all or only")]
        ChunkMatch,
        #[error("ALL, NONE or some of {}", names.join(", "))]
        Chunk { names: Vec<&'static str>, part: String },
        #[error("{}", of_flags(flags))]
        ChunkFlags { chunk: u8, flags: String },

        // Addresses.
        #[error("an {family} address or the name of one host")]
        Host { family: Family, reason: String },
        #[error("an {family} address or the name of a host that has one")]
        HostOfFamily { family: Family },
        #[error("an {family} address or the name of a host that has only one")]
        ManyHosts { family: Family, part: String },
        #[error("the length of a prefix, or a mask")]
        Mask { family: Family },
        #[error("{family} addresses, FIRST[-LAST]")]
        AddressRange { family: Family, part: String },
        #[error("IPv6 addresses")]
        RouteAddress { part: String },
        #[error("at most {max} addresses")]
        RouteAddresses { max: usize },
        #[error("six hexadecimal numbers with colons")]
        Mac,
        #[error("six hexadecimal numbers with colons, perhaps with a mask like that, or Unicast, Multicast or Broadcast")]
        MacMask,
        #[error("a number up to 65535, or a name such as Request")]
        ArpOpcode,
        #[error("TYPE[/MASK], hexadecimal numbers up to ffff, or Ethernet")]
        HardwareType,
        #[error("TYPE[/MASK], numbers up to 65535, or IPv4")]
        ArpProtocol,
        #[error("6, the length of the addresses of Ethernet, perhaps with a mask")]
        HardwareLength,

        // Protocols, and what only some of them have.
        #[error("the name or number of a protocol")]
        Protocol,
        #[error("ah, esp or ipcomp")]
        IpsecProtocol,
        /// `service`: names are looked up for the protocol of the rule.
        #[error("a port from 0 to 65535 or the name of a service")]
        Port { part: String, service: bool },
        #[error("the lower port first")]
        PortOrder,
        #[error("the lower port first")]
        NegativePorts { min: u16, max: u16 },
        #[error("the lower port of a range first")]
        PortsOrder,
        #[error("at most 15 ports, where a range counts as two")]
        ManyPorts,
        /// `any`: the rule is for every protocol.
        #[error("a rule that is limited to tcp, udp, udplite, sctp or dccp")]
        PortsOfProtocol { any: bool },
        #[error("the name of a type, or TYPE[/CODE] with numbers up to 255")]
        IcmpType { protocol: &'static str },
        #[error("the name of a type, or TYPE[/CODE] with numbers up to 255")]
        IcmpCode { protocol: &'static str },
        #[error("one name, not the beginning of {one} and {other}")]
        IcmpBeginning { protocol: &'static str, one: &'static str, other: &'static str },
        #[error("one type")]
        IcmpRange { protocol: &'static str },
        #[error("TYPE[/CODE[:CODE]], not {character:?}")]
        IcmpCharacter { character: char },
        #[error("the name of a message or a number up to 255")]
        MobilityType { part: String },
        #[error("the lower type first")]
        MobilityOrder,
        #[error("at most {max} options")]
        HeaderOptions { max: usize },
        /// `what`: the type of an option of an IPv6 header, or its length.
        #[error("a number from 0 to 255 as the {what}")]
        HeaderOption { what: HeaderOption, part: String, digits: bool },
        #[error("option 0 without a length")]
        PaddingLength,
        #[error("some of {}", names.join(", "))]
        Header { names: &'static [&'static str], part: String },

        // Translated addresses and ports.
        #[error("an {family} address")]
        NatAddress { family: Family, part: String },
        #[error("{}", if *family == Family::Ipv4 { "an IPv4 address, which has no brackets" } else { "an address in brackets" })]
        NatBrackets { family: Family },
        #[error("a rule that is limited to a protocol with ports")]
        NatProtocol,
        #[error("a port from 0 to 65535 or the name of a service")]
        NatPort { part: String },
        #[error("PORT[-PORT] with a dash")]
        NatColon,
        #[error("PORT[-PORT[/PORT]]")]
        BehindNatPort { rest: String },
        #[error("PORT-PORT")]
        BehindNatPorts { rest: String },
        #[error("the lower port first")]
        NatOrder { part: String },
        #[error("no base port behind a slash, which only DNAT has")]
        NatBase,

        // Time and rates.
        #[error("a date from 1970 to 2038 as YYYY[-MM[-DD[Thh[:mm[:ss]]]]]")]
        Date,
        #[error("a time from 00:00 to 23:59:59 as hh:mm[:ss]")]
        DayTime { part: String },
        #[error("1 (Monday) to 7 or Mon, Tue, Wed, Thu, Fri, Sat, Sun")]
        Weekday { part: String },
        #[error("1 (Monday) to 7 or Mon, Tue, Wed, Thu, Fri, Sat, Sun, which is not 0")]
        WeekdayZero,
        #[error("days from 1 to 31")]
        Monthday { part: String },
        #[error("a number per second, minute, hour or day")]
        Rate,
        #[error("at most {max} per second")]
        FastRate { max: u32 },
        #[error("packets per second, minute, hour or day, or bytes such as 10kb/s")]
        HashRate,
        #[error("a number from 1 to {max}, or bytes such as 10kb")]
        HashBurst { max: u64 },
        #[error("a rate such as 8kbit or 1kbps, less than 4294967296 bytes per second")]
        ByteRate,
        #[error("a number of packets per second")]
        PacketRate,
        #[error("a number with the unit s, ms or us")]
        EstimatorTime,

        // Patterns and programs.
        #[error("at most 128 bytes")]
        LongPattern,
        #[error("at least one byte")]
        EmptyPattern,
        #[error("pairs of hexadecimal digits between two bars")]
        HexBlock,
        #[error("pairs of hexadecimal digits")]
        HexPairs,
        #[error("hexadecimal digits between the bars")]
        HexDigit { digit: char },
        #[error("something behind the last backslash")]
        Backslash,
        #[error("COUNT,CODE JT JF K[,...]: {0}")]
        Program(BadProgram),
        #[error("OFFSET[OP NUMBER]...=VALUE[:VALUE], but at character {at} {fault}")]
        Test { at: usize, fault: BadTest },

        // Elements of a policy.
        #[error("the option once for each element")]
        ElementTwice,
    }
}

sampled! {
    /// A part of an option of an IPv6 header.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
    pub enum HeaderOption {
        #[error("type")]
        Kind,
        #[error("length")]
        Length,
    }
}

sampled! {
    /// Why a text is no program of BPF.
    #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
    pub enum BadProgram {
        #[error("the number of instructions is missing")]
        Length,
        #[error("there are no instructions")]
        Empty,
        #[error("there are more than {max} instructions")]
        Long { max: usize },
        #[error("instruction {index} is not four numbers")]
        Instruction { index: usize },
        #[error("more instructions follow than the number says")]
        More,
        #[error("fewer instructions follow than the number says")]
        Fewer,
    }
}

sampled! {
    /// Why a text is no program of u32.
    #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
    pub enum BadTest {
        #[error("stands no number of 32 bits")]
        Number,
        #[error("a second {0} is missing")]
        Second(char),
        #[error("the offset is missing")]
        NoOffset,
        #[error("the text ends before = and a value")]
        NoValues,
        #[error("stands no operator")]
        Operator,
        #[error("are more than 10 operators")]
        Operators,
        #[error("a value is missing")]
        NoValue,
        #[error("are more than 10 values")]
        Values,
        #[error("are more than 10 tests")]
        Tests,
        #[error("stands neither a comma nor &&")]
        Separator,
    }
}

/// The flags that a type of chunk has.
fn of_flags(flags: &str) -> String {
    if flags.is_empty() { "no flags".into() } else { format!("the flags {flags:?}") }
}
