"""What is said to those who guess: names that something has elsewhere, arguments in another order."""

import enum
import pathlib
import re
import subprocess
import sys
from typing import Any

import pytest

import libfw
from libfw import _guesses, matches, targets


def test_what_was_meant() -> None:
    """Names that other libraries or the command have for something."""
    for wrong, words in {
        "src": "but source",
        "dport": "matches=[Tcp(dport=...)]",
        "in_iface": "but in_interface",
        "hashlimit_upto": "matches=[Hashlimit(hashlimit_upto=...)]",
        "nothing": "a rule has no part \"nothing\"; it has source",
    }.items():
        with pytest.raises(TypeError) as raised:
            libfw.Rule(**{wrong: 1}, target="ACCEPT")
        assert words in str(raised.value), str(raised.value)
    for module, wrong, right in ((targets, "ACCEPT", "Accept"), (matches, "conn_track", "Conntrack"), (targets, "DNAT", "Dnat")):
        with pytest.raises(AttributeError, match=f"did you mean {right}"):
            getattr(module, wrong)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'$"):
        getattr(targets, "nothing")
    kernel = libfw.Kernel(backend="memory")
    table = kernel.table()
    things = {libfw: "libfw", libfw.Rule("-j DROP"): "Rule", table: "Table", table["INPUT"]: "Chain", kernel: "Kernel"}
    for thing, owner in things.items():
        for wrong, right in {**_guesses._INSTEAD[owner], "nothing": ""}.items():
            with pytest.raises(AttributeError, match=f"'{wrong}'" + (f"; did you mean {re.escape(right)}" if right else "$")):
                getattr(thing, wrong)
            assert not hasattr(thing, wrong)
            # What is named instead is there.
            for owned, name in re.findall(r"\b(rule|chain|table|kernel|libfw)\.(\w+)", right):
                of = {"rule": libfw.Rule, "chain": libfw.Chain, "table": libfw.Table, "kernel": libfw.Kernel, "libfw": libfw}[owned]
                assert name == "iptc" or hasattr(of, name), right
    for wrong, right in (("ensure", "table[name].ensure(...)"), ("append_rule", "table[name].append(rule)"), ("rename", "table.rename_chain")):
        with pytest.raises(AttributeError, match="did you mean " + re.escape(right)):
            getattr(table, wrong)
    for cls, keywords in ((libfw.Table, "Table"), (libfw.Kernel, "Kernel")):
        for wrong, right in {**_guesses._KEYWORDS[keywords], "nothing": ""}.items():
            with pytest.raises(TypeError, match=f"'{wrong}'" + (f"; did you mean {re.escape(right)}" if right else "$")):
                cls(**{wrong: 1})
    for call, words in (
        (lambda: table["INPUT"].insert("-j DROP"), "chain.insert(0, rule)"),
        (lambda: table["INPUT"].delete(0), "chain[index]"),
        (lambda: libfw.Rule({"target": "DROP"}), "Rule(**parts)"),
        (lambda: libfw.Rule(protocol="tcp", matches={"tcp": {"dport": 22}}, target="ACCEPT"), "not a dictionary"),
        (lambda: libfw.Rule(source="! 10.0.0.0/8"), 'libfw.Not("10.0.0.0/8")'),
        (lambda: libfw.save(pathlib.Path("x"), kernel=kernel), "save(file=...)"),
        (lambda: matches.Set("banned", "src"), "Set(match_set=('banned', 'src'))"),
    ):
        with pytest.raises((TypeError, ValueError), match=re.escape(words)):
            call()
    assert not table.changed
    with pytest.raises(ValueError, match=r"libfw.save\(\)"):
        libfw.run(["iptables-save"])
    with pytest.raises(TypeError, match="ensure_chain"):
        libfw.Kernel(backend="memory").table()["web"] = []  # type: ignore[assignment]


def test_python_adds_no_other_guess() -> None:
    program = "import libfw; libfw.Kernel(backend='memory').table().create_chain('web')"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False).stderr
    assert said.endswith("has no attribute 'create_chain'; did you mean table.new_chain(name)?\n"), said


