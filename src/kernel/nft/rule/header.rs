//! The entry that grows while expressions are read, and its header: addresses, interfaces, protocol, fragments.

use super::Foreign;
use super::arp::Asked;
use super::expr::*;
use super::read::{Operator, Question, ReadRule, Source, Test};
use super::write::{NO_INTERFACE, network};
use crate::blob::{EntryVerdict, Header, Layout, push_standard};
use crate::sys::xt::IFNAMSIZ;
use crate::types::{AddrMask, Counters, Family, Interface, Inv, Protocol};

/// An entry that is being made: room for the header, and behind it the matches so far.
pub(super) struct Draft<'a, 'o> {
    pub(super) family: Family,
    interface: &'o dyn Fn(u32) -> Option<Interface>,
    pub(super) out: &'o mut Vec<u8>,
    start: usize,
    pub(super) header: Header,
    /// The fields of the header that were tested, and [`CLOSED`].
    asked: u8,
    /// Where the data of the last `tcp` or `udp` is, to which another port or flag belongs.
    pub(super) ports: Option<usize>,
    pub(super) icmp: super::native::IcmpSoFar,
    counters: Option<Counters>,
    /// Where the target begins.
    target: Option<usize>,
    jump: Option<&'a [u8]>,
    comment: Option<&'a [u8]>,
    /// Of ARP.
    pub(super) arp: Asked,
}

/// A field of the header that can be asked for only once.
#[derive(Clone, Copy)]
enum Field {
    Source = 1,
    Destination = 2,
    Input = 4,
    Output = 8,
    Protocol = 16,
    Fragment = 32,
}

/// Beside the fields that were tested: none may follow.
const CLOSED: u8 = 64;

const NOT_IN_XTABLES: Foreign = Foreign("tests a header in a way that xtables does not know");

impl<'a, 'o> Draft<'a, 'o> {
    pub(super) fn new(
        family: Family,
        interface: &'o dyn Fn(u32) -> Option<Interface>,
        comment: Option<&'a [u8]>,
        out: &'o mut Vec<u8>,
    ) -> Draft<'a, 'o> {
        let start = out.len();
        out.resize(start + Layout::of(family).entry, 0);
        Draft {
            family,
            interface,
            out,
            start,
            header: Header::any(family),
            asked: 0,
            ports: None,
            icmp: super::native::IcmpSoFar::default(),
            counters: None,
            target: None,
            jump: None,
            comment,
            arp: Asked::default(),
        }
    }

    /// Whether the rule has said what it does.
    pub(super) fn acts(&self) -> bool {
        self.target.is_some()
    }

    /// Before a match that may count packets, or remember them: what is tested behind it stays behind it. A rule of xtables
    /// tests its header first.
    pub(super) fn keep_order(&mut self) -> Result<(), Foreign> {
        self.asked |= CLOSED;
        self.ports = None;
        self.icmp.close()
    }

    pub(super) fn count(&mut self, counters: Counters) -> Result<(), Foreign> {
        if self.ends() {
            return Err(Foreign("counts after its verdict"));
        }
        match self.counters.replace(counters) {
            None => Ok(()),
            Some(_) => Err(Foreign("has two counters")),
        }
    }

    /// Whether there is a verdict, behind which nothing happens.
    fn ends(&self) -> bool {
        // A standard target has no name.
        self.target.is_some_and(|at| self.out.get(at + 2) == Some(&0))
    }

    /// Begins the target: no match comes behind it.
    pub(super) fn begin_target(&mut self) -> Result<(), Foreign> {
        match self.comment {
            Some(_) if self.family == Family::Arp => return Err(Foreign("has a comment")),
            Some(comment) => self.push_comment(comment)?,
            None if self.family == Family::Arp => self.push_arp()?,
            None => {}
        }
        self.target = Some(self.out.len());
        Ok(())
    }

