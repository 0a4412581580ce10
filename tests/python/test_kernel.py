"""Tables of a kernel."""

import copy
import threading
import time
from pathlib import Path

import pytest

import libfw
from libfw import matches, targets

RULE = "-p tcp -m tcp --dport 22 -j ACCEPT"


def test_a_block_commits_at_its_end(kernel):
    with libfw.Table("filter", kernel=kernel) as table:
        table["INPUT"].append(RULE)
        assert kernel.table()["INPUT"].rules() == ["-P INPUT ACCEPT"]
    assert [str(rule) for rule in kernel.table()["INPUT"]] == [RULE]
    assert table["INPUT"].rules() == ["-P INPUT ACCEPT", f"-A INPUT {RULE}"]


def test_an_exception_discards_the_edits(kernel):
    with pytest.raises(ZeroDivisionError):
        with kernel.table() as table:
            table["INPUT"].append(RULE)
            raise ZeroDivisionError
    assert len(table["INPUT"]) == 0


def test_commit_reports(kernel):
    table = kernel.table()
    assert not table.commit().changed
    table["INPUT"].append(RULE)
    assert table.changed
    report = table.commit()
    assert report.changed and report.rules == 1
    assert not table.changed


def test_a_table_changed_meanwhile_is_a_conflict(kernel):
    mine, other = kernel.table(), kernel.table()
    mine["INPUT"].append(RULE)
    other["INPUT"].append("-j DROP")
    other.commit()
    with pytest.raises(libfw.ConflictError):
        mine.commit()
    mine.refresh()
    mine["INPUT"].append(RULE)
    mine.commit()
    assert [rule.target for rule in kernel.table()["INPUT"]] == [targets.Drop(), targets.Accept()]


@pytest.mark.usefixtures("legacy")
def test_the_lock_is_held_in_the_block_and_names_its_holder(kernel, tmp_path: Path):
    other = libfw.Kernel(lock=tmp_path / "xtables.lock", wait=0)
    refused = []

    def enter() -> None:
        try:
            with other.table():
                pass
        except libfw.LockBusyError as error:
            refused.append(str(error))

    with kernel.table():
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    enter()
    assert len(refused) == 1 and "holds the xtables lock" in refused[0]


def test_writers_in_threads_lose_nothing(kernel):
    def add(number: int) -> None:
        port = 0
        while port < 5:
            try:
                with kernel.table() as table:
                    table["INPUT"].append(f"-p tcp --dport {number * 100 + port} -j ACCEPT")
                port += 1
            except libfw.ConflictError:
                # nf_tables has no lock to wait for.
                assert kernel.backend == "nft"

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Each thread has the network namespace of the test, in which it was started.
    assert len(kernel.table()["INPUT"]) == 20


def test_chains(kernel):
    with kernel.table() as table:
        web = table.new_chain("web")
        web.append(RULE)
        web.append(target="RETURN")
        table["INPUT"].append(jump="web")
        table["FORWARD"].append(goto="web")
        table["INPUT"].policy = "DROP"
        table["INPUT"].counters = (7, 700)
        assert (web.references, web.policy, web.hook) == (2, None, None)
        assert table.hooks == ["INPUT", "FORWARD", "OUTPUT"]
        with pytest.raises(libfw.ChainInUseError):
            table.delete_chain("web")
        with pytest.raises(libfw.ChainExistsError):
            table.new_chain("web")
        table.rename_chain("web", "www")
        assert "web" not in table and "www" in table
    table = kernel.table()
    assert list(table) == ["INPUT", "FORWARD", "OUTPUT", "www"]
    assert table["INPUT"].policy == "DROP"
    assert table["INPUT"].counters == libfw.Counters(7, 700)
    assert table["INPUT"][0].target == targets.Jump("www")
    assert table["FORWARD"][0].target == targets.Goto("www")
    assert len(table) == 4 and table.get("web") is None
    assert table.rules() == [
        "-P INPUT DROP",
        "-P FORWARD ACCEPT",
        "-P OUTPUT ACCEPT",
        "-N www",
        "-A INPUT -j www",
        "-A FORWARD -g www",
        f"-A www {RULE}",
        "-A www -j RETURN",
    ]
    with table:
        table.clear()
    assert len(table) == 3


