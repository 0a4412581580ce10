"""Tables and rules for IPv6."""

from __future__ import annotations

from typing import ClassVar

from .._libfw import IptcRule6
from .errors import IPTCError as IPTCError
from .ip4tc import Rule as Rule
from .ip4tc import Table

Rule6 = IptcRule6


class Table6(Table):
    """A table of IPv6."""

    _family = "ipv6"
    existing_table_names: ClassVar[dict[str, bool]] = {}


def is_table6_available(name: str) -> bool:
    """Whether the kernel has a table of that name for IPv6."""
    return Table6._is_available(name)
