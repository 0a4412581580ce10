# Made by bindings/python/stubs.py; do not edit.
import builtins
from collections.abc import Sequence
from typing import final

from ._parts import Match as Match
from ._parts import Known
from ._parts import OpaqueMatch as Opaque
from ._values import Integer, List, Not, Text

__all__ = ['Match', 'Opaque', 'Addrtype', 'Comment', 'Conntrack', 'Hashlimit', 'Icmp', 'Icmp6', 'Limit', 'Mac', 'Mark', 'Multiport', 'Policy', 'Recent', 'Set', 'State', 'Statistic', 'Tcp', 'U32', 'Udp']

@final
class Addrtype(Known, Match):
    """Matches packets by the kind of their addresses, as the routing table sees them."""

    def __init__(
        self,
        *,
        src_type: List | Not[List] | None = ...,
        dst_type: List | Not[List] | None = ...,
        limit_iface_in: builtins.bool | None = ...,
        limit_iface_out: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def src_type(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def dst_type(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def limit_iface_in(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def limit_iface_out(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""

@final
class Comment(Known, Match):
    """Matches always; carries a note about the rule."""

    def __init__(
        self,
        *,
        comment: Text | None = ...,
    ) -> None: ...
    @property
    def comment(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Conntrack(Known, Match):
    """Matches packets by what is known of their connection."""

    def __init__(
        self,
        *,
        state: List | Not[List] | None = ...,
        proto: Text | Not[Text] | None = ...,
        orig_src: Text | Not[Text] | None = ...,
        orig_dst: Text | Not[Text] | None = ...,
        repl_src: Text | Not[Text] | None = ...,
        repl_dst: Text | Not[Text] | None = ...,
        orig_src_port: Text | Not[Text] | None = ...,
        orig_dst_port: Text | Not[Text] | None = ...,
        repl_src_port: Text | Not[Text] | None = ...,
        repl_dst_port: Text | Not[Text] | None = ...,
        status: List | Not[List] | None = ...,
        expire: Text | Not[Text] | None = ...,
        dir: Text | None = ...,
    ) -> None: ...
    @property
    def state(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def proto(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def orig_src(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def orig_dst(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def repl_src(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def repl_dst(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def orig_src_port(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def orig_dst_port(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def repl_src_port(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def repl_dst_port(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def status(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def expire(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def dir(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Hashlimit(Known, Match):
    """Matches at a rate that is limited for each address or port on its own."""

    def __init__(
        self,
        *,
        upto: Text | Not[Text] | None = ...,
        above: Text | Not[Text] | None = ...,
        burst: Text | None = ...,
        mode: List | None = ...,
        name: Text | None = ...,
        htable_size: Integer | None = ...,
        htable_max: Integer | None = ...,
        htable_gcinterval: Integer | None = ...,
        htable_expire: Integer | None = ...,
        srcmask: Integer | None = ...,
        dstmask: Integer | None = ...,
        rate_match: builtins.bool | None = ...,
        rate_interval: Integer | None = ...,
    ) -> None: ...
    @property
    def upto(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def above(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def burst(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def mode(self) -> builtins.list[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def name(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def htable_size(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def htable_max(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def htable_gcinterval(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def htable_expire(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def srcmask(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def dstmask(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def rate_match(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def rate_interval(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Icmp(Known, Match):
    """Matches ICMP packets by type and code.

     Loaded by itself when the rule says `-p icmp` and the option.
    """

    def __init__(
        self,
        *,
        icmp_type: Text | Not[Text] | None = ...,
    ) -> None: ...
    @property
    def icmp_type(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Icmp6(Known, Match):
    """Matches ICMPv6 packets by type and code.

     Loaded by itself when the rule says `-p ipv6-icmp` and the option.
    """

    def __init__(
        self,
        *,
        icmpv6_type: Text | Not[Text] | None = ...,
    ) -> None: ...
    @property
    def icmpv6_type(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Limit(Known, Match):
    """Matches at a limited rate.

     A bucket holds `burst` tokens and is refilled at `rate`; each packet that matches takes one. A rule with this match
     applies until the bucket is empty, so it is used to limit logging, or with DROP after it to limit traffic.
    """

    def __init__(
        self,
        *,
        rate: Text | None = ...,
        burst: Integer | None = ...,
    ) -> None: ...
    @property
    def rate(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def burst(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Mac(Known, Match):
    """Matches the source hardware address of packets that come in over Ethernet."""

    def __init__(
        self,
        *,
        mac_source: Text | Not[Text] | None = ...,
    ) -> None: ...
    @property
    def mac_source(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Mark(Known, Match):
    """Matches packets by their mark, which the target MARK sets."""

    def __init__(
        self,
        *,
        mark: Text | Not[Text] | None = ...,
    ) -> None: ...
    @property
    def mark(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Multiport(Known, Match):
    """Matches packets by a set of up to 15 ports, where a range counts as two."""

    def __init__(
        self,
        *,
        sports: List | Not[List] | None = ...,
        dports: List | Not[List] | None = ...,
        ports: List | Not[List] | None = ...,
    ) -> None: ...
    @property
    def sports(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def dports(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def ports(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Policy(Known, Match):
    """Matches packets by the IPsec policy that applies to them."""

    def __init__(
        self,
        *,
        dir: Text | None = ...,
        pol: Text | None = ...,
        strict: builtins.bool | None = ...,
        reqid: Integer | Sequence[Integer] | Sequence[Not[Integer]] | Not[Integer] | None = ...,
        spi: Integer | Sequence[Integer] | Sequence[Not[Integer]] | Not[Integer] | None = ...,
        proto: Text | Sequence[Text] | Sequence[Not[Text]] | Not[Text] | None = ...,
        mode: Text | Sequence[Text] | Sequence[Not[Text]] | Not[Text] | None = ...,
        tunnel_dst: Text | Sequence[Text] | Sequence[Not[Text]] | Not[Text] | None = ...,
        tunnel_src: Text | Sequence[Text] | Sequence[Not[Text]] | Not[Text] | None = ...,
        next: builtins.bool | Sequence[builtins.bool] | None = ...,
    ) -> None: ...
    @property
    def dir(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def pol(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def strict(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def reqid(self) -> builtins.list[builtins.int | Not[builtins.int]]:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def spi(self) -> builtins.list[builtins.int | Not[builtins.int]]:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def proto(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def mode(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def tunnel_dst(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def tunnel_src(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def next(self) -> builtins.list[builtins.bool]:
        """An option of a match or target, and the attribute that reads it."""

@final
class Recent(Known, Match):
    """Keeps a list of addresses and matches those that were seen lately."""

    def __init__(
        self,
        *,
        set: builtins.bool | Not[builtins.bool] | None = ...,
        rcheck: builtins.bool | Not[builtins.bool] | None = ...,
        update: builtins.bool | Not[builtins.bool] | None = ...,
        remove: builtins.bool | Not[builtins.bool] | None = ...,
        seconds: Integer | None = ...,
        reap: builtins.bool | None = ...,
        hitcount: Integer | None = ...,
        rttl: builtins.bool | None = ...,
        name: Text | None = ...,
        mask: Text | None = ...,
        rsource: builtins.bool | None = ...,
        rdest: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def set(self) -> builtins.bool | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def rcheck(self) -> builtins.bool | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def update(self) -> builtins.bool | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def remove(self) -> builtins.bool | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def seconds(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def reap(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def hitcount(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def rttl(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def name(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def mask(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def rsource(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def rdest(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""

@final
class Set(Known, Match):
    """Matches packets whose addresses are in an ipset."""

    def __init__(
        self,
        *,
        match_set: Text | Not[Text] | None = ...,
        return_nomatch: builtins.bool | None = ...,
        update_counters: builtins.bool | Not[builtins.bool] | None = ...,
        update_subcounters: builtins.bool | Not[builtins.bool] | None = ...,
        packets_eq: Integer | Not[Integer] | None = ...,
        packets_lt: Integer | None = ...,
        packets_gt: Integer | None = ...,
        bytes_eq: Integer | Not[Integer] | None = ...,
        bytes_lt: Integer | None = ...,
        bytes_gt: Integer | None = ...,
    ) -> None: ...
    @property
    def match_set(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def return_nomatch(self) -> builtins.bool:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def update_counters(self) -> builtins.bool | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def update_subcounters(self) -> builtins.bool | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def packets_eq(self) -> builtins.int | Not[builtins.int] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def packets_lt(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def packets_gt(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def bytes_eq(self) -> builtins.int | Not[builtins.int] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def bytes_lt(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def bytes_gt(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class State(Known, Match):
    """Matches packets by the state of their connection.

     An older name for `conntrack --ctstate`, which is what the kernel gets; the rule remembers the name.
    """

    def __init__(
        self,
        *,
        state: List | Not[List] | None = ...,
    ) -> None: ...
    @property
    def state(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Statistic(Known, Match):
    """Matches some of the packets: at random, or every nth."""

    def __init__(
        self,
        *,
        mode: Text | None = ...,
        probability: Text | Not[Text] | None = ...,
        every: Integer | Not[Integer] | None = ...,
        packet: Integer | None = ...,
    ) -> None: ...
    @property
    def mode(self) -> builtins.str | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def probability(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def every(self) -> builtins.int | Not[builtins.int] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def packet(self) -> builtins.int | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Tcp(Known, Match):
    """Matches TCP packets by ports, flags and options.

     Loaded by itself when the rule says `-p tcp` and one of these options.
    """

    def __init__(
        self,
        *,
        sport: Text | Not[Text] | None = ...,
        dport: Text | Not[Text] | None = ...,
        option: Integer | Not[Integer] | None = ...,
        flags: Text | Not[Text] | None = ...,
        syn: builtins.bool | Not[builtins.bool] | None = ...,
    ) -> None: ...
    @property
    def sport(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def dport(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def option(self) -> builtins.int | Not[builtins.int] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def flags(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def syn(self) -> builtins.bool | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class U32(Known, Match):
    """Matches packets by tests on groups of four bytes."""

    def __init__(
        self,
        *,
        u32: Text | Not[Text] | None = ...,
    ) -> None: ...
    @property
    def u32(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""

@final
class Udp(Known, Match):
    """Matches UDP packets by their ports.

     Loaded by itself when the rule says `-p udp` and one of these options.
    """

    def __init__(
        self,
        *,
        sport: Text | Not[Text] | None = ...,
        dport: Text | Not[Text] | None = ...,
    ) -> None: ...
    @property
    def sport(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
    @property
    def dport(self) -> builtins.str | Not[builtins.str] | None:
        """An option of a match or target, and the attribute that reads it."""
