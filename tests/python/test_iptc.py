"""`libfw.iptc`: what programs that were written for python-iptables do with rules. The values are those that python-iptables has."""

import copy
import gc
import pickle
import subprocess
import sys
import weakref
from typing import Any

import pytest

import libfw
from libfw import iptc

LINES = ["-s 10.0.0.0/8 ! -i lo -p tcp -m tcp --dport 80 --tcp-flags SYN,FIN SYN -j ACCEPT", "! -s 192.0.2.1 -m limit -j LOG"]


def rule(**values: Any) -> Any:
    made = iptc.Rule()
    for name, value in values.items():
        setattr(made, name, value)
    made.create_target("ACCEPT")
    return made


def saved(kernel: libfw.Kernel) -> list[str]:
    return [line for line in kernel.table().rules() if line.startswith("-A")]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("1.2.3.4", "1.2.3.4/255.255.255.255"),
        ("1.2.3.4/24", "1.2.3.0/255.255.255.0"),
        ("!1.2.3.4/255.255.0.0", "!1.2.0.0/255.255.0.0"),
        ("1.2.3.4/255.0.255.0", "1.0.3.0/255.0.255.0"),
        ("1.2.3.4/0", "0.0.0.0/0.0.0.0"),
    ],
)
def test_addresses(given: str, read: str) -> None:
    made = rule(src=given)
    made.set_dst(given)
    assert made.src == read == made.get_dst()


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("src", "! 1.2.3.4", ValueError),
        ("src", "localhost", ValueError),
        ("src", "1.2.3.4/33", ValueError),
        ("src", "::1", ValueError),
        ("src", "", ValueError),
        ("src", None, TypeError),
        ("src", 5, TypeError),
        ("in_interface", "x" * 16, ValueError),
        ("in_interface", None, TypeError),
        ("protocol", "nosuch", ValueError),
        ("protocol", 256, ValueError),
        ("protocol", None, TypeError),
        ("target", "ACCEPT", TypeError),
        ("target", None, TypeError),
        ("matches", [], AttributeError),
    ],
)
def test_what_a_rule_refuses(name: str, value: Any, error: type[Exception]) -> None:
    made = rule()
    with pytest.raises(error):
        setattr(made, name, value)
    assert made == rule()


def test_headers() -> None:
    empty = iptc.Rule()
    assert (empty.src, empty.dst) == ("0.0.0.0/0.0.0.0",) * 2
    assert (empty.in_interface, empty.out_interface, empty.protocol) == (None, None, "ip")
    assert (empty.fragment, empty.counters, empty.matches, empty.target, empty.chain) == (False, (0, 0), [], None, None)
    assert (empty.nfproto, iptc.Rule6().nfproto) == (2, 10)
    for given, read in [("tcp", "tcp"), ("TCP", "tcp"), (6, "tcp"), ("!udp", "!udp"), ("99", "99"), ("icmpv6", "icmpv6")]:
        assert rule(protocol=given).protocol == read
    for given in ("eth0", "eth+", "!eth0", "!eth+"):
        assert rule(in_interface=given, out_interface=given).in_interface == given
    assert rule(in_interface="+").in_interface is None
    six = iptc.Rule6()
    for given, read in [("::1", "::1/128"), ("!fe80::/10", "!fe80::/10"), ("2001:db8::1/ffff:ffff::", "2001:db8::1/32")]:
        six.src = given
        assert six.src == read
    with pytest.raises(AttributeError):
        six.fragment
    with pytest.warns(RuntimeWarning, match="dport"):
        empty.dport = 5
    assert empty.dport == 5


