"""A chain becomes what it is to be, and what stays keeps its counters."""

import pytest

import libfw


def test_a_chain_becomes_what_it_is_to_be():
    kernel = libfw.Kernel(backend="memory")
    with kernel.table() as table:
        table["INPUT"].extend(["-p tcp -j ACCEPT", "-p icmp -j DROP"])
    wanted = ["-p udp -j ACCEPT", libfw.Rule(protocol="tcp", target="ACCEPT")]
    with kernel.table() as table:
        done = table["INPUT"].sync(wanted)
    assert (done.kept, done.moved, done.added, done.removed, done.changed) == (1, 0, 1, 1, True)
    assert [str(rule) for rule in kernel.table()["INPUT"]] == ["-p udp -j ACCEPT", "-p tcp -j ACCEPT"]
    with kernel.table() as table:
        again = table["INPUT"].sync(wanted)
        assert not again.changed
        assert not table.changed
    assert repr(again) == "<libfw.Synced kept=2 moved=0 added=0 removed=0>"
    assert again == again and again != done
    assert done and not again


def test_what_stays_keeps_its_counters():
    kernel = libfw.Kernel(backend="memory")
    with kernel.table() as table:
        table["INPUT"].extend(["-c 5 500 -p tcp -j ACCEPT", "-c 7 700 -p udp -j ACCEPT"])
    with kernel.table() as table:
        done = table["INPUT"].sync(["-p udp -j ACCEPT", "-i lo", "-p tcp -j ACCEPT"])
        assert (done.kept, done.moved) == (2, 1)
        table["INPUT"].reverse()
    assert [rule.counters.packets for rule in kernel.table()["INPUT"]] == [5, 0, 7]


def test_what_cannot_be_made_changes_nothing():
    table = libfw.Kernel(backend="memory").table()
    table["INPUT"].append("-p tcp -j ACCEPT")
    with pytest.raises(libfw.NoSuchChainError) as caught:
        table["INPUT"].sync(["-p udp", "-j nowhere"])
    # Where the rule would stand, and what it goes to.
    assert (caught.value.chain, caught.value.rule, caught.value.token) == ("INPUT", 1, "nowhere")
    assert [str(rule) for rule in table["INPUT"]] == ["-p tcp -j ACCEPT"]
