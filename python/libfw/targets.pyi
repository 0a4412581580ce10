# Made by bindings/python/stubs.py; do not edit.
import builtins
import datetime
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
from ._values import AddressRange, Masked, NatRange, Not, PortRange, Range, Rate
from ._values import Any_ as _Any
from .typing import Address, Host, Hosts, Integer, List, Network, Pair, Span, Speed, Text

__all__ = ['Target', 'Opaque', 'Accept', 'Drop', 'Goto', 'Jump', 'Queue', 'Return', 'Audit', 'Checksum', 'Classify', 'Clusterip', 'Connmark', 'Connsecmark', 'Ct', 'Dnat', 'Dnpt', 'Dscp', 'Ecn', 'Hl', 'Hmark', 'Idletimer', 'Led', 'Log', 'Mangle', 'Mark', 'ArpMark', 'Masquerade', 'Netmap', 'Nflog', 'Nfqueue', 'Notrack', 'Rateest', 'Redirect', 'Reject', 'Secmark', 'Set', 'Snat', 'Snpt', 'Synproxy', 'Tcpmss', 'Tcpoptstrip', 'Tee', 'Tos', 'Tproxy', 'Trace', 'Ttl', 'Ulog']

@final
class Audit(Known, Target):
    """Writes an audit record about the packet and goes on with the next rule.

    Example::

        libfw.Rule('-p tcp --dport 23 -j AUDIT --type drop')
    """

    def __init__(
        self,
        *,
        kind: Text | _Any = ...,
        type: Text | _Any = ...,
    ) -> None: ...
    @property
    def kind(self) -> builtins.str | None:
        """``--type TYPE``: What the record says; what happens to the packet is up to the rules that follow."""
    @property
    def type(self) -> builtins.str | None:
        """The same as `kind`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Checksum(Known, Target):
    """Completes the checksum of a packet that was left to the network card, for programs that read packets raw.

    Example::

        libfw.Rule('-o tap0 -p udp --dport 68 -j CHECKSUM --checksum-fill')
    """

    def __init__(
        self,
        *,
        fill: builtins.bool | _Any = ...,
        checksum_fill: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def fill(self) -> builtins.bool:
        """``--checksum-fill``: Compute the checksum and fill it in."""
    @property
    def checksum_fill(self) -> builtins.bool:
        """The same as `fill`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Classify(Known, Target):
    """Puts the packet into a class of the queueing discipline at its interface, and goes on with the next rule.

    Example::

        libfw.Rule('-o eth0 -p tcp --sport 80 -j CLASSIFY --set-class 1:20')
    """

    def __init__(
        self,
        *,
        set_class: Text | _Any = ...,
    ) -> None: ...
    @property
    def set_class(self) -> builtins.str | None:
        """``--set-class MAJOR:MINOR``: The class."""
    @property
    def name(self) -> builtins.str: ...