@pytest.mark.parametrize(
    ("name", "values", "texts", "lists"),
    [
        ("tcp", {"dport": "80"}, {"dport": "80"}, {"dport": ["80"]}),
        ("tcp", {"dport": 80}, {"dport": "80"}, {"dport": ["80"]}),
        ("tcp", {"dport": "!1000:"}, {"dport": "!1000:65535"}, {"dport": ["!", "1000:65535"]}),
        ("tcp", {"dport": "80"}, {"dport": "80"}, {"dport": ["80"]}),
        (
            "tcp",
            {"tcp_flags": ["!", "FIN,SYN", "SYN"]},
            {"tcp_flags": "!FIN,SYN SYN"},
            {"tcp-flags": ["!", "FIN,SYN", "SYN"]},
        ),
        ("tcp", {"syn": "1"}, {"tcp_flags": "FIN,SYN,RST,ACK SYN"}, {"tcp-flags": ["FIN,SYN,RST,ACK", "SYN"]}),
        ("tcp", {"syn": "!"}, {"tcp_flags": "!FIN,SYN,RST,ACK SYN"}, {"tcp-flags": ["!", "FIN,SYN,RST,ACK", "SYN"]}),
        ("limit", {}, {"limit": "3/hour"}, {"limit": ["3/hour"]}),
        ("limit", {"limit": "5/min", "limit_burst": "10"}, {"limit": "5/min", "limit_burst": "10"}, None),
        ("comment", {"comment": "don't \"x\" \\ wow! --dport 5"}, {"comment": "don't \"x\" \\ wow! --dport 5"}, None),
        ("comment", {"comment": "!"}, {"comment": "!"}, {"comment": ["!"]}),
        ("conntrack", {"ctstate": "!NEW,INVALID"}, {"ctstate": "!INVALID,NEW"}, {"ctstate": ["!", "INVALID,NEW"]}),
        ("icmp", {"icmp_type": "echo-request"}, {"icmp_type": "8"}, None),
        ("owner", {"uid_owner": "!root"}, {"uid_owner": "!0"}, None),
        ("u32", {"u32": "6&0xFF=1"}, {"u32": "0x6&0xff=0x1"}, None),
        (
            "connlimit",
            {"connlimit_above": "3"},
            {"connlimit_above": "3", "connlimit_mask": "32", "connlimit_saddr": ""},
            {"connlimit-above": ["3"], "connlimit-mask": ["32"], "connlimit-saddr": []},
        ),
        ("mark", {}, {"mark": "0x0/0x0"}, None),
        ("connlimit", {}, {"connlimit_above": "0", "connlimit_mask": "32", "connlimit_saddr": ""}, None),
    ],
)
def test_options(name: str, values: dict[str, Any], texts: dict[str, str], lists: Any) -> None:
    match = iptc.Rule().create_match(name)
    for option, value in values.items():
        setattr(match, option, value)
    assert match.parameters == texts
    assert {option: getattr(match, option) for option in texts} == texts
    if lists is not None:
        assert match.get_all_parameters() == lists
    assert match.name == name and match.nope is None


@pytest.mark.parametrize(
    ("name", "option", "value", "error"),
    [
        ("tcp", "dport", "99999", ValueError),
        ("tcp", "dport", "99999", iptc.XTablesError),
        ("tcp", "dport", None, TypeError),
        ("tcp", "dport", True, TypeError),
        ("tcp", "dport", ["80", "81"], ValueError),
        ("tcp", "nope", "1", AttributeError),
        ("tcp", "name", "x", AttributeError),
        ("limit", "limit", "!1/sec", ValueError),
    ],
)
def test_what_an_option_refuses(name: str, option: str, value: Any, error: type[Exception]) -> None:
    match = iptc.Rule().create_match(name)
    before = match.parameters
    with pytest.raises(error):
        setattr(match, option, value)
    assert match.parameters == before


def test_options_by_call() -> None:
    recent = iptc.Rule().create_match("recent")
    recent.set_parameter("name", "bad")
    recent.set_parameter("set")
    recent.parse("seconds", "5")
    expected = {"set": "", "seconds": "5", "name": "bad", "mask": "255.255.255.255", "rsource": ""}
    assert recent.parameters == expected and recent.save("seconds") == "5" and recent.name == "recent"
    recent.reset()
    assert recent.parameters == {"name": "DEFAULT", "mask": "255.255.255.255", "rsource": ""}
    with pytest.raises(iptc.XTablesError):
        recent.final_check()
    nfqueue = iptc.Rule().create_target("NFQUEUE")
    nfqueue.set_parameter("queue-num", "3")
    nfqueue.queue_bypass = True
    assert nfqueue.parameters == {"queue_num": "3", "queue_bypass": ""}
    nfqueue.queue_bypass = False
    assert nfqueue.queue_bypass is None
    with pytest.raises(iptc.XTablesError, match="can't find match nosuch"):
        iptc.Match(iptc.Rule(), "nosuch")
    with pytest.raises(iptc.XTablesError, match="can't find target log"):
        iptc.Rule().create_target("log")


