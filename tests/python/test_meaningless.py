"""Values that can mean nothing are refused where they are made; what iptables takes stays possible."""

import copy
import pickle
import warnings
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

import libfw
from libfw import AddressRange, Counters, Masked, NatRange, Not, PortRange, Range, Rate, matches, targets

#: Types need not know of it.
wrong: Any = None
W = 2**64


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: Rate(0), ValueError, "a rate is at least 1 and at most 18446744073709551615, not 0"),
        (lambda: Rate(-1), ValueError, "at least 1"),
        (lambda: Rate(W), ValueError, "at most 18446744073709551615"),
        (lambda: Rate(1, wrong), ValueError, "per second, minute, hour, day, not per None"),
        (lambda: Rate(1, "hour", bytes=True), ValueError, "a rate of bytes is per second, not per 'hour'"),
        (lambda: Rate(1, bytes=wrong), TypeError, "bytes: expected True or False, not None"),
        (lambda: Counters("a"), TypeError, "packets: expected a whole number, not 'a'"),  # type: ignore[arg-type]
        (lambda: Counters(1, wrong), TypeError, "bytes: expected a whole number, not None"),
        (lambda: Counters(True), TypeError, "packets: expected a whole number, not True"),
        (lambda: Counters(-1), ValueError, "packets: expected a number from 0 to 18446744073709551615, not -1"),
        (lambda: Counters(0, W), ValueError, "bytes: expected a number from 0"),
        (lambda: Counters() + (1,), TypeError, "unsupported operand"),  # type: ignore[arg-type]
        (lambda: Counters() - 1, TypeError, "unsupported operand"),  # type: ignore[operator]
        (lambda: AddressRange("10.0.0.9", "10.0.0.1"), ValueError, "not lower, not from 10.0.0.9 to 10.0.0.1"),
        (lambda: AddressRange("10.0.0.9", "::1"), ValueError, "addresses of one family, not from 10.0.0.9 to ::1"),
        (lambda: AddressRange("fe80::1%eth0", "fe80::2"), ValueError, "without a zone, not 'fe80::1%eth0'"),
        (lambda: AddressRange(wrong, wrong), TypeError, "expected an address, not None"),
        (lambda: AddressRange(5, 6), TypeError, "expected an address, not 5"),  # type: ignore[arg-type]
        (lambda: AddressRange("10.0.0.0/24", "10.0.1.0"), ValueError, "10.0.0.0/24"),
        (lambda: PortRange(90, 80), ValueError, "not from 90 to 80"),
        (lambda: PortRange(-1, 80), ValueError, "min: expected a number from 0 to 65535, not -1"),
        (lambda: PortRange(1, 65536), ValueError, "max: expected a number from 0 to 65535, not 65536"),
        (lambda: PortRange("1", 2), TypeError, "min: expected a whole number, not '1'"),  # type: ignore[arg-type]
        (lambda: Range(9, 8), ValueError, "not from 9 to 8"),
        (lambda: Range(0, W), ValueError, "max: expected"),
        (lambda: Range(wrong, 8), TypeError, "min: expected a whole number, not None"),
        (lambda: Masked(-1, 1), ValueError, "value: expected a number from 0 to 4294967295, not -1"),
        (lambda: Masked(1, 2**32), ValueError, "mask: expected a number from 0 to 4294967295, not 4294967296"),
        (lambda: Masked("1", 1), TypeError, "value: expected a whole number, not '1'"),  # type: ignore[arg-type]
        (lambda: NatRange(5), TypeError, "expected an address, not 5"),  # type: ignore[arg-type]
        (lambda: NatRange(IPv4Network("10.0.0.0/24")), TypeError, "expected an address, not IPv4Network"),  # type: ignore[arg-type]
        (lambda: NatRange(ports=-1), ValueError, "ports: expected a number from 0 to 65535, not -1"),
        (lambda: NatRange(ports=1.5), TypeError, "ports: expected a whole number, not 1.5"),  # type: ignore[arg-type]
        (lambda: NatRange(ports="90-80"), ValueError, "not from 90 to 80"),
        (lambda: NatRange(ports=80, base=100), ValueError, "base: expected the port that becomes the first one of a range, not 100 for 80"),
        (lambda: NatRange("10.0.0.1", base=100), ValueError, "base: expected the port"),
        (lambda: NatRange(ports=range(80, 90), base=0), ValueError, "base: expected the port"),
        (lambda: NatRange(ports=range(80, 90), base=65536), ValueError, "base: expected a number from 0 to 65535"),
        (lambda: Not(wrong), TypeError, "what is inverted is a value, not None"),
        (lambda: Not(libfw.ANY), TypeError, "what is inverted is a value, not libfw.ANY"),
        (lambda: Not(Not(5)), TypeError, "what is inverted is a value, not libfw.Not"),
        (lambda: libfw.Family("ipv5"), ValueError, 'a family is "ipv4", "ipv6" or "arp", not .ipv5.'),
        (lambda: targets.Jump(wrong), TypeError, "chain: expected its name, not None"),
        (lambda: targets.Goto(""), ValueError, "a chain to go to has a name"),
        (lambda: matches.Opaque("", 0, b""), ValueError, "the name of an extension has 1 to 28 bytes"),
        (lambda: matches.Opaque("x", 256, b""), ValueError, "revision: expected a number from 0 to 255, not 256"),
        (lambda: targets.Opaque("x", 0, wrong), TypeError, "data: expected bytes, not None"),
    ],
)
def test_a_value_without_a_meaning_is_refused_where_it_is_made(make: Callable[[], Any], kind: "type[Exception]", words: str) -> None:
    with pytest.raises(kind, match=words):
        make()


