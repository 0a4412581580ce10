"""What Python programs expect: collections, copies, errors, values of Python's own types."""

import builtins
import collections.abc
import copy
import errno
import gc
import io
import ipaddress
import os
import pickle
import sys
import warnings
import weakref
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

import libfw
from libfw import ANY, Not, matches, targets

RULE = "-p tcp -m tcp --dport 22 -j ACCEPT"


@pytest.mark.parametrize(
    ("make", "option", "value"),
    [
        (lambda: matches.Tcp(dport=22), "dport", 22),
        (lambda: matches.Tcp(dport="22"), "dport", 22),
        (lambda: matches.Tcp(dport=range(80, 90)), "dport", libfw.PortRange(80, 89)),
        (lambda: matches.Tcp(dport="80:89"), "dport", libfw.PortRange(80, 89)),
        (lambda: matches.Tcp(dport=range(80, 81)), "dport", 80),
        (lambda: matches.Tcp(dport=Not(22)), "dport", Not(22)),
        (lambda: matches.Tcp(flags=({"SYN", "ACK"}, {"SYN"})), "flags", (frozenset({"SYN", "ACK"}), frozenset({"SYN"}))),
        (lambda: matches.Tcp(flags=("SYN,ACK", "NONE")), "flags", (frozenset({"SYN", "ACK"}), frozenset())),
        (lambda: matches.Conntrack(state={"NEW"}), "state", frozenset({"NEW"})),
        (lambda: matches.Conntrack(state=(word for word in ("NEW", "RELATED"))), "state", frozenset({"NEW", "RELATED"})),
        (lambda: matches.Conntrack(orig_src="10.0.0.0/8"), "orig_src", ipaddress.ip_network("10.0.0.0/8")),
        (lambda: matches.Conntrack(orig_src=ipaddress.ip_network("10.0.0.0/8")), "orig_src", ipaddress.ip_network("10.0.0.0/8")),
        (lambda: matches.Conntrack(orig_src="2001:db8::1"), "orig_src", ipaddress.ip_network("2001:db8::1/128")),
        (lambda: matches.Iprange(src_range="10.0.0.1-10.0.0.9"), "src_range", libfw.AddressRange("10.0.0.1", "10.0.0.9")),
        (lambda: matches.Iprange(src_range=libfw.AddressRange("::1", "::9")), "src_range", libfw.AddressRange("::1", "::9")),
        (lambda: matches.Multiport(dports=[22, range(80, 90)]), "dports", [22, libfw.PortRange(80, 89)]),
        (lambda: matches.Multiport(dports=(22, 80)), "dports", [22, 80]),
        (lambda: matches.Limit(rate="7/min"), "rate", libfw.Rate(7, "minute")),
        (lambda: matches.Limit(rate=libfw.Rate(7, "minute")), "rate", libfw.Rate(7, "minute")),
        (lambda: matches.Hashlimit(upto="512kb/s", name="a"), "upto", libfw.Rate(524288, bytes=True)),
        (lambda: matches.Mark(mark=5), "mark", 5),
        (lambda: matches.Mark(mark=libfw.Masked(5, 255)), "mark", libfw.Masked(5, 255)),
        (lambda: matches.Length(length=libfw.Range(64, 1500)), "length", libfw.Range(64, 1500)),
        (lambda: matches.Time(timestart=time(8, 30)), "timestart", time(8, 30)),
        (lambda: matches.Time(datestart=datetime(2030, 1, 2)), "datestart", datetime(2030, 1, 2)),
        (lambda: matches.Time(weekdays={"Mon"}, monthdays=[1, 2]), "monthdays", [1, 2]),
        (lambda: matches.Recent(rcheck=True, seconds=timedelta(minutes=1)), "seconds", 60),
        (lambda: matches.Set(match_set=("web", ["src", "dst"])), "match_set", ("web", ("src", "dst"))),
        (lambda: matches.Comment(comment=b"caf\xe9"), "comment", "caf\udce9"),
        (lambda: matches.Icmp(icmp_type="echo-request"), "icmp_type", 8),
        (lambda: matches.Icmp(icmp_type=(3, 1)), "icmp_type", (3, 1)),
        (lambda: matches.Icmp(icmp_type=Not("port-unreachable")), "icmp_type", Not((3, 3))),
        (lambda: matches.Icmp6(icmpv6_type=(1, libfw.Range(0, 4))), "icmpv6_type", (1, libfw.Range(0, 4))),
        (lambda: matches.Statistic(mode="random", probability=0.33), "probability", 0.33),
        (lambda: matches.Conntrack(status=["NONE"]), "status", frozenset({"NONE"})),
        (lambda: targets.Tcpoptstrip(strip_options=["mss", 16]), "strip_options", frozenset({2, 16})),
        (lambda: targets.Dnat(to_destination="10.0.0.1:80"), "to_destination", libfw.NatRange("10.0.0.1", 80)),
        (lambda: targets.Dnat(to_destination=("10.0.0.1", range(80, 90))), "to_destination", libfw.NatRange("10.0.0.1", range(80, 90))),
        (lambda: targets.Dnat(to_destination=("2001:db8::1", 80)), "to_destination", libfw.NatRange("2001:db8::1", 80)),
        (lambda: targets.Snat(to_source=libfw.AddressRange("10.0.0.1", "10.0.0.9")), "to_source", libfw.NatRange(libfw.AddressRange("10.0.0.1", "10.0.0.9"))),
        (lambda: targets.Masquerade(random=True), "random", True),
        (lambda: targets.Mark(set_mark=3), "set_mark", 3),
        (lambda: targets.Log(level=6), "level", 6),
    ],
)
def test_values_are_typed_both_ways(make: Callable[[], Any], option: str, value: Any) -> None:
    part = make()
    assert getattr(part, option) == value and type(getattr(part, option)) is type(value)
    again = type(part)(**{name: getattr(part, name) for name, option in part._options.items() if not option.spelling and getattr(part, name) not in (None, False)})
    assert again == part == pickle.loads(pickle.dumps(part)) == eval(repr(part)) == copy.deepcopy(part)


