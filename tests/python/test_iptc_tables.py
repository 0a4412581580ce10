"""`libfw.iptc`: what such programs do with tables and chains."""

import ctypes
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import libfw
from libfw import iptc
from test_iptc import rule, saved


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
    # What iptables takes and the kernel does not.
    bare = rule()
    bare.create_match("cgroup")
    with pytest.raises(iptc.IPTCError, match="cgroup: needs --path or --cgroup"):
        chain.append_rule(bare)
    assert chain.rules == []
