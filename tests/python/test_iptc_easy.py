"""`libfw.iptc.easy`: rules as dictionaries."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import libfw
from libfw import iptc
from libfw.iptc import easy

WEB = {"protocol": "tcp", "tcp": {"dport": "80"}, "target": "ACCEPT"}
LINES = [
    line.lstrip("~")
    for line in (Path(__file__).parents[1] / "rules.txt").read_text().splitlines()
    if line and not line.startswith("#") and "-m set " not in line and "-j SET " not in line
]


@pytest.fixture(autouse=True)
def tables(kernel: libfw.Kernel) -> Iterator[libfw.Kernel]:
    iptc.set_kernel(kernel)
    yield kernel
    iptc.set_kernel(None)


def bare(rule_d: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule_d.items() if name != "counters"}


@pytest.mark.parametrize(
    ("text", "rule_d"),
    [
        ("-s 10.0.0.0/8 ! -d 10.1.0.0/16 -p tcp -j ACCEPT", {"src": "10.0.0.0/8", "dst": "!10.1.0.0/16", "protocol": "tcp", "target": "ACCEPT"}),
        ("! -i eth0 -o eth+ -f", {"in-interface": "!eth0", "out-interface": "eth+", "fragment": True}),
        (
            "-p tcp --tcp-flags FIN,SYN SYN ! --dport 22 -m comment --comment \"two words\" -m comment --comment b",
            {
                "protocol": "tcp",
                "tcp": {"dport": ["!", "22"], "tcp-flags": ["FIN,SYN", "SYN"]},
                "comment": [{"comment": "two words"}, {"comment": "b"}],
            },
        ),
        ("-p tcp -j DNAT --to-destination 10.0.0.1:80", {"protocol": "tcp", "target": {"DNAT": {"to-destination": "10.0.0.1:80"}}}),
        ("-j MASQUERADE --random", {"target": {"MASQUERADE": {"random": ""}}}),
        ("-j web", {"target": "web"}),
        ("-g web", {"target": {"goto": "web"}}),
    ],
)
def test_rules_are_dictionaries(text: str, rule_d: dict[str, Any]) -> None:
    easy.add_chain("filter", "web")
    rule = iptc.Rule.from_text(text)
    assert easy.decode_iptc_rule(rule) == {**rule_d, "counters": (0, 0)}
    assert easy.encode_iptc_rule(rule_d) == rule


def test_every_rule_survives_as_a_dictionary() -> None:
    count = 0
    for line in LINES:
        for cls, family in (iptc.Rule, "ipv4"), (iptc.Rule6, "ipv6"):
            try:
                libfw.Rule(line, family=family)
            except libfw.Error:
                continue
            rule = cls.from_text(line)
            rule_d = easy.decode_iptc_rule(rule, ipv6=family == "ipv6")
            again = easy.encode_iptc_rule(rule_d, ipv6=family == "ipv6")
            assert again == rule and str(again) == str(rule), line
            count += 1
    assert count > 800


@pytest.mark.parametrize(
    "rule_d",
    [
        {"protocol": "tcp", "tcp": {"dport": "99999"}, "target": "ACCEPT"},
        {"protocol": "tcp", "tcpp": {"dport": "22"}, "target": "ACCEPT"},
        {"protocol": "tcp", "tcp": {"dprt": "22"}, "target": "ACCEPT"},
        {"protocol": "tcp", "tcp": {"dport": None}, "target": "ACCEPT"},
        {"sorce": "10.0.0.1", "target": "ACCEPT"},
        {"src": None, "target": "ACCEPT"},
        {"protocol": None, "target": "ACCEPT"},
        {"target": "NOSUCH"},
        {"target": None},
        {"target": {"DNAT": {}, "SNAT": {}}},
        {"target": {"SNAT": {}}},
        {"mark": {}, "target": "ACCEPT"},
    ],
)
def test_nothing_is_left_out(rule_d: dict[str, Any], tables: libfw.Kernel) -> None:
    given = dict(rule_d)
    with pytest.raises((ValueError, TypeError, AttributeError, iptc.XTablesError)):
        easy.add_rule("filter", "INPUT", rule_d)
    assert rule_d == given and len(tables.table()["INPUT"]) == 0 and not easy.test_rule(rule_d)


def test_rules_are_added_found_and_deleted(tables: libfw.Kernel) -> None:
    given = dict(WEB)
    easy.add_rule("filter", "INPUT", WEB)
    assert WEB == given
    easy.add_rule("filter", "INPUT", {"protocol": "tcp", "tcp": {"dport": 443}, "target": "ACCEPT"}, position=-1)
    easy.insert_rule("filter", "INPUT", {"in-interface": "lo", "target": "ACCEPT"})
    easy.add_rule("filter", "INPUT", {"comment": "last", "target": "DROP"}, position=4)
    assert tables.table()["INPUT"].rules()[1:] == [
        "-A INPUT -i lo -j ACCEPT",
        "-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT",
        "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT",
        "-A INPUT -m comment --comment last -j DROP",
    ]
    assert easy.has_rule("filter", "INPUT", WEB) and easy.get_rule_position("filter", "INPUT", WEB) == 2
    assert bare(easy.get_rule("filter", "INPUT", 3)) == WEB == bare(easy.get_rule("filter", "INPUT", -2))
    assert len(easy.get_rule("filter", "INPUT")) == 4
    with pytest.raises(IndexError):
        easy.get_rule("filter", "INPUT", 9)
    assert easy.get_rule("filter", "INPUT", 9, raise_exc=False) is None
    assert easy.get_rule_counters("filter", "INPUT", WEB) == (0, 0)
    easy.replace_rule("filter", "INPUT", WEB, {**WEB, "target": "DROP"})
    with pytest.raises(ValueError):
        easy.replace_rule("filter", "INPUT", WEB, WEB)
    with pytest.raises(AttributeError, match="has no rule"):
        easy.get_rule_position("filter", "INPUT", WEB)
    with pytest.raises(iptc.IPTCError):
        easy.add_rule("filter", "INPUT", WEB, position=9)
    with pytest.raises(iptc.IPTCError, match="Bad rule"):
        easy.delete_rule("filter", "INPUT", WEB)
    easy.delete_rule("filter", "INPUT", WEB, raise_exc=False)
    easy.delete_rule("filter", "INPUT", {**WEB, "target": "DROP"})
    assert len(easy.dump_chain("filter", "INPUT")) == 3
    easy.zero_chain("filter", "INPUT")
    easy.zero_table("filter")
    easy.zero_all()
    easy.flush_chain("filter", "INPUT")
    assert easy.dump_table("filter") == {"INPUT": [], "FORWARD": [], "OUTPUT": []}
    six = {"src": "2001:db8::/32", "target": "DROP"}
    easy.add_rule("filter", "INPUT", six, ipv6=True)
    assert easy.get_rule_position("filter", "INPUT", six, ipv6=True) == 0
    assert bare(easy.dump_all(ipv6=True)["filter"]["INPUT"][0]) == six


def test_chains_and_policies() -> None:
    assert easy.add_chain("filter", "web") is True and easy.has_chain("filter", "web")
    assert easy.add_chain("filter", "web", raise_exc=False) is False
    with pytest.raises(iptc.IPTCError, match="already exists"):
        easy.add_chain("filter", "web")
    with pytest.raises(AttributeError, match="Table <filter> has no chain <NOPE>"):
        easy.add_rule("filter", "NOPE", WEB)
    easy.add_rule("filter", "web", WEB)
    with pytest.raises(iptc.IPTCError, match="not empty"):
        easy.delete_chain("filter", "web")
    easy.delete_chain("filter", "web", flush=True)
    easy.delete_chain("filter", "web", raise_exc=False)
    assert easy.get_chains("filter") == ["INPUT", "FORWARD", "OUTPUT"] and "filter" in easy.get_tables()
    easy.set_policy("filter", "INPUT", "DROP")
    assert easy.get_policy("filter", "INPUT") == "DROP"
    easy.set_policy("filter", "INPUT")
    assert easy.get_policy("filter", "INPUT") == "ACCEPT"
    assert easy.test_match("tcp", {"dport": "80"}) and not easy.test_match("udp", {"dport": "99999"})
    assert easy.test_target("ACCEPT", {}) and easy.test_target("LOG", {"log-level": "7"}) and not easy.test_target("NO", {})
    easy.flush_all()


def test_batches_have_one_commit(tables: libfw.Kernel) -> None:
    rules: Callable[[], list[str]] = lambda: tables.table()["INPUT"].rules()[1:]
    easy.batch_begin("filter")
    easy.add_rule("filter", "INPUT", WEB)
    assert easy.has_rule("filter", "INPUT", WEB) and len(easy.dump_chain("filter", "INPUT")) == 1 and rules() == []
    easy.batch_end("filter")
    assert len(rules()) == 1
    easy.batch_begin()
    easy.batch_end()
    easy.batch_add_chains("filter", ["a", "b", "a"])
    easy.batch_add_rules("filter", [("a", WEB, 0), ("b", WEB, 1), ("INPUT", {"target": "a"}, 1)])
    assert rules()[0] == "-A INPUT -j a"
    easy.batch_delete_rules("filter", [("INPUT", {"target": "a"}), ("INPUT", WEB)])
    assert rules() == []
    # All of it, or nothing.
    with pytest.raises(iptc.XTablesError):
        easy.batch_add_rules("filter", [("INPUT", WEB, 0), ("INPUT", {"target": "NOPE"}, 0)])
    easy.batch_delete_rules("filter", [("INPUT", WEB)], raise_exc=False)
    assert rules() == [] and iptc.Table("filter").autocommit
    easy.batch_delete_chains("filter", ["a", "b", "nope"])
    assert easy.get_chains("filter") == ["INPUT", "FORWARD", "OUTPUT"]


def test_elements_of_a_policy(tables: libfw.Kernel) -> None:
    text = "-m policy --dir in --pol ipsec --strict --reqid 1 --next ! --reqid 2 --proto esp"
    with tables.table() as other:
        other["INPUT"].append(text)
    (rule_d,) = easy.dump_chain("filter", "INPUT")
    told = {"dir": "in", "pol": "ipsec", "strict": "", "reqid": ["1", "!2"], "proto": ["", "esp"], "next": ""}
    assert rule_d["policy"] == told and easy.has_rule("filter", "INPUT", rule_d)
    easy.delete_rule("filter", "INPUT", rule_d)
    assert easy.dump_chain("filter", "INPUT") == []
    for wrong in ({"proto": ["esp"]}, {"proto": "esp", "reqid": "1"}, {"nope": ["1", "2"]}, {"reqid": ["x", "1"]}):
        assert not easy.test_match("policy", {**told, **wrong})


def test_a_bare_icmp_and_matches_that_are_there_several_times(tables: libfw.Kernel) -> None:
    bare_icmp = {"protocol": "icmp", "icmp": {}, "target": "DROP"}
    easy.add_rule("filter", "INPUT", bare_icmp)
    assert tables.table()["INPUT"].rules()[1:] == ["-A INPUT -p icmp -m icmp --icmp-type any -j DROP"]
    assert easy.has_rule("filter", "INPUT", bare_icmp) and not easy.test_rule({"protocol": "icmpv6", "icmp6": {}, "target": "DROP"}, ipv6=True)
    for several in ([{"comment": "x"}, {"comment": "y"}], ({"comment": "x"},), ["x"]):
        assert easy.test_match("comment", several)
    assert not easy.test_match("comment", [{"comment": "x"}, {"nope": "y"}])
