"""Lets nothing out but through a tunnel, in both families; without a word of confirmation all is as it was."""

from __future__ import annotations

from typing import Union

import libfw
from libfw import Family, matches, targets


def closed(kernel: libfw.Kernel, tunnel: str, server: str, port: int) -> libfw.Desired:
    """The state of a host that has no other way out."""
    desired = libfw.Desired(kernel)
    for family in Family.IPV4, Family.IPV6:
        leave: list[Union[str, libfw.Rule]] = ["-o lo -j ACCEPT", f"-o {tunnel} -j ACCEPT"]
        if family is Family.IPV4:
            leave.append(libfw.Rule(destination=server, protocol="udp", matches=[matches.Udp(dport=port)], target=targets.Accept()))
        enter = ["-i lo -j ACCEPT", f"-i {tunnel} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"]
        policies = {"INPUT": "DROP", "FORWARD": "DROP", "OUTPUT": "DROP"}
        desired.table({"INPUT": enter, "OUTPUT": leave}, policies=policies, family=family)
    desired.place("OUTPUT", "-m state --state INVALID -j DROP", position="first")
    return desired


def main(kernel: libfw.Kernel) -> None:
    """Tries it, is cut off, and tries again."""
    try:
        with closed(kernel, "tun0", "198.51.100.7", 1194).apply_for(60) as pending:
            assert pending.plan.added == 10 and kernel.table("filter", "ipv6")["OUTPUT"].policy == "DROP"
            raise ConnectionError("nobody answers")
    except ConnectionError:
        assert kernel.table("filter", "ipv6")["OUTPUT"].policy == "ACCEPT" and not kernel.table()["INPUT"]
    with closed(kernel, "tun1", "198.51.100.7", 1194).apply_for(60) as pending:
        assert pending.remaining > 0
        pending.confirm()
    assert not closed(kernel, "tun1", "198.51.100.7", 1194).plan()
    assert [str(rule) for rule in kernel.table()["OUTPUT"]] == [
        "-m state --state INVALID -j DROP",
        "-o lo -j ACCEPT",
        "-o tun1 -j ACCEPT",
        "-d 198.51.100.7/32 -p udp -m udp --dport 1194 -j ACCEPT",
    ]
