//! The values of options, in the kinds that C has.

use std::ffi::c_char;
use std::sync::OnceLock;

use libfw::ext::values::{IcmpType, NatPorts, NatRange, RateUnit};
use libfw::ext::{Extension, Opt};
use libfw::{Datum, OptionDatum};

use crate::address::fw_address;
use crate::error::Result;
use crate::extension::{self, fw_option};
use crate::ffi::Out;

/// What the value of an option is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum fw_kind {
    /// There is no value: what `fw_value_kind` says of NULL.
    FW_KIND_NONE = 0,
    /// The option takes no value: it is there.
    FW_KIND_FLAG = 1,
    /// A number, such as a length: `fw_value_number`.
    FW_KIND_NUMBER = 2,
    /// A number under a mask, such as a mark: `fw_value_masked`.
    FW_KIND_MASKED = 3,
    /// Numbers from one to another, such as ports: `fw_value_range`.
    FW_KIND_RANGE = 4,
    /// An address: `fw_value_address`.
    FW_KIND_ADDRESS = 5,
    /// An address with its mask: `fw_value_address`.
    FW_KIND_NETWORK = 6,
    /// Addresses from one to another: `fw_value_addresses`.
    FW_KIND_ADDRESSES = 7,
    /// The address of a network card: `fw_value_mac`.
    FW_KIND_MAC = 8,
    /// A span of time: `fw_value_duration`.
    FW_KIND_DURATION = 9,
    /// A time of the day: `fw_value_time`.
    FW_KIND_TIME = 10,
    /// A date and a time: `fw_value_moment`.
    FW_KIND_MOMENT = 11,
    /// So many packets or bytes in a unit of time: `fw_value_rate`.
    FW_KIND_RATE = 12,
    /// One of the names that the option takes: `fw_value_text`.
    FW_KIND_NAME = 13,
    /// Some of the names that the option takes: `fw_value_bits`.
    FW_KIND_NAMES = 14,
    /// Any other text: `fw_value_text`.
    FW_KIND_TEXT = 15,
    /// Several values: `fw_value_count` and `fw_value_item`.
    FW_KIND_LIST = 16,
    /// The addresses, the ports, or both that a packet is mapped to: `fw_value_nat`.
    FW_KIND_NAT = 17,
    /// A type of ICMP or ICMPv6 and its codes: `fw_value_icmp`.
    FW_KIND_ICMP = 18,
    /// A number of bytes, of an option that takes packets too: `fw_value_bytes`.
    FW_KIND_BYTES = 19,
}

/// Numbers from one to another, both included.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct fw_range {
    /// The first.
    pub min: u64,
    /// The last.
    pub max: u64,
}

/// A number of which the bits of a mask count.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct fw_masked {
    /// The number.
    pub value: u64,
    /// The bits that count.
    pub mask: u64,
}

/// The addresses, the ports, or both that a packet is mapped to: the value of FW_DNAT_TO_DESTINATION and FW_SNAT_TO_SOURCE.
///
///     struct in_addr host;
///     fw_builder *builder = fw_builder_new(FW_IPV4);
///     inet_pton(AF_INET, "192.0.2.1", &host);
///     fw_nat to = {.first = fw_address_ipv4(&host, 32), .has_ports = true, .min_port = 8080, .max_port = 8080};
///     fw_builder_protocol_number(builder, IPPROTO_TCP);
///     fw_builder_target(builder, FW_TARGET_DNAT);
///     fw_builder_nat(builder, FW_DNAT_TO_DESTINATION, &to);
///     fw_builder_free(builder);
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct fw_nat {
    /// The first address; all zeros where only the port is mapped.
    pub first: fw_address,
    /// The last address, the first one where there is no range. All zeros stand for that too in what a function is given.
    pub last: fw_address,
    /// Whether ports are mapped.
    pub has_ports: bool,
    /// The first port, in the byte order of the machine.
    pub min_port: u16,
    /// The last port.
    pub max_port: u16,
    /// The original port that is mapped to the first one, where the others follow in order; 0 where it is any.
    pub base_port: u16,
}

impl From<NatRange> for fw_nat {
    fn from(range: NatRange) -> fw_nat {
        let mut nat = fw_nat::default();
        if let Some((first, last)) = range.addresses {
            (nat.first, nat.last) = (first.into(), last.into());
        }
        if let Some(ports) = range.ports {
            (nat.has_ports, nat.min_port, nat.max_port) = (true, ports.min, ports.max);
            nat.base_port = ports.base.unwrap_or_default();
        }
        nat
    }
}

