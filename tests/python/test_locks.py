"""The xtables lock within one process: the thread that holds it, other threads, signals."""

import asyncio
import fcntl
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import libfw

RULE = "-j ACCEPT"


# nf_tables needs no lock.
pytestmark = pytest.mark.usefixtures("legacy")


@contextmanager
def held(path: Path) -> Iterator[None]:
    """The lock, held as another program would."""
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_the_holder_is_told(lock: Path) -> None:
    with held(lock), pytest.raises(libfw.LockBusyError) as raised:
        libfw.Kernel(lock=lock, wait=0).table().__enter__()
    error = raised.value
    assert (error.lock_path, error.lock_pid) == (str(lock), os.getpid())
    assert error.lock_command is not None and "pytest" in error.lock_command
    assert "this process" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (again.lock_path, again.lock_pid) == (error.lock_path, error.lock_pid)
    with pytest.raises(libfw.NoSuchTableError) as other:
        libfw.Kernel(backend="memory").table("broute").refresh()
    assert other.value.lock_path is None and other.value.lock_pid is None and other.value.lock_command is None


def test_the_environment_is_asked_explicitly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XTABLES_LOCKFILE", "/run/another.lock")
    assert str(libfw.lock_path()) == "/run/another.lock"
    assert "lock" not in repr(libfw.Kernel())
    monkeypatch.delenv("XTABLES_LOCKFILE")
    assert str(libfw.lock_path()) == "/run/xtables.lock"


@contextmanager
def handler(number: signal.Signals, handle: Callable[..., object]) -> Iterator[None]:
    before = signal.signal(number, handle)
    try:
        yield
    finally:
        signal.signal(number, before)


def in_a_moment(number: signal.Signals) -> threading.Timer:
    timer = threading.Timer(0.1, os.kill, (os.getpid(), number))
    timer.start()
    return timer


@pytest.fixture
def lock(tmp_path: Path, kernel: libfw.Kernel) -> Path:
    return tmp_path / "xtables.lock"


def test_a_thread_that_holds_the_lock_gets_it_again(kernel: libfw.Kernel, lock: Path) -> None:
    with kernel.table() as outer, libfw.Table("nat", kernel=libfw.Kernel(lock=lock)) as inner:
        outer["INPUT"].append(RULE)
        inner["OUTPUT"].append(RULE)
        kernel.table("mangle").restore("*mangle\n-A OUTPUT -j ACCEPT\nCOMMIT\n")
        raw = kernel.table("raw")
        raw.append("OUTPUT", RULE)
        raw.commit()
        libfw.run(["iptables", "-t", "raw", "-A", "OUTPUT", *RULE.split()], kernel=kernel)
    for name, rules in [("filter", 1), ("nat", 1), ("mangle", 1), ("raw", 2)]:
        assert sum(len(chain) for chain in kernel.table(name).values()) == rules, name
    with open(lock) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_the_same_table_is_not_locked_twice_by_one_thread(kernel: libfw.Kernel, lock: Path) -> None:
    snapshot = kernel.table()
    snapshot["INPUT"].append("-j DROP")
    with kernel.table() as table:
        table["INPUT"].append(RULE)
        with pytest.raises(libfw.AlreadyOpenError, match="works on the table under the lock already"):
            with libfw.Table(kernel=libfw.Kernel(lock=lock)):
                pass
        with pytest.raises(libfw.AlreadyOpenError):
            snapshot.commit()
        with pytest.raises(libfw.AlreadyOpenError):
            libfw.run(["iptables", "-A", "INPUT", "-j", "DROP"], kernel=kernel)
        with kernel.table(family=6):
            pass
    assert [str(rule) for rule in kernel.table()["INPUT"]] == [RULE]


WAITS: dict[str, Callable[[libfw.Kernel, libfw.Table], object]] = {
    "with": lambda kernel, _: kernel.table("nat").__enter__(),
    "commit": lambda _, table: table.commit(),
    "Table.restore": lambda kernel, _: kernel.table().restore("*filter\nCOMMIT\n"),
    "restore": lambda kernel, _: libfw.restore("*filter\nCOMMIT\n", kernel=kernel),
    "run": lambda kernel, _: libfw.run(["iptables", "-w", "-A", "INPUT", "-j", "DROP"], kernel=kernel),
    "run with a time": lambda kernel, _: libfw.run(["iptables", "-w60", "-F"], kernel=kernel),
}


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
# The last is longer than any clock can show.
@pytest.mark.parametrize("seconds", [None, 60, 1.8e19])
def test_every_wait_ends_with_ctrl_c(
    lock: Path, wait: Callable[[libfw.Kernel, libfw.Table], object], seconds: "float | None"
) -> None:
    kernel = libfw.Kernel(lock=lock, wait=seconds)
    table = kernel.table()
    table["INPUT"].append(RULE)
    with held(lock):
        timer = in_a_moment(signal.SIGINT)
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            wait(kernel, table)
        assert 0.05 < time.monotonic() - start < 5
        timer.join()
    # What was not committed still can be.
    assert table.changed and table.commit().rules == 1
    assert wait(kernel, kernel.table()) is not NotImplemented