    pub(super) fn verdict(&mut self, code: i32, chain: Option<&'a [u8]>) -> Result<(), Foreign> {
        let verdict = match (code, chain) {
            (libc::NF_ACCEPT, None) => EntryVerdict::Accept,
            (libc::NF_DROP, None) => EntryVerdict::Drop,
            (NFT_RETURN, None) => EntryVerdict::Return,
            (NFT_CONTINUE, None) => EntryVerdict::Fallthrough,
            (NFT_GOTO, _) if self.family == Family::Arp => return Err(Foreign("goes to a chain for good")),
            (NFT_JUMP | NFT_GOTO, Some(chain)) if !chain.is_empty() => {
                self.header.goto = code == NFT_GOTO;
                self.jump = Some(chain);
                EntryVerdict::Jump(0)
            }
            _ => return Err(Foreign("has a verdict that xtables does not know")),
        };
        self.begin_target()?;
        push_standard(self.out, verdict);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<ReadRule<'a>, Foreign> {
        self.icmp.close()?;
        if self.target.is_none() {
            self.begin_target()?;
            push_standard(self.out, EntryVerdict::Fallthrough);
        }
        self.header.counters = self.counters.unwrap_or(Counters::ZERO);
        let target = self.target.unwrap_or_default();
        if let Some(header) = self.out.get_mut(self.start..) {
            self.header.write(self.family, header);
        }
        Header::finish(self.family, self.out, self.start, target).ok_or(super::native::TOO_LONG)?;
        Ok(ReadRule { jump: self.jump, counts: self.counters.is_some() })
    }

    pub(super) fn ask(&mut self, question: Question<'a>) -> Result<(), Foreign> {
        let Question { source, mask, test, .. } = question;
        match source {
            Source::Network(offset) if self.family == Family::Arp => self.arp_test(offset, mask, test),
            Source::Meta(NFT_META_IIF | NFT_META_OIF | NFT_META_IIFNAME | NFT_META_OIFNAME)
                if mask.is_none() =>
            {
                match source {
                    Source::Meta(key) => self.interface(key, test),
                    _ => Err(NOT_IN_XTABLES),
                }
            }
            _ if self.family == Family::Arp => Err(NOT_IN_XTABLES),
            Source::Network(offset) => self.network(offset, mask, test),
            Source::Transport(offset) => self.transport(offset, &question),
            Source::Meta(NFT_META_MARK) => self.mark(mask, test),
            Source::Meta(_) if mask.is_some() => Err(NOT_IN_XTABLES),
            Source::Meta(NFT_META_L4PROTO) => self.protocol(test),
            Source::Meta(NFT_META_PKTTYPE) => self.packet_type(test),
            Source::Meta(key) => self.interface(key, test),
            Source::Value(_) => Err(Foreign("compares what it says itself")),
        }
    }

    /// A test of the network header.
    fn network(&mut self, offset: u32, mask: Option<&[u8]>, test: Test<'_>) -> Result<(), Foreign> {
        let hops = self.family.pick(8, 7);
        // nft tests fields that lie beside each other at once.
        if let (None, Test::Compare(Operator::Eq, bytes)) = (mask, test) {
            let mut rest = bytes;
            let mut offset = offset;
            while !rest.is_empty() {
                let len = match offset {
                    _ if offset == hops => 1,
                    network::PROTOCOL if self.family == Family::Ipv4 => 1,
                    _ => self.address_at(offset).ok_or(NOT_IN_XTABLES)?.1.min(rest.len()),
                };
                let (field, others) = rest.split_at(len);
                self.field(offset, None, Test::Compare(Operator::Eq, field))?;
                (offset, rest) = (offset + len as u32, others);
            }
            return Ok(());
        }
        self.field(offset, mask, test)
    }

    /// A test of one field of the network header.
    fn field(&mut self, offset: u32, mask: Option<&[u8]>, test: Test<'_>) -> Result<(), Foreign> {
        let hops = self.family.pick(8, 7);
        match (self.family, offset, mask) {
            (_, offset, None) if offset == hops => self.hops(test),
            (Family::Ipv4, network::PROTOCOL, None) => self.protocol(test),
            (Family::Ipv4, network::FRAGMENT, Some(mask)) => self.fragment(mask, test),
            _ => self.address(offset, mask, test),
        }
    }

    /// The address that an offset is in, and how many bytes of it are left from there.
    fn address_at(&self, offset: u32) -> Option<(Field, usize)> {
        let size: u32 = self.family.pick(4, 16);
        let fields = [
            (Field::Source, network::source(self.family)),
            (Field::Destination, network::destination(self.family)),
        ];
        fields.into_iter().find_map(|(field, start)| {
            let at = offset.checked_sub(start).filter(|at| *at < size)?;
            Some((field, (size - at) as usize))
        })
    }