def test_options_of_parts_do_not_change() -> None:
    made = matches.Tcp(dport=22)
    for part in libfw.Rule("-p tcp --dport 22").matches[0], made, copy.copy(made), pickle.loads(pickle.dumps(made)):
        assert (part.dport, part.destination_port, part.sport, part.syn) == (22, 22, None, None)
        for name in "dport", "destination_port", "sport":
            told = f"attribute '{'dport' if name[0] == 'd' else 'sport'}' of 'Tcp' objects is not writable"
            with pytest.raises(AttributeError, match=told):
                setattr(part, name, 23)
            with pytest.raises(AttributeError, match=told):
                delattr(part, name)
        with pytest.raises(AttributeError, match="has no attribute 'ports'"):
            part.ports = 23
        assert not hasattr(part, "ports") and part == made and part.dport == 22
    for attribute in matches.Tcp.dport, libfw.Rule.source:
        for other in matches, matches.Udp(), libfw.Kernel(backend="memory"):
            with pytest.raises(TypeError):
                attribute.__get__(other, None)
    assert matches.Tcp.dport.__doc__.startswith("``--dport PORT[:PORT]``")
    assert libfw.Rule.source.__doc__.startswith("The source address") and libfw.Rule.source.__name__ == "source"
    with pytest.raises(AttributeError, match="'source' of 'libfw.Rule' objects is not writable"):
        libfw.Rule("-j DROP").source = None  # type: ignore[misc]


