"""Every match and target and every option, by the rules that the tests of the library have for them."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest

import libfw
from libfw import matches, targets
from libfw._parts import Known

LINES = [
    line.lstrip("~")
    for line in (Path(__file__).parents[1] / "rules.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
CLASSES = [
    cls
    for module in (matches, targets)
    for cls in (getattr(module, name) for name in module.__all__)
    if isinstance(cls, type) and issubclass(cls, Known)
]


def names_a_set(line: str) -> bool:
    return "-m set " in line or "-j SET " in line


def rules(line: str, kernel: Optional[libfw.Kernel] = None) -> Iterator[libfw.Rule]:
    """The rule, for each family that has it. For ARP any name that is no target is that of a chain."""
    for family in (libfw.Family.IPV4, libfw.Family.IPV6):
        try:
            yield libfw.Rule(line, family=family, kernel=kernel)
        except libfw.Error:
            continue


def known_part(rule: libfw.Rule) -> Known:
    """The match or target that the line is about."""
    return rule.matches[-1] if rule.target is None else rule.target


def attributes(part: Known) -> dict[str, Any]:
    # Spellings of one option say the same, and exclude each other.
    values = {name: getattr(part, name) for name, option in type(part)._options.items() if not option.spelling}
    return {name: value for name, value in values.items() if value is not None}


def check(rule: libfw.Rule, kernel: Optional[libfw.Kernel] = None) -> None:
    part = known_part(rule)
    for name, value in attributes(part).items():
        # Whoever has a list may change it.
        if isinstance(value, list):
            value.append(None)
            assert getattr(part, name) != value
    copies = [eval(repr(part))]
    if not any(option.repeats for option in part._options.values()):
        copies.append(type(part)(**attributes(part)))
    for copy in copies:
        assert copy == part
        is_target = rule.target is not None
        rebuilt = libfw.Rule(
            family=rule.family,
            kernel=kernel,
            destination=rule.destination or libfw.ANY,
            protocol=rule.protocol or libfw.ANY,
            matches=rule.matches if is_target else [*rule.matches[:-1], copy],
            target=copy if is_target else libfw.ANY,
        )
        assert rebuilt == rule and str(rebuilt) == str(rule)


@pytest.mark.parametrize("line", [line for line in LINES if not names_a_set(line)])
def test_parts_are_made_again_from_repr_and_attributes(line: str):
    read = list(rules(line))
    assert read
    for rule in read:
        check(rule)


def test_parts_that_name_an_ipset(kernel: libfw.Kernel):
    if shutil.which("ipset") is None:
        pytest.skip("ipset is not installed")
    subprocess.run(["ipset", "create", "web", "hash:ip,port"], check=True)
    for line in filter(names_a_set, LINES):
        check(libfw.Rule(line, kernel=kernel), kernel)
        # Without a kernel it is the namespace that the test is in, here as everywhere.
        rule = libfw.Rule(line)
        check(rule)
        assert str(rule) == str(libfw.Rule(line, kernel=kernel)) and eval(repr(rule)) == rule


def test_what_there_is_to_know_of_an_extension():
    known = {(part["kind"], part["type_name"]): part for part in libfw.extensions()}
    assert len(known) == len(libfw.extensions()) > 100
    synproxy = known["target", "Synproxy"]
    assert synproxy["hooks"] == ("INPUT", "FORWARD") and synproxy["protocols"] == ("tcp",)
    assert synproxy["tables"] == () and known["target", "Masquerade"]["tables"] == ("nat",)
    assert known["match", "Conntrack"]["revisions"] == [0, 1, 2, 3]
    assert known["match", "Tcp"]["header"] == "linux/netfilter/xt_tcpudp.h"
    assert "rcheck" in known["match", "Recent"]["needs"] and known["match", "Tcp"]["needs"] == ()
    burst = next(option for option in known["match", "Limit"]["options"] if option["name"] == "limit-burst")
    assert (burst["min"], burst["max"], burst["families"]) == (0, 10_000, ["ipv4", "ipv6"])
    flags = next(option for option in known["match", "Tcp"]["options"] if option["name"] == "tcp-flags")
    assert flags["excludes"] == ("syn",)
    syn = next(option for option in known["match", "Tcp"]["options"] if option["name"] == "syn")
    assert syn["excludes"] == ("tcp-flags",)


def test_every_option_is_read():
    read: dict[type[Known], set[str]] = {}
    for line in LINES:
        for rule in rules(line):
            part = known_part(rule)
            values = attributes(part).items()
            given = {name for name, value in values if value is not None and value is not False and value != []}
            read.setdefault(type(part), set()).update(given)
    for cls in CLASSES:
        # A set needs a kernel that has it; tests/python/test_arp.py reads what is for ARP alone.
        if cls.__name__ not in {"Set", "Arp", "ArpMark", "Mangle"}:
            wanted = {name for name, option in cls._options.items() if not option.spelling}
            assert wanted <= read.get(cls, set()), cls
    assert len(CLASSES) > 100


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_classes_are_documented(cls: type[Known]):
    doc = cls.__doc__ or ""
    assert len(doc.splitlines()[0]) > 15
    for option in cls._options.values():
        assert re.search(rf"^{option.keyword}: ``--{option.name}\b.*``: \S", doc, re.MULTILINE), option.name
    lines, family = cls._examples
    shown = re.findall(r"^    (libfw\.Rule\(.*\))$", re.split("Examples?::", doc)[1], re.MULTILINE)
    assert len(shown) == len(lines)
    for line, example in zip(lines, shown):
        if names_a_set(line):
            continue
        rule = eval(example)
        assert any(type(part) is cls for part in [*rule.matches, rule.target])
        assert rule.family.value == family