impl fw_nat {
    pub(crate) fn range(&self) -> Result<NatRange> {
        let base = (self.base_port != 0).then_some(self.base_port);
        let ports = NatPorts { min: self.min_port, max: self.max_port, base };
        let addresses = match (self.first.is_none(), self.last.is_none()) {
            (true, true) => None,
            (_, true) => Some((self.first.addr()?, self.first.addr()?)),
            (_, false) => Some((self.first.addr()?, self.last.addr()?)),
        };
        Ok(NatRange { addresses, ports: self.has_ports.then_some(ports) })
    }
}

/// A type of ICMP or ICMPv6, and the codes of it that count: the value of FW_ICMP_TYPE and FW_ICMP6_TYPE.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct fw_icmp {
    /// The type.
    pub icmp_type: u8,
    /// The smallest code; 0 where all of them count.
    pub min_code: u8,
    /// The largest code; 255 where all of them count.
    pub max_code: u8,
}

impl From<IcmpType> for fw_icmp {
    fn from(icmp: IcmpType) -> fw_icmp {
        let [min_code, max_code] = icmp.codes;
        fw_icmp { icmp_type: icmp.kind, min_code, max_code }
    }
}

/// What a rate counts, and in which time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub enum fw_unit {
    /// No unit: what is written where there is no rate.
    #[default]
    FW_PER_NONE = 0,
    /// Packets in a second.
    FW_PER_SECOND = 1,
    /// Packets in a minute.
    FW_PER_MINUTE = 2,
    /// Packets in an hour.
    FW_PER_HOUR = 3,
    /// Packets in a day.
    FW_PER_DAY = 4,
    /// Bytes in a second.
    FW_BYTES_PER_SECOND = 5,
}

/// The value of an option of a match or target in a rule. Never freed: it lives as long as the rule. The functions that
/// read it return false, and write 0, where it is of another kind.
///
///     fw_error *error = NULL;
///     fw_rule *rule;
///     fw_range ports;
///     if (fw_rule_parse(NULL, FW_IPV4, "-p tcp --dport 80:90", &rule, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     const fw_value *dport = fw_part_value(fw_rule_match(rule, 0), FW_TCP_DPORT);
///     if (fw_value_range(dport, &ports))
///         printf("%s%d to %d\n", fw_value_is_inverted(dport) ? "not " : "", (int)ports.min, (int)ports.max);
///     fw_rule_free(rule);
///     fw_error_free(error);
pub struct fw_value {
    extension: &'static Extension,
    opt: &'static Opt,
    inverted: bool,
    datum: Datum,
    /// The text, with a NUL behind it.
    text: OnceLock<Vec<u8>>,
    items: OnceLock<Vec<fw_value>>,
}

impl fw_value {
    pub(crate) fn with(
        extension: &'static Extension,
        opt: &'static Opt,
        inverted: bool,
        datum: Datum,
    ) -> fw_value {
        fw_value { extension, opt, inverted, datum, text: OnceLock::new(), items: OnceLock::new() }
    }

    pub(crate) fn new(extension: &'static Extension, option: OptionDatum) -> fw_value {
        fw_value::with(extension, option.opt, option.inverted, option.value)
    }

    pub(crate) fn is_of(&self, name: &str) -> bool {
        self.opt.name == name || self.opt.field == name || self.opt.aliases.contains(&name)
    }

    /// The option's name, whether it is inverted, and the value.
    pub(crate) fn parts(&self) -> (&'static str, bool, &Datum) {
        (self.opt.name, self.inverted, &self.datum)
    }

    fn items(&self) -> &[fw_value] {
        match &self.datum {
            Datum::List(list) => self.items.get_or_init(|| {
                list.iter()
                    .map(|datum| fw_value::with(self.extension, self.opt, false, datum.clone()))
                    .collect()
            }),
            _ => &[],
        }
    }
}

/// Writes what a value is, if it is that.
fn read<T: Default>(value: Option<&fw_value>, out: &Out<T>, get: impl FnOnce(&Datum) -> Option<T>) -> bool {
    let found = value.and_then(|value| get(&value.datum));
    let is_found = found.is_some();
    out.set(found.unwrap_or_default());
    is_found
}