@pytest.mark.parametrize(
    "make",
    [
        lambda: matches.Tcp(dport=range(10, 20, 2)),
        lambda: matches.Tcp(dport=range(20, 10, -1)),
        lambda: matches.Tcp(dport=range(5, 5)),
        lambda: matches.Multiport(dports=range(10, 20, 2)),
        lambda: matches.Tcp(dport=99999),
        lambda: matches.Tcp(dport="nosuchservice"),
        lambda: matches.Tcp(dport=-1),
        lambda: matches.Limit(rate="often"),
        lambda: matches.Conntrack(state=["NEWISH"]),
        lambda: matches.Time(timestart=time(8, 30, 0, 5)),
        lambda: targets.Snat(random=True),
        lambda: libfw.PortRange(5, 3),
        lambda: libfw.NatRange("10.0.0.1", 70000),
        lambda: libfw.NatRange(),
        lambda: libfw.NatRange("nowhere"),
        lambda: libfw.Rule(jump=""),
        lambda: libfw.Rule(target=""),
        lambda: libfw.Rule(target=targets.Goto("")),
        lambda: libfw.PortRange(5, 70000),
    ],
)
def test_a_part_is_checked_when_it_is_made(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: matches.Tcp(dport=None),
        lambda: matches.Tcp(dport=True),
        lambda: matches.Tcp(dport=object()),
        lambda: matches.Tcp(dport=[1, 2, 3]),
        lambda: matches.Limit(rate=Not("5/min")),
        lambda: matches.Conntrack(state=None),
        lambda: targets.Masquerade(random=None),
        lambda: libfw.Rule(source=None),
        lambda: libfw.Rule(matches=None),
        lambda: libfw.Rule(target=None),
        lambda: libfw.Rule(jump=None),
        lambda: libfw.Rule(None),
        lambda: libfw.Rule([]),
        lambda: libfw.Rule("-j DROP", "-j ACCEPT"),
        lambda: libfw.Rule(source=["10.0.0.1"]),
        lambda: libfw.Rule(protocol=True),
        lambda: libfw.Rule(in_interface=5),
        lambda: libfw.Rate("5/min"),
        lambda: libfw.run("iptables -L"),
    ],
)
def test_none_is_never_any(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        make()


def test_one_match_is_as_good_as_a_list_of_one() -> None:
    ssh = libfw.Rule(RULE)
    assert libfw.Rule(protocol="tcp", matches=matches.Tcp(dport=22), target="ACCEPT") == ssh
    assert str(libfw.Rule(matches="socket")) == str(libfw.Rule(matches=["socket"]))
    assert libfw.Rule(protocol="tcp", matches=matches.Tcp) == libfw.Rule(protocol="tcp", matches=(part for part in [matches.Tcp()]))


def test_what_is_wrong_with_a_part_whatever_the_protocol_is_said_first() -> None:
    with pytest.raises(ValueError, match="15"):
        matches.Multiport(dports=list(range(20)))
    with pytest.raises(ValueError, match="70000"):
        targets.Redirect(to_ports=70000)


def test_any_says_it() -> None:
    assert libfw.Rule(source=ANY, matches=ANY, target=ANY, protocol=ANY) == libfw.Rule()
    assert matches.Tcp(dport=ANY, sport=1) == matches.Tcp(sport=1)
    assert repr(ANY) == "libfw.ANY" and not ANY and pickle.loads(pickle.dumps(ANY)) is ANY and copy.deepcopy(ANY) is ANY


def test_options_have_the_names_of_iptables_too() -> None:
    assert matches.Conntrack(ctstate=["NEW"]) == matches.Conntrack(state=["NEW"])
    assert matches.Conntrack(ctstate=["NEW"]).ctstate == {"NEW"}
    assert targets.Log(log_prefix="x ").prefix == "x " == targets.Log(prefix="x ").log_prefix
    assert matches.Hashlimit(hashlimit_upto="5/sec", hashlimit_name="a") == matches.Hashlimit(upto="5/sec", name="a")
    assert matches.Tcp(destination_port=22) == matches.Tcp(dport=22)
    for module in (matches, targets):
        for cls in (getattr(module, name) for name in module.__all__):
            for option in getattr(cls, "_options", {}).values():
                assert cls._by_name(option.name) is option, (cls, option.name)
    assert [part.name for part in libfw.Rule(RULE).matches] == ["tcp"] and libfw.Rule(RULE).target.name == "ACCEPT"
    assert libfw.Rule("-j LOG").target.extension == "LOG" and targets.Jump("web").name == "web"


def test_rules_are_copied_pickled_and_changed() -> None:
    rule = libfw.Rule("-s 10.0.0.0/8 -p tcp --dport 22 -m comment --comment ssh -c 3 4 -j ACCEPT")
    assert copy.copy(rule) is rule is copy.deepcopy(rule)
    again = pickle.loads(pickle.dumps(rule))
    assert again == rule and again.counters == (3, 4)
    assert weakref.ref(rule)() is rule
    assert rule.with_(source="192.0.2.1", target="DROP") == libfw.Rule(
        "-s 192.0.2.1 -p tcp --dport 22 -m comment --comment ssh -j DROP"
    )
    assert rule.with_(matches=ANY, jump="web", source=ANY) == libfw.Rule("-p tcp -j web")
    assert rule.__replace__(protocol="udp", matches=[]) == libfw.Rule("-s 10.0.0.0/8 -p udp -j ACCEPT")
    with pytest.raises(TypeError):
        rule.with_(sourse="10.0.0.1")
    assert rule.find(matches.Comment).comment == "ssh" and rule.find(matches.Udp) is None
    assert rule.find(targets.Accept) == targets.Accept()
    with pytest.raises(TypeError):
        rule.find("comment")
    assert libfw.Rule.from_dict(rule.to_dict()) == rule
    for wrong in ({"sourse": "10.0.0.1"}, {"matches": [{"match": "nope"}]}, {"matches": [{"dport": 1}]}, {"source": {"no": 1}}):
        with pytest.raises((ValueError, LookupError)):
            libfw.Rule.from_dict({"family": "ipv4", **wrong})
    assert f"{rule}" == str(rule) and f"{rule:c}".count("-c 3 4") == 1 and f"{libfw.Rule('-j DROP'):>10}" == "   -j DROP"
    assert libfw.Counters(5, 50) - libfw.Counters(2, 20) == (3, 30) == libfw.Counters(1, 10) + (2, 20)


#: Protocols without a name.
A, B, C = "-p 200 -j DROP", "-p 201 -j DROP", "-p 202 -j DROP"


def test_a_chain_is_a_mutable_sequence(kernel: libfw.Kernel) -> None:
    found = kernel.table()["INPUT"]
    assert isinstance(found, collections.abc.MutableSequence)
    model: list[libfw.Rule] = []

    def both(edit: Callable[[Any], Any]) -> None:
        results = []
        for sequence in (found, model):
            try:
                results.append(edit(sequence))
            except (IndexError, ValueError) as error:
                results.append(IndexError if isinstance(error, IndexError) else ValueError)
        assert results[0] == results[1] and list(found) == model

    def add(sequence: Any, *texts: str) -> None:
        sequence.extend([libfw.Rule(text) for text in texts])

    a, b, c = map(libfw.Rule, (A, B, C))
    both(lambda s: add(s, A, B, C, A))
    both(lambda s: s.insert(-100, c))
    both(lambda s: s.insert(100, b))
    both(lambda s: s.insert(-1, a))
    both(lambda s: s.pop())
    both(lambda s: s.pop(0))
    both(lambda s: s.pop(99))
    both(lambda s: s.count(a))
    both(lambda s: s.index(c))
    both(lambda s: s.index(libfw.Rule()))
    both(lambda s: s.index(a, 1))
    both(lambda s: s.remove(b))
    both(lambda s: s.remove(libfw.Rule()))
    both(lambda s: s.__setitem__(slice(1, 3), [b, b, b]))
    both(lambda s: s.__setitem__(slice(0, 0), [c]))
    both(lambda s: s.__setitem__(slice(None, None, 2), [a, a, a]))
    both(lambda s: s.__setitem__(slice(None, None, 2), [a]))
    both(lambda s: s.__setitem__(slice(1, 2), []))
    both(lambda s: s.__setitem__(-1, c))
    both(lambda s: s.__setitem__(9, c))
    both(lambda s: s.__delitem__(slice(None, None, 2)))
    both(lambda s: s.__delitem__(9))
    both(lambda s: s.reverse())
    both(lambda s: s.__iadd__([a, b]) and None)
    both(lambda s: list(reversed(s)))
    both(lambda s: s[1:])
    both(bool)
    both(lambda s: s.clear())
    both(bool)
    table = kernel.table()
    table["INPUT"] += [A, B]
    assert len(table["INPUT"]) == 2
    for wrong in ([A, "-p nope"], "-j DROP", [A, None]):
        with pytest.raises((ValueError, TypeError)):
            table["INPUT"][0:1] = wrong
        with pytest.raises((ValueError, TypeError)):
            table["INPUT"].extend(wrong)
    for part in slice(0, 1), slice(None, None, -1):
        with pytest.raises(libfw.NoSuchChainError) as caught:
            table["INPUT"][part] = ["-j DROP", "-j nowhere"]
        assert caught.value.rule is not None
    assert list(table["INPUT"]) == [a, b]
    for call in (table["INPUT"].append, table["INPUT"].ensure, table["INPUT"].contains):
        with pytest.raises(TypeError):
            call()
        with pytest.raises(TypeError):
            call(None)


def test_a_slice_is_assigned_whole_or_not_at_all() -> None:
    """Also where a rule is not refused before the chain gets it; the error has the place that it was to have."""
    kernel = libfw.Kernel(backend="memory")
    with kernel.table() as table:
        table["INPUT"].extend(["-c 1 10 -i a", "-c 2 20 -i b", "-i c"])
    chain = kernel.table()["INPUT"]
    before = chain.rules(counters=True)
    six = libfw.Rule("-i d", "ipv6")
    for place, rules, index in (
        (slice(None), ["-i x", "-i y", "-j nowhere"], 3),
        (slice(1, 2), ["-i x", "-m set --match-set none src", "-i y"], 3),
        (slice(3, None), ["-i x", six], 5),
        (slice(None, None, 2), ["-i x", "-j nowhere"], 3),
        (slice(None, None, -1), ["-i x", "-i y", six], 1),
    ):
        with pytest.raises(libfw.Error, match=f"^IPv4 table filter, chain INPUT, rule {index}: ") as raised:
            chain[place] = rules
        assert raised.value.rule == index - 1
        assert chain.rules(counters=True) == before, place


def test_rules_that_move_during_iteration_are_told(kernel: libfw.Kernel) -> None:
    table = kernel.table()
    found = table["INPUT"]
    found.extend([A, B, C])
    edits = [
        lambda: found.append(A),
        lambda: found.insert(0, A),
        lambda: found.pop(),
        lambda: found.remove(A),
        lambda: table.append("INPUT", A),
        lambda: found.flush(),
        lambda: table.refresh(),
    ]
    for edit in edits:
        with pytest.raises(RuntimeError, match="during iteration"):
            for _ in found:
                edit()
        found.flush()
        found.extend([A, B, C])
    # What moves no rule of the chain does no harm.
    seen = []
    for number, rule in enumerate(found):
        table["OUTPUT"].append(rule)
        found[number] = rule.with_(target="ACCEPT")
        found.set_counters(number, (1, 2))
        found.ensure(found[number])
        seen.append(rule)
    assert seen == [libfw.Rule(text) for text in (A, B, C)] and list(found) == [rule.with_(target="ACCEPT") for rule in seen]
    with pytest.raises(RuntimeError):
        for rule in found:
            found.delete(rule)


def test_a_table_is_a_mapping(kernel: libfw.Kernel) -> None:
    table = kernel.table()
    assert isinstance(table, collections.abc.Mapping)
    names = ["INPUT", "FORWARD", "OUTPUT"]
    assert list(table) == list(table.keys()) == [chain.name for chain in table.values()] == names
    assert dict(table) == dict(table.items()) and {name: len(chain) for name, chain in table.items()}["INPUT"] == 0
    assert table.get("nope") is None and table.get("nope", 5) == 5 and table.get("INPUT") == table["INPUT"]
    assert "INPUT" in table and b"INPUT" in table and "nope" not in table and 5 not in table and None not in table
    for wrong in ("nope", 5, None):
        with pytest.raises(KeyError):
            table[wrong]


def test_equality_and_repr_say_which_kernel(kernel: libfw.Kernel, tmp_path: Path) -> None:
    here = libfw.Kernel(netns="/proc/self/ns/net")
    assert here == libfw.Kernel(netns=b"/proc/self/ns/net") == libfw.Kernel(pid=os.getpid()) != kernel
    assert eval(repr(here)) == here and "netns=" in repr(here)
    assert here.table() == here.table() != kernel.table() and here.table() != here.table("nat")
    assert hash(here.table()) == hash(here.table()) and here.table()["INPUT"] == here.table()["INPUT"]
    assert repr(here.table()) == 'libfw.Table("filter", family="ipv4", kernel=libfw.Kernel(netns="/proc/self/ns/net"))'
    with open("/proc/self/ns/net") as file:
        assert libfw.Kernel(netns=file) == libfw.Kernel(netns=file.fileno()) == here
        assert list(libfw.Kernel(netns=file, lock=False).table()) == ["INPUT", "FORWARD", "OUTPUT"]
    for wrong in (True, False, 1.5, []):
        with pytest.raises(TypeError):
            libfw.Kernel(netns=wrong)
    with open(tmp_path / "file", "w") as file, pytest.raises(ValueError, match="no network namespace"):
        libfw.Kernel(netns=file)
    with pytest.raises(ValueError, match="no network namespace"):
        libfw.Kernel(netns="/proc/self/ns/uts")


@pytest.mark.usefixtures("legacy")
def test_errors_are_those_of_python_too(kernel: libfw.Kernel, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        libfw.Kernel(netns="no-such-namespace")
    error: Any = caught.value
    assert isinstance(error, libfw.IoError) and isinstance(error, libfw.Error)
    assert (error.errno, error.strerror) == (errno.ENOENT, os.strerror(errno.ENOENT))
    assert error.filename == "/run/netns/no-such-namespace"
    assert isinstance(pickle.loads(pickle.dumps(error)), FileNotFoundError)
    import fcntl

    lock = tmp_path / "xtables.lock"
    with open(lock, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(TimeoutError) as busy, libfw.Kernel(lock=lock, wait=0).table():
            pass
    error = busy.value
    assert isinstance(error, libfw.LockBusyError) and error.errno == errno.ETIMEDOUT and error.strerror
    with pytest.raises(KeyError):
        kernel.table()["nope"]
    names: dict[str, Any] = {}
    exec("from libfw import *", names)
    assert names.get("SyntaxError", builtins.SyntaxError) is builtins.SyntaxError
    assert names.get("InterruptedError", builtins.InterruptedError) is builtins.InterruptedError
    with pytest.raises(ValueError):
        libfw.Rule("-j")


def test_save_files_are_texts_bytes_paths_and_files(kernel: libfw.Kernel, tmp_path: Path) -> None:
    rule = libfw.Rule(matches=[matches.Comment(comment=b"caf\xe9")], target="DROP")
    with kernel.table() as table:
        table["INPUT"].append(rule)
    path = tmp_path / "rules"
    saved = libfw.save(kernel=kernel, file=path)
    with open(tmp_path / "bytes", "wb") as binary:
        libfw.save(kernel=kernel, file=binary)
    texts = io.StringIO()
    libfw.save(kernel=kernel, file=texts)
    encoded = saved.encode("utf-8", "surrogateescape")
    assert path.read_bytes() == encoded == (tmp_path / "bytes").read_bytes() and texts.getvalue() == saved
    opened = open(path, "rb")
    for source in (saved, encoded, path, io.BytesIO(encoded), io.StringIO(saved), opened):
        kernel.table().restore("*filter\nCOMMIT\n")
        assert len(kernel.table()["INPUT"]) == 0
        libfw.restore(source, kernel=kernel)
        assert list(kernel.table()["INPUT"]) == [rule]
    opened.close()
    with pytest.raises(FileNotFoundError):
        libfw.restore(tmp_path / "nope", kernel=kernel)
    with pytest.raises(TypeError):
        libfw.restore(5, kernel=kernel)
    with pytest.raises(ValueError, match="pathlib.Path"):
        libfw.restore(str(path), kernel=kernel)


def test_what_is_so_already_is_no_edit(kernel: libfw.Kernel) -> None:
    for changed in (True, False):
        with kernel.table() as table:
            table["INPUT"].policy = "DROP"
            table.ensure_chain("web").sync([A, B])
            table["INPUT"].ensure(jump="web", position="first")
            assert table.changed is changed
    assert kernel.table()["INPUT"].policy == "DROP"


def test_lists_that_were_read_are_ones_own(kernel: libfw.Kernel) -> None:
    kernel.table()["INPUT"].append("-p tcp -m multiport --dports 22,80 -j ACCEPT")
    rule = libfw.Rule("-p tcp -m multiport --dports 22,80 -j ACCEPT")
    ports = rule.matches[0]
    ports.dports.append(99)
    rule.matches.append(ports)
    assert ports.dports == [22, 80] and len(rule.matches) == 1


def test_what_is_odd_is_a_warning(kernel: libfw.Kernel) -> None:
    file = "*filter\n-A INPUT -m iprange --src-range 10.0.0.9-10.0.0.1 -j DROP\nCOMMIT\n"
    for restore in (lambda: libfw.restore(file, kernel=kernel), lambda: kernel.table().restore(file)):
        with pytest.warns(libfw.RuleWarning, match="reversed and will never match"):
            restore()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        libfw.restore("*filter\n-A INPUT -j DROP\nCOMMIT\n", kernel=kernel)


ODD = "-m iprange --src-range 10.0.0.9-10.0.0.1 -j DROP"
REVERSED = "range 10.0.0.9-10.0.0.1 is reversed and will never match"


def textual_entrances() -> dict[str, Callable[[libfw.Kernel], Any]]:
    """Everything that takes a rule as text, words, or options with their values."""

    def iptc(_: libfw.Kernel) -> None:
        from libfw import iptc

        iptc.Rule.from_text(ODD)

    def chain(kernel: libfw.Kernel) -> libfw.Chain:
        chain = kernel.table()["INPUT"]
        chain.append("-j ACCEPT")
        return chain

    def assign(kernel: libfw.Kernel, key: Any, value: Any) -> None:
        chain(kernel)[key] = value

    def desired(kernel: libfw.Kernel, **scope: Any) -> libfw.Desired:
        return libfw.Desired(kernel=kernel, **scope)

    file = f"*filter\n-A INPUT {ODD}\nCOMMIT\n"
    by_json = f'{{"family": "ipv4", "table": "filter", "chains": [{{"chain": "INPUT", "rules": [{{"text": "{ODD}"}}]}}]}}'
    words = ODD.split()
    return {
        "Rule": lambda _: libfw.Rule(ODD),
        "Rule of words": lambda _: libfw.Rule(words),
        "Rule of parts": lambda _: libfw.Rule(matches=[matches.Iprange(src_range="10.0.0.9-10.0.0.1")], target="DROP"),
        "with_": lambda _: libfw.Rule("-j DROP").with_(matches=[matches.Iprange(src_range="10.0.0.9-10.0.0.1")]),
        "append": lambda kernel: chain(kernel).append(ODD),
        "append of words": lambda kernel: chain(kernel).append(words),
        "append of parts": lambda kernel: chain(kernel).append(matches=[matches.Iprange(src_range="10.0.0.9-10.0.0.1")]),
        "append_lines": lambda kernel: chain(kernel).append_lines(ODD),
        "extend": lambda kernel: chain(kernel).extend([ODD]),
        "+=": lambda kernel: chain(kernel).__iadd__([ODD]),
        "insert": lambda kernel: chain(kernel).insert(0, ODD),
        "replace": lambda kernel: chain(kernel).replace(0, ODD),
        "an item": lambda kernel: assign(kernel, 0, ODD),
        "a slice": lambda kernel: assign(kernel, slice(0, 1), [ODD]),
        "ensure": lambda kernel: chain(kernel).ensure(ODD),
        "ensure before": lambda kernel: pytest.raises(
            libfw.errors.NoSuchRuleError, chain(kernel).ensure, "-j DROP", before=ODD
        ),
        "ensure_absent": lambda kernel: chain(kernel).ensure_absent(ODD),
        "sync": lambda kernel: chain(kernel).sync([ODD]),
        "contains": lambda kernel: chain(kernel).contains(ODD),
        "in": lambda kernel: ODD in chain(kernel),
        "index": lambda kernel: pytest.raises(ValueError, chain(kernel).index, ODD),
        "count": lambda kernel: chain(kernel).count(ODD),
        "remove": lambda kernel: pytest.raises(ValueError, chain(kernel).remove, ODD),
        "delete": lambda kernel: pytest.raises(libfw.errors.NoSuchRuleError, chain(kernel).delete, ODD),
        "Table.append": lambda kernel: kernel.table().append("INPUT", ODD),
        "Table.sync": lambda kernel: kernel.table().sync({"INPUT": [ODD]}),
        "Table.set_json": lambda kernel: kernel.table().set_json(by_json),
        "Table.restore": lambda kernel: kernel.table().restore(file),
        "Desired.table": lambda kernel: desired(kernel).table({"INPUT": [ODD]}),
        "Desired.place": lambda kernel: desired(kernel, chains=["INPUT"]).place("INPUT", ODD),
        "Desired.place before": lambda kernel: desired(kernel, chains=["INPUT"]).place("INPUT", "-j ACCEPT", before=ODD),
        "Desired.read": lambda kernel: desired(kernel).read(file),
        "Desired.read_json": lambda kernel: desired(kernel).read_json(by_json),
        "restore": lambda kernel: libfw.restore(file, kernel=kernel),
        "iptc": iptc,
    }


@pytest.mark.parametrize("name", textual_entrances())
def test_what_is_odd_about_a_text_is_a_warning_wherever_it_is_read(name: str) -> None:
    with pytest.warns(libfw.RuleWarning, match=REVERSED) as warned:
        textual_entrances()[name](libfw.Kernel(backend="memory"))
    assert [str(warning.message).split("range ", 1)[1] for warning in warned] == [REVERSED.split("range ", 1)[1]]


def test_a_warning_as_an_exception_comes_behind_the_work() -> None:
    chain = libfw.Kernel(backend="memory").table()["INPUT"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rules = iter(chain)
        with pytest.raises(libfw.RuleWarning, match=REVERSED):
            chain.append(ODD)
        with pytest.raises(libfw.RuleWarning, match=REVERSED):
            chain.replace(0, ODD)
    assert chain.rules() == ["-P INPUT ACCEPT", f"-A INPUT {ODD}"]
    assert str(chain) == f"{chain}" == f"-P INPUT ACCEPT\n-A INPUT {ODD}\n" and str(chain.table) == chain.table.save()
    with pytest.raises(RuntimeError):
        next(rules)


def test_looking_for_rules_leaves_nothing() -> None:
    chain = libfw.Kernel(backend="memory").table()["INPUT"]
    chain += ["-j ACCEPT", "-p tcp -j DROP", "-j ACCEPT"]
    chain.table["FORWARD"].extend(["-j ACCEPT"] * 300)
    chain.table["OUTPUT"].append("-j ACCEPT")
    counters = chain.table.counters()
    looks: list[Callable[[], object]] = [
        lambda: chain.index("-j ACCEPT"),
        lambda: chain.index("-j ACCEPT", 1, 1000),
        lambda: chain.index("-j ACCEPT", -2000, -1000 + 1003),
        lambda: chain[1000:2000],
        lambda: counters["OUTPUT"].tolist(),
        lambda: chain.count("-j ACCEPT"),
        lambda: [rule.matches for rule in chain],
        lambda: (chain[0].source, chain[0].counters, chain[1].protocol, chain[2].target),
    ]
    for look in looks:
        for _ in range(3):
            look()
        # Without a lock of the interpreter some memory is only free once every thread knows of it.
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(1000):
            look()
        gc.collect()
        assert sys.getallocatedblocks() < before + 200


def test_a_part_is_equal_to_the_text_that_stands_for_it() -> None:
    rule = libfw.Rule("-p tcp -m tcp -j ACCEPT")
    assert rule.target == "ACCEPT" != libfw.Rule("-j DROP").target and rule.matches == ["tcp"]
    for text in ("ACCEPT", "RETURN", "web", "REJECT", "MASQUERADE", "LOG"):
        target = libfw.Rule(target=text).target
        assert target == text and text == target and hash(target) == hash(text) and target in {text}
        assert libfw.Rule(target=target) == libfw.Rule(target=text) and target != text.lower() + "x"
    assert libfw.Rule("-g web").target != "web" and libfw.Rule("-j LOG --log-prefix x").target != "LOG"
    assert matches.Tcp() == "tcp" and matches.Tcp(dport=22) != "tcp" and len({targets.Accept(), "ACCEPT", targets.Jump("web"), "web"}) == 2
