//! `HMARK`: a mark from a hash. `linux/netfilter/xt_HMARK.h`.

use std::net::IpAddr;

use crate::ext::prelude::*;
use crate::ext::values::{by_beginning, flags};
use crate::types::AddrMask;
use crate::types::addr::{addr_from_octets, addr_octets, prefix_mask, strict_mask};

raw! {
    "linux/netfilter/xt_HMARK.h"

    /// The unions of ports hold source and destination port, or an index of IPsec, in network order.
    struct xt_hmark_info {
        src_mask: [u8; 16],
        dst_mask: [u8; 16],
        port_mask: [u8; 4],
        port_set: [u8; 4],
        flags: u32,
        proto_mask: u16,
        _padding: [u8; 2],
        hashrnd: u32,
        hmodulus: u32,
        hoffset: u32,
    }
}

/// The bits of `flags`, from the numbers of the header.
const SADDR_MASK: u32 = 1 << 0;
const DADDR_MASK: u32 = 1 << 1;
const SPI: u32 = 1 << 2;
const SPI_MASK: u32 = 1 << 3;
const SPORT: u32 = 1 << 4;
const DPORT: u32 = 1 << 5;
const SPORT_MASK: u32 = 1 << 6;
const DPORT_MASK: u32 = 1 << 7;
const PROTO_MASK: u32 = 1 << 8;
const RND: u32 = 1 << 9;
const MODULUS: u32 = 1 << 10;
const OFFSET: u32 = 1 << 11;
const CT: u32 = 1 << 12;
/// Those that an option stands for. The two above them, `XT_HMARK_METHOD_L3` and `_L3_4`, have none.
const OPTIONAL: u32 = (CT << 1) - 1;

/// The bits of an address that are hashed.
///
/// Written as the length of a prefix or as a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddrBits(pub IpAddr);

impl AddrBits {
    /// The bits of a prefix of that length.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::targets::AddrBits;
    ///
    /// assert_eq!(AddrBits::prefix(Family::Ipv4, 24).to_string(), "24");
    /// ```
    #[must_use]
    pub fn prefix(family: Family, length: u8) -> AddrBits {
        AddrBits(prefix_mask(family, length))
    }

    /// The length, if the bits are those of a prefix.
    fn length(self) -> Option<u8> {
        AddrMask::unmasked(self.0, self.0).prefix()
    }
}

impl From<IpAddr> for AddrBits {
    fn from(mask: IpAddr) -> AddrBits {
        AddrBits(mask)
    }
}

impl Value for AddrBits {
    const KIND: ValueKind = ValueKind::text("LENGTH|MASK");

    fn parse(input: &Input<'_>) -> Result<AddrBits, BadValue> {
        let family = input.cx.family;
        strict_mask(family, input.text()).map(AddrBits).ok_or(BadValue::Mask { family })
    }

