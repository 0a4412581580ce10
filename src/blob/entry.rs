//! One entry: header, matches, target.

use std::ops::Range;

use zerocopy::{FromBytes, IntoBytes};

use super::layout::{FALLTHROUGH, Layout, put_at, u16_at, u32_at, u64_at};
use crate::sys::xt::*;
use crate::types::{AddrMask, Counters, Family, Interface, Inv, Protocol};

/// Size of the header of a match or target.
const HEADER: usize = size_of::<xt_entry_match>();

/// A view of an entry that [`Walk`](super::Walk) has found well-formed, or that the library has written itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) family: Family,
    pub(crate) bytes: &'a [u8],
}

/// A match or target in an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExtBytes<'a> {
    /// The name in the kernel; empty for a standard target.
    pub(crate) name: &'a [u8],
    pub(crate) revision: u8,
    /// The data behind the header.
    pub(crate) data: &'a [u8],
}

/// What a standard target does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryVerdict {
    Accept,
    Drop,
    Queue,
    Return,
    /// Goes on with the next rule.
    Fallthrough,
    /// Goes to a chain: an index in memory, an offset in the kernel.
    Jump(u32),
    /// A number no kernel accepts.
    Unknown(i32),
}

impl EntryVerdict {
    pub(crate) const fn from_raw(raw: i32) -> EntryVerdict {
        match raw {
            -1 => EntryVerdict::Drop,
            -2 => EntryVerdict::Accept,
            -4 => EntryVerdict::Queue,
            -5 => EntryVerdict::Return,
            FALLTHROUGH => EntryVerdict::Fallthrough,
            0.. => EntryVerdict::Jump(raw as u32),
            _ => EntryVerdict::Unknown(raw),
        }
    }

    pub(crate) const fn raw(self) -> i32 {
        match self {
            EntryVerdict::Drop => -1,
            EntryVerdict::Accept => -2,
            EntryVerdict::Queue => -4,
            EntryVerdict::Return => -5,
            EntryVerdict::Fallthrough => FALLTHROUGH,
            EntryVerdict::Jump(chain) => chain as i32,
            EntryVerdict::Unknown(raw) => raw,
        }
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn new(family: Family, bytes: &'a [u8]) -> Entry<'a> {
        Entry { family, bytes }
    }

    fn layout(self) -> &'static Layout {
        Layout::of(self.family)
    }

    pub(crate) fn target_offset(self) -> usize {
        u16_at(self.bytes, self.layout().target_offset).into()
    }

    pub(crate) fn counters(self) -> Counters {
        let at = self.layout().counters;
        Counters { packets: u64_at(self.bytes, at), bytes: u64_at(self.bytes, at + 8) }
    }

    pub(crate) fn target(self) -> ExtBytes<'a> {
        extension(self.bytes.get(self.target_offset()..).unwrap_or_default())
    }

    /// The matches in order.
    pub(crate) fn matches(self) -> impl Iterator<Item = ExtBytes<'a>> + use<'a> {
        let mut rest = self.bytes.get(self.layout().entry..self.target_offset()).unwrap_or_default();
        std::iter::from_fn(move || {
            let size = usize::from(u16_at(rest, 0));
            if size < HEADER || size > rest.len() {
                return None;
            }
            let (one, others) = rest.split_at(size);
            rest = others;
            Some(extension(one))
        })
    }

    /// What the target does if it is a standard one.
    pub(crate) fn verdict(self) -> Option<EntryVerdict> {
        let at = self.target_offset();
        (self.bytes.get(at + 2) == Some(&0))
            .then(|| EntryVerdict::from_raw(u32_at(self.bytes, at + HEADER) as i32))
    }

    /// Whether the header inverts what a bit stands for.
    fn inverts(self, bit: u8) -> bool {
        self.bytes.get(self.layout().invflags).is_some_and(|flags| flags & bit != 0)
    }

    /// Whether the header has a flag, which has another number in each family.
    fn has_flag(self, ipv4: u8, ipv6: u8) -> bool {
        let bit = self.family.pick(ipv4, ipv6);
        self.bytes.get(self.layout().flags).is_some_and(|flags| flags & bit != 0)
    }

    /// The protocol in the header; this and what follows reads one field alone, of which [`header`](Entry::header) reads all.
    pub(crate) fn protocol(self) -> Inv<Protocol> {
        Inv::new(self.inverts(IPT_INV_PROTO), Protocol(u16_at(self.bytes, self.layout().protocol) as u8))
    }

