"""Targets: what a rule does with a packet. One class for each, made from the option table, and the verdicts."""

from ._parts import Accept, Drop, Goto, Jump, OpaqueTarget as Opaque, Queue, Return, Target, classes

globals().update(classes("target"))
__all__ = ["Accept", "Drop", "Goto", "Jump", "Opaque", "Queue", "Return", "Target", *classes("target")]
