# Made by bindings/python/stubs.py; do not edit.
import builtins
import datetime
from collections.abc import Sequence
from typing import final

from ._parts import Match as Match
from ._parts import Known
from ._parts import OpaqueMatch as Opaque
from ._values import AddressRange, Masked, NatRange, Not, PortRange, Range, Rate
from ._values import Any_ as _Any
from .typing import Address, Host, Hosts, Integer, List, Network, Pair, Span, Speed, Text

__all__ = ['Match', 'Opaque', 'Addrtype', 'Ah', 'Arp', 'Bpf', 'Cgroup', 'Cluster', 'Comment', 'Connbytes', 'Connlabel', 'Connlimit', 'Connmark', 'Conntrack', 'Cpu', 'Dccp', 'Devgroup', 'Dscp', 'Dst', 'Ecn', 'Esp', 'Eui64', 'Frag', 'Hashlimit', 'Hbh', 'Helper', 'Hl', 'Icmp6', 'Icmp', 'Ipcomp', 'Iprange', 'Ipv6header', 'Ipvs', 'L2tp', 'Length', 'Limit', 'Mac', 'Mark', 'Mh', 'Multiport', 'Nfacct', 'Osf', 'Owner', 'Physdev', 'Pkttype', 'PolicyMatch', 'Quota', 'Rateest', 'Realm', 'Recent', 'Rpfilter', 'Rt', 'Sctp', 'Set', 'Socket', 'Srh', 'State', 'Statistic', 'StringMatch', 'Tcp', 'Tcpmss', 'Time', 'Tos', 'Ttl', 'U32', 'Udp', 'Udplite']

