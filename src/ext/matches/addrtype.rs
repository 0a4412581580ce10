//! `addrtype`: the kind of an address. `linux/netfilter/xt_addrtype.h`.

use crate::ext::prelude::*;
use crate::ext::values::{by_beginning, flags, read_names};

const XT_ADDRTYPE_INVERT_SOURCE: u32 = 0x0001;
const XT_ADDRTYPE_INVERT_DEST: u32 = 0x0002;
const XT_ADDRTYPE_LIMIT_IFACE_IN: u32 = 0x0004;
const XT_ADDRTYPE_LIMIT_IFACE_OUT: u32 = 0x0008;

raw! {
    "linux/netfilter/xt_addrtype.h"

    struct xt_addrtype_info_v1 {
        source: u16,
        dest: u16,
        flags: u32,
    }

    /// Revision 0.
    struct xt_addrtype_info {
        source: u16,
        dest: u16,
        invert_source: u32,
        invert_dest: u32,
    }
}

flags! {
    /// Kinds of addresses, as the routing table knows them.
    pub struct AddrType(u16) as "TYPE[,...]" below "Valid types:" by AddrType::read {
        /// An unspecified address, such as 0.0.0.0.
        UNSPEC = 1 << 0 => "UNSPEC",
        /// A unicast address.
        UNICAST = 1 << 1 => "UNICAST",
        /// An address of this host.
        LOCAL = 1 << 2 => "LOCAL",
        /// A broadcast address.
        BROADCAST = 1 << 3 => "BROADCAST",
        /// An anycast address.
        ANYCAST = 1 << 4 => "ANYCAST",
        /// A multicast address.
        MULTICAST = 1 << 5 => "MULTICAST",
        /// An address with a blackhole route.
        BLACKHOLE = 1 << 6 => "BLACKHOLE",
        /// An address with an unreachable route.
        UNREACHABLE = 1 << 7 => "UNREACHABLE",
        /// An address with a prohibiting route.
        PROHIBIT = 1 << 8 => "PROHIBIT",
        /// Not in this table.
        THROW = 1 << 9 => "THROW",
        /// To be translated.
        NAT = 1 << 10 => "NAT",
        /// To be resolved outside the kernel.
        XRESOLVE = 1 << 11 => "XRESOLVE",
    }
}

impl AddrType {
    /// Any beginning of a name will do.
    fn read(input: &Input<'_>) -> Result<AddrType, BadValue> {
        read_names(input.text(), |name, rest| {
            by_beginning(AddrType::NAMES, name).map(|index| AddrType::BITS[index]).ok_or_else(|| {
                BadValue::AddressType { names: AddrType::NAMES, part: shown(rest), last: rest == name }
            })
        })
    }
}

options! {
    /// Matches packets by the kind of their addresses, as the routing table sees them.
    #[header("linux/netfilter/xt_addrtype.h")]
    #[example(Ipv4, "-m addrtype --dst-type LOCAL -j ACCEPT")]
    pub match Addrtype {
        /// The kinds of the source address.
        [!] src_type: AddrType => "--src-type" { bit: XT_ADDRTYPE_INVERT_SOURCE };
        /// The kinds of the destination address.
        [!] dst_type: AddrType => "--dst-type" { bit: XT_ADDRTYPE_INVERT_DEST };
        /// Look only at the interface the packet came in by.
        limit_iface_in: bool => "--limit-iface-in" {
            excludes: &["limit-iface-out"], bit: XT_ADDRTYPE_LIMIT_IFACE_IN,
        };
        /// Look only at the interface the packet goes out by.
        limit_iface_out: bool => "--limit-iface-out" { bit: XT_ADDRTYPE_LIMIT_IFACE_OUT };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Addrtype>("addrtype")
    .heading("Address type match options:")
    .placed(Placement::NONE.checked());

impl Codec for Addrtype {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_addrtype_info_v1>(1), Revision::new::<xt_addrtype_info>(0).only(Families::Ipv4)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["src-type", "dst-type"], "addrtype: you must specify --src-type or --dst-type");

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (src, dst) = (self.src_type.unwrap_or_default(), self.dst_type.unwrap_or_default());
        if cx.revision == 0 {
            if self.limit_iface_in || self.limit_iface_out {
                return Err(needs_revision(1, cx));
            }
            payload.put(&xt_addrtype_info {
                source: src.value.0,
                dest: dst.value.0,
                invert_source: src.inverted.into(),
                invert_dest: dst.inverted.into(),
            });
            return Ok(());
        }
        let [given, inverted] = self.bits();
        let limits = given & (XT_ADDRTYPE_LIMIT_IFACE_IN | XT_ADDRTYPE_LIMIT_IFACE_OUT);
        payload.put(&xt_addrtype_info_v1 {
            source: src.value.0,
            dest: dst.value.0,
            flags: inverted | limits,
        });
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Addrtype> {
        let (source, dest, flags) = if cx.revision == 0 {
            let raw: xt_addrtype_info = read_raw(bytes)?;
            let flags = flag(raw.invert_source != 0, XT_ADDRTYPE_INVERT_SOURCE)
                | flag(raw.invert_dest != 0, XT_ADDRTYPE_INVERT_DEST);
            (raw.source, raw.dest, flags)
        } else {
            let raw: xt_addrtype_info_v1 = read_raw(bytes)?;
            (raw.source, raw.dest, raw.flags)
        };
        let types = |bits, invert| (bits != 0).then(|| Inv::new(flags & invert != 0, AddrType(bits)));
        Ok(Addrtype {
            src_type: types(source, XT_ADDRTYPE_INVERT_SOURCE),
            dst_type: types(dest, XT_ADDRTYPE_INVERT_DEST),
            ..Addrtype::of_flags(flags, 0)
        })
    }

    fn check(&self, _: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        if self.limit_iface_in {
            place.require("limit-iface-in", HookMask::INCOMING)?;
        }
        if self.limit_iface_out {
            place.require("limit-iface-out", HookMask::OUTGOING)?;
        }
        Ok(())
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" ADDRTYPE match");
        for (label, types) in [(" src-type ", self.src_type), (" dst-type ", self.dst_type)] {
            if let Some(Inv { inverted, value }) = types {
                out.text(label);
                out.text(bang(inverted));
                out.value(&value);
            }
        }
        if self.limit_iface_in {
            out.text(" limit-in");
        }
        if self.limit_iface_out {
            out.text(" limit-out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m addrtype --src-type loca,un", "-m addrtype --src-type UNSPEC,LOCAL"),
            ("-m addrtype --src-type local,nope,nat", "!addrtype: bad type `nope,nat'"),
            ("-m addrtype --src-type local,unicast", "-m addrtype --src-type UNICAST,LOCAL"),
            (
                "-m addrtype ! --dst-type BROADCAST --limit-iface-in",
                "-m addrtype ! --dst-type BROADCAST --limit-iface-in",
            ),
            ("-m addrtype --src-type FOO", "!addrtype: bad type \"FOO\""),
            ("-m addrtype --src-type LOCAL,", "!addrtype: bad type \"\""),
            ("-m addrtype --limit-iface-in", "!addrtype: you must specify --src-type or --dst-type"),
            (
                "-m addrtype --src-type LOCAL --limit-iface-in --limit-iface-out",
                "!addrtype: option \"--limit-iface-in\" cannot be used together with \"--limit-iface-out\".\n",
            ),
        ]);
    }
}