    pub(super) fn address(
        &mut self,
        offset: u32,
        mask: Option<&[u8]>,
        test: Test<'_>,
    ) -> Result<(), Foreign> {
        let (field, left) = self.address_at(offset).ok_or(NOT_IN_XTABLES)?;
        let (inverted, bytes) = test.equality().ok_or(NOT_IN_XTABLES)?;
        let (mut octets, mut bits) = ([0; 16], [0; 16]);
        let at = self.family.pick(4, 16) - left;
        let place = at..at + bytes.len();
        if bytes.len() > left {
            return Err(NOT_IN_XTABLES);
        }
        octets[place.clone()].copy_from_slice(bytes);
        match mask {
            // As text it would be another one.
            Some(mask) if bytes.iter().zip(mask).any(|(byte, mask)| byte & !mask != 0) => {
                return Err(Foreign("compares bits of an address that its mask clears"));
            }
            Some(mask) => bits[place].copy_from_slice(mask),
            None => bits[place].fill(0xff),
        }
        let address = Inv::new(inverted, AddrMask::from_octets(self.family, &octets, &bits));
        match field {
            Field::Source => set(&mut self.asked, field, &mut self.header.source, address),
            _ => set(&mut self.asked, field, &mut self.header.destination, address),
        }
    }

    fn protocol(&mut self, test: Test<'_>) -> Result<(), Foreign> {
        match test.equality() {
            // To xtables 0 is no protocol but all of them.
            Some((inverted, &[number])) if number != 0 => {
                let protocol = Inv::new(inverted, Protocol(number));
                set(&mut self.asked, Field::Protocol, &mut self.header.protocol, protocol)
            }
            _ => Err(NOT_IN_XTABLES),
        }
    }

    fn fragment(&mut self, mask: &[u8], test: Test<'_>) -> Result<(), Foreign> {
        match test.equality() {
            Some((later, [0, 0])) if mask == network::OFFSET_BITS => {
                set(&mut self.asked, Field::Fragment, &mut self.header.fragment, Some(later))
            }
            _ => Err(NOT_IN_XTABLES),
        }
    }

    fn interface(&mut self, key: u32, test: Test<'_>) -> Result<(), Foreign> {
        let (inverted, bytes) = test.equality().ok_or(NOT_IN_XTABLES)?;
        let interface = match key {
            NFT_META_IIFNAME | NFT_META_OIFNAME => pattern(bytes, inverted)?,
            // In the order of the host.
            NFT_META_IIF | NFT_META_OIF => {
                let index = bytes.try_into().map(u32::from_ne_bytes).map_err(|_| NOT_IN_XTABLES)?;
                let name = (self.interface)(index);
                Inv::new(inverted, name.ok_or(Foreign("is for an interface that is gone"))?)
            }
            _ => return Err(NOT_IN_XTABLES),
        };
        match key {
            NFT_META_IIFNAME | NFT_META_IIF => {
                set(&mut self.asked, Field::Input, &mut self.header.input, interface)
            }
            _ => set(&mut self.asked, Field::Output, &mut self.header.output, interface),
        }
    }
}

/// Sets a field of the header. It can hold one test; a second one must be the same.
fn set<T: PartialEq>(asked: &mut u8, field: Field, place: &mut T, value: T) -> Result<(), Foreign> {
    if *place != value {
        if *asked & field as u8 != 0 {
            return Err(Foreign("tests a field of the header twice"));
        }
        if *asked & CLOSED != 0 {
            return Err(Foreign("tests its header behind a match that may count"));
        }
    }
    *asked |= field as u8;
    *place = value;
    Ok(())
}

/// The pattern for names of interfaces that a comparison means: a whole name, or the beginning of several.
fn pattern(bytes: &[u8], inverted: bool) -> Result<Inv<Interface>, Foreign> {
    const NONE: Foreign = Foreign("is for an interface whose name xtables cannot say");
    let name_only = |name: &[u8]| match name.last() {
        // As text it would be the beginning of others.
        None | Some(b'+') => Err(NONE),
        Some(_) => Interface::new(name).map_err(|_| NONE),
    };
    match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => {
            let (name, padding) = bytes.split_at(end);
            if padding.iter().any(|byte| *byte != 0) {
                return Err(NONE);
            }
            if !inverted && NO_INTERFACE.strip_suffix(&[0]) == Some(name) {
                return Interface::new("+").map(|any| Inv::new(true, any)).map_err(|_| NONE);
            }
            name_only(name).map(|name| Inv::new(inverted, name))
        }
        // No name has more bytes, so this is all of it.
        None if bytes.len() == IFNAMSIZ - 1 => name_only(bytes).map(|name| Inv::new(inverted, name)),
        None => {
            let mut pattern = [0; IFNAMSIZ];
            let place = pattern.get_mut(..bytes.len()).ok_or(NONE)?;
            place.copy_from_slice(bytes);
            let end = pattern.get_mut(bytes.len()).ok_or(NONE)?;
            *end = b'+';
            Interface::new(&pattern[..=bytes.len()])
                .map(|pattern| Inv::new(inverted, pattern))
                .map_err(|_| NONE)
        }
    }
}
