//! `NETMAP`: one network onto another. `linux/netfilter/nf_nat.h`.

use std::array;

use crate::ext::prelude::*;
use crate::ext::values::{
    NF_NAT_RANGE_MAP_IPS, nf_nat_ipv4_multi_range_compat, nf_nat_range, nf_nat_range2, old_range,
    read_old_range,
};
use crate::types::AddrMask;

options! {
    /// Maps addresses onto those of another network, one to one: the destination before routing and in what this host
    /// sends, the source elsewhere.
    #[header("linux/netfilter/nf_nat.h")]
    #[example(Ipv4, "-d 192.0.2.0/24 -j NETMAP --to 10.0.0.0/24")]
    pub target Netmap {
        /// The network; where its mask has a bit, the address gets that of the network.
        to: AddrMask => "--to" { required: true };
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Netmap>("NETMAP").placed(Placement::NONE.tables(&["nat"]));

impl Netmap {
    fn network(&self, family: Family) -> AddrMask {
        self.to.unwrap_or(AddrMask::any(family))
    }
}

impl Codec for Netmap {
    const REVISIONS: &'static [Revision] =
        &[Revision::by_family::<nf_nat_ipv4_multi_range_compat, nf_nat_range>(0)];

    fn finish(&mut self, _: u64, cx: &RuleContext<'_>) -> Result<()> {
        of_family(self.to, cx.family, "to")
    }

    /// The kernel's range goes from the first address of the network to the last.
    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (addr, mask) = self.network(cx.family).octets();
        let range = nf_nat_range2 {
            flags: NF_NAT_RANGE_MAP_IPS,
            min_addr: array::from_fn(|at| addr[at] & mask[at]),
            max_addr: array::from_fn(|at| addr[at] | !mask[at]),
            ..nf_nat_range2::new_zeroed()
        };
        old_range(&range, cx.family, payload);
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Netmap> {
        let range = read_old_range(cx.family, bytes)?;
        let mask: [u8; 16] = array::from_fn(|at| !(range.min_addr[at] ^ range.max_addr[at]));
        Ok(Netmap { to: Some(AddrMask::from_octets(cx.family, &range.min_addr, &mask)), ..Netmap::new() })
    }

    fn save(&self, sink: &mut dyn Sink) {
        if let Some(to) = self.to {
            // The mask is shown even if it is that of a single address.
            let print = |out: &mut Printer<'_>| to.print(out.out);
            sink.value(opt!(Netmap, to), false, &Printed { datum: Datum::Network(to), print });
        }
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " to:{}", self.network(out.cx.family));
    }
}

/// Refuses a network of another family, which a value made by a program may have.
pub(super) fn of_family(network: Option<AddrMask>, family: Family, option: &'static str) -> Result<()> {
    match network {
        Some(network) if network.family() != family => {
            let misfit = Misfit::OtherFamily { value: network.to_string(), family };
            Err(Error::from(misfit).at_option(option))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-j NETMAP --to 1.2.3.4/24", "-j NETMAP --to 1.2.3.0/24"),
            ("-j NETMAP --to 1.2.3.4", "-j NETMAP --to 1.2.3.4/32"),
            ("-j NETMAP --to 1.2.3.4/255.0.255.0", "-j NETMAP --to 1.0.3.0/255.0.255.0"),
            ("-j NETMAP --to 1.2.3.4/0", "-j NETMAP --to 0.0.0.0/0"),
            ("-j NETMAP", "!NETMAP: option \"--to\" must be specified\n"),
            ("-j NETMAP ! --to 1.2.3.4", "!NETMAP: option \"--to\" cannot be inverted.\n"),
        ]);
        check_family(
            Family::Ipv6,
            &[
                ("-j NETMAP --to 2001:db8::1/32", "-j NETMAP --to 2001:db8::/32"),
                ("-j NETMAP --to 2001:db8::1", "-j NETMAP --to 2001:db8::1/128"),
                ("-j NETMAP --to ::/0", "-j NETMAP --to ::/0"),
            ],
        );
    }

    #[test]
    fn networks_are_of_the_rules_family() {
        let to = AddrMask::any(Family::Ipv6);
        let rule = crate::Rule::builder().target(Netmap::new().to(to)).build(Family::Ipv4);
        assert_eq!(rule.unwrap_err().kind(), ErrorKind::InvalidValue);
    }
}
