"""Every public callable with arguments that make no sense: an exception of Python's own kinds, and nothing changed."""

import inspect
import random
import warnings
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest

import libfw
from libfw import iptc, matches, targets

#: What a call may raise. Anything else, a panic for one, is a fault.
EXPECTED = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError, RuntimeError, StopIteration, MemoryError)
EXPECTED += (libfw.Error, iptc.IPTCError, iptc.XTablesError)
#: These wait, run what they are given, or are about the process.
LEFT_OUT = {"__class__", "__getattribute__", "__init_subclass__", "__next__", "__reduce_ex__", "__subclasshook__"}
LEFT_OUT |= {"install", "load_module", "sandbox", "set_kernel", "wait", "watch_over", "confirm"}


class Raises:
    def raises(self, *_: Any) -> Any:
        raise ZeroDivisionError

    __index__ = __eq__ = __hash__ = __iter__ = __str__ = __repr__ = __len__ = __getitem__ = __bool__ = __fspath__ = raises  # type: ignore[assignment]


class Meddles:
    """Changes the table that it is given to."""

    def __init__(self, table: libfw.Table) -> None:
        self.table = table

    def meddle(self) -> None:
        self.table.discard()
        self.table["INPUT"].append("-j DROP")

    def __index__(self) -> int:
        self.meddle()
        return 0

    def __str__(self) -> str:
        self.meddle()
        return "-j ACCEPT"

    def __iter__(self) -> Iterator[str]:
        yield "-j ACCEPT"
        self.meddle()
        yield "-j RETURN"

    def __eq__(self, other: object) -> bool:
        self.meddle()
        return True

    def __hash__(self) -> int:
        self.meddle()
        return 5

    def read(self) -> str:
        self.meddle()
        return "*filter\nCOMMIT\n"


def nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


def values(table: libfw.Table) -> list[Any]:
    rule = iptc.Rule.from_text("-p tcp --dport 22 -j ACCEPT")
    unmade = [cls.__new__(cls) for cls in (iptc.Rule, iptc.Rule6, iptc.Match, iptc.Target)]
    numbers = [None, True, -1, 0, 1, 2**31, 2**32, 2**63, 2**64, -(2**63), 10**400, 1.5, float("nan"), float("inf"), -float("inf"), 1j]
    texts = ["", " ", "\0", "\ud800", "\udcff", "!", "-", "x" * 5000, "[" * 5000, "-j DROP", "INPUT", "filter", "tcp", "ACCEPT", "::1", "{}"]
    several = [[], [None], ["-j", "DROP"], (), (1, 2), (-1, 2**64), {}, {"tcp": {"dport": 22}}, {None: 1}, {1}, range(10**20), slice(1, 2, 0)]
    ours = [libfw.ANY, libfw.Not(Raises()), matches.Tcp, matches.Tcp(dport=1), targets.Jump("\ud800"), table, table["INPUT"], rule, *rule.matches]
    odd = [object(), int, len, iter(["-j DROP"]), (1 // 0 for _ in "x"), Raises(), Meddles(table), nested(2000), sum, b"\xff", bytearray(b"x")]
    return [*numbers, *texts, *several, *ours, *odd, *unmade]


def callables(thing: Any) -> Iterator[tuple[str, Any]]:
    for name in sorted(dir(thing)):
        special = name.startswith("__")
        if name in LEFT_OUT or name.startswith("_") and (not special or inspect.ismodule(thing)) or name.startswith("_abc"):
            continue
        try:
            found = getattr(thing, name)
        except (AttributeError, ValueError):
            # A watch may have been closed by then.
            continue
        if callable(found) and (not inspect.ismodule(thing) or str(getattr(found, "__module__", "")).startswith("libfw")):
            yield name, found


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("backend", ["memory", "memory-nft"])
def test_no_call_does_harm(kernel: libfw.Kernel, backend: str, seed: int) -> None:
    chance = random.Random(seed)
    kernel = libfw.Kernel(backend=backend)
    with kernel.table() as table:
        table["INPUT"].append("-s 192.0.2.1 -p tcp --dport 22 -j LOG --log-prefix x")
    iptc.set_kernel(kernel)
    called = 0
    try:
        table = kernel.table()
        rule, old = table["INPUT"][0], iptc.Rule.from_text("-p tcp --dport 22 -j REJECT")
        things = [libfw, matches, targets, iptc, iptc.easy, kernel, table, table["INPUT"], rule, rule.matches[0], rule.target]
        things += [kernel.counters(), table.diff(table), kernel.watch(), libfw.Counters(), libfw.PortRange(1, 2), libfw.ANY]
        things += [old, old.matches[0], old.target, iptc.Table("filter"), iptc.Chain(iptc.Table("filter"), "INPUT"), iptc.Policy("DROP")]
        for thing in things:
            for name, call in callables(thing):
                given = [chance.choice(values(table)) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
                named: dict[str, Any] = {}
                try:
                    parameters = inspect.signature(call).parameters
                except (TypeError, ValueError):
                    parameters = MappingProxyType({})
                if keywords := [one.name for one in parameters.values() if one.kind is one.KEYWORD_ONLY]:
                    named[chance.choice(keywords)] = chance.choice(values(table))
                # What names no kernel is about the namespace of the test.
                if "kernel" in parameters:
                    named["kernel"] = kernel
                elif call is libfw.Kernel:
                    named["backend"] = backend
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    try:
                        call(*given, **named)
                    except EXPECTED:
                        pass
                called += 1
    finally:
        iptc.set_kernel(None)
    assert called > 600
    # It works as before.
    table.discard()
    with kernel.table() as table:
        table["INPUT"].clear()
        table["INPUT"].append("-j DROP")
    assert kernel.table()["INPUT"].rules()[1:] == ["-A INPUT -j DROP"]
