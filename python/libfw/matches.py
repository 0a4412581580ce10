"""Matches: what decides whether a rule applies to a packet. One class for each, made from the option table."""

from __future__ import annotations

from ._parts import Known, Match, attribute, names
from ._parts import OpaqueMatch as Opaque

__all__ = ["Match", "Opaque", *names("match")]


def __getattr__(name: str) -> type[Known]:
    made = globals()[name] = attribute("match", __all__, name)
    return made


def __dir__() -> list[str]:
    return __all__
