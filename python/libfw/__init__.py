"""Linux packet-filter rules (iptables, ip6tables) without running iptables.

    import libfw
    from libfw import matches, targets

    with libfw.Table("filter") as table:
        table["INPUT"].append("-i lo -j ACCEPT")
        table["INPUT"].append(
            protocol="tcp",
            matches=[matches.Tcp(dport=22), matches.Conntrack(state=["NEW"])],
            target=targets.Accept,
        )

The block reads the table under the xtables lock, and commits all edits in one step at its end. When it raises an
exception nothing is changed.
"""

from . import errors as errors
from . import matches as matches
from . import targets as targets
from ._libfw import Chain as Chain
from ._libfw import Kernel as Kernel
from ._libfw import Report as Report
from ._libfw import Rule as Rule
from ._libfw import Table as Table
from ._libfw import __version__ as __version__
from ._libfw import restore as restore
from ._libfw import run as run
from ._libfw import save as save
from ._parts import Match as Match
from ._parts import Target as Target
from ._values import Counters as Counters
from ._values import Family as Family
from ._values import Not as Not
from .errors import *
