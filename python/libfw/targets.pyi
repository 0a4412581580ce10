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

__all__ = ['Target', 'Opaque', 'Accept', 'Drop', 'Goto', 'Jump', 'Queue', 'Return', 'Audit', 'Checksum', 'Classify', 'Clusterip', 'Connmark', 'Connsecmark', 'Ct', 'Dnat', 'Dnpt', 'Dscp', 'Ecn', 'Hl', 'Hmark', 'Idletimer', 'Led', 'Log', 'Mark', 'Masquerade', 'Netmap', 'Nflog', 'Nfqueue', 'Notrack', 'Rateest', 'Redirect', 'Reject', 'Secmark', 'Set', 'Snat', 'Snpt', 'Synproxy', 'Tcpmss', 'Tcpoptstrip', 'Tee', 'Tos', 'Tproxy', 'Trace', 'Ttl', 'Ulog']

@final
class Audit(Known, Target):
    """Writes an audit record about the packet and goes on with the next rule.

    Example::

        libfw.Rule('-p tcp --dport 23 -j AUDIT --type drop')
    """

    def __init__(
        self,
        *,
        kind: Text | None = ...,
    ) -> None: ...
    @property
    def kind(self) -> builtins.str | None:
        """``--type TYPE``: What the record says; what happens to the packet is up to the rules that follow."""

@final
class Checksum(Known, Target):
    """Completes the checksum of a packet that was left to the network card, for programs that read packets raw.

    Example::

        libfw.Rule('-o tap0 -p udp --dport 68 -j CHECKSUM --checksum-fill')
    """

    def __init__(
        self,
        *,
        fill: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def fill(self) -> builtins.bool:
        """``--checksum-fill``: Compute the checksum and fill it in."""

@final
class Classify(Known, Target):
    """Puts the packet into a class of the queueing discipline at its interface, and goes on with the next rule.

    Example::

        libfw.Rule('-o eth0 -p tcp --sport 80 -j CLASSIFY --set-class 1:20')
    """

    def __init__(
        self,
        *,
        set_class: Text | None = ...,
    ) -> None: ...
    @property
    def set_class(self) -> builtins.str | None:
        """``--set-class MAJOR:MINOR``: The class."""

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
        new_address: builtins.bool | None = ...,
        hashmode: Text | None = ...,
        clustermac: Text | None = ...,
        total_nodes: Integer | None = ...,
        local_node: Integer | None = ...,
        hash_init: Integer | None = ...,
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
        set_xmark: Text | None = ...,
        save_mark: builtins.bool | None = ...,
        restore_mark: builtins.bool | None = ...,
        nfmask: Integer | None = ...,
        ctmask: Integer | None = ...,
        left_shift_mark: Integer | None = ...,
        right_shift_mark: Integer | None = ...,
        set_mark: Text | None = ...,
        and_mark: Integer | None = ...,
        or_mark: Integer | None = ...,
        xor_mark: Integer | None = ...,
        mask: Integer | None = ...,
    ) -> None: ...
    @property
    def set_xmark(self) -> builtins.str | None:
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
    @property
    def mask(self) -> builtins.int | None:
        """``--mask NUMBER``: The bits of both marks that count."""

@final
class Connsecmark(Known, Target):
    """Copies the security mark between a packet and its connection, as SELinux uses it.

    Example::

        libfw.Rule('-m conntrack --ctstate ESTABLISHED -j CONNSECMARK --restore')
    """

    def __init__(
        self,
        *,
        save: builtins.bool | None = ...,
        restore: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def save(self) -> builtins.bool:
        """``--save``: Copies the packet's mark to a connection that has none."""
    @property
    def restore(self) -> builtins.bool:
        """``--restore``: Copies the connection's mark to a packet that has none."""

@final
class Ct(Known, Target):
    """Sets how the connection of a packet is tracked, before it is.

    Example::

        libfw.Rule('-p tcp --dport 2121 -j CT --helper ftp')
    """

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
    """Sends the packet and all others of its connection to another destination.

    Example::

        libfw.Rule('-i eth0 -p tcp --dport 80 -j DNAT --to-destination 192.168.1.2:8080')
    """

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
class Dnpt(Known, Target):
    """Translates the prefix of the destination address, without state, as RFC 6296 describes.

    Checksums stay right, because another part of the address makes up for the change.

    Example::

        libfw.Rule('-d 2001:db8:1::/64 -j DNPT --src-pfx 2001:db8:1::/64 --dst-pfx fd00::/64', family='ipv6')
    """

    def __init__(
        self,
        *,
        src_pfx: Text | None = ...,
        dst_pfx: Text | None = ...,
    ) -> None: ...
    @property
    def src_pfx(self) -> builtins.str | None:
        """``--src-pfx ADDRESS[/MASK]``: The prefix that is replaced, of at most 64 bits."""
    @property
    def dst_pfx(self) -> builtins.str | None:
        """``--dst-pfx ADDRESS[/MASK]``: The prefix it is replaced with, of at most 64 bits."""

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
        set_dscp: Integer | None = ...,
        set_dscp_class: Text | None = ...,
    ) -> None: ...
    @property
    def set_dscp(self) -> builtins.int | None:
        """``--set-dscp CODEPOINT``: The codepoint."""
    @property
    def set_dscp_class(self) -> builtins.str | None:
        """``--set-dscp-class CLASS``: The codepoint by the name of its class."""

