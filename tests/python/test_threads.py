"""Many threads at once: what each may rely on, with a global lock of the interpreter and without.

A `Table` is one state behind a lock, so that each call on it is one step; rules and parts do not change. A rule of `libfw.iptc`
does, and of two threads that set an attribute one is last."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import libfw
import pytest
from libfw import iptc, matches

THREADS = 8
TIMES = 40


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What each thread returns; all begin at the same moment, and none goes on for long without another."""
    barrier = threading.Barrier(THREADS)

    def one(number: int) -> Any:
        barrier.wait()
        return work(number)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, range(THREADS)))
    finally:
        sys.setswitchinterval(before)


@pytest.fixture
def memory() -> libfw.Kernel:
    return libfw.Kernel(backend="memory")


def test_the_interpreter_stays_without_its_lock() -> None:
    # A module that does not declare itself turns the lock on again.
    assert not (hasattr(sys, "_is_gil_enabled") and "t" in sys.abiflags and sys._is_gil_enabled())


def test_each_has_a_table() -> None:
    def work(number: int) -> list[str]:
        kernel = libfw.Kernel(backend="memory")
        for port in range(1, TIMES + 1):
            with kernel.table() as table:
                table["INPUT"].append(protocol="tcp", matches=[matches.Tcp(dport=port)], target="ACCEPT", source=f"10.0.0.{number}")
        return kernel.table()["INPUT"].rules()

    for number, rules in enumerate(at_once(work)):
        assert len(rules) == TIMES + 1 and rules[-1].startswith(f"-A INPUT -s 10.0.0.{number}/32 ")


def test_all_share_a_table(memory: libfw.Kernel) -> None:
    table = memory.table()

    def work(number: int) -> None:
        for turn in range(TIMES):
            table["INPUT"].append(f"-s 10.0.{number}.{turn} -j DROP")
            assert table["INPUT"].contains(f"-s 10.0.{number}.{turn} -j DROP")
            table.ensure_chain("web").ensure("-j RETURN")
            assert len(table) >= 3 and isinstance(table.rules(), list)
        if number % 2:
            assert all(table["INPUT"].ensure_absent(f"-s 10.0.{number}.{turn} -j DROP") for turn in range(TIMES))

    at_once(work)
    # Each thread's own are in its order.
    sources = [str(rule.source) for rule in table["INPUT"]]
    for number in range(0, THREADS, 2):
        assert [one for one in sources if one.startswith(f"10.0.{number}.")] == [f"10.0.{number}.{turn}/32" for turn in range(TIMES)]
    assert len(sources) == THREADS // 2 * TIMES and len(table["web"]) == 1
    table.commit()
    assert len(memory.table()["INPUT"]) == len(sources)


def test_iterations_notice_edits(memory: libfw.Kernel) -> None:
    table = memory.table()
    table["INPUT"].extend(f"-s 10.0.0.{last} -j DROP" for last in range(1, 101))

    def work(number: int) -> int:
        noticed = 0
        # So often that an edit does fall between two steps of the iterator that should be one.
        for _ in range(10 * TIMES):
            try:
                if number % 2:
                    table["INPUT"].move(0, 99)
                else:
                    assert len({str(rule) for rule in table["INPUT"]}) == 100
            except RuntimeError as error:
                assert "during iteration" in str(error)
                noticed += 1
        return noticed

    at_once(work)
    assert len({str(rule) for rule in table["INPUT"]}) == 100


def test_one_iterator_gives_each_rule_once(memory: libfw.Kernel) -> None:
    table = memory.table()
    table["INPUT"].extend(f"-s 10.0.{last // 250}.{last % 250} -j DROP" for last in range(2000))
    rules = iter(table["INPUT"])
    seen = [str(rule) for several in at_once(lambda _: list(rules)) for rule in several]
    assert len(seen) == len(set(seen)) == 2000


def test_conflicts_are_told(memory: libfw.Kernel) -> None:
    def work(number: int) -> None:
        for turn in range(TIMES):

            def edit(table: libfw.Table) -> None:
                table["INPUT"].append(f"-s 10.0.{number}.{turn} -j DROP")

            libfw.update("filter", edit, kernel=memory, retries=10_000)

    at_once(work)
    assert len(memory.table()["INPUT"]) == THREADS * TIMES


def test_rules_and_parts_are_shared() -> None:
    rule = libfw.Rule("-s 10.0.0.0/8 -p tcp -m tcp --dport 22:80 -m conntrack --ctstate NEW -m comment --comment a -j LOG --log-prefix x")
    part = matches.Conntrack(state=["NEW"])

    def work(_: int) -> tuple[object, ...]:
        for _ in range(TIMES):
            tcp, conntrack, comment = rule.matches
            said = (str(rule.source), tcp.dport, conntrack.state, comment.comment, rule.target.prefix, repr(part), hash(rule))
            assert rule == libfw.Rule(str(rule)) and conntrack == part and part.state == {"NEW"}
        return said

    assert len(set(map(str, at_once(work)))) == 1


def test_classes_are_made_once() -> None:
    """In a new interpreter, whose threads are the first to ask for any class."""
    text = """
import threading, libfw
from concurrent.futures import ThreadPoolExecutor
from libfw import matches, targets
barrier = threading.Barrier(8)
def work(_):
    barrier.wait()
    rule = libfw.Rule("-p tcp --dport 22 -m limit --limit 5/min -j LOG")
    return [type(part) for part in rule.matches] + [getattr(matches, name) for name in matches.__all__] + [libfw.update, libfw.sandbox]
with ThreadPoolExecutor(8) as pool:
    all = list(pool.map(work, range(8)))
assert all.count(all[0]) == 8, all
assert all[0][0] is matches.Tcp
"""
    import subprocess

    subprocess.run([sys.executable, "-c", text], check=True)


def test_a_rule_of_iptc_is_changed() -> None:
    rule = iptc.Rule()
    rule.protocol = "tcp"
    match = rule.create_match("tcp")
    rule.create_target("ACCEPT")

    def work(number: int) -> None:
        for turn in range(TIMES):
            match.dport = str(number + 1)
            rule.src = f"10.0.0.{number + 1}"
            assert rule.src.startswith("10.0.0.") and 1 <= int(match.dport) <= THREADS
            assert rule.matches[0].name == "tcp" and iptc.Rule.from_text(str(rule)).dst == rule.dst
            rule.create_match("limit").limit = f"{number + 1}/min"
            if turn % 10 == 0:
                gc.collect()

    at_once(work)
    assert sorted(one.name for one in rule.matches) == ["limit"] * (THREADS * TIMES) + ["tcp"]


def test_counters_watch_and_plans(memory: libfw.Kernel) -> None:
    desired = libfw.Desired(chains=["web"], kernel=memory)
    desired.table({"web": [f"-s 10.0.0.{last} -j DROP" for last in range(50)]})

    def clear(table: libfw.Table) -> None:
        table.ensure_chain("web").clear()

    def work(number: int) -> None:
        for _ in range(TIMES // 4):
            if number % 4 == 0:
                desired.apply()
            elif number % 4 == 1:
                libfw.save(kernel=memory)
                memory.counters().rules.tolist()
            elif number % 4 == 2:
                desired.plan()
            else:
                # A `with` block would conflict: a kernel in memory has no lock that keeps the others out of it.
                libfw.update("filter", clear, kernel=memory, retries=10_000)

    at_once(work)
    desired.apply()
    assert len(memory.table()["web"]) == 50
