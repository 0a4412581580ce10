"""What programs that were written for python-iptables call, on top of libfw.

    from libfw import iptc

    rule = iptc.Rule()
    rule.protocol = "tcp"
    rule.create_match("tcp").dport = "22"
    rule.create_target("ACCEPT")
    iptc.Chain(iptc.Table(iptc.Table.FILTER), "INPUT").insert_rule(rule)

The names, values and exceptions are those of python-iptables 1.2. What differs, on purpose:

- What the kernel refuses raises `IPTCError` with autocommit too.
- With autocommit an edit is made to the table as it is at that moment, under the xtables lock, so that nothing is lost that
  others write. An edit at a position other than the first, or a `commit()` of a table that others have changed since it was
  read, raises `IPTCError` with the words `Resource temporarily unavailable`.
- After `commit()` the table is fresh: it can be edited and committed again without `refresh()`.
- `easy` raises an exception for what it does not understand, where python-iptables installs the rule without it.
- Values may be numbers, and `True` for a flag. `None` is refused where it would mean any.
- Rules, matches and targets can be copied and pickled, and compared with anything. A goto is not a jump.
- The rules of `chain.rules` are copies: what is changed in one is written by `chain.replace_rule(rule, position)`.
- An option that is set again has the new value; what is too long, such as a comment, is refused, not cut. Names of chains are those
  that iptables takes. `chain.rename(name)` renames the object too.
- A target or match that lacks an option is refused when the rule is added; python-iptables fills in zeros.
- With autocommit a policy and its counters are what the kernel has now. `rule.fragment` of `! -f` is `"!"`.
- Without autocommit a rule that is wrong by itself is refused when it is added, what only the kernel knows by `commit()`.
- The lock is waited for without limit; `set_kernel(libfw.Kernel(wait=5))` waits five seconds.
- `Table(..., kernel=)` and `set_kernel` choose a network namespace or a backend.
- What hands out structures of the kernel is not there: `entry`, `match_buf`, `create_rule` and the like.

`install()` lets `import iptc` find this module.
"""

from __future__ import annotations

import sys

from . import easy as easy
from . import errors as errors
from . import ip4tc as ip4tc
from . import ip6tc as ip6tc
from . import util as util
from . import version as version
from . import xtables as xtables
from .errors import IPTCError as IPTCError
from .errors import XTablesError as XTablesError
from .ip4tc import Chain as Chain
from .ip4tc import Match as Match
from .ip4tc import Policy as Policy
from .ip4tc import Rule as Rule
from .ip4tc import Table as Table
from .ip4tc import Target as Target
from .ip4tc import is_table_available as is_table_available
from .ip4tc import set_kernel as set_kernel
from .ip6tc import Rule6 as Rule6
from .ip6tc import Table6 as Table6
from .ip6tc import is_table6_available as is_table6_available

__all__: list[str] = []
#: Some programs write `iptc.iptc`.
iptc = sys.modules[__name__]

_MODULES = ("easy", "errors", "ip4tc", "ip6tc", "util", "version", "xtables")


def install() -> None:
    """Lets `import iptc` and `from iptc import ...` find this module, unless python-iptables has been imported already.

        import libfw.iptc

        libfw.iptc.install()
        import iptc

        assert iptc is libfw.iptc
    """
    this = sys.modules[__name__]
    known = sys.modules.get("iptc", this)
    if known is not this:
        raise ImportError("another module named iptc is imported already; install() before it is")
    sys.modules["iptc"] = this
    for name in _MODULES:
        sys.modules[f"iptc.{name}"] = sys.modules[f"{__name__}.{name}"]
