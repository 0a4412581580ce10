"""Small values."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Family(str, enum.Enum):
    """An address family with packet-filter tables of its own."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"

    def __str__(self) -> str:
        return self.value


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
