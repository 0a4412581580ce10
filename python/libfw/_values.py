"""Small values."""

from __future__ import annotations

import enum
from collections.abc import Sequence, Set
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Generic, NamedTuple, TypeVar, Union

T = TypeVar("T")

#: What the value of an option is given as: a range is written ``first:last``, as for ports.
Word = Union[str, bytes, int, float, range, IPv4Address, IPv4Network, IPv6Address, IPv6Network]
#: A value of one word or, for options that take two, of several.
Text = Union[Word, Sequence[Word]]
#: A value of words that iptables separates by commas.
List = Union[str, Sequence[Word], Set[str]]
#: A whole number, in any notation that iptables reads.
Integer = Union[int, str]


class Family(enum.Enum):
    """An address family with packet-filter tables of its own."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"

    def __str__(self) -> str:
        return str(self.value)


class Counters(NamedTuple):
    """How many packets and bytes a rule or policy has seen."""

    packets: int
    bytes: int


@dataclass(frozen=True)
class Not(Generic[T]):
    """Inverts an option: ``Not(22)`` is what ``! --dport 22`` says."""

    value: T

    def __repr__(self) -> str:
        return f"libfw.Not({self.value!r})"