@final
class Addrtype(Known, Match):
    """Matches packets by the kind of their addresses, as the routing table sees them.

    Example::

        libfw.Rule('-m addrtype --dst-type LOCAL -j ACCEPT')
    """

    def __init__(
        self,
        *,
        src_type: List | Not[List] | _Any = ...,
        dst_type: List | Not[List] | _Any = ...,
        limit_iface_in: builtins.bool | _Any = ...,
        limit_iface_out: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def src_type(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """``--src-type TYPE[,...]``: The kinds of the source address."""
    @property
    def dst_type(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """``--dst-type TYPE[,...]``: The kinds of the destination address."""
    @property
    def limit_iface_in(self) -> builtins.bool:
        """``--limit-iface-in``: Look only at the interface the packet came in by."""
    @property
    def limit_iface_out(self) -> builtins.bool:
        """``--limit-iface-out``: Look only at the interface the packet goes out by."""
    @property
    def name(self) -> builtins.str: ...

@final
class Ah(Known, Match):
    """Matches the Authentication Header of IPsec.

    For IPv4 the rule must say `-p ah`; for IPv6 the header is looked for among the extension headers.

    Examples::

        libfw.Rule('-p ah -m ah --ahspi 500:600 -j ACCEPT')
        libfw.Rule('-p ah -m ah ! --ahspi 500 -j DROP')
    """

    def __init__(
        self,
        *,
        spi: Text | Not[Text] | _Any = ...,
        length: Integer | Not[Integer] | _Any = ...,
        reserved: builtins.bool | _Any = ...,
        ahspi: Text | Not[Text] | _Any = ...,
        ahlen: Integer | Not[Integer] | _Any = ...,
        ahres: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def spi(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--ahspi MIN[:MAX]``: The Security Parameter Index, or a range of them."""
    @property
    def length(self) -> builtins.int | Not[builtins.int] | None:
        """``--ahlen NUMBER``: The length of the header in bytes."""
    @property
    def reserved(self) -> builtins.bool:
        """``--ahres``: The reserved field must be zero."""
    @property
    def ahspi(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """The same as `spi`, by the name that iptables has for it."""
    @property
    def ahlen(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `length`, by the name that iptables has for it."""
    @property
    def ahres(self) -> builtins.bool:
        """The same as `reserved`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Arp(Known, Match):
    """What is asked of an ARP packet beside its IP addresses. Each rule for ARP has this match, and asks for Ethernet where it is
    not told otherwise.

    Example::

        libfw.Rule('--opcode Request -j DROP', family='arp')
    """

    def __init__(
        self,
        *,
        source_mac: Text | Not[Text] | _Any = ...,
        destination_mac: Text | Not[Text] | _Any = ...,
        h_length: Text | Not[Text] | _Any = ...,
        opcode: Text | Not[Text] | _Any = ...,
        h_type: Text | Not[Text] | _Any = ...,
        proto_type: Text | Not[Text] | _Any = ...,
        src_mac: Text | Not[Text] | _Any = ...,
        dst_mac: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def source_mac(self) -> builtins.str | Not[builtins.str] | None:
        """``--src-mac XX:XX:XX:XX:XX:XX[/MASK]``: The hardware address of the sender; `Unicast`, `Multicast` and `Broadcast` stand for such addresses."""
    @property
    def destination_mac(self) -> builtins.str | Not[builtins.str] | None:
        """``--dst-mac XX:XX:XX:XX:XX:XX[/MASK]``: The hardware address that is looked for, or answered to."""
    @property
    def h_length(self) -> Masked | Not[Masked] | None:
        """``--h-length LENGTH[/MASK]``: The length of hardware addresses in bytes."""
    @property
    def opcode(self) -> builtins.int | Not[builtins.int] | None:
        """``--opcode CODE``: What the packet asks or answers."""
    @property
    def h_type(self) -> Masked | Not[Masked] | None:
        """``--h-type HEX[/MASK]``: The kind of hardware; 0 for any."""
    @property
    def proto_type(self) -> Masked | Not[Masked] | None:
        """``--proto-type TYPE[/MASK]``: The protocol of the addresses that are looked for."""
    @property
    def src_mac(self) -> builtins.str | Not[builtins.str] | None:
        """The same as `source_mac`, by the name that iptables has for it."""
    @property
    def dst_mac(self) -> builtins.str | Not[builtins.str] | None:
        """The same as `destination_mac`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Bpf(Known, Match):
    """Matches packets for which a BPF program returns anything but zero.

    The program sees the packet from its IP header on. One of the options must be given.

    Example::

        libfw.Rule('-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0" -j ACCEPT')
    """

    def __init__(
        self,
        *,
        bytecode: Text | _Any = ...,
        object_pinned: Text | _Any = ...,
    ) -> None: ...
    @property
    def bytecode(self) -> builtins.str | None:
        """``--bytecode COUNT,CODE JT JF K[,...]``: A classic BPF program."""
    @property
    def object_pinned(self) -> builtins.str | None:
        """``--object-pinned TEXT``: The path at which a BPF program of the type socket filter is pinned. It must exist when the rule is loaded."""
    @property
    def name(self) -> builtins.str: ...

@final
class Cgroup(Known, Match):
    """Matches packets by the control group of the process whose socket they belong to.

    One of `--path` and `--cgroup` must be given.

    Example::

        libfw.Rule('-m cgroup --path system.slice/sshd.service -j ACCEPT')
    """

    def __init__(
        self,
        *,
        path: Text | Not[Text] | _Any = ...,
        cgroup: Integer | Not[Integer] | _Any = ...,
    ) -> None: ...
    @property
    def path(self) -> builtins.str | Not[builtins.str] | None:
        """``--path TEXT``: The group in the unified hierarchy, version 2; groups below it match too. It must exist when the rule is
        loaded.
        """
    @property
    def cgroup(self) -> builtins.int | Not[builtins.int] | None:
        """``--cgroup NUMBER``: The class of the `net_cls` controller, version 1."""
    @property
    def name(self) -> builtins.str: ...

@final
class Cluster(Known, Match):
    """Matches the connections that a node of a cluster serves, when all nodes see all packets.

    The connection's source address says which of the nodes it belongs to; it needs the connection tracking.

    Example::

        libfw.Rule('-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef -j MARK --set-mark 1')
    """

    def __init__(
        self,
        *,
        local_nodemask: Integer | Not[Integer] | _Any = ...,
        total_nodes: Integer | _Any = ...,
        hash_seed: Integer | _Any = ...,
        local_node: Integer | Not[Integer] | _Any = ...,
        cluster_local_nodemask: Integer | Not[Integer] | _Any = ...,
        cluster_total_nodes: Integer | _Any = ...,
        cluster_hash_seed: Integer | _Any = ...,
        cluster_local_node: Integer | Not[Integer] | _Any = ...,
    ) -> None: ...
    @property
    def local_nodemask(self) -> builtins.int | Not[builtins.int] | None:
        """``--cluster-local-nodemask NUMBER``: The nodes meant, as bits: the first is 1, the second 2, the third 4."""
    @property
    def total_nodes(self) -> builtins.int | None:
        """``--cluster-total-nodes NUMBER``: The number of nodes, at most 32."""
    @property
    def hash_seed(self) -> builtins.int | None:
        """``--cluster-hash-seed NUMBER``: The seed of the hash, which must be the same on all nodes."""
    @property
    def local_node(self) -> builtins.int | Not[builtins.int] | None:
        """``--cluster-local-node NUMBER``: The node meant, counted from 1."""
    @property
    def cluster_local_nodemask(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `local_nodemask`, by the name that iptables has for it."""
    @property
    def cluster_total_nodes(self) -> builtins.int | None:
        """The same as `total_nodes`, by the name that iptables has for it."""
    @property
    def cluster_hash_seed(self) -> builtins.int | None:
        """The same as `hash_seed`, by the name that iptables has for it."""
    @property
    def cluster_local_node(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `local_node`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Comment(Known, Match):
    """Matches always; carries a note about the rule.

    Example::

        libfw.Rule('-s 10.0.0.0/8 -m comment --comment "the office" -j ACCEPT')
    """

    def __init__(
        self,
        *,
        comment: Text | _Any = ...,
    ) -> None: ...
    @property
    def comment(self) -> builtins.str | None:
        """``--comment TEXT``: The note, at most 255 bytes."""
    @property
    def name(self) -> builtins.str: ...

@final
class Connbytes(Known, Match):
    """Matches packets by what their connection has transferred so far.

    It needs the connection tracking's counters, `net.netfilter.nf_conntrack_acct`, which the kernel turns on with
    the first such rule; connections that exist then are not counted.

    Examples::

        libfw.Rule('-m connbytes --connbytes 10000:100000 --connbytes-dir both --connbytes-mode bytes -j DROP')
        libfw.Rule('-m connbytes --connbytes 100 --connbytes-dir original --connbytes-mode packets -j ACCEPT')
    """

    def __init__(
        self,
        *,
        connbytes: Span | Not[Span] | _Any = ...,
        dir: Text | _Any = ...,
        mode: Text | _Any = ...,
        connbytes_dir: Text | _Any = ...,
        connbytes_mode: Text | _Any = ...,
    ) -> None: ...
    @property
    def connbytes(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--connbytes FROM[:TO]``: The range of counts."""
    @property
    def dir(self) -> builtins.str | None:
        """``--connbytes-dir NAME``: Whose packets are counted."""
    @property
    def mode(self) -> builtins.str | None:
        """``--connbytes-mode NAME``: What is compared: packets, bytes, or bytes per packet."""
    @property
    def connbytes_dir(self) -> builtins.str | None:
        """The same as `dir`, by the name that iptables has for it."""
    @property
    def connbytes_mode(self) -> builtins.str | None:
        """The same as `mode`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Connlabel(Known, Match):
    """Matches packets whose connection has a label, and sets labels.

    Example::

        libfw.Rule('-m connlabel --label 5 --set')
    """

    def __init__(
        self,
        *,
        label: Text | Not[Text] | _Any = ...,
        set: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def label(self) -> builtins.int | builtins.str | Not[builtins.int | builtins.str] | None:
        """``--label LABEL``: The label."""
    @property
    def set(self) -> builtins.bool:
        """``--set``: Give the label to the connection first; the match fails only where that is not possible."""
    @property
    def name(self) -> builtins.str: ...

@final
class Connlimit(Known, Match):
    """Matches by the number of connections that an address has, or a network of addresses.

    The packet of a new connection is counted in. One of `--connlimit-upto` and `--connlimit-above` must be given.

    Examples::

        libfw.Rule('-p tcp --syn --dport 23 -m connlimit --connlimit-above 2 -j REJECT')
        libfw.Rule('-p tcp --dport 80 -m connlimit --connlimit-upto 50 --connlimit-mask 24 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        upto: Integer | Not[Integer] | _Any = ...,
        above: Integer | Not[Integer] | _Any = ...,
        mask: Text | _Any = ...,
        saddr: builtins.bool | _Any = ...,
        daddr: builtins.bool | _Any = ...,
        connlimit_upto: Integer | Not[Integer] | _Any = ...,
        connlimit_above: Integer | Not[Integer] | _Any = ...,
        connlimit_mask: Text | _Any = ...,
        connlimit_saddr: builtins.bool | _Any = ...,
        connlimit_daddr: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def upto(self) -> builtins.int | Not[builtins.int] | None:
        """``--connlimit-upto NUMBER``: At most so many connections."""
    @property
    def above(self) -> builtins.int | Not[builtins.int] | None:
        """``--connlimit-above NUMBER``: More than so many connections; the same as `! --connlimit-upto`."""
    @property
    def mask(self) -> builtins.int | Address | None:
        """``--connlimit-mask PREFIX|MASK``: The part of the address by which connections are grouped; all of it unless given."""
    @property
    def saddr(self) -> builtins.bool:
        """``--connlimit-saddr``: Count the connections of the source address, as it does unless the other is asked for."""
    @property
    def daddr(self) -> builtins.bool:
        """``--connlimit-daddr``: Count the connections of the destination address."""
    @property
    def connlimit_upto(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `upto`, by the name that iptables has for it."""
    @property
    def connlimit_above(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `above`, by the name that iptables has for it."""
    @property
    def connlimit_mask(self) -> builtins.int | Address | None:
        """The same as `mask`, by the name that iptables has for it."""
    @property
    def connlimit_saddr(self) -> builtins.bool:
        """The same as `saddr`, by the name that iptables has for it."""
    @property
    def connlimit_daddr(self) -> builtins.bool:
        """The same as `daddr`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Connmark(Known, Match):
    """Matches packets by the mark of their connection, which the target CONNMARK sets.

    Example::

        libfw.Rule('-m connmark --mark 0x1/0xff -j ACCEPT')
    """

    def __init__(
        self,
        *,
        mark: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def mark(self) -> builtins.int | Masked | Not[builtins.int | Masked] | None:
        """``--mark VALUE[/MASK]``: The mark; with a mask, only these bits are compared."""
    @property
    def name(self) -> builtins.str: ...

@final
class Conntrack(Known, Match):
    """Matches packets by what is known of their connection.

    Examples::

        libfw.Rule('-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT')
        libfw.Rule('-m conntrack --ctstate NEW --ctorigsrc 10.1.2.3 --ctorigdstport 80 -j ACCEPT')
        libfw.Rule('-m conntrack --ctstate DNAT --ctproto tcp --ctexpire 0:60 -j LOG')
    """

    def __init__(
        self,
        *,
        state: List | Not[List] | _Any = ...,
        proto: Text | Not[Text] | _Any = ...,
        orig_src: Hosts | Not[Hosts] | _Any = ...,
        orig_dst: Hosts | Not[Hosts] | _Any = ...,
        repl_src: Hosts | Not[Hosts] | _Any = ...,
        repl_dst: Hosts | Not[Hosts] | _Any = ...,
        orig_src_port: Span | Not[Span] | _Any = ...,
        orig_dst_port: Span | Not[Span] | _Any = ...,
        repl_src_port: Span | Not[Span] | _Any = ...,
        repl_dst_port: Span | Not[Span] | _Any = ...,
        status: List | Not[List] | _Any = ...,
        expire: Text | Not[Text] | _Any = ...,
        dir: Text | _Any = ...,
        ctstate: List | Not[List] | _Any = ...,
        ctproto: Text | Not[Text] | _Any = ...,
        ctorigsrc: Hosts | Not[Hosts] | _Any = ...,
        ctorigdst: Hosts | Not[Hosts] | _Any = ...,
        ctreplsrc: Hosts | Not[Hosts] | _Any = ...,
        ctrepldst: Hosts | Not[Hosts] | _Any = ...,
        ctorigsrcport: Span | Not[Span] | _Any = ...,
        ctorigdstport: Span | Not[Span] | _Any = ...,
        ctreplsrcport: Span | Not[Span] | _Any = ...,
        ctrepldstport: Span | Not[Span] | _Any = ...,
        ctstatus: List | Not[List] | _Any = ...,
        ctexpire: Text | Not[Text] | _Any = ...,
        ctdir: Text | _Any = ...,
    ) -> None: ...
    @property
    def state(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """``--ctstate STATE[,...]``: The state of the connection."""
    @property
    def proto(self) -> builtins.int | builtins.str | Not[builtins.int | builtins.str] | None:
        """``--ctproto PROTOCOL``: The protocol of the connection."""
    @property
    def orig_src(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """``--ctorigsrc ADDRESS[/MASK]``: The source address of the first packet."""
    @property
    def orig_dst(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """``--ctorigdst ADDRESS[/MASK]``: The destination address of the first packet."""
    @property
    def repl_src(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """``--ctreplsrc ADDRESS[/MASK]``: The source address of replies."""
    @property
    def repl_dst(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """``--ctrepldst ADDRESS[/MASK]``: The destination address of replies."""
    @property
    def orig_src_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--ctorigsrcport PORT[:PORT]``: The source port of the first packet."""
    @property
    def orig_dst_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--ctorigdstport PORT[:PORT]``: The destination port of the first packet."""
    @property
    def repl_src_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--ctreplsrcport PORT[:PORT]``: The source port of replies."""
    @property
    def repl_dst_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--ctrepldstport PORT[:PORT]``: The destination port of replies."""
    @property
    def status(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """``--ctstatus STATUS[,...]``: What has happened to the connection."""
    @property
    def expire(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--ctexpire MIN[:MAX]``: The seconds until the connection is forgotten."""
    @property
    def dir(self) -> builtins.str | None:
        """``--ctdir ORIGINAL|REPLY``: The direction of the packet."""
    @property
    def ctstate(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """The same as `state`, by the name that iptables has for it."""
    @property
    def ctproto(self) -> builtins.int | builtins.str | Not[builtins.int | builtins.str] | None:
        """The same as `proto`, by the name that iptables has for it."""
    @property
    def ctorigsrc(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """The same as `orig_src`, by the name that iptables has for it."""
    @property
    def ctorigdst(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """The same as `orig_dst`, by the name that iptables has for it."""
    @property
    def ctreplsrc(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """The same as `repl_src`, by the name that iptables has for it."""
    @property
    def ctrepldst(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """The same as `repl_dst`, by the name that iptables has for it."""
    @property
    def ctorigsrcport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `orig_src_port`, by the name that iptables has for it."""
    @property
    def ctorigdstport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `orig_dst_port`, by the name that iptables has for it."""
    @property
    def ctreplsrcport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `repl_src_port`, by the name that iptables has for it."""
    @property
    def ctrepldstport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `repl_dst_port`, by the name that iptables has for it."""
    @property
    def ctstatus(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """The same as `status`, by the name that iptables has for it."""
    @property
    def ctexpire(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """The same as `expire`, by the name that iptables has for it."""
    @property
    def ctdir(self) -> builtins.str | None:
        """The same as `dir`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Cpu(Known, Match):
    """Matches packets by the processor that handles them.

    Example::

        libfw.Rule('-p tcp --dport 80 -m cpu --cpu 0 -j REDIRECT --to-ports 8080')
    """

    def __init__(
        self,
        *,
        cpu: Integer | Not[Integer] | _Any = ...,
    ) -> None: ...
    @property
    def cpu(self) -> builtins.int | Not[builtins.int] | None:
        """``--cpu NUMBER``: The processor, counted from 0."""
    @property
    def name(self) -> builtins.str: ...

@final
class Dccp(Known, Match):
    """Matches DCCP packets by ports, packet type and options.

    Example::

        libfw.Rule('-p dccp -m dccp --dport 5000 --dccp-types REQUEST -j ACCEPT')
    """

    def __init__(
        self,
        *,
        sport: Span | Not[Span] | _Any = ...,
        dport: Span | Not[Span] | _Any = ...,
        dccp_types: List | Not[List] | _Any = ...,
        dccp_option: Integer | Not[Integer] | _Any = ...,
        source_port: Span | Not[Span] | _Any = ...,
        destination_port: Span | Not[Span] | _Any = ...,
    ) -> None: ...
    @property
    def sport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--sport PORT[:PORT]``: The source port, or a range of ports."""
    @property
    def dport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--dport PORT[:PORT]``: The destination port, or a range of ports."""
    @property
    def dccp_types(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """``--dccp-types TYPE[,...]``: The packet is of one of these types."""
    @property
    def dccp_option(self) -> builtins.int | Not[builtins.int] | None:
        """``--dccp-option NUMBER``: The packet has the option of this number."""
    @property
    def source_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `sport`, by the name that iptables has for it."""
    @property
    def destination_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `dport`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Devgroup(Known, Match):
    """Matches packets by the groups of the network devices they come in and go out by.

    Example::

        libfw.Rule('-m devgroup --src-group 0x1/0xff -j ACCEPT')
    """

    def __init__(
        self,
        *,
        src_group: Text | Not[Text] | _Any = ...,
        dst_group: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def src_group(self) -> builtins.int | Masked | Not[builtins.int | Masked] | None:
        """``--src-group VALUE[/MASK]|NAME``: The group of the incoming device; with a mask, only these bits are compared."""
    @property
    def dst_group(self) -> builtins.int | Masked | Not[builtins.int | Masked] | None:
        """``--dst-group VALUE[/MASK]|NAME``: The group of the outgoing device; with a mask, only these bits are compared."""
    @property
    def name(self) -> builtins.str: ...

@final
class Dscp(Known, Match):
    """Matches packets by their codepoint of differentiated services, the upper six bits of the type of service or
    traffic class.

    Example::

        libfw.Rule('-m dscp --dscp-class EF -j ACCEPT')
    """

    def __init__(
        self,
        *,
        dscp: Integer | Not[Integer] | _Any = ...,
        dscp_class: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def dscp(self) -> builtins.int | Not[builtins.int] | None:
        """``--dscp CODEPOINT``: The codepoint."""
    @property
    def dscp_class(self) -> builtins.str | Not[builtins.str] | None:
        """``--dscp-class CLASS``: The codepoint by the name of its class."""
    @property
    def name(self) -> builtins.str: ...

@final
class Dst(Known, Match):
    """Matches packets with a header of options for the destination.

    Example::

        libfw.Rule('-m dst --dst-opts 1:2,5 -j DROP', family='ipv6')
    """

    def __init__(
        self,
        *,
        dst_len: Integer | Not[Integer] | _Any = ...,
        dst_opts: List | _Any = ...,
    ) -> None: ...
    @property
    def dst_len(self) -> builtins.int | Not[builtins.int] | None:
        """``--dst-len NUMBER``: The length of the header in bytes."""
    @property
    def dst_opts(self) -> frozenset[builtins.str] | builtins.list[builtins.int] | builtins.str | None:
        """``--dst-opts TYPE[:LENGTH][,...]``: The options that the header must have, in this order."""
    @property
    def name(self) -> builtins.str: ...

@final
class Ecn(Known, Match):
    """Matches packets by the bits of explicit congestion notification in the IP and TCP headers.

    Example::

        libfw.Rule('-p tcp -m ecn --ecn-tcp-ece -j ACCEPT')
    """

    def __init__(
        self,
        *,
        tcp_ece: builtins.bool | Not[builtins.bool] | _Any = ...,
        tcp_cwr: builtins.bool | Not[builtins.bool] | _Any = ...,
        ip_ect: Integer | Not[Integer] | _Any = ...,
        ecn_tcp_ece: builtins.bool | Not[builtins.bool] | _Any = ...,
        ecn_tcp_cwr: builtins.bool | Not[builtins.bool] | _Any = ...,
        ecn_ip_ect: Integer | Not[Integer] | _Any = ...,
    ) -> None: ...
    @property
    def tcp_ece(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--ecn-tcp-ece``: The TCP header has the bit ECE, ECN-Echo: the receiver got a packet with `Ce`. Only for TCP."""
    @property
    def tcp_cwr(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--ecn-tcp-cwr``: The TCP header has the bit CWR, congestion window reduced. Only for TCP."""
    @property
    def ip_ect(self) -> builtins.int | Not[builtins.int] | None:
        """``--ecn-ip-ect 0..3``: The codepoint in the IP header."""
    @property
    def ecn_tcp_ece(self) -> builtins.bool | Not[builtins.bool] | None:
        """The same as `tcp_ece`, by the name that iptables has for it."""
    @property
    def ecn_tcp_cwr(self) -> builtins.bool | Not[builtins.bool] | None:
        """The same as `tcp_cwr`, by the name that iptables has for it."""
    @property
    def ecn_ip_ect(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `ip_ect`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Esp(Known, Match):
    """Matches ESP packets, encrypted by IPsec, by their security parameter index.

    Example::

        libfw.Rule('-p esp -m esp --espspi 500:600 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        espspi: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def espspi(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--espspi MIN[:MAX]``: The index, or a range of them."""
    @property
    def name(self) -> builtins.str: ...

@final
class Eui64(Known, Match):
    """Matches packets whose IPv6 source address ends in the EUI-64 identifier made from their MAC source address.

    Example::

        libfw.Rule('-m eui64 -j ACCEPT', family='ipv6')
    """

    def __init__(self) -> None: ...
    @property
    def name(self) -> builtins.str: ...

@final
class Frag(Known, Match):
    """Matches fragments.

    Example::

        libfw.Rule('-m frag --fragid 1:5 --fragfirst -j DROP', family='ipv6')
    """

    def __init__(
        self,
        *,
        fragid: Text | Not[Text] | _Any = ...,
        fraglen: Integer | Not[Integer] | _Any = ...,
        fragres: builtins.bool | _Any = ...,
        fragfirst: builtins.bool | _Any = ...,
        fragmore: builtins.bool | _Any = ...,
        fraglast: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def fragid(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--fragid MIN[:MAX]``: The identification of the fragmented packet, or a range."""
    @property
    def fraglen(self) -> builtins.int | Not[builtins.int] | None:
        """``--fraglen NUMBER``: The length of the header in bytes. Kernels since 2.6.30 do not compare it: it is always 8."""
    @property
    def fragres(self) -> builtins.bool:
        """``--fragres``: The reserved bits are not zero."""
    @property
    def fragfirst(self) -> builtins.bool:
        """``--fragfirst``: The first fragment."""
    @property
    def fragmore(self) -> builtins.bool:
        """``--fragmore``: Not the last fragment."""
    @property
    def fraglast(self) -> builtins.bool:
        """``--fraglast``: The last fragment."""
    @property
    def name(self) -> builtins.str: ...

@final
class Hashlimit(Known, Match):
    """Matches at a rate that is limited for each address or port on its own.

    Examples::

        libfw.Rule('-p tcp --dport 22 -m hashlimit --hashlimit-upto 10/min --hashlimit-mode srcip --hashlimit-name ssh -j ACCEPT')
        libfw.Rule('-m hashlimit --hashlimit-above 512kb/s --hashlimit-burst 1mb --hashlimit-name web -j DROP')
    """

    def __init__(
        self,
        *,
        upto: Speed | Not[Speed] | _Any = ...,
        above: Speed | Not[Speed] | _Any = ...,
        burst: Text | _Any = ...,
        mode: List | _Any = ...,
        name: Text | _Any = ...,
        htable_size: Integer | _Any = ...,
        htable_max: Integer | _Any = ...,
        htable_gcinterval: Integer | _Any = ...,
        htable_expire: Integer | _Any = ...,
        srcmask: Integer | _Any = ...,
        dstmask: Integer | _Any = ...,
        rate_match: builtins.bool | _Any = ...,
        rate_interval: Integer | _Any = ...,
        hashlimit_upto: Speed | Not[Speed] | _Any = ...,
        hashlimit: Speed | Not[Speed] | _Any = ...,
        hashlimit_above: Speed | Not[Speed] | _Any = ...,
        hashlimit_burst: Text | _Any = ...,
        hashlimit_mode: List | _Any = ...,
        hashlimit_name: Text | _Any = ...,
        hashlimit_htable_size: Integer | _Any = ...,
        hashlimit_htable_max: Integer | _Any = ...,
        hashlimit_htable_gcinterval: Integer | _Any = ...,
        hashlimit_htable_expire: Integer | _Any = ...,
        hashlimit_srcmask: Integer | _Any = ...,
        hashlimit_dstmask: Integer | _Any = ...,
        hashlimit_rate_match: builtins.bool | _Any = ...,
        hashlimit_rate_interval: Integer | _Any = ...,
    ) -> None: ...
    @property
    def upto(self) -> Rate | Not[Rate] | None:
        """``--hashlimit-upto COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s``: Match while the rate is not above this."""
    @property
    def above(self) -> Rate | Not[Rate] | None:
        """``--hashlimit-above COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s``: Match while the rate is above this."""
    @property
    def burst(self) -> builtins.int | builtins.str | None:
        """``--hashlimit-burst PACKETS|BYTES[kb|mb]``: How much may come before the rate applies; 5 packets unless given."""
    @property
    def mode(self) -> frozenset[builtins.str] | None:
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
    def srcmask(self) -> builtins.int | Address | Network | builtins.str | None:
        """``--hashlimit-srcmask LENGTH|MASK``: The length of the prefix of source addresses that counts."""
    @property
    def dstmask(self) -> builtins.int | Address | Network | builtins.str | None:
        """``--hashlimit-dstmask LENGTH|MASK``: The length of the prefix of destination addresses that counts."""
    @property
    def rate_match(self) -> builtins.bool:
        """``--hashlimit-rate-match``: Compare the rate itself instead of keeping tokens."""
    @property
    def rate_interval(self) -> builtins.int | datetime.timedelta | None:
        """``--hashlimit-rate-interval SECONDS``: Over how many seconds the rate is measured."""
    @property
    def hashlimit_upto(self) -> Rate | Not[Rate] | None:
        """The same as `upto`, by the name that iptables has for it."""
    @property
    def hashlimit(self) -> Rate | Not[Rate] | None:
        """The same as `upto`, by the name that iptables has for it."""
    @property
    def hashlimit_above(self) -> Rate | Not[Rate] | None:
        """The same as `above`, by the name that iptables has for it."""
    @property
    def hashlimit_burst(self) -> builtins.int | builtins.str | None:
        """The same as `burst`, by the name that iptables has for it."""
    @property
    def hashlimit_mode(self) -> frozenset[builtins.str] | None:
        """The same as `mode`, by the name that iptables has for it."""
    @property
    def hashlimit_name(self) -> builtins.str | None:
        """The same as `name`, by the name that iptables has for it."""
    @property
    def hashlimit_htable_size(self) -> builtins.int | None:
        """The same as `htable_size`, by the name that iptables has for it."""
    @property
    def hashlimit_htable_max(self) -> builtins.int | None:
        """The same as `htable_max`, by the name that iptables has for it."""
    @property
    def hashlimit_htable_gcinterval(self) -> builtins.int | None:
        """The same as `htable_gcinterval`, by the name that iptables has for it."""
    @property
    def hashlimit_htable_expire(self) -> builtins.int | None:
        """The same as `htable_expire`, by the name that iptables has for it."""
    @property
    def hashlimit_srcmask(self) -> builtins.int | Address | Network | builtins.str | None:
        """The same as `srcmask`, by the name that iptables has for it."""
    @property
    def hashlimit_dstmask(self) -> builtins.int | Address | Network | builtins.str | None:
        """The same as `dstmask`, by the name that iptables has for it."""
    @property
    def hashlimit_rate_match(self) -> builtins.bool:
        """The same as `rate_match`, by the name that iptables has for it."""
    @property
    def hashlimit_rate_interval(self) -> builtins.int | datetime.timedelta | None:
        """The same as `rate_interval`, by the name that iptables has for it."""

@final
class Hbh(Known, Match):
    """Matches packets with a header of options for every hop.

    Example::

        libfw.Rule('-m hbh --hbh-opts 5 -j ACCEPT', family='ipv6')
    """

    def __init__(
        self,
        *,
        hbh_len: Integer | Not[Integer] | _Any = ...,
        hbh_opts: List | _Any = ...,
    ) -> None: ...
    @property
    def hbh_len(self) -> builtins.int | Not[builtins.int] | None:
        """``--hbh-len NUMBER``: The length of the header in bytes."""
    @property
    def hbh_opts(self) -> frozenset[builtins.str] | builtins.list[builtins.int] | builtins.str | None:
        """``--hbh-opts TYPE[:LENGTH][,...]``: The options that the header must have, in this order."""
    @property
    def name(self) -> builtins.str: ...

@final
class Helper(Known, Match):
    """Matches packets of connections that a conntrack helper expects or has taken.

    Example::

        libfw.Rule('-m helper --helper ftp-2121 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        helper: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def helper(self) -> builtins.str | Not[builtins.str] | None:
        """``--helper TEXT``: The name of the helper, such as `ftp`, or with a port of its own `ftp-2121`. The empty name is any helper."""
    @property
    def name(self) -> builtins.str: ...

@final
class Hl(Known, Match):
    """Matches packets by their hop limit, the number of times they may still be forwarded.

    Example::

        libfw.Rule('-m hl --hl-lt 5 -j DROP', family='ipv6')
    """

    def __init__(
        self,
        *,
        lt: Integer | _Any = ...,
        gt: Integer | _Any = ...,
        eq: Integer | Not[Integer] | _Any = ...,
        hl_lt: Integer | _Any = ...,
        hl_gt: Integer | _Any = ...,
        hl_eq: Integer | Not[Integer] | _Any = ...,
        hl: Integer | Not[Integer] | _Any = ...,
    ) -> None: ...
    @property
    def lt(self) -> builtins.int | None:
        """``--hl-lt NUMBER``: The hop limit is less than this."""
    @property
    def gt(self) -> builtins.int | None:
        """``--hl-gt NUMBER``: The hop limit is greater than this."""
    @property
    def eq(self) -> builtins.int | Not[builtins.int] | None:
        """``--hl-eq NUMBER``: The hop limit is this."""
    @property
    def hl_lt(self) -> builtins.int | None:
        """The same as `lt`, by the name that iptables has for it."""
    @property
    def hl_gt(self) -> builtins.int | None:
        """The same as `gt`, by the name that iptables has for it."""
    @property
    def hl_eq(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `eq`, by the name that iptables has for it."""
    @property
    def hl(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `eq`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Icmp6(Known, Match):
    """Matches ICMPv6 packets by type and code.

    Loaded by itself when the rule says `-p ipv6-icmp` and the option.

    Example::

        libfw.Rule('-p ipv6-icmp -m icmp6 --icmpv6-type echo-request -j ACCEPT', family='ipv6')
    """

    def __init__(
        self,
        *,
        icmpv6_type: Pair | Not[Pair] | _Any = ...,
    ) -> None: ...
    @property
    def icmpv6_type(self) -> builtins.int | builtins.str | tuple[builtins.int, builtins.int | Range] | Not[builtins.int | builtins.str | tuple[builtins.int, builtins.int | Range]] | None:
        """``--icmpv6-type NAME|TYPE[/CODE[:CODE]]``: The type: a name as listed by `-p ipv6-icmp -h`, or `TYPE[/CODE]` in numbers; of codes
        also a range, `TYPE/CODE:CODE`.
        """
    @property
    def name(self) -> builtins.str: ...

@final
class Icmp(Known, Match):
    """Matches ICMP packets by type and code.

    Loaded by itself when the rule says `-p icmp` and the option.

    Example::

        libfw.Rule('-p icmp -m icmp --icmp-type echo-request -j ACCEPT')
    """

    def __init__(
        self,
        *,
        icmp_type: Pair | Not[Pair] | _Any = ...,
    ) -> None: ...
    @property
    def icmp_type(self) -> builtins.int | builtins.str | tuple[builtins.int, builtins.int | Range] | Not[builtins.int | builtins.str | tuple[builtins.int, builtins.int | Range]] | None:
        """``--icmp-type NAME|TYPE[/CODE[:CODE]]``: The type: a name as listed by `-p icmp -h`, or `TYPE[/CODE]` in numbers; of codes
        also a range, `TYPE/CODE:CODE`.
        """
    @property
    def name(self) -> builtins.str: ...

@final
class Ipcomp(Known, Match):
    """Matches packets of the IP payload compression protocol by their compression parameter index.

    Example::

        libfw.Rule('-p ipcomp -m ipcomp --ipcompspi 0:100 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        spi: Text | Not[Text] | _Any = ...,
        compres: builtins.bool | _Any = ...,
        ipcompspi: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def spi(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--ipcompspi MIN[:MAX]``: The index, or a range of them."""
    @property
    def compres(self) -> builtins.bool:
        """``--compres``: The reserved field of the header is zero."""
    @property
    def ipcompspi(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """The same as `spi`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Iprange(Known, Match):
    """Matches packets by addresses in a range, which need not be a network.

    Example::

        libfw.Rule('-m iprange --src-range 192.168.1.10-192.168.1.20 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        src_range: Text | Not[Text] | _Any = ...,
        dst_range: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def src_range(self) -> Address | AddressRange | builtins.str | Not[Address | AddressRange | builtins.str] | None:
        """``--src-range FIRST[-LAST]``: The range of the source address. One that runs backwards never matches."""
    @property
    def dst_range(self) -> Address | AddressRange | builtins.str | Not[Address | AddressRange | builtins.str] | None:
        """``--dst-range FIRST[-LAST]``: The range of the destination address. One that runs backwards never matches."""
    @property
    def name(self) -> builtins.str: ...

@final
class Ipv6header(Known, Match):
    """Matches packets by the extension headers they have.

    Example::

        libfw.Rule('-m ipv6header --header hop-by-hop --soft -j DROP', family='ipv6')
    """

    def __init__(
        self,
        *,
        header: List | Not[List] | _Any = ...,
        soft: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def header(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """``--header HEADER[,...]``: The headers a packet must have, and no others."""
    @property
    def soft(self) -> builtins.bool:
        """``--soft``: The packet may have other headers too."""
    @property
    def name(self) -> builtins.str: ...

@final
class Ipvs(Known, Match):
    """Matches packets of connections that the load balancer IPVS forwards.

    Example::

        libfw.Rule('-m ipvs --vaddr 192.0.2.1 --vport 80 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        ipvs: builtins.bool | Not[builtins.bool] | _Any = ...,
        vproto: Text | Not[Text] | _Any = ...,
        vaddr: Hosts | Not[Hosts] | _Any = ...,
        vport: Integer | Not[Integer] | _Any = ...,
        vdir: Text | _Any = ...,
        vmethod: Text | Not[Text] | _Any = ...,
        vportctl: Integer | Not[Integer] | _Any = ...,
    ) -> None: ...
    @property
    def ipvs(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--ipvs``: The packet belongs to such a connection. Every other option implies it."""
    @property
    def vproto(self) -> builtins.int | builtins.str | Not[builtins.int | builtins.str] | None:
        """``--vproto PROTOCOL``: The protocol of the virtual service."""
    @property
    def vaddr(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """``--vaddr ADDRESS[/MASK]``: The address of the virtual service."""
    @property
    def vport(self) -> builtins.int | Not[builtins.int] | None:
        """``--vport PORT``: The port of the virtual service."""
    @property
    def vdir(self) -> builtins.str | None:
        """``--vdir DIRECTION``: The direction of the packet."""
    @property
    def vmethod(self) -> builtins.str | Not[builtins.str] | None:
        """``--vmethod METHOD``: How the packet is forwarded."""
    @property
    def vportctl(self) -> builtins.int | Not[builtins.int] | None:
        """``--vportctl PORT``: The port of the connection that controls this one, such as 21 for FTP."""
    @property
    def name(self) -> builtins.str: ...

@final
class L2tp(Known, Match):
    """Matches packets of L2TP tunnels. The kernel has it, iptables does not.

    The rule must say `-p udp` or `-p 115`, and one of `--tid`, `--sid` and `--type control` must be given.

    Example::

        libfw.Rule('-p udp --dport 1701 -m l2tp --pversion 2 --tid 42 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        tid: Integer | _Any = ...,
        sid: Integer | _Any = ...,
        version: Integer | _Any = ...,
        kind: Text | _Any = ...,
        pversion: Integer | _Any = ...,
        type: Text | _Any = ...,
    ) -> None: ...
    @property
    def tid(self) -> builtins.int | None:
        """``--tid NUMBER``: The tunnel; in version 2 a number of 16 bits."""
    @property
    def sid(self) -> builtins.int | None:
        """``--sid NUMBER``: The session; in version 2 a number of 16 bits."""
    @property
    def version(self) -> builtins.int | None:
        """``--pversion NUMBER``: The version of the protocol, 2 or 3."""
    @property
    def kind(self) -> builtins.str | None:
        """``--type TYPE``: What the packet is for."""
    @property
    def pversion(self) -> builtins.int | None:
        """The same as `version`, by the name that iptables has for it."""
    @property
    def type(self) -> builtins.str | None:
        """The same as `kind`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Length(Known, Match):
    """Matches packets by their length: for IPv4 that of the whole packet, for IPv6 that of what follows the header.

    Example::

        libfw.Rule('-p icmp -m length --length 85:65535 -j DROP')
    """

    def __init__(
        self,
        *,
        length: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def length(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--length MIN[:MAX]``: The length in bytes, or a range of lengths."""
    @property
    def name(self) -> builtins.str: ...

@final
class Limit(Known, Match):
    """Matches at a limited rate.

    A bucket holds `burst` tokens and is refilled at `rate`; each packet that matches takes one. A rule with this match
    applies until the bucket is empty, so it is used to limit logging, or with DROP after it to limit traffic.

    Example::

        libfw.Rule('-m limit --limit 5/min --limit-burst 10 -j LOG')
    """

    def __init__(
        self,
        *,
        rate: Speed | _Any = ...,
        burst: Integer | _Any = ...,
        limit: Speed | _Any = ...,
        limit_burst: Integer | _Any = ...,
    ) -> None: ...
    @property
    def rate(self) -> Rate | None:
        """``--limit COUNT[/second|/minute|/hour|/day]``: The rate at which the bucket is refilled."""
    @property
    def burst(self) -> builtins.int | None:
        """``--limit-burst NUMBER``: The number of packets that match before the rate applies."""
    @property
    def limit(self) -> Rate | None:
        """The same as `rate`, by the name that iptables has for it."""
    @property
    def limit_burst(self) -> builtins.int | None:
        """The same as `burst`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Mac(Known, Match):
    """Matches the source hardware address of packets that come in over Ethernet.

    Example::

        libfw.Rule('-m mac --mac-source 00:11:22:33:44:55 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        mac_source: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def mac_source(self) -> builtins.str | Not[builtins.str] | None:
        """``--mac-source XX:XX:XX:XX:XX:XX``: The address."""
    @property
    def name(self) -> builtins.str: ...

@final
class Mark(Known, Match):
    """Matches packets by their mark, which the target MARK sets.

    Example::

        libfw.Rule('-m mark --mark 0x1/0xff -j ACCEPT')
    """

    def __init__(
        self,
        *,
        mark: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def mark(self) -> builtins.int | Masked | Not[builtins.int | Masked] | None:
        """``--mark VALUE[/MASK]``: The mark; with a mask, only these bits are compared."""
    @property
    def name(self) -> builtins.str: ...

@final
class Mh(Known, Match):
    """Matches packets of Mobile IPv6 by the type of their mobility header.

    Example::

        libfw.Rule('-p mobility-header -m mh --mh-type binding-update -j ACCEPT', family='ipv6')
    """

    def __init__(
        self,
        *,
        mh_type: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def mh_type(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--mh-type TYPE[:TYPE]``: The type of message, or a range of types."""
    @property
    def name(self) -> builtins.str: ...

@final
class Multiport(Known, Match):
    """Matches packets by a set of up to 15 ports, where a range counts as two.

    Examples::

        libfw.Rule('-p tcp -m multiport --dports 80,443,8000:8100 -j ACCEPT')
        libfw.Rule('-p udp -m multiport ! --sports 53,123 -j DROP')
    """

    def __init__(
        self,
        *,
        sports: List | Not[List] | _Any = ...,
        dports: List | Not[List] | _Any = ...,
        ports: List | Not[List] | _Any = ...,
        source_ports: List | Not[List] | _Any = ...,
        destination_ports: List | Not[List] | _Any = ...,
    ) -> None: ...
    @property
    def sports(self) -> builtins.list[builtins.int | PortRange] | Not[builtins.list[builtins.int | PortRange]] | None:
        """``--sports PORT[:PORT][,...]``: The source ports."""
    @property
    def dports(self) -> builtins.list[builtins.int | PortRange] | Not[builtins.list[builtins.int | PortRange]] | None:
        """``--dports PORT[:PORT][,...]``: The destination ports."""
    @property
    def ports(self) -> builtins.list[builtins.int | PortRange] | Not[builtins.list[builtins.int | PortRange]] | None:
        """``--ports PORT[:PORT][,...]``: The ports of which either must be one."""
    @property
    def source_ports(self) -> builtins.list[builtins.int | PortRange] | Not[builtins.list[builtins.int | PortRange]] | None:
        """The same as `sports`, by the name that iptables has for it."""
    @property
    def destination_ports(self) -> builtins.list[builtins.int | PortRange] | Not[builtins.list[builtins.int | PortRange]] | None:
        """The same as `dports`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Nfacct(Known, Match):
    """Counts packets and bytes in an accounting object, and matches always.

    An object with a quota, which `nfacct(8)` can make, matches only once the quota is used up.

    Example::

        libfw.Rule('-p tcp --dport 80 -m nfacct --nfacct-name http')
    """

    def __init__(
        self,
        *,
        nfacct_name: Text | _Any = ...,
    ) -> None: ...
    @property
    def nfacct_name(self) -> builtins.str | None:
        """``--nfacct-name TEXT``: The object, which must exist before the rule."""
    @property
    def name(self) -> builtins.str: ...

@final
class Osf(Known, Match):
    """Matches the first packet of TCP connections by the operating system that it seems to come from.

    The kernel compares with fingerprints that must have been loaded into it before.

    Examples::

        libfw.Rule('-p tcp -m osf --genre Linux --ttl 2 -j ACCEPT')
        libfw.Rule('-p tcp -m osf --genre Linux --ttl 1 --log 2 -j LOG')
    """

    def __init__(
        self,
        *,
        genre: Text | Not[Text] | _Any = ...,
        ttl: Integer | _Any = ...,
        log: Integer | _Any = ...,
    ) -> None: ...
    @property
    def genre(self) -> builtins.str | Not[builtins.str] | None:
        """``--genre TEXT``: The name of the system in the fingerprints, such as `Linux`; `unknown` where none fits."""
    @property
    def ttl(self) -> builtins.int | None:
        """``--ttl 0|1|2``: How the TTL is compared."""
    @property
    def log(self) -> builtins.int | None:
        """``--log 0|1|2``: What is logged."""
    @property
    def name(self) -> builtins.str: ...

@final
class Owner(Known, Match):
    """Matches packets of this host by who owns their socket.

    Packets without a socket, such as an answer of the kernel itself, have no owner and never match.

    Example::

        libfw.Rule('-m owner --uid-owner 1000-1999 -j REJECT')
    """

    def __init__(
        self,
        *,
        socket_exists: builtins.bool | Not[builtins.bool] | _Any = ...,
        uid_owner: Text | Not[Text] | _Any = ...,
        gid_owner: Text | Not[Text] | _Any = ...,
        suppl_groups: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def socket_exists(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--socket-exists``: Whether the packet has a socket at all."""
    @property
    def uid_owner(self) -> builtins.int | Range | builtins.str | Not[builtins.int | Range | builtins.str] | None:
        """``--uid-owner USER|UID[-UID]``: The user, or a range of user numbers."""
    @property
    def gid_owner(self) -> builtins.int | Range | builtins.str | Not[builtins.int | Range | builtins.str] | None:
        """``--gid-owner GROUP|GID[-GID]``: The group, or a range of group numbers."""
    @property
    def suppl_groups(self) -> builtins.bool:
        """``--suppl-groups``: The owner's supplementary groups count too."""
    @property
    def name(self) -> builtins.str: ...

@final
class Physdev(Known, Match):
    """Matches packets by the ports of a bridge that they come in and go out by.

    Example::

        libfw.Rule('-m physdev --physdev-in eth0 --physdev-is-bridged -j ACCEPT')
    """

    def __init__(
        self,
        *,
        physdev_is_in: builtins.bool | Not[builtins.bool] | _Any = ...,
        physdev_in: Text | Not[Text] | _Any = ...,
        physdev_is_out: builtins.bool | Not[builtins.bool] | _Any = ...,
        physdev_out: Text | Not[Text] | _Any = ...,
        physdev_is_bridged: builtins.bool | Not[builtins.bool] | _Any = ...,
    ) -> None: ...
    @property
    def physdev_is_in(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--physdev-is-in``: Whether the packet came in by a port of a bridge."""
    @property
    def physdev_in(self) -> builtins.str | Not[builtins.str] | None:
        """``--physdev-in NAME[+]``: The port the packet came in by."""
    @property
    def physdev_is_out(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--physdev-is-out``: Whether the packet will go out by a port of a bridge."""
    @property
    def physdev_out(self) -> builtins.str | Not[builtins.str] | None:
        """``--physdev-out NAME[+]``: The port the packet will go out by."""
    @property
    def physdev_is_bridged(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--physdev-is-bridged``: Whether the packet is bridged rather than routed."""
    @property
    def name(self) -> builtins.str: ...

@final
class Pkttype(Known, Match):
    """Matches packets by the kind of their link-layer destination.

    Example::

        libfw.Rule('-m pkttype --pkt-type broadcast -j DROP')
    """

    def __init__(
        self,
        *,
        pkt_type: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def pkt_type(self) -> builtins.str | Not[builtins.str] | None:
        """``--pkt-type TYPE``: To whom the packet was addressed; `host`, `bcast` and `mcast` are other words for the first three."""
    @property
    def name(self) -> builtins.str: ...

@final
class PolicyMatch(Known, Match):
    """Matches packets by the IPsec policy that applies to them.

    Examples::

        libfw.Rule('-m policy --dir in --pol ipsec --proto esp --mode tunnel -j ACCEPT')
        libfw.Rule('-m policy --dir in --pol ipsec --strict --reqid 5 --spi 0x7 --proto esp --mode transport -j ACCEPT')
        libfw.Rule('-m policy --dir out --pol ipsec --strict --mode tunnel --tunnel-src 10.1.2.3 --tunnel-dst 10.1.2.4 --next --proto esp -j ACCEPT')
        libfw.Rule('-m policy --dir in --pol none -j DROP')
    """

    def __init__(
        self,
        *,
        dir: Text | _Any = ...,
        pol: Text | _Any = ...,
        strict: builtins.bool | _Any = ...,
        reqid: Integer | Sequence[Integer | Not[Integer]] | Not[Integer] | _Any = ...,
        spi: Integer | Sequence[Integer | Not[Integer]] | Not[Integer] | _Any = ...,
        proto: Text | Sequence[Text | Not[Text]] | Not[Text] | _Any = ...,
        mode: Text | Sequence[Text | Not[Text]] | Not[Text] | _Any = ...,
        tunnel_dst: Hosts | Sequence[Hosts | Not[Hosts]] | Not[Hosts] | _Any = ...,
        tunnel_src: Hosts | Sequence[Hosts | Not[Hosts]] | Not[Hosts] | _Any = ...,
        next: builtins.bool | Sequence[builtins.bool] | _Any = ...,
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
    def proto(self) -> builtins.list[builtins.int | builtins.str | Not[builtins.int | builtins.str]]:
        """``--proto PROTOCOL``: The protocol of the element: AH, ESP or IPComp."""
    @property
    def mode(self) -> builtins.list[builtins.str | Not[builtins.str]]:
        """``--mode transport|tunnel``: The mode of the element."""
    @property
    def tunnel_dst(self) -> builtins.list[Network | builtins.str | Not[Network | builtins.str]]:
        """``--tunnel-dst ADDRESS[/MASK]``: The destination of the element's tunnel."""
    @property
    def tunnel_src(self) -> builtins.list[Network | builtins.str | Not[Network | builtins.str]]:
        """``--tunnel-src ADDRESS[/MASK]``: The source of the element's tunnel."""
    @property
    def next(self) -> builtins.list[builtins.bool]:
        """``--next``: Begins the next element."""
    @property
    def name(self) -> builtins.str: ...

@final
class Quota(Known, Match):
    """Matches until so many bytes have passed.

    The kernel starts to count anew with every change of the table.

    Example::

        libfw.Rule('-m quota --quota 1000000000 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        quota: Integer | Not[Integer] | _Any = ...,
    ) -> None: ...
    @property
    def quota(self) -> builtins.int | Not[builtins.int] | None:
        """``--quota NUMBER``: The number of bytes. Inverted, the match applies once they have passed."""
    @property
    def name(self) -> builtins.str: ...

@final
class Rateest(Known, Match):
    """Matches by the rate that a target RATEEST has estimated: one rate against a number, or two rates against one
    another.

    Examples::

        libfw.Rule('-m rateest --rateest wan --rateest-lt --rateest-bps 10mbit -j ACCEPT')
        libfw.Rule('-m rateest --rateest-delta --rateest1 wan --rateest-pps1 500 --rateest-gt --rateest2 lan --rateest-pps2 700 -j DROP')
    """

    def __init__(
        self,
        *,
        delta: builtins.bool | _Any = ...,
        rateest: Text | _Any = ...,
        rateest1: Text | _Any = ...,
        bps1: Text | _Any = ...,
        pps1: Integer | _Any = ...,
        lt: builtins.bool | Not[builtins.bool] | _Any = ...,
        gt: builtins.bool | Not[builtins.bool] | _Any = ...,
        eq: builtins.bool | Not[builtins.bool] | _Any = ...,
        bps: Text | _Any = ...,
        bps2: Text | _Any = ...,
        pps: Integer | _Any = ...,
        pps2: Integer | _Any = ...,
        rateest2: Text | _Any = ...,
        rateest_delta: builtins.bool | _Any = ...,
        rateest_bps1: Text | _Any = ...,
        rateest_pps1: Integer | _Any = ...,
        rateest_lt: builtins.bool | Not[builtins.bool] | _Any = ...,
        rateest_gt: builtins.bool | Not[builtins.bool] | _Any = ...,
        rateest_eq: builtins.bool | Not[builtins.bool] | _Any = ...,
        rateest_bps: Text | _Any = ...,
        rateest_bps2: Text | _Any = ...,
        rateest_pps: Integer | _Any = ...,
        rateest_pps2: Integer | _Any = ...,
    ) -> None: ...
    @property
    def delta(self) -> builtins.bool:
        """``--rateest-delta``: Compare by how much a rate lies above its `bps1` or `bps2`, `pps1` or `pps2`, instead of the rate itself."""
    @property
    def rateest(self) -> builtins.str | None:
        """``--rateest TEXT``: The estimator whose rate is compared with a number."""
    @property
    def rateest1(self) -> builtins.str | None:
        """``--rateest1 TEXT``: The first of two estimators."""
    @property
    def bps1(self) -> builtins.int | Rate | builtins.str | None:
        """``--rateest-bps1 [RATE]``: What is taken off the first rate, in bytes; needs `delta`."""
    @property
    def pps1(self) -> builtins.int | builtins.str | None:
        """``--rateest-pps1 [NUMBER]``: What is taken off the first rate, in packets; needs `delta`."""
    @property
    def lt(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--rateest-lt``: The first rate is less."""
    @property
    def gt(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--rateest-gt``: The first rate is greater."""
    @property
    def eq(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--rateest-eq``: The rates are equal."""
    @property
    def bps(self) -> builtins.int | Rate | builtins.str | None:
        """``--rateest-bps [RATE]``: Bytes are compared: with this rate, or without one with those of the second estimator."""
    @property
    def bps2(self) -> builtins.int | Rate | builtins.str | None:
        """``--rateest-bps2 [RATE]``: With `delta`, the rate in bytes to compare with, or what is taken off the second rate."""
    @property
    def pps(self) -> builtins.int | builtins.str | None:
        """``--rateest-pps [NUMBER]``: Packets are compared: with this rate, or without one with those of the second estimator."""
    @property
    def pps2(self) -> builtins.int | builtins.str | None:
        """``--rateest-pps2 [NUMBER]``: With `delta`, the rate in packets to compare with, or what is taken off the second rate."""
    @property
    def rateest2(self) -> builtins.str | None:
        """``--rateest2 TEXT``: The second of two estimators."""
    @property
    def rateest_delta(self) -> builtins.bool:
        """The same as `delta`, by the name that iptables has for it."""
    @property
    def rateest_bps1(self) -> builtins.int | Rate | builtins.str | None:
        """The same as `bps1`, by the name that iptables has for it."""
    @property
    def rateest_pps1(self) -> builtins.int | builtins.str | None:
        """The same as `pps1`, by the name that iptables has for it."""
    @property
    def rateest_lt(self) -> builtins.bool | Not[builtins.bool] | None:
        """The same as `lt`, by the name that iptables has for it."""
    @property
    def rateest_gt(self) -> builtins.bool | Not[builtins.bool] | None:
        """The same as `gt`, by the name that iptables has for it."""
    @property
    def rateest_eq(self) -> builtins.bool | Not[builtins.bool] | None:
        """The same as `eq`, by the name that iptables has for it."""
    @property
    def rateest_bps(self) -> builtins.int | Rate | builtins.str | None:
        """The same as `bps`, by the name that iptables has for it."""
    @property
    def rateest_bps2(self) -> builtins.int | Rate | builtins.str | None:
        """The same as `bps2`, by the name that iptables has for it."""
    @property
    def rateest_pps(self) -> builtins.int | builtins.str | None:
        """The same as `pps`, by the name that iptables has for it."""
    @property
    def rateest_pps2(self) -> builtins.int | builtins.str | None:
        """The same as `pps2`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Realm(Known, Match):
    """Matches packets by the realm of their route, a number that the administrator gives to routes.

    Example::

        libfw.Rule('-m realm --realm 0x1/0xff -j ACCEPT')
    """

    def __init__(
        self,
        *,
        realm: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def realm(self) -> builtins.int | Masked | Not[builtins.int | Masked] | None:
        """``--realm VALUE[/MASK]|NAME``: The realm; with a mask, only these bits are compared."""
    @property
    def name(self) -> builtins.str: ...

@final
class Recent(Known, Match):
    """Keeps a list of addresses and matches those that were seen lately.

    Examples::

        libfw.Rule('-p tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 --name ssh -j DROP')
        libfw.Rule('-p tcp --dport 22 -m recent --set --name ssh --mask 255.255.255.0 --rsource')
        libfw.Rule('-m recent --rcheck --seconds 60 --hitcount 4 --rttl --name web -j DROP')
    """

    def __init__(
        self,
        *,
        set: builtins.bool | Not[builtins.bool] | _Any = ...,
        rcheck: builtins.bool | Not[builtins.bool] | _Any = ...,
        update: builtins.bool | Not[builtins.bool] | _Any = ...,
        remove: builtins.bool | Not[builtins.bool] | _Any = ...,
        seconds: Integer | _Any = ...,
        reap: builtins.bool | _Any = ...,
        hitcount: Integer | _Any = ...,
        rttl: builtins.bool | _Any = ...,
        name: Text | _Any = ...,
        mask: Host | _Any = ...,
        rsource: builtins.bool | _Any = ...,
        rdest: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def set(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--set``: Put the address on the list; matches always."""
    @property
    def rcheck(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--rcheck``: Match if the address is on the list."""
    @property
    def update(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--update``: Match if the address is on the list, and note that it was seen now."""
    @property
    def remove(self) -> builtins.bool | Not[builtins.bool] | None:
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
    def mask(self) -> Address | None:
        """``--mask ADDRESS``: The bits of the address that count; all of them unless given."""
    @property
    def rsource(self) -> builtins.bool:
        """``--rsource``: The source address is meant, as it is unless the other is asked for."""
    @property
    def rdest(self) -> builtins.bool:
        """``--rdest``: The destination address is meant."""

@final
class Rpfilter(Known, Match):
    """Matches packets whose answer would leave by the interface they came in by.

    Example::

        libfw.Rule('-m rpfilter --invert -j DROP')
    """

    def __init__(
        self,
        *,
        loose: builtins.bool | _Any = ...,
        validmark: builtins.bool | _Any = ...,
        accept_local: builtins.bool | _Any = ...,
        invert: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def loose(self) -> builtins.bool:
        """``--loose``: Any interface will do for the answer."""
    @property
    def validmark(self) -> builtins.bool:
        """``--validmark``: The packet's mark counts in the look-up of the route."""
    @property
    def accept_local(self) -> builtins.bool:
        """``--accept-local``: Packets that come from the network with an address of this host match too."""
    @property
    def invert(self) -> builtins.bool:
        """``--invert``: Match the packets that fail the test instead."""
    @property
    def name(self) -> builtins.str: ...

@final
class Rt(Known, Match):
    """Matches packets with a routing header.

    Example::

        libfw.Rule('-m rt --rt-type 0 -j DROP', family='ipv6')
    """

    def __init__(
        self,
        *,
        rt_type: Integer | Not[Integer] | _Any = ...,
        rt_segsleft: Text | Not[Text] | _Any = ...,
        rt_len: Integer | Not[Integer] | _Any = ...,
        rt_0_res: builtins.bool | _Any = ...,
        rt_0_addrs: List | _Any = ...,
        rt_0_not_strict: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def rt_type(self) -> builtins.int | Not[builtins.int] | None:
        """``--rt-type NUMBER``: The type of the header: 0 is the source route, 2 that of Mobile IPv6."""
    @property
    def rt_segsleft(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--rt-segsleft MIN[:MAX]``: How many segments are left, or a range."""
    @property
    def rt_len(self) -> builtins.int | Not[builtins.int] | None:
        """``--rt-len NUMBER``: The length of the header in bytes."""
    @property
    def rt_0_res(self) -> builtins.bool:
        """``--rt-0-res``: The reserved field is not zero; type 0 only."""
    @property
    def rt_0_addrs(self) -> builtins.list[Address] | None:
        """``--rt-0-addrs ADDRESS[,...]``: The addresses of the route, all of them in this order; type 0 only."""
    @property
    def rt_0_not_strict(self) -> builtins.bool:
        """``--rt-0-not-strict``: The addresses may have others between them."""
    @property
    def name(self) -> builtins.str: ...

@final
class Sctp(Known, Match):
    """Matches SCTP packets by ports and chunks.

    Loaded by itself when the rule says `-p sctp` and one of these options.

    Example::

        libfw.Rule('-p sctp -m sctp --dport 80 --chunk-types any DATA,INIT -j ACCEPT')
    """

    def __init__(
        self,
        *,
        sport: Span | Not[Span] | _Any = ...,
        dport: Span | Not[Span] | _Any = ...,
        chunk_types: Pair | Not[Pair] | _Any = ...,
        source_port: Span | Not[Span] | _Any = ...,
        destination_port: Span | Not[Span] | _Any = ...,
    ) -> None: ...
    @property
    def sport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--sport PORT[:PORT]``: The source port, or a range of ports."""
    @property
    def dport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--dport PORT[:PORT]``: The destination port, or a range of ports."""
    @property
    def chunk_types(self) -> builtins.str | Not[builtins.str] | None:
        """``--chunk-types any|all|only CHUNK[:FLAGS][,...]``: The chunks that the packet must have."""
    @property
    def source_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `sport`, by the name that iptables has for it."""
    @property
    def destination_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `dport`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Set(Known, Match):
    """Matches packets whose addresses are in an ipset.

    Examples::

        libfw.Rule('-m set --match-set web src -j DROP')
        libfw.Rule('-m set ! --match-set web dst --packets-gt 5 --bytes-lt 700 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        match_set: Pair | Not[Pair] | _Any = ...,
        return_nomatch: builtins.bool | _Any = ...,
        update_counters: builtins.bool | Not[builtins.bool] | _Any = ...,
        update_subcounters: builtins.bool | Not[builtins.bool] | _Any = ...,
        packets_eq: Integer | Not[Integer] | _Any = ...,
        packets_lt: Integer | _Any = ...,
        packets_gt: Integer | _Any = ...,
        bytes_eq: Integer | Not[Integer] | _Any = ...,
        bytes_lt: Integer | _Any = ...,
        bytes_gt: Integer | _Any = ...,
        set: Pair | Not[Pair] | _Any = ...,
    ) -> None: ...
    @property
    def match_set(self) -> tuple[builtins.str, tuple[builtins.str, ...]] | Not[tuple[builtins.str, tuple[builtins.str, ...]]] | None:
        """``--match-set NAME src|dst[,...]``: The set, and a side of the packet for each part of its entries."""
    @property
    def return_nomatch(self) -> builtins.bool:
        """``--return-nomatch``: Do not match entries that are marked `nomatch`."""
    @property
    def update_counters(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--update-counters``: With `!`, leave the counters of the entry alone."""
    @property
    def update_subcounters(self) -> builtins.bool | Not[builtins.bool] | None:
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
    @property
    def set(self) -> tuple[builtins.str, tuple[builtins.str, ...]] | Not[tuple[builtins.str, tuple[builtins.str, ...]]] | None:
        """The same as `match_set`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Socket(Known, Match):
    """Matches packets for which this host has an open socket.

    Example::

        libfw.Rule('-m socket --transparent -j MARK --set-mark 1')
    """

    def __init__(
        self,
        *,
        transparent: builtins.bool | _Any = ...,
        nowildcard: builtins.bool | _Any = ...,
        restore_skmark: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def transparent(self) -> builtins.bool:
        """``--transparent``: Only sockets that are transparent: whose address need not be one of the host's."""
    @property
    def nowildcard(self) -> builtins.bool:
        """``--nowildcard``: Also sockets that are bound to any address."""
    @property
    def restore_skmark(self) -> builtins.bool:
        """``--restore-skmark``: Set the packet's mark to that of the socket, before the next match."""
    @property
    def name(self) -> builtins.str: ...

@final
class Srh(Known, Match):
    """Matches packets with a segment routing header, a route of segments through an IPv6 network.

    The kernel keeps one number for the three comparisons of each field, so these must agree on it.

    Examples::

        libfw.Rule('-m srh --srh-segs-left-eq 0 -j DROP', family='ipv6')
        libfw.Rule('-m srh --srh-next-hdr 6 --srh-segs-left-gt 0 --srh-psid 2001:db8::/64 -j ACCEPT', family='ipv6')
    """

    def __init__(
        self,
        *,
        next_hdr: Integer | Not[Integer] | _Any = ...,
        hdr_len_eq: Integer | Not[Integer] | _Any = ...,
        hdr_len_gt: Integer | Not[Integer] | _Any = ...,
        hdr_len_lt: Integer | Not[Integer] | _Any = ...,
        segs_left_eq: Integer | Not[Integer] | _Any = ...,
        segs_left_gt: Integer | Not[Integer] | _Any = ...,
        segs_left_lt: Integer | Not[Integer] | _Any = ...,
        last_entry_eq: Integer | Not[Integer] | _Any = ...,
        last_entry_gt: Integer | Not[Integer] | _Any = ...,
        last_entry_lt: Integer | Not[Integer] | _Any = ...,
        tag: Integer | Not[Integer] | _Any = ...,
        psid: Hosts | Not[Hosts] | _Any = ...,
        nsid: Hosts | Not[Hosts] | _Any = ...,
        lsid: Hosts | Not[Hosts] | _Any = ...,
        srh_next_hdr: Integer | Not[Integer] | _Any = ...,
        srh_hdr_len_eq: Integer | Not[Integer] | _Any = ...,
        srh_hdr_len_gt: Integer | Not[Integer] | _Any = ...,
        srh_hdr_len_lt: Integer | Not[Integer] | _Any = ...,
        srh_segs_left_eq: Integer | Not[Integer] | _Any = ...,
        srh_segs_left_gt: Integer | Not[Integer] | _Any = ...,
        srh_segs_left_lt: Integer | Not[Integer] | _Any = ...,
        srh_last_entry_eq: Integer | Not[Integer] | _Any = ...,
        srh_last_entry_gt: Integer | Not[Integer] | _Any = ...,
        srh_last_entry_lt: Integer | Not[Integer] | _Any = ...,
        srh_tag: Integer | Not[Integer] | _Any = ...,
        srh_psid: Hosts | Not[Hosts] | _Any = ...,
        srh_nsid: Hosts | Not[Hosts] | _Any = ...,
        srh_lsid: Hosts | Not[Hosts] | _Any = ...,
    ) -> None: ...
    @property
    def next_hdr(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-next-hdr NUMBER``: The protocol number of the next header."""
    @property
    def hdr_len_eq(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-hdr-len-eq NUMBER``: The length of the header, in units of 8 bytes without the first 8."""
    @property
    def hdr_len_gt(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-hdr-len-gt NUMBER``: The length of the header is more than this."""
    @property
    def hdr_len_lt(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-hdr-len-lt NUMBER``: The length of the header is less than this."""
    @property
    def segs_left_eq(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-segs-left-eq NUMBER``: How many segments are left."""
    @property
    def segs_left_gt(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-segs-left-gt NUMBER``: More segments than this are left."""
    @property
    def segs_left_lt(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-segs-left-lt NUMBER``: Fewer segments than this are left."""
    @property
    def last_entry_eq(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-last-entry-eq NUMBER``: The index of the last entry in the list of segments."""
    @property
    def last_entry_gt(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-last-entry-gt NUMBER``: The index of the last entry is more than this."""
    @property
    def last_entry_lt(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-last-entry-lt NUMBER``: The index of the last entry is less than this."""
    @property
    def tag(self) -> builtins.int | Not[builtins.int] | None:
        """``--srh-tag NUMBER``: The tag, a number that groups packets. The kernel compares it in the byte order of the machine: on a
        little-endian one 7 is what a packet carries as 0x0700.
        """
    @property
    def psid(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """``--srh-psid ADDRESS[/MASK]``: The segment before this one."""
    @property
    def nsid(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """``--srh-nsid ADDRESS[/MASK]``: The segment after this one."""
    @property
    def lsid(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """``--srh-lsid ADDRESS[/MASK]``: The last segment."""
    @property
    def srh_next_hdr(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `next_hdr`, by the name that iptables has for it."""
    @property
    def srh_hdr_len_eq(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `hdr_len_eq`, by the name that iptables has for it."""
    @property
    def srh_hdr_len_gt(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `hdr_len_gt`, by the name that iptables has for it."""
    @property
    def srh_hdr_len_lt(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `hdr_len_lt`, by the name that iptables has for it."""
    @property
    def srh_segs_left_eq(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `segs_left_eq`, by the name that iptables has for it."""
    @property
    def srh_segs_left_gt(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `segs_left_gt`, by the name that iptables has for it."""
    @property
    def srh_segs_left_lt(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `segs_left_lt`, by the name that iptables has for it."""
    @property
    def srh_last_entry_eq(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `last_entry_eq`, by the name that iptables has for it."""
    @property
    def srh_last_entry_gt(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `last_entry_gt`, by the name that iptables has for it."""
    @property
    def srh_last_entry_lt(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `last_entry_lt`, by the name that iptables has for it."""
    @property
    def srh_tag(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `tag`, by the name that iptables has for it."""
    @property
    def srh_psid(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """The same as `psid`, by the name that iptables has for it."""
    @property
    def srh_nsid(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """The same as `nsid`, by the name that iptables has for it."""
    @property
    def srh_lsid(self) -> Network | builtins.str | Not[Network | builtins.str] | None:
        """The same as `lsid`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class State(Known, Match):
    """Matches packets by the state of their connection.

    An older name for `conntrack --ctstate`, which is what the kernel gets; the rule remembers the name.

    Example::

        libfw.Rule('-m state --state NEW -j ACCEPT')
    """

    def __init__(
        self,
        *,
        state: List | Not[List] | _Any = ...,
    ) -> None: ...
    @property
    def state(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """``--state STATE[,...]``: The state of the connection."""
    @property
    def name(self) -> builtins.str: ...

@final
class Statistic(Known, Match):
    """Matches some of the packets: at random, or every nth.

    Examples::

        libfw.Rule('-m statistic --mode nth --every 3 --packet 0 -j MARK --set-mark 1')
        libfw.Rule('-m statistic --mode random --probability 0.5 -j DROP')
    """

    def __init__(
        self,
        *,
        mode: Text | _Any = ...,
        probability: Text | Not[Text] | _Any = ...,
        every: Integer | Not[Integer] | _Any = ...,
        packet: Integer | _Any = ...,
    ) -> None: ...
    @property
    def mode(self) -> builtins.str | None:
        """``--mode MODE``: How packets are picked."""
    @property
    def probability(self) -> builtins.float | Not[builtins.float] | None:
        """``--probability 0.0-1.0``: The probability that a packet matches; mode `random`."""
    @property
    def every(self) -> builtins.int | Not[builtins.int] | None:
        """``--every NUMBER``: One packet of how many matches; mode `nth`."""
    @property
    def packet(self) -> builtins.int | None:
        """``--packet NUMBER``: Which of each `every` packets matches, counted from 0; mode `nth`."""
    @property
    def name(self) -> builtins.str: ...

@final
class StringMatch(Known, Match):
    """Matches packets that contain a string of bytes.

    Each packet is looked at by itself: a string that is spread over two packets of a stream is not found.

    Examples::

        libfw.Rule('-p tcp --dport 80 -m string --algo bm --string "GET /admin" --to 200 -j DROP')
        libfw.Rule('-m string --hex-string "|0a0b|c" --algo kmp --from 40 --icase -j DROP')
    """

    def __init__(
        self,
        *,
        string: Text | Not[Text] | _Any = ...,
        algo: Text | _Any = ...,
        from_: Integer | _Any = ...,
        to: Integer | _Any = ...,
        icase: builtins.bool | _Any = ...,
        hex_string: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def string(self) -> builtins.str | Not[builtins.str] | None:
        """``--string TEXT``: The bytes to look for."""
    @property
    def algo(self) -> builtins.str | None:
        """``--algo TEXT``: How to search: `bm` (Boyer-Moore) or `kmp` (Knuth-Morris-Pratt)."""
    @property
    def from_(self) -> builtins.int | None:
        """``--from NUMBER``: The offset from which to look, in bytes from the beginning of the IP header."""
    @property
    def to(self) -> builtins.int | None:
        """``--to NUMBER``: The offset at which to stop looking: a match ends before it."""
    @property
    def icase(self) -> builtins.bool:
        """``--icase``: Whether small and capital letters are the same."""
    @property
    def hex_string(self) -> builtins.str | Not[builtins.str] | None:
        """``--hex-string TEXT|HEX|``: The bytes to look for, as text with hexadecimal digits between bars."""
    @property
    def name(self) -> builtins.str: ...

@final
class Tcp(Known, Match):
    """Matches TCP packets by ports, flags and options.

    Loaded by itself when the rule says `-p tcp` and one of these options.

    Examples::

        libfw.Rule('-p tcp -m tcp --dport 443 --syn -j ACCEPT')
        libfw.Rule('-p tcp -m tcp --sport 1024:65535 --tcp-flags SYN,ACK SYN -j ACCEPT')
    """

    def __init__(
        self,
        *,
        sport: Span | Not[Span] | _Any = ...,
        dport: Span | Not[Span] | _Any = ...,
        option: Integer | Not[Integer] | _Any = ...,
        flags: Pair | Not[Pair] | _Any = ...,
        syn: builtins.bool | Not[builtins.bool] | _Any = ...,
        source_port: Span | Not[Span] | _Any = ...,
        destination_port: Span | Not[Span] | _Any = ...,
        tcp_option: Integer | Not[Integer] | _Any = ...,
        tcp_flags: Pair | Not[Pair] | _Any = ...,
    ) -> None: ...
    @property
    def sport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--sport PORT[:PORT]``: The source port, or a range of ports."""
    @property
    def dport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--dport PORT[:PORT]``: The destination port, or a range of ports."""
    @property
    def option(self) -> builtins.int | Not[builtins.int] | None:
        """``--tcp-option NUMBER``: The number of a TCP option that must be there, 1 to 255."""
    @property
    def flags(self) -> tuple[frozenset[builtins.str], frozenset[builtins.str]] | Not[tuple[frozenset[builtins.str], frozenset[builtins.str]]] | None:
        """``--tcp-flags MASK SET``: The flags to look at, and those of them that must be set."""
    @property
    def syn(self) -> builtins.bool | Not[builtins.bool] | None:
        """``--syn``: The first packet of a connection: short for `--tcp-flags FIN,SYN,RST,ACK SYN`."""
    @property
    def source_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `sport`, by the name that iptables has for it."""
    @property
    def destination_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `dport`, by the name that iptables has for it."""
    @property
    def tcp_option(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `option`, by the name that iptables has for it."""
    @property
    def tcp_flags(self) -> tuple[frozenset[builtins.str], frozenset[builtins.str]] | Not[tuple[frozenset[builtins.str], frozenset[builtins.str]]] | None:
        """The same as `flags`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Tcpmss(Known, Match):
    """Matches TCP packets by the maximum segment size (MSS) they announce; only packets with SYN announce one.

    Example::

        libfw.Rule('-p tcp --syn -m tcpmss --mss 1:500 -j DROP')
    """

    def __init__(
        self,
        *,
        mss: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def mss(self) -> builtins.int | Range | Not[builtins.int | Range] | None:
        """``--mss MIN[:MAX]``: The MSS in bytes, or a range of it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Time(Known, Match):
    """Matches packets that come at some date, at some time of the day or on some days.

    All times are UTC unless `kerneltz` is given.

    Examples::

        libfw.Rule('-m time --timestart 08:00 --timestop 18:00 --weekdays Mon,Tue,Wed,Thu,Fri -j ACCEPT')
        libfw.Rule('-m time --datestart 2030-01-01 --datestop 2030-12-31T12:00:00 --monthdays 1,15 --kerneltz -j DROP')
    """

    def __init__(
        self,
        *,
        timestart: Text | _Any = ...,
        timestop: Text | _Any = ...,
        monthdays: List | Not[List] | _Any = ...,
        weekdays: List | Not[List] | _Any = ...,
        datestart: Text | _Any = ...,
        datestop: Text | _Any = ...,
        kerneltz: builtins.bool | _Any = ...,
        contiguous: builtins.bool | _Any = ...,
        localtz: builtins.bool | _Any = ...,
        utc: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def timestart(self) -> datetime.time | None:
        """``--timestart hh:mm[:ss]``: From this time of the day on."""
    @property
    def timestop(self) -> datetime.time | None:
        """``--timestop hh:mm[:ss]``: Up to and with this time of the day. If it is before `timestart`, the time from midnight is meant too."""
    @property
    def monthdays(self) -> frozenset[builtins.str] | builtins.list[builtins.int] | builtins.str | Not[frozenset[builtins.str] | builtins.list[builtins.int] | builtins.str] | None:
        """``--monthdays DAY[,...]``: On these days of the month."""
    @property
    def weekdays(self) -> frozenset[builtins.str] | Not[frozenset[builtins.str]] | None:
        """``--weekdays DAY[,...]``: On these days of the week."""
    @property
    def datestart(self) -> datetime.datetime | None:
        """``--datestart YYYY[-MM[-DD[Thh[:mm[:ss]]]]]``: From this date on."""
    @property
    def datestop(self) -> datetime.datetime | None:
        """``--datestop YYYY[-MM[-DD[Thh[:mm[:ss]]]]]``: Up to and with this date."""
    @property
    def kerneltz(self) -> builtins.bool:
        """``--kerneltz``: Use the time zone of the kernel, which knows no daylight saving time, instead of UTC."""
    @property
    def contiguous(self) -> builtins.bool:
        """``--contiguous``: Take a time that passes midnight as one that begins on the days that are given."""
    @property
    def localtz(self) -> builtins.bool:
        """``--localtz``: An older name of `kerneltz`."""
    @property
    def utc(self) -> builtins.bool:
        """``--utc``: Use UTC, as it is done anyway."""
    @property
    def name(self) -> builtins.str: ...

@final
class Tos(Known, Match):
    """Matches packets by the byte that IPv4 calls type of service and IPv6 traffic class.

    Example::

        libfw.Rule('-m tos --tos Minimize-Delay -j ACCEPT')
    """

    def __init__(
        self,
        *,
        tos: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def tos(self) -> builtins.int | Masked | Not[builtins.int | Masked] | None:
        """``--tos VALUE[/MASK]|NAME``: The value; with a mask, only these bits are compared."""
    @property
    def name(self) -> builtins.str: ...

@final
class Ttl(Known, Match):
    """Matches packets by their TTL, the number of times they may still be forwarded.

    Example::

        libfw.Rule('-m ttl --ttl-lt 5 -j DROP')
    """

    def __init__(
        self,
        *,
        lt: Integer | _Any = ...,
        gt: Integer | _Any = ...,
        eq: Integer | Not[Integer] | _Any = ...,
        ttl_lt: Integer | _Any = ...,
        ttl_gt: Integer | _Any = ...,
        ttl_eq: Integer | Not[Integer] | _Any = ...,
        ttl: Integer | Not[Integer] | _Any = ...,
    ) -> None: ...
    @property
    def lt(self) -> builtins.int | None:
        """``--ttl-lt NUMBER``: The TTL is less than this."""
    @property
    def gt(self) -> builtins.int | None:
        """``--ttl-gt NUMBER``: The TTL is greater than this."""
    @property
    def eq(self) -> builtins.int | Not[builtins.int] | None:
        """``--ttl-eq NUMBER``: The TTL is this."""
    @property
    def ttl_lt(self) -> builtins.int | None:
        """The same as `lt`, by the name that iptables has for it."""
    @property
    def ttl_gt(self) -> builtins.int | None:
        """The same as `gt`, by the name that iptables has for it."""
    @property
    def ttl_eq(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `eq`, by the name that iptables has for it."""
    @property
    def ttl(self) -> builtins.int | Not[builtins.int] | None:
        """The same as `eq`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class U32(Known, Match):
    """Matches packets by tests on groups of four bytes.

    Example::

        libfw.Rule('-p icmp -m u32 --u32 "6&0xFF=1 && 4&0x3FFF=0 && 0>>22&0x3C@0>>24=0" -j ACCEPT')
    """

    def __init__(
        self,
        *,
        u32: Text | Not[Text] | _Any = ...,
    ) -> None: ...
    @property
    def u32(self) -> builtins.str | Not[builtins.str] | None:
        """``--u32 TESTS``: The tests, such as `0>>22&0x3C@0>>24=8` for an ICMP echo request."""
    @property
    def name(self) -> builtins.str: ...

@final
class Udp(Known, Match):
    """Matches UDP packets by their ports.

    Loaded by itself when the rule says `-p udp` and one of these options.

    Examples::

        libfw.Rule('-p udp -m udp --dport 53 -j ACCEPT')
        libfw.Rule('-p udp -m udp --sport 1024:65535 --dport 53 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        sport: Span | Not[Span] | _Any = ...,
        dport: Span | Not[Span] | _Any = ...,
        source_port: Span | Not[Span] | _Any = ...,
        destination_port: Span | Not[Span] | _Any = ...,
    ) -> None: ...
    @property
    def sport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--sport PORT[:PORT]``: The source port, or a range of ports."""
    @property
    def dport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--dport PORT[:PORT]``: The destination port, or a range of ports."""
    @property
    def source_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `sport`, by the name that iptables has for it."""
    @property
    def destination_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `dport`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Udplite(Known, Match):
    """Matches UDP-Lite packets by their ports. The kernel has it, iptables does not.

    Loaded by itself when the rule says `-p udplite` and one of these options.

    Example::

        libfw.Rule('-p udplite -m udplite --dport 5000:5010 -j ACCEPT')
    """

    def __init__(
        self,
        *,
        sport: Span | Not[Span] | _Any = ...,
        dport: Span | Not[Span] | _Any = ...,
        source_port: Span | Not[Span] | _Any = ...,
        destination_port: Span | Not[Span] | _Any = ...,
    ) -> None: ...
    @property
    def sport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--sport PORT[:PORT]``: The source port, or a range of ports."""
    @property
    def dport(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """``--dport PORT[:PORT]``: The destination port, or a range of ports."""
    @property
    def source_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `sport`, by the name that iptables has for it."""
    @property
    def destination_port(self) -> builtins.int | PortRange | Not[builtins.int | PortRange] | None:
        """The same as `dport`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...
