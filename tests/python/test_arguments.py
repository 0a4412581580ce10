"""Whatever function is given something of another type says which argument it is and what it expects."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import libfw
from libfw import _libfw


class Thing:
    """What nobody expects."""

    def __repr__(self) -> str:
        return "<thing>"


WRONG = [None, 1.5, Thing(), b"x", [], True, -1, "x", 2**70]
#: What other arguments are meanwhile.
RIGHT: dict[str, Any] = {
    "args": ["iptables", "-S"],
    "chain": "INPUT",
    "chains": {},
    "counters": (0, 0),
    "family": "ipv4",
    "index": 0,
    "json": "{}",
    "key": 0,
    "kind": libfw.matches.Tcp,
    "name": "filter",
    "new": "b",
    "old": "a",
    "one": 0,
    "other": 0,
    "rule": "-p tcp",
    "rules": ["-p tcp"],
    "start": 0,
    "table": "nat",
    "text": "",
    "time": 60,
    "to": 0,
    "values": {},
}
#: What an argument is called in a sentence that says it better.
CALLED = {
    "args": "args|a command is a list of words",
    "rule": "a rule is",
    "before": "a rule is",
    "after": "a rule is",
    "value": "a rule is",
    "key": "rules are found by index or slice",
    "kind": "found by its class",
    "family": "a family is|family",
    "index": "index|the place comes first",
    "chain": "chain",
    "start": "index",
    "stop": "index",
}
#: How the interpreter and PyO3 speak of types.
BARE = re.compile("is not an instance of|cannot be interpreted|must be real|is not iterable|out of range integral|JSON serializable|object is not")


def things() -> dict[str, Any]:
    """An object of each class whose methods are called."""
    kernel = libfw.Kernel(backend="memory")
    table = kernel.table()
    table.new_chain("a")
    table["INPUT"].append("-p tcp")
    desired = libfw.Desired(kernel)
    counters = table.counters()
    return {
        "Chain": table["INPUT"],
        "CounterSnapshot": counters,
        "Desired": desired,
        "Kernel": kernel,
        "Rule": libfw.Rule("-p tcp"),
        "Table": table,
        "Transaction": libfw.transaction(kernel),
        "Watch": kernel.watch(),
    }


Node = ast.FunctionDef


def functions() -> Iterator[tuple[str, Node]]:
    """The functions and methods of the stub, by class."""
    for node in ast.parse(Path(str(libfw.__file__)).with_name("_libfw.pyi").read_text()).body:
        if isinstance(node, ast.FunctionDef) and hasattr(libfw, node.name):
            yield "", node
        elif isinstance(node, ast.ClassDef) and node.name in things():
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and is_called(method):
                    yield node.name, method


def is_called(method: Node) -> bool:
    """Whether it takes something from a user, which is told in words."""
    setter = any(isinstance(one, ast.Attribute) and one.attr == "setter" for one in method.decorator_list)
    public = not method.name.startswith("_") or method.name in ("__new__", "__init__", "__getitem__", "__setitem__", "__delitem__", "__iadd__")
    return public and (setter or not any(getattr(one, "id", "") == "property" for one in method.decorator_list))


def called(owner: str, node: Node) -> Callable[..., Any]:
    """What is to be called."""
    if owner == "" or node.name in ("__new__", "__init__"):
        return getattr(_libfw, owner or node.name)
    thing = things()[owner]
    if any(isinstance(one, ast.Attribute) for one in node.decorator_list):
        return lambda value: setattr(thing, node.name, value)
    return getattr(thing, node.name)


def cases() -> Iterator[Any]:
    for owner, node in functions():
        positional = [one.arg for one in node.args.posonlyargs if one.arg not in ("self", "cls")]
        both = [one.arg for one in node.args.args if one.arg not in ("self", "cls")]
        needed = (positional + both)[: len(positional + both) - len(node.args.defaults)]
        for name in [*positional, *both, *(one.arg for one in node.args.kwonlyargs)]:
            # What is waited for may take for ever.
            if name not in ("self", "cls", "default", "timeout"):
                yield pytest.param(owner, node, name, positional, needed, id=f"{owner}.{node.name}-{node.lineno}-{name}")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("owner", "node", "name", "positional", "needed"), [*cases()])
def test_errors_name_the_argument(
    owner: str, node: Node, name: str, positional: list[str], needed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A name may be that of a file which is written.
    monkeypatch.chdir(tmp_path)
    for value in WRONG:
        given = {other: RIGHT.get(other, "x") for other in needed}
        if node.name == "diff":
            given["other"] = libfw.Table()
        if node.args.kwarg and "rule" not in positional + needed:
            given["protocol"] = "tcp"
        if name in ("start", "stop"):
            given["start"] = 0
        given[name] = value
        unnamed = [given.pop(other) for other in positional if other in given]
        # By its name where it has one, so that this is known too.
        by_name = {} if node.name.startswith("__") and node.name not in ("__new__", "__init__") else given
        unnamed += [] if by_name else given.values()
        if node.name.startswith("__set") or "setter" in ast.dump(node):
            unnamed, by_name = [*unnamed, *by_name.values()], {}
        try:
            called(owner, node)(*unnamed, **by_name)
        except libfw.Error:
            continue
        except (KeyError, IndexError, RuntimeError):
            continue
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            if any(words in str(error) for words in ("chains are made by new_chain()", "save file, not its name", "the chain has no rule")):
                continue
            assert not BARE.search(str(error)), (value, error)
            assert re.search(CALLED.get(name, rf"\b{name}\b"), str(error)), (value, error)
            assert type(error) in (TypeError, ValueError), (value, error)


def test_so_do_functions_in_python() -> None:
    wrong: Any = Thing()
    for name, call in {
        "function": lambda: libfw.update("filter", wrong),
        "retries": lambda: libfw.update("filter", len, retries=wrong),
        "backend": lambda: libfw.sandbox(backend=wrong),
        "values": lambda: libfw.Rule.from_dict(wrong),
        "a word of a rule": lambda: libfw.Rule([wrong]),
        "counters: packets": lambda: libfw.Rule(counters=(wrong, 0)),
        "matches": lambda: libfw.Rule(matches=wrong),
        "fragment": lambda: libfw.Rule(fragment=wrong),
        "jump": lambda: libfw.Rule(jump=wrong),
        "chains": lambda: libfw.Table(chains=[wrong]),
        "tables": lambda: libfw.Kernel(backend="memory").watch(wrong),
    }.items():
        with pytest.raises((TypeError, ValueError), match=f"{name}.*<thing>"):
            call()


def test_one_of_a_few_words_is_told_with_the_others() -> None:
    chain = libfw.Kernel(backend="memory").table()["INPUT"]
    with pytest.raises(ValueError, match="equivalence: expected exact or meaning, not .same."):
        chain.dedup(equivalence="same")
    with pytest.raises(ValueError, match="position: expected first or last, not .middle."):
        chain.ensure("-p tcp", position="middle")
    with pytest.raises(ValueError, match="foreign: expected refuse, replace or keep, not .drop."):
        libfw.restore("", foreign="drop")
    with pytest.raises(ValueError, match="pid: expected the number of a process, not -1"):
        libfw.Kernel(pid=-1)
    with pytest.raises(KeyError, match="None"):
        chain.table[None]  # type: ignore[index]


def test_signatures_say_the_table_that_is_meant() -> None:
    for function in (libfw.Table, libfw.Kernel.table, libfw.Transaction.table):
        assert inspect.signature(function).parameters["name"].default == "filter"
    for function in (libfw.Kernel.counters, libfw.Kernel.take_counters, libfw.Desired.table, libfw.Desired.place):
        assert inspect.signature(function).parameters["table"].default == "filter"