@final
class Clusterip(Known, Target):
    """Lets several nodes share an address without a load balancer in front of them.

    Kernels from 6.3 on no longer have it; the match `cluster` does the same. The first rule for an address has
    `--new` and all that goes with it, further ones have no options.

    Example::

        libfw.Rule('-d 192.0.2.1 -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:20 --total-nodes 2 --local-node 1')
    """

    def __init__(
        self,
        *,
        new_address: builtins.bool | _Any = ...,
        hashmode: Text | _Any = ...,
        clustermac: Text | _Any = ...,
        total_nodes: Integer | _Any = ...,
        local_node: Integer | _Any = ...,
        hash_init: Integer | _Any = ...,
        new: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def new_address(self) -> builtins.bool:
        """``--new``: Make a new cluster address."""
    @property
    def hashmode(self) -> builtins.str | None:
        """``--hashmode MODE``: What decides which node a packet belongs to."""
    @property
    def clustermac(self) -> builtins.str | None:
        """``--clustermac XX:XX:XX:XX:XX:XX``: The hardware address of the cluster, a multicast one."""
    @property
    def total_nodes(self) -> builtins.int | None:
        """``--total-nodes NUMBER``: The number of nodes, at most 16."""
    @property
    def local_node(self) -> builtins.int | None:
        """``--local-node NUMBER``: The number of this node, counted from 1."""
    @property
    def hash_init(self) -> builtins.int | None:
        """``--hash-init NUMBER``: The seed of the hash."""
    @property
    def new(self) -> builtins.bool:
        """The same as `new_address`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Connmark(Known, Target):
    """Sets the mark of the packet's connection, or copies it from the packet or to it.

    A rule early on restores the mark to the packet, and what decided about the connection's first packet holds for
    all that follow.

    Example::

        libfw.Rule('-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff')
    """

    def __init__(
        self,
        *,
        set_xmark: Text | _Any = ...,
        save_mark: builtins.bool | _Any = ...,
        restore_mark: builtins.bool | _Any = ...,
        nfmask: Integer | _Any = ...,
        ctmask: Integer | _Any = ...,
        left_shift_mark: Integer | _Any = ...,
        right_shift_mark: Integer | _Any = ...,
        set_mark: Text | _Any = ...,
        and_mark: Integer | _Any = ...,
        or_mark: Integer | _Any = ...,
        xor_mark: Integer | _Any = ...,
        mask: Integer | _Any = ...,
    ) -> None: ...
    @property
    def set_xmark(self) -> builtins.int | Masked | None:
        """``--set-xmark VALUE[/MASK]``: Clears the bits of the mask in the connection's mark and then inverts those of the value."""
    @property
    def save_mark(self) -> builtins.bool:
        """``--save-mark``: Copies the packet's mark to the connection: `ctmark = (ctmark & ~ctmask) ^ (nfmark & nfmask)`."""
    @property
    def restore_mark(self) -> builtins.bool:
        """``--restore-mark``: Copies the connection's mark to the packet: `nfmark = (nfmark & ~nfmask) ^ (ctmark & ctmask)`."""
    @property
    def nfmask(self) -> builtins.int | None:
        """``--nfmask NUMBER``: The bits of the packet's mark that count; all unless given."""
    @property
    def ctmask(self) -> builtins.int | None:
        """``--ctmask NUMBER``: The bits of the connection's mark that count; all unless given."""
    @property
    def left_shift_mark(self) -> builtins.int | None:
        """``--left-shift-mark NUMBER``: Shifts the mark that is copied or set by so many bits to the left, at most 31."""
    @property
    def right_shift_mark(self) -> builtins.int | None:
        """``--right-shift-mark NUMBER``: Shifts the mark that is copied or set by so many bits to the right, at most 31."""
    @property
    def set_mark(self) -> builtins.int | Masked | None:
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
    @property
    def mask(self) -> builtins.int | None:
        """``--mask NUMBER``: The bits of both marks that count."""
    @property
    def name(self) -> builtins.str: ...

@final
class Connsecmark(Known, Target):
    """Copies the security mark between a packet and its connection, as SELinux uses it.

    Example::

        libfw.Rule('-m conntrack --ctstate ESTABLISHED -j CONNSECMARK --restore')
    """

    def __init__(
        self,
        *,
        save: builtins.bool | _Any = ...,
        restore: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def save(self) -> builtins.bool:
        """``--save``: Copies the packet's mark to a connection that has none."""
    @property
    def restore(self) -> builtins.bool:
        """``--restore``: Copies the connection's mark to a packet that has none."""
    @property
    def name(self) -> builtins.str: ...

@final
class Ct(Known, Target):
    """Sets how the connection of a packet is tracked, before it is.

    Examples::

        libfw.Rule('-p tcp --dport 2121 -j CT --helper ftp')
        libfw.Rule('-j CT --zone 5 --ctevents new,destroy')
    """

    def __init__(
        self,
        *,
        notrack: builtins.bool | _Any = ...,
        helper: Text | _Any = ...,
        timeout: Text | _Any = ...,
        ctevents: List | _Any = ...,
        expevents: List | _Any = ...,
        zone_orig: Text | _Any = ...,
        zone_reply: Text | _Any = ...,
        zone: Text | _Any = ...,
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
    def ctevents(self) -> frozenset[builtins.str] | None:
        """``--ctevents EVENT[,...]``: Report only these events of the connection."""
    @property
    def expevents(self) -> frozenset[builtins.str] | None:
        """``--expevents EVENT[,...]``: Report only these events of expectations."""
    @property
    def zone_orig(self) -> builtins.int | builtins.str | None:
        """``--zone-orig NUMBER|mark``: The zone of packets in the original direction."""
    @property
    def zone_reply(self) -> builtins.int | builtins.str | None:
        """``--zone-reply NUMBER|mark``: The zone of packets in the reply direction."""
    @property
    def zone(self) -> builtins.int | builtins.str | None:
        """``--zone NUMBER|mark``: The zone of packets in both directions."""
    @property
    def name(self) -> builtins.str: ...

@final
class Dnat(Known, Target):
    """Sends the packet and all others of its connection to another destination.

    Examples::

        libfw.Rule('-i eth0 -p tcp --dport 80 -j DNAT --to-destination 192.168.1.2:8080')
        libfw.Rule('-p tcp --dport 80 -j DNAT --to-destination 192.168.1.2-192.168.1.9 --random')
    """

    def __init__(
        self,
        *,
        to_destination: Pair | _Any = ...,
        random: builtins.bool | _Any = ...,
        persistent: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def to_destination(self) -> NatRange | None:
        """``--to-destination [ADDRESS[-ADDRESS]][:PORT[-PORT]]``: The new address and port, or a range of them."""
    @property
    def random(self) -> builtins.bool:
        """``--random``: Pick the port at random."""
    @property
    def persistent(self) -> builtins.bool:
        """``--persistent``: Give the same client the same address each time."""
    @property
    def name(self) -> builtins.str: ...

@final
class Dnpt(Known, Target):
    """Translates the prefix of the destination address, without state, as RFC 6296 describes.

    Checksums stay right, because another part of the address makes up for the change.

    Example::

        libfw.Rule('-d 2001:db8:1::/64 -j DNPT --src-pfx 2001:db8:1::/64 --dst-pfx fd00::/64', family='ipv6')
    """

    def __init__(
        self,
        *,
        src_pfx: Hosts | _Any = ...,
        dst_pfx: Hosts | _Any = ...,
    ) -> None: ...
    @property
    def src_pfx(self) -> Network | builtins.str | None:
        """``--src-pfx ADDRESS[/MASK]``: The prefix that is replaced, of at most 64 bits."""
    @property
    def dst_pfx(self) -> Network | builtins.str | None:
        """``--dst-pfx ADDRESS[/MASK]``: The prefix it is replaced with, of at most 64 bits."""
    @property
    def name(self) -> builtins.str: ...

@final
class Dscp(Known, Target):
    """Sets the packet's codepoint of differentiated services, the upper six bits of the type of service or traffic
    class.

    Example::

        libfw.Rule('-p udp --dport 5060 -j DSCP --set-dscp-class EF')
    """

    def __init__(
        self,
        *,
        set_dscp: Integer | _Any = ...,
        set_dscp_class: Text | _Any = ...,
    ) -> None: ...
    @property
    def set_dscp(self) -> builtins.int | None:
        """``--set-dscp CODEPOINT``: The codepoint."""
    @property
    def set_dscp_class(self) -> builtins.str | None:
        """``--set-dscp-class CLASS``: The codepoint by the name of its class."""
    @property
    def name(self) -> builtins.str: ...

@final
class Ecn(Known, Target):
    """Changes the bits of explicit congestion notification, to work around routers that drop what has them.

    Example::

        libfw.Rule('-p tcp -d 192.0.2.1 -j ECN --ecn-tcp-remove')
    """

    def __init__(
        self,
        *,
        tcp_ece: Integer | _Any = ...,
        tcp_cwr: Integer | _Any = ...,
        ip_ect: Integer | _Any = ...,
        tcp_remove: builtins.bool | _Any = ...,
        ecn_tcp_ece: Integer | _Any = ...,
        ecn_tcp_cwr: Integer | _Any = ...,
        ecn_ip_ect: Integer | _Any = ...,
        ecn_tcp_remove: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def tcp_ece(self) -> builtins.int | None:
        """``--ecn-tcp-ece 0|1``: Writes the bit ECE, ECN-Echo, of the TCP header. Only for TCP."""
    @property
    def tcp_cwr(self) -> builtins.int | None:
        """``--ecn-tcp-cwr 0|1``: Writes the bit CWR, congestion window reduced, of the TCP header. Only for TCP."""
    @property
    def ip_ect(self) -> builtins.int | None:
        """``--ecn-ip-ect 0..3``: Writes the codepoint of the IP header."""
    @property
    def tcp_remove(self) -> builtins.bool:
        """``--ecn-tcp-remove``: Clears both bits of the TCP header. Only for TCP."""
    @property
    def ecn_tcp_ece(self) -> builtins.int | None:
        """The same as `tcp_ece`, by the name that iptables has for it."""
    @property
    def ecn_tcp_cwr(self) -> builtins.int | None:
        """The same as `tcp_cwr`, by the name that iptables has for it."""
    @property
    def ecn_ip_ect(self) -> builtins.int | None:
        """The same as `ip_ect`, by the name that iptables has for it."""
    @property
    def ecn_tcp_remove(self) -> builtins.bool:
        """The same as `tcp_remove`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Hl(Known, Target):
    """Changes the packet's hop limit, the number of times it may still be forwarded.

    Raising it can let packets circle for ever; setting it on what leaves the network hides how far away it began.

    Example::

        libfw.Rule('-o eth0 -j HL --hl-set 64', family='ipv6')
    """

    def __init__(
        self,
        *,
        set: Integer | _Any = ...,
        dec: Integer | _Any = ...,
        inc: Integer | _Any = ...,
        hl_set: Integer | _Any = ...,
        hl_dec: Integer | _Any = ...,
        hl_inc: Integer | _Any = ...,
    ) -> None: ...
    @property
    def set(self) -> builtins.int | None:
        """``--hl-set NUMBER``: Sets the hop limit to this."""
    @property
    def dec(self) -> builtins.int | None:
        """``--hl-dec NUMBER``: Lowers the hop limit by this."""
    @property
    def inc(self) -> builtins.int | None:
        """``--hl-inc NUMBER``: Raises the hop limit by this."""
    @property
    def hl_set(self) -> builtins.int | None:
        """The same as `set`, by the name that iptables has for it."""
    @property
    def hl_dec(self) -> builtins.int | None:
        """The same as `dec`, by the name that iptables has for it."""
    @property
    def hl_inc(self) -> builtins.int | None:
        """The same as `inc`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Hmark(Known, Target):
    """Marks the packet with a number computed from its addresses and ports, so that packets of one flow get one mark.

    The mark is the hash modulo a number, plus an offset.

    Examples::

        libfw.Rule('-j HMARK --hmark-tuple src,dst --hmark-mod 10 --hmark-offset 10000 --hmark-rnd 0xfeedcafe')
        libfw.Rule('-p tcp -j HMARK --hmark-src-prefix 24 --hmark-sport-mask 0xff --hmark-proto-mask 5 --hmark-mod 10 --hmark-rnd 5')
    """

    def __init__(
        self,
        *,
        src_prefix: Text | _Any = ...,
        dst_prefix: Text | _Any = ...,
        sport_mask: Integer | _Any = ...,
        dport_mask: Integer | _Any = ...,
        spi_mask: Integer | _Any = ...,
        sport: Integer | _Any = ...,
        dport: Integer | _Any = ...,
        spi: Integer | _Any = ...,
        proto_mask: Integer | _Any = ...,
        rnd: Integer | _Any = ...,
        modulus: Integer | _Any = ...,
        offset: Integer | _Any = ...,
        tuple: List | _Any = ...,
        hmark_src_prefix: Text | _Any = ...,
        hmark_dst_prefix: Text | _Any = ...,
        hmark_sport_mask: Integer | _Any = ...,
        hmark_dport_mask: Integer | _Any = ...,
        hmark_spi_mask: Integer | _Any = ...,
        hmark_sport: Integer | _Any = ...,
        hmark_dport: Integer | _Any = ...,
        hmark_spi: Integer | _Any = ...,
        hmark_proto_mask: Integer | _Any = ...,
        hmark_rnd: Integer | _Any = ...,
        hmark_mod: Integer | _Any = ...,
        hmark_offset: Integer | _Any = ...,
        hmark_tuple: List | _Any = ...,
    ) -> None: ...
    @property
    def src_prefix(self) -> builtins.int | Address | Network | builtins.str | None:
        """``--hmark-src-prefix LENGTH|MASK``: The bits of the source address that are hashed."""
    @property
    def dst_prefix(self) -> builtins.int | Address | Network | builtins.str | None:
        """``--hmark-dst-prefix LENGTH|MASK``: The bits of the destination address that are hashed."""
    @property
    def sport_mask(self) -> builtins.int | None:
        """``--hmark-sport-mask NUMBER``: The bits of the source port that are hashed."""
    @property
    def dport_mask(self) -> builtins.int | None:
        """``--hmark-dport-mask NUMBER``: The bits of the destination port that are hashed."""
    @property
    def spi_mask(self) -> builtins.int | None:
        """``--hmark-spi-mask NUMBER``: The bits of the security parameter index that are hashed, of ESP and AH."""
    @property
    def sport(self) -> builtins.int | None:
        """``--hmark-sport NUMBER``: Bits that are set in the source port before it is hashed."""
    @property
    def dport(self) -> builtins.int | None:
        """``--hmark-dport NUMBER``: Bits that are set in the destination port before it is hashed."""
    @property
    def spi(self) -> builtins.int | None:
        """``--hmark-spi NUMBER``: Bits that are set in the security parameter index before it is hashed."""
    @property
    def proto_mask(self) -> builtins.int | None:
        """``--hmark-proto-mask NUMBER``: The bits of the protocol that are hashed."""
    @property
    def rnd(self) -> builtins.int | None:
        """``--hmark-rnd NUMBER``: The seed of the hash."""
    @property
    def modulus(self) -> builtins.int | None:
        """``--hmark-mod NUMBER``: The mark is the hash modulo this."""
    @property
    def offset(self) -> builtins.int | None:
        """``--hmark-offset NUMBER``: This is added to the mark."""
    @property
    def tuple(self) -> frozenset[builtins.str] | None:
        """``--hmark-tuple TYPE[,...]``: What is hashed, in full; all but `CT` is another way to write the options above."""
    @property
    def hmark_src_prefix(self) -> builtins.int | Address | Network | builtins.str | None:
        """The same as `src_prefix`, by the name that iptables has for it."""
    @property
    def hmark_dst_prefix(self) -> builtins.int | Address | Network | builtins.str | None:
        """The same as `dst_prefix`, by the name that iptables has for it."""
    @property
    def hmark_sport_mask(self) -> builtins.int | None:
        """The same as `sport_mask`, by the name that iptables has for it."""
    @property
    def hmark_dport_mask(self) -> builtins.int | None:
        """The same as `dport_mask`, by the name that iptables has for it."""
    @property
    def hmark_spi_mask(self) -> builtins.int | None:
        """The same as `spi_mask`, by the name that iptables has for it."""
    @property
    def hmark_sport(self) -> builtins.int | None:
        """The same as `sport`, by the name that iptables has for it."""
    @property
    def hmark_dport(self) -> builtins.int | None:
        """The same as `dport`, by the name that iptables has for it."""
    @property
    def hmark_spi(self) -> builtins.int | None:
        """The same as `spi`, by the name that iptables has for it."""
    @property
    def hmark_proto_mask(self) -> builtins.int | None:
        """The same as `proto_mask`, by the name that iptables has for it."""
    @property
    def hmark_rnd(self) -> builtins.int | None:
        """The same as `rnd`, by the name that iptables has for it."""
    @property
    def hmark_mod(self) -> builtins.int | None:
        """The same as `modulus`, by the name that iptables has for it."""
    @property
    def hmark_offset(self) -> builtins.int | None:
        """The same as `offset`, by the name that iptables has for it."""
    @property
    def hmark_tuple(self) -> frozenset[builtins.str] | None:
        """The same as `tuple`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Idletimer(Known, Target):
    """Starts a timer anew with each packet; programs are told when it runs out, and when packets come again.

    The time that remains is in `/sys/class/xt_idletimer/timers`.

    Example::

        libfw.Rule('-o wlan0 -j IDLETIMER --timeout 60 --label wifi')
    """

    def __init__(
        self,
        *,
        timeout: Integer | _Any = ...,
        label: Text | _Any = ...,
        alarm: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def timeout(self) -> builtins.int | None:
        """``--timeout NUMBER``: After how many seconds without packets the timer runs out."""
    @property
    def label(self) -> builtins.str | None:
        """``--label TEXT``: The name of the timer. Rules with the same name share it."""
    @property
    def alarm(self) -> builtins.bool:
        """``--alarm``: Let the timer wake the system from sleep."""
    @property
    def name(self) -> builtins.str: ...

@final
class Led(Known, Target):
    """Triggers a lamp of the host and goes on with the next rule.

    The lamp's file `/sys/class/leds/LAMP/trigger` says to which trigger it listens.

    Example::

        libfw.Rule('-p tcp --dport 22 -j LED --led-trigger-id ssh --led-delay 1000')
    """

    def __init__(
        self,
        *,
        trigger_id: Text | _Any = ...,
        delay: Text | _Any = ...,
        always_blink: builtins.bool | _Any = ...,
        led_trigger_id: Text | _Any = ...,
        led_delay: Text | _Any = ...,
        led_always_blink: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def trigger_id(self) -> builtins.str | None:
        """``--led-trigger-id TEXT``: The name of the trigger, of at most 16 bytes. The kernel puts `netfilter-` before it."""
    @property
    def delay(self) -> builtins.str | datetime.timedelta | None:
        """``--led-delay MILLISECONDS|inf``: How long the lamp stays on."""
    @property
    def always_blink(self) -> builtins.bool:
        """``--led-always-blink``: Let the lamp blink with each packet even if it is on."""
    @property
    def led_trigger_id(self) -> builtins.str | None:
        """The same as `trigger_id`, by the name that iptables has for it."""
    @property
    def led_delay(self) -> builtins.str | datetime.timedelta | None:
        """The same as `delay`, by the name that iptables has for it."""
    @property
    def led_always_blink(self) -> builtins.bool:
        """The same as `always_blink`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Log(Known, Target):
    """Writes a line about the packet to the kernel's log and goes on with the next rule.

    Example::

        libfw.Rule('-j LOG --log-prefix "dropped: " --log-level info --log-uid')
    """

    def __init__(
        self,
        *,
        prefix: Text | _Any = ...,
        level: Text | _Any = ...,
        tcp_sequence: builtins.bool | _Any = ...,
        tcp_options: builtins.bool | _Any = ...,
        ip_options: builtins.bool | _Any = ...,
        uid: builtins.bool | _Any = ...,
        macdecode: builtins.bool | _Any = ...,
        log_prefix: Text | _Any = ...,
        log_level: Text | _Any = ...,
        log_tcp_sequence: builtins.bool | _Any = ...,
        log_tcp_options: builtins.bool | _Any = ...,
        log_ip_options: builtins.bool | _Any = ...,
        log_uid: builtins.bool | _Any = ...,
        log_macdecode: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def prefix(self) -> builtins.str | None:
        """``--log-prefix TEXT``: Text at the beginning of the line, at most 29 bytes."""
    @property
    def level(self) -> builtins.int | builtins.str | None:
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
    @property
    def log_prefix(self) -> builtins.str | None:
        """The same as `prefix`, by the name that iptables has for it."""
    @property
    def log_level(self) -> builtins.int | builtins.str | None:
        """The same as `level`, by the name that iptables has for it."""
    @property
    def log_tcp_sequence(self) -> builtins.bool:
        """The same as `tcp_sequence`, by the name that iptables has for it."""
    @property
    def log_tcp_options(self) -> builtins.bool:
        """The same as `tcp_options`, by the name that iptables has for it."""
    @property
    def log_ip_options(self) -> builtins.bool:
        """The same as `ip_options`, by the name that iptables has for it."""
    @property
    def log_uid(self) -> builtins.bool:
        """The same as `uid`, by the name that iptables has for it."""
    @property
    def log_macdecode(self) -> builtins.bool:
        """The same as `macdecode`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Mangle(Known, Target):
    """Writes other addresses into an ARP packet.

    Example::

        libfw.Rule('-d 10.0.0.1 -j mangle --mangle-mac-s 00:11:22:33:44:55', family='arp')
    """

    def __init__(
        self,
        *,
        mangle_ip_s: Host | _Any = ...,
        mangle_mac_s: Text | _Any = ...,
        mangle_ip_d: Host | _Any = ...,
        mangle_mac_d: Text | _Any = ...,
        mangle_target: Text | _Any = ...,
    ) -> None: ...
    @property
    def mangle_ip_s(self) -> Address | None:
        """``--mangle-ip-s ADDRESS``: The IP address of the sender."""
    @property
    def mangle_mac_s(self) -> builtins.str | None:
        """``--mangle-mac-s XX:XX:XX:XX:XX:XX``: The hardware address of the sender."""
    @property
    def mangle_ip_d(self) -> Address | None:
        """``--mangle-ip-d ADDRESS``: The IP address that is looked for."""
    @property
    def mangle_mac_d(self) -> builtins.str | None:
        """``--mangle-mac-d XX:XX:XX:XX:XX:XX``: The hardware address that is looked for."""
    @property
    def mangle_target(self) -> builtins.str | None:
        """``--mangle-target TARGET``: What becomes of the packet then."""
    @property
    def name(self) -> builtins.str: ...

@final
class Mark(Known, Target):
    """Sets the packet's mark, for the match `mark`, for routing and for queueing.

    Example::

        libfw.Rule('-i eth1 -j MARK --set-xmark 0x1/0xff')
    """

    def __init__(
        self,
        *,
        set_xmark: Text | _Any = ...,
        set_mark: Text | _Any = ...,
        and_mark: Integer | _Any = ...,
        or_mark: Integer | _Any = ...,
        xor_mark: Integer | _Any = ...,
    ) -> None: ...
    @property
    def set_xmark(self) -> builtins.int | Masked | None:
        """``--set-xmark VALUE[/MASK]``: Clears the bits of the mask and then inverts those of the value."""
    @property
    def set_mark(self) -> builtins.int | Masked | None:
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
    @property
    def name(self) -> builtins.str: ...

@final
class ArpMark(Known, Target):
    """Sets the mark of an ARP packet. Marks are hexadecimal, with `0x` or without.

    Example::

        libfw.Rule('-i eth1 -j MARK --set-mark 1f', family='arp')
    """

    def __init__(
        self,
        *,
        set_mark: Text | _Any = ...,
        and_mark: Text | _Any = ...,
        or_mark: Text | _Any = ...,
    ) -> None: ...
    @property
    def set_mark(self) -> builtins.int | None:
        """``--set-mark HEX``: The mark."""
    @property
    def and_mark(self) -> builtins.int | None:
        """``--and-mark HEX``: Keeps only these bits."""
    @property
    def or_mark(self) -> builtins.int | None:
        """``--or-mark HEX``: Sets these bits."""
    @property
    def name(self) -> builtins.str: ...

@final
class Masquerade(Known, Target):
    """Gives the packet the address of the interface it leaves by, for connections whose address changes.

    Example::

        libfw.Rule('-o eth0 -j MASQUERADE')
    """

    def __init__(
        self,
        *,
        to_ports: Span | _Any = ...,
        random: builtins.bool | _Any = ...,
        random_fully: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def to_ports(self) -> builtins.int | PortRange | None:
        """``--to-ports PORT[-PORT]``: The new source port, or a range of ports."""
    @property
    def random(self) -> builtins.bool:
        """``--random``: Pick the port at random."""
    @property
    def random_fully(self) -> builtins.bool:
        """``--random-fully``: Pick the port entirely at random."""
    @property
    def name(self) -> builtins.str: ...

@final
class Netmap(Known, Target):
    """Maps addresses onto those of another network, one to one: the destination before routing and in what this host
    sends, the source elsewhere.

    Example::

        libfw.Rule('-d 192.0.2.0/24 -j NETMAP --to 10.0.0.0/24')
    """

    def __init__(
        self,
        *,
        to: Hosts | _Any = ...,
    ) -> None: ...
    @property
    def to(self) -> Network | builtins.str | None:
        """``--to ADDRESS[/MASK]``: The network; where its mask has a bit, the address gets that of the network."""
    @property
    def name(self) -> builtins.str: ...

@final
class Nflog(Known, Target):
    """Sends the packet to a netlink group, where a program such as `ulogd` logs it, and goes on with the next rule.

    Examples::

        libfw.Rule('-j NFLOG --nflog-group 5 --nflog-prefix "dropped: "')
        libfw.Rule('-j NFLOG --nflog-group 5 --nflog-threshold 7 --nflog-size 64')
    """

    def __init__(
        self,
        *,
        prefix: Text | _Any = ...,
        group: Integer | _Any = ...,
        range: Integer | _Any = ...,
        size: Integer | _Any = ...,
        threshold: Integer | _Any = ...,
        nflog_prefix: Text | _Any = ...,
        nflog_group: Integer | _Any = ...,
        nflog_range: Integer | _Any = ...,
        nflog_size: Integer | _Any = ...,
        nflog_threshold: Integer | _Any = ...,
    ) -> None: ...
    @property
    def prefix(self) -> builtins.str | None:
        """``--nflog-prefix TEXT``: Text that the program gets beside the packet, at most 63 bytes."""
    @property
    def group(self) -> builtins.int | None:
        """``--nflog-group NUMBER``: The netlink group."""
    @property
    def range(self) -> builtins.int | None:
        """``--nflog-range NUMBER``: How many bytes of the packet are sent; it has never had an effect, see `size`."""
    @property
    def size(self) -> builtins.int | None:
        """``--nflog-size NUMBER``: How many bytes of the packet are sent; all of them unless given."""
    @property
    def threshold(self) -> builtins.int | None:
        """``--nflog-threshold NUMBER``: How many packets are gathered before they are sent."""
    @property
    def nflog_prefix(self) -> builtins.str | None:
        """The same as `prefix`, by the name that iptables has for it."""
    @property
    def nflog_group(self) -> builtins.int | None:
        """The same as `group`, by the name that iptables has for it."""
    @property
    def nflog_range(self) -> builtins.int | None:
        """The same as `range`, by the name that iptables has for it."""
    @property
    def nflog_size(self) -> builtins.int | None:
        """The same as `size`, by the name that iptables has for it."""
    @property
    def nflog_threshold(self) -> builtins.int | None:
        """The same as `threshold`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Nfqueue(Known, Target):
    """Lets a program decide about the packet.

    Examples::

        libfw.Rule('-p tcp --dport 80 -j NFQUEUE --queue-balance 0:3 --queue-bypass')
        libfw.Rule('-j NFQUEUE --queue-balance 0:3 --queue-bypass --queue-cpu-fanout')
    """

    def __init__(
        self,
        *,
        num: Integer | _Any = ...,
        balance: Span | _Any = ...,
        bypass: builtins.bool | _Any = ...,
        cpu_fanout: builtins.bool | _Any = ...,
        queue_num: Integer | _Any = ...,
        queue_balance: Span | _Any = ...,
        queue_bypass: builtins.bool | _Any = ...,
        queue_cpu_fanout: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def num(self) -> builtins.int | None:
        """``--queue-num NUMBER``: The number of the queue; 0 unless given."""
    @property
    def balance(self) -> builtins.int | Range | None:
        """``--queue-balance FIRST:LAST``: The queues among which connections are spread."""
    @property
    def bypass(self) -> builtins.bool:
        """``--queue-bypass``: Accept the packet if no program listens, instead of dropping it."""
    @property
    def cpu_fanout(self) -> builtins.bool:
        """``--queue-cpu-fanout``: Choose the queue by the CPU that handles the packet, instead of by its connection."""
    @property
    def queue_num(self) -> builtins.int | None:
        """The same as `num`, by the name that iptables has for it."""
    @property
    def queue_balance(self) -> builtins.int | Range | None:
        """The same as `balance`, by the name that iptables has for it."""
    @property
    def queue_bypass(self) -> builtins.bool:
        """The same as `bypass`, by the name that iptables has for it."""
    @property
    def queue_cpu_fanout(self) -> builtins.bool:
        """The same as `cpu_fanout`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Notrack(Known, Target):
    """Exempts the connection of a packet from tracking.

    An older name for `CT --notrack`, which is what the kernel gets; the rule remembers the name.

    Example::

        libfw.Rule('-p udp --dport 53 -j NOTRACK')
    """

    def __init__(self) -> None: ...
    @property
    def name(self) -> builtins.str: ...

@final
class Rateest(Known, Target):
    """Estimates the rate of the packets it sees, for the match `rateest`.

    Example::

        libfw.Rule('-i eth0 -j RATEEST --rateest-name wan --rateest-interval 250ms --rateest-ewmalog 0.5s')
    """

    def __init__(
        self,
        *,
        rateest_name: Text | _Any = ...,
        rateest_interval: Text | _Any = ...,
        rateest_ewmalog: Text | _Any = ...,
    ) -> None: ...
    @property
    def rateest_name(self) -> builtins.str | None:
        """``--rateest-name TEXT``: The name of the estimator, which comes into being with the first rule that names it."""
    @property
    def rateest_interval(self) -> datetime.timedelta | None:
        """``--rateest-interval TIME[s|ms|us]``: The time between two samples, from 250 ms to 8 s; the kernel doubles 250 ms until it is enough."""
    @property
    def rateest_ewmalog(self) -> datetime.timedelta | None:
        """``--rateest-ewmalog TIME[s|ms|us]``: The time over which samples are averaged; the kernel keeps a power of two of the interval."""
    @property
    def name(self) -> builtins.str: ...

@final
class Redirect(Known, Target):
    """Sends the packet to this host itself: to the address of the interface it came in by, or to the loopback address.

    Examples::

        libfw.Rule('-p tcp --dport 80 -j REDIRECT --to-ports 8080')
        libfw.Rule('-p tcp --dport 80 -j REDIRECT --to-ports 8080-8090 --random')
    """

    def __init__(
        self,
        *,
        to_ports: Span | _Any = ...,
        random: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def to_ports(self) -> builtins.int | PortRange | None:
        """``--to-ports PORT[-PORT]``: The new destination port, or a range of ports."""
    @property
    def random(self) -> builtins.bool:
        """``--random``: Pick the port at random."""
    @property
    def name(self) -> builtins.str: ...

@final
class Reject(Known, Target):
    """Drops the packet and tells its sender.

    Example::

        libfw.Rule('-p tcp -j REJECT --reject-with tcp-reset')
    """

    def __init__(
        self,
        *,
        reject_with: Text | _Any = ...,
    ) -> None: ...
    @property
    def reject_with(self) -> builtins.str | None:
        """``--reject-with TYPE``: What the sender gets."""
    @property
    def name(self) -> builtins.str: ...

@final
class Secmark(Known, Target):
    """Sets the security mark of the packet, for security modules such as SELinux.

    Example::

        libfw.Rule('-p tcp --dport 80 -j SECMARK --selctx system_u:object_r:httpd_packet_t:s0')
    """

    def __init__(
        self,
        *,
        selctx: Text | _Any = ...,
    ) -> None: ...
    @property
    def selctx(self) -> builtins.str | None:
        """``--selctx TEXT``: The security context, which the security module must know."""
    @property
    def name(self) -> builtins.str: ...

@final
class Set(Known, Target):
    """Adds the packet's addresses to an ipset, deletes them from one, or marks the packet from one.

    Examples::

        libfw.Rule('-p tcp --dport 23 -j SET --add-set web src --exist')
        libfw.Rule('-m set --match-set web src -j SET --map-set web src --map-mark')
        libfw.Rule('-j SET --add-set web src --timeout 5 --exist')
    """

    def __init__(
        self,
        *,
        add_set: Pair | _Any = ...,
        del_set: Pair | _Any = ...,
        map_set: Pair | _Any = ...,
        exist: builtins.bool | _Any = ...,
        timeout: Integer | _Any = ...,
        map_mark: builtins.bool | _Any = ...,
        map_prio: builtins.bool | _Any = ...,
        map_queue: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def add_set(self) -> tuple[builtins.str, tuple[builtins.str, ...]] | None:
        """``--add-set NAME src|dst[,...]``: Add an entry to this set."""
    @property
    def del_set(self) -> tuple[builtins.str, tuple[builtins.str, ...]] | None:
        """``--del-set NAME src|dst[,...]``: Delete an entry from this set."""
    @property
    def map_set(self) -> tuple[builtins.str, tuple[builtins.str, ...]] | None:
        """``--map-set NAME src|dst[,...]``: Look the packet up in this set, whose entries have marks."""
    @property
    def exist(self) -> builtins.bool:
        """``--exist``: Reset the timeout of an entry that exists already."""
    @property
    def timeout(self) -> builtins.int | datetime.timedelta | None:
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
    @property
    def name(self) -> builtins.str: ...

@final
class Snat(Known, Target):
    """Gives the packet and all others of its connection another source.

    Examples::

        libfw.Rule('-s 192.168.1.0/24 -o eth0 -j SNAT --to-source 192.0.2.1')
        libfw.Rule('-p udp -o eth0 -j SNAT --to-source 192.0.2.1-192.0.2.9:1024-65535 --persistent')
    """

    def __init__(
        self,
        *,
        to_source: Pair | _Any = ...,
        random: builtins.bool | _Any = ...,
        random_fully: builtins.bool | _Any = ...,
        persistent: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def to_source(self) -> NatRange | None:
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
    @property
    def name(self) -> builtins.str: ...

@final
class Snpt(Known, Target):
    """Translates the prefix of the source address, without state, as RFC 6296 describes.

    Checksums stay right, because another part of the address makes up for the change.

    Example::

        libfw.Rule('-s fd00::/64 -j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8:1::/64', family='ipv6')
    """

    def __init__(
        self,
        *,
        src_pfx: Hosts | _Any = ...,
        dst_pfx: Hosts | _Any = ...,
    ) -> None: ...
    @property
    def src_pfx(self) -> Network | builtins.str | None:
        """``--src-pfx ADDRESS[/MASK]``: The prefix that is replaced, of at most 64 bits."""
    @property
    def dst_pfx(self) -> Network | builtins.str | None:
        """``--dst-pfx ADDRESS[/MASK]``: The prefix it is replaced with, of at most 64 bits."""
    @property
    def name(self) -> builtins.str: ...

@final
class Synproxy(Known, Target):
    """Answers the first packet of a TCP connection in place of the server, and opens the connection to the server only
    when the client has completed the handshake.

    The options say what the server supports, since the kernel must promise it before the server is asked.

    Example::

        libfw.Rule('-p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460')
    """

    def __init__(
        self,
        *,
        sack_perm: builtins.bool | _Any = ...,
        timestamp: builtins.bool | _Any = ...,
        wscale: Integer | _Any = ...,
        mss: Integer | _Any = ...,
        ecn: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def sack_perm(self) -> builtins.bool:
        """``--sack-perm``: The server supports selective acknowledgements."""
    @property
    def timestamp(self) -> builtins.bool:
        """``--timestamp``: The server supports timestamps."""
    @property
    def wscale(self) -> builtins.int | None:
        """``--wscale NUMBER``: The window scale of the server, as a power of two."""
    @property
    def mss(self) -> builtins.int | None:
        """``--mss NUMBER``: The maximum segment size of the server, in bytes."""
    @property
    def ecn(self) -> builtins.bool:
        """``--ecn``: The server supports explicit congestion notification."""
    @property
    def name(self) -> builtins.str: ...

@final
class Tcpmss(Known, Target):
    """Changes the maximum segment size (MSS) that a TCP packet announces, so that connections get through a link with
    a small MTU.

    The rule must be limited to packets that open a connection, such as by `--syn`; no other has an MSS.

    Examples::

        libfw.Rule('-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu')
        libfw.Rule('-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1400')
    """

    def __init__(
        self,
        *,
        set_mss: Integer | _Any = ...,
        clamp_mss_to_pmtu: builtins.bool | _Any = ...,
    ) -> None: ...
    @property
    def set_mss(self) -> builtins.int | None:
        """``--set-mss NUMBER``: The MSS in bytes. A smaller one that the packet announces is left alone."""
    @property
    def clamp_mss_to_pmtu(self) -> builtins.bool:
        """``--clamp-mss-to-pmtu``: As large as the path MTU of the connection allows."""
    @property
    def name(self) -> builtins.str: ...

@final
class Tcpoptstrip(Known, Target):
    """Removes options from the TCP header, by writing no-operations over them.

    Example::

        libfw.Rule('-p tcp -j TCPOPTSTRIP --strip-options timestamp,sack-permitted')
    """

    def __init__(
        self,
        *,
        strip_options: List | _Any = ...,
    ) -> None: ...
    @property
    def strip_options(self) -> frozenset[builtins.int | builtins.str] | None:
        """``--strip-options OPTION[,...]``: The options, by number or name."""
    @property
    def name(self) -> builtins.str: ...

@final
class Tee(Known, Target):
    """Sends a copy of the packet to another host of the same network, and goes on with the next rule.

    Example::

        libfw.Rule('-i eth0 -j TEE --gateway 192.168.1.9')
    """

    def __init__(
        self,
        *,
        gateway: Host | _Any = ...,
        oif: Text | _Any = ...,
    ) -> None: ...
    @property
    def gateway(self) -> Address | None:
        """``--gateway ADDRESS``: The host, which gets the copy as if it were a router."""
    @property
    def oif(self) -> builtins.str | None:
        """``--oif TEXT``: The interface by which the host is reached; unless given, the route to it decides."""
    @property
    def name(self) -> builtins.str: ...

@final
class Tos(Known, Target):
    """Changes the byte that IPv4 calls type of service and IPv6 traffic class.

    Its lowest two bits are those of explicit congestion notification, which a mask of `0x3f` overwrites too.

    Examples::

        libfw.Rule('-p tcp --dport 22 -j TOS --set-tos Minimize-Delay')
        libfw.Rule('-p udp -j TOS --set-tos 0x8/0x1f')
    """

    def __init__(
        self,
        *,
        set_tos: Text | _Any = ...,
        and_tos: Integer | _Any = ...,
        or_tos: Integer | _Any = ...,
        xor_tos: Integer | _Any = ...,
    ) -> None: ...
    @property
    def set_tos(self) -> builtins.int | Masked | None:
        """``--set-tos VALUE[/MASK]|NAME``: Clears the bits of the mask and then inverts those of the value."""
    @property
    def and_tos(self) -> builtins.int | None:
        """``--and-tos NUMBER``: Keeps only these bits."""
    @property
    def or_tos(self) -> builtins.int | None:
        """``--or-tos NUMBER``: Sets these bits."""
    @property
    def xor_tos(self) -> builtins.int | None:
        """``--xor-tos NUMBER``: Inverts these bits."""
    @property
    def name(self) -> builtins.str: ...

@final
class Tproxy(Known, Target):
    """Gives the packet to a proxy on this host, without changing its addresses.

    The proxy's socket must be transparent (`IP_TRANSPARENT`), and the mark must lead the packet to a route of the
    type `local`.

    Examples::

        libfw.Rule('-p tcp --dport 80 -j TPROXY --on-port 3129 --tproxy-mark 0x1/0x1')
        libfw.Rule('-p tcp --dport 80 -j TPROXY --on-port 3129 --on-ip 127.0.0.1 --tproxy-mark 0x1/0xff')
    """

    def __init__(
        self,
        *,
        on_port: Integer | _Any = ...,
        on_ip: Host | _Any = ...,
        mark: Text | _Any = ...,
        tproxy_mark: Text | _Any = ...,
    ) -> None: ...
    @property
    def on_port(self) -> builtins.int | None:
        """``--on-port PORT``: The port of the proxy; 0 is the port to which the packet goes."""
    @property
    def on_ip(self) -> Address | None:
        """``--on-ip ADDRESS``: The address of the proxy; unless given, that of the interface by which the packet came."""
    @property
    def mark(self) -> builtins.int | Masked | None:
        """``--tproxy-mark VALUE[/MASK]``: Sets the packet's mark: clears the bits of the mask and then inverts those of the value."""
    @property
    def tproxy_mark(self) -> builtins.int | Masked | None:
        """The same as `mark`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Trace(Known, Target):
    """Lets the kernel report every rule that the packet matches from here on, and goes on with the next rule.

    Example::

        libfw.Rule('-p tcp --dport 80 -j TRACE')
    """

    def __init__(self) -> None: ...
    @property
    def name(self) -> builtins.str: ...

@final
class Ttl(Known, Target):
    """Changes the packet's TTL, the number of times it may still be forwarded.

    Raising it can let packets circle for ever; setting it on what leaves the network hides how far away it began.

    Example::

        libfw.Rule('-o eth0 -j TTL --ttl-set 64')
    """

    def __init__(
        self,
        *,
        set: Integer | _Any = ...,
        dec: Integer | _Any = ...,
        inc: Integer | _Any = ...,
        ttl_set: Integer | _Any = ...,
        ttl_dec: Integer | _Any = ...,
        ttl_inc: Integer | _Any = ...,
    ) -> None: ...
    @property
    def set(self) -> builtins.int | None:
        """``--ttl-set NUMBER``: Sets the TTL to this."""
    @property
    def dec(self) -> builtins.int | None:
        """``--ttl-dec NUMBER``: Lowers the TTL by this."""
    @property
    def inc(self) -> builtins.int | None:
        """``--ttl-inc NUMBER``: Raises the TTL by this."""
    @property
    def ttl_set(self) -> builtins.int | None:
        """The same as `set`, by the name that iptables has for it."""
    @property
    def ttl_dec(self) -> builtins.int | None:
        """The same as `dec`, by the name that iptables has for it."""
    @property
    def ttl_inc(self) -> builtins.int | None:
        """The same as `inc`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...

@final
class Ulog(Known, Target):
    """Sends the packet to a netlink group, where a program logs it, and goes on with the next rule.

    NFLOG has taken its place; kernels since 3.17 do not know it.

    Example::

        libfw.Rule('-j ULOG --ulog-nlgroup 2 --ulog-prefix "dropped: "')
    """

    def __init__(
        self,
        *,
        prefix: Text | _Any = ...,
        nlgroup: Integer | _Any = ...,
        cprange: Integer | _Any = ...,
        qthreshold: Integer | _Any = ...,
        ulog_prefix: Text | _Any = ...,
        ulog_nlgroup: Integer | _Any = ...,
        ulog_cprange: Integer | _Any = ...,
        ulog_qthreshold: Integer | _Any = ...,
    ) -> None: ...
    @property
    def prefix(self) -> builtins.str | None:
        """``--ulog-prefix TEXT``: Text that the program gets beside the packet, at most 31 bytes."""
    @property
    def nlgroup(self) -> builtins.int | None:
        """``--ulog-nlgroup NUMBER``: The netlink group, 1 to 32."""
    @property
    def cprange(self) -> builtins.int | None:
        """``--ulog-cprange NUMBER``: How many bytes of the packet are sent; all of them for 0."""
    @property
    def qthreshold(self) -> builtins.int | None:
        """``--ulog-qthreshold NUMBER``: How many packets are gathered before they are sent, 1 to 50."""
    @property
    def ulog_prefix(self) -> builtins.str | None:
        """The same as `prefix`, by the name that iptables has for it."""
    @property
    def ulog_nlgroup(self) -> builtins.int | None:
        """The same as `nlgroup`, by the name that iptables has for it."""
    @property
    def ulog_cprange(self) -> builtins.int | None:
        """The same as `cprange`, by the name that iptables has for it."""
    @property
    def ulog_qthreshold(self) -> builtins.int | None:
        """The same as `qthreshold`, by the name that iptables has for it."""
    @property
    def name(self) -> builtins.str: ...
