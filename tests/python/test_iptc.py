"""`libfw.iptc`: what programs that were written for python-iptables do. The values are those that python-iptables has."""

import copy
import ctypes
import gc
import pickle
import re
import subprocess
import sys
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import libfw
from libfw import iptc

LINES = ["-s 10.0.0.0/8 ! -i lo -p tcp -m tcp --dport 80 --tcp-flags SYN,FIN SYN -j ACCEPT", "! -s 192.0.2.1 -m limit -j LOG"]


@pytest.fixture
def tables(kernel: libfw.Kernel) -> Iterator[libfw.Kernel]:
    iptc.set_kernel(kernel)
    yield kernel
    iptc.set_kernel(None)


@pytest.fixture
def chain(tables: libfw.Kernel) -> iptc.Chain:
    return iptc.Chain(iptc.Table("filter"), "INPUT")


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


def test_edits_are_committed_at_once(chain: iptc.Chain, tables: libfw.Kernel) -> None:
    made = rule(protocol="tcp", src="10.0.0.1", counters=(3, 4))
    made.create_match("tcp").dport = "80"
    chain.append_rule(made)
    chain.insert_rule(rule(in_interface="lo"))
    assert saved(tables) == ["-A INPUT -i lo -j ACCEPT", "-A INPUT -s 10.0.0.1/32 -p tcp -m tcp --dport 80 -j ACCEPT"]
    assert [found.counters for found in chain.rules] == [(0, 0), (3, 4)]
    assert made in chain.rules and chain.rules.index(made) == 1 and chain.rules[1].chain is chain
    assert (chain.rules[1].matches[0].dport, chain.rules[1].target.name) == ("80", "ACCEPT")
    chain.replace_rule(rule(src="1.1.1.1"), 1)
    for found in chain.rules:
        chain.delete_rule(found)
    assert saved(tables) == []


def test_what_the_kernel_refuses_is_told(chain: iptc.Chain, tables: libfw.Kernel) -> None:
    bad = rule()
    bad.create_match("udp")
    for autocommit in (True, False):
        chain.table.autocommit = autocommit
        with pytest.raises(iptc.IPTCError, match="Invalid argument"):
            chain.append_rule(bad)
            chain.table.commit()
        chain.table.autocommit = True
        assert saved(tables) == []
    with pytest.raises(ValueError, match="invalid rule"):
        chain.append_rule(iptc.Rule())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda table, chain: iptc.Table("nope"), "can't initialize nope: b'Table does not exist (do you need to insmod?)'"),
        (lambda table, chain: table.create_chain("INPUT"), "can't create chain INPUT: b'Chain already exists'"),
        (lambda table, chain: table.create_chain("x" * 40), "can't create chain " + "x" * 40 + ": b'Invalid argument'"),
        (lambda table, chain: table.delete_chain("NO"), "can't delete chain NO: b'No chain/target/match by that name'"),
        (lambda table, chain: table.delete_chain("INPUT"), "can't delete chain INPUT: b'Invalid argument'"),
        (lambda table, chain: table.delete_chain("used"), "can't delete chain used: b'Too many links'"),
        (lambda table, chain: table.delete_chain("full"), "can't delete chain full: b'Directory not empty'"),
        (lambda table, chain: chain.set_policy("X"), "can't set policy X on chain INPUT: b'Bad policy name'"),
        (lambda table, chain: chain.set_policy(iptc.Policy("RETURN")), "b'Bad policy name'"),
        (lambda table, chain: iptc.Chain(table, "used").set_policy("DROP"), "on chain used: b'Bad built-in chain name'"),
        (lambda table, chain: chain.insert_rule(rule(), 5), "can't insert entry into chain INPUT: b'Index of insertion too big'"),
        (lambda table, chain: chain.insert_rule(rule(), -1), "b'Index of insertion too big'"),
        (lambda table, chain: chain.replace_rule(rule(), 5), "b'Index of replacement too big'"),
        (lambda table, chain: chain.delete_rule(rule(src="1.1.1.1")), "Bad rule (does a matching rule exist in that chain?)"),
        (lambda table, chain: iptc.Chain(table, "NO").delete_rule(rule()), "b'Bad rule (does a matching rule exist in that chain?)'"),
        (lambda table, chain: chain.delete_rule(iptc.Rule.from_text("-j REJECT")), "b'No chain/target/match by that name'"),
        (lambda table, chain: chain.delete_rule(iptc.Rule.from_text("-s 1.1.1.1 -j used")), "b'No chain/target/match by that name'"),
        (
            lambda table, chain: iptc.Chain(table, "NO").append_rule(rule()),
            "can't append entry to chain NO: b'No chain/target/match by that name'",
        ),
        (lambda table, chain: iptc.Chain(table, "NO").flush(), "can't flush chain NO: b'No chain/target/match by that name'"),
    ],
)
def test_errors_have_the_words_of_the_library(chain: iptc.Chain, call: Callable[..., Any], words: str) -> None:
    table = chain.table
    table.create_chain("used")
    table.create_chain("full").append_rule(rule())
    jump = iptc.Rule()
    jump.create_target("used")
    chain.append_rule(jump)
    for autocommit in (True, False):
        table.autocommit = autocommit
        with pytest.raises(iptc.IPTCError) as caught:
            call(table, chain)
        assert words in str(caught.value)
    table.refresh()
    table.autocommit = True


