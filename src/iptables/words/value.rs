//! Values that cannot be read.

use std::borrow::Cow;

use crate::Family;
use crate::error::{BadProgram, BadTest, BadValue, HeaderOption};
use crate::ext::values::Rate;
use crate::ext::{Extension, Opt};

/// What iptables says about a value of an option.
pub(super) fn words(
    bad: &BadValue,
    value: &str,
    extension: Option<&Extension>,
    option: Option<&Opt>,
) -> Cow<'static, str> {
    let ext = extension.map_or("", |extension| extension.name);
    let name = option.map_or("", Opt::formal);
    let unusable = |part: &str| format!("{ext}: Bad value for \"--{name}\" option: \"{part}\"");
    match bad {
        // What the parser of options says, whatever the extension.
        BadValue::Number { near: None, min, max } => {
            format!("{ext}: bad value for option \"--{name}\", or out of range ({min}-{max}).\n")
        }
        BadValue::Number { near: Some(near), min, max } => {
            format!("{ext}: bad value for option \"--{name}\" near \"{near}\", or out of range ({min}-{max}).\n")
        }
        BadValue::Several => {
            format!("{ext}: Argument to \"--{name}\" has unexpected characters near \"{value}\".\n")
        }
        BadValue::BehindNumber { rest } => {
            format!("{ext}: Argument to \"--{name}\" has unexpected characters near \"{rest}\".\n")
        }
        BadValue::Counters => format!("{ext}: bad counters \"{value}\"\n"),
        BadValue::Colons => format!("{ext}: Too many components for option \"--{name}\" (max: 2)\n"),
        BadValue::Mark => format!("{ext}: bad integer value for option \"--{name}\", or out of range.\n"),
        BadValue::BehindMark => format!("{ext}: trailing garbage after value for option \"--{name}\".\n"),
        BadValue::NamedMark { .. } => {
            format!("{ext}: could not map name {value} to an integer value for option \"--{name}\".\n")
        }
        BadValue::TooShort { min } => format!("Argument must have a minimum length of {min} characters\n"),
        BadValue::TooLong { max } => format!("Argument must have a maximum length of {max} characters\n"),
        BadValue::Host { reason, .. } => format!("getaddrinfo: {reason}\n"),
        BadValue::HostOfFamily { .. } => {
            return "getaddrinfo: Address family for hostname not supported\n".into();
        }
        BadValue::ManyHosts { part, .. } => format!("{part} resolves to more than one address\n"),
        BadValue::Mask { family } => {
            let bits = if *family == Family::Ipv4 { 32 } else { 128 };
            format!(
                "{ext}: bad value for option \"--{name}\", neither a valid network mask nor valid CIDR (0-{bits}).\n"
            )
        }
        BadValue::MacMask => {
            format!("Problem with specified {}", name.replace('-', " "))
        }
        BadValue::ArpOpcode => return "Problem with specified opcode".into(),
        BadValue::HardwareType => return "Problem with specified hardware type".into(),
        BadValue::ArpProtocol => return "Problem with specified protocol type".into(),
        BadValue::HardwareLength => {
            return "Only hardware address length of 6 is supported currently.".into();
        }
        BadValue::Mac => return "Invalid MAC address specified.".into(),
        BadValue::Protocol => format!("unknown protocol \"{value}\" specified"),
        BadValue::NoInterface => return "Empty interface is likely to be undesired".into(),
        BadValue::LongInterface { max } => {
            format!("interface name `{value}' must be shorter than IFNAMSIZ ({max})")
        }
        BadValue::TwoWords => format!("--{name} requires two args."),
        BadValue::Broken => format!("Newlines not allowed in --{name}"),
        BadValue::Port { part, service: true } => format!("invalid port/service `{part}' specified"),
        BadValue::Port { part, service: false } => format!("Port \"{part}\" does not resolve to anything.\n"),
        BadValue::PortOrder => return "invalid portrange (min > max)".into(),
        BadValue::NegativePorts { min, max } => format!("Port range {min}-{max} is negative.\n"),
        BadValue::Choice { part, .. } => match option.and_then(|option| option.misread) {
            Some(words) => words.replace("{}", part),
            None => unusable(part),
        },
        BadValue::AddressRange { part, .. } => unusable(part),
        // Its number has no sign, so less than nothing is more than anything.
        BadValue::Rate | BadValue::HashRate if is_negative_rate(value) => {
            format!("Rate too fast \"{value}\"")
        }
        BadValue::HashRate | BadValue::Owner => unusable(value),

        // What one of them says.
        BadValue::Counter => format!("Cannot parse {value} as a counter value"),
        BadValue::Seconds => unusable(value),
        BadValue::Timeout => {
            return "Invalid value for option --timeout or out of range 0-4294967294".into();
        }
        BadValue::Milliseconds => return "Delay value must be within range 0..4294967295".into(),
        BadValue::Zone => format!("Cannot parse {value} as a zone ID"),
        BadValue::Label => format!("label '{value}' not found or invalid value"),
        BadValue::Class => format!("Bad class value \"{value}\""),
        BadValue::Tos => format!("Illegal value: \"{value}\""),
        BadValue::NamedTos => format!("Symbolic name \"{value}\" is unknown"),
        BadValue::OneQueue => format!("Bad range \"{value}\""),
        BadValue::SameQueue { number } => format!("{number} should be less than {number}"),
        BadValue::Status { part, .. } => format!("Bad ctstatus \"{part}\""),
        BadValue::State { part, .. } => format!("Bad {name} \"{part}\""),
        BadValue::NoState => {
            return "\"--state\" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED".into();
        }
        BadValue::AddressType { part, last: true, .. } => format!("addrtype: bad type \"{part}\""),
        BadValue::AddressType { part, last: false, .. } => format!("addrtype: bad type `{part}'"),
        BadValue::LogLevel { .. } => format!("log level \"{value}\" unknown\n"),
        BadValue::RejectType { .. } => format!("unknown reject type \"{value}\""),
        BadValue::TcpFlag { part } => format!("Unknown TCP flag `{part}'"),
        BadValue::TcpOption => format!("Bad TCP option \"{value}\""),
        BadValue::StrippedOption { part, .. } => format!("Bad TCP option value \"{part}\""),
        BadValue::UnstrippableOption => return "Option value may not be 0 or 1".into(),
        BadValue::StrippedTwice { part } => format!("Option \"{part}\" already specified"),
        BadValue::Header { part, .. } => format!("unknown header `{part}' specified"),
        BadValue::NoHeader => return "ip6t_ipv6header: cannot parse header names".into(),
        BadValue::Tuple { part, .. } => format!("Bad type \"{part}\""),
        BadValue::EmptyTuple { .. } => {
            return "\"--hmark-tuple\" requires a list of types with no spaces, e.g. src,dst,sport,dport,proto"
                .into();
        }
        BadValue::SetName { name, max } => format!("setname `{name}' too long, max {max} characters."),
        BadValue::SetSide => {
            return "You must specify (the comma separated list of) 'src' or 'dst'.".into();
        }
        BadValue::SetSides { max } => format!("Can't be more src/dst options than {max}."),
        BadValue::ChunkMatch => return "Match type has to be one of \"ALL\", \"ANY\" or \"ONLY\"".into(),
        BadValue::Chunk { part, .. } => format!("Unknown sctp chunk `{part}'"),
        BadValue::ChunkFlags { chunk, .. } => format!("Invalid flags for chunk type {chunk}"),
        BadValue::RouteAddress { part } => format!("bad address: {part}"),
        BadValue::RouteAddresses { .. } | BadValue::HeaderOptions { .. } => {
            return "too many addresses specified".into();
        }
        BadValue::HeaderOption { what, part, digits } => {
            let what = match what {
                HeaderOption::Kind => "opt",
                HeaderOption::Length => "length",
            };
            let text = part.trim_ascii_start().trim_start_matches('+');
            match digits {
                false if text.starts_with(|first: char| first.is_ascii_digit()) => {
                    format!("{what} `{part}' specified too big: would overflow")
                }
                true => format!("{ext}: error parsing {what} `{part}'"),
                false => format!("{ext}: no valid digits in {what} `{part}'"),
            }
        }
        // The two matches have words of their own for it.
        BadValue::PaddingLength if name == "hbh-opts" => return "PAD0 has not got length".into(),
        BadValue::PaddingLength => return "PAD0 hasn't got length".into(),
        BadValue::IpsecProtocol => return "policy match: protocol must be ah/esp/ipcomp".into(),
        BadValue::PortsOrder => return "invalid portrange specified".into(),
        BadValue::ManyPorts => return "too many ports specified".into(),
        BadValue::PortsOfProtocol { any: true } => {
            return "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'".into();
        }
        BadValue::PortsOfProtocol { any: false } => {
            return "multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP".into();
        }
        BadValue::IcmpType { protocol } => format!("Unknown {protocol} type `{value}'"),
        BadValue::IcmpCode { protocol } => format!("Unknown {protocol} code `{value}'"),
        BadValue::IcmpBeginning { protocol, one, other } => {
            format!("Ambiguous {protocol} type `{value}': `{one}' or `{other}'?")
        }
        BadValue::IcmpRange { protocol } => format!("{protocol} type range not supported"),
        BadValue::IcmpCharacter { character } => format!("unknown character {character}"),
        BadValue::MobilityType { part } => format!("Invalid MH type `{part}'"),
        BadValue::MobilityOrder => return "Invalid MH type range (min > max)".into(),
        BadValue::NatAddress { part, .. } => format!("Bad IP address \"{part}\""),
        BadValue::NatBrackets { .. } => return "Invalid address format".into(),
        BadValue::NatProtocol => return "Need TCP, UDP, SCTP or DCCP with port specification".into(),
        BadValue::NatPort { part } => format!("Port `{part}' not valid"),
        BadValue::NatColon => return "Invalid port:port syntax - use dash".into(),
        BadValue::BehindNatPort { rest } => format!("Garbage after port value: `{rest}'"),
        BadValue::BehindNatPorts { rest } => format!("Garbage after port range: `{rest}'"),
        BadValue::NatOrder { part } => format!("Port range `{part}' funky"),
        BadValue::NatBase => return super::NO_BASE.into(),
        BadValue::Date => {
            format!("Invalid date \"{value}\" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]")
        }
        BadValue::DayTime { part } => {
            format!("invalid time \"{part}\" specified, should be hh:mm[:ss] format and within the boundaries")
        }
        BadValue::Weekday { part } => format!("{part} is not a valid day specifier"),
        BadValue::WeekdayZero => return "No, the week does NOT begin with Sunday.".into(),
        BadValue::Monthday { part } => format!("{part} is not a valid day for --monthdays"),
        BadValue::Rate => format!("bad rate \"{value}\"'"),
        BadValue::FastRate { .. } => format!("Rate too fast \"{value}\""),
        BadValue::HashBurst { max } => super::big_burst(*max),
        BadValue::ByteRate => format!("{ext}: could not parse rate `{value}'"),
        BadValue::PacketRate => format!("{ext}: could not parse pps `{value}'"),
        BadValue::EstimatorTime => {
            let what = name.rsplit('-').next().unwrap_or_default();
            format!("{ext}: bad {what} value \"{value}\"")
        }
        BadValue::LongPattern => format!("STRING too long \"{value}\""),
        BadValue::EmptyPattern => return "STRING must contain at least one char".into(),
        BadValue::HexBlock => return "Invalid hex block".into(),
        BadValue::HexPairs => return "Odd number of hex digits".into(),
        BadValue::HexDigit { digit } => format!("Invalid hex char '{digit}'"),
        BadValue::Backslash => return "Bad literal placement at end of string".into(),
        BadValue::Program(fault) => format!("bpf: {}", program(fault)),
        BadValue::Test { at, fault } => test(*at, fault),
        BadValue::ElementTwice => format!("policy match: double --{name} option"),
    }
    .into()
}

