"""Names for annotations: what the functions of the package are given, and what they give where no class says it.

    from libfw.typing import Position, RuleLike, RuleParts

    parts: RuleParts = {"protocol": "tcp", "target": "ACCEPT"}
    rules: list[RuleLike] = [libfw.Rule(**parts), "-i lo -j ACCEPT", ["-j", "LOG"]]
    place: Position = "first"
    with libfw.Kernel(backend="memory").table() as table:
        assert all(table["INPUT"].ensure(rule, position=place) for rule in rules)

Only programs that import it pay for it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from os import PathLike
from typing import IO, Literal, Optional, SupportsIndex, TypedDict, Union

from ._libfw import IptcModule, Rule, RuleIterator
from ._parts import Match, Target
from ._values import AddressRange, Any_, Family, Masked, Not, Range, Rate

__all__ = [
    "Address",
    "Any_",
    "Backend",
    "ChangeKind",
    "Equivalence",
    "Extension",
    "ExtensionOption",
    "FamilyLike",
    "FamilyName",
    "File",
    "Foreign",
    "Host",
    "Hosts",
    "Integer",
    "IptcModule",
    "List",
    "Network",
    "ObjectKind",
    "Pair",
    "PolicyName",
    "Position",
    "RateUnit",
    "RuleIterator",
    "RuleLike",
    "RuleParts",
    "Span",
    "Speed",
    "Text",
    "Word",
]

#: What holds tables.
Backend = Literal["legacy", "nft", "memory", "memory-nft"]
#: What a change of a plan is.
ChangeKind = Literal["rule added", "rule removed", "rule moved", "chain added", "chain removed", "chain renamed", "policy"]
#: When two rules are the same.
Equivalence = Literal["exact", "meaning"]
FamilyName = Literal["ipv4", "ipv6", "arp"]
#: What a family is given as; `libfw.Family(text)` makes one of a text.
FamilyLike = Union[Family, FamilyName, Literal[4, 6]]
#: What becomes of rules of `nft` in a table that is restored.
Foreign = Literal["refuse", "replace", "keep"]
#: What a kernel in memory may have, beside ipsets.
ObjectKind = Literal["algorithm", "helper", "timeout", "estimator", "accounting", "cgroup", "context", "program"]
PolicyName = Literal["ACCEPT", "DROP"]
#: A place in a chain.
Position = Literal["first", "last"]
RateUnit = Literal["second", "minute", "hour", "day"]

Address = Union[IPv4Address, IPv6Address]
Network = Union[IPv4Network, IPv6Network]
#: What an address is given as.
Host = Union[str, bytes, Address]
#: What an address or a network is given as, such as the source of a rule.
Hosts = Union[Host, Network, IPv4Interface, IPv6Interface]
#: What a rule is given as, where it is one argument: itself, its text, or its words.
RuleLike = Union[Rule, str, bytes, Sequence[Union[str, bytes]]]
#: What a save file or JSON is given as: its text, its bytes, its path, or an open file.
File = Union[str, bytes, PathLike[str], IO[str], IO[bytes]]

#: What the value of an option is given as.
Word = Union[
    str,
    bytes,
    int,
    float,
    range,
    Range,
    Masked,
    Rate,
    AddressRange,
    Address,
    Network,
    IPv4Interface,
    IPv6Interface,
    SupportsIndex,
    datetime.timedelta,
    datetime.time,
    datetime.date,
    PathLike[str],
]
#: A value of one word.
Text = Word
#: A value of two, which are not alike.
Pair = Union[Word, tuple[Union[Word, Iterable[Word]], Union[Word, Iterable[Word]]]]
#: A value of words that iptables separates by commas.
List = Union[Word, Iterable[Union[Word, tuple[Word, Word]]]]
#: A number or a range of them.
Span = Union[int, str, bytes, SupportsIndex, range, Range]
#: So many in a unit of time.
Speed = Union[str, bytes, int, SupportsIndex, Rate]
#: A whole number, in any notation that iptables reads; a span of time where it counts seconds.
Integer = Union[int, str, SupportsIndex, datetime.timedelta]


class RuleParts(TypedDict, total=False):
    """The parts of a rule, as `libfw.Rule` takes them by keyword."""

    source: Union[Hosts, Not[Hosts], Any_]
    destination: Union[Hosts, Not[Hosts], Any_]
    in_interface: Union[str, Not[str], Any_]
    out_interface: Union[str, Not[str], Any_]
    protocol: Union[str, int, Not[Union[str, int]], Any_]
    fragment: Union[bool, Not[bool], Any_]
    matches: Union[Iterable[Union[Match, type[Match], str]], Match, type[Match], str, Any_]
    target: Union[Target, type[Target], str, Any_]
    jump: Union[str, Any_]
    goto: Union[str, Any_]
    counters: Union[tuple[int, int], Any_]


class ExtensionOption(TypedDict):
    """An option of a match or target, as `libfw.extensions()` tells it."""

    name: str
    names: list[str]
    aliases: tuple[str, ...]
    field: str
    description: str
    form: str
    label: str
    choices: tuple[str, ...]
    words: int
    negatable: bool
    required: bool
    min: int
    max: int
    default: Optional[str]
    excludes: tuple[str, ...]
    requires: tuple[str, ...]
    families: list[str]
    spelling: bool
    repeats: bool


class Extension(TypedDict):
    """A match or target, as `libfw.extensions()` tells it."""

    kind: Literal["match", "target"]
    name: str
    type_name: str
    aliases: tuple[str, ...]
    kernel_name: str
    header: str
    tables: tuple[str, ...]
    hooks: tuple[str, ...]
    protocols: tuple[str, ...]
    needs: tuple[str, ...]
    revisions: list[int]
    description: str
    examples: tuple[str, ...]
    example_family: FamilyName
    families: list[FamilyName]
    options: list[ExtensionOption]
