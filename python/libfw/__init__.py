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

from collections.abc import Mapping as _Mapping
from collections.abc import MutableSequence as _MutableSequence

from . import errors as errors
from . import matches as matches
from . import targets as targets
from ._libfw import Chain as Chain
from ._libfw import Change as Change
from ._libfw import CounterDelta as CounterDelta
from ._libfw import CounterSnapshot as CounterSnapshot
from ._libfw import Desired as Desired
from ._libfw import Kernel as Kernel
from ._libfw import Pending as Pending
from ._libfw import Plan as Plan
from ._libfw import Rehearsal as Rehearsal
from ._libfw import Report as Report
from ._libfw import Synced as Synced
from ._libfw import Rule as Rule
from ._libfw import Table as Table
from ._libfw import TableChange as TableChange
from ._libfw import Transaction as Transaction
from ._libfw import Watch as Watch
from ._libfw import __version__ as __version__
from ._libfw import extensions as extensions
from ._libfw import _keep_modules
from ._libfw import lock_path as lock_path
from ._libfw import restore as restore
from ._libfw import restore_json as restore_json
from ._libfw import run as run
from ._libfw import save as save
from ._libfw import save_json as save_json
from ._libfw import to_xml as to_xml
from ._libfw import transaction as transaction
from ._libfw import translate as translate
from ._libfw import translate_file as translate_file
from ._parts import Match as Match
from ._parts import Target as Target
from ._values import ANY as ANY
from ._values import AddressRange as AddressRange
from ._values import Counters as Counters
from ._values import Family as Family
from ._values import Masked as Masked
from ._values import NatRange as NatRange
from ._values import Not as Not
from ._values import PortRange as PortRange
from ._values import Range as Range
from ._values import Rate as Rate
from .errors import *
from .errors import InterruptedError as InterruptedError
from .errors import SyntaxError as SyntaxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import iptc as iptc
    from ._blocks import update as update
    from ._sandbox import sandbox as sandbox
else:

    def __getattr__(name: str) -> object:
        # What most programs do not need is not imported.
        if name in ("sandbox", "update"):
            from ._blocks import update
            from ._sandbox import sandbox

            return globals().setdefault(name, {"sandbox": sandbox, "update": update}[name])
        if name == "iptc":
            from importlib import import_module

            return import_module("libfw.iptc")
        from ._guesses import no_attribute

        raise no_attribute(__name__, name)


_keep_modules()
# What tells type checkers what they need is none of the names of the package.
del TYPE_CHECKING
_MutableSequence.register(Chain)
_Mapping.register(Table)
_Mapping.register(CounterSnapshot)

__all__ = [
    "ANY",
    "AddressRange",
    "Chain",
    "Change",
    "CounterDelta",
    "CounterSnapshot",
    "Counters",
    "Desired",
    "Family",
    "Kernel",
    "Masked",
    "Match",
    "NatRange",
    "Not",
    "Pending",
    "Plan",
    "PortRange",
    "Range",
    "Rate",
    "Rehearsal",
    "Report",
    "Rule",
    "Synced",
    "Table",
    "TableChange",
    "Target",
    "Transaction",
    "Watch",
    "errors",
    "extensions",
    "lock_path",
    "matches",
    "restore",
    "restore_json",
    "run",
    "sandbox",
    "save",
    "save_json",
    "targets",
    "to_xml",
    "transaction",
    "translate",
    "translate_file",
    "update",
]
__all__ += errors.__all__
