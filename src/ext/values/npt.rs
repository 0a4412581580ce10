//! What the targets of IPv6 prefix translation share.

use std::net::Ipv6Addr;

use crate::ext::prelude::*;
use crate::types::AddrMask;
use crate::types::addr::{addr_from_octets, prefix_mask};

raw! {
    "linux/netfilter_ipv6/ip6t_NPT.h"

    /// `adjustment` is the kernel's.
    struct ip6t_npt_tginfo {
        src_pfx: [u8; 16],
        dst_pfx: [u8; 16],
        src_pfx_len: u8,
        dst_pfx_len: u8;
        kernel:
        adjustment: u16,
    }
}

/// What iptables writes as the length of a mask that is no prefix; the kernel refuses it.
const NO_LENGTH: u8 = u8::MAX;

/// A prefix and what it is replaced with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefixes {
    pub(crate) src: Option<AddrMask>,
    pub(crate) dst: Option<AddrMask>,
}

impl Prefixes {
    pub(crate) fn encode(self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let half = |option, prefix: Option<AddrMask>| {
            let prefix = prefix.unwrap_or(AddrMask::any(cx.family));
            if prefix.family() != cx.family {
                let misfit = Misfit::OtherFamily { value: prefix.to_string(), family: cx.family };
                return Err(Error::from(misfit).at_option(option));
            }
            Ok((prefix.octets().0, prefix.prefix().unwrap_or(NO_LENGTH)))
        };
        let (src_pfx, src_pfx_len) = half("src-pfx", self.src)?;
        let (dst_pfx, dst_pfx_len) = half("dst-pfx", self.dst)?;
        payload.put(&ip6t_npt_tginfo { src_pfx, dst_pfx, src_pfx_len, dst_pfx_len, adjustment: 0 });
        Ok(())
    }

    pub(crate) fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Prefixes> {
        let raw: ip6t_npt_tginfo = read_raw(bytes)?;
        let half = |octets: &[u8], len| {
            let mask = match len {
                // One of those that are no prefix.
                NO_LENGTH => Ipv6Addr::LOCALHOST.into(),
                _ => prefix_mask(cx.family, len),
            };
            Some(AddrMask::unmasked(addr_from_octets(cx.family, octets), mask))
        };
        Ok(Prefixes { src: half(&raw.src_pfx, raw.src_pfx_len), dst: half(&raw.dst_pfx, raw.dst_pfx_len) })
    }

    /// Shows both, by the options of the target. The length is shown even if it is that of a single address.
    pub(crate) fn save(self, options: &'static [Opt], sink: &mut dyn Sink) {
        for (opt, prefix) in options.iter().zip([self.src, self.dst]) {
            if let Some(prefix) = prefix {
                let print = |out: &mut Printer<'_>| prefix.print(out.out);
                sink.value(opt, false, &Printed { datum: Datum::Network(prefix), print });
            }
        }
    }

    /// What the kernel demands of prefixes.
    pub(crate) fn check(self) -> Result<()> {
        for (option, prefix) in [("src-pfx", self.src), ("dst-pfx", self.dst)] {
            let Some(prefix) = prefix else { continue };
            let fail = |refused: Refused| Err(Error::from(refused).at_option(option));
            if prefix.prefix().is_none_or(|len| len > 64) {
                return fail(Refused::LongPrefix);
            }
            if AddrMask::new(prefix.addr(), prefix.mask())? != prefix {
                return fail(Refused::BitsBehindPrefix);
            }
        }
        Ok(())
    }

    pub(crate) fn list(self, name: &str, out: &mut List<'_>) {
        show!(out, " {name}");
        for (option, prefix) in [("src-pfx", self.src), ("dst-pfx", self.dst)] {
            if let Some(prefix) = prefix {
                show!(out, " {option} {prefix}");
            }
        }
    }
}
