"""Matches: what decides whether a rule applies to a packet. One class for each, made from the option table."""

from ._parts import Match, OpaqueMatch as Opaque, classes

globals().update(classes("match"))
__all__ = ["Match", "Opaque", *classes("match")]
