//! The header of ARP packets: where its fields lie, how they are asked for, and what is asked of them.
//!
//! Each rule asks for protocol addresses of 4 bytes, those of IPv4, and all but the most unusual for Ethernet. Addresses lie
//! behind each other, and hardware addresses are as long as the packet says, so nothing behind the opcode is where it is
//! thought to be unless their length was asked for.

use zerocopy::{FromBytes, IntoBytes};

use super::expr::NFT_META_IIFNAME;
use super::expr::NFT_META_OIFNAME;
use super::header::Draft;
use super::read::{Operator, Test};
use super::write::Expressions;
use super::{Foreign, Unsayable};
use crate::blob::{Entry, Header, push_extension};
use crate::ext::matches::arp_fields;

/// The first byte of each field but the IP addresses.
const HARDWARE: u32 = 0;
const PROTOCOL: u32 = 2;
const LENGTH: u32 = 4;
const ADDRESS_LENGTH: u32 = 5;
const OPCODE: u32 = 6;
const SOURCE_MAC: u32 = 8;
const DESTINATION_MAC: u32 = 18;

/// Each field: its first byte and its size.
const FIELDS: [(u32, usize); 9] = [
    (HARDWARE, 2),
    (PROTOCOL, 2),
    (LENGTH, 1),
    (ADDRESS_LENGTH, 1),
    (OPCODE, 2),
    (SOURCE_MAC, 6),
    (14, 4),
    (DESTINATION_MAC, 6),
    (24, 4),
];

/// The size of an IPv4 address.
const IPV4: u8 = 4;

const NOT_IN_ARPTABLES: Foreign = Foreign("tests an ARP packet in a way that arptables does not know");

/// The match of an entry that holds the fields.
fn fields(entry: Entry<'_>) -> Option<arp_fields> {
    let mut matches = entry.matches();
    let fields = matches.next().filter(|one| one.name == arp_fields::NAME.as_bytes())?;
    // Nothing else is tested.
    matches.next().is_none().then_some(())?;
    arp_fields::read_from_prefix(fields.data).ok().map(|(fields, _)| fields)
}

impl Expressions<'_> {
    /// Appends what a rule for ARP tests.
    pub(super) fn arp_header(&mut self, entry: Entry<'_>, header: &Header) -> Result<(), Unsayable> {
        self.interface(&header.input, NFT_META_IIFNAME, "input interface")?;
        self.interface(&header.output, NFT_META_OIFNAME, "output interface")?;
        let fields = fields(entry).filter(|_| !header.odd && !header.goto).ok_or(Unsayable::Flags)?;
        let inverts = |field| fields.inverts(field);
        self.arp_number(HARDWARE, inverts(arp_fields::HARDWARE), &fields.hardware, &fields.hardware_mask);
        self.arp_number(PROTOCOL, inverts(arp_fields::PROTOCOL), &fields.protocol, &fields.protocol_mask);
        self.arp_number(LENGTH, inverts(arp_fields::LENGTH), &[fields.length], &[fields.length_mask]);
        self.arp_number(ADDRESS_LENGTH, false, &[IPV4], &[0xff]);
        self.arp_number(OPCODE, inverts(arp_fields::OPCODE), &fields.opcode, &[0xff; 2]);
        let (source, mask) = (&fields.source, &fields.source_mask);
        self.masked(inverts(arp_fields::SOURCE), SOURCE_MAC, source, mask, "source-mac")?;
        self.ip_address(&header.source, "source")?;
        let (destination, mask) = (&fields.destination, &fields.destination_mask);
        self.masked(inverts(arp_fields::DESTINATION), DESTINATION_MAC, destination, mask, "destination-mac")?;
        self.ip_address(&header.destination, "destination")
    }

    /// A field that is 0 is not asked for.
    fn arp_number(&mut self, offset: u32, inverted: bool, value: &[u8], mask: &[u8]) {
        let whole = mask.iter().all(|byte| *byte == 0xff);
        if !inverted && whole && value.iter().all(|byte| *byte == 0) {
            return;
        }
        self.payload(offset, value.len());
        if !whole {
            self.mask(mask);
        }
        self.compare(inverted, value);
    }
}

/// What was asked of an ARP packet so far.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    fields: arp_fields,
    /// By the place in [`FIELDS`].
    seen: u16,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { fields: arp_fields { hardware: [0; 2], ..arp_fields::new() }, seen: 0 }
    }
}

