//! The values of options that are not given as text. Each sets an option of the match or target that was added last.

use std::time::Duration;

use libfw::Datum;
use libfw::ext::Opt;
use libfw::ext::values::{DayTime, IcmpType, MacAddr, Moment, RateUnit};

use crate::address::{self, fw_address};
use crate::builder::{add, fw_builder, invalid};
use crate::error::{Result, required};
use crate::ffi::{Data, Number, Ranges, Text, Words};
use crate::value::{fw_nat, fw_range, fw_unit, fw_value};

/// Sets an option to a value.
fn set(builder: Option<&mut fw_builder>, option: Text, value: impl FnOnce(&Opt) -> Result<Datum>) {
    add(builder, |builder| builder.option(option.bytes("option")?, value));
}

/// Sets an option that takes no value, such as FW_TCP_SYN.
///
///     struct in_addr network;
///     fw_error *error = NULL;
///     fw_rule *rule;
///     fw_builder *builder = fw_builder_new(FW_IPV4);
///     inet_pton(AF_INET, "198.51.100.0", &network);
///     fw_address source = fw_address_ipv4(&network, 24);
///     fw_builder_source_address(builder, &source);
///     fw_builder_protocol_number(builder, IPPROTO_TCP);
///     fw_builder_match(builder, FW_MATCH_TCP);
///     fw_builder_number(builder, FW_TCP_DPORT, 22);
///     fw_builder_flag(builder, FW_TCP_SYN);
///     fw_builder_match(builder, FW_MATCH_LIMIT);
///     fw_builder_rate(builder, FW_LIMIT_RATE, 5, FW_PER_MINUTE);
///     fw_builder_number(builder, FW_LIMIT_BURST, 10);
///     fw_builder_match(builder, FW_MATCH_CONNTRACK);
///     fw_builder_bits(builder, FW_CONNTRACK_STATE, FW_CONNTRACK_STATE_NEW | FW_CONNTRACK_STATE_UNTRACKED);
///     fw_builder_target(builder, FW_TARGET_CONNMARK);
///     fw_builder_masked(builder, FW_CONNMARK_SET_MARK, 0x10, 0xff);
///     if (fw_builder_build(builder, NULL, &rule, &error) == FW_OK)
///         printf("%s\n", fw_rule_text(rule));
///     else
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     fw_rule_free(rule);
///     fw_error_free(error);
///     fw_builder_free(builder);
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_flag(builder: Option<&mut fw_builder>, option: Text) {
    set(builder, option, |_| Ok(Datum::Flag));
}

/// Sets an option to a number: a port, a length, seconds, a mark.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_number(builder: Option<&mut fw_builder>, option: Text, number: u64) {
    set(builder, option, |_| Ok(number.into()));
}

/// Sets an option to numbers from one to another, both included, such as ports.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_range(builder: Option<&mut fw_builder>, option: Text, min: u64, max: u64) {
    set(builder, option, |_| Ok(Datum::Range { min, max }));
}

/// Sets an option to several numbers and ranges of numbers, such as the ports of `multiport`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_ranges(
    builder: Option<&mut fw_builder>,
    option: Text,
    ranges: Ranges,
    count: usize,
) {
    set(builder, option, |_| {
        let datum = |range: &fw_range| match range.min == range.max {
            true => Datum::Number(range.min),
            false => Datum::Range { min: range.min, max: range.max },
        };
        Ok(Datum::List(ranges.all(count)?.iter().map(datum).collect()))
    });
}

/// Sets an option to a number of which the bits of a mask count, such as a mark.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_masked(builder: Option<&mut fw_builder>, option: Text, number: u64, mask: u64) {
    set(builder, option, |_| Ok(Datum::Masked { value: number, mask }));
}

/// Sets an option to an address, or to a network where it takes one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_address(
    builder: Option<&mut fw_builder>,
    option: Text,
    address: Option<&fw_address>,
) {
    set(builder, option, |_| {
        let address = address::of(address)?;
        Ok(match address.single()? {
            Some(single) => single.into(),
            None => address.network()?.into(),
        })
    });
}

/// Sets an option to the addresses from one to another, both included; their masks are not looked at.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_addresses(
    builder: Option<&mut fw_builder>,
    option: Text,
    first: Option<&fw_address>,
    last: Option<&fw_address>,
) {
    set(builder, option, |_| {
        Ok(Datum::Addresses { first: address::of(first)?.addr()?, last: address::of(last)?.addr()? })
    });
}

/// Sets an option to the addresses, the ports, or both that a packet is mapped to: FW_DNAT_TO_DESTINATION, FW_SNAT_TO_SOURCE. Ports
/// alone, as FW_REDIRECT_TO_PORTS and FW_MASQUERADE_TO_PORTS take them, are a number or a range.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_nat(builder: Option<&mut fw_builder>, option: Text, nat: Option<&fw_nat>) {
    set(builder, option, |_| Ok(required(nat, "nat")?.range()?.into()));
}

/// Sets an option to a type of ICMP or ICMPv6 and the codes of it that count: FW_ICMP_TYPE, FW_ICMP6_TYPE. With 0 and 255 all do, as
/// with `fw_builder_number`, which gives the type alone.
///
///     fw_builder *builder = fw_builder_new(FW_IPV4);
///     fw_builder_protocol_number(builder, IPPROTO_ICMP);
///     fw_builder_match(builder, FW_MATCH_ICMP);
///     fw_builder_icmp(builder, FW_ICMP_TYPE, 3, 4, 4);
///     fw_builder_free(builder);
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_icmp(
    builder: Option<&mut fw_builder>,
    option: Text,
    icmp_type: u8,
    min_code: u8,
    max_code: u8,
) {
    set(builder, option, |_| Ok(IcmpType { kind: icmp_type, codes: [min_code, max_code] }.into()));
}