/// What kind of value it is; FW_KIND_NONE for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_kind(value: Option<&fw_value>) -> fw_kind {
    let Some(value) = value else { return fw_kind::FW_KIND_NONE };
    match value.datum {
        Datum::Flag => fw_kind::FW_KIND_FLAG,
        Datum::Number(_) => fw_kind::FW_KIND_NUMBER,
        Datum::Masked { .. } => fw_kind::FW_KIND_MASKED,
        Datum::Range { .. } => fw_kind::FW_KIND_RANGE,
        Datum::Address(_) => fw_kind::FW_KIND_ADDRESS,
        Datum::Network(_) => fw_kind::FW_KIND_NETWORK,
        Datum::Addresses { .. } => fw_kind::FW_KIND_ADDRESSES,
        Datum::Mac(_) => fw_kind::FW_KIND_MAC,
        Datum::Duration(_) => fw_kind::FW_KIND_DURATION,
        Datum::Time(_) => fw_kind::FW_KIND_TIME,
        Datum::Moment(_) => fw_kind::FW_KIND_MOMENT,
        Datum::Rate { .. } => fw_kind::FW_KIND_RATE,
        Datum::Name(_) => fw_kind::FW_KIND_NAME,
        Datum::Names(_) => fw_kind::FW_KIND_NAMES,
        Datum::List(_) => fw_kind::FW_KIND_LIST,
        Datum::Nat(_) => fw_kind::FW_KIND_NAT,
        Datum::Icmp(_) => fw_kind::FW_KIND_ICMP,
        Datum::Bytes(_) => fw_kind::FW_KIND_BYTES,
        _ => fw_kind::FW_KIND_TEXT,
    }
}

/// Whether the option is inverted.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_is_inverted(value: Option<&fw_value>) -> bool {
    value.is_some_and(|value| value.inverted)
}

/// The option whose value it is. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_option(value: Option<&fw_value>) -> Option<&'static fw_option> {
    crate::ffi::value(None, || value.map(|value| extension::option_of(value.extension, value.opt.name)))
}

/// Reads a number: also one under a mask of all its bits, and one port of a range that has no other. Of counts of `connbytes`
/// there is none, since such a number is read as that and more.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_number(value: Option<&fw_value>, number: Out<u64>) -> bool {
    read(value, &number, |datum| datum.as_number(value?.opt))
}

/// Reads a range of numbers; a number is a range of one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_range(value: Option<&fw_value>, range: Out<fw_range>) -> bool {
    read(value, &range, |datum| match datum {
        Datum::Number(number) => Some(fw_range { min: *number, max: *number }),
        Datum::Range { min, max } => Some(fw_range { min: *min, max: *max }),
        _ => None,
    })
}

/// Reads a number and its mask.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_masked(value: Option<&fw_value>, masked: Out<fw_masked>) -> bool {
    read(value, &masked, |datum| match datum {
        Datum::Masked { value, mask } => Some(fw_masked { value: *value, mask: *mask }),
        _ => None,
    })
}

/// Reads an address, or a network.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_address(value: Option<&fw_value>, address: Out<fw_address>) -> bool {
    read(value, &address, |datum| match datum {
        Datum::Address(address) => Some((*address).into()),
        Datum::Network(network) => Some((*network).into()),
        _ => None,
    })
}

/// Reads the first and the last address of a range; an address is a range of one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_addresses(
    value: Option<&fw_value>,
    first: Out<fw_address>,
    last: Out<fw_address>,
) -> bool {
    let range = value.and_then(|value| match value.datum {
        Datum::Address(address) => Some((address, address)),
        Datum::Addresses { first, last } => Some((first, last)),
        _ => None,
    });
    first.set(range.map(|(first, _)| first.into()).unwrap_or_default());
    last.set(range.map(|(_, last)| last.into()).unwrap_or_default());
    range.is_some()
}

/// Reads the addresses and the ports that a packet is mapped to.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_nat(value: Option<&fw_value>, nat: Out<fw_nat>) -> bool {
    read(value, &nat, |datum| match datum {
        Datum::Nat(range) => Some((*range).into()),
        _ => None,
    })
}

/// Reads a type of ICMP or ICMPv6 and its codes. Not the `any` of IPv4, which is a text.
///
///     fw_error *error = NULL;
///     fw_rule *rule;
///     fw_icmp icmp;
///     if (fw_rule_parse(NULL, FW_IPV4, "-p icmp --icmp-type fragmentation-needed", &rule, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     if (fw_value_icmp(fw_part_value(fw_rule_match(rule, 0), FW_ICMP_TYPE), &icmp))
///         printf("type %d, codes %d to %d\n", icmp.icmp_type, icmp.min_code, icmp.max_code);
///     fw_rule_free(rule);
///     fw_error_free(error);
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_icmp(value: Option<&fw_value>, icmp: Out<fw_icmp>) -> bool {
    read(value, &icmp, |datum| match datum {
        Datum::Icmp(icmp) => Some((*icmp).into()),
        _ => None,
    })
}