def test_a_handler_that_raises_nothing_does_not_end_the_wait(lock: Path) -> None:
    kernel = libfw.Kernel(lock=lock, wait=0.4)
    table = kernel.table()
    table["INPUT"].append(RULE)
    seen = []
    # The handler may look at the very table that is waiting.
    with handler(signal.SIGUSR1, lambda *_: seen.append(len(table["INPUT"]))):
        with held(lock):
            timer = in_a_moment(signal.SIGUSR1)
            start = time.monotonic()
            with pytest.raises(libfw.LockBusyError):
                table.commit()
            # The time that was given is neither longer nor shorter.
            assert 0.35 < time.monotonic() - start < 5
            timer.join()
    assert seen == [1]
    assert table.commit().changed


def test_other_threads_run_and_wait_their_turn(kernel: libfw.Kernel) -> None:
    def add() -> None:
        with kernel.table() as table:
            table["INPUT"].append(RULE)

    with kernel.table() as table:
        threads = [threading.Thread(target=add) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.1)
        assert all(thread.is_alive() for thread in threads)
        table["INPUT"].append(RULE)
    for thread in threads:
        thread.join(5)
    assert len(kernel.table()["INPUT"]) == 4


def test_a_fork_neither_has_the_lock_nor_gives_it_back(kernel: libfw.Kernel, lock: Path) -> None:
    with kernel.table() as table:
        table["INPUT"].append(RULE)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                table.commit()
            except libfw.ConflictError:
                status = 0
            finally:
                table.discard()
                del table
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        with open(lock) as file:
            with pytest.raises(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert len(kernel.table()["INPUT"]) == 1


def test_blocks_of_tasks_do_not_stop_others(kernel: libfw.Kernel, lock: Path) -> None:
    """Eight tasks edit one table, each under the lock, while another goes on; all of that in one thread."""

    async def edit(number: int) -> None:
        async with kernel.table() as table:
            before = len(table["INPUT"])
            await asyncio.sleep(0.001)
            table["INPUT"].append(f"-s 192.0.2.{number} -j DROP")
            assert len(table["INPUT"]) == before + 1

    async def both() -> None:
        async with libfw.transaction(kernel) as t:
            t["filter"]["FORWARD"].append(RULE)
            t.ip6["filter"]["FORWARD"].append(RULE)

    async def main() -> int:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        ticking = asyncio.create_task(tick())
        with held(lock):
            tasks = [asyncio.create_task(edit(number)) for number in range(8)]
            await asyncio.sleep(0.2)
            assert ticks > 5 and not any(task.done() for task in tasks)
        await asyncio.gather(*tasks, both())
        with pytest.raises(ZeroDivisionError):
            async with kernel.table() as table:
                table.clear()
                _ = 1 / 0
        ticking.cancel()
        return ticks

    threads = threading.active_count()
    asyncio.run(main())
    assert len(kernel.table()["INPUT"]) == 8
    assert len(kernel.table("filter", family=6)["FORWARD"]) == 1
    wait_for(lambda: threading.active_count() == threads)


def test_a_task_that_is_cancelled_keeps_no_lock(kernel: libfw.Kernel, lock: Path) -> None:
    async def edit() -> None:
        async with kernel.table() as table:
            table["INPUT"].append(RULE)

    async def main() -> None:
        with held(lock):
            task = asyncio.create_task(edit())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    with libfw.Kernel(lock=lock, wait=5).table() as table:
        assert len(table["INPUT"]) == 0


def wait_for(what: Callable[[], bool]) -> None:
    for _ in range(500):
        if what():
            return
        time.sleep(0.01)
    assert what()


@pytest.mark.parametrize("backend", ["memory", "legacy", "nft"])
def test_blocks_of_one_task_are_one_in_another(kernel: libfw.Kernel, tmp_path: Path, backend: str) -> None:
    kernel = libfw.Kernel(backend=backend, lock=tmp_path / "lock")
    try:
        kernel.table().refresh()
    except libfw.BackendAbsentError as error:
        pytest.skip(str(error))
    order = []

    async def nested(name: str) -> None:
        async with kernel.table("nat") as nat, kernel.table() as table:
            order.append(name)
            nat["OUTPUT"].append("-j ACCEPT")
            table["OUTPUT"].append("-j ACCEPT")
            with pytest.raises((libfw.AlreadyOpenError, RuntimeError)):
                async with table:
                    raise AssertionError
            await asyncio.sleep(0.05)
            order.append(name)

    async def main() -> None:
        if backend == "memory":
            # Which has no lock.
            await nested("one")
            await nested("two")
        else:
            await asyncio.wait_for(asyncio.gather(nested("one"), nested("two")), 30)

    asyncio.run(main())
    # Another task waits.
    assert order[0] == order[1] and order[2] == order[3]
    assert len(kernel.table("nat")["OUTPUT"]) == len(kernel.table()["OUTPUT"]) == 2