/// Sets an option to a number of bytes where `fw_builder_number` sets it to packets: FW_HASHLIMIT_BURST beside a rate of
/// FW_BYTES_PER_SECOND.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_bytes(builder: Option<&mut fw_builder>, option: Text, bytes: u64) {
    set(builder, option, |_| Ok(Datum::Bytes(bytes)));
}

/// Sets an option to the address of a network card: six bytes.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_mac(builder: Option<&mut fw_builder>, option: Text, mac: Data) {
    set(builder, option, |_| {
        let octets = mac.bytes(6)?.try_into().map_err(|_| invalid("mac is no address"))?;
        Ok(MacAddr(octets).into())
    });
}

/// Sets an option that takes a span of time with its unit, such as FW_RATEEST_INTERVAL, or a number of seconds or milliseconds that
/// says so in its synopsis. For options that take a plain number see `fw_builder_number`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_duration(builder: Option<&mut fw_builder>, option: Text, microseconds: u64) {
    set(builder, option, |opt| {
        let label = opt.kind.label;
        match opt.words == 0 || label.contains("SECONDS") || label.contains("us") {
            true => Ok(Duration::from_micros(microseconds).into()),
            false => Err(invalid(format!("the option {} takes no span of time, but {label}", opt.name))),
        }
    });
}

/// Sets an option to a time of the day, in seconds since midnight.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_time(builder: Option<&mut fw_builder>, option: Text, seconds: u32) {
    set(builder, option, |_| match seconds {
        ..=86_399 => Ok(Datum::Time(DayTime(seconds))),
        _ => Err(invalid(format!("a day has no {seconds} seconds"))),
    });
}

/// Sets an option to a date and a time, in seconds since 1970; see `fw_value_moment`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_moment(builder: Option<&mut fw_builder>, option: Text, seconds: u32) {
    set(builder, option, |_| Ok(Datum::Moment(Moment(seconds))));
}

/// Sets an option to a rate: so many packets, or bytes, in a unit of time.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_rate(
    builder: Option<&mut fw_builder>,
    option: Text,
    count: u64,
    unit: Number<fw_unit>,
) {
    set(builder, option, |_| {
        let (per, bytes) = match unit.get() {
            1 => (RateUnit::Second, false),
            2 => (RateUnit::Minute, false),
            3 => (RateUnit::Hour, false),
            4 => (RateUnit::Day, false),
            5 => (RateUnit::Second, true),
            other => {
                return Err(invalid(format!("{other} is no unit of a rate, expected FW_PER_SECOND, ...")));
            }
        };
        Ok(Datum::Rate { count, per, bytes })
    });
}

/// The names that bits stand for.
fn names(opt: &Opt, bits: u64) -> Result<Vec<&'static str>> {
    let choices = opt.kind.choices;
    let known =
        1_u64.checked_shl(choices.len().try_into().unwrap_or(u32::MAX)).map_or(u64::MAX, |bit| bit - 1);
    match bits & !known {
        0 => {
            let has = |(at, _): &(usize, &&str)| bits & (1 << at) != 0;
            Ok(choices.iter().enumerate().filter(has).map(|(_, name)| *name).collect())
        }
        other => Err(invalid(format!("{other:#x} stands for none of the names of {}", opt.name))),
    }
}

/// Sets an option to some of its names: a bit for each, such as FW_CONNTRACK_STATE_NEW | FW_CONNTRACK_STATE_RELATED.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_bits(builder: Option<&mut fw_builder>, option: Text, bits: u64) {
    set(builder, option, |opt| Ok(Datum::Names(names(opt, bits)?)));
}

/// Sets FW_TCP_FLAGS, or another option that takes two sets of names: those that are looked at, and those of them that must be
/// set.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_bits_of(builder: Option<&mut fw_builder>, option: Text, mask: u64, bits: u64) {
    set(builder, option, |opt| {
        // Two words, which cannot be empty.
        let datum = |names: Vec<_>| if names.is_empty() { "NONE".into() } else { Datum::Names(names) };
        Ok(Datum::List(vec![datum(names(opt, mask)?), datum(names(opt, bits)?)]))
    });
}

/// Sets an option to some of its names, or to a list of other words: an array of strings. With FW_UNTIL_NULL for `count` it ends with
/// NULL. Of an option that takes two words the first string is the first one, such as the name of a set; the others are the second:
/// `{"banned", "src", "dst"}` for FW_SET_MATCH_SET, `{"SYN,ACK", "SYN"}` for FW_TCP_FLAGS.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_names(
    builder: Option<&mut fw_builder>,
    option: Text,
    names: Words,
    count: usize,
) {
    set(builder, option, |opt| {
        let names = names.all(count)?;
        Ok(match &*names {
            [first, others @ ..] if opt.words == 2 => {
                Datum::List(vec![(*first).into(), others.join(&b',').into()])
            }
            names => names.join(&b',').into(),
        })
    });
}

/// Sets an option as it is in a rule, inverted or not.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_value(builder: Option<&mut fw_builder>, value: Option<&fw_value>) {
    add(builder, |builder| {
        let (name, inverted, datum) = required(value, "value")?.parts();
        builder.invert(inverted)?;
        builder.option(name.as_bytes(), |_| Ok(datum.clone()))
    });
}
