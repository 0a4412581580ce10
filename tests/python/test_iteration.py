"""Chains that come and go while a table is iterated over."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

import libfw

#: All ways over the chains of a table.
WAYS: list[Callable[[libfw.Table], Iterable[Any]]] = [
    lambda table: table,
    lambda table: table.keys(),
    lambda table: table.values(),
    lambda table: table.items(),
]


def table() -> libfw.Table:
    made = libfw.Kernel(backend="memory-nft").table()
    for name in ("a", "b"):
        made.new_chain(name)
    return made


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "edit",
    [
        lambda table: table.new_chain("c"),
        lambda table: table.ensure_chain("c"),
        lambda table: table.delete_chain("b"),
        lambda table: table.rename_chain("a", "c"),
        lambda table: table.clear(),
        lambda table: table.delete_user_chains(),
        lambda table: table.sync({"INPUT": []}),
        lambda table: table.discard(),
        lambda table: table.set_json('{"family": "ipv4", "table": "filter", "chains": []}'),
    ],
)
def test_other_chains_are_noticed(way: Callable[[libfw.Table], Iterable[Any]], edit: Callable[[libfw.Table], Any]) -> None:
    over = table()
    chains = iter(way(over))
    next(chains)
    edit(over)
    with pytest.raises(RuntimeError, match="chains were added or deleted during iteration"):
        next(chains)


@pytest.mark.parametrize("way", WAYS)
def test_whatever_keeps_the_chains_goes_on(way: Callable[[libfw.Table], Iterable[Any]]) -> None:
    over = table()
    seen = 0
    for _ in way(over):
        seen += 1
        over["a"].append("-p tcp -j ACCEPT")
        over.ensure_chain("b").flush()
        over["INPUT"].policy = "DROP"
        over.flush()
        over.new_chain("c")
        over.delete_chain("c")
        over.commit()
        over.refresh()
    assert seen == 5
    names = iter(over)
    assert list(names) == ["INPUT", "FORWARD", "OUTPUT", "a", "b"] and list(names) == [] and next(names, None) is None
    # A list is made before.
    for name in list(over):
        if name in "ab":
            del over[name]
    assert list(over) == ["INPUT", "FORWARD", "OUTPUT"]


def test_chains_that_are_read_meanwhile_are_none_that_were_added() -> None:
    kernel = libfw.Kernel(backend="memory-nft")
    with kernel.table() as whole:
        for name in "abc":
            whole.new_chain(name)
    some = kernel.table(chains=["a"])
    names = []
    for name in some:
        names.append(name)
        assert len(some["b"]) == 0 and "c" in some
        some.ensure_chain("d")
    assert "a" in names and "d" in some
    del some["d"]
    with pytest.raises(RuntimeError, match="during iteration"):
        for _ in some:
            some.delete_user_chains()
