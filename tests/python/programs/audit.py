"""Says what a firewall lets in, and which rules are there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple, Optional, Union

import libfw
from libfw import Not, PortRange, matches, targets


class Opening(NamedTuple):
    """A rule that accepts packets."""

    chain: str
    ports: tuple[Union[int, PortRange], ...]
    source: Union[IPv4Network, IPv6Network, None]
    comment: str


def ports_of(rule: libfw.Rule) -> Iterator[Union[int, PortRange]]:
    """The ports that a rule is for."""
    for part in rule.matches:
        if isinstance(part, (matches.Tcp, matches.Udp)):
            if part.dport is not None and not isinstance(part.dport, Not):
                yield part.dport
        elif isinstance(part, matches.Multiport) and part.dports is not None and not isinstance(part.dports, Not):
            yield from part.dports


def openings(table: libfw.Table) -> Iterator[Opening]:
    """Every rule that accepts packets."""
    for name, chain in table.items():
        for rule in chain:
            if isinstance(rule.target, targets.Accept):
                note = rule.find(matches.Comment)
                source = rule.source if isinstance(rule.source, (IPv4Network, IPv6Network)) else None
                yield Opening(name, tuple(ports_of(rule)), source, (note.comment or "") if note else "")


def twice(table: libfw.Table) -> dict[libfw.Rule, int]:
    """Rules that a chain has more than once."""
    return {rule: count for chain in table.values() for rule, count in Counter(chain).items() if count > 1}


def marks(table: libfw.Table) -> set[int]:
    """The marks that rules set."""
    target: Optional[libfw.Target]
    found: set[int] = set()
    for chain in table.values():
        for rule in chain:
            target = rule.target
            if isinstance(target, targets.Mark):
                mark = target.set_xmark
                if mark is not None:
                    found.add(mark if isinstance(mark, int) else mark.value)
    return found


def main(kernel: libfw.Kernel) -> None:
    """Looks at a firewall."""
    with kernel.table("filter") as table:
        table["INPUT"].extend(
            [
                "-i lo -j ACCEPT",
                "-s 10.0.0.0/8 -p tcp --dport 22 -m comment --comment office -j ACCEPT",
                "-p tcp -m multiport --dports 80,443,8000:8010 -j ACCEPT",
                "-p udp --dport 53 -j ACCEPT",
                "-p udp --dport 53 -j ACCEPT",
            ]
        )
    with kernel.table("mangle") as mangle:
        mangle["PREROUTING"].append(target=targets.Mark(set_mark=7))
    table = kernel.table()
    found = list(openings(table))
    assert found[1] == Opening("INPUT", (22,), IPv4Network("10.0.0.0/8"), "office")
    assert found[2].ports == (80, 443, PortRange(8000, 8010))
    assert list(twice(table).values()) == [2] and marks(kernel.table("mangle")) == {7}
