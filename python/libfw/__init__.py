"""Linux packet-filter rules (iptables, ip6tables) without running iptables.

    import libfw
    from libfw import matches, targets

    with libfw.Table("filter") as table:
        table["INPUT"].append("-i lo -j ACCEPT")
        table["INPUT"].append(
            protocol="tcp",
            matches=[matches.Tcp(dport=22), matches.Conntrack(ctstate=["NEW"])],
            target=targets.Accept,
        )

The block reads the table under the xtables lock, and commits all edits in one step at its end. When it raises an
exception nothing is changed.
"""

from . import errors, matches, targets
from ._libfw import Chain, Kernel, Report, Rule, Table, __version__, restore, run, save
from ._parts import Match, Target
from ._values import Counters, Family, Not
from .errors import *

__all__ = [
    "Chain",
    "Counters",
    "Family",
    "Kernel",
    "Match",
    "Not",
    "Report",
    "Rule",
    "Table",
    "Target",
    "__version__",
    "errors",
    "matches",
    "restore",
    "run",
    "save",
    "targets",
]
__all__ += errors.__all__