impl Draft<'_, '_> {
    /// A test of the header, of which nft asks for fields that lie beside each other at once.
    pub(super) fn arp_test(
        &mut self,
        offset: u32,
        mask: Option<&[u8]>,
        test: Test<'_>,
    ) -> Result<(), Foreign> {
        let (Test::Compare(Operator::Eq, mut rest), None) = (test, mask) else {
            return self.arp_field(offset, mask, test);
        };
        let mut offset = offset;
        while !rest.is_empty() {
            let (_, size) = FIELDS.into_iter().find(|(at, _)| *at == offset).ok_or(NOT_IN_ARPTABLES)?;
            let (field, others) = rest.split_at(size.min(rest.len()));
            self.arp_field(offset, None, Test::Compare(Operator::Eq, field))?;
            (offset, rest) = (offset + size as u32, others);
        }
        Ok(())
    }

    fn arp_field(&mut self, offset: u32, mask: Option<&[u8]>, test: Test<'_>) -> Result<(), Foreign> {
        let index = FIELDS.iter().position(|(at, _)| *at == offset).ok_or(NOT_IN_ARPTABLES)?;
        let (_, size) = FIELDS[index];
        let (inverted, bytes) =
            test.equality().filter(|(_, bytes)| bytes.len() <= size).ok_or(NOT_IN_ARPTABLES)?;
        if matches!(offset, 14 | 24) {
            return self.address(offset, mask, test);
        }
        if self.arp.seen & 1 << index != 0 {
            return Err(Foreign("tests a field of the header twice"));
        }
        self.arp.seen |= 1 << index;
        let fields = &mut self.arp.fields;
        let (bit, value, place): (_, &mut [u8], Option<&mut [u8]>) = match offset {
            HARDWARE => (arp_fields::HARDWARE, &mut fields.hardware, Some(&mut fields.hardware_mask)),
            PROTOCOL => (arp_fields::PROTOCOL, &mut fields.protocol, Some(&mut fields.protocol_mask)),
            LENGTH => (
                arp_fields::LENGTH,
                std::slice::from_mut(&mut fields.length),
                Some(std::slice::from_mut(&mut fields.length_mask)),
            ),
            ADDRESS_LENGTH if (inverted, bytes, mask) == (false, &[IPV4], None) => return Ok(()),
            OPCODE => (arp_fields::OPCODE, &mut fields.opcode, None),
            SOURCE_MAC => (arp_fields::SOURCE, &mut fields.source, Some(&mut fields.source_mask)),
            DESTINATION_MAC => {
                (arp_fields::DESTINATION, &mut fields.destination, Some(&mut fields.destination_mask))
            }
            _ => return Err(NOT_IN_ARPTABLES),
        };
        let is_mac = size == 6;
        if mask.is_some() && place.is_none() || !is_mac && bytes.len() < size {
            return Err(NOT_IN_ARPTABLES);
        }
        let whole = mask.is_none_or(|mask| mask.iter().all(|byte| *byte == 0xff));
        // To arptables that is no question.
        let nothing = match is_mac {
            true => mask.is_some_and(|mask| mask.iter().all(|byte| *byte == 0)),
            false => !inverted && whole && bytes.iter().all(|byte| *byte == 0),
        };
        let behind_mask =
            mask.is_some_and(|mask| bytes.iter().zip(mask).any(|(byte, mask)| byte & !mask != 0));
        if nothing || is_mac && behind_mask || offset == LENGTH && bytes != [6] {
            return Err(NOT_IN_ARPTABLES);
        }
        value[..bytes.len()].copy_from_slice(bytes);
        if let Some(place) = place {
            place.fill(0);
            match mask {
                Some(mask) => place[..mask.len()].copy_from_slice(mask),
                None => place[..bytes.len()].fill(0xff),
            }
        }
        self.arp.fields.inverted |= if inverted { bit } else { 0 };
        Ok(())
    }

    /// Appends the match that holds the fields.
    pub(super) fn push_arp(&mut self) -> Result<(), Foreign> {
        let needed = [LENGTH, ADDRESS_LENGTH];
        let missing = |offset: &u32| {
            FIELDS.iter().position(|(at, _)| at == offset).is_none_or(|index| self.arp.seen & 1 << index == 0)
        };
        if needed.iter().any(missing) {
            return Err(Foreign("does not ask how long addresses are"));
        }
        let fields = self.arp.fields;
        let pushed = push_extension(self.out, arp_fields::NAME.as_bytes(), 0, |out| {
            out.extend_from_slice(fields.as_bytes());
            Ok::<_, Foreign>(())
        });
        pushed?.ok_or(super::native::TOO_LONG)
    }
}
