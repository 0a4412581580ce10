//! `tcp`: ports, flags and options. `linux/netfilter/xt_tcpudp.h`.

use std::mem::offset_of;

use crate::ext::prelude::*;
use crate::ext::values::flags;
use crate::types::PortRange;
use crate::types::fmt::number;

pub(crate) const XT_TCP_INV_SRCPT: u8 = 0x01;
pub(crate) const XT_TCP_INV_DSTPT: u8 = 0x02;
pub(crate) const XT_TCP_INV_FLAGS: u8 = 0x04;
const XT_TCP_INV_OPTION: u8 = 0x08;

raw! {
    "linux/netfilter/xt_tcpudp.h"

    struct xt_tcp {
        spts: [u16; 2],
        dpts: [u16; 2],
        option: u8,
        flg_mask: u8,
        flg_cmp: u8,
        invflags: u8,
    }
}

flags! {
    /// Flags of the TCP header.
    pub struct TcpFlags(u8) {
        /// No more data from the sender.
        FIN = 0x01 => "FIN",
        /// Synchronize sequence numbers: the connection is being opened.
        SYN = 0x02 => "SYN",
        /// Reset the connection.
        RST = 0x04 => "RST",
        /// Push the data to the application.
        PSH = 0x08 => "PSH",
        /// The acknowledgement number counts.
        ACK = 0x10 => "ACK",
        /// The urgent pointer counts.
        URG = 0x20 => "URG",
    }
}

impl TcpFlags {
    /// All six flags.
    pub const ALL: TcpFlags = TcpFlags(0x3f);
    /// No flag.
    pub const NONE: TcpFlags = TcpFlags(0);

    fn parse(text: &[u8]) -> Result<TcpFlags, BadValue> {
        let mut flags = TcpFlags::NONE;
        for word in text.split(|byte| *byte == b',').filter(|word| !word.is_empty()) {
            flags |= match word.to_ascii_uppercase().as_slice() {
                b"ALL" => TcpFlags::ALL,
                b"NONE" => TcpFlags::NONE,
                name => TcpFlags::by_name(name).ok_or_else(|| BadValue::TcpFlag { part: shown(word) })?,
            };
        }
        Ok(flags)
    }

    fn print(self, out: &mut Vec<u8>) {
        if self.0 == 0 {
            return out.extend_from_slice(b"NONE");
        }
        for (index, name) in self.names().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(name.as_bytes());
        }
    }
}

/// Which flags are looked at, and which of these must be set; the others must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TcpFlagsTest {
    /// The flags that are looked at.
    pub mask: TcpFlags,
    /// The flags of the mask that must be set.
    pub set: TcpFlags,
}

impl TcpFlagsTest {
    /// The first packet of a connection: SYN without ACK, RST and FIN.
    pub const SYN: TcpFlagsTest = TcpFlagsTest { mask: TcpFlags(0x17), set: TcpFlags::SYN };
}

impl Value for TcpFlagsTest {
    const KIND: ValueKind = ValueKind { choices: TcpFlags::NAMES, ..ValueKind::text("MASK SET") };
    const WORDS: u8 = 2;
    const EXACT: bool = true;

    fn parse(input: &Input<'_>) -> Result<TcpFlagsTest, BadValue> {
        let [mask, set] = input.words;
        Ok(TcpFlagsTest { mask: TcpFlags::parse(mask)?, set: TcpFlags::parse(set)? })
    }

    fn print(&self, out: &mut Printer<'_>) {
        self.mask.print(out.out);
        out.text(" ");
        self.set.print(out.out);
        if (self.mask.0 | self.set.0) >= 1 << TcpFlags::BITS.len() {
            out.untold();
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        let names = |flags: TcpFlags| Datum::Names(flags.names().collect());
        Some(Datum::List(vec![names(self.mask), names(self.set)]))
    }
}

/// The number of a TCP option, 1 to 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TcpOption(pub u8);

impl From<u8> for TcpOption {
    fn from(number: u8) -> TcpOption {
        TcpOption(number)
    }
}

invertible!(u8 => TcpOption);

impl Value for TcpOption {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "NUMBER");
    const MAX: u64 = u8::MAX as u64;
    const EXACT: bool = true;

    fn parse(input: &Input<'_>) -> Result<TcpOption, BadValue> {
        match number(input.text()) {
            Some(number @ 1..=255) => Ok(TcpOption(number as u8)),
            _ => Err(BadValue::TcpOption),
        }
    }

    fn check(&self, _: &'static Opt, _: &RuleContext<'_>) -> Result<(), BadValue> {
        if self.0 > 0 { Ok(()) } else { Err(BadValue::TcpOption) }
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0);
        if self.0 == 0 {
            out.untold();
        }
    }
}

