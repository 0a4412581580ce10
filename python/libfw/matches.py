"""Matches: what decides whether a rule applies to a packet. One class for each, made from the option table."""

from __future__ import annotations

from ._parts import Known, Match, class_of, names
from ._parts import OpaqueMatch as Opaque

__all__ = ["Match", "Opaque", *names("match")]


def __getattr__(name: str) -> type[Known]:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = globals()[name] = class_of("match", name)
    return made


def __dir__() -> list[str]:
    return __all__
