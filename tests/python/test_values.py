"""Every value that an option reads as is of the type that the stubs say, and can be given again."""

import ast
import builtins
import contextlib
import datetime
import ipaddress
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import libfw
from libfw import Rate
from test_extensions import LINES
from test_roundtrip import SOURCES, rules

PACKAGE = Path(libfw.__file__).parent
ALIASES = {
    "Address": (ipaddress.IPv4Address, ipaddress.IPv6Address),
    "Network": (ipaddress.IPv4Network, ipaddress.IPv6Network),
}
#: Values whose options are nothing without another one, or that are of one family only, are not given alone.
NEEDS = ("needs", "expected", "must")


def declared() -> dict[tuple[str, str], dict[str, ast.expr]]:
    """The types of all options, as the stubs have them."""
    found = {}
    for module in ("matches", "targets"):
        for cls in ast.parse((PACKAGE / f"{module}.pyi").read_text()).body:
            if isinstance(cls, ast.ClassDef):
                options = [member for member in cls.body if isinstance(member, ast.FunctionDef) and member.returns]
                found[f"libfw.{module}", cls.name] = {option.name: option.returns for option in options if option.returns}
    return found


def conforms(value: Any, kind: ast.expr) -> bool:
    """Whether a value is of a type as it is written."""
    if isinstance(kind, ast.BinOp):
        return conforms(value, kind.left) or conforms(value, kind.right)
    if isinstance(kind, ast.Constant):
        return value is None
    if isinstance(kind, ast.Attribute) and isinstance(kind.value, ast.Name):
        return type(value) is getattr({"builtins": builtins, "datetime": datetime}[kind.value.id], kind.attr)
    if isinstance(kind, ast.Name):
        return type(value) in ALIASES.get(kind.id, (getattr(libfw, kind.id, None),))
    assert isinstance(kind, ast.Subscript), ast.dump(kind)
    name = kind.value.attr if isinstance(kind.value, ast.Attribute) else getattr(kind.value, "id", "")
    if name == "Not":
        return isinstance(value, libfw.Not) and conforms(value.value, kind.slice)
    if type(value).__name__ != name:
        return False
    if isinstance(kind.slice, ast.Tuple):
        first, *rest = kind.slice.elts
        if rest and isinstance(rest[0], ast.Constant):
            return all(conforms(one, first) for one in value)
        return len(value) == len(kind.slice.elts) and all(map(conforms, value, kind.slice.elts))
    return all(conforms(one, kind.slice) for one in value)


DECLARED = declared()
SEEN: set[tuple[str, str]] = set()


def corpus() -> list[libfw.Rule]:
    """The rules that use every option, in each family that has them."""
    found = []
    for line in LINES:
        for family in (libfw.Family.IPV4, libfw.Family.IPV6):
            with contextlib.suppress(libfw.Error):
                found.append(libfw.Rule(line, family=family))
    return found


def check(rule: libfw.Rule) -> None:
    """Checks every value of a rule."""
    for part in [*rule.matches, rule.target]:
        cls = type(part)
        for option in getattr(cls, "_options", ()):
            value = getattr(part, option)
            assert conforms(value, DECLARED[cls.__module__, cls.__name__][option]), (part, option, value)
            if value is None or value is False or value == []:
                continue
            # The same class is written in another way for ARP.
            if rule.family is libfw.Family.ARP and option == "set_class":
                continue
            SEEN.add((cls.__name__, option))
            try:
                again = getattr(cls(**{option: value}), option)
            except ValueError as error:
                assert any(word in str(error) for word in NEEDS), (cls, option, value, error)
            else:
                assert again == value and type(again) is type(value), (cls, option, value, again)


