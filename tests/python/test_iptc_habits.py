"""`libfw.iptc`: what programs do that python-iptables let them do, and what it wrote into kernels before."""

from __future__ import annotations

import struct
import sys
import warnings
from collections.abc import Iterator

import pytest

import libfw
from libfw import iptc

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def tables() -> Iterator[libfw.Kernel]:
    kernel = libfw.Kernel(backend="memory")
    iptc.set_kernel(kernel)
    yield kernel
    iptc.set_kernel(None)


def written(source: bytes = bytes(16), prefix: bytes = b"", interface: bytes = b"", mask: bytes = b"") -> str:
    """The `struct ip6t_ip6` that python-iptables writes, as a rule in words."""
    fields = [source, bytes(16), prefix, b"", interface, b"", mask, b""]
    header = b"".join(field.ljust(16, b"\0") for field in fields) + struct.pack("<HBBB3x", 0, 0, 0, 0)
    return f"--opaque {header.hex()} -j DROP"


@pytest.mark.parametrize("name", ["eth0", "eth+"])
def test_interfaces_of_ipv6_that_it_wrote(name: str, tables: libfw.Kernel) -> None:
    # Its masks have ones and zeros, where ip6tables has 255.
    mask = b"\1" * (len(name) - 1 if name.endswith("+") else len(name) + 1)
    with tables.table(family="ipv6") as table:
        table["INPUT"].append(written(interface=name.encode(), mask=mask))
    chain = iptc.Chain(iptc.Table6("filter"), "INPUT")
    rule = iptc.Rule6()
    rule.in_interface = name
    rule.create_target("DROP")
    assert chain.rules[0].in_interface == name and rule in chain.rules
    assert iptc.easy.dump_chain("filter", "INPUT", ipv6=True)[0]["in-interface"] == name
    chain.delete_rule(rule)
    assert chain.rules == []
    # What was read is written with the mask that it means.
    iptc.easy.add_rule("filter", "INPUT", {"in-interface": name, "target": "DROP"}, ipv6=True)
    assert tables.table(family="ipv6")["INPUT"].rules()[1:] == [f"-A INPUT -i {name} -j DROP"]


def test_addresses_of_ipv6_that_it_wrote(tables: libfw.Kernel) -> None:
    source = bytes.fromhex("20010db8000000000000000000000005")
    with tables.table(family="ipv6") as table:
        table["INPUT"].append(written(source=source, prefix=b"\xff" * 8))
    chain = iptc.Chain(iptc.Table6("filter"), "INPUT")
    rule = iptc.Rule6()
    rule.src = "2001:db8::5/64"
    rule.create_target("DROP")
    assert chain.rules[0].src == "2001:db8::5/64" and rule in chain.rules
    chain.delete_rule(rule)
    assert chain.rules == []


@pytest.mark.parametrize("nothing", ["", None, {}])
def test_parts_without_options_in_dictionaries(nothing: object) -> None:
    for rule in ({"protocol": "tcp", "tcp": nothing, "target": "ACCEPT"}, {"target": {"REJECT": nothing}}):
        assert iptc.easy.test_rule(rule)
    assert str(iptc.easy.encode_iptc_rule({"protocol": "tcp", "tcp": nothing, "target": {"REJECT": nothing}})) == (
        "-p tcp -m tcp -j REJECT --reject-with icmp-port-unreachable"
    )
    # A match that has to have an option is not there without one.
    assert not iptc.easy.test_rule({"mark": nothing, "target": "ACCEPT"})
    with pytest.raises(iptc.XTablesError):
        iptc.easy.encode_iptc_rule({"protocol": "tcp", "tcp": "80", "target": "ACCEPT"})


def test_attributes_of_derived_classes() -> None:
    class Udp(iptc.Match):
        def __init__(self, rule: iptc.Rule) -> None:
            super().__init__(rule, "udp")
            self._port = 53

    class Service(iptc.Rule):
        def __init__(self) -> None:
            super().__init__()
            self.port = 5

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Udp(iptc.Rule())._port == 53 and Service().port == 5
        with pytest.raises(AttributeError):
            _ = Udp(iptc.Rule())._other
        with pytest.warns(RuntimeWarning, match="no attribute 'port'"), warnings.catch_warnings():
            warnings.simplefilter("always")
            iptc.Rule().port = 5


def test_what_can_be_set() -> None:
    rule, other = iptc.Rule(), iptc.Rule()
    chain = iptc.Chain(iptc.Table("filter"), "INPUT")
    rule.chain = chain
    match = rule.create_match("udp")
    match.rule = other
    assert rule.chain is chain and match.rule is other
    for name, argument, value in [
        ("src", "src", "1.1.1.1/255.255.255.255"),
        ("in_interface", "intf", "eth0"),
        ("protocol", "proto", "tcp"),
        ("fragment", "frag", True),
        ("counters", "counters", (1, 2)),
    ]:
        put = getattr(rule, f"set_{name}")
        put(**{argument: value})
        assert getattr(rule, f"get_{name}")() == value
        for wrong in ({}, {"nope": value}):
            with pytest.raises(TypeError, match=f"set_{name}"):
                put(**wrong)


def test_values() -> None:
    rule = iptc.Rule()
    rule.protocol = "tcp"
    match = rule.create_match("statistic")
    match.mode, match.probability = "random", 0.5
    assert match.probability.startswith("0.5")
    for option, words in (("dports", ["80", "443"]), ("dports", ["!", "80", "x"])):
        with pytest.raises(iptc.XTablesError, match="takes 1 words") as caught:
            rule.create_match("multiport").set_parameter(option, words)
        assert isinstance(caught.value, ValueError)
    rule = iptc.Rule()
    text = rule.create_match("string")
    text.algo, text.string = "bm", "! abc"
    assert str(rule) == '-m string ! --string " abc" --algo bm'


def test_mistakes_are_not_taken_for_rules_that_are_not_there() -> None:
    for ask in (iptc.easy.get_rule_position, iptc.easy.get_rule_counters):
        with pytest.raises(ValueError, match="invalid address bad"):
            ask("filter", "INPUT", {"src": "bad", "target": "DROP"})
        with pytest.raises(AttributeError, match="has no rule"):
            ask("filter", "INPUT", {"src": "1.1.1.1", "target": "DROP"})
    for table, name in (("filter", "INPUT"), (None, "x"), (iptc.Table("filter"), None)):
        with pytest.raises(TypeError, match="a chain is made of"):
            iptc.Chain(table, name)  # type: ignore[arg-type]


def test_the_module_has_its_own_name() -> None:
    assert iptc.iptc.easy is iptc.easy and iptc.iptc is sys.modules["libfw.iptc"]
