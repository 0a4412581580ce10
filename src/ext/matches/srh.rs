//! `srh`: the segment routing header. `linux/netfilter_ipv6/ip6t_srh.h`.

use crate::ext::prelude::*;
use crate::types::AddrMask;
use crate::types::addr::print_addr;

const IP6T_SRH_NEXTHDR: u32 = 0x0001;
const IP6T_SRH_LEN_EQ: u32 = 0x0002;
const IP6T_SRH_LEN_GT: u32 = 0x0004;
const IP6T_SRH_LEN_LT: u32 = 0x0008;
const IP6T_SRH_SEGS_EQ: u32 = 0x0010;
const IP6T_SRH_SEGS_GT: u32 = 0x0020;
const IP6T_SRH_SEGS_LT: u32 = 0x0040;
const IP6T_SRH_LAST_EQ: u32 = 0x0080;
const IP6T_SRH_LAST_GT: u32 = 0x0100;
const IP6T_SRH_LAST_LT: u32 = 0x0200;
const IP6T_SRH_TAG: u32 = 0x0400;
const IP6T_SRH_PSID: u32 = 0x0800;
const IP6T_SRH_NSID: u32 = 0x1000;
const IP6T_SRH_LSID: u32 = 0x2000;

raw! {
    "linux/netfilter_ipv6/ip6t_srh.h"

    struct ip6t_srh1 {
        next_hdr: u8,
        hdr_len: u8,
        segs_left: u8,
        last_entry: u8,
        tag: u16,
        _padding: [u8; 2],
        psid_addr: [u8; 16],
        nsid_addr: [u8; 16],
        lsid_addr: [u8; 16],
        psid_msk: [u8; 16],
        nsid_msk: [u8; 16],
        lsid_msk: [u8; 16],
        mt_flags: u16,
        mt_invflags: u16,
    }

    /// Revision 0, without segments.
    struct ip6t_srh {
        next_hdr: u8,
        hdr_len: u8,
        segs_left: u8,
        last_entry: u8,
        tag: u16,
        mt_flags: u16,
        mt_invflags: u16,
    }
}

/// A segment of a route, or a network of them. Always written with its mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Segment(pub AddrMask);

impl From<AddrMask> for Segment {
    fn from(address: AddrMask) -> Segment {
        Segment(address)
    }
}

invertible!(AddrMask => Segment);

impl Value for Segment {
    const KIND: ValueKind = ValueKind::text("ADDRESS[/MASK]");

    fn parse(input: &Input<'_>) -> Result<Segment, BadValue> {
        AddrMask::parse(input).map(Segment)
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_addr(out.out, self.0.addr());
        out.text("/");
        match self.0.prefix() {
            Some(prefix) => out.decimal(prefix),
            None => print_addr(out.out, self.0.mask()),
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Network(self.0))
    }
}

