//! Matches and targets that iptables and nft write without xtables, and those that they write with it.

use zerocopy::{FromBytes, FromZeros, IntoBytes};

use super::super::attr;
use super::Foreign;
use super::expr::*;
use super::header::Draft;
use super::read::{Operator, Question, Test};

use crate::blob::{push_extension, put_at};
use crate::ext::context;
use crate::ext::values::{IcmpType, LIMIT_SCALE, MarkMask, Rate};
use crate::ext::{ErasedValue, RuleContext, System, matches, targets};
use crate::sys::xt::{XT_EXTENSION_MAXNAMELEN, xt_entry_match};
use crate::types::{Family, Inv, KernelString, PortRange, Protocol};

pub(super) const TOO_LONG: Foreign = Foreign("is longer than an entry of xtables can be");
const NOT_IN_XTABLES: Foreign = Foreign("tests something in a way that xtables does not know");
const ODD: Foreign = Foreign("has an extension that xtables cannot hold");

/// Where the type and the code of ICMP are, when nft tests them one by one.
#[derive(Default)]
pub(super) struct IcmpSoFar {
    /// Where the data is of the match that has a type and no code yet.
    at: Option<usize>,
    /// A code before its type.
    code: Option<u8>,
}

impl IcmpSoFar {
    /// No type and no code belongs to those so far.
    pub(super) fn close(&mut self) -> Result<(), Foreign> {
        self.at = None;
        match self.code {
            Some(_) => Err(Foreign("asks for a code of ICMP without its type")),
            None => Ok(()),
        }
    }
}