def test_numbers_that_programs_ask_for() -> None:
    """As python-iptables has them."""
    known = {name: value for name, value in vars(iptc.xtables).items() if name.startswith(("XTF_", "NFPROTO_", "XT_"))}
    assert known == {
        **{"XTF_DONT_LOAD": 0, "XTF_DURING_LOAD": 1, "XTF_TRY_LOAD": 2, "XTF_LOAD_MUST_SUCCEED": 3, "XT_INV_PROTO": 64},
        **{"NFPROTO_UNSPEC": 0, "NFPROTO_IPV4": 2, "NFPROTO_ARP": 3, "NFPROTO_BRIDGE": 7, "NFPROTO_IPV6": 10},
        **{"NFPROTO_DECNET": 12, "NFPROTO_NUMPROTO": 6},
    }


def test_policies_of_any_kind(chain: iptc.Chain) -> None:
    """They are made of whatever there is, one for each; the chain takes no other than the two that it has."""
    for odd in (5, None, b"DROP", "", "drop", ("a",), 1.5, "ACCEPT\0", "QUEUE", "RETURN", "web"):
        policy = iptc.Policy(odd)
        assert policy.name == odd and policy is iptc.Policy(odd) and str(policy) == str(odd)
        assert (policy == odd) is isinstance(odd, str) and policy != iptc.Policy("DROP") and len({policy, iptc.Policy(odd)}) == 1
        assert pickle.loads(pickle.dumps(policy)) is policy
        for given in (policy, odd):
            with pytest.raises(iptc.IPTCError, match=re.escape(f"can't set policy {odd} on chain INPUT: b'Bad policy name'")):
                chain.set_policy(given)
    for unhashable in ([], {}):
        with pytest.raises(TypeError, match="unhashable"):
            iptc.Policy(unhashable)
    assert chain.get_policy() is iptc.Policy("ACCEPT")
    chain.set_policy(iptc.Policy("DROP"))
    assert chain.get_policy() is iptc.Policy("DROP")


def test_chains(chain: iptc.Chain) -> None:
    table = chain.table
    assert iptc.Table("filter") is table and iptc.Chain(table, "INPUT") is chain
    assert [found.name for found in table.chains] == ["INPUT", "FORWARD", "OUTPUT"] == [found.name for found in table]
    web = table.create_chain("web")
    assert iptc.Chain(table, "web") is web and web in table.chains and table.is_chain("web") and table.is_chain(web)
    assert iptc.Chain(table, "NO") not in table.chains and iptc.Chain(table, "NO").rules == []
    assert chain.is_builtin() and not web.is_builtin()
    assert (web.get_policy(), web.get_counters()) == (None, None)
    assert chain.get_policy() is iptc.Policy("ACCEPT") and chain.get_policy() == "ACCEPT"
    chain.set_policy("DROP", (5, 6))
    assert table.get_policy("INPUT") == (iptc.Policy("DROP"), (5, 6))
    chain.zero_counters()
    assert chain.get_counters() == (0, 0)
    jump = iptc.Rule()
    jump.create_target("web", goto=True)
    chain.append_rule(jump)
    target = chain.rules[0].target
    assert (target.name, target.standard_target, target.goto) == ("web", "web", True)
    plain = iptc.Rule()
    plain.create_target("web")
    assert plain != jump
    web.rename("www")
    assert web.name == "www" and table.is_chain("www") and not table.is_chain("web")
    assert chain.rules[0].target.name == "www"
    table.create_chain("web")
    with pytest.raises(iptc.IPTCError, match="can't rename chain www: b'File exists'"):
        table.rename_chain("www", "web")
    table.flush()
    assert [found.name for found in table.chains] == ["INPUT", "FORWARD", "OUTPUT"]
    table.close()
    assert table.is_chain("INPUT")


