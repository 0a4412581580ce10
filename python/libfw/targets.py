"""Targets: what a rule does with a packet. One class for each, made from the option table, and the verdicts."""

from __future__ import annotations

from ._parts import Accept, Drop, Goto, Jump, Known, Queue, Return, Target, attribute, names
from ._parts import OpaqueTarget as Opaque

__all__ = ["Accept", "Drop", "Goto", "Jump", "Opaque", "Queue", "Return", "Target", *names("target")]


def __getattr__(name: str) -> type[Known]:
    made = globals()[name] = attribute("target", __all__, name)
    return made


def __dir__() -> list[str]:
    return __all__