fn is_negative_rate(value: &str) -> bool {
    value.trim_start().strip_prefix('-').is_some_and(|rate| Rate::read(rate.as_bytes()).is_some())
}

fn program(fault: &BadProgram) -> Cow<'static, str> {
    match fault {
        BadProgram::Length => "error parsing program length",
        BadProgram::Empty => "illegal zero length program",
        BadProgram::Long { .. } => "number of instructions exceeds maximum",
        BadProgram::Instruction { index } => return format!("error at instr {index}").into(),
        BadProgram::More => "real program length exceeds the encoded length parameter",
        BadProgram::Fewer => "parsed program length is less than the encoded length parameter",
    }
    .into()
}

fn test(at: usize, fault: &BadTest) -> String {
    let words: Cow<'_, str> = match fault {
        BadTest::NoValues => return "u32: abrupt end of input after location specifier".into(),
        BadTest::NoValue => return "u32: test ended with no value specified".into(),
        BadTest::Number => "not a number or out of range".into(),
        BadTest::Second(sign) => format!("a second '{sign}' was expected").into(),
        BadTest::NoOffset => "location spec missing".into(),
        BadTest::Operator => "operator expected".into(),
        BadTest::Operators => "too many operators".into(),
        BadTest::Values => "too many \",\"s".into(),
        BadTest::Tests => "too many \"&&\"s".into(),
        BadTest::Separator => "expected \",\" or \"&&\"".into(),
    };
    format!("u32: at char {at}: {words}")
}