def test_many_rules_are_looked_up_soon(kernel):
    """Compared one by one they would take many minutes."""
    count, start = 20_000, time.monotonic()
    lines = [f"-s 10.{at // 256}.{at % 256}.0/24 -j DROP" for at in range(count)]
    table = kernel.table()
    chain = table["INPUT"]
    assert all(chain.ensure(line) for line in lines)
    rules = list(chain)
    assert not any(chain.ensure(rule) for rule in rules)
    assert all(rule in chain for rule in rules) and all(line in chain for line in lines)
    assert len(set(rules + [libfw.Rule(line) for line in lines])) == count
    chain.extend(lines)
    assert chain.dedup() == count
    for line in lines:
        chain.delete(line)
    assert len(chain) == 0
    assert time.monotonic() - start < 120


def test_counts_and_indices_are_looked_up_soon():
    """Each of them costs the same however long the chain is."""
    count = 20_000
    chain = libfw.Kernel(backend="memory").table()["INPUT"]
    rules = [libfw.Rule(f"-s 10.{at // 256}.{at % 256}.0/24 -j DROP") for at in range(count)]
    chain.extend(rules)
    absent = libfw.Rule("-s 192.0.2.1 -j DROP")
    times = {}
    for name, look in {
        "count": lambda: all(chain.count(rule) == 1 for rule in rules),
        "index": lambda: all(chain.index(rule) == at for at, rule in enumerate(rules)),
        "index from": lambda: all(chain.index(rule, at, at + 1) == at for at, rule in enumerate(rules)),
        "in": lambda: all(rule in chain for rule in rules),
        "absent": lambda: all(absent not in chain and chain.count(absent) == 0 for _ in rules),
    }.items():
        start = time.process_time()
        assert look()
        times[name] = time.process_time() - start
    assert max(times.values()) < 5, times
    # Chains whose first rule is not the oldest are looked up in another way.
    chain.insert(0, absent)
    start = time.process_time()
    assert all(chain.count(rule) == 1 and chain.index(rule) == at for at, rule in enumerate(rules, 1))
    assert time.process_time() - start < 5
    chain.append(absent)
    assert chain.count(absent) == 2 and chain.index(absent, 1) == count + 1 and chain.index(rules[5]) == 6


def test_a_chain_is_a_sequence(kernel):
    table = kernel.table()
    chain = table["OUTPUT"]
    chain.extend(f"-p udp -m udp --dport {port}" for port in range(5))
    texts = [str(rule) for rule in chain]
    assert len(chain) == 5
    assert chain[-1] == libfw.Rule(texts[4])
    assert [str(rule) for rule in chain[1:3]] == texts[1:3]
    assert [str(rule) for rule in chain[::-2]] == texts[::-2]
    assert texts[2] in chain and RULE not in chain
    assert chain.index(texts[3]) == 3 == chain.index(texts[3], 2, 4) == chain.index(texts[3], -2)
    for absent in ((RULE,), (texts[3], 4), (texts[3], 0, 3), (texts[3], -1)):
        with pytest.raises(ValueError):
            chain.index(*absent)
    del chain[0]
    del chain[1:3]
    assert [str(rule) for rule in chain] == [texts[1], texts[4]]
    chain[0] = RULE
    chain.insert(0, protocol="icmp", target="DROP")
    assert [rule.protocol for rule in chain] == ["icmp", "tcp", "udp"]
    chain.replace(-1, RULE)
    assert chain.dedup() == 1
    assert not chain.ensure(RULE) and chain.ensure("-j LOG")
    assert chain.ensure_absent("-j LOG") == 1
    chain.delete(RULE)
    with pytest.raises(libfw.NoSuchRuleError) as caught:
        chain.delete(RULE)
    assert caught.value.chain == "OUTPUT"
    for key in (9, -9):
        with pytest.raises(IndexError):
            chain[key]
        with pytest.raises(IndexError):
            del chain[key]
        with pytest.raises(IndexError):
            chain[key] = RULE
        with pytest.raises(IndexError):
            chain.pop(key)
    with pytest.raises(TypeError):
        chain.remove(0)
    del chain[0]
    assert len(chain) == 0
    with pytest.raises(libfw.SyntaxError):
        chain.extend(["-j ACCEPT", "--nonsense"])
    with pytest.raises(libfw.SyntaxError) as raised:
        chain.append_lines("-j ACCEPT\n\n--nonsense\n")
    assert raised.value.line == 3
    assert len(chain) == 0


