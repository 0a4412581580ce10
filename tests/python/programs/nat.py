"""Ports of containers behind a bridge, as container engines publish them."""

from __future__ import annotations

import ipaddress
from typing import Optional

import libfw
from libfw import Not, matches, targets


class Bridge:
    """A bridge with a network of containers."""

    def __init__(self, name: str, network: str, kernel: libfw.Kernel) -> None:
        self.name = name
        self.network = ipaddress.ip_network(network)
        self.kernel = kernel

    def up(self) -> None:
        """Lets containers out."""
        with libfw.transaction(kernel=self.kernel) as tables:
            nat, filter = tables.table("nat"), tables.table("filter")
            nat["POSTROUTING"].ensure(source=self.network, out_interface=Not(self.name), target=targets.Masquerade)
            answers = matches.Conntrack(ctstate=["RELATED", "ESTABLISHED"])
            filter["FORWARD"].ensure(out_interface=self.name, matches=[answers], target="ACCEPT")
            filter["FORWARD"].ensure(in_interface=self.name, out_interface=Not(self.name), target="ACCEPT")

    def publish(self, port: int, host: str, inner: int) -> None:
        """Gives a port of the host to a container."""
        with self.kernel.table("nat") as nat:
            chain = nat.ensure_chain("PUBLISH")
            nat["PREROUTING"].ensure(matches=[matches.Addrtype(dst_type="LOCAL")], jump="PUBLISH")
            chain.ensure(
                protocol="tcp",
                in_interface=Not(self.name),
                matches=[matches.Tcp(dport=port)],
                target=targets.Dnat(to_destination=(host, inner)),
            )

    def published(self) -> dict[int, Optional[libfw.NatRange]]:
        """What each port of the host is mapped to."""
        found: dict[int, Optional[libfw.NatRange]] = {}
        for rule in self.kernel.table("nat")["PUBLISH"]:
            tcp, dnat = rule.find(matches.Tcp), rule.find(targets.Dnat)
            if tcp and dnat and isinstance(tcp.dport, int):
                found[tcp.dport] = dnat.to_destination
        return found


def main(kernel: libfw.Kernel) -> None:
    """Publishes two ports, one of them twice."""
    bridge = Bridge("br0", "172.30.0.0/24", kernel)
    bridge.up()
    bridge.up()
    bridge.publish(8080, "172.30.0.2", 80)
    bridge.publish(8443, "172.30.0.2", 443)
    bridge.publish(8080, "172.30.0.2", 80)
    found = bridge.published()
    assert found == {8080: "172.30.0.2:80", 8443: "172.30.0.2:443"}
    web = found[8080]
    assert web is not None and web.addresses == ipaddress.ip_address("172.30.0.2") and web.ports == 80
    assert len(kernel.table("nat")["POSTROUTING"]) == 1 and len(kernel.table()["FORWARD"]) == 2