    pub(crate) fn source(self) -> Inv<AddrMask> {
        Inv::new(self.inverts(IPT_INV_SRCIP), self.address(0))
    }

    pub(crate) fn destination(self) -> Inv<AddrMask> {
        Inv::new(self.inverts(IPT_INV_DSTIP), self.address(1))
    }

    /// One of the two addresses, behind both of which are their masks.
    fn address(self, nth: usize) -> AddrMask {
        let size = self.family.pick(4, 16);
        let at = |nth: usize| self.bytes.get(nth * size..(nth + 1) * size).unwrap_or_default();
        AddrMask::from_octets(self.family, at(nth), at(nth + 2))
    }

    pub(crate) fn input(self) -> Inv<Interface> {
        Inv::new(self.inverts(IPT_INV_VIA_IN), self.interface(0))
    }

    pub(crate) fn output(self) -> Inv<Interface> {
        Inv::new(self.inverts(IPT_INV_VIA_OUT), self.interface(1))
    }

    /// One of the two interfaces, behind both of which are their masks.
    fn interface(self, nth: usize) -> Interface {
        let names = self.bytes.get(self.layout().interfaces..).unwrap_or_default();
        let (names, _) = names.as_chunks::<IFNAMSIZ>();
        match (names.get(nth), names.get(nth + 2)) {
            (Some(name), Some(mask)) => Interface::from_raw(name, mask),
            _ => Interface::default(),
        }
    }

    /// Second and further fragments, the others, or both.
    pub(crate) fn fragment(self) -> Option<bool> {
        self.has_flag(IPT_F_FRAG, 0).then(|| !self.inverts(IPT_INV_FRAG))
    }

    /// Whether the target goes to its chain for good.
    pub(crate) fn goto(self) -> bool {
        self.has_flag(IPT_F_GOTO, IP6T_F_GOTO)
    }

    /// The header's fields.
    pub(crate) fn header(self) -> Header {
        match self.family {
            Family::Ipv4 | Family::Arp => ipt_ip::read_from_prefix(self.bytes)
                .map_or_else(|_| Header::any(self.family), |(ip, _)| Header::from_ipv4(&ip)),
            Family::Ipv6 => ip6t_ip6::read_from_prefix(self.bytes)
                .map_or_else(|_| Header::any(self.family), |(ip, _)| Header::from_ipv6(&ip)),
        }
    }

    /// The bytes of the header that say what the entry matches.
    pub(crate) fn ip(self) -> &'a [u8] {
        self.bytes.get(..self.layout().ip).unwrap_or_default()
    }
}

/// Splits a match or target into its parts.
fn extension(bytes: &[u8]) -> ExtBytes<'_> {
    let size = usize::from(u16_at(bytes, 0)).clamp(HEADER.min(bytes.len()), bytes.len());
    let name = bytes.get(2..2 + XT_EXTENSION_MAXNAMELEN).unwrap_or_default();
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    ExtBytes {
        name: &name[..end],
        revision: bytes.get(HEADER - 1).copied().unwrap_or_default(),
        data: bytes.get(HEADER..size).unwrap_or_default(),
    }
}

/// The part of a rule that the kernel matches without extensions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Header {
    pub(crate) source: Inv<AddrMask>,
    pub(crate) destination: Inv<AddrMask>,
    pub(crate) input: Inv<Interface>,
    pub(crate) output: Inv<Interface>,
    pub(crate) protocol: Inv<Protocol>,
    /// Whether an IPv6 rule asks for the protocol at all: `-p all` does, and ip6tables deletes only rules that agree.
    pub(crate) asks_protocol: bool,
    /// Second and further fragments, or with `!` the others. IPv4 only.
    pub(crate) fragment: Option<bool>,
    pub(crate) goto: bool,
    /// Whether the other fields do not tell everything that the header says.
    pub(crate) odd: bool,
    pub(crate) counters: Counters,
}

impl Header {
    /// Every packet.
    pub(crate) fn any(family: Family) -> Header {
        Header {
            source: AddrMask::any(family).into(),
            destination: AddrMask::any(family).into(),
            input: Interface::default().into(),
            output: Interface::default().into(),
            protocol: Protocol::ANY.into(),
            asks_protocol: false,
            fragment: None,
            goto: false,
            odd: false,
            counters: Counters::ZERO,
        }
    }

