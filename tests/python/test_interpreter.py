"""What is the interpreter's: its end, its warnings, its names."""

from __future__ import annotations

import builtins
import pickle
import subprocess
import sys
import warnings
import weakref
from collections.abc import Callable

import pytest

import libfw

ODD = "-m iprange --src-range 10.0.0.9-10.0.0.1 -j DROP"

AT_THE_END = """
import libfw
class Last:
    def __del__(self):
        try:
            libfw.Rule("-p tcp --dport 999999")
        except libfw.InvalidValueError as error:
            print(error.token)
        rule = libfw.Rule("-s 10.0.0.1/255.0.0.255 ! -i lo -c 3 180 -j web", family=4)
        print(rule.family, rule.counters, rule.source, rule.in_interface, rule.target, hasattr(rule, "jmup"))
        table = libfw.Kernel(backend="memory").table()
        table["INPUT"].append(protocol=libfw.Not("tcp"), target="DROP")
        print(table.commit().changed, list(table["INPUT"]))
last = Last()
"""


def test_there_are_errors_and_rules_until_the_interpreter_ends() -> None:
    done = subprocess.run([sys.executable, "-c", AT_THE_END], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "999999",
        "ipv4 Counters(packets=3, bytes=180) 10.0.0.1/255.0.0.255 libfw.Not('lo') -j web False",
        "True [libfw.Rule('! -p tcp -j DROP')]",
    ]


def ways() -> dict[str, Callable[[], object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rule = libfw.Rule(ODD)
        pickled = pickle.dumps(rule)
    kernel = libfw.Kernel(backend="memory")
    return {
        "Rule": lambda: libfw.Rule(ODD),
        "with_": lambda: rule.with_(target="ACCEPT"),
        "pickle": lambda: pickle.loads(pickled),
        "update": lambda: libfw.update("filter", lambda table: table["INPUT"].append(ODD), kernel=kernel),
        "iptc": lambda: libfw.iptc.Rule.from_text(ODD),
    }


@pytest.mark.parametrize("name", ways())
def test_warnings_point_at_the_program(name: str) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ways()[name]()
    assert {warning.filename for warning in told} <= {__file__}, told
    assert told or name in ("with_", "pickle")


def test_nothing_of_python_is_replaced_by_all_names() -> None:
    for module in (libfw, libfw.errors, libfw.matches, libfw.targets, libfw.iptc):
        assert not [name for name in module.__all__ if hasattr(builtins, name)], module
    # By their full names they are there.
    assert issubclass(libfw.InterruptedError, InterruptedError) and issubclass(libfw.SyntaxError, ValueError)


def test_what_lasts_can_be_referred_to_weakly() -> None:
    kernel = libfw.Kernel(backend="memory")
    table = kernel.table()
    things = [kernel, table, table["INPUT"], libfw.Desired(kernel), libfw.transaction(kernel), kernel.watch("filter"), table.diff(table)]
    assert all(weakref.ref(thing)() is thing for thing in things)


def test_names_for_annotations_are_there() -> None:
    from libfw import typing

    assert all(hasattr(typing, name) for name in typing.__all__)
    assert {"Backend", "Hosts", "Network", "RuleIterator", "RuleLike", "RuleParts"} <= set(typing.__all__)
    kernel = libfw.Kernel(backend="memory")
    assert isinstance(iter(kernel.table()["INPUT"]), typing.RuleIterator) and not hasattr(libfw, "TYPE_CHECKING")
