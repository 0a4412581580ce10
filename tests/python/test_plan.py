"""What tables are to be: plans, and changes that have to be confirmed."""

from __future__ import annotations

import collections
import subprocess
import sys
import textwrap
import types

import pytest

import libfw


def lines(kernel: libfw.Kernel) -> list[str]:
    table = kernel.table()
    return [f"{name} {rule}" for name in table for rule in table[name]]


def test_a_difference_is_shown_done_and_undone():
    kernel = libfw.Kernel(backend="memory")
    with kernel.table() as table:
        table["INPUT"].extend(["-c 3 300 -p tcp -j ACCEPT", "-p udp -j DROP"])
        table.new_chain("old").append("-j LOG")
    before = kernel.table()
    before.refresh()
    with kernel.table() as table:
        table["INPUT"].move(1, 0)
        table["INPUT"].append("-i lo")
        table.rename_chain("old", "new")
        table["FORWARD"].policy = "DROP"
    plan = before.diff(kernel.table())
    assert (plan.added, plan.removed, plan.moved, len(plan)) == (1, 0, 1, 4)
    assert plan.summary == "1 rule added, 1 moved, 1 chain renamed, 1 policy changed"
    kinds = [change.kind for change in plan.changes]
    assert kinds == ["rule moved", "rule added", "policy", "chain renamed"]
    moved, added, policy, renamed = plan.changes
    assert moved.rule is not None and (moved.before, moved.after) in [(1, 0), (0, 1)]
    assert (added.rule, added.before, added.after, added.chain) == (libfw.Rule("-i lo"), None, 2, "INPUT")
    assert (policy.policy, policy.chain, policy.table) == (("ACCEPT", "DROP"), "FORWARD", "filter")
    assert (renamed.chain, renamed.old_chain, renamed.family) == ("new", "old", libfw.Family.IPV4)
    assert repr(added) == "<libfw.Change rule added: filter INPUT -i lo>"
    assert repr(policy) == "<libfw.Change policy: filter FORWARD from ACCEPT to DROP>"
    assert repr(renamed) == "<libfw.Change chain renamed: filter new that was old>"
    with kernel.table() as table:
        table.apply(plan.inverse())
    assert not before.diff(kernel.table())
    with kernel.table() as table, pytest.raises(libfw.ConflictError):
        table.apply(plan.inverse())
    kernel.apply(plan)
    with pytest.raises(libfw.ConflictError):
        kernel.apply(plan)
    kernel.apply(plan.inverse())
    assert before.diff(before) == kernel.table().diff(before)
    with pytest.raises(libfw.InvalidArgumentError, match="table filter: it is compared with another table, nat"):
        before.diff(kernel.table("nat"))


def test_a_table_and_a_rule_at_its_place():
    kernel = libfw.Kernel(backend="memory")
    wanted = {"INPUT": ["-i lo -j ACCEPT", "-j web"], "web": ["-p tcp -j ACCEPT"]}
    with kernel.table() as table:
        assert table.sync(wanted).added == 3
    with kernel.table() as table:
        assert not table.sync(wanted)
        assert not table.changed
        assert table["INPUT"].ensure("-s 10.0.0.1 -j DROP", position="first")
        assert not table["INPUT"].ensure(source="10.0.0.1", target="DROP", before="-i lo -j ACCEPT")
        assert table["INPUT"].ensure("-j web", after="-s 10.0.0.1 -j DROP")
        with pytest.raises(ValueError):
            table["INPUT"].ensure("-j web", position="middle")
        with pytest.raises(TypeError):
            table["INPUT"].ensure("-j web", position="first", before="-j web")
        with pytest.raises(libfw.NoSuchRuleError):
            table["INPUT"].ensure("-j web", after="-i nowhere")
    assert lines(kernel)[:3] == ["INPUT -s 10.0.0.1/32 -j DROP", "INPUT -j web", "INPUT -i lo -j ACCEPT"]


def test_scopes():
    kernel = libfw.Kernel(backend="memory")
    with kernel.table() as table:
        table["INPUT"].append("-i theirs -j ACCEPT")
    desired = libfw.Desired(prefix="web-", kernel=kernel)
    desired.table({"web-in": ["-j web-log"], "web-log": ["-j LOG"]})
    desired.place("INPUT", "-j web-in", position="first")
    assert desired.apply().added == 3
    assert not desired.apply()
    assert lines(kernel)[:2] == ["INPUT -j web-in", "INPUT -i theirs -j ACCEPT"]
    mine = libfw.Desired(owner="me", kernel=kernel)
    mine.table({"FORWARD": ["-p tcp -j DROP"]})
    mine.table(table="nat", family=6)
    assert mine.apply().added == 1
    assert "FORWARD -p tcp -m comment --comment me -j DROP" in lines(kernel)
    with pytest.raises(libfw.InvalidArgumentError) as error:
        outside = libfw.Desired(chains=["web-in"], kernel=kernel)
        outside.table({"INPUT": ["-p tcp"]})
        outside.plan()
    assert (error.value.chain, error.value.rule) == ("INPUT", 0)
    with pytest.raises(TypeError):
        libfw.Desired(prefix="a", owner="b")


