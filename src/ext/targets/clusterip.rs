//! `CLUSTERIP`: an address that several nodes share. `linux/netfilter_ipv4/ipt_CLUSTERIP.h`.

use crate::ext::Opt;
use crate::ext::prelude::*;
use crate::ext::values::{MacAddr, choice};

const CLUSTERIP_MAX_NODES: usize = 16;
const CLUSTERIP_FLAG_NEW: u32 = 0x0000_0001;

raw! {
    "linux/netfilter_ipv4/ipt_CLUSTERIP.h"

    struct ipt_clusterip_tgt_info {
        flags: u32,
        clustermac: [u8; 6],
        num_total_nodes: u16,
        num_local_nodes: u16,
        local_nodes: [u16; CLUSTERIP_MAX_NODES],
        _padding: [u8; 2],
        hash_mode: u32,
        hash_initval: u32;
        kernel:
        config: u64,
    }
}

choice! {
    /// What decides which node a packet belongs to.
    pub enum ClusteripHashmode(u32) as "MODE" {
        /// The source address.
        SourceIp = 0 => "sourceip",
        /// The source address and port.
        SourceIpSourcePort = 1 => "sourceip-sourceport",
        /// The source address and both ports.
        SourceIpSourcePortDestPort = 2 => "sourceip-sourceport-destport",
    }
}

options! {
    /// Lets several nodes share an address without a load balancer in front of them.
    ///
    /// Kernels from 6.3 on no longer have it; the match `cluster` does the same. The first rule for an address has
    /// `--new` and all that goes with it, further ones have no options.
    #[header("linux/netfilter_ipv4/ipt_CLUSTERIP.h")]
    #[example(Ipv4, "-d 192.0.2.1 -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:20 --total-nodes 2 --local-node 1")]
    pub target Clusterip {
        /// Make a new cluster address.
        new_address: bool => "--new";
        /// What decides which node a packet belongs to.
        hashmode: ClusteripHashmode => "--hashmode" { misread: Some("Unknown hashmode \"{}\"") };
        /// The hardware address of the cluster, a multicast one.
        clustermac: MacAddr => "--clustermac";
        /// The number of nodes, at most 16.
        total_nodes: u16 => "--total-nodes" { max: CLUSTERIP_MAX_NODES as u64 };
        /// The number of this node, counted from 1.
        local_node: u16 => "--local-node" { max: CLUSTERIP_MAX_NODES as u64 };
        /// The seed of the hash.
        hash_init: u32 => "--hash-init";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Clusterip>("CLUSTERIP")
    .families(Families::Ipv4)
    .placed(Placement::NONE.hooks(HookMask::of(&[Hook::Input])));

impl Clusterip {
    fn check_mac(&self) -> Result<()> {
        match self.clustermac {
            Some(mac) if mac.0[0] & 1 == 0 => Err(Error::from(Misfit::Multicast).at_option("clustermac")),
            _ => Ok(()),
        }
    }
}

impl Codec for Clusterip {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ipt_clusterip_tgt_info>(0).only(Families::Ipv4)];

    fn was_given(&mut self, _: &'static Opt, _: &RuleContext<'_>) -> Result<()> {
        self.check_mac()
    }

    fn finish(&mut self, seen: u64, _: &RuleContext<'_>) -> Result<()> {
        // All but the seed.
        let all = (1 << Self::OPTIONS.len()) - 1;
        let needed = all & !(1 << place!(Clusterip, hash_init));
        if seen != 0 && seen & needed != needed {
            return Err(Misfit::ClusterIp.into());
        }
        self.check_mac()
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mut raw = ipt_clusterip_tgt_info::new_zeroed();
        if self.new_address {
            raw.flags = CLUSTERIP_FLAG_NEW;
            raw.clustermac = self.clustermac.unwrap_or_default().0;
            raw.num_total_nodes = self.total_nodes.unwrap_or_default();
            raw.num_local_nodes = 1;
            raw.local_nodes[0] = self.local_node.unwrap_or_default();
            raw.hash_mode = self.hashmode.map_or(0, ClusteripHashmode::number);
            raw.hash_initval = self.hash_init.unwrap_or_default();
        }
        payload.put(&raw);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Clusterip> {
        let raw: ipt_clusterip_tgt_info = read_raw(bytes)?;
        if raw.flags & CLUSTERIP_FLAG_NEW == 0 {
            return Ok(Clusterip::default());
        }
        let hashmode = ClusteripHashmode::from_number(raw.hash_mode);
        let unknown = || Error::from(Malformed::Unknown { what: "hash mode", number: raw.hash_mode });
        Ok(Clusterip {
            new_address: true,
            hashmode: Some(hashmode.ok_or_else(unknown)?),
            clustermac: Some(MacAddr(raw.clustermac)),
            total_nodes: Some(raw.num_total_nodes),
            local_node: Some(raw.local_nodes[0]),
            hash_init: Some(raw.hash_initval),
            ..Clusterip::new()
        })
    }

    /// Here hardware addresses are printed in capitals.
    fn save(&self, sink: &mut dyn Sink) {
        Clusterip { clustermac: None, total_nodes: None, local_node: None, hash_init: None, ..self.clone() }
            .visit(sink);
        if let Some(mac) = self.clustermac {
            let print = |out: &mut Printer<'_>| out.text(mac.to_string().to_uppercase());
            sink.value(opt!(Clusterip, clustermac), false, &Printed { datum: Datum::Mac(mac), print });
        }
        Clusterip { new_address: false, hashmode: None, clustermac: None, ..self.clone() }.visit(sink);
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" CLUSTERIP");
        let (Some(hashmode), Some(mac)) = (self.hashmode, self.clustermac) else { return };
        let (nodes, node) = (self.total_nodes.unwrap_or_default(), self.local_node.unwrap_or_default());
        let mac = mac.to_string().to_uppercase();
        show!(out, " hashmode={hashmode} clustermac={mac} total_nodes={nodes} local_node={node}");
        show!(out, " hash_init={}", self.hash_init.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let combination = "!CLUSTERIP target: Invalid parameter combination";
        check_ipv4(&[
            ("-j CLUSTERIP", "-j CLUSTERIP"),
            (
                "-j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:0f --total-nodes 2 --local-node 1",
                "-j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:0F --total-nodes 2 --local-node 1 \
                 --hash-init 0",
            ),
            ("-j CLUSTERIP --new", combination),
            ("-j CLUSTERIP --clustermac 02:00:5e:00:00:01", "!MAC has to be a multicast ethernet address"),
            ("-j CLUSTERIP --hash-init 1", combination),
            ("-j CLUSTERIP --hashmode foo", "!Unknown hashmode \"foo\""),
            (
                "-j CLUSTERIP --new --hashmode sourceip --clustermac 02:00:5e:00:00:01 --total-nodes 2 --local-node 1",
                "!MAC has to be a multicast ethernet address",
            ),
            (
                "-j CLUSTERIP --total-nodes 17",
                "!CLUSTERIP: bad value for option \"--total-nodes\", or out of range (0-16).\n",
            ),
        ]);
    }
}