def test_values_are_of_the_types_in_the_stubs() -> None:
    for source in SOURCES:
        for rule in rules(source):
            check(rule)
    for rule in corpus():
        check(rule)
    check(libfw.Rule("--src-mac 00:11:22:33:44:55 --h-type 10 --proto-type 0x800/0xff00 -j DROP", family="arp"))
    options = {
        (cls.__name__, option.keyword)
        for module in (libfw.matches, libfw.targets)
        for cls in (getattr(module, name) for name in module.__all__)
        for option in getattr(cls, "_options", {}).values()
        # Another way to write a value is never what a rule reads as.
        if not option.spelling
    }
    assert len(options) > 300 and sorted(options - SEEN) == []


def test_rates_have_an_order() -> None:
    rates = [Rate(1, "day"), Rate(90, "minute"), Rate(1), Rate(2, "hour")]
    assert [str(rate) for rate in sorted(rates)] == ["1/day", "2/hour", "1/second", "90/minute"]
    # As many in the end, and yet not the same.
    assert Rate(60, "minute") < Rate(1) and not Rate(60, "minute") == Rate(1) and Rate(1) <= Rate(1)
    for other in (5, "5/min", Rate(1, bytes=True)):
        with pytest.raises(TypeError):
            assert Rate(1) < other  # type: ignore[operator]


#: The classes of a Python that sets more than that of today, which has to be asked for each object then.
EXTRA = """
import ipaddress

def noting(cls, init):
    def __init__(self, address, *rest, **more):
        init(self, address, *rest, **more)
        self.extra = str(self)

    return __init__

for cls in ipaddress.IPv4Network, ipaddress.IPv6Network:
    cls.__init__ = noting(cls, cls.__init__)
"""

#: Reads networks of every prefix, and holds them against those that the class makes.
SAME = """
import copy, ipaddress, pickle, sys
import libfw

def check(read, own):
    assert type(read) is type(own) and vars_of(read) == vars_of(own) and dir(read) == dir(own)
    assert read == own and hash(read) == hash(own) and str(read) == str(own) and repr(read) == repr(own) and not read < own
    assert copy.deepcopy(read) == copy.copy(read) == pickle.loads(pickle.dumps(read)) == own
    for name in dir(own):
        if name[0] != "_" and not callable(value := getattr(own, name, None)):
            assert getattr(read, name, None) == value, (own, name)

def vars_of(made):
    return {name: value for name, value in getattr(made, "__dict__", {}).items() if name != "hosts"}

def check_network(read, own):
    # One that nobody has asked for anything yet, made by the class.
    check(read, own := copy.copy(own))
    check(read.network_address, own.network_address)
    check(read.netmask, own.netmask)
    assert read[0] == own[0] and own[-1] in read and read.subnet_of(own) and read.overlaps(own)
    if read.num_addresses < 9:
        assert list(read) == list(own) and list(read.hosts()) == list(own.hosts()) and type(read.hosts()) is type(own.hosts())

for family, cls, number in ("ipv4", ipaddress.IPv4Network, 0xC0FFEE81), ("ipv6", ipaddress.IPv6Network, 0x20010DB8 << 96 | 0x101):
    last = cls(0).max_prefixlen
    for prefix in range(1, last + 1):
        # The second after the first was asked for all that it knows.
        for begin in number, number ^ 1 << last - 1:
            own = cls((begin, prefix), strict=False)
            rule = libfw.Rule(f"-s {own} ! -d {own} -j ACCEPT", family=family)
            check_network(rule.source, own)
            check_network(rule.destination.value, own)
    address = own.network_address
    ends = libfw.Rule(f"-m iprange --src-range {address - 1}-{address} -j ACCEPT", family=family).matches[0].src_range
    check(ends.last, address)

from libfw import _values
moulds = [_values.mould(cls, 24) for cls in (ipaddress.IPv4Network, ipaddress.IPv6Network)]
assert all(moulds) == (sys.argv[1] == "their parts") and any(moulds) == all(moulds), moulds
print("all read")
"""


@pytest.mark.parametrize("extra", [False, True])
def test_addresses_are_those_that_their_class_makes(extra: bool) -> None:
    made = "their class" if extra else "their parts"
    done = subprocess.run([sys.executable, "-c", EXTRA * extra + SAME, made], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "all read\n"), done.stderr