def test_counters(kernel):
    with kernel.table() as table:
        table["INPUT"].append(RULE)
        table["INPUT"].set_counters(0, (3, 180))
        table["INPUT"].append(protocol="udp", counters=(1, 60))
    chain = kernel.table()["INPUT"]
    assert [rule.counters for rule in chain] == [(3, 180), (1, 60)]
    with kernel.table() as table:
        table["INPUT"].insert(0, "-i lo")
        table["INPUT"].zero(-1)
    assert [rule.counters.packets for rule in kernel.table()["INPUT"]] == [0, 3, 0]
    with kernel.table() as table:
        table.zero()
    assert kernel.table()["INPUT"][1].counters == libfw.Counters(0, 0)


def test_what_the_kernel_would_refuse_names_the_rule(kernel):
    table = kernel.table("nat")
    table["PREROUTING"].append(protocol="tcp", target=targets.Dnat(to_destination="10.0.0.1"))
    table.new_chain("a").append(jump="a")
    table["PREROUTING"].append(jump="a")
    with pytest.raises(libfw.LoopError):
        table.commit()
    table.discard()
    assert not table.changed
    with pytest.raises(libfw.InvalidRuleError):
        kernel.table()["INPUT"].append(target=targets.Masquerade)


def test_tables_that_do_not_exist(kernel):
    with pytest.raises(libfw.NoSuchTableError) as caught:
        kernel.table("nonsense").refresh()
    assert caught.value.table == "nonsense"
    with pytest.raises(libfw.NoSuchTableError):
        with kernel.table("nonsense"):
            pytest.fail("the block must not run")
    # The lock was given back.
    with kernel.table():
        pass


def test_families(kernel):
    with kernel.table(family=libfw.Family.IPV6) as table:
        table["INPUT"].append(source="2001:db8::/32", target=targets.Reject)
        with pytest.raises(libfw.InvalidArgumentError):
            table["INPUT"].append(libfw.Rule("-j DROP"))
    rule = kernel.table(family="ipv6")["INPUT"][0]
    assert rule.family is libfw.Family.IPV6
    assert rule.target == targets.Reject(reject_with="icmp6-port-unreachable")
    assert eval(repr(rule)) == rule


def test_another_namespace(kernel):
    with kernel.table() as table:
        table["INPUT"].append(RULE)
    with open("/proc/thread-self/ns/net") as here:
        for there in (libfw.Kernel(netns=here.fileno()), libfw.Kernel(netns="/proc/thread-self/ns/net")):
            assert len(there.table()["INPUT"]) == 1
    with pytest.raises(libfw.IoError) as caught:
        libfw.Kernel(netns="no-such-namespace")
    assert isinstance(caught.value, OSError) and caught.value.errno == 2


def test_text(kernel):
    with kernel.table() as table:
        table.new_chain("web").append(RULE)
        table["INPUT"].append("-m comment --comment \"two words\" -j web")
    saved = libfw.save("filter", kernel=kernel)
    assert saved == table.save()
    libfw.restore("*filter\nCOMMIT\n", kernel=kernel)
    table.refresh()
    assert len(table) == 3
    table.restore(saved)
    assert table.save() == saved
    with pytest.raises(libfw.SyntaxError) as caught:
        table.restore("*filter\n-A INPUT --nonsense\nCOMMIT\n")
    assert caught.value.line == 2
    assert "two words" in table.list()
    assert table["web"].list(line_numbers=True).splitlines()[-1].startswith("1 ")
    out, warnings = libfw.run(["iptables", "-S", "web"], kernel=kernel)
    assert out.splitlines() == table["web"].rules() and warnings == []
    with pytest.raises(libfw.NoSuchChainError) as failed:
        libfw.run(["iptables", "-F", "nope"], kernel=kernel)
    assert failed.value.iptables == (1, "No chain/target/match by that name.")


