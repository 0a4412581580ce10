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
        """``--src-type TYPE[,...]``: The kinds of the source address."""
    @property
    def dst_type(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """``--dst-type TYPE[,...]``: The kinds of the destination address."""
    @property
    def limit_iface_in(self) -> builtins.bool:
        """``--limit-iface-in``: Look only at the interface the packet came in by."""
    @property
    def limit_iface_out(self) -> builtins.bool:
        """``--limit-iface-out``: Look only at the interface the packet goes out by."""

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
        """``--comment TEXT``: The note, at most 255 bytes."""

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
        """``--ctstate STATE[,...]``: The state of the connection."""
    @property
    def proto(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctproto PROTOCOL``: The protocol of the connection."""
    @property
    def orig_src(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctorigsrc ADDRESS[/MASK]``: The source address of the first packet."""
    @property
    def orig_dst(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctorigdst ADDRESS[/MASK]``: The destination address of the first packet."""
    @property
    def repl_src(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctreplsrc ADDRESS[/MASK]``: The source address of replies."""
    @property
    def repl_dst(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctrepldst ADDRESS[/MASK]``: The destination address of replies."""
    @property
    def orig_src_port(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctorigsrcport PORT[:PORT]``: The source port of the first packet."""
    @property
    def orig_dst_port(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctorigdstport PORT[:PORT]``: The destination port of the first packet."""
    @property
    def repl_src_port(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctreplsrcport PORT[:PORT]``: The source port of replies."""
    @property
    def repl_dst_port(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctrepldstport PORT[:PORT]``: The destination port of replies."""
    @property
    def status(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """``--ctstatus STATUS[,...]``: What has happened to the connection."""
    @property
    def expire(self) -> builtins.str | Not[builtins.str] | None:
        """``--ctexpire MIN[:MAX]``: The seconds until the connection is forgotten."""
    @property
    def dir(self) -> builtins.str | None:
        """``--ctdir ORIGINAL|REPLY``: The direction of the packet."""

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
        """``--hashlimit-upto COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s``: Match while the rate is not above this."""
    @property
    def above(self) -> builtins.str | Not[builtins.str] | None:
        """``--hashlimit-above COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s``: Match while the rate is above this."""
    @property
    def burst(self) -> builtins.str | None:
        """``--hashlimit-burst PACKETS|BYTES[kb|mb]``: How much may come before the rate applies; 5 packets unless given."""
    @property
    def mode(self) -> builtins.list[builtins.str] | None:
        """``--hashlimit-mode MODE[,...]``: What packets must have in common to share a bucket; by default they all share one."""
    @property
    def name(self) -> builtins.str | None:
        """``--hashlimit-name TEXT``: The name of the table of buckets, in `/proc/net/ipt_hashlimit`."""
    @property
    def htable_size(self) -> builtins.int | None:
        """``--hashlimit-htable-size NUMBER``: How many lists the table has; the kernel chooses unless it is given."""
    @property
    def htable_max(self) -> builtins.int | None:
        """``--hashlimit-htable-max NUMBER``: How many buckets the table may have."""
    @property
    def htable_gcinterval(self) -> builtins.int | None:
        """``--hashlimit-htable-gcinterval NUMBER``: How often unused buckets are looked for, in milliseconds."""
    @property
    def htable_expire(self) -> builtins.int | None:
        """``--hashlimit-htable-expire NUMBER``: After how many milliseconds an unused bucket is forgotten."""
    @property
    def srcmask(self) -> builtins.int | None:
        """``--hashlimit-srcmask NUMBER``: The length of the prefix of source addresses that counts."""
    @property
    def dstmask(self) -> builtins.int | None:
        """``--hashlimit-dstmask NUMBER``: The length of the prefix of destination addresses that counts."""
    @property
    def rate_match(self) -> builtins.bool:
        """``--hashlimit-rate-match``: Compare the rate itself instead of keeping tokens."""
    @property
    def rate_interval(self) -> builtins.int | None:
        """``--hashlimit-rate-interval NUMBER``: Over how many seconds the rate is measured."""

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
        """``--icmp-type NAME|TYPE[/CODE]``: The type: a name as listed by `-p icmp -h`, or `TYPE[/CODE]` in numbers."""

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
        """``--icmpv6-type NAME|TYPE[/CODE]``: The type: a name as listed by `-p ipv6-icmp -h`, or `TYPE[/CODE]` in numbers."""

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
        """``--limit COUNT[/second|/minute|/hour|/day]``: The rate at which the bucket is refilled."""
    @property
    def burst(self) -> builtins.int | None:
        """``--limit-burst NUMBER``: The number of packets that match before the rate applies."""

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
        """``--mac-source XX:XX:XX:XX:XX:XX``: The address."""

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
        """``--mark VALUE[/MASK]``: The mark; with a mask, only these bits are compared."""

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
        """``--sports PORT[:PORT][,...]``: The source ports."""
    @property
    def dports(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """``--dports PORT[:PORT][,...]``: The destination ports."""
    @property
    def ports(self) -> builtins.list[builtins.str] | Not[builtins.list[builtins.str]] | None:
        """``--ports PORT[:PORT][,...]``: The ports of which either must be one."""

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
        """``--dir in|out``: Which policy is meant."""
    @property
    def pol(self) -> builtins.str | None:
        """``--pol none|ipsec``: Whether IPsec applies; `ipsec` unless given."""
    @property
    def strict(self) -> builtins.bool:
        """``--strict``: The policy must have exactly these elements; otherwise the one given must be among them."""
    @property
    def reqid(self) -> builtins.list[builtins.int | Not[builtins.int]]:
        """``--reqid NUMBER``: The request id of the element."""
    @property
    def spi(self) -> builtins.list[builtins.int | Not[builtins.int]]:
        """``--spi NUMBER``: The security parameter index of the element."""
    @property
    def proto(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """``--proto PROTOCOL``: The protocol of the element: AH, ESP or IPComp."""
    @property
    def mode(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """``--mode transport|tunnel``: The mode of the element."""
    @property
    def tunnel_dst(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """``--tunnel-dst ADDRESS[/MASK]``: The destination of the element's tunnel."""
    @property
    def tunnel_src(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """``--tunnel-src ADDRESS[/MASK]``: The source of the element's tunnel."""
    @property
    def next(self) -> builtins.list[builtins.bool]:
        """``--next``: Begins the next element."""

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
        """``--set``: Put the address on the list; matches always."""
    @property
    def rcheck(self) -> builtins.bool | None:
        """``--rcheck``: Match if the address is on the list."""
    @property
    def update(self) -> builtins.bool | None:
        """``--update``: Match if the address is on the list, and note that it was seen now."""
    @property
    def remove(self) -> builtins.bool | None:
        """``--remove``: Match if the address is on the list, and take it off."""
    @property
    def seconds(self) -> builtins.int | None:
        """``--seconds NUMBER``: Only if it was seen within so many seconds."""
    @property
    def reap(self) -> builtins.bool:
        """``--reap``: Take off what was not seen within that time."""
    @property
    def hitcount(self) -> builtins.int | None:
        """``--hitcount NUMBER``: Only if it was seen at least so often."""
    @property
    def rttl(self) -> builtins.bool:
        """``--rttl``: Only if it was seen with the TTL of this packet."""
    @property
    def name(self) -> builtins.str | None:
        """``--name TEXT``: The list."""
    @property
    def mask(self) -> builtins.str | None:
        """``--mask ADDRESS``: The bits of the address that count; all of them unless given."""
    @property
    def rsource(self) -> builtins.bool:
        """``--rsource``: The source address is meant, as it is unless the other is asked for."""
    @property
    def rdest(self) -> builtins.bool:
        """``--rdest``: The destination address is meant."""

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
        """``--match-set NAME src|dst[,...]``: The set, and a side of the packet for each part of its entries."""
    @property
    def return_nomatch(self) -> builtins.bool:
        """``--return-nomatch``: Do not match entries that are marked `nomatch`."""
    @property
    def update_counters(self) -> builtins.bool | None:
        """``--update-counters``: With `!`, leave the counters of the entry alone."""
    @property
    def update_subcounters(self) -> builtins.bool | None:
        """``--update-subcounters``: With `!`, leave the counters of entries in sets of a list alone."""
    @property
    def packets_eq(self) -> builtins.int | Not[builtins.int] | None:
        """``--packets-eq NUMBER``: The entry has seen so many packets."""
    @property
    def packets_lt(self) -> builtins.int | None:
        """``--packets-lt NUMBER``: The entry has seen fewer packets."""
    @property
    def packets_gt(self) -> builtins.int | None:
        """``--packets-gt NUMBER``: The entry has seen more packets."""
    @property
    def bytes_eq(self) -> builtins.int | Not[builtins.int] | None:
        """``--bytes-eq NUMBER``: The entry has seen so many bytes."""
    @property
    def bytes_lt(self) -> builtins.int | None:
        """``--bytes-lt NUMBER``: The entry has seen fewer bytes."""
    @property
    def bytes_gt(self) -> builtins.int | None:
        """``--bytes-gt NUMBER``: The entry has seen more bytes."""

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
        """``--state STATE[,...]``: The state of the connection."""

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
        """``--mode MODE``: How packets are picked."""
    @property
    def probability(self) -> builtins.str | Not[builtins.str] | None:
        """``--probability 0.0-1.0``: The probability that a packet matches; mode `random`."""
    @property
    def every(self) -> builtins.int | Not[builtins.int] | None:
        """``--every NUMBER``: One packet of how many matches; mode `nth`."""
    @property
    def packet(self) -> builtins.int | None:
        """``--packet NUMBER``: Which packet of these it is, counted from 0; mode `nth`."""

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
        """``--sport PORT[:PORT]``: The source port, or a range of ports."""
    @property
    def dport(self) -> builtins.str | Not[builtins.str] | None:
        """``--dport PORT[:PORT]``: The destination port, or a range of ports."""
    @property
    def option(self) -> builtins.int | Not[builtins.int] | None:
        """``--tcp-option NUMBER``: The number of a TCP option that must be there, 1 to 255."""
    @property
    def flags(self) -> builtins.str | Not[builtins.str] | None:
        """``--tcp-flags MASK SET``: The flags to look at, and those of them that must be set."""
    @property
    def syn(self) -> builtins.bool | None:
        """``--syn``: The first packet of a connection: short for `--tcp-flags FIN,SYN,RST,ACK SYN`."""

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
        """``--u32 TESTS``: The tests, such as `0>>22&0x3C@0>>24=8` for an ICMP echo request."""

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
        """``--sport PORT[:PORT]``: The source port, or a range of ports."""
    @property
    def dport(self) -> builtins.str | Not[builtins.str] | None:
        """``--dport PORT[:PORT]``: The destination port, or a range of ports."""
