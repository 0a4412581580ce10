"""The xtables lock within one process: the thread that holds it, other threads, signals."""

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
@pytest.mark.parametrize("seconds", [None, 60])
def test_every_wait_ends_with_ctrl_c(
    lock: Path, wait: Callable[[libfw.Kernel, libfw.Table], object], seconds: "int | None"
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
