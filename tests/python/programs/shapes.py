"""Wraps the library in functions of its own, whose arguments are what those of the library are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Union

import libfw
from libfw import Not, matches
from libfw.typing import (
    Backend,
    ChangeKind,
    Extension,
    FamilyLike,
    Hosts,
    IptcModule,
    Network,
    Position,
    RateUnit,
    RuleIterator,
    RuleLike,
    RuleParts,
)

PLACES: tuple[Position, ...] = ("first", "last")


def put(table: libfw.Table, rules: Iterable[RuleLike], place: Position) -> int:
    """Puts rules at one end of a chain."""
    return sum(table["INPUT"].ensure(rule, position=place) for rule in rules)


def but(protocol: Union[str, int], source: Hosts, **more: str) -> libfw.Rule:
    """A rule for all but a protocol and an address."""
    parts: RuleParts = {"protocol": Not(protocol), "source": Not(source), "target": "DROP"}
    return libfw.Rule(**parts).with_(in_interface=more.get("interface", "lo"))


def both(kernel: libfw.Kernel, families: Iterable[FamilyLike]) -> dict[str, list[str]]:
    """The rules of several families."""
    return {family: rules for family, rules in ((str(libfw.Family(one)), kernel.table(family=one).rules()) for one in families)}


def network(rule: libfw.Rule) -> Union[Network, None]:
    """The source, where that is one network."""
    source = rule.source
    return None if source is None or isinstance(source, (str, Not)) else source


def examples(part: Extension) -> list[libfw.Rule]:
    """The rules that show a match or target."""
    return [libfw.Rule(text, family=part["example_family"]) for text in part["examples"]]


def seen(change: libfw.TableChange) -> list[ChangeKind]:
    """What has changed."""
    return [one.kind for one in change.changes]


def name(module: IptcModule) -> str:
    """The name of a match or target of `libfw.iptc`."""
    return module.name


def main(kernel: libfw.Kernel) -> None:
    """Calls them."""
    with kernel.table() as table:
        words: list[Union[str, bytes]] = ["-p", b"tcp"]
        assert put(table, ["-j LOG", words, but("tcp", "10.0.0.1")], PLACES[0]) == 3
    rules: RuleIterator = iter(kernel.table()["INPUT"])
    assert str(next(rules)) == "! -s 10.0.0.1/32 -i lo ! -p tcp -j DROP" and network(next(rules)) is None
    counters: Mapping[str, memoryview] = kernel.counters()
    assert sum(counters["INPUT"]) == 0
    policy: matches.PolicyMatch = matches.PolicyMatch.from_options([("dir", "in"), ("pol", "ipsec"), ("mode", "tunnel")])
    assert policy.dir == "in"
    unit: RateUnit = "minute"
    assert libfw.Rate(5, unit).per == unit and matches.Limit(rate=libfw.Rate(5, unit))
    assert len(both(kernel, ["ipv4", libfw.Family.IPV6])) == 2
    assert all(examples(part) for part in libfw.extensions() if part["name"] in ("tcp", "LOG"))
    backends: list[Backend] = ["memory", "memory-nft"]
    for backend in backends:
        other = libfw.Kernel(backend=backend, sets={"banned": "ipv4"}, objects={"helper": ("ftp",)})
        with other.watch("filter") as watch:
            with other.table() as table:
                table.new_chain("web")
            change = watch.wait(10)
            assert change is not None and seen(change) == ["chain added"] and other.backend == backend
    assert name(libfw.iptc.Match(libfw.iptc.Rule(), "tcp")) == "tcp"