def test_options_without_their_names() -> None:
    """What is said is about the class that was called, and tells what to write."""
    for call, words in (
        (lambda: matches.Comment("x"), "options of Comment are given by keyword: Comment(comment='x')"),
        (lambda: matches.Tcp(80, 90), "options of Tcp are given by keyword: Tcp(sport=80, dport=90); it has sport, dport, "),
        (lambda: targets.Dnat("10.0.0.1"), "Dnat(to_destination='10.0.0.1'); it has to_destination, "),
        (lambda: targets.Trace("x"), "Trace has no options, so it takes no 'x'"),
    ):
        with pytest.raises(TypeError) as raised:
            call()
        assert words in str(raised.value), str(raised.value)


def test_a_family_follows_what_it_is_of(kernel: libfw.Kernel) -> None:
    """Where there is one table, rule or file, the family may be its second argument."""
    six = libfw.Family.IPV6
    for family in ("ipv6", 6, six):
        assert kernel.table("filter", family).family is libfw.Table("filter", family, kernel=kernel).family is six
        assert libfw.Rule("-s 2001:db8::1 -j DROP", family).family is six
        assert kernel.counters("filter", family).family is kernel.take_counters("filter", family).family is six
        with libfw.transaction(kernel) as t:
            assert t.table("filter", family).family is six
        desired = libfw.Desired(kernel)
        desired.read("*filter\n-A INPUT -s 2001:db8::1 -j DROP\nCOMMIT\n", family)
        assert [change.family for change in desired.plan().changes] == [six]
        with kernel.watch() as watch:
            watch.add("filter", family)
        assert desired.apply() and "2001:db8::1" in libfw.run(["ip6tables", "-S"], kernel)[0]
        libfw.restore("*filter\nCOMMIT\n", family, kernel=kernel)
        assert kernel.tables(family) and kernel.missing_module(family) is None
    assert libfw.update("filter", lambda table: table.family, six, kernel=kernel) is six
    assert libfw.Rule("-j DROP", None).family is libfw.Family.IPV4
    libfw.restore_json(libfw.save_json(kernel=kernel), kernel)
    for call, words in (
        (lambda: kernel.table("filter", kernel), "a family is \"ipv4\", \"ipv6\" or \"arp\", not libfw.Kernel("),
        (lambda: libfw.restore("", kernel), "; kernel= takes that"),
        (lambda: libfw.Rule("-j DROP", kernel), "; kernel= takes that"),
        (lambda: libfw.Rule("-j DROP", "-j ACCEPT"), "a rule is one argument, which its family may follow"),
        (lambda: kernel.table("filter", "ipv7"), 'bad family "ipv7", expected ipv4, ipv6 or arp'),
        (lambda: libfw.Rule("-j DROP", "ipv4", "ipv6"), "a rule is one argument"),
        (lambda: libfw.Rule("-j DROP", "ipv6", family="ipv6"), "a rule is one argument"),
        (lambda: libfw.save("filter", "ipv6", kernel=kernel), 'no table is called "ipv6"; family="ipv6" says of which family'),
        (lambda: kernel.watch("ip6"), 'family="ip6"'),
        (lambda: libfw.Kernel("nft"), "Kernel() takes its arguments by keyword: Kernel(backend='nft')"),
        (lambda: libfw.Kernel("web"), "Kernel(netns='web')"),
        (lambda: libfw.Kernel(4711, "nft"), "Kernel(pid=4711)"),
    ):
        with pytest.raises((TypeError, ValueError, libfw.Error)) as raised:
            call()
        assert words in str(raised.value), str(raised.value)


def test_a_wrong_call_names_the_class() -> None:
    """Every class says its own name, not that of one of its bases."""
    classes = [getattr(module, name) for module in (matches, targets) for name in module.__all__]
    classes += [getattr(libfw, name) for name in libfw.__all__]
    called = 0
    for cls in classes:
        if not isinstance(cls, type) or issubclass(cls, (BaseException, enum.Enum)) or cls in (libfw.matches.Match, libfw.targets.Target):
            continue
        for arguments in ((), (object(),) * 9):
            try:
                cls(*arguments)
            except TypeError as error:
                # Python 3.9 says no more than `__init__()`.
                named = cls.__name__ if cls.__module__.startswith("libfw") and sys.version_info >= (3, 10) else "a"
                assert named.lower() in str(error).lower() or "a rule is" in str(error), (cls, str(error))
                called += 1
            except ValueError:
                # It takes nothing at all, but there must be something.
                assert cls is libfw.NatRange
    assert called > 100