    fn print(&self, out: &mut Printer<'_>) {
        match self.length() {
            Some(length) => out.decimal(length),
            None => self.0.print(out),
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(self.length().map_or(Datum::Address(self.0), Datum::from))
    }
}

/// Declares a number that is printed in hexadecimal, with at least so many digits.
macro_rules! hex_number {
    ($(#[$meta:meta])* $name:ident($int:ty), $width:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $int);

        impl From<$int> for $name {
            fn from(number: $int) -> $name {
                $name(number)
            }
        }

        impl Value for $name {
            const KIND: ValueKind = ValueKind::new(Form::Integer, "NUMBER");
            const MAX: u64 = <$int>::MAX as u64;

            fn parse(input: &Input<'_>) -> Result<$name, BadValue> {
                <$int>::parse(input).map($name)
            }

            fn print(&self, out: &mut Printer<'_>) {
                out.hex(self.0, $width);
            }

            fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
                Some(self.0.into())
            }
        }
    };
}

hex_number! {
    /// Bits of a port.
    PortBits(u16), 4
}
hex_number! {
    /// Bits of a protocol.
    ProtocolBits(u16), 2
}
hex_number! {
    /// Bits of a security parameter index, or a seed.
    Bits32(u32), 8
}

flags! {
    /// What is hashed, as `--hmark-tuple` lists it.
    pub struct HmarkTuple(u32) as "TYPE[,...]" by HmarkTuple::read_list {
        /// The source address.
        SRC = SADDR_MASK => "src",
        /// The destination address.
        DST = DADDR_MASK => "dst",
        /// The source port.
        SPORT = SPORT_MASK => "sport",
        /// The destination port.
        DPORT = DPORT_MASK => "dport",
        /// The security parameter index of ESP and AH.
        SPI = SPI_MASK => "spi",
        /// The protocol.
        PROTO = PROTO_MASK => "proto",
        /// Addresses and ports are those of the connection's first packet.
        CT = CT => "ct",
    }
}

impl HmarkTuple {
    /// Names by their beginnings, of which the list may not be empty.
    fn read_list(input: &Input<'_>) -> Result<HmarkTuple, BadValue> {
        let mut rest = input.text();
        let mut tuple = HmarkTuple::default();
        loop {
            if rest.is_empty() {
                return Err(BadValue::EmptyTuple { names: HmarkTuple::NAMES });
            }
            // A comma in front belongs to the name, and makes it a bad one.
            let comma = rest.iter().skip(1).position(|byte| *byte == b',').map(|at| at + 1);
            let (name, behind) = rest.split_at(comma.unwrap_or(rest.len()));
            let found = by_beginning(HmarkTuple::NAMES, name).and_then(|at| HmarkTuple::BITS.get(at));
            let unknown = || BadValue::Tuple { names: HmarkTuple::NAMES, part: shown(name) };
            tuple |= *found.ok_or_else(unknown)?;
            match behind {
                [] => return Ok(tuple),
                [_, behind @ ..] => rest = behind,
            }
        }
    }
}

options! {
    /// Marks the packet with a number computed from its addresses and ports, so that packets of one flow get one mark.
    ///
    /// The mark is the hash modulo a number, plus an offset.
    #[header("linux/netfilter/xt_HMARK.h")]
    #[example(
        Ipv4,
        "-j HMARK --hmark-tuple src,dst --hmark-mod 10 --hmark-offset 10000 --hmark-rnd 0xfeedcafe",
        "-p tcp -j HMARK --hmark-src-prefix 24 --hmark-sport-mask 0xff --hmark-proto-mask 5 --hmark-mod 10 --hmark-rnd 5",
    )]
    pub target Hmark {
        /// The bits of the source address that are hashed.
        src_prefix / hmark_src_prefix: AddrBits => "--hmark-src-prefix";
        /// The bits of the destination address that are hashed.
        dst_prefix / hmark_dst_prefix: AddrBits => "--hmark-dst-prefix";
        /// The bits of the source port that are hashed.
        sport_mask / hmark_sport_mask: PortBits => "--hmark-sport-mask";
        /// The bits of the destination port that are hashed.
        dport_mask / hmark_dport_mask: PortBits => "--hmark-dport-mask";
        /// The bits of the security parameter index that are hashed, of ESP and AH.
        spi_mask / hmark_spi_mask: Bits32 => "--hmark-spi-mask";
        /// Bits that are set in the source port before it is hashed.
        sport / hmark_sport: PortBits => "--hmark-sport";
        /// Bits that are set in the destination port before it is hashed.
        dport / hmark_dport: PortBits => "--hmark-dport";
        /// Bits that are set in the security parameter index before it is hashed.
        spi / hmark_spi: Bits32 => "--hmark-spi";
        /// The bits of the protocol that are hashed.
        proto_mask / hmark_proto_mask: ProtocolBits => "--hmark-proto-mask";
        /// The seed of the hash.
        rnd / hmark_rnd: Bits32 => "--hmark-rnd";
        /// The mark is the hash modulo this.
        modulus / hmark_mod: u32 => "--hmark-mod" { min: 1 };
        /// This is added to the mark.
        offset / hmark_offset: u32 => "--hmark-offset";
        /// What is hashed, in full; all but `CT` is another way to write the options above.
        tuple / hmark_tuple: HmarkTuple => "--hmark-tuple";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Hmark>("HMARK").placed(Placement::NONE.checked());

impl Normal for xt_hmark_info {
    /// Behind a mask of IPv4 iptables leaves ones, zeros or whatever was there before.
    fn normalize(&mut self, family: Family) {
        normal_mask(family, &mut self.src_mask);
        normal_mask(family, &mut self.dst_mask);
    }
}

impl Hmark {
    /// Writes what the tuple says into the other fields.
    fn expand(&mut self, family: Family) -> Result<()> {
        fn set<T>(wanted: bool, field: &mut Option<T>, value: T, option: &'static str) -> Result<()> {
            if !wanted {
                return Ok(());
            }
            match field.replace(value) {
                None => Ok(()),
                Some(_) => Err(Error::from(Misfit::HmarkTuple).at_option(option)),
            }
        }
        let Some(tuple) = self.tuple else { return Ok(()) };
        let has = |part| tuple.contains(part);
        let address = AddrBits::prefix(family, u8::MAX);
        set(has(HmarkTuple::SRC), &mut self.src_prefix, address, "hmark-src-prefix")?;
        set(has(HmarkTuple::DST), &mut self.dst_prefix, address, "hmark-dst-prefix")?;
        set(has(HmarkTuple::SPORT), &mut self.sport_mask, PortBits(u16::MAX), "hmark-sport-mask")?;
        set(has(HmarkTuple::DPORT), &mut self.dport_mask, PortBits(u16::MAX), "hmark-dport-mask")?;
        set(has(HmarkTuple::SPI), &mut self.spi_mask, Bits32(u32::MAX), "hmark-spi-mask")?;
        set(has(HmarkTuple::PROTO), &mut self.proto_mask, ProtocolBits(u16::MAX), "hmark-proto-mask")?;
        self.tuple = has(HmarkTuple::CT).then_some(HmarkTuple::CT);
        Ok(())
    }

    /// Which options are there.
    fn flags(&self) -> u32 {
        flag(self.src_prefix.is_some(), SADDR_MASK)
            | flag(self.dst_prefix.is_some(), DADDR_MASK)
            | flag(self.spi.is_some(), SPI)
            | flag(self.spi_mask.is_some(), SPI_MASK)
            | flag(self.sport.is_some(), SPORT)
            | flag(self.dport.is_some(), DPORT)
            | flag(self.sport_mask.is_some(), SPORT_MASK)
            | flag(self.dport_mask.is_some(), DPORT_MASK)
            | flag(self.proto_mask.is_some(), PROTO_MASK)
            | flag(self.rnd.is_some(), RND)
            | flag(self.modulus.is_some(), MODULUS)
            | flag(self.offset.is_some(), OFFSET)
            | flag(self.tuple.is_some(), CT)
    }
}

impl Codec for Hmark {
    const REVISIONS: &'static [Revision] = &[Revision::normal::<xt_hmark_info>(0)];

    fn finish(&mut self, _: u64, cx: &RuleContext<'_>) -> Result<()> {
        self.expand(cx.family)?;
        let fail = |misfit: Misfit| Err(misfit.into());
        let flags = self.flags();
        if flags & MODULUS == 0 {
            return fail(Misfit::HmarkNeeds { option: "hmark-mod" });
        }
        if flags & RND == 0 {
            return fail(Misfit::HmarkNeeds { option: "hmark-rnd" });
        }
        if flags & SPI_MASK != 0 && flags & (SPORT_MASK | DPORT_MASK) != 0 {
            return fail(Misfit::HmarkPorts);
        }
        if flags & !(MODULUS | RND | OFFSET) == 0 {
            return fail(Misfit::HmarkNothing);
        }
        if self.modulus == Some(0) {
            return Err(Error::from(Misfit::HmarkModulus).at_option("hmark-mod"));
        }
        let masks = [(self.src_prefix, "hmark-src-prefix"), (self.dst_prefix, "hmark-dst-prefix")];
        for (mask, option) in masks {
            if let Some(mask) = mask.filter(|mask| mask.0.is_ipv4() != (cx.family == Family::Ipv4)) {
                let misfit = Misfit::OtherFamily { value: mask.0.to_string(), family: cx.family };
                return Err(Error::from(misfit).at_option(option));
            }
        }
        Ok(())
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mask = |bits: Option<AddrBits>| bits.map_or([0; 16], |bits| addr_octets(bits.0));
        let ports = |spi: Option<Bits32>, sport: Option<PortBits>, dport: Option<PortBits>| {
            let (sport, dport) = (sport.unwrap_or_default().0, dport.unwrap_or_default().0);
            spi.map_or(u32::from(sport) << 16 | u32::from(dport), |spi| spi.0).to_be_bytes()
        };
        payload.put(&xt_hmark_info {
            src_mask: mask(self.src_prefix),
            dst_mask: mask(self.dst_prefix),
            port_mask: ports(self.spi_mask, self.sport_mask, self.dport_mask),
            port_set: ports(self.spi, self.sport, self.dport),
            flags: self.flags(),
            proto_mask: self.proto_mask.unwrap_or_default().0,
            _padding: [0; 2],
            hashrnd: self.rnd.unwrap_or_default().0,
            hmodulus: self.modulus.unwrap_or_default(),
            hoffset: self.offset.unwrap_or_default(),
        });
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Hmark> {
        let raw: xt_hmark_info = read_raw(bytes)?;
        if raw.flags & !OPTIONAL != 0 {
            return Err(Malformed::Flags(raw.flags & !OPTIONAL).into());
        }
        let given = |bit| raw.flags & bit != 0;
        let mask = |bit, octets: &[u8]| given(bit).then(|| AddrBits(addr_from_octets(cx.family, octets)));
        let (port_mask, port_set) = (u32::from_be_bytes(raw.port_mask), u32::from_be_bytes(raw.port_set));
        let port = |bit, bits: u32| given(bit).then_some(PortBits(bits as u16));
        Ok(Hmark {
            src_prefix: mask(SADDR_MASK, &raw.src_mask),
            dst_prefix: mask(DADDR_MASK, &raw.dst_mask),
            sport_mask: port(SPORT_MASK, port_mask >> 16),
            dport_mask: port(DPORT_MASK, port_mask),
            spi_mask: given(SPI_MASK).then_some(Bits32(port_mask)),
            sport: port(SPORT, port_set >> 16),
            dport: port(DPORT, port_set),
            spi: given(SPI).then_some(Bits32(port_set)),
            proto_mask: given(PROTO_MASK).then_some(ProtocolBits(raw.proto_mask)),
            rnd: given(RND).then_some(Bits32(raw.hashrnd)),
            modulus: given(MODULUS).then_some(raw.hmodulus),
            offset: given(OFFSET).then_some(raw.hoffset),
            tuple: given(CT).then_some(HmarkTuple::CT),
            ..Hmark::new()
        })
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        if self.spi.is_some() && (self.sport.is_some() || self.dport.is_some()) {
            return Err(Error::from(Refused::IndexAndPorts).at_option("hmark-spi"));
        }
        Ok(())
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " HMARK mod {} ", self.modulus.unwrap_or_default());
        if let Some(offset) = self.offset {
            show!(out, "+ {offset:#x} ");
        }
        out.text(if self.tuple.is_some() { "ct, " } else { "" });
        for (label, bits) in [("src", self.src_prefix), ("dst", self.dst_prefix)] {
            if let Some(bits) = bits {
                show!(out, "{label}-prefix ");
                out.value(&bits);
                out.text(" ");
            }
        }
        let number = |bits: Option<PortBits>| bits.map(|bits| u32::from(bits.0));
        for (label, bits) in [
            ("sport-mask", number(self.sport_mask)),
            ("dport-mask", number(self.dport_mask)),
            ("spi-mask", self.spi_mask.map(|bits| bits.0)),
            ("sport", number(self.sport)),
            ("dport", number(self.dport)),
            ("spi", self.spi.map(|bits| bits.0)),
            ("proto-mask", self.proto_mask.map(|bits| bits.0.into())),
            ("rnd", self.rnd.map(|seed| seed.0)),
        ] {
            if let Some(bits) = bits {
                show!(out, "{label} {bits:#x} ");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            (
                "-j HMARK --hmark-tuple SRC,d,sport,dp --hmark-mod 5 --hmark-offset 10 --hmark-rnd 0xcafe",
                "-j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff \
                 --hmark-dport-mask 0xffff --hmark-rnd 0x0000cafe --hmark-mod 5 --hmark-offset 10",
            ),
            (
                "-j HMARK --hmark-tuple spi,ct,proto --hmark-mod 5 --hmark-rnd 1",
                "-j HMARK --hmark-spi-mask 0xffffffff --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 \
                 --hmark-mod 5 --hmark-tuple ct",
            ),
            (
                "-j HMARK --hmark-proto-mask 3 --hmark-sport 80 --hmark-dport 90 --hmark-mod 5 --hmark-rnd 1",
                "-j HMARK --hmark-sport 0x0050 --hmark-dport 0x005a --hmark-proto-mask 0x03 \
                 --hmark-rnd 0x00000001 --hmark-mod 5",
            ),
            (
                "-j HMARK --hmark-spi 7 --hmark-src-prefix 255.255.0.0 --hmark-mod 5 --hmark-rnd 0",
                "-j HMARK --hmark-src-prefix 16 --hmark-spi 0x00000007 --hmark-rnd 0x00000000 --hmark-mod 5",
            ),
            (
                "-j HMARK --hmark-dst-prefix 255.0.255.0 --hmark-mod 5 --hmark-rnd 1",
                "-j HMARK --hmark-dst-prefix 255.0.255.0 --hmark-rnd 0x00000001 --hmark-mod 5",
            ),
            ("-j HMARK", "!--hmark-mod is mandatory"),
            ("-j HMARK --hmark-mod 5", "!--hmark-rnd is mandatory"),
            ("-j HMARK --hmark-mod 5 --hmark-rnd 1", "!you have to specify --hmark-tuple at least"),
            (
                "-j HMARK --hmark-mod 5 --hmark-rnd 1 --hmark-tuple spi,sport",
                "!you cannot use --hmark-spi-mask and --hmark-?port-mask,at the same time",
            ),
            (
                "-j HMARK --hmark-mod 5 --hmark-rnd 1 --hmark-tuple src --hmark-src-prefix 24",
                "!HMARK: option \"--hmark-src-prefix\" can only be used once.\n",
            ),
            ("-j HMARK --hmark-tuple foo", "!Bad type \"foo\""),
            ("-j HMARK --hmark-tuple src,,dst", "!Bad type \",dst\""),
            (
                "-j HMARK --hmark-tuple src,",
                "!\"--hmark-tuple\" requires a list of types with no spaces, e.g. src,dst,sport,dport,proto",
            ),
            (
                "-j HMARK --hmark-mod 0",
                "!HMARK: bad value for option \"--hmark-mod\", or out of range (1-4294967295).\n",
            ),
            (
                "-j HMARK --hmark-src-prefix /24",
                "!HMARK: bad value for option \"--hmark-src-prefix\", neither a valid network mask nor valid \
                 CIDR (0-32).\n",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[(
                "-j HMARK --hmark-tuple src --hmark-dst-prefix 64 --hmark-mod 5 --hmark-rnd 1",
                "-j HMARK --hmark-src-prefix 128 --hmark-dst-prefix 64 --hmark-rnd 0x00000001 --hmark-mod 5",
            )],
        );
    }

    #[test]
    fn a_method_without_an_option_is_kept() {
        let raw = xt_hmark_info { flags: 1 << 13 | MODULUS, hmodulus: 5, ..xt_hmark_info::new_zeroed() };
        let hex: String =
            zerocopy::IntoBytes::as_bytes(&raw).iter().map(|byte| format!("{byte:02x}")).collect();
        // With the four bytes that align it.
        let line = format!("-j HMARK --opaque 0:{hex}00000000");
        assert_eq!(crate::Rule::parse(Family::Ipv4, &line).unwrap().to_string(), line);
    }
}