    fn from_ipv4(ip: &ipt_ip) -> Header {
        let inverted = |bit| ip.invflags & bit != 0;
        let family = Family::Ipv4;
        let header = Header {
            source: Inv::new(inverted(IPT_INV_SRCIP), AddrMask::from_octets(family, &ip.src, &ip.smsk)),
            destination: Inv::new(inverted(IPT_INV_DSTIP), AddrMask::from_octets(family, &ip.dst, &ip.dmsk)),
            input: Inv::new(inverted(IPT_INV_VIA_IN), Interface::from_raw(&ip.iniface, &ip.iniface_mask)),
            output: Inv::new(inverted(IPT_INV_VIA_OUT), Interface::from_raw(&ip.outiface, &ip.outiface_mask)),
            protocol: Inv::new(inverted(IPT_INV_PROTO), Protocol(ip.proto as u8)),
            asks_protocol: false,
            fragment: (ip.flags & IPT_F_FRAG != 0).then(|| !inverted(IPT_INV_FRAG)),
            goto: ip.flags & IPT_F_GOTO != 0,
            odd: false,
            counters: Counters::ZERO,
        };
        header.marked(ip.proto, ip.flags, ip.invflags)
    }

    fn from_ipv6(ip: &ip6t_ip6) -> Header {
        let inverted = |bit| ip.invflags & bit != 0;
        let family = Family::Ipv6;
        let header = Header {
            source: Inv::new(inverted(IPT_INV_SRCIP), AddrMask::from_octets(family, &ip.src, &ip.smsk)),
            destination: Inv::new(inverted(IPT_INV_DSTIP), AddrMask::from_octets(family, &ip.dst, &ip.dmsk)),
            input: Inv::new(inverted(IPT_INV_VIA_IN), Interface::from_raw(&ip.iniface, &ip.iniface_mask)),
            output: Inv::new(inverted(IPT_INV_VIA_OUT), Interface::from_raw(&ip.outiface, &ip.outiface_mask)),
            protocol: Inv::new(inverted(IPT_INV_PROTO), Protocol(ip.proto as u8)),
            asks_protocol: ip.flags & IP6T_F_PROTO != 0,
            fragment: None,
            goto: ip.flags & IP6T_F_GOTO != 0,
            odd: false,
            counters: Counters::ZERO,
        };
        header.marked(ip.proto, ip.flags, ip.invflags)
    }

    /// Notes whether the header says what the fields do not: bits of an address behind its mask, so that nothing matches; a
    /// protocol above 255; interfaces that no name stands for; flags about nothing.
    fn marked(self, proto: u16, flags: u8, invflags: u8) -> Header {
        let odd = proto > u16::from(u8::MAX)
            || flags != self.flags()
            || invflags != self.invflags()
            || !self.source.value.is_masked()
            || !self.destination.value.is_masked()
            || !self.input.value.is_pattern()
            || !self.output.value.is_pattern();
        Header { odd, ..self }
    }

    fn flags(&self) -> u8 {
        match self.source.value.family() {
            Family::Ipv4 | Family::Arp => {
                let fragment = if self.fragment.is_some() { IPT_F_FRAG } else { 0 };
                fragment | if self.goto { IPT_F_GOTO } else { 0 }
            }
            Family::Ipv6 => {
                let asks = self.protocol.value != Protocol::ANY || self.asks_protocol;
                let protocol = if asks { IP6T_F_PROTO } else { 0 };
                protocol | if self.goto { IP6T_F_GOTO } else { 0 }
            }
        }
    }

    /// Sets whether the target of an entry goes to its chain for good.
    pub(crate) fn put_goto(family: Family, entry: &mut [u8], goto: bool) {
        let bit = family.pick(IPT_F_GOTO, IP6T_F_GOTO);
        if let Some(flags) = entry.get_mut(Layout::of(family).flags) {
            *flags = if goto { *flags | bit } else { *flags & !bit };
        }
    }

    /// The bits of what is inverted, as the header has them.
    pub(crate) fn invflags(&self) -> u8 {
        let flag = |inverted, bit| if inverted { bit } else { 0 };
        flag(self.input.inverted, IPT_INV_VIA_IN)
            | flag(self.output.inverted, IPT_INV_VIA_OUT)
            | flag(self.source.inverted, IPT_INV_SRCIP)
            | flag(self.destination.inverted, IPT_INV_DSTIP)
            | flag(self.protocol.inverted, IPT_INV_PROTO)
            | flag(self.fragment == Some(false), IPT_INV_FRAG)
    }