def test_a_difference_of_counters_may_be_negative() -> None:
    less = Counters(1, 2) - Counters(3, 9)
    assert less == (-2, -7) and type(less) is Counters
    assert pickle.loads(pickle.dumps(less)) == copy.deepcopy(less) == less
    assert less + (3, 9) == Counters(1, 2) == pickle.loads(pickle.dumps(Counters(1, 2)))


def test_what_iptables_takes_is_taken() -> None:
    assert Masked(0x1FF, 0xFF).value == 0x1FF and NatRange(ports=0).ports == 0 and PortRange(0, 65535).max == 65535
    assert libfw.Family(4) is libfw.Family.IPV4 and libfw.Family(6) is libfw.Family.IPV6  # type: ignore[arg-type]
    there = NatRange("10.0.0.1-10.0.0.9", 80)
    assert there == "10.0.0.1-10.0.0.9:80" and there.addresses == AddressRange("10.0.0.1", "10.0.0.9")
    assert NatRange(addresses="10.0.0.1-10.0.0.1") == "10.0.0.1-10.0.0.1"
    shifted = libfw.Rule("-p tcp -j DNAT --to-destination :80-90/100").find(targets.Dnat)
    assert shifted is not None and shifted.to_destination == NatRange(ports=range(80, 91), base=100)


def test_ranges_that_go_backwards_are_texts() -> None:
    """iptables makes rules of them, so that a kernel may have them."""
    backwards = "10.0.0.9-10.0.0.1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", libfw.RuleWarning)
        part = matches.Iprange(src_range=backwards)
        rule = libfw.Rule(matches=[part], protocol="tcp", target=targets.Dnat(to_destination=backwards))
        assert part.src_range == backwards and eval(repr(part)) == part
        assert rule.matches[0] == part and str(rule.matches[0]) == f"-m iprange --src-range {backwards}"
    target = rule.find(targets.Dnat)
    assert target is not None and target.to_destination == backwards
    there = target.to_destination
    assert isinstance(there, NatRange) and there.addresses is there.ports is there.base is None
    again = pickle.loads(pickle.dumps(there))
    assert again == there and type(again) is NatRange
    assert AddressRange("10.0.0.1", "10.0.0.1").first == IPv4Address("10.0.0.1")
    # One that only the kernel could have.
    odd = libfw.Rule("-p tcp -j DNAT --to-destination :80-80/100").find(targets.Dnat)
    assert odd is not None and odd.to_destination == ":80/100" and odd.to_destination.ports is None
