"""Targets: what a rule does with a packet. One class for each, made from the option table, and the verdicts."""

from __future__ import annotations

from ._parts import Accept, Drop, Goto, Jump, Known, Queue, Return, Target, class_of, names
from ._parts import OpaqueTarget as Opaque

__all__ = ["Accept", "Drop", "Goto", "Jump", "Opaque", "Queue", "Return", "Target", *names("target")]


def __getattr__(name: str) -> type[Known]:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = globals()[name] = class_of("target", name)
    return made


def __dir__() -> list[str]:
    return __all__