    /// Appends the header; [`finish`](Header::finish) sets its offsets once matches and target are there.
    pub(crate) fn push(&self, family: Family, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + Layout::of(family).entry, 0);
        self.write(family, &mut out[start..]);
    }

    /// Writes the header of an entry but for its offsets.
    pub(crate) fn write(&self, family: Family, entry: &mut [u8]) {
        let (src, smsk) = self.source.value.octets();
        let (dst, dmsk) = self.destination.value.octets();
        let (iniface, iniface_mask) = self.input.value.raw();
        let (outiface, outiface_mask) = self.output.value.raw();
        let proto = u16::from(self.protocol.value.0);
        match family {
            Family::Ipv4 | Family::Arp => {
                let four = |octets: [u8; 16]| [octets[0], octets[1], octets[2], octets[3]];
                let ip = ipt_ip {
                    src: four(src),
                    dst: four(dst),
                    smsk: four(smsk),
                    dmsk: four(dmsk),
                    iniface,
                    outiface,
                    iniface_mask,
                    outiface_mask,
                    proto,
                    flags: self.flags(),
                    invflags: self.invflags(),
                };
                put_at(entry, 0, ip.as_bytes());
            }
            Family::Ipv6 => {
                let ip = ip6t_ip6 {
                    src,
                    dst,
                    smsk,
                    dmsk,
                    iniface,
                    outiface,
                    iniface_mask,
                    outiface_mask,
                    proto,
                    tos: 0,
                    flags: self.flags(),
                    invflags: self.invflags(),
                    _padding: [0; 3],
                };
                put_at(entry, 0, ip.as_bytes());
            }
        }
        put_counters(family, entry, self.counters);
    }
}

/// Sets the counters of an entry.
pub(crate) fn put_counters(family: Family, entry: &mut [u8], counters: Counters) {
    put_at(entry, Layout::of(family).counters, counters.as_bytes());
}

/// What is known of an entry: that it differs from others of its kind in some values alone.
#[derive(Debug)]
pub(crate) struct Kind<'a> {
    /// The number of the kind, once there is one.
    pub(crate) number: &'a mut Option<u16>,
    /// The bytes of the values, but for the chain that it goes to.
    pub(crate) values: &'a [Range<usize>],
}

/// Appends a match or target whose data `write` appends, padded to the kernel's alignment. `None` when the data is too
/// long for the header's 16-bit size.
pub(crate) fn push_extension<E>(
    out: &mut Vec<u8>,
    name: &[u8],
    revision: u8,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<Option<()>, E> {
    let start = out.len();
    let mut header = xt_entry_match { size: 0, name: [0; XT_EXTENSION_MAXNAMELEN], revision };
    let kept = name.len().min(XT_EXTENSION_MAXNAMELEN - 1);
    header.name[..kept].copy_from_slice(&name[..kept]);
    out.extend_from_slice(header.as_bytes());
    write(out)?;
    out.resize(start + xt_align(out.len() - start), 0);
    let Ok(size) = u16::try_from(out.len() - start) else { return Ok(None) };
    put_at(out, start, &size.to_ne_bytes());
    Ok(Some(()))
}

/// Appends a standard target.
pub(crate) fn push_standard(out: &mut Vec<u8>, verdict: EntryVerdict) {
    let target = xt_entry_match {
        size: size_of::<xt_standard_target>() as u16,
        name: [0; XT_EXTENSION_MAXNAMELEN],
        revision: 0,
    };
    let target = xt_standard_target { target, verdict: verdict.raw(), _padding: [0; 4] };
    out.extend_from_slice(target.as_bytes());
}

impl Header {
    /// Sets the offsets of the entry that begins at `start` and ends with the buffer. `None` when it is too long for
    /// their 16 bits.
    pub(crate) fn finish(family: Family, out: &mut [u8], start: usize, target: usize) -> Option<()> {
        let layout = Layout::of(family);
        let target_offset = u16::try_from(target - start).ok()?;
        let next_offset = u16::try_from(out.len() - start).ok()?;
        put_at(out, start + layout.target_offset, &target_offset.to_ne_bytes());
        put_at(out, start + layout.next_offset, &next_offset.to_ne_bytes());
        Some(())
    }
}