options! {
    /// Matches TCP packets by ports, flags and options.
    ///
    /// Loaded by itself when the rule says `-p tcp` and one of these options.
    #[header("linux/netfilter/xt_tcpudp.h")]
    #[example(
        Ipv4,
        "-p tcp -m tcp --dport 443 --syn -j ACCEPT",
        "-p tcp -m tcp --sport 1024:65535 --tcp-flags SYN,ACK SYN -j ACCEPT",
    )]
    pub match Tcp {
        /// The source port, or a range of ports.
        [!] sport: PortRange => "--sport" | "--source-port" {
            service: Some("tcp"), formal: Some("source-port"),
            once: Some("Only one `--source-port' allowed"), bit: XT_TCP_INV_SRCPT as u32,
        };
        /// The destination port, or a range of ports.
        [!] dport: PortRange => "--dport" | "--destination-port" {
            service: Some("tcp"), formal: Some("destination-port"),
            once: Some("Only one `--destination-port' allowed"), bit: XT_TCP_INV_DSTPT as u32,
        };
        /// The number of a TCP option that must be there, 1 to 255.
        [!] option / tcp_option: TcpOption => "--tcp-option" {
            once: Some("Only one `--tcp-option' allowed"), bit: XT_TCP_INV_OPTION as u32,
        };
        /// The flags to look at, and those of them that must be set.
        [!] flags / tcp_flags: TcpFlagsTest => "--tcp-flags" {
            once: Some("Only one of `--syn' or `--tcp-flags'  allowed"), excludes: &["syn"],
            bit: XT_TCP_INV_FLAGS as u32,
        };
    }
    also {
        /// The first packet of a connection: short for `--tcp-flags FIN,SYN,RST,ACK SYN`.
        [!] syn: bool => "--syn" {
            once: Some("Only one of `--syn' or `--tcp-flags'  allowed"),
            respell: Some(|find| {
                let (inverted, Datum::List(flags)) = find("flags")? else { return None };
                let names = |flags: TcpFlags| Datum::Names(flags.names().collect());
                let TcpFlagsTest { mask, set } = TcpFlagsTest::SYN;
                (flags == [names(mask), names(set)]).then_some((inverted, Datum::Flag))
            }),
        } = |tcp, syn| tcp.flags = Some(Inv::new(!syn, TcpFlagsTest::SYN));
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Tcp>("tcp").placed(Placement::NONE.protocols(&[Protocol::TCP]));

/// Whether the match wants packets in which SYN is set, as some targets demand of their rules.
pub(crate) fn tests_for_syn(bytes: &[u8]) -> bool {
    read_raw::<xt_tcp>(bytes)
        .is_ok_and(|raw| raw.flg_cmp & TcpFlags::SYN.0 != 0 && raw.invflags & XT_TCP_INV_FLAGS == 0)
}

impl Codec for Tcp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_tcp>(0).plain(&[
        Plain::port("sport", offset_of!(xt_tcp, spts)),
        Plain::port("dport", offset_of!(xt_tcp, dpts)),
    ])];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let test =
            self.flags.map_or(TcpFlagsTest { mask: TcpFlags::NONE, set: TcpFlags::NONE }, |inv| inv.value);
        payload.put(&xt_tcp {
            spts: ports_to_raw(self.sport),
            dpts: ports_to_raw(self.dport),
            option: self.option.map_or(0, |inv| inv.value.0),
            flg_mask: test.mask.0,
            flg_cmp: test.set.0,
            invflags: self.bits()[1] as u8,
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Tcp> {
        let raw: xt_tcp = read_raw(bytes)?;
        let test = TcpFlagsTest { mask: TcpFlags(raw.flg_mask), set: TcpFlags(raw.flg_cmp) };
        let flags_inverted = raw.invflags & XT_TCP_INV_FLAGS != 0;
        let option_inverted = raw.invflags & XT_TCP_INV_OPTION != 0;
        Ok(Tcp {
            sport: ports_from_raw(raw.spts, raw.invflags & XT_TCP_INV_SRCPT != 0),
            dport: ports_from_raw(raw.dpts, raw.invflags & XT_TCP_INV_DSTPT != 0),
            option: (raw.option != 0 || option_inverted)
                .then(|| Inv::new(option_inverted, TcpOption(raw.option))),
            flags: (raw.flg_mask != 0 || flags_inverted).then(|| Inv::new(flags_inverted, test)),
            ..Tcp::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" tcp");
        list_ports(out, "spt", self.sport, Some("tcp"));
        list_ports(out, "dpt", self.dport, Some("tcp"));
        if let Some(option) = self.option {
            show!(out, " option={}{}", bang(option.inverted), option.value.0);
        }
        if let Some(flags) = self.flags {
            show!(out, " flags:{}", bang(flags.inverted));
            if out.numeric {
                show!(out, "0x{:02X}/0x{:02X}", flags.value.mask.0, flags.value.set.0);
            } else {
                flags.value.mask.print(out.out);
                out.text("/");
                flags.value.set.print(out.out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p tcp -m tcp", "-p tcp -m tcp"),
            ("-p tcp --dport http", "-p tcp -m tcp --dport 80"),
            ("-p tcp --dport 0x10", "-p tcp -m tcp --dport 16"),
            (
                "-p tcp --source-port ssh:http ! --destination-port 5:",
                "-p tcp -m tcp --sport 22:80 ! --dport 5:65535",
            ),
            ("-p tcp --dport :", "-p tcp -m tcp"),
            ("-p tcp ! --dport :", "-p tcp -m tcp ! --dport 0:65535"),
            ("-p tcp --syn", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN"),
            ("-p tcp ! --syn", "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN"),
            ("-p tcp --tcp-flags syn,Ack ALL", "-p tcp -m tcp --tcp-flags SYN,ACK FIN,SYN,RST,PSH,ACK,URG"),
            ("-p tcp --tcp-flags NONE NONE", "-p tcp -m tcp"),
            ("-p tcp ! --tcp-option 5", "-p tcp -m tcp ! --tcp-option 5"),
            ("-p tcp --dport 5 --destination-port 6", "!Only one `--destination-port' allowed"),
            ("-p tcp --dport 5:3", "!invalid portrange (min > max)"),
            ("-p tcp --dport tftp", "!invalid port/service `tftp' specified"),
            ("-p tcp --dport 65536", "!invalid port/service `65536' specified"),
            ("-p tcp --dport 1:2:3", "!invalid port/service `2:3' specified"),
            ("-p tcp --tcp-flags SYN,FOO SYN", "!Unknown TCP flag `FOO'"),
            ("-p tcp --syn --tcp-flags SYN SYN", "!Only one of `--syn' or `--tcp-flags'  allowed"),
            ("-p tcp --tcp-option 0", "!Bad TCP option \"0\""),
        ]);
    }
}