/// Reads a number of bytes, of an option that takes packets too: FW_HASHLIMIT_BURST, whose packets `fw_value_number` reads.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_bytes(value: Option<&fw_value>, bytes: Out<u64>) -> bool {
    read(value, &bytes, |datum| match datum {
        Datum::Bytes(bytes) => Some(*bytes),
        _ => None,
    })
}

/// The address of a network card: six bytes, which live as long as the rule. NULL where the value is of another kind.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_mac(value: Option<&fw_value>) -> *const u8 {
    match value.map(|value| &value.datum) {
        Some(Datum::Mac(address)) => address.0.as_ptr(),
        _ => std::ptr::null(),
    }
}

/// Reads a span of time, in microseconds.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_duration(value: Option<&fw_value>, microseconds: Out<u64>) -> bool {
    read(value, &microseconds, |datum| match datum {
        Datum::Duration(time) => time.as_micros().try_into().ok(),
        _ => None,
    })
}

/// Reads a time of the day, in seconds since midnight.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_time(value: Option<&fw_value>, seconds: Out<u32>) -> bool {
    read(value, &seconds, |datum| match datum {
        Datum::Time(time) => Some(time.0),
        _ => None,
    })
}

/// Reads a date and a time, in seconds since 1970 as the rule has them: whether in UTC or in the time of the kernel is another
/// option.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_moment(value: Option<&fw_value>, seconds: Out<u32>) -> bool {
    read(value, &seconds, |datum| match datum {
        Datum::Moment(moment) => Some(moment.0),
        _ => None,
    })
}

/// Reads a rate: how many, and of what.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_rate(value: Option<&fw_value>, count: Out<u64>, unit: Out<fw_unit>) -> bool {
    let rate = value.and_then(|value| match value.datum {
        Datum::Rate { count, bytes: true, .. } => Some((count, fw_unit::FW_BYTES_PER_SECOND)),
        Datum::Rate { count, per, .. } => Some((
            count,
            match per {
                RateUnit::Second => fw_unit::FW_PER_SECOND,
                RateUnit::Minute => fw_unit::FW_PER_MINUTE,
                RateUnit::Hour => fw_unit::FW_PER_HOUR,
                RateUnit::Day => fw_unit::FW_PER_DAY,
            },
        )),
        _ => None,
    });
    let (rate, of) = rate.unwrap_or_default();
    count.set(rate);
    unit.set(of);
    of != fw_unit::FW_PER_NONE
}

/// Reads which of its names an option has: a bit for each, such as FW_CONNTRACK_STATE_NEW.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_bits(value: Option<&fw_value>, bits: Out<u64>) -> bool {
    let choices = value.map_or(&[] as &[&str], |value| value.opt.kind.choices);
    read(value, &bits, |datum| match datum {
        Datum::Names(names) => names.iter().try_fold(0, |bits, name| {
            let at = choices.iter().position(|choice| choice == name)?;
            Some(bits | 1_u64.checked_shl(u32::try_from(at).ok()?)?)
        }),
        _ => None,
    })
}

/// The text that the option reads as this value, whatever kind it is of; empty for a flag. It ends with NUL, and lives as long
/// as the rule. `length`, which may be NULL, gets its length: a text of FW_KIND_TEXT can have NUL in it. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_text(value: Option<&fw_value>, length: Out<usize>) -> *const c_char {
    let text = crate::ffi::value(None, || {
        let value = value?;
        Some(Some(value.text.get_or_init(|| {
            let mut text = value.datum.to_text(value.opt);
            text.push(0);
            text
        })))
    });
    length.set(text.map_or(0, |text| text.len() - 1));
    text.map_or(std::ptr::null(), |text| text.as_ptr().cast())
}

/// The number of values of a list; 0 for what is no list.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_count(value: Option<&fw_value>) -> usize {
    crate::ffi::value(0, || Some(value?.items().len()))
}

/// The value of a list at an index, counted from 0, such as the mask and the flags of FW_TCP_FLAGS; NULL beyond the last. Lives as
/// long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_value_item(value: Option<&fw_value>, index: usize) -> Option<&fw_value> {
    crate::ffi::value(None, || Some(value?.items().get(index)))
}
