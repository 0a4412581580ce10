# Made by bindings/python/stubs.py; do not edit.
import builtins
from collections.abc import Sequence
from typing import final

from ._parts import Target as Target
from ._parts import Accept as Accept
from ._parts import Drop as Drop
from ._parts import Goto as Goto
from ._parts import Jump as Jump
from ._parts import Queue as Queue
from ._parts import Return as Return
from ._parts import Known
from ._parts import OpaqueTarget as Opaque
from ._values import Integer, List, Not, Text

__all__ = ['Target', 'Opaque', 'Accept', 'Drop', 'Goto', 'Jump', 'Queue', 'Return', 'Ct', 'Dnat', 'Log', 'Mark', 'Masquerade', 'Notrack', 'Redirect', 'Reject', 'Set', 'Snat']

@final
class Ct(Known, Target):
    """Sets how the connection of a packet is tracked, before it is."""

    def __init__(
        self,
        *,
        notrack: builtins.bool | None = ...,
        helper: Text | None = ...,
        timeout: Text | None = ...,
        ctevents: List | None = ...,
        expevents: List | None = ...,
        zone_orig: Text | None = ...,
        zone_reply: Text | None = ...,
        zone: Text | None = ...,
    ) -> None: ...
    @property
    def notrack(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def helper(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def timeout(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def ctevents(self) -> builtins.list[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def expevents(self) -> builtins.list[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def zone_orig(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def zone_reply(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def zone(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Dnat(Known, Target):
    """Sends the packet and all others of its connection to another destination."""

    def __init__(
        self,
        *,
        to_destination: Text | None = ...,
        random: builtins.bool | None = ...,
        persistent: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def to_destination(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def random(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def persistent(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""

@final
class Log(Known, Target):
    """Writes a line about the packet to the kernel's log and goes on with the next rule."""

    def __init__(
        self,
        *,
        prefix: Text | None = ...,
        level: Text | None = ...,
        tcp_sequence: builtins.bool | None = ...,
        tcp_options: builtins.bool | None = ...,
        ip_options: builtins.bool | None = ...,
        uid: builtins.bool | None = ...,
        macdecode: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def prefix(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def level(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def tcp_sequence(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def tcp_options(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def ip_options(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def uid(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def macdecode(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""

@final
class Mark(Known, Target):
    """Sets the packet's mark, for the match `mark`, for routing and for queueing."""

    def __init__(
        self,
        *,
        set_xmark: Text | None = ...,
        set_mark: Text | None = ...,
        and_mark: Integer | None = ...,
        or_mark: Integer | None = ...,
        xor_mark: Integer | None = ...,
    ) -> None: ...
    @property
    def set_xmark(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def set_mark(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def and_mark(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def or_mark(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def xor_mark(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Masquerade(Known, Target):
    """Gives the packet the address of the interface it leaves by, for connections whose address changes."""

    def __init__(
        self,
        *,
        to_ports: Text | None = ...,
        random: builtins.bool | None = ...,
        random_fully: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def to_ports(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def random(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def random_fully(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""

@final
class Notrack(Known, Target):
    """Exempts the connection of a packet from tracking.

     An older name for `CT --notrack`, which is what the kernel gets; the rule remembers the name.
    """

    def __init__(self) -> None: ...

@final
class Redirect(Known, Target):
    """Sends the packet to this host itself: to the address of the interface it came in by, or to the loopback address."""

    def __init__(
        self,
        *,
        to_ports: Text | None = ...,
        random: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def to_ports(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def random(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""

@final
class Reject(Known, Target):
    """Drops the packet and tells its sender."""

    def __init__(
        self,
        *,
        reject_with: Text | None = ...,
    ) -> None: ...
    @property
    def reject_with(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Set(Known, Target):
    """Adds the packet's addresses to an ipset, deletes them from one, or marks the packet from one."""

    def __init__(
        self,
        *,
        add_set: Text | None = ...,
        del_set: Text | None = ...,
        map_set: Text | None = ...,
        exist: builtins.bool | None = ...,
        timeout: Integer | None = ...,
        map_mark: builtins.bool | None = ...,
        map_prio: builtins.bool | None = ...,
        map_queue: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def add_set(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def del_set(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def map_set(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def exist(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def timeout(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def map_mark(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def map_prio(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def map_queue(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""

@final
class Snat(Known, Target):
    """Gives the packet and all others of its connection another source."""

    def __init__(
        self,
        *,
        to_source: Text | None = ...,
        random: builtins.bool | None = ...,
        random_fully: builtins.bool | None = ...,
        persistent: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def to_source(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def random(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def random_fully(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def persistent(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