def test_edits_wait_for_a_commit(chain: iptc.Chain, tables: libfw.Kernel) -> None:
    table = chain.table
    table.autocommit = False
    for port in ("1", "2"):
        chain.append_rule(rule(protocol=port))
    assert len(chain.rules) == 2 and saved(tables) == []
    table.commit()
    assert len(saved(tables)) == 2
    # Committed again without a refresh.
    chain.append_rule(rule(protocol="3"))
    table.commit()
    assert len(saved(tables)) == 3
    chain.append_rule(rule(protocol="4"))
    table.refresh()
    assert len(chain.rules) == 3
    chain.append_rule(rule(protocol="4"))
    table.autocommit = True
    table.refresh()
    assert len(saved(tables)) == 4


def test_nothing_is_lost_that_others_write(chain: iptc.Chain, tables: libfw.Kernel) -> None:
    table = chain.table
    chain.append_rule(rule(src="10.0.0.1"))
    with tables.table() as other:
        other["INPUT"][0] = "-s 8.8.8.8 -j DROP"
    # Where the position does not matter the edit is made to what is there now.
    chain.append_rule(rule(src="10.0.0.2"))
    assert saved(tables) == ["-A INPUT -s 8.8.8.8/32 -j DROP", "-A INPUT -s 10.0.0.2/32 -j ACCEPT"]
    assert len(chain.rules) == 2
    for edit in (lambda: chain.replace_rule(rule(), 1), lambda: chain.insert_rule(rule(), 1)):
        assert len(chain.rules) >= 2
        with tables.table() as other:
            other["INPUT"][0] = f"-s 8.8.8.{len(chain.rules)} -j ACCEPT"
        with tables.table() as other:
            other["INPUT"].insert(0, "-s 9.9.9.9 -j DROP")
        with pytest.raises(iptc.IPTCError, match="Resource temporarily unavailable"):
            edit()
        edit()
    table.refresh()
    table.autocommit = False
    chain.append_rule(rule())
    with tables.table() as other:
        other["INPUT"].append("-j DROP")
    with pytest.raises(iptc.IPTCError, match="temporarily"):
        table.commit()
    table.refresh()
    table.autocommit = True


def test_ipv6_and_other_tables(tables: libfw.Kernel) -> None:
    assert iptc.is_table_available("filter") and not iptc.is_table_available("nope")
    names = iptc.Table.existing_table_names
    assert (names["filter"], names["nope"]) == (True, False)
    assert iptc.is_table6_available(iptc.Table6.FILTER)
    chain = iptc.Chain(iptc.Table6(iptc.Table.FILTER), "INPUT")
    made = iptc.Rule6()
    made.src, made.protocol = "2001:db8::/32", "icmpv6"
    made.create_match("icmp6").icmpv6_type = "echo-request"
    made.create_target("REJECT").reject_with = "addr-unreach"
    chain.append_rule(made)
    assert chain.rules == [made] and chain.rules[0].target.reject_with == "icmp6-addr-unreachable"
    assert isinstance(chain.rules[0], iptc.Rule6) and chain != iptc.Chain(iptc.Table("filter"), "INPUT")
    nat = iptc.Chain(iptc.Table(iptc.Table.NAT), "PREROUTING")
    forward = iptc.Rule()
    forward.protocol = "tcp"
    forward.create_match("tcp").dport = "8080"
    forward.create_target("DNAT").to_destination = "10.0.0.1:80"
    nat.insert_rule(forward)
    assert nat.rules[0].target.to_destination.split(":") == ["10.0.0.1", "80"]
    assert forward.tables[0].name == "filter" and len(forward.tables) == len(iptc.easy.get_tables())