def test_a_file_and_its_errors():
    kernel = libfw.Kernel(backend="memory")
    desired = libfw.Desired(kernel=kernel)
    desired.read("*filter\n:INPUT DROP\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n")
    desired.table(policies={"FORWARD": "DROP"}, family="ipv6")
    assert desired.plan().summary == "1 rule added, 2 policies changed"
    desired.apply()
    assert kernel.table(family=6)["FORWARD"].policy == "DROP"
    with pytest.raises(libfw.SyntaxError) as error:
        desired.read("*filter\n-A INPUT --bogus\nCOMMIT\n")
    assert error.value.line == 2
    # Half of a file is not brought about.
    for use in (desired.plan, desired.apply):
        with pytest.raises(libfw.SyntaxError, match="bogus"):
            use()


def test_confirmed_or_not_in_memory():
    kernel = libfw.Kernel(backend="memory")
    desired = libfw.Desired(kernel=kernel)
    desired.table({"INPUT": ["-p tcp -j ACCEPT"]})
    with desired.apply_for(60) as pending:
        assert pending.plan.added == 1 and pending.remaining > 50
        assert repr(pending) == "<libfw.Pending: 1 rule added>"
        assert pending.wait(0.01) is None
        assert lines(kernel) == ["INPUT -p tcp -j ACCEPT"]
    assert lines(kernel) == []
    with pytest.raises(libfw.ConflictError):
        pending.confirm()
    assert desired.apply_for(0.1).wait() is False
    assert lines(kernel) == []
    with desired.apply_for(60) as pending:
        pending.confirm()
    assert lines(kernel) == ["INPUT -p tcp -j ACCEPT"]
    assert pending.roll_back() is False


PROGRAM = """
import sys, libfw
desired = libfw.Desired(kernel=libfw.Kernel(lock=False))
desired.table({"INPUT": ["-p tcp -j ACCEPT"]})
pending = desired.apply_for(float(sys.argv[1]))
print("done", flush=True)
sys.stdin.read()
"""


def test_the_program_is_killed():
    script = textwrap.dedent(PROGRAM)
    run = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-c"]
    outer = f"""
import subprocess, sys, time, libfw
def count():
    return len(libfw.Table()["INPUT"])
for seconds, confirmed in [("1", False), ("60", True)]:
    program = subprocess.Popen([sys.executable, "-c", {script!r}, seconds], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdout.readline() == b"done\\n"
    program.kill()
    program.wait()
    assert count() == 1
    if confirmed:
        libfw.Kernel().confirm()
        assert count() == 1
        continue
    until = time.monotonic() + 30
    while count():
        assert time.monotonic() < until
        time.sleep(0.05)
print("all well")
"""
    done = subprocess.run([*run, outer], capture_output=True, text=True, timeout=120)
    if "unshare" in done.stderr:
        pytest.skip(done.stderr)
    assert done.stdout == "all well\n", done.stderr


def test_places_in_a_chain_of_ones_own() -> None:
    kernel = libfw.Kernel(backend="memory")
    desired = libfw.Desired(kernel)
    desired.table({"INPUT": ["-i a"]})
    desired.place("INPUT", "-i last")
    desired.place("INPUT", "-i first", position="first")
    desired.place("INPUT", "-i before", before="-i a")
    desired.place("INPUT", "-i second", position="first")
    desired.apply()
    assert lines(kernel) == [f"INPUT -i {name}" for name in ("first", "second", "before", "a", "last")]
    assert not desired.plan()


def test_any_mapping_will_do() -> None:
    """A table is one too, so that a state is copied from one kernel to another."""
    kernel, other = libfw.Kernel(backend="memory"), libfw.Kernel(backend="memory", sets=types.MappingProxyType({"banned": "ipv4"}))
    chains: dict[str, list[str]] = {"INPUT": ["-j web"], "web": ["-i lo -j ACCEPT"]}
    desired = libfw.Desired(kernel)
    desired.table(collections.ChainMap({"OUTPUT": ["-o lo"]}, chains), policies=types.MappingProxyType({"INPUT": "DROP"}))
    assert desired.apply().added == 3
    with other.table() as table:
        assert table.sync(kernel.table()).added == 3
    assert lines(other) == lines(kernel) == ["INPUT -j web", "OUTPUT -o lo", "web -i lo -j ACCEPT"]
    for wrong in ("INPUT", [("INPUT", [])], None):
        with pytest.raises(TypeError):
            table.sync(wrong)  # type: ignore[arg-type]


def test_what_can_mean_nothing_is_refused_at_once() -> None:
    wrong = {"prefix": "", "owner": "", "equivalence": "same"}
    for name, value in {**wrong, "owner": "m" * 256}.items():
        with pytest.raises(ValueError, match="prefix|mark|equivalence"):
            libfw.Desired(**{name: value})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="an empty prefix, with which every chain begins"):
        libfw.Desired(prefix="")
    with pytest.raises(ValueError, match="bad mark .a.nb. of an owner, expected 1 to 255 bytes"):
        libfw.Desired(owner="a\nb")
    assert libfw.Desired(libfw.Kernel(backend="memory"), owner="m" * 255).plan().summary == "no changes"
