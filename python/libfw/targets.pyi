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
        """``--notrack``: Do not track the connection."""
    @property
    def helper(self) -> builtins.str | None:
        """``--helper TEXT``: Use this helper for the connection."""
    @property
    def timeout(self) -> builtins.str | None:
        """``--timeout TEXT``: Use the timeouts of this policy, which `nfct` makes."""
    @property
    def ctevents(self) -> builtins.list[builtins.str] | None:
        """``--ctevents EVENT[,...]``: Report only these events of the connection."""
    @property
    def expevents(self) -> builtins.list[builtins.str] | None:
        """``--expevents EVENT[,...]``: Report only these events of expectations."""
    @property
    def zone_orig(self) -> builtins.str | None:
        """``--zone-orig NUMBER|mark``: The zone of packets in the original direction."""
    @property
    def zone_reply(self) -> builtins.str | None:
        """``--zone-reply NUMBER|mark``: The zone of packets in the reply direction."""
    @property
    def zone(self) -> builtins.str | None:
        """``--zone NUMBER|mark``: The zone of packets in both directions."""

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
        """``--to-destination [ADDRESS[-ADDRESS]][:PORT[-PORT]]``: The new address and port, or a range of them."""
    @property
    def random(self) -> builtins.bool:
        """``--random``: Pick the port at random."""
    @property
    def persistent(self) -> builtins.bool:
        """``--persistent``: Give the same client the same address each time."""

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
        """``--log-prefix TEXT``: Text at the beginning of the line, at most 29 bytes."""
    @property
    def level(self) -> builtins.str | None:
        """``--log-level LEVEL``: The level of the line; `warning` unless given."""
    @property
    def tcp_sequence(self) -> builtins.bool:
        """``--log-tcp-sequence``: Log the TCP sequence number."""
    @property
    def tcp_options(self) -> builtins.bool:
        """``--log-tcp-options``: Log the options of the TCP header."""
    @property
    def ip_options(self) -> builtins.bool:
        """``--log-ip-options``: Log the options of the IP header."""
    @property
    def uid(self) -> builtins.bool:
        """``--log-uid``: Log the user who made the packet."""
    @property
    def macdecode(self) -> builtins.bool:
        """``--log-macdecode``: Log hardware addresses and protocol."""

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
        """``--set-xmark VALUE[/MASK]``: Clears the bits of the mask and then inverts those of the value."""
    @property
    def set_mark(self) -> builtins.str | None:
        """``--set-mark VALUE[/MASK]``: Sets the bits of the mask to those of the value."""
    @property
    def and_mark(self) -> builtins.int | None:
        """``--and-mark NUMBER``: Keeps only these bits."""
    @property
    def or_mark(self) -> builtins.int | None:
        """``--or-mark NUMBER``: Sets these bits."""
    @property
    def xor_mark(self) -> builtins.int | None:
        """``--xor-mark NUMBER``: Inverts these bits."""

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
        """``--to-ports PORT[-PORT]``: The new source port, or a range of ports."""
    @property
    def random(self) -> builtins.bool:
        """``--random``: Pick the port at random."""
    @property
    def random_fully(self) -> builtins.bool:
        """``--random-fully``: Pick the port entirely at random."""

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
        """``--to-ports PORT[-PORT]``: The new destination port, or a range of ports."""
    @property
    def random(self) -> builtins.bool:
        """``--random``: Pick the port at random."""

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
        """``--reject-with TYPE``: What the sender gets."""

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
        """``--add-set NAME src|dst[,...]``: Add an entry to this set."""
    @property
    def del_set(self) -> builtins.str | None:
        """``--del-set NAME src|dst[,...]``: Delete an entry from this set."""
    @property
    def map_set(self) -> builtins.str | None:
        """``--map-set NAME src|dst[,...]``: Look the packet up in this set, whose entries have marks."""
    @property
    def exist(self) -> builtins.bool:
        """``--exist``: Reset the timeout of an entry that exists already."""
    @property
    def timeout(self) -> builtins.int | None:
        """``--timeout SECONDS``: The timeout of the entry that is added."""
    @property
    def map_mark(self) -> builtins.bool:
        """``--map-mark``: Take the packet's mark from the set."""
    @property
    def map_prio(self) -> builtins.bool:
        """``--map-prio``: Take the packet's class from the set."""
    @property
    def map_queue(self) -> builtins.bool:
        """``--map-queue``: Take the packet's hardware queue from the set."""

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
        """``--to-source [ADDRESS[-ADDRESS]][:PORT[-PORT]]``: The new address and port, or a range of them."""
    @property
    def random(self) -> builtins.bool:
        """``--random``: Pick the port at random."""
    @property
    def random_fully(self) -> builtins.bool:
        """``--random-fully``: Pick the port entirely at random."""
    @property
    def persistent(self) -> builtins.bool:
        """``--persistent``: Give the same client the same address each time."""
