"""Counters in bulk."""

import array
from collections.abc import Mapping

import libfw
import pytest


@pytest.fixture
def kernel() -> libfw.Kernel:
    return libfw.Kernel(backend="memory")


@pytest.fixture
def table(kernel: libfw.Kernel) -> libfw.Table:
    table = kernel.table()
    table.new_chain("web").append("-c 2 120 -j RETURN")
    table["INPUT"].extend(["-c 3 180 -p tcp -j web", "-c 1 60 -j ACCEPT"])
    table["FORWARD"].policy = "DROP"
    table["FORWARD"].counters = (5, 500)
    table.commit()
    return table


def test_plain_numbers(kernel: libfw.Kernel, table: libfw.Table) -> None:
    counters = kernel.counters()
    assert counters.table == "filter" and counters.family is libfw.Family.IPV4
    assert counters.rules.tolist() == [3, 180, 1, 60, 2, 120]
    assert counters.chains == {"INPUT": range(2), "FORWARD": range(2, 2), "OUTPUT": range(2, 2), "web": range(2, 3)}
    assert counters.policies.tolist() == [0, 0, 5, 500, 0, 0, 0, 0]
    assert counters["INPUT"][0::2].tolist() == [3, 1] and counters["OUTPUT"].tolist() == []
    assert counters.policy("FORWARD") == (5, 500) and counters.policy("web") is None
    assert "web" in counters and "nowhere" not in counters and 3 not in counters
    assert isinstance(counters, Mapping) and len(counters) == 4 and list(counters) == list(counters.keys()) == list(counters.chains)
    assert {name: rules.tolist() for name, rules in counters.items()} == {"INPUT": [3, 180, 1, 60], "FORWARD": [], "OUTPUT": [], "web": [2, 120]}
    assert [len(rules) for rules in counters.values()] == [4, 0, 0, 2] and dict(counters)["web"].tolist() == [2, 120]
    assert counters.get("nowhere") is None and counters.get("nowhere", 7) == 7 and counters.get(b"web") == counters["web"]
    with pytest.raises(KeyError):
        counters["nowhere"]
    with pytest.raises(KeyError):
        counters.policy("nowhere")
    # One object that nobody can change, of which there are views.
    assert counters.rules.readonly and counters.rules.format == "Q" and counters.rules.itemsize == 8
    assert counters.rules.obj is counters.rules.obj is counters["web"].obj
    assert sum(array.array("Q", counters.rules)[1::2]) == 360
    assert table.counters().rules == counters.rules
    assert kernel.counters("nat", family=6).rules.tolist() == []
    assert repr(counters) == "<libfw.CounterSnapshot of filter with 3 rules>"


def test_a_delta_survives_edits(kernel: libfw.Kernel, table: libfw.Table) -> None:
    earlier = kernel.counters()
    del table["INPUT"][0]
    table["INPUT"].insert(0, "-c 7 70 -p udp -j DROP")
    table["INPUT"].set_counters(1, (4, 240))
    table["web"].set_counters(0, (1, 60))
    table.commit()
    delta = earlier.delta(kernel.counters())
    assert delta.counted.rules.tolist() == [7, 70, 3, 180, 1, 60]
    assert (delta.added, delta.removed, delta.restarted) == ([0], [0], [2])
    assert repr(delta) == "<libfw.CounterDelta: rules added: 1, removed: 1>"


def test_taken_they_are_gone(kernel: libfw.Kernel, table: libfw.Table) -> None:
    taken = kernel.take_counters()
    assert taken.rules.tolist() == [3, 180, 1, 60, 2, 120] and taken.policy("FORWARD") == (5, 500)
    left = kernel.counters()
    assert not any(left.rules) and not any(left.policies)
    with pytest.raises(libfw.NoSuchTableError):
        kernel.take_counters("broute")


def test_arrays_of_numpy_are_views(kernel: libfw.Kernel, table: libfw.Table) -> None:
    numpy = pytest.importorskip("numpy")
    counters = kernel.counters()
    rules = numpy.asarray(counters.rules).reshape(-1, 2)
    assert rules.dtype == numpy.uint64 and rules.tolist() == [[3, 180], [1, 60], [2, 120]]
    packets = numpy.frombuffer(counters["INPUT"], dtype=numpy.uint64)[0::2]
    assert packets.sum() == 4 and numpy.shares_memory(packets, rules) and not packets.flags.writeable
    # The numbers stay as long as somebody looks at them.
    del counters
    assert rules[:, 1].sum() == 360