def test_rules_are_compared_by_what_they_say() -> None:
    def two(first: str, second: str) -> Any:
        made = rule(protocol="tcp", counters=(1, 2))
        for name in (first, second):
            match = made.create_match(name)
            setattr(match, "dport" if name == "tcp" else "comment", "80")
        return made

    assert two("tcp", "comment") == two("comment", "tcp")
    assert two("tcp", "comment") != two("tcp", "tcp")
    assert two("tcp", "comment") in [rule(), two("comment", "tcp")]
    assert rule() != None and not rule() == "x"  # noqa: E711
    assert iptc.Match(iptc.Rule(), "tcp") != None  # noqa: E711
    assert len({iptc.Match(iptc.Rule(), "tcp"), iptc.Match(iptc.Rule(), "tcp")}) == 1
    with pytest.raises(TypeError):
        hash(rule())
    both = rule()
    match = both.create_match("tcp")
    both.add_match(match)
    assert both.matches == [match, match]
    both.remove_match(match)
    both.matches.clear()
    assert both.matches == [match]
    with pytest.raises(ValueError):
        both.remove_match(iptc.Match(both, "udp"))


def test_classes_are_derived_with_arguments_of_their_own(tables: libfw.Kernel) -> None:
    class Block(iptc.Rule):
        def __init__(self, address: str, port: int) -> None:
            super().__init__()
            self.src, self.protocol = address, "tcp"
            self.add_match(Port(self, port))
            self.target = Refuse(self)

    class Block6(iptc.Rule6):
        def __init__(self, *, address: str = "::1") -> None:
            super().__init__(chain=None)
            self.src = address

    class Port(iptc.Match):
        def __init__(self, rule: Any, port: int) -> None:
            iptc.Match.__init__(self, rule, "tcp")
            self.dport = port

    class Refuse(iptc.Target):
        def __init__(self, rule: Any) -> None:
            super().__init__(rule, name="REJECT")

    class Filter(iptc.Table):
        def __init__(self, name: str) -> None:
            super().__init__(name, autocommit=True)

    class Input(iptc.Chain):
        def __init__(self, table: iptc.Table, name: str) -> None:
            super().__init__(table, name)
            self.blocked = len(self.rules)

    iptc.Chain(iptc.Table("filter"), "INPUT").append_rule(Block("192.0.2.1", port=22))
    assert saved(tables) == ["-A INPUT -s 192.0.2.1/32 -p tcp -m tcp --dport 22 -j REJECT --reject-with icmp-port-unreachable"]
    mine = Input(Filter("filter"), "INPUT")
    assert (type(mine), type(mine.table), mine.blocked) == (Input, Filter, 1) and Input(mine.table, "INPUT") is mine
    assert mine == Input(mine.table, "INPUT") and Block6().src == "::1/128" and Block("192.0.2.1", 22) in mine.rules

    class Unfinished(iptc.Match):
        def __init__(self) -> None:
            pass

    made = rule()
    made.add_match(Unfinished())
    assert made.matches[0].rule is made and made.matches[0].parameters == {}
    with pytest.raises(iptc.XTablesError):
        made.final_check()


def test_a_part_belongs_to_the_rule_that_it_was_given_to_last() -> None:
    one, two = rule(protocol="tcp"), rule(protocol="udp")
    match, target = one.create_match("multiport"), one.target
    two.add_match(match)
    two.target = target
    assert match.rule is two and target.rule is two and one.matches == two.matches
    # There are no options to ask a verdict for.
    assert not hasattr(target, "to_destination") and target.parameters == {} and match.nothing is None
    one.counters = [1, 2]
    assert one.counters == (1, 2)
    for wrong in ([1], [1, 2, 3], "12", [1, -2], None):
        with pytest.raises((TypeError, ValueError, OverflowError)):
            one.counters = wrong
    assert one.counters == (1, 2)