def test_what_iptables_wrote_is_read_and_deleted(chain: iptc.Chain, iptables: Callable[..., str]) -> None:
    iptables("-A", "INPUT", "-m", "state", "--state", "NEW", "-m", "comment", "--comment", "don't \"x\"", "-j", "DROP")
    iptables("-A", "INPUT", "-m", "policy", "--dir", "in", "--pol", "ipsec", "--strict", "--reqid", "1", "--next", "--reqid", "2")
    chain.table.refresh()
    first, second = chain.rules
    assert [match.name for match in first.matches] == ["state", "comment"]
    assert (first.matches[0].state, first.matches[1].comment) == ("NEW", "don't \"x\"")
    assert second.matches[0].reqid == "1 2" and second.target.name == ""
    for found in chain.rules:
        chain.delete_rule(found)
    assert iptables("-S", "INPUT") == "-P INPUT ACCEPT\n"


def test_without_privileges(tables: libfw.Kernel) -> None:
    def drop() -> None:
        """Gives every capability away, which the root of any namespace can: `struct __user_cap_header_struct`, and no bits."""
        libc, header, none = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x2008_0522), (ctypes.c_uint32 * 6)()
        no_new_privileges = 38
        assert libc.prctl(no_new_privileges, 1, 0, 0, 0) == 0 and libc.capset(header, none) == 0

    program = "from libfw import iptc\ntry: iptc.Table('filter')\nexcept iptc.IPTCError as e: print(e)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=drop)
    assert done.stdout == "can't initialize filter: b'Permission denied (you must be root)'\n", done.stderr


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


def test_a_policy_is_what_the_kernel_has_now(chain: iptc.Chain, tables: libfw.Kernel) -> None:
    assert (chain.get_policy(), chain.get_counters(), len(chain.rules)) == (iptc.Policy("ACCEPT"), (0, 0), 0)
    with tables.table() as other:
        other["INPUT"].policy, other["INPUT"].counters = "DROP", (7, 8)
        other["INPUT"].append("-j DROP")
    assert (chain.get_policy(), chain.get_counters(), len(chain.rules)) == (iptc.Policy("DROP"), (7, 8), 1)
    chain.table.autocommit = False
    with tables.table() as other:
        other["INPUT"].policy = "ACCEPT"
    assert chain.get_policy() == "DROP"
    chain.table.refresh()
    chain.table.autocommit = True
    assert chain.get_policy() == "ACCEPT"
    chain.set_policy("DROP", [3, 4])
    assert chain.get_counters() == (3, 4)
    for wrong in ([1], 5, "123"):
        with pytest.raises((TypeError, ValueError)):
            chain.set_policy("DROP", wrong)


@pytest.mark.parametrize(
    ("protocol", "name", "options", "line"),
    [
        ("icmp", "icmp", {}, "-p icmp -m icmp --icmp-type any"),
        ("ip", "statistic", {"mode": "nth", "every": "3"}, "-m statistic --mode nth --every 3 --packet 0"),
        ("ip", "statistic", {"probability": "0.5"}, "-m statistic --mode random --probability 0.50000000000"),
    ],
)
def test_options_that_are_assumed(
    chain: iptc.Chain, tables: libfw.Kernel, protocol: str, name: str, options: dict[str, str], line: str
) -> None:
    made = iptc.Rule()
    made.protocol = protocol
    match = made.create_match(name)
    for option, value in options.items():
        setattr(match, option, value)
    made.create_target("DROP")
    chain.append_rule(made)
    assert saved(tables) == [f"-A INPUT {line} -j DROP"] and chain.rules == [made]
    chain.delete_rule(made)


def test_options_that_are_missing(chain: iptc.Chain) -> None:
    for name, options in [("statistic", {"mode": "nth"}), ("statistic", {"mode": "random"}), ("mark", {}), ("string", {})]:
        made = iptc.Rule()
        match = made.create_match(name)
        made.create_target("DROP")
        for option, value in options.items():
            setattr(match, option, value)
        with pytest.raises(iptc.errors.ParameterError):
            chain.append_rule(made)


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