def test_every_part_is_read_back_from_the_kernel(kernel):
    parts = [
        matches.Conntrack(state=["NEW", "ESTABLISHED"]),
        matches.Limit(rate="5/sec"),
        matches.Comment(comment="a comment"),
    ]
    with kernel.table() as table:
        table["INPUT"].append(protocol="tcp", matches=parts, target=targets.Log(prefix="seen: "))
    rule = table["INPUT"][0]
    assert rule.matches == parts
    assert rule.target == targets.Log(prefix="seen: ")
    assert rule.target.prefix == "seen: " and rule.target.level == 4


def test_rules_move_with_their_counters(kernel: libfw.Kernel) -> None:
    with kernel.table() as table:
        for number in range(4):
            table["INPUT"].append(f"-c {number} {number}00 -m mark --mark {number}")
    with kernel.table() as table:
        table["INPUT"].move(3, 0)
        table["INPUT"].swap(1, 3)
        with pytest.raises(libfw.IndexTooBigError):
            table["INPUT"].move(0, 4)
    assert [rule.counters.packets for rule in kernel.table()["INPUT"]] == [3, 2, 1, 0]


def test_reading_leaves_no_trace(kernel: libfw.Kernel) -> None:
    for family in 4, 6:
        assert kernel.tables(family=family) == []
        for name in "filter", "nat", "mangle", "raw", "security":
            table = kernel.table(name, family=family)
            assert not table.exists and len(table) >= 2
            table.append("OUTPUT", "-j ACCEPT")
            table.discard()
            with kernel.table(name, family=family) as locked:
                assert not locked.exists
        assert libfw.save(family=family, kernel=kernel) == ""
        assert kernel.tables(family=family) == []
    with kernel.table("raw") as table:
        table["OUTPUT"].append("-o lo -j NOTRACK")
    assert table.exists and kernel.tables() == ["raw"] and kernel.tables(family=6) == []
    with kernel.table("nat") as table:
        table["OUTPUT"].append("-j ACCEPT")
    saved = libfw.save(kernel=kernel)
    assert [line for line in saved.splitlines() if line[0] == "*"] == ["*" + name for name in kernel.tables()]
    assert saved.count("COMMIT") == 2 and "-A OUTPUT -o lo -j NOTRACK" in saved
    libfw.restore(saved, kernel=kernel)
    assert libfw.save(kernel=kernel) == saved


def test_a_copy_is_what_the_table_was(kernel):
    table = kernel.table()
    table["INPUT"].append(RULE)
    before = table.copy()
    table["INPUT"].append("-j DROP")
    assert before.diff(table).summary == "1 rule added" and len(copy.copy(before)["INPUT"]) == len(before["INPUT"]) == 1
    before["INPUT"].append("-p udp -j DROP")
    with pytest.raises(libfw.Error):
        before.commit()
    assert len(kernel.table()["INPUT"]) == 0


def test_whether_a_kernel_would_take_a_rule(kernel):
    kernel.check_rule(RULE)
    kernel.check_rule(libfw.Rule("-s ::1 -j DROP", family=6))
    kernel.check_rule(["-s", "::1"], family=6)
    with pytest.raises(libfw.NoSuchObjectError):
        kernel.check_rule("-m set --match-set gone src -j DROP")
    with pytest.raises(libfw.InvalidValueError):
        kernel.check_rule("-s ::1 -j DROP")
    memory = libfw.Kernel(backend="memory", revisions={"TEE": None})
    with pytest.raises(libfw.ExtensionUnavailableError):
        memory.check_rule("-j TEE --gateway 10.0.0.1")