options! {
    /// Matches packets with a segment routing header, a route of segments through an IPv6 network.
    ///
    /// The kernel keeps one number for the three comparisons of each field, so these must agree on it.
    #[header("linux/netfilter_ipv6/ip6t_srh.h")]
    #[example(
        Ipv6,
        "-m srh --srh-segs-left-eq 0 -j DROP",
        "-m srh --srh-next-hdr 6 --srh-segs-left-gt 0 --srh-psid 2001:db8::/64 -j ACCEPT",
    )]
    pub match Srh {
        /// The protocol number of the next header.
        [!] next_hdr / srh_next_hdr: u8 => "--srh-next-hdr" { bit: IP6T_SRH_NEXTHDR };
        /// The length of the header, in units of 8 bytes without the first 8.
        [!] hdr_len_eq / srh_hdr_len_eq: u8 => "--srh-hdr-len-eq" { bit: IP6T_SRH_LEN_EQ };
        /// The length of the header is more than this.
        [!] hdr_len_gt / srh_hdr_len_gt: u8 => "--srh-hdr-len-gt" { bit: IP6T_SRH_LEN_GT };
        /// The length of the header is less than this.
        [!] hdr_len_lt / srh_hdr_len_lt: u8 => "--srh-hdr-len-lt" { bit: IP6T_SRH_LEN_LT };
        /// How many segments are left.
        [!] segs_left_eq / srh_segs_left_eq: u8 => "--srh-segs-left-eq" { bit: IP6T_SRH_SEGS_EQ };
        /// More segments than this are left.
        [!] segs_left_gt / srh_segs_left_gt: u8 => "--srh-segs-left-gt" { bit: IP6T_SRH_SEGS_GT };
        /// Fewer segments than this are left.
        [!] segs_left_lt / srh_segs_left_lt: u8 => "--srh-segs-left-lt" { bit: IP6T_SRH_SEGS_LT };
        /// The index of the last entry in the list of segments.
        [!] last_entry_eq / srh_last_entry_eq: u8 => "--srh-last-entry-eq" { bit: IP6T_SRH_LAST_EQ };
        /// The index of the last entry is more than this.
        [!] last_entry_gt / srh_last_entry_gt: u8 => "--srh-last-entry-gt" { bit: IP6T_SRH_LAST_GT };
        /// The index of the last entry is less than this.
        [!] last_entry_lt / srh_last_entry_lt: u8 => "--srh-last-entry-lt" { bit: IP6T_SRH_LAST_LT };
        /// The tag, a number that groups packets. The kernel compares it in the byte order of the machine: on a
        /// little-endian one 7 is what a packet carries as 0x0700.
        [!] tag / srh_tag: u16 => "--srh-tag" { bit: IP6T_SRH_TAG };
        /// The segment before this one.
        [!] psid / srh_psid: Segment => "--srh-psid" { bit: IP6T_SRH_PSID };
        /// The segment after this one.
        [!] nsid / srh_nsid: Segment => "--srh-nsid" { bit: IP6T_SRH_NSID };
        /// The last segment.
        [!] lsid / srh_lsid: Segment => "--srh-lsid" { bit: IP6T_SRH_LSID };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Srh>("srh").families(Families::Ipv6);

/// The three comparisons with the same number.
type Comparisons = [Option<Inv<u8>>; 3];

impl Srh {
    fn hdr_len(&self) -> Comparisons {
        [self.hdr_len_eq, self.hdr_len_gt, self.hdr_len_lt]
    }

    fn segs_left(&self) -> Comparisons {
        [self.segs_left_eq, self.segs_left_gt, self.segs_left_lt]
    }

    fn last_entry(&self) -> Comparisons {
        [self.last_entry_eq, self.last_entry_gt, self.last_entry_lt]
    }
}

/// The number of a field's comparisons.
fn the_number(comparisons: Comparisons) -> u8 {
    comparisons.into_iter().flatten().next().unwrap_or_default().value
}

impl Codec for Srh {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<ip6t_srh1>(1).only(Families::Ipv6),
        Revision::new::<ip6t_srh>(0).only(Families::Ipv6),
    ];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        let fields = [
            ("srh-hdr-len-eq", self.hdr_len()),
            ("srh-segs-left-eq", self.segs_left()),
            ("srh-last-entry-eq", self.last_entry()),
        ];
        for (option, comparisons) in fields {
            let number = the_number(comparisons);
            if comparisons.into_iter().flatten().any(|other| other.value != number) {
                return Err(Error::from(Misfit::OneNumber).at_option(option));
            }
        }
        Ok(())
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let [mt_flags, mt_invflags] = self.bits().map(|bits| bits as u16);
        let raw = ip6t_srh {
            next_hdr: self.next_hdr.unwrap_or_default().value,
            hdr_len: the_number(self.hdr_len()),
            segs_left: the_number(self.segs_left()),
            last_entry: the_number(self.last_entry()),
            tag: self.tag.unwrap_or_default().value,
            mt_flags,
            mt_invflags,
        };
        let segments = [self.psid, self.nsid, self.lsid];
        if cx.revision == 0 {
            if segments.into_iter().flatten().next().is_some() {
                return Err(needs_revision(1, cx));
            }
            payload.put(&raw);
            return Ok(());
        }
        let [psid, nsid, lsid] =
            segments.map(|segment| segment.map_or(([0; 16], [0; 16]), |segment| segment.value.0.octets()));
        payload.put(&ip6t_srh1 {
            next_hdr: raw.next_hdr,
            hdr_len: raw.hdr_len,
            segs_left: raw.segs_left,
            last_entry: raw.last_entry,
            tag: raw.tag,
            _padding: [0; 2],
            psid_addr: psid.0,
            nsid_addr: nsid.0,
            lsid_addr: lsid.0,
            psid_msk: psid.1,
            nsid_msk: nsid.1,
            lsid_msk: lsid.1,
            mt_flags,
            mt_invflags,
        });
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Srh> {
        let raw = match cx.revision {
            0 => {
                let old: ip6t_srh = read_raw(bytes)?;
                ip6t_srh1 {
                    next_hdr: old.next_hdr,
                    hdr_len: old.hdr_len,
                    segs_left: old.segs_left,
                    last_entry: old.last_entry,
                    tag: old.tag,
                    mt_flags: old.mt_flags,
                    mt_invflags: old.mt_invflags,
                    ..ip6t_srh1::new_zeroed()
                }
            }
            _ => read_raw(bytes)?,
        };
        let given = Given::new(raw.mt_flags, raw.mt_invflags);
        let segment = |addr, mask| Segment(AddrMask::from_octets(Family::Ipv6, addr, mask));
        Ok(Srh {
            next_hdr: given.value(IP6T_SRH_NEXTHDR, raw.next_hdr),
            hdr_len_eq: given.value(IP6T_SRH_LEN_EQ, raw.hdr_len),
            hdr_len_gt: given.value(IP6T_SRH_LEN_GT, raw.hdr_len),
            hdr_len_lt: given.value(IP6T_SRH_LEN_LT, raw.hdr_len),
            segs_left_eq: given.value(IP6T_SRH_SEGS_EQ, raw.segs_left),
            segs_left_gt: given.value(IP6T_SRH_SEGS_GT, raw.segs_left),
            segs_left_lt: given.value(IP6T_SRH_SEGS_LT, raw.segs_left),
            last_entry_eq: given.value(IP6T_SRH_LAST_EQ, raw.last_entry),
            last_entry_gt: given.value(IP6T_SRH_LAST_GT, raw.last_entry),
            last_entry_lt: given.value(IP6T_SRH_LAST_LT, raw.last_entry),
            tag: given.value(IP6T_SRH_TAG, raw.tag),
            psid: given.value(IP6T_SRH_PSID, segment(&raw.psid_addr, &raw.psid_msk)),
            nsid: given.value(IP6T_SRH_NSID, segment(&raw.nsid_addr, &raw.nsid_msk)),
            lsid: given.value(IP6T_SRH_LSID, segment(&raw.lsid_addr, &raw.lsid_msk)),
            ..Srh::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" srh");
        let numbers = [
            ("next-hdr", self.next_hdr),
            ("hdr-len-eq", self.hdr_len_eq),
            ("hdr-len-gt", self.hdr_len_gt),
            ("hdr-len-lt", self.hdr_len_lt),
            ("segs-left-eq", self.segs_left_eq),
            ("segs-left-gt", self.segs_left_gt),
            ("segs-left-lt", self.segs_left_lt),
            ("last-entry-eq", self.last_entry_eq),
            ("last-entry-gt", self.last_entry_gt),
            ("last-entry-lt", self.last_entry_lt),
        ];
        for (name, number) in numbers {
            if let Some(Inv { inverted, value }) = number {
                show!(out, " {name}:{}{value}", bang(inverted));
            }
        }
        if let Some(Inv { inverted, value }) = self.tag {
            show!(out, " tag:{}{value}", bang(inverted));
        }
        for (name, segment) in [("psid", self.psid), ("nsid", self.nsid), ("lsid", self.lsid)] {
            if let Some(Inv { inverted, value }) = segment {
                show!(out, " {name} {} ", bang(inverted));
                value.print(&mut out.printer());
            }
        }
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
                ("-m srh", "-m srh"),
                (
                    "-m srh --srh-tag 0x5 ! --srh-hdr-len-lt 8 --srh-hdr-len-eq 8 --srh-hdr-len-gt 8 ! --srh-next-hdr 17",
                    "-m srh ! --srh-next-hdr 17 --srh-hdr-len-eq 8 --srh-hdr-len-gt 8 ! --srh-hdr-len-lt 8 --srh-tag 5",
                ),
                (
                    "-m srh ! --srh-segs-left-eq 1 --srh-last-entry-gt 2 ! --srh-tag 0",
                    "-m srh ! --srh-segs-left-eq 1 --srh-last-entry-gt 2 ! --srh-tag 0",
                ),
                (
                    "-m srh --srh-segs-left-gt 0 --srh-segs-left-lt 0 --srh-last-entry-eq 2 --srh-last-entry-lt 2",
                    "-m srh --srh-segs-left-gt 0 --srh-segs-left-lt 0 --srh-last-entry-eq 2 --srh-last-entry-lt 2",
                ),
                (
                    "-m srh --srh-lsid ::/0 ! --srh-nsid 2001:db8::1/64 --srh-psid ::1",
                    "-m srh --srh-psid ::1/128 ! --srh-nsid 2001:db8::1/64 --srh-lsid ::/0",
                ),
                ("-m srh --srh-lsid fe80::1/ffff:0:ffff::", "-m srh --srh-lsid fe80::1/ffff:0:ffff::"),
                (
                    "-m srh --srh-next-hdr tcp",
                    "!srh: bad value for option \"--srh-next-hdr\", or out of range (0-255).\n",
                ),
                (
                    "-m srh --srh-tag 65536",
                    "!srh: bad value for option \"--srh-tag\", or out of range (0-65535).\n",
                ),
            ],
        );
    }

    #[test]
    fn a_field_has_one_number() {
        let line = "-m srh --srh-segs-left-gt 2 --srh-segs-left-lt 5";
        let error = crate::Rule::parse(Family::Ipv6, line).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRule);
    }
}
