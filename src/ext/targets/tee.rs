//! `TEE`: a copy of the packet to another host. `linux/netfilter/xt_TEE.h`.

use std::net::IpAddr;

use crate::ext::prelude::*;
use crate::ext::values::list_address;
use crate::sys::xt::IFNAMSIZ;
use crate::types::KernelString;
use crate::types::addr::{addr_from_octets, addr_octets};

raw! {
    "linux/netfilter/xt_TEE.h"

    struct xt_tee_tginfo {
        gw: [u8; 16],
        oif: [u8; 16];
        kernel:
        private = "priv": u64,
    }
}

options! {
    /// Sends a copy of the packet to another host of the same network, and goes on with the next rule.
    #[header("linux/netfilter/xt_TEE.h")]
    #[example(Ipv4, "-i eth0 -j TEE --gateway 192.168.1.9")]
    pub target Tee {
        /// The host, which gets the copy as if it were a router.
        gateway: IpAddr => "--gateway" { required: true };
        /// The interface by which the host is reached; unless given, the route to it decides.
        oif: KernelString<IFNAMSIZ> => "--oif" { bare: true };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Tee>("TEE").placed(Placement::NONE.checked());

impl Codec for Tee {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_tee_tginfo>(1)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let oif = self.oif.unwrap_or_default();
        fits("oif", &oif)?;
        let gw = self.gateway.map_or([0; 16], addr_octets);
        payload.put(&xt_tee_tginfo { gw, oif: oif.array(), private: 0 });
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Tee> {
        let raw: xt_tee_tginfo = read_raw(bytes)?;
        let oif = KernelString::from_array(&raw.oif);
        Ok(Tee {
            gateway: Some(addr_from_octets(cx.family, &raw.gw)),
            oif: (!oif.is_empty()).then_some(oif),
            ..Tee::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" TEE gw:");
        if let Some(gateway) = self.gateway {
            list_address(out.out, gateway.into(), out.numeric);
        }
        if let Some(oif) = self.oif {
            out.text(" oif=");
            out.text(oif.as_bytes());
        }
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        if self.gateway.is_some_and(|gateway| gateway.is_unspecified()) {
            return Err(Error::from(Refused::Gateway).at_option("gateway"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-j TEE --gateway 1.2.3.4", "-j TEE --gateway 1.2.3.4"),
            ("-j TEE --oif lo --gateway 1.2.3.4", "-j TEE --gateway 1.2.3.4 --oif lo"),
            ("-j TEE --gateway 1.2.3.4 --oif eth+", "-j TEE --gateway 1.2.3.4 --oif eth+"),
            ("-j TEE --gateway 1.2.3.4 --oif \"\"", "-j TEE --gateway 1.2.3.4"),
            ("-j TEE --oif lo", "!TEE: option \"--gateway\" must be specified\n"),
            ("-j TEE --gateway ::1", "!getaddrinfo: Address family for hostname not supported\n"),
        ]);
        check_family(
            Family::Ipv6,
            &[("-j TEE --gateway fe80::1 --oif eth0", "-j TEE --gateway fe80::1 --oif eth0")],
        );
    }
}
