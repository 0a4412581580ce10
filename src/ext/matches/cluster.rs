//! `cluster`: the connections that one node of a cluster serves. `linux/netfilter/xt_cluster.h`.

use crate::ext::prelude::*;
use crate::ext::values::Hex;

const XT_CLUSTER_F_INV: u32 = 1 << 0;
const XT_CLUSTER_NODES_MAX: u64 = 32;

raw! {
    "linux/netfilter/xt_cluster.h"

    struct xt_cluster_match_info {
        total_nodes: u32,
        node_mask: u32,
        hash_seed: u32,
        flags: u32,
    }
}

/// How many hexadecimal digits are printed.
const DIGITS: usize = 8;

options! {
    /// Matches the connections that a node of a cluster serves, when all nodes see all packets.
    ///
    /// The connection's source address says which of the nodes it belongs to; it needs the connection tracking.
    #[header("linux/netfilter/xt_cluster.h")]
    #[example(Ipv4, "-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef -j MARK --set-mark 1")]
    pub match Cluster {
        /// The nodes meant, as bits: the first is 1, the second 2, the third 4.
        [!] local_nodemask / cluster_local_nodemask: Hex<DIGITS> => "--cluster-local-nodemask" { min: 1 };
        /// The number of nodes, at most 32.
        total_nodes / cluster_total_nodes: u32 => "--cluster-total-nodes" { min: 1, max: XT_CLUSTER_NODES_MAX, required: true };
        /// The seed of the hash, which must be the same on all nodes.
        hash_seed / cluster_hash_seed: Hex<DIGITS> => "--cluster-hash-seed" { required: true };
    }
    also {
        /// The node meant, counted from 1.
        [!] local_node: u32 => "--cluster-local-node" {
            min: 1, max: XT_CLUSTER_NODES_MAX, excludes: &["cluster-local-nodemask"],
            respell: Some(|find| {
                let (inverted, Datum::Number(mask)) = find("local_nodemask")? else { return None };
                mask.is_power_of_two().then(|| (inverted, Datum::Number(u64::from(mask.trailing_zeros()) + 1)))
            }),
        } = |cluster, node| {
            let mask = 1u32.checked_shl(node.value.wrapping_sub(1)).unwrap_or_default();
            cluster.local_nodemask = Some(Inv::new(node.inverted, Hex(mask)));
        };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Cluster>("cluster");

impl Codec for Cluster {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_cluster_match_info>(0)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["cluster-local-node", "cluster-local-nodemask"],
        "cluster match: `--cluster-local-node' or`--cluster-local-nodemask' is missing",
    );

    fn finish(&mut self, seen: u64, _: &RuleContext<'_>) -> Result<()> {
        let by_node = seen & 1 << place!(Cluster, local_node) != 0;
        // That one is missing is said elsewhere.
        let (Some(Inv { value: Hex(mask), .. }), Some(nodes)) = (self.local_nodemask, self.total_nodes)
        else {
            return Ok(());
        };
        if mask == 0 || nodes == 0 || u64::from(nodes) > XT_CLUSTER_NODES_MAX {
            return Err(Misfit::NoNode.into());
        }
        match mask.checked_shr(nodes) {
            None | Some(0) => Ok(()),
            Some(_) if by_node => Err(Misfit::ClusterNode.into()),
            Some(_) => Err(Misfit::ClusterMask.into()),
        }
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: Hex(node_mask) } = self.local_nodemask.unwrap_or_default();
        payload.put(&xt_cluster_match_info {
            total_nodes: self.total_nodes.unwrap_or_default(),
            node_mask,
            hash_seed: self.hash_seed.unwrap_or_default().0,
            flags: flag(inverted, XT_CLUSTER_F_INV),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Cluster> {
        let raw: xt_cluster_match_info = read_raw(bytes)?;
        Ok(Cluster {
            local_nodemask: Some(Inv::new(raw.flags & XT_CLUSTER_F_INV != 0, Hex(raw.node_mask))),
            total_nodes: Some(raw.total_nodes),
            hash_seed: Some(Hex(raw.hash_seed)),
            ..Cluster::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value: Hex(mask) } = self.local_nodemask.unwrap_or_default();
        let (nodes, Hex(seed)) = (self.total_nodes.unwrap_or_default(), self.hash_seed.unwrap_or_default());
        show!(
            out,
            " cluster {}node_mask={mask:#010x} total_nodes={nodes} hash_seed={seed:#010x}",
            bang(inverted)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            (
                "-m cluster --cluster-total-nodes 2 --cluster-local-node 2 --cluster-hash-seed 0xdeadbeef",
                "-m cluster --cluster-local-nodemask 0x00000002 --cluster-total-nodes 2 --cluster-hash-seed 0xdeadbeef",
            ),
            (
                "-m cluster --cluster-total-nodes 32 ! --cluster-local-node 32 --cluster-hash-seed 1",
                "-m cluster ! --cluster-local-nodemask 0x80000000 --cluster-total-nodes 32 --cluster-hash-seed 0x00000001",
            ),
            (
                "-m cluster --cluster-total-nodes 4 --cluster-local-nodemask 10 --cluster-hash-seed 0",
                "-m cluster --cluster-local-nodemask 0x0000000a --cluster-total-nodes 4 --cluster-hash-seed 0x00000000",
            ),
            (
                "-m cluster --cluster-total-nodes 2 --cluster-hash-seed 1",
                "!cluster match: `--cluster-local-node' or`--cluster-local-nodemask' is missing",
            ),
            (
                "-m cluster --cluster-total-nodes 2 --cluster-local-node 3 --cluster-hash-seed 1",
                "!cluster match: `--cluster-local-node' must be <= `--cluster-total-nodes'",
            ),
            (
                "-m cluster --cluster-total-nodes 2 --cluster-local-nodemask 4 --cluster-hash-seed 1",
                "!cluster match: `--cluster-local-nodemask' too big for `--cluster-total-nodes'",
            ),
            (
                "-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-local-nodemask 1 --cluster-hash-seed 1",
                "!cluster: option \"--cluster-local-node\" cannot be used together with \"--cluster-local-nodemask\".\n",
            ),
            ("-m cluster", "!cluster match: `--cluster-local-node' or`--cluster-local-nodemask' is missing"),
            (
                "-m cluster --cluster-local-nodemask 2 --cluster-hash-seed 1",
                "!cluster: option \"--cluster-total-nodes\" must be specified\n",
            ),
            (
                "-m cluster --cluster-total-nodes 33",
                "!cluster: bad value for option \"--cluster-total-nodes\", or out of range (1-32).\n",
            ),
            (
                "-m cluster --cluster-local-node 0",
                "!cluster: bad value for option \"--cluster-local-node\", or out of range (1-32).\n",
            ),
            (
                "-m cluster --cluster-total-nodes 2 --cluster-local-node 1",
                "!cluster: option \"--cluster-hash-seed\" must be specified\n",
            ),
        ]);
    }
}