impl<'a> Draft<'a, '_> {
    fn cx(&self, revision: u8) -> RuleContext<'static> {
        RuleContext { revision, ..context(self.family, self.header.protocol, System::offline()) }
    }

    /// Appends a match or target as the library writes it; returns where its data begins.
    fn push(&mut self, value: &dyn ErasedValue) -> Result<usize, Foreign> {
        let extension = value.extension();
        let revision = extension.newest(self.family).map_err(|_| NOT_IN_XTABLES)?;
        let cx = self.cx(revision);
        let at = self.out.len() + size_of::<xt_entry_match>();
        push_extension(self.out, extension.kernel_name.as_bytes(), revision, |out| value.encode(&cx, out))
            .map_err(|_| ODD)?
            .ok_or(TOO_LONG)?;
        Ok(at)
    }

    fn push_target(&mut self, value: &dyn ErasedValue) -> Result<(), Foreign> {
        self.begin_target()?;
        self.push(value).map(drop)
    }

    pub(super) fn push_comment(&mut self, comment: &[u8]) -> Result<(), Foreign> {
        self.push(&matches::Comment::new().comment(KernelString::new(comment))).map(drop)
    }

    pub(super) fn compat_match(&mut self, data: &'a [u8]) -> Result<(), Foreign> {
        self.keep_order()?;
        let at = self.out.len() + size_of::<xt_entry_match>();
        let (name, revision, size) = self.compat(data)?;
        let same = self.protocol_name().is_some_and(|protocol| protocol.as_bytes() == name);
        // Where they are too short, they are not what the revision says.
        if same && revision == 0 && size >= size_of::<matches::xt_udp>() {
            self.ports = Some(at);
        }
        Ok(())
    }

    pub(super) fn compat_target(&mut self, data: &'a [u8]) -> Result<(), Foreign> {
        self.begin_target()?;
        match self.compat(data)?.0 {
            // The kernel's tables have entries of that name with another meaning.
            b"ERROR" => Err(ODD),
            _ => Ok(()),
        }
    }

    /// Appends the bytes of an extension as they are.
    fn compat(&mut self, data: &'a [u8]) -> Result<(&'a [u8], u8, usize), Foreign> {
        let [_, name, revision, info] = known(data).ok_or(ODD)?;
        let name = attr::text(name.ok_or(ODD)?);
        let revision =
            revision.and_then(attr::be32).and_then(|number| u8::try_from(number).ok()).ok_or(ODD)?;
        // The kernel has no info where there is none to have.
        let info = info.unwrap_or_default();
        if name.is_empty() || name.len() >= XT_EXTENSION_MAXNAMELEN {
            return Err(ODD);
        }
        push_extension(self.out, name, revision, |out| {
            out.extend_from_slice(info);
            Ok::<_, Foreign>(())
        })?
        .ok_or(TOO_LONG)?;
        Ok((name, revision, info.len()))
    }

    pub(super) fn limit(&mut self, data: &[u8]) -> Result<(), Foreign> {
        const UNSAYABLE: Foreign = Foreign("has a limit that xtables cannot say");
        let [_, rate, unit, burst, kind, flags, _] = known(data).ok_or(UNSAYABLE)?;
        let [rate, unit] = [rate, unit].map(|field| field.and_then(attr::be64).unwrap_or_default());
        let [burst, kind, flags] = [burst, kind, flags].map(|field| field.map_or(Some(0), attr::be32));
        // Packets rather than bytes; up to the limit rather than above it.
        if kind != Some(0) || flags != Some(0) {
            return Err(UNSAYABLE);
        }
        let burst = burst.filter(|burst| *burst <= 10_000).ok_or(UNSAYABLE)?;
        let span = unit.checked_mul(LIMIT_SCALE.into()).ok_or(UNSAYABLE)?;
        let interval = span.checked_div(rate).filter(|interval| (1..=u32::MAX.into()).contains(interval));
        let interval = Rate::from_interval(interval.ok_or(UNSAYABLE)?, LIMIT_SCALE);
        // The kernel of xtables counts time in larger steps, so not every rate can be said.
        if !interval.is_shown_as(rate, unit) {
            return Err(UNSAYABLE);
        }
        self.keep_order()?;
        self.push(&matches::Limit { rate: interval, burst, ..matches::Limit::new() }).map(drop)
    }

    pub(super) fn log(&mut self, data: &[u8]) -> Result<(), Foreign> {
        const UNSAYABLE: Foreign = Foreign("logs in a way that xtables does not know");
        let [_, group, prefix, size, threshold] = known(data).ok_or(UNSAYABLE)?;
        let group = group.and_then(attr::be16).ok_or(UNSAYABLE)?;
        let size = size.map(|size| attr::be32(size).ok_or(UNSAYABLE)).transpose()?;
        let threshold = threshold.map_or(Some(0), attr::be16).ok_or(UNSAYABLE)?;
        let prefix =
            prefix.map(|prefix| KernelString::new(attr::text(prefix))).filter(|prefix| !prefix.is_empty());
        self.push_target(&targets::Nflog {
            prefix,
            group,
            range: None,
            size,
            threshold,
            ..targets::Nflog::new()
        })
    }

    /// Something of the packet that the rule sets, which is all that it does.
    pub(super) fn set_meta(&mut self, key: u32, value: &[u8]) -> Result<(), Foreign> {
        match (key, value) {
            (NFT_META_NFTRACE, [1]) => self.push_target(&targets::Trace { ..targets::Trace::new() }),
            (NFT_META_MARK, &[a, b, c, d]) => {
                let mark = MarkMask::new(u32::from_ne_bytes([a, b, c, d]), u32::MAX);
                self.push_target(&targets::Mark { set_xmark: Some(mark), ..targets::Mark::new() })
            }
            _ => Err(Foreign("sets something of a packet that xtables does not know")),
        }
    }

    pub(super) fn mark(&mut self, mask: Option<&[u8]>, test: Test<'_>) -> Result<(), Foreign> {
        let (inverted, value) = test.equality().ok_or(NOT_IN_XTABLES)?;
        // In the order of the host.
        let number = |bytes: &[u8]| bytes.try_into().map(u32::from_ne_bytes).map_err(|_| NOT_IN_XTABLES);
        let mask = mask.map_or(Ok(u32::MAX), number)?;
        let mark = Inv::new(inverted, MarkMask::new(number(value)?, mask));
        self.push(&matches::Mark { mark: Some(mark), ..matches::Mark::new() }).map(drop)
    }

    pub(super) fn packet_type(&mut self, test: Test<'_>) -> Result<(), Foreign> {
        match test.equality() {
            Some((inverted, [number])) => {
                let kind = matches::PacketType::from_number((*number).into()).ok_or(NOT_IN_XTABLES)?;
                self.push(&matches::Pkttype {
                    pkt_type: Some(Inv::new(inverted, kind)),
                    ..matches::Pkttype::new()
                })
                .map(drop)
            }
            _ => Err(NOT_IN_XTABLES),
        }
    }

    /// The TTL of IPv4 or the hop limit of IPv6.
    pub(super) fn hops(&mut self, test: Test<'_>) -> Result<(), Foreign> {
        let (lt, gt, eq) = match test {
            Test::Compare(Operator::Lt, &[number]) => (Some(number), None, None),
            Test::Compare(Operator::Gt, &[number]) => (None, Some(number), None),
            // At most 255 and at least 0 is everything, for which xtables has no test.
            Test::Compare(Operator::Le, &[number]) => {
                (Some(number.checked_add(1).ok_or(NOT_IN_XTABLES)?), None, None)
            }
            Test::Compare(Operator::Ge, &[number]) => {
                (None, Some(number.checked_sub(1).ok_or(NOT_IN_XTABLES)?), None)
            }
            Test::Range { inverted: false, from, to } => {
                self.hops(Test::Compare(Operator::Ge, from))?;
                return self.hops(Test::Compare(Operator::Le, to));
            }
            _ => match test.equality() {
                Some((inverted, &[number])) => (None, None, Some(Inv::new(inverted, number))),
                _ => return Err(NOT_IN_XTABLES),
            },
        };
        match self.family {
            Family::Ipv4 | Family::Arp => self.push(&matches::Ttl { lt, gt, eq, ..matches::Ttl::new() }),
            Family::Ipv6 => self.push(&matches::Hl { lt, gt, eq, ..matches::Hl::new() }),
        }
        .map(drop)
    }

    /// The match whose ports and flags can be tested natively, by the rule's protocol, which must have been tested before.
    fn protocol_name(&self) -> Option<&'static str> {
        match self.header.protocol {
            Inv { inverted: false, value: Protocol::TCP } => Some("tcp"),
            Inv { inverted: false, value: Protocol::UDP } => Some("udp"),
            _ => None,
        }
    }

    /// A test of the transport header.
    pub(super) fn transport(&mut self, offset: u32, question: &Question<'_>) -> Result<(), Foreign> {
        let icmp = self.family.pick(Protocol::ICMP, Protocol::ICMPV6);
        if self.header.protocol == Inv::new(false, icmp) {
            return self.icmp(offset, question);
        }
        if self.protocol_name().is_none() {
            return Err(Foreign("tests a transport header of a protocol that is not known"));
        }
        const FLAGS: u32 = 13;
        let Question { mask, test, again, .. } = *question;
        match (offset, mask, test) {
            (FLAGS, Some(&[mask]), test) if self.header.protocol.value == Protocol::TCP => {
                self.flags(mask, test)
            }
            // Both ports at once.
            (0, None, Test::Compare(Operator::Eq, &[a, b, c, d])) => {
                self.port(0, Test::Compare(Operator::Eq, &[a, b]), again)?;
                self.port(2, Test::Compare(Operator::Eq, &[c, d]), again)
            }
            (0 | 2, None, test) => self.port(offset, test, again),
            _ => Err(NOT_IN_XTABLES),
        }
    }

    fn port(&mut self, offset: u32, test: Test<'_>, again: bool) -> Result<(), Foreign> {
        let Inv { inverted, value } = port_range(test).ok_or(NOT_IN_XTABLES)?;
        let is_source = offset == 0;
        let flag = if is_source { matches::XT_TCP_INV_SRCPT } else { matches::XT_TCP_INV_DSTPT };
        let mut range = [value.min, value.max];
        let (mut at, mut ports) = self.ports()?;
        let known = if is_source { ports.spts } else { ports.dpts };
        let was_inverted = ports.invflags & flag != 0;
        if was_inverted || known != ANY_PORT {
            let both = [range[0].max(known[0]), range[1].min(known[1])];
            // The other half of a range, or a test that needs another match.
            if again && !inverted && !was_inverted && both[0] <= both[1] {
                range = both;
            } else {
                (at, ports) = self.new_ports()?;
            }
        }
        if is_source {
            ports.spts = range;
        } else {
            ports.dpts = range;
        }
        if inverted {
            ports.invflags |= flag;
        }
        self.put_ports(at, &ports);
        Ok(())
    }

    fn flags(&mut self, mask: u8, test: Test<'_>) -> Result<(), Foreign> {
        let Some((inverted, &[set])) = test.equality() else { return Err(NOT_IN_XTABLES) };
        // There is no word for the others, nor for flags that are set outside of an empty mask.
        if (mask | set) & !matches::TcpFlags::ALL.0 != 0 || mask == 0 && set != 0 {
            return Err(NOT_IN_XTABLES);
        }
        let (mut at, mut tcp) = self.ports()?;
        if tcp.flg_mask != 0 || tcp.flg_cmp != 0 || tcp.invflags & matches::XT_TCP_INV_FLAGS != 0 {
            (at, tcp) = self.new_ports()?;
        }
        (tcp.flg_mask, tcp.flg_cmp) = (mask, set);
        if inverted {
            tcp.invflags |= matches::XT_TCP_INV_FLAGS;
        }
        self.put_ports(at, &tcp);
        Ok(())
    }

    /// The match to which the next port or flag belongs: the last one, or a new one.
    fn ports(&mut self) -> Result<(usize, matches::xt_tcp), Foreign> {
        let known = self.ports.and_then(|at| Some((at, self.ports_at(at)?)));
        known.map_or_else(|| self.new_ports(), Ok)
    }

    fn new_ports(&mut self) -> Result<(usize, matches::xt_tcp), Foreign> {
        let at = match self.header.protocol.value {
            Protocol::TCP => self.push(&matches::Tcp::default()),
            _ => self.push(&matches::Udp::default()),
        }?;
        self.ports = Some(at);
        Ok((at, self.ports_at(at).ok_or(ODD)?))
    }

    /// The data of a match; `udp` has the first fields of `tcp`, and the flags with the same meaning.
    fn ports_at(&self, at: usize) -> Option<matches::xt_tcp> {
        let data = self.out.get(at..)?;
        if self.header.protocol.value == Protocol::TCP {
            return matches::xt_tcp::read_from_prefix(data).ok().map(|(tcp, _)| tcp);
        }
        let (matches::xt_udp { spts, dpts, invflags, .. }, _) =
            matches::xt_udp::read_from_prefix(data).ok()?;
        Some(matches::xt_tcp { spts, dpts, invflags, ..matches::xt_tcp::new_zeroed() })
    }

    fn put_ports(&mut self, at: usize, tcp: &matches::xt_tcp) {
        if self.header.protocol.value == Protocol::TCP {
            return put_at(self.out, at, tcp.as_bytes());
        }
        let matches::xt_tcp { spts, dpts, invflags, .. } = *tcp;
        put_at(
            self.out,
            at,
            matches::xt_udp { spts, dpts, invflags, ..matches::xt_udp::new_zeroed() }.as_bytes(),
        );
    }

    /// A test of type or code of ICMP.
    fn icmp(&mut self, offset: u32, question: &Question<'_>) -> Result<(), Foreign> {
        let (None, Some((inverted, bytes))) = (question.mask, question.test.equality()) else {
            return Err(NOT_IN_XTABLES);
        };
        match (offset, bytes) {
            (0, &[kind, code]) => self.push_icmp(inverted, IcmpType::with_code(kind, code)).map(drop),
            (0, &[kind]) => match self.icmp.code.take() {
                Some(code) if !inverted => self.push_icmp(false, IcmpType::with_code(kind, code)).map(drop),
                // One of the two inverted is not what the match has for both.
                Some(_) => Err(NOT_IN_XTABLES),
                None => {
                    let at = self.push_icmp(inverted, IcmpType::new(kind))?;
                    self.icmp.at = (!inverted).then_some(at);
                    Ok(())
                }
            },
            (1, &[code]) if !inverted => {
                match self.icmp.at.take() {
                    // Behind the type: the first and the last code.
                    Some(at) => put_at(self.out, at + 1, &[code, code]),
                    None if self.icmp.code.is_none() => self.icmp.code = Some(code),
                    None => return Err(NOT_IN_XTABLES),
                }
                Ok(())
            }
            _ => Err(NOT_IN_XTABLES),
        }
    }

    fn push_icmp(&mut self, inverted: bool, icmp: IcmpType) -> Result<usize, Foreign> {
        match self.family {
            // A word for every type, in xtables.
            Family::Ipv4 if icmp.kind == IcmpType::ANY.kind => Err(NOT_IN_XTABLES),
            Family::Ipv4 | Family::Arp => self.push(&matches::Icmp {
                icmp_type: Some(Inv::new(inverted, icmp.into())),
                ..matches::Icmp::new()
            }),
            Family::Ipv6 => self.push(&matches::Icmp6 {
                icmpv6_type: Some(Inv::new(inverted, icmp.into())),
                ..matches::Icmp6::new()
            }),
        }
    }
}

/// A field of ports that is not tested.
const ANY_PORT: [u16; 2] = [PortRange::ALL.min, PortRange::ALL.max];

/// The ports that a test is for, and whether for all others.
fn port_range(test: Test<'_>) -> Option<Inv<PortRange>> {
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u16::from_be_bytes);
    let range = |inverted, min, max| Some(Inv::new(inverted, PortRange { min, max }));
    match test {
        Test::Range { inverted, from, to } => {
            let (min, max) = (number(from)?, number(to)?);
            (min <= max).then(|| Inv::new(inverted, PortRange { min, max }))
        }
        Test::Compare(operator, bytes) => {
            let port = number(bytes)?;
            match operator {
                Operator::Eq => range(false, port, port),
                Operator::Ne => range(true, port, port),
                Operator::Le => range(false, 0, port),
                Operator::Ge => range(false, port, u16::MAX),
                // Below the first and above the last there is no port.
                Operator::Lt if port == 0 => range(true, 0, u16::MAX),
                Operator::Gt if port == u16::MAX => range(true, 0, u16::MAX),
                Operator::Lt => range(false, 0, port - 1),
                Operator::Gt => range(false, port + 1, u16::MAX),
            }
        }
    }
}