def test_copies_and_pickles() -> None:
    for line in LINES:
        made = iptc.Rule.from_text(line)
        assert libfw.Rule(str(made)) == libfw.Rule(line)
        for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
            assert other == made and str(other) == str(made) and type(other) is type(made)
            other.src = "203.0.113.1"
            assert other != made
        deep = copy.deepcopy(made)
        deep.matches[0].reset()
        deep.matches[0].set_parameter(*({"tcp": ("dport", "1"), "limit": ("limit", "9/day")}[deep.matches[0].name]))
        assert made.matches != deep.matches
        # The matches of a rule that was read can be changed.
        changed = iptc.Rule.from_text(line)
        changed.create_match("comment").comment = "x"
        assert "--comment x" in str(changed) and changed != made
    six = pickle.loads(pickle.dumps(iptc.Rule6.from_text("-s ::1 -p tcp -j DROP")))
    assert isinstance(six, iptc.Rule6) and six.src == "::1/128"


def test_rules_and_matches_are_collected() -> None:
    made = rule(protocol="tcp")
    match = made.create_match("tcp")
    match.rule.create_match("udp")
    gone = weakref.ref(made)
    del made, match
    gc.collect()
    assert gone() is None


def test_numbers_that_programs_ask_for() -> None:
    """As python-iptables has them."""
    known = {name: value for name, value in vars(iptc.xtables).items() if name.startswith(("XTF_", "NFPROTO_", "XT_"))}
    assert known == {
        **{"XTF_DONT_LOAD": 0, "XTF_DURING_LOAD": 1, "XTF_TRY_LOAD": 2, "XTF_LOAD_MUST_SUCCEED": 3, "XT_INV_PROTO": 64},
        **{"NFPROTO_UNSPEC": 0, "NFPROTO_IPV4": 2, "NFPROTO_ARP": 3, "NFPROTO_BRIDGE": 7, "NFPROTO_IPV6": 10},
        **{"NFPROTO_DECNET": 12, "NFPROTO_NUMPROTO": 6},
    }


def test_the_module_can_take_the_name() -> None:
    program = """
import libfw.iptc
libfw.iptc.install()
import iptc, iptc.easy as easy
from iptc import Table, Table6, Chain, Rule, Rule6, Match, Target, Policy, IPTCError, XTablesError
from iptc.ip4tc import Table as T, Rule as R, Chain as C, Match as M, Target as G, IPTCError as E, is_table_available
from iptc.ip6tc import Table6 as T6, Rule6 as R6, is_table6_available
from iptc.xtables import xtables_version, XTablesError as X
from iptc.errors import XTablesError as Y
from iptc.version import __version__
from iptc.util import load_kernel
assert E is IPTCError and X is Y is XTablesError and xtables_version >= 10 and __version__ == "1.2.0"
assert iptc.ip4tc.IPTCModule is Match.__mro__[1] and not issubclass(IPTCError, XTablesError)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
    program = "import sys; sys.modules['iptc'] = sys; import libfw.iptc; libfw.iptc.install()"
    assert b"another module" in subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).stderr


def test_fragments_are_never_inverted_by_reading_them() -> None:
    for line, value in [("-f", True), ("! -f", "!"), ("", False)]:
        made = iptc.Rule.from_text(f"{line} -j DROP")
        assert made.fragment == value == made.get_fragment()
        made.fragment = made.fragment
        assert made == iptc.Rule.from_text(f"{line} -j DROP")
        assert iptc.easy.decode_iptc_rule(made).get("fragment", False) == value


def test_options_that_are_not_known_and_attributes_of_ones_own() -> None:
    made = rule(protocol="icmp")
    match = made.create_match("icmp")
    for error in (AttributeError, iptc.XTablesError):
        with pytest.raises(error, match="b'icmp': no such parameter b'dport'"):
            match.dport = "80"
    port = made.create_match("tcp")
    port.dport = "80"
    assert port.save(None) == port.parameters == {"dport": "80"}
    iptc.Rule().final_check()
    with pytest.warns(RuntimeWarning):
        made.note = 1
    del made.note
    for name in ("note", "src"):
        with pytest.raises(AttributeError):
            delattr(made, name)
