//! `frag`: the fragment header. `linux/netfilter_ipv6/ip6t_frag.h`.

use crate::ext::prelude::*;
use crate::types::Span;

const IP6T_FRAG_IDS: u32 = 0x01;
const IP6T_FRAG_LEN: u32 = 0x02;
const IP6T_FRAG_RES: u32 = 0x04;
const IP6T_FRAG_FST: u32 = 0x08;
const IP6T_FRAG_MF: u32 = 0x10;
const IP6T_FRAG_NMF: u32 = 0x20;

raw! {
    "linux/netfilter_ipv6/ip6t_frag.h"

    struct ip6t_frag {
        ids: [u32; 2],
        hdrlen: u32,
        flags: u8,
        invflags: u8,
        _padding: [u8; 2],
    }
}

options! {
    /// Matches fragments.
    #[header("linux/netfilter_ipv6/ip6t_frag.h")]
    #[example(Ipv6, "-m frag --fragid 1:5 --fragfirst -j DROP")]
    pub match Frag {
        /// The identification of the fragmented packet, or a range.
        [!] fragid: Span<u32> => "--fragid" { bit: IP6T_FRAG_IDS };
        /// The length of the header in bytes. Kernels since 2.6.30 do not compare it: it is always 8.
        [!] fraglen: u32 => "--fraglen" { bit: IP6T_FRAG_LEN };
        /// The reserved bits are not zero.
        fragres: bool => "--fragres" { bit: IP6T_FRAG_RES };
        /// The first fragment.
        fragfirst: bool => "--fragfirst" { bit: IP6T_FRAG_FST };
        /// Not the last fragment.
        fragmore: bool => "--fragmore" { excludes: &["fraglast"], bit: IP6T_FRAG_MF };
        /// The last fragment.
        fraglast: bool => "--fraglast" { bit: IP6T_FRAG_NMF };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Frag>("frag").families(Families::Ipv6);

impl Normal for ip6t_frag {
    /// The kernel compares the identification in any case.
    fn normalize(&mut self, _: Family) {
        self.flags &= !(IP6T_FRAG_IDS as u8);
    }
}

impl Codec for Frag {
    const REVISIONS: &'static [Revision] = &[Revision::normal::<ip6t_frag>(0).only(Families::Ipv6)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let ids = self.fragid.unwrap_or(Span { min: 0, max: u32::MAX }.into());
        let len = self.fraglen.unwrap_or_default();
        let [flags, invflags] = self.bits().map(|bits| bits as u8);
        payload.put(&ip6t_frag {
            ids: [ids.value.min, ids.value.max],
            hdrlen: len.value,
            flags,
            invflags,
            _padding: [0; 2],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Frag> {
        let raw: ip6t_frag = read_raw(bytes)?;
        let given = Given::new(raw.flags, raw.invflags);
        let [min, max] = raw.ids;
        let ids = given.value(IP6T_FRAG_IDS, Span { min, max });
        Ok(Frag {
            fragid: ids.filter(|ids| ids.inverted || (min, max) != (0, u32::MAX)),
            fraglen: given.value(IP6T_FRAG_LEN, raw.hdrlen),
            ..Frag::of_flags(raw.flags.into(), 0)
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" frag ");
        if let Some(Inv { inverted, value }) = self.fragid {
            let plural = if value.min == value.max { "" } else { "s" };
            show!(out, "id{plural}:{}{value}", bang(inverted));
        }
        if let Some(Inv { inverted, value }) = self.fraglen {
            show!(out, " length:{}{value}", bang(inverted));
        }
        let flags = [
            (self.fragres, " reserved"),
            (self.fragfirst, " first"),
            (self.fragmore, " more"),
            (self.fraglast, " last"),
        ];
        flags.into_iter().filter(|(set, _)| *set).for_each(|(_, name)| out.text(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Ipv6,
            &[
                ("-m frag", "-m frag"),
                (
                    "-m frag --fraglast --fragfirst --fragres ! --fraglen 9 --fragid 1",
                    "-m frag --fragid 1 ! --fraglen 9 --fragres --fragfirst --fraglast",
                ),
                ("-m frag --fragmore --fragid 3:", "-m frag --fragid 3:4294967295 --fragmore"),
                ("-m frag ! --fragid :", "-m frag ! --fragid 0:4294967295"),
                (
                    "-m frag --fragid 5:1",
                    "!frag: bad value for option \"--fragid\" near \"1\", or out of range (5-4294967295).\n",
                ),
                (
                    "-m frag --fraglast --fragmore",
                    "!frag: option \"--fragmore\" cannot be used together with \"--fraglast\".\n",
                ),
            ],
        );
    }
}
