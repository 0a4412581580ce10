"""Reads ports and networks of chains, and bans an address."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Optional

import libfw
from libfw import ANY, Not, matches, targets


def ports(chain: libfw.Chain) -> list[int]:
    """The ports that a chain lets in."""
    found: list[int] = []
    for rule in chain:
        tcp = rule.find(matches.Tcp)
        if tcp is not None and isinstance(tcp.dport, int) and isinstance(rule.target, targets.Accept):
            found.append(tcp.dport)
        elif tcp is not None and isinstance(tcp.dport, libfw.PortRange):
            found.extend(tcp.dport)
    return found


def sources(chain: libfw.Chain) -> set[str]:
    """The networks that a chain knows."""
    return {str(rule.source) for rule in chain if isinstance(rule.source, (IPv4Network, IPv6Network))}


def ban(kernel: libfw.Kernel, address: str, port: Optional[int] = None) -> libfw.Rule:
    """Refuses an address, at one port or at all."""
    tcp: list[libfw.Match] = [matches.Tcp(dport=port)] if port is not None else []
    rule = libfw.Rule(source=address, protocol="tcp", matches=tcp or ANY, target=targets.Drop)
    with kernel.table("filter", family="ipv4") as table:
        chain = table.ensure_chain("bans")
        chain.ensure(rule)
        chain[0:0] = ["-i lo -j RETURN"]
        chain.append(
            source=Not("10.0.0.0/8"),
            matches=[matches.Recent(rcheck=True, seconds=timedelta(minutes=5)), matches.Conntrack(ctstate={"NEW"})],
            jump="bans2" if "bans2" in table else ANY,
        )
    return rule.with_(target="ACCEPT")


def main(kernel: libfw.Kernel) -> None:
    """Does it all."""
    accepted = ban(kernel, "192.0.2.1", 22)
    table = kernel.table()
    table["INPUT"] += [accepted, "-p tcp --dport 80:81 -j ACCEPT"]
    assert ports(table["INPUT"]) == [22, 80, 81] and sources(table["bans"]) == {"192.0.2.1/32"}
    spent: libfw.Counters = table["INPUT"][0].counters - libfw.Counters(0, 0)
    assert spent.packets == 0 and [name for name, chain in table.items() if chain.policy is None] == ["bans"]
    try:
        table.commit()
    except libfw.ConflictError as error:
        raise SystemExit(error.message) from error