@final
class Ecn(Known, Target):
    """Changes the bits of explicit congestion notification, to work around routers that drop what has them.

    Example::

        libfw.Rule('-p tcp -d 192.0.2.1 -j ECN --ecn-tcp-remove')
    """

    def __init__(
        self,
        *,
        tcp_ece: Integer | None = ...,
        tcp_cwr: Integer | None = ...,
        ip_ect: Integer | None = ...,
        tcp_remove: builtins.bool | None = ...,
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
        set: Integer | None = ...,
        dec: Integer | None = ...,
        inc: Integer | None = ...,
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

@final
class Hmark(Known, Target):
    """Marks the packet with a number computed from its addresses and ports, so that packets of one flow get one mark.

    The mark is the hash modulo a number, plus an offset.

    Example::

        libfw.Rule('-j HMARK --hmark-tuple src,dst --hmark-mod 10 --hmark-offset 10000 --hmark-rnd 0xfeedcafe')
    """

    def __init__(
        self,
        *,
        src_prefix: Text | None = ...,
        dst_prefix: Text | None = ...,
        sport_mask: Integer | None = ...,
        dport_mask: Integer | None = ...,
        spi_mask: Integer | None = ...,
        sport: Integer | None = ...,
        dport: Integer | None = ...,
        spi: Integer | None = ...,
        proto_mask: Integer | None = ...,
        rnd: Integer | None = ...,
        modulus: Integer | None = ...,
        offset: Integer | None = ...,
        tuple: List | None = ...,
    ) -> None: ...
    @property
    def src_prefix(self) -> builtins.str | None:
        """``--hmark-src-prefix LENGTH|MASK``: The bits of the source address that are hashed."""
    @property
    def dst_prefix(self) -> builtins.str | None:
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
    def tuple(self) -> builtins.list[builtins.str] | None:
        """``--hmark-tuple TYPE[,...]``: What is hashed, in full; all but `CT` is another way to write the options above."""

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
        timeout: Integer | None = ...,
        label: Text | None = ...,
        alarm: builtins.bool | None = ...,
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
        trigger_id: Text | None = ...,
        delay: Text | None = ...,
        always_blink: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def trigger_id(self) -> builtins.str | None:
        """``--led-trigger-id TEXT``: The name of the trigger, of at most 16 bytes. The kernel puts `netfilter-` before it."""
    @property
    def delay(self) -> builtins.str | None:
        """``--led-delay MILLISECONDS|inf``: How long the lamp stays on."""
    @property
    def always_blink(self) -> builtins.bool:
        """``--led-always-blink``: Let the lamp blink with each packet even if it is on."""

@final
class Log(Known, Target):
    """Writes a line about the packet to the kernel's log and goes on with the next rule.

    Example::

        libfw.Rule('-j LOG --log-prefix "dropped: " --log-level info --log-uid')
    """

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
    """Sets the packet's mark, for the match `mark`, for routing and for queueing.

    Example::

        libfw.Rule('-i eth1 -j MARK --set-xmark 0x1/0xff')
    """

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
    """Gives the packet the address of the interface it leaves by, for connections whose address changes.

    Example::

        libfw.Rule('-o eth0 -j MASQUERADE')
    """

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
class Netmap(Known, Target):
    """Maps addresses onto those of another network, one to one: the destination before routing and in what this host
    sends, the source elsewhere.

    Example::

        libfw.Rule('-d 192.0.2.0/24 -j NETMAP --to 10.0.0.0/24')
    """

    def __init__(
        self,
        *,
        to: Text | None = ...,
    ) -> None: ...
    @property
    def to(self) -> builtins.str | None:
        """``--to ADDRESS[/MASK]``: The network; where its mask has a bit, the address gets that of the network."""

@final
class Nflog(Known, Target):
    """Sends the packet to a netlink group, where a program such as `ulogd` logs it, and goes on with the next rule.

    Example::

        libfw.Rule('-j NFLOG --nflog-group 5 --nflog-prefix "dropped: "')
    """

    def __init__(
        self,
        *,
        prefix: Text | None = ...,
        group: Integer | None = ...,
        range: Integer | None = ...,
        size: Integer | None = ...,
        threshold: Integer | None = ...,
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

@final
class Nfqueue(Known, Target):
    """Lets a program decide about the packet.

    Example::

        libfw.Rule('-p tcp --dport 80 -j NFQUEUE --queue-balance 0:3 --queue-bypass')
    """

    def __init__(
        self,
        *,
        num: Integer | None = ...,
        balance: Text | None = ...,
        bypass: builtins.bool | None = ...,
        cpu_fanout: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def num(self) -> builtins.int | None:
        """``--queue-num NUMBER``: The number of the queue; 0 unless given."""
    @property
    def balance(self) -> builtins.str | None:
        """``--queue-balance FIRST:LAST``: The queues among which connections are spread."""
    @property
    def bypass(self) -> builtins.bool:
        """``--queue-bypass``: Accept the packet if no program listens, instead of dropping it."""
    @property
    def cpu_fanout(self) -> builtins.bool:
        """``--queue-cpu-fanout``: Choose the queue by the CPU that handles the packet, instead of by its connection."""

@final
class Notrack(Known, Target):
    """Exempts the connection of a packet from tracking.

    An older name for `CT --notrack`, which is what the kernel gets; the rule remembers the name.

    Example::

        libfw.Rule('-p udp --dport 53 -j NOTRACK')
    """

    def __init__(self) -> None: ...

@final
class Rateest(Known, Target):
    """Estimates the rate of the packets it sees, for the match `rateest`.

    Example::

        libfw.Rule('-i eth0 -j RATEEST --rateest-name wan --rateest-interval 250ms --rateest-ewmalog 0.5s')
    """

    def __init__(
        self,
        *,
        rateest_name: Text | None = ...,
        rateest_interval: Text | None = ...,
        rateest_ewmalog: Text | None = ...,
    ) -> None: ...
    @property
    def rateest_name(self) -> builtins.str | None:
        """``--rateest-name TEXT``: The name of the estimator, which comes into being with the first rule that names it."""
    @property
    def rateest_interval(self) -> builtins.str | None:
        """``--rateest-interval TIME[s|ms|us]``: The time between two samples, from 250 ms to 8 s; the kernel doubles 250 ms until it is enough."""
    @property
    def rateest_ewmalog(self) -> builtins.str | None:
        """``--rateest-ewmalog TIME[s|ms|us]``: The time over which samples are averaged; the kernel keeps a power of two of the interval."""

@final
class Redirect(Known, Target):
    """Sends the packet to this host itself: to the address of the interface it came in by, or to the loopback address.

    Example::

        libfw.Rule('-p tcp --dport 80 -j REDIRECT --to-ports 8080')
    """

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
    """Drops the packet and tells its sender.

    Example::

        libfw.Rule('-p tcp -j REJECT --reject-with tcp-reset')
    """

    def __init__(
        self,
        *,
        reject_with: Text | None = ...,
    ) -> None: ...
    @property
    def reject_with(self) -> builtins.str | None:
        """``--reject-with TYPE``: What the sender gets."""

@final
class Secmark(Known, Target):
    """Sets the security mark of the packet, for security modules such as SELinux.

    Example::

        libfw.Rule('-p tcp --dport 80 -j SECMARK --selctx system_u:object_r:httpd_packet_t:s0')
    """

    def __init__(
        self,
        *,
        selctx: Text | None = ...,
    ) -> None: ...
    @property
    def selctx(self) -> builtins.str | None:
        """``--selctx TEXT``: The security context, which the security module must know."""

@final
class Set(Known, Target):
    """Adds the packet's addresses to an ipset, deletes them from one, or marks the packet from one.

    Example::

        libfw.Rule('-p tcp --dport 23 -j SET --add-set web src --exist')
    """

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
    """Gives the packet and all others of its connection another source.

    Example::

        libfw.Rule('-s 192.168.1.0/24 -o eth0 -j SNAT --to-source 192.0.2.1')
    """

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
        src_pfx: Text | None = ...,
        dst_pfx: Text | None = ...,
    ) -> None: ...
    @property
    def src_pfx(self) -> builtins.str | None:
        """``--src-pfx ADDRESS[/MASK]``: The prefix that is replaced, of at most 64 bits."""
    @property
    def dst_pfx(self) -> builtins.str | None:
        """``--dst-pfx ADDRESS[/MASK]``: The prefix it is replaced with, of at most 64 bits."""

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
        sack_perm: builtins.bool | None = ...,
        timestamp: builtins.bool | None = ...,
        wscale: Integer | None = ...,
        mss: Integer | None = ...,
        ecn: builtins.bool | None = ...,
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

@final
class Tcpmss(Known, Target):
    """Changes the maximum segment size (MSS) that a TCP packet announces, so that connections get through a link with
    a small MTU.

    The rule must be limited to packets that open a connection, such as by `--syn`; no other has an MSS.

    Example::

        libfw.Rule('-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu')
    """

    def __init__(
        self,
        *,
        set_mss: Integer | None = ...,
        clamp_mss_to_pmtu: builtins.bool | None = ...,
    ) -> None: ...
    @property
    def set_mss(self) -> builtins.int | None:
        """``--set-mss NUMBER``: The MSS in bytes. A smaller one that the packet announces is left alone."""
    @property
    def clamp_mss_to_pmtu(self) -> builtins.bool:
        """``--clamp-mss-to-pmtu``: As large as the path MTU of the connection allows."""

@final
class Tcpoptstrip(Known, Target):
    """Removes options from the TCP header, by writing no-operations over them.

    Example::

        libfw.Rule('-p tcp -j TCPOPTSTRIP --strip-options timestamp,sack-permitted')
    """

    def __init__(
        self,
        *,
        strip_options: List | None = ...,
    ) -> None: ...
    @property
    def strip_options(self) -> builtins.list[builtins.str] | None:
        """``--strip-options OPTION[,...]``: The options, by number or name."""

@final
class Tee(Known, Target):
    """Sends a copy of the packet to another host of the same network, and goes on with the next rule.

    Example::

        libfw.Rule('-i eth0 -j TEE --gateway 192.168.1.9')
    """

    def __init__(
        self,
        *,
        gateway: Text | None = ...,
        oif: Text | None = ...,
    ) -> None: ...
    @property
    def gateway(self) -> builtins.str | None:
        """``--gateway ADDRESS``: The host, which gets the copy as if it were a router."""
    @property
    def oif(self) -> builtins.str | None:
        """``--oif TEXT``: The interface by which the host is reached; unless given, the route to it decides."""

@final
class Tos(Known, Target):
    """Changes the byte that IPv4 calls type of service and IPv6 traffic class.

    Its lowest two bits are those of explicit congestion notification, which a mask of `0x3f` overwrites too.

    Example::

        libfw.Rule('-p tcp --dport 22 -j TOS --set-tos Minimize-Delay')
    """

    def __init__(
        self,
        *,
        set_tos: Text | None = ...,
        and_tos: Integer | None = ...,
        or_tos: Integer | None = ...,
        xor_tos: Integer | None = ...,
    ) -> None: ...
    @property
    def set_tos(self) -> builtins.str | None:
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

@final
class Tproxy(Known, Target):
    """Gives the packet to a proxy on this host, without changing its addresses.

    The proxy's socket must be transparent (`IP_TRANSPARENT`), and the mark must lead the packet to a route of the
    type `local`.

    Example::

        libfw.Rule('-p tcp --dport 80 -j TPROXY --on-port 3129 --tproxy-mark 0x1/0x1')
    """

    def __init__(
        self,
        *,
        on_port: Integer | None = ...,
        on_ip: Text | None = ...,
        mark: Text | None = ...,
    ) -> None: ...
    @property
    def on_port(self) -> builtins.int | None:
        """``--on-port PORT``: The port of the proxy; 0 is the port to which the packet goes."""
    @property
    def on_ip(self) -> builtins.str | None:
        """``--on-ip ADDRESS``: The address of the proxy; unless given, that of the interface by which the packet came."""
    @property
    def mark(self) -> builtins.str | None:
        """``--tproxy-mark VALUE[/MASK]``: Sets the packet's mark: clears the bits of the mask and then inverts those of the value."""

@final
class Trace(Known, Target):
    """Lets the kernel report every rule that the packet matches from here on, and goes on with the next rule.

    Example::

        libfw.Rule('-p tcp --dport 80 -j TRACE')
    """

    def __init__(self) -> None: ...

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
        set: Integer | None = ...,
        dec: Integer | None = ...,
        inc: Integer | None = ...,
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
        prefix: Text | None = ...,
        nlgroup: Integer | None = ...,
        cprange: Integer | None = ...,
        qthreshold: Integer | None = ...,
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
